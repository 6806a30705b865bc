"""Two-way fixed effects of municipalities with one start date: tried out, and used for no judgement.

Treated municipalities of one region share their shocks, so that these errors are too small.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from evaluation.analysis.effects.comparison import Comparison, Counterfactual
from evaluation.analysis.effects.estimate import CannotEstimate, Estimate
from evaluation.analysis.effects.event_study import EventStudy, difference_in_differences
from studies.cluster_inference import Contrast, Labels, Vcov, contrast


def event_study(
    outcomes: np.ndarray,
    treated: np.ndarray,
    *,
    periods: Sequence[int],
    reference: int,
    clusters: Labels | None = None,
    vcov: Vcov = "CRV1",
) -> EventStudy:
    """Estimate a coefficient per period, for `outcomes` of shape (N, T); each unit is a cluster by default.

    Raises
    ------
    CannotEstimate
        When a value is missing, clusters are too few or there are no figures of the reference.
    """
    values = np.asarray(outcomes, dtype=float)
    if reference not in periods:
        raise CannotEstimate(f"er zijn geen cijfers over het basisjaar {reference}")
    column = list(periods).index(reference)
    kept = tuple(int(period) for period in periods if period != reference)
    found = contrast(
        np.delete(values, column, axis=1) - values[:, [column]],
        treated,
        np.arange(len(values)) if clusters is None else clusters,
        vcov=vcov,
        n_observations=values.size,
        n_parameters=2 * len(kept) + 1,
    )
    joint_p = _wald(found, np.asarray(kept) < reference)
    # The F test knows no smallest p.
    return EventStudy(kept, reference, found.value, found.covariance, joint_p, p_attainable=0.0)


def clustered_did(
    outcomes: np.ndarray, treated: np.ndarray, *, n_pre: int, clusters: Labels | None = None, vcov: Vcov
) -> Estimate:
    """Estimate two by two, with the errors asked for; by CRV3 over municipalities it is `event_study.municipal_did`."""
    values = np.asarray(outcomes, dtype=float)
    change = values[:, n_pre:].mean(axis=1) - values[:, :n_pre].mean(axis=1)
    labels = np.arange(len(values)) if clusters is None else clusters
    found = contrast(
        change[:, None], treated, labels, vcov=vcov, n_observations=values.size, n_parameters=values.shape[1] + 1
    )
    value, error = float(found.value[0]), float(np.sqrt(found.covariance[0, 0]))
    # G - 1 degrees of freedom and not those of the observations: clusters are what was seen independently.
    degrees = found.n_clusters - 1
    half = float(stats.t.ppf(0.975, degrees)) * error
    return Estimate(
        estimand="",
        value=value,
        std_error=error,
        ci_low=value - half,
        ci_high=value + half,
        p_value=float(2 * stats.t.sf(abs(value / error), degrees)),
        n_pre=n_pre,
        n_post=values.shape[1] - n_pre,
        inference=f"{vcov} met {found.n_clusters} clusters, waarvan {found.n_treated_clusters} behandeld",
        reason="",
    )


def event_study_effects(comparison: Comparison) -> Counterfactual:
    """Compare each period with the last one before the start, and that with the donors.

    What an event study gives for one region: `gap` has the coefficients.  It rests on one year before the start, so
    that `difference_in_differences` is steadier, and this shows the course.
    """
    found = difference_in_differences(comparison)
    gap = found.gap - found.gap[..., comparison.n_pre - 1, None]
    return Counterfactual(gap[..., comparison.n_pre :].mean(axis=-1), gap, found.unit_weights, None, comparison.n_pre)


def _wald(found: Contrast, before: np.ndarray) -> float | None:
    """F test that the coefficients before are zero, with G - 1 degrees of freedom; None where it cannot be made."""
    count = int(before.sum())
    if count == 0:
        return None
    covariance = found.covariance[np.ix_(before, before)]
    if np.linalg.matrix_rank(covariance) < count:
        return None
    value = found.value[before]
    statistic = float(value @ np.linalg.solve(covariance, value)) / count
    return float(stats.f.sf(statistic, count, found.n_clusters - 1))
