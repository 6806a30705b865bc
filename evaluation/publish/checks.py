"""Look at finished pages before anyone else does: filled chapters, live links, nothing from elsewhere."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from evaluation.errors import PublishError
from evaluation.publish.cleanup import find_remote
from evaluation.publish.parsed import parse_page

_REFERRING = (
    ("a", "href"),
    ("link", "href"),
    ("script", "src"),
    ("script", "data-plotly"),
    ("img", "src"),
    ("source", "src"),
)


def check_pages(folder: Path, pages: Sequence[str]) -> None:
    """Check a finished report.

    Parameters
    ----------
    folder : Path
        Stands where its relative links are true, so beside the other reports of the site.
    pages : sequence of str
        The chapters that must be there.

    Raises
    ------
    PublishError
        With every fault: a chapter missing or empty, a link or anchor without an end, a file that is not there,
        something that would load from another host.
    """
    faults = [*_empty_chapters(folder, pages), *list_dead_links(folder)]
    faults += [f"{item} would load from another host" for item in find_remote(folder)]
    if faults:
        raise PublishError("The report was made but is not right, so it is not published:\n  " + "\n  ".join(faults))


def _empty_chapters(folder: Path, pages: Sequence[str]) -> list[str]:
    faults = []
    for name in pages:
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} was not made")
            continue
        soup = parse_page(path)
        main = copy.copy(soup.find("main"))
        if main is None or main.find("h1") is None:
            faults.append(f"{name} has no main part with a heading")
            continue
        for part in main.find_all(["h1", "nav", "script", "header"]):
            part.decompose()
        if not main.get_text(strip=True):
            faults.append(f"{name} is empty under its heading")
    return faults


def list_dead_links(folder: Path) -> list[str]:
    """List every link, anchor and file that pages in `folder` refer to and that is not there: page and reference."""

    @cache
    def anchors(path: Path) -> frozenset[str]:
        soup = parse_page(path)
        return frozenset(str(tag.get("id") or tag.get("name")) for tag in soup.select("[id], a[name]"))

    faults = []
    for page in sorted(folder.rglob("*.html")):
        name = page.relative_to(folder).as_posix()
        soup = parse_page(page)
        references = {
            str(tag[key]) for tag_name, key in _REFERRING for tag in soup.find_all(tag_name, attrs={key: True})
        }
        for reference in sorted(references):
            parts = urlsplit(reference)
            if parts.scheme or parts.netloc:
                continue
            path = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
            path = path / "index.html" if path.is_dir() else path
            if not path.is_file():
                faults.append(f"{name}: {reference} is not there")
            elif parts.fragment and path.suffix == ".html" and unquote(parts.fragment) not in anchors(path):
                faults.append(f"{name}: {reference} leads to no place on that page")
    return faults
