"""Which cells of a table with margins are not shown, so that protected ones stay unknown to who adds and subtracts.

Primary suppression hides every count from 1 to below a threshold, or the sums that it is given (`protected_sums`).
Secondary suppression hides more cells, until for none of those the range that is left to a reader is narrower than was
promised: the threshold for a count, the largest contribution for a floor space or an amount.  The reader knows every
shown cell, every sum that holds between cells, and that nothing is negative; the range is found by linear programming,
so sums over rows, columns and years are seen together and not one by one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MINIMUM_COUNT = 10
"""A count from 1 to below this is not shown."""

MINIMUM_DENOMINATOR = 50
"""A share of fewer than this many is not shown."""

LEAST_MINIMUM = 3
"""No minimum may be lower: of two, each knows what the other has."""

Relation = Mapping[Any, int]
"""Cells with their coefficients, whose weighted sum is 0: ``{"total": 1, "inside": -1, "outside": -1}``."""

_TOLERANCE = 1e-6
_NEAR = 2
"""A range is looked for first among the cells that this many sums lie between."""


def sum_of(total: Hashable, parts: Collection[Hashable]) -> Relation:
    """Write that a total is the sum of its parts.

    >>> sum_of("total", ["inside", "outside"])
    {'total': 1, 'inside': -1, 'outside': -1}

    Parameters
    ----------
    total, parts : hashable, collection of hashable
        Cells.

    Returns
    -------
    Relation
    """
    return {total: 1, **dict.fromkeys(parts, -1)}


def find_hidden(
    counts: Mapping[Hashable, float],
    relations: Iterable[Relation],
    *,
    threshold: int = MINIMUM_COUNT,
    needed: Mapping[Hashable, float] | None = None,
    unpublished: Collection[Hashable] = (),
    rank: Mapping[Hashable, int] | None = None,
    stage: Mapping[Hashable, int] | None = None,
    floor: Mapping[Hashable, float] | None = None,
    settled: Collection[int] = (),
) -> frozenset[Hashable]:
    """Find the cells of a table that are not shown.

    Parameters
    ----------
    counts, relations : mapping, iterable of Relation
        Every cell that is shown or could be computed from what is shown, margins included, NaN where nobody knows it;
        and every sum that holds between cells that are known.
    threshold, needed : int, mapping | None
        Counts from 1 to below the threshold are protected; or else what is needed, with how wide its range must stay.
    unpublished : collection
        Cells that are shown nowhere, and that are protected all the same where they are small.
    rank : mapping | None
        How much a cell matters to readers (0 where not told): of the cells that could be hidden to protect another, one
        with the lowest rank is taken, and of those the smallest count.
    stage, settled : mapping | None, collection of int
        When a cell is published, such as its year (0 where not told).  What an earlier stage shows or hides is judged
        without the later ones and stays as it is.  Of a settled stage, published before, everything is shown but what
        is unpublished, whatever its cells are now, and what it tells already is not protected any more.
    floor : mapping | None
        What a reader knows a cell to be at least (0 where not told); minus infinity for a difference.

    Returns
    -------
    frozenset[Hashable]
        The hidden cells, with those that are unpublished.

    Raises
    ------
    ValueError
        When a relation does not hold between the counts, or names a cell that is not there or not known; and when
        later stages tell what an earlier one hid, whatever is hidden of them.
    """
    relations, stage = tuple(relations), stage or {}
    _check(counts, relations)
    if needed is None:
        needed = {key: float(threshold) for key, count in counts.items() if 0 < count < threshold}
    table, order = _Table(counts, needed, floor or {}), _order(counts, rank or {})
    hidden: set[Hashable] = set()
    moment = [max(stage.get(key, 0) for key in relation) for relation in relations]
    for now in sorted({stage.get(key, 0) for key in counts}):
        table.add(relation for relation, at in zip(relations, moment, strict=True) if at == now)
        new = {key for key in counts if stage.get(key, 0) == now}
        hidden |= new.intersection(unpublished)
        if now not in settled:
            _protect(table, hidden, new, order, may_be_told=bool(settled))
    return frozenset(hidden)


def _order(counts: Mapping[Hashable, float], rank: Mapping[Hashable, int]) -> dict[Hashable, tuple]:
    """Put the cells in the order in which they are hidden for another: what matters least first, then the smallest."""
    return {key: (rank.get(key, 0), count == 0, count, place) for place, (key, count) in enumerate(counts.items())}


def _protect(table: _Table, hidden: set[Hashable], new: set[Hashable], order: Mapping, *, may_be_told: bool) -> None:
    """Hide the small cells of a stage, and what else of it has to be hidden for them."""
    hidden |= new & table.needed.keys()
    extra = _hide_more(table, hidden, new, order, may_be_told=may_be_told)
    _show_again(table, hidden, sorted(extra, key=order.__getitem__, reverse=True))


def _check(counts: Mapping[Hashable, float], relations: Sequence[Relation]) -> None:
    for relation in relations:
        absent = [key for key in relation if math.isnan(counts.get(key, math.nan))]
        if absent:
            raise ValueError(f"a sum names cells that are not in the table or not known: {absent}")
        left = sum(coefficient * counts[key] for key, coefficient in relation.items())
        if abs(left) > _TOLERANCE:
            raise ValueError(f"a sum does not hold; {left:g} is left of {dict(relation)}")


@dataclass(frozen=True, slots=True)
class _Proof:
    """Two tables that fit what is shown, by where they differ from the truth; a cell is as far apart as it needs."""

    low: dict[Hashable, float]
    high: dict[Hashable, float]

    @property
    def moved(self) -> set[Hashable]:
        """The cells that the two tables need to be hidden."""
        return self.low.keys() | self.high.keys()


@dataclass(frozen=True, slots=True)
class _Exposed:
    """A small cell with too narrow a range: how much is missing, and the price of each sum at both ends."""

    missing: float
    relations: tuple[Relation, ...]
    prices_high: np.ndarray
    prices_low: np.ndarray


@dataclass(slots=True)
class _Table:
    """The cells with the sums that a reader knows so far, and for each small cell the proof that it is protected."""

    counts: Mapping[Hashable, float]
    needed: Mapping[Hashable, float]
    floor: Mapping[Hashable, float]
    sums_of: dict[Hashable, list[Relation]] = field(default_factory=dict)
    proofs: dict[Hashable, _Proof] = field(default_factory=dict)

    def add(self, relations: Iterable[Relation]) -> None:
        """Add sums; a proof that they contradict is none any more."""
        added: dict[Hashable, list[Relation]] = {}
        for relation in relations:
            for key in relation:
                added.setdefault(key, []).append(relation)
                self.sums_of.setdefault(key, []).append(relation)
        self.proofs = {
            cell: proof
            for cell, proof in self.proofs.items()
            if all(_fits(relation, proof) for key in proof.moved for relation in added.get(key, ()))
        }

    def judge(self, key: Hashable, hidden: Set[Hashable]) -> _Exposed | None:
        """Look for a proof that a hidden cell is protected, first nearby; return what is missing for one."""
        proof = self.proofs.get(key)
        if proof is not None and proof.moved <= hidden:
            return None
        for reach in (_NEAR, None):
            cells, is_all = self._reach(key, hidden, reach)
            exposed = self._search(key, cells)
            if exposed is None or is_all:
                return exposed
        return exposed

    def _reach(self, start: Hashable, hidden: Collection[Hashable], steps: int | None) -> tuple[list[Hashable], bool]:
        """List the hidden cells that sums tie to one, within some steps, and whether those are all."""
        reached, edge = {start: None}, [start]
        while edge and steps != 0:
            near = (other for key in edge for relation in self.sums_of.get(key, ()) for other in relation)
            edge = [key for key in dict.fromkeys(near) if key in hidden and key not in reached]
            reached |= dict.fromkeys(edge)
            steps = None if steps is None else steps - 1
        return list(reached), not edge

    def _search(self, target: Hashable, cells: Sequence[Hashable]) -> _Exposed | None:
        """Find the largest and the smallest value of a cell while only some cells may differ from the truth."""
        column = {key: position for position, key in enumerate(cells)}
        relations = list({id(relation): relation for key in cells for relation in self.sums_of.get(key, ())}.values())
        truth = np.array([self.counts[key] for key in cells])
        rows = [{column[key]: by for key, by in relation.items() if key in column} for relation in relations]
        known = np.array([sum(by * truth[place] for place, by in row.items()) for row in rows])
        # for what no shown sum bounds; so far above the truth that it narrows no range to below the threshold
        ceiling = float(np.abs(known).sum() + truth.max() + 2 * max(self.needed.values(), default=0.0))
        floor = np.array([self.floor.get(key, 0.0) for key in cells])
        ends, prices = _find_ends(column[target], rows, known, floor, ceiling)
        high, low = (dict(_differences(cells, end - truth)) for end in ends)
        proof = _Proof(low, high)
        for key in filter(self.needed.__contains__, cells):
            is_wide = abs(high.get(key, 0.0) - low.get(key, 0.0)) >= self.needed[key] - _TOLERANCE
            if is_wide and (key == target or key not in self.proofs):
                self.proofs[key] = proof
        width = ends[0][column[target]] - ends[1][column[target]]
        if width >= self.needed[target] - _TOLERANCE:
            return None
        return _Exposed(self.needed[target] - width, tuple(relations), prices[0], prices[1])


def _find_ends(
    target: int, rows: Sequence[Mapping[int, int]], known: np.ndarray, floor: np.ndarray, ceiling: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Find the tables in which a cell is largest and smallest, with the price of each row of sums in both."""
    import highspy  # only where something is hidden

    # The solver itself, one model for both ends: scipy.optimize.linprog spends four times as long around it as in it.
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(floor), len(rows)
    model.col_cost_ = np.zeros(len(floor))
    model.col_lower_, model.col_upper_ = floor, np.full(len(floor), ceiling)
    model.row_lower_ = model.row_upper_ = known
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.cumsum([0, *map(len, rows)])
    model.a_matrix_.index_ = np.array([place for row in rows for place in row], dtype=np.int32)
    model.a_matrix_.value_ = np.array([by for row in rows for by in row.values()], dtype=float)
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(model)
    ends, prices = [], []
    for sign in (-1.0, 1.0):
        solver.changeColCost(target, sign)
        solver.solve()
        if (status := solver.getModelStatus()) != highspy.HighsModelStatus.kOptimal:
            raise ValueError(f"no table fits what is shown: {solver.modelStatusToString(status)}")
        solution = solver.getSolution()
        ends.append(np.array(solution.col_value))
        prices.append(np.array(solution.row_dual))
    return ends, prices


def _differences(cells: Sequence[Hashable], values: np.ndarray) -> Iterator[tuple[Hashable, float]]:
    return ((cell, value) for cell, value in zip(cells, values.tolist(), strict=True) if abs(value) > _TOLERANCE)


def _fits(relation: Relation, proof: _Proof) -> bool:
    """Tell whether both tables of a proof keep a sum."""
    return all(
        abs(sum(coefficient * moved.get(key, 0.0) for key, coefficient in relation.items())) <= _TOLERANCE
        for moved in (proof.low, proof.high)
    )


def _hide_more(
    table: _Table, hidden: set[Hashable], free: set[Hashable], order: Mapping, *, may_be_told: bool
) -> set[Hashable]:
    """Add free cells to the hidden ones until every small one is protected; return what was added."""
    extra: set[Hashable] = set()
    for key in [key for key in table.counts if key in hidden and key in table.needed]:
        while (exposed := table.judge(key, hidden)) is not None:
            chosen = _choose(exposed, table, free - hidden, order)
            if chosen is None and may_be_told:
                break
            if chosen is None:
                raise ValueError(f"{key!r} cannot be protected: what was published before tells it")
            hidden.add(chosen)
            extra.add(chosen)
    return extra


def _show_again(table: _Table, hidden: set[Hashable], extra: Sequence[Hashable]) -> None:
    """Take cells out of the hidden ones that turned out not to be needed, those that matter most first."""
    for candidate in extra:
        hidden.discard(candidate)
        before = dict(table.proofs)
        leaning = [key for key, proof in before.items() if candidate in proof.moved and key in hidden]
        if any(table.judge(key, hidden) is not None for key in leaning):
            hidden.add(candidate)
            table.proofs = before


def _choose(
    exposed: _Exposed, table: _Table, free: Collection[Hashable], order: Mapping[Hashable, tuple]
) -> Hashable | None:
    """Choose what to hide for an exposed cell: of what widens its range enough, that which matters least."""
    for prices in (exposed.prices_high, exposed.prices_low):
        weight: dict[Hashable, float] = {}
        for price, relation in zip(prices, exposed.relations, strict=True):
            for key in relation.keys() & free:
                weight[key] = weight.get(key, 0.0) + price * relation[key]
        # a weight above 0: the range grows as the hidden cell may be larger; below 0: as it may be smaller, to a floor
        room = {key: table.counts[key] - table.floor.get(key, 0.0) for key in weight}
        gain = {key: np.inf if w > 0 else -w * room[key] for key, w in weight.items() if abs(w) > _TOLERANCE}
        enough = [key for key in gain if gain[key] >= exposed.missing - _TOLERANCE]
        if enough:
            return min(enough, key=order.__getitem__)
        some = [key for key in gain if gain[key] > _TOLERANCE]
        if some:
            return min(some, key=lambda key: (-gain[key], order[key]))
    near = (key for relation in exposed.relations for key in relation.keys() & free)
    return min(near, key=order.__getitem__, default=None)
