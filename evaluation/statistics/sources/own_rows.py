"""The rows of a table that someone was given: region, period, value and perhaps measure and status."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from openpyxl.utils import get_column_letter

from evaluation.base.errors import Fault, InputError, did_you_mean
from evaluation.inputs.tables.cells import BadCell, Remark, Value, as_text, ranges
from evaluation.inputs.tables.figures import Figures
from evaluation.inputs.tables.sheet_xml import Grid
from evaluation.inputs.tables.text_files import SEPARATORS, read_csv
from evaluation.inputs.tables.workbooks import read_book
from evaluation.statistics.areas.codes import code_checker
from evaluation.statistics.areas.names import explain_name, name_reader
from evaluation.statistics.snapshot_schema import STATUSES
from evaluation.statistics.sources.spreadsheet import figure_text, read_figure

_REQUIRED = ("region", "period", "value")
_OPTIONAL = ("measure", "status")
_ALSO = {
    "region": ("regio", "gebied", "gemeente", "gemeentenaam", "gemeentecode", "municipality", "code", "regiocode"),
    "period": ("periode", "jaar", "year"),
    "value": ("waarde", "cijfer", "aantal"),
    "measure": ("maat", "onderwerp"),
}
"""What people call our columns."""

_COLUMN = {other: name for name, others in _ALSO.items() for other in others}
_STATUS_OF_MARK = {"None": "final", "Provisional": "provisional", "Confidential": "withheld", "NotAvailable": "missing"}
_WAYS = {"comma": "a decimal comma", "point": "a decimal point"}
_AN_AREA = "the name or CBS code of an area, such as Heerlen or GM0917"
_MOST_FAULTS = 10_000
_ZIP, _OLD = b"PK", b"\xd0\xcf\x11\xe0"
Cells = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file holds.

    - `frame`: Columns region, period, measure (where the file has one), value and status; ordered by measure, region
      and period.
    - `looked_at`: How the file was read, and what a person has to look at.
    """

    frame: pd.DataFrame
    looked_at: tuple[str, ...]


@dataclass(slots=True)
class _Source:
    """Where rows come from: their header, and the cells of each with its number."""

    file: str
    sheet: str | None
    header: list[str]
    header_row: int
    lines: list[tuple[int, list[Value | None]]]
    looked_at: list[str]

    def fault(self, row: int | None, column: str | None, found: str, expected: str, hint: str | None = None) -> Fault:
        return Fault(self.file, found, expected, sheet=self.sheet, row=row, column=column, hint=hint)

    def cell(self, row: int, column: str) -> str:
        """Name a cell as a spreadsheet does; nothing in a CSV."""
        letter = get_column_letter(self.header.index(column) + 1)
        return f" (cell {letter}{row})" if self.sheet is not None else ""


@dataclass(slots=True)
class _Areas:
    """Codes and names of areas as codes, on the boundaries that a person said."""

    boundaries: str | int | None
    named: dict[str, str] = field(default_factory=dict)
    judge: Callable = field(default_factory=code_checker)
    read_name: Callable = field(default_factory=name_reader)

    def settle(self, source: _Source, number: int, row: dict[str, object]) -> Iterator[Fault]:
        """Give a row the code of its area; a fault where there is none in that year."""
        written, year = str(row["region"]), _year(row["period"] if self.boundaries == "each_year" else self.boundaries)
        if code := self.read_name(written, year):
            row["region"] = self.named[written] = code
        if (wrong := self.judge(str(row["region"]), year)) is not None:
            is_name = code is None and not re.search(r"\d", written)
            yield source.fault(number, "region", repr(written), *((_AN_AREA, explain_name(written, year) or None)
                                                                 if is_name else wrong))  # fmt: skip


def read_rows(path: Path, content: bytes, boundaries: str | int | None) -> Rows:
    """Read a table with our columns, or what people call them: a CSV, or the sheet in sight of an .xlsx that has them.

    Areas are codes or names.  The signs of CBS (``.``, ``x``, ``-``, ``*``) keep their meaning; a row without a value
    is left out, and told.

    Parameters
    ----------
    path, content, boundaries : Path, bytes, str | int | None
        The file, for faults; what it holds; and of which year its municipalities are (``each_year``: of the period;
        None: not known yet).

    Returns
    -------
    Rows

    Raises
    ------
    InputError
        With every fault.
    """
    is_book = content.startswith((_ZIP, _OLD)) or path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods")
    source = _from_workbook(path.name, content) if is_book else _from_csv(path.name, content)
    faults = _header_faults(source)
    if faults:
        raise InputError(faults)
    lines = [(number, _named(source, number, cells, faults)) for number, cells in source.lines]
    figures = Figures(figure_text(cells.get("value")) for _, cells in lines)
    taken: list[dict[str, object]] = []
    seen: dict[tuple, int] = {}
    empty, areas = [], _Areas(boundaries)
    for number, cells in lines:
        if len(faults) > _MOST_FAULTS:
            faults.append(source.fault(number, None, f"{len(faults)} faults before this row", "those mended first"))
            break
        row = _read_row(source, number, cells, figures, faults)
        if row is None:
            empty += [number] if not any(fault.row == number for fault in faults[-5:]) else []
            continue
        faults += areas.settle(source, number, row)
        key = (row["region"], row["period"], row.get("measure"))
        if key in seen:
            place = " ".join(str(part) for part in key if part is not None)
            faults.append(source.fault(number, None, f"{place} again (first in row {seen[key]})", "each once"))
        seen.setdefault(key, number)
        taken.append(row)
    if not taken and not faults:
        faults.append(source.fault(None, None, "no figures", "a row for each figure"))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.row or 0))
    if areas.named:
        example = sorted(areas.named)[0]
        source.looked_at.append(f"{len(areas.named)} names are read as codes, {example} as {areas.named[example]}")
    if empty:
        source.looked_at.append(f"rows without a value are left out: {ranges(empty)}")
    if figures.way is not None:
        source.looked_at.append(f"figures are read with {_WAYS[figures.way]}")
    frame = pd.DataFrame(taken)
    order = [name for name in ("measure", "region", "period") if name in frame]
    return Rows(frame.sort_values(order, ignore_index=True), tuple(source.looked_at))


def _from_csv(file: str, content: bytes) -> _Source:
    table = read_csv(content, file)
    told = f"values are separated by {SEPARATORS[table.separator]}, text is {table.encoding}"
    (row, header), *lines = table.rows or ((1, []),)
    return _Source(file, None, [_our_name(name) for name in header], row, [(n, [*cells]) for n, cells in lines], [told])


def _from_workbook(file: str, content: bytes) -> _Source:
    """Find the one sheet in sight that has our columns."""
    book = read_book(content, file)
    grids = {title: book.read(title) for title in book.sheets}
    grids = {title: grid for title, grid in grids.items() if grid.rows}
    ours = [grid for grid in grids.values() if set(_REQUIRED) <= set(_header(grid))]
    shown = [grid for grid in ours if not grid.is_hidden]
    if len(shown) > 1:
        titles = ", ".join(grid.title for grid in shown)
        raise InputError([Fault(file, f"more than one table ({titles})", "one sheet with the figures")])
    if ours and not shown:
        hint = "Show the sheet when these are the figures."
        raise InputError([Fault(file, "a hidden sheet", "figures on a sheet in sight", sheet=ours[0].title, hint=hint)])
    in_sight = shown or [grid for grid in grids.values() if not grid.is_hidden]
    if not in_sight:
        raise InputError([Fault(file, "no sheet in sight that holds something", "a sheet with the figures")])
    grid, expected = in_sight[0], "one value in each cell"
    if grid.merged:
        raise InputError([Fault(file, f"merged cells {item}", expected, sheet=grid.title) for item in grid.merged])
    first = min(grid.rows)
    lines = [(number, _cells(row)) for number, row in grid.rows.items() if number > first]
    unread = [Remark(title, "unread") for title in grids if title != grid.title]
    return _Source(file, grid.title, _header(grid), first, lines, [str(item) for item in (*grid.remarks, *unread)])


def _cells(row: Mapping[int, Value]) -> list[Value | None]:
    return [row.get(index) for index in range(1, max(row) + 1)]


def _header(grid: Grid) -> list[str]:
    names = map(as_text, _cells(grid.rows[min(grid.rows)]))
    return [name.found if isinstance(name, BadCell) else _our_name(name) for name in names]


def _our_name(title: str) -> str:
    """Return what we call a column."""
    plain = title.strip().casefold()
    return _COLUMN.get(plain, plain)


def _header_faults(source: _Source) -> list[Fault]:
    known = [*_REQUIRED, *_OPTIONAL]
    header, row = source.header, source.header_row
    faults = [
        source.fault(row, None, f"no column {name}", f"columns {', '.join(_REQUIRED)}")
        for name in _REQUIRED
        if name not in header
    ]
    faults += [
        source.fault(row, None, f"column {name!r}", f"one of {', '.join(known)}", did_you_mean(name, known))
        for name in header
        if name not in known
    ]
    twice = [name for name in known if header.count(name) > 1]
    return faults + [source.fault(row, name, "the same column twice", "each column once") for name in twice]


def _named(source: _Source, number: int, cells: Sequence[Value | None], faults: list[Fault]) -> Cells:
    """Give the cells of a row their columns; a row that is longer or shorter than the header is a fault."""
    width = len(source.header)
    beyond = [cell for cell in cells[width:] if cell not in (None, "")]
    if beyond or (source.sheet is None and len(cells) < width):
        hint = "Does a figure have the sign that separates the values?" if source.sheet is None else None
        count = width + len(beyond) if beyond else len(cells)
        faults.append(source.fault(number, None, f"{count} values", f"{width} values, as in the header", hint))
        return {}
    pairs = zip(source.header, cells, strict=False)
    return {name: cell for name, cell in pairs if cell is not None and cell != ""}


def _read_row(
    source: _Source, number: int, cells: Cells, figures: Figures, faults: list[Fault]
) -> dict[str, object] | None:
    """Read one row; None where it has no figure or a fault."""
    if not cells:
        return None
    found: list[Fault] = []
    text: dict[str, str] = {}
    for name in source.header:
        cell = as_text(cells.get(name))
        text[name] = "" if isinstance(cell, BadCell) else cell
        if isinstance(cell, BadCell):
            place = cell.found + source.cell(number, name)
            found.append(source.fault(number, name, place, cell.expected, cell.hint))

    def fault(column: str, expected: str, hint: str | None = None) -> None:
        if not isinstance(cells.get(column), BadCell):
            place = repr(text[column]) + source.cell(number, column)
            found.append(source.fault(number, column, place, expected, hint))

    if not text["region"]:
        fault("region", _AN_AREA)
    if not re.fullmatch(r"(19|20)\d\d", text["period"]):
        year = re.match(r"((19|20)\d\d)\D", text["period"])
        fault("period", "a year", f"Did you mean {year[1]!r}?" if year else None)
    if "measure" in text and not text["measure"]:
        fault("measure", "a name of what is counted")
    value, mark = None, "Impossible"
    try:
        value, mark = read_figure(cells.get("value"), figures)
    except ValueError as error:
        expected = str(error)
        fault("value", "a number, or one of the signs . x -" if expected == "a number" else expected)
    status = text.get("status") or _STATUS_OF_MARK.get(mark, "")
    if status and status not in STATUSES:
        fault("status", f"one of {', '.join(STATUSES)}")
    elif status and not found and (value is None) != (status in ("withheld", "missing")):
        fault("status" if "status" in text else "value", "a value where it is final or provisional, and only there")
    faults.extend(found)
    if found or not status:
        return None
    row: dict[str, object] = {"region": text["region"], "period": int(text["period"])}
    if "measure" in text:
        row["measure"] = text["measure"]
    return row | {"value": value, "status": status}


def _year(value: object) -> int | None:
    return int(str(value)) if str(value).isdigit() else None
