"""The figures that are forecast: one row of years without a gap or break, for a region and those to compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.inputs.indicators import Indicator
from evaluation.inputs.registrations import Scale
from evaluation.statistics.areas.regions import COUNTRY

FEWEST_YEARS = 5
"""Of figures in a row, without a break, for a forecast."""

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
