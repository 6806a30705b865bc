"""What a drawing is made of: paths, boxes, dots and words that stand at numbers along two axes."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.present.drawing.axes import Axis
from evaluation.present.drawing.svg import CannotDraw, dashes, draw_line, draw_text, px, text_height, text_width

Axes = tuple[Axis, Axis]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """How a mark is drawn: filled or not, with an edge or not."""

    fill: str = "none"
    stroke: str = ""
    width: float = 0.0  # of the stroke, in px
    dash: str = "solid"
    opacity: float = 1.0

    def svg(self) -> str:
        """Write it as attributes."""
        drawn = _paint("fill", self.fill)
        if self.stroke and self.width:
            drawn += f'{_paint("stroke", self.stroke)} stroke-width="{px(self.width)}"'
            drawn += dashes({"width": self.width, "dash": self.dash})
        return drawn + (f' opacity="{px(self.opacity)}"' if self.opacity < 1 else "")


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, or the area inside it."""

    points: Sequence[Point]
    look: Look
    closed: bool = False

    def svg(self, axes: Axes) -> str:
        """Draw it."""
        x, y = axes
        points = " ".join(f"{px(x(a))},{px(y(b))}" for a, b in self.points)
        name, join = ("polygon", "") if self.closed else ("polyline", ' stroke-linejoin="round"')
        return f'<{name} points="{points}"{self.look.svg()}{join}/>'


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle between two corners, with words in it or at its end."""

    start: Point
    end: Point
    look: Look
    inset: tuple[float, float] = (0.0, 0.0)  # px that are left free around it
    words: str = ""
    size: float = 13.0
    colour: str | None = None  # of the words; by default what can be read there
    place: str = "inside"  # inside, outside, auto: of the words
    along: str = "y"  # which way its value runs

    def svg(self, axes: Axes) -> str:
        """Draw it."""
        x, y = axes
        left, right = sorted((x(self.start[0]), x(self.end[0])))
        top, bottom = sorted((y(self.start[1]), y(self.end[1])))
        beside, above = self.inset
        left, right, top, bottom = left + beside, right - beside, top + above, bottom - above
        size = f'width="{px(max(right - left, 0))}" height="{px(max(bottom - top, 0))}"'
        drawn = f'<rect x="{px(left)}" y="{px(top)}" {size}{self.look.svg()}/>'
        return drawn + (f"\n{self._words(axes, left, right, top, bottom)}" if self.words else "")

    def _words(self, axes: Axes, left: float, right: float, top: float, bottom: float) -> str:
        wide, high = text_width(self.words, self.size) + 6, text_height(self.words, self.size)
        fits = wide <= right - left and high <= bottom - top
        if self.place == "inside" or (self.place == "auto" and fits):
            middle = ((left + right) / 2, (top + bottom) / 2)
            return draw_text(middle, self.words, self.size, self.colour or readable_on(self.look.fill), "middle")
        if self.along == "x":
            backwards = axes[0](self.end[0]) < axes[0](self.start[0])
            at, anchor = (left - 4, "end") if backwards else (right + 4, "start")
            return draw_text((at, (top + bottom) / 2), self.words, self.size, self.colour, anchor)
        downwards = axes[1](self.end[1]) > axes[1](self.start[1])
        at = bottom + high / 2 + 3 if downwards else top - high / 2 - 3
        return draw_text(((left + right) / 2, at), self.words, self.size, self.colour, "middle")


@dataclass(frozen=True, slots=True)
class Dot:
    """A sign at a point."""

    point: Point
    size: float
    look: Look
    symbol: str = "circle"

    def svg(self, axes: Axes) -> str:
        """Draw it."""
        return sign(axes[0](self.point[0]), axes[1](self.point[1]), self.size, self.symbol, self.look)


@dataclass(frozen=True, slots=True)
class Words:
    """Words beside a point."""

    point: Point
    words: str
    size: float
    colour: str | None
    anchor: str = "middle"
    shift: Point = (0.0, 0.0)  # px to the right and down

    def svg(self, axes: Axes) -> str:
        """Draw them."""
        place = (axes[0](self.point[0]) + self.shift[0], axes[1](self.point[1]) + self.shift[1])
        return draw_text(place, self.words, self.size, self.colour, self.anchor)


@dataclass(frozen=True, slots=True)
class Whisker:
    """An error bar: a line with a bar of some px at both ends."""

    start: Point
    end: Point
    look: Look
    cap: float

    def svg(self, axes: Axes) -> str:
        """Draw it."""
        ends = [(axes[0](a), axes[1](b)) for a, b in (self.start, self.end)]
        upright = ends[0][0] == ends[1][0]
        across, up = (self.cap, 0.0) if upright else (0.0, self.cap)
        caps = [
            draw_line((a - across, b - up), (a + across, b + up), self.look.stroke, self.look.width) for a, b in ends
        ]
        return "\n".join([draw_line(*ends, self.look.stroke, self.look.width), *(caps if self.cap else ())])


Mark = Path | Box | Dot | Words | Whisker

_CORNERS = {"triangle-up": (3, -90), "triangle-down": (3, 90), "triangle-left": (3, 180), "triangle-right": (3, 0),
            "pentagon": (5, -90), "hexagon": (6, -60), "square": (4, -45), "diamond": (4, -90)}  # fmt: skip
_LARGER = {"square": math.sqrt(2), "diamond": 1.3, "star": 1.4}


def sign(across: float, up: float, size: float, symbol: str, look: Look) -> str:
    """Draw a sign around a place in px."""
    name = symbol.removesuffix("-open")
    if name != symbol:
        look = Look("none", look.stroke if look.width else look.fill, look.width or 1.5, opacity=look.opacity)
    half = size / 2
    if name == "circle":
        return f'<circle cx="{px(across)}" cy="{px(up)}" r="{px(half)}"{look.svg()}/>'
    if name in ("line-ns", "line-ew"):
        ends = (0.0, half * 1.4) if name == "line-ns" else (half * 1.4, 0.0)
        stroke, width = (look.stroke, look.width) if look.width else (look.fill, 2.0)
        return draw_line((across - ends[0], up - ends[1]), (across + ends[0], up + ends[1]), stroke, width)
    if name in ("cross", "x"):
        arm = half * 0.4
        corners = [(arm, half), (arm, arm), (half, arm), (half, -arm), (arm, -arm), (arm, -half)]
        corners += [(-a, -b) for a, b in corners]
        if name == "x":
            corners = [((a - b) * 0.75, (a + b) * 0.75) for a, b in corners]
    elif name == "star":
        turns = [(math.radians(-90 + 36 * n), half * 1.4 * (1 if n % 2 == 0 else 0.4)) for n in range(10)]
        corners = [(math.cos(turn) * reach, math.sin(turn) * reach) for turn, reach in turns]
    elif name in _CORNERS:
        count, first = _CORNERS[name]
        reach = half * _LARGER.get(name, 1.15)
        turns = [math.radians(first + 360 / count * n) for n in range(count)]
        corners = [(math.cos(turn) * reach, math.sin(turn) * reach) for turn in turns]
    else:
        raise CannotDraw(f"marker.symbol={symbol!r}")
    path = "L".join(f"{px(across + a)},{px(up + b)}" for a, b in corners)
    return f'<path d="M{path}Z"{look.svg()}/>'


# Colours


def rgb(colour: str) -> tuple[float, float, float, float]:
    """Read a colour as red, green, blue (0 to 255) and how opaque it is."""
    if hexes := re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", colour.strip()):
        digits = hexes[1] if len(hexes[1]) == 6 else "".join(digit * 2 for digit in hexes[1])
        return (*(float(int(digits[at : at + 2], 16)) for at in (0, 2, 4)), 1.0)
    if parts := re.fullmatch(r"rgba?\(([\d.,\s%]+)\)", colour.strip()):
        numbers = [float(part) for part in parts[1].split(",")]
        return (*numbers[:3], numbers[3] if len(numbers) > 3 else 1.0)
    if colour in _NAMED:
        return rgb(_NAMED[colour])
    raise CannotDraw(f"the colour {colour!r}")


_NAMED = {
    "white": "#fff", "black": "#000", "red": "#f00", "green": "#008000", "blue": "#00f", "gray": "#808080",
    "grey": "#808080", "lightgray": "#d3d3d3", "lightgrey": "#d3d3d3", "darkgray": "#a9a9a9", "orange": "#ffa500",
    "yellow": "#ff0", "purple": "#800080", "transparent": "rgba(0,0,0,0)",
}  # fmt: skip


def _paint(role: str, colour: str) -> str:
    """Write a colour as an attribute; how opaque it is apart, since not every program reads it otherwise."""
    if not colour.startswith("rgba"):
        return f' {role}="{colour}"'
    red, green, blue, opaque = rgb(colour)
    plain = f' {role}="#{round(red):02X}{round(green):02X}{round(blue):02X}"'
    return plain if opaque == 1 else f'{plain} {role}-opacity="{px(opaque)}"'


def faded(colour: str, opacity: float) -> str:
    """Return a colour that is less opaque."""
    red, green, blue, had = rgb(colour)
    return f"rgba({red:.0f},{green:.0f},{blue:.0f},{px(had * opacity)})"


def readable_on(fill: str) -> str | None:
    """Return the colour of words on this one: white on what is dark; None (that of the text) on what is light."""
    if fill == "none":
        return None
    red, green, blue, opaque = rgb(fill)
    return "#FFFFFF" if opaque > 0.5 and 0.299 * red + 0.587 * green + 0.114 * blue < 140 else None


@dataclass(frozen=True, slots=True)
class Scale:
    """Colours for numbers."""

    stops: Sequence[tuple[float, str]]
    low: float
    high: float
    spec: Mapping[str, Any]  # of its bar: colorbar, showscale

    def __call__(self, value: Any) -> str:
        """Return the colour of a number; of what lies outside, that of the end."""
        if value is None or value != value:
            return "none"
        place = min(max((float(value) - self.low) / ((self.high - self.low) or 1), 0.0), 1.0)
        for (low, colour), (high, following) in zip(self.stops, self.stops[1:], strict=False):
            if low <= place <= high:
                if colour == following:
                    return colour
                part = (place - low) / ((high - low) or 1)
                mixed = (a + (b - a) * part for a, b in zip(rgb(colour)[:3], rgb(following)[:3], strict=True))
                return "#" + "".join(f"{round(one):02X}" for one in mixed)
        return self.stops[-1][1]
