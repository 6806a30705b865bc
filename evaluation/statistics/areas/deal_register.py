"""Read the register of Regio Deals: ``deals.yml`` with ``deal_municipalities.csv``, and all that is wrong with them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import Fault, did_you_mean
from evaluation.base.paths import read_bytes, shown
from evaluation.base.yaml_entries import build_entries, build_entry, mapping_under, read_mapping
from evaluation.statistics.areas.boundary_tables import read_rows
from evaluation.statistics.areas.municipalities import Municipality
from evaluation.statistics.areas.treatment_schema import Member, Reference, RegioDeal, Theme, Tranche

_COLUMNS = ["deal", "code", "name", "exposure"]
_PARTLY = ("partial", "thematic")


@dataclass(frozen=True, slots=True)
class DealRegister:
    """The Regio Deals on record.

    - `deals`, `tranches`: By id, and by number.
    - `references`: Where facts were seen, by the key that they name as their source.
    - `themes`: Vocabulary of what deals can aim at, by id, in the order of the file.
    """

    deals: Mapping[str, RegioDeal]
    tranches: Mapping[int, Tranche]
    references: Mapping[str, Reference]
    themes: Mapping[str, Theme]


def read_deals(folder: Path, today: Mapping[str, Municipality], faults: list[Fault]) -> DealRegister:
    """Read the Regio Deals; add what is wrong with them to the faults, and return what can be read.

    Parameters
    ----------
    folder : Path
        ``data/regions``.
    today : Mapping[str, Municipality]
        All municipalities of today, by code.
    faults : list[Fault]
        Is added to: unknown keys, themes, sources or municipalities, days out of order, districts of a municipality
        that is no member or takes part as a whole, more deals in a tranche than were published.

    Returns
    -------
    DealRegister
    """
    path = folder / "deals.yml"
    content = read_mapping(path, {"notes", "tranches", "themes", "sources", "deals"}, faults)
    references = build_entries(content, "sources", path, Reference, faults, key_name=None)
    themes = build_entries(content, "themes", path, Theme, faults, key_name=None)
    sources = mapping_under(content, "sources", path, [])
    known = mapping_under(content, "deals", path, [])
    members = _read_members(folder / "deal_municipalities.csv", known, today, faults)
    deals: dict[str, RegioDeal] = {}
    for key, item in build_entries(content, "deals", path, RegioDeal, faults).items():
        found = _all_members(item, members.get(key, []), path, today, faults)
        deals[key] = item.model_copy(update={"members": found})
    rounds = build_entries(content, "tranches", path, Tranche, faults, key_name="number")
    tranches = {item.number: item for item in rounds.values()}
    for deal in deals.values():
        faults += _order_faults(path, deal, deals, tranches)
        faults += _district_faults(path, deal)
        faults += _theme_faults(path, deal, mapping_under(content, "themes", path, []))
        faults += _source_faults(path, _facts(deal), sources)
    for tranche in tranches.values():
        faults += _tranche_faults(path, tranche, deals, sources)
    return DealRegister(deals, tranches, references, themes)


def _order_faults(path: Path, deal: RegioDeal, deals: Mapping, tranches: Mapping) -> Iterator[Fault]:
    """Tell of a tranche or an earlier deal that is not there, and of days that cannot be in this order."""
    place = f"deals.{deal.id}"
    if deal.tranche not in tranches:
        yield Fault(shown(path), str(deal.tranche), "one of the tranches", key=f"{place}.tranche")
    elif (selected := tranches[deal.tranche].selected) is not None:
        for name in ("starts", "signed"):
            moment = getattr(deal, name)
            if moment is not None and moment.last < selected.first:
                expected = f"not before {selected.first}, when the tranche was selected"
                yield Fault(shown(path), str(moment.day), expected, key=f"{place}.{name}")
    if deal.continues and (deal.continues not in deals or deal.continues == deal.id):
        hint = did_you_mean(deal.continues, list(deals))
        yield Fault(shown(path), repr(deal.continues), "another deal", key=f"{place}.continues", hint=hint)
    elif deal.continues and deals[deal.continues].starts.first >= deal.starts.first:
        yield Fault(shown(path), repr(deal.continues), "an earlier deal", key=f"{place}.continues")


def _district_faults(path: Path, deal: RegioDeal) -> Iterator[Fault]:
    """Tell of districts in a municipality that does not take part, or takes part as a whole."""
    exposures = {item.code: item.exposure for item in deal.members}
    for code in deal.districts.names if deal.districts else ():
        key = f"deals.{deal.id}.districts.names.{code}"
        if code not in exposures:
            hint = did_you_mean(code, list(exposures))
            yield Fault(shown(path), repr(code), "a municipality of the deal", key=key, hint=hint)
        elif exposures[code] not in _PARTLY:
            expected = f"exposure {' or '.join(_PARTLY)} in deal_municipalities.csv"
            yield Fault(shown(path), f"districts and exposure {exposures[code]!r}", expected, key=key)


def _theme_faults(path: Path, deal: RegioDeal, themes: Collection[str]) -> Iterator[Fault]:
    for number, aim in enumerate(deal.aims):
        for name in (*aim.themes, *aim.unclear):
            if name not in themes:
                hint, key = did_you_mean(name, list(themes)), f"deals.{deal.id}.aims.{number}"
                yield Fault(shown(path), repr(name), "one of the themes", key=key, hint=hint)


def _tranche_faults(path: Path, tranche: Tranche, deals: Mapping, sources: Collection[str]) -> Iterator[Fault]:
    place = f"tranches.{tranche.number}"
    facts = {place: tranche.source}
    if tranche.selected is not None:
        facts[f"{place}.selected"] = tranche.selected.source
    yield from _source_faults(path, facts, sources)
    count = sum(deal.tranche == tranche.number for deal in deals.values())
    if count > tranche.published_count:
        yield Fault(shown(path), f"{count} deals", f"at most {tranche.published_count}, as published", key=place)


def _facts(deal: RegioDeal) -> dict[str, str | None]:
    """Return the source of each fact of a deal, by its place in the file."""
    names = ("starts", "signed", "ends", "state", "extent", "districts")
    facts = {name: getattr(deal, name) for name in names} | {f"aims.{n}": aim for n, aim in enumerate(deal.aims)}
    found = {f"deals.{deal.id}.{name}": fact.source for name, fact in facts.items() if fact is not None}
    return found | {f"deals.{deal.id}.extent.names": deal.extent.names_source}


def _source_faults(path: Path, facts: Mapping[str, str | None], sources: Collection[str]) -> Iterator[Fault]:
    for place, source in facts.items():
        if source is not None and source not in sources:
            key = f"{place}_source" if place.endswith(".names") else f"{place}.source"
            hint = did_you_mean(source, list(sources))
            yield Fault(shown(path), repr(source), "a key of sources", key=key, hint=hint)


def _read_members(
    path: Path, deals: Collection[str], today: Mapping[str, Municipality], faults: list[Fault]
) -> dict[str, list[Member]]:
    """Read the municipalities of each deal; the name beside a code is there for the reader, and must be its own."""
    found: dict[str, dict[str, Member]] = {}
    content = read_bytes(path) if path.is_file() else None
    for row, cells in read_rows(path, content, _COLUMNS, faults):
        name, code = cells["deal"], cells["code"]
        if name not in deals:
            hint = did_you_mean(name, list(deals))
            faults.append(Fault(shown(path), repr(name), "a deal of deals.yml", row=row, column="deal", hint=hint))
        if code not in today:
            faults.append(Fault(shown(path), repr(code), "a municipality of today", row=row, column="code"))
        elif cells["name"] != today[code].name:
            expected = f"{today[code].name!r}, the name of {code}"
            faults.append(Fault(shown(path), repr(cells["name"]), expected, row=row, column="name"))
        if code in found.get(name, {}):
            faults.append(Fault(shown(path), f"{code} again", f"each once in {name}", row=row, column="code"))
        fields = {"code": code, "exposure": cells["exposure"]}
        item = build_entry(Member, fields, {}, path, f"row {row}", faults)
        if item is not None:
            found.setdefault(name, {})[code] = item
    return {name: list(items.values()) for name, items in found.items()}


def _all_members(
    deal: RegioDeal, listed: list[Member], path: Path, today: Mapping[str, Municipality], faults: list[Fault]
) -> tuple[Member, ...]:
    """Return the members of a deal: those of the table, or those in its area."""
    place = f"deals.{deal.id}.extent"
    if deal.extent.basis in ("list", "region", "region_name"):
        if not listed:
            expected = "its municipalities in deal_municipalities.csv, or basis 'area' or 'outside'"
            faults.append(Fault(shown(path), "no municipalities", expected, key=place))
        return tuple(sorted(listed, key=lambda item: item.code))
    if listed:
        expected = f"none in deal_municipalities.csv for basis {deal.extent.basis!r}"
        faults.append(Fault(shown(path), f"{len(listed)} municipalities", expected, key=place))
    found = []
    for area in deal.extent.area:
        codes = [code for code, item in today.items() if area in (item.province, item.corop)]
        if not codes:
            expected = "a province (PV29) or a COROP area on record (CR39)"
            faults.append(Fault(shown(path), repr(area), expected, key=f"{place}.area"))
        found += codes
    return tuple(Member(code=code, exposure=deal.extent.exposure) for code in sorted(set(found)))
