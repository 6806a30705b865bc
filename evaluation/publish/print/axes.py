"""The axes of a drawing: where a value stands in px, and where the ticks are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.base import dutch
from evaluation.base.errors import PublishError
from evaluation.publish.print.svg import split_lines, text_width

Spec = Mapping[str, Any]
"""A part of a figure's specification, as plotly has it."""

_WIDTH = 640
"""Width of a drawing in px, unless its tiles need less."""

TICK_SIZE = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """Where along the drawing a value, or the name of a category, stands in px."""

    low: float
    high: float
    start: float
    end: float
    categories: tuple[str, ...] = ()

    def __call__(self, value: float | str) -> float:
        """Return the px of a value or category."""
        place = self.categories.index(value) if isinstance(value, str) else value
        return self.start + (place - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def edges(self) -> tuple[float, float]:
        """The least and the most px."""
        return min(self.start, self.end), max(self.start, self.end)


def make_axes(data: Sequence[Spec], layout: Spec, size: float) -> tuple[Axis, Axis, float, float]:
    """Return both axes, and the width and height of the drawing."""
    margin, width, height = layout["margin"], float(_WIDTH), float(layout["height"])
    names = _categories(data, "y")
    visible = layout["yaxis"].get("visible", True)
    labels = list(names) if names else tick_words(ticks_of(layout["yaxis"], height - 52, 45), layout["yaxis"])
    widths = (text_width(line, size) + 14 for label in labels for line in split_lines(label))
    left = max(margin["l"], *widths) if visible else 4
    beside = [item for item in layout.get("annotations", ()) if item.get("xshift", 0) > TICK_SIZE]
    needed = (item["xshift"] + text_width(item["text"], item["font"]["size"]) + 4 for item in beside)
    right = max(margin["r"], 0, *needed)
    x_low, x_high = _range(layout["xaxis"], _categories(data, "x"))
    y_low, y_high = _range(layout["yaxis"], names)
    top, bottom = margin["t"], height - margin["b"]
    end = width - right
    if layout["yaxis"].get("scaleanchor"):
        unit = min((end - left) / abs(x_high - x_low), (bottom - top) / abs(y_high - y_low))
        end, bottom = left + unit * abs(x_high - x_low), top + unit * abs(y_high - y_low)
        width, height = end + right, bottom + 4
    x = Axis(x_low, x_high, left, end, _categories(data, "x"))
    return x, Axis(y_low, y_high, bottom, top, names), width, height


def _categories(data: Sequence[Spec], key: str) -> tuple[str, ...]:
    """Return the names along an axis in order; none where it has numbers."""
    return tuple(dict.fromkeys(value for trace in data for value in trace[key] if isinstance(value, str)))


def _range(axis: Spec, names: Sequence[str]) -> tuple[float, float]:
    if "range" in axis:
        return float(axis["range"][0]), float(axis["range"][1])
    if not names:
        raise PublishError("it cannot be drawn for print: an axis has no range")
    low, high = -0.5, len(names) - 0.5
    return (high, low) if axis.get("autorange") == "reversed" else (low, high)


def ticks_of(axis: Spec, length: float, apart: float) -> list[float]:
    """Return where the axis has ticks: as it says, or at round numbers about so many px apart."""
    if "tickvals" in axis:
        return list(axis["tickvals"])
    low, high = sorted(axis["range"])
    rough = (high - low) / max(length / apart, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def tick_words(ticks: Sequence[float], axis: Spec) -> list[str]:
    """Write ticks with as many decimals as they need; years without a thousands dot."""
    suffix = axis.get("ticksuffix") or ""
    if axis.get("tickformat"):
        return [dutch.number(tick) + suffix for tick in ticks]
    decimals = next(digits for digits in range(11) if all(abs(tick - round(tick, digits)) < 1e-9 for tick in ticks))
    return [f"{tick:.{decimals}f}".replace(".", ",").replace("-", "−") + suffix for tick in ticks]
