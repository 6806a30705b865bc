"""PDF and Word of a release say which it is and which numbers it revised, as its pages do."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from evaluation.publish.pages.html import parse_page

NAME = "voortgangsrapportage-2021"


def print_words(folder: Path) -> dict[str, str]:
    """Give the words of both prints of a report."""
    pdf = PdfReader(folder / f"{NAME}.pdf")
    word = docx.Document(io.BytesIO((folder / f"{NAME}.docx").read_bytes()))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    texts = {
        "pdf": [page.extract_text() for page in pdf.pages],
        "word": [*(line.text for line in word.paragraphs), *cells],
    }
    return {kind: " ".join(" ".join(parts).split()) for kind, parts in texts.items()}


@pytest.mark.parametrize("kind", ["pdf", "word"])
def test_a_print_says_which_release_it_is_and_names_every_revised_number(released_site: Path, kind: str) -> None:
    report = released_site / "2021"
    first, second = (print_words(report / name)[kind] for name in ("uitgave-1", "uitgave-2"))
    assert "Uitgave 1, 1 december 2026." in first and "herzien" not in first
    assert "Uitgave 2, 2 maart 2027. 1 cijfer is herzien sinds de vorige uitgave" in second
    assert "Verwijs zo: Regio Deal Parkstad Limburg (2027). Voortgangsrapportage" in second
    pages = [parse_page(path) for path in sorted((report / "uitgave-2").glob("*.html"))]
    marks = [mark.text for page in pages for mark in page.xpath("//a[@class='herzien']")]
    assert len(marks) > 1 and second.count("1 cijfer herzien") == len(marks)  # where the site has them
    assert "Adres: 2021/uitgave-2/" in second
    assert "Figuur 3.2 telde een inbraak dubbel." in second
    rows = parse_page(report / "wijzigingen.html").xpath("//tr[@id]")
    assert [row.get("id") for row in rows] == ["3.woninginbraak.parkstad.2021.value"]
    squeezed = second.replace(" ", "")  # a PDF breaks long words
    for row in rows:
        assert all("".join("".join(cell.itertext()).split()) in squeezed for cell in row)


def test_the_first_page_leads_once_to_the_prints_of_the_release(released_site: Path) -> None:
    for name in ("2021", "2021/uitgave-1"):
        links = parse_page(released_site / name / "index.html").xpath("//p[@class='afdruk']/a/@href")
        assert links == [f"{NAME}.pdf", f"{NAME}.docx"]
