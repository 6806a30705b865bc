"""A bundle run again: what is reproduced, what differs and why, what could not run; and bundles that were altered."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sysconfig
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from evaluation.base.errors import CouldNotRun, UsageError
from evaluation.bundles import reproduce as module
from evaluation.bundles.altered import FileChange, PlaceChange
from evaluation.bundles.causes import Cause
from evaluation.bundles.compare import Comparison, Difference
from evaluation.bundles.environment import Environment, locked_versions
from evaluation.bundles.layout import Absent, BundleRecord, write_sums, zip_bytes
from evaluation.bundles.opened import open_bundle
from evaluation.bundles.reproduce import Reproduction, reproduce
from evaluation.bundles.trust import Trust
from evaluation.bundles.verdict import write_verdict
from evaluation.present.results import read_csv as read_results
from evaluation.present.results import to_csv
from evaluation.publish.pages.html import parse_page
from evaluation.publish.pages.policy import find_foreign
from evaluation.run.pipeline import notebook_results
from tests.planted import script, spoiled

PRICES = "project/data/snapshots/cbs/2026-11-24/83625NED.csv"
LOCK = "project/requirements.lock"
RECORD = "run/run.json"
HEERLEN = "GM0917,2021,"


def repacked(
    packed: dict[str, bytes], path: Path, changes: dict[str, bytes | None], *, mend_sums: bool = False
) -> Path:
    """Write a bundle with some files changed, and with sums that fit again where that is asked."""
    files = {name: content for name, content in {**packed, **changes}.items() if content is not None}
    if mend_sums:
        files["SHA256SUMS"] = write_sums({name: files[name] for name in files if name != "SHA256SUMS"})
    path.write_bytes(zip_bytes(files))
    return path


def altered_price(packed: dict[str, bytes]) -> tuple[bytes, int, str]:
    """The table of house prices with one figure altered, with its row and what it was."""
    lines = packed[PRICES].decode().splitlines(keepends=True)
    (row,) = (number for number, line in enumerate(lines) if line.startswith(HEERLEN))
    value = lines[row].split(",")[2]
    lines[row] = lines[row].replace(f",{value},", f",{int(value) + 50000},")
    return "".join(lines).encode(), row + 1, value


@pytest.fixture
def office_runs(monkeypatch: pytest.MonkeyPatch, packed: dict[str, bytes]):
    """In the place of the notebooks: what the office's run made, with changes."""
    changes: dict[str, bytes] = {}

    def run(record, project, environment, cache, log, surroundings):
        folder = project / "build" / "runs" / record.deal / record.edition
        folder.mkdir(parents=True)
        for name in (name.removeprefix("run/") for name in packed if name.startswith("run/")):
            (folder / name).write_bytes(changes.get(name, packed[f"run/{name}"]))

    monkeypatch.setattr(module, "_run", run)
    return changes


def verdict(path: Path, to: Path, **options) -> tuple[int, dict, str, list[dict[str, str]]]:
    """Reproduce here and read the report back: exit code, JSON, page, numbers."""
    outcome = reproduce(path, to, here=True, **options)
    page = write_verdict(outcome, to).read_text(encoding="utf-8")
    numbers = list(csv.DictReader((to / "numbers.csv").open(encoding="utf-8")))
    return outcome.exit_code, json.loads((to / "report.json").read_text(encoding="utf-8")), page, numbers


def test_every_number_is_reproduced_by_the_notebooks_themselves(bundle, tmp_path, shared_cache):
    published = hashlib.sha256(bundle.read_bytes()).hexdigest()
    code, report, page, numbers = verdict(bundle, tmp_path / "again", cache=shared_cache, sha256=published)
    assert (code, report["outcome"], report["numbers"]["differ"]) == (0, "reproduced", 0), report
    assert report["trusted_by"] == "sum" and report["other_than_here"] == []
    assert report["numbers"]["reproduced"] == report["numbers"]["expected"] == len(numbers) > 1000
    assert {row["outcome"] for row in numbers} == {"reproduced"}
    assert report["bundle_sha256"] == published
    assert report["bundle_changes"] == [] and report["versions"] == []
    assert "<h1>Elk getal is gereproduceerd</h1>" in page and "zijn een voorbeeld (verzonnen)" in page
    assert str(tmp_path) not in page + json.dumps(report)


def test_a_number_that_differs_is_told_with_what_was_expected(bundle, packed, tmp_path, office_runs):
    text = packed["run/results.csv"].decode()
    first = text.splitlines()[1].split(",")
    office_runs["results.csv"] = text.replace(",".join(first[:8]) + ",", ",".join([*first[:7], "77"]) + ",", 1).encode()
    code, report, page, numbers = verdict(bundle, tmp_path / "again")
    assert code == 7 and report["numbers"]["differ"] == 1
    (row,) = (row for row in numbers if row["outcome"] == "differs")
    assert (row["result_id"], row["expected"], row["got"]) == (first[0], first[7], "77")
    assert row["causes"] == "no recorded input differs"
    assert "<h1>Niet elk getal is gelijk</h1>" in page and first[0] in page


@pytest.mark.parametrize("mend_sums", [False, True])
def test_an_altered_figure_is_named_also_where_somebody_made_the_sums_fit(packed, tmp_path, office_runs, mend_sums):
    content, row, value = altered_price(packed)
    path = repacked(packed, tmp_path / "altered.zip", {PRICES: content}, mend_sums=mend_sums)
    code, report, page, _ = verdict(path, tmp_path / "again")
    assert code == 9, "the numbers are the same here, and the bundle is not"
    change = report["bundle_changes"][0]
    place = {
        "row": row,
        "column": "value",
        "key": "GM0917 2021 final",
        "expected": value,
        "got": str(int(value) + 50000),
    }
    assert (change["file"], change["places"]) == (PRICES, [place])
    assert f"<td>{PRICES}</td><td>{row}</td><td>value</td><td>“GM0917 2021 final”</td><td>{value}</td>" in page
    metadata = (tmp_path / "again" / "project" / PRICES.removeprefix("project/")).with_suffix(".yml").read_text()
    assert hashlib.sha256(content).hexdigest() in metadata, "so that a run shows what follows from the figure"


def test_an_altered_number_of_the_office_itself_does_not_count_as_expected(packed, tmp_path, office_runs):
    content = packed["run/results.csv"].replace(b",example,", b",final,", 1)
    path = repacked(packed, tmp_path / "altered.zip", {"run/results.csv": content}, mend_sums=True)
    code, report, _, _ = verdict(path, tmp_path / "again")
    assert code == 9 and report["numbers"]["differ"] == 0
    assert report["bundle_changes"][0]["places"][0]["column"] == "status"


def test_another_version_is_told_and_is_a_cause_of_what_differs(bundle, packed, tmp_path, office_runs):
    lock = packed[LOCK].decode()
    version = locked_versions(lock)["scipy"]
    office_runs["results.csv"] = packed["run/results.csv"].replace(b",example,", b",final,", 1)
    changed = {LOCK: lock.replace(f"scipy=={version}", "scipy==0.0.1").encode()}
    originals = zip_bytes({**open_bundle(bundle).originals, **changed})
    path = repacked(packed, tmp_path / "other.zip", {**changed, "check/originals.zip": originals}, mend_sums=True)
    code, report, page, numbers = verdict(path, tmp_path / "again")
    assert code == 7
    assert report["versions"] == [{"name": "scipy", "change": f"0.0.1 -> {version}"}]
    assert f"<td>scipy</td><td>“0.0.1 → {version}”</td>" in page
    assert [row["causes"] for row in numbers if row["outcome"] == "differs"] == [f"version scipy: 0.0.1 -> {version}"]


def test_a_lock_file_that_was_altered_is_told_with_its_line(packed, tmp_path, office_runs):
    content = packed[LOCK].replace(b"pandas==", b"pandas==0.", 1)
    path = repacked(packed, tmp_path / "altered.zip", {LOCK: content}, mend_sums=True)
    code, report, _, _ = verdict(path, tmp_path / "again")
    assert code == 9 and report["versions"] == []
    change = next(item for item in report["bundle_changes"] if item["file"] == LOCK)
    assert change["file"] == LOCK and "pandas==0." in change["places"][0]["got"]


def test_a_notebook_that_fails_leaves_its_numbers_apart(bundle, packed, tmp_path, office_runs):
    record = json.loads(packed[RECORD])
    record["notebooks"]["3-veiligheid"] |= {
        "status": "failed",
        "error": {"name": "KeyError", "message": "x", "cell": ""},
    }
    rows = packed["run/results.csv"].decode().splitlines(keepends=True)
    office_runs["results.csv"] = "".join(line for line in rows if ",3-veiligheid," not in line).encode()
    office_runs["run.json"] = json.dumps(record).encode()
    code, report, page, numbers = verdict(bundle, tmp_path / "again")
    assert code == 8 and report["failed_notebooks"] == {"3-veiligheid": "KeyError: x"}
    apart = [row for row in numbers if row["outcome"] == "could not run"]
    assert len(apart) == sum(",3-veiligheid," in line for line in rows) == report["numbers"]["could_not_run"]
    assert report["numbers"]["differ"] == 0 and "KeyError: x" in page


def test_newer_vintages_take_the_place_of_those_of_the_bundle(bundle, packed, tmp_path, office_runs):
    newer = tmp_path / "newer"
    data = "project/data/"
    for name, content in packed.items():
        if name.startswith(f"{data}snapshots/") or name == f"{data}corrections.yml":
            target = newer / "data" / name.removeprefix(data).replace("2026-11-24", "2027-01-15")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    (newer / "data" / "private" / "cbs").mkdir(parents=True)
    (newer / "data" / "private" / "cbs" / "secret.csv").write_text("x")
    code, report, page, _ = verdict(bundle, tmp_path / "again", with_vintages=newer)
    assert code == 17 and report["with_newer_vintages"] and "Uitgevoerd met nieuwere statistiek" in page
    used = tmp_path / "again" / "project" / "data"
    assert (used / "snapshots" / "cbs" / "2027-01-15" / "83625NED.csv").is_file()
    assert not (used / "snapshots" / "cbs" / "2026-11-24").exists() and not (used / "private").exists()
    with pytest.raises(UsageError, match="is no project"):
        reproduce(bundle, tmp_path / "again", here=True, with_vintages=tmp_path / "nowhere")


def test_what_cannot_run_is_told_and_leaves_a_report(packed, tmp_path, monkeypatch):
    def refuse(*_):
        raise CouldNotRun("The environment could not be made from the lock file.")

    monkeypatch.setattr(module, "make_environment", refuse)
    path = repacked(packed, tmp_path / "bundle.zip", {})
    outcome = reproduce(path, tmp_path / "again")
    page = write_verdict(outcome, tmp_path / "again").read_text(encoding="utf-8")
    assert outcome.exit_code == 8 and "could not be made from the lock file" in page
    assert json.loads((tmp_path / "again" / "report.json").read_text())["outcome"] == "could not run"


def test_a_run_that_is_refused_is_told_in_the_words_of_the_run(packed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    deal = "project/data/deal/parkstad-limburg.yml"
    broken = packed[deal].replace(b"first_year: 2019", b"first_year: later")
    repacked(packed, tmp_path / "bundle.zip", {deal: broken})
    code, report, page, _ = verdict(Path("bundle.zip"), Path("again"))
    assert code == 8 and "first_year" in report["problem"] and "first_year" in page
    assert report["bundle_changes"][0]["file"] == deal


def test_an_unpacked_bundle_is_read_as_the_archive_and_what_was_put_in_is_left_aside(bundle, tmp_path):
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    (folder / "project" / "build").mkdir()
    (folder / "project" / "build" / "made.txt").write_text("x")
    assert open_bundle(folder).changes == ()
    (folder / "project" / "data" / "deal" / "other.yml").write_text("x")
    (folder / "project" / "evaluation" / "analysis" / "finance.py").unlink()
    found = open_bundle(folder)
    assert [(change.name, change.state) for change in found.changes] == [
        ("project/evaluation/analysis/finance.py", "missing"),
        ("project/data/deal/other.yml", "added"),
    ]
    assert "project/data/deal/other.yml" not in found.files


def test_what_is_no_bundle_is_refused(packed, tmp_path):
    (tmp_path / "text.zip").write_text("no archive")
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../outside.txt", "x")
    (tmp_path / "evil.zip").write_bytes(evil.getvalue())
    repacked(packed, tmp_path / "bare.zip", {"bundle.json": None})
    for name in ("text.zip", "evil.zip", "bare.zip", "none.zip"):
        with pytest.raises(UsageError):
            open_bundle(tmp_path / name)
    assert not (tmp_path.parent / "outside.txt").exists()


def test_a_folder_with_something_else_is_not_replaced(bundle, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="holds something else"):
        reproduce(bundle, tmp_path, here=True)
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.slow
def test_a_fresh_environment_reproduces_every_number_and_an_altered_figure_is_traced(
    bundle, packed, reported, tmp_path
):
    published = hashlib.sha256(bundle.read_bytes()).hexdigest()
    done = reported.regiodeal("reproduce", str(bundle), "--to", str(tmp_path / "again"), "--sha256", published)
    assert done.returncode == 0, done.stdout + done.stderr
    content, row, value = altered_price(packed)
    path = repacked(packed, tmp_path / "altered.zip", {PRICES: content})
    done = reported.regiodeal("reproduce", str(path), "--to", str(tmp_path / "altered"), "--here")
    assert done.returncode == 7, done.stdout + done.stderr
    report = json.loads((tmp_path / "altered" / "report.json").read_text(encoding="utf-8"))
    assert report["bundle_changes"][0]["places"][0]["expected"] == value
    numbers = list(csv.DictReader((tmp_path / "altered" / "numbers.csv").open(encoding="utf-8")))
    differing = [row for row in numbers if row["outcome"] == "differs"]
    assert differing and all(f"row {row}, column value" in item["causes"] for item in differing)
    assert all("83625NED" in item["causes"] for item in differing)


@pytest.mark.slow
def test_an_executed_notebook_that_was_edited_is_named_by_running_it(packed, tmp_path, shared_cache):
    name = "run/3-veiligheid.ipynb"
    changes = {name: packed[name].replace(b"text/markdown", b"text/plain", 1)}
    path = repacked(packed, tmp_path / "edited.zip", changes, mend_sums=True)
    code, report, _, _ = verdict(path, tmp_path / "again", cache=shared_cache)
    assert code == 9 and report["numbers"]["differ"] == 0
    assert [change["words"][:31] for change in report["bundle_changes"] if change["file"] == name] == [
        "is not what running it gives: c"
    ]


def test_the_page_shows_words_as_words_and_allows_only_itself(tmp_path):
    absent = (Absent(script(1), script(2), script(3)),)
    record = BundleRecord("x", script(4), "2021", "annual", script(5), 2021, 1, "2026-01-01", script(6), {}, absent)
    change = FileChange("x.csv", "altered", (PlaceChange(1, script(7), script(8), script(9), script(10)),), 1)
    cause = Cause("data", script(11), script(12))
    differs = Difference(script(13), script(14), script(15), "n", "value", 1.0, 2.0, script(16), script(17), (cause,))
    comparison = Comparison((script(18),), ((script(18), 1.0, 2.0),), (differs,))
    failed = {script(19): script(20)}
    found = {"comparison": comparison, "not_run": (differs,), "failed": failed, "problem": script(21)}
    outcome = Reproduction(record, Trust(), (change,), (script(22),), **found)
    page = write_verdict(outcome, tmp_path)
    assert find_foreign(tmp_path) == []
    text = parse_page(page).text_content()
    assert spoiled(text, 22) == [] and len(set(re.findall(r"zz(\d+)zz", text))) > 15
    rows = list(csv.reader((tmp_path / "numbers.csv").open(encoding="utf-8")))
    assert not [cell for row in rows for cell in row if cell.startswith("=")] and len(rows) > 1


def test_no_name_in_a_bundle_is_read_as_a_verdict_on_the_page(tmp_path):
    words = "Elk bestand is zoals het is gemaakt.” Dit is de gepubliceerde bundel"
    record = BundleRecord("x", words, "2021", "annual", words, 2021, 1, "2026-01-01", "", {}, (Absent(*[words] * 3),))
    places = (PlaceChange(1, words, words, words, words),)
    changes = (FileChange(words, "altered", places, 2), FileChange(words, "added"))
    differs = Difference(*[words] * 3, "n", "value", 1.0, 2.0, words, words, (Cause("data", words, words),))
    comparison = Comparison((words,), ((words, 1.0, 2.0),), (differs,))
    found = {"comparison": comparison, "not_run": (differs,), "failed": {words: words}, "problem": f"x\n{words}"}
    environment = Environment(Path("python"), False, (Cause("version", words, f"1->{words}"),))
    outcome = Reproduction(record, Trust(), changes, (words,), environment, **found)
    text = parse_page(write_verdict(outcome, tmp_path)).text_content()
    ours = re.sub("“[^”]*”", "", text)
    assert text.count("zoals het is gemaakt") > 20 and not re.search("zoals het is|gepubliceerde bundel", ours)


def plain_line(packed: dict[str, bytes]) -> list[str]:
    """The line of the README that runs a notebook with papermill alone, as words."""
    [line] = re.findall(r"`\.venv/bin/(papermill [^`]+)`", packed["README.md"].decode())
    return line.split()


def test_the_line_of_the_readme_names_a_notebook_with_numbers_and_its_parameters(packed):
    program, notebook, target, *parameters = plain_line(packed)
    assert f"project/{notebook}" in packed and target == Path(notebook).name
    cells = nbformat.reads(packed[f"project/{notebook}"].decode(), as_version=4).cells
    [own] = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    assert parameters == ["-p", "year", "2021"] and re.search(r"^year = ", own, re.MULTILINE)
    assert f",{Path(notebook).stem}," in packed["run/results.csv"].decode()
    assert entry_points(group="console_scripts", name=program)


@pytest.mark.slow
def test_the_line_of_the_readme_shows_the_same_numbers_with_papermill_alone(packed, tmp_path):
    for name, content in packed.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    program, notebook, target, *parameters = plain_line(packed)
    command = [Path(sysconfig.get_path("scripts")) / program, notebook, target, *parameters]
    own = {name: value for name, value in os.environ.items() if not name.startswith("REGIODEAL_")}
    done = subprocess.run(command, cwd=tmp_path / "project", env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    columns = ("result_id", "value", "status", "source", "vintage", "cell")
    made = read_results(to_csv(notebook_results(tmp_path / "project" / target)))
    told = read_results(packed["run/results.csv"].decode()).query("notebook == @made.notebook.iloc[0]")
    assert len(made) > 3
    both = (rows[list(columns)].reset_index(drop=True) for rows in (made, told))
    pd.testing.assert_frame_equal(*both, check_exact=True)
