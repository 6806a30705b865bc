"""The page "wat is er veranderd", and the mark at every number that was revised."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from evaluation.base import dutch
from evaluation.base.paths import write_text
from evaluation.bundles.causes import Cause
from evaluation.bundles.compare import Difference, count_by_cause
from evaluation.bundles.verdict import write_differences
from evaluation.inputs.deal_parts import Region
from evaluation.publish.pages.html import parse_page
from evaluation.publish.pages.numbers import Codebook
from evaluation.publish.print.manuscript import REVISED
from evaluation.release.changes import GROUP_TITLES, Changes
from evaluation.release.numbered import numbers_on
from evaluation.release.shell import CHANGES_PAGE, change_pages, fill, in_shell, read_shell

CHANGES_TABLE = "wijzigingen.csv"
_ROWS = 400
"""Numbers on one page: with more it would be too large a page."""

_CAUSES_SHOWN = 3
_KINDS = {
    "snapshot": "statistiek", "record": "registratie", "retail": "winkeltabel", "deal": "tekst van de deal",
    "data": "gegevens", "module": "rekenmodule", "notebook": "notebook", "parameter": "parameter",
    "lock": "vaste versies", "version": "versie van", "absent": "ontbreekt",
}  # fmt: skip
_TRAIL = re.compile(r'<a href="(?P<page>cijfers-[^"#]+\.html)#(?P<label>[^"]+)">[^<]*met herkomst</a>')
_ALL = '<a href="cijfers.html">Alle cijfers met herkomst</a>'


@dataclass(frozen=True, slots=True)
class _Row:
    item: Difference
    page: str  # where the number stands; empty where it is on no page
    title: str
    unit: str

    @property
    def causes(self) -> str:
        told = [cause_words(cause) for cause in self.item.causes[:_CAUSES_SHOWN]]
        more = len(self.item.causes) - _CAUSES_SHOWN
        return "; ".join([*told, *([f"en nog {more}"] if more > 0 else [])])

    @property
    def values(self) -> tuple[str, str, str]:
        before, now = self.item.expected, self.item.got
        change = dutch.number(now - before, _decimals(before, now), signed=True) if None not in (before, now) else ""
        texts = [
            _shown(value, None if status == "" else status)
            for value, status in ((before, self.item.expected_status), (now, self.item.got_status))
        ]
        return texts[0], texts[1], change


def cause_words(cause: Cause) -> str:
    """Say a cause in Dutch."""
    if cause.kind == "none":
        return "geen vastgelegde invoer verschilt"
    words = f"{_KINDS[cause.kind]} {cause.name}".strip()
    change = cause.change.replace("->", "→").replace("is new", "is nieuw").replace("is gone", "is vervallen")
    change = re.sub(r"^another file of the vintage (.*)", r"ander bestand van stand \1", change)
    return f"{words} ({change})" if change else words


def write_changes(
    site: Path, changes: Changes | None, words: tuple[Codebook, Region], *, number: int, erratum: str, note: str
) -> None:
    """Write the pages of changes of a release, and a table of all of them; without `changes` it is the first.

    The pages are ``wijzigingen.html``, and ``wijzigingen-2.html`` and further where one would be too large. `words` are
    the names of what is measured and of where.
    """
    shell = read_shell(site)
    rows = list(_rows(site, changes, *words)) if changes else []
    parts = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)] or [[]]
    for place, part in enumerate(parts, start=1):
        groups: dict[str, list[_Row]] = {}
        for group, row in part:
            groups.setdefault(GROUP_TITLES[group], []).append(row)
        title = "Wat is er veranderd sinds de vorige uitgave" + (f" (deel {place})" if place > 1 else "")
        body = fill(
            "wijzigingen.html",
            title=title,
            number=number,
            erratum=erratum,
            note=note,
            changes=changes,
            is_first_part=place == 1,
            groups=groups,
            pages=[_page(other) for other in range(1, len(parts) + 1)],
            page=_page(place),
            totals=[(GROUP_TITLES[name], len(items)) for name, items in changes.groups] if changes else [],
            causes=[(cause_words(cause), count) for cause, count in count_by_cause(changes.all).items()][:100]
            if changes
            else [],
            capital=dutch.capital,
            changed=dutch.plural(len(changes.all), "getal veranderde", "getallen veranderden") if changes else "",
            same=dutch.plural(changes.same, "bleef gelijk", "bleven gelijk") if changes else "",
        )
        write_text(site / _page(place), in_shell(shell, title, body))
    if changes:
        write_differences(changes.all, site / CHANGES_TABLE)


def mark_revised(site: Path, changes: Changes) -> int:
    """Mark every revised number: on the pages of numbers, and under what shows it; return how many marks there are."""
    revised = changes.revised
    places = _places(changes)
    counts: dict[tuple[str, str], int] = {}
    marks = 0

    def on_numbers(path: Path, text: str) -> str:
        nonlocal marks
        if not path.name.startswith("cijfers-"):
            return text
        parts, last = [], 0
        for label, identity, end in numbers_on(text):
            if identity not in revised:
                continue
            counts[path.name, label] = counts.get((path.name, label), 0) + 1
            mark = f' <a href="{places[identity]}#{escape(identity)}">herzien</a>'
            parts.append(text[last:end] + mark)
            last, marks = end, marks + 1
        return "".join([*parts, text[last:]])

    def on_chapters(path: Path, text: str) -> str:
        def mark(found: re.Match) -> str:
            count = counts.get((found["page"], found["label"]), 0)
            words = dutch.plural(count, "cijfer herzien", "cijfers herzien")
            return found[0] + (f' <a class="{REVISED}" href="{CHANGES_PAGE}">{words}</a>' if count else "")

        if path.name == "index.html" and revised:
            words = f"{dutch.plural(len(revised), 'cijfer', 'cijfers')} herzien sinds de vorige uitgave"
            text = text.replace(_ALL, f'{_ALL} <a class="{REVISED}" href="{CHANGES_PAGE}">{words}</a>')
        return _TRAIL.sub(mark, text)

    change_pages(site, on_numbers)
    change_pages(site, on_chapters)
    return marks


def _places(changes: Changes) -> Mapping[str, str]:
    return {item.result_id: _page(1 + place // _ROWS) for place, item in enumerate(changes.all)}


def _page(place: int) -> str:
    return CHANGES_PAGE if place == 1 else CHANGES_PAGE.replace(".html", f"-{place}.html")


def _rows(site: Path, changes: Changes, book: Codebook, region: Region) -> Iterator[tuple[str, _Row]]:
    pages = {
        str(name): path.name
        for path in sorted(site.glob("cijfers-*.html"), reverse=True)
        for name in parse_page(path).xpath("//@id")
    }
    places = {item.code: item.name for item in region.municipalities}
    places |= {region.unit_id: region.short_name, region.benchmark.code: region.benchmark.name}
    for group, items in changes.groups:
        for item in items:
            _, indicator, place, period, measure = item.result_id.split(".")
            title = f"{dutch.capital(book.name('indicator', indicator))}, {places.get(place, place)}, {period}"
            unit = book.name("meeteenheid", item.unit_of_measure)
            page = pages.get(item.result_id, "")
            yield group, _Row(item, page, f"{title}: {book.name('maat', measure)}", unit)


def _decimals(*values: float) -> int:
    """Give as many decimals as show a difference in the sizes that there are."""
    if all(float(value).is_integer() for value in values):
        return 0
    sizes = [abs(value) for value in (*values, values[1] - values[0]) if value]
    smallest = min(sizes, default=1.0)
    return next((count for count in range(7) if smallest * 10**count >= 100), 7)


def _shown(value: float | None, status: str | None) -> str:
    if status is None:
        return "(geen)"
    return dutch.number(value, min(_decimals(value, value), 6)) if value is not None else f"geen waarde ({status})"
