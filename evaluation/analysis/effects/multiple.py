"""Correction for asking several questions: Holm over the main questions, Benjamini and Hochberg over the others.

Holm bounds the chance of any false finding, Benjamini and Hochberg the share of findings that are false.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Method = Literal["holm", "fdr_bh"]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A p-value after correction, and the smallest that the placebo regions allow then, where that is known."""

    p_adjusted: float
    p_attainable: float | None = None


def adjust(
    primary: Mapping[str, float], secondary: Mapping[str, float], *, attainable: Mapping[str, float] | None = None
) -> dict[str, Adjusted]:
    """Correct the p-values of a plan's designs, main and other questions apart.

    >>> done = adjust({"a": 0.03, "b": 0.01}, {"c": 0.04})
    >>> [(name, round(done[name].p_adjusted, 3)) for name in "abc"]
    [('a', 0.03), ('b', 0.02), ('c', 0.04)]

    Parameters
    ----------
    primary, secondary : mapping from design to p-value
        A design that could not be estimated has no p and does not take part.
    attainable : mapping from design to float, optional
        Smallest p of each design, for the smallest after correction (`attainable_p`): with few placebo regions and many
        questions nothing may be shown any more.

    Returns
    -------
    dict[str, Adjusted]
        By design, the primary ones first.

    Raises
    ------
    ValueError
        When a design is in both, or a p-value is not between 0 and 1.
    """
    both = sorted(set(primary) & set(secondary))
    if both:
        raise ValueError(f"designs that are both primary and secondary: {', '.join(both)}")
    _check_p({**primary, **secondary})
    known = attainable or {}
    return {**_family(primary, "holm", known), **_family(secondary, "fdr_bh", known)}


def attainable_p(attainable: Mapping[str, float], method: Method, *, alone: bool = False) -> dict[str, float]:
    """Give the smallest corrected p that each question of a family can have, whatever the data.

    Corrected as if every question had the smallest p that its placebo regions allow: no data give a smaller one.  Holm
    and Benjamini and Hochberg both grow with every p of the family, and leave a family of one as it is.

    >>> attainable_p({"a": 0.025, "b": 0.025}, "holm"), attainable_p({"a": 0.025, "b": 0.025}, "fdr_bh")
    ({'a': 0.05, 'b': 0.05}, {'a': 0.025, 'b': 0.025})
    >>> attainable_p({"a": 0.025, "b": 0.025}, "fdr_bh", alone=True), attainable_p({"a": 0.04}, "holm")
    ({'a': 0.05, 'b': 0.05}, {'a': 0.04})

    Parameters
    ----------
    attainable, method : mapping from design to float, "holm" | "fdr_bh"
        Smallest p of each question (`placebo.smallest_p`), and the correction.
    alone : bool
        Where nothing is found on the other questions: the smallest then, with a p of 1 for each of the others.

    Returns
    -------
    dict[str, float]
        By design.

    Raises
    ------
    ValueError
        When a p is not between 0 and 1.
    """
    _check_p(attainable)
    if not attainable:
        return {}
    if alone:
        families = ([p if name == other else 1.0 for other in attainable] for name, p in attainable.items())
        corrected = np.array([_corrected(family, method).min() for family in families])
    else:
        corrected = _corrected(list(attainable.values()), method)
    return {name: float(p) for name, p in zip(attainable, corrected, strict=True)}


def _family(p_values: Mapping[str, float], method: Method, attainable: Mapping[str, float]) -> dict[str, Adjusted]:
    if not p_values:
        return {}
    adjusted = _corrected(list(p_values.values()), method)
    # What a question can reach depends on the others of its family, so only where that of all is known.
    known = {name: attainable[name] for name in p_values} if p_values.keys() <= attainable.keys() else {}
    smallest = attainable_p(known, method)
    return {name: Adjusted(float(p), smallest.get(name)) for name, p in zip(p_values, adjusted, strict=True)}


def _corrected(p_values: Sequence[float], method: Method) -> np.ndarray:
    """Correct a family as statsmodels does, which collects garbage at every call: a fifth of a second."""
    p = np.asarray(p_values, dtype=float)
    order, count = np.argsort(p), len(p)
    if method == "holm":
        ordered = np.maximum.accumulate(p[order] * np.arange(count, 0, -1))
    else:
        ordered = np.minimum.accumulate((p[order] / (np.arange(1, count + 1) / count))[::-1])[::-1]
    corrected = np.empty(count)
    corrected[order] = np.minimum(ordered, 1.0)
    return corrected


def _check_p(p_values: Mapping[str, float]) -> None:
    wrong = [name for name, p in p_values.items() if not 0 <= p <= 1]
    if wrong:
        raise ValueError(f"p-values outside 0 to 1: {', '.join(sorted(wrong))}")
