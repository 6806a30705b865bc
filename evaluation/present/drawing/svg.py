"""Strokes, dashes and text in SVG; the width of a text is estimated, as there is no font to measure with."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape, unescape
from itertools import groupby
from typing import Any

from evaluation.base import dutch

_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] -"), set("mwMW%@€—")
_LINE_HEIGHT = 1.25
_DASHES = {"solid": (), "dot": (1, 1), "dash": (3, 3), "longdash": (5, 5), "dashdot": (3, 1, 1, 1),
           "longdashdot": (5, 2, 1, 2)}  # fmt: skip
_TAG = re.compile(r"<(/?)(b|i|em|strong|sup|sub|span|a)\b[^>]*>")
_STYLES = {
    "b": ' font-weight="bold"', "strong": ' font-weight="bold"', "i": ' font-style="italic"',
    "em": ' font-style="italic"', "sup": ' font-size="70%" dy="-0.4em"', "sub": ' font-size="70%" dy="0.2em"',
}  # fmt: skip
_ELEMENT = re.compile(r"<(\w+)((?: [\w-]+=\"[^\"]*\")*)(/?>.*)", re.DOTALL)
_ATTRIBUTE = re.compile(r" ([\w-]+)=\"[^\"]*\"")
_INHERITED = {"fill", "fill-opacity", "font-size", "font-style", "font-weight", "stroke", "stroke-dasharray",
              "stroke-linejoin", "stroke-opacity", "stroke-width", "text-anchor"}  # fmt: skip
"""Attributes that a group hands on to what stands in it."""

_LINE = re.compile(' x1="([^"]*)" y1="([^"]*)" x2="([^"]*)" y2="([^"]*)"/>')
_DEFAULTS = (' stroke-width="1"', ' text-anchor="start"')
_BACK = {"sup": "0.28em", "sub": "-0.14em"}
"""How far what follows has to move to stand on the line again."""


class CannotDraw(ValueError):
    """A figure has something that this drawing would leave out."""


def write_group(elements: Iterable[str]) -> str:
    """Write elements in their order; of those that follow each other and look the same, the look only once."""
    written = []
    for look, group in groupby(map(_part_look, elements), key=lambda parts: parts[0]):
        parts = list(_as_paths([(name, rest) for _, name, rest in group]))
        if look and len(parts) > 1:
            written.append(f"<g{look}>{''.join(map(''.join, parts))}</g>")
        else:
            written += (f"{name}{look}{rest}" for name, rest in parts)
    return "".join(written)


def _as_paths(elements: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Write straight lines that follow each other as one path."""
    for are_lines, group in groupby(
        elements, key=lambda parts: parts[0] == "<line" and bool(_LINE.fullmatch(parts[1]))
    ):
        parts = list(group)
        if not are_lines or len(parts) == 1:
            yield from parts
            continue
        yield "<path", f' d="{"".join(_LINE.sub(_segment, rest) for _, rest in parts)}"/>'


def _segment(line: re.Match[str]) -> str:
    start, up, end, down = line.groups()
    return f"M{start} {up}" + (f"V{down}" if start == end else f"H{end}" if up == down else f"L{end} {down}")


def _part_look(element: str) -> tuple[str, str, str]:
    """Part the look of an element, which a group can hand on, from its name and the rest."""
    if (found := _ELEMENT.fullmatch(element)) is None:
        return "", element, ""
    look = own = ""
    for attribute in _ATTRIBUTE.finditer(found[2]):
        if attribute[0] in _DEFAULTS:
            continue
        if attribute[1] in _INHERITED:
            look += attribute[0]
        else:
            own += attribute[0]
    return look, f"<{found[1]}", f"{own}{found[3]}"


def draw_line(start: Sequence[float], end: Sequence[float], colour: str, width: float, dash: str = "") -> str:
    """Draw a straight line between two places in px; `dash` is of `dashes`."""
    return (
        f'<line x1="{px(start[0])}" y1="{px(start[1])}" x2="{px(end[0])}" y2="{px(end[1])}" stroke="{colour}" '
        f'stroke-width="{px(width)}"{dash}/>'
    )


def dashes(style: Mapping[str, Any]) -> str:
    """Write the dash of a line as plotly does: its parts follow the width of the line."""
    unit = max(style.get("width", 2), 3)
    if (parts := _DASHES.get(style.get("dash") or "solid")) is None:
        raise CannotDraw(f"the dash {style['dash']}")
    return f' stroke-dasharray="{" ".join(px(part * unit) for part in parts)}"' if parts else ""


def draw_text(
    place: Sequence[float], words: str, size: float, colour: str | None = None, anchor: str = "start", angle: float = 0
) -> str:
    """Write lines of text around the middle of their height, with plotly's marks for bold, italic, high and low."""
    across, middle = place
    lines = split_lines(words)
    first = middle + size * 0.35 - (len(lines) - 1) / 2 * size * _LINE_HEIGHT
    fill = f' fill="{colour}"' if colour else ""
    turned = f' transform="rotate({px(angle)} {px(across)} {px(middle)})"' if angle else ""
    whole = re.fullmatch(r"<b>([^<]*)</b>|([^<]*)", lines[0]) if len(lines) == 1 else None
    if whole:  # most words of a page: a label of an axis, a figure in a square
        weight, plain = (_STYLES["b"], whole[1]) if whole[1] is not None else ("", whole[2])
        at = f'x="{px(across)}" y="{px(first)}" font-size="{px(size)}" text-anchor="{anchor}"'
        return f"<text {at}{fill}{weight}{turned}>{_escaped(plain)}</text>"
    written = "".join(
        _line(line, px(across), px(first + index * size * _LINE_HEIGHT)) for index, line in enumerate(lines)
    )
    return f'<text font-size="{px(size)}" text-anchor="{anchor}"{fill}{turned}>{written}</text>'


def _line(line: str, across: str, up: str) -> str:
    """Write a line: as one piece where it has no marks or is bold as a whole."""
    whole = re.fullmatch(r"<b>([^<]*)</b>", line)
    if whole or "<" not in line:
        weight, plain = (_STYLES["b"], whole[1]) if whole else ("", line)
        return f'<tspan x="{across}" y="{up}"{weight}>{_escaped(plain)}</tspan>'
    pieces, end, back = [], 0, ""
    for tag in _TAG.finditer(line):
        between, end = _escaped(line[end : tag.start()]), tag.end()
        pieces.append(f'<tspan dy="{back}">{between}</tspan>' if back and between else between)
        back = "" if between else back
        pieces.append("</tspan>" if tag[1] else f"<tspan{_STYLES.get(tag[2], '')}>")
        back = _BACK.get(tag[2], back) if tag[1] else back
    if "<" in (rest := line[end:]) or len(re.findall("<tspan", "".join(pieces))) != "".join(pieces).count("</tspan>"):
        raise CannotDraw(f"the markup in {line!r}")
    pieces.append(f'<tspan dy="{back}">{_escaped(rest)}</tspan>' if back and rest else _escaped(rest))
    return f'<tspan x="{across}" y="{up}">{"".join(pieces)}</tspan>'


def _escaped(words: str) -> str:
    return escape(unescape(words), quote=False)


def split_lines(words: str) -> list[str]:
    """Split a text where plotly begins a new line; a mark that goes on there is in each line of its own.

    >>> split_lines("<b>Inbraken<br>per jaar</b>")
    ['<b>Inbraken</b>', '<b>per jaar</b>']
    """
    lines, still = [], []
    for line in re.split(r"<br\s*/?>|\n", str(words)):
        begin = "".join(f"<{mark}>" for mark in still)
        for tag in _TAG.finditer(line):
            if not tag[1]:
                still.append(tag[2])
            elif still and still[-1] == tag[2]:
                still.pop()
        lines.append(begin + line + "".join(f"</{mark}>" for mark in reversed(still)))
    return lines


def text_width(words: str, size: float) -> float:
    """Estimate the width of a text on the safe side: of its longest line."""
    return max(_width(line) for line in split_lines(words)) * size


def _width(line: str) -> float:
    return sum(
        0.4 if letter in _NARROW else 0.97 if letter in _WIDE else 0.7 if letter.isupper() else 0.64
        for letter in unescape(_TAG.sub("", line))
    )


def text_height(words: str, size: float) -> float:
    """Return the height of the lines of a text."""
    return len(split_lines(words)) * size * _LINE_HEIGHT


def number_words(value: float, form: str = "") -> str:
    """Write a number in Dutch as a format of plotly asks (``,.1f``, ``.0%``); else with the decimals that it needs.

    >>> number_words(1234.5, ",.1f"), number_words(0.256, ".0%"), number_words(2021), number_words(-0.25)
    ('1.234,5', '26%', '2021', '−0,25')
    """
    asked = re.fullmatch(r"[~+]?(,?)(?:\.(\d+))?~?([fdrgs%e]?)", form)
    if asked is None:
        raise CannotDraw(f"the number format {form!r}")
    grouped, digits, kind = asked.groups()
    if kind == "%":
        return dutch.number(value * 100, int(digits or 0)) + "%"
    if digits is not None and kind in ("f", ""):
        return dutch.number(value, int(digits)) if grouped or abs(value) >= 1e4 else _plain(value, int(digits))
    if kind in ("d",) or (grouped and not digits):
        return dutch.number(value)
    decimals = next((count for count in range(8) if abs(value - round(value, count)) < 1e-9 * max(1, abs(value))), 4)
    decimals = min(decimals, 4) if abs(value) < 100 else min(decimals, 2)
    return dutch.number(value, decimals) if abs(value) >= 1e4 else _plain(value, decimals)


def _plain(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace(".", ",").replace("-", "−")


def px(value: float) -> str:
    """Write px with at most one decimal: a twentieth of a dot is not seen, and a page has thousands of them."""
    return f"{value:.1f}".removesuffix(".0")
