"""Example records: made up, seeded, and named an example wherever they show; to see the reports before real records.

Nothing here tells of a real project.  Numbers are drawn around the agreed budget and targets only so that the pages
have something of a likely size to show.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import EXAMPLE
from evaluation.inputs.records.programme import COLUMNS
from tools.example_folder import refuse_other_place, told_command, write_tables
from tools.example_plan import COMMITTED, KINDS, MEETINGS, MILESTONES, PLACES, PLANNED_SHARE, STEPS, TRANCHES, Kind

SEED = 2019
_FIRST_DAY, _LAST_DAY = date(2019, 7, 22), date(2022, 12, 31)
_SOURCES = {
    "Rijk": "rijk_eur",
    "Provincie": "provincie_eur",
    "gemeenten": "gemeenten_eur",
    "corporaties": "corporaties_eur",
    "private": "private_eur",
}


@dataclass(slots=True)
class _Project:
    """A made-up project while it is being drawn; `row` are its cells."""

    kind: Kind
    fate: str
    starts: date
    ends: date
    weight: float
    places: tuple[str, ...]
    row: dict[str, object] = field(default_factory=dict)
    means: dict[str, int] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        return self.fate == "running"

    @property
    def is_completed(self) -> bool:
        return self.is_running and self.ends <= _LAST_DAY


def write_example(deal: Deal, folder: Path, *, seed: int = SEED) -> None:
    """Write the example records of a deal: the same seed gives the same bytes.

    Parameters
    ----------
    deal : Deal
        Gives the budget, targets and milestones that the example stays near.
    folder : Path
        Replaced as a whole, when it is new, empty or holds an example.
    seed : int
        Of the random draws.

    Raises
    ------
    UsageError
        When the folder holds records that are not an example, or there is no example for this deal.
    """
    refuse_other_place(deal, folder, list(COLUMNS), what="records")
    rng = np.random.default_rng(seed)
    projects = _draw_projects(deal, rng)
    tables = {
        "projects": [project.row for project in projects],
        "payments": list(_numbered("payment_id", "B", 4, _draw_payments(deal, projects, rng))),
        "outputs": list(_numbered("output_id", "R", 3, _draw_outputs(projects, rng))),
        "milestones": list(_numbered("milestone_id", "M", 3, _draw_milestones(deal, rng))),
    }
    write_tables(folder, COLUMNS, tables, _dataset(seed))


def _dataset(seed: int) -> str:
    return (
        "title: Voorbeeldset programmacijfers\n"
        f"status: {EXAMPLE}\n"
        'version: "1"\n'
        f"made_by: {told_command(seed, SEED)}\n"
        "note: >-\n"
        "  Alle projecten, bedragen, aantallen en data in deze map zijn verzonnen. Ze laten zien hoe een rapport eruitziet\n"
        "  en zeggen niets over de uitvoering van de Regio Deal.\n"
    )


def _draw_projects(deal: Deal, rng: np.random.Generator) -> list[_Project]:
    projects, turn = [], 0
    for kind in KINDS:
        fates = ["running"] * kind.running + ["planned"] * kind.planned + ["dropped"] * kind.dropped
        for position, fate in enumerate(fates):
            starts = _start(rng, fate, position / max(kind.running, 1), kind.running)
            length = timedelta(days=_whole(rng, 350, 1150))
            places = kind.where if kind.where else PLACES[turn % len(PLACES)]
            turn += 0 if kind.where else 1
            weight = kind.weight * _between(rng, 0.7, 1.3)
            projects.append(_Project(kind, fate, starts, _workday(starts + length), weight, places))
    _spread_means(deal, projects, rng)
    for number, project in enumerate(projects, start=1):
        _fill_row(project, number, rng)
    return projects


def _start(rng: np.random.Generator, fate: str, position: float, running: int) -> date:
    """Draw a start: few in 2019, most in 2020 and 2021, and for plans a day in 2023."""
    if fate == "planned":
        return _workday(date(2023, 1, 9) + timedelta(days=_whole(rng, 0, 240)))
    if fate == "dropped":
        return _workday(date(2020, 1, 13) + timedelta(days=_whole(rng, 0, 200)))
    share = position + rng.random() / running if running > 1 else _between(rng, 0.05, 0.65)
    days = (date(2022, 5, 30) - _FIRST_DAY).days
    return _workday(_FIRST_DAY + timedelta(days=int(days * share**0.9)))


def _spread_means(deal: Deal, projects: Sequence[_Project], rng: np.random.Generator) -> None:
    """Divide a share of the indicative budget of each theme over its projects, and each over who brings it."""
    budget = deal.as_of(_LAST_DAY).budget_by_theme
    for theme, total in budget.items():
        for is_running, share in ((True, COMMITTED[theme]), (False, PLANNED_SHARE)):
            group = [p for p in projects if p.kind.theme == theme and p.is_running == is_running]
            weights = sum(project.weight for project in group)
            for project in group:
                amount = total * share * project.weight / weights
                rijk, province = amount * _between(rng, 0.44, 0.55), amount * _between(rng, 0.26, 0.33)
                parts = (rijk, province, amount - rijk - province, *(amount * part for part in project.kind.others))
                project.means = {s: _thousands(part) for s, part in zip(_SOURCES, parts, strict=True)}


def _fill_row(project: _Project, number: int, rng: np.random.Generator) -> None:
    kind, started = project.kind, project.fate != "planned"
    one = len(project.places) == 1
    letter = "ABCDEF"[_whole(rng, 0, 5)]
    place = f"{project.places[0]}, buurt {letter}" if one else " en ".join(project.places)
    place = place if len(project.places) <= 2 else "heel Parkstad"
    criteria = [1, *(n for n, chance in ((2, 0.8), (3, 0.7), (4, 0.6)) if rng.random() < chance), 5]
    criteria += [6] if rng.random() < 0.3 else []
    status = {"running": "completed" if project.is_completed else "started"}.get(project.fate, project.fate)
    dropped_on = _workday(project.starts + timedelta(days=_whole(rng, 150, 500)))
    project.row = {
        "project_id": f"P{number:02d}",
        "title": f"Voorbeeldproject {number}: {kind.what} in {place}",
        "theme": kind.theme,
        "track": kind.track,
        "municipalities": "; ".join(project.places),
        "neighbourhood": f"voorbeeldbuurt {letter}" if one else "",
        "approach": "; ".join(kind.approach),
        "criteria": "; ".join(map(str, criteria)),
        "lead": kind.lead,
        "status": status,
        "planned_start": _workday(project.starts - timedelta(days=_whole(rng, 0, 90))) if started else project.starts,
        "started_on": project.starts if started else "",
        "completed_on": project.ends if status == "completed" else "",
        "dropped_on": dropped_on if status == "dropped" else "",
        **{column: project.means[source] for source, column in _SOURCES.items()},
        "note": "Voorbeeld; geen echt project.",
    }


def _draw_payments(deal: Deal, projects: Sequence[_Project], rng: np.random.Generator) -> Iterator[dict[str, object]]:
    yield from _draw_tranches(deal)
    for project in projects:
        if project.is_running:
            yield from _promise_and_pay(project, rng)
        elif project.fate == "dropped":
            yield from _promise_and_withdraw(project)
    yield from _differences(projects)


def _draw_tranches(deal: Deal) -> Iterator[dict[str, object]]:
    """The first instalment is agreed; how the rest is spread over the next years is made up."""
    total = deal.as_of(_LAST_DAY).budget_by_party["Rijk"]
    first = next(tranche.amount_eur for tranche in deal.tranches if tranche.amount_eur)
    second = _thousands((total - first) * 0.55)
    for day, amount in zip(TRANCHES, (first, second, total - first - second), strict=True):
        agreed = amount == first
        note = "Bedrag uit de deal; de dag is een voorbeeld." if agreed else "Voorbeeld: de deal noemt dit bedrag niet."
        yield _money("tranche", day, "", "Rijk", amount, note)


def _promise_and_pay(project: _Project, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    identity = project.row["project_id"]
    promised_on = _workday(max(_FIRST_DAY, project.starts - timedelta(days=_whole(rng, 5, 40))))
    length = (project.ends - project.starts).days
    count = max(3, round(length / 150))
    days = [_workday(project.starts + timedelta(days=30 + round(length * i / (count - 1)))) for i in range(count)]
    for source, amount in project.means.items():
        if not amount:
            continue
        yield _money("commitment", promised_on, identity, source, amount)
        paid = [*(_thousands(amount * i / count) for i in range(count)), amount]
        for day, before, after in zip(days, paid[:-1], paid[1:], strict=True):
            if day <= _LAST_DAY and after > before:
                yield _money("payment", day, identity, source, after - before)


def _promise_and_withdraw(project: _Project) -> Iterator[dict[str, object]]:
    """A dropped project: part was paid, the rest of the promise was withdrawn."""
    identity, dropped_on = project.row["project_id"], project.row["dropped_on"]
    for source in ("Rijk", "Provincie", "gemeenten"):
        amount = project.means[source]
        paid = _thousands(amount * 0.2)
        yield _money("commitment", project.starts, identity, source, amount)
        if paid:
            yield _money("payment", _workday(project.starts + timedelta(days=60)), identity, source, paid)
        note = "Voorbeeld: het project verviel en de rest van de toezegging is ingetrokken."
        yield _money("commitment", dropped_on, identity, source, paid - amount, note)


def _differences(projects: Sequence[_Project]) -> Iterator[dict[str, object]]:
    """Two payments that do not fit their commitments, so that the check on them shows, where there are projects for it."""
    note = "Voorbeeld van een verschil dat de controle laat zien."
    done = [p for p in projects if p.kind.theme == 2 and p.is_completed and p.ends < date(2021, 10, 1)]
    other = [p for p in projects if p.kind.theme == 4 and p.is_running and not p.means["private"]]
    for project in done[:1]:
        day = _workday(project.ends + timedelta(days=60))
        yield _money("payment", day, project.row["project_id"], "gemeenten", 25_000, note)
    for project in other[:1]:
        day = _workday(project.starts + timedelta(days=90))
        yield _money("payment", day, project.row["project_id"], "private", 15_000, note)


def _money(kind: str, day: date, project: object, source: str, amount: int, note: str = "") -> dict[str, object]:
    return {"kind": kind, "date": day, "project_id": project, "source": source, "amount_eur": amount, "note": note}


def _draw_outputs(projects: Sequence[_Project], rng: np.random.Generator) -> Iterator[dict[str, object]]:
    for kind in KINDS:
        slots = [slot for p in projects if p.kind is kind and p.is_running for slot in _slots(p, rng)]
        if not kind.delivered or not slots:
            continue
        weights = np.array([_between(rng, 0.6, 1.4) for _ in slots])
        reached = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
        counts = np.diff(np.floor(reached * kind.delivered / kind.step + 1e-9)) * kind.step
        for (project, day, place), count in zip(slots, counts, strict=True):
            if count:
                yield {
                    "date": day,
                    "project_id": project.row["project_id"],
                    "result": kind.result,
                    "target": kind.target,
                    "quantity": int(count),
                    "unit": "" if kind.target else kind.unit,
                    "municipality": place,
                    "note": "",
                }


def _slots(project: _Project, rng: np.random.Generator) -> list[tuple[_Project, date, str]]:
    """Days on which a project delivers: all along, or once."""
    last = min(project.ends, date(2022, 12, 15))
    if project.kind.once:
        days = [min(last, project.starts + (project.ends - project.starts) * 0.6)]
    else:
        first = project.starts + timedelta(days=60)
        span = (last - first).days
        count = max(0, math.ceil(span / 130))
        days = [first + timedelta(days=int(span * (i + rng.random()) / count)) for i in range(count)]
    places = project.places
    return [(project, _workday(day), places[_whole(rng, 0, len(places) - 1)]) for day in days]


def _draw_milestones(deal: Deal, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    for milestone in deal.milestones:
        if milestone.id in MILESTONES:
            row = {"kind": "milestone", "date_planned": milestone.due, "date_done": MILESTONES[milestone.id] or ""}
            row |= {"theme": milestone.theme or "", "approach": milestone.element or "", "deal_milestone": milestone.id}
            yield row | {"title": f"Voorbeeldmijlpaal: {milestone.title}", "note": "De dag is een voorbeeld."}
    for element, title, planned, done in STEPS:
        row = {"kind": "milestone", "date_planned": planned, "date_done": done or "", "theme": int(element[0])}
        yield row | {"approach": element, "title": f"Voorbeeldmijlpaal: {title}", "note": ""}
    for body, theme, year, count in MEETINGS:
        first, last = date(year, 10 if year == _FIRST_DAY.year else 1, 8), date(year, 11, 25)
        for position in range(count):
            span = (last - first).days * (position + _between(rng, 0.2, 0.8)) / count
            planned = _workday(first + timedelta(days=int(span)))
            done = _workday(planned + timedelta(days=_whole(rng, 7, 14))) if rng.random() < 0.15 else planned
            row = {"kind": "meeting", "date_planned": planned, "date_done": done, "theme": theme, "body": body}
            yield row | {"title": f"Voorbeeldoverleg {position + 1} van {year}"}


def _numbered(name: str, letter: str, width: int, rows: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Number rows by their day."""
    ordered = sorted(rows, key=lambda row: str(row.get("date") or row.get("date_planned")))
    for number, row in enumerate(ordered, start=1):
        yield {name: f"{letter}{number:0{width}d}", **row}


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return low + (high - low) * rng.random()


def _whole(rng: np.random.Generator, low: int, high: int) -> int:
    return low + int(rng.random() * (high - low + 1))


def _thousands(amount: float) -> int:
    return int(round(amount, -3))


def _workday(day: date) -> date:
    """Move a day in the weekend to the Monday after it, and one around New Year into January."""
    if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2):
        day = date(day.year + (day.month == 12), 1, 6)
    return day if day.weekday() < 5 else day + timedelta(days=7 - day.weekday())
