"""How a notebook publishes what it made: one verb for figures, tables, fitted models and text, with their numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from evaluation.base import dutch
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import Context
from evaluation.chapters.desk.cell import cell_options
from evaluation.chapters.desk.own_map import is_map, map_tiles
from evaluation.chapters.desk.own_numbers import READ, Source, is_own, own_results
from evaluation.chapters.desk.year import opened_year
from evaluation.chapters.steps.statistics import indicator_title, line_ends, line_of, notes_of, source_line
from evaluation.chapters.wording import with_unit, year_span
from evaluation.inputs.indicators import Design, Indicator
from evaluation.present.display import Display
from evaluation.present.dressed import check_shown, dress
from evaluation.present.figures import FigureTable, FigureText, figure_display
from evaluation.present.fitted import show_estimates, show_summary
from evaluation.present.foreign import kind_of, show_frame, show_picture, show_styler, text_of
from evaluation.present.results import Result
from evaluation.present.tables import numeric
from evaluation.present.tilemap import tile_figure
from evaluation.present.trace_table import traces_table

OWN_ANALYSIS = "eigen analyse"
"""What stands with numbers that the project does not declare."""

_MOST_COLUMNS = 12
"""Of the table under a figure."""

_TABLES = {"frame": show_frame, "styler": show_styler, "estimates": show_estimates, "summary": show_summary}
"""Kind to what makes a table of it."""


def show(
    what: Any,
    *,
    numbers: pd.DataFrame | None = None,
    value: str | None = None,
    measure: str | Mapping[str, str] | None = None,
    indicator: str | None = None,
    design: Design | str | None = None,
    alt: str | None = None,
    source: Source = None,
    note: str | None = None,
    unit_of_measure: str | None = None,
) -> None:
    """Publish something in the report: numbered and captioned by the label of its cell, in every medium.

    Parameters
    ----------
    what : figure, axes, DataFrame, Series, Styler, fitted model, summary or str
        Of plotly, pandas, matplotlib and statsmodels; a str is Markdown.
    numbers : DataFrame | None
        Rows that become results: columns period (year) and `value`, and unit, status, source and vintage if any.  Of a
        DataFrame with a `value` the rows themselves.
    value, measure : str | None, str | mapping of str to str | None
        The column with the number, and what it is in the codebook ("value", "gap_rest"); another name is a measure of
        your own.  Several at once: measure={"met de rest": "gap_rest", "met Limburg": "gap_benchmark"}.
    indicator, design : str, Design or None
        What the numbers are about; that of the rows by default.
    alt : str | None
        What a figure shows, for who cannot see it; else the option fig-alt of the cell, or made from the numbers.
    source : str, DataFrame or None
        Where numbers come from that lost it on the way (a pivot): the table that they were computed from, or words.
    note : str | None
        What a reader must know, in a sentence.
    unit_of_measure : str | None
        Of a measure of your own; that of the indicator by default.

    Raises
    ------
    UsageError
        For something that a report cannot show, and for numbers that cannot be identified or have no source.
    """
    from IPython.display import display

    desk = opened_year()
    if desk is None:
        raise UsageError("Open a year first: year = open_year(deal=deal, year=year).")
    display(replace(make_display(
        desk.context, what, numbers=numbers, value=value, measure=measure, indicator=indicator, design=design, alt=alt,
        source=source, note=note, unit_of_measure=unit_of_measure,
    ), in_sight=True))  # fmt: skip


def make_display(
    context: Context,
    what: Any,
    *,
    numbers: pd.DataFrame | None = None,
    value: str | None = None,
    measure: str | Mapping[str, str] | None = None,
    indicator: str | None = None,
    design: Design | str | None = None,
    alt: str | None = None,
    source: Source = None,
    note: str | None = None,
    unit_of_measure: str | None = None,
) -> Display:
    """Make what `show` publishes.

    Parameters
    ----------
    context : Context
        Of the year that is open.
    what, numbers, value, measure, indicator, design, alt, source, note, unit_of_measure : object
        As of `show`.

    Returns
    -------
    Display

    Raises
    ------
    UsageError
        As of `show`.
    """
    kind = kind_of(what)
    if kind == "display":
        return what
    if kind == "text":
        return Display({"text/markdown": (words := text_of(what)), "text/plain": words})
    if kind == "figure":
        check_shown(what)
    if numbers is None and measure is not None and kind == "frame":
        numbers = what
    measures = dict(measure) if isinstance(measure, Mapping) else {value: measure} if value and measure else {}
    frame = next((item for item in (numbers, source, what) if isinstance(item, pd.DataFrame)), None)
    definition, declared = _subject(context, frame, indicator, design)
    if numbers is not None and not measures:
        raise UsageError("Say which column has the numbers, and what they are: value=..., measure=...")
    about = {"indicator": definition, "design": declared, "unit_of_measure": unit_of_measure, "source": source}
    results = [] if numbers is None else own_results(context, numbers, measures, **about)
    value = value or next(iter(measures), None)
    line = _source(context, definition, numbers, source, own=is_own(results) and declared is None)
    if kind in _TABLES:
        return _TABLES[kind](what, source=" ".join(filter(None, [note, line])) or None, results=results)
    if not line:
        raise UsageError("It is not known where this figure comes from. Give numbers= (rows), or source= in words.")
    told = alt or str(cell_options().get("fig-alt") or "") or _alt(definition, numbers, value)
    if kind == "picture":
        return show_picture(what, alt=told, source=" ".join(filter(None, [note, line])), results=results)
    title = _title(context, what, definition, numbers, measures.values())
    return _plotly_display(context, what, (title, told, line, note), definition, numbers, value, results)


def _plotly_display(
    context: Context, figure: Any, words: tuple[str, str, str, str | None], definition: Indicator | None,
    numbers: pd.DataFrame | None, value: str | None, results: Sequence[Result],
) -> Display:  # fmt: skip
    """Show a plotly figure in the house style, or on the map of a province what colours municipalities.

    `words` are its title, what it shows, where it comes from, and a note.
    """
    title, told, line, note = words
    text = FigureText(
        figure_id=str(cell_options().get("label") or "figuur").removeprefix("fig-"),
        title=title,
        measure=_measure(definition, numbers),
        alt=told,
        source=line,
        notes=tuple(filter(None, [note, *_notes(definition, numbers)])),
    )
    if is_map(figure):
        tiles, table, about = map_tiles(context, figure, definition.decimals if definition else 1)
        return tile_figure(replace(text, notes=(*text.notes, about)), tiles, table, results=results)
    dressed, sizes = dress(figure)
    return figure_display(dressed, text, _data(figure, definition, numbers, value), results=results, **sizes)


def _subject(
    context: Context, frame: pd.DataFrame | None, indicator: str | None, design: Design | str | None
) -> tuple[Indicator | None, Design | None]:
    """Find what numbers are about: an indicator of the register, a design of the plan."""
    if isinstance(design, str):
        if design not in context.designs:
            hint = did_you_mean(design, list(context.designs)) or f"There are: {', '.join(context.designs)}."
            raise UsageError(f"There is no design {design!r} in the plan. {hint}")
        design = context.designs[design]
    name = indicator or (design.indicator if design else None)
    if name is None and frame is not None and "indicator" in frame and frame["indicator"].nunique() == 1:
        found = frame["indicator"].iloc[0]
        name = found if found in context.indicators else None
    if name is not None and name not in context.indicators:
        hint = did_you_mean(name, list(context.indicators)) or f"There are: {', '.join(context.indicators)}."
        raise UsageError(f"There is no indicator {name!r}. {hint}")
    return context.indicators.get(name) if name else None, design


def _source(
    context: Context, definition: Indicator | None, numbers: pd.DataFrame | None, source: Source, *, own: bool
) -> str:
    """Write the source line, with the words that say that an analysis is the evaluator's own, or rests on an example."""
    if isinstance(source, str):
        line = f"Bron: {source.removeprefix('Bron:').strip().rstrip('.')}."
    else:
        rows = next((t for t in (numbers, source) if isinstance(t, pd.DataFrame) and "source" in t), None)
        known = rows is not None and definition is not None
        line = (
            source_line(rows[rows["source"].astype(bool)], definition) if known else context.record_note if READ else ""
        )
    return f"{line.rstrip('.')}; {OWN_ANALYSIS}." if line and own else line


def _title(
    context: Context, figure: Any, definition: Indicator | None, numbers: pd.DataFrame | None, measures: Collection[str]
) -> str:
    """Take the title that the figure has, or say the finding where the rows are figures of an indicator as it is."""
    given = figure.layout.title.text
    if given:
        return str(given)
    is_plain = definition is not None and "value" in measures and numbers is not None and "unit" in numbers
    if is_plain and {context.region_unit, context.rest_unit} <= set(numbers["unit"]):
        return indicator_title(context, definition)
    return ""


def _measure(definition: Indicator | None, numbers: pd.DataFrame | None) -> str:
    if definition is None:
        return ""
    span = f", {year_span(map(int, numbers['period'].unique()))}" if numbers is not None and "period" in numbers else ""
    return dutch.capital(with_unit(definition)) + span


def _notes(definition: Indicator | None, numbers: pd.DataFrame | None) -> Sequence[str]:
    has_all = definition is not None and numbers is not None and {"status", "note", "period"} <= set(numbers)
    return notes_of(numbers, definition) if has_all else ()


def _alt(definition: Indicator | None, numbers: pd.DataFrame | None, value: str | None) -> str:
    """Say where each series of the numbers begins and ends."""
    caption = str(cell_options().get("fig-cap") or "")
    if definition is None or numbers is None or not {"unit", "unit_name", "period", "status"} <= set(numbers):
        if not caption:
            raise UsageError("Say what this figure shows, for who cannot see it: alt=..., or #| fig-alt: in the cell.")
        return caption
    rows = numbers.assign(value=numbers[value])
    names = dict(zip(rows["unit"], rows["unit_name"], strict=True))
    ends = line_ends([line_of(rows, unit, name, "municipality") for unit, name in names.items()], definition)
    return f"{caption or dutch.capital(definition.wording)}. {' '.join(f'{end}.' for end in ends)}"


def _data(figure: Any, definition: Indicator | None, numbers: pd.DataFrame | None, value: str | None) -> FigureTable:
    """Make the table under a figure: the numbers of a few units, a column for each; else what its traces draw."""
    decimals = definition.decimals if definition else 1
    if (
        numbers is not None
        and {"unit_name", "period"} <= set(numbers)
        and not numbers.duplicated(["unit_name", "period"]).any()
        and numbers["unit_name"].nunique() <= _MOST_COLUMNS
    ):
        wide = numbers.pivot(index="period", columns="unit_name", values=value)[
            list(dict.fromkeys(numbers["unit_name"]))
        ]
        rows = [
            [str(year), *(dutch.number(number, decimals) for number in row)]
            for year, row in zip(wide.index, wide.to_numpy(), strict=True)
        ]
        return FigureTable(["Jaar", *numeric(*map(str, wide.columns))], rows)
    return traces_table(figure, decimals)
