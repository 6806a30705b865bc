"""What the page on which readers compare areas has: every figure of the panel, in one file that needs no server."""

import json

import pandas as pd

from evaluation.base.errors import PublishError
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import Indicator, load_indicators, register_dir
from evaluation.inputs.theme import theme
from evaluation.statistics.areas.outlines import load_outlines
from evaluation.statistics.areas.regions import COUNTRY
from evaluation.statistics.panels import region_panel

PAGE = "vergelijken.qmd"
FILE = "figuren/alle-cijfers.js"
"""Where the page finds its figures, beside it."""

_LARGEST = 300_000
_DIGITS = 6
_BELOW = ("WK", "BU")
"""Districts and neighbourhoods: no page sets them beside each other, as a label can harm those who live there."""

_SIGNS = {"provisional": "*", "withheld": "x"}


def compare_script(deal: Deal) -> str:
    """Write the figures of all indicators of a deal for every area and year as a script that the page loads.

    Of each indicator: title, unit, decimals, theme, first year, years in which its series breaks, sources with vintage,
    and for each area a row of numbers (null: none) with a row of signs (``*`` provisional, ``x`` withheld).  Of the
    municipalities also the outlines.  Figures that are private have no value in the panel.

    Raises PublishError when it would be larger than a page can ask of a reader.
    """
    panel, indicators = region_panel(deal), load_indicators(folder=register_dir(deal.id))
    panel = panel[~panel["unit"].str.startswith(_BELOW)]
    areas = panel.drop_duplicates("unit").set_index("unit")
    first = [deal.region.unit_id, deal.region.benchmark.code, deal.region.rest_id, COUNTRY]
    own = sorted(item.code for item in deal.region.municipalities)
    others = sorted(set(areas.index) - set(first) - set(own), key=lambda code: str(areas.at[code, "unit_name"]))
    order = [code for code in (*first, *own, *others) if code in areas.index]
    told = {
        "gebieden": [[code, str(areas.at[code, "unit_name"]), _group(code, first, own)] for code in order],
        "themas": {item.id: item.title for item in deal.themes},
        "cijfers": [
            _indicator(indicators[str(name)], rows, order)
            for name, rows in panel.groupby("indicator", sort=False, observed=True)
            if rows["value"].notna().any()
        ],
        "kaart": {
            code: [" ".join(f"{x},{y}" for x, y in ring) for ring in rings]
            for code, rings in load_outlines([code for code in order if code.startswith("GM")]).items()
        },
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    if len(text) > _LARGEST:
        raise PublishError(f"The figures to compare take {len(text)} characters; at most {_LARGEST}.")
    return f"regiodealVergelijken({text});\n"


def _group(code: str, first: list[str], own: list[str]) -> str:
    return "regio" if code in first else "eigen" if code in own else "ander"


def _indicator(indicator: Indicator, rows: pd.DataFrame, order: list[str]) -> dict:
    """Put the figures of an indicator in a row for each area that has any."""
    years = range(int(rows["period"].min()), int(rows["period"].max()) + 1)
    values, signs = {}, {}
    for unit, mine in rows.groupby("unit", sort=False, observed=True):
        at = mine.set_index("period")
        if at["value"].notna().any():
            place = order.index(str(unit))
            values[place] = [_number(at["value"].get(year)) for year in years]
            signs[place] = "".join(_SIGNS.get(str(at["status"].get(year)), ".") for year in years)
    origins = sorted(
        {pair for both in zip(rows["source"], rows["vintage"], strict=True)
         for pair in zip(both[0].split("; "), both[1].split("; "), strict=False) if all(pair)}
    )  # fmt: skip
    told = {
        "id": indicator.id, "naam": indicator.title, "thema": indicator.theme, "eerste": years.start,
        "eenheid": theme().units[indicator.unit_of_measure].name, "decimalen": indicator.decimals,
        "breuken": [item.year for item in indicator.breaks if item.stops],
        "bron": "; ".join(f"{source}, stand {vintage}" for source, vintage in origins),
    }  # fmt: skip
    return told | {"waarden": values, "tekens": {place: row for place, row in signs.items() if row.strip(".")}}


def _number(value: float | None) -> float | None:
    if value is None or value != value:
        return None
    number = float(f"{value:.{_DIGITS}g}")
    return int(number) if number.is_integer() else number
