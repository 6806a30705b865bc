"""What an estimator compares: regions, of which the first is the treated one, and the donors of each.

Every placebo region is compared in the same way as the treated one, so all of them are estimated in one call.  Leading
dimensions (several outcomes, or draws of a simulation) go along.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.analysis.effects.arrays import numbers, positive
from evaluation.analysis.effects.estimate import CannotEstimate

MINIMUM_PRE = 3
MINIMUM_DONORS = 2
_DONORS = "de cijfers van de vergelijkingsregio's"


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Series of regions and of their possible donors, over the same periods.

    Attributes
    ----------
    series : array, shape (..., R, T)    Row 0 is the treated region, the others are placebo regions.
    donors : array, shape (..., D, T)    Series that may stand for what would have happened.
    available : bool array, shape (R, D)
        Which donors each region may use: never itself, a part of itself, or the treated region.
    n_pre : int    The first `n_pre` periods are before the start.
    periods : tuple[int, ...]    T periods; those after follow those before.
    region_names, donor_names : tuple[str, ...]    R and D names, for tables.
    n_members : array, shape (R,) | None
        Of how many units like the donors each region is the mean; None where a region is one unit itself.
    weights : array, shape (D,) | None
        How much each donor counts in a mean or a line over donors (inhabitants); None: all as much.
    """

    series: np.ndarray
    donors: np.ndarray
    available: np.ndarray
    n_pre: int
    periods: tuple[int, ...]
    region_names: tuple[str, ...]
    donor_names: tuple[str, ...]
    n_members: np.ndarray | None = None
    weights: np.ndarray | None = None

    def __post_init__(self) -> None:
        for array, what in ((self.series, "de cijfers van de regio's"), (self.donors, _DONORS)):
            if np.ndim(array) < 2 or np.asarray(array).dtype.kind not in "iuf":
                raise CannotEstimate(f"{what} zijn geen getallen per regio en periode")
        if np.asarray(self.available).dtype.kind != "b":
            raise ValueError("available must be true or false for each region and donor")
        regions, periods = self.series.shape[-2:]
        donors = self.donors.shape[-2]
        shapes_fit = (
            self.donors.shape[-1] == periods == len(self.periods)
            and self.available.shape == (regions, donors)
            and (len(self.region_names), len(self.donor_names)) == (regions, donors)
        )
        if not shapes_fit:
            raise ValueError("series, donors, available, periods and names do not fit each other")
        if not (np.isfinite(self.series).all() and np.isfinite(self.donors).all()):
            raise CannotEstimate("een cijfer van een regio of van een vergelijkingsregio ontbreekt")
        if self.n_pre < MINIMUM_PRE:
            raise CannotEstimate(
                f"er zijn {self.n_pre} perioden vóór de start; er zijn er minstens {MINIMUM_PRE} nodig"
            )
        if self.n_pre >= periods:
            raise CannotEstimate("er is nog geen hele periode na de start van de deal")
        if donors == 0 or self.available.sum(axis=1).min() < MINIMUM_DONORS:
            raise CannotEstimate(
                f"er zijn te weinig regio's om mee te vergelijken (minstens {MINIMUM_DONORS} per regio)"
            )
        if self.weights is not None:
            positive(self.weights, "de gewichten", size=donors)
        _refuse_doubles(self)

    @property
    def shares(self) -> np.ndarray:
        """How much each donor counts for each region in a mean over its donors, shape (R, D): together 1."""
        counted = self.available * (1.0 if self.weights is None else self.weights)
        return counted / counted.sum(axis=1, keepdims=True)

    @property
    def n_post(self) -> int:
        """Periods after the start."""
        return len(self.periods) - self.n_pre

    @property
    def n_placebo(self) -> int:
        """Placebo regions."""
        return self.series.shape[-2] - 1


@dataclass(frozen=True, slots=True, eq=False)
class Counterfactual:
    """What an estimator found for every region.

    Attributes
    ----------
    effect : array, shape (..., R)    Mean deviation after the start, in the unit of the outcome.
    gap : array, shape (..., R, T)    Deviation in each period; its mean after the start is `effect`.
    unit_weights : array, shape (..., R, D) | None    Weight of each donor.
    time_weights : array, shape (..., R, n_pre) | None    Weight of each period before.
    n_pre : int    Periods before.
    """

    effect: np.ndarray
    gap: np.ndarray
    unit_weights: np.ndarray | None
    time_weights: np.ndarray | None
    n_pre: int

    @property
    def pre_rmspe(self) -> np.ndarray:
        """Root mean squared deviation before the start, shape (..., R): how well the counterfactual fits."""
        return np.sqrt((self.gap[..., : self.n_pre] ** 2).mean(axis=-1))


Estimator = Callable[[Comparison], Counterfactual]


def compare_partition(
    series: np.ndarray, *, n_pre: int, periods: Sequence[int], names: Sequence[str], weights: np.ndarray | None = None
) -> Comparison:
    """Compare regions that do not overlap (COROP regions, states): each with all others but the treated one.

    Parameters
    ----------
    series, n_pre, periods, names : array, shape (..., R, T), int, and sequences of T int and R str
        All regions, the treated one first; as in `Comparison`.
    weights : array, shape (R,), optional
        How much each region counts in a mean or a line over regions (inhabitants); all as much by default.

    Returns
    -------
    Comparison

    Raises
    ------
    CannotEstimate
        When nothing is left to compare with, a figure is missing, or a weight is not above zero.
    """
    chosen = tuple(str(name) for name in names)
    regions = numbers(series, "de cijfers van de regio's")
    if regions.ndim < 2 or regions.shape[-2] != len(chosen):
        raise CannotEstimate(f"de cijfers van {len(chosen)} regio's hebben de vorm {regions.shape}")
    if len(chosen) - 1 < MINIMUM_DONORS + 1:
        raise CannotEstimate("de groep regio's om mee te vergelijken is leeg of te klein")
    own = np.eye(len(chosen), dtype=bool)[:, 1:]
    counted = None if weights is None else positive(weights, "de gewichten", size=len(chosen))[1:]
    moments = tuple(periods)
    return Comparison(regions, regions[..., 1:, :], ~own, n_pre, moments, chosen, chosen[1:], weights=counted)


def without_donors(comparison: Comparison, dropped: np.ndarray) -> Comparison:
    """Take donors away from every region.

    Parameters
    ----------
    comparison, dropped : Comparison, and bool array, shape (D,)
        Which donors go.

    Returns
    -------
    Comparison
    """
    return replace(comparison, available=comparison.available & ~np.asarray(dropped, dtype=bool))


def without_periods(comparison: Comparison, periods: Sequence[int]) -> Comparison:
    """Leave periods out, before and after.

    Parameters
    ----------
    comparison, periods : Comparison, and sequence of int
        Which periods go; one that is not there changes nothing.

    Returns
    -------
    Comparison
    """
    keep = [i for i, period in enumerate(comparison.periods) if period not in set(periods)]
    return _take_periods(comparison, keep, sum(i < comparison.n_pre for i in keep))


def before_start(comparison: Comparison, n_pre: int) -> Comparison:
    """Pretend that the start came earlier, and look at the time before the real start only.

    Parameters
    ----------
    comparison, n_pre : Comparison, and int
        Periods before the pretended start.

    Returns
    -------
    Comparison
    """
    return _take_periods(comparison, list(range(comparison.n_pre)), n_pre)


def keep_regions(comparison: Comparison, rows: Sequence[int]) -> Comparison:
    """Keep the treated region and some of the placebo regions; donors stay.

    Parameters
    ----------
    comparison, rows : Comparison, and sequence of int
        Rows of placebo regions, so not 0.

    Returns
    -------
    Comparison
    """
    chosen = [0, *rows]
    return replace(
        comparison,
        series=comparison.series[..., chosen, :],
        available=comparison.available[chosen],
        region_names=tuple(comparison.region_names[row] for row in chosen),
        n_members=None if comparison.n_members is None else comparison.n_members[chosen],
    )


def _refuse_doubles(comparison: Comparison) -> None:
    """Refuse donors that never change, that are each other's double, or that are the region which they stand for.

    Each would make placebo regions calmer, or more in number, than they are.
    """
    donors = comparison.donors
    if (donors == donors[..., :1]).all(axis=-1).any():
        raise CannotEstimate("de cijfers van een vergelijkingsregio zijn in elke periode gelijk")
    # One number per series, summed in the same order: equal series have equal numbers, and few others do.
    factors = np.cos(np.arange(1.0, donors.shape[-1] + 1))
    ordered = np.sort((donors * factors).sum(axis=-1), axis=-1)
    if (np.diff(ordered, axis=-1) == 0).any():
        raise CannotEstimate("twee vergelijkingsregio's hebben precies dezelfde cijfers")
    of_regions, of_donors = ((part * factors).sum(axis=-1) for part in (comparison.series, donors))
    if ((of_regions[..., :, None] == of_donors[..., None, :]) & comparison.available).any():
        raise CannotEstimate("een regio wordt met zichzelf vergeleken: een vergelijkingsregio heeft dezelfde cijfers")


def _take_periods(comparison: Comparison, columns: list[int], n_pre: int) -> Comparison:
    return replace(
        comparison,
        series=comparison.series[..., columns],
        donors=comparison.donors[..., columns],
        periods=tuple(comparison.periods[column] for column in columns),
        n_pre=n_pre,
    )
