"""A complete panel of units and periods, or a refusal that names every gap and every double.

Estimators take arrays.  This module makes them from rows, so that nothing is dropped, filled in or counted twice on the
way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.estimate import CannotEstimate

_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One outcome of all units in all periods.

    Attributes
    ----------
    units : tuple[str, ...]
        N units, sorted.
    periods : tuple[int, ...]
        T periods (years, or months counted through), sorted.
    values : array, shape (N, T)
        Complete; read-only.
    """

    units: tuple[str, ...]
    periods: tuple[int, ...]
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class Window:
    """Which periods count as before and which as after.

    Attributes
    ----------
    pre, post : tuple[int, ...]
        Periods before and after, each ascending; what is in neither does not count.
    """

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
    periods : sequence of int
        Those with figures.
    pre : tuple[int, int]
        First and last period before the start.
    last : int
        Last period that counts.
    excluded : sequence of int
        Left out of both (2019: the deal began halfway).
    minimum_pre : int
        Fewer periods before give no estimate.

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


def panel_from_rows(units: Sequence[str], periods: Sequence[int], values: Sequence[float | None]) -> Panel:
    """Make a panel from rows of equal length.

    Parameters
    ----------
    units, periods, values : sequences of equal length
        One row per unit and period, in any order; a value that is absent is None or NaN.

    Returns
    -------
    Panel

    Raises
    ------
    CannotEstimate
        When there are no rows, a unit has a period twice, or a value is missing; the message names them.
    ValueError
        When the sequences differ in length.
    """
    if not len(units) == len(periods) == len(values):
        raise ValueError("units, periods and values must be of equal length")
    if len(units) == 0:
        raise CannotEstimate("er zijn geen cijfers")
    places = [(str(unit), int(period)) for unit, period in zip(units, periods, strict=True)]
    double = [place for place, count in Counter(places).items() if count > 1]
    if double:
        raise CannotEstimate(f"dubbele cijfers: {_places(double)}")
    found = {
        place: float(value)
        for place, value in zip(places, values, strict=True)
        if value is not None and np.isfinite(float(value))
    }
    all_units = tuple(sorted({unit for unit, _ in places}))
    all_periods = tuple(sorted({period for _, period in places}))
    missing = [(unit, period) for unit in all_units for period in all_periods if (unit, period) not in found]
    if missing:
        raise CannotEstimate(f"ontbrekende cijfers: {_places(missing)}")
    table = np.array([[found[unit, period] for period in all_periods] for unit in all_units])
    table.setflags(write=False)
    return Panel(all_units, all_periods, table)


def select(panel: Panel, chosen: Window) -> np.ndarray:
    """Take the periods of a window out of a panel.

    Parameters
    ----------
    panel, chosen : Panel, Window
        Every period of the window is in the panel.

    Returns
    -------
    array, shape (N, len(chosen.periods))
        Periods before first.

    Raises
    ------
    CannotEstimate
        When the panel lacks a period.
    """
    absent = [period for period in chosen.periods if period not in panel.periods]
    if absent:
        raise CannotEstimate(f"er zijn geen cijfers over {_listing([str(period) for period in absent])}")
    return panel.values[:, [panel.periods.index(period) for period in chosen.periods]]


def _places(places: list[tuple[str, int]]) -> str:
    return _listing([f"{unit} {period}" for unit, period in places])


def _listing(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" en nog {more}" if more > 0 else "")
