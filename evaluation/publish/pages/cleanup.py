"""Take from finished pages whatever another host would have to serve: a visitor's visit is nobody else's business."""

import re
from collections.abc import Mapping
from pathlib import Path

from lxml.html import HtmlElement

from evaluation.base.errors import PublishError
from evaluation.publish.pages.html import parse_page

_REMOTE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
_LOADING = {
    **dict.fromkeys(("script", "iframe", "embed", "audio", "track"), ("src",)),
    **dict.fromkeys(("img", "source"), ("src", "srcset")),
    **dict.fromkeys(("image", "use"), ("href", "xlink:href")),
    **{"link": ("href",), "object": ("data",), "video": ("src", "poster")},
}
_LINK_ONLY = {"canonical", "alternate", "license", "author", "help", "prev", "next"}
_CSS_IMPORT = re.compile(r"@import\s+(?:url\()?\s*[\"']?(?:https?:)?//[^;]*;", re.IGNORECASE)
_CSS_FONT = re.compile(r"@font-face\s*\{[^}]*url\(\s*[\"']?(?:https?:)?//[^}]*\}", re.IGNORECASE)
_CSS_URL = re.compile(r"url\(\s*[\"']?(?:https?:)?//[^)]*\)", re.IGNORECASE)


def clean_pages(folder: Path) -> tuple[str, ...]:
    """Remove from every page and style sheet what loads from another host; return what was removed: page and address.

    Links that a reader can follow to another site stay.  Raises PublishError when something that loads is left.
    """
    removed = []
    for page in sorted(folder.rglob("*.html")):
        tree = parse_page(page)
        if not (_remote_addresses(tree) or any(map(_css_is_remote, tree.xpath("//style/text()")))):
            continue
        from bs4 import BeautifulSoup  # seldom needed

        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser", multi_valued_attributes=None)
        for tag in soup.find_all(list(_LOADING)):
            if (address := _remote_address(tag.name, tag.attrs)) is not None:
                removed.append(f"{page.name}: {address}")
                tag.extract()
        styles = [tag for tag in soup.find_all("style") if tag.string and _css_is_remote(tag.string)]
        for tag in styles:
            removed.append(f"{page.name}: style")
            tag.string.replace_with(_clean_css(tag.string))
        page.write_text(str(soup), encoding="utf-8")
    for sheet in sorted(folder.rglob("*.css")):
        text = sheet.read_text(encoding="utf-8")
        if _css_is_remote(text):
            removed.append(f"{sheet.name}: style")
            sheet.write_text(_clean_css(text), encoding="utf-8")
    if left := find_remote(folder):
        raise PublishError("The pages would load from other hosts:\n  " + "\n  ".join(left))
    return tuple(removed)


def find_remote(folder: Path) -> list[str]:
    """List what pages and style sheets in `folder` load from another host: page and address."""
    left = []
    for page in sorted(folder.rglob("*.html")):
        tree = parse_page(page)
        left += [f"{page.name}: {address}" for address in _remote_addresses(tree)]
        styles = tree.xpath("//style/text() | //@style")
        left += [f"{page.name}: {text[:60]}" for text in styles if _css_is_remote(text)]
    for sheet in sorted(folder.rglob("*.css")):
        left += [f"{sheet.name}: style"] if _css_is_remote(sheet.read_text(encoding="utf-8")) else []
    return left


def _remote_addresses(tree: HtmlElement) -> list[str]:
    found = (_remote_address(tag.tag, tag.attrib) for tag in tree.iter(*_LOADING))
    return [address for address in found if address is not None]


def _remote_address(name: str, attributes: Mapping[str, str]) -> str | None:
    """Return the address on another host from which an element loads something."""
    if name == "link" and set((attributes.get("rel") or "").split()) & _LINK_ONLY:
        return None
    for attribute in _LOADING[name]:
        value = attributes.get(attribute) or ""
        parts = value.split(",") if attribute == "srcset" else [value]
        if any(_REMOTE.match(part) for part in parts):
            return value
    return None


def _css_is_remote(text: str) -> bool:
    return bool(_CSS_IMPORT.search(text) or _CSS_URL.search(text))


def _clean_css(text: str) -> str:
    return _CSS_URL.sub("none", _CSS_FONT.sub("", _CSS_IMPORT.sub("", text)))
