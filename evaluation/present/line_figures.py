"""Figures with lines: how units developed, and a series beside what was expected of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from evaluation.inputs.theme import theme
from evaluation.present.colours import COLOURS
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, figure_display, plotly_text, wrap_label
from evaluation.present.results import Result

_EVENT_PX, _GAP_PX, _GAP_TITLE_PX, _YEARS_PX, _LINES_PX = 16, 84, 40, 22, 328


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a line figure."""

    name: str  # direct label at the line's end
    role: str  # region, benchmark, rest, country or municipality: decides its look
    years: tuple[int, ...]
    values: tuple[float | None, ...]  # None is a gap
    provisional: tuple[bool, ...]  # drawn hollow


def line_figure(
    text: FigureText,
    lines: Sequence[Line],
    data: FigureTable,
    *,
    decimals: int,
    term: tuple[float, float],
    base_year: int,
    breaks: Sequence[int] = (),
    results: Iterable[Result] = (),
) -> Display:
    """Draw how units developed, with the deal's term as a band and the base year as a tick.

    The later `lines` lie over the earlier ones; `decimals` are those of the hover label. `term` is the first and last
    moment of the deal, in years (2019.5; 2022.99 is the end of 2022). `breaks` are the first years of another method or
    definition: the lines stop before them, and a mark says so.
    """
    figure = go.Figure()
    top = add_lines(figure, lines, decimals=decimals, breaks=breaks)
    last_year = max((year for line in lines for year in line.years), default=base_year)
    add_term(figure, term, last_year + 0.4, top * 1.1)
    mark_breaks(figure, lines, breaks)
    figure.update_xaxes(tickvals=year_ticks(lines, base_year), range=year_range(lines))
    figure.update_yaxes(range=[0, top * 1.12], tickformat=",.0f" if top >= 1000 else None)
    return figure_display(figure, text, data, results=results, height=380, right=110)


def add_lines(
    figure: go.Figure, lines: Sequence[Line], *, decimals: int, breaks: Sequence[int], height: float = 1.0, **place: int
) -> float:
    """Add lines with their names at the ends, and return the highest value of all.

    `height` is a part of that of a figure with one area: names keep more distance in a low one. `place` is the row and
    col of a figure with more.
    """
    ends = []
    for line in lines:
        style = _look(line.role)
        x, y, hollow = _stopped(line, breaks)
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            name=plotly_text(line.name),
            line=style,
            marker={
                "size": 8 if line.role == "region" else 6,
                "color": [COLOURS["bg"] if is_hollow else style["color"] for is_hollow in hollow]
                if any(hollow)
                else style["color"],
                "line": {"color": style["color"], "width": 1.5},
            },
            hovertemplate=f"{plotly_text(line.name)} %{{x}}: %{{y:,.{decimals}f}}<extra></extra>",
            connectgaps=False,
            **place,
        )
        known = [(x, y) for x, y in zip(line.years, line.values, strict=True) if y is not None]
        if known:
            ends.append((known[-1], line.name, style["color"]))
    top = max((y for line in lines for y in line.values if y is not None), default=1.0)
    _name_ends(figure, ends, top * 0.055 / height, **place)
    return top


def interval_figure(
    text: FigureText,
    years: Sequence[int],
    actual: Sequence[float],
    expected: Sequence[tuple[int, float, float | None, float | None]],
    data: FigureTable,
    *,
    labels: tuple[str, str],
    term: tuple[float, float],
    results: Iterable[Result] = (),
) -> Display:
    """Draw a series with what was expected of it (`draw_interval`), with its words and its table."""
    figure = draw_interval(years, actual, expected, labels=labels, term=term)
    return figure_display(figure, text, data, results=results, height=340, right=130)


def draw_interval(
    years: Sequence[int],
    actual: Sequence[float],
    expected: Sequence[tuple[int, float, float | None, float | None]],
    *,
    labels: tuple[str, str],
    term: tuple[float, float],
) -> go.Figure:
    """Draw a series with what was expected of it, and a band around that expectation.

    `expected` has year, value, low and high, the last two None where there is no band; what the band is, a note of the
    figure says. `labels` name the actual and the expected line; the term is as of `line_figure`.
    """
    figure = go.Figure()
    band = [(year, low, high) for year, _, low, high in expected if low is not None]
    if band:  # as one shape: along the top and back
        figure.add_scatter(
            x=[year for year, _, _ in band] + [year for year, _, _ in reversed(band)],
            y=[high for _, _, high in band] + [low for _, low, _ in reversed(band)],
            fill="toself",
            fillcolor=COLOURS["rule"],
            line={"width": 0},
            hoverinfo="skip",
            mode="lines",
            opacity=0.7,
            name="band",
        )
    moments, levels = [row[0] for row in expected], [row[1] for row in expected]
    figure.add_scatter(
        x=moments,
        y=levels,
        mode="lines",
        name=plotly_text(labels[1]),
        line={"color": COLOURS["rest"], "width": 2, "dash": "dot"},
        hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
    )
    figure.add_scatter(
        x=list(years),
        y=list(actual),
        mode="lines+markers",
        name=plotly_text(labels[0]),
        line=_look("region"),
        marker={"size": 8},
        hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
    )
    drawn = [*actual, *levels, *(edge for _, *edges in band for edge in edges), 0.0]
    top, bottom = max(drawn), min(drawn)
    span = (top - bottom) or 1.0
    figure.add_hline(y=0, line={"color": COLOURS["muted"], "width": 1})
    last = (moments[-1], levels[-1]), (years[-1], actual[-1])
    ends = zip(last, labels[::-1], (COLOURS["rest"], COLOURS["region"]), strict=True)
    _name_ends(figure, tuple(ends), span * 0.08)
    axis = sorted({*years, *moments})
    add_term(figure, term, axis[-1] + 0.4, top + span * 0.1)
    figure.update_xaxes(tickvals=axis[:: 2 if len(axis) > 8 else 1], range=[axis[0] - 0.4, axis[-1] + 0.4])
    figure.update_yaxes(range=[bottom - span * 0.08, top + span * 0.14])
    return figure


def add_term(figure: go.Figure, term: tuple[float, float], last: float, top: float, **place: int) -> None:
    """Mark the term of the deal, as far as the axis reaches."""
    start, end = term[0], min(term[1], last)
    if end <= start:
        return
    figure.add_vrect(x0=start, x1=end, fillcolor=COLOURS["surface"], line_width=0, layer="below", **place)
    words = {"text": "looptijd van de deal", "font": {"color": COLOURS["muted"], "size": 12}, "showarrow": False}
    figure.add_annotation(x=start, y=top, xanchor="left", yanchor="top", xshift=4, **words, **place)


def add_events(figure: go.Figure, events: Sequence[tuple[float, str]], years: Sequence[float]) -> int:
    """Mark when events began, each with its words above the drawing; return the px that the words take.

    `events` are moments on the axis of years with their words; those outside `years`, its ends, are left out.
    """
    inside = [event for event in events if years[0] <= event[0] <= years[1]]
    for row, (moment, words) in enumerate(reversed(inside)):
        line = {"color": COLOURS["muted"], "width": 1, "dash": "dot"}
        figure.add_shape(type="line", x0=moment, x1=moment, y0=0, y1=1, yref="y domain", line=line)
        is_late = moment > sum(years) / 2
        look = {"font": {"color": COLOURS["muted"], "size": 12}, "showarrow": False, "yanchor": "bottom"}
        look |= {"xanchor": "right" if is_late else "left", "yref": "y domain", "y": 1, "yshift": row * _EVENT_PX}
        figure.add_annotation(x=moment, text=plotly_text(words), **look)
    return len(inside) * _EVENT_PX


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a unit lies from another, year by year: what stands under the lines of both."""

    title: str  # whose gap, and its unit
    years: tuple[int, ...]
    values: tuple[float, ...]


def add_gaps(figure: go.Figure, gaps: Sequence[Gap], term: tuple[float, float], last: float) -> int:
    """Draw gaps under the lines of a figure, each in an area of its own from zero; return the px that they take.

    A claim on a gap is then in sight: two lines at the top of an axis from zero do not show it.
    """
    below = len(gaps) * (_GAP_PX + _GAP_TITLE_PX) + _YEARS_PX
    whole = _LINES_PX + below
    figure.update_layout(yaxis={"domain": [below / whole, 1]}, xaxis={"anchor": "y", "domain": [0, 1]})
    figure.for_each_annotation(lambda note: note.update(yref="y domain") if note.yref == "paper" else None)
    for row, gap in enumerate(gaps, start=2):
        top = 1 - (_LINES_PX + _YEARS_PX + (row - 1) * _GAP_TITLE_PX + (row - 2) * _GAP_PX) / whole
        axis = {"domain": [0, 1], "anchor": f"y{row}", "range": figure.layout.xaxis.range, "showticklabels": False}
        low, high = min(0.0, *gap.values), max(0.0, *gap.values)
        room = 0.15 * (high - low or 1.0)
        side = {"domain": [max(top - _GAP_PX / whole, 0), top], "anchor": f"x{row}", "range": [low - room, high + room]}
        side |= {
            "tickvals": _round_ticks(low, high),
            "zeroline": True,
            "zerolinecolor": COLOURS["muted"],
            "automargin": True,
        }
        figure.update_layout({f"xaxis{row}": {**axis, "tickvals": figure.layout.xaxis.tickvals}, f"yaxis{row}": side})
        figure.add_scatter(
            x=list(gap.years),
            y=list(gap.values),
            mode="lines+markers",
            name=plotly_text(gap.title),
            line=_look("region"),
            marker={"size": 6},
            hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
            showlegend=False,
            xaxis=f"x{row}",
            yaxis=f"y{row}",
        )
        if term[0] < last:
            box = {"x0": term[0], "x1": min(term[1], last), "y0": 0, "y1": 1, "yref": f"y{row} domain"}
            figure.add_shape(
                type="rect", xref=f"x{row}", fillcolor=COLOURS["surface"], line_width=0, layer="below", **box
            )
        words = {"text": wrap_label(gap.title, 36), "font": {"color": COLOURS["text"], "size": 12}, "align": "left"}
        corner = {"xref": "paper", "yref": f"y{row} domain", "xanchor": "left", "yanchor": "bottom", "yshift": 4}
        figure.add_annotation(x=0, y=1, showarrow=False, **words, **corner)
    return below


def _round_ticks(low: float, high: float) -> list[float]:
    """Return zero and the largest round number on each side that both ends leave room for.

    >>> _round_ticks(-0.2, 0.9), _round_ticks(0.0, 34.0), _round_ticks(-45.0, 0.0)
    ([0.0, 0.5], [0.0, 20.0], [-20.0, 0.0])
    """
    reach = max(-low, high) or 1.0
    power = 10.0 ** math.floor(math.log10(reach))
    step = max(factor * power for factor in (1, 2, 5) if factor * power <= reach)
    return [at for at in (-step, 0.0, step) if low <= at <= high]


def _stopped(line: Line, breaks: Sequence[int]) -> tuple[list[float], list[float | None], list[bool]]:
    """Return x, y and hollow of a line, with a gap half a year before each break that lies inside it."""
    points = list(zip(line.years, line.values, line.provisional, strict=True))
    inside = [year for year in breaks if points and points[0][0] < year <= points[-1][0]]
    points = sorted([*points, *((year - 0.5, None, False) for year in inside)], key=lambda point: point[0])
    return [x for x, _, _ in points], [y for _, y, _ in points], [hollow for _, _, hollow in points]


def mark_breaks(figure: go.Figure, lines: Sequence[Line], breaks: Sequence[int], **place: int) -> None:
    """Draw a dotted mark and the word at each break within the years that are drawn."""
    years = [year for line in lines for year in line.years]
    for year in breaks:
        if years and min(years) < year <= max(years):
            look, line = {"color": COLOURS["muted"], "size": 12}, {"color": COLOURS["muted"], "width": 1, "dash": "dot"}
            word = {"text": "breuk", "y": 0, "yanchor": "bottom", "font": look}
            word |= {} if place else {"yref": "paper"}  # plotly sets it itself where there are more areas
            figure.add_vline(x=year - 0.5, line=line, annotation=word, **place)


def _name_ends(
    figure: go.Figure, ends: Sequence[tuple[tuple[float, float], str, str]], least: float, **place: int
) -> None:
    """Write the name of each line at its end, from the lowest upwards, at least this far apart."""
    height = float("-inf")
    for (x, y), name, colour in sorted(ends, key=lambda end: end[0][1]):
        height = max(y, height + least)
        words = {"text": plotly_text(name), "font": {"color": colour, "size": 13}, "showarrow": False}
        figure.add_annotation(x=x, y=height, xanchor="left", xshift=10, **words, **place)


def year_ticks(lines: Sequence[Line], base_year: int) -> list[int]:
    """Label every second year, always with the base year and the last year."""
    years = sorted({year for line in lines for year in line.years})
    return sorted({*(year for year in years if (year - base_year) % 2 == 0), *years[-1:]})


def year_range(lines: Sequence[Line]) -> list[float]:
    """Keep the axis to the years that are drawn; the labels at the line ends have the margin."""
    years = [year for line in lines for year in line.years]
    return [min(years) - 0.4, max(years) + 0.4] if years else [0, 1]


def _look(role: str) -> dict[str, object]:
    """Say how the line of a kind of unit is drawn."""
    look = theme().lines[role]
    return {"color": COLOURS[look.colour], "width": look.width, "dash": look.dash}
