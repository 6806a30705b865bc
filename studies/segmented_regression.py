"""Before and after against the own trend, of one long series or of every region: tried out, and used for no judgement.

Standard errors of the long series are heteroskedasticity and autocorrelation consistent (HAC: Bartlett kernel,
small-sample correction).  In a series of ordinary length they are too small for shocks that last, and Student's t does
not mend that.  So p and interval come from the distribution that the same t-statistic has without effect, for this very
design, number of lags and persistence of the errors: a seeded parametric bootstrap with normal first-order
autoregressive errors, the same at every run.  The persistence is the median-unbiased one, as least squares finds too
little.

References
----------
Newey and West (1987), Econometrica 55(3), on the covariance.
Kiefer and Vogelsang (2005), Econometric Theory 21(6), on critical values that know the number of lags.
Andrews (1993), Econometrica 61(1), on median-unbiased persistence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from statsmodels.regression.linear_model import OLS

from evaluation.analysis.effects.comparison import Comparison, Counterfactual
from evaluation.analysis.effects.estimate import CannotEstimate, Estimate

_MINIMUM_PRE_HAC = 24

_PERSISTENCE = np.array([-0.2, 0.0, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.87, 0.95])
_DRAWS, _SEED = 20_000, 1991


@dataclass(frozen=True, slots=True, eq=False)
class SegmentedTrend:
    """A segmented regression.

    Attributes
    ----------
    estimate : Estimate
        Mean deviation from the continued trend over the periods after the start.
    level_change, slope_change : float
        Jump at the first period after, in the unit of the outcome; change of slope per period.
    fitted, counterfactual : array, shape (T,)
        What the regression says, and what the trend before continues to.
    lags : int
        Of the HAC covariance.
    persistence : float
        Of the errors: first-order autocorrelation, median-unbiased, at most 0.95.
    """

    estimate: Estimate
    level_change: float
    slope_change: float
    fitted: np.ndarray
    counterfactual: np.ndarray
    lags: int
    persistence: float


def own_trend_deviation(comparison: Comparison, *, season: int | None = None) -> Counterfactual:
    """Measure how far each region lies from its own straight line through the time before, on average after the start.

    A trend that bends by itself, or a shock that hits all regions (COVID), counts as deviation; the product therefore
    takes the line of the gap (`evaluation.analysis.effects.before_after.trend_deviation`).

    Parameters
    ----------
    comparison : Comparison
        Of which the donors are not used.
    season : int, optional
        Periods in a season (12 for consecutive months): a level for each.

    Raises
    ------
    CannotEstimate
        When the time before is too short for a line.
    """
    n_pre = comparison.n_pre
    time = np.asarray(comparison.periods, dtype=float)
    design = _with_seasons([np.ones(len(time)), time - time[:n_pre].mean()], time, season)
    if n_pre < design.shape[1] + 1:
        raise CannotEstimate("de reeks vóór de start is te kort voor een trend")
    line = design @ np.linalg.pinv(design[:n_pre])
    gap = comparison.series - np.einsum("tp,...p->...t", line, comparison.series[..., :n_pre])
    return Counterfactual(gap[..., n_pre:].mean(axis=-1), gap, None, None, n_pre)


def interrupted_time_series(
    values: Sequence[float], *, n_pre: int, estimand: str, season: int | None = None, lags: int | None = None
) -> SegmentedTrend:
    """Fit a line with its own level and slope before and after the start to a long series (months, quarters).

    One series does not tell whether other regions moved alike, so that the result on its own establishes nothing.

    Parameters
    ----------
    values : sequence of T floats
        Consecutive periods, complete.
    n_pre : int
        Periods before the start; at least 24, and two seasons.
    estimand : str
        What is estimated, in Dutch.
    season : int, optional
        Periods in a season (12 for months): a dummy for each.
    lags : int, optional
        Of the HAC covariance; by default 4 (T / 100)^(2/9), rounded down (Newey and West).

    Returns
    -------
    SegmentedTrend

    Raises
    ------
    CannotEstimate
        When a value is missing or the series is too short.
    """
    outcome = _long_series(values, n_pre, season)
    lags = int(4 * (len(outcome) / 100) ** (2 / 9)) if lags is None else lags
    time = np.arange(len(outcome))
    after = (time >= n_pre).astype(float)
    since = after * (time - n_pre)
    design = _with_seasons([np.ones(len(outcome)), time - n_pre, after, since], time, season)
    fit = OLS(outcome, design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True, "kernel": "bartlett"}
    )
    mean_effect = np.zeros(design.shape[1])
    mean_effect[2:4] = 1.0, since[n_pre:].mean()
    test = fit.t_test(mean_effect)
    # Tuples, which can be hashed: the reference of a design is drawn once.
    reference = _reference(tuple(map(tuple, design)), tuple(mean_effect), lags)
    persistence, statistics = reference.given(_autocorrelation(fit.resid[None, :])[0])
    value, error = float(np.squeeze(test.effect)), float(np.squeeze(test.sd))
    return SegmentedTrend(
        estimate=_segmented_estimate(value, error, statistics, lags, estimand, (n_pre, len(outcome) - n_pre)),
        level_change=float(fit.params[2]),
        slope_change=float(fit.params[3]),
        fitted=np.asarray(fit.fittedvalues),
        counterfactual=fit.fittedvalues - fit.params[2] * after - fit.params[3] * since,
        lags=lags,
        persistence=persistence,
    )


def _long_series(values: Sequence[float], n_pre: int, season: int | None) -> np.ndarray:
    """Take a series, shape (T,), when it is complete and long enough."""
    outcome = np.asarray(values, dtype=float)
    n_post = len(outcome) - n_pre
    if not np.isfinite(outcome).all():
        raise CannotEstimate("een cijfer in de reeks ontbreekt")
    needed = max(_MINIMUM_PRE_HAC, 2 * (season or 0))
    if n_pre < needed or n_post < 3:
        raise CannotEstimate(
            f"de reeks telt {n_pre} perioden vóór en {n_post} na de start; er zijn er minstens {needed} en 3 nodig"
        )
    return outcome


def _with_seasons(columns: list[np.ndarray], time: np.ndarray, season: int | None) -> np.ndarray:
    """Set columns beside a dummy for every place in the season but the first, shape (T, columns)."""
    return np.column_stack([*columns, *((time % season == k).astype(float) for k in range(1, season or 1))])


@dataclass(frozen=True, slots=True, eq=False)
class _Reference:
    """What the residuals and the t-statistic of a design do without effect, for each persistence of `_PERSISTENCE`.

    Attributes
    ----------
    autocorrelation : array, shape (P,)
        Median first-order autocorrelation of the residuals.
    statistics : array, shape (P, draws)
        Absolute t-statistics, in order.
    """

    autocorrelation: np.ndarray
    statistics: np.ndarray

    def given(self, autocorrelation: float) -> tuple[float, np.ndarray]:
        """Return the persistence of which this autocorrelation is the median, and its absolute t-statistics."""
        place = float(np.interp(autocorrelation, self.autocorrelation, np.arange(len(_PERSISTENCE))))
        below = min(int(place), len(_PERSISTENCE) - 2)
        share = place - below
        statistics = (1 - share) * self.statistics[below] + share * self.statistics[below + 1]
        return float(np.interp(place, np.arange(len(_PERSISTENCE)), _PERSISTENCE)), statistics


@cache
def _reference(design: tuple[tuple[float, ...], ...], combination: tuple[float, ...], lags: int) -> _Reference:
    matrix = np.array(design)
    total, parameters = matrix.shape
    inverse = np.linalg.pinv(matrix)
    weights = np.array(combination) @ inverse
    remove_fit = np.eye(total) - matrix @ inverse
    time = np.arange(total)
    kernel = np.clip(1 - np.abs(time[:, None] - time) / (lags + 1), 0, None) * total / (total - parameters)
    noise = np.random.default_rng(_SEED).normal(size=(_DRAWS, total))
    medians, statistics = [], []
    for persistence in _PERSISTENCE:
        errors = noise @ np.linalg.cholesky(persistence ** np.abs(time[:, None] - time)).T
        residuals = errors @ remove_fit
        scores = residuals * weights
        variance = np.einsum("nt,nt->n", scores @ kernel, scores)
        medians.append(np.median(_autocorrelation(residuals)))
        statistics.append(np.sort(np.abs(errors @ weights) / np.sqrt(variance)))
    return _Reference(np.array(medians), np.array(statistics))


def _autocorrelation(residuals: np.ndarray) -> np.ndarray:
    """First-order autocorrelation of series without mean, shape (n, T) to (n,); 0 where the line fits exactly."""
    square = (residuals**2).sum(axis=1)
    product = (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1)
    return np.divide(product, square, out=np.zeros_like(square), where=square > 0)


def _segmented_estimate(
    value: float, error: float, statistics: np.ndarray, lags: int, estimand: str, counts: tuple[int, int]
) -> Estimate:
    # Quantiles of |t|: 95% for the test; 60% of |t| is 80% of t, what 80% power asks on top.
    critical, usual = np.quantile(statistics, [0.95, 0.60])
    as_large = (statistics * error >= abs(value)).sum()
    return Estimate(
        estimand=estimand,
        value=value,
        std_error=error,
        ci_low=value - float(critical) * error,
        ci_high=value + float(critical) * error,
        p_value=float((1 + as_large) / (1 + len(statistics))),
        mde=float(critical + usual) * error,
        n_pre=counts[0],
        n_post=counts[1],
        inference=(
            f"gesegmenteerde regressie, HAC-fouten met {lags} vertragingen en voor deze reeks nagebootste kritieke "
            "waarden, zonder placeboregio's"
        ),
        reason="één reeks zonder placeboregio's laat niet zien of een verschil van deze grootte ook elders voorkomt",
        warning="het interval geldt voor schokken die van maand op maand uitdoven; bij langere schokken is het te smal",
    )
