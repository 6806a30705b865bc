"""The numbers that a text agrees on: so many of something, a share, from one level to another, and by when.

A number that is no agreement is passed over: years, ages, durations, ranks, money, and in an approach every number
without words for an intention ("minimaal", "te realiseren").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluation.inputs.deal_text.notations import (
    NUMBER,
    WORDS,
    Euro,
    Moment,
    find_euros,
    find_moments,
    read_number,
    sentences,
)

_WORD = "|".join(sorted((word for word in WORDS if word != "een"), key=len, reverse=True))
_LEAST = r"(?:ten\s*minste|minimaal|minstens|op zijn minst|meer dan|tenminste)"
_ABOUT = r"(?:ca\.?|circa|ongeveer|zo'n|rond de|ruim|bijna)"
_MOST = r"(?:maximaal|ten\s*hoogste|hoogstens)"
_COUNT = re.compile(
    rf"(?:(?P<least>{_LEAST})\s+|(?P<about>{_ABOUT})\s*|(?P<most>{_MOST})\s+)?(?:tussen\s+(?:de\s+)?)?"
    rf"(?<![\w.,/-])(?P<low>(?:{NUMBER})(?!\d)|(?:{_WORD})\b)(?:\s*(?:[-–—]|tot|à|en)\s*(?P<high>(?:{NUMBER})\b|(?:{_WORD})\b))?"
    r"(?P<unit>\s*(?:%|procentpunten?|procent\b|m²|m2\b|vierkante meter|hectare\b|ha\b|km\b|kilometer\b|fte\b|MW\b))?"
    r"(?P<gap>\s*)(?=(?P<noun>(?:[^\W\d_][\w’'-]*\s*){0,6}))",
    re.IGNORECASE,
)
_LEVELS = re.compile(
    rf"van\s+(?P<from>{NUMBER})\s*(?P<u1>%|procent\b|[a-z]{{2,20}}\b(?<!\bin)(?<!\bnaar))?\s*"
    rf"(?:\(?in\s+(?P<y1>(?:19|20)\d\d)\)?\s*)?naar\s+(?P<to>{NUMBER})\s*(?P<u2>%|procent\b|[a-z]{{2,20}}\b(?<!\bin))?",
    re.IGNORECASE,
)
_NO_THING = re.compile(
    r"^(?:jaar|jaren|jarige\w*|maand\w*|we(?:ek|ken)|dag(?:en)?|uur|uren|minu\w+|procent|plussers|"
    r"keer|maal|ste|de|e|lid|leden van|"
    r"artikel\w*|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|euro|miljoen|"
    r"miljard|mln|en|of|tot|t/m|partijen|thema\w*|sporen|opgaven|lijnen|pijlers|elementen|stappen|niveaus|fasen|"
    r"termijnen|andere|daarvan|hiervan|van|in|op|genoemde|jaarlijks)\b",
    re.IGNORECASE,
)
_BEFORE_NO_THING = re.compile(
    r"(?:artikel(?:en)?|art\.|lid|leden|nr\.?|nummer|onder|thema|spoor|opgave|bijlage|paragraaf|fase|tranche|kamerstuk|"
    r"eerste|leeftijd van|>|<|€|versie|agenda|programma|akkoord|visie)\s*$",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"\b(?:in|langs|binnen|op|met|via|van|uit|door|aan|voor|bij|onder|tussen|naar|per|rond|"
    r"over)\s+(?:de|het)?\s*$",
    re.IGNORECASE,
)
_INTENDED = re.compile(
    r"\b(?:(?:ge)?realise\w*|gerealiseerd|revitalis\w*|op te leveren|opgeleverd|te bouwen|gebouwd|te ontwikkelen|"
    r"ontwikkeld|aan te leggen|aangelegd|op te richten|opgericht|te starten|gestart|te plaatsen|geplaatst|te creëren|"
    r"gecreëerd|te behalen|behaald|te begeleiden|begeleid|op te leiden|opgeleid|te verduurzamen|verduurzaamd|"
    r"te renoveren|gerenoveerd|te bereiken|bereikt|te planten|geplant|toe te voegen|toegevoegd|te herbestemmen|"
    r"herbestemd|te slopen|gesloopt|om te bouwen|omgebouwd|te huisvesten)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:met|daling van|stijging van|toename van|afname van|reductie van|vermindering van|"
    r"groei van)\s*(?:tenminste |ten minste |minimaal |circa |ca\. )?$",
    re.IGNORECASE,
)
_FEWER = re.compile(
    r"\b(?:daling|daalt|afname|verminder\w*|reduc\w*|terugdring\w*|minder|verlag\w*|lager|krimp|"
    r"teruglo\w*)\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:door|om|te|aan|via|in|op|met|voor|naar|van|uit|tot|bij|die|dat|waar\w*|zijn|is|wordt|worden|hebben|heeft|"
    r"uiterlijk|vóór|per|gedurende|binnen|dan|gerealiseerd|ontwikkeld|verbeterd|gebouwd|opgeleverd|(?<!e )(?:en|of))\b",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"(?:gedurende|binnen|in|aan het einde? van|tijdens)\s+(?:de\s+)?(?:(?:door)?looptijd|de deal)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A number that a text agrees on.

    Attributes
    ----------
    quantity, high : int | float, int | float | None    And the upper end of a range.
    unit_of_measure : str    count, m2, pct or EUR.
    noun : str    What is counted, in the words of the text; of a level what it is a level of.
    unit : str    Of a level that is no share: what it is told in ("minuten").
    baseline : tuple[float, int | None] | None    Level and year from which it comes.
    is_change : bool    The text names a change ("met 10%") and no level: not to be taken for one.
    moment : Moment | None    By when.
    by_term : bool    The text says: within the term of the deal.
    """

    quantity: float
    high: float | None
    unit_of_measure: str
    noun: str
    quote: str
    unit: str = ""
    at_least: bool = False
    approximate: bool = False
    at_most: bool = False
    is_change: bool = False
    falls: bool = False
    baseline: tuple[float, int | None] | None = None
    moment: Moment | None = None
    by_term: bool = False


def find_agreed(text: str, *, needs_intention: bool) -> list[Agreed]:
    """Find the numbers that a text agrees on.

    Parameters
    ----------
    text : str
        Of one item, on one line.
    needs_intention : bool
        Of an approach: only what is said to be made, and what is said to be a minimum or about so many.

    Returns
    -------
    list[Agreed]
        In their order; the moment is one that stands in the same sentence.
    """
    found: list[Agreed] = []
    for sentence in sentences(text):
        moments = find_moments(sentence)
        levels = list(_LEVELS.finditer(sentence))
        made = [_level(sentence, match, moments) for match in levels]
        taken = [(match.start(), match.end()) for match in levels]
        euros = find_euros(sentence)
        taken += [(euro.start, euro.end) for euro in euros]
        taken += [(moment.start, moment.end) for moment in moments]
        made += [
            item for match in _COUNT.finditer(sentence) if (item := _count(sentence, match, taken, needs_intention))
        ]
        made += [_money(sentence, euro) for euro in euros if not needs_intention]
        by_term = _TERM.search(sentence) is not None
        found += [replace(item, moment=item.moment or _moment_of(moments), by_term=by_term) for item in made]
    return found


def _money(sentence: str, euro: Euro) -> Agreed:
    """Make an agreement of an amount that a result names."""
    high = euro.high if euro.high > euro.low else None
    return Agreed(quantity=euro.low, high=high, unit_of_measure="EUR", noun="euro", quote=sentence)


def _moment_of(moments: Sequence[Moment]) -> Moment | None:
    """Take the moment of a sentence; of more than one the last, and none where they merely begin something."""
    ends = [item for item in moments if not item.quote.lower().startswith(("vanaf", "sinds", "na "))]
    return ends[-1] if ends else None


def _level(sentence: str, match: re.Match, moments: Sequence[Moment]) -> Agreed:
    start, end = read_number(match["from"]), read_number(match["to"])
    year = int(match["y1"]) if match["y1"] else None
    unit = match["u1"] or match["u2"] or ""
    is_share = unit in ("%", "procent")
    after = [item for item in moments if item.start >= match.end() - 1]
    noun = _noun_before(sentence[: match.start()])
    return Agreed(
        quantity=end, high=None, unit_of_measure="pct" if is_share else "count", noun=noun,
        unit=unit if unit and not is_share else noun, quote=sentence,
        falls=end < start, baseline=(start, year), moment=after[0] if after else None,
    )  # fmt: skip


def _noun_before(words: str) -> str:
    """Take what a level is a level of: the last words before it that name something."""
    bare = re.sub(r"[(,:;]\s*(?:het\s+)?(?:streven|doel|ambitie|inzet)\s+is\s*$", "", words.strip()).strip(" (,:;")
    bare = re.sub(
        r"\b(?:daalt|stijgt|neemt (?:af|toe)|gaat|is gedaald|is gestegen|te verlagen|te verhogen|terug)\s*$", "", bare
    ).strip()
    last = re.split(r"[,;(]|\b(?:van de|van het|reduceren van|verlagen van|verhogen van|dat|waarin|is)\b", bare)[-1]
    return " ".join(re.sub(r"^\s*(?:de|het|een)\s+", "", last.strip(), flags=re.IGNORECASE).split()[-6:])


def _count(sentence: str, match: re.Match, taken: Sequence[tuple[int, int]], needs_intention: bool) -> Agreed | None:
    """Judge one number in a sentence; None where it is no agreement."""
    low, high, unit = match["low"], match["high"], (match["unit"] or "").strip().lower()
    place = match.start("low")
    before = sentence[: match.start()]
    if any(start <= place < end for start, end in taken) or _BEFORE_NO_THING.search(sentence[:place]):
        return None
    is_word = low.lower() in WORDS
    has_cue = any(match[name] for name in ("least", "about", "most"))
    is_year = re.fullmatch(r"(?:19|20)\d\d", low) is not None and not (has_cue and match["noun"])
    noun = _counted(_STOP.split(match["noun"].strip())[0].strip())
    if not has_cue and re.match(r"inwoners\b", noun):
        return None  # how many live there
    if is_year or (not unit and (not noun or _NO_THING.match(noun) or match["gap"] == "")):
        return None
    if is_word and not unit and not (has_cue or (WORDS[low.lower()] > 1 and _is_many(noun))):
        return None
    if needs_intention and not has_cue and not _is_intended(sentence, match, before):
        return None
    if match["gap"] == "" and not unit:
        return None
    kind = {"%": "pct", "procent": "pct", "m²": "m2", "m2": "m2", "vierkante meter": "m2"}.get(unit, "count")
    if kind == "count" and unit:
        noun = unit if unit.startswith(("ha", "hectare", "km", "kilo", "fte", "mw")) else noun
    is_change = unit.startswith("procentpunt") or (kind == "pct" and _CHANGE.search(before) is not None)
    return Agreed(
        quantity=read_number(low),
        high=read_number(high) if high and not re.fullmatch(r"(?:19|20)\d\d", high) else None,
        unit_of_measure="pct" if unit.startswith("procentpunt") else kind, noun=noun or match["noun"].strip() or unit,
        quote=sentence, at_least=bool(match["least"]), approximate=bool(match["about"]), at_most=bool(match["most"]),
        is_change=is_change, falls=_FEWER.search(sentence) is not None,
    )  # fmt: skip


def _counted(noun: str) -> str:
    """Take from the words behind a number what is counted: up to the first plural.

    >>> _counted("bestaande en nieuwe samenwerkingsverbanden"), _counted("dorpshuizen verduurzaamd"), _counted("pilot")
    ('bestaande en nieuwe samenwerkingsverbanden', 'dorpshuizen', 'pilot')
    """
    words = [re.sub(r"(?<=[a-z])\d+$", "", word) for word in noun.split()]  # without the number of a footnote
    plural = next(
        (place for place, word in enumerate(words, 1) if re.search(r"(?:en|s)$", word) and word != "en"), None
    )
    return " ".join(words[:plural])


def _is_many(noun: str) -> bool:
    """Tell whether a noun, with its adjectives, is a plural: what is counted."""
    return any(word.endswith(("en", "s")) for word in noun.split())


def _is_intended(sentence: str, match: re.Match, before: str) -> bool:
    """Tell whether an approach says that so many will be made: not where a preposition makes it a circumstance."""
    after = sentence[match.end("low") :]
    return _INTENDED.search(after) is not None and _PREPOSITION.search(before) is None
