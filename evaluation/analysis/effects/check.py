"""What a check of an estimate is: passed, failed or silent, with its sentence, its table and its figure."""

from dataclasses import dataclass

from evaluation.base.dutch import number

Cell = str | float | int | bool | None


def p_words(p: float) -> str:
    """Write a p-value as a sentence does.

    >>> p_words(0.025), p_words(0.0002)
    ('p = 0,025', 'p < 0,001')

    Parameters
    ----------
    p : float
        From 0 to 1.

    Returns
    -------
    str
    """
    return "p < 0,001" if p < 0.0005 else f"p = {number(p, 3)}"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or row of points of a check's figure.

    Attributes
    ----------
    label, x, values : str, and tuples    In Dutch; periods, or names; in the unit of the outcome.
    low, high : tuple[float | None, ...]    Interval around each value; empty where there is none.
    """

    label: str
    x: tuple[float | str, ...]
    values: tuple[float, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One check of an estimate or of its attribution.

    Attributes
    ----------
    name : str    Which check, for the rules of `judgement`.
    passed : bool | None    False: it gives reason to doubt; None: it cannot tell, or there is nothing to tell.
    sentence, columns : str, tuple[str, ...]    What was found, and the heads of the table, in Dutch.
    rows : tuple[tuple, ...]    One row per variant, period or place; numbers unrounded.
    """

    name: str
    passed: bool | None
    sentence: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    series: tuple[Series, ...] = ()
