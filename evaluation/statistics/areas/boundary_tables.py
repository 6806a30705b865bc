"""Read and check the municipalities and what changed between them: the tables of ``data/regions``.

``municipalities.csv`` and ``changes.csv`` are derived from CBS's code list by `tools.boundaries.write_tables`;
``corop.csv`` has the COROP area of each municipality.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import get_args

from evaluation.base.errors import Fault, InputError, did_you_mean
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.statistics.areas.municipalities import FIRST_YEAR, LAST_YEAR, Change, Kind, Municipality

MUNICIPALITY_COLUMNS = ("code", "name", "province", "from", "until")
CHANGE_COLUMNS = ("date", "from", "to", "kind", "homes", "inhabitants", "share")
_COROP_COLUMNS = ("code", "corop", "corop_name")


def load_municipalities(*, folder: Path | None = None) -> tuple[Municipality, ...]:
    """Read all municipalities that existed since 2010.

    Parameters
    ----------
    folder : Path | None
        ``data/regions`` by default.

    Returns
    -------
    tuple[Municipality, ...]
        Ordered by code.
    """
    return load_boundaries(folder=folder)[0]


def municipalities_of_today(*, folder: Path | None = None) -> dict[str, Municipality]:
    """Read the municipalities that exist on 1 January of LAST_YEAR.

    Parameters
    ----------
    folder : Path | None
        ``data/regions`` by default.

    Returns
    -------
    dict[str, Municipality]
        By code, in order.
    """
    return {item.code: item for item in load_municipalities(folder=folder) if item.exists_in(LAST_YEAR)}


def load_boundaries(*, folder: Path | None = None) -> tuple[tuple[Municipality, ...], tuple[Change, ...]]:
    """Read all municipalities that existed since 2010, and all changes after 1 January 2010.

    Parameters
    ----------
    folder : Path | None
        ``data/regions`` by default.

    Returns
    -------
    tuple[tuple[Municipality, ...], tuple[Change, ...]]
        By code; by day, source and target.

    Raises
    ------
    InputError
        With every row that cannot be right: a code twice, a bad date, no COROP area, a change between municipalities
        that did not exist that day, a municipality that ends or begins without a change, shares of a split that are not
        1 together.
    """
    folder = folder or data_dir() / "regions"
    paths = [folder / name for name in ("corop.csv", "municipalities.csv", "changes.csv")]
    return _read_boundaries(folder, tuple(read_bytes(path) if path.is_file() else None for path in paths))


@lru_cache(maxsize=2)
def _read_boundaries(
    folder: Path, contents: tuple[bytes | None, ...]
) -> tuple[tuple[Municipality, ...], tuple[Change, ...]]:
    """Read the three tables from their bytes; a panel asks for the same ones many times."""
    faults: list[Fault] = []
    of_corop, of_municipalities, of_changes = contents
    corop = _corop_areas(folder / "corop.csv", of_corop, faults)
    found: dict[str, Municipality] = {}
    places: dict[str, int] = {}
    path = folder / "municipalities.csv"
    for row, cells in read_rows(path, of_municipalities, MUNICIPALITY_COLUMNS, faults):
        item = _municipality(path, row, cells, corop, faults)
        if item is None:
            continue
        if item.code in found:
            faults.append(Fault(shown(path), f"{item.code} again", "each code once", row=row, column="code"))
        found[item.code], places[item.code] = item, row
    changes: dict[Change, int] = {}
    path = folder / "changes.csv"
    for row, cells in read_rows(path, of_changes, CHANGE_COLUMNS, faults):
        change = _change(path, row, cells, faults)
        if change is not None:
            faults.extend(_dates_faults(change, found, path, row))
            changes[change] = row
    if not faults:
        faults.extend(_unexplained(found.values(), changes, shown(folder / "municipalities.csv"), places))
        faults.extend(_share_faults(changes, found, shown(path)))
    if faults:
        raise InputError(faults)
    exact = _exact(changes)
    successors = {change.source: change.target for change in exact if change.kind in ("merger", "renaming")}
    ordered = (found[code] for code in sorted(found))
    return tuple(replace(item, successor=successors.get(item.code)) for item in ordered), exact


def read_rows(
    path: Path, content: bytes | None, columns: Sequence[str], faults: list[Fault]
) -> list[tuple[int, dict[str, str]]]:
    """Read a table of ``data/regions`` as row number and cells; what is wrong with its form is added to `faults`.

    Parameters
    ----------
    path, content : Path, bytes | None
        As the faults name it; None where there is no such file.
    columns, faults : Sequence[str], list[Fault]
        That the table must have, in this order; grows with what is wrong.

    Returns
    -------
    list[tuple[int, dict[str, str]]]
        Row number as a spreadsheet counts (the header is 1), and column to cell.
    """
    if content is None:
        faults.append(Fault(shown(path), "no such file", f"a table with columns {', '.join(columns)}"))
        return []
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    if tuple(reader.fieldnames or ()) != tuple(columns):
        faults.append(Fault(shown(path), f"columns {reader.fieldnames}", f"columns {list(columns)}", row=1))
        return []
    result = []
    for row, cells in enumerate(reader, start=2):
        if None in cells or None in cells.values():
            faults.append(Fault(shown(path), "another number of cells", f"{len(columns)} cells", row=row))
        else:
            result.append((row, cells))
    return result


def _corop_areas(path: Path, content: bytes | None, faults: list[Fault]) -> dict[str, tuple[str, str]]:
    """Read code and name of the COROP area of each municipality; one code has one name."""
    found: dict[str, tuple[str, str]] = {}
    names: dict[str, str] = {}
    for row, cells in read_rows(path, content, _COROP_COLUMNS, faults):
        code, area, name = (cells[column] for column in _COROP_COLUMNS)
        if not _is_code(area, "CR39"):
            faults.append(Fault(shown(path), repr(area), "a code such as CR39", row=row, column="corop"))
        elif not name or names.setdefault(area, name) != name:
            expected = f"the one name of {area}: {names[area]}" if area in names else f"the name of {area}"
            faults.append(Fault(shown(path), repr(name), expected, row=row, column="corop_name"))
        elif found.setdefault(code, (area, name)) != (area, name):
            faults.append(Fault(shown(path), f"{code} again", "one COROP area for each code", row=row, column="code"))
    return found


def _municipality(
    path: Path, row: int, cells: dict[str, str], corop: dict[str, tuple[str, str]], faults: list[Fault]
) -> Municipality | None:
    bad = [
        Fault(shown(path), repr(cells[name]), "an ISO date, or nothing", row=row, column=name)
        for name in ("from", "until")
        if cells[name] and not _is_date(cells[name])
    ]
    bad += [
        Fault(shown(path), repr(cells[name]), f"a code such as {example}", row=row, column=name)
        for name, example in (("code", "GM0917"), ("province", "PV31"))
        if not _is_code(cells[name], example)
    ]
    if corop and not bad and cells["code"] not in corop:
        place = {"row": row, "column": "code"}
        bad.append(Fault(shown(path), f"{cells['code']} is not in corop.csv", "the COROP area of each code", **place))
    faults.extend(bad)
    if bad:
        return None
    area, area_name = corop.get(cells["code"], ("", ""))
    return Municipality(
        code=cells["code"],
        name=cells["name"],
        province=cells["province"],
        corop=area,
        corop_name=area_name,
        since=date.fromisoformat(cells["from"]) if cells["from"] else None,
        until=date.fromisoformat(cells["until"]) if cells["until"] else None,
        successor=None,
    )


def _change(path: Path, row: int, cells: dict[str, str], faults: list[Fault]) -> Change | None:
    checks = {
        "date": (_is_date(cells["date"]), "an ISO date"),
        "from": (_is_code(cells["from"], "GM0917"), "a code such as GM0917"),
        "to": (_is_code(cells["to"], "GM0917") and cells["to"] != cells["from"], "the code of another municipality"),
        "kind": (cells["kind"] in get_args(Kind), f"one of {', '.join(get_args(Kind))}"),
        "homes": (not cells["homes"] or cells["homes"].isdigit(), "a whole number, or nothing"),
        "inhabitants": (
            cells["inhabitants"].isdigit() or (not cells["inhabitants"] and cells["kind"] == "renaming"),
            "a whole number (nothing for a renaming)",
        ),
        "share": (_is_share(cells["share"]), "a number from 0 to 1"),
    }
    bad = [
        Fault(shown(path), repr(cells[name]), expected, row=row, column=name)
        for name, (is_right, expected) in checks.items()
        if not is_right
    ]
    faults.extend(bad)
    if bad:
        return None
    return Change(
        day=date.fromisoformat(cells["date"]),
        source=cells["from"],
        target=cells["to"],
        kind=cells["kind"],
        homes=int(cells["homes"]) if cells["homes"] else None,
        inhabitants=int(cells["inhabitants"]) if cells["inhabitants"] else None,
        share=Fraction(cells["share"]),
    )


def _dates_faults(change: Change, found: dict[str, Municipality], path: Path, row: int) -> list[Fault]:
    faults = []
    for column, code in (("from", change.source), ("to", change.target)):
        item, hint = found.get(code), None
        if item is None:
            expected, hint = "a code of municipalities.csv", did_you_mean(code, sorted(found))
        elif column == "to" and not item.exists_on(change.day):
            expected = f"a municipality that existed on {change.day}"
        elif column == "from" and (item.since or date.min) >= change.day:
            expected = f"a municipality that existed before {change.day}"
        elif column == "from" and item.until is not None and item.until < change.day:
            expected = f"a municipality that existed until {change.day}"
        else:
            continue
        faults.append(Fault(shown(path), code, expected, row=row, column=column, hint=hint))
    return faults


def _unexplained(
    items: Iterable[Municipality], changes: Iterable[Change], file: str, places: dict[str, int]
) -> list[Fault]:
    """Find municipalities that begin or end without a change of that day."""
    ends, begins = {(c.source, c.day) for c in changes}, {(c.target, c.day) for c in changes}
    first = date(FIRST_YEAR, 1, 1)
    faults = []
    for item in items:
        place = {"file": file, "row": places[item.code]}
        if item.until and (item.code, item.until) not in ends:
            expected = f"a change from {item.code} on that day"
            faults.append(Fault(found=f"until {item.until}", expected=expected, column="until", **place))
        if item.since and item.since > first and (item.code, item.since) not in begins:
            expected = f"a change to {item.code} on that day"
            faults.append(Fault(found=f"from {item.since}", expected=expected, column="from", **place))
    return faults


def _share_faults(changes: dict[Change, int], found: dict[str, Municipality], file: str) -> list[Fault]:
    """Check that a municipality that ends goes over with all its inhabitants, and one that remains does not."""
    sums: dict[tuple[str, date], Fraction] = defaultdict(Fraction)
    rows: dict[tuple[str, date], int] = {}
    for change, row in changes.items():
        key = (change.source, change.day)
        sums[key] += change.share
        rows[key] = max(row, rows.get(key, 0))
    faults = []
    for (code, day), total in sums.items():
        is_end = found[code].until == day
        if is_end and abs(total - 1) > Fraction(1, 10**5):
            expected = f"shares of {code} that are 1 together"
        elif not is_end and total >= 1:
            expected = f"less than 1 of {code}, which remains"
        else:
            continue
        faults.append(Fault(file, f"{float(total):.6f}", expected, row=rows[code, day], column="share"))
    return faults


def _exact(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Give splits the exact share that their inhabitants tell, in place of the rounded one, and order all changes."""
    totals: dict[tuple[str, date], int] = defaultdict(int)
    for change in changes:
        if change.kind == "split":
            totals[change.source, change.day] += change.inhabitants or 0
    ordered = sorted(changes, key=lambda change: (change.day, change.source, change.target))
    return tuple(
        replace(change, share=Fraction(change.inhabitants or 0, totals[change.source, change.day]))
        if change.kind == "split"
        else change
        for change in ordered
    )


def _is_code(text: str, example: str) -> bool:
    return text[:2] == example[:2] and text[2:].isdigit() and len(text) == len(example)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_share(text: str) -> bool:
    try:
        return 0 <= Fraction(text) <= 1
    except (ValueError, ZeroDivisionError):
        return False
