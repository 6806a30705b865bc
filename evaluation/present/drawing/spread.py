"""How values are spread, as marks: boxes and violins; histograms, counted into bars and cells as plotly counts them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.present.drawing.axes import Axis, Spec
from evaluation.present.drawing.bars import lies_flat, slot
from evaluation.present.drawing.marks import Box, Dot, Look, Mark, Path, Point, faded
from evaluation.present.drawing.scene import Scene
from evaluation.present.drawing.svg import CannotDraw

_GOLDEN = 0.6180339887


# Boxes and violins


def add_spread(scene: Scene, trace: Spec) -> None:
    """Put the boxes or violins of a trace on its axes: one for each of its places."""
    axes, is_flat = scene.axes_of(trace), lies_flat(trace)
    along, value = (axes[1], axes[0]) if is_flat else axes
    kind = trace["type"]
    grouped = scene.layout.get(f"{kind}mode", "overlay") == "group"
    start, width, unit = slot(
        scene, trace, along, grouped=grouped, gap=scene.layout.get(f"{kind}gap", 0.3),
        inner=scene.layout.get(f"{kind}groupgap", 0.3),
    )  # fmt: skip
    width = trace.get("width") or width
    centre = start + width / 2 if not trace.get("width") else 0.0
    for place, numbers in _groups(trace, along, value, "y" if is_flat else "x"):
        middle = place + centre
        along.cover([place - unit / 2, place + unit / 2], roomy=False)
        draw = _box if kind == "box" else _violin
        marks = [mark for mark in draw(scene, trace, middle, width, np.sort(numbers))]
        value.cover(numbers.tolist())
        for mark in marks:
            if isinstance(mark, Dot):
                along.cover([mark.point[0]], roomy=False)
            elif isinstance(mark, Path) and kind == "violin":
                value.cover(level for _, level in mark.points)
        scene.add((_flat(mark) for mark in marks) if is_flat else marks, axes)


def _groups(trace: Spec, along: Axis, value: Axis, key: str) -> Iterator[tuple[float, np.ndarray]]:
    """Return the numbers of a trace at each of its places."""
    values = trace.get("x" if key == "y" else "y")
    if values is None:
        raise CannotDraw(f"{trace['type']} without its values")
    places = trace.get(key)
    if places is None:
        start = trace.get(f"{key}0")
        places = [start if start is not None else trace.get("name") or " "] * len(values)
    found: dict[float, list[float]] = {}
    for place, one in zip(map(along.number, places), map(value.number, values), strict=False):
        if math.isfinite(place) and math.isfinite(one):
            found.setdefault(place, []).append(one)
    for place in sorted(found):
        yield place, np.array(found[place])


def _box(scene: Scene, trace: Spec, middle: float, width: float, numbers: np.ndarray) -> Iterator[Mark]:
    colour = scene.colour_of(trace)
    line = trace.get("line") or {}
    look = Look(trace.get("fillcolor") or faded(colour, 0.5), line.get("color") or colour, line.get("width", 2))
    yield from box_marks(middle, width, numbers, look, notched=bool(trace.get("notched")))
    if trace.get("boxmean"):
        mean, half = float(numbers.mean()), width / 2
        dashed = Look("none", look.stroke, look.width, "dash")
        yield Path([(middle - half, mean), (middle + half, mean)], dashed)
        if trace["boxmean"] == "sd":
            spread = float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0
            corners = [(middle - half, mean), (middle, mean - spread), (middle + half, mean), (middle, mean + spread)]
            yield Path(corners, dashed, closed=True)
    shown = trace.get("boxpoints", "outliers")
    yield from _points(scene, trace, middle, width, _chosen(shown, numbers), shown == "all")


def box_marks(
    middle: float, width: float, numbers: np.ndarray, look: Look, *, notched: bool = False, caps: bool = True
) -> Iterator[Mark]:
    """Draw quartiles (as plotly takes them: the method of Hazen) and whiskers to the last number within 1.5 box."""
    low, median, high = np.quantile(numbers, [0.25, 0.5, 0.75], method="hazen").tolist()
    fence = 1.5 * (high - low)
    inside = numbers[(numbers >= low - fence) & (numbers <= high + fence)]
    left, right = middle - width / 2, middle + width / 2
    bare = Look("none", look.stroke, look.width)
    for quartile, end in ((low, float(inside.min())), (high, float(inside.max()))):
        yield Path([(middle, quartile), (middle, end)], bare)
        if caps:
            yield Path([(middle - width / 4, end), (middle + width / 4, end)], bare)
    if not notched:
        yield Box((left, low), (right, high), look)
        yield Path([(left, median), (right, median)], bare)
        return
    reach, dent = 1.57 * (high - low) / math.sqrt(len(numbers)), width / 4
    corners = [(left, low), (left, median - reach), (left + dent, median), (left, median + reach), (left, high)]
    yield Path([*corners, *((2 * middle - a, b) for a, b in reversed(corners))], look, closed=True)
    yield Path([(left + dent, median), (right - dent, median)], bare)


def _violin(scene: Scene, trace: Spec, middle: float, width: float, numbers: np.ndarray) -> Iterator[Mark]:
    colour = scene.colour_of(trace)
    line = trace.get("line") or {}
    look = Look(trace.get("fillcolor") or faded(colour, 0.5), line.get("color") or colour, line.get("width", 2))
    levels, density = _density(numbers, trace)
    if trace.get("scalemode", "width") != "width":
        raise CannotDraw(f"violin.scalemode={trace['scalemode']!r}")
    reach = density / (density.max() or 1) * width / 2
    side = trace.get("side") or "both"
    right = [(middle + a, b) for a, b in zip(reach, levels, strict=True)]
    left = [(middle - a, b) for a, b in zip(reach, levels, strict=True)]
    if side == "both":
        yield Path([*right, *reversed(left)], look, closed=True)
    else:
        curve = right if side == "positive" else left
        yield Path([(middle, float(levels[0])), *curve, (middle, float(levels[-1]))], look, closed=True)
    box, mean = trace.get("box") or {}, trace.get("meanline") or {}
    if box.get("visible"):
        yield from box_marks(
            middle, width * box.get("width", 0.25), numbers, Look(look.fill, look.stroke, 1), caps=False
        )
    if mean.get("visible"):
        half, level = width * (0.125 if box.get("visible") else 0.45), float(numbers.mean())
        yield Path([(middle - half, level), (middle + half, level)], Look("none", look.stroke, 1, "dash"))
    shown = trace.get("points", "outliers")
    yield from _points(scene, trace, middle, width, _chosen(shown, numbers), shown == "all")


def _density(numbers: np.ndarray, trace: Spec) -> tuple[np.ndarray, np.ndarray]:
    """Return levels, and how dense numbers lie there: with Silverman's bandwidth, as far as two of those beyond."""
    low, high = np.quantile(numbers, [0.25, 0.75], method="hazen")
    spread = min(s for s in (numbers.std(ddof=1) if len(numbers) > 1 else 0.0, (high - low) / 1.349) if s >= 0)
    wide = trace.get("bandwidth") or 1.059 * spread * len(numbers) ** -0.2 or 0.01 * (abs(numbers[-1]) or 1)
    ends = (
        (numbers[0], numbers[-1])
        if trace.get("spanmode") == "hard"
        else (numbers[0] - 2 * wide, numbers[-1] + 2 * wide)
    )
    levels = np.linspace(*ends, 80)
    return levels, np.exp(-0.5 * ((levels[:, None] - numbers) / wide) ** 2).sum(axis=1)


def _chosen(shown: Any, numbers: np.ndarray) -> np.ndarray:
    if shown == "all":
        return numbers
    if not shown:
        return numbers[:0]
    low, high = np.quantile(numbers, [0.25, 0.75], method="hazen")
    fence = 1.5 * (high - low)
    return numbers[(numbers < low - fence) | (numbers > high + fence)]


def _points(
    scene: Scene, trace: Spec, middle: float, width: float, numbers: np.ndarray, beside: bool
) -> Iterator[Mark]:
    """Draw numbers as dots: spread a little, always in the same way, where all of them are shown."""
    marker = trace.get("marker") or {}
    look = Look(marker.get("color") or scene.colour_of(trace), opacity=marker.get("opacity", 1))
    jitter = trace.get("jitter", 0.3) if beside else trace.get("jitter", 0)
    shift = trace.get("pointpos", -1.5 if beside else 0) * width / 2
    for index, number in enumerate(numbers.tolist()):
        away = ((index * _GOLDEN) % 1 - 0.5) * jitter * width
        yield Dot((middle + shift + away, number), marker.get("size", 6), look, marker.get("symbol", "circle"))


def _flat(mark: Mark) -> Mark:
    """Turn a mark on its side."""

    def turn(point: Point) -> Point:
        return (point[1], point[0])

    if isinstance(mark, Path):
        return Path([turn(point) for point in mark.points], mark.look, mark.closed)
    if isinstance(mark, Dot):
        return Dot(turn(mark.point), mark.size, mark.look, mark.symbol)
    return Box(turn(mark.start), turn(mark.end), mark.look)


# Histograms


def count_histograms(scene: Scene) -> None:
    """Make bars of histograms, and cells of those in two directions, before anything is drawn."""
    for trace in scene.traces:
        if trace["type"] == "histogram2d":
            _count_cells(scene, trace)
    waiting = [trace for trace in scene.traces if trace["type"] == "histogram"]
    bins = {id(trace): _shared_bins(scene, trace, waiting) for trace in waiting}
    for trace in waiting:
        _count_bars(trace, bins[id(trace)])


def _key(trace: Spec) -> str:
    """Return along which axis a histogram counts."""
    flat = trace["orientation"] == "h" if trace.get("orientation") else trace.get("x") is None
    return "y" if flat else "x"


def _shared_bins(scene: Scene, trace: Spec, others: Sequence[Spec]) -> "Bins | None":
    """Return the bins of a histogram, which those of one group share; None where it counts categories."""
    key = _key(trace)
    axis = scene.axes[str(trace.get(f"{key}axis") or key)]
    if axis.kind == "category":
        return None
    if axis.kind != "linear":
        raise CannotDraw(f"a histogram on a {axis.kind} axis")
    group = trace.get("bingroup") or axis.name
    if scene.layout.get("barmode") == "overlay" and not trace.get("bingroup"):
        others = [trace]
    same = [one for one in others if _key(one) == key and group == (one.get("bingroup") or axis.name)]
    numbers = [axis.number(value) for one in same for value in one.get(key) or ()]
    return find_bins(numbers, trace.get(f"{key}bins"), trace.get(f"nbins{key}"))


Bins = tuple[float, float, int]
"""Where the first begins, how wide each is, and how many there are."""


def find_bins(values: Sequence[float], given: Mapping | None, most: int | None, *, power: float = 0.4) -> Bins:
    """Choose round bins: as asked, at most so many, or as wide as the spread and number of the values make sensible."""
    numbers = np.array([value for value in values if math.isfinite(value)])
    if not len(numbers):
        return 0.0, 1.0, 1
    low, high, given = float(numbers.min()), float(numbers.max()), given or {}
    distinct = np.unique(numbers)
    if given.get("size") is not None:
        size = float(given["size"])
    else:
        gap = float(np.diff(distinct).min()) if len(distinct) > 1 else 1.0
        least = _round_down(gap)
        wanted = (high - low) / most if most else max(least, 2 * float(numbers.std()) / len(numbers) ** power)
        size = _round_up(wanted or 1.0)
    first = float(given["start"]) if given.get("start") is not None else _first_edge(numbers, size, low, high)
    last = float(given["end"]) if given.get("end") is not None else high
    return first, size, max(int((last - first) / size - (1e-9 if "end" in given else 0)) + 1, 1)


def _first_edge(numbers: np.ndarray, size: float, low: float, high: float) -> float:
    """Return where bins begin so that few values lie on an edge; whole numbers stand in the middle of theirs."""
    first = (math.ceil((low - (high - low) / 1000) / size) - 1) * size
    if (numbers % 1 == 0).all():
        if size < 1:
            return low - 0.5 * size
        first -= 0.5
        return first + size if first + size < low else first

    def near_edge(value: Any) -> Any:
        return (1 + (value - first) * 100 / size) % 100 < 2

    if near_edge(numbers + size / 2).sum() < len(numbers) * 0.1 and (
        near_edge(numbers).sum() > len(numbers) * 0.3 or near_edge(low) or near_edge(high)
    ):
        first += size / 2 if first + size / 2 < low else -size / 2
    return first


def _round_up(value: float) -> float:
    power = 10 ** math.floor(math.log10(value) + 1e-12)
    return power * next(step for step in (2, 5, 10) if step > value / power + 1e-9)


def _round_down(value: float) -> float:
    power = 10 ** math.floor(math.log10(value) + 1e-12)
    return power * max(step for step in (0.9, 1.9, 4.9, 9.9) if step <= value / power)


def _count_bars(trace: dict[str, Any], bins: Bins | None) -> None:
    """Turn a histogram into bars."""
    key = _key(trace)
    other, places = "y" if key == "x" else "x", trace.get(key) or []
    weights = trace.get(other)
    sums: dict[Any, list[float]] = {} if bins is None else {index: [] for index in range(bins[2])}
    for index, value in enumerate(places):
        if value is None or value != value:
            continue
        place = str(value) if bins is None else math.floor((float(value) - bins[0]) / bins[1] + 1e-9)
        if bins is None or 0 <= place < bins[2]:
            weight = weights[index] if weights is not None and index < len(weights) else 1.0
            sums.setdefault(place, []).append(float(weight) if weight is not None else math.nan)
    heights = [_height(found, trace.get("histfunc") or "count") for found in sums.values()]
    wide = 1.0 if bins is None else bins[1]
    heights = _normal(heights, trace.get("histnorm") or "", wide)
    if (cumulative := trace.get("cumulative") or {}).get("enabled"):
        if set(cumulative) - {"enabled", "direction"} or cumulative.get("direction", "increasing") != "increasing":
            raise CannotDraw("a histogram that adds up otherwise than upwards")
        heights = np.cumsum(heights).tolist()
    centres = list(sums) if bins is None else [bins[0] + (index + 0.5) * bins[1] for index in sums]
    trace |= {"type": "bar", key: centres, other: heights, "orientation": "h" if key == "y" else "v"}
    if bins is not None:
        trace["_unit"] = wide


def _height(found: Sequence[float], way: str) -> float:
    known = [one for one in found if one == one]
    if way == "count":
        return float(len(found))
    if way == "sum":
        return float(sum(known))
    if not known:
        return math.nan
    if way not in ("avg", "min", "max"):
        raise CannotDraw(f"histogram.histfunc={way!r}")
    return sum(known) / len(known) if way == "avg" else min(known) if way == "min" else max(known)


def _normal(heights: Sequence[float], norm: str, wide: float) -> list[float]:
    total = sum(one for one in heights if one == one) or 1.0
    factors = {"": 1.0, "percent": 100 / total, "probability": 1 / total, "density": 1 / wide,
               "probability density": 1 / total / wide}  # fmt: skip
    if norm not in factors:
        raise CannotDraw(f"histogram.histnorm={norm!r}")
    return [one * factors[norm] for one in heights]


def _count_cells(scene: Scene, trace: dict[str, Any]) -> None:
    """Turn a histogram in two directions into a heatmap."""
    if trace.get("z") is not None or trace.get("histfunc", "count") != "count" or trace.get("histnorm"):
        raise CannotDraw("a histogram of something else than counts in two directions")
    axes = scene.axes_of(trace)
    if any(axis.kind != "linear" for axis in axes):
        raise CannotDraw("a histogram of categories or dates in two directions")
    pairs = [(axes[0].number(a), axes[1].number(b)) for a, b in zip(trace["x"], trace["y"], strict=False)]
    pairs = [pair for pair in pairs if all(map(math.isfinite, pair))]
    bins = [find_bins([pair[at] for pair in pairs], trace.get(f"{key}bins"), trace.get(f"nbins{key}"), power=0.25)
            for at, key in enumerate("xy")]  # fmt: skip
    counts = [[0] * bins[0][2] for _ in range(bins[1][2])]
    for pair in pairs:
        column, row = (
            math.floor((number - first) / size + 1e-9) for number, (first, size, _) in zip(pair, bins, strict=True)
        )
        if 0 <= column < bins[0][2] and 0 <= row < bins[1][2]:
            counts[row][column] += 1
    edges = [[first + size * step for step in range(count + 1)] for first, size, count in bins]
    trace |= {"type": "heatmap", "x": edges[0], "y": edges[1], "z": counts}
