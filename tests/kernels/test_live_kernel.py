"""A kernel for a notebook that is edited: what it shows is what a run would show, and what is above need not wait."""

import pytest
from nbformat import v4

from evaluation.cli.preview.live_kernel import LiveKernel, StepError


def notebook(*sources: str):
    cells = [v4.new_code_cell(source, id=f"cel-{number}") for number, source in enumerate(sources)]
    return v4.new_notebook(cells=cells)


def shown(ran) -> list[str]:
    """Return what each cell printed."""
    cells = [cell for cell in ran.cells if cell.id.startswith("cel-")]
    return ["".join(item.text for item in cell.outputs if item.get("name") == "stdout") for cell in cells]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    started = LiveKernel(tmp_path_factory.mktemp("notebooks"), {}, cell_limit=60)
    yield started
    started.close()


def run(kernel, *sources: str, year: int = 2021) -> list[str]:
    """Run a notebook as a save of it does, and prepare for the next save."""
    try:
        return shown(kernel.run(notebook(*sources), {"year": year}))
    finally:
        kernel.get_ready()


FRAME = "import pandas as pd\nframe = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})"
FIGURE = "import plotly.graph_objects as go\nfigure = go.Figure(go.Bar(y=[1]))"
STALE = {
    "a list that grows": ("rows = [1]", "rows.append(2)", "print(len(rows))", "rows.append(3), rows.append(4)", "3"),
    "a column that is dropped": (
        FRAME, "frame.drop(columns='a', inplace=True)", "print(*frame)", "frame.drop(columns='b', inplace=True)", "a"),
    "a layout": (FIGURE, "figure.update_layout(height=300)", "print(figure.layout.height)",
                 "figure.update_layout(height=500)", "500"),
    "the state of a module": ("import decimal", "decimal.getcontext().__setattr__('prec', 5)",
                              "print(decimal.Decimal(1) / 3)", "decimal.getcontext().__setattr__('prec', 2)", "0.33"),
    "a dict of a shared object": ("class Year: known = {}", "Year.known.update(a=1)", "print(Year.known)",
                                  "Year.known.update(b=2)", "{'b': 2}"),
    "a random state": ("import random\nstate = random.Random(1)", "_ = None", "print(state.randint(0, 9**9))",
                       "(lambda: None)()", "72136254"),
}  # fmt: skip


@pytest.mark.parametrize("case", STALE)
def test_a_cell_that_only_calls_changes_what_is_shown_below_as_in_a_run(kernel, case):
    start, step, show, other, expected = STALE[case]
    first = run(kernel, start, step, show)
    assert run(kernel, start, other, show)[2].strip() == expected
    assert run(kernel, start, other, show + " ")[2].strip() == expected, "once more, from the cell that shows"
    assert run(kernel, start, step, show) == first


def test_what_is_above_the_edited_cell_is_done_before_the_save(kernel, tmp_path):
    def count(name: str) -> str:
        return f"open({str(tmp_path / name)!r}, 'a').write('x')"

    def times(name: str) -> int:
        return len((tmp_path / name).read_text(encoding="utf-8"))

    run(kernel, count("above"), count("edited"))
    run(kernel, count("above"), count("edited") + "\nprint(1)")
    before = times("above"), times("edited")
    assert shown(kernel.run(notebook(count("above"), count("edited") + "\nprint(2)"), {"year": 2021}))[1] == "2\n"
    assert (times("above"), times("edited")) == (before[0], before[1] + 1)


def test_a_run_begins_anew_after_an_error_another_year_and_a_kernel_that_was_killed(kernel):
    start, show = "counter = [year]", "print(counter.pop())"
    assert run(kernel, start, show) == ["", "2021\n"]
    assert run(kernel, start, show, year=2019) == ["", "2019\n"]
    with pytest.raises(StepError) as told:
        run(kernel, start, show, "#| label: fig-x\n\nprint(other)")
    assert told.value.told["name"] == "NameError"
    assert {**told.value.told, "message": ""} == {
        "name": "NameError", "message": "", "cell": "fig-x", "number": 3, "line": 3, "code": "print(other)"
    }  # fmt: skip
    assert run(kernel, start, show, "print('c')") == ["", "2021\n", "c\n"]
    with pytest.raises(StepError, match="NameError"):
        run(kernel, show)
    kernel.stop()
    assert run(kernel, start, show)[1] == "2021\n", "a kernel that was killed is followed by another"
    with pytest.raises(StepError, match=r"signal 11 \(SIGSEGV: a crash in compiled code\), at .* MB") as told:
        run(kernel, start, "import os\nos.kill(os.getpid(), 11)")
    assert told.value.told["number"] == 2
    kernel.restart()
    assert run(kernel, start, show)[1] == "2021\n"


def test_a_caption_that_the_cell_shows_by_runs_it_again(kernel):
    show = "print(get_ipython().get_parent()['content']['code'].splitlines()[0])"
    assert run(kernel, f"#| fig-cap: a\n{show}") == ["#| fig-cap: a\n"]
    assert run(kernel, f"#| fig-cap: b\n{show}") == ["#| fig-cap: b\n"]
