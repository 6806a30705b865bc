"""Since when each municipality is exposed to a Regio Deal, and until when it may be a comparison.

Exposed is a municipality that takes part as a whole in a deal of which start and municipalities were seen.  Of several
deals the first counts, and what follows is not taken away again.  A deal about one subject (``thematic``) is no
exposure.  Where exposure is possible but not known (some districts only, an extent or list that was not seen), the
municipality is not treated, and a comparison only until the year before it may have begun: that of the start, or of
the selection of the tranche where the deal is not verified.  So no unverified fact decides a main estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evaluation.statistics.areas.treatment_schema import Member, RegioDeal
from evaluation.statistics.areas.treatments import Register

Facts = Literal["verified", "all", "partial"]
"""Which exposure counts: what was seen, the register as it stands, or also that of some districts."""

COLUMNS = ["municipality", "name", "province", "corop", "deal", "tranche", "cohort", "until", "cluster", "deals"]
NEVER = 0
"""The cohort of a municipality that is not treated in the years that are looked at."""
_LATER = 9999


@dataclass(frozen=True, slots=True)
class _Exposure:
    """A municipality's first deal, and the last year in which nothing can have begun."""

    deal: RegioDeal | None
    until: int
    deals: tuple[str, ...]


def list_exposure(register: Register, *, facts: Facts = "verified", last: int) -> pd.DataFrame:
    """List the municipalities that are compared, with the year in which their first deal began.

    Parameters
    ----------
    register : Register
        Of ``data/regions``.
    facts : "verified" | "all" | "partial"
        See `Facts`.
    last : int
        Last year that is looked at: who begins later is a comparison until then.

    Returns
    -------
    DataFrame
        Columns municipality (code of today), name, province, corop, deal (id of the first; empty for a comparison),
        tranche, cohort (year of its start; `NEVER`), until (last year that is used), cluster (the deal, or the COROP
        area of a comparison), deals (ids of all deals of which it is a member, by start).  A municipality that may have
        been exposed before its first certain deal, or from the beginning on, is not in it.
    """
    members = _members_of(register)
    rows = []
    for code, place in sorted(register.municipalities.items()):
        found = _exposure(members.get(code, []), register, facts)
        start = found.deal.starts.first.year if found.deal else _LATER
        if found.deal is not None and start <= last and found.until >= start:
            deal = found.deal
            known = (deal.id, deal.tranche, start, last, deal.id)
        elif (until := min(found.until, start - 1, last)) >= _first_start(register, facts):
            known = ("", 0, NEVER, until, f"corop-{place.corop}")
        else:
            continue
        rows.append((code, place.name, place.province, place.corop, *known, found.deals))
    return pd.DataFrame(rows, columns=COLUMNS)


def _members_of(register: Register) -> dict[str, list[tuple[RegioDeal, Member]]]:
    """Give the deals of each municipality, by start."""
    found: dict[str, list[tuple[RegioDeal, Member]]] = {}
    for deal in sorted(register.deals.values(), key=lambda item: (item.starts.first, item.id)):
        for member in deal.members:
            found.setdefault(member.code, []).append((deal, member))
    return found


def _exposure(deals: list[tuple[RegioDeal, Member]], register: Register, facts: Facts) -> _Exposure:
    first, until = None, _LATER
    for deal, member in deals:
        if member.exposure == "thematic":
            continue
        if _counts(deal, member, facts):
            first = first or deal
        else:
            until = min(until, _possible_start(deal, register) - 1)
    return _Exposure(first, until, tuple(deal.id for deal, _ in deals))


def _counts(deal: RegioDeal, member: Member, facts: Facts) -> bool:
    """Tell whether a membership is an exposure."""
    if facts == "verified":
        return member.exposure == "full" and deal.is_verified
    return member.exposure in ("full", "unknown_extent") or (facts == "partial" and member.exposure == "partial")


def _possible_start(deal: RegioDeal, register: Register) -> int:
    """Return the first year in which a deal can have begun: of an unverified one that of the choice of its tranche."""
    if deal.is_verified:
        return deal.starts.first.year
    selected = register.tranches[deal.tranche].selected
    return (
        selected.first.year if selected is not None else min(item.starts.first.year for item in register.deals.values())
    )


def _first_start(register: Register, facts: Facts) -> int:
    """Return the first year in which a comparison is of use: that of the first start that counts."""
    starts = [deal.starts.first.year for deal in register.deals.values() if facts != "verified" or deal.is_verified]
    return min(starts, default=_LATER)
