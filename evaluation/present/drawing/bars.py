"""Bars and heatmaps as marks: rectangles beside each other, on each other, or in a grid."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from evaluation.present.drawing.axes import DAY, Axis, Spec
from evaluation.present.drawing.marks import Axes, Box, Look
from evaluation.present.drawing.points import add_errors, painter
from evaluation.present.drawing.scene import Scene, at, fill_in, series, words_of
from evaluation.present.drawing.svg import CannotDraw


def add_bars(scene: Scene, trace: Spec) -> None:
    """Put the bars of a trace on its axes."""
    axes, mode = scene.axes_of(trace), scene.layout.get("barmode") or "group"
    is_flat = lies_flat(trace)
    across, up = series(trace, axes)
    places, ends = (up, across) if is_flat else (across, up)
    along, value = (axes[1], axes[0]) if is_flat else axes
    start, width, unit = slot(scene, trace, along, grouped=mode == "group", gap=scene.layout.get("bargap", 0.2))
    paint, looks = painter(scene, trace.get("marker") or {}, scene.colour_of(trace)), trace.get("marker") or {}
    edge, tips, boxes = looks.get("line") or {}, [], []
    for index, (place, end) in enumerate(zip(places, ends, strict=True)):
        if not (math.isfinite(place) and math.isfinite(end)):
            tips.append((math.nan, math.nan))
            continue
        low, high = _heights(scene, trace, axes, mode, index, place, end)
        wide = at(trace.get("width"), index) if "_unit" not in trace else None
        left, right = (place + start, place + start + width) if wide is None else (place - wide / 2, place + wide / 2)
        if "offset" in trace:
            left, right = place + at(trace["offset"], index, 0), place + at(trace["offset"], index, 0) + right - left
        along.cover([left, right, place - unit / 2, place + unit / 2], roomy=False)
        value.cover([high], roomy=high != 0)
        value.cover([low], roomy="base" in trace and low != 0)
        corners = ((low, left), (high, right)) if is_flat else ((left, low), (right, high))
        tips.append((high, (left + right) / 2) if is_flat else ((left + right) / 2, high))
        stroke = (at(edge.get("color"), index, ""), at(edge.get("width"), index, 0))
        opacity = at(looks.get("opacity"), index, 1) * trace.get("opacity", 1)
        look = Look(paint(index), *stroke, opacity=opacity)
        boxes.append(Box(*corners, look, **_label(scene, trace, index, place, end, is_flat)))
    scene.add(boxes, axes)
    scene.add(add_errors(scene, trace, tips, scene.layout["font"]["color"]), axes)


def lies_flat(trace: Spec) -> bool:
    """Tell whether the values of a trace run along x."""
    if trace.get("orientation"):
        return trace["orientation"] == "h"
    return (trace.get("y") is None and trace["type"] == "bar") or (
        trace.get("x") is not None and trace.get("y") is None and trace["type"] in ("box", "violin")
    )


def slot(
    scene: Scene, trace: Spec, along: Axis, *, grouped: bool, gap: float, inner: float = 0.0
) -> tuple[float, float, float]:
    """Return where the marks of a trace begin around their place, how wide they are, and how far places are apart."""
    same = scene.beside(trace)
    unit = trace.get("_unit") or _unit(same, along)
    whole = unit * (1 if "_unit" in trace else 1 - gap)
    names = list(dict.fromkeys(str(one.get("offsetgroup") or at_of(same, one)) for one in same)) if grouped else [""]
    mine = names.index(str(trace.get("offsetgroup") or at_of(same, trace))) if grouped else 0
    share = whole / len(names)
    return -whole / 2 + share * mine + share * inner / 2, share * (1 - inner), unit


def at_of(traces: Sequence[Spec], trace: Spec) -> int:
    """Return the place of a trace among others, equal ones told apart."""
    return next(place for place, one in enumerate(traces) if one is trace)


def _unit(traces: Sequence[Spec], along: Axis) -> float:
    """Return how far apart the places of bars are."""
    if along.kind == "category":
        return 1.0
    key = along.name[0]
    numbers = {along.number(value) for one in traces for value in one.get(key) or [] if value is not None}
    places = sorted(number for number in numbers if math.isfinite(number))
    return min((b - a for a, b in itertools.pairwise(places)), default=DAY if along.kind == "date" else 1.0)


def _heights(
    scene: Scene, trace: Spec, axes: Axes, mode: str, index: int, place: float, end: float
) -> tuple[float, float]:
    """Return where a bar begins and ends along its values."""
    value = axes[0] if lies_flat(trace) else axes[1]
    if trace.get("base") is not None:
        base = at(trace["base"], index)
        return value.number(base), value.number(base) + end if value.kind != "log" else end
    if value.kind == "log":
        floor = min(0.0, math.floor(end))
        return floor, end
    if mode in ("stack", "relative"):
        group = (axes, lies_flat(trace), mode == "relative" and end < 0)
        reached = scene.stacked.setdefault(group, {})
        low = reached.get(place, 0.0)
        reached[place] = low + end
        return low, low + end
    if mode not in ("group", "overlay"):
        raise CannotDraw(f"layout.barmode={mode!r}")
    return 0.0, end


def _label(scene: Scene, trace: Spec, index: int, place: float, end: float, is_flat: bool) -> dict[str, Any]:
    """Return the words of a bar, and where they stand."""
    where = at(trace.get("textposition"), index, "auto")
    names = {"x": end if is_flat else at(trace.get("x"), index, place), "y": at(trace.get("y"), index, place)}
    names["y"] = names["y"] if is_flat else end
    words = words_of(trace, index, **names, value=end, label=names["y" if is_flat else "x"])
    if not words or where == "none":
        return {}
    font = trace.get("textfont") or trace.get("outsidetextfont") or {}
    size = at(font.get("size"), index, scene.size)
    return {"words": words, "size": size, "colour": at(font.get("color"), index), "place": where,
            "along": "x" if is_flat else "y"}  # fmt: skip


def add_heatmap(scene: Scene, trace: Spec) -> None:
    """Put the cells of a heatmap on its axes, with their words."""
    axes, rows = scene.axes_of(trace), trace["z"]
    edges = [_edges(axis, trace, key, count) for axis, key, count in
             zip(axes, "xy", (max(map(len, rows), default=0), len(rows)), strict=True)]  # fmt: skip
    for axis, ends in zip(axes, edges, strict=True):
        axis.cover([end for pair in ends for end in pair], roomy=False)
    scale = scene.scale_of(trace, (value for row in rows for value in row), keys="z")
    scene.add(sorted(_cells(scene, trace, edges, scale), key=lambda cell: cell.look.fill), axes)


def _cells(scene: Scene, trace: Spec, edges: Sequence[Sequence[tuple[float, float]]], scale: Any) -> Iterator[Box]:
    font, texts = trace.get("textfont") or {}, trace.get("text") or []
    inset = tuple(trace.get(gap) / 2 if trace.get(gap) else -0.3 for gap in ("xgap", "ygap"))  # or a seam shows
    for row, ((bottom, top), values) in enumerate(zip(edges[1], trace["z"], strict=False)):
        for column, ((left, right), value) in enumerate(zip(edges[0], values, strict=False)):
            if value is None or value != value:
                continue
            text = texts[row][column] if row < len(texts) and isinstance(texts[row], list) else ""
            template = trace.get("texttemplate") or ""
            words = fill_in(template, {"z": value, "text": text, "x": at(trace.get("x"), column, column),
                                       "y": at(trace.get("y"), row, row)})  # fmt: skip
            size = font.get("size", scene.size)
            yield Box((left, bottom), (right, top), Look(scale(value)), inset, words, size, font.get("color"))


def _edges(axis: Axis, trace: Spec, key: str, count: int) -> list[tuple[float, float]]:
    """Return between which numbers each column or row of cells stands."""
    values = trace.get(key)
    if values is None:
        first, step = trace.get(f"{key}0", 0), trace.get(f"d{key}", 1)
        values = [first + step * place for place in range(count)]
    numbers = [axis.number(value) for value in values]
    if len(numbers) == count + 1:  # the edges themselves
        return list(itertools.pairwise(numbers))
    if len(numbers) < 2:
        return [(number - 0.5, number + 0.5) for number in numbers]
    middles = [(a + b) / 2 for a, b in itertools.pairwise(numbers)]
    ends = [2 * numbers[0] - middles[0], *middles, 2 * numbers[-1] - middles[-1]]
    return list(itertools.pairwise(ends))
