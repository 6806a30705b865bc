"""Figures beyond the deal's own panel, kept until something that they rest on changes: the country, and own groups."""

from collections.abc import Mapping

import pandas as pd

from evaluation.base.cache import remember
from evaluation.chapters.desk.units import all_groups, area_name
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import Indicator, load_indicators, register_dir
from evaluation.statistics.panels import build_panel


def national_figures(deal_id: str, indicator: str) -> pd.DataFrame:
    """Give an indicator for all municipalities, provinces and COROP areas of the country; computed once."""
    return remember("national", (deal_id, indicator), lambda: _national(deal_id, indicator))


def _national(deal_id: str, indicator: str) -> pd.DataFrame:
    deal = load_deal(deal_id)
    groups, chosen = all_groups(deal), load_indicators(folder=register_dir(deal_id))[indicator]
    rows = build_panel(deal, coverage="country", groups=groups, indicators={indicator: chosen}, with_parts=True)
    for code in groups:
        rows.loc[rows["unit"] == code, ["unit_name", "level"]] = area_name(code)
    return rows


def grouped_figures(deal_id: str, indicator: Indicator, groups: Mapping[str, frozenset[str]]) -> pd.DataFrame:
    """Give an indicator for groups of municipalities that an evaluator made; computed once for each set of groups."""
    deal, asked = load_deal(deal_id), tuple((name, tuple(sorted(codes))) for name, codes in groups.items())
    chosen = {indicator.id: indicator}

    def build() -> pd.DataFrame:
        return build_panel(deal, groups=groups, indicators=chosen, with_parts=True)

    return remember("groups", (deal_id, indicator.id, asked), build)
