"""The estimators on the pool of a design (`Year.pool`), by their names: how far each region lies from its comparison.

What they give is in the unit of the pool.  Of a relative design that is 100 times a logarithm, which is not a percentage:
a difference b is 100 * np.expm1(b / 100) percent.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.analysis.effects import ancova as start_level
from evaluation.analysis.effects import before_after, event_study, synthetic
from evaluation.analysis.effects.comparison import Estimator, compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.placebo import placebo_inference, scales_of
from evaluation.base.errors import UsageError
from evaluation.inputs.indicators import Design

INHABITANTS = "inhabitants"
"""In the `attrs` of a pool whose design weighs regions: inhabitants by region."""


@dataclass(frozen=True, slots=True, eq=False)
class Deviations:
    """What an estimator found for every region of a pool: the deal's own, and those where no such deal was.

    Attributes
    ----------
    gap : DataFrame    Index period, a column per region as in the pool: how far it lies from its comparison, in the
        unit of the pool.
    effect : Series    By region: the mean of its gaps in the years after the start.
    ratio : Series    By region: what regions are ranked by, the effect divided by the RMSPE before the start, or the
        effect itself where the plan says so.
    interval : tuple[float, float]    Of the deal's own region: the effects that the other regions do not rule out (95%),
        in the unit of the pool; not a number where so few regions cannot bound it.
    weights : DataFrame    A row per region, a column per region that it is compared with; together 1 (of `ancova` some
        may be negative).
    year_weights : DataFrame | None    A row per region, a column per year before the start; together 1.
    """

    gap: pd.DataFrame
    effect: pd.Series
    ratio: pd.Series
    interval: tuple[float, float]
    weights: pd.DataFrame
    year_weights: pd.DataFrame | None


def ancova(pool: pd.DataFrame, plan: Design) -> Deviations:
    """Compare the change of a region with that of the others, given the level at which it started.

    Parameters
    ----------
    pool, plan : DataFrame, Design
        As of `Year.pool`, the deal's own region first; the design that says which years are before.

    Returns
    -------
    Deviations
        Without weights of years.
    """
    return _found(start_level.ancova, pool, plan)


def synthetic_did(pool: pd.DataFrame, plan: Design) -> Deviations:
    """Weigh regions and years, and take the difference of the differences (Arkhangelsky et al. 2021).

    Parameters
    ----------
    pool, plan : DataFrame, Design
        As of `Year.pool`, the deal's own region first; the design that says which years are before.

    Returns
    -------
    Deviations
        With weights of regions and of years.
    """
    return _found(synthetic.synthetic_did, pool, plan)


def synthetic_control(pool: pd.DataFrame, plan: Design) -> Deviations:
    """Weigh regions so that together they follow a region before the start (Abadie, Diamond and Hainmueller 2010).

    Parameters
    ----------
    pool, plan : DataFrame, Design
        As of `synthetic_did`.

    Returns
    -------
    Deviations
        Without weights of years.
    """
    return _found(synthetic.synthetic_control, pool, plan)


def difference_in_differences(pool: pd.DataFrame, plan: Design) -> Deviations:
    """Compare a region with the plain mean of the others, after the start against before.

    Parameters
    ----------
    pool, plan : DataFrame, Design
        As of `synthetic_did`.

    Returns
    -------
    Deviations
        With equal weights.
    """
    return _found(event_study.difference_in_differences, pool, plan)


def trend_deviation(pool: pd.DataFrame, plan: Design) -> Deviations:
    """Measure how far the gap of a region to the others lies from its own straight line through the years before.

    Parameters
    ----------
    pool, plan : DataFrame, Design
        As of `synthetic_did`.

    Returns
    -------
    Deviations
        With equal weights, without those of years.
    """
    return _found(before_after.trend_deviation, pool, plan)


def _found(estimator: Estimator, pool: pd.DataFrame, plan: Design) -> Deviations:
    years = pool.loc[(pool.index >= plan.pre[0]) & ~pool.index.isin(plan.excluded)].sort_index()
    before = years.index[years.index <= plan.pre[1]]
    people = pool.attrs.get(INHABITANTS, {})
    weights = [people.get(name, 0.0) for name in years.columns] if plan.weights == "inhabitants" else None
    try:
        compared = compare_partition(
            years.to_numpy().T, n_pre=len(before), periods=list(years.index), names=list(years.columns), weights=weights
        )
        found = estimator(compared)
        scales = scales_of(found, plan.statistic or "studentised")
    except CannotEstimate as refusal:
        raise UsageError(f"This pool cannot be estimated: {refusal.reason}.") from None
    inference = placebo_inference(found.effect, scales)
    low, high = (float(end) if np.isfinite(end) else math.nan for end in (inference.ci_low, inference.ci_high))
    regions = list(years.columns)
    years_weigh = found.time_weights is not None
    return Deviations(
        gap=pd.DataFrame(found.gap.T, index=years.index, columns=regions),
        effect=pd.Series(found.effect, index=regions, name="effect"),
        ratio=pd.Series(found.effect / scales, index=regions, name="ratio"),
        interval=(low, high),
        weights=pd.DataFrame(found.unit_weights, index=regions, columns=regions[1:]),
        year_weights=pd.DataFrame(found.time_weights, index=regions, columns=before) if years_weigh else None,
    )
