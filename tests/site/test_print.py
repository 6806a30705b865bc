"""PDF and Word: whatever the pages have, in print; tagged, in Dutch, and never instead of what was published."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from bs4 import BeautifulSoup
from docx.oxml.ns import qn
from pypdf import PdfReader

from evaluation.base.errors import PublishError
from evaluation.publish.print.lengths import too_long
from evaluation.publish.print.printing import print_report
from evaluation.publish.project import load_project
from evaluation.publish.publishing import render_report
from evaluation.publish.record import EXAMPLE
from evaluation.publish.rendering import choose_engine
from tests.conftest import Project
from tests.site.made_run import code, figure, make_project, make_run, text, write_notebook

BOTH = ("html", "pdf", "docx")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Printed:
    """A report and what was printed of it."""

    folder: Path
    pdf: PdfReader
    word: docx.document.Document

    @property
    def pages(self) -> list[BeautifulSoup]:
        """The main parts of the pages, without what is only for a screen."""
        found = []
        for path in sorted(self.folder.glob("*.html")):
            if path.name.startswith("cijfers"):  # the rows of results.csv are no part of what is printed
                continue
            main = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("main")
            for tag in main.select("nav, script, details.code-fold, [aria-hidden], .afdruk, .herleiding"):
                tag.decompose()
            found.append(main)
        return found

    @property
    def pdf_words(self) -> str:
        return words(" ".join(page.extract_text() for page in self.pdf.pages))

    @property
    def word_words(self) -> str:
        return words(" ".join(word_text(paragraph) for paragraph in self.word.element.body.iter(qn("w:p"))))


def words(content: str) -> str:
    return " ".join(content.split())


def word_text(element) -> str:
    """Return the text of a part of a Word document; a line break is a space."""
    return "".join(
        tag.text if tag.tag == qn("w:t") else " " for tag in element.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
    )


def read(folder: Path, name: str) -> Printed:
    return Printed(folder, PdfReader(folder / f"{name}.pdf"), docx.Document(str(folder / f"{name}.docx")))


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a small project."""
    return make_run(make_project(tmp_path_factory.mktemp("small") / "project"))


@pytest.fixture
def site(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGIODEAL_ROOT", str(run_dir.parents[3]))
    return run_dir.parents[2] / "site"


@pytest.fixture(scope="module")
def small(run_dir: Path) -> Printed:
    """The small report, printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(run_dir.parents[3]))
        render_report(run_dir, site=run_dir.parents[2] / "site", name="2021", engine="embedded", formats=BOTH)
    return read(run_dir.parents[2] / "site" / "2021", "voortgangsrapportage-2021")


@pytest.fixture(scope="module")
def real(reported: Project, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """The report over 2021, printed of the pages that are there."""
    folder = tmp_path_factory.mktemp("printed") / "2021"
    shutil.copytree(reported.site / "2021", folder)
    prints = print_report(load_project(reported.root / "build" / "report" / "parkstad-limburg" / "2021"), folder, BOTH)
    assert prints.length.pages and too_long("annual", prints.length) is None
    return read(folder, "voortgangsrapportage-2021")


# What is in it


def test_every_caption_figure_and_number_of_the_pages_is_in_print(real: Printed) -> None:
    pages = real.pages
    captions = [words(tag.get_text()) for page in pages for tag in page.select("figcaption")]
    assert len(captions) > 90
    pdf, word = real.pdf_words, real.word_words
    assert [caption for caption in captions if caption not in pdf] == []
    assert [caption for caption in captions if caption not in word] == []
    drawn = [tag for page in pages for tag in page.select(".figuur-vlak")]
    assert len(real.word.inline_shapes) == len(drawn) > 25
    for page in pages:
        for tag in page.select("details.figuur-tabel, .figuur-beeld"):
            tag.decompose()
    numbers = Counter(number for page in pages for number in NUMBER.findall(page.get_text(" ")))
    lost = {kind: numbers - Counter(NUMBER.findall(found)) for kind, found in (("pdf", pdf), ("word", word))}
    assert lost == {"pdf": Counter(), "word": Counter()}


def test_every_table_of_the_pages_is_a_table_in_word_with_a_head_that_comes_back(real: Printed) -> None:
    def cells(table) -> tuple[str, ...]:
        return tuple(re.sub(r"\s", "", cell.get_text()) for cell in table.find_all(["th", "td"]))

    shown = {cells(table) for page in real.pages for table in page.find_all("table")}
    printed = []
    for table in real.word.tables:
        rows = table._tbl.tr_lst
        content = (re.sub(r"\s", "", word_text(cell)) for row in rows for cell in row.tc_lst)
        printed.append(tuple(re.sub(r"[○◐●×]|–(?=geen)", "", cell) for cell in content))
        assert rows[0].trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    assert shown == set(printed)


def test_what_is_only_for_a_screen_is_not_in_print(small: Printed) -> None:
    for content in (small.pdf_words, small.word_words):
        assert "show_targets" not in content and "NIET-TONEN" not in content and "Vorige" not in content
        assert "21 resultaten" in content and "Het jaar 2021 is voorlopig." in content
        assert "Cijfers bij figuur 2.1: Meldingen." in content
        assert "(results.csv)" in content, "a file beside the pages is named"


def test_example_figures_are_told_on_the_cover_and_on_every_page(small: Printed) -> None:
    first, *others = (page.extract_text() for page in small.pdf.pages)
    assert "Programmacijfers in dit verslag zijn voorbeeldcijfers" in words(first)
    assert len(others) > 4 and all(EXAMPLE in page for page in others)
    assert "voorbeeldcijfers" in small.word.sections[0].header.paragraphs[0].text
    assert "Programmacijfers in dit verslag zijn voorbeeldcijfers" in small.word_words


# How it is made


def test_the_pdf_is_tagged_and_says_what_it_is(small: Printed) -> None:
    root = small.pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert root["/Lang"] == "nl-NL" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert small.pdf.metadata.title == "Voortgangsrapportage over 2021 – Regio Deal Parkstad Limburg"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    kinds, texts = structure(root["/StructTreeRoot"])
    assert kinds["/Figure"] == 2 and kinds["/H1"] == 6 and kinds["/Table"] >= 4 and kinds["/TH"] >= 6
    assert texts == ["Lijn daalt van 4,1 naar 1,6."] * 2
    assert len(small.pdf.outline) >= 5


def structure(node, kinds=None, alts=None) -> tuple[Counter, list[str]]:
    """Count the tags of a PDF by kind, with the alternative texts of its figures."""
    kinds, alts = Counter() if kinds is None else kinds, [] if alts is None else alts
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, dict):
        if "/S" in node:
            kinds[node["/S"]] += 1
            if node["/S"] == "/Figure" and "/Alt" in node:
                alts.append(str(node["/Alt"]))
        children = node.get("/K", [])
        children = children.get_object() if hasattr(children, "get_object") else children
        for child in children if isinstance(children, list) else [children]:
            structure(child, kinds, alts)
    return kinds, alts


def test_figures_and_words_of_the_pdf_are_vectors_in_fonts_of_the_package(small: Printed) -> None:
    fonts = set()
    for page in small.pdf.pages:
        assert not page.images
        fonts |= {
            str(font.get_object()["/BaseFont"]).partition("+")[2] for font in page["/Resources"]["/Font"].values()
        }
    assert all(name.startswith(("SourceSansPro", "DejaVuSansMono")) for name in fonts), fonts


def test_word_has_styles_a_language_and_a_vector_behind_each_image(small: Printed) -> None:
    document = small.word
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Caption", "Bron", "Kadertitel", "Kerncijfer", "TOC 1"} <= styles
    languages = {tag.get(qn("w:val")) for tag in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"nl-NL"}
    assert document.core_properties.title == "Voortgangsrapportage over 2021"
    instructions = "".join(tag.text for tag in document.element.iter(qn("w:instrText")))
    assert "TOC" in instructions
    for shape in document.inline_shapes:
        assert shape._inline.docPr.get("descr") == "Lijn daalt van 4,1 naar 1,6."
        assert "title" not in shape._inline.docPr.attrib
    with zipfile.ZipFile(small.folder / "voortgangsrapportage-2021.docx") as package:
        vectors = [name for name in package.namelist() if name.endswith(".svg")]
        assert len(vectors) == len(document.inline_shapes) == 2
        assert b'font-family="Arial"' in package.read(vectors[0])
        assert package.read("word/document.xml").count(b"svgBlip") == 2


def test_links_inside_word_lead_to_a_bookmark(real: Printed) -> None:
    body = real.word.element.body
    places = {tag.get(qn("w:name")) for tag in body.iter(qn("w:bookmarkStart"))}
    links = {tag.get(qn("w:anchor")) for tag in body.iter(qn("w:hyperlink"))} - {None}
    assert len(links) > 50 and links <= places
    assert all(len(name) <= 40 for name in places)


def test_the_first_page_leads_to_both(small: Printed) -> None:
    links = BeautifulSoup((small.folder / "index.html").read_text(encoding="utf-8"), "html.parser").select(".afdruk a")
    assert [link["href"] for link in links] == ["voortgangsrapportage-2021.pdf", "voortgangsrapportage-2021.docx"]
    assert links[0].get_text().startswith("Als pdf (") and links[1].get_text().startswith("Als Word-document (")


def test_equal_reports_are_equal_files(run_dir: Path, site: Path, small: Printed) -> None:
    before = {path.name: path.read_bytes() for path in (site / "2021").iterdir() if path.suffix in (".pdf", ".docx")}
    report = render_report(run_dir, site=site, name="2021", engine="embedded", formats=BOTH)
    assert {path.name: path.read_bytes() for path in report.printed} == before and len(before) == 2


# When it fails


def test_a_figure_that_cannot_be_read_leaves_what_was_published(
    run_dir: Path, site: Path, small: Printed, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}
    broken = shutil.copytree(run_dir, tmp_path / "runs" / "parkstad-limburg" / "2021")
    bundle = figure("meldingen")
    bundle["text/html"] = bundle["text/html"].replace('"scatter"', '"scatter')
    cells = [
        text("# Veiligheid {#sec-veiligheid}"),
        text("## Wat is gedaan {#sec-gedaan}"),
        code('#| label: fig-meldingen\n#| fig-cap: "Meldingen."\nx', bundle),
        code('#| label: fig-inbraken\n#| fig-cap: "Inbraken."\nx', figure("inbraken")),
    ]
    write_notebook(broken, "3-veiligheid", cells)
    with pytest.raises(PublishError, match=r"3-veiligheid\.html: figure meldingen: its data cannot be read") as raised:
        render_report(broken, site=site, name="2021", engine="embedded", formats=BOTH)
    assert raised.value.exit_code == 4
    assert {path: path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()} == before


def test_without_pdf_and_word_an_older_print_does_not_stay(run_dir: Path, small: Printed, tmp_path: Path, site) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    report = render_report(run_dir, site=copy, name="2021", engine="embedded")
    assert report.printed == () and not list((copy / "2021").glob("*.pdf"))
    assert "afdruk" not in report.index.read_text(encoding="utf-8")


def test_a_report_with_a_gap_is_printed_with_its_gap(run_dir: Path, site: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(run_dir, tmp_path / "runs" / "parkstad-limburg" / "2021")
    record = json.loads((broken / "run.json").read_text(encoding="utf-8"))
    record["notebooks"]["3-veiligheid"] = {
        "status": "failed",
        "error": {"name": "InputError", "message": "x", "cell": 1},
    }
    (broken / "run.json").write_text(json.dumps(record), encoding="utf-8")
    report = render_report(broken, site=tmp_path / "site", name="2021-onvolledig", engine="embedded", formats=BOTH)
    content = words(" ".join(page.extract_text() for page in PdfReader(report.printed[0]).pages))
    assert "Dit verslag is niet volledig" in content
    assert "Dit hoofdstuk kon niet worden gemaakt" in content and "Deze figuur ontbreekt." in content


@pytest.mark.skipif(choose_engine("auto") != "quarto", reason="Quarto is not installed")
def test_both_engines_give_the_same_print(run_dir: Path, small: Printed, tmp_path: Path, site: Path) -> None:
    report = render_report(run_dir, site=tmp_path / "site", name="2021", engine="quarto", formats=BOTH)
    other = read(report.index.parent, "voortgangsrapportage-2021")
    assert (other.pdf_words, other.word_words) == (small.pdf_words, small.word_words)
    assert len(other.word.tables) == len(small.word.tables)
    assert io.BytesIO(report.printed[0].read_bytes()).read(5) == b"%PDF-"
