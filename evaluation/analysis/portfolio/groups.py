"""Whether effects differ between kinds of deals: by tranche, aim, money, size and shrinking regions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evaluation.analysis.portfolio.arrays import Arrays, estimate_groups
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.permutation import summarise
from evaluation.statistics.areas.deal_tables import deals_table
from evaluation.statistics.areas.treatments import Register

FEWEST_DEALS = 3
"""A group of fewer is not estimated: one deal would decide it."""
DRAWS = 499
COLUMNS = ["group", "value", "std_error", "quantile", "detectable", "p_value", "n_deals"]


def deal_groups(register: Register, inhabitants: pd.Series, theme: str) -> pd.DataFrame:
    """Say of each deal to which groups it belongs; what is not known is left empty, and never guessed.

    Parameters
    ----------
    register : Register
        Of ``data/regions``.
    inhabitants : Series
        By municipality of today.
    theme : str
        Theme of the register that an outcome is about.

    Returns
    -------
    DataFrame
        Index deal; columns tranche (``tranche-1``, ...), aim (``met-thema``, ``zonder-thema``), dose (``minder-geld``,
        ``meer-geld``: euro of the State per inhabitant below or from the median), size (``kleiner``, ``groter``),
        shrinking (``krimp``, ``geen-krimp``: at least half of its inhabitants).
    """
    table = deals_table(register).set_index("deal")
    members = {
        item.id: [one.code for one in item.members if one.exposure == "full"] for item in register.deals.values()
    }
    people = pd.Series({deal: inhabitants.reindex(codes).sum() for deal, codes in members.items()})
    shrinking = {code for region in register.shrinking.values() for code in region.municipalities}
    shrunk = pd.Series(
        {deal: inhabitants.reindex([c for c in codes if c in shrinking]).sum() for deal, codes in members.items()}
    )
    verified = table["rijk_eur"].where(table["rijk_verified"].fillna(False).astype(bool)).astype(float)
    euro = verified / people.where(people > 0)
    chosen = table["tranche"].le(3) & table["is_verified"] & people.gt(0)
    aims = {deal.id: deal.aims_at(theme, verified_only=True) for deal in register.deals.values()}
    return pd.DataFrame({
        "tranche": "tranche-" + table["tranche"].astype(str),
        "aim": pd.Series(aims).map({True: "met-thema", False: "zonder-thema"}),
        "dose": _halves(euro, euro[chosen].median(), ("minder-geld", "meer-geld")),
        "size": _halves(people.where(people > 0), people[chosen].median(), ("kleiner", "groter")),
        "shrinking": (shrunk >= people / 2).map({True: "krimp", False: "geen-krimp"}).where(people > 0),
    })  # fmt: skip


def compare_groups(arrays: Arrays, clusters: list[str], groups: Mapping[str, str], *, seed: int) -> pd.DataFrame:
    """Estimate the effect of each group of deals, with permuted cohorts and groups as the measure of chance.

    Parameters
    ----------
    arrays : Arrays
        Of the outcome.
    clusters : list of str
        Names of its clusters, in order.
    groups : mapping of str to str
        Deal to group; a deal that is not in it gets cells of its own and is in no group.
    seed : int
        Of the permutations.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, on the scale of the estimate; a group of fewer than `FEWEST_DEALS` deals has no estimate.
    """
    in_years = arrays.labels != NEVER
    named = [groups.get(name) if is_in else None for name, is_in in zip(clusters, in_years, strict=True)]
    counts = pd.Series([name for name in named if name]).value_counts()
    known = sorted(name for name in counts.index if counts[name] >= FEWEST_DEALS)
    rest = len(known)
    codes = np.array(
        [
            known.index(name) if name in known else (rest if is_in else -1)
            for name, is_in in zip(named, in_years, strict=True)
        ]
    )
    rows = [
        dict.fromkeys(COLUMNS, np.nan) | {"group": name, "n_deals": int(counts[name])} for name in sorted(counts.index)
    ]
    if known:
        values, errors = estimate_groups(arrays, arrays.labels, codes)
        rng = np.random.default_rng(seed)
        orders = [rng.permutation(len(codes)) for _ in range(DRAWS)]
        drawn = np.array([estimate_groups(arrays, arrays.labels[order], codes[order]) for order in orders])
        for row in rows:
            if row["group"] in known:
                place = known.index(row["group"])
                chance = summarise(drawn[:, 0, place], drawn[:, 1, place])
                row |= {
                    "value": float(values[place]), "std_error": float(errors[place]), "quantile": chance.quantile,
                    "detectable": chance.detectable, "p_value": chance.p_value(values[place], errors[place]),
                }  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _halves(values: pd.Series, middle: float, names: tuple[str, str]) -> pd.Series:
    return pd.Series(np.where(values < middle, names[0], names[1]), index=values.index).where(values.notna())
