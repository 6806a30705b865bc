"""A workbook that the programme office filled in -> tables as the records have them, each cell with its place.

What Excel makes of a cell is turned into what the records write: a day as ISO, a Dutch number, the word of a list as
its code.  What could be read in two ways stays as it is, so that the checks of the records tell it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from evaluation.base.errors import Fault, UsageError
from evaluation.inputs.records.text_tables import BadCell, Refused, Sheet, to_sheet, workbook_grid
from evaluation.inputs.workbook.layout import NEEDED_MARK, OTHER_SHEETS, SET_SHEET, Column, Layout, Table, code_of

PERSONAL = Refused(
    re.compile(r"\bbsn\b|burgerservice|sofinummer|geboorte|achternaam|voornaam|telefoon|e-?mail|iban|rekeningnummer"),
    "Personal data do not belong in the records: remove the column.",
)
PERSONAL_CELL = "personal data"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
_NUMBERS = ("amount", "signed", "quantity")


@dataclass(slots=True)
class Incoming:
    """What a filled workbook holds.

    Attributes
    ----------
    tables : dict[str, Sheet]    Name of the table to its rows, in the words of the records.
    form : dict[str, str]    What the set is, by the keys of dataset.yml.
    faults : list[Fault]
        What cannot be read, or must not be there; ``column`` is the name in the records, ``sheet`` that of the
        workbook.
    letters : dict[tuple[str, str], str]    Sheet and column name to the letter of the column.
    form_rows : dict[str, int]    Key of dataset.yml to its row on the sheet.
    hidden : dict[str, list[int]]    Sheet to the rows with values that Excel does not show.
    """

    tables: dict[str, Sheet] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    letters: dict[tuple[str, str], str] = field(default_factory=dict)
    form_rows: dict[str, int] = field(default_factory=dict)
    hidden: dict[str, list[int]] = field(default_factory=dict)


def open_workbook(content: bytes, name: str, *, values: bool) -> Workbook:
    """Open a workbook that somebody sent.

    Parameters
    ----------
    content, name, values : bytes, str, bool
        The file, its name for the error, and whether to read the outcomes of its formulas, or it as it is.

    Returns
    -------
    Workbook

    Raises
    ------
    UsageError
        When it is no .xlsx that can be opened.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(content), data_only=values)
    except Exception as error:
        hint = "Open it in Excel and save it as 'Excel-werkmap (.xlsx)', without a password."
        problem = f"{name} is no .xlsx that can be opened ({type(error).__name__})"
        raise UsageError(f"{problem}; nothing was imported. {hint}") from None


def read_incoming(path: Path, layout: Layout, lists: Mapping[str, Mapping[str, str]]) -> Incoming:
    """Read a filled workbook.

    Parameters
    ----------
    path, layout, lists : Path, Layout, mapping
        The workbook, what it should look like, and as of `layout.lists_of`.

    Returns
    -------
    Incoming
        What could be read, and what could not.

    Raises
    ------
    UsageError
        When it cannot be opened.
    """
    content, name = path.read_bytes(), path.name
    values, written = (open_workbook(content, name, values=flag) for flag in (True, False))
    found = Incoming()
    known = (SET_SHEET, *(table.title for table in layout.tables))
    allowed = f"only the sheets {', '.join(known)}"
    unknown = [sheet for sheet in values.sheetnames if sheet not in known + OTHER_SHEETS]
    missing = [sheet for sheet in known if sheet not in values.sheetnames]
    found.faults += [Fault(name, "an unknown sheet", allowed, sheet=sheet, row=1) for sheet in unknown]
    found.faults += [Fault(name, "no such sheet", "the sheet of the template", sheet=sheet) for sheet in missing]
    if SET_SHEET in values.sheetnames:
        _read_form(name, values[SET_SHEET], layout.form, lists, found)
    for table in layout.tables:
        if table.title in values.sheetnames:
            _read_table(name, values[table.title], written[table.title], table, lists, found)
    return found


def _read_form(
    name: str, sheet: Worksheet, form: Sequence[Column], lists: Mapping[str, Mapping[str, str]], found: Incoming
) -> None:
    rows = {_heading(cells[0].value): cells for cells in sheet.iter_rows(min_row=2, max_col=2) if cells[0].value}
    for column in form:
        cells = rows.get(column.heading.casefold())
        if cells is None:
            found.faults.append(Fault(name, "no such row", f"a row {column.heading}", sheet=SET_SHEET, row=1))
            continue
        found.form_rows[column.name] = cells[0].row
        text = _plain(cells[1].value)
        found.form[column.name] = code_of(text, lists[column.choices]) if column.choices else text
        if what := _personal(text):
            found.faults.append(_personal_fault(name, SET_SHEET, cells[0].row, column.name, what))


def _read_table(
    name: str,
    sheet: Worksheet,
    written: Worksheet,
    table: Table,
    lists: Mapping[str, Mapping[str, str]],
    found: Incoming,
) -> None:
    columns = {column.heading.casefold(): column for column in table.columns}
    columns |= {column.name: column for column in table.columns}
    for merged in sheet.merged_cells.ranges:
        letter = get_column_letter(merged.min_col)
        column = columns.get(_heading(sheet.cell(1, merged.min_col).value))
        fault = Fault(name, f"merged cells {merged.coord}", "one value in each cell", sheet=sheet.title)
        found.faults.append(replace(fault, row=merged.min_row, column=column.name if column else letter))
        found.letters[sheet.title, letter] = letter
    grid = workbook_grid(sheet, written)
    head: list[str] = []
    for index, cell in enumerate(grid[0] if grid else [], start=1):
        text = "" if isinstance(cell, BadCell) else cell
        column = columns.get(_heading(text))
        head.append(column.name if column else text)
        found.letters.setdefault((sheet.title, head[-1] or get_column_letter(index)), get_column_letter(index))
    meant = [columns.get(part) for part in head]
    body = [[_canonical(*pair, lists) for pair in zip(line, meant, strict=True)] for line in grid[1:]]
    result, faults = to_sheet(name, sheet.title, [head, *body], [c.name for c in table.columns], PERSONAL)
    found.faults += faults
    if result is None:
        return
    found.tables[table.name] = result
    found.hidden[sheet.title] = [row.number for row in result.rows if sheet.row_dimensions[row.number].hidden]
    for row in result.rows:
        for column in table.columns:
            if column.kind in ("text", "suggestion") and (what := _personal(row.cells.get(column.name, ""))):
                found.faults.append(_personal_fault(name, sheet.title, row.number, column.name, what))


def _heading(value: object) -> str:
    return " ".join(str(value or "").split()).removesuffix(NEEDED_MARK.strip()).strip().casefold()


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split()) if value is not None else ""


def _canonical(cell: str | BadCell, column: Column | None, lists: Mapping[str, Mapping[str, str]]) -> str | BadCell:
    """Write a cell as the records do, where that can be read in one way only."""
    if isinstance(cell, BadCell) or column is None:
        return cell
    text = " ".join(cell.replace("\N{NO-BREAK SPACE}", " ").split())
    if column.kind == "date":
        return _iso(text)
    if column.kind in _NUMBERS:
        return _number(text)
    if column.kind == "several":
        parts = [part.strip() for part in text.split(";")]
        return "; ".join(code_of(part, lists[column.choices]) for part in parts if part)
    if column.kind == "choice":
        return code_of(text, lists[column.choices])
    return text


def _iso(text: str) -> str:
    """Turn a Dutch day that was typed as text into an ISO date; other text stays."""
    match = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text)
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else text


def _number(text: str) -> str:
    """Turn a Dutch number that was typed as text into a plain one; what a dot alone could mean stays as it is."""
    bare = text.removeprefix("€").strip()
    if re.fullmatch(r"-?\d+,\d{1,2}|-?\d{1,3}(\.\d{3})+,\d{1,2}", bare):
        return bare.replace(".", "").replace(",", ".")
    return bare if re.fullmatch(r"-?\d+", bare) else text


def _personal(text: str) -> str | None:
    """Name the personal data in a text: a number that may be a BSN, or an e-mail address."""
    if _EMAIL.search(text):
        return "an e-mail address"
    return "a number that may be a BSN" if any(map(_is_bsn, _NINE_DIGITS.findall(text))) else None


def _is_bsn(digits: str) -> bool:
    """Apply the elfproef of a burgerservicenummer."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def _personal_fault(name: str, sheet: str, row: int, column: str, what: str) -> Fault:
    return Fault(name, what, PERSONAL_CELL, sheet=sheet, row=row, column=column)
