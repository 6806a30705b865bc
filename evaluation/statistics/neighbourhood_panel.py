"""Yearly tables of neighbourhoods of the whole country -> one panel through the years, in ``build/panels``.

Each year has its own table on its own boundaries (*Kerncijfers wijken en buurten*).  The panel puts them together in
parquet, in the order indicator, municipality, unit, period, so that one indicator of one region stands together.  It is
made again only when a table, this module or one behind it is another.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.base.duck import connect_duckdb, quote_name, quote_text
from evaluation.base.errors import SnapshotError, UsageError
from evaluation.base.fingerprints import modules_behind, text_hash
from evaluation.base.locks import LONGEST_WAIT, held
from evaluation.base.paths import build_dir, data_dir, note_read, shown
from evaluation.statistics.snapshot_schema import STATUSES, SnapshotMetadata
from evaluation.statistics.snapshots import list_snapshots, open_snapshot
from evaluation.statistics.table_writer import ROW_GROUP_ROWS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEVELS = {"BU": "neighbourhood", "WK": "district", "GM": "municipality"}
COLUMNS = ["unit", "level", "municipality", "period", "indicator", "value", "status", "source", "vintage"]
COLUMNS += ["is_comparable"]
CONTENTS = "contents.json"
"""Of a panel: its tables, the part and years of each indicator, and the municipalities."""

PART_ROWS = 3_000_000
"""About so many rows are sorted at a time and make a file of the panel; it bounds the memory of a build."""

_CSV_COLUMNS = {"period": "INTEGER", "value": "DOUBLE"}


def build_neighbourhood_panel(
    *, folder: Path | None = None, target: Path | None = None, memory_mb: int = 600, threads: int = 2
) -> Path:
    """Put the last vintage of every yearly table of neighbourhoods into one panel; an unchanged one is not made again.

    A yearly table is a public snapshot whose metadata name a `change_measure`.  The same tables always give the same
    bytes.  The private overlay is left out.

    Parameters
    ----------
    folder, target : Path | None
        Of the snapshots, and where panels stand; that of the project and ``build/panels`` by default.
    memory_mb, threads : int
        Of the sorts: what does not fit is set aside on disk; the bytes are the same with any number.

    Returns
    -------
    Path
        Of the panel: a folder of parquet files with the columns unit (BU, WK or GM code of that year), level
        (neighbourhood, district, municipality), municipality (GM code of that year), period (year), indicator, value
        (empty where withheld or missing), status, source (``cbs/84799NED``), vintage (ISO date) and is_comparable (with
        the year before; empty where the publisher does not tell, as for municipalities).

    Raises
    ------
    UsageError
        When there is no yearly table.
    SnapshotError
        When a table is damaged, is not about the year of its boundaries, or two hold the same indicator of a year; a
        part of a publisher's table gives way to the whole of it.
    """
    folder = folder or data_dir() / "snapshots"
    target = target or build_dir() / "panels"
    tables = _last_vintages(folder)
    for table in tables:
        note_read(folder / table.source / table.vintage.isoformat() / f"{table.table}.{table.format}")
    panel = target / f"neighbourhoods-{_key(tables)}"
    if panel.is_dir():
        return panel
    busy = "Another command makes the panel of neighbourhoods"
    with held(target / ".neighbourhoods.lock", busy, wait=LONGEST_WAIT):
        if not panel.is_dir():
            staging = Path(tempfile.mkdtemp(prefix=".new-", dir=target))
            try:
                _write_panel(tables, folder, staging, memory_mb=memory_mb, threads=threads)
                staging.chmod(0o755)
                os.rename(staging, panel)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    return panel


def _last_vintages(folder: Path) -> tuple[SnapshotMetadata, ...]:
    """Return the metadata of the last vintage of each yearly table, by name."""
    last = {(item.source, item.table): item for item in list_snapshots(folder=folder)}
    tables = tuple(item for item in last.values() if item.change_measure is not None)
    if not tables:
        raise UsageError(
            f"There is no yearly table of neighbourhoods in {shown(folder)}. Fetch one with: "
            "regiodeal data fetch cbs/84799NED"
        )
    return tables


def _key(tables: Sequence[SnapshotMetadata]) -> str:
    """Tell a panel by what it is made from: the tables, this module and those behind it."""
    made_from = [(item.place, item.sha256) for item in tables]
    return text_hash([made_from, modules_behind([f"import {__name__}"])])[:16]


def _write_panel(
    tables: Sequence[SnapshotMetadata], folder: Path, staging: Path, *, memory_mb: int, threads: int
) -> None:
    """Write the files of a panel: the indicators in alphabetical order, some in each file."""
    spill = staging / "spill"
    database = connect_duckdb(threads=threads, memory_mb=memory_mb, spill_folder=spill, keeps_order=False)
    with database:
        sources = [_Source(table, folder) for table in tables]
        _leave_to_the_whole(database, sources)
        rows, years = _count_rows(database, sources)
        municipalities = _prepare(database, sources, sorted(rows))
        indicators: dict[str, dict[str, object]] = {}
        for number, names in enumerate(_parts(rows)):
            part = f"part-{number:03d}.parquet"
            written = _write_part(database, sources, names, staging / part)
            if lost := sum(rows[name] for name in names) - written:
                found = f"{lost} figures of {names[0]} to {names[-1]}"
                changes = ", ".join(sorted({str(item.change_measure) for item in tables}))
                raise SnapshotError(f"{found} are of units of which no table tells the boundaries ({changes}).")
            indicators |= {name: {"part": part, "rows": rows[name], "years": years[name]} for name in names}
    shutil.rmtree(spill, ignore_errors=True)
    contents = {
        "tables": [{"name": item.name, "vintage": item.vintage.isoformat(), "sha256": item.sha256} for item in tables],
        "indicators": indicators,
        "municipalities": municipalities,
    }
    text = json.dumps(contents, indent=1, ensure_ascii=False) + "\n"
    (staging / CONTENTS).write_text(text, encoding="utf-8", newline="\n")


class _Source:
    """One yearly table, as SQL that reads it."""

    def __init__(self, metadata: SnapshotMetadata, folder: Path) -> None:
        vintage = metadata.vintage.isoformat()
        path = open_snapshot(metadata.source, metadata.table, vintage=vintage, folder=folder).path
        if not metadata.boundaries == metadata.first_period == metadata.last_period:
            found = f"runs from {metadata.first_period} to {metadata.last_period} on boundaries {metadata.boundaries}"
            raise SnapshotError(f"{shown(path)} {found}; expected one year on its own boundaries.")
        self.metadata = metadata
        self.measure = quote_name(metadata.measure_column or "")
        self.is_part = metadata.table.startswith(f"{metadata.publisher_table}-")
        self.tells_change = f"{self.measure} = {quote_text(metadata.change_measure)}"
        self.left_out: tuple[str, ...] = ()  # measures, with that of the boundaries, that the whole table has
        if metadata.format == "parquet":
            self.rows = f"read_parquet({quote_text(path)})"
        else:
            types = {column.name: _CSV_COLUMNS.get(column.role, "VARCHAR") for column in metadata.columns}
            columns = ", ".join(f"{quote_text(name)}: {quote_text(kind)}" for name, kind in types.items())
            reading = f"header = true, auto_detect = false, delim = ',', quote = '\"', columns = {{{columns}}}"
            self.rows = f"read_csv({quote_text(path)}, {reading})"

    def select(self, columns: str, condition: str = "true") -> str:
        """Write a query of the rows that are units of a panel."""
        kinds = ", ".join(map(quote_text, LEVELS))
        left = f" AND {self.measure} NOT IN ({', '.join(map(quote_text, self.left_out))})" if self.left_out else ""
        return f"SELECT {columns} FROM {self.rows} WHERE region[1:2] IN ({kinds}) AND {condition}{left}"

    def measures(self, database: DuckDBPyConnection) -> set[str]:
        """Return the measures that it has of units of a panel."""
        return {row[0] for row in database.execute(self.select(f"DISTINCT {self.measure}")).fetchall()}


def _leave_to_the_whole(database: DuckDBPyConnection, sources: Sequence[_Source]) -> None:
    """Take of a part of a publisher's table (``84286NED-heerlen``) only what the whole of that year does not have."""
    whole = {
        (item.metadata.source, item.metadata.table, item.metadata.last_period): item
        for item in sources
        if not item.is_part
    }
    for part in (item for item in sources if item.is_part):
        told = part.metadata
        of = whole.get((told.source, told.publisher_table or "", told.last_period))
        if of is not None:
            part.left_out = tuple(sorted(part.measures(database) & of.measures(database)))


def _count_rows(
    database: DuckDBPyConnection, sources: Sequence[_Source]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Count the rows of each indicator and tell its years; refuse an indicator that two tables have of one year."""
    rows: dict[str, int] = {}
    found: dict[tuple[str, int], str] = {}
    for source in sources:
        counted = database.execute(source.select(f"{source.measure} AS measure, count(*)") + " GROUP BY measure")
        for measure, count in counted.fetchall():
            place = (measure, source.metadata.last_period)
            if measure != source.metadata.change_measure:
                if place in found:
                    both = f"{found[place]} and {source.metadata.name}"
                    raise SnapshotError(f"{both} both hold {measure} of {place[1]}; a panel takes it from one table.")
                found[place] = source.metadata.name
                rows[measure] = rows.get(measure, 0) + count
    return rows, {name: sorted(year for measure, year in found if measure == name) for name in rows}


def _prepare(database: DuckDBPyConnection, sources: Sequence[_Source], indicators: Sequence[str]) -> list[str]:
    """Make the types and the table of units that every part needs; return the municipalities.

    Words become enumerated types, whose order is that of the panel: they sort as numbers and take one or two bytes.
    """
    every = " UNION ".join(source.select("region", source.tells_change) for source in sources)
    units = [row[0] for row in database.execute(every).fetchall()]
    units.sort(key=lambda unit: (unit[2:6], unit))
    municipalities = sorted({f"GM{unit[2:6]}" for unit in units})
    types: dict[str, Iterable[str]] = {"unit_code": units, "municipality_code": municipalities}
    types |= {"level_name": LEVELS.values(), "indicator_name": indicators, "status_name": STATUSES}
    types["source_name"] = sorted({source.metadata.name for source in sources})
    types["vintage_day"] = sorted({source.metadata.vintage.isoformat() for source in sources})
    for name, values in types.items():
        database.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(map(quote_text, values))})")
    levels = " ".join(f"WHEN {quote_text(kind)} THEN {quote_text(name)}" for kind, name in LEVELS.items())
    described = (
        "region::unit_code AS unit, period::SMALLINT AS period, "
        "('GM' || region[3:6])::municipality_code AS municipality, "
        f"(CASE region[1:2] {levels} END)::level_name AS level, value = 1 AS is_comparable"
    )
    queries = [source.select(described, source.tells_change) for source in sources]
    database.execute(f"CREATE TEMP TABLE units AS {' UNION ALL '.join(queries)}")
    return municipalities


def _parts(rows: dict[str, int]) -> list[list[str]]:
    """Divide the indicators, in alphabetical order, into parts of at most PART_ROWS rows (or one indicator)."""
    parts: list[list[str]] = []
    size = 0
    for name in sorted(rows):
        if not parts or size + rows[name] > PART_ROWS:
            parts.append([])
            size = 0
        parts[-1].append(name)
        size += rows[name]
    return parts


def _write_part(database: DuckDBPyConnection, sources: Sequence[_Source], names: Sequence[str], path: Path) -> int:
    """Write the rows of some indicators; return how many there were."""
    measures = ", ".join(map(quote_text, names))
    queries = []
    for source in sources:
        columns = (
            "try_cast(region AS unit_code) AS unit, period::SMALLINT AS period, "
            f"{source.measure}::indicator_name AS indicator, value, status::status_name AS status, "
            f"{quote_text(source.metadata.name)}::source_name AS source, "
            f"{quote_text(source.metadata.vintage)}::vintage_day AS vintage"
        )
        queries.append(source.select(columns, f"{source.measure} IN ({measures})"))
    (written,) = database.execute(
        f"COPY (SELECT {', '.join(COLUMNS)} FROM ({' UNION ALL '.join(queries)}) JOIN units USING (unit, period) "
        f"ORDER BY indicator, unit, period) TO {quote_text(path)} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS})"
    ).fetchone()
    return written
