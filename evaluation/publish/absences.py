"""What a report has nothing for is said once, in a sentence, and not under the caption of a figure that is none."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from evaluation.publish.pages.notebook_markdown import split_options

_FLOATS = ("fig-", "tbl-")
_HEADING = re.compile(r"^#{1,6}[ \t]")
_OF_A_FLOAT = re.compile(r"^#\| (?:label|fig-cap|tbl-cap|fig-alt):.*\n?", re.MULTILINE)
_SHOWN = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/latex")


def is_absence(cell: NotebookNode) -> bool:
    """Tell whether a cell that would show a figure or table shows one sentence in its place."""
    if cell.cell_type != "code" or not str(split_options(cell.source)[0].get("label", "")).startswith(_FLOATS):
        return False
    data = [output.data for output in cell.outputs if "data" in output]
    sentences = ["".join(item.get("text/markdown", "")).strip() for item in data]
    return bool(data) and not any(kind in item for item in data for kind in _SHOWN) and all(map(_is_one, sentences))


def _is_one(text: str) -> bool:
    return bool(text) and "\n\n" not in text and not text.startswith(("- ", "|", ":::"))


def settle_absences(cells: list[NotebookNode], absent: set[str]) -> list[NotebookNode]:
    """Take the captions of what is absent away, and what explains a section in which everything is.

    Parameters
    ----------
    cells, absent : list of NotebookNode, set of str
        Cells for a page, and the ids of those of `is_absence`, of which the first of each row in a section stays.

    Returns
    -------
    list[NotebookNode]
        Whoever is led to a figure that is gone still arrives at its sentence.
    """
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    kept: list[NotebookNode] = []
    for section in _sections(cells):
        shown = [cell for cell in section if cell.cell_type == "code" and not _is_silent(cell)]
        is_empty = bool(shown) and all(cell.id in absent and not _is_named(cell, text) for cell in shown)
        before: NotebookNode | None = None
        for cell in section:
            if cell.id in absent and not _is_named(cell, text):
                if before is None:
                    kept.append(before := _as_sentence(cell))
                else:
                    _lead_here(before, cell)
            elif not is_empty or cell.cell_type == "code":
                kept.append(cell)
                before = before if cell.cell_type == "code" and not cell.outputs else None
            elif _HEADING.match(cell.source):
                cell.source = cell.source.splitlines()[0]
                kept.append(cell)
    return kept


def _sections(cells: list[NotebookNode]) -> Iterator[list[NotebookNode]]:
    section: list[NotebookNode] = []
    for cell in cells:
        if cell.cell_type == "markdown" and _HEADING.match(cell.source.lstrip()) and section:
            yield section
            section = []
        section.append(cell)
    if section:
        yield section


def _is_silent(cell: NotebookNode) -> bool:
    """Tell whether a cell shows nothing: a step that has nothing to say says it with an empty text."""
    data = [output.data for output in cell.outputs if "data" in output]
    return all(not item.keys() & set(_SHOWN) and not "".join(item.get("text/markdown", "")).strip() for item in data)


def _label(cell: NotebookNode) -> str:
    return str(split_options(cell.source)[0]["label"])


def _is_named(cell: NotebookNode, text: str) -> bool:
    return re.search(rf"@{re.escape(_label(cell))}(?![\w-])", text) is not None


def _as_sentence(cell: NotebookNode) -> NotebookNode:
    label, made = _label(cell), NotebookNode(cell)
    made.source = _OF_A_FLOAT.sub("", cell.source)
    if "echo" not in split_options(made.source)[0]:
        made.source = f"#| echo: false\n{made.source}"
    data = next(output.data for output in made.outputs if "data" in output)
    data["text/markdown"] = f"[]{{#{label}}}{''.join(data['text/markdown'])}"
    return made


def _lead_here(kept: NotebookNode, gone: NotebookNode) -> None:
    data = next(output.data for output in kept.outputs if "data" in output)
    data["text/markdown"] = f"[]{{#{_label(gone)}}}{data['text/markdown']}"
