"""On which scale an outcome is estimated, and how its numbers are told.

In percent means: estimated on 100 times the logarithm, so that a rise and the fall that undoes it are equally large and
no year counts more than another.  A difference b of such logarithms is told exactly, as 100 (exp(b / 100) - 1): a
halving is b = -69.3 and reads -50%.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.analysis.effects.estimate import CannotEstimate

Direction = Literal["decrease", "increase", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Scale:
    """How numbers on the scale of the estimate are told.

    Attributes
    ----------
    in_percent : bool    Estimated on logarithms and told in percent; otherwise both in the unit of the outcome.
    wanted : str    Which way the outcome is meant to move: a size without a sign is told as a move that way, since on
        logarithms a fall of 33% is as large as a rise of 50%; ambiguous: as a rise, the larger number.
    """

    in_percent: bool = False
    wanted: Direction = "ambiguous"

    def of(self, outcome: np.ndarray) -> np.ndarray:
        """Put an outcome on the scale of the estimate.

        Parameters
        ----------
        outcome : array
            In its own unit.

        Returns
        -------
        array, of the same shape

        Raises
        ------
        CannotEstimate
            When percentages are asked and a figure is not above zero.
        """
        if not self.in_percent:
            return outcome
        if (outcome <= 0).any():
            raise CannotEstimate("een cijfer is niet groter dan nul, zodat een verschil in procenten niet bestaat")
        return 100 * np.log(outcome)

    def level(self, value):
        """Tell a level: the outcome itself.

        Parameters
        ----------
        value : float or array
            On the scale of the estimate.

        Returns
        -------
        float or array
        """
        return np.exp(value / 100) if self.in_percent else value

    def told(self, difference):
        """Tell a difference, in percent where the scale is.

        >>> round(float(Scale(in_percent=True).told(100 * np.log(0.5))), 6)
        -50.0

        Parameters
        ----------
        difference : float or array
            On the scale of the estimate.

        Returns
        -------
        float or array
        """
        return 100 * np.expm1(difference / 100) if self.in_percent else difference

    def size(self, size):
        """Tell a size without a sign, as a move the way that is wanted.

        >>> round(float(Scale(True, "decrease").size(100 * np.log(2))), 6)
        50.0

        Parameters
        ----------
        size : float or array
            Not negative, on the scale of the estimate.

        Returns
        -------
        float or array
        """
        return abs(self.told(-size if self.wanted == "decrease" else size))

    def from_size(self, told: float) -> float:
        """Take a told size back to the scale of the estimate: the inverse of `size`.

        Parameters
        ----------
        told : float
            As `size` gives; a fall in percent is less than 100.

        Returns
        -------
        float
        """
        if not self.in_percent:
            return told
        if self.wanted == "decrease":
            # Nothing falls by 100% on a logarithm; 99.9% stands for more.
            return float(-100 * np.log1p(-min(told, 99.9) / 100))
        return float(100 * np.log1p(told / 100))


ABSOLUTE = Scale()
