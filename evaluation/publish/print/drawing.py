"""Draw a figure as SVG from its plotly specification, where there is no browser: for PDF and Word.

Only what the figures of `evaluation.present` consist of is known here: lines, horizontal bars and tile maps, with their
bands, marks, direct labels and legend.  Anything else is refused, so that no figure is printed with a part missing.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import yaml

from evaluation.base.errors import PublishError
from evaluation.base.yaml_entries import LOADER
from evaluation.present.colours import COLOURS
from evaluation.publish.print.axes import TICK_SIZE, Axis, Spec, make_axes, tick_words, ticks_of
from evaluation.publish.print.svg import dashes, draw_line, draw_text, px, text_width

POINTS_PER_PX = 0.62
"""Size of a drawing on paper."""

_KNOWN: dict[str, Any] = yaml.load(Path(__file__).with_name("drawing.yml").read_bytes(), LOADER)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as it stands in print."""

    svg: str
    width: float  # in px (96 to an inch), as the height
    height: float


def light_colours(text: str) -> str:
    """Give a specification as the site carries it (``var(--parkstad)``) the light colours, which are those of print."""
    if unknown := sorted(set(re.findall(r"var\(--([\w-]+)\)", text)) - set(COLOURS)):
        raise PublishError(f"there is no colour for {', '.join(unknown)}")
    return re.sub(r"var\(--([\w-]+)\)", lambda match: COLOURS[match.group(1)], text)


def draw(spec: Spec, *, alt: str, font: str) -> Drawing:
    """Draw a figure of which `spec` holds plotly's data and layout, in plain colours.

    Raises PublishError for a trace, attribute or value that is not known here.
    """
    _check(spec)
    data, layout = spec["data"], spec["layout"]
    size = layout["font"]["size"]
    x, y, width, height = make_axes(data, layout, size)
    axes = (x, y)
    shapes = list(layout.get("shapes", ()))
    parts = [
        *(_shape(shape, axes) for shape in shapes if shape.get("layer") == "below"),
        *_grid(layout, axes, size),
        *(part for trace in data for part in _trace(trace, data, layout, axes)),
        *(_shape(shape, axes) for shape in shapes if shape.get("layer") != "below"),
        *(_annotation(item, axes, size) for item in layout.get("annotations", ())),
        *(_legend(data, axes, size) if layout.get("showlegend") else ()),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{px(width)}" height="{px(height)}" '
        f'viewBox="0 0 {px(width)} {px(height)}" font-family="{escape(font, quote=True)}" font-size="{px(size)}" '
        f'fill="{layout["font"]["color"]}">'
    )
    return Drawing("\n".join([head, f"<title>{escape(alt)}</title>", *parts, "</svg>\n"]), width, height)


def _check(spec: Spec) -> None:
    """Refuse what would be left out of the drawing."""
    faults = []
    for trace in spec["data"]:
        kind = trace.get("type", "scatter")
        if kind not in _KNOWN["traces"]:
            faults.append(f"the trace {kind}")
            continue
        known, fixed = (_KNOWN["traces"][kind], _KNOWN["pointer_only"]), _KNOWN["fixed"][kind]
        faults += [f"{kind}.{key}" for key in sorted(set(trace).difference(*known, ["type"]))]
        faults += [f"{kind}.{key}={trace[key]!r}" for key, only in fixed.items() if trace.get(key, only) != only]
        marker = trace.get("marker", {})
        if kind == "bar" and trace.get("orientation") != "h":
            faults.append("bar without orientation h")
        if kind == "scatter" and trace.get("mode") not in _KNOWN["modes"]:
            faults.append(f"scatter.mode={trace.get('mode')!r}")
        if marker.get("symbol", "circle") not in _KNOWN["symbols"]:
            faults.append(f"marker.symbol={marker['symbol']!r}")
    faults += [f"layout.{key}" for key in sorted(set(spec["layout"]).difference(_KNOWN["layout"]))]
    if spec["layout"].get("barmode", "group") != "group":
        faults.append(f"layout.barmode={spec['layout']['barmode']!r}")
    if faults:
        raise PublishError(f"it cannot be drawn for print: {', '.join(dict.fromkeys(faults))} is not known")


# What is drawn


def _grid(layout: Spec, axes: tuple[Axis, Axis], size: float) -> Iterable[str]:
    x, y = axes
    (left, right), (top, bottom) = x.edges, y.edges
    across, up = layout["xaxis"], layout["yaxis"]
    if across.get("visible", True):
        ticks = ticks_of(across, right - left, 80)
        for tick in ticks:
            if across.get("showgrid", True):
                yield draw_line((x(tick), top), (x(tick), bottom), across["gridcolor"], 1)
        yield draw_line((left, bottom), (right, bottom), across["linecolor"], 1)
        for tick, words in zip(ticks, tick_words(ticks, across), strict=True):
            yield draw_line((x(tick), bottom), (x(tick), bottom + TICK_SIZE), across["tickcolor"], 1)
            yield draw_text((x(tick), bottom + TICK_SIZE + size * 0.65), words, size, anchor="middle")
    if not up.get("visible", True):
        return
    ticks = list(y.categories) if y.categories else ticks_of(up, bottom - top, 45)
    for tick, words in zip(ticks, ticks if y.categories else tick_words(ticks, up), strict=True):
        if up.get("showgrid", True) and not y.categories:
            yield draw_line((left, y(tick)), (right, y(tick)), up["gridcolor"], 1)
        yield draw_text((left - 8, y(tick)), words, size, anchor="end")


def _trace(trace: Spec, data: Sequence[Spec], layout: Spec, axes: tuple[Axis, Axis]) -> Iterable[str]:
    kind = trace.get("type", "scatter")
    if kind == "bar":
        return _bars(trace, data, layout, axes)
    return _tiles(trace, axes) if kind == "heatmap" else _scatter(trace, axes)


def _scatter(trace: Spec, axes: tuple[Axis, Axis]) -> Iterable[str]:
    x, y = axes
    line = trace.get("line", {})
    runs: list[list[tuple[float, float]]] = [[]]
    for across, up in zip(trace["x"], trace["y"], strict=True):
        if _is_number(up) or isinstance(up, str):
            runs[-1].append((x(across), y(up)))
        else:
            runs.append([])
    if trace.get("fill"):
        points = " ".join(f"{px(a)},{px(b)}" for run in runs for a, b in run)
        yield f'<polygon points="{points}" fill="{trace["fillcolor"]}" fill-opacity="{px(trace.get("opacity", 1))}"/>'
    if "lines" in trace["mode"] and line.get("width", 2) > 0:
        for run in runs:
            points = " ".join(f"{px(a)},{px(b)}" for a, b in run)
            if len(run) > 1:
                yield (
                    f'<polyline points="{points}" fill="none" stroke="{line["color"]}" stroke-linejoin="round" '
                    f'stroke-width="{px(line.get("width", 2))}"{dashes(line)}/>'
                )
    if "markers" in trace["mode"]:
        points = [(index, x(a), y(b)) for index, (a, b) in enumerate(zip(trace["x"], trace["y"], strict=True))
                  if _is_number(b) or isinstance(b, str)]  # fmt: skip
        for index, across, up in points:
            yield _marker(trace["marker"], index, across, up, line.get("color", ""))


def _marker(marker: Spec, index: int, across: float, up: float, otherwise: str) -> str:
    colour = marker.get("color", otherwise)
    colour = colour if isinstance(colour, str) else colour[index]
    edge, half = marker.get("line", {}), marker["size"] / 2
    stroke = f' stroke="{edge["color"]}" stroke-width="{px(edge.get("width", 1))}"' if edge.get("width") else ""
    symbol = marker.get("symbol", "circle")
    if symbol == "line-ns":
        return draw_line((across, up - half * 1.4), (across, up + half * 1.4), edge["color"], edge["width"])
    if symbol == "diamond":
        half *= 1.3
        path = f"M{px(across)},{px(up - half)}L{px(across + half)},{px(up)}L{px(across)},{px(up + half)}"
        return f'<path d="{path}L{px(across - half)},{px(up)}Z" fill="{colour}"{stroke}/>'
    return f'<circle cx="{px(across)}" cy="{px(up)}" r="{px(half)}" fill="{colour}"{stroke}/>'


def _bars(trace: Spec, data: Sequence[Spec], layout: Spec, axes: tuple[Axis, Axis]) -> Iterable[str]:
    x, y = axes
    group = [other for other in data if other.get("type") == "bar"]
    whole = 1 - layout.get("bargap", 0.2)
    share = trace.get("width", whole / len(group))
    offset = -share / 2 if "width" in trace else -whole / 2 + whole / len(group) * group.index(trace)
    edge = trace["marker"].get("line", {})
    stroke = f' stroke="{edge["color"]}" stroke-width="{px(edge["width"])}"' if edge.get("width") else ""
    size = trace.get("textfont", {}).get("size", layout["font"]["size"])
    for index, (value, name) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if not _is_number(value):
            continue
        place = y.categories.index(name) + offset
        (left, right), (top, bottom) = sorted((x(0), x(value))), sorted((y(place), y(place + share)))
        yield _rectangle(left, right, top, bottom, trace["marker"]["color"], stroke)
        if trace.get("text") and trace["text"][index]:
            beside = (right + 4, "start") if value >= 0 else (left - 4, "end")
            yield draw_text((beside[0], (top + bottom) / 2), trace["text"][index], size, anchor=beside[1])


def _tiles(trace: Spec, axes: tuple[Axis, Axis]) -> Iterable[str]:
    x, y = axes
    font = trace["textfont"]
    for row, values, texts in zip(trace["y"], trace["z"], trace["text"], strict=True):
        for column, value, words in zip(trace["x"], values, texts, strict=True):
            if value is None:
                continue
            left, right = sorted((x(column - 0.5), x(column + 0.5)))
            top, bottom = sorted((y(row - 0.5), y(row + 0.5)))
            beside, above = trace["xgap"] / 2, trace["ygap"] / 2
            yield _rectangle(left + beside, right - beside, top + above, bottom - above, _shade(trace, value))
            yield draw_text(((left + right) / 2, (top + bottom) / 2), words, font["size"], font["color"], "middle")


def _shade(trace: Spec, value: float) -> str:
    """Return the colour of a value on a scale of steps."""
    place = (value - trace["zmin"]) / (trace["zmax"] - trace["zmin"])
    scale = trace["colorscale"]
    for (low, colour), (high, same) in zip(scale[::2], scale[1::2], strict=True):
        if colour != same:
            raise PublishError("it cannot be drawn for print: a colour scale without steps is not known")
        if low <= place <= high:
            return colour
    raise PublishError(f"it cannot be drawn for print: {value} lies outside its colour scale")


def _shape(shape: Spec, axes: tuple[Axis, Axis]) -> str:
    line = shape.get("line", {})
    stroke = f'stroke="{line["color"]}" stroke-width="{px(line.get("width", 2))}"' if line.get("width", 2) else ""
    if shape["type"] == "path":
        points = re.sub(
            r"([-\d.]+),([-\d.]+)", lambda m: f"{px(axes[0](float(m[1])))},{px(axes[1](float(m[2])))}", shape["path"]
        )
        return f'<path d="{points}" fill="{shape.get("fillcolor", "none")}" {stroke}/>'
    start = [_place(shape, axis, key, f"{key}0") for axis, key in zip(axes, "xy", strict=True)]
    end = [_place(shape, axis, key, f"{key}1") for axis, key in zip(axes, "xy", strict=True)]
    if shape["type"] == "line":
        return draw_line(start, end, line["color"], line.get("width", 2), dashes(line))
    if shape["type"] != "rect":
        raise PublishError(f"it cannot be drawn for print: the shape {shape['type']} is not known")
    (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return _rectangle(left, right, top, bottom, shape.get("fillcolor", "none"), f" {stroke}{dashes(line)}")


def _rectangle(left: float, right: float, top: float, bottom: float, fill: str, stroke: str = "") -> str:
    size = f'width="{px(right - left)}" height="{px(bottom - top)}"'
    return f'<rect x="{px(left)}" y="{px(top)}" {size} fill="{fill}"{stroke}/>'


def _place(item: Spec, axis: Axis, key: str, name: str) -> float:
    """Return the px of a coordinate, which is in data or in parts of the drawing area."""
    reference = item.get(f"{key}ref", key)
    if reference == key:
        return axis(item[name])
    if reference in (f"{key} domain", "paper"):
        return axis.start + item[name] * (axis.end - axis.start)
    raise PublishError(f"it cannot be drawn for print: {key}ref={reference!r} is not known")


def _annotation(item: Spec, axes: tuple[Axis, Axis], size: float) -> str:
    if item.get("showarrow", True):
        raise PublishError("it cannot be drawn for print: an arrow at a label is not known")
    font = item.get("font", {})
    size = font.get("size", size)
    across = _place(item, axes[0], "x", "x") + item.get("xshift", 0)
    up = _place(item, axes[1], "y", "y") - item.get("yshift", 0)
    up += {"top": size * 0.65, "bottom": -size * 0.65}.get(item.get("yanchor", "middle"), 0)
    anchor = {"left": "start", "right": "end"}.get(item.get("xanchor", "center"), "middle")
    across += {"start": 1, "end": -1}.get(anchor, 0)
    return draw_text((across, up), item["text"], size, font.get("color", COLOURS["text"]), anchor)


def _legend(data: Sequence[Spec], axes: tuple[Axis, Axis], size: float) -> Iterable[str]:
    """Name what is drawn, in a row above the drawing."""
    across, up = axes[0].edges[0], axes[1].edges[0] - 18
    for trace in data:
        if not trace.get("showlegend", True) or not trace.get("name"):
            continue
        marker = trace.get("marker", {})
        if trace.get("type") == "bar":
            edge = marker.get("line", {})
            stroke = f' stroke="{edge["color"]}" stroke-width="1"' if edge.get("width") else ""
            yield f'<rect x="{px(across)}" y="{px(up - 6)}" width="18" height="12" fill="{marker["color"]}"{stroke}/>'
        elif "lines" in trace["mode"]:
            line = trace["line"]
            yield draw_line((across, up), (across + 18, up), line["color"], line.get("width", 2), dashes(line))
        else:
            yield _marker({**marker, "size": min(marker["size"], 12)}, 0, across + 9, up, "")
        yield draw_text((across + 24, up), trace["name"], size)
        across += 24 + text_width(trace["name"], size) + 20


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
