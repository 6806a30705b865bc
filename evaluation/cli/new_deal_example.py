"""Records to begin with: made up, marked as an example in every row, and a README that says what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import yaml

from evaluation.base.paths import write_text
from evaluation.base.text import csv_text
from evaluation.cli.starting_points import Plain
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.programme import columns_of

_EXAMPLE_SHARE = 20
"""An example project has one part in so many of the money of its theme: clearly not the whole."""


def as_yaml(content: Mapping) -> str:
    """Write a part of a file as the others look: short lists on one line, and everything in full.

    Parameters
    ----------
    content : mapping
        Of plain values, lists and mappings.

    Returns
    -------
    str
    """
    return yaml.dump(dict(content), Dumper=Plain, allow_unicode=True, sort_keys=False, width=120)


def write_example(deal: Deal, folder: Path, open_points: Sequence[str]) -> None:
    """Write made-up records: a project per theme, with money and what it delivered, every row marked as an example.

    Parameters
    ----------
    deal, folder, open_points : Deal, Path, sequence of str
        Where to, and what the README says is not filled in yet.
    """
    begin = deal.term.path_from + timedelta(days=10)
    later = min(begin + timedelta(days=15), deal.term.ends_on)
    places = "; ".join(deal.municipality_names)
    split = deal.budget[-1].themes
    projects, payments, outputs = [], [], []
    for theme in deal.themes:
        name, amount = f"V{theme.id}", max(1000, split.get(theme.id, 0) // _EXAMPLE_SHARE // 1000 * 1000)
        projects.append({
            "project_id": name, "title": f"Voorbeeldproject {theme.id} (verzonnen)", "theme": theme.id,
            "track": deal.tracks[0].id if deal.tracks else "", "municipalities": places,
            "approach": theme.approach[0].id if theme.approach else "", "lead": "gemeente", "status": "started",
            "planned_start": begin, "started_on": begin,
            "rijk_eur": amount, "provincie_eur": 0, "gemeenten_eur": amount,
            "corporaties_eur": 0, "private_eur": 0, **{item.column: 0 for item in deal.funders},
            "note": "Voorbeeld; geen echt project.",
        })  # fmt: skip
        for number, (kind, day, part) in enumerate((("commitment", begin, amount), ("payment", later, amount // 2)), 1):
            row = {
                "payment_id": f"B{theme.id}-{number}",
                "kind": kind,
                "date": day,
                "project_id": name,
                "source": "Rijk",
            }
            payments.append({**row, "amount_eur": part, "note": "Voorbeeld."})
        outputs += _outputs(deal, theme.id, later)
    tables = {"projects": projects, "payments": payments, "outputs": outputs, "milestones": []}
    for table, rows in tables.items():
        columns = columns_of(deal)[table]
        write_text(
            folder / f"{table}.csv", csv_text([columns, *([row.get(column, "") for column in columns] for row in rows)])
        )
    write_text(folder / "dataset.yml", as_yaml({
        "title": f"Voorbeeldset programmacijfers {deal.region.name}", "status": "voorbeeld", "version": "1",
        "made_by": "regiodeal new deal",
        "note": "Alle projecten, bedragen, aantallen en data in deze map zijn verzonnen; zij zeggen niets over "
            "de uitvoering van de deal.",
    }))  # fmt: skip
    write_text(folder / "README.md", _readme(deal, open_points))


def _outputs(deal: Deal, theme_id: int, day: date) -> list[dict]:
    """Make something delivered for each number that the records of a theme count."""
    own = [item for item in deal.targets if item.counted_from == "outputs"]
    own = [item for item in own if item.result.split(".")[0] == str(theme_id)]
    return [
        {
            "output_id": f"R{theme_id}-{number}",
            "date": day,
            "project_id": f"V{theme_id}",
            "result": target.result,
            "target": target.id,
            "quantity": max(1, int(target.quantity) // _EXAMPLE_SHARE),
            "note": "Voorbeeld.",
        }
        for number, target in enumerate(own, 1)
    ]


def _readme(deal: Deal, open_points: Sequence[str]) -> str:
    """Say what stands here, what is open, and what comes next, for who goes on with it."""
    term = deal.term
    listed = "\n".join(f"- {point}" for point in open_points) or "- Niets."
    return f"""# {deal.name}

De cijfers in deze map zijn een **voorbeeld**: alle projecten, bedragen en aantallen zijn verzonnen. Wat elke kolom
betekent, staat in [de uitleg](../README.md).

| bestand | wat |
| --- | --- |
| `data/deal/{deal.id}.yml` | wat is afgesproken |
| `data/indicators/{deal.id}/` | de cijfers per thema, en het plan van de vergelijkingen |
| `data/programme/{deal.id}/` | de registratie van het programmabureau: nu een voorbeeld |

## Nog niet ingevuld

{listed}

## Hierna

    regiodeal check --deal {deal.id}
    regiodeal report --deal {deal.id} --year {term.first_year}
    regiodeal template --deal {deal.id} --to programmacijfers.xlsx

1. Vul in `data/deal/{deal.id}.yml` in wat hierboven staat, met het artikel waar het in de deal staat.
2. Kijk in `data/indicators/{deal.id}/` na welk cijfer bij welk resultaat hoort, en of de vergelijkingen
   in `plan.yml` passen.
3. Laat het programmabureau de werkmap invullen en lees haar in:
   `regiodeal import programmacijfers.xlsx --deal {deal.id}`.
"""
