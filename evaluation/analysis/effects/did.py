"""Difference-in-differences for one aggregated region: how much more it changed than its donors did on average."""

from __future__ import annotations

import numpy as np

from evaluation.analysis.effects.comparison import Comparison, Counterfactual


def difference_in_differences(comparison: Comparison, *, donor_weights: np.ndarray | None = None) -> Counterfactual:
    """Compare the change in mean outcome from before to after with that of the donors (two by two).

    Assumes that the region would have changed as its donors did.  With one region and one start this is what two-way
    fixed effects give.

    Parameters
    ----------
    comparison : Comparison
        Regions and donors.
    donor_weights : array, shape (D,), optional
        Size of each donor (inhabitants); equal by default.
    """
    size = np.ones(len(comparison.donor_names)) if donor_weights is None else np.asarray(donor_weights, dtype=float)
    weights = comparison.available * size
    weights = weights / weights.sum(axis=1, keepdims=True)
    raw = comparison.series - weights @ comparison.donors
    gap = raw - raw[..., : comparison.n_pre].mean(axis=-1, keepdims=True)
    unit = np.broadcast_to(weights, (*raw.shape[:-1], weights.shape[-1]))
    return Counterfactual(gap[..., comparison.n_pre :].mean(axis=-1), gap, unit, None, comparison.n_pre)


def event_study_effects(comparison: Comparison, *, donor_weights: np.ndarray | None = None) -> Counterfactual:
    """Compare each period with the last one before the start, and that with the donors.

    What an event study gives for one region: `gap` has the coefficients.  It rests on one year before the start, so
    that `difference_in_differences` is steadier, and this shows the course.
    """
    found = difference_in_differences(comparison, donor_weights=donor_weights)
    gap = found.gap - found.gap[..., comparison.n_pre - 1, None]
    return Counterfactual(gap[..., comparison.n_pre :].mean(axis=-1), gap, found.unit_weights, None, comparison.n_pre)


def two_by_two(treated_pre, treated_post, control_pre, control_post) -> float:
    """Difference of two differences of means; each argument is an array of outcomes in the same unit.

    Examples
    --------
    >>> two_by_two([1.0, 3.0], [5.0], [2.0], [3.0])
    2.0
    """
    return float((np.mean(treated_post) - np.mean(treated_pre)) - (np.mean(control_post) - np.mean(control_pre)))
