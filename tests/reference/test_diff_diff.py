"""The same estimates with diff-diff, on generated regions: synthetic control and DiD, DiD, and smoothness bounds."""

import warnings

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.honest_did import smoothness_bounds
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did, zeta_omega
from studies.municipal_regions import compare_municipalities

diff_diff = pytest.importorskip("diff_diff")

YEARS = list(range(2010, 2023))
N_PRE = 9
AFTER = YEARS[N_PRE:]


@pytest.fixture(scope="module")
def regions():
    rng = np.random.default_rng(11)
    factors = rng.normal(0, 1, (2, len(YEARS))).cumsum(axis=1)
    series = (
        20 + rng.normal(0, 2, (24, 1)) + rng.normal(1, 0.5, (24, 2)) @ factors + rng.normal(0, 0.4, (24, len(YEARS)))
    )
    series[0, N_PRE:] -= 1.5
    table = pd.DataFrame(
        [
            {"unit": i, "year": year, "y": series[i, t], "ever": int(i == 0), "on": int(i == 0 and t >= N_PRE)}
            for i in range(24)
            for t, year in enumerate(YEARS)
        ]
    )
    table["after"] = (table["year"] >= AFTER[0]).astype(int)
    return compare_partition(series, n_pre=N_PRE, periods=YEARS, names=[str(i) for i in range(24)]), table


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_synthetic_control_on_outcomes(regions):
    """Both solve the same program exactly; ours prefers even weights where many fit, by a negligible ridge."""
    comparison, table = regions
    theirs = diff_diff.SyntheticControl(v_method="custom", custom_v=np.ones(N_PRE), standardize="none").fit(
        table, "y", "on", "unit", "year", post_periods=AFTER, treated_unit=0, pre_period_outcomes=YEARS[:N_PRE]
    )
    assert synthetic_control(comparison).effect[0] == pytest.approx(theirs.att, abs=1e-4)


def test_synthetic_did(regions):
    """diff-diff stops its Frank-Wolfe steps early (on Proposition 99 -15.6038 for -15.6054): the same to about 1e-3."""
    comparison, table = regions
    theirs = diff_diff.SyntheticDiD(n_bootstrap=2, seed=1).fit(table, "y", "ever", "unit", "year", post_periods=AFTER)
    assert synthetic_did(comparison).effect[0] == pytest.approx(theirs.att, abs=2e-3)


def test_synthetic_did_over_several_municipalities(regions):
    """Four treated units with one start: the ridge grows with their number."""
    comparison, table = regions
    treated = np.arange(24) < 4
    table = table.assign(ever=(table["unit"] < 4).astype(int))
    theirs = diff_diff.SyntheticDiD(n_bootstrap=2, seed=1).fit(table, "y", "ever", "unit", "year", post_periods=AFTER)
    names = [str(i) for i in range(24)]
    ours = compare_municipalities(
        comparison.series, treated[None, :], n_pre=N_PRE, periods=YEARS, region_names=["regio"], names=names
    )
    assert synthetic_did(ours).effect[0] == pytest.approx(theirs.att, abs=2e-3)
    assert zeta_omega(ours)[0] == pytest.approx(theirs.zeta_omega, rel=1e-9)
    change = comparison.series[:, N_PRE:].mean(axis=1) - comparison.series[:, :N_PRE].mean(axis=1)
    expected = change[treated].mean() - change[~treated].mean()
    assert difference_in_differences(ours).effect[0] == pytest.approx(expected)


def test_difference_in_differences(regions):
    comparison, table = regions
    theirs = diff_diff.DifferenceInDifferences().fit(table, "y", "ever", "after")
    assert difference_in_differences(comparison).effect[0] == pytest.approx(theirs.att, abs=1e-9)


@pytest.mark.parametrize("bend", [0.0, 0.15])
def test_smoothness_bounds(bend):
    """Their coefficients and covariance, the mean effect after the start; both searches for the shortest interval."""
    rng = np.random.default_rng(3)
    outcomes = rng.normal(0, 1, (60, 1)) + 0.3 * rng.normal(0, 1, (60, 8)).cumsum(axis=1)
    outcomes[:12, 5:] += 0.8
    table = pd.DataFrame(
        [(i, 2010 + t, outcomes[i, t], int(i < 12)) for i in range(60) for t in range(8)], columns=["u", "t", "y", "d"]
    )
    study = diff_diff.TWFE(cluster="u").fit(
        table, "y", "d", unit="u", time="t", post_periods=[2015, 2016, 2017], reference_period=2014, event_study=True
    )
    theirs = diff_diff.HonestDiD(method="smoothness", M=bend).fit(study)
    coefficients = study.att[~np.asarray(study.is_reference)]
    ours = smoothness_bounds(np.asarray(coefficients, dtype=float), study.vcov, n_pre=4, bends=[bend]).intervals[0]
    assert (ours.low, ours.high) == pytest.approx((theirs.ci_lb, theirs.ci_ub), abs=2e-4)
