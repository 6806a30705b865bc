"""The programme office's records: projects, money, outputs and milestones, checked as a whole before any use.

Columns, allowed values and file forms are told to the programme office in data/programme/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluation.cells import Known, known_from
from evaluation.deal import Deal
from evaluation.errors import Fault, InputError, did_you_mean
from evaluation.paths import data_dir, read_bytes, shown
from evaluation.present import dutch
from evaluation.records import MilestoneRecord, Output, Payment, Project
from evaluation.sheets import Sheet, read_sheets

EXAMPLE = "voorbeeld"
DATASET_FILE = "dataset.yml"
TABLES: dict[str, type[BaseModel]] = {
    "projects": Project,
    "payments": Payment,
    "outputs": Output,
    "milestones": MilestoneRecord,
}
COLUMNS = {name: tuple(model.model_fields) for name, model in TABLES.items()}
_MEANS = {
    "Rijk": "rijk_eur",
    "Provincie": "provincie_eur",
    "gemeenten": "gemeenten_eur",
    "corporaties": "corporaties_eur",
    "private": "private_eur",
}
_PAYERS = {"private": "private partijen", "Rijk": "het Rijk", "Provincie": "de Provincie"}
_ONE_SPELLING = {"outputs": "unit", "milestones": "body"}
_CENT = 0.005
_RowModel = TypeVar("_RowModel", bound=BaseModel)


class Dataset(BaseModel):
    """What the records are (dataset.yml): their title, whether they are an example, and their version.

    Attributes
    ----------
    status : str
        ``voorbeeld`` (made up), ``voorlopig`` or ``vastgesteld``.
    made_by : str
        Who or what made the records.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    status: Literal["voorbeeld", "voorlopig", "vastgesteld"]
    version: str = Field(min_length=1)
    note: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The records of a programme, each table as a frame in the order of the rows of its file.

    Empty cells are missing values (NaN, NaT); dates are datetime64, amounts and quantities float, lists tuples.

    Attributes
    ----------
    dataset : Dataset
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
    """

    dataset: Dataset
    projects: pd.DataFrame
    payments: pd.DataFrame
    outputs: pd.DataFrame
    milestones: pd.DataFrame

    @property
    def is_example(self) -> bool:
        """Whether the records are made up."""
        return self.dataset.status == EXAMPLE

    @property
    def findings(self) -> tuple[str, ...]:
        """Where commitments, payments and means do not fit together, in Dutch, for the programme office to look at."""
        return tuple(_find(self))

    def as_of(self, day: date) -> Programme:
        """Return what was known on a day.

        Payments and outputs after the day are left out; dates of starting, completing, dropping and keeping a milestone
        after the day are blank.  The records do not say when something was planned, so plans are all there, and the
        means of a project are those of the records.
        """
        last = pd.Timestamp(day)
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
        )


def load_programme(deal: Deal, *, folder: Path | None = None) -> Programme:
    """Read and check the records of a deal.

    Parameters
    ----------
    deal : Deal
        What the records may refer to.
    folder : Path | None
        Holds dataset.yml and projects.csv, payments.csv, outputs.csv and milestones.csv, or programme.xlsx with a sheet
        for each; data/programme/<deal> by default.

    Raises
    ------
    InputError
        With every fault in all files: file, sheet, row (the header is row 1), column, what was found, what is allowed.
    """
    folder = folder or data_dir() / "programme" / deal.id
    if not folder.is_dir():
        expected = f"a folder with {DATASET_FILE} and the tables {', '.join(TABLES)}"
        raise InputError([Fault(shown(folder), "no folder", expected, hint="See data/programme/README.md.")])
    dataset, faults = _read_dataset(folder / DATASET_FILE)
    sheets, more = read_sheets(folder, COLUMNS)
    faults += more
    projects, more = _read_projects(deal, sheets.get("projects"))
    faults += more
    known = known_from(deal, projects=None if projects is None else {p: row for p, (_, row) in projects.items()})
    tables: dict[str, list[BaseModel]] = {"projects": [row for _, row in (projects or {}).values() if row is not None]}
    for name in ("payments", "outputs", "milestones"):
        rows, more = _read_rows(sheets.get(name), TABLES[name], known, spelling=_ONE_SPELLING.get(name))
        tables[name] = [row for _, row in rows if row is not None]
        faults += more
    if faults or dataset is None:
        raise InputError(faults)
    return Programme(dataset=dataset, **{name: _frame(TABLES[name], rows) for name, rows in tables.items()})


def _read_dataset(path: Path) -> tuple[Dataset | None, list[Fault]]:
    file = shown(path)
    if not path.is_file():
        return None, [
            Fault(file, "no file", "title, status and version of the records", hint="See data/programme/README.md.")
        ]
    try:
        raw = yaml.load(read_bytes(path).decode("utf-8-sig"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [Fault(file, f"text that is not YAML ({' '.join(str(error).split())})", "YAML in UTF-8")]
    if not isinstance(raw, dict):
        return None, [Fault(file, "no keys", f"the keys {', '.join(Dataset.model_fields)}")]
    try:
        return Dataset.model_validate(raw), []
    except ValidationError as error:
        return None, [_dataset_fault(file, item) for item in error.errors(include_url=False)]


def _dataset_fault(file: str, item: Mapping) -> Fault:
    key = str(item["loc"][0])
    if item["type"] == "missing":
        return Fault(file, "no such key", f"a key {key}", key=key)
    if item["type"] == "extra_forbidden":
        hint = did_you_mean(key, list(Dataset.model_fields))
        return Fault(file, "an unknown key", f"only {', '.join(Dataset.model_fields)}", key=key, hint=hint)
    found = repr(item["input"]) if item["input"] else "nothing"
    if item["type"] == "literal_error":
        allowed = ("voorbeeld", "voorlopig", "vastgesteld")
        return Fault(
            file, found, f"one of: {', '.join(allowed)}", key=key, hint=did_you_mean(str(item["input"]), allowed)
        )
    return Fault(file, found, "a text", key=key)


def _read_projects(deal: Deal, sheet: Sheet | None) -> tuple[dict[str, tuple[int, Project | None]] | None, list[Fault]]:
    """Read the projects by identity; None when their identities are not known, so that no reference can be judged."""
    rows, faults = _read_rows(sheet, Project, known_from(deal))
    if sheet is None:
        return None, faults
    if not sheet.rows:
        return None, [*faults, sheet.fault(None, None, "a header without rows", "at least one project")]
    identities = [row.cells.get("project_id") for row in sheet.rows]
    if None in identities:
        return None, faults
    projects: dict[str, tuple[int, Project | None]] = {}
    for identity, row in zip(identities, rows, strict=True):
        projects.setdefault(identity, row)
    return projects, faults


def _read_rows(
    sheet: Sheet | None, model: type[_RowModel], known: Known, *, spelling: str | None = None
) -> tuple[list[tuple[int, _RowModel | None]], list[Fault]]:
    """Check each row; a row with a fault is None."""
    if sheet is None:
        return [], []
    identity = next(iter(model.model_fields))
    rows: list[tuple[int, _RowModel | None]] = []
    faults = []
    first: dict[str, int] = {}
    for row in sheet.rows:
        try:
            rows.append((row.number, model.model_validate(row.cells, context=known)))
        except ValidationError as error:
            rows.append((row.number, None))
            faults += [_cell_fault(sheet, row.number, item) for item in _told_once(error)]
        name = row.cells.get(identity)
        if name and first.setdefault(name, row.number) != row.number:
            expected = f"an identity that no other row has; row {first[name]} has it too"
            faults.append(sheet.fault(row.number, identity, repr(name), expected))
    return rows, faults + (_spelling_faults(sheet, spelling) if spelling else [])


def _told_once(error: ValidationError) -> Iterator[Mapping]:
    """Leave out cells that are missing: reading the table has told about those."""
    return (item for item in error.errors(include_url=False) if item["type"] != "missing")


def _cell_fault(sheet: Sheet, row: int, item: Mapping) -> Fault:
    told = item.get("ctx", {})
    found = told.get("found") or (repr(item["input"]) if item["input"] else "an empty cell")
    return sheet.fault(
        row, told.get("column") or str(item["loc"][0]), found, told.get("expected", item["msg"]), told.get("hint")
    )


def _spelling_faults(sheet: Sheet, column: str) -> list[Fault]:
    """Ask for one spelling of what is counted by its name: 'Overleg' and 'overleg' would be counted apart."""
    first: dict[str, tuple[str, int]] = {}
    faults = []
    for row in sheet.rows:
        word = row.cells.get(column)
        if not word:
            continue
        spelled, number = first.setdefault(word.casefold(), (word, row.number))
        if word != spelled:
            faults.append(sheet.fault(row.number, column, repr(word), f"{spelled!r}, as in row {number}"))
    return faults


def _frame(model: type[BaseModel], rows: Sequence[BaseModel]) -> pd.DataFrame:
    """Put rows in a frame with the same types of columns however many rows there are."""
    return pd.DataFrame(
        {name: _column(model, name, [getattr(row, name) for row in rows]) for name in model.model_fields}
    )


def _column(model: type[BaseModel], name: str, values: list) -> pd.Series:
    annotation = model.model_fields[name].annotation
    if annotation in (date, date | None):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[us]")
    if annotation is int:
        return pd.Series(values, dtype="int64")
    if annotation == int | None:
        return pd.Series(values, dtype="Int64")
    if annotation is float:
        return pd.Series(values, dtype="float64")
    if str(annotation).startswith("tuple"):
        return pd.Series(values, dtype="object")
    return pd.Series(values, dtype="str")


def _blank_after(frame: pd.DataFrame, columns: Sequence[str], last: pd.Timestamp) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].where(frame[name] <= last) for name in columns})


def _find(programme: Programme) -> Iterator[str]:
    entries = programme.payments[programme.payments["kind"] != "tranche"]
    sums = entries.groupby(["project_id", "source", "kind"])["amount_eur"].sum().to_dict()
    for project in programme.projects.itertuples():
        for source, means_column in _MEANS.items():
            committed = sums.get((project.project_id, source, "commitment"), 0.0)
            paid = sums.get((project.project_id, source, "payment"), 0.0)
            means = getattr(project, means_column)
            is_completed = not pd.isna(project.completed_on)
            start = f"Project {project.project_id}: door {_PAYERS.get(source, source)} is"
            if paid > committed + _CENT and abs(committed) <= _CENT:
                yield f"{start} {_euro(paid)} betaald; in de registratie staat daarvoor geen toezegging."
            elif paid > committed + _CENT:
                yield f"{start} {_euro(paid)} betaald, meer dan de {_euro(committed)} die is toegezegd."
            if committed > means + _CENT:
                yield f"{start} {_euro(committed)} toegezegd, meer dan de {_euro(means)} in de projectenlijst."
            elif committed < means - _CENT and is_completed:
                rest = f"minder dan de {_euro(means)} in de projectenlijst, terwijl het project is afgerond."
                yield f"{start} {_euro(committed)} toegezegd, {rest}"


def _euro(amount: float) -> str:
    """Write an amount in full, with its cents where it has any."""
    return f"€ {dutch.number(amount, 0 if float(amount).is_integer() else 2)}"
