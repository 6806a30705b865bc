"""A filled workbook, checked as the records are: the tables and what the set is, or every fault with its cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from evaluation.base.errors import Fault
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import EXAMPLE, dataset_from
from evaluation.inputs.records.programme import Dataset, Programme, check_tables, make_programme
from evaluation.inputs.records.small_counts import load_rules
from evaluation.inputs.tables.cells import BadCell, Remark
from evaluation.inputs.workbook.fault_words import found_in_dutch, mending_in_dutch
from evaluation.inputs.workbook.incoming import Incoming, read_incoming
from evaluation.inputs.workbook.layout import SET_SHEET, Column, Layout, lists_of, load_layout
from evaluation.inputs.workbook.marked import Mark, address
from evaluation.inputs.workbook.questions import Question, day_question, find_questions

_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """What a filled workbook turned out to be.

    Attributes
    ----------
    programme : Programme | None    Its records, as they would be kept; None where there is a fault.
    marks : tuple[Mark, ...]    Every fault, in Dutch, in the order of the sheets.
    questions : tuple[Mark, ...]    What stands out and is no fault, in the same way.
    remarks : tuple[Remark, ...]    What Excel does not show at once, and was read like the rest.
    cells : int    How many cells were read.
    """

    programme: Programme | None
    marks: tuple[Mark, ...]
    questions: tuple[Mark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    cells: int = 0


def check_workbook(deal: Deal, path: Path, *, over_real: bool) -> Checked:
    """Read a filled workbook and check it.

    Parameters
    ----------
    deal, path : Deal, Path
        What the records may refer to, and the filled workbook.
    over_real : bool
        The records that it would replace are not an example: an example is then refused.

    Returns
    -------
    Checked

    Raises
    ------
    UsageError, InputError
        When the file is no workbook that can be opened; and as of `small_counts.load_rules`.
    """
    layout = load_layout(deal)
    lists = lists_of(deal, load_rules(deal.id))
    incoming = read_incoming(path, layout, lists)
    faults = list(incoming.faults)
    dataset = _dataset(path, incoming, faults, over_real=over_real)
    tables, more = check_tables(deal, incoming.tables)
    faults += more
    marks = _marks(faults, incoming, layout, lists)
    questions = _questions(incoming, layout, find_questions(deal, tables))
    programme = None if faults or dataset is None else make_programme(deal, dataset, tables)
    cells = sum(len(row) for grid in incoming.grids.values() for row in grid.rows.values())
    return Checked(programme, marks, questions, tuple(incoming.remarks), cells)


def _dataset(path: Path, incoming: Incoming, faults: list[Fault], *, over_real: bool) -> Dataset | None:
    if SET_SHEET in {fault.sheet for fault in faults if fault.found == "no such sheet"}:
        return None
    dataset, more = dataset_from({name: text for name, text in incoming.form.items() if text}, Dataset, path.name)
    told = {fault.column for fault in incoming.faults if fault.sheet == SET_SHEET}
    for fault in more:
        if fault.key in incoming.form_rows and fault.key not in told:
            is_empty = fault.found == "no such key"
            found, expected = ("an empty cell", "a value") if is_empty else (fault.found, fault.expected)
            faults.append(Fault(path.name, found, expected, sheet=SET_SHEET, column=fault.key))
    if dataset is not None and over_real and dataset.status == EXAMPLE:
        expected = "an example only over an example"
        faults.append(Fault(path.name, repr(EXAMPLE), expected, sheet=SET_SHEET, column="status"))
    return dataset


def _marks(
    faults: list[Fault], incoming: Incoming, layout: Layout, lists: Mapping[str, Mapping[str, str]]
) -> tuple[Mark, ...]:
    marks = []
    for fault in dict.fromkeys(faults):
        column = _columns(fault.sheet or "", layout).get(fault.column or "")
        cell = address(fault, incoming.letters, incoming.form_rows) if fault.sheet in incoming.grids else None
        value = _as_typed(incoming, fault.sheet or "", cell)
        heading = column.heading if column else fault.column or ""
        mending = mending_in_dutch(fault, column, lists)
        marks.append(Mark(fault.sheet or "", cell, heading, value, found_in_dutch(fault, value), mending))
    return _in_order(marks, layout)


def _questions(incoming: Incoming, layout: Layout, asked: tuple[Question, ...]) -> tuple[Mark, ...]:
    """Give each question its cell."""
    titles = {table.name: table.title for table in layout.tables}
    places = [(fault, day_question(fault)) for fault in incoming.asked]
    numbers = {
        name: {row.cells.get(next(iter(row.cells), "")): row.number for row in reversed(sheet.rows)}
        for name, sheet in incoming.tables.items()
    }
    for item in asked:
        row = numbers[item.table].get(item.identity)
        places.append((Fault("", "", "", sheet=titles[item.table], row=row, column=item.column), item.text))
    marks = []
    for fault, text in places:
        cell, sheet = address(fault, incoming.letters, incoming.form_rows), fault.sheet or ""
        heading = _columns(sheet, layout)[fault.column or ""].heading
        marks.append(Mark(sheet, cell, heading, _as_typed(incoming, sheet, cell), text, "", is_question=True))
    return _in_order(marks, layout)


def _columns(sheet: str, layout: Layout) -> dict[str, Column]:
    columns = {table.title: table.columns for table in layout.tables} | {SET_SHEET: layout.form}
    return {column.name: column for column in columns.get(sheet, ())}


def _in_order(marks: list[Mark], layout: Layout) -> tuple[Mark, ...]:
    place = {name: index for index, name in enumerate((SET_SHEET, *(table.title for table in layout.tables)))}
    return tuple(
        sorted(
            marks,
            key=lambda mark: (
                place.get(mark.sheet, 99),
                int("".join(filter(str.isdigit, mark.cell or "")) or 0),
                mark.cell or "",
            ),
        )
    )


def _as_typed(incoming: Incoming, sheet: str, cell: str | None) -> str:
    """Write a cell as the programme office sees it."""
    if cell is None:
        return ""
    letters, row = coordinate_from_string(cell)
    value = incoming.grids[sheet].rows.get(row, {}).get(column_index_from_string(letters))
    if isinstance(value, datetime | date):
        return f"{value:%d-%m-%Y}"
    text = "" if value is None else value.found if isinstance(value, BadCell) else str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} ..."
