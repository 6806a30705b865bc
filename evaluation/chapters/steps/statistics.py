"""What the official statistics say of a theme: level, change and gap to the province and to the rest of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evaluation.analysis.yardstick import check_comparable, gap_variation
from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context, figure
from evaluation.inputs.indicators import Indicator, NotMeasured
from evaluation.present import sentences
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable, FigureText, bars_figure
from evaluation.present.line_figures import Line, line_figure
from evaluation.present.results import Result, result
from evaluation.present.tables import Column, table

PROVISIONAL = "Open punten"
"""How the note on provisional figures begins."""


def indicator_sentence(context: Context, indicator: Indicator) -> str:
    """Compare the region with the rest of the province, now and in the base year."""
    frame = context.standing(indicator).set_index("unit")
    pair = [context.region_unit, context.rest_unit]
    if not set(pair) <= set(frame.index) or frame.loc[pair, "value"].isna().any():
        return f"Over {context.year} is er geen cijfer voor {indicator.wording}."
    region, rest = frame.loc[pair[0]], frame.loc[pair[1]]
    base, last = context.years_of(indicator)
    return sentences.compared_with(
        indicator.wording,
        context.region_name,
        context.rest_name,
        last,
        base,
        (region["value"], rest["value"], region["base"], rest["base"]),
        kind=indicator.gap,
        gaps=headline_gap(context, indicator),
        decimals=indicator.decimals,
        write=_number(indicator),
    )


def show_change(context: Context, indicator: Indicator, first: int, last: int) -> Display:
    """Compare two years of choice in a sentence: the region and the rest of the province.

    Raises
    ------
    UsageError
        When the series breaks between the two years, or a year has no figure.
    """
    check_comparable(indicator, first, last)
    rows = context.figures(indicator.id)
    rows = rows[rows["unit"].isin([context.region_unit, context.rest_unit]) & rows["period"].isin([first, last])]
    values = rows.pivot(index="unit", columns="period", values="value")
    absent = [year for year in (first, last) if year not in values or values[year].isna().any()]
    if absent or len(values) < 2:
        raise UsageError(f"{indicator.id} has no figure for {', '.join(map(str, absent)) or 'both regions'}.")
    region, rest = values.loc[context.region_unit], values.loc[context.rest_unit]
    gaps = context.gaps_of(indicator)
    text = sentences.compared_with(
        indicator.wording,
        context.region_name,
        context.rest_name,
        last,
        first,
        (region[last], rest[last], region[first], rest[first]),
        kind=indicator.gap,
        gaps=(float(gaps[last]), float(gaps[first]), gap_variation(gaps, first)),
        decimals=indicator.decimals,
        write=_number(indicator),
    )
    return markdown(text, panel_results(rows, indicator))


def headline_gap(context: Context, indicator: Indicator) -> tuple[float, float, float]:
    """Gap of the region to the rest: now, in the base year, and its usual move from year to year before the deal.

    Years from before a break in the series do not count.
    """
    gaps = context.gaps_of(indicator)
    base, last = context.years_of(indicator)
    gaps = gaps[[year for year in gaps.index if year > last or indicator.stopping_break(year, last) is None]]
    now, then = (float(gaps.get(year, float("nan"))) for year in (last, base))
    return now, then, gap_variation(gaps, indicator.baseline_year)


def show_indicator(context: Context, indicator: Indicator, figure_id: str) -> Display:
    """Draw one indicator for the region, its province, the rest of that and the country, until the year reported on."""
    rows = context.figures(indicator.id)
    if rows.empty:
        return markdown(f"*{indicator.title}*: {indicator.no_figures_reason or 'nog geen cijfers'}.")
    names = dict(zip(rows["unit"], rows["unit_name"], strict=True))
    lines = [line_of(rows, unit, names[unit], role) for unit, role in context.line_units if unit in names]
    years = sorted(rows["period"].unique())
    return line_figure(
        FigureText(
            figure_id=figure_id,
            title=indicator_title(context, indicator),
            measure=f"{dutch.capital(indicator.wording)}{_in_euro(indicator)}, {_period(years)}",
            alt=_alt(rows, lines, indicator),
            source=source_line(rows, indicator),
            notes=notes_of(rows, indicator),
        ),
        lines,
        _year_table(lines, indicator),
        decimals=indicator.decimals,
        term=context.term_band,
        base_year=indicator.baseline_year,
        breaks=[item.year for item in indicator.breaks if item.stops],
        results=panel_results(rows[rows["unit"].isin([unit for unit, _ in context.line_units])], indicator),
    )


def show_municipalities(context: Context, indicator: Indicator, figure_id: str) -> Display:
    """Draw the municipalities of the region side by side: the base year and the year reported on."""
    frame = context.standing(indicator)
    order = [m.code for m in context.deal.region.municipalities]
    mine = frame[frame["unit"].isin(order)].set_index("unit").reindex(order).dropna(subset=["value"])
    if mine.empty:
        return markdown(f"Over {context.year} zijn er voor {indicator.wording} geen cijfers per gemeente.")
    mine = mine.sort_values("unit_name")
    base, last = context.years_of(indicator)
    highest, lowest = mine.loc[mine["value"].idxmax()], mine.loc[mine["value"].idxmin()]
    number = _number(indicator)
    counts = _companion(context, indicator, order)
    years = [year for year in (base, last) if year is not None]
    columns = [
        Column("Gemeente"),
        *(Column(f"{year}", numeric=True) for year in years),
        *([] if base is None else [Column("Verandering", numeric=True)]),
        Column(f"Verschil met {context.deal.region.benchmark.name}", numeric=True),
        *(Column(title, numeric=True) for title in counts.columns),
    ]
    data_rows = [
        [
            row["unit_name"],
            *(number(row[name]) for name in ("base", "value")[-len(years) :]),
            *([] if base is None else [dutch.number(row["change"], indicator.decimals, signed=True)]),
            _gap_text(indicator, row["value"], row["gap_benchmark"]),
            *(dutch.number(value) for value in (counts.loc[unit] if len(counts.columns) else ())),
        ]
        for unit, row in mine.iterrows()
    ]
    rows = context.figures(indicator.id)
    shown = rows[rows["unit"].isin(order) & rows["period"].isin(years)]
    bars = [
        (str(base), "outline", [None if v != v else v for v in mine["base"]]),
        (str(last), "parkstad", list(mine["value"])),
    ][-len(years) :]
    return bars_figure(
        FigureText(
            figure_id=figure_id,
            title=(
                f"{dutch.capital(indicator.wording)}, {last}: van {number(lowest['value'])} in "
                f"{lowest['unit_name']} tot {number(highest['value'])} in {highest['unit_name']}"
            ),
            measure=f"{dutch.capital(indicator.wording)}{_in_euro(indicator)} per gemeente, {' en '.join(map(str, years))}",
            alt="Staafdiagram per gemeente. "
            + " ".join(
                f"{row['unit_name']}: {' en '.join(f'{number(row[name])} in {year}' for name, year in zip(('base', 'value')[-len(years) :], years, strict=True))}."
                for _, row in mine.iterrows()
            ),
            source=source_line(shown, indicator),
            notes=notes_of(shown, indicator),
        ),
        list(mine["unit_name"]),
        bars,
        FigureTable(columns, data_rows),
        decimals=indicator.decimals,
        results=[
            *panel_results(shown, indicator),
            *_standing_results(context, indicator, mine.reset_index()),
            *_companion_results(context, indicator, order),
        ],
    )


def _companion(context: Context, indicator: Indicator, units: Sequence[str]) -> pd.DataFrame:
    """Counts that are shown beside a rate: a row per unit, a column for the base year and for the last year."""
    frame = pd.DataFrame(index=list(units))
    if indicator.companion is None:
        return frame
    other = context.indicators[indicator.companion]
    rows = context.figures(other.id)
    for year in _two_years(context, indicator):
        values = rows[rows["period"] == year].set_index("unit")["value"]
        frame[f"Aantal {year}"] = values.reindex(frame.index)
    return frame


def _companion_results(context: Context, indicator: Indicator, units: Sequence[str]) -> list[Result]:
    """Record the counts that are shown beside a rate."""
    if indicator.companion is None:
        return []
    other = context.indicators[indicator.companion]
    rows = context.figures(other.id)
    rows = rows[rows["unit"].isin(units)]
    return panel_results(rows[rows["period"].isin(_two_years(context, indicator))], other)


def show_standing(context: Context, indicators: Sequence[Indicator]) -> Display:
    """List indicators with level, change since the base year and gap to the province and to the rest of it.

    A count that belongs to a rate stands in the row of that rate.
    """
    beside = {indicator.companion for indicator in indicators}
    rows, results, shown = [], [], []
    for indicator in (item for item in indicators if item.id not in beside):
        frame = context.standing(indicator)
        region = frame[frame["unit"] == context.region_unit]
        if region.empty:
            continue
        shown.append(indicator)
        rows.append(_standing_row(context, indicator, region.iloc[0]))
        results += _standing_results(context, indicator, region)
        source = context.figures(indicator.id)
        source = source[(source["unit"] == context.region_unit) & source["period"].isin(_two_years(context, indicator))]
        results += panel_results(source, indicator)
        results += _companion_results(context, indicator, [context.region_unit])
    if not rows:
        return markdown(f"Voor dit thema zijn er over {context.year} nog geen cijfers.")
    base = context.deal.term.base_year
    columns = [
        Column(context.region_name),
        Column(f"Aantal, {base} → {context.year}", numeric=True),
        Column(f"{base}", numeric=True),
        Column(f"{context.year}", numeric=True),
        Column(f"Verandering sinds {base}", numeric=True),
        Column(f"Verschil met {context.deal.region.benchmark.name}, {base} → {context.year}", numeric=True),
        Column(f"Verschil met {context.deal.region.rest_name}, {base} → {context.year}", numeric=True),
    ]
    if not any(indicator.companion for indicator in shown):
        columns.pop(1)
        rows = [[row[0], *row[2:]] for row in rows]
    used = context.panel[context.panel["indicator"].isin([i.id for i in shown])]
    return table(columns, rows, results=results, source=source_line(used, shown[0]))


def _standing_row(context: Context, indicator: Indicator, row: pd.Series) -> list[str]:
    """Write level, change and gaps of one indicator; other years than those of the table's head are said with the figure."""
    number = _number(indicator)
    counts = _companion(context, indicator, [context.region_unit])
    base, last = context.years_of(indicator)
    then, now = number(row["base"]), number(row["value"])
    if base is not None and base != context.deal.term.base_year:
        then += f" ({base})"
    if last != context.year:
        now += f" ({last})"
    return [
        dutch.capital(indicator.wording),
        " → ".join(dutch.number(value) for value in counts.iloc[0]) or "–",
        then,
        now + (" (voorlopig)" if row["status"] == "provisional" else ""),
        _change_text(indicator, row["change"], base, last),
        _gap_change(indicator, row, "benchmark"),
        _gap_change(indicator, row, "rest"),
    ]


def _change_text(indicator: Indicator, change: float, base: int | None, last: int) -> str:
    """Write a change, or why there is none: a break in the series, or no earlier figure."""
    if base is not None:
        return dutch.number(change, indicator.decimals, signed=True)
    stop = indicator.stopping_break(indicator.baseline_year, last)
    return "–" if stop is None else f"niet te vergelijken (breuk in {stop.year})"


def _two_years(context: Context, indicator: Indicator) -> list[int]:
    return [year for year in context.years_of(indicator) if year is not None]


def show_missing(indicators: Sequence[Indicator], not_measured: Sequence[NotMeasured]) -> Display:
    """List what has no figures: what a statistic will bring, and what no statistic measures.

    Parameters
    ----------
    indicators : sequence of Indicator
        Defined, without figures yet.
    not_measured : sequence of NotMeasured
        With the record or source that would measure it.
    """
    rows = [
        [
            ", ".join(indicator.results),
            indicator.title,
            dutch.capital(f"{(indicator.no_figures_reason or 'nog geen cijfers').rstrip('.')}."),
            _publisher(indicator),
        ]
        for indicator in indicators
    ]
    rows += [
        [item.result, dutch.capital(item.subject), f"Niet gemeten. {item.reason}", item.would_measure]
        for item in not_measured
    ]
    if not rows:
        return markdown("Voor alle resultaten van dit thema zijn er cijfers.")
    rows.sort(key=lambda row: str(row[0]))
    return table(["Resultaat", "Wat", "Waarom hier geen cijfer staat", "Bron die het zou meten"], rows)


def panel_results(rows: pd.DataFrame, indicator: Indicator) -> list[Result]:
    """Record figures of the panel, each with its source, vintage and status."""
    return [
        result(
            theme=indicator.theme,
            chain=indicator.chain,
            indicator=indicator.id,
            unit=row.unit,
            period=int(row.period),
            measure="value",
            value=row.value,
            unit_of_measure=indicator.unit_of_measure,
            status=row.status,
            source=row.source,
            vintage=row.vintage,
        )
        for row in rows.itertuples()
    ]


def source_line(rows: pd.DataFrame, indicator: Indicator) -> str:
    """Name the sources of what is shown, each once, with its vintage and the licence."""
    pairs = dict.fromkeys(zip(rows["source"], rows["vintage"], strict=True))
    single = sorted(
        {pair for sources, vintages in pairs for pair in zip(sources.split("; "), vintages.split("; "), strict=True)}
    )
    text = "; ".join(f"{source}, stand {vintage}" for source, vintage in single)
    return f"Bron: {text} (CC BY 4.0)." if text else f"Bron: {_publisher(indicator)}."


def _standing_results(context: Context, indicator: Indicator, frame: pd.DataFrame) -> list[Result]:
    """Record change and gaps of each unit, the gaps of the kind that the indicator declares."""
    numbers = []
    base, last = context.years_of(indicator)
    for _, row in frame.iterrows():
        measures = {} if base is None else {"change": (row["change"], indicator.unit_of_measure)}
        if indicator.gap != "none":
            unit = "pct" if indicator.gap == "relative" else indicator.unit_of_measure
            for name, value in (("", row["value"]), ("_base", row["base"]))[: 1 if base is None else 2]:
                for yardstick in ("benchmark", "rest"):
                    gap = f"gap_{yardstick}{name}"
                    measures[gap] = (_gap(indicator, value, row[gap])[0], unit)
            if row["unit"] == context.region_unit and base is not None:
                measures["gap_rest_variation"] = (headline_gap(context, indicator)[2], unit)
        numbers += [
            context.computed(
                indicator,
                unit=row["unit"],
                measure=measure,
                value=value,
                unit_of_measure=unit,
                period=last,
            )
            for measure, (value, unit) in measures.items()
        ]
    return numbers


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


def indicator_title(context: Context, indicator: Indicator) -> str:
    """Say in one line how the gap of the region to the rest moved since the base year."""
    gap, base, variation = headline_gap(context, indicator)
    if gap != gap or base != base:
        return f"{dutch.capital(indicator.wording)} in {context.region_name} en elders"
    return sentences.gap_title(
        indicator.wording,
        context.region_name,
        context.rest_name,
        indicator.gap,
        gap,
        base,
        variation,
        indicator.baseline_year,
    )


def _period(years: Sequence[int]) -> str:
    return f"{years[0]}" if len(years) == 1 else f"{years[0]}–{years[-1]}"


def _alt(rows: pd.DataFrame, lines: Sequence[Line], indicator: Indicator) -> str:
    number = _number(indicator)
    parts = []
    for line in lines:
        known = [(year, value) for year, value in zip(line.years, line.values, strict=True) if value is not None]
        if known:
            (first, start), (last, end) = known[0], known[-1]
            parts.append(f"{line.name}: van {number(start)} in {first} naar {number(end)} in {last}.")
    return f"Lijnfiguur van {indicator.wording}. {' '.join(parts)}"


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


def _year_table(lines: Sequence[Line], indicator: Indicator) -> FigureTable:
    number = _number(indicator)
    years = sorted({year for line in lines for year in line.years})
    columns = [Column("Jaar"), *(Column(line.name, numeric=True) for line in lines)]
    rows = []
    for year in years:
        cells = [str(year)]
        for line in lines:
            at = line.years.index(year) if year in line.years else None
            value = None if at is None else line.values[at]
            mark = "*" if at is not None and line.provisional[at] else ""
            cells.append(number(value) + mark)
        rows.append(cells)
    return FigureTable(columns, rows)


def _number(indicator: Indicator):
    """Write figures of one indicator."""
    return lambda value: figure(indicator, value)


def _gap(indicator: Indicator, value: float, gap: float) -> tuple[float, int]:
    """Turn a difference into the kind of gap that the indicator declares: the number, and its decimals."""
    if indicator.gap == "none":
        return float("nan"), 0
    if indicator.gap == "relative":
        return 100 * gap / (value - gap), 1
    return gap, indicator.decimals


def _gap_change(indicator: Indicator, row: pd.Series, yardstick: str) -> str:
    """Write a gap in the base year and now."""
    if indicator.gap == "none":
        return "–"
    now = _gap_text(indicator, row["value"], row[f"gap_{yardstick}"])
    if row["base"] != row["base"]:
        return now
    return f"{_gap_text(indicator, row['base'], row[f'gap_{yardstick}_base'])} → {now}"


def _gap_text(indicator: Indicator, value: float, gap: float) -> str:
    """Write a gap with its sign; a dash for an indicator of which the gap says nothing (a count)."""
    number, decimals = _gap(indicator, value, gap)
    text = dutch.number(number, decimals, signed=True)
    return f"{text}%" if indicator.gap == "relative" and text != "–" else text


def _in_euro(indicator: Indicator) -> str:
    return ", in euro" if indicator.unit_of_measure == "EUR" else ""


def _publisher(indicator: Indicator) -> str:
    table_name = f", tabel {indicator.source.table}" if indicator.source.table else ""
    return f"{indicator.source.publisher}{table_name}"
