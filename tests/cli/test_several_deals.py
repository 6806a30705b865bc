"""Several deals in one project: commands on all, the page that leads to each, imports, faults in the words of one."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from evaluation.base.errors import UsageError
from evaluation.base.today import TODAY_VARIABLE
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import final_edition
from evaluation.publish.site.deals import refresh_deals
from tests.awkward_deals import TODAY, A, B, C, write_deal
from tests.conftest import ROOT, Project, copy_project
from tests.first_deal_words import PLACES

BROKEN = "kapotte-streek"
_TARGETS = re.compile("|".join(item.id for item in load_deal().targets))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a deal that runs, one whose file is broken, and two that are over."""
    made = copy_project(tmp_path_factory.mktemp("several") / "project")
    write_deal(B, made.root)
    shutil.copytree(ROOT / "tests" / "second_deal", made.root / "data", dirs_exist_ok=True)
    (made.root / "data" / "deal" / f"{BROKEN}.yml").write_text("name: Kapot\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TODAY_VARIABLE, TODAY)
        yield made


def test_all_deals_are_run_but_those_outside_their_term_and_a_broken_one_is_told(several: Project) -> None:
    done = several.regiodeal("run", "--deal", "all", "--year", "2025")
    assert done.returncode == 2, "a deal is broken"
    assert f"build/runs/{B.id}/2025/results.csv" in done.stdout, "it does not stop another one"
    assert (several.root / "build" / "runs" / B.id / "2025" / "results.csv").is_file()
    passed = [line for line in done.stderr.splitlines() if line.startswith("Passed over: ")]
    assert len(passed) == 2 and "Parkstad" in passed[0] and "Voorbeeldstreek" in passed[1] and "2025" in passed[1]
    assert f"data/deal/{BROKEN}.yml" in done.stderr and "Traceback" not in done.stderr
    assert not (several.root / "build" / "runs" / "voorbeeldstreek").exists()


def test_all_deals_outside_their_term_or_broken_are_told_and_nothing_runs(several: Project) -> None:
    done = several.regiodeal_here("run", "--deal", "all", "--year", "2031")
    assert done.returncode == 2 and f"data/deal/{BROKEN}.yml" in done.stderr and done.stdout == ""


def test_a_page_leads_to_every_deal_with_reports_once_there_are_two(tmp_path: Path, monkeypatch) -> None:
    project = copy_project(tmp_path / "project")
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    (project.root / "data" / "deal" / "parkstad-limburg.yml").unlink()
    for deal in (A, B, C):
        write_deal(deal, project.root)
    index = project.site / "index.html"

    def make(deal_id: str, *places: str) -> None:
        for place in places:
            (project.site / deal_id / place).mkdir(parents=True, exist_ok=True)
            (project.site / deal_id / place / "index.html").write_text("<main></main>")

    make(A.id, "2023", "2024")
    assert refresh_deals() is None and not index.exists(), "one deal needs no way to others"
    make(B.id, "2025", "")
    assert refresh_deals() == index
    links = re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', index.read_text(encoding="utf-8"))
    front, last = f"{B.id}/index.html", f"{A.id}/2024/index.html"
    assert dict(links) == {last: A.name, front: B.name}, "its front page, or without one its last report"
    make(C.id, "eindevaluatie")
    refresh_deals()
    text = index.read_text(encoding="utf-8")
    assert text.count('<nav class="deals"') == 1 and text.count("<li>") == 3 and not PLACES.search(text)
    (project.root / "data" / "deal" / f"{C.id}.yml").write_text("name: Kapot\n", encoding="utf-8")
    refresh_deals()
    assert index.read_text(encoding="utf-8").count("<li>") == 2, "a broken deal has no name"


def test_an_import_and_its_undoing_name_the_deal(several: Project, tmp_path: Path) -> None:
    records = several.root / "data" / "programme" / B.id / "projects.csv"
    before, book = records.read_bytes(), tmp_path / "programma.xlsx"
    assert several.regiodeal_here("template", "--deal", B.id, "--filled", "--to", str(book)).returncode == 0
    work = load_workbook(book)
    assert not PLACES.search(" ".join(str(cell.value) for sheet in work for row in sheet.iter_rows() for cell in row))
    row = [cell.value for cell in work["Projecten"][2]]
    work["Projecten"].cell(2, row.index("Verzonnen project 1") + 1).value = "Een andere naam"
    work.save(book)
    done = several.regiodeal_here("import", str(book), "--deal", B.id, "--yes")
    assert done.returncode == 0, done.stderr
    assert f"Ingelezen in de registratie van {B.name}" in done.stdout and f"--undo --deal {B.id}" in done.stdout
    assert records.read_bytes() != before
    again = several.regiodeal_here("import", str(book), "--deal", B.id, "--yes")
    assert f"Dit is de registratie van {B.name} die er al staat" in again.stdout
    undone = several.regiodeal_here("import", "--undo", "--deal", B.id, "--yes")
    assert undone.returncode == 0 and f"van {B.name} is ongedaan gemaakt" in undone.stdout
    assert records.read_bytes() == before


def test_faults_name_what_this_deal_has_and_all_at_once(several: Project, tmp_path: Path) -> None:
    project = Project(shutil.copytree(several.root, tmp_path / "project", ignore=shutil.ignore_patterns("build")))
    folder = project.root / "data" / "programme" / B.id
    with (folder / "projects.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"municipalities": "Emmne", "theme": "7"}
    with (folder / "projects.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = project.regiodeal_here("check", "--deal", B.id)
    assert done.returncode == 2 and "Emmne" in done.stderr and "Emmen" in done.stderr and "7" in done.stderr
    assert not PLACES.search(done.stderr) and not _TARGETS.search(done.stderr)


def test_wrong_units_and_names_of_a_register_are_told_with_its_own(several: Project, tmp_path: Path) -> None:
    project = Project(shutil.copytree(several.root, tmp_path / "project", ignore=shutil.ignore_patterns("build")))
    folder = project.root / "data" / "indicators" / B.id
    path = next(folder.glob("1-*.yml"))
    path.write_text(
        path.read_text("utf-8").replace("unit_of_measure: per_1000", "unit_of_measure: per_duizend"), "utf-8"
    )
    wrong = project.regiodeal_here("check", "--deal", B.id)
    assert wrong.returncode == 2 and "per_duizend" in wrong.stderr and "per_1000" in wrong.stderr
    assert not PLACES.search(wrong.stderr)
    path.write_text(path.read_text("utf-8").replace("per_duizend", "per_1000"), "utf-8")
    design = "designs:\n  proef:\n    indicator: woninginbrak\n    unit: emmen\n    method: before_after\n"
    (folder / "plan.yml").write_text("notes: proef\n" + design, encoding="utf-8")
    wrong = project.regiodeal_here("check", "--deal", B.id)
    assert wrong.returncode == 2 and not PLACES.search(wrong.stderr) and "schuurinbraak" not in wrong.stderr
    (folder / "plan.yml").unlink()
    path.unlink()
    folder.rmdir()
    none = project.regiodeal_here("check", "--deal", B.id)
    assert none.returncode == 2 and f"Maak data/indicators/{B.id}: regiodeal new deal {B.id}" in none.stderr
    assert none.stderr.count("expected") == 1 and not PLACES.search(none.stderr)


def test_a_year_that_is_not_over_and_a_deal_that_has_not_begun_have_no_report(several: Project, monkeypatch) -> None:
    monkeypatch.setenv("REGIODEAL_ROOT", str(several.root))
    deal = load_deal(B.id)
    asked = several.regiodeal_here("run", "--deal", B.id, "--year", "2026")
    assert asked.returncode == 2 and "runs until 2026-12-31, and today is 2026-07-01" in asked.stderr
    assert (final_edition(deal).id, final_edition(deal).year) == ("tussenstand", 2025)
    monkeypatch.setenv(TODAY_VARIABLE, "2028-01-01")
    assert final_edition(deal).id == "eindevaluatie", "once it is over"
    monkeypatch.setenv(TODAY_VARIABLE, "2024-12-31")
    with pytest.raises(UsageError, match="has no year that is over"):
        final_edition(deal)
