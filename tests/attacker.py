"""An attacker who has every published number of the records and adds, subtracts and divides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
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
