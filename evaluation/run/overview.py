"""What a run shows while it is under way: a live overview on a screen, plain lines in a log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import TaskID

    from evaluation.inputs.editions import Edition
    from evaluation.run.execute import NotebookOutcome
    from evaluation.run.slots import RunOptions


@contextmanager
def overview(options: RunOptions, *, is_live: bool | None = None) -> Iterator[RunOptions]:
    """Give the options of a run with what shows it: drawn on a terminal that can, unless `is_live` says otherwise."""
    from rich.console import Console

    console = Console(highlight=False)
    if not (console.is_terminal if is_live is None else is_live):
        yield replace(options, report=typer.echo)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} done"), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[busy]}"), console=console, transient=True) as progress:
        board = _Board(progress)
        report: Callable[[str], None] = lambda line: progress.console.print(line, markup=False, soft_wrap=True)  # noqa: E731
        yield replace(options, report=report, planned=board.planned, started=board.started, finished=board.finished)


class _Board:
    """One line per deal and edition: how many notebooks are done, and which are under way.

    A line comes with its first notebook and goes when all are done, so that a screen holds the lines of many.
    """

    def __init__(self, progress) -> None:
        self.progress = progress
        self.totals: dict[tuple[str, str], int] = {}
        self.lines: dict[tuple[str, str], TaskID] = {}
        self.busy: dict[tuple[str, str], list[str]] = {}
        self.lock = threading.Lock()

    def planned(self, deal_id: str, edition: Edition, count: int) -> None:
        with self.lock:
            self.totals[deal_id, edition.id] = count

    def started(self, deal_id: str, edition: Edition, name: str) -> None:
        line = (deal_id, edition.id)
        with self.lock:
            if line not in self.lines:
                self.lines[line] = self.progress.add_task(" ".join(line), total=self.totals.get(line), busy="")
            self.busy.setdefault(line, []).append(name)
            self._show(line)

    def finished(self, deal_id: str, edition: Edition, outcome: NotebookOutcome) -> None:
        line = (deal_id, edition.id)
        with self.lock:
            self.busy[line].remove(outcome.name)
            self._show(line, advance=1)

    def _show(self, line: tuple[str, str], advance: int = 0) -> None:
        self.progress.update(self.lines[line], advance=advance, busy=", ".join(self.busy[line]))
        if self.progress.tasks[self.lines[line]].finished:
            self.progress.update(self.lines[line], visible=False)
