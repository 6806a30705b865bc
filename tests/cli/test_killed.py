"""Commands that are killed at any step: the next command heals what was left, and the same bytes come of it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.base import paths
from tests.cli.test_intake import ADD, FIGURES, filled  # noqa: F401 - a fixture
from tests.conftest import ROOT, Project
from tests.unit.inputs.tables.books import book

CHANGES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink", "os.truncate"}
"""What Python tells of a change on the disk, just before it is made (audit events); also an open to write."""


def in_child(act: Callable[[], object], kill_at: int | None = None) -> tuple[int, int]:
    """Act in a process of its own, killed before its n-th change on the disk; give its end and how many it made."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def watch(event: str, arguments: tuple) -> None:
            nonlocal count
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if event in CHANGES or writes:
                count += 1
                if count == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        act()
        os.write(tell, str(count).encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(told) as reader:
        text = reader.read()
    return os.waitpid(child, 0)[1], int(text or 0)


def contents(root: Path) -> dict[str, bytes]:
    """List all files of a project but locks and what is kept of earlier work."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(root)): path.read_bytes() for path in found if "cache" not in path.parts}


def records(root: Path) -> dict[str, bytes]:
    folder = root / "data" / "programme" / "parkstad-limburg"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, filled: bytes) -> Path:  # noqa: F811
    """A project with records, folders of a person beside them, a site, and one import."""
    root = tmp_path_factory.mktemp("start") / "project"
    for name in ("deal", "programme", "regions"):
        shutil.copytree(ROOT / "data" / name, root / "data" / name, ignore=shutil.ignore_patterns("imports"))
    for name in ("sources.yml", "corrections.yml"):
        shutil.copy(ROOT / "data" / name, root / "data" / name)
    (root / "data" / "snapshots").mkdir()
    (root / "_quarto.yml").touch()
    (root / "cijfers.xlsx").write_bytes(filled)
    (root / "figures.xlsx").write_bytes(book(*FIGURES))
    (root / OWN / "diep").mkdir(parents=True)
    (root / OWN / "diep" / "brief.txt").write_text("van ons")
    return root


OWN = "data/programme/parkstad-limburg/eigen map"
COMMANDS = {
    "import": ("import", "cijfers.xlsx", "--yes"),
    "undo": ("import", "--undo", "--yes"),
    "data add": ("data", "add", "figures.xlsx", *ADD),
}


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 10], ids=["every step", "some steps"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_killed_at_any_step_leaves_all_or_nothing(start: Path, tmp_path: Path, name: str, every: int):
    ready, whole = Project(tmp_path / "ready"), Project(tmp_path / "whole")
    shutil.copytree(start, ready.root)
    if name == "undo":
        assert ready.regiodeal_here(*COMMANDS["import"]).returncode == 0
    shutil.copytree(ready.root, whole.root)
    end, steps = in_child(lambda: whole.regiodeal_here(*COMMANDS[name]))
    assert end == 0 and steps > 15
    before, after = contents(ready.root), contents(whole.root)
    assert before != after and f"{OWN}/diep/brief.txt" in after
    print(f"{name}: {steps} steps")
    for step in range(steps, 0, -every):  # the last steps are those that move things
        trial = Project(tmp_path / f"step-{step}")
        shutil.copytree(ready.root, trial.root)
        end, _ = in_child(lambda: trial.regiodeal_here(*COMMANDS[name]), kill_at=step)  # noqa: B023
        assert os.WTERMSIG(end) == signal.SIGKILL
        shutil.rmtree(trial.root / "build", ignore_errors=True)  # make clean
        assert trial.regiodeal_here("template", "--to", f"{step}.xlsx").returncode == 0  # any other command heals
        (trial.root / f"{step}.xlsx").unlink()
        assert records(trial.root) in (records(ready.root), records(whole.root)), step
        if contents(trial.root) != after:
            assert trial.regiodeal_here(*COMMANDS[name]).returncode == 0, step
        assert contents(trial.root) == after, step
        shutil.rmtree(trial.root)


def test_a_folder_that_is_replaced_survives_a_kill_between_two_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As of a report, a run, the site and a reproduction: all are put in place by `replace_folder`."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    (tmp_path / "build").mkdir()
    for step in range(1, 20):
        new, target = tmp_path / ".2021-new", tmp_path / f"site-{step}" / "2021"
        for folder, text in ((target, "old"), (new, "new")):
            folder.mkdir(parents=True)
            for page in ("index.html", "geld.html"):
                (folder / page).write_text(text)
        end, _ = in_child(lambda: paths.replace_folder(new, target), kill_at=step)  # noqa: B023
        paths.finish_placing()
        pages = {path.name: path.read_text() for path in target.iterdir()}
        assert pages in ({"index.html": text, "geld.html": text} for text in ("old", "new")), step
        shutil.rmtree(new, ignore_errors=True)
        assert not (tmp_path / "build" / ".placing").exists()
        assert [path.name for path in tmp_path.glob(".2021*")] == []
        if end == 0:
            break
    assert end == 0 and step > 8


def test_moves_of_which_one_fails_are_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    new = [tmp_path / f"new-{name}" for name in "ab"]
    for path in new:
        path.write_text("new")
    with pytest.raises(OSError), paths.place_all() as place:
        place([(new[0], tmp_path / "a"), (new[1], tmp_path / "gone" / "b")])
    assert all(path.is_file() for path in new) and not (tmp_path / "a").exists()
    assert not (tmp_path / "build" / ".placing").exists()
