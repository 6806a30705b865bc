"""The yearly run: check everything, run the notebooks, record every number, and swap the run in when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import nbformat

from evaluation import results
from evaluation.deal import Deal, check_year, load_deal
from evaluation.errors import Fault, InputError, did_you_mean
from evaluation.indicators import load_designs, load_indicators, plan_hash
from evaluation.paths import INPUT_LOG_VARIABLE, RUN_VARIABLE, build_dir, project_root, replace_folder, shown
from evaluation.programme import Programme, load_programme
from evaluation.snapshots import list_snapshots, verify_snapshots
from evaluation.sources.registry import load_registry

SUMMARY = "0-samenvatting"
NOTEBOOKS = (
    "1-sociaal-economisch",
    "2-wonen-en-leefbaarheid",
    "3-veiligheid",
    "4-voorzieningen-en-retail",
    "5-grensoverschrijdend",
    "6-centrum-heerlen",
    "7-financien",
    "8-uitvoering-en-sturing",
    SUMMARY,
)
"""In the order in which they run: the summary reads the results of the others."""

PARAMETERS = {"deal": str, "year": int}
INCOMPLETE = "-onvolledig"
_RECORDED_PACKAGES = ("regiodeal-evaluation", "numpy", "pandas", "papermill", "plotly", "statsmodels")


@dataclass(frozen=True, slots=True)
class NotebookOutcome:
    """How one notebook went.

    Attributes
    ----------
    name : str
    status : str
        ok or failed.
    error : dict[str, str] | None
        name, message and cell of what went wrong.
    key : str
        sha256 over cells, parameters, package source, lock file and the data files that it opened.
    seconds : float
    output_sha256 : str | None
        Of the executed notebook.
    """

    name: str
    status: str
    error: dict[str, str] | None
    key: str
    seconds: float
    output_sha256: str | None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Where a run ended up and how its notebooks went."""

    folder: Path
    year: int
    deal: Deal
    notebooks: tuple[NotebookOutcome, ...]

    @property
    def failed(self) -> tuple[NotebookOutcome, ...]:
        """The notebooks that failed."""
        return tuple(item for item in self.notebooks if item.status != "ok")


def check_inputs(deal_id: str) -> tuple[Deal, Programme]:
    """Read and check the deal, indicators, plan, register of sources, records, snapshots and notebooks.

    Raises
    ------
    InputError
        With the faults of all of them in one list.
    SnapshotError
        When nothing else is wrong and a pinned table is damaged.
    """
    deal = load_deal(deal_id)
    faults: list[Fault] = []
    programme = None
    for check in (load_indicators, load_designs, load_registry, lambda: check_notebooks(NOTEBOOKS)):
        try:
            check()
        except InputError as error:
            faults.extend(error.faults)
    try:
        programme = load_programme(deal)
    except InputError as error:
        faults.extend(error.faults)
    if faults or programme is None:
        raise InputError(list(dict.fromkeys(faults)))
    verify_snapshots()
    return deal, programme


def check_notebooks(names: Sequence[str]) -> None:
    """Check that each notebook is there and takes exactly the parameters of a run.

    Raises
    ------
    InputError
        For every notebook that is missing, is not a notebook, or takes other parameters.
    """
    faults = []
    for name in names:
        path = project_root() / "notebooks" / f"{name}.ipynb"
        try:
            notebook = nbformat.read(path, as_version=4)
        except FileNotFoundError:
            faults.append(Fault(shown(path), "no file", "the notebook of this chapter"))
            continue
        except Exception as error:
            faults.append(Fault(shown(path), f"a file that is not a notebook ({type(error).__name__})", "nbformat 4"))
            continue
        faults.extend(_parameter_faults(shown(path), notebook))
    if faults:
        raise InputError(faults)


def run_year(
    deal_id: str, year: int, *, jobs: int | None = None, report: Callable[[str], None] = print, only: str | None = None
) -> RunOutcome:
    """Run the notebooks over one year.

    Parameters
    ----------
    deal_id : str
        Name of the file in data/deal.
    year : int
        The year that is reported on.
    jobs : int | None
        Notebooks at a time; the number of processors (at most 4) by default.
    report : callable
        Gets one line per notebook.
    only : str | None
        ``"themes"`` runs all but the summary.

    Returns
    -------
    RunOutcome
        In ``build/runs/<deal>/<year>``, or, when a notebook failed, in ``<year>-onvolledig`` while the last good run
        stays where it is.

    Raises
    ------
    UsageError
        When no report is made over this year; says what is possible.
    InputError, SnapshotError
        Before anything runs.
    """
    check_year(load_deal(deal_id), year)
    deal, programme = check_inputs(deal_id)
    names = [name for name in NOTEBOOKS if not (only == "themes" and name == SUMMARY)]
    runs = build_dir() / "runs" / deal.id
    runs.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{year}-", dir=runs))
    try:
        outcomes = _run_all(names, deal.id, year, staging, jobs or min(os.cpu_count() or 1, 4), report)
        _write_results(staging, outcomes)
        _write_record(staging, deal, programme, year, outcomes)
        whole = all(item.status == "ok" for item in outcomes)
        target = runs / (f"{year}" if whole else f"{year}{INCOMPLETE}")
        replace_folder(staging, target)
        if whole:
            shutil.rmtree(runs / f"{year}{INCOMPLETE}", ignore_errors=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return RunOutcome(target, year, deal, tuple(outcomes))


def current_results(deal_id: str, year: int):
    """Return the results of the run under way, or else of the last good run over this year.

    Returns
    -------
    DataFrame
        Columns of results.csv; None where there is no run yet.
    """
    named = os.environ.get(RUN_VARIABLE)
    folder = Path(named) if named else build_dir() / "runs" / deal_id / str(year)
    path = folder / "results.csv"
    return results.read_csv(path.read_text(encoding="utf-8")) if path.is_file() else None


def _run_all(names, deal_id: str, year: int, staging: Path, jobs: int, report) -> list[NotebookOutcome]:
    """Run everything but the summary side by side, then the summary."""
    parameters = {"deal": deal_id, "year": year}
    outcomes: dict[str, NotebookOutcome] = {}
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool:
        for stage in ([name for name in names if name != SUMMARY], [name for name in names if name == SUMMARY]):
            if not stage:
                continue
            if SUMMARY in stage:
                _write_results(staging, list(outcomes.values()))
            tasks = {pool.submit(_run_notebook, name, parameters, staging): name for name in stage}
            for task in as_completed(tasks):
                outcome = task.result()
                outcomes[outcome.name] = outcome
                report(_progress_line(outcome))
    return [outcomes[name] for name in names]


def _progress_line(outcome: NotebookOutcome) -> str:
    line = f"{outcome.name:<28} {outcome.status:<7} {outcome.seconds:5.1f} s"
    return f"{line}  {outcome.error['name']}: {outcome.error['message']}" if outcome.error else line


def _run_notebook(name: str, parameters: dict[str, object], staging: Path) -> NotebookOutcome:
    """Run one notebook in this process's own kernel; judged by what is raised, never by the saved notebook."""
    import papermill

    started = time.monotonic()
    source = project_root() / "notebooks" / f"{name}.ipynb"
    log = staging / f".{name}.inputs"
    os.environ[INPUT_LOG_VARIABLE] = str(log)
    os.environ[RUN_VARIABLE] = str(staging)
    notebook = nbformat.read(source, as_version=4)
    error, digest = None, None
    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets:
        try:
            executed = papermill.execute_notebook(
                notebook,
                None,
                parameters=parameters,
                kernel_name="python3",
                cwd=str(source.parent),
                progress_bar=False,
                log_output=False,
                start_timeout=120,
                execution_timeout=900,
                config=_kernel_config(sockets),
                extra_arguments=["--log-level=CRITICAL"],
            )
            digest = _save(executed, staging / f"{name}.ipynb")
        except Exception as problem:
            error = _describe(problem, notebook)
    key = _run_key(notebook, parameters, log)
    log.unlink(missing_ok=True)
    return NotebookOutcome(name, "failed" if error else "ok", error, key, round(time.monotonic() - started, 1), digest)


def _kernel_config(sockets: str):
    """Keep what a kernel says off the network: sockets of its own in a private folder, where the system has them."""
    from traitlets.config import Config

    if os.name != "posix":
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": os.path.join(sockets, "kernel")}})


def _describe(problem: Exception, notebook) -> dict[str, str]:
    """Say what went wrong in words, without a traceback or a path of this machine."""
    from papermill.exceptions import PapermillExecutionError

    if not isinstance(problem, PapermillExecutionError):
        return {"name": type(problem).__name__, "message": _short(str(problem)), "cell": ""}
    cell = next((c for c in notebook.cells if c.cell_type == "code" and c.source == problem.source), None)
    return {
        "name": problem.ename,
        "message": _short(problem.evalue),
        "cell": (_label(cell) if cell is not None else "") or "",
    }


def _short(message: str, limit: int = 400) -> str:
    text = " ".join(message.replace(str(project_root()) + os.sep, "").split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _save(notebook, path: Path) -> str:
    """Write an executed notebook without times, durations and paths, so that equal inputs give equal bytes."""
    notebook.metadata.pop("papermill", None)
    for index, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"injected-parameters-{index}"
    text = nbformat.writes(notebook, version=4)
    partial = path.with_suffix(".partial")
    partial.write_text(text + "\n", encoding="utf-8")
    os.replace(partial, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_results(staging: Path, outcomes: Sequence[NotebookOutcome]) -> None:
    records = []
    for outcome in outcomes:
        if outcome.status == "ok":
            records.extend(notebook_results(staging / f"{outcome.name}.ipynb"))
    (staging / "results.csv").write_text(results.to_csv(records), encoding="utf-8")


def notebook_results(path: Path) -> list[dict[str, object]]:
    """Collect the numbers that an executed notebook shows, with the notebook and the cell."""
    notebook = nbformat.read(path, as_version=4)
    records = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for record in output.get("data", {}).get(results.RESULTS_MIME, []):
                records.append({**record, "notebook": path.stem, "cell": _label(cell)})
    return records


def _label(cell) -> str:
    for line in cell.source.splitlines():
        if line.startswith("#| label:"):
            return line.removeprefix("#| label:").strip()
    return cell.get("id", "")


def _write_record(staging: Path, deal: Deal, programme: Programme, year: int, outcomes) -> None:
    """Write run.json: what ran, on what, with which outcome."""
    record = {
        "deal": deal.id,
        "deal_name": deal.name,
        "year": year,
        "as_of": date(year, 12, 31).isoformat(),
        "status": "ok" if all(item.status == "ok" for item in outcomes) else "failed",
        "dataset": {
            "status": programme.dataset.status,
            "title": programme.dataset.title,
            "version": programme.dataset.version,
        },
        "plan_hash": plan_hash(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _RECORDED_PACKAGES}},
        "package_sha256": package_hash(),
        "lock_sha256": _file_hash(project_root() / "requirements.lock"),
        "snapshots": [snapshot.summary() for snapshot in list_snapshots()],
        "results_sha256": _file_hash(staging / "results.csv"),
        "notebooks": {
            item.name: {
                "status": item.status,
                "error": item.error,
                "key": item.key,
                "seconds": item.seconds,
                "output_sha256": item.output_sha256,
            }
            for item in outcomes
        },
    }
    (staging / "run.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def package_hash() -> str:
    """Return a sha256 over the source of this package."""
    digest = hashlib.sha256()
    folder = Path(__file__).resolve().parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run_key(notebook, parameters: dict[str, object], log: Path) -> str:
    """Hash everything that a notebook's outcome depends on."""
    opened = sorted(set(log.read_text(encoding="utf-8").splitlines())) if log.is_file() else []
    content = {
        "cells": [[cell.cell_type, cell.source] for cell in notebook.cells],
        "parameters": parameters,
        "package": package_hash(),
        "lock": _file_hash(project_root() / "requirements.lock"),
        "inputs": {name: _file_hash(project_root() / name) for name in opened},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _file_hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _parameter_faults(file: str, notebook) -> list[Fault]:
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        return [Fault(file, f"{len(cells)} cells tagged 'parameters'", "one, with deal and year")]
    found: dict[str, object] = {}
    try:
        exec(compile(cells[0].source, file, "exec"), {}, found)
    except Exception as error:
        return [Fault(file, f"a parameters cell that does not run ({error})", "deal and year", key="parameters")]
    faults = []
    for name in sorted(set(found) | set(PARAMETERS)):
        if name not in PARAMETERS:
            hint = did_you_mean(name, list(PARAMETERS))
            faults.append(Fault(file, f"parameter {name!r}", "only deal and year", key="parameters", hint=hint))
        elif name not in found:
            faults.append(Fault(file, f"no parameter {name!r}", "deal and year", key="parameters"))
        elif not isinstance(found[name], PARAMETERS[name]):
            kind = PARAMETERS[name].__name__
            faults.append(Fault(file, f"{name} = {found[name]!r}", f"a value of type {kind}", key="parameters"))
    return faults
