"""Smoothness bounds against the published ones: expansion of Medicaid in 2014 and health insurance.

Coefficients and covariance (times 1e6) of the event study 2008-2015 with reference 2013 over 43 states, recomputed from
the public table of Cunningham's and Roth's course (states of before 2016 without the 2015 cohort, clustered by state).
The intervals are those that the authors' own package HonestDiD prints, to three digits; ours must round to the same.
"""

import numpy as np
import pytest

from evaluation.analysis.effects.honest_did import smoothness_bounds

COEFFICIENTS = [-0.00528534, -0.01129732, -0.00267598, -0.00141931, 0.00033968, 0.04644686, 0.06920618]
COVARIANCE = 1e-6 * np.array(
    [
        [74.88485, 60.39876, 44.44619, 33.85766, 43.28014, 47.65882, 24.2513],
        [60.39876, 72.66499, 37.89328, 28.66576, 45.43321, 44.28853, 28.24656],
        [44.44619, 37.89328, 50.52051, 26.73678, 27.78194, 30.60645, 9.63755],
        [33.85766, 28.66576, 26.73678, 40.03222, 24.12861, 23.80869, 2.9239],
        [43.28014, 45.43321, 27.78194, 24.12861, 54.62665, 36.82535, 9.72298],
        [47.65882, 44.28853, 30.60645, 23.80869, 36.82535, 83.75674, 63.21403],
        [24.2513, 28.24656, 9.63755, 2.9239, 9.72298, 63.21403, 107.12358],
    ]
)
PUBLISHED = {
    0.0: (0.0259, 0.0607),
    0.01: (0.0132, 0.0787),
    0.02: (0.00286, 0.0907),
    0.03: (-0.00714, 0.101),
    0.04: (-0.0171, 0.111),
    0.05: (-0.0271, 0.121),
}
TOLERANCE = 1e-4  # three printed digits, and a grid of 1/100 in the authors' search for the best half-length


def test_the_carried_errors_are_the_published_ones():
    assert np.sqrt(np.diag(COVARIANCE)).round(6).tolist() == [
        0.008654, 0.008524, 0.007108, 0.006327, 0.007391, 0.009152, 0.010350,
    ]  # fmt: skip


def test_intervals_for_the_first_year():
    found = smoothness_bounds(COEFFICIENTS, COVARIANCE, n_pre=5, bends=list(PUBLISHED), post_weights=[1, 0])
    for interval, (low, high) in zip(found.intervals, PUBLISHED.values(), strict=True):
        assert interval.low == pytest.approx(low, abs=TOLERANCE)
        assert interval.high == pytest.approx(high, abs=TOLERANCE if high < 0.1 else 5e-4)
    assert 0.02 < found.breakdown < 0.03


def test_without_bend_it_is_the_best_straight_extrapolation():
    """M = 0: the combination of least variance that a straight difference does not move, by weighted regression."""
    beta, moments = np.array(COEFFICIENTS), np.array([-5, -4, -3, -2, -1, 1, 2])
    design = np.column_stack([moments, moments == 1, moments == 2]).astype(float)
    information = design.T @ np.linalg.solve(COVARIANCE, design)
    fitted = np.linalg.solve(information, design.T @ np.linalg.solve(COVARIANCE, beta))
    error = np.sqrt(np.linalg.inv(information)[1, 1])
    interval = smoothness_bounds(beta, COVARIANCE, n_pre=5, bends=[0.0], post_weights=[1, 0]).intervals[0]
    assert (interval.low + interval.high) / 2 == pytest.approx(fitted[1], rel=1e-9)
    assert (interval.high - interval.low) / 2 == pytest.approx(1.959964 * error, rel=1e-6)
