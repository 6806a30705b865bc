"""With which engine a report is rendered, and as what it is made.  Imports nothing heavy."""

from __future__ import annotations

import shutil
from typing import Literal

from evaluation.base.errors import PublishError, UsageError

Engine = Literal["quarto", "embedded"]

ENGINES = ("auto", "quarto", "embedded")
"""What a person may ask for: auto takes Quarto where it is on PATH and the embedded engine where it is not."""

FORMATS = ("html", "pdf", "docx")
"""What a report can be made as; the pages always, as the others are made of them."""


def has_quarto() -> bool:
    """Tell whether Quarto is on PATH."""
    return shutil.which("quarto") is not None


def choose_engine(engine: str) -> Engine:
    """Choose the engine that renders, of `ENGINES`.

    Raises
    ------
    UsageError
        When there is no such engine.
    PublishError
        When Quarto is asked for and not installed.
    """
    if engine not in ENGINES:
        raise UsageError(f"There is no engine {engine!r}; choose auto, quarto or embedded.")
    if engine == "auto":
        return "quarto" if has_quarto() else "embedded"
    if engine == "quarto" and not has_quarto():
        raise PublishError("Quarto is not installed. Install it, or choose the embedded engine.")
    return engine


def read_formats(words: str) -> list[str]:
    """Return the formats that are asked for, with commas between them, in order; html always.

    Raises
    ------
    UsageError
        When there is no such format.

    Examples
    --------
    >>> read_formats("pdf, html")
    ['html', 'pdf']
    """
    asked = sorted({word.strip() for word in words.split(",")} | {"html"})
    if unknown := [word for word in asked if word not in FORMATS]:
        raise UsageError(f"There is no format {', '.join(map(repr, unknown))}; choose {', '.join(FORMATS)}.")
    return asked
