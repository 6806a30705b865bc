"""How an estimate with placebo regions is shown: its sentence, table, methods, checks, and its two judgements."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from evaluation.analysis.effects import contribution, judgement, pre_period, sensitivity
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.estimate import GRADES, Estimate
from evaluation.analysis.estimation import ESTIMATORS, MUNICIPAL, Estimated
from evaluation.analysis.origins import join_origins
from evaluation.analysis.outcomes import is_relative
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.steps.comparison import record_measures
from evaluation.inputs.indicators import Design, Indicator
from evaluation.present import sentences
from evaluation.present.answer_words import IN_PERCENT
from evaluation.present.display import Display, listed, markdown
from evaluation.present.results import Result
from evaluation.present.tables import numeric, table
from evaluation.statistics.areas.boundary_tables import load_municipalities

METHOD_WORDS = {
    **{key: name for key, (name, _) in ESTIMATORS.items()},
    MUNICIPAL: "verschil-in-verschillen per gemeente, fouten per gemeente",
}
AFTER_TERM = "na-de-looptijd"
"""Of the estimate over the years after the term, behind the id of its design."""

CHECK_WORDS = {
    pre_period.FIT: "Volgt de vergelijking de regio vóór de deal?",
    pre_period.PRE_TREND: "Liep de regio vóór de deal al anders?",
    pre_period.IN_TIME: "Wordt ook iets gevonden met een nagebootste start?",
    sensitivity.LEAVE_ONE_OUT: "Hangt het af van één vergelijkingsregio?",
    sensitivity.NEIGHBOURS_OUT: "Verandert het zonder de buren?",
    sensitivity.WITHOUT_PERIODS: "Verandert het zonder de coronajaren?",
    sensitivity.DONOR_POOLS: "Verandert het met andere vergelijkingsregio's?",
    sensitivity.REGRESSION_TO_MEAN: "Is het toenadering tot het gemiddelde?",
    sensitivity.HONEST: "Mag het verloop zonder de deal hebben gebogen?",
    judgement.VARIANTS: "Blijft het in elke variant van het plan?",
    contribution.TIMING: "Kwam er eerst geld en levering, en dan de verandering?",
    contribution.DOSE: "Is de verandering het grootst waar het meeste is gedaan?",
    contribution.MECHANISM: "Veranderden de tussenstappen?",
    contribution.ALTERNATIVES: "Zijn andere verklaringen uitgesloten?",
}
_OUTCOME = {True: "in orde", False: "geeft twijfel", None: "zegt niets"}
_PERCENTILES = (2.5, 97.5)
_NOT_ASKED = "Er is geen aanwijzing van een afwijking; of de deal haar heeft veroorzaakt, komt dan niet aan de orde."


def effect_text(context: Context, item: Estimated) -> str:
    """Say an estimate and its two judgements in words."""
    is_example = context.programme.is_example and bool(item.contribution)  # judged with records that are made up
    return f"{_effect_words(context, item)}\n\n{sentences.verdict_sentence(item.estimate, example=is_example)}"


def _effect_words(context: Context, item: Estimated) -> str:
    indicator = context.indicators[item.design.indicator]
    return sentences.effect_sentence(
        item.estimate,
        wording=indicator.wording,
        region=context.region_name,
        years=_years(item),
        unit_words=unit_words(item.design, indicator),
        decimals=decimals_of(item.design, indicator),
    )


def show_designs(context: Context, items: Sequence[Estimated]) -> Display:
    """List every declared design with its estimate and judgements, also those that show nothing or cannot be made.

    The numbers are those of the chapters of the themes, which record them.
    """
    rows = []
    for item in items:
        indicator, estimate = context.indicators[item.design.indicator], item.estimate
        write = partial(dutch.number, decimals=decimals_of(item.design, indicator))
        name = dutch.capital(design_label(item.design, indicator)) + " (hoofdvraag)" * item.design.primary
        chances = [dutch.number(p, 3) for p in (estimate.p_value, estimate.p_adjusted, estimate.p_attainable)]
        rank = sentences.rank_words(estimate)
        found = [write(estimate.value), _interval(estimate, write), rank, *chances, write(estimate.mde)]
        rows.append([name, *found, estimate.deviation, estimate.attribution])
    chance_titles = ["Kans op toeval", "Na correctie", "Kleinst mogelijke kans"]
    titles = ["Afwijking", "95%-interval", "Plaats", *chance_titles, "Kleinste zichtbare afwijking"]
    columns = ["Uitkomst", *numeric(*titles), "Afwijking?", "Door de deal?"]
    return table(columns, rows, source=context.said("Bron: eigen berekening, zie de hoofdstukken per thema."))


def design_label(design: Design, indicator: Indicator) -> str:
    """Name the outcome of a design, and that it is in percent where it is."""
    return indicator.wording + IN_PERCENT * is_relative(design, indicator)


def show_checks(context: Context, item: Estimated) -> Display:
    """List the checks of an estimate with what each found."""
    if not item.checks:
        return markdown(f"Er zijn geen controles: {item.estimate.reason}.")
    return _check_table(context, item, item.checks, source_of(item))


def show_contribution(context: Context, item: Estimated) -> Display:
    """List the checks on the contribution of the deal with what each found."""
    if not item.contribution:
        return markdown(f"{_NOT_ASKED} {dutch.capital(item.estimate.reason)}.")
    mark = " De programmacijfers zijn voorbeeldcijfers." if context.programme.is_example else ""
    return _check_table(context, item, item.contribution, f"{source_of(item)} {context.record_note}{mark}")


def show_pool(item: Estimated) -> Display:
    """Say what is compared with what, who is left out, and what a reader must know of it."""
    pool = item.pool
    lines = [f"Vergeleken is: {pool.estimand or pool.reason}."]
    if pool.municipalities:
        lines.append(
            f"De groep telt {dutch.plural(len(pool.municipalities), 'gemeente', 'gemeenten')}; "
            f"{dutch.plural(len(pool.left_out), 'andere valt', 'andere vallen')} af. Daaruit zijn "
            f"{dutch.plural(len(item.members), 'regio', 'regio’s')} van vergelijkbare grootte samengesteld."
        )
    lines += pool.cautions
    return markdown(listed(lines))


def show_alternatives(item: Estimated) -> Display:
    """List the other explanations with what speaks for or against each."""
    found = next((check for check in item.contribution if check.name == contribution.ALTERNATIVES), None)
    if found is None or not found.rows:
        return markdown(_NOT_ASKED)
    return table(list(found.columns), [[str(cell) for cell in row] for row in found.rows])


def show_regions(item: Estimated) -> Display:
    """List the regions that are compared with, their municipalities and weight in the comparison."""
    if item.examined is None:
        return markdown(f"Er is niets vergeleken: {item.estimate.reason}.")
    weights = item.examined.found.unit_weights
    names = {place.code: place.name for place in load_municipalities()}
    rows = []
    for place, name in enumerate(item.examined.comparison.donor_names):
        share = 100 * float(weights[0, place]) if weights is not None else float("nan")
        towns = dutch.listing([names[code] for code in item.members[name]])
        rows.append((share, [name, towns, dutch.number(share, 1)]))
    rows.sort(key=lambda row: (-row[0], row[1][0]))
    columns = ["Regio", "Gemeenten", *numeric("Gewicht in de vergelijking, %")]
    return table(columns, [row for _, row in rows], source=source_of(item))


def estimate_results(context: Context, item: Estimated) -> list[Result]:
    """Record an estimate with its uncertainty, and the gap and its spread over other regions in each year."""
    indicator, estimate = context.indicators[item.design.indicator], item.estimate
    unit = "pct" if is_relative(item.design, indicator) else indicator.unit_of_measure
    status = "not established" if estimate.deviation == "niet te vergelijken" else "computed"
    record = _recorder(context, item)
    measures = ("deviation", "std_error", "ci_low", "ci_high", "mde", "p_value", "p_adjusted", "p_attainable")
    counts = ("n_pre", "n_post", "n_placebo", "rank", "bayes_factor")
    numbers = record_measures(partial(record, status=status), estimate, (*measures, *counts), unit)
    numbers.append(record("grade", float(GRADES.index(estimate.deviation)), "grade"))
    attributed = {"aannemelijk": True, "niet aannemelijk": False}.get(estimate.attribution)
    numbers.append(_flag(record, "is_attributed", attributed))
    if item.examined is not None:
        comparison, gap = item.examined.comparison, item.examined.scale.told(item.examined.found.gap)
        low, high = np.percentile(gap[1:], _PERCENTILES, axis=0)
        before = comparison.periods[: comparison.n_pre]  # what is compared with is chosen on the years before
        for year, *values in zip(comparison.periods, gap[0], low, high, strict=True):
            origin = join_origins(item.origins, years=(*before, year))
            for measure, value in zip(("gap", "placebo_low", "placebo_high"), values, strict=True):
                numbers.append(record(measure, float(value), unit, period=int(year), origin=origin))
    return numbers


def _recorder(
    context: Context, item: Estimated, name: str | None = None, *, municipal: bool = False
) -> Callable[..., Result]:
    """Return what makes the results of a design (`name`: of a variant of it), in its last year unless told otherwise."""
    design, origin = item.design, join_origins(item.origins, municipal=municipal)
    number = {"name": name or design.id, "period": design.last, "origin": origin}
    return partial(context.computed, context.indicators[design.indicator], design.unit, **number)


def _flag(record: Callable[..., Result], measure: str, found: bool | None) -> Result:
    """Record a judgement as 1, 0 or not established."""
    value, status = (None, "not established") if found is None else (float(found), "computed")
    return record(measure, value, "flag", status=status)


def method_results(context: Context, item: Estimated, way: str, estimate: Estimate) -> list[Result]:
    """Record an estimate that answers the question of a design in another `way`: a method, a variant, other years."""
    indicator = context.indicators[item.design.indicator]
    unit = "pct" if is_relative(item.design, indicator) else indicator.unit_of_measure
    status = "computed" if estimate.value is not None else "not established"
    record = partial(_recorder(context, item, f"{item.design.id}-{way}", municipal=way == MUNICIPAL), status=status)
    if way == AFTER_TERM:
        record = partial(record, period=item.design.after_term, origin=join_origins(item.after_origins))
    return record_measures(record, estimate, ("deviation", "ci_low", "ci_high", "p_value"), unit)


def _check_table(context: Context, item: Estimated, checks: Sequence[Check], source: str) -> Display:
    rows = [[CHECK_WORDS[check.name], _OUTCOME[check.passed], check.sentence] for check in checks]
    record = _recorder(context, item)
    numbers = [_flag(record, f"check-{check.name}", check.passed) for check in checks]
    return table(["Controle", "Uitkomst", "Wat is gevonden"], rows, results=numbers, source=source)


def _interval(estimate: Estimate, write) -> str:
    if estimate.ci_low is None or estimate.ci_high is None:
        return "–"
    return f"{write(estimate.ci_low)} tot {write(estimate.ci_high)}"


def _years(item: Estimated) -> str:
    """Name the years after the start that count."""
    years = item.examined.comparison.periods[item.examined.comparison.n_pre :] if item.examined else ()
    return f"{years[0]}-{years[-1]}" if len(years) > 1 else "".join(str(year) for year in years)


def source_of(item: Estimated) -> str:
    """Write the source line of an estimate."""
    if not item.origins:
        return "Bron: er zijn geen cijfers gebruikt."
    parts, days = join_origins(item.origins)
    return f"Bron: eigen berekening op {parts}, stand {days} (CC BY 4.0)."


def unit_words(design: Design, indicator: Indicator) -> str:
    """Name the unit of an estimate as a sentence uses it."""
    return "procent" if is_relative(design, indicator) else indicator.unit_words


def decimals_of(design: Design, indicator: Indicator) -> int:
    """Say how many decimals an estimate is written with: one more than the figures that it is made from."""
    return 1 if is_relative(design, indicator) else indicator.decimals + 1
