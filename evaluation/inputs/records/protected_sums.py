"""Floor space and amounts: when a sum gives one of its contributors away, and which sums are then not shown.

A difference of two sums that are shown is a sum itself: where one shop left between two years, or one firm paid in a
year, it is the size of that shop, or what that firm paid.  So differences are written down and protected like the rest.
"""

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.inputs.records.cell_suppression import Relation, find_hidden

DOMINANT, DOMINANCE = 2, 0.9
"""A sum is not shown when so many of its largest contributors have this share of it (the n-k rule)."""

P_PERCENT = 0.1
"""Nor when the second largest contributor can tell the largest to within this share (the p-percent rule)."""

NEARLY = 0.01
"""What was published is the same as now when it differs by no more than this."""

_NOTHING = 1e-6


def _needed_width(contributions: Iterable[float], *, minimum: int = 1) -> float | None:
    """Tell whether a sum gives one of its contributors away, and how wide its range must stay.

    That is the largest contribution, for a sum of fewer than the minimum, one in which two have 90% or more, and one of
    which all but the largest two are less than 10% of the largest; None for a sum that may be shown.  These are the
    defaults of ACRO (n = 2, k = 0.90, p = 0.1); Hundepool e.a., Statistical Disclosure Control (2012), section 4.2.

    >>> _needed_width([500, 30, 20])
    500.0
    >>> _needed_width([50, 45, 40, 38]) is None
    True
    """
    sizes = sorted((abs(size) for size in contributions if abs(size) > _NOTHING), reverse=True)
    if not sizes:
        return None
    whole, rest = sum(sizes), sum(sizes[2:])
    is_dominated = sum(sizes[:DOMINANT]) >= DOMINANCE * whole or rest < P_PERCENT * sizes[0]
    return float(sizes[0]) if len(sizes) < minimum or is_dominated else None


def _widest(contributions: Sequence[float], correction: float, minimum: int) -> float | None:
    """Tell how wide the range of a difference must stay, where a correction of unknown contributors is in it too.

    It may be of another contributor, of the largest, or of all but the largest two.
    """
    cases = [_needed_width(contributions, minimum=minimum)]
    if correction:
        largest, second, *others = [*sorted(map(abs, contributions), reverse=True), 0.0, 0.0]
        cases.append(_needed_width([*contributions, correction], minimum=minimum))
        cases.append(_needed_width([largest + correction, second, sum(others)]))
        cases.append(_needed_width([largest, second, max(sum(others) - correction, 0.0)]))
    return max((width for width in cases if width is not None), default=None)


def as_published(values: Mapping[Any, float], published: Mapping[Any, float]) -> dict[Any, float]:
    """Put what was published before in the place of what was corrected since; a rounding is no correction.

    Parameters
    ----------
    values, published : mapping, mapping
        As they are now, and as they were shown (NaN: withheld).

    Returns
    -------
    dict
        Of all values.
    """
    return {
        key: before if abs((before := published.get(key, value)) - value) > NEARLY else value
        for key, value in values.items()
    }


def still_holding(relations: Iterable[Relation], values: Mapping[Any, float]) -> list[Relation]:
    """Leave out sums that do not hold between what a reader has: one side of them was corrected.

    Parameters
    ----------
    relations, values : iterable of Relation, mapping
        As of `as_published`.

    Returns
    -------
    list[Relation]
    """
    return [of for of in relations if abs(sum(by * values[cell] for cell, by in of.items())) <= _NOTHING]


@dataclass(slots=True)
class ProtectedSums:
    """Sums that are shown or follow from what is shown, with the sums between them and what each needs.

    Attributes
    ----------
    values : dict    Every sum, by a tuple that begins with its area or theme.
    minimum : int    As of `_needed_width`.
    stage : callable    Key to the year in which it is published first.
    published : mapping    What was shown of them before (NaN: withheld).
    relations : list[Relation]    What holds between them.
    needed : dict    Those that are protected, with how wide their range must stay.
    differences : dict    Those that are the difference of two others, shown nowhere, and the least they can be.
    """

    values: dict[Any, float]
    stage: Callable[[Any], int]
    minimum: int = 1
    published: Mapping[Any, float] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    needed: dict[Any, float] = field(default_factory=dict)
    differences: dict[Any, float] = field(default_factory=dict)
    now: Mapping[Any, float] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the values as they are now beside those that a reader has."""
        self.now = self.values
        self.values = as_published(self.values, self.published)

    @property
    def sums(self) -> dict[Any, float]:
        """The sums without the differences."""
        return {key: value for key, value in self.values.items() if key not in self.differences}

    def judge(self, key: Hashable, contributions: Iterable[float]) -> None:
        """Protect a sum where its contributions ask for it.

        Parameters
        ----------
        key, contributions : hashable, iterable of float
            One that is not among the values is passed over.
        """
        width = _needed_width(contributions, minimum=self.minimum)
        if key in self.values and width is not None:
            self.needed[key] = width

    def judge_difference(self, key: Hashable, of: Relation, contributions: Iterable[float]) -> None:
        """Protect a difference where its contributions ask for it; where there are none, a reader may know that.

        A correction of what was published before is a contribution too: a reader subtracts what was published.

        Parameters
        ----------
        key, of, contributions : hashable, Relation, iterable of float
            A name for it, the sums that it is made of with their signs, and what each contributor adds to it.
        """
        if not self.values.keys() >= of.keys():
            return
        correction = max(abs(self.now[cell] - self.values[cell]) for cell in of)
        contributions = [size for size in contributions if abs(size) > _NOTHING]
        width = _widest(contributions, correction, self.minimum)
        # who knows which contributors came, and that none left, knows that the sum did not go down
        sign = -1 if max(contributions, default=1) < 0 else int(min(contributions, default=-1) > 0)
        sign = sign if not correction else 0
        if width is not None or sign:
            self.values[key] = (sign or 1) * sum(weight * self.values[cell] for cell, weight in of.items())
            self.relations.append({key: -(sign or 1), **of})
            self.differences[key] = 0.0 if sign else -math.inf
        if width is not None:
            self.needed[key] = width
        elif not contributions:
            self.relations.append(of)

    def hidden(self, *, unpublished: Collection[Any], rank: Mapping[Any, int]) -> frozenset[Any]:
        """Find the sums that are not shown.

        Parameters
        ----------
        unpublished, rank
            As of `find_hidden`; what is shown nowhere beside the differences.

        Returns
        -------
        frozenset
            Without the differences; of a year that was published before, all that was not shown then.
        """
        settled = {self.stage(key) for key in self.published}
        shown = {key for key, value in self.published.items() if not math.isnan(value)}
        kept_back = {key for key in self.values if self.stage(key) in settled} - shown
        found = find_hidden(
            self.values,
            still_holding(self.relations, self.values),
            needed=self.needed,
            unpublished={*unpublished, *self.differences, *kept_back},
            rank=rank,
            stage={key: self.stage(key) for key in self.values},
            floor=self.differences,
            settled=settled,
        )
        return found - self.differences.keys()
