"""A notebook as it stands in its file; what is odd in it is neither mended here nor an error."""

import ast
import json
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from evaluation.base.paths import project_root

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
FIX = "Mend it with: regiodeal check --fix"
INJECTED = "injected-parameters"
"""Tag of the cell that a run puts below the parameters; in a file it is left over."""

BYTE_ORDER_MARK = "\ufeff"
_OPTION = re.compile(r"^#\| ([a-z-]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def notebook_path(name: str) -> Path:
    """Return where a notebook is."""
    return project_root() / "notebooks" / f"{name}.ipynb"


def read_notebook(name: str) -> NotebookNode | None:
    """Read a notebook without adding anything; None where its cells or its own metadata are no such thing."""
    try:
        notebook = nbformat.from_dict(json.loads(notebook_path(name).read_text(encoding="utf-8-sig")))
        is_whole = notebook.nbformat == 4 and isinstance(notebook.metadata, dict)
        is_whole = is_whole and all(cell.cell_type and _is_text(cell.source) for cell in notebook.cells)
        return notebook if is_whole else None
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def _is_text(source: object) -> bool:
    lines = source if isinstance(source, list) else [source]
    return all(isinstance(line, str) for line in lines)


def source_of(cell: NotebookNode) -> str:
    """Return the text of a cell, which a file may keep as a list of lines, with the line ends that Python knows."""
    return clean_text("".join(cell.source))


def clean_text(text: str) -> str:
    """Return text without byte order marks and without the line ends of other systems."""
    return text.replace(BYTE_ORDER_MARK, "").replace("\r\n", "\n").replace("\r", "\n")


def tags_of(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell; none where its metadata are something else."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def kernel_of(notebook: NotebookNode) -> str | None:
    """Return the name of a notebook's kernel."""
    spec = notebook.metadata.get("kernelspec")
    return spec.get("name") if isinstance(spec, dict) else None


def cell_options(cell: NotebookNode) -> dict[str, str]:
    """Return the options of a cell (its ``#|`` lines), without quotation marks."""
    return {name: value.strip("\"'") for name, value in _OPTION.findall(source_of(cell))}


def name_cell(index: int, cell: NotebookNode) -> str:
    """Say which cell it is: its place, counted from one, and its label or id."""
    name = cell_options(cell).get("label") or cell.get("id")
    return f"cell {index + 1} ({name})" if name else f"cell {index + 1}"


def own_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that an evaluator sees: without the one in which a run puts its parameters."""
    return [cell for cell in notebook.cells if INJECTED not in tags_of(cell)]


def own_year(path: Path) -> int | None:
    """Return the year in the parameters cell of a notebook; None where it cannot be read."""
    notebook = read_notebook(path.stem)
    cells = [cell for cell in notebook.cells if "parameters" in tags_of(cell)] if notebook else []
    try:
        return int(plain_assignments(source_of(cells[0]))["year"])
    except (ValueError, SyntaxError, LookupError, TypeError):
        return None  # what is wrong with it is told when it is checked


def plain_assignments(source: str) -> dict[str, object]:
    """Read ``name = value`` lines with plain values, without running them."""
    found = {}
    for statement in ast.parse(source).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = ast.literal_eval(value)
            case _:
                raise ValueError(f"line {statement.lineno}")
    return found
