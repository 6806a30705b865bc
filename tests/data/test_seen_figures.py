"""Figures that were seen in public repositories: check values, sums by code of their own, and what is told of them."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from evaluation.inputs.deal import load_deal
from evaluation.statistics.panels import WEIGHTED_NOTE, region_panel
from evaluation.statistics.snapshots import open_snapshot

ROOT = Path(__file__).resolve().parents[2]
FOUND = ROOT.parent / "shared" / "data" / "found"
PINNED = ROOT / "data" / "snapshots"
HEERLEN = "GM0917"
PARKSTAD = {"GM0882", "GM0899", "GM0917", "GM0928", "GM0965", "GM0986", "GM1954"}
BEFORE_2019 = PARKSTAD - {"GM1954"} | {"GM0951", "GM0881", "GM0962"}
SEEN = ["rmbw-2023-12", "kwb-2015", "kwb-2018", "kwb-2020", "kwb-2021", "83487NED-heerlen", "83765NED-heerlen"]
SEEN += ["84286NED-heerlen", "84583NED-heerlen", "70072ned-woz", "81528NED", "60048ned-corop"]


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return region_panel(load_deal())


def series(panel: pd.DataFrame, indicator: str, unit: str = HEERLEN) -> dict[int, float]:
    rows = panel[(panel["indicator"] == indicator) & (panel["unit"] == unit)].dropna(subset=["value"])
    return dict(zip(rows["period"], rows["value"], strict=True))


def years(first: int, text: str, last: int = 2022) -> dict[int, float]:
    return dict(zip(range(first, last + 1), map(float, text.split()), strict=True))


HEERLEN_BY_YEAR = {
    "arbeidsdeelname": years(2013, "59.3 58.7 59.6 60.6 60.1 61.6 62.4 62.0 62.8 63.8"),
    "brutoparticipatie": years(2013, "65.7 65.5 65.9 65.7 64.6 65.3 66.0 65.7 65.8 66.5"),
    "werkloze-beroepsbevolking": years(2013, "9.9 10.3 9.6 7.9 7.0 5.8 5.5 5.7 4.5 4.1"),
    "hoogopgeleid": years(2013, "18.8 19.1 19.5 19.3 20.1 20.7 21.7 21.6 23.7 22.7"),
    "tevredenheid-leven": years(2013, "79.8 81.9 80.4 80.0 81.0 82.0 84.5 81.8 80.0 80.2"),
    "vertrouwen-instituties": years(2013, "47.1 48.1 48.0 51.2 55.2 55.1 55.3 62.1 60.7 55.6"),
    "misdrijven-totaal": years(2013, "92 92 83 80 68 65 65 58 59 68"),
    "inkomen-mediaan": years(2013, "22400 22600 22800 23500 23600 23700 24100 24600 24900", 2021),
    "ondervonden-delicten-heerlen": years(2013, "107.7 95.4 73.6 71.2 63.5", 2017) | {2019: 53.8, 2021: 43.3},
    "gezondheid-ervaren": {2016: 64.4, 2020: 69.3, 2022: 57.3},
    "langdurig-ziek": {2016: 43.4, 2020: 42.5, 2022: 44.6},
    "overgewicht": {2016: 55.5, 2020: 56.3, 2022: 58.9},
    "bijstand-personen-aantal": years(2015, "4920 4930 4910 4640 4320 4210 4180", 2021),
    "jeugdzorg": {2018: 14.6, 2019: 13.1, 2021: 16.4},
    "corporatiewoningen": {2015: 38, 2018: 37, 2020: 37, 2021: 36},
    "leegstand-woningen": {2015: 6, 2018: 5, 2020: 5, 2021: 5},
}


@pytest.mark.parametrize("indicator", HEERLEN_BY_YEAR)
def test_figures_of_heerlen(panel: pd.DataFrame, indicator: str):
    assert series(panel, indicator) == HEERLEN_BY_YEAR[indicator]


def test_other_check_values(panel: pd.DataFrame):
    assert series(panel, "lage-inkomens") == {2016: 12.5, 2017: 12.4, 2018: 12.5, 2020: 10.8, 2021: 11.0}
    assert {year: series(panel, "kinderopvang-nabij")[year] for year in range(2016, 2021)} == {
        2016: 1.0, 2017: 1.0, 2018: 0.5, 2019: 0.5, 2020: 0.5,
    }  # fmt: skip
    woz = series(panel, "woz-waarde")
    assert [woz[year] for year in range(2015, 2021)] == [119000, 123000, 124000, 129000, 135000, 148000]
    for unit, gas in (
        (HEERLEN, "1250 1170 1100 1240 910"),
        ("PV31", "1450 1350 1270 1430 1050"),
        ("NL01", "1270 1180 1120 1250 930"),
    ):
        assert {year: series(panel, "gasverbruik", unit)[year] for year in range(2018, 2023)} == years(2018, gas)
    moves = open_snapshot("cbs", "60048ned-corop").series("migration_balance").query("region == 'CR39'")
    assert (
        dict(zip(moves["period"], moves["value"], strict=True)).items() >= {2018: -430, 2019: -210, 2020: 309}.items()
    )


def test_social_assistance_of_the_region_and_its_gap(panel: pd.DataFrame):
    counts = {unit: series(panel, "bijstand-personen-aantal", unit) for unit in ("parkstad", "PV31", "NL01")}
    assert counts["parkstad"] == {2015: 10110, 2020: 8630, 2021: 8420}
    assert counts["PV31"] == {2015: 29440, 2020: 26870, 2021: 25950}
    assert (counts["NL01"][2015], counts["NL01"][2021]) == (441630, 408100)
    rates = {unit: series(panel, "bijstand-personen", unit) for unit in ("parkstad", "PV31")}
    gaps = [round(rates["parkstad"][year] - rates["PV31"][year], 1) for year in (2015, 2020, 2021)]
    assert gaps == [12.6, 9.5, 9.6]


def test_the_centre_of_heerlen_from_year_to_year(panel: pd.DataFrame):
    found = {name: list(series(panel, name, "WK091733").values()) for name in (
        "inwoners-centrum", "woningen-centrum", "leegstand-woningen-centrum", "bijstand-centrum", "woz-centrum",
    )}  # fmt: skip
    assert found == {
        "inwoners-centrum": [5100, 5105, 5045, 5100, 5185],
        "woningen-centrum": [3259, 3285, 3306, 3373],
        "leegstand-woningen-centrum": [10, 10, 10, 10],
        "bijstand-centrum": [250, 240, 190, 200, 200],
        "woz-centrum": [129000, 133000, 136000, 145000],
    }
    assert set(panel.loc[panel["unit"] == "WK091733", "indicator"]) == set(found)


def rows(table: str) -> list[dict[str, str]]:
    path = max(PINNED.glob(f"cbs/*/{table}.csv"))
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def inhabitants(year: int) -> dict[str, float]:
    """Population on 1 January, with the municipalities that became Beekdaelen in 2019 as one."""
    if year >= 2019:
        found = {
            r["region"]: float(r["value"])
            for r in rows("03759ned")
            if (r["period"], r["measure"]) == (str(year), "population_1_january")
        }
    else:
        found = {r["region"]: float(r["value"]) for r in rows("37230ned-1-january") if r["period"] == str(year)}
        found["GM1954"] = sum(found[code] for code in BEFORE_2019 - PARKSTAD)
    return found


@pytest.mark.parametrize(
    ("indicator", "measure", "year"),
    [
        ("arbeidsdeelname", "net_labour_participation_pct", 2018),
        ("arbeidsdeelname", "net_labour_participation_pct", 2022),
        ("hoogopgeleid", "highly_educated_pct", 2016),
        ("misdrijven-totaal", "registered_crimes_per_1000", 2019),
        ("werkloze-beroepsbevolking", "unemployment_pct", 2013),
    ],
)
def test_a_weighted_mean_of_the_region_by_hand(panel: pd.DataFrame, indicator: str, measure: str, year: int):
    values = {
        r["region"]: float(r["value"])
        for r in rows("rmbw-2023-12")
        if (r["measure"], r["period"]) == (measure, str(year))
    }
    people = inhabitants(year)
    expected = sum(values[code] * people[code] for code in PARKSTAD) / sum(people[code] for code in PARKSTAD)
    assert series(panel, indicator, "parkstad")[year] == pytest.approx(expected, rel=1e-12)
    mine = panel[(panel["indicator"] == indicator) & panel["unit"].isin(["parkstad", "PV31", "PV31-rest"])]
    assert set(mine["note"]) == {WEIGHTED_NOTE.format("inwoners")}
    own = panel[(panel["indicator"] == indicator) & (panel["unit"] == "GM1954")]
    assert set(own["note"]) == {""}  # on the boundaries of 2023 in all years: nothing is computed for Beekdaelen


def test_crimes_of_the_twelve_kinds_are_never_more_than_all(panel: pd.DataFrame):
    rates = [
        name
        for name in panel["indicator"].unique()
        if f"{name}-aantal" in set(panel["indicator"]) and not name.startswith("bijstand")
    ]
    assert len(rates) == 12
    parts = panel[panel["indicator"].isin(rates)].groupby(["unit", "period"])["value"].sum()
    whole = (
        panel[panel["indicator"] == "misdrijven-totaal"].dropna(subset=["value"]).set_index(["unit", "period"])["value"]
    )
    assert (parts.reindex(whole.index) <= whole + 0.5).all()  # whole numbers


def test_means_weighted_with_inhabitants_lie_near_what_is_published(panel: pd.DataFrame):
    """WOZ of 2015 and gas: the province is published there, so that the weighting can be judged."""
    published = {r["measure"]: float(r["value"]) for r in rows("70072ned-2015") if r["region"] == "PV31"}
    assert series(panel, "woz-waarde", "PV31")[2015] == pytest.approx(published["woz_value"], rel=0.015)
    gas, people = (
        panel[panel["indicator"] == name].pivot(index="period", columns="unit", values="value")
        for name in ("gasverbruik", "inwoners")
    )
    both = gas.index.intersection(people.index)
    parts = (gas[["parkstad", "PV31-rest"]] * people[["parkstad", "PV31-rest"]]).loc[both].sum(axis=1) / people.loc[
        both, "PV31"
    ]
    assert (parts / gas.loc[both, "PV31"] - 1).abs().max() < 0.05


def test_the_tables_of_2020_agree_with_the_one_that_was_pinned():
    pinned = {(r["region"], r["measure"]): r["value"] for r in rows("84799NED") if r["region"].startswith("GM")}
    for measure in ("population", "persons_social_assistance"):
        found = {
            r["region"]: r["value"]
            for r in rows("kwb-2020")
            if r["measure"] == measure and r["region"].startswith("GM")
        }
        assert len(found) == 355 and all(pinned[code, measure] == value for code, value in found.items())


@pytest.mark.parametrize("table", SEEN)
def test_every_table_tells_where_it_was_seen(table: str):
    told = open_snapshot("cbs", table).metadata
    assert "op GitHub" in told.origin and "commit" in told.origin
    assert told.licence == "CC BY 4.0" and told.publisher == "CBS"
    assert told.notes and told.modified_note and told.made_by and not told.private
    assert told.boundaries == (
        2023 if table.startswith("rmbw") else "each_year" if told.first_period < told.last_period else told.first_period
    )


def test_the_edition_its_prices_medians_and_missing_noughts_are_declared():
    told = open_snapshot("cbs", "rmbw-2023-12").metadata
    assert told.edition == "RMBW 2023-12"
    assert told.constant_prices == dict.fromkeys(told.medians, 2021)
    assert len(told.never_zero) == 19


@pytest.mark.skipif(not FOUND.is_dir(), reason="the figures that were seen are not beside the project")
def test_every_figure_is_the_one_that_was_seen():
    with open(FOUND / "cbs-rmbw-2023-12" / "rmbw.csv", encoding="utf-8", newline="") as file:
        seen = {(r["region"], r["year"], r["measure"]): float(r["value"]) for r in csv.DictReader(file) if r["value"]}
    mine = {(r["region"], r["period"], r["measure"]): float(r["value"]) for r in rows("rmbw-2023-12")}
    assert mine.items() <= seen.items()
    kept = {measure for _, _, measure in mine}
    assert len(mine) == sum(key[2] in kept for key in seen)
    columns = {"kwb-2015": ("WWB_UITTOT", "AANT_INW"), "kwb-2021": ("WWB_UITTOT", "AANT_INW")}
    for table, (assistance, people) in columns.items():
        with open(FOUND / "cbs-kwb-municipalities" / f"{table}.csv", encoding="utf-8", newline="") as file:
            read = {r["GM_CODE"]: (r[assistance], r[people]) for r in csv.DictReader(file)}
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for row in rows(table):
            found[row["region"]][row["measure"]] = row["value"]
        for code, (persons, everyone) in read.items():
            assert float(found[code]["persons_social_assistance"] or -1) == float(persons or -1)
            assert float(found[code]["population"]) == float(everyone)
    with open(FOUND / "cbs-kwb-heerlen-2016-2020" / "heerlen-long.csv", encoding="utf-8", newline="") as file:
        wijk = [
            r
            for r in csv.DictReader(file)
            if (r["name"], r["measure"]) == ("Wijk 31 Schandelen-Grasbroek", "Bevolking_Aantal_inwoners")
        ]
    for table, year in zip(SEEN[5:9], range(2016, 2020), strict=True):
        mine = next(r["value"] for r in rows(table) if (r["region"], r["measure"]) == ("WK091731", "population"))
        assert float(mine) == next(float(r["value"]) for r in wijk if r["year"] == str(year))


def test_districts_and_neighbourhoods_of_heerlen_add_up():
    """Codes were given by name and order; the sums say that none went to another area."""
    for table in SEEN[5:9]:
        snapshot = open_snapshot("cbs", table)
        people, homes = (snapshot.series(name).set_index("region")["value"] for name in ("population", "homes"))
        assert abs(people[people.index.str.startswith("WK")].sum() - people[HEERLEN]) <= 60  # rounded to 5
        assert homes[homes.index.str.startswith("WK")].sum() == homes[HEERLEN]
        for code in homes.index[homes.index.str.startswith("WK")]:
            assert homes[homes.index.str.startswith(f"BU{code[2:]}")].sum() == homes[code]


def test_the_tool_that_pins_them_names_no_folder_of_its_own():
    for name in ("seen_figures.py", "seen_figures.yml"):
        text = (ROOT / "tools" / name).read_text(encoding="utf-8")
        assert "/work" not in text and "/tmp" not in text
