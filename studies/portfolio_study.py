"""Does the declared estimator of all deals together find what was planted?  ``data/methods/portfolio_study.csv``.

Real figures of all municipalities, with the cohorts permuted over the regions, so that no effect is truly there; then
an effect of 0, 5 or 10% is planted: constant, growing with the years, or other by cohort.  Counts lose offences one by
one (binomially), prices are multiplied.  Two-way fixed effects are held to their own target, the mean over all
treated cells.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.analysis.portfolio.permutation import Arrays, arrays_of, cells_of, estimate, permuted_labels, reference
from evaluation.analysis.portfolio.planted_study import COLUMNS, FILE
from evaluation.analysis.portfolio.pooled import Portfolio, open_pool
from evaluation.base.paths import data_dir, write_together

OUTCOMES = {"woninginbraak": -1, "vernieling": -1, "verkoopprijs": 1}
"""With the way in which the effect is planted."""
SHAPES = ("constant", "dynamic", "cohort")
EFFECTS = (5, 10)
DRAWS = 500
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
        arrays = arrays_of(pool.frame(name), pool.outcome(name), years=pool.years)
        quantile = reference(arrays, draws=pool.plan.permutations, seed=pool.plan.seed).quantile
        labels = permuted_labels(arrays, draws=draws, seed=pool.plan.seed + _OTHER_SEED)
        for shape, effect in [("none", 0), *((shape, effect) for shape in SHAPES for effect in EFFECTS)]:
            found = [
                _draw(arrays, drawn, shape, OUTCOMES[name] * effect / 100, seed) for seed, drawn in enumerate(labels)
            ]
            rows += _summaries(name, shape, effect, np.array(found), quantile, len(arrays.labels))
    return pd.DataFrame(rows, columns=COLUMNS)


def _draw(arrays: Arrays, labels: np.ndarray, shape: str, effect: float, seed: int) -> tuple[float, ...]:
    """Plant an effect; return the estimate, error and truth by the declared estimator, and by two-way effects."""
    cells, share, names = cells_of(arrays, labels)
    size = effect * _profile(names, shape)
    row = cells @ size
    if not effect:
        y = arrays.y
    elif arrays.is_poisson:
        y = np.random.default_rng(seed).binomial(arrays.y.astype(int), 1 + row).astype(float)
    else:
        y = arrays.y + 100 * np.log1p(row)
    truth = 100 * np.log1p(size)
    people = arrays.share @ cells
    own = estimate(arrays, labels, y)
    other = estimate(arrays, labels, y, two_way=True)
    return (*own, float(share @ truth), *other, float(people @ truth / people.sum()))


def _profile(names: np.ndarray, shape: str) -> np.ndarray:
    """Say how large the effect is in each cell, beside its mean."""
    cohort, since = names // 10_000, names % 10_000 - names // 10_000
    if shape == "dynamic":
        return np.minimum(since, 4) / 2.5
    if shape == "cohort":
        return np.select([cohort == np.unique(cohort)[0], cohort == np.unique(cohort)[1]], [2.0, 1.0], 0.5)
    return np.ones(len(names))


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
