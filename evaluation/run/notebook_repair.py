"""What can be mended in a notebook without a choice that is a person's: `regiodeal check --fix`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from evaluation.base.paths import build_dir, shown, write_text
from evaluation.inputs.chapter_list import COPIED
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.run.checks import PARAMETERS, plain_assignments
from evaluation.run.notebook_lint import KERNEL, cell_options, notebook_path, read_notebook, source_of
from evaluation.run.notebook_outputs import has_outputs, strip_outputs


def mend_notebooks() -> list[str]:
    """Mend what is safe in all notebooks: kernel, tag ``parameters``, ids, labels that stand twice, outputs.

    The notebook as it was goes to ``build/before-fix``, so that nothing that a person wrote is lost.

    Returns
    -------
    list[str]
        Per notebook what was mended, and where the old one is.
    """
    told, seen = [], set()
    for names in NOTEBOOKS.values():
        labels: set[str] = set()
        for name in names:
            notebook = read_notebook(name)
            if notebook is None or name in seen:
                continue
            seen.add(name)
            mended = mend(notebook, {**PARAMETERS, **COPIED.get(name, {})}, labels)
            path = notebook_path(name)
            if has_outputs(path.read_text(encoding="utf-8")):
                mended.append("outputs left out")
            if mended:
                kept = _keep(path)
                write_text(path, strip_outputs(nbformat.writes(notebook, version=nbformat.NO_CONVERT)))
                told.append(f"{shown(path)}: {'; '.join(mended)}. As it was: {shown(kept)}")
    return told


def mend(notebook: NotebookNode, parameters: Mapping[str, type], labels: set[str]) -> list[str]:
    """Mend one notebook in place, and say what was mended; its labels are added to `labels`, those that are taken."""
    told = []
    if notebook.metadata.get("kernelspec", {}).get("name") != KERNEL["name"]:
        notebook.metadata["kernelspec"] = nbformat.from_dict(KERNEL)
        told.append(f"kernel {KERNEL['name']}")
    if _tag_parameters(notebook, parameters):
        told.append("the tag 'parameters'")
    if _give_ids(notebook):
        told.append("ids of cells")
    told += [f"label {old} became {new}" for old, new in _part_labels(notebook, labels)]
    return told


def _tag_parameters(notebook: NotebookNode, parameters: Mapping[str, type]) -> bool:
    """Tag the cell that sets exactly the parameters, where no cell is tagged and one does."""
    if any("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells):
        return False
    fitting = [cell for cell in notebook.cells if cell.cell_type == "code" and _sets(cell, parameters)]
    if len(fitting) != 1:
        return False
    fitting[0].metadata["tags"] = [*fitting[0].metadata.get("tags", []), "parameters"]
    return True


def _sets(cell: NotebookNode, parameters: Mapping[str, type]) -> bool:
    try:
        return set(plain_assignments(source_of(cell))) == set(parameters)
    except (SyntaxError, ValueError):
        return False


def _give_ids(notebook: NotebookNode) -> bool:
    """Give an id to each cell that has none of its own; the first with an id keeps it."""
    is_changed, taken = False, {cell.get("id") for cell in notebook.cells}
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        if not cell.get("id") or cell["id"] in seen:
            cell["id"] = _free(f"cel-{index + 1}", taken)
            taken.add(cell["id"])
            is_changed = True
        seen.add(cell["id"])
    if is_changed:
        notebook.nbformat_minor = max(notebook.nbformat_minor, 5)  # the first with ids
    return is_changed


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


def _keep(path: Path) -> Path:
    """Copy a notebook aside, beside copies from before."""
    folder = build_dir() / "before-fix"
    folder.mkdir(parents=True, exist_ok=True)
    names = chain([path.name], (f"{path.stem}.{number}{path.suffix}" for number in count(2)))
    kept = next(folder / name for name in names if not (folder / name).exists())
    shutil.copyfile(path, kept)
    return kept
