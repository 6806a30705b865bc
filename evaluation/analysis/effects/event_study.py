"""Difference-in-differences, two by two and per period, with one start date: for municipalities and for one region.

Treated municipalities of one region share their shocks, so cluster-robust errors understate; `placebo_regions` and
`placebo` give the inference on which a judgement rests.  The joint test on the time before looks for other trends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evaluation.analysis.effects.clusters import Contrast, Labels, Vcov, contrast, few_treated_warning
from evaluation.analysis.effects.comparison import Comparison, Counterfactual
from evaluation.analysis.effects.estimate import CannotEstimate, Estimate, power_factor
from evaluation.analysis.effects.placebo import permutation_p, smallest_p


@dataclass(frozen=True, slots=True, eq=False)
class EventStudy:
    """Coefficients per period against a reference period.

    Attributes
    ----------
    periods : tuple[int, ...]
        K periods, without the reference.
    reference : int
        The period that is zero by definition; the last one before the start.
    coefficients : array, shape (K,)
        Treated minus others, relative to the reference, in the unit of the outcome.
    covariance : array, shape (K, K)
    joint_pre_p : float | None
        p of the hypothesis that all coefficients before are zero; None when there is none before the reference.
    p_attainable : float | None
        Smallest p of that test with placebo regions; None for a Wald test.
    inference, warning : str
        In Dutch.
    """

    periods: tuple[int, ...]
    reference: int
    coefficients: np.ndarray
    covariance: np.ndarray
    joint_pre_p: float | None
    p_attainable: float | None
    inference: str
    warning: str

    @property
    def is_pre(self) -> np.ndarray:
        """Which coefficients are before the reference, shape (K,)."""
        return np.asarray(self.periods) < self.reference


def event_study(
    outcomes: np.ndarray,
    treated: np.ndarray,
    *,
    periods: Sequence[int],
    reference: int,
    clusters: Labels | None = None,
    vcov: Vcov = "CRV1",
) -> EventStudy:
    """Estimate two-way fixed effects with a coefficient per period, for municipalities with one start date.

    Parameters
    ----------
    outcomes : array, shape (N, T)
        Complete panel.
    treated : bool array, shape (N,)
        Which units are treated.
    periods, reference : sequence of T int, and int
        The reference is the last period before the start.
    clusters : sequence of N labels, optional
        Each unit by default.
    vcov : str
        See `clusters.contrast`.

    Returns
    -------
    EventStudy

    Raises
    ------
    CannotEstimate
        When a value is missing, clusters are too few or there are no figures of the reference.
    """
    values = np.asarray(outcomes, dtype=float)
    differences, kept = _against_reference(values, periods, reference)
    found = contrast(
        differences,
        treated,
        np.arange(len(values)) if clusters is None else clusters,
        vcov=vcov,
        n_observations=values.size,
        n_parameters=2 * len(kept) + 1,
    )
    return EventStudy(
        periods=kept,
        reference=reference,
        coefficients=found.value,
        covariance=found.covariance,
        joint_pre_p=_wald(found, np.asarray(kept) < reference),
        p_attainable=None,
        inference=_inference_words(found, vcov),
        warning=few_treated_warning(found.n_treated_clusters, found.n_clusters),
    )


def municipal_did(
    outcomes: np.ndarray,
    treated: np.ndarray,
    *,
    n_pre: int,
    estimand: str,
    clusters: Labels | None = None,
    vcov: Vcov = "CRV3",
) -> Estimate:
    """Estimate two-by-two difference-in-differences over municipalities with a cluster-robust error.

    The same number as two-way fixed effects with one dummy for treated municipalities after the start.  Never judged on
    its own: see `warning`.

    Parameters
    ----------
    outcomes : array, shape (N, T)
        The first `n_pre` periods are before the start.
    treated, clusters, vcov
        As in `event_study`.
    n_pre, estimand : int, str
        Periods before, and what is estimated, in Dutch.

    Returns
    -------
    Estimate

    Raises
    ------
    CannotEstimate
        When there is no period before or after, a value is missing or clusters are too few.
    """
    values = np.asarray(outcomes, dtype=float)
    if not 0 < n_pre < values.shape[1]:
        raise CannotEstimate("er is geen periode vóór of geen periode na de start")
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
        estimand=estimand,
        value=value,
        std_error=error,
        ci_low=value - half,
        ci_high=value + half,
        p_value=float(2 * stats.t.sf(abs(value / error), degrees)) if error > 0 else None,
        mde=power_factor(degrees) * error,
        n_pre=n_pre,
        n_post=values.shape[1] - n_pre,
        n_treated=int(np.asarray(treated, dtype=bool).sum()),
        inference=_inference_words(found, vcov),
        reason="clusterrobuuste fouten nemen schokken van de hele regio niet mee; het oordeel rust op placeboregio's",
        warning=few_treated_warning(found.n_treated_clusters, found.n_clusters),
    )


def regional_event_study(gap: np.ndarray, *, periods: Sequence[int], reference: int) -> EventStudy:
    """Give coefficients per period for one aggregated region, with the spread of its placebo regions.

    Parameters
    ----------
    gap : array, shape (R, T)
        `Counterfactual.gap` of an estimator, such as `difference_in_differences`: the treated region first, and more
        placebo regions than periods.
    periods, reference : sequence of T int, and int
        The reference is the last period before the start.

    Returns
    -------
    EventStudy
        The covariance is that of the placebo regions' coefficients; the joint test ranks the mean squared coefficient
        before the start among theirs.

    Raises
    ------
    CannotEstimate
        When there are no more placebo regions than coefficients, or no figures of the reference.
    """
    coefficients, kept = _against_reference(gap, periods, reference)
    placebos = coefficients[1:]
    if len(placebos) <= len(kept):
        raise CannotEstimate(
            f"met {len(placebos)} placeboregio's is de spreiding over {len(kept)} perioden niet te bepalen"
        )
    before = np.asarray(kept) < reference
    size = (coefficients[:, before] ** 2).mean(axis=1) if before.any() else None
    return EventStudy(
        periods=kept,
        reference=reference,
        coefficients=coefficients[0],
        # Around zero, what is expected where no deal was, and not around their mean.
        covariance=placebos.T @ placebos / len(placebos),
        joint_pre_p=None if size is None else float(permutation_p(size[0], size[1:])),
        p_attainable=smallest_p(len(placebos)),
        inference=f"spreiding van {len(placebos)} placeboregio's",
        warning="",
    )


def difference_in_differences(comparison: Comparison, *, donor_weights: np.ndarray | None = None) -> Counterfactual:
    """Compare the change of one region's mean outcome from before to after with that of its donors (two by two).

    Assumes that the region would have changed as its donors did.  With one region and one start this is what two-way
    fixed effects give.

    Parameters
    ----------
    comparison : Comparison
        Regions and donors.
    donor_weights : array, shape (D,), optional
        Size of each donor (inhabitants); equal by default.

    Returns
    -------
    Counterfactual
        Without time weights.
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

    Parameters
    ----------
    comparison, donor_weights
        As in `difference_in_differences`.

    Returns
    -------
    Counterfactual
        Without time weights.
    """
    found = difference_in_differences(comparison, donor_weights=donor_weights)
    gap = found.gap - found.gap[..., comparison.n_pre - 1, None]
    return Counterfactual(gap[..., comparison.n_pre :].mean(axis=-1), gap, found.unit_weights, None, comparison.n_pre)


def _against_reference(
    values: np.ndarray, periods: Sequence[int], reference: int
) -> tuple[np.ndarray, tuple[int, ...]]:
    """Subtract the reference period from every other, shape (N, T - 1), and name those."""
    if reference not in periods:
        raise CannotEstimate(f"er zijn geen cijfers over het basisjaar {reference}")
    column = list(periods).index(reference)
    others = [i for i in range(len(periods)) if i != column]
    return values[:, others] - values[:, [column]], tuple(int(periods[i]) for i in others)


def _inference_words(found: Contrast, vcov: Vcov) -> str:
    return f"{vcov} met {found.n_clusters} clusters, waarvan {found.n_treated_clusters} behandeld"


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
