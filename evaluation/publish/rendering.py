"""With which engine a report is rendered, and as what it is made.  Imports nothing heavy."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from typing import Literal

from evaluation.base.errors import PublishError, UsageError

Engine = Literal["quarto", "embedded"]

ENGINES = ("auto", "quarto", "embedded")
"""What a person may ask for: auto takes Quarto where it is installed, and the embedded engine elsewhere."""

FORMATS = ("html", "pdf", "docx")
"""What a report can be made as; the pages always, as the others are made of them."""


_OLDEST = (1, 9)
"""Version of Quarto from which the pages of both engines are the same."""


def own_quarto() -> tuple[str, str]:
    """Return the path of the Quarto that renders, and the version that it says it is.

    Raises PublishError when there is none, or what is called so is another program.
    """
    beside = [str(Path(sys.executable).parent), sysconfig.get_path("scripts")]  # before any other on PATH
    program = shutil.which("quarto", path=os.pathsep.join(beside)) or shutil.which("quarto")
    if program is None:
        raise PublishError("Quarto is not installed. Install it, or choose the embedded engine.")
    if (version := _version_of(program)) is None:
        raise PublishError(f"{program} does not say which Quarto it is. Install Quarto, or choose the embedded engine.")
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise PublishError(f"{program} is Quarto {version}; 1.9 or newer is needed, or the embedded engine.")
    return program, version


@lru_cache(maxsize=4)
def _version_of(program: str) -> str | None:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    said = re.fullmatch(r"\d+(\.\d+)+", done.stdout.strip())
    return said.group() if said and done.returncode == 0 else None


def name_renderer(engine: Engine) -> str:
    """Name what renders with its version: another one makes other pages; the embedded engine is in the lock file."""
    return " ".join([engine, own_quarto()[1]]) if engine == "quarto" else engine


def choose_engine(engine: str) -> Engine:
    """Choose the engine that renders, of `ENGINES`.

    Raises UsageError when there is no such engine. Raises PublishError when Quarto is asked for and not installed.
    """
    if engine not in ENGINES:
        raise UsageError(f"There is no engine {engine!r}; choose auto, quarto or embedded.")
    try:
        if engine != "embedded":
            own_quarto()
            return "quarto"
    except PublishError:
        if engine == "quarto":
            raise
    return "embedded"


def read_formats(words: str) -> list[str]:
    """Return the formats that are asked for, with commas between them, in order; html always.

    Raises UsageError when there is no such format.

    >>> read_formats("pdf, html")
    ['html', 'pdf']
    """
    asked = sorted({word.strip() for word in words.split(",")} | {"html"})
    if unknown := [word for word in asked if word not in FORMATS]:
        raise UsageError(f"There is no format {', '.join(map(repr, unknown))}; choose {', '.join(FORMATS)}.")
    return asked
