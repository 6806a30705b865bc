"""Municipalities through time, and the regions of a deal: which municipality was part of what in which year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from evaluation.base.errors import Fault, InputError, UsageError, did_you_mean
from evaluation.statistics.areas.boundary_tables import load_boundaries, load_municipalities, municipalities_of_today
from evaluation.statistics.areas.municipalities import LAST_YEAR, Municipality, transfers
from evaluation.statistics.snapshot_schema import STATUSES

if TYPE_CHECKING:
    from evaluation.inputs.deal import Deal

Level = Literal["municipality", "region", "province", "rest", "country", "group", "area"]

Coverage = Literal["province", "country"]

COUNTRY = "NL01"
_LEVELS: dict[str, Level] = {"PV": "province", "NL": "country"}
_PARTS = {f"PV{number}": part for part, numbers in {
    "LD01": range(20, 23), "LD02": range(23, 26), "LD03": range(26, 30), "LD04": range(30, 32),
}.items() for number in numbers}  # fmt: skip
"""Each province with its part of the country."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of observation: a municipality of today, or one of the regions that a report compares.

    - `id`: ``GM0917``, ``parkstad``, ``PV31``, ``PV31-rest``, ``NL01``.
    - `name`: As a report shows it.
    - `level`: municipality, region, province, rest, country, group (any other list of municipalities), or area (a
      district or COROP area that only some indicators are about: what its table has, and never a sum).
    """

    id: str
    name: str
    level: Level


def list_units(deal: Deal, *, coverage: Coverage = "province", folder: Path | None = None) -> tuple[Unit, ...]:
    """List the units of a panel in the order in which a report shows them.

    Parameters
    ----------
    deal, folder : Deal, Path | None
        Its region and the region's benchmark; ``data/regions`` by default.
    coverage : "province" | "country"
        Municipalities of the deal's provinces, or all of the country.

    Returns
    -------
    tuple[Unit, ...]
        The region, its yardsticks (the benchmark, the rest of that, the country unless it is the benchmark), the
        region's municipalities by name, then the other municipalities of its provinces by name; with coverage
        ``country`` then those of the rest of it.
    """
    region = deal.region
    own = {item.code for item in region.municipalities}
    today = municipalities_of_today(folder=folder).values()
    _check_known(deal, today)
    provinces = {item.province for item in today if item.code in own}
    province = {item.code for item in today if item.province in provinces}
    wanted = today if coverage == "country" else [item for item in today if item.code in province]
    ordered = sorted(wanted, key=lambda item: (item.code not in own, item.code not in province, item.name))
    return (
        Unit(deal.region.unit_id, region.short_name, "region"),
        Unit(region.benchmark.code, region.benchmark.name, _LEVELS.get(region.benchmark.code[:2], "group")),
        Unit(deal.region.rest_id, region.rest_name, "rest"),
        *([] if region.benchmark.code == COUNTRY else [Unit(COUNTRY, "Nederland", "country")]),
        *(Unit(item.code, item.name, "municipality") for item in ordered),
    )


def yardsticks(deal: Deal) -> tuple[Unit, Unit, Unit, Unit]:
    """Return the region, its benchmark, the rest of that, and the country (which may be the benchmark itself).

    Parameters
    ----------
    deal : Deal
        Its region and the region's benchmark.

    Returns
    -------
    tuple[Unit, Unit, Unit, Unit]
    """
    region, benchmark, rest, country = list_units(deal)[:4]
    return region, benchmark, rest, benchmark if benchmark.id == COUNTRY else country


def members(deal: Deal, unit: str | Sequence[str], year: int, *, folder: Path | None = None) -> tuple[str, ...]:
    """Return the codes of the municipalities that made up a unit of today in a year, in order.

    A municipality of today that did not exist yet is made up of its predecessors: Beekdaelen in 2018 is Nuth,
    Onderbanken and Schinnen.  A unit is an area, the same in all years: Vianen, Leerdam and Zederik, since 2019
    Vijfheerenlanden, are in the province of Utrecht in all years, also when two of them were still in Zuid-Holland.
    Corrections smaller than `evaluation.statistics.areas.municipalities.SMALLEST_SHARE` are left out.

    Parameters
    ----------
    deal, folder : Deal, Path | None
        Its region and the region's benchmark; ``data/regions`` by default.
    unit : str | Sequence[str]
        A municipality of today, the id of the region, any province (``PV31``), the rest of the deal's province
        (``PV31-rest``), a COROP area (``CR39``), the country (``NL01``), or a list of municipalities of today.
    year : int
        2010 to 2026; boundaries of 1 January.

    Returns
    -------
    tuple[str, ...]
        CBS codes of that year.

    Raises
    ------
    UsageError
        For a year or unit of which the members are not on record, and for a unit that had only part of a municipality
        of that year: no sum of members gives its figures, but `evaluation.statistics.areas.harmonise.harmonise` does,
        with the municipalities of today as group.
    """
    everything, changes = load_boundaries(folder=folder)
    _check_known(deal, [item for item in everything if item.exists_in(LAST_YEAR)])
    wanted = _today(unit, everything, *_of_today(deal, everything))
    return _members(unit, wanted, year, transfers(everything, changes, year, LAST_YEAR))


def list_groups(deal: Deal, units: Sequence[Unit], *, folder: Path | None = None) -> dict[str, frozenset[str]]:
    """Return of which municipalities of today each unit is made: the groups of `harmonise`.

    Parameters
    ----------
    deal, units, folder : Deal, Sequence[Unit], Path | None
        Its region and the region's benchmark; as of `list_units`; ``data/regions`` by default.

    Returns
    -------
    dict[str, frozenset[str]]
        Id of the unit to CBS codes; errors are those of `members`.
    """
    everything = load_municipalities(folder=folder)
    _check_known(deal, [item for item in everything if item.exists_in(LAST_YEAR)])
    known = _of_today(deal, everything)
    return {unit.id: frozenset(_today(unit.id, everything, *known)) for unit in units}


def sum_members(values: pd.DataFrame, membership: pd.DataFrame) -> pd.DataFrame:
    """Sum counts over the members of each unit, exactly: a sum with a part missing is missing, never smaller.

    Parameters
    ----------
    values : DataFrame
        Columns region, period, value, status.
    membership : DataFrame
        Columns unit, period, region; a column share, if there is one, tells which part of each region's count belongs
        to the unit.

    Returns
    -------
    DataFrame
        Columns unit, period, value, status (the worst of the parts), parts (number), absent (tuple of the regions
        without a value), ordered by unit and period.
    """
    parts = membership.merge(values, on=["region", "period"], how="left", validate="many_to_one")
    parts["rank"] = parts["status"].fillna("missing").map(STATUSES.index)
    if "share" in parts:
        parts["value"] *= parts["share"]
    groups = parts.groupby(["unit", "period"], sort=True)
    result = groups.agg(parts=("region", "size"), rank=("rank", "max"))
    result["value"] = groups["value"].sum().where(groups["value"].count() == result["parts"])
    result["status"] = result["rank"].map(lambda rank: STATUSES[int(rank)])
    absent: dict[tuple[str, int], list[str]] = {}
    for row in parts[parts["value"].isna()].sort_values("region").itertuples():
        absent.setdefault((row.unit, row.period), []).append(row.region)
    result["absent"] = [tuple(absent.get(key, ())) for key in result.index]
    return result.reset_index()[["unit", "period", "value", "status", "parts", "absent"]]


def worst_status(*columns: pd.Series) -> pd.Series:
    """Return the worst status of each row; one that is not there counts as missing.

    Parameters
    ----------
    columns : Series
        Of statuses, on one index.

    Returns
    -------
    Series
    """
    ranks = [column.fillna("missing").map(STATUSES.index) for column in columns]
    return pd.concat(ranks, axis=1).max(axis=1).map(lambda rank: STATUSES[int(rank)])


def _members(
    unit: str | Sequence[str], wanted: set[str], year: int, whereabouts: dict[str, dict[str, Fraction]]
) -> tuple[str, ...]:
    """Return the municipalities of a year that lie in today's municipalities `wanted`."""
    inside = {code: sum(where[target] for target in where.keys() & wanted) for code, where in whereabouts.items()}
    for code, share in inside.items():
        if 0 < share < 1:
            text = f"In {year} only a part of {code} lay in {unit}: its figures are not a sum of municipalities."
            raise UsageError(f"{text} Divide them over the boundaries of {LAST_YEAR} with harmonise.")
    return tuple(sorted(code for code, share in inside.items() if share))


def _of_today(deal: Deal, everything: tuple[Municipality, ...]) -> tuple[dict[str, Municipality], dict[str, set[str]]]:
    """Return the municipalities of today, and those of every area that a unit may be, the deal's own ones too."""
    today = {item.code: item for item in everything if item.exists_in(LAST_YEAR)}
    own = {item.code for item in deal.region.municipalities}
    groups: dict[str, set[str]] = {deal.region.unit_id: own}
    groups |= _areas(today.values())
    groups[deal.region.benchmark.code] = _benchmark(deal, groups)
    groups[deal.region.rest_id] = groups[deal.region.benchmark.code] - own
    return today, groups


def _today(
    unit: str | Sequence[str],
    everything: tuple[Municipality, ...],
    today: Mapping[str, Municipality],
    groups: Mapping[str, set[str]],
) -> set[str]:
    """Return the codes of today's municipalities that a unit is made of."""
    if not isinstance(unit, str):
        if not unit:
            raise UsageError("An empty list of municipalities has no members.")
        return {code for item in unit for code in _today_of(item, today, everything)}
    if unit in groups:
        return groups[unit]
    if unit.startswith("CR") and len(unit) == 4:
        known = sorted(name for name in groups if name.startswith("CR"))
        hint = did_you_mean(unit, known) or ""
        raise UsageError(f"There is no COROP area {unit}: they run from {known[0]} to {known[-1]}. {hint}".strip())
    return _today_of(unit, today, everything, tuple(name for name in groups if not name.startswith("CR")))


def _today_of(
    code: str, today: Mapping[str, Municipality], everything: tuple[Municipality, ...], groups: tuple[str, ...] = ()
) -> set[str]:
    if code in today:
        return {code}
    gone = next((item for item in everything if item.code == code), None)
    if gone and gone.successor:
        raise UsageError(f"{code} {gone.name} became part of {gone.successor}; ask for that unit.")
    if gone:
        raise UsageError(f"{code} {gone.name} was split on {gone.until}; ask for a unit of today.")
    hint = did_you_mean(code, [*groups, *sorted(today)]) or "Units are municipalities of today, such as GM0917"
    raise UsageError(f"The members of {code!r} are not on record. {hint}{', and ' * bool(groups)}{', '.join(groups)}.")


def _areas(today: Iterable[Municipality]) -> dict[str, set[str]]:
    """Return of which municipalities of today each province, part of the country and COROP area is made."""
    groups: dict[str, set[str]] = {}
    for item in today:
        for area in (item.province, _PARTS[item.province], item.corop, COUNTRY):
            groups.setdefault(area, set()).add(item.code)
    return groups


def _benchmark(deal: Deal, areas: Mapping[str, set[str]]) -> set[str]:
    """Return the municipalities of the deal's yardstick: of one area, or of all parts of a group."""
    benchmark = deal.region.benchmark
    if not benchmark.members:
        return set(areas.get(benchmark.code, ()))
    return set().union(*(areas.get(code, {code}) for code in benchmark.members))


def _check_known(deal: Deal, today: Iterable[Municipality]) -> None:
    """Refuse a deal with an area that there is not, and a yardstick without any other municipality than its own."""
    today, file = list(today), f"data/deal/{deal.id}.yml"
    codes, areas = {item.code for item in today}, _areas(today)
    faults = [
        Fault(
            file,
            f"{item.code} ({item.name})",
            f"a municipality of {LAST_YEAR}",
            key=f"region.municipalities.{item.code}",
        )
        for item in deal.region.municipalities
        if item.code not in codes
    ]
    benchmark = deal.region.benchmark
    unknown = [code for code in benchmark.members or [benchmark.code] if code not in areas and code not in codes]
    faults += [Fault(file, code, "a code of CBS that there is", key="region.benchmark") for code in unknown]
    if not faults and not _benchmark(deal, areas) - {item.code for item in deal.region.municipalities}:
        expected = "a yardstick with other municipalities too, such as NL01 for a whole province"
        faults.append(Fault(file, f"{benchmark.code} has no other municipalities", expected, key="region.benchmark"))
    if faults:
        raise InputError(faults)
