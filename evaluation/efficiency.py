"""Doelmatigheid: what was paid for what was delivered, per agreed number.

It says what a delivered unit cost the programme, never what an effect cost: that would need an established effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.deal import Target
from evaluation.finance import DEAL_SOURCES
from evaluation.programme import Programme


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What a delivered unit of one target cost.

    Attributes
    ----------
    target : Target
    delivered : float
        In the target's unit.
    paid_eur : float
        Deal money (Rijk, Provincie, gemeenten) paid to the projects that delivered.
    cofinancing_eur : float
        What others paid to them.
    per_unit_eur : float | None
        Deal money per delivered unit; None where nothing was delivered.
    projects, shared : int
        Projects that delivered, and how many of them also delivered towards another target: their money is not divided,
        so that the cost of this unit alone is lower.
    """

    target: Target
    delivered: float
    paid_eur: float
    cofinancing_eur: float
    per_unit_eur: float | None
    projects: int
    shared: int


def unit_costs(targets: Sequence[Target], programme: Programme) -> tuple[UnitCost, ...]:
    """Set what was paid to projects beside what they delivered, for every target that outputs are counted for.

    Parameters
    ----------
    targets : sequence of Target
        As in force (`Deal.as_of`).
    programme : Programme
        Records as known on the day (`Programme.as_of`).
    """
    outputs = programme.outputs.dropna(subset=["target"])
    targets_of = outputs.groupby("project_id")["target"].agg(set).to_dict()
    payments = programme.payments[programme.payments["kind"] == "payment"]
    return tuple(
        _unit_cost(target, outputs[outputs["target"] == target.id], targets_of, payments)
        for target in targets
        if target.counted_from == "outputs"
    )


def _unit_cost(
    target: Target, outputs: pd.DataFrame, targets_of: dict[str, set[str]], payments: pd.DataFrame
) -> UnitCost:
    projects = set(outputs["project_id"].dropna())
    mine = payments[payments["project_id"].isin(projects)]
    is_deal_money = mine["source"].isin(DEAL_SOURCES)
    delivered = float(outputs["quantity"].sum())
    paid = float(mine.loc[is_deal_money, "amount_eur"].sum())
    return UnitCost(
        target=target,
        delivered=delivered,
        paid_eur=paid,
        cofinancing_eur=float(mine.loc[~is_deal_money, "amount_eur"].sum()),
        per_unit_eur=paid / delivered if delivered > 0 else None,
        projects=len(projects),
        shared=sum(len(targets_of[project]) > 1 for project in projects),
    )
