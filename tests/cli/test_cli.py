"""The command line: clear answers, exit codes, and nothing lost."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import evaluation.publish.publishing as publish
import evaluation.run.pipeline as pipeline
from evaluation.base.errors import InputError, RunError
from evaluation.cli import reports
from evaluation.cli.main import app
from tests.conftest import ROOT

RECORDS = "data/programme/parkstad-limburg"


@pytest.mark.parametrize(
    ("year", "words"),
    [
        ("2018", ["2018 is the base year", "2019 to 2022"]),
        ("2023", ["ends on 2022-12-31", "final evaluation", "2019 to 2022"]),
    ],
)
def test_a_year_outside_the_term_says_what_is_possible(project, year, words):
    done = project.regiodeal("report", "--year", year)
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr
    assert not project.site.exists()


def test_an_unknown_deal_names_the_deals_there_are(project):
    done = project.regiodeal("check", "--deal", "parkstad-limbrug")
    assert done.returncode == 2 and "parkstad-limburg" in done.stderr and "Traceback" not in done.stderr


def test_all_deals_where_there_are_none_is_told(project):
    next((project.root / "data" / "deal").iterdir()).unlink()
    done = project.regiodeal("run", "--deal", "all", "--year", "2021")
    assert done.returncode == 2 and "There are no deals in data/deal." in done.stderr


def test_an_unknown_engine_is_refused_before_anything_runs(project):
    done = project.regiodeal("report", "--year", "2021", "--engine", "word")
    assert done.returncode == 2 and "embedded" in done.stderr
    assert not (project.root / "build").exists()


def test_an_unknown_format_is_refused_before_anything_runs(project):
    done = project.regiodeal("report", "--year", "2021", "--format", "html,odt")
    assert done.returncode == 2 and "'odt'; choose html, pdf, docx" in done.stderr
    assert not (project.root / "build").exists()


class MadeSite:
    """The command `site` with reports, run and pages that are only noted."""

    def __init__(self, monkeypatch, failing: list[Exception]):
        self.made: list[str] = []
        self.failing = failing
        monkeypatch.setattr(reports, "report", self.report)
        monkeypatch.setattr(pipeline, "run_edition", self.run)
        monkeypatch.setattr(publish, "render_portal", self.render)
        monkeypatch.setattr("evaluation.present.published.last_year", lambda deal: 2022)

    def report(self, what=None, years=None, **options):
        self.made.append(f"{what} {years}")
        for error in self.failing:
            raise error

    def run(self, deal, edition, options):
        self.made.append(f"run {edition.id} {edition.year}")
        return pipeline.RunOutcome(Path("x"), edition, None, ())

    def render(self, run_dir, *, site, engine):
        self.made.append("pages")
        return publish.Report(site / "index.html", "embedded", ())


@pytest.mark.parametrize(
    ("arguments", "failing", "made"),
    [
        ([], [], ["['final', 'portfolio'] 2019-2022", "run site 2022", "pages"]),
        (["--pages-only"], [], ["run site 2022", "pages"]),
        ([], [RunError("gap")], ["['final', 'portfolio'] 2019-2022", "run site 2022", "pages"]),
        ([], [InputError([])], ["['final', 'portfolio'] 2019-2022"]),
    ],
)
def test_the_site_is_every_report_and_the_pages_around_them(monkeypatch, tmp_path, arguments, failing, made):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    shutil.copytree(ROOT / "data" / "deal", tmp_path / "data" / "deal")
    noted = MadeSite(monkeypatch, failing)
    done = CliRunner().invoke(app, ["site", "--engine", "embedded", *arguments])
    assert noted.made == made
    assert type(done.exception) is (type(failing[0]) if failing else type(None)), done.output
    if "pages" in made and failing:
        assert "not complete" in str(done.exception) and "gap" in str(done.exception)


def test_an_engine_that_is_not_there_makes_no_site(project):
    done = project.regiodeal_here("site", "--pages-only", "--engine", "word")
    assert done.returncode == 2 and "embedded" in done.stderr
    done = project.regiodeal_here("site", "--pages-only")
    assert done.returncode == 2 and "Make one first: regiodeal report --year 2019" in done.stderr


def test_check_mends_what_is_safe_and_says_that_everything_is_in_order(project):
    path = project.root / "notebooks" / "3-veiligheid.ipynb"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('"execution_count": null', '"execution_count": 3'), encoding="utf-8")
    done = project.regiodeal("check", "--fix")
    assert done.returncode == 0, done.stderr
    assert "Mended: notebooks/3-veiligheid.ipynb: outputs left out." in done.stdout
    assert path.read_text(encoding="utf-8") == whole
    assert "In order: Regio Deal Parkstad Limburg" in done.stdout and "(voorbeeld)" in done.stdout


def edit_first_row(project, name: str, column: str, value: str) -> None:
    """Change one cell of the first row below the header."""
    path = project.root / RECORDS / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def wrong_theme(project):
    edit_first_row(project, "projects.csv", "theme", "7")
    return ["projects.csv", "row 2", "column theme", "7"]


def wrong_amount(project):
    edit_first_row(project, "payments.csv", "amount_eur", "12.5OO")
    return ["payments.csv", "row 2", "column amount_eur", "12.5OO"]


def too_early(project):
    edit_first_row(project, "payments.csv", "date", "2017-05-01")
    return ["payments.csv", "row 2", "column date", "2017-05-01"]


def unknown_project(project):
    path = project.root / RECORDS / "payments.csv"
    path.write_text(path.read_text(encoding="utf-8") + "X1,payment,2021-03-01,P999,Rijk,1000,\n", encoding="utf-8")
    return ["payments.csv", "column project_id", "P999"]


def duplicate_id(project):
    path = project.root / RECORDS / "outputs.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    return ["outputs.csv", f"row {len(lines) + 1}", "column output_id", lines[1].split(",")[0]]


def semicolons(project):
    path = project.root / RECORDS / "projects.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    return ["projects.csv", "semicolon"]


def latin_1(project):
    path = project.root / RECORDS / "projects.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("Voorbeeld", "Voorbééld", 1).encode("latin-1"))
    return ["projects.csv", "UTF-8"]


def empty(project):
    (project.root / RECORDS / "outputs.csv").write_bytes(b"")
    return ["outputs.csv", "empty"]


def missing_sheet(project):
    import pandas as pd

    folder = project.root / RECORDS
    with pd.ExcelWriter(folder / "programme.xlsx") as book:
        for name in ("projects", "payments", "outputs"):
            pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False).to_excel(
                book, sheet_name=name, index=False
            )
    for name in ("projects", "payments", "outputs", "milestones"):
        (folder / f"{name}.csv").unlink()
    return ["programme.xlsx", "milestones"]


WRONG = [wrong_theme, wrong_amount, too_early, unknown_project, duplicate_id, semicolons, latin_1, empty, missing_sheet]


@pytest.mark.parametrize("spoil", WRONG, ids=lambda function: function.__name__)
def test_wrong_input_is_told_in_one_list_and_the_last_good_report_stays(project, spoil):
    page = project.site / "2021" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("the last good report", encoding="utf-8")
    words = spoil(project)

    done = project.regiodeal_here("report", "--year", "2021")

    assert done.returncode == 2, done.stderr
    assert all(word in done.stderr for word in words), (words, done.stderr)
    assert "in the input:" in done.stderr
    assert page.read_text(encoding="utf-8") == "the last good report"
    assert not (project.runs / "2021").exists() and not list(project.runs.glob(".2021-*"))


def test_all_faults_come_at_once_over_all_files(project):
    words = [*wrong_theme(project), *wrong_amount(project), *unknown_project(project), *duplicate_id(project)]
    notebook = project.root / "notebooks" / "3-veiligheid.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("year = 2021", "jaar = 2021"), encoding="utf-8")
    done = project.regiodeal_here("check")
    assert done.returncode == 2
    assert all(word in done.stderr for word in [*words, "3-veiligheid.ipynb", "'jaar'"]), done.stderr
    assert int(done.stderr.split()[0]) == len(done.stderr.strip().splitlines()) - 1 >= 5


def test_a_damaged_snapshot_stops_the_run_with_its_own_code(project):
    table = next((project.root / "data/snapshots/politie").rglob("47018NED.csv"))
    table.write_text(table.read_text(encoding="utf-8").replace("149", "150", 1), encoding="utf-8")
    done = project.regiodeal("run", "--year", "2021")
    assert done.returncode == 5 and "47018NED.csv" in done.stderr and "Traceback" not in done.stderr
    assert not (project.runs / "2021").exists() and not list(project.runs.glob(".2021-*"))


def test_example_records_are_never_written_over_real_ones(project):
    dataset = project.root / RECORDS / "dataset.yml"
    dataset.write_text(
        dataset.read_text(encoding="utf-8").replace("status: voorbeeld", "status: vastgesteld"), encoding="utf-8"
    )
    before = {path: path.read_bytes() for path in (project.root / RECORDS).iterdir()}
    done = project.regiodeal_here("example")
    assert done.returncode == 2
    assert {path: path.read_bytes() for path in (project.root / RECORDS).iterdir()} == before


def test_outside_a_project_it_says_so(tmp_path, project):
    shutil.rmtree(project.root / "data")
    done = project.regiodeal_here("check")
    assert done.returncode == 2


def edit(project, name: str, old: str, new: str) -> None:
    path = project.root / "data" / "indicators" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("3-veiligheid.yml", "would_measure:", "would_mesure:", ["would_mesure", "would_measure"]),
        ("3-veiligheid.yml", 'results: ["3.1"]', 'results: ["3.9"]', ["3.9", "3.1"]),
        ("3-veiligheid.yml", 'measure: "1.1.1"', 'measure: "9.9.9"', ["9.9.9"]),
        ("plan.yml", "unit: parkstad", "unit: parkstadt", ["parkstadt", "Did you mean 'parkstad'?"]),
        ("plan.yml", "effects: [kvo-hbd]", "effects: [busso-gregory-kline-size]", ["not seen", "verified: true"]),
        (
            "plan.yml",
            "pool: every",
            "pool: clean",
            ["'sterke aanwijzing' out of reach: 16 regions", "at least 19 regions"],
        ),
        ("plan-2026-11-24.yml", "effect: 15", "effect: 50", ["an earlier plan that was changed", "put it back"]),
        ("../regions/events.yml", "woningen-inponden", "woningen-inpanden", ["woningen-inpanden", "woningen-inponden"]),
        ("../regions/deal_municipalities.csv", "twente,GM0153", "twente,GM0951", ["GM0951", "a municipality of today"]),
    ],
)
def test_a_slip_in_the_register_is_told_before_anything_runs(project, name, old, new, words):
    edit(project, name, old, new)
    done = project.regiodeal_here("check")
    assert done.returncode in (2, 5), done.stdout
    assert all(word in done.stderr for word in words), done.stderr


def test_a_relative_root_is_the_same_project(project, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "evaluation.cli", "check"],
        cwd=project.root,
        env={**os.environ, "REGIODEAL_ROOT": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_slip_in_the_map_is_told_before_anything_runs(project):
    slips = {"tiles": ("GM0917,9,4", "GM0917,9,5"), "neighbours": ("GM0899,GM0917", "GM0917,GM0899")}
    for name, (old, new) in slips.items():
        path = project.root / "data" / "regions" / f"{name}.csv"
        text = path.read_text(encoding="utf-8")
        assert text.count(f"{old}\n") == 1
        path.write_text(text.replace(f"{old}\n", f"{new}\n"), encoding="utf-8")
    done = project.regiodeal_here("check")
    assert done.returncode == 2, done.stdout
    assert "tiles.csv" in done.stderr and "neighbours.csv" in done.stderr and "lowest first" in done.stderr


def test_check_tells_of_the_retail_tables_and_their_faults_beside_those_of_the_records(project):
    done = project.regiodeal_here("check")
    assert "Retail: " in done.stdout and "6 clusters, 2018-2022 (voorbeeld)" in done.stdout
    premises = project.root / "data" / "retail" / "parkstad-limburg" / "premises.csv"
    premises.write_text(
        premises.read_text(encoding="utf-8").replace("branch\n", "branch,huisnummer\n", 1), encoding="utf-8"
    )
    marks = wrong_theme(project)
    done = project.regiodeal_here("check")
    assert done.returncode == 2
    for mark in (*marks, "premises.csv", "column huisnummer", "no address and no name"):
        assert mark in done.stderr


def test_private_retail_tables_go_first_and_are_no_snapshots(project):
    folder = project.root / "data" / "private" / "retail" / "parkstad-limburg"
    shutil.copytree(project.root / "data" / "retail" / "parkstad-limburg", folder)
    dataset = folder / "dataset.yml"
    text = dataset.read_text(encoding="utf-8").replace("status: voorbeeld", "status: voorlopig")
    dataset.write_text(text, encoding="utf-8")
    done = project.regiodeal_here("check")
    assert done.returncode == 0 and "(voorlopig, private)" in done.stdout, done.stderr
    for command in ("verify", "status"):
        done = project.regiodeal_here("data", command)
        assert done.returncode == 0 and "retail" not in done.stdout, done.stderr
