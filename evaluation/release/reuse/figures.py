"""The figures of a report as others may use them: what each shows, and the numbers behind it."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lxml import html

from evaluation.base.text import read_cell_text
from evaluation.publish.pages.html import parse_page, with_class
from evaluation.release.numbered import numbers_on

COLUMNS = (
    "result_id", "theme", "indicator", "unit", "period", "measure", "value", "unit_of_measure", "status", "source",
    "vintage",
)  # fmt: skip
"""Of results.csv, what is told of each number."""

_SVG = "data:image/svg+xml,"


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
    svg: str  # the drawing; empty where there is none
    table: str  # the table beside it, as HTML
    rows: tuple[Mapping[str, str], ...]  # in the columns `COLUMNS`, as results.csv has them

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
        for tag in parse_page(page).xpath("//figure[starts-with(@id, 'fig-')]") if page.is_file() else ():
            rows = tuple(results[name] for name in behind.get(tag.get("id"), ()) if name in results)
            if rows:
                found.append(_read(tag, page.name, rows))
    return found


def _read(tag: html.HtmlElement, page: str, rows: tuple[Mapping[str, str], ...]) -> Figure:
    caption = _words(tag.find("figcaption"))
    area = next(with_class(tag, "figuur-vlak"), None)
    image = next(with_class(tag, "figuur-beeld"), None)
    drawn = "" if image is None else str(image.get("src"))
    tables = [part for details in with_class(tag, "figuur-tabel") for part in details.iter("table")]
    return Figure(
        label=str(tag.get("id")),
        page=page,
        title=_text(tag, "figuur-titel") or caption,
        subtitle=_text(tag, "figuur-maat"),
        caption=caption,
        alt=caption if area is None else str(area.get("aria-label") or caption),
        source=_text(tag, "bron"),
        svg=unquote(drawn.removeprefix(_SVG)) if drawn.startswith(_SVG) else "",
        table="".join(html.tostring(part, encoding="unicode", with_tail=False) for part in tables),
        rows=rows,
    )


def _text(tag: html.HtmlElement, name: str) -> str:
    return _words(next(with_class(tag, name), None))


def _words(tag: html.HtmlElement | None) -> str:
    return "" if tag is None else " ".join("".join(tag.itertext()).split())
