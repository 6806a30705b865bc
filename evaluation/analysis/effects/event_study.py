"""Difference-in-differences, two by two and per period, with one start date: for municipalities and for one region.

Treated municipalities of one region share their shocks, so cluster-robust errors understate; `placebo_regions` and
`placebo` give the inference on which a judgement rests.  The joint test on the time before looks for other trends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evaluation.analysis.effects.arrays import numbers
from evaluation.analysis.effects.comparison import Comparison, Counterfactual
from evaluation.analysis.effects.estimate import CannotEstimate, Estimate
from evaluation.analysis.effects.placebo import permutation_p, smallest_p

_FEW_TREATED = 10


@dataclass(frozen=True, slots=True, eq=False)
class EventStudy:
    """Coefficients per period against a reference period.

    Attributes
    ----------
    periods : tuple[int, ...]    K periods, without the reference.
    reference : int    The period that is zero by definition; the last one before the start.
    coefficients : array, shape (K,)    Treated minus others, relative to the reference, in the unit of the outcome.
    covariance : array, shape (K, K)
    joint_pre_p : float | None
        p of the hypothesis that all coefficients before are zero; None when there is none before the reference.
    p_attainable : float    Smallest p of that test with so many placebo regions.
    """

    periods: tuple[int, ...]
    reference: int
    coefficients: np.ndarray
    covariance: np.ndarray
    joint_pre_p: float | None
    p_attainable: float

    @property
    def is_pre(self) -> np.ndarray:
        """Which coefficients are before the reference, shape (K,)."""
        return np.asarray(self.periods) < self.reference


def municipal_did(outcomes: np.ndarray, treated: np.ndarray, *, n_pre: int, estimand: str) -> Estimate:
    """Estimate two-by-two difference-in-differences over municipalities, with a jackknife error (CRV3).

    The same number as two-way fixed effects with one dummy for treated municipalities after the start.  Never judged on
    its own: see `few_treated_warning`.

    Parameters
    ----------
    outcomes, treated, n_pre, estimand : array, shape (N, T), bool array, shape (N,), int, str
        The first `n_pre` periods are before the start; what is estimated, in Dutch.

    Returns
    -------
    Estimate

    Raises
    ------
    CannotEstimate
        When there is no period before or after, a value is missing, fewer than two are treated or not, or all changed
        by exactly as much.
    """
    values, is_treated = numbers(outcomes, "de cijfers van gemeenten", ndim=2), np.asarray(treated)
    count, n_treated = len(values), int(is_treated.sum())
    if is_treated.dtype.kind != "b" or is_treated.shape != (count,):
        raise CannotEstimate("van elke gemeente moet er staan of zij behandeld is: waar of niet waar")
    if not 0 < n_pre < values.shape[1]:
        raise CannotEstimate("er is geen periode vóór of geen periode na de start")
    if min(n_treated, count - n_treated) < 2:
        raise CannotEstimate(
            "met minder dan twee behandelde of twee andere clusters bestaat er geen clusterrobuuste fout"
        )
    change = values[:, n_pre:].mean(axis=1) - values[:, :n_pre].mean(axis=1)
    group = np.column_stack([~is_treated, is_treated]).astype(float)
    sums, members = (change[:, None] * group).sum(axis=0), group.sum(axis=0)
    means = sums / members
    value = float(means[1] - means[0])
    without_one = (sums - change[:, None] * group) / (members - group)
    error = float(np.sqrt((count - 1) / count * ((without_one[:, 1] - without_one[:, 0] - value) ** 2).sum()))
    # Degrees of freedom of the municipalities and not of the observations: they are what was seen independently.
    degrees = count - 1
    if error == 0:
        raise CannotEstimate("alle gemeenten veranderden precies evenveel, zodat er geen spreiding is")
    half = float(stats.t.ppf(0.975, degrees)) * error
    return Estimate(
        estimand=estimand,
        value=value,
        std_error=error,
        ci_low=value - half,
        ci_high=value + half,
        p_value=float(2 * stats.t.sf(abs(value / error), degrees)),
        # With few clusters Student's t asks clearly more than the 2.80 of the normal distribution.
        mde=float(stats.t.ppf(0.975, degrees) + stats.t.ppf(0.80, degrees)) * error,
        n_pre=n_pre,
        n_post=values.shape[1] - n_pre,
        n_treated=n_treated,
        inference=f"CRV3 met {count} clusters, waarvan {n_treated} behandeld",
        reason="clusterrobuuste fouten nemen schokken van de hele regio niet mee; het oordeel rust op placeboregio's",
        warning=few_treated_warning(n_treated, count),
    )


def few_treated_warning(n_treated_clusters: int, n_clusters: int) -> str:
    """Warn where treated (or other) clusters are too few for cluster-robust inference.

    Parameters
    ----------
    n_treated_clusters, n_clusters : int
        The first counts among the second.

    Returns
    -------
    str
        In Dutch; empty where there is nothing to warn of.
    """
    few = min(n_treated_clusters, n_clusters - n_treated_clusters)
    if few >= _FEW_TREATED:
        return ""
    return (
        f"met {n_treated_clusters} behandelde clusters van de {n_clusters} zijn clusterrobuuste fouten te klein en is "
        "de wild cluster bootstrap onbetrouwbaar (MacKinnon en Webb 2018); het oordeel rust daarom op placeboregio's"
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
    gap = numbers(gap, "de verschillen", ndim=2)
    if gap.shape[1] != len(periods):
        raise CannotEstimate(f"er zijn verschillen van {gap.shape[1]} perioden; verwacht: {len(periods)}")
    if reference not in periods:
        raise CannotEstimate(f"er zijn geen cijfers over het basisjaar {reference}")
    column = list(periods).index(reference)
    others = [i for i in range(len(periods)) if i != column]
    coefficients, kept = gap[:, others] - gap[:, [column]], tuple(int(periods[i]) for i in others)
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
    )


def difference_in_differences(comparison: Comparison) -> Counterfactual:
    """Compare the change of one region's mean outcome from before to after with that of its donors (two by two).

    Assumes that the region would have changed as its donors did.  With one region and one start this is what two-way
    fixed effects give.

    Parameters
    ----------
    comparison : Comparison
        Regions and donors, of which each counts as one.

    Returns
    -------
    Counterfactual
        Without time weights.
    """
    weights = comparison.shares
    raw = comparison.series - weights @ comparison.donors
    gap = raw - raw[..., : comparison.n_pre].mean(axis=-1, keepdims=True)
    unit = np.broadcast_to(weights, (*raw.shape[:-1], weights.shape[-1]))
    return Counterfactual(gap[..., comparison.n_pre :].mean(axis=-1), gap, unit, None, comparison.n_pre)
