"""Watch what an evaluator saves, and show the page anew each time, until it is broken off."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfiles import watch

from evaluation.base.paths import data_dir, package_dir, project_root
from evaluation.cli.preview.page import Preview, PreviewError
from evaluation.cli.preview.server import PreviewServer

_QUIET_MS = 30
"""A save is over when nothing was written for so long."""


def keep_showing(preview: Preview, server: PreviewServer, tell: Callable[[str], None]) -> None:
    """Show the page, and again after every save, until Ctrl-C."""
    saved: queue.Queue[set[Path] | None] = queue.Queue()
    saved.put(None)  # the first time
    is_busy = threading.Event()

    def note(paths: set[Path]) -> None:
        saved.put(paths)
        if is_busy.is_set() and any(map(preview.is_source, paths)):
            preview.stop()  # a newer version is there: what runs now is of no use

    with _watched(note):
        while True:
            changed = saved.get()
            started = time.monotonic()
            is_busy.set()
            try:
                if preview.update(changed):
                    server.show(preview.note)
                    tell(f"Shown in {time.monotonic() - started:.1f} s")
                    if preview.note:
                        tell(preview.note)
            except PreviewError as error:
                if saved.empty():
                    server.tell(str(error))
                    tell(str(error))
            finally:
                is_busy.clear()
            if saved.empty():
                preview.get_ready()  # while the evaluator looks and writes


@contextmanager
def _watched(note: Callable[[set[Path]], None]) -> Iterator[None]:
    """Tell of every save in notebooks, prose, style, data and package meanwhile."""
    root = project_root()
    folders = [root / "notebooks", root / "reports", data_dir(), package_dir()]
    is_over = threading.Event()

    def look() -> None:
        for changes in watch(*folders, stop_event=is_over, step=_QUIET_MS, raise_interrupt=False):
            note({Path(path) for _, path in changes})

    watcher = threading.Thread(target=look, name="watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join(timeout=5)
