"""An estimate with what its checks need to repeat it: on other donors, over other years, with another start."""

from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.check import Cell, Series
from evaluation.analysis.effects.comparison import Comparison, Counterfactual, Estimator
from evaluation.analysis.effects.estimate import ALPHA, CannotEstimate
from evaluation.analysis.effects.placebo import PlaceboInference, placebo_inference

VARIANT_COLUMNS = ("Variant", "Afwijking", "Van", "Tot", "p", "Kleinst mogelijke p", "Aantoonbaar")
"""Heads of a table with an estimate per row (`Examined.row`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """One outcome of all regions, with what the estimator found and what the checks need to repeat it."""

    comparison: Comparison
    estimator: Estimator
    found: Counterfactual
    inference: PlaceboInference

    @property
    def effect(self) -> float:
        """Of the treated region, in the unit of the outcome."""
        return float(self.found.effect[0])

    @property
    def deviates(self) -> bool | None:
        """Whether the treated region deviates at 5%; None where so few regions cannot show it."""
        if self.inference.p_attainable > ALPHA:
            return None
        return bool(self.inference.p_value <= ALPHA)

    def row(self, label: str) -> tuple[Cell, ...]:
        """Make a row of `VARIANT_COLUMNS`, unrounded; None for an interval that so few regions cannot bound.

        Parameters
        ----------
        label : str
            In Dutch.

        Returns
        -------
        tuple[str | float | bool | None, ...]
        """
        i = self.inference
        low, high = (float(end) if np.isfinite(end) else None for end in (i.ci_low, i.ci_high))
        return label, self.effect, low, high, float(i.p_value), i.p_attainable, self.deviates

    def line(self, label: str) -> Series:
        """Draw the deviation of the treated region in each period.

        Parameters
        ----------
        label : str
            In Dutch.

        Returns
        -------
        Series
        """
        periods = tuple(float(period) for period in self.comparison.periods)
        return Series(label, periods, tuple(self.found.gap[0].tolist()))


def examine(comparison: Comparison, estimator: Estimator, found: Counterfactual | None = None) -> Examined:
    """Estimate all regions of a comparison and keep everything.

    Parameters
    ----------
    comparison, estimator : Comparison, callable
        One outcome, and such as `synthetic_did`.
    found : Counterfactual, optional
        What the estimator found, where `placebo.estimate_with_placebos` has just done so.

    Returns
    -------
    Examined

    Raises
    ------
    CannotEstimate
        When there is no placebo region.
    """
    if comparison.n_placebo == 0:
        raise CannotEstimate("er zijn geen placeboregio's")
    found = estimator(comparison) if found is None else found
    return Examined(comparison, estimator, found, placebo_inference(found.effect))
