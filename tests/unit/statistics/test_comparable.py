"""Wrong comparisons that these figures invite: each is tried here, and refused or marked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evaluation.analysis.yardstick import check_comparable
from evaluation.base.errors import InputError, SnapshotError, UsageError
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.report.theme import ThemeChapter
from evaluation.chapters.steps.agreed import show_results
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicator_schema import Quotation, Series
from evaluation.inputs.indicators import Indicator, load_indicators, load_quotations
from evaluation.statistics.areas.harmonise import harmonise
from evaluation.statistics.comparable import load_series_breaks
from evaluation.statistics.panels import MEDIANS_NOTE, WEIGHTED_NOTE, build_panel
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import open_snapshot

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"
RMBW = "rmbw-2023-12"
REGISTER = load_indicators(folder=DATA / "indicators")


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2022)


def changed(name: str, *, breaks: tuple = (), **calculation: object) -> dict[str, Indicator]:
    """Give an indicator of the register other series, and no breaks but the given ones."""
    item = REGISTER[name]
    fields = item.model_dump() | {"breaks": breaks, "companion": None, "headline": False}
    fields["calculation"] = fields["calculation"] | calculation
    return {name: Indicator.model_validate(fields)}


def own_breaks(name: str, kind: str) -> list[dict]:
    return [item.model_dump() for item in REGISTER[name].breaks if item.kind == kind]


def build(indicators: dict[str, Indicator], folder: Path = DATA) -> pd.DataFrame:
    return build_panel(load_deal(folder=DATA / "deal"), indicators=indicators, folder=folder)


def series(table: str, measure: str | None = None, **more: object) -> dict[str, object]:
    return {"source": "cbs", "table": table, "measure": measure, **more}


POPULATION = [series("37230ned-1-january", last=2018), series("03759ned", "population_1_january", first=2019)]
WRONG = {
    "participation of the monitor and of the neighbourhoods": (
        changed("arbeidsdeelname", breaks=own_breaks("arbeidsdeelname", "circumstance"), numerator=[
            series(RMBW, "net_labour_participation_pct", last=2020),
            series("kwb-2021", "net_labour_participation_pct"),
        ]),
        r"two editions in one series: cbs/rmbw-2023-12 \(RMBW 2023-12.*cbs/kwb-2021 \(no edition",
    ),
    "disability of 2015 beside later years": (
        changed("arbeidsongeschiktheid", numerator=[
            series("70072ned-2015-work-care", "disability_persons"),
            series("kwb-2021", "disability_persons"),
        ]),
        r"disability_persons and unemployment_persons of 2015 and 2021.*break of kind definition in 2016",
    ),
    "unemployment benefits of 2015 beside later years": (
        changed("werkloosheid", numerator=[
            series("70072ned-2015-work-care", "unemployment_persons"),
            series("84799NED-work-care", "unemployment_persons"),
        ]),
        "of 2015 and 2020 in one series",
    ),
    "daycare before and after another source": (
        changed("kinderopvang-nabij", weights=POPULATION, numerator=[
            series("83765NED-heerlen", "distance_daycare_km", only=["GM0917"]),
            series("84286NED-heerlen", "distance_daycare_km", only=["GM0917"]),
        ]),
        "distance_daycare_km of 2017 and 2018 in one series",
    ),
    "low income before and after its revision": (
        changed("lage-inkomens", numerator=[
            series("84286NED-heerlen", "low_income_pct", only=["GM0917"]),
            series("kwb-2020", "low_income_pct"),
        ]),
        "low_income_pct of 2018 and 2020 in one series.*break of kind definition in 2020",
    ),
    "health of 2016 beside that of other ages": (
        changed("overgewicht", breaks=own_breaks("overgewicht", "circumstance")),
        "of 2016 and 2020 in one series",
    ),
    "health in the years of corona without a mark": (
        changed("gezondheid-ervaren", breaks=own_breaks("gezondheid-ervaren", "definition")),
        "(?s)no mark for 2020.*no mark for 2022",
    ),
    "feeling unsafe before and after another survey": (
        changed("onveilig-vaak-heerlen"),
        "of 2019 and 2021 in one series",
    ),
    "youth care of two editions": (
        changed("jeugdzorg", numerator=[
            series("84583NED-heerlen", "youth_care_pct", only=["GM0917"]), series("kwb-2021", "youth_care_pct"),
        ]),
        "youth_care_pct of 2019 and 2021 in one series",
    ),
    "a mean of medians as any mean": (
        changed("inkomen-mediaan", mean_of="figures"),
        r"mean_of: medians, for median_disposable_income_eur is a median",
    ),
    "prices of 2021 that are not called so": (
        {"inkomen-mediaan": REGISTER["inkomen-mediaan"].model_copy(update={"constant_prices": None})},
        r"constant_prices: 2021, for cbs/rmbw-2023-12 has median_disposable_income_eur in prices of that year",
    ),
    "prices of 2021 beside those of the year itself": (
        changed("inkomen-mediaan", numerator=[
            series(RMBW, "median_disposable_income_eur", last=2019), series("kwb-2020", "standardised_income_eur"),
        ]),
        r"in one series: .*prices of 2021\) in 2019.*current prices\) in 2020",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_one_series_is_refused(what: str):
    indicators, message = WRONG[what]
    with pytest.raises(InputError, match=message):
        build(indicators)


def test_every_fault_is_told_at_once():
    both = {**WRONG["low income before and after its revision"][0], **WRONG["a mean of medians as any mean"][0]}
    with pytest.raises(
        InputError, match=r"(?s)indicators\.lage-inkomens\.breaks.*indicators\.inkomen-mediaan\.calculation"
    ):
        build(both)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("arbeidsongeschiktheid", 2015, 2020),
        ("werkloosheid", 2015, 2021),
        ("kinderopvang-nabij", 2017, 2018),
        ("lage-inkomens", 2018, 2020),
        ("overgewicht", 2016, 2022),
        ("jeugdzorg", 2019, 2021),
        ("voorzieningen-nabij", 2015, 2018),
        ("ondervonden-delicten-heerlen", 2019, 2021),
    ],
)
def test_a_declared_break_refuses_the_change_over_it(name: str, first: int, last: int):
    with pytest.raises(UsageError, match=f"{name}: {first} and {last} cannot be compared"):
        check_comparable(REGISTER[name], first, last)


@pytest.mark.parametrize(
    ("name", "first", "last"), [("bijstand-personen", 2015, 2021), ("arbeidsdeelname", 2018, 2022)]
)
def test_what_is_one_series_is_compared(name: str, first: int, last: int):
    check_comparable(REGISTER[name], first, last)


def test_a_chapter_refuses_a_change_over_a_break(context: Context):
    chapter = ThemeChapter(context, context.deal.theme(1))
    with pytest.raises(UsageError, match="cannot be compared"):
        chapter.change("overgewicht", 2016, 2020)
    assert "in 2022 (2018: 63,4% en 67,0%)" in chapter.change("arbeidsdeelname", 2018, 2022).bundle["text/markdown"]


def described(table: str, **more: object) -> dict[str, object]:
    told = open_snapshot("cbs", RMBW, folder=DATA / "snapshots").metadata.model_dump(mode="json")
    computed = {"rows", "sha256", "first_period", "last_period", "format"}
    return {key: value for key, value in told.items() if key not in computed} | {"table": table, **more}


def figures(value: float, years: tuple[int, ...] = (2020,)) -> pd.DataFrame:
    frame = open_snapshot("cbs", RMBW, folder=DATA / "snapshots").frame
    frame = frame[(frame["measure"] == "net_labour_participation_pct") & frame["period"].isin(years)]
    return frame.assign(value=value, status="final")


def test_a_nought_that_was_written_for_missing_is_refused(tmp_path: Path):
    only = {"never_zero": ["net_labour_participation_pct"]}
    frame = figures(60.0)
    frame.loc[frame["region"] == "GM0965", "value"] = 0.0
    with pytest.raises(
        SnapshotError, match=r"net_labour_participation_pct 0 in GM0965 2020 and 0 more; it cannot be 0"
    ):
        add_snapshot(frame, described("nought", **only), folder=tmp_path)
    add_snapshot(frame, described("nought", never_zero=[]), folder=tmp_path)
    path = next(tmp_path.glob("cbs/*/nought.yml"))
    path.write_text(
        path.read_text(encoding="utf-8").replace("never_zero: []", "never_zero: [net_labour_participation_pct]"),
        encoding="utf-8",
    )
    with pytest.raises(SnapshotError, match="cannot be 0"):
        open_snapshot("cbs", "nought", folder=tmp_path)


def test_two_editions_of_the_same_monitor_are_not_one_series(tmp_path: Path):
    shutil.copytree(DATA / "regions", tmp_path / "regions")
    for table, edition, value in (("old", "RMBW 2023-12", 60.0), ("new", "RMBW 2024-12", 62.0)):
        years = (2020,) if table == "old" else (2021,)
        add_snapshot(
            figures(value, years), described(table, edition=edition, never_zero=[]), folder=tmp_path / "snapshots"
        )
    published = {"kind": "published", "weights": (), "numerator": [
        series(table, "net_labour_participation_pct") for table in ("old", "new")
    ]}  # fmt: skip
    with pytest.raises(InputError, match=r"two editions.*RMBW 2023-12.*in 2020.*RMBW 2024-12.*in 2021"):
        build(changed("arbeidsdeelname", **published), tmp_path)
    stop = {"year": 2021, "kind": "method", "note": "Nieuwe uitgave."}
    assert len(build(changed("arbeidsdeelname", breaks=[stop], **published), tmp_path))


def test_all_establishments_of_2020_and_2021_are_not_one_series_and_trade_is(tmp_path: Path):
    shutil.copytree(DATA / "regions", tmp_path / "regions")
    shutil.copy(DATA / "series_breaks.yml", tmp_path)
    for year in (2020, 2021):
        told = described(f"map-{year}", never_zero=[], medians=[], constant_prices={}, edition=None)
        column = next(column for column in told["columns"] if column["role"] == "measure")
        column["codes"] = {"establishments_all": "Vestigingen; aantal"}
        frame = figures(500.0, (year,)).assign(measure="establishments_all")
        add_snapshot(frame, told, folder=tmp_path / "snapshots")
    counted = {"kind": "published", "weights": (), "numerator": [
        series(f"map-{year}", "establishments_all") for year in (2020, 2021)
    ]}  # fmt: skip
    with pytest.raises(InputError, match=r"establishments_all of 2020 and 2021 in one series.*definition in 2021"):
        build(changed("arbeidsdeelname", **counted), tmp_path)
    stop = {"year": 2021, "kind": "definition", "note": "Meer soorten bedrijven."}
    declared = changed("arbeidsdeelname", breaks=[stop], **counted)
    assert len(build(declared, tmp_path))
    with pytest.raises(UsageError, match="2020 and 2021 cannot be compared"):
        check_comparable(declared["arbeidsdeelname"], 2020, 2021)
    check_comparable(REGISTER["vestigingen-handel-horeca"], 2020, 2021)


def test_boundaries_of_2023_are_not_those_of_each_year():
    frame = open_snapshot("cbs", RMBW, folder=DATA / "snapshots").series("net_labour_participation_pct")
    assert "GM1954" in set(frame.loc[frame["period"] == 2013, "region"])
    with pytest.raises(UsageError, match=r"no municipality on 1 January: .*\(2013\)"):
        harmonise(frame, 2026, kind="mean", weights=frame, folder=DATA / "regions")


def test_weights_of_each_year_are_summed_to_the_boundaries_of_the_figures():
    panel = build({name: REGISTER[name] for name in ("arbeidsdeelname", "inwoners")})
    rows = panel[panel["period"] == 2013].pivot(index="unit", columns="indicator", values="value")
    own = ["GM0882", "GM0899", "GM0917", "GM0928", "GM0965", "GM0986", "GM1954"]
    mean = (rows["arbeidsdeelname"] * rows["inwoners"]).loc[own].sum() / rows.loc["parkstad", "inwoners"]
    assert rows.loc["parkstad", "arbeidsdeelname"] == pytest.approx(mean, rel=1e-12)


def test_a_reader_sees_what_was_weighted_and_which_years_were_corona(context: Context):
    theme = context.deal.theme(1)
    text = ThemeChapter(context, theme).standing().bundle["text/markdown"]
    assert WEIGHTED_NOTE.format("inwoners") in text and MEDIANS_NOTE.format("inwoners") in text
    assert "2020 was een coronajaar" in text and "2022 was een extra meting vanwege corona" in text
    assert "in euro van 2021" in text
    assert "Saldo van verhuizingen per 1.000 inwoners (alleen Zuid-Limburg)" in text
    notes = context.panel[context.panel["unit"] == "parkstad"].groupby("indicator")["note"].first()
    weighted = [item.id for item in REGISTER.values() if item.calculation and item.calculation.kind == "weighted_mean"]
    silent = {"tevredenheid-leven", "vertrouwen-instituties", "sociaal-contact", "vrijwilligerswerk"}
    assert all(notes[name].startswith("Door ons berekend") for name in weighted if name not in silent)
    assert all("ontbreekt voor" in notes[name] for name in silent)


def test_nobody_estimates_an_effect_on_a_model_or_on_one_municipality():
    for item in REGISTER.values():
        if item.modelled or item.only_for is not None:
            assert set(item.allowed_methods) <= {"describe", "gap"}
    with pytest.raises(ValueError, match="figures of Heerlen alone are no headline, gap or effect"):
        Indicator.model_validate(REGISTER["onveilig-vaak-heerlen"].model_dump() | {"gap": "absolute"})


def test_what_is_known_of_a_quantity_is_about_measures_that_tables_have():
    held = set()
    for path in (DATA / "snapshots").glob("*/*/*.yml"):
        columns = yaml.safe_load(path.read_text(encoding="utf-8"))["columns"]
        held |= {code for column in columns if column["role"] == "measure" for code in column["codes"]}
    for item in load_series_breaks(folder=DATA):
        assert set(item.measures) & held or item.id == "vestigingen-2021", item.id


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{measures: [a], kind: method, reason: r, reference: s}", "`year` for another kind"),
        ("{measures: [a], kind: circumstance, year: 2020, reason: r, reference: s}", "`years` for a circumstance"),
        ("{measures: [], kind: method, year: 2020, reason: r, reference: s}", "measures"),
    ],
)
def test_a_fault_in_what_is_known_is_told_with_its_place(tmp_path: Path, text: str, fault: str):
    (tmp_path / "series_breaks.yml").write_text(f"breaks:\n  proef: {text}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"(?s)series_breaks\.yml.*breaks\.proef.*{fault}"):
        load_series_breaks(folder=tmp_path)


def test_a_quotation_is_words_with_an_address_and_a_day_and_never_a_series(context: Context):
    found = load_quotations(folder=DATA / "indicators")
    assert {item.result for item in found} == {"4.4", "5.1"}
    assert all(item.url.startswith("https://") and item.published_on.year >= item.about for item in found)
    assert not {"value", "unit_of_measure", "calculation"} & set(Quotation.model_fields)
    assert not {"5.1", "4.4"} & {r for item in REGISTER.values() if item.has_figures for r in item.results}
    text = show_results(context, context.deal.theme(5)).bundle["text/html"]
    assert "geen reeks" in text and "28 maart 2024" in text and found[-1].url in text


def test_a_table_of_some_units_gives_others_no_row():
    panel = build({"bijstand-personen-aantal": REGISTER["bijstand-personen-aantal"]})
    assert set(panel.loc[panel["period"] == 2018, "unit"]) == {"GM0917"}
    assert set(panel.loc[panel["period"] == 2021, "unit"]) >= {"parkstad", "PV31", "GM0928"}
    assert Series(source="cbs", table="x").only == ()
