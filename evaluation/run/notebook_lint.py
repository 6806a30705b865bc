"""How a notebook of a book is looked at as a whole: title, kernel, labels, guards; and what is a notice.

Faults are told before every command that runs notebooks (`checks.check_notebooks`); a notice is something that a person
should look at, and stops nothing.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from nbformat import NotebookNode

from evaluation.base.errors import Fault
from evaluation.base.paths import project_root, shown
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.run import notebook_files as files
from evaluation.run.notebook_guard import guard
from evaluation.run.notebook_outputs import find_committed_outputs, has_outputs
from evaluation.run.sentence_lines import one_per_line
from evaluation.run.text_repair import crowded_texts

_LONGEST_CELL = 20
TO_WRITE = "[Schrijf hier"
"""How a new notebook begins a text that is still to be written."""

_CROWDED = "two sentences in one line, where two people's changes do not merge. Part them: regiodeal check --fix"

_LOADED_WORDS = ("dankzij", "succes", "achterblijver", "boete", "sanctie", "effect van de deal", "onvoldoende")
"""Words that judge; a report is neutral, and reaching a target is never called an effect."""

_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"(fig|tbl)-[a-z0-9-]+")


def notebook_faults(file: str, notebook: NotebookNode) -> Iterator[Fault]:
    """Judge one notebook: kernel, title, where its parameters are, and what the guards refuse."""
    kernel = files.kernel_of(notebook)
    if kernel != files.KERNEL["name"]:
        expected = f"kernel {files.KERNEL['name']!r}"
        yield Fault(file, f"kernel {kernel!r}", expected, key="metadata.kernelspec", hint=files.FIX)
    yield from _title_faults(file, notebook)
    tagged = [index for index, cell in enumerate(notebook.cells) if "parameters" in files.tags_of(cell)]
    if len(tagged) == 1 and tagged[0] != 1:
        place = files.name_cell(tagged[0], notebook.cells[tagged[0]])
        yield Fault(file, f"the parameters in {place}", "the parameters in the second cell, below the title")
    yield from guard_faults(file, notebook)


def guard_faults(file: str, notebook: NotebookNode) -> Iterator[Fault]:
    """Say what the guards refuse in each cell; a cell that is not Python is told elsewhere."""
    places, trees = [], []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            try:
                trees.append(ast.parse(files.source_of(cell)))
                places.append(files.name_cell(index, cell))
            except (SyntaxError, ValueError):
                continue
    for place, (line, found, expected) in guard(trees):
        yield Fault(file, f"{found} on line {line}", expected, key=places[place])


def own_module_faults() -> Iterator[Fault]:
    """Judge the helper functions in notebooks/own as the cells that call them are judged."""
    for path in sorted((project_root() / "notebooks" / "own").rglob("*.py")):
        try:
            trees = [ast.parse(path.read_text(encoding="utf-8"))]
        except (SyntaxError, ValueError) as error:
            yield Fault(shown(path), f"code that is not Python ({error})", "plain Python, in UTF-8")
            continue
        for _, (line, found, expected) in guard(trees):
            yield Fault(shown(path), f"{found} on line {line}", expected)


def _title_faults(file: str, notebook: NotebookNode) -> Iterator[Fault]:
    titles = [
        line
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in _FENCED.sub("", files.source_of(cell)).splitlines()
        if line.startswith("# ")
    ]
    if len(titles) != 1:
        yield Fault(file, f"{len(titles)} headings of the first level", "one, the title of the chapter (# Title)")
    if not notebook.cells or not files.source_of(notebook.cells[0]).startswith("# "):
        yield Fault(file, "another first cell", "a first cell with the title of the chapter (# Title)", key="cell 1")


def label_faults(names: Collection[str]) -> Iterator[Fault]:
    """Judge the labels of notebooks, each of which may stand once in a book."""
    for book in NOTEBOOKS.values():
        labels: dict[str, str] = {}
        for name in book if set(book) & set(names) else ():
            notebook = files.read_notebook(name)
            found = list(_label_faults(name, notebook, labels)) if notebook else []
            if name in names:
                yield from found


def _label_faults(name: str, notebook: NotebookNode, labels: dict[str, str]) -> Iterator[Fault]:
    """Judge the labels of a notebook; `labels` has those of the notebooks before it, and gets these too."""
    file = shown(files.notebook_path(name))
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not (label := files.cell_options(cell).get("label")):
            continue
        place = files.name_cell(index, cell)
        if not _LABEL.fullmatch(label):
            yield Fault(file, f"the label {label!r}", "fig- or tbl- with small letters, digits and hyphens", key=place)
        elif not files.cell_options(cell).get(f"{label[:3]}-cap"):
            yield Fault(file, "no caption", f'a line #| {label[:3]}-cap: "..." below the label', key=place)
        if label in labels:
            found = f"the label {label}, which {labels[label]} has too"
            yield Fault(file, found, "a label of its own", key=place, hint=files.FIX)
        labels.setdefault(label, name)


def _wording(name: str, notebook: NotebookNode) -> Iterator[str]:
    for index, cell in enumerate(notebook.cells):
        text = files.source_of(cell).lower()
        place = f"{shown(files.notebook_path(name))}, {files.name_cell(index, cell)}"
        if cell.cell_type == "markdown" and one_per_line(source := files.source_of(cell)) != source:
            yield f"{place}: {_CROWDED}"
        if TO_WRITE.lower() in text:
            yield f"{place}: a text that is still to be written."
        for word in _LOADED_WORDS:
            if word in text:
                yield f"{place}: {word!r} judges; a report is neutral. Say what was agreed, done or measured."
        lines = [line for line in files.source_of(cell).splitlines() if line.strip() and not line.startswith("#|")]
        if cell.cell_type == "code" and len(lines) > _LONGEST_CELL:
            yield f"{place}: {len(lines)} lines; two cells read better."


def notices(deal: str) -> Iterator[str]:
    """Tell what a person should look at in all notebooks."""
    for names in NOTEBOOKS.values():
        yield from parameter_notices(names, {"deal": deal})
        for name in names:
            if (notebook := files.read_notebook(name)) is not None:
                yield from _wording(name, notebook)
    yield from _file_notices()


def parameter_notices(names: Collection[str], of_run: Mapping[str, object]) -> Iterator[str]:
    """Tell which notebooks were given another deal or year than the run's, and than most notebooks beside them.

    A run over another year than the notebooks have is as it should be; one notebook that differs was edited, and who
    did that may think that the report follows.
    """
    own: dict[str, dict[str, object]] = {name: files.own_parameters(name) for name in names}
    for key in ("deal", "year"):
        given = Counter(str(values[key]) for values in own.values() if key in values)
        most = given.most_common(1)[0][0] if given else None
        for name, values in own.items():
            if key in values and str(values[key]) not in (most, str(of_run.get(key, most))):
                run = f"this is over {of_run[key]}" if key in of_run else f"the others have {most}"
                option = f"--{key} {values[key]}"
                yield (
                    f"{shown(files.notebook_path(name))}, parameters: {key} = {values[key]!r}, and {run}. A run takes "
                    f"what the command says ({option}), not what stands in the cell."
                )


def _file_notices() -> Iterator[str]:
    """Tell of notebooks in no book, and of pages with two sentences in a line."""
    yield from (f"{shown(path)}: {_CROWDED}" for path in crowded_texts())
    listed = {name for names in NOTEBOOKS.values() for name in names}
    root = project_root()
    with_outputs = []
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        if path.stem not in listed:
            yield f"{shown(path)}: in no report; a chapter is named in _quarto-annual.yml or _quarto-final.yml."
        if has_outputs(path.read_text(encoding="utf-8", errors="replace")):
            with_outputs.append(shown(path))
    if with_outputs and not find_committed_outputs(root):
        yield f"{', '.join(with_outputs)}: outputs, which git leaves out on commit."


def output_faults() -> Iterator[Fault]:
    """Name the notebooks whose outputs git has, or would take in with the next commit."""
    for name, found in find_committed_outputs(project_root()).items():
        yield Fault(name, found, "a notebook without outputs in git", hint=files.FIX)
