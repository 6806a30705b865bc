"""What the comparisons of the plan say, as figures: all questions, all ways to answer one, and where the region lies."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup

from evaluation.analysis.effects.estimate import GRADES, NOT_ASKED, Attribution, Deviation, Estimate
from evaluation.analysis.estimation import ESTIMATORS, Estimated
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.steps import effects
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.indicators import Design
from evaluation.present.answer_words import IN_PERCENT, Answer, excluded_lines, main_answers, theme_grade
from evaluation.present.display import Display, markdown
from evaluation.present.evidence_figures import Spread, StripRow, spread_figure, strip_figure
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.results import Result
from evaluation.present.sentences import rank_words
from evaluation.present.tables import Cell, interval_bar, join_lines, numeric, table

LookUp = Callable[[str, str, int], float]
"""Subject, measure and year to the number of a chapter; NaN where there is none."""

_ATTRIBUTIONS: dict[float, Attribution] = {1.0: "aannemelijk", 0.0: "niet aannemelijk"}
_SCALE_NOTE = (
    "Elke rij is op dezelfde maat gebracht: 1 is het grootste verschil dat het plan denkbaar noemt, de gewenste kant op. Van een "
    "uitkomst zonder gewenste kant staat hoger rechts. De getallen in hun eigen eenheid staan in de tabel."
)
_WAY_COLUMNS = ("Manier", *numeric("Verschil", "95%-interval", "Kans op toeval"), "Let op")
_WIDE = 4.0
"""Times the plausible effect at the ends of a small drawing; the figure of all comparisons has the whole of it."""

_NOT_HELPED = "Te grof of niet te vergelijken is niet hetzelfde als: de deal hielp niet."
_INTERVAL_NOTE = "Een streep over de nul sluit niet uit dat er geen verschil is."


# Answers


def answer_of(context: Context, item: Estimated) -> Answer:
    """Make the answer of a judged estimate."""
    return _answer(context, item.design, item.estimate, is_example=context.programme.is_example)


def answers_of(context: Context, look_up: LookUp) -> dict[int, list[Answer]]:
    """Read the answers of all chapters from their numbers: by theme, the main question first."""
    found: dict[int, list[Answer]] = {theme.id: [] for theme in context.deal.themes}
    for design in sorted(context.designs.values(), key=lambda design: (not design.primary, design.id)):
        theme = context.indicators[design.indicator].theme
        if design.has_placebos and (estimate := _read(design, theme, look_up)) is not None:
            found[theme].append(_answer(context, design, estimate, is_example=context.programme.is_example))
    return found


def _read(design: Design, theme: int, look_up: LookUp) -> Estimate | None:
    """Read an estimate back from the numbers of its chapter; None where that has none."""

    def number(measure: str) -> float | None:
        found = look_up(f"{theme}.{design.id}.{design.unit}", measure, design.last or 0)
        return None if found is None or found != found else float(found)

    def count(measure: str) -> int:
        return int(number(measure) or 0)

    grade = number("grade")
    if grade is None:
        return None
    deviation: Deviation = GRADES[int(grade)]
    attributed = number("is_attributed") if deviation in GRADES[3:] else None
    asked: Attribution = "niet vast te stellen" if attributed is None else _ATTRIBUTIONS[attributed]
    measures = ("ci_low", "ci_high", "p_value", "p_adjusted", "p_attainable", "mde")
    return Estimate(
        estimand=design.id,
        value=number("deviation"),
        **{measure: number(measure) for measure in measures},
        rank=count("rank") or None,
        n_pre=count("n_pre"),
        n_post=count("n_post"),
        n_placebo=count("n_placebo"),
        inference="",
        deviation=deviation,
        attribution=asked if deviation in GRADES[3:] else NOT_ASKED,
        reason="",
    )


def _answer(context: Context, design: Design, estimate: Estimate, *, is_example: bool) -> Answer:
    indicator = context.indicators[design.indicator]
    unit = effects.unit_words(design, indicator)
    if unit == indicator.wording and " per " in unit:  # the sentence has named what is counted
        unit = unit[unit.index(" per ") + 1 :]
    after = range(design.pre[1] + 1, (design.last or context.year) + 1)
    years = [year for year in after if year not in design.excluded]
    return Answer(
        wording=effects.design_label(design, indicator),
        region=context.region_name,
        years=f"{years[0]}-{years[-1]}" if len(years) > 1 else f"{years[0]}",
        is_main=design.primary,
        estimate=estimate,
        plausible=float(design.plausible_effect or 0.0),
        wanted=indicator.direction,
        unit_words=unit,
        decimals=effects.decimals_of(design, indicator),
        is_example=is_example,
    )


# All questions in one figure


def show_strip(
    context: Context, answers: Sequence[Answer], figure_id: str, *, results: Sequence[Result] = ()
) -> Display:
    """Draw every question with its estimate, 95% interval and plausible effect, and its grade in words."""
    drawn = [answer for answer in answers if answer.estimate.value is not None]
    if not drawn:
        return markdown(
            "Geen uitkomst is met andere regio's te vergelijken; er is geen schatting om te tekenen.", results
        )
    grades = [answer.grade for answer in answers]
    counts = [f"{grades.count(grade)} keer {grade}" for grade in reversed(GRADES) if grade in grades]
    columns = [
        "Uitkomst",
        *numeric("Verschil", "95%-interval", "Grootste denkbare verschil", "Plaats"),
        "Aanwijzing van een verschil?",
    ]
    cells = [_strip_cells(answer) for answer in answers]
    number = dutch.plural(len(answers), "vergelijking", "vergelijkingen")
    text = FigureText(
        figure_id=figure_id,
        title=f"{dutch.capital(number)} met andere regio's: {dutch.listing(counts)}",
        measure=f"Verschil van {context.region_name} met de vergelijking, met 95%-interval, in keren het grootste denkbare verschil",
        alt="Per uitkomst de schatting, het 95%-interval en het grootste denkbare verschil. "
        + " ".join(f"{row[0]}: {row[1]}, {row[2]}, {row[-1]}." for row in cells),
        source=context.said("Bron: het analyseplan en de schattingen in de hoofdstukken per thema."),
        notes=(_SCALE_NOTE, _INTERVAL_NOTE),
    )
    names = ("hoofdvraag", "andere vraag", "denkbaar verschil")
    labels = _short_names([answer.wording for answer in drawn])
    rows = [_strip_row(answer, label) for answer, label in zip(drawn, labels, strict=True)]
    return strip_figure(text, rows, names, FigureTable(columns, cells), results=results)


# One row for each theme


def show_verdicts(context: Context, answers: Mapping[int, Sequence[Answer]], page: Callable[[Theme], str]) -> Display:
    """Answer for each theme whether it helped: the grade, its interval drawn small, and what that excludes.

    Drawn are the main questions of a theme (all of its questions where it has no main one), and what else is indicated.
    """
    rows: list[list[Cell]] = []
    for theme in context.deal.themes:
        mine = answers[theme.id]
        asked = main_answers(mine) or list(mine)
        shown = [*asked, *(item for item in mine if item not in asked and item.estimate.is_indicated)]
        way = Markup('<a href="{}">{}</a>').format(page(theme), theme.short_title)
        bars = [_interval(answer) for answer in shown if answer.estimate.value is not None]
        excluded = join_lines(excluded_lines(mine))
        rows.append([way, theme_grade(mine), join_lines(bars) if bars else "geen vergelijking", excluded])
    columns = [
        dutch.capital(context.deal.words.theme.one),
        "Week de regio af?",
        "Verschil met andere regio's: schatting en 95%-interval",
        "Wat is uitgesloten",
    ]
    legend = (
        "De streep in het midden is geen verschil; rechts is de gewenste kant. Het grijze vlak loopt van geen verschil tot het "
        "grootste verschil dat het plan denkbaar noemt, de balk is het 95%-interval en de stip de schatting."
    )
    return table(columns, rows, source=_NOT_HELPED, drawn=context.said(legend), cards=True)


def _interval(answer: Answer) -> Markup:
    """Draw an interval on the scale of the plausible effect, beside its name and its ends in words."""
    row = _strip_row(answer, "")
    words = f"{dutch.capital(answer.wording.removesuffix(IN_PERCENT))}: {answer.interval}"
    if row.value is None or row.low is None or row.high is None:
        return Markup("{}").format(words)
    low, high = sorted((row.low, row.high))
    band = (min(0.0, *row.marks), max(row.marks))
    return interval_bar((low, row.value, high), band, words, wide=_WIDE)


def _strip_row(answer: Answer, label: str) -> StripRow:
    """Put an estimate on the scale of its plausible effect, the wanted way to the right."""
    unit = (answer.plausible or 1.0) * (-1 if answer.wanted == "decrease" else 1)
    estimate = answer.estimate
    value, low, high = (
        None if end is None else end / unit for end in (estimate.value, estimate.ci_low, estimate.ci_high)
    )
    marks = (-1.0, 1.0) if answer.wanted == "ambiguous" else (1.0,)
    return StripRow(label, answer.grade, value, low, high, marks, answer.is_main)


def _short_names(wordings: Sequence[str]) -> list[str]:
    """Name outcomes in a figure: without that they are in percent, unless another has the same name otherwise."""
    short = [wording.removesuffix(IN_PERCENT) for wording in wordings]
    return [dutch.capital(one if short.count(one) == 1 else whole) for one, whole in zip(short, wordings, strict=True)]


def _strip_cells(answer: Answer) -> list[str]:
    name = dutch.capital(answer.wording) + " (hoofdvraag)" * answer.is_main
    found = answer.number(answer.estimate.value, signed=True)
    unit = "" if answer.unit_words == "procent" or answer.estimate.value is None else f" {answer.unit_words}"
    return [name, found + unit, answer.interval, answer.largest, rank_words(answer.estimate), answer.grade]


# All ways to answer one question


def show_specification(context: Context, item: Estimated, figure_id: str) -> Display:
    """Draw every way in which a question was answered, from the lowest to the highest, the declared one marked."""
    indicator = context.indicators[item.design.indicator]
    answer = answer_of(context, item)
    ways = list(list_ways(item))
    made = sorted((way for way in ways if way[1].value is not None), key=lambda way: way[1].value or 0.0)
    numbers = _way_results(context, item)
    name = dutch.capital(effects.design_label(item.design, indicator))
    if not made:
        return markdown(f"{name}: er is geen schatting, want {item.estimate.reason}.", numbers)
    signs = tuple(
        sign for sign, wanted in ((-1, "decrease"), (1, "increase")) if answer.wanted in (wanted, "ambiguous")
    )
    rows = [
        StripRow(
            label, "", estimate.value, estimate.ci_low, estimate.ci_high,
            tuple(sign * answer.plausible for sign in signs) if estimate is item.estimate else (),
            estimate is item.estimate,
        )
        for label, estimate in made
    ]  # fmt: skip
    lower = sum((estimate.value or 0.0) < 0 for _, estimate in made)
    cells = [
        _way_cells(answer, label, estimate) for label, estimate in [*made, *(w for w in ways if w[1].value is None)]
    ]
    unit = "procenten" if answer.unit_words == "procent" else answer.unit_words
    absent = [
        f"Niet te schatten met {dutch.uncapital(label)}: {estimate.reason}."
        for label, estimate in ways
        if estimate.value is None
    ]
    text = FigureText(
        figure_id=figure_id,
        title=f"{name}: {_sides(lower, len(made) - lower)}",
        measure=f"Verschil met de vergelijking per methode, groep en periode, in {unit}, met 95%-interval",
        alt="Per manier van schatten het verschil en het 95%-interval. "
        + " ".join(f"{row[0]}: {row[1]}, {row[2]}." for row in cells),
        source=effects.source_of(item),
        notes=("De gekozen schatting is het antwoord van het plan; de andere laten zien of dat van de manier afhangt.",
               *absent),
    )  # fmt: skip
    names = ("gekozen", "andere manier", "denkbaar verschil")
    suffix = "%" if answer.unit_words == "procent" else ""
    return strip_figure(text, rows, names, FigureTable(_WAY_COLUMNS, cells), suffix=suffix, results=numbers)


def _sides(lower: int, higher: int) -> str:
    """Say how many estimates lie on each side of the comparison."""
    if min(lower, higher) == 0:
        return f"alle {lower + higher} schattingen {'lager' if lower else 'hoger'} dan de vergelijking"
    return f"{lower} van {lower + higher} schattingen lager dan de vergelijking, {higher} hoger"


def list_ways(item: Estimated) -> Iterator[tuple[str, Estimate]]:
    """List the ways in which a question was answered, each once: the declared one first."""
    design = item.design
    yield f"Gekozen: {effects.METHOD_WORDS[design.method]}", item.estimate
    doubles = {f"met {name}" for name, _ in ESTIMATORS.values()}  # a variant in method only is one of the methods
    for method, estimate in item.others.items():
        yield dutch.capital(effects.METHOD_WORDS[method]), estimate
    for words, estimate in item.variants.items():
        if words not in doubles:
            yield dutch.capital(words), estimate
    if item.after_term is not None:
        yield f"Na de looptijd: {(design.last or 0) + 1}-{design.after_term}", item.after_term


def _way_cells(answer: Answer, label: str, estimate: Estimate) -> list[str]:
    low, high = estimate.ci_low, estimate.ci_high
    interval = "–" if low is None else f"{answer.number(low, signed=True)} tot {answer.number(high, signed=True)}"
    caution = estimate.warning or (estimate.reason if estimate.value is None else "") or "–"
    return [label, answer.number(estimate.value, signed=True), interval, dutch.number(estimate.p_value, 3), caution]


def _way_results(context: Context, item: Estimated) -> list[Result]:
    numbers = [
        one for method, found in item.others.items() for one in effects.method_results(context, item, method, found)
    ]
    for place, estimate in enumerate(item.variants.values(), start=1):
        numbers += effects.method_results(context, item, f"variant-{place}", estimate)
    if item.after_term is not None:
        numbers += effects.method_results(context, item, effects.AFTER_TERM, item.after_term)
    return numbers


def show_ways(context: Context, items: Sequence[Estimated]) -> Display:
    """List every way in which each question was answered; the numbers are recorded in the chapters of the themes."""
    rows = []
    for item in items:
        answer = answer_of(context, item)
        name = dutch.capital(answer.wording)
        rows += [[name, *_way_cells(answer, label, estimate)] for label, estimate in list_ways(item)]
    columns = ["Uitkomst", *_WAY_COLUMNS]
    return table(columns, rows, source=context.said("Bron: eigen berekening, zie de hoofdstukken per thema."))


# Where the region lies among others


def show_placebos(context: Context, items: Sequence[Estimated], figure_id: str) -> Display:
    """Draw for each question what the other regions deviate, with the region marked and its rank in words."""
    examined = [(item, item.examined) for item in items if item.examined is not None]
    if not examined:
        return markdown("Er zijn geen andere regio's om de regio tussen te zetten.")
    panels, rows = [], []
    names = _short_names(
        [effects.design_label(item.design, context.indicators[item.design.indicator]) for item, _ in examined]
    )
    for (item, found), name in zip(examined, names, strict=True):
        own, *others = found.statistics.tolist()
        rank = rank_words(item.estimate)
        panels.append(Spread(f"{name}: plaats {rank}", others, own))
        ends = [dutch.number(end, 1, signed=True) for end in (min(others), own, max(others))]
        rows.append([name, ends[1], f"{ends[0]} tot {ends[2]}", rank, dutch.number(item.estimate.p_value, 3)])
    text = FigureText(
        figure_id=figure_id,
        title=_farthest(context, [item for item, _ in examined]),
        measure="Aantal regio's naar hun verschil na de start, in keren hun gewone afwijking ervoor",
        alt="Histogrammen van andere regio's. " + " ".join(f"{row[0]}: {row[1]} tegenover {row[2]}; plaats {row[3]}." for row in rows),
        source=effects.source_of(examined[0][0]),
        notes=("Plaats 1 wijkt het meest af, omhoog of omlaag. De kans op toeval is de plaats gedeeld door het aantal regio's.",),
    )  # fmt: skip
    columns = ["Uitkomst", *numeric(context.region_name, "Andere regio's", "Plaats", "Kans op toeval")]
    return spread_figure(text, panels, context.region_name, FigureTable(columns, rows))


def _farthest(context: Context, items: Sequence[Estimated]) -> str:
    """Say where the region lies in the question in which it deviates most."""
    first = min(items, key=lambda item: (item.estimate.rank or 0) / item.estimate.n_regions)
    name = context.indicators[first.design.indicator].wording
    return f"{context.region_name} wijkt het meest af bij {name}: plaats {rank_words(first.estimate)}"
