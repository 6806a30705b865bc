"""Totals of the records per table and year, before and after an import."""

from collections.abc import Iterator

import pandas as pd

from evaluation.base.dutch import exact_euro
from evaluation.inputs.records.programme import Programme, means_of

_KINDS = {
    "means": "middelen", "commitment": "toezegging", "payment": "betaling", "tranche": "termijn",
    "milestone": "mijlpaal", "meeting": "overleg",
}  # fmt: skip
_Totals = dict[tuple[str, str, str], tuple[int, float]]


def compare_totals(old: Programme | None, new: Programme) -> Iterator[tuple[str, str]]:
    """Write the totals of every table and year, as they are and as they would be.

    Parameters
    ----------
    old, new : Programme or None, Programme
        What stands there (None where it cannot be read), and what would come.

    Yields
    ------
    tuple[str, str]
        For each table, kind and year its table, and in Dutch: rows, and euros or the number of a unit.
    """
    before, after = ({} if old is None else _totals(old)), _totals(new)
    for key in sorted({*before, *after}):
        was, now = (_told(totals.get(key, (0, 0.0)), key[1]) for totals in (before, after))
        if was != now or key[0] != "outputs":  # of units, only those that change: there are many
            name = " ".join(_KINDS.get(part, part) for part in key[1:] if part)
            yield key[0], f"{name}: {now}" if was == now else f"{name}: {was} -> {now}"


def _totals(programme: Programme) -> _Totals:
    projects = programme.projects
    begun = projects["started_on"].fillna(projects["planned_start"])
    found = _summed(
        "projects", pd.Series("means", projects.index), begun, projects[list(means_of(programme.funders))].sum(axis=1)
    )
    payments, outputs, milestones = programme.payments, programme.outputs, programme.milestones
    found |= _summed("payments", payments["kind"], payments["date"], payments["amount_eur"])
    found |= _summed("outputs", outputs["unit"], outputs["date"], outputs["quantity"])
    days = milestones["date_done"].fillna(milestones["date_planned"])
    return found | _summed("milestones", milestones["kind"], days, pd.Series(0.0, milestones.index))


def _summed(table: str, kinds: pd.Series, days: pd.Series, amounts: pd.Series) -> _Totals:
    years = days.dt.year.astype("Int64").astype("str").replace("<NA>", "zonder jaar")
    sums = amounts.groupby([kinds.astype("str"), years]).agg(["size", "sum"])
    rows = sums.itertuples(name=None)
    return {(table, str(kind), str(year)): (int(size), float(amount)) for (kind, year), size, amount in rows}


def _told(total: tuple[int, float], kind: str) -> str:
    rows, amount = total
    is_money = kind in ("means", "commitment", "payment", "tranche")
    told = f", {exact_euro(amount)}" if is_money else f", {amount:.15g}" if amount else ""
    return f"{rows} {'rij' if rows == 1 else 'rijen'}{told}"
