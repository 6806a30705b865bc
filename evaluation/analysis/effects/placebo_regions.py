"""Regions that could have been the treated one: connected municipalities, comparable in inhabitants and in number.

There can be astronomically many, so one is grown from every municipality by a fixed rule.  Nothing is drawn at random;
the same map gives the same regions.

Regions that overlap share part of their outcome, so that a p-value over them counts some evidence more than once:
`spread` keeps those that have no municipality in common.

A grown region can straddle areas that each have shocks of their own, and then varies less than such an area does.  In
simulations with shocks per area, tests at 5% reject in 5 of 100 cases with the areas themselves as placebo regions,
and in 11 of 100 with grown regions (8 when thinned out).  So grow them within areas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.arrays import numbers
from evaluation.analysis.effects.estimate import CannotEstimate

_POPULATION, _MEMBERS = 0.4, 0.6
"""How much more or less is comparable, as a share of what the treated region has."""


@dataclass(frozen=True, slots=True)
class SizeBand:
    """What counts as comparable in size: fewest and most inhabitants, and fewest and most municipalities."""

    population: tuple[float, float]
    members: tuple[int, int]

    def _holds(self, population: float, members: int) -> bool:
        """Tell whether a region of this size is comparable."""
        return self.population[0] <= population <= self.population[1] and self.members[0] <= members <= self.members[1]


def band_around(population: np.ndarray, treated: Sequence[int]) -> SizeBand:
    """Make the band around the treated region: 40% more or less inhabitants, 60% more or less municipalities.

    >>> band_around(np.array([10.0, 20.0, 30.0]), [0, 1])
    SizeBand(population=(18.0, 42.0), members=(2, 3))

    Parameters
    ----------
    population, treated : array, shape (n,), and sequence of int
        Inhabitants, and the places of the treated municipalities.

    Returns
    -------
    SizeBand
        Of at least two municipalities.

    Raises
    ------
    CannotEstimate
        When a municipality is not on the map, or twice, or inhabitants are missing.
    """
    people, count = numbers(population, "de inwonertallen", ndim=1), len(treated)
    if count == 0 or min(treated) < 0 or max(treated) >= len(people) or len(set(treated)) < count:
        raise CannotEstimate("de gemeenten van de regio staan niet elk één keer op de kaart")
    total = float(people[list(treated)].sum())
    fewest = max(2, int(np.ceil(count * (1 - _MEMBERS))))
    return SizeBand(
        (total * (1 - _POPULATION), total * (1 + _POPULATION)),
        (min(fewest, count), int(np.floor(count * (1 + _MEMBERS)))),
    )


def adjacency_matrix(neighbours: Mapping[str, Sequence[str]], units: Sequence[str]) -> np.ndarray:
    """Turn neighbours by name into a matrix.

    Parameters
    ----------
    neighbours, units : mapping from unit to its neighbours, and sequence of n str
        Neighbours both ways round, and the order of rows and columns.

    Returns
    -------
    bool array, shape (n, n)
        Symmetric.
    """
    place = {unit: i for i, unit in enumerate(units)}
    matrix = np.zeros((len(units), len(units)), dtype=bool)
    for unit, near in neighbours.items():
        matrix[place[unit], [place[name] for name in near]] = True
    return matrix


def grow_regions(
    adjacency: np.ndarray, population: np.ndarray, band: SizeBand, *, barred: Sequence[int] = ()
) -> np.ndarray:
    """Grow one region from every municipality, and drop doubles and regions outside the band.

    The municipality that borders most on the region joins next; of those that border equally the one after which the
    region lies nearest to the middle of the band in inhabitants, and then the first in order.  Growth ends where the
    next one would bring the region further from the middle.

    Parameters
    ----------
    adjacency, population, band : bool array, shape (n, n), array, shape (n,), and SizeBand
        Borders (symmetric), inhabitants, and what is comparable.
    barred : sequence of int
        Municipalities that are in no placebo region (the treated ones, those with a deal of their own).

    Returns
    -------
    bool array, shape (R, n)
        The municipalities of each region; sorted by the first, then the next.  They may overlap.

    Raises
    ------
    CannotEstimate
        When no region is comparable.
    """
    near, inhabitants = _checked(adjacency, population)
    closed = np.isin(np.arange(len(inhabitants)), list(barred))
    regions = {_grow(int(seed), near, inhabitants, band, closed) for seed in np.flatnonzero(~closed)}
    grown = [region for region in regions if region is not None]
    if not grown:
        raise CannotEstimate("er is geen aaneengesloten regio van vergelijkbare grootte")
    membership = np.zeros((len(grown), len(inhabitants)), dtype=bool)
    for row, region in enumerate(sorted(grown)):
        membership[row, list(region)] = True
    return membership


def spread(membership: np.ndarray) -> np.ndarray:
    """Keep regions that do not overlap, by a fixed rule: those that overlap with fewest others come first.

    Parameters
    ----------
    membership : bool array, shape (R, n)
        The municipalities of each region; at least one region.

    Returns
    -------
    bool array, shape (S, n)
        In the same order.
    """
    # Greedy, as the largest set without overlap is hard to find (maximum independent set); where this finds a smaller
    # one, the smallest attainable p is larger, which is the careful side.
    member = membership.astype(int)
    overlaps = member @ member.T > 0
    kept: list[int] = []
    for row in np.lexsort((np.arange(len(member)), overlaps.sum(axis=1))):
        if not overlaps[row, kept].any():
            kept.append(int(row))
    return membership[sorted(kept)]


def _grow(
    seed: int, near: np.ndarray, inhabitants: np.ndarray, band: SizeBand, closed: np.ndarray
) -> tuple[int, ...] | None:
    """Grow one region to the size nearest to the middle of the band; None when that is not within the band."""
    region, total = [seed], float(inhabitants[seed])
    middle = sum(band.population) / 2
    while len(region) < band.members[1] and total < middle:
        borders = np.where(closed, 0, near[region].sum(axis=0))
        borders[region] = 0
        candidates = np.flatnonzero(borders)
        if len(candidates) == 0:
            break
        distance = np.abs(total + inhabitants[candidates] - middle)
        best = np.lexsort((candidates, distance, -borders[candidates]))[0]
        if distance[best] >= middle - total and len(region) >= band.members[0]:
            break
        region.append(int(candidates[best]))
        total += float(inhabitants[candidates[best]])
    return tuple(sorted(region)) if band._holds(total, len(region)) else None


def _checked(adjacency: np.ndarray, population: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    near, inhabitants = np.asarray(adjacency, dtype=bool), numbers(population, "de inwonertallen", ndim=1)
    if near.shape != (len(inhabitants), len(inhabitants)) or (near != near.T).any():
        raise ValueError("adjacency must be a symmetric matrix with a row for each population")
    if (inhabitants < 0).any():
        raise CannotEstimate("het aantal inwoners van een gemeente is negatief")
    return near, inhabitants
