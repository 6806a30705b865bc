"""Open and list pinned tables of official statistics.

A snapshot is a tidy table, ``data/snapshots/<source>/<vintage>/<table>.csv`` (or ``.parquet`` for a large one), with
its metadata beside it in ``<table>.yml``.  It is never changed: newer figures are a new vintage.  Whatever does not
agree with its metadata is refused, so that a damaged file never becomes a number.  `evaluation.statistics.table_files`
has the two forms; `evaluation.statistics.snapshot_writer` adds a snapshot, `evaluation.statistics.row_counts` checks
all of them.

Licensed or local figures stand in the private overlay, ``data/private``, of the same shape and ignored by git.  They
are opened and listed only for who asks for them by name; who does not gets them withheld
(`evaluation.statistics.withheld`).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from evaluation.base.errors import SnapshotError, did_you_mean
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.base.yaml_entries import load_yaml
from evaluation.statistics.snapshot_schema import SnapshotMetadata, parse_metadata
from evaluation.statistics.table_files import SUFFIXES, PinnedTable, open_table
from evaluation.statistics.table_writer import write_table
from evaluation.statistics.withheld import PRIVATE, RETAIL, WITHHELD, withheld_metadata, withheld_table


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table that agrees with its metadata.

    - `path`: Of the table's file.
    - `is_withheld`: Private, and opened without its values and words.
    """

    table: PinnedTable
    metadata: SnapshotMetadata
    path: Path
    is_withheld: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        """Columns region (str), period (int, year), perhaps one measure column (str), value (float), status (str)."""
        return self.table.frame

    @property
    def origin(self) -> dict[str, object]:
        """The columns that tell where a figure is from: source, vintage and is_private."""
        data = self.metadata
        source = f"{data.publisher} {data.publisher_table}"
        return {"source": source, "vintage": data.vintage.isoformat(), "is_private": data.private}

    def series(self, measure: str | None) -> pd.DataFrame:
        """Return the figures of one measure.

        Parameters
        ----------
        measure : str | None
            Its code; None for the only one.

        Returns
        -------
        DataFrame
            Columns region, period, value and status.

        Raises
        ------
        SnapshotError
            When the table does not hold the measure.
        """
        has_measures = self.metadata.measure_column is not None
        known = self.table.measures
        if (measure is not None) != has_measures or (measure is not None and measure not in known):
            held = ", ".join(known) if known else "one measure, without a code"
            held = "measures that are not told, for it is private" if self.is_withheld else held
            raise SnapshotError(f"{self.metadata.place} has no measure {measure!r}; it holds: {held}.")
        return self.table.series(measure)

    def holds(self, frame: pd.DataFrame) -> bool:
        """Tell whether a new table has the same figures.

        Parameters
        ----------
        frame : DataFrame
            Columns as in `frame` of the snapshot, in that order; rows in any order for a parquet.

        Returns
        -------
        bool
        """
        if self.metadata.format == "csv":
            return hashlib.sha256(write_table(frame, "csv")).hexdigest() == self.metadata.sha256
        own = self.frame
        if list(frame.columns) != list(own.columns) or len(frame) != len(own):
            return False
        keys = [name for name in own.columns if name not in ("value", "status")]
        new, old = (item.sort_values(keys, ignore_index=True) for item in (frame, own))
        values = [item["value"].astype(float) for item in (new, old)]
        is_same = values[0].eq(values[1]) | (values[0].isna() & values[1].isna())
        return bool(is_same.all()) and all(list(new[name]) == list(old[name]) for name in (*keys, "status"))


def open_snapshot(
    source: str, table: str, *, vintage: str | None = None, folder: Path | None = None, include_private: bool = False
) -> Snapshot:
    """Open one snapshot, the latest vintage of the table unless one is named.

    Every report reads figures here: a vintage of the private overlay comes withheld, unless it is asked for by name.

    Parameters
    ----------
    source, table, vintage : str, str, str | None
        ``"cbs"``, ``"83625NED"`` and an ISO date.
    folder : Path | None
        Of the snapshots; that of the project by default.
    include_private : bool
        Give the figures of a private vintage, for who checks or compares them and publishes nothing.

    Returns
    -------
    Snapshot
        One of the private overlay has no values (status withheld) and none of its own words.

    Raises
    ------
    SnapshotError
        When there is no such snapshot, its metadata are missing, or the table is not what the metadata say.
    """
    folder = folder or data_dir() / "snapshots"
    overlays = (private_folder(folder), folder.parent / WITHHELD)
    places = (*overlays, folder)  # a vintage of several is taken from the last
    paths = [(f"{path.parts[-3]}/{path.stem}", path) for place in places for path in find_metadata(place)]
    found = {path.parent.name: path for name, path in paths if name == f"{source}/{table}"}
    vintages = sorted(found)
    if not vintages:
        names = sorted({name for name, path in paths if include_private or path.is_relative_to(folder)})
        hint = did_you_mean(f"{source}/{table}", names) or ""
        raise SnapshotError(
            f"There is no snapshot {source}/{table}; there are: {', '.join(names) or 'none'}. {hint}".strip()
        )
    if vintage is not None and vintage not in vintages:
        raise SnapshotError(f"There is no vintage {vintage} of {source}/{table}; there are: {', '.join(vintages)}.")
    snapshot = open_at(found[vintage or vintages[-1]])
    if include_private or not snapshot.metadata.private:
        return snapshot
    table = withheld_table(snapshot.table, snapshot.metadata.measure_column)
    return Snapshot(table, withheld_metadata(snapshot.metadata), snapshot.path, is_withheld=True)


def private_folder(folder: Path) -> Path:
    """Return the folder of the private overlay, which git ignores.

    Parameters
    ----------
    folder : Path
        Of the snapshots.

    Returns
    -------
    Path
        ``private`` beside it.
    """
    return folder.parent / PRIVATE


def list_snapshots(*, folder: Path | None = None, include_private: bool = False) -> tuple[SnapshotMetadata, ...]:
    """List the metadata of the snapshots; the tables themselves are not read.

    Parameters
    ----------
    folder : Path | None
        Of the snapshots; that of the project by default.
    include_private : bool
        Also those of the private overlay; left out by default, as what is made from this list may be given to others.

    Returns
    -------
    tuple[SnapshotMetadata, ...]
        By source, table and vintage.
    """
    folder = folder or data_dir() / "snapshots"
    places = (folder, private_folder(folder)) if include_private else (folder,)
    found = [_read_metadata(path) for place in places for path in find_metadata(place) if path.is_file()]
    return tuple(sorted(found, key=lambda item: (item.source, item.table, item.vintage)))


def find_metadata(folder: Path) -> list[Path]:
    """Find the snapshots in a folder.

    Parameters
    ----------
    folder : Path
        ``data/snapshots``, or the private overlay.

    Returns
    -------
    list[Path]
        Where the metadata of each stand, or should stand beside a table without them; in order.
    """
    found = {path.with_suffix(".yml") for path in folder.glob("*/*/*") if path.suffix in (*SUFFIXES, ".yml")}
    places = ((path, path.parts[-3:]) for path in found)  # one that is being written has a name with a dot
    return sorted(path for path, place in places if place[0] != RETAIL and not any(x.startswith(".") for x in place))


def open_at(path: Path) -> Snapshot:
    """Open the snapshot whose metadata are at a path.

    Parameters
    ----------
    path : Path
        As of `find_metadata`.

    Returns
    -------
    Snapshot

    Raises
    ------
    SnapshotError
        When the metadata are missing, or the table is not what they say.
    """
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
    return Snapshot(open_table(table, content, metadata, shown(table)), metadata, table)


def _read_metadata(path: Path) -> SnapshotMetadata:
    try:
        content = load_yaml(read_bytes(path))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = str(error).replace("\n", " ")
        raise SnapshotError(f"{shown(path)} cannot be read as YAML: {reason}") from None
    if not isinstance(content, dict):
        raise SnapshotError(f"{shown(path)} holds no metadata.")
    metadata = parse_metadata(content, shown(path))
    place = (metadata.source, metadata.vintage.isoformat(), metadata.table)
    if place != (path.parent.parent.name, path.parent.name, path.stem):
        raise SnapshotError(f"{shown(path)} says that it is {metadata.place}; it stands in another place.")
    is_overlay = path.parents[2].name in (PRIVATE, WITHHELD)
    if metadata.private != is_overlay:
        where = "stands in the private overlay" if is_overlay else "stands among the public snapshots"
        raise SnapshotError(f"{shown(path)} says private: {str(metadata.private).lower()}, and {where}.")
    return metadata
