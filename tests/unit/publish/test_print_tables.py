"""The columns of a printed table: as wide as their words ask, and the names of its rows never broken."""

import io
import json

import docx
import pytest
from docx.oxml.ns import qn

from evaluation.publish.pages.document import every
from evaluation.publish.pages.pandoc import run_pandoc
from evaluation.publish.print.print_tables import column_shares
from evaluation.publish.print.word_style import reference_document


def shares_of(columns: int) -> list[float]:
    head = "".join("<th>Ontwikkeling tot nu</th>" for _ in range(columns))
    cells = "".join("<td>123.456</td>" for _ in range(columns))
    rows = f"<tbody><tr><td>Voerendaal</td>{cells}</tr></tbody>"
    table = f"<table><thead><tr><th>Gemeente</th>{head}</tr></thead>{rows}</table>"
    tree = json.loads(run_pandoc(["-f", "html", "-t", "json"], table, "test"))
    return column_shares(next(iter(every(tree["blocks"], {"Table"}))))


@pytest.mark.parametrize("columns", [2, 7, 12])
def test_the_name_of_a_row_has_its_room_however_many_figures_stand_beside_it(columns):
    shares = shares_of(columns)
    assert sum(shares) <= 1.0001 and shares[0] * 112 >= len("Voerendaal") + 3 - 0.01


def test_word_hyphenates_no_name_of_a_row():
    document = docx.Document(io.BytesIO(reference_document(running_head="Verslag", mark="", lang="nl")))
    properties = document.styles["Tabelrij"].element.pPr
    assert properties.find(qn("w:suppressAutoHyphens")) is not None
    assert document.styles["Tabeltekst"].element.pPr.find(qn("w:suppressAutoHyphens")) is None
