"""The segmented trend."""

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.analysis.effects.before_after import compare_with_trend
from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate
from studies.segmented_regression import interrupted_time_series, own_trend_deviation


def months(effect: float = 0.0, slope: float = 0.0) -> np.ndarray:
    time = np.arange(108)
    series = 50 - 0.1 * time + 2 * np.cos(2 * np.pi * time / 12) + np.random.default_rng(3).normal(0, 0.5, 108)
    return series + np.where(time >= 72, effect + slope * (time - 72), 0.0)


def test_a_jump_and_a_bend_add_up_to_the_mean_deviation():
    """Jump -2 and slope -0,05 a month over 36 months: -2 - 0,05 * 17,5; the noise is the same with and without."""
    options = {"n_pre": 72, "estimand": "proef", "season": 12}
    without, found = (interrupted_time_series(s, **options) for s in (months(), months(-2.0, -0.05)))
    assert found.estimate.value - without.estimate.value == pytest.approx(-2 - 0.05 * 17.5)
    assert found.level_change - without.level_change == pytest.approx(-2.0)
    assert found.slope_change - without.slope_change == pytest.approx(-0.05)
    assert found.estimate.value == pytest.approx((found.fitted - found.counterfactual)[72:].mean())
    assert found.estimate.ci_low < -2.875 < found.estimate.ci_high
    assert found.estimate.p_value < 0.05 < without.estimate.p_value
    assert (found.estimate.deviation, found.lags) == ("niet te vergelijken", 4)


def test_errors_are_those_of_newey_and_west():
    series = months(-1.0)
    found = interrupted_time_series(series, n_pre=72, estimand="", lags=6)
    time = np.arange(108.0)
    after = (time >= 72).astype(float)
    design = np.column_stack([np.ones(108), time - 72, after, after * (time - 72)])
    fit = sm.OLS(series, design).fit()
    scores = design * fit.resid[:, None]
    meat = scores.T @ scores
    for lag in range(1, 7):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / 7) * (cross + cross.T)
    bread = np.linalg.inv(design.T @ design)
    combination = np.array([0, 0, 1, 17.5])
    variance = combination @ bread @ meat @ bread @ combination * 108 / 104
    assert found.estimate.std_error == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize(("n_pre", "season"), [(20, None), (106, None), (23, 12)])
def test_a_short_series_has_no_hac_errors(n_pre, season):
    with pytest.raises(CannotEstimate, match="er zijn er minstens"):
        interrupted_time_series(months(), n_pre=n_pre, estimand="", season=season)
    with pytest.raises(CannotEstimate, match="ontbreekt"):
        interrupted_time_series([np.nan, *months()], n_pre=72, estimand="")


def test_for_years_it_is_the_same_estimate_as_the_comparison_with_the_own_trend():
    rng = np.random.default_rng(2)
    series = 10 - 0.3 * np.arange(11) + rng.normal(0, 0.2, (5, 11))
    years = [*range(2012, 2019), 2020, 2021, 2022, 2023]
    regions = compare_partition(series, n_pre=7, periods=years, names="abcde")
    single = compare_with_trend(
        years, series[0], pre=(2012, 2018), excluded=[2019], minimum_pre_years=6, estimand=""
    ).estimate
    assert own_trend_deviation(regions).effect[0] == pytest.approx(single.value, abs=1e-10)


def test_a_season_in_months_does_not_count_as_trend():
    series = np.stack([months(), months() + 3, months() * 1.1, months(-1.0)])[[3, 0, 1, 2]]
    regions = compare_partition(series, n_pre=72, periods=range(108), names="abcd")
    found = own_trend_deviation(regions, season=12).effect
    assert found[0] - found[1] == pytest.approx(-1.0)
    with pytest.raises(CannotEstimate, match="te kort voor een trend"):
        own_trend_deviation(compare_partition(series[:, 60:], n_pre=12, periods=range(48), names="abcd"), season=12)
