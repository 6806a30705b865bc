"""Commands that are killed at any step: the next command heals what was left, and the same bytes come of it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from evaluation.base import paths
from evaluation.base.cache import CACHE_VARIABLE, OWN_VARIABLE
from tests.cli.test_intake import ADD, FIGURES, filled  # noqa: F401 - a fixture
from tests.cli.test_outside import fake_report
from tests.conftest import ROOT, Project, copy_project
from tests.killing import contents, in_child
from tests.site.test_site_folder import site  # noqa: F401 - a fixture
from tests.unit.inputs.tables.books import book


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


SOME, KILLS = 10, 10
some_or_every = pytest.mark.parametrize(
    "every", [pytest.param(1, marks=pytest.mark.slow), SOME], ids=["every step", "some steps"]
)


@some_or_every
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


def assert_made_by_the_next(build: Path, act, every: int, *, least: int) -> None:
    """Kill what makes something in a folder at some of its steps; give it again, and find what it gives undisturbed."""
    before = build.with_name("before")
    shutil.copytree(build, before)
    end, steps = in_child(act)
    after = contents(build)
    assert end == 0 and steps >= least and after != contents(before)
    print(f"{steps} steps")
    for step in range(steps, 0, -every):
        shutil.rmtree(build)
        shutil.copytree(before, build)
        end, _ = in_child(act, kill_at=step)
        assert os.WTERMSIG(end) == signal.SIGKILL
        assert in_child(act)[0] == 0, step
        assert contents(build) == after, step


def give(project: Project, *arguments: str) -> None:
    """Give a command that has to succeed, for `in_child`: its end tells."""
    done = project.regiodeal_here(*arguments)
    assert done.returncode == 0, done.stderr


@some_or_every
def test_a_report_that_is_killed_at_any_step_is_made_by_the_next(project, monkeypatch, every: int):
    """With notebooks that are run at once; with their kernels it is in `test_what_is_killed_with_its_kernels`."""
    arguments = fake_report(project, monkeypatch)
    assert_made_by_the_next(project.root / "build", lambda: give(project, *arguments), every, least=30)


@some_or_every
def test_a_publication_that_is_killed_at_any_step_is_made_by_the_next(site, tmp_path, every: int):  # noqa: F811
    shutil.copytree(ROOT / "data" / "deal", tmp_path / "data" / "deal")
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "reports" / "style").mkdir(parents=True)
    shutil.copy(ROOT / "reports" / "style" / "thema.yml", tmp_path / "reports" / "style")
    (tmp_path / "host" / "public").mkdir(parents=True)
    project = Project(tmp_path)
    arguments = ("publish", "--to", "host/public", "--url", "https://example.org/deal/")
    give(project, *arguments)  # what stood there is a site of ours
    page = site / "2021" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("2021<", "Nieuw<"), encoding="utf-8")
    assert_made_by_the_next(tmp_path / "host", lambda: give(project, *arguments), every, least=30)


def of_project(root: Path) -> list[psutil.Process]:
    """List the processes that work in a project: its command, its kernels, and what those started."""
    found = ((process, process.info["environ"] or {}) for process in psutil.process_iter(["environ"]))
    return [process for process, environ in found if environ.get(paths.ROOT_VARIABLE) == str(root)]


@pytest.mark.slow
def test_what_is_killed_with_its_kernels_is_made_by_the_next(tmp_path: Path):
    """A whole report, killed before random steps; every other time all its processes are, at one moment."""

    def report(project: Project, step: int) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "tests.killing", step, told, "report", "--year", "2021", "--engine", "embedded"]
        cache = str(tmp_path / f"cache-{project.root.name}")
        variables = {paths.ROOT_VARIABLE: str(project.root), "PYTHONPATH": str(ROOT)}
        environment = {**os.environ, **variables, CACHE_VARIABLE: cache, OWN_VARIABLE: cache}
        return subprocess.Popen(list(map(str, words)), cwd=project.root, env=environment, stdout=subprocess.DEVNULL)

    whole, told, chance = copy_project(tmp_path / "whole"), tmp_path / "told", random.Random(15)
    assert report(whole, 0).wait() == 0
    after, steps = contents(whole.root / "build"), int(told.read_text())
    with_kernels = 0
    for trial in range(KILLS):
        project, step = copy_project(tmp_path / f"trial-{trial}"), chance.randrange(1, steps * 9 // 10)
        assert report(project, step).wait() == -signal.SIGKILL
        with_kernels += len(left := of_project(project.root)) > 2
        for process in left if trial % 2 else ():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        until = time.monotonic() + 5
        while (left := of_project(project.root)) and time.monotonic() < until:
            time.sleep(0.1)
        assert left == [], step
        assert report(project, 0).wait() == 0, step
        assert contents(project.root / "build") == after, step
        shutil.rmtree(project.root)
    assert with_kernels


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
    for was_there in (False, True):
        if was_there:
            (tmp_path / "a").write_text("old")
        with pytest.raises(OSError), paths.place_all() as place:
            place([(new[0], tmp_path / "a"), (new[1], tmp_path / "gone" / "b")])
        assert all(path.read_text() == "new" for path in new) and (tmp_path / "a").exists() is was_there
        assert not (tmp_path / "build" / ".placing").exists() and not list(tmp_path.glob(".*-old"))
    assert (tmp_path / "a").read_text() == "old", "what was replaced came back"
    with paths.place_all() as place:
        place([(new[0], tmp_path / "a"), (new[1], tmp_path / "b")])
    assert (tmp_path / "a").read_text() == "new" and not list(tmp_path.glob(".*-old"))
