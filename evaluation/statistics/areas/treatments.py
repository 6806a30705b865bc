"""Who was treated when, and what else was paid there.

Read from ``data/regions``: ``deals.yml`` with ``deal_municipalities.csv``, ``events.yml`` and ``shrinking.yml``.  Once
treated, a municipality stays treated: what a deal paid for does not vanish at the end of its term.  A date of which
only the month or year is known counts from its first day.  Comparison groups come from
`evaluation.statistics.areas.donor_pools`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from pathlib import Path

import pandas as pd

from evaluation.base.errors import Fault, did_you_mean
from evaluation.base.paths import data_dir, shown
from evaluation.base.yaml_entries import raise_faults, read_entries
from evaluation.inputs.indicators import has_own_indicators
from evaluation.inputs.subjects import load_subjects
from evaluation.statistics.areas.boundary_tables import municipalities_of_today
from evaluation.statistics.areas.deal_register import read_deals
from evaluation.statistics.areas.municipalities import Municipality
from evaluation.statistics.areas.regions import COUNTRY
from evaluation.statistics.areas.treatment_schema import Event, Reference, RegioDeal, ShrinkingRegion, Theme, Tranche


@dataclass(frozen=True, slots=True)
class Register:
    """Everything that is on record about treatments.

    - `deals`, `tranches`, `events`, `shrinking`: By id (tranches by number).
    - `municipalities`: All municipalities of today, by code.
    - `references`: Where facts about deals were seen, by the key that they name as their source.
    - `themes`: Vocabulary of what deals can aim at, by id.
    """

    deals: Mapping[str, RegioDeal]
    tranches: Mapping[int, Tranche]
    events: Mapping[str, Event]
    shrinking: Mapping[str, ShrinkingRegion]
    municipalities: Mapping[str, Municipality]
    references: Mapping[str, Reference] = field(default_factory=dict)
    themes: Mapping[str, Theme] = field(default_factory=dict)

    def reach(self, event: Event) -> set[str]:
        """Return the municipalities (codes) that an event touches.

        Parameters
        ----------
        event : Event
            Of the register.

        Returns
        -------
        set[str]
        """
        if event.area == COUNTRY:
            return set(self.municipalities)
        if event.area:
            return {code for code, item in self.municipalities.items() if item.province == event.area}
        return set(event.municipalities) | self._within(event.areas)

    def hit(self, event: Event) -> set[str]:
        """Return the municipalities (codes) that a shock hit, where it hit some and others not, or less.

        Parameters
        ----------
        event : Event
            Of the register.

        Returns
        -------
        set[str]
            Empty for an event that is not known to differ between areas.
        """
        return self._within(event.areas or event.hit_harder)

    def _within(self, areas: Collection[str]) -> set[str]:
        return {code for code, item in self.municipalities.items() if item.corop in areas}

    def missing_deals(self, day: date) -> dict[int, int]:
        """Return for each tranche that was selected by a day how many of its published deals are not on record.

        Parameters
        ----------
        day : date
            The tranche counts when it was selected by then, or at an unknown time.

        Returns
        -------
        dict[int, int]
            Number of the tranche to deals that lack; only where any lacks.
        """
        counts = {number: sum(deal.tranche == number for deal in self.deals.values()) for number in self.tranches}
        return {
            number: tranche.published_count - counts[number]
            for number, tranche in self.tranches.items()
            if counts[number] < tranche.published_count and (tranche.selected is None or tranche.selected.first <= day)
        }


def load_register(
    *, folder: Path | None = None, targets: Collection[str] | None = None, region: Collection[str] | None = None
) -> Register:
    """Read the register of treatments.

    Parameters
    ----------
    folder : Path | None
        ``data/regions`` by default.
    targets, region : Collection[str] | None
        Ids of the deal's targets, with which `overlaps_with` is checked as well; and municipalities of the deal: only
        what was paid to one of them can overlap with its targets.

    Returns
    -------
    Register

    Raises
    ------
    InputError
        With every fault of all files: unknown keys, deals, sources, areas or municipalities, a name that is not that of
        its code, a municipality twice in a deal, more deals in a tranche than were published.
    """
    folder = folder or data_dir() / "regions"
    today = municipalities_of_today(folder=folder)
    faults: list[Fault] = []
    register = read_deals(folder, today, faults)
    events = read_entries(folder / "events.yml", "events", Event, faults)
    shrinking = read_entries(folder / "shrinking.yml", "regions", ShrinkingRegion, faults)
    corops = {item.corop for item in today.values()}
    for name, section, items in (("events.yml", "events", events), ("shrinking.yml", "regions", shrinking)):
        path = folder / name
        for item in items.values():
            place = f"{section}.{item.id}.municipalities"
            for code in (code for code in item.municipalities if code not in today):
                hint = did_you_mean(code, list(today))
                faults.append(Fault(shown(path), repr(code), "a municipality of today", key=place, hint=hint))
            for key in ("areas", "hit_harder"):
                for code in set(getattr(item, key, ())) - corops:
                    where = f"{section}.{item.id}.{key}"
                    faults.append(Fault(shown(path), repr(code), "a COROP area of today", key=where))
            if len(set(item.municipalities)) < len(item.municipalities):
                faults.append(Fault(shown(path), "a municipality twice", "each once", key=place))
    mine = [item for item in events.values() if region is None or set(region).intersection(item.municipalities)]
    for event in mine if targets is not None else ():
        for name in set(event.overlaps_with) - set(targets):
            hint = did_you_mean(name, sorted(targets))
            place = f"events.{event.id}.overlaps_with"
            faults.append(Fault(shown(folder / "events.yml"), repr(name), "a target of the deal", key=place, hint=hint))
    raise_faults(faults)
    found = (register.deals, register.tranches, events, shrinking, today, register.references, register.themes)
    return Register(*found)


def treated_on(day: date, *, register: Register | None = None) -> pd.DataFrame:
    """List the municipalities with a Regio Deal that had started by a day.

    Parameters
    ----------
    day, register : date, Register | None
        A deal that starts on the day counts; the register of the project by default.

    Returns
    -------
    DataFrame
        Columns municipality (CBS code of today), deal (id), since (date), exposure, verified (whether both the start
        and the municipalities were seen); a row for each municipality of each deal, by municipality and date.
    """
    register = register or load_register()
    rows = [
        (member.code, deal.id, deal.starts.first, member.exposure, deal.is_verified)
        for deal in register.deals.values()
        if deal.starts.first <= day
        for member in deal.members
    ]
    columns = ["municipality", "deal", "since", "exposure", "verified"]
    return pd.DataFrame(sorted(rows, key=itemgetter(0, 2, 1)), columns=columns)


def list_own_deals(treated: Collection[str], day: date, *, register: Register) -> tuple[RegioDeal, ...]:
    """Return the deals of a region that had started by a day: the one that covers all of it, and what continues it.

    Parameters
    ----------
    treated, day, register : Collection[str], date, Register
        CBS codes of today of the region's municipalities; a deal that starts on the day counts.

    Returns
    -------
    tuple[RegioDeal, ...]
        By start.
    """
    covering = {
        deal.id
        for deal in register.deals.values()
        if treated and {item.code for item in deal.members if item.exposure == "full"} == set(treated)
    }
    found = [deal for deal in register.deals.values() if _begins(deal, register.deals) & covering]
    return tuple(sorted((deal for deal in found if deal.starts.first <= day), key=lambda deal: deal.starts.first))


def list_other_money(treated: Collection[str], day: date, *, register: Register | None = None) -> pd.DataFrame:
    """List what else was paid or happened in a region by a day: events, and the deals of others and later ones.

    The first deal of the region itself is left out; what continues it is in the list.

    Parameters
    ----------
    treated : Collection[str]
        CBS codes of today of the region's municipalities.
    day, register : date, Register | None
        What begins on the day counts; the register of the project by default.

    Returns
    -------
    DataFrame
        Columns id, name, kind, starts (date), municipalities (tuple: those of the region that it concerns), themes
        (tuple; empty for a deal), amount_eur (in all, whole euros; missing where not seen), homes, verified; by date.
    """
    register = register or load_register()
    own = list_own_deals(treated, day, register=register)[:1]
    rows = []
    for event in register.events.values():
        where = register.reach(event) & set(treated)
        if where and event.starts.first <= day:
            known = (event.themes, event.amount_eur, event.homes, event.verified)
            rows.append((event.id, event.name, event.kind, event.starts.first, tuple(sorted(where)), *known))
    for deal in register.deals.values():
        where = {item.code for item in deal.members} & set(treated)
        if where and deal not in own and deal.starts.first <= day:
            known = ((), deal.state and deal.state.eur, None, deal.is_verified)
            rows.append((deal.id, deal.name, "money", deal.starts.first, tuple(sorted(where)), *known))
    columns = ["id", "name", "kind", "starts", "municipalities", "themes", "amount_eur", "homes", "verified"]
    frame = pd.DataFrame(sorted(rows, key=itemgetter(3, 0)), columns=columns)
    return frame.astype({"amount_eur": "Int64", "homes": "Int64"})


def touches(event: Event, deal: str, theme: int, indicators: Collection[str]) -> bool | None:
    """Tell whether an event touches a theme of a deal.

    Parameters
    ----------
    event, deal : Event, str
        What happened, and the id of the deal.
    theme, indicators : int, Collection[str]
        Number of the theme, and ids of the indicators in question: by the number for the deal that has the indicators
        of this project, as events name its themes; by the subjects of the indicators for any other.

    Returns
    -------
    bool | None
        None where nobody wrote down what the event is about.
    """
    if not has_own_indicators(deal):
        return theme in event.themes
    if not event.subjects:
        return None
    subjects = load_subjects()
    return any(not set(indicators).isdisjoint(subjects[name].indicators) for name in event.subjects)


def overlaps(
    targets: Iterable[str], day: date, *, within: Collection[str], register: Register | None = None
) -> pd.DataFrame:
    """List the outputs that other money may have paid as well: what is counted there is not to be counted twice.

    Parameters
    ----------
    targets : Iterable[str]
        Ids of targets of the deal (``woningen-transitie``).
    day, within, register : date, Collection[str], Register | None
        Money that was awarded by then, to one of these municipalities; the register of the project by default.

    Returns
    -------
    DataFrame
        Columns target, event, name, starts (date), municipalities (tuple), amount_eur and homes (in all; missing where
        not seen), verified; by target and date.  An event stands with each of its targets: homes are not to be summed
        over targets.
    """
    register = register or load_register()
    wanted = set(targets)
    rows = [
        (target, item.id, item.name, item.starts.first, item.municipalities, item.amount_eur, item.homes, item.verified)
        for item in register.events.values()
        for target in item.overlaps_with
        if target in wanted and item.starts.first <= day and not set(within).isdisjoint(item.municipalities)
    ]
    columns = ["target", "event", "name", "starts", "municipalities", "amount_eur", "homes", "verified"]
    frame = pd.DataFrame(sorted(rows, key=itemgetter(0, 3, 1)), columns=columns)
    return frame.astype({"amount_eur": "Int64", "homes": "Int64"})


def _begins(deal: RegioDeal, deals: Mapping[str, RegioDeal]) -> set[str]:
    """Return the deal and all that it continues."""
    found = {deal.id}
    while deal.continues and deal.continues not in found:
        found.add(deal.continues)
        deal = deals[deal.continues]
    return found
