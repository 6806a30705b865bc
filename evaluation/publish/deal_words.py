"""What the prose of a report says of its deal: region, yardstick, base year, plan, later deals and its own words."""

from typing import get_args

from evaluation.analysis.finance import deal_sources, other_sources, payers_of
from evaluation.base import dutch
from evaluation.base.paths import data_dir
from evaluation.base.text import literal
from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_terms import Duty
from evaluation.inputs.indicators import load_designs, register_dir
from evaluation.inputs.plan_revisions import load_revisions
from evaluation.inputs.records.firm_amounts import FIRMS
from evaluation.inputs.records.programme import load_programme
from evaluation.inputs.retail.tables import retail_dataset
from evaluation.statistics.areas.treatments import load_register


def deal_words(deal: Deal, kind: str, year: int) -> dict[str, str | dict[str, str]]:
    """Say in words for the prose what a deal is, for a report of a kind (annual, final, site) over a year.

    What the deal does not have is empty: `deal_prose` then leaves out the sentence, or the brackets around an article.
    """
    region, term, count = deal.region, deal.term, len(deal.region.municipalities)
    tracks = {"tracks": deal.articles.named("goals") if deal.tracks else ""}
    day = deal.last_day(year)
    return {
        "region": region.short_name,
        "benchmark": region.benchmark.name,
        "rest": region.rest_name,
        "municipalities": f"{dutch.count_word(count)} {'gemeente' if count == 1 else 'gemeenten'}",
        "last_day": dutch.day(day),
        "end": f"eind {year}" if (day.month, day.day) == (12, 31) else f"op {dutch.day(day)}",
        "base_year": _base_year(deal),
        "influences": _influences(term.first_year, year),
        **_plan(deal),
        **_duties(deal),
        **_payers(deal),
        "per_part": f"{deal.words.track.one} en {deal.words.theme.one}" if deal.tracks else deal.words.theme.one,
        "later": later_deals(deal) if kind == "final" and day >= term.ends_on else "",
        "interim": ""
        if kind != "final" or day >= term.ends_on
        else _INTERIM.format(dutch.day(term.ends_on), dutch.day(day)),
        "ended": "het eind van de looptijd" if day >= term.ends_on else "de laatste dag van deze tussenstand",
        "small_shops": "" if retail_dataset(deal) is None else _SMALL_SHOPS,
        "partly": " ".join(
            f"Van {item.name} doet alleen een deel mee ({item.part}); de cijfers gaan over de hele gemeente."
            for item in region.municipalities
            if item.part
        ),
        "articles": {name: deal.articles.named(name) for name in get_args(Duty)} | tracks,
        "paragraphs": {name: deal.articles.paragraph(name) for name in get_args(Duty)},
    }


_SMALL_SHOPS = (
    "In de winkelmonitor worden aantallen van 1 tot en met 9 niet getoond, en andere getallen ook niet als een klein aantal "
    "daaruit is af te leiden."
)
_INTERIM = "Dit is een tussenstand en geen eindevaluatie: de deal loopt tot en met {}, en dit verslag gaat over de tijd tot en met {}."


def _base_year(deal: Deal) -> str:
    term = deal.term
    base = f"Het basisjaar is {term.base_year}, het laatste hele jaar voor de deal."
    return base + (f" In {term.partial_year} liep de deal een deel van het jaar." if term.partial_year else "")


def _influences(first: int, last: int) -> str:
    """Name what else worked on the figures; the years of corona where the report is about them."""
    corona = [str(year) for year in (2020, 2021) if first <= year <= last]
    years = f" en {'de coronajaren' if len(corona) > 1 else 'het coronajaar'} {dutch.listing(corona)}" if corona else ""
    return f"Andere programma’s{',' if corona else ' en'} landelijk beleid{years} werkten op dezelfde cijfers in."


def _plan(deal: Deal) -> dict[str, str]:
    """Say when the comparisons were declared, and that this was no registration beforehand."""
    folder = register_dir(deal.id)
    declared = sorted({design.declared_on for design in load_designs(folder=folder).values()})
    if not declared:
        return {"plan": "Voor deze deal zijn nog geen vergelijkingen vastgelegd.", "plan_days": "", "with_plan": ""}
    days = [dutch.day(day) for day in declared]
    is_revised = bool(load_revisions(folder=folder)) and len(days) > 1
    told = f"{days[0]}, herzien op {dutch.listing(days[1:])}" if is_revised else dutch.listing(days)
    return {
        "plan": f"De vergelijkingen staan vast in een plan van {dutch.listing(days)}. "
        "Toen waren de cijfers tot dat moment al openbaar; het is dus geen registratie vooraf.",
        "plan_days": f"De vergelijkingen staan in een plan van {told}.",
        "with_plan": "Het plan legt wel vast wat met wat wordt vergeleken, zodat niet achteraf te kiezen is.",
    }


def _duties(deal: Deal) -> dict[str, str]:
    """Write each duty that a report speaks of as a sentence, with its article; empty where the deal file has no article."""
    articles = deal.articles

    def told(duty: Duty, sentence: str) -> str:
        return (
            sentence.format(name=deal.name, short=articles.named(duty), long=articles.paragraph(duty))
            if getattr(articles, duty)
            else ""
        )

    levels = articles.paragraph("levels")
    along = f", volgens de drie niveaus van {levels}: de uitvoering en het geld, de beoogde resultaten, en de verdeling van het geld"
    return {
        "why": told(
            "annual_report",
            "Partijen bij de {name} zijn van plan om elk jaar een voortgangsrapportage te maken over het jaar ervoor ({long}).",
        )
        or f"Dit is de voortgangsrapportage van de {deal.name}.",
        "this_report": told("annual_report", "Dit rapport is de voortgangsrapportage van {short}."),
        "final_duty": dutch.capital(
            told("final_evaluation", "{long}, vraagt de Regio te evalueren hoe de deal is uitgevoerd en gewerkt heeft.")
        ),
        "final_brief": told(
            "final_evaluation",
            "De Regio evalueert hoe de {name} is uitgevoerd en gewerkt heeft"
            + (along if levels else "")
            + " ({long}).",
        )
        or f"Deze evaluatie gaat over hoe de {deal.name} is uitgevoerd en gewerkt heeft.",
        "not_alone": told(
            "no_consequences",
            "Het is niet de bedoeling dat het Rijk er alleen, zonder de andere partijen, gevolgen aan verbindt, ook niet voor het geld ({long}).",
        ),
        "no_consequences": told("no_consequences", "Het Rijk verbindt er niet eenzijdig gevolgen aan ({long})."),
        "only_insight": told(
            "no_consequences",
            "De monitoring geeft inzicht in verloop en resultaten; het Rijk verbindt er niet eenzijdig gevolgen aan ({long}).",
        ),
        "not_for_money": told(
            "no_consequences",
            "De monitoring is er niet om het Rijk eenzijdig (financiële) gevolgen aan de uitkomsten te laten verbinden ({short}).",
        ),
        "split": told("split", "Die verdeling is een richtlijn."),
        "split_review": told(
            "split_review", "Partijen bekijken elk jaar of de indicatieve verdeling moet worden gewijzigd ({short})."
        ),
        "effort": told("effort", "De bijdrage van de Regio is een inspanning en geen toezegging vooraf ({short})."),
        "instalments": told(
            "instalments", "Het Rijk stelt zijn bijdrage beschikbaar aan de Provincie, in termijnen ({short})."
        ),
        "spends_freely": told("instalments", "De Provincie bepaalt zelf de inzet."),
    }


def _payers(deal: Deal) -> dict[str, str]:
    """Name whose money the budget is about, and who pays beside it: where there are no records yet, who may."""
    words = {funder.id: funder.words for funder in deal.funders}
    words |= {"corporaties": "woningcorporaties", FIRMS: "private partijen"}
    has_records = (data_dir() / "programme" / deal.id).is_dir()
    sources = payers_of(deal, load_programme(deal)) if has_records else (deal_sources(deal), other_sources(deal))
    own, others = (dutch.listing([words.get(source, source) for source in side]) for side in sources)
    return {"payers": own, "other_payers": others}


def later_deals(deal: Deal) -> str:
    """Say from when statistics are about another Regio Deal in the same municipalities too."""
    own = {item.code for item in deal.region.municipalities}
    starts = [
        item.starts.first.year
        for item in load_register().deals.values()
        if own.intersection(member.code for member in item.members) and item.starts.first.year > deal.term.first_year
    ]
    if not starts:
        return f"Een latere Regio Deal in {deal.region.short_name} staat niet in het register."
    return (
        f"Vanaf {min(starts)} loopt in {deal.region.short_name} nog een Regio Deal. Cijfers van latere jaren gaan over "
        "beide deals."
    )


def glossary(deal: Deal) -> str:
    """Write the words of the deal as a list of definitions, in the order of the alphabet."""
    entries = sorted(deal.glossary, key=lambda entry: entry.term.lower())
    if not entries:
        return "Deze deal gebruikt geen andere woorden dan die hierboven.\n"
    return "\n".join(f"{literal(entry.term)}\n: {literal(entry.meaning)}\n" for entry in entries)
