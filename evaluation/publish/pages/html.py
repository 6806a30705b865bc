"""HTML written from a template and read back as a tree, which is parsed once for all that look at it."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from lxml import html

_PARSER = html.HTMLParser(encoding="utf-8", huge_tree=True)


def load_template(path: Path) -> Template:
    """Load a template of a staged report: it escapes everything, and a name without a value is an error."""
    options = {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(loader=FileSystemLoader(path.parent), **options).get_template(path.name)


def parse_page(path: Path) -> html.HtmlElement:
    """Return the tree of a page, to look at and not to change: others are given the same one."""
    return parse_html(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def parse_html(text: str) -> html.HtmlElement:
    """Return the tree of a page or of a part of one, under its root ``html``; to look at and not to change."""
    return html.document_fromstring(text.encode() if text.strip() else b"<p></p>", parser=_PARSER)


def with_class(tree: html.HtmlElement, name: str) -> Iterator[html.HtmlElement]:
    """Give the elements that have a class."""
    return (tag for tag in tree.iter("*") if name in (tag.get("class") or "").split())
