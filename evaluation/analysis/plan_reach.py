"""What the designs of a plan can show at most, before the outcome of the region is read.

With few regions and many questions no figures could ever give a grade: then the plan has decided, and not the data.
The smallest corrected p follows from the number of regions, the detectable effect from the comparison regions alone;
their mean stands in for the treated region.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.analysis.effects.comparison import Counterfactual
from evaluation.analysis.effects.estimate import ALPHA, INDICATION, CannotEstimate
from evaluation.analysis.effects.multiple import Method, attainable_p
from evaluation.analysis.effects.placebo import Statistic, detectable_effect, scales_of, smallest_p
from evaluation.analysis.effects.scale import Scale
from evaluation.analysis.estimation import ESTIMATORS, Opened, open_designs
from evaluation.analysis.outcomes import compare, scale_of, unit_of
from evaluation.base.errors import Fault
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import Design, Indicator


@dataclass(frozen=True, slots=True)
class Reach:
    """What a design can show at most.

    Attributes
    ----------
    design : Design
    n_regions : int    Regions to compare with that have all figures.
    p_smallest : float    Smallest p of its test; 1 without regions.
    p_corrected : float    The smallest after correction, where every question of its family is answered as strongly.
    p_alone : float    The same where it is the only question of its family on which something is found.
    detectable : float | None    Effect that its test shows in 80% of the comparison regions, as the estimate is told.
    by_other : float | None    The same by the statistic that was not declared.
    variants : Mapping[str, int]    Number of each variant in `robustness` to its regions.
    refusal : str | None    Why nothing can be compared, in Dutch.
    """

    design: Design
    n_regions: int
    p_smallest: float
    p_corrected: float
    p_alone: float
    detectable: float | None
    by_other: float | None
    variants: Mapping[str, int]
    refusal: str | None = None


def reach_of_plan(
    deal: Deal, designs: Iterable[Design], indicators: Mapping[str, Indicator], *, folder: Path | None = None
) -> dict[str, Reach]:
    """Find what each design with placebo regions can show at most.

    Parameters
    ----------
    deal, designs, indicators, folder
        As of `estimation.estimate_designs`.

    Returns
    -------
    dict[str, Reach]
        By id.
    """
    wanted = [design for design in designs if design.has_placebos]
    if not wanted:
        return {}
    opened = open_designs(deal, wanted, indicators, folder=folder)
    blind = replace(opened, panel=_blinded(opened))
    found = {design.id: _reach(blind, design) for design in opened.designs}
    smallest = {key: item.p_smallest for key, item in found.items()}
    corrections: tuple[tuple[bool, Method], ...] = ((True, "holm"), (False, "fdr_bh"))
    for is_primary, method in corrections:
        family = {key: p for key, p in smallest.items() if found[key].design.primary == is_primary}
        best, alone = attainable_p(family, method), attainable_p(family, method, alone=True)
        for key in family:
            found[key] = replace(found[key], p_corrected=best[key], p_alone=alone[key])
    return found


def reach_faults(found: Mapping[str, Reach], file: str) -> list[Fault]:
    """Refuse designs of which no figures could give a grade.

    Parameters
    ----------
    found, file : mapping of id to Reach, str
        Of `reach_of_plan`, and the plan's file.

    Returns
    -------
    list[Fault]
        One for each design that is decided beforehand, with what would help.
    """
    mains = sum(item.design.primary for item in found.values())
    return [
        Fault(file, fixed[0], fixed[1], key=f"designs.{key}", hint=_REMEDY)
        for key, item in found.items()
        if (fixed := _fixed(item, mains)) is not None
    ]


def reach_notices(found: Mapping[str, Reach]) -> list[str]:
    """Tell which designs cannot show an effect of plausible size, or cannot be strong by themselves.

    Parameters
    ----------
    found : mapping of id to Reach
        Of `reach_of_plan`.

    Returns
    -------
    list[str]
        English sentences, one for each kind.
    """
    coarse = [
        f"{key} ({_size(item.detectable)}, plausible {item.design.plausible_effect:g}"
        f"{f', by {_OTHER[item.design.statistic]} {_size(item.by_other)}' if _sees_less(item) else ''})"
        for key, item in found.items()
        if item.detectable is None or item.detectable > (item.design.plausible_effect or 0)
    ]
    crowded = [key for key, item in found.items() if item.p_alone > ALPHA >= item.p_corrected]
    told = []
    if coarse:
        told.append(
            f"'te grof' may come out of {len(coarse)} of {len(found)} designs, as the smallest effect that their "
            f"test shows is above the plausible one; more years or another statistic may see less: {'; '.join(coarse)}"
        )
    if crowded:
        least = max(found[key].p_alone for key in crowded)
        told.append(
            f"'sterke aanwijzing' takes more than one finding in the same family for {', '.join(crowded)}: by itself a "
            f"corrected p is at least {least:.3f}"
        )
    return told


def _sees_less(item: Reach) -> bool:
    """Tell whether the statistic that was not declared shows a smaller effect."""
    return item.by_other is not None and (item.detectable is None or item.by_other < item.detectable)


def _size(effect: float | None) -> str:
    return "none at all" if effect is None else f"{effect:.3g}"


_OTHER: Mapping[str | None, Literal["effect", "studentised"]] = {"studentised": "effect", "effect": "studentised"}
_REMEDY = (
    "Declare another pool with more regions, fewer main questions, or fewer other questions; more years or another "
    "statistic only sharpen what can be seen. Check again with: regiodeal check"
)


def _fixed(item: Reach, mains: int) -> tuple[str, str] | None:
    """Say what is decided beforehand, and what it takes for figures to decide; None where they can."""
    if item.refusal is not None:
        return f"nothing to compare with ({item.refusal})", "regions and years to compare, or no design"
    regions = f"{item.n_regions} regions"
    if item.p_smallest > INDICATION:
        need = f"at least {ceil(1 / INDICATION) - 1} regions: a smallest p of at most {INDICATION:g}"
        return f"'aanwijzing' out of reach: with {regions} p is never below {item.p_smallest:.3f}", need
    if item.p_smallest > ALPHA:
        need = f"at least {ceil(1 / ALPHA) - 1} regions, so that an interval has ends"
        return f"'geen aanwijzing' and 'sterke aanwijzing' out of reach: {regions} give no interval", need
    if item.p_corrected > ALPHA:
        most = floor(ALPHA / item.p_smallest + 1e-9)
        need = f"at most {most} main questions with {regions}, or {ceil(mains / ALPHA) - 1} regions for {mains}"
        least = f"with {regions} and {mains} main questions the corrected p is never below {item.p_corrected:.3f}"
        return f"'sterke aanwijzing' out of reach: {least}", need
    weak = [number for number, count in item.variants.items() if smallest_p(count) > INDICATION]
    if weak:
        need = f"variants with at least {ceil(1 / INDICATION) - 1} regions each"
        return f"'sterke aanwijzing' out of reach: too few regions in robustness {', '.join(weak)}", need
    return None


def _reach(blind: Opened, design: Design) -> Reach:
    variants = {str(number): _count(blind, item) for number, item in enumerate(design.variants)}
    try:
        compared = compare(design, blind.indicators, blind.regions[design.id], blind.panel, blind.atlas)
        _, estimator = ESTIMATORS[design.method]
        found = estimator(compared.comparison)
    except CannotEstimate as refusal:
        return Reach(design, 0, 1.0, 1.0, 1.0, None, None, variants, refusal.reason)
    others = replace(found, effect=found.effect[1:], gap=found.gap[1:], unit_weights=None, time_weights=None)
    scale = scale_of(design, blind.indicators[design.indicator])
    declared = design.statistic or "studentised"
    size, by_other = (_detectable(others, statistic, scale) for statistic in (declared, _OTHER[declared]))
    count = compared.comparison.n_placebo
    return Reach(design, count, smallest_p(count), 1.0, 1.0, size, by_other, variants)


def _detectable(others: Counterfactual, statistic: Statistic, scale: Scale) -> float | None:
    """Give the effect that a test shows in 80% of the regions, as it is told; None where it shows none."""
    try:
        size = float(detectable_effect(others.effect, scales_of(others, statistic)))
    except CannotEstimate:
        return None
    return float(scale.size(size)) if np.isfinite(size) else None


def _count(blind: Opened, variant: Design) -> int:
    """Count the regions of a variant; none where it cannot be compared."""
    try:
        compared = compare(variant, blind.indicators, blind.regions[variant.id], blind.panel, blind.atlas)
    except CannotEstimate:
        return 0
    return compared.comparison.n_placebo


def _blinded(opened: Opened) -> pd.DataFrame:
    """Take the treated region and its municipalities out of a panel; the mean of all other regions stands in."""
    own = {opened.atlas.region, *opened.atlas.own}
    panel = opened.panel[~opened.panel["unit"].isin(own)]
    groups = {unit_of(codes) for regions in opened.regions.values() for codes in regions.members.values()}
    mean = panel[panel["unit"].isin(groups)].groupby(["indicator", "period"], as_index=False)["value"].mean()
    return pd.concat([panel, mean.assign(unit=opened.atlas.region)], ignore_index=True)
