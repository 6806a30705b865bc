"""A kernel that has done the cells above what is edited, so that a save runs the rest and nothing twice.

Any cell may change what others use: a list, a table, a figure, the state of a module.  So every cell runs once, in
order, in a kernel of its own, as in a run.  After a save another kernel does the cells above the first that changed
(`get_ready`): the next save goes on from there, where nothing above it is another.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from nbformat import NotebookNode, v4

from evaluation.run.cell_errors import Told, describe_error, tell_end
from evaluation.run.execute import KERNEL_ARGUMENTS, find_unfinished, kernel_config, with_parameters
from evaluation.run.kernels.fork_server import PACKAGES, socket_folder
from evaluation.run.kernels.provisioner import kill_kernels, warm_up
from evaluation.run.kernels.watch import KernelWatch

_OPENS = re.compile(r"\bopen_\w+\(")


class StepError(Exception):
    """A notebook that did not come to its end; `told` as of `cell_errors.describe_error`."""

    def __init__(self, told: Told) -> None:
        self.told = told
        super().__init__(f"{told['name']}: {told['message']}")


class LiveKernel:
    """Runs a notebook again and again; a cell may take `cell_limit` seconds."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, cell_limit: int = 900) -> None:
        warm_up(PACKAGES)  # not the package itself: it may be edited meanwhile
        self.folder, self.environment, self.cell_limit = folder, dict(environment), cell_limit
        self._sockets = socket_folder()
        self._watch = KernelWatch(self._sockets.name)
        self._client = None
        self._is_stopped = Event()
        self._done: list[NotebookNode] = []  # the cells that the kernel has done, with their outputs
        self._last: list[NotebookNode] = []  # the cells of the last run
        self._ahead: list[NotebookNode] = []  # those above what is edited

    def run(self, notebook: NotebookNode, parameters: Mapping[str, object]) -> NotebookNode:
        """Execute a notebook with these parameters and return it with its outputs.

        Raises StepError when a cell ends with an error or takes too long, or the kernel dies.
        """
        ran = with_parameters(notebook, parameters)
        cells = _code(ran)
        edited = _same(cells, self._last)
        if edited < max(len(cells), len(self._last)):  # else a data file changed
            self._ahead = cells[: max(edited, _opening(cells))]
        self._last = cells
        if _same(cells, self._done) < len(self._done):
            self.restart()
        try:
            self._start()
            self._execute(ran)
        except Exception as problem:
            index = self._watch.cell
            self.restart()
            raise StepError(_described(problem, ran, index, self._watch)) from None
        if stopped := find_unfinished(ran):
            self.restart()
            raise StepError(stopped)
        return ran

    def get_ready(self) -> None:
        """Do the cells above those that were edited last in another kernel, for the next run to go on from."""
        self.restart()
        try:
            self._start()
            self._execute(v4.new_notebook(cells=copy.deepcopy(self._ahead)))
        except Exception:  # then the next run begins at the top, and tells what it meets
            self.restart()

    def stop(self) -> None:
        """Kill the kernel, from any thread: a run that is under way fails, and the next begins with another."""
        self._is_stopped.set()
        kill_kernels(self._sockets.name)

    def restart(self) -> None:
        """Let the next run start a kernel of its own."""
        kill_kernels(self._sockets.name)
        self._is_stopped.clear()
        self._done = []
        client, self._client = self._client, None
        if client is not None:
            client._cleanup_kernel()

    def close(self) -> None:
        """Kill the kernel and clear what it leaves."""
        self.restart()
        self._sockets.cleanup()

    def _execute(self, notebook: NotebookNode) -> None:
        """Execute the cells of a notebook, but for those at the top that this kernel has done."""
        self._client.nb = notebook
        self._client.reset_execution_trackers()
        done = iter(list(self._done))
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            if (before := next(done, None)) is not None:
                cell.outputs, cell.execution_count = copy.deepcopy(before.outputs), before.execution_count
            else:
                self._client.execute_cell(cell, index)
                self._done.append(cell)

    def _start(self) -> None:
        """Start a kernel where none runs."""
        from nbclient import NotebookClient
        from nbclient.util import run_sync

        if self._is_stopped.is_set() or (self._client is not None and not run_sync(self._client.km.is_alive)()):
            self.restart()
        if self._client is None:
            self._watch = KernelWatch(self._sockets.name)
            client = NotebookClient(
                v4.new_notebook(),
                kernel_name="python3",
                timeout=self.cell_limit,
                startup_timeout=120,
                shutdown_kernel="immediate",
                extra_arguments=list(KERNEL_ARGUMENTS),
                config=kernel_config(self._sockets.name, self.environment, self.folder),
                on_cell_start=self._watch.on_cell(),
            )
            client.create_kernel_manager()
            client.start_new_kernel()
            client.start_new_kernel_client()
            self._client = client


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _same(cells: Sequence[NotebookNode], before: Sequence[NotebookNode]) -> int:
    """Count the cells at the top that are as before, options included: what a cell shows may depend on its caption."""
    pairs = zip(cells, before, strict=False)
    return next(
        (count for count, (new, old) in enumerate(pairs) if new.source != old.source), min(len(cells), len(before))
    )


def _opening(cells: Sequence[NotebookNode]) -> int:
    """Count the cells until the chapter is open, which takes the longest of what hardly ever changes."""
    opened = [count for count, cell in enumerate(cells, start=1) if _OPENS.search(cell.source)]
    return opened[0] if opened else 0


def _described(problem: Exception, notebook: NotebookNode, index: int | None, watch: KernelWatch) -> Told:
    """Say what went wrong, and in which cell."""
    name, message, traceback = type(problem).__name__, str(problem), []
    if name == "CellExecutionError":
        name, message, traceback = problem.ename, problem.evalue, problem.traceback.splitlines()
    elif name == "DeadKernelError":
        message = tell_end(watch.end_code(), watch.memory)
    return describe_error(name, message, notebook, index, traceback)
