"""Figures in the house style from a tidy table: one look for each kind of unit, in every figure of a report."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context
from evaluation.chapters.desk.year import opened_year
from evaluation.present.colours import COLOURS
from evaluation.present.figures import plotly_text, wrap_label
from evaluation.present.line_figures import (
    Line,
    add_lines,
    add_term,
    draw_interval,
    mark_breaks,
    year_range,
    year_ticks,
)


def lines(frame: pd.DataFrame, y: str = "value", *, by: str = "unit_name") -> go.Figure:
    """Draw how units developed: a line for each, its name at its end, the term of the deal behind it.

    Parameters
    ----------
    frame, y, by : DataFrame, str, str
        A row per unit and year, with columns period, status (else nothing is provisional) and indicator (else no break
        is marked); the columns with what is drawn and with the name of a line.

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
    figure.update_yaxes(range=[low * 1.12, top * 1.12], tickformat=",.0f" if top >= 1000 else None)
    return figure.update_layout(height=380, margin={"r": 110})


def beside_expected(
    frame: pd.DataFrame, y: str, expected: str, *, width: float | None = None, labels: tuple[str, str] | None = None
) -> go.Figure:
    """Draw a series beside what was expected of it, with a band as far as `width` on both sides of that.

    Parameters
    ----------
    frame, y, expected : DataFrame, str, str
        A row per year, with a column period; the columns with the series and with what was expected.
    width, labels : float | None, tuple[str, str] | None
        In the unit of the series; no band by default.  Names of the two lines: those of the columns by default.

    Returns
    -------
    Figure
    """
    _check_columns(frame, ("period", y, expected))
    band = [
        (
            int(row["period"]),
            row[expected],
            *((None, None) if width is None else (row[expected] - width, row[expected] + width)),
        )
        for row in frame.to_dict("records")
    ]
    desk, years = opened_year(), [int(year) for year in frame["period"]]
    term = desk.context.term_band if desk else (years[-1] + 1, years[-1] + 1)
    figure = draw_interval(years, list(frame[y]), band, labels=labels or (y, expected), term=term)
    return figure.update_layout(height=340, margin={"r": 130}, showlegend=False)


def bars(frame: pd.DataFrame, y: str = "value", *, by: str = "unit_name", decimals: int = 1) -> go.Figure:
    """Draw a horizontal bar for each row, from zero, in the order of the rows.

    Parameters
    ----------
    frame, y, by, decimals : DataFrame, str, str, int
        The columns with the length and the name of a bar; decimals of the number behind it.

    Returns
    -------
    Figure
    """
    _check_columns(frame, (y, by))
    values = [None if value != value else float(value) for value in frame[y]]
    figure = go.Figure()
    figure.add_bar(
        y=[wrap_label(str(name)) for name in frame[by]],
        x=values,
        orientation="h",
        text=["" if value is None else dutch.number(value, decimals) for value in values],
        textposition="outside",
        cliponaxis=False,
        marker={"color": COLOURS["parkstad"]},
        hovertemplate=f"%{{x:,.{decimals}f}}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    return figure.update_layout(height=90 + 34 * len(frame), bargap=0.3)


def _line(rows: pd.DataFrame, name: str, y: str, context: Context | None) -> Line:
    status = rows["status"] if "status" in rows else pd.Series("final", index=rows.index)
    return Line(
        name=plotly_text(name),
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
