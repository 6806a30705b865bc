"""Check that every snapshot is what its metadata say, and how many rows it has of each period.

``data/snapshots/row_counts.csv`` keeps those numbers, so that a reviewer sees in one place what a change brought in.
"""

import io
from pathlib import Path

import pandas as pd

from evaluation.base.errors import SnapshotError
from evaluation.base.paths import data_dir, read_bytes, shown, write_bytes
from evaluation.statistics.snapshot_schema import SnapshotMetadata
from evaluation.statistics.snapshots import Snapshot, find_metadata, open_at, private_folder
from evaluation.statistics.withheld import WITHHELD

ROW_COUNTS = "row_counts.csv"
ROW_COUNT_COLUMNS = ["source", "table", "vintage", "period", "rows"]


def verify_snapshots(*, folder: Path | None = None) -> tuple[SnapshotMetadata, ...]:
    """Check every snapshot, also the private ones, and the row counts per period.

    Parameters
    ----------
    folder : Path | None
        Of the snapshots; that of the project by default.

    Returns
    -------
    tuple[SnapshotMetadata, ...]
        Of all snapshots.

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

    Parameters
    ----------
    folder : Path | None
        Of the snapshots; that of the project by default.

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


def write_row_counts(*, folder: Path | None = None) -> None:
    """Write ``row_counts.csv`` anew, with the columns `ROW_COUNT_COLUMNS`: a row for each period of public snapshots.

    Parameters
    ----------
    folder : Path | None
        Of the snapshots; that of the project by default.
    """
    folder = folder or data_dir() / "snapshots"
    write_bytes(folder / ROW_COUNTS, row_counts_csv([open_at(path) for path in find_metadata(folder)]))


def row_counts_csv(snapshots: list[Snapshot]) -> bytes:
    """Write the rows per period of snapshots.

    Parameters
    ----------
    snapshots : list[Snapshot]
        All that are public.

    Returns
    -------
    bytes
        CSV with the columns `ROW_COUNT_COLUMNS`.
    """
    return _row_counts(snapshots).to_csv(index=False, lineterminator="\n").encode()


def _open_all(folder: Path) -> list[Snapshot]:
    """Open every snapshot, also the private ones; every fault at once."""
    faults, good = [], []
    folders = (folder, private_folder(folder), folder.parent / WITHHELD)
    for path in (path for place in folders for path in find_metadata(place)):
        try:
            good.append(open_at(path))
        except SnapshotError as error:
            faults.append(str(error))
    if faults:
        raise SnapshotError("\n".join(faults))
    return good


def _row_counts(snapshots: list[Snapshot]) -> pd.DataFrame:
    rows = [
        (item.metadata.source, item.metadata.table, item.metadata.vintage.isoformat(), str(period), str(count))
        for item in snapshots
        for period, count in item.table.rows_per_period.items()
    ]
    return pd.DataFrame(rows, columns=ROW_COUNT_COLUMNS).sort_values(ROW_COUNT_COLUMNS[:4], ignore_index=True)


def _counts_agree(folder: Path, snapshots: list[Snapshot]) -> bool:
    path = folder / ROW_COUNTS
    if not path.is_file():
        return False
    counted = pd.read_csv(io.BytesIO(read_bytes(path)), dtype=str, keep_default_na=False)
    return counted.equals(_row_counts([item for item in snapshots if not item.metadata.private]))
