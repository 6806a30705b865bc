"""A finished page as a tree, parsed once for all that look at it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bs4 import BeautifulSoup


def parse_page(path: Path) -> BeautifulSoup:
    """Return the tree of a page, to look at and not to change: others are given the same one."""
    return _parse(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _parse(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")
