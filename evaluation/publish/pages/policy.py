"""What a page may load and run, as it says itself to a browser, and what only our own templates may write in it."""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml.html import HtmlElement

from evaluation.publish.pages.html import parse_page

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy of every page: files of the site alone; no script, style or image inside the page itself."""

POLICY_TAG = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'

_NEVER = {
    "animate", "animatemotion", "animatetransform", "applet", "audio", "base", "button", "dialog", "embed",
    "fencedframe", "foreignobject", "form", "frame", "frameset", "iframe", "input", "noscript", "object", "portal",
    "select", "set", "style", "template", "textarea", "video",
}  # fmt: skip
_ADDRESSES = {
    "action", "background", "cite", "classid", "codebase", "data", "dynsrc", "formaction", "href", "longdesc",
    "lowsrc", "manifest", "ping", "poster", "profile", "src", "srcset", "usemap", "xlink:href",
}  # fmt: skip
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_ALLOWED_SCHEMES = {"http", "https", "mailto", "tel"}
_SCRIPT = re.compile(r"(?:\.\./){0,2}(?:reports/style|assets)/[\w.-]+\.js")
_DATA = {"application/json"}


def find_foreign(folder: Path) -> list[str]:
    """List what stands in pages in `folder` and is not of our templates: page and what was found.

    Scripts, styles, images as data, event handlers, addresses that run something, frames, forms and
    objects; and a page without its policy.
    """
    return [
        f"{page.relative_to(folder).as_posix()}: {found}"
        for page in sorted(folder.rglob("*.html"))
        for found in dict.fromkeys(_look_at(parse_page(page)))
    ]


def _look_at(tree: HtmlElement) -> Iterator[str]:
    policies = [tag for tag in tree.iter("meta") if tag.get("http-equiv") is not None]
    if [(tag.get("http-equiv"), tag.get("content")) for tag in policies] != [("Content-Security-Policy", POLICY)]:
        yield "it has not exactly one policy, ours, and no other instruction to a browser"
    for tag in tree.iter("*"):
        name = str(tag.tag).lower()
        if name in _NEVER:
            yield f"<{name}> is not of our templates"
        elif name == "script" and not _is_our_script(tag):
            yield f"a script that is not of our templates: {(tag.get('src') or tag.text or '')[:60]!r}"
        for attribute, value in tag.attrib.items():
            attribute = attribute.lower()
            if attribute.startswith("on") or attribute == "srcdoc":
                yield f"<{name} {attribute}> runs something"
            elif attribute == "style":
                yield f"<{name} style> is a style in the page: {value[:60]!r}"
            elif attribute in _ADDRESSES and _runs(value):
                yield f"<{name} {attribute}> leads to {value[:60]!r}"


def _is_our_script(tag: HtmlElement) -> bool:
    if tag.get("src") is not None:
        return _SCRIPT.fullmatch(tag.get("src")) is not None and not (tag.text or "").strip()
    return tag.get("type") in _DATA and (tag.get("id") or "").startswith("data-")


def _runs(value: str) -> bool:
    """Tell whether an address is none of a page, a file or a person; as browsers do, without spaces and controls."""
    plain = re.sub(r"[\x00-\x20]", "", value)
    scheme = _SCHEME.match(plain)
    return scheme is not None and scheme[1].lower() not in _ALLOWED_SCHEMES
