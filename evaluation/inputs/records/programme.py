"""The programme office's records: projects, money, outputs and milestones, checked as a whole before any use.

Columns, allowed values and file forms are told to the programme office in data/programme/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Literal, cast

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from evaluation.base.dutch import exact_euro as _euro
from evaluation.base.errors import Fault, InputError, UsageError
from evaluation.base.paths import data_dir, shown
from evaluation.base.today import today
from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_schema import USUAL_SOURCES
from evaluation.inputs.deal_terms import Funder
from evaluation.inputs.records import checked_rows
from evaluation.inputs.records.column_types import known_from
from evaluation.inputs.records.row_models import (
    Count,
    FirmAmount,
    MilestoneRecord,
    Output,
    Payment,
    Project,
    project_model,
)
from evaluation.inputs.records.text_tables import Sheet, read_sheets

TABLES: dict[str, type[BaseModel]] = {
    "projects": Project,
    "payments": Payment,
    "outputs": Output,
    "milestones": MilestoneRecord,
}
COLUMNS = {name: tuple(model.model_fields) for name, model in TABLES.items()}
COUNTS, AMOUNTS = "counts", "amounts"
PROTECTED_TABLES: dict[str, type[BaseModel]] = {COUNTS: Count, AMOUNTS: FirmAmount}
"""The tables that protected records have beside the others."""
PROTECTED_COLUMNS = {name: tuple(model.model_fields) for name, model in PROTECTED_TABLES.items()}
_KEYS = {COUNTS: ("result", "target", "unit", "year"), AMOUNTS: ("theme", "kind", "year")}
MEANS = {f"{source.lower()}_eur": source for source in USUAL_SOURCES}
"""Columns of the means of a project, each with who brings them; a deal may have more (`means_of`)."""
_PAYERS = {"private": "private partijen", "Rijk": "het Rijk", "Provincie": "de Provincie"}
_ONE_SPELLING = {"outputs": "unit", "milestones": "body"}
_CENT = 0.005
HELP = "data/programme/README.md"


class Dataset(BaseModel):
    """What the records are (dataset.yml): their title, whether they are an example, and their version.

    Attributes
    ----------
    status : str    ``voorbeeld`` (made up), ``voorlopig`` or ``vastgesteld``.
    made_by : str    Who or what made the records.
    known_until : date | None    The last day until which everything is recorded, where the office says so.
    protected : bool
        Counts of persons, households and firms are not among the outputs: what may be shown of them is in a table of
        its own (`evaluation.inputs.records.small_counts`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    status: Literal["voorbeeld", "voorlopig", "vastgesteld"]
    version: str = Field(min_length=1)
    note: str = ""
    made_by: str = ""
    protected: bool = False
    known_until: date | None = None


@dataclass(frozen=True, slots=True)
class Protection:
    """How counts of persons, households and firms were protected: withheld below a threshold, and rounded."""

    threshold: int
    rounding_base: int


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The records of a programme, each table as a frame in the order of the rows of its file.

    Empty cells are missing values (NaN, NaT); dates are datetime64, amounts and quantities float, lists tuples.

    Attributes
    ----------
    projects : DataFrame
        project_id, title, theme (int), track (int), municipalities (tuple of names), neighbourhood, approach (tuple),
        criteria (tuple of int), lead, status, planned_start, started_on, completed_on, dropped_on, rijk_eur,
        provincie_eur, gemeenten_eur, corporaties_eur, private_eur, note.  After `as_of`: ``state`` (planned, started,
        completed or dropped on that day) in the place of ``status``.
    payments : DataFrame
        payment_id, kind (commitment, payment, tranche), date, project_id (missing for a tranche), source, amount_eur
        (below 0: a correction), note.
    outputs : DataFrame
        output_id, date, project_id, result, target (missing where the deal has no number), quantity, unit (always
        filled), municipality (missing: not for one municipality), note.
    milestones : DataFrame
        milestone_id, kind (milestone, meeting), date_planned, date_done, theme (Int64), approach (tuple),
        deal_milestone, project_id, body, title, note.
    counts : DataFrame
        Of protected records, in the place of the outputs of persons, households and firms: result, target (missing
        where the deal has no number), unit, year (int), total (until the end of that year, rounded; missing where it is
        withheld), projects (tuple of ids of those that delivered until then; empty where the total is withheld).
    amounts : DataFrame
        Of protected records, in the place of the payments of private parties: theme (Int64, missing: all together),
        kind (commitment, payment), year (int), total (until the end of that year; missing where it is withheld).
    protection : Protection | None    How ``counts`` was made; None while nothing is protected.
    ends_on : date | None    The last day of the deal: what comes after it in that year counts for the year after.
    funders : tuple[Funder, ...]    Who pays beside the usual five; their means are columns of projects.
    """

    dataset: Dataset
    projects: pd.DataFrame
    payments: pd.DataFrame
    outputs: pd.DataFrame
    milestones: pd.DataFrame
    counts: pd.DataFrame = field(default_factory=lambda: checked_rows.to_frame(Count, []))
    amounts: pd.DataFrame = field(default_factory=lambda: checked_rows.to_frame(FirmAmount, []))
    protection: Protection | None = None
    ends_on: date | None = None
    funders: tuple[Funder, ...] = ()

    @property
    def is_example(self) -> bool:
        """Whether the records are made up."""
        return self.dataset.status == checked_rows.EXAMPLE

    @property
    def findings(self) -> tuple[str, ...]:
        """Where commitments, payments and means do not fit together, in Dutch, for the programme office to look at."""
        return tuple(_find(self))

    def as_of(self, day: date) -> Programme:
        """Return what was known on a day.

        Payments, outputs and counts after the day are left out; dates of starting, completing, dropping and keeping a
        milestone after the day are blank.  The records do not say when something was planned, so plans are all there,
        and the means of a project are those of the records.

        Parameters
        ----------
        day : date
            The end of a year, for a report.

        Returns
        -------
        Programme
            With ``state`` in the place of ``status`` of the projects.
        """
        last = pd.Timestamp(day)
        last_whole_year = day.year if day in (date(day.year, 12, 31), self.ends_on) else day.year - 1
        projects = _blank_after(self.projects, ("started_on", "completed_on", "dropped_on"), last)
        state = pd.Series("planned", index=projects.index, dtype="str")
        for name, word in (("started_on", "started"), ("completed_on", "completed"), ("dropped_on", "dropped")):
            state = state.mask(projects[name].notna(), word)
        projects = projects.drop(columns=["status", "state"], errors="ignore").assign(state=state)
        return replace(
            self,
            projects=projects,
            payments=self.payments[self.payments["date"] <= last].reset_index(drop=True),
            outputs=self.outputs[self.outputs["date"] <= last].reset_index(drop=True),
            milestones=_blank_after(self.milestones, ("date_done",), last),
            counts=self.counts[self.counts["year"] <= last_whole_year].reset_index(drop=True),
            amounts=self.amounts[self.amounts["year"] <= last_whole_year].reset_index(drop=True),
        )


def load_programme(deal: Deal, *, folder: Path | None = None) -> Programme:
    """Read and check the records of a deal.

    Parameters
    ----------
    deal : Deal
        What the records may refer to.
    folder : Path | None
        Holds dataset.yml and a CSV file for each of `TABLES`, or programme.xlsx; data/programme/<deal> by default.

    Returns
    -------
    Programme
        As the records were kept; what is published starts from `small_counts.load_shown_programme`.

    Raises
    ------
    InputError
        With every fault in all files: file, sheet, row (the header is row 1), column, what was found, what is allowed.
    """
    folder = folder or data_dir() / "programme" / deal.id
    if not folder.is_dir():
        expected = f"a folder with {checked_rows.DATASET_FILE} and the tables {', '.join(TABLES)}"
        raise InputError([Fault(shown(folder), "no folder", expected, hint=_make(deal.id))])
    dataset, faults = checked_rows.read_dataset(folder / checked_rows.DATASET_FILE, Dataset, help_file=HELP)
    layout = columns_of(deal)
    layout |= PROTECTED_COLUMNS if dataset and dataset.protected else {}
    sheets, more = read_sheets(folder, layout)
    tables, found = check_tables(deal, sheets)
    faults += more + found
    if dataset and dataset.known_until and dataset.known_until > (last := max(today(), date.today())):
        expected = f"a day until {last}, as everything until then is recorded"
        faults.append(
            Fault(shown(folder / checked_rows.DATASET_FILE), str(dataset.known_until), expected, key="known_until")
        )
    if faults or dataset is None:
        raise InputError(faults)
    return make_programme(deal, dataset, tables)


def make_programme(deal: Deal, dataset: Dataset, tables: Mapping[str, pd.DataFrame]) -> Programme:
    """Put checked tables together with what the deal says of them.

    Parameters
    ----------
    deal, dataset, tables : Deal, Dataset, mapping
        As of `check_tables`.

    Returns
    -------
    Programme
    """
    return Programme(dataset=dataset, ends_on=deal.term.ends_on, funders=deal.funders, **tables)


def models_of(deal: Deal) -> dict[str, type[BaseModel]]:
    """Return what a row of each table may hold in a deal.

    Parameters
    ----------
    deal : Deal
        Its funders have columns of their own, and its phases.

    Returns
    -------
    dict[str, type[BaseModel]]
        By the name of the table, as `TABLES`.
    """
    columns = tuple(funder.column for funder in deal.funders)
    return {**TABLES, "projects": project_model(columns, has_phases=bool(deal.phases))}


def columns_of(deal: Deal) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table in a deal, as of `models_of`.

    Parameters
    ----------
    deal : Deal
        As of `models_of`.

    Returns
    -------
    dict[str, tuple[str, ...]]
    """
    return {name: tuple(model.model_fields) for name, model in models_of(deal).items()}


def columns_in(programme: Programme, table: str) -> list[str]:
    """Return the columns that a table of records is kept with.

    Parameters
    ----------
    programme, table : Programme, str
        As of `load_programme`; a name of `TABLES` or `PROTECTED_TABLES`.

    Returns
    -------
    list[str]
    """
    return list(getattr(programme, table).columns)


def means_of(funders: Sequence[Funder]) -> dict[str, str]:
    """Return the columns of the means of a project, each with who brings them.

    Parameters
    ----------
    funders : sequence of Funder
        Of a deal.

    Returns
    -------
    dict[str, str]
        The usual five first.
    """
    return MEANS | {funder.column: funder.id for funder in funders}


def check_known(deal: Deal, programme: Programme, year: int) -> None:
    """Refuse a report on a day until which the records do not reach.

    Parameters
    ----------
    deal, programme, year : Deal, Programme, int
        The last day of the year that the deal runs is that of the report.

    Raises
    ------
    UsageError
        Where the records say that they are known until an earlier day.
    """
    known, day = programme.dataset.known_until, deal.last_day(year)
    if known is not None and known < day:
        raise UsageError(
            f"The records of {deal.name} are complete until {known} (known_until in dataset.yml), and the report over "
            f"{year} is about {day}. Bring the records up to date first, or report over an earlier year."
        )


def _make(deal_id: str) -> str:
    return f"Made-up ones to begin with: regiodeal new deal {deal_id}. See {HELP}."


def check_tables(deal: Deal, sheets: Mapping[str, Sheet]) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Check the rows of the tables against the deal and against each other.

    Parameters
    ----------
    deal, sheets : Deal, mapping
        What the rows may refer to, and name of each table to what was read of it.

    Returns
    -------
    dict[str, DataFrame]
        Columns as of `Programme`; without the rows that have a fault.
    list[Fault]
        Of all tables.
    """
    projects, faults = _read_projects(deal, sheets.get("projects"))
    known = known_from(deal, projects=None if projects is None else {p: row for p, (_, row) in projects.items()})
    whole = [row for _, row in (projects or {}).values() if row is not None]
    models = models_of(deal)
    tables = {"projects": checked_rows.to_frame(models["projects"], whole)}
    for name in ("payments", "outputs", "milestones"):
        rows, more = checked_rows.read_rows(sheets.get(name), TABLES[name], known, spelling=_ONE_SPELLING.get(name))
        tables[name] = checked_rows.to_frame(TABLES[name], [row for _, row in rows if row is not None])
        faults += more
    for name in (name for name in PROTECTED_TABLES if name in sheets):
        rows, more = checked_rows.read_rows(sheets[name], PROTECTED_TABLES[name], known, identity=None)
        good = [(number, row) for number, row in rows if row is not None]
        faults += [*more, *checked_rows.find_doubles(sheets[name], good, _KEYS[name], column="year")]
        tables[name] = checked_rows.to_frame(PROTECTED_TABLES[name], [row for _, row in good])
    return tables, faults


def _read_projects(deal: Deal, sheet: Sheet | None) -> tuple[dict[str, tuple[int, Project | None]] | None, list[Fault]]:
    """Read the projects by identity; None when their identities are not known, so that no reference can be judged."""
    model = cast("type[Project]", models_of(deal)["projects"])
    rows, faults = checked_rows.read_rows(sheet, model, known_from(deal))
    if sheet is not None and not sheet.rows:
        return None, [*faults, sheet.fault(None, None, "a header without rows", "at least one project")]
    if sheet is None or any("project_id" not in row.cells for row in sheet.rows):
        return None, faults
    projects: dict[str, tuple[int, Project | None]] = {}
    for row, checked in zip(sheet.rows, rows, strict=True):
        projects.setdefault(row.cells["project_id"], checked)
    return projects, faults


def _blank_after(frame: pd.DataFrame, columns: Sequence[str], last: pd.Timestamp) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].where(frame[name] <= last) for name in columns})


def _find(programme: Programme) -> Iterator[str]:
    entries = programme.payments[programme.payments["kind"] != "tranche"]
    sums = entries.groupby(["project_id", "source", "kind"])["amount_eur"].sum().to_dict()
    payers = _PAYERS | {funder.id: funder.title for funder in programme.funders}
    for project in programme.projects.itertuples():
        for means_column, source in means_of(programme.funders).items():
            committed = sums.get((project.project_id, source, "commitment"), 0.0)
            paid = sums.get((project.project_id, source, "payment"), 0.0)
            means = getattr(project, means_column)
            is_completed = not pd.isna(project.completed_on)
            start = f"Project {project.project_id}: door {payers.get(source, source)} is"
            if paid > committed + _CENT and abs(committed) <= _CENT:
                yield f"{start} {_euro(paid)} betaald; in de registratie staat daarvoor geen toezegging."
            elif paid > committed + _CENT:
                yield f"{start} {_euro(paid)} betaald, meer dan de {_euro(committed)} die is toegezegd."
            if committed > means + _CENT:
                yield f"{start} {_euro(committed)} toegezegd, meer dan de {_euro(means)} in de projectenlijst."
            elif committed < means - _CENT and is_completed:
                rest = f"minder dan de {_euro(means)} in de projectenlijst, terwijl het project is afgerond."
                yield f"{start} {_euro(committed)} toegezegd, {rest}"
