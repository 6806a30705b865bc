"""What the prose of a report says of its deal: region, yardstick, base year, plan, later deals and its own words."""

from evaluation.base import dutch
from evaluation.base.text import literal
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import load_designs, register_dir
from evaluation.statistics.areas.treatments import load_register


def deal_words(deal: Deal) -> dict[str, str]:
    """Say in words for the prose where the deal is, what it is compared with, and from which year."""
    region, term, count = deal.region, deal.term, len(deal.region.municipalities)
    base = f"Het basisjaar is {term.base_year}, het laatste hele jaar voor de deal."
    partial = f" In {term.partial_year} liep de deal een deel van het jaar." if term.partial_year else ""
    declared = sorted({design.declared_on for design in load_designs(folder=register_dir(deal.id)).values()})
    plan = (
        f"De vergelijkingen staan vast in een plan van {dutch.listing([dutch.day(day) for day in declared])}. "
        "Toen waren de cijfers tot dat moment al openbaar; het is dus geen registratie vooraf."
        if declared
        else "Voor deze deal zijn nog geen vergelijkingen vastgelegd."
    )
    return {
        "region": region.short_name,
        "benchmark": region.benchmark.name,
        "rest": region.rest_name,
        "municipalities": f"{dutch.count_word(count)} {'gemeente' if count == 1 else 'gemeenten'}",
        "base_year": base + partial,
        "plan": plan,
    }


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
