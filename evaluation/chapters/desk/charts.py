"""Figures in the house style from a tidy table: one look for each kind of unit, in every figure of a report."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context
from evaluation.chapters.desk.cell import opened_year
from evaluation.inputs.indicators import Indicator
from evaluation.inputs.theme import theme
from evaluation.present.figures import drawn_bars, drawn_dumbbells, drawn_targets
from evaluation.present.line_figures import (
    Gap,
    Line,
    add_events,
    add_gaps,
    add_lines,
    add_term,
    draw_interval,
    mark_breaks,
    year_range,
    year_ticks,
)
from evaluation.present.tilemap import MapTile, drawn_tiles

_SMALL = 20  # of a target of at most this size the path has a decimal: it lies between units


def lines(
    frame: pd.DataFrame, y: str = "value", *, by: str = "unit_name", title: str = "", subtitle: str = ""
) -> go.Figure:
    """Draw how units developed: a line for each, its name at its end, the term of the deal behind it.

    Parameters
    ----------
    frame, y, by : DataFrame, str, str
        A row per unit and year, with columns period, status (else nothing is provisional) and indicator (else no break
        is marked); the columns with what is drawn and with the name of a line.
    title, subtitle : str, str
        The finding in a sentence, and what is drawn; of figures as they are both are made.

    Returns
    -------
    Figure
    """
    _check_columns(frame, ("period", y, by))
    desk = opened_year()
    context = None if desk is None else desk.context
    drawn = [_line(rows.sort_values("period"), str(name), y, context) for name, rows in frame.groupby(by, sort=False)]
    definition = _definition(frame, context)
    breaks = [item.year for item in definition.breaks if item.stops] if definition else []
    base = definition.baseline_year if definition else min(frame["period"])
    figure = go.Figure()
    top = add_lines(figure, drawn, decimals=definition.decimals if definition else 1, breaks=breaks)
    low = min(0.0, *(value for line in drawn for value in line.values if value is not None), 0.0)
    if context is not None:
        add_term(figure, context.term_band, max(frame["period"]) + 0.4, top * 1.1)
    mark_breaks(figure, drawn, breaks)
    figure.update_xaxes(tickvals=year_ticks(drawn, base), range=year_range(drawn))
    figure.update_yaxes(range=[low * 1.12, max(top, 0.0) * 1.12], tickformat=",.0f" if top >= 1000 else None)
    height, above = 380, 0
    if context is not None and definition is not None:
        above = add_events(figure, context.moments(definition.theme), year_range(drawn))
        if gaps := _gaps(frame, y, definition, context):
            height += add_gaps(figure, gaps, context.term_band, max(frame["period"]) + 0.4)
    figure.update_layout(height=height + above, margin={"r": 110})
    return titled(figure, title, subtitle)


def _gaps(frame: pd.DataFrame, y: str, indicator: Indicator, context: Context) -> list[Gap]:
    """Return the gap of the region to the rest of its yardstick, in units and in percent, where both are drawn."""
    pair = (context.region_unit, context.rest_unit)
    if indicator.gap == "none" or "unit" not in frame or not set(pair) <= set(frame["unit"]):
        return []
    levels = frame.pivot(index="period", columns="unit", values=y)[list(pair)].dropna().sort_index()
    last = levels.index.max() if len(levels) else 0
    levels = levels[[indicator.stopping_break(int(year), int(last)) is None for year in levels.index]]
    if len(levels) < 2 or (levels[pair[1]] == 0).any():
        return []
    years, difference = tuple(int(year) for year in levels.index), levels[pair[0]] - levels[pair[1]]
    names = f"Verschil met {context.rest_name}"
    unit = theme().units[indicator.unit_of_measure]
    parts = ((unit.difference or unit.name, difference), ("procent", 100 * difference / levels[pair[1]]))
    return [Gap(f"{names} ({words})", years, tuple(map(float, values))) for words, values in parts]


def beside_expected(
    frame: pd.DataFrame,
    y: str,
    expected: str | float,
    *,
    width: float | None = None,
    band: tuple[str, str] | None = None,
    labels: tuple[str, str] | None = None,
    title: str = "",
    subtitle: str = "",
) -> go.Figure:
    """Draw a series beside what was expected of it, with a band around that.

    Parameters
    ----------
    frame, y, expected : DataFrame, str, str | float
        A row per year, with a column period; the columns with the series and with what was expected, or one number.
    width, band : float | None, tuple[str, str] | None
        In the unit of the series: as far on both sides of what was expected, or the columns with the low and the high
        end; no band by default.
    labels : tuple[str, str] | None
        Names of the two lines: those of the columns by default.
    title, subtitle : str, str
        The finding in a sentence; what is drawn, with its unit.

    Returns
    -------
    Figure
    """
    drawn = frame if isinstance(expected, str) else frame.assign(expected=float(expected))
    level = expected if isinstance(expected, str) else "expected"
    _check_columns(drawn, ("period", y, level, *(band or ())))
    if width is not None:
        drawn, band = drawn.assign(low=drawn[level] - width, high=drawn[level] + width), ("low", "high")
    ends = zip(*(drawn[name] for name in band), strict=True) if band else [(None, None)] * len(drawn)
    years = [int(year) for year in drawn["period"]]
    rows = [(year, value, *edges) for year, value, edges in zip(years, drawn[level], ends, strict=True)]
    desk = opened_year()
    term = desk.context.term_band if desk else (years[-1] + 1, years[-1] + 1)
    figure = draw_interval(years, list(drawn[y]), rows, labels=labels or (y, level), term=term)
    return titled(figure.update_layout(height=340, margin={"r": 130}, showlegend=False), title, subtitle)


def bars(
    frame: pd.DataFrame,
    y: str | Sequence[str] | Mapping[str, str] = "value",
    *,
    by: str = "unit_name",
    decimals: int = 1,
    title: str = "",
    subtitle: str = "",
) -> go.Figure:
    """Draw a horizontal bar for each row, from zero, in the order of the rows; with several columns some beside each other.

    Parameters
    ----------
    frame : DataFrame
        A row per bar, or group of bars.
    y : str, sequence of str, or mapping of str to str
        The column with the length; several, each with its name: {"begroot": "budget_eur", "betaald": "paid_eur"}.  The
        last is filled, those before it are empty or grey.
    by, decimals : str, int
        The column with the name of a row; decimals of the number behind a bar.
    title, subtitle : str
        The finding in a sentence; what is drawn, with its unit.

    Returns
    -------
    Figure
    """
    several = [y] if isinstance(y, str) else y
    columns = dict(several) if isinstance(several, Mapping) else {name: name for name in several}
    _check_columns(frame, (*columns.values(), by))
    looks = (*("outline", "rest")[: len(columns) - 1], "region")
    series = [
        (name, look, [None if value != value else float(value) for value in frame[column]])
        for (name, column), look in zip(columns.items(), looks, strict=True)
    ]
    return titled(drawn_bars([str(name) for name in frame[by]], series, decimals=decimals), title, subtitle)


def beside_path(
    frame: pd.DataFrame,
    delivered: str = "delivered",
    path: str = "path",
    target: str = "quantity",
    *,
    by: str = "title",
    title: str = "",
    subtitle: str = "",
) -> go.Figure:
    """Draw how far each target has come: what was delivered, the path and the target, in percent of the target.

    Parameters
    ----------
    frame, delivered, path, target, by : DataFrame, str, str, str, str
        A row per target; the columns with the amounts (NaN is withheld), and with the name of a target.
    title, subtitle : str, str
        The finding in a sentence; what is drawn.

    Returns
    -------
    Figure
    """
    _check_columns(frame, (delivered, path, target, by))
    rows = [
        (str(name), *(None if value != value else float(value) for value in amounts))
        for name, *amounts in frame[[by, delivered, path, target]].itertuples(index=False)
    ]
    figure = drawn_targets(rows)
    for place, name in enumerate(("geleverd", "pad", "doel"), start=1):  # the table under it has the amounts
        known = [row[place] for row in rows if place != 2 or row[2] is not None]
        small = [1 if row[3] <= _SMALL and place == 2 else 0 for row in rows if place != 2 or row[2] is not None]
        words = [
            None if value is None else dutch.number(value, digits) for value, digits in zip(known, small, strict=True)
        ]
        figure.update_traces(customdata=words, selector={"name": name})
    return titled(figure, title, subtitle)


def dumbbells(
    frame: pd.DataFrame,
    then: str,
    now: str,
    *,
    by: str = "wording",
    names: tuple[str, str] = ("begin", "nu"),
    zero: str,
    title: str = "",
    subtitle: str = "",
) -> go.Figure:
    """Draw gaps of then and now beside a line at zero: how far from what they are compared with, in percent of that.

    Parameters
    ----------
    frame, then, now, by : DataFrame, str, str, str
        A row per gap; the columns with the two numbers (NaN has no mark), and with the name of a row.
    names, zero : tuple[str, str], str
        Of the two marks, and of the line at zero.
    title, subtitle : str, str
        The finding in a sentence; what is drawn.

    Returns
    -------
    Figure
    """
    _check_columns(frame, (then, now, by))
    rows = [
        (str(name), *(None if value != value else float(value) for value in values))
        for name, *values in frame[[by, then, now]].itertuples(index=False)
    ]
    return titled(drawn_dumbbells(rows, names=names, zero=zero), title, subtitle)


def tiles(
    frame: pd.DataFrame,
    y: str = "value",
    *,
    row: str,
    by: str = "unit_name",
    change: str | None = None,
    shaded: bool = True,
    decimals: int = 1,
    title: str = "",
    subtitle: str = "",
) -> go.Figure:
    """Draw a square for each area, with its figure in it, in rows: a map for areas of which no place is known.

    Parameters
    ----------
    frame, y, by : DataFrame, str, str
        A row per area, in the order of the squares; the columns with its figure (NaN: an empty square) and its name.
    row : str
        The column that tells which areas stand in one row; the rows are in the order of its values.
    change : str | None
        The column with how much the figure changed, which stands under it (NaN: nothing).
    shaded : bool
        A fuller colour for a higher figure.  Neighbourhoods are never shaded by what they lack (docs/uitgeven.md):
        with False all squares have one neutral colour.
    decimals, title, subtitle : int, str, str
        Of the figures; the finding in a sentence, and what is drawn.

    Returns
    -------
    Figure
    """
    _check_columns(frame, (y, row, by, *([change] if change else [])))
    moves = frame[change] if change else [float("nan")] * len(frame)
    places = {value: place for place, value in enumerate(sorted(frame[row].unique()), start=1)}
    columns = frame.groupby(row).cumcount() + 1
    drawn = []
    for name, value, group, column, move in zip(frame[by], frame[y], frame[row], columns, moves, strict=True):
        words = "geen cijfer" if value != value else dutch.number(value, decimals)
        moved = "" if move != move else dutch.number(move, decimals, signed=True)
        known = None if value != value else float(value)
        more = f"{words}; verandering {moved}" if moved else words
        drawn.append(MapTile(str(name), places[group], int(column), known, words, more, change=moved))
    return titled(drawn_tiles(drawn, is_shaded=shaded), title, subtitle)


def titled(figure: go.Figure, title: str, subtitle: str) -> go.Figure:
    """Give a figure the words above it, if any.

    Parameters
    ----------
    figure, title, subtitle : Figure, str, str
        Changed in place; the finding; what is drawn.

    Returns
    -------
    Figure
    """
    words = {"text": title or None, "subtitle": {"text": subtitle or None}}
    return figure.update_layout(title=words) if title or subtitle else figure


def _line(rows: pd.DataFrame, name: str, y: str, context: Context | None) -> Line:
    status = rows["status"] if "status" in rows else pd.Series("final", index=rows.index)
    return Line(
        name=name,
        role=_role(rows, context),
        years=tuple(int(year) for year in rows["period"]),
        values=tuple(None if value != value else float(value) for value in rows[y]),
        provisional=tuple(state == "provisional" for state in status),
    )


def _role(rows: pd.DataFrame, context: Context | None) -> str:
    """Say which look a unit has."""
    unit = rows["unit"].iloc[0] if "unit" in rows else ""
    return dict(context.line_units).get(unit, "municipality") if context is not None else "municipality"


def _definition(frame: pd.DataFrame, context: Context | None):
    names = frame["indicator"].unique() if "indicator" in frame else ()
    return context.indicators.get(names[0]) if context is not None and len(names) == 1 else None


def _check_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    absent = [name for name in columns if name not in frame]
    if absent:
        raise UsageError(f"The table has no column {', '.join(absent)}; it has: {', '.join(map(str, frame.columns))}.")
