"""The page around a chapter: header, chapters, page contents and footer, the same for what either engine made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evaluation.publish.document import Heading
from evaluation.publish.project import Project

NOT_MADE = "niet-gemaakt"
"""Class that tells that a chapter could not be made."""

_TEMPLATE = "reports/style/pagina.html.j2"


@dataclass(frozen=True, slots=True)
class Page:
    """A chapter, ready to be put on its page.

    Attributes
    ----------
    href : str
        Name of the page.
    number, text : str
        In the navigation; the number is empty where the chapter has none.
    headings : tuple[Heading, ...]
        For the page contents.
    body : str
        HTML.
    is_missing : bool
        Whether the chapter says that it could not be made.
    part : str
        Heading of the part of the book in which it stands; empty for none.
    """

    href: str
    number: str
    text: str
    headings: tuple[Heading, ...]
    body: str
    is_missing: bool
    part: str = ""


def write_pages(project: Project, pages: Sequence[Page], output: Path) -> None:
    """Write the pages of a report, each with the navigation to the others.

    Parameters
    ----------
    project : Project
        Its folder holds the template.
    pages : sequence of Page
        In the order of the book.
    output : Path
    """
    environment = Environment(
        loader=FileSystemLoader(project.folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template(_TEMPLATE)
    includes = {
        name: "".join((project.folder / file).read_text(encoding="utf-8") for file in getattr(project, name))
        for name in ("in_header", "before_body", "after_body")
    }
    for index, page in enumerate(pages):
        written = template.render(
            project=project,
            page=page,
            chapters=pages,
            previous=pages[index - 1] if index else None,
            next=pages[index + 1] if index + 1 < len(pages) else None,
            contents=[heading for heading in page.headings if heading.level <= project.toc_depth],
            **includes,
        )
        (output / page.href).write_text(written, encoding="utf-8")
