"""Declared corrections of published figures: ``data/corrections.yml``.

A snapshot stays what the publisher gave.  A figure that is known to be wrong is corrected on the way into a panel, with
its reason beside every value that rests on it.  Each correction says what it expects to find; when the publisher has
mended the figure, the correction no longer fits and is refused until it is removed.
"""

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Literal, Self

import pandas as pd
import yaml
from pydantic import Field, model_validator

from evaluation.base.errors import Fault
from evaluation.base.paths import data_dir, shown
from evaluation.base.yaml_entries import build_entry, load_yaml, mapping_under, raise_faults, read_mapping
from evaluation.inputs.indicator_schema import Entry
from evaluation.statistics.snapshot_schema import SnapshotMetadata

FILE = "corrections.yml"


class Correction(Entry):
    """One figure that is known to be wrong.

    - `source`, `table`, `measure`, `region`, `period`: Which figure: ``politie``, ``47018NED``, ``1.1.1``, ``GM0917``,
      2018.
    - `expect`: What the snapshot has; anything else means that the source was mended.
    - `value`: What it should be; None where that is not known, and the figure is then missing.
    - `remove`: The figure should not be there at all: it is left out, as one that another figure already counts.
    - `reason`, `reference`: Why, in Dutch for the report, and where that can be checked.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    source: str
    table: str
    measure: str | None = None
    region: str
    period: int
    expect: float | Literal["withheld", "missing"]
    value: float | None = None
    remove: bool = False
    reason: str
    reference: str
    declared_on: date

    @property
    def place(self) -> tuple[str, str, str | None, str, int]:
        """Which figure it is about."""
        return (self.source, self.table, self.measure, self.region, self.period)

    @property
    def note(self) -> str:
        """What stands beside a value that rests on it."""
        return f"Door ons gecorrigeerd: {self.reason}"

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.expect == self.value:
            raise ValueError("the value is what the source has; a correction changes something")
        if self.remove and self.value is not None:
            raise ValueError("a figure that is left out has no value")
        return self


def load_corrections(*, folder: Path | None = None) -> tuple[Correction, ...]:
    """Read the declared corrections, none where there is no file; an InputError tells every fault.

    Parameters
    ----------
    folder : Path | None
        ``data`` by default.

    Returns
    -------
    tuple[Correction, ...]
    """
    path = (folder or data_dir()) / FILE
    if not path.is_file():
        return ()
    faults: list[Fault] = []
    found: dict[tuple, Correction] = {}
    content = read_mapping(path, {"corrections"}, faults)
    for key, fields in mapping_under(content, "corrections", path, faults).items():
        item = build_entry(Correction, fields, {"id": key}, path, f"corrections.{key}", faults)
        if item is None:
            continue
        if item.place in found:
            expected = f"one correction for a figure; {found[item.place].id} has it"
            faults.append(Fault(shown(path), "the same figure again", expected, key=f"corrections.{key}"))
        found[item.place] = item
    raise_faults(faults)
    return tuple(found.values())


def without_private(content: bytes, private: Collection[tuple[str, str]]) -> bytes:
    """Leave out of the file what is corrected in private tables, for it has their figures.

    Parameters
    ----------
    content, private : bytes, Collection[tuple[str, str]]
        Of the file, and source and table of each.

    Returns
    -------
    bytes
        The same where none is private.  That a row is left out stays, for a stand-in has it.
    """
    said = load_yaml(content) or {}
    found = said.get("corrections") or {}
    kept = {key: item for key, item in found.items() if (item["source"], item["table"]) not in private}
    if len(kept) == len(found):
        return content
    hidden = {"expect": "withheld", "reason": "niet openbaar", "reference": "niet openbaar"}
    kept |= {key: item | hidden for key, item in found.items() if key not in kept and item.get("remove")}
    return yaml.safe_dump(said | {"corrections": kept}, allow_unicode=True, sort_keys=False).encode()


def correct(
    frame: pd.DataFrame,
    corrections: Iterable[Correction],
    metadata: SnapshotMetadata,
    measure: str | None,
    *,
    is_withheld: bool = False,
) -> pd.DataFrame:
    """Apply the corrections of one series.

    Parameters
    ----------
    frame, corrections : DataFrame, Iterable[Correction]
        Columns region, period, value, status; corrections of any series.
    metadata, measure : SnapshotMetadata, str | None
        Of the snapshot that the series is from, and which measure of it.
    is_withheld : bool
        The figures are not told: there is nothing to compare or mend, and a row that is left out is left out.

    Returns
    -------
    DataFrame
        The same with a column note (Dutch; empty where nothing was corrected).

    Raises
    ------
    InputError
        For every correction that does not find what it expects.
    """
    result = frame.assign(note="")
    is_left_out = pd.Series(False, index=frame.index)
    faults = []
    for item in corrections:
        if item.place[:3] != (metadata.source, metadata.table, measure):
            continue
        is_it = (frame["region"] == item.region) & (frame["period"] == item.period)
        if is_withheld:
            is_left_out |= is_it & item.remove
            continue
        found = _found(frame[is_it])
        if found != item.expect:
            place = f"{item.source}/{item.table} of {metadata.vintage}, {item.region} {item.period}"
            expected = f"{item.expect} in {place}; when the source was mended, remove the correction"
            faults.append(Fault(f"data/{FILE}", str(found), expected, key=f"corrections.{item.id}.expect"))
            continue
        if item.remove:
            is_left_out |= is_it
            continue
        value, status = item.value, frame.loc[is_it, "status"].iloc[0]
        if value is None:
            value, status = float("nan"), "missing"
        elif status in ("withheld", "missing"):
            status = "provisional"
        result.loc[is_it, ["value", "status", "note"]] = [value, status, item.note]
    raise_faults(faults)
    return result[~is_left_out]


def _found(rows: pd.DataFrame) -> float | str:
    """Return the value of a figure, the status of one without a value, or that there is none."""
    if rows.empty:
        return "no such figure"
    row = rows.iloc[0]
    return row["status"] if pd.isna(row["value"]) else float(row["value"])
