"""Rows of a table that people keep, as checked objects and as a frame: every fault of every row with its place.

What a row may hold is said by its model; what the records are, by the model of their dataset.yml.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar, get_args

import pandas as pd
import yaml
from pydantic import BaseModel, ValidationError

from evaluation.base.errors import Fault, did_you_mean
from evaluation.base.paths import read_bytes, shown
from evaluation.base.text import csv_text, normalised
from evaluation.base.yaml_entries import load_yaml
from evaluation.inputs.records.text_tables import Sheet

DATASET_FILE = "dataset.yml"
EXAMPLE = "voorbeeld"
"""Status of records that are made up."""

_DATASET_KINDS: dict[object, str] = {
    date | None: "a day such as 2021-12-31",
    bool: "true or false",
    int: "a whole number that is not below {least}",
}
_DTYPES: dict[object, str] = {
    int: "int64",
    int | None: "Int64",
    float: "float64",
    float | None: "float64",
    bool: "bool",
}
_MOST_FAULTS = 20_000
_Model = TypeVar("_Model", bound=BaseModel)


def read_dataset(path: Path, model: type[_Model], *, help_file: str) -> tuple[_Model | None, list[Fault]]:
    """Read what a set of records is (dataset.yml).

    Parameters
    ----------
    path, model, help_file : Path, type, str
        The file, what it may hold, and where the keys are explained, for the hint.

    Returns
    -------
    model or None, list[Fault]
        None where there is a fault, each with its key.
    """
    file = shown(path)
    if not path.is_file():
        return None, [Fault(file, "no file", "title, status and version of the records", hint=f"See {help_file}.")]
    try:  # all values as text, as a cell of a workbook is: a version 1.10 is not 1.1, and a date stays as it is written
        raw = load_yaml(normalised(read_bytes(path).decode("utf-8-sig")), yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [Fault(file, f"text that is not YAML ({' '.join(str(error).split())})", "YAML in UTF-8")]
    if not isinstance(raw, dict):
        return None, [Fault(file, "no keys", f"the keys {', '.join(model.model_fields)}")]
    return dataset_from(raw, model, file)


def dataset_from(raw: Mapping[str, object], model: type[_Model], file: str) -> tuple[_Model | None, list[Fault]]:
    """Check what a set of records is said to be.

    Parameters
    ----------
    raw, model, file : mapping, type, str
        Keys with their text, what they may hold, and the name of the file.

    Returns
    -------
    model or None, list[Fault]
        None where there is a fault, each with its key.
    """
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        return None, [_dataset_fault(file, item, model) for item in error.errors(include_url=False)]


def read_rows(
    sheet: Sheet | None, model: type[_Model], known: object, *, spelling: str | None = None, identity: str | None = ""
) -> tuple[list[tuple[int, _Model | None]], list[Fault]]:
    """Check each row by its model.

    Parameters
    ----------
    sheet, model, known : Sheet or None, type, object
        The table (without one there are no rows), what a row may hold, and what its cells may refer to.
    spelling, identity : str | None
        A column that is counted by its words, so that each has one spelling; and the column that no two rows share: the
        first unless told, None where rows share it.

    Returns
    -------
    list of (row number, object or None), list[Fault]
        In the order of the rows; None for a row with a fault.
    """
    if sheet is None:
        return [], []
    identity = next(iter(model.model_fields)) if identity == "" else identity
    rows: list[tuple[int, _Model | None]] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    for row in sheet.rows:
        if len(faults) > _MOST_FAULTS:
            rows.append((row.number, None))  # who mends those comes back for the rest
            continue
        try:
            rows.append((row.number, model.model_validate(row.cells, context=known)))
        except ValidationError as error:
            rows.append((row.number, None))
            # not what is missing: reading the table has told about that
            told = (item for item in error.errors(include_url=False) if item["type"] != "missing")
            faults += [_cell_fault(sheet, row.number, item) for item in told]
        name = row.cells.get(identity) if identity else None
        if name and first.setdefault(name, row.number) != row.number:
            expected = f"an identity that no other row has; row {first[name]} has it too"
            faults.append(sheet.fault(row.number, identity, repr(name), expected))
    return rows, faults + (_spelling_faults(sheet, spelling) if spelling else [])


def find_doubles(
    sheet: Sheet, rows: Iterable[tuple[int, BaseModel]], key: Sequence[str], *, column: str
) -> Iterator[Fault]:
    """Find rows that say something twice.

    Parameters
    ----------
    sheet, rows : Sheet, iterable of (row number, object)
        The table, and its rows that have no fault of their own.
    key, column : sequence of str, str
        The columns that no two rows share together, and the one to point at.

    Returns
    -------
    iterator of Fault
        One for each row that repeats an earlier one.
    """
    first: dict[tuple, int] = {}
    for number, row in rows:
        identity = tuple(getattr(row, name) for name in key)
        if first.setdefault(identity, number) != number:
            found = " ".join(str(part) for part in identity if part is not None)
            yield sheet.fault(number, column, found, f"each {', '.join(key)} once; row {first[identity]} has it too")


def to_frame(model: type[BaseModel], rows: Sequence[BaseModel]) -> pd.DataFrame:
    """Put rows in a frame, with the same types of columns however many rows there are.

    Parameters
    ----------
    model, rows : type, sequence
        What a row may hold, and the rows.

    Returns
    -------
    DataFrame
        Columns as of the fields of the model: dates datetime64, whole numbers int64 (Int64 where a cell may be empty),
        numbers float64, lists tuples, the rest str.
    """
    columns = {name: [getattr(row, name) for row in rows] for name in model.model_fields}
    return pd.DataFrame({name: _column(model, name, values) for name, values in columns.items()})


def dataset_text(dataset: BaseModel) -> str:
    """Write what a set of records is, for its dataset.yml.

    Parameters
    ----------
    dataset : BaseModel
        As of `read_dataset`.

    Returns
    -------
    str
        YAML that `read_dataset` reads; what is empty or not so is left out where it may be.
    """
    needed = {name for name, item in type(dataset).model_fields.items() if item.is_required()}
    said = dataset.model_dump().items()
    given = {name: value for name, value in said if name in needed or value not in ("", False, None)}
    return yaml.safe_dump(given, allow_unicode=True, sort_keys=False, width=1000)


def to_text(value: object) -> str:
    """Write a value as `read_rows` reads it.

    Parameters
    ----------
    value : object
        Of a frame of `to_frame`.

    Returns
    -------
    str
        A day as ISO, a list with semicolons, amounts with two decimals or none; empty for what is missing.
    """
    if isinstance(value, tuple):
        return "; ".join(str(part) for part in value)
    if pd.isna(value):
        return ""
    if isinstance(value, date):  # a Timestamp is one
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.2f}"
    return str(value)


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as a CSV file.

    Parameters
    ----------
    columns, rows : sequence of str, iterable of mapping
        The header, and each row by column; a cell that is not named is empty.

    Returns
    -------
    str
        With Unix line ends.
    """
    return csv_text([columns, *([row.get(name, "") for name in columns] for row in rows)])


def _dataset_fault(file: str, item: Mapping, model: type[BaseModel]) -> Fault:
    key = str(item["loc"][0])
    if item["type"] == "missing":
        return Fault(file, "no such key", f"a key {key}", key=key)
    if item["type"] == "extra_forbidden":
        hint = did_you_mean(key, list(model.model_fields))
        return Fault(file, "an unknown key", f"only {', '.join(model.model_fields)}", key=key, hint=hint)
    found = repr(item["input"]) if item["input"] else "nothing"
    if item["type"] == "literal_error":
        allowed = get_args(model.model_fields[key].annotation)
        hint = did_you_mean(str(item["input"]), allowed)
        return Fault(file, found, f"one of: {', '.join(allowed)}", key=key, hint=hint)
    field = model.model_fields[key]
    least = next((bound.ge for bound in field.metadata if hasattr(bound, "ge")), 0)
    return Fault(file, found, _DATASET_KINDS.get(field.annotation, "a text").format(least=least), key=key)


def _cell_fault(sheet: Sheet, row: int, item: Mapping) -> Fault:
    told = item.get("ctx", {})
    found = told.get("found") or (repr(item["input"]) if item["input"] else "an empty cell")
    column = told.get("column") or str(item["loc"][0])
    return sheet.fault(row, column, found, told.get("expected", item["msg"]), told.get("hint"))


def _spelling_faults(sheet: Sheet, column: str) -> list[Fault]:
    """Ask for one spelling of what is counted by its name: 'Overleg' and 'overleg' would be counted apart."""
    first: dict[str, tuple[str, int]] = {}
    faults: list[Fault] = []
    for row in sheet.rows:
        word = row.cells.get(column, "")
        spelled, number = first.setdefault(word.casefold(), (word, row.number))
        if word != spelled:
            faults.append(sheet.fault(row.number, column, repr(word), f"{spelled!r}, as in row {number}"))
    return faults


def _column(model: type[BaseModel], name: str, values: list) -> pd.Series:
    annotation = model.model_fields[name].annotation
    if annotation in (date, date | None):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[us]")
    other = "object" if str(annotation).startswith("tuple") else "str"
    return pd.Series(values, dtype=_DTYPES.get(annotation, other))
