"""A folder of example records: written as a whole, and never over records that are not an example."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from evaluation.base.errors import UsageError
from evaluation.base.paths import replace_folder, shown
from evaluation.inputs.records.checked_rows import DATASET_FILE, EXAMPLE


def refuse_real_records(folder: Path, known: Collection[str]) -> None:
    """Stop before a folder is replaced that holds anything but an example.

    Parameters
    ----------
    known : collection of str
        Names of the files of an example.

    Raises
    ------
    UsageError
        When its dataset.yml does not say ``status: voorbeeld``, or other files stand beside it.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return
    status = None
    path = folder / DATASET_FILE
    if path.is_file():
        try:
            raw = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
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


def write_example_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files of an example, in the place of the example that stood there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    staging.chmod(0o755)
    for name, text in files.items():
        (staging / name).write_text(text, encoding="utf-8", newline="")
    replace_folder(staging, folder)
