"""Floor space and amounts: when a sum gives one of its contributors away, and which sums are then not shown.

A difference of two sums that are shown is a sum itself: where one shop left between two years, or one firm paid in a
year, it is the size of that shop, or what that firm paid.  So differences are written down and protected like the rest.
"""

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluation.inputs.records.cell_suppression import Relation, find_hidden

DOMINANT, DOMINANCE = 2, 0.9
"""A sum is not shown when so many of its largest contributors have this share of it (the n-k rule)."""

P_PERCENT = 0.1
"""Nor when the second largest contributor can tell the largest to within this share (the p-percent rule)."""

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
    differences : set    Those that are the difference of two others; they are shown nowhere.
    """

    values: dict[Any, float]
    stage: Callable[[Any], int]
    minimum: int = 1
    published: Mapping[Any, float] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    needed: dict[Any, float] = field(default_factory=dict)
    differences: set[Any] = field(default_factory=set)

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

    def judge_difference(self, key: Hashable, of: Relation, contributions: Collection[float]) -> None:
        """Protect a difference where its contributions ask for it; where there are none, a reader may know that.

        A correction of what was published before is a contribution too: a reader subtracts what was published.

        Parameters
        ----------
        key, of, contributions : hashable, Relation, collection of float
            A name for it, the sums that it is made of with their signs, and what each contributor adds to it.
        """
        if not self.values.keys() >= of.keys():
            return
        corrected = (self.values[cell] - self.published.get(cell, math.nan) for cell in of)
        contributions = [*contributions, *(size for size in corrected if not math.isnan(size))]
        width = _needed_width(contributions, minimum=self.minimum)
        if width is not None:
            self.values[key] = sum(sign * self.values[cell] for cell, sign in of.items())
            self.relations.append({key: -1, **of})
            self.needed[key] = width
            self.differences.add(key)
        elif all(abs(size) <= _NOTHING for size in contributions) and not self._is_corrected(of):
            self.relations.append(of)

    def _is_corrected(self, of: Relation) -> bool:
        """Tell whether something of the same area or theme was published otherwise: then nobody knows what stayed."""
        places = {(cell[0], self.stage(cell)) for cell in of}
        return any(
            abs(self.values.get(key, shown) - shown) > _NOTHING
            for key, shown in self.published.items()
            if (key[0], self.stage(key)) in places
        )

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
            self.relations,
            needed=self.needed,
            unpublished={*unpublished, *self.differences, *kept_back},
            rank=rank,
            stage={key: self.stage(key) for key in self.values},
            floor=dict.fromkeys(self.differences, -math.inf),
            settled=settled,
        )
        return found - self.differences
