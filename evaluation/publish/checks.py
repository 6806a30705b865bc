"""Look at finished pages before anyone else does: filled chapters, live links, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from bs4 import BeautifulSoup

from evaluation.errors import PublishError
from evaluation.publish.cleanup import find_remote
from evaluation.publish.notebook_markdown import split_options
from evaluation.publish.project import load_project

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
    faults = [*_empty_chapters(folder, pages), *_dead_links(folder)]
    faults += [f"{item} would load from another host" for item in find_remote(folder)]
    if faults:
        raise PublishError("The report was made but is not right, so it is not published:\n  " + "\n  ".join(faults))


def check_figures(project_folder: Path, folder: Path) -> None:
    """Check that every figure and table of the chapters is on its page, and has something to draw.

    Parameters
    ----------
    project_folder : Path
        The staged report.
    folder : Path
        Its pages.

    Raises
    ------
    PublishError
        With every figure or table that is missing.
    """
    faults = []
    for chapter in load_project(project_folder).chapters:
        path = folder / chapter.page
        if not path.is_file():
            continue
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        there = {str(tag["id"]) for tag in soup.select("[id]")}
        faults += [
            f"{chapter.page}: {label} is missing"
            for label in _labels(project_folder / chapter.file)
            if label not in there
        ]
        for area in soup.select(".figuur-vlak[data-figuur]"):
            data = soup.find(id=f"data-{area['data-figuur']}")
            if data is None or not (data.string or "").strip():
                faults.append(f"{chapter.page}: the figure {area['data-figuur']} has nothing to draw")
    if faults:
        raise PublishError(
            "The pages were made but are not whole, so they are not published:\n  " + "\n  ".join(faults)
        )


def _labels(chapter: Path) -> list[str]:
    """List the labels of the figures and tables that a chapter has to show."""
    if chapter.suffix != ".ipynb":
        return []
    options = [
        split_options(cell.source)[0] for cell in nbformat.read(chapter, as_version=4).cells if cell.cell_type == "code"
    ]
    return [str(item["label"]) for item in options if str(item.get("label", "")).startswith(("fig-", "tbl-"))]


def _empty_chapters(folder: Path, pages: Sequence[str]) -> list[str]:
    faults = []
    for name in pages:
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} was not made")
            continue
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        main = soup.find("main")
        if main is None or main.find("h1") is None:
            faults.append(f"{name} has no main part with a heading")
            continue
        for part in main.find_all(["h1", "nav", "script", "header"]):
            part.decompose()
        if not main.get_text(strip=True):
            faults.append(f"{name} is empty under its heading")
    return faults


def _dead_links(folder: Path) -> list[str]:
    @cache
    def anchors(path: Path) -> frozenset[str]:
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        return frozenset(str(tag.get("id") or tag.get("name")) for tag in soup.select("[id], a[name]"))

    faults = []
    for page in sorted(folder.glob("*.html")):
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        references = {str(tag[key]) for name, key in _REFERRING for tag in soup.find_all(name, attrs={key: True})}
        for reference in sorted(references):
            parts = urlsplit(reference)
            if parts.scheme or parts.netloc:
                continue
            path = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
            path = path / "index.html" if path.is_dir() else path
            if not path.is_file():
                faults.append(f"{page.name}: {reference} is not there")
            elif parts.fragment and path.suffix == ".html" and unquote(parts.fragment) not in anchors(path):
                faults.append(f"{page.name}: {reference} leads to no place on that page")
    return faults
