"""The embedded engine: the same Quarto project as Quarto renders, made with pandoc where Quarto is not installed."""

import html
import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import unquote

import nbformat

from evaluation.base.errors import PublishError
from evaluation.base.paths import project_root
from evaluation.publish.pages.document import Document, parse_markdown, read_documents, to_html
from evaluation.publish.pages.notebook_markdown import notebook_to_markdown
from evaluation.publish.pages.page import NOT_MADE, Page, write_pages
from evaluation.publish.project import Chapter, Project, check_supported, find_value, load_project
from evaluation.publish.stage import make_publishable

_IMAGE = re.compile(r'<img[^>]*?\ssrc="([^":?#]+)"')
_SHORTCODE = re.compile(r"\{\{<\s*(\w+)\s+(.*?)\s*>\}\}")


def render_embedded(folder: Path, output: Path) -> None:
    """Render the staged project in `folder` to HTML pages in `output`.

    Raises PublishError when a chapter is missing, holds an error, refers to something that is not there, or needs
    Quarto.
    """
    project = load_project(folder)
    check_supported(project)
    texts = [(chapter.page, chapter_markdown(project, chapter)) for chapter in project.chapters]
    options = {"number_depth": project.number_depth, "caption_on_top": project.caption_on_top}
    documents = read_documents(texts, **options, folder=folder)
    output.mkdir(parents=True, exist_ok=True)
    copy_files(project, output)
    with ThreadPoolExecutor() as threads:
        pages = list(threads.map(partial(make_page, project), project.chapters, documents))
    copy_images(project, pages, output)
    write_pages(project, pages, output)


def _fill_shortcodes(text: str, project: Project, name: str) -> str:
    """Replace ``{{< var x.y >}}``, ``{{< meta x.y >}}`` and ``{{< include file >}}``."""
    faults: list[str] = []

    def fill(match: re.Match[str]) -> str:
        kind, argument = match.group(1), match.group(2)
        trees = {"var": project.variables, "meta": project.metadata}
        if kind in trees:
            if (value := find_value(trees[kind], argument)) is None:
                faults.append(f"{name}: {match.group(0)} has no value")
            return value or ""
        if kind == "include" and (project.folder / argument).is_file():
            return _fill_shortcodes((project.folder / argument).read_text(encoding="utf-8"), project, argument)
        faults.append(f"{name}: {match.group(0)} {'is not there' if kind == 'include' else 'is only known to Quarto'}")
        return ""

    filled = _SHORTCODE.sub(fill, text)
    if faults:
        raise PublishError("\n".join(faults))
    return filled


def prepare_chapter(name: str, executed: str, kind: str) -> None:
    """Do what the page of a chapter will need, as soon as its notebook is done and while others run."""
    page = f"{name}.html"
    unfit, staged, _ = make_publishable(executed, page)
    with suppress(PublishError):
        text = "" if unfit else _notebook_markdown(load_project(project_root(), kind), staged, f"{name}.ipynb")
        if not _SHORTCODE.search(text):
            parse_markdown(text, page)


def chapter_markdown(project: Project, chapter: Chapter) -> str:
    """Return the Markdown of a chapter, its shortcodes filled.

    Raises PublishError when it is missing, holds an error, or needs Quarto.
    """
    path = project.folder / chapter.file
    if not path.is_file():
        raise PublishError(f"The chapter {chapter.file} is missing from the report project.")
    if path.suffix == ".ipynb":
        text = _notebook_markdown(project, path.read_text(encoding="utf-8"), chapter.file)
    else:
        text = path.read_text(encoding="utf-8")
    return _fill_shortcodes(text, project, chapter.file)


def _notebook_markdown(project: Project, staged: str, name: str) -> str:
    return _markdown(staged, name, project.code_fold, project.code_summary, project.show_warnings)


@lru_cache(maxsize=64)
def _markdown(staged: str, name: str, code_fold: bool, code_summary: str, show_warnings: bool) -> str:
    notebook = nbformat.reads(staged, as_version=4)
    options = {"code_fold": code_fold, "code_summary": code_summary, "show_warnings": show_warnings}
    return notebook_to_markdown(notebook, name, **options)


def make_page(project: Project, chapter: Chapter, document: Document, *, is_listed_only: bool = False) -> Page:
    """Make of a chapter what stands on its page; without its body where only its name is needed, for navigation."""
    return Page(
        href=document.page,
        number=document.number,
        text=chapter.text or document.title,
        headings=tuple(document.headings),
        body="" if is_listed_only else _link_pages(to_html(document), project),
        is_missing=NOT_MADE in document.classes,
        part=chapter.part,
    )


def _link_pages(body: str, project: Project) -> str:
    """Lead a link to a chapter's source to its page, as Quarto does."""
    for chapter in project.chapters:
        body = re.sub(rf'(?<=href="){re.escape(chapter.file)}(?=["#])', chapter.page, body)
    return body


def copy_files(project: Project, output: Path) -> None:
    """Copy the style and the resources of a project to its pages."""
    for file in (*project.css, *project.resources):
        source = project.folder / file
        if not source.is_file():
            raise PublishError(f"{file} is named in the configuration and is missing from the report project.")
        (output / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, output / file)


def copy_images(project: Project, pages: Sequence[Page], output: Path) -> None:
    """Copy the images that pages show from beside the chapters; one that is not there is told by the checks."""
    folder = project.folder.resolve()
    for address in {found for page in pages for found in _IMAGE.findall(page.body)}:
        name = unquote(html.unescape(address))
        source = (folder / name).resolve()
        if source.is_file() and source.is_relative_to(folder):
            target = output / source.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
