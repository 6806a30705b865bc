"""Whether a code is that of an area that was there in a year; what became of a municipality that was not."""

import re
from collections.abc import Callable
from functools import cache

from evaluation.statistics.areas.boundary_tables import load_boundaries
from evaluation.statistics.areas.municipalities import FIRST_YEAR, LAST_YEAR, Change, Municipality

_FORMS = {"NL": r"NL0[01]", "LD": r"LD0[1-4]", "PV": r"PV(2\d|3[01])", "CR": r"CR(0[1-9]|[1-3]\d|40)", "GM": r"GM\d{4}"}
_FORM = re.compile("|".join([*_FORMS.values(), r"WK\d{6}", r"BU\d{8}"]))
_LOOSE = re.compile(r"\s*(GM)?\s*0*(\d{1,4})\s*", re.IGNORECASE)
_EXPECTED = "a CBS code such as GM0917"


def code_checker() -> Callable[[str, int | None], tuple[str, str | None] | None]:
    """Give what judges a code in a year, with the municipalities of data/regions.

    Returns
    -------
    callable
        Of a code and a year (None where it is not known): None where the code is right, else what is expected and a
        hint.  Districts and neighbourhoods are judged by the municipality in their code.
    """
    municipalities, changes = load_boundaries()
    known = {item.code: item for item in municipalities}

    @cache
    def judge(code: str, year: int | None) -> tuple[str, str | None] | None:
        if not _FORM.fullmatch(code):
            return _EXPECTED, _meant(code, known)
        if code[:2] not in ("GM", "WK", "BU"):
            return None
        around = f"GM{code[2:6]}"
        item = known.get(around)
        if item is None:
            if year is not None and year < FIRST_YEAR:
                return None  # the municipalities of before are not on record
            return f"the code of a municipality; {around} is none of {FIRST_YEAR} to {LAST_YEAR}", None
        if year is None or item.exists_in(year):
            return None
        return f"a municipality that was there on 1 January {year}", _became(item, year, known, changes)

    return judge


def _meant(code: str, known: dict[str, Municipality]) -> str | None:
    """Guess which code was meant, by its number or by the name of a municipality."""
    loose = _LOOSE.fullmatch(code)
    if loose and (code := f"GM{int(loose[2]):04d}") in known:
        return f"Did you mean {code!r} ({known[code].name})?"
    named = [item for item in known.values() if item.name.casefold() == code.strip().casefold()]
    upper = code.strip().upper()
    if named:
        return f"Did you mean {named[-1].code!r} ({named[-1].name})?"
    return f"Did you mean {upper!r}?" if upper != code and _FORM.fullmatch(upper) else None


def _became(item: Municipality, year: int, known: dict[str, Municipality], changes: tuple[Change, ...]) -> str:
    """Say in one sentence what a municipality became, or what it was before."""
    if item.since is not None and item.since.year >= year and not (item.until and item.until.year <= year):
        before = sorted({c.source for c in changes if c.target == item.code and c.day == item.since})
        told = f"{item.name} ({item.code}) began on {item.since:%Y-%m-%d}"
        return f"{told}; before, it was {_names(before, known)}." if before else f"{told}."
    after = sorted({c.target for c in changes if c.source == item.code and c.day == item.until})
    day = f"{item.until:%Y-%m-%d}"
    return f"{item.name} ({item.code}) became {_names(after, known)} on {day}."


def _names(codes: list[str], known: dict[str, Municipality]) -> str:
    return ", ".join(f"{known[code].name} ({code})" for code in codes)
