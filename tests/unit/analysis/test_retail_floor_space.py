"""No published floor space tells the size of a shop to who knows which shops there are; also with two editions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluation.analysis.retail_measures import INSIDE, OUTSIDE, REGION
from evaluation.analysis.retail_monitor import TOO_FEW, build_monitor
from evaluation.chapters.report.retail import RetailChapter
from evaluation.chapters.report.retail_cluster import ClusterChapter
from evaluation.chapters.steps.retail_view import RetailView, cells_of
from evaluation.inputs.deal import load_deal
from evaluation.present.results import RESULTS_MIME
from tests.attacker import FloorAttacker, Found
from tests.unit.small_retail import MUNICIPALITIES, premises, small_retail

DATA = Path(__file__).resolve().parents[3] / "data"
DEAL = load_deal(folder=DATA / "deal")
STEPS = ("premises", "floor_space", "concentration", "transformed", "newcomers", "clusters", "municipalities")
CLUSTER_STEPS = ("finding", "floor_space", "changes", "functions")
ZONES = (INSIDE, OUTSIDE, REGION)


def published(tables, municipalities, before=None) -> list[dict]:
    """Publish every edition from the second year, each with what the earlier ones showed; all rows of results.csv."""
    rows: list[dict] = []
    for year in tables.years[1:]:
        shown = dict(before or {}) | remembered(rows)
        monitor = build_monitor(tables.until(year), municipalities, cells_of(DEAL, shown, tables.years))
        rows += rows_of(RetailView(DEAL, year, 4, monitor), tables)
    return rows


def rows_of(view: RetailView, tables) -> list[dict]:
    """Show every step of the chapters on shops; the rows of results.csv."""
    displays = [getattr(RetailChapter(view), step)() for step in STEPS]
    for cluster in tables.priority_clusters:
        displays += [getattr(ClusterChapter(view, cluster), step)() for step in CLUSTER_STEPS]
    return [row for display in displays for row in display._repr_mimebundle_().get(RESULTS_MIME, [])]


def remembered(rows) -> dict[str, float]:
    """Read rows as `read_published` does."""
    known = (row for row in rows if row["status"] != "missing")
    return {row["result_id"]: float("nan") if row["value"] is None else row["value"] for row in known}


def changed(before: dict[str, float], after: dict[str, float]) -> set[str]:
    """Name what was published and is not the same now; what was withheld has to stay so."""
    return {name for name in before if before[name] != pytest.approx(after[name], rel=1e-9, nan_ok=True)}


def publish_twice(first, second, *, remember: bool = True) -> list[list[dict]]:
    """Publish tables, and the last year of others that correct them, which remember what was published or do not."""
    editions = [published(first, MUNICIPALITIES)]
    before = remembered(editions[0])
    known = cells_of(DEAL, before, second.years) if remember else {}
    last = RetailView(DEAL, second.years[-1], 4, build_monitor(second, MUNICIPALITIES, known))
    editions.append(rows_of(last, second))
    again = remembered(editions[1])
    assert not remember or not changed({key: value for key, value in before.items() if key in again}, again)
    return editions


def attack(tables: Sequence, editions: Sequence[list[dict]]) -> list[Found]:
    """Attack with the rows of each edition, made of the tables of each; return which ranges are found."""
    attacker = FloorAttacker([each.premises for each in tables], editions, DEAL.region.unit_id)
    return list(attacker.attack(["A", "B", *ZONES], 10))


def too_narrow(found: Sequence[Found]) -> list[Found]:
    """Pick what is narrower than was promised."""
    return [(name, needed, width) for name, needed, width in found if width < needed - 1e-3]


def number_shown(rows: Sequence[dict]) -> int:
    return sum(row["unit_of_measure"] == "m2" and row["value"] is not None for row in rows)


def street(cluster, count: int, year: int, size: float = 100.0, *, first: int = 0):
    names = [f"{cluster}{number}" for number in range(first, first + count)]
    sizes = {name: size + 7.0 * (hash_of(name) % 11) for name in names}
    return [
        premises(name, year, cluster=cluster, who=name, wvo_m2=sizes[name], bvo_m2=1.3 * sizes[name]) for name in names
    ]


def hash_of(name: str) -> int:
    return sum(ord(letter) for letter in name)


def vacant(rows, count: int):
    """Leave the first shops empty."""
    return [
        row.model_copy(update={"is_vacant": True, "occupant_id": None}) if place < count else row
        for place, row in enumerate(rows)
    ]


def one_dominant():
    rows = []
    for year in (2018, 2019, 2020):
        for place, count in (("A", 40), ("B", 35), (None, 50)):
            rows += vacant(street(place, count + (year == 2020), year), 12)
        rows.append(premises("giant", year, cluster="A", who="giant", wvo_m2=90_000.0, bvo_m2=99_000.0))
    return rows


def one_moves_each_year():
    rows = []
    for number, year in enumerate((2018, 2019, 2020, 2021)):
        for place, count in (("A", 40 - number), ("B", 30 + number % 2), (None, 60 + number)):
            rows += vacant(street(place, count, year), 14)
    return rows


def corrected(year_of_correction: int | None = None):
    rows = []
    for year in (2018, 2019, 2020):
        for place, count in (("A", 40), ("B", 30), (None, 60 + 15 * (year - 2018))):
            made = vacant(street(place, count, year), 14)
            if place == "A" and year == year_of_correction:
                made[20] = _larger(made[20])
            rows += made
    return rows


def tiny_clusters():
    """Eleven and twelve shops, of which one or two come, go or fall vacant each year."""
    rows = []
    for number, year in enumerate((2018, 2019, 2020)):
        for place, count in (("A", 11 + number), ("B", 13 - number), (None, 60)):
            rows += vacant(street(place, count, year), 2 + number)
    return rows


SETS = {"one dominant": one_dominant, "one moves each year": one_moves_each_year, "tiny clusters": tiny_clusters}


@pytest.mark.parametrize("name", SETS)
def test_nobody_who_knows_the_shops_learns_their_sizes(name):
    tables = small_retail(SETS[name]())
    rows = published(tables, MUNICIPALITIES)
    found = attack([tables], [rows])
    assert number_shown(rows) > 20 and len(found) > 50
    assert not too_narrow(found)


def test_the_attacker_does_find_a_size_that_is_not_protected():
    tables = small_retail(one_moves_each_year())
    counts = build_monitor(tables, MUNICIPALITIES).cells
    rows = [
        {"indicator": "winkelmonitor-wvo", "unit": unit, "period": year, "measure": measure, "value": cell["wvo_m2"]}
        for (unit, year, measure), cell in counts.iterrows()
        if measure == "premises" and unit in ("A", "B")
    ]
    rows = [{**row, "result_id": str(place)} for place, row in enumerate(rows)]
    assert too_narrow(FloorAttacker([tables.premises], [rows]).attack("A", 10))


def test_one_shop_that_leaves_takes_the_floor_space_of_its_cluster_with_it():
    made = build_monitor(small_retail(one_moves_each_year()), MUNICIPALITIES)
    assert made.figure("A", 2018, "premises", "wvo_m2").state == "shown"
    assert made.figure("A", 2019, "premises", "wvo_m2").reason == TOO_FEW
    assert made.figure("A", 2019, "premises").value == 39, "its number is shown"


def test_two_shops_of_one_retailer_are_one_contributor():
    rows = [row.model_copy(update={"occupant_id": "chain"}) for row in street("A", 20, 2018)]
    rows += street("B", 20, 2018) + street(None, 30, 2018)
    made = build_monitor(small_retail(rows), MUNICIPALITIES)
    assert made.figure("A", 2018, "premises", "wvo_m2").reason == TOO_FEW
    both = [made.figure(unit, 2018, "premises", "wvo_m2").state for unit in (INSIDE, "B")]
    assert "withheld" in both, "the two together would tell it"


def test_what_was_published_stays_when_an_earlier_year_is_corrected():
    before = remembered(published(small_retail(corrected()).until(2019), MUNICIPALITIES))
    assert not changed(before, remembered(published(small_retail(corrected(2018)), MUNICIPALITIES, before)))


def test_a_correction_is_not_told_by_the_first_year_that_has_it():
    before = remembered(published(small_retail(corrected()).until(2019), MUNICIPALITIES))
    rows = [_larger(row) if row.premises_id == "A20" else row for row in corrected()]
    after = remembered(published(small_retail(rows), MUNICIPALITIES, before))
    assert not changed(before, after)
    assert str(after["4.winkelmonitor-wvo.A.2020.premises"]) == "nan", "the same shops with another sum"


def test_a_corrected_shop_moves_no_count_that_was_published():
    before = remembered(published(small_retail(corrected()).until(2019), MUNICIPALITIES))
    extra = [*corrected(), premises("late", 2019, cluster="A", who="late", wvo_m2=100.0, bvo_m2=130.0)]
    assert not changed(before, remembered(published(small_retail(extra), MUNICIPALITIES, before)))


def _larger(row):
    return row.model_copy(update={"wvo_m2": 940.0, "bvo_m2": 1000.0})


def larger(rows, name: str, by: float = 1.0):
    """Correct the size of a shop in all years."""
    new = {row.year: {"wvo_m2": row.wvo_m2 + by, "bvo_m2": row.bvo_m2 + by} for row in rows if row.premises_id == name}
    return [row.model_copy(update=new[row.year]) if row.premises_id == name else row for row in rows]


def moved(rows, name: str):
    """Correct in which cluster a shop always was."""
    return [
        row.model_copy(update={"cluster": "B", "municipality": "GM0928"}) if row.premises_id == name else row
        for row in rows
    ]


TWO_EDITIONS = {
    "a tiny cluster, by one metre": (tiny_clusters(), larger(tiny_clusters(), "A3")),
    "the giant": (one_dominant(), larger(one_dominant(), "giant", -20_000.0)),
    "a shop in use, and nothing else": (corrected(), larger(corrected(), "A20", 777.0)),
    "a shop of another cluster": (one_moves_each_year(), moved(one_moves_each_year(), "A20")),
    "shown first, then not": (corrected(), larger(corrected(), "A5", 50_000.0)),
    "withheld first, then not": (one_dominant(), larger(one_dominant(), "giant", -89_900.0)),
}


@pytest.mark.parametrize("name", TWO_EDITIONS)
def test_nobody_with_the_edition_before_a_correction_and_that_after_it_learns_the_size_of_a_shop(name):
    first, second = (small_retail(rows) for rows in TWO_EDITIONS[name])
    editions = publish_twice(first.until(2019), second)
    found = attack([first.until(2019), second], editions)
    assert number_shown(editions[1]) > 15 and len(found) > 15
    assert not too_narrow(found)


def test_the_attacker_with_two_editions_does_find_what_a_correction_gives_away():
    first, second = (small_retail(rows) for rows in TWO_EDITIONS["a shop in use, and nothing else"])
    editions = publish_twice(first.until(2019), second, remember=False)
    assert too_narrow(attack([first.until(2019), second], editions))
