"""Run one notebook: in a kernel of its own, its inputs noted, its outcome judged, no trace of the machine left."""

import copy
import errno
import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode, v4

from evaluation.base import fingerprints, paths
from evaluation.base.cache import Made, find_made, keep_made
from evaluation.base.run_variables import ABOUT_VARIABLE, INPUT_LOG_VARIABLE, RUN_VARIABLE
from evaluation.inputs.chapter_list import RunChapter, chapters_of_themes, make_copy
from evaluation.inputs.deal import load_deal
from evaluation.run.cell_errors import Told, cell_label, describe_error, short_message, tell_end
from evaluation.run.kernels.fork_server import socket_folder
from evaluation.run.kernels.provisioner import is_stopped
from evaluation.run.kernels.watch import KernelWatch, watched
from evaluation.run.notebook_files import INJECTED, tags_of
from evaluation.run.output_checks import output_faults

KERNEL_ARGUMENTS = ["--log-level=CRITICAL", "--HistoryManager.enabled=False"]
"""Of every kernel that runs a notebook unattended."""

MEMORY_OF_A_NOTEBOOK = 600_000_000
"""Bytes of memory that a notebook may take, so that no more run at a time than fit."""

_LONGEST_SOCKET = 90
"""A local socket's address may have about 100 characters; its number comes behind."""

_LONGEST_START = 120
_LONGEST_OUTPUT = 120
"""Seconds for a kernel to start, and for what a cell printed to arrive after the cell is done."""

_CELL_FILE = re.compile(r"\S*ipykernel_\d+/\d+\.py")
_OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE}
"""What a cell meets that no notebook can help, and that the next notebook would meet too."""


@dataclass(frozen=True, slots=True)
class NotebookOutcome:
    """How one notebook went."""

    name: str
    status: str  # ok or failed
    error: Told | None
    inputs: dict[str, object]  # of `notebook_inputs`, with files: the data files that it opened and the sha256 of each
    seconds: float
    output_sha256: str | None  # of the executed notebook
    is_cached: bool

    @property
    def key(self) -> str:
        """The run key: sha256 over all inputs."""
        return fingerprints.text_hash(self.inputs)


def run_notebook(
    chapter: RunChapter,
    parameters: dict[str, object],
    staging: Path,
    *,
    force: bool = False,
    cell_limit: int = 900,
    notebook_limit: float = 3600,
) -> NotebookOutcome:
    """Run the notebook of one chapter in a kernel of its own, and keep it when it ran to its end.

    `force` runs it also when it was made before from the same inputs; the limits are the seconds after which a cell
    or the whole notebook is stopped, more on a machine with more to do than it can.  It is judged by what is raised
    and by whether every cell ran, never by the saved notebook.  A kernel that is lost gets one other chance.

    Raises OSError when the disk or the drive is what stopped it: the next notebook would fare no better.
    """
    started, patience = time.monotonic(), machine_load()
    limits = (round(cell_limit * patience), notebook_limit * patience)
    name, parameters = chapter.name, {**parameters, **chapter.parameters}
    notebook = _read(chapter)
    inputs = notebook_inputs(chapter, parameters, staging, notebook)
    made = None if force else find_made(inputs)
    if made is not None:
        paths.write_text(staging / f"{name}.ipynb", made.text)
        return NotebookOutcome(name, "ok", None, inputs | {"files": made.files}, _since(started), _digest(made), True)
    before = fingerprints.folder_hashes(paths.data_dir(), paths.project_root()) | fingerprints.hash_files(
        _read_beside()
    )
    executed, error, files = _execute(notebook, parameters, chapter, staging, limits)
    inputs_and_files = inputs | {"files": files}
    if error:
        return NotebookOutcome(name, "failed", error, inputs_and_files, _since(started), None, False)
    made = Made(files, _without_traces(executed))
    paths.write_text(staging / f"{name}.ipynb", made.text)
    # A data file that changed meanwhile may have been read as it was before: then the outcome is not kept.
    if all(before.get(file) == digest for file, digest in files.items()):
        keep_made(inputs, made)
    return NotebookOutcome(name, "ok", None, inputs_and_files, _since(started), _digest(made), False)


def _execute(
    notebook: NotebookNode, parameters: dict[str, object], chapter: RunChapter, staging: Path, limits: tuple[int, float]
) -> tuple[NotebookNode | None, Told | None, dict[str, str]]:
    """Run the cells, once more where the kernel was lost.

    Returns the executed notebook, what went wrong, and the sha256 of the data files that it opened.
    """
    for is_last in (False, True):
        made, problem, watch, files = _execute_once(notebook, parameters, chapter, staging, limits)
        if problem is None or is_last or is_stopped() or not _is_lost(problem):
            break
    if problem is None:
        return made, find_unfinished(made) or _find_unshowable(made), files
    error = _describe(problem, notebook, watch)
    _raise_of_machine(error)
    return None, error, files


def _execute_once(
    notebook: NotebookNode, parameters: dict[str, object], chapter: RunChapter, staging: Path, limits: tuple[int, float]
) -> tuple[NotebookNode | None, Exception | None, KernelWatch, dict[str, str]]:
    import papermill  # a tenth of a second, only where something runs

    log = staging / f".{chapter.name}.inputs"
    about = describe_run(chapter, parameters)
    environment = {INPUT_LOG_VARIABLE: str(log), RUN_VARIABLE: str(staging), ABOUT_VARIABLE: about}
    cell_limit, notebook_limit = limits
    executed = problem = None
    with socket_folder() as sockets, watched(notebook_limit, sockets) as watch:
        config = kernel_config(sockets, environment, _source(chapter).parent)
        config.NotebookClient.on_cell_start = watch.on_cell()
        try:
            executed = papermill.execute_notebook(
                notebook,
                None,
                parameters=parameters,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                start_timeout=round(_LONGEST_START * machine_load()),
                execution_timeout=cell_limit,
                config=config,
                shutdown_kernel="immediate",
                extra_arguments=KERNEL_ARGUMENTS,
            )
        except Exception as raised:
            problem = raised
        if problem is not None and watch.is_too_long:
            problem = CellTimeoutError(f"longer than {notebook_limit:.0f} seconds")
    files = fingerprints.hash_files(sorted(set(log.read_text(encoding="utf-8").splitlines())) if log.is_file() else ())
    log.unlink(missing_ok=True)
    return executed, problem, watch, files


def _is_lost(problem: Exception) -> bool:
    """Tell whether a kernel died, did not start or was not heard: the same cells may do well the next time."""
    from papermill.exceptions import PapermillExecutionError

    if isinstance(problem, PapermillExecutionError):
        return False
    return not isinstance(problem, CellTimeoutError) or "IOPub" in str(problem)


def machine_load() -> float:
    """Return how many times as long things take as on a machine with nothing else to do: at least 1, at most 10."""
    if not hasattr(os, "getloadavg"):
        return 1.0
    return min(10.0, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def _raise_of_machine(error: Told) -> None:
    """Raise what the kernel met when it is no fault of the notebook: a full disk, a drive that does not answer."""
    message = str(error["message"])
    number = re.match(r"\[Errno (\d+)\] ", message)
    if number and int(number[1]) in _OF_THE_MACHINE:
        place = re.search(r": '([^']+)'$", message)
        raise OSError(int(number[1]), os.strerror(int(number[1])), place[1] if place else str(error["cell"]))


def _read_beside() -> list[str]:
    """Name what notebooks read beside the data: codebook and theme, and published reports, but none in the making."""
    reports = paths.project_root() / "reports"
    found = [*reports.glob("*.csv"), *reports.glob("style/*.yml")]
    for folder, inner, names in os.walk(paths.build_dir() / "site"):
        inner[:] = [name for name in inner if not name.startswith(".")]
        found += [Path(folder) / name for name in names if name in ("run.json", "results.csv")]
    return sorted(map(paths.shown, found))


def notebook_inputs(
    chapter: RunChapter, parameters: dict[str, object], staging: Path, notebook: NotebookNode | None = None
) -> dict[str, object]:
    """Record what the outcome of a notebook depends on, but for the content of the data files that it opens.

    These are the cells by label, the modules of this package that it uses, the names of all data files there are, and
    the results of the other chapters, for the summary.
    """
    notebook = notebook or _read(chapter)
    folder = _source(chapter).parent
    own = {path.relative_to(folder).as_posix(): path for path in sorted(folder.glob("own/**/*.py"))}
    helpers = {f"notebooks/{name}": fingerprints.file_hash(path) for name, path in own.items()}
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    code += [path.read_text(encoding="utf-8") for path in own.values()]
    cells: dict[str, str] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        label = cell_label(cell)
        label = f"{label} {number}" if label in cells else label
        cells[label] = fingerprints.text_hash([cell.cell_type, cell.source, cell.metadata, cell.get("id")])
    return {
        "chapter": [chapter.name, chapter.title, chapter.kind],
        "format": fingerprints.text_hash([notebook.metadata, notebook.nbformat, notebook.nbformat_minor]),
        "cells": cells,
        "order": list(cells),
        "parameters": {**parameters, **chapter.parameters},
        "modules": {**fingerprints.modules_behind(code), **helpers},
        "lock": fingerprints.file_hash(paths.project_root() / fingerprints.LOCK),
        "versions": fingerprints.recorded_versions(),
        "names": fingerprints.data_names(),
        "results": fingerprints.file_hash(staging / "results.csv"),
    }


def describe_run(chapter: RunChapter, parameters: dict[str, object]) -> str:
    """Say what a chapter is about, as its steps are held to it when they open something (``check_opened``)."""
    edition = {} if chapter.kind in (None, "site") else {"edition": chapter.kind}
    themes = chapters_of_themes(load_deal(str(parameters["deal"]))) if "deal" in parameters else {}
    theme = {"theme": themes[chapter.name]} if chapter.name in themes else {}
    return json.dumps({**theme, **parameters, **chapter.parameters, **edition})


def _read(chapter: RunChapter) -> NotebookNode:
    return make_copy(nbformat.read(_source(chapter), as_version=4), chapter)


def _source(chapter: RunChapter) -> Path:
    return paths.project_root() / "notebooks" / f"{chapter.notebook}.ipynb"


def _since(started: float) -> float:
    return round(time.monotonic() - started, 1)


def _digest(made: Made) -> str:
    return hashlib.sha256(made.text.encode()).hexdigest()


def kernel_config(sockets: str, environment: dict[str, str], folder: Path):
    """Say where a kernel works, and keep what it says off the network: sockets in a private folder, where there are."""
    from traitlets.config import Config

    kernel = {"environment": environment, "folder": str(folder), "sockets": sockets, "has_debugger": False}
    config = {
        "WarmProvisioner": {**kernel, "is_batch": True},
        "NotebookClient": {
            "kernel_manager_class": "evaluation.run.kernels.provisioner.BatchKernelManager",
            "iopub_timeout": round(_LONGEST_OUTPUT * machine_load()),
        },
        "AsyncKernelManager": {"client_class": "evaluation.run.kernels.provisioner.PromptClient"},
    }
    # jupyter_client's own choice is five TCP ports: another run may take one between choosing and binding it, and every
    # user of the machine can reach them.  Files in a folder of this notebook alone have neither trouble.
    address = os.path.join(sockets, "kernel")
    if os.name == "posix" and len(address) <= _LONGEST_SOCKET:
        file = os.path.join(sockets, "kernel.json")
        config["KernelManager"] = {"transport": "ipc", "ip": address, "connection_file": file}
    return Config(config)


def find_unfinished(notebook: NotebookNode) -> Told | None:
    """Tell where a notebook stopped without an error that papermill raises (SystemExit, for one)."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        stopped = next((output for output in cell.outputs if output.output_type == "error"), None)
        if stopped is not None:
            return describe_error(stopped.ename, stopped.evalue, notebook, index, stopped.traceback)
        if cell.execution_count is None:
            return describe_error("Stopped", "the notebook ended before this cell", notebook, index)
    return None


def _find_unshowable(notebook: NotebookNode) -> Told | None:
    """Tell what the notebook shows that a report cannot; all of it at once."""
    faults = list(output_faults(notebook))
    if not faults:
        return None
    told = "; ".join(f"{place} {found}" for place, found in faults)
    return {"name": "CannotShow", "message": short_message(told, 2000), "cell": ""}


def _describe(problem: Exception, notebook: NotebookNode, watch: KernelWatch) -> Told:
    """Say what went wrong in words, without a traceback or a path of this machine."""
    from papermill.exceptions import PapermillExecutionError

    ran = with_parameters(notebook, {})  # its cells stand where they stood as it ran
    if isinstance(problem, PapermillExecutionError):
        cell = ran.cells[problem.cell_index]
        cell.execution_count = problem.exec_count
        return describe_error(problem.ename, problem.evalue, ran, problem.cell_index, problem.traceback)
    message = tell_end(watch.end_code(), watch.memory) if type(problem).__name__ == "DeadKernelError" else str(problem)
    return describe_error(type(problem).__name__, message, ran, watch.cell)


def with_parameters(notebook: NotebookNode, parameters: Mapping[str, object]) -> NotebookNode:
    """Copy a notebook without outputs, with a cell of parameters behind its own, as papermill makes it."""
    ran, lines = copy.deepcopy(notebook), [f"{name} = {value!r}" for name, value in parameters.items()]
    for cell in ran.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    places = [index for index, cell in enumerate(ran.cells) if "parameters" in tags_of(cell)]
    injected = v4.new_code_cell("\n".join(lines), metadata={"tags": [INJECTED]})
    ran.cells.insert(places[0] + 1 if places else 0, injected)
    return ran


def _without_traces(notebook) -> str:
    """Write an executed notebook without times, durations and paths, so that equal inputs give equal bytes."""
    notebook.metadata.pop("papermill", None)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        if output.output_type == "stream":  # a warning names the file that this very kernel made of a cell
            output.text = _CELL_FILE.sub("cell", output.text)
    for index, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"injected-parameters-{index}"
    return nbformat.writes(notebook, version=4) + "\n"
