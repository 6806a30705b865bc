"""Areas by the names that people write: municipalities of any year, provinces, COROP areas and the country."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache

from evaluation.statistics.areas.boundary_tables import load_boundaries
from evaluation.statistics.areas.codes import code_checker
from evaluation.statistics.areas.municipalities import LAST_YEAR, Municipality
from evaluation.statistics.areas.regions import COUNTRY

PROVINCES = {
    "PV20": "Groningen", "PV21": "Friesland", "PV22": "Drenthe", "PV23": "Overijssel", "PV24": "Flevoland",
    "PV25": "Gelderland", "PV26": "Utrecht", "PV27": "Noord-Holland", "PV28": "Zuid-Holland", "PV29": "Zeeland",
    "PV30": "Noord-Brabant", "PV31": "Limburg",
}  # fmt: skip
"""Code to name."""

_COMMON = {"den haag": "GM0518", "den bosch": "GM0796", "fryslan": "PV21"}
"""Names that everybody uses and CBS does not."""

_KIND = re.compile(r"^(gemeente|provincie|corop-?gebied)\s+|\s*\((gemeente|pv|provincie|cr|corop)\)$")
_PLACE = re.compile(r"\s*\([a-z]{1,2}\.?\)$")
_WORDS = {"g": "GM", "p": "PV", "c": "CR"}


def name_key(text: str) -> str:
    """Write a name without what people write differently: capitals, accents, and more than one space.

    Parameters
    ----------
    text : str
        As somebody wrote it.

    Returns
    -------
    str

    Examples
    --------
    >>> name_key(" Súdwest-Fryslân ")
    'sudwest-fryslan'
    """
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("\u2018", "'"))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).casefold().split())


def find_areas(text: str, year: int | None = None) -> list[str]:
    """Return the codes of the areas that a name or code means.

    A municipality goes before a province of the same name ("Utrecht"); "provincie Utrecht" and "Utrecht (PV)" are the
    province.  A name without the letters behind it is enough where one municipality has it ("Beek" for "Beek (L.)").

    Parameters
    ----------
    text, year : str, int | None
        As somebody wrote it; of which year the municipalities are, today by default.

    Returns
    -------
    list[str]
        One code where it is known; none where nothing has this name in that year, several where it could be each.
    """
    named = _KIND.sub("", name_key(text))
    word = _KIND.search(name_key(text))
    prefix = _WORDS[(word[1] or word[2])[0]] if word else ""
    found = [code for code in _codes().get(named, ()) if code.startswith(prefix) and _is_there(code, year)]
    municipalities = [code for code in found if code.startswith("GM")]
    return municipalities or found[:1]


def name_reader() -> Callable[[str, int | None], str | None]:
    """Give what turns the names in a file into codes, each looked up once.

    Returns
    -------
    callable
        Of a text and a year (None where it is not known): the code of the area in that year, else of the one that ever
        had this name; None where there is none or where it could be several, and for what has figures: a code.
    """

    @cache
    def read(text: str, year: int | None) -> str | None:
        found = [] if re.search(r"\d", text) else find_areas(text, year) or _of_any_year(text)
        return found[0] if len(found) == 1 else None

    return read


def explain_name(text: str, year: int | None = None, others: Iterable[str] = ()) -> str:
    """Say why a name is no area: what it became, which it could be, or what looks like it.

    Parameters
    ----------
    text, year, others : str, int | None, iterable of str
        As of `find_areas`; other names that could be meant.

    Returns
    -------
    str
        A sentence; empty where nothing is like it.
    """
    known = {item.code: item for item in load_boundaries()[0]}
    if several := find_areas(text, year):
        return f"Which one: {', '.join(f'{known[code].name} ({code})' for code in several)}?"
    for code in _of_any_year(text):
        return (code_checker()(code, year or LAST_YEAR) or ("", None))[1] or ""
    names = [*(item.name for item in known.values() if item.exists_in(year or LAST_YEAR)), *PROVINCES.values(), *others]
    by_key = {name_key(name): name for name in names}
    near = get_close_matches(name_key(text), by_key, n=1, cutoff=0.6)
    return f"Did you mean {by_key[near[0]]!r}?" if near else ""


def _of_any_year(text: str) -> list[str]:
    return list(_codes().get(_KIND.sub("", name_key(text)), ()))


def _is_there(code: str, year: int | None) -> bool:
    item = next((item for item in load_boundaries()[0] if item.code == code), None) if code.startswith("GM") else None
    return item is None or item.exists_in(year or LAST_YEAR)


def _codes() -> dict[str, tuple[str, ...]]:
    """Return every name and code, as `name_key` writes it, with what it can be."""
    return _codes_of(load_boundaries()[0])


@cache
def _codes_of(municipalities: tuple[Municipality, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}

    def note(name: str, code: str) -> None:
        found.setdefault(name_key(name), {})[code] = None

    for item in municipalities:
        number = item.code.removeprefix("GM")
        without = item.name.replace("(gemeente)", ""), _PLACE.sub("", name_key(item.name))
        for name in (item.code, number, number.lstrip("0"), item.name, *without):
            note(name, item.code)
        note(item.corop, item.corop)
        note(item.corop_name, item.corop)
    for code, name in PROVINCES.items():
        note(code, code)
        note(name, code)
    for name in (COUNTRY, "Nederland"):
        note(name, COUNTRY)
    for name, code in _COMMON.items():
        note(name, code)
    return {name: tuple(codes) for name, codes in found.items()}
