"""What the shell completes: names and years from the files of the project; and the option that most commands have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from evaluation.base.errors import UsageError
from evaluation.base.paths import data_dir, project_root
from evaluation.publish.rendering import ENGINES, FORMATS


def complete_deal(incomplete: str) -> list[str]:
    """Return the names of the deals."""
    return _fitting(_stems("data/deal", "yml"), incomplete)


def complete_deals(incomplete: str) -> list[str]:
    """Return the names of the deals, and all."""
    return _fitting([*_stems("data/deal", "yml"), "all"], incomplete)


def complete_year(incomplete: str) -> list[str]:
    """Return the years of the terms of the deals."""
    return _fitting(map(str, _years()), incomplete)


def complete_years(incomplete: str) -> list[str]:
    """Return the years of the terms of the deals as one range, and each of them."""
    years = _years()
    return _fitting([f"{years[0]}-{years[-1]}", *map(str, years)] if years else [], incomplete)


def complete_what(incomplete: str) -> list[str]:
    """Return what can be made: the years of the terms of the deals, and final."""
    return _fitting([*map(str, _years()), "final"], incomplete)


def complete_page(incomplete: str) -> list[str]:
    """Return the notebooks and the pages of prose."""
    prose = [name for kind in ("annual", "final", "site") for name in _stems(f"reports/{kind}", "qmd")]
    return _fitting(dict.fromkeys([*_stems("notebooks", "ipynb"), *prose]), incomplete)


def complete_theme(incomplete: str) -> list[str]:
    """Return the numbers of the themes."""
    numbers = {name.partition("-")[0] for name in _stems("data/indicators", "yml")}
    return _fitting(sorted(filter(str.isdigit, numbers)), incomplete)


def _one_of(*names: str) -> Callable[[str], list[str]]:
    """Make what completes one of a few words."""

    def complete(incomplete: str) -> list[str]:
        return _fitting(names, incomplete)

    return complete


complete_kind = _one_of("annual", "final")
complete_unit = _one_of("count", "per_1000", "EUR", "pct", "km", "score")
complete_direction = _one_of("increase", "decrease", "ambiguous")
complete_engine = _one_of(*ENGINES)


def complete_format(incomplete: str) -> list[str]:
    """Return what a report can be made as; behind a comma the next one."""
    before, comma, last = incomplete.rpartition(",")
    left = [name for name in FORMATS if name not in before.split(",")]
    return [f"{before}{comma}{name}" for name in _fitting(left, last)]


def complete_table(incomplete: str) -> list[str]:
    """Return the tables that are pinned, as SOURCE/TABLE, and their sources."""
    tables = {f"{source}/{table}" for source, _, table in _snapshots()}
    return _fitting(sorted({name.partition("/")[0] for name in tables} | tables), incomplete)


def complete_vintage(incomplete: str) -> list[str]:
    """Return the vintages that are pinned, as SOURCE/VINTAGE/TABLE."""
    return _fitting(map("/".join, _snapshots()), incomplete)


def complete_indicator(incomplete: str) -> list[str]:
    """Return the ids of the indicators."""
    found: list[str] = []
    for text in _texts("data/indicators", "**/[0-9]*.yml"):
        part = text.partition("\nindicators:")[2].partition("\nnot_measured:")[0]
        found += re.findall(r"^  ([a-z][a-z0-9-]*):", part, flags=re.MULTILINE)
    return _fitting(found, incomplete)


def _years() -> list[int]:
    """Return the years of the terms, from the files of the deals: reading those in full would take too long."""
    found: set[int] = set()
    for text in _texts("data/deal", "*.yml"):
        term = dict(re.findall(r"^  (first_year|last_year): (\d{4})$", text, flags=re.MULTILINE))
        if len(term) == 2:
            found |= set(range(int(term["first_year"]), int(term["last_year"]) + 1))
    return sorted(found)


def _snapshots() -> list[tuple[str, str, str]]:
    """Return source, vintage and table of what is pinned."""
    try:
        paths = sorted((data_dir() / "snapshots").glob("*/*/*.yml"))
    except UsageError:
        return []
    return [(path.parent.parent.name, path.parent.name, path.stem) for path in paths]


def _texts(folder: str, pattern: str) -> list[str]:
    try:
        return [path.read_text(encoding="utf-8") for path in sorted((project_root() / folder).glob(pattern))]
    except (UsageError, OSError, UnicodeDecodeError):
        return []


def _stems(folder: str, ending: str) -> list[str]:
    try:
        return sorted(path.stem for path in (project_root() / folder).glob(f"*.{ending}"))
    except UsageError:
        return []


def _fitting(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


DealOption = Annotated[str, typer.Option("--deal", help="Name of the file in data/deal.", autocompletion=complete_deal)]
