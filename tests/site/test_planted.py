"""Words stay words: planted in every text of a project, they are looked for in all that it makes."""

import csv
import html
import io
import json
import re
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest

from evaluation.base.text import is_formula, read_cell_text
from evaluation.publish.pages.html import parse_page
from evaluation.publish.pages.policy import find_foreign
from tests.conftest import ROOT, Project, copy_project
from tests.planted import PASSED_OVER, plant, spoiled

FORMULA = re.compile(r"\s*[=@＝＠]|[+-](?!\s?[\d.,]+(e-\d+)?%?( → .*)?$)|[\t\r]")
"""What a spreadsheet takes for one; in words of its own, so that it is no copy of what is tested."""

TEXTS = "//p|//td|//th|//li|//h1|//h2|//h3|//dd|//dt|//figcaption|//title"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, int]:
    """A project with the report over 2021, with words planted in every text, and how many."""
    project = copy_project(tmp_path_factory.mktemp("planted") / "project")
    planting = plant(project.root)
    print(
        f"planted {planting.count} texts in {len(planting.of)} fields of {len({file for file, _ in planting.of})} files"
    )
    assert planting.count > 2500
    project.make("report", "--year", "2021")
    return project, planting.count


def test_every_file_is_planted_or_passed_over_for_a_reason(tmp_path):
    (tmp_path / "data" / "private" / "cbs").mkdir(parents=True)
    (tmp_path / "data" / "private" / "new.yml").write_text("a: {nieuw veld: Een tekst}\n", encoding="utf-8")
    (tmp_path / "data" / "private" / "cbs" / "new.csv").write_text("veld,code\nEen woord,GM0917\n", encoding="utf-8")
    assert plant(tmp_path).of == {("data/private/new.yml", "nieuw veld"): 1, ("data/private/cbs/new.csv", "veld"): 1}
    assert "<script>" in (tmp_path / "data" / "private" / "cbs" / "new.csv").read_text(encoding="utf-8")
    (tmp_path / "data" / "new.xlsx").write_bytes(b"")
    with pytest.raises(AssertionError, match="plant in it, or say in PASSED_OVER why not"):
        plant(tmp_path)
    assert not [pattern for pattern in PASSED_OVER if not list(ROOT.glob(pattern))]


def page_faults(site: Path, count: int) -> tuple[list[str], set[str]]:
    """List the words on pages and in figures that are not as they were planted, and the numbers that were found."""
    faults, seen = [], set()
    for path in sorted(site.rglob("*.html")):
        tree = parse_page(path)
        texts = [tag.text_content() for tag in tree.xpath(TEXTS)] + tree.xpath("//@aria-label | //@content")
        for data in tree.xpath("//script[@type='application/json']/text()"):
            texts += [html.unescape(re.sub("</?b>|<br>", " ", text)) for text in _strings(json.loads(data))]
        faults += [f"{path.name}: {fault}" for text in texts for fault in spoiled(text, count)]
        seen |= {number for text in texts for number in re.findall(r"zz(\d+)zz", text)}
    return faults, seen


def _strings(part: object) -> list[str]:
    if isinstance(part, (dict, list)):
        return [text for inner in (part.values() if isinstance(part, dict) else part) for text in _strings(inner)]
    return [part] if isinstance(part, str) else []


def csv_cells(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8-sig")
    separator = ";" if ";" in text.splitlines()[0] else ","
    return [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]


def test_nothing_planted_is_more_than_words_on_a_page(planted):
    project, count = planted
    assert find_foreign(project.site) == []
    faults, seen = page_faults(project.site, count)
    assert faults == []
    assert len(seen) > 500


def test_no_planted_formula_is_one_in_a_csv(planted):
    project, count = planted
    found = 0
    for path in [*project.site.rglob("*.csv"), *project.runs.rglob("*.csv")]:
        cells = csv_cells(path)
        assert [cell for cell in cells if FORMULA.match(cell)] == [], path
        assert [fault for cell in cells for fault in spoiled(read_cell_text(cell), count) if "=c" in fault] == [], path
        found += sum("<script>" in cell for cell in cells)
    assert found > 500


def test_no_planted_formula_is_one_in_the_workbook(planted):
    project, _ = planted
    done = project.regiodeal_here("template", "--filled", "--to", str(project.root / "made.xlsx"))
    assert done.returncode == 0, done.stderr
    cells = [cell for sheet in openpyxl.load_workbook(project.root / "made.xlsx") for row in sheet.rows for cell in row]
    formulas = [cell for cell in cells if isinstance(cell.value, str) and is_formula(cell.value)]
    assert len(formulas) > 50
    assert {(cell.data_type, cell.quotePrefix) for cell in formulas} == {("s", True)}


def test_what_was_written_for_a_spreadsheet_is_read_back(planted):
    project, _ = planted
    done = project.regiodeal_here("diff", "2021", "2021")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_everything_that_is_published_and_printed(planted):
    project, count = planted
    project.make("site", "--format", "html,pdf,docx")
    assert find_foreign(project.site) == []
    assert page_faults(project.site, count)[0] == []
    cells = [cell for path in project.site.rglob("*.csv") for cell in csv_cells(path)]
    assert [cell for cell in cells if FORMULA.match(cell)] == []
    printed = [*project.site.rglob("*.docx"), *project.site.rglob("*.pdf")]
    assert len(printed) >= 10
    for path in printed:
        words = _words(path)
        assert len(re.findall(r"zz\d+zz *< *script *>", words)) > 100, path
        assert [fault for fault in spoiled(words, count) if path.suffix == ".docx"] == []


def _words(path: Path) -> str:
    """Return the words of a print; those of a PDF are broken over lines, and are only counted."""
    if path.suffix == ".pdf":
        return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())
    document = docx.Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
