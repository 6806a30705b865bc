"""The search index of the whole site, in one script, so that searching works without a server and asks nobody else."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import snowballstemmer
from lxml.html import HtmlElement

from evaluation.base import dutch
from evaluation.base.paths import INCOMPLETE, write_text
from evaluation.publish.pages.html import parse_html

INDEX = "assets/zoekindex.js"
ARCHIVE_FOLDER = re.compile(r"uitgave-(\d+)")
"""Matches the folder of a release at its permanent address: it is led to by links only."""

_SKIPPED = {"script", "style", "nav", "pre", "summary", "svg"}
_SKIPPED_CLASSES = {"herleiding", "figuur-wegen", "bron", "header-section-number", "chapter-number"}
_HEADINGS = {"h1", "h2", "h3"}
_WORD = re.compile(r"[^\W_][\w'’-]*")
_EXCERPT = 110
_STEMMER = snowballstemmer.stemmer("dutch")


@dataclass(slots=True)
class Section:
    """A part of a page under one heading: its anchor (empty for the top), heading and text."""

    anchor: str
    heading: str = ""
    text: list[str] = field(default_factory=list)


def refresh_search(site: Path) -> None:
    """Write the index of every page in `site`; an incomplete report (``2021-onvolledig``) is left out.

    The file holds pages (address, title), sections (page, anchor, heading, first words), the words that occur, for
    each the number of its Dutch stem, and the sections that it occurs in.
    """
    pages: list[list[str]] = []
    sections: list[list[object]] = []
    found: dict[str, set[int]] = {}
    for path in sorted(list_public_pages(site), key=lambda path: _newest_first(path.relative_to(site))):
        title, parts = read_page(path.read_text(encoding="utf-8"))
        pages.append([path.relative_to(site).as_posix(), title])
        if path.name.startswith("cijfers"):
            parts = parts[:1]
        for part in parts:
            text = " ".join(" ".join(part.text).split())
            sections.append([len(pages) - 1, part.anchor, part.heading, dutch.first_words(text, _EXCERPT)])
            for word in words_of(f"{part.heading} {text} {title if part is parts[0] else ''}"):
                found.setdefault(word, set()).add(len(sections) - 1)
    words = sorted(found)
    stems = [_stem(word) for word in words]
    numbers = {stem: number for number, stem in enumerate(dict.fromkeys(stems))}
    index = {
        "pages": pages,
        "sections": sections,
        "words": " ".join(words),
        "stems": [numbers[stem] for stem in stems],
        # rising numbers as their differences, in base 36, which keeps the file small
        "places": [
            ",".join(_base36(after - before) for before, after in pairwise([0, *sorted(found[word])])) for word in words
        ],
    }
    (site / INDEX).parent.mkdir(exist_ok=True)
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    write_text(site / INDEX, f"window.zoekindex={text};\n")


def _newest_first(path: Path) -> tuple[int, int, tuple[str, ...]]:
    """Put the pages around the reports first, and the years from the last: equal hits keep the order."""
    folder = path.parts[0] if len(path.parts) > 1 else ""
    year = int(folder) if re.fullmatch(r"(19|20)\d\d", folder) else 0
    return (0 if not folder else 2 if year else 1), -year, path.parts


def is_archived(path: Path, site: Path) -> bool:
    """Tell whether a file of a site is of an earlier release, which stays as it was issued."""
    return any(map(ARCHIVE_FOLDER.fullmatch, path.relative_to(site).parts))


def list_public_pages(site: Path) -> list[Path]:
    """List the pages of a site that readers are led to, in order; not those of an incomplete report or the archive."""

    def is_left_out(part: str) -> bool:
        return part.startswith(".") or INCOMPLETE in part or ARCHIVE_FOLDER.fullmatch(part) is not None

    pages = sorted(path for path in site.rglob("*.html") if path.name != "404.html")
    return [path for path in pages if not any(map(is_left_out, path.relative_to(site).parts))]


@lru_cache(maxsize=16384)
def words_of(text: str) -> frozenset[str]:
    """Return the words by which a text is found: small letters without accents; of numbers only years.

    >>> sorted(words_of("Coöperaties in 2021: 1.234 m², op-maat"))
    ['2021', 'cooperaties', 'in', 'm²', 'op-maat']
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = (match.group(0).strip("'-") for match in _WORD.finditer(plain))
    kept = (word for word in found if len(word) > 1 and (not word[0].isdigit() or re.fullmatch(r"(19|20)\d\d", word)))
    return frozenset(kept)


def read_page(text: str) -> tuple[str, list[Section]]:
    """Return the title of a page and the sections of its main part."""
    head, mark, rest = text.partition("<main")
    title = parse_html(head).findtext("head/title") or ""
    return " ".join(title.split()), list(_read_main(mark + rest))


def describe_page(text: str, limit: int = 155) -> str:
    """Return the first words of a page's main part, for its description; empty where it has none."""
    words: list[str] = []
    for piece in (piece for main in parse_html(text).iter("main") for piece in _texts(main)):
        words += piece.split()
        if sum(map(len, words)) > limit:
            break
    return dutch.first_words(" ".join(words), limit)


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return _STEMMER.stemWord(word)


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = digits[rest] + out
    return out or "0"


@lru_cache(maxsize=1024)
def _read_main(text: str) -> tuple[Section, ...]:
    """Read the main part of a page, once for every time that the index of the site is written."""
    sections = [Section("")]
    for main in parse_html(text).iter("main"):
        _read(main, sections)
    return tuple(part for part in sections if part.heading or "".join(part.text).strip())


def _read(tag: HtmlElement, sections: list[Section]) -> None:
    """Add the text of an element and what is in it to the sections; a heading begins a new one."""
    if tag.tag in _HEADINGS:
        if tag.tag != "h1":
            sections.append(Section(tag.get("id") or ""))
        sections[-1].heading = " ".join(filter(None, [sections[-1].heading, *map(str.strip, _texts(tag))]))
        return
    sections[-1].text.append(tag.text or "")
    for child in tag:
        if not _is_skipped(child):
            _read(child, sections)
        sections[-1].text.append(child.tail or "")


def _texts(tag: HtmlElement) -> Iterator[str]:
    """Give the texts in an element in their order, without headings in it."""
    yield tag.text or ""
    for child in tag:
        if not _is_skipped(child) and child.tag not in _HEADINGS:
            yield from _texts(child)
        yield child.tail or ""


def _is_skipped(tag: HtmlElement) -> bool:
    """Tell what is not read: comments, and what is no text of the page itself."""
    names = tag.get("class")
    is_marked = names is not None and not _SKIPPED_CLASSES.isdisjoint(names.split())
    return tag.tag in _SKIPPED or not isinstance(tag.tag, str) or is_marked
