"""A copy of a filled workbook in which each fault is a coloured cell with a comment, with a list of them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink

from evaluation.base.errors import Fault
from evaluation.base.paths import write_bytes
from evaluation.inputs.workbook.files import fit_to_width, set_height, workbook_bytes
from evaluation.inputs.workbook.incoming import open_workbook
from evaluation.inputs.workbook.layout import FAULT_SHEET, SET_SHEET

_AUTHOR = "regiodeal import"
_MARK = "FFFFC000"
_FILL = PatternFill("solid", fgColor=_MARK)
_WRAP = Alignment(wrap_text=True, vertical="top")
_BOLD = Font(name="Calibri", bold=True)
_WIDTHS = (14, 8, 22, 28, 34, 70)
_SUFFIX = "-fouten"


@dataclass(frozen=True, slots=True)
class Mark:
    """One fault in a workbook, in Dutch.

    Attributes
    ----------
    cell : str | None    Its address; None where there is no cell to point at (a sheet that is missing).
    heading : str    What stands above the cell.
    value, found, mending : str    What the cell holds, what is wrong, and how to mend it.
    """

    sheet: str
    cell: str | None
    heading: str
    value: str
    found: str
    mending: str


def address(fault: Fault, letters: dict[tuple[str, str], str], form_rows: dict[str, int]) -> str | None:
    """Find the cell that a fault is about.

    Parameters
    ----------
    fault, letters, form_rows : Fault, dict, dict
        What is wrong, in a cell or else in the first cell of a row; and as of `incoming.Incoming`.

    Returns
    -------
    str | None
        ``B7``; None where there is no cell to point at.
    """
    if fault.sheet == SET_SHEET:
        row = form_rows.get(fault.column or "", fault.row)
        return f"B{row}" if row else None
    if fault.row is None:
        return "A1"
    return f"{letters.get((fault.sheet or '', fault.column or ''), 'A')}{fault.row}"


def write_marked_copy(source: Path, marks: Sequence[Mark], target: Path) -> None:
    """Write a copy of a filled workbook with its faults marked, and without the marks of an earlier copy.

    Parameters
    ----------
    source, marks, target : Path, sequence of Mark, Path
        The filled workbook, its faults, and the copy, written at once.
    """
    book = open_workbook(source.read_bytes(), source.name, values=False)
    _clear(book)
    together: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks:
        if mark.cell and mark.sheet in book.sheetnames:
            together.setdefault((mark.sheet, mark.cell), []).append(mark)
    for (sheet, cell), mine in together.items():
        place = book[sheet][cell]
        place.fill = _FILL
        text = "\n".join(f"{mark.found}. {mark.mending}" for mark in mine)
        place.comment = Comment(text, _AUTHOR, height=60 + 18 * (len(text) // 34), width=280)
    _add_list(book, marks)
    write_bytes(target, workbook_bytes(book, [book[FAULT_SHEET]]))


def free_path(path: Path) -> Path:
    """Name the marked copy of a file.

    Parameters
    ----------
    path : Path
        The filled workbook.

    Returns
    -------
    Path
        Beside it, and none that is there already.
    """
    stem = path.stem.split(_SUFFIX)[0] + _SUFFIX
    names = (f"{stem}.xlsx", *(f"{stem}-{number}.xlsx" for number in range(2, 10_000)))
    return next(other for name in names if not (other := path.with_name(name)).exists())


def _clear(book: Workbook) -> None:
    """Take away what an earlier marked copy added."""
    if FAULT_SHEET in book.sheetnames:
        book.remove(book[FAULT_SHEET])
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                if cell.comment is not None and cell.comment.author == _AUTHOR:
                    cell.comment = None
                if cell.fill.fgColor.rgb == _MARK:
                    cell.fill = PatternFill()


def _add_list(book: Workbook, marks: Sequence[Mark]) -> None:
    sheet = book.create_sheet(FAULT_SHEET, 0)
    count = "1 fout" if len(marks) == 1 else f"{len(marks)} fouten"
    told = "Er is niets ingelezen. Herstel ze in deze kopie of in uw eigen bestand, en stuur dat opnieuw."
    sheet.append([f"{count}. {told}"])
    sheet["A1"].font = _BOLD
    sheet.append(["Blad", "Cel", "Kolom", "Wat er staat", "Wat er mis is", "Hoe te herstellen"])
    for cell in sheet[2]:
        cell.font = _BOLD
    for mark in marks:
        sheet.append([mark.sheet, mark.cell or "", mark.heading, mark.value, mark.found, mark.mending])
        line = sheet[sheet.max_row]
        for cell in line:
            cell.alignment = _WRAP
        set_height(sheet, sheet.max_row, _WIDTHS)
        if mark.cell and mark.sheet in book.sheetnames:
            line[1].hyperlink = Hyperlink(ref=line[1].coordinate, location=f"'{mark.sheet}'!{mark.cell}")
            line[1].font = Font(name="Calibri", underline="single", color="0563C1")
    sheet.freeze_panes = "A3"
    fit_to_width(sheet, _WIDTHS)
    book.active = 0
