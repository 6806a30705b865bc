"""Which cells of a table with margins are not shown, so that small counts stay unknown to who adds and subtracts.

Primary suppression hides every count from 1 to below a threshold.  Secondary suppression hides more cells, until for
none of those counts the range that is left to a reader is narrower than the threshold.  The reader knows every shown
cell, every sum that holds between cells, and that no count is negative; the range is found by linear programming, so
sums over rows, columns and years are seen together and not one by one.

The rule is about numbers of things.  Whether one large thing dominates an area or an amount is not judged here.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

MINIMUM_COUNT = 10
"""A count from 1 to below this is not shown."""

MINIMUM_DENOMINATOR = 50
"""A share of fewer than this many is not shown."""

Relation = Mapping[Hashable, int]
"""Cells with their coefficients, whose weighted sum is 0: ``{"total": 1, "inside": -1, "outside": -1}``."""

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class _Table:
    """The cells of a stage and those before it, with the groups that were found safe."""

    counts: Mapping[Hashable, float]
    relations: tuple[Relation, ...]
    threshold: int
    safe: set[tuple[Hashable, ...]]

    @property
    def unknown(self) -> set[Hashable]:
        """The cells whose count nobody knows."""
        return {key for key, count in self.counts.items() if np.isnan(count)}


@dataclass(frozen=True, slots=True)
class _Group:
    """Unseen cells that sums tie together: ``matrix @ values = known``, a row for each of the relations."""

    cells: tuple[Hashable, ...]
    matrix: csr_matrix
    known: np.ndarray
    relations: tuple[Relation, ...]

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What tells a group apart: its cells say which sums and which shown cells it meets."""
        return (*self.cells, len(self.relations))


@dataclass(frozen=True, slots=True)
class _Exposed:
    """A small cell with too narrow a range: how much is missing, and the prices of the sums at its two ends."""

    missing: float
    prices_high: np.ndarray
    prices_low: np.ndarray


def sum_of(total: Hashable, parts: Collection[Hashable]) -> Relation:
    """Write that a total is the sum of its parts.

    Examples
    --------
    >>> sum_of("total", ["inside", "outside"])
    {'total': 1, 'inside': -1, 'outside': -1}
    """
    return {total: 1, **dict.fromkeys(parts, -1)}


def is_small(count: float, threshold: int) -> bool:
    """Tell whether a count is too small to show; nothing at all (0) and what is not known (NaN) is not.

    Examples
    --------
    >>> [is_small(count, 10) for count in (0, 1, 9, 10)]
    [False, True, True, False]
    """
    return 0 < count < threshold


def find_hidden(
    counts: Mapping[Hashable, float],
    relations: Sequence[Relation],
    *,
    threshold: int = MINIMUM_COUNT,
    unpublished: Collection[Hashable] = (),
    rank: Mapping[Hashable, int] | None = None,
    stage: Mapping[Hashable, int] | None = None,
) -> frozenset[Hashable]:
    """Find the cells of a table that are not shown.

    Parameters
    ----------
    counts : mapping
        Every cell that is shown or could be computed from what is shown, margins included: numbers of premises,
        persons or other things, NaN where the count is not known to anyone.
    relations : sequence of Relation
        Every sum that holds between cells.
    threshold : int
        Counts from 1 to below this are hidden.
    unpublished : collection
        Cells that are shown nowhere, and that are protected all the same where they are small.
    rank : mapping | None
        How much a cell matters to readers: of the cells that could be hidden to protect another, one with the lowest
        rank is taken, and of those the smallest count.  0 where it is not told.
    stage : mapping | None
        When a cell is published, such as its year.  What an earlier stage shows or hides is judged without the later
        ones and stays as it is.  0 where it is not told.

    Returns
    -------
    frozenset
        The hidden cells, with those that are unpublished.

    Raises
    ------
    ValueError
        When a relation does not hold between the counts, or names a cell that is not there.
    """
    _check(counts, relations)
    stage, rank = stage or {}, rank or {}
    hidden: set[Hashable] = set()
    order = {key: (rank.get(key, 0), count == 0, count, place) for place, (key, count) in enumerate(counts.items())}
    safe: set[tuple[Hashable, ...]] = set()
    for now in sorted({stage.get(key, 0) for key in counts}):
        until = {key: count for key, count in counts.items() if stage.get(key, 0) <= now}
        new = {key for key in until if stage.get(key, 0) == now}
        hidden |= {key for key in new if is_small(counts[key], threshold) or key in unpublished}
        table = _Table(until, tuple(r for r in relations if r.keys() <= until.keys()), threshold, safe)
        needed = frozenset(hidden)
        _hide_more(table, hidden, new, order)
        _show_again(table, hidden, sorted(hidden - needed, key=order.__getitem__, reverse=True))
    return frozenset(hidden)


def _hide_more(table: _Table, hidden: set[Hashable], free: Collection[Hashable], order: Mapping) -> None:
    """Add cells to the hidden ones until no small count is left too narrow a range; only `free` ones may be added."""
    while True:
        extra = set()
        for group, exposed in _exposed_groups(table, hidden):
            extra |= _choose(exposed, group, table.counts, free - hidden - table.unknown, order)
        if not extra:
            return
        hidden |= extra


def _show_again(table: _Table, hidden: set[Hashable], extra: Sequence[Hashable]) -> None:
    """Take cells out of the hidden ones that turned out not to be needed, those that matter most first."""
    for key in extra:
        if next(_exposed_groups(table, hidden - {key}), None) is None:
            hidden.discard(key)


def _exposed_groups(table: _Table, hidden: Collection[Hashable]) -> Iterator[tuple[_Group, _Exposed]]:
    """Find the groups of unseen cells in which a small one is left too narrow a range; a safe group is kept as such."""
    small = {key for key in hidden if is_small(table.counts[key], table.threshold)}
    for group in _tied_groups(table.counts, table.relations, hidden | table.unknown):
        if group.key in table.safe or not small & set(group.cells):
            continue
        exposed = _first_narrow(group, small, table.threshold)
        if exposed is None:
            table.safe.add(group.key)
        else:
            yield group, exposed


def _check(counts: Mapping[Hashable, float], relations: Sequence[Relation]) -> None:
    for relation in relations:
        absent = [key for key in relation if key not in counts]
        if absent:
            raise ValueError(f"a sum names cells that are not in the table: {absent}")
        left = sum(coefficient * counts[key] for key, coefficient in relation.items())
        if abs(left) > _TOLERANCE:
            raise ValueError(f"a sum does not hold; {left:g} is left of {dict(relation)}")


def _tied_groups(
    counts: Mapping[Hashable, float], relations: Sequence[Relation], unseen: Collection[Hashable]
) -> Iterator[_Group]:
    """Split the unseen cells into groups that share a sum."""
    cells = [key for key in counts if key in unseen]
    column = {key: position for position, key in enumerate(cells)}
    tied = [relation for relation in relations if relation.keys() & column.keys()]
    if not tied:
        return
    entries = [
        (row, column[key], coefficient)
        for row, relation in enumerate(tied)
        for key, coefficient in relation.items()
        if key in column
    ]
    rows, columns, values = (np.array(part) for part in zip(*entries, strict=True))
    matrix = csr_matrix((values, (rows, columns)), shape=(len(tied), len(cells)))
    _, group_of = connected_components(abs(matrix).T @ abs(matrix), directed=False)
    row_group = group_of[matrix.indices[matrix.indptr[:-1]]]
    known = [-sum(c * counts[key] for key, c in relation.items() if key not in column) for relation in tied]
    for number in np.unique(row_group):
        mine, held = np.flatnonzero(group_of == number), np.flatnonzero(row_group == number)
        yield _Group(
            tuple(cells[position] for position in mine),
            matrix[held][:, mine],
            np.array([known[row] for row in held], dtype=float),
            tuple(tied[row] for row in held),
        )


def _first_narrow(group: _Group, small: Collection[Hashable], threshold: int) -> _Exposed | None:
    """Return the first small cell whose possible values lie within less than the threshold, or None.

    Every solution that is found widens the ranges of all cells, so that few cells need a search of their own.
    """
    size = len(group.cells)
    watched = [position for position, key in enumerate(group.cells) if key in small]
    ceiling = float(np.abs(group.known).sum()) + 2 * threshold
    low, high = np.full(size, np.inf), np.full(size, -np.inf)

    def search(objective: np.ndarray) -> np.ndarray:
        solution = linprog(objective, A_eq=group.matrix, b_eq=group.known, bounds=(0, ceiling), method="highs")
        if solution.status != 0:
            raise ValueError(f"no table fits what is shown: {solution.message}")
        np.minimum(low, solution.x, out=low)
        np.maximum(high, solution.x, out=high)
        return solution.eqlin.marginals

    everything = np.zeros(size)
    everything[watched] = 1.0
    search(everything)
    search(-everything)
    for position in watched:
        prices = []
        for sign in (-1.0, 1.0):
            if high[position] - low[position] >= threshold - _TOLERANCE:
                break
            objective = np.zeros(size)
            objective[position] = sign
            prices.append(search(objective))
        missing = threshold - (high[position] - low[position])
        if missing > _TOLERANCE:
            return _Exposed(missing, prices[0], prices[1])
    return None


def _choose(
    exposed: _Exposed,
    group: _Group,
    counts: Mapping[Hashable, float],
    free: Collection[Hashable],
    order: Mapping[Hashable, tuple],
) -> set[Hashable]:
    """Choose what to hide for an exposed cell: of what widens its range enough, that which matters least."""
    for prices in (exposed.prices_high, exposed.prices_low):
        weight: dict[Hashable, float] = {}
        for price, relation in zip(prices, group.relations, strict=True):
            for key in relation.keys() & free:
                weight[key] = weight.get(key, 0.0) + price * relation[key]
        # a weight above 0: the range grows as the hidden cell may be larger; below 0: as it may be smaller, down to 0
        gain = {key: np.inf if w > 0 else -w * counts[key] for key, w in weight.items() if abs(w) > _TOLERANCE}
        enough = [key for key in gain if gain[key] >= exposed.missing - _TOLERANCE]
        if enough:
            return {min(enough, key=order.__getitem__)}
        some = [key for key in gain if gain[key] > _TOLERANCE]
        if some:
            return {max(some, key=lambda key: (gain[key], [-part for part in order[key]]))}
    return set(sorted((key for key in free if key in {k for r in group.relations for k in r}), key=order.get)[:1])
