"""Tables that a person keeps as CSV files or as one workbook: read into cells of text, every fault with its place.

What the cells mean is not known here; `evaluation.inputs.records.row_models` says that.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from evaluation.base.errors import Fault, did_you_mean
from evaluation.base.paths import read_bytes, shown
from evaluation.base.text import read_cell_text

WORKBOOK = "programme.xlsx"
_AS_UTF8 = "Save it as 'CSV UTF-8', or keep the tables in {}."
_AS_COMMAS = "Save it as comma separated CSV, or keep the tables in {} (a Dutch Excel writes semicolons)."


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
class BadCell:
    """A cell of a workbook that holds no usable value."""

    found: str
    expected: str
    hint: str


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
        grid, more = _csv_grid(path, columns, workbook)
        faults += more
        if grid is not None:
            sheet, more = to_sheet(shown(path), None, grid, columns, refused)
            faults += more
            if sheet is not None:
                sheets[name] = sheet
    return sheets, faults


def _csv_grid(path: Path, columns: Sequence[str], workbook: str) -> tuple[list[list[str]] | None, list[Fault]]:
    """Split a CSV file into cells, or say why that cannot be done."""
    file = shown(path)
    content = read_bytes(path)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content:
        return None, [Fault(file, "UTF-16 text", "UTF-8 text", row=1, hint=_AS_UTF8.format(workbook))]
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return None, [_encoding_fault(file, content, error.start, workbook)]
    if not text.strip():
        return None, [Fault(file, "an empty file", f"a header with the columns {', '.join(columns)}")]
    header = text.splitlines()[0]
    for sign, word in ((";", "semicolons"), ("\t", "tabs")):
        if header.count(sign) > header.count(","):
            found, hint = f"values separated by {word}", _AS_COMMAS.format(workbook)
            return None, [Fault(file, found, "values separated by commas", row=1, hint=hint)]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    grid: list[list[str]] = []
    try:
        grid.extend([read_cell_text(cell.strip()) for cell in line] for line in reader)
    except csv.Error as error:
        hint = "A text with a comma or a quotation mark stands between quotation marks; one within it is doubled."
        found = f"text that is not CSV ({error})"
        return None, [Fault(file, found, "closed quotation marks", row=len(grid) + 1, hint=hint)]
    return grid, []


def _encoding_fault(file: str, content: bytes, position: int, workbook: str) -> Fault:
    line = content[:position].count(b"\n") + 1
    byte = content[position : position + 1]
    found = f"byte 0x{byte.hex()} at position {position} (line {line}), which is not UTF-8"
    guess = f"In Windows-1252 it is {byte.decode('cp1252', 'replace')!r}. "
    return Fault(file, found, "UTF-8 text", row=line, hint=guess + _AS_UTF8.format(workbook))


def _read_workbook(
    path: Path, layout: Mapping[str, Sequence[str]], refused: Refused | None
) -> tuple[dict[str, Sheet], list[Fault]]:
    import openpyxl  # a tenth of a second, only for who keeps a workbook

    content = read_bytes(path)
    file = shown(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # twice, as it gives either the outcomes of formulas or the formulas: an outcome that is absent must be told
            values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(content), data_only=False)
    except Exception as error:
        hint = "Open it in a spreadsheet program and save it again as .xlsx, without a password."
        found = f"a file that cannot be opened ({type(error).__name__})"
        return {}, [Fault(file, found, "an Excel workbook", hint=hint)]
    allowed = f"only the sheets {', '.join(layout)}"
    unknown = [name for name in values.sheetnames if name not in layout]
    faults = [Fault(file, "an unknown sheet", allowed, sheet=name, hint=_near(name, layout)) for name in unknown]
    sheets = {}
    for name, columns in layout.items():
        if name not in values.sheetnames:
            expected = f"a sheet with the columns {', '.join(columns)}"
            faults.append(Fault(file, "no such sheet", expected, sheet=name, hint=_near(name, unknown)))
            continue
        for merged in values[name].merged_cells.ranges:
            found = f"merged cells {merged.coord}"
            faults.append(Fault(file, found, "one value in each cell", sheet=name, row=merged.min_row))
        sheet, more = to_sheet(file, name, workbook_grid(values[name], formulas[name]), columns, refused)
        faults += more
        if sheet is not None:
            sheets[name] = sheet
    return sheets, faults


def workbook_grid(values, formulas) -> list[list[str | BadCell]]:
    """Write the cells of a sheet as a CSV file would hold them.

    Parameters
    ----------
    values, formulas : Worksheet
        The same sheet, read with the outcomes of its formulas and as it is.

    Returns
    -------
    list[list[str | BadCell]]
        The rows from the first, each as long as the sheet is wide.
    """
    lines = zip(values.iter_rows(), formulas.iter_rows(), strict=True)
    return [[_cell(*pair) for pair in zip(line, written, strict=True)] for line, written in lines]


def _cell(cell, written) -> str | BadCell:
    """Write a cell of a workbook as a CSV file would hold it: ISO dates, whole numbers without a decimal part."""
    value = cell.value
    if cell.data_type == "e":
        return BadCell(f"the error {value}", "a value", "Mend the formula, or write the value itself.")
    if value is None and written.data_type == "f":
        hint = "Open the workbook in a spreadsheet program and save it, or write the value itself."
        return BadCell("a formula without a computed value", "a value", hint)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        rounded = round(value, 6)
        return str(int(rounded)) if rounded.is_integer() else repr(rounded)
    return str(value).strip()


def to_sheet(
    file: str,
    name: str | None,
    grid: Sequence[Sequence[str | BadCell]],
    columns: Sequence[str],
    refused: Refused | None,
) -> tuple[Sheet | None, list[Fault]]:
    """Match a grid of cells with its columns.

    Parameters
    ----------
    file, name, columns, refused : str, str or None, sequence of str, Refused or None
        Where the table stands, for the faults, and what columns it has, as of `read_sheets`.
    grid : sequence of rows
        Cells of text; the first row is the header.

    Returns
    -------
    Sheet | None
        None where no column is there.
    list[Fault]
        Of the header and of the shape of rows.
    """
    place = Sheet(file, name, ())
    header = ["" if isinstance(cell, BadCell) else cell for cell in grid[0]] if grid else []
    while header and not header[-1]:
        header.pop()
    if not set(header) & set(columns):
        found = "an empty first row" if any(map(any, grid)) else "an empty sheet"
        found = f"a first row without the name of any column ({', '.join(header[:3])}, ...)" if header else found
        return None, [place.fault(1, None, found, f"a header with the columns {', '.join(columns)}")]
    faults = _header_faults(place, header, columns, refused)
    rows = []
    for number, line in enumerate(grid[1:], start=2):
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
