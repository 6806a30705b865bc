"""Effects planted in the real figures of all municipalities, the deals permuted over the regions, are found again."""

import pytest

from evaluation.analysis.portfolio.planted_study import read_planted_study
from evaluation.analysis.portfolio.pooled import open_pool
from studies.portfolio_study import DRAWS, SHAPES, run_portfolio_study


@pytest.fixture(scope="module")
def kept():
    return read_planted_study().set_index(["outcome", "estimator", "shape", "effect"]).sort_index()


def test_the_kept_study_has_every_case_with_enough_draws(kept):
    cases = {(shape, effect) for shape in SHAPES for effect in (5, 10)} | {("none", 0)}
    for outcome in ("woninginbraak", "vernieling", "verkoopprijs"):
        for estimator in ("saturated", "two-way"):
            assert set(kept.loc[(outcome, estimator)].index) == cases
    assert (kept["draws"] == DRAWS).all()


def test_the_declared_interval_covers_what_was_planted(kept):
    declared = kept.xs("saturated", level="estimator")
    chance = 2 * (0.97 * 0.03 / DRAWS) ** 0.5  # what 500 draws leave open
    assert declared["coverage"].between(0.93 - chance, 0.97 + chance).all(), declared["coverage"]
    assert declared["coverage"].groupby("outcome").mean().mean() == pytest.approx(0.95, abs=0.02)
    assert (declared["bias"].abs() < 4 * declared["bias_error"] + 0.1).all()


def test_two_way_effects_are_biased_where_effects_grow(kept):
    growing = kept.xs(("two-way", "dynamic", 10), level=("estimator", "shape", "effect"))
    assert (growing["bias"].abs() > 5 * growing["bias_error"]).all()
    own = kept.xs(("saturated", "dynamic", 10), level=("estimator", "shape", "effect"))
    assert (growing["bias"].abs() > 5 * own["bias"].abs()).all()


def test_a_short_study_gives_what_the_whole_gives(kept):
    """Prices, of which a draw costs some milliseconds: 60 draws, within what so many draws can tell."""
    found = run_portfolio_study(open_pool(), draws=60, outcomes=("verkoopprijs",))
    found = found.set_index(["outcome", "estimator", "shape", "effect"])
    declared = found.xs("saturated", level="estimator")
    assert declared["coverage"].min() >= 0.85  # 95% of 60: below 52 once in a thousand
    beside = kept.loc[found.index]
    allowed = 4 * found["bias_error"] + 0.05
    assert ((found["bias"] - beside["bias"]).abs() < allowed).all()


@pytest.mark.slow
def test_the_kept_study_is_what_the_study_makes(kept):
    found = run_portfolio_study(open_pool()).set_index(["outcome", "estimator", "shape", "effect"])
    assert found["coverage"].to_numpy() == pytest.approx(kept["coverage"].to_numpy(), abs=0.005)
