"""What all Regio Deals together show, in sentences that follow from the numbers of the portfolio's results.csv.

Neutral by rule (Art. 7.3): they say what was seen and what is excluded, and never of one deal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.base import dutch
from evaluation.inputs.portfolio_plan import Outcome, PortfolioPlan
from evaluation.present.sentences import excluded_words

ALL_DEALS = "alle-deals"
"""Unit of a number of all deals together in results.csv."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """The difference that all deals together show on one outcome.

    Attributes
    ----------
    outcome : Outcome    As declared.
    value, ci_low, ci_high, mde : float    In percent or percentage points (`Outcome.unit`); ends of the 95% interval.
    result_id : str    Of the difference.
    """

    outcome: Outcome
    value: float
    ci_low: float
    ci_high: float
    mde: float
    result_id: str

    @property
    def interval(self) -> str:
        """The ends of the interval, in the unit of the difference."""
        low, high = (dutch.number(end, 1, signed=True) for end in (self.ci_low, self.ci_high))
        return f"{low}% tot {high}%" if self.outcome.unit == "pct" else self._with_unit(f"{low} tot {high}")

    @property
    def difference(self) -> str:
        """The difference with its sign."""
        return self._with_unit(dutch.number(self.value, 1, signed=True))

    def size(self, value: float) -> str:
        """Write a difference without its sign."""
        return self._with_unit(dutch.number(abs(value), 1))

    def _with_unit(self, number: str) -> str:
        return f"{number}{' ' * (self.outcome.unit == 'pp')}{self.outcome.unit_name}"


def read_pooled(results: pd.DataFrame, plan: PortfolioPlan) -> list[Pooled]:
    """Read the declared differences from results.csv of the portfolio (`read_csv`).

    Parameters
    ----------
    results, plan : DataFrame, PortfolioPlan
        Rows with result_id and value; the plan names the outcomes.

    Returns
    -------
    list[Pooled]
        In the order of the plan; those whose numbers are all there.
    """
    values: Mapping[str, float] = dict(zip(results["result_id"], results["value"], strict=True))
    found = []
    for outcome in plan.outcomes.values():
        subject = f"portfolio.{outcome.id}.{ALL_DEALS}.{outcome.last}"
        numbers = [values.get(f"{subject}.{name}") for name in ("deviation", "ci_low", "ci_high", "mde")]
        if all(number is not None and number == number for number in numbers):
            found.append(Pooled(outcome, *map(float, numbers), f"{subject}.deviation"))
    return found


def found_sentence(item: Pooled) -> str:
    """Say the difference after the start with its interval.

    Parameters
    ----------
    item : Pooled
        Of one outcome.

    Returns
    -------
    str
    """
    side = "lager" if item.value < 0 else "hoger"
    words = f"na de start gemiddeld {item.size(item.value)} {side} dan zonder deal te verwachten was"
    return f"{dutch.capital(item.outcome.wording)}: {words} (95%-interval {item.interval})."


def excluded_sentence(item: Pooled) -> str:
    """Say which differences the interval excludes.

    Parameters
    ----------
    item : Pooled
        Of one outcome.

    Returns
    -------
    str
    """
    unit = "procent" if item.outcome.unit == "pct" else "procentpunt"
    return excluded_words(item.ci_low, item.ci_high, unit_words=unit, decimals=1)


def is_shown(item: Pooled) -> bool:
    """Tell whether the interval leaves zero out.

    Parameters
    ----------
    item : Pooled
        Of one outcome.

    Returns
    -------
    bool
    """
    return not item.ci_low < 0 < item.ci_high


def shown_sentence(item: Pooled) -> str:
    """Say whether a difference is shown, and from which size these figures would show one.

    Parameters
    ----------
    item : Pooled
        Of one outcome.

    Returns
    -------
    str
    """
    told = "Dat is meer dan toeval verklaart." if is_shown(item) else "Een verschil is daarmee niet aangetoond."
    return f"{told} Een verschil van {item.size(item.mde)} zouden deze cijfers in vier van de vijf gevallen laten zien."


def together_sentences(items: Sequence[Pooled]) -> list[str]:
    """Say of several outcomes at once which differ from what was to be expected without a deal, for a first page.

    Parameters
    ----------
    items : Sequence[Pooled]
        At least one.

    Returns
    -------
    list[str]
        One sentence for each outcome that differs, and one for all that do not show a difference.
    """
    told = [found_sentence(item) for item in items if is_shown(item)]
    silent = [item.outcome.wording for item in items if not is_shown(item)]
    if silent:
        told.append(f"Geen verschil aangetoond met wat zonder deal te verwachten was: {dutch.listing(silent)}.")
        told.append("Dat is iets anders dan dat de deals niet hielpen.")
    return told
