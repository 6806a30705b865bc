"""Before and after: the gap to a comparison region, or to donors, against its own earlier trend.

`compare_with_trend` is a first description: how far the gap lies from the continued line, beside how far the years
before the deal lay from it.  It gives no interval and no p: with seven years the persistence of shocks cannot be
estimated, and a shock of the region's own (COVID) lies outside what those years show.  In simulations Student's t gives
intervals that hold the truth too seldom, and with a persistence that is declared beforehand all depends on that guess
(`studies.simulation`).  So on its own it establishes no deviation, and it says nothing about the cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.comparison import Comparison, Counterfactual
from evaluation.analysis.effects.estimate import Estimate, refused_estimate


@dataclass(frozen=True, slots=True)
class TrendComparison:
    """A gap series beside what its earlier trend led to expect.

    Attributes
    ----------
    estimate : Estimate    Mean deviation from the expected gap over the years after the start; without uncertainty.
    expected : tuple[tuple[int, float], ...]    Year and expected gap, from the first year before to the last one after.
    spread : float | None    Largest distance of a year before the start to the line; None without an estimate.
    """

    estimate: Estimate
    expected: tuple[tuple[int, float], ...]
    spread: float | None


def compare_with_trend(
    years: Sequence[int],
    gap: Sequence[float],
    *,
    pre: tuple[int, int],
    excluded: Sequence[int],
    minimum_pre_years: int,
    estimand: str,
) -> TrendComparison:
    """Compare a gap after the start of the deal with the straight line through the years before it.

    The line is that of least squares through the years before; the estimate is the mean distance to it afterwards.

    Parameters
    ----------
    years, gap : sequences of equal length
        Years and the gap in each; no missing values.
    pre, excluded : tuple[int, int], and sequence of int
        First and last year of the period before; years left out of both periods (2019: the deal began halfway).
    minimum_pre_years, estimand : int, str
        Fewer years before the start give no estimate; what is estimated, in words.

    Returns
    -------
    TrendComparison
        With `value` None and a reason where no estimate is possible.

    Raises
    ------
    ValueError
        When the lengths differ, a year occurs twice or a value is missing.
    """
    year = np.asarray(years, dtype=int)
    value = np.asarray(gap, dtype=float)
    if year.shape != value.shape or len(set(year.tolist())) != len(year) or not np.isfinite(value).all():
        raise ValueError("years and gap must be complete, of equal length, with each year once")
    before = (year >= pre[0]) & (year <= pre[1])
    after = (year > pre[1]) & ~np.isin(year, list(excluded))
    n_pre, n_post = int(before.sum()), int(after.sum())
    if n_pre < minimum_pre_years:
        reason = f"de reeks telt {n_pre} jaren vóór de deal; voor een trend zijn er minstens {minimum_pre_years} nodig"
        return TrendComparison(refused_estimate(estimand, reason, n_pre=n_pre, n_post=n_post), (), None)
    if n_post == 0:
        reason = "er is nog geen heel jaar na de start van de deal"
        return TrendComparison(refused_estimate(estimand, reason, n_pre=n_pre), (), None)
    return _describe(year, value, before, after, estimand)


def trend_deviation(comparison: Comparison) -> Counterfactual:
    """Measure how far the gap of each region to its donors lies from its own straight line through the time before.

    The line of the gap, so that what all regions share (COVID) drops out; a gap that bends by itself counts as
    deviation.

    Parameters
    ----------
    comparison : Comparison
        Regions and donors; one outcome or more.

    Returns
    -------
    Counterfactual
        With equal unit weights, and without time weights.
    """
    n_pre = comparison.n_pre
    weights = comparison.shares
    series = comparison.series - weights @ comparison.donors
    time = np.asarray(comparison.periods, dtype=float)
    design = np.column_stack([np.ones(len(time)), time - time[:n_pre].mean()])
    line = design @ np.linalg.pinv(design[:n_pre])
    gap = series - np.einsum("tp,...p->...t", line, series[..., :n_pre])
    unit = np.broadcast_to(weights, (*series.shape[:-1], weights.shape[-1]))
    return Counterfactual(gap[..., n_pre:].mean(axis=-1), gap, unit, None, n_pre)


def _describe(
    year: np.ndarray, value: np.ndarray, before: np.ndarray, after: np.ndarray, estimand: str
) -> TrendComparison:
    line = np.polynomial.Polynomial.fit(year[before], value[before], deg=1)
    estimate = Estimate(
        estimand=estimand,
        value=float((value[after] - line(year[after])).mean()),
        n_pre=int(before.sum()),
        n_post=int(after.sum()),
        inference="beschrijving zonder interval: zo weinig jaren van één regio laten geen kansuitspraak toe",
        reason=(
            "deze eerste vergelijking heeft één regio, weinig jaren en geen placeboregio's; of een verschil van deze "
            "grootte ook door toeval of elders voorkomt, laat zij niet zien"
        ),
    )
    moments = range(int(year[before].min()), int(year[after].max()) + 1)
    # The largest distance and not a standard deviation: it tells what the years before showed, and claims no chance.
    spread = float(np.abs(value[before] - line(year[before])).max())
    return TrendComparison(estimate, tuple((moment, float(line(moment))) for moment in moments), spread)
