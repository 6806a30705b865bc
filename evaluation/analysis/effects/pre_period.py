"""Checks of an estimate on the time before the start, when nothing can have happened and nothing should be found."""

import numpy as np

from evaluation.analysis.effects.check import Check, Series, p_words
from evaluation.analysis.effects.comparison import MINIMUM_PRE, before_start
from evaluation.analysis.effects.event_study import EventStudy
from evaluation.analysis.effects.examined import VARIANT_COLUMNS, Examined
from evaluation.analysis.effects.scale import ABSOLUTE, Scale

PRE_TREND, IN_TIME, FIT = "pre-trend", "in-time placebo", "fit"

_LENIENT = 0.10
"""Size of tests that should find nothing: a larger one finds trouble sooner, which is the careful side here."""
_LARGEST_RMSPE_RATIO = 2.0


def check_pre_trend(study: EventStudy, scale: Scale = ABSOLUTE) -> Check:
    """Test whether the region already moved otherwise before the start (joint test, at 10%).

    The test has little power with few periods: passing is weak support, failing is strong doubt.

    Parameters
    ----------
    study, scale : EventStudy, Scale
        Against the last period before the start; how differences are told.

    Returns
    -------
    Check
        None where there is nothing to test, or too few placebo regions to test with.
    """
    p = study.joint_pre_p
    error = np.sqrt(np.diag(study.covariance))
    rows = tuple(
        (period, *(float(scale.told(end)) for end in (value, value - 1.96 * e, value + 1.96 * e)))
        for period, value, e in zip(study.periods, study.coefficients, error, strict=True)
    )
    passed: bool | None = None
    if p is None or study.p_attainable > _LENIENT:
        sentence = "Of de regio zich vóór de start al anders ontwikkelde, is met deze gegevens niet te toetsen."
    elif passed := p > _LENIENT:
        sentence = (
            f"Vóór de start is geen andere ontwikkeling te zien ({p_words(p)}); de toets ziet alleen grote verschillen."
        )
    else:
        sentence = f"Al vóór de start ontwikkelde de regio zich anders dan de vergelijking ({p_words(p)})."
    line = Series("verschil met het basisjaar", *zip(*rows, strict=True))
    return Check(PRE_TREND, passed, sentence, ("Jaar", "Verschil", "Van", "Tot"), rows, (line,))


def check_fit(examined: Examined) -> Check:
    """See whether the counterfactual follows the region before the start as well as it does for placebo regions.

    Inadequate where the root mean squared deviation is more than twice the median of the placebo regions'.

    Parameters
    ----------
    examined : Examined
        With placebo regions.

    Returns
    -------
    Check
        Passed or failed, never silent.
    """
    rmspe = examined.found.pre_rmspe
    told = examined.scale.told
    own, usual = float(rmspe[0]), float(np.median(rmspe[1:]))
    limit = _LARGEST_RMSPE_RATIO * usual
    passed = own <= limit
    words = "even goed als" if passed else "veel slechter dan"
    sentence = f"De vergelijking volgt de regio vóór de start {words} zij andere regio's volgt."
    named = (("regio", own), ("placeboregio's, mediaan", usual), ("grens", limit))
    rows = tuple((name, float(told(size))) for name, size in named)
    gap = examined.line("afwijking")
    return Check(FIT, passed, sentence, ("", "Gemiddelde afwijking vóór de start"), rows, (gap,))


def check_in_time(examined: Examined) -> Check:
    """Pretend that the deal began earlier: over years in which there was none, nothing should be found (at 10%).

    Parameters
    ----------
    examined : Examined
        The pretended start is after two thirds of the time before the real one.

    Returns
    -------
    Check
        None where the time before is too short, or placebo regions are too few.
    """
    comparison = examined.comparison
    first = int(np.ceil(comparison.n_pre * 2 / 3))
    if first < MINIMUM_PRE:
        return Check(IN_TIME, None, "De tijd vóór de start is te kort om een eerdere start na te bootsen.")
    again = examined.again(before_start(comparison, first))
    year = comparison.periods[first]
    p = float(again.inference.p_value)
    passed = None if again.inference.p_attainable > _LENIENT else p > _LENIENT
    words = "geen afwijking gevonden" if passed else "ook een afwijking gevonden, terwijl er nog geen deal was"
    sentence = f"Met een nagebootste start in {year} wordt {words} ({p_words(p)})."
    if passed is None:
        sentence = "Met zo weinig regio's is een nagebootste start niet te toetsen."
    series = (again.line(f"start {year}"),)
    return Check(IN_TIME, passed, sentence, VARIANT_COLUMNS, (again.row(f"start {year}"),), series)
