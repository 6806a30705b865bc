"""Pages of a finished site, to look at and not to change: each is parsed once, however many tests look at it."""

from functools import lru_cache
from pathlib import Path

from bs4 import BeautifulSoup


@lru_cache(maxsize=128)
def read_page(path: Path) -> BeautifulSoup:
    """Return a page as a tree; 128 of them are about 150 MB."""
    parser = "lxml" if path.name.startswith("cijfers-") else "html.parser"  # knows ends of rows that are not written
    return BeautifulSoup(path.read_text(encoding="utf-8"), parser)
