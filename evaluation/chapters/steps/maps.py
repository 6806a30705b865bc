"""Maps of a theme: one figure of every municipality of the deal's province, each in its place."""

from collections.abc import Sequence
from dataclasses import replace
from textwrap import wrap

import pandas as pd

from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.steps.statistics import panel_results, source_line
from evaluation.chapters.wording import figure, with_unit
from evaluation.inputs.indicators import Indicator
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.results import Result
from evaluation.present.tables import numeric
from evaluation.present.tilemap import MapTile, maps_figure, tile_figure
from evaluation.statistics.areas.neighbours_and_tiles import Tile, load_tiles

_HEAD_LETTERS = 34  # on a line above a map among others
_NO_FIGURE = {"withheld": "niet vrijgegeven", "missing": "geen cijfer"}


def show_map(context: Context, indicator: Indicator, figure_id: str) -> Display:
    """Draw the last figures of an indicator on a tile-grid map of the province; without a figure a tile is empty."""
    year = context.years_of(indicator)[1]
    rows = context.figures(indicator.id)
    rows = rows[rows["period"] == year]
    values = rows.set_index("unit")
    own = {item.code for item in context.deal.region.municipalities}
    tiles = load_tiles(context.benchmark_unit)
    drawn = [_tile(indicator, tile, values, is_own=tile.code in own) for tile in tiles]
    if all(tile.value is None for tile in drawn):
        return markdown(f"Over {year} zijn er voor {indicator.wording} geen cijfers per gemeente.")
    shown = rows[rows["unit"].isin([tile.code for tile in tiles])]
    ordered = sorted(drawn, key=lambda tile: (not tile.is_own, tile.name))
    cells = [[tile.name, context.region_name if tile.is_own else "", tile.more] for tile in ordered]
    above = _above_benchmark(indicator, drawn, values, context.benchmark_unit)
    return tile_figure(
        FigureText(
            figure_id=figure_id,
            title=_title(context, indicator, drawn, year, above),
            measure=f"{dutch.capital(with_unit(indicator))} per gemeente in {context.deal.region.benchmark.name}, {year}",
            alt=_alt(context, drawn, indicator, year),
            source=source_line(shown, indicator),
            notes=_notes(context, shown),
        ),
        drawn,
        FigureTable(["Gemeente", "Regio", *numeric(str(year))], cells),
        results=[*panel_results(shown, indicator), *_title_results(context, indicator, rows, year, above)],
    )


def show_maps(context: Context, indicators: Sequence[Indicator], figure_id: str) -> Display:
    """Draw the last figures of several indicators on maps of the province beside each other, each in its own shades."""
    tiles = load_tiles(context.benchmark_unit)
    own = {item.code for item in context.deal.region.municipalities}
    maps: list[tuple[list[str], list[MapTile]]] = []
    columns: list[str] = []
    sources: list[pd.DataFrame] = []
    results: list[Result] = []
    for indicator in indicators:
        year, rows = context.years_of(indicator)[1], context.figures(indicator.id)
        rows = rows[rows["period"] == year]
        drawn = [_tile(indicator, tile, rows.set_index("unit"), is_own=tile.code in own) for tile in tiles]
        if all(tile.value is None for tile in drawn):
            continue
        above = _above_benchmark(indicator, drawn, rows.set_index("unit"), context.benchmark_unit)
        columns.append(f"{dutch.capital(with_unit(indicator))} ({year})")
        head = columns[-1]
        if indicator.unit_of_measure == "EUR":  # six digits do not fit in a small square
            head = head.replace(" in euro", " in 1.000 euro")
            drawn = [
                tile if tile.value is None else replace(tile, words=dutch.number(tile.value / 1000, 1))
                for tile in drawn
            ]
        maps.append(
            ([*wrap(head, _HEAD_LETTERS, max_lines=3, placeholder=" …"), *_beside(context, indicator, above)], drawn)
        )
        sources.append(rows[rows["unit"].isin([tile.code for tile in tiles])])
        results += [*panel_results(sources[-1], indicator), *_title_results(context, indicator, rows, year, above)]
    if not maps:
        return markdown("Er zijn nog geen cijfers per gemeente.")
    rows = sorted(zip(*(drawn for _, drawn in maps), strict=True), key=lambda of: (not of[0].is_own, of[0].name))
    cells = [[of[0].name, context.region_name if of[0].is_own else "", *(tile.more for tile in of)] for of in rows]
    province, region = context.deal.region.benchmark.name, context.region_name
    alt = f"Tegelkaarten van {province}, een voor elk cijfer: {dutch.listing([column.lower() for column in columns])}."
    return maps_figure(
        FigureText(
            figure_id=figure_id,
            title=f"{dutch.capital(dutch.count_word(len(maps)))} cijfers in de gemeenten van {province}, naast elkaar",
            measure=f"Boven elke kaart het cijfer van {province}, en hoeveel gemeenten van {region} hoger liggen",
            alt=f"{alt} De tabel heeft alle cijfers.",
            source=source_line(pd.concat(sources), indicators[0]),
            notes=_notes(context, pd.concat(sources)),
        ),
        maps,
        FigureTable(["Gemeente", "Regio", *(column for name in columns for column in numeric(name))], cells),
        results=results,
    )


def _beside(context: Context, indicator: Indicator, above: tuple[int, int, float] | None) -> list[str]:
    """Say above a map what the province has, and how many of the region's municipalities have more."""
    if above is None:
        return []
    return [f"{context.deal.region.benchmark.name} {figure(indicator, above[2])}; {above[0]} van {above[1]} hoger"]


def _tile(indicator: Indicator, tile: Tile, values: pd.DataFrame, *, is_own: bool) -> MapTile:
    """Make the tile of a municipality, also where the panel has no row of it."""
    row = values.loc[tile.code] if tile.code in values.index else None
    value = None if row is None or pd.isna(row["value"]) else float(row["value"])
    if value is None:
        words = _NO_FIGURE["missing"] if row is None else _NO_FIGURE.get(row["status"], _NO_FIGURE["missing"])
        more = (row["note"] if row is not None else "") or words
    else:
        is_provisional = row["status"] == "provisional"
        words = dutch.number(value, indicator.decimals) + "*" * is_provisional
        more = figure(indicator, value) + " (voorlopig)" * is_provisional
    return MapTile(tile.name, tile.row, tile.column, value=value, words=words, more=more, is_own=is_own)


def _above_benchmark(
    indicator: Indicator, drawn: list[MapTile], values: pd.DataFrame, benchmark: str
) -> tuple[int, int, float] | None:
    """Count the region's municipalities above the province: how many, of how many with a figure, and the province's.

    None where a figure is not compared with the province: a count, or a province without a figure.
    """
    level = values["value"].get(benchmark)
    own = [tile.value for tile in drawn if tile.is_own and tile.value is not None]
    if indicator.gap == "none" or level is None or pd.isna(level) or not own:
        return None
    return sum(value > level for value in own), len(own), float(level)


def _title(
    context: Context, indicator: Indicator, drawn: list[MapTile], year: int, above: tuple[int, int, float] | None
) -> str:
    """Say how many of the region's municipalities lie above the province, or the range where that is not compared."""
    if above is None:
        low, high = _extremes(drawn)
        wording = dutch.capital(indicator.wording)
        return f"{wording}, {year}: van {low.more} in {low.name} tot {high.more} in {high.name}"
    count, known, level = above
    verb = "lag" if count <= 1 else "lagen"
    with_figure = " met een cijfer" if known < sum(tile.is_own for tile in drawn) else ""
    province = f"{context.deal.region.benchmark.name} ({figure(indicator, level)})"
    return (
        f"In {year} {verb} {dutch.count_or_none(count)} van de {dutch.count_word(known)} gemeenten van {context.region_name}"
        f"{with_figure} boven het cijfer van {province}"
    )


def _title_results(
    context: Context, indicator: Indicator, rows: pd.DataFrame, year: int, above: tuple[int, int, float] | None
) -> list[Result]:
    """Record what the title says: the figure of the province, and the count."""
    if above is None:
        return []
    units = [context.benchmark_unit, *(item.code for item in context.deal.region.municipalities)]
    count = (context.region_unit, "municipalities_above_benchmark", float(above[0]), "count")
    number = context.computed(indicator, *count, origin=context.origin_of(indicator, units, [year]), period=year)
    return [*panel_results(rows[rows["unit"] == context.benchmark_unit], indicator), number]


def _alt(context: Context, drawn: list[MapTile], indicator: Indicator, year: int) -> str:
    low, high = _extremes(drawn)
    own = "; ".join(f"{tile.name} {tile.more}" for tile in sorted(drawn, key=lambda tile: tile.name) if tile.is_own)
    absent = sorted(f"{tile.name} ({tile.words})" for tile in drawn if tile.value is None)
    without = f" Zonder cijfer: {dutch.listing(absent)}." if absent else ""
    return (
        f"Tegelkaart van {context.deal.region.benchmark.name} met {indicator.wording} per gemeente in {year}. "
        f"Hoogste: {high.name}, {high.more}. Laagste: {low.name}, {low.more}. "
        f"De gemeenten van {context.region_name}: {own}.{without}"
    )


def _notes(context: Context, shown: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        "Elke gemeente is een even groot vierkant, ongeveer op haar plaats. "
        f"De dikke lijn ligt om de gemeenten van {context.region_name}. Hoe voller de kleur, hoe hoger het cijfer."
    ]
    if (shown["status"] == "provisional").any():
        notes.append("* voorlopig cijfer")
    return (*notes, *sorted({note for note in shown["note"].dropna().unique() if note}))


def _extremes(drawn: list[MapTile]) -> tuple[MapTile, MapTile]:
    """Return the tiles with the lowest and the highest figure, the first by name where several have it."""
    known = sorted((tile for tile in drawn if tile.value is not None), key=lambda tile: tile.name)
    return min(known, key=lambda tile: tile.value), max(known, key=lambda tile: tile.value)
