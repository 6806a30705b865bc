"""Which area a name means: the deal's region and its yardsticks, any municipality, province or COROP area, any group."""

from collections.abc import Iterable, Mapping

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.inputs.deal import Deal
from evaluation.statistics.areas.boundary_tables import municipalities_of_today
from evaluation.statistics.areas.names import PROVINCES, explain_name, find_areas, name_key
from evaluation.statistics.areas.regions import list_groups, list_units, yardsticks

Units = str | Iterable[str] | Mapping[str, Iterable[str]] | None
"""Names or codes, "gemeenten" for those of the region; a mapping makes groups of its own: a name to its municipalities."""


def all_groups(deal: Deal) -> dict[str, frozenset[str]]:
    """Return every province and COROP area that is no unit of the deal's panel.

    Parameters
    ----------
    deal : Deal
        Whose panel it is.

    Returns
    -------
    dict[str, frozenset[str]]
        Code to the codes of its municipalities of today.
    """
    known = {unit.id for unit in list_units(deal)}
    found: dict[str, set[str]] = {}
    for item in municipalities_of_today().values():
        for code in {item.province, item.corop} - known:
            found.setdefault(code, set()).add(item.code)
    return {code: frozenset(codes) for code, codes in sorted(found.items())}


def find_units(deal: Deal, wanted: str | Iterable[str]) -> list[str]:
    """Find units by their names or codes.

    Parameters
    ----------
    deal, wanted : Deal, str or iterable of str
        Whose region and yardsticks go first; as of `Units`, without groups.

    Returns
    -------
    list[str]
        Ids in the order asked, each once.

    Raises
    ------
    UsageError
        For what is no name; it says of every unknown one what is like it.
    """
    if not isinstance(wanted, str) and not isinstance(wanted, Iterable):
        raise UsageError(f"units are names or codes of areas, or a list of them, not {wanted!r}.")
    own = _own_names(deal)
    asked: list[str] = []
    for name in [wanted] if isinstance(wanted, str) else wanted:
        asked += [item.code for item in deal.region.municipalities] if name == "gemeenten" else [str(name)]
    found = {name: [own[name_key(name)]] if name_key(name) in own else find_areas(name) for name in asked}
    unknown = [name for name, codes in found.items() if len(codes) != 1]
    if unknown or not asked:
        told = " ".join(f"There is no area {name!r}. {explain_name(name, others=own)}".strip() for name in unknown)
        units = ", ".join(dict.fromkeys(unit.id for unit in yardsticks(deal)))
        raise UsageError(f"{told or 'No area was asked.'} Areas: {units}, and names or codes of municipalities of "
                         f"today, provinces and COROP areas.")  # fmt: skip
    return list(dict.fromkeys(codes[0] for codes in found.values()))


def in_order(rows: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """Return the rows of units in the order of their ids, of each by period.

    Parameters
    ----------
    rows, ids : DataFrame, list of str
        With columns unit and period; ids of units.

    Returns
    -------
    DataFrame
        The columns of `rows`.
    """
    order = {unit: place for place, unit in enumerate(ids)}
    mine = rows[rows["unit"].isin(order)]
    return mine.sort_values(
        ["unit", "period"], key=lambda column: column.map(order) if column.name == "unit" else column
    )


def own_groups(deal: Deal, wanted: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Find the municipalities of each group that an evaluator makes.

    Parameters
    ----------
    deal, wanted : Deal, mapping of str to iterable of str
        As of `find_units`; name of a group to names or codes of whatever has members.

    Returns
    -------
    dict[str, frozenset[str]]
        Name to codes of municipalities of today.
    """
    found = {}
    for name, parts in wanted.items():
        ids = find_units(deal, parts)
        areas = {**{unit.id: frozenset([unit.id]) for unit in list_units(deal, coverage="country")}, **all_groups(deal)}
        named = [unit for unit in dict.fromkeys(yardsticks(deal)) if unit.id in ids]
        areas |= list_groups(deal, named)
        found[name] = frozenset().union(*(areas[unit] for unit in ids))
    return found


def area_name(code: str) -> tuple[str, str]:
    """Return name and level of a province or COROP area that is no unit of the deal's panel.

    Parameters
    ----------
    code : str
        Of CBS.

    Returns
    -------
    tuple[str, str]
    """
    if code.startswith("CR"):
        return next((item.corop_name, "corop") for item in municipalities_of_today().values() if item.corop == code)
    return PROVINCES[code], "province"


def _own_names(deal: Deal) -> dict[str, str]:
    """Return the names of the deal's region and its yardsticks, as `name_key` writes them, with their ids."""
    region, benchmark, rest, country = yardsticks(deal)
    words = (
        ("regio", region),
        ("provincie", benchmark),
        ("maatstaf", benchmark),
        ("rest", rest),
        ("nederland", country),
    )
    names = {word: unit.id for word, unit in words}
    for unit in (region, benchmark, rest, country):
        names |= {name_key(unit.id): unit.id, name_key(unit.name): unit.id}
    return names
