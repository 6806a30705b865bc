"""Figures from a spreadsheet, by a declared mapping; the signs of CBS keep their meaning."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from evaluation.base.errors import SourceError
from evaluation.statistics.sources.answer import COLUMNS, Answer, Progress, absent
from evaluation.statistics.sources.http import Client
from evaluation.statistics.sources.registry_schema import Table

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

    Raises
    ------
    SourceError
        When it is absent, no spreadsheet, or not as declared.
    """
    content = client.content(client.address(table.path or ""))
    answer = read_workbook(content, table)
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
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise SourceError(f"{len(content)} bytes that are no .xlsx file ({error})", table=table.name) from None
    fault = absent([place.sheet], book.sheetnames, "sheet")
    if fault:
        raise SourceError(fault, table=table.name)
    lines = list(book[place.sheet].iter_rows(min_row=place.header_row, values_only=True))
    header = [_text(cell) for cell in lines[0]] if lines else []
    wanted = [place.region, *place.rows, *(item.code for item in table.measures)]
    wanted += [] if isinstance(place.period, int) else [place.period]
    fault = absent(wanted, [name for name in header if name], "column")
    if fault:
        raise SourceError(f"sheet {place.sheet}, row {place.header_row}: {fault}", table=table.name)
    taken = []
    for number, cells in enumerate(lines[1:], start=place.header_row + 1):
        line = dict(zip(header, cells, strict=False))
        if _text(line[place.region]) and all(_text(line[name]) == value for name, value in place.rows.items()):
            taken.extend(_figures(line, number, table))
    rows = pd.DataFrame(taken, columns=COLUMNS)
    return Answer(rows, {}, table.title, None, len(rows), None)


def read_figure(cell: object) -> tuple[float | None, str]:
    """Read a figure as CBS writes it: a number, or a sign that says why there is none.

    Parameters
    ----------
    cell : object
        Of a spreadsheet or a CSV.

    Returns
    -------
    tuple[float | None, str]
        The value and its mark: None (an ordinary figure), Provisional, NotAvailable, Confidential or Impossible.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> read_figure("1.234,5*"), read_figure("x"), read_figure("-"), read_figure(12)
    ((1234.5, 'Provisional'), (None, 'Confidential'), (0.0, 'None'), (12.0, 'None'))
    """
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
    if not re.fullmatch(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?", text):
        raise ValueError(f"{cell!r}")
    return float(text.replace(".", "").replace(",", ".")), mark


def _figures(line: dict, number: int, table: Table) -> list[tuple]:
    """Read the figures of one row."""
    place = table.workbook
    region = _text(line[place.region])
    if region.isdigit():
        region = f"{table.checks.parts}{int(region):04d}"
    period = str(place.period) if isinstance(place.period, int) else _text(line[place.period])
    found = []
    for item in table.measures:
        try:
            value, mark = read_figure(line[item.code])
        except ValueError as error:
            cell = f"sheet {place.sheet}, row {number}, column {item.code}"
            raise SourceError(f"{cell}: {error} is neither a number nor a sign", table=table.name) from None
        found.append((region, f"{period[:4]}{table.period_code}", item.code, value, mark))
    return found


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
