"""How long a report is: pages and words of its main part, which has a limit, and of its annexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml.html import HtmlElement

from evaluation.base import dutch
from evaluation.publish.pages.annexes import ANNEX, ANNEXES
from evaluation.publish.pages.html import parse_page
from evaluation.publish.project import Project


@dataclass(frozen=True, slots=True)
class Limit:
    """How long the main part of a report may be: pages of the PDF after cover and contents, and words."""

    pages: int
    words: int


LIMITS: Mapping[str, Limit] = {"annual": Limit(30, 10_000), "final": Limit(12, 6_000)}
"""Per kind of report, for every deal: a council reads the main part of a year, Provinciale Staten that of the term.

A kind that is not named, such as that of all deals together, has none.
"""

_NOT_READ = {"nav", "script", "style", "svg", "template"}
_SCREEN_ONLY = {"figuur-wegen", "code-fold", "herleiding", "balk", "afdruk", "figuur-tabel", "verder"}
"""Classes of what print leaves out, or has in the annex with the numbers of the figures."""


@dataclass(frozen=True, slots=True)
class Length:
    """What was counted; pages are None where no PDF was made."""

    words: Mapping[str, int]  # page of a chapter to the words of its main part
    annex_words: int
    pages: int | None = None  # from the first chapter to the annexes
    annex_pages: int | None = None

    @property
    def main_words(self) -> int:
        """Words of the main part."""
        return sum(self.words.values())

    def __str__(self) -> str:
        """Say the length in a line."""
        pages = "" if self.pages is None else f"{self.pages} pages, "
        annex_pages = "" if self.annex_pages is None else f"{self.annex_pages} pages, "
        return f"main part {pages}{self.main_words} words; annexes {annex_pages}{self.annex_words} words"


def count_words(project: Project, folder: Path) -> Length:
    """Count the words of the finished pages in `folder`, of tables and captions too."""
    words, annex = {}, 0
    for chapter in project.chapters:
        main = parse_page(folder / chapter.page).find(".//main")
        here, apart = _count(main) if main is not None else (0, 0)
        annex += apart + (here if chapter.part == ANNEXES else 0)
        if chapter.part != ANNEXES:
            words[chapter.page] = here
    return Length(words, annex)


def _count(element: HtmlElement, *, is_annex: bool = False) -> tuple[int, int]:
    """Count the words below an element: outside its annexes, and in them."""
    if not isinstance(element.tag, str) or element.tag in _NOT_READ:
        return 0, 0
    classes = set((element.get("class") or "").split())
    if classes & _SCREEN_ONLY:
        return 0, 0
    is_annex = is_annex or ANNEX in classes
    text = [element.text, *(child.tail for child in element)]
    own = sum(len(part.split()) for part in text if part)
    counts = [(0, own) if is_annex else (own, 0), *(_count(child, is_annex=is_annex) for child in element)]
    return sum(here for here, _ in counts), sum(apart for _, apart in counts)


def too_long(kind: str, length: Length) -> str | None:
    """Say by how much a main part is longer than the limit of its kind, and in which chapters; None where it is not.

    The report is made all the same: who reads a long one has more than who reads none.
    """
    if (limit := LIMITS.get(kind)) is None:
        return None
    faults = []
    if length.pages is not None and length.pages > limit.pages:
        faults.append(f"{length.pages} pages; at most {limit.pages}")
    if length.main_words > limit.words:
        longest = sorted(length.words.items(), key=lambda item: -item[1])[:5]
        told = ", ".join(f"{page} {dutch.number(count)}" for page, count in longest)
        faults.append(f"{length.main_words} words; at most {limit.words} (the longest chapters: {told})")
    if not faults:
        return None
    return (
        f"The main part of this report is long: {' and '.join(faults)}. Move what explains to an annex: write "
        f"{{.{ANNEX}}} behind the heading of its section, or list the chapter under the part {ANNEXES} of "
        f"_quarto-{kind}.yml."
    )
