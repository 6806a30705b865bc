"""Tile-grid maps: one square per municipality, in its place, with its name and figure.

The figure stands in the tile in words; the shade only repeats it.  Every text has a contrast of at least 4.5:1 on every
shade, light and dark (`COLOURS` and the style sheet; a test computes it).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from evaluation.present.colours import COLOURS, SHADES
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, figure_display, plotly_text
from evaluation.present.results import Result

LETTERS = 10  # on a line of a tile
_TILE_PX = 68
_SMALL_PX = 38  # of a tile in a map among others
HEAD = 2  # rows of tiles that the words above a map among others take


@dataclass(frozen=True, slots=True)
class MapTile:
    """One square of the map."""

    name: str  # in full; the tile has room for a part of it
    row: int  # from 1, from the north
    column: int  # from 1, from the west
    value: float | None  # decides the shade; None is drawn empty with a dashed edge
    words: str  # what stands in the tile: the figure as a reader expects it, or why there is none
    more: str  # what the label under the pointer says after the name
    is_own: bool = False  # inside the heavy outline
    change: str = ""  # stands under the figure; empty: nothing


def tile_figure(
    text: FigureText, tiles: Sequence[MapTile], data: FigureTable, *, results: Iterable[Result] = ()
) -> Display:
    """Draw a tile-grid map, in shades of one hue with equal steps from the lowest to the highest figure."""
    figure = drawn_tiles(tiles)
    return figure_display(figure, text, data, results=results, height=figure.layout.height, right=4, left=4)


def maps_figure(
    text: FigureText,
    maps: Sequence[tuple[Sequence[str], Sequence[MapTile]]],
    data: FigureTable,
    *,
    results: Iterable[Result] = (),
    across: int = 3,
) -> Display:
    """Draw tile-grid maps beside each other, each in shades of its own, with lines of words above it."""
    figure = drawn_maps(maps, across=across)
    return figure_display(figure, text, data, results=results, height=figure.layout.height, right=4, left=4)


def drawn_tiles(tiles: Sequence[MapTile], *, is_shaded: bool = True) -> go.Figure:
    """Draw the squares of `tile_figure`, with a height that fits them; without shades all have one neutral fill."""
    shade = _shades([tile.value for tile in tiles])
    figure = _draw([(tile, shade[tile.value if is_shaded else None]) for tile in tiles], names=True)
    for tile in () if is_shaded else tiles:
        if tile.value is not None:
            figure.add_shape(type="rect", line={"color": COLOURS["muted"], "width": 1}, **_edge(tile))
    return figure.update_layout(height=max(tile.row for tile in tiles) * _TILE_PX + 52, margin={"l": 4, "r": 4})


def drawn_maps(maps: Sequence[tuple[Sequence[str], Sequence[MapTile]]], *, across: int = 3) -> go.Figure:
    """Draw the squares of `maps_figure` as one grid; the name of a tile stands under the pointer and in the table."""
    rows, columns = (max(getattr(tile, side) for _, tiles in maps for tile in tiles) for side in ("row", "column"))
    drawn, heads = [], []
    for place, (words, tiles) in enumerate(maps):
        down, right = (place // across) * (rows + HEAD) + HEAD, (place % across) * (columns + 1)
        shade = _shades([tile.value for tile in tiles])
        moved = (replace(tile, row=tile.row + down, column=tile.column + right) for tile in tiles)
        drawn += [(tile, shade[tile.value]) for tile in moved]
        heads.append((right + 0.54, down + 0.4, "<br>".join(map(plotly_text, words))))
    figure = _draw(drawn, names=False)
    for x, y, words in heads:
        font = {"size": 11, "color": COLOURS["text"]}
        figure.add_annotation(
            x=x, y=y, text=words, font=font, showarrow=False, xanchor="left", yanchor="bottom", align="left"
        )
    figure.update_yaxes(range=[max(tile.row for tile, _ in drawn) + 0.56, 0.44])
    height = max(tile.row for tile, _ in drawn) * _SMALL_PX + 52
    return figure.update_layout(height=height, margin={"l": 4, "r": 4})


def _draw(tiles: Sequence[tuple[MapTile, float]], *, names: bool) -> go.Figure:
    """Draw squares in their shades, with their names above their figures where there is room."""
    rows, columns = max(tile.row for tile, _ in tiles), max(tile.column for tile, _ in tiles)
    nothing = {"z": None, "text": "", "more": ""}
    cells: dict[str, list[list]] = {name: [[cell] * columns for _ in range(rows)] for name, cell in nothing.items()}
    for tile, shade in tiles:
        words = f"<b>{plotly_text(tile.words)}</b>" if names else plotly_text(tile.words)
        if tile.value is None:
            words = "<br>".join(map(plotly_text, _lines(tile.words))) if names else "–"
        elif names and tile.change:
            words += f"<br>{plotly_text(tile.change)}"
        for name, cell in (
            ("z", shade),
            ("text", "<br>".join([*map(plotly_text, short_name(tile.name) if names else ()), words])),
            ("more", f"<b>{plotly_text(tile.name)}</b><br>{plotly_text(tile.more)}"),
        ):
            cells[name][tile.row - 1][tile.column - 1] = cell
    colours = [COLOURS["surface"], *(COLOURS[role] for role in SHADES)]
    figure = go.Figure()
    figure.add_heatmap(
        x=list(range(1, columns + 1)),
        y=list(range(1, rows + 1)),
        z=cells["z"],
        text=cells["text"],
        customdata=cells["more"],
        texttemplate="%{text}",
        textfont={"color": COLOURS["text"], "size": 10.5 if names else 9},
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=3 if names else 1.5,
        ygap=3 if names else 1.5,
        zmin=0,
        zmax=len(colours),
        colorscale=[[edge / len(colours), colour] for step, colour in enumerate(colours) for edge in (step, step + 1)],
        showscale=False,
        meta={"columns": columns},
    )
    for tile in (tile for tile, _ in tiles if tile.value is None):
        figure.add_shape(type="rect", line={"color": COLOURS["muted"], "width": 1, "dash": "dash"}, **_edge(tile))
    for path in outline({(tile.row, tile.column) for tile, _ in tiles if tile.is_own}):
        figure.add_shape(type="path", path=path, line={"color": COLOURS["text"], "width": 4 if names else 2.5})
    along = {"visible": False, "constrain": "domain"}
    figure.update_xaxes(range=[0.44, columns + 0.56], constraintoward="left", **along)
    figure.update_yaxes(range=[rows + 0.56, 0.44], constraintoward="top", scaleanchor="x", **along)
    return figure


def _edge(tile: MapTile) -> dict[str, float]:
    return {"x0": tile.column - 0.46, "x1": tile.column + 0.46, "y0": tile.row - 0.46, "y1": tile.row + 0.46}


def short_name(name: str, letters: int = LETTERS) -> tuple[str, ...]:
    """Write a name on at most two lines of a tile; what does not fit is left out or cut with a full stop.

    >>> short_name("Heerlen"), short_name("Sittard-Geleen"), short_name("Bergen (L.)")
    (('Heerlen',), ('Sittard-', 'Geleen'), ('Bergen',))
    >>> short_name("Horst aan de Maas"), short_name("Valkenburg aan de Geul"), short_name("'s-Hertogenbosch")
    (('Horst aan', 'de Maas'), ('Valkenburg',), ("'s-", 'Hertogenb.'))
    """
    lines = _lines(re.sub(r" \(.*\)$", "", name), letters)
    kept = lines if len(lines) <= 2 else [lines[0].rstrip(",-")]
    return tuple(line if len(line) <= letters else f"{line[: letters - 1]}." for line in kept)


def outline(places: set[tuple[int, int]]) -> list[str]:
    """Return the outer and inner edges of squares that lie side by side, as closed paths of x (column) and y (row).

    >>> outline({(1, 1), (1, 2)})
    ['M0.5,0.5L1.5,0.5L2.5,0.5L2.5,1.5L1.5,1.5L0.5,1.5Z']
    """
    following: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for row, column in sorted(places):
        west, east, north, south = column - 0.5, column + 0.5, row - 0.5, row + 0.5
        for start, end, beside in (
            ((west, north), (east, north), (row - 1, column)),
            ((east, north), (east, south), (row, column + 1)),
            ((east, south), (west, south), (row + 1, column)),
            ((west, south), (west, north), (row, column - 1)),
        ):
            if beside not in places:
                following.setdefault(start, []).append(end)
    paths = []
    while following:
        start = min(following, key=lambda point: (point[1], point[0]))
        path, point = [], start
        while point in following:
            path.append(point)
            ends = following[point]
            point = ends.pop()
            if not ends:
                del following[path[-1]]
        paths.append("M" + "L".join(f"{x:g},{y:g}" for x, y in path) + "Z")
    return paths


def _shades(values: Sequence[float | None]) -> dict[float | None, float]:
    """Give each value the middle of its step on the colour scale; None has the first step, without a shade."""
    known = sorted({value for value in values if value is not None})
    low, span = (known[0], known[-1] - known[0]) if known else (0.0, 0.0)
    steps = {
        value: len(SHADES) // 2 if not span else min(int((value - low) / span * len(SHADES)), len(SHADES) - 1)
        for value in known
    }
    return {None: 0.5, **{value: step + 1.5 for value, step in steps.items()}}


def _lines(text: str, letters: int = LETTERS) -> list[str]:
    """Break a text after spaces and hyphens into lines of at most so many letters, where its words allow that."""
    lines: list[str] = []
    for word in re.findall(r"[^\s-]+-?|-", text):
        glue = "" if lines and lines[-1].endswith("-") else " "
        if lines and len(lines[-1]) + len(glue) + len(word) <= letters:
            lines[-1] += glue + word
        else:
            lines.append(word)
    return lines
