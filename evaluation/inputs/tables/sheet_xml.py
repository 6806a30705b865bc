"""The XML of a sheet and of its shared texts, read element by element: only cells that hold something are kept."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel

from evaluation.base.zips import Unreadable
from evaluation.inputs.tables.cells import BadCell, Kind, Remark, Value, as_text, ranges
from evaluation.inputs.tables.number_formats import shown_otherwise
from evaluation.inputs.tables.xml_texts import Bounds, Read, Texts, check_length, clean, read_xml

_MOST_EMPTY = 1_000_000
_MOST_MERGED = 20_000
_MOST_HIDDEN = _MOST_SHOWN = 1_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_MOST_AREA = 4_000_000
_CELL = r"[A-Z]{1,3}[1-9][0-9]{0,6}"
_NO_VALUE = BadCell(
    "a formula without a stored value", "a value", "Open the workbook in Excel and save it, or paste the value itself."
)
_AS_SHOWN = "a number that is stored as it is shown"


@dataclass(frozen=True, slots=True)
class Format:
    """What the format of a cell does: its code for numbers, whether it makes a day of one, strikes text or hides it."""

    code: str
    is_date: bool
    is_struck: bool
    is_pale: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """What one sheet holds.

    Attributes
    ----------
    title, is_hidden : str, bool    Its name, and whether it is not shown.
    rows : dict
        Number of the row to number of the column, both from 1, to what the cell holds.  Nothing is there of what is
        empty, whatever its format.  Text is normalised and without spaces around it.
    merged : tuple[str, ...]    Ranges of merged cells.
    remarks : tuple[Remark, ...]    What is not seen at once of what was read.
    """

    title: str
    is_hidden: bool
    rows: dict[int, dict[int, Value]]
    merged: tuple[str, ...]
    remarks: tuple[Remark, ...]

    def lines(self) -> list[tuple[int, list[str | BadCell]]]:
        """Write the rows that hold something as a CSV file would.

        Returns
        -------
        list of (row number, cells)
            Each as long as the first row, or as its own last cell.
        """
        width = max(self.rows.get(1, ()), default=0)
        return [
            (number, [as_text(row.get(column)) for column in range(1, max(width, *row) + 1)])
            for number, row in self.rows.items()
        ]


def read_sheet(
    read: Read,
    strings: list[str | BadCell],
    formats: Mapping[str, Format],
    epoch: datetime,
    bounds: Bounds,
    *,
    title: str,
    is_hidden: bool,
) -> Grid:
    """Read the cells of one sheet that hold something, and what is hidden, merged or struck through of them.

    Parameters
    ----------
    read, strings : callable, list
        Gives so many bytes of the XML; and as of `xml_texts.read_shared`.
    formats, epoch, bounds : mapping, datetime, Bounds
        Number of a format of cells to what it does, ``if`` before that of one under a condition; the day from which the
        file counts days; and as of `read_xml`.
    title, is_hidden : str, bool
        As of `Grid`.

    Returns
    -------
    Grid

    Raises
    ------
    Unreadable
        When it is damaged, or larger than a person's table.
    """
    sheet = _Sheet(strings, formats, epoch, bounds)
    read_xml(read, sheet.start, sheet.end, frozenset({"v", "t"}), bounds)
    return sheet.found(title, is_hidden)


class _Sheet:
    """One sheet: its cells that hold something, and what is hidden, merged or struck through of them."""

    def __init__(
        self, strings: list[str | BadCell], formats: Mapping[str, Format], epoch: datetime, bounds: Bounds
    ) -> None:
        self._strings, self._formats, self._epoch, self._bounds = strings, formats, epoch, bounds
        self.rows: dict[int, dict[int, Value]] = {}
        self.merged: list[str] = []
        self._hidden_rows: set[int] = set()
        self._hidden_columns: list[tuple[int, int]] = []
        self._struck: set[int] = set()
        self._pale: set[int] = set()
        self._conditions: dict[str, None] = {}
        self._under = ""
        self._texts = Texts()
        self._columns: dict[str, int] = {}
        self._row: dict[int, Value] = {}
        self._number = self._column = self._empty = 0
        self._is_inside = self._rows_are_hidden = False
        self._attributes: dict[str, str] = {}
        self._stored: str | None = None
        self._is_formula = False

    def found(self, title: str, is_hidden: bool) -> Grid:
        self._check_width()
        columns = {column for row in self.rows.values() for column in row}
        hidden = (column for column in columns if any(a <= column <= b for a, b in self._hidden_columns))
        places: dict[Kind, str] = {
            "rows": ranges(self._hidden_rows & self.rows.keys()),
            "columns": ranges(hidden, letters=True),
            "struck": ranges(self._struck),
            "pale": ranges(self._pale),
            "condition": ", ".join(self._conditions),
        }
        remarks = [Remark(title, "sheet")] if is_hidden else []
        remarks += [Remark(title, kind, place) for kind, place in places.items() if place]
        return Grid(title, is_hidden, dict(sorted(self.rows.items())), tuple(self.merged), tuple(remarks))

    def _check_width(self) -> None:
        """Refuse cells so far beside the others that the rows, with what is empty between, are no person's table."""
        first = max(self.rows[min(self.rows)], default=0) if self.rows else 0
        if sum(max(first, *row) for row in self.rows.values()) > _MOST_AREA:
            number, row = max(self.rows.items(), key=lambda item: max(item[1]))
            place = f"{get_column_letter(max(row))}{number}"
            raise Unreadable(f"it has cells far beside the others, such as {place}; remove those")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._attributes, self._stored, self._is_formula = attributes, None, False
            if self._texts.parts:
                self._texts.clear()
        elif name == "v":
            pass
        elif name == "sheetData":
            self._is_inside = True
        elif not self._is_inside:
            self._start_outside(name, attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self._is_formula = True
        else:
            self._texts.start(name, attributes)

    def end(self, name: str, text: str) -> None:
        if name == "v":
            check_length(len(text))
            self._stored = text
        elif name == "c":
            self._end_cell()
        elif not self._is_inside:
            return
        elif name == "row":
            if self._row:
                self._bounds.add_row()
                self.rows[self._number] = self._row
        elif name == "sheetData":
            self._is_inside = False
        else:
            self._texts.end(name, text)

    def _start_outside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "mergeCell":
            if len(self.merged) >= _MOST_MERGED:
                raise Unreadable(f"it has more than {_MOST_MERGED} merged cells")
            self.merged.append(_range(attributes.get("ref", "")))
        elif name == "conditionalFormatting":
            place = attributes.get("sqref", "")
            self._under = place if len(place) <= _MOST_SHOWN else place[:_MOST_SHOWN].rpartition(" ")[0] + " …"
        elif name == "cfRule" and (shape := self._formats.get(f"if{attributes.get('dxfId')}")) is not None:
            self._conditions |= {self._under: None} if shape.is_struck or shape.code != "General" else {}
            if len(self._conditions) > _MOST_HIDDEN:
                raise Unreadable(f"it has more than {_MOST_HIDDEN} ranges under a condition")
        elif name == "col" and (_says(attributes, "hidden") or _is_unseen(attributes.get("width"))):
            if len(self._hidden_columns) >= _MOST_HIDDEN:
                raise Unreadable(f"it has more than {_MOST_HIDDEN} ranges of hidden columns")
            self._hidden_columns.append((int(attributes.get("min", 1)), int(attributes.get("max", _LAST_COLUMN))))
        elif name == "sheetFormatPr":
            self._rows_are_hidden = _says(attributes, "zeroHeight")

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = _whole(attributes.get("r", str(self._number + 1)), _LAST_ROW)
        if number in self.rows:
            raise Unreadable(f"it has row {number} twice")
        self._number, self._row, self._column = number, {}, 0
        is_hidden = self._rows_are_hidden if "hidden" not in attributes else _says(attributes, "hidden")
        if is_hidden or _is_unseen(attributes.get("ht")):
            self._hidden_rows.add(number)

    def _end_cell(self) -> None:
        place = self._attributes.get("r")
        self._column = self._column + 1 if place is None else self._column_of(place)
        value = self._value()
        if value is None or value == "":
            self._empty += 1
            if self._empty > _MOST_EMPTY:
                raise Unreadable(f"it has more than {_MOST_EMPTY // 10**6} million cells that hold nothing")
            return
        self._bounds.add_cell(value)
        if self._column in self._row:
            raise Unreadable(f"it has cell {place} twice")
        self._row[self._column] = value
        shape = self._format()
        if shape is not None and shape.is_struck:
            self._struck.add(self._number)
        if shape is not None and shape.is_pale:
            self._pale.add(self._number)

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        if place[len(letters) :] != str(self._number):
            raise Unreadable(f"it has cell {place[:12]} in row {self._number}")
        if letters not in self._columns:
            if not re.fullmatch(r"[A-Z]{1,3}", letters):
                raise Unreadable(f"it has a cell {place[:12]!r}")
            self._columns[letters] = min(column_index_from_string(letters), _LAST_COLUMN)
        return self._columns[letters]

    def _format(self) -> Format | None:
        return self._formats.get(self._attributes.get("s", "0"))

    def _value(self) -> Value | None:
        """Read what the cell holds; None where it is empty."""
        kind, stored = self._attributes.get("t", "n"), self._stored
        if kind == "inlineStr":
            return self._texts.value()
        if stored is None or (stored == "" and kind != "str"):
            return _NO_VALUE if self._is_formula else None
        return _READERS.get(kind, _Sheet._plain)(self, stored)

    def _shared(self, stored: str) -> Value:
        return self._strings[_whole(stored, len(self._strings) - 1, least=0)]

    def _number_of(self, stored: str) -> Value:
        try:
            value = float(stored)
        except ValueError:
            value = math.nan
        if not abs(value) < 1e300:
            return BadCell(repr(stored[:40]), "a number", "Write the value itself.")
        shape = self._format()
        if shape is not None and shape.is_date:
            return self._day(value, stored)
        if shape is not None and (shown := shown_otherwise(value, shape.code)) is not None:
            plain = f"{value:.15g}"
            hint = f"Write what is meant as an ordinary number; is it {plain}, give the cell the format Number (Getal)."
            return BadCell(f"{plain}, shown as '{shown}'", _AS_SHOWN, hint)
        return int(value) if value.is_integer() and "." not in stored else value

    def _day(self, value: float, stored: str) -> Value:
        try:
            found = from_excel(value, self._epoch)
        except (ValueError, OverflowError):
            found = None
        hint = "Give the cell the format of a date, or Number (Getal)."
        return found if isinstance(found, date) else BadCell(f"{stored[:20]}, shown as a time", _AS_SHOWN, hint)

    def _iso(self, stored: str) -> Value:
        try:
            return datetime.fromisoformat(stored.removesuffix("Z"))
        except ValueError:
            return BadCell(repr(stored[:40]), "a date", "Write the day itself.")

    def _plain(self, stored: str) -> Value:
        return clean(stored)


_READERS: dict[str, Callable[[_Sheet, str], Value]] = {
    "n": _Sheet._number_of,
    "s": _Sheet._shared,
    "d": _Sheet._iso,
    "b": lambda _, stored: stored.strip() in ("1", "true"),
    "e": lambda _, stored: BadCell(
        f"the error {stored[:20]}", "a value", "Mend the formula, or write the value itself."
    ),
}


def _says(attributes: dict[str, str], name: str) -> bool:
    return attributes.get(name) in ("1", "true")


def _is_unseen(size: str | None) -> bool:
    try:
        return size is not None and float(size) < 1
    except ValueError:
        return False


def _whole(text: str, most: int, *, least: int = 1) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
        raise Unreadable(f"it is damaged ({text[:20]!r})")
    return int(text)


def _range(text: str) -> str:
    if not re.fullmatch(f"{_CELL}(:{_CELL})?", text):
        raise Unreadable(f"it has merged cells {text[:20]!r}")
    left, top, right, bottom = range_boundaries(text)
    if not (left <= right <= _LAST_COLUMN and top <= bottom <= _LAST_ROW):
        raise Unreadable(f"it has merged cells {text[:20]!r}")
    return text
