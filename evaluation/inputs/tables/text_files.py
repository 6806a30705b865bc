"""The one reader of CSV: how the text is encoded and what separates its cells is decided once for a file, and told."""

import csv
import io
from dataclasses import dataclass

from evaluation.base.errors import Fault, InputError
from evaluation.base.text import normalised, read_cell_text

UTF8, WINDOWS = "UTF-8", "Windows-1252"
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_AS_UTF8 = "Save it as 'CSV UTF-8', or send the workbook."
_MOST_BYTES, _MOST_CELLS = 30_000_000, 1_000_000
_LONGEST_CELL = 2**17  # csv's own bound, which a library may lift for the whole process


@dataclass(frozen=True, slots=True)
class TextTable:
    """The cells of a CSV file.

    Attributes
    ----------
    rows : tuple of (row number, cells)
        As a spreadsheet counts, the header being row 1 unless lines stand above it; normalised text without spaces
        around it.  Empty rows are not there.
    separator, encoding : str    As decided: one of `SEPARATORS`, and ``UTF-8`` or ``Windows-1252``.
    wide : tuple[int, int] | None
        Where a text is not UTF-8: position and row of the first byte that says so.
    """

    rows: tuple[tuple[int, list[str]], ...]
    separator: str
    encoding: str
    wide: tuple[int, int] | None = None


def read_csv(content: bytes, file: str) -> TextTable:
    """Read a CSV file.

    Parameters
    ----------
    content, file : bytes, str
        The file, and its name for faults.

    Returns
    -------
    TextTable

    Raises
    ------
    InputError
        When it is no text, or no CSV.
    """
    if len(content) > _MOST_BYTES:
        raise _refused(file, f"{len(content) // 10**6} MB", f"at most {_MOST_BYTES // 10**6} MB")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content:
        raise _refused(file, "UTF-16 text", "UTF-8 text", row=1, hint=_AS_UTF8)
    wide, encoding = None, UTF8
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wide, encoding = (error.start, content[: error.start].count(b"\n") + 1), WINDOWS
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise _refused(file, "bytes that are neither UTF-8 nor Windows-1252", "UTF-8 text", hint=_AS_UTF8) from None
    text = normalised(text)
    if max(map(text.count, SEPARATORS)) + text.count("\n") > _MOST_CELLS:
        raise _refused(file, f"more than {_MOST_CELLS // 10**6} million cells", "a table of a person")
    told = text[4:5] if text[:4].lower() == "sep=" and text[4:5] in SEPARATORS else ""
    first = text.partition("\n")[2].partition("\n")[0] if told else text.lstrip("\r\n").partition("\n")[0]
    separator = told or max(SEPARATORS, key=lambda sign: len(_cells_of(first, sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    number = count = 0
    try:
        for number, line in enumerate(reader, start=1):
            count += len(line)
            if len(max(line, key=len, default="")) > _LONGEST_CELL:
                raise csv.Error(f"a cell of more than {_LONGEST_CELL} characters")
            if count > _MOST_CELLS or number > _MOST_CELLS:
                raise _refused(file, f"more than {_MOST_CELLS // 10**6} million cells", "a table of a person")
            cells = [read_cell_text(cell.strip()) for cell in line]
            if any(cells) and not (told and number == 1):
                rows.append((number, cells))
    except csv.Error as error:
        hint = "A text with a separator or a quotation mark stands between quotation marks; one within it is doubled."
        raise _refused(file, f"text that is not CSV ({error})", "closed quotation marks", number + 1, hint) from None
    return TextTable(tuple(rows), separator, encoding, wide)


def _cells_of(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _refused(file: str, found: str, expected: str, row: int | None = None, hint: str | None = None) -> InputError:
    return InputError([Fault(file, found, expected, row=row, hint=hint)])
