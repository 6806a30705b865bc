"""Complete outcomes of units and periods, or a refusal that names every gap and every double.

Estimators take arrays.  These are made of rows, so that nothing is dropped, filled in or counted twice on the
way.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.estimate import CannotEstimate

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Window:
    """Which periods count as before and which as after, each ascending; what is in neither does not count."""

    pre: tuple[int, ...]
    post: tuple[int, ...]

    @property
    def periods(self) -> tuple[int, ...]:
        """All periods that count, in order."""
        return self.pre + self.post


def window(
    periods: Sequence[int], *, pre: tuple[int, int], last: int, excluded: Sequence[int] = (), minimum_pre: int
) -> Window:
    """Split periods in before and after.

    Parameters
    ----------
    periods, pre, last : sequence of int, tuple[int, int], int
        Those with figures; the first and last period before the start; the last one that counts.
    excluded, minimum_pre : sequence of int, int
        Left out of both (2019: the deal began halfway); fewer periods before give no estimate.

    Returns
    -------
    Window

    Raises
    ------
    CannotEstimate
        When the time before is too short or there is no period after.
    """
    usable = [p for p in sorted(set(periods)) if p not in excluded]
    before = tuple(p for p in usable if pre[0] <= p <= pre[1])
    after = tuple(p for p in usable if pre[1] < p <= last)
    if len(before) < minimum_pre:
        raise CannotEstimate(
            f"de reeks telt {len(before)} perioden vóór de start; er zijn er minstens {minimum_pre} nodig"
        )
    if not after:
        raise CannotEstimate("er is nog geen hele periode na de start van de deal")
    return Window(before, after)


def outcomes_of(
    order: Sequence[str], *, units: Sequence[str], periods: Sequence[int], values: Sequence[float | None]
) -> np.ndarray:
    """Make an array of rows, of which there is one for each unit and period.

    Parameters
    ----------
    order, units, periods, values : sequence of N str, sequences of equal length
        The units that are wanted, and rows in any order; a value that is absent is None or NaN.

    Returns
    -------
    array, shape (N, T)
        Complete; units as ordered, periods ascending.

    Raises
    ------
    CannotEstimate
        When there are no rows, a unit has a period twice, a value is missing (the message names them) or a unit is.
    """
    places = [(str(unit), int(period)) for unit, period in zip(units, periods, strict=True)]
    if not places:
        raise CannotEstimate("er zijn geen cijfers")
    double = [place for place, count in Counter(places).items() if count > 1]
    if double:
        raise CannotEstimate(f"dubbele cijfers: {_listing(double)}")
    found = {
        place: float(value)
        for place, value in zip(places, values, strict=True)
        if value is not None and np.isfinite(float(value))
    }
    all_periods = sorted({period for _, period in places})
    known = sorted({unit for unit, _ in places})
    missing = [(unit, period) for unit in known for period in all_periods if (unit, period) not in found]
    if missing:
        raise CannotEstimate(f"ontbrekende cijfers: {_listing(missing)}")
    absent = len(set(order) - set(known))
    if absent:
        raise CannotEstimate(f"er zijn geen cijfers over {absent} van de regio's")
    return np.array([[found[unit, period] for period in all_periods] for unit in order])


def _listing(places: list[tuple[str, int]]) -> str:
    words = [f"{unit} {period}" for unit, period in places]
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" en nog {more}" if more > 0 else "")
