"""How large the declared estimate becomes by chance: the cohorts permuted over the regions, hundreds of times.

The regression is that of `estimators.fit_saturated`, here on arrays, as a permutation is fitted in some milliseconds
and pyfixest needs a tenth of a second.  Both give the same estimate and error (tests/reference/test_portfolio.py).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg

from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.inputs.portfolio_plan import Outcome

_STEPS = 25
_CLOSE = 1e-5
"""Of a step of Newton: the next would be the square of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A frame as arrays; rows by municipality and period.

    Attributes
    ----------
    y, offset, weight, share : arrays, shape (n,)    `share`: what a row counts in the pooled effect.
    starts : array of int    First row of each municipality.
    cluster, period : arrays of int, shape (n,)    Number of the cluster; the year.
    controls : array, shape (n, k)    Years, start level by year, and of what is no count years by part of the country.
    labels : array, shape (G,)    Cohort of each cluster.
    years : tuple of int    First and last year since the start of the pooled effect.
    is_poisson : bool
    n_parts : int    Of the country, with years of their own; one of a count.
    """

    y: np.ndarray
    offset: np.ndarray
    weight: np.ndarray
    share: np.ndarray
    starts: np.ndarray
    cluster: np.ndarray
    period: np.ndarray
    controls: np.ndarray
    labels: np.ndarray
    years: tuple[int, int]
    is_poisson: bool
    n_parts: int


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The declared estimate under permuted cohorts.

    Attributes
    ----------
    values, std_errors : arrays, shape (draws,)    On the scale of the estimate.
    quantile : float    95% of the absolute studentised estimates lie within it.
    """

    values: np.ndarray
    std_errors: np.ndarray
    quantile: float

    def p_value(self, value: float, std_error: float) -> float:
        """Give the two-sided chance of an estimate as far from zero, the real one counted among the draws.

        Parameters
        ----------
        value, std_error : float
            Of the real cohorts.

        Returns
        -------
        float
        """
        beyond = np.abs(self.values / self.std_errors) >= abs(value / std_error) * (1 - 1e-9)
        return float((1 + beyond.sum()) / (1 + len(self.values)))

    @property
    def detectable(self) -> float:
        """The effect that the test sees in 80% of the draws, on the scale of the estimate."""
        needed = np.concatenate([self.quantile * self.std_errors - side * self.values for side in (1, -1)])
        return float(np.quantile(needed, 0.8))


def arrays_of(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int], adjusted: bool = True) -> Arrays:
    """Turn a frame into arrays.

    Parameters
    ----------
    frame, outcome, years, adjusted : DataFrame, Outcome, tuple of int, bool
        As of `estimators.saturated`; rows by municipality and period.

    Returns
    -------
    Arrays
    """
    names, cluster = np.unique(frame["cluster"], return_inverse=True)
    labels = np.zeros(len(names), dtype=int)
    labels[cluster] = frame["cohort"].to_numpy()
    period = frame["period"].to_numpy()
    moments = np.unique(period)
    dummies = (period[:, None] == moments[None, 1:]).astype(float)
    controls = [dummies]
    if adjusted:
        controls.append(dummies * frame["start_level"].to_numpy(dtype=float)[:, None])
    is_poisson = outcome.family == "poisson"
    if not is_poisson:
        part = frame["part"].to_numpy()
        controls += [dummies * (part == name)[:, None] for name in np.unique(part)[1:]]
    changed = frame["municipality"].to_numpy()[1:] != frame["municipality"].to_numpy()[:-1]
    return Arrays(
        y=frame["y"].to_numpy(dtype=float),
        offset=frame["log_inhabitants"].to_numpy(dtype=float) if is_poisson else np.zeros(len(frame)),
        weight=np.ones(len(frame)) if is_poisson else frame["weight"].to_numpy(dtype=float),
        share=frame["weight"].to_numpy(dtype=float),
        starts=np.concatenate([[0], np.flatnonzero(changed) + 1]),
        cluster=cluster,
        period=period,
        controls=np.hstack(controls),
        labels=labels,
        years=years,
        is_poisson=is_poisson,
        n_parts=1 if is_poisson else frame["part"].nunique(),
    )


def permuted_labels(arrays: Arrays, *, draws: int, seed: int) -> np.ndarray:
    """Draw cohorts of the regions at random, as many of each as there are.

    Parameters
    ----------
    arrays, draws, seed : Arrays, int, int
        The frame.

    Returns
    -------
    array, shape (draws, G)
    """
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(arrays.labels) for _ in range(draws)])


def reference(arrays: Arrays, *, draws: int, seed: int) -> Reference:
    """Estimate under permuted cohorts.

    Parameters
    ----------
    arrays, draws, seed : Arrays, int, int
        The frame.

    Returns
    -------
    Reference
    """
    found = np.array([estimate(arrays, labels) for labels in permuted_labels(arrays, draws=draws, seed=seed)])
    return summarise(found[:, 0], found[:, 1])


def summarise(values: np.ndarray, std_errors: np.ndarray) -> Reference:
    """Take the limit within which 95% of the studentised draws lie.

    Parameters
    ----------
    values, std_errors : arrays, shape (draws,)
        On the scale of the estimate.

    Returns
    -------
    Reference
    """
    ordered = np.sort(np.abs(values / std_errors))
    place = min(int(np.ceil(0.95 * (len(ordered) + 1))), len(ordered)) - 1
    return Reference(values, std_errors, float(ordered[place]))


def estimate(
    arrays: Arrays, labels: Sequence[int] | np.ndarray, y: np.ndarray | None = None, *, two_way: bool = False
) -> tuple[float, float]:
    """Estimate the pooled effect and its error by cluster, for given cohorts of the clusters.

    Parameters
    ----------
    arrays, labels, y : Arrays, sequence of int, array or None
        Cohort of each cluster; another outcome, of the same shape.
    two_way : bool
        By two-way fixed effects: one difference for all that is treated.

    Returns
    -------
    tuple of float
        On the scale of the estimate.
    """
    cells, share = cells_of(arrays, np.asarray(labels))[:2]
    if two_way:
        cells, share = cells.sum(axis=1, keepdims=True), np.ones(1)
    values, errors = _fit(arrays, cells, share[:, None], arrays.y if y is None else y)
    return float(values[0]), float(errors[0])


def estimate_groups(arrays: Arrays, labels: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the pooled effect of each group of clusters, in one regression with cells of their own.

    Parameters
    ----------
    arrays, labels, groups : Arrays, arrays of int, shape (G,)
        Cohort and group (0, 1, ...; -1 for a comparison) of each cluster.

    Returns
    -------
    array, shape (groups,)
        On the scale of the estimate.
    array, shape (groups,)
        Errors by cluster: not of use where a group is one cluster.
    """
    found = [cells_of(arrays, np.where(groups == number, labels, NEVER)) for number in range(groups.max() + 1)]
    widths = [len(item[1]) for item in found]
    shares = np.zeros((sum(widths), len(found)))
    for number, (item, last) in enumerate(zip(found, np.cumsum(widths), strict=True)):
        shares[last - widths[number] : last, number] = item[1]
    return _fit(arrays, np.hstack([item[0] for item in found]), shares, arrays.y)


def _fit(arrays: Arrays, cells: np.ndarray, shares: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit cells and controls; give the means of coefficients that the shares tell, and their errors (CRV1)."""
    design = np.hstack([cells, arrays.controls])
    beta, weight, residual, centred = (_poisson if arrays.is_poisson else _least_squares)(arrays, design, y)
    full = np.zeros((design.shape[1], shares.shape[1]))
    full[: len(shares)] = shares
    direction = centred @ _solve(centred.T @ (centred * weight[:, None]), full)
    n_clusters = len(arrays.labels)
    scores = residual[:, None] * direction
    influence = np.array([np.bincount(arrays.cluster, column, n_clusters) for column in scores.T])
    n, k = len(y), design.shape[1] + arrays.n_parts  # as pyfixest counts: a constant for each part
    factor = n_clusters / (n_clusters - 1) * (n - 1) / (n - k)
    scale = 100.0 if arrays.is_poisson else 1.0
    return scale * (full.T @ beta), scale * np.sqrt(factor * np.square(influence).sum(axis=1))


def cells_of(arrays: Arrays, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give a dummy for each cell of cohort and year, and the share of each in the pooled effect.

    Parameters
    ----------
    arrays, labels : Arrays, array of int
        Cohort of each cluster.

    Returns
    -------
    array, shape (n, C)
    array, shape (C,)
        Shares; they add up to one.
    array, shape (C,)
        Cell as 10,000 times the cohort plus the year.
    """
    cohort = labels[arrays.cluster]
    treated = (cohort != NEVER) & (arrays.period >= cohort)
    codes = np.where(treated, cohort * 10_000 + arrays.period, 0)
    names = np.unique(codes[treated])
    cells = (codes[:, None] == names[None, :]).astype(float)
    since = names % 10_000 - names // 10_000
    share = np.where((since >= arrays.years[0]) & (since <= arrays.years[1]), arrays.share @ cells, 0.0)
    return cells, share / share.sum(), names


def _centred(arrays: Arrays, matrix: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Take the weighted mean of its municipality from each row."""
    sizes = np.diff(np.append(arrays.starts, len(matrix)))
    sums = np.add.reduceat(matrix * weight[:, None], arrays.starts, axis=0)
    totals = np.add.reduceat(weight, arrays.starts)
    return matrix - np.repeat(sums / totals[:, None], sizes, axis=0)


def _least_squares(arrays: Arrays, design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    weight = arrays.weight
    centred = _centred(arrays, np.hstack([design, y[:, None]]), weight)
    design, y = centred[:, :-1], centred[:, -1]
    beta = _solve(design.T @ (design * weight[:, None]), design.T @ (weight * y))
    return beta, weight, weight * (y - design @ beta), design


def _poisson(arrays: Arrays, design: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """Maximise the Poisson likelihood by Newton's steps, the effects of municipalities solved within each."""
    sizes = np.diff(np.append(arrays.starts, len(y)))
    totals = np.add.reduceat(y, arrays.starts)
    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        raw = np.exp(arrays.offset + design @ beta)
        mean = raw * np.repeat(totals / np.add.reduceat(raw, arrays.starts), sizes)
        weighted = design * mean[:, None]
        sums = np.add.reduceat(weighted, arrays.starts, axis=0)
        # Within municipalities, whose totals are met exactly: no need to take means from each row.
        step = _solve(design.T @ weighted - sums.T @ (sums / totals[:, None]), design.T @ (y - mean))
        beta = beta + step
        if np.abs(step).max() < _CLOSE:
            break
    return beta, mean, y - mean, _centred(arrays, design, mean)


def _solve(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Solve normal equations; where columns depend on each other (a cell without comparisons) the shortest solution."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", linalg.LinAlgWarning)
        try:
            return linalg.solve(matrix, vector, assume_a="pos")
        except (linalg.LinAlgError, linalg.LinAlgWarning):
            return np.linalg.pinv(matrix, hermitian=True) @ vector
