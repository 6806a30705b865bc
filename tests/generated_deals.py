"""Deals for tests of many: each the deal of Parkstad under another name, with other amounts and made-up records."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from evaluation.inputs.deal import load_deal
from tools.example import write_example
from tools.example_retail import write_retail_example

_MODEL = "parkstad-limburg"


def generate_deals(root: Path, count: int, *, retail: int = 0) -> list[str]:
    """Put generated deals in a project, in the place of its own.

    Parameters
    ----------
    root : Path
        Of the project.
    count : int
        How many deals.
    retail : int
        The first so many have retail tables, with their chapters per shopping cluster.

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
        write_example(deal, root / "data" / "programme" / name, seed=number)
        if number <= retail:
            write_retail_example(deal, root / "data" / "retail" / name, seed=number)
        names.append(name)
    (root / "data" / "deal" / f"{_MODEL}.yml").unlink()
    for kind in ("programme", "retail"):
        shutil.rmtree(root / "data" / kind / _MODEL)
    return names


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
