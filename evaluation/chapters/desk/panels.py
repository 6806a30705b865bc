"""Figures beyond the deal's own panel, kept until something that they rest on changes: the country, and own groups."""

from collections.abc import Iterable, Mapping

import pandas as pd

from evaluation.base.cache import remember
from evaluation.base.errors import UsageError
from evaluation.chapters.desk.units import all_groups, area_name
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import Indicator, load_indicators, register_dir
from evaluation.statistics.panels import build_panel


def national_figures(deal_id: str, indicator: str) -> pd.DataFrame:
    """Give an indicator for all municipalities, provinces and COROP areas of the country; computed once.

    Parameters
    ----------
    deal_id, indicator : str, str
        Whose region and yardsticks are among the units; the id of the indicator.

    Returns
    -------
    DataFrame
        Columns of `evaluation.statistics.panels.build_panel` with parts.
    """
    return remember("national", (deal_id, indicator), lambda: _national(deal_id, indicator))


def _national(deal_id: str, indicator: str) -> pd.DataFrame:
    deal = load_deal(deal_id)
    groups, chosen = all_groups(deal), load_indicators(folder=register_dir(deal_id))[indicator]
    rows = build_panel(deal, coverage="country", groups=groups, indicators={indicator: chosen}, with_parts=True)
    for code in groups:
        rows.loc[rows["unit"] == code, ["unit_name", "level"]] = area_name(code)
    return rows


def grouped_figures(deal_id: str, indicator: Indicator, groups: Mapping[str, frozenset[str]]) -> pd.DataFrame:
    """Give an indicator for groups of municipalities that an evaluator made; computed once for each set of groups.

    Parameters
    ----------
    deal_id, indicator, groups : str, Indicator, mapping of str to frozenset of str
        As of `national_figures`; name of a group to codes of municipalities of today.

    Returns
    -------
    DataFrame
        Columns of `evaluation.statistics.panels.build_panel` with parts.
    """
    deal, asked = load_deal(deal_id), tuple((name, tuple(sorted(codes))) for name, codes in groups.items())
    chosen = {indicator.id: indicator}

    def build() -> pd.DataFrame:
        return build_panel(deal, groups=groups, indicators=chosen, with_parts=True)

    return remember("groups", (deal_id, indicator.id, asked), build)


def of_years(rows: pd.DataFrame, years: int | Iterable[int] | None, indicator: str, last: int) -> pd.DataFrame:
    """Take the rows of the years that were asked.

    Parameters
    ----------
    rows, years, indicator, last : DataFrame, int or iterable of int or None, str, int
        With a column period, of an indicator; all years until the last by default.

    Returns
    -------
    DataFrame
        The columns of `rows`.

    Raises
    ------
    UsageError
        For a year without figures, or after the last.
    """
    known = sorted(set(rows.loc[rows["period"] <= last, "period"]))
    wanted = known if years is None else read_years(years) or []
    if unknown := sorted(set(wanted) - set(known)):
        told = f"{known[0]} to {known[-1]}" if known else "none"
        raise UsageError(f"There are no figures on {indicator} of {', '.join(map(str, unknown))}; years: {told}.")
    return rows[rows["period"].isin(wanted)]


def read_years(years: int | Iterable[int] | None) -> list[int] | None:
    """Read the years that were asked.

    Parameters
    ----------
    years : int, iterable of int or None
        One, some, or no choice.

    Returns
    -------
    list[int] | None

    Raises
    ------
    UsageError
        For what is no year.
    """
    if years is None:
        return None
    asked = [years] if isinstance(years, (int, str)) else list(years)
    if wrong := [year for year in asked if isinstance(year, (bool, str)) or int(year) != year]:
        raise UsageError(f"years must be whole numbers such as 2021, not {wrong[0]!r}.")
    return [int(year) for year in asked]
