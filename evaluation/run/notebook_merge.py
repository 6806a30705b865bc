"""Merge what two people changed in one notebook, with nbdime, sentence by sentence: the merge driver of git.

``.gitattributes`` names it, `set_up_merging` says in a clone what it is; in a clone without it git merges by lines.
Git runs this module with three files: what both started from, ours (which gets the outcome), and theirs.  A merge by
lines takes changes of two lines that touch for one conflict; with one sentence per line that would be every second
change.  So each line of a text stands apart while it is merged.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from evaluation.run.notebook_outputs import strip_outputs

_APART = "\ue000\n"
"""Between the lines of a text while it is merged: a character that no one types."""


_DRIVER = "jupyternotebook"
"""As nbdime calls it, so that who has set up nbdime for all of git's folders has it here too."""


def set_up_merging(root: Path) -> bool:
    """Let git show and merge notebooks of this clone with nbdime; False without nbdime, or where `root` is no clone."""
    if find_spec("nbdime") is None:
        return False
    python = f'"{Path(sys.executable).as_posix()}" -m'
    settings = {
        f"merge.{_DRIVER}.name": "nbdime, sentence by sentence",
        f"merge.{_DRIVER}.driver": f"{python} evaluation.run.notebook_merge %O %A %B",
        f"diff.{_DRIVER}.command": f"{python} nbdime.vcs.git.diffdriver diff",
    }
    commands = (["git", "-C", str(root), "config", "--local", *setting] for setting in settings.items())
    return all(subprocess.run(command, capture_output=True, check=False).returncode == 0 for command in commands)


def merge_files(base: Path, ours: Path, theirs: Path) -> int:
    """Merge three versions of a notebook into that of `ours`; return 0, or 1 where a person has to choose.

    A conflict stands between the usual marks within the text of its cell, so that the notebook opens all the same.
    What is no notebook is merged by git, as any text.
    """
    versions = (base, ours, theirs)
    texts = [path.read_text(encoding="utf-8") for path in versions]
    try:
        spread = [_of_texts(text, _spread) for text in texts]
    except (ValueError, KeyError, TypeError, AttributeError):  # no notebook
        return min(1, subprocess.run(["git", "merge-file", *map(str, (ours, base, theirs))], check=False).returncode)
    from nbdime.vcs.git.mergedriver import main as merge

    for path, text in zip(versions, spread, strict=True):
        path.write_text(text, encoding="utf-8")
    code = int(merge(["merge", *map(str, versions), "7"]) or 0)
    ours.write_text(strip_outputs(_of_texts(ours.read_text(encoding="utf-8"), _joined)), encoding="utf-8")
    return code


def _of_texts(notebook: str, change: Callable[[str], str]) -> str:
    """Change the text of each Markdown cell of a notebook."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = change("".join(cell["source"])).splitlines(keepends=True)
    return json.dumps(content, ensure_ascii=False)


def _spread(text: str) -> str:
    return f"\n{_APART}".join(text.split("\n"))


def _joined(text: str) -> str:
    return text.replace(_APART, "")


def main() -> None:
    """Merge the three files that git names."""
    sys.exit(merge_files(*map(Path, sys.argv[1:4])))


if __name__ == "__main__":
    main()
