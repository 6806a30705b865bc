"""Every step of every chapter gives what it shows as a table, and its figure to start from."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pandas as pd
import pytest

from evaluation import chapters
from evaluation.base.errors import UsageError
from evaluation.present.display import FIGURE_MIME, Display

OPENERS = [name for name in dir(chapters) if name.startswith("open_") and name != "open_portfolio_summary"]
"""Without the summary of all deals, which starts from a run of theirs: test_all_deals_on_pages.py has it."""
ARGUMENTS = {
    "deal": "parkstad-limburg", "year": 2022, "theme": 3, "municipality": "GM0917", "cluster": "WC1",
    "figure_id": "proef", "indicator": "woninginbraak", "first": 2019, "last": 2021, "design": "woninginbraak-regio",
    "district": "WK091733", "indicators": ["woninginbraak", "misdrijven-totaal"],
}  # fmt: skip
"""Of openers and steps, by the name of the parameter."""

OF_AN_OPENER = {"open_retail": {"theme": 4}, "open_cluster": {"theme": 4}}


def call(function, **others: object):
    """Call a function with the arguments that its parameters are named after."""
    parameters = inspect.signature(function).parameters.values()
    arguments = ARGUMENTS | others
    return function(**{item.name: arguments[item.name] for item in parameters if item.default is item.empty})


def is_step(name: str, method) -> bool:
    return not name.startswith("_") and get_type_hints(method).get("return") is Display


@pytest.mark.parametrize("name", OPENERS)
def test_every_step_gives_its_table_and_its_figure(portal, name, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(portal.root))
    chapter = call(getattr(chapters, name), **OF_AN_OPENER.get(name, {}))
    steps = [step for step, method in inspect.getmembers(type(chapter), inspect.isfunction) if is_step(step, method)]
    assert steps
    for step in steps:
        display = call(getattr(chapter, step))
        has_table = any("<table" in str(content) for content in display.bundle.values())
        if display.data is None:
            assert not display.results and not has_table and "text/markdown" in display.bundle, step
        else:
            assert isinstance(display.data, pd.DataFrame) and display.data.shape[1], step
            assert len(display.data) == len(display.results or display.cells.rows), step
        if FIGURE_MIME in display.bundle:
            assert len(display.figure.data), step
        else:
            with pytest.raises(UsageError, match=r"\.data"):
                _ = display.figure
