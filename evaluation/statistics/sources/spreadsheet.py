"""Figures from a spreadsheet, by a declared mapping; the signs of CBS keep their meaning."""

import re
from typing import cast

import pandas as pd
from openpyxl.utils.cell import range_boundaries

from evaluation.base.errors import InputError, SourceError
from evaluation.inputs.tables.cells import BadCell, Value, as_text
from evaluation.inputs.tables.figures import Figures
from evaluation.inputs.tables.workbooks import read_book
from evaluation.statistics.sources.answer import COLUMNS, Answer, Progress, absent
from evaluation.statistics.sources.http import Client
from evaluation.statistics.sources.registry_schema import Table, Workbook

_STARS = re.compile(r"^(?P<number>.*?)\s*(?P<stars>\*{1,2})$")
_SIGNS = {".": "NotAvailable", "x": "Confidential", "": "Impossible"}


def read(client: Client, table: Table, *, report: Progress) -> Answer:
    """Fetch the spreadsheet of a table and read it.

    Parameters
    ----------
    client, table, report : Client, Table, Progress
        Of the publisher's address; as registered; told how many rows came.

    Returns
    -------
    Answer
    """
    answer = read_workbook(client.content(client.address(table.path or "")), table)
    report(answer.received, None)
    return answer


def read_workbook(content: bytes, table: Table) -> Answer:
    """Read a spreadsheet by the mapping that the register declares.

    Parameters
    ----------
    content, table : bytes, Table
        Of an .xlsx file, and what has a `workbook`.

    Returns
    -------
    Answer
        A figure with one or two stars has the mark Provisional.

    Raises
    ------
    SourceError
        When the sheet or a column is gone, or a cell is neither a number nor a sign.
    """
    place = table.workbook
    if place is None:
        raise SourceError("the register says no sheet and columns (`workbook`)", table=table.name)
    try:
        book = read_book(content, table.name)
        fault = absent([place.sheet], list(book.sheets), "sheet")
        grid = book.read(place.sheet) if fault is None else None
    except InputError as error:
        found = f"{len(content)} bytes that are no .xlsx file: {error.faults[0].found}"
        raise SourceError(found, table=table.name) from None
    if grid is None:
        raise SourceError(fault or "", table=table.name)
    head = {index: _text(cell) for index, cell in grid.rows.get(place.header_row, {}).items()}
    wanted = [place.region, *place.rows, *(item.code for item in table.measures)]
    wanted += [] if isinstance(place.period, int) else [place.period]
    names = list(head.values())
    fault = absent(wanted, names, "column")
    fault = fault or next((f"column {name!r} stands twice" for name in wanted if names.count(name) > 1), None)
    if fault:
        raise SourceError(f"sheet {place.sheet}, row {place.header_row}: {fault}", table=table.name)
    merged = next((item for item in grid.merged if range_boundaries(item)[3] > place.header_row), None)
    if merged is not None:
        raise SourceError(f"sheet {place.sheet}: merged cells {merged} among the figures", table=table.name)
    lines = []
    for number, cells in grid.rows.items():
        line = {head.get(index): cell for index, cell in cells.items()}
        is_taken = number > place.header_row and _text(line.get(place.region))
        if is_taken and all(_text(line.get(name)) == value for name, value in place.rows.items()):
            lines.append((number, line))
    codes = [item.code for item in table.measures]
    figures = Figures(figure_text(line.get(code)) for _, line in lines for code in codes)
    taken = [item for number, line in lines for item in _figures(line, number, table, figures)]
    rows = pd.DataFrame(taken, columns=COLUMNS)
    return Answer(rows, {}, table.title, None, len(rows), None, looked_at=tuple(map(str, grid.remarks)))


def read_figure(cell: Value | None, figures: Figures) -> tuple[float | None, str]:
    """Read a figure as CBS writes it: a number, or a sign that says why there is none.

    Parameters
    ----------
    cell, figures : Value | None, Figures
        Of a spreadsheet or a CSV; and how its file writes figures that are text.

    Returns
    -------
    tuple[float | None, str]
        The value and its mark: None (an ordinary figure), Provisional, NotAvailable, Confidential or Impossible.

    Raises
    ------
    ValueError
        For anything else; the message says what is expected.

    >>> figures = Figures(["1.234,5", "12"])
    >>> [read_figure(cell, figures) for cell in ("1.234,5*", "x", "-", 12)]
    [(1234.5, 'Provisional'), (None, 'Confidential'), (0.0, 'None'), (12.0, 'None')]
    """
    if isinstance(cell, BadCell):
        raise ValueError(cell.expected)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell), "None"
    text = _text(cell)
    mark = "None"
    stars = _STARS.match(text)
    if stars:
        text, mark = stars["number"], "Provisional"
    if text in _SIGNS:
        return None, _SIGNS[text]
    if text == "-":
        return 0.0, mark
    return figures.read(text), mark


def figure_text(cell: Value | None) -> str:
    """Write the figure of a cell that is text, without its stars.

    Parameters
    ----------
    cell : Value | None
        Of a spreadsheet or a CSV.

    Returns
    -------
    str
        Empty for a number, and for what is no text.
    """
    if not isinstance(cell, str):
        return ""
    stars = _STARS.match(cell.strip())
    return stars["number"] if stars else cell.strip()


def _figures(line: dict, number: int, table: Table, figures: Figures) -> list[tuple]:
    """Read the figures of one row."""
    place = cast(Workbook, table.workbook)
    region = _text(line.get(place.region))
    if region.isdigit():
        region = f"{table.checks.parts}{int(region):04d}"
    period = str(place.period) if isinstance(place.period, int) else _text(line.get(place.period))
    found = []
    for item in table.measures:
        cell = line.get(item.code)
        try:
            value, mark = read_figure(cell, figures)
        except ValueError as error:
            where = f"sheet {place.sheet}, row {number}, column {item.code}"
            shown = cell.found if isinstance(cell, BadCell) else repr(cell if isinstance(cell, str) else as_text(cell))
            text = f"{where}: {shown} is neither a number nor a sign that can be taken; expected {error}"
            raise SourceError(text, table=table.name) from None
        found.append((region, f"{period[:4]}{table.period_code}", item.code, value, mark))
    return found


def _text(cell: Value | None) -> str:
    return cell.found if isinstance(cell, BadCell) else str(as_text(cell))
