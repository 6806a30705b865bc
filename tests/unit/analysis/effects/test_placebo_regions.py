"""Placebo regions: connected, comparable, the same every time, and what overlaps is counted once."""

import numpy as np
import pytest

from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.placebo_regions import SizeBand, adjacency_matrix, band_around, grow_regions, spread


def grid(rows: int, columns: int) -> np.ndarray:
    row, column = np.divmod(np.arange(rows * columns), columns)
    return np.abs(row[:, None] - row) + np.abs(column[:, None] - column) == 1


def is_connected(adjacency: np.ndarray, members) -> bool:
    reached, members = {members[0]}, set(members)
    while True:
        wider = reached | {j for i in reached for j in np.flatnonzero(adjacency[i]) if j in members}
        if wider == reached:
            return reached == members
        reached = wider


def sets(regions) -> list[tuple[int, ...]]:
    return [tuple(np.flatnonzero(row).tolist()) for row in regions]


def test_grown_regions_are_connected_comparable_and_leave_out_the_treated_ones():
    rng = np.random.default_rng(8)
    near, population = grid(12, 12), np.round(np.exp(rng.normal(10, 0.6, 144)))
    treated = [65, 66, 77, 78, 79]
    band = band_around(population, treated)
    found = grow_regions(near, population, band, barred=treated)
    assert 40 < len(found) <= 139
    assert len(set(sets(found))) == len(found)
    for region in sets(found):
        assert is_connected(near, list(region))
        assert band._holds(population[list(region)].sum(), len(region))
        assert not set(region) & set(treated)
    sizes = [population[list(region)].sum() for region in sets(found)]
    assert np.median(sizes) == pytest.approx(population[treated].sum(), rel=0.1)


def test_growing_again_gives_the_same_bytes_and_keeps_its_input():
    near, population = grid(6, 6), np.arange(36.0) % 7 + 3
    before = population.copy()
    first, second = (grow_regions(near, population, SizeBand((15, 30), (3, 6))) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert np.array_equal(population, before)


def test_overlap_and_what_does_not():
    found = grow_regions(grid(6, 6), np.ones(36), SizeBand((3, 5), (3, 5)))
    thinned = spread(found)
    assert thinned.sum(axis=0).max() == 1
    assert 1 < len(thinned) <= 12 < len(found)
    assert {*sets(thinned)} < {*sets(found)}


def test_nothing_comparable_is_refused():
    with pytest.raises(CannotEstimate, match="geen aaneengesloten regio"):
        grow_regions(grid(3, 3), np.ones(9), SizeBand((50, 60), (2, 9)))


def test_neighbours_by_name():
    near = adjacency_matrix({"a": ["b"], "b": ["a", "c"], "c": ["b"]}, ["a", "b", "c"])
    assert near.tolist() == [[False, True, False], [True, False, True], [False, True, False]]


def test_a_map_that_does_not_fit():
    with pytest.raises(ValueError, match="symmetric"):
        grow_regions(np.array([[0, 1], [0, 0]], dtype=bool), np.ones(2), SizeBand((1, 2), (1, 2)))
    with pytest.raises(CannotEstimate, match="inwonertallen"):
        grow_regions(grid(1, 2), np.array([1.0, np.nan]), SizeBand((1, 2), (1, 2)))
