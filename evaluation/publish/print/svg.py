"""Marks of a drawing in SVG: lines, dashes and text, whose width is estimated, as there is no font to measure with."""

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from typing import Any

from evaluation.base.errors import PublishError

_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] -1"), set("mwMW%@€—")
_LINE_HEIGHT = 1.25


def draw_line(start: Sequence[float], end: Sequence[float], colour: str, width: float, dash: str = "") -> str:
    """Draw a straight line between two places in px; `dash` is of `dashes`."""
    return (
        f'<line x1="{px(start[0])}" y1="{px(start[1])}" x2="{px(end[0])}" y2="{px(end[1])}" stroke="{colour}" '
        f'stroke-width="{px(width)}"{dash}/>'
    )


def dashes(style: Mapping[str, Any]) -> str:
    """Write the dash of a line as plotly does: its parts follow the width of the line."""
    unit = max(style.get("width", 2), 3)
    if (parts := {"solid": (), "dot": (1, 1), "dash": (3, 3)}.get(style.get("dash", "solid"))) is None:
        raise PublishError(f"it cannot be drawn for print: the dash {style['dash']} is not known")
    return f' stroke-dasharray="{" ".join(px(part * unit) for part in parts)}"' if parts else ""


def draw_text(place: Sequence[float], words: str, size: float, colour: str | None = None, anchor: str = "start") -> str:
    """Write lines of text around the middle of their height; markup other than a whole line in bold is refused."""
    across, middle = place
    lines = split_lines(words)
    first = middle + size * 0.35 - (len(lines) - 1) / 2 * size * _LINE_HEIGHT
    fill = f' fill="{colour}"' if colour else ""
    written = []
    for index, line in enumerate(lines):
        bold = re.fullmatch(r"<b>(.*)</b>", line)
        weight = ' font-weight="bold"' if bold else ""
        plain = bold.group(1) if bold else line
        if re.search(r"<[a-z/]", plain):
            raise PublishError(f"it cannot be drawn for print: the markup in {line!r} is not known")
        up = first + index * size * _LINE_HEIGHT
        written.append(f'<tspan x="{px(across)}" y="{px(up)}"{weight}>{escape(unescape(plain), quote=False)}</tspan>')
    return f'<text font-size="{px(size)}" text-anchor="{anchor}"{fill}>{"".join(written)}</text>'


def split_lines(words: str) -> list[str]:
    """Split a text where plotly begins a new line."""
    return str(words).split("<br>")


def text_width(words: str, size: float) -> float:
    """Estimate the width of a text on the safe side."""
    parts = (
        0.36 if letter in _NARROW else 0.9 if letter in _WIDE else 0.64 if letter.isupper() else 0.56
        for letter in unescape(words)
    )
    return sum(parts) * size


def px(value: float) -> str:
    """Write px with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
