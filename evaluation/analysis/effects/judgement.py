"""The rules that turn an estimate and its checks into a grade and an attribution, each with its ground.

Both sets of rules are declared beforehand and applied in this order; no number is weighed by hand.

*Deviation* (afwijking), in grades:

- **niet te vergelijken**: no estimate, no placebo regions, or a time before the start that fails its checks (fit,
  pre-trend, in-time placebo).
- **sterke aanwijzing**: corrected p of at most 5%, and every declared variant that can be estimated (at least one) has
  the same sign and a p of at most 10%.
- **aanwijzing**: uncorrected p of at most 10%, and every declared variant that can be estimated has the same sign.
- **te grof**: neither, and the interval still holds the plausible effect: the figures are too coarse to rule it out.
- **geen aanwijzing**: neither, and the plausible effect is outside the interval.

*Attribution* (toeschrijving) is asked only of a deviation that is indicated, and one that came before anything had been
delivered is never attributed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.analysis.effects import contribution, pre_period
from evaluation.analysis.effects.check import Check, p_words
from evaluation.analysis.effects.estimate import (
    ALPHA,
    INDICATION,
    NOT_ASKED,
    Attribution,
    CannotEstimate,
    Deviation,
    Estimate,
)
from evaluation.analysis.effects.multiple import Adjusted
from evaluation.analysis.effects.scale import Direction
from evaluation.base.dutch import listing, plural

VARIANTS = "declared variants"

_CONTRIBUTION = {
    contribution.TIMING: "het tijdstip",
    contribution.DOSE: "de omvang van de inzet",
    contribution.MECHANISM: "de tussenstappen",
    contribution.ALTERNATIVES: "andere verklaringen",
}


@dataclass(frozen=True, slots=True)
class Plausible:
    """The effect that the plan holds plausible: its size (not negative, in the unit of the estimate) and its direction.

    Of an outcome without a wanted direction, an effect of that size either way is plausible.
    """

    size: float
    wanted: Direction = "ambiguous"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.size) and self.size >= 0):
            raise ValueError("a plausible effect must be a number that is not negative")

    def within(self, low: float | None, high: float | None) -> bool:
        """Tell whether an interval holds it; one without ends holds everything.

        Parameters
        ----------
        low, high : float | None
            Ends of the interval, in the unit of the estimate.

        Returns
        -------
        bool
        """
        signs = {"decrease": (-1,), "increase": (1,)}.get(self.wanted, (-1, 1))
        if low is None or high is None:
            return True
        return any(low <= sign * self.size <= high for sign in signs)


def bayes_factor(value: float, std_error: float, prior_sd: float) -> float:
    """Compare how likely an estimate is with an effect, under a normal prior around zero, and without.

    An approximation: the likelihood is taken as normal with the spread of the placebo regions, while the test counts
    regions.  Above 1 the estimate speaks for an effect, below 1 for none.

    >>> round(bayes_factor(0.0, 1.0, 1.0), 3), bayes_factor(4.0, 1.0, 2.0) > 100
    (0.707, True)

    Parameters
    ----------
    value, std_error, prior_sd : float
        On the scale of the estimate; standard deviations above zero.

    Returns
    -------
    float

    Raises
    ------
    CannotEstimate
        When a number is missing, or a standard deviation is not above zero.
    """
    if not np.isfinite([value, std_error, prior_sd]).all() or min(std_error, prior_sd) <= 0:
        raise CannotEstimate("voor een Bayesfactor zijn een schatting, haar spreiding en die van de verwachting nodig")
    without, with_effect = std_error**2, std_error**2 + prior_sd**2
    logs = 0.5 * np.log(without / with_effect) + 0.5 * value**2 * (1 / without - 1 / with_effect)
    return float(np.exp(min(logs, 700.0)))  # beyond e^700 a float has no number


def check_variants(estimate: Estimate, variants: dict[str, Estimate]) -> Check:
    """See whether the variants that the plan declares have the sign of the estimate, each with a p of at most 10%.

    Parameters
    ----------
    estimate, variants : Estimate, dict[str, Estimate]
        By the declared design, and by each variant by its Dutch name.

    Returns
    -------
    Check
        None where nothing deviates or no variant can be estimated: there is nothing to survive.
    """
    rows = tuple(
        (f"{name}: {item.reason}" if item.value is None else name, item.value, item.ci_low, item.ci_high, item.p_value)
        for name, item in variants.items()
    )
    columns = ("Variant", "Afwijking", "Van", "Tot", "p")
    known = {name: item for name, item in variants.items() if item.value is not None}
    passed, sentence = _variants(estimate, known, len(variants))
    return Check(VARIANTS, passed, sentence, columns, rows)


def judge_deviation(
    estimate: Estimate,
    checks: Sequence[Check],
    *,
    plausible: Plausible,
    variants: dict[str, Estimate] | None = None,
    adjusted: Adjusted | None = None,
) -> Estimate:
    """Grade how strong the evidence is that the region deviated from its counterfactual.

    Parameters
    ----------
    estimate, checks : Estimate, and sequence of Check
        From `placebo.estimate_with_placebos`, and those of `pre_period` and `sensitivity`; a check that was not made
        says nothing.
    plausible : Plausible
        The effect that the plan holds plausible, in the unit of the estimate.
    variants : dict[str, Estimate], optional
        By each declared variant, by its Dutch name; one without a value cannot be estimated, and does not count.
    adjusted : Adjusted, optional
        The p after correction for several questions; without it the p of the estimate counts.

    Returns
    -------
    Estimate
        With `deviation`, `p_adjusted` and `reason`; an estimate that was refused comes back as it is.

    Raises
    ------
    ValueError
        When a check occurs twice.
    """
    named = _by_name(checks)
    if estimate.value is None:
        return estimate
    p = estimate.p_value if adjusted is None else adjusted.p_adjusted
    known = {name: item for name, item in (variants or {}).items() if item.value is not None}
    verdict, reason = _deviation(estimate, named, plausible, known, p)
    return replace(estimate, deviation=verdict, p_adjusted=p, reason=reason, attribution=NOT_ASKED)


def judge_attribution(estimate: Estimate, checks: Sequence[Check]) -> Estimate:
    """Judge whether it is plausible that the deal brought a deviation about; without a deviation nobody asks.

    Parameters
    ----------
    estimate, checks : Estimate, and sequence of Check
        After `judge_deviation`; those of `contribution`, of which one that is absent counts as not established.

    Returns
    -------
    Estimate
        With `attribution`; its ground is added to `reason`.
    """
    if not estimate.is_indicated:
        return replace(estimate, attribution=NOT_ASKED)
    verdict, ground = _attribution(_by_name(checks))
    return replace(estimate, attribution=verdict, reason=f"{estimate.reason}; {ground}")


def _deviation(
    estimate: Estimate, checks: dict[str, Check], plausible: Plausible, variants: dict[str, Estimate], p: float | None
) -> tuple[Deviation, str]:
    if estimate.n_placebo == 0 or estimate.p_value is None or p is None:
        return "niet te vergelijken", (
            "zonder placeboregio's is niet te zien of een verschil van deze grootte ook elders voorkomt"
        )
    if _failed(checks, pre_period.FIT):
        return "niet te vergelijken", "de vergelijking volgt de regio vóór de start niet goed genoeg"
    if _failed(checks, pre_period.PRE_TREND) or _failed(checks, pre_period.IN_TIME):
        return "niet te vergelijken", "al vóór de start liep de regio anders dan de vergelijking"
    turned = [name for name, item in variants.items() if not _same_sign(estimate, item)]
    if estimate.p_value <= INDICATION and not turned:
        return _indicated(estimate, variants, p)
    return _not_indicated(estimate, plausible, turned)


def _indicated(estimate: Estimate, variants: dict[str, Estimate], p: float) -> tuple[Deviation, str]:
    place = f"het verschil is nummer {estimate.rank} van {estimate.n_regions} in grootte" if estimate.rank else ""
    chance = f"kans op toeval {_chance(estimate.p_value)}, na correctie voor het aantal vragen {_chance(p)}"
    found = f"{place} ({chance})" if place else chance
    weak = [name for name, item in variants.items() if item.p_value is None or item.p_value > INDICATION]
    number = plural(len(variants), "variant", "varianten")
    if p <= ALPHA and variants and not weak:
        return "sterke aanwijzing", f"{found}; de {number} van het plan wijzen dezelfde kant op, elk met hooguit 10%"
    if not variants:
        return "aanwijzing", f"{found}; er is geen variant om het aan te toetsen"
    same = f"{found}; de {number} van het plan wijzen dezelfde kant op"
    return "aanwijzing", f"{same}, maar minder duidelijk {listing(weak)}" if weak else same


def _not_indicated(estimate: Estimate, plausible: Plausible, turned: list[str]) -> tuple[Deviation, str]:
    chance = f"kans op toeval {_chance(estimate.p_value)}"
    found = (
        f"het teken van het verschil keert om {listing(turned)} ({chance})"
        if turned and estimate.p_value is not None and estimate.p_value <= INDICATION
        else f"het verschil is niet groter dan in regio's zonder deze deal ({chance})"
    )
    if not plausible.within(estimate.ci_low, estimate.ci_high):
        return "geen aanwijzing", f"{found}, en een effect van denkbare grootte valt buiten het interval"
    if estimate.mde is None or estimate.mde > plausible.size:
        return (
            "te grof",
            f"{found}, maar een effect van denkbare grootte zou met deze gegevens niet goed zichtbaar zijn",
        )
    return "te grof", f"{found}, maar een effect van denkbare grootte is ook niet uit te sluiten"


def _variants(estimate: Estimate, known: dict[str, Estimate], declared: int) -> tuple[bool | None, str]:
    if estimate.value is None or estimate.p_value is None or estimate.p_value > INDICATION:
        return None, "Er is geen afwijking waarvan te controleren is of zij in elke variant blijft."
    if not known:
        return None, "Het plan heeft geen variant." if not declared else "Geen variant van het plan is te schatten."
    turned = [name for name, item in known.items() if not _same_sign(estimate, item)]
    weak = [name for name, item in known.items() if item.p_value is None or item.p_value > INDICATION]
    number = plural(len(known), "variant", "varianten")
    if turned:
        return False, f"Van {number} keert het teken om {listing(turned)}."
    if weak:
        return False, f"Alle {number} hebben hetzelfde teken; minder duidelijk is de afwijking {listing(weak)}."
    return True, f"Alle {number} hebben hetzelfde teken, elk met een kans op toeval van hooguit 10%."


def _attribution(checks: dict[str, Check]) -> tuple[Attribution, str]:
    if _failed(checks, contribution.TIMING):
        return "niet aannemelijk", "de afwijking begon voordat er iets was opgeleverd"
    against = [words for name, words in _CONTRIBUTION.items() if _failed(checks, name)]
    if against:
        return "niet aannemelijk", f"hiertegen spreekt: {listing(against)}"
    open_ = [words for name, words in _CONTRIBUTION.items() if name not in checks or checks[name].passed is None]
    if open_:
        return "niet vast te stellen", f"niet duidelijk genoeg: {listing(open_)}"
    return "aannemelijk", "tijdstip, omvang, tussenstappen en andere verklaringen wijzen dezelfde kant op"


def _same_sign(first: Estimate, second: Estimate) -> bool:
    return first.value is not None and second.value is not None and first.value * second.value > 0


def _chance(p: float | None) -> str:
    return "onbekend" if p is None else p_words(p).removeprefix("p ").removeprefix("= ")


def _failed(checks: dict[str, Check], name: str) -> bool:
    return name in checks and checks[name].passed is False


def _by_name(checks: Sequence[Check]) -> dict[str, Check]:
    names = [check.name for check in checks]
    if len(set(names)) < len(names):
        raise ValueError("a check occurs twice")
    return {check.name: check for check in checks}
