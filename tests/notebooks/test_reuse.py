"""Only what changed runs again: which input makes which notebooks run, damaged entries, kills, equal bytes."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluation.base import fingerprints
from evaluation.base.cache import CACHE_VARIABLE, find_made, read_entry, write_entry
from evaluation.base.fingerprints import changed_inputs, hash_files, modules_behind
from evaluation.inputs import editions
from evaluation.inputs.chapter_list import list_chapters
from evaluation.inputs.deal import load_deal
from evaluation.inputs.retail.tables import load_retail
from evaluation.run.execute import notebook_inputs
from evaluation.run.unchanged import hash_inputs, is_unchanged, stamp
from tests.conftest import ROOT, Project

YEAR = 2021
RETAIL = {"4-voorzieningen-en-retail", *(f"4a-winkelcluster-wc{number}" for number in range(1, 5))}
CHAPTERS = [
    chapter.name for chapter in list_chapters(editions.NOTEBOOKS["annual"], load_deal(), load_retail(load_deal()))
]
ALL = set(CHAPTERS)
SUMMARY = editions.SUMMARIES["annual"]
ON_THE_PANEL = ALL - {name for name in RETAIL if name.startswith("4a")}
"""The chapters that show statistics; a page of a shopping cluster reads the retail tables alone."""


@pytest.fixture
def changed(project: Project, reported: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Give a project of which all notebooks were made before, to change."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    return project


def will_run(project: Project, reported: Project, *, deal: str = "parkstad-limburg", year: int = YEAR) -> set[str]:
    """Name the chapters that are not taken from what was made before, and check that a reason is told for each."""
    found = set()
    last = json.loads((reported.runs / str(YEAR) / "inputs.json").read_text(encoding="utf-8"))
    for chapter in list_chapters(editions.NOTEBOOKS["annual"], load_deal(), load_retail(load_deal()), "annual"):
        staging = reported.runs / str(YEAR) if chapter.name == SUMMARY else project.root
        inputs = notebook_inputs(chapter, {"deal": deal, "year": year}, staging)
        if chapter.name == SUMMARY:
            inputs["results"] = last[SUMMARY]["results"]  # as they were before the summary's own
        is_new = find_made(inputs) is None
        before = last[chapter.name]
        reasons = changed_inputs(before, inputs | {"files": hash_files(before["files"])})
        assert bool(reasons) == is_new or year != YEAR, (chapter.name, reasons)
        found |= {chapter.name} if is_new else set()
    return found


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_nothing_runs_when_nothing_changed_and_another_year_has_its_own(changed, reported):
    assert will_run(changed, reported) == set()
    assert will_run(changed, reported, deal="another") == ALL


def test_a_cell_makes_its_own_notebook_run(changed, reported):
    edit(changed.root / "notebooks" / "3-veiligheid.ipynb", "tbl-stand-3", "tbl-stand-drie")
    assert will_run(changed, reported) == {"3-veiligheid"}


def test_a_cell_of_a_notebook_that_is_copied_makes_every_copy_run(changed, reported):
    edit(changed.root / "notebooks" / "4a-winkelcluster.ipynb", "Leegstand en vloeroppervlak", "Leegstand en vloer")
    assert will_run(changed, reported) == {name for name in RETAIL if name.startswith("4a")}


@pytest.mark.parametrize(
    ("module", "chapters"),
    [
        ("analysis/retail_measures.py", RETAIL),
        ("chapters/report/retail_cluster.py", {name for name in RETAIL if name.startswith("4a")}),
        ("chapters/report/finance.py", {"7-financien"}),
        ("chapters/report/closing.py", set()),
        ("publish/pages/page.py", set()),
        ("base/dutch.py", ALL),
        ("run/execute.py", ALL),
    ],
)
def test_a_module_makes_the_notebooks_run_that_use_it(changed, reported, tmp_path, monkeypatch, module, chapters):
    package = tmp_path / "evaluation"
    shutil.copytree(ROOT / "evaluation", package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprints, "package_dir", lambda: package)
    fingerprints._source.cache_clear()
    try:
        assert will_run(changed, reported) == set()
        with (package / module).open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        fingerprints._source.cache_clear()
        assert will_run(changed, reported) == chapters
    finally:
        fingerprints._source.cache_clear()


@pytest.mark.parametrize(
    ("pattern", "chapters"),
    [
        ("data/snapshots/politie/*/47018NED.csv", ON_THE_PANEL),
        ("data/snapshots/politie/*/47018NED.yml", ON_THE_PANEL),
        ("data/retail/*/premises.csv", RETAIL),
        ("data/methods/*.csv", set()),
        ("data/deal/parkstad-limburg.yml", ALL),
        ("requirements.lock", ALL),
    ],
)
def test_a_file_makes_the_notebooks_run_that_read_it(changed, reported, pattern, chapters):
    path = next(changed.root.glob(pattern))
    path.write_bytes(path.read_bytes() + b"\n")
    assert will_run(changed, reported) == chapters


def test_a_file_that_comes_makes_all_run_as_any_may_look_for_it(changed, reported):
    folder = next((changed.root / "data/snapshots/politie").glob("*"))
    shutil.copytree(folder, folder.with_name("2030-01-01"))
    assert will_run(changed, reported) == ALL


def test_a_damaged_entry_is_made_anew(tmp_path):
    path = tmp_path / "folder" / "entry"
    write_entry(path, b"content")
    assert read_entry(path) == b"content" and [item.name for item in path.parent.iterdir()] == ["entry"]
    path.write_bytes(path.read_bytes().replace(b"tent", b"test"))
    assert read_entry(path) is None and not path.exists()
    assert read_entry(path) is None


def test_what_a_notebook_imports_is_among_what_counts_for_it():
    """The modules that Python has after the imports, but for those that a package only passes on."""
    source = "from evaluation.chapters.report.finance import open_finance"
    script = f"import sys\n{source}\nprint(*(name for name in sys.modules if name.startswith('evaluation.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    passed_on = {name for name in done.stdout.split() if name.startswith("evaluation.chapters.")}
    found = {name.rstrip(":") for name in modules_behind([source])}
    reached = {name for name in passed_on if name in found}
    assert "evaluation.chapters.report.finance" in reached and "evaluation.chapters.context" in reached
    script = (
        "import sys, evaluation.analysis.estimation\n"
        "print(*(name for name in sys.modules if name.startswith('evaluation.')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    found = {name.rstrip(":") for name in modules_behind(["import evaluation.analysis.estimation"])}
    assert set(done.stdout.split()) <= found


def test_a_change_runs_its_notebook_alone_and_says_why(project, reported):
    shutil.copytree(reported.root / "build", project.root / "build")
    edit(project.root / "notebooks" / "3-veiligheid.ipynb", "Projecten van dit thema", "De projecten van dit thema")
    done = project.regiodeal("run", "--year", str(YEAR), "--explain")
    assert done.returncode == 0, done.stderr
    assert "3-veiligheid: cell tbl-projecten-3 changed\n" in done.stdout
    assert done.stdout.count(": nothing changed\n") == len(ALL) - 1
    states = {line.split()[1]: line.split()[2] for line in done.stdout.splitlines() if line.startswith(f"{YEAR} ")}
    assert states == {name: "ok" if name == "3-veiligheid" else "cached" for name in CHAPTERS}
    own, other = (made.runs / str(YEAR) for made in (project, reported))
    assert [path.name for path in sorted(own.iterdir())] == [path.name for path in sorted(other.iterdir())]
    different = {path.name for path in own.iterdir() if path.read_bytes() != (other / path.name).read_bytes()}
    assert different == {"3-veiligheid.ipynb", "run.json", "inputs.json"}

    again = project.regiodeal("run", "--year", str(YEAR))
    assert again.stdout.startswith("Nothing changed: ")
    (own / "results.csv").write_text("spoiled", encoding="utf-8")
    mended = project.regiodeal("run", "--year", str(YEAR))
    assert mended.returncode == 0 and "cached" in mended.stdout
    assert (own / "results.csv").read_bytes() == (other / "results.csv").read_bytes()


def test_a_file_that_changes_while_a_report_is_made_is_not_taken_for_seen(project, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    made = [project.runs / str(YEAR)]
    made[0].mkdir(parents=True)
    before = hash_inputs()
    lock = project.root / "requirements.lock"
    lock.write_text(lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    stamp("parkstad-limburg", str(YEAR), made, before)
    assert is_unchanged("parkstad-limburg", str(YEAR), made, before)
    assert not is_unchanged("parkstad-limburg", str(YEAR), made, hash_inputs())
    (made[0] / "results.csv").write_text("", encoding="utf-8")
    assert not is_unchanged("parkstad-limburg", str(YEAR), made, before)


def test_what_is_unchanged_is_told_without_the_heavy_packages():
    script = (
        "import sys\nimport evaluation.cli\nfrom evaluation.run.unchanged import is_unchanged\n"
        "print(*({'pandas', 'numpy', 'plotly', 'pydantic', 'papermill', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def kill_after(project: Project, lines: int, seconds: float) -> bool:
    """Begin a report and kill it some time after a number of notebooks; tell whether it was under way still."""
    command = [sys.executable, "-m", "evaluation.cli", "report", "--year", str(YEAR), "--engine", "embedded"]
    environment = {**os.environ, "REGIODEAL_ROOT": str(project.root)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as runner:
        for _ in range(lines):
            runner.stdout.readline()
        time.sleep(seconds)
        is_under_way = runner.poll() is None
        runner.kill()
    return is_under_way


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kills", [pytest.param(2, marks=pytest.mark.slow), pytest.param(50, marks=pytest.mark.slow)])
def test_a_run_that_is_killed_at_any_moment_is_completed_by_the_next(
    project, reported, shared_cache, tmp_path, monkeypatch, kills
):
    cache = tmp_path / "cache"
    shutil.copytree(shared_cache, cache, ignore=shutil.ignore_patterns(".*"))  # what another test writes just now
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))
    moments = random.Random(kills)
    killed = 0
    for number in range(kills):
        entries = sorted((cache / "notebooks").iterdir())
        for folder in moments.sample(entries, len(entries) // 8) if number % 5 == 0 else []:
            shutil.rmtree(folder)
        killed += kill_after(project, moments.randint(0, len(ALL)), moments.uniform(0, 0.6))
    assert killed, "some of the runs were under way still"
    done = project.regiodeal("report", "--year", str(YEAR), "--engine", "embedded")
    assert done.returncode == 0, done.stderr
    assert contents(project.runs / str(YEAR)) == contents(reported.runs / str(YEAR))
    assert not list(project.runs.glob(".*-run-*")) and not list(project.runs.glob(".*-old-*"))
    assert (project.site / str(YEAR) / "index.html").is_file() and not list(project.site.glob(".*"))
