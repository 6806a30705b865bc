"""Plant a known effect in the figures of the region and see which grade follows: whether the rules can decide."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from evaluation.analysis.estimation import Estimated, Opened, estimate_again, estimate_design, judge
from evaluation.inputs.indicators import Indicator

FACTORS = (1.0, 0.95, 0.85, 0.7, 0.5, 0.1)
"""By which the outcome of the region is multiplied after the start; 1: nothing planted."""

COLUMNS = ("design", "factor", "deviation", "p_value", "p_adjusted", "rank", "mde", "grade", "reason")


def plant_effects(
    opened: Opened,
    *,
    indicators: Mapping[str, Indicator],
    designs: Sequence[str] | None = None,
    factors: Sequence[float] = FACTORS,
    found: Mapping[str, Estimated] | None = None,
) -> pd.DataFrame:
    """Multiply the outcome of the treated region after the start by each factor, and estimate and judge it again.

    One design at a time: the p of the others, which count in the correction, are those of the figures as they are.
    What is multiplied are the figures of the region and its municipalities in the panel, before percent or units are
    taken; an exposure stays.

    Parameters
    ----------
    opened, indicators : Opened, mapping
        From `estimation.open_designs`.
    designs, factors : sequence of str, sequence of float
        Ids of the designs, all by default; factors above zero.
    found : mapping of id to Estimated, optional
        Every design as it is, where that has been estimated.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row per design and factor: deviation, p_value, p_adjusted, rank and mde of the estimate
        (told in its unit), the grade and its reason.

    Raises
    ------
    ValueError
        For a factor that is not above zero.
    """
    wrong = [factor for factor in factors if not factor > 0]
    if wrong:
        raise ValueError(f"factors must be above zero: {wrong}")
    plain = dict(found or {design.id: estimate_design(opened, design) for design in opened.designs})
    rows = []
    for design in opened.designs:
        if designs is not None and design.id not in designs:
            continue
        for factor in factors:
            item = plain[design.id]
            if factor != 1:
                item = estimate_again(_planted(opened, design.indicator, design.pre[1], factor), item)
            estimate = judge({**plain, design.id: item}, indicators)[design.id].estimate
            numbers = (estimate.value, estimate.p_value, estimate.p_adjusted, estimate.rank, estimate.mde)
            rows.append((design.id, factor, *numbers, estimate.deviation, estimate.reason))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _planted(opened: Opened, indicator: str, last_before: int, factor: float) -> Opened:
    panel, own = opened.panel, {opened.atlas.region, *opened.atlas.own}
    is_hit = (panel["indicator"] == indicator) & panel["unit"].isin(own) & (panel["period"] > last_before)
    value = panel["value"].where(~is_hit, panel["value"] * factor)
    return replace(opened, panel=panel.assign(value=value))
