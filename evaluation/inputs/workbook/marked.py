"""A copy of a filled workbook in which each fault is a coloured cell with a comment, with a list of them all."""

import json
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import coordinate_to_tuple
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from evaluation.base import dutch
from evaluation.base.errors import Fault
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
_MOST_CELLS = 100_000
_MOST_SECONDS, _MOST_MEMORY = 30, 300_000_000
_MOST_MARKED, _MOST_LISTED, _MOST_LETTERS = 500, 2_000, 1_000


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


def write_marked_copy(source: Path, marks: Sequence[Mark], target: Path, *, cells: int) -> bool:
    """Write a copy of a filled workbook with its faults marked, and without the marks of an earlier copy.

    A workbook that cannot be written again, or not soon and in little memory, gets a list of its faults alone.  The
    copy is made in a process of its own, as whatever a part that was not read holds is read then.

    Parameters
    ----------
    source, marks, target : Path, sequence of Mark, Path
        The filled workbook, its faults and questions, and the copy, written at once.
    cells : int
        How many cells of the workbook were read.

    Returns
    -------
    bool
        Whether the faults are marked in a copy.
    """
    is_copy = cells <= _MOST_CELLS and _in_own_process(source, marks, target)
    if not is_copy:
        book = Workbook()
        book.remove(book.active)
        _add_list(book, marks)
        write_bytes(target, workbook_bytes(book))
    return is_copy


def _in_own_process(source: Path, marks: Sequence[Mark], target: Path) -> bool:
    """Make the copy within bounds of time and memory; whether that could be done."""
    command = [sys.executable, "-m", __name__, str(source.resolve()), str(target.resolve())]
    given = json.dumps([astuple(mark) for mark in marks]).encode()
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=_MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _copy_marked(source: Path, marks: Sequence[Mark], target: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(source)
    _clear(book)
    together: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks[:_MOST_MARKED]:
        if mark.cell and mark.sheet in book.sheetnames:
            together.setdefault((mark.sheet, mark.cell), []).append(mark)
    merged = {sheet.title: [item.bounds for item in sheet.merged_cells.ranges] for sheet in book.worksheets}
    for (sheet, cell), mine in together.items():
        place = _anchor(book[sheet], cell, merged[sheet])
        place.fill = _FILLS[all(mark.is_question for mark in mine)]
        text = "\n".join(mark.found if mark.is_question else f"{mark.found}. {mark.mending}" for mark in mine)
        place.comment = Comment(text[:_MOST_LETTERS], _AUTHOR, height=min(60 + 18 * (len(text) // 34), 400), width=280)
    _add_list(book, marks)
    write_bytes(target, workbook_bytes(book, [book[FAULT_SHEET]]))


def _bound_memory() -> None:
    """Let this process have little more memory than it has, where the system can hold it to that."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + _MOST_MEMORY, taken + _MOST_MEMORY))


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


def _anchor(sheet: Worksheet, cell: str, merged: Sequence[tuple[int, int, int, int]]) -> Cell:
    """Find the cell that can be marked: of merged cells the first."""
    row, column = coordinate_to_tuple(cell)
    within = ((low, left) for left, low, right, high in merged if left <= column <= right and low <= row <= high)
    return sheet.cell(*next(within, (row, column)))


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
    where = "in uw eigen bestand" if len(book.sheetnames) == 1 else "in deze kopie of in uw eigen bestand"
    told = f"Er is niets ingelezen. Herstel ze {where}, en stuur dat opnieuw."
    sheet.append([f"{count}. {told}"])
    sheet["A1"].font = _BOLD
    sheet.append(["Blad", "Cel", "Kolom", "Wat er staat", "Wat er mis is", "Hoe te herstellen"])
    for cell in sheet[2]:
        cell.font = _BOLD
    for row, mark in enumerate(marks[:_MOST_LISTED], start=3):  # the sheet itself counts its rows by all of its cells
        sheet.append([mark.sheet, mark.cell or "", mark.heading, mark.value, mark.found, mark.mending])
        line = [sheet.cell(row, column) for column in range(1, len(_WIDTHS) + 1)]
        for cell in line:
            cell.alignment = _WRAP
        set_height(sheet, row, _WIDTHS)
        if mark.cell and mark.sheet in book.sheetnames:
            line[1].hyperlink = Hyperlink(ref=line[1].coordinate, location=f"'{mark.sheet}'!{mark.cell}")
            line[1].font = Font(name="Calibri", underline="single", color="0563C1")
    for title, more in Counter(mark.sheet for mark in marks[_MOST_LISTED:]).items():
        sheet.append([title, "", "", "", f"Nog {more} op dit blad", "Herstel eerst wat hierboven staat."])
    sheet.freeze_panes = "A3"
    fit_to_width(sheet, _WIDTHS)
    book.active = 0


if __name__ == "__main__":
    _bound_memory()
    _copy_marked(Path(sys.argv[1]), [Mark(*fields) for fields in json.load(sys.stdin)], Path(sys.argv[2]))
