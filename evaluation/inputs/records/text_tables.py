"""Tables that a person keeps as CSV files or as one workbook: read into cells of text, every fault with its place.

What the cells mean is not known here; `evaluation.inputs.records.row_models` says that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import Fault, InputError, did_you_mean
from evaluation.base.paths import read_bytes, shown
from evaluation.inputs.tables.cells import BadCell
from evaluation.inputs.tables.text_files import SEPARATORS, WINDOWS, read_csv

WORKBOOK = "programme.xlsx"
_AS_UTF8 = "Save it as 'CSV UTF-8', or keep the tables in {}."
_AS_COMMAS = "Save it as comma separated CSV, or keep the tables in {} (a Dutch Excel writes semicolons)."

Lines = Sequence[tuple[int, Sequence[str | BadCell]]]
"""Rows that hold something, by their number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts (the header is 1) and its cells by column, but unreadable ones."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: where it stands, and its rows that are not empty; all cells are text without spaces around it."""

    file: str
    sheet: str | None
    rows: tuple[Row, ...]

    def fault(self, row: int | None, column: str | None, found: str, expected: str, hint: str | None = None) -> Fault:
        """Make a fault at a place in this table.

        Parameters
        ----------
        row, column : int or None, str or None
            The place; the header is row 1.
        found, expected, hint : str, str, str or None
            As of `Fault`.

        Returns
        -------
        Fault
        """
        return Fault(self.file, found, expected, sheet=self.sheet, row=row, column=column, hint=hint)


@dataclass(frozen=True, slots=True)
class Refused:
    """Columns that a table must not have, whatever they hold.

    Attributes
    ----------
    pattern : re.Pattern    Found in the name of such a column; capitals do not matter.
    reason : str    Why, for the hint.
    """

    pattern: re.Pattern[str]
    reason: str


def read_sheets(
    folder: Path, layout: Mapping[str, Sequence[str]], *, workbook: str = WORKBOOK, refused: Refused | None = None
) -> tuple[dict[str, Sheet], list[Fault]]:
    """Read the tables of a folder: a CSV file for each, or one workbook with a sheet for each.

    Parameters
    ----------
    folder, workbook : Path, str
        Where the files are, and how the workbook is called.
    layout, refused : mapping, Refused or None
        Name of each table to its columns, all needed, in any order; and columns to tell apart from the only unknown.

    Returns
    -------
    dict[str, Sheet]
        The tables that could be read.  A table that misses columns, or has unknown ones, is still in it, with the cells
        that it does have, so that what is wrong with those is told too.
    list[Fault]
        In the order of the layout.
    """
    book = folder / workbook
    present = [f"{name}.csv" for name in layout if (folder / f"{name}.csv").is_file()]
    faults = _stray_files(folder, {workbook, *(f"{name}.csv" for name in layout)})
    if book.is_file() and present:
        found = f"{workbook} beside {', '.join(present)}"
        hint = "Move what is no longer used to another folder."
        return {}, [*faults, Fault(shown(folder), found, "the CSV files or the workbook, not both", hint=hint)]
    read = _read_workbook(book, layout, refused) if book.is_file() else _read_files(folder, layout, workbook, refused)
    return read[0], [*faults, *read[1]]


def _stray_files(folder: Path, known: set[str]) -> list[Fault]:
    """Files that look like tables and that nobody would read."""
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in (".csv", ".xlsx", ".xls", ".ods"))
    stray = [name for name in names if name not in known and not name.startswith(("~$", "."))]
    found, expected = "a table that is not read", f"only {', '.join(sorted(known))}"
    return [Fault(shown(folder / name), found, expected, hint=_near(name, known)) for name in stray]


def _read_files(
    folder: Path, layout: Mapping[str, Sequence[str]], workbook: str, refused: Refused | None
) -> tuple[dict[str, Sheet], list[Fault]]:
    sheets, faults = {}, []
    for name, columns in layout.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            faults.append(Fault(shown(path), "no file", f"a CSV file with the columns {', '.join(columns)}"))
            continue
        lines, more = _csv_lines(path, columns, workbook)
        sheet, found = (None, []) if lines is None else to_sheet(shown(path), None, lines, columns, refused)
        faults += more + found
        if sheet is not None:
            sheets[name] = sheet
    return sheets, faults


def _csv_lines(path: Path, columns: Sequence[str], workbook: str) -> tuple[Lines | None, list[Fault]]:
    """Split a CSV file into cells, or say why that cannot be done: records have one separator and one encoding."""
    file = shown(path)
    content = read_bytes(path)
    try:
        table = read_csv(content, file)
    except InputError as error:
        return None, list(error.faults)
    if table.wide is not None:
        return None, [_encoding_fault(file, content, *table.wide, workbook)]
    if not table.rows:
        return None, [Fault(file, "an empty file", f"a header with the columns {', '.join(columns)}")]
    if table.separator != "," and len(table.rows[0][1]) > 1:
        found, hint = f"values separated by {SEPARATORS[table.separator]}", _AS_COMMAS.format(workbook)
        return None, [Fault(file, found, "values separated by commas", row=1, hint=hint)]
    return table.rows, []


def _encoding_fault(file: str, content: bytes, position: int, line: int, workbook: str) -> Fault:
    byte = content[position : position + 1]
    found = f"byte 0x{byte.hex()} at position {position} (line {line}), which is not UTF-8"
    guess = f"In {WINDOWS} it is {byte.decode('cp1252', 'replace')!r}. "
    return Fault(file, found, "UTF-8 text", row=line, hint=guess + _AS_UTF8.format(workbook))


def _read_workbook(
    path: Path, layout: Mapping[str, Sequence[str]], refused: Refused | None
) -> tuple[dict[str, Sheet], list[Fault]]:
    from evaluation.inputs.tables.workbooks import read_book  # a tenth of a second, only for who keeps a workbook

    file = shown(path)
    try:
        book = read_book(read_bytes(path), file)
        grids = {name: book.read(name) for name in layout if name in book.sheets}
    except InputError as error:
        return {}, list(error.faults)
    allowed = f"only the sheets {', '.join(layout)}"
    unknown = [name for name in book.sheets if name not in layout]
    faults = [Fault(file, "an unknown sheet", allowed, sheet=name, hint=_near(name, layout)) for name in unknown]
    sheets = {}
    for name, columns in layout.items():
        if name not in grids:
            expected = f"a sheet with the columns {', '.join(columns)}"
            faults.append(Fault(file, "no such sheet", expected, sheet=name, hint=_near(name, unknown)))
            continue
        grid = grids[name]
        for merged in grid.merged:
            row = int(merged.partition(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ$"))
            faults.append(Fault(file, f"merged cells {merged}", "one value in each cell", sheet=name, row=row))
        seen = "what everybody sees in the records: show it, or remove it"
        faults += [Fault(file, str(remark), seen, sheet=name) for remark in grid.remarks]
        sheet, more = to_sheet(file, name, grid.lines(), columns, refused)
        faults += more
        if sheet is not None:
            sheets[name] = sheet
    return sheets, faults


def to_sheet(
    file: str, name: str | None, lines: Lines, columns: Sequence[str], refused: Refused | None
) -> tuple[Sheet | None, list[Fault]]:
    """Match the rows of a table with its columns.

    Parameters
    ----------
    file, name, columns, refused : str, str or None, sequence of str, Refused or None
        Where the table stands, for the faults, and what columns it has, as of `read_sheets`.
    lines : sequence of (row number, cells)
        Cells of text; row 1 is the header, and empty rows may be left out.

    Returns
    -------
    Sheet | None
        None where no column is there.
    list[Fault]
        Of the header and of the shape of rows.
    """
    place = Sheet(file, name, ())
    first = lines[0][1] if lines and lines[0][0] == 1 else []
    header = ["" if isinstance(cell, BadCell) else cell for cell in first]
    while header and not header[-1]:
        header.pop()
    if not set(header) & set(columns):
        found = "an empty first row" if any(any(cells) for _, cells in lines) else "an empty sheet"
        found = f"a first row without the name of any column ({', '.join(header[:3])}, ...)" if header else found
        return None, [place.fault(1, None, found, f"a header with the columns {', '.join(columns)}")]
    faults = _header_faults(place, header, columns, refused)
    rows = []
    for number, line in lines[1:]:
        if any(line):
            row, more = _to_row(place, number, line, header, columns)
            rows.append(row)
            faults += more
    return Sheet(file, name, tuple(rows)), faults


def _header_faults(place: Sheet, header: Sequence[str], columns: Sequence[str], refused: Refused | None) -> list[Fault]:
    missing = [name for name in columns if name not in header]
    faults = []
    for position, name in enumerate(header, start=1):
        if not name:
            faults.append(place.fault(1, None, f"no name above column {position}", "a name above each column"))
        elif name not in columns and refused and refused.pattern.search(name.casefold()):
            found = "a column that must not be there"
            faults.append(place.fault(1, name, found, f"only {', '.join(columns)}", refused.reason))
        elif name not in columns:
            hint = _near(name, missing)
            faults.append(place.fault(1, name, "an unknown column", f"only {', '.join(columns)}", hint))
        elif header.index(name) != position - 1:
            faults.append(place.fault(1, name, "the same column twice", "each column once"))
    unknown = [name for name in header if name and name not in columns]
    faults += [place.fault(1, name, "no such column", f"a column {name}", _near(name, unknown)) for name in missing]
    return faults


def _to_row(
    place: Sheet, number: int, line: Sequence[str | BadCell], header: Sequence[str], columns: Sequence[str]
) -> tuple[Row, list[Fault]]:
    named = dict(zip(header, line, strict=False))
    beyond = [cell for cell in line[len(header) :] if cell]
    if beyond or len(line) < len(header):
        found = f"{len(header) + len(beyond)} values" if beyond else f"{len(line)} values"
        hint = "A text or number with a comma in it stands between quotation marks." if beyond else None
        fault = place.fault(number, None, found, f"{len(header)} values, as in the header", hint)
        first = columns[0]  # the identity of the row stays known, so that what refers to it is not told as well
        name = named.get(first)
        return Row(number, {first: name} if header[0] == first and isinstance(name, str) else {}), [fault]
    bad = {name: cell for name, cell in named.items() if isinstance(cell, BadCell) and name in columns}
    cells = {name: cell for name, cell in named.items() if isinstance(cell, str) and name in columns}
    return Row(number, cells), [place.fault(number, k, c.found, c.expected, c.hint) for k, c in bad.items()]


def _near(name: str, known: Iterable[str]) -> str | None:
    return did_you_mean(name, sorted(known))
