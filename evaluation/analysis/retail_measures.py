"""The figures of the retail monitor: premises and their floor space per cluster, outside, per municipality and year.

What is counted are shops: premises with the function retail, vacant or occupied.  Nothing is decided here about what
may be shown; `evaluation.analysis.retail_monitor` does that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.inputs.retail.records import COUNTED
from evaluation.inputs.retail.tables import AREAS_OF_A_REGION, RetailTables

INSIDE, OUTSIDE, REGION = AREAS_OF_A_REGION
"""Units beside the clusters (by cluster_id), municipalities (by code) and what of these lies outside (``-buiten``)."""

STOCK = ("premises", "vacant", "occupied")
OPENINGS = ("new_to_region", "moved_from_outside", "moved_from_cluster", "opened_otherwise")
"""The kinds into which all openings fall apart."""

CHANGES = ("transformed", "gone", "added")
TRADE = ("opened", *OPENINGS, "left")
SINCE = {"transformed": "transformed_since", "new_to_region": "new_since", "moved_from_outside": "moved_in_since"}
"""Changes that are also added up over the years, and the name of that sum."""

OTHER_FUNCTIONS = ("hospitality", "service")
BRANCHES = ("daily", "fashion", "leisure", "home", "other", "unknown")
DETAIL = (*OTHER_FUNCTIONS, *(f"branch_{branch}" for branch in BRANCHES))
AREAS = ("wvo_m2", "bvo_m2")

FIRST_YEAR = "over het jaar ervoor is er geen telling"
NO_OCCUPANTS = "de tabel zegt niet wie in de panden zit"
NO_AREA = "niet van alle panden is de oppervlakte bekend"

MEASURES = (*STOCK, *CHANGES, *TRADE, *SINCE.values(), *DETAIL)
_COUNTED_MEASURES = (*STOCK, *CHANGES, *TRADE, *DETAIL)
_PAIR = ["premises_id", "occupant_id"]


@dataclass(frozen=True, slots=True)
class Units:
    """The areas that are counted.

    Attributes
    ----------
    parts : Mapping[str, tuple[str, ...]]    Area to the areas that it is the sum of; an area that is no sum has none.
    level : Mapping[str, str]    Area to ``cluster``, ``zone`` (inside, outside, region), ``municipality`` or ``rest``
        (what of a municipality lies outside its clusters).
    """

    parts: Mapping[str, tuple[str, ...]]
    level: Mapping[str, str]

    @property
    def base(self) -> tuple[str, ...]:
        """The areas that are no sum: each cluster, and each municipality outside its clusters."""
        return tuple(unit for unit, parts in self.parts.items() if not parts)


def list_units(tables: RetailTables, municipalities: tuple[str, ...]) -> Units:
    """List the areas of a region: clusters, municipalities, inside, outside and the region as a whole.

    Parameters
    ----------
    tables, municipalities : RetailTables, tuple[str, ...]
        Its clusters are areas; codes of the region's municipalities.

    Returns
    -------
    Units
    """
    clusters = dict(zip(tables.clusters["cluster_id"], tables.clusters["municipality"], strict=True))
    rests = {code: f"{code}-buiten" for code in municipalities}
    parts: dict[str, tuple[str, ...]] = {cluster: () for cluster in clusters}
    parts |= {rest: () for rest in rests.values()}
    parts |= {INSIDE: tuple(clusters), OUTSIDE: tuple(rests.values()), REGION: (INSIDE, OUTSIDE)}
    for code, rest in rests.items():
        parts[code] = (*(cluster for cluster, of in clusters.items() if of == code), rest)
    level = {cluster: "cluster" for cluster in clusters} | dict.fromkeys(rests.values(), "rest")
    level |= dict.fromkeys((INSIDE, OUTSIDE, REGION), "zone") | dict.fromkeys(municipalities, "municipality")
    return Units(parts, level)


def _measures_of(level: str) -> tuple[str, ...]:
    """Return what is counted of an area of a level: all of a cluster, the stock only of a municipality."""
    if level == "cluster":
        return MEASURES
    return tuple(name for name in MEASURES if name not in DETAIL) if level == "zone" else STOCK


def count_cells(tables: RetailTables, units: Units) -> pd.DataFrame:
    """Count shops, and add up their floor space, for every area, year and measure.

    The measures, each for the year in which a row stands:

    - ``premises``: shops; ``vacant`` and ``occupied`` are their two parts;
    - ``transformed``: was a shop the year before and has another function now, demolished included; its floor space is
      that of the year before.  ``gone``: was a shop the year before and is not in the table now, which is not called
      transformed.  ``added``: a shop now and not the year before.  So premises are those of the year before + added
      - transformed - gone;
    - ``opened`` with its kinds and ``left``: see `_trace_openings`, `_trace_departures`.  So occupied are those of the
      year before + opened - left; who left counts where the premises are that were left;
    - ``..._since``: summed from the second year of the table until this year;
    - ``hospitality``, ``service``: premises with that function; ``branch_...``: occupied shops of a branch.

    Parameters
    ----------
    tables, units : RetailTables, Units
        What was counted, and of which areas (`list_units`).

    Returns
    -------
    DataFrame
        Columns unit, year, measure, count (NaN where it cannot be known), reason (in Dutch, missing where count is
        known), and wvo_m2 and bvo_m2 (never added to each other; NaN where one of the premises has no known area).
    """
    events = pd.concat([_stock(tables), *_yearly(tables)], ignore_index=True)
    cells = _sum_base(events, tables, units)
    cells = _add_sums(_add_reasons(cells, tables), units)
    return cells.sort_values(["year", "unit", "measure"], ignore_index=True, key=_in_order(units))


def _stock(tables: RetailTables) -> pd.DataFrame:
    """One row for everything that is there in a year: unit, year, measure, areas."""
    rows = _with_unit(tables)
    shops = rows[rows["function"] == "retail"]
    occupied = shops[~shops["is_vacant"]]
    others = rows[rows["function"].isin(OTHER_FUNCTIONS)]
    parts = [
        *((shops, "premises"), (shops[shops["is_vacant"]], "vacant"), (occupied, "occupied")),
        *((occupied, "branch_" + occupied["branch"].fillna("unknown")), (others, others["function"])),
    ]
    return pd.concat([part.assign(measure=name) for part, name in parts])[["unit", "year", "measure", *AREAS]]


def _yearly(tables: RetailTables) -> list[pd.DataFrame]:
    """One row for everything that changed between a year and the year before, where both were counted."""
    rows, years = _with_unit(tables), [year for year in tables.years if year - 1 in tables.years]
    trade = [_trade(rows, tables.premises, year) for year in years if _has_occupants(tables, year)]
    return [*(_changes(rows, year) for year in years), *trade]


def _changes(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    now, before = rows[rows["year"] == year], rows[rows["year"] == year - 1]
    shops, former = now[now["function"] == "retail"], before[before["function"] == "retail"]
    no_longer = former[~former["premises_id"].isin(shops["premises_id"])]
    is_there = no_longer["premises_id"].isin(now["premises_id"])
    added = shops[~shops["premises_id"].isin(former["premises_id"])]
    parts = [(no_longer[is_there], "transformed"), (no_longer[~is_there], "gone"), (added, "added")]
    events = pd.concat([part.assign(measure=name) for part, name in parts])
    return events.assign(year=year)[["unit", "year", "measure", *AREAS]]


def _trade(rows: pd.DataFrame, premises: pd.DataFrame, year: int) -> pd.DataFrame:
    opened = _trace_openings(premises, year)
    left = _trace_departures(premises, year).assign(measure="left", at=year - 1)
    parts = [opened.assign(measure="opened", at=year), opened.assign(measure=opened["kind"], at=year), left]
    events = pd.concat(parts)[["premises_id", "measure", "at"]]
    events = events.merge(rows.rename(columns={"year": "at"}), on=["premises_id", "at"], how="left")
    return events.assign(year=year)[["unit", "year", "measure", *AREAS]]


def _with_unit(tables: RetailTables) -> pd.DataFrame:
    rows = tables.premises
    return rows.assign(unit=rows["cluster"].fillna(rows["municipality"] + "-buiten"))


def _has_occupants(tables: RetailTables, year: int) -> bool:
    """Whether the occupants are known in a year and the year before (the tables have all of a year, or none)."""
    rows = tables.premises[tables.premises["function"].isin(COUNTED) & ~tables.premises["is_vacant"]]
    known = rows.groupby("year")["occupant_id"].apply(lambda ids: bool(ids.notna().all()))
    return bool(known.get(year, True)) and bool(known.get(year - 1, True))


def _sum_base(events: pd.DataFrame, tables: RetailTables, units: Units) -> pd.DataFrame:
    keys = ["unit", "year", "measure"]
    full = pd.MultiIndex.from_product([units.base, tables.years, _COUNTED_MEASURES], names=keys)
    grouped = events.groupby(keys)
    cells = pd.DataFrame({"count": grouped.size().astype(float)})
    for area in AREAS:
        cells[area] = grouped[area].sum().where(grouped[area].count() == grouped.size())
    # No premises are no floor space; premises without an area have one that is not known.
    cells = cells.reindex(full)
    return cells.mask(cells["count"].isna(), 0.0).reset_index()


def _add_reasons(cells: pd.DataFrame, tables: RetailTables) -> pd.DataFrame:
    """Blank what cannot be known, with why, and add the sums over years."""
    first = [year for year in tables.years if year - 1 not in tables.years]
    nobody = [year for year in tables.years if year not in first and not _has_occupants(tables, year)]
    moves = cells["measure"].isin([*CHANGES, *TRADE])
    reason = pd.Series(None, index=cells.index, dtype="object")
    reason = reason.mask(moves & cells["year"].isin(first), FIRST_YEAR)
    reason = reason.mask(cells["measure"].isin(TRADE) & cells["year"].isin(nobody), NO_OCCUPANTS)
    values = ["count", *AREAS]
    cells = cells.assign(reason=reason, **{name: cells[name].mask(reason.notna()) for name in values})
    sums = [_since(cells, measure, name, tables) for measure, name in SINCE.items()]
    return pd.concat([cells, *sums], ignore_index=True)


def _since(cells: pd.DataFrame, measure: str, name: str, tables: RetailTables) -> pd.DataFrame:
    """Add a change up from the second year of the table; a year that cannot be known makes all later sums unknown."""
    rows = cells[cells["measure"] == measure].sort_values("year").copy()
    later = rows["year"] > tables.years[0]
    for value in ("count", *AREAS):
        summed = rows[value].where(later, 0.0).groupby(rows["unit"]).transform(lambda part: part.cumsum(skipna=False))
        rows[value] = summed.where(later)
    why = rows["reason"].where(later).groupby(rows["unit"]).ffill()
    rows["reason"] = why.where(later, FIRST_YEAR)
    return rows.assign(measure=name)


def _add_sums(cells: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Add the areas that are the sum of others, for what is counted of them."""
    found = [cells]
    for unit in (unit for unit, parts in units.parts.items() if parts):
        base = _base_of(unit, units)
        mine = cells[cells["unit"].isin(base) & cells["measure"].isin(_measures_of(units.level[unit]))]
        groups = mine.groupby(["year", "measure"])
        summed = groups[["count", *AREAS]].agg(lambda part: part.sum(skipna=False))
        found.append(summed.assign(reason=groups["reason"].first(), unit=unit).reset_index())
    everything = pd.concat(found, ignore_index=True)
    of = everything["unit"].map(units.level)
    wanted = [measure in _measures_of(level) for measure, level in zip(everything["measure"], of, strict=True)]
    return everything[wanted]


def _base_of(unit: str, units: Units) -> set[str]:
    return set().union(*(_base_of(part, units) for part in units.parts[unit])) or {unit}


def _in_order(units: Units):
    """Sort by the order in which areas and measures are listed, so that equal tables give equal bytes."""
    place = {name: position for position, name in enumerate([*units.parts, *MEASURES])}
    return lambda column: column if column.name == "year" else column.map(place)


def _trace_openings(premises: pd.DataFrame, year: int) -> pd.DataFrame:
    """List the shops that opened in a year, each with the kind of its opening.

    A shop opened when its occupant did not have a shop in these premises the year before.  It is

    - ``new_to_region`` when the occupant stands in no earlier year of the table;
    - ``moved_from_outside`` or ``moved_from_cluster`` when the occupant gave up other premises since the year before;
    - ``opened_otherwise`` when the occupant kept all its other premises (an extra shop), was in the same premises with
      another function, or came back after a year without premises.

    Premises that one occupant gave up and opened are paired one to one: openings in a cluster first, premises outside
    the clusters first, then by identity.  `year` and the year before are in the premises, with occupants.
    """
    people = _occupied(premises)
    now, before = people[people["year"] == year], people[people["year"] == year - 1]
    opened = _without(_shops(now), _shops(before)).assign(is_outside=lambda rows: rows["cluster"].isna())
    opened = opened.sort_values(["is_outside", "premises_id"], ignore_index=True)
    stayed = _same_pair(opened, before)
    given_up = _without(before, now).assign(is_inside=lambda rows: rows["cluster"].notna())
    given_up = given_up.sort_values(["is_inside", "premises_id"], ignore_index=True)
    given_up["turn"] = given_up.groupby("occupant_id").cumcount()
    opened["turn"] = opened[~stayed].groupby("occupant_id").cumcount().reindex(opened.index, fill_value=-1)
    origin = opened.merge(given_up[["occupant_id", "turn", "is_inside"]], on=["occupant_id", "turn"], how="left")
    known = set(people.loc[people["year"] < year, "occupant_id"])
    kind = pd.Series("opened_otherwise", index=opened.index)
    kind = kind.mask(origin["is_inside"].eq(True), "moved_from_cluster")
    kind = kind.mask(origin["is_inside"].eq(False), "moved_from_outside")
    kind = kind.mask(~opened["occupant_id"].isin(known), "new_to_region")
    return opened[_PAIR].assign(kind=kind)


def _trace_departures(premises: pd.DataFrame, year: int) -> pd.DataFrame:
    """List the shops that were there the year before and whose occupant no longer has a shop in these premises."""
    people = _shops(_occupied(premises))
    return _without(people[people["year"] == year - 1], people[people["year"] == year])[_PAIR]


def _occupied(premises: pd.DataFrame) -> pd.DataFrame:
    return premises[premises["function"].isin(COUNTED) & ~premises["is_vacant"] & premises["occupant_id"].notna()]


def _shops(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["function"] == "retail"]


def _same_pair(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    pairs = set(others[_PAIR].itertuples(index=False, name=None))
    found = [pair in pairs for pair in rows[_PAIR].itertuples(index=False, name=None)]
    return pd.Series(found, index=rows.index, dtype=bool)


def _without(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    return rows[~_same_pair(rows, others)].reset_index(drop=True)
