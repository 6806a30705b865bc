"""The search index of the whole site, in one script, so that searching works without a server and asks nobody else."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import snowballstemmer

from evaluation.paths import INCOMPLETE, write_text
from evaluation.present import dutch

INDEX = "assets/zoekindex.js"
_SKIPPED = {"script", "style", "nav", "pre", "summary"}
_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SKIPPED_CLASSES = {"herleiding", "bron", "header-section-number", "chapter-number"}
_HEADINGS = {"h1", "h2", "h3"}
_WORD = re.compile(r"[^\W_][\w'’-]*")
_EXCERPT = 110


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
    for path in list_public_pages(site):
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
    stems = snowballstemmer.stemmer("dutch").stemWords(words)
    numbers = {stem: number for number, stem in enumerate(dict.fromkeys(stems))}
    index = {
        "pages": pages,
        "sections": sections,
        "words": " ".join(words),
        "stems": [numbers[stem] for stem in stems],
        "places": [_places(sorted(found[word])) for word in words],
    }
    (site / INDEX).parent.mkdir(exist_ok=True)
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    write_text(site / INDEX, f"window.zoekindex={text};\n")


def list_public_pages(site: Path) -> list[Path]:
    """List the pages of a site that readers are led to, in order; not those of an incomplete report."""
    return [
        path
        for path in sorted(site.rglob("*.html"))
        if not any(part.startswith(".") or INCOMPLETE in part for part in path.relative_to(site).parts)
        and path.name != "404.html"
    ]


def words_of(text: str) -> set[str]:
    """Return the words by which a text is found: small letters without accents; of numbers only years.

    Examples
    --------
    >>> sorted(words_of("Coöperaties in 2021: 1.234 m², op-maat"))
    ['2021', 'cooperaties', 'in', 'm²', 'op-maat']
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = (match.group(0).strip("'-") for match in _WORD.finditer(plain))
    return {word for word in found if len(word) > 1 and (not word[0].isdigit() or re.fullmatch(r"(19|20)\d\d", word))}


def read_page(text: str) -> tuple[str, list[Section]]:
    """Return the title of a page and the sections of its main part."""
    reader = _Reader()
    reader.feed(text)
    return " ".join(reader.title.split()), [part for part in reader.sections if part.heading or part.text]


def describe_page(text: str, limit: int = 155) -> str:
    """Return the first words of a page's main part, for its description; empty where it has none."""
    _, parts = read_page(text)
    words = " ".join(" ".join(word for part in parts for word in part.text).split())
    return dutch.first_words(words, limit)


def _places(numbers: Sequence[int]) -> str:
    """Write rising numbers as their differences, in base 36, which keeps the file small."""
    return ",".join(_base36(after - before) for before, after in zip([0, *numbers], numbers, strict=False))


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = digits[rest] + out
    return out or "0"


class _Reader(HTMLParser):
    """Reads title, headings and text of the main part of a page; far faster than building its whole tree."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.sections = [Section("")]
        self._open: list[tuple[str, bool]] = []
        self._in_main = self._in_title = False
        self._heading: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Begin a part, or a heading, or what is left out."""
        if tag in _VOID:
            return
        named = dict(attributes)
        self._in_main |= tag == "main"
        self._in_title = tag == "title" and not self._in_main
        skips = tag in _SKIPPED or bool(_SKIPPED_CLASSES & set((named.get("class") or "").split()))
        self._open.append((tag, skips))
        if self._in_main and tag in _HEADINGS and not self._skips():
            self._heading = tag
            if tag != "h1":
                self.sections.append(Section(named.get("id") or ""))

    def handle_endtag(self, tag: str) -> None:
        """End it; tags that were left open end with it."""
        if tag not in {name for name, _ in self._open}:
            return
        while self._open.pop()[0] != tag:
            pass
        self._in_title = False
        if tag == "main":
            self._in_main = False
        if tag == self._heading:
            self._heading = None

    def handle_data(self, data: str) -> None:
        """Add words to the title, the heading or the text."""
        if self._in_title:
            self.title += data
        elif self._in_main and data.strip() and not self._skips():
            if self._heading:
                self.sections[-1].heading = f"{self.sections[-1].heading} {data.strip()}".strip()
            else:
                self.sections[-1].text.append(data)

    def _skips(self) -> bool:
        return any(skips for _, skips in self._open)
