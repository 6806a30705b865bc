"""A workbook that the programme office filled in -> tables as the records have them, each cell with its place.

What Excel makes of a cell is turned into what the records write: a day as ISO, a Dutch number, the word of a list as
its code.  What could be read in two ways stays as it is, so that the checks of the records tell it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from evaluation.base.errors import Fault, InputError, UsageError
from evaluation.base.zips import Unreadable, read_sent
from evaluation.inputs.records.text_tables import Refused, Sheet, to_sheet
from evaluation.inputs.tables.cells import BadCell, Remark, Value, as_text
from evaluation.inputs.tables.sheet_xml import Grid
from evaluation.inputs.tables.workbooks import read_book
from evaluation.inputs.workbook.layout import (
    BETWEEN,
    NEEDED_MARK,
    OTHER_SHEETS,
    SET_SHEET,
    Column,
    Layout,
    Table,
    code_of,
)

PERSONAL = Refused(
    re.compile(r"\bbsn\b|burgerservice|sofinummer|geboorte|achternaam|voornaam|telefoon|e-?mail|iban|rekeningnummer"),
    "Personal data do not belong in the records: remove the column.",
)
_SAVE_AGAIN = "Open het in Excel en sla het op als 'Excel-werkmap (.xlsx)', zonder wachtwoord."
PERSONAL_CELL = "personal data"
_EMAIL = re.compile(r"[\w.+-]@[\w-]{1,63}\.[\w.]")
_NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)")
_DUTCH_DAY = re.compile(r"0?(\d{1,2})[-/.]0?(\d{1,2})[-/.](\d{4})")
_ONE_CHOICE = "Choose it from the list again."
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
    remarks : list[Remark]    What Excel does not show, or shows struck through, and was read like the rest.
    grids : dict[str, Grid]    Sheet to its cells, as they were filled in.
    asked : list[Fault]    What was read in one of two ways: ``found`` is the cell, ``expected`` how it was read.
    """

    tables: dict[str, Sheet] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    letters: dict[tuple[str, str], str] = field(default_factory=dict)
    form_rows: dict[str, int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    grids: dict[str, Grid] = field(default_factory=dict)
    asked: list[Fault] = field(default_factory=list)


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
    name = path.name
    try:
        book = read_book(read_sent(path), name)
        grids = {title: book.read(title) for title in book.sheets if title not in OTHER_SHEETS}
    except (Unreadable, InputError) as error:
        why = error.faults[0].found if isinstance(error, InputError) else error
        raise UsageError(f"{name} is niet te openen; er is niets ingelezen. {_SAVE_AGAIN} ({why})") from None
    if book.is_strict:  # the marked copy could not be written
        raise UsageError(f"{name} is een 'Strict Open XML'-werkmap; er is niets ingelezen. {_SAVE_AGAIN}")
    found = Incoming(grids=grids)
    known = (SET_SHEET, *(table.title for table in layout.tables))
    allowed = f"only the sheets {', '.join(known)}"
    unknown = [title for title in grids if title not in known]
    missing = [title for title in known if title not in grids]
    found.faults += [Fault(name, "an unknown sheet", allowed, sheet=title, row=1) for title in unknown]
    found.faults += [Fault(name, "no such sheet", "the sheet of the template", sheet=title) for title in missing]
    found.remarks = [remark for title in known if title in grids for remark in grids[title].remarks]
    if SET_SHEET in grids:
        _read_form(name, grids[SET_SHEET], layout.form, lists, found)
    for table in layout.tables:
        if table.title in grids:
            _read_table(name, grids[table.title], table, lists, found)
    return found


def _read_form(
    name: str, grid: Grid, form: Sequence[Column], lists: Mapping[str, Mapping[str, str]], found: Incoming
) -> None:
    rows = {_heading(cells[1]): (row, cells.get(2)) for row, cells in grid.rows.items() if row > 1 and 1 in cells}
    for column in form:
        row, cell = rows.get(column.heading.casefold(), (None, None))
        if row is None:
            found.faults.append(Fault(name, "no such row", f"a row {column.heading}", sheet=SET_SHEET, row=1))
            continue
        found.form_rows[column.name] = row
        if isinstance(cell, BadCell):
            told = Fault(name, cell.found, cell.expected, sheet=SET_SHEET, row=row, column=column.name, hint=cell.hint)
            found.faults.append(told)
            continue
        text = " ".join(str(as_text(cell)).split())
        found.form[column.name] = code_of(text, lists[column.choices]) if column.choices else text
        if what := _personal(text):
            found.faults.append(_personal_fault(name, SET_SHEET, row, column.name, what))


def _read_table(name: str, grid: Grid, table: Table, lists: Mapping[str, Mapping[str, str]], found: Incoming) -> None:
    columns = {column.heading.casefold(): column for column in table.columns}
    columns |= {column.name: column for column in table.columns}
    first = grid.rows.get(1, {})
    head = {index: columns.get(_heading(cell)) for index, cell in first.items()}
    names = {index: column.name if column else str(as_text(first[index])) for index, column in head.items()}
    for index, text in names.items():
        found.letters.setdefault((grid.title, text), get_column_letter(index))
    for merged in grid.merged:
        left, top, _, _ = range_boundaries(merged)
        letter = get_column_letter(left)
        column = head.get(left)
        fault = Fault(name, f"merged cells {merged}", "one value in each cell", sheet=grid.title)
        found.faults.append(replace(fault, row=top, column=column.name if column else letter))
        found.letters[grid.title, letter] = letter
    width = max(names, default=0)
    lines: list[tuple[int, list[str | BadCell]]] = []
    take = lru_cache(maxsize=10_000)(lambda cell, index: _canonical(cell, head.get(index), lists))  # most recur
    for number, row in grid.rows.items():
        if number == 1:
            lines.append((1, [names.get(index, "") for index in range(1, width + 1)]))
            continue
        cells = [as_text(row.get(index)) for index in range(1, max(width, *row) + 1)]
        read = [take(cell, index) for index, cell in enumerate(cells, start=1)]
        lines.append((number, read))
        for index, column in head.items():
            if column and column.kind == "date" and (day := _asked_day(cells[index - 1])):
                asked = Fault(name, str(cells[index - 1]), day, sheet=grid.title, row=number, column=column.name)
                found.asked.append(asked)
    result, faults = to_sheet(name, grid.title, lines, [c.name for c in table.columns], PERSONAL)
    found.faults += faults
    if result is None:
        return
    found.tables[table.name] = result
    texts = [column.name for column in table.columns if column.kind in ("text", "suggestion")]
    for line in result.rows:
        for text in texts:
            if what := _personal(line.cells.get(text, "")):
                found.faults.append(_personal_fault(name, grid.title, line.number, text, what))


def _heading(value: Value | None) -> str:
    text = "" if value is None or isinstance(value, BadCell) else str(value)
    return " ".join(text.split()).removesuffix(NEEDED_MARK.strip()).strip().casefold()


def _canonical(cell: str | BadCell, column: Column | None, lists: Mapping[str, Mapping[str, str]]) -> str | BadCell:
    """Write a cell as the records do, where that can be read in one way only."""
    if isinstance(cell, BadCell) or column is None:
        return cell
    text = " ".join(cell.replace("\N{NO-BREAK SPACE}", " ").split())
    if column.kind == "date":
        return _iso(text)
    if column.kind in _NUMBERS:
        return _number(text)
    if column.kind not in ("choice", "several"):
        return text
    parts = [text] if column.kind == "choice" else [part for part in map(str.strip, text.split(";")) if part]
    codes = [code_of(part, lists[column.choices]) for part in parts]
    for part, code in zip(parts, codes, strict=True):
        before = part.partition(BETWEEN)[0].strip()
        if code == part != before and code_of(before, lists[column.choices]) in lists[column.choices]:
            return BadCell(f"{part!r}, a code with the words of another", "one choice of the list", _ONE_CHOICE)
    return "; ".join(codes)


def _asked_day(cell: str | BadCell) -> str | None:
    """Tell the day that a text was read as, where day and month could change places.

    >>> _asked_day("9/4/2019"), _asked_day("19/4/2019"), _asked_day("2019-04-09")
    ('2019-04-09', None, None)
    """
    match = _DUTCH_DAY.fullmatch(cell) if isinstance(cell, str) else None
    if match is None or match[1] == match[2] or not 0 < int(match[1]) <= 12 or not 0 < int(match[2]) <= 12:
        return None
    return _iso(str(cell))


def _iso(text: str) -> str:
    """Turn a Dutch day that was typed as text into an ISO date; other text stays."""
    match = _DUTCH_DAY.fullmatch(text)
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
