"""What the example records and the example premises have in common: one deal, and a folder that holds nothing real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.base.errors import UsageError
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import DATASET_FILE
from evaluation.inputs.records.record_folder import refuse_real_records, to_csv, write_example_folder

_EXAMPLE_DEAL = "parkstad-limburg"


def refuse_other_place(deal: Deal, folder: Path, tables: Sequence[str], *, what: str) -> None:
    """Stop before anything is drawn for a deal without an example, or for a folder with real tables (UsageError)."""
    if deal.id != _EXAMPLE_DEAL:
        raise UsageError(f"There are example {what} for {_EXAMPLE_DEAL} only, not for {deal.id}.")
    refuse_real_records(folder, [*(f"{name}.csv" for name in tables), DATASET_FILE])


def write_tables(
    folder: Path,
    columns: Mapping[str, Sequence[str]],
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    dataset: str,
) -> None:
    """Write tables (name to rows) as CSV with these columns, and what the dataset says of itself, as a whole."""
    files = {f"{name}.csv": to_csv(columns[name], rows) for name, rows in tables.items()}
    write_example_folder(folder, {**files, DATASET_FILE: dataset})


def told_command(seed: int, default: int) -> str:
    """Write the command that makes an example."""
    return "regiodeal example" if seed == default else f"regiodeal example --seed {seed}"
