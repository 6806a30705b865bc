"""Where on disk a person finds what is wrong on a page: the file of its chapter, with the cell and the line."""

import json
import re
from pathlib import Path

from evaluation.base.errors import PublishError
from evaluation.base.paths import project_root, shown
from evaluation.publish.project import load_project
from evaluation.publish.record import read_record

_PAGE = re.compile(r"([\w.-]+\.html): ")
_NEEDLE = re.compile(r"<\w+|'([^']+)'|`\"([^\"]+)\"`|\S+")
"""What of a fault stands in the source too: a tag, what is quoted, or its first word."""


def with_place(folder: Path, fault: str) -> str:
    """Add to a fault that begins with the name of a page where its cause stands, if it stands in a source as it is."""
    page = _PAGE.match(fault)
    needle = _NEEDLE.search(fault, page.end()) if page else None
    place = find_place(folder, page[1], needle[1] or needle[0]) if page and needle else ""
    return f"{fault} ({place})" if place else fault


def find_place(folder: Path, page: str, words: str) -> str:
    """Return where these words first stand in the chapter of a page; empty where they do not.

    `folder` has the staged report.  Cells are counted as in the notebook that people edit.
    """
    try:
        file = next((chapter.file for chapter in load_project(folder).chapters if chapter.page == page), "")
        record = read_record(folder)
    except PublishError:
        return ""
    if not file.endswith(".ipynb"):
        path = project_root() / "reports" / record.kind / file
        return _in_lines(shown(path), path.read_text("utf-8"), words) if file and path.is_file() else ""
    name = record.summary if page == "index.html" else Path(file).stem
    name = record.notebooks.get(name, {}).get("notebook") or name
    path = project_root() / "notebooks" / f"{name}.ipynb"
    try:
        cells = json.loads((path if path.is_file() else folder / file).read_text(encoding="utf-8-sig"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    found = (_in_lines(f"{shown(path)}, cell {index}", text, words) for index, text in enumerate(sources, start=1))
    return next(filter(None, found), "")


def _in_lines(place: str, text: str, words: str) -> str:
    lines = (number for number, line in enumerate(text.splitlines(), start=1) if words in line)
    return next((f"{place}, line {number}" for number in lines), "")
