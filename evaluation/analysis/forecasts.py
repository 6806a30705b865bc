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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from evaluation.analysis.forecast_panel import Panel, from_scale
from evaluation.inputs.indicators import Indicator
from evaluation.inputs.registrations import METHODS, Method

LEVEL, TREND, DAMPING = 0.8, 0.2, 0.9
"""Smoothing of level and trend, and damping: chosen once, by the past errors of all regions and indicators together."""

LEVELS = (0.80, 0.95)
FEWEST_BEFORE = 3
"""Years before a year in the past from which is forecast."""

_FEWEST_ORIGINS = 2  # such years, for errors so many years ahead


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
