"""Which floor space of the retail monitor is not shown, so that nobody can tell the size of a shop.

Square metres tell more than counts do: where one shop comes or goes between two years, the difference of two sums is
its size.  So what changed between any two years is a sum of its own here, protected as the floor space of an area is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import isnan, nan
from typing import Any

import pandas as pd

from evaluation.analysis.retail_measures import AREAS, INSIDE, OUTSIDE, REGION, SINCE, STOCK, Units
from evaluation.inputs.records.cell_suppression import Relation, sum_of
from evaluation.inputs.records.protected_sums import ProtectedSums
from evaluation.inputs.retail.tables import RetailTables

TRANSFORMED = ("transformed", SINCE["transformed"])
"""Of the region as a whole only."""

_RANK = {"cluster": 2, "zone": 4}


def has_floor_space(level: str, unit: str, measure: str) -> bool:
    """Tell whether the floor space is shown, or follows: of the stock of clusters and zones, and what was transformed.

    Parameters
    ----------
    level, unit, measure : str, str, str
        As in `Units`, and as of `count_cells`.

    Returns
    -------
    bool
    """
    return (level in _RANK and measure in STOCK) or (unit == REGION and measure in TRANSFORMED)


def hide_floor_space(
    tables: RetailTables, units: Units, cells: pd.DataFrame, published: Mapping[tuple, float] | None = None
) -> frozenset[Any]:
    """Find the cells of which the floor space is not shown.

    Of a sum of fewer premises than the minimum, and of one in which one or two have nearly all, the range that is left
    to a reader is at least as wide as its largest premises; so it is of what changed between two years.  What is
    hidden is so in wvo and in bvo alike, since the one tells about the other.  Years are judged in their order.

    Parameters
    ----------
    tables, units, cells : RetailTables, Units, DataFrame
        What was counted, the areas, and the cells of `count_cells` by unit, year and measure with is_hidden.
    published : mapping | None
        What was shown before, by unit, year, measure and quantity (NaN: withheld).

    Returns
    -------
    frozenset
        Of keys of `cells`, among those that `has_floor_space`.
    """
    mine = cells[[has_floor_space(units.level[unit], unit, measure) for unit, _, measure in cells.index]]
    hidden: frozenset[Any] = frozenset(mine.index[mine["is_hidden"]])
    shown = published or {}
    for area in AREAS:
        before = {key[:3]: value for key, value in shown.items() if key[3] == area}
        values = mine[area].dropna().to_dict()
        # a concentration tells how two sums lie, which nobody remembers: as they are now
        for (_, year, measure, of), share in shown.items():
            if (measure, of) == ("concentration", area) and not isnan(share):
                pair = [(place, year, "occupied") for place in (INSIDE, REGION)]
                before = {key: values.get(key, nan) for key in pair} | before
        sums = ProtectedSums(values, lambda key: key[1], tables.dataset.minimum_count, published=before)
        sums.relations += _sums(sums.values, units)
        _judge(sums, units, _Sizes.of(tables, area))
        hidden |= sums.hidden(
            unpublished={
                key
                for key in sums.values
                if (key[2] == "occupied" and key[0] not in (INSIDE, REGION))
                or (key in hidden and isnan(before.get(key, nan)))
            },
            rank={key: _RANK[units.level[key[0]]] + (key[2] == "premises") for key in sums.values},
        )
    return hidden


def _judge(sums: ProtectedSums, units: Units, sizes: _Sizes) -> None:
    """Find what has to be protected: the floor space of areas, and what changed of it between two years."""
    for unit in (unit for unit, level in units.level.items() if level in _RANK):
        for measure in STOCK:
            by_year = sizes.stock(unit, measure)
            for year in sizes.years:
                # what is as it was tells nothing new, also where two shops came into one hand since
                first = next(other for other in sizes.years if by_year[other].equals(by_year[year].rename(other)))
                sums.judge((unit, year, measure), by_year[year].groupby(sizes.owners[first]).sum())
            for before, year in combinations(sizes.years, 2):
                of = {(unit, year, measure): 1, (unit, before, measure): -1}
                sums.judge_difference((unit, year, measure, before), of, by_year[year] - by_year[before])
    _judge_transformed(sums, sizes)


def _judge_transformed(sums: ProtectedSums, sizes: _Sizes) -> None:
    """Add what was transformed in the region, and what else changed its floor space, which follows from that."""
    years, whole = sizes.years, sizes.stock(REGION, "premises")
    flow, since = ({year: (REGION, year, measure) for year in years} for measure in TRANSFORMED)
    for year in years:
        earlier = {since[year - 1]: -1} if since.get(year - 1) in sums.values else {}
        if {flow[year], since[year]} <= sums.values.keys():
            sums.judge(flow[year], sizes.transformed(year))
            sums.relations.append({since[year]: 1, flow[year]: -1, **earlier})
    for before, year in combinations(years, 2):
        if since[year] not in sums.values:
            continue
        gone = sum((sizes.transformed(other) for other in range(before + 1, year + 1)), start=0.0 * whole[year])
        together = {since[year]: 1} | ({since[before]: -1} if since[before] in sums.values else {})
        sums.judge_difference((REGION, year, TRANSFORMED[1], before), together, gone)
        of = {(REGION, year, "premises"): 1, (REGION, before, "premises"): -1, **together}
        sums.judge_difference((REGION, year, "rest", before), of, whole[year] - whole[before] + gone)


def _sums(values: Mapping[Any, float], units: Units) -> Iterator[Relation]:
    """List the sums over areas and over what is vacant and in use."""
    for unit, year, measure in values:
        parts = [(part, year, measure) for part in units.parts[unit]] if unit in (INSIDE, REGION) else []
        if parts and measure in STOCK and values.keys() >= set(parts):
            yield sum_of((unit, year, measure), parts)
        parts = [(unit, year, part) for part in ("vacant", "occupied")]
        if measure == "premises" and values.keys() >= set(parts):
            yield sum_of((unit, year, measure), parts)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What each premises brings to the floor space of shops, by year: frames with a row for each and 0 where none."""

    whole: pd.DataFrame
    vacant: pd.DataFrame
    is_shop: pd.DataFrame
    is_there: pd.DataFrame  # in the table at all
    owners: pd.DataFrame  # who is in it (two shops of one retailer are one contributor), or else the premises itself
    cluster: pd.Series
    municipality: pd.Series

    @classmethod
    def of(cls, tables: RetailTables, area: str) -> _Sizes:
        """Take them from the tables."""
        rows = tables.premises
        is_shop = rows["function"] == "retail"

        def by_year(values: pd.Series, nothing: object) -> pd.DataFrame:
            grid = rows.assign(value=values).pivot(index="premises_id", columns="year", values="value")
            return grid.where(grid.notna(), nothing)

        owners = by_year(rows["occupant_id"].astype("object"), None)
        places = rows.drop_duplicates("premises_id").set_index("premises_id").sort_index()
        return cls(
            whole=by_year(rows[area].where(is_shop), 0.0).astype(float),
            vacant=by_year(rows[area].where(is_shop & rows["is_vacant"]), 0.0).astype(float),
            is_shop=by_year(is_shop, False).astype(bool),
            is_there=by_year(is_shop | True, False).astype(bool),
            owners=owners.apply(lambda year: year.where(year.notna(), "-" + owners.index)),
            cluster=places["cluster"],
            municipality=places["municipality"],
        )

    @property
    def years(self) -> list[int]:
        """The years that were counted."""
        return list(self.whole.columns)

    def stock(self, unit: str, measure: str) -> pd.DataFrame:
        """Return the sizes of an area: all shops, the vacant ones or those in use."""
        sizes = {"premises": self.whole, "vacant": self.vacant, "occupied": self.whole - self.vacant}[measure]
        inside = self.cluster.notna()
        chosen = {INSIDE: inside, OUTSIDE: ~inside, REGION: inside | True}.get(unit)
        return sizes[self.cluster == unit if chosen is None else chosen]

    def transformed(self, year: int) -> pd.Series:
        """Return the sizes, in the year before, of the shops that got another function."""
        became = self.is_shop[year - 1] & ~self.is_shop[year] & self.is_there[year]
        return self.whole[year - 1].where(became, 0.0)
