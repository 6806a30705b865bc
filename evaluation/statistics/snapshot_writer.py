"""Add a snapshot: table and metadata get their place together or not at all, and nothing is ever overwritten."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd
import yaml

from evaluation.base.errors import SnapshotError
from evaluation.base.paths import data_dir, shown
from evaluation.statistics import table_writer
from evaluation.statistics.row_counts import write_row_counts
from evaluation.statistics.snapshot_schema import parse_metadata
from evaluation.statistics.snapshots import find_metadata, open_at, private_folder
from evaluation.statistics.table_files import SUFFIXES, open_table


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
        as does format where it is not given (parquet above `table_writer.LARGE_ROWS` rows).
    folder : Path | None
        Of the snapshots; that of the project by default.

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
    for path in find_metadata(folder):
        open_at(path)
    file_format = metadata.get("format") or ("parquet" if len(frame) > table_writer.LARGE_ROWS else "csv")
    content = table_writer.write_table(frame, file_format)
    periods = pd.to_numeric(frame["period"]) if "period" in frame and len(frame) else pd.Series([0])
    computed = {
        "format": file_format,
        "first_period": int(periods.min()),
        "last_period": int(periods.max()),
        "rows": len(frame),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    described = parse_metadata({**metadata, **computed}, "the metadata of the new snapshot")
    with tempfile.TemporaryDirectory(prefix="regiodeal-") as checked:
        path = Path(checked) / f"table.{file_format}"
        path.write_bytes(content)
        open_table(path, content, described, described.place)
    place = private_folder(folder) if described.private else folder
    target = place / described.source / described.vintage.isoformat() / f"{described.table}.{described.format}"
    text = yaml.safe_dump(described.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=118)
    _place(target, content, text.encode("utf-8"))
    try:
        if not described.private:
            write_row_counts(folder=folder)
    except BaseException:  # a table that is not counted would stop every run
        _remove(target)
        raise
    return target


def _remove(target: Path) -> None:
    for path in (target, target.with_suffix(".yml")):
        path.unlink()
    for folder in list(target.parents)[:2]:
        with suppress(OSError):  # others are in it
            folder.rmdir()


def _place(target: Path, content: bytes, metadata: bytes) -> None:
    """Build both files in a temporary folder and give them their place at once, or not at all."""
    if any(target.with_suffix(suffix).exists() for suffix in (*SUFFIXES, ".yml")):
        raise _exists(target)
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
            if not target.parent.is_dir():
                raise
            # the folder of this vintage is there: another table has its place in it
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
    except BaseException as error:
        for path in made:
            path.unlink()
        if isinstance(error, FileExistsError):
            raise _exists(target) from None
        raise


def _exists(target: Path) -> SnapshotError:
    return SnapshotError(f"{shown(target)} exists and is never overwritten; newer figures are a new vintage.")


def _write_new(target: Path, content: bytes) -> None:
    with open(target, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    target.chmod(0o644)
