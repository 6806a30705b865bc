"""With which municipalities a treated region is compared, as it stood on a day, and what such a comparison estimates.

Five pools: ``clean`` (no Regio Deal by then), ``every`` (the rest of the country, with or without a deal), ``corop``
(the same, in whole COROP areas other than the region's own), ``province`` (the rest of the province, the deal's own
yardstick) and ``shrinking`` (other shrinking regions, most of which have a deal too: "tegen andere deals").  A
comparison is named after what it compares, so that no estimate against treated municipalities is read as one against
none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from evaluation.base import dutch
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.statistics.areas.municipalities import Municipality
from evaluation.statistics.areas.treatment_schema import RegioDeal
from evaluation.statistics.areas.treatments import Register, list_own_deals, load_register, treated_on

PoolKind = Literal["clean", "every", "corop", "province", "shrinking"]

Strictness = Literal["strict", "lenient"]
"""``strict``: a deal of any exposure contaminates; ``lenient``: only one of the whole municipality or of districts."""

_LENIENT = frozenset({"full", "partial"})
_PROVINCES = (
    "Groningen", "Fryslân", "Drenthe", "Overijssel", "Flevoland", "Gelderland", "Utrecht", "Noord-Holland",
    "Zuid-Holland", "Zeeland", "Noord-Brabant", "Limburg",
)  # fmt: skip
"""From PV20 on."""
_ROMAN = ("I", "II", "III")
_CANDIDATES = {
    "clean": "gemeenten zonder Regio Deal",
    "every": "andere gemeenten",
    "corop": "gemeenten in andere COROP-gebieden",
    "province": "gemeenten in de rest van de provincie",
    "shrinking": "andere krimpgemeenten",
}


@dataclass(frozen=True, slots=True)
class Left:
    """A municipality that is not in the pool, or that is in it with a deal of its own.

    - `reason`: In Dutch, for the report.
    - `deals`: Ids of the deals that are the reason, if any.
    """

    code: str
    name: str
    reason: str
    deals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DonorPool:
    """The municipalities with which a region is compared.

    - `day`: Last day of the outcomes that it is for.
    - `municipalities`: CBS codes of today, in order; empty when there is no comparison.
    - `left_out`: Candidates that are not in the pool, by code.
    - `flagged`: Members with a deal of their own by that day (never in the clean pool), by code.
    - `estimand`: What is compared, in Dutch; None for an empty pool.
    - `reason`: Why there is no comparison, in Dutch; None where there is one.
    - `cautions`: What a reader must know of the pool, in Dutch.
    """

    kind: PoolKind
    day: date
    strictness: Strictness
    municipalities: tuple[str, ...]
    left_out: tuple[Left, ...]
    flagged: tuple[Left, ...]
    estimand: str | None
    reason: str | None
    cautions: tuple[str, ...]


def donor_pool(
    day: date,
    *,
    kind: PoolKind,
    treated: Collection[str],
    name: str,
    strictness: Strictness = "strict",
    adjacency: Mapping[str, Collection[str]] | None = None,
    anticipating: bool = False,
    designated_by: date = date(2018, 1, 1),
    register: Register | None = None,
) -> DonorPool:
    """Choose the municipalities with which a treated region is compared.

    Parameters
    ----------
    day : date
        Last day of the outcomes: a deal that starts later does not contaminate.
    kind, strictness : "clean" | "every" | "corop" | "province" | "shrinking", "strict" | "lenient"
        Which municipalities are candidates, and which exposure contaminates.  The clean pool leaves it out, the others
        flag it.
    treated, name : Collection[str], str
        CBS codes of today of the region's municipalities, never in the pool; its name in the report ("Parkstad").
    adjacency : Mapping[str, Collection[str]] | None
        Neighbours of each municipality; with it those that border on the region are left out (spill-over).
    anticipating, designated_by : bool, date
        Whether the shrinking pool also takes regions that only expect to shrink; it takes those that were named by this
        day, which lies before the treatment, so that the choice does not depend on it.
    register : Register | None
        That of the project by default.

    Returns
    -------
    DonorPool

    Raises
    ------
    UsageError
        For an unknown kind or strictness, an empty region or unknown municipalities in it, a region in more than one
        province for the pool ``province``, a region without neighbours on record.
    """
    register, own = register or load_register(), frozenset(treated)
    _check(kind, strictness, own, register, adjacency)
    candidates = _candidates(kind, own, anticipating, designated_by, register)
    border = {code for item in own for code in adjacency[item]} if adjacency else set()
    left_out = [Left(code, register.municipalities[code].name, f"Hoort bij {name} zelf.") for code in own & candidates]
    outside = [register.municipalities[code] for code in sorted(candidates - own)]
    left_out += [Left(item.code, item.name, f"Grenst aan {name}.") for item in outside if item.code in border]
    flagged = _contaminated([item for item in outside if item.code not in border], day, strictness, register)
    if kind == "clean":
        left_out, flagged = left_out + flagged, []
    gone = {item.code for item in left_out}
    members = tuple(item.code for item in outside if item.code not in gone)
    ordered = tuple(sorted(left_out, key=lambda item: item.code))
    empty = None if members else f"Er zijn op {dutch.day(day)} geen {_CANDIDATES[kind]} om {name} mee te vergelijken."
    deals = list_own_deals(own, day, register=register)
    province = _PROVINCES[int(register.municipalities[min(own)].province.removeprefix("PV")) - 20]
    estimand = _estimand(kind, strictness == "strict", day, name, len(members), len(flagged), deals, province)
    cautions = _cautions(kind, day, own, name, members, register, deals)
    return DonorPool(kind, day, strictness, members, ordered, tuple(flagged), estimand, empty, cautions)


def _check(kind, strictness, own: frozenset[str], register: Register, adjacency) -> None:
    for found, allowed in ((kind, get_args(PoolKind)), (strictness, get_args(Strictness))):
        if found not in allowed:
            hint = did_you_mean(found, allowed) or ""
            raise UsageError(f"There is no {found!r} pool; there are {', '.join(allowed)}. {hint}".strip())
    if not own:
        raise UsageError("A region without municipalities has no comparison.")
    unknown = sorted(own - register.municipalities.keys())
    if unknown:
        raise UsageError(f"Not municipalities of today: {', '.join(unknown)}.")
    provinces = sorted({register.municipalities[code].province for code in own})
    if kind == "province" and len(provinces) > 1:
        raise UsageError(f"A region in {', '.join(provinces)} has no rest of the province.")
    alone = sorted(own - adjacency.keys()) if adjacency is not None else []
    if alone:
        raise UsageError(f"The neighbours of {', '.join(alone)} are not given.")


def _candidates(
    kind: PoolKind, own: frozenset[str], anticipating: bool, designated_by: date, register: Register
) -> set[str]:
    if kind in ("clean", "every"):
        return set(register.municipalities)
    if kind == "corop":
        areas = {register.municipalities[code].corop for code in own}
        return {code for code, item in register.municipalities.items() if item.corop not in areas}
    if kind == "province":
        province = register.municipalities[min(own)].province
        return {code for code, item in register.municipalities.items() if item.province == province}
    return {
        code
        for region in register.shrinking.values()
        if region.kind == "krimpregio" or anticipating
        if region.starts.first <= designated_by and (region.ends is None or region.ends.last >= designated_by)
        for code in region.municipalities
    }


def _contaminated(items: list[Municipality], day: date, strictness: Strictness, register: Register) -> list[Left]:
    """List which of these municipalities have a deal by a day, each with its deals as the reason."""
    found: dict[str, list[RegioDeal]] = {}
    for row in treated_on(day, register=register).itertuples():
        if strictness == "strict" or row.exposure in _LENIENT:
            found.setdefault(row.municipality, []).append(register.deals[row.deal])
    return [
        Left(item.code, item.name, _since(deals), tuple(deal.id for deal in deals))
        for item in items
        if (deals := found.get(item.code))
    ]


def _since(deals: list[RegioDeal]) -> str:
    told = []
    for deal in deals:
        words = dutch.day(deal.starts.first).split()  # day, month, year: as much as is known
        when = " ".join(words[{"day": 0, "month": 1, "year": 2}[deal.starts.precision] :])
        told.append(f"{deal.name} (sinds {when})")
    return "; ".join(told) + "."


def _estimand(
    kind: PoolKind, is_strict: bool, day: date, name: str, size: int, flagged: int, deals: Sequence, province: str
) -> str | None:
    if not size:
        return None
    numbers = f" {dutch.listing(_ROMAN[: len(deals)])}" if len(deals) > 1 else ""
    what = f"{name} met Regio Deal{numbers}" if deals else f"{name} vóór een eigen Regio Deal"
    until = f"tot en met {day.year if (day.month, day.day) == (12, 31) else dutch.day(day)}"
    if kind == "clean":
        without = "zonder Regio Deal" if is_strict else "zonder Regio Deal voor de hele gemeente of wijken"
        return f"{what} tegenover gemeenten {without} {until}"
    others = {
        "every": "de rest van Nederland",
        "corop": "de andere COROP-gebieden",
        "province": f"de rest van {province}",
        "shrinking": "andere krimpgemeenten",
    }[kind]
    if flagged == size:
        return f"{what} tegenover andere deals in {others.removeprefix('andere ')} {until}"
    if flagged:
        return f"{what} tegenover {others}, waar {flagged} van de {size} gemeenten een andere deal hebben {until}"
    return f"{what} tegenover {others}, zonder Regio Deal {until}"


def _cautions(
    kind: PoolKind, day: date, own: frozenset[str], name: str, members: tuple, register: Register, chain: Sequence
) -> tuple[str, ...]:
    told = [
        f"Van ronde {number} zijn {count} deals niet in de lijst: gemeenten daarvan kunnen ten onrechte als "
        "gemeenten zonder deal tellen."
        for number, count in register.missing_deals(day).items()
    ]
    for deal in register.deals.values():
        touched = sorted(register.municipalities[item.code].name for item in deal.members if item.code in own)
        if touched and deal not in chain and deal.starts.first <= day:
            told.append(f"{dutch.listing(touched)} in {name} valt ook onder {deal.name}.")
    begun = [deal for deal in register.deals.values() if deal.starts.first <= day]
    if unseen := sum(deal.extent.basis == "region_name" for deal in begun):
        told.append(f"Van {unseen} deals tot dan is de lijst van gemeenten niet nagezien.")
    if kind == "shrinking" and members:
        told.append("Welke gemeenten in elke krimpregio liggen is niet nagezien.")
    return tuple(told)
