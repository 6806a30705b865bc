"""CBS's code list of regions, and the history of each municipality that its descriptions tell.

A description is a text of lines in a few fixed forms: what was formed, dissolved, renamed or moved, on which day, with
hectares, homes and inhabitants.  Every line is read or refused: none is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import read_bytes, shown

SLIPS = {"GM1942": (date(2015, 1, 1), date(2016, 1, 1))}
"""First days that are wrong in the code list, with the right ones.

Gooise Meren: its Begindatum says 2015, but it was formed in 2016, as the same description and those of Bussum, Muiden
and Naarden tell.  Reading fails when CBS has mended a slip, so that it is taken out here.
"""

_ENTRY = ("Identifier", "Title", "Description", "DimensionGroupId")
_KINDS = {
    "Opgeheven": "dissolved",
    "Ontstaan": "formed",
    "Gemeentelijke herindeling": "redivided",
    "Grenswijziging": "boundary",
    "Wijziging": "boundary",
}
_STARTS, _ENDS = ("formed", "renamed"), ("dissolved", "renamed")
_HEADING = re.compile(
    rf"(?P<kind>{'|'.join(_KINDS)}) per (?P<day>\d\d-\d\d-\d{{4}}),? (?P<way>ontvangen van|overgegaan naar|uit):"
)
_PLACE = re.compile(r"- .+ \((?P<code>GM\d{4})\),?")
_FIGURES = re.compile(
    r"\.\.\. (?:(?P<hectares>\d+(?:,\d+)?) hectare )?(?:met )?(?:(?P<homes>\d+) woning(?:en)? en )?"
    r"(?P<inhabitants>\d+) inwoners?"
)
_RENAMING = re.compile(r"Naamswijziging per (?P<day>\d\d-\d\d-\d{4}),")
_NAME = re.compile(r"(?P<age>oude|nieuwe) naam: .+ \((?P<code>GM\d{4})\),?")
_PROVINCIAL = re.compile(r"Provinciale wijziging per (?P<day>\d\d-\d\d-\d{4}):")
_PROVINCES = re.compile(r"- overgegaan van provincie (?P<old>.+) naar provincie (?P<new>.+)")
_BEGIN = re.compile(r"Begindatum (?:(?P<day>\d\d-\d\d-\d{4})|voor 1830)")
_OTHER = "OVERIG"
_GROUP = re.compile(r"GM(?P<province>PV\d\d)")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a municipality's history, as its own description tells it.

    Attributes
    ----------
    day : date
        First day of the new situation.
    kind : str
        dissolved, formed, redivided, boundary, renamed or province.
    source, target : str
        Code that gave and code that received; for "province" the names of the provinces.
    hectares : float | None
        Area that moved.
    homes, inhabitants : int | None
        What moved with it, on that day; None where the list does not tell.
    """

    day: date
    kind: str
    source: str
    target: str
    hectares: float | None = None
    homes: int | None = None
    inhabitants: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A municipality, past or present, with all events that its description tells.

    Attributes
    ----------
    code, name, province : str
        After CBS: ``GM1954``, ``Beekdaelen``, ``PV31``.
    since : date | None
        First day; None where CBS gives no day (before 1830).
    until : date | None
        First day on which it was no more (dissolved, or another code with another name); None for one of today.
    events : tuple[Event, ...]
        In the order of the description: latest first.
    """

    code: str
    name: str
    province: str
    since: date | None
    until: date | None
    events: tuple[Event, ...]


def read_code_list(path: Path) -> tuple[History, ...]:
    """Read CBS's code list of regions (OData v4, ``RegioSCodes``) from a JSON file.

    Raises
    ------
    InputError
        When it is not such a list, or with every line of a description that has no known form.
    """
    try:
        entries = json.loads(read_bytes(path).decode("utf-8-sig"))["value"]
        entries = [{name: str(entry[name] or "") for name in _ENTRY} for entry in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            [Fault(shown(path), f"{type(error).__name__}: {error}", f'a code list: "value" with {", ".join(_ENTRY)}')]
        ) from None
    return parse_code_list(entries, file=shown(path))


def parse_code_list(entries: Iterable[Mapping[str, str]], *, file: str = "code list") -> tuple[History, ...]:
    """Parse the municipalities of a code list, ordered by code.

    Entries that are not a municipality in a province (country, provinces, COROP areas, the former central register of
    persons) are left out.

    Parameters
    ----------
    entries : Iterable[Mapping[str, str]]
        Each with Identifier, Title, Description and DimensionGroupId, as CBS gives them.
    file : str
        How an error calls the list.

    Raises
    ------
    InputError
        With the municipality and the line, for every line without a known form and every contradiction.
    """
    faults: list[Fault] = []
    found = []
    for entry in entries:
        group = _GROUP.fullmatch(entry["DimensionGroupId"].strip())
        if group:
            found.append(_Parser(entry, group["province"], file, faults).parse())
        elif entry["Identifier"].startswith("GM") and entry["DimensionGroupId"].strip() != _OTHER:
            known = f"a province, as in GMPV31, or {_OTHER}"
            faults.append(Fault(file, f"group {entry['DimensionGroupId']!r}", known, key=entry["Identifier"].strip()))
    if not found and not faults:
        faults.append(Fault(file, "no municipality", "municipalities, with DimensionGroupId GMPV20 to GMPV31"))
    if faults:
        raise InputError(faults)
    return tuple(sorted(found, key=lambda history: history.code))


class _Parser:
    """Reads the description of one municipality line by line, and notes what it cannot read."""

    def __init__(self, entry: Mapping[str, str], province: str, file: str, faults: list[Fault]) -> None:
        self.code, self.name, self.province = entry["Identifier"].strip(), entry["Title"].strip(), province
        self.lines = [line.strip() for line in entry["Description"].splitlines()]
        self.file, self.faults = file, faults
        self.begins: list[date | None] = []
        self.events: list[Event] = []
        self.heading: re.Match[str] | None = None
        self.other: str | None = None
        self.before = 0

    def parse(self) -> History:
        for line in self.lines:
            if line in ("", "."):
                self._close()
            elif not self._is_read(line):
                self._fault(repr(line), "a line of a known form in its place")
        self._close()
        since = self._first_day()
        ends = {event.day for event in self.events if event.source == self.code and event.kind in _ENDS}
        if len(ends) > 1:
            self._fault(f"{len(ends)} last days", "at most one")
        until = next(iter(ends), None)
        if since and until and since >= until:
            self._fault(f"from {since} until {until}", "a first day before the last")
        return History(self.code, self.name, self.province, since, until, tuple(self.events))

    def _is_read(self, line: str) -> bool:
        try:
            return self._read(line)
        except ValueError:  # a day that is not in the calendar
            return False

    def _first_day(self) -> date | None:
        """Return the Begindatum, or the day on which it was formed or got its name: they must be the same day."""
        if len(self.begins) > 1:
            self._fault(f"{len(self.begins)} lines with a Begindatum", "one")
        told = set(self.begins)
        if self.code in SLIPS:
            slip, right = SLIPS[self.code]
            if told != {slip}:
                self._fault(f"Begindatum {_words(told)}", f"the slip {slip}; it is mended, so take it out of SLIPS")
            told = {right}
        formed = {event.day for event in self.events if event.target == self.code and event.kind in _STARTS}
        if len(told | formed) != 1:
            self._fault(f"first day {_words(told | formed)}", "one, the same in Begindatum and in Ontstaan")
        return next(iter(told or formed), None)

    def _read(self, line: str) -> bool:
        """Read a line; False when it has no known form, or is not in its place."""
        if self.other is not None:
            return self._read_figures(line)
        if found := _BEGIN.fullmatch(line):
            self._close()
            self.begins.append(_day(found["day"]) if found["day"] else None)
            return True
        for form in (_HEADING, _RENAMING, _PROVINCIAL):
            if found := form.fullmatch(line):
                self._close()
                self.heading = found
                return True
        if self.heading is None:
            return False
        day = _day(self.heading["day"])
        if self.heading.re is _RENAMING and (found := _NAME.fullmatch(line)):
            pair = (found["code"], self.code) if found["age"] == "oude" else (self.code, found["code"])
            self.events.append(Event(day, "renamed", *pair))
            return True
        if self.heading.re is _PROVINCIAL and (found := _PROVINCES.fullmatch(line)):
            self.events.append(Event(day, "province", found["old"], found["new"]))
            return True
        if self.heading.re is _HEADING and (found := _PLACE.fullmatch(line)):
            self.other = found["code"]
            return True
        return False

    def _read_figures(self, line: str) -> bool:
        other, self.other = self.other, None
        found = _FIGURES.fullmatch(line)
        if found is None:
            return False
        pair = (self.code, other) if self.heading["way"] == "overgegaan naar" else (other, self.code)
        hectares, homes = found["hectares"], found["homes"]
        self.events.append(
            Event(
                _day(self.heading["day"]),
                _KINDS[self.heading["kind"]],
                *pair,
                float(hectares.replace(",", ".")) if hectares else None,
                int(homes) if homes else None,
                int(found["inhabitants"]),
            )
        )
        return True

    def _close(self) -> None:
        """End a section: one without an event in it, or with a place without figures, is a fault."""
        if self.other is not None:
            self._fault(f"no figures for {self.other}", "hectares, homes and inhabitants")
        elif self.heading is not None and len(self.events) == self.before:
            self._fault(repr(self.heading[0]), "what it announces, on the next line")
        self.heading = self.other = None
        self.before = len(self.events)

    def _fault(self, found: str, expected: str) -> None:
        self.faults.append(Fault(self.file, found, expected, key=f"{self.code} {self.name}"))


def _words(days: Iterable[date | None]) -> str:
    return " and ".join(sorted(str(day or "before 1830") for day in days)) or "none"


def _day(text: str) -> date:
    day, month, year = text.split("-")
    return date(int(year), int(month), int(day))
