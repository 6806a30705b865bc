"""Forecasts with intervals that come from the errors of the same forecasts in the past.

Two methods.  *Own trend*: exponential smoothing with a damped trend (Holt, of statsmodels) of the region's own figures,
with fixed parameters.  *Comparison*: the region's last figure, moved as the same smoothing expects of the mean of the
other regions.  Both were made again from every earlier year (rolling origin) for all regions; how far they were off
then is how wide the intervals are now.

References
----------
Gardner, E. S. and McKenzie, E. (1985). Forecasting trends in time series. Management Science 31(10).
Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy. International Journal of Forecasting 16(4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from evaluation.inputs.indicators import Indicator
from evaluation.inputs.registrations import METHODS, Method, Scale
from evaluation.statistics.areas.regions import COUNTRY

FEWEST_YEARS = 5
"""Of figures in a row, without a break, for a forecast."""

LEVEL, TREND, DAMPING = 0.8, 0.2, 0.9
"""Smoothing of level and trend, and damping: chosen once, by the past errors of all regions and indicators together."""

LEVELS = (0.80, 0.95)
FEWEST_BEFORE = 3
"""Years before a year in the past from which is forecast."""

_FEWEST_ORIGINS = 2  # such years, for errors so many years ahead
_COMPARABLE = (0.5, 2.0)  # inhabitants, as a part of those of the region
_RELATIVE = ("EUR", "count", "km", "m3", "per_1000")  # units of measure in which a change is told in percent


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Figures of one indicator on the scale on which is forecast.

    Attributes
    ----------
    scale : str    log, logit or level.
    units : tuple[str, ...]    R regions, the one that is forecast first.
    years : tuple[int, ...]    n years in a row.
    values : array, shape (R, n)    On the scale.
    country : array, shape (n,)    Of the country, on the scale; NaN where it has no figure.
    """

    scale: Scale
    units: tuple[str, ...]
    years: tuple[int, ...]
    values: np.ndarray
    country: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """How far off a method was in the past.

    Attributes
    ----------
    values : array, shape (O, R, H)
        Figure minus forecast, for each year from which was forecast, region and number of years ahead; NaN where the
        figure lies in the future.
    """

    values: np.ndarray

    @property
    def tried(self) -> int:
        """The most years ahead for which there are errors of enough years."""
        origins = np.isfinite(self.values[:, 0, :]).sum(axis=0)
        return int((origins >= _FEWEST_ORIGINS).sum())

    def sizes(self, ahead: int, chosen: Sequence[int]) -> tuple[np.ndarray, int, bool]:
        """Return how large the errors of some regions were.

        Parameters
        ----------
        ahead, chosen : int, Sequence[int]
            Years ahead, from 1; places of the regions.

        Returns
        -------
        array of shape (k,), int, bool
            Sizes, from the smallest; the years from which was forecast; and whether they are those of the longest that
            could be tried, widened in proportion to the years ahead.
        """
        tried = min(ahead, self.tried)
        errors = self.values[:, list(chosen), tried - 1]
        known = errors[np.isfinite(errors).all(axis=1)]
        return np.sort(np.abs(known).ravel()) * (ahead / tried), len(known), ahead > tried


@lru_cache(maxsize=256)
def trend_weights(size: int, ahead: int) -> np.ndarray:
    """Return with what each figure counts in the forecasts.

    With fixed parameters a forecast is a weighted sum of the figures, so that one set of weights, which statsmodels
    gives, forecasts all regions at once.

    Parameters
    ----------
    size, ahead : int
        Number of figures; number of years to forecast.

    Returns
    -------
    array, shape (ahead, size)

    Examples
    --------
    >>> trend_weights(4, 2).sum(axis=1).round(6).tolist()  # a series without change stays as it is
    [1.0, 1.0]
    """
    from statsmodels.tsa.holtwinters import Holt  # here, as pages that show a forecast need none of it

    columns = []
    for unit in np.eye(size):
        model = Holt(unit, damped_trend=True, initialization_method="known", initial_level=unit[0], initial_trend=0.0)
        fit = model.fit(smoothing_level=LEVEL, smoothing_trend=TREND, damping_trend=DAMPING, optimized=False)
        columns.append(fit.forecast(ahead))
    return np.array(columns).T


def forecast(values: np.ndarray, ahead: int, method: Method) -> np.ndarray:
    """Forecast all regions by one method.

    Parameters
    ----------
    values, ahead : array of shape (R, n), int
        The region that is judged first: it is no part of what others are compared with.  Years to forecast.
    method : "own_trend" | "comparison"
        As of the module.

    Returns
    -------
    array, shape (R, ahead)
    """
    weights = trend_weights(values.shape[1], ahead)
    if method == "own_trend":
        return _weighed(values, weights)
    others, total = values[1:], values[1:].sum(axis=0)
    mean = np.vstack([total / len(others), (total - others) / (len(others) - 1)])  # of all others than itself
    return values[:, -1:] + _weighed(mean, weights) - mean[:, -1:]


def past_errors(values: np.ndarray, ahead: int, method: Method) -> Errors:
    """Forecast from every year in the past, and compare with what came.

    Parameters
    ----------
    values, ahead, method : array of shape (R, n), int, str
        As of `forecast`.

    Returns
    -------
    Errors
    """
    size = values.shape[1]
    found = np.full((size - FEWEST_BEFORE, len(values), ahead), np.nan)
    for place, origin in enumerate(range(FEWEST_BEFORE, size)):
        reach = min(ahead, size - origin)
        found[place, :, :reach] = values[:, origin : origin + reach] - forecast(values[:, :origin], reach, method)
    return Errors(found)


def half_width(sizes: np.ndarray, level: float) -> float:
    """Return the size of error that a share of the past did not pass: the conformal quantile.

    >>> half_width(np.arange(1.0, 20.0), 0.80)
    16.0

    Parameters
    ----------
    sizes, level : array of shape (k,), float
        Sizes of errors, from the smallest; the share, with 1 added to their number.

    Returns
    -------
    float
        The largest where there are too few.
    """
    rank = math.ceil((len(sizes) + 1) * level - 1e-9)
    return float(sizes[min(rank, len(sizes)) - 1])


def chance_within(low: float, high: float, point: float, sizes: np.ndarray) -> float:
    """Return the probability that a figure lies between two bounds, from errors in both directions.

    >>> chance_within(-math.inf, 1.0, 1.0, np.array([0.5, 1.0]))
    0.5

    Parameters
    ----------
    low, high, point, sizes : float, float, float, array of shape (k,)
        The bounds, the forecast, and sizes of past errors.

    Returns
    -------
    float
        Between 0 and 1, and never one of them: what never happened may happen (Laplace).
    """
    drawn = np.concatenate([point - sizes, point + sizes])
    return float((1 + ((drawn > low) & (drawn < high)).sum()) / (2 + len(drawn)))


def panel_of(
    figures: pd.DataFrame, indicator: Indicator, unit: str, regions: Sequence[str], *, until: int
) -> Panel | None:
    """Take the longest row of years up to the last figure, without a break, for the region and all others.

    Parameters
    ----------
    figures : DataFrame
        Rows of a panel of this indicator: unit, period, value.
    indicator, unit, regions : Indicator, str, Sequence[str]
        What is forecast, for which region, and the regions to compare with.
    until : int
        Last year that may be used.

    Returns
    -------
    Panel | None
        None with fewer than `FEWEST_YEARS`, or fewer than two regions to compare with.
    """
    known = figures[figures["value"].notna() & (figures["period"] <= until)]
    wide = known.pivot(index="unit", columns="period", values="value")
    if unit not in wide.index:
        return None
    years = _last_row(wide.loc[unit].dropna().index, indicator)
    if len(years) < FEWEST_YEARS:
        return None
    found = wide.reindex([unit, *regions])[years].dropna()
    if len(found) < 3:
        return None
    scale = _scale_of(indicator, found)
    country = wide.reindex([COUNTRY])[years].to_numpy(dtype=float)[0]
    values = to_scale(found.to_numpy(dtype=float), scale)
    return Panel(scale, tuple(found.index), tuple(years), values, to_scale(country, scale))


def to_scale(values: np.ndarray, scale: Scale) -> np.ndarray:
    """Put figures on the scale on which is forecast.

    Parameters
    ----------
    values, scale : array, str
        In the unit of measure; log, logit (of percentages) or level.

    Returns
    -------
    array of the same shape
    """
    if scale == "level":
        return values
    return np.log(values) if scale == "log" else np.log(values / (100 - values))


def from_scale(values: np.ndarray, scale: Scale) -> np.ndarray:
    """Take figures back from the scale on which is forecast: the inverse of `to_scale`.

    Parameters
    ----------
    values, scale : array, str
        As of `to_scale`.

    Returns
    -------
    array of the same shape
    """
    if scale == "level":
        return values
    return np.exp(values) if scale == "log" else 100 / (1 + np.exp(-values))


def comparable(panel: Panel, inhabitants: Mapping[str, float]) -> list[int]:
    """Return the regions of about the size of the one that is forecast, that one included.

    Parameters
    ----------
    panel, inhabitants : Panel, Mapping[str, float]
        Of which regions; inhabitants by region.

    Returns
    -------
    list[int]
        Their places: half to double the inhabitants.
    """
    own = inhabitants[panel.units[0]]
    low, high = (factor * own for factor in _COMPARABLE)
    return [place for place, unit in enumerate(panel.units) if low <= inhabitants[unit] <= high]


def forecast_years(panel: Panel, years: Sequence[int], chosen: Sequence[int], decimals: int) -> dict[Method, dict]:
    """Forecast the first region for some years, with 80% and 95% intervals.

    Parameters
    ----------
    panel, years : Panel, Sequence[int]
        Its figures; later years.
    chosen, decimals : Sequence[int], int
        The regions whose past errors count; numbers are rounded to two more than the indicator shows.

    Returns
    -------
    dict[str, dict]
        Method to year to the fields of `registrations.Forecast`, in the unit of measure.
    """
    ahead = years[-1] - panel.years[-1]
    told: dict[Method, dict] = {}
    for method in METHODS:
        points, errors = forecast(panel.values, ahead, method)[0], past_errors(panel.values, ahead, method)
        told[method] = {year: _told(panel, year, float(points[year - panel.years[-1] - 1]), errors, chosen, decimals)
                        for year in years}  # fmt: skip
    return told


def event_chances(
    panel: Panel, years: Sequence[int], chosen: Sequence[int], indicator: Indicator
) -> dict[str, dict[int, float]]:
    """Return how likely the declared events are, by the own trend of the gap and of the figure.

    Parameters
    ----------
    panel, years, chosen, indicator : Panel, Sequence[int], Sequence[int], Indicator
        As of `forecast_years`; whose gap and direction say what an event means.

    Returns
    -------
    dict[str, dict[int, float]]
        ``gap_smaller``: nearer to the country than in the last year; ``improved``: better than then.  By year, rounded
        to three decimals; empty where the indicator has no gap or no direction.
    """
    found: dict[str, dict[int, float]] = {"gap_smaller": {}, "improved": {}}
    if indicator.gap != "none" and np.isfinite(panel.country).all():
        gaps = panel.values - panel.country
        now = abs(float(gaps[0, -1]))
        found["gap_smaller"] = _chances(gaps, panel, years, chosen, (-now, now))
    if indicator.direction != "ambiguous":
        last = float(panel.values[0, -1])
        bounds = (-math.inf, last) if indicator.direction == "decrease" else (last, math.inf)
        found["improved"] = _chances(panel.values, panel, years, chosen, bounds)
    return found


def _chances(
    values: np.ndarray, panel: Panel, years: Sequence[int], chosen: Sequence[int], bounds: tuple[float, float]
) -> dict[int, float]:
    ahead = years[-1] - panel.years[-1]
    points, errors = forecast(values, ahead, "own_trend")[0], past_errors(values, ahead, "own_trend")
    told = {}
    for year in years:
        step = year - panel.years[-1]
        sizes, _, _ = errors.sizes(step, chosen)
        told[year] = min(max(round(chance_within(*bounds, float(points[step - 1]), sizes), 3), 0.001), 0.999)
    return told


def _told(panel: Panel, year: int, point: float, errors: Errors, chosen: Sequence[int], decimals: int) -> dict:
    sizes, origins, is_extended = errors.sizes(year - panel.years[-1], chosen)
    told = {"point": point}
    for level in LEVELS:
        half = half_width(sizes, level)
        told |= {f"low{level * 100:.0f}": point - half, f"high{level * 100:.0f}": point + half}
    numbers = from_scale(np.array(list(told.values())), panel.scale).round(decimals + 2).tolist()
    return {**dict(zip(told, numbers, strict=True)), "origins": origins, "errors": len(sizes), "extended": is_extended}


def _weighed(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weigh figures, in an order of additions that no library for linear algebra chooses."""
    return (values[:, None, :] * weights[None, :, :]).sum(axis=2)


def _scale_of(indicator: Indicator, found: pd.DataFrame) -> Scale:
    """Choose a scale on which no forecast leaves what is possible, where the figures allow it."""
    is_positive = bool((found > 0).all(axis=None))
    if indicator.unit_of_measure == "pct":
        return "logit" if is_positive and bool((found < 100).all(axis=None)) else "level"
    return "log" if is_positive and indicator.unit_of_measure in _RELATIVE else "level"


def _last_row(years: pd.Index, indicator: Indicator) -> list[int]:
    """Return the last years in a row, after the last break."""
    row: list[int] = []
    for year in sorted(map(int, years), reverse=True):
        if row and (year != row[-1] - 1 or indicator.stopping_break(year, row[-1])):
            break
        row.append(year)
    return row[::-1]
