"""The one reader of workbooks: an .xlsx in one pass over its XML, within bounds, every doubtful cell told.

Not by openpyxl, which needs two passes for formulas and their outcomes, believes what a sheet says of its size, and
keeps every cell that has a format.  The ordinary and the strict form (ISO 29500) are read alike: names count, not
their namespaces.
"""

import posixpath
import re
from datetime import datetime
from functools import cached_property
from xml.etree import ElementTree

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from evaluation.base.errors import Fault, InputError
from evaluation.base.zips import MOST_FILE, READ_ERRORS, Unreadable, open_zip
from evaluation.inputs.tables.cells import BadCell
from evaluation.inputs.tables.sheet_xml import Format, Grid, read_sheet
from evaluation.inputs.tables.xml_texts import Bounds, read_shared

_MOST_BYTES = 160_000_000
"""Of a workbook, unpacked: 50,000 rows of 20 columns are half of that."""
_SMALL, _FEW, _FEW_ATTRIBUTES, _MOST_FORMAT = 16_000_000, 500_000, 700_000, 500
SAVE_AGAIN = "Open it in Excel and save it as 'Excel-werkmap (.xlsx)', without a password."
_CURRENCIES = {*range(5, 9), *range(37, 45)}
"""Formats that a spreadsheet writes in the currency of its own country."""


class Book:
    """A workbook that was opened; its sheets are read when they are asked for.

    Attributes
    ----------
    file : str    Its name, for faults.
    sheets : dict[str, bool]    Title of each sheet of cells, in their order, to whether it is hidden.
    is_strict : bool    It is of the strict form, which not every program reads.
    """

    def __init__(self, content: bytes, file: str) -> None:
        self.file = file
        if len(content) > MOST_FILE:
            raise Unreadable(f"it has {len(content) // 10**6} MB (at most {MOST_FILE // 10**6})")
        self._zip = open_zip(content, most_bytes=_MOST_BYTES)
        self._bounds = Bounds()
        main = next(iter(self._related("", "officeDocument").values()), "")
        if main not in self._zip.namelist():
            raise Unreadable("it is no Excel workbook")
        root = self._tree(main)
        if root is None or _local(root.tag) != "workbook":
            raise Unreadable("it is no Excel workbook")
        self.is_strict = "purl.oclc.org" in root.tag
        self._main, parts = main, self._related(main, "worksheet")
        self._parts: dict[str, str] = {}
        self.sheets: dict[str, bool] = {}
        is_1904 = any(_local(item.tag) == "workbookPr" and item.get("date1904") in ("1", "true") for item in root)
        self._epoch: datetime = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900
        for item in root.iter():
            place = next((value for name, value in item.attrib.items() if _local(name) == "id"), "")
            if _local(item.tag) != "sheet" or place not in parts:
                continue  # a sheet that is a chart has no cells
            title = item.get("name", "")
            if title in self.sheets:
                raise Unreadable(f"it has two sheets of one name ({title[:60]!r})")
            self.sheets[title] = item.get("state", "visible") != "visible"
            self._parts[title] = parts[place]

    def read(self, title: str) -> Grid:
        """Read one sheet.

        Parameters
        ----------
        title : str
            One of `sheets`.

        Returns
        -------
        Grid

        Raises
        ------
        InputError
            When it is damaged, or larger than a person's table.
        """
        try:
            with self._zip.open(self._parts[title]) as stream:
                shape = (self._strings, self._formats, self._epoch, self._bounds)
                return read_sheet(stream.read, *shape, title=title, is_hidden=self.sheets[title])
        except (*READ_ERRORS, Unreadable, ValueError, LookupError, OverflowError) as error:
            raise _refused(self.file, error, sheet=title) from None

    @cached_property
    def _strings(self) -> list[str | BadCell]:
        parts = list(self._related(self._main, "sharedStrings").values())
        if not parts:
            return []
        with self._zip.open(parts[0]) as stream:
            return read_shared(stream.read, self._bounds)

    @cached_property
    def _formats(self) -> dict[str, Format]:
        """Read what each format of cells does to a number, and whether it strikes text through."""
        parts = list(self._related(self._main, "styles").values())
        root = self._tree(parts[0]) if parts else None
        if root is None:
            return {}
        under = {_local(item.tag): list(item) for item in root}
        codes = {item.get("numFmtId"): _code(item) for item in under.get("numFmts", ())}
        fonts = list(under.get("fonts", ()))
        struck = [_is_struck(font) for font in fonts]
        white = [any(it.get("rgb", "")[2:] == "FFFFFF" or it.get("theme") == "0" for it in font) for font in fonts]
        plain = [all(part.get("patternType", "none") == "none" for part in fill) for fill in under.get("fills", ())]
        made = {}
        for index, item in enumerate(under.get("dxfs", ())):
            parts_of = {_local(part.tag): part for part in item}
            code = _code(parts_of["numFmt"]) if "numFmt" in parts_of else "General"
            made[f"if{index}"] = Format(code, False, "font" in parts_of and _is_struck(parts_of["font"]))
        for index, item in enumerate(under.get("cellXfs", ())):
            number, font = item.get("numFmtId", "0"), int(item.get("fontId", "0"))
            builtin = "General" if int(number) in _CURRENCIES else BUILTIN_FORMATS.get(int(number), "General")
            code = codes.get(number, builtin)
            fill = int(item.get("fillId", "0"))
            is_pale = font < len(white) and white[font] and fill < len(plain) and plain[fill]
            made[str(index)] = Format(code, is_date_format(code), font < len(struck) and struck[font], is_pale)
        return made

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """List the parts of one kind that a part names: id to name."""
        folder, name = posixpath.split(part)
        root = self._tree(posixpath.join(folder, "_rels", f"{name}.rels"))
        if root is None:
            return {}
        return {
            item.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, item.get("Target", ""))).lstrip("/")
            for item in root
            if item.get("Type", "").rpartition("/")[2] == kind and item.get("TargetMode") != "External"
        }

    def _tree(self, part: str) -> ElementTree.Element | None:
        """Read a small part as a whole; None where it is not there."""
        if part not in self._zip.namelist():
            return None
        if self._zip.getinfo(part).file_size > _SMALL:
            raise Unreadable(f"it has a part of more than {_SMALL // 10**6} MB ({part[:60]})")
        content = self._zip.read(part)
        if content.count(b"<") > _FEW or content.count(b"=") > _FEW_ATTRIBUTES:
            raise Unreadable(f"it has a part with more than {_FEW} elements ({part[:60]})")
        if re.search(rb"<!\s*DOCTYPE", content.replace(b"\0", b""), re.IGNORECASE):
            raise Unreadable("it has XML with declarations of its own")
        try:
            return ElementTree.fromstring(content)
        except ElementTree.ParseError:
            raise Unreadable(f"it has a part that is damaged ({part[:60]})") from None


def read_book(content: bytes, file: str) -> Book:
    """Open a workbook that somebody sent or keeps.

    Parameters
    ----------
    content, file : bytes, str
        The file, and its name for faults.

    Returns
    -------
    Book

    Raises
    ------
    InputError
        When it is no .xlsx, is damaged, has a password, or is larger than a person's tables.
    """
    try:
        return Book(content, file)
    except (*READ_ERRORS, Unreadable, ValueError, LookupError) as error:
        raise _refused(file, error) from None


def _refused(file: str, error: Exception, sheet: str | None = None) -> InputError:
    found = f"a file that cannot be opened: {error if isinstance(error, Unreadable) else 'it is damaged'}"
    return InputError([Fault(file, found, "an Excel workbook (.xlsx)", sheet=sheet, hint=SAVE_AGAIN)])


def _is_struck(font: ElementTree.Element) -> bool:
    return any(_local(part.tag) == "strike" and part.get("val") not in ("0", "false") for part in font)


def _code(item: ElementTree.Element) -> str:
    code = item.get("formatCode", "")
    if len(code) > _MOST_FORMAT:
        raise Unreadable(f"it has a number format of more than {_MOST_FORMAT} letters")
    return code


def _local(name: str) -> str:
    return name.rpartition("}")[2]
