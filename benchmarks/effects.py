"""Time all estimates and checks of 12 outcomes over 41 regions against the same estimates looped through diff-diff.

    python benchmarks/effects.py [--outcomes 12]

Prints `name: value` lines (seconds, counts, largest differences); the last line is `ratio: X`, ours over theirs, and
`placebo_ratio: X` is that of the placebo distributions alone, with rank, interval and detectable effect on our side.
Data are generated, of the real shape: 41 regions, 2012-2018 before and 2020-2025 after.  On their side only fits are
timed, not the tables that they need; what diff-diff does not have (own trend, permutation, judgement) counts for ours
alone.  Synthetic control differs where many weights fit equally well: more donors than years before.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from evaluation.analysis.effects import pre_period, sensitivity
from evaluation.analysis.effects.before_after import trend_deviation
from evaluation.analysis.effects.comparison import (
    Comparison,
    before_start,
    compare_partition,
    keep_regions,
    without_donors,
    without_periods,
)
from evaluation.analysis.effects.event_study import difference_in_differences, regional_event_study
from evaluation.analysis.effects.examined import examine
from evaluation.analysis.effects.honest_did import honest_did
from evaluation.analysis.effects.judgement import Plausible, judge_deviation
from evaluation.analysis.effects.placebo import estimate_with_placebos
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did
from studies.simulated_panels import autoregression

YEARS = (*range(2012, 2019), *range(2020, 2026))
N_PRE = 7
N_REGIONS = 41
COVID = (2020, 2021)
BENDS = (0.0, 0.1, 0.2)
NEIGHBOURS = (3, 9, 17)
ESTIMATORS = {"did": difference_in_differences, "sc": synthetic_control, "sdid": synthetic_did}


def generate(outcomes: int, seed: int = 31) -> np.ndarray:
    """Rates per 1.000 inhabitants with factors, shocks that last and a COVID shock, shape (outcomes, 41, 13)."""
    rng = np.random.default_rng(seed)
    level = rng.normal(12, 3, (outcomes, N_REGIONS, 1))
    factors = rng.normal(0, 0.4, (outcomes, 2, len(YEARS))).cumsum(axis=2)
    loadings = rng.normal(1, 0.4, (outcomes, N_REGIONS, 2))
    covid = np.isin(YEARS, COVID) * rng.normal(-2, 0.5, (outcomes, N_REGIONS, 1))
    shocks = autoregression((outcomes, N_REGIONS), len(YEARS), persistence=0.5, deviation=0.5, rng=rng)
    return level + loadings @ factors + covid + shocks


def comparison_of(series: np.ndarray) -> Comparison:
    """Compare the first region with the 40 others."""
    return compare_partition(series, n_pre=N_PRE, periods=YEARS, names=[f"regio {i}" for i in range(N_REGIONS)])


def variants(comparison: Comparison) -> dict[str, Comparison]:
    """The comparisons whose placebo distributions the checks need, as `sensitivity` makes them."""
    odd = np.arange(N_REGIONS - 1) % 2 == 1
    bordering = np.isin(np.arange(N_REGIONS), NEIGHBOURS)
    kept = [row for row in range(1, N_REGIONS) if not bordering[row]]
    return {
        "chosen": comparison,
        "in time": before_start(comparison, int(np.ceil(N_PRE * 2 / 3))),
        "without covid": without_periods(comparison, COVID),
        "neighbours out": keep_regions(without_donors(comparison, bordering[1:]), kept),
        "odd pool": without_donors(comparison, ~odd),
        "even pool": without_donors(comparison, odd),
    }


def run_ours(series: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Estimate, check and judge every outcome with every estimator; keep the placebo distributions."""
    odd = np.arange(N_REGIONS - 1) % 2 == 1
    bordering = np.isin(np.arange(N_REGIONS), NEIGHBOURS)
    results = []
    for outcome in series:
        comparison, kept = comparison_of(outcome), {}
        estimate_with_placebos(comparison, trend_deviation, estimand="", method_name="eigen trend")
        course = regional_event_study(difference_in_differences(comparison).gap, periods=YEARS, reference=2018)
        shared = [pre_period.check_pre_trend(course)]
        shared.append(sensitivity.check_honest(honest_did(course, bends=BENDS), plausible_bend=None))
        for name, estimator in ESTIMATORS.items():
            named = {"estimand": "", "method_name": name, "statistic": "effect"}  # synthetic control fits exactly here
            estimate, found = estimate_with_placebos(comparison, estimator, **named)
            examined = examine(comparison, estimator, found, statistic="effect")
            checks = [
                *shared,
                pre_period.check_fit(examined),
                pre_period.check_in_time(examined),
                sensitivity.check_leave_one_out(examined),
                sensitivity.check_neighbours_out(examined, bordering_donors=bordering[1:], bordering_regions=bordering),
                sensitivity.check_without_periods(examined, COVID),
                sensitivity.check_donor_pools(examined, {"oneven": odd, "even": ~odd}),
                sensitivity.check_regression_to_mean(examined),
            ]
            judge_deviation(estimate, checks, plausible=Plausible(2.0))
            kept[name] = found.effect
            kept[f"{name} leave one out"] = np.array([row[1] for row in checks[4].rows])
        results.append(kept)
    return results


def time_placebos(series: np.ndarray) -> float:
    """Time the placebo distributions of every outcome and estimator, with all that is said of their rank."""
    start = time.perf_counter()
    for outcome in series:
        for name, estimator in ESTIMATORS.items():
            estimate_with_placebos(comparison_of(outcome), estimator, estimand="", method_name=name, statistic="effect")
    return time.perf_counter() - start


def run_theirs(series: np.ndarray) -> tuple[float, float, int, list[dict[str, np.ndarray]]]:
    """Loop the same estimates through diff-diff.

    Returns the seconds in its fits, those of the placebo distributions alone, how many fits, and the distributions.
    """
    seconds, chosen_seconds, count, results = 0.0, 0.0, 0, []
    for outcome in series:
        comparison, kept = comparison_of(outcome), {}
        weights = {name: estimator(comparison).unit_weights[0] for name, estimator in ESTIMATORS.items()}
        for name in ESTIMATORS:
            for label, variant in variants(comparison).items():
                effects = []
                for region in range(len(variant.region_names)):
                    value, spent = fit(name, *table_of(variant, region, variant.available[region]))
                    effects.append(value)
                    seconds, count = seconds + spent, count + 1
                    chosen_seconds += spent if label == "chosen" else 0.0
                if label == "chosen":
                    kept[name] = np.array(effects)
            left_out = []
            for donor in np.flatnonzero(weights[name] > 0.01):
                rest = comparison.available[0] & (np.arange(N_REGIONS - 1) != donor)
                value, spent = fit(name, *table_of(comparison, 0, rest))
                left_out.append(value)
                seconds, count = seconds + spent, count + 1
            kept[f"{name} leave one out"] = np.array(left_out)
        seconds += fit_honest(comparison)
        results.append(kept)
    return seconds, chosen_seconds, count, results


def table_of(comparison: Comparison, region: int, allowed: np.ndarray) -> tuple[pd.DataFrame, list[int], list[int]]:
    """Rows of one region and its donors, as diff-diff takes them, with the years before and after."""
    values = np.vstack([comparison.series[region], comparison.donors[allowed]])
    units, periods = values.shape
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "year": np.tile(comparison.periods, units),
            "y": values.ravel(),
            "ever": np.repeat((np.arange(units) == 0).astype(int), periods),
        }
    )
    table["after"] = (table["year"] >= comparison.periods[comparison.n_pre]).astype(int)
    table["on"] = table["ever"] * table["after"]
    return table, list(comparison.periods[: comparison.n_pre]), list(comparison.periods[comparison.n_pre :])


def fit(name: str, table: pd.DataFrame, before: list[int], after: list[int]) -> tuple[float, float]:
    """Estimate once with diff-diff, as lightly as it can; return the estimate and the seconds in its fit."""
    from diff_diff import DifferenceInDifferences, SyntheticControl, SyntheticDiD

    start = time.perf_counter()
    if name == "did":
        found = DifferenceInDifferences().fit(table, "y", "ever", "after")
    elif name == "sc":
        model = SyntheticControl(v_method="custom", custom_v=np.ones(len(before)), standardize="none")
        found = model.fit(
            table, "y", "on", "unit", "year", post_periods=after, treated_unit=0, pre_period_outcomes=before
        )
    else:
        model = SyntheticDiD(variance_method="placebo", n_bootstrap=2, seed=1)
        found = model.fit(table, "y", "ever", "unit", "year", post_periods=after)
    return float(found.att), time.perf_counter() - start


def fit_honest(comparison: Comparison) -> float:
    """Time an event study (years counted through: theirs takes no gap) and its smoothness bounds for each bend."""
    from diff_diff import HonestDiD, TwoWayFixedEffects

    table, *_ = table_of(comparison, 0, comparison.available[0])
    table["year"] = np.tile(np.arange(len(YEARS)), N_REGIONS)
    start = time.perf_counter()
    study = TwoWayFixedEffects().fit(
        table,
        "y",
        "ever",
        unit="unit",
        time="year",
        post_periods=list(range(N_PRE, len(YEARS))),
        reference_period=N_PRE - 1,
        event_study=True,
    )
    for bend in BENDS:
        HonestDiD(method="smoothness", M=bend).fit(study)
    return time.perf_counter() - start


def differences(ours: list[dict], theirs: list[dict]) -> Iterator[tuple[str, float]]:
    """Largest difference per estimator between the two sets of placebo distributions."""
    for name in ours[0]:
        yield name, max(float(np.abs(a[name] - b[name]).max(initial=0.0)) for a, b in zip(ours, theirs, strict=True))


def main() -> None:
    """Run both and print what was measured."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--outcomes", type=int, default=12)
    series = generate(arguments.parse_args().outcomes)
    run_ours(series[:1])
    start = time.perf_counter()
    ours = run_ours(series)
    seconds = time.perf_counter() - start
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        their_seconds, their_placebos, fits, theirs = run_theirs(series)
    our_placebos = time_placebos(series)
    print(f"outcomes: {len(series)}")
    print(f"regions: {N_REGIONS}")
    print(f"their fits: {fits}")
    for name, difference in differences(ours, theirs):
        print(f"largest difference {name}: {difference:.2e}")
    print(f"ours seconds: {seconds:.2f}")
    print(f"theirs seconds: {their_seconds:.2f}")
    print(f"placebo_ratio: {our_placebos / their_placebos:.3f}")
    print(f"effects_ratio: {seconds / their_seconds:.3f}")
    print(f"ratio: {seconds / their_seconds:.3f}")


if __name__ == "__main__":
    main()
