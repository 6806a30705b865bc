"""What a worker of a cluster does: it compares its project with that of who asks, and runs one notebook.

A worker has a checkout of its own at the same version: package, lock file, data and notebooks.  Nothing of the project
travels to it but the name of the chapter, its parameters and, for a summary, the results of the run under way.
"""

import multiprocessing
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from evaluation.base.cache import cache_dir, trim_cache
from evaluation.base.fingerprints import LOCK, file_hash, folder_hashes, package_hash, recorded_versions, text_hash
from evaluation.base.paths import data_dir, package_dir, project_root
from evaluation.inputs.chapter_list import RunChapter
from evaluation.run.execute import MEMORY_OF_A_NOTEBOOK, NotebookOutcome, run_notebook
from evaluation.run.kernels.provisioner import warm_up

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One notebook for a worker."""

    checkout: str  # `text_hash` of what `describe_checkout` gives where the run is
    chapter: RunChapter
    parameters: dict[str, object]
    results: bytes | None  # results.csv of the run under way, for its summary
    force: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker made of a task."""

    outcome: NotebookOutcome | None  # None where the files of the worker are not those of the run: then nothing ran
    text: str | None = None  # the executed notebook; None when it failed
    # what `describe_checkout` gives there, when it is another; empty otherwise
    checkout: dict[str, str | None] = field(default_factory=dict)


def describe_checkout() -> dict[str, str | None]:
    """Return the fingerprint of everything that a notebook's outcome depends on: by file, package and version.

    Where the package's source changed after it was imported, its fingerprint is none that another process has.
    """
    root = project_root()
    source = text_hash(folder_hashes(package_dir()))
    versions = {f"version of {name}": found for name, found in recorded_versions().items()}
    return {
        "the package": source if source == package_hash() else "changed since the start",
        **versions,
        LOCK: file_hash(root / LOCK),
        **folder_hashes(data_dir(), root),
        **folder_hashes(root / "notebooks", root),
    }


def tell_differences(here: Mapping[str, str | None], there: Mapping[str, str | None]) -> str:
    """Say in words how a worker's checkout differs from the one here; empty when they are the same."""
    names = [name for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    words = []
    for name in names[:_NAMED]:
        if name.startswith("version of "):
            words.append(f"{name} is {there.get(name)} there, {here.get(name)} here")
        else:
            state = "is not there" if name not in there else "is not here" if name not in here else "differs"
            words.append(f"{name} {state}")
    more = len(names) - _NAMED
    return "; ".join([*words, *([f"and {more} more"] if more > 0 else [])])


def prepare_worker(dask_worker=None) -> dict[str, object]:
    """Start what kernels are forked from, and say what this worker has; `slots` are notebooks at a time."""
    _warm_up()
    return {"checkout": describe_checkout(), "cache": str(cache_dir()), "slots": _count_slots(dask_worker)}


def run_task(task: Task) -> Answer:
    """Run one notebook, as it would run where the run is, when the files here are the same as there."""
    from distributed import get_worker

    worker = get_worker()
    checkout = describe_checkout()
    if text_hash(checkout) != task.checkout:
        return Answer(None, checkout=checkout)
    _warm_up()
    slots = _slots(_count_slots(worker))
    with slots, tempfile.TemporaryDirectory(prefix="run-", dir=worker.local_directory) as folder:
        staging = Path(folder)
        if task.results is not None:
            (staging / "results.csv").write_bytes(task.results)
        outcome = run_notebook(task.chapter, task.parameters, staging, force=task.force)
        made = staging / f"{outcome.name}.ipynb"
        text = made.read_text(encoding="utf-8") if outcome.status == "ok" else None
    trim_cache()
    return Answer(outcome, text)


_warming = threading.Lock()


def _warm_up() -> None:
    """Let this process have kernels: dask marks its workers as processes that may start none."""
    with _warming:
        process = multiprocessing.current_process()
        if process.daemon:
            process.daemon = False
        warm_up()


def _count_slots(worker) -> int:
    """Return how many notebooks run at a time: one per thread, if the memory that the worker was given holds them."""
    memory = worker.memory_manager.memory_limit
    return max(1, min(worker.state.nthreads, memory // MEMORY_OF_A_NOTEBOOK) if memory else worker.state.nthreads)


@lru_cache(maxsize=1)
def _slots(count: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(count)
