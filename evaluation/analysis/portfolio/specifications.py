"""The same question asked in other ways: other estimators, other comparisons, other facts; the declared one first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from evaluation.analysis.portfolio.estimators import (
    Pooled,
    callaway_santanna,
    imputation,
    saturated,
    sun_abraham,
    two_stage,
    two_way,
)
from evaluation.analysis.portfolio.pooled import Portfolio, references
from evaluation.analysis.portfolio.ring import with_ring

COLUMNS = ["specification", "wording", "deviation", "ci_low", "ci_high", "mde", "n_deals"]
CORONA = (2020, 2021)


def specification_curve(pool: Portfolio, name: str, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Estimate an outcome by every specification.

    Parameters
    ----------
    pool, name, neighbours : Portfolio, str, DataFrame
        The outcome's id; pairs of municipalities that border on each other (code, neighbour).

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, told in percent or points, the declared one first: its intervals have the quantile of the
        permuted cohorts, in all rows, and mde is that of the declared one, as much larger as the error is.
    """
    outcome, years = pool.outcome(name), pool.years
    frame, scale, chance = pool.frame(name), pool.scale(name), references()[name]
    ringed = with_ring(frame, neighbours)
    asked: list[tuple[str, str, Callable[[], Pooled]]] = [
        ("saturated", "vastgelegde schatting", lambda: saturated(frame, outcome, years=years)),
        ("unadjusted", "zonder beginniveau", lambda: saturated(frame, outcome, years=years, adjusted=False)),
        ("without-ring", "zonder buurgemeenten", lambda: saturated(
            ringed[~(ringed["ring_since"] >= 0)], outcome, years=years)),
        ("without-corona", "zonder 2020 en 2021", lambda: saturated(
            frame[~frame["period"].isin(CORONA)], outcome, years=years)),
        ("all-facts", "ook niet nagetrokken feiten", lambda: saturated(
            pool.frame(name, facts="all"), outcome, years=years)),
        ("partial", "ook deals voor enkele wijken", lambda: saturated(
            pool.frame(name, facts="partial"), outcome, years=years)),
        ("two-way", "gewone vaste effecten", lambda: two_way(frame, outcome, years=years)),
        ("two-stage", "in twee stappen (did2s)", lambda: two_stage(frame, outcome, years=years)),
        ("imputation", "imputatie", lambda: imputation(frame, outcome, years=years)),
        ("callaway-santanna", "Callaway en Sant'Anna", lambda: callaway_santanna(frame, outcome, years=years)),
        ("sun-abraham", "Sun en Abraham", lambda: sun_abraham(frame, outcome, years=years)),
    ]  # fmt: skip
    estimates = [(specification, wording, estimate()) for specification, wording, estimate in asked]
    rows, declared = [], estimates[0][2].std_error
    for specification, wording, found in estimates:
        ends = found.value + chance.quantile * found.std_error * np.array([0.0, -1.0, 1.0])
        mde = float(scale.size(chance.detectable_at(found.std_error, declared)))
        rows.append((specification, wording, *map(float, scale.told(ends)), mde, found.n_deals))
    return pd.DataFrame(rows, columns=COLUMNS)
