"""What is looked at in a notebook before it becomes a chapter: what would make its numbers another's, and its labels.

A notebook computes with pandas, plotly, statsmodels and the like.  Refused is what another machine, another day or the
network would change, each with the way to do it; what a person should only look at is a notice.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

from evaluation.base.errors import Fault
from evaluation.base.paths import project_root, shown
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.run import notebook_files as files
from evaluation.run.notebook_checks import id_faults, syntax_fault
from evaluation.run.notebook_outputs import has_filter, has_outputs
from evaluation.run.sentence_lines import one_per_line
from evaluation.run.text_repair import crowded_texts

_LONGEST_CELL = 20
TO_WRITE = "[Schrijf hier"
"""How a new notebook begins a text that is still to be written."""

_CROWDED = "two sentences in one line, where two people's changes do not merge. Part them: regiodeal check --fix"

_LOADED_WORDS = ("dankzij", "succes", "achterblijver", "boete", "sanctie", "effect van de deal", "onvoldoende")
"""Words that judge; a report is neutral, and reaching a target is never called an effect."""

_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_LIBRARIES = {
    "collections", "copy", "dataclasses", "datetime", "evaluation", "fractions", "functools", "itertools", "math",
    "matplotlib", "numpy", "operator", "own", "pandas", "plotly", "re", "scipy", "statistics", "statsmodels", "string",
    "textwrap", "typing", "__future__",
}  # fmt: skip
"""What a notebook may import: what is in the lock, what changes nothing outside, and notebooks/own."""

_NO_IMPORT = (
    f"one of {', '.join(sorted(_LIBRARIES - {'__future__'}))}; figures come from figures(), own files from file()"
)
_READERS = re.compile(
    r"read_(csv|excel|json|parquet|table|html|xml|feather|pickle|sql\w*|stata|sas|spss|fwf)|open|imread|loadtxt|genfromtxt"
)
_WRITERS = re.compile(r"to_(csv|excel|parquet|pickle|feather|sql|hdf|stata)|savefig|write_(html|image|json)|savetxt")
_CLOCK = {"now", "today", "utcnow", "time", "perf_counter", "monotonic", "localtime"}
_ABSOLUTE = re.compile(r"^(/[\w.-]+/|~/|[A-Za-z]:[\\/]|\\\\|(https?|ftp|file)://)")
_SEEDED = {"default_rng", "Generator", "RandomState", "SeedSequence", "PCG64"}
_LABEL = re.compile(r"(fig|tbl)-[a-z0-9-]+")


@dataclass(slots=True)
class Lint:
    """What was found: faults, which have to change, and notices, which a person should look at and stop nothing."""

    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def lint_notebooks() -> Lint:
    """Look at all notebooks of all books, and at those in the folder that are in none."""
    found = Lint()
    for names in NOTEBOOKS.values():
        labels: dict[str, str] = {}
        for name in names:
            if (notebook := files.read_notebook(name)) is None:
                continue  # that it is missing, or no notebook, is told by checks.check_notebooks
            found.faults.extend(_notebook_faults(name, notebook))
            found.faults.extend(_label_faults(name, notebook, labels))
            found.notices.extend(_wording(name, notebook))
    found.notices.extend(_file_notices())
    return found


def _notebook_faults(name: str, notebook: NotebookNode) -> Iterator[Fault]:
    file = shown(files.notebook_path(name))
    kernel = files.kernel_of(notebook)
    if kernel != files.KERNEL["name"]:
        expected = f"kernel {files.KERNEL['name']!r}"
        yield Fault(file, f"kernel {kernel!r}", expected, key="metadata.kernelspec", hint=files.FIX)
    yield from _title_faults(file, notebook)
    tagged = [index for index, cell in enumerate(notebook.cells) if "parameters" in files.tags_of(cell)]
    if len(tagged) == 1 and tagged[0] != 1:
        place = files.name_cell(tagged[0], notebook.cells[tagged[0]])
        yield Fault(file, f"the parameters in {place}", "the parameters in the second cell, below the title")
    yield from id_faults(file, notebook)
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            place = files.name_cell(index, cell)
            try:
                tree = ast.parse(files.source_of(cell))
            except (SyntaxError, ValueError) as error:
                yield syntax_fault(file, place, error)
                continue
            for line, found, expected in _guard(tree):
                yield Fault(file, f"{found} on line {line}", expected, key=place)


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


def _guard(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Find what would make a cell say something else elsewhere or later: line, found, expected."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names]
            for name in names:
                if name.partition(".")[0] not in _LIBRARIES:
                    yield node.lineno, f"an import of {name}", _NO_IMPORT
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _ABSOLUTE.match(node.value):
            yield node.lineno, f"the address {node.value[:60]!r}", 'a file of data/own by its name: file("name.csv")'
        elif isinstance(node, ast.Call):
            yield from _call_guard(node)


def _call_guard(node: ast.Call) -> Iterator[tuple[int, str, str]]:
    called = ast.unparse(node.func)
    last, before = called.rpartition(".")[2], called.rpartition(".")[0].rpartition(".")[2]
    if _READERS.fullmatch(last) and before != "own":
        yield node.lineno, f"{called}(...)", 'figures("...") for statistics, file("name.csv") for own data in data/own'
    elif _WRITERS.fullmatch(last):
        yield node.lineno, f"{called}(...)", "show(...): the report writes figures, tables and downloads itself"
    elif last in _CLOCK and not node.args and before in ("datetime", "date", "time", "Timestamp", "dt", "pd", ""):
        if before or last not in ("time", "now", "today"):
            yield node.lineno, f"{called}()", "the year of the run: a page made later must say the same"
    elif "random" in called.split(".")[:-1] and (last not in _SEEDED or not (node.args or node.keywords)):
        yield node.lineno, f"{called}(...) without a seed", "numpy.random.default_rng(seed), with a number as seed"
    elif last == "sample" and not any(item.arg == "random_state" for item in node.keywords):
        yield node.lineno, f"{called}(...) without a seed", "random_state=..., a number"


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


def _file_notices() -> Iterator[str]:
    """Tell of notebooks in no book, of pages with two sentences in a line, and of outputs that would be committed."""
    yield from (f"{shown(path)}: {_CROWDED}" for path in crowded_texts())
    listed = {name for names in NOTEBOOKS.values() for name in names}
    root, with_outputs = project_root(), []
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        if path.stem not in listed:
            yield f"{shown(path)}: in no report; a chapter is named in _quarto-annual.yml or _quarto-final.yml."
        if has_outputs(path.read_text(encoding="utf-8", errors="replace")):
            with_outputs.append(shown(path))
    if with_outputs and has_filter(root):
        yield f"{', '.join(with_outputs)}: outputs, which git leaves out on commit."
    elif with_outputs:
        yield f"{', '.join(with_outputs)}: outputs, which would be committed. Leave them out: regiodeal check --fix"
