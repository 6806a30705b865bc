"""A map that an evaluator asks of plotly, on the project's own: a square for each municipality of a province."""

from collections import Counter
from typing import Any

from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context
from evaluation.chapters.desk.units import find_units
from evaluation.present.figures import FigureTable
from evaluation.present.reader_words import reader_word
from evaluation.present.tables import numeric
from evaluation.present.tilemap import MapTile
from evaluation.statistics.areas.boundary_tables import municipalities_of_today
from evaluation.statistics.areas.neighbours_and_tiles import load_tiles


def is_map(figure: Any) -> bool:
    """Tell whether a plotly figure colours areas by their names.

    Parameters
    ----------
    figure : Figure
        Of plotly.

    Returns
    -------
    bool
    """
    return any(trace.type == "choropleth" for trace in figure.data)


def map_tiles(context: Context, figure: Any, decimals: int) -> tuple[list[MapTile], FigureTable, str]:
    """Put the numbers of a choropleth on the tile map of their province: the deal's own where it has a number there.

    Parameters
    ----------
    context, figure, decimals : Context, Figure, int
        What is open; the figure of plotly, whose locations are codes or names of municipalities; of the numbers.

    Returns
    -------
    tuple[list[MapTile], FigureTable, str]
        The squares, the table of all municipalities that the figure has, and what a reader must know.

    Raises
    ------
    UsageError
        Where it colours something else than municipalities of today, or has several numbers for one.
    """
    if len(figure.data) > 1:
        raise UsageError("A map has one number for each municipality: color= names a column of numbers.")
    trace = figure.data[0]
    names = [str(name) for name in (trace.locations if trace.locations is not None else ())]
    codes = [find_units(context.deal, name)[0] for name in names]
    today = municipalities_of_today()
    if other := [name for name, code in zip(names, codes, strict=True) if code not in today]:
        raise UsageError(f"The map has municipalities only; found {', '.join(other[:5])}. Leave those rows out.")
    if twice := [today[code].name for code, count in Counter(codes).items() if count > 1]:
        raise UsageError(
            f"The map has one number for each municipality; {', '.join(twice[:5])} has several. Pick one year."
        )
    values = {
        code: float(value) for code, value in zip(codes, trace.z, strict=True) if value is not None and value == value
    }
    if not values:
        raise UsageError("The map has no number of any municipality.")
    counted = Counter(today[code].province for code in values)
    province = context.benchmark_unit if counted[context.benchmark_unit] else counted.most_common(1)[0][0]
    own = {item.code for item in context.deal.region.municipalities}
    tiles = [
        MapTile(tile.name, tile.row, tile.column, values.get(tile.code), dutch.number(values[tile.code], decimals)
                if tile.code in values else "geen cijfer", dutch.number(values.get(tile.code), decimals),
                is_own=tile.code in own)
        for tile in load_tiles(province)
    ]  # fmt: skip
    title = reader_word(str(figure.layout.coloraxis.colorbar.title.text or "value"))
    rows = [
        [today[code].name, dutch.number(values.get(code), decimals)]
        for code in sorted(codes, key=lambda c: today[c].name)
    ]
    beyond = len(set(codes) - {tile.code for tile in load_tiles(province)})
    note = "Elke gemeente is een even groot vierkant, ongeveer op haar plaats."
    note += (
        f" Op de kaart staat één provincie; de tabel heeft er {dutch.number(beyond)} gemeenten bij." if beyond else ""
    )
    return tiles, FigureTable(["Gemeente", *numeric(title)], rows), note
