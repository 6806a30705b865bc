"""Write the files for reuse of a release candidate: per figure, a page that lists them, and the numbers as JSON.

References
----------
Metadata Vocabulary for Tabular Data (CSVW), W3C Recommendation: https://www.w3.org/TR/tabular-metadata/.
Releasing statistics in spreadsheets, Analysis Function of the UK Government: a checklist for accessible spreadsheets.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from markupsafe import Markup
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.table import Table, TableStyleInfo

from evaluation.base import dutch
from evaluation.base.paths import write_bytes, write_text
from evaluation.base.text import csv_text, is_formula, page_slug
from evaluation.inputs.theme import theme
from evaluation.inputs.workbook.files import workbook_bytes
from evaluation.publish.pages.policy import POLICY_TAG
from evaluation.publish.site.catalogue import CODE_LICENCE
from evaluation.release.reuse.figures import COLUMNS, Figure, read_figures, read_results
from evaluation.release.shell import change_pages, fill, in_shell

REUSE = "hergebruik"
"""Folder of a release with its files for reuse: at its permanent address only, so that they never change there."""

REUSE_PAGE = "hergebruik.html"
API = "api"
_TITLES = {
    "result_id": "Kenmerk", "theme": "Thema", "indicator": "Indicator", "unit": "Gebied of onderdeel",
    "period": "Periode", "measure": "Maat", "value": "Waarde", "unit_of_measure": "Eenheid", "status": "Soort cijfer",
    "source": "Bron", "vintage": "Stand",
}  # fmt: skip
_EXAMPLE = "Let op: in deze cijfers staan voorbeeldcijfers (verzonnen)."
_ABSENT = "geen waarde"
_TRAIL = re.compile(
    r'(<p class="herleiding">(?:(?!</p>).)*href="cijfers-[^"#]+#(?P<label>fig-[^"]+)"(?:(?!</p>).)*)(</p>)'
)
_MUNICIPALITY = re.compile(r"GM\d{4}")


def write_reuse(site: Path, shell: str, *, about: Mapping[str, object], place: str) -> int:
    """Write the files for reuse of the report in `site`; return of how many figures.

    `about` says what release it is; `place` is the folder of its permanent address (``uitgave-1``).
    """
    figures = list({figure.label: figure for figure in read_figures(site)}.values())
    folder = site / REUSE
    for figure in figures:
        for name, content in figure_files(figure, about).items():
            write_bytes(folder / name, content)
    for name, content in api_files(read_results(site).values(), about).items():
        write_bytes(folder / API / name, content)
    body = fill("hergebruik.html", figures=figures, base=f"{place}/{REUSE}/", about=about, api=API)
    write_text(site / REUSE_PAGE, in_shell(shell, "Cijfers en figuren hergebruiken", body))
    there = {figure.label for figure in figures}

    def lead(_: Path, text: str) -> str:
        def add(found: re.Match) -> str:
            link = f' <a href="{REUSE_PAGE}#{found["label"]}">Hergebruik</a>'
            return f"{found[1]}{link if found['label'] in there else ''}{found[3]}"

        return _TRAIL.sub(add, text)

    change_pages(site, lead)
    return len(figures)


def figure_files(figure: Figure, about: Mapping[str, object]) -> dict[str, bytes]:
    """Make the files of a figure: name to bytes."""
    name = figure.label
    files = {
        f"{name}.csv": csv_text([COLUMNS, *([row[column] for column in COLUMNS] for row in figure.rows)]).encode(),
        f"{name}.csv-metadata.json": _json(_csvw(figure, about)),
        f"{name}.json": _json(_content(figure, about)),
        f"{name}.xlsx": _workbook(figure, about),
        f"{name}.html": _page(figure, about).encode(),
    }
    return files | ({f"{name}.svg": figure.svg.encode()} if figure.svg else {})


def api_files(rows: Iterable[Mapping[str, str]], about: Mapping[str, object]) -> dict[str, bytes]:
    """Make the numbers of a report by theme and by municipality, and the list of its indicators: name to bytes."""
    parts: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        parts.setdefault(f"thema-{page_slug(row['theme'])}.json", []).append(row)
        if _MUNICIPALITY.fullmatch(row["unit"]):
            parts.setdefault(f"gemeente-{row['unit']}.json", []).append(row)
    files = {name: _json({**about, **_columns(own)}) for name, own in parts.items()}
    indicators: dict[str, dict[str, object]] = {}
    for row in (row for name, own in parts.items() if name.startswith("thema-") for row in own):
        known = indicators.setdefault(row["indicator"], {"themes": [], "units": [], "measures": [], "periods": []})
        for key, column in (("themes", "theme"), ("units", "unit"), ("measures", "measure"), ("periods", "period")):
            if row[column] not in known[key]:
                known[key].append(row[column])
    files["indicatoren.json"] = _json({**about, "indicators": dict(sorted(indicators.items()))})
    return files


def _columns(rows: Iterable[Mapping[str, str]]) -> dict[str, object]:
    values = [[_value(column, row[column]) for column in COLUMNS] for row in rows]
    return {"columns": list(COLUMNS), "rows": values}


def _value(column: str, text: str) -> str | float | None:
    """Give a cell as JSON and Excel have it: a value as a number, or nothing where it is not known."""
    if column != "value":
        return text
    if not text:
        return None
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _content(figure: Figure, about: Mapping[str, object]) -> dict[str, object]:
    told = {"title": figure.title, "caption": figure.caption, "alt": figure.alt, "source": figure.source}
    return {**about, "figure": figure.label, **told, "is_example": figure.is_example, **_columns(figure.rows)}


def _csvw(figure: Figure, about: Mapping[str, object]) -> dict[str, object]:
    """Describe the CSV of a figure as CSVW does: what each column is, and that an empty value is none."""
    columns = [
        {
            "name": name,
            "titles": name,
            "dc:title": {"@value": _TITLES[name], "@language": "nl"},
            "datatype": {"base": "double"} if name == "value" else "string",
            "required": name in ("result_id", "indicator", "measure", "status"),
        }
        for name in COLUMNS
    ]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "nl"}],
        "url": f"{figure.label}.csv",
        "dc:title": figure.title,
        "dc:description": " ".join([figure.caption, *([_EXAMPLE] if figure.is_example else [])]),
        "dc:source": figure.source,
        "dc:publisher": str(about["deal_name"]),
        "dc:issued": str(about["date"]),
        "dc:license": {"@id": CODE_LICENCE},
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True},
        "tableSchema": {"columns": columns, "primaryKey": "result_id"},
    }


def _workbook(figure: Figure, about: Mapping[str, object]) -> bytes:
    """Write the numbers of a figure as a workbook that can be read aloud.

    One table on a sheet, marked as one, with a name; a title in the first cell; no merged, hidden or empty cells.
    """
    book = Workbook()
    cover = book.active
    cover.title = "Over deze cijfers"
    lines = [
        figure.title, figure.subtitle, figure.caption, figure.source, _EXAMPLE if figure.is_example else "",
        f"{about['title']}, {about['deal_name']}. Uitgave {about['release']} van {_day(about)}.",
        "Dit bestand heeft twee werkbladen. Op het werkblad Cijfers staat één tabel.",
        f"Waar een cijfer niet bekend is, staat: {_ABSENT}.",
        "Wat de kolommen betekenen, staat in codebook.csv van het verslag.",
    ]  # fmt: skip
    for line in filter(None, dict.fromkeys(lines)):
        cover.append([line])
    sheet = book.create_sheet("Cijfers")
    sheet.append([f"Cijfers bij: {figure.title}"])
    sheet.append([f"Dit werkblad heeft één tabel met {len(figure.rows)} rijen. {figure.source}"])
    sheet.append([_TITLES[name] for name in COLUMNS])
    for row in figure.rows:
        cells = [_value(name, row[name]) for name in COLUMNS]
        sheet.append([_ABSENT if cell in (None, "") else cell for cell in cells])
    last = f"{chr(ord('A') + len(COLUMNS) - 1)}{sheet.max_row}"
    table = Table(displayName=re.sub(r"\W", "_", f"cijfers_{figure.label}"), ref=f"A3:{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(table)
    _dress(cover, [100])
    _dress(sheet, [44, 8, 28, 20, 10, 24, 14, 16, 16, 44, 14], heads=3)
    book.properties.title, book.properties.language = figure.title, "nl-NL"
    book.properties.creator = str(about["deal_name"])
    return workbook_bytes(book)


def _dress(sheet, widths: Sequence[int], *, heads: int = 1) -> None:
    """Set letters of 12 points without serifs, wrapped where there is no table, and columns that are wide enough."""
    font = theme().fonts.word
    for place, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + place)].width = width
    for row in sheet.iter_rows():
        for cell in row:
            number = cell.row
            cell.font = Font(name=font, size=16 if number == 1 else 12, bold=number in (1, heads))
            if heads == 1 or number == heads:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, str) and is_formula(cell.value):
                cell.quotePrefix = True


def _page(figure: Figure, about: Mapping[str, object]) -> str:
    """Write the page of a figure for in another page: its drawing, its table, its source; no script."""
    parts = {"drawn": Markup(figure.drawn), "table": Markup(figure.table), "day": _day(about)}
    return fill("inbedden.html", policy=Markup(POLICY_TAG), figure=figure, about=about, example=_EXAMPLE, **parts)


def _day(about: Mapping[str, object]) -> str:
    return dutch.day(date.fromisoformat(str(about["date"])))


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
