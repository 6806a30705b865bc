"""Two sets of numbers beside each other: which are the same, which are not, by how much, and why."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import package_dir
from evaluation.bundles.causes import Cause, Causes

DifferenceKind = Literal["value", "status", "unit_of_measure", "gone", "new"]

TOLERANCES = "reports/toleranties.csv"
_TOLERANCE_COLUMNS = ("maat", "relatief", "absoluut", "reden")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off and still count as the same, with the reason."""

    relative: float
    absolute: float
    reason: str

    def allows(self, expected: float, got: float) -> bool:
        """Tell whether two values count as the same."""
        return math.isclose(expected, got, rel_tol=self.relative, abs_tol=self.absolute)


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that is not the same."""

    result_id: str
    notebook: str
    cell: str
    unit_of_measure: str
    # value, status or unit_of_measure: what differs first; gone: there is no such number now; new: there was none
    kind: DifferenceKind
    expected: float | None  # in `unit_of_measure`, as `got`
    got: float | None
    expected_status: str  # as in results.csv; empty where there is no such number
    got_status: str
    causes: tuple[Cause, ...]

    def __str__(self) -> str:
        values = [
            status if value is None else str(value)
            for value, status in ((self.expected, self.expected_status), (self.got, self.got_status))
        ]
        if self.kind in ("gone", "new"):
            values[self.kind == "gone"] = "none"
        return f"{self.result_id}: {values[0]} -> {values[1]} ({'; '.join(map(str, self.causes))})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of a comparison."""

    same: tuple[str, ...]  # the numbers that are the same, exactly or within their tolerance
    # those that are so by their tolerance only: result_id, expected and got
    within: tuple[tuple[str, float, float], ...]
    differences: tuple[Difference, ...]


def read_tolerances(text: str, *, file: str = TOLERANCES) -> dict[str, Tolerance]:
    """Read the declared tolerances, by measure; a measure that is not in them is held to the last digit.

    Raises InputError for a row without a reason, a measure that is there twice, or a tolerance that is not a number
    from 0 to 0.01.
    """
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != _TOLERANCE_COLUMNS:
        raise InputError([Fault(file, f"columns {reader.fieldnames}", f"the columns {', '.join(_TOLERANCE_COLUMNS)}")])
    found: dict[str, Tolerance] = {}
    faults = []
    for number, row in enumerate(reader, start=2):
        sizes = [_size(row[name]) for name in ("relatief", "absoluut")]
        for name, size in zip(("relatief", "absoluut"), sizes, strict=True):
            if size is None:
                faults.append(Fault(file, repr(row[name]), "a number from 0 to 0.01", row=number, column=name))
        if not row["reden"]:
            expected = "why it is not held to the last digit"
            faults.append(Fault(file, "an empty cell", expected, row=number, column="reden"))
        if row["maat"] in found:
            faults.append(Fault(file, repr(row["maat"]), "each measure once", row=number, column="maat"))
        found[row["maat"]] = Tolerance(sizes[0] or 0.0, sizes[1] or 0.0, row["reden"])
    if faults:
        raise InputError(faults)
    return found


def own_tolerances() -> dict[str, Tolerance]:
    """Read the tolerances beside the package of this command, never those of a bundle; without them none is allowed."""
    path = package_dir().parent / TOLERANCES
    return read_tolerances(path.read_text(encoding="utf-8")) if path.is_file() else {}


def compare(causes: Causes, tolerances: Mapping[str, Tolerance]) -> Comparison:
    """Compare the numbers of the two runs in `causes`."""
    rows = [frame.to_dict("index") for frame in (causes.before.results, causes.now.results)]
    same: list[str] = []
    within: list[tuple[str, float, float]] = []
    differences = []
    for identity in sorted({*rows[0], *rows[1]}):
        old, new = rows[0].get(identity), rows[1].get(identity)
        if (kind := _judge(old, new, tolerances)) is not None:
            differences.append(_difference(identity, kind, old, new, causes))
            continue
        same.append(identity)
        if old["value"] != new["value"] and not pd.isna(old["value"]):
            within.append((identity, old["value"], new["value"]))
    return Comparison(tuple(same), tuple(within), tuple(differences))


def count_by_cause(differences: Sequence[Difference]) -> dict[Cause, int]:
    """Count the numbers that each cause may have changed, the most first."""
    counts: dict[Cause, int] = {}
    for difference in differences:
        for cause in difference.causes:
            counts[cause] = counts.get(cause, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _size(cell: str) -> float | None:
    try:
        size = float(cell)
    except ValueError:
        return None
    return size if 0 <= size <= 0.01 else None


def _judge(old: Mapping | None, new: Mapping | None, tolerances: Mapping[str, Tolerance]) -> DifferenceKind | None:
    if old is None:
        return "new"
    if new is None:
        return "gone"
    empty = [pd.isna(row["value"]) for row in (old, new)]
    if empty[0] != empty[1]:
        return "value"
    if not any(empty) and old["value"] != new["value"]:
        tolerance = tolerances.get(old["measure"])
        if tolerance is None or not tolerance.allows(old["value"], new["value"]):
            return "value"
    return next((name for name in ("unit_of_measure", "status") if old[name] != new[name]), None)


def _difference(
    identity: str, kind: DifferenceKind, old: Mapping | None, new: Mapping | None, causes: Causes
) -> Difference:
    there = [row for row in (old, new) if row is not None]
    values = [None if row is None or pd.isna(row["value"]) else float(row["value"]) for row in (old, new)]
    return Difference(
        result_id=identity,
        notebook=there[0]["notebook"],
        cell=there[0]["cell"],
        unit_of_measure=there[0]["unit_of_measure"],
        kind=kind,
        expected=values[0],
        got=values[1],
        expected_status="" if old is None else old["status"],
        got_status="" if new is None else new["status"],
        causes=causes.of(there[0]["notebook"], {row["source"] for row in there}),
    )
