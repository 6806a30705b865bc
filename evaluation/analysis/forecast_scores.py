"""Score registered forecasts by the figures that came: inside the interval or not, interval score and Brier score.

References
----------
Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. JASA 102(477).
Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78(1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.analysis.forecast_panel import to_scale
from evaluation.base.text import csv_text
from evaluation.inputs.registrations import METHODS, Event, Forecast, IndicatorForecast, Method, Registration
from evaluation.statistics.areas.regions import COUNTRY

SCORE_COLUMNS = (
    *("indicator", "year", "what", "unit_of_measure", "forecast", "low80", "high80", "low95", "high95", "came"),
    *("inside80", "inside95", "interval_score80", "interval_score95", "brier", "status", "known", "revised"),
)
"""`what`: a method, or an event, of which the forecast is a probability and what came 1 or 0."""

_INSIDE = ("inside80", "inside95")
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """A forecast beside the figure that came.

    Attributes
    ----------
    came, status : float, str    The figure, and whether it is final.
    inside80, inside95 : bool    Whether it lies in the interval.
    score80, score95 : float    Interval scores, in the unit of measure: lower is better.
    is_known : bool    The figure was there at the registration: told, and counted nowhere.
    is_revised : bool    The last figure that was used is another by now.
    """

    indicator: str
    method: Method
    year: int
    forecast: Forecast
    came: float
    status: str
    inside80: bool
    inside95: bool
    score80: float
    score95: float
    is_known: bool
    is_revised: bool


@dataclass(frozen=True, slots=True)
class EventScore:
    """A declared event with its probability, and whether it happened; `brier` is the squared distance of both."""

    indicator: str
    event: Event
    year: int
    probability: float
    happened: bool
    brier: float
    is_known: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often figures lay inside the intervals of a method.

    Attributes
    ----------
    scored : int    Forecasts whose figure came after the registration.
    inside80, inside95 : float | None    Shares of them; None where there are none.
    """

    scored: int
    inside80: float | None
    inside95: float | None


def score_forecasts(registration: Registration, figures: pd.DataFrame) -> list[ForecastScore]:
    """Score every forecast whose year has a figure.

    Parameters
    ----------
    registration, figures : Registration, DataFrame
        What was registered; a panel (unit, period, indicator, value, status).

    Returns
    -------
    list[ForecastScore]
        By indicator, year and method.
    """
    found = []
    for name, item, came in _came(registration, figures):
        own = came[came["unit"] == registration.unit].set_index("period")
        is_revised = item.last in own.index and (
            round(float(own.loc[item.last, "value"]), item.decimals + 2) != item.last_value
        )
        for year in sorted(item.own_trend.keys() & set(own.index)):
            value, status = float(own.loc[year, "value"]), str(own.loc[year, "status"])
            for method in METHODS:
                told = item.by(method)[year]
                found.append(
                    ForecastScore(
                        name,
                        method,
                        year,
                        told,
                        value,
                        status,
                        inside80=told.low80 <= value <= told.high80,
                        inside95=told.low95 <= value <= told.high95,
                        score80=interval_score(value, told.low80, told.high80, 0.80),
                        score95=interval_score(value, told.low95, told.high95, 0.95),
                        is_known=year in item.known_at_registration,
                        is_revised=is_revised,
                    )
                )
    return found


def score_events(registration: Registration, figures: pd.DataFrame) -> list[EventScore]:
    """Score every declared event whose year has the figures that decide it.

    Parameters
    ----------
    registration, figures : Registration, DataFrame
        As of `score_forecasts`; the country is in it too.

    Returns
    -------
    list[EventScore]
        By indicator, event and year.
    """
    found = []
    for name, item, came in _came(registration, figures):
        values = {unit: rows.set_index("period")["value"] for unit, rows in came.groupby("unit", observed=True)}
        own, country = values.get(registration.unit), values.get(COUNTRY)
        for event, chances in item.events().items():
            for year, chance in chances.items():
                if (
                    own is None
                    or year not in own
                    or (event == "gap_smaller" and (country is None or year not in country))
                ):
                    continue
                happened = _happened(event, item, float(own[year]), np.nan if country is None else country.get(year))
                brier = round((chance - happened) ** 2, 6)
                is_known = year in item.known_at_registration
                found.append(EventScore(name, event, year, chance, happened, brier, is_known))
    return found


def calibrate(scores: Sequence[ForecastScore]) -> dict[Method, Calibration]:
    """Return how often the figures lay inside the intervals, for each method.

    Parameters
    ----------
    scores : Sequence[ForecastScore]
        Those of figures that were known beforehand do not count.

    Returns
    -------
    dict[str, Calibration]
    """
    found: dict[Method, Calibration] = {}
    for method in METHODS:
        mine = [item for item in scores if item.method == method and not item.is_known]
        shares = [sum(getattr(item, name) for item in mine) / len(mine) if mine else None for name in _INSIDE]
        found[method] = Calibration(len(mine), *shares)
    return found


def mean_brier(scores: Sequence[EventScore]) -> float | None:
    """Return the mean Brier score: 0 is a seer, 0.25 who says 50% each time.

    Parameters
    ----------
    scores : Sequence[EventScore]
        Those of figures that were known beforehand do not count.

    Returns
    -------
    float | None
        None where none counts.
    """
    counted = [item.brier for item in scores if not item.is_known]
    return sum(counted) / len(counted) if counted else None


def scores_csv(registration: Registration, scores: Sequence[ForecastScore], events: Sequence[EventScore]) -> str:
    """Write all scores as one table.

    Parameters
    ----------
    registration, scores, events : Registration, Sequence[ForecastScore], Sequence[EventScore]
        What was registered, and its scores.

    Returns
    -------
    str
        CSV with `SCORE_COLUMNS`; a row for each forecast and each event.
    """
    rows: list[Sequence[object]] = [SCORE_COLUMNS]
    for item in scores:
        told, unit = item.forecast, registration.forecasts[item.indicator].unit_of_measure
        edges = (told.low80, told.high80, told.low95, told.high95)
        inside = (int(item.inside80), int(item.inside95), round(item.score80, _DIGITS), round(item.score95, _DIGITS))
        states = (item.status, int(item.is_known), int(item.is_revised))
        rows.append([item.indicator, item.year, item.method, unit, told.point, *edges, item.came, *inside, "", *states])
    for event in events:
        blank = [""] * 4
        numbers = [event.probability, *blank, int(event.happened), *blank, event.brier, "", int(event.is_known), ""]
        rows.append([event.indicator, event.year, event.event, "probability", *numbers])
    return csv_text(rows)


def interval_score(value: float, low: float, high: float, level: float) -> float:
    """Return the width of an interval, with a fine for a value outside it: lower is better.

    >>> interval_score(1.0, 0.0, 2.0, 0.80), round(interval_score(3.0, 0.0, 2.0, 0.80), 6)
    (2.0, 12.0)

    Parameters
    ----------
    value, low, high, level : float, float, float, float
        What came, the interval, and the share of figures that it should hold.

    Returns
    -------
    float
    """
    return high - low + 2 / (1 - level) * (max(low - value, 0.0) + max(value - high, 0.0))


def _came(registration: Registration, figures: pd.DataFrame) -> Iterator[tuple[str, IndicatorForecast, pd.DataFrame]]:
    known = figures[figures["value"].notna()]
    of_one = {str(name): rows for name, rows in known.groupby("indicator", sort=False, observed=True)}
    for name, item in registration.forecasts.items():
        yield name, item, of_one.get(name, known.iloc[:0])


def _happened(event: Event, item: IndicatorForecast, own: float, country: float) -> bool:
    if event == "improved":
        return own < item.last_value if item.direction == "decrease" else own > item.last_value
    gap = to_scale(np.array([own]), item.scale) - to_scale(np.array([country]), item.scale)
    return abs(float(gap[0])) < abs(item.last_gap or 0.0)
