"""Scatter traces as marks: lines, areas, dots, words and error bars."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from evaluation.present.drawing.axes import Spec
from evaluation.present.drawing.marks import Axes, Dot, Look, Mark, Path, Point, Whisker, Words, faded
from evaluation.present.drawing.scene import Scene, at, series, words_of
from evaluation.present.drawing.svg import CannotDraw


def add_scatter(scene: Scene, trace: Spec) -> None:
    """Put a scatter trace on its axes."""
    axes = scene.axes_of(trace)
    across, up = series(trace, axes)
    mode = trace.get("mode") or ("lines" if trace.get("stackgroup") or len(across) >= 20 else "lines+markers")
    base, up = _stack(scene, trace, across, up) if trace.get("stackgroup") else (None, up)
    points = list(zip(across, up, strict=True))
    colour, opacity = scene.colour_of(trace), trace.get("opacity", 1)
    runs = list(_runs(points, keep=bool(trace.get("connectgaps"))))
    line = trace.get("line") or {}
    curves = [_curve(run, line.get("shape") or "linear") for run in runs]
    scene.add(_area(scene, trace, curves, base, axes, faded(colour, 0.5)), axes)
    if curves and "lines" in mode:
        scene.last_lines[axes] = [point for curve in curves for point in curve]
    if "lines" in mode and line.get("width", 2) > 0:
        look = Look("none", line.get("color") or colour, line.get("width", 2), line.get("dash") or "solid", opacity)
        scene.add((Path(curve, look) for curve in curves if len(curve) > 1), axes)
    scene.add(add_errors(scene, trace, points, colour), axes)
    if "markers" in mode:
        scene.add(_dots(scene, trace, points, colour, opacity), axes)
    if "text" in mode:
        scene.add(_words(scene, trace, points), axes)
    known = [point for point in points if all(map(math.isfinite, point))]
    is_dotted = "markers" in mode or "text" in mode
    axes[0].cover([a for a, _ in known], roomy=is_dotted)
    axes[1].cover([b for _, b in known])


def _runs(points: Sequence[Point], *, keep: bool) -> Iterator[list[Point]]:
    """Split points where one is not known, unless lines are drawn over gaps."""
    run: list[Point] = []
    for point in points:
        if all(map(math.isfinite, point)):
            run.append(point)
        elif run and not keep:
            yield run
            run = []
    if run:
        yield run


def _curve(run: Sequence[Point], shape: str) -> list[Point]:
    """Give a line its shape: straight, in steps, or smooth."""
    if shape == "linear" or len(run) < 2:
        return list(run)
    drawn = [run[0]]
    for place, ((a, b), (c, d)) in enumerate(itertools.pairwise(run)):
        if shape == "spline":
            (p, q), (r, s) = run[max(place - 1, 0)], run[min(place + 2, len(run) - 1)]
            for part in (step / 8 for step in range(1, 9)):
                t2, t3 = part**2, part**3
                weights = (-t3 + 2 * t2 - part, 3 * t3 - 5 * t2 + 2, -3 * t3 + 4 * t2 + part, t3 - t2)
                drawn.append(tuple(sum(w * v for w, v in zip(weights, four, strict=True)) / 2
                                   for four in ((p, a, c, r), (q, b, d, s))))  # fmt: skip
            continue
        middle = {"hv": [(c, b)], "vh": [(a, d)], "hvh": [((a + c) / 2, b), ((a + c) / 2, d)],
                  "vhv": [(a, (b + d) / 2), (c, (b + d) / 2)]}.get(shape)  # fmt: skip
        if middle is None:
            raise CannotDraw(f"line.shape={shape!r}")
        drawn += [*middle, (c, d)]
    return drawn


def _stack(scene: Scene, trace: Spec, across: Sequence[float], up: Sequence[float]) -> tuple[list[float], list[float]]:
    """Put an area on those below it; return where it begins and ends."""
    if trace.get("orientation") == "h":
        raise CannotDraw("areas that are stacked sideways")
    axes, group = scene.axes_of(trace), trace["stackgroup"]
    same = [one for one in scene.beside(trace) if one.get("stackgroup") == group]
    norm = next((one["groupnorm"] for one in same if one.get("groupnorm")), "")
    whole: dict[float, float] = {}
    for one in same if norm else ():
        for a, b in zip(*series(one, axes), strict=True):
            whole[a] = whole.get(a, 0.0) + (b if math.isfinite(b) else 0.0)
    reached = scene.stacked.setdefault((axes, group), {})
    base, top = [], []
    for a, b in zip(across, up, strict=True):
        part = b if math.isfinite(b) else 0.0
        part = part / (whole[a] or 1) * (100 if norm == "percent" else 1) if norm else part
        base.append(reached.get(a, 0.0))
        reached[a] = reached.get(a, 0.0) + part
        top.append(reached[a])
    return base, top


def _area(
    scene: Scene, trace: Spec, curves: Sequence[Sequence[Point]], base: Sequence[float] | None, axes: Axes, colour: str
) -> Iterator[Mark]:
    """Fill what a trace asks for: down to zero, to the line before it, to itself, or to the area below."""
    fill = trace.get("fill") or ("tonexty" if base is not None else "none")
    if fill == "none" or not curves:
        return
    opacity = trace.get("opacity", 1) if fill == "toself" else 1
    look = Look(trace.get("fillcolor") or colour, opacity=opacity)
    if base is not None:
        across = [a for a, _ in curves[0]]
        yield Path([*curves[0], *reversed(list(zip(across, base, strict=False)))], look, closed=True)
        axes[1].cover([0.0], roomy=False)
    elif fill == "toself":
        yield Path([point for curve in curves for point in curve], look, closed=True)
    elif fill in ("tonexty", "tonextx", "tonext") and axes in scene.last_lines:
        drawn = [point for curve in curves for point in curve]
        yield Path([*drawn, *reversed(scene.last_lines[axes])], look, closed=True)
    elif fill in ("tozeroy", "tonexty", "tozerox", "tonextx"):
        upright = fill.endswith("y")
        axes[upright].cover([0.0], roomy=False)
        for curve in curves:
            ends = [(curve[at][0], 0.0) if upright else (0.0, curve[at][1]) for at in (-1, 0)]
            yield Path([*curve, *ends], look, closed=True)
    else:
        raise CannotDraw(f"scatter.fill={fill!r}")


def _dots(scene: Scene, trace: Spec, points: Sequence[Point], colour: str, opacity: float) -> Iterator[Mark]:
    marker = trace.get("marker") or {}
    paint = painter(scene, marker, colour)
    edge, sizes = marker.get("line") or {}, marker.get("size", 6)
    for index, point in enumerate(points):
        size = _size(marker, at(sizes, index, 0)) if isinstance(sizes, list) else sizes
        if not all(map(math.isfinite, point)) or not size:
            continue
        own = at(marker.get("opacity"), index, 0.7 if isinstance(sizes, list) else 1)
        stroke = at(edge.get("color"), index, "#FFFFFF" if isinstance(sizes, list) else "")
        width = at(edge.get("width"), index, 1 if isinstance(sizes, list) else 0)
        look = Look(paint(index), stroke or colour, width, opacity=own * opacity)
        yield Dot(point, size, look, str(at(marker.get("symbol"), index, "circle")))


def _size(marker: Spec, value: Any) -> float:
    """Return the diameter of a dot whose size is a number of the data."""
    if not isinstance(value, (int, float)) or not value > 0:
        return 0.0
    part = value / 2 / (marker.get("sizeref") or 1)
    return 2 * max(math.sqrt(part) if marker.get("sizemode") == "area" else part, marker.get("sizemin") or 0)


def painter(scene: Scene, marker: Spec, otherwise: str):
    """Return what gives the colour of a marker by its place: one colour, a list of them, or numbers on a scale."""
    colours = marker.get("color")
    if not isinstance(colours, list):
        return lambda index: colours or otherwise
    if all(isinstance(one, str) for one in colours):
        return lambda index: colours[index]
    scale = scene.scale_of(marker, colours)
    return lambda index: scale(colours[index])


def _words(scene: Scene, trace: Spec, points: Sequence[Point]) -> Iterator[Mark]:
    font = trace.get("textfont") or {}
    marker = (trace.get("marker") or {}).get("size", 6) if "markers" in (trace.get("mode") or "") else 0
    for index, point in enumerate(points):
        words = words_of(trace, index, x=at(trace.get("x"), index), y=at(trace.get("y"), index))
        if not words or not all(map(math.isfinite, point)):
            continue
        size = at(font.get("size"), index, scene.size)
        place = str(at(trace.get("textposition"), index, "middle center"))
        away = at(marker, index, 6) / 2 + 3
        anchor = "end" if "left" in place else "start" if "right" in place else "middle"
        shift = (-away if "left" in place else away if "right" in place else 0.0,
                 -away - size * 0.5 if "top" in place else away + size * 0.5 if "bottom" in place else 0.0)  # fmt: skip
        yield Words(point, words, size, at(font.get("color"), index), anchor, shift)


def add_errors(scene: Scene, trace: Spec, points: Sequence[Point], colour: str) -> Iterator[Mark]:
    """Draw the error bars of a trace, and make the axes reach them."""
    axes = scene.axes_of(trace)
    for place, key in enumerate("xy"):
        error = trace.get(f"error_{key}") or {}
        if not error or error.get("visible", True) is False or not ({"array", "value"} & set(error)):
            continue
        look = Look("none", error.get("color") or colour, error.get("thickness", 2))
        for index, point in enumerate(points):
            if not all(map(math.isfinite, point)):
                continue
            more, less = _reaches(error, index, trace.get(key), point[place])
            raw = 10 ** point[place] if axes[place].kind == "log" else point[place]
            ends = [axes[place].number(raw - less), axes[place].number(raw + more)]
            if not all(map(math.isfinite, ends)) or ends[0] == ends[1]:
                continue
            axes[place].cover(ends)
            start, end = ((end, point[1]) if place == 0 else (point[0], end) for end in ends)
            yield Whisker(start, end, look, error.get("width", 4))


def _reaches(error: Spec, index: int, values: Any, number: float) -> tuple[float, float]:
    """Return how far an error bar reaches up and down, in the unit of its axis."""
    kind = error.get("type") or ("data" if "array" in error else "percent")
    if kind == "data":
        more = at(error.get("array"), index, 0) or 0
        symmetric = error.get("symmetric", "arrayminus" not in error)
        return more, more if symmetric else at(error.get("arrayminus"), index, 0) or 0
    if kind not in ("constant", "percent", "sqrt"):
        raise CannotDraw(f"error bars of the type {kind!r}")
    part = math.sqrt(abs(number)) if kind == "sqrt" else error.get("value", 10)
    more = abs(number) * part / 100 if kind == "percent" else part
    less = error.get("valueminus", error.get("value", 10))
    if error.get("symmetric", "valueminus" not in error) or kind == "sqrt":
        return more, more
    return more, abs(number) * less / 100 if kind == "percent" else less
