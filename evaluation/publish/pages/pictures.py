"""The figures of a page: their drawings in it, and in a file beside it what a script draws for who asks for that."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from evaluation.base.errors import PublishError
from evaluation.present.drawing import CannotDraw, draw_on_page, light_colours
from evaluation.present.packed import unpack_spec

FOLDER = "figuren"
"""Beside the pages: for each page with figures a file of what a script draws of them."""

WAYS = "figuur-wegen"
"""Class of the line under a figure with what a reader can do with it; scripts add to it."""

_CALL = "regiodealFiguren("
_DATA = re.compile(r'<script\b[^>]*\bid="data-([\w-]+)"[^>]*>(.*?)</script>', re.DOTALL)
_AREA = re.compile(r'<div\b([^>]*\bclass="figuur-vlak"[^>]*)>(?:\s*<img\b[^>]*>)?\s*</div>')
_NAME = re.compile(r'\bdata-figuur="([\w-]+)"')
_HEIGHT = re.compile(r' style="min-height:\d+px"')


def data_file(page: str) -> str:
    """Return the address, beside a page, of the file with what its figures show."""
    return f"{FOLDER}/{Path(page).stem}.js"


def place_figures(body: str, page: str) -> tuple[str, dict[str, Any]]:
    """Draw the figures of a chapter in its page, and take what a script would draw out of it.

    Returns the body, and the specification of each figure; one that cannot be read stays where it is.
    """
    specs: dict[str, Any] = {}

    def take(found: re.Match[str]) -> str:
        try:
            specs[found[1]] = json.loads(found[2])
        except json.JSONDecodeError:
            return found[0]
        return ""

    def put(found: re.Match[str]) -> str:
        name = _NAME.search(found[1])
        if name is None or name[1] not in specs:
            return found[0]
        attributes = _HEIGHT.sub("", found[1])
        drawn = _drawn(json.dumps(specs[name[1]]))
        link = f'<p class="{WAYS}"><a href="#figuur-{name[1]}">Link naar deze figuur</a></p>'
        return f'<div{attributes} data-gegevens="{data_file(page)}">{drawn}</div>{link}'

    body = _DATA.sub(take, body)
    return _AREA.sub(put, body), specs


@lru_cache(maxsize=512)
def _drawn(packed: str) -> str:
    """Draw a figure of the site; nothing where it is of a kind that only a script can draw."""
    try:
        return draw_on_page(unpack_spec(json.loads(light_colours(packed))))
    except (CannotDraw, PublishError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ""  # print, which is made of the same, says what is wrong; the table stands below


def write_data(specs: Mapping[str, Any], page: str, output: Path) -> None:
    """Write what the figures of a page show as a script: a page that stands in a folder can load nothing else."""
    path = output / data_file(page)
    if not specs:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    told = json.dumps(dict(specs), ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"{_CALL}{told.replace('<', chr(92) + 'u003c')});\n", encoding="utf-8")


def read_data(folder: Path, page: str) -> dict[str, Any]:
    """Read what the figures of a finished page show; nothing where it has none."""
    path = folder / data_file(page)
    if not path.is_file():
        return {}
    return json.loads(path.read_text(encoding="utf-8").removeprefix(_CALL).rstrip().removesuffix(");"))
