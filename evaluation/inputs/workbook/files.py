"""A workbook as bytes that are the same whenever and by whomever it is written."""

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from evaluation.base.text import is_formula

_FIXED_TIME = (2019, 1, 1, 0, 0, 0)
_FIXED_STAMP = b"2019-01-01T00:00:00Z"
_CORE = "docProps/core.xml"


def workbook_bytes(book: Workbook, ours: Iterable[Worksheet] | None = None) -> bytes:
    """Write a workbook without the moment of writing, in which a text of ours is never a formula.

    Parameters
    ----------
    book, ours : Workbook, iterable of Worksheet or None
        To be saved, changed in place; and the sheets that we wrote, by default all: others keep their formulas.

    Returns
    -------
    bytes
        An .xlsx; the same for the same content, whenever it is written.
    """
    for cell in (cell for sheet in ours or book.worksheets for line in sheet.iter_rows() for cell in line):
        if isinstance(cell.value, str) and is_formula(cell.value):
            cell.data_type, cell.quotePrefix = "s", True
    written, fixed = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w") as target:
        # in one order, with the list of parts first: some programs read it there only
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = source.read(name)
            if name == _CORE:
                content = re.sub(rb"(?<=>)\d{4}-\d\d-\d\dT[\d:.]+Z(?=<)", _FIXED_STAMP, content)
            target.writestr(zipfile.ZipInfo(name, _FIXED_TIME), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def fit_to_width(sheet: Worksheet, widths: Iterable[int] = ()) -> None:
    """Print a sheet as wide as the page, on as many pages as it is long.

    Parameters
    ----------
    sheet, widths : Worksheet, iterable of int
        Changed in place; and the widths of its first columns, in letters.
    """
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def set_height(sheet: Worksheet, row: int, widths: Sequence[int]) -> None:
    """Make a row as high as its longest text needs; not every program does that itself.

    Parameters
    ----------
    sheet, row, widths : Worksheet, int, sequence of int
        The row that is changed, and the widths of the columns, in letters.
    """
    texts = (str(sheet.cell(row, column).value or "") for column in range(1, len(widths) + 1))
    lines = max(math.ceil(len(text) / width) for text, width in zip(texts, widths, strict=True))
    sheet.row_dimensions[row].height = 15 * max(lines, 1)
