"""What can be mended in a notebook without a choice that is a person's: `regiodeal check --fix`."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from evaluation.base.paths import shown, write_text
from evaluation.inputs.chapter_list import COPIED
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.run import notebook_files
from evaluation.run.checks import PARAMETERS
from evaluation.run.notebook_checks import is_id, theme_owners
from evaluation.run.notebook_files import cell_options, clean_text, keep, name_cell, notebook_path, source_of, tags_of
from evaluation.run.notebook_outputs import has_outputs, strip_outputs
from evaluation.run.sentence_lines import one_per_line

_MOST_NAMED = 10


def mend_notebooks() -> list[str]:
    """Mend what is safe in all notebooks, and say per notebook what was mended, and where the old one is.

    The notebook as it was goes to ``build/before-fix``, so that nothing that a person wrote is lost.
    """
    told, seen, owners = [], set(), theme_owners()
    for names in NOTEBOOKS.values():
        labels: set[str] = set()
        for name in names:
            if name in seen or (found := _read(path := notebook_path(name))) is None:
                continue
            seen.add(name)
            text, notebook, lost = found
            mended = ["the byte order mark"] if text.startswith(notebook_files.BYTE_ORDER_MARK) else []
            mended += [f"{place} (it had {json.dumps(value)})" for place, value, _ in lost]
            mended += mend(notebook, {**PARAMETERS, **COPIED.get(name, {})}, labels)
            mended += _name_deal(notebook, owners.get(name, []))
            if has_outputs(text):
                mended.append("outputs left out")
            if mended:
                kept = keep(path)
                write_text(path, strip_outputs(nbformat.writes(notebook, version=nbformat.NO_CONVERT)))
                told.append(f"{shown(path)}: {'; '.join(mended)}. As it was: {shown(kept)}")
    return told


def _read(path: Path) -> tuple[str, NotebookNode, list[tuple[str, object, str]]] | None:
    """Read a notebook with what it lost put in its place; None where it is none even so."""
    try:
        text = path.read_bytes().decode("utf-8")
        content = json.loads(text.removeprefix(notebook_files.BYTE_ORDER_MARK))
        lost = notebook_files.completed(content) if content["nbformat"] == 4 else []
        notebook = notebook_files.whole_notebook(content)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return None if notebook is None else (text, notebook, lost)


def mend(notebook: NotebookNode, parameters: Mapping[str, type], labels: set[str]) -> list[str]:
    """Mend one notebook in place, and say what was mended; its labels are added to `labels`, those that are taken."""
    told = _clean_cells(notebook)
    if notebook_files.kernel_of(notebook) != notebook_files.KERNEL["name"]:
        notebook.metadata["kernelspec"] = nbformat.from_dict(notebook_files.KERNEL)
        told.append(f"kernel {notebook_files.KERNEL['name']}")
    if _tag_parameters(notebook, parameters):
        told.append("the tag 'parameters'")
    if named := _give_ids(notebook):
        told.append(f"ids ({_listed(named)})")
    told += [f"label {old} became {new}" for old, new in _part_labels(notebook, labels)]
    return told


def _clean_cells(notebook: NotebookNode) -> list[str]:
    """Mend text and metadata of cells, and leave out what a run left between them."""
    ends, crowded, odd = [], [], []
    for index, cell in enumerate(notebook.cells):
        if (text := clean_text(whole := "".join(cell.source))) != whole:
            cell.source = text
            ends.append(name_cell(index, cell))
        if cell.cell_type == "markdown" and (parted := one_per_line(text)) != text:
            cell.source = parted
            crowded.append(name_cell(index, cell))
        metadata = cell.get("metadata")
        kept = dict(metadata) if isinstance(metadata, dict) else {}
        if "tags" in kept and kept["tags"] != (tags := tags_of(cell)):
            named = kept.pop("tags")
            tags = [named] if isinstance(named, str) else tags
            kept |= {"tags": tags} if tags else {}
        if kept != metadata:
            cell["metadata"] = nbformat.from_dict(kept)
            odd.append(name_cell(index, cell))
    left = [name_cell(at, cell) for at, cell in enumerate(notebook.cells) if notebook_files.INJECTED in tags_of(cell)]
    notebook.cells = [cell for cell in notebook.cells if notebook_files.INJECTED not in tags_of(cell)]
    words = {"line ends or accents": ends, "one sentence per line": crowded, "metadata": odd}
    words["parameters of an earlier run left out"] = left
    return [f"{word} ({_listed(cells)})" for word, cells in words.items() if cells]


def _listed(cells: Sequence[str]) -> str:
    return ", ".join(cells[:_MOST_NAMED]) + (f" and {more} more" if (more := len(cells) - _MOST_NAMED) > 0 else "")


def _name_deal(notebook: NotebookNode, owners: Sequence[str]) -> list[str]:
    """Say which deal a notebook with the name of a theme is about, where one deal has that theme."""
    said = notebook.metadata.get("regiodeal")
    if len(owners) != 1 or (isinstance(said, dict) and isinstance(said.get("deal"), str)):
        return []
    notebook.metadata["regiodeal"] = {**(said if isinstance(said, dict) else {}), "deal": owners[0]}
    return [f"the deal ({owners[0]})"]


def _tag_parameters(notebook: NotebookNode, parameters: Mapping[str, type]) -> bool:
    """Tag the cell that sets exactly the parameters, where no cell is tagged and one does."""
    if any("parameters" in tags_of(cell) for cell in notebook.cells):
        return False
    fitting = [cell for cell in notebook.cells if cell.cell_type == "code" and _sets(cell, parameters)]
    if len(fitting) != 1:
        return False
    fitting[0].metadata["tags"] = [*tags_of(fitting[0]), "parameters"]
    return True


def _sets(cell: NotebookNode, parameters: Mapping[str, type]) -> bool:
    try:
        return set(notebook_files.plain_assignments(source_of(cell))) == set(parameters)
    except (SyntaxError, ValueError):
        return False


def _give_ids(notebook: NotebookNode) -> list[str]:
    """Give an id to each cell that has none of its own; the first with an id keeps it."""
    named, taken = [], {cell.id for cell in notebook.cells if is_id(cell.get("id"))}
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        if not is_id(cell.get("id")) or cell["id"] in seen:
            cell["id"] = _free(f"cel-{index + 1}", taken)
            taken.add(cell["id"])
            named.append(name_cell(index, cell))
        seen.add(cell["id"])
    if named:
        notebook.nbformat_minor = max(notebook.nbformat_minor, 5)  # the first with ids
    return named


def _part_labels(notebook: NotebookNode, labels: set[str]) -> list[tuple[str, str]]:
    """Give a label that is taken a number; what refers to it still finds the first."""
    changed = []
    own = {cell_options(cell).get("label", "") for cell in notebook.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        label = cell_options(cell).get("label") if cell.cell_type == "code" else None
        if label and label in labels:
            new = _free(label, labels | own)
            lines = source_of(cell).splitlines()
            place = next(number for number, line in enumerate(lines) if line.startswith("#| label:"))
            lines[place] = f"#| label: {new}"
            cell.source = "\n".join(lines)
            changed.append((label, new))
            label = new
        if label:
            labels.add(label)
    return changed


def _free(name: str, taken: set[str | None]) -> str:
    return next(free for free in chain([name], (f"{name}-{number}" for number in count(2))) if free not in taken)
