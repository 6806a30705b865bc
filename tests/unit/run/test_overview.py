"""What is shown of a run that is under way."""

from rich.progress import Progress

from evaluation.inputs.editions import Edition
from evaluation.run.execute import NotebookOutcome
from evaluation.run.overview import _Board

EDITION = Edition("2021", "annual", 2021)


def done(name: str) -> NotebookOutcome:
    return NotebookOutcome(name, "ok", None, {}, 1.0, None, False)


def test_two_deals_over_one_year_have_a_line_each_that_goes_when_all_is_done():
    progress = Progress(disable=True)
    board = _Board(progress)
    board.planned("one", EDITION, 2)
    board.planned("two", EDITION, 1)
    board.started("one", EDITION, "a")
    board.started("two", EDITION, "a")
    board.started("one", EDITION, "b")
    board.finished("one", EDITION, done("a"))
    board.finished("two", EDITION, done("a"))
    first, second = progress.tasks
    assert (first.description, first.completed, first.total) == ("one 2021", 1, 2)
    assert first.fields["busy"] == "b" and first.visible
    assert (second.description, second.completed, second.total) == ("two 2021", 1, 1) and not second.visible
