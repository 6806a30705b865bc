"""A first before/after comparison of a theme, with its caveats and its two judgements."""

from __future__ import annotations

from evaluation.chapters.context import Context
from evaluation.effects.before_after import TrendComparison, compare_with_trend
from evaluation.indicators import Design
from evaluation.present import dutch, sentences
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable, FigureText, interval_figure
from evaluation.present.tables import Column
from evaluation.progress import gap_series
from evaluation.results import Result, result


def compare(context: Context, design: Design) -> TrendComparison:
    """Estimate what a declared design asks, on the figures until the year reported on."""
    indicator = context.indicators[design.indicator]
    series = gap_series(
        context.panel, design.indicator, design.unit, design.comparison, relative=indicator.gap == "relative"
    )
    series = series[series.index >= design.pre[0]]
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
    series = gap_series(context.panel, design.indicator, design.unit, design.comparison, relative=relative)
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
    """Record the estimate with its uncertainty, and its two judgements as the status of what is not established."""
    estimate, indicator = comparison.estimate, context.indicators[design.indicator]
    status = "not established" if estimate.deviation == "niet vast te stellen" else "computed"
    unit = "pp" if indicator.gap == "relative" else indicator.unit_of_measure
    return [
        result(
            theme=indicator.theme,
            chain=indicator.chain,
            indicator=design.id,
            unit=design.unit,
            period=context.year,
            measure=measure,
            value=value,
            unit_of_measure=unit
            if measure not in ("p_value", "n_pre", "n_post")
            else "count"
            if "n_" in measure
            else "p",
            status=status,
            source=f"before/after against own trend, {design.pre[0]}-{design.pre[1]}; {indicator.source.table}",
            vintage="; ".join(
                sorted(context.panel.loc[context.panel["indicator"] == indicator.id, "vintage"].unique())
            ),
        )
        for measure, value in (
            ("deviation", estimate.value),
            ("std_error", estimate.std_error),
            ("ci_low", estimate.ci_low),
            ("ci_high", estimate.ci_high),
            ("p_value", estimate.p_value),
            ("mde", estimate.mde),
            ("n_pre", estimate.n_pre),
            ("n_post", estimate.n_post),
        )
    ]


def _title(comparison: TrendComparison) -> str:
    estimate = comparison.estimate
    if estimate.ci_low <= 0 <= estimate.ci_high:
        return "Het verschil ontwikkelde zich binnen de onzekerheid zoals de eerdere trend liet verwachten"
    side = "lager" if estimate.value < 0 else "hoger"
    return f"Het verschil lag {side} dan de eerdere trend liet verwachten; de oorzaak is hiermee niet vastgesteld"
