"""DuckDB as the project uses it: in memory, with limits, without network; and text and names quoted for its SQL.

DuckDB is imported on the first connection, so that who reads no large table does not wait for it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect_duckdb(
    *, threads: int = 1, memory_mb: int = 1000, spill_folder: Path | None = None, keeps_order: bool = True
) -> DuckDBPyConnection:
    """Open a database in memory, without extensions and without the network.

    What does not fit in the memory goes to `spill_folder`, by default the system's folder for temporary files.  Rows
    without ORDER BY keep the order in which they were read; not to keep it takes less memory.
    """
    import duckdb

    settings = {
        "threads": threads,
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": str(spill_folder or tempfile.gettempdir()),
        "preserve_insertion_order": keeps_order,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(config=settings)
    # In a notebook it is off already, and setting it there asks for a package that only draws progress.
    ((is_on,),) = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if is_on:
        connection.execute("SET enable_progress_bar = false")
    return connection


def quote_text(value: object) -> str:
    """Write a text, such as a path, as it stands in SQL.

    >>> quote_text("'s-Gravenhage")
    "'''s-Gravenhage'"
    """
    return "'" + str(value).replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """Write the name of a column as it stands in SQL."""
    return '"' + name.replace('"', '""') + '"'
