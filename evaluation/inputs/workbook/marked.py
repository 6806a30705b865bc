"""A copy of a filled workbook in which each fault is a coloured cell with a comment, with a list of them all."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from evaluation.base import dutch
from evaluation.base.errors import Fault, UsageError
from evaluation.base.paths import write_bytes
from evaluation.inputs.workbook.files import fit_to_width, set_height, workbook_bytes
from evaluation.inputs.workbook.layout import FAULT_SHEET, SET_SHEET

_AUTHOR = "regiodeal import"
_MARK, _ASK = "FFFFC000", "FFBDD7EE"
_FILLS = {is_question: PatternFill("solid", fgColor=colour) for is_question, colour in ((False, _MARK), (True, _ASK))}
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
    is_question : bool    It is asked, and is no fault.
    """

    sheet: str
    cell: str | None
    heading: str
    value: str
    found: str
    mending: str
    is_question: bool = False


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
        The filled workbook, its faults and questions, and the copy, written at once.

    Raises
    ------
    UsageError
        When the workbook was read and cannot be written again.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(source)
    except Exception as error:  # whatever a part that is not read, such as a drawing, makes of it
        told = "; ".join(f"{mark.sheet} {mark.cell or ''}: {mark.found}" for mark in marks[:20])
        problem = f"{source.name} has faults, and no marked copy can be made of it ({type(error).__name__})"
        raise UsageError(f"{problem}; nothing was imported. {told}") from None
    _clear(book)
    together: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks:
        if mark.cell and mark.sheet in book.sheetnames:
            together.setdefault((mark.sheet, mark.cell), []).append(mark)
    for (sheet, cell), mine in together.items():
        place = _anchor(book[sheet], cell)
        place.fill = _FILLS[all(mark.is_question for mark in mine)]
        text = "\n".join(mark.found if mark.is_question else f"{mark.found}. {mark.mending}" for mark in mine)
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


def _anchor(sheet: Worksheet, cell: str) -> Cell:
    """Find the cell that can be marked: of merged cells the first."""
    merged = next((item for item in sheet.merged_cells.ranges if cell in item), None)
    return sheet[cell] if merged is None else sheet.cell(merged.min_row, merged.min_col)


def _clear(book: Workbook) -> None:
    """Take away what an earlier marked copy added."""
    if FAULT_SHEET in book.sheetnames:
        book.remove(book[FAULT_SHEET])
    for sheet in book.worksheets:
        for cell in list(sheet._cells.values()):  # iter_rows makes every cell until the last one that has a format
            if cell.comment is not None and cell.comment.author == _AUTHOR:
                cell.comment = None
            if cell.has_style and cell.fill.fgColor.rgb in (_MARK, _ASK):
                cell.fill = PatternFill()


def _add_list(book: Workbook, marks: Sequence[Mark]) -> None:
    sheet = book.create_sheet(FAULT_SHEET, 0)
    asked = sum(mark.is_question for mark in marks)
    count = dutch.plural(len(marks) - asked, "fout", "fouten")
    count += f" en {dutch.plural(asked, 'vraag', 'vragen')}" if asked else ""
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
