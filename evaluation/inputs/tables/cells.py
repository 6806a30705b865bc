"""Cells of a table as they were sent, and what a person has to know of a sheet before it is believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import yaml

from evaluation.base.yaml_entries import LOADER


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be taken as it stands: what was found, what is expected, and how to mend it."""

    found: str
    expected: str
    hint: str


Value = str | int | float | bool | date | datetime | BadCell
"""What a cell holds; an empty cell is not there."""

Kind = Literal["rows", "columns", "sheet", "unread", "struck", "pale", "condition"]

_WORDS: dict[str, list[str]] = yaml.load(Path(__file__).with_name("remarks.yml").read_bytes(), LOADER)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is not seen at once in a sheet: what is hidden, white, struck through, or left out."""

    sheet: str
    kind: Kind
    where: str = ""

    def __str__(self) -> str:
        """Say it in one English sentence, without its full stop."""
        return _WORDS[self.kind][0].format(self.sheet, self.where)

    @property
    def dutch(self) -> str:
        """The same for the programme office."""
        return f"{_WORDS[self.kind][1].format(self.sheet, self.where)}."


def ranges(numbers: Iterable[int], *, letters: bool = False) -> str:
    """Write numbers of rows or columns, those that follow each other as one range.

    Parameters
    ----------
    numbers, letters : iterable of int, bool
        From 1, and whether to write them as a spreadsheet names its columns.

    Returns
    -------
    str

    >>> ranges([3, 1, 2, 9]), ranges([1, 28], letters=True)
    ('1-3, 9', 'A, AB')
    """
    from openpyxl.utils import get_column_letter  # a tenth of a second, only for who has a workbook

    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    name = get_column_letter if letters else str
    parts = [name(a) if a == b else f"{name(a)}-{name(b)}" for a, b in runs]
    return ", ".join(parts[:20]) + (f" and {len(parts) - 20} more" if len(parts) > 20 else "")


def as_text(value: Value | None) -> str | BadCell:
    """Write a cell as a CSV file would hold it: ISO dates, whole numbers without a decimal part.

    Parameters
    ----------
    value : str, number, date, BadCell or None
        What a cell holds.

    Returns
    -------
    str or BadCell
        What cannot be taken stays what it is.

    >>> as_text(3.0), as_text(0.1 + 0.2), as_text(date(2020, 1, 2)), as_text(None)
    ('3', '0.3', '2020-01-02', '')
    """
    if value is None:
        return ""
    if isinstance(value, str | BadCell):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        rounded = round(value, 6)
        return str(int(rounded)) if rounded.is_integer() else repr(rounded)
    return str(value)
