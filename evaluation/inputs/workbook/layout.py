"""The sheets of the workbook that the programme office fills in: Dutch headings, choices, explanations and examples."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from evaluation.base.paths import data_dir, read_bytes
from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_terms import Duty
from evaluation.inputs.records.small_counts import DisclosureRules

Kind = Literal["text", "id", "date", "amount", "signed", "quantity", "choice", "suggestion", "several", "project"]

SET_SHEET, HELP_SHEET, EXAMPLE_SHEET, LIST_SHEET, FAULT_SHEET = "Gegevens", "Uitleg", "Voorbeelden", "Lijsten", "Fouten"
OTHER_SHEETS = (HELP_SHEET, EXAMPLE_SHEET, LIST_SHEET, FAULT_SHEET)
NEEDED_MARK = " *"
"""Stands behind the heading of what is always filled in."""

BETWEEN = " – "
"""Stands between the code of a choice and its words."""
_MOST_WORDS = 90


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the records, and what the programme office sees of it.

    Attributes
    ----------
    kind : str
        choice: one of a list; suggestion: a list that may be departed from; several: more of a list, with semicolons;
        project: the number of a row on the sheet of projects.
    needed : str    ja, nee, or when.
    choices : str    Name of the list (`lists_of`); empty where there is none.
    """

    name: str
    heading: str
    kind: Kind
    needed: str
    help: str
    example: str
    choices: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of records: its table, its title, and its columns in the order in which they are filled in."""

    name: str
    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the workbook looks like: its sheets of records, and the form that says what the set is (dataset.yml)."""

    tables: tuple[Table, ...]
    form: tuple[Column, ...]


TITLES = {"projects": "Projecten", "payments": "Betalingen", "outputs": "Prestaties", "milestones": "Mijlpalen"}
"""Name of each table to the name of its sheet."""

_FILE = "template.csv"
_FIRST_EXAMPLE = 2019
"""Year in which the deal of the examples in that file begins."""

_SET = "dataset"


def _same(*words: str) -> dict[str, str]:
    """List words that are their own code."""
    return {word: word for word in words}


FIXED: dict[str, dict[str, str]] = {
    "project_status": {"planned": "gepland", "started": "begonnen", "completed": "afgerond", "dropped": "vervallen"},
    "payment_kind": {"commitment": "toezegging", "payment": "betaling", "tranche": "termijn"},
    "milestone_kind": {"milestone": "mijlpaal", "meeting": "overleg"},
    "source": {**_same("Rijk", "Provincie", "gemeenten", "corporaties"), "private": "private partijen"},
    "dataset_status": _same("voorlopig", "vastgesteld", "voorbeeld"),
}


def load_layout(deal: Deal) -> Layout:
    """Read the headings, explanations and examples of the workbook (data/programme/template.csv).

    Parameters
    ----------
    deal : Deal
        Its own funders and the phases of its projects are columns too, where it has them.

    Returns
    -------
    Layout
        Sheets in the order of `TITLES`, columns in that of the file.
    """
    text = read_bytes(data_dir() / "programme" / _FILE).decode("utf-8")
    columns: dict[str, list[Column]] = {name: [] for name in (*TITLES, _SET)}
    words = _words_of(deal)
    for row in csv.DictReader(io.StringIO(text)):
        table, name = row.pop("table"), row.pop("column")
        row |= {key: row[key].format_map(words) for key in ("help", "example")}
        if row["kind"] == "date" and row["example"]:
            row["example"] = _within(date.fromisoformat(row["example"]), deal).isoformat()
        columns[table].append(Column(name, kind=cast(Kind, row.pop("kind")), **row))
    columns["projects"] += _own_columns(deal)
    tables = tuple(Table(name, title, tuple(columns[name])) for name, title in TITLES.items())
    return Layout(tables, tuple(columns[_SET]))


def _words_of(deal: Deal) -> dict[str, str]:
    """Return what stands in the explanations and examples of a deal: its articles, and the first of its own things."""
    theme = deal.themes[0]
    duties: tuple[Duty, ...] = ("goals", "approach", "criteria", "instalments", "results")
    return {
        **{duty: deal.articles.beside(duty) for duty in duties},
        "theme": str(theme.id),
        "track": str(deal.tracks[0].id) if deal.tracks else "",
        "municipality": deal.municipality_names[0],
        "elements": "; ".join(element.id for element in theme.approach[:2]),
        "criteria_numbers": "; ".join(str(item.number) for item in deal.criteria[:2]),
        "result": theme.results[0].id,
        "body": deal.governance[0].name if deal.governance else "Overleg",
    }


def _within(day: date, deal: Deal) -> date:
    """Move an example of the first year and a half of a deal to that of this one; no day is 29 February."""
    return day.replace(year=day.year - _FIRST_EXAMPLE + deal.term.first_year)


def headings_of(deal: Deal) -> dict[str, dict[str, str]]:
    """Return what each column of the records is called in the workbook.

    Parameters
    ----------
    deal : Deal
        As of `load_layout`.

    Returns
    -------
    dict[str, dict[str, str]]
        Name of the table to that of the column to its heading.
    """
    layout = load_layout(deal)
    columns = {**{table.name: table.columns for table in layout.tables}, _SET: layout.form}
    return {name: {column.name: column.heading for column in listed} for name, listed in columns.items()}


def _own_columns(deal: Deal) -> list[Column]:
    """List the columns of projects that only this deal has."""
    means = "Middelen die bij het project horen, in euro's; 0 als er niets is."
    found = [
        Column(funder.column, f"{funder.words[:1].upper()}{funder.words[1:]} (€)", "amount", "ja", means, "0")
        for funder in deal.funders
    ]
    if deal.phases:
        found.append(Column("phase", "Fase", "choice", "nee", "De fase van het project.", deal.phases[0], "phases"))
    return found


def lists_of(deal: Deal, rules: DisclosureRules) -> dict[str, dict[str, str]]:
    """Return the lists that cells are chosen from.

    Parameters
    ----------
    deal, rules : Deal, DisclosureRules
        Give what may be chosen; the rules name the units that are counted.

    Returns
    -------
    dict[str, dict[str, str]]
        Name of the list to code to what stands in the list.
    """
    targets = {t.id: t for t in sorted(deal.targets, key=lambda t: t.in_force_from) if t.counted_from == "outputs"}
    return {
        "themes": _titled({str(theme.id): theme.short_title for theme in deal.themes}),
        "tracks": _titled({str(track.id): track.title for track in deal.tracks}),
        "municipalities": _same(*deal.municipality_names),
        "elements": _titled({element.id: element.title for theme in deal.themes for element in theme.approach}),
        "criteria": _titled({str(criterion.number): criterion.title for criterion in deal.criteria}),
        "results": _titled({result.id: result.title for theme in deal.themes for result in theme.results}),
        "targets": _titled({name: f"{target.title} ({target.unit_label})" for name, target in targets.items()}),
        "milestones": _titled({milestone.id: milestone.title for milestone in deal.milestones}),
        "bodies": _same(*(body.name for body in deal.governance)),
        "units": _same(*sorted(rules.units)),
        **FIXED,
        "source": {**FIXED["source"], **{funder.id: funder.words for funder in deal.funders}},
        **({"phases": _same(*deal.phases)} if deal.phases else {}),
    }


def _titled(titles: Mapping[str, str]) -> dict[str, str]:
    """Put the words of each code behind it, on one line and not too long for a list."""
    return {code: f"{code}{BETWEEN}{' '.join(title.split())[:_MOST_WORDS]}" for code, title in titles.items()}


def code_of(text: str, choices: Mapping[str, str]) -> str:
    """Return the code that stands for what was chosen.

    Parameters
    ----------
    text, choices : str, mapping
        What was chosen or typed, capitals do not matter; and code to what stands in the list.

    Returns
    -------
    str
        The text itself where it is none of the list, or has the code of one choice and the words of another.

    >>> code_of("Begonnen", FIXED["project_status"]), code_of("2 – Wonen", {"2": "2 – Wonen"}), code_of("x", {})
    ('started', '2', 'x')
    >>> code_of("3 – Wonen", {"2": "2 – Wonen", "3": "3 – Veiligheid"}), code_of("Rijk – Regio", {"Rijk": "Rijk"})
    ('3 – Wonen', 'Rijk – Regio')
    """
    words = {label.casefold(): code for code, label in choices.items()}
    words |= {code.casefold(): code for code in choices}
    before, between, said = (part.strip().casefold() for part in text.partition(BETWEEN))
    code = words.get(text.casefold()) or words.get(before)
    if code is None or not between or not said:
        return code or text
    others = {key: label.partition(BETWEEN)[2].strip().casefold() for key, label in choices.items()}
    meant = others.pop(code)
    is_cut = len(meant) >= _MOST_WORDS and said.startswith(meant)
    return code if said == meant or ((is_cut or meant.startswith(said)) and said not in others.values()) else text
