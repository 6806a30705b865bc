"""The images of a page, apart from its figures, as print can hold them: pictures as they are, vectors as drawings."""

import base64
import html
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from bs4 import Tag
from lxml import etree

from evaluation.base.errors import PublishError
from evaluation.present.drawing.draw import POINTS_PER_PX, Drawing

_SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8"}
"""What a picture begins with that the PDF and Word can both hold, whatever its name says."""

_POINTS = {"px": 0.75, "pt": 1.0, "cm": 28.35, "mm": 2.835, "in": 72.0, "": 0.75}
WIDEST = 470.0
"""Points between the margins of a page."""
_TALLEST = 600.0
"""Points of a page that a drawing may take, with its caption above it and its source under it."""
_LONGEST = 60
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(px|pt|cm|mm|in|%|)\s*$")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)\w+;")
_SVG = 'xmlns="http://www.w3.org/2000/svg"'


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of points, as it stands in its file."""

    content: bytes
    kind: str
    points: float  # its width; 0 for its own


def width_on_paper(drawing: Drawing) -> float:
    """Return how many points wide a drawing is printed: smaller where it is taller than a page, which would cut it off.

    >>> width_on_paper(Drawing("", 640, 400)), width_on_paper(Drawing("", 640, 1920))
    (396.8, 200.0)
    """
    return min(drawing.width * POINTS_PER_PX, _TALLEST * drawing.width / drawing.height)


def read_image(tag: Tag, page: Path) -> Picture | Drawing:
    """Read what an ``img`` or ``svg`` of the page in this file shows.

    Raises PublishError when there is no such file, or it is none that print can hold.
    """
    if tag.name == "svg":
        return _drawing(_own_text(tag, page.read_text(encoding="utf-8")), tag, "<svg>")
    source = str(tag.get("src", ""))
    name = source if len(source) <= _LONGEST else f"{source[:_LONGEST]}…"
    try:
        content = _read_data(source) if source.startswith("data:") else (page.parent / unquote(source)).read_bytes()
    except (OSError, ValueError):
        raise PublishError(f"{name!r} cannot be read") from None
    kind = next((kind for kind, mark in _SIGNATURES.items() if content.startswith(mark)), None)
    if kind is not None:
        return Picture(content, kind, min(_points(tag), WIDEST))
    if b"<svg" in content:
        return _drawing(content.decode(errors="replace"), tag, repr(name))
    raise PublishError(f"{name!r} is no image that print can hold: {', '.join(_SIGNATURES)} or svg")


def _read_data(address: str) -> bytes:
    head, _, data = address.partition(",")
    return base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data)


def _own_text(tag: Tag, text: str) -> str:
    """Return a drawing as the page has it: a reader of HTML forgets which letters of its names are large."""
    lines = text.splitlines(keepends=True)
    rest = "".join(lines[tag.sourceline - 1 :])[tag.sourcepos :]
    return rest[: rest.index("</svg>") + len("</svg>")] if "</svg>" in rest else rest


def _drawing(text: str, tag: Tag, name: str) -> Drawing:
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), text[text.index("<svg") :])
    text = text if "xmlns=" in text.partition(">")[0] else text.replace("<svg", f"<svg {_SVG}", 1)
    try:
        root = etree.fromstring(text.encode())
        box = [float(part) for part in re.split(r"[\s,]+", root.get("viewBox", "0 0 300 150").strip())][2:]
        width, height = (_size(root.get(key), own) for key, own in zip(("width", "height"), box, strict=True))
    except (etree.XMLSyntaxError, ValueError):
        raise PublishError(f"{name} is not right as SVG") from None
    wanted = min(_points(tag) / 0.75 or width, WIDEST / POINTS_PER_PX)
    return Drawing(text, wanted, height * wanted / width)


def _points(tag: Tag) -> float:
    """Return how wide an element of a page says to be; 0 where it does not."""
    style = re.search(r"(?:^|;)\s*width:\s*([^;]+)", str(tag.get("style", "")))
    said = _LENGTH.match(style[1] if style else str(tag.get("width", "")))
    if said is None:
        return 0.0
    return float(said[1]) * (WIDEST / 100 if said[2] == "%" else _POINTS.get(said[2], 0.0))


def _size(said: str | None, own: float) -> float:
    """Return a measure of a drawing in px; that of its view where it says none, or one that hangs on the page."""
    found = _LENGTH.match(said or "")
    return (float(found[1]) * _POINTS.get(found[2], 0.0) / 0.75 if found and found[2] != "%" else 0.0) or own or 1.0
