"""What a chapter shows of all Regio Deals of the register: a map, a timeline, a table with sources, and the sources."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.chapters.context import Context
from evaluation.inputs.indicators import POPULATION, load_population
from evaluation.present.colours import COLOURS
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, figure_display, plotly_text
from evaluation.present.results import result
from evaluation.present.tables import Cell, join_lines, numeric, table
from evaluation.present.tilemap import HEAD, MapTile, drawn_maps
from evaluation.statistics.areas.boundary_tables import municipalities_of_today
from evaluation.statistics.areas.neighbours_and_tiles import load_tiles
from evaluation.statistics.areas.treatment_schema import Moment, RegioDeal
from evaluation.statistics.areas.treatments import Register
from evaluation.statistics.panels import build_panel

_PLACES = {
    "PV27": ("Noord-Holland", 1, 0), "PV21": ("Fryslân", 1, 10), "PV20": ("Groningen", 1, 17),
    "PV22": ("Drenthe", 6, 17), "PV24": ("Flevoland", 8, 10), "PV23": ("Overijssel", 10, 17),
    "PV28": ("Zuid-Holland", 12, 0), "PV26": ("Utrecht", 13, 9), "PV25": ("Gelderland", 19, 12),
    "PV29": ("Zeeland", 29, 0), "PV30": ("Noord-Brabant", 29, 5), "PV31": ("Limburg", 29, 18),
}  # fmt: skip
"""Name of each province, and the rows above and columns left of its own tile map on that of the country."""

_TILE_PX, _ROW_PX = 18, 17
_LONGEST = 26  # letters of a deal's name in the timeline, where a telephone has room for it
_LATE = 2022  # deals that begin from then on have their name before their days, others after
_MARKS = {
    "gekozen": ("line-ns-open", 8, "muted"),
    "begin": ("circle", 7, "region"),
    "begin, niet nagezien": ("circle-open", 7, "region"),
    "einde": ("square", 6, "region"),
}
"""Kind of day to symbol, size and role of its colour."""

NOT_SEEN = "niet gezien"
_UNCHECKED = " (niet nagezien)"
_EXPOSURES = {
    "full": "helemaal", "partial": "voor een deel", "thematic": "voor één onderwerp",
    "unknown_extent": "niet bekend of zij meedoen",
}  # fmt: skip


def register_origin(register: Register) -> tuple[int, str, str]:
    """Return the last year in which a deal began, the words for the register as a source, and when it was last added to."""
    last = max(deal.starts.first.year for deal in register.deals.values())
    return (
        last,
        "register van Regio Deals (data/regions/deals.yml)",
        f"{max(item.seen for item in register.references.values())}",
    )


def short_name(deal: RegioDeal) -> str:
    """Name a deal without the words that all have."""
    return dutch.capital(deal.name.replace("Regio Deal", "").strip().removeprefix("Regio ").strip())


def inhabitants_everywhere(context: Context) -> pd.DataFrame:
    """Give the inhabitants of every municipality on 1 January of each year, on the boundaries of today.

    Parameters
    ----------
    context : Context
        Of the deal at hand; the figures do not depend on it.

    Returns
    -------
    DataFrame
        Columns region (CBS code), period (year), value (inhabitants), source and vintage.
    """
    wanted = {POPULATION: load_population()}
    panel = remember(
        "inhabitants", (context.deal.id,), lambda: build_panel(context.deal, coverage="country", indicators=wanted)
    )
    municipalities = panel[panel["unit"].isin(municipalities_of_today())]
    return municipalities.rename(columns={"unit": "region"})[["region", "period", "value", "source", "vintage"]]


def deals_map(counts: pd.Series, own: Collection[str], *, title: str, register: Register) -> Display:
    """Draw how many deals each municipality has had on a tile map of the country.

    Parameters
    ----------
    counts : Series
        Number of deals by code of the municipality; those that are not in it have none.
    own : Collection[str]
        Municipalities of the deal at hand, which are outlined.
    title : str
        The finding, as a sentence.
    register : Register
        From which they were counted.

    Returns
    -------
    Display
        With a table of which municipalities have had how many; how many those are, are its results.
    """
    last, source, vintage = register_origin(register)
    every = counts.reindex(list(register.municipalities), fill_value=0)
    results = [
        result(
            "portfolio", f"gemeenten-met-{many}-deals", "alle-deals", "value", float(len(rows)), "count", "input",
            period=last, status="computed", source=source, vintage=vintage,
        )
        for many, rows in every.groupby(every)
    ]  # fmt: skip
    text = FigureText(
        figure_id="kaart-deals",
        title=title,
        measure=f"Aantal Regio Deals per gemeente tot en met {last}; elk vierkant is een gemeente",
        alt=f"Tegelkaart van Nederland met het aantal Regio Deals van elke gemeente. {title}.",
        source=f"Bron: {source}, bekeken tot en met {dutch.day(date.fromisoformat(vintage))}.",
        notes=("Een gemeente telt ook mee als alleen enkele wijken of één onderwerp onder een deal vallen.",),
    )
    tiles = _country_tiles(counts, own)
    figure = drawn_maps([((), tiles)], across=1)
    for name, down, right in _PLACES.values():
        font = {"size": 11, "color": COLOURS["text"]}
        where = {"x": right + 0.54, "y": down + HEAD + 0.5, "xanchor": "left", "yanchor": "bottom"}
        figure.add_annotation(text=plotly_text(name), font=font, showarrow=False, **where)
    last_row = max(tile.row for tile in tiles)
    figure.update_yaxes(range=[last_row + HEAD + 0.56, HEAD - 0.4])
    height = (last_row + 1) * _TILE_PX + 52
    names = every.index.map(lambda code: register.municipalities[code].name).to_series(index=every.index)
    rows = [[str(many), str(len(found)), ", ".join(sorted(found))] for many, found in names.groupby(every)]
    data = FigureTable([*numeric("Aantal deals", "Gemeenten"), "Welke"], rows)
    return figure_display(figure, text, data, results=results, height=height, right=4, left=4)


def _country_tiles(counts: pd.Series, own: Collection[str]) -> list[MapTile]:
    """Put the tile maps of the provinces in their places on that of the country."""
    tiles = []
    for province, (_, down, right) in _PLACES.items():
        for tile in load_tiles(province):
            count = int(counts.get(tile.code, 0))
            more = f"{dutch.count_word(count)} {'deal' if count == 1 else 'deals'}"
            words = str(count) if count else ""
            tiles.append(
                MapTile(tile.name, tile.row + down, tile.column + right, float(count), words, more, tile.code in own)
            )
    return tiles


def deals_timeline(register: Register, own: str, *, title: str) -> Display:
    """Draw when each deal was selected, began and ends, by tranche and in the order of the register.

    An end that was not seen is not drawn; a start that was not seen has an open mark.

    Parameters
    ----------
    register : Register
        Of all deals.
    own : str
        Id of the deal at hand, whose name is bold.
    title : str
        The finding, as a sentence.

    Returns
    -------
    Display
        With a table of the days.
    """
    deals = sorted(register.deals.values(), key=lambda deal: deal.tranche)
    marks, lines = _days(deals, register)
    figure, days = go.Figure(), [[register.tranches[deal.tranche].selected, deal.starts, deal.ends] for deal in deals]
    rows = [
        [short_name(deal), str(deal.tranche), *map(_moment, three)] for deal, three in zip(deals, days, strict=True)
    ]
    look = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(**lines["waits"], line={"color": COLOURS["muted"], "width": 1}, **look)
    figure.add_scatter(**lines["terms"], line={"color": COLOURS["region"], "width": 4}, **look)
    for name, points in marks.items():
        if points:
            x, y, words = zip(*points, strict=True)
            symbol, size, role = _MARKS[name]
            marker = {"symbol": symbol, "size": size, "color": COLOURS[role]}
            figure.add_scatter(x=x, y=y, name=name, mode="markers", marker=marker, text=words, hoverinfo="text")
    _, source, vintage = register_origin(register)
    text = FigureText(
        figure_id="tijdlijn-deals",
        title=title,
        measure="Gekozen, begin en einde van elke deal, per ronde",
        alt=f"Tijdlijn van alle Regio Deals op volgorde van ronde. {title}.",
        source=f"Bron: {source}, bekeken tot en met {dutch.day(date.fromisoformat(vintage))}.",
        notes=("Een einde dat niet is gezien, is niet getekend.",),
    )
    for place, deal in enumerate(deals):
        _write_name(figure, deal, -place, register.tranches[deal.tranche].selected, is_own=deal.id == own)
    figure.update_yaxes(showticklabels=False, showgrid=False, range=[-len(deals) + 0.2, 0.8])
    figure.update_xaxes(dtick=4, side="top", range=[2015.4, 2034])
    data = FigureTable(["Deal", *numeric("Ronde"), "Gekozen", "Begin", "Einde"], rows)
    return figure_display(figure, text, data, height=len(deals) * _ROW_PX + 100, left=8, right=8, legend=True, above=20)


def _days(deals: Sequence[RegioDeal], register: Register) -> tuple[dict[str, list], dict[str, dict[str, list]]]:
    """Return the marks of each kind (x, y, words), and the lines from choice to start and from start to end."""
    marks: dict[str, list[tuple[float, float, str]]] = {name: [] for name in _MARKS}
    lines: dict[str, dict[str, list]] = {name: {"x": [], "y": []} for name in ("waits", "terms")}

    def mark(kind: str, moment: Moment, x: float, y: float, name: str) -> None:
        marks[kind].append((x, y, f"{name}: {kind} {_moment(moment)}"))

    def line(kind: str, first: float, last: float, y: float) -> None:
        lines[kind]["x"] += [first, last, None]
        lines[kind]["y"] += [y, y, None]

    for place, deal in enumerate(deals):
        y, name, begin = -float(place), short_name(deal), _decimal(deal.starts.first)
        selected = register.tranches[deal.tranche].selected
        if selected is not None:
            mark("gekozen", selected, _decimal(selected.first), y, name)
            line("waits", _decimal(selected.first), begin, y)
        mark("begin" if deal.starts.verified else "begin, niet nagezien", deal.starts, begin, y, name)
        if deal.ends is not None:
            mark("einde", deal.ends, _decimal(deal.ends.last), y, name)
            line("terms", begin, _decimal(deal.ends.last), y)
    return marks, lines


def _write_name(figure: go.Figure, deal: RegioDeal, y: float, selected: Moment | None, *, is_own: bool) -> None:
    """Write the name of a deal where its line leaves room."""
    name = plotly_text(_cut(short_name(deal)))
    is_late = deal.starts.first.year >= _LATE
    first, last = selected or deal.starts, deal.ends or deal.starts
    x = _decimal(first.first) - 0.2 if is_late else _decimal(last.last if deal.ends else last.first) + 0.2
    figure.add_annotation(
        x=x,
        y=y,
        text=f"<b>{name}</b>" if is_own else name,
        showarrow=False,
        xanchor="right" if is_late else "left",
        font={"size": 10, "color": COLOURS["text"]},
    )


def deals_overview(register: Register, money: pd.DataFrame) -> Display:
    """List all deals with what is known of each, what is not, and where each fact was seen.

    Parameters
    ----------
    register : Register
        Of all deals.
    money : DataFrame
        As of `evaluation.statistics.areas.deal_tables.per_inhabitant`.

    Returns
    -------
    Display
        By tranche and in the order of the register; a number in brackets is that of the source in `deals_sources`.
    """
    numbers, amounts = _numbered(register), money.set_index("deal")
    rows = [_row(deal, register, numbers, amounts.loc[deal.id]) for deal in _ordered(register)]
    heads = ["Deal", *numeric("Ronde"), "Wanneer", "Bijdrage van het Rijk", "Gemeenten", "Doelen"]
    return table(heads, rows, cards=True)


def deals_sources(register: Register) -> Display:
    """List where the facts about deals were seen, and on which day.

    Parameters
    ----------
    register : Register
        Of all deals.

    Returns
    -------
    Display
        In the order of the first deal that names a source; with its number in `deals_overview`.
    """
    rows = []
    for key, number in _numbered(register).items():
        place = register.references[key]
        rows.append([f"[{number}]", place.at, dutch.day(place.seen)])
    return table(["Nummer", "Waar", "Bekeken op"], rows, cards=True)


def _ordered(register: Register) -> list[RegioDeal]:
    return sorted(register.deals.values(), key=lambda deal: deal.tranche)


def _numbered(register: Register) -> dict[str, int]:
    """Give each source its number: the order in which the table names them."""
    keys: dict[str, int] = {}
    for deal in _ordered(register):
        facts = (deal.signed, deal.starts, deal.ends, deal.state, deal.extent, deal.districts, *deal.aims)
        named = [fact.source for fact in facts if fact is not None] + [deal.extent.names_source]
        for key in named:
            if key is not None:
                keys.setdefault(key, len(keys) + 1)
    return keys


def _row(deal: RegioDeal, register: Register, numbers: Mapping[str, int], money: pd.Series) -> list[Cell]:
    """Write the cells of a deal."""

    def seen(words: str, source: str | None, verified: bool) -> str:
        return words + (f" [{numbers[source]}]" if source else "") + ("" if verified else _UNCHECKED)

    days = {"getekend": deal.signed, "begin": deal.starts, "einde": deal.ends}
    when = [
        f"{name} {NOT_SEEN if day is None else seen(_moment(day), day.source, day.verified)}"
        for name, day in days.items()
    ]
    state, per = deal.state, money["eur_per_inhabitant"]
    paid = [f"bijdrage {NOT_SEEN}" if state is None else seen(dutch.million(state.eur), state.source, state.verified)]
    if not pd.isna(per):
        paid.append(f"{dutch.number(per)} euro per inwoner{'' if money['covers_all'] else ' *'}")
    where = seen(_where(deal), deal.extent.source, deal.extent.verified)
    if deal.extent.names_source:
        where += f" [{numbers[deal.extent.names_source]}]"
    told = [where, *(note for note in (deal.extent.note, deal.note) if note)]
    aims = [
        f"mikt op {seen(_themes(aim.themes, register), aim.source, aim.verified)}"
        + (" (volledige lijst)" if aim.complete else "")
        for aim in deal.aims
    ]
    cells: list[Cell] = [short_name(deal), f"ronde {deal.tranche}", join_lines(when), join_lines(paid)]
    return [*cells, join_lines(told), join_lines(aims) if aims else f"doelen {NOT_SEEN}"]


def _themes(names: Sequence[str], register: Register) -> str:
    return dutch.listing([register.themes[name].name.lower() for name in names])


def _where(deal: RegioDeal) -> str:
    """Say how many municipalities a deal covers, and how."""
    if not deal.members:
        return "buiten Europees Nederland"
    count = len(deal.members)
    kinds = {member.exposure: _EXPOSURES[member.exposure] for member in deal.members}
    words = f"{count} {'gemeente' if count == 1 else 'gemeenten'}, {dutch.listing(list(kinds.values()))}"
    if deal.districts is None:
        return words
    names = [name for places in deal.districts.names.values() for name in places]
    return f"{words} ({', '.join(names)})"


def _moment(moment: Moment | None) -> str:
    """Write a day, or the month or year that is all that is known."""
    if moment is None:
        return NOT_SEEN
    words = dutch.day(moment.day)
    return words if moment.precision == "day" else words.split(" ", 1 if moment.precision == "month" else 2)[-1]


def _decimal(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 366


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
