"""Look at finished pages before anyone else does: filled chapters, live links, nothing from elsewhere."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from evaluation.base.errors import PublishError
from evaluation.publish.pages.cleanup import find_remote
from evaluation.publish.pages.html import parse_page, with_class
from evaluation.publish.pages.notebook_markdown import split_options
from evaluation.publish.pages.pictures import read_data
from evaluation.publish.pages.policy import find_foreign
from evaluation.publish.pages.sources import with_place
from evaluation.publish.project import load_project

_REFERENCES = (
    "//a/@href | //link/@href | //script/@src | //script/@data-plotly | //img/@src | //source/@src | //@data-gegevens"
)
_TEXT_BELOW_HEADING = ".//text()[not(ancestor::h1 or ancestor::nav or ancestor::script or ancestor::header)]"


def check_pages(folder: Path, pages: Sequence[str], *, project: Path | None = None) -> None:
    """Check a finished report in `folder`, where its relative links are true: beside the other reports of the site.

    `project` is the staged report, which says what each page has to show, and where on disk it comes from.

    Raises PublishError with every fault: a chapter missing or empty, a figure or table that is not there, a link or
    anchor without an end, a file that is not there, something that would load from another host, a script that is not
    ours.
    """
    labels = _list_labels(project) if project else {}
    faults = [*_empty_chapters(folder, pages), *_missing_figures(folder, labels), *list_dead_links(folder)]
    faults += [f"{item} would load from another host" for item in find_remote(folder)]
    faults += find_foreign(folder)
    if faults:
        faults = [with_place(project, fault) for fault in faults] if project else faults
        raise PublishError("The report was made but is not right, so it is not published:\n  " + "\n  ".join(faults))


def _list_labels(project_folder: Path) -> dict[str, tuple[str, ...]]:
    """List the figures and tables that each page of a staged report has to show: page to labels."""
    return {chapter.page: _labels(project_folder / chapter.file) for chapter in load_project(project_folder).chapters}


def _labels(chapter: Path) -> tuple[str, ...]:
    if chapter.suffix != ".ipynb":
        return ()
    cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    labels = (str(split_options(source)[0].get("label", "")) for source in sources)
    return tuple(label for label in labels if label.startswith(("fig-", "tbl-")))


def _missing_figures(folder: Path, labels: Mapping[str, Sequence[str]]) -> list[str]:
    """List figures and tables that are not on their page, and figures without anything to draw."""
    faults = []
    for name, wanted in labels.items():
        path = folder / name
        if not path.is_file():
            continue
        page, told = parse_page(path), read_data(folder, name)
        there = set(page.xpath("//@id"))
        faults += [f"{name}: {label} is missing" for label in wanted if label not in there]
        for figure in (area.get("data-figuur") for area in with_class(page, "figuur-vlak")):
            if figure is not None and figure not in told:
                left = str(page.xpath("string(//script[@id = $name])", name=f"data-{figure}")).strip()
                cannot = f"figure {figure}: its data cannot be read"
                faults.append(f"{name}: {cannot if left else f'the figure {figure} has nothing to draw'}")
    return faults


def _empty_chapters(folder: Path, pages: Sequence[str]) -> list[str]:
    faults = []
    for name in pages:
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} was not made")
            continue
        main = parse_page(path).find(".//main")
        if main is None or main.find(".//h1") is None:
            faults.append(f"{name} has no main part with a heading")
        elif not "".join(main.xpath(_TEXT_BELOW_HEADING)).strip():
            faults.append(f"{name} is empty under its heading")
    return faults


def list_dead_links(folder: Path) -> list[str]:
    """List every link, anchor and file that pages in `folder` refer to and that is not there: page and reference."""

    @cache
    def anchors(path: Path) -> frozenset[str]:
        return frozenset(parse_page(path).xpath("//@id | //a/@name"))

    @cache
    def find(beside: Path, address: str) -> Path | None:
        path = (beside / unquote(address)).resolve()
        path = path / "index.html" if path.is_dir() else path
        return path if path.is_file() else None

    faults = []
    for page in sorted(folder.rglob("*.html")):
        name = page.relative_to(folder).as_posix()
        for reference in sorted(set(parse_page(page).xpath(_REFERENCES))):
            parts = urlsplit(reference)
            if parts.scheme or parts.netloc:
                continue
            if (path := find(page.parent, parts.path or page.name)) is None:
                faults.append(f"{name}: {reference} is not there")
            elif parts.fragment and path.suffix == ".html" and unquote(parts.fragment) not in anchors(path):
                faults.append(f"{name}: {reference} leads to no place on that page")
    return faults
