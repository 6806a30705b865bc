"""Event years, bounds and specifications of the outcomes that were chosen beforehand: computed once."""

import pandas as pd

from evaluation.analysis.portfolio.displacement import neighbours
from evaluation.analysis.portfolio.estimators import fit_saturated
from evaluation.analysis.portfolio.event_time import EventTimes, event_times, pre_trend_bounds, with_leads
from evaluation.analysis.portfolio.pooled import Portfolio, headlines, open_pool, references, told_ends
from evaluation.analysis.portfolio.specifications import specification_curve
from evaluation.base.cache import remember

BENDS = {"poisson": (0.0, 0.5, 1.0, 2.0), "log": (0.0, 0.1, 0.2, 0.5), "level": (0.0, 0.02, 0.05, 0.1)}
"""How much a trend may bend a year, on the scale of the estimate."""


def headline_event_times() -> pd.DataFrame:
    """Estimate the difference by year since the start; computed once.

    Returns
    -------
    DataFrame
        Columns outcome, wording, event_time, value, low, high: in percent or points.
    """
    return remember("portfolio-event-times", (), lambda: _event_times(open_pool()))


def headline_bounds() -> pd.DataFrame:
    """Bound the pooled difference when trends were not quite parallel; computed once.

    Returns
    -------
    DataFrame
        Columns outcome, wording, bend (a year, on the scale of the estimate), ci_low, ci_high (percent or points).
    """
    return remember("portfolio-bounds", (), lambda: _bounds(open_pool()))


def curves() -> pd.DataFrame:
    """Estimate by every specification; computed once.

    Returns
    -------
    DataFrame
        Columns outcome, wording, method, label (Dutch), deviation, ci_low, ci_high, mde (percent or points).
    """
    return remember("portfolio-curves", (), lambda: _curves(open_pool()))


def _times(pool: Portfolio, name: str) -> EventTimes:
    outcome, frame = pool.outcome(name), with_leads(pool.frame(name))
    return event_times(fit_saturated(frame, outcome, cells="lead_cell"), frame, outcome)


def _event_times(pool: Portfolio) -> pd.DataFrame:
    parts = []
    for name in headlines(pool):
        rows = _times(pool, name).table(references()[name].quantile)
        told = {column: pool.scale(name).told(rows[column]) for column in ("value", "low", "high")}
        parts.append(rows.assign(outcome=name, wording=pool.outcome(name).wording, **told))
    return pd.concat(parts, ignore_index=True)


def _bounds(pool: Portfolio) -> pd.DataFrame:
    rows = []
    for name in headlines(pool):
        outcome = pool.outcome(name)
        found = pre_trend_bounds(
            _times(pool, name), years=pool.years, quantile=references()[name].quantile, bends=BENDS[outcome.family]
        )
        for item in found.intervals:
            middle, reach = (item.low + item.high) / 2, (item.high - item.low) / 2
            ends = told_ends(pool, name, middle, reach)
            rows.append({"outcome": name, "wording": outcome.wording, "bend": item.bend, **ends})
    return pd.DataFrame(rows).drop(columns="deviation")


def _curves(pool: Portfolio) -> pd.DataFrame:
    pairs = neighbours()
    parts = [
        specification_curve(pool, name, pairs).assign(outcome=name, outcome_wording=pool.outcome(name).wording)
        for name in ("woninginbraak", "verkoopprijs", "arbeidsdeelname")
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.rename(columns={"specification": "method", "wording": "label", "outcome_wording": "wording"})
