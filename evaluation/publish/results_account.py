"""The account of the intended results: what measures each of them, read from the numbers of the run."""

from pathlib import Path

import pandas as pd

from evaluation.inputs.deal import load_deal
from evaluation.present.results import RECORDS_SOURCE, read_csv
from evaluation.present.tables import Cell, table
from evaluation.publish.pages.notebook_markdown import raw_html
from evaluation.publish.record import RunRecord

MEASURED, RECORDS, CONTEXT = "gemeten", "registratie van het programma", "alleen achtergrond"
COMING, NOBODY = "er is een bron, maar nog geen cijfers", "niemand meet het"
"""How a result can be followed, from most to least."""

_UNKNOWN = "niet vast te stellen: het hoofdstuk van dit thema ontbreekt"


def results_account(record: RunRecord, run_dir: Path) -> str:
    """Write the table that verantwoording.qmd includes: each intended result of the deal, and by what it is followed.

    A result is measured where the run recorded an outcome from the year before the deal on; the programme's records,
    figures that only stand beside it, or nothing, come after that.
    """
    numbers = read_csv((run_dir / "results.csv").read_text(encoding="utf-8"))
    rows: list[list[Cell]] = []
    deal = load_deal(record.deal)
    for theme in deal.themes:
        for intended in theme.results:
            mine = numbers[
                numbers["result_id"].str.startswith(f"{theme.id}.resultaat-{intended.id.replace('.', '-')}.")
            ]
            rows.append([intended.id, intended.title, *_followed(mine.set_index("measure"))])
    columns = ["Nr.", f"Beoogd resultaat{deal.articles.beside('results')}", "Hoe het is te volgen", "Bron"]
    content = table(columns, rows).bundle["text/html"]
    caption = "Waarmee elk beoogd resultaat in dit verslag is gemeten."
    return f"::: {{#tbl-verantwoording-resultaten}}\n\n{raw_html(content)}\n\n{caption}\n\n:::\n"


def _followed(flags: pd.DataFrame) -> tuple[str, str]:
    """Say how a result is followed and by what, from the flags that the chapter of its theme recorded."""
    if not {"is_measured", "has_context", "has_source"} <= set(flags.index):
        return _UNKNOWN, ""
    measured, beside = flags.loc["is_measured"], flags.loc["has_context"]
    if measured["value"] == 1:
        source = str(measured["source"])
        return (RECORDS if source.startswith(RECORDS_SOURCE) else MEASURED), source
    if beside["value"] == 1:
        return CONTEXT, str(beside["source"])
    coming = flags.loc["has_source"]
    return (COMING, str(coming["source"])) if coming["value"] == 1 else (NOBODY, "")
