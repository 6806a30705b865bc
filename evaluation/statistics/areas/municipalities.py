"""The municipalities of the Netherlands through time: what each is, and what became of it on later boundaries.

`evaluation.statistics.areas.boundary_tables` reads them, with what changed between them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from evaluation.base.errors import UsageError

FIRST_YEAR, LAST_YEAR = 2010, 2026
"""The tables tell the municipalities on 1 January of each of these years, and what changed in between."""

Kind = Literal["merger", "split", "correction", "renaming"]

SMALLEST_SHARE = Fraction(1, 100)
"""A correction that concerns a smaller share of the source's inhabitants is left out of the arithmetic."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality and the time it existed.

    - `code`, `name`, `province`: CBS codes (``GM0917``, ``PV31``) and the name that CBS uses.
    - `corop`, `corop_name`: CBS code and name of the COROP area that it lies in, or lay in on its last day (``CR39``,
      Zuid-Limburg).
    - `since`: First day, after CBS; None where CBS gives no day (before 1830).
    - `until`: First day on which it was no more; None for a municipality of today.
    - `successor`: Code of the municipality that it was merged into as a whole, or that it became under another name;
      None for a municipality of today, and for one that was split.
    """

    code: str
    name: str
    province: str
    corop: str
    corop_name: str
    since: date | None
    until: date | None
    successor: str | None

    def exists_in(self, year: int) -> bool:
        """Tell whether it existed on 1 January of a year.

        Parameters
        ----------
        year : int
            Any, also one off record.

        Returns
        -------
        bool
        """
        return self.exists_on(date(year, 1, 1))

    def exists_on(self, day: date) -> bool:
        """Tell whether it existed on a day.

        Parameters
        ----------
        day : date
            Any.

        Returns
        -------
        bool
        """
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Change:
    """What went from one municipality to another on one day.

    - `day`: First day of the new situation.
    - `source`, `target`: Code that gave, code that received.
    - `kind`: merger, split, correction or renaming, as `tools.boundaries.Move` has them.
    - `homes`, `inhabitants`: What moved, counted on that day; None for a renaming, and where CBS does not tell.
    - `share`: Of the source's inhabitants: 1 for a merger or a renaming; for a split exact, from the inhabitants; for a
      correction rounded to six decimals.
    """

    day: date
    source: str
    target: str
    kind: Kind
    homes: int | None
    inhabitants: int | None
    share: Fraction

    @property
    def is_ignored(self) -> bool:
        """Whether it is a correction too small to count with."""
        return self.kind == "correction" and self.share < SMALLEST_SHARE


def transfers(
    municipalities: Sequence[Municipality], changes: Iterable[Change], year: int, to: int
) -> dict[str, dict[str, Fraction]]:
    """Tell what became of each municipality of one year on the boundaries of a later year.

    Parameters
    ----------
    municipalities, changes : Sequence[Municipality], Iterable[Change]
        Of all years, the changes in any order; corrections smaller than `SMALLEST_SHARE` are left out.
    year, to : int
        Boundaries of 1 January of each; `to` is not before `year`.

    Returns
    -------
    dict[str, dict[str, Fraction]]
        For each municipality of `year` the municipalities of `to` that it is in, each with its share of the inhabitants
        on the day of the change.  The shares are 1 together, and exactly 1 where it went over as a whole.

    Raises
    ------
    UsageError
        For a year that is not on record, or a `to` before `year`.
    """
    check_year(year)
    check_year(to)
    if to < year:
        raise UsageError(f"What became of the municipalities of {year} is not told by {to}: ask for {year} or later.")
    days: dict[date, dict[str, dict[str, Fraction]]] = defaultdict(lambda: defaultdict(dict))
    for change in changes:
        is_in_time = date(year, 1, 1) < change.day <= date(to, 1, 1)
        if is_in_time and change.share and not change.is_ignored:
            days[change.day][change.source][change.target] = change.share
    result = {item.code: {item.code: Fraction(1)} for item in municipalities if item.exists_in(year)}
    for _, moved in sorted(days.items()):  # a day at a time: what came in on one day may go on with the next
        for source, where in moved.items():
            rest = 1 - sum(where.values())
            if rest:
                where[source] = rest
        for origin, where in result.items():
            if moved.keys() & where.keys():
                result[origin] = _moved(where, moved)
    return result


def check_year(year: int) -> None:
    """Refuse a year of which the municipalities are not on record.

    Parameters
    ----------
    year : int
        Of municipal boundaries.

    Raises
    ------
    UsageError
        Before FIRST_YEAR or after LAST_YEAR.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UsageError(f"Municipalities are on record for {FIRST_YEAR} to {LAST_YEAR}, not for {year}.")


def _moved(where: dict[str, Fraction], moved: dict[str, dict[str, Fraction]]) -> dict[str, Fraction]:
    """Apply the moves of one day, all at once: what two municipalities exchange does not go back and forth."""
    result: dict[str, Fraction] = defaultdict(Fraction)
    for code, share in where.items():
        for target, part in moved.get(code, {code: Fraction(1)}).items():
            result[target] += share * part
    return dict(result)
