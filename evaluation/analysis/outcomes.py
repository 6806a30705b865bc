"""Outcomes of the regions of a design, on its scale: from rows of a panel to the arrays that are compared.

What a design asks of its figures is settled here: its years, percent or units, a count by its exposure, and how much
each region counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.analysis.comparison_regions import Atlas, Regions, declared_of
from evaluation.analysis.effects.comparison import Comparison, compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.panel import Window, outcomes_of, window
from evaluation.analysis.effects.scale import Scale
from evaluation.inputs.indicators import Design, Indicator

FEWEST_EVENTS = 10
"""Of a count: a year with fewer in a region is mostly chance, and its logarithm more so."""
_PER = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The regions of a design in one array.

    Attributes
    ----------
    comparison : Comparison    On the scale of the design.
    window : Window    Its years.
    regions : Regions    Those that are compared with.
    left_out : tuple[str, ...]    Regions that are comparable and have no complete figures, or too small a count.
    rows : DataFrame    Rows of the panel with the outcome: of a count with an exposure the rate.
    """

    comparison: Comparison
    window: Window
    regions: Regions
    left_out: tuple[str, ...]
    rows: pd.DataFrame


def unit_of(codes: Sequence[str]) -> str:
    """Name a group of municipalities as a unit of a panel: the same municipalities are the same unit.

    Parameters
    ----------
    codes : sequence of str
        Of municipalities.

    Returns
    -------
    str
    """
    return f"groep:{'+'.join(sorted(codes))}"


def is_relative(design: Design, indicator: Indicator) -> bool:
    """Tell whether a design is in percent: as its indicator's gap is told, unless the design says otherwise.

    Parameters
    ----------
    design, indicator : Design, Indicator
        The design's own indicator.

    Returns
    -------
    bool
    """
    return (design.scale or indicator.gap) == "relative"


def scale_of(design: Design, indicator: Indicator) -> Scale:
    """Give the scale on which a design is estimated and told.

    Parameters
    ----------
    design, indicator : Design, Indicator
        The design's own indicator.

    Returns
    -------
    Scale
    """
    return Scale(is_relative(design, indicator), indicator.direction)


def compare(
    design: Design, indicators: Mapping[str, Indicator], regions: Regions, panel: pd.DataFrame, atlas: Atlas
) -> Compared:
    """Put the treated region and those that it is compared with in one array, over the years of a design.

    Parameters
    ----------
    design, indicators, regions, panel, atlas : Design, mapping, Regions, DataFrame, Atlas
        With placebo regions; its indicator and exposure; with whom it is compared; figures of all units; the map.

    Returns
    -------
    Compared

    Raises
    ------
    CannotEstimate
        When there is no pool, or the figures of the treated region do not allow it.
    """
    if regions.refusal is not None:
        raise CannotEstimate(regions.refusal)
    rows = _outcome_rows(design, indicators, panel)
    kept, left_out = _complete(design, regions, rows, atlas)
    units = {atlas.region: atlas.region_name} | {unit_of(codes): name for name, codes in kept.members.items()}
    series, chosen = series_of(design, indicators[design.indicator], rows, list(units))
    comparison = compare_partition(
        series,
        n_pre=len(chosen.pre),
        periods=chosen.periods,
        names=list(units.values()),
        weights=_inhabitants(kept, atlas) if design.weights == "inhabitants" else None,
    )
    return Compared(comparison, chosen, kept, left_out, rows)


def series_of(
    design: Design, indicator: Indicator, rows: pd.DataFrame, units: Sequence[str]
) -> tuple[np.ndarray, Window]:
    """Return the outcome of units in the years of a design, on its scale, and which those years are.

    Parameters
    ----------
    design, indicator, rows, units : Design, Indicator, DataFrame, sequence of str
        `Compared.rows`; the units in the order that is wanted.

    Returns
    -------
    array, shape (N, T), Window

    Raises
    ------
    CannotEstimate
        When a figure is missing, or is not above zero where percentages are asked.
    """
    last = declared_of(design).last
    mine = rows[rows["unit"].isin(units) & rows["period"].between(design.pre[0], last)]
    years = sorted(mine.loc[mine["unit"] == units[0], "period"].unique())
    chosen = window(years, pre=design.pre, last=last, excluded=design.excluded, minimum_pre=design.minimum_pre_years)
    mine = mine[mine["period"].isin(chosen.periods)]
    values = outcomes_of(
        units, units=mine["unit"].tolist(), periods=mine["period"].tolist(), values=mine["value"].tolist()
    )
    return scale_of(design, indicator).of(values), chosen


def _outcome_rows(design: Design, indicators: Mapping[str, Indicator], panel: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of a design's indicator; a count with an exposure becomes a rate, and keeps its `count`."""
    rows = panel[panel["indicator"] == design.indicator]
    if design.exposure is None:
        return rows
    indicator = indicators[design.indicator]
    if indicator.unit_of_measure != "count":
        raise CannotEstimate(f"{indicator.wording} is geen aantal, zodat er niets te delen valt")
    exposed = panel[panel["indicator"] == design.exposure].set_index(["unit", "period"])["value"]
    places = pd.MultiIndex.from_frame(rows[["unit", "period"]])
    people = exposed.reindex(places).to_numpy(dtype=float)
    count = rows["value"].to_numpy(dtype=float)
    rate = _PER * count / np.where(people > 0, people, np.nan)
    return rows.assign(value=rate, count=count)


def _complete(design: Design, regions: Regions, rows: pd.DataFrame, atlas: Atlas) -> tuple[Regions, tuple[str, ...]]:
    """Leave out, and name, the regions to compare with of which a figure is missing or a count is too small.

    The treated one must have all.
    """
    last = declared_of(design).last
    mine = rows[rows["period"].between(design.pre[0], last) & ~rows["period"].isin(design.excluded)]
    absent = set(mine.loc[mine["value"].isna(), "unit"])
    if "count" in mine:
        small = mine[mine["count"] < FEWEST_EVENTS]
        absent |= set(small["unit"])
        if len(own := small[small["unit"] == atlas.region]):
            years = ", ".join(str(year) for year in sorted(own["period"]))
            raise CannotEstimate(
                f"de regio telt er minder dan {FEWEST_EVENTS} in {years}; een verschil is dan vooral toeval"
            )
    left_out = tuple(name for name, codes in regions.members.items() if unit_of(codes) in absent)
    kept = {name: codes for name, codes in regions.members.items() if name not in left_out}
    return replace(regions, members=kept), left_out


def _inhabitants(regions: Regions, atlas: Atlas) -> np.ndarray:
    """Count the inhabitants of the treated region and of the others, in the base year."""
    groups = [atlas.own, *regions.members.values()]
    return np.array([atlas.population[atlas.places(codes)].sum() for codes in groups])
