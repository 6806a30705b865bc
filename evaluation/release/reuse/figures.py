"""The figures of a report as others may use them: what each shows, and the numbers behind it."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from lxml import html

from evaluation.base.text import read_cell_text
from evaluation.inputs.theme import theme
from evaluation.present.colours import COLOURS
from evaluation.present.drawing import light_colours
from evaluation.present.drawing.on_page import PICTURE
from evaluation.publish.pages.html import parse_page, with_class
from evaluation.release.numbered import numbers_on

COLUMNS = (
    "result_id", "theme", "indicator", "unit", "period", "measure", "value", "unit_of_measure", "status", "source",
    "vintage",
)  # fmt: skip
"""Of results.csv, what is told of each number."""

_AREA = re.compile(
    r'<div\b[^>]*\bclass="figuur-vlak"[^>]*\bdata-figuur="(?P<name>[\w-]+)"[^>]*>(?P<drawn>.*?)</div>', re.DOTALL
)
_DRAWING = re.compile(rf'<svg class="{PICTURE} [^>]*>.*?</svg>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a report with the numbers that it records."""

    label: str  # fig-...
    page: str  # of the report
    title: str
    subtitle: str  # what is measured and when; empty where nothing is said
    caption: str
    alt: str
    source: str
    drawn: str  # the drawings for a wide and a narrow page, in its colours; empty where only a script draws it
    table: str  # the table beside it, as HTML
    rows: tuple[Mapping[str, str], ...]  # in the columns `COLUMNS`, as results.csv has them

    @property
    def svg(self) -> str:
        """The drawing for a wide page as a file of its own, in the light colours; empty where there is none."""
        found = _DRAWING.search(self.drawn)
        if found is None:
            return ""
        root, _, rest = found[0].partition(">")
        size = re.sub(r' (?:class|aria-hidden)="[^"]*"', "", root.removeprefix("<svg"))
        head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img"{size} font-family="{escape(theme().fonts.figure)}">'
        paper = f'<rect width="100%" height="100%" fill="{COLOURS["bg"]}"/>'
        return light_colours(f"{head}<title>{escape(self.alt)}</title>{paper}{rest}")

    @property
    def is_example(self) -> bool:
        """Whether it has made-up figures."""
        return any(row["status"] == "example" for row in self.rows)


def read_results(site: Path) -> dict[str, dict[str, str]]:
    """Read results.csv of a report as text, by result_id."""
    text = (site / "results.csv").read_text(encoding="utf-8")
    rows = [{name: read_cell_text(cell) for name, cell in row.items()} for row in csv.DictReader(io.StringIO(text))]
    return {row["result_id"]: row for row in rows}


def read_figures(site: Path) -> list[Figure]:
    """Read every figure of a report that records numbers, in the order of its pages."""
    results = read_results(site)
    found = []
    for numbers in sorted(site.glob("cijfers-*.html")):
        behind: dict[str, dict[str, None]] = {}
        for label, identity, _ in numbers_on(numbers.read_text(encoding="utf-8")):
            behind.setdefault(label, {})[identity] = None
        page = site / numbers.name.removeprefix("cijfers-")
        if not page.is_file():
            continue
        drawn = _drawings(page.read_text(encoding="utf-8"))
        for tag in parse_page(page).xpath("//figure[starts-with(@id, 'fig-')]"):
            rows = tuple(results[name] for name in behind.get(tag.get("id"), ()) if name in results)
            if rows:
                found.append(_read(tag, page.name, rows, drawn))
    return found


def _drawings(page: str) -> dict[str, str]:
    """Give the drawings of each figure as they stand in the text of a page: a tree of HTML knows no capitals."""
    return {found["name"]: "".join(_DRAWING.findall(found["drawn"])) for found in _AREA.finditer(page)}


def _read(tag: html.HtmlElement, page: str, rows: tuple[Mapping[str, str], ...], drawn: Mapping[str, str]) -> Figure:
    caption = _words(tag.find("figcaption"))
    area = next(with_class(tag, "figuur-vlak"), None)
    tables = [part for details in with_class(tag, "figuur-tabel") for part in details.iter("table")]
    return Figure(
        label=str(tag.get("id")),
        page=page,
        title=_text(tag, "figuur-titel") or caption,
        subtitle=_text(tag, "figuur-maat"),
        caption=caption,
        alt=caption if area is None else str(area.get("aria-label") or caption),
        source=_text(tag, "bron"),
        drawn="" if area is None else drawn.get(str(area.get("data-figuur")), ""),
        table="".join(html.tostring(part, encoding="unicode", with_tail=False) for part in tables),
        rows=rows,
    )


def _text(tag: html.HtmlElement, name: str) -> str:
    return _words(next(with_class(tag, name), None))


def _words(tag: html.HtmlElement | None) -> str:
    return "" if tag is None else " ".join("".join(tag.itertext()).split())
