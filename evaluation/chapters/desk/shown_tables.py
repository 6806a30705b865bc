"""The tables of what a cell shows: heads as in the codebook, why a number is not there, what is under a figure."""

import html
from collections.abc import Mapping
from typing import Any

import pandas as pd

from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.desk.own_numbers import known_measures
from evaluation.chapters.steps.targets import SMALL
from evaluation.chapters.wording import WITHHELD
from evaluation.inputs.indicators import Indicator
from evaluation.present.figures import ROW_MARKS, FigureTable
from evaluation.present.tables import numeric
from evaluation.present.trace_table import traces_table

_MOST_COLUMNS = 12
"""Of the table under a figure."""

_HEADS = {
    "wording": "Cijfer", "results": "Resultaat", "unit_name": "Gebied", "years": "Jaren", "quantity": "Doel",
    "title": "Afspraak", "delivered": "Geleverd", "goal": "Doel", "due": "Wanneer", "projection": "Einde bij gelijk tempo",
    "position": "Tegenover het pad", "year": "Jaar",
}  # fmt: skip
"""Columns of the desk that are no measures, or are named otherwise in a table."""


_LEVELS = ("indicator", "wording", "unit_name", "years", "base", "value", "decimals")
"""Columns of `Year.levels` that tell apart what the panels of a figure draw."""


_NO_FIGURE = "hiervan is in deze jaren geen cijfer"
_NO_GAP = "een verschil zegt van deze cijfers niets, of er is geen cijfer om mee te vergelijken"
EMPTY_COLUMNS = dict.fromkeys(("base", "change", "change_pct"), "er is geen eerder cijfer waarmee te vergelijken is")
EMPTY_COLUMNS |= {"projection": SMALL, "path": "er loopt nog geen pad"}
EMPTY_COLUMNS |= {"note": "bij deze cijfers hoort geen opmerking"}
EMPTY_COLUMNS |= dict.fromkeys(("numerator", "denominator"), "deze cijfers zijn niet uit delen berekend")
EMPTY_COLUMNS |= {
    f"gap_{of}{when}": _NO_GAP
    for of in ("benchmark", "rest")
    for when in ("", "_base", "_level", "_pct", "_base_pct", "_change", "_distance_change", "_variation")
}
"""Why a column of the desk's own tables may have nothing in any row; of another column the evaluator leaves it out."""


def _withheld(numbers: pd.DataFrame | None) -> pd.Series:
    """Tell of each row whether what it has no number for is withheld."""
    is_told = numbers is not None and "status" in numbers
    return numbers["status"].eq("withheld") if is_told else pd.Series(dtype=bool)


def absent_words(frame: pd.DataFrame | pd.Series, numbers: pd.DataFrame | None) -> list[str]:
    """Say what stands in each row of a table where there is no number.

    Parameters
    ----------
    frame, numbers : DataFrame or Series, DataFrame | None
        What is shown, and the rows with a status behind it.

    Returns
    -------
    list of str
        Of each row.
    """
    withheld = _withheld(numbers)
    marks = withheld if len(withheld) == len(frame) else [False] * len(frame)
    return [WITHHELD if is_withheld else "–" for is_withheld in marks]


def heads_of(context: Context, frame: pd.DataFrame | pd.Series) -> dict[str, str]:
    """Head the columns of the desk's own tables: measures as the codebook names them, with the names of this deal.

    Parameters
    ----------
    context, frame : Context, DataFrame or Series
        What is open, and what is shown.

    Returns
    -------
    dict of str to str
        Name of a column to its head in Dutch.
    """
    region = context.deal.region
    gaps = {f"gap_{of}{when}": f"Verschil met {name}{words}"
            for of, name in (("benchmark", region.benchmark.name), ("rest", f"de {region.rest_name}"))
            for when, words in (("", ""), ("_base", ", toen"), ("_level", ""), ("_pct", ", %"),
                                ("_base_pct", ", toen, %"))}  # fmt: skip
    years = (
        {"period": "Tot", "base": "Toen", "value": "Nu"} if "base" in frame else {"period": "Jaar", "value": "Waarde"}
    )
    heads = {code: dutch.capital(name) for code, name in known_measures().items() if name} | _HEADS | gaps | years
    own = {name: context.said(name) for name in getattr(frame, "columns", ()) if isinstance(name, str)}
    return heads | {name: word for name, word in own.items() if word != name}


def table_under(
    figure: Any, definition: Indicator | None, numbers: pd.DataFrame | None, measures: Mapping[str, str]
) -> FigureTable:
    """Make the table under a figure: of bars a row each; else the numbers, a column per unit, or what its traces draw.

    Parameters
    ----------
    figure, definition : plotly Figure, Indicator | None
        What is shown, and what it is about.
    numbers, measures : DataFrame | None, mapping of str to str
        The rows behind it, and of each column with numbers the measure.

    Returns
    -------
    FigureTable
    """
    decimals = definition.decimals if definition else 1
    bars = list_bars(figure, numbers)
    if bars is not None:
        return bars
    if numbers is not None and set(_LEVELS) <= set(numbers) and numbers["indicator"].nunique() > 1:
        rows = [
            [row["wording"], row["unit_name"], row["years"]]
            + [dutch.number(row[name], int(row["decimals"])) for name in ("base", "value")]
            for row in numbers.to_dict("records")
        ]
        return FigureTable(["Cijfer", "Gebied", "Jaren", *numeric("Begin", "Nu", empty=_NO_FIGURE)], rows)
    has_squares = any(trace.type == "heatmap" for trace in figure.data)
    if numbers is not None and has_squares and len(measures) > 1 and not numbers["unit_name"].duplicated().any():
        heads = [dutch.capital(known_measures().get(measure, measure)) for measure in measures.values()]
        rows = [
            [row["unit_name"], *(dutch.number(row[x], decimals, signed=m == "change") for x, m in measures.items())]
            for row in numbers.to_dict("records")
        ]
        return FigureTable(["Gebied", *numeric(*heads, empty=_NO_FIGURE)], rows)
    if (
        numbers is not None
        and {"unit_name", "period"} <= set(numbers)
        and (numbers["period"].nunique() > 1 or has_squares)
        and not numbers.duplicated(["unit_name", "period"]).any()
    ):
        names, value = list(dict.fromkeys(numbers["unit_name"])), next(iter(measures))
        wide = numbers.pivot(index="period", columns="unit_name", values=value)[names]
        head, wide = ("Gebied", wide.T) if wide.shape[1] > _MOST_COLUMNS else ("Jaar", wide)
        rows = [
            [str(name), *(dutch.number(number, decimals) for number in row)]
            for name, row in zip(wide.index, wide.to_numpy(), strict=True)
        ]
        return FigureTable([head, *numeric(*map(str, wide.columns), empty=_NO_FIGURE)], rows)
    if numbers is not None and "period" in numbers and not numbers["period"].duplicated().any():
        heads = [dutch.capital(known_measures().get(measure, measure)) for measure in measures.values()]
        rows = [
            [str(int(row["period"])), *(dutch.number(row[name], decimals + 1) for name in measures)]
            for row in numbers.to_dict("records")
        ]
        return FigureTable(["Jaar", *numeric(*heads, empty=_NO_FIGURE)], rows)
    return traces_table(figure, decimals)


def list_bars(figure: Any, numbers: pd.DataFrame | None) -> FigureTable | None:
    """List horizontal bars, or rows of marks, and what stands beside them: a row each, a column per named trace; else None.

    Parameters
    ----------
    figure, numbers : plotly Figure, DataFrame | None
        What is shown, and the rows behind it.

    Returns
    -------
    FigureTable | None
    """
    has_bars = any(trace.type == "bar" and trace.orientation == "h" for trace in figure.data)
    if not has_bars and figure.layout.meta != ROW_MARKS:
        return None
    suffix, missing = figure.layout.xaxis.ticksuffix or "", WITHHELD if _withheld(numbers).any() else "–"
    columns = {}
    for trace in figure.data:
        if trace.name or trace.type == "bar":
            written = trace.customdata if trace.customdata is not None else trace.text
            written = [None if x is None else dutch.number(x) + suffix for x in trace.x] if written is None else written
            columns[dutch.capital(html.unescape(trace.name or "waarde"))] = dict(zip(trace.y, written, strict=True))
    places = dict.fromkeys(place for values in columns.values() for place in values)
    names = [html.unescape(str(place)).replace("<br>", " ") for place in places]
    rows = [
        [name, *(values.get(place) or missing for values in columns.values())]
        for name, place in zip(names, places, strict=True)
    ]
    return FigureTable(["", *numeric(*columns)], rows)
