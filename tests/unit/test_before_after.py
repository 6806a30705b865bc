"""The before/after comparison: a known effect comes back, no effect stays near zero, the impossible is refused."""

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.effects.before_after import compare_with_trend

YEARS = list(range(2012, 2023))
OPTIONS = {"pre": (2012, 2018), "excluded": [2019], "minimum_pre_years": 6, "estimand": "test"}


def trend(effect: float = 0.0, noise=None) -> list[float]:
    """A gap that falls by 0,25 a year from 4, with an effect from 2020 on."""
    drift = [4 - 0.25 * (year - 2012) + (effect if year >= 2020 else 0.0) for year in YEARS]
    return drift if noise is None else list(np.add(drift, noise))


def test_a_planted_deviation_comes_back_exactly_without_noise():
    estimate = compare_with_trend(YEARS, trend(-0.6), **OPTIONS).estimate
    assert estimate.value == pytest.approx(-0.6, abs=1e-10)
    assert (estimate.n_pre, estimate.n_post) == (7, 3)


def test_the_interval_covers_a_planted_deviation_at_its_rate():
    """1.000 draws with independent noise: 95% intervals cover the true -0,6 in 93 to 97 of 100, without bias."""
    rng = np.random.default_rng(2019)
    estimates = [
        compare_with_trend(YEARS, trend(-0.6, rng.normal(0, 0.2, len(YEARS))), **OPTIONS).estimate for _ in range(1000)
    ]
    covered = np.mean([e.ci_low <= -0.6 <= e.ci_high for e in estimates])
    assert 0.93 <= covered <= 0.97
    assert np.mean([e.value for e in estimates]) == pytest.approx(-0.6, abs=0.03)


def test_equals_the_prediction_error_of_the_pre_period_line():
    """One later year: the standard error is that of a prediction from the pre-period regression."""
    noise = np.random.default_rng(1).normal(0, 0.2, 9)
    years, gap = YEARS[:9], trend(0.3, np.append(noise, [0, 0]))[:9]
    estimate = compare_with_trend(years, gap, **OPTIONS).estimate
    line = sm.OLS(gap[:7], sm.add_constant(np.array(years[:7], dtype=float))).fit()
    prediction = line.get_prediction([[1.0, 2020.0]])
    assert estimate.value == pytest.approx(gap[8] - prediction.predicted_mean[0])
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx(
        tuple(gap[8] - prediction.conf_int(obs=True)[0][::-1]), rel=1e-9
    )


def test_the_partial_year_counts_in_neither_period():
    shocked = trend()
    shocked[YEARS.index(2019)] += 5
    assert compare_with_trend(YEARS, shocked, **OPTIONS).estimate.value == pytest.approx(0.0, abs=1e-10)


def test_without_placebo_regions_nothing_is_established():
    estimate = compare_with_trend(YEARS, trend(-3.0), **OPTIONS).estimate
    assert (estimate.deviation, estimate.attribution) == ("niet vast te stellen", "niet vast te stellen")
    assert "placeboregio" in estimate.reason
    assert estimate.p_attainable is None


@pytest.mark.parametrize(
    ("years", "why"), [(range(2015, 2023), "4 jaren vóór de deal"), (range(2012, 2020), "nog geen heel jaar")]
)
def test_too_short_a_period_is_refused_with_its_reason(years, why):
    comparison = compare_with_trend(list(years), [1.0 + 0.1 * i for i in range(len(list(years)))], **OPTIONS)
    assert comparison.estimate.value is None and comparison.estimate.ci_low is None
    assert why in comparison.estimate.reason
    assert comparison.expected == ()


@pytest.mark.parametrize("gap", [[1.0, float("nan")], [1.0]])
def test_an_incomplete_series_is_an_error(gap):
    with pytest.raises(ValueError, match="complete"):
        compare_with_trend([2012, 2013], gap, **OPTIONS)


def test_a_year_twice_is_an_error():
    with pytest.raises(ValueError, match="each year once"):
        compare_with_trend([2012, 2012], [1.0, 2.0], **OPTIONS)
