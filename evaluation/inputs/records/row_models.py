"""What one row of the programme's records may hold: a model for each table.

A cell is judged against the deal and against the cells before it in its row; a cell that is wrong itself takes no part
in judging others, so that one mistake gives one fault.
"""

from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, create_model, field_validator

from evaluation.inputs.records import column_types as column

ProjectStatus = Literal["planned", "started", "completed", "dropped"]
PaymentKind = Literal["commitment", "payment", "tranche"]
MilestoneKind = Literal["milestone", "meeting"]

_ELEMENTS = "approach elements of the deal"


def _with_own_element(approach: tuple[str, ...], info: column.Info) -> tuple[str, ...]:
    """Accept elements of other themes only beside at least one of the own theme: work may serve more themes."""
    theme, elements = info.data.get("theme"), info.context.elements
    if theme is not None and approach and theme not in map(elements.get, approach):
        own = ", ".join(element for element, of in elements.items() if of == theme)
        raise column.wrong(f"at least one element of theme {theme}: {own}")
    return approach


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Project(_Row):
    """A row of projects; amounts are the means that were planned for it, in EUR, by who brings them."""

    project_id: column.Identity
    title: column.Text
    theme: Annotated[int, column.number_of("themes")]
    track: Annotated[int, column.number_of("tracks")]
    municipalities: Annotated[tuple[str, ...], column.listed("municipalities", "municipalities of the region")]
    neighbourhood: column.OptionalText
    approach: Annotated[tuple[str, ...], column.listed("elements", _ELEMENTS, required=False)]
    criteria: Annotated[
        tuple[int, ...], column.listed("criteria", "criteria of the deal", as_numbers=True, required=False)
    ]
    lead: column.Text
    status: Annotated[ProjectStatus, column.choice(get_args(ProjectStatus))]
    planned_start: column.PlannedDay
    started_on: column.OptionalDay
    completed_on: column.OptionalDay
    dropped_on: column.OptionalDay
    rijk_eur: column.Means
    provincie_eur: column.Means
    gemeenten_eur: column.Means
    corporaties_eur: column.Means
    private_eur: column.Means
    note: column.OptionalText

    _serves_its_theme = field_validator("approach")(_with_own_element)

    @field_validator("approach")
    @classmethod
    def _names_an_element(cls, approach: tuple[str, ...], info: column.Info) -> tuple[str, ...]:
        if not approach and info.data.get("theme") in info.context.elements.values():
            raise column.wrong(f"{_ELEMENTS}, separated by semicolons")
        return approach

    @field_validator("phase", check_fields=False)
    @classmethod
    def _is_named(cls, phase: str | None, info: column.Info) -> str | None:
        if phase and phase not in info.context.phases:
            raise column.wrong(f"a phase of the deal ({', '.join(info.context.phases)}), or an empty cell")
        return phase

    @field_validator("started_on", "completed_on", "dropped_on")
    @classmethod
    def _agrees_with_status(cls, day: date | None, info: column.Info) -> date | None:
        status = info.data.get("status")
        needed = {"started_on": ("started", "completed"), "completed_on": ("completed",), "dropped_on": ("dropped",)}
        name = info.field_name or ""
        possible = (*needed[name], *(("dropped",) if name == "started_on" else ()))
        if status in needed[name] and day is None:
            raise column.wrong(f"a date, as the status is {status}")
        if status is not None and status not in possible and day is not None:
            raise column.wrong(f"an empty cell, as the status is {status}")
        started = info.data.get("started_on")
        if day is not None and started is not None and day < started:
            raise column.wrong(f"a day on or after started_on ({started})")
        return day


@lru_cache(maxsize=8)
def project_model(funders: tuple[str, ...], *, has_phases: bool) -> type[Project]:
    """Return what a row of projects may hold in a deal.

    Parameters
    ----------
    funders, has_phases : tuple of str, bool
        Columns with the means of the deal's own funders, and whether its projects have phases: columns after the usual.

    Returns
    -------
    type[Project]
        `Project` itself for a deal that has neither.
    """
    more: dict[str, Any] = {name: (column.Means, ...) for name in funders}
    more |= {"phase": (column.OptionalText, ...)} if has_phases else {}
    return create_model("Project", __base__=Project, **more) if more else Project


class Payment(_Row):
    """A row of payments: money promised to a project, paid to it, or received from Rijk (a tranche)."""

    payment_id: column.Identity
    kind: Annotated[PaymentKind, column.choice(get_args(PaymentKind))]
    date: column.Day
    project_id: column.ProjectReference
    source: Annotated[str, column.one_of("sources")]
    amount_eur: column.Number
    note: column.OptionalText

    @field_validator("project_id")
    @classmethod
    def _only_without_tranche(cls, project_id: str | None, info: column.Info) -> str | None:
        kind = info.data.get("kind")
        if kind == "tranche" and project_id:
            raise column.wrong("an empty cell: a tranche goes from Rijk to Provincie, not to a project")
        if kind in ("commitment", "payment") and not project_id:
            raise column.wrong(f"the project_id of the {kind}")
        return project_id

    @field_validator("source")
    @classmethod
    def _tranche_from_rijk(cls, source: str, info: column.Info) -> str:
        if info.data.get("kind") == "tranche" and source != "Rijk":
            raise column.wrong("Rijk, as the kind is tranche")
        return source

    @field_validator("amount_eur")
    @classmethod
    def _not_zero(cls, amount: float) -> float:
        if amount == 0:
            raise column.wrong("an amount other than 0")
        return amount

    @field_validator("note")
    @classmethod
    def _explains_correction(cls, note: str | None, info: column.Info) -> str | None:
        amount = info.data.get("amount_eur", 0.0)
        if amount < 0 and not note:
            expected = "an amount above 0, or a correction with a note that says why"
            raise column.wrong(expected, found=f"{amount:.2f} without a note", column="amount_eur")
        return note


class Output(_Row):
    """A row of outputs: what a project delivered towards an intended result, counted for a target or in own words."""

    output_id: column.Identity
    date: column.Day
    project_id: column.ProjectReference
    result: Annotated[str, column.reference("results", "an intended result of the deal", required=True)]
    target: Annotated[str | None, column.reference("targets", "a target of the deal, or an empty cell")]
    quantity: column.Quantity
    unit: column.OptionalText
    municipality: Annotated[
        str | None, column.reference("municipalities", "a municipality of the region, or an empty cell")
    ]
    note: column.OptionalText

    @field_validator("project_id")
    @classmethod
    def _has_project(cls, project_id: str | None) -> str:
        if not project_id:
            raise column.wrong("the project_id of what was delivered")
        return project_id

    @field_validator("result")
    @classmethod
    def _within_project(cls, result: str, info: column.Info) -> str:
        project = _project_of(info)
        elements = info.context.elements
        if project and info.context.results[result] not in {project.theme, *map(elements.get, project.approach)}:
            name, theme = project.project_id, project.theme
            raise column.wrong(f"a result of the theme of {name} (theme {theme}) or of its approach elements")
        return result

    @field_validator("target")
    @classmethod
    def _of_the_result(cls, target_id: str | None, info: column.Info) -> str | None:
        target = info.context.targets.get(target_id or "")
        if target is None:
            return target_id
        if target.counted_from == "indicator":
            raise column.wrong("an empty cell: this target is measured by a statistic, not counted from outputs")
        if "result" in info.data and target.result != info.data["result"]:
            raise column.wrong(
                f"a target of result {info.data['result']}; {target_id} belongs to result {target.result}"
            )
        return target_id

    @field_validator("quantity")
    @classmethod
    def _whole_where_counted(cls, quantity: float, info: column.Info) -> float:
        target = info.context.targets.get(info.data.get("target") or "")
        if target is not None and target.unit_of_measure == "count" and not quantity.is_integer():
            raise column.wrong(f"a whole number of {target.unit_label}")
        return quantity

    @field_validator("unit")
    @classmethod
    def _one_unit(cls, unit: str | None, info: column.Info) -> str | None:
        if "target" not in info.data:
            return unit
        target = info.context.targets.get(info.data["target"] or "")
        if target is None and not unit:
            raise column.wrong("a unit in a Dutch word, such as taallessen, as there is no target")
        if target is not None and unit and unit != target.unit_label:
            raise column.wrong(f"an empty cell, or {target.unit_label} as the target counts")
        return target.unit_label if target is not None else unit

    @field_validator("municipality")
    @classmethod
    def _of_the_project(cls, municipality: str | None, info: column.Info) -> str | None:
        project = _project_of(info)
        if project and municipality and municipality not in project.municipalities:
            raise column.wrong(f"a municipality of {project.project_id}: {', '.join(project.municipalities)}")
        return municipality


class Count(_Row):
    """A row of counts, in records that are protected: what was delivered of a unit until the end of a year."""

    result: Annotated[str, column.reference("results", "an intended result of the deal", required=True)]
    target: Annotated[str | None, column.reference("targets", "a target of the deal, or an empty cell")]
    unit: column.Text
    year: column.Year
    total: column.OptionalTotal
    projects: Annotated[tuple[str, ...], column.listed("project_ids", "ids of projects", required=False)]

    @field_validator("projects")
    @classmethod
    def _only_where_shown(cls, projects: tuple[str, ...], info: column.Info) -> tuple[str, ...]:
        if "total" in info.data and info.data["total"] is None and projects:
            raise column.wrong("an empty cell, as the total is withheld")
        return projects


class FirmAmount(_Row):
    """A row of amounts, in records that are protected: what private parties booked until the end of a year."""

    theme: Annotated[int | None, column.number_of("themes", required=False)]
    kind: Annotated[Literal["commitment", "payment"], column.choice(("commitment", "payment"))]
    year: column.Year
    total: column.OptionalAmount


class MilestoneRecord(_Row):
    """A row of milestones: a moment in the work, or a meeting of those who steer."""

    milestone_id: column.Identity
    kind: Annotated[MilestoneKind, column.choice(get_args(MilestoneKind))]
    date_planned: column.PlannedDay
    date_done: column.OptionalDay
    theme: Annotated[int | None, column.number_of("themes", required=False)]
    approach: Annotated[tuple[str, ...], column.listed("elements", _ELEMENTS, required=False)]
    deal_milestone: Annotated[str | None, column.reference("milestones", "a milestone of the deal, or an empty cell")]
    project_id: column.ProjectReference
    body: column.OptionalText
    title: column.OptionalText
    note: column.OptionalText

    @field_validator("date_done")
    @classmethod
    def _has_a_date(cls, done: date | None, info: column.Info) -> date | None:
        if done is None and "date_planned" in info.data and info.data["date_planned"] is None:
            raise column.wrong("a date in date_planned or in date_done")
        return done

    _serves_its_theme = field_validator("approach")(_with_own_element)

    @field_validator("deal_milestone")
    @classmethod
    def _fits(cls, name: str | None, info: column.Info) -> str | None:
        if name is None:
            return None
        if info.data.get("kind") == "meeting":
            raise column.wrong("an empty cell, as the kind is meeting")
        theme, own = info.data.get("theme"), info.context.milestones[name].theme
        if theme is not None and own is not None and own != theme:
            raise column.wrong(f"a milestone of theme {theme}; {name} belongs to theme {own}")
        return name

    @field_validator("body")
    @classmethod
    def _meets(cls, body: str | None, info: column.Info) -> str | None:
        kind = info.data.get("kind")
        if kind == "meeting" and not body:
            raise column.wrong("who met, such as Overleg or regiegroep")
        if kind == "milestone" and body:
            raise column.wrong("an empty cell, as the kind is milestone")
        return body

    @field_validator("title")
    @classmethod
    def _says_what(cls, title: str | None, info: column.Info) -> str | None:
        if info.data.get("kind") == "milestone" and not title:
            raise column.wrong("what the milestone is")
        return title


def _project_of(info: column.Info) -> Project | None:
    """Find the project of the row, where both are in order."""
    return cast("Project | None", (info.context.projects or {}).get(info.data.get("project_id") or ""))
