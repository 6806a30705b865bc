"""Pinned tables of official statistics: add, open, verify and list them.

A snapshot is a small tidy table, ``data/snapshots/<source>/<vintage>/<table>.csv``, with its metadata beside it in
``<table>.yml``.  It is never changed: newer figures are a new vintage.  Whatever does not agree with its metadata is
refused, so that a damaged file never becomes a number.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.errors import SnapshotError, did_you_mean
from evaluation.paths import data_dir, read_bytes, shown

Status = Literal["final", "provisional", "withheld", "missing"]
STATUSES: tuple[str, ...] = ("final", "provisional", "withheld", "missing")
"""From best to worst; a value computed from several has the worst of theirs."""

ROW_COUNTS = "row_counts.csv"
ROW_COUNT_COLUMNS = ["source", "table", "vintage", "period", "rows"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Model):
    """One column of a snapshot.

    Attributes
    ----------
    name : str
    role : str
        region (CBS code), period (year), measure (code of what is counted), value, or status.
    meaning : str
        In Dutch.
    unit : str | None
        Of the values.
    codes : dict[str, str]
        Code to label, as the publisher names it.
    """

    name: str
    role: Literal["region", "period", "measure", "value", "status"]
    meaning: str
    unit: str | None = None
    codes: dict[str, str] = {}


class SnapshotMetadata(_Model):
    """Where a snapshot comes from and what is in it.

    Attributes
    ----------
    source, table, vintage : str, str, date
        Its place: ``<source>/<vintage>/<table>``.  The vintage is the day on which the figures were recorded.
    title, publisher, publisher_table, url : str
        Of the publisher's table; `table` may be a part of it.
    licence, licence_url, attribution : str
        Terms of use, and the words that must stand with the figures.
    retrieved : date
        Day of the recording that the figures were taken from.
    modified_at_source : date | None
        The publisher's last change; None where the recording does not tell, and `modified_note` says so.
    origin : str
        Publisher's table, and who recorded it.
    boundaries : "each_year" | int
        Municipalities as they were in each year, or on the boundaries of one year for all years.
    provisional_rule, made_by : str
        When figures are provisional; how the table was made, with what is published and what was summed.
    notes : tuple[str, ...]
    first_period, last_period, rows : int
    sha256 : str
        Of the CSV's bytes.
    columns : tuple[Column, ...]
    """

    source: str
    table: str
    vintage: date
    title: str
    publisher: str
    publisher_table: str
    url: str
    licence: str
    licence_url: str
    attribution: str
    retrieved: date
    modified_at_source: date | None
    modified_note: str | None = None
    origin: str
    boundaries: Literal["each_year"] | int
    provisional_rule: str
    made_by: str
    notes: tuple[str, ...] = ()
    columns: tuple[Column, ...]
    first_period: int
    last_period: int
    rows: int
    sha256: str

    @property
    def measure_column(self) -> str | None:
        """Name of the column that tells what is counted; None when the table holds one measure."""
        return next((column.name for column in self.columns if column.role == "measure"), None)

    def summary(self) -> dict[str, object]:
        """Return what the record of a run says of a snapshot: its place, origin, licence, dates, rows and sha256."""
        names = ("source", "table", "vintage", "title", "publisher", "publisher_table", "url", "licence", "attribution")
        dates = ("origin", "retrieved", "modified_at_source", "rows", "sha256")
        return self.model_dump(mode="json", include={*names, *dates})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table that agrees with its metadata.

    Attributes
    ----------
    frame : DataFrame
        Columns region (str), period (int, year), perhaps one measure column (str), value (float), status (str).
    metadata : SnapshotMetadata
    """

    frame: pd.DataFrame
    metadata: SnapshotMetadata

    def series(self, measure: str | None) -> pd.DataFrame:
        """Return region, period, value and status of one measure (None: the only one).

        Raises
        ------
        SnapshotError
            When the table does not hold the measure.
        """
        column = self.metadata.measure_column
        known = [] if column is None else sorted(self.frame[column].unique())
        if (measure is None) != (column is None) or (measure is not None and measure not in known):
            held = ", ".join(known) if known else "one measure, without a code"
            raise SnapshotError(f"{_name(self.metadata)} has no measure {measure!r}; it holds: {held}.")
        rows = self.frame if column is None else self.frame[self.frame[column] == measure]
        return rows[["region", "period", "value", "status"]].reset_index(drop=True)


def open_snapshot(source: str, table: str, *, vintage: str | None = None, folder: Path | None = None) -> Snapshot:
    """Open one snapshot, the latest vintage of the table unless one is named.

    Parameters
    ----------
    source, table : str
        ``"cbs"``, ``"83625NED"``.
    vintage : str | None
        ISO date.
    folder : Path | None
        Folder of the snapshots; that of the project by default.

    Returns
    -------
    Snapshot

    Raises
    ------
    SnapshotError
        When there is no such snapshot, its metadata are missing, or the CSV is not what the metadata say.
    """
    folder = folder or data_dir() / "snapshots"
    found = sorted(path for path in folder.glob(f"{source}/*/{table}.*") if path.suffix in (".csv", ".yml"))
    vintages = sorted({path.parent.name for path in found})
    if not vintages:
        names = sorted({f"{path.parent.parent.name}/{path.stem}" for path in folder.glob("*/*/*.yml")})
        hint = did_you_mean(f"{source}/{table}", names) or ""
        raise SnapshotError(
            f"There is no snapshot {source}/{table}; there are: {', '.join(names) or 'none'}. {hint}".strip()
        )
    if vintage is not None and vintage not in vintages:
        raise SnapshotError(f"There is no vintage {vintage} of {source}/{table}; there are: {', '.join(vintages)}.")
    return _open(folder / source / (vintage or vintages[-1]) / f"{table}.yml")


def list_snapshots(*, folder: Path | None = None) -> tuple[SnapshotMetadata, ...]:
    """List the metadata of every snapshot, by source, table and vintage; the tables themselves are not read."""
    folder = folder or data_dir() / "snapshots"
    found = [_read_metadata(path) for path in folder.glob("*/*/*.yml")]
    return tuple(sorted(found, key=lambda item: (item.source, item.table, item.vintage)))


def verify_snapshots(*, folder: Path | None = None) -> tuple[SnapshotMetadata, ...]:
    """Check every snapshot, and the row counts per period, and return their metadata.

    Raises
    ------
    SnapshotError
        With one line for each fault.
    """
    folder = folder or data_dir() / "snapshots"
    faults: list[str] = []
    good: list[Snapshot] = []
    stems = {path.with_suffix(".yml") for path in folder.glob("*/*/*") if path.suffix in (".csv", ".yml")}
    for path in sorted(stems):
        try:
            good.append(_open(path))
        except SnapshotError as error:
            faults.append(str(error))
    if not faults and not _counted_rows(folder).equals(_row_counts(good)):
        faults.append(f"{shown(folder / ROW_COUNTS)} does not agree with the rows per period of the snapshots.")
    if faults:
        raise SnapshotError("\n".join(faults))
    return tuple(snapshot.metadata for snapshot in good)


def add_snapshot(frame: pd.DataFrame, metadata: Mapping[str, object], *, folder: Path | None = None) -> Path:
    """Write a new snapshot with its metadata, and bring the row counts up to date.

    Both files appear complete or not at all, an existing snapshot is never overwritten, and nothing is added beside a
    damaged one.

    Parameters
    ----------
    frame : DataFrame
        The columns that `metadata` names, in that order; a value may be missing where the status says so.
    metadata : Mapping
        The fields of `SnapshotMetadata`, without rows, sha256, first_period and last_period: those follow from `frame`.

    Returns
    -------
    Path
        Of the CSV.

    Raises
    ------
    SnapshotError
        When the snapshot exists, or frame and metadata do not agree.
    """
    folder = folder or data_dir() / "snapshots"
    for path in folder.glob("*/*/*.yml"):
        _open(path)
    content = _to_csv(frame)
    periods = pd.to_numeric(frame["period"]) if "period" in frame and len(frame) else pd.Series([0])
    computed = {
        "first_period": int(periods.min()),
        "last_period": int(periods.max()),
        "rows": len(frame),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    described = _validated({**metadata, **computed}, "the metadata of the new snapshot")
    _parse(content, described, _name(described))
    target = folder / described.source / described.vintage.isoformat() / f"{described.table}.csv"
    text = yaml.safe_dump(described.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=118)
    target.parent.mkdir(parents=True, exist_ok=True)
    _write_new(target, content)
    try:
        _write_new(target.with_suffix(".yml"), text.encode("utf-8"))
    except BaseException:
        target.unlink()
        raise
    write_row_counts(folder=folder)
    return target


def write_row_counts(*, folder: Path | None = None) -> Path:
    """Write ``row_counts.csv`` anew: source, table, vintage, period and number of rows of every snapshot."""
    folder = folder or data_dir() / "snapshots"
    snapshots = [_open(path) for path in sorted(folder.glob("*/*/*.yml"))]
    target = folder / ROW_COUNTS
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8", newline="") as file:
        _row_counts(snapshots).to_csv(file, index=False, lineterminator="\n")
    Path(file.name).chmod(0o644)
    os.replace(file.name, target)
    return target


def _open(path: Path) -> Snapshot:
    """Open the snapshot whose metadata are at `path`."""
    table = path.with_suffix(".csv")
    if not path.is_file():
        raise SnapshotError(f"{shown(table)} has no metadata: {path.name} is missing.")
    metadata = _read_metadata(path)
    if not table.is_file():
        raise SnapshotError(f"{shown(table)} is missing; its metadata are there.")
    content = read_bytes(table)
    found = hashlib.sha256(content).hexdigest()
    if found != metadata.sha256:
        raise SnapshotError(
            f"{shown(table)} is not the file that was added: it has sha256 {found[:12]}..., "
            f"its metadata say {metadata.sha256[:12]}... ({metadata.rows} rows)."
        )
    return Snapshot(_parse(content, metadata, shown(table)), metadata)


def _read_metadata(path: Path) -> SnapshotMetadata:
    try:
        content = yaml.safe_load(read_bytes(path))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
        raise SnapshotError(f"{shown(path)} cannot be read as YAML: {reason}") from None
    if not isinstance(content, dict):
        raise SnapshotError(f"{shown(path)} holds no metadata.")
    metadata = _validated(content, shown(path))
    place = (metadata.source, metadata.vintage.isoformat(), metadata.table)
    if place != (path.parent.parent.name, path.parent.name, path.stem):
        raise SnapshotError(f"{shown(path)} says that it is {_name(metadata)}; it stands in another place.")
    return metadata


def _validated(content: Mapping[str, object], where: str) -> SnapshotMetadata:
    try:
        return SnapshotMetadata.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SnapshotError(f"{where}: {faults}") from None


def _parse(content: bytes, metadata: SnapshotMetadata, where: str) -> pd.DataFrame:
    """Turn the CSV into typed columns and check it against its metadata."""
    try:
        frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8")
    except (ValueError, UnicodeDecodeError) as error:
        raise SnapshotError(f"{where} cannot be read as CSV: {error}") from None
    expected = [column.name for column in metadata.columns]
    if list(frame.columns) != expected:
        raise SnapshotError(f"{where} has columns {', '.join(frame.columns)}; expected {', '.join(expected)}.")
    if len(frame) != metadata.rows:
        raise SnapshotError(f"{where} has {len(frame)} rows; expected {metadata.rows}.")
    unknown = sorted(set(frame["status"]) - set(STATUSES))
    if unknown:
        raise SnapshotError(f"{where} has status {', '.join(map(repr, unknown))}; allowed: {', '.join(STATUSES)}.")
    try:
        frame["period"] = frame["period"].astype(int)
        frame["value"] = frame["value"].map(lambda cell: float(cell) if cell else float("nan")).astype(float)
    except ValueError as error:
        raise SnapshotError(f"{where} holds a cell that is not a number: {error}.") from None
    _check_rows(frame, metadata, where)
    return frame


def _check_rows(frame: pd.DataFrame, metadata: SnapshotMetadata, where: str) -> None:
    empty = ~frame["value"].abs().lt(float("inf"))
    if (empty != frame["status"].isin(["withheld", "missing"])).any():
        raise SnapshotError(
            f"{where}: a value is empty where its status is final or provisional, or the other way about."
        )
    keys = [column.name for column in metadata.columns if column.role in ("region", "period", "measure")]
    twice = frame[frame.duplicated(keys)]
    if len(twice):
        raise SnapshotError(f"{where} has {len(twice)} rows more than once, such as {tuple(twice.iloc[0][keys])}.")
    if frame.empty or (frame["period"].min(), frame["period"].max()) != (metadata.first_period, metadata.last_period):
        raise SnapshotError(f"{where} does not run from {metadata.first_period} to {metadata.last_period}.")


def _to_csv(frame: pd.DataFrame) -> bytes:
    cells = frame.copy()
    if "value" in cells:
        cells["value"] = [_number(value) for value in cells["value"]]
    return cells.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _number(value: object) -> str:
    if pd.isna(value):
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def _write_new(target: Path, content: bytes) -> None:
    """Write a file that must not exist yet, so that it appears complete or not at all."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary = Path(file.name)
    temporary.chmod(0o644)
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise SnapshotError(
            f"{shown(target)} exists and is never overwritten; newer figures are a new vintage."
        ) from None
    finally:
        temporary.unlink()


def _row_counts(snapshots: list[Snapshot]) -> pd.DataFrame:
    rows = [
        (item.metadata.source, item.metadata.table, item.metadata.vintage.isoformat(), str(period), str(count))
        for item in snapshots
        for period, count in item.frame["period"].value_counts().sort_index().items()
    ]
    return pd.DataFrame(rows, columns=ROW_COUNT_COLUMNS).sort_values(ROW_COUNT_COLUMNS[:4], ignore_index=True)


def _counted_rows(folder: Path) -> pd.DataFrame:
    path = folder / ROW_COUNTS
    if not path.is_file():
        raise SnapshotError(f"{shown(path)} is missing.")
    return pd.read_csv(io.BytesIO(read_bytes(path)), dtype=str, keep_default_na=False)


def _name(metadata: SnapshotMetadata) -> str:
    return f"{metadata.source}/{metadata.vintage.isoformat()}/{metadata.table}"
