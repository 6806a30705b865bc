"""Executed notebooks that were made before from the same inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.cache import cache_dir, read_entry, write_entry
from evaluation.base.fingerprints import file_hash, text_hash
from evaluation.base.paths import project_root


@dataclass(frozen=True, slots=True)
class Made:
    """An executed notebook.

    Attributes
    ----------
    files : dict[str, str | None]
        The data files that it read, from the root of the project, with the sha256 of each.
    text : str
        The notebook file.
    """

    files: dict[str, str | None]
    text: str


def find_made(inputs: dict[str, object]) -> Made | None:
    """Find a notebook that was made from these inputs, and from data files that are still the same."""
    for path in sorted(_folder(inputs).glob("[!.]*")):
        content = read_entry(path)
        if content is None:
            continue
        stored = json.loads(content)
        if stored["files"] == hash_files(stored["files"]):
            return Made(stored["files"], stored["text"])
    return None


def keep_made(inputs: dict[str, object], made: Made) -> None:
    """Keep an executed notebook for whoever asks for the same."""
    content = json.dumps({"files": made.files, "text": made.text}).encode()
    write_entry(_folder(inputs) / text_hash(made.files), content)


def hash_files(names) -> dict[str, str | None]:
    """Return the sha256 of files of the project, None for one that is not there."""
    return {name: file_hash(project_root() / name) for name in names}


def _folder(inputs: dict[str, object]) -> Path:
    return cache_dir() / "notebooks" / text_hash(inputs)
