"""How a notebook publishes what it made: one verb for figures, tables, fitted models and text, with their numbers."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from evaluation.base import dutch
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import Context, each_once
from evaluation.chapters.desk.cell import cell_options, opened_year
from evaluation.chapters.desk.effect_numbers import effect_source
from evaluation.chapters.desk.own_map import is_map, map_tiles
from evaluation.chapters.desk.own_numbers import READ, Source, indicator_of, is_own, own_results
from evaluation.chapters.desk.shown_tables import EMPTY_COLUMNS, absent_words, heads_of, list_bars, table_under
from evaluation.chapters.steps.statistics import indicator_title, line_ends, line_of, notes_of, source_line
from evaluation.chapters.wording import figure as figure_words
from evaluation.chapters.wording import with_unit, year_span
from evaluation.inputs.indicators import Design, Indicator
from evaluation.present.display import Display
from evaluation.present.dressed import check_shown, dress
from evaluation.present.figures import ROW_MARKS, FigureText, figure_display, plotly_text
from evaluation.present.fitted import show_estimates, show_summary
from evaluation.present.foreign import kind_of, show_frame, show_picture, show_styler, text_of
from evaluation.present.results import Result
from evaluation.present.tilemap import tile_figure

OWN_ANALYSIS = "eigen analyse"
"""What stands with numbers that the project does not declare."""


_TABLES = {"frame": show_frame, "styler": show_styler, "estimates": show_estimates, "summary": show_summary}
"""Kind to what makes a table of it."""


def show(
    what: Any,
    *,
    numbers: pd.DataFrame | None = None,
    value: str | None = None,
    measure: str | Mapping[str, str] | Sequence[str] | None = None,
    indicator: str | None = None,
    design: Design | str | None = None,
    alt: str | None = None,
    source: Source = None,
    note: str | None = None,
    unit_of_measure: str | None = None,
    decimals: int | Sequence[int] = 1,
) -> None:
    """Publish something in the report: numbered and captioned by the label of its cell, in every medium.

    Parameters
    ----------
    what : figure, axes, DataFrame, Series, Styler, fitted model, summary or str
        Of plotly, pandas, matplotlib and statsmodels; a str is Markdown.
    numbers : DataFrame | None
        Rows that become results: columns period (year) and `value`, and unit, status, source and vintage if any.  Of a
        DataFrame with a `value` the rows themselves.
    value, measure : str | None, str | mapping of str to str | sequence of str | None
        The column with the number, and what it is in the codebook ("value", "gap_rest"); another name is a measure of
        your own.  Several at once: measure={"met de rest": "gap_rest", "met Limburg": "gap_benchmark"}, or a list where
        the columns have the names of measures.
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
    decimals : int | sequence of int
        Of the numbers of a DataFrame, for all or for each row.  Where there is none, "niet vrijgegeven" stands in a row
        of which the status is withheld, and a dash in others.

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
        source=source, note=note, unit_of_measure=unit_of_measure, decimals=decimals,
    ), in_sight=True))  # fmt: skip


def make_display(
    context: Context, what: Any, *, numbers: pd.DataFrame | None = None, value: str | None = None,
    measure: str | Mapping[str, str] | Sequence[str] | None = None, indicator: str | None = None,
    design: Design | str | None = None, alt: str | None = None, source: Source = None, note: str | None = None,
    unit_of_measure: str | None = None, decimals: int | Sequence[int] = 1,
) -> Display:  # fmt: skip
    """Make what `show` publishes.

    Parameters
    ----------
    context : Context
        Of the year that is open.
    what, numbers, value, measure, indicator, design, alt, source, note, unit_of_measure, decimals : object
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
    if kind == "figure":
        check_shown(what)
    numbers = _rows(what if numbers is None and measure is not None and kind == "frame" else numbers)
    measures = _measures(value, measure)
    frame = next((item for item in (numbers, source, what) if isinstance(item, pd.DataFrame)), None)
    definition, declared = _subject(context, frame, indicator, design)
    of = definition if indicator or declared or numbers is None or "indicator" not in numbers else None
    about = {"indicator": of, "design": declared, "unit_of_measure": unit_of_measure, "source": source}
    results = [] if numbers is None else own_results(context, numbers, measures, **about)
    if kind == "text":
        return Display({"text/markdown": (told := context.said(text_of(what))), "text/plain": told}, tuple(results))
    line = _source(context, definition, numbers, source, results, declared)
    words = {"source": " ".join(filter(None, [note, line])) or None, "results": results}
    if kind == "frame":
        how = {
            "decimals": decimals,
            "missing": absent_words(what, numbers),
            "heads": heads_of(context, what),
            "empty": EMPTY_COLUMNS,
        }
        return show_frame(what, **words, **how)
    if kind in _TABLES:
        return _TABLES[kind](what, **words)
    if not line:
        raise UsageError("It is not known where this figure comes from. Give numbers= (rows), or source= in words.")
    told = (
        alt or str(cell_options().get("fig-alt") or "") or _alt(what, definition, numbers, next(iter(measures), value))
    )
    if kind == "picture":
        return show_picture(what, alt=told, **words)
    said = (context.said(_title(context, what, definition, numbers, measures.values())), told, line, note)
    return _plotly_display(context, what, said, definition, numbers, measures, results)


def _plotly_display(
    context: Context, figure: Any, words: tuple[str, str, str, str | None], definition: Indicator | None,
    numbers: pd.DataFrame | None, measures: Mapping[str, str], results: Sequence[Result],
) -> Display:  # fmt: skip
    """Show a plotly figure in the house style, or on the map of a province what colours municipalities.

    `words` are its title, what it shows, where it comes from, and a note.
    """
    title, told, line, note = words
    text = FigureText(
        figure_id=str(cell_options().get("label") or "figuur").removeprefix("fig-"),
        title=title,
        measure=_measure(figure, definition, numbers),
        alt=told,
        source=line,
        notes=tuple(filter(None, [note, *_notes(definition, numbers)])),
    )
    if is_map(figure):
        tiles, table, about = map_tiles(context, figure, definition.decimals if definition else 1)
        return tile_figure(replace(text, notes=(*text.notes, about)), tiles, table, results=results)
    dressed, sizes = dress(_with_names_as_words(figure, numbers))
    return figure_display(dressed, text, table_under(figure, definition, numbers, measures), results=results, **sizes)


def _with_names_as_words(figure: Any, numbers: pd.DataFrame | None) -> Any:
    """Let the names of the rows read as they are: plotly takes tags, entities and %{x} in them for its own."""
    columns = [] if numbers is None else [numbers[name] for name in numbers.select_dtypes(exclude="number")]
    texts = {text for column in columns for text in column if isinstance(text, str)}
    odd = sorted((text for text in texts if re.search(r"[<&]|%\{", text.replace("<br>", ""))), key=len, reverse=True)
    if not odd:
        return figure
    pattern = re.compile("|".join(map(re.escape, odd)))

    def written(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: value if name == "title" else written(value) for name, value in part.items()}
        if isinstance(part, list):
            return [written(item) for item in part]
        return pattern.sub(_plotly_name, part) if isinstance(part, str) else part

    return type(figure)(written(json.loads(figure.to_json())))


def _plotly_name(found: re.Match[str]) -> str:
    return plotly_text(found[0]).replace("&lt;br&gt;", "<br>")


def _rows(numbers: pd.DataFrame | None) -> pd.DataFrame | None:
    return numbers if numbers is None or isinstance(numbers.index, pd.RangeIndex) else numbers.reset_index()


def _measures(value: str | None, measure: str | Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    if isinstance(measure, str):
        return {value: measure} if value else {}
    return dict(measure) if isinstance(measure, Mapping) else {name: name for name in measure or ()}


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
    if name is None and frame is not None and "indicator" in frame and len(frame):
        found = indicator_of(context, frame.iloc[0].to_dict())
        name = found.id if found else None
    if name is not None and name not in context.indicators:
        hint = did_you_mean(name, list(context.indicators)) or f"There are: {', '.join(context.indicators)}."
        raise UsageError(f"There is no indicator {name!r}. {hint}")
    return context.indicators.get(name) if name else None, design


def _source(
    context: Context,
    definition: Indicator | None,
    numbers: pd.DataFrame | None,
    source: Source,
    results: Sequence[Result],
    declared: Design | None,
) -> str:
    """Write the source line, with the words that say that an analysis is the evaluator's own, or rests on an example."""
    rows = next((t for t in (numbers, source) if isinstance(t, pd.DataFrame) and "source" in t), None)
    if isinstance(source, str):
        line = f"Bron: {source.removeprefix('Bron:').strip().rstrip('.')}."
    elif source is None and declared is not None and declared.has_placebos:
        line = effect_source(context, declared)
    elif rows is not None and (definition or "indicator" in rows):
        known = rows[rows["source"].astype(bool)]
        of = definition or indicator_of(context, rows.iloc[0].to_dict())
        line = source_line(known, of) if of else f"Bron: {each_once(known['source'])}."
    else:
        line = _record_line(context, results) if READ else ""
    is_ones_own = is_own(results) and declared is None
    return f"{line.rstrip('.')}; {OWN_ANALYSIS}." if line and is_ones_own else line


def _record_line(context: Context, results: Sequence[Result]) -> str:
    """Name the records, and say what of them is not shown: of amounts of private parties, or of counts."""
    chains = {item.chain for item in results}
    return (
        context.count_note if "output" in chains else context.money_note if "input" in chains else context.record_note
    )


def _title(
    context: Context, figure: Any, definition: Indicator | None, numbers: pd.DataFrame | None, measures: Collection[str]
) -> str:
    """Take the title that the figure has, or say the finding where the rows are figures of an indicator as it is."""
    given = figure.layout.title.text
    if given:
        return str(given)
    if definition is not None and numbers is not None and {"unit_name", "base_year"} <= set(numbers):
        return _range_title(definition, numbers)
    is_plain = definition is not None and "value" in measures and numbers is not None and "unit" in numbers
    if is_plain and {context.region_unit, context.rest_unit} <= set(numbers["unit"]):
        return indicator_title(context, definition)
    return ""


def _range_title(definition: Indicator, numbers: pd.DataFrame) -> str:
    """Say between which units an indicator ranges in the last year."""
    known = numbers[numbers["indicator"] == definition.id].dropna(subset=["value"]).sort_values("value")
    if known.empty:
        return ""
    ends = [
        f"{figure_words(definition, row['value'])} in {row['unit_name']}" for _, row in known.iloc[[0, -1]].iterrows()
    ]
    return f"{dutch.capital(definition.wording)}, {known['period'].max()}: van {ends[0]} tot {ends[1]}"


def _measure(figure: Any, definition: Indicator | None, numbers: pd.DataFrame | None) -> str:
    """Take the subtitle that the figure has, or say what is drawn of which years."""
    given = figure.layout.title.subtitle.text
    if given or definition is None:
        return str(given or "")
    years = (
        set()
        if numbers is None
        else {int(y) for name in ("base_year", "period") if name in numbers for y in numbers[name].dropna()}
    )
    return dutch.capital(with_unit(definition)) + (f", {year_span(years)}" if years else "")


def _notes(definition: Indicator | None, numbers: pd.DataFrame | None) -> Sequence[str]:
    has_all = definition is not None and numbers is not None and {"status", "note", "period"} <= set(numbers)
    return notes_of(numbers, definition) if has_all else ()


def _alt(figure: Any, definition: Indicator | None, numbers: pd.DataFrame | None, value: str | None) -> str:
    """Say where each series of the numbers begins and ends, or what each row of bars shows."""
    caption = str(cell_options().get("fig-cap") or "")
    bars = list_bars(figure, numbers) if kind_of(figure) == "figure" else None
    if bars is not None:
        heads = [getattr(column, "title", column) for column in bars.columns[1:]]
        lines = (
            f"{name}: {dutch.listing([f'{h} {v}' for h, v in zip(heads, row, strict=True)])}"
            for name, *row in bars.rows
        )
        kind = "Verschillen per cijfer" if figure.layout.meta == ROW_MARKS else "Staafdiagram"
        return f"{kind}. {caption}. {' '.join(f'{line}.' for line in lines)}".replace(". .", ".")
    if definition is None or numbers is None or not {"unit", "unit_name", "period", "status"} <= set(numbers):
        if not caption:
            raise UsageError("Say what this figure shows, for who cannot see it: alt=..., or #| fig-alt: in the cell.")
        return f"{caption}. {_ends(numbers, value)}".rstrip()
    rows = numbers.assign(value=numbers[value])
    names = dict(zip(rows["unit"], rows["unit_name"], strict=True))
    ends = line_ends([line_of(rows, unit, name, "municipality") for unit, name in names.items()], definition)
    return f"{caption or dutch.capital(definition.wording)}. {' '.join(f'{end}.' for end in ends)}"


def _ends(numbers: pd.DataFrame | None, value: str | None) -> str:
    """Say where the one series of some numbers begins and ends; nothing of others."""
    if numbers is None or value is None or "period" not in numbers or numbers["period"].duplicated().any():
        return ""
    first, last = (numbers.dropna(subset=[value]).sort_values("period").iloc[place] for place in (0, -1))
    ends = [f"{dutch.number(row[value], 1)} in {int(row['period'])}" for row in (first, last)]
    return f"Van {ends[0]} naar {ends[1]}."
