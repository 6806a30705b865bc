"""Figures of districts and neighbourhoods of the region, for an indicator of the register or a measure of the tables."""

import re
from collections.abc import Iterable

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context
from evaluation.statistics.areas.regions import members
from evaluation.statistics.neighbourhoods import (
    municipalities_with_neighbourhoods,
    neighbourhood_years,
    read_neighbourhoods,
)
from evaluation.statistics.snapshots import list_snapshots

COLUMNS = [
    "indicator", "unit", "unit_name", "level", "municipality", "period", "value", "numerator", "denominator", "status", "source",
    "vintage", "comparable_from",
]  # fmt: skip
_INHABITANTS = "population"


def neighbourhood_figures(context: Context, indicator: str, years: Iterable[int] | None) -> pd.DataFrame:
    """Give an indicator for the districts and neighbourhoods of the region, until the year of the report.

    An indicator that is a number per inhabitants is divided by those of the neighbourhood; of any other indicator, and
    of a measure of the yearly tables, the figure is taken as it is published.

    Parameters
    ----------
    context, indicator, years : Context, str, iterable of int or None
        As of `year.Year.neighbourhoods`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row per unit and year, of the municipalities that the tables of that year have.

    Raises
    ------
    UsageError
        For what has no figures of neighbourhoods, or not in these years.
    """
    definition = context.indicators.get(indicator)
    measure, per = (indicator, None) if definition is None else _measure_of(context, indicator)
    known = [year for year in neighbourhood_years(measure) if year <= context.year]
    wanted = known if years is None else [int(year) for year in years]
    if unknown := sorted(set(wanted) - set(known)):
        raise UsageError(
            f"There are no figures of neighbourhoods on {indicator} of {', '.join(map(str, unknown))}. "
            f"Years until {context.year}: {', '.join(map(str, known)) or 'none'}."
        )
    mine = {code for year in wanted for code in members(context.deal, context.region_unit, year)}
    codes = sorted(mine & municipalities_with_neighbourhoods())
    rows = read_neighbourhoods(measure, codes, wanted)
    rows = rows[rows["level"] != "municipality"].assign(
        indicator=indicator, numerator=float("nan"), denominator=float("nan")
    )
    if per is not None:
        base = read_neighbourhoods(_INHABITANTS, codes, wanted)[["unit", "period", "value"]]
        rows = rows.merge(base.rename(columns={"value": "base"}), on=["unit", "period"], how="left")
        rows["numerator"], rows["denominator"] = rows["value"], rows["base"].where(rows["base"] > 0)
        rows["value"] = per * rows["numerator"] / rows["denominator"]
    names = _names()
    rows["unit_name"] = [names.get(unit, unit) for unit in rows["unit"]]
    return rows[COLUMNS].replace({"source": _origins()}).reset_index(drop=True)


def _names() -> dict[str, str]:
    """Return the names of districts and neighbourhoods, of a code the last, without the number of the district before it."""
    found: dict[str, str] = {}
    for item in sorted(list_snapshots(), key=lambda item: item.last_period):
        if item.change_measure is not None:
            found |= next(column.codes for column in item.columns if column.role == "region")
    return {code: re.sub(r"^Wijk \d+ ", "", name) for code, name in found.items()}


def _origins() -> dict[str, str]:
    """Return how a source is told in every other figure, by how the yearly tables tell it."""
    return {f"{item.source}/{item.table}": f"{item.publisher} {item.publisher_table}" for item in list_snapshots()}


def _measure_of(context: Context, indicator: str) -> tuple[str, int | None]:
    """Return the measure of the yearly tables that an indicator of the register counts, and per how many inhabitants."""
    tables = {(item.source, item.table) for item in list_snapshots() if item.change_measure is not None}
    calculation = context.indicators[indicator].calculation
    found = (
        [item.measure for item in calculation.numerator if (item.source, item.table) in tables] if calculation else []
    )
    if not found:
        raise UsageError(f"{indicator} has no figures of neighbourhoods; its figures are in figures({indicator!r}).")
    return str(found[-1]), calculation.per if calculation.kind == "ratio" else None
