"""Doelbereik: what was done and delivered of what was agreed.

Reaching a target is never called an effect: nothing here says why a number changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pandas as pd

from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_parts import ApproachElement
from evaluation.inputs.deal_schema import Milestone, Target
from evaluation.inputs.records.deliveries import by_target
from evaluation.inputs.records.programme import Programme

State = Literal["planned", "started", "completed", "dropped", "none"]
Position = (
    Literal["voor op het pad", "op het pad", "onder het pad", "doel bereikt", "doel niet bereikt"]
    | Literal["niet gemeten", "niet te vergelijken", "niet vrijgegeven", "niet vast te stellen"]
)

PATH_TOLERANCE = 0.05
"""A delivery within 5% of the target around the path counts as on the path."""


@dataclass(frozen=True, slots=True)
class ElementState:
    """What the records say of one approach element on a day.

    Attributes
    ----------
    state : str    planned, started, completed, dropped, or none: no record mentions it.
    since : date | None    The day on which it came into this state, where the records tell.
    projects : tuple[str, ...]    Ids of the projects that carry it out.
    milestones_done, milestones_planned : int    Of the records' milestones for this element.
    """

    element: ApproachElement
    state: State
    since: date | None
    projects: tuple[str, ...]
    milestones_done: int
    milestones_planned: int


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """How far one target has come on a day.

    Attributes
    ----------
    delivered : float | None
        In the target's unit; None where no record or statistic measures it, or where it is withheld.
    path : float    What a straight line from the start of the deal (or the baseline) to the target gives on this day.
    distance : float | None    Target less delivered.
    projection : float | None    Delivered at the target's date if the average pace until now goes on.
    position : str
        Against the path, with `PATH_TOLERANCE`; "niet vast te stellen" where that hangs on how `delivered` was rounded;
        "niet te vergelijken" where nothing is measured as the baseline was.
    is_withheld : bool    It is a count of persons, households or firms that is not shown.
    margin : float    How far rounding may have moved `delivered`.
    """

    target: Target
    delivered: float | None
    path: float
    distance: float | None
    projection: float | None
    position: Position
    is_withheld: bool = False
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class MilestoneState:
    """A dated promise of the deal beside its record: done on a day, planned, or without a record."""

    milestone: Milestone
    done_on: date | None
    planned_on: date | None
    has_record: bool


def element_states(deal: Deal, programme: Programme) -> tuple[ElementState, ...]:
    """Tell the state of every approach element, from the projects and milestones that name it.

    The rule: completed when everything that names it is completed or done (what was dropped aside), started when
    something is, planned when it is only planned, dropped when all of it was dropped; none without a record.

    Parameters
    ----------
    deal, programme : Deal, Programme
        Records as known on the day (`Programme.as_of`).

    Returns
    -------
    tuple[ElementState, ...]
        In the order of the deal.
    """
    projects, milestones = programme.projects, programme.milestones
    marks = milestones.loc[milestones["kind"] == "milestone", ["approach", "date_done"]]
    projects = projects[["approach", "project_id", "state", "started_on", "completed_on", "dropped_on"]]
    projects_of, marks_of = _rows_by_element(projects), _rows_by_element(marks)
    return tuple(
        _element_state(element, projects_of.get(element.id, projects[:0]), marks_of.get(element.id, marks[:0]))
        for theme in deal.themes
        for element in theme.approach
    )


def target_progress(
    deal: Deal, targets: Sequence[Target], programme: Programme, day: date, measured: dict[str, float] | None = None
) -> tuple[TargetProgress, ...]:
    """Measure the progress of each target on a day: the sum of its outputs, or the statistic that measures it.

    Parameters
    ----------
    deal, targets : Deal, and sequence of Target
        Whose term says where a path begins, and the targets in force on the day (`Deal.as_of`).
    programme, day, measured : Programme, date, dict[str, float] | None
        Records as known on the day (`Programme.as_of`); target id to value, for targets that an indicator measures.

    Returns
    -------
    tuple[TargetProgress, ...]
        In the order of `targets`.
    """
    outputs = by_target(programme)
    known = measured or {}
    rows = []
    for target in targets:
        if target.counted_from != "outputs":
            rows.append(progress_of_target(deal, target, known.get(target.id), day))
        elif target.id not in outputs.index:
            rows.append(progress_of_target(deal, target, 0.0, day))
        else:
            row = outputs.loc[target.id]
            delivered = None if row["is_withheld"] else float(row["quantity"])
            progress = progress_of_target(deal, target, delivered, day, margin=float(row["margin"]))
            rows.append(
                replace(progress, is_withheld=True, position="niet vrijgegeven") if delivered is None else progress
            )
    return tuple(rows)


def progress_of_target(
    deal: Deal, target: Target, delivered: float | None, day: date, *, margin: float = 0.0
) -> TargetProgress:
    """Place what was delivered of one target on a day.

    Parameters
    ----------
    deal, target, day : Deal, Target, date
        Whose term says where a path begins.
    delivered, margin : float | None, float
        In the target's unit, and how far rounding may have moved it; None where nothing measures it.

    Returns
    -------
    TargetProgress
        Not withheld: who knows that it is says so.
    """
    start = 0.0 if target.baseline is None else target.baseline.value
    from_day = deal.term.path_from
    elapsed = min(max((day - from_day).days / (target.by - from_day).days, 0.0), 1.0)
    path = start + elapsed * (target.quantity - start)
    if delivered is None:
        silent: Position = "niet gemeten" if target.baseline is None else "niet te vergelijken"
        return TargetProgress(target, None, path, None, None, silent)
    projection = start + (delivered - start) / elapsed if elapsed > 0 else None
    return TargetProgress(
        target=target,
        delivered=delivered,
        path=path,
        distance=target.quantity - delivered,
        projection=projection,
        position=place(target.quantity, start, delivered, path, is_due=day >= target.by, margin=margin),
        margin=margin,
    )


def group_progress(progress: Sequence[TargetProgress], group: str) -> tuple[float | None, float, float, float | None]:
    """Add up the targets of one group (such as all homes).

    All are counted from outputs (the deal file is refused otherwise), so each has a number, unless it is withheld.

    Parameters
    ----------
    progress, group : sequence of TargetProgress, str
        Of all targets; as in `Target.group`.

    Returns
    -------
    delivered, path, target, projection : float | None, float, float, float | None
        None where one of them is withheld; the projection also on a day on which no path has begun.
    """
    rows = [row for row in progress if row.target.group == group]
    return (
        _sum_of_all([row.delivered for row in rows]),
        sum(row.path for row in rows),
        sum(row.target.quantity for row in rows),
        _sum_of_all([row.projection for row in rows]),
    )


def _sum_of_all(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def milestone_states(deal: Deal, programme: Programme, theme: int | None = None) -> tuple[MilestoneState, ...]:
    """Set every dated promise of the deal beside the records that name it.

    Parameters
    ----------
    deal, programme, theme
        As in `element_states`.

    Returns
    -------
    tuple[MilestoneState, ...]
        In the order of the deal; done on the last day when all its records are done.
    """
    records = programme.milestones
    days, rows = records[["date_done", "date_planned"]], []
    for milestone in deal.milestones:
        if theme is not None and milestone.theme != theme:
            continue
        mine = days[records["deal_milestone"] == milestone.id]
        done = mine["date_done"].dropna()
        planned = mine["date_planned"].dropna()
        rows.append(
            MilestoneState(
                milestone=milestone,
                done_on=done.max().date() if len(done) and len(done) == len(mine) else None,
                planned_on=planned.max().date() if len(planned) else None,
                has_record=len(mine) > 0,
            )
        )
    return tuple(rows)


def _element_state(element: ApproachElement, mine: pd.DataFrame, marks: pd.DataFrame) -> ElementState:
    done = marks["date_done"].notna()
    state = _combine([*mine["state"], *("completed" if is_done else "planned" for is_done in done)])
    return ElementState(
        element=element,
        state=state,
        since=_since(state, mine, marks),
        projects=tuple(mine["project_id"]),
        milestones_done=int(done.sum()),
        milestones_planned=int((~done).sum()),
    )


def _rows_by_element(records: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the records that name each element: one walk for all elements, as eighty deals have four thousand."""
    places: dict[str, list[int]] = {}
    for place, ids in enumerate(records["approach"]):
        for name in dict.fromkeys(ids):
            places.setdefault(name, []).append(place)
    return {name: records.iloc[rows] for name, rows in places.items()}


def _combine(states: Sequence[str]) -> State:
    if not states:
        return "none"
    live = [state for state in states if state != "dropped"]
    if not live:
        return "dropped"
    if all(state == "completed" for state in live):
        return "completed"
    return "started" if any(state in ("started", "completed") for state in live) else "planned"


def _since(state: State, projects: pd.DataFrame, milestones: pd.DataFrame) -> date | None:
    if state in ("planned", "none"):
        return None
    moments = projects[f"{state}_on"]
    if state != "dropped":
        moments = pd.concat([moments, milestones["date_done"]])
    moments = moments.dropna()
    return None if moments.empty else (moments.min() if state == "started" else moments.max()).date()


def place(
    quantity: float, start: float, delivered: float | None, path: float, *, is_due: bool = False, margin: float = 0.0
) -> Position:
    """Place a delivery against the path to a quantity; on its last day against the quantity itself.

    Parameters
    ----------
    quantity, start, path : float
        What was agreed, where it began, and what the path between them gives on the day; in the unit of the target.
    delivered, is_due : float | None, bool
        None where it is withheld; whether it is the day on which the quantity should be there, or later.
    margin : float
        How far rounding may have moved the delivery: where the place hangs on that, it is not known.

    Returns
    -------
    str
        One of `Position`.
    """
    if delivered is None:
        return "niet vrijgegeven"
    if margin:
        ends = delivered - margin, delivered + margin
        places = {place(quantity, start, value, path, is_due=is_due) for value in ends}
        return places.pop() if len(places) == 1 else "niet vast te stellen"
    span = quantity - start
    lead = (delivered - path) / span
    if (delivered - start) / span >= 1:
        return "doel bereikt"
    if is_due:
        return "doel niet bereikt"
    if abs(lead) <= PATH_TOLERANCE:
        return "op het pad"
    return "voor op het pad" if lead > 0 else "onder het pad"
