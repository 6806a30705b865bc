"""Keep every address of the last release alive: its pages, the places on them (also of each number) and its files."""

import re
import shutil
from dataclasses import dataclass
from html import escape
from pathlib import Path

from evaluation.base.paths import write_text
from evaluation.publish.pages.html import parse_page
from evaluation.release.shell import CHANGES_PAGE, RELEASE_PAGE, in_shell

_PARTS = "//*[@id and not(self::script)]/@id"
_DRAWN = re.compile(r"(vlak|figuur|data)-")
"""Ids that scripts use to draw in; no reader is led to them."""

_OF_CHANGES = re.compile(rf"{CHANGES_PAGE[:-5]}(-\d+)?\.(html|csv)")
_FOR_GOOD = "hergebruik/"
"""Stands at the permanent address only, and so stays."""

_MADE_AGAIN = {RELEASE_PAGE, "run.json", "results.csv"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the last release is no longer made, and is led to where it stands."""

    pages: tuple[str, ...]
    places: int
    files: tuple[str, ...]


def keep_addresses(before: Path, site: Path, shell: str, release: str) -> Kept:
    """Let each address of the report in `before` lead somewhere in `site` too; `release` is the folder of the old one.

    A page that is gone leads to the old one; a place that is gone from a page is listed at its end with a link to where
    it was; a file that is gone stays as it last was.
    """
    pages, files, places = [], [], 0
    for path in sorted(before.rglob("*")):
        name = path.relative_to(before).as_posix()
        if not path.is_file() or name in _MADE_AGAIN or name.startswith(_FOR_GOOD):
            continue
        target = site / name
        if path.suffix != ".html":
            if not target.exists() and not _OF_CHANGES.fullmatch(name):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
                files.append(name)
            continue
        is_new = not target.is_file()
        there = set() if is_new else set(parse_page(target).xpath(_PARTS))
        gone = [] if _OF_CHANGES.fullmatch(name) else _ids(path, there)
        if is_new:
            pages.append(name)
            words = (
                f"<h1>Deze pagina staat in een vorige uitgave</h1>\n<p>{_link(release, name, '', 'Naar de pagina')}</p>"
            )
            write_text(
                target, in_shell(shell, "Deze pagina staat in een vorige uitgave", words + _list(release, name, gone))
            )
        elif gone:
            text = target.read_text(encoding="utf-8")
            write_text(target, text.replace("</main>", f"{_list(release, name, gone)}</main>", 1))
        places += len(gone)
    return Kept(tuple(pages), places, tuple(files))


def lost_addresses(before: Path, site: Path) -> list[str]:
    """List what of the report in `before` leads nowhere in `site`: pages, places on them (each number too), files."""
    lost = []
    for path in sorted(before.rglob("*")):
        name = path.relative_to(before).as_posix()
        if not path.is_file() or name == RELEASE_PAGE or name.startswith(_FOR_GOOD):
            continue
        target, is_of_changes = site / name, _OF_CHANGES.fullmatch(name) is not None
        if not target.is_file():
            lost += [name] if path.suffix == ".html" or not is_of_changes else []
        elif path.suffix == ".html" and not is_of_changes:
            lost += [f"{name}#{place}" for place in _ids(path, set(parse_page(target).xpath(_PARTS)))]
    return lost


def _ids(path: Path, there: set[str]) -> list[str]:
    names = dict.fromkeys(str(name) for name in parse_page(path).xpath(_PARTS))
    return [name for name in names if name not in there and not _DRAWN.match(name)]


def _list(release: str, page: str, names: list[str]) -> str:
    if not names:
        return ""
    rows = "".join(f'<li id="{escape(name)}">{_link(release, page, name, name)}</li>\n' for name in names)
    summary = "<summary>Wat in een vorige uitgave op deze pagina stond</summary>"
    return f'\n<details class="vervallen">{summary}\n<ul>\n{rows}</ul></details>\n'


def _link(release: str, page: str, place: str, words: str) -> str:
    return f'<a href="{release}/{escape(page)}{"#" if place else ""}{escape(place)}">{escape(words)}</a>'
