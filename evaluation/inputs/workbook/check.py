"""A filled workbook, checked as the records are: the tables and what the set is, or every fault with its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from evaluation.base.errors import Fault
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import EXAMPLE, dataset_from
from evaluation.inputs.records.programme import Dataset, Programme, check_tables
from evaluation.inputs.records.small_counts import load_rules
from evaluation.inputs.workbook.fault_words import found_in_dutch, mending_in_dutch
from evaluation.inputs.workbook.incoming import Incoming, open_workbook, read_incoming
from evaluation.inputs.workbook.layout import SET_SHEET, Column, Layout, lists_of, load_layout
from evaluation.inputs.workbook.marked import Mark, address


@dataclass(frozen=True, slots=True)
class Checked:
    """What a filled workbook turned out to be.

    Attributes
    ----------
    programme : Programme | None    Its records, as they would be kept; None where there is a fault.
    marks : tuple[Mark, ...]    Every fault, in Dutch, in the order of the sheets.
    hidden : Mapping[str, list[int]]    Sheet to the rows that Excel does not show; they were read like the others.
    """

    programme: Programme | None
    marks: tuple[Mark, ...]
    hidden: Mapping[str, list[int]]


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
    UsageError
        When the file is no workbook that can be opened.
    InputError
        As of `evaluation.inputs.records.small_counts.load_rules`.
    """
    layout = load_layout()
    lists = lists_of(deal, load_rules(deal.id))
    incoming = read_incoming(path, layout, lists)
    faults = list(incoming.faults)
    dataset = _dataset(path, incoming, faults, over_real=over_real)
    tables, more = check_tables(deal, incoming.tables)
    faults += more
    if faults or dataset is None:
        return Checked(None, _marks(path, faults, incoming, layout, lists), incoming.hidden)
    return Checked(Programme(dataset=dataset, **tables), (), incoming.hidden)


def _dataset(path: Path, incoming: Incoming, faults: list[Fault], *, over_real: bool) -> Dataset | None:
    if SET_SHEET in {fault.sheet for fault in faults if fault.found == "no such sheet"}:
        return None
    dataset, more = dataset_from({name: text for name, text in incoming.form.items() if text}, Dataset, path.name)
    for fault in more:
        if fault.key in incoming.form_rows:
            is_empty = fault.found == "no such key"
            found, expected = ("an empty cell", "a value") if is_empty else (fault.found, fault.expected)
            faults.append(Fault(path.name, found, expected, sheet=SET_SHEET, column=fault.key))
    if dataset is not None and over_real and dataset.status == EXAMPLE:
        expected = "an example only over an example"
        faults.append(Fault(path.name, repr(EXAMPLE), expected, sheet=SET_SHEET, column="status"))
    return dataset


def _marks(
    path: Path, faults: list[Fault], incoming: Incoming, layout: Layout, lists: Mapping[str, Mapping[str, str]]
) -> tuple[Mark, ...]:
    values = open_workbook(path.read_bytes(), path.name, values=False)
    titles = {table.title: table for table in layout.tables}
    form = {column.name: column for column in layout.form}
    marks = []
    for fault in dict.fromkeys(faults):
        sheet = fault.sheet or ""
        columns = {c.name: c for c in titles[sheet].columns} if sheet in titles else form if sheet == SET_SHEET else {}
        column: Column | None = columns.get(fault.column or "")
        cell = address(fault, incoming.letters, incoming.form_rows) if sheet in values.sheetnames else None
        value = _as_typed(values[sheet][cell].value if cell else None)
        heading = column.heading if column else fault.column or ""
        mending = mending_in_dutch(fault, column, lists)
        marks.append(Mark(sheet, cell, heading, value, found_in_dutch(fault, value), mending))
    place = {name: index for index, name in enumerate((SET_SHEET, *titles))}
    return tuple(sorted(marks, key=lambda mark: (place.get(mark.sheet, 99), _row(mark.cell), mark.cell or "")))


def _as_typed(value: object) -> str:
    """Write a cell as the programme office sees it."""
    if isinstance(value, datetime | date):
        return f"{value:%d-%m-%Y}"
    return "" if value is None else str(value)


def _row(cell: str | None) -> int:
    return int("".join(filter(str.isdigit, cell))) if cell else 0
