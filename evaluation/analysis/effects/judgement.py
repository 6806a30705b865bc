"""The rules that turn an estimate and its checks into two judgements, each with its ground.

Both sets of rules are declared beforehand and applied in this order; no number is weighed by hand.

*Deviation* (afwijking): not established when there is no estimate, no placebo regions or too few, when the
counterfactual does not fit before the start, or finds something where nothing can have happened.  Otherwise a p of at
most 5% shows a deviation, unless regions of the same start level moved as much (not shown) or the judgement hangs on
one choice (not established).  A larger p shows none only when an effect of plausible size would have been seen.

*Attribution* (toeschrijving): only a deviation that was shown can be attributed, and never one that came before
anything had been delivered.
"""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.analysis.effects import contribution, pre_period, sensitivity
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.estimate import ALPHA, Attribution, Deviation, Estimate
from evaluation.analysis.effects.multiple import Adjusted
from evaluation.base.dutch import listing, number

_ROBUSTNESS = {
    sensitivity.LEAVE_ONE_OUT: "één vergelijkingsregio",
    sensitivity.NEIGHBOURS_OUT: "de buurregio's",
    sensitivity.WITHOUT_PERIODS: "de jaren die meetellen",
    sensitivity.DONOR_POOLS: "de keuze van vergelijkingsregio's",
    sensitivity.HONEST: "de aanname over het verloop zonder de deal",
}
_CONTRIBUTION = {
    contribution.TIMING: "het tijdstip",
    contribution.DOSE: "de omvang van de inzet",
    contribution.MECHANISM: "de tussenstappen",
    contribution.ALTERNATIVES: "andere verklaringen",
}


def judge_deviation(
    estimate: Estimate, checks: Sequence[Check], *, plausible_effect: float, adjusted: Adjusted | None = None
) -> Estimate:
    """Judge whether the region deviated from its counterfactual.

    Parameters
    ----------
    estimate, checks : Estimate, and sequence of Check
        From `placebo.estimate_with_placebos`, and those of `pre_period` and `sensitivity`; a check that was not made
        says nothing.
    plausible_effect : float
        The largest effect that the plan holds plausible, in the unit of the outcome; not negative.
    adjusted : Adjusted, optional
        The p after correction for several questions; without it the p of the estimate counts.

    Returns
    -------
    Estimate
        With `deviation` and `reason`; an estimate that was refused comes back as it is.

    Raises
    ------
    ValueError
        When `plausible_effect` is negative, or a check occurs twice.
    """
    if plausible_effect < 0:
        raise ValueError("plausible_effect must not be negative")
    if estimate.value is None:
        return estimate
    verdict, reason = _deviation(estimate, _by_name(checks), plausible_effect, adjusted)
    return replace(estimate, deviation=verdict, reason=reason)


def judge_attribution(estimate: Estimate, checks: Sequence[Check]) -> Estimate:
    """Judge whether it is plausible that the deal brought a deviation about.

    Parameters
    ----------
    estimate, checks : Estimate, and sequence of Check
        After `judge_deviation`; those of `contribution`, of which one that is absent counts as not established.

    Returns
    -------
    Estimate
        With `attribution`; its ground is added to `reason`.
    """
    verdict, ground = _attribution(estimate, _by_name(checks))
    return replace(estimate, attribution=verdict, reason=f"{estimate.reason}; {ground}")


def _deviation(
    estimate: Estimate, checks: dict[str, Check], plausible: float, adjusted: Adjusted | None
) -> tuple[Deviation, str]:
    unknown: Deviation = "niet vast te stellen"
    if estimate.n_placebo == 0 or estimate.p_value is None or estimate.p_attainable is None:
        return unknown, "zonder placeboregio's is niet te zien of een verschil van deze grootte ook elders voorkomt"
    if estimate.p_attainable > ALPHA:
        return unknown, (
            f"met {estimate.n_placebo} placeboregio's kan de kans op toeval niet onder "
            f"{number(estimate.p_attainable, 3)} komen"
        )
    if adjusted is not None and adjusted.p_attainable is not None and adjusted.p_attainable > ALPHA:
        return unknown, (
            f"met {estimate.n_placebo} placeboregio's en dit aantal vragen kan de gecorrigeerde kans op toeval niet "
            f"onder {number(adjusted.p_attainable, 3)} komen"
        )
    if _failed(checks, pre_period.FIT):
        return unknown, "de vergelijking volgt de regio vóór de start niet goed genoeg"
    for name in (pre_period.PRE_TREND, pre_period.IN_TIME):
        if _failed(checks, name):
            return unknown, "al vóór de start liep de regio anders dan de vergelijking"
    p = estimate.p_value if adjusted is None else adjusted.p_adjusted
    if p > ALPHA >= estimate.p_value:
        return unknown, (
            f"na correctie voor het aantal vragen is toeval niet uit te sluiten (kans {number(p, 3)}, ongecorrigeerd "
            f"{number(estimate.p_value, 3)})"
        )
    if p > ALPHA:
        return _no_deviation(estimate, plausible, p)
    return _shown(estimate, checks, p)


def _no_deviation(estimate: Estimate, plausible: float, p: float) -> tuple[Deviation, str]:
    if estimate.mde is None or estimate.mde > plausible:
        return "niet vast te stellen", (
            "een effect van denkbare grootte zou met deze gegevens niet betrouwbaar zichtbaar zijn "
            f"(kans op toeval {number(p, 3)})"
        )
    return "niet aantoonbaar", (
        f"het verschil is niet groter dan in regio's zonder deal (kans op toeval {number(p, 3)}), terwijl een effect "
        "van denkbare grootte zichtbaar zou zijn"
    )


def _shown(estimate: Estimate, checks: dict[str, Check], p: float) -> tuple[Deviation, str]:
    start = checks.get(sensitivity.REGRESSION_TO_MEAN)
    if _failed(checks, sensitivity.REGRESSION_TO_MEAN):
        return "niet aantoonbaar", "regio's met hetzelfde beginniveau veranderden evenzeer"
    if start is not None and start.passed is None:
        return "niet vast te stellen", (
            "er zijn te weinig regio's met hetzelfde beginniveau, zodat toenadering tot het gemiddelde niet is uit te "
            "sluiten"
        )
    hangs_on = [words for name, words in _ROBUSTNESS.items() if _failed(checks, name)]
    if hangs_on:
        return "niet vast te stellen", f"de uitkomst hangt af van {listing(hangs_on)}"
    return "aantoonbaar", (
        f"het verschil is groter dan in regio's zonder deal voorkomt (kans op toeval {number(p, 3)}, "
        f"{estimate.n_placebo} placeboregio's)"
    )


def _attribution(estimate: Estimate, checks: dict[str, Check]) -> tuple[Attribution, str]:
    if estimate.deviation != "aantoonbaar":
        return "niet vast te stellen", "zonder aantoonbare afwijking valt er niets toe te schrijven"
    if _failed(checks, contribution.TIMING):
        return "niet aannemelijk", "de afwijking begon voordat er iets was opgeleverd"
    against = [words for name, words in _CONTRIBUTION.items() if _failed(checks, name)]
    if against:
        return "niet aannemelijk", f"hiertegen spreekt: {listing(against)}"
    open_ = [words for name, words in _CONTRIBUTION.items() if name not in checks or checks[name].passed is None]
    if open_:
        return "niet vast te stellen", f"niet duidelijk genoeg: {listing(open_)}"
    return "aannemelijk", "tijdstip, omvang, tussenstappen en andere verklaringen wijzen dezelfde kant op"


def _failed(checks: dict[str, Check], name: str) -> bool:
    return name in checks and checks[name].passed is False


def _by_name(checks: Sequence[Check]) -> dict[str, Check]:
    names = [check.name for check in checks]
    if len(set(names)) < len(names):
        raise ValueError("a check occurs twice")
    return {check.name: check for check in checks}
