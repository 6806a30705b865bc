"""An estimate for each deal, drawn to the mean of all as far as chance asks (empirical Bayes): never a ranking.

What chance does to one region is measured on regions without a deal: each in its turn is treated as if it had begun in
the usual year.  Their variance has a part that every region has, and one that falls with inhabitants.

References
----------
Morris (1983), JASA 78(381), on empirical Bayes; Paule and Mandel (1982) on the variance between deals.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import optimize, special

from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.portfolio.arrays import Arrays, estimate_groups
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.permutation import summarise

COLUMNS = ["deal", "value", "std_error", "shrunk", "low", "high", "detectable", "n_municipalities"]
_EXACT = 1e-12
"""Of the variance of the estimates: one that is smaller is known exactly."""


def estimate_deals(arrays: Arrays, clusters: list[str], sizes: pd.DataFrame) -> pd.DataFrame:
    """Estimate each deal and shrink it to the mean.

    Parameters
    ----------
    arrays, clusters : Arrays, list of str
        Of the outcome; names of its clusters in order.
    sizes : DataFrame
        Index cluster; columns inhabitants, n_municipalities.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, by name of the deal, on the scale of the estimate: value as estimated, std_error by chance of
        a region of its size, shrunk the estimate drawn to the mean, low and high its 95% interval; detectable: the
        effect of this deal alone that would be seen in 80% of the regions without a deal, were they of its size.

    Raises
    ------
    CannotEstimate
        Where no region without a deal has the years that it takes.
    """
    usable = _usable(arrays)
    treated = [number for number in np.flatnonzero(arrays.labels != NEVER) if usable[number]]
    codes = np.full(len(clusters), -1)
    codes[treated] = range(len(treated))
    others = (arrays.labels != NEVER) & ~usable
    # Who began in the last year has no year to tell of; that one year of its start is as one without a deal.
    kept = replace(arrays, labels=np.where(others, NEVER, arrays.labels))
    values = estimate_groups(kept, kept.labels, codes)[0]
    people = sizes.loc[clusters, "inhabitants"].to_numpy(dtype=float)
    variance, detectable = _chance(kept, codes, people)
    found = shrink(values, variance[treated])
    rows = pd.DataFrame({"deal": [clusters[number] for number in treated], "value": values}).assign(**found)
    rows["detectable"] = detectable * rows["std_error"]
    rows["n_municipalities"] = sizes.loc[rows["deal"], "n_municipalities"].to_numpy()
    return rows.sort_values("deal", ignore_index=True)[COLUMNS]


def shrink(values: np.ndarray, variance: np.ndarray) -> dict[str, np.ndarray]:
    """Draw estimates to their mean, each as far as its variance asks beside the variance between deals.

    Parameters
    ----------
    values, variance : arrays, shape (K,)
        Estimates, and what chance does to each.

    Returns
    -------
    dict of str to array, shape (K,)
        std_error, shrunk, low, high; the uncertainty of the mean counts in the interval.  What has no variance stays
        what it is.
    """
    floor = _EXACT * max(float(np.var(values)), float(np.max(variance)))
    if floor == 0:
        return {"std_error": np.sqrt(variance), "shrunk": values, "low": values, "high": values}
    errors, variance = np.sqrt(variance), np.maximum(variance, floor)

    def excess(between: float) -> float:
        weight = 1 / (variance + between)
        return float((weight * (values - (weight @ values) / weight.sum()) ** 2).sum() - (len(values) - 1))

    largest = 4 * float(np.var(values)) + 1e-9
    between = optimize.brentq(excess, 0.0, largest) if excess(0.0) > 0 > excess(largest) else 0.0
    weight = 1 / (variance + between)
    mean, of_mean = (weight @ values) / weight.sum(), 1 / weight.sum()
    kept = between / (between + variance)
    spread = np.sqrt(kept * variance + (1 - kept) ** 2 * of_mean)
    shrunk, reach = mean + kept * (values - mean), float(special.ndtri(0.975)) * spread
    return {"std_error": errors, "shrunk": shrunk, "low": shrunk - reach, "high": shrunk + reach}


def _usable(arrays: Arrays) -> np.ndarray:
    """Tell which clusters have a year within those of the pooled effect, were they to begin in their own year."""
    last = arrays.periods.max()
    return (arrays.labels == NEVER) | (arrays.labels + arrays.years[0] <= last)


def _chance(arrays: Arrays, codes: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, float]:
    """Measure what chance does to a region of each size: on those without a deal, one by one as if they had begun.

    Returns the variance of each cluster, and the detectable effect in errors.
    """
    usual = int(np.median(arrays.labels[arrays.labels != NEVER]))
    until = min(usual + arrays.years[1] - 1, arrays.periods.max())  # some figures end before the last of those years
    ends = np.where(arrays.is_seen, arrays.periods, 0).max(axis=1)
    full = [n for n in np.flatnonzero(arrays.labels == NEVER) if ends[arrays.cluster == n].max() >= until]
    if not full:
        raise CannotEstimate("geen vergelijkingsregio heeft alle jaren; wat toeval bij één deal doet, is niet te meten")
    values = []
    for number in full:
        labels, groups = arrays.labels.copy(), codes.copy()
        labels[number], groups[number] = usual, codes.max() + 1
        values.append(estimate_groups(arrays, labels, groups)[0][-1])
    size = people / people.mean()
    design = np.column_stack([np.ones(len(full)), 1 / size[full]])
    # Large regions tell as much of the first part as small ones of the second: relative errors are weighed alike.
    weight = 1 / np.maximum(design.sum(axis=1), 1e-9)
    parts = optimize.nnls(design * weight[:, None], np.square(values) * weight)[0]
    variance = parts[0] + parts[1] / size
    errors = np.sqrt(variance[full])
    studentised = np.divide(values, errors, out=np.zeros(len(full)), where=errors > 0)
    return variance, summarise(studentised, np.ones(len(full))).detectable
