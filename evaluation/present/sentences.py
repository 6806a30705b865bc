"""Sentences from numbers, so that a figure and the sentence beside it cannot disagree.

Neutral by rule (Art. 7.3): they say what a number is and how it moved, and never why.
"""

from __future__ import annotations

from collections.abc import Callable

from evaluation.effects.estimate import Estimate
from evaluation.present import dutch

_OTHER_SIDE = "van richting veranderd"


def movement(value: float, base: float, decimals: int) -> str:
    """Say how a number moved, at the precision that is shown: 'lager', 'hoger' or 'gelijk'.

    Examples
    --------
    >>> movement(1.62, 3.61, 1), movement(2.04, 2.0, 1)
    ('lager', 'gelijk')
    """
    difference = round(value, decimals) - round(base, decimals)
    return "gelijk" if difference == 0 else "hoger" if difference > 0 else "lager"


def gap_movement(gap: float, gap_base: float, decimals: int) -> str:
    """Say how a gap moved in size: 'kleiner', 'groter' or 'even groot'; a change of side is said as such.

    Examples
    --------
    >>> gap_movement(0.5, 1.3, 1), gap_movement(-0.2, 0.4, 1), gap_movement(0.5, 0.52, 1)
    ('kleiner', 'van richting veranderd', 'even groot')
    """
    now, then = round(gap, decimals), round(gap_base, decimals)
    if now * then < 0:
        return _OTHER_SIDE
    if abs(now) == abs(then):
        return "even groot"
    return "kleiner" if abs(now) < abs(then) else "groter"


def compared_with(
    wording: str,
    unit: str,
    rest: str,
    year: int,
    base_year: int,
    value: float,
    base: float,
    rest_value: float,
    rest_base: float,
    *,
    decimals: int,
    relative: bool,
    write: Callable[[float], str] | None = None,
) -> str:
    """Compare a region with its yardstick, now and in the base year.

    Parameters
    ----------
    relative : bool
        The gap is compared in percent of the yardstick instead of in the unit itself.
    write : callable | None
        Writes a figure (with its euro sign, for one); a plain number by default.
    """
    number = write or (lambda x: dutch.number(x, decimals))
    first = f"{dutch.capital(wording)}: {number(value)} in {unit} en {number(rest_value)} in {rest} in {year}."
    if year == base_year or base != base or rest_base != rest_base:
        return first
    if relative:
        gap, then, digits = 100 * (value / rest_value - 1), 100 * (base / rest_base - 1), 1
        size = f"van {dutch.percentage(then)} naar {dutch.percentage(gap)}"
    else:
        gap, then, digits = value - rest_value, base - rest_base, decimals
        size = f"van {dutch.number(then, digits)} naar {dutch.number(gap, digits)}"
    verb = gap_movement(gap, then, digits)
    moved = {"even groot": "is even groot gebleven", _OTHER_SIDE: f"is {_OTHER_SIDE}"}.get(verb, f"is {verb} geworden")
    return f"{first} In {base_year} was dat {number(base)} en {number(rest_base)}: het verschil {moved} ({size})."


def gap_title(wording: str, unit: str, rest: str, gap: float, gap_base: float, digits: int, base_year: int) -> str:
    """Say the finding of a line figure in one line."""
    verb = gap_movement(gap, gap_base, digits)
    if verb == "even groot":
        return f"{dutch.capital(wording)}: het verschil tussen {unit} en {rest} is even groot als in {base_year}"
    if verb == _OTHER_SIDE:
        return f"{dutch.capital(wording)}: het verschil tussen {unit} en {rest} is van richting veranderd sinds {base_year}"
    return f"{dutch.capital(wording)}: het verschil tussen {unit} en {rest} is {verb} dan in {base_year}"


def estimate_sentence(estimate: Estimate, *, years: str, unit_words: str, decimals: int) -> str:
    """Say an estimate with its interval and the smallest deviation that would show; or why there is none."""
    if estimate.value is None:
        return f"Een vergelijking met de eigen trend is niet mogelijk: {estimate.reason}."
    side = "onder" if estimate.value < 0 else "boven"
    return (
        f"In {years} lag het verschil gemiddeld {dutch.number(abs(estimate.value), decimals)} {unit_words} {side} wat de trend "
        f"tot en met het basisjaar liet verwachten (95%-interval van {dutch.number(estimate.ci_low, decimals)} tot "
        f"{dutch.number(estimate.ci_high, decimals)}). Een afwijking kleiner dan {dutch.number(estimate.mde, decimals)} "
        f"{unit_words} zou met deze gegevens niet betrouwbaar zichtbaar zijn."
    )


def judgement_sentence(estimate: Estimate) -> str:
    """Say the two judgements, each with its ground."""
    return (
        f"**Afwijking:** {estimate.deviation}; {estimate.reason}. **Toeschrijving aan de deal:** {estimate.attribution}; "
        "daarvoor is onderzoek nodig naar tijdstip, omvang, werking en andere verklaringen."
    )


def position_sentence(name: str, delivered: str, total: str, path: str, end: str) -> str:
    """Say what was delivered of a target, and what the path gives on that day."""
    return f"{dutch.capital(end)} waren er {delivered} van {total} ({name}); op een recht pad naar het doel zouden dat er {path} zijn."
