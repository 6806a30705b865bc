"""The tables of the account page, from the run's record."""

from __future__ import annotations

from datetime import date

from evaluation.present import dutch
from evaluation.present.tables import Cell, Column, table
from evaluation.publish.notebook_markdown import raw_html
from evaluation.publish.record import RunRecord

_STATUS_WORDS = {
    "voorbeeld": "voorbeeldcijfers: verzonnen om te laten zien hoe dit verslag werkt",
    "voorlopig": "voorlopige cijfers",
    "vastgesteld": "vastgestelde cijfers",
}
_UNKNOWN = "niet vastgelegd"


def account_tables(record: RunRecord) -> dict[str, str]:
    """Write the tables that verantwoording.qmd includes: file name to Markdown.

    Parameters
    ----------
    record : RunRecord
    """
    return {
        "_bronnen.md": _sources(record),
        "_programma.md": _programme(record),
        "_versies.md": _versions(record),
    }


def _sources(record: RunRecord) -> str:
    if not record.snapshots:
        return "Voor dit verslag zijn geen statistieken gebruikt.\n"
    columns = ["Tabel", "Nummer", "Uitgever", "Stand", "Opgehaald op", Column("Rijen", numeric=True), "Licentie"]
    rows: list[list[Cell]] = []
    for item in sorted(record.snapshots, key=lambda item: (str(item["source"]), str(item["table"]))):
        rows.append(
            [
                str(item.get("title") or item["table"]),
                str(item["table"]),
                str(item.get("publisher") or item["source"]),
                str(item["vintage"]),
                _day(item.get("retrieved")),
                dutch.number(item["rows"]) if item.get("rows") is not None else _UNKNOWN,
                str(item.get("licence") or _UNKNOWN),
            ]
        )
    return _labelled("tbl-verantwoording-bronnen", table(columns, rows), "De gebruikte statistieken en hun stand.")


def _programme(record: RunRecord) -> str:
    status = str(record.dataset["status"])
    rows: list[list[Cell]] = [
        ["Naam", str(record.dataset.get("title") or _UNKNOWN)],
        ["Soort", _STATUS_WORDS[status]],
        ["Versie", str(record.dataset.get("version") or _UNKNOWN)],
    ]
    return _labelled(
        "tbl-verantwoording-programma", table(["Onderdeel", "Inhoud"], rows), "De gebruikte cijfers van het programma."
    )


def _versions(record: RunRecord) -> str:
    rows: list[list[Cell]] = [["Analyseplan (controlegetal)", str(record.plan_hash)]]
    rows += [[str(name), str(version)] for name, version in sorted(record.versions.items())]
    return _labelled(
        "tbl-verantwoording-versies", table(["Onderdeel", "Versie"], rows), "Waarmee dit verslag is gemaakt."
    )


def _labelled(label: str, shown: object, caption: str) -> str:
    content = shown.bundle["text/html"]
    return f"::: {{#{label}}}\n\n{raw_html(content)}\n\n{caption}\n\n:::\n"


def _day(value: object) -> str:
    try:
        return dutch.day(date.fromisoformat(str(value)[:10]))
    except ValueError:
        return str(value or _UNKNOWN)
