"""The checks of a declared design: on the time before, on its regions and on its years."""

from collections.abc import Callable

import numpy as np

from evaluation.analysis.comparison_regions import Atlas, Regions
from evaluation.analysis.effects import event_study, pre_period, sensitivity
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.comparison import Comparison
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.examined import Examined
from evaluation.analysis.effects.honest_did import honest_did
from evaluation.analysis.effects.scale import Scale

COVID_YEARS = (2020, 2021)


def check_design(regions: Regions, examined: Examined, atlas: Atlas) -> tuple[Check, ...]:
    """Run every check that the data allow; one that they do not allow says so.

    Parameters
    ----------
    regions, examined, atlas : Regions, Examined, Atlas
        Those that were compared with, the comparison, and the map.

    Returns
    -------
    tuple[Check, ...]
        Those of `effects.pre_period` and `effects.sensitivity`, in order.
    """
    comparison = examined.comparison
    borders = np.logical_or.reduce(atlas.adjacency[atlas.places(atlas.own)])
    touches = np.array([borders[atlas.places(codes)].any() for codes in regions.members.values()])
    kept = [year for year in COVID_YEARS if year in comparison.periods]
    makers = {
        pre_period.FIT: lambda: pre_period.check_fit(examined),
        pre_period.PRE_TREND: lambda: pre_period.check_pre_trend(_study(comparison), examined.scale),
        pre_period.IN_TIME: lambda: pre_period.check_in_time(examined),
        sensitivity.LEAVE_ONE_OUT: lambda: sensitivity.check_leave_one_out(examined),
        sensitivity.NEIGHBOURS_OUT: lambda: sensitivity.check_neighbours_out(
            examined, bordering_donors=touches, bordering_regions=np.concatenate([[False], touches])
        ),
        sensitivity.WITHOUT_PERIODS: lambda: sensitivity.check_without_periods(examined, kept),
        sensitivity.DONOR_POOLS: lambda: sensitivity.check_donor_pools(examined, _pools(regions, atlas)),
        sensitivity.REGRESSION_TO_MEAN: lambda: sensitivity.check_regression_to_mean(examined),
        sensitivity.HONEST: lambda: _honest(comparison, examined.scale),
    }
    return tuple(_made(name, make) for name, make in makers.items())


def _made(name: str, make: Callable[[], Check]) -> Check:
    try:
        return make()
    except CannotEstimate as refusal:
        return Check(name, None, f"Deze controle kan hier niet: {refusal.reason}.")


def _study(comparison: Comparison) -> event_study.EventStudy:
    """Difference with the others in each year against the last year before the start, with the placebos' spread."""
    gap = difference_in_differences(comparison).gap
    reference = comparison.periods[comparison.n_pre - 1]
    return event_study.regional_event_study(gap, periods=comparison.periods, reference=reference)


def _honest(comparison: Comparison, scale: Scale) -> Check:
    """Bound the effect for trends that bend as much as those of the placebo regions did before the start."""
    gap = difference_in_differences(comparison).gap[1:, : comparison.n_pre]
    bend = float(np.sqrt((np.diff(gap, n=2, axis=1) ** 2).mean()))
    result = honest_did(_study(comparison), bends=[0.0, bend / 2, bend, 2 * bend])
    return sensitivity.check_honest(result, plausible_bend=bend, scale=scale)


def _pools(regions: Regions, atlas: Atlas) -> dict[str, np.ndarray]:
    """Make other pools of the same regions: without those with a much larger town, and without the own COROP area."""
    codes = list(regions.members.values())
    largest = np.array([max(atlas.population[atlas.places(group)]) for group in codes])
    own_corop = {atlas.corop[code] for code in atlas.own}
    near = np.array([any(atlas.corop[code] in own_corop for code in group) for group in codes])
    own_largest = max(atlas.population[atlas.places(atlas.own)])
    return {
        "zonder regio's met een veel grotere stad": largest <= 2 * own_largest,
        "zonder het eigen COROP-gebied": ~near,
    }
