"""Sentences from numbers, so that a figure and the sentence beside it cannot disagree.

Neutral by rule (Art. 7.3): they say what a number is and how it moved, and never why.
"""

from collections.abc import Callable
from functools import partial

from evaluation.analysis.effects.estimate import NOT_ASKED, Estimate
from evaluation.base import dutch
from evaluation.present.display import strong

SMALLER, LARGER, SAME, UNKNOWN = "kleiner", "groter", "ongeveer gelijk", "niet te zeggen"
"""What became of a gap or a distance, in every sentence, cell and figure."""
_OTHER_SIDE = "van richting veranderd"

NOT_ESTABLISHED = f"{strong('Afwijking:')} niet te vergelijken. {strong('Toeschrijving aan de deal:')} {NOT_ASKED}."
"""Both judgements, where nothing can be compared."""


def gap_movement(gap: float, gap_base: float, variation: float) -> str:
    """Say how a gap moved in size: 'kleiner', 'groter', 'ongeveer gelijk', that it changed sides, or that nobody can say.

    A move smaller than `variation`, the usual one from year to year before the deal, is no move; where that is not known
    (NaN), neither is what became of the gap.

    >>> gap_movement(0.5, 1.3, 0.2), gap_movement(-0.4, 0.4, 0.2), gap_movement(0.3, 0.2, 0.6)
    ('kleiner', 'van richting veranderd', 'ongeveer gelijk')
    >>> gap_movement(0.5, 1.3, float("nan"))
    'niet te zeggen'
    """
    if gap != gap or gap_base != gap_base or variation != variation:
        return UNKNOWN
    if abs(gap - gap_base) <= variation:
        return SAME
    if gap * gap_base < 0:
        return _OTHER_SIDE
    return SMALLER if abs(gap) < abs(gap_base) else LARGER


def gap_words(kind: str, gap: float, gap_base: float, variation: float) -> str:
    """Say in a table cell how a gap moved since the base year."""
    moved = gap_movement(gap, gap_base, variation)
    if moved == UNKNOWN:
        return f"of {_the_gap(kind)} kleiner werd, is {UNKNOWN}"
    return f"{_the_gap(kind)} {moved}{' dan in het basisjaar' if moved in (SMALLER, LARGER) else ''}"


def gap_now(gap: float) -> str:
    """Say on which side a gap lies where there is no earlier year to compare with.

    >>> gap_now(12.4), gap_now(-0.1)
    ('hoger dan in de rest', 'lager dan in de rest')
    """
    return "gelijk aan de rest" if gap == 0 else f"{'hoger' if gap > 0 else 'lager'} dan in de rest"


def gap_title(
    wording: str, unit: str, rest: str, kind: str, gap: float, gap_base: float, variation: float, base_year: int
) -> str:
    """Say the finding of a line figure in one line."""
    moved = gap_movement(gap, gap_base, variation)
    between = f"{_the_gap(kind)} tussen {unit} en {rest}"
    if moved == UNKNOWN:
        return f"{dutch.capital(wording)}: of {between} kleiner is dan in {base_year}, is {UNKNOWN}"
    special = {SAME: f"ongeveer gelijk aan dat in {base_year}", _OTHER_SIDE: f"sinds {base_year} {_OTHER_SIDE}"}
    return f"{dutch.capital(wording)}: {between} is {special.get(moved, f'{moved} dan in {base_year}')}"


def compared_with(
    wording: str,
    unit: str,
    rest: str,
    year: int,
    base_year: int,
    values: tuple[float, float, float, float],
    *,
    kind: str,
    gaps: tuple[float, float, float],
    decimals: int,
    write: Callable[[float], str] | None = None,
) -> str:
    """Compare a region with its yardstick (`rest`), now and in the base year.

    `values` are region and yardstick now, then in the base year. `gaps` are the gap now, in the base year, and how much
    it moved from year to year before the deal: absolute, written with `decimals`, or relative, in percent of the
    yardstick (`kind`). `write` writes a figure (with its euro sign, for one); a plain number by default.
    """
    plain = partial(dutch.number, decimals=decimals)
    write = write or plain
    value, rest_value, base, rest_base = values
    first = f"{dutch.capital(wording)}: {write(value)} in {unit} en {write(rest_value)} in {rest} in {year}"
    if year == base_year or base != base or rest_base != rest_base:
        return f"{first}."
    gap, then, variation = gaps
    fell, rose = value < base and rest_value < rest_base, value > base and rest_value > rest_base
    both = "Beide daalden. " if fell else "Beide stegen. " if rose else ""
    moved = gap_movement(gap, then, variation)
    verb = {SAME: "bleef ongeveer gelijk", _OTHER_SIDE: "veranderde van richting"}.get(moved, f"werd {moved}")
    became = f"of {_the_gap(kind)} kleiner werd, is {UNKNOWN}" if moved == UNKNOWN else f"{_the_gap(kind)} {verb}"
    written = dutch.percentage if kind == "relative" else plain
    size = f"{written(then)} in {base_year}, {written(gap)} in {year}"
    if kind == "relative":
        size += (
            f"; in het aantal zelf was het {write(abs(base - rest_base))} en is het {write(abs(value - rest_value))}"
        )
    elif rest_value and rest_base:
        share, share_then = (
            100 * abs(one - other) / abs(other) for one, other in ((value, rest_value), (base, rest_base))
        )
        size += f"; in procenten van {rest} was het {dutch.percentage(share_then, 0)} en is het {dutch.percentage(share, 0)}"
    return f"{first} ({base_year}: {write(base)} en {write(rest_base)}). {both}{dutch.capital(became)} ({size})."


def _the_gap(kind: str) -> str:
    return "het verschil in procenten" if kind == "relative" else "het verschil"


def estimate_sentence(
    estimate: Estimate, *, spread: float | None, years: str, trend_until: int, unit_words: str, decimals: int
) -> str:
    """Say how far a gap lies from its earlier trend, beside how far years before did; or why that cannot be said."""
    if estimate.value is None:
        return f"Een vergelijking met de eigen trend is niet mogelijk: {estimate.reason}."
    side = "onder" if estimate.value < 0 else "boven"
    return (
        f"In {years} lag het verschil gemiddeld {dutch.number(abs(estimate.value), decimals)} {unit_words} {side} wat de trend "
        f"tot en met {trend_until} liet verwachten. In de jaren van die trend zelf was de afstand hooguit "
        f"{dutch.number(spread, decimals)} {unit_words}. Dit is een beschrijving: met zo weinig jaren van één regio is een "
        "95%-interval niet te geven."
    )


def effect_sentence(
    estimate: Estimate, *, wording: str, region: str, years: str, unit_words: str, decimals: int
) -> str:
    """Say an estimate with placebo regions: how much, how sure, its rank among regions, and what is excluded; or why not."""
    if estimate.value is None:
        return f"{dutch.capital(wording)}: een afwijking is niet te schatten, want {estimate.reason}."
    write = partial(dutch.number, decimals=decimals)
    side = "lager" if estimate.value < 0 else "hoger"
    interval = (
        f"Het 95%-interval loopt van {write(estimate.ci_low)} tot {write(estimate.ci_high)}."
        if estimate.ci_low is not None
        else "Een 95%-interval is met zo weinig regio's niet te geven."
    )
    return (
        f"{dutch.capital(wording)}: in {years} lag {region} gemiddeld {write(abs(estimate.value))} {unit_words} {side} dan de "
        f"vergelijking. {interval} {excluded_sentence(estimate, unit_words=unit_words, decimals=decimals)}Op volgorde van "
        f"grootte is dit verschil {rank_words(estimate)}. De kans dat toeval zo'n verschil geeft, is "
        f"{dutch.number(estimate.p_value, 3)}. Met {dutch.number(estimate.n_placebo)} andere regio's kan die kans niet kleiner "
        f"worden dan {dutch.number(estimate.p_attainable, 3)}. {_visible(estimate, unit_words, write)}"
    )


def rank_words(estimate: Estimate) -> str:
    """Say the place of the region among all, by the size of its deviation.

    >>> from evaluation.analysis.effects.estimate import refused_estimate
    >>> rank_words(refused_estimate("", ""))
    '–'
    """
    return "–" if estimate.rank is None else f"{estimate.rank} van {estimate.n_regions}"


def excluded_sentence(estimate: Estimate, *, unit_words: str, decimals: int) -> str:
    """Say which deviations the interval excludes, followed by a space; nothing where there is no interval."""
    low, high = estimate.ci_low, estimate.ci_high
    if low is None or high is None:
        return ""
    return f"{excluded_words(low, high, unit_words=unit_words, decimals=decimals)} "


def excluded_words(low: float, high: float, *, unit_words: str, decimals: int) -> str:
    """Say which deviations lie outside the ends of an interval."""
    sign, unit = ("%", "") if unit_words == "procent" else ("", f" {unit_words}")  # a unit of words is named once

    def size(end: float) -> str:
        return dutch.number(abs(end), decimals) + sign

    if low < 0 < high:
        words = f"Een daling van meer dan {size(low)} of een stijging van meer dan {size(high)}"
    else:
        move, other, least, most = ("daling", "stijging", high, low) if high <= 0 else ("stijging", "daling", low, high)
        words = f"Een {other}, een {move} van minder dan {size(least)} of een {move} van meer dan {size(most)}"
    return f"{words}{unit} past niet bij deze cijfers."


def _visible(estimate: Estimate, unit_words: str, write: Callable[[float], str]) -> str:
    if estimate.mde is None:
        return "Met zo weinig regio's zou geen enkel verschil betrouwbaar zichtbaar zijn."
    return f"Een verschil kleiner dan {write(estimate.mde)} {unit_words} zou met deze gegevens niet betrouwbaar zichtbaar zijn."


def verdict_sentence(estimate: Estimate, *, example: bool = False) -> str:
    """Say the two judgements and their grounds; what rests on made-up records says so."""
    mark = " (beoordeeld met voorbeeldcijfers van het programma)" if example else ""
    return (
        f"{strong('Afwijking:')} {estimate.deviation}. {strong('Toeschrijving aan de deal:')} {estimate.attribution}{mark}. "
        f"Reden: {estimate.reason}."
    )


def judgement_sentence(estimate: Estimate) -> str:
    """Say the two judgements, each with its ground."""
    return (
        f"{strong('Afwijking:')} {estimate.deviation}; {estimate.reason}. "
        f"{strong('Toeschrijving aan de deal:')} {estimate.attribution}."
    )
