"""What the shell completes: names and years from the files of the project; and the option that most commands have."""

import re
from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from evaluation.base.errors import UsageError
from evaluation.base.paths import WHOLE, data_dir, project_root
from evaluation.publish.rendering import ENGINES, FORMATS


def _completing(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Make what completes one of the names that there are when it is asked."""

    def complete(incomplete: str) -> list[str]:
        return _fitting(names(), incomplete)

    return complete


def _page_names() -> Iterable[str]:
    """Return the notebooks and the pages of prose."""
    prose = [name for kind in ("annual", *WHOLE.values(), "site") for name in _stems(f"reports/{kind}", "qmd")]
    return dict.fromkeys([*_stems("notebooks", "ipynb"), *prose])


def _theme_numbers() -> Iterable[str]:
    return sorted(filter(str.isdigit, {name.partition("-")[0] for name in _stems("data/indicators", "yml")}))


def _table_names() -> Iterable[str]:
    """Return the tables that are pinned, as SOURCE/TABLE, and their sources."""
    tables = {f"{source}/{table}" for source, _, table in _snapshots()}
    return sorted({name.partition("/")[0] for name in tables} | tables)


def _indicator_names() -> Iterable[str]:
    for text in _texts("data/indicators", "**/[0-9]*.yml"):
        part = text.partition("\nindicators:")[2].partition("\nnot_measured:")[0]
        yield from re.findall(r"^  ([a-z][a-z0-9-]*):", part, flags=re.MULTILINE)


def _deal_ids() -> Iterable[str]:
    """Return the Regio Deals that are on record."""
    for text in _texts("data/regions", "deals.yml"):
        yield from re.findall(r"^  ([a-z][a-z0-9-]*):$", text.partition("\ndeals:")[2], flags=re.MULTILINE)


def _plan_days() -> Iterable[str]:
    return sorted({path.stem for path in project_root().glob("data/plans/*/*.yml")})


complete_deal = _completing(lambda: _stems("data/deal", "yml"))
complete_deals = _completing(lambda: [*_stems("data/deal", "yml"), "all"])
complete_plan = _completing(_deal_ids)
complete_plan_day = _completing(_plan_days)
complete_year = _completing(lambda: map(str, _years()))
complete_years = _completing(lambda: [f"{min(years)}-{max(years)}", *map(str, years)] if (years := _years()) else [])
complete_what = _completing(lambda: [*map(str, _years()), *WHOLE.values()])
complete_page = _completing(_page_names)
complete_theme = _completing(_theme_numbers)
complete_table = _completing(_table_names)
complete_vintage = _completing(lambda: map("/".join, _snapshots()))  # as SOURCE/VINTAGE/TABLE
complete_indicator = _completing(_indicator_names)
complete_kind = _completing(lambda: ("annual", "final"))
complete_unit = _completing(lambda: ("count", "per_1000", "EUR", "pct", "km", "m3", "score"))
complete_direction = _completing(lambda: ("increase", "decrease", "ambiguous"))
complete_engine = _completing(lambda: ENGINES)


def complete_format(incomplete: str) -> list[str]:
    """Return what a report can be made as; behind a comma the next one."""
    before, comma, last = incomplete.rpartition(",")
    left = [name for name in FORMATS if name not in before.split(",")]
    return [f"{before}{comma}{name}" for name in _fitting(left, last)]


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
