"""Write a new deal: its file, indicators and plan, example records and a README, checked first, and all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import yaml

from evaluation.base.errors import Fault, InputError, UsageError
from evaluation.base.locks import held
from evaluation.base.paths import build_dir, data_dir, draft_folder, place_all, shown, write_text
from evaluation.base.text import csv_text
from evaluation.cli.new_deal_build import OPEN, draft_deal
from evaluation.cli.new_deal_plan import choose_indicators, choose_plan
from evaluation.cli.starting_points import Plain
from evaluation.inputs.deal import Deal, load_deal
from evaluation.inputs.deal_answers import DealAnswers
from evaluation.inputs.indicators import PLAN, load_designs, load_indicators, load_not_measured, load_without_design
from evaluation.inputs.records.programme import columns_of, load_programme
from evaluation.statistics.areas.treatment_schema import RegioDeal
from evaluation.statistics.areas.treatments import Register

_EXAMPLE_SHARE = 20
"""An example project has one part in so many of the money of its theme: clearly not the whole."""


def targets_of(deal_id: str) -> dict[str, Path]:
    """Return what is written for a deal, by kind.

    Parameters
    ----------
    deal_id : str
        Of the register.

    Returns
    -------
    dict[str, Path]
        deal, indicators and programme.
    """
    data = data_dir()
    return {
        "deal": data / "deal" / f"{deal_id}.yml",
        "indicators": data / "indicators" / deal_id,
        "programme": data / "programme" / deal_id,
    }


def refuse_existing(deal_id: str) -> None:
    """Refuse to write over anything.

    Parameters
    ----------
    deal_id : str
        Of the register.

    Raises
    ------
    UsageError
        Names everything that is there already.
    """
    there = [shown(path) for path in targets_of(deal_id).values() if path.exists()]
    if there:
        raise UsageError(f"Er is niets geschreven: {', '.join(there)} {'is' if len(there) == 1 else 'zijn'} er al.")


def write_deal(
    known: RegioDeal, register: Register, answers: DealAnswers, *, source: str, day: date
) -> tuple[dict[str, Path], list[str]]:
    """Make everything of a new deal in a folder aside, check it there, and put it in place at once.

    Parameters
    ----------
    known, register, answers, source : RegioDeal, Register, DealAnswers, str
        As of `draft_deal`.
    day : date
        On which its plan is declared.

    Returns
    -------
    dict[str, Path], list[str]
        What was written, and what is open in it, in Dutch.

    Raises
    ------
    UsageError
        When something of it is there.
    InputError
        With every fault; then nothing was written.
    """
    draft = draft_deal(known, register, answers, source=source)
    if draft.faults:
        raise InputError(draft.faults)
    refuse_existing(known.id)
    targets = targets_of(known.id)
    lock, busy = build_dir() / ".new-deal.lock", "Another command writes a new deal"
    with held(lock, busy), draft_folder(data_dir(), "new") as aside:
        paths = {kind: aside / kind / path.name for kind, path in targets.items()}
        write_text(paths["deal"], _deal_text(draft.fields, known))
        deal = load_deal(known.id, folder=paths["deal"].parent)
        chosen = choose_indicators(deal, _subjects(answers))
        for theme in deal.themes:
            head = f"# Indicatoren van thema {theme.id}, gekozen uit data/indicators. Wat elk veld betekent: evaluation/inputs/indicator_schema.py.\n"
            write_text(paths["indicators"] / f"{theme.slug}.yml", head + as_yaml(chosen.files[theme.id]))
        plan = choose_plan(deal, chosen, load_indicators(folder=paths["indicators"]), day)
        write_text(
            paths["indicators"] / PLAN, "# Wat elk veld betekent: evaluation/inputs/plan_schema.py.\n" + as_yaml(plan)
        )
        _write_example(deal, paths["programme"])
        write_text(paths["programme"] / "README.md", _readme(deal, draft.open_points))
        _check(deal, paths)
        with place_all() as place:
            refuse_existing(known.id)
            place([(paths[kind], targets[kind]) for kind in targets])
    return targets, draft.open_points


def as_yaml(content: Mapping) -> str:
    """Write a part of a file as the others look: short lists on one line, nothing under a name.

    Parameters
    ----------
    content : mapping

    Returns
    -------
    str
    """
    return yaml.dump(dict(content), Dumper=Plain, allow_unicode=True, sort_keys=False, width=120)


def _subjects(answers: DealAnswers) -> dict[int, Sequence[str] | None]:
    counted = [item for item in answers.themes if item.counts]
    return {number: item.subjects for number, item in enumerate(counted, 1)}


def _deal_text(fields: Mapping, known: RegioDeal) -> str:
    """Write the deal file, with what is known of where its facts come from."""
    head = (
        f"# {known.name}: gemaakt met regiodeal new deal {known.id}, uit data/regions/deals.yml en uit wat is opgegeven.\n"
        f"# Waar '{OPEN}' staat, is het feit niet bekend: vul het in, met het artikel waar het staat.\n"
        "# Een wijziging van de deal is een nieuwe regel met een eigen dag en verwijzing, nooit een verbetering van een oude.\n\n"
    )
    return head + "\n".join(as_yaml({key: value}) for key, value in fields.items())


def _check(deal: Deal, paths: Mapping[str, Path]) -> None:
    """Read everything as a run would, with all faults at once."""
    faults: list[Fault] = []
    folder = paths["indicators"]
    loads: tuple[Callable[[], object], ...] = (
        lambda: load_indicators(folder=folder),
        lambda: load_not_measured(folder=folder),
        lambda: load_designs(folder=folder),
        lambda: load_without_design(folder=folder),
        lambda: load_programme(deal, folder=paths["programme"]),
    )
    for load in loads:
        try:
            load()
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(list(dict.fromkeys(faults)))


def _write_example(deal: Deal, folder: Path) -> None:
    """Write made-up records: a project per theme, with money and what it delivered, every row marked as an example."""
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
            "planned_start": begin, "started_on": begin, "rijk_eur": amount, "provincie_eur": 0, "gemeenten_eur": amount,
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
        own = [
            item
            for item in deal.targets
            if item.result.split(".")[0] == str(theme.id) and item.counted_from == "outputs"
        ]
        for number, target in enumerate(own, 1):
            row = {"output_id": f"R{theme.id}-{number}", "date": later, "project_id": name, "result": target.result}
            outputs.append(
                {
                    **row,
                    "target": target.id,
                    "quantity": max(1, int(target.quantity) // _EXAMPLE_SHARE),
                    "note": "Voorbeeld.",
                }
            )
    tables = {"projects": projects, "payments": payments, "outputs": outputs, "milestones": []}
    for table, rows in tables.items():
        columns = columns_of(deal)[table]
        write_text(
            folder / f"{table}.csv", csv_text([columns, *([row.get(column, "") for column in columns] for row in rows)])
        )
    write_text(folder / "dataset.yml", as_yaml({
        "title": f"Voorbeeldset programmacijfers {deal.region.name}", "status": "voorbeeld", "version": "1",
        "made_by": "regiodeal new deal",
        "note": "Alle projecten, bedragen, aantallen en data in deze map zijn verzonnen; zij zeggen niets over de uitvoering van de deal.",
    }))  # fmt: skip


def _readme(deal: Deal, open_points: Sequence[str]) -> str:
    """Write what stands here and what comes next, for who goes on with it."""
    term = deal.term
    listed = "\n".join(f"- {point}" for point in open_points) or "- Niets."
    return f"""# {deal.name}

De cijfers in deze map zijn een **voorbeeld**: alle projecten, bedragen en aantallen zijn verzonnen. Wat elke kolom betekent, staat in
[de uitleg](../README.md).

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
2. Kijk in `data/indicators/{deal.id}/` na welk cijfer bij welk resultaat hoort, en of de vergelijkingen in `plan.yml` passen.
3. Laat het programmabureau de werkmap invullen en lees haar in: `regiodeal import programmacijfers.xlsx --deal {deal.id}`.
"""
