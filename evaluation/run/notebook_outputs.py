"""Notebooks are committed without outputs: a git filter leaves them out on the way in, the working copy keeps them.

Git runs this module for every notebook that it looks at (``.gitattributes`` names it, `set_up_filter` says how), so it
imports nothing but the standard library.  Cell ids, tags, attachments and everything that a person wrote stay.

What git runs stands in a clone's own config, which no version controls: where this module is moved, `renew_filter`
(``--renew``, which make calls) mends the clones that were set up before.
"""

import json
import subprocess
import sys
from pathlib import Path

FILTER = "regiodeal-notebook"
"""Name of the filter in ``.gitattributes``."""

_OF_A_RUN = ("ExecuteTime", "collapsed", "execution", "papermill", "scrolled")
"""Metadata of a cell that a run or a screen leaves behind."""


def strip_outputs(text: str) -> str:
    """Return a notebook without its outputs and without what running it left in its metadata.

    Text that is not a notebook of nbformat 4 (a file with the marks of a merge, for one) comes back as it is.

    >>> strip_outputs("<<<<<<< HEAD")
    '<<<<<<< HEAD'
    """
    if (notebook := _read(text)) is None:
        return text
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
        for name in _OF_A_RUN if isinstance(cell.get("metadata"), dict) else ():
            cell["metadata"].pop(name, None)
    for name in ("papermill", "widgets"):
        notebook["metadata"].pop(name, None)
    if "language_info" in notebook["metadata"]:
        notebook["metadata"]["language_info"] = {"name": "python"}  # the rest differs from machine to machine
    return json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False, separators=(",", ": ")) + "\n"


def has_outputs(text: str) -> bool:
    """Tell whether a notebook has outputs, or numbers of cells that were run."""
    cells = (_read(text) or {"cells": []})["cells"]
    return any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def has_filter(root: Path) -> bool:
    """Tell whether git leaves out outputs in this clone."""
    return bool(_git(root, "config", "--get", f"filter.{FILTER}.clean"))


def set_up_filter(root: Path) -> bool:
    """Let git leave out outputs in this clone, with the Python that runs now; False where `root` is not a clone."""
    if _git(root, "rev-parse", "--git-dir") is None:
        return False
    # A filter that fails would let outputs in; required, it stops git.  Then checkout wants a smudge that works, too.
    settings = {"clean": _clean_command(), "smudge": "cat", "required": "true"}
    return all(_git(root, "config", f"filter.{FILTER}.{name}", value) is not None for name, value in settings.items())


def renew_filter(root: Path) -> bool:
    """Set up the filter anew where this clone has one with another command (an older version); tell whether it had."""
    if not (root / ".git").exists():  # a bundle that was unpacked inside a clone says nothing about that clone
        return False
    current = _git(root, "config", "--get", f"filter.{FILTER}.clean")
    return bool(current) and current != _clean_command() and set_up_filter(root)


def _clean_command() -> str:
    return f'"{Path(sys.executable).as_posix()}" -m evaluation.run.notebook_outputs'


def _read(text: str) -> dict | None:
    try:
        notebook = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        return None
    cells, is_whole = notebook.get("cells"), isinstance(notebook.get("metadata"), dict)
    return notebook if is_whole and isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells) else None


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git says; None where it fails or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def main() -> None:
    """Filter a notebook from standard input to standard output; with ``--renew``, see to the filter of this clone."""
    if sys.argv[1:] == ["--renew"]:
        renew_filter(Path.cwd())
        return
    text = sys.stdin.buffer.read().decode("utf-8", errors="surrogateescape")
    sys.stdout.buffer.write(strip_outputs(text).encode("utf-8", errors="surrogateescape"))


if __name__ == "__main__":
    main()
