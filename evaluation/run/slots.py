"""Where the notebooks of a run wait for their kernels: how many at a time, in which order, how a run is asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from pathlib import Path

from evaluation.base.cache import forget_values
from evaluation.inputs.chapter_list import RunChapter
from evaluation.inputs.editions import Edition
from evaluation.run.execute import MEMORY_OF_A_NOTEBOOK, NotebookOutcome, run_notebook
from evaluation.run.kernels.provisioner import kill_kernels, warm_up


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run goes about it; none of it changes what comes out."""

    jobs: int | None = None  # notebooks at a time; by default what processors and memory allow
    report: Callable[[str], None] = print  # gets one line per notebook
    # gets the deal's id, an edition and how many notebooks it has, before they begin
    planned: Callable[[str, Edition, int], None] = lambda deal_id, edition, count: None
    # gets the deal's id, the edition and the name of a notebook that begins
    started: Callable[[str, Edition, str], None] = lambda deal_id, edition, name: None
    # gets the deal's id, the edition and the outcome of a notebook
    finished: Callable[[str, Edition, NotebookOutcome], None] = lambda deal_id, edition, outcome: None
    # gets the edition, the name and the text of a notebook that was executed, while others run
    prepare: Callable[[Edition, str, str], None] = lambda edition, name, text: None
    only: str | None = None  # ``"themes"`` runs all but the summary
    force: bool = False  # run what was made before too
    explain: bool = False  # report for each notebook which input changed since the last good run
    # address of the scheduler of a dask cluster whose workers run the notebooks; by default this machine does
    cluster: str | None = None


def _default_jobs() -> int:
    """Return how many notebooks run at a time: two more than processors, as each waits now and then, if they fit."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return processors
    return max(1, min(processors + 2, free // MEMORY_OF_A_NOTEBOOK))


class NotebookSlots:
    """The threads in which notebooks wait for their kernels, shared by the editions of a run."""

    def __init__(self, jobs: int | None) -> None:
        self.jobs = jobs or _default_jobs()
        self.threads = TurnExecutor(self.jobs)
        self.is_broken_off = threading.Event()

    def __enter__(self) -> NotebookSlots:
        warm_up()
        return self

    def __exit__(self, kind, *_) -> None:
        """Wait for the notebooks; when the run is broken off (Ctrl-C), their kernels end at once."""
        if kind is not None:
            self.is_broken_off.set()
            self.threads.shutdown(wait=False, cancel_futures=True)
            kill_kernels()
        self.threads.shutdown(wait=True)

    def forget(self) -> None:
        """Remove the computed values that were kept, so that notebooks compute them anew."""
        forget_values()

    def execute(
        self, chapter: RunChapter, parameters: dict[str, object], staging: Path, *, force: bool
    ) -> NotebookOutcome:
        """Run one notebook into the folder of its run, within a call of `run`."""
        return run_notebook(chapter, parameters, staging, force=force)

    def run(
        self, call: Callable[[RunChapter], NotebookOutcome], chapters: Iterable[RunChapter], turn: tuple[int, ...] = ()
    ):
        """Give the outcomes of the notebooks as they come; the smaller `turn`, the earlier these go of all that wait.

        Raises KeyboardInterrupt when the run was broken off: what is made of some of them is of no use.
        """
        for task in as_completed([self.threads.submit(turn, call, chapter) for chapter in chapters]):
            outcome = None if task.cancelled() else task.result()
            if self.is_broken_off.is_set() or outcome is None:
                raise KeyboardInterrupt
            yield outcome


class TurnExecutor:
    """Runs calls in threads, as ThreadPoolExecutor does; of those that wait the smallest turn goes first."""

    def __init__(self, workers: int) -> None:
        self._waiting: list[tuple] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._is_closed = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, turn: tuple[int, ...], call: Callable, *arguments: object) -> Future:
        """Let a call wait for its turn; among equal turns those that came first go first."""
        future: Future = Future()
        with self._changed:
            if self._is_closed:
                raise RuntimeError("no calls are taken after shutdown")
            heappush(self._waiting, (turn, next(self._numbers), future, call, arguments))
            self._changed.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; `cancel_futures` drops those that have not begun."""
        with self._changed:
            self._is_closed = True
            if cancel_futures:
                for _, _, future, _, _ in self._waiting:
                    future.cancel()
                    future.set_running_or_notify_cancel()
                self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads if wait else ():
            thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return
                _, _, future, call, arguments = heappop(self._waiting)
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call(*arguments))
            except BaseException as error:
                future.set_exception(error)
