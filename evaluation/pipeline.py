"""A run of one edition: check everything, run the notebooks, record every number, swap the run in when it is whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pandas as pd
from filelock import FileLock, Timeout

from evaluation import results
from evaluation.checks import check_inputs
from evaluation.copies import RunChapter, list_chapters
from evaluation.deal import Deal
from evaluation.editions import Edition
from evaluation.errors import UsageError
from evaluation.execute import (
    NotebookOutcome,
    cell_label,
    file_hash,
    package_hash,
    recorded_versions,
    run_notebook,
)
from evaluation.indicators import plan_hash
from evaluation.paths import RUN_VARIABLE, build_dir, project_root, replace_folder, restore_folders, shown, write_text
from evaluation.programme import Programme
from evaluation.retail.tables import RetailTables
from evaluation.snapshots import list_snapshots

INCOMPLETE = "-onvolledig"
CHAPTERS = "-hoofdstukken"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Where a run ended up and how its notebooks went."""

    folder: Path
    edition: Edition
    deal: Deal
    notebooks: tuple[NotebookOutcome, ...]

    @property
    def failed(self) -> tuple[NotebookOutcome, ...]:
        """The notebooks that failed."""
        return tuple(item for item in self.notebooks if item.status != "ok")


@contextmanager
def exclusive(deal_id: str, edition: Edition) -> Iterator[None]:
    """Keep other runs and reports of the same edition out, and clear what an interrupted one left.

    Raises
    ------
    UsageError
        When another one is under way.
    """
    runs = build_dir() / "runs" / deal_id
    runs.mkdir(parents=True, exist_ok=True)
    lock = FileLock(runs / f".{edition.id}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(f"Another run of {deal_id} {edition.id} is under way; wait until it is done.") from None
    try:
        restore_folders(runs, edition.id)
        for folder in runs.glob(f".{edition.id}-run-*"):
            shutil.rmtree(folder, ignore_errors=True)
        yield
    finally:
        lock.release()


def run_edition(
    deal_id: str,
    edition: Edition,
    *,
    jobs: int | None = None,
    report: Callable[[str], None] = print,
    only: str | None = None,
) -> RunOutcome:
    """Run the notebooks of one edition; call it inside `exclusive`.

    Parameters
    ----------
    deal_id : str
        Name of the file in data/deal.
    edition : Edition
        A year, or the final evaluation.
    jobs : int | None
        Notebooks at a time; the number of processors (at most 4) by default.
    report : callable
        Gets one line per notebook.
    only : str | None
        ``"themes"`` runs all but the summary.

    Returns
    -------
    RunOutcome
        In ``build/runs/<deal>/<edition>``; when a notebook failed in ``<edition>-onvolledig``, and without the summary
        in ``<edition>-hoofdstukken``, while the last good run stays where it is.

    Raises
    ------
    InputError, SnapshotError
        Before anything runs.
    RunError
        When one identity stands for two numbers.
    """
    deal, programme, retail = check_inputs(deal_id, edition.notebooks)
    notebooks = [name for name in edition.notebooks if not (only == "themes" and name == edition.summary)]
    chapters = list_chapters(notebooks, deal, retail)
    runs = build_dir() / "runs" / deal.id
    staging = Path(tempfile.mkdtemp(prefix=f".{edition.id}-run-", dir=runs))
    try:
        outcomes = _run_all(chapters, deal.id, edition, staging, jobs or min(os.cpu_count() or 1, 4), report)
        _write_results(staging, outcomes)
        _write_record(staging, deal, (programme, retail), edition, zip(chapters, outcomes, strict=True))
        whole = all(item.status == "ok" for item in outcomes)
        suffix = INCOMPLETE if not whole else CHAPTERS if only == "themes" else ""
        target = runs / f"{edition.id}{suffix}"
        replace_folder(staging, target)
        if not suffix:
            for other in (INCOMPLETE, CHAPTERS):
                shutil.rmtree(runs / f"{edition.id}{other}", ignore_errors=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return RunOutcome(target, edition, deal, tuple(outcomes))


def current_results(deal_id: str, edition: Edition) -> pd.DataFrame | None:
    """Return the results of the run under way, or else of the last run of this edition.

    Returns
    -------
    DataFrame | None
        Columns of results.csv; None where there is no run yet.
    """
    named = os.environ.get(RUN_VARIABLE)
    runs = build_dir() / "runs" / deal_id
    folders = [Path(named)] if named else [runs / edition.id, runs / f"{edition.id}{CHAPTERS}"]
    for folder in folders:
        if (folder / "results.csv").is_file():
            if not named:
                print(f"Cijfers uit {shown(folder)}. Is daarna iets gewijzigd: regiodeal run {edition.command}")
            return results.read_csv((folder / "results.csv").read_text(encoding="utf-8"))
    return None


def _run_all(
    chapters: Sequence[RunChapter], deal_id: str, edition: Edition, staging: Path, jobs: int, report
) -> list[NotebookOutcome]:
    """Run everything but the summary side by side, then the summary."""
    outcomes: dict[str, NotebookOutcome] = {}
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_leave_interrupts) as pool:
        for is_summary in (False, True):
            stage = [chapter for chapter in chapters if (chapter.notebook == edition.summary) == is_summary]
            if not stage:
                continue
            if is_summary:
                _write_results(staging, list(outcomes.values()))
            tasks = {
                pool.submit(run_notebook, chapter, {"deal": deal_id, "year": edition.year}, staging): chapter.name
                for chapter in stage
            }
            try:
                for task in as_completed(tasks):
                    outcome = _outcome(task, tasks[task])
                    outcomes[outcome.name] = outcome
                    report(_progress_line(outcome))
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    return [outcomes[chapter.name] for chapter in chapters]


def _leave_interrupts() -> None:
    """Let only the command itself answer Ctrl-C; a notebook under way ends first, and leaves nothing behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcome(task: Future, name: str) -> NotebookOutcome:
    """Take the outcome of a notebook; a process that died is a failed notebook."""
    try:
        return task.result()
    except Exception as problem:
        error = {"name": type(problem).__name__, "message": "the process that ran it ended", "cell": ""}
        return NotebookOutcome(name, "failed", error, "", 0.0, None)


def _progress_line(outcome: NotebookOutcome) -> str:
    line = f"{outcome.name:<28} {outcome.status:<7} {outcome.seconds:5.1f} s"
    return f"{line}  {outcome.error['name']}: {outcome.error['message']}" if outcome.error else line


def _write_results(staging: Path, outcomes: Sequence[NotebookOutcome]) -> None:
    records = []
    for outcome in outcomes:
        if outcome.status == "ok":
            records.extend(notebook_results(staging / f"{outcome.name}.ipynb"))
    write_text(staging / "results.csv", results.to_csv(records))


def notebook_results(path: Path) -> list[dict[str, object]]:
    """Collect the numbers that an executed notebook shows, with the notebook and the cell."""
    notebook = nbformat.read(path, as_version=4)
    records = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for record in output.get("data", {}).get(results.RESULTS_MIME, []):
                records.append({**record, "notebook": path.stem, "cell": cell_label(cell)})
    return records


def _write_record(
    staging: Path,
    deal: Deal,
    records: tuple[Programme, RetailTables | None],
    edition: Edition,
    made: Iterable[tuple[RunChapter, NotebookOutcome]],
) -> None:
    """Write run.json: what ran, on what, with which outcome."""
    made = list(made)
    programme, retail = records
    record = {
        "deal": deal.id,
        "deal_name": deal.name,
        "edition": edition.id,
        "kind": edition.kind,
        "year": edition.year,
        "as_of": date(edition.year, 12, 31).isoformat(),
        "status": "ok" if all(item.status == "ok" for _, item in made) else "failed",
        "dataset": {
            "status": programme.dataset.status,
            "title": programme.dataset.title,
            "version": programme.dataset.version,
        },
        "retail": _retail_record(retail),
        "plan_hash": plan_hash(),
        "versions": recorded_versions(),
        "package_sha256": package_hash(),
        "lock_sha256": file_hash(project_root() / "requirements.lock"),
        "snapshots": [snapshot.summary() for snapshot in list_snapshots()],
        "results_sha256": file_hash(staging / "results.csv"),
        "notebooks": {
            item.name: {
                "status": item.status,
                "error": item.error,
                "key": item.key,
                "seconds": item.seconds,
                "output_sha256": item.output_sha256,
                **({"notebook": chapter.notebook, "title": chapter.title} if chapter.is_copy else {}),
            }
            for chapter, item in made
        },
    }
    write_text(staging / "run.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def _retail_record(retail: RetailTables | None) -> dict[str, object] | None:
    """Say which retail tables were used; of private ones nothing but what they are."""
    if retail is None:
        return None
    dataset = retail.dataset
    return {
        "status": dataset.status,
        "title": dataset.title,
        "version": dataset.version,
        "source": dataset.source,
        "licence": dataset.licence,
        "may_publish": dataset.may_publish,
        "private": retail.is_private,
        "years": list(retail.years),
    }
