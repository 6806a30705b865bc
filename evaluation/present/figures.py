"""Figures in one language: the same unit always looks the same, the title says the finding, the table is never far.

Each function takes numbers that are already computed and returns one display bundle: plotly for JupyterLab, HTML
without a library for the site, and the table with the same numbers.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from evaluation.present import dutch
from evaluation.present.display import Display
from evaluation.present.tables import Cell, Column, html_table
from evaluation.results import Result

COLOURS = {
    "text": "#1B2126",
    "muted": "#4A5560",
    "rule": "#D9DEDA",
    "surface": "#F5F6F3",
    "bg": "#FFFFFF",
    "parkstad": "#00666B",
    "limburg": "#B4530A",
    "rest": "#5A6472",
    "target": "#8E2A6B",
    "tile1": "#E4F1F1",
    "tile2": "#C3E0DF",
    "tile3": "#9FCDCB",
    "tile4": "#78B9B6",
    "tile5": "#4FA3A0",
}
"""Role to light colour; on the site each follows the style sheet's variable of the same name (light and dark)."""

MEDIA_FIGURE = "application/vnd.plotly.v1+json"

_UNIT_STYLE = {
    "parkstad": {"color": COLOURS["parkstad"], "width": 3.5, "dash": "solid"},
    "benchmark": {"color": COLOURS["limburg"], "width": 2, "dash": "dash"},
    "rest": {"color": COLOURS["rest"], "width": 1.5, "dash": "solid"},
    "country": {"color": COLOURS["rest"], "width": 2, "dash": "dot"},
    "municipality": {"color": COLOURS["text"], "width": 2.5, "dash": "solid"},
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a line figure.

    Attributes
    ----------
    name : str
        Direct label at the line's end.
    role : str
        parkstad, benchmark, rest, country or municipality: decides its look.
    years : tuple[int, ...]
    values : tuple[float | None, ...]
        None is a gap.
    provisional : tuple[bool, ...]
        Drawn hollow.
    """

    name: str
    role: str
    years: tuple[int, ...]
    values: tuple[float | None, ...]
    provisional: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class FigureText:
    """The words around a figure.

    Attributes
    ----------
    figure_id : str
        Unique in the report, letters and hyphens.
    title : str
        The finding, as a sentence.
    measure : str
        What is drawn, unit and years.
    alt : str
        What the figure shows, for who cannot see it.
    source : str
        Publisher, table and vintage.
    notes : tuple[str, ...]
        Why a value is hollow, a line broken or an axis does not start at zero.
    """

    figure_id: str
    title: str
    measure: str
    alt: str
    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The figure's numbers as a table: columns, and rows of text ready to read."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


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

    Parameters
    ----------
    decimals : int
        Decimals in the hover label.
    term : tuple[float, float]
        First and last moment of the deal, in years (2019.5, 2022.99 is the end of 2022).
    base_year : int
        Year that the report compares with.
    breaks : sequence of int
        First years of another method or definition: the lines stop before them, and a mark says so.
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

    Parameters
    ----------
    height : float
        Of the drawing area, as a part of that of a figure with one of them: names keep more distance in a low one.
    **place : int
        ``row`` and ``col`` of a figure with more than one area.
    """
    ends = []
    for line in lines:
        style = _UNIT_STYLE[line.role]
        x, y, hollow = _stopped(line, breaks)
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            name=line.name,
            line=style,
            marker={
                "size": 8 if line.role == "parkstad" else 6,
                "color": [COLOURS["bg"] if is_hollow else style["color"] for is_hollow in hollow],
                "line": {"color": style["color"], "width": 1.5},
            },
            hovertemplate=f"{line.name} %{{x}}: %{{y:,.{decimals}f}}<extra></extra>",
            connectgaps=False,
            **place,
        )
        known = [(x, y) for x, y in zip(line.years, line.values, strict=True) if y is not None]
        if known:
            ends.append((known[-1], line.name, style["color"]))
    top = max((y for line in lines for y in line.values if y is not None), default=1.0)
    for (x, y), name, colour in _spread(ends, top * 0.055 / height):
        figure.add_annotation(
            x=x, y=y, text=name, xanchor="left", xshift=10, showarrow=False, font={"color": colour, "size": 13}, **place
        )
    return top


def interval_figure(
    text: FigureText,
    years: Sequence[int],
    actual: Sequence[float | None],
    expected: Sequence[tuple[int, float, float | None, float | None]],
    data: FigureTable,
    *,
    labels: tuple[str, str],
    term: tuple[float, float],
    results: Iterable[Result] = (),
) -> Display:
    """Draw a series with what was expected of it, and a band around that expectation.

    Parameters
    ----------
    expected : sequence of (year, value, low, high)
        Low and high are None where there is no band; what the band is, a note of the figure says.
    labels : tuple[str, str]
        Names of the actual and the expected line.
    """
    figure = go.Figure()
    band = [(year, low, high) for year, _, low, high in expected if low is not None and high is not None]
    if band:
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
    figure.add_scatter(
        x=[row[0] for row in expected],
        y=[row[1] for row in expected],
        mode="lines",
        name=labels[1],
        line={"color": COLOURS["rest"], "width": 2, "dash": "dot"},
        hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
    )
    figure.add_scatter(
        x=list(years),
        y=list(actual),
        mode="lines+markers",
        name=labels[0],
        line=_UNIT_STYLE["parkstad"],
        marker={"size": 8},
        hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
    )
    levels = [*(y for y in actual if y is not None), *(row[1] for row in expected), *(x for b in band for x in b[1:])]
    top, bottom = max([*levels, 0.0]), min([*levels, 0.0])
    span = (top - bottom) or 1.0
    figure.add_hline(y=0, line={"color": COLOURS["muted"], "width": 1})
    ends = []
    if expected:
        ends.append(((expected[-1][0], expected[-1][1]), labels[1], COLOURS["rest"]))
    known = [(x, y) for x, y in zip(years, actual, strict=True) if y is not None]
    if known:
        ends.append((known[-1], labels[0], COLOURS["parkstad"]))
    for (x, y), name, colour in _spread(ends, span * 0.08):
        figure.add_annotation(
            x=x, y=y, text=name, xanchor="left", xshift=10, showarrow=False, font={"color": colour, "size": 13}
        )
    add_term(figure, term, max([*years, *(row[0] for row in expected)]) + 0.4, top + span * 0.1)
    moments = sorted({*years, *(row[0] for row in expected)})
    figure.update_xaxes(tickvals=moments[:: 2 if len(moments) > 8 else 1], range=[moments[0] - 0.4, moments[-1] + 0.4])
    figure.update_yaxes(range=[bottom - span * 0.08, top + span * 0.14])
    return figure_display(figure, text, data, results=results, height=340, right=130)


def target_figure(
    text: FigureText,
    rows: Sequence[tuple[str, float, float | None, float]],
    data: FigureTable,
    *,
    results: Iterable[Result] = (),
) -> Display:
    """Draw how far each target has come: delivered, path and target, each in percent of the target.

    Parameters
    ----------
    rows : sequence of (label, delivered, path, target)
        In the target's own unit; path None where there is no path yet.
    """
    figure = go.Figure()
    labels = [wrap_label(row[0]) for row in rows]
    figure.add_bar(
        y=labels,
        x=[100 * row[1] / row[3] for row in rows],
        orientation="h",
        marker={"color": COLOURS["parkstad"]},
        width=0.5,
        name="geleverd",
        hovertemplate="geleverd: %{x:,.0f}% van het doel<extra></extra>",
    )
    for name, colour, width in (("", "bg", 8), ("pad", "target", 3)):
        figure.add_scatter(
            y=[label for label, row in zip(labels, rows, strict=True) if row[2] is not None],
            x=[100 * row[2] / row[3] for row in rows if row[2] is not None],
            mode="markers",
            marker={"symbol": "line-ns", "size": 24, "line": {"color": COLOURS[colour], "width": width}},
            name=name,
            showlegend=bool(name),
            hoverinfo=None if name else "skip",
            hovertemplate="pad: %{x:,.0f}% van het doel<extra></extra>" if name else None,
        )
    figure.add_scatter(
        y=labels,
        x=[100.0] * len(rows),
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": COLOURS["target"]},
        name="doel",
        hovertemplate="doel: 100%<extra></extra>",
    )
    figure.update_xaxes(
        range=[0, max(110.0, *(100 * row[1] / row[3] * 1.08 for row in rows))], ticksuffix="%", showgrid=True
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    figure.update_layout(showlegend=True)
    return figure_display(figure, text, data, results=results, height=120 + 46 * len(rows), legend=True)


def bars_figure(
    text: FigureText,
    categories: Sequence[str],
    series: Sequence[tuple[str, str, Sequence[float | None]]],
    data: FigureTable,
    *,
    suffix: str = "",
    decimals: int = 1,
    results: Iterable[Result] = (),
) -> Display:
    """Draw one or more bars per category, horizontally, from zero.

    Parameters
    ----------
    series : sequence of (name, colour role, values)
    suffix : str
        Unit behind the axis numbers.
    """
    figure = go.Figure()
    for name, role, values in series:
        figure.add_bar(
            y=[wrap_label(label) for label in categories],
            x=list(values),
            orientation="h",
            name=name,
            text=["" if value is None else dutch.number(value, decimals) + suffix for value in values],
            textposition="outside",
            cliponaxis=False,
            textfont={"size": 12},
            marker={
                "color": COLOURS["bg"] if role == "outline" else COLOURS[role],
                "line": {"color": COLOURS["muted"], "width": 1 if role == "outline" else 0},
            },
            hovertemplate=f"{name}: %{{x:,.{decimals}f}}{suffix}<extra></extra>",
        )
    largest = max((value for _, _, values in series for value in values if value is not None), default=1.0) or 1.0
    wide = ",.0f" if largest >= 1000 else None
    figure.update_xaxes(range=[0, largest * 1.14], ticksuffix=suffix, showgrid=True, tickformat=wide)
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    figure.update_layout(barmode="group", bargap=0.3, showlegend=len(series) > 1)
    height = 110 + len(categories) * (18 + 20 * len(series))
    return figure_display(figure, text, data, results=results, height=height, legend=len(series) > 1)


def figure_display(
    figure: go.Figure,
    text: FigureText,
    data: FigureTable,
    *,
    results: Iterable[Result] = (),
    height: int = 360,
    right: int = 24,
    left: int = 48,
    top: int = 16,
    legend: bool = False,
) -> Display:
    """Put the house style, the words and the table around a plotly figure.

    Returns
    -------
    Display
        ``application/vnd.plotly.v1+json`` for JupyterLab; ``text/html`` for the site, where one script draws every
        figure from its JSON and without scripts the title, the source and the table remain.
    """
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": left, "r": right, "t": 44 if legend else top, "b": 36, "autoexpand": True},
        font={"family": "system-ui, sans-serif", "size": 13, "color": COLOURS["text"]},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        separators=",.",
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
        hoverlabel={"font": {"color": COLOURS["text"]}, "bgcolor": COLOURS["surface"], "bordercolor": COLOURS["rule"]},
        dragmode=False,
    )
    figure.update_xaxes(zeroline=False, linecolor=COLOURS["rule"], tickcolor=COLOURS["rule"], fixedrange=True)
    figure.update_yaxes(zeroline=False, gridcolor=COLOURS["rule"], fixedrange=True)
    figure.update_xaxes(gridcolor=COLOURS["rule"])
    spec = json.loads(figure.to_json(validate=False))
    return Display(
        {MEDIA_FIGURE: _with_title(spec, text), "text/html": _html(spec, text, data), "text/plain": text.alt},
        tuple(results),
    )


def _html(spec: dict, text: FigureText, data: FigureTable) -> str:
    """Write the figure for the site: words, drawing area, JSON and table."""
    site = json.dumps(spec, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for role, colour in COLOURS.items():
        site = site.replace(f'"{colour}"', f'"var(--{role})"')
    site = site.replace("</", "<\\/")
    identity = text.figure_id
    notes = "".join(f'<p class="figuur-noot">{html.escape(note)}</p>' for note in text.notes)
    return (
        f'<div class="figuur" id="figuur-{identity}">'
        f'<p class="figuur-titel">{html.escape(text.title)}</p><p class="figuur-maat">{html.escape(text.measure)}</p>'
        f'<div class="figuur-vlak" id="vlak-{identity}" role="img" aria-label="{html.escape(text.alt, quote=True)}" '
        f'data-figuur="{identity}" style="min-height:{spec["layout"]["height"]}px"></div>'
        f'<script type="application/json" id="data-{identity}">{site}</script>{notes}'
        f'<p class="bron">{html.escape(text.source)}</p>'
        f'<details class="figuur-tabel"><summary>Tabel bij deze figuur</summary><div class="tabel" tabindex="0">'
        f"{html_table(list(data.columns), data.rows)}</div></details></div>"
    )


def _with_title(spec: dict, text: FigureText) -> dict:
    """Give the JupyterLab version its title inside the drawing."""
    layout = dict(spec["layout"])
    layout["title"] = {"text": f"{text.title}<br><sup>{text.measure}</sup>", "x": 0.01, "font": {"size": 15}}
    layout["margin"] = {**layout["margin"], "t": layout["margin"]["t"] + 60}
    layout["height"] = layout["height"] + 60
    return {"data": spec["data"], "layout": layout}


def add_term(figure: go.Figure, term: tuple[float, float], last: float, top: float, **place: int) -> None:
    """Mark the term of the deal, as far as the axis reaches."""
    start, end = term[0], min(term[1], last)
    if end <= start:
        return
    figure.add_vrect(x0=start, x1=end, fillcolor=COLOURS["surface"], line_width=0, layer="below", **place)
    figure.add_annotation(
        x=start,
        y=top,
        text="looptijd van de deal",
        xanchor="left",
        yanchor="top",
        xshift=4,
        showarrow=False,
        font={"color": COLOURS["muted"], "size": 12},
        **place,
    )


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
            figure.add_vline(
                x=year - 0.5,
                line={"color": COLOURS["muted"], "width": 1, "dash": "dot"},
                annotation={
                    "text": "breuk",
                    **({} if place else {"yref": "paper"}),
                    "y": 0,
                    "yanchor": "bottom",
                    "font": {"color": COLOURS["muted"], "size": 12},
                },
                **place,
            )


def _spread(ends: Sequence[tuple[tuple[float, float], str, str]], least: float) -> list:
    """Move end labels apart that would lie over each other, upwards in order of their height."""
    placed: list = []
    for (x, y), name, colour in sorted(ends, key=lambda end: end[0][1]):
        height = y if not placed or y - placed[-1][0][1] >= least else placed[-1][0][1] + least
        placed.append(((x, height), name, colour))
    return placed


def year_ticks(lines: Sequence[Line], base_year: int) -> list[int]:
    """Label every second year, always with the base year and the last year."""
    years = sorted({year for line in lines for year in line.years})
    if not years:
        return []
    chosen = {year for year in years if (year - base_year) % 2 == 0} | {years[-1]}
    return sorted(chosen)


def year_range(lines: Sequence[Line]) -> list[float]:
    """Keep the axis to the years that are drawn; the labels at the line ends have the margin."""
    years = [year for line in lines for year in line.years]
    return [min(years) - 0.4, max(years) + 0.4] if years else [0, 1]


def wrap_label(label: str, width: int = 26) -> str:
    """Break a long axis label over lines."""
    lines, line = [], ""
    for word in label.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "<br>".join([*lines, line])
