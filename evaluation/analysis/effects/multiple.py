"""Correction for asking several questions: Holm over the main questions, Benjamini and Hochberg over the others.

Holm bounds the chance of any false finding, Benjamini and Hochberg the share of findings that are false.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from statsmodels.stats.multitest import multipletests


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
        Smallest p of each design.  Holm multiplies it by the number of main questions, so that with few placebo regions
        nothing may be shown any more.

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
    wrong = [name for name, p in {**primary, **secondary}.items() if not 0 <= p <= 1]
    if wrong:
        raise ValueError(f"p-values outside 0 to 1: {', '.join(sorted(wrong))}")
    known = attainable or {}
    return {**_family(primary, "holm", known), **_family(secondary, "fdr_bh", known)}


def _family(
    p_values: Mapping[str, float], method: Literal["holm", "fdr_bh"], attainable: Mapping[str, float]
) -> dict[str, Adjusted]:
    if not p_values:
        return {}
    _, adjusted, *_ = multipletests(list(p_values.values()), method=method)
    # Benjamini and Hochberg leave the smallest p as it is when all are equally small; Holm never does.
    times = len(p_values) if method == "holm" else 1
    smallest = {name: min(1.0, times * p) for name, p in attainable.items()}
    return {name: Adjusted(float(p), smallest.get(name)) for name, p in zip(p_values, adjusted, strict=True)}
