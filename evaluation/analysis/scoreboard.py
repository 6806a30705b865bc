"""The scoreboard of promises: which agreed numbers were due, which of those were reached, and what became of results.

Reaching a number is never called an effect: nothing here says why a number changed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from evaluation.analysis.progress import TargetProgress

Movement = Literal["closer", "farther", "mixed", "equal", "unknown"]
"""What became of the distance of a result to the yardstick that the deal names for it."""


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Every number that was agreed, with how far it is on a day.

    Attributes
    ----------
    day : date    The day of the report: what was to be there by this day is due.
    rows : tuple[TargetProgress, ...]    One for each target in force, in the order of the deal; none is left out.
    before : Mapping[str, float]
        Target id to what was delivered a year earlier, in the target's unit; without those of which that is not known.
    """

    day: date
    rows: tuple[TargetProgress, ...]
    before: Mapping[str, float]

    @property
    def due(self) -> tuple[TargetProgress, ...]:
        """Those that were to be reached by the day, or on it."""
        return tuple(row for row in self.rows if row.target.by <= self.day)

    @property
    def running(self) -> tuple[TargetProgress, ...]:
        """Those whose date is still to come."""
        return tuple(row for row in self.rows if row.target.by > self.day)

    @property
    def reached(self) -> tuple[TargetProgress, ...]:
        """Those due that were reached."""
        return tuple(row for row in self.due if row.position == "doel bereikt")

    @property
    def missed(self) -> tuple[TargetProgress, ...]:
        """Those due that were not reached."""
        return tuple(row for row in self.due if row.position == "doel niet bereikt")

    @property
    def untold(self) -> tuple[TargetProgress, ...]:
        """Those due of which nobody can tell: not measured, not shown, or hanging on how a count was rounded."""
        return tuple(row for row in self.due if row not in self.reached and row not in self.missed)

    @property
    def early(self) -> tuple[TargetProgress, ...]:
        """Those reached before their date."""
        return tuple(row for row in self.running if row.position == "doel bereikt")

    def change(self, row: TargetProgress) -> float | None:
        """Say what was added to a target in a year.

        Parameters
        ----------
        row : TargetProgress
            One of `rows`.

        Returns
        -------
        float | None
            In the target's unit; None where what was delivered now or a year earlier is not known.
        """
        then = self.before.get(row.target.id)
        return None if then is None or row.delivered is None else row.delivered - then


@dataclass(frozen=True, slots=True)
class ResultsTally:
    """How many of the intended results are measured, and what became of those that name a yardstick.

    Attributes
    ----------
    total, measured : int    Of all intended results; measured as the chapters of the themes recorded it.
    movements : Mapping[str, str]    Result id to `Movement`, of the results that are to come nearer to the yardstick.
    """

    total: int
    measured: int
    movements: Mapping[str, Movement]

    def count(self, movement: Movement) -> int:
        """Count the results of which this became.

        Parameters
        ----------
        movement : Movement
            What became of their distance.

        Returns
        -------
        int
            Of `movements`.
        """
        return Counter(self.movements.values())[movement]


def movement_of(distances: Iterable[Movement]) -> Movement:
    """Say what became of a result from what became of each of its figures.

    Parameters
    ----------
    distances : iterable of Movement
        Of every figure that measures the result; those that are unknown do not decide.

    Returns
    -------
    Movement
        closer or farther when no known figure went the other way, mixed when some did, equal when none moved, unknown
        without a figure that tells.

    Examples
    --------
    >>> movement_of(["closer", "equal", "unknown"]), movement_of(["closer", "farther"]), movement_of(["unknown"])
    ('closer', 'mixed', 'unknown')
    """
    known = set(distances) - {"unknown"}
    if {"closer", "farther"} <= known or "mixed" in known:
        return "mixed"
    moved: tuple[Movement, ...] = ("closer", "farther", "equal")
    return next((movement for movement in moved if movement in known), "unknown")
