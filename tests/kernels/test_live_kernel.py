"""A kernel that stays: only what changed runs again, and nothing leans on what an earlier run left."""

import pytest
from nbformat import v4

from evaluation.cli.preview.live_kernel import LiveKernel, StepError


def notebook(*sources: str):
    cells = [v4.new_code_cell(source, id=f"cel-{number}") for number, source in enumerate(sources)]
    return v4.new_notebook(cells=cells)


def shown(ran) -> list[str]:
    return ["".join(output.text for output in cell.outputs) for cell in ran.cells if cell.id.startswith("cel-")]


@pytest.fixture
def kernel(tmp_path):
    started = LiveKernel(tmp_path, {}, cell_limit=60)
    yield started
    started.close()


def test_only_what_changed_runs_again_and_no_name_is_left_over(kernel):
    start, count = "import itertools\ncounter = itertools.count(year)", "print(next(counter))"

    def run(*sources: str, year: int = 2021):
        return shown(kernel.run(notebook(*sources), {"year": year}))

    assert run(start, count, "print('a')") == ["", "2021\n", "a\n"]
    assert run(start, f"#| echo: false\n{count}", "print('b')") == ["", "2021\n", "b\n"], "the step was not run again"
    assert run(start, "print(next(counter) )") == ["", "2022\n"], "another step was, in the same namespace"
    assert run(start + "\nother = 1", count) == ["", "2021\n"], "another name begins anew"
    assert run(start, count, year=2019) == ["", "2019\n"]

    with pytest.raises(StepError) as told:
        run(start, count, "print(other)")
    assert (told.value.name, told.value.cell) == ("NameError", "cel-2")
    assert run(start, count, "print('c')") == ["", "2021\n", "c\n"], "after an error the kernel is as good as before"
    with pytest.raises(StepError) as told:
        run(count)
    assert told.value.name == "NameError", "a name that is no longer given is gone"

    kernel.stop()
    assert run(start, count)[1] == "2021\n", "a kernel that was killed is followed by another"
    kernel.restart()
    assert run(start, count)[1] == "2021\n"
