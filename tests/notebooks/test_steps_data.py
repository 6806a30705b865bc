"""Every step that a notebook calls gives what it shows: its numbers or cells as a table, and its figure to start from."""

from __future__ import annotations

import ast
import inspect
import re
from typing import get_type_hints

import nbformat
import pandas as pd
import pytest

from evaluation import chapters
from evaluation.base.errors import UsageError
from evaluation.present.display import FIGURE_MIME, Display
from tests.conftest import ROOT

NOT_IN_A_NOTEBOOK: set[str] = set()
RUNS = ("2021", "eindevaluatie", "site")


def shown(path) -> list[Display]:
    """Execute the cells of a notebook of a run here; return the displays that they end with."""
    names: dict[str, object] = {}
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        for part in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            if isinstance(part, ast.Expr):
                found.append(eval(compile(ast.Expression(part.value), str(path), "eval"), names))
            else:
                exec(compile(ast.Module([part], []), str(path), "exec"), names)
    return [item for item in found if isinstance(item, Display)]


@pytest.mark.parametrize("run", RUNS)
def test_every_step_of_every_opener_gives_its_table_and_its_figure(portal, run, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(portal.root))
    paths = sorted((portal.runs / run).glob("*.ipynb"))
    assert paths
    for path in paths:
        for display in shown(path):
            has_table = any("<table" in str(text) for text in display.bundle.values())
            data = display.data
            assert isinstance(data, pd.DataFrame) if display.results or has_table else data is None, path.name
            if data is not None:
                assert len(data) and len(data.columns), path.name
            if FIGURE_MIME in display.bundle:
                assert len(display.figure.data), path.name
            else:
                with pytest.raises(UsageError, match=r"\.data"):
                    _ = display.figure


def test_every_step_is_in_a_notebook_or_here():
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb"))
    called = set(re.findall(r"\.(\w+)\(", sources))
    for name in filter(lambda name: name.startswith("open_"), dir(chapters)):
        kind = get_type_hints(getattr(chapters, name))["return"]
        steps = {item for item, step in inspect.getmembers(kind, inspect.isfunction) if is_step(item, step)}
        assert steps and steps - called - NOT_IN_A_NOTEBOOK == set(), name


def is_step(name: str, method) -> bool:
    return not name.startswith("_") and get_type_hints(method).get("return") is Display
