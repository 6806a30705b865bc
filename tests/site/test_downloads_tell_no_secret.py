"""No CSV that the pages publish tells what it withholds: not by itself, and not with all others of all years."""

from __future__ import annotations

import csv
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest

from evaluation.analysis.retail_measures import INSIDE, OUTSIDE, REGION
from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.programme import load_programme
from evaluation.inputs.retail.tables import load_retail
from evaluation.present.results import read_csv
from tests.attacker import AmountAttacker, FloorAttacker, ShopCountAttacker
from tests.conftest import ROOT, YEARS, Project

DEAL = load_deal("parkstad-limburg")
CODES = tuple(municipality.code for municipality in DEAL.region.municipalities)
WITHHELD = re.compile(r"niet (getoond|vrijgegeven)")
NUMBER = re.compile(r"(?:€ )?([+−]?)([\d.]+(?:,\d+)?)(?: mln)?(%?)")
PUBLIC = ("Provincie", "gemeenten", "corporaties")

Line = dict[str, float | None]
"""What stands in a row or a column, by its heading: a number, or None where it is withheld."""


@pytest.fixture(scope="module")
def numbers(portal: Project) -> pd.DataFrame:
    """Every row of every results.csv: of each year, of the final evaluation and of the pages around them."""
    folders = [*(portal.site / str(year) for year in YEARS), portal.site / "eindevaluatie", portal.site]
    return pd.concat([read_csv((folder / "results.csv").read_text(encoding="utf-8")) for folder in folders])


@pytest.fixture(scope="module")
def downloads(portal: Project) -> dict[Path, list[list[str]]]:
    """Every table and figure that can be downloaded."""
    files = sorted(portal.site.rglob("downloads/*.csv"))
    return {file: list(csv.reader(file.open(encoding="utf-8-sig"), delimiter=";")) for file in files}


def lines_of(table: Sequence[Sequence[str]]) -> Iterator[tuple[str, Line]]:
    """Read the rows of a table, and its columns; each with the kind of table in which it stands."""
    head, *rows = [row for row in table if len(row) == len(table[0])]
    cells = [[_read(cell) for cell in row[1:]] for row in rows]
    for row in cells:
        yield "|".join(head), {name: cell for name, cell in zip(head[1:], row, strict=True) if cell != "words"}
    names = [row[0] for row in rows]
    for column in zip(*cells, strict=True):
        yield "|".join(names), {name: cell for name, cell in zip(names, column, strict=True) if cell != "words"}


def _read(cell: str) -> float | str | None:
    found = NUMBER.fullmatch(cell.strip())
    if found is None:
        return None if WITHHELD.match(cell) else "words"
    return float(found[2].replace(".", "").replace(",", ".")) * (-1 if found[1] == "−" else 1)


def _is_sum(whole: float, *parts: float) -> bool:
    return abs(whole - sum(parts)) < 1e-9


def _is_share(share: float, part: float, *whole: float) -> bool:
    return len(whole) == 1 and whole[0] >= 1 and abs(share - 100 * part / whole[0]) <= 0.051


def _guesses(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """List which headings could be the sum of which, or the share: of any two, or of a row of them side by side."""
    yield from itertools.permutations(names, 3)
    for first, last in itertools.combinations(range(len(names) + 1), 2):
        if last - first > 2:
            yield from ((name, *names[first:last]) for name in (*names[:first], *names[last:]))


def find_told(tables: Mapping[Path, Sequence[Sequence[str]]]) -> tuple[int, list[tuple]]:
    """Learn from three complete lines or more what is the sum or the share of what; name the cells that it tells."""
    kinds: dict[str, list[tuple[Path, Line]]] = defaultdict(list)
    for file, table in tables.items():
        for kind, line in lines_of(table):
            kinds[kind].append((file, line))
    learned, told = 0, []
    for lines in kinds.values():
        withheld = {name for _, line in lines for name, cell in line.items() if cell is None}
        names = list(dict.fromkeys(name for _, line in lines for name in line)) if withheld else []
        for guess in _guesses(names):
            here = [(file, [line[name] for name in guess]) for file, line in lines if line.keys() >= set(guess)]
            complete = {tuple(cells) for _, cells in here if None not in cells and any(cells[1:])}
            if len(complete) > 2 and any(all(is_so(*cells) for cells in complete) for is_so in (_is_sum, _is_share)):
                learned += 1
                told += [(file, guess, cells) for file, cells in here if cells.count(None) == 1]
    return learned, told


def test_no_table_tells_by_its_own_rows_and_columns_what_it_withholds(downloads):
    withholding = {file: t for file, t in downloads.items() if any(WITHHELD.match(c) for row in t for c in row)}
    assert len(withholding) > 60
    learned, told = find_told(downloads)
    assert learned > 10
    assert not told


def test_a_cell_that_the_others_tell_is_found(downloads):
    file = next(file for file in downloads if file.name == "tbl-winkelgemeenten-4.csv" and "2021" in file.parts)
    rows = [list(row) for row in downloads[file]]
    row = next(row for row in rows[1:] if all(isinstance(_read(cell), float) for cell in row[1:]))
    row[3] = row[4] = "niet getoond (te klein)"
    assert {three for _, three, _ in find_told({**downloads, file: rows})[1]}


def test_tables_on_shops_have_no_number_that_the_results_have_not(downloads, shops):
    """So whoever attacks the results attacks the tables too."""
    values = pd.Series([row["value"] for row in shops]).dropna()
    recorded = set(values.round(1)) | set(values.round(0))
    tried = 0
    for file, table in downloads.items():
        if re.search("winkel|cluster", file.name) and file.parts[-3] in map(str, YEARS):
            cells = [cell for _, line in lines_of(table) for cell in line.values() if cell is not None]
            assert recorded.issuperset(cells), (file.name, set(cells) - recorded)
            tried += len(cells)
    assert tried > 1000


def private_amounts(numbers: pd.DataFrame) -> pd.DataFrame:
    """Read what private parties brought: where it stands, or out of all cofinancing less what others brought."""
    cells = numbers[numbers["unit_of_measure"] == "EUR"].set_index("result_id")["value"].dropna().to_dict()
    found = []
    for theme, year in itertools.product([None, *range(1, 7)], YEARS):
        for kind, word in (("commitment", "committed"), ("payment", "paid")):
            name = "programma" if theme is None else str(theme)
            total = cells.get(f"{name}.bron.private.{year}.{word}")
            whole = cells.get(f"{name}.geld.{'totaal' if theme is None else 'thema'}.{year}.cofinancing_{word}")
            others = [cells.get(f"{name}.bron.{source}.{year}.{word}") for source in PUBLIC]
            if total is None and whole is not None and None not in others:
                total = whole - sum(others)
            found.append({"theme": theme, "kind": kind, "year": year, "total": total})
    return pd.DataFrame(found).astype({"total": float})


def test_no_row_of_any_year_tells_what_a_private_party_brought(numbers):
    amounts = private_amounts(numbers)
    assert 10 < amounts["total"].notna().sum() < len(amounts) - 10
    found = list(AmountAttacker([load_programme(DEAL)], [amounts]).attack())
    assert len(found) > 50
    for what, needed, width in found:
        assert width >= needed - 1e-3, (what, needed, width)


@pytest.fixture(scope="module")
def shops(numbers: pd.DataFrame) -> list[dict]:
    rows = numbers[numbers["indicator"].str.startswith("winkelmonitor")]
    return rows.drop_duplicates(["result_id", "value"]).to_dict("records")


def test_no_row_of_any_year_tells_a_small_number_of_shops(shops):
    attacker = ShopCountAttacker(
        [load_retail(DEAL, folder=ROOT / "data/retail" / DEAL.id)], [shops], CODES, DEAL.region.unit_id
    )
    found = list(attacker.attack(10))
    assert len(found) > 60
    for what, needed, width in found:
        assert width >= needed - 1e-6, (what, needed, width)


def test_no_row_of_any_year_tells_the_size_of_a_shop(shops):
    tables = load_retail(DEAL, folder=ROOT / "data/retail" / DEAL.id)
    attacker = FloorAttacker([tables.premises], [shops], DEAL.region.unit_id)
    found = list(attacker.attack([*tables.clusters["cluster_id"], INSIDE, OUTSIDE, REGION], 10))
    assert len(found) > 300
    for what, needed, width in found:
        assert width >= needed - 1e-3, (what, needed, width)
