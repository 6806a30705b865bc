"""The tables of the account page, from the run's record."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from evaluation.base import dutch
from evaluation.inputs.deal import Deal
from evaluation.inputs.editions import SITE
from evaluation.present.published import read_portfolio, read_reports
from evaluation.present.tables import Cell, Column, join_lines, table
from evaluation.publish.pages.notebook_markdown import raw_html
from evaluation.publish.record import RunRecord

_STATUS_WORDS = {
    "voorbeeld": "voorbeeldcijfers: verzonnen om te laten zien hoe dit verslag werkt",
    "voorlopig": "voorlopige cijfers",
    "vastgesteld": "vastgestelde cijfers",
}
_DOWNLOADS = (
    ("results.csv", "alle cijfers (CSV)"),
    ("downloads/results.parquet", "alle cijfers (Parquet)"),
    ("downloads/codebook.csv", "wat kolommen, maten en indicatoren betekenen (CSV)"),
    ("run.json", "hoe het verslag is gemaakt (JSON)"),
)
"""Files of a report, from its folder, that a reader can take away."""

NO_SUM = "zie SHA256SUMS bij de gepubliceerde versie"
"""In the place of the sum of the bundle, which is known when the site is published (`publish.site.bundle_sums`)."""

_UNKNOWN = "niet vastgelegd"


def account_tables(record: RunRecord) -> dict[str, str]:
    """Write the tables that verantwoording.qmd includes: file name to Markdown."""
    return {"_bronnen.md": _sources(record), "_programma.md": _programme(record), "_versies.md": _versions(record)}


def downloads_table(deal: Deal) -> str:
    """Write the table of files that the data page of the site includes: of each published report, what is there."""
    rows: list[list[Cell]] = []
    for report in (*read_reports(deal), read_portfolio(deal)):
        if not report.is_whole:
            continue
        name = report.folder.name
        files = [
            Markup('<a href="{}" download>{}</a>').format(f"{name}/{path}", words)
            for path, words in _DOWNLOADS
            if (report.folder / path).is_file()
        ]
        rows.append([report.title, join_lines(files)])
    if not rows:
        return "Er zijn nog geen verslagen gepubliceerd.\n"
    columns = ["Verslag", "Bestanden"]
    return _labelled("tbl-verantwoording-downloads", "De cijfers van elk verslag.", columns, rows)


def _sources(record: RunRecord) -> str:
    if not record.snapshots:
        return "Voor dit verslag zijn geen statistieken gebruikt.\n"
    columns = ["Tabel", "Nummer", "Uitgever", "Stand", "Opgehaald op", Column("Rijen", numeric=True), "Licentie"]
    snapshots = sorted(record.snapshots, key=lambda item: (str(item["source"]), str(item["table"])))
    rows: list[list[Cell]] = [
        [
            str(item.get("title") or item["table"]),
            _link(str(item.get("publisher_table") or item["table"]), item.get("url")),
            str(item.get("publisher") or item["source"]),
            _day(item["vintage"]),
            _day(item.get("retrieved")),
            dutch.number(item["rows"]) if item.get("rows") is not None else _UNKNOWN,
            str(item.get("licence") or _UNKNOWN),
        ]
        for item in snapshots
    ]
    origins = Markup("").join(
        Markup("<li><strong>{}</strong>: {} {}</li>").format(
            item["table"], item.get("origin") or f"herkomst {_UNKNOWN}.", item.get("attribution") or ""
        )
        for item in snapshots
    )
    return (
        _labelled("tbl-verantwoording-bronnen", "De gebruikte statistieken en hun stand.", columns, rows)
        + "\nHoe elke tabel hier is gekomen:\n\n"
        + raw_html(f"<ul>{origins}</ul>")
        + "\n"
    )


def _programme(record: RunRecord) -> str:
    status = str(record.dataset["status"])
    rows: list[list[Cell]] = [
        ["Naam", str(record.dataset.get("title") or _UNKNOWN)],
        ["Soort", _STATUS_WORDS[status]],
        ["Versie", str(record.dataset.get("version") or _UNKNOWN)],
    ]
    caption = "De gebruikte cijfers van het programma."
    shown = _labelled("tbl-verantwoording-programma", caption, ["Onderdeel", "Inhoud"], rows)
    return shown + (f"\n{_retail(record.retail)}" if record.retail else "")


def _retail(retail: dict) -> str:
    if not retail["may_publish"]:
        return "De winkelpanden zijn geteld. Hun licentie staat niet toe dat er iets van wordt gepubliceerd."
    rows_are = "besloten: zij staan niet in dit verslag" if retail["private"] else "openbaar"
    rows: list[list[Cell]] = [
        ["Naam", str(retail["title"])],
        ["Soort", _STATUS_WORDS[str(retail["status"])]],
        ["Versie", str(retail["version"])],
        ["Bron", str(retail["source"])],
        ["Licentie", str(retail["licence"])],
        ["Panden", rows_are],
        ["Cijfers", "worden getoond"],
    ]
    caption = "De gebruikte panden van de winkelmonitor."
    return _labelled("tbl-verantwoording-winkels", caption, ["Onderdeel", "Inhoud"], rows)


def _versions(record: RunRecord) -> str:
    rows: list[list[Cell]] = [["Analyseplan (controlegetal)", Markup("<code>{}</code>").format(record.plan_hash)]]
    if record.kind != SITE:
        rows.append(["Bundel om na te rekenen (controlegetal)", NO_SUM])
    rows += [[str(name), str(version)] for name, version in sorted(record.versions.items())]
    return _labelled("tbl-verantwoording-versies", "Waarmee dit verslag is gemaakt.", ["Onderdeel", "Versie"], rows)


def _labelled(label: str, caption: str, columns: Sequence[Column | str], rows: Sequence[Sequence[Cell]]) -> str:
    content = table(columns, rows).bundle["text/html"]
    return f"::: {{#{label}}}\n\n{raw_html(content)}\n\n{caption}\n\n:::\n"


def _link(words: str, address: object) -> Cell:
    is_web = str(address or "").startswith(("https://", "http://"))
    return Markup('<a href="{}">{}</a>').format(address, words) if is_web else words


def _day(value: object) -> str:
    try:
        return dutch.day(date.fromisoformat(str(value)[:10]))
    except ValueError:
        return str(value or _UNKNOWN)
