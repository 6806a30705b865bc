"""Figures of forecasts beside what came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from evaluation.inputs.theme import theme
from evaluation.present.colours import COLOURS
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, figure_display, plotly_text
from evaluation.present.results import Result

_BANDS = ((4, 5, 0.55, "marge 95%"), (2, 3, 1.0, "marge 80%"))
"""Places of low and high in a row, opacity and name of each band; the wide one below."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A series with its forecasts."""

    years: Sequence[int]
    values: Sequence[float]  # figures, also those that came after the forecast
    forecasts: Sequence[tuple[int, float, float, float, float, float]]  # year, point, low and high of 80%, then of 95%
    others: Sequence[tuple[int, float]]  # year and forecast by the other method
    decimals: int


def forecast_figure(
    text: FigureText, drawn: Drawn, labels: tuple[str, str, str], data: FigureTable, *, results: Iterable[Result] = ()
) -> Display:
    """Draw a series with its forecasts, their bands, and what came; `labels` name the figures and the two forecasts."""
    figure = go.Figure()
    rows = drawn.forecasts
    moments = [row[0] for row in rows]
    for low, high, opacity, name in _BANDS:
        figure.add_scatter(
            x=[*moments, *reversed(moments)],
            y=[row[high] for row in rows] + [row[low] for row in reversed(rows)],
            fill="toself",
            fillcolor=COLOURS["rule"],
            line={"width": 0},
            hoverinfo="skip",
            mode="lines",
            opacity=opacity,
            name=name,
            showlegend=False,
        )
    hover = f"%{{x}}: %{{y:,.{drawn.decimals}f}}<extra></extra>"
    looks = {label: theme().lines[role] for label, role in zip(labels, ("region", "rest", "benchmark"), strict=True)}
    series = {
        labels[2]: ([year for year, _ in drawn.others], [value for _, value in drawn.others], "dash"),
        labels[1]: (moments, [row[1] for row in rows], "dot"),
        labels[0]: (list(drawn.years), list(drawn.values), "solid"),
    }
    for label, (x, y, dash) in series.items():
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            name=plotly_text(label),
            line={"color": COLOURS[looks[label].colour], "width": looks[label].width, "dash": dash},
            marker={"size": 8 if label == labels[0] else 6},
            hovertemplate=hover,
        )
    axis = sorted({*drawn.years, *moments})
    top = max(row[5] for row in rows)
    figure.update_xaxes(tickvals=list(range(axis[-1], axis[0] - 1, -2))[::-1])
    figure.update_yaxes(rangemode="tozero", tickformat=",.0f" if top >= 1000 else None)
    return figure_display(figure, text, data, results=results, height=360, legend=True)
