"""What a report says in numbers is computed in the cell that shows it; one's own number is a cell of a few lines."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from itertools import groupby

import pytest
from bs4 import BeautifulSoup
from nbformat import v4

import evaluation
from evaluation.chapters.desk.year import Year
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_designs, load_indicators
from tests.conftest import ROOT, Project, copy_project

YEAR = 2021
LONGEST, MOST_FUNCTIONS, NUMBERS = 15, 2, 20
HEADLINES = {item.id for item in load_indicators().values() if item.headline}
REGION = load_deal().region.unit_id
DESIGNS = {item.id for item in load_designs().values() if item.primary and not item.has_placebos}
KINDS = {
    "level": lambda row: row["measure"] == "value" and row["indicator"] in HEADLINES and row["unit"] == REGION,
    "change": lambda row: row["measure"] == "change" and row["unit"] == REGION,
    "gap": lambda row: row["measure"] in ("gap_benchmark", "gap_rest") and row["unit"] == REGION,
    "yardstick": lambda row: row["measure"] in ("gap_benchmark_distance_change", "gap_benchmark_variation"),
    "path": lambda row: row["measure"] in ("path", "distance", "projection") and row["unit"] == "geleverd",
    "money": lambda row: row["measure"].removesuffix("_pct") in ("committed", "paid") and row["theme"] == "programma",
    "effect": lambda row: row["measure"] in ("gap", "expected", "distance_to_trend") and row["indicator"] in DESIGNS,
}
"""Which rows of results.csv are the headline numbers of a kind: found by what they are, not by where they stand."""


@pytest.fixture(scope="module")
def numbers(reported: Project) -> list[dict[str, str]]:
    with (reported.runs / str(YEAR) / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Notebook:
    """The cells of a notebook by label or id, and what the names in it are."""

    def __init__(self, name: str) -> None:
        content = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        self.code = {}
        for cell in content["cells"]:
            source = "".join(cell["source"])
            label = re.search(r"^#\| label: (\S+)", source, re.MULTILINE)
            self.code |= {label[1] if label else cell["id"]: source} if cell["cell_type"] == "code" else {}
        self.imported: dict[str, str] = {}
        self.opened: dict[str, str] = {}
        for node in ast.walk(ast.parse("\n".join(self.code.values()))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("evaluation"):
                self.imported |= {item.asname or item.name: f"{node.module}.{item.name}" for item in node.names}
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                opener = ast.unparse(node.value.func)
                if opener.startswith("open_") and isinstance(node.targets[0], ast.Name):
                    self.opened[node.targets[0].id] = opener

    def undocumented(self, cell: str) -> set[str]:
        """Return the functions of the package that a cell calls and that are no documented verb of the desk."""
        found = set()
        for node in ast.walk(ast.parse(self.code[cell])):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if not re.fullmatch(r"\w+(\.\w+)?", called):  # what is called on an outcome is a method of pandas
                continue
            root, _, rest = called.partition(".")
            if self.opened.get(root) == "open_year":
                is_verb = bool(getattr(getattr(Year, rest, None), "__doc__", None))
            else:
                is_verb = root in evaluation.__all__ and self.imported.get(root) == f"evaluation.{root}"
            if (root in self.opened or root in self.imported) and not is_verb:
                found.add(called)
        return found

    def computes(self, cell: str) -> bool:
        """Tell whether a cell computes: with operators, or as pandas and statsmodels do."""
        tree = ast.parse(self.code[cell])
        calls = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
        summed = calls & {"sum", "mean", "std", "diff", "pivot_table", "agg", "fit"}
        return bool(summed) or any(isinstance(node, ast.BinOp) and not _is_text(node) for node in ast.walk(tree))


def _is_text(node: ast.BinOp) -> bool:
    """Tell whether a sum puts words together, and computes nothing."""
    sides = (node.left, node.right)
    return any(isinstance(side, ast.JoinedStr) or isinstance(getattr(side, "value", None), str) for side in sides)


def lines_of(source: str) -> list[str]:
    return [line for line in source.splitlines() if line.strip() and not line.startswith("#|")]


def shown_code(page: BeautifulSoup) -> Iterator[str]:
    for part in page.select("details.code-fold"):
        if "Hoe gemaakt" in part.get_text():
            yield part.select_one("code").get_text()


@pytest.mark.parametrize("kind", KINDS)
def test_the_cell_that_shows_a_headline_number_computes_it_and_the_page_shows_that(numbers, reported, kind):
    mine = sorted((row for row in numbers if KINDS[kind](row)), key=lambda row: (row["notebook"], row["cell"]))
    assert len(mine) >= 4, f"too few numbers of the kind {kind}"
    for (name, cell), rows in groupby(mine, key=lambda row: (row["notebook"], row["cell"])):
        told = f"{name}, {cell}: {next(rows)['result_id']}"
        notebook = Notebook(name)
        source = notebook.code[cell]
        assert len(lines_of(source)) <= LONGEST, told
        assert len(notebook.undocumented(cell)) <= MOST_FUNCTIONS, (told, notebook.undocumented(cell))
        assert kind == "level" or notebook.computes(cell), told
        assert "show(" in source, f"{told} is not shown by the cell itself"
        page = (reported.site / str(YEAR) / f"{name}.html").read_text(encoding="utf-8")
        code = list(shown_code(BeautifulSoup(page, "lxml")))
        assert "\n".join(lines_of(source)) in ["\n".join(lines_of(text)) for text in code], told


def test_there_are_twenty_headline_numbers_of_all_kinds(numbers):
    counted = {kind: sum(is_one(row) for row in numbers) for kind, is_one in KINDS.items()}
    assert sum(counted.values()) >= NUMBERS and min(counted.values()) >= 3, counted


def test_what_a_step_computes_out_of_sight_is_found_by_the_same_rules():
    notebook = Notebook("3-veiligheid")
    notebook.code["x"] = "dutch.number(1)\nveiligheid.standing()\nveiligheid.caveats()\njaar.figures('a')\nlines(b)"
    assert notebook.undocumented("x") == {"dutch.number", "veiligheid.standing", "veiligheid.caveats"}
    assert not notebook.computes("x") and notebook.computes("tbl-verschil-3")


CITIES = """#| label: fig-vier-steden
#| fig-cap: "Woninginbraken per 1.000 inwoners: Heerlen en drie andere steden"
steden = e.figures("woninginbraak", ["Heerlen", "Enschede", "Emmen", "Leeuwarden"])
steden["per_1000"] = 1000 * steden["numerator"] / steden["denominator"]
sinds = steden["per_1000"] / steden.groupby("unit")["per_1000"].transform("first")
steden["procent van het begin"] = 100 * sinds
maten = {"per_1000": "value", "procent van het begin": "index"}
show(lines(steden, "per_1000"), numbers=steden, measure=maten)
"""


def test_heerlen_beside_three_cities_is_a_cell_of_six_lines_with_its_rows_in_the_results(tmp_path):
    project = copy_project(tmp_path / "project")
    opened = "#| include: false\nfrom evaluation import lines, open_year, show\n\ne = open_year(deal=deal, year=year)"
    cells = [
        v4.new_markdown_cell("# Vier steden", id="titel"),
        v4.new_code_cell(
            f'deal = "parkstad-limburg"\nyear = {YEAR}', id="parameters", metadata={"tags": ["parameters"]}
        ),
        v4.new_code_cell(opened, id="openen"),
        v4.new_code_cell(CITIES, id="steden"),
    ]
    spec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    own = v4.new_notebook(cells=cells, metadata={"kernelspec": spec}, nbformat_minor=5)
    (project.root / "notebooks" / "9-steden.ipynb").write_text(json.dumps(own), encoding="utf-8")
    profile = project.root / "_quarto-annual.yml"
    text = re.sub(r"^    - [\w-]+\.ipynb.*\n", "", profile.read_text(encoding="utf-8"), flags=re.MULTILINE)
    profile.write_text(text.replace("    - verant", "    - 9-steden.ipynb\n    - verant"), encoding="utf-8")
    summary = project.root / "notebooks" / "0-samenvatting.ipynb"
    content = json.loads(summary.read_text(encoding="utf-8"))
    summary.write_text(json.dumps(content | {"cells": content["cells"][:2]}), encoding="utf-8")
    done = project.regiodeal("run", "--year", str(YEAR))
    assert done.returncode == 0, done.stdout + done.stderr
    with (project.runs / str(YEAR) / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["result_id"]: row for row in csv.DictReader(file)}
    assert len(lines_of(CITIES)) <= 6
    for code in ("GM0917", "GM0153", "GM0114", "GM0080"):
        found = rows[f"3.woninginbraak.{code}.{YEAR}.value"]
        assert (found["notebook"], found["cell"], found["unit_of_measure"]) == (
            "9-steden",
            "fig-vier-steden",
            "per_1000",
        )
        assert found["source"] == "Politie 47018NED; CBS 03759ned" and float(found["value"]) > 0
        assert float(rows[f"3.woninginbraak.{code}.2012.own:index"]["value"]) == 100
    assert rows[f"3.woninginbraak.GM0917.{YEAR}.value"]["value"][:4] == "1.71"
