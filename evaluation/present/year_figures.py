"""Figures with all years of a deal in one: several series under each other, and what came year by year."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from evaluation.base import dutch
from evaluation.present.colours import COLOURS
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, figure_display, wrap_label
from evaluation.present.line_figures import Line, add_lines, add_term, mark_breaks, year_range, year_ticks
from evaluation.present.results import Result

_AREA_PX, _GAP_PX, _USUAL_AREA_PX = 210, 86, 330
_TOP_PX, _BOTTOM_PX = 48, 36
_LETTERS = 36  # on a line of the name of an area, so that it fits on a phone
# shades of one hue for the years of a term, the last year the darkest; the first years of a long term share one
_YEAR_ROLES = ("tile2", "tile3", "tile4", "tile5", "region")


@dataclass(frozen=True, slots=True)
class Area:
    """One of the series that stand under each other."""

    title: str  # what is drawn and its unit, above the area
    lines: tuple[Line, ...]
    decimals: int
    breaks: tuple[int, ...]  # first years of another method or definition
    base_year: int  # year that the report compares with


def areas_figure(
    text: FigureText,
    areas: Sequence[Area],
    data: FigureTable,
    *,
    term: tuple[float, float],
    results: Iterable[Result] = (),
) -> Display:
    """Draw several indicators under each other on one axis of years; the rest is as of `line_figure`."""
    inside = len(areas) * _AREA_PX + (len(areas) - 1) * _GAP_PX
    figure = make_subplots(rows=len(areas), cols=1, vertical_spacing=_GAP_PX / inside if len(areas) > 1 else 0.0)
    everything = [line for area in areas for line in area.lines]
    years = year_range(everything)
    for row, area in enumerate(areas, start=1):
        place = {"row": row, "col": 1}
        look = {"decimals": area.decimals, "breaks": area.breaks, "height": _AREA_PX / _USUAL_AREA_PX}
        top = add_lines(figure, area.lines, **look, **place)
        add_term(figure, term, years[1], top * 1.14, **place)
        mark_breaks(figure, area.lines, area.breaks, **place)
        figure.update_xaxes(tickvals=year_ticks(everything, area.base_year), range=years, **place)
        bottom = min([0.0, *(y for line in area.lines for y in line.values if y is not None)])
        wide = ",.0f" if top >= 1000 else None
        figure.update_yaxes(range=[bottom * 1.1, top * 1.16], tickformat=wide, nticks=4, **place)
        name = "y domain" if row == 1 else f"y{row} domain"
        title = f"<b>{wrap_label(dutch.capital(area.title), _LETTERS)}</b>"
        words = {"text": title, "font": {"color": COLOURS["text"], "size": 13}, "showarrow": False, "align": "left"}
        corner = {"xref": "paper", "yref": name, "xanchor": "left", "yanchor": "bottom", "yshift": 6}
        figure.add_annotation(x=0, y=1, **corner, **words)
    figure.update_yaxes(automargin=True)
    height = inside + _TOP_PX + _BOTTOM_PX
    return figure_display(figure, text, data, results=results, height=height, right=110, top=_TOP_PX)


def growth_figure(
    text: FigureText,
    rows: Sequence[tuple[str, Sequence[float | None], float]],
    years: Sequence[int],
    data: FigureTable,
    *,
    results: Iterable[Result] = (),
) -> Display:
    """Draw how far each target had come at the end of each year, in percent of the target.

    `rows` have a label, the values of `years` in the target's own unit (None where there is none), and the target.
    """
    figure = go.Figure()
    labels = [wrap_label(label) for label, _, _ in rows]
    largest = 100.0
    for index, year in enumerate(years):
        role = _YEAR_ROLES[max(index - len(years), -len(_YEAR_ROLES))]
        shares = [None if values[index] is None else 100 * values[index] / target for _, values, target in rows]
        largest = max([largest, *(share for share in shares if share is not None)])
        figure.add_bar(
            y=labels,
            x=shares,
            orientation="h",
            name=str(year),
            text=["" if share is None else f"{year}: {dutch.number(share)}%" for share in shares],
            textposition="outside",
            cliponaxis=False,
            textfont={"size": 12},
            marker={"color": COLOURS[role], "line": {"color": COLOURS["region"], "width": 1}},
            hovertemplate=f"{year}: %{{x:,.0f}}% van het doel<extra></extra>",
        )
    figure.add_vline(
        x=100,
        line={"color": COLOURS["target"], "width": 2, "dash": "dash"},
        annotation={"text": "doel", "font": {"color": COLOURS["target"], "size": 12}, "yanchor": "bottom", "y": 1},
    )
    figure.update_xaxes(range=[0, largest * 1.45], ticksuffix="%", showgrid=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    figure.update_layout(barmode="group", bargap=0.25)
    return figure_display(figure, text, data, results=results, height=80 + len(rows) * (24 + 22 * len(years)), top=34)
