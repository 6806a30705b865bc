"""A kernel that stays between runs of one notebook, so that only steps that changed are run again.

A step is a cell of calls that names nothing: chapters are frozen, so a step displays the same as long as the cells that
give names are the same.  When one of those changes, a run begins with an empty namespace, so that no name of an earlier
run is left to lean on.  What the package keeps in its process (tables that were read, the panel) stays, until a data
file or a module changes: then `restart`.
"""

import ast
import copy
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode, v4

from evaluation.publish.pages.notebook_markdown import split_options
from evaluation.run.execute import KERNEL_ARGUMENTS, cell_label, find_unfinished, kernel_config, short_message
from evaluation.run.kernels.fork_server import PACKAGES, socket_folder
from evaluation.run.kernels.provisioner import kill_kernels, warm_up

Key = tuple[str, int]
"""Of a cell: its code without options, and how many cells up to it give names."""

_EMPTY = "get_ipython().reset(new_session=True)"


class StepError(Exception):
    """A notebook that did not come to its end: name and message of the error, and the label or id of its cell."""

    def __init__(self, name: str, message: str, cell: str) -> None:
        self.name, self.message, self.cell = name, message, cell
        super().__init__(f"{name}: {message}")


class LiveKernel:
    """Runs a notebook again and again; a cell may take `cell_limit` seconds."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, cell_limit: int = 900) -> None:
        warm_up(PACKAGES)  # not the package itself: it may be edited meanwhile
        self.folder, self.environment, self.cell_limit = folder, dict(environment), cell_limit
        self._sockets = socket_folder()
        self._client = None
        self._is_stopped = threading.Event()
        self._names: list[Key] = []
        self._done: dict[Key, NotebookNode] = {}

    def run(self, notebook: NotebookNode, parameters: Mapping[str, object]) -> NotebookNode:
        """Execute a notebook with these parameters and return it with its outputs.

        Raises StepError when a cell ends with an error or takes too long, or the kernel dies.
        """
        ran = _with_parameters(notebook, parameters)
        names = [key for key, cell in _keyed(ran) if not _is_step(cell.source)]
        try:
            self._start()
            if names != self._names:
                self._names, self._done = [], {}
                self._execute(v4.new_notebook(cells=[v4.new_code_cell(_EMPTY)]))
            self._execute(ran)
        except Exception as problem:
            if type(problem).__name__ != "CellExecutionError":
                self.restart()  # it hangs or is gone; after an error in a cell it is as good as before
            raise _step_error(problem, ran) from None
        if stopped := find_unfinished(ran):
            self.restart()
            raise StepError(**stopped)
        self._names, self._done = names, dict(_keyed(ran))
        return ran

    def stop(self) -> None:
        """Kill the kernel, from any thread: a run that is under way fails, and the next begins with another."""
        self._is_stopped.set()
        kill_kernels(self._sockets.name)

    def restart(self) -> None:
        """Let the next run start a kernel of its own."""
        kill_kernels(self._sockets.name)
        self._is_stopped.clear()
        self._names, self._done = [], {}
        client, self._client = self._client, None
        if client is not None:
            client._cleanup_kernel()

    def close(self) -> None:
        """Kill the kernel and clear what it leaves."""
        self.restart()
        self._sockets.cleanup()

    def _execute(self, notebook: NotebookNode) -> None:
        """Execute the cells of a notebook, but for those that were executed under the same names."""
        self._client.nb = notebook
        self._client.reset_execution_trackers()
        places = {id(cell): index for index, cell in enumerate(notebook.cells)}
        for key, cell in _keyed(notebook):
            if (done := self._done.get(key)) is not None:
                cell.outputs, cell.execution_count = copy.deepcopy(done.outputs), done.execution_count
            else:
                self._client.execute_cell(cell, places[id(cell)])

    def _start(self) -> None:
        """Start a kernel where none runs."""
        from nbclient import NotebookClient
        from nbclient.util import run_sync

        if self._is_stopped.is_set() or (self._client is not None and not run_sync(self._client.km.is_alive)()):
            self.restart()
        if self._client is None:
            client = NotebookClient(
                v4.new_notebook(),
                kernel_name="python3",
                timeout=self.cell_limit,
                startup_timeout=120,
                shutdown_kernel="immediate",
                extra_arguments=list(KERNEL_ARGUMENTS),
                config=kernel_config(self._sockets.name, self.environment, self.folder),
            )
            client.create_kernel_manager()
            client.start_new_kernel()
            client.start_new_kernel_client()
            self._client = client


def _with_parameters(notebook: NotebookNode, parameters: Mapping[str, object]) -> NotebookNode:
    """Copy a notebook without outputs, with a cell of parameters behind its own, as papermill makes it."""
    ran, lines = copy.deepcopy(notebook), [f"{name} = {value!r}" for name, value in parameters.items()]
    for cell in ran.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    places = [index for index, cell in enumerate(ran.cells) if "parameters" in cell.metadata.get("tags", [])]
    injected = v4.new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    ran.cells.insert(places[0] + 1 if places else 0, injected)
    return ran


def _keyed(notebook: NotebookNode) -> Iterator[tuple[Key, NotebookNode]]:
    """Give each code cell with what its outcome depends on: its code, and how many cells before it give names."""
    names = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            names += not _is_step(cell.source)
            yield (split_options(cell.source)[1], names), cell


def _is_step(source: str) -> bool:
    """Tell whether a cell only calls: it gives no name and imports nothing."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    has_names = any(isinstance(node, ast.NamedExpr) for node in ast.walk(tree))
    return bool(tree.body) and all(isinstance(item, ast.Expr) for item in tree.body) and not has_names


def _step_error(problem: Exception, notebook: NotebookNode) -> StepError:
    """Say what went wrong, and in which cell."""
    ran = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count is not None]
    cell = cell_label(ran[-1]) if ran else ""
    if type(problem).__name__ == "CellExecutionError":
        return StepError(problem.ename, short_message(problem.evalue), cell)
    return StepError(type(problem).__name__, short_message(str(problem)), cell)
