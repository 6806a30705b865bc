"""Arrays as estimators need them: numbers, complete, of the shape that is asked; what is otherwise is refused in words.

A NaN compares as false and a mean of nothing warns: without a refusal both end in a small p.
"""

import numpy as np
import numpy.typing as npt

from evaluation.analysis.effects.estimate import CannotEstimate


def numbers(values: npt.ArrayLike, what: str, *, ndim: int | None = None) -> np.ndarray:
    """Take finite numbers.

    >>> numbers([1, 2], "de effecten").tolist()
    [1.0, 2.0]

    Parameters
    ----------
    values, what : array_like, str
        What was given, and what it is, in Dutch, for the refusal.
    ndim : int, optional
        Dimensions that are needed.

    Returns
    -------
    array of float, of the shape that was given

    Raises
    ------
    CannotEstimate
        When these are no numbers (text, booleans, objects), one is missing or infinite, or the dimensions are others.
    """
    try:
        found = np.asarray(values)
    except ValueError as error:  # rows of unequal length
        raise CannotEstimate(f"{what} zijn geen rechthoek van getallen") from error
    if found.dtype.kind not in "iuf":
        raise CannotEstimate(f"{what} zijn geen getallen")
    if ndim is not None and found.ndim != ndim:
        raise CannotEstimate(f"{what} hebben {found.ndim} dimensies; verwacht: {ndim}")
    if not np.isfinite(found).all():
        raise CannotEstimate(f"van {what} ontbreekt er een, of is er een oneindig")
    return found.astype(float)


def positive(values: npt.ArrayLike, what: str, *, size: int) -> np.ndarray:
    """Take as many positive weights as there are units.

    Parameters
    ----------
    values, what, size : array_like, str, int
        As in `numbers`; how many there must be.

    Returns
    -------
    array, shape (size,)

    Raises
    ------
    CannotEstimate
        As of `numbers`, and when one is zero or negative, or their number is another.
    """
    found = numbers(values, what, ndim=1)
    if len(found) != size:
        raise CannotEstimate(f"er zijn {len(found)} van {what}; verwacht: {size}")
    if (found <= 0).any():
        raise CannotEstimate(f"van {what} is er een niet groter dan nul")
    return found
