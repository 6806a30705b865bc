"""An eye on the kernel of one notebook: which cell runs, how much memory it took, how long it may go on."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.run.kernels.provisioner import kernel_process, kill_kernels

_EVERY_SECONDS = 0.5
_PATIENCE = 2.0


@dataclass(slots=True)
class KernelWatch:
    """What is known of a kernel while it runs, and when it is lost.

    Attributes
    ----------
    sockets : str    Folder that tells the kernel from others.
    is_too_long : bool    Whether it was ended because it took too long.
    cell : int | None    Index of the cell that was begun last, in the notebook as it runs.
    memory : int | None    The most bytes of memory that were seen; None where the system does not tell.
    """

    sockets: str
    is_too_long: bool = False
    cell: int | None = None
    memory: int | None = None
    _process: object = field(default=None, repr=False)

    def on_cell(self) -> Callable[..., None]:
        """Return what nbclient calls at the start of every cell; a plain function, as settings are copied deeply."""

        def note(cell_index: int, **_: object) -> None:
            self.cell = cell_index
            self.look()

        return note

    def look(self) -> None:
        """Note the memory of the kernel."""
        self._process = self._process or kernel_process(self.sockets)
        with contextlib.suppress(OSError, ValueError, IndexError, AttributeError):
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii", errors="replace")
            seen = 1024 * int(status.partition("VmHWM:")[2].split()[0])
            self.memory = max(seen, self.memory or 0)

    def end_code(self) -> int | None:
        """Return the exit code of a kernel that is lost, minus the number of the signal that ended it."""
        until = time.monotonic() + _PATIENCE
        while self._process is not None:
            if (code := self._process.poll()) is not None or time.monotonic() > until:
                return code
            time.sleep(0.05)
        return None


@contextlib.contextmanager
def watched(seconds: float, sockets: str) -> Iterator[KernelWatch]:
    """Watch the kernel that has its sockets in a folder, and kill it when it takes longer than this."""
    watch, is_over, until = KernelWatch(sockets), threading.Event(), time.monotonic() + seconds

    def keep_looking() -> None:
        while not is_over.wait(min(_EVERY_SECONDS, max(0.0, until - time.monotonic()))):
            watch.look()
            if time.monotonic() >= until:
                watch.is_too_long = True
                kill_kernels(sockets)
                return

    thread = threading.Thread(target=keep_looking, name="watch of a kernel", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        thread.join()
