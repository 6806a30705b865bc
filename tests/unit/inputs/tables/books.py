"""Workbooks and CSV files of tables, as people send them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

CASES = Path(__file__).parents[4].parent / "shared" / "cases"
HEADER = ["region", "period", "value"]
Change = Callable[[Worksheet], object]


def book(*rows: list[object], change: Change | None = None, title: str = "Sheet") -> bytes:
    """Save rows on one sheet, after a change."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change is not None:
        change(sheet)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def edited(content: bytes, part: str, change: Callable[[str], str], *, also: str | None = None) -> bytes:
    """Change the XML of one part; `also` adds a second part of that name."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()).encode() if re.fullmatch(part, name) else text)
        if also is not None:
            new.writestr(also, b"<x/>")
    return file.getvalue()


def strict(content: bytes) -> bytes:
    """Give a workbook the namespaces of ISO 29500 strict."""
    main = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    both = (office, "http://purl.oclc.org/ooxml/officeDocument/relationships")
    return edited(content, r".*\.(xml|rels)", lambda text: text.replace(*main).replace(*both))
