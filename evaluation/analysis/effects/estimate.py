"""What an effect estimate is: a number with its uncertainty and two judgements, or a refusal with its reason."""

from dataclasses import dataclass, fields
from typing import Final, Literal, get_args

from evaluation.base.facts import fact_table

Deviation = Literal["niet te vergelijken", "te grof", "geen aanwijzing", "aanwijzing", "sterke aanwijzing"]
"""Grades of the evidence that a region deviated from its counterfactual, from none to strong."""

GRADES: tuple[Deviation, ...] = get_args(Deviation)
INDICATED: frozenset[str] = frozenset({"aanwijzing", "sterke aanwijzing"})
"""Grades with which there is a deviation to attribute."""

NOT_ASKED: Final = "de vraag komt niet aan de orde"
Attribution = Literal["aannemelijk", "niet aannemelijk", "niet vast te stellen", "de vraag komt niet aan de orde"]

NOT_JUDGED: Final = "nog niet beoordeeld"
"""Reason of an estimate that no rule has been applied to."""

ALPHA = 0.05
"""Size of the test behind intervals (they hold 1 - ALPHA), smallest visible effects and strong evidence."""
INDICATION = 0.10
"""Uncorrected p up to which there is an indication, and which variants must reach for strong evidence."""


class CannotEstimate(ValueError):
    """No estimate is possible: `reason` says why in Dutch, for the report, as a clause without capital or full stop."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One estimate of a deviation from what would have happened otherwise, with its uncertainty; not judged by default.

    Attributes
    ----------
    estimand : str    What is estimated, in words.
    value : float | None    In `unit_of_measure`; None where nothing can be estimated, and `reason` says why.
    std_error, ci_low, ci_high : float | None    Same unit; how they were obtained is in `inference`.
    p_value : float | None    Two-sided.
    p_attainable : float | None    Smallest p that the number of placebo regions allows; None without placebo regions.
    p_adjusted : float | None    p after correction for the number of questions of its family; None before judgement.
    rank : int | None    Place among all regions by size of the deviation: 1 deviates most, of `n_regions`.
    bayes_factor : float | None
        How much likelier the estimate is under the plan's prior on the effect than without an effect
        (`judgement.bayes_factor`).
    mde : float | None
        Minimum detectable effect, same unit, without a sign: what the same test shows in 80% of shifted placebo
        regions; None where so few regions can show nothing.
    n_pre, n_post : int    Years before and after on which the estimate rests.
    n_treated, n_placebo : int    Regions.
    inference : str    How the uncertainty was obtained.
    deviation : str    How strong the evidence is that the region deviated from its counterfactual (`Deviation`).
    attribution : str    Is it plausible that the deal did it?  Asked only of a deviation that is indicated.
    reason : str    Why the judgements are what they are, in Dutch, for the report.
    warning : str    What a reader must know before using the uncertainty (few treated clusters, overlapping placebo
        regions); empty where there is nothing.
    """

    estimand: str
    value: float | None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    p_attainable: float | None = None
    p_adjusted: float | None = None
    rank: int | None = None
    bayes_factor: float | None = None
    mde: float | None = None
    n_pre: int
    n_post: int
    n_treated: int = 1
    n_placebo: int = 0
    inference: str
    deviation: Deviation = "niet te vergelijken"
    attribution: Attribution = NOT_ASKED
    reason: str
    warning: str = ""

    @property
    def n_regions(self) -> int:
        """Regions among which it is ranked, itself included."""
        return self.n_placebo + self.n_treated

    @property
    def is_indicated(self) -> bool:
        """Whether there is a deviation to attribute."""
        return self.deviation in INDICATED

    def __repr__(self) -> str:
        if self.value is None:
            return f"<Estimate: none, {self.reason}>"
        interval = f" ({self.ci_low:.4g} to {self.ci_high:.4g})" if None not in (self.ci_low, self.ci_high) else ""
        p = f", p {self.p_value:.3f}" if self.p_value is not None else ""
        judged = "not judged" if self.reason == NOT_JUDGED else self.deviation
        return f"<Estimate: {self.value:.4g}{interval}{p}, {judged}>"

    def _repr_html_(self) -> str:
        return fact_table(self.estimand, {item.name: getattr(self, item.name) for item in fields(self)[1:]})


def refused_estimate(estimand: str, reason: str, *, n_pre: int = 0, n_post: int = 0) -> Estimate:
    """Make the estimate that is none: nothing is established, and the reason is in it.

    Parameters
    ----------
    estimand, reason, n_pre, n_post : str, str, int, int
        What would have been estimated, and why it cannot be, both in Dutch; years that there were, before and after.

    Returns
    -------
    Estimate
        Without `value`.
    """
    return Estimate(estimand=estimand, value=None, n_pre=n_pre, n_post=n_post, inference="geen", reason=reason)
