"""Figures in one language: the same unit always looks the same, the title says the finding, the table is never far.

Each function takes numbers that are already computed and returns one display bundle: plotly for JupyterLab, HTML
without a library for the site, and the table with the same numbers.
"""

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

import plotly.graph_objects as go

from evaluation.base import dutch
from evaluation.inputs.theme import theme
from evaluation.present.colours import COLOURS
from evaluation.present.display import FIGURE_MIME, Display
from evaluation.present.drawing import CannotDraw, draw
from evaluation.present.packed import pack_spec
from evaluation.present.results import Result
from evaluation.present.tables import EMPTY, Cell, Column, html_table, plain_cells, settle

_TITLE_LETTERS = 80
"""On a line of the title in JupyterLab, where plotly cuts what does not fit."""

_LARGEST_PICTURE = 200_000
"""Characters of a drawing that goes along in a page; a cloud of more dots is only drawn by script and in print."""


SVG_DATA = "data:image/svg+xml,"
_IN_ADDRESS = str.maketrans({sign: f"%{ord(sign):02X}" for sign in '%#<>&"\n'})
"""What a drawing writes otherwise as an address in a page; the rest stays as it is, a third shorter than as base64."""

ROW_MARKS = "a row of marks for each label"
"""The meta of a figure whose table has a row for each label and a column for each kind of mark."""


@dataclass(frozen=True, slots=True)
class FigureText:
    """The words around a figure."""

    figure_id: str  # unique in the report, letters and hyphens
    title: str  # the finding, as a sentence
    measure: str  # what is drawn, unit and years
    alt: str  # what the figure shows, for who cannot see it
    source: str  # publisher, table and vintage
    notes: tuple[str, ...] = ()  # why a value is hollow, a line broken or an axis does not start at zero


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The figure's numbers as a table: columns, and rows of text ready to read."""

    columns: Sequence[Column | str]
    rows: Sequence[Sequence[Cell]]


def drawn_targets(rows: Sequence[tuple[str, float | None, float | None, float]]) -> go.Figure:
    """Draw how far each target has come: delivered, path and target, each in percent of the target.

    `rows` have label, delivered, path and target, in the target's own unit; delivered is None where it is withheld,
    and path where there is none yet.
    """
    figure = go.Figure()
    labels = [wrap_label(row[0]) for row in rows]
    figure.add_bar(
        y=labels,
        x=[None if row[1] is None else 100 * row[1] / row[3] for row in rows],
        orientation="h",
        marker={"color": COLOURS["region"]},
        width=0.5,
        name="geleverd",
        hovertemplate="geleverd: %{x:,.0f}% van het doel<extra></extra>",
    )
    for name, colour, width in (("", "bg", 8), ("pad", "target", 3)):  # a light edge, or the mark vanishes in the bar
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
        range=[0, max(110.0, *(100 * (row[1] or 0.0) / row[3] * 1.08 for row in rows))], ticksuffix="%", showgrid=True
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    return figure.update_layout(showlegend=True, height=120 + 46 * len(rows))


def drawn_dumbbells(
    rows: Sequence[tuple[str, float | None, float | None]], *, names: tuple[str, str], zero: str, suffix: str = "%"
) -> go.Figure:
    """Draw for each row where it began and where it is now, beside a line at zero, which is what it is compared with.

    `rows` have a label, then and now, from the top; None has no mark. `names` are those of then and now, `zero` of the
    line.
    """
    figure, labels = go.Figure(), [wrap_label(row[0]) for row in rows]
    for label, (_, then, now) in zip(labels, rows, strict=True):
        if then is not None and now is not None:
            look = {"mode": "lines", "line": {"color": COLOURS["rule"], "width": 4}}
            figure.add_scatter(y=[label, label], x=[then, now], hoverinfo="skip", showlegend=False, **look)
    hollow = {"color": COLOURS["bg"], "line": {"color": COLOURS["region"], "width": 2}}
    for name, place, look in zip(names, (1, 2), (hollow, {"color": COLOURS["region"]}), strict=True):
        values = [row[place] for row in rows]
        figure.add_scatter(
            y=labels,
            x=values,
            mode="markers",
            name=plotly_text(name),
            marker={"size": 12, **look},
            customdata=["" if value is None else dutch.number(value, 1, signed=True) + suffix for value in values],
            hovertemplate=f"{plotly_text(name)}: %{{customdata}}<extra></extra>",
        )
    figure.add_scatter(
        y=labels,
        x=[0.0] * len(rows),
        mode="markers",
        name=plotly_text(zero),
        marker={"symbol": "line-ns", "size": 24, "line": {"color": COLOURS["benchmark"], "width": 3}},
        hoverinfo="skip",
    )
    ends = [0.0, *(value for row in rows for value in row[1:] if value is not None)]
    room = 0.08 * ((max(ends) - min(ends)) or 1.0)
    figure.update_xaxes(range=[min(ends) - room, max(ends) + room], ticksuffix=suffix, showgrid=True, zeroline=False)
    order = {"categoryorder": "array", "categoryarray": labels}  # also of a row that has one mark only
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, **order)
    return figure.update_layout(showlegend=True, height=120 + 60 * len(rows), meta=ROW_MARKS)


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
    """Draw one or more bars per category, horizontally, from zero; `categories` go from the top.

    `series` have a name, a role of `COLOURS` ("outline": an empty bar) and a value for each category; None has no bar.
    """
    figure = drawn_bars(categories, series, suffix=suffix, decimals=decimals)
    has_legend = len(series) > 1
    return figure_display(figure, text, data, results=results, height=figure.layout.height, legend=has_legend)


def drawn_bars(
    categories: Sequence[str],
    series: Sequence[tuple[str, str, Sequence[float | None]]],
    *,
    suffix: str = "",
    decimals: int = 1,
) -> go.Figure:
    """Draw the bars of `bars_figure`, with a height that fits them."""
    figure = go.Figure()
    for name, role, values in series:
        figure.add_bar(
            y=[wrap_label(label) for label in categories],
            x=list(values),
            orientation="h",
            name=plotly_text(name),
            text=["" if value is None else dutch.number(value, decimals) + plotly_text(suffix) for value in values],
            textposition="outside",
            cliponaxis=False,
            textfont={"size": 12},
            marker={
                "color": COLOURS["bg" if role == "outline" else role],
                "line": {"color": COLOURS["muted"], "width": int(role == "outline")},
            },
            hovertemplate=f"{plotly_text(name)}: %{{x:,.{decimals}f}}{plotly_text(suffix)}<extra></extra>",
        )
    known = [value for _, _, values in series for value in values if value is not None]
    largest, lowest = max(known, default=1.0) or 1.0, min([0.0, *known])
    wide = ",.0f" if max(largest, -lowest) >= 1000 else None  # else plotly writes 10k, which is no Dutch
    figure.update_xaxes(
        range=[lowest * 1.14, max(largest, 0.0) * 1.14], ticksuffix=suffix, showgrid=True, tickformat=wide
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    height = 110 + len(categories) * (18 + 20 * len(series))
    return figure.update_layout(barmode="group", bargap=0.3, showlegend=len(series) > 1, height=height)


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
    above: int = 0,
) -> Display:
    """Put the house style, the words and the table around a plotly figure, which is changed in place.

    `results` has the numbers of figure and words. Sizes and margins are in px; a legend brings its own at the top, over
    the labels of so many px that stand `above` the drawing. In HTML, one script draws every figure from its JSON;
    without it a picture, title, source and table remain.
    """
    legend_at = 1.0 + (above / (height - 80 - above) if above else 0)
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": left, "r": right, "t": (44 if legend else top) + above, "b": 36, "autoexpand": True},
        font={"family": theme().fonts.figure, "size": 13, "color": COLOURS["text"]},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        separators=",.",  # of decimals and of thousands: Dutch
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": legend_at, "yanchor": "bottom", "traceorder": "normal"},
        hoverlabel={"font": {"color": COLOURS["text"]}, "bgcolor": COLOURS["surface"], "bordercolor": COLOURS["rule"]},
        dragmode=False,
    )
    axes = {"zeroline": False, "gridcolor": COLOURS["rule"], "fixedrange": True}
    figure.update_xaxes(linecolor=COLOURS["rule"], tickcolor=COLOURS["rule"], **axes)
    figure.update_yaxes(**axes)
    columns, rows, left_out = settle(data.columns, data.rows)
    data = FigureTable(columns, rows)
    text = replace(text, notes=(*text.notes, left_out)) if left_out else text
    spec = json.loads(figure.to_json(validate=False))
    del spec["layout"]["template"]  # plotly.js has none by itself
    return Display(
        {FIGURE_MIME: _with_title(spec, text), "text/html": _html(spec, text, data), "text/plain": text.alt},
        tuple(results),
        cells=plain_cells(data.columns, data.rows),
    )


def _html(spec: dict, text: FigureText, data: FigureTable) -> str:
    """Write the figure for the site: words, drawing area, JSON (a drawing needs seven digits) and table."""
    drawn = json.loads(json.dumps(pack_spec(spec)), parse_float=lambda digits: float(f"{float(digits):.7g}"))
    site = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for role, colour in COLOURS.items():
        site = site.replace(f'"{colour}"', f'"var(--{role})"')
    site = site.replace("<", "\\u003c")  # no end of the script, no comment, and no shortcode of Quarto
    identity = text.figure_id
    picture = f'<img class="figuur-beeld" alt="" src="{still}">' if (still := _picture(spec, text)) else ""
    notes = "".join(f'<p class="figuur-noot">{html.escape(note)}</p>' for note in text.notes)
    mark = "" if _has_marks(spec) else f' {EMPTY}="figuur"'
    return (
        f'<div class="figuur" id="figuur-{identity}"{mark}>'
        f"{_line('figuur-titel', text.title)}{_line('figuur-maat', text.measure)}"
        f'<div class="figuur-vlak" id="vlak-{identity}" role="img" aria-label="{html.escape(text.alt, quote=True)}" '
        f'data-figuur="{identity}" style="min-height:{spec["layout"]["height"]}px">{picture}</div>'
        f'<script type="application/json" id="data-{identity}">{site}</script>{notes}'
        f'<p class="bron">{html.escape(text.source)}</p>'
        f'<details class="figuur-tabel"><summary>Tabel bij deze figuur</summary><div class="tabel" tabindex="0">'
        f"{html_table(data.columns, data.rows)}</div></details></div>"
    )


_ON_AXES = {"scatter", "scattergl", "bar", "heatmap", "box", "histogram"}
"""Kinds of traces of which all that is drawn stands in x, y and z."""


def _has_marks(spec: dict) -> bool:
    """Tell whether a figure draws anything: a number in a trace, a shape, or a trace of a kind with other parts."""

    def has_number(values: object) -> bool:
        if isinstance(values, dict):  # packed numbers of plotly: bdata is there when they are
            return any(map(has_number, values.values()))
        if isinstance(values, list):
            return any(map(has_number, values))
        return values is not None and values != ""

    if any(trace.get("type", "scatter") not in _ON_AXES for trace in spec["data"]):
        return True
    amounts = [[trace[name] for name in ("x", "y", "z") if name in trace] for trace in spec["data"]]
    both = [all(map(has_number, found)) and bool(found) for found in amounts]
    return any(both) or bool(spec["layout"].get("shapes"))


def _picture(spec: dict, text: FigureText) -> str:
    """Draw the figure for who has no script: GitHub, nbconvert, a page without; nothing of a kind that is not known."""
    try:
        svg = draw(spec, alt="", font=theme().fonts.figure).svg
    except CannotDraw:
        return ""
    if len(svg) > _LARGEST_PICTURE:
        return ""
    svg = svg.strip().replace("<svg ", f'<svg style="background:{COLOURS["bg"]}" ', 1).replace('"', "'")
    return SVG_DATA + svg.translate(_IN_ADDRESS)


def _line(role: str, words: str) -> str:
    return f'<p class="{role}">{html.escape(words)}</p>' if words else ""


def _with_title(spec: dict, text: FigureText) -> dict:
    """Give the JupyterLab version its title inside the drawing, and paper of its own: its theme may be dark."""
    layout = spec["layout"]
    lines = "<br>".join(map(plotly_text, wrap(text.title, _TITLE_LETTERS) or [""]))
    words = f"{lines}<br><sup>{plotly_text(text.measure)}</sup>"
    more = 38 + 22 * (lines.count("<br>") + 1)
    title = {"text": words, "x": 0.01, "font": {"size": 15}}
    margin = {**layout["margin"], "t": layout["margin"]["t"] + more}
    return {
        "data": spec["data"],
        "layout": {
            **layout,
            "title": title,
            "margin": margin,
            "height": layout["height"] + more,
            "paper_bgcolor": COLOURS["bg"],
            "plot_bgcolor": COLOURS["bg"],
        },
    }


def plotly_text(words: str) -> str:
    """Write words so that plotly draws them as they read: it knows tags, entities and %{x}.

    >>> plotly_text("<b>R&D</b> %{x}")
    '&lt;b&gt;R&amp;D&lt;/b&gt; &#37;{x}'
    """
    return html.escape(words, quote=False).replace("%{", "&#37;{")


def wrap_label(label: str, width: int = 26) -> str:
    """Break a long axis label over lines, as plotly draws it."""
    lines = wrap(" ".join(label.split()), width, break_long_words=False, break_on_hyphens=False)
    return "<br>".join(map(plotly_text, lines))
