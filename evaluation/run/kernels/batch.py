"""The kernel that runs a notebook unattended: it reads nothing of the user's, so that all get the same numbers.

In JupyterLab a user's profile is wanted.  In a run it would decide what a report says: a startup file gives a name that
the notebook lacks, or puts another function in the place of ours.

A cell that would fill memory and disk with what it shows is stopped where it does that.
"""

import sys
import threading
from pathlib import Path

from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp

MOST_SHOWN = 10_000_000
"""Characters that a cell may print and display."""


class OutputTooLarge(Exception):
    """A cell shows more than any page can."""


class _Allowance:
    """What the cell that runs now may still show."""

    left = MOST_SHOWN

    def renew(self, *_: object) -> None:
        """Begin a cell."""
        self.left = MOST_SHOWN

    def take(self, size: int) -> bool:
        """Take some of it; OutputTooLarge where that is too much, or False in a thread that has no cell to stop."""
        self.left -= size
        if self.left < 0 and threading.current_thread() is threading.main_thread():
            raise OutputTooLarge(
                f"this cell shows more than {MOST_SHOWN // 1_000_000} MB: show a part, or a table of it"
            )
        return self.left >= 0


_allowance = _Allowance()


class CappedStream(OutStream):
    """What a cell prints, until it is too much."""

    def write(self, string: str) -> int | None:
        """Write some of it."""
        size = len(string) if isinstance(string, str) else 0
        return super().write(string) if _allowance.take(size) else size


class BatchKernelApp(IPKernelApp):
    """A kernel without a profile: no configuration of user, environment or machine, no startup files."""

    outstream_class = f"{__name__}.{CappedStream.__name__}" if __name__ != "__main__" else (
        "evaluation.run.kernels.batch.CappedStream"
    )  # fmt: skip

    def load_config_file(self, *_: object, **__: object) -> None:
        """Read none: those of the machine (/etc/ipython) and of sys.prefix decide as much as those of the user."""

    def init_shell(self) -> None:
        """Count what each cell shows."""
        from evaluation.run.kernels import batch  # this very module may be the script, and the stream is of that one

        super().init_shell()
        self.shell.events.register("pre_run_cell", batch._allowance.renew)
        self.shell.display_pub.register_hook(batch.counted)

    def _run_startup_files(self) -> None:
        """Run none, also not that of PYTHONSTARTUP."""


def counted(message: dict) -> dict:
    """Count what a cell displays, on its way out."""
    data = message["content"].get("data") or {}
    _allowance.take(sum(len(part) if isinstance(part, (str, bytes)) else len(str(part)) for part in data.values()))
    return message


if __name__ == "__main__":
    if sys.path[0] == "" or Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # as ipykernel_launcher does; the kernel puts it back
    BatchKernelApp.launch_instance()
