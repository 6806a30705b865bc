"""A first before/after comparison of a theme, with its caveats and its two judgements."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

import pandas as pd

from evaluation.analysis.effects.before_after import TrendComparison, compare_with_trend
from evaluation.analysis.effects.estimate import Estimate
from evaluation.analysis.yardstick import check_comparable
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.inputs.indicators import Design, Indicator
from evaluation.present import sentences
from evaluation.present.display import Display
from evaluation.present.results import Result
from evaluation.present.tables import numeric, table

UNITS_OF_MEASURES = {
    **dict.fromkeys(("p_value", "p_adjusted", "p_attainable"), "p"),
    **dict.fromkeys(("n_pre", "n_post", "n_placebo", "rank"), "count"),
    "bayes_factor": "ratio",
}
"""Of the measures of an estimate that are not in the unit of its outcome."""


def compare(context: Context, design: Design) -> TrendComparison:
    """Estimate what a declared design asks, on the figures until the year reported on."""
    indicator = context.indicators[design.indicator]
    series = _gap(context, design)
    if len(series):
        check_comparable(indicator, int(series.index[0]), int(series.index[-1]))
    return compare_with_trend(
        list(series.index),
        list(series),
        pre=tuple(design.pre),
        excluded=list(design.excluded),
        minimum_pre_years=design.minimum_pre_years,
        estimand=f"gemiddelde afwijking van het verschil in {indicator.wording} tussen {context.region_name} en {context.rest_name} "
        f"van de eigen trend {design.pre[0]}-{design.pre[1]}",
    )


_NO_TREND = "daarvoor zijn er te weinig jaren"


def show_plan(context: Context, designs: Sequence[Design]) -> Display:
    """List every declared comparison with its estimate, also those that show nothing or cannot be made."""
    rows, numbers = [], []
    for design in designs:
        comparison = compare(context, design)
        estimate, indicator = comparison.estimate, context.indicators[design.indicator]
        sizes = [dutch.number(size, _decimals(indicator)) for size in (estimate.value, comparison.spread)]
        verdict = estimate.deviation if estimate.value is not None else f"{estimate.deviation}: {estimate.reason}"
        rows.append([dutch.capital(indicator.wording) + " (hoofdvraag)" * design.primary, *sizes, verdict])
        numbers += estimate_results(context, design, comparison)
    columns = [
        "Verschil met de rest",
        *numeric("Afwijking van de trend", "Grootste afstand vóór de deal", empty=_NO_TREND),
        "Oordeel",
    ]
    return table(columns, rows, results=numbers, source="Bron: eigen berekening op de cijfers van dit hoofdstuk.")


def comparison_text(context: Context, design: Design) -> str:
    """Say the comparison and its two judgements in words."""
    comparison = compare(context, design)
    words = _comparison_words(context, design, comparison)
    return f"{words}\n\n{sentences.judgement_sentence(comparison.estimate)}"


def _comparison_words(context: Context, design: Design, comparison: TrendComparison) -> str:
    indicator = context.indicators[design.indicator]
    after = [int(year) for year in _gap(context, design).index if year > design.pre[1] and year not in design.excluded]
    return sentences.estimate_sentence(
        comparison.estimate,
        spread=comparison.spread,
        years=_years_words(after),
        trend_until=design.pre[1],
        unit_words="procentpunt" if indicator.gap == "relative" else indicator.unit_words,
        decimals=_decimals(indicator),
    )


def _decimals(indicator: Indicator) -> int:
    """Say how many decimals a gap is written with: one more than the figures, as an average over years has."""
    return 1 if indicator.gap == "relative" else indicator.decimals + 1


def estimate_results(context: Context, design: Design, comparison: TrendComparison) -> list[Result]:
    """Record the estimate, the gap with its distance to the trend in each year, and what is not established."""
    estimate, indicator = comparison.estimate, context.indicators[design.indicator]
    unit = "pct" if indicator.gap == "relative" else indicator.unit_of_measure
    status = "not established" if estimate.deviation == "niet te vergelijken" else "computed"
    years, units = _gap(context, design), (design.unit, design.comparison or context.rest_unit)

    def record(measure: str, value: float, of: str, *, years: Collection[int], **options) -> Result:
        origin = context.origin_of(indicator, units, years)
        return context.computed(indicator, design.unit, measure, value, of, origin=origin, name=design.id, **options)

    before = [int(year) for year in years.index if year <= design.pre[1]]
    both = [int(year) for year in years.index if year <= design.pre[1] or year not in design.excluded]
    judged = partial(record, years=both, status=status)
    numbers = record_measures(judged, estimate, ("deviation", "n_pre", "n_post"), unit)
    if comparison.spread is not None:
        numbers.append(record("largest_distance_before", comparison.spread, unit, years=before))
    expected = dict(comparison.expected)
    numbers += [record("expected", value, unit, years=before, period=year) for year, value in expected.items()]
    for year, gap in ((int(year), float(gap)) for year, gap in years.items()):
        numbers.append(record("gap", gap, unit, years=[year], period=year))
        if year in expected:
            distance = ("distance_to_trend", gap - expected[year], unit)
            numbers.append(record(*distance, years=[*before, year], period=year))
    return numbers


def record_measures(
    record: Callable[..., Result], estimate: Estimate, measures: Sequence[str], unit: str
) -> list[Result]:
    """Record measures of an estimate, each in its unit: `unit`, a p-value or a count; "deviation" is its value."""
    return [
        record(
            measure,
            getattr(estimate, "value" if measure == "deviation" else measure),
            UNITS_OF_MEASURES.get(measure, unit),
        )
        for measure in measures
    ]


def _gap(context: Context, design: Design) -> pd.Series:
    """Return the gap that a design is about, in every year of its window."""
    series = context.gaps_of(context.indicators[design.indicator], design.unit, design.comparison)
    return series[(series.index >= design.pre[0]) & (series.index <= (design.last or context.year))]


def _years_words(years: list[int]) -> str:
    """Write years as a period where they follow each other, and otherwise each of them.

    >>> _years_words([2020, 2021, 2022]), _years_words([2020, 2022]), _years_words([2020])
    ('2020-2022', '2020 en 2022', '2020')
    """
    if len(years) > 1 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}-{years[-1]}"
    return dutch.listing([str(year) for year in years])
