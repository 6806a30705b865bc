"""What is hidden stays hidden from a reader who adds and subtracts; nothing else is hidden."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Hashable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from evaluation.inputs.records.cell_suppression import Relation, find_hidden, sum_of


def attack(counts: Mapping, relations: list[Relation], hidden: frozenset, target: Hashable) -> tuple[float, float]:
    """Find between which values a reader of the shown cells can place a hidden one: every cell is a variable."""
    keys = list(counts)
    matrix = np.array([[relation.get(key, 0) for key in keys] for relation in relations])
    bounds = [(0, None) if key in hidden else (counts[key], counts[key]) for key in keys]
    objective = np.array([float(key == target) for key in keys])
    found = []
    for sign in (1, -1):
        solution = linprog(sign * objective, A_eq=matrix, b_eq=np.zeros(len(relations)), bounds=bounds)
        found.append(np.inf if solution.status == 3 else sign * solution.fun)
    return found[0], found[1]


def cube(inner: np.ndarray) -> tuple[dict[tuple, float], list[Relation]]:
    """Add margins to a table of rows, columns and years, and write down every sum."""
    rows, columns, years = (range(size) for size in inner.shape)
    counts, relations = {}, []
    for row, column, year in itertools.product([*rows, "all"], [*columns, "all"], [*years, "all"]):
        index = tuple(slice(None) if part == "all" else part for part in (row, column, year))
        counts[row, column, year] = float(inner[index].sum())
    for key in counts:
        for axis, parts in enumerate((rows, columns, years)):
            if key[axis] == "all":
                relations.append(sum_of(key, [(*key[:axis], part, *key[axis + 1 :]) for part in parts]))
    return counts, relations


def test_a_small_cell_is_hidden_and_another_with_it_so_that_the_total_does_not_tell_it():
    counts = {"total": 70, "a": 4, "b": 30, "c": 36}
    hidden = find_hidden(counts, [sum_of("total", ["a", "b", "c"])])
    assert hidden == {"a", "b"}


def test_protection_starts_no_heavy_package_and_prints_nothing():
    """A command waited half a second for scipy.optimize; highspy 1.16 greets on standard output."""
    code = (
        "import sys; from evaluation.inputs.records.cell_suppression import find_hidden, sum_of;"
        "hidden = find_hidden({'total': 70, 'a': 4, 'b': 30, 'c': 36}, [sum_of('total', ['a', 'b', 'c'])]);"
        "assert hidden == {'a', 'b'} and 'highspy' in sys.modules and 'scipy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_two_small_cells_that_are_below_the_threshold_together_take_a_third_with_them():
    counts = {"total": 45, "a": 2, "b": 3, "c": 15, "d": 25}
    assert find_hidden(counts, [sum_of("total", ["a", "b", "c", "d"])]) == {"a", "b", "c"}


def test_nothing_is_hidden_where_nothing_is_small_and_a_zero_is_not_small():
    counts = {"total": 50, "a": 0, "b": 20, "c": 30}
    assert find_hidden(counts, [sum_of("total", ["a", "b", "c"])]) == frozenset()


def test_what_matters_more_is_hidden_last():
    counts = {"total": 70, "a": 4, "b": 30, "c": 36}
    hidden = find_hidden(counts, [sum_of("total", ["a", "b", "c"])], rank={"b": 2, "c": 1, "total": 3})
    assert hidden == {"a", "c"}


def test_the_sum_over_years_does_not_tell_a_small_year_and_the_first_report_stays_as_it_was():
    counts = {("since", 1): 12, ("since", 2): 16, ("flow", 1): 12, ("flow", 2): 4}
    relations = [sum_of(("since", 1), [("flow", 1)]), sum_of(("since", 2), [("since", 1), ("flow", 2)])]
    hidden = find_hidden(counts, relations, stage={key: key[1] for key in counts})
    assert hidden == {("flow", 2), ("since", 2)}


def test_an_unpublished_cell_is_protected_where_it_is_small():
    counts = {"total": 40, "shown": 36, "rest": 4}
    relations = [sum_of("total", ["shown", "rest"])]
    hidden = find_hidden(counts, relations, unpublished=["rest"])
    assert hidden == {"rest", "shown"}
    assert find_hidden({**counts, "total": 60, "rest": 24}, relations, unpublished=["rest"]) == {"rest"}


def test_an_unknown_count_is_neither_hidden_nor_a_secret():
    counts = {"total": float("nan"), "a": 4, "b": 30}
    assert find_hidden(counts, []) == {"a"}


@pytest.mark.parametrize("relation", [{"total": 1, "a": -1, "x": -1}, {"total": 1, "a": -1}])
def test_a_sum_that_does_not_hold_is_refused(relation):
    with pytest.raises(ValueError, match="a sum"):
        find_hidden({"total": 5, "a": 4}, [relation])


def test_a_count_that_earlier_figures_tell_whatever_is_hidden_is_refused_and_not_let_through():
    twice = [{"a": 2, "z": 1, "b": -1}]
    with pytest.raises(ValueError, match="'a' cannot be protected"):
        find_hidden({"a": 4, "b": 12, "z": 4}, twice, stage={"z": 1})


@st.composite
def tables(draw) -> np.ndarray:
    shape = draw(st.sampled_from([(2, 2, 2), (3, 2, 2), (3, 3, 1), (4, 2, 1)]))
    cells = st.one_of(st.integers(0, 14), st.integers(0, 60))
    return np.array([draw(cells) for _ in range(int(np.prod(shape)))]).reshape(shape)


@settings(max_examples=25, deadline=None)
@given(inner=tables(), threshold=st.sampled_from([5, 10]))
def test_no_row_column_or_year_total_reveals_a_small_count(inner, threshold):
    counts, relations = cube(inner)
    hidden = find_hidden(counts, relations, threshold=threshold)
    for key, count in counts.items():
        if 0 < count < threshold:
            assert key in hidden
            low, high = attack(counts, relations, hidden, key)
            assert high - low >= threshold - 1e-6, (key, low, high)


@settings(max_examples=12, deadline=None)
@given(inner=tables())
def test_later_years_reveal_nothing_of_earlier_ones_and_change_nothing(inner):
    counts, relations = cube(inner)
    counts = {key: count for key, count in counts.items() if key[2] != "all"}
    since = {("since", row, year): float(inner[row, :, : year + 1].sum()) for row, _, year in counts if row != "all"}
    relations = [relation for relation in relations if relation.keys() <= counts.keys()]
    relations += [sum_of(key, [(key[1], "all", year) for year in range(key[2] + 1)]) for key in since]
    counts |= since
    stage = {key: key[2] for key in counts}
    hidden = find_hidden(counts, relations, stage=stage)
    for key, count in counts.items():
        if 0 < count < 10:
            low, high = attack(counts, relations, hidden, key)
            assert high - low >= 10 - 1e-6, (key, low, high)
    first = {key: count for key, count in counts.items() if key[2] == 0}
    known = [relation for relation in relations if relation.keys() <= first.keys()]
    assert find_hidden(first, known) == {key for key in hidden if key[2] == 0}


@settings(max_examples=12, deadline=None)
@given(inner=tables())
def test_every_cell_that_is_hidden_beside_the_small_ones_is_needed(inner):
    counts, relations = cube(inner)
    hidden = find_hidden(counts, relations)
    small = {key for key, count in counts.items() if 0 < count < 10}
    for extra in sorted(hidden - small, key=str):
        ranges = [attack(counts, relations, hidden - {extra}, key) for key in small]
        assert any(high - low < 10 - 1e-6 for low, high in ranges), extra
