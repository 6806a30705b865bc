"""Whether what a run or a report would make is there already, told in a fraction of a second.

After a whole run, or a report, a stamp records the fingerprint of everything that goes in (data, notebooks, prose,
style, this package, lock file and versions) and of every file that came out.  While both are the same there is nothing
to do.
Imports nothing heavy: finding out must cost less than the doing.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from evaluation.base.fingerprints import LOCK, file_hash, folder_hashes, package_hash, recorded_versions, text_hash
from evaluation.base.paths import INCOMPLETE, build_dir, project_root, write_text

_INPUTS = ("data", "notebooks", "reports")


def hash_inputs(rendering: str = "") -> str:
    """Return the fingerprint of all that a run (or a report, with this engine and these formats) is made from."""
    root = project_root()
    inputs = {
        "folders": {name: folder_hashes(root / name) for name in _INPUTS},
        "files": {path.name: file_hash(path) for path in [*sorted(root.glob("_quarto*.yml")), root / LOCK]},
        "package": package_hash(),
        "versions": recorded_versions(),
        "rendering": rendering,
    }
    return text_hash(inputs)


def is_unchanged(deal_id: str, name: str, made: Sequence[Path], inputs: str) -> bool:
    """Tell whether the last whole run or report of this edition, in the folders `made`, is what a new one would be."""
    path = _stamp(deal_id, name, made)
    if not path.is_file() or any(item.with_name(item.name + INCOMPLETE).exists() for item in made):
        return False
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return stored == {"inputs": inputs, "outputs": _hash_outputs(made)}


def stamp(deal_id: str, name: str, made: Sequence[Path], inputs: str) -> None:
    """Record that what was made is whole, and from what, as it was before it was made; for `is_unchanged`."""
    content = {"inputs": inputs, "outputs": _hash_outputs(made)}
    with suppress(OSError):  # without it the next command makes all anew
        write_text(_stamp(deal_id, name, made), json.dumps(content) + "\n")


def _stamp(deal_id: str, name: str, made: Sequence[Path]) -> Path:
    return build_dir() / "runs" / deal_id / f".{name}.{'report' if len(made) > 1 else 'run'}.json"


def _hash_outputs(made: Sequence[Path]) -> str:
    return text_hash({path.relative_to(project_root()).as_posix(): folder_hashes(path) for path in made})
