"""Looks for the deal that the project began with in what is made of another one: names, places, amounts, articles."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader

from evaluation.inputs.deal import load_deal
from evaluation.statistics.areas.treatments import load_register

_FIRST = load_deal()
_NAMES = {
    *(item.name for item in _FIRST.region.municipalities), *(theme.short_title for theme in _FIRST.themes),
    *(target.title for target in _FIRST.targets), *(body.name for body in _FIRST.governance if " " in body.name),
    "Parkstad", "Limburg", "Stadsregio", "winkel", "mijnkolonie", "zeven gemeenten", "zes thema", "twee sporen",
}  # fmt: skip
_NUMBERS = (
    r"€ ?(?:46,0|80,0|40,0|13,9|16,0|3,6|8,0) mln", r"(?:46|80|40|16)[.]?000[.]?000\b",
    r"\b1\.600 (?:particuliere )?woning", r"16\.000 m²", r"\b2019[-–]2022\b",
    r"2019 tot en met 2022", r"plan van 24 november 2026",
)  # fmt: skip
ARTICLES = re.compile(r"\b[Aa]rtikel [2-7]\b(?! van de Wet)|\bArt\. [2-7]\b")
"""Articles of the first deal; none of the made-up ones has these."""

FORBIDDEN = re.compile("|".join([*map(re.escape, sorted(_NAMES)), *_NUMBERS, ARTICLES.pattern]), re.IGNORECASE)

_BEYOND = ("Parkstad", "Limburg", "Stadsregio", "mijnkolonie")
PLACES = re.compile(
    "|".join([*(re.escape(item.name) for item in _FIRST.region.municipalities), *_BEYOND]), re.IGNORECASE
)
"""What no file of a bundle has, also where it is no text for readers."""

_PROGRAM = ("project/evaluation/", "project/reports/style/", "project/Makefile")
_COUNTRY = ("project/data/regions/", "project/data/snapshots/", "project/data/sources.yml")
_CODE = re.compile(r'deal = \\?"parkstad-limburg\\?"')
"""The default of a notebook's first cell."""


def texts_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Give what a reader or a machine reads of each file of a published site, but for the code of our own notebooks."""
    for path in sorted(item for item in folder.rglob("*") if item.is_file() and item.name != "plotly.min.js"):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".html":
            page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            for code in page.select("pre, style"):
                code.extract()
            yield name, " ".join([page.get_text(" "), *(str(tag.get("content")) for tag in page.select("meta"))])
        elif path.suffix in (".csv", ".json", ".jsonld", ".js", ".xml", ".txt", ".md"):
            yield name, _CODE.sub("", path.read_text(encoding="utf-8"))
        elif path.suffix == ".pdf":
            yield name, " ".join(page.extract_text() for page in PdfReader(path).pages)
        elif path.suffix == ".docx":
            with zipfile.ZipFile(path) as archive:
                parts = [archive.read(part).decode("utf-8") for part in archive.namelist() if part.endswith(".xml")]
            yield name, " ".join(re.sub(r"<[^>]+>", " ", part) for part in parts)


def found_in(folder: Path) -> list[str]:
    return [told for name, text in texts_in(folder) for told in _around(name, text, FORBIDDEN)]


def _around(name: str, text: str, *patterns: re.Pattern[str]) -> list[str]:
    hits = (hit for pattern in patterns for hit in pattern.finditer(text))
    return [f"{name}: ...{text[max(0, hit.start() - 40) : hit.end() + 40]}..." for hit in hits]


def found_beside_the_register(folder: Path) -> list[str]:
    """Give where the report on all deals is about the first one other than as one of 81 with a name.

    Which deals there are, what each did and the estimate of each stand in chapters 1, 2 and 5: there it is named.
    """
    ours = [deal.name for deal in load_register().deals.values() if PLACES.search(deal.name)]
    names = re.compile("|".join(map(re.escape, sorted(ours, key=len, reverse=True))))
    pages = ("index.html", "p3-effecten.html", "p4-verschillen.html", "p6-methoden.html", "verantwoording.html")
    return [
        told
        for name, text in texts_in(folder)
        if name in pages
        for told in _around(name, names.sub("", text), PLACES, ARTICLES)
    ]


def found_in_bundle(path: Path) -> list[str]:
    """Give where a bundle of another deal has the places of the first one.

    Not looked at: the program, and what is of the whole country (the register of all deals, of municipalities and of
    other money, the tables of the statistics, and what their publishers say of them, which descriptions repeat).
    """
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    said = [text for name, text in files.items() if name.startswith(_COUNTRY) and name.endswith(".yml")]
    known = {line for text in said for line in _lines(yaml.safe_load(text))}
    found = []
    for name, text in files.items():
        if name.startswith((*_PROGRAM, *_COUNTRY)) or name.endswith(".zip"):
            continue
        for line in text.splitlines():
            bare = _CODE.sub("", line)
            found += [f"{name}: {line.strip()[:120]}" for _ in PLACES.finditer(bare) if not _repeats(bare, known)]
    return found


def _lines(content: object) -> Iterator[str]:
    """Give every text with one of the places in what a file of the country says."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for item in content:
            yield from _lines(item)
    elif isinstance(content, str) and " " in content and content.endswith(".") and PLACES.search(content):
        yield content


def _repeats(line: str, known: set[str]) -> bool:
    for text in known:
        line = line.replace(text, "")
    return not PLACES.search(line)
