"""Run one notebook: in a kernel of its own, its inputs noted, its outcome judged, no trace of the machine left."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat

from evaluation.copies import RunChapter, make_copy
from evaluation.kernels import limited
from evaluation.paths import INPUT_LOG_VARIABLE, RUN_VARIABLE, project_root, write_text

_LONGEST_SOCKET = 90
"""A local socket's address may have about 100 characters; its number comes behind."""
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


def run_notebook(
    chapter: RunChapter,
    parameters: dict[str, object],
    staging: Path,
    *,
    cell_limit: int = 900,
    notebook_limit: float = 3600,
) -> NotebookOutcome:
    """Run the notebook of one chapter in a kernel of its own, and keep it when it ran to its end.

    Parameters
    ----------
    chapter : RunChapter
    parameters : dict[str, object]
        deal and year.
    staging : Path
        The run's folder: the executed notebook is written here.
    cell_limit, notebook_limit : float
        Seconds after which a cell or the whole notebook is stopped.

    Returns
    -------
    NotebookOutcome
        Judged by what is raised and by whether every cell ran, never by the saved notebook.
    """
    import papermill

    started = time.monotonic()
    name, parameters = chapter.name, {**parameters, **chapter.parameters}
    source = project_root() / "notebooks" / f"{chapter.notebook}.ipynb"
    log = staging / f".{name}.inputs"
    environment = {INPUT_LOG_VARIABLE: str(log), RUN_VARIABLE: str(staging)}
    notebook = make_copy(nbformat.read(source, as_version=4), chapter)
    error, digest = None, None
    with tempfile.TemporaryDirectory(prefix="kernel-") as sockets, limited(notebook_limit, sockets) as too_long:
        try:
            executed = papermill.execute_notebook(
                notebook,
                None,
                parameters=parameters,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                start_timeout=120,
                execution_timeout=cell_limit,
                config=_kernel_config(sockets, environment, source.parent),
                shutdown_kernel="immediate",
                extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
            )
            error = _unfinished(executed)
            digest = None if error else _save(executed, staging / f"{name}.ipynb")
        except Exception as problem:
            error = _describe(problem, notebook)
        if error and too_long.is_set():
            error = {"name": "CellTimeoutError", "message": f"longer than {notebook_limit:.0f} seconds", "cell": ""}
    key = _run_key(notebook, parameters, log, staging)
    log.unlink(missing_ok=True)
    return NotebookOutcome(name, "failed" if error else "ok", error, key, round(time.monotonic() - started, 1), digest)


def _kernel_config(sockets: str, environment: dict[str, str], folder: Path):
    """Say where a kernel works, and keep what it says off the network: sockets in a private folder, where there are."""
    from traitlets.config import Config

    config = {"WarmProvisioner": {"environment": environment, "folder": str(folder), "sockets": sockets}}
    address = os.path.join(sockets, "kernel")
    if os.name == "posix" and len(address) <= _LONGEST_SOCKET:
        config["KernelManager"] = {
            "transport": "ipc",
            "ip": address,
            "connection_file": os.path.join(sockets, "kernel.json"),
        }
    return Config(config)


def _unfinished(notebook) -> dict[str, str] | None:
    """Tell where a notebook stopped without an error that papermill raises (SystemExit, for one)."""
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        stopped = next((output for output in cell.outputs if output.output_type == "error"), None)
        if stopped is not None:
            return {"name": stopped.ename, "message": _short(stopped.evalue), "cell": cell_label(cell)}
        if cell.execution_count is None:
            return {"name": "Stopped", "message": "the notebook ended before this cell", "cell": cell_label(cell)}
    return None


def _describe(problem: Exception, notebook) -> dict[str, str]:
    """Say what went wrong in words, without a traceback or a path of this machine."""
    from papermill.exceptions import PapermillExecutionError

    if not isinstance(problem, PapermillExecutionError):
        return {"name": type(problem).__name__, "message": _short(str(problem)), "cell": ""}
    cell = next((c for c in notebook.cells if c.cell_type == "code" and c.source == problem.source), None)
    return {
        "name": problem.ename,
        "message": _short(problem.evalue),
        "cell": "" if cell is None else cell_label(cell),
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
    write_text(path, text + "\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cell_label(cell) -> str:
    """Return the label by which a report knows a cell, or its id."""
    for line in cell.source.splitlines():
        if line.startswith("#| label:"):
            return line.removeprefix("#| label:").strip()
    return cell.get("id", "")


def package_hash() -> str:
    """Return a sha256 over the source of this package."""
    digest = hashlib.sha256()
    folder = Path(__file__).resolve().parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run_key(notebook, parameters: dict[str, object], log: Path, staging: Path) -> str:
    """Hash everything that a notebook's outcome depends on; the summary depends on the results of the others."""
    opened = sorted(set(log.read_text(encoding="utf-8").splitlines())) if log.is_file() else []
    content = {
        "cells": [[cell.cell_type, cell.source] for cell in notebook.cells],
        "parameters": parameters,
        "package": package_hash(),
        "lock": file_hash(project_root() / "requirements.lock"),
        "versions": recorded_versions(),
        "inputs": {name: file_hash(project_root() / name) for name in opened},
        "results": file_hash(staging / "results.csv"),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def recorded_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the numbers."""
    return {"python": platform.python_version(), **{name: version(name) for name in _RECORDED_PACKAGES}}


def file_hash(path: Path) -> str | None:
    """Return the sha256 of a file, or None where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
