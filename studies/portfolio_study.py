"""Does the declared estimator of all deals together find what was planted?  ``data/methods/portfolio_study.csv``.

Real figures of all municipalities, with the cohorts permuted over the regions, so that no effect is truly there; then
an effect of 0, 5 or 10% is planted: constant, growing with the years, or other by cohort.  Counts lose offences one by
one (binomially), prices are multiplied, and participation moves by so much of its mean.  Two-way fixed effects are held
to their own target, the mean over all treated cells.

The interval is the declared one, with the limit q of the permuted cohorts of the panel as it is.  Without an effect
every permuted panel has that same q; with 10% of burglaries planted its own would be some 3% larger (2.21 and 2.29,
30 panels of 299 permutations), so q of the panel as it is does not flatter the coverage.  Of 2,000 draws the coverage
has an error of half a point; with 500 it was a point, as much as what is looked for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.analysis.portfolio.arrays import Arrays, arrays_of, cells_of, estimate
from evaluation.analysis.portfolio.permutation import permuted_labels, reference
from evaluation.analysis.portfolio.planted_study import COLUMNS, FILE
from evaluation.analysis.portfolio.pooled import Portfolio, open_pool
from evaluation.base.paths import data_dir, write_together

OUTCOMES = {"woninginbraak": -1, "vernieling": -1, "verkoopprijs": 1, "arbeidsdeelname": 1}
"""With the way in which the effect is planted."""
SHAPES = ("constant", "dynamic", "cohort")
EFFECTS = (5, 10)
DRAWS = 2_000
_OTHER_SEED = 1_000


def run_portfolio_study(
    pool: Portfolio, *, draws: int = DRAWS, outcomes: tuple[str, ...] = tuple(OUTCOMES)
) -> pd.DataFrame:
    """Plant effects in permuted panels and estimate them.

    Parameters
    ----------
    pool, draws, outcomes : Portfolio, int, tuple of str
        Permuted panels per case; which outcomes.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`.
    """
    rows = []
    for name in outcomes:
        outcome = pool.outcome(name)
        arrays = arrays_of(pool.frame(name), outcome, years=pool.years)
        mean = float(arrays.y[arrays.is_seen].mean()) if outcome.family == "level" else None
        quantile = reference(arrays, draws=pool.plan.permutations, seed=pool.plan.seed).quantile
        labels = permuted_labels(arrays, draws=draws, seed=pool.plan.seed + _OTHER_SEED)
        for shape, effect in [("none", 0), *((shape, effect) for shape in SHAPES for effect in EFFECTS)]:
            found = [
                _draw(arrays, drawn, shape, OUTCOMES[name] * effect / 100, seed, mean)
                for seed, drawn in enumerate(labels)
            ]
            rows += _summaries(name, shape, effect, np.array(found), quantile, len(arrays.labels))
    return pd.DataFrame(rows, columns=COLUMNS)


def plant(
    arrays: Arrays, labels: np.ndarray, shape: str, effect: float, seed: int, mean: float | None = None
) -> tuple[np.ndarray, float, float]:
    """Plant an effect in the figures of the regions that are treated under given cohorts.

    Parameters
    ----------
    arrays, labels : Arrays, array of int
        Cohort of each cluster.
    shape, effect, seed : str, float, int
        Of `SHAPES`; as a fraction, with its sign; of the offences that are lost.
    mean : float | None
        Of an outcome in points: what the effect is a fraction of.

    Returns
    -------
    array, shape (M, T)
        The outcome.
    float, float
        What the declared estimator is to find, and two-way effects: 100 times a logarithm, or points.
    """
    cells = cells_of(arrays, labels)
    size = np.where(cells.is_on, effect * _profile(cells.cohort, arrays.periods, shape), 0.0)
    planted = np.where(cells.kind[:, None] < 0, 0.0, size[cells.kind])
    y = arrays.y
    if effect and arrays.is_poisson:
        y = np.random.default_rng(seed).binomial(y.astype(int), 1 + planted).astype(float)
    elif effect:
        y = y + _moved(planted, mean) * arrays.is_seen
    truth = _moved(size, mean)
    people = np.where(cells.is_on, (cells.kind[None, :] == np.arange(len(cells.cohort))[:, None]) @ arrays.share, 0.0)
    return y, float((cells.share * truth).sum()), float((people * truth).sum() / people.sum())


def _moved(effect: np.ndarray, mean: float | None) -> np.ndarray:
    """Put an effect on the scale of the estimate."""
    return 100 * np.log1p(effect) if mean is None else effect * mean


def _draw(
    arrays: Arrays, labels: np.ndarray, shape: str, effect: float, seed: int, mean: float | None
) -> tuple[float, ...]:
    """Plant an effect; return the estimate, error and truth by the declared estimator, and by two-way effects."""
    y, own, all_cells = plant(arrays, labels, shape, effect, seed, mean)
    return (*estimate(arrays, labels, y), own, *estimate(arrays, labels, y, two_way=True), all_cells)


def _profile(cohort: np.ndarray, periods: np.ndarray, shape: str) -> np.ndarray:
    """Say how large the effect is in each cell of cohort and year, beside its mean."""
    if shape == "dynamic":
        return np.minimum(periods - cohort[:, None], 4) / 2.5
    sizes = np.select([cohort == cohort[0], cohort == cohort[1]], [2.0, 1.0], 0.5) if shape == "cohort" else 1.0
    return np.broadcast_to(sizes, (len(periods), len(cohort))).T


def _summaries(name: str, shape: str, effect: int, found: np.ndarray, quantile: float, n_clusters: int) -> list[tuple]:
    rows = []
    usual = float(stats.t.ppf(0.975, n_clusters - 1))
    for estimator, (value, error, truth), limit in (
        ("saturated", found[:, :3].T, quantile), ("two-way", found[:, 3:].T, usual)
    ):  # fmt: skip
        missed = value - truth
        covered = np.abs(missed) <= limit * error
        told = (missed.mean(), missed.std(ddof=1) / np.sqrt(len(missed)), covered.mean(), truth.mean())
        seen = (np.abs(value) > limit * error).mean()
        rows.append((name, estimator, shape, effect, len(found), *(round(float(item), 6) for item in (*told, seen))))
    return rows


def write_portfolio_study(*, draws: int = DRAWS, folder: Path | None = None) -> Path:
    """Run the study and keep its table.

    Parameters
    ----------
    draws, folder : int, Path | None
        Permuted panels per case; ``data/methods`` by default.

    Returns
    -------
    Path
    """
    path = (folder or data_dir() / "methods") / FILE
    write_together({path: run_portfolio_study(open_pool(), draws=draws).to_csv(index=False).encode()})
    return path


if __name__ == "__main__":
    print(write_portfolio_study(draws=int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS))
