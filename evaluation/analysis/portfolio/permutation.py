"""How large the declared estimate becomes by chance: the cohorts permuted over the regions, thousands of times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.analysis.portfolio.arrays import Arrays, estimate


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The declared estimate under permuted cohorts.

    Attributes
    ----------
    values, std_errors : arrays, shape (draws,)    On the scale of the estimate.
    quantile : float    95% of the absolute studentised estimates lie within it.
    """

    values: np.ndarray
    std_errors: np.ndarray
    quantile: float

    def p_value(self, value: float, std_error: float) -> float:
        """Give the two-sided chance of an estimate as far from zero, the real one counted among the draws.

        Parameters
        ----------
        value, std_error : float
            Of the real cohorts.

        Returns
        -------
        float
        """
        beyond = np.abs(self.values / self.std_errors) >= abs(value / std_error) * (1 - 1e-9)
        return float((1 + beyond.sum()) / (1 + len(self.values)))

    @property
    def detectable(self) -> float:
        """The effect that the test sees in 80% of the draws, on the scale of the estimate."""
        needed = np.concatenate([self.quantile * self.std_errors - side * self.values for side in (1, -1)])
        return float(np.quantile(needed, 0.8))

    def detectable_at(self, std_error: float, declared: float) -> float:
        """Give the detectable effect of an estimate that is more or less precise than the declared one.

        Parameters
        ----------
        std_error, declared : float
            Its error, and that of the declared estimate, both of the real cohorts.

        Returns
        -------
        float
            `detectable` itself at equal errors.
        """
        return self.detectable * (std_error / declared)


def permuted_labels(arrays: Arrays, *, draws: int, seed: int) -> np.ndarray:
    """Draw cohorts of the regions at random, as many of each as there are.

    Parameters
    ----------
    arrays, draws, seed : Arrays, int, int
        The frame.

    Returns
    -------
    array, shape (draws, G)
    """
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(arrays.labels) for _ in range(draws)])


def reference(arrays: Arrays, *, draws: int, seed: int) -> Reference:
    """Estimate under permuted cohorts.

    Parameters
    ----------
    arrays, draws, seed : Arrays, int, int
        The frame.

    Returns
    -------
    Reference
    """
    found = np.array([estimate(arrays, labels) for labels in permuted_labels(arrays, draws=draws, seed=seed)])
    return summarise(found[:, 0], found[:, 1])


def summarise(values: np.ndarray, std_errors: np.ndarray) -> Reference:
    """Take the limit within which 95% of the studentised draws lie.

    Parameters
    ----------
    values, std_errors : arrays, shape (draws,)
        On the scale of the estimate.

    Returns
    -------
    Reference
    """
    ordered = np.sort(np.abs(values / std_errors))
    place = min(int(np.ceil(0.95 * (len(ordered) + 1))), len(ordered)) - 1
    return Reference(values, std_errors, float(ordered[place]))
