"""What the example records and the example premises have in common: one deal, and a folder that holds nothing real."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import yaml

from evaluation.base.errors import UsageError
from evaluation.base.paths import replace_folder, shown
from evaluation.base.yaml_entries import load_yaml
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import DATASET_FILE, EXAMPLE, to_csv

_EXAMPLE_DEAL = "parkstad-limburg"


def refuse_other_place(deal: Deal, folder: Path, tables: Sequence[str], *, what: str) -> None:
    """Stop before anything is drawn for a deal without an example, or for a folder with real tables (UsageError)."""
    if deal.id != _EXAMPLE_DEAL:
        raise UsageError(f"There are example {what} for {_EXAMPLE_DEAL} only, not for {deal.id}.")
    _refuse_real_records(folder, [*(f"{name}.csv" for name in tables), DATASET_FILE])


def write_tables(
    folder: Path,
    columns: Mapping[str, Sequence[str]],
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    dataset: str,
) -> None:
    """Write tables (name to rows) as CSV with these columns, and what the dataset says of itself, as a whole."""
    files = {f"{name}.csv": to_csv(columns[name], rows) for name, rows in tables.items()}
    _write_folder(folder, {**files, DATASET_FILE: dataset})


def told_command(seed: int, default: int) -> str:
    """Write the command that makes an example."""
    return "regiodeal example" if seed == default else f"regiodeal example --seed {seed}"


def _refuse_real_records(folder: Path, known: Collection[str]) -> None:
    """Stop before a folder is replaced that holds anything but an example: these files, and status voorbeeld."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    status = None
    path = folder / DATASET_FILE
    if path.is_file():
        try:
            raw = load_yaml(path.read_text(encoding="utf-8-sig"), yaml.BaseLoader)
        except (yaml.YAMLError, UnicodeDecodeError):
            raw = None
        status = raw.get("status") if isinstance(raw, dict) else None
    others = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if status != EXAMPLE:
        said = f"says status: {status}" if status else f"has no {DATASET_FILE} with a status"
        raise UsageError(
            f"{shown(folder)} {said}, not status: {EXAMPLE}; nothing was written. Move these records first."
        )
    if others:
        raise UsageError(f"{shown(folder)} holds more than an example ({', '.join(others)}); nothing was written.")


def _write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files of an example, in the place of the example that stood there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in files.items():
            (staging / name).write_text(text, encoding="utf-8", newline="")
        replace_folder(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
