"""Evidence for attribution, from the programme's records, the register of other money and events, and other estimates.

A deviation is one question, who brought it about another: timing, dose, mechanism and alternatives each have evidence
of their own (`evaluation.analysis.effects.contribution`).  While the records are an example, so is every judgement that
rests on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from evaluation.analysis.comparison_regions import declared_of
from evaluation.analysis.effects import contribution, sensitivity
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.judgement import judge_attribution
from evaluation.analysis.estimation import Estimated
from evaluation.analysis.finance import deal_sources
from evaluation.base import dutch
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import Indicator
from evaluation.inputs.records.programme import Programme
from evaluation.statistics.areas.regions import COUNTRY
from evaluation.statistics.areas.treatment_schema import Event
from evaluation.statistics.areas.treatments import Register, list_other_money, touches


def attribute(
    found: Mapping[str, Estimated],
    *,
    deal: Deal,
    programme: Programme,
    indicators: Mapping[str, Indicator],
    register: Register,
    inhabitants: pd.Series,
) -> dict[str, Estimated]:
    """Judge for every estimate whether it is plausible that the deal brought the deviation about.

    Parameters
    ----------
    found, indicators : mappings of id to Estimated and to Indicator
        All designs of the plan: an estimate on a condition of a theme is evidence for the others of that theme.
    deal, programme, register : Deal, Programme, Register
        Its municipalities have the doses; records of the whole term; other deals and money, policy and shocks.
    inhabitants : Series
        Municipality (code) to inhabitants in the base year.

    Returns
    -------
    dict[str, Estimated]
        With `contribution`, and the attribution and its ground in `estimate`; without a deviation that is indicated
        there is nothing to attribute, and none of these is asked.
    """
    result = {}
    for key, item in found.items():
        if item.examined is None or not item.estimate.is_indicated:
            result[key] = replace(item, estimate=judge_attribution(item.estimate, ()))
            continue
        theme, years = indicators[item.design.indicator].theme, item.examined.comparison.periods
        delivered = _deliveries_by_year(programme, theme, years)
        paid = _payments_by_year(deal, programme, theme, years)
        checks = (
            contribution.check_timing(item.examined, delivered=delivered, paid=paid),
            contribution.check_dose(
                item.estimate,
                effects=item.municipal,
                doses=_paid_per_inhabitant(deal, programme, theme, inhabitants),
                largest_plausible=declared_of(item.design).plausible_effect,
            ),
            contribution.check_mechanism(_conditions(found, indicators, theme, key)),
            contribution.check_alternatives(_list_alternatives(item, deal, theme, register)),
        )
        result[key] = replace(item, contribution=checks, estimate=judge_attribution(item.estimate, checks))
    return result


def _deliveries_by_year(programme: Programme, theme: int, years: Iterable[int]) -> dict[int, float]:
    """Count the deliveries recorded for a theme up to and including each year.

    A protected unit counts once in each year since its first delivery: how many deliveries it had could tell how few it
    counts.
    """
    dated = [
        (programme.outputs["result"], programme.outputs["date"].dt.year),
        (programme.counts["result"], programme.counts["year"]),
    ]
    mine = [when[[str(result).split(".")[0] == str(theme) for result in results]] for results, when in dated]
    return {year: float(sum((when <= year).sum() for when in mine)) for year in years}


def _payments_by_year(deal: Deal, programme: Programme, theme: int, years: Iterable[int]) -> dict[int, float]:
    """Sum what Rijk and Regio paid for a theme up to and including each year, in EUR."""
    mine = _payments(deal, programme, theme)
    return {year: float(mine.loc[mine["date"].dt.year <= year, "amount_eur"].sum()) for year in years}


def _paid_per_inhabitant(deal: Deal, programme: Programme, theme: int, inhabitants: pd.Series) -> dict[str, float]:
    """Divide what was paid for a theme over municipalities (codes), in EUR per inhabitant.

    A project in more municipalities counts in each by its inhabitants.
    """
    codes = {item.name: item.code for item in deal.region.municipalities}
    people = inhabitants.reindex(list(codes.values())).astype(float)
    paid = _payments(deal, programme, theme).groupby("project_id")["amount_eur"].sum()
    total = pd.Series(0.0, index=people.index)
    for project in programme.projects[programme.projects["theme"] == theme].itertuples():
        places = [codes[name] for name in project.municipalities]
        total[places] += float(paid.get(project.project_id, 0.0)) * people[places] / people[places].sum()
    return (total / people).to_dict()


def _list_alternatives(item: Estimated, deal: Deal, theme: int, register: Register) -> list[contribution.Alternative]:
    """List the other explanations of a deviation, each with what speaks for or against it.

    What is over before the deal begins, or is about other themes, is left out.
    """
    checks = {check.name: check for check in item.checks}
    found = [
        _from_check("de coronajaren 2020 en 2021", checks.get(sensitivity.WITHOUT_PERIODS)),
        _from_check("toenadering tot het gemiddelde", checks.get(sensitivity.REGRESSION_TO_MEAN)),
        contribution.Alternative(
            "landelijk beleid en landelijke ontwikkelingen", True, "zij golden ook in de regio's waarmee is vergeleken"
        ),
    ]
    own = {municipality.code: municipality.name for municipality in deal.region.municipalities}
    start, end = date(item.design.pre[1] + 1, 1, 1), date(declared_of(item.design).last, 12, 31)
    for row in list_other_money(own, end, register=register).itertuples():
        event = register.events.get(row.id)
        is_over = event is not None and event.ends is not None and event.ends.last < start
        if is_over or (event is not None and touches(event, deal.id, theme, [item.design.indicator]) is False):
            continue
        compared = [code for codes in item.members.values() for code in codes]
        found.append(contribution.Alternative(row.name, *_judged(row, event, own, compared, register)))
    return found


def _judged(
    row, event: Event | None, own: Mapping[str, str], compared: Sequence[str], register: Register
) -> tuple[bool | None, str]:
    """Say whether an event can be ruled out as explanation: only when it hit the regions compared with as much."""
    if event is not None and (hit := register.hit(event)):
        mine = [name for code, name in own.items() if code in hit]
        theirs = f"{sum(code in hit for code in compared)} van de {len(compared)} gemeenten waarmee is vergeleken"
        if mine:
            return False, f"trof {dutch.listing(mine)} meer dan andere plaatsen, en {theirs}"
        return None, f"trof niet deze regio maar wel {theirs} meer dan andere plaatsen"
    if event is not None and event.area == COUNTRY:
        return True, f"gold sinds {row.starts.year} in het hele land, ook in de regio's waarmee is vergeleken"
    if row.kind == "money":
        places = dutch.listing([own[code] for code in row.municipalities])
        amount = "" if pd.isna(row.amount_eur) else f", {dutch.million(int(row.amount_eur))} in totaal"
        return False, f"ander geld sinds {row.starts.year} in {places}{amount}"
    return None, f"sinds {row.starts.year}; of het meespeelt, is niet nagegaan"


def _from_check(name: str, check: Check | None) -> contribution.Alternative:
    found = (None, "niet nagegaan") if check is None else (check.passed, check.sentence)
    return contribution.Alternative(name, *found)


def _conditions(
    found: Mapping[str, Estimated], indicators: Mapping[str, Indicator], theme: int, own: str
) -> list[contribution.Condition]:
    """Take the estimates on conditions in the chain of a theme."""
    others = ((indicators[item.design.indicator], item.estimate) for key, item in found.items() if key != own)
    return [
        contribution.Condition(indicator.wording, estimate, indicator.direction)
        for indicator, estimate in others
        if (indicator.theme, indicator.chain) == (theme, "condition")
        and indicator.direction in ("increase", "decrease")
    ]


def _payments(deal: Deal, programme: Programme, theme: int) -> pd.DataFrame:
    projects = programme.projects.set_index("project_id")["theme"]
    payments = programme.payments
    mine = payments[(payments["kind"] == "payment") & payments["source"].isin(deal_sources(deal))]
    return mine[mine["project_id"].map(projects) == theme]
