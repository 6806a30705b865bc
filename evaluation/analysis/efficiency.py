"""Doelmatigheid: what was paid for what was delivered, per agreed number.

It says what a delivered unit cost the programme, never what an effect cost: that would need an established effect.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.finance import DEAL_SOURCES
from evaluation.inputs.deal_schema import Target
from evaluation.inputs.records.deliveries import by_target
from evaluation.inputs.records.programme import Programme


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What a delivered unit of one target cost.

    Attributes
    ----------
    delivered : float | None
        In the target's unit; None where it is withheld, and then all that follows is None: it could tell the number.
    paid_eur, corporations_eur : float | None    Deal money (Rijk, Provincie, gemeenten), and that of housing
        corporations, to the projects that delivered.  What private parties paid would tell what one of them did.
    per_unit_eur : float | None    Deal money per delivered unit; None where nothing was delivered.
    projects, shared : int | None    Projects that delivered, and how many of them also delivered towards another
        target: their money is not divided, so that the cost of this unit alone is lower.
    """

    target: Target
    delivered: float | None
    paid_eur: float | None
    corporations_eur: float | None
    per_unit_eur: float | None
    projects: int | None
    shared: int | None


def unit_costs(targets: Sequence[Target], programme: Programme) -> tuple[UnitCost, ...]:
    """Set what was paid to projects beside what they delivered, for every target that outputs are counted for.

    Parameters
    ----------
    targets, programme : sequence of Target, Programme
        As in force (`Deal.as_of`), and records as known on the day (`Programme.as_of`).

    Returns
    -------
    tuple[UnitCost, ...]
        In the order of the targets.
    """
    rows = by_target(programme)
    targets_of = Counter(project for projects in rows["projects"] for project in projects)
    payments = programme.payments[programme.payments["kind"] == "payment"]
    return tuple(
        _unit_cost(target, rows.loc[target.id] if target.id in rows.index else None, targets_of, payments)
        for target in targets
        if target.counted_from == "outputs"
    )


def _unit_cost(
    target: Target, row: pd.Series | None, targets_of: Mapping[str, int], payments: pd.DataFrame
) -> UnitCost:
    if row is not None and row["is_withheld"]:
        return UnitCost(target, None, None, None, None, None, None)
    projects = row["projects"] if row is not None else ()
    mine = payments[payments["project_id"].isin(projects)]
    is_deal_money = mine["source"].isin(DEAL_SOURCES)
    delivered = float(row["quantity"]) if row is not None else 0.0
    paid = float(mine.loc[is_deal_money, "amount_eur"].sum())
    return UnitCost(
        target=target,
        delivered=delivered,
        paid_eur=paid,
        corporations_eur=float(mine.loc[mine["source"] == "corporaties", "amount_eur"].sum()),
        per_unit_eur=paid / delivered if delivered > 0 else None,
        projects=len(projects),
        shared=sum(targets_of[project] > 1 for project in projects),
    )
