"""A registration in words: Markdown to print, or to put into an external registry such as OSF; in Dutch, with a summary."""

from collections.abc import Mapping
from datetime import date

from evaluation.base import dutch
from evaluation.base.text import literal

_METHODS = {"own_trend": "eigen trend", "comparison": "andere gebieden"}
_EVENTS = {
    "gap_smaller": "afstand tot Nederland kleiner dan in het laatste jaar",
    "improved": "beter dan in het laatste jaar",
}


def registration_text(content: Mapping) -> str:
    """Write a registration in words, without its last line; `content` has the plain values that are written to its file."""
    deal, day = literal(content["deal_name"]), content["registered_on"]
    years = f"{content['years'][0]}-{content['years'][-1]}"
    late = [literal(content["forecasts"][name]["wording"]) for name in content["after_the_figures"]]
    parts = [
        f"# Vooraf vastgelegd: {deal}",
        f"Vastgelegd op {dutch.day(day)}. De deal is getekend op {dutch.day(content['signed_on'])}. Dit zijn voorspellingen voor "
        f"{years} en de regels waarmee later wordt gekeken of het anders ging. Zij worden niet meer veranderd.",
        _summary(content, years, day),
        "## Wat een lezer moet weten",
        "\n".join(f"- {literal(text)}" for text in content["limits"]),
        *([f"Van {dutch.listing(late)} was een cijfer van deze jaren al bekend; dat telt niet mee."] if late else []),
        "## Hoe is voorspeld",
        "\n".join(f"- {literal(text)}" for text in content["methods"].values()),
        "## Voorspellingen",
        "Tussen haakjes de marges van 80% en van 95%. Een sterretje: het verleden reikt niet zo ver vooruit; de marge is verbreed.",
        *(_forecast_table(item) for item in content["forecasts"].values()),
        "## Waarover later wordt geoordeeld",
        *(_design(content["forecasts"][name], item) for name, item in content["designs"].items()),
        *_without(content),
        "## Regels voor het oordeel",
        "\n".join(
            f"- {dutch.capital(literal(_RULES.get(name, name)))}: {literal(text)}"
            for name, text in content["rules"].items()
        ),
        "## Gegevens en programma's",
        "\n".join(f"- {literal(item['file'])}: sha256 {item['sha256']}" for item in content["data"]),
        "\n".join(f"- {literal(name)} {version}" for name, version in content["software"].items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n\n"


_RULES = {"statistic": "toetsingsgrootheid", "p_value": "p-waarde", "scores": "scores", "interim": "tussenstand"}


def _summary(content: Mapping, years: str, day: date) -> str:
    designs = ", ".join(literal(name) for name in content["designs"]) or "none"
    return (
        f"*English summary.* Registered on {day}, before the figures: forecasts for {years} of {len(content['forecasts'])} "
        f"indicators of {literal(content['unit'])} by damped-trend exponential smoothing, of its own figures and of the mean of "
        f"{len(content['regions'])} other COROP areas, with 80% and 95% intervals from the errors of the same forecasts in the "
        f"past (rolling origin); designs with a studentised ANCOVA statistic and decision rules for: {designs}. Each later "
        "year is scored by coverage, interval score and Brier score. A forecast is no effect."
    )


def _forecast_table(item: Mapping) -> str:
    heads = ["Jaar", *(dutch.capital(words) for words in _METHODS.values())]
    rows = [
        [str(year), *(_told(item[method][year], item["decimals"]) for method in _METHODS)] for year in item["own_trend"]
    ]
    chances = [
        f"Kans op '{words}': {', '.join(f'{year} {dutch.percentage(100 * value, 0)}' for year, value in item[name].items())}."
        for name, words in _EVENTS.items()
        if item[name]
    ]
    last = dutch.number(item["last_value"], item["decimals"])
    head = f"### {literal(item['title'])}\n\n{dutch.capital(literal(item['wording']))}; in {item['last']}: {last}."
    lines = ["| " + " | ".join(row) + " |" for row in (heads, [":---", "---:", "---:"], *rows)]
    return "\n\n".join([head, "\n".join(lines), *chances])


def _told(told: Mapping, decimals: int) -> str:
    edges = [[dutch.number(told[f"{side}{level}"], decimals) for side in ("low", "high")] for level in (80, 95)]
    margins = "; ".join(f"{low} tot {high}" for low, high in edges)
    mark = r"\*" if told["extended"] else ""
    return f"{dutch.number(told['point'], decimals)}{mark} ({margins})"


def _design(item: Mapping, design: Mapping) -> str:
    unit = "%" if design["effect_unit"] == "pct" else f" ({design['effect_unit']})"
    seen, plausible = dutch.number(design["detectable_effect"], 1), dutch.number(design["plausible_effect"], 1)
    coarse = design["detectable_effect"] > design["plausible_effect"]
    return "\n\n".join(
        [
            f"### {literal(item['title'])}: {'hoofdvraag' if design['primary'] else 'bijvraag'}",
            f"Venster {design['window'][0]}-{design['window'][1]}, tegenover de jaren {design['before'][0]}-{design['before'][1]}. "
            f"{literal(design['pool'])}",
            f"Aannemelijk is hoogstens {plausible}{unit}: {literal(design['plausible_reason'])}. Te zien is een verschil vanaf "
            f"ongeveer {seen}{unit}{', dus alleen een groter verschil dan aannemelijk is' if coarse else ''}. De kleinste p die "
            f"kan, is {dutch.number(design['smallest_p'], 3)}.",
        ]
    )


def _without(content: Mapping) -> list[str]:
    titles = {name: literal(item["title"]) for name, item in content["forecasts"].items()}
    return [
        f"Over {titles.get(name, literal(name))} wordt niet geoordeeld: {literal(reason)}."
        for name, reason in content["without_design"].items()
    ]
