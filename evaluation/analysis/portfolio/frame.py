"""One frame per outcome: a row for each municipality and year, as the estimators take it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.inputs.portfolio_plan import Outcome

PARTS = {
    **dict.fromkeys(("PV20", "PV21", "PV22"), "noord"),
    **dict.fromkeys(("PV23", "PV24", "PV25"), "oost"),
    **dict.fromkeys(("PV26", "PV27", "PV28", "PV29"), "west"),
    **dict.fromkeys(("PV30", "PV31"), "zuid"),
}
"""Part of the country (landsdeel, as CBS divides it) of each province."""

REFERENCE = "-"
"""The cell of all that is not treated yet, or never."""

COLUMNS = [
    *("municipality", "name", "corop", "deal", "tranche", "cohort", "cluster", "period", "event_time", "cell"),
    *("part", "value", "y", "weight", "inhabitants", "log_inhabitants", "start_level", "source", "vintage"),
]


def build_frame(
    outcome: Outcome, exposure: pd.DataFrame, figures: pd.DataFrame, *, start_level_years: int, last: int | None = None
) -> pd.DataFrame:
    """Put an outcome beside the exposure of each municipality.

    Parameters
    ----------
    outcome : Outcome
        Of the plan.
    exposure : DataFrame
        Of `cohorts.list_exposure`.
    figures : DataFrame
        Columns unit, period, indicator, value, source, vintage: the outcome's series and ``inwoners-gemiddeld``, on the
        boundaries of today.
    start_level_years : int
        The start level is the mean of so many first years.
    last : int | None
        Last year; that of the outcome by default.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, by municipality and period.  event_time: years since the start, missing for a comparison;
        cell: cohort and year of what is treated (``2019_2021``), else `REFERENCE`; value: as published; y: what is
        estimated (a count, 100 times a logarithm, or percentage points); start_level: of the first years, on that
        scale (of a count 100 times the logarithm of the rate), minus its mean; weight: of a count the inhabitants, else
        such that each cluster counts as much; part: of the country.  A municipality without all its years is
        left out, and so is one without any offence in all years.
    """
    last = outcome.last if last is None else last
    values = figures[figures["indicator"] == outcome.series].set_index(["unit", "period"])
    people = figures[figures["indicator"] == "inwoners-gemiddeld"].set_index(["unit", "period"])["value"]
    periods = pd.DataFrame({"period": range(outcome.first, last + 1)})
    frame = exposure.merge(periods, how="cross")
    frame = frame[frame["period"] <= frame["until"]].reset_index(drop=True)
    place = pd.MultiIndex.from_frame(frame[["municipality", "period"]])
    found = values.reindex(place).reset_index(drop=True)
    frame = frame.assign(**{name: found[name] for name in ("value", "source", "vintage")})
    frame["inhabitants"] = people.reindex(place).to_numpy(dtype=float)
    frame = _complete(frame, outcome)
    frame["log_inhabitants"] = np.log(frame["inhabitants"])
    frame["y"] = _scaled(frame, outcome)
    frame["start_level"] = _start_level(frame, outcome, start_level_years)
    frame["weight"] = _weight(frame, outcome)
    frame["part"] = frame["province"].map(PARTS)
    return with_cells(frame)[COLUMNS]


def with_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Set event_time and cell from cohort and period: also after cohorts were permuted.

    Parameters
    ----------
    frame : DataFrame
        Columns cohort and period.

    Returns
    -------
    DataFrame
        With columns event_time and cell.
    """
    treated = frame["cohort"] != NEVER
    event_time = (frame["period"] - frame["cohort"]).where(treated)
    cells = frame["cohort"].astype(str) + "_" + frame["period"].astype(str)
    return frame.assign(event_time=event_time, cell=cells.where(event_time >= 0, REFERENCE))


def _complete(frame: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    is_absent = frame["value"].isna() | ~(frame["inhabitants"] > 0)
    if outcome.family == "log":
        is_absent |= ~(frame["value"] > 0)
    lacking = set(frame.loc[is_absent, "municipality"])
    if outcome.family == "poisson":
        totals = frame.groupby("municipality")["value"].sum()
        lacking |= set(totals.index[totals == 0])
    kept = frame[~frame["municipality"].isin(lacking)]
    return kept.sort_values(["municipality", "period"], ignore_index=True)


def _scaled(frame: pd.DataFrame, outcome: Outcome) -> pd.Series:
    return 100 * np.log(frame["value"]) if outcome.family == "log" else frame["value"].astype(float)


def _start_level(frame: pd.DataFrame, outcome: Outcome, years: int) -> pd.Series:
    """Give the level of the first years on the scale of the estimate; half an offence more, so that none is a level."""
    first = frame[frame["period"] < outcome.first + years]
    by_place = first.groupby("municipality")
    if outcome.family == "poisson":
        level = 100 * np.log((by_place["value"].sum() + 0.5) / by_place["inhabitants"].sum())
    else:
        level = by_place["y"].mean()
    return frame["municipality"].map(level - level.mean()).astype(float)


def _weight(frame: pd.DataFrame, outcome: Outcome) -> pd.Series:
    """Weigh by inhabitants, or each cluster alike: prices of the municipalities of one deal move together."""
    if outcome.family == "poisson":
        return frame["inhabitants"]
    return 1.0 / frame.groupby("cluster")["municipality"].transform("nunique")
