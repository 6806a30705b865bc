"""Municipalities through time and the units of a panel."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from evaluation.base.errors import InputError, UsageError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.deal_parts import Benchmark, Municipality, Region
from evaluation.statistics.areas.boundary_tables import load_boundaries, load_municipalities
from evaluation.statistics.areas.harmonise import harmonise
from evaluation.statistics.areas.regions import list_groups, list_units, members, sum_members

ROOT = Path(__file__).resolve().parents[4]
REGIONS = ROOT / "data" / "regions"
PREDECESSORS = ("GM0881", "GM0951", "GM0962")
YEARS = range(2010, 2027)
PROVINCES = tuple(f"PV{number}" for number in range(20, 32))
COROP = ("CR37", "CR38", "CR39")
ALL_COROP = tuple(f"CR{number:02}" for number in range(1, 41))
BEEKDAELEN_IN_2018 = pd.DataFrame({"unit": "GM1954", "period": 2018, "region": PREDECESSORS})


@pytest.fixture(scope="module")
def deal():
    return load_deal(folder=ROOT / "data" / "deal")


def codes(deal, unit: str, year: int) -> set[str]:
    return set(members(deal, unit, year, folder=REGIONS))


def test_limburg_has_31_municipalities_and_33_before_2019(deal):
    assert [len(codes(deal, "PV31", year)) for year in YEARS] == [34] + [33] * 8 + [31] * 8


def test_the_number_of_municipalities_of_the_country(deal):
    assert {year: len(codes(deal, "NL01", year)) for year in YEARS} == {
        **{2010: 431, 2011: 418, 2012: 415, 2013: 408, 2014: 403, 2015: 393, 2016: 390, 2017: 388, 2018: 380},
        **{2019: 355, 2020: 355, 2021: 352, 2022: 345, 2023: 342, 2024: 342, 2025: 342, 2026: 342},
    }


@pytest.mark.parametrize("year", (2010, 2018, 2026))
@pytest.mark.parametrize(("whole", "parts"), [("NL01", PROVINCES), ("PV31", COROP)])
def test_units_partition_a_larger_unit(deal, whole: str, parts: tuple[str, ...], year: int):
    lists = [codes(deal, part, year) for part in parts]
    assert set().union(*lists) == codes(deal, whole, year)
    assert not any(one & other for one, other in combinations(lists, 2))


@pytest.mark.parametrize("year", YEARS)
def test_every_corop_area_can_be_asked_for_in_every_year(deal, year: int):
    """As a sum of municipalities; where one was divided, its figures go by harmonise over the areas of today."""
    divided = {  # Skarsterlân and Boarnsterhim, Littenseradiel, Haaren
        **dict.fromkeys(("CR04", "CR05", "CR06"), 2014),
        **{"CR04": 2018, "CR05": 2018},
        **{"CR34": 2021, "CR35": 2021},
    }
    whole = [area for area in ALL_COROP if year >= divided.get(area, 0)]
    lists = [codes(deal, area, year) for area in whole]
    assert all(lists) and not any(one & other for one, other in combinations(lists, 2))
    for area in set(ALL_COROP) - set(whole):
        with pytest.raises(UsageError, match="only a part of"):
            members(deal, area, year, folder=REGIONS)
    present = sorted(codes(deal, "NL01", year))
    values = pd.DataFrame({"region": present, "period": year, "value": 1000.0, "status": "final"})
    groups = {area: members(deal, area, 2026, folder=REGIONS) for area in ALL_COROP}
    found = harmonise(values, 2026, groups=groups, folder=REGIONS).values.set_index("region")
    assert found["value"].sum() == pytest.approx(1000.0 * len(present))
    assert set(found.index[found["is_estimate"]]) == set(ALL_COROP) - set(whole)
    for area, inside in zip(whole, lists, strict=True):
        assert found.loc[area, "value"] == pytest.approx(1000.0 * len(inside)), area


def test_every_municipality_has_a_corop_area_and_each_area_one_province(deal):
    found = load_municipalities(folder=REGIONS)
    today = [item for item in found if item.exists_in(2026)]
    assert {item.corop for item in today} == set(ALL_COROP)
    assert len({item.corop_name for item in today}) == 40
    assert len({(item.corop, item.province) for item in found}) == 40
    assert {item.corop_name for item in found if item.province == "PV31"} == {
        "Noord-Limburg",
        "Midden-Limburg",
        "Zuid-Limburg",
    }


def test_an_area_keeps_its_province_of_today(deal):
    assert {"GM0545", "GM0620", "GM0707"} <= codes(deal, "PV26", 2018)
    assert "GM1961" in codes(deal, "PV26", 2019)


def test_a_list_of_municipalities_of_today_is_a_unit(deal):
    assert members(deal, ["GM1954", "GM0917"], 2018, folder=REGIONS) == ("GM0881", "GM0917", "GM0951", "GM0962")
    assert members(deal, ("GM1903",), 2010, folder=REGIONS) == ("GM0905", "GM0936")


def test_a_split_municipality_is_a_member_of_what_it_lies_in_as_a_whole(deal):
    assert "GM0053" in codes(deal, "PV20", 2018)
    assert codes(deal, "PV20", 2018) >= {"GM0053", "GM0005", "GM1651", "GM1663"}
    assert "GM0053" in members(deal, ["GM1966", "GM1969"], 2018, folder=REGIONS)


@pytest.mark.parametrize("year", YEARS)
def test_region_and_rest_are_the_province_without_overlap(deal, year: int):
    region, rest = codes(deal, "parkstad", year), codes(deal, "PV31-rest", year)
    assert region | rest == codes(deal, "PV31", year)
    assert not region & rest
    assert len(region) == (9 if year < 2019 else 7)
    assert ("GM1954" in region) == (year >= 2019)
    assert set(PREDECESSORS) <= region or year >= 2019


def test_a_municipality_of_today_is_made_up_of_its_predecessors(deal):
    assert members(deal, "GM1954", 2018, folder=REGIONS) == PREDECESSORS
    assert members(deal, "GM1954", 2019, folder=REGIONS) == ("GM1954",)
    assert members(deal, "GM0917", 2010, folder=REGIONS) == ("GM0917",)


def test_the_deal_and_the_regions_tell_the_same_mergers_and_names(deal):
    known = {item.code: item for item in load_municipalities(folder=REGIONS)}
    for successor, predecessors in deal.region.formed_from.items():
        assert {code for code, item in known.items() if item.successor == successor} == set(predecessors)
        assert {known[code].until for code in predecessors} == {deal.region.formed_on[successor]} == {date(2019, 1, 1)}
    assert {item.code: item.name for item in deal.region.municipalities} == {
        item.code: known[item.code].name for item in deal.region.municipalities
    }


def test_units_come_in_the_order_of_a_report(deal):
    units = list_units(deal, folder=REGIONS)
    assert [(unit.id, unit.name, unit.level) for unit in units[:4]] == [
        ("parkstad", "Parkstad", "region"),
        ("PV31", "Limburg", "province"),
        ("PV31-rest", "rest van Limburg", "rest"),
        ("NL01", "Nederland", "country"),
    ]
    own = [unit.name for unit in units[4:11]]
    assert own == ["Beekdaelen", "Brunssum", "Heerlen", "Kerkrade", "Landgraaf", "Simpelveld", "Voerendaal"]
    assert len(units) == 4 + 31
    assert (deal.region.unit_id, deal.region.rest_id) == ("parkstad", "PV31-rest")


@pytest.mark.parametrize(
    ("unit", "year", "message"),
    [
        ("parkstad", 2009, "2010 to 2026, not for 2009"),
        ("parkstad", 2027, "not for 2027"),
        ("GM0951", 2018, "Nuth became part of GM1954"),
        ("GM0053", 2018, "Winsum was split on 2019-01-01"),
        ("GM1966", 2018, "only a part of GM0053 lay in GM1966"),
        ("GM0014", 2016, "only a part of GM0040 lay in GM0014"),
        ("CR41", 2018, "no COROP area CR41: they run from CR01 to CR40. Did you mean 'CR40'"),
        ("CR35", 2020, "only a part of GM0788 lay in CR35"),
        (("GM0917", "GM0951"), 2018, "Nuth became part of GM1954"),
        ((), 2018, "empty list"),
        ("Parkstad", 2018, "Did you mean 'parkstad'"),
    ],
)
def test_what_is_not_on_record_is_refused(deal, unit: str, year: int, message: str):
    with pytest.raises(UsageError, match=message):
        members(deal, unit, year, folder=REGIONS)


def elsewhere(code: str) -> SimpleNamespace:
    region = Region(
        name="Regio Twente",
        short_name="Twente",
        municipalities=(Municipality(code=code, name="Enschede"),),
        benchmark=Benchmark(code="PV23", name="Overijssel"),
        rest_name="rest van Overijssel",
    )
    return SimpleNamespace(id="twente", region=region)


def test_a_deal_elsewhere_has_its_region_and_province():
    deal = elsewhere("GM0153")
    assert members(deal, "twente", 2020, folder=REGIONS) == ("GM0153",)
    assert len(members(deal, "PV23-rest", 2020, folder=REGIONS)) == 24
    assert len(list_units(deal, folder=REGIONS)) == 4 + 25


def test_a_deal_with_an_unknown_municipality_is_refused():
    with pytest.raises(InputError, match="GM9999"):
        members(elsewhere("GM9999"), "twente", 2020, folder=REGIONS)
    with pytest.raises(InputError, match="Enschede"):
        list_units(elsewhere("GM9999"), folder=REGIONS)


def test_counts_are_summed_exactly_over_a_merger():
    values = pd.DataFrame(
        {
            "region": [*PREDECESSORS, "GM1954"],
            "period": [2018, 2018, 2018, 2019],
            "value": [3.0, 5.0, 7.0, 16.0],
            "status": ["final", "final", "final", "provisional"],
        }
    )
    parts = [*((2018, code) for code in PREDECESSORS), (2019, "GM1954")]
    table = sum_members(values, pd.DataFrame(parts, columns=["period", "region"]).assign(unit="GM1954"))
    assert table[["period", "value", "status", "parts"]].values.tolist() == [
        [2018, 15.0, "final", 3],
        [2019, 16.0, "provisional", 1],
    ]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("final", "provisional", "final"), "provisional"),
        (("final", "withheld", "provisional"), "withheld"),
        (("withheld", "missing", "final"), "missing"),
    ],
)
def test_a_sum_has_the_worst_status_and_is_empty_with_a_part_empty(statuses, expected: str):
    known = [status in ("final", "provisional") for status in statuses]
    values = pd.DataFrame(
        {
            "region": PREDECESSORS,
            "period": 2018,
            "value": [10.0 if is_known else float("nan") for is_known in known],
            "status": statuses,
        }
    )
    row = sum_members(values, BEEKDAELEN_IN_2018).iloc[0]
    assert row["status"] == expected
    assert row["value"] == 30 if all(known) else pd.isna(row["value"])
    absent = [code for code, is_known in zip(PREDECESSORS, known, strict=True) if not is_known]
    assert list(row["absent"]) == absent


def test_a_part_without_a_row_is_missing():
    values = pd.DataFrame({"region": PREDECESSORS[:2], "period": 2018, "value": 1.0, "status": "final"})
    row = sum_members(values, BEEKDAELEN_IN_2018).iloc[0]
    assert (row["status"], row["absent"]) == ("missing", ("GM0962",))
    assert pd.isna(row["value"])


def test_groups_are_made_of_municipalities_of_today(deal):
    province, country = (list_units(deal, coverage=name, folder=REGIONS) for name in ("province", "country"))
    assert [len([unit for unit in units if unit.level == "municipality"]) for units in (province, country)] == [31, 342]
    assert country[: len(province)] == province
    groups = list_groups(deal, country, folder=REGIONS)
    assert groups["parkstad"] | groups["PV31-rest"] == groups["PV31"] < groups["NL01"]
    assert len(groups["parkstad"]) == 7 and not groups["parkstad"] & groups["PV31-rest"]
    assert groups["GM1954"] == {"GM1954"} and len(groups["NL01"]) == 342


VAALS = "GM0981,CR39,Zuid-Limburg\n"
NUTH = "2019-01-01,GM0951,GM1954,merger,7018,15187,1"
WINSUM = "2019-01-01,GM0053,GM1969,split,732,1558,0.115365"
NISSEWAARD = "2018-01-01,GM1930,GM0530,correction,533,1209,0.014091"


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("municipalities", "GM0882,Landgraaf", "GM0881,Landgraaf", "GM0881 again"),
        ("municipalities", "GM0882,Landgraaf", "882,Landgraaf", "a code such as GM0917"),
        ("municipalities", "Nuth,PV31,1839-01-02,2019-01-01", "Nuth,PV31,1839-01-02,01-01-2019", "an ISO date"),
        ("municipalities", "Nuth,PV31,1839-01-02,2019-01-01", "Nuth,PV31,1839-01-02,2018-01-01", "existed until 2019"),
        ("municipalities", "Heerlen,PV31,1839-01-02,", "Heerlen,PV31,1839-01-02,2020-01-01", "a change from GM0917"),
        ("municipalities", "Heerlen,PV31,1839-01-02,", "Heerlen,PV31,2012-01-01,", "a change to GM0917"),
        ("municipalities", "code,name", "code,naam", "columns"),
        ("municipalities", "GM0882,Landgraaf,PV31,1982-01-01,", "GM0882,Landgraaf", "another number of cells"),
        ("corop", VAALS, "", "GM0981 is not in corop.csv"),
        ("corop", VAALS, VAALS.replace("CR39", "Zuid"), "a code such as CR39"),
        ("corop", VAALS, VAALS.replace("Zuid-", ""), "the one name of CR39: Zuid-Limburg"),
        ("corop", VAALS, VAALS + "GM0981,CR38,Midden-Limburg\n", "GM0981 again"),
        ("changes", NUTH, NUTH.replace("GM1954", "GM9999"), "GM9999"),
        ("changes", NUTH, NUTH.replace("2019-01", "2018-01"), "existed on 2018-01-01"),
        ("changes", NUTH, NUTH.replace("2019-01-01", "01-01-2019"), "an ISO date"),
        ("changes", NUTH, NUTH.replace("merger", "fusie"), "one of merger, split"),
        ("changes", NUTH, NUTH.replace("15187", ""), "a whole number"),
        ("changes", NUTH, NUTH.replace("GM1954", "GM0951"), "the code of another municipality"),
        ("changes", WINSUM, WINSUM.replace("0.115365", "0.2"), "shares of GM0053 that are 1 together"),
        ("changes", WINSUM, WINSUM.replace("0.115365", "1.2"), "a number from 0 to 1"),
        ("changes", NISSEWAARD, NISSEWAARD.replace("0.014091", "1"), "less than 1 of GM1930, which remains"),
    ],
)
def test_a_fault_in_the_tables_is_told_with_its_row(tmp_path: Path, table: str, old: str, new: str, message: str):
    folder = Path(shutil.copytree(REGIONS, tmp_path / "regions"))
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_municipalities(folder=folder)
    assert all(fault.row for fault in caught.value.faults)


def test_a_table_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        load_municipalities(folder=tmp_path)
    assert len(caught.value.faults) == 3


def test_the_splits_since_2016_and_the_corrections_that_count():
    found = load_boundaries(folder=REGIONS)
    names = {item.code: item.name for item in found[0]}
    recent = [change for change in found[1] if change.day >= date(2016, 1, 1)]
    splits = {names[change.source]: 0 for change in recent if change.kind == "split"}
    for change in recent:
        if change.kind == "split":
            splits[names[change.source]] += 1
    assert splits == {"Littenseradiel": 3, "Winsum": 2, "Haaren": 4}
    corrections = [change for change in found[1] if change.kind == "correction" and not change.is_ignored]
    assert [(names[change.source], names[change.target], change.inhabitants) for change in corrections] == [
        ("Slochteren", "Groningen (gemeente)", 1033),
        ("Nissewaard", "Hellevoetsluis", 1209),
    ]
    assert max(change.inhabitants for change in found[1] if change.is_ignored) == 170


def test_beekdaelen_is_three_municipalities_as_a_whole():
    changes = [change for change in load_boundaries(folder=REGIONS)[1] if change.target == "GM1954"]
    assert [(change.source, change.kind, change.inhabitants) for change in changes] == [
        ("GM0881", "merger", 7782),
        ("GM0951", "merger", 15187),
        ("GM0962", "merger", 12758),
    ]
