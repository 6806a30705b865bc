"""Start other programs, so that none of them outlives the command that started it.

Imports nothing heavy: the process that kernels are forked from uses it too.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluation.base.errors import ProgramError

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def end_with_parent(number: int = signal.SIGKILL) -> None:
    """Let the system kill this process, or give it a signal, when the one that forked it ends; on Linux only."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, number)


def start(command: Sequence[object], **options: Any) -> subprocess.Popen:
    """Start a program that ends with this process (on Linux also when this one is killed).

    The options are those of subprocess.Popen.  Raises ProgramError where it is not there or may not run.
    """
    words = [str(word) for word in command]
    try:
        return subprocess.Popen(words, preexec_fn=end_with_parent if _libc is not None else None, **options)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise ProgramError(f"{Path(words[0]).name} cannot be started: {error.strerror}. Install it again.") from None


def call(command: Sequence[object], *, timeout: float | None = None, **options: Any) -> subprocess.CompletedProcess:
    """Start a program as `start` does and wait for its end; it is killed when this is broken off.

    Raises subprocess.TimeoutExpired after so many seconds.
    """
    with start(command, **options) as process:
        try:
            told, complained = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, told, complained)
