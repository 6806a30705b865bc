"""What the official statistics say of an indicator: a sentence, a line figure, its sources, and what has no figure."""

from collections.abc import Sequence
from functools import partial

import pandas as pd

from evaluation.analysis.yardstick import check_comparable, gap_variation
from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context
from evaluation.chapters.wording import figure, with_unit, year_span
from evaluation.inputs.indicators import Indicator, NotMeasured
from evaluation.present import sentences
from evaluation.present.display import Display, emphasis, markdown
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.line_figures import Line, line_figure
from evaluation.present.results import Result, result
from evaluation.present.tables import numeric, table
from evaluation.statistics.withheld import PUBLISHER

PROVISIONAL = "Open punten"  # how the note on provisional figures begins


def indicator_sentence(context: Context, indicator: Indicator) -> str:
    """Compare the region with the rest of the province, now and in the base year."""
    frame = context.standing(indicator).set_index("unit")
    pair = [context.region_unit, context.rest_unit]
    if not set(pair) <= set(frame.index) or frame.loc[pair, "value"].isna().any():
        return f"Over {context.year} is er geen cijfer voor {indicator.wording}."
    region, rest = frame.loc[pair[0]], frame.loc[pair[1]]
    base, last = context.years_of(indicator)
    values = (region["value"], rest["value"], region["base"], rest["base"])
    return _compared(context, indicator, (last, base), values, headline_gap(context, indicator))


def show_change(context: Context, indicator: Indicator, first: int, last: int) -> Display:
    """Compare two years of choice in a sentence; UsageError for a break between them or a year without a figure."""
    check_comparable(indicator, first, last)
    rows = context.figures(indicator.id)
    rows = rows[rows["unit"].isin([context.region_unit, context.rest_unit]) & rows["period"].isin([first, last])]
    values = rows.pivot(index="unit", columns="period", values="value")
    absent = [year for year in (first, last) if year not in values or values[year].isna().any()]
    if absent or len(values) < 2:
        raise UsageError(f"{indicator.id} has no figure for {', '.join(map(str, absent)) or 'both regions'}.")
    region, rest = values.loc[context.region_unit], values.loc[context.rest_unit]
    gaps = context.gaps_of(indicator)
    moved = (float(gaps[last]), float(gaps[first]), gap_variation(gaps, first))
    text = _compared(context, indicator, (last, first), (region[last], rest[last], region[first], rest[first]), moved)
    return markdown(text, panel_results(rows, indicator))


def _compared(
    context: Context,
    indicator: Indicator,
    years: tuple[int, int | None],
    values: tuple[float, float, float, float],
    gaps: tuple[float, float, float],
) -> str:
    """Say figures and gaps of two years, the later one first (`sentences.compared_with`)."""
    names, write = (indicator.wording, context.region_name, context.rest_name), partial(figure, indicator)
    kind = {"kind": indicator.gap, "decimals": indicator.decimals}
    return sentences.compared_with(*names, *years, values, gaps=gaps, write=write, **kind)


def headline_gap(context: Context, indicator: Indicator) -> tuple[float, float, float]:
    """Gap of the region to the rest: now, in the base year, and its usual move from year to year before the deal."""
    gaps = steady_gaps(context, indicator)
    base, last = context.years_of(indicator)
    now, then = (float(gaps.get(year, float("nan"))) for year in (last, base))
    return now, then, gap_variation(gaps, indicator.baseline_year)


def steady_gaps(context: Context, indicator: Indicator) -> pd.Series:
    """Gap of the region to the rest in every year but those from before a break in the series."""
    gaps, (_, last) = context.gaps_of(indicator), context.years_of(indicator)
    return gaps[[year for year in gaps.index if year > last or indicator.stopping_break(year, last) is None]]


def show_indicator(context: Context, indicator: Indicator, figure_id: str) -> Display:
    """Draw one indicator for the region, its province, the rest of that and the country, until the year reported on."""
    rows = context.figures(indicator.id)
    if rows.empty:
        return markdown(f"{emphasis(indicator.title)}: {indicator.no_figures_reason or 'nog geen cijfers'}.")
    names = dict(zip(rows["unit"], rows["unit_name"], strict=True))
    units = context.line_units if indicator.only_for is None else ((indicator.only_for.unit, "region"),)
    lines = [line_of(rows, unit, names[unit], role) for unit, role in units if unit in names]
    years, shown = sorted(rows["period"].unique()), [line.name for line in lines]
    return line_figure(
        FigureText(
            figure_id=figure_id,
            title=indicator_title(context, indicator),
            measure=f"{dutch.capital(with_unit(indicator))}, {year_span(years)}",
            alt=f"Lijnfiguur van {indicator.wording}. {' '.join(f'{end}.' for end in line_ends(lines, indicator))}",
            source=source_line(rows, indicator),
            notes=notes_of(rows, indicator),
        ),
        lines,
        FigureTable(["Jaar", *numeric(*shown, empty="hiervan is geen cijfer")], year_rows(lines, shown, indicator)),
        decimals=indicator.decimals,
        term=context.term_band,
        base_year=indicator.baseline_year,
        breaks=[item.year for item in indicator.breaks if item.stops],
        results=panel_results(rows[rows["unit"].isin([unit for unit, _ in units])], indicator),
    )


def show_missing(context: Context, indicators: Sequence[Indicator], not_measured: Sequence[NotMeasured]) -> Display:
    """List what has no figures: what a statistic will bring, and what no statistic measures."""
    rows = []
    for indicator in indicators:
        why = dutch.capital(f"{(indicator.no_figures_reason or 'nog geen cijfers').rstrip('.')}.")
        rows.append([", ".join(indicator.results), indicator.title, why, _publisher(indicator)])
    for item in not_measured:
        rows.append([item.result, dutch.capital(item.subject), item.reason, item.would_measure])
    if not rows:
        return markdown(f"Voor alle resultaten van {context.this_theme} zijn er cijfers.")
    rows.sort(key=lambda row: str(row[0]))
    return table(["Resultaat", "Wat", "Waarom hier geen cijfer staat", "Bron die het zou meten"], rows)


def panel_results(rows: pd.DataFrame, indicator: Indicator) -> list[Result]:
    """Record figures of the panel, each with its source, vintage and status."""
    numbers = []
    for row in rows.itertuples():
        subject, kind = (indicator.theme, indicator.id, row.unit), (indicator.unit_of_measure, indicator.chain)
        origin = {"period": int(row.period), "source": row.source, "vintage": row.vintage}
        numbers.append(result(*subject, "value", row.value, *kind, status=row.status, **origin))
    return numbers


def source_line(rows: pd.DataFrame, indicator: Indicator) -> str:
    """Name the sources of what is shown, each once, with its vintage and the licence."""
    pairs = dict.fromkeys(zip(rows["source"], rows["vintage"], strict=True))
    single = sorted(
        {pair for sources, vintages in pairs for pair in zip(sources.split("; "), vintages.split("; "), strict=True)}
    )
    text = "; ".join(f"{source}, stand {vintage}" for source, vintage in single)
    terms = "niet alles is openbaar" if PUBLISHER in text else "CC BY 4.0"
    return f"Bron: {text} ({terms})." if text else f"Bron: {_publisher(indicator)}."


def line_of(rows: pd.DataFrame, unit: str, name: str, role: str) -> Line:
    """Make the line of a unit in a figure from the rows of one indicator."""
    mine = rows[rows["unit"] == unit].sort_values("period")
    return Line(
        name=name,
        role=role,
        years=tuple(int(year) for year in mine["period"]),
        values=tuple(None if value != value else float(value) for value in mine["value"]),
        provisional=tuple(status == "provisional" for status in mine["status"]),
    )


def line_ends(lines: Sequence[Line], indicator: Indicator) -> list[str]:
    """Say of each line with figures where it begins and where it ends."""
    ends = []
    for line in lines:
        known = [(year, value) for year, value in zip(line.years, line.values, strict=True) if value is not None]
        if known:
            (first, start), (last, end) = known[0], known[-1]
            until = f"{figure(indicator, end)} in {last}"
            is_one = first == last
            ends.append(
                f"{line.name}: {until if is_one else f'van {figure(indicator, start)} in {first} naar {until}'}"
            )
    return ends


def year_rows(lines: Sequence[Line], names: Sequence[str], indicator: Indicator) -> list[list[str]]:
    """Write a row for each year, a cell for the line of each name; provisional figures have an asterisk."""
    cells = {
        (line.name, year): figure(indicator, value) + "*" * is_provisional
        for line in lines
        for year, value, is_provisional in zip(line.years, line.values, line.provisional, strict=True)
    }
    years = sorted({year for _, year in cells})
    return [[str(year), *(cells.get((name, year), "–") for name in names)] for year in years]


def indicator_title(context: Context, indicator: Indicator) -> str:
    """Say in one line how the gap of the region to the rest moved since the base year."""
    gap, base, variation = headline_gap(context, indicator)
    if gap != gap or base != base:
        return f"{dutch.capital(indicator.wording)} in {context.region_name} en elders"
    names = (indicator.wording, context.region_name, context.rest_name, indicator.gap)
    return sentences.gap_title(*names, gap, base, variation, indicator.baseline_year)


def notes_of(rows: pd.DataFrame, indicator: Indicator) -> tuple[str, ...]:
    """List what a reader must know of these figures: what is provisional, how they were made, where the series breaks."""
    notes = []
    if (rows["status"] == "provisional").any():
        years = sorted(rows.loc[rows["status"] == "provisional", "period"].unique())
        notes.append(f"{PROVISIONAL}: voorlopige cijfers ({dutch.listing([str(year) for year in years])}).")
    notes.extend(sorted({note for note in rows["note"].dropna().unique() if note}))
    shown = range(int(rows["period"].min()), int(rows["period"].max()) + 1)
    for item in indicator.breaks:
        if item.year in shown:
            notes.append(item.note if item.kind == "circumstance" else f"{item.year}: {item.note}")
    return tuple(notes)


def _publisher(indicator: Indicator) -> str:
    table_name = f", tabel {indicator.source.table}" if indicator.source.table else ""
    return f"{indicator.source.publisher}{table_name}"
