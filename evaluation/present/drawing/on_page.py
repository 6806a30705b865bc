"""A figure as it stands in a page: drawings in the colours of the page, one for a wide screen and one for a phone.

They are part of the page, so a figure is there without a script, without another request and under any policy.
"""

import re
from collections.abc import Mapping
from typing import Any

from evaluation.present.colours import COLOURS
from evaluation.present.drawing.axes import Spec
from evaluation.present.drawing.draw import NARROW, WIDTH, draw

PICTURE = "figuur-beeld"
"""Class of a drawing in a page."""

_NARROW_SIZE = 12
_MOST_TICKS = 4
_FITS = 480
"""Px of a drawing that a phone can show smaller; what is wider moves in its own box."""

_MOST_LETTERS = 200_000
"""Of a drawing that goes along in a page; a cloud of more dots is drawn by script and in print only."""

_NAMED = re.compile(r'"(#[0-9A-Fa-f]{6})"')
_ROOT = re.compile(r"<svg [^>]*>")
_DOTS = re.compile(r'<g fill="([^"]*)"(?: stroke="([^"]*)"(?: stroke-width="([^"]*)")?)?>((?:<circle [^>]*/>){3,})</g>')
_DOT = re.compile(r'<circle cx="([^"]*)" cy="([^"]*)" r="([^"]*)"/>')
_BOXES = re.compile(r'(?:<rect x="[^"]*" y="[^"]*" width="[^"]*" height="[^"]*"/>){2,}')
_BOX = re.compile(r'<rect x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"/>')


def draw_on_page(spec: Spec) -> str:
    """Draw a figure, in plain colours, as the SVG of a page; nothing where it would be too large for one.

    A figure with a column of areas is drawn twice: a style sheet shows the one that fits. One with areas or tiles
    beside each other is drawn once.  Raises CannotDraw as `draw` does.
    """
    if is_beside(spec["layout"]):
        drawn = _in_page(spec, WIDTH, "ruim")
    else:
        drawn = _in_page(spec, WIDTH, "breed") + _in_page(narrowed(spec), NARROW, "smal")
    return drawn if len(drawn) <= _MOST_LETTERS else ""


def is_beside(layout: Spec) -> bool:
    """Tell whether a figure has areas beside each other, or tiles: on a phone it keeps the drawing that it has."""
    axes = {key: value for key, value in layout.items() if re.fullmatch(r"[xy]axis\d*", key)}
    columns = {tuple(axis.get("domain") or (0, 1)) for key, axis in axes.items() if key[0] == "x"}
    return len(columns) > 1 or any(axis.get("scaleanchor") for axis in axes.values())


def narrowed(spec: Spec) -> dict[str, Any]:
    """Return a figure for a phone: smaller letters, fewer years, and no more room beside it than it needs."""
    layout = dict(spec["layout"])
    layout["font"] = {**layout.get("font", {}), "size": _NARROW_SIZE}
    layout["margin"] = {**(layout.get("margin") or {}), "l": 8, "r": 12}
    for key, value in layout.items():
        if re.fullmatch(r"xaxis\d*", key) and value.get("tickvals") is not None:
            layout[key] = _thinned(value)
    notes = layout.get("annotations") or ()
    layout["annotations"] = [{**note, "font": {**(note.get("font") or {}), "size": 11}} for note in notes]
    return {**spec, "layout": layout}


def _thinned(axis: Mapping[str, Any]) -> dict[str, Any]:
    """Keep at most four ticks of an axis, the last among them."""
    values, words = list(axis["tickvals"]), list(axis.get("ticktext") or ())
    step = -(-len(values) // _MOST_TICKS)
    kept = [place for place in range(len(values)) if (len(values) - 1 - place) % step == 0]
    thinned = {**axis, "tickvals": [values[place] for place in kept], "tickangle": 0}
    return thinned | ({"ticktext": [words[place] for place in kept]} if words else {})


def _in_page(spec: Spec, width: float, name: str) -> str:
    """Draw as a part of a page: without a name of its own, its letters and colours those of the page."""
    drawing = draw(spec, alt="", font="", width=width)
    name = "alleen" if name == "ruim" and drawing.width <= _FITS else name
    text = drawing.svg.strip()
    size, wide, high = spec["layout"].get("font", {}).get("size", 13), round(drawing.width), round(drawing.height)
    root = (
        f'<svg class="{PICTURE} {name}" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'font-size="{size}" fill="{COLOURS["text"]}" aria-hidden="true">'
    )
    text = _ROOT.sub("", text, count=1)
    text = text.replace(f' font-size="{size}"', "")  # that of the whole drawing
    text = _BOXES.sub(_one_path, _DOTS.sub(_as_strokes, text))
    return _with_roles(root + text)


def _with_roles(svg: str) -> str:
    """Let each colour follow the style sheet; a drawing with another colour than ours stays on paper, as it is."""
    roles = {colour.lower(): role for role, colour in COLOURS.items()}
    if any(colour.lower() not in roles for colour in _NAMED.findall(svg)):
        return svg.replace(">", f'><rect width="100%" height="100%" fill="{COLOURS["bg"]}"/>', 1)
    return _NAMED.sub(lambda found: f'"var(--{roles[found[1].lower()]})"', svg)


def _as_strokes(found: re.Match[str]) -> str:
    """Write filled dots of one size as round ends of strokes without length: a third of their letters."""
    fill, stroke, edge, circles = found.groups()
    dots = _DOT.findall(circles)
    if stroke not in (None, fill) or len(dots) != circles.count("<circle") or len({radius for *_, radius in dots}) > 1:
        return found[0]
    width = 2 * float(dots[0][2]) + (float(edge or 1) if stroke else 0)
    points = "".join(f"M{x} {y}h0" for x, y, _ in dots)
    return f'<path stroke="{fill}" stroke-width="{width:g}" stroke-linecap="round" d="{points}"/>'


def _one_path(found: re.Match[str]) -> str:
    """Write boxes that look the same as one path."""
    return f'<path d="{"".join(f"M{x} {y}h{w}v{h}h-{w}z" for x, y, w, h in _BOX.findall(found[0]))}"/>'
