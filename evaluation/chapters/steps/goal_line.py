"""How far the region is from the yardstick that some intended results name: then, now, and the yardstick itself."""

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.steps.statistics import source_line
from evaluation.chapters.wording import year_span
from evaluation.inputs.indicators import Indicator
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable, FigureText, drawn_dumbbells, figure_display
from evaluation.present.sentences import LARGER, SAME, SMALLER, UNKNOWN
from evaluation.present.tables import numeric

LookUp = Callable[[str, str, int], float]
"""Subject, measure and year to the number of a chapter; NaN where there is none."""

NOTES = (
    "Kleiner of groter wil zeggen: de afstand veranderde meer dan het verschil van jaar op jaar bewoog in de jaren tot en "
    "met het begin (de standaardafwijking, bij drie of meer veranderingen; anders is het niet te zeggen). Over meer jaren kan "
    "zo'n beweging optellen.",
    "Een kleinere afstand is een beschrijving. Of de deal eraan bijdroeg, zegt zij niet.",
)


@dataclass(frozen=True, slots=True)
class _Row:
    results: str
    name: str
    years: str
    then: float  # in percent of the yardstick, as now
    now: float
    became: str


def distance_words(change: float, variation: float) -> str:
    """Say what became of a distance, beside how much a gap moves from year to year by itself (NaN: not known).

    >>> distance_words(-0.9, 0.4), distance_words(0.9, 0.4), distance_words(0.1, 0.4), distance_words(-0.9, float("nan"))
    ('kleiner', 'groter', 'ongeveer gelijk', 'niet te zeggen')
    """
    if change != change or variation != variation:
        return UNKNOWN
    return SAME if abs(change) <= variation else SMALLER if change < 0 else LARGER


def show_goal_line(context: Context, look_up: LookUp, figure_id: str) -> Display:
    """Draw, for every figure of a result that should come nearer to the yardstick, the gap then and now.

    The numbers are those of the chapters; nothing is computed here.
    """
    wanted = [item for item in context.indicators.values() if item.has_figures and context.is_towards_benchmark(item)]
    shown = {item.id: row for item in wanted if (row := _row(context, item, look_up)) is not None}
    region, benchmark = context.region_name, context.deal.region.benchmark.name
    if not shown:
        return markdown(f"Er is nog geen cijfer van een resultaat dat naar het gemiddelde van {benchmark} moet.")
    rows = list(shown.values())
    became = [row.became for row in rows]
    counts = [f"{became.count(word)} {word}" for word in (SMALLER, LARGER, SAME, UNKNOWN) if word in became]
    cells = [[row.results, row.name, row.years, _percent(row.then), _percent(row.now), row.became] for row in rows]
    figure = drawn_dumbbells(
        [(f"{row.name}: {row.became}", _or_none(row.then), _or_none(row.now)) for row in rows],
        names=("begin", "nu"),
        zero=benchmark,
    )
    units = [context.region_unit, context.benchmark_unit]
    used = context.panel[context.panel["indicator"].isin(shown) & context.panel["unit"].isin(units)]
    text = FigureText(
        figure_id=figure_id,
        title=f"Afstand van {region} tot {benchmark} sinds het begin: {dutch.listing(counts)}",
        measure=f"{region} boven of onder {benchmark}, in procenten van {benchmark}",
        alt=f"Per cijfer het verschil met {benchmark} toen en nu. "
        + " ".join(f"{name}, {years}: van {then} naar {now}; {word}." for _, name, years, then, now, word in cells),
        source=source_line(used, context.indicators[next(iter(shown))]),
        notes=NOTES,
    )
    heads = ["Resultaat", "Cijfer", "Jaren", *numeric("Verschil toen", "Verschil nu"), "Afstand"]
    return figure_display(figure, text, FigureTable(heads, cells), height=figure.layout.height, legend=True)


def _row(context: Context, indicator: Indicator, look_up: LookUp) -> _Row | None:
    """Look up the gap of an indicator; None where no chapter has it."""
    base, last = context.years_of(indicator)
    subject = f"{indicator.theme}.{indicator.id}.{context.region_unit}"
    measures = ("base_pct", "pct", "distance_change", "variation")
    then, now, change, variation = (look_up(subject, f"gap_benchmark_{name}", last) for name in measures)
    if now != now:
        return None
    years = year_span({last} if base is None else {base, last})
    results, name = dutch.listing(indicator.results), dutch.capital(indicator.wording)
    return _Row(results, name, years, then, now, distance_words(change, variation))


def _percent(value: float) -> str:
    return "–" if value != value else f"{dutch.number(value, 1, signed=True)}%"


def _or_none(value: float) -> float | None:
    return None if value != value else value
