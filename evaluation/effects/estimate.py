"""What an effect estimate is: a number with its uncertainty, and two judgements kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Deviation = Literal["aantoonbaar", "niet aantoonbaar", "niet vast te stellen"]
Attribution = Literal["aannemelijk", "niet aannemelijk", "niet vast te stellen"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimate of a deviation from what would have happened otherwise, with its uncertainty.

    Attributes
    ----------
    estimand : str
        What is estimated, in words.
    value : float | None
        In `unit_of_measure`; None where nothing can be estimated, and `reason` says why.
    std_error, ci_low, ci_high : float | None
        Same unit; how they were obtained is in `inference`.
    p_value : float | None
        Two-sided.
    p_attainable : float | None
        Smallest p that the number of placebo regions allows; None without placebo regions.
    mde : float | None
        Minimum detectable effect at 80% power and 5% size, same unit.
    n_pre, n_post : int
        Years before and after on which the estimate rests.
    n_treated, n_placebo : int
        Regions.
    inference : str
        How the uncertainty was obtained.
    deviation : str
        Did the region deviate from its counterfactual?
    attribution : str
        Is it plausible that the deal did it?
    reason : str
        Why the judgements are what they are, in Dutch, for the report.
    """

    estimand: str
    value: float | None
    std_error: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_attainable: float | None
    mde: float | None
    n_pre: int
    n_post: int
    n_treated: int
    n_placebo: int
    inference: str
    deviation: Deviation
    attribution: Attribution
    reason: str
