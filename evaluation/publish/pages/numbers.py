"""From a number in a report to where it comes from: its rows in results.csv, its cell and its source table.

A step that shows numbers gets a line under it that leads to the page with its rows; a table or a figure also a download
of what it shows.  All of it is made when a report is staged, so that both engines publish the same.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from pathlib import Path
from typing import Any

import pandas as pd
from lxml.html import HtmlElement
from nbformat import NotebookNode

from evaluation.base import dutch
from evaluation.base.duck import connect_duckdb, quote_text
from evaluation.base.paths import project_root
from evaluation.base.text import csv_text
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_indicators, register_dir
from evaluation.present.published import Published
from evaluation.present.results import COLUMNS, RESULTS_MIME, read_csv
from evaluation.publish.pages.html import load_template, parse_html, with_class
from evaluation.publish.pages.notebook_markdown import raw_html, split_options
from evaluation.publish.record import RunRecord

DOWNLOADS = "downloads"
PAGES = "_cijfers"
"""Folder of a staged report with the content of its pages of numbers."""

_OVERVIEW = "cijfers.html"
_CODEBOOK = ("soort", "code", "naam", "omschrijving", "meeteenheid", "bron")
_FLOATS = ("fig-", "tbl-")
_TEMPLATE = "reports/style/cijfers.html.j2"
_EXAMPLE = "voorbeeldcijfers"
_TITLE = 60
"""Letters of a step's text that stand in for its caption."""
_SHOWN_TEXT = ".//text()[not(ancestor::*[@aria-hidden])]"


@dataclass(frozen=True, slots=True)
class Step:
    """A cell of a chapter that shows something."""

    label: str  # its label, or its id where it has none; as in the column `cell` of results.csv
    page: str
    title: str  # the caption, or the first words of its text
    code: str  # empty where the chapter itself shows it
    records: tuple[dict, ...]  # its numbers, as in results.csv
    table: tuple[tuple[str, ...], ...]  # the rows that a reader sees, the header first; empty for a text
    source: str  # the source line that a reader sees

    @property
    def anchor(self) -> str:
        """Where it stands on its page: a figure or table under its label, a text under a name of its own."""
        return self.label if self.label.startswith(_FLOATS) else f"cel-{self.label}"

    @property
    def numbers_page(self) -> str:
        """Page with the numbers of its chapter."""
        return f"cijfers-{self.page}"

    @property
    def download(self) -> str | None:
        """Address of the table that it shows, as a file."""
        return f"{DOWNLOADS}/{self.label}.csv" if self.table else None


def read_step(cell: NotebookNode, page: str) -> Step | None:
    """Read a code cell that shows something; None for one that shows nothing, or that a reader does not see."""
    options, code = split_options(cell.source)
    if not options.get("include", True) or not options.get("output", True):
        return None
    if not (bundles := [output.data for output in cell.outputs if "data" in output]):
        return None
    records = tuple(record for bundle in bundles for record in bundle.get(RESULTS_MIME, ()))
    label = str(options.get("label") or cell.id)
    is_float = label.startswith(_FLOATS)
    shown = parse_html("".join(str(bundle.get("text/html", "")) for bundle in bundles))
    caption = str(options.get("fig-cap") or options.get("tbl-cap") or "")
    sources = (text for tag in with_class(shown, "bron") for text in tag.xpath(".//text()"))
    return Step(
        label=label,
        page=page,
        title=_plain(caption) if caption else _first_words(bundles),
        code="" if options.get("echo", True) else code,
        records=records,
        table=tuple(_table_rows(shown)) if is_float else (),
        source=" ".join(filter(None, map(str.strip, sources))),
    )


def add_trail(cell: NotebookNode, step: Step) -> None:
    """Add to what a cell shows the line that leads to its numbers, and to the download of its table.

    The summary shows numbers of the chapters, which record them: it leads to the list of all.
    """
    links = []
    if step.records:
        words = f"{dutch.plural(len(step.records), 'cijfer', 'cijfers')} met herkomst"
        links.append(f'<a href="{step.numbers_page}#{step.label}">{words}</a>')
    elif step.page == "index.html":
        links.append(f'<a href="{_OVERVIEW}">Alle cijfers met herkomst</a>')
    if step.download:
        links.append(f'<a href="{step.download}" download>Download (CSV)</a>')
    if not links:
        return
    place = "" if step.label.startswith(_FLOATS) else f' id="{step.anchor}"'
    line = f'<p class="herleiding"{place}>{" ".join(links)}</p>'
    data = [output.data for output in cell.outputs if "data" in output][-1]
    if "text/html" in data:
        data["text/html"] = "".join(data["text/html"]) + line
    elif "text/markdown" in data:
        data["text/markdown"] = "".join(data["text/markdown"]).rstrip() + f"\n\n{raw_html(line)}\n"


def write_numbers(
    record: RunRecord, run_dir: Path, target: Path, steps: Sequence[Step], reports: Sequence[Published] = ()
) -> None:
    """Write the pages of numbers (``_cijfers/``) and the ``downloads/`` of a staged report, in its order.

    The pages around `reports` show numbers of them: those stay with the report that has them, and are led to there;
    the staged results.csv has the others.
    """
    results = (run_dir / "results.csv").read_text(encoding="utf-8")
    frame = read_csv(results)
    if taken := _taken(frame, reports):
        is_own = ~frame["result_id"].isin(taken)
        frame = frame[is_own]
        header, *rows = csv.reader(io.StringIO(results))
        (target / "results.csv").write_text(csv_text([header, *compress(rows, is_own)]), encoding="utf-8")
    book = Codebook(record)
    _write_downloads(frame, book, target / DOWNLOADS, steps)
    _write_pages(book, record.account, target, [step for step in steps if step.records], taken)


def _taken(frame: pd.DataFrame, reports: Sequence[Published]) -> dict[str, Published]:
    """Find the last report that has each number just as it stands in `frame`, by result_id."""
    own = _told(frame.set_index("result_id"))
    found: dict[str, Published] = {}
    for report in reports:
        if report.is_whole:
            found |= {identity: report for identity, told in _told(report.results).items() if own.get(identity) == told}
    return found


def _told(results: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Give what is told of each number, by result_id."""
    columns = ["value", "unit_of_measure", "status", "source", "vintage"]
    return {str(row[0]): tuple(map(str, row[1:])) for row in results[columns].itertuples(name=None)}


def _write_downloads(frame: pd.DataFrame, book: Codebook, folder: Path, steps: Sequence[Step]) -> None:
    folder.mkdir()
    for step in steps:
        if step.download:
            (folder.parent / step.download).write_bytes(_shown_table(step))
    (folder / "codebook.csv").write_bytes(_spreadsheet([_CODEBOOK, *book.rows(frame)]))
    with connect_duckdb() as database:
        database.register("results", frame[list(COLUMNS)])
        database.execute(
            f"COPY (SELECT * REPLACE (CASE WHEN isnan(value) THEN NULL ELSE value END AS value) FROM results "
            f"ORDER BY result_id) TO {quote_text(folder / 'results.parquet')} (FORMAT parquet, COMPRESSION zstd)"
        )


def _write_pages(
    book: Codebook, account: str, target: Path, steps: Sequence[Step], taken: Mapping[str, Published]
) -> None:
    """Write the list of all chapters with numbers, and a page for each."""
    template = load_template(target / _TEMPLATE)
    chapters: dict[str, list[Step]] = {}
    for step in steps:
        chapters.setdefault(step.page, []).append(step)
    titles = {page: _title_of(target, page) for page in chapters}
    counts = {page: sum(len(step.records) for step in own) for page, own in chapters.items()}
    contents = {
        _OVERVIEW: template.render(
            overview=counts, titles=titles, chapter=None, steps=(), sources=(), account=account, has_reports=bool(taken)
        )
    }
    for page, own in chapters.items():
        kept = [[item for item in step.records if item["result_id"] not in taken] for step in own]
        names = list(dict.fromkeys(str(item["source"]) for records in kept for item in records))
        text = template.render(
            overview=None,
            titles=titles,
            chapter=page,
            steps=[
                (step, groups := _groups(records, book, names), _elsewhere(step, taken), _one_status(groups))
                for step, records in zip(own, kept, strict=True)
            ],
            sources=list(_sources(book, names)),
            account=account,
        )
        contents[own[0].numbers_page] = _unique_ids(text)
    (target / PAGES).mkdir()
    for name, text in contents.items():
        (target / PAGES / name).write_text(text, encoding="utf-8")


def _one_status(groups: Iterable[Mapping[str, Any]]) -> str:
    """Return the status that all rows of a step have, which is then said once; empty where they differ."""
    found = {str(row["status"]) for group in groups for row in group["rows"]}
    return found.pop() if len(found) == 1 else ""


def _sources(book: Codebook, names: Sequence[str]) -> Iterable[tuple[int, str, list[tuple[Mapping, int]]]]:
    """Give each source with its number and its tables, each with the number of the first source that has it."""
    first: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        found = book.snapshots(name)
        yield number, name, [(item, first.setdefault(str(item["sha256"]), number)) for item in found]


def _shown_table(step: Step) -> bytes:
    """Write the table that a reader sees as a file that a Dutch spreadsheet program opens, its source below it."""
    notes = [[f"Bron: {step.source}" if not step.source.startswith("Bron") else step.source]] if step.source else []
    if any(item["status"] == "example" for item in step.records) or _EXAMPLE in step.source.lower():
        notes.append(["Let op: in deze tabel staan voorbeeldcijfers (verzonnen)."])
    return _spreadsheet([*step.table, *([[]] if notes else []), *notes])


class Codebook:
    """The words for what stands in results.csv, and the tables behind its sources."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        text = (project_root() / "reports" / "codeboek.csv").read_text(encoding="utf-8")
        self._entries = {(row["soort"], row["code"]): row for row in csv.DictReader(io.StringIO(text))}

    @cached_property
    def indicators(self) -> dict:
        """The defined indicators by id; none where the project has no definitions."""
        folder = register_dir(self._record.deal)
        return load_indicators(folder=folder) if folder.is_dir() else {}

    @cached_property
    def titles(self) -> dict[str, str]:
        """What is measured, in words: indicators, and the targets, results and milestones of the deal."""
        titles = {code: item.title for code, item in self.indicators.items()}
        if (project_root() / "data" / "deal" / f"{self._record.deal}.yml").is_file():
            deal = load_deal(self._record.deal)
            titles |= {item.id: item.title for item in (*deal.milestones, *deal.targets)}
            for item in (result for theme in deal.themes for result in theme.results):
                code = item.id.replace(".", "-")
                titles |= {f"resultaat-{code}": item.title, f"prestatie-{code}": item.title}
        return titles

    def name(self, kind: str, code: str) -> str:
        """Name a code of results.csv in Dutch; a code without a name stays as it is."""
        if kind == "indicator" and code in self.titles:
            return self.titles[code]
        if kind == "maat" and code.startswith("check-"):
            return f"{self._entries['maat', 'check-']['naam']} {code.removeprefix('check-')}"
        entry = self._entries.get((kind, code))
        if entry is None and kind == "indicator" and (known := self._begun_by(code)):
            rest = code.removeprefix(f"{known}-")
            of = self._entries.get(("indicator", rest), {"naam": rest.replace("-", " ")})
            return f"{self.titles[known]} ({of['naam']})"
        return entry["naam"] if entry else code

    def _begun_by(self, code: str) -> str:
        """Return the indicator of which a code names a design (woninginbraak-voor-na); empty where it is of none."""
        return max((known for known in self.titles if code.startswith(f"{known}-")), key=len, default="")

    def rows(self, frame: pd.DataFrame) -> Iterable[Sequence[str]]:
        """Return the codebook of the figures in `frame`, in the columns `_CODEBOOK`."""
        used = {
            "indicator": set(frame["indicator"]),
            "maat": {"check-" if code.startswith("check-") else code for code in frame["measure"]},
            "meeteenheid": set(frame["unit_of_measure"]),
            "status": set(frame["status"]),
            "keten": set(frame["chain"]),
        }
        for (kind, code), entry in self._entries.items():
            if kind == "kolom" or code in used[kind]:
                yield (kind, code, entry["naam"], entry["omschrijving"], "", "")
        for code, title in self.titles.items():
            item = self.indicators.get(code)
            if code not in used["indicator"]:
                continue
            if item is None:
                yield ("indicator", code, title, "Onderdeel van de deal.", "", self._record.deal_name)
                continue
            source = f"{item.source.publisher} {item.source.table or ''}".strip()
            unit = self.name("meeteenheid", item.unit_of_measure)
            yield ("indicator", code, title, " ".join(item.definition.split()), unit, source)

    def snapshots(self, source: str) -> list[Mapping]:
        """Return what run.json tells of the statistical tables that a source line names, the vintage in use only."""
        parts = {" ".join(part.split()) for part in source.split(";")}
        found: dict[str, Mapping] = {}
        for item in self._record.snapshots:
            number = str(item.get("publisher_table") or item["table"])
            if not any(part == number or part.endswith(f" {number}") for part in parts):  # may be several words
                continue
            if str(item["vintage"]) >= str(found.get(number, {}).get("vintage", "")):
                found[number] = item
        return list(found.values())


def _elsewhere(step: Step, taken: Mapping[str, Published]) -> list[tuple[str, str, int]]:
    """Give the pages of reports that hold numbers of a step: address, title of the report, how many."""
    pages = Counter(
        (report.numbers_page(item["result_id"]), report.title)
        for item in step.records
        if (report := taken.get(item["result_id"]))
    )
    return [(address, title, count) for (address, title), count in pages.items()]


def _groups(records: Iterable[dict], book: Codebook, names: Sequence[str]) -> list[dict[str, Any]]:
    """Put what a step shows in groups of one indicator, which is named once: a page has thousands of rows."""
    groups: dict[str, list[dict[str, object]]] = {}
    titles: dict[str, str] = {}
    for item in records:
        key = f"{item['theme']}.{item['indicator']}"
        titles[key] = book.name("indicator", item["indicator"])
        groups.setdefault(key, []).append(
            {
                "rest": item["result_id"].removeprefix(f"{key}."),
                "what": book.name("maat", item["measure"]),
                "value": _value(item["value"]),
                "unit": book.name("meeteenheid", item["unit_of_measure"]) if item["value"] is not None else "",
                "status": book.name("status", item["status"]),
                "source": names.index(str(item["source"])) + 1,
            }
        )
    return [{"key": key, "title": titles[key], "rows": rows} for key, rows in groups.items()]


def _value(value: float | None) -> str:
    if value is None:
        return "–"
    digits = f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) < 1e6 else f"{value:.0f}"
    return dutch.number(value, len(digits.partition(".")[2]))


def _unique_ids(text: str) -> str:
    """Keep the name of a row for the first that has it: a number may be shown by several cells."""
    seen: set[str] = set()

    def keep(match: re.Match[str]) -> str:
        if match.group(1) in seen:
            return "<tr>"
        seen.add(match.group(1))
        return match.group(0)

    return re.sub(r'<tr id="([^"]+)">', keep, text)


def _table_rows(shown: HtmlElement) -> Iterable[tuple[str, ...]]:
    """Give the rows of the first table, without what only decorates it."""
    table = shown.find(".//table")
    for row in table.iter("tr") if table is not None else ():
        cells = (cell for cell in row.iter("th", "td") if cell.get("aria-hidden") is None)
        yield tuple(" ".join(" ".join(cell.xpath(_SHOWN_TEXT)).split()) for cell in cells)


def _first_words(bundles: Sequence[Mapping]) -> str:
    text = "".join(str(bundle.get("text/markdown") or bundle.get("text/plain") or "") for bundle in bundles)
    return dutch.first_words(" ".join(_plain(text).split()), _TITLE)


def _plain(text: str) -> str:
    """Return the words of a text in Markdown: what is escaped is a word, other marks and tags are not."""
    return re.sub(r"\\([\W_])|[*_`]|\{[^}]*\}|<[^>]+>", lambda mark: mark[1] or "", text).strip()


def _title_of(target: Path, page: str) -> str:
    """Return the first heading of a staged chapter."""
    name = f"{Path(page).stem}.ipynb"
    cells = json.loads((target / name).read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    found = re.search(r"^#[ \t]+(.+?)[ \t]*(\{[^}]*\})?[ \t]*$", text, re.MULTILINE)
    return _plain(found.group(1)) if found else Path(page).stem


def _spreadsheet(rows: Iterable[Sequence[str]]) -> bytes:
    return csv_text(rows, delimiter=";", line_end="\r\n").encode("utf-8-sig")
