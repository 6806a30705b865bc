"""Warm kernels: a notebook's kernel is forked from a process that has imported the heavy packages already.

A kernel provisioner of jupyter_client, registered as an entry point, so that papermill and JupyterLab stay as they are.
Every kernel is a process of its own with the environment, folder and random state of a new one; only the imports are
shared.  Where a process cannot be forked safely (macOS, Windows), or where another Python is asked for, it starts an
ordinary kernel.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import multiprocessing
import multiprocessing.connection
import multiprocessing.forkserver
import multiprocessing.util
import os
import signal
import site
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty
from typing import Any
from weakref import WeakSet

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Dict, Unicode, default

from evaluation.base.programs import end_with_parent
from evaluation.run.kernels.fork_server import OWN_MODULES, PACKAGES, can_fork, start_server, starting, without_script

NAME = "regiodeal-warm"
"""Of the provisioner: what JUPYTER_DEFAULT_PROVISIONER_NAME says to use it in JupyterLab."""

_DECIDES_AT_START = ("PYTHONPATH", "PYTHONHOME", "PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONDEVMODE")
"""Variables that Python reads once: a kernel that has others cannot be forked from a process that has these."""

_LAUNCHER = ["-m", "ipykernel_launcher"]
_BATCH, _LAB = "evaluation.run.kernels.batch", "evaluation.run.kernels.lab"
_OF_THE_USER = ("IPYTHON", "JUPYTER", "PLOTLY_", "PYTHONSTARTUP")
"""How the variables begin that let a kernel read, or do, what a user set up for working by hand."""

_LONGEST_END = 1.0
_kernels: WeakSet[WarmProvisioner] = WeakSet()
_is_stopped = threading.Event()


def warm_up(modules: Sequence[str] = OWN_MODULES) -> None:
    """Start the process that kernels are forked from, and use it for every notebook that this process runs.

    Returns at once; the imports go on meanwhile.
    """
    from importlib.metadata import EntryPoint

    from jupyter_client.provisioning import KernelProvisionerFactory

    factory = KernelProvisionerFactory.instance()
    factory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:WarmProvisioner", factory.GROUP_NAME)
    factory.default_provisioner_name = NAME
    _is_stopped.clear()
    start_server(modules)


def is_stopped() -> bool:
    """Tell whether all kernels were killed since the last `warm_up`, as a run that is broken off does."""
    return _is_stopped.is_set()


def kill_kernels(kernel_folder: str | None = None) -> None:
    """Kill the kernels that this process started, until the next `warm_up`, or those of one folder of sockets."""
    if kernel_folder is None:
        _is_stopped.set()
    for provisioner in list(_kernels):
        if kernel_folder is None or provisioner.sockets == kernel_folder:
            provisioner.kill_now()


def kernel_process(kernel_folder: str) -> Any:
    """Return the process of the kernel with its sockets in a folder, with `pid` and `poll()`; None where none runs."""
    started = (item.process for item in list(_kernels) if item.sockets == kernel_folder)
    return next((process for process in started if process is not None and process.poll() is None), None)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by a fork; all the rest is jupyter_client's own."""

    environment = Dict(help="Variables that the kernel has beside those of this process.").tag(config=True)
    folder = Unicode(help="Working directory of the kernel; that of this process when empty.").tag(config=True)
    has_debugger = Bool(True, help="Whether cells can be debugged, which takes time to prepare.").tag(config=True)
    is_batch = Bool(False, help="Whether a notebook runs unattended: nothing of the user's is read.").tag(config=True)
    sockets = Unicode(help="Folder that tells the kernels of one notebook from others.").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, or start one as ever where that cannot be."""
        environment = {**(kwargs.get("env") or os.environ), **self.environment}
        if self.is_batch:
            kept = {name: value for name, value in environment.items() if not name.startswith(_OF_THE_USER)}
            environment = kept | {"PYTHONNOUSERSITE": "1", "IPYTHONDIR": os.path.join(self.sockets, "ipython")}
        kwargs = {**kwargs, "env": environment}
        if self.folder:
            kwargs["cwd"] = self.folder
        _kernels.add(self)
        if _is_forkable(cmd, environment) and not (self.is_batch and _has_user_packages()):
            self.cwd = kwargs.get("cwd") or Path.cwd()
            arguments = cmd[1 + len(_LAUNCHER) :]
            # The first kernel waits for the imports; an event loop that serves others must not.
            self.process = await asyncio.to_thread(
                _ForkedProcess, arguments, environment, str(self.cwd), has_debugger=self.has_debugger,
                is_batch=self.is_batch,
            )  # fmt: skip
            self.pid = self.pgid = self.process.pid
        else:
            own = _BATCH if self.is_batch else _LAB
            is_ours = bool(cmd) and os.path.abspath(cmd[0]) == os.path.abspath(sys.executable)
            cmd = [own if part == _LAUNCHER[1] and (self.is_batch or is_ours) else part for part in cmd]
            await super().launch_kernel(cmd, **kwargs)
        if _is_stopped.is_set():
            self.kill_now()
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and wait for its end; jupyter_client looks whether it came only ten times a second."""
        await super().kill(restart)
        if isinstance(self.process, _ForkedProcess):
            await asyncio.to_thread(self.process.wait, _LONGEST_END)

    def kill_now(self) -> None:
        """Kill the kernel and what it started, from any thread."""
        process = self.process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(OSError):
            os.killpg(self.pgid, signal.SIGKILL) if self.pgid and hasattr(os, "killpg") else process.kill()


class BatchKernelManager(AsyncKernelManager):
    """Starts the kernel of this very Python, whatever kernel a user registered as ``python3``."""

    @default("kernel_spec_manager")
    def _own_specs(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[])


class PromptClient(AsyncKernelClient):
    """Begins as soon as a kernel answers.

    jupyter_client then listens for a fifth of a second to what else the kernel has to say, and drops it; who executes a
    notebook knows the messages of its own cells from others.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        until = time.monotonic() + (float("inf") if timeout is None else timeout)
        while time.monotonic() < until:
            self.kernel_info()
            with contextlib.suppress(Empty):
                answer = await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)  # or else nobody would hear what its cells give
                if answer["msg_type"] == "kernel_info_reply":
                    self._handle_kernel_info_reply(answer)
                    return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    wait_for_ready = _async_wait_for_ready


class _ForkedProcess:
    """A forked kernel with the methods of subprocess.Popen that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(
        self, arguments: list[str], environment: Mapping[str, str], folder: str, *, has_debugger: bool, is_batch: bool
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        path = [entry for entry in sys.path if entry not in ("", os.getcwd())]
        self._process = context.Process(
            target=_be_a_kernel, args=(arguments, dict(environment), folder, path, has_debugger, is_batch)
        )
        start_server(PACKAGES)
        with starting, without_script():
            self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _has_user_packages() -> bool:
    return bool(site.ENABLE_USER_SITE) and site.getusersitepackages() in sys.path


def _is_forkable(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Tell whether a fork gives what this command would give: a Python kernel of this very Python."""
    return (
        can_fork()
        and list(command[1 : 1 + len(_LAUNCHER)]) == _LAUNCHER
        and os.path.abspath(command[0]) == os.path.abspath(sys.executable)
        and all(environment.get(name) == os.environ.get(name) for name in _DECIDES_AT_START)
    )


def _be_a_kernel(
    arguments: list[str], environment: dict[str, str], folder: str, path: list[str], has_debugger: bool, is_batch: bool
) -> None:
    """Make of a fresh fork what ``python -m ipykernel_launcher`` would be, and serve until the end."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until a cell runs, as ipykernel has it: what came before is dropped
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    _end_with_client()
    _take_state_of_new_process(environment, folder, path)
    sys.argv = ["ipykernel_launcher", *arguments]
    if not has_debugger:
        sys.modules["debugpy"] = None  # ipykernel takes it for not installed
    if is_batch:
        from evaluation.run.kernels.batch import BatchKernelApp as KernelApp
    else:
        from evaluation.run.kernels.lab import LabKernelApp as KernelApp

    code = 0
    try:
        KernelApp.launch_instance(argv=arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


def _take_state_of_new_process(environment: dict[str, str], folder: str, path: list[str]) -> None:
    import locale

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[:] = path
    sys.excepthook = sys.__excepthook__
    sys.modules.pop("__mp_main__", None)
    time.tzset()
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "")
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _end_with_client() -> None:
    """End, with all that this kernel started, when it is killed or the process that asked for it ends, however it ends.

    A process beside the kernel waits for either.  No thread could: code may never let go of the interpreter, and who is
    killed clears nothing.
    """
    server = multiprocessing.forkserver._forkserver
    with contextlib.suppress(AttributeError, OSError, TypeError):
        os.close(server._forkserver_alive_fd)
        server._forkserver_alive_fd = None
    kernel, sentinel = os.getpid(), multiprocessing.parent_process().sentinel
    if os.fork():
        end_with_parent()
        return
    signal.signal(signal.SIGUSR1, _end_group)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_with_parent(signal.SIGUSR1)
    if os.getppid() == kernel:
        multiprocessing.connection.wait([sentinel])
    _end_group()


def _end_group(*_: object) -> None:
    os.killpg(0, signal.SIGKILL)


multiprocessing.util.Finalize(None, kill_kernels, exitpriority=100)
