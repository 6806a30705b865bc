"""The workbook that the programme office fills in: choices, explanations and examples, in Dutch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd
import yaml
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from evaluation.base.yaml_entries import LOADER
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.column_types import PLANS_BEYOND
from evaluation.inputs.records.programme import Programme
from evaluation.inputs.records.small_counts import load_rules
from evaluation.inputs.workbook.files import fit_to_width, set_height, workbook_bytes
from evaluation.inputs.workbook.layout import (
    EXAMPLE_SHEET,
    HELP_SHEET,
    LIST_SHEET,
    NEEDED_MARK,
    SET_SHEET,
    TITLES,
    Column,
    Layout,
    Table,
    lists_of,
    load_layout,
)

LAST_ROW = 5000
"""Choices and checks while typing reach until this row; rows below it are read all the same."""

_FONT = "Calibri"
_HEAD_FONT, _HEAD_FILL = Font(name=_FONT, bold=True, color="FFFFFF"), PatternFill("solid", fgColor="154273")
_TITLE = Font(name=_FONT, bold=True, size=14)
_BOLD = Font(name=_FONT, bold=True)
_WRAP = Alignment(wrap_text=True, vertical="top")
_WRAP_LEFT = Alignment(wrap_text=True, vertical="top", horizontal="left")
_FREE = Protection(locked=False)
_DAY = "dd-mm-yyyy"
_FORMATS = {"date": _DAY, "amount": "#,##0.00", "signed": "#,##0.00", "quantity": "#,##0.##", "id": "@", "text": "@"}
_HELP_WIDTHS = (26, 30, 70, 34)
_WIDTHS = {"text": 32, "date": 14, "amount": 15, "signed": 15, "quantity": 11, "id": 16, "project": 16}
_LIMITS: dict[str, tuple[Literal["greaterThanOrEqual", "notEqual", "greaterThan"], str]] = {
    "amount": ("greaterThanOrEqual", "een getal van 0 of meer"),
    "signed": ("notEqual", "een getal; onder nul alleen als correctie"),
    "quantity": ("greaterThan", "een getal boven 0"),
}
_PLANNED = ("planned_start", "date_planned")
_STEPS: list[str] = yaml.load(Path(__file__).with_name("template_steps.yml").read_bytes(), LOADER)


def make_template(deal: Deal, *, programme: Programme | None = None) -> bytes:
    """Make the workbook of a deal.

    Parameters
    ----------
    deal, programme : Deal, Programme or None
        What may be chosen, and records to fill it with, as they were kept; empty without.

    Returns
    -------
    bytes
        An .xlsx; the same records and deal give the same bytes.
    """
    layout, lists = load_layout(deal), lists_of(deal, load_rules(deal.id))
    book = Workbook()
    book.remove(book.active)
    places = {name: _place(index, choices) for index, (name, choices) in enumerate(lists.items(), start=1)}
    _add_help(book.create_sheet(HELP_SHEET), deal, layout, lists)
    _add_form(book.create_sheet(SET_SHEET), layout.form, places, programme)
    for table in layout.tables:
        rows = [] if programme is None else getattr(programme, table.name).to_dict("records")
        _add_table(book.create_sheet(table.title), table, places, lists, rows, deal)
    _add_examples(book.create_sheet(EXAMPLE_SHEET), layout, lists)
    _add_lists(book.create_sheet(LIST_SHEET), lists, layout)
    book.active = book.index(book[SET_SHEET])
    book.properties.creator = "regiodeal template"
    book.properties.title = f"Programmacijfers {deal.name}"
    return workbook_bytes(book)


def _place(index: int, choices: Mapping[str, str]) -> str:
    letter = get_column_letter(index)
    return f"{LIST_SHEET}!${letter}$2:${letter}${max(len(choices), 1) + 1}"


def _add_help(sheet: Worksheet, deal: Deal, layout: Layout, lists: Mapping[str, Mapping[str, str]]) -> None:
    sheet.append([f"Programmacijfers {deal.name}"])
    sheet["A1"].font = _TITLE
    sheet.append([])
    for number, step in enumerate(_STEPS, start=1):
        sheet.append([f"{number}. {step}"])
        sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=4)
        sheet.cell(sheet.max_row, 1).alignment = _WRAP
        sheet.row_dimensions[sheet.max_row].height = 30
    for table in layout.tables:
        sheet.append([])
        sheet.append([f"Blad {table.title}", "Verplicht", "Uitleg", "Voorbeeld"])
        _make_head(sheet[sheet.max_row])
        for column in table.columns:
            sheet.append([column.heading, column.needed, column.help, _example(column, lists)])
            for cell in sheet[sheet.max_row]:
                cell.alignment = _WRAP_LEFT
            sheet.cell(sheet.max_row, 4).number_format = _FORMATS.get(column.kind, "@")
            set_height(sheet, sheet.max_row, _HELP_WIDTHS)
    _protect(sheet, _HELP_WIDTHS)


def _add_form(sheet: Worksheet, form: Sequence[Column], places: Mapping[str, str], programme: Programme | None) -> None:
    sheet.append(["Gegevens over deze set", "Vul hier in", "Uitleg"])
    _make_head(sheet[1])
    for row, column in enumerate(form, start=2):
        value = "" if programme is None else str(getattr(programme.dataset, column.name) or "")
        told = f"{column.help} Bijvoorbeeld: {column.example}." if column.example else column.help
        sheet.append([_heading_of(column), value, told])
        sheet.cell(row, 1).font = _BOLD
        sheet.cell(row, 2).protection = _FREE
        sheet.cell(row, 2).number_format = "@"
        for cell in sheet[row]:
            cell.alignment = _WRAP
        if column.choices:
            rule = _choice(column, places)
            rule.add(f"B{row}")
            sheet.add_data_validation(rule)
    _protect(sheet, (26, 50, 70))


def _add_table(
    sheet: Worksheet,
    table: Table,
    places: Mapping[str, str],
    lists: Mapping[str, Mapping[str, str]],
    rows: Sequence[Mapping[str, object]],
    deal: Deal,
) -> None:
    for index, column in enumerate(table.columns, start=1):
        letter = get_column_letter(index)
        head = sheet.cell(1, index, _heading_of(column))
        _make_head([head])
        head.alignment = _WRAP
        head.comment = Comment(f"{column.help}\nVerplicht: {column.needed}.", "regiodeal", height=110, width=260)
        dimension = sheet.column_dimensions[letter]
        dimension.width = _WIDTHS.get(column.kind, 26)
        dimension.protection = _FREE
        dimension.number_format = _FORMATS.get(column.kind, "@")
        rule = _rule(column, places, deal)
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
        sheet.add_data_validation(rule)
    for number, row in enumerate(rows, start=2):
        for index, column in enumerate(table.columns, start=1):
            value = _excel_value(column, row[column.name], lists)
            if value is not None:
                cell = sheet.cell(number, index, value)
                cell.protection, cell.number_format = _FREE, _FORMATS.get(column.kind, "@")
    sheet.freeze_panes = "B2"
    sheet.row_dimensions[1].height = 32
    sheet.print_title_rows = "1:1"
    _protect(sheet)


def _make_head(cells: Iterable[Cell]) -> None:
    for cell in cells:
        cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL


def _heading_of(column: Column) -> str:
    """Write a heading with the mark of what is always needed."""
    return column.heading + (NEEDED_MARK if column.needed.startswith("ja") else "")


def _excel_value(column: Column, value: object, lists: Mapping[str, Mapping[str, str]]) -> object:
    """Write a value of the records as the programme office would fill it in; None for an empty cell."""
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value) or None
    if pd.isna(value):
        return None
    if isinstance(value, date):  # a Timestamp is one
        return date(value.year, value.month, value.day)
    if column.choices:
        return lists[column.choices].get(str(value), str(value))
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 2)
    return value


def _rule(column: Column, places: Mapping[str, str], deal: Deal) -> DataValidation:
    if column.kind in ("choice", "suggestion"):
        return _choice(column, places)
    if column.kind == "project":
        rule = DataValidation("list", formula1=f"{TITLES['projects']}!$A$2:$A${LAST_ROW}")
        return _told(rule, column, "Kies een projectnummer dat op blad Projecten staat.")
    if column.kind == "date":
        first, last = deal.term.records_from, deal.term.records_until
        last = date(last.year + PLANS_BEYOND, 12, 31) if column.name in _PLANNED else last
        low, high = (f"DATE({day.year},{day.month},{day.day})" for day in (first, last))
        rule = DataValidation("date", operator="between", formula1=low, formula2=high)
        return _told(rule, column, f"Vul een datum in van {first:%d-%m-%Y} tot en met {last:%d-%m-%Y}.")
    if column.kind in _LIMITS:
        operator, words = _LIMITS[column.kind]
        return _told(DataValidation("decimal", operator=operator, formula1="0"), column, f"Vul {words} in.")
    return _told(DataValidation(None), column, None)


def _choice(column: Column, places: Mapping[str, str]) -> DataValidation:
    rule = DataValidation("list", formula1=places[column.choices])
    return _told(rule, column, "Kies een waarde uit de lijst." if column.kind == "choice" else None)


def _told(rule: DataValidation, column: Column, error: str | None) -> DataValidation:
    """Add the explanation that shows on a cell, and what is said when something else is filled in."""
    more = f" Zie de codes op blad {LIST_SHEET}; scheid ze met een puntkomma." if column.kind == "several" else ""
    rule.allow_blank = True
    rule.promptTitle, rule.prompt, rule.showInputMessage = column.heading[:32], (column.help + more)[:255], True
    rule.showErrorMessage = error is not None
    if error:
        rule.errorTitle, rule.error, rule.errorStyle = "Dit kan hier niet", error, "stop"
    return rule


def _add_examples(sheet: Worksheet, layout: Layout, lists: Mapping[str, Mapping[str, str]]) -> None:
    sheet.append(["Verzonnen voorbeelden van een ingevulde rij; dit blad wordt niet gelezen."])
    sheet["A1"].font = _BOLD
    for table in layout.tables:
        sheet.append([])
        sheet.append([f"Blad {table.title}"])
        sheet.cell(sheet.max_row, 1).font = _BOLD
        sheet.append([column.heading for column in table.columns])
        _make_head(sheet[sheet.max_row][: len(table.columns)])
        sheet.append([_example(column, lists) for column in table.columns])
        for cell, column in zip(sheet[sheet.max_row], table.columns, strict=False):
            cell.number_format = _FORMATS.get(column.kind, "@")
    _protect(sheet, [24] * max(len(table.columns) for table in layout.tables))


def _example(column: Column, lists: Mapping[str, Mapping[str, str]]) -> object:
    if not column.example:
        return None
    if column.kind == "date":
        return date.fromisoformat(column.example)
    if column.kind in _LIMITS:
        return int(column.example)
    return _excel_value(column, column.example, lists)


def _add_lists(sheet: Worksheet, lists: Mapping[str, Mapping[str, str]], layout: Layout) -> None:
    columns = [column for table in layout.tables for column in table.columns] + list(layout.form)
    titles = {column.choices: column.heading for column in reversed(columns) if column.choices}
    for index, (name, choices) in enumerate(lists.items(), start=1):
        _make_head([sheet.cell(1, index, titles.get(name, name))])
        for row, label in enumerate(choices.values(), start=2):
            sheet.cell(row, index, label)
    sheet.freeze_panes = "A2"
    _protect(sheet, [40] * len(lists))


def _protect(sheet: Worksheet, widths: Iterable[int] = ()) -> None:
    """Lock what is not to be filled in; rows may be added, removed and sorted, and columns made wider."""
    fit_to_width(sheet, widths)
    sheet.protection.sheet = True
    for name in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(sheet.protection, name, False)
