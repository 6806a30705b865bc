"""Every output of a cell is in the page, the PDF and the Word document, with number and caption; or refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import nbformat
import pytest
from bs4 import BeautifulSoup
from docx.oxml.ns import qn
from nbformat import v4
from pypdf import PdfReader

from evaluation.inputs.chapter_list import RunChapter
from evaluation.present.results import RESULTS_MIME
from evaluation.publish.print.browser import find_browser
from evaluation.publish.publishing import Report, render_report
from evaluation.publish.rendering import choose_engine
from evaluation.run.execute import NotebookOutcome, run_notebook
from evaluation.run.output_checks import output_faults
from tests.conftest import Project, copy_project
from tests.notebooks import outputs
from tests.site.made_run import make_project, make_run
from tests.site.test_print import word_text, words

ENGINES = [
    "embedded",
    pytest.param(
        "quarto", marks=pytest.mark.skipif(choose_engine("auto") != "quarto", reason="Quarto is not installed")
    ),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("outputs") / "project")
    for name, made in (("alles", outputs.every_output()), ("niets", outputs.refused_outputs())):
        nbformat.write(made, project.root / "notebooks" / f"{name}.ipynb")
    return project


def run(desk: Project, name: str, staging: Path) -> NotebookOutcome:
    """Run a notebook as a report does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(desk.root))
        return run_notebook(RunChapter(name, name, None), {"deal": "parkstad-limburg", "year": 2021}, staging)


@pytest.fixture(scope="module")
def executed(desk: Project, tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    staging = tmp_path_factory.mktemp("made")
    outcome = run(desk, "alles", staging)
    assert outcome.error is None
    return nbformat.read(staging / "alles.ipynb", as_version=4)


@pytest.fixture(scope="module", params=ENGINES)
def report(request, executed: nbformat.NotebookNode, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report with that notebook as a chapter, by each engine, without a browser."""
    root = tmp_path_factory.mktemp(request.param) / "project"
    folder = make_run(make_project(root))
    made = nbformat.v4.new_notebook(cells=[*executed.cells, *_others()])
    nbformat.write(made, folder / "3-veiligheid.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(root))
        patch.setenv("BROWSER_PATH", "/nowhere")
        return render_report(
            folder, site=root / "build" / "site", name="2021", engine=request.param, formats=("html", "pdf", "docx")
        )


def _others() -> list[nbformat.NotebookNode]:
    """What other pages of that report refer to."""
    bundle = {"text/html": "<table><tr><td>x</td></tr></table>"}
    output = nbformat.v4.new_output("display_data", data=bundle)
    return [
        nbformat.v4.new_code_cell(f'#| label: fig-{name}\n#| fig-cap: "{name}"\nx', outputs=[output], id=name)
        for name in ("inbraken", "meldingen")
    ]


FIGURES = (*outputs.FIGURES, *outputs.OWN)
CAPTIONS = [f"Bijschrift van {label}" for label in (*FIGURES, *outputs.PICTURES, *outputs.TABLES)]


def test_each_output_is_in_every_medium_with_its_number_and_caption(report: Report) -> None:
    page = BeautifulSoup((report.index.parent / "3-veiligheid.html").read_text("utf-8"), "html.parser")
    pdf = words(" ".join(part.extract_text() for part in PdfReader(report.printed[0]).pages))
    document = docx.Document(str(report.printed[1]))
    word = words(" ".join(word_text(part) for part in document.element.body.iter(qn("w:p"))))
    numbered = {name: re.compile(rf"(Figuur|Tabel) \d\.\d+: {name}\b") for name in CAPTIONS}
    for medium, content in (("html", words(page.get_text(" "))), ("pdf", pdf), ("word", word)):
        content = content.replace("\N{NO-BREAK SPACE}", " ").replace(" :", ":")
        assert [name for name, number in numbered.items() if not number.search(content)] == [], medium
        assert [said for said in outputs.SAID if said not in content] == [], medium
        assert "Twee keer het cijfer." in content and "; eigen analyse." in content, medium
    assert len(page.select("math")) == 1


def test_each_figure_is_drawn_in_print_or_stands_there_as_its_table_with_a_warning(report: Report) -> None:
    told = " ".join(report.as_tables)
    assert len(report.as_tables) == len(outputs.NOT_DRAWN) and all(name in told for name in outputs.NOT_DRAWN)
    document = docx.Document(str(report.printed[1]))
    drawn = len(FIGURES) + len(outputs.PICTURES) - len(outputs.NOT_DRAWN)
    assert (
        len([shape for shape in document.inline_shapes if "Figuur" in shape._inline.docPr.get("descr", "")])
        + len(outputs.PICTURES)
        == drawn
    )
    pdf = words(" ".join(part.extract_text() for part in PdfReader(report.printed[0]).pages))
    assert pdf.count("Deze figuur staat op de site") == len(outputs.NOT_DRAWN)
    assert "Kerkrade 12" in pdf, "the flows are in their table"


def test_a_page_shows_each_figure_without_a_script(report: Report) -> None:
    page = BeautifulSoup((report.index.parent / "3-veiligheid.html").read_text("utf-8"), "html.parser")
    areas = {area["data-figuur"]: area for area in page.select(".figuur-vlak[data-figuur]")}
    assert set(areas) == set(FIGURES)
    bare = {name for name, area in areas.items() if not area.select_one("svg.figuur-beeld")}
    assert bare == set(outputs.NOT_DRAWN)


def test_a_summary_has_no_clock_and_numbers_in_dutch(report: Report) -> None:
    page = BeautifulSoup((report.index.parent / "3-veiligheid.html").read_text("utf-8"), "html.parser")
    told = " ".join(cell.get_text() for cell in page.select("[id^=tbl-samenvatting] :is(th, td)"))
    assert "R-squared" in told and "Intercept" in told and told.count("Omnibus") == 4
    assert not re.search(r"\d\d:\d\d|Date|Time:", told) and not re.search(r"\d\.\d", told)


def test_an_own_number_is_a_result_with_its_measure_unit_and_source(executed: nbformat.NotebookNode) -> None:
    cell = next(cell for cell in executed.cells if "fig-eigen" in cell.source)
    rows = [row for output in cell.outputs for row in output.data.get(RESULTS_MIME, [])]
    assert [row["measure"] for row in rows] == ["own:dubbel"] * 3
    assert {row["unit_of_measure"] for row in rows} == {"per_1000"}
    assert {row["status"] for row in rows} == {"computed"} and all("Politie" in row["source"] for row in rows)


def test_nbconvert_shows_every_figure_that_we_can_draw(executed: nbformat.NotebookNode) -> None:
    content, _ = pytest.importorskip("nbconvert").HTMLExporter().from_notebook_node(executed)
    page = BeautifulSoup(content, "html.parser")
    pictures = page.select("img.figuur-beeld[src^='data:image/svg+xml,']")
    assert len(pictures) == len(FIGURES) - len(outputs.NOT_DRAWN)
    assert len(page.select(".figuur.beeld svg")) == len(outputs.PICTURES)
    aligned = [cell for cell in page.select(".tabel td:not(.n)")]
    assert aligned and all("text-align:left" in str(cell.get("style")) for cell in aligned), "JupyterLab aligns right"


@pytest.mark.skipif(find_browser() is None, reason="there is no Chrome or Chromium")
def test_a_browser_draws_what_our_own_drawing_does_not_know(executed: nbformat.NotebookNode, tmp_path: Path) -> None:
    root = tmp_path / "project"
    folder = make_run(make_project(root))
    kept = [cell for cell in executed.cells if "fig-poolfiguur" in cell.source or cell.cell_type == "markdown"]
    nbformat.write(nbformat.v4.new_notebook(cells=[*kept, *_others()]), folder / "3-veiligheid.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(root))
        report = render_report(folder, site=root / "site", name="2021", engine="embedded", formats=("html", "docx"))
    assert report.as_tables == ()
    shapes = docx.Document(str(report.printed[0])).inline_shapes
    assert [shape._inline.docPr.get("descr") for shape in shapes if "pool" in shape._inline.docPr.get("descr", "")] == [
        "Figuur poolfiguur."
    ]


def test_each_output_that_no_report_can_show_is_refused_with_its_cell_and_what_to_do(desk: Project, tmp_path) -> None:
    outcome = run(desk, "niets", tmp_path)
    assert outcome.status == "failed" and outcome.name == "niets"
    told: dict[int, str] = {}
    for part in re.split(r"; (?=cell \d+ \()", outcome.error["message"]):
        place = int(re.match(r"cell (\d+) \(", part)[1])
        told[place] = f"{told.get(place, '')} {part}"
    for index, (name, (_, (said, advice))) in enumerate(outputs.REFUSED.items(), start=4):
        assert said in told[index] and advice in told[index], (name, told[index])
        assert "line " in told[index] or said.startswith(("2 figures", "shows")), "the line that shows it"
    assert len(told) == len(outputs.REFUSED)


@pytest.mark.parametrize(
    "content",
    [
        '<img src="x" onerror=a() ', "<!--><img src=x onerror=a()>-->", "<![CDATA[><img src=x onerror=a()>]]>",
        '<script type="application/json">1</script/><img src=x onerror=a()>', "<img/onerror=a()>", "<!-- open",
    ],
)  # fmt: skip
def test_what_a_browser_may_read_otherwise_is_refused(content):
    cell = v4.new_code_cell("show(x)", id="c", outputs=[v4.new_output("display_data", {"text/html": content})])
    faults = [fault for _, fault in output_faults(v4.new_notebook(cells=[cell]))]
    assert any("a script or a form" in fault for fault in faults), faults
