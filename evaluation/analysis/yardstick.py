"""Where the region stands beside its yardstick: levels, changes and gaps, over years that can be compared.

A gap is a description: nothing here says why it changed.
"""

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.inputs.indicator_schema import Indicator


def standing(
    panel: pd.DataFrame,
    indicator: str,
    year: int,
    base_year: int | None,
    *,
    benchmark: str,
    rest: str,
    relative: bool = False,
) -> pd.DataFrame:
    """Give level, change since the base year, and gap to the benchmark and to the rest of it, for each unit.

    Parameters
    ----------
    panel, indicator, year : DataFrame, str, int
        Columns unit, unit_name, level, period, indicator, value, status; which rows of it.
    base_year : int | None
        None where there is no earlier figure that can be compared: base, change and the earlier gaps are then empty.
    benchmark, rest : str
        Units of the panel: the deal's yardstick, and the same without the deal's own municipalities.
    relative : bool
        Gaps in percent of the yardstick.

    Returns
    -------
    DataFrame
        One row per unit; columns unit, unit_name, level, value, status, base, change, gap_benchmark, gap_rest,
        gap_benchmark_base, gap_rest_base.
    """
    rows = panel[panel["indicator"] == indicator]
    now = rows[rows["period"] == year].set_index("unit")
    base = rows[rows["period"] == (-1 if base_year is None else base_year)].set_index("unit")["value"]
    frame = now[["unit_name", "level", "value", "status"]].copy()
    frame["base"] = base.reindex(frame.index)
    frame["change"] = frame["value"] - frame["base"]
    for name, unit in (("benchmark", benchmark), ("rest", rest)):
        for column, suffix in (("value", ""), ("base", "_base")):
            there = frame[column].get(unit, float("nan"))
            frame[f"gap_{name}{suffix}"] = _gap(frame[column], there, relative=relative)
    return frame.reset_index()


def gap_series(panel: pd.DataFrame, indicator: str, unit: str, comparison: str, *, relative: bool) -> pd.Series:
    """Give the gap of a unit to a comparison in every year that both have.

    Parameters
    ----------
    panel : DataFrame
        Columns unit, period, indicator, value.
    indicator, unit, comparison, relative : str, str, str, bool
        Ids; the gap is the unit less the comparison, or that in percent of the comparison.

    Returns
    -------
    Series
        Index year, ascending; empty where one of the two has no figures.
    """
    rows = panel[panel["indicator"] == indicator].pivot(index="period", columns="unit", values="value")
    if unit not in rows or comparison not in rows:
        return pd.Series(dtype=float)
    return _gap(rows[unit], rows[comparison], relative=relative).dropna().sort_index()


def comparable_years(panel: pd.DataFrame, indicator: Indicator, unit: str, year: int) -> tuple[int | None, int]:
    """Return the base year and the last year with a figure, as far as they can be compared.

    Parameters
    ----------
    panel, indicator, unit, year : DataFrame, Indicator, str, int
        Columns unit, period, indicator, value; whose figures decide; those after the year do not count.

    Returns
    -------
    tuple[int | None, int]
        The indicator's baseline year, or None where it has no figure, is not earlier, or lies behind a break; and the
        last year with a figure (`year` itself where there is none).
    """
    rows = panel[(panel["indicator"] == indicator.id) & (panel["unit"] == unit) & (panel["period"] <= year)]
    known = {int(period) for period in rows.loc[rows["value"].notna(), "period"]}
    last = max(known, default=year)
    base = indicator.baseline_year
    is_comparable = base in known and base < last and indicator.stopping_break(base, last) is None
    return (base if is_comparable else None), last


def check_comparable(indicator: Indicator, first: int, last: int) -> None:
    """Refuse a comparison over a break in the series for which the publisher gives no factor.

    Parameters
    ----------
    indicator, first, last : Indicator, int, int
        The years that would be compared.

    Raises
    ------
    UsageError
        With the year and the reason of the break.
    """
    stop = indicator.stopping_break(first, last)
    if stop is not None:
        raise UsageError(
            f"{indicator.id}: {first} and {last} cannot be compared, for the series breaks in {stop.year} "
            f"({stop.kind}): {stop.note} Compare years on one side of it, or declare the publisher's factor in "
            "data/indicators."
        )


def gap_variation(gaps: pd.Series, until: int) -> float:
    """Say how much a gap moves from year to year before the deal: the standard deviation of its yearly changes.

    Parameters
    ----------
    gaps, until : Series, int
        Index year, and the last year before the deal.

    Returns
    -------
    float
        NaN with fewer than three changes.
    """
    changes = gaps[gaps.index <= until].diff().dropna()
    return float(changes.std()) if len(changes) >= 3 else float("nan")


def _gap(values: pd.Series, yardstick: pd.Series | float, *, relative: bool) -> pd.Series:
    """Take values less yardstick, or that in percent of the yardstick."""
    difference = values - yardstick
    return 100 * difference / yardstick if relative else difference
