"""A spreadsheet of one's own as an indicator: pinned, described, and defined in the register of its theme at once."""

import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd
import typer

from evaluation.base import dutch
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.base.paths import shown, write_text
from evaluation.base.text import page_slug
from evaluation.cli.starting_points import POPULATION, plan_indicator
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import Indicator, load_indicators, register_dir
from evaluation.statistics.areas.municipalities import LAST_YEAR
from evaluation.statistics.panels import build_panel
from evaluation.statistics.snapshot_writer import remove_snapshot
from evaluation.statistics.snapshots import list_snapshots
from evaluation.statistics.sources.fetch import Fetched
from evaluation.statistics.sources.own_file import Description, add_file, is_open_licence
from evaluation.statistics.sources.own_rows import read_rows
from evaluation.statistics.sources.registry import load_registry

SOURCE = "eigen"
"""Source of the tables of an evaluator's own figures."""

UNITS = {
    "count": "aantal", "per_1000": "per 1.000 inwoners", "EUR": "euro", "pct": "procent", "km": "kilometer",
    "score": "punten",
}  # fmt: skip
"""Unit of measure to what stands with the figures."""

_TOGETHER = {"count": "sum", "EUR": None}
"""How municipalities make a region; None is asked, and what is not here is a mean."""

_DIRECTIONS = ("increase", "decrease", "ambiguous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says of own figures; what is None is not said.

    Attributes
    ----------
    title, publisher, url, licence, unit, direction, indicator, measure, meaning : str | None    As of `data add`.
    theme : int | None    Of the deal.
    together : str | None    sum or mean: how municipalities make a region.
    boundaries : str | None    each_year, or a year.
    results : tuple[str, ...]    Of Article 3.
    private, replace : bool    As of `Description`.
    """

    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    licence: str | None = None
    unit: str | None = None
    theme: int | None = None
    direction: str | None = None
    together: str | None = None
    boundaries: str | None = None
    indicator: str | None = None
    measure: str | None = None
    meaning: str | None = None
    results: tuple[str, ...] = ()
    private: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True)
class _Question:
    """Something that has to be known: the option that says it, and the words that ask it."""

    name: str
    option: str
    words: str
    allowed: tuple[str, ...] = ()


def add_own_figures(path: Path, said: Said, deal: Deal, *, accept: Collection[str] = ()) -> None:
    """Check a file, ask what is not said, pin its figures, and write the indicator; all of it, or nothing.

    Raises UsageError without a terminal, with every option that is missing; and InputError, SnapshotError and
    SourceError as of `own_file.add_file` and `starting_points.plan_indicator`.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    register = load_indicators(folder=register_dir(deal.id))
    known = register.get(said.indicator or "")
    said = _as_before(said, known) if known is not None else said
    frame = read_rows(path, path.read_bytes(), _year_or_word(said.boundaries)).frame
    said = _complete(said, frame, deal, known)
    identity = said.indicator or page_slug(str(said.title))
    if known is None and identity in register:
        taken = f"There is an indicator {identity!r} already ({register[identity].title})."
        raise UsageError(f"{taken} Newer figures of it: --indicator {identity}; another: --indicator and a new name.")
    description = Description(
        str(said.licence), said.private, said.title, said.publisher, said.meaning or said.title, UNITS[str(said.unit)],
        _year_or_word(said.boundaries) or "each_year", said.url, said.replace,
    )  # fmt: skip
    place = f"{SOURCE}/{identity}" if known is None else _table_of(known)
    plan = (
        None
        if known is not None
        else plan_indicator(_fields(identity, said, frame), theme=int(said.theme or 0), deal=deal)
    )
    with ExitStack() as undo:
        added = add_file(path, place, description, load_registry(), accept=accept)
        if added.path is not None and not said.replace:
            undo.callback(remove_snapshot, added.path)
        if plan is not None:
            undo.callback(write_text, plan[0], plan[0].read_text(encoding="utf-8"))
            write_text(*plan)
        _tell(added, deal, identity, plan, private=said.private)
        undo.pop_all()


def _as_before(said: Said, known: Indicator) -> Said:
    """Take what is not said from the last vintage of the indicator's own table."""
    source, _, table = _table_of(known).partition("/")
    vintages = [item for item in list_snapshots(include_private=True) if (item.source, item.table) == (source, table)]
    if not vintages:
        raise UsageError(f"The figures of {known.id} are from {_table_of(known)}, which is not pinned here.")
    last = max(vintages, key=lambda item: item.vintage)
    before = {"title": last.title, "publisher": last.publisher, "licence": last.licence, "url": last.url,
              "boundaries": str(last.boundaries), "unit": known.unit_of_measure, "theme": known.theme,
              "direction": known.direction, "together": "sum"}  # fmt: skip
    return replace(said, private=said.private or last.private, **{
        name: value for name, value in before.items() if getattr(said, name) is None
    })  # fmt: skip


def _table_of(known: Indicator) -> str:
    tables = {f"{item.source}/{item.table}" for item in known.calculation.numerator} if known.calculation else set()
    own = [name for name in tables if name.startswith(f"{SOURCE}/")]
    if not own:
        raise UsageError(f"The indicator {known.id!r} is not made of own figures; take another name: --indicator NAME.")
    return own[0]


def _complete(said: Said, frame: pd.DataFrame, deal: Deal, known: Indicator | None) -> Said:
    """Ask what is not said, one thing after the other; without a terminal all of it is told at once."""
    absent: list[_Question] = []
    for make in (lambda now: _questions(now, frame, deal), lambda now: _later_questions(now, frame, known)):
        for question in make(said):
            if getattr(said, question.name) is not None:
                _check(question, str(getattr(said, question.name)))
            elif _is_attended():
                said = replace(said, **{question.name: _ask(question)})
            else:
                absent.append(question)
    if absent:
        told = "; ".join(f"{item.option} ({item.words})" for item in absent)
        raise UsageError(f"Nobody can be asked here, so say it: {told}.")
    if not said.private and not is_open_licence(str(said.licence)) and _is_attended():
        words = f"{said.licence!r} is no open licence. Keep the figures private, out of git, bundles and reports?"
        said = replace(said, private=typer.confirm(words, default=True))
    return replace(said, theme=int(str(said.theme)))


def _questions(said: Said, frame: pd.DataFrame, deal: Deal) -> list[_Question]:
    themes = tuple(str(item.id) for item in deal.themes)
    asked = [
        _Question("title", "--title", "the title, in Dutch"),
        _Question("publisher", "--source", "who made the figures"),
        _Question("licence", "--licence", "terms of use, such as CC BY 4.0"),
        _Question("unit", "--unit", f"{', '.join(UNITS)}", tuple(UNITS)),
        _Question("theme", "--theme", f"theme of the deal, {themes[0]} to {themes[-1]}", themes),
        _Question("direction", "--direction", f"meant to be better: {', '.join(_DIRECTIONS)}", _DIRECTIONS),
    ]
    measures = tuple(map(str, frame["measure"].unique())) if "measure" in frame else ()
    if len(measures) > 1:
        asked.append(_Question("measure", "--measure", f"which measure: {', '.join(measures)}", measures))
    years = frame.loc[frame["region"].str.match("GM|WK|BU"), "period"]
    if (years < LAST_YEAR).any():
        words = f"the municipalities are those of: each_year, or one year such as {LAST_YEAR}"
        allowed = ("each_year", *map(str, range(int(years.max()), LAST_YEAR + 1)))
        asked.append(_Question("boundaries", "--boundaries", words, allowed))
    return asked


def _later_questions(said: Said, frame: pd.DataFrame, known: Indicator | None) -> list[_Question]:
    """Ask what depends on the answers before: how amounts of municipalities make that of a region."""
    if said.unit != "EUR" or known is not None:
        return []
    return [_Question("together", "--together", "of several municipalities: sum or mean", ("sum", "mean"))]


def _ask(question: _Question) -> str:
    while True:
        answer = str(typer.prompt(f"{dutch.capital(question.words)}")).strip()
        try:
            _check(question, answer)
        except UsageError as error:
            typer.echo(str(error))
        else:
            return answer


def _check(question: _Question, answer: str) -> None:
    if not answer.strip() or (question.allowed and answer not in question.allowed):
        hint = did_you_mean(answer, question.allowed) or ""
        expected = ", ".join(question.allowed) or "some words"
        raise UsageError(f"{question.option} {answer!r}; expected {expected}. {hint}".strip())


def _is_attended() -> bool:
    return sys.stdin.isatty()


def _year_or_word(boundaries: str | None) -> int | str | None:
    return int(boundaries) if boundaries is not None and boundaries.isdigit() else boundaries


def _fields(identity: str, said: Said, frame: pd.DataFrame) -> dict[str, object]:
    """Write the definition of the indicator in the words of its register."""
    unit, title = str(said.unit), str(said.title)
    is_sum = (said.together or _TOGETHER.get(unit, "mean")) == "sum"
    measures = list(frame["measure"].unique()) if "measure" in frame else []
    measure = said.measure or (str(measures[0]) if measures else None)
    series = {"source": SOURCE, "table": identity, **({"measure": measure} if measure else {})}
    kind: Literal["count", "weighted_mean"] = "count" if is_sum else "weighted_mean"
    first = int(frame["period"].min())
    return {
        "id": identity,
        "results": list(said.results),
        "title": title,
        "definition": f"{said.meaning or title}, {UNITS[unit]}, zoals {said.publisher} het opgeeft.",
        "wording": dutch.uncapital(title),
        "unit_of_measure": unit,
        "decimals": int(bool((frame["value"].dropna() % 1).any())),
        "direction": said.direction,
        "chain": "outcome",
        "level": "municipality",
        "source": {"publisher": said.publisher, "table": identity, "title": title, "url": said.url,
                   "licence": str(said.licence).strip(), "verified": True},
        "reference_date": "kalenderjaar",
        "allowed_methods": ["describe"] if is_sum else ["describe", "gap"],
        "gap": "none" if is_sum else "absolute",
        "calculation": {"kind": kind, "numerator": [series], **({} if is_sum else {"weights": POPULATION})},
        **({"baseline_year": first} if first > Indicator.model_fields["baseline_year"].default else {}),
    }  # fmt: skip


def _tell(added: Fetched, deal: Deal, identity: str, plan: tuple[Path, str] | None, *, private: bool) -> None:
    """Compute the indicator for the region, as a run will, and say what there is now."""
    definition = load_indicators(folder=register_dir(deal.id))[identity]
    panel = build_panel(deal, indicators={identity: definition}, include_private=True)
    region = panel[panel["unit"] == deal.region.unit_id]
    known = sorted(region.loc[region["value"].notna(), "period"])
    for text in added.looked_at:
        typer.echo(f"To look at: {text}.")
    where = f": {shown(added.path)}" if added.path else ", which were there"
    typer.echo(f"{added.table}: {added.rows} figures, vintage {added.vintage}{where}{' (private)' if private else ''}")
    if plan is not None:
        typer.echo(f"Indicator: {identity} in {shown(plan[0])}")
    name = deal.region.short_name
    if known:
        typer.echo(f"{name}: a figure in {len(known)} years, {known[0]} to {known[-1]}")
    else:
        reasons = list(dict.fromkeys(region["note"])) or ["no municipality of it has one"]
        typer.echo(f"To look at: no figure for {name}: {reasons[0]}")
    if plan is not None:
        title = f'"{definition.title}"'
        typer.echo(f"Show it: regiodeal new notebook --title {title} --theme {definition.theme} --indicator {identity}")
