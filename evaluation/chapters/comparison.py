"""A first before/after comparison of a theme, with its caveats and its two judgements."""

from __future__ import annotations

from functools import partial

import pandas as pd

from evaluation.chapters.context import Context
from evaluation.effects.before_after import TrendComparison, compare_with_trend
from evaluation.indicators import Design
from evaluation.present import dutch, sentences
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable, FigureText, interval_figure
from evaluation.present.tables import Column
from evaluation.progress import gap_series
from evaluation.results import Result


def compare(context: Context, design: Design) -> TrendComparison:
    """Estimate what a declared design asks, on the figures until the year reported on."""
    indicator = context.indicators[design.indicator]
    series = _gap(context, design)
    return compare_with_trend(
        list(series.index),
        list(series),
        pre=tuple(design.pre),
        excluded=list(design.excluded),
        minimum_pre_years=design.minimum_pre_years,
        estimand=f"gemiddelde afwijking van het verschil in {indicator.wording} tussen {context.region_name} en {context.rest_name} "
        f"van de eigen trend {design.pre[0]}-{design.pre[1]}",
    )


def show_comparison(context: Context, design: Design, figure_id: str) -> Display:
    """Draw the gap to the rest of Limburg beside its own earlier trend; or say why that cannot be done."""
    comparison = compare(context, design)
    indicator = context.indicators[design.indicator]
    numbers = estimate_results(context, design, comparison)
    if comparison.estimate.value is None:
        return markdown(comparison_text(context, design), numbers)
    relative = indicator.gap == "relative"
    series = _gap(context, design)
    decimals = 1 if relative else indicator.decimals + 1
    expected = {year: (value, low, high) for year, value, low, high in comparison.expected}
    rows = []
    for year, gap in series.items():
        value, low, high = expected.get(year, (None, None, None))
        interval = "–" if low is None else f"{dutch.number(low, decimals)} tot {dutch.number(high, decimals)}"
        rows.append([str(year), dutch.number(gap, decimals), dutch.number(value, decimals), interval])
    columns = [
        Column("Jaar"),
        Column("Verschil", numeric=True),
        Column("Volgens de trend", numeric=True),
        Column("95%-interval", numeric=True),
    ]
    return interval_figure(
        FigureText(
            figure_id=figure_id,
            title=_title(comparison),
            measure=f"Verschil tussen {context.region_name} en {context.rest_name} in {indicator.wording}, {series.index[0]}–{series.index[-1]}",
            alt=f"Lijnfiguur met het verschil tussen {context.region_name} en {context.rest_name} en de doorgetrokken trend "
            f"{design.pre[0]}-{design.pre[1]} met interval. {comparison_words(context, design, comparison)}",
            source="Bron: eigen berekening op de cijfers van dit hoofdstuk.",
            notes=(
                "Het grijze vlak is het 95%-interval voor één jaar rond de doorgetrokken trend.",
                f"{dutch.listing([str(year) for year in design.excluded])} telt niet mee: de deal begon halverwege dat jaar.",
            ),
        ),
        [int(year) for year in series.index],
        [float(value) for value in series],
        comparison.expected,
        FigureTable(columns, rows),
        labels=("verschil", "trend vóór de deal"),
        term=context.term_band,
        results=numbers,
    )


def comparison_text(context: Context, design: Design) -> str:
    """Say the comparison and its two judgements in words."""
    comparison = compare(context, design)
    words = comparison_words(context, design, comparison)
    return f"{words}\n\n{sentences.judgement_sentence(comparison.estimate)}"


def comparison_words(context: Context, design: Design, comparison: TrendComparison) -> str:
    """Say the estimate in one sentence, from its numbers."""
    indicator = context.indicators[design.indicator]
    relative = indicator.gap == "relative"
    first = max(design.pre[1], *design.excluded) + 1 if design.excluded else design.pre[1] + 1
    years = str(context.year) if context.year == first else f"{first}-{context.year}"
    return sentences.estimate_sentence(
        comparison.estimate,
        years=years,
        unit_words="procentpunt" if relative else indicator.unit_words,
        decimals=1 if relative else indicator.decimals + 1,
    )


def estimate_results(context: Context, design: Design, comparison: TrendComparison) -> list[Result]:
    """Record the estimate with its uncertainty, the gap and its expectation in each year, and what is not established."""
    estimate, indicator = comparison.estimate, context.indicators[design.indicator]
    unit = "pp" if indicator.gap == "relative" else indicator.unit_of_measure
    status = "not established" if estimate.deviation == "niet vast te stellen" else "computed"
    record = partial(context.computed, indicator, unit=design.unit, name=design.id)
    numbers = [
        record(measure=measure, value=value, unit_of_measure=measure_unit, status=status)
        for measure, value, measure_unit in (
            ("deviation", estimate.value, unit),
            ("std_error", estimate.std_error, unit),
            ("ci_low", estimate.ci_low, unit),
            ("ci_high", estimate.ci_high, unit),
            ("mde", estimate.mde, unit),
            ("p_value", estimate.p_value, "p"),
            ("n_pre", estimate.n_pre, "count"),
            ("n_post", estimate.n_post, "count"),
        )
    ]
    for year, gap in _gap(context, design).items():
        numbers.append(record(measure="gap", value=float(gap), unit_of_measure=unit, period=int(year)))
    for year, value, low, high in comparison.expected:
        for measure, number in (("expected", value), ("expected_low", low), ("expected_high", high)):
            if number is not None:
                numbers.append(record(measure=measure, value=number, unit_of_measure=unit, period=year))
    return numbers


def _gap(context: Context, design: Design) -> pd.Series:
    """The gap that a design is about, in every year from the start of its period before."""
    relative = context.indicators[design.indicator].gap == "relative"
    series = gap_series(context.panel, design.indicator, design.unit, design.comparison, relative=relative)
    return series[series.index >= design.pre[0]]


def _title(comparison: TrendComparison) -> str:
    estimate = comparison.estimate
    if estimate.ci_low <= 0 <= estimate.ci_high:
        return "Het verschil ontwikkelde zich binnen de onzekerheid zoals de eerdere trend liet verwachten"
    side = "lager" if estimate.value < 0 else "hoger"
    return f"Het verschil lag {side} dan de eerdere trend liet verwachten; de oorzaak is hiermee niet vastgesteld"
