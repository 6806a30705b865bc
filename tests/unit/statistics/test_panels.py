"""The panel: exact sums, rates from their parts, and no number where a part is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evaluation.base.errors import InputError, SnapshotError, UsageError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import Indicator, load_designs, load_indicators
from evaluation.statistics.areas.boundary_tables import load_municipalities, municipalities_of_today
from evaluation.statistics.areas.regions import list_units, members
from evaluation.statistics.panels import COLUMNS, PRIVATE_NOTE, WEIGHTED_NOTE, build_panel
from evaluation.statistics.snapshot_writer import add_snapshot

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"
WEIGHTED = WEIGHTED_NOTE.format("inwoners")
PREDECESSORS = ["GM0881", "GM0951", "GM0962"]


@pytest.fixture(scope="module")
def deal():
    return load_deal(folder=DATA / "deal")


@pytest.fixture(scope="module")
def panel(deal) -> pd.DataFrame:
    return build_panel(deal, folder=DATA)


def wide(panel: pd.DataFrame, indicator: str, column: str = "value") -> pd.DataFrame:
    return panel[panel["indicator"] == indicator].pivot(index="period", columns="unit", values=column)


def test_the_panel_is_tidy_and_complete(panel: pd.DataFrame, deal):
    assert list(panel.columns) == COLUMNS
    assert not panel.duplicated(["unit", "period", "indicator"]).any()
    with_figures = [item.id for item in load_indicators(folder=DATA / "indicators").values() if item.has_figures]
    assert list(panel["indicator"].unique()) == with_figures
    areas = {"CR39", "WK091733"}  # that some indicators are about
    assert set(panel["unit"]) - areas == {unit.id for unit in list_units(deal, folder=DATA / "regions")}
    # What no table has is missing, and says so; of what can be summed only the moves of the country.
    absent = panel[panel["value"].isna()]
    assert set(absent["status"]) == {"missing"} and absent["note"].str.contains("Geen cijfer").all()
    counted = absent[absent["indicator"].isin(["verhuissaldo", "woninginbraak", "bijstand-personen", "inwoners"])]
    assert counted[["unit", "indicator"]].values.tolist() == [["NL01", "verhuissaldo"]]
    assert set(panel.drop(absent.index)["status"]) == {"final", "provisional"}
    assert panel[["unit_name", "level", "source", "vintage"]].notna().all(axis=None)
    assert panel["period"].dtype.kind == "i"
    first = panel[panel["indicator"] == "woninginbraak"]
    assert list(first["unit"].unique()) == [unit.id for unit in list_units(deal, folder=DATA / "regions")]


def test_check_values(panel: pd.DataFrame):
    burglaries = wide(panel, "woninginbraak-aantal")
    assert burglaries.loc[2018:2022, "GM0917"].tolist() == [346, 307, 197, 149, 162]
    assert burglaries.loc[[2012, 2019], "NL01"].tolist() == [91596, 39474]
    assert wide(panel, "verkoopprijs").loc[[2018, 2022], "GM0917"].tolist() == [165584, 251269]
    assert wide(panel, "inwoners").loc[[2019, 2022], "GM0917"].tolist() == [86832, 86845]


def test_region_and_rest_add_up_to_limburg(panel: pd.DataFrame, deal):
    own = [item.code for item in deal.region.municipalities]
    counts = [name for name in panel["indicator"].unique() if name.endswith("-aantal")]
    assert len(counts) == 13
    for name in [*counts, "inwoners", "inwoners-gemiddeld"]:
        table = wide(panel, name).dropna(subset=["parkstad"])  # of Heerlen alone there are more years
        assert (table["parkstad"] + table["PV31-rest"] == table["PV31"]).all(), name
        assert (table[own].sum(axis=1) == table["parkstad"]).all(), name


def test_a_rate_is_numerator_over_denominator_also_for_regions(panel: pd.DataFrame):
    counts, people = wide(panel, "woninginbraak-aantal"), wide(panel, "inwoners-gemiddeld")
    rates = wide(panel, "woninginbraak")
    pd.testing.assert_frame_equal(rates, 1000 * counts / people)
    # By hand: 931 burglaries among the seven (then nine) municipalities, 257.112 inhabitants on average in 2018.
    assert counts.loc[2018, "parkstad"] == 931
    assert rates.loc[2018, "parkstad"] == pytest.approx(3.62, abs=0.005)
    mean_of_rates = rates.loc[2018, ["GM0917", "GM0986"]].mean()
    assert rates.loc[2018, "GM0986"] < mean_of_rates < rates.loc[2018, "GM0917"]


def test_provisional_counts_make_provisional_rates(panel: pd.DataFrame):
    status = wide(panel, "woninginbraak", "status")
    assert (status.loc[2024:] == "provisional").all(axis=None)
    assert (status.loc[:2023] == "final").all(axis=None)


def test_sources_and_vintages_are_those_of_the_year(panel: pd.DataFrame):
    rows = panel[(panel["indicator"] == "woninginbraak") & (panel["unit"] == "parkstad")].set_index("period")
    assert rows.loc[2018, ["source", "vintage"]].tolist() == [
        "Politie 47018NED; CBS 70072ned",
        "2026-11-24; 2026-11-24",
    ]
    assert rows.loc[2019, ["source", "vintage"]].tolist() == [
        "Politie 47018NED; CBS 03759ned",
        "2026-11-24; 2026-11-24",
    ]


def test_a_mean_price_is_published_or_weighted_and_says_so(panel: pd.DataFrame, deal):
    prices, notes = wide(panel, "verkoopprijs"), wide(panel, "verkoopprijs", "note")
    people = wide(panel, "inwoners-gemiddeld").loc[prices.index]
    own = [item.code for item in deal.region.municipalities]
    assert (notes[["parkstad", "PV31-rest"]] == WEIGHTED).all(axis=None)
    assert (notes[["PV31", "NL01", "GM0917"]] == "").all(axis=None)
    assert notes["GM1954"].tolist() == [WEIGHTED] * 4 + [""] * 7
    by_hand = (prices[own] * people[own]).sum(axis=1) / people[own].sum(axis=1)
    pd.testing.assert_series_equal(prices["parkstad"], by_hand, check_names=False)
    # Nuth 15.194, Onderbanken 7.820 and Schinnen 12.834 inhabitants on average in 2018.
    expected = (244024 * 15194 + 228964 * 7820 + 233560 * 12834) / (15194 + 7820 + 12834)
    assert prices.loc[2018, "GM1954"] == pytest.approx(expected)


def test_weighting_with_inhabitants_is_close_to_weighting_with_sales(panel: pd.DataFrame):
    prices, people = wide(panel, "verkoopprijs"), wide(panel, "inwoners-gemiddeld")
    parts = ["parkstad", "PV31-rest"]
    weighted = (prices[parts] * people.loc[prices.index, parts]).sum(axis=1) / people.loc[prices.index, "PV31"]
    above_pct = 100 * (weighted / prices["PV31"] - 1)
    assert above_pct.between(0, 1.2).all()


def test_later_years_are_left_out_on_request(panel: pd.DataFrame, deal):
    until = build_panel(deal, until=2019, folder=DATA)
    assert until["period"].max() == 2019
    pd.testing.assert_frame_equal(until, panel[panel["period"] <= 2019].reset_index(drop=True))


def test_names_for_figures(panel: pd.DataFrame):
    names = panel.drop_duplicates("unit").set_index("unit")["unit_name"]
    assert names[["parkstad", "PV31", "PV31-rest", "NL01", "GM1954"]].tolist() == [
        "Parkstad",
        "Limburg",
        "rest van Limburg",
        "Nederland",
        "Beekdaelen",
    ]


def test_every_design_finds_its_units_in_the_panel(panel: pd.DataFrame):
    for design in load_designs(folder=DATA / "indicators").values():
        table = wide(panel, design.indicator)
        assert {design.unit, design.comparison} - {None} <= set(table.columns)
    before = [year for year in wide(panel, "verkoopprijs").index if 2012 <= year <= 2018]
    assert len(before) < 6 <= len([year for year in wide(panel, "woninginbraak").index if 2012 <= year <= 2018])


# A small made world: the counts of 2018 on the boundaries of that year.


@pytest.fixture
def made(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "regions", tmp_path / "regions")
    return tmp_path


def municipalities_of_2018() -> list[str]:
    found = load_municipalities(folder=DATA / "regions")
    return [item.code for item in found if item.province == "PV31" and item.exists_in(2018)]


def counts_of_2018(**changes: tuple[float, str]) -> pd.DataFrame:
    frame = pd.DataFrame({"region": municipalities_of_2018(), "period": 2018, "value": 10.0, "status": "final"})
    for code, (value, status) in changes.items():
        frame.loc[frame["region"] == code, ["value", "status"]] = [value, status]
    return frame


def add(folder: Path, table: str, frame: pd.DataFrame, **more: object) -> None:
    path = next((DATA / "snapshots").glob("cbs/*/83625NED.yml"))
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    computed = {"rows", "sha256", "first_period", "last_period"}
    described = {key: value for key, value in known.items() if key not in computed} | {"table": table, **more}
    add_snapshot(frame, described, folder=folder / "snapshots")


def made_indicator(calculation: dict) -> dict[str, Indicator]:
    model = load_indicators(folder=DATA / "indicators")["woninginbraak"]
    fields = model.model_dump() | {"id": "proef", "calculation": calculation, "companion": None}
    return {"proef": Indicator.model_validate(fields)}


def count(table: str) -> dict:
    return {"kind": "count", "numerator": [{"source": "cbs", "table": table}]}


def ratio(table: str, base: str) -> dict:
    parts = {"numerator": [{"source": "cbs", "table": table}], "denominator": [{"source": "cbs", "table": base}]}
    return {"kind": "ratio", **parts, "per": 1000}


def by_unit(panel: pd.DataFrame) -> pd.DataFrame:
    return panel[panel["period"] == 2018].set_index("unit")


def test_a_withheld_part_makes_the_sum_withheld_and_never_smaller(made: Path, deal):
    add(made, "made", counts_of_2018(GM0951=(float("nan"), "withheld")))
    rows = by_unit(build_panel(deal, indicators=made_indicator(count("made")), folder=made))
    for unit in ("GM1954", "parkstad", "PV31"):
        assert pd.isna(rows.loc[unit, "value"])
        assert rows.loc[unit, "status"] == "withheld"
        assert rows.loc[unit, "note"] == "Geen cijfer: niet vrijgegeven voor Nuth."
    assert rows.loc["PV31-rest", ["value", "status", "note"]].tolist() == [240, "final", ""]
    assert rows.loc["NL01", "status"] == "missing"


def test_an_absent_row_makes_the_sum_missing(made: Path, deal):
    add(made, "made", counts_of_2018().query("region != 'GM0935'"))
    rows = by_unit(build_panel(deal, indicators=made_indicator(count("made")), folder=made))
    assert rows.loc[["PV31", "PV31-rest"], "status"].tolist() == ["missing", "missing"]
    assert rows.loc["PV31-rest", "note"] == "Geen cijfer: ontbreekt voor Maastricht."
    assert rows.loc["parkstad", "value"] == 90


def test_a_rate_without_a_denominator_is_missing(made: Path, deal):
    add(made, "made", counts_of_2018())
    add(made, "people", counts_of_2018(GM0917=(0.0, "final"), GM0928=(float("nan"), "missing")))
    rows = by_unit(build_panel(deal, indicators=made_indicator(ratio("made", "people")), folder=made))
    assert rows.loc[["GM0917", "GM0928", "parkstad"], "status"].tolist() == ["missing"] * 3
    assert rows.loc[["GM0917", "GM0928", "parkstad"], "value"].isna().all()
    assert rows.loc["parkstad", "note"] == "Geen cijfer: ontbreekt voor Kerkrade."
    assert rows.loc["GM0917", "note"] == "Geen cijfer: de noemer is nul."
    assert rows.loc["PV31-rest", ["value", "status", "note"]].tolist() == [1000, "final", ""]


def test_a_rate_has_the_worst_status_of_its_parts(made: Path, deal):
    add(made, "made", counts_of_2018())
    add(made, "people", counts_of_2018(GM0917=(20.0, "provisional")))
    rows = by_unit(build_panel(deal, indicators=made_indicator(ratio("made", "people")), folder=made))
    assert rows.loc["GM0917", ["value", "status"]].tolist() == [500, "provisional"]
    assert rows.loc["parkstad", ["value", "status"]].tolist() == [900, "provisional"]
    assert rows.loc["PV31-rest", "status"] == "final"


def test_a_year_without_a_denominator_is_missing_not_left_out(made: Path, deal):
    add(made, "made", counts_of_2018())
    add(made, "people", counts_of_2018().assign(period=2017))
    rows = by_unit(build_panel(deal, indicators=made_indicator(ratio("made", "people")), folder=made))
    assert set(rows["status"]) == {"missing"}
    assert rows.loc["parkstad", "note"] == "Geen cijfer: de noemer ontbreekt."


def test_a_weighted_mean_without_a_weight_is_missing(made: Path, deal):
    add(made, "made", counts_of_2018(GM0951=(40.0, "final")))
    add(made, "people", counts_of_2018(GM0917=(float("nan"), "missing")))
    parts = {"numerator": [{"source": "cbs", "table": "made"}], "weights": [{"source": "cbs", "table": "people"}]}
    rows = by_unit(build_panel(deal, indicators=made_indicator({"kind": "weighted_mean", **parts}), folder=made))
    assert rows.loc["GM1954", ["value", "status"]].tolist() == [20, "final"]
    assert rows.loc["GM0917", ["value", "status"]].tolist() == [10, "final"]
    assert rows.loc["parkstad", "status"] == "missing"
    assert pd.isna(rows.loc["parkstad", "value"])
    assert "Heerlen" in rows.loc["parkstad", "note"]


def test_a_weighted_mean_with_weights_of_nothing_is_missing(made: Path, deal):
    nobody = {code: (0.0, "final") for code in PREDECESSORS}
    add(made, "made", counts_of_2018())
    add(made, "people", counts_of_2018(**nobody))
    parts = {"numerator": [{"source": "cbs", "table": "made"}], "weights": [{"source": "cbs", "table": "people"}]}
    rows = by_unit(build_panel(deal, indicators=made_indicator({"kind": "weighted_mean", **parts}), folder=made))
    assert pd.isna(rows.loc["GM1954", "value"])
    assert rows.loc["GM1954", ["status", "note"]].tolist() == ["missing", "Geen cijfer: niet te berekenen."]
    assert rows.loc["parkstad", ["value", "status"]].tolist() == [10, "final"]


def test_what_is_only_published_is_not_summed(made: Path, deal):
    add(made, "made", counts_of_2018())
    calculation = {"kind": "published", "numerator": [{"source": "cbs", "table": "made"}]}
    rows = by_unit(build_panel(deal, indicators=made_indicator(calculation), folder=made))
    assert rows.loc["GM0917", "value"] == 10
    assert not {"parkstad", "PV31-rest", "GM1954"} & set(rows.index)


def test_two_series_for_one_year_are_refused(made: Path, deal):
    add(made, "made", counts_of_2018())
    twice = {"kind": "count", "numerator": [{"source": "cbs", "table": "made"}] * 2}
    with pytest.raises(InputError, match="two series for 2018"):
        build_panel(deal, indicators=made_indicator(twice), folder=made)


def test_a_measure_that_no_snapshot_holds_is_a_fault_of_the_indicator(made: Path, deal):
    add(made, "made", counts_of_2018())
    calculation = {"kind": "count", "numerator": [{"source": "cbs", "table": "made", "measure": "x"}]}
    with pytest.raises(InputError, match=r"indicators\.proef\.calculation"):
        build_panel(deal, indicators=made_indicator(calculation), folder=made)


def test_a_damaged_snapshot_gives_no_panel(made: Path, deal):
    add(made, "made", counts_of_2018())
    path = next(made.glob("snapshots/*/*/made.csv"))
    path.write_bytes(path.read_bytes().replace(b",10,", b",11,", 1))
    with pytest.raises(SnapshotError, match=r"made\.csv is not the file that was added"):
        build_panel(deal, indicators=made_indicator(count("made")), folder=made)


def test_what_rests_on_a_private_table_is_withheld_from_a_report(made: Path, deal):
    add(made, "made", counts_of_2018())
    add(made, "people", counts_of_2018(), private=True, licence="contract")
    for indicator in (count("people"), ratio("made", "people"), ratio("people", "made")):
        rows = by_unit(build_panel(deal, indicators=made_indicator(indicator), folder=made))
        assert rows.loc[rows.index != "NL01", "value"].isna().all()
        assert set(rows["status"]) == {"withheld"} and set(rows["note"]) == {PRIVATE_NOTE}
        known = build_panel(deal, include_private=True, indicators=made_indicator(indicator), folder=made)
        assert by_unit(known).loc["parkstad", "value"] > 0
    rows = by_unit(build_panel(deal, indicators=made_indicator(count("made")), folder=made))
    assert rows.loc["parkstad", ["value", "status"]].tolist() == [90, "final"]


def test_a_mean_weighted_with_private_weights_is_withheld_where_it_is_computed(made: Path, deal):
    add(made, "made", counts_of_2018())
    add(made, "people", counts_of_2018(), private=True, licence="contract")
    parts = {"numerator": [{"source": "cbs", "table": "made"}], "weights": [{"source": "cbs", "table": "people"}]}
    rows = by_unit(build_panel(deal, indicators=made_indicator({"kind": "weighted_mean", **parts}), folder=made))
    assert rows.loc["parkstad", "status"] == "withheld"
    assert rows.loc["GM0917", ["value", "status"]].tolist() == [10, "final"]


def test_weights_on_other_boundaries_are_refused(made: Path, deal):
    add(made, "made", counts_of_2018())
    add(made, "people", counts_of_2018().query("region not in @PREDECESSORS"), boundaries=2025)
    parts = {"numerator": [{"source": "cbs", "table": "made"}], "weights": [{"source": "cbs", "table": "people"}]}
    with pytest.raises(InputError, match="weights of 2018 on the boundaries of 2025; expected those of 2018"):
        build_panel(deal, indicators=made_indicator({"kind": "weighted_mean", **parts}), folder=made)


def test_weights_of_an_earlier_year_are_put_on_the_boundaries_of_the_figures(made: Path, deal):
    later = [code for code, item in municipalities_of_today(folder=DATA / "regions").items()]
    figures = pd.DataFrame({"region": later, "period": 2018, "value": 5.0, "status": "final"})
    add(made, "made", figures.assign(value=[20.0 if code == "GM1954" else 5.0 for code in later]), boundaries=2026)
    add(made, "people", counts_of_2018())
    parts = {"numerator": [{"source": "cbs", "table": "made"}], "weights": [{"source": "cbs", "table": "people"}]}
    rows = by_unit(build_panel(deal, indicators=made_indicator({"kind": "weighted_mean", **parts}), folder=made))
    people = counts_of_2018().set_index("region")["value"]
    assert rows.loc["GM1954", "value"] == 20 and PREDECESSORS
    own, beekdaelen = members(deal, "parkstad", 2018), sum(people[code] for code in PREDECESSORS)
    expected = 5 + 15 * beekdaelen / sum(people[code] for code in own)
    assert rows.loc["parkstad", "value"] == pytest.approx(expected, rel=1e-12)


def test_a_municipality_that_was_divided_is_estimated_and_says_so(made: Path, deal):
    found = load_municipalities(folder=DATA / "regions")
    codes = [item.code for item in found if item.exists_in(2018)]
    frame = pd.DataFrame({"region": codes, "period": 2018, "value": 100.0, "status": "final"})
    add(made, "made", frame)
    panel = build_panel(deal, coverage="country", indicators=made_indicator(count("made")), folder=made)
    rows = by_unit(panel)
    municipalities = rows[rows["level"] == "municipality"]
    assert len(municipalities) == 342
    assert municipalities["value"].sum() == pytest.approx(100 * len(codes), rel=1e-12)
    assert "Geschat: Haaren is verdeeld naar inwoners." in rows.loc["GM0865", "note"]
    assert rows.loc["GM0917", "note"] == ""
    province = build_panel(deal, indicators=made_indicator(count("made")), folder=made)
    pd.testing.assert_frame_equal(province, panel[panel["unit"].isin(province["unit"])].reset_index(drop=True))


def test_any_list_of_municipalities_is_a_region(panel: pd.DataFrame, deal):
    own = [item.code for item in deal.region.municipalities]
    wide_panel = build_panel(deal, groups={"zelfde": own, "een": ["GM0917"]}, folder=DATA)
    groups = wide_panel[wide_panel["level"] == "group"]
    assert list(groups["unit"].unique()) == ["zelfde", "een"]
    for name, unit in (("zelfde", "parkstad"), ("een", "GM0917")):
        mine = groups[groups["unit"] == name].set_index(["indicator", "period"])
        same = panel[panel["unit"] == unit].set_index(["indicator", "period"])
        pd.testing.assert_frame_equal(mine[["value", "status", "note"]], same[["value", "status", "note"]])
    with pytest.raises(UsageError, match="not of GM0951"):
        build_panel(deal, groups={"oud": ["GM0951"]}, folder=DATA)
