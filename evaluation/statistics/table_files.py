"""The two forms of a pinned table: CSV for small ones, which people can read, and parquet for large ones.

Both hold the same columns and are held to the same checks with the same words.  A parquet is checked and read inside
DuckDB, so that a table of millions of rows need not stand in memory.  `evaluation.statistics.table_writer` writes both.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from evaluation.base.duck import connect_duckdb, quote_name, quote_text
from evaluation.base.errors import SnapshotError
from evaluation.statistics.snapshot_schema import STATUSES, SnapshotMetadata

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SUFFIXES = (".csv", ".parquet")
_TYPES = {"region": "VARCHAR", "period": "INTEGER", "measure": "VARCHAR", "value": "DOUBLE", "status": "VARCHAR"}
_SERIES = ["region", "period", "value", "status"]
_HAS_NO_VALUE = ("withheld", "missing")


def open_table(path: Path, content: bytes, metadata: SnapshotMetadata, where: str) -> PinnedTable:
    """Open a table; refused is, with a SnapshotError, the first thing that is not as its metadata say.

    Parameters
    ----------
    path, content, metadata, where : Path, bytes, SnapshotMetadata, str
        The file, what is in it, what it should be, and what a message calls it.

    Returns
    -------
    PinnedTable
        A parquet is read when it is asked.
    """
    is_csv = metadata.format == "csv"
    table = _CsvTable(content, metadata, where) if is_csv else _ParquetTable(path, metadata, where)
    _check_zeros(table, metadata, where)
    return table


class PinnedTable:
    """A table that agrees with its metadata.

    - `frame`: Columns region, period, perhaps a measure column, value and status; what takes less is asked with
      `series`.
    """

    frame: pd.DataFrame
    _column: str | None

    @property
    def measures(self) -> list[str]:
        """The measures; none for a table without a measure column."""
        return [] if self._column is None else sorted(self.frame[self._column].unique())

    def series(self, measure: str | None) -> pd.DataFrame:
        """Return the figures of a measure that is there.

        Parameters
        ----------
        measure : str | None
            None for the whole table.

        Returns
        -------
        DataFrame
            Columns region, period, value and status.
        """
        rows = self.frame if measure is None else self.frame[self.frame[self._column] == measure]
        return rows[_SERIES].reset_index(drop=True)

    @property
    def rows_per_period(self) -> dict[int, int]:
        """Year to its number of rows, in order."""
        return {int(period): int(rows) for period, rows in self.frame["period"].value_counts().sort_index().items()}


class _CsvTable(PinnedTable):
    def __init__(self, content: bytes, metadata: SnapshotMetadata, where: str) -> None:
        try:
            frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8")
        except (ValueError, UnicodeDecodeError) as error:
            raise SnapshotError(f"{where} cannot be read as CSV: {error}") from None
        _check_shape(list(frame.columns), len(frame), metadata, where)
        _check_statuses(set(frame["status"]), where)
        try:
            frame["period"] = frame["period"].astype(int)
            frame["value"] = frame["value"].map(lambda cell: float(cell) if cell else float("nan")).astype(float)
        except ValueError as error:
            raise SnapshotError(f"{where} holds a cell that is not a number: {error}.") from None
        self.frame = frame
        self._column = metadata.measure_column
        _check_facts(self._facts(metadata), metadata, where)

    def _facts(self, metadata: SnapshotMetadata) -> _Facts:
        frame = self.frame
        keys = _keys(metadata)
        empty = ~frame["value"].abs().lt(float("inf"))
        twice = frame[frame.duplicated(keys)]
        return _Facts(
            contrary=int((empty != frame["status"].isin(_HAS_NO_VALUE)).sum()),
            twice=len(twice),
            example=tuple(twice.iloc[0][keys]) if len(twice) else (),
            periods=(frame["period"].min(), frame["period"].max()) if len(frame) else (None, None),
            empty_keys=int(frame[keys].eq("").any(axis=1).sum()),
        )


class _ParquetTable(PinnedTable):
    """Checked and read inside DuckDB, each question by itself."""

    def __init__(self, path: Path, metadata: SnapshotMetadata, where: str) -> None:
        self._rows = f"read_parquet({quote_text(path)})"
        self._column = metadata.measure_column
        # by measure first, so that the figures of one stand together
        self._order = ", ".join(map(quote_name, sorted(_keys(metadata), key=lambda key: key != self._column)))
        import duckdb

        try:
            with connect_duckdb() as database:
                self._check(database, metadata, where)
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            raise SnapshotError(f"{where} cannot be read as parquet: {reason}") from None

    @cached_property
    def frame(self) -> pd.DataFrame:
        return self._frame(f"SELECT * FROM {self._rows} ORDER BY {self._order}")

    @property
    def measures(self) -> list[str]:
        if self._column is None:
            return []
        with connect_duckdb() as database:
            found = database.execute(f"SELECT DISTINCT {quote_name(self._column)} FROM {self._rows}").fetchall()
        return sorted(row[0] for row in found)

    def series(self, measure: str | None) -> pd.DataFrame:
        condition = "true" if measure is None else f"{quote_name(self._column or '')} = {quote_text(measure)}"
        columns = ", ".join(_SERIES)
        return self._frame(f"SELECT {columns} FROM {self._rows} WHERE {condition} ORDER BY {self._order}")

    @property
    def rows_per_period(self) -> dict[int, int]:
        with connect_duckdb() as database:
            counted = database.execute(f"SELECT period, count(*) FROM {self._rows} GROUP BY ALL ORDER BY ALL")
            return dict(counted.fetchall())

    def _frame(self, query: str) -> pd.DataFrame:
        with connect_duckdb() as database:
            frame = database.execute(query).df()
        return frame.astype({"period": int, "value": float})

    def _check(self, database: DuckDBPyConnection, metadata: SnapshotMetadata, where: str) -> None:
        described = database.execute(f"DESCRIBE SELECT * FROM {self._rows}").fetchall()
        types = {row[0]: row[1] for row in described}
        (rows,) = database.execute(f"SELECT count(*) FROM {self._rows}").fetchone()
        _check_shape(list(types), rows, metadata, where)
        for column in metadata.columns:
            if types[column.name] != _TYPES[column.role]:
                found = f"column {column.name} of type {types[column.name]}; expected {_TYPES[column.role]}"
                what = "a cell that is not a number" if column.role in ("period", "value") else "cells that are no text"
                raise SnapshotError(f"{where} holds {what}: {found}.")
        found = database.execute(f"SELECT DISTINCT status FROM {self._rows}").fetchall()
        _check_statuses({row[0] or "" for row in found}, where)
        _check_facts(self._facts(database, metadata), metadata, where)

    def _facts(self, database: DuckDBPyConnection, metadata: SnapshotMetadata) -> _Facts:
        keys = _keys(metadata)
        names = ", ".join(map(quote_name, keys))
        without = ", ".join(map(quote_text, _HAS_NO_VALUE))
        first, last, contrary, empty_keys = database.execute(
            f"SELECT min(period), max(period), "
            f"count(*) FILTER (coalesce(isfinite(value), false) = (status IN ({without}))), "
            f"count(*) FILTER ({' OR '.join(f'{quote_name(key)} IS NULL' for key in keys)}) FROM {self._rows}"
        ).fetchone()
        twice = database.execute(
            f"SELECT {names}, count(*) - 1 AS more FROM {self._rows} GROUP BY {names} HAVING more > 0 ORDER BY {names}"
        ).fetchall()
        return _Facts(
            contrary=contrary,
            twice=sum(row[-1] for row in twice),
            example=twice[0][:-1] if twice else (),
            periods=(first, last),
            empty_keys=empty_keys,
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows of a table are judged by.

    - `contrary`: Rows with a value and a status that says there is none, or the other way about.
    - `twice`: Rows of which the key was there already.
    - `example`: Such a key.
    - `periods`: First and last.
    - `empty_keys`: Rows without a region, period or measure.
    """

    contrary: int
    twice: int
    example: tuple
    periods: tuple[int | None, int | None]
    empty_keys: int = 0


def _check_shape(columns: list[str], rows: int, metadata: SnapshotMetadata, where: str) -> None:
    expected = [column.name for column in metadata.columns]
    if columns != expected:
        raise SnapshotError(f"{where} has columns {', '.join(columns)}; expected {', '.join(expected)}.")
    if rows != metadata.rows:
        raise SnapshotError(f"{where} has {rows} rows; expected {metadata.rows}.")


def _check_zeros(table: PinnedTable, metadata: SnapshotMetadata, where: str) -> None:
    for measure in metadata.never_zero:
        rows = table.series(measure)
        zeros = rows[rows["value"] == 0]
        if len(zeros):
            first = zeros.iloc[0]
            raise SnapshotError(
                f"{where} has {measure} 0 in {first['region']} {first['period']} and {len(zeros) - 1} more; it cannot "
                "be 0, so that a missing figure was written as one. Make those missing."
            )


def _check_statuses(found: set[str], where: str) -> None:
    unknown = sorted(found - set(STATUSES))
    if unknown:
        raise SnapshotError(f"{where} has status {', '.join(map(repr, unknown))}; allowed: {', '.join(STATUSES)}.")


def _check_facts(facts: _Facts, metadata: SnapshotMetadata, where: str) -> None:
    if facts.contrary:
        raise SnapshotError(
            f"{where}: a value is empty where its status is final or provisional, or the other way about."
        )
    if facts.empty_keys:
        raise SnapshotError(f"{where} has {facts.empty_keys} rows without a region, period or measure.")
    if facts.twice:
        raise SnapshotError(f"{where} has {facts.twice} rows more than once, such as {facts.example}.")
    if facts.periods != (metadata.first_period, metadata.last_period):
        raise SnapshotError(f"{where} does not run from {metadata.first_period} to {metadata.last_period}.")


def _keys(metadata: SnapshotMetadata) -> list[str]:
    return [column.name for column in metadata.columns if column.role in ("region", "period", "measure")]
