"""Each check passes, fails and is silent where it should; it never answers with what it cannot know."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evaluation.analysis.effects.comparison import Comparison, compare_partition, without_periods
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import EventStudy, difference_in_differences, regional_event_study
from evaluation.analysis.effects.examined import examine
from evaluation.analysis.effects.honest_did import honest_did, smoothness_bounds
from evaluation.analysis.effects.pre_period import check_fit, check_in_time, check_pre_trend
from evaluation.analysis.effects.sensitivity import (
    check_donor_pools,
    check_honest,
    check_leave_one_out,
    check_neighbours_out,
    check_regression_to_mean,
    check_without_periods,
)
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did
from studies.segmented_regression import own_trend_deviation

YEARS = tuple(range(2010, 2024))
N_PRE = 9


def made(seed: int = 3, regions: int = 40, **changes) -> Comparison:
    """Regions with noise only; `changes` maps `rowN` to what is added to that row in all 14 years."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 2, (regions, 1))
    level[0] = 0.0
    series = 20 + level - 0.3 * np.arange(14) + rng.normal(0, 0.3, (regions, 14))
    for name, course in changes.items():
        series[int(name.removeprefix("row"))] += course
    return compare_partition(series, n_pre=N_PRE, periods=YEARS, names=[f"regio {i}" for i in range(regions)])


def after(size: float, start: int = N_PRE) -> np.ndarray:
    return np.where(np.arange(14) >= start, size, 0.0)


EFFECT = after(-3.0)


def study(comparison: Comparison) -> EventStudy:
    return regional_event_study(difference_in_differences(comparison).gap, periods=YEARS, reference=2018)


def test_pre_trend():
    assert check_pre_trend(study(made(row0=EFFECT))).passed is True
    drifting = check_pre_trend(study(made(row0=0.5 * np.arange(14))))
    assert drifting.passed is False and drifting.sentence.startswith("Al vóór de start")
    assert [row[0] for row in drifting.rows] == [year for year in YEARS if year != 2018]
    assert drifting.series[0].low[0] < drifting.series[0].values[0] < drifting.series[0].high[0]
    silent = check_pre_trend(replace(study(made()), joint_pre_p=None))
    assert silent.passed is None
    assert check_pre_trend(replace(study(made()), p_attainable=0.2)).passed is None


def test_fit():
    assert check_fit(examine(made(row0=EFFECT), synthetic_did)).passed is True
    wild = np.array([4.0, -4.0] * 7)
    found = check_fit(examine(made(row0=wild), synthetic_did))
    assert found.passed is False and "veel slechter" in found.sentence
    assert found.rows[0][1] > found.rows[2][1] == 2 * found.rows[1][1]


def test_in_time():
    assert check_in_time(examine(made(seed=5, row0=EFFECT), synthetic_did)).passed is True
    early = check_in_time(examine(made(row0=after(-3.0, start=6)), synthetic_did))
    assert early.passed is False and "start in 2016" in early.sentence
    assert max(early.series[0].x) == 2018
    assert check_in_time(examine(without_periods(made(), YEARS[:6]), synthetic_did)).passed is None
    assert check_in_time(examine(made(regions=8), difference_in_differences)).passed is None


def test_leave_one_out():
    steady = check_leave_one_out(examine(made(row0=EFFECT), synthetic_control))
    assert steady.passed is True and len(steady.rows) == len(steady.series[0].values) > 2
    assert steady.sentence.endswith("De afwijking blijft.")
    assert check_leave_one_out(examine(made(), own_trend_deviation)).passed is None


def test_leave_one_out_finds_a_deviation_that_rests_on_one_donor():
    """The treated region follows region 5 alone before the start, and region 5 rises after it."""
    wave = 3.0 * (-1) ** np.arange(14)
    comparison = made(row0=wave, row5=wave + after(4.0))
    examined = examine(comparison, synthetic_control)
    assert examined.deviates and examined.found.unit_weights[0, 4] > 0.8
    found = check_leave_one_out(examined)
    assert found.passed is False and found.sentence.endswith("De afwijking blijft niet.")
    assert {row[0]: row[2] for row in found.rows}["zonder regio 5"] is False


def test_leave_one_out_equals_estimating_again():
    comparison = made(row0=EFFECT)
    examined = examine(comparison, synthetic_did)
    name, value, _ = check_leave_one_out(examined).rows[0]
    left_out = comparison.donor_names.index(name.removeprefix("zonder "))
    available = comparison.available.copy()
    available[:, left_out] = False
    assert synthetic_did(replace(comparison, available=available)).effect[0] == pytest.approx(value, abs=1e-7)


def test_neighbours_out():
    bordering = np.zeros(40, dtype=bool)
    bordering[[2, 9]] = True
    options = {"bordering_donors": bordering[1:], "bordering_regions": bordering}
    found = check_neighbours_out(examine(made(row0=EFFECT), synthetic_did), **options)
    assert found.passed is True and found.rows[1][5] == pytest.approx(1 / 38)
    everyone = np.ones(40, dtype=bool)
    none_left = check_neighbours_out(
        examine(made(row0=EFFECT), synthetic_did), bordering_donors=everyone[1:], bordering_regions=everyone
    )
    assert none_left.passed is None and "te weinig regio's" in none_left.rows[1][0]


def test_without_covid_years():
    steady = check_without_periods(examine(made(row0=EFFECT), synthetic_did))
    assert steady.passed is True and steady.sentence == "De afwijking blijft zonder 2020-2021."
    shock = np.where(np.isin(YEARS, (2020, 2021)), -5.0, 0.0)
    found = check_without_periods(examine(made(row0=shock), synthetic_did))
    assert found.passed is False and [row[6] for row in found.rows] == [True, False]


def test_other_pools():
    odd = np.arange(39) % 2 == 1
    examined = examine(made(row0=EFFECT), difference_in_differences)
    found = check_donor_pools(examined, {"grote regio's": odd, "kleine regio's": ~odd})
    assert found.passed is True and [row[0] for row in found.rows] == [
        "zoals gekozen",
        "grote regio's",
        "kleine regio's",
    ]
    empty = check_donor_pools(examined, {"geen": np.zeros(39, dtype=bool), "oneven": odd})
    assert empty.passed is None and empty.rows[1][1] is None
    assert check_donor_pools(examined, {}).passed is None


@pytest.mark.parametrize("statistic", ["studentised", "effect"])
def test_nothing_is_confirmed_where_nothing_deviates(statistic):
    """Twice nothing found is no check that passed: each says that there is nothing to check."""
    examined = examine(made(), difference_in_differences, statistic=statistic)
    assert examined.deviates is False
    bordering = np.arange(40) == 2
    found = [
        check_leave_one_out(examined),
        check_neighbours_out(examined, bordering_donors=bordering[1:], bordering_regions=bordering),
        check_without_periods(examined),
        check_donor_pools(examined, {"oneven": np.arange(39) % 2 == 1}),
        check_regression_to_mean(examined),
        check_honest(honest_did(study(made()), bends=[0.0]), plausible_bend=0.1),
    ]
    for check in found:
        assert check.passed is None and "geen afwijking waarvan dit te controleren valt" in check.sentence, check.name


def test_regions_of_the_same_start_level():
    examined = examine(made(row0=EFFECT), difference_in_differences)
    found = check_regression_to_mean(examined)
    level = examined.comparison.series[:, :N_PRE].mean(axis=1)
    near = np.abs(level - level[0]) <= 0.5 * level.std()
    assert found.passed is True and len(found.rows) == near.sum()
    assert check_regression_to_mean(examine(made(), difference_in_differences)).passed is None
    alone = check_regression_to_mean(examine(made(row0=EFFECT + 30), difference_in_differences))
    assert alone.passed is None and "niet te onderscheiden" in alone.sentence


def test_few_regions_can_neither_confirm_nor_contradict():
    examined = examine(made(regions=9, row0=EFFECT), difference_in_differences)
    assert examined.deviates is None
    assert check_without_periods(examined).passed is None
    assert check_leave_one_out(examined).passed is None


def test_honest_check_against_what_the_plan_holds_possible():
    result = honest_did(study(made(row0=EFFECT)), bends=[0.0, 0.1])
    assert result.breakdown > 0.1
    assert check_honest(result, plausible_bend=0.1).passed is True
    assert check_honest(result, plausible_bend=result.breakdown + 0.1).passed is False
    assert check_honest(result, plausible_bend=None).passed is None
    nothing = honest_did(study(made()), bends=[0.0])
    assert nothing.breakdown == 0.0 and check_honest(nothing, plausible_bend=0.1).passed is None


def test_intervals_widen_with_the_bend_and_the_breakdown_is_where_zero_comes_in():
    covariance = np.diag([0.04] * 6) + 0.02
    result = smoothness_bounds([0.1, -0.1, 0.0, 0.05, 1.5, 1.6], covariance, n_pre=4, bends=[0.0, 0.1, 0.2, 0.4])
    widths = [i.high - i.low for i in result.intervals]
    assert widths == sorted(widths)
    just_before, at = smoothness_bounds(
        [0.1, -0.1, 0.0, 0.05, 1.5, 1.6], covariance, n_pre=4, bends=[result.breakdown * 0.99, result.breakdown]
    ).intervals
    assert just_before.low > 0 >= at.low


def test_one_coefficient_before_leaves_no_choice():
    """theta = b1 + b(-1): the only combination that a straight line does not move; variance of the sum, bias M."""
    interval = smoothness_bounds([0.2, 1.0], np.diag([0.09, 0.16]), n_pre=1, bends=[0.3]).intervals[0]
    half = 0.5 * stats.foldnorm.ppf(0.95, 0.6)
    assert (interval.low, interval.high) == pytest.approx((1.2 - half, 1.2 + half))


@pytest.mark.parametrize("n_pre", [0, 2])
def test_bounds_without_a_before_or_an_after(n_pre):
    with pytest.raises(CannotEstimate, match="vóór of na de start"):
        smoothness_bounds([0.1, 0.2], np.eye(2), n_pre=n_pre, bends=[0.0])


def without_year(year: int) -> EventStudy:
    place = YEARS.index(year)
    gap = np.delete(difference_in_differences(made()).gap, place, axis=1)
    return regional_event_study(gap, periods=YEARS[:place] + YEARS[place + 1 :], reference=2018)


def test_bounds_over_a_year_that_is_left_out_after_the_start():
    """Trends may bend in it as well: the same interval as with that year and no weight on it."""
    whole = study(made())
    with_it = smoothness_bounds(
        whole.coefficients, whole.covariance, n_pre=8, bends=[0.0, 0.2], post_weights=[0.0, *[0.25] * 4]
    )
    without_it = honest_did(without_year(2019), bends=[0.0, 0.2])
    for first, second in zip(with_it.intervals, without_it.intervals, strict=True):
        assert (first.low, first.high) == pytest.approx((second.low, second.high), abs=1e-9)


def test_no_bounds_over_a_year_that_is_missing_before_the_start():
    with pytest.raises(CannotEstimate, match="ontbreken"):
        honest_did(without_year(2014), bends=[0.0])
