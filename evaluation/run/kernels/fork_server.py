"""The process that warm kernels are forked from: started as early as can be, since it imports for seconds.

Imports nothing heavy itself.
"""

import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import multiprocessing.util
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType

PACKAGES = ("evaluation.run.kernels.gone", "evaluation.base.garbage", "evaluation.run.kernels.imports")
"""Imported once for all kernels.  Nothing of it reads the environment or starts a thread on import, and what it sets
a kernel sets back."""

OWN_MODULES = (
    "evaluation.run.kernels.gone",
    "evaluation.base.garbage",
    "evaluation.chapters",
    "evaluation.run.pipeline",
    "evaluation.run.kernels.imports",
)
"""Imported for a run, where the package's source does not change; in JupyterLab an evaluator may edit it."""

_LONGEST = 70
"""Characters of a folder's path: the address of a socket may have about 107, and 32 come behind."""

starting = threading.Lock()
"""Held while a process is started: what `without_script` hides is hidden from all threads."""


def can_fork() -> bool:
    """Tell whether warm kernels work here: macOS has fork, but its system libraries do not survive it."""
    has_forks = sys.platform.startswith("linux") and "forkserver" in multiprocessing.get_all_start_methods()
    return has_forks and _short_folder() is not None


def _short_folder() -> str | None:
    """Return a temporary folder with a path that the address of a local socket has room for; None where none is."""
    places = dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"))
    return next((place for place in places if len(os.fsencode(place)) <= _LONGEST and os.access(place, 7)), None)


def socket_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a private folder for the sockets of a kernel: where TMPDIR is too long for those, elsewhere."""
    return tempfile.TemporaryDirectory(prefix="kernel-", dir=_short_folder())


def start_server(modules: Sequence[str] = OWN_MODULES) -> None:
    """Start the server where none runs yet, and return at once; one that runs keeps what it has imported."""
    if not can_fork():
        return
    # A private part of multiprocessing: nothing public tells whether modules were named before (it begins with
    # ["__main__"]), nor, for `_stop_server`, which process the server is.
    with starting:
        if multiprocessing.forkserver._forkserver._preload_modules == ["__main__"]:
            multiprocessing.set_forkserver_preload(list(modules))
        multiprocessing.resource_tracker.ensure_running()  # it lets Ctrl-C through again, so it goes first
        with without_script(), _short_temporary(), _deaf_to_ctrl_c():
            multiprocessing.forkserver.ensure_running()


@contextmanager
def _short_temporary() -> Iterator[None]:
    """Let multiprocessing choose its folder, which it does once, where its sockets have room."""
    before, tempfile.tempdir = tempfile.tempdir, _short_folder()
    try:
        multiprocessing.util.get_temp_dir()
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let what is started meanwhile hear no Ctrl-C: it would tell where it was importing.  A kernel hears it again."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def without_script() -> Iterator[None]:
    """Keep multiprocessing from importing in a kernel the script that asks for one: nothing of it belongs there."""
    script, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _stop_server() -> None:
    """End the server with this process, also while it imports: who reads this process's output waits for it too."""
    if (pid := multiprocessing.forkserver._forkserver._forkserver_pid) is not None:
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM)


multiprocessing.util.Finalize(None, _stop_server, exitpriority=50)
