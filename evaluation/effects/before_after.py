"""A first before/after comparison: the gap to a comparison region against its own earlier trend.

It answers one question: did the gap develop otherwise than its trend before the deal led to expect?  It has no
placebo regions, so on its own it never establishes a deviation, and it says nothing about the cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm

from evaluation.effects.estimate import Estimate, power_factor, refused_estimate


@dataclass(frozen=True, slots=True)
class TrendComparison:
    """A gap series beside what its earlier trend led to expect.

    Attributes
    ----------
    estimate : Estimate
        Mean deviation from the expected gap over the years after the start.
    expected : tuple[tuple[int, float, float | None, float | None], ...]
        Year, expected gap, and the 95% prediction interval for a single year (None inside the pre-period).
    durbin_watson : float | None
        Of the pre-period residuals: near 2 without autocorrelation.
    """

    estimate: Estimate
    expected: tuple[tuple[int, float, float | None, float | None], ...]
    durbin_watson: float | None


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

    Each later year has a dummy of its own, so the line rests on the pre-period alone; the estimate is the mean of the
    dummies, its standard error that of ordinary least squares with Student's t (few years: a robust covariance would
    be too small).  Assumes that the line would have continued and that years are independent around it.

    Parameters
    ----------
    years, gap : sequences of equal length
        Years and the gap in each; no missing values.
    pre : tuple[int, int]
        First and last year of the period before.
    excluded : sequence of int
        Years left out of both periods (2019: the deal began halfway).
    minimum_pre_years : int
        Fewer years before the start give no estimate.
    estimand : str
        What is estimated, in words.

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
    counts = (int(before.sum()), int(after.sum()))
    if counts[0] < minimum_pre_years:
        reason = (
            f"de reeks telt {counts[0]} jaren vóór de deal; voor een trend zijn er minstens {minimum_pre_years} nodig"
        )
        return TrendComparison(refused_estimate(estimand, reason, n_pre=counts[0], n_post=counts[1]), (), None)
    if counts[1] == 0:
        reason = "er is nog geen heel jaar na de start van de deal"
        return TrendComparison(refused_estimate(estimand, reason, n_pre=counts[0], n_post=counts[1]), (), None)
    return _fit(year, value, before, after, estimand, counts)


def _fit(year, value, before, after, estimand: str, counts: tuple[int, int]) -> TrendComparison:
    used = before | after
    later = year[after]
    design = np.column_stack([np.ones(used.sum()), year[used] - year[before].mean()])
    dummies = (year[used][:, None] == later[None, :]).astype(float)
    fit = sm.OLS(value[used], np.column_stack([design, dummies])).fit()
    mean_of_dummies = np.concatenate([[0.0, 0.0], np.full(len(later), 1 / len(later))])
    test = fit.t_test(mean_of_dummies)
    low, high = (float(bound) for bound in test.conf_int(alpha=0.05)[0])
    error = float(np.squeeze(test.sd))
    trend = sm.OLS(value[before], design[year[used] <= year[before].max()]).fit()
    estimate = Estimate(
        estimand=estimand,
        value=float(np.squeeze(test.effect)),
        std_error=error,
        ci_low=low,
        ci_high=high,
        p_value=float(np.squeeze(test.pvalue)),
        p_attainable=None,
        mde=power_factor(int(fit.df_resid)) * error,
        n_pre=counts[0],
        n_post=counts[1],
        n_treated=1,
        n_placebo=0,
        inference=f"kleinste kwadraten, Student-t met {int(fit.df_resid)} vrijheidsgraden, zonder placeboregio's",
        deviation="niet vast te stellen",
        attribution="niet vast te stellen",
        reason=(
            "deze eerste vergelijking heeft één regio en geen placeboregio's; of een verschil van deze grootte ook "
            "elders voorkomt, laat zij niet zien"
        ),
    )
    return TrendComparison(estimate, _expected(trend, year, before, after), float(_durbin_watson(trend.resid)))


def _expected(trend, year, before, after) -> tuple[tuple[int, float, float | None, float | None], ...]:
    rows = []
    for moment in range(int(year[before].min()), int(year[after].max()) + 1):
        prediction = trend.get_prediction(np.array([[1.0, moment - year[before].mean()]]))
        low, high = prediction.conf_int(obs=True, alpha=0.05)[0]
        inside = moment <= int(year[before].max())
        rows.append(
            (
                moment,
                float(prediction.predicted_mean[0]),
                None if inside else float(low),
                None if inside else float(high),
            )
        )
    return tuple(rows)


def _durbin_watson(residuals: np.ndarray) -> float:
    """Of residuals; 2 (no autocorrelation) where the line fits exactly."""
    return sm.stats.durbin_watson(residuals) if residuals @ residuals > 1e-18 else 2.0
