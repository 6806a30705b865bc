"""The bar above a previewed page: one language, the first of each kind, the cell as an evaluator counts it."""

import ast

import pytest
from nbformat import v4

from evaluation.base.errors import Fault
from evaluation.cli.preview.words import error_in_dutch, faults_in_dutch, shown_in_dutch
from evaluation.present.display import FIGURE_MIME
from evaluation.run.notebook_guard import guard
from evaluation.run.output_checks import output_faults
from tests.unit.run.test_notebook_guard import REFUSED


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_guards_refuse_has_words(case):
    trees = [ast.parse(REFUSED[case][0])]
    faults = [
        Fault("x.ipynb", f"{what} on line {line}", way, key="cell 7 (fig-x)") for _, (line, what, way) in guard(trees)
    ]
    said = faults_in_dutch(faults)
    assert said.startswith("Cel 7 (fig-x): regel ")
    assert not {"gevonden:", "Verwacht:", "got", "expected", "line", "the"} & set(said.split()), said


def test_the_first_fault_of_each_kind_is_said_with_how_many_there_are():
    ways = {what: way for what, way in ((w, REFUSED[w][1]) for w in ("open", "rng"))}
    faults = [Fault("x", f"open on line {line}", ways["open"], key=f"cell {line} (a)") for line in (3, 4, 5)]
    faults.append(Fault("x", "default_rng(...) without a seed on line 1", ways["rng"], key="cell 9 (b)", hint=None))
    assert faults_in_dutch(faults).splitlines() == [
        'Cel 3 (a): regel 3 gebruikt open. Gebruik figures("..."), of file("naam.csv") voor een bestand in data/own. '
        "En nog 2 van deze soort.",
        "Cel 9 (b): regel 1 trekt willekeurig, zonder beginwaarde: default_rng(...). "
        "Gebruik numpy.random.default_rng(getal).",
    ]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": "KeyError", "message": "'b'", "cell": "tbl-x", "number": 7, "line": 2,
          "code": "x['b']", "names": ["f"]},
         "Het notebook stopte in cel 7 (tbl-x), regel 2. KeyError: 'b'.\nx['b']\nLaatst aangeroepen: f."),
        ({"name": "DeadKernelError", "cell": "a", "number": 3, "message":
          "the kernel was ended by signal 11 (SIGSEGV: a crash in compiled code), at 812 MB of memory"},
         "Het notebook stopte in cel 3 (a). De kernel eindigde door signaal 11 (SIGSEGV), met 812 MB geheugen."),
        ({"name": "DeadKernelError", "message": "the kernel ended with exit code 3, at 80 MB of memory", "cell": "a",
          "number": 3}, "Het notebook stopte in cel 3 (a). De kernel stopte zelf (code 3)."),
        ({"name": "CellTimeoutError", "message": "A cell timed out while it was being executed, after 9 seconds.",
          "cell": "a", "number": 3}, "Het notebook stopte in cel 3 (a). De cel duurde te lang."),
    ],
)  # fmt: skip
def test_where_a_notebook_stopped_is_said_with_its_cell(told, said):
    assert error_in_dutch(told) == said


def test_what_a_page_cannot_show_is_said():
    shows = [
        {FIGURE_MIME: {}}, {"text/html": "<script>x</script>"}, {"text/html": '<img src="https://x.nl/a.png">'},
        {"image/png": "x"}, {"text/html": "<table></table>"}, {"text/html": "x" * 2_000_000},
    ]  # fmt: skip
    cells = [
        v4.new_code_cell("#| label: fig-x\n", outputs=[v4.new_output("display_data", data=data)]) for data in shows
    ]
    said = shown_in_dutch(output_faults(v4.new_notebook(cells=cells)))
    assert len(said.splitlines()) >= len(shows) and " shows " not in said and "characters" not in said, said
