"""What all deals share speaks of none: no name, article, amount or theme of one stands in code, notebooks or prose."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from evaluation.inputs.chapter_list import deal_of
from evaluation.inputs.deal import load_deal
from tests.conftest import ROOT

FIRST = load_deal()
PLACES = {item.name for item in FIRST.region.municipalities} | {"Parkstad", "Limburg"}
NAMES = re.compile(rf"\b(?:{'|'.join(sorted(PLACES))})", re.IGNORECASE)
ARTICLES = re.compile(r"\b[Aa]rtikel \d|\bArt\. ?\d|\b(?:derde|vierde|achtste) lid\b")
THINGS = re.compile(
    r"zeven gemeenten|zes thema|twee sporen|\b1\.600\b|16\.000|€ ?\d+,\d mln|mijnkolonie|[Ii]npond|\bGROS\b"
)
ROLES = {"parkstad", "limburg"}
"""Two colours of the style sheet, which no reader sees by name."""
EXAMPLES = {"evaluation/cli/plan.py": {"parkstad-limburg-3"}, "evaluation/base/paths.py": {"parkstad-limburg"}}
"""The deal that is meant where none is named, and the plan of the one that follows it."""
CODES = {"Zuid-Limburg", "Limburg"}
"""Names of a COROP area and a province in a list of all of them."""
LISTS = {
    "evaluation/chapters/report/all_deals.py",
    "evaluation/cli/new_deal_build.py",
    "evaluation/statistics/areas/donor_pools.py",
    "evaluation/statistics/areas/names.py",
}
PATTERNS = {"evaluation/cli/new_deal_plan.py", "evaluation/inputs/deal_text/results_found.py"}
"""Look for such words in the text of any deal; nobody reads the pattern."""


_EXAMPLE = re.compile(r"^the name or CBS code of an area, such as |Example:|such as 16000")
"""What tells a person what to type."""


def strings_of(path: Path) -> Iterator[str]:
    """Give the texts in a module that it can show: not its docstrings, which have examples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    with_docstring = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    assert any(isinstance(node, with_docstring) for node in ast.walk(tree))
    yield from (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    )


def code() -> list[Path]:
    return sorted(path for path in (ROOT / "evaluation").rglob("*.py") if "__pycache__" not in path.parts)


def general_notebooks() -> list[Path]:
    return sorted(path for path in (ROOT / "notebooks").glob("*.ipynb") if deal_of(path.stem) is None)


def prose() -> list[Path]:
    found = [
        *(ROOT / "reports").rglob("*.qmd"),
        *(ROOT / "evaluation").rglob("*.j2"),
        ROOT / "reports" / "codeboek.csv",
    ]
    return sorted(found)


def is_about_the_first(text: str) -> bool:
    return any(pattern.search(text) for pattern in (NAMES, ARTICLES, THINGS))


def test_no_module_can_say_something_of_one_deal() -> None:
    faults = []
    for path in code():
        name = path.relative_to(ROOT).as_posix()
        allowed = ROLES | EXAMPLES.get(name, set()) | (CODES if name in LISTS else set())
        found = [text for text in strings_of(path) if text not in allowed and is_about_the_first(text)]
        found = [text for text in found if name not in PATTERNS or r"\b" not in text]
        faults += [f"{name}: {text}" for text in found if not _EXAMPLE.search(text)]
    assert not faults


def test_no_general_notebook_speaks_of_one_deal() -> None:
    faults = []
    for path in general_notebooks():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if "parameters" not in cell["metadata"].get("tags", ())]
        faults += [f"{path.stem}: {text}" for text in texts if is_about_the_first(text)]
    assert not faults


def test_no_prose_or_template_speaks_of_one_deal() -> None:
    faults = []
    for path in prose():
        lines = path.read_text(encoding="utf-8").splitlines()
        told = [line for line in lines if is_about_the_first(line) and "parkstad-limburg" not in line]
        faults += [f"{path.name}: {line}" for line in told]
    assert not faults


def test_the_search_finds_what_it_looks_for() -> None:
    for text in (
        "in Parkstad",
        "zie artikel 7, derde lid",
        "Art. 5.6",
        "de zeven gemeenten",
        "€ 46,0 mln",
        "1.600 woningen",
    ):
        assert is_about_the_first(text), text
    assert not is_about_the_first("de maatstaf van de deal, in 2021")
