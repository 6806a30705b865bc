"""Contribution checks: whether it is plausible that the deal did it.

Timing, dose, mechanism and alternatives, each on its own evidence.  A deviation without these stays a deviation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

import numpy as np
from scipy import stats

from evaluation.analysis.effects.check import Check, Series, p_words
from evaluation.analysis.effects.estimate import INDICATION, Estimate
from evaluation.analysis.effects.examined import Examined
from evaluation.analysis.effects.placebo import critical_value, scales_of
from evaluation.base.dutch import listing, number

TIMING, DOSE, MECHANISM, ALTERNATIVES = "timing", "dose", "mechanism", "alternatives"

_LARGEST_ENUMERATION = 8
_DOSE_ALPHA = 0.10


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition between output and outcome (in Dutch), its judged estimate, and how the deal means to move it."""

    name: str
    estimate: Estimate
    wanted: Literal["decrease", "increase"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another explanation of the same deviation, in Dutch as in a sentence, and on what it rests that it is excluded.

    False: it could explain the deviation; None: not examined.
    """

    name: str
    is_excluded: bool | None
    evidence: str


def _deviating_periods(examined: Examined) -> tuple[int, ...]:
    """Name the periods after the start in which the region deviates (10%), on the side of the effect."""
    n_pre = examined.comparison.n_pre
    gap = examined.found.gap[:, n_pre:] / scales_of(examined.found, examined.statistic)[:, None]
    limit = critical_value(gap[1:].T, INDICATION)
    beyond = (np.abs(gap[0]) > limit) & (np.sign(gap[0]) == np.sign(examined.effect))
    return tuple(int(p) for p, is_off in zip(examined.comparison.periods[n_pre:], beyond, strict=True) if is_off)


def check_timing(examined: Examined, *, delivered: Mapping[int, float], paid: Mapping[int, float]) -> Check:
    """See whether money and deliveries came before the change.

    Parameters
    ----------
    examined, delivered, paid : Examined, mappings from period to float
        With placebo regions; everything up to and including the period, in the unit of the output and in EUR.

    Returns
    -------
    Check
        False when the region deviated in a period by whose end nothing had been delivered; None when no single period
        stands out.
    """
    off = _deviating_periods(examined)
    periods = examined.comparison.periods[examined.comparison.n_pre :]
    gaps = examined.scale.told(examined.found.gap[0, examined.comparison.n_pre :]).tolist()
    done, spent = ([float(known.get(period, 0.0)) for period in periods] for known in (delivered, paid))
    grounds = [_attributable(period, off, delivered) for period in periods]
    rows = tuple(zip(periods, gaps, [period in off for period in periods], done, spent, grounds, strict=True))
    until = ("Opgeleverd tot en met", "Betaald tot en met")
    columns = ("Jaar", "Afwijking", "Buiten de placeboregio's", *until, "Toerekenbaar")
    series = tuple(
        Series(name, tuple(float(period) for period in periods), tuple(values))
        for name, values in (("afwijking", gaps), ("opgeleverd", done))
    )
    return Check(TIMING, *_timing(off, delivered, paid), columns, rows, series)


def _timing(off: tuple[int, ...], delivered: Mapping[int, float], paid: Mapping[int, float]) -> tuple[bool | None, str]:
    if not off:
        return None, "In geen enkele periode afzonderlijk wijkt de regio duidelijk af."
    if early := [str(period) for period in off if delivered.get(period, 0.0) <= 0]:
        return False, f"De regio week al af in {listing(early)}, toen er nog niets was opgeleverd."
    if unpaid := [str(period) for period in off if paid.get(period, 0.0) <= 0]:
        return None, f"De regio week af in {listing(unpaid)}, toen er nog niets was betaald."
    return True, f"De regio week voor het eerst af in {off[0]}; toen was er betaald en opgeleverd."


def check_dose(
    estimate: Estimate, *, effects: Mapping[str, float], doses: Mapping[str, float], largest_plausible: float
) -> Check:
    """See whether the deviation is strongest where most was done, and in proportion to the means.

    Parameters
    ----------
    estimate, effects, doses : Estimate, mappings from municipality to float
        Of the region; deviation of each, in the unit of the outcome, and what was done there per inhabitant.
    largest_plausible : float
        The largest effect that these means could have, in the unit of the outcome.

    Returns
    -------
    Check
        False when the whole interval is beyond what is plausible, or the deviation is not stronger where more was done;
        True when it is, more than rank correlation by chance allows at 10% (exact, one-sided); None in between.
    """
    rows = tuple((place, float(doses[place]), float(effects[place])) for place in sorted(set(effects) & set(doses)))
    points = Series("gemeenten", tuple(row[1] for row in rows), tuple(row[2] for row in rows))
    found = _dose(estimate, [row[1] for row in rows], list(points.values), largest_plausible)
    return Check(DOSE, *found, ("Gemeente", "Inzet per inwoner", "Afwijking"), rows, (points,))


def _dose(
    estimate: Estimate, doses: list[float], effects: list[float], largest_plausible: float
) -> tuple[bool | None, str]:
    if estimate.value is None or estimate.ci_low is None or estimate.ci_high is None:
        return None, "Zonder schatting met interval is er geen verhouding tot de inzet."
    nearest = 0.0 if estimate.ci_low <= 0 <= estimate.ci_high else min(abs(estimate.ci_low), abs(estimate.ci_high))
    if nearest > largest_plausible:
        return False, "De afwijking is groter dan met deze middelen denkbaar is."
    if len(doses) < 4 or len(set(doses)) < 2:
        return None, "Voor een verband met de inzet zijn er te weinig gemeenten."
    side = np.sign(estimate.value)
    correlation, p = _rank_correlation(doses, [side * effect for effect in effects])
    passed = False if correlation <= 0 else True if p <= _DOSE_ALPHA else None
    words = {
        True: "De afwijking is sterker waar meer is gedaan",
        False: "De afwijking is niet sterker waar meer is gedaan",
        None: "De afwijking lijkt sterker waar meer is gedaan, maar dat kan toeval zijn",
    }[passed]
    return passed, f"{words} (rangcorrelatie {number(correlation, 2)}, {p_words(p)})."


def check_mechanism(conditions: Sequence[Condition]) -> Check:
    """See whether the conditions between output and outcome changed as meant.

    Parameters
    ----------
    conditions : sequence of Condition
        Each judged.

    Returns
    -------
    Check
        True when of at least one a change as meant is indicated and of none the other way; False when of one it is, or
        of all there is no indication; None otherwise.
    """
    rows = tuple((c.name, c.estimate.value, c.estimate.deviation, _moved(c)) for c in conditions)
    moves = [row[3] for row in rows]
    if "andersom" in moves or (moves and all(move == "niet veranderd" for move in moves)):
        passed, sentence = False, "De tussenstappen zijn niet veranderd zoals de aanpak bedoelt."
    elif "als bedoeld" in moves:
        names = listing([row[0] for row in rows if row[3] == "als bedoeld"])
        passed, sentence = True, f"Zoals de aanpak bedoelt, veranderde ook {names}."
    else:
        passed, sentence = None, "Of de tussenstappen veranderden, is niet vast te stellen."
    return Check(MECHANISM, passed, sentence, ("Tussenstap", "Afwijking", "Oordeel", "Richting"), rows)


def check_alternatives(alternatives: Sequence[Alternative]) -> Check:
    """See whether other explanations are ruled out.

    Parameters
    ----------
    alternatives : sequence of Alternative
        Those that were looked at, and those that were not.

    Returns
    -------
    Check
        True when all are, False when one could explain the deviation, None when one was not examined.
    """
    rows = tuple(
        (a.name, {True: "uitgesloten", False: "mogelijk", None: "niet onderzocht"}[a.is_excluded], a.evidence)
        for a in alternatives
    )
    possible = [a.name for a in alternatives if a.is_excluded is False]
    unknown = [a.name for a in alternatives if a.is_excluded is None]
    if possible:
        passed, sentence = False, f"De afwijking kan ook komen door {listing(possible)}."
    elif unknown or not alternatives:
        passed = None
        sentence = f"Niet onderzocht is {listing(unknown)}." if unknown else "Andere verklaringen zijn niet onderzocht."
    else:
        passed, sentence = True, f"Uitgesloten als verklaring: {listing([a.name for a in alternatives])}."
    return Check(ALTERNATIVES, passed, sentence, ("Andere verklaring", "Oordeel", "Grond"), rows)


def _rank_correlation(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Rank both and correlate (Spearman): exact p over all orders up to 8 places, otherwise Student's t.

    Ties share a rank.  The p is one-sided, for a positive correlation; 0 and 1 where one of the two has no spread.

    >>> correlation, p = _rank_correlation([1, 2, 3, 4], [10, 20, 30, 40])
    >>> round(correlation, 3), round(p, 4)
    (1.0, 0.0417)
    """
    x, y = (stats.rankdata(values) for values in (first, second))
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    if scale == 0:
        return 0.0, 1.0
    correlation = float(x @ y / scale)
    if len(x) > _LARGEST_ENUMERATION:
        return correlation, float(stats.spearmanr(x, y, alternative="greater").pvalue)
    orders = np.array(list(permutations(y.tolist())))
    return correlation, float((orders @ x >= x @ y - 1e-9).mean())


def _attributable(period: int, off: tuple[int, ...], delivered: Mapping[int, float]) -> str:
    if period not in off:
        return "geen afwijking"
    return "mogelijk" if delivered.get(period, 0.0) > 0 else "nee: nog niets opgeleverd"


def _moved(condition: Condition) -> str:
    estimate = condition.estimate
    if estimate.deviation == "geen aanwijzing":
        return "niet veranderd"
    if not estimate.is_indicated or estimate.value is None:
        return "niet vast te stellen"
    return "als bedoeld" if (estimate.value < 0) == (condition.wanted == "decrease") else "andersom"
