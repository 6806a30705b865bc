"""The kernel that runs a notebook unattended: it reads nothing of the user's, so that all get the same numbers.

In JupyterLab a user's profile is wanted.  In a run it would decide what a report says: a startup file gives a name that
the notebook lacks, or puts another function in the place of ours.
"""

import sys
from pathlib import Path

from ipykernel.kernelapp import IPKernelApp


class BatchKernelApp(IPKernelApp):
    """A kernel without a profile: no configuration of user, environment or machine, no startup files."""

    def load_config_file(self, *_: object, **__: object) -> None:
        """Read none: those of the machine (/etc/ipython) and of sys.prefix decide as much as those of the user."""

    def _run_startup_files(self) -> None:
        """Run none, also not that of PYTHONSTARTUP."""


if __name__ == "__main__":
    if sys.path[0] == "" or Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # as ipykernel_launcher does; the kernel puts it back
    BatchKernelApp.launch_instance()
