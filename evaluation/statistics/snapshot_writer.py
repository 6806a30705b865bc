"""Add a snapshot: table and metadata get their place together or not at all, and nothing is ever overwritten."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import yaml

from evaluation.base.errors import SnapshotError
from evaluation.base.paths import data_dir, place_all, shown
from evaluation.statistics import table_writer
from evaluation.statistics.row_counts import ROW_COUNTS, row_counts_csv, write_row_counts
from evaluation.statistics.snapshot_schema import parse_metadata
from evaluation.statistics.snapshots import Snapshot, find_metadata, open_at, private_folder
from evaluation.statistics.table_files import SUFFIXES, open_table

_NEW = ".new-"


def add_snapshot(
    frame: pd.DataFrame, metadata: Mapping[str, object], *, folder: Path | None = None, replace: bool = False
) -> Path:
    """Write a new snapshot with its metadata, and bring the row counts up to date.

    Both files appear complete or not at all, a snapshot that others can have is never overwritten, and nothing is added
    beside a damaged one.  What is marked private goes to the private overlay.

    Parameters
    ----------
    frame : DataFrame
        The columns that `metadata` names, in that order; a value may be missing where the status says so.
    metadata : Mapping
        The fields of `SnapshotMetadata`, without rows, sha256, first_period and last_period: those follow from `frame`,
        as does format where it is not given (parquet above `table_writer.LARGE_ROWS` rows).
    folder, replace : Path | None, bool
        Of the snapshots; that of the project by default.  Take the place of a snapshot of the same day that git does
        not have.

    Returns
    -------
    Path
        Of the table's file.

    Raises
    ------
    SnapshotError
        When the snapshot exists (and may not be replaced), or frame and metadata do not agree.
    """
    folder = folder or data_dir() / "snapshots"
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
    own = private_folder(folder) if described.private else folder
    target = own / described.source / described.vintage.isoformat() / f"{described.table}.{described.format}"
    text = yaml.safe_dump(described.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=118)
    with place_all() as place, _staging(folder) as staging:
        others = [open_at(path) for path in find_metadata(folder) if path != target.with_suffix(".yml")]
        new = staging / target.name
        _write_new(new, content)
        _write_new(new.with_suffix(".yml"), text.encode("utf-8"))
        added = Snapshot(open_table(new, content, described, described.place), described, new)
        there = [path for suffix in (*SUFFIXES, ".yml") if (path := target.with_suffix(suffix)).exists()]
        if there and not (
            replace and {path.suffix for path in there} == {target.suffix, ".yml"} and not _in_git(there)
        ):
            raise SnapshotError(f"{shown(target)} exists and is never overwritten; newer figures are a new vintage.")
        moves = [(new, target), (new.with_suffix(".yml"), target.with_suffix(".yml"))]
        if not described.private:
            _write_new(staging / ROW_COUNTS, row_counts_csv([*others, added]))
            moves.append((staging / ROW_COUNTS, folder / ROW_COUNTS))
        target.parent.mkdir(parents=True, exist_ok=True)
        place(moves)
    return target


def remove_snapshot(path: Path, *, folder: Path | None = None) -> None:
    """Take back a snapshot that was just added: its two files, its folders where they are empty, and its row counts.

    Parameters
    ----------
    path, folder : Path, Path | None
        Of the table's file, and as of `add_snapshot`.
    """
    folder = folder or data_dir() / "snapshots"
    for file in (path, path.with_suffix(".yml")):
        file.unlink(missing_ok=True)
    for empty in path.parents[:2]:
        with suppress(OSError):  # others are in it
            empty.rmdir()
    if folder in path.parents:
        write_row_counts(folder=folder)


def _in_git(paths: list[Path]) -> bool:
    """Tell whether git has one of these files: then others can have it too.  Without git nobody can tell: it counts."""
    command = ["git", "-C", str(paths[0].parent), "ls-files", "--", *map(str, paths)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return True
    return bool(done.stdout.strip()) or ("not a git repository" not in done.stderr and done.returncode != 0)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a folder to build in, gone afterwards; what a command that was killed left is cleared first."""
    for left in folder.glob(f"{_NEW}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=_NEW, dir=folder))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write_new(target: Path, content: bytes) -> None:
    with open(target, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    target.chmod(0o644)
