"""Cells of the notebooks as they are committed, run over a context that a test makes: what each shows."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import yaml

from evaluation.base.paths import project_root
from evaluation.chapters.context import Context
from evaluation.present.display import Display


def code_cells(notebook: str) -> list[str]:
    """Return the code of every cell of a notebook, by its name without ending."""
    text = (project_root() / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8")
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def options_of(code: str) -> dict[str, object]:
    """Return the options on top of a cell."""
    lines = [line.removeprefix("#| ") for line in code.splitlines() if line.startswith("#| ")]
    return yaml.safe_load("\n".join(lines)) or {}


def label_of(code: str) -> str:
    """Return the label of a cell; empty where it has none."""
    return str(options_of(code).get("label") or "")


def run_cells(notebook: str, context: Context, *labels: str, **parameters: object) -> dict[str, Display]:
    """Run the cell that opens the year, and those with these labels in their order; return what each of those shows."""
    shown: dict[str, Display] = {}
    names: dict[str, object] = {"deal": context.deal.id, "year": context.year, **parameters}
    with _opened(context):
        for code in code_cells(notebook):
            if "open_year(" in code:
                exec(code, names)
            elif label_of(code) in labels:
                options = patch("evaluation.chapters.desk.showing.cell_options", lambda of=code: options_of(of))
                with options, patch("IPython.display.display") as display:
                    exec(code, names)
                if display.called:
                    shown[label_of(code)] = display.call_args.args[0]
    return shown


@contextmanager
def _opened(context: Context) -> Iterator[None]:
    """Let whatever a notebook opens be this context."""
    places = ("desk.opening.open_context", "report.evaluation.final_context", "report.efficiency.final_context")
    with ExitStack() as stack:
        for place in places:
            stack.enter_context(patch(f"evaluation.chapters.{place}", lambda *_, **__: context))
        yield
