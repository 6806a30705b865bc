"""Start-level adjustment across regions: a region's change, given the level from which it started.

Regions far from the mean move towards it without any deal.  A difference of changes counts that as an effect; here the
change that belongs to a start level is what the comparison regions show.
"""

from evaluation.analysis.effects.comparison import Comparison, Counterfactual
from evaluation.analysis.effects.estimate import CannotEstimate

MINIMUM_FITTED = 4
"""Regions on which a line with a level and a slope leaves at least two degrees of freedom."""


def ancova(comparison: Comparison) -> Counterfactual:
    """Fit the change on the start level over the comparison regions; the deviation is the residual.

    The line of a region is fitted without that region itself, so that the treated region and placebo regions are
    treated alike.  The start level is the mean before the start; a region counts by the weights of the comparison.
    Assumes that the change depends on the start level in a straight line, in the same way everywhere.

    Parameters
    ----------
    comparison : Comparison
        Regions and donors; one outcome or more.

    Returns
    -------
    Counterfactual
        Unit weights are those with which the line adds up the donors' changes (together 1; some may be negative);
        without time weights.  The gap before the start is the region's movement around its own start level, given that
        of the donors.

    Raises
    ------
    CannotEstimate
        When a region has too few donors for a line, or these all start from the same level.
    """
    n_pre = comparison.n_pre
    if comparison.available.sum(axis=1).min() < MINIMUM_FITTED:
        raise CannotEstimate(f"voor een lijn door beginniveaus zijn er minstens {MINIMUM_FITTED} andere regio's nodig")
    start, starts = (part[..., :n_pre].mean(axis=-1) for part in (comparison.series, comparison.donors))
    shares = comparison.shares
    middle = starts @ shares.T
    apart = starts[..., None, :] - middle[..., :, None]
    spread = (shares * apart**2).sum(axis=-1)
    if (spread <= 1e-18 * (starts**2).mean(axis=-1, keepdims=True)).any():
        raise CannotEstimate("de andere regio's beginnen alle op hetzelfde niveau, zodat een lijn niet te trekken is")
    weights = shares * (1 + ((start - middle) / spread)[..., None] * apart)
    gap = comparison.series - start[..., None] - weights @ (comparison.donors - starts[..., None])
    return Counterfactual(gap[..., n_pre:].mean(axis=-1), gap, weights, None, n_pre)
