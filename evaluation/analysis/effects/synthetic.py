"""Synthetic control and synthetic difference-in-differences, for all regions of a comparison at once.

References
----------
Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105(490); here on outcomes, or
on predictors of which the importance is equal or cross-validated.  Their nested search for importance is not offered:
it is not identified, and programs that claim to do it end at other donors.
Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12).
"""

from itertools import combinations
from typing import Literal

import numpy as np

from evaluation.analysis.effects.arrays import numbers
from evaluation.analysis.effects.comparison import Comparison, Counterfactual, Estimator
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.simplex import simplex_weights

_MOST_PREDICTORS = 8
"""Every choice of these is tried in cross-validation: 255."""

_TIME_RIDGE = 1e-6
"""As in the paper: only so much of the donors' noise that the time weights are unique."""


def synthetic_control(comparison: Comparison) -> Counterfactual:
    """Weigh donors so that their weighted outcome follows the region before the start (weights not negative, sum one).

    Assumes that the region lies among its donors; `pre_rmspe` of the result shows whether it does.

    Parameters
    ----------
    comparison : Comparison
        Regions and donors; one outcome or more.

    Returns
    -------
    Counterfactual
        Without time weights.
    """
    n_pre = comparison.n_pre
    columns = np.swapaxes(comparison.donors[..., None, :, :n_pre], -1, -2)
    weights = simplex_weights(columns, comparison.series[..., :n_pre], available=comparison.available)
    gap = comparison.series - weights @ comparison.donors
    return Counterfactual(gap[..., n_pre:].mean(axis=-1), gap, weights, None, n_pre)


def predictor_control(
    predictors: np.ndarray,
    *,
    donor_predictors: np.ndarray | None = None,
    importance: Literal["equal", "cross-validated"] = "equal",
) -> Estimator:
    """Make a synthetic control that weighs donors so that they resemble a region in predictors.

    Each predictor is divided by its standard deviation over the regions.  They count equally, or those count that
    predict best in the time before: every choice of predictors is tried on the placebo regions, and the one with the
    smallest squared error over the second half of the time before is taken for all.  The treated region and the time
    after have no part in that choice.  Predictors should then be of the first half.

    Parameters
    ----------
    predictors, donor_predictors : arrays, shape (R, P) and (D, P)
        Of the regions of the comparison, and of its donors; by default these are all regions but the first.
    importance : "equal" | "cross-validated"
        How predictors count.

    Returns
    -------
    callable
        From a `Comparison` to a `Counterfactual`; it raises CannotEstimate when predictors do not fit the comparison,
        are the same everywhere, or are too many to try.
    """

    def estimate(comparison: Comparison) -> Counterfactual:
        own, theirs = _standardised(predictors, donor_predictors, comparison)
        chosen = list(range(own.shape[1]))
        if importance == "cross-validated":
            chosen = _best_predictors(own, theirs, comparison)
        weights = _resembling(own, theirs, chosen, comparison.available)
        gap = comparison.series - weights @ comparison.donors
        unit = np.broadcast_to(weights, (*comparison.series.shape[:-1], weights.shape[-1]))
        return Counterfactual(gap[..., comparison.n_pre :].mean(axis=-1), gap, unit, None, comparison.n_pre)

    return estimate


def _standardised(
    predictors: np.ndarray, donor_predictors: np.ndarray | None, comparison: Comparison
) -> tuple[np.ndarray, np.ndarray]:
    own = numbers(predictors, "de voorspellers", ndim=2)
    theirs = own[1:] if donor_predictors is None else numbers(donor_predictors, "de voorspellers", ndim=2)
    regions, donors = comparison.available.shape
    if own.shape[0] != regions or theirs.shape != (donors, own.shape[1]):
        raise CannotEstimate(f"voorspellers van {len(own)} en {len(theirs)} regio's; verwacht: {regions} en {donors}")
    if own.shape[1] == 0:
        raise CannotEstimate("er is geen voorspeller")
    spread = np.vstack([own[:1], theirs]).std(axis=0)
    if (spread == 0).any():
        raise CannotEstimate("een voorspeller is overal gelijk")
    return own / spread, theirs / spread


def _resembling(own: np.ndarray, theirs: np.ndarray, chosen: list[int], available: np.ndarray) -> np.ndarray:
    return simplex_weights(theirs[:, chosen].T[None], own[:, chosen], available=available)


def _best_predictors(own: np.ndarray, theirs: np.ndarray, comparison: Comparison) -> list[int]:
    """Choose the predictors with which placebo regions are predicted best in the second half of the time before."""
    count = own.shape[1]
    if count > _MOST_PREDICTORS:
        raise CannotEstimate(f"van {count} voorspellers zijn niet alle keuzen te proberen; hooguit {_MOST_PREDICTORS}")
    if comparison.n_placebo == 0:
        raise CannotEstimate("zonder placeboregio's is niet te zien welke voorspellers voorspellen")
    held_out = slice(comparison.n_pre // 2, comparison.n_pre)
    choices = [list(some) for size in range(1, count + 1) for some in combinations(range(count), size)]
    errors = []
    for chosen in choices:
        weights = _resembling(own[1:], theirs, chosen, comparison.available[1:])
        missed = comparison.series[..., 1:, held_out] - weights @ comparison.donors[..., held_out]
        errors.append(float((missed**2).mean()))
    return choices[int(np.argmin(errors))]


def synthetic_did(comparison: Comparison) -> Counterfactual:
    """Weigh donors and periods, and take the difference of the differences (Arkhangelsky et al. 2021).

    Unit weights have an intercept and a ridge zeta = (treated units times periods after)^(1/4) times the standard
    deviation of the donors' changes from period to period; time weights have an intercept and a negligible ridge.
    Assumes less on levels than synthetic control and less on parallel trends than difference-in-differences.

    Parameters
    ----------
    comparison : Comparison
        Regions and donors; one outcome or more.

    Returns
    -------
    Counterfactual
        With weights of donors and of periods before.
    """
    n_pre = comparison.n_pre
    unit, time = _unit_weights(comparison), _time_weights(comparison)
    raw = comparison.series - unit @ comparison.donors
    gap = raw - (time * raw[..., :n_pre]).sum(axis=-1, keepdims=True)
    return Counterfactual(gap[..., n_pre:].mean(axis=-1), gap, unit, time, n_pre)


def zeta_omega(comparison: Comparison) -> np.ndarray:
    """Give the ridge of the unit weights.

    Parameters
    ----------
    comparison : Comparison
        As in `synthetic_did`; `n_members` counts the treated units.

    Returns
    -------
    array, shape (..., R)
        In the unit of the outcome.
    """
    members = 1 if comparison.n_members is None else comparison.n_members
    return (members * comparison.n_post) ** 0.25 * _noise(comparison)


def _unit_weights(comparison: Comparison) -> np.ndarray:
    """Weigh the donors in synthetic DiD, shape (..., R, D)."""
    n_pre = comparison.n_pre
    columns = _centred(comparison.donors[..., None, :, :n_pre])
    target = _centred(comparison.series[..., :n_pre])
    ridge = zeta_omega(comparison) ** 2 * n_pre
    return simplex_weights(np.swapaxes(columns, -1, -2), target, ridge=ridge, available=comparison.available)


def _time_weights(comparison: Comparison) -> np.ndarray:
    """Weigh the periods before in synthetic DiD, shape (..., R, n_pre).

    The equations are the donors that a region may use: what predicts their mean after the start from before.
    """
    n_pre = comparison.n_pre
    donors = comparison.donors[..., None, :, :]
    allowed = comparison.available[:, :, None]
    count = comparison.available.sum(axis=1)[:, None, None]
    later = donors[..., n_pre:].mean(axis=-1, keepdims=True)
    both = np.concatenate([donors[..., :n_pre], later], axis=-1)
    centred = np.where(allowed, both - (both * allowed).sum(axis=-2, keepdims=True) / count, 0.0)
    ridge = (_TIME_RIDGE * _noise(comparison)) ** 2 * comparison.available.sum(axis=1)
    return simplex_weights(centred[..., :n_pre], centred[..., n_pre], ridge=ridge)


def _noise(comparison: Comparison) -> np.ndarray:
    """Measure the spread (ddof 1) of first differences before the start over the donors of each region, (..., R).

    From sums per donor, so that no array of regions by donors by periods is made.
    """
    steps = np.diff(comparison.donors[..., : comparison.n_pre], axis=-1)
    count = comparison.available.sum(axis=1) * steps.shape[-1]
    allowed = comparison.available.astype(float)
    first = (steps.sum(axis=-1)[..., None, :] * allowed).sum(axis=-1)
    second = ((steps**2).sum(axis=-1)[..., None, :] * allowed).sum(axis=-1)
    return np.sqrt(np.maximum(second - first**2 / count, 0.0) / (count - 1))


def _centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=-1, keepdims=True)
