"""What changed since the last release of an edition: every number with its cause, in groups, the largest first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.bundles.causes import Cause, Causes
from evaluation.bundles.compare import Difference, compare, own_tolerances
from evaluation.bundles.sides import open_side

Group = Literal["vintage", "record", "plan", "data", "code", "version", "unknown"]
GROUP_TITLES: dict[Group, str] = {
    "vintage": "Nieuwere of bijgestelde statistiek",
    "record": "Registratie van het programma, winkeltabellen of de tekst van de deal",
    "plan": "Het analyseplan",
    "data": "Andere gegevens, zoals de definitie van een indicator",
    "code": "De berekening",
    "version": "Versies van programma's",
    "unknown": "Geen vastgelegde invoer verschilt",
}
"""In this order: a number with more causes stands under the first of them."""

_KINDS: dict[str, Group] = {
    "snapshot": "vintage", "record": "record", "retail": "record", "deal": "record", "data": "data", "module": "code",
    "notebook": "code", "parameter": "code", "lock": "version", "version": "version", "absent": "data",
    "none": "unknown",
}  # fmt: skip
_PLANS = ("data/indicators/plan", "data/plans/")


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences between two releases."""

    same: int  # numbers that did not change
    groups: tuple[tuple[Group, tuple[Difference, ...]], ...]  # the largest relative change first

    @property
    def all(self) -> tuple[Difference, ...]:
        """Every changed number."""
        return tuple(item for _, items in self.groups for item in items)

    @property
    def revised(self) -> frozenset[str]:
        """The ids of numbers that were there and are others now."""
        return frozenset(item.result_id for item in self.all if item.kind not in ("new", "gone"))


def compare_bundles(before: Path, now: Path, deal_id: str) -> Changes:
    """Compare every number of two bundles, within the declared tolerances."""
    found = compare(Causes(open_side(str(before), deal_id), open_side(str(now), deal_id)), own_tolerances())
    return Changes(len(found.same), grouped(found.differences))


def grouped(differences: Sequence[Difference]) -> tuple[tuple[Group, tuple[Difference, ...]], ...]:
    """Put changed numbers under their cause; see `GROUP_TITLES`."""
    groups: dict[Group, list[Difference]] = {name: [] for name in GROUP_TITLES}
    for item in differences:
        groups[min((group_of(cause) for cause in item.causes), key=list(GROUP_TITLES).index)].append(item)
    return tuple(
        (name, tuple(sorted(items, key=lambda item: (-relative_change(item), item.result_id))))
        for name, items in groups.items()
        if items
    )


def group_of(cause: Cause) -> Group:
    """Say under which heading readers find a cause.

    >>> group_of(Cause("data", "data/indicators/plan.yml")), group_of(Cause("snapshot", "cbs/83625NED"))
    ('plan', 'vintage')
    """
    return "plan" if cause.kind == "data" and cause.name.startswith(_PLANS) else _KINDS[cause.kind]


def relative_change(item: Difference) -> float:
    """Return how much a number changed as a share of the larger of both; 1 where there is one value only.

    0 where only the kind of figure or the unit of measure changed.
    """
    if item.expected is None or item.got is None:
        return 0.0 if item.expected == item.got else 1.0
    largest = max(abs(item.expected), abs(item.got))
    share = abs(item.got - item.expected) / largest if largest else 0.0
    return share if math.isfinite(share) else 1.0
