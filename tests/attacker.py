"""Attackers who have every published number and add, subtract and divide: of counts, of floor space, of amounts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from evaluation.inputs.deal import Deal

MARGIN = 2.0
"""How far rounding to 5 may have moved a whole number."""

_ABOUT_OTHER_THINGS = {"target", "path", "paid", "corporations_paid", "shared_projects"}

Fact = tuple[int, float, float]
"""Until the end of a year, at least, at most."""


def facts_about(numbers: pd.DataFrame, subject: str, deal: Deal) -> Iterator[Fact]:
    """Say what the published numbers about a unit tell of how many were delivered.

    Parameters
    ----------
    numbers : DataFrame
        Columns as of results.csv.
    subject : str
        How their identities begin: ``4.ondernemers``, ``1.prestatie-1-7.begeleide-ouders``.
    """
    mine = numbers[numbers["result_id"].str.startswith(f"{subject}.") & numbers["value"].notna()]
    targets = {target.id: target for target in deal.targets}
    for row in mine.itertuples():
        year, target = int(row.period), targets.get(row.indicator)
        if row.measure == "projects":
            yield year, float(row.value), math.inf
        elif row.measure not in _ABOUT_OTHER_THINGS and not (row.measure == "per_unit" and row.value == 0):
            count = _count_behind(row, mine, target, deal)
            reach = MARGIN if abs(count) > 1e-9 else 0.0
            yield year, count - reach, count + reach


def _count_behind(row, mine: pd.DataFrame, target, deal: Deal) -> float:
    match row.measure:
        case "value":
            return float(row.value)
        case "distance":
            return float(target.quantity - row.value)
        case "projection":
            start = deal.term.path_from
            gone = (pd.Timestamp(int(row.period), 12, 31) - pd.Timestamp(start)).days
            return float(row.value * min(gone / (target.by - start).days, 1.0))
        case "per_unit":
            paid = mine.loc[(mine["measure"] == "paid") & (mine["period"] == row.period), "value"].iloc[0]
            return float(paid / row.value)
    raise AssertionError(f"{row.result_id}: the attacker does not know what {row.measure} tells")


def place(facts: Iterable[Fact], years: Sequence[int], wanted: Iterable[int]) -> tuple[float, float]:
    """Find the smallest and the largest number that some years together can have, given what is told."""
    rows, limits = [], []
    for year, low, high in facts:
        until = np.array([float(other <= year) for other in years])
        rows, limits = [*rows, -until], [*limits, -low]
        if high < math.inf:
            rows, limits = [*rows, until], [*limits, high]
    weights = np.array([float(year in set(wanted)) for year in years])
    ends = []
    for sign in (1, -1):
        found = linprog(sign * weights, A_ub=np.array(rows) if rows else None, b_ub=limits or None)
        assert found.status in (0, 3), found.message
        ends.append(math.inf if found.status == 3 else sign * found.fun)
    return ends[0], ends[1]


def attack(
    numbers: pd.DataFrame, kept: Mapping[str, Mapping[int, float]], deal: Deal, *, threshold: int
) -> Iterator[tuple[str, float, float, float]]:
    """Place every small count, of each year and of all years until it: what, how many, at least, at most."""
    for subject, by_year in kept.items():
        years = list(by_year)
        facts = list(facts_about(numbers, subject, deal))
        for last in years:
            for wanted in ([last], [year for year in years if year <= last]):
                count = sum(by_year[year] for year in wanted)
                if 0 < count < threshold:
                    low, high = place(facts, years, wanted)
                    yield f"{subject} {wanted}", count, low, high


def floor_rows(rows: Iterable[Mapping]) -> list[Mapping]:
    """Pick what the retail monitor publishes of floor space out of rows of results.csv."""
    return [row for row in rows if row["value"] is not None and row["indicator"] in _AREAS]


_AREAS = {"winkelmonitor-wvo": "wvo_m2", "winkelmonitor-bvo": "bvo_m2"}


class FloorAttacker:
    """Walked through every street every year: knows which premises were a shop where, and vacant; not their sizes.

    One linear programme holds what was published: every size is a variable, no size is negative, no wvo exceeds its
    bvo, and every published sum or share is an equation.
    """

    def __init__(self, premises: pd.DataFrame, rows: Iterable[Mapping], region: str = "regio"):
        """Take the roster (sizes are used for nothing but to name what is true) and published rows."""
        self.region, self.roster = region, premises
        self.names = sorted(premises["premises_id"].unique())
        self.column = {name: position for position, name in enumerate(self.names)}
        self.by_year = {int(year): part.set_index("premises_id") for year, part in premises.groupby("year")}
        self.sizes = premises.groupby("premises_id")[list(_AREAS.values())].first().loc[self.names]
        self.equations = [self._equation(row) for row in floor_rows(rows)]

    def members(self, unit: str, year: int, measure: str) -> np.ndarray:
        """Say which premises a sum is made of (1), as a vector."""
        if measure == "transformed_since":
            return sum(
                self.members(unit, other, "transformed") for other in self.by_year if min(self.by_year) < other <= year
            )
        now = self.by_year[year]
        shops = now[now["function"] == "retail"]
        if measure == "transformed":
            before = self.by_year[year - 1]
            former = before[before["function"] == "retail"]
            chosen = former[former.index.isin(now.index) & ~former.index.isin(shops.index)]
        else:
            chosen = {"premises": shops, "vacant": shops[shops["is_vacant"]], "occupied": shops[~shops["is_vacant"]]}[
                measure
            ]
        inside = chosen["cluster"].notna()
        zones = {
            "binnen-clusters": inside,
            "buiten-clusters": ~inside,
            self.region: inside | True,
            "regio": inside | True,
        }
        found = np.zeros(len(self.names))
        found[[self.column[name] for name in chosen[zones.get(unit, chosen["cluster"] == unit)].index]] = 1.0
        return found

    def range_of(self, weights: np.ndarray, area: str) -> float:
        """Find how wide the range of a sum of sizes is: the weights are of the premises."""
        count = len(self.names)
        place = slice(0, count) if area == "wvo_m2" else slice(count, 2 * count)
        objective = np.zeros(2 * count)
        objective[place] = weights
        coupled = sparse.hstack([sparse.eye(count), -sparse.eye(count)])
        matrix = sparse.csr_matrix(np.array([row for row, _ in self.equations]).reshape(-1, 2 * count))
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * objective,
                A_eq=matrix,
                b_eq=[value for _, value in self.equations],
                A_ub=coupled,
                b_ub=np.zeros(count),
            )
            assert found.status in (0, 3), found.message
            ends.append(-math.inf if found.status == 3 else found.fun)
        return -ends[1] - ends[0]

    def protected(self, units: Iterable[str], minimum: int) -> Iterator[tuple[str, np.ndarray, str, float]]:
        """List every sum, and difference of two years, that few premises make: name, weights, area, largest size."""
        years = sorted(self.by_year)
        for unit, measure in itertools.product(units, ("premises", "vacant", "occupied")):
            sums = {year: self.members(unit, year, measure) for year in years}
            found = {str(year): sums[year] for year in years}
            found |= {f"{then}-{now}": sums[now] - sums[then] for then, now in itertools.combinations(years, 2)}
            for (when, weights), area in itertools.product(found.items(), _AREAS.values()):
                sizes = np.sort(self.sizes[area].to_numpy()[weights != 0])[::-1]
                if len(sizes) and (len(sizes) < minimum or sizes[:2].sum() >= 0.9 * sizes.sum()):
                    yield f"{unit} {measure} {when} {area}", weights, area, float(sizes[0])

    def _equation(self, row: Mapping) -> tuple[np.ndarray, float]:
        area, unit, year, value = _AREAS[row["indicator"]], row["unit"], int(row["period"]), float(row["value"])
        if row["measure"] == "vacancy":
            weights, value = (
                self.members(unit, year, "vacant") - value / 100 * self.members(unit, year, "premises"),
                0.0,
            )
        elif row["measure"] == "concentration":
            whole = self.members(self.region, year, "occupied")
            weights, value = self.members(unit, year, "occupied") - value / 100 * whole, 0.0
        else:
            weights = self.members(unit, year, row["measure"])
        nothing = np.zeros_like(weights)
        return np.concatenate([weights, nothing] if area == "wvo_m2" else [nothing, weights]), value
