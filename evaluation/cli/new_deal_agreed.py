"""What else was agreed in a new deal: the money and when it comes, dated promises, articles, funders and words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from evaluation.base import dutch
from evaluation.base.errors import Fault
from evaluation.base.text import page_slug
from evaluation.cli.new_deal_draft import OPEN, Draft, unique
from evaluation.inputs.deal_answers import DealAnswers
from evaluation.statistics.areas.treatment_schema import RegioDeal

_ARTICLES = {"money": "budget"}
_FIXED_PAYERS = ("rijk", "provincie", "gemeente", "corporatie", "private")


def agreed_besides(answers: DealAnswers, order: Mapping[int, int]) -> dict:
    """Make the parts of a deal file that are left out where nothing is known of them.

    Parameters
    ----------
    answers, order : DealAnswers, mapping
        As of `budget_of`.

    Returns
    -------
    dict
        Keys tranches, milestones, duties, articles, funders and words, as far as there is something of them.
    """
    made = {
        "tranches": _tranches(answers),
        "milestones": _milestones(answers, order),
        "duties": [
            {"id": item.number, "title": item.title, "text": item.text, "reference": f"Art. {item.number}"}
            for item in answers.duties
            if item.counts
        ],
        "articles": _articles(answers),
        "funders": _funders(answers),
        "words": _words(answers),
    }
    return {key: part for key, part in made.items() if part}


def budget_of(
    known: RegioDeal, answers: DealAnswers, order: Mapping[int, int], since: date, draft: Draft, source: str
) -> list[dict]:
    """Make the split over themes and the contributions; both are needed, and must have one sum.

    Parameters
    ----------
    known, answers : RegioDeal, DealAnswers
        The register knows the contribution of Rijk of most deals.
    order, since, draft, source : mapping, date, Draft, str
        Place of a theme in the answers to that in the deal; the first day; where faults are added, and what they name.

    Returns
    -------
    list of dict
        As ``budget`` of a deal file; empty where something lacks.
    """
    amounts = {order[item.theme]: item.amount_eur for item in answers.amounts if item.counts and item.theme in order}
    lacking = [number for number in sorted(order.values()) if number not in amounts]
    if lacking:
        found = f"geen bedrag voor thema {', '.join(map(str, lacking))}"
        draft.faults.append(Fault(source, found, "hele euro's voor elk thema (0 kan ook)", key="amounts"))
    state = side_total(answers, "rijk")
    state = state if state is not None else known.state.eur if known.state else None
    region = side_total(answers, "regio")
    for side, amount in (("het Rijk", state), ("de Regio", region)):
        if amount is None:
            draft.faults.append(Fault(source, f"geen bijdrage van {side}", "hele euro's", key="contributions"))
    if state is None or region is None or lacking:
        return []
    if state + region != sum(amounts.values()):
        found = (
            f"Rijk en Regio samen {dutch.euro(state + region)}, de thema's samen {dutch.euro(sum(amounts.values()))}"
        )
        draft.faults.append(Fault(source, found, "bedragen met dezelfde som", key="amounts"))
    references = {
        item.reference for item in (*answers.amounts, *answers.contributions) if item.counts and item.reference
    }
    if known.state is not None and known.state.eur != state:
        draft.open_points.append(
            f"Het register noemt {dutch.euro(known.state.eur)} van het Rijk; opgegeven is {dutch.euro(state)} (budget)."
        )
    return [
        {
            "in_force_from": since,
            "reference": " en ".join(sorted(references)).replace(" en Art. ", " en ") or OPEN,
            "themes": dict(sorted(amounts.items())),
            "parties": {"Rijk": state, "Regio": region},
        }
    ]


def side_total(answers: DealAnswers, side: str) -> int | None:
    """Return what a side brings: what is told of it as a whole, or else the sum of its parties.

    Parameters
    ----------
    answers, side : DealAnswers, str
        ``rijk`` or ``regio``.

    Returns
    -------
    int | None
        Whole euros; None where nothing is told.
    """
    own = [item for item in answers.contributions if item.counts and item.side == side]
    whole = [item.amount_eur for item in own if item.is_whole_side]
    return whole[0] if whole else sum(item.amount_eur for item in own) if own else None


def _tranches(answers: DealAnswers) -> list[dict]:
    made: list[dict] = []
    for item in answers.tranches:
        if item.counts:
            when = {"year": item.years[0]} if len(item.years) == 1 else {"years": list(item.years)}
            note = {} if item.amount_eur is not None else {"note": f"Het bedrag is {OPEN}: de tekst noemt het niet."}
            row = {"id": f"termijn-{len(made) + 1}", **when, "amount_eur": item.amount_eur}
            made.append({**row, "reference": item.reference or OPEN, **note})
    return made


def _milestones(answers: DealAnswers, order: Mapping[int, int]) -> list[dict]:
    names: set[str] = set()
    return [
        {"id": unique(page_slug(item.title)[:40].strip("-") or "mijlpaal", names), "theme": order.get(item.theme or 0),
         "element": None, "title": item.title, "due": item.due, "due_text": item.due_text,
         "reference": item.reference or OPEN}
        for item in answers.milestones
        if item.counts
    ]  # fmt: skip


def _articles(answers: DealAnswers) -> dict[str, str]:
    """Name where in the deal each duty stands; what is not known is not named."""
    found = {_ARTICLES.get(item.part, item.part): item.number for item in answers.articles if item.counts}
    instalments = {item.reference for item in answers.tranches if item.counts and item.reference}
    if len(instalments) == 1:
        found["instalments"] = next(iter(instalments)).removeprefix("Art. ")
    return {key: value for key, value in found.items() if key not in ("term", "other")}


def _funders(answers: DealAnswers) -> list[dict]:
    """Return who brings money beside the payers that all deals have."""
    return [
        {"id": page_slug(item.party)[:30].strip("-"), "title": item.party, "side": "regio"}
        for item in answers.contributions
        if item.counts and item.side == "regio" and not item.is_whole_side
        and not any(word in item.party.lower() for word in _FIXED_PAYERS)
    ]  # fmt: skip


def _words(answers: DealAnswers) -> dict:
    """Return how the deal calls its themes, where it calls them otherwise."""
    word = answers.theme_word
    many = {"pijler": "pijlers", "opgave": "opgaven", "speerpunt": "speerpunten"}
    article = "het" if word == "speerpunt" else "de"
    return {"theme": {"one": word, "many": many.get(word, f"{word}en"), "article": article}} if word else {}
