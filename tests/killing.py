"""Kill a command before its n-th change on the disk, in this process's place or as a process of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

CHANGES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink", "os.truncate"}
"""What Python tells of a change on the disk, just before it is made (audit events); also an open to write."""


def count_changes(kill_at: int | None = None) -> Callable[[], int]:
    """Count the changes that this process makes from now on, and kill it before the n-th; give what tells how many."""
    count = 0

    def watch(event: str, arguments: tuple) -> None:
        nonlocal count
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in CHANGES or writes:
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    return lambda: count


def in_child(act: Callable[[], object], kill_at: int | None = None) -> tuple[int, int]:
    """Act in a fork of this process, killed before its n-th change on the disk; give its end and how many it made."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        made = count_changes(kill_at)
        try:
            act()
        except BaseException as error:
            os.write(2, f"{error}\n".encode())
            os._exit(1)
        os.write(tell, str(made()).encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(told) as reader:
        text = reader.read()
    return os.waitpid(child, 0)[1], int(text or 0)


def contents(root: Path) -> dict[str, bytes]:
    """List all files of a folder but locks, what is kept of earlier work, and what only saves or tells time."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".lock")
    passing = (".timings.json", ".run.json", ".report.json")
    kept = (path for path in found if "cache" not in path.parts and not path.name.endswith(passing))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in kept}


if __name__ == "__main__":  # python -m tests.killing STEP FILE WORDS...: STEP 0 kills nothing, FILE gets the count
    import atexit

    step, told, *words = sys.argv[1:]
    sys.argv[1:] = words
    made = count_changes(int(step))
    atexit.register(lambda: Path(told).write_text(str(made()), encoding="utf-8"))
    from evaluation.cli.main import main

    main()
