"""Notebooks on the workers of a dask cluster: each is sent away, and what comes back is written here.

The run itself stays where it was asked for: checks, results.csv, run.json and the report are made here.  A worker that
is lost costs time only, as the scheduler gives its notebooks to others.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from pathlib import Path

from evaluation.base.cache import forget_values
from evaluation.base.errors import ClusterError, UsageError
from evaluation.base.fingerprints import text_hash
from evaluation.base.paths import write_text
from evaluation.inputs.chapter_list import RunChapter
from evaluation.run.execute import NotebookOutcome, notebook_inputs
from evaluation.run.slots import NotebookSlots, RunOptions
from evaluation.run.worker import Answer, Task, describe_checkout, prepare_worker, run_task, tell_differences

_CONNECT_WITHIN = 20.0
_WAIT_FOR_WORKERS = 60.0
_LOOK_EVERY = 5.0
_PER_SLOT = 2
"""Notebooks under way per slot of a worker: so that there is work for workers that come later."""


class RemoteSlots(NotebookSlots):
    """The slots of a cluster's workers, in the place of those of this machine.

    Raises UsageError when the packages for it are not installed, or a worker has another checkout than this one. Raises
    ClusterError when no scheduler answers, or no worker comes.
    """

    def __init__(self, options: RunOptions) -> None:
        self.address = options.cluster
        self.client = _connect(self.address)
        self.last_seen = time.monotonic()
        try:
            self.checkout = describe_checkout()
            count = self._prepare(options)
        except BaseException:
            self.client.close()
            raise
        super().__init__(options.jobs or _PER_SLOT * count)

    def __enter__(self) -> RemoteSlots:
        return self

    def __exit__(self, kind, *_) -> None:
        """Wait for what is under way, and take leave of the cluster."""
        if kind is not None:
            self.is_broken_off.set()
        self.threads.shutdown(wait=True, cancel_futures=kind is not None)
        self.client.close()

    def forget(self) -> None:
        """Remove the computed values that were kept, here and on the workers."""
        forget_values()
        self.client.run(forget_values)

    def execute(
        self, chapter: RunChapter, parameters: dict[str, object], staging: Path, *, force: bool
    ) -> NotebookOutcome:
        """Run a notebook on a worker, and write it here.

        Raises UsageError when the worker has another checkout. Raises ClusterError when the scheduler, or the last
        worker, is lost.
        """
        from distributed import KilledWorker

        results = staging / "results.csv"
        digest = text_hash(self.checkout)
        task = Task(digest, chapter, parameters, results.read_bytes() if results.is_file() else None, force)
        try:
            answer = self._answer_to(task)
        except KilledWorker as problem:
            told = f"{problem.allowed_failures + 1} workers ended while they ran it; is there memory for it?"
            error = {"name": "KilledWorker", "message": told, "cell": ""}
            inputs = notebook_inputs(chapter, parameters, staging) | {"files": {}}
            return NotebookOutcome(chapter.name, "failed", error, inputs, 0.0, None, False)
        if answer.outcome is None:
            raise UsageError(_told({"a worker": answer.checkout}, self.checkout))
        if answer.text is not None:
            write_text(staging / f"{chapter.name}.ipynb", answer.text)
        return answer.outcome

    def _answer_to(self, task: Task) -> Answer:
        """Send a task away and wait, as long as there is a cluster."""
        from distributed import CancelledError
        from distributed.client import ClosedClientError

        done = threading.Event()
        try:
            key = f"{task.parameters['deal']}-{task.parameters['year']}-{task.chapter.name}-{uuid.uuid4()}"
            future = self.client.submit(run_task, task, key=key, pure=False)
            future.add_done_callback(lambda _: done.set())
            while not done.wait(_LOOK_EVERY):
                if self.is_broken_off.is_set():
                    future.cancel()
                    raise KeyboardInterrupt
                if self.client.nthreads():
                    self.last_seen = time.monotonic()
                elif time.monotonic() - self.last_seen > _WAIT_FOR_WORKERS:
                    raise ClusterError(f"The cluster at {self.address} has no workers any more. {_AGAIN}")
            return future.result()
        except (CancelledError, ClosedClientError, OSError) as problem:
            if getattr(problem, "errno", None) is not None:  # of the worker's own disk or drive
                raise ClusterError(f"A worker of {self.address} cannot go on: {problem}. {_AGAIN}") from problem
            raise ClusterError(f"The scheduler at {self.address} was lost. {_AGAIN}") from problem

    def _prepare(self, options: RunOptions) -> int:
        """Wait for a worker, refuse those with another checkout, and return how many notebooks run at a time."""
        try:
            self.client.wait_for_workers(1, timeout=_WAIT_FOR_WORKERS)
        except TimeoutError:
            raise ClusterError(
                f"The cluster at {self.address} has no workers. Start one: see docs/cluster.md"
            ) from None
        found = self.client.run(prepare_worker, on_error="return")
        for worker, answer in found.items():
            if isinstance(answer, Exception):
                raise UsageError(f"Worker {worker} cannot run notebooks: {' '.join(str(answer).split())}")
        others = {name: answer["checkout"] for name, answer in found.items() if answer["checkout"] != self.checkout}
        if others:
            raise UsageError(_told({f"worker {name}": checkout for name, checkout in others.items()}, self.checkout))
        count = sum(answer["slots"] for answer in found.values())
        caches = Counter(answer["cache"] for answer in found.values())
        options.report(f"Cluster: {len(found)} workers, {count} notebooks at a time, cache {', '.join(sorted(caches))}")
        return count


_AGAIN = "Give the same command again: what was made is not made twice."


def _connect(address: str):
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--cluster needs packages that are not installed here. Install them with: make cluster"
        ) from None
    try:
        return Client(address, timeout=_CONNECT_WITHIN, set_as_default=False)
    except ValueError as problem:
        raise UsageError(f"--cluster {address}: {problem}; write an address such as tcp://host:8786") from None
    except OSError:  # a timeout is one too
        raise ClusterError(f"No scheduler answers at {address}. Nothing was run.") from None


def _told(others: dict[str, dict[str, str | None]], here: dict[str, str | None]) -> str:
    lines = [f"  {name}: {tell_differences(here, checkout)}" for name, checkout in others.items()]
    head = "The numbers would not be those of this project: these workers have another checkout."
    return "\n".join([head, *lines, "Give them the same version, data and notebooks, and start them again."])
