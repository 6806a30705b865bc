"""How Dutch texts write amounts of money, numbers, shares, moments and periods."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

WORDS = {
    "één": 1, "een": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7, "acht": 8, "negen": 9,
    "tien": 10, "elf": 11, "twaalf": 12, "dertien": 13, "veertien": 14, "vijftien": 15, "twintig": 20, "dertig": 30,
    "veertig": 40, "vijftig": 50, "honderd": 100, "duizend": 1000,
}  # fmt: skip
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
    "december",
)  # fmt: skip
_SCALES = (
    (r"miljard|mld\b\.?", 1_000_000_000),
    (r"miljoen|mln\b\.?|mio\b\.?|M\b", 1_000_000),
    (r"duizend|k\b", 1_000),
    (r"ton\b", 100_000),
)
_SCALE = "|".join(words for words, _ in _SCALES)
NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[,.]\d+)?"
_TO = r"(?:\s*(?:[-–—]|tot(?: en met)?|à|a|en)\s*)"
_EURO = re.compile(
    rf"(?P<sign>€|\bEUR\b|\beuro\b)\s*(?P<low>{NUMBER})(?:,-|,--)?\s*(?P<scale1>{_SCALE})?"
    rf"(?:{_TO}(?:€|EUR)?\s*(?P<high>{NUMBER})\s*(?P<scale2>{_SCALE})?(?![\d%]))?"
    rf"|(?<![\d.,])(?P<low2>{NUMBER})\s*(?P<scale3>{_SCALE})?(?:{_TO}(?P<high2>{NUMBER})\s*(?P<scale4>{_SCALE})?)?\s*"
    r"(?:euro\b|(?:€|EUR\b)(?!\s*\d))"
)
_YEAR = r"(?:19|20)\d{2}"
_MONTH = "|".join(_MONTHS)
_CUES = r"(?:uiterlijk|vóór|voor|per|op|in|medio|eind|begin|tot en met|t/m|tot|vanaf|sinds|na|van)"
_SEASONS = {"voorjaar": (6, 20), "zomer": (9, 20), "najaar": (12, 20), "winter": (3, 20)}
_HALVES = {"eerste": 6, "1e": 6, "tweede": 12, "2e": 12}
_QUARTERS = {"eerste": 3, "1e": 3, "tweede": 6, "2e": 6, "derde": 9, "3e": 9, "vierde": 12, "4e": 12, "laatste": 12}
_MOMENTS = (
    ("day", re.compile(rf"(?P<cue>{_CUES}\s+)?(?P<d>\d{{1,2}})\s+(?P<m>{_MONTH})\s+(?P<y>{_YEAR})", re.IGNORECASE)),
    ("digits", re.compile(rf"(?P<cue>{_CUES}\s+)?(?P<d>\d{{1,2}})[-/](?P<m>\d\d?)[-/](?P<y>{_YEAR})", re.IGNORECASE)),
    ("half", re.compile(rf"(?:de\s+)?(?P<n>eerste|tweede|1e|2e)\s+helft\s+van\s+(?P<y>{_YEAR})", re.IGNORECASE)),
    ("quarter", re.compile(rf"(?:het\s+)?(?P<n>eerste|tweede|derde|vierde|laatste|"
        rf"[1-4]e)\s+kwartaal\s+(?:van\s+)?(?P<y>{_YEAR})", re.IGNORECASE)),
    ("q", re.compile(rf"\b[QK](?P<n>[1-4])[\s-]*(?P<y>{_YEAR})")),
    ("month", re.compile(rf"(?P<cue>{_CUES}\s+)?(?P<m>{_MONTH})\s+(?P<y>{_YEAR})", re.IGNORECASE)),
    ("season", re.compile(rf"(?P<cue>(?:kort\s+)?(?:na|in|voor|vóór)\s+)?(?:de|het)?\s*(?P<s>voorjaar|zomer|najaar|"
        rf"winter)\s+(?:van\s+)?(?P<y>{_YEAR})", re.IGNORECASE)),
    ("period", re.compile(rf"(?:in\s+de\s+(?:periode|jaren)|gedurende|"
        rf"in\s+de\s+looptijd)\s*\(?(?P<y1>{_YEAR})\s*(?:[-–—]|"
        rf"tot(?: en met)?|t/m|en(?:/of)?)\s*(?P<y>{_YEAR})", re.IGNORECASE)),
    ("year", re.compile(rf"(?P<cue>uiterlijk(?:\s+(?:in|eind|begin|medio))?|(?:voor|vóór)\s+het\s+eind(?:e)?\s+van|"
        rf"aan\s+het\s+eind(?:e)?\s+van|vóór|voor|medio|eind|begin|tot\s+en\s+met|t/m|tot|vanaf|per|"
            rf"in(?:\s+(?:het\s+jaar|de\s+loop\s+van))?)\s+(?P<y>{_YEAR})(?!\s*[-–—]\s*{_YEAR}|"
                rf"[.,]?\d)", re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Euro:
    """An amount in whole euros; `high` is the upper end of a range, else equal to `low`."""

    low: int
    high: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment or period as a text names it.

    Attributes
    ----------
    last : date    The last day of it; with "vóór" the day before.
    quote, reading : str    The words, and how they were read.
    is_open : bool    The words can be read in two ways ("tot 2025"), or begin something ("vanaf 2019").
    """

    last: date
    quote: str
    reading: str
    start: int
    end: int
    is_open: bool = False


def read_number(text: str) -> float | int:
    """Read a number as Dutch texts write it.

    >>> read_number("16.000"), read_number("11,2"), read_number("1.500.000"), read_number("vier"), read_number("1.5")
    (16000, 11.2, 1500000, 4, 1.5)

    Parameters
    ----------
    text : str
        Digits or a word.

    Returns
    -------
    float | int
    """
    word = text.lower()
    if word in WORDS:
        return WORDS[word]
    plain = re.sub(r"\.(?=\d{3}(?!\d))", "", text).replace(",", ".")
    value = float(plain)
    return int(value) if value.is_integer() else value


def find_euros(text: str, *, scale: int = 1) -> list[Euro]:
    """Find amounts of money.

    >>> [(item.low, item.high) for item in find_euros("€ 1,5 mln, 2.000.000 euro en EUR 2 tot 3 miljoen; € 500.000,-")]
    [(1500000, 1500000), (2000000, 2000000), (2000000, 3000000), (500000, 500000)]

    Parameters
    ----------
    text, scale : str, int
        One line; and what an amount without a word counts, as a table tells ("x € 1.000").

    Returns
    -------
    list[Euro]
        In their order.
    """
    found = []
    for match in _EURO.finditer(text):
        part = match.groupdict()
        low, high = part["low"] or part["low2"], part["high"] or part["high2"]
        own = part["scale1"] or part["scale3"]
        last = part["scale2"] or part["scale4"]
        if high and re.fullmatch(_YEAR, high) and not last:
            high = None  # "€ 13,9 miljoen en 2021" is no range
        if high is None and last is None:
            factor = _factor(own) or scale
            amount = round(read_number(low) * factor)
            found.append(Euro(amount, amount, match.start(), match.end(), match[0].strip()))
            continue
        above = _factor(last) or _factor(own) or scale
        below = _factor(own) or above
        ends = (round(read_number(low) * below), round(read_number(high or low) * above))
        if ends[0] > ends[1]:
            ends = (ends[0], ends[0])
        found.append(Euro(*ends, match.start(), match.end(), match[0].strip()))
    return found


def table_scale(text: str) -> int:
    """Read in what a table counts money: "(x € 1.000)", "in miljoenen euro's"; 1 where it does not say.

    >>> table_scale("Bedragen x € 1.000"), table_scale("(in miljoenen euro's)"), table_scale("Thema | Bedrag")
    (1000, 1000000, 1)

    Parameters
    ----------
    text : str
        Title and heads of a table.

    Returns
    -------
    int
    """
    if re.search(
        r"[x×*]\s*(?:€|EUR)?\s*1\.000\.000|in\s+(?:€\s*)?(?:miljoen|mln)|€\s*(?:miljoen|mln)", text, re.IGNORECASE
    ):
        return 1_000_000
    if re.search(r"[x×*]\s*(?:€|EUR)?\s*1\.?000|in\s+duizend|in\s+k€", text, re.IGNORECASE):
        return 1_000
    return 1


def find_moments(text: str) -> list[Moment]:
    """Find moments and periods.

    >>> [str(item.last) for item in find_moments("uiterlijk 1 maart 2020, medio 2021, vóór augustus 2022 en in 2025")]
    ['2020-03-01', '2021-06-30', '2022-07-31', '2025-12-31']

    Parameters
    ----------
    text : str
        One line.

    Returns
    -------
    list[Moment]
        In their order; of words that more than one notation fits the first of `_MOMENTS` counts.
    """
    found: list[Moment] = []
    for kind, pattern in _MOMENTS:
        for match in pattern.finditer(text):
            if any(item.start < match.end() and match.start() < item.end for item in found):
                continue
            moment = _moment(kind, match)
            if moment is not None:
                found.append(moment)
    return sorted(found, key=lambda item: item.start)


def _factor(word: str | None) -> int | None:
    return next((factor for words, factor in _SCALES if word and re.fullmatch(words, word)), None)


def _moment(kind: str, match: re.Match) -> Moment | None:
    """Give the last day of what a notation names; None for a day that does not exist."""
    part = {key: (value or "").strip() for key, value in match.groupdict().items()}
    year, cue = int(part["y"]), " ".join(part.get("cue", "").lower().split())
    try:
        day = _last_day(kind, part, year)
    except ValueError:
        return None
    is_before = re.match(r"v(?:óó|oo)r\b(?!\s+het)", cue) is not None
    if is_before and kind in ("day", "digits", "month", "year"):
        first = {"month": date(day.year, day.month, 1), "year": date(year, 1, 1)}.get(kind, day)
        day = date.fromordinal(first.toordinal() - 1)
    if kind == "year" and cue.startswith(("begin", "per")):
        day = date(year, 3, 31) if cue.startswith("begin") else date(year, 1, 1)
    if kind == "year" and cue.endswith("medio"):
        day = date(year, 6, 30)
    is_open = cue in ("tot", "vanaf", "sinds", "na", "van") or kind == "season"
    quote = " ".join(match[0].split())
    reading = f"De tekst zegt '{quote}'" + (f"; hier gelezen als tot en met {_words(day)}." if is_open else ".")
    return Moment(day, quote, reading, match.start(), match.end(), is_open)


def _last_day(kind: str, part: dict[str, str], year: int) -> date:
    if kind in ("day", "digits"):
        month = int(part["m"]) if kind == "digits" else _MONTHS.index(part["m"].lower()) + 1
        return date(year, month, int(part["d"]))
    if kind == "season":
        month, day = _SEASONS[part["s"].lower()]
        if "na" in part["cue"].lower().split():
            month, day = (month % 12) + 1, 1
            year += month == 1
        return date(year, month, calendar.monthrange(year, month)[1] if day == 1 else day)
    months = {"half": _HALVES, "quarter": _QUARTERS}
    if kind in months:
        month = months[kind][part["n"].lower()]
    elif kind == "q":
        month = 3 * int(part["n"])
    else:
        month = _MONTHS.index(part["m"].lower()) + 1 if kind == "month" else 12
    return date(year, month, calendar.monthrange(year, month)[1])


def _words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def sentences(text: str) -> Iterator[str]:
    """Divide a text in its sentences; the dot of an abbreviation ends none.

    >>> list(sentences("Bijv. ca. 250 woningen. In 2022 zijn er vier."))
    ['Bijv. ca. 250 woningen.', 'In 2022 zijn er vier.']

    Parameters
    ----------
    text : str
        On one line.

    Returns
    -------
    iterator of str
    """
    parts = re.split(r"(?<=[.!?;])\s+(?=[A-ZÉ‘“\"'(])", text)
    kept = ""
    for part in parts:
        kept = f"{kept} {part}".strip()
        if not re.search(
            r"\b(?:o\.a|bv|bijv|ca|mevr|dhr|drs|mr|ir|ing|dr|nr|art|incl|excl|max|min|[A-Z])\.$", kept, re.IGNORECASE
        ):
            yield kept
            kept = ""
    if kept:
        yield kept
