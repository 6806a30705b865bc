"""Agreed numbers and money of the programme as tidy tables, with what they need to become results."""

import pandas as pd

from evaluation.analysis.progress import TargetProgress
from evaluation.chapters.context import Context, progress_of, theme_of
from evaluation.chapters.steps.money import source_words
from evaluation.chapters.steps.targets import goal_words
from evaluation.inputs.records.deliveries import delivered

RECORDS = ("projects", "payments", "outputs", "deliveries", "milestones", "counts", "amounts")
MONEY = ("theme", "source", "track", "year", "tranches", "private", "party", "total")
"""What may be asked of `Year.records` and `Year.money`."""

_TARGETS = [
    "indicator", "theme", "unit", "period", "title", "group", "result", "starts", "due", "baseline", "quantity", "goal",
    "delivered", "counted", "unit_of_measure", "chain", "position", "status", "reference",
]  # fmt: skip
_KINDS = {
    "starts": "datetime64[ns]", "due": "datetime64[ns]", "baseline": float, "quantity": float, "delivered": float,
    "counted": bool,
}  # fmt: skip
"""Also of a theme for which nothing was agreed in numbers."""


def list_targets(context: Context, theme: int | None) -> pd.DataFrame:
    """Give what was agreed in numbers, and how far it is.

    Parameters
    ----------
    context, theme : Context, int | None
        A year; one theme, or all.

    Returns
    -------
    DataFrame
        As of `Year.targets`.
    """
    rows = pd.DataFrame([_row(context, item) for item in progress_of(context, theme=theme)], columns=_TARGETS)
    return rows.astype(_KINDS)


def list_records(context: Context, table: str) -> pd.DataFrame:
    """Give a table of the records.

    Parameters
    ----------
    context, table : Context, str
        A year; the name of the table.

    Returns
    -------
    DataFrame
        As of `Year.records`.
    """
    if table == "deliveries":
        return delivered(context.programme)
    found = getattr(context.programme, table).copy()
    if table != "payments":
        return found
    of_projects = context.programme.projects[["project_id", "theme", "track"]]
    return found.merge(of_projects, on="project_id", how="left").assign(year=lambda rows: rows["date"].dt.year)


def list_money(context: Context, by: str) -> pd.DataFrame:
    """Give the money of the programme, in EUR.

    Parameters
    ----------
    context, by : Context, str
        A year; what the rows are.

    Returns
    -------
    DataFrame
        As of `Year.money`.
    """
    money = context.money
    if by == "party":
        agreed = context.agreed.budget_by_party
        agreed = {**agreed, "Regio": context.agreed.budget_eur - agreed["Rijk"]}
        found = pd.Series(agreed, name="budget_eur").rename_axis("party").reset_index()
    elif by == "total":
        found = money.total.to_frame().T.assign(period=context.year)
    elif by == "tranches":
        agreed = {item.year: item.reference for item in context.deal.tranches if item.year is not None}
        found = money.tranches.assign(reference=money.tranches["year"].map(agreed))
    else:
        name = "theme" if by == "private" else by
        found = getattr(money, by if by == "private" else f"by_{by}").rename_axis(name).reset_index()
        titles = {item.id: f"{item.id} {item.short_title}" for item in context.deal.themes} if name == "theme" else {}
        titles |= {item.id: f"{item.id} {item.title}" for item in context.deal.tracks} if name == "track" else {}
        found.insert(1, "title", found[name].map({**source_words(context.deal), **titles}.get))
    is_withheld = found.filter(like="_eur").drop(columns="agreed_eur", errors="ignore").isna().any(axis=1)
    found = found.assign(status=is_withheld.map({True: "withheld", False: None}))
    return found if by == "tranches" else found.assign(reference=context.agreed.budget_reference)


def _row(context: Context, item: TargetProgress) -> tuple[object, ...]:
    target, counted = item.target, item.target.counted_from == "outputs"
    days = (pd.Timestamp(context.deal.term.path_from), pd.Timestamp(target.by))
    start = 0.0 if target.baseline is None else target.baseline.value
    subject = (target.id, theme_of(target), "geleverd", context.year, target.title, target.group, str(target.result))
    agreed = (*days, start, target.quantity, goal_words(target), item.delivered, counted, target.unit_of_measure)
    status = "withheld" if item.is_withheld else None if counted or item.delivered is not None else "not measured"
    return (*subject, *agreed, "output" if counted else "outcome", item.position, status, target.reference)
