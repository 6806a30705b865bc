"""Two people change two sentences of one paragraph, each in a branch: it merges, with nbdime's driver and by lines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import nbformat
import pytest

from evaluation.run import notebook_merge
from evaluation.run.notebook_merge import set_up_merging
from evaluation.run.notebook_outputs import set_up_filter, strip_outputs
from tests.conftest import ROOT

NAME = "3-veiligheid.ipynb"
PARAGRAPH = "De eerste zin.\nDe tweede zin.\nDe derde zin.\nDe vierde zin."


def git(root: Path, *arguments: str, code: int | None = 0) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(["git", "-C", str(root), *identity, *arguments], capture_output=True, text=True, check=False)
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done.stdout


def text_of(root: Path) -> str:
    return nbformat.read(root / "notebooks" / NAME, as_version=4).cells[0].source


def write(root: Path, text: str, code: str = "x = 1") -> None:
    notebook = nbformat.read(ROOT / "notebooks" / NAME, as_version=4)
    notebook.cells[0].source, notebook.cells[1].source = f"# Titel\n\n{text}", code
    (root / "notebooks" / NAME).write_text(strip_outputs(nbformat.writes(notebook)), encoding="utf-8")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with one notebook."""
    root = tmp_path / "clone"
    (root / "notebooks").mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    (root / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    write(root, PARAGRAPH)
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


def branches(root: Path, our_text: str, their_text: str, **code: str) -> None:
    """Commit a text in a branch of its own, and another in the main one."""
    git(root, "switch", "-qc", "other")
    write(root, their_text, code.get("theirs", "x = 1"))
    git(root, "commit", "-qam", "theirs")
    git(root, "switch", "-q", "main")
    write(root, our_text, code.get("ours", "x = 1"))
    git(root, "commit", "-qam", "ours")


@pytest.mark.parametrize("other", ["tweede", "derde", "vierde"])
def test_two_sentences_of_a_paragraph_merge_also_where_they_touch(clone: Path, other: str):
    assert set_up_filter(clone) and set_up_merging(clone)
    ours, theirs = PARAGRAPH.replace("eerste", "EERSTE"), PARAGRAPH.replace(other, other.upper())
    branches(clone, ours, theirs)
    git(clone, "merge", "-q", "--no-edit", "other")
    merged = PARAGRAPH.replace("eerste", "EERSTE").replace(other, other.upper())
    assert text_of(clone) == f"# Titel\n\n{merged}"
    content = (clone / "notebooks" / NAME).read_text(encoding="utf-8")
    assert strip_outputs(content) == content and git(clone, "status", "--porcelain") == ""


@pytest.mark.parametrize("other", ["derde", "vierde"])
def test_plain_git_merges_sentences_that_do_not_touch(clone: Path, other: str):
    branches(clone, PARAGRAPH.replace("eerste", "EERSTE"), PARAGRAPH.replace(other, other.upper()))
    git(clone, "merge", "-q", "--no-edit", "other")
    assert "EERSTE" in text_of(clone) and other.upper() in text_of(clone)


def test_a_sentence_that_both_changed_is_a_conflict_in_a_notebook_that_opens(clone: Path):
    set_up_merging(clone)
    branches(
        clone, PARAGRAPH.replace("tweede", "onze"), PARAGRAPH.replace("tweede", "hun"), ours="x = 2", theirs="x = 1"
    )
    git(clone, "merge", "--no-edit", "other", code=1)
    assert git(clone, "diff", "--name-only", "--diff-filter=U").split() == [f"notebooks/{NAME}"]
    text = text_of(clone)
    assert "<<<<<<<" in text and "De onze zin." in text and "De hun zin." in text and notebook_merge._APART not in text
    cells = nbformat.read(clone / "notebooks" / NAME, as_version=4).cells
    assert cells[1].source == "x = 2"


def test_lines_of_code_that_touch_are_a_conflict(clone: Path):
    set_up_merging(clone)
    write(clone, PARAGRAPH, "x = 1\ny = x")
    git(clone, "commit", "-qam", "code")
    branches(clone, PARAGRAPH, PARAGRAPH, ours="x = 2\ny = x", theirs="x = 1\ny = x + 1")
    git(clone, "merge", "--no-edit", "other", code=1)


def test_what_is_no_notebook_is_merged_by_lines(tmp_path: Path):
    files = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, text in zip(files, ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n"), strict=True):
        path.write_text(text, encoding="utf-8")
    assert notebook_merge.merge_files(*files) == 0 and files[1].read_text(encoding="utf-8") == "A\nb\nC\n"


def test_a_change_is_shown_by_cell_in_this_clone_only(clone: Path):
    set_up_merging(clone)
    write(clone, PARAGRAPH.replace("tweede", "TWEEDE"))
    shown = re.sub(r"\x1b\[[\d;]*m", "", git(clone, "diff"))
    assert "cells/0/source" in shown and "-De tweede zin." in shown and "+De TWEEDE zin." in shown
    local = git(clone, "config", "--local", "--get-regexp", r"(merge|diff)\.jupyternotebook")
    assert len(local.splitlines()) == 3
    assert git(clone, "config", "--global", "--get-regexp", "jupyternotebook", code=None) == ""


def test_every_notebook_of_the_project_is_shown_and_merged_that_way():
    asked = git(ROOT, "check-attr", "diff", "merge", "--", f"notebooks/{NAME}", "notebooks/own/x.ipynb", code=None)
    assert asked.count("jupyternotebook") == 4 or not (ROOT / ".git").exists()


def test_a_notebook_that_is_paired_with_a_text_takes_what_is_written_there(tmp_path: Path, monkeypatch):
    from jupytext.cli import jupytext

    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    monkeypatch.chdir(tmp_path)
    path, text = tmp_path / "notebooks" / NAME, tmp_path / "notebooks" / NAME.replace(".ipynb", ".py")
    before = nbformat.read(path, as_version=4)
    jupytext(["--quiet", "--set-formats", "ipynb,py:percent", str(path)])
    assert "#| label: fig-" in text.read_text(encoding="utf-8")
    text.write_text(text.read_text(encoding="utf-8").replace("# # ", "# # Over ", 1), encoding="utf-8")
    os.utime(text, (time.time() + 5, time.time() + 5))
    jupytext(["--quiet", "--sync", str(path)])
    after = nbformat.read(path, as_version=4)
    assert after.cells[0].source == before.cells[0].source.replace("# ", "# Over ", 1)
    assert [(cell.id, cell.source, cell.metadata) for cell in after.cells[1:]] == [
        (cell.id, cell.source, cell.metadata) for cell in before.cells[1:]
    ]
    assert {**after.metadata, "jupytext": None} == {**before.metadata, "jupytext": None}
    assert strip_outputs(nbformat.writes(after)) == strip_outputs(path.read_text(encoding="utf-8"))
