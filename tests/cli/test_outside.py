"""The world outside refuses: every command says so in one sentence with its exit code, and leaves what was there."""

from __future__ import annotations

import builtins
import errno
import fcntl
import hashlib
import inspect
import io
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import duckdb
import lxml.etree
import openpyxl
import pandas as pd
import pytest
import yaml

import evaluation.cli.desk as desk
import evaluation.cli.preview.page as page
import evaluation.publish.publishing as publishing
import evaluation.publish.site.site_folder as site_folder
import evaluation.run.slots as slots
from evaluation.base.errors import BusyError
from evaluation.base.locks import held
from evaluation.base.outside import explain
from evaluation.base.run_variables import RUN_VARIABLE
from evaluation.bundles.compare import Comparison
from evaluation.run.checks import check_inputs
from evaluation.run.execute import NotebookOutcome
from tests.bundles.small import packed_as_made, small_files, small_run
from tests.cli.test_new_deal import SIX
from tests.conftest import Project
from tests.docs.test_commands import COMMANDS
from tests.unit import small_plan as plans

KINDS = {
    errno.ENOSPC: (12, "the disk is full"),
    errno.EDQUOT: (12, "the quota of this user"),
    errno.EFBIG: (12, "may not become so large"),
    errno.EACCES: (13, "may not read or write it"),
    errno.EPERM: (13, "may not read or write it"),
    errno.EROFS: (13, "read-only"),
    errno.ENOLCK: (14, "keeps no locks"),
    errno.ENOTSUP: (14, "keeps no locks"),
    errno.ENAMETOOLONG: (14, "too long"),
    errno.EINVAL: (14, "cannot have a file of this name"),
    errno.ELOOP: (14, "links lead back"),
    errno.EMFILE: (14, "too many files"),
    errno.ENOMEM: (14, "no memory"),
    errno.EAGAIN: (14, "no memory or processes"),
    errno.EBUSY: (14, "in use"),
    errno.EIO: (14, "does not answer or is damaged"),
    errno.ESTALE: (14, "does not answer or is damaged"),
    errno.EXDEV: (14, "two drives"),
}
"""Number of the system to exit code and words."""

WRITING = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT, errno.EMFILE)
PASSING = ("build/cache/", "build/report/", "build/fault.txt", "build/before-fix/")
"""What a command works in, and nobody reads as an outcome."""


def state(root: Path) -> dict[str, bytes]:
    """Read every file of a project, but for locks, what is kept and what a command works in."""
    files = (path for path in root.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    named = {path.relative_to(root).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in named.items() if not name.startswith(PASSING)}


class Refusal:
    """The n-th time that something is written in a folder, and every time after that it is opened, it is refused."""

    def __init__(self, root: Path, number: int, at: int) -> None:
        self.root, self.number, self.left, self.was_met = str(root), number, at, False

    def meet(self, path: object, *, again: bool = True) -> None:
        if not isinstance(path, str | os.PathLike) or not os.path.abspath(os.fspath(path)).startswith(self.root):
            return
        if "/build/cache/" in os.path.abspath(path) or re.search(r"\.(timings|report|run)\.json", str(path)):
            return  # costs an entry of the cache (tests/unit/base/test_cache.py), or a stamp that only saves time
        self.left -= 1
        if self.left == 0 or (self.left < 0 and again):
            self.was_met = True
            raise OSError(self.number, os.strerror(self.number), os.fspath(path))

    @contextmanager
    def __call__(self) -> Iterator[None]:
        own = {name: getattr(os, name) for name in ("replace", "rename", "mkdir", "link")}
        opened = builtins.open

        def opening(file, mode="r", *rest, **options):
            if set(mode) & set("wxa+"):
                self.meet(file)
            return opened(file, mode, *rest, **options)

        def moving(name):
            def call(*paths, **options):
                self.meet(paths[-1] if name != "mkdir" else paths[0], again=name == "mkdir")
                return own[name](*paths, **options)

            return call

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(builtins, "open", opening)
            patch.setattr(io, "open", opening)
            for name in own:
                patch.setattr(os, name, moving(name))
            yield


def changed_workbook(project: Project) -> list[str]:
    """Write a workbook of the records in which the name of the set is another."""
    path = project.root / "cijfers.xlsx"
    assert project.regiodeal_here("template", "--to", str(path), "--filled").returncode == 0
    book = openpyxl.load_workbook(path)
    book["Gegevens"]["B2"] = "Een andere naam"
    book.save(path)
    return ["import", str(path), "--yes"]


def undo(project: Project) -> list[str]:
    done = project.regiodeal_here(*changed_workbook(project))
    assert done.returncode == 0, done.stderr
    return ["import", "--undo", "--yes"]


def spoilt_notebook(project: Project) -> list[str]:
    path = project.root / "notebooks" / "3-veiligheid.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace('"execution_count": null', '"execution_count": 3'))
    return ["check", "--fix"]


def own_table(project: Project) -> list[str]:
    names = [f"GM{number}" for number in ("0917", "0928", "0882", "1729", "0965", "0899", "0994", "0981")]
    rows = [f"{name},{year},{number}" for number, name in enumerate(names, start=5) for year in (2019, 2020)]
    (project.root / "winkels.csv").write_text("\n".join(["region,period,value", *rows, ""]), encoding="utf-8")
    said = ["--licence", "CC BY 4.0", "--title", "Winkels", "--publisher", "Gemeenten", "--unit", "aantal"]
    return ["data", "add", "winkels.csv", "--as", "eigen/winkels", *said, "--meaning", "Winkels"]


def lost_counts(project: Project) -> list[str]:
    path = project.root / "data/snapshots/row_counts.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    return ["data", "verify", "--mend"]


def fake_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let notebooks be run at once, so that only what is written around them is left."""

    def run(chapter, parameters, staging, *, force):
        text = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        (staging / f"{chapter.name}.ipynb").write_text(text, encoding="utf-8")
        inputs = {"files": {}, "names": [], "parameters": parameters, "cells": {}, "modules": {}}
        return NotebookOutcome(chapter.name, "ok", None, inputs, 0.0, "0" * 64, False)

    monkeypatch.setattr(slots, "run_notebook", run)
    monkeypatch.setattr(slots, "warm_up", lambda: None)
    checked = check_inputs("parkstad-limburg", ["0-samenvatting"], panel=False)
    monkeypatch.setattr("evaluation.run.pipeline.check_inputs", lambda *_, **__: checked)
    monkeypatch.setattr("evaluation.run.panel_ahead.compute_ahead", lambda deal: None)
    monkeypatch.setattr("evaluation.run.pipeline.region_panel", lambda deal: None)
    (project.runs / "2021").mkdir(parents=True)
    (project.runs / "2021" / "results.csv").write_text("the last good run", encoding="utf-8")
    return ["run", "--year", "2021", "--jobs", "1"]


def fake_report(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    fake_run(project, monkeypatch)
    (project.site / "2021").mkdir(parents=True)
    (project.site / "2021" / "index.html").write_text("the last good report", encoding="utf-8")

    class OnePage:
        chapters = ()

    def render(engine, folder, draft):
        (draft / "index.html").write_text("<html><head></head><body>new</body></html>", encoding="utf-8")
        return ()

    for name, stand_in in {
        "stage_report": lambda run, target: target, "load_project": lambda folder: OnePage, "_render": render,
        "check_pages": lambda *_, **__: None,
        "refresh_years": lambda site: None, "refresh_search": lambda site: None,
    }.items():  # fmt: skip
        monkeypatch.setattr(publishing, name, stand_in)
    monkeypatch.setattr("evaluation.cli.reports._prepare", lambda *_: None)
    shutil.rmtree(project.runs)
    return ["report", "--year", "2021", "--engine", "embedded"]


def fake_site(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    fake_report(project, monkeypatch)
    (project.site / "index.html").write_text("the last good front page", encoding="utf-8")
    monkeypatch.setattr("evaluation.present.published.last_year", lambda deal: 2021)
    return ["site", "--pages-only", "--engine", "embedded"]


def small_bundle(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the run be one of a few files, in the place of a bundle that is there with its sum."""
    parts = small_files()
    run = {name.removeprefix("run/"): text for name, text in parts.items() if name.startswith("run/")}
    others = {name.removeprefix("project/"): text for name, text in parts.items() if name.startswith("project/")}
    good = SimpleNamespace(files=run, inputs=json.loads(run["inputs.json"]), checked=(None, None, None))
    monkeypatch.setattr("evaluation.bundles.archive.open_good_run", lambda *_: good)
    monkeypatch.setattr("evaluation.bundles.archive.project_files", lambda run: (others, ()))
    for name in ("2021.zip", "SHA256SUMS"):
        (project.root / name).write_text("the last good one", encoding="utf-8")
    return ["bundle", "2021", "--to", "2021.zip"]


def small_reproduction(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let nothing of a small bundle be run, in the place of an earlier reproduction."""
    content = packed_as_made(small_files())
    (project.root / "2021.zip").write_bytes(content)

    def run(bundle, work, **_):
        (work / "run.log").write_text("ran", encoding="utf-8")
        return {"comparison": Comparison(("x",), (), ())}

    monkeypatch.setattr("evaluation.bundles.reproduce._run_again", run)
    (project.root / "reproduction").mkdir()
    (project.root / "reproduction" / "report.json").write_text("the last one", encoding="utf-8")
    return ["reproduce", "2021.zip", "--sha256", hashlib.sha256(content).hexdigest()]


def small_difference(project: Project) -> list[str]:
    for name in ("a.csv", "b.csv"):
        (project.root / name).write_bytes(small_run()["results.csv"])
    return ["diff", "a.csv", "b.csv", "--to", "verschil.csv"]


def fake_study(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    for made in ("run_study", "study_grades"):
        monkeypatch.setattr(f"studies.method_study.{made}", lambda *_, **__: pd.DataFrame({"a": [1.0]}))
    return ["study", "--draws", "500"]


def fake_preview(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a preview of one page be over as soon as it is there."""
    monkeypatch.setattr(desk, "_run_for_preview", lambda *_: project.runs / "2021")
    for name, stand_in in {
        "stage_report": lambda run, target: (target.mkdir(parents=True), (target / "x.qmd").write_text("x")),
        "render_embedded": lambda folder, site: (site.mkdir(parents=True), (site / "x.html").write_text("x")),
        "OpenBook": lambda folder, page: None,
    }.items():
        monkeypatch.setattr(page, name, stand_in)
    monkeypatch.setattr("evaluation.cli.preview.loop.keep_showing", lambda *_: Path("shown").write_text("x"))
    return ["preview", "verantwoording", "--year", "2021", "--no-browser"]


def small_site(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    project.site.mkdir(parents=True)
    (project.site / "index.html").write_text("<html><head></head><body>site</body></html>", encoding="utf-8")
    monkeypatch.setattr(site_folder, "site_faults", lambda site: [])
    public = project.root / "public"
    public.mkdir()
    (public / site_folder.MARKER).write_text("published before", encoding="utf-8")
    return ["publish", "--to", "public"]


def made_up_plan(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the plan be of made-up figures, on a day without one."""
    content = plans.made_up_plan()
    monkeypatch.setattr("evaluation.analysis.registration.build_registration", lambda *_, **__: dict(content))
    shutil.rmtree(project.root / "data/plans")
    monkeypatch.setattr("evaluation.cli.plan.date", SimpleNamespace(today=lambda: plans.DAY))
    return ["plan", "register"]


def made_up_score(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    assert project.regiodeal_here(*made_up_plan(project, monkeypatch)).returncode == 0
    figures = plans.made_up_figures(2026)
    monkeypatch.setattr("evaluation.analysis.registration.open_figures", lambda content: figures)
    return ["plan", "score"]


WRITERS: dict[str, Callable[..., list[str]]] = {
    "template": lambda project: ["template", "--to", "nieuw.xlsx", "--filled"],
    "import": changed_workbook,
    "import --undo": undo,
    "example": lambda project: ["example", "--seed", "7"],
    "new notebook": lambda project: ["new", "notebook", "--title", "Nog een", "--theme", "3"],
    "new indicator": lambda project: [
        "new",
        "indicator",
        "verhuizingen",
        "--theme",
        "2",
        "--title",
        "V",
        "--definition",
        "V.",
        "--wording",
        "v",
        "--unit",
        "count",
        "--direction",
        "ambiguous",
    ],
    "new deal": lambda project: ["new", "deal", "zuidoost-friesland", *SIX],
    "check --fix": spoilt_notebook,
    "data add": own_table,
    "data verify --mend": lost_counts,
    "data diff --csv": lambda project: (
        ["data", "diff", "cbs/2026-07-17/83625NED", "cbs/2026-11-24/83625NED", "--csv", "verschil.csv"]
    ),
    "run": fake_run,
    "report": fake_report,
    "publish": small_site,
    "site": fake_site,
    "bundle": small_bundle,
    "reproduce": small_reproduction,
    "diff": small_difference,
    "study": fake_study,
    "preview": fake_preview,
    "plan register": made_up_plan,
    "plan score": made_up_score,
}


def assert_told(done: subprocess.CompletedProcess[str], number: int) -> None:
    code, words = KINDS[number]
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert words in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert re.match(r"\S+.*: ", done.stderr) and "A file or folder" not in done.stderr, done.stderr


def prepared(command: str, project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make a project ready for a command that writes; give its words."""
    prepare = WRITERS[command]
    return prepare(project, monkeypatch) if len(inspect.signature(prepare).parameters) == 2 else prepare(project)


@pytest.mark.parametrize("command", WRITERS)
def test_wherever_a_write_is_refused_it_is_told_and_everything_is_as_it_was(command, project, monkeypatch):
    arguments = prepared(command, project, monkeypatch)

    def outcomes() -> dict[str, bytes]:
        # Before a report can be published there are a new run and what reports share, whole; before the premises new
        # records, whole.
        made = ("build/runs/", "build/site/assets/")
        left_out = {"report": made, "site": made, "example": "data/programme/"}.get(command, "-")
        return {name: text for name, text in state(project.root).items() if not name.startswith(left_out)}

    refuse_writes(project, arguments, outcomes)


def refuse_writes(project: Project, arguments: Sequence[str], outcomes: Callable[[], dict[str, bytes]]) -> None:
    """Refuse one write after another, and find each time what was there; without a refusal something comes of it."""
    before, met = outcomes(), 0
    for at in (1, 2, 3, 5, 8, 13, 28, 75, 300):
        refusal = Refusal(project.root, number := WRITING[at % len(WRITING)], at)
        with refusal():
            done = project.regiodeal_here(*arguments)
        if not refusal.was_met:
            break
        met += 1
        assert_told(done, number)
        after = outcomes()
        assert after == before, (at, sorted(name for name in {*after, *before} if after.get(name) != before.get(name)))
    assert met >= 2 and done.returncode == 0, (met, done.stderr)
    assert outcomes() != before, "without a refusal it does what it should"


SMALLEST = {
    "check": "check", "lab": "lab", "template": "template --to y.xlsx", "import": "import x.xlsx --yes",
    "preview": "preview 3-veiligheid --year 2021 --no-browser", "bundle": "bundle 2021 --to x.zip",
    "reproduce": "reproduce x.zip", "diff": "diff x.zip x.csv", "run": "run --year 2021",
    "report": "report --year 2021 --engine embedded", "publish": "publish --to public",
    "site": "site --engine embedded --pages-only", "example": "example", "study": "study --draws 500",
    "data fetch": "data fetch cbs/83625NED", "data add": "data add x.csv --as a/b --licence x",
    "data verify": "data verify", "data status": "data status", "data describe": "data describe cbs/82015NED",
    "data diff": "data diff cbs/2026-07-17/83625NED cbs/2026-11-24/83625NED",
    "plan register": "plan register", "plan verify": "plan verify", "plan score": "plan score",
    "new notebook": "new notebook --title Nog --theme 3", "release": "release 2021",
    "approve": "approve 2021 --role evaluator --key sleutel", "certify": "certify x --release 2021",
    "new indicator": WRITERS["new indicator"](None), "new deal": WRITERS["new deal"](None),
}  # fmt: skip


ONLY_READING = {"data status", "data describe", "plan verify"}
ELSEWHERE = {"data fetch", "lab", "release", "approve", "certify"}
"""In tests/sources/test_failures.py and tests/release/test_refused.py; what JupyterLab writes is not known here."""


def test_every_command_is_tried():
    assert sorted(SMALLEST) == sorted(COMMANDS)
    assert {name.partition(" --")[0] for name in WRITERS} == COMMANDS.keys() - ONLY_READING - ELSEWHERE


READ_FAULTS: dict[str, tuple[Callable[[str], BaseException], int]] = {
    "EIO": (lambda path: OSError(errno.EIO, "x", path), 14),
    "EACCES": (lambda path: PermissionError(errno.EACCES, "x", path), 13),
    "EMFILE": (lambda path: OSError(errno.EMFILE, "x", path), 14),
    "MemoryError": (lambda path: MemoryError(), 14),
    "RecursionError": (lambda path: RecursionError(), 2),
}


@pytest.mark.parametrize("fault", READ_FAULTS)
@pytest.mark.parametrize("command", [name for name in SMALLEST if name not in ("study",)])
def test_what_cannot_be_read_is_told_by_every_command(command, fault, shared_project, monkeypatch):
    raised, code = READ_FAULTS[fault]
    words = SMALLEST[command]
    words = words.split() if isinstance(words, str) else words
    opened, root, met = io.open, str(shared_project.root), []

    def opening(file, mode="r", *rest, **options):
        is_text = isinstance(file, str | os.PathLike)
        if is_text and mode in ("r", "rb") and os.path.abspath(os.fspath(file)).startswith(root):
            met.append(file)
            raise raised(os.fspath(file))
        return opened(file, mode, *rest, **options)

    before = state(shared_project.root)
    monkeypatch.setattr(desk, "lab_command", lambda: ["/no/such/program"])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    with monkeypatch.context() as patch:
        patch.setattr(io, "open", opening)
        patch.setattr(builtins, "open", opening)
        done = shared_project.regiodeal_here(*words)
    assert met or command in ("lab",), "it reads something of the project"
    assert done.returncode == (code if met else 15), (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr and "fault of the program" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert state(shared_project.root) == before


def raised_at(path: Path, error: BaseException) -> BaseException:
    """Raise an error in a function that is at a file, as a write does that does not name it."""

    def write(path: Path) -> None:
        raise error

    try:
        write(path)
    except type(error) as caught:
        return caught
    raise AssertionError


def ended(code: int | None) -> BaseException:
    if code is None:
        return subprocess.TimeoutExpired(["/usr/bin/quarto", "render"], 60)
    return subprocess.CalledProcessError(code, ["/usr/bin/quarto", "render"], stderr=b"first\nno memory left\n")


OTHERS: dict[str, tuple[BaseException, int, str]] = {
    "zip": (zipfile.BadZipFile("Bad magic number"), 2, "x.file: it is damaged"),
    "zlib": (zlib.error("Error -3 while decompressing"), 2, "x.file: it is damaged"),
    "encrypted": (NotImplementedError("compression type 9"), 2, "x.file: it is made in a way that is not read"),
    "end": (EOFError(), 2, "x.file: it is damaged"),
    "json": (json.JSONDecodeError("x", "{", 1), 2, "x.file: it is damaged"),
    "yaml": (yaml.YAMLError("x"), 2, "x.file: it is damaged"),
    "brackets": (RecursionError("maximum recursion depth"), 2, "x.file: it is nested too deep"),
    "latin-1": (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid"), 2, "x.file: it is not text in UTF-8"),
    "surrogate": (UnicodeEncodeError("utf-8", "\udce9", 0, 1, "surrogates"), 14, "characters that this system"),
    "memory": (MemoryError(), 14, "no memory left"),
    "killed": (ended(-9), 15, "quarto was ended by signal 9. no memory left"),
    "failed": (ended(3), 15, "quarto ended with 3"),
    "slow": (ended(None), 15, "quarto took too long"),
    "reset": (ConnectionResetError(errno.ECONNRESET, "reset by peer"), 18, "the connection failed"),
    "lookup": (socket.gaierror(-2, "Name or service not known"), 18, "the connection failed"),
    "certificate": (ssl.SSLError(1, "certificate verify failed"), 18, "the connection failed"),
    "copy": (shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")]), 12, "the disk is full"),
    "lxml": (lxml.etree.LxmlError("IO_ENOSPC"), 12, "x.file: the disk is full"),
    "duckdb": (duckdb.IOException("Could not write file: No space left on device"), 12, "x.file: the disk is full"),
    "no such file": (FileNotFoundError(errno.ENOENT, "x"), 2, "x.file: it is not there"),
    "a folder": (IsADirectoryError(errno.EISDIR, "x"), 2, "a folder stands where a file is needed"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_number_of_the_system_is_told_too(name, tmp_path):
    error, code, words = OTHERS[name]
    told = explain(raised_at(tmp_path / "x.file", error))
    assert (told.exit_code, words in str(told)) == (code, True), str(told)
    assert len(str(told).splitlines()) == 1


@pytest.mark.parametrize("number", KINDS, ids=errno.errorcode.get)
def test_each_number_of_the_system_has_its_words_and_names_the_file_at_hand(number, tmp_path):
    told = explain(raised_at(tmp_path / "x.file", OSError(number, os.strerror(number))))
    code, words = KINDS[number]
    assert told.exit_code == code and words in str(told) and "x.file: " in str(told)


def test_a_fault_of_the_program_is_told_with_its_details_in_a_file(shared_project, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise KeyError("nobody foresaw this")

    monkeypatch.setattr("evaluation.statistics.row_counts.verify_snapshots", fail)
    done = shared_project.regiodeal_here("data", "verify")
    details = shared_project.root / "build" / "fault.txt"
    assert done.returncode == 1 and "a fault of the program itself: KeyError" in done.stderr
    assert "build/fault.txt" in done.stderr and len(done.stderr.splitlines()) == 1
    assert "Traceback" in details.read_text(encoding="utf-8")
    details.unlink()


WITH_LOCK = "run", "import", "report", "site", "publish", "preview", "bundle", "reproduce", "study", "data add"


@pytest.mark.parametrize("command", WITH_LOCK)
def test_a_drive_without_locks_is_told_at_once(command, project, monkeypatch):
    arguments = prepared(command, project, monkeypatch)
    before = state(project.root)

    for number in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):

        def flock(*_: object, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(fcntl, "flock", flock)
        done = project.regiodeal_here(*arguments)
        assert done.returncode == 14 and "keeps no locks" in done.stderr and ".lock: " in done.stderr, done.stderr
        assert state(project.root) == before


def test_who_waits_for_a_lock_says_so_and_ends(tmp_path, capfd):
    busy = "Another import is under way"
    with held(tmp_path / "x.lock", busy):
        with pytest.raises(BusyError, match=f"{busy}; wait until it is done"), held(tmp_path / "x.lock", busy):
            raise AssertionError
        with pytest.raises(BusyError), held(tmp_path / "x.lock", busy, wait=0.1):
            raise AssertionError
    assert "this waits until it is done, at most 0 s" in capfd.readouterr().err
    with held(tmp_path / "x.lock", busy):
        pass


def test_a_notebook_that_waits_for_another_says_nothing_since_that_would_be_a_part_of_its_outcome(
    tmp_path, capfd, monkeypatch
):
    monkeypatch.setenv(RUN_VARIABLE, str(tmp_path))
    with held(tmp_path / "x.lock", "busy"), pytest.raises(BusyError), held(tmp_path / "x.lock", "busy", wait=0.1):
        raise AssertionError
    assert capfd.readouterr() == ("", "")
