"""The gap to a benchmark: how large it is, how it changed, and whether it closes.  A description, never an effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.analysis.effects.estimate import CannotEstimate

Movement = Literal["kleiner", "groter", "ongeveer gelijk", "van richting veranderd"]


@dataclass(frozen=True, slots=True)
class BenchmarkGap:
    """The gap between a region and its benchmark, in a base period and now.

    Attributes
    ----------
    base, now, change : float
        Gap (region minus benchmark) in the base period and the last period, and the difference; in the unit of the
        outcome, or in percent of the benchmark when relative.
    closed_share : float | None
        Share of the base gap that has closed (1: gone, negative: grown); None where the base gap is no more than its
        usual movement.
    convergence_per_period : float
        Slope of the absolute gap through all periods, in the unit per period; negative: closing.
    usual_movement : float
        Standard deviation (ddof 1) of changes between periods up to the base period.
    movement : str
        How the gap moved in size since the base period; a change within the usual movement is none.
    """

    base: float
    now: float
    change: float
    closed_share: float | None
    convergence_per_period: float
    usual_movement: float
    movement: Movement


def gap_to_benchmark(
    periods: Sequence[int],
    region: Sequence[float],
    benchmark: Sequence[float],
    *,
    base: int,
    relative: bool = False,
) -> BenchmarkGap:
    """Describe the gap between a region and a benchmark over time.

    Parameters
    ----------
    periods : sequence of T int
        Ascending.
    region, benchmark : sequences of T floats
        In the same unit, complete.
    base : int
        The period that counts as the beginning (2018); at least three periods lie up to and including it.
    relative : bool
        Gap in percent of the benchmark.

    Raises
    ------
    CannotEstimate
        When a value is missing, a period is double, the base period is absent or too early, or nothing follows it.
    """
    moments, own, other = (np.asarray(x, dtype=float) for x in (periods, region, benchmark))
    if not (len(moments) == len(own) == len(other)) or not (np.isfinite(own).all() and np.isfinite(other).all()):
        raise CannotEstimate("een cijfer van de regio of van de vergelijking ontbreekt")
    if (np.diff(moments) <= 0).any():
        raise CannotEstimate("een periode komt dubbel voor of de perioden staan niet op volgorde")
    before = moments <= base
    if base not in moments or before.sum() < 3 or before.all():
        raise CannotEstimate(f"rond het basisjaar {base} zijn er te weinig perioden")
    if relative and (other == 0).any():
        raise CannotEstimate("de vergelijking is nul; een verschil in procenten bestaat dan niet")
    gap = 100 * (own / other - 1) if relative else own - other
    first, last = float(gap[moments == base][0]), float(gap[-1])
    usual = float(np.diff(gap[before]).std(ddof=1))
    return BenchmarkGap(
        base=first,
        now=last,
        change=last - first,
        closed_share=None if abs(first) <= usual else float(1 - abs(last) / abs(first) * np.sign(last * first)),
        convergence_per_period=float(np.polyfit(moments, np.abs(gap), 1)[0]),
        usual_movement=usual,
        movement=_movement(first, last, usual),
    )


def _movement(base: float, now: float, usual: float) -> Movement:
    if abs(now - base) <= usual:
        return "ongeveer gelijk"
    if now * base < 0:
        return "van richting veranderd"
    return "kleiner" if abs(now) < abs(base) else "groter"
