"""The numbers of the final evaluation that an evaluator argues about are computed in the cell that shows them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.desk.estimators import (
    ancova,
    difference_in_differences,
    synthetic_control,
    synthetic_did,
    trend_deviation,
)
from evaluation.chapters.desk.year import Year
from evaluation.chapters.report.evaluation import judged_designs
from evaluation.chapters.steps.effects import estimate_results
from evaluation.present.results import Result
from tests.cells import run_cells

EFFECTS = {"e2-wonen-en-leefbaarheid": ("verkoopprijs-regio", "e2"), "e3-veiligheid": ("woninginbraak-regio", "e3")}
HEADLINES = {
    "fig-effect": ("gap", "placebo_low", "placebo_high"),
    "fig-toeval": ("deviation", "rank", "p_value", "p_attainable"),
    "tbl-schatting": ("deviation", "ci_low", "ci_high", "mde", "rank", "p_adjusted", "n_placebo"),
}
"""Cell to what it records of the effect; the last year of the gap and its spread count."""


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2022, is_final=True)


def recorded(context: Context, notebook: str, ending: str) -> dict[str, dict[str, Result]]:
    cells = [f"{cell}-{ending}" for cell in ("tbl-groep", *HEADLINES)]
    shown = run_cells(notebook, context, *cells)
    return {name.removesuffix(f"-{ending}"): {r.result_id: r for r in item.results} for name, item in shown.items()}


@pytest.mark.parametrize(("notebook", "design", "ending"), [(n, *found) for n, found in EFFECTS.items()])
def test_the_cells_compute_what_the_package_judged(context: Context, notebook: str, design: str, ending: str):
    judged = judged_designs(context.deal.id)[design]
    known = {number.result_id: number for number in estimate_results(context, judged)}
    found = recorded(context, notebook, ending)
    for cell, measures in HEADLINES.items():
        numbers = found[cell]
        assert {number.measure for number in numbers.values()} == set(measures)
        for identity, number in numbers.items():
            assert number.value == pytest.approx(known[identity].value, rel=1e-9), identity
            same = ("unit_of_measure", "chain", "source", "vintage", "unit", "period")
            assert all(getattr(number, name) == getattr(known[identity], name) for name in same), identity
    years = {number.period for number in found["fig-effect"].values()}
    assert years == {str(year) for year in judged.examined.comparison.periods}


def test_another_pool_gives_another_rank_and_p(context: Context, monkeypatch: pytest.MonkeyPatch):
    pool = Year(context).pool("woninginbraak-regio")
    pool.loc[2020:, "Parkstad"] -= 200  # far beyond any other region: the only one that deviates so much
    monkeypatch.setattr(Year, "pool", lambda *_: pool)
    cell = recorded(context, "e3-veiligheid", "e3")["fig-toeval"]
    values = {number.measure: number.value for number in cell.values()}
    assert values["p_value"] == pytest.approx(1 / pool.shape[1]) and values["deviation"] < -85


def test_the_general_chapter_computes_the_main_question_or_says_that_it_cannot(context: Context):
    cells = ("tbl-eind-groep", "fig-eind-effect", "fig-eind-toeval", "tbl-eind-schatting")
    shown = run_cells("e-thema", context, *cells, theme=3)
    judged = judged_designs(context.deal.id)["woninginbraak-regio"]
    known = {number.result_id: number.value for number in estimate_results(context, judged)}
    numbers = {number.result_id: number.value for item in shown.values() for number in item.results}
    assert len(numbers) > 30 and numbers == pytest.approx({name: known[name] for name in numbers}, rel=1e-9)
    without = run_cells("e-thema", context, *cells, theme=5)
    told = [item.bundle["text/plain"] for item in without.values()]
    assert "geen schatting" in told[0] and not any(item.results for item in without.values())
    assert len(told) == len(cells) and all(words.count(".") == 1 for words in told), "a sentence in the place of each"


def test_every_estimator_is_called_by_its_name_on_the_pool(context: Context):
    year = Year(context)
    plan = year.plan["woninginbraak-regio"]
    pool = year.pool(plan)
    plain = plan.model_copy(update={"statistic": "effect"})  # of synthetic control no ratio exists here
    for method, estimator in (
        ("sdid", synthetic_did), ("sc", synthetic_control), ("did", difference_in_differences),
        ("its", trend_deviation), ("ancova", ancova),
    ):  # fmt: skip
        found = estimator(pool, plain)
        told = 100 * (math.exp(found.effect[pool.columns[0]] / 100) - 1)
        if method != "sc":
            assert told == pytest.approx(year.estimate(plan, method).value, rel=1e-9)
        assert found.weights.sum(axis=1).to_numpy() == pytest.approx(1.0)
        assert found.gap.loc[2019:].mean()[pool.columns[0]] == pytest.approx(found.effect.iloc[0])
    with pytest.raises(UsageError, match="minstens 3 nodig"):
        synthetic_did(pool.loc[2017:], plan)


def test_money_of_the_last_chapter_is_computed_from_the_records(context: Context):
    shown = run_cells("e7-doelmatigheid", context, "tbl-geld-e7", "tbl-kosten-e7", "tbl-anderen-e7", "tbl-hefboom-e7")
    numbers = {n.result_id: n for item in shown.values() for n in item.results}
    homes = {n.measure: n for n in numbers.values() if n.indicator == "woningen-inponden"}
    programme = context.programme
    mine = programme.outputs.loc[programme.outputs["target"] == "woningen-inponden"]
    paid = programme.payments.query("kind == 'payment' and source in ('Rijk', 'Provincie', 'gemeenten')")
    paid = paid.loc[paid["project_id"].isin(mine["project_id"]), "amount_eur"].sum()
    assert homes["per_unit"].value == pytest.approx(paid / mine["quantity"].sum())
    kinds = {n.measure: (n.unit_of_measure, n.chain, n.status) for n in homes.values()}
    assert kinds == {
        "paid": ("EUR", "input", "example"), "corporations_paid": ("EUR", "input", "example"),
        "per_unit": ("EUR", "output", "example"), "projects": ("count", "process", "example"),
        "shared_projects": ("count", "process", "example"),
    }  # fmt: skip
    leverage = numbers["programma.hefboom.programma.2022.leverage_rijk"]
    assert (leverage.value, leverage.status, leverage.unit_of_measure) == (None, "withheld", "ratio")
    others = {n.theme: n for n in numbers.values() if n.measure == "cofinancing_paid"}
    assert others["1"].value == context.money.by_theme.at[1, "cofinancing_paid_eur"] == 255_000
    assert (others["2"].value, others["2"].status, others["programma"].value) == (None, "withheld", None)
    assert numbers["programma.geld.totaal.2022.paid"].value == context.money.total["paid_eur"]


def test_a_pool_that_cannot_be_estimated_says_what_to_show(context: Context, monkeypatch: pytest.MonkeyPatch):
    refused = replace(judged_designs(context.deal.id)["woninginbraak-regio"], examined=None)
    monkeypatch.setattr(Year, "estimated", lambda *_: refused)
    with pytest.raises(UsageError, match=r"cannot be estimated: .* Show effect_text"):
        Year(context).pool("woninginbraak-regio")
