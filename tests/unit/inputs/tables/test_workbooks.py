"""The one reader of workbooks: what a cell shows, what a sheet hides, how large it really is, and what is refused."""

from __future__ import annotations

import re
import time
import tracemalloc
from datetime import datetime

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import FormulaRule, Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from evaluation.base.errors import InputError
from evaluation.inputs.tables import xml_texts
from evaluation.inputs.tables.cells import BadCell
from evaluation.inputs.tables.number_formats import shown_otherwise
from evaluation.inputs.tables.sheet_xml import Grid
from evaluation.inputs.tables.workbooks import read_book
from tests.unit.inputs.tables.books import HEADER, Change, book, edited, strict

ONE = "xl/worksheets/sheet1.xml"
ROWS = [HEADER, ["GM0917", 2020, 100], ["GM0917", 2021, 101]]


def grid_of(content: bytes, title: str = "Sheet") -> Grid:
    return read_book(content, "x.xlsx").read(title)


def changed(change: Change) -> Grid:
    return grid_of(book(*ROWS, change=change))


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.123, "0.0%", "12,3%"), (0.5, "0%", "50%"), (5, "0 %", "500 %"), (1.25, '0.00" mln"', "1,25 mln"),
        (1_250_000, '0.00,,"mln"', "1,25mln"), (5_000, "#,##0,", "5"), (1_250_000, "0,.0", "1250,0"),
        (917, '"GM"0000', "GM0917"), (12, '0"‰"', "12‰"), (-5, "0;0", "5"), (3, ";;;", ""), (0, "0;-0;;@", ""),
        (1_250_000, '[>=1000000]0.0,,"mln";0', "1,2mln"), (7, "0\\ \\m\\l\\n", "7 mln"), (5, "[$$-409]#,##0", "$5"),
        (5, 'General" mld"', "5 mld"), (1_250, '0.0,"k"', "1,2k"),
        (5, "-0", "-5"), (5, "(0)", "(5)"), (125, "0\\.0", "12.5"), (12_550, '0","00', "125,50"), (5, "0.0-", "5,0-"),
        (5, '"."0', ".5"), (-5, "[<0]0;0", "5"),
    ],
)  # fmt: skip
def test_a_format_that_makes_another_number_of_what_is_stored_is_told(value: float, code: str, shown: str):
    assert shown_otherwise(value, code) == shown
    cell = grid_of(book(["x"], [value], change=lambda sheet: setattr(sheet["A2"], "number_format", code))).rows[2][1]
    assert isinstance(cell, BadCell) and cell.found == f"{value:.15g}, shown as '{shown}'"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (5, "General"), (5, "0"), (12.7, "0"), (1234.5, "#,##0.00"), (5, '"€" #,##0.00'), (5, "[$€-413] #,##0.00"),
        (-5, "#,##0;[Red]#,##0"), (-5, "#,##0_);(#,##0)"), (0, '_-€ * #,##0_-;-€ * #,##0_-;_-€ * "-"??_-;_-@_-'),
        (5, '_-€ * #,##0_-;-€ * #,##0_-;_-€ * "-"??_-;_-@_-'), (5, "0.00E+00"), (0.5, "# ?/?"), (5, '#,##0 "EUR"'),
        (0, "0%"), (50, '[>=1000000]0.0,,"mln";0'), (917, "0000"), (5, "@"),
        (1234, "0\\ 000"), (5, '"€ "0",-"'), (5, '"(euro) "0'), (0.5, "?/?"), (1234, "#'##0"),
    ],
)  # fmt: skip
def test_a_format_that_shows_what_is_stored_changes_nothing(value: float, code: str):
    assert shown_otherwise(value, code) is None


def test_rows_are_read_whatever_the_sheet_says_of_its_size():
    content = edited(book(*ROWS), "xl/worksheets/sheet1.xml", lambda text: text.replace("A1:C3", "A1:B2"))
    assert grid_of(content).rows[3] == {1: "GM0917", 2: 2021, 3: 101}
    without = edited(book(*ROWS), "xl/worksheets/sheet1.xml", lambda text: text.replace('<dimension ref="A1:C3"/>', ""))
    assert len(grid_of(without).rows) == 3


def test_a_cell_with_only_a_format_or_a_space_in_the_last_row_holds_nothing():
    def stray(sheet):
        sheet["XFD1048576"] = " "
        sheet["A1048570"].font = Font(bold=True)

    begun = time.perf_counter()
    assert list(changed(stray).rows) == [1, 2, 3]
    assert time.perf_counter() - begun < 2


def test_formulas_without_an_outcome_and_errors_are_told_and_outcomes_are_read():
    def formulas(sheet):
        sheet["C2"] = "=50+51"
        sheet["C3"].value, sheet["C3"].data_type = "#DIV/0!", "e"

    rows = changed(formulas).rows
    assert rows[2][3].found == "a formula without a stored value" and rows[3][3].found == "the error #DIV/0!"
    computed = edited(
        book(["x"], ["=1+1"]),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace("<v></v>", "<v>2</v>").replace("<v/>", "<v>2</v>"),
    )
    assert grid_of(computed).rows[2][1] == 2


def test_what_is_hidden_merged_or_struck_through_is_told():
    def hide(sheet):
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet["A3"].font = Font(strike=True)
        sheet.merge_cells("E1:F1")
        sheet.row_dimensions[9].hidden = True  # holds nothing

    grid = changed(hide)
    assert [str(remark) for remark in grid.remarks] == [
        "hidden rows of Sheet are read too: 2",
        "hidden columns of Sheet are read too: B",
        "rows of Sheet with text struck through are read too: 3",
    ]
    assert grid.merged == ("E1:F1",) and all(remark.dutch.startswith("Blad Sheet") for remark in grid.remarks)


def test_a_row_of_no_height_and_rows_hidden_by_default_are_hidden():
    low = edited(book(*ROWS), ONE, lambda text: text.replace('<row r="2"', '<row r="2" ht="0" customHeight="1"'))
    assert [item.where for item in grid_of(low).remarks if item.kind == "rows"] == ["2"]
    content = edited(
        book(*ROWS),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace("<sheetFormatPr", '<sheetFormatPr zeroHeight="1"'),
    )
    assert [item.where for item in grid_of(content).remarks if item.kind == "rows"] == ["1-3"]


def test_what_is_too_small_white_or_changed_under_a_condition_is_told():
    def hide(sheet):
        sheet.row_dimensions[2].height = sheet.column_dimensions["B"].width = 0.3
        sheet["A3"].font, sheet["A1"].font = Font(color="FFFFFFFF"), Font(color="FFFFFFFF")
        sheet["A1"].fill = PatternFill("solid", fgColor="FF112233")
        percent = DifferentialStyle(numFmt=NumberFormat(numFmtId=200, formatCode="0%"))
        sheet.conditional_formatting.add("C2", Rule(type="expression", formula=["TRUE"], dxf=percent))
        struck, bold = (FormulaRule(formula=["TRUE"], font=font) for font in (Font(strike=True), Font(bold=True)))
        sheet.conditional_formatting.add("A2:A3", struck)
        sheet.conditional_formatting.add("B2", bold)

    found = {item.kind: item.where for item in changed(hide).remarks}
    assert found == {"rows": "2", "columns": "B", "pale": "3", "condition": "C2, A2:A3"}


def test_text_of_which_a_part_is_struck_through_is_told():
    rich = CellRichText("12", TextBlock(InlineFont(strike=True), "34"), "56")
    cell = changed(lambda sheet: sheet.__setitem__("A2", rich)).rows[2][1]
    assert cell.found == "'123456', of which '34' is struck through"


def test_days_are_read_by_their_format_and_by_the_calendar_of_the_file():
    def day(sheet):
        sheet["A2"] = 43831
        sheet["A2"].number_format = "dd-mm-yyyy"
        sheet["A3"] = 0.5
        sheet["A3"].number_format = "[h]:mm"

    content = book(*ROWS, change=day)
    assert (
        grid_of(content).rows[2][1] == datetime(2020, 1, 1) and "shown as a time" in grid_of(content).rows[3][1].found
    )
    mac = edited(content, "xl/workbook.xml", lambda text: text.replace("<workbookPr/>", '<workbookPr date1904="1"/>'))
    assert grid_of(mac).rows[2][1] == datetime(2024, 1, 2)


def test_strict_workbooks_charts_and_prefixes_are_read():
    made = strict(book(*ROWS))
    assert read_book(made, "x.xlsx").is_strict and grid_of(made).rows == grid_of(book(*ROWS)).rows
    tags = ("worksheet", "sheetData", "row", "c", "v", "is", "t")

    def prefixed(text: str) -> str:
        for tag in tags:
            text = (
                text.replace(f"<{tag}>", f"<x:{tag}>")
                .replace(f"<{tag} ", f"<x:{tag} ")
                .replace(f"</{tag}>", f"</x:{tag}>")
            )
        return text.replace("xmlns=", "xmlns:x=")

    with_prefix = edited(
        book(*ROWS), "xl/worksheets/sheet1.xml", lambda text: prefixed(text).replace("<sheetPr>", "<x:sheetPr>")
    )
    simple = "<x:worksheet xmlns:x='m'><x:sheetData><x:row><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    assert grid_of(edited(with_prefix, "xl/worksheets/sheet1.xml", lambda _: simple)).rows == {1: {1: 7}}


def test_equal_words_are_one_text_and_unseen_signs_go():
    composed = grid_of(book(["clie\u0308nten", "cli\u00ebnten", "Heer\u00adlen", "\u200bx\u00a0"])).rows[1]
    assert composed[1] == composed[2] and (composed[3], composed[4]) == ("Heerlen", "x")


def under_conditions(*places: str) -> bytes:
    struck = FormulaRule(formula=["TRUE"], font=Font(strike=True))
    content = book(*ROWS, change=lambda sheet: sheet.conditional_formatting.add("A1", struck))
    one = re.compile('<conditionalFormatting sqref="A1">.*</conditionalFormatting>')
    return edited(
        content,
        ONE,
        lambda text: one.sub(lambda found: "".join(found[0].replace("A1", place) for place in places), text),
    )


def test_places_under_conditions_are_told_once_and_within_bounds():
    (told,) = grid_of(under_conditions("A2", "B2 C2", "A2", "A2:A3 " * 9_000)).remarks
    assert told.where.startswith("A2, B2 C2, A2:A3 A2:A3") and told.where.endswith(" A2:A3 …")
    assert len(told.where) < 1_100


BOMB = "<worksheet><sheetData>" + "<row>" + "<c/>" * 3_000_000 + "</row></sheetData></worksheet>"
WIDE = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(9, 300)) + "</sheetData>"
LONG_TEXT = f'<row r="9"><c t="str"><v>{"x" * 50_000}</v></c></row></sheetData>'
MANY_NAMES = "".join(f"<name{number}>" for number in range(90)) + "".join(f"<n{i}/>" for i in range(20_000))
MANY_ATTRIBUTES = "<worksheet>" + "".join(f'<t a{i}="" b{i}="" c{i}="" d{i}=""/>' for i in range(90_000))
LONG_FORMAT = f'<numFmts count="1"><numFmt numFmtId="200" formatCode="{"0a" * 400_000}"/></numFmts>'
ENTITY = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet><sheetData><row><c><v>&a;</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"geen werkmap", "damaged, or of another kind"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "it has a password"),
        (book(*ROWS)[:-400], "damaged"),
        (edited(book(*ROWS), ONE, lambda text: text[:-300]), "damaged"),
        (edited(book(*ROWS), ONE, lambda _: ENTITY), "declarations of its own"),
        (edited(book(*ROWS), "xl/workbook.xml", lambda text: '<!DOCTYPE x [<!ENTITY a "b">]>' + text), "declarations"),
        (edited(book(*ROWS), ONE, lambda text: text, also=ONE), "two parts of one name"),
        (edited(book(*ROWS), ONE, lambda text: text.replace('<row r="3">', '<row r="2">')), "row 2 twice"),
        (edited(book(*ROWS), ONE, lambda text: text.replace('r="B2"', 'r="A2"')), "cell A2 twice"),
        (edited(book(*ROWS), ONE, lambda text: text.replace('r="B2"', 'r="B9"')), "cell B9 in row 2"),
        (edited(book(*ROWS), ONE, lambda text: text.replace('<row r="3">', '<row r="99999999">')), "damaged"),
        (edited(book(*ROWS), ONE, lambda text: BOMB), "that hold nothing"),
        (edited(book(*ROWS), ONE, lambda text: text.replace("</sheetData>", WIDE)), "such as XFD9; remove those"),
        (edited(book(*ROWS), ONE, lambda text: text.replace("</sheetData>", LONG_TEXT)), "a cell of more than 40000"),
        (edited(book(*ROWS), ONE, lambda text: MANY_NAMES), "more than 10000 names of elements"),
        (edited(book(*ROWS), ONE, lambda text: MANY_ATTRIBUTES), "more than 10000 names of elements"),
        (edited(book(*ROWS), "xl/workbook.xml", lambda text: f"<workbook>{MANY_ATTRIBUTES * 2}"), "more than 500000"),
        (under_conditions(*(f"A{row}" for row in range(1, 1_100))), "ranges under a condition"),
        (
            edited(book(*ROWS), "xl/styles.xml", lambda text: text.replace("<fonts", f"{LONG_FORMAT}<fonts", 1)),
            "a number format of more",
        ),
        (edited(book(*ROWS), ONE, lambda text: text + " " * 170_000_000), "MB when unpacked"),
    ],
)  # fmt: skip
def test_what_is_damaged_locked_or_far_too_large_is_refused_in_one_sentence(content: bytes, said: str):
    begun = time.perf_counter()
    with pytest.raises(InputError) as caught:
        grid_of(content)
    assert said in str(caught.value) and "save it as" in str(caught.value) and len(caught.value.faults) == 1
    assert time.perf_counter() - begun < 10


def test_a_locked_part_is_refused():
    content = bytearray(book(*ROWS))
    for start in (
        position for position in range(len(content) - 4) if content[position : position + 4] == b"PK\x01\x02"
    ):
        content[start + 8] |= 1
    with pytest.raises(InputError, match="it has a password"):
        grid_of(bytes(content))


def test_a_large_table_is_read_in_bounded_memory():
    line = "".join(f"<c><v>{column}</v></c>" for column in range(10))
    text = f"<worksheet><sheetData>{''.join(f'<row>{line}</row>' for _ in range(20_000))}</sheetData></worksheet>"
    content = edited(book(["x"]), ONE, lambda _: text)
    tracemalloc.start()
    assert len(grid_of(content).rows) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


@pytest.mark.parametrize("place", ["A0:B9", "A", "A:B", "1:2", "C3:A1", "A1:B99999999", "ZZZ1:ZZZ2", ""])
def test_merged_cells_that_are_no_place_are_refused(place: str):
    merged = f'</sheetData><mergeCells><mergeCell ref="{place}"/></mergeCells>'
    content = edited(book(*ROWS), ONE, lambda text: text.replace("</sheetData>", merged))
    with pytest.raises(InputError, match="it has merged cells"):
        grid_of(content)


@pytest.mark.parametrize(
    ("bound", "text", "said"),
    [
        ("_MOST_ROWS", "<row><c><v>1</v></c></row>" * 1_000, "more than 100 rows"),
        ("_MOST_ELEMENTS", "<?x?>" * 1_000, "deeper or longer"),
        ("_MOST_ELEMENTS", "<!--x-->" * 1_000, "deeper or longer"),
        ("_MOST_ELEMENTS", "<![CDATA[]]>" * 1_000, "deeper or longer"),
    ],
)
def test_whatever_takes_time_in_a_sheet_is_counted(monkeypatch, bound: str, text: str, said: str):
    monkeypatch.setattr(xml_texts, bound, 100)
    sheet = f'<worksheet><sheetData><row r="9"><c><v>1</v></c></row>{text}</sheetData></worksheet>'
    with pytest.raises(InputError, match=said):
        grid_of(edited(book(*ROWS), ONE, lambda _: sheet))
