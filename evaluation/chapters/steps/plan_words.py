"""The analysis plan in words: what is compared, on what its largest plausible effects rest, and how it was revised."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from markupsafe import Markup

from evaluation.analysis.plan_changes import PlanChange, plan_changes
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.steps.effects import METHOD_WORDS
from evaluation.inputs.plan_revisions import Revised
from evaluation.inputs.plan_schema import Design, Variant
from evaluation.inputs.published_effects import PublishedEffect
from evaluation.present.display import Display, markdown
from evaluation.present.tables import table

POOL_WORDS = {
    "clean": "gemeenten zonder enige Regio Deal tot en met het laatste jaar",
    "lenient": "gemeenten zonder Regio Deal voor het hele gebied of wijken (een deal over één onderwerp telt niet)",
    "every": "regio's uit het hele land, ook met een andere Regio Deal, zonder gemeenten die aan de regio grenzen",
    "corop": "de andere COROP-gebieden, ook met een Regio Deal",
    "province": "de rest van de provincie",
    "shrinking": "krimpregio's, ook met een Regio Deal",
}
NO_STUDY = "aanname zonder studie"
_STATISTIC_WORDS = {"studentised": "de afwijking gedeeld door die van vóór de deal", "effect": "de afwijking zelf"}
_FIELD_WORDS = {
    "indicator": "Uitkomst",
    "primary": "Hoofdvraag",
    "method": "Methode",
    "comparison": "Vergeleken met",
    "pool": "Vergeleken met",
    "scale": "Eenheid",
    "statistic": "Waarnaar regio's worden geordend",
    "weights": "Hoe regio's meetellen",
    "exposure": "Waardoor wordt gedeeld",
    "plausible_effect": "Grootste denkbare effect",
    "plausible_reason": "Onderbouwing daarvan",
    "effects": "Onderzoek daarbij",
    "prior_sd": "Spreiding van de verwachting",
    "pre": "Jaren vóór de deal",
    "excluded": "Jaren die niet meetellen",
    "last": "Laatste jaar",
    "after_term": "Laatste jaar na de looptijd",
    "robustness": "Wat dezelfde kant op moet wijzen",
    "minimum_pre_years": "Minste jaren vóór de deal",
    "declared_on": "Dag van vastleggen",
    "reason": "Waarom deze vergelijking",
}
_VALUE_WORDS: dict[str, Mapping[Any, str]] = {
    "method": METHOD_WORDS,
    "pool": POOL_WORDS,
    "statistic": _STATISTIC_WORDS,
    "scale": {"absolute": "in de eenheid zelf", "relative": "in procenten"},
    "primary": {True: "ja", False: "nee"},
    "weights": {"inhabitants": "naar inwoners", "none": "elk even zwaar"},
}


def variant_words(item: Variant) -> str:
    """Say what a variant changes.

    Parameters
    ----------
    item : Variant
        Of a design.

    Returns
    -------
    str
        In Dutch, without a full stop.
    """
    words = [METHOD_WORDS[item.method]] if item.method else []
    words += [f"tegenover {POOL_WORDS[item.pool]}"] if item.pool else []
    words += [f"zonder {dutch.listing([str(year) for year in item.without])}"] if item.without else []
    return ", ".join(words)


def plausible_basis(design: Design, effects: Mapping[str, PublishedEffect]) -> str:
    """Say on what the largest plausible effect of a design rests: studies, or none.

    Parameters
    ----------
    design, effects : Design, mapping of id to PublishedEffect
        With placebo regions; the register that it cites.

    Returns
    -------
    str
        In Dutch, without a full stop.
    """
    return "; ".join(study_words(effects[name]) for name in design.effects) or NO_STUDY


def short_basis(design: Design) -> str:
    """Say in two or three words on what the largest plausible effect of a design rests.

    Parameters
    ----------
    design : Design
        With placebo regions.

    Returns
    -------
    str
        In Dutch, without a full stop.
    """
    return "gepubliceerd onderzoek" if design.effects else NO_STUDY


def study_words(item: PublishedEffect) -> str:
    """Name a study: its authors and year, and the programme.

    Parameters
    ----------
    item : PublishedEffect
        Of the register.

    Returns
    -------
    str
        In Dutch, without a full stop.
    """
    return f"{_named(item)}, over {item.programme}"


def show_effects(designs: Sequence[Design], effects: Mapping[str, PublishedEffect]) -> Display:
    """List the published effects that the plan cites: programme, outcome, estimate, design and how far it goes.

    Parameters
    ----------
    designs, effects : sequence of Design, mapping of id to PublishedEffect
        Of the plan, and the register.

    Returns
    -------
    Display
    """
    cited = [effects[name] for name in dict.fromkeys(name for design in designs for name in design.effects)]
    if not cited:
        return markdown("Geen van de grootste denkbare effecten rust op gepubliceerd onderzoek.")
    rows = [
        [
            Markup('<a href="{}">{}</a>').format(item.address, _named(item)),
            f"{item.programme}, {item.country}",
            item.outcome,
            _estimate_words(item),
            item.design,
            item.transfer,
        ]
        for item in cited
    ]
    columns = ["Onderzoek", "Programma", "Uitkomst", "Gevonden", "Hoe gemeten", "Wat dat hier zegt"]
    return table(columns, rows, source="Bron: het register van gepubliceerde effecten (data/methods/effects.yml).")


def show_revision(context: Context, revised: Revised) -> Display:
    """List what a revision of the plan changed, with the reason; the same change of several designs in one row.

    Parameters
    ----------
    context, revised : Context, Revised
        Of the final evaluation, and a revision of its plan.

    Returns
    -------
    Display
    """
    kept = {key for key, fields in revised.after.items() if fields.get("pool") and key in revised.before}
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for change in plan_changes(revised):
        together.setdefault(_row(change), []).append(change.design)
    rows = [[_designs_words(context, revised, designs, kept), *words] for words, designs in together.items()]
    columns = ["Vergelijking", "Wat", "Was", "Wordt", "Waarom"]
    source = f"Bron: het analyseplan van {dutch.day(revised.revision.declared_on)} naast {revised.revision.earlier}."
    return table(columns, rows, source=source)


def _row(change: PlanChange) -> tuple[str, str, str, str]:
    """Write a change as what, was, becomes and why; texts of reasons stand in the plan and are not repeated."""
    if change.field is None:
        return "De vergelijking zelf", *(("–", "nieuw") if change.kind == "new" else ("vastgelegd", "–")), change.why
    what = _FIELD_WORDS.get(change.field, change.field)
    if change.field in ("reason", "plausible_reason"):
        return what, "andere tekst", "tekst zoals hierboven", change.why
    return what, _value_words(change.field, change.before), _value_words(change.field, change.after), change.why


def _value_words(field: str, value: Any) -> str:
    if value is None or value == []:
        return "niet vastgelegd"
    if field == "robustness":
        return "; ".join(variant_words(Variant.model_validate(item)) for item in value)
    if field == "pre":
        return f"{value[0]}-{value[1]}"
    if field == "declared_on":
        return dutch.day(value)
    if field == "effects":
        return dutch.plural(len(value), "studie", "studies")
    if isinstance(value, list):
        return dutch.listing([str(part) for part in value])
    return str(_VALUE_WORDS.get(field, {}).get(value, value))


def _designs_words(context: Context, revised: Revised, designs: Sequence[str], kept: Set[str]) -> str:
    """Name the designs of a row by their outcome; all that both plans have with other regions in a few words."""
    if len(designs) > 1 and set(designs) == kept:
        return "Alle vergelijkingen met andere regio's die er al waren"
    words = []
    for design in designs:
        fields = revised.after.get(design) or revised.before[design]
        scale = " (in de eenheid zelf)" if fields.get("scale") == "absolute" and design in kept else ""
        words.append(f"{context.indicators[fields['indicator']].wording}{scale}")
    return dutch.capital("; ".join(words))


def _named(item: PublishedEffect) -> str:
    return f"{item.authors} ({item.year})" if item.year else item.authors


def _estimate_words(item: PublishedEffect) -> str:
    if item.estimate is None and item.low is None:
        return f"{item.finding} Een getal is niet gezien."
    bounds = ""
    if item.low is not None and item.high is not None:
        bounds = f"{dutch.number(item.low, 1)} tot {dutch.number(item.high, 1)} {item.unit} ({item.range_is or '95%-interval'})"
    number = "" if item.estimate is None else f"{dutch.number(item.estimate, 1, signed=True)} {item.unit}"
    return f"{item.finding} {' '.join(part for part in (number, bounds) if part)}"
