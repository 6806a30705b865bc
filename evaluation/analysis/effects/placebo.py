"""Inference by placebo regions: what the same estimator finds where no deal was.

Every region that could have been the treated one is estimated in the same way; how often a placebo region deviates at
least as much is the p-value.  Nothing is drawn at random.  With K placebo regions no p below 1 / (K + 1) exists, so
that number and the smallest effect that would show stand beside every estimate.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.comparison import Comparison, Counterfactual, Estimator
from evaluation.analysis.effects.estimate import ALPHA, CannotEstimate, Estimate

_POWER_FACTOR = 2.80
"""z(0.975) + z(0.80): standard deviations that an effect must measure to be found with 80% power at 5%."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaceboInference:
    """What placebo regions say about an effect.

    Attributes
    ----------
    p_value : array, shape (...)    Two-sided permutation p.
    p_attainable : float    Smallest p that exists with so many placebo regions.
    std_error : array, shape (...)    Standard deviation (ddof 0) of the placebo effects.
    ci_low, ci_high : array, shape (...)    95% interval; infinite where so few regions cannot bound it.
    mde : array, shape (...)    2.80 standard deviations of the placebo effects; the treated region has no part in it.
    """

    p_value: np.ndarray
    p_attainable: float
    std_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    mde: np.ndarray


def permutation_p(effect: np.ndarray, placebos: np.ndarray) -> np.ndarray:
    """Count which share of all regions, the treated one included, deviates at least as much.

    >>> float(permutation_p(np.array(3.0), np.array([1.0, -4.0, 2.0])))
    0.5

    Parameters
    ----------
    effect, placebos : arrays, shape (...) and (..., K)
        Of the treated region and of the placebo regions, same unit.

    Returns
    -------
    array, shape (...)
    """
    as_large = np.abs(placebos) >= np.abs(np.asarray(effect))[..., None]
    return (1 + as_large.sum(axis=-1)) / (1 + placebos.shape[-1])


def smallest_p(n_placebo: int) -> float:
    """Give the smallest p that a permutation over so many placebo regions can have.

    Parameters
    ----------
    n_placebo : int
        With 39 it is 0.025.

    Returns
    -------
    float
    """
    return 1 / (n_placebo + 1)


def placebo_interval(effect: np.ndarray, placebos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the effects that the placebo regions do not rule out (95%).

    An effect added to the treated region moves its estimate by as much and no placebo's: `critical_value` either way.

    Parameters
    ----------
    effect, placebos : arrays, shape (...) and (..., K)
        As in `permutation_p`.

    Returns
    -------
    low, high : arrays, shape (...)
    """
    half = critical_value(placebos)
    return effect - half, effect + half


def critical_value(placebos: np.ndarray) -> np.ndarray:
    """Give the largest deviation that the permutation test does not reject.

    It is the m-th largest placebo effect, with m = floor(ALPHA (K + 1)).

    Parameters
    ----------
    placebos : array, shape (..., K)
        Effects of the placebo regions.

    Returns
    -------
    array, shape (...)
        Infinite where m is 0: so few regions cannot reject anything.
    """
    rank = int(np.floor(ALPHA * (placebos.shape[-1] + 1) + 1e-9))  # a whole product stays whole, however rounded
    if rank == 0:
        return np.full(placebos.shape[:-1], np.inf)
    return -np.partition(-np.abs(placebos), rank - 1, axis=-1)[..., rank - 1]


def placebo_inference(effects: np.ndarray) -> PlaceboInference:
    """Compare the effect of the treated region with those of the placebo regions.

    Parameters
    ----------
    effects : array, shape (..., R)
        The treated region first.

    Returns
    -------
    PlaceboInference
    """
    effect, placebos = effects[..., 0], effects[..., 1:]
    low, high = placebo_interval(effect, placebos)
    spread = placebos.std(axis=-1)
    return PlaceboInference(
        p_value=permutation_p(effect, placebos),
        p_attainable=smallest_p(placebos.shape[-1]),
        std_error=spread,
        ci_low=low,
        ci_high=high,
        mde=_POWER_FACTOR * spread,
    )


def estimate_with_placebos(
    comparison: Comparison, estimator: Estimator, *, estimand: str, method_name: str
) -> tuple[Estimate, Counterfactual]:
    """Estimate one outcome for the treated region and give it the uncertainty that its placebo regions show.

    Parameters
    ----------
    comparison, estimator, estimand, method_name : Comparison, callable, str
        One outcome: `series` of shape (R, T); such as `synthetic_did`; and what they are, in Dutch.

    Returns
    -------
    Estimate, Counterfactual
        Not yet judged (`judgement.judge_deviation`); and of all regions, for figures and checks.

    Raises
    ------
    CannotEstimate
        When there is no placebo region.
    ValueError
        When the comparison has more than one outcome.
    """
    if comparison.series.ndim != 2:
        raise ValueError("one outcome at a time: series must have shape (R, T)")
    if comparison.n_placebo == 0:
        raise CannotEstimate("er zijn geen placeboregio's")
    found = estimator(comparison)
    inference = placebo_inference(found.effect)
    bounded = bool(np.isfinite(inference.ci_low))
    estimate = Estimate(
        estimand=estimand,
        value=float(found.effect[0]),
        std_error=float(inference.std_error),
        ci_low=float(inference.ci_low) if bounded else None,
        ci_high=float(inference.ci_high) if bounded else None,
        p_value=float(inference.p_value),
        p_attainable=float(inference.p_attainable),
        mde=float(inference.mde),
        n_pre=comparison.n_pre,
        n_post=comparison.n_post,
        n_placebo=comparison.n_placebo,
        inference=_inference_words(method_name, comparison, bounded),
        reason="nog niet beoordeeld",
    )
    return estimate, found


def _inference_words(method_name: str, comparison: Comparison, bounded: bool) -> str:
    inverted = "95%-interval door omkering van de permutatietoets"
    interval = inverted if bounded else "een 95%-interval is met zo weinig regio's niet te geven"
    return f"{method_name}, {comparison.n_placebo} placeboregio's, {interval}"
