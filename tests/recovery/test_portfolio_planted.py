"""Effects planted in the real figures of all municipalities, the deals permuted over the regions, are found again."""

from dataclasses import replace

import pytest

from evaluation.analysis.portfolio.arrays import arrays_of
from evaluation.analysis.portfolio.permutation import reference
from evaluation.analysis.portfolio.planted_study import read_planted_study
from evaluation.analysis.portfolio.pooled import Portfolio, open_pool
from evaluation.inputs.portfolio_plan import load_portfolio_plan
from studies.portfolio_study import DRAWS, SHAPES, run_portfolio_study

LARGEST = {"woninginbraak": 14.0, "vernieling": 7.0, "verkoopprijs": 2.5}
"""Detectable effects in percent, at most."""


@pytest.fixture(scope="module")
def kept():
    return read_planted_study().set_index(["outcome", "estimator", "shape", "effect"]).sort_index()


def test_the_kept_study_has_every_case_of_every_headline_with_enough_draws(kept):
    cases = {(shape, effect) for shape in SHAPES for effect in (5, 10)} | {("none", 0)}
    headline = {name for name, outcome in load_portfolio_plan().outcomes.items() if outcome.headline}
    assert set(kept.index.get_level_values("outcome")) == headline
    for outcome in headline:
        for estimator in ("saturated", "two-way"):
            assert set(kept.loc[(outcome, estimator)].index) == cases
    assert (kept["draws"] == DRAWS).all()
    assert DRAWS >= 500


def test_the_declared_interval_covers_what_was_planted(kept):
    declared = kept.xs("saturated", level="estimator")
    assert declared["coverage"].between(0.93, 0.97).all(), declared["coverage"]
    assert (declared["bias"].abs() < 4 * declared["bias_error"] + 0.1).all()


def test_two_way_effects_are_biased_where_effects_grow(kept):
    growing = kept.xs(("two-way", "dynamic", 10), level=("estimator", "shape", "effect"))
    assert (growing["bias"].abs() > 5 * growing["bias_error"]).all()
    own = kept.xs(("saturated", "dynamic", 10), level=("estimator", "shape", "effect"))
    assert (growing["bias"].abs() > 5 * own["bias"].abs()).all()


@pytest.fixture(scope="module")
def pool():
    return open_pool()


def test_a_short_study_gives_what_the_whole_gives(kept, pool):
    """Prices, of which a draw costs a millisecond: 200 draws, within what so many draws can tell."""
    fewer = replace(pool, plan=pool.plan.model_copy(update={"permutations": 999}))
    found = run_portfolio_study(fewer, draws=200, outcomes=("verkoopprijs",))
    found = found.set_index(["outcome", "estimator", "shape", "effect"])
    declared = found.xs("saturated", level="estimator")
    assert declared["coverage"].between(0.89, 0.99).all()  # 95% of 200: outside once in a thousand
    beside = kept.loc[found.index]
    allowed = 4 * found["bias_error"] + 0.05
    assert ((found["bias"] - beside["bias"]).abs() < allowed).all()


def detectable(pool: Portfolio, name: str, draws: int) -> float:
    arrays = arrays_of(pool.frame(name), pool.outcome(name), years=pool.years)
    return float(pool.scale(name).size(reference(arrays, draws=draws, seed=pool.plan.seed).detectable))


@pytest.mark.parametrize(("name", "largest"), LARGEST.items())
def test_what_can_be_seen_is_small_enough_to_tell(pool, name, largest):
    """With few permutations, so with a limit that is off by some 5%."""
    assert 0 < detectable(pool, name, 399) <= 1.05 * largest


@pytest.mark.slow
@pytest.mark.parametrize(("name", "largest"), LARGEST.items())
def test_what_can_be_seen_with_the_declared_permutations_is_small_enough(pool, name, largest):
    assert 0 < detectable(pool, name, load_portfolio_plan().permutations) <= largest


@pytest.mark.slow
def test_the_kept_study_is_what_the_study_makes(kept, pool):
    found = run_portfolio_study(pool).set_index(["outcome", "estimator", "shape", "effect"])
    assert found["coverage"].to_numpy() == pytest.approx(kept["coverage"].to_numpy(), abs=0.005)
