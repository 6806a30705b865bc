"""A notebook as it stands in its file; what is odd in it is neither mended here nor an error."""

import ast
import json
import re
import shutil
from itertools import chain, count
from pathlib import Path
from unicodedata import normalize

import nbformat
from nbformat import NotebookNode

from evaluation.base.paths import build_dir, project_root

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
FIX = "Mend it with: regiodeal check --fix"
INJECTED = "injected-parameters"
"""Tag of the cell that a run puts below the parameters; in a file it is left over."""

BYTE_ORDER_MARK = "\ufeff"
MERGED = "one version: keep one with git checkout --ours or --theirs and the file, or put them together with nbdime"
"""What is expected where a merge left its marks."""

_MERGE = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?\r?$", re.MULTILINE)
_NOTHING = "nothing"
_TYPES = {dict: "object", int: "integer", int | None: "integer"}
_OPTION = re.compile(r"^#\| ([a-z-]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def notebook_path(name: str) -> Path:
    """Return where a notebook is."""
    return project_root() / "notebooks" / f"{name}.ipynb"


def read_notebook(name: str) -> NotebookNode | None:
    """Read a notebook without adding anything; None where its cells or its own metadata are no such thing."""
    try:
        return whole_notebook(json.loads(notebook_path(name).read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def whole_notebook(content: object) -> NotebookNode | None:
    """Return a notebook whose cells can be looked at; None (or AttributeError, TypeError) where they cannot."""
    notebook = nbformat.from_dict(content)
    is_whole = notebook.nbformat == 4 and isinstance(notebook.metadata, dict)
    is_whole = is_whole and all(cell.cell_type and _is_text(cell.source) for cell in notebook.cells)
    return notebook if is_whole else None


def _is_text(source: object) -> bool:
    lines = source if isinstance(source, list) else [source]
    return all(isinstance(line, str) for line in lines)


def completed(content: dict) -> list[tuple[str, object, str]]:
    """Give a notebook of nbformat 4 in place what it lost and what has one value only; say place, found and expected.

    A cell without a type or text of its own stays as it is: what it was is for a person to say.
    """
    told = []

    def put(part: dict, key: str, place: str, kind: type, default: object) -> None:
        if not isinstance(part.get(key, _NOTHING), kind):
            told.append((place, part.get(key, _NOTHING), f"a value of type {_TYPES.get(kind, 'array')}"))
            part[key] = default

    put(content, "metadata", "metadata", dict, {})
    put(content, "nbformat_minor", "nbformat_minor", int, 5)
    for index, cell in enumerate(content["cells"] if isinstance(content.get("cells"), list) else ()):
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            continue
        name = cell.get("id")
        place = f"cell {index + 1} ({name})" if isinstance(name, str) else f"cell {index + 1}"
        put(cell, "metadata", f"{place}, metadata", dict, {})
        if cell["cell_type"] == "code":
            put(cell, "outputs", f"{place}, outputs", list, [])
            put(cell, "execution_count", f"{place}, execution_count", int | None, None)
        elif found := sorted({"outputs", "execution_count"} & set(cell)):
            told.append((f"{place}, {found[0]}", cell[found[0]], "nothing: this cell is no code"))
            for key in found:
                del cell[key]
    return told


def merge_line(text: str) -> int | None:
    """Return the line of the first mark that git leaves where two versions of a file do not fit; None without one."""
    found = _MERGE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None


def source_of(cell: NotebookNode) -> str:
    """Return the text of a cell, which a file may keep as a list of lines, with the line ends that Python knows."""
    return clean_text("".join(cell.source))


def clean_text(text: str) -> str:
    """Return text without byte order marks and the line ends of other systems, each letter with its accent as one."""
    return normalize("NFC", text.replace(BYTE_ORDER_MARK, "").replace("\r\n", "\n").replace("\r", "\n"))


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


def own_parameters(name: str) -> dict[str, object]:
    """Return what the parameters cell of a notebook says; nothing where it cannot be read."""
    notebook = read_notebook(name)
    cells = [cell for cell in notebook.cells if "parameters" in tags_of(cell)] if notebook else []
    try:
        return plain_assignments(source_of(cells[0]))
    except (ValueError, SyntaxError, LookupError, TypeError):
        return {}  # what is wrong with it is told when it is checked


def own_year(path: Path) -> int | None:
    """Return the year in the parameters cell of a notebook; None where there is no such year."""
    year = own_parameters(path.stem).get("year")
    return year if isinstance(year, int) and not isinstance(year, bool) else None


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


def keep(path: Path) -> Path:
    """Copy a file that will be mended aside, beside copies from before."""
    folder = build_dir() / "before-fix"
    folder.mkdir(parents=True, exist_ok=True)
    names = chain([path.name], (f"{path.stem}.{number}{path.suffix}" for number in count(2)))
    kept = next(folder / name for name in names if not (folder / name).exists())
    shutil.copyfile(path, kept)
    return kept
