"""The chapters of all deals together: nothing empty, every estimate with its interval and what could be seen."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import evaluation
from tests.conftest import ROOT

PAGES = ("p3-effecten", "p4-verschillen", "p5-per-deal", "p6-methoden")
ESTIMATE = {"deviation", "ci_low", "ci_high"}


@dataclass
class Shown:
    """What a cell gave to show()."""

    label: str
    what: Any
    numbers: pd.DataFrame | None = None
    measure: list[str] = field(default_factory=list)


def cells_of(page: str) -> list[str]:
    cells = json.loads((ROOT / "notebooks" / f"{page}.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(item["source"]) for item in cells if item["cell_type"] == "code"]


def label_of(text: str) -> str:
    return next((line[9:].strip() for line in text.split("\n") if line.startswith("#| label:")), "")


def run_cells(page: str, patch: pytest.MonkeyPatch) -> list[Shown]:
    """Run the cells of a chapter, and keep what they show."""
    shown: list[Shown] = []
    cell = {"label": ""}

    def show(what: Any, *, numbers: pd.DataFrame | None = None, measure: Any = (), **_: Any) -> None:
        shown.append(Shown(cell["label"], what, numbers, list(measure)))

    patch.setattr(evaluation, "show", show, raising=False)
    patch.setattr(evaluation, "open_portfolio", lambda **_: SimpleNamespace(deal_id="parkstad-limburg"), raising=False)
    names: dict[str, Any] = {}
    for text in cells_of(page):
        cell["label"] = label_of(text)
        exec(compile(text, f"{page}: {cell['label']}", "exec"), names)
    return shown


@pytest.fixture(scope="module")
def shown() -> dict[str, Shown]:
    """What the four chapters show: a minute of estimates where nobody made the report, else some seconds."""
    with pytest.MonkeyPatch.context() as patch:
        return {item.label: item for page in PAGES for item in run_cells(page, patch) if item.label}


def shows_of(page: str) -> list[tuple[str, dict[str, str]]]:
    """Read the calls of show() in a chapter: label of the cell, and its keywords as they are written."""
    found = []
    for text in cells_of(page):
        names = {
            node.targets[0].id: ast.unparse(node.value)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "show":
                words = {item.arg: ast.unparse(item.value) for item in node.keywords if item.arg}
                found.append((label_of(text), {key: names.get(word, word) for key, word in words.items()}))
    return found


def test_every_estimate_that_a_chapter_publishes_has_its_interval_and_what_could_have_been_seen():
    for page in PAGES:
        shared = {}
        for text in cells_of(page):  # a list of measures may stand in a cell above
            shared |= dict(re.findall(r"^(maten) = (.*)$", text, re.MULTILINE))
        named = {label: words["measure"] for label, words in shows_of(page) if "measure" in words}
        measures = {label: shared.get(name, name) for label, name in named.items()}
        assert measures, page
        for label, listed in measures.items():
            lacks = [name for name in (*sorted(ESTIMATE), "mde") if f"'{name}'" not in listed.replace('"', "'")]
            assert not lacks, f"{page}, {label}: {lacks}"


def test_every_figure_is_written_with_a_finding_and_its_areas_below_each_other():
    figures = [(label_of(text), text) for page in PAGES for text in cells_of(page) if label_of(text).startswith("fig-")]
    assert len(figures) >= 5
    for label, text in figures:
        assert re.search(r"title\"?[:=] ?titel", text), label
        assert re.search(r"facet_col_wrap\"?[:=] ?1", text) or "facet_col" not in text, label


@pytest.mark.slow
def test_every_labelled_cell_shows_something_and_no_column_of_a_table_is_empty(shown: dict[str, Shown]):
    tables = {label: item.what for label, item in shown.items() if label.startswith("tbl-")}
    figures = {label: item.what for label, item in shown.items() if label.startswith("fig-")}
    assert len(tables) >= 7 and len(figures) >= 5
    for label, frame in tables.items():
        empty = [name for name in frame.columns if frame[name].isna().all() or (frame[name].astype(str) == "").all()]
        assert len(frame) and not empty, f"{label}: {empty}"
        unknown = [row for row in frame.itertuples(index=False) if sum(value == value for value in row) < 3]
        assert not unknown, f"{label}: a row says nothing: {unknown[:1]}"


@pytest.mark.slow
def test_every_estimate_has_its_interval_around_it_and_what_could_have_been_seen(shown: dict[str, Shown]):
    estimated = {label: item for label, item in shown.items() if ESTIMATE & set(item.measure)}
    assert {"tbl-portfolio-effecten", "tbl-portfolio-ring", "fig-portfolio-per-deal"} <= estimated.keys()
    for label, item in estimated.items():
        assert set(item.measure) >= ESTIMATE, f"{label}: an estimate without its interval"
        rows = item.numbers.dropna(subset=["deviation"])
        assert len(rows) and rows[["ci_low", "ci_high"]].notna().all(axis=None), label
        assert (rows["ci_low"] <= rows["deviation"]).all() and (rows["deviation"] <= rows["ci_high"]).all(), label
        if "mde" in item.measure:
            assert (rows["mde"] > 0).all(), label
    for label in ("tbl-portfolio-effecten", "tbl-portfolio-tranche", "tbl-portfolio-doel", "fig-portfolio-soort"):
        assert "mde" in estimated[label].measure, f"{label}: what could have been seen is not said"


@pytest.mark.slow
def test_every_figure_says_its_finding_and_stacks_its_areas_so_that_a_telephone_shows_them(shown: dict[str, Shown]):
    for label in (name for name in shown if name.startswith("fig-")):
        layout = shown[label].what.to_dict()["layout"]
        assert len((layout.get("title") or {}).get("text") or "") > 20, f"{label}: no finding above it"
        columns = {tuple(axis.get("domain") or ()) for key, axis in layout.items() if key.startswith("xaxis")}
        assert len(columns) <= 1, f"{label}: areas beside each other"


@pytest.mark.slow
def test_deals_stand_in_the_order_of_the_alphabet(shown: dict[str, Shown]):
    figure = shown["fig-portfolio-per-deal"].what
    order = list(figure.layout.yaxis.categoryarray)
    from_top = order if figure.layout.yaxis.autorange == "reversed" else order[::-1]
    assert from_top == sorted(from_top)
