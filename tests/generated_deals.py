"""Deals for tests of many: each the deal of Parkstad under another name, with other amounts and made-up records."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd

from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.small_counts import load_rules
from tools.example import write_example
from tools.example_retail import write_retail_example

_MODEL = "parkstad-limburg"
_TABLES = ("projects", "payments", "outputs", "milestones")


def generate_deals(root: Path, count: int, *, retail: int = 0, thin: bool = False) -> list[str]:
    """Put generated deals in a project, in the place of its own.

    Parameters
    ----------
    root : Path
        Of the project.
    count : int
        How many deals.
    retail : int
        The first so many have retail tables, with their chapters per shopping cluster.
    thin : bool
        With the records of a few projects, drawn once and of other amounts for each deal: what many deals cost to read.

    Returns
    -------
    list[str]
        The names of the deals.
    """
    model = load_deal(_MODEL, folder=root / "data" / "deal")
    text = (root / "data" / "deal" / f"{_MODEL}.yml").read_text(encoding="utf-8")
    names = []
    for number in range(1, count + 1):
        name = f"voorbeeld-{number:02d}"
        (root / "data" / "deal" / f"{name}.yml").write_text(_varied(text, name, number), encoding="utf-8")
        deal = load_deal(name, folder=root / "data" / "deal").model_copy(update={"id": model.id})
        folder = root / "data" / "programme" / name
        if thin and number > 1:
            _write_thin(root / "data" / "programme" / names[0], folder, number)
        else:
            write_example(deal, folder, seed=number)
        if thin and number == 1:
            _thin_out(folder)
        if number <= retail:
            write_retail_example(deal, root / "data" / "retail" / name, seed=number)
        names.append(name)
    (root / "data" / "deal" / f"{_MODEL}.yml").unlink()
    for kind in ("programme", "retail"):
        shutil.rmtree(root / "data" / kind / _MODEL)
    return names


def _thin_out(folder: Path) -> None:
    """Keep a few projects with what is paid and delivered for them: nothing of persons or firms."""
    protects = load_rules(_MODEL, folder=folder.parent).protects
    tables = {name: pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False) for name in _TABLES}
    kept = tables["projects"].groupby("theme").head(2)
    tables["projects"] = kept.assign(private_eur="0")
    payments, outputs, milestones = (tables[name] for name in _TABLES[1:])
    tables["payments"] = payments[payments["project_id"].isin(kept["project_id"]) & (payments["source"] != "private")]
    tables["outputs"] = outputs[outputs["project_id"].isin(kept["project_id"]) & ~outputs["unit"].map(protects)]
    tables["milestones"] = milestones[milestones["kind"] == "milestone"]
    for name, rows in tables.items():
        rows.to_csv(folder / f"{name}.csv", index=False)


def _write_thin(first: Path, folder: Path, number: int) -> None:
    """Copy thin records, with a few per cent more money."""
    shutil.copytree(first, folder)
    for name in ("projects", "payments"):
        rows = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for column in rows.columns[rows.columns.str.endswith("_eur")]:
            rows[column] = (rows[column].astype(int) * (100 + number) // 100).astype(str)
        rows.to_csv(folder / f"{name}.csv", index=False)


def _varied(text: str, name: str, number: int) -> str:
    """Give a deal another name, and a budget of the same shape that is a few per cent larger for each next one."""

    def larger(match: re.Match) -> str:
        return f"{match[1]}{int(match[2]) // 100 * (100 + number)}"

    text = text.replace(f"id: {_MODEL}\n", f"id: {name}\n", 1)
    text = text.replace("name: Regio Deal Parkstad Limburg\n", f"name: Regio Deal Voorbeeld {number}\n", 1)
    lines = text.splitlines(keepends=True)
    return "".join(
        re.sub(r"((?:\d|Rijk|Regio): )(\d{6,})", larger, line)
        if line.strip().startswith(("themes:", "parties:"))
        else line
        for line in lines
    )
