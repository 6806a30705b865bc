"""Read a page that Quarto made: its chapter, in the markup of the reports instead of that of Quarto's Bootstrap."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bs4 import BeautifulSoup, Tag

from evaluation.base.errors import PublishError
from evaluation.publish.pages.annexes import ANNEX
from evaluation.publish.pages.document import Heading
from evaluation.publish.pages.page import NOT_MADE, Page
from evaluation.publish.project import Chapter

_MAIN = "main#quarto-document-content"
_NBSP = "\N{NO-BREAK SPACE}"
_HEADINGS = ["h2", "h3", "h4", "h5", "h6"]


def read_quarto_page(text: str, chapter: Chapter) -> Page:
    """Take the chapter from a page; one that has been put in the page of the reports already stays the same.

    Raises PublishError when the page has no main part with a heading.
    """
    soup = BeautifulSoup(text, "html.parser")
    if (main := soup.select_one(_MAIN)) is None:
        raise PublishError(f"{chapter.page}: Quarto made a page without a main part.")
    _take_heading(soup, main, is_index=chapter.page == "index.html")
    for tag in main.select("nav.verder"):
        tag.decompose()
    for section in main.select("section[class*=level]"):
        if heading := section.find(re.compile("^h[1-6]$"), recursive=False):
            marked = {"class": ANNEX} if ANNEX in section["class"] else {}
            heading.attrs = marked | {"id": section["id"]}
            section.unwrap()
    for cell in main.select("div.cell"):
        _tidy_cell(cell)
    for box in main.select("div.quarto-float[id]"):
        _tidy_float(box)
    for callout in main.select("div.callout"):
        _tidy_callout(soup, callout)
    for table in main.select("table"):
        if not table.find_parent(class_="tabel"):
            table.wrap(soup.new_tag("div", attrs={"class": "tabel", "tabindex": "0"}))
    for box in main.select("li input[type=checkbox]"):
        box.replace_with("☒" if box.has_attr("checked") else "☐")
    for link in main.select('a[href^="./"]'):
        link["href"] = str(link["href"])[2:]
    if (top := main.find("h1")) is None:
        raise PublishError(f"{chapter.page}: Quarto made a page without a heading.")
    number, title = top.select_one(".chapter-number"), top.select_one(".chapter-title")
    return Page(
        href=chapter.page,
        number=_words(number) if number else "",
        text=chapter.text or _words(title or top),
        headings=tuple(
            Heading(int(tag.name[1]), str(tag["id"]), _words(tag))
            for tag in main.find_all(_HEADINGS, id=True)
            if not tag.find_parent(class_="callout")
        ),
        body=main.decode_contents().strip(),
        is_missing=main.select_one(f".{NOT_MADE}") is not None,
        part=chapter.part,
    )


def number_references(pages: Sequence[Page]) -> list[Page]:
    """Write ``Hoofdstuk 7`` and ``Paragraaf 7.2`` on a report's pages without number, where Quarto writes the title."""
    names = {page.href: f"Hoofdstuk{_NBSP}{page.number}" for page in pages if page.number}
    for page in pages:
        for heading in page.headings:
            number = heading.text.partition(" ")[0]
            if page.number and number.startswith(f"{page.number}."):
                names[f"{page.href}#{heading.anchor}"] = f"Paragraaf{_NBSP}{number}"
    return [page if page.number else replace(page, body=_with_names(page.body, names)) for page in pages]


def _with_names(body: str, names: Mapping[str, str]) -> str:
    soup = BeautifulSoup(body, "html.parser")
    for link in soup.select("a.quarto-xref:has(> span:only-child)"):
        if (name := names.get(str(link["href"]))) is not None:
            own_words = link.find(string=True, recursive=False) is not None
            link.span.string = name.partition(_NBSP)[2] if own_words else name
    return str(soup)


def _take_heading(soup: BeautifulSoup, main: Tag, *, is_index: bool) -> None:
    """Replace Quarto's title block, which names the book on the first page, by the heading of the chapter."""
    block = main.find(id="title-block-header")
    if not isinstance(block, Tag):
        return
    for before in list(block.previous_siblings):
        before.extract()
    words = block.select_one("h1 .quarto-section-identifier") or block.select_one("h1")
    if words is not None and not is_index:
        heading = soup.new_tag("h1", attrs={"id": words["id"]} if words.get("id") else {})
        heading.extend(list(words.contents))
        for text in heading.find_all(string=lambda string: not string.strip(), recursive=False):
            text.replace_with(" ")
        block.insert_after(heading)
    block.decompose()


def _tidy_cell(cell: Tag) -> None:
    """Put the code of a cell after its result; drop the cell's own name, which no page refers to."""
    if "quarto-float" not in cell["class"]:
        cell.attrs.pop("id", None)
    cell.attrs.pop("data-tags", None)
    for code in cell.find_all("details", class_="code-fold", recursive=False):
        cell.append(code.extract())


def _tidy_float(box: Tag) -> None:
    """Let the figure itself have the label, without the boxes around it and in it."""
    if (figure := box.find("figure", recursive=False)) is None:
        return
    figure["class"] = [name for name in figure["class"] if name != "figure"]
    figure["id"] = box["id"]
    for tag in figure.select(":scope > [aria-describedby]"):
        tag.unwrap()
    for caption in figure.find_all("figcaption", recursive=False):
        caption.attrs = {"class": "quarto-float-caption"}
    box.unwrap()


def _tidy_callout(soup: BeautifulSoup, callout: Tag) -> None:
    """Write a callout without what needs Bootstrap: its icon, and the script that folds it."""
    head, body = callout.select_one(".callout-header"), callout.select_one(".callout-body")
    if body is None or head is None:
        return
    for tag in head.select(".screen-reader-only"):
        tag.decompose()
    title = head.select_one(".callout-title-container") or head
    folds = head.get("data-bs-toggle") == "collapse"
    title.name, title.attrs = ("summary", {}) if folds else ("p", {"class": "callout-title"})
    if folds:
        callout.name = "details"
        if head.get("aria-expanded") == "true":
            callout["open"] = ""
    callout.attrs.pop("title", None)
    body.attrs = {"class": "callout-body"}
    title, body = title.extract(), body.extract()
    callout.clear()
    callout.extend([title, body])


def _words(tag: Tag) -> str:
    return re.sub(r"\s+", " ", tag.get_text()).strip()
