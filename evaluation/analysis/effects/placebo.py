"""Inference by placebo regions: what the same estimator finds where no deal was.

Every region that could have been the treated one is estimated in the same way; how often a placebo region deviates at
least as much is the p-value.  Nothing is drawn at random.  With K placebo regions no p below 1 / (K + 1) exists, so
that number and the smallest effect that would show stand beside every estimate.

What is ranked is the *studentised* effect unless a design says otherwise: the effect divided by the root mean squared
deviation before the start (RMSPE), of each region by its own.  A region that is followed badly deviates afterwards as
well, and would set the limit for all others.  p, rank, interval and smallest visible effect are all of that one test.

References
----------
Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105(490), section 3.4.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.analysis.effects.arrays import numbers
from evaluation.analysis.effects.comparison import Comparison, Counterfactual, Estimator
from evaluation.analysis.effects.estimate import ALPHA, NOT_JUDGED, CannotEstimate, Estimate

Statistic = Literal["studentised", "effect"]

POWER = 0.80
"""Share of shifted placebo regions in which an effect of the size of the MDE is seen."""

_TIE = 1e-12
"""Relative difference below which two statistics are equally large."""
_NO_DEVIATION = 0.01
"""RMSPE below which a region is followed without a deviation worth the name, as a share of the median over regions."""
_ROUNDING = 1e-4
"""The same, as a share of the deviations of all regions and periods, where all are followed so."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaceboInference:
    """What placebo regions say about an effect, all by one test.

    Attributes
    ----------
    rank : int array, shape (...)    Place of the treated region among all, the largest first; the last of those equal.
    tied : int array, shape (...)    How many placebo regions have exactly its statistic.
    p_value : array, shape (...)    Two-sided permutation p.
    p_attainable : float    Smallest p that exists with so many placebo regions.
    std_error : array, shape (...)    Spread (ddof 0) of the placebo statistics, times the own RMSPE where studentised.
    ci_low, ci_high : array, shape (...)    95% interval; infinite where so few regions cannot bound it.
    mde : array, shape (...)    See `detectable_effect`; infinite where so few regions can show nothing.
    """

    rank: np.ndarray
    tied: np.ndarray
    p_value: np.ndarray
    p_attainable: float
    std_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    mde: np.ndarray


def permutation_p(effect: npt.ArrayLike, placebos: npt.ArrayLike) -> np.ndarray:
    """Count which share of all regions, the treated one included, deviates at least as much.

    >>> float(permutation_p(np.array(3.0), np.array([1.0, -4.0, 2.0])))
    0.5

    Parameters
    ----------
    effect, placebos : array_like, shape (...) and (..., K)
        Statistic of the treated region and of the placebo regions, same unit; equal ones count as at least as much.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    CannotEstimate
        When there are no placebo regions, or a number is missing or infinite.
    """
    own, others = numbers(effect, "de effecten"), _placebos(placebos)
    if own.shape != others.shape[:-1]:
        raise CannotEstimate(f"effecten van vorm {own.shape} passen niet bij placebo's van vorm {others.shape}")
    return (1 + _as_large(own, others).sum(axis=-1)) / (1 + others.shape[-1])


def smallest_p(n_placebo: int) -> float:
    """Give the smallest p that a permutation over so many placebo regions can have.

    Parameters
    ----------
    n_placebo : int
        With 39 it is 0.025.

    Returns
    -------
    float

    Raises
    ------
    CannotEstimate
        For a negative number.
    """
    if n_placebo < 0:
        raise CannotEstimate(f"{n_placebo} placeboregio's bestaan niet")
    return 1 / (n_placebo + 1)


def placebo_interval(effect: npt.ArrayLike, placebos: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Give the effects that the placebo regions do not rule out (95%).

    An effect added to the treated region moves its estimate by as much and no placebo's: `critical_value` either way.

    Parameters
    ----------
    effect, placebos : array_like, shape (...) and (..., K)
        As in `permutation_p`.

    Returns
    -------
    low, high : arrays, shape (...)
    """
    own, half = numbers(effect, "de effecten"), critical_value(placebos)
    return own - half, own + half


def critical_value(placebos: npt.ArrayLike, alpha: float = ALPHA) -> np.ndarray:
    """Give the largest deviation that the permutation test does not reject.

    It is the m-th largest placebo statistic, with m = floor(alpha (K + 1)).

    Parameters
    ----------
    placebos, alpha : array_like, shape (..., K), and float
        Statistics of the placebo regions; size of the test.

    Returns
    -------
    array, shape (...)
        Infinite where m is 0: so few regions cannot reject anything.
    """
    others = _placebos(placebos)
    rank = _largest_rank(others.shape[-1] + 1, alpha)
    if rank == 0:
        return np.full(others.shape[:-1], np.inf)
    return -np.partition(-np.abs(others), rank - 1, axis=-1)[..., rank - 1]


def detectable_effect(effects: npt.ArrayLike, scales: npt.ArrayLike | None = None) -> np.ndarray:
    """Find the smallest effect that the test itself shows in 80% of the placebo regions.

    Each placebo region is shifted by an effect, once up and once down, and tested among the other placebo regions as
    the treated region is among all: by the same m-th largest (`critical_value`).  The treated region has no part in it,
    so that each has one region fewer beside it; a limit by their own number would, with 39 regions, be the largest in
    place of the second (5% of 40 is 2), which is another test.  An effect is seen where the test rejects on its side.
    Exact: of each region and side the effect from which on it is seen is known, and the MDE is the one that 80% of
    these do not pass.

    Parameters
    ----------
    effects, scales : array_like, shape (..., K)
        Of the placebo regions; what each is divided by (its RMSPE), by default nothing.

    Returns
    -------
    array, shape (...)
        Not negative; infinite where so few regions can show nothing.

    Raises
    ------
    CannotEstimate
        When there are no placebo regions, a number is missing, or one of `scales` is not above zero.
    """
    others = _placebos(effects)
    by = np.ones_like(others) if scales is None else _placebos(scales)
    if by.shape != others.shape or (by <= 0).any():
        raise CannotEstimate("elke placeboregio heeft een afwijking vóór de start nodig die groter is dan nul")
    count = others.shape[-1]
    rank = _largest_rank(count + 1, ALPHA)
    if rank == 0 or rank >= count:
        return np.full(others.shape[:-1], np.inf)
    ratios = np.abs(others) / by
    ordered = -np.sort(-ratios, axis=-1)
    # Among the others: a region that is itself among the largest leaves room for the next one.
    limit = np.where(ratios >= ordered[..., [rank - 1]], ordered[..., [rank]], ordered[..., [rank - 1]]) * by
    seen_from = np.sort(np.concatenate([limit - others, limit + others], axis=-1), axis=-1)
    needed = int(np.ceil(POWER * 2 * count - 1e-9))
    return np.maximum(seen_from[..., needed - 1], 0.0)


def scales_of(found: Counterfactual, statistic: Statistic) -> np.ndarray:
    """Give what each region's effect is divided by before regions are ranked.

    Parameters
    ----------
    found, statistic : Counterfactual, "studentised" | "effect"
        Of all regions.

    Returns
    -------
    array, shape (..., R)
        The RMSPE before the start, or ones.

    Raises
    ------
    CannotEstimate
        When a region is followed without any deviation: a ratio to that does not exist.
    """
    if statistic == "effect":
        return np.ones(found.effect.shape)
    if statistic != "studentised":
        raise CannotEstimate(f"er is geen toetsgrootheid {statistic!r}; wel: studentised, effect")
    rmspe = found.pre_rmspe
    # With more donors than years before, weights can follow a region to the last digit: what is divided by that digit
    # ranks rounding, and not regions.
    usual = np.median(rmspe, axis=-1, keepdims=True)
    rounding = _ROUNDING * np.sqrt((found.gap**2).mean(axis=(-2, -1)))[..., None]
    if (rmspe <= np.maximum(_NO_DEVIATION * usual, rounding)).any():
        raise CannotEstimate(
            "de vergelijking volgt een regio vóór de start zonder noemenswaardige afwijking, zodat een verhouding tot "
            "die afwijking niets zegt"
        )
    return rmspe


def placebo_inference(effects: npt.ArrayLike, scales: npt.ArrayLike | None = None) -> PlaceboInference:
    """Compare the effect of the treated region with those of the placebo regions.

    Parameters
    ----------
    effects, scales : array_like, shape (..., R)
        The treated region first; what each is divided by (`scales_of`), by default nothing.

    Returns
    -------
    PlaceboInference

    Raises
    ------
    CannotEstimate
        When there are no placebo regions, a number is missing, or one of `scales` is not above zero.
    """
    both = _placebos(effects)
    by = np.ones_like(both) if scales is None else _placebos(scales)
    if by.shape != both.shape or (by <= 0).any():
        raise CannotEstimate("elke regio heeft een afwijking vóór de start nodig die groter is dan nul")
    own, placebos = (both / by)[..., 0], (both / by)[..., 1:]
    half = critical_value(placebos) * by[..., 0]
    large = _as_large(own, placebos)
    return PlaceboInference(
        rank=1 + large.sum(axis=-1),
        tied=(large & (np.abs(placebos) <= np.abs(own)[..., None] * (1 + _TIE))).sum(axis=-1),
        p_value=permutation_p(own, placebos),
        p_attainable=smallest_p(placebos.shape[-1]),
        std_error=placebos.std(axis=-1) * by[..., 0],
        ci_low=both[..., 0] - half,
        ci_high=both[..., 0] + half,
        mde=detectable_effect(both[..., 1:], by[..., 1:]),
    )


def estimate_with_placebos(
    comparison: Comparison,
    estimator: Estimator,
    *,
    estimand: str,
    method_name: str,
    statistic: Statistic = "studentised",
) -> tuple[Estimate, Counterfactual]:
    """Estimate one outcome for the treated region and give it the uncertainty that its placebo regions show.

    Parameters
    ----------
    comparison, estimator, estimand, method_name : Comparison, callable, str
        One outcome: `series` of shape (R, T); such as `synthetic_did`; and what they are, in Dutch.
    statistic : "studentised" | "effect"
        What regions are ranked by.

    Returns
    -------
    Estimate, Counterfactual
        Not yet judged (`judgement.judge_deviation`), on the scale of the outcome; and of all regions, for figures and
        checks.

    Raises
    ------
    CannotEstimate
        When there is no placebo region, or a region is followed without any deviation (`scales_of`).
    ValueError
        When the comparison has more than one outcome.
    """
    if comparison.series.ndim != 2:
        raise ValueError("one outcome at a time: series must have shape (R, T)")
    if comparison.n_placebo == 0:
        raise CannotEstimate("er zijn geen placeboregio's")
    found = estimator(comparison)
    inference = placebo_inference(found.effect, scales_of(found, statistic))
    bounded = bool(np.isfinite(inference.ci_low))
    estimate = Estimate(
        estimand=estimand,
        value=float(found.effect[0]),
        std_error=float(inference.std_error),
        ci_low=float(inference.ci_low) if bounded else None,
        ci_high=float(inference.ci_high) if bounded else None,
        p_value=float(inference.p_value),
        p_attainable=float(inference.p_attainable),
        rank=int(inference.rank),
        mde=float(inference.mde) if np.isfinite(inference.mde) else None,
        n_pre=comparison.n_pre,
        n_post=comparison.n_post,
        n_placebo=comparison.n_placebo,
        inference=_inference_words(method_name, comparison, bounded, statistic),
        reason=NOT_JUDGED,
        warning=_tied_words(int(inference.tied)),
    )
    return estimate, found


def _inference_words(method_name: str, comparison: Comparison, bounded: bool, statistic: Statistic) -> str:
    by = ", afwijking gedeeld door die vóór de start" if statistic == "studentised" else ""
    inverted = "95%-interval door omkering van de permutatietoets"
    interval = inverted if bounded else "een 95%-interval is met zo weinig regio's niet te geven"
    return f"{method_name}, {comparison.n_placebo} placeboregio's{by}, {interval}"


def _tied_words(tied: int) -> str:
    if not tied:
        return ""
    also = "één andere regio" if tied == 1 else f"{tied} andere regio's"
    return f"{also} week precies even sterk af; gelijke afwijkingen tellen als minstens zo groot"


def _placebos(values: npt.ArrayLike) -> np.ndarray:
    found = numbers(values, "de effecten van placeboregio's")
    if found.ndim == 0 or found.shape[-1] == 0:
        raise CannotEstimate("er zijn geen placeboregio's")
    return found


def _as_large(own: np.ndarray, placebos: np.ndarray) -> np.ndarray:
    return np.abs(placebos) >= np.abs(own)[..., None] * (1 - _TIE)


def _largest_rank(regions: int, alpha: float) -> int:
    """Count how many of so many regions may lie at or beyond a deviation that is rejected, itself included."""
    return int(np.floor(alpha * regions + 1e-9))  # a whole product stays whole, however rounded
