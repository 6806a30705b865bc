"""Numbers, amounts and dates as Dutch readers write them (machine files keep ISO)."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

_LOCALE = "nl_NL"
_WORDS = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")


def number(value: float | None, decimals: int = 0, *, signed: bool = False) -> str:
    """Write a number with decimal comma and thousands dots; an en dash where there is none.

    >>> number(1234.5, 1), number(None), number(2, 1, signed=True), number(-0.04, 1)
    ('1.234,5', '–', '+2,0', '0,0')
    """
    if value is None or value != value:
        return "–"
    rounded = round(float(value), decimals) + 0.0
    text = format_decimal(abs(rounded), format="#,##0." + "0" * decimals, locale=_LOCALE)
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + text


def chance(p: float | None) -> str:
    """Write a chance with two decimals, and what is smaller as such.

    >>> chance(0.425), chance(0.0049), chance(0.01), chance(None)
    ('0,42', '< 0,01', '0,01', '–')
    """
    return "< 0,01" if p is not None and p < 0.01 else number(p, 2)


def first_words(text: str, limit: int) -> str:
    """Cut a text at the end of a word, so that at most `limit` letters stay; the dots say that there is more.

    >>> first_words("Er wordt minder ingebroken in de regio", 30)
    'Er wordt minder ingebroken in …'
    """
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"


def percentage(value: float | None, decimals: int = 1) -> str:
    """Write a percentage (given in percent).

    >>> percentage(11.2)
    '11,2%'
    """
    return "–" if value is None or value != value else f"{number(value, decimals)}%"


def euro(amount: float | None) -> str:
    r"""Write an amount in full, on one line.

    >>> euro(251269)
    '€\xa0251.269'
    """
    return "–" if amount is None or amount != amount else f"€\N{NO-BREAK SPACE}{number(amount)}"


def exact_euro(amount: float) -> str:
    """Write an amount in full, with its cents where it has any, for a question about it.

    >>> exact_euro(251269), exact_euro(0.5)
    ('€ 251.269', '€ 0,50')
    """
    return f"€ {number(amount, 0 if float(amount).is_integer() else 2)}"


def million(amount: float | None, decimals: int | None = None) -> str:
    r"""Write an amount in millions of euro, on one line; below a million with two decimals where none are asked for.

    >>> million(46_000_000), million(400_000)
    ('€\xa046,0\xa0mln', '€\xa00,40\xa0mln')
    """
    if amount is None or amount != amount:
        return "–"
    if amount == 0:
        return euro(0)
    digits = decimals if decimals is not None else 1 if abs(amount) >= 1e6 else 2
    return f"€\N{NO-BREAK SPACE}{number(amount / 1e6, digits)}\N{NO-BREAK SPACE}mln"


def day(value: date | None) -> str:
    """Write a date in words.

    >>> day(date(2020, 3, 1))
    '1 maart 2020'
    """
    return "–" if value is None or value != value else format_date(value, "d MMMM y", locale=_LOCALE)


def end_of(value: date) -> str:
    """Write a last day shortly: the end of a year as such, any other day in full.

    >>> end_of(date(2022, 12, 31)), end_of(date(2020, 3, 1))
    ('eind 2022', '1 maart 2020')
    """
    return f"eind {value.year}" if (value.month, value.day) == (12, 31) else day(value)


def short_day(value: date | None) -> str:
    """Write a date for a table.

    >>> short_day(date(2020, 3, 1)), short_day(None)
    ('1-3-2020', '–')
    """
    return "–" if value is None or value != value else f"{value.day}-{value.month}-{value.year}"


def count_word(value: int) -> str:
    """Write a small count as a word, as running text does.

    >>> count_word(3), count_word(40)
    ('drie', '40')
    """
    return _WORDS[value] if 0 <= value < len(_WORDS) else number(value)


def count_or_none(value: int) -> str:
    """Write a count in running text: a word up to twelve, 'geen' for nothing.

    >>> count_or_none(0), count_or_none(8)
    ('geen', 'acht')
    """
    return "geen" if value == 0 else count_word(value)


def plural_words(count: int, one: str, many: str) -> str:
    """Write a small number in words with its noun.

    >>> plural_words(1, "thema", "thema's"), plural_words(6, "thema", "thema's")
    ('één thema', "zes thema's")
    """
    return f"{count_word(count)} {one if count == 1 else many}"


def plural(value: float, one: str, many: str) -> str:
    """Write a count with its noun.

    >>> plural(1, "project", "projecten"), plural(1200, "woning", "woningen")
    ('1 project', '1.200 woningen')
    """
    return f"{number(value)} {one if value == 1 else many}"


def listing(words: Sequence[str]) -> str:
    """Join words as a Dutch sentence does.

    >>> listing(["Heerlen", "Kerkrade", "Landgraaf"])
    'Heerlen, Kerkrade en Landgraaf'
    """
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} en {items[-1]}" if items else ""


def uncapital(text: str) -> str:
    """Begin with a small letter, for a sentence that becomes a part of another.

    >>> uncapital("Er zijn geen regio's")
    "er zijn geen regio's"
    """
    return text[:1].lower() + text[1:]


def capital(text: str) -> str:
    """Begin a sentence with a capital, leaving the rest as it is.

    >>> capital("één thema"), capital("negen")
    ('Eén thema', 'Negen')
    """
    text = text.replace("é", "e", 1) if text.startswith("één") else text
    return text[:1].upper() + text[1:]
