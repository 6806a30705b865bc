"""The before/after comparison: a known deviation comes back, no interval is claimed, the impossible is refused."""

import numpy as np
import pytest

from evaluation.analysis.effects.before_after import compare_with_trend

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


def test_it_is_the_distance_to_the_line_through_the_years_before():
    gap = trend(-0.6, np.random.default_rng(1).normal(0, 0.2, len(YEARS)))
    found = compare_with_trend(YEARS, gap, **OPTIONS)
    slope, level = np.polyfit(YEARS[:7], gap[:7], 1)
    distance = np.array(gap) - (level + slope * np.array(YEARS))
    assert found.estimate.value == pytest.approx(distance[8:].mean())
    assert found.spread == pytest.approx(np.abs(distance[:7]).max())
    assert dict(found.expected)[2021] == pytest.approx(gap[9] - distance[9])


def test_seven_years_of_one_region_claim_no_interval():
    """In simulations it depends on a persistence that is not known whether they hold the truth (`tests/recovery`)."""
    estimate = compare_with_trend(YEARS, trend(-0.6), **OPTIONS).estimate
    assert (estimate.std_error, estimate.ci_low, estimate.ci_high, estimate.p_value, estimate.mde) == (None,) * 5
    assert "zonder interval" in estimate.inference


def test_the_partial_year_counts_in_neither_period():
    shocked = trend()
    shocked[YEARS.index(2019)] += 5
    assert compare_with_trend(YEARS, shocked, **OPTIONS).estimate.value == pytest.approx(0.0, abs=1e-10)


def test_without_placebo_regions_nothing_is_established():
    estimate = compare_with_trend(YEARS, trend(-3.0), **OPTIONS).estimate
    assert (estimate.deviation, estimate.attribution) == ("niet te vergelijken", "de vraag komt niet aan de orde")
    assert "placeboregio" in estimate.reason
    assert estimate.p_attainable is None


@pytest.mark.parametrize(
    ("years", "why"), [(range(2015, 2023), "4 jaren vóór de deal"), (range(2012, 2020), "nog geen heel jaar")]
)
def test_too_short_a_period_is_refused_with_its_reason(years, why):
    comparison = compare_with_trend(list(years), [1.0 + 0.1 * i for i in range(len(list(years)))], **OPTIONS)
    assert comparison.estimate.value is None and comparison.estimate.ci_low is None
    assert why in comparison.estimate.reason
    assert comparison.expected == () and comparison.spread is None


@pytest.mark.parametrize("gap", [[1.0, float("nan")], [1.0]])
def test_an_incomplete_series_is_an_error(gap):
    with pytest.raises(ValueError, match="complete"):
        compare_with_trend([2012, 2013], gap, **OPTIONS)


def test_a_year_twice_is_an_error():
    with pytest.raises(ValueError, match="each year once"):
        compare_with_trend([2012, 2012], [1.0, 2.0], **OPTIONS)
