"""A halving reads -50%: in the text, the tables, the checks, the figure, results.csv and the numbers on the desk."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from evaluation.analysis import estimation
from evaluation.analysis.estimation import MUNICIPAL, Estimated, estimate_designs
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.desk import effect_numbers, year
from evaluation.chapters.desk.year import Year
from evaluation.chapters.steps import effects, evidence
from evaluation.inputs.indicators import load_designs, load_indicators
from tests.cells import run_cells

INDICATORS = load_indicators()
PLANNED = load_designs()["woninginbraak-regio"]
NOISE = dict(zip(range(2012, 2026), [1, -1, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1, 0], strict=True))
"""Without a mean before and after the start: a region that moves by it alone changes as much as any other."""


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2022, is_final=True)


@pytest.fixture(scope="module")
def halved(context: Context) -> Estimated:
    """All regions fall by 5% a year at their own level, with noise that cancels out; Parkstad halves from 2019 on."""
    build = estimation.build_panel

    def made(deal, **options) -> pd.DataFrame:
        panel = build(deal, **options)
        if "groups" not in options:
            return panel
        own = {deal.region.unit_id, *(item.code for item in deal.region.municipalities)}
        units = {unit: place for place, unit in enumerate(sorted(set(panel["unit"])))}
        place, years = panel["unit"].map(units), panel["period"]
        percent = -5 * (years - 2012) + (1 + place % 11) * years.map(NOISE)
        value = (3 + place % 17) * 2.718281828459045 ** (percent / 100)
        return panel.assign(value=value.where(~panel["unit"].isin(own) | (years <= 2018), value / 2), status="final")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimation, "build_panel", made)
        design = PLANNED.model_copy(update={"robustness": (), "after_term": None})
        return estimate_designs(context.deal, [design], INDICATORS)[design.id]


@pytest.fixture
def on_desk(halved: Estimated, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (year, effect_numbers):
        monkeypatch.setattr(module, "judged_designs", lambda _: {halved.design.id: halved})
    return


def test_the_estimate_and_all_that_stands_beside_it(halved: Estimated):
    estimate = halved.estimate
    assert estimate.value == pytest.approx(-50.0) and estimate.rank == 1
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx((-50.0, -50.0))
    assert halved.others["did"].value == pytest.approx(-50.0)
    assert halved.others[MUNICIPAL].value == pytest.approx(-50.0)
    assert list(halved.municipal.values()) == pytest.approx([-50.0] * 7)


def test_the_text_says_fifty_percent_lower(context: Context, halved: Estimated):
    text = effects.effect_text(context, halved)
    assert "lag Parkstad gemiddeld 50,0 procent lager" in text and "69" not in text
    assert "dit verschil 1 van 41" in text


def test_tables_and_checks_read_fifty(context: Context, halved: Estimated):
    shown = [effects.show_designs(context, [halved]), evidence.show_ways(context, [halved])]
    for display in shown:
        assert "−50,0" in display.bundle["text/markdown"] and "69,3" not in display.bundle["text/markdown"]
    variants = [row for check in halved.checks for row in check.rows if check.columns[:1] == ("Variant",)]
    after = [row[1] for row in variants if isinstance(row[1], float) and "start" not in row[0]]
    assert len(after) > 5 and after == pytest.approx([-50.0] * len(after))


def test_results_csv_has_percents_in_every_year(context: Context, halved: Estimated):
    numbers = effects.estimate_results(context, halved)
    told = {(number.measure, number.period): number for number in numbers}
    assert told["deviation", "2022"].value == pytest.approx(-50.0)
    sizes = ("deviation", "ci_low", "ci_high", "std_error", "mde", "gap", "placebo_low", "placebo_high")
    assert {number.unit_of_measure for number in numbers if number.measure in sizes} == {"pct"}
    after = [number.value for (measure, period), number in told.items() if measure == "gap" and period > "2018"]
    assert len(after) == 3 and all(-65 < value < -35 for value in after)


@pytest.mark.usefixtures("on_desk")
def test_the_figure_and_the_tables_of_the_notebook_read_fifty(context: Context):
    cells = ("tbl-groep-e3", "fig-effect-e3", "fig-toeval-e3", "tbl-schatting-e3")
    shown = run_cells("e3-veiligheid", context, *cells)
    figure = shown["fig-effect-e3"].bundle["text/html"]
    assert "gemiddeld −50,0% van zijn vergelijking" in figure
    for name in ("fig-toeval-e3", "tbl-schatting-e3"):
        values = {number.measure: number.value for number in shown[name].results}
        assert values["deviation"] == pytest.approx(-50.0) and values["rank"] == 1
    gaps = [n.value for n in shown["fig-effect-e3"].results if n.measure == "gap" and n.period > "2018"]
    known = effects.estimate_results(context, Year(context).estimated(PLANNED.id))
    assert gaps == pytest.approx([n.value for n in known if n.measure == "gap" and n.period > "2018"])
