"""A figure that is being drawn: its traces and layout with plain values, its axes, and the marks on them."""

import base64
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evaluation.present.colours import COLOURS, RAMP, SERIES
from evaluation.present.drawing.axes import Axis, Spec, kind_of_axis, milliseconds, order_categories
from evaluation.present.drawing.marks import Axes, Mark, Scale
from evaluation.present.drawing.svg import CannotDraw, number_words

_AXIS = re.compile(r"[xy]axis\d*")


@dataclass(slots=True, eq=False)
class Scene:
    """What is drawn: marks with their axes, in order, from the one at the back."""

    traces: list[dict[str, Any]]
    layout: Spec
    axes: dict[str, Axis]
    marks: list[tuple[Mark, Axes]] = field(default_factory=list)
    scales: dict[str, Scale] = field(default_factory=dict)  # those that have a bar beside the drawing
    stacked: dict[Any, dict[float, float]] = field(default_factory=dict)  # how high areas and bars came already
    last_lines: dict[Axes, Sequence[tuple[float, float]]] = field(default_factory=dict)  # to fill up to

    @property
    def size(self) -> float:
        """Of the letters, in px."""
        return self.layout["font"]["size"]

    def axes_of(self, item: Spec) -> Axes:
        """Return the axes that a trace stands on."""
        return self.axes[item.get("xaxis") or "x"], self.axes[item.get("yaxis") or "y"]

    def colour_of(self, trace: Spec) -> str:
        """Return the colour that a trace has by itself: its own, or that of its place among the traces."""
        for part in (trace.get("line"), trace.get("marker")):
            if isinstance((part or {}).get("color"), str):
                return part["color"]
        order = self.layout.get("colorway") or [COLOURS[role] for role in SERIES]
        return order[next(at for at, other in enumerate(self.traces) if other is trace) % len(order)]

    def beside(self, trace: Spec) -> list[dict[str, Any]]:
        """Return the traces of the same kind on the same axes, this one among them."""
        return [one for one in self.traces if one["type"] == trace["type"] and self.axes_of(one) == self.axes_of(trace)]

    def scale_of(self, item: Spec, values: Iterable[Any], *, keys: str = "c") -> Scale:
        """Return the colour scale of a trace or of its markers: their own, or one that is shared (coloraxis)."""
        name = item.get("coloraxis")
        spec = self.layout.get(name, {}) if name else item
        if (known := self.scales.get(name or "")) is not None:
            return known
        shared = [found for trace in self.traces for found in _coloured(trace, name)] if name else list(values)
        numbers = [float(value) for value in shared if isinstance(value, (int, float)) and math.isfinite(value)]
        keys = "c" if name else keys
        low, high = spec.get(f"{keys}min"), spec.get(f"{keys}max")
        if (middle := spec.get(f"{keys}mid")) is not None and numbers and low is None:
            reach = max(abs(max(numbers) - middle), abs(min(numbers) - middle))
            low, high = middle - reach, middle + reach
        low = min(numbers, default=0.0) if low is None else low
        high = max(numbers, default=1.0) if high is None else high
        stops = spec.get("colorscale") or self.layout.get("colorscale", {}).get("sequential") or house_scale()
        if isinstance(stops, str):
            raise CannotDraw(f"the colour scale {stops!r}")
        if spec.get("reversescale"):
            stops = [[1 - place, colour] for place, colour in reversed(stops)]
        scale = Scale([(float(place), colour) for place, colour in stops], float(low), float(high), spec)
        if spec.get("showscale", True):
            self.scales[name or f"of {id(item)}"] = scale
        return scale

    def add(self, marks: Iterable[Mark], axes: Axes) -> None:
        """Put marks on top of what is there."""
        self.marks += [(mark, axes) for mark in marks]


def house_scale() -> list[list[Any]]:
    """Return the colour scale of a figure that has none itself."""
    return [[place / (len(RAMP) - 1), COLOURS[role]] for place, role in enumerate(RAMP)]


def open_scene(spec: Spec) -> Scene:
    """Read a specification: arrays as lists, axes with their kinds and categories."""
    plain = decoded(spec)
    layout = {**plain["layout"]}
    layout["font"] = {"size": 13, "color": COLOURS["text"], **layout.get("font", {})}
    traces = [{"type": "scatter", **trace} for trace in plain["data"] if trace.get("visible", True) is True]
    for trace in traces:
        trace["type"] = "scatter" if trace["type"] == "scattergl" else trace["type"]
    return Scene(traces, layout, {})


def make_axes(scene: Scene) -> None:
    """Make the axes that traces and layout name; what stands on each decides its kind and its categories."""
    layout, traces = scene.layout, scene.traces
    names = {key.replace("axis", "") for key in layout if _AXIS.fullmatch(key)} | {"x", "y"}
    names |= {str(trace.get(f"{key}axis") or key) for trace in traces for key in "xy"}
    for name in sorted(names, key=lambda one: (one[0], int(one[1:] or 1))):
        spec = {**(layout.get(f"{name[0]}axis{name[1:]}") or {})}
        leader = str(spec.get("matches") or name)
        same = [trace for trace in traces if _reach(layout, trace, name[0], leader)]
        values = [value for trace in same for value in _values(trace, name[0])]
        if leader != name and leader in scene.axes:
            scene.axes[name] = Axis(name, spec, scene.axes[leader].kind, scene.axes[leader].categories)
            continue
        axis = scene.axes[name] = Axis(name, spec, kind_of_axis(spec, values))
        if axis.kind == "category":
            for value in values:
                axis.number(value)
            order_categories(axis, _totals(same, name[0]))


def _reach(layout: Spec, trace: Spec, key: str, leader: str) -> bool:
    """Tell whether a trace stands on an axis, or on one that matches it."""
    own = str(trace.get(f"{key}axis") or key)
    return leader in (own, (layout.get(f"{own[0]}axis{own[1:]}") or {}).get("matches"))


def _values(trace: Spec, key: str) -> Sequence[Any]:
    """Return what of a trace stands along an axis; where nothing does, its name (box) or places."""
    values = trace.get(key)
    if trace["type"] in ("box", "violin") and values is None:
        start = trace.get(f"{key}0")
        return [start if start is not None else trace.get("name") or " "]
    return [] if values is None else values


def _totals(traces: Iterable[Spec], key: str) -> dict[str, float]:
    """Return what each category sums to, of bars and histograms."""
    other, totals = "y" if key == "x" else "x", {}
    for trace in traces:
        names, sizes = trace.get(key) or [], trace.get(other)
        for place, name in enumerate(names):
            size = sizes[place] if sizes is not None and place < len(sizes) else 1
            totals[str(name)] = totals.get(str(name), 0.0) + (size if isinstance(size, (int, float)) else 1)
    return totals


def _coloured(trace: Spec, name: str) -> Iterator[Any]:
    """Return the numbers of a trace that a shared scale gives a colour."""
    if trace.get("coloraxis") == name and trace.get("z") is not None:
        yield from (value for row in trace["z"] for value in row)
    colours = (trace.get("marker") or {}).get("color")
    if (trace.get("marker") or {}).get("coloraxis") == name and isinstance(colours, list):
        yield from colours


def series(trace: Spec, axes: Axes) -> tuple[list[float], list[float]]:
    """Return the numbers of a trace along both axes; where one has no values, its places."""
    across, up = trace.get("x"), trace.get("y")
    count = max(len(values) for values in (across, up, []) if values is not None)
    across, up = (
        [axis.number(value) for value in (_places(trace, key, count, axis) if values is None else values)]
        for key, values, axis in zip("xy", (across, up), axes, strict=True)
    )
    return across[: len(up)], up[: len(across)]


def _places(trace: Spec, key: str, count: int, axis: Axis) -> list[Any]:
    first, step = trace.get(f"{key}0", 0), trace.get(f"d{key}", 1)
    first = milliseconds(first) if axis.kind == "date" else first
    return [first + step * place for place in range(count)]


def decoded(part: Any) -> Any:
    """Return a part of a specification with its arrays as lists: plotly packs those of numpy."""
    if isinstance(part, Mapping):
        if "bdata" in part and "dtype" in part:
            array = np.frombuffer(base64.b64decode(part["bdata"]), np.dtype(f"<{part['dtype'].replace('u1c', 'u1')}"))
            shape = [int(side) for side in str(part.get("shape", len(array))).split(",")]
            return array.reshape(shape).tolist()
        return {key: decoded(value) for key, value in part.items()}
    return [decoded(item) for item in part] if isinstance(part, (list, tuple)) else part


def fill_in(template: str, values: Mapping[str, Any]) -> str:
    """Fill the names in a template of plotly: ``%{y:.1f}``, ``%{customdata[0]}``."""

    def word(found: re.Match[str]) -> str:
        name, place, form = found[1], found[2], found[3]
        value = values.get(name)
        if place is not None and isinstance(value, (list, tuple)):
            value = value[int(place)] if int(place) < len(value) else None
        if value is None:
            return ""
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number_words(value, form or "") if is_number else str(value)

    return re.sub(r"%\{(\w+)(?:\[(\d+)\])?(?::([^}]*))?\}", word, template)


def words_of(trace: Spec, index: int, **values: Any) -> str:
    """Return the words that stand at a point of a trace."""
    text = trace.get("text")
    own = text[index] if isinstance(text, (list, tuple)) and index < len(text) else text
    custom = trace.get("customdata")
    if template := trace.get("texttemplate"):
        form = template[index] if isinstance(template, list) else template
        return fill_in(form, {**values, "text": own, "customdata": custom[index] if custom else None})
    if own is None or isinstance(own, (list, dict)):
        return ""
    return number_words(own) if isinstance(own, (int, float)) and not isinstance(own, bool) else str(own)


def at(value: Any, index: int, otherwise: Any = None) -> Any:
    """Return what an attribute is for one point: one for all, or a list with one for each."""
    if isinstance(value, (list, tuple)):
        return value[index] if index < len(value) else otherwise
    return otherwise if value is None else value
