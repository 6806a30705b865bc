"""Keep two commands from changing the same thing at once."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from evaluation.base.errors import BusyError
from evaluation.base.run_variables import RUN_VARIABLE

LONGEST_WAIT = 600.0
"""Seconds after which nobody waits any longer for a lock: no command holds one as long."""


@contextmanager
def held(path: Path, busy: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock with this file meanwhile; its folder is made where it is not there.

    `busy` says what another command is at when it has the lock, as a sentence; `wait` for so many seconds first, and
    say so.  Raises BusyError when it is still held then, and an OSError on a drive that keeps no locks: without one,
    or with a file in its place that a killed command would leave behind, nobody would be kept out or everybody.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, fallback_to_soft=False)
    try:
        _acquire(lock, busy, wait)
    except NotImplementedError:
        raise OSError(errno.ENOLCK, "no locks", str(path)) from None
    except Timeout:
        raise BusyError(f"{busy}; wait until it is done.") from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, error.filename or str(path)) from None
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, busy: str, wait: float) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not wait:
            raise
        if RUN_VARIABLE not in os.environ:  # a kernel makes all that it writes, sys.__stderr__ too, a part of the cell
            print(f"{busy}; this waits until it is done, at most {wait:.0f} s.", file=sys.__stderr__ or sys.stderr)
        lock.acquire(timeout=wait)
