"""The figures drawn without a browser: the same language as on the site, and nothing left out in silence."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from evaluation.base.errors import PublishError
from evaluation.present.colours import COLOURS
from evaluation.present.drawing import Drawing, draw, light_colours
from evaluation.present.figures import FigureTable, FigureText, bars_figure, drawn_targets, figure_display
from evaluation.present.line_figures import Line, interval_figure, line_figure
from evaluation.present.tables import Column
from evaluation.present.tilemap import MapTile, tile_figure

SVG = "{http://www.w3.org/2000/svg}"
TEXT = FigureText("proef", "Titel", "Maat", "Wat de figuur laat zien.", "Bron: test.")
TABLE = FigureTable([Column("Jaar")], [["2021"]])
YEARS = tuple(range(2014, 2022))
TERM = (2019.5, 2022.99)


def spec_of(display) -> dict[str, Any]:
    """Read the specification as the site carries it."""
    script = BeautifulSoup(display.bundle["text/html"], "html.parser").find("script")
    return json.loads(light_colours(script.string))


def drawn(display) -> tuple[Drawing, ElementTree.Element]:
    drawing = draw(spec_of(display), alt=TEXT.alt, font="Proef")
    return drawing, ElementTree.fromstring(drawing.svg)


def lines(breaks=()) -> Any:
    parkstad = Line("Parkstad", "parkstad", YEARS, (4, 3.5, 3, None, 2.6, 2.4, 2.2, 2), (False,) * 7 + (True,))
    limburg = Line("Limburg", "benchmark", YEARS, tuple(float(n) for n in range(8)), (False,) * 8)
    return line_figure(TEXT, [parkstad, limburg], TABLE, decimals=1, term=TERM, base_year=2018, breaks=breaks)


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(tag.itertext()) for tag in root.iter(f"{SVG}text")]


def of_colour(root: ElementTree.Element, tag: str, role: str, attribute: str = "stroke") -> list[ElementTree.Element]:
    return [found for found in root.iter(f"{SVG}{tag}") if found.get(attribute) == COLOURS[role]]


def test_a_line_figure_has_its_lines_labels_band_and_gap():
    _, root = drawn(lines())
    parkstad, limburg = of_colour(root, "polyline", "parkstad"), of_colour(root, "polyline", "limburg")
    assert [len(line.get("points").split()) for line in parkstad] == [3, 4], "an unknown year is a gap"
    assert [line.get("stroke-dasharray") for line in limburg] == ["9 9"]
    assert all(line.get("stroke-dasharray") is None for line in parkstad)
    circles = of_colour(root, "circle", "parkstad")
    assert [circle.get("fill") == COLOURS["bg"] for circle in circles] == [False] * 6 + [True], "provisional is hollow"
    assert {"Parkstad", "Limburg", "looptijd van de deal", "2018", "2021"} <= set(words(root))
    assert of_colour(root, "rect", "surface", "fill")
    assert root.find(f"{SVG}title").text == TEXT.alt


def test_a_break_stops_the_line_and_is_marked():
    _, root = drawn(lines(breaks=(2019,)))
    limburg = of_colour(root, "polyline", "limburg")
    assert [len(line.get("points").split()) for line in limburg] == [5, 3]
    assert "breuk" in words(root)
    marks = [line for line in of_colour(root, "line", "muted") if line.get("stroke-dasharray")]
    assert len(marks) == 1


def test_values_stand_where_the_axis_says():
    _, root = drawn(lines())
    heights = {line.get("y1") for line in of_colour(root, "line", "rule") if line.get("y1") == line.get("y2")}
    parkstad = of_colour(root, "circle", "parkstad")
    assert parkstad[0].get("cy") in heights and parkstad[-1].get("cy") in heights, "4 and 2 lie on their grid lines"


def test_an_interval_is_a_band_around_the_expectation():
    expected = [(year, 0.5, None if year < 2019 else 0.1, None if year < 2019 else 0.9) for year in YEARS]
    shown = interval_figure(TEXT, YEARS, [0.5] * 8, expected, TABLE, labels=("verschil", "trend"), term=TERM)
    _, root = drawn(shown)
    band = next(root.iter(f"{SVG}polygon"))
    assert len(band.get("points").split()) == 6 and band.get("opacity") == "0.7"
    assert {"verschil", "trend"} <= set(words(root))


def test_targets_have_a_bar_a_path_a_diamond_and_a_legend():
    _, root = drawn(
        figure_display(
            drawn_targets([("Woningen", 500, 600.0, 1000), ("Proeven", 1, None, 4)]), TEXT, TABLE, legend=True
        )
    )
    bars = [bar for bar in of_colour(root, "rect", "parkstad", "fill") if bar.get("width") != "18"]
    assert float(bars[0].get("width")) == pytest.approx(2 * float(bars[1].get("width")), rel=1e-3)
    paths = [line for line in of_colour(root, "line", "target") if line.get("x1") == line.get("x2")]
    assert len(paths) == 2, "one target has a path; the other mark is in the legend"
    assert len(of_colour(root, "path", "target", "fill")) == 3
    assert {"geleverd", "pad", "doel", "100%"} <= set(words(root))


def test_bars_stand_beside_each_other_with_their_numbers():
    series = [("2018", "outline", (2.0, None)), ("2021", "parkstad", (1.0, 3.0))]
    _, root = drawn(bars_figure(TEXT, ["Heerlen", "Kerkrade"], series, TABLE, decimals=1))
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.get("width") != "18"]
    assert len(bars) == 3, "an unknown figure has no bar"
    assert {"2,0", "1,0", "3,0", "Heerlen", "Kerkrade"} <= set(words(root))
    heerlen = sorted(float(bar.get("y")) for bar in bars)[:2]
    assert heerlen[1] - heerlen[0] == pytest.approx(float(bars[0].get("height")), abs=0.02)


def test_a_tile_map_is_as_wide_as_its_tiles():
    tiles = [
        MapTile("Heerlen", 1, 1, 2.0, "2,0", "", is_own=True),
        MapTile("Kerkrade", 1, 2, 4.0, "4,0", ""),
        MapTile("Vaals", 2, 2, None, "geen cijfer", ""),
    ]
    drawing, root = drawn(tile_figure(TEXT, tiles, TABLE))
    fills = [tile.get("fill") for tile in root.iter(f"{SVG}rect")]
    assert [COLOURS["tile1"], COLOURS["tile5"], COLOURS["surface"]] == fills[:3]
    assert drawing.width < 200
    assert {"Heerlen2,0", "Kerkrade4,0"} <= set(words(root))
    assert [tag.get("stroke-width") for tag in root.iter(f"{SVG}path")] == ["4"]


def test_the_same_figure_is_the_same_file():
    assert drawn(lines())[0] == drawn(lines())[0]


def test_words_of_people_are_escaped():
    _, root = drawn(bars_figure(TEXT, ["A & B < C"], [("x", "parkstad", (1.0,))], TABLE))
    assert "A & B < C" in words(root)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"type": "pie"}, "the trace pie"),
        ({"error_y": {"array": [1]}}, "scatter.error_y"),
        ({"mode": "text"}, "scatter.mode='text'"),
        ({"fill": "tozeroy"}, "scatter.fill='tozeroy'"),
        ({"marker": {"size": 6, "symbol": "star"}}, "marker.symbol='star'"),
    ],
)
def test_what_is_not_known_is_refused_and_never_left_out(change, named):
    spec = spec_of(lines())
    spec["data"][0] |= change
    with pytest.raises(PublishError, match=re.escape(named)):
        draw(spec, alt="", font="Proef")


@pytest.mark.parametrize("change", [{"barmode": "stack"}, {"yaxis2": {}}, {"images": []}])
def test_a_layout_that_is_not_known_is_refused(change):
    spec = spec_of(lines())
    spec["layout"] |= change
    with pytest.raises(PublishError, match=next(iter(change))):
        draw(spec, alt="", font="Proef")


def test_a_colour_without_a_role_is_refused():
    with pytest.raises(PublishError, match="there is no colour for nergens"):
        light_colours('{"color": "var(--nergens)"}')
