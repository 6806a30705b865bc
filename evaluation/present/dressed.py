"""A plotly figure of an evaluator in the house style: its own data and labels, our colours, letters and margins."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from evaluation.base.errors import UsageError
from evaluation.present.colours import COLOURS, SERIES
from evaluation.present.drawing.scene import house_scale
from evaluation.present.reader_words import reader_label, reader_word

_OF_OTHERS = re.compile(r"(scatter|choropleth|density|line)?_?(geo|map|mapbox)$")
_ON_AXES = {"scatter", "scattergl", "bar", "box", "violin", "histogram", "histogram2d", "heatmap", "contour",
            "histogram2dcontour", "candlestick", "ohlc", "waterfall", "funnel"}  # fmt: skip
_LABEL_PX = 22
"""Of the names above the areas of a figure with facets."""


def use_house_colours() -> None:
    """Let plotly express take our colours by itself, in the kernel that runs now."""
    import plotly.io as pio

    pio.templates["regiodeal"] = go.layout.Template(layout=house_layout())
    pio.templates.default = "regiodeal"


def house_layout() -> dict[str, Any]:
    """Return the colours of series and scales, as a layout of plotly has them."""
    scales = dict.fromkeys(("sequential", "sequentialminus"), house_scale())
    between = [[0, COLOURS["benchmark"]], [0.5, COLOURS["bg"]], [1, COLOURS["region"]]]
    colours = [COLOURS[role] for role in SERIES]
    return {"colorway": colours, "colorscale": {**scales, "diverging": between}}


def check_shown(figure: go.Figure) -> None:
    """Refuse what a page cannot show: maps that another host serves, frames that only a script can play.

    Raises UsageError, with what to use instead.
    """
    kinds = sorted({trace.type for trace in figure.data if _OF_OTHERS.fullmatch(trace.type)})
    if kinds:
        raise UsageError(
            f"{', '.join(kinds)} needs a map that another host serves, and pages call nobody. Show municipalities on "
            'our own map: px.choropleth(frame, locations="unit", color="value").'
        )
    if figure.frames:
        raise UsageError(
            "A figure that moves cannot be printed. Use facet_col= or color= in place of animation_frame=."
        )
    if any(re.match(r"\s*(https?:)?//", str(image.source)) for image in figure.layout.images):
        raise UsageError("The figure shows a picture of another host, and pages call nobody: leave it out.")


def dress(figure: go.Figure) -> tuple[go.Figure, dict[str, Any]]:
    """Return a copy in the house style without its title, and what `figure_display` has to know of its sizes."""
    given, figure = figure, copy.deepcopy(figure)  # the copy has its numbers packed
    layout = figure.layout
    layout.title = None
    for name, value in house_layout().items():
        if layout[name] is None or name == "colorscale":
            layout[name] = value
    figure.update_xaxes(automargin=True, title_standoff=8)
    figure.update_yaxes(automargin=True, title_standoff=8)
    _say_in_dutch(figure)
    figure.update_traces(link_color=COLOURS["rule"], selector=_without_link_colour)
    for axis in _axes(figure):
        axis.exponentformat = axis.exponentformat or "none"  # else plotly writes 10k, which is no Dutch
        is_alone = axis.domain is None or axis.domain[1] - axis.domain[0] > 0.6
        if axis.dtick is None and axis.tickvals is None and is_alone and _has_few_years(given, axis):
            axis.dtick = 1
        if not is_alone and axis.plotly_name.startswith("xaxis"):  # a small panel has room for few numbers, upright
            axis.nticks, axis.tickangle = axis.nticks or 4, axis.tickangle or 0
    is_round = any(trace.type not in _ON_AXES for trace in figure.data)  # words stand above it
    lines = [str(item.text).count("<br>") + 1 for item in layout.annotations
             if item.yref == "paper" and (item.y or 0) >= 0.99 and item.yanchor == "bottom"]  # fmt: skip
    above = _LABEL_PX * max(lines, default=0)
    marked = [
        16 + (item.yshift or 0)
        for item in layout.annotations
        if item.yref == "y domain" and item.y == 1 and item.yanchor == "bottom"
    ]  # of events
    shown = layout.showlegend if layout.showlegend is not None else _needs_legend(figure)
    return figure, {
        "height": int(layout.height or 420), "right": layout.margin.r or 24, "left": layout.margin.l or 56,
        "top": 16 + max(marked, default=0), "legend": bool(shown), "above": above or _LABEL_PX * is_round,
    }  # fmt: skip


def _say_in_dutch(figure: go.Figure) -> None:
    """Give axes, legend, colour bar and facets that have the name of a column the word of a reader."""
    layout = figure.layout
    titles = [axis.title for axis in _axes(figure)]
    titles += [layout.legend.title, layout.coloraxis.colorbar.title]
    for title in titles:
        if title.text:
            title.text = reader_word(title.text)
    for label in layout.annotations:
        if label.text:
            label.text = reader_label(label.text)


def _without_link_colour(trace: Any) -> bool:
    """Tell whether a trace has flows without a colour: plotly would draw them white on a page without a ground."""
    return trace.type == "sankey" and trace.link.color is None


def _axes(figure: go.Figure) -> Iterator[Any]:
    yield from figure.select_xaxes()
    yield from figure.select_yaxes()


def _has_few_years(figure: go.Figure, axis: Any) -> bool:
    """Tell whether an axis has years that each fit on it: plotly would write 2018,5 between two of them."""
    key, name = axis.plotly_name[0], axis.plotly_name.replace("axis", "")
    numbers: set[Any] = set()
    for trace in figure.data:
        if (getattr(trace, f"{key}axis", None) or key) == name and getattr(trace, key, None) is not None:
            numbers |= set(np.asarray(trace[key]).ravel().tolist())
    are_years = all(isinstance(one, (int, float)) and 1900 <= one <= 2100 and one == int(one) for one in numbers)
    return bool(numbers) and are_years and max(numbers) - min(numbers) <= 7


def _needs_legend(figure: go.Figure) -> bool:
    names = {trace.name for trace in figure.data if trace.name and trace.showlegend is not False}
    drawn = {item.text for item in figure.layout.annotations}
    return len(names) > 1 and not names <= drawn
