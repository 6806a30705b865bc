"""Pinned tables of official statistics: add, open, verify and list them.

A snapshot is a tidy table, ``data/snapshots/<source>/<vintage>/<table>.csv`` (or ``.parquet`` for a large one), with
its metadata beside it in ``<table>.yml``.  It is never changed: newer figures are a new vintage.  Whatever does not
agree with its metadata is refused, so that a damaged file never becomes a number.  `evaluation.statistics.table_files`
has the two forms.

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

from evaluation.base.errors import SnapshotError, did_you_mean
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.base.yaml_entries import LOADER
from evaluation.statistics.snapshot_schema import STATUSES, Column, SnapshotMetadata, Status
from evaluation.statistics.table_files import (
    SUFFIXES,
    CsvTable,
    ParquetTable,
    check_content,
    choose_format,
    to_csv,
    write_table,
)

__all__ = [
    "STATUSES",
    "Column",
    "Snapshot",
    "SnapshotMetadata",
    "Status",
    "add_snapshot",
    "list_snapshots",
    "mend_row_counts",
    "open_snapshot",
    "private_folder",
    "verify_snapshots",
    "write_row_counts",
]

PRIVATE = "private"
RETAIL = "retail"
"""Folder of the private overlay with the tables of `evaluation.inputs.retail`, which are no snapshots."""

ROW_COUNTS = "row_counts.csv"
ROW_COUNT_COLUMNS = ["source", "table", "vintage", "period", "rows"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table that agrees with its metadata.

    Attributes
    ----------
    table : CsvTable | ParquetTable
    metadata : SnapshotMetadata
    path : Path
        Of the table's file.
    """

    table: CsvTable | ParquetTable
    metadata: SnapshotMetadata
    path: Path

    @property
    def frame(self) -> pd.DataFrame:
        """Columns region (str), period (int, year), perhaps one measure column (str), value (float), status (str)."""
        return self.table.frame

    def series(self, measure: str | None) -> pd.DataFrame:
        """Return region, period, value and status of one measure (None: the only one).

        Raises
        ------
        SnapshotError
            When the table does not hold the measure.
        """
        has_measures = self.metadata.measure_column is not None
        known = self.table.measures()
        if (measure is not None) != has_measures or (measure is not None and measure not in known):
            held = ", ".join(known) if known else "one measure, without a code"
            raise SnapshotError(f"{_name(self.metadata)} has no measure {measure!r}; it holds: {held}.")
        return self.table.series(measure)

    def holds(self, frame: pd.DataFrame) -> bool:
        """Tell whether a new table, with its columns in our order, has the same figures."""
        if self.metadata.format == "csv":
            return hashlib.sha256(to_csv(frame)).hexdigest() == self.metadata.sha256
        own = self.frame
        if list(frame.columns) != list(own.columns) or len(frame) != len(own):
            return False
        keys = [name for name in own.columns if name not in ("value", "status")]
        ordered = [item.sort_values(keys, ignore_index=True) for item in (frame, own)]
        values = [item["value"].astype(float) for item in ordered]
        is_same = values[0].eq(values[1]) | (values[0].isna() & values[1].isna())
        return bool(is_same.all()) and all(
            list(ordered[0][name]) == list(ordered[1][name]) for name in (*keys, "status")
        )


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
        When there is no such snapshot, its metadata are missing, or the table is not what the metadata say.
    """
    folder = folder or data_dir() / "snapshots"
    places = (private_folder(folder), folder)
    found = {
        path.parent.name: path.with_suffix(".yml")
        for place in places
        for path in place.glob(f"{source}/*/{table}.*")
        if path.suffix in (*SUFFIXES, ".yml") and path.stem == table and _is_visible(path)
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
    found = _open_all(folder)
    if not _counts_agree(folder, found):
        raise SnapshotError(
            f"{shown(folder / ROW_COUNTS)} is missing or does not agree with the rows per period of the snapshots, "
            "which are in order themselves. Write it anew with: regiodeal data verify --mend"
        )
    return tuple(snapshot.metadata for snapshot in found)


def mend_row_counts(*, folder: Path | None = None) -> bool:
    """Write the row counts anew where they do not agree, as after a computer that stopped while a snapshot was added.

    Returns
    -------
    bool
        Whether there was something to mend.

    Raises
    ------
    SnapshotError
        When a snapshot is damaged: counts of it would hide that.
    """
    folder = folder or data_dir() / "snapshots"
    if _counts_agree(folder, _open_all(folder)):
        return False
    write_row_counts(folder=folder)
    return True


def add_snapshot(frame: pd.DataFrame, metadata: Mapping[str, object], *, folder: Path | None = None) -> Path:
    """Write a new snapshot with its metadata, and bring the row counts up to date.

    Both files appear complete or not at all, an existing snapshot is never overwritten, and nothing is added beside a
    damaged one.  What is marked private goes to the private overlay.

    Parameters
    ----------
    frame : DataFrame
        The columns that `metadata` names, in that order; a value may be missing where the status says so.
    metadata : Mapping
        The fields of `SnapshotMetadata`, without rows, sha256, first_period and last_period: those follow from `frame`,
        as does format where it is not given (parquet above `table_files.LARGE_ROWS` rows).

    Returns
    -------
    Path
        Of the table's file.

    Raises
    ------
    SnapshotError
        When the snapshot exists, or frame and metadata do not agree.
    """
    folder = folder or data_dir() / "snapshots"
    for path in filter(_is_visible, folder.glob("*/*/*.yml")):
        _open(path)
    file_format = metadata.get("format") or choose_format(frame)
    content = write_table(frame, file_format)
    periods = pd.to_numeric(frame["period"]) if "period" in frame and len(frame) else pd.Series([0])
    computed = {
        "format": file_format,
        "first_period": int(periods.min()),
        "last_period": int(periods.max()),
        "rows": len(frame),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    described = _validated({**metadata, **computed}, "the metadata of the new snapshot")
    check_content(content, described, _name(described))
    place = private_folder(folder) if described.private else folder
    target = place / described.source / described.vintage.isoformat() / f"{described.table}.{described.format}"
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


def _open(path: Path) -> Snapshot:
    """Open the snapshot whose metadata are at `path`."""
    tables = [path.with_suffix(suffix) for suffix in SUFFIXES if path.with_suffix(suffix).is_file()]
    if not path.is_file():
        raise SnapshotError(f"{shown(tables[0])} has no metadata: {path.name} is missing.")
    metadata = _read_metadata(path)
    table = path.with_suffix(f".{metadata.format}")
    if table not in tables:
        raise SnapshotError(f"{shown(table)} is missing; its metadata are there.")
    if len(tables) > 1:
        (other,) = (item for item in tables if item != table)
        raise SnapshotError(f"{shown(other)} has no metadata: those beside it are of {table.name}.")
    content = read_bytes(table)
    found = hashlib.sha256(content).hexdigest()
    if found != metadata.sha256:
        raise SnapshotError(
            f"{shown(table)} is not the file that was added: it has sha256 {found[:12]}..., "
            f"its metadata say {metadata.sha256[:12]}... ({metadata.rows} rows)."
        )
    where = shown(table)
    opened = CsvTable(content, metadata, where) if metadata.format == "csv" else ParquetTable(table, metadata, where)
    return Snapshot(opened, metadata, table)


def _open_all(folder: Path) -> list[Snapshot]:
    """Open every snapshot, also the private ones; every fault at once."""
    faults: list[str] = []
    good: list[Snapshot] = []
    for place in (folder, private_folder(folder)):
        found = {path.with_suffix(".yml") for path in place.glob("*/*/*") if path.suffix in (*SUFFIXES, ".yml")}
        for path in sorted(filter(_is_visible, found)):
            try:
                good.append(_open(path))
            except SnapshotError as error:
                faults.append(str(error))
    if faults:
        raise SnapshotError("\n".join(faults))
    return good


def _read_metadata(path: Path) -> SnapshotMetadata:
    try:
        content = yaml.load(read_bytes(path), Loader=LOADER)
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


def _place(target: Path, content: bytes, metadata: bytes) -> None:
    """Build both files in a temporary folder and give them their place at once, or not at all."""
    if any(target.with_suffix(suffix).exists() for suffix in (*SUFFIXES, ".yml")):
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
        for suffix in (target.suffix, ".yml"):
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
        for period, count in item.table.rows_per_period().items()
    ]
    return pd.DataFrame(rows, columns=ROW_COUNT_COLUMNS).sort_values(ROW_COUNT_COLUMNS[:4], ignore_index=True)


def _counts_agree(folder: Path, snapshots: list[Snapshot]) -> bool:
    path = folder / ROW_COUNTS
    if not path.is_file():
        return False
    counted = pd.read_csv(io.BytesIO(read_bytes(path)), dtype=str, keep_default_na=False)
    return counted.equals(_row_counts([item for item in snapshots if not item.metadata.private]))


def _name(metadata: SnapshotMetadata) -> str:
    return f"{metadata.source}/{metadata.vintage.isoformat()}/{metadata.table}"
