"""Where indicators stood in two years that can be compared, and which years cannot."""

import pandas as pd

from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.inputs.indicators import Indicator

_OF_A_YEAR = ["value", "status", "source", "vintage"]
LEVELS = [
    "indicator", "results", "wording", "unit", "unit_name", "years", "base_year", "base", "period", "value", "gap", "companion", "decimals",
    "status", "source", "vintage", "base_status", "base_source", "base_vintage",
]  # fmt: skip
"""Columns of `Year.levels`."""


def with_breaks(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Say of each figure whether it can be compared with the last one.

    Parameters
    ----------
    rows, indicator : DataFrame, Indicator
        Columns period and value; whose breaks count.

    Returns
    -------
    DataFrame
        The same rows with a column comparable: False before a break for which the publisher gives no factor.
    """
    known = rows.loc[rows["value"].notna(), "period"]
    last = int(known.max()) if len(known) else 0
    joined = {
        year: year >= last or indicator.stopping_break(int(year), last) is None for year in rows["period"].unique()
    }
    return rows.assign(comparable=rows["period"].map(joined).astype(bool))


def levels_of(rows: pd.DataFrame, indicator: Indicator, context: Context) -> pd.DataFrame:
    """Take of figures those of the base year and of the last year that can be compared with it.

    Parameters
    ----------
    rows, indicator, context : DataFrame, Indicator, Context
        Of one indicator, as of `Year.figures`; its definition; the figures of the region decide which years these are.

    Returns
    -------
    DataFrame
        Columns `LEVELS`; a row per unit, in the order of the rows.
    """
    base, last = context.years_of(indicator)
    now = rows[rows["period"] == last].set_index("unit")
    then = rows[rows["period"] == (-1 if base is None else base)].set_index("unit")[_OF_A_YEAR]
    then = then.rename(columns=lambda name: "base" if name == "value" else f"base_{name}").reindex(now.index)
    told = {"wording": dutch.capital(indicator.wording), "gap": indicator.gap, "companion": indicator.companion}
    told |= {"results": dutch.listing(indicator.results)}
    told |= {"base_year": float("nan") if base is None else base, "decimals": indicator.decimals}
    told["years"] = str(last) if base is None else f"{base}–{last}"
    return now.join(then).assign(**told).reset_index()[LEVELS]
