"""Figures of evidence: estimates with their intervals in rows, and where a region lies among others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from evaluation.base import dutch
from evaluation.present.colours import COLOURS
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, figure_display, plotly_text, wrap_label
from evaluation.present.results import Result

_LETTERS = 26  # on a line of a label
_BINS = 20
_PANEL_PX, _GAP_PX, _TOP_PX = 84, 58, 40


@dataclass(frozen=True, slots=True)
class StripRow:
    """An estimate in a row of its own; all numbers on one scale.

    Attributes
    ----------
    label, under : str    What is estimated, and in small letters what stands below it; labels differ.
    value, low, high : float | None    None has no mark, or no interval.
    marks : tuple[float, ...]    Where the plausible effect lies.
    is_main : bool    Drawn in the colour of the region, others grey.
    """

    label: str
    under: str
    value: float | None
    low: float | None
    high: float | None
    marks: tuple[float, ...] = ()
    is_main: bool = False


def strip_figure(
    text: FigureText,
    rows: Sequence[StripRow],
    names: tuple[str, str, str],
    data: FigureTable,
    *,
    suffix: str = "",
    results: Iterable[Result] = (),
) -> Display:
    """Draw estimates under each other: a dot, its 95% interval, and a diamond where the plausible effect lies.

    `names` are those of the main estimates, of the others and of the diamonds in the legend; `suffix` is of the axis.
    """
    figure = go.Figure()
    labels = [_label(row) for row in rows]
    for is_main, name in zip((True, False), names, strict=False):
        role = "region" if is_main else "rest"
        mine = [(label, row) for label, row in zip(labels, rows, strict=True) if row.is_main == is_main]
        for label, row in mine:
            if row.low is not None and row.high is not None:
                line = {"color": COLOURS[role], "width": 5 if is_main else 3}
                look = {"mode": "lines", "line": line, "hoverinfo": "skip", "showlegend": False}
                figure.add_scatter(x=[row.low, row.high], y=[label, label], **look)
        drawn = [(label, row.value) for label, row in mine if row.value is not None]
        if drawn:
            edge = {"color": COLOURS["bg"], "width": 1}
            figure.add_scatter(
                x=[value for _, value in drawn],
                y=[label for label, _ in drawn],
                mode="markers",
                name=plotly_text(name),
                marker={"size": 13 if is_main else 10, "color": COLOURS[role], "line": edge},
                hovertemplate="%{x:,.1f}" + plotly_text(suffix) + "<extra></extra>",
            )
    marks = [(label, mark) for label, row in zip(labels, rows, strict=True) for mark in row.marks]
    if marks:
        figure.add_scatter(
            x=[mark for _, mark in marks],
            y=[label for label, _ in marks],
            mode="markers",
            name=plotly_text(names[2]),
            marker={"symbol": "diamond", "size": 10, "color": COLOURS["target"]},
            hovertemplate="%{x:,.1f}" + plotly_text(suffix) + "<extra></extra>",
        )
    ends = [0.0, *(mark for _, mark in marks)]
    ends += [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
    room = 0.06 * ((max(ends) - min(ends)) or 1.0)
    axis = {"range": [min(ends) - room, max(ends) + room], "ticksuffix": suffix, "showgrid": True, "nticks": 6}
    figure.update_xaxes(**axis)
    line = {"color": COLOURS["muted"], "width": 2}
    figure.add_shape(type="line", x0=0, x1=0, y0=0, y1=1, xref="x", yref="paper", layer="below", line=line)
    order = {"categoryorder": "array", "categoryarray": labels}
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, **order)
    height = 110 + sum(22 + 17 * (label.count("<br>") + 1) for label in labels)
    return figure_display(figure, text, data, results=results, height=height, legend=True)


def _label(row: StripRow) -> str:
    return "<br>".join(wrap_label(part, _LETTERS) for part in (row.label, row.under) if part)


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a region lies among others: what they are ranked by, the region's own, and its rank in words."""

    title: str
    others: Sequence[float]
    own: float


def spread_figure(
    text: FigureText, panels: Sequence[Spread], region: str, data: FigureTable, *, results: Iterable[Result] = ()
) -> Display:
    """Draw a histogram of other regions for each question, on one axis, with the place of the region marked."""
    inside = len(panels) * _PANEL_PX + (len(panels) - 1) * _GAP_PX
    figure = make_subplots(rows=len(panels), cols=1, vertical_spacing=_GAP_PX / inside if len(panels) > 1 else 0.0)
    numbers = [number for panel in panels for number in (*panel.others, panel.own)]
    edges = np.linspace(min(numbers), max(numbers), _BINS + 1)
    middles, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    reach = [edges[0] - width, edges[-1] + width]
    for place, panel in enumerate(panels, start=1):
        counts, _ = np.histogram(panel.others, edges)
        top = 1.12 * max(counts.max(), 1)
        where = {"row": place, "col": 1}
        hover = "%{y} regio's<extra></extra>"
        bars = {"x": middles.tolist(), "y": counts.tolist(), "width": [float(width)] * _BINS, "showlegend": place == 1}
        figure.add_bar(**bars, name="andere regio's", marker={"color": COLOURS["rest"]}, hovertemplate=hover, **where)
        line = {"mode": "lines", "line": {"color": COLOURS["region"], "width": 4}, "showlegend": place == 1}
        own = {"x": [panel.own, panel.own], "y": [0, top], "name": plotly_text(region), **line}
        figure.add_scatter(**own, hovertemplate=dutch.number(panel.own, 1, signed=True) + "<extra></extra>", **where)
        figure.update_xaxes(range=reach, showgrid=False, **where)
        figure.update_yaxes(range=[0, top], nticks=3, tickformat=",d", **where)
        name = "y domain" if place == 1 else f"y{place} domain"
        lines = wrap_label(panel.title, 46).split("<br>")
        words = {
            "text": "<br>".join(f"<b>{line}</b>" for line in lines),
            "font": {"color": COLOURS["text"], "size": 12},
        }
        corner = {"xref": "paper", "yref": name, "xanchor": "left", "yanchor": "bottom", "yshift": 4}
        figure.add_annotation(x=0, y=1, showarrow=False, align="left", **words, **corner)
    figure.update_layout(bargap=0.05)
    height = inside + _TOP_PX + 80
    return figure_display(figure, text, data, results=results, height=height, legend=True, above=_TOP_PX)
