"""What stands around the marks: grid and ticks, titles, shapes, labels, the legend and colour bars."""

import re
from collections.abc import Iterator, Sequence

from evaluation.present.colours import COLOURS
from evaluation.present.drawing.axes import TICK_SIZE, Axis, Spec, ticks_of
from evaluation.present.drawing.marks import Axes, Look, sign
from evaluation.present.drawing.scene import Scene
from evaluation.present.drawing.svg import CannotDraw, dashes, draw_line, draw_text, px, text_height, text_width

BAR_WIDTH = 14
"""Of a colour bar, in px; its words need more."""

_LINE, _SIGN = 20.0, 24.0


def title_of(spec: Spec) -> str:
    """Return the title of an axis, a legend or a colour bar."""
    title = spec.get("title") or ""
    return str(title if isinstance(title, str) else title.get("text") or "")


# Grid and ticks


def draw_grid(scene: Scene, axis: Axis, other: Axis) -> Iterator[str]:
    """Draw the grid lines of an axis, along the whole of the other."""
    spec = axis.spec
    if not spec.get("visible", True):
        return
    ticks = ticks_of(axis, ticks_apart(axis))
    colour = spec.get("gridcolor") or COLOURS["rule"]
    if spec.get("showgrid", axis.kind != "category" and not spec.get("overlaying")) and axis.kind != "category":
        for tick, _ in ticks:
            yield draw_line(*_across(axis, other, axis(tick)), colour, spec.get("gridwidth", 1))
    if spec.get("zeroline") and axis.kind == "linear" and min(axis.low, axis.high) < 0 < max(axis.low, axis.high):
        yield draw_line(*_across(axis, other, axis(0)), spec.get("zerolinecolor") or COLOURS["muted"], 1)


def ticks_apart(axis: Axis) -> float:
    """Return about how many px lie between two ticks."""
    return 45 if axis.name[0] == "y" or axis.length < 200 else 80


def _across(axis: Axis, other: Axis, at: float) -> tuple[tuple[float, float], tuple[float, float]]:
    low, high = other.edges
    return ((at, low), (at, high)) if axis.name[0] == "x" else ((low, at), (high, at))


def draw_axis(scene: Scene, axis: Axis, other: Axis) -> Iterator[str]:
    """Write the ticks of an axis with their words, and its title."""
    spec, size = axis.spec, scene.size
    if not spec.get("visible", True):
        return
    upright, opposite = axis.name[0] == "y", spec.get("side") in ("right", "top")
    edge = (
        (other.edges[1] if opposite else other.edges[0])
        if upright
        else (other.edges[0] if opposite else other.edges[1])
    )
    outward = 1 if (upright and opposite) or (not upright and not opposite) else -1
    line = spec.get("linecolor") or COLOURS["rule"]
    if not upright or spec.get("showline"):
        yield draw_line(*_across(other, axis, edge), line, spec.get("linewidth", 1))
    if spec.get("showticklabels", True):
        yield from _labels(axis, edge, outward, (spec.get("tickfont") or {}).get("size", size))
    if title := title_of(spec):
        reach = tick_room(axis, size) + text_height(title, size) / 2 + 2
        middle = sum(axis.edges) / 2
        place = (edge + outward * reach, middle) if upright else (middle, edge + outward * reach)
        yield draw_text(place, title, size, None, "middle", angle=-90 if upright else 0)


def _labels(axis: Axis, edge: float, outward: int, size: float) -> Iterator[str]:
    spec, upright = axis.spec, axis.name[0] == "y"
    ticks = ticks_of(axis, ticks_apart(axis))
    angle = label_angle(axis, size)
    for tick, _ in () if upright else ticks:  # before the words: lines that follow each other are one path
        ends = (axis(tick), edge), (axis(tick), edge + outward * TICK_SIZE)
        yield draw_line(*ends, spec.get("tickcolor") or COLOURS["rule"], 1)
    yield '<g class="as">'  # so that a test finds the words of one axis
    for tick, words in ticks:
        at = axis(tick)
        if upright:
            yield draw_text((edge + outward * 8, at), words, size, anchor="end" if outward < 0 else "start")
        elif angle:
            yield draw_text((at, edge + TICK_SIZE + size * 0.65), words, size, anchor="end", angle=angle)
        else:
            below = TICK_SIZE + size * 0.65 + (text_height(words, size) - size * 1.25) / 2
            yield draw_text((at, edge + outward * below), words, size, anchor="middle")
    yield "</g>"


def label_angle(axis: Axis, size: float) -> float:
    """Return how the words under an axis are turned: as it asks, or slanting where they would overlap."""
    asked = axis.spec.get("tickangle")
    if axis.name[0] == "y" or asked == 0:
        return 0.0
    ticks = ticks_of(axis, ticks_apart(axis))
    if isinstance(asked, (int, float)):
        return -abs(float(asked)) if asked else 0.0
    places = [axis(tick) for tick, _ in ticks]
    widths = [text_width(words, size) * 0.92 for _, words in ticks]
    pairs = zip(places, places[1:], widths, widths[1:], strict=False)
    return -35.0 if any(abs(b - a) < (wide + next_) / 2 for a, b, wide, next_ in pairs) else 0.0


def tick_room(axis: Axis, size: float) -> float:
    """Return how many px the words of an axis need beside it."""
    spec = axis.spec
    if not spec.get("visible", True) or not spec.get("showticklabels", True):
        return 4.0
    size = (spec.get("tickfont") or {}).get("size", size)
    words = [text for _, text in ticks_of(axis, ticks_apart(axis))]
    if axis.name[0] == "y":
        return max((text_width(text, size) for text in words), default=0.0) + 14
    widest = max((text_width(text, size) for text in words), default=0.0)
    if label_angle(axis, size):
        return TICK_SIZE + widest * 0.58 + size * 1.2
    return TICK_SIZE + max((text_height(text, size) for text in words), default=size) + 4


def axis_room(axis: Axis, size: float) -> float:
    """Return how many px an axis needs beside it, with its title."""
    if not axis.spec.get("visible", True):
        return 4.0
    title = title_of(axis.spec)
    return tick_room(axis, size) + (text_height(title, size) + 4 if title else 0)


# Shapes and labels


def draw_shape(scene: Scene, shape: Spec, area: Axes) -> str:
    """Draw a line, rectangle, circle or path."""
    line, kind = shape.get("line") or {}, shape.get("type") or "rect"
    axes = _axes_of(scene, shape)
    look = Look(shape.get("fillcolor") or "none", line.get("color") or COLOURS["text"], line.get("width", 2),
                line.get("dash") or "solid", shape.get("opacity", 1))  # fmt: skip
    if kind == "path":
        points = re.sub(
            r"([-\d.]+),([-\d.]+)", lambda m: f"{px(axes[0](float(m[1])))},{px(axes[1](float(m[2])))}", shape["path"]
        )
        return f'<path d="{points}"{look.svg()}/>'
    start = [place(scene, shape, key, f"{key}0", area) for key in "xy"]
    end = [place(scene, shape, key, f"{key}1", area) for key in "xy"]
    if kind == "line":
        return draw_line(start, end, look.stroke, look.width, dashes({"width": look.width, "dash": look.dash}))
    (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    if kind == "circle":
        middle = f'cx="{px((left + right) / 2)}" cy="{px((top + bottom) / 2)}"'
        return f'<ellipse {middle} rx="{px((right - left) / 2)}" ry="{px((bottom - top) / 2)}"{look.svg()}/>'
    if kind != "rect":
        raise CannotDraw(f"the shape {kind}")
    size = f'width="{px(right - left)}" height="{px(bottom - top)}"'
    drawn = f'<rect x="{px(left)}" y="{px(top)}" {size}{look.svg()}/>'
    return drawn


def _axes_of(scene: Scene, item: Spec) -> Axes:
    names = [str(item.get(f"{key}ref") or key).removesuffix(" domain") for key in "xy"]
    return tuple(scene.axes.get(name) or scene.axes[key] for name, key in zip(names, "xy", strict=True))


def place(scene: Scene, item: Spec, key: str, name: str, area: Axes) -> float:
    """Return the px of a coordinate, which is in data, in parts of an axis or in parts of the drawing area."""
    reference, value = str(item.get(f"{key}ref") or key), item.get(name)
    whole = area["xy".index(key)]
    axis = scene.axes.get(reference.removesuffix(" domain"))
    if reference == "paper" or reference.endswith(" domain"):
        along = whole if axis is None else Axis(key, {}, "linear", start=axis.start, end=axis.end)
        return along.start + float(value) * (along.end - along.start)
    if axis is None:
        raise CannotDraw(f"{key}ref={reference!r}")
    is_power = axis.kind == "log" and "text" in item  # plotly's labels stand at powers, its shapes at values
    return axis(float(value) if is_power else axis.number(value))


def draw_label(scene: Scene, item: Spec, area: Axes) -> Iterator[str]:
    """Write a label (an annotation of plotly), with its arrow where it has one."""
    if not item.get("visible", True) or not item.get("text"):
        return
    font = item.get("font") or {}
    size, colour = font.get("size", scene.size), font.get("color") or scene.layout["font"]["color"]
    across = place(scene, item, "x", "x", area) + item.get("xshift", 0)
    up = place(scene, item, "y", "y", area) - item.get("yshift", 0)
    words, has_arrow = str(item["text"]), item.get("showarrow", True)
    high, wide = text_height(words, size), text_width(words, size)
    if has_arrow:
        if any(item.get(f"a{key}ref", "pixel") != "pixel" for key in "xy"):
            raise CannotDraw("an arrow that begins at a place in the data")
        tail = (across + item.get("ax", -10), up + item.get("ay", -30))
        stroke = item.get("arrowcolor") or colour
        sides = ((wide + 4, across - tail[0]), (high, up - tail[1]))
        part = min([1.0, *(side / 2 / abs(away) for side, away in sides if away)])  # that the words would cover
        start = [end + (tip - end) * part for end, tip in zip(tail, (across, up), strict=True)]
        yield draw_line(start, (across, up), stroke, item.get("arrowwidth") or 1)
        if item.get("arrowhead", 1):
            yield from _arrowhead(tail, (across, up), stroke)
        across, up = tail
    anchors = (item.get("xanchor") or "auto", item.get("yanchor") or "auto")
    anchor = _anchor(item, "x", anchors[0], has_arrow)
    upright = _anchor(item, "y", anchors[1], has_arrow)
    up += {"top": high / 2 + size * 0.025, "bottom": -high / 2 - size * 0.025}.get(upright, 0)
    across += {"left": 1, "right": -1}.get(anchor, 0)
    turned = item.get("textangle") or 0
    left = across - {"left": 0, "right": wide}.get(anchor, wide / 2)
    if item.get("bgcolor") or item.get("bordercolor"):
        look = Look(item.get("bgcolor") or "none", item.get("bordercolor") or "", item.get("borderwidth", 1))
        box = f'x="{px(left - 3)}" y="{px(up - high / 2 - 2)}" width="{px(wide + 6)}" height="{px(high + 4)}"'
        yield f"<rect {box}{look.svg()}/>"
    if turned:  # about its middle, as plotly turns it
        sideways = {"left": high / 2, "right": -high / 2}.get(anchor, 0)
        yield draw_text((across + sideways, up), words, size, colour, "middle", angle=turned)
        return
    yield draw_text((across, up), words, size, colour, {"left": "start", "right": "end"}.get(anchor, "middle"))


def _anchor(item: Spec, key: str, asked: str, has_arrow: bool) -> str:
    """Return which side of a label stands at its place; by default that of the side of the drawing where it is."""
    if asked != "auto":
        return asked
    if has_arrow or item.get(f"{key}ref") != "paper" or not isinstance(item.get(key), (int, float)):
        return "centre"
    low, high = ("left", "right") if key == "x" else ("bottom", "top")
    return low if item[key] <= 1 / 3 else high if item[key] >= 2 / 3 else "centre"


def _arrowhead(tail: Sequence[float], tip: Sequence[float], colour: str) -> Iterator[str]:
    across, up = tip[0] - tail[0], tip[1] - tail[1]
    length = (across**2 + up**2) ** 0.5 or 1.0
    a, b = across / length, up / length
    corners = [(tip[0] - 7 * a + side * 3.5 * b, tip[1] - 7 * b - side * 3.5 * a) for side in (1, -1)]
    points = " ".join(f"{px(p)},{px(q)}" for p, q in [tip, *corners])
    yield f'<polygon points="{points}" fill="{colour}"/>'


# Legend and colour bars


Rows = list[list[tuple[float, Spec | str]]]
"""Of a legend: where each name stands, with its trace, or the words of its title."""


def legend_rows(scene: Scene, width: float) -> Rows:
    """Lay out the legend in rows of so many px."""
    size, layout = scene.size, scene.layout
    entries, seen = [], set()
    for trace in scene.traces:
        name, group = trace.get("name"), trace.get("legendgroup") or ""
        if trace.get("showlegend", True) and name and (name, group) not in seen:
            entries.append(trace)
            seen.add((name, group) if group else (name, id(trace)))
    shown = layout.get("showlegend", len(entries) > 1)
    if not shown or not entries:
        return []
    title = title_of(layout.get("legend") or {})
    items: list[Spec | str] = [*([title] if title else []), *entries]
    rows, across = [[]], 0.0
    for item in items:
        wide = text_width(item, size) if isinstance(item, str) else _SIGN + text_width(str(item["name"]), size)
        if across and across + wide > width:
            rows.append([])
            across = 0.0
        rows[-1].append((across, item))
        across += wide + 20
    return rows


def row_width(scene: Scene, rows: Rows) -> float:
    """Return how many px the widest row of the legend takes."""
    ends = [(across, item if isinstance(item, str) else str(item["name"])) for row in rows for across, item in row[-1:]]
    return max((across + _SIGN + text_width(words, scene.size) for across, words in ends), default=0.0)


def draw_legend(
    scene: Scene, rows: Sequence[Sequence[tuple[float, Spec | str]]], left: float, top: float
) -> Iterator[str]:
    """Name what is drawn, in rows above the drawing."""
    for index, row in enumerate(rows):
        up = top + _LINE * (index + 0.5)
        for across, item in row:
            if isinstance(item, str):
                yield draw_text((left + across, up), item, scene.size)
                continue
            yield _entry(scene, item, left + across, up)
            yield draw_text((left + across + _SIGN, up), str(item["name"]), scene.size)


def _entry(scene: Scene, trace: Spec, across: float, up: float) -> str:
    marker, line, colour = trace.get("marker") or {}, trace.get("line") or {}, scene.colour_of(trace)
    fill = marker.get("color")
    fill = fill if isinstance(fill, str) else colour
    if trace["type"] != "scatter" or trace.get("stackgroup"):
        edge = marker.get("line") or {}
        stroke = edge.get("color") if isinstance(edge.get("color"), str) and edge.get("width") else ""
        look = Look(trace.get("fillcolor") or fill, stroke or "", 1, opacity=trace.get("opacity", 1))
        if look.fill == "rgba(255,255,255,0)":  # dots without a box: px.strip
            return sign(across + 9, up, 8, "circle", Look(fill))
        return f'<rect x="{px(across)}" y="{px(up - 6)}" width="18" height="12"{look.svg()}/>'
    mode = trace.get("mode") or "lines+markers"
    if "lines" in mode and line.get("width", 2):
        return draw_line(
            (across, up), (across + 18, up), line.get("color") or colour, line.get("width", 2), dashes(line)
        )
    size = marker.get("size", 8)
    edge = marker.get("line") or {}
    look = Look(fill, edge.get("color") or "", edge.get("width", 0) if edge.get("color") else 0)
    symbol = marker.get("symbol", "circle")
    return sign(across + 9, up, min(size, 12) if isinstance(size, (int, float)) else 8,
                symbol if isinstance(symbol, str) else "circle", look)  # fmt: skip


def bars_room(scene: Scene) -> float:
    """Return how many px the colour bars need at the right."""
    return sum(_bar_room(scene, scale) for scale in scene.scales.values())


def _bar_axis(scale, top: float, bottom: float) -> Axis:
    spec = {key: value for key, value in (scale.spec.get("colorbar") or {}).items() if key.startswith("tick")}
    high = scale.high if scale.high > scale.low else scale.low + 1
    return Axis("y", spec, "linear", low=scale.low, high=high, start=bottom, end=top)


def _bar_room(scene: Scene, scale) -> float:
    axis = _bar_axis(scale, 0, 200)
    title = title_of(scale.spec.get("colorbar") or {})
    return 16 + max(BAR_WIDTH + tick_room(axis, scene.size), text_width(title, scene.size))


def draw_colour_bars(scene: Scene, left: float, top: float, bottom: float) -> Iterator[str]:
    """Draw the bar of each colour scale, with its numbers and its title."""
    for scale in scene.scales.values():
        title, start = title_of(scale.spec.get("colorbar") or {}), left + 16
        if title:
            yield draw_text((start, top + text_height(title, scene.size) / 2 - 2), title, scene.size)
        axis = _bar_axis(scale, top + (text_height(title, scene.size) + 4 if title else 0), bottom)
        steps = 40
        for step in range(steps):
            value = scale.low + (scale.high - scale.low) * (step + 0.5) / steps
            high, low = (axis.start + (axis.end - axis.start) * part / steps for part in (step + 1, step))
            size = f'width="{BAR_WIDTH}" height="{px(low - high + 0.6)}"'
            yield f'<rect x="{px(start)}" y="{px(high)}" {size} fill="{scale(value)}"/>'
        for tick, words in ticks_of(axis, 45):
            yield draw_text((start + BAR_WIDTH + 6, axis(tick)), words, scene.size)
        left += _bar_room(scene, scale)
