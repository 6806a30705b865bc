"""What a run shows while it is under way: a live overview on a screen, plain lines in a log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from evaluation.editions import Edition
    from evaluation.execute import NotebookOutcome
    from evaluation.pipeline import RunOptions


@contextmanager
def overview(options: RunOptions, *, is_live: bool | None = None) -> Iterator[RunOptions]:
    """Give the options with what shows the run.

    Parameters
    ----------
    options : RunOptions
    is_live : bool | None
        Whether to draw; by default on a terminal that can.
    """
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
        yield replace(options, report=report, started=board.started, finished=board.finished)


class _Board:
    """One line per edition: how many notebooks are done, and which are under way."""

    def __init__(self, progress) -> None:
        self.progress = progress
        self.lines: dict[str, object] = {}
        self.busy: dict[str, list[str]] = {}
        self.lock = threading.Lock()

    def started(self, edition: Edition, name: str) -> None:
        with self.lock:
            if edition.id not in self.lines:
                total = len(edition.notebooks)
                self.lines[edition.id] = self.progress.add_task(edition.id, total=total, busy="")
            self.busy.setdefault(edition.id, []).append(name)
            self._show(edition)

    def finished(self, edition: Edition, outcome: NotebookOutcome) -> None:
        with self.lock:
            self.busy[edition.id].remove(outcome.name)
            self._show(edition, advance=1)

    def _show(self, edition: Edition, advance: int = 0) -> None:
        busy = ", ".join(self.busy[edition.id])
        self.progress.update(self.lines[edition.id], advance=advance, busy=busy)
