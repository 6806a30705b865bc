"""No published floor space tells the size of a shop to who knows which shops there are; also with two editions."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.analysis.retail_measures import INSIDE, OUTSIDE, REGION
from evaluation.analysis.retail_monitor import TOO_FEW, build_monitor
from evaluation.chapters.report.retail import RetailChapter
from evaluation.chapters.report.retail_cluster import ClusterChapter
from evaluation.chapters.steps.retail_view import RetailView, cells_of
from evaluation.inputs.deal import load_deal
from evaluation.inputs.retail.tables import load_retail
from evaluation.present.results import RESULTS_MIME
from tests.attacker import FloorAttacker
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
        view = RetailView(DEAL, year, 4, monitor)
        displays = [getattr(RetailChapter(view), step)() for step in STEPS]
        for cluster in tables.priority_clusters:
            displays += [getattr(ClusterChapter(view, cluster), step)() for step in CLUSTER_STEPS]
        for display in displays:
            rows += display._repr_mimebundle_().get(RESULTS_MIME, [])
    return rows


def remembered(rows) -> dict[str, float]:
    """Read rows as `read_published` does."""
    known = (row for row in rows if row["status"] != "missing")
    return {row["result_id"]: float("nan") if row["value"] is None else row["value"] for row in known}


def changed(before: dict[str, float], after: dict[str, float]) -> set[str]:
    """Name what was published and is not the same now; what was withheld has to stay so."""
    return {name for name in before if before[name] != pytest.approx(after[name], rel=1e-9, nan_ok=True)}


def attack(tables, rows, units, minimum: int, *, wanted=lambda name: True) -> int:
    attacker = FloorAttacker(tables.premises, _values(rows), DEAL.region.unit_id)
    tried = 0
    for name, weights, area, largest in attacker.protected([*units, *ZONES], minimum):
        if wanted(name):
            tried += 1
            assert attacker.range_of(weights, area) >= largest - 1e-3, (name, largest)
    return tried


def _values(rows) -> list[dict]:
    unique = {row["result_id"]: row for row in rows}
    return [row for row in unique.values() if row["value"] is not None]


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


SETS = {"one dominant": one_dominant, "one moves each year": one_moves_each_year, "nothing changes": corrected}


@pytest.mark.parametrize("name", SETS)
def test_nobody_who_knows_the_shops_learns_their_sizes(name):
    tables = small_retail(SETS[name]())
    rows = published(tables, MUNICIPALITIES)
    assert sum(row["unit_of_measure"] == "m2" and row["value"] is not None for row in rows) > 10
    assert attack(tables, rows, ("A", "B"), 10) > 10 or name == "nothing changes"


def test_the_attacker_does_find_a_size_that_is_not_protected():
    tables = small_retail(one_moves_each_year())
    counts = build_monitor(tables, MUNICIPALITIES).cells
    rows = [
        {"indicator": "winkelmonitor-wvo", "unit": unit, "period": year, "measure": measure, "value": cell["wvo_m2"]}
        for (unit, year, measure), cell in counts.iterrows()
        if measure == "premises" and unit in ("A", "B")
    ]
    attacker = FloorAttacker(tables.premises, rows)
    found = [attacker.range_of(weights, area) < largest for _, weights, area, largest in attacker.protected("A", 10)]
    assert any(found)


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


@pytest.mark.slow
def test_nobody_who_walked_through_the_example_learns_the_size_of_a_shop():
    tables = load_retail(DEAL, folder=DATA / "retail" / DEAL.id)
    if not tables.is_example:
        pytest.skip("data/retail/parkstad-limburg holds premises of a count, not the example")
    rows = published(tables, tuple(municipality.code for municipality in DEAL.region.municipalities))
    clusters = tuple(tables.clusters["cluster_id"])
    assert attack(tables, rows, clusters, 10, wanted=lambda name: "occupied" not in name) > 100
