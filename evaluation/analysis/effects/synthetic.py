"""Synthetic control on outcomes alone and synthetic difference-in-differences, for all regions of a comparison at once.

References
----------
Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105(490); here without other
predictors, so that no choice of their importance has to be made.
Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12).
"""

import numpy as np

from evaluation.analysis.effects.comparison import Comparison, Counterfactual
from evaluation.analysis.effects.simplex import simplex_weights

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
