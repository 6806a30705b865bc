"""Municipalities through time, and the regions of a deal: which municipality was part of what in which year."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from evaluation.errors import Fault, InputError, UsageError, did_you_mean
from evaluation.paths import data_dir, read_bytes, shown
from evaluation.snapshots import STATUSES

if TYPE_CHECKING:
    from evaluation.deal import Deal

Level = Literal["municipality", "region", "province", "rest", "country"]

COUNTRY = "NL01"
FIRST_YEAR, LAST_YEAR = 2012, 2026
"""The years for which the municipalities and their mergers are on record."""

_COLUMNS = ["code", "name", "province", "part", "from", "until", "successor"]


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality and the time it existed.

    Attributes
    ----------
    code, name, province : str
        CBS codes (``GM0917``, ``PV31``) and the name that CBS uses.
    part : str
        COROP area within the province: Noord, Midden or Zuid.
    since : date | None
        First day, after CBS; None where CBS gives no day (before 1830).
    until : date | None
        First day on which it was no more; None for a municipality of today.
    successor : str | None
        Code of the municipality that it was merged into as a whole.
    """

    code: str
    name: str
    province: str
    part: str
    since: date | None
    until: date | None
    successor: str | None

    def exists_in(self, year: int) -> bool:
        """Tell whether it existed on 1 January of `year`."""
        first = date(year, 1, 1)
        return (self.since is None or self.since <= first) and (self.until is None or first < self.until)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of observation: a municipality of today, or one of the regions that a report compares.

    Attributes
    ----------
    id : str
        ``GM0917``, ``parkstad``, ``PV31``, ``PV31-rest``, ``NL01``.
    name : str
        As a report shows it.
    level : str
        municipality, region, province, rest or country.
    """

    id: str
    name: str
    level: Level


def load_municipalities(*, folder: Path | None = None) -> tuple[Municipality, ...]:
    """Read ``municipalities-*.csv``: municipalities with their mergers since 2012, ordered by code.

    Raises
    ------
    InputError
        With every row that cannot be right: a code twice, a bad date, an unknown successor, or a successor that does
        not begin on the day that its predecessor ends.
    """
    folder = folder or data_dir() / "regions"
    faults: list[Fault] = []
    found: dict[str, Municipality] = {}
    places: dict[str, tuple[Path, int]] = {}
    for path in sorted(folder.glob("municipalities-*.csv")):
        for row, cells in _rows(path, faults):
            item = _municipality(path, row, cells, faults)
            if item is None:
                continue
            if item.code in found:
                faults.append(Fault(shown(path), f"{item.code} again", "each code once", row=row, column="code"))
            found[item.code], places[item.code] = item, (path, row)
    for code, item in found.items():
        faults.extend(_merger_faults(item, found, *places[code]))
    if not found and not faults:
        faults.append(Fault(shown(folder), "no municipalities-*.csv", "a list of municipalities"))
    if faults:
        raise InputError(faults)
    return tuple(found[code] for code in sorted(found))


def region_id(deal: Deal) -> str:
    """Return the id of the deal's region as a unit: ``parkstad``."""
    return deal.region.short_name.lower().replace(" ", "-")


def rest_id(deal: Deal) -> str:
    """Return the id of the rest of the province as a unit: ``PV31-rest``."""
    return f"{deal.region.benchmark.code}-rest"


def list_units(deal: Deal, *, folder: Path | None = None) -> tuple[Unit, ...]:
    """List the units of a panel in the order in which a report shows them.

    The region, its yardsticks (province, rest of the province, country), the region's municipalities by name, and then
    the other municipalities of the province by name.
    """
    region = deal.region
    own = {item.code for item in region.municipalities}
    today = [item for item in load_municipalities(folder=folder) if item.until is None]
    province = [item for item in today if item.province == region.benchmark.code]
    _check_known(deal, {item.code for item in province})
    ordered = sorted(province, key=lambda item: (item.code not in own, item.name))
    return (
        Unit(region_id(deal), region.short_name, "region"),
        Unit(region.benchmark.code, region.benchmark.name, "province"),
        Unit(rest_id(deal), region.rest_name, "rest"),
        Unit(COUNTRY, "Nederland", "country"),
        *(Unit(item.code, item.name, "municipality") for item in ordered),
    )


def members(deal: Deal, unit: str, year: int, *, folder: Path | None = None) -> tuple[str, ...]:
    """Return the codes of the municipalities that made up a unit in a year, in order.

    A municipality of today that did not exist yet is made up of its predecessors: Beekdaelen in 2018 is Nuth,
    Onderbanken and Schinnen.  Mergers here are whole, so that a sum over the members is exact.

    Parameters
    ----------
    unit : str
        A municipality of today, or the id of the region, the province or the rest of the province.
    year : int
        2012 to 2026; boundaries of 1 January.

    Raises
    ------
    UsageError
        For a year or unit of which the members are not on record (the country: its figures come as such).
    InputError
        When the deal names a municipality that is not on record.
    """
    everything = load_municipalities(folder=folder)
    _check_known(deal, {item.code for item in everything if item.until is None})
    return _members(deal, unit, year, everything)


def list_membership(
    deal: Deal, periods: tuple[int, ...], boundaries: Literal["each_year"] | int, *, folder: Path | None = None
) -> pd.DataFrame:
    """List which municipalities each unit is the sum of, in a table with the given boundaries.

    Parameters
    ----------
    periods : tuple[int, ...]
        Years.
    boundaries : "each_year" | int
        Of the table: those of each year, or of one year for all years.

    Returns
    -------
    DataFrame
        Columns unit, period, region: one row for each municipality (`region`) in a unit in a year.  The country is not
        in it.
    """
    everything = load_municipalities(folder=folder)
    units = [unit.id for unit in list_units(deal, folder=folder) if unit.level != "country"]
    rows = [
        (unit, period, code)
        for period in periods
        for unit in units
        for code in _members(deal, unit, period if boundaries == "each_year" else boundaries, everything)
    ]
    return pd.DataFrame(rows, columns=["unit", "period", "region"])


def sum_members(values: pd.DataFrame, membership: pd.DataFrame) -> pd.DataFrame:
    """Sum counts over the members of each unit, exactly: a sum with a part missing is missing, never smaller.

    Parameters
    ----------
    values : DataFrame
        Columns region, period, value, status.
    membership : DataFrame
        Columns unit, period, region, as `list_membership` gives.

    Returns
    -------
    DataFrame
        Columns unit, period, value, status (the worst of the parts), parts (number), absent (tuple of the regions
        without a value), ordered by unit and period.
    """
    parts = membership.merge(values, on=["region", "period"], how="left", validate="many_to_one")
    parts["rank"] = parts["status"].fillna("missing").map(STATUSES.index)
    groups = parts.groupby(["unit", "period"], sort=True)
    result = groups.agg(
        total=("value", "sum"), known=("value", "count"), parts=("region", "size"), rank=("rank", "max")
    )
    result["value"] = result["total"].where(result["known"] == result["parts"])
    result["status"] = result["rank"].map(lambda rank: STATUSES[int(rank)])
    absent: dict[tuple[str, int], list[str]] = {}
    for row in parts[parts["value"].isna()].sort_values("region").itertuples():
        absent.setdefault((row.unit, row.period), []).append(row.region)
    result["absent"] = [tuple(absent.get(key, ())) for key in result.index]
    return result.reset_index()[["unit", "period", "value", "status", "parts", "absent"]]


def _members(deal: Deal, unit: str, year: int, everything: tuple[Municipality, ...]) -> tuple[str, ...]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UsageError(f"Municipalities are on record for {FIRST_YEAR} to {LAST_YEAR}, not for {year}.")
    known = {item.code: item for item in everything}
    own = {item.code for item in deal.region.municipalities}
    province = {item.code for item in everything if item.province == deal.region.benchmark.code and item.until is None}
    groups = {
        region_id(deal): own,
        deal.region.benchmark.code: province,
        rest_id(deal): province - own,
    }
    if unit in groups:
        wanted = groups[unit]
    elif unit in known and known[unit].until is None:
        wanted = {unit}
    elif unit in known:
        raise UsageError(f"{unit} {known[unit].name} became part of {known[unit].successor}; ask for that unit.")
    else:
        hint = did_you_mean(unit, [*groups, *sorted(province)]) or f"Units are {', '.join(groups)} and municipalities."
        raise UsageError(f"The members of {unit!r} are not on record. {hint}")
    return tuple(sorted(item.code for item in everything if item.exists_in(year) and _today(item, known) in wanted))


def _today(item: Municipality, known: dict[str, Municipality]) -> str:
    """Follow the mergers to the municipality of today."""
    while item.successor is not None:
        item = known[item.successor]
    return item.code


def _check_known(deal: Deal, codes: set[str]) -> None:
    missing = [item for item in deal.region.municipalities if item.code not in codes]
    if missing:
        raise InputError(
            [
                Fault(
                    "data/regions",
                    f"no municipality {item.code} ({item.name})",
                    "every municipality of the deal's region",
                )
                for item in missing
            ]
        )


def _rows(path: Path, faults: list[Fault]) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(read_bytes(path).decode("utf-8-sig")))
    if reader.fieldnames != _COLUMNS:
        faults.append(Fault(shown(path), f"columns {reader.fieldnames}", f"columns {_COLUMNS}", row=1))
        return []
    return [(number, cells) for number, cells in enumerate(reader, start=2)]


def _municipality(path: Path, row: int, cells: dict[str, str], faults: list[Fault]) -> Municipality | None:
    if None in cells or any(value is None for value in cells.values()):
        faults.append(Fault(shown(path), "another number of cells", f"{len(_COLUMNS)} cells", row=row))
        return None
    bad = [
        Fault(shown(path), repr(cells[name]), "an ISO date, or nothing", row=row, column=name)
        for name in ("from", "until")
        if cells[name] and not _is_date(cells[name])
    ]
    bad += [
        Fault(shown(path), repr(cells[name]), f"a code such as {example}", row=row, column=name)
        for name, example in (("code", "GM0917"), ("province", "PV31"))
        if not (cells[name].startswith(example[:2]) and cells[name][2:].isdigit() and len(cells[name]) == len(example))
    ]
    faults.extend(bad)
    if bad:
        return None
    return Municipality(
        code=cells["code"],
        name=cells["name"],
        province=cells["province"],
        part=cells["part"],
        since=date.fromisoformat(cells["from"]) if cells["from"] else None,
        until=date.fromisoformat(cells["until"]) if cells["until"] else None,
        successor=cells["successor"] or None,
    )


def _merger_faults(item: Municipality, found: dict[str, Municipality], path: Path, row: int) -> list[Fault]:
    place = {"file": shown(path), "row": row, "column": "successor"}
    if (item.until is None) != (item.successor is None):
        return [Fault(found="only one of until and successor", expected="both, or neither", **place)]
    if item.successor is None:
        return []
    successor = found.get(item.successor)
    if successor is None:
        hint = did_you_mean(item.successor, sorted(found))
        return [Fault(found=repr(item.successor), expected="a code of this list", hint=hint, **place)]
    begins_later = successor.since is not None and successor.since > item.until
    if begins_later or (successor.until is not None and successor.until <= item.until):
        return [Fault(found=item.successor, expected=f"a municipality that existed on {item.until}", **place)]
    return []


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
