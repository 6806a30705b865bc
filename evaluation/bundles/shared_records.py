"""The programme's records as others may have them."""

from __future__ import annotations

from pathlib import Path

from evaluation.bundles.layout import Absent
from evaluation.errors import UsageError
from evaluation.programme import TABLES, Programme
from evaluation.rows import DATASET_FILE


def share_records(folder: Path, programme: Programme) -> tuple[dict[str, bytes], tuple[Absent, ...]]:
    """Return the records that go into a bundle, by the name of the file, and what was left out of them.

    An example holds nothing about anyone and goes as it is.

    Raises
    ------
    UsageError
        When the records may not go into a bundle in the form that they have.
    """
    names = [DATASET_FILE, *(f"{name}.csv" for name in TABLES)]
    if not programme.is_example or not all((folder / name).is_file() for name in names):
        raise UsageError("Only example records in CSV files can go into a bundle.")
    return {name: (folder / name).read_bytes() for name in names}, ()
