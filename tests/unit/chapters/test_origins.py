"""A computed number names the sources of the figures that went into it, and of no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.analysis.origins import Origin, join_origins
from evaluation.chapters.context import Context, open_context, publisher_of
from evaluation.chapters.steps.comparison import show_plan
from evaluation.chapters.steps.maps import show_map
from evaluation.chapters.steps.standing import show_standing
from evaluation.present.results import Result

MARK, DAY = "Bron X 1", "1999-01-01"
INEXACT = {"deviation", "n_pre", "n_post", "largest_distance_before", "municipalities_above_benchmark"}
"""Measures that may stay the same when one of the figures changes: a count, the largest of several."""


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2021)


def numbers_of(context: Context, indicator: str) -> dict[str, Result]:
    """Return every number that is computed from figures of an indicator, or of another that takes none of them."""
    indicators = [context.indicators[name] for name in (indicator, "werkloosheid")]
    designs = [item for item in context.designs.values() if item.indicator == indicator and not item.has_placebos]
    displays = [
        show_standing(context, indicators),
        show_plan(context, designs),
        *(show_map(context, item, "fig-x") for item in indicators),
    ]
    numbers = [number for display in displays for number in display.results]
    return {item.result_id: item for item in numbers if item.measure != "value"}


@pytest.mark.parametrize(
    ("indicator", "unit", "period"),
    [
        ("verkoopprijs", "parkstad", 2015),
        ("verkoopprijs", "parkstad", 2021),
        ("verkoopprijs", "GM0917", 2015),
        ("verkoopprijs", "GM0917", 2021),
        ("verkoopprijs", "PV31-rest", 2018),
        ("verkoopprijs", "PV31", 2021),
        ("verkoopprijs", "NL01", 2016),
        ("woninginbraak", "parkstad", 2014),
        ("woninginbraak", "PV31-rest", 2020),
        ("arbeidsongeschiktheid", "parkstad", 2020),
    ],
)
def test_what_changes_with_a_figure_names_its_source_and_nothing_else_does(context, indicator, unit, period):
    panel = context.panel
    is_row = (panel["indicator"] == indicator) & (panel["unit"] == unit) & (panel["period"] == period)
    assert is_row.sum() == 1, "a row of the panel"
    changed = panel.assign(value=panel["value"].where(~is_row, panel["value"] * 1.3 + 1))
    changed["source"] = panel["source"].where(~is_row, MARK)
    changed["vintage"] = panel["vintage"].where(~is_row, DAY)
    before, now = (numbers_of(item, indicator) for item in (context, replace(context, panel=changed)))
    assert before.keys() == now.keys()
    differ = {key for key in before if now[key].value != before[key].value and now[key].value is not None}
    named = {key for key, item in now.items() if MARK in item.source}
    assert named == {key for key, item in now.items() if DAY in item.vintage}
    assert differ <= named
    assert {now[key].measure for key in named - differ} <= INEXACT


def test_a_number_into_which_no_figure_went_names_where_it_would_come_from(context):
    indicator = context.indicators["verkoopprijs"]
    nothing = context.origin_of(indicator, ["nowhere"], [1900])
    number = context.computed(indicator, "nowhere", "gap", None, "pct", origin=nothing, status="not established")
    assert (
        nothing == ("", "")
        and number.source == publisher_of(indicator) == "CBS en Kadaster 83625NED"
        and not number.vintage
    )


def test_an_estimate_names_the_years_and_the_kind_of_area_that_went_in():
    origins = (Origin(False, 2015, "A; B", "1; 2"), Origin(False, 2021, "C", "3"), Origin(True, 2015, "D", "4"))
    assert join_origins(origins) == ("A; B; C", "1; 2; 3")
    assert join_origins(origins, years=(2015,)) == ("A; B", "1; 2")
    assert join_origins(origins, municipal=True) == ("D", "4")
    assert join_origins(origins, years=()) == ("", "")
