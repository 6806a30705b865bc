"""Inference by placebo regions: what can be shown with how many; the treated region is no part of the yardstick."""

import numpy as np
import pytest

from evaluation.analysis.effects.ancova import ancova
from evaluation.analysis.effects.before_after import trend_deviation
from evaluation.analysis.effects.comparison import Counterfactual, compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.placebo import (
    critical_value,
    detectable_effect,
    estimate_with_placebos,
    permutation_p,
    placebo_inference,
    placebo_interval,
    scales_of,
    smallest_p,
)
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did
from studies.segmented_regression import own_trend_deviation
from studies.two_way_fixed_effects import event_study_effects

ESTIMATORS = [
    *(difference_in_differences, synthetic_did, trend_deviation, ancova),
    *(event_study_effects, own_trend_deviation),
]
YEARS = range(2010, 2022)


def regions(count: int = 40, effect: float = 0.0, seed: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    series = 20 + rng.normal(0, 2, (count, 1)) - 0.3 * np.arange(12) + rng.normal(0, 0.4, (count, 12))
    series[0, 8:] += effect
    return series


def compare(series: np.ndarray):
    return compare_partition(series, n_pre=8, periods=YEARS, names=[str(i) for i in range(series.shape[-2])])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_effect_moves_its_estimate_by_as_much_and_no_placebo(estimator):
    """On this rests the interval by inversion."""
    without, with_effect = estimator(compare(regions())).effect, estimator(compare(regions(effect=-1.3))).effect
    assert with_effect[0] - without[0] == pytest.approx(-1.3, abs=1e-9)
    assert with_effect[1:] == pytest.approx(without[1:], abs=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_several_outcomes_at_once_are_the_same_as_one_by_one(estimator):
    together = estimator(compare(np.stack([regions(), regions(seed=7)])))
    for i, seed in enumerate((6, 7)):
        alone = estimator(compare(regions(seed=seed)))
        assert together.effect[i] == pytest.approx(alone.effect, abs=1e-9)
        assert together.gap[i] == pytest.approx(alone.gap, abs=1e-9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_effect_is_the_mean_gap_after_the_start(estimator):
    found = estimator(compare(regions(effect=0.7)))
    assert found.gap[:, 8:].mean(axis=1) == pytest.approx(found.effect, abs=1e-12)
    assert found.pre_rmspe.shape == (40,) and (found.pre_rmspe > 0).all()


@pytest.mark.parametrize("estimator", [synthetic_control, synthetic_did])
def test_a_region_that_mixes_others_is_found_without_error(estimator):
    """Effect -2 on a region that is half of one and half of another, without noise of its own."""
    series = regions()
    series[0] = (series[1] + series[2]) / 2
    series[0, 8:] -= 2.0
    assert estimator(compare(series)).effect[0] == pytest.approx(
        -2.0, abs=0.01 if estimator is synthetic_control else 0.5
    )


def test_p_counts_the_region_itself():
    placebos = np.array([0.5, -2.0, 1.0, 3.0])
    assert permutation_p(np.array(-2.0), placebos) == 3 / 5
    assert permutation_p(np.array(9.0), placebos) == smallest_p(4) == 0.2


def test_the_interval_is_what_the_test_does_not_reject():
    """By trying effects one by one: inside p > 5%, outside not."""
    placebos, effect = np.random.default_rng(2).normal(0.2, 1, 39), 1.4
    low, high = placebo_interval(np.array(effect), placebos)
    for tried in np.linspace(-3, 6, 400):
        is_kept = permutation_p(np.array(effect - tried), placebos) > 0.05
        assert is_kept == (low < tried < high)


@pytest.mark.parametrize(("count", "rank"), [(19, 1), (38, 1), (39, 2), (59, 3), (199, 10)])
def test_the_limit_is_the_mth_largest(count, rank):
    placebos = np.random.default_rng(3).normal(0, 1, count)
    assert critical_value(placebos) == np.sort(np.abs(placebos))[-rank]


def test_with_few_regions_no_interval_exists():
    assert placebo_interval(np.array(1.0), np.ones(18)) == (-np.inf, np.inf)
    estimate, _ = estimate_with_placebos(
        compare(regions(count=11)), difference_in_differences, estimand="proef", method_name="DiD"
    )
    assert estimate.ci_low is None and estimate.ci_high is None
    assert estimate.p_attainable == pytest.approx(1 / 11)
    assert "niet te geven" in estimate.inference


def share_seen(size: float, effects: np.ndarray, scales: np.ndarray) -> float:
    """Shift each placebo region up and down by `size`, and test it among the others by counting, one by one.

    As the treated region is: rejected where fewer others are as large than may be, of it and all of them together.
    """
    seen, allowed = [], int(np.floor(0.05 * (len(effects) + 1) + 1e-9))
    for place, (effect, scale) in enumerate(zip(effects, scales, strict=True)):
        others = np.delete(effects / scales, place)
        for sign in (-1, 1):
            shifted = (effect + sign * size) / scale
            seen.append((np.abs(others) >= abs(shifted)).sum() < allowed and shifted * sign > 0)
    return float(np.mean(seen))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("statistic", ["studentised", "effect"])
@pytest.mark.parametrize("count", [20, 21, 40, 41])
def test_the_printed_mde_is_the_effect_that_the_test_sees_in_80_percent_of_shifted_placebos(
    estimator, statistic, count
):
    estimate, found = estimate_with_placebos(
        compare(regions(count=count)), estimator, estimand="", method_name="", statistic=statistic
    )
    effects, scales = found.effect[1:], scales_of(found, statistic)[1:]
    assert share_seen(estimate.mde * (1 - 1e-9), effects, scales) < 0.80
    assert share_seen(estimate.mde * (1 + 1e-9), effects, scales) >= 0.80
    for more in (1.1, 1.7, 10.0):
        assert share_seen(estimate.mde * more, effects, scales) >= 0.80


@pytest.mark.parametrize("count", [19, 39, 40, 59])
def test_the_mde_is_of_the_test_that_the_treated_region_gets(count):
    """An effect put on the treated region is seen from that test's limit on, whatever 5% of one region fewer is."""
    effects = np.random.default_rng(count).normal(0, 1, count)
    limit = float(critical_value(effects))
    inside = np.abs(effects) < limit
    own = np.where(inside, limit, -np.partition(-np.abs(effects), _rank(count))[_rank(count)])
    seen_from = np.sort(np.concatenate([own - effects, own + effects]))
    assert detectable_effect(effects) == pytest.approx(max(seen_from[int(np.ceil(0.8 * 2 * count)) - 1], 0.0))
    for size, is_seen in ((limit * (1 + 1e-9), True), (limit * (1 - 1e-9), False)):
        assert (placebo_inference(np.concatenate([[size], effects])).p_value <= 0.05) == is_seen


def _rank(count: int) -> int:
    return (count + 1) // 20


def test_the_mde_knows_only_placebo_regions_and_counts_heavy_tails():
    """The same whatever happened in the treated region; 2,80 standard deviations would promise too much."""
    mde = {
        float(placebo_inference(synthetic_did(compare(regions(effect=effect))).effect).mde) for effect in (0.0, -50.0)
    }
    assert len(mde) == 1
    heavy = np.random.default_rng(5).standard_t(2.5, 40)
    assert detectable_effect(heavy) > 2.8 * heavy.std()
    assert detectable_effect(heavy[:18]) == np.inf  # 19 regions with the treated one can reject nothing at 5%
    assert detectable_effect(np.stack([heavy, 2 * heavy])) == pytest.approx(
        np.array([1.0, 2.0]) * detectable_effect(heavy)
    )


def test_studentised_effects_rank_by_how_well_a_region_was_followed():
    """A region that is followed badly deviates most, and no longer sets the limit for the others."""
    series = regions(effect=-3.0)
    series[7] += [6.0, -6.0] * 4 + [6.0] * 4
    plain, ratio = (
        estimate_with_placebos(
            compare(series), difference_in_differences, estimand="", method_name="", statistic=statistic
        )[0]
        for statistic in ("effect", "studentised")
    )
    assert plain.value == ratio.value
    assert (plain.rank, ratio.rank) == (2, 1) and ratio.p_value == ratio.p_attainable < plain.p_value
    assert ratio.n_regions == 40 and "gedeeld door die vóór de start" in ratio.inference


def test_the_interval_is_what_the_same_test_does_not_reject():
    """An effect is added to the region and taken away again: inside p > 5%, outside not."""
    series = regions(effect=-0.6)
    estimate, _ = estimate_with_placebos(compare(series), synthetic_did, estimand="", method_name="")
    for tried in np.linspace(-3.0, 2.0, 41):
        moved = series.copy()
        moved[0, 8:] -= tried
        again, _ = estimate_with_placebos(compare(moved), synthetic_did, estimand="", method_name="")
        assert (again.p_value > 0.05) == (estimate.ci_low < tried < estimate.ci_high), tried


def test_equal_deviations_count_as_at_least_as_large_and_are_told():
    effects = np.array([2.0, -2.0, 1.0, 0.5, 3.0])
    found = placebo_inference(effects)
    assert (int(found.rank), int(found.tied), float(found.p_value)) == (3, 1, 0.6)
    comparison = compare(regions())
    twin = Counterfactual(np.array([1.0, 0.2, -1.0, *np.zeros(37)]), np.ones((40, 12)), None, None, 8)
    estimate, _ = estimate_with_placebos(comparison, lambda _: twin, estimand="", method_name="")
    assert estimate.rank == 2 and estimate.warning.startswith("één andere regio week precies even sterk af")


def test_a_region_that_is_followed_to_the_last_digit_gives_no_ratio():
    """More donors than years: weights fit exactly, and what is left is rounding."""
    few = regions()[:, 5:]
    comparison = compare_partition(few, n_pre=3, periods=range(7), names=[str(i) for i in range(40)])
    with pytest.raises(CannotEstimate, match="zonder noemenswaardige afwijking"):
        estimate_with_placebos(comparison, synthetic_control, estimand="", method_name="")
    estimate, _ = estimate_with_placebos(comparison, synthetic_control, estimand="", method_name="", statistic="effect")
    assert estimate.p_value is not None


def test_an_estimate_tells_how_its_uncertainty_was_made():
    estimate, _ = estimate_with_placebos(
        compare(regions(effect=-3.0)), synthetic_did, estimand="proef", method_name="synthetische DiD"
    )
    assert (
        estimate.inference == "synthetische DiD, 39 placeboregio's, afwijking gedeeld door die vóór de start, "
        "95%-interval door omkering van de permutatietoets"
    )
    assert (estimate.n_placebo, estimate.n_pre, estimate.n_post, estimate.warning) == (39, 8, 4, "")
    assert estimate.p_value == estimate.p_attainable == 0.025
    assert estimate.ci_low < -3.0 < estimate.ci_high < 0


def test_one_outcome_at_a_time():
    with pytest.raises(ValueError, match="one outcome"):
        estimate_with_placebos(
            compare(np.stack([regions(), regions()])), difference_in_differences, estimand="", method_name=""
        )
    assert issubclass(CannotEstimate, ValueError)


def test_against_donors_a_common_shock_drops_out():
    series = regions()
    shocked = series.copy()
    shocked[:, 9:11] -= 5.0
    own = [own_trend_deviation(compare(s)).effect[0] for s in (series, shocked)]
    gap = [trend_deviation(compare(s)).effect[0] for s in (series, shocked)]
    assert own[1] - own[0] == pytest.approx(-2.5)
    assert gap[1] - gap[0] == pytest.approx(0.0, abs=1e-9)
