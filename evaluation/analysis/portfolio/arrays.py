"""The declared regression on arrays of municipality by year, where a fit takes a millisecond or two.

The regression is that of `estimators.fit_saturated`; pyfixest needs a tenth of a second for it, and a permutation test
asks it thousands of times.  Both give the same estimate and error (tests/reference/test_portfolio.py).  Every
coefficient is of one year: of its municipalities with a trait (one, the start level, a part of the country) or of those
that are treated.  So the normal equations follow from one small table of traits, and no design matrix is made.
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
    """A frame as arrays of M municipalities and T years, in G clusters; zero where a municipality is not followed.

    Attributes
    ----------
    y, offset, weight, share : arrays, shape (M, T)    `share`: what it counts in the pooled effect.
    is_seen : array of bool, shape (M, T)
    periods : array of int, shape (T,)
    cluster : array of int, shape (M,)    Number of the cluster.
    traits : array, shape (M, R)    What has a coefficient in each year but the first: one, the start level, and of what
        is no count parts of the country.
    labels : array, shape (G,)    Cohort of each cluster.
    years : tuple of int    First and last year since the start of the pooled effect.
    is_poisson : bool
    n_parts : int    Of the country, with years of their own; one of a count.
    """

    y: np.ndarray
    offset: np.ndarray
    weight: np.ndarray
    share: np.ndarray
    is_seen: np.ndarray
    periods: np.ndarray
    cluster: np.ndarray
    traits: np.ndarray
    labels: np.ndarray
    years: tuple[int, int]
    is_poisson: bool
    n_parts: int


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What is treated: K kinds of clusters (a cohort, or one of a group), each with a cell in every year.

    Attributes
    ----------
    kind : array of int, shape (M,)    Of each municipality; -1 of a comparison.
    cohort, group : arrays of int, shape (K,)
    is_on : array of bool, shape (K, T)    From the start on, where there are municipalities.
    share : array, shape (K, T)    Of each cell in the pooled effect; of each group they add up to one.
    """

    kind: np.ndarray
    cohort: np.ndarray
    group: np.ndarray
    is_on: np.ndarray
    share: np.ndarray


def arrays_of(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int], adjusted: bool = True) -> Arrays:
    """Turn a frame into arrays.

    Parameters
    ----------
    frame, outcome, years, adjusted : DataFrame, Outcome, tuple of int, bool
        As of `estimators.saturated`.

    Returns
    -------
    Arrays
    """
    places, row = np.unique(frame["municipality"], return_inverse=True)
    periods, column = np.unique(frame["period"], return_inverse=True)
    places_of_clusters = frame.drop_duplicates("municipality").sort_values("municipality")
    names, cluster = np.unique(places_of_clusters["cluster"], return_inverse=True)
    labels = np.zeros(len(names), dtype=int)
    labels[cluster] = places_of_clusters["cohort"].to_numpy()
    is_poisson = outcome.family == "poisson"

    def table(values: pd.Series | float) -> np.ndarray:
        found = np.zeros((len(places), len(periods)))
        found[row, column] = values
        return found

    traits = [np.ones(len(places))]
    if adjusted:
        traits.append(places_of_clusters["start_level"].to_numpy(dtype=float))
    if not is_poisson:
        part = places_of_clusters["part"].to_numpy()
        traits += [(part == name).astype(float) for name in np.unique(part)[1:]]
    return Arrays(
        y=table(frame["y"]),
        offset=table(frame["log_inhabitants"]) if is_poisson else table(0.0),
        weight=table(1.0) if is_poisson else table(frame["weight"]),
        share=table(frame["weight"]),
        is_seen=table(1.0) > 0,
        periods=periods,
        cluster=cluster,
        traits=np.column_stack(traits),
        labels=labels,
        years=years,
        is_poisson=is_poisson,
        n_parts=1 if is_poisson else frame["part"].nunique(),
    )


def cells_of(arrays: Arrays, labels: np.ndarray, groups: np.ndarray | None = None) -> Cells:
    """Say what is treated under given cohorts of the clusters.

    Parameters
    ----------
    arrays, labels, groups : Arrays, arrays of int, shape (G,)
        Cohort and group (0, 1, ...; -1 for a comparison) of each cluster; one group by default.

    Returns
    -------
    Cells
    """
    groups = np.where(labels == NEVER, -1, 0) if groups is None else np.where(labels == NEVER, -1, groups)
    pairs = np.where(groups < 0, -1, groups * 10_000 + labels)
    kinds = np.unique(pairs[pairs >= 0])
    kind = np.where(pairs < 0, -1, np.searchsorted(kinds, pairs))[arrays.cluster]
    cohort, group = kinds % 10_000, kinds // 10_000
    member = kind[None, :] == np.arange(len(kinds))[:, None]
    since = arrays.periods - cohort[:, None]
    is_on = (since >= 0) & (member @ arrays.is_seen)
    share = np.where(is_on & (since >= arrays.years[0]) & (since <= arrays.years[1]), member @ arrays.share, 0.0)
    totals = np.array([share[group == number].sum() for number in group])
    with np.errstate(invalid="ignore"):  # of a group without a year that counts there is no estimate
        return Cells(kind, cohort, group, is_on, share / totals[:, None])


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
    cells = cells_of(arrays, np.asarray(labels))
    values, errors = _fit(arrays, cells, arrays.y if y is None else y, two_way=two_way)
    return float(values[0]), float(errors[0])


def estimate_groups(arrays: Arrays, labels: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the pooled effect of each group of clusters, in one regression with cells of their own.

    Parameters
    ----------
    arrays, labels, groups : Arrays, arrays of int, shape (G,)
        As of `cells_of`.

    Returns
    -------
    array, shape (groups,)
        On the scale of the estimate.
    array, shape (groups,)
        Errors by cluster: not of use where a group is one cluster.
    """
    return _fit(arrays, cells_of(arrays, labels, groups), arrays.y)


def _fit(arrays: Arrays, cells: Cells, y: np.ndarray, *, two_way: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Fit cells and traits; give the means of coefficients that the shares tell, and their errors (CRV1)."""
    who = np.column_stack([cells.kind[:, None] == np.arange(len(cells.cohort)), arrays.traits]).astype(float)
    later = np.ones((arrays.traits.shape[1], len(arrays.periods)), dtype=bool)
    later[:, 0] = False
    chosen = np.flatnonzero(np.vstack([cells.is_on, later]))
    n_cells = int(cells.is_on.sum())
    if two_way:
        merged = np.zeros((len(chosen), 1 + len(chosen) - n_cells))
        merged[:n_cells, 0] = 1.0
        merged[n_cells:, 1:] = np.eye(len(chosen) - n_cells)
        wanted = np.eye(1)
    else:
        merged = None
        wanted = np.array([
            (cells.share * (cells.group == number)[:, None])[cells.is_on] for number in range(cells.group.max() + 1)
        ]).T  # fmt: skip
    pairs = (who[:, :, None] * who[:, None, :]).reshape(len(who), -1)
    model = _Model(arrays, who, chosen, merged, pairs)
    beta, hessian, residual = (_poisson if arrays.is_poisson else _least_squares)(model, y)
    full = np.zeros((len(beta), wanted.shape[1]))
    full[: len(wanted)] = wanted
    influence = model.scores(residual) @ _solve(hessian, full)
    n_clusters = len(arrays.labels)
    n, k = int(arrays.is_seen.sum()), len(beta) + arrays.n_parts  # as pyfixest counts: a constant for each part
    factor = n_clusters / (n_clusters - 1) * (n - 1) / (n - k)
    scale = 100.0 if arrays.is_poisson else 1.0
    return scale * (full.T @ beta), scale * np.sqrt(factor * np.square(influence).sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """The terms of a regression: who has a coefficient, in which years, and which coefficients are one."""

    arrays: Arrays
    who: np.ndarray
    chosen: np.ndarray
    merged: np.ndarray | None
    pairs: np.ndarray

    @property
    def n_terms(self) -> int:
        return len(self.chosen) if self.merged is None else self.merged.shape[1]

    def line(self, beta: np.ndarray) -> np.ndarray:
        """Give what coefficients add up to, shape (M, T)."""
        table = np.zeros(self.who.shape[1] * len(self.arrays.periods))
        table[self.chosen] = beta if self.merged is None else self.merged @ beta
        return self.who @ table.reshape(self.who.shape[1], -1)

    def terms(self, values: np.ndarray) -> np.ndarray:
        """Multiply values by the terms and add up over years, shape (M, terms)."""
        wide = (self.who[:, :, None] * values[:, None, :]).reshape(len(values), -1)[:, self.chosen]
        return wide if self.merged is None else wide @ self.merged

    def gradient(self, values: np.ndarray) -> np.ndarray:
        found = (self.who.T @ values).ravel()[self.chosen]
        return found if self.merged is None else found @ self.merged

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Add the scores up by cluster, shape (G, terms)."""
        found = np.zeros((len(self.arrays.labels), self.n_terms))
        np.add.at(found, self.arrays.cluster, self.terms(values))
        return found

    def hessian(self, weight: np.ndarray) -> np.ndarray:
        """Weigh the squares of the terms, the means of municipalities taken out."""
        size, n_periods = self.who.shape[1], len(self.arrays.periods)
        squares = (weight.T @ self.pairs).reshape(n_periods, size, size)
        table = np.zeros((size, n_periods, size, n_periods))
        moments = np.arange(n_periods)
        table[:, moments, :, moments] = squares
        found = table.reshape(size * n_periods, -1)[np.ix_(self.chosen, self.chosen)]
        if self.merged is not None:
            found = self.merged.T @ found @ self.merged
        sums = self.terms(weight)
        return found - sums.T @ (sums / weight.sum(axis=1)[:, None])


def _least_squares(model: _Model, y: np.ndarray) -> tuple[np.ndarray, ...]:
    weight = model.arrays.weight
    centred = weight * (y - _mean(y, weight))
    hessian = model.hessian(weight)
    beta = _solve(hessian, model.gradient(centred))
    line = model.line(beta)
    return beta, hessian, centred - weight * (line - _mean(line, weight))


def _mean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return ((weight * values).sum(axis=1) / weight.sum(axis=1))[:, None]


def _poisson(model: _Model, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """Maximise the Poisson likelihood by Newton's steps, the effects of municipalities solved within each."""
    arrays = model.arrays
    totals = y.sum(axis=1, keepdims=True)
    beta = np.zeros(model.n_terms)
    for _ in range(_STEPS):
        raw = np.exp(arrays.offset + model.line(beta)) * arrays.is_seen
        mean = raw * (totals / raw.sum(axis=1, keepdims=True))
        hessian = model.hessian(mean)
        step = _solve(hessian, model.gradient(y - mean))
        beta = beta + step
        if np.abs(step).max() < _CLOSE:
            break
    return beta, hessian, y - mean


def _solve(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Solve normal equations; where columns depend on each other (a cell without comparisons) the shortest solution."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", linalg.LinAlgWarning)
        try:
            return linalg.solve(matrix, vector, assume_a="pos")
        except (linalg.LinAlgError, linalg.LinAlgWarning):
            return np.linalg.pinv(matrix, hermitian=True) @ vector
