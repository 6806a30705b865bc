"""docs/eigen-analyse.md as it stands: its blocks are the cells of a chapter, in the report, its PDF and a bundle.

Beside it a spreadsheet that becomes a figure with three commands.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import zipfile

import nbformat
import openpyxl
import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from pypdf import PdfReader

from evaluation.bundles.reproduce import reproduce
from tests.conftest import ROOT, Project, copy_project

PAGE = (ROOT / "docs" / "eigen-analyse.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CHAPTER, OWN = "9-inbraak-in-het-hele-land", "10-gestolen-fietsen"
FIETSEN = {"Heerlen": 120, "Kerkrade": 80, "Landgraaf": 50, "Brunssum": 44, "Simpelveld": 12, "Voerendaal": 10,
           "Beekdaelen": 31}  # fmt: skip
ADD = ["--title", "Gestolen fietsen", "--source", "Gemeente Heerlen", "--licence", "CC BY 4.0", "--unit", "count",
       "--theme", "3", "--direction", "decrease", "--boundaries", "each_year"]  # fmt: skip


def spreadsheet(path) -> None:
    book = openpyxl.Workbook()
    for row in (["Gemeente", "Jaar", "Waarde"], *([name, year, number + year] for year in (2020, 2021)
                                                 for name, number in FIETSEN.items())):  # fmt: skip
        book.active.append(row)
    book.save(path)


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with both chapters in a report without the others, whose summary has its title only."""
    made = copy_project(tmp_path_factory.mktemp("own") / "project")
    run = made.regiodeal_here
    (command,) = re.findall(r"^    regiodeal (new notebook .+)$", PAGE, re.MULTILINE)
    done = run(*shlex.split(command))
    assert f"notebooks/{CHAPTER}.ipynb" in done.stdout, done.stderr
    path = made.root / "notebooks" / f"{CHAPTER}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for number, (kind, file, text) in enumerate(BLOCKS):
        if file:
            (made.root / file).parent.mkdir(exist_ok=True)
            (made.root / file).write_text(text, encoding="utf-8")
        elif kind == "python":
            notebook.cells.append(v4.new_code_cell(text.strip(), id=f"blok-{number}"))
    nbformat.write(notebook, path)

    spreadsheet(made.root / "fietsen.xlsx")
    done = run("data", "add", str(made.root / "fietsen.xlsx"), *ADD)
    assert done.returncode == 0, done.stderr
    shown = re.search(r"Show it: regiodeal (.+)", done.stdout)
    assert run(*shlex.split(shown[1])).returncode == 0
    _shorten(made)
    checked = run("check")
    assert checked.returncode == 0 and "In order" in checked.stdout, checked.stderr
    made.make("report", "--year", "2021", "--format", "html,pdf")
    return made


def _shorten(made: Project) -> None:
    profile = made.root / "_quarto-annual.yml"
    lines = profile.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not re.match(r"\s+- (?!9-|10-)[\w-]+\.ipynb", line)]
    profile.write_text("".join(kept), encoding="utf-8")
    path = made.root / "notebooks" / "0-samenvatting.ipynb"
    summary = nbformat.read(path, as_version=4)
    summary.cells = summary.cells[:2]
    nbformat.write(summary, path)


def results(project: Project) -> dict[str, dict[str, str]]:
    with (project.runs / "2021" / "results.csv").open(encoding="utf-8", newline="") as file:
        return {row["result_id"]: row for row in csv.DictReader(file)}


def page(project: Project, name: str) -> BeautifulSoup:
    return BeautifulSoup((project.site / "2021" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def test_every_block_of_the_page_is_a_numbered_figure_or_table_of_the_report(analysed: Project):
    found = page(analysed, CHAPTER)
    captions = re.findall(r'^#\| (?:fig|tbl)-cap: "(.+)"$', PAGE, re.MULTILINE)
    assert len(captions) == 6
    told = [" ".join(item.get_text().split()) for item in found.find_all("figcaption")]
    for caption in captions:
        assert any(re.search(rf"^(Figuur|Tabel) [\d.]+.*{re.escape(caption)}", words) for words in told), caption
    points = found.select_one("#fig-prijs-en-inbraak .figuur-tabel")
    assert len(points.find_all("tr")) > 330 and "verkoopprijs" in found.select_one("#tbl-hoogste").get_text()
    assert "log_prijs" in found.select_one("#tbl-samenhang").get_text()
    assert "eigen analyse" in found.select_one("#tbl-verwacht").get_text()
    assert found.select_one("#tbl-buurtteams tbody").get_text().count("Heerlen") == 1


def test_the_numbers_of_an_own_analysis_are_results_with_their_source(analysed: Project):
    rows = results(analysed)
    own = {name: row for name, row in rows.items() if row["notebook"] == CHAPTER}
    assert len([name for name in own if re.fullmatch(r"3\.woninginbraak\.GM\d{4}\.2021\.value", name)]) > 330
    heerlen = own["3.woninginbraak.GM0917.2021.own:afwijking_bij_prijs"]
    assert (
        heerlen["status"] == "computed"
        and "Politie 47018NED" in heerlen["source"]
        and heerlen["cell"] == "tbl-verwacht"
    )


def test_the_chapter_is_in_the_pdf(analysed: Project):
    (path,) = (analysed.site / "2021").glob("*.pdf")
    text = " ".join("".join(page.extract_text() for page in PdfReader(path).pages).split())
    for caption in re.findall(r'^#\| (?:fig|tbl)-cap: "(.+)"$', PAGE, re.MULTILINE):
        assert caption in text


def test_a_spreadsheet_is_a_figure_with_its_numbers_on_a_page_after_three_commands(analysed: Project):
    total = sum(FIETSEN.values()) + 7 * 2021
    row = results(analysed)["3.gestolen-fietsen.parkstad.2021.value"]
    assert float(row["value"]) == total and row["source"] == "Gemeente Heerlen gestolen-fietsen"
    figure = page(analysed, OWN).select_one("#fig-10-gestolen-fietsen-gestolen-fietsen")
    assert f"{total:,}".replace(",", ".") in figure.select_one(".figuur-tabel").get_text()
    assert "Gemeente Heerlen" in figure.select_one(".bron").get_text()


def test_own_functions_and_files_count_in_the_run_and_go_along_in_a_bundle(analysed: Project):
    inputs = json.loads((analysed.runs / "2021" / "inputs.json").read_text(encoding="utf-8"))[CHAPTER]
    assert "notebooks/own/groei.py" in inputs["modules"]
    assert {"data/own/buurtteams.csv", "data/own/buurtteams.csv.yml", "reports/style/thema.yml"} <= set(inputs["files"])
    done = analysed.regiodeal_here("bundle", "2021", "--to", str(analysed.root / "2021.zip"))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(io.BytesIO((analysed.root / "2021.zip").read_bytes())) as archive:
        names = set(archive.namelist())
    assert {f"project/{file}" for _, file, _ in BLOCKS if file} <= names
    assert any(re.fullmatch(r"project/data/snapshots/eigen/[\d-]+/gestolen-fietsen\.csv", name) for name in names)


@pytest.mark.slow
def test_a_bundle_with_own_functions_and_files_is_reproduced(analysed: Project, tmp_path):
    path = tmp_path / "2021.zip"
    assert analysed.regiodeal_here("bundle", "2021", "--to", str(path)).returncode == 0
    outcome = reproduce(path, tmp_path / "again", here=True)
    compared = outcome.comparison
    assert outcome.not_run == () and compared is not None and not compared.differences
    own = "3.woninginbraak.GM0917.2021.own:afwijking_bij_prijs"
    assert own in results(analysed) and len(compared.same) == len(results(analysed))
