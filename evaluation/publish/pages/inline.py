"""What a page says of its looks in its own tags, as classes of the style sheet: a page allows no style in itself."""

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from evaluation.base.errors import PublishError

MEASURES = ("deel", "pad", "van", "tot", "punt", "laag", "hoog")
"""Shares of a small bar, from 0 to 1: ``style="--deel:0.32"`` of a step becomes the class ``deel-32``."""

IMAGES = "figuren"
"""Beside the pages: images that a notebook or a text brought along."""

_FINEST = 200
_TAG = re.compile(r"<[a-zA-Z][^\s/>]*(?:\s+[^\s=>\"']+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*\s*/?>")
_STYLE = re.compile(r"\sstyle\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_CLASS = re.compile(r"(\sclass\s*=\s*[\"'])", re.IGNORECASE)
_SHEET = re.compile(r"<style\b[^>]*>.*?</style\s*>", re.DOTALL | re.IGNORECASE)
_WHOLE = re.compile(r"(<script\b.*?</script\s*>|<!--.*?-->)", re.DOTALL | re.IGNORECASE)
_IMAGE = re.compile(r"(<img\b[^>]*?\ssrc=)([\"'])data:image/(png|jpeg|gif|svg\+xml)((?:;[\w=-]+)*),(.*?)\2", re.DOTALL)
_KINDS = {"png": "png", "jpeg": "jpg", "gif": "gif", "svg+xml": "svg"}


def measure_sheet() -> str:
    """Write the rules of the classes that `classes_for` gives: one for each half percent of each share of a bar."""
    lines = ["/* Shares of small bars: a page has no style of its own. */"]
    for name in MEASURES:
        lines += [f".{name}-{step} {{ --{name}: {step / _FINEST:g}; }}" for step in range(_FINEST + 1)]
    lines += [f".tekst-{side} {{ text-align: {side}; }}" for side in ("left", "right", "center")]
    return "\n".join(lines) + "\n"


def classes_for(style: str) -> list[str]:
    """Give the classes that say what a style attribute says; what has no class is left to the style sheet.

    Raises PublishError for a share of a bar that is no number from 0 to 1: it would be drawn as another one.

    >>> classes_for("--deel:0.325; text-align: right; color: red")
    ['deel-65', 'tekst-right']
    """
    found = []
    for declaration in style.split(";"):
        name, _, value = (part.strip().lower() for part in declaration.partition(":"))
        if name == "text-align" and value in ("left", "right", "center"):
            found.append(f"tekst-{value}")
        elif name.removeprefix("--") in MEASURES and name.startswith("--"):
            try:
                share = float(value)
            except ValueError:
                share = -1.0
            if not 0 <= share <= 1:
                raise PublishError(f"A bar of a page: got {name}: {value!r}; expected a share from 0 to 1.")
            found.append(f"{name[2:]}-{round(share * _FINEST)}")
    return found


def without_inline_styles(page: str) -> str:
    """Take style elements out of a page, and write its style attributes as classes; scripts and comments stay."""
    parts = _WHOLE.split(page)
    parts[::2] = [_TAG.sub(_classed, _SHEET.sub("", part)) for part in parts[::2]]
    return "".join(parts)


def _classed(found: re.Match[str]) -> str:
    tag = found[0]
    style = _STYLE.search(tag)
    if style is None:
        return tag
    classes = " ".join(classes_for(style[1] or style[2] or style[3] or ""))
    tag = tag[: style.start()] + tag[style.end() :]
    if not classes:
        return tag
    if _CLASS.search(tag):
        return _CLASS.sub(rf"\g<1>{classes} ", tag, count=1)
    return re.sub(r"^<[a-zA-Z][^\s/>]*", rf'\g<0> class="{classes}"', tag)


def place_images(page: str, output: Path) -> str:
    """Write the images that stand in a page as data into files beside it, named after their content."""

    def place(found: re.Match[str]) -> str:
        coded = "base64" in found[4].lower()
        content = base64.b64decode(found[5]) if coded else unquote_to_bytes(found[5])
        address = f"{IMAGES}/beeld-{hashlib.sha256(content).hexdigest()[:16]}.{_KINDS[found[3]]}"
        (output / address).parent.mkdir(parents=True, exist_ok=True)
        (output / address).write_bytes(content)
        return f"{found[1]}{found[2]}{address}{found[2]}"

    parts = _WHOLE.split(page)
    parts[::2] = [_IMAGE.sub(place, part) for part in parts[::2]]
    return "".join(parts)
