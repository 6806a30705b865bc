"""The figures drawn without a browser: the same language as on the site, and nothing left out in silence."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from bs4 import BeautifulSoup

from evaluation.base.errors import PublishError
from evaluation.present.colours import COLOURS, SERIES
from evaluation.present.drawing import CannotDraw, Drawing, draw, light_colours
from evaluation.present.drawing.spread import find_bins
from evaluation.present.drawing.svg import draw_line, text_width, write_group
from evaluation.present.dressed import dress, use_house_colours
from evaluation.present.figures import FigureTable, FigureText, bars_figure, drawn_targets, figure_display
from evaluation.present.line_figures import Line, interval_figure, line_figure
from evaluation.present.packed import pack_spec, unpack_spec
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
    return unpack_spec(json.loads(light_colours(script.string)))


def drawn(display) -> tuple[Drawing, ElementTree.Element]:
    drawing = draw(spec_of(display), alt=TEXT.alt, font="Proef")
    return drawing, read(drawing)


def read(drawing: Drawing) -> ElementTree.Element:
    """Read a drawing; each element with the look that its group has for it, each line of a path by itself."""
    root = ElementTree.fromstring(drawing.svg)
    for parent in list(root.iter()):
        for path in parent.findall(f"{SVG}path"):
            for start, up, way, end, down in re.findall(
                r"M([\d.-]+) ([\d.-]+)([VHL])([\d.-]+)(?: ([\d.-]+))?", path.get("d")
            ):
                ends = {"V": (start, end), "H": (end, up), "L": (end, down)}[way]
                places = {"x1": start, "y1": up, "x2": ends[0], "y2": ends[1]}
                ElementTree.SubElement(parent, f"{SVG}line", {**path.attrib, **places})
    for group in root.iter(f"{SVG}g"):
        for element in group:
            element.attrib |= group.attrib
    for text in root.iter(f"{SVG}text"):
        text.attrib.setdefault("text-anchor", "start")
    return root


def lines(breaks=()) -> Any:
    parkstad = Line("Parkstad", "region", YEARS, (4, 3.5, 3, None, 2.6, 2.4, 2.2, 2), (False,) * 7 + (True,))
    limburg = Line("Limburg", "benchmark", YEARS, tuple(float(n) for n in range(8)), (False,) * 8)
    return line_figure(TEXT, [parkstad, limburg], TABLE, decimals=1, term=TERM, base_year=2018, breaks=breaks)


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(tag.itertext()) for tag in root.iter(f"{SVG}text")]


def of_colour(root: ElementTree.Element, tag: str, role: str, attribute: str = "stroke") -> list[ElementTree.Element]:
    return [found for found in root.iter(f"{SVG}{tag}") if found.get(attribute) == COLOURS[role]]


def test_a_line_figure_has_its_lines_labels_band_and_gap():
    _, root = drawn(lines())
    parkstad, limburg = of_colour(root, "polyline", "region"), of_colour(root, "polyline", "rest")
    assert [len(line.get("points").split()) for line in parkstad] == [3, 4], "an unknown year is a gap"
    assert [line.get("stroke-dasharray") for line in limburg] == ["9 9"]
    assert all(line.get("stroke-dasharray") is None for line in parkstad)
    circles = of_colour(root, "circle", "region")
    assert [circle.get("fill") == COLOURS["bg"] for circle in circles] == [False] * 6 + [True], "provisional is hollow"
    assert {"Parkstad", "Limburg", "looptijd van de deal", "2018", "2021"} <= set(words(root))
    assert of_colour(root, "rect", "surface", "fill")
    assert root.find(f"{SVG}title").text == TEXT.alt


def test_a_break_stops_the_line_and_is_marked():
    _, root = drawn(lines(breaks=(2019,)))
    limburg = of_colour(root, "polyline", "rest")
    assert [len(line.get("points").split()) for line in limburg] == [5, 3]
    assert "breuk" in words(root)
    marks = [line for line in of_colour(root, "line", "muted") if line.get("stroke-dasharray")]
    assert len(marks) == 1


def test_values_stand_where_the_axis_says():
    _, root = drawn(lines())
    heights = {line.get("y1") for line in of_colour(root, "line", "rule") if line.get("y1") == line.get("y2")}
    parkstad = of_colour(root, "circle", "region")
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
    bars = [bar for bar in of_colour(root, "rect", "region", "fill") if bar.get("width") != "18"]
    assert float(bars[0].get("width")) == pytest.approx(2 * float(bars[1].get("width")), rel=1e-3)
    paths = [line for line in of_colour(root, "line", "target") if line.get("x1") == line.get("x2")]
    assert len(paths) == 2, "one target has a path; the other mark is in the legend"
    assert len(of_colour(root, "path", "target", "fill")) == 3
    assert {"geleverd", "pad", "doel", "100%"} <= set(words(root))


def test_bars_stand_beside_each_other_with_their_numbers():
    series = [("2018", "outline", (2.0, None)), ("2021", "region", (1.0, 3.0))]
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
    tiles = sorted(list(root.iter(f"{SVG}rect"))[:3], key=lambda tile: (float(tile.get("y")), float(tile.get("x"))))
    assert [COLOURS["tile1"], COLOURS["tile5"], COLOURS["surface"]] == [tile.get("fill") for tile in tiles]
    assert drawing.width < 200
    assert {"Heerlen2,0", "Kerkrade4,0"} <= set(words(root))
    assert [tag.get("stroke-width") for tag in root.iter(f"{SVG}path")] == ["4"]


def test_the_same_figure_is_the_same_file():
    assert drawn(lines())[0] == drawn(lines())[0]


def test_a_look_that_is_repeated_stands_once_and_the_order_stays():
    boxes = ['<rect x="1" fill="#111" opacity="0.5"/>', '<rect x="2" fill="#111"/>', '<text fill="#222">a</text>']
    lines = ['<line x1="1" stroke="#333" stroke-width="1"/>', '<path d="M1" stroke="#333"/>', "<title>b</title>"]
    assert write_group([*boxes, *lines]) == (
        '<g fill="#111"><rect x="1" opacity="0.5"/><rect x="2"/></g><text fill="#222">a</text>'
        '<g stroke="#333"><line x1="1"/><path d="M1"/></g><title>b</title>'
    )
    ends = ((1, 1, 1, 9), (1, 5, 9, 5), (1, 1, 2, 9))
    assert write_group(draw_line(end[:2], end[2:], "#333", 2) for end in ends) == (
        '<path stroke="#333" stroke-width="2" d="M1 1V9M1 5H9M1 1L2 9"/>'
    )


def test_a_picture_in_a_page_is_its_drawing_without_what_an_attribute_cannot_hold():
    shown = bars_figure(TEXT, ["50% # <A> & 'é'"], [("x", "region", (1.0,))], TABLE)
    address = BeautifulSoup(shown.bundle["text/html"], "html.parser").select_one("img.figuur-beeld")["src"]
    assert address.startswith("data:image/svg+xml,%3Csvg ") and not set('<>#"&') & set(address)
    written = f'src="{address}"'
    assert written in shown.bundle["text/html"], "no reader of HTML sees anything else"
    picture = ElementTree.fromstring(unquote(address.partition(",")[2]))
    assert "50% # <A> & 'é'" in words(picture)
    assert words(picture) == words(drawn(shown)[1])


def test_what_the_parts_of_a_figure_have_alike_stands_once_in_its_page():
    both = px.line(FRAME, x="jaar", y=[1, 2, 3, 4, 5, 6], facet_col="naam")
    spec = json.loads(dress(both)[0].to_json())
    packed = pack_spec(spec)
    assert unpack_spec(packed) == spec and unpack_spec(spec) == spec
    assert len(json.dumps(packed)) < 0.8 * len(json.dumps(spec))
    assert packed["alike"]["data"]["mode"] == "lines" and "mode" not in packed["data"][0]
    alone = json.loads(go.Figure(go.Bar(y=[1])).to_json())
    assert pack_spec(alone) == alone


def test_words_of_people_are_escaped():
    _, root = drawn(bars_figure(TEXT, ["A & B < C"], [("x", "region", (1.0,))], TABLE))
    assert "A & B < C" in words(root)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"type": "pie"}, "the trace pie"),
        ({"cluster": {"enabled": True}}, "scatter.cluster"),
        ({"fill": "somewhere"}, "scatter.fill='somewhere'"),
        ({"marker": {"size": 6, "symbol": "hourglass"}}, "marker.symbol='hourglass'"),
        ({"marker": {"pattern": {"shape": "/"}}}, "scatter.marker.pattern={'shape': '/'}"),
        ({"error_y": {"traceref": 1, "array": [1]}}, "scatter.error_y.traceref"),
    ],
)
def test_what_is_not_known_is_refused_and_never_left_out(change, named):
    spec = spec_of(lines())
    spec["data"][0] |= change
    with pytest.raises(CannotDraw, match=re.escape(named)):
        draw(spec, alt="", font="Proef")


@pytest.mark.parametrize("change", [{"barmode": "mixed"}, {"polar": {"hole": 1}}, {"images": [{"source": "a.png"}]}])
def test_a_layout_that_is_not_known_is_refused(change):
    spec = spec_of(bars_figure(TEXT, ["A"], [("x", "region", (1.0,))], TABLE))
    spec["layout"] |= change
    with pytest.raises(CannotDraw, match=next(iter(change))):
        draw(spec, alt="", font="Proef")


# Figures of evaluators, made with plotly express


@pytest.fixture(autouse=True)
def house_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take our colours, as a notebook does that opens a year."""
    monkeypatch.setattr(pio.templates, "default", pio.templates.default)
    use_house_colours()


NAMES = ["Heerlen", "Kerkrade", "Landgraaf", "Heerlen", "Kerkrade", "Landgraaf"]
FRAME = pd.DataFrame({"naam": NAMES, "jaar": [2020] * 3 + [2021] * 3, "n": [4.0, 2.0, 1.0, 6.0, 3.0, 2.0]})
DAYS = pd.DataFrame({"dag": pd.date_range("2020-01-01", periods=24, freq="MS"), "n": range(24)})


def of(figure) -> ElementTree.Element:
    """Draw a figure as `show` dresses it."""
    dressed, sizes = dress(figure)
    return drawn(figure_display(dressed, TEXT, TABLE, **sizes))[1]


def shapes(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    """Return the marks of a kind: without what the legend and a colour bar draw."""
    return [item for item in root.iter(f"{SVG}{tag}") if item.get("width") not in ("18", "14")]


def test_a_scatter_has_its_dots_trend_sizes_and_colours():
    root = of(px.scatter(FRAME, x="n", y="jaar", size="n", color="naam", trendline="ols"))
    dots = shapes(root, "circle")
    radii = sorted(float(dot.get("r")) for dot in dots if dot.get("opacity"))
    assert len(radii) == 6 and radii[-1] / radii[0] == pytest.approx(6**0.5, rel=0.01), "the area follows the number"
    assert len(shapes(root, "polyline")) == 3 and {"Heerlen", "naam"} <= set(words(root))
    assert {dot.get("fill") for dot in dots} == {COLOURS[role] for role in SERIES[:3]}


def test_a_colour_scale_has_its_bar_and_its_numbers():
    root = of(px.scatter(FRAME, x="n", y="jaar", color="n"))
    assert shapes(root, "circle")[3].get("fill") == COLOURS["region"], "the highest"
    assert len([bar for bar in root.iter(f"{SVG}rect") if bar.get("width") == "14"]) == 40
    assert {"n", "2", "6"} <= set(words(root))


@pytest.mark.parametrize(("mode", "apart"), [("group", True), ("stack", False), ("relative", False)])
def test_bars_stand_beside_or_on_each_other(mode, apart):
    root = of(px.bar(FRAME, x="naam", y="n", color=FRAME["jaar"].astype(str), barmode=mode))
    bars = shapes(root, "rect")
    assert len(bars) == 6
    heerlen, later = bars[0], bars[3]
    assert (heerlen.get("x") != later.get("x")) == apart
    if not apart:
        assert float(later.get("y")) + float(later.get("height")) == pytest.approx(float(heerlen.get("y")), abs=0.02)
    assert float(later.get("height")) / float(heerlen.get("height")) == pytest.approx(1.5, rel=0.01)


def test_lying_bars_have_their_numbers_in_dutch_and_their_order():
    figure = px.bar(FRAME.tail(3), x="n", y="naam", orientation="h", text_auto=".1f")
    root = of(figure.update_yaxes(categoryorder="total ascending"))
    names = [text for text in words(root) if text in NAMES]
    assert names == ["Landgraaf", "Kerkrade", "Heerlen"] and {"6,0", "2,0"} <= set(words(root))


def test_areas_stand_on_each_other():
    root = of(px.area(FRAME, x="jaar", y="n", color="naam"))
    areas = [polygon for polygon in shapes(root, "polygon")]
    tops = [[point.split(",") for point in area.get("points").split()[:2]] for area in areas]
    assert len(areas) == 3 and all(low[0][1] > high[0][1] for low, high in itertools.pairwise(tops))


def test_a_box_has_its_quartiles_and_shows_what_lies_beyond():
    root = of(px.box(pd.DataFrame({"n": [1, 2, 3, 4, 5, 6, 7, 8, 9, 40]}), y="n"))
    box = shapes(root, "rect")[0]
    low, high = np.quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 40], [0.25, 0.75], method="hazen")
    (dot,) = shapes(root, "circle")
    whisker = float(shapes(root, "polyline")[3].get("points").split()[0].split(",")[1])  # at 9
    per_unit = (whisker - float(dot.get("cy"))) / (40 - 9)
    assert float(box.get("height")) == pytest.approx((high - low) * per_unit, abs=0.1)


def test_a_violin_is_widest_where_most_values_lie():
    root = of(px.violin(pd.DataFrame({"n": [1, 5, 5, 5, 5, 9]}), y="n", box=True))
    points = [tuple(map(float, point.split(","))) for point in shapes(root, "polygon")[0].get("points").split()]
    right = points[: len(points) // 2]
    widest = max(right)[1]
    assert widest == pytest.approx((right[0][1] + right[-1][1]) / 2, abs=3), "in the middle"


@pytest.mark.parametrize(
    ("values", "bins"),
    [
        ([1, 2, 2, 3, 3, 3, 4, 4, 5], (0.5, 1.0, 5)),  # whole numbers stand in the middle of theirs
        ([0.1, 0.4, 0.45, 0.9, 1.3, 2.2], (0.0, 1.0, 3)),
        ([2016] * 5 + [2017] * 5, (2015.5, 1.0, 2)),
    ],
)
def test_a_histogram_has_the_bins_of_plotly(values, bins):
    assert find_bins(values, None, None) == pytest.approx(bins)


def test_a_histogram_counts():
    root = of(px.histogram(pd.DataFrame({"n": [1, 2, 2, 3, 3, 3]}), x="n"))
    heights = [float(bar.get("height")) for bar in shapes(root, "rect")]
    assert heights == pytest.approx([heights[0], heights[0] * 2, heights[0] * 3], rel=0.01)


def test_a_heatmap_has_a_cell_for_each_number_with_words_that_can_be_read():
    root = of(px.imshow(FRAME.pivot(index="naam", columns="jaar", values="n"), text_auto=".1f"))
    cells = shapes(root, "rect")
    assert len(cells) == 6 and {"4,0", "6,0", "2020", "2021", "Heerlen"} <= set(words(root))
    text = next(tag for tag in root.iter(f"{SVG}text") if "".join(tag.itertext()) == "6,0")
    assert text.get("fill") == "#FFFFFF", "on the darkest"


def test_facets_have_their_own_areas_and_labels_and_the_same_range():
    root = of(px.line(FRAME, x="jaar", y="n", facet_col="naam", facet_row=FRAME["n"].gt(2).astype(str)))
    assert {"naam=Heerlen", "naam=Kerkrade"} <= set(words(root))
    turned = [tag for tag in root.iter(f"{SVG}text") if tag.get("transform", "").startswith("rotate(90")]
    assert len(turned) == 2, "the labels of the rows"
    one, other = (line.get("points").split()[0].split(",")[1] for line in shapes(of(
        px.line(FRAME, x="jaar", y=[2] * 6, facet_col="naam")), "polyline")[:2])  # fmt: skip
    assert one == other


def test_errors_marks_and_labels_stand_where_they_belong():
    figure = go.Figure(go.Scatter(x=[1, 2], y=[2.0, 4.0], error_y={"array": [1.0, 0.5], "arrayminus": [0.5, 0.5]}))
    figure.add_hline(y=2, line_color=COLOURS["target"]).add_vrect(x0=1, x1=1.5, fillcolor=COLOURS["surface"])
    figure.add_annotation(x=2, y=4, text="hoogste", ax=-40, ay=-20)
    root = of(figure)
    dots = [float(dot.get("cy")) for dot in shapes(root, "circle")]
    per_unit = (dots[0] - dots[1]) / 2
    bars = [line for line in of_colour(root, "line", "region") if line.get("x1") == line.get("x2")]
    assert [float(bar.get("y1")) - float(bar.get("y2")) for bar in bars] == pytest.approx(
        [1.5 * per_unit, per_unit], abs=0.1
    )
    (mark,) = of_colour(root, "line", "target")
    assert float(mark.get("y1")) == pytest.approx(dots[0])
    assert "hoogste" in words(root) and len(shapes(root, "polygon")) == 1, "the head of the arrow"


def test_a_log_axis_has_powers_and_a_date_axis_months_in_dutch():
    assert {"1", "2", "5"} <= set(words(of(px.scatter(FRAME, x="n", y="jaar", log_x=True))))
    assert {"jan 2020", "jan 2021"} <= set(words(of(px.line(DAYS, x="dag", y="n"))))


def test_a_second_axis_stands_at_the_right():
    figure = go.Figure(
        [go.Bar(x=[1, 2], y=[10, 20], name="aantal"), go.Scatter(x=[1, 2], y=[0.1, 0.2], yaxis="y2", name="deel")]
    )
    figure.update_layout(yaxis2={"overlaying": "y", "side": "right", "tickformat": ".0%"})
    root = of(figure)
    text = next(tag for tag in root.iter(f"{SVG}text") if "".join(tag.itertext()) == "20%")
    assert text.get("text-anchor") == "start" and {"aantal", "deel"} <= set(words(root))


def test_long_names_and_a_long_legend_stay_inside_the_drawing():
    long = pd.DataFrame({"naam": [f"Gemeente met een lange naam {n}" for n in range(9)], "n": range(9)})
    for figure in (
        px.bar(long, x="n", y="naam"),
        px.bar(long, x="naam", y="n"),
        px.line(long, x="n", y="n", color="naam"),
    ):
        dressed, sizes = dress(figure)
        drawing, root = drawn(figure_display(dressed, TEXT, TABLE, **sizes))
        for tag in root.iter(f"{SVG}text"):
            at, wide = (
                float(tag.get("x") or tag[0].get("x")),
                text_width("".join(tag.itertext()), float(tag.get("font-size"))),
            )
            start = {"start": at, "middle": at - wide / 2, "end": at - wide}[tag.get("text-anchor")]
            if not tag.get("transform"):
                assert start >= -1 and start + wide <= drawing.width + 1, "".join(tag.itertext())


def test_a_colour_without_a_role_is_refused():
    with pytest.raises(PublishError, match="there is no colour for nergens"):
        light_colours('{"color": "var(--nergens)"}')
