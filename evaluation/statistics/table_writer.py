"""Write a pinned table as the bytes of its file: CSV for a small one, which people can read, parquet for a large one.

Equal figures give equal bytes (parquet: with one version of DuckDB), so that a vintage with the same figures is known.
"""

import tempfile
from pathlib import Path

import pandas as pd

from evaluation.base.duck import connect_duckdb, quote_name, quote_text
from evaluation.base.errors import SnapshotError
from evaluation.statistics.snapshot_schema import FileFormat

LARGE_ROWS = 100_000
"""A new table with more rows than this is a parquet, one with fewer a CSV."""

ROW_GROUP_ROWS = 122_880
"""Rows that a parquet keeps together and skips together; a multiple of the 2048 that DuckDB works with."""


def write_table(frame: pd.DataFrame, file_format: FileFormat) -> bytes:
    """Write a table as the bytes of its file; the same figures always give the same bytes.

    Parameters
    ----------
    frame, file_format : DataFrame, "csv" | "parquet"
        Columns region, period, perhaps a measure column, value and status.  A CSV keeps the order of the rows; a
        parquet is ordered by measure, region and period.

    Returns
    -------
    bytes
    """
    return _to_csv(frame) if file_format == "csv" else _to_parquet(frame)


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


def _to_parquet(frame: pd.DataFrame) -> bytes:
    """Write a parquet: one thread, a fixed order of rows, fixed row groups and compression, and no time of writing."""
    known = {"period": "INTEGER", "value": "DOUBLE"}
    measures = [name for name in frame.columns if name not in ("region", "period", "value", "status")]
    order = [name for name in (*measures, "region", "period") if name in frame.columns]
    names = {name: quote_name(name) for name in frame.columns}
    # What pandas calls not a number is an empty value.
    value = quote_name("value")
    given = names | {"value": f"CASE WHEN isnan({value}::DOUBLE) THEN NULL ELSE {value} END"}
    columns = ", ".join(f"CAST({given[name]} AS {known.get(name, 'VARCHAR')}) AS {names[name]}" for name in names)
    import duckdb

    with tempfile.TemporaryDirectory(prefix="regiodeal-") as folder, connect_duckdb() as database:
        path = Path(folder) / "table.parquet"
        database.register("given", frame)
        try:
            database.execute(
                f"COPY (SELECT {columns} FROM given ORDER BY {', '.join(map(quote_name, order)) or '1'}) "
                f"TO {quote_text(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS})"
            )
        except duckdb.ConversionException as error:
            reason = str(error).partition("\n")[0]
            raise SnapshotError(f"The new table holds a cell that is not a number: {reason}") from None
        return path.read_bytes()
