"""Effects by year since the start, before and after it, and how far they hold when trends were not quite parallel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from evaluation.analysis.effects.honest_did import HonestResult, smoothness_bounds
from evaluation.analysis.portfolio.frame import REFERENCE
from evaluation.inputs.portfolio_plan import Outcome

FIRST, LAST, BASE = -5, 4, -1
"""Years since the start that are shown, and the one that they are compared with."""


@dataclass(frozen=True, slots=True, eq=False)
class EventTimes:
    """Differences by year since the start, on the scale of the estimate.

    Attributes
    ----------
    moments : array of int    Without `BASE`, at which the difference is zero.
    values : array    Mean over cohorts, weighted as the pooled effect is.
    covariance : array, shape (K, K)
    """

    moments: np.ndarray
    values: np.ndarray
    covariance: np.ndarray

    def table(self, quantile: float) -> pd.DataFrame:
        """Give a row for each year since the start, `BASE` with zero.

        Parameters
        ----------
        quantile : float
            Of the permuted cohorts: ends of the interval are so many errors away.

        Returns
        -------
        DataFrame
            Columns event_time, value, low, high; on the scale of the estimate.
        """
        reach = quantile * np.sqrt(np.diag(self.covariance))
        rows = pd.DataFrame(
            {"event_time": self.moments, "value": self.values, "low": self.values - reach, "high": self.values + reach}
        )
        base = pd.DataFrame({"event_time": [BASE], "value": [0.0], "low": [0.0], "high": [0.0]})
        return pd.concat([rows, base]).sort_values("event_time", ignore_index=True)


def with_leads(frame: pd.DataFrame) -> pd.DataFrame:
    """Give each cohort cells before the start too: column lead_cell.

    Parameters
    ----------
    frame : DataFrame
        Of `frame.build_frame`.

    Returns
    -------
    DataFrame
        With lead_cell: cohort and year; the years before `FIRST` are one cell of their cohort.
    """
    moment, cohort = frame["event_time"], frame["cohort"].astype(str)
    cells = (cohort + "_" + frame["period"].astype(str)).where(moment >= FIRST, cohort + "_before")
    return frame.assign(lead_cell=cells.where(moment.notna() & (moment != BASE), REFERENCE))


def event_times(fit: Any, frame: pd.DataFrame, outcome: Outcome) -> EventTimes:
    """Take the mean of cohorts for each year since the start.

    Parameters
    ----------
    fit, frame, outcome : pyfixest model, DataFrame, Outcome
        Of `fit_saturated(..., cells="lead_cell")` on the frame of `with_leads`.

    Returns
    -------
    EventTimes
    """
    shown = frame[frame["event_time"].between(FIRST, LAST) & (frame["lead_cell"] != REFERENCE)]
    weight = shown.groupby(["event_time", "lead_cell"])["weight"].sum()
    share = weight / weight.groupby("event_time").transform("sum")
    table = share.unstack(fill_value=0.0)
    names = fit.coef().index
    means = table.rename(columns=lambda cell: f"lead_cell::{cell}").reindex(columns=names, fill_value=0.0).to_numpy()
    scale = 100.0 if outcome.family == "poisson" else 1.0
    covariance = scale**2 * means @ fit._vcov @ means.T
    return EventTimes(table.index.to_numpy(dtype=int), scale * means @ fit.coef().to_numpy(), covariance)


def pre_trend_bounds(
    times: EventTimes, *, years: tuple[int, int], quantile: float, bends: Sequence[float]
) -> HonestResult:
    """Bound the mean effect over some years when the trend may bend (Rambachan and Roth).

    Parameters
    ----------
    times, years, quantile, bends : EventTimes, tuple of int, float, sequence of float
        The years of the pooled effect; the errors are widened as far as the permuted cohorts ask; how much the slope
        may change a year, on the scale of the estimate.

    Returns
    -------
    HonestResult

    Raises
    ------
    CannotEstimate
        Where there is no year before the base.
    """
    after = times.moments[times.moments > BASE]
    weights = np.where((after >= years[0]) & (after <= years[1]), 1.0, 0.0)
    wider = (quantile / float(special.ndtri(0.975))) ** 2
    return smoothness_bounds(
        times.values,
        wider * times.covariance,
        n_pre=int((times.moments < BASE).sum()),
        bends=bends,
        post_weights=weights / weights.sum(),
        post_moments=after - BASE,
    )
