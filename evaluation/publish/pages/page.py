"""The page around a chapter: header, chapters, page contents and footer, the same for what either engine made."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.publish.pages.annexes import fold_annexes
from evaluation.publish.pages.document import Heading
from evaluation.publish.pages.html import load_template, parse_html
from evaluation.publish.pages.inline import place_images, without_inline_styles
from evaluation.publish.pages.numbers import DOWNLOADS, PAGES
from evaluation.publish.pages.pictures import place_figures, write_data
from evaluation.publish.pages.policy import POLICY_TAG
from evaluation.publish.pages.search_index import describe_page
from evaluation.publish.project import Project

NOT_MADE = "niet-gemaakt"
"""Class that tells that a chapter could not be made."""

_TEMPLATE = "reports/style/pagina.html.j2"


@dataclass(frozen=True, slots=True)
class Page:
    """A chapter, ready to be put on its page."""

    href: str
    number: str  # in the navigation; empty where the chapter has none
    text: str
    headings: tuple[Heading, ...]  # for the page contents
    body: str
    is_missing: bool
    part: str = ""  # heading of the part of the book in which it stands; empty for none


def write_pages(project: Project, pages: Sequence[Page], output: Path, *, only: str | None = None) -> None:
    """Write the pages of a report, its pages of numbers and its downloads; or the page of the name `only` alone."""
    template = load_template(project.folder / _TEMPLATE)
    includes = {
        name: "".join((project.folder / file).read_text(encoding="utf-8") for file in getattr(project, name))
        for name in ("in_header", "before_body", "after_body")
    }
    places = [(page, pages[index - 1 : index], pages[index + 1 : index + 2]) for index, page in enumerate(pages)]
    places = [place for place in places if only in (None, place[0].href)]
    numbers = [(page, [], []) for page in _number_pages(project)] if only is None else []
    for page, previous, following in [*places, *numbers]:
        body, specs = place_figures(page.body, page.href)
        page = replace(page, body=fold_annexes(body))
        write_data(specs, page.href, output)
        written = template.render(
            policy=POLICY_TAG,
            project=project,
            page=page,
            description=describe_page(f"<main>{page.body}</main>"),
            chapters=pages,
            previous=previous[0] if previous else None,
            next=following[0] if following else None,
            contents=[heading for heading in page.headings if heading.level <= project.toc_depth],
            **includes,
        )
        written = place_images(without_inline_styles(written), output)
        (output / page.href).write_text(written, encoding="utf-8")
    if only is None and (project.folder / DOWNLOADS).is_dir():
        shutil.copytree(project.folder / DOWNLOADS, output / DOWNLOADS, dirs_exist_ok=True)


def _number_pages(project: Project) -> Iterator[Page]:
    """Read the content of the pages of numbers, as it was staged."""
    for path in sorted((project.folder / PAGES).glob("*.html")):
        body = path.read_text(encoding="utf-8")
        tree = parse_html(body)
        headings = tuple(Heading(2, tag.get("id"), tag.text_content()) for tag in tree.iterfind(".//h2[@id]"))
        yield Page(path.name, "", tree.findtext(".//h1"), headings, body, is_missing=False)
