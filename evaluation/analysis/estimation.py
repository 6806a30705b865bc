"""From declared designs to judged estimates: what is compared, how, what the checks find, and what is established.

The treated region is one aggregated region.  The regions that it is compared with (`comparison_regions`) have no
municipality in common; each is a placebo region too.  Their figures come from the same panel as every other number
(`evaluation.statistics.panels.build_panel`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.analysis.comparison_regions import POPULATION, Atlas, Regions, declared_of, grow_comparison_regions
from evaluation.analysis.effects import event_study, judgement, pre_period, sensitivity
from evaluation.analysis.effects.before_after import trend_deviation
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.comparison import Comparison, compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate, Estimate, refused_estimate
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.examined import Examined, examine
from evaluation.analysis.effects.honest_did import honest_did
from evaluation.analysis.effects.multiple import adjust
from evaluation.analysis.effects.panel import Window, outcomes_of, window
from evaluation.analysis.effects.placebo import estimate_with_placebos
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did
from evaluation.analysis.origins import Origin, origins_of
from evaluation.base.paths import data_dir
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import Design, Indicator
from evaluation.statistics.areas.donor_pools import DonorPool
from evaluation.statistics.areas.treatments import load_register
from evaluation.statistics.panels import build_panel

ESTIMATORS = {
    "sdid": ("synthetische verschil-in-verschillen", synthetic_did),
    "sc": ("synthetische controle", synthetic_control),
    "did": ("verschil-in-verschillen", difference_in_differences),
    "its": ("eigen trend tegenover de trend van de andere regio's", trend_deviation),
}
"""Method to its Dutch name and function; each is reported beside the declared one."""

MUNICIPAL = "gemeenten"
COVID_YEARS = (2020, 2021)


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """A declared design with what was found.

    Attributes
    ----------
    pool : DonorPool    With who is left out and why, and what a reader must know.
    estimate : Estimate    By the declared method, judged.
    others : dict[str, Estimate]    By the other methods (`ESTIMATORS`) and the municipal DiD (`MUNICIPAL`); not judged.
    examined : Examined | None    The comparison and its counterfactual; None where nothing could be estimated.
    members : dict[str, tuple[str, ...]]    Name of each region that was compared with, to its municipalities.
    checks : tuple[Check, ...]    Those of `effects.pre_period` and `effects.sensitivity`.
    contribution : tuple[Check, ...]    Those of `effects.contribution`, once `contributions.attribute` has made them.
    left_out : tuple[str, ...]    Regions that are comparable and have no complete figures.
    municipal : dict[str, float]    Deviation of each municipality of the treated region (two-by-two DiD).
    origins : tuple[Origin, ...]    Where the figures that were used come from.
    """

    design: Design
    pool: DonorPool
    estimate: Estimate
    others: dict[str, Estimate] = field(default_factory=dict)
    examined: Examined | None = None
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    contribution: tuple[Check, ...] = ()
    left_out: tuple[str, ...] = ()
    municipal: dict[str, float] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()


def estimate_designs(
    deal: Deal, designs: Iterable[Design], indicators: Mapping[str, Indicator], *, folder: Path | None = None
) -> dict[str, Estimated]:
    """Estimate every declared design with placebo regions, and judge the deviations of all of them together.

    Parameters
    ----------
    deal, designs : Deal, iterable of Design
        Its region is the treated one; those of the plan, without placebo regions passed over.
    indicators, folder : mapping of id to Indicator, Path | None
        Those of the designs, and `POPULATION`; the project's ``data`` by default.

    Returns
    -------
    dict[str, Estimated]
        By id.  The judgement counts the p after correction: Holm over the primary designs, Benjamini and Hochberg over
        the others.
    """
    folder = folder or data_dir()
    wanted = [design for design in designs if design.has_placebos]
    if not wanted:
        return {}
    atlas = Atlas.open(deal, folder, indicators[POPULATION])
    register = load_register(folder=folder / "regions")
    regions = {design.id: grow_comparison_regions(atlas, design, register) for design in wanted}
    groups = {f"{design}:{name}": codes for design, found in regions.items() for name, codes in found.members.items()}
    needed = {design.indicator: indicators[design.indicator] for design in wanted}
    panel = build_panel(deal, coverage="country", groups=groups, indicators=needed, folder=folder)
    found = {item.id: _estimate(item, needed[item.indicator], regions[item.id], panel, atlas) for item in wanted}
    return _judged(found)


def _estimate(design: Design, indicator: Indicator, regions: Regions, panel: pd.DataFrame, atlas: Atlas) -> Estimated:
    """Estimate one design by every method and run its checks; a refusal is an estimate with its reason."""
    estimand = _estimand(design, indicator, regions)
    rows = panel[panel["indicator"] == indicator.id]
    try:
        if regions.refusal is not None:
            raise CannotEstimate(regions.refusal)
        regions, left_out = _complete(design, regions, rows)
        comparison, chosen = _comparison(design, indicator, regions, rows, atlas)
        name, estimator = ESTIMATORS[design.method]
        estimate, found = estimate_with_placebos(comparison, estimator, estimand=estimand, method_name=name)
    except CannotEstimate as refusal:
        return Estimated(design, regions.pool, refused_estimate(estimand, refusal.reason), members=regions.members)
    examined = examine(comparison, estimator, found)
    compared = [atlas.region, *(f"{design.id}:{name}" for name in regions.members)]
    codes = [*atlas.own, *(code for group in regions.members.values() for code in group)]
    return Estimated(
        design=design,
        pool=regions.pool,
        estimate=estimate,
        others=_others(design, indicator, comparison, chosen, rows, regions, atlas, estimand),
        examined=examined,
        members=regions.members,
        left_out=left_out,
        checks=_checks(regions, examined, atlas),
        municipal=_municipal_effects(design, indicator, chosen, rows, comparison, atlas),
        origins=origins_of(rows[rows["period"].isin(chosen.periods)], compared, codes),
    )


def _estimand(design: Design, indicator: Indicator, regions: Regions) -> str:
    against = regions.pool.estimand or "geen regio's om mee te vergelijken"
    last = declared_of(design).last
    first = next(year for year in range(design.pre[1] + 1, last + 1) if year not in design.excluded)
    return f"gemiddelde afwijking van {indicator.wording} in {first}-{last}: {against}"


def _complete(design: Design, regions: Regions, rows: pd.DataFrame) -> tuple[Regions, tuple[str, ...]]:
    """Leave out, and name, the regions to compare with of which a figure is missing; the treated one must have all."""
    mine = rows[rows["period"].between(design.pre[0], design.last) & ~rows["period"].isin(design.excluded)]
    absent = set(mine.loc[mine["value"].isna(), "unit"])
    left_out = tuple(name for name in regions.members if f"{design.id}:{name}" in absent)
    kept = {name: codes for name, codes in regions.members.items() if name not in left_out}
    return replace(regions, members=kept), left_out


def _comparison(
    design: Design, indicator: Indicator, regions: Regions, rows: pd.DataFrame, atlas: Atlas
) -> tuple[Comparison, Window]:
    """Put the treated region and the others in one array, over the years of the design."""
    units = {atlas.region: atlas.region_name} | {f"{design.id}:{name}": name for name in regions.members}
    series, chosen = _series(design, indicator, rows, list(units))
    compared = compare_partition(series, n_pre=len(chosen.pre), periods=chosen.periods, names=list(units.values()))
    return compared, chosen


def _series(
    design: Design, indicator: Indicator, rows: pd.DataFrame, units: Sequence[str]
) -> tuple[np.ndarray, Window]:
    """Return the outcome of units (in the order given) in the years of the design, and which those are."""
    last = declared_of(design).last
    mine = rows[rows["unit"].isin(units) & rows["period"].between(design.pre[0], last)]
    years = sorted(mine.loc[mine["unit"] == units[0], "period"].unique())
    chosen = window(years, pre=design.pre, last=last, excluded=design.excluded, minimum_pre=design.minimum_pre_years)
    mine = mine[mine["period"].isin(chosen.periods)]
    values = outcomes_of(
        units, units=mine["unit"].tolist(), periods=mine["period"].tolist(), values=mine["value"].tolist()
    )
    return _outcome(values, in_percent=is_relative(design, indicator)), chosen


def is_relative(design: Design, indicator: Indicator) -> bool:
    """Tell whether a design is in percent: as its indicator's gap is told, unless the design says otherwise.

    Parameters
    ----------
    design, indicator : Design, Indicator
        The design's own indicator.

    Returns
    -------
    bool
    """
    return (design.scale or indicator.gap) == "relative"


def _outcome(values: np.ndarray, *, in_percent: bool) -> np.ndarray:
    """Take an outcome in percent: 100 times the logarithm, so that a difference is a percentage.

    Logarithms, and not percentages of a base year: then no year counts more than another, and a rise and the fall that
    undoes it are equally large.
    """
    if not in_percent:
        return values
    if (values <= 0).any():
        raise CannotEstimate("een cijfer is niet groter dan nul, zodat een verschil in procenten niet bestaat")
    return 100 * np.log(values)


def _others(
    design: Design,
    indicator: Indicator,
    comparison: Comparison,
    chosen: Window,
    rows: pd.DataFrame,
    regions: Regions,
    atlas: Atlas,
    estimand: str,
) -> dict[str, Estimate]:
    """Estimate by every other method."""
    found = {}
    for method, (name, estimator) in ESTIMATORS.items():
        if method == design.method:
            continue
        try:
            found[method], _ = estimate_with_placebos(comparison, estimator, estimand=estimand, method_name=name)
        except CannotEstimate as refusal:
            found[method] = refused_estimate(estimand, refusal.reason)
    codes = [*atlas.own, *(code for codes in regions.members.values() for code in codes)]
    try:
        outcomes, _ = _series(design, indicator, rows, codes)
        found[MUNICIPAL] = event_study.municipal_did(
            outcomes, np.arange(len(codes)) < len(atlas.own), n_pre=len(chosen.pre), estimand=estimand
        )
    except CannotEstimate as refusal:
        found[MUNICIPAL] = refused_estimate(estimand, refusal.reason)
    return found


def _municipal_effects(
    design: Design, indicator: Indicator, chosen: Window, rows: pd.DataFrame, comparison: Comparison, atlas: Atlas
) -> dict[str, float]:
    """Measure how far each municipality of the treated region changed otherwise than the regions compared with.

    A municipality without complete figures, or with a zero where percentages are asked, has none.
    """
    n_pre = comparison.n_pre
    benchmark = comparison.donors.mean(axis=0)
    usual = benchmark[n_pre:].mean() - benchmark[:n_pre].mean()
    found = {}
    for code in atlas.own:
        mine = rows[(rows["unit"] == code) & rows["period"].isin(chosen.periods)].sort_values("period")
        if len(mine) < len(chosen.periods) or mine["value"].isna().any():
            continue
        try:
            values = _outcome(mine["value"].to_numpy(), in_percent=is_relative(design, indicator))
        except CannotEstimate:
            continue
        found[code] = float(values[n_pre:].mean() - values[:n_pre].mean() - usual)
    return found


def _checks(regions: Regions, examined: Examined, atlas: Atlas) -> tuple[Check, ...]:
    """Run every check that the data allow; one that they do not allow says so."""
    comparison = examined.comparison
    borders = np.logical_or.reduce(atlas.adjacency[atlas.places(atlas.own)])
    touches = np.array([borders[atlas.places(codes)].any() for codes in regions.members.values()])
    kept = [year for year in COVID_YEARS if year in comparison.periods]
    makers = {
        pre_period.FIT: lambda: pre_period.check_fit(examined),
        pre_period.PRE_TREND: lambda: pre_period.check_pre_trend(_study(comparison)),
        pre_period.IN_TIME: lambda: pre_period.check_in_time(examined),
        sensitivity.LEAVE_ONE_OUT: lambda: sensitivity.check_leave_one_out(examined),
        sensitivity.NEIGHBOURS_OUT: lambda: sensitivity.check_neighbours_out(
            examined, bordering_donors=touches, bordering_regions=np.concatenate([[False], touches])
        ),
        sensitivity.WITHOUT_PERIODS: lambda: sensitivity.check_without_periods(examined, kept),
        sensitivity.DONOR_POOLS: lambda: sensitivity.check_donor_pools(examined, _pools(regions, atlas)),
        sensitivity.REGRESSION_TO_MEAN: lambda: sensitivity.check_regression_to_mean(examined),
        sensitivity.HONEST: lambda: _honest(comparison),
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


def _honest(comparison: Comparison) -> Check:
    """Bound the effect for trends that bend as much as those of the placebo regions did before the start."""
    gap = difference_in_differences(comparison).gap[1:, : comparison.n_pre]
    bend = float(np.sqrt((np.diff(gap, n=2, axis=1) ** 2).mean()))
    result = honest_did(_study(comparison), bends=[0.0, bend / 2, bend, 2 * bend])
    return sensitivity.check_honest(result, plausible_bend=bend)


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


def _judged(found: dict[str, Estimated]) -> dict[str, Estimated]:
    """Correct for the number of questions, and judge each deviation."""
    p_values = {key: item.estimate.p_value for key, item in found.items() if item.estimate.p_value is not None}
    attainable = {key: p for key, item in found.items() if (p := item.estimate.p_attainable) is not None}
    primary = {key: p for key, p in p_values.items() if found[key].design.primary}
    secondary = {key: p for key, p in p_values.items() if key not in primary}
    adjusted = adjust(primary, secondary, attainable=attainable)
    result = {}
    for key, item in found.items():
        plausible = declared_of(item.design).plausible_effect
        estimate = judgement.judge_deviation(
            item.estimate, item.checks, plausible_effect=plausible, adjusted=adjusted.get(key)
        )
        result[key] = replace(item, estimate=estimate)
    return result
