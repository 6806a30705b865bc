"""Pinned tables of official statistics: add, open, verify and list them.

A snapshot is a small tidy table, ``data/snapshots/<source>/<vintage>/<table>.csv``, with its metadata beside it in
``<table>.yml``.  It is never changed: newer figures are a new vintage.  Whatever does not agree with its metadata is
refused, so that a damaged file never becomes a number.

Licensed or local figures stand in the private overlay, ``data/private``, of the same shape and ignored by git.  They
are opened like the others, say that they are private, and are not listed unless that is asked.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml
from pydantic import ValidationError

from evaluation.errors import SnapshotError, did_you_mean
from evaluation.paths import data_dir, read_bytes, shown
from evaluation.snapshot_schema import STATUSES, Column, SnapshotMetadata, Status

__all__ = [
    "STATUSES",
    "Column",
    "Snapshot",
    "SnapshotMetadata",
    "Status",
    "add_snapshot",
    "list_snapshots",
    "open_snapshot",
    "private_folder",
    "to_csv",
    "verify_snapshots",
    "write_row_counts",
]

PRIVATE = "private"
RETAIL = "retail"
"""Folder of the private overlay with the tables of `evaluation.retail`, which are no snapshots."""

ROW_COUNTS = "row_counts.csv"
ROW_COUNT_COLUMNS = ["source", "table", "vintage", "period", "rows"]


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
    places = (private_folder(folder), folder)
    found = {
        path.parent.name: path.with_suffix(".yml")
        for place in places
        for path in place.glob(f"{source}/*/{table}.*")
        if path.suffix in (".csv", ".yml") and path.stem == table and _is_visible(path)
    }
    vintages = sorted(found)
    if not vintages:
        paths = [path for place in places for path in place.glob("*/*/*.yml")]
        names = sorted({f"{path.parent.parent.name}/{path.stem}" for path in paths})
        hint = did_you_mean(f"{source}/{table}", names) or ""
        raise SnapshotError(
            f"There is no snapshot {source}/{table}; there are: {', '.join(names) or 'none'}. {hint}".strip()
        )
    if vintage is not None and vintage not in vintages:
        raise SnapshotError(f"There is no vintage {vintage} of {source}/{table}; there are: {', '.join(vintages)}.")
    return _open(found[vintage or vintages[-1]])


def private_folder(folder: Path | None = None) -> Path:
    """Return the folder of the private overlay: ``private`` beside the folder of the snapshots, ignored by git."""
    return (folder or data_dir() / "snapshots").parent / PRIVATE


def list_snapshots(*, folder: Path | None = None, include_private: bool = False) -> tuple[SnapshotMetadata, ...]:
    """List the metadata of the snapshots, by source, table and vintage; the tables themselves are not read.

    The private overlay is left out unless it is asked for: what is made from this list may be given to others.
    """
    folder = folder or data_dir() / "snapshots"
    places = (folder, private_folder(folder)) if include_private else (folder,)
    found = [_read_metadata(path) for place in places for path in place.glob("*/*/*.yml") if _is_visible(path)]
    return tuple(sorted(found, key=lambda item: (item.source, item.table, item.vintage)))


def verify_snapshots(*, folder: Path | None = None) -> tuple[SnapshotMetadata, ...]:
    """Check every snapshot, also the private ones, and the row counts per period, and return the metadata of all.

    Raises
    ------
    SnapshotError
        With one line for each fault.
    """
    folder = folder or data_dir() / "snapshots"
    faults: list[str] = []
    good: list[Snapshot] = []
    for place in (folder, private_folder(folder)):
        found = {path.with_suffix(".yml") for path in place.glob("*/*/*") if path.suffix in (".csv", ".yml")}
        for path in sorted(filter(_is_visible, found)):
            try:
                good.append(_open(path))
            except SnapshotError as error:
                faults.append(str(error))
    public = [snapshot for snapshot in good if not snapshot.metadata.private]
    if not faults and not _counted_rows(folder).equals(_row_counts(public)):
        faults.append(f"{shown(folder / ROW_COUNTS)} does not agree with the rows per period of the snapshots.")
    if faults:
        raise SnapshotError("\n".join(faults))
    return tuple(snapshot.metadata for snapshot in good)


def add_snapshot(frame: pd.DataFrame, metadata: Mapping[str, object], *, folder: Path | None = None) -> Path:
    """Write a new snapshot with its metadata, and bring the row counts up to date.

    Both files appear complete or not at all, an existing snapshot is never overwritten, and nothing is added beside a
    damaged one.  What is marked private goes to the private overlay.

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
    for path in filter(_is_visible, folder.glob("*/*/*.yml")):
        _open(path)
    content = to_csv(frame)
    periods = pd.to_numeric(frame["period"]) if "period" in frame and len(frame) else pd.Series([0])
    computed = {
        "first_period": int(periods.min()),
        "last_period": int(periods.max()),
        "rows": len(frame),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    described = _validated({**metadata, **computed}, "the metadata of the new snapshot")
    _parse(content, described, _name(described))
    place = private_folder(folder) if described.private else folder
    target = place / described.source / described.vintage.isoformat() / f"{described.table}.csv"
    text = yaml.safe_dump(described.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=118)
    _place(target, content, text.encode("utf-8"))
    if not described.private:
        write_row_counts(folder=folder)
    return target


def write_row_counts(*, folder: Path | None = None) -> Path:
    """Write ``row_counts.csv`` anew: source, table, vintage, period and number of rows of every snapshot."""
    folder = folder or data_dir() / "snapshots"
    snapshots = [_open(path) for path in sorted(folder.glob("*/*/*.yml")) if _is_visible(path)]
    target = folder / ROW_COUNTS
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8", newline="") as file:
        _row_counts(snapshots).to_csv(file, index=False, lineterminator="\n")
    Path(file.name).chmod(0o644)
    os.replace(file.name, target)
    return target


def to_csv(frame: pd.DataFrame) -> bytes:
    """Write a table as the bytes of its CSV; the same figures in the same order always give the same bytes."""
    cells = frame.copy()
    if "value" in cells:
        cells["value"] = [_number(value) for value in cells["value"]]
    return cells.to_csv(index=False, lineterminator="\n").encode("utf-8")


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
    is_overlay = path.parents[2].name == PRIVATE
    if metadata.private != is_overlay:
        where = "stands in the private overlay" if is_overlay else "stands among the public snapshots"
        raise SnapshotError(f"{shown(path)} says private: {str(metadata.private).lower()}, and {where}.")
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


def _number(value: object) -> str:
    if pd.isna(value):
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def _place(target: Path, content: bytes, metadata: bytes) -> None:
    """Build both files in a temporary folder and give them their place at once, or not at all."""
    if target.exists() or target.with_suffix(".yml").exists():
        raise SnapshotError(f"{shown(target)} exists and is never overwritten; newer figures are a new vintage.")
    target.parent.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent.parent))
    try:
        staging.chmod(0o755)
        new = staging / target.name
        _write_new(new, content)
        _write_new(new.with_suffix(".yml"), metadata)
        try:
            os.rename(staging, target.parent)
        except OSError:
            _link_both(new, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _link_both(new: Path, target: Path) -> None:
    """Put a finished pair of files beside other tables of the same vintage."""
    made: list[Path] = []
    try:
        for suffix in (".csv", ".yml"):
            os.link(new.with_suffix(suffix), target.with_suffix(suffix))
            made.append(target.with_suffix(suffix))
    except FileExistsError:
        _remove(made)
        raise SnapshotError(
            f"{shown(target)} exists and is never overwritten; newer figures are a new vintage."
        ) from None
    except BaseException:
        _remove(made)
        raise


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink()


def _write_new(target: Path, content: bytes) -> None:
    with open(target, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    target.chmod(0o644)


def _is_visible(path: Path) -> bool:
    """Tell whether a path is that of a snapshot, and not of one that is being written or of other private tables."""
    return not any(part.startswith(".") for part in path.parts[-3:]) and path.parts[-3] != RETAIL


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
