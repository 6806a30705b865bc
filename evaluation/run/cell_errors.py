"""Where and why a notebook ended, in words: its cell, the line, the error and the last names involved."""

import os
import re
import signal
from collections.abc import Mapping, Sequence

from nbformat import NotebookNode

from evaluation.base import paths
from evaluation.run.notebook_files import INJECTED, tags_of

Told = dict[str, object]
"""Of what went wrong: name and message of the error; cell, its label or id; and where it is known number (of the cell,
counted as an evaluator does), line and code (of the cell), names (of the last three functions that were called)."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(
    r"^\s*(?:Cell In\[(?P<count>\d+)\], line (?P<line>\d+)|File .+?:\d+)(?:, in (?P<name>[\w.<>]+))?", re.MULTILINE
)
_CHAINED = re.compile(r"The above exception was the direct cause|During handling of the above exception", re.MULTILINE)
_LAST_NAMES = 3
_SIGNALS = {
    "SIGSEGV": "a crash in compiled code",
    "SIGBUS": "a crash in compiled code",
    "SIGILL": "code that this processor does not know",
    "SIGABRT": "compiled code gave up",
    "SIGFPE": "a crash in compiled code",
    "SIGKILL": "ended from outside, mostly because memory was full",
    "SIGTERM": "ended from outside",
    "SIGXCPU": "the limit of processor time was reached",
}


def describe_error(
    name: str, message: str, notebook: NotebookNode, index: int | None, traceback: Sequence[str] = ()
) -> Told:
    """Say what went wrong in a cell (`index`, of the notebook as it ran; None where it is not known)."""
    told: Told = {"name": name, "message": short_message(message), "cell": ""}
    if index is None or index >= len(notebook.cells):
        return told
    cell = notebook.cells[index]
    told["cell"] = cell_label(cell)
    if INJECTED not in tags_of(cell):
        told["number"] = index + 1 - sum(INJECTED in tags_of(before) for before in notebook.cells[:index])
    frames = list(_FRAME.finditer(_CHAINED.split(_COLOURS.sub("", "\n".join(traceback)))[-1]))
    own = [int(frame["line"]) for frame in frames if frame["count"] == str(cell.get("execution_count"))]
    lines = "".join(cell.source).splitlines()
    if own and own[0] <= len(lines):
        told |= {"line": own[0], "code": lines[own[0] - 1].strip()}
    names = [frame["name"] for frame in frames if frame["name"] and not frame["name"].startswith("<")]
    if names:
        told["names"] = names[-_LAST_NAMES:]
    return told


def place_of(told: Mapping[str, object]) -> str:
    """Say where it went wrong: ``cell 7 (fig-x), line 2``; empty where that is not known."""
    label, number = told.get("cell") or "", told.get("number")
    place = f"cell {number} ({label})" if number and label else f"cell {number or label}" if number or label else ""
    return f"{place}, line {told['line']}" if place and told.get("line") else place


def tell_error(told: Mapping[str, object]) -> str:
    """Write the error behind its place: name, message, line and the last names involved."""
    code = f" At: {told['code']}" if told.get("code") else ""
    names = f" In: {', '.join(map(str, told['names']))}." if told.get("names") else ""
    return f"{told['name']}: {told['message']}{code}{names}"


def tell_end(code: int | None, memory: int | None) -> str:
    """Say how a kernel came to its end: exit code or signal, and the most memory that it took (bytes)."""
    if code is None:
        how = "the kernel was lost"
    elif code >= 0:
        how = f"the kernel ended with exit code {code}"
    else:
        name = signal.Signals(-code).name if -code in set(map(int, signal.Signals)) else "unknown"
        how = f"the kernel was ended by signal {-code} ({name}{': ' + why if (why := _SIGNALS.get(name)) else ''})"
    return f"{how}, at {memory / 1e6:,.0f} MB of memory" if memory else how


def short_message(message: str, limit: int = 400) -> str:
    """Write the message of an error on one line, without the folder of the project."""
    text = " ".join(message.replace(str(paths.project_root()) + os.sep, "").split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def cell_label(cell: NotebookNode) -> str:
    """Return the label by which a report knows a cell, or its id."""
    for line in "".join(cell.source).splitlines():
        if line.startswith("#| label:"):
            return line.removeprefix("#| label:").strip()
    return cell.get("id", "")
