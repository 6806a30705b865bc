"""Where indicators stand: level, change and gap in a table, and the municipalities of the region side by side."""

from collections.abc import Sequence
from functools import partial

import pandas as pd

from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.steps.statistics import headline_gap, panel_results, source_line, steady_gaps
from evaluation.chapters.wording import figure, full_name
from evaluation.inputs.indicators import Indicator
from evaluation.present.display import Display, markdown
from evaluation.present.results import Result
from evaluation.present.tables import numeric, table


def _levels(context: Context, indicator: Indicator) -> dict[str, int]:
    """Return the columns of `Context.standing` that have figures, each with its year: base (if any) and value."""
    base, last = context.years_of(indicator)
    return {"value": last} if base is None else {"base": base, "value": last}


_NO_BASE = "er is geen eerder cijfer waarmee te vergelijken is"
_NO_GAP = "een verschil zegt van deze cijfers niets"
"""Why a table of standings may lack a column."""


def show_standing(context: Context, indicators: Sequence[Indicator]) -> Display:
    """List indicators with level, change and gaps; a count that belongs to a rate stands in the row of that rate."""
    beside = {indicator.companion for indicator in indicators}
    rows, results, shown = [], [], []
    for indicator in (item for item in indicators if item.id not in beside):
        frame = context.standing(indicator)
        region = frame[frame["unit"] == context.unit_of(indicator)]
        if region.empty:
            continue
        shown.append(indicator)
        rows.append(_standing_row(context, indicator, region.iloc[0]))
        figures = _shown_figures(context, indicator, indicator.id, [context.unit_of(indicator)])
        results += [*_standing_results(context, indicator, region), *panel_results(figures, indicator)]
        results += _companion_results(context, indicator, [context.region_unit])
    if not rows:
        return markdown(f"Voor {context.this_theme} zijn er over {context.year} nog geen cijfers.")
    base, year, region = context.deal.term.base_year, context.year, context.deal.region
    columns = [
        context.region_name,
        *numeric(f"Aantal, {base} → {year}", str(base), empty=_NO_BASE),
        *numeric(str(year)),
        *numeric(f"Verandering sinds {base}", empty=_NO_BASE),
        *numeric(
            *(f"Verschil met {name}, {base} → {year}" for name in (region.benchmark.name, region.rest_name)),
            empty=_NO_GAP,
        ),
    ]
    if not any(indicator.companion for indicator in shown):
        columns.pop(1)
        rows = [[row[0], *row[2:]] for row in rows]
    used = context.panel[context.panel["indicator"].isin([i.id for i in shown])]
    source = " ".join([source_line(used, shown[0]), *_standing_notes(context, shown)])
    return table(columns, rows, results=results, source=source)


def _standing_notes(context: Context, shown: Sequence[Indicator]) -> list[str]:
    """Say under the table which figures were weighted by us or are not there, and in which shown year the world was another."""
    said: dict[str, list[str]] = {}
    for indicator in shown:
        years = set(_levels(context, indicator).values())
        rows = _shown_figures(context, indicator, indicator.id, [context.unit_of(indicator)])
        told = [note for note in rows["note"].unique() if note]
        told += [item.note for item in indicator.breaks if item.kind == "circumstance" and item.year in years]
        for note in dict.fromkeys(told):
            said.setdefault(note, []).append(indicator.wording)
    return [f"{dutch.capital('; '.join(names))}: {note}" for note, names in said.items()]


def _standing_row(context: Context, indicator: Indicator, row: pd.Series) -> list[str]:
    """Write level, change and gaps of one indicator; other years than those of the table's head are said with the figure."""
    counts = _companion(context, indicator, [context.region_unit])
    base, last = context.years_of(indicator)
    then, now = figure(indicator, row["base"]), figure(indicator, row["value"])
    if base is not None and base != context.deal.term.base_year:
        then += f" ({base})"
    if last != context.year:
        now += f" ({last})"
    return [
        dutch.capital(full_name(indicator)),
        " → ".join(map(dutch.number, counts.iloc[0])) or "–",
        then,
        now + (" (voorlopig)" if row["status"] == "provisional" else ""),
        _change_text(indicator, row["change"], base, last),
        _gap_change(indicator, row, "benchmark"),
        _gap_change(indicator, row, "rest"),
    ]


def _standing_results(context: Context, indicator: Indicator, frame: pd.DataFrame) -> list[Result]:
    """Record change and gaps of each unit, the gaps of the kind that the indicator declares."""
    numbers = []
    base, last = context.years_of(indicator)
    unit = "pct" if indicator.gap == "relative" else indicator.unit_of_measure
    for _, row in frame.iterrows():
        own = row["unit"]
        origin = partial(context.origin_of, indicator)
        record = partial(context.computed, indicator, own, period=last)
        if base is not None:
            change = ("change", row["change"], indicator.unit_of_measure)
            numbers.append(record(*change, origin=origin([own], [base, last])))
        if indicator.gap == "none":
            continue
        for of, year in (("", last), ("_base", base))[: 1 if base is None else 2]:
            for name, yardstick in (("benchmark", context.benchmark_unit), ("rest", context.rest_unit)):
                gap = f"gap_{name}{of}"
                numbers.append(record(gap, row[gap], unit, origin=origin([own, yardstick], [year])))
        if own == context.region_unit and base is not None:
            years = [year for year in steady_gaps(context, indicator).index if year <= indicator.baseline_year]
            variation = headline_gap(context, indicator)[2]
            if variation == variation:  # too few years before the deal to tell
                told = origin([own, context.rest_unit], years)
                numbers.append(record("gap_rest_variation", variation, unit, origin=told))
    return numbers


def _companion(context: Context, indicator: Indicator, units: Sequence[str]) -> pd.DataFrame:
    """Return the counts that are shown beside a rate: a row per unit, a column for the base year and for the last year."""
    if indicator.companion is None:
        return pd.DataFrame(index=list(units))
    years = list(_levels(context, indicator).values())
    figures = _shown_figures(context, indicator, indicator.companion, units)
    counts = figures.pivot(index="unit", columns="period", values="value")
    return counts.reindex(index=units, columns=years).rename(columns="Aantal {}".format)


def _companion_results(context: Context, indicator: Indicator, units: Sequence[str]) -> list[Result]:
    if indicator.companion is None:
        return []
    figures = _shown_figures(context, indicator, indicator.companion, units)
    return panel_results(figures, context.indicators[indicator.companion])


def _shown_figures(context: Context, indicator: Indicator, of: str, units: Sequence[str]) -> pd.DataFrame:
    """Return the figures of an indicator, or of its companion (`of`), in the years that it is shown in."""
    rows = context.figures(of)
    return rows[rows["unit"].isin(units) & rows["period"].isin(_levels(context, indicator).values())]


def _change_text(indicator: Indicator, change: float, base: int | None, last: int) -> str:
    """Write a change, or why there is none: a break in the series, or no earlier figure."""
    if base is not None:
        return dutch.number(change, indicator.decimals, signed=True)
    stop = indicator.stopping_break(indicator.baseline_year, last)
    return "–" if stop is None else f"niet te vergelijken (breuk in {stop.year})"


def _gap_change(indicator: Indicator, row: pd.Series, yardstick: str) -> str:
    now = _gap_text(indicator, row[f"gap_{yardstick}"])
    if indicator.gap == "none" or row["base"] != row["base"]:
        return now
    return f"{_gap_text(indicator, row[f'gap_{yardstick}_base'])} → {now}"


def _gap_text(indicator: Indicator, gap: float) -> str:
    """Write a gap with its sign; a dash for an indicator of which the gap says nothing (a count)."""
    if indicator.gap == "none":
        return "–"
    text = dutch.number(gap, 1 if indicator.gap == "relative" else indicator.decimals, signed=True)
    return f"{text}%" if indicator.gap == "relative" and text != "–" else text
