"""Breaks in a series: they stop a line, and a comparison across them is refused unless the publisher gives a factor."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from evaluation.analysis.yardstick import check_comparable, comparable_years
from evaluation.base.errors import InputError, UsageError
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.desk.own_numbers import own_results
from evaluation.chapters.desk.year import Year
from evaluation.chapters.report.theme import ThemeChapter
from evaluation.chapters.steps import standing, statistics
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicator_schema import Break
from evaluation.inputs.indicators import Indicator, load_designs, load_indicators
from evaluation.present.results import RESULTS_MIME
from evaluation.statistics.panels import build_panel

ROOT = Path(__file__).resolve().parents[3]
METHOD = {"year": 2020, "kind": "method", "note": "Andere vragenlijst."}


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2021)


def broken(indicator: Indicator, *breaks: dict, **changes) -> Indicator:
    return indicator.model_copy(update={"breaks": tuple(Break(**item) for item in breaks), **changes})


def with_indicator(context: Context, indicator: Indicator) -> Context:
    return replace(context, indicators={**context.indicators, indicator.id: indicator})


def without_years(context: Context, indicator: str, *years: int) -> Context:
    is_gone = (context.panel["indicator"] == indicator) & context.panel["period"].isin(years)
    return replace(context, panel=context.panel[~is_gone])


def recorded(display) -> dict[str, dict]:
    return {row["result_id"]: row for row in display._repr_mimebundle_().get(RESULTS_MIME, [])}


@pytest.mark.parametrize(
    ("kind", "factor", "stops"),
    [
        ("method", None, True),
        ("definition", None, True),
        ("method", 1.08, False),
        ("boundary", None, False),
        ("source", None, False),
        ("circumstance", None, False),
    ],
)
def test_what_stops_a_series(kind: str, factor: float | None, stops: bool):
    assert Break(year=2020, kind=kind, note="Waarom.", factor=factor).stops is stops


def test_a_factor_belongs_to_what_it_can_mend():
    with pytest.raises(ValidationError, match="a factor belongs to a break of kind method or definition"):
        Break(year=2020, kind="circumstance", note="Corona.", factor=1.1)
    with pytest.raises(ValidationError):
        Break(year=2020, kind="method", note="Anders.", factor=0)


@pytest.mark.parametrize(("first", "last", "is_fine"), [(2018, 2019, True), (2019, 2020, False), (2020, 2022, True)])
def test_years_on_both_sides_of_a_break_are_not_compared(context, first: int, last: int, is_fine: bool):
    indicator = broken(context.indicators["woninginbraak"], METHOD)
    if is_fine:
        check_comparable(indicator, first, last)
    else:
        with pytest.raises(UsageError, match=r"2019 and 2020 cannot be compared.*2020 \(method\): Andere vragenlijst"):
            check_comparable(indicator, first, last)


def test_the_base_year_counts_only_where_it_can_be_compared(context):
    indicator = context.indicators["woninginbraak"]
    unit = context.region_unit
    assert comparable_years(context.panel, indicator, unit, 2021) == (2018, 2021)
    assert comparable_years(context.panel, broken(indicator, METHOD), unit, 2021) == (None, 2021)
    assert comparable_years(context.panel, broken(indicator, METHOD), unit, 2019) == (2018, 2019)
    assert comparable_years(without_years(context, indicator.id, 2018).panel, indicator, unit, 2021) == (None, 2021)
    assert comparable_years(without_years(context, indicator.id, 2020, 2021).panel, indicator, unit, 2021) == (
        2018,
        2019,
    )
    assert comparable_years(context.panel, indicator, "nergens", 2021) == (None, 2021)


def test_a_table_says_why_there_is_no_change(context):
    indicator = broken(context.indicators["woninginbraak"], METHOD)
    display = standing.show_standing(with_indicator(context, indicator), [indicator])
    assert "niet te vergelijken (breuk in 2020)" in display.bundle["text/markdown"]
    numbers = recorded(display)
    assert "3.woninginbraak.parkstad.2021.gap_rest" in numbers
    assert not [name for name in numbers if name.endswith((".change", "_base", "_variation")) or ".2018." in name]


def test_a_sentence_does_not_compare_over_a_break(context):
    indicator = context.indicators["woninginbraak"]
    whole = statistics.indicator_sentence(context, indicator)
    assert "2018" in whole and "Het verschil" in whole
    indicator = broken(indicator, METHOD)
    single = statistics.indicator_sentence(with_indicator(context, indicator), indicator)
    assert "in 2021." in single and "2018" not in single and "verschil" not in single


def test_the_last_known_year_is_shown_and_named(context):
    older = without_years(context, "woninginbraak", 2021)
    indicator = older.indicators["woninginbraak"]
    assert "in 2020 (2018:" in statistics.indicator_sentence(older, indicator)
    assert "(2020)" in standing.show_standing(older, [indicator]).bundle["text/markdown"]
    numbers = municipalities(older, indicator)
    assert "3.woninginbraak.GM0917.2020.change" in numbers
    assert not [name for name in numbers if ".2021." in name]


def test_an_indicator_of_one_year_has_no_change(context):
    single = without_years(context, "woninginbraak", *range(2016, 2022), *range(2010, 2015))
    indicator = single.indicators["woninginbraak"].model_copy(update={"baseline_year": 2015})
    numbers = municipalities(with_indicator(single, indicator), indicator)
    assert "3.woninginbraak.GM0917.2015.value" in numbers
    assert not [name for name in numbers if name.endswith(".change")]


def municipalities(context, indicator) -> set[str]:
    """Compute levels and changes of the municipalities on the desk; return the ids of what becomes a result."""
    rows = Year(context).levels(indicator.id, "gemeenten")
    rows["change"] = rows["value"] - rows["base"]
    about = {"indicator": None, "design": None, "unit_of_measure": None, "source": None}
    return {item.result_id for item in own_results(context, rows, {"value": "value", "change": "change"}, **about)}


def test_a_line_stops_at_a_break(context):
    indicator = broken(context.indicators["woninginbraak"], METHOD)
    display = statistics.show_indicator(with_indicator(context, indicator), indicator, "proef")
    figure = display.bundle["application/vnd.plotly.v1+json"]
    for line in figure["data"]:
        assert line["y"][list(line["x"]).index(2019.5)] is None
        assert sorted(line["x"]) == list(line["x"])
    assert [note["text"] for note in figure["layout"]["annotations"]].count("breuk") == 1
    assert "2020: Andere vragenlijst." in display.bundle["text/html"]
    unbroken = statistics.show_indicator(context, context.indicators["woninginbraak"], "proef")
    assert all(None not in line["y"] for line in unbroken.bundle["application/vnd.plotly.v1+json"]["data"])


def test_a_chapter_compares_two_years_of_choice_or_refuses(context):
    chapter = ThemeChapter(context, context.deal.theme(3))
    display = chapter.change("woninginbraak", 2015, 2020)
    assert "in 2020 (2015:" in display.bundle["text/markdown"]
    assert len(recorded(display)) == 4
    with pytest.raises(UsageError, match="no figure for 2011"):
        chapter.change("woninginbraak", 2011, 2020)
    indicator = broken(context.indicators["woninginbraak"], METHOD)
    chapter = ThemeChapter(with_indicator(context, indicator), context.deal.theme(3))
    with pytest.raises(UsageError, match="cannot be compared"):
        chapter.change("woninginbraak", 2015, 2020)


def test_a_factor_makes_earlier_figures_comparable():
    deal = load_deal()
    plain = load_indicators()["woninginbraak"]
    indicator = broken(plain, {**METHOD, "factor": 1.25})
    before, after = (build_panel(deal, indicators={plain.id: item}) for item in (plain, indicator))
    is_earlier = before["period"] < 2020
    assert after.loc[is_earlier, "value"].tolist() == (before.loc[is_earlier, "value"] * 1.25).tolist()
    assert after.loc[~is_earlier].equals(before.loc[~is_earlier])
    assert after.loc[is_earlier, "note"].str.contains("Omgerekend met factor 1,250: Andere vragenlijst.").all()
    check_comparable(indicator, 2018, 2021)


PLAN = """\
designs:
  proef:
    indicator: woninginbraak
    primary: false
    method: before_after
    unit: parkstad
    comparison: PV31-rest
    pre: [2012, 2018]
    minimum_pre_years: 6
    declared_on: 2026-11-24
    reason: Proef.
"""


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(ROOT / "data" / "indicators", tmp_path / "indicators"))
    path = folder / "3-veiligheid.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count("{year: 2020, kind: circumstance") == 1
    path.write_text(text.replace("{year: 2020, kind: circumstance", "{year: 2020, kind: method"), encoding="utf-8")
    return folder


def test_a_design_over_a_break_is_refused(register: Path):
    (register / "plan.yml").write_text(PLAN, encoding="utf-8")
    with pytest.raises(InputError, match=r"designs\.proef\.pre.*window.*break of 2020 \(method\)"):
        load_designs(folder=register)


def test_a_design_that_ends_before_the_break_is_allowed(register: Path):
    (register / "plan.yml").write_text(
        PLAN.replace("    minimum_pre", "    last: 2019\n    minimum_pre"), encoding="utf-8"
    )
    assert load_designs(folder=register)["proef"].last == 2019


def test_a_modelled_indicator_is_no_outcome_of_an_effect(register: Path):
    plan = PLAN.replace("woninginbraak", "leefbaarometer")
    (register / "plan.yml").write_text(plan, encoding="utf-8")
    with pytest.raises(InputError, match="a method that leefbaarometer allows: describe"):
        load_designs(folder=register)
