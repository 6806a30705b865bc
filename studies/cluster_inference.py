"""Inference that allows for dependence within clusters, for a contrast of treated and other units.

With one start date and fixed effects of units and periods, a two-way fixed-effects coefficient is the regression of a
long difference on a treatment dummy.  So everything here works on differences of shape (N, K): K coefficients at once.

References
----------
MacKinnon, Nielsen and Webb (2023), Journal of Econometrics 232(2), on CRV1 and CRV3.
Roodman, MacKinnon, Nielsen and Webb (2019), Stata Journal 19(1), on the wild cluster bootstrap.
MacKinnon and Webb (2018), Econometrics Journal 21(2), on few treated clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from evaluation.analysis.effects.arrays import numbers
from evaluation.analysis.effects.estimate import ALPHA, CannotEstimate
from evaluation.analysis.effects.event_study import few_treated_warning

_ENUMERATED = 12
"""Up to so many clusters all sign changes are made: 4,096 at most."""
_DRAWS = 1999
"""With the sample itself 2,000, so that 5% of them is a whole number."""

Vcov = Literal["CRV1", "CRV3"]
Labels = Sequence[Hashable] | np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """Treated minus other units, for K differences.

    Attributes
    ----------
    value : array, shape (K,)
        In the unit of the differences.
    covariance : array, shape (K, K)
    n_clusters, n_treated_clusters : int
    """

    value: np.ndarray
    covariance: np.ndarray
    n_clusters: int
    n_treated_clusters: int


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A wild cluster bootstrap with the null imposed.

    Attributes
    ----------
    p_value : float
        Two-sided, symmetric.
    p_attainable : float
        Smallest p that these sign changes allow.
    ci_low, ci_high : float
        95% interval by inversion, in the unit of the outcome.
    draws : int
    is_enumerated : bool
        All sign changes (then no seed matters), or seeded Rademacher draws.
    warning : str
        See `few_treated_warning`.
    """

    p_value: float
    p_attainable: float
    ci_low: float
    ci_high: float
    draws: int
    is_enumerated: bool
    warning: str


def contrast(
    differences: np.ndarray,
    treated: np.ndarray,
    clusters: Labels,
    *,
    vcov: Vcov = "CRV1",
    n_observations: int | None = None,
    n_parameters: int = 2,
) -> Contrast:
    """Estimate the mean difference between treated and other units with a cluster-robust covariance.

    Parameters
    ----------
    differences : array, shape (N, K)
        Long differences per unit.
    treated, clusters : bool array, shape (N,), and N labels
        Which units are treated, and to which cluster each belongs.
    vcov : str
        ``CRV1`` (sandwich with the usual small-sample factor) or ``CRV3`` (jackknife over clusters, larger and better
        with few or unequal clusters).
    n_observations, n_parameters : int
        Of the regression that the differences stand for, for the factor (n - 1) / (n - k) of CRV1.

    Returns
    -------
    Contrast

    Raises
    ------
    CannotEstimate
        When a value is missing, or there are fewer than two treated or two other clusters.
    """
    sums, codes = _prepared(differences, treated, clusters)
    value, covariance = sums.value, _jackknife(sums) if vcov == "CRV3" else _sandwich(sums)
    count = len(np.unique(codes))
    if vcov == "CRV1":
        total = len(differences) if n_observations is None else n_observations
        covariance = covariance * count / (count - 1) * (total - 1) / (total - n_parameters)
    return Contrast(value, covariance, count, sums.n_treated_clusters)


def wild_cluster_bootstrap(
    difference: np.ndarray,
    treated: np.ndarray,
    clusters: Labels,
    *,
    null: float = 0.0,
    with_interval: bool = True,
    seed: int = 20190601,
    draws: int = _DRAWS,
) -> Bootstrap:
    """Test one contrast with a restricted wild cluster bootstrap (Rademacher, t-statistics with CRV1 errors).

    With at most 12 clusters all sign changes are used.  With few treated clusters it rejects far too seldom, whatever
    the number of clusters: see `few_treated_warning`.

    Parameters
    ----------
    difference : array, shape (N,)
        Long difference per unit.
    treated, clusters
        As in `contrast`.
    null : float
        The effect that is tested.
    with_interval : bool
        Also invert the test, which takes some thirty times as long; otherwise the interval is NaN.
    seed, draws : int
        Of the sign changes, where they are drawn.

    Returns
    -------
    Bootstrap

    Raises
    ------
    CannotEstimate
        As `contrast`.
    """
    sums, codes = _prepared(numbers(difference, "de cijfers van gemeenten", ndim=1)[:, None], treated, clusters)
    if not sums.scores.any():
        raise CannotEstimate("binnen beide groepen veranderde alles precies evenveel, zodat er geen spreiding is")
    if draws < 1:
        raise CannotEstimate("zonder trekkingen bestaat er geen bootstrap")
    count = len(np.unique(codes))
    enumerated = count <= _ENUMERATED
    signs = _all_signs(count) if enumerated else _drawn_signs(count, draws, seed)
    low, high = np.nan, np.nan
    if with_interval:
        # This error only sets the scale on which the ends are sought; they are where the bootstrap's p crosses 5%.
        error = float(np.sqrt(_jackknife(sums)[0, 0]))
        low, high = _invert(lambda effect: _p_value(sums, signs, effect, enumerated), float(sums.value[0]), error)
    return Bootstrap(
        p_value=_p_value(sums, signs, null, enumerated),
        p_attainable=2 / len(signs) if enumerated else 1 / (1 + len(signs)),
        ci_low=low,
        ci_high=high,
        draws=len(signs),
        is_enumerated=enumerated,
        warning=few_treated_warning(sums.n_treated_clusters, count),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums per cluster (rows) that every formula above needs; `centred` is the dummy minus its mean."""

    value: np.ndarray  # (K,)
    scores: np.ndarray  # (G, K) of the unrestricted regression
    members: np.ndarray  # (G, 2) numbers of other and treated units
    totals: np.ndarray  # (G, 2, K) sums of the differences
    centred: np.ndarray  # (G,)
    squares: np.ndarray  # (G,)
    square: float
    size: int
    n_treated_clusters: int


def _prepared(differences: np.ndarray, treated: np.ndarray, clusters: Labels) -> tuple[_Sums, np.ndarray]:
    outcome = numbers(differences, "de cijfers van gemeenten")
    is_treated = np.asarray(treated, dtype=bool)
    if outcome.ndim != 2 or len(outcome) != len(is_treated) or len(clusters) != len(is_treated):
        raise ValueError("differences must have shape (N, K), treated and clusters N entries")
    codes = np.unique(np.asarray(clusters), return_inverse=True)[1]
    with_treated, with_others = set(codes[is_treated].tolist()), set(codes[~is_treated].tolist())
    if len(with_treated) < 2 or len(with_others) < 2:
        raise CannotEstimate(
            "met minder dan twee behandelde of twee andere clusters bestaat er geen clusterrobuuste fout"
        )
    count = codes.max() + 1
    members, totals = np.zeros((count, 2)), np.zeros((count, 2, outcome.shape[1]))
    np.add.at(members, (codes, is_treated.astype(int)), 1.0)
    np.add.at(totals, (codes, is_treated.astype(int)), outcome)
    means = totals.sum(axis=0) / members.sum(axis=0)[:, None]
    dummy = is_treated - is_treated.sum() / len(outcome)
    residual = outcome - means[is_treated.astype(int)]
    scores = np.zeros((count, outcome.shape[1]))
    np.add.at(scores, codes, dummy[:, None] * residual)
    centred, squares = np.zeros(count), np.zeros(count)
    np.add.at(centred, codes, dummy)
    np.add.at(squares, codes, dummy**2)
    value, square = means[1] - means[0], float(squares.sum())
    return _Sums(value, scores, members, totals, centred, squares, square, len(outcome), len(with_treated)), codes


def _sandwich(sums: _Sums) -> np.ndarray:
    return sums.scores.T @ sums.scores / sums.square**2


def _jackknife(sums: _Sums) -> np.ndarray:
    """CRV3: (G - 1) / G times the squared deviations of the estimates without one cluster."""
    left = sums.members.sum(axis=0) - sums.members
    means = (sums.totals.sum(axis=0) - sums.totals) / left[:, :, None]
    deviation = means[:, 1] - means[:, 0] - sums.value
    count = len(deviation)
    return (count - 1) / count * deviation.T @ deviation


def _restricted(sums: _Sums, null: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Scores and sums per cluster of the residuals with the effect fixed at `null`, and the t-statistic against it."""
    totals, members = sums.totals[:, :, 0], sums.members
    share = members[:, 1].sum() / sums.size
    mean = (totals.sum() - null * members[:, 1].sum()) / sums.size
    others = totals[:, 0] - mean * members[:, 0]
    treated = totals[:, 1] - (mean + null) * members[:, 1]
    score = (1 - share) * treated - share * others
    error = np.sqrt(_sandwich(sums)[0, 0])
    return score, others + treated, (sums.value[0] - null) / error


def _p_value(sums: _Sums, signs: np.ndarray, null: float, enumerated: bool) -> float:
    """Count how often a t-statistic is as large when the scores of clusters change sign at random, shape (draws, G)."""
    score, total, statistic = _restricted(sums, null)
    spread = signs @ score / sums.square
    shift = signs @ total / sums.size
    errors = signs * score - np.outer(shift, sums.centred) - np.outer(spread, sums.squares)
    deviation = np.sqrt((errors**2).sum(axis=1)) / sums.square
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.where(deviation > 0, np.abs(spread) / deviation, np.inf)
    as_large = (drawn >= abs(statistic) * (1 - 1e-9)).sum()
    return float(as_large / len(signs)) if enumerated else float((1 + as_large) / (1 + len(signs)))


def _all_signs(count: int) -> np.ndarray:
    numbers = np.arange(2**count)
    return 1.0 - 2.0 * ((numbers[:, None] >> np.arange(count)) & 1)


def _drawn_signs(count: int, draws: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, count))


def _invert(p_of: Callable[[float], float], value: float, error: float) -> tuple[float, float]:
    """Find the ends of the interval of nulls that are not rejected; infinite where the test never rejects."""
    ends = []
    for side in (-1, 1):
        reach = 2.0
        while reach < 1e4 and p_of(value + side * reach * error) > ALPHA:
            reach *= 2
        if reach >= 1e4:
            ends.append(side * np.inf)
            continue
        # p moves in steps of one draw, so halving and not Newton.
        root = optimize.bisect(lambda r, side=side: p_of(value + side * r * error) - ALPHA, 0.0, reach, xtol=1e-4)
        ends.append(value + side * root * error)
    return float(ends[0]), float(ends[1])
