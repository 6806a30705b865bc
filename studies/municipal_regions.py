"""Comparisons of regions made of municipalities: no donor shares one with the region that it is compared with.

The product compares regions that do not overlap (`evaluation.analysis.effects.comparison.compare_partition`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluation.analysis.effects.comparison import Comparison
from evaluation.analysis.effects.estimate import CannotEstimate


def compare_regions(
    series: np.ndarray,
    donors: np.ndarray,
    *,
    membership: np.ndarray,
    donor_membership: np.ndarray,
    n_pre: int,
    periods: Sequence[int],
    region_names: Sequence[str],
    donor_names: Sequence[str],
) -> Comparison:
    """Compare `series`, shape (..., R, T), with `donors`, shape (..., D, T), made of n municipalities.

    Row 0 is the treated region; nobody uses a donor with a municipality of it, or of the region itself.
    """
    member, donor = np.asarray(membership, dtype=bool), np.asarray(donor_membership, dtype=bool)
    shared = (member.astype(int) @ donor.astype(int).T) > 0
    allowed = ~shared & ~(donor & member[0]).any(axis=1)
    outcomes, others = np.asarray(series, dtype=float), np.asarray(donors, dtype=float)
    return Comparison(outcomes, others, allowed, n_pre, tuple(periods), tuple(region_names), tuple(donor_names))


def compare_municipalities(
    values: np.ndarray,
    membership: np.ndarray,
    *,
    n_pre: int,
    periods: Sequence[int],
    region_names: Sequence[str],
    names: Sequence[str],
) -> Comparison:
    """Compare the mean of a region's municipalities with other municipalities: every municipality counts as one.

    The estimators then are those for several treated units with one start date.

    Parameters
    ----------
    values : array, shape (..., n, T)
        Outcome of every municipality.
    membership : bool array, shape (R, n)
        Municipalities of each region, the treated one first.
    n_pre, periods
        See `Comparison`.
    region_names, names : sequences of R and n names
        Of regions and municipalities.

    Raises
    ------
    CannotEstimate
        When a region has no municipalities.
    """
    member = np.asarray(membership, dtype=bool)
    size = member.sum(axis=1)
    if (size == 0).any():
        raise CannotEstimate("een regio heeft geen gemeenten")
    outcomes = np.asarray(values, dtype=float)
    compared = compare_regions(
        member @ outcomes / size[:, None],
        outcomes,
        membership=member,
        donor_membership=np.eye(member.shape[1], dtype=bool),
        n_pre=n_pre,
        periods=periods,
        region_names=region_names,
        donor_names=names,
    )
    return replace(compared, n_members=size)


def aggregate_rates(
    counts: np.ndarray, exposure: np.ndarray, membership: np.ndarray, *, per: float = 1.0
) -> np.ndarray:
    """Add counts and exposure of members and divide: the rate of a region is not the mean of its members' rates.

    Parameters
    ----------
    counts, exposure : arrays, shape (..., n, T)
        Counts (offences, EUR) and what they are divided by (inhabitants) per municipality; an exposure of ones and
        `per=1` gives sums divided by the number of members.
    membership : bool array, shape (R, n)
        Which municipalities make up a region.
    per : float
        Rate per so many units of exposure.

    Returns
    -------
    array, shape (..., R, T)

    Raises
    ------
    CannotEstimate
        When a region has no members or no exposure, or a value is missing.
    """
    member = np.asarray(membership, dtype=float)
    if not (np.isfinite(counts).all() and np.isfinite(exposure).all()):
        raise CannotEstimate("een cijfer over een gemeente ontbreekt")
    below = member @ np.asarray(exposure, dtype=float)
    if (member.sum(axis=1) == 0).any() or (below <= 0).any():
        raise CannotEstimate("een regio heeft geen gemeenten of geen inwoners")
    return per * (member @ np.asarray(counts, dtype=float)) / below
