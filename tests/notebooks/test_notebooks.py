"""The notebooks as they are committed: without outputs, each as a reader expects it; test_lint.py has the rest."""

import ast
import re

import nbformat
import pytest

from evaluation.inputs import editions
from evaluation.inputs.chapter_list import COPIED
from evaluation.run.checks import check_notebooks
from tests.conftest import ROOT

NOTEBOOKS = [name for names in editions.NOTEBOOKS.values() for name in names]
PATHS = {name: ROOT / "notebooks" / f"{name}.ipynb" for name in NOTEBOOKS}


def read(name: str):
    return nbformat.read(PATHS[name], as_version=4)


def code_cells(name: str):
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


def test_every_notebook_of_the_run_is_there_and_no_other():
    assert sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")) == sorted(NOTEBOOKS)
    check_notebooks(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_committed_without_outputs(name):
    notebook = read(name)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(name))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_has_one_title_and_starts_with_it_and_its_parameters(name):
    cells = read(name).cells
    titles = [
        line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines() if line[:2] == "# "
    ]
    assert len(titles) == 1 and cells[0].source.startswith("# ")
    assert cells[1].metadata.tags == ["parameters"]
    values = ast.literal_eval(ast.parse(cells[1].source).body[0].value)
    assert isinstance(values, str)


@pytest.mark.parametrize("name", COPIED)
def test_a_copied_notebook_refers_to_no_label_as_each_copy_has_its_own(name):
    cells = read(name).cells
    assert not any(re.search(r"[@#](fig|tbl|sec)-", cell.source) for cell in cells)
    assert re.fullmatch(r"# [A-Z][a-z]+", cells[0].source.splitlines()[0])


def test_the_retail_monitor_stands_between_what_was_done_and_the_statistics():
    cells = read("4-voorzieningen-en-retail").cells
    headings = [
        line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines() if line[:3] == "## "
    ]
    place = headings.index("## Winkelmonitor")
    assert headings[place - 1 : place + 2] == ["## Wat is gedaan", "## Winkelmonitor", "## Parkstad naast Limburg"]


def test_the_theme_notebook_reads_as_an_analysis():
    headings = [cell.source.splitlines()[0] for cell in read("3-veiligheid").cells if cell.cell_type == "markdown"]
    in_order = [
        "# Veiligheid",
        "## Wat is afgesproken",
        "## Doelbereik",
        "## Wat is gedaan",
        "## Parkstad naast Limburg",
    ]
    in_order += ["## Geld", "## Voor en na", "## Wat deze cijfers niet zeggen"]
    positions = [next(i for i, line in enumerate(headings) if line.startswith(title)) for title in in_order]
    assert positions == sorted(positions)
