"""Notebooks are committed without outputs: a git filter leaves them out on the way in, the working copy keeps them.

Git runs this module for every notebook that it looks at (``.gitattributes`` names it, `set_up_filter` says how), so it
imports nothing but the standard library.  Cell ids, tags, attachments and everything that a person wrote stay.  What
still has outputs and cannot be read fails: git then refuses it.

Git takes a file of another size for changed before it asks any filter, and refuses to pull over it; so whoever saves a
notebook lets git look (`refresh_index`).  What a pull puts in its place gets back the outputs that were left out,
of the cells that are still the same (`restore_outputs`).

What git runs stands in a clone's own config, which no version controls: where this module is moved, `renew_filter`
(``--renew``, which make calls) mends the clones that were set up before.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

FILTER = "regiodeal-notebook"
"""Name of the filter in ``.gitattributes``."""

_OUTPUT = '"output_type"'
_PATTERN = "*.ipynb"
_OF_A_RUN = ("ExecuteTime", "collapsed", "execution", "papermill", "scrolled")
"""Metadata of a cell that a run or a screen leaves behind."""


def strip_outputs(text: str) -> str:
    """Return a notebook without its outputs and without what running it left in its metadata.

    Text that is not a notebook of nbformat 4 (a file with the marks of a merge, for one) comes back as it is;
    ValueError where it has outputs all the same.

    >>> strip_outputs("<<<<<<< HEAD")
    '<<<<<<< HEAD'
    """
    if (notebook := _read(text)) is None:
        if _OUTPUT in text:
            raise ValueError("this is no notebook of nbformat 4, and it has outputs; save it in JupyterLab")
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
    return _written(notebook)


def restore_outputs(text: str, kept: dict) -> str:
    """Return a notebook with the outputs that were kept (`kept_outputs`), of the cells that are as they were then."""
    if not kept or (notebook := _read(text)) is None:
        return text
    for cell in notebook["cells"]:
        before = kept.get(str(cell.get("id")))
        if cell.get("cell_type") == "code" and before and before["source"] == "".join(cell.get("source", "")):
            cell["outputs"], cell["execution_count"] = before["outputs"], before["execution_count"]
    return _written(notebook)


def kept_outputs(text: str) -> dict:
    """Return the outputs of a notebook by the id of their cell, with the source that they are of."""
    cells = (_read(text) or {"cells": []})["cells"]
    return {
        str(cell["id"]): {
            "source": "".join(cell.get("source", "")),
            "outputs": cell["outputs"],
            "execution_count": cell.get("execution_count"),
        }
        for cell in cells
        if cell.get("outputs") and cell.get("id")
    }


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
    # A filter that fails would let outputs in; required, it stops git.  On the way out nothing may stop it.
    settings = {"clean": _clean_command(), "smudge": f"{_command()} --restore %f || cat", "required": "true"}
    is_set = all(_git(root, "config", f"filter.{FILTER}.{name}", value) is not None for name, value in settings.items())
    for path in _notebooks(root) if is_set else ():
        if has_outputs(path.read_text(encoding="utf-8", errors="replace")):
            refresh_index(root, path)
    return is_set


def refresh_index(root: Path, path: Path) -> bool:
    """Let git see that nothing but outputs changed in a notebook, so that it is none that a pull would overwrite.

    Tells whether that is so; what somebody changed stays as it is, not staged.
    """
    name = path.resolve().relative_to(root.resolve()).as_posix()
    indexed = _git(root, "rev-parse", "--verify", "--quiet", f":./{name}")
    if not indexed or indexed != _git(root, "hash-object", f"--path={name}", "--", name):
        return False
    return _git(root, "add", "--", name) is not None


def find_committed_outputs(root: Path) -> dict[str, str]:
    """Name the notebooks whose outputs git has in its index, or would take in, and say which: git itself is asked."""
    if not (root / ".git").exists():
        return {}
    listed = _git(root, "grep", "--cached", "-l", "-F", _OUTPUT, "--", _PATTERN) or ""
    found = dict.fromkeys(
        (name for name in listed.splitlines() if has_outputs(_git(root, "show", f":{name}") or "")),
        "outputs that are committed, or staged to be",
    )
    for path in _notebooks(root):
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8", errors="replace")
        if not has_outputs(text) or name in found:
            continue
        taken = _git(root, "hash-object", f"--path={name}", "--", name)  # None: the filter fails, and git refuses
        if taken is not None and taken == _git(root, "hash-object", "--no-filters", "--", name):
            found[name] = "outputs, which would be committed"
    return found


def _notebooks(root: Path) -> list[Path]:
    listed = _git(root, "ls-files", "-co", "--exclude-standard", "--", _PATTERN) or ""
    return [root / name for name in listed.splitlines() if (root / name).is_file()]


def renew_filter(root: Path) -> bool:
    """Set up the filter anew where this clone has one with another command (an older version); tell whether it had."""
    if not (root / ".git").exists():  # a bundle that was unpacked inside a clone says nothing about that clone
        return False
    current = _git(root, "config", "--get", f"filter.{FILTER}.clean")
    return bool(current) and current != _clean_command() and set_up_filter(root)


def _clean_command() -> str:
    return f"{_command()} %f"


def _command() -> str:
    return f'"{Path(sys.executable).as_posix()}" -m evaluation.run.notebook_outputs'


def _kept(name: str) -> Path:
    """Return where the outputs of a notebook are kept beside git, from the top of the clone."""
    return Path("build") / "outputs" / f"{name.replace('/', '--')}.json"


def _written(notebook: dict) -> str:
    return json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False, separators=(",", ": ")) + "\n"


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
    """Filter a notebook from standard input to standard output, on its way into git or (``--restore``) out of it.

    The name of the notebook comes behind; with ``--renew`` alone, see to the filter of this clone.
    """
    options, names = [word for word in sys.argv[1:] if word.startswith("--")], sys.argv[1:]
    if names == ["--renew"]:
        renew_filter(Path.cwd())
        return
    text = sys.stdin.buffer.read().decode("utf-8", errors="surrogateescape")
    kept = _kept(names[-1]) if names else None
    if options:
        done = text
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            done = restore_outputs(text, json.loads(kept.read_text(encoding="utf-8")))
    else:
        try:
            done = strip_outputs(text)
        except ValueError as error:
            sys.exit(f"{names[-1] if names else 'A notebook'}: {error}")
        if kept is not None:
            _keep(kept, kept_outputs(text))
    sys.stdout.buffer.write(done.encode("utf-8", errors="surrogateescape"))


def _keep(place: Path, outputs: dict) -> None:
    """Keep outputs beside git; where that cannot be, the notebook itself still has them."""
    with suppress(OSError):
        if outputs:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(outputs), encoding="utf-8")


if __name__ == "__main__":
    main()
