"""Make the content of a registration: which deal, which figures, and every number that is declared beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from evaluation.analysis.forecast_designs import register_design
from evaluation.analysis.forecast_panel import FEWEST_YEARS, Panel, comparable, panel_of
from evaluation.analysis.forecasts import event_chances, forecast_years
from evaluation.analysis.registered_words import METHOD_WORDS, RULES, limits_of, pool_words
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.base.fingerprints import recorded_versions
from evaluation.base.paths import data_dir, recorded_reads, shown
from evaluation.inputs.deal import list_deals, load_deal
from evaluation.inputs.deal_schema import Deal
from evaluation.inputs.indicators import POPULATION, Design, Indicator, load_designs, load_indicators, register_dir
from evaluation.inputs.registrations import Registration
from evaluation.statistics.areas.treatment_schema import RegioDeal
from evaluation.statistics.areas.treatments import Register, load_register, treated_on
from evaluation.statistics.panels import build_panel

FORECAST_YEARS = 4
"""From the year after a deal began; fewer where its term is known to end before."""

_SOFTWARE = ("regiodeal-evaluation", "numpy", "pandas", "statsmodels")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a registration is about.

    Attributes
    ----------
    deal, agreement : RegioDeal, Deal
        The deal that runs; and the agreement in data/deal, its own or that of a deal that it continues, whose region
        and indicators these are.
    years : tuple[int, ...]    To forecast.
    regions : Mapping[str, tuple[str, ...]]
        COROP areas without a municipality of the region, to their municipalities.
    with_deal : int    How many of them have a municipality with a Regio Deal of its own by now.
    """

    deal: RegioDeal
    agreement: Deal
    years: tuple[int, ...]
    regions: Mapping[str, tuple[str, ...]]
    with_deal: int


def open_subject(deal_id: str, *, today: date) -> Subject:
    """Find the deal that runs and all that a registration of it needs to know.

    Parameters
    ----------
    deal_id, today : str, date
        Of data/regions/deals.yml; a deal that has not begun by today, or has ended, is refused.

    Returns
    -------
    Subject

    Raises
    ------
    UsageError
        When there is no such deal, it does not run, no agreement says its region and indicators, or its municipalities
        are others than those of that agreement.
    """
    register = load_register()
    if deal_id not in register.deals:
        hint = did_you_mean(deal_id, list(register.deals)) or "Its ids are the keys under `deals` there."
        raise UsageError(f"There is no deal {deal_id!r} in data/regions/deals.yml. {hint}")
    deal = register.deals[deal_id]
    if deal.starts.first > today:
        raise UsageError(f"{deal_id} begins on {deal.starts.first}: register its plan once it runs.")
    if deal.ends is not None and deal.ends.last < today:
        raise UsageError(f"{deal_id} ended on {deal.ends.last}: a plan before the figures is for a deal that runs.")
    first = deal.starts.first.year + 1
    last = min(first + FORECAST_YEARS - 1, deal.ends.last.year if deal.ends is not None else date.max.year)
    if last < max(first, today.year):
        raise UsageError(
            f"{deal_id} began on {deal.starts.first}: the years {first} to {last} to forecast have passed."
        )
    agreement = _agreement_of(deal, register)
    regions = _corop_areas(register, {item.code for item in agreement.region.municipalities})
    treated = set(treated_on(today, register=register)["municipality"])
    with_deal = sum(bool(treated.intersection(codes)) for codes in regions.values())
    return Subject(deal, agreement, tuple(range(first, last + 1)), regions, with_deal)


def build_registration(deal_id: str, *, today: date) -> dict[str, object]:
    """Read the figures and declare everything that a registration has.

    Parameters
    ----------
    deal_id, today : str, date
        As of `open_subject`; the day of the registration.

    Returns
    -------
    dict[str, object]
        The fields of `registrations.Registration` as plain values, but for `printed_sha256`.
    """
    with recorded_reads() as reads:
        subject = open_subject(deal_id, today=today)
        folder = register_dir(subject.agreement.id)
        indicators, designs = load_indicators(folder=folder), load_designs(folder=folder)
        figures = plan_panel(subject.agreement, subject.regions, indicators)
    return declare(subject, figures, indicators, designs, today=today) | {
        "data": _sums(reads),
        "software": {name: version for name, version in recorded_versions().items() if name in _SOFTWARE},
    }


def plan_panel(
    agreement: Deal, regions: Mapping[str, tuple[str, ...]], indicators: Mapping[str, Indicator]
) -> pd.DataFrame:
    """Compute the figures of the region, the country and the regions to compare with, of all years.

    Parameters
    ----------
    agreement, regions, indicators : Deal, Mapping[str, tuple[str, ...]], Mapping[str, Indicator]
        Whose region; COROP areas to municipalities; what is computed.

    Returns
    -------
    DataFrame
        As of `panels.build_panel`.
    """
    wanted = {name: item for name, item in indicators.items() if item.has_figures and item.only_for is None}
    return build_panel(agreement, groups=regions, indicators=wanted)


def open_figures(registration: Registration) -> pd.DataFrame:
    """Compute the figures by which a registration is scored, as they are now.

    Parameters
    ----------
    registration : Registration
        What was registered: its region, its COROP areas and its indicators.

    Returns
    -------
    DataFrame
        As of `panels.build_panel`.

    Raises
    ------
    UsageError
        When an indicator that was forecast is no longer defined.
    """
    agreement = load_deal(registration.agreement)
    indicators = load_indicators(folder=register_dir(agreement.id))
    if gone := sorted(registration.forecasts.keys() - indicators.keys()):
        text = f"{', '.join(gone)} was forecast, and is no indicator of {agreement.id} any more"
        raise UsageError(f"{text}: a registered indicator keeps its definition. Get it back from git.")
    regions = _corop_areas(load_register(), {item.code for item in agreement.region.municipalities})
    return plan_panel(agreement, regions, {name: indicators[name] for name in registration.forecasts})


def declare(
    subject: Subject,
    figures: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    designs: Mapping[str, Design],
    *,
    today: date,
) -> dict[str, object]:
    """Declare forecasts, events and designs from a panel.

    Parameters
    ----------
    subject, figures, indicators, designs : Subject, DataFrame, Mapping, Mapping
        The deal; a panel (unit, period, indicator, value); indicators and designs by id.
    today : date
        The day of the registration.

    Returns
    -------
    dict[str, object]
        As of `build_registration`, without data and software.

    Raises
    ------
    UsageError
        When no indicator has figures of enough years.
    """
    unit, until = subject.agreement.region.unit_id, subject.years[0] - 1
    of_one = {str(name): rows for name, rows in figures.groupby("indicator", sort=False, observed=True)}
    inhabitants = _inhabitants(of_one, until)
    panels: dict[str, Panel] = {}
    forecasts: dict[str, dict] = {}
    for name, item in indicators.items():
        panel = panel_of(of_one[name], item, unit, list(subject.regions), until=until) if name in of_one else None
        if panel is None or panel.units[0] not in inhabitants:
            continue
        panels[name] = panel
        forecasts[name] = _forecast(subject, item, panel, comparable(panel, inhabitants), of_one[name])
    if not forecasts:
        region = subject.agreement.region.short_name
        text = f"No indicator has figures of {region} in {FEWEST_YEARS} years in a row up to {until}: nothing can be"
        raise UsageError(f"{text} forecast. Look with: regiodeal data status")
    declared, without = _designs(subject, panels, indicators, designs)
    return _identity(subject, today) | {
        "after_the_figures": [name for name, item in forecasts.items() if item["known_at_registration"]],
        "regions": sorted(subject.regions),
        "methods": METHOD_WORDS,
        "rules": RULES,
        "limits": limits_of(
            has_own_text=subject.agreement.id == subject.deal.id,
            has_list=subject.deal.extent.verified,
            has_end=subject.deal.ends is not None,
        ),
        "forecasts": forecasts,
        "designs": declared,
        "without_design": without,
    }


def _identity(subject: Subject, today: date) -> dict[str, object]:
    return {
        "format": 1,
        "deal": subject.deal.id,
        "deal_name": subject.deal.name,
        "signed_on": subject.deal.starts.first,
        "agreement": subject.agreement.id,
        "unit": subject.agreement.region.unit_id,
        "municipalities": sorted(item.code for item in subject.agreement.region.municipalities),
        "registered_on": today,
        "years": list(subject.years),
    }


def _forecast(subject: Subject, item: Indicator, panel: Panel, chosen: list[int], figures: pd.DataFrame) -> dict:
    own = figures[(figures["unit"] == panel.units[0]) & figures["value"].notna()]
    values = own.set_index("period")["value"]
    gap = float(panel.values[0, -1] - panel.country[-1])
    events = event_chances(panel, subject.years, chosen, item)
    return {
        "title": item.title,
        "wording": item.wording,
        "theme": item.theme,
        "unit_of_measure": item.unit_of_measure,
        "decimals": item.decimals,
        "direction": item.direction,
        "scale": panel.scale,
        "first": panel.years[0],
        "last": panel.years[-1],
        "last_value": round(float(values[panel.years[-1]]), item.decimals + 2),
        "last_gap": round(gap, 6) if events["gap_smaller"] else None,
        "regions": len(chosen),
        "known_at_registration": [year for year in subject.years if year in values.index],
        **forecast_years(panel, subject.years, chosen, item.decimals),
        **events,
    }


def _designs(
    subject: Subject, panels: Mapping[str, Panel], indicators: Mapping[str, Indicator], designs: Mapping[str, Design]
) -> tuple[dict[str, dict], dict[str, str]]:
    """Declare one design for each outcome of the analysis plan, in the unit in which its forecast is told."""
    declared: dict[str, dict] = {}
    without: dict[str, str] = {}
    pool = pool_words(len(subject.regions), subject.with_deal)
    for design in designs.values():
        name = design.indicator
        if not design.has_placebos or name in declared:
            continue
        item, panel = indicators[name], panels.get(name)
        if panel is None:
            without[name] = f"er zijn geen cijfers van {FEWEST_YEARS} jaren op rij"
            continue
        is_relative = (design.scale or item.gap) == "relative"
        if is_relative != (panel.scale == "log"):
            without.setdefault(name, "het aannemelijke effect staat in een andere eenheid dan de voorspelling")
            continue
        made = register_design(design, item, panel, subject.years, pool)
        if isinstance(made, str):
            without[name] = made
        else:
            declared[name] = made
    return declared, {name: reason for name, reason in without.items() if name not in declared}


def _agreement_of(deal: RegioDeal, register: Register) -> Deal:
    """Return the agreement of a deal, or of the nearest that it continues; the municipalities must be the same."""
    known, link = set(list_deals()), deal
    while link.id not in known and link.continues:
        link = register.deals[link.continues]
    if link.id not in known:
        text = (
            f"No agreement of {deal.id}, or of a deal that it continues, is in data/deal: nothing says its indicators."
        )
        raise UsageError(f"{text} Write data/deal/{deal.id}.yml.")
    agreement = load_deal(link.id)
    own, listed = {item.code for item in agreement.region.municipalities}, {item.code for item in deal.members}
    if own != listed:
        odd = ", ".join(sorted(own ^ listed)) or "none"
        raise UsageError(f"{deal.id} has other municipalities than {link.id}, {odd}: write data/deal/{deal.id}.yml.")
    return agreement


def _corop_areas(register: Register, own: set[str]) -> dict[str, tuple[str, ...]]:
    """Return the COROP areas without a municipality of the region."""
    areas: dict[str, list[str]] = {}
    for code, item in sorted(register.municipalities.items()):
        areas.setdefault(item.corop, []).append(code)
    return {name: tuple(codes) for name, codes in sorted(areas.items()) if not own.intersection(codes)}


def _inhabitants(of_one: Mapping[str, pd.DataFrame], until: int) -> dict[str, float]:
    """Return the inhabitants of each region in the last year that may be used."""
    rows = of_one.get(POPULATION)
    if rows is None:
        return {}
    known = rows[(rows["period"] <= until) & rows["value"].notna()].sort_values("period")
    return {str(unit): float(value) for unit, value in known.groupby("unit", observed=True)["value"].last().items()}


def _sums(reads: list[Path]) -> list[dict[str, str]]:
    """List the files that were read with their sums, without those that stay at the office."""
    kept = {shown(path): path for path in reads if not path.is_relative_to(data_dir() / "private")}
    return [
        {"file": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for name, path in sorted(kept.items())
    ]
