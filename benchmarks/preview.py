"""How soon a save is seen: the preview of a page beside a full run and render of its report, in the same run.

The full side is ``regiodeal report --year`` with an empty cache: the mean of once before and once after.  The preview
is open, as it is while an evaluator works; its time runs from the moment that a file is saved until the browser shows
the change.  The browser is the Chromium of this machine; without one it is a client that follows the server's events
and then loads the page.

    python benchmarks/preview.py

Printed as ``name: value``; a figure of the preview is the median of several saves:

preview_step_pct
    Seconds after a change of a step, so that the notebook runs again, in per cent of the full side.
preview_prose_pct
    The same after a change of a page of prose.
preview_pct
    The same after a change of a sentence in a notebook.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from editions import ROOT, command, copy_project, measure

YEAR = "2021"
REPEATS = 5
PAUSE = 2.0
"""Seconds between two saves, so that the browser has drawn the figures of the last: nobody saves twice a second."""

LONGEST_WAIT = 120
NOTEBOOK, PROSE = "notebooks/3-veiligheid.ipynb", "reports/annual/verantwoording.qmd"
SENTENCE = "Projecten van dit thema"
STEP = 'municipalities(\\"woninginbraak\\"'
OTHER_STEP = 'municipalities(\\"mishandeling\\"'
HEADING = "Waar de cijfers vandaan komen"


def main() -> None:
    """Make the report, then change and look; print what was measured."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project, before = full_side(Path(folder) / "project")
        with previewed(project, NOTEBOOK) as browser:
            sentence = seconds(browser, project / NOTEBOOK, SENTENCE)
            step = seconds(browser, project / NOTEBOOK, SENTENCE, (STEP, OTHER_STEP))
        with previewed(project, PROSE) as browser:
            prose = seconds(browser, project / PROSE, HEADING)
        _, after = full_side(Path(folder) / "again")
        full = (before + after) / 2
        print(f"preview_seen_by: {type(browser).__name__}")
    print(f"preview_full_seconds: {full:.3g}")
    for name, value in (("step_", step), ("prose_", prose), ("", sentence)):
        print(f"preview_{name}seconds: {value:.3g}")
        print(f"preview_{name}pct: {100 * value / full:.3g}")


def full_side(folder: Path) -> tuple[Path, float]:
    """Make the report in a new project; return the project, and the seconds that it took."""
    project = copy_project(folder)
    shutil.copyfile(ROOT / "_quarto-site.yml", project / "_quarto-site.yml")
    return project, measure([*command(), "report", "--year", YEAR, "--engine", "embedded"], project)[0]


def seconds(browser: Chromium | Client, path: Path, words: str, step: tuple[str, str] = ("", "")) -> float:
    """Save a file with a mark behind some words, and each time with the other of two steps; return the median."""
    measured, text = [], path.read_text(encoding="utf-8")
    assert words in text and step[0] in text
    for number in range(REPEATS):
        mark = f"{words} ({time.monotonic_ns()})"
        changed = text.replace(words, mark, 1)
        changed = changed.replace(*step) if step[0] and number % 2 == 0 else changed
        started = time.perf_counter()
        path.write_text(changed, encoding="utf-8")
        browser.wait_for(mark)
        measured.append(time.perf_counter() - started)
        time.sleep(PAUSE)
    path.write_text(text, encoding="utf-8")
    time.sleep(1)
    return statistics.median(measured)


@contextmanager
def previewed(project: Path, page: str) -> Iterator[Chromium | Client]:
    """Open the preview of a page, and a browser that looks at it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REGIODEAL_")}
    environment = {**kept, "REGIODEAL_ROOT": str(project), "PYTHONUNBUFFERED": "1"}
    asked = [*command(), "preview", page, "--year", YEAR, "--no-browser"]
    with subprocess.Popen(asked, cwd=project, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().split()[0]
            assert process.stdout.readline().startswith("Shown")
            with open_browser(address) as browser:
                yield browser
        finally:
            process.send_signal(signal.SIGINT)


@contextmanager
def open_browser(address: str) -> Iterator[Chromium | Client]:
    """Open the address in Chromium, or in the client where there is none."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        yield Client(address)
        return
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = chromium.new_page()
        page.goto(address)
        yield Chromium(page)
        chromium.close()


class Chromium:
    """A browser that shows the page, and loads it again when the server says so."""

    def __init__(self, page) -> None:
        self.page = page

    def wait_for(self, words: str) -> None:
        """Wait until the page shows these words."""
        self.page.get_by_text(words).first.wait_for(state="attached", timeout=1000 * LONGEST_WAIT)


class Client:
    """What a browser does, without showing anything."""

    def __init__(self, address: str) -> None:
        self.address = address
        root = "/".join(address.split("/")[:3])
        self.events = urllib.request.urlopen(f"{root}/_voorvertoning/gebeurtenissen", timeout=LONGEST_WAIT)

    def wait_for(self, words: str) -> None:
        """Follow the events until the page that they announce has these words."""
        for line in self.events:
            if line.startswith(b"data: ") and json.loads(line[6:])["versie"]:
                with urllib.request.urlopen(self.address, timeout=LONGEST_WAIT) as answer:
                    if words in answer.read().decode():
                        return
        raise SystemExit("the preview stopped")


if __name__ == "__main__":
    main()
