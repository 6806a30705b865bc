"""An estimate with what its checks need to repeat it: on other donors, over other years, with another start."""

from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.check import Cell, Series
from evaluation.analysis.effects.comparison import Comparison, Counterfactual, Estimator
from evaluation.analysis.effects.estimate import INDICATION, CannotEstimate
from evaluation.analysis.effects.placebo import (
    PlaceboInference,
    Statistic,
    critical_value,
    placebo_inference,
    scales_of,
)
from evaluation.analysis.effects.scale import ABSOLUTE, Scale

VARIANT_COLUMNS = ("Variant", "Afwijking", "Van", "Tot", "p", "Kleinst mogelijke p", "Wijkt af")
"""Heads of a table with an estimate per row (`Examined.row`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """One outcome of all regions, with what the estimator found and what the checks need to repeat it.

    Arrays are on the scale of the estimate; what `row` and `line` give is told (`Scale.told`).
    """

    comparison: Comparison
    estimator: Estimator
    found: Counterfactual
    inference: PlaceboInference
    statistic: Statistic = "studentised"
    scale: Scale = ABSOLUTE

    @property
    def effect(self) -> float:
        """Of the treated region, on the scale of the estimate."""
        return float(self.found.effect[0])

    @property
    def statistics(self) -> np.ndarray:
        """What regions are ranked by, shape (R,)."""
        return self.found.effect / scales_of(self.found, self.statistic)

    @property
    def limit(self) -> float:
        """Statistic that a region must pass for an indication (10%); infinite where so few regions allow none."""
        return float(critical_value(self.statistics[1:], INDICATION))

    @property
    def deviates(self) -> bool | None:
        """Whether there is an indication of a deviation (10%); None where so few regions cannot show it."""
        if self.inference.p_attainable > INDICATION:
            return None
        return bool(self.inference.p_value <= INDICATION)

    def again(self, comparison: Comparison) -> "Examined":
        """Estimate in the same way on another comparison.

        Parameters
        ----------
        comparison : Comparison
            Of the same outcome.

        Returns
        -------
        Examined
        """
        return examine(comparison, self.estimator, statistic=self.statistic, scale=self.scale)

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
        i, told = self.inference, self.scale.told
        low, high = (float(told(end)) if np.isfinite(end) else None for end in (i.ci_low, i.ci_high))
        return label, float(told(self.effect)), low, high, float(i.p_value), i.p_attainable, self.deviates

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
        return Series(label, periods, tuple(self.scale.told(self.found.gap[0]).tolist()))


def examine(
    comparison: Comparison,
    estimator: Estimator,
    found: Counterfactual | None = None,
    *,
    statistic: Statistic = "studentised",
    scale: Scale = ABSOLUTE,
) -> Examined:
    """Estimate all regions of a comparison and keep everything.

    Parameters
    ----------
    comparison, estimator : Comparison, callable
        One outcome, and such as `synthetic_did`.
    found : Counterfactual, optional
        What the estimator found, where `placebo.estimate_with_placebos` has just done so.
    statistic, scale : str, Scale
        What regions are ranked by, and how differences are told.

    Returns
    -------
    Examined

    Raises
    ------
    CannotEstimate
        When there is no placebo region, or a region is followed without any deviation.
    """
    if comparison.n_placebo == 0:
        raise CannotEstimate("er zijn geen placeboregio's")
    found = estimator(comparison) if found is None else found
    inference = placebo_inference(found.effect, scales_of(found, statistic))
    return Examined(comparison, estimator, found, inference, statistic, scale)
