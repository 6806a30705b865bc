"""Draw a figure as SVG from its plotly specification, where there is no browser: for print and pages without script.

What stands in `known.yml` is drawn; anything else is refused, so that no figure is shown with a part missing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import yaml

from evaluation.base.errors import PublishError
from evaluation.base.yaml_entries import LOADER
from evaluation.present.colours import COLOURS
from evaluation.present.drawing.around import (
    axis_room,
    bars_room,
    draw_axis,
    draw_colour_bars,
    draw_grid,
    draw_label,
    draw_legend,
    draw_shape,
    legend_rows,
    row_width,
    ticks_apart,
)
from evaluation.present.drawing.axes import Axis, Spec, ticks_of
from evaluation.present.drawing.bars import add_bars, add_heatmap
from evaluation.present.drawing.marks import Axes, Box
from evaluation.present.drawing.points import add_scatter
from evaluation.present.drawing.scene import Scene, make_axes, open_scene
from evaluation.present.drawing.spread import add_spread, count_histograms
from evaluation.present.drawing.svg import CannotDraw, px, text_height, text_width, write_group

POINTS_PER_PX = 0.62
"""Size of a drawing on paper."""

WIDTH, NARROW = 640.0, 360.0
"""Width of a drawing in px, and of one for a phone, unless its tiles need less."""

_KNOWN: dict[str, Any] = yaml.load(Path(__file__).with_name("known.yml").read_bytes(), LOADER)
_ADD = {"scatter": add_scatter, "bar": add_bars, "heatmap": add_heatmap, "box": add_spread, "violin": add_spread}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as it stands in print."""

    svg: str
    width: float  # in px (96 to an inch), as the height
    height: float


def light_colours(text: str) -> str:
    """Give a specification as the site carries it (``var(--region)``) the light colours, which are those of print."""
    if unknown := sorted(set(re.findall(r"var\(--([\w-]+)\)", text)) - set(COLOURS)):
        raise PublishError(f"there is no colour for {', '.join(unknown)}")
    return re.sub(r"var\(--([\w-]+)\)", lambda match: COLOURS[match.group(1)], text)


def draw(spec: Spec, *, alt: str, font: str, width: float = WIDTH) -> Drawing:
    """Draw a figure of which `spec` holds plotly's data and layout, in plain colours, so many px wide.

    Raises CannotDraw for a trace, attribute or value that is not known here.
    """
    _check(spec)
    scene = open_scene(spec)
    make_axes(scene)
    count_histograms(scene)
    for trace in scene.traces:
        _ADD[trace["type"]](scene, trace)
    _settle(scene)
    area, rows, width, height = _lay_out(scene, width)
    shapes = scene.layout.get("shapes") or ()
    pairs = _pairs(scene)
    parts = [
        *(draw_shape(scene, shape, area) for shape in shapes if shape.get("layer") == "below"),
        *(part for axis, other in pairs for part in draw_grid(scene, axis, other)),
        *(part for axis, other in pairs for part in draw_axis(scene, axis, other)),
        *_draw_marks(scene),
        *(draw_shape(scene, shape, area) for shape in shapes if shape.get("layer") != "below"),
        *(part for item in _labels(scene) for part in draw_label(scene, item, area)),
        *draw_legend(scene, rows, min(area[0].start, max(width - row_width(scene, rows) - 4, 4.0)), 4),
        *draw_colour_bars(scene, area[0].end, area[1].end, area[1].start),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{px(width)}" height="{px(height)}" '
        f'viewBox="0 0 {px(width)} {px(height)}" font-family="{escape(font, quote=True)}" font-size="{px(scene.size)}" '
        f'fill="{scene.layout["font"].get("color") or COLOURS["text"]}">'
    )
    title = [f"<title>{escape(alt)}</title>"] if alt else []  # a picture in a page has its words beside it
    elements = chain.from_iterable(part.split("\n") for part in parts)
    return Drawing("".join([head, *title, write_group(elements), "</svg>\n"]), width, height)


def _draw_marks(scene: Scene) -> Iterator[str]:
    """Draw the marks from the one at the back; the words of boxes that stand together on all of them."""
    for are_boxes, marks in groupby(scene.marks, key=lambda found: isinstance(found[0], Box)):
        elements = chain.from_iterable(mark.svg(axes).split("\n") for mark, axes in marks)
        yield from sorted(elements, key=lambda element: element.startswith("<text")) if are_boxes else elements


# What is known


def _check(spec: Spec) -> None:
    """Refuse what would be left out of the drawing."""
    faults: list[str] = []
    for trace in spec["data"]:
        kind = trace.get("type", "scatter").replace("scattergl", "scatter")
        if kind not in _KNOWN["traces"]:
            faults.append(f"the trace {kind}")
            continue
        faults += _unknown(kind, trace, [*_KNOWN["every_trace"], *_KNOWN["traces"][kind]])
    layout = spec["layout"]
    faults += _unknown("layout", {key: value for key, value in layout.items() if not _axis_key(key)}, _KNOWN["layout"])
    for key in filter(_axis_key, layout):
        faults += _unknown(key, layout[key], _KNOWN["axis"])
    if faults:
        raise CannotDraw(", ".join(dict.fromkeys(faults)))


def _unknown(of: str, part: Mapping[str, Any], known: list[str]) -> Iterator[str]:
    """List what of a part of a specification is not known, and what is wrong with the parts in it that are."""
    for key, value in part.items():
        if key in _KNOWN["without_a_trace"] or value is None or value == {}:
            continue
        if key in _KNOWN["only"] and value in _KNOWN["only"][key]:
            continue
        if key not in known or key in _KNOWN["only"]:
            yield f"{of}.{key}" + (f"={value!r}" if key in _KNOWN["only"] else "")
        elif isinstance(value, Mapping) and key in _KNOWN["parts"]:
            yield from _unknown(f"{of}.{key}", value, _KNOWN["parts"][key])


def _axis_key(key: str) -> bool:
    return re.fullmatch(r"[xy]axis\d*", key) is not None


# Where everything stands


def _settle(scene: Scene) -> None:
    """Decide where the axes begin and end; those that match reach as far as each other."""
    scene_axes = scene.axes
    for shape in scene.layout.get("shapes") or ():
        for key in "xy":
            if (axis := scene_axes.get(str(shape.get(f"{key}ref") or key))) is not None and not axis.spec.get("range"):
                axis.cover(axis.number(shape[name]) for name in (f"{key}0", f"{key}1") if name in shape)
    for axis in scene_axes.values():
        leader = axis.spec.get("matches") or axis.name
        same = [one for one in scene_axes.values() if (one.spec.get("matches") or one.name) == leader]
        if leader != axis.name and leader in scene_axes and "range" not in axis.spec:
            axis.spec = {**axis.spec, **{key: value for key, value in scene_axes[leader].spec.items()
                                         if key in ("range", "autorange", "rangemode")}}  # fmt: skip
        axis.settle([reached for one in same for reached in one.reached])


def _lay_out(scene: Scene, width: float) -> tuple[Axes, list, float, float]:
    """Give the axes their px; return the whole area, the rows of the legend, and the size of the drawing."""
    layout, size = scene.layout, scene.size
    margin = {"l": 48, "r": 24, "t": 16, "b": 36, **(layout.get("margin") or {})}
    height = float(layout.get("height") or 420)
    rows = legend_rows(scene, width - 12)
    above = [item for item in _labels(scene) if item.get("yref") == "paper" and item.get("yanchor") == "bottom"]
    heights = [text_height(str(item["text"]), item["font"].get("size", size)) for item in above if item["y"] >= 0.99]
    beyond = max(heights, default=0)
    needed_top = 20 * len(rows) + beyond + (14 if rows else 8)
    top = max(float(margin["t"]), needed_top)
    height += top - margin["t"]
    area = (Axis("x", {}, "linear", start=margin["l"], end=width - margin["r"]),
            Axis("y", {}, "linear", start=height - margin["b"], end=top))  # fmt: skip
    for _ in range(4):  # what the words beside the axes need depends on how long the axes are
        _place_axes(scene, area)
        _make_room(scene, area, margin, width, height)
    _place_axes(scene, area)
    x, y = scene.axes["x"], scene.axes["y"]
    if any(axis.spec.get("scaleanchor") for axis in (x, y)):
        unit = min(axis.length / abs(axis.high - axis.low) / _ratio(axis) for axis in (x, y))
        below, beside = height - area[1].start, width - area[0].end
        x.end = x.start + unit * _ratio(x) * abs(x.high - x.low)
        y.start = y.end + unit * _ratio(y) * abs(y.high - y.low)
        area[0].end, area[1].start = x.end, y.start
        width, height = x.end + beside, y.start + (below if y.spec.get("visible", True) else 4)
    return area, rows, width, height


def _ratio(axis: Axis) -> float:
    return float(axis.spec.get("scaleratio") or 1) if axis.spec.get("scaleanchor") else 1.0


def _place_axes(scene: Scene, area: Axes) -> None:
    for axis in scene.axes.values():
        whole = area[axis.name[0] == "y"]
        low, high = axis.spec.get("domain") or (0.0, 1.0)
        axis.start, axis.end = (whole.start + part * (whole.end - whole.start) for part in (low, high))


def _make_room(scene: Scene, area: Axes, margin: Mapping[str, float], width: float, height: float) -> None:
    """Make the margins so wide that all words beside the drawing fit."""
    size, needs = scene.size, {"l": 0.0, "r": 0.0, "b": 0.0, "t": 0.0}
    for axis in scene.axes.values():
        upright, opposite = axis.name[0] == "y", axis.spec.get("side") in ("right", "top")
        side = ("r" if opposite else "l") if upright else ("t" if opposite else "b")
        if any(axis in axes for _, axes in scene.marks) and _is_outermost(scene, axis, upright, opposite):
            needs[side] = max(needs[side], axis_room(axis, size))
        if not upright and axis.spec.get("visible", True):
            ends = [axis(at) + text_width(words, size) / 2 for at, words in ticks_of(axis, ticks_apart(axis))]
            needs["r"] = max(needs["r"], 12.0, *(end - axis.edges[1] + 2 for end in ends))
    for mark, (across, _) in scene.marks:
        if isinstance(mark, Box) and mark.words and mark.along == "x" and mark.place != "inside":
            beyond = across(mark.end[0]) + 6 + text_width(mark.words, mark.size) - across.edges[1]
            needs["r"] = max(needs["r"], beyond)
    for item in _labels(scene):
        font = item["font"].get("size", size)
        if item.get("xshift", 0) > 5:
            needs["r"] = max(needs["r"], item["xshift"] + text_width(str(item["text"]), font) + 4)
        if item.get("xref") == "paper" and item.get("textangle") == 90:
            needs["r"] = max(needs["r"], 24.0)
    visible = scene.axes["y"].spec.get("visible", True)
    area[0].start = max(margin["l"], needs["l"]) if visible else 4.0
    area[0].end = width - max(margin["r"], needs["r"]) - bars_room(scene)
    area[1].start = height - max(margin["b"], needs["b"])


def _is_outermost(scene: Scene, axis: Axis, upright: bool, opposite: bool) -> bool:
    low, high = _other(scene, axis).spec.get("domain") or (0.0, 1.0)
    return high > 0.9 if opposite and upright else low < 0.1


def _other(scene: Scene, axis: Axis) -> Axis:
    """Return the axis that this one crosses."""
    anchor = axis.spec.get("anchor")
    if anchor in scene.axes:
        return scene.axes[anchor]
    crossed = next((axes[axis.name[0] == "x"] for _, axes in scene.marks if axis in axes), None)
    return crossed or scene.axes["y" if axis.name[0] == "x" else "x"]


def _pairs(scene: Scene) -> list[tuple[Axis, Axis]]:
    """Return the axes that something stands on (upright ones last), each with the one that it crosses."""
    used = set(chain.from_iterable(axes for _, axes in scene.marks)) or {scene.axes["x"], scene.axes["y"]}
    return [(axis, _other(scene, axis)) for axis in scene.axes.values() if axis in used]


def _labels(scene: Scene) -> list[dict[str, Any]]:
    """Return the labels of the figure, and those of its shapes."""
    labels = [{**item, "font": item.get("font") or {}} for item in scene.layout.get("annotations") or ()]
    return [item for item in labels if item.get("text")]
