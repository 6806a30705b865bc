"""Which area a name means: the deal's region and its yardsticks, any municipality, province or COROP area, any group."""

from collections.abc import Iterable, Mapping

from evaluation.base.errors import UsageError, did_you_mean
from evaluation.inputs.deal import Deal
from evaluation.statistics.areas.boundary_tables import municipalities_of_today
from evaluation.statistics.areas.regions import COUNTRY, list_groups, list_units

Units = str | Iterable[str] | Mapping[str, Iterable[str]] | None
"""Names or codes, "gemeenten" for those of the region; a mapping makes groups of its own: a name to the municipalities that it is made of."""


def all_groups(deal: Deal) -> dict[str, frozenset[str]]:
    """Return every province and COROP area that is no unit of the deal's panel: its code to its municipalities."""
    known = {unit.id for unit in list_units(deal)}
    found: dict[str, set[str]] = {}
    for item in municipalities_of_today().values():
        for code in {item.province, item.corop} - known:
            found.setdefault(code, set()).add(item.code)
    return {code: frozenset(codes) for code, codes in sorted(found.items())}


def find_units(deal: Deal, wanted: str | Iterable[str]) -> list[str]:
    """Return the ids of units in the order asked, each once; UsageError names every one that is not known."""
    known, asked = _names(deal), []
    for name in [wanted] if isinstance(wanted, str) else wanted:
        asked += [item.code for item in deal.region.municipalities] if name == "gemeenten" else [name]
    unknown = [str(name) for name in asked if str(name).casefold() not in known]
    if unknown:
        hints = [did_you_mean(name.casefold(), list(known)) or "" for name in unknown]
        told = "; ".join(f"{name!r} {hint}".strip() for name, hint in zip(unknown, hints, strict=True))
        raise UsageError(f"There is no area {told}. Areas: codes or names of municipalities of today, "
                         f"{', '.join(unit.id for unit in list_units(deal)[:4])}, provinces and COROP areas.")  # fmt: skip
    return list(dict.fromkeys(known[str(name).casefold()] for name in asked))


def own_groups(deal: Deal, wanted: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Return the municipalities of each group that an evaluator makes: of names or codes of whatever has members."""
    found = {}
    for name, parts in wanted.items():
        ids = find_units(deal, parts)
        areas = {**{unit.id: frozenset([unit.id]) for unit in list_units(deal, coverage="country")}, **all_groups(deal)}
        named = [unit for unit in list_units(deal)[:4] if unit.id in ids]
        areas |= list_groups(deal, named)
        found[name] = frozenset().union(*(areas[unit] for unit in ids))
    return found


def area_name(code: str) -> tuple[str, str]:
    """Return name and level of a province or COROP area that is no unit of the deal's panel."""
    if code.startswith("CR"):
        return next((item.corop_name, "corop") for item in municipalities_of_today().values() if item.corop == code)
    return code, "province"


def _names(deal: Deal) -> dict[str, str]:
    """Return every name by which a unit may be asked, in small letters, with its id; the deal's own go first."""
    units = list_units(deal, coverage="country")
    names = {name.casefold(): unit.id for unit in reversed(units) for name in (unit.id, unit.name)}
    for item in municipalities_of_today().values():
        names.setdefault(item.corop.casefold(), item.corop)
        names.setdefault(item.corop_name.casefold(), item.corop)
        names.setdefault(item.province.casefold(), item.province)
    region, province, rest, country = units[:4]
    for name, unit in (("regio", region), ("provincie", province), ("rest", rest), ("nederland", country)):
        names[name] = unit.id
    for unit in (region, province, rest, country):
        names[unit.id.casefold()] = names[unit.name.casefold()] = unit.id
    return {**names, COUNTRY.casefold(): COUNTRY}
