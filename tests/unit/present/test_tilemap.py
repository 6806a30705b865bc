"""Tile-grid maps: what stands in the squares, that it can be read on every shade, and what a map records."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup

from evaluation.chapters.context import Context, open_context
from evaluation.chapters.steps import maps
from evaluation.inputs.indicators import Indicator
from evaluation.inputs.theme import style_sheet
from evaluation.present.colours import COLOURS
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.packed import unpack_spec
from evaluation.present.results import RESULTS_MIME
from evaluation.present.tables import Column
from evaluation.present.tilemap import SHADES, MapTile, outline, short_name, tile_figure


def schemes() -> dict[str, dict[str, str]]:
    """Colours by role: of the package, and of the style sheet in the light, in the dark and on paper."""
    sheet = style_sheet()
    blocks = [block for block in sheet.split(":root {")[1:]]
    found = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block.split("}")[0])) for block in blocks]
    return {"package": COLOURS, **dict(zip(("light", "dark", "paper"), found, strict=True))}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["package", "light", "dark", "paper"])
def test_the_words_can_be_read_on_every_shade(scheme: str):
    colours = schemes()[scheme]
    for role in (*SHADES, "surface"):
        assert contrast(colours["text"], colours[role]) >= 4.5, role
    away = [contrast(colours["bg"], colours[role]) for role in SHADES]
    assert away == sorted(away) and len(set(away)) == len(SHADES), "each step is further from the page"


def test_the_package_and_the_style_sheet_have_the_same_colours():
    found = schemes()
    assert {role: colour.lower() for role, colour in COLOURS.items()} == {
        role: found["light"][role] for role in COLOURS
    }
    assert len(set(COLOURS.values())) == len(COLOURS), "a colour stands for one role"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Valkenburg aan de Geul", ("Valkenburg",)),
        ("Hendrik-Ido-Ambacht", ("Hendrik",)),
        ("Nuenen, Gerwen en Nederwetten", ("Nuenen",)),
        ("Utrecht (gemeente)", ("Utrecht",)),
        ("Bodegraven-Reeuwijk", ("Bodegrave.", "Reeuwijk")),
    ],
)
def test_a_name_fits_in_its_square(name: str, lines: tuple[str, ...]):
    assert short_name(name) == lines
    assert all(len(line) <= 10 for line in lines)


def test_the_outline_goes_round_what_lies_together_and_round_a_hole():
    ring = {(row, column) for row in (1, 2, 3) for column in (1, 2, 3)} - {(2, 2)}
    paths = outline(ring)
    assert len(paths) == 2 and {path.count("L") + 1 for path in paths} == {12, 4}
    assert len(outline({(1, 1), (3, 3)})) == 2
    assert outline(set()) == []


def drawn(*tiles: MapTile) -> dict:
    words = FigureText("kaart", "Titel", "maat", "alt", "Bron: CBS.")
    shown = tile_figure(words, tiles, FigureTable([Column("Gemeente")], [["A"]]))
    return shown.bundle["application/vnd.plotly.v1+json"]


def test_a_square_without_a_figure_says_so_and_has_no_shade():
    figure = drawn(
        MapTile("Aa", 1, 1, 1.0, "1,0", "1,0"),
        MapTile("Bee", 1, 2, 3.0, "3,0*", "3,0 (voorlopig)", is_own=True),
        MapTile("Cee", 2, 2, None, "niet vrijgegeven", "niet vrijgegeven"),
    )
    trace, shapes = figure["data"][0], figure["layout"]["shapes"]
    assert trace["text"] == [["Aa<br><b>1,0</b>", "Bee<br><b>3,0*</b>"], ["", "Cee<br>niet<br>vrijgegeven"]]
    assert trace["z"] == [[1.5, 5.5], [None, 0.5]]
    assert trace["colorscale"][0][1] == trace["colorscale"][1][1] == COLOURS["surface"]
    dashed, heavy = shapes
    assert dashed["line"]["dash"] == "dash" and (dashed["x0"], dashed["y1"]) == (1.54, 2.46)
    assert heavy["path"] == "M1.5,0.5L2.5,0.5L2.5,1.5L1.5,1.5Z" and heavy["line"]["width"] >= 3


def test_equal_figures_have_one_shade():
    figure = drawn(MapTile("Aa", 1, 1, 2.0, "2,0", "2,0"), MapTile("Bee", 1, 2, 2.0, "2,0", "2,0"))
    assert figure["data"][0]["z"] == [[3.5, 3.5]]


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2021)


def indicator(context: Context, name: str) -> Indicator:
    return context.indicators[name]


def changed(context: Context, name: str, unit: str, **cells) -> Context:
    """The same context with other cells of one figure of 2021."""
    panel = context.panel.copy()
    place = (panel["indicator"] == name) & (panel["unit"] == unit) & (panel["period"] == 2021)
    assert place.sum() == 1
    for column, cell in cells.items():
        panel.loc[place, column] = cell
    return replace(context, panel=panel)


def html(display) -> BeautifulSoup:
    return BeautifulSoup(display.bundle["text/html"], "html.parser")


def test_a_map_has_every_municipality_and_records_its_figures(context: Context):
    shown = maps.show_map(context, indicator(context, "woninginbraak"), "kaart")
    soup = html(shown)
    assert len(soup.find("tbody").find_all("tr")) == 31
    figures = unpack_spec(json.loads(soup.find("script", type="application/json").string))["data"][0]
    assert sum(bool(cell) for row in figures["text"] for cell in row) == 31
    rows = {row["result_id"]: row for row in shown._repr_mimebundle_()[RESULTS_MIME]}
    assert len(rows) == 31 + 1 + 1
    panel = context.panel[(context.panel["indicator"] == "woninginbraak") & (context.panel["period"] == 2021)]
    values = panel.set_index("unit")["value"]
    assert rows["3.woninginbraak.GM0917.2021.value"]["value"] == values["GM0917"]
    own = [item.code for item in context.deal.region.municipalities]
    above = int((values[own] > values["PV31"]).sum())
    assert rows["3.woninginbraak.parkstad.2021.municipalities_above_benchmark"]["value"] == above == 3
    title = soup.find(class_="figuur-titel").text
    assert title == "In 2021 lagen drie van de zeven gemeenten van Parkstad boven het cijfer van Limburg (1,4)"
    assert "Heerlen 1,7" in soup.find(role="img")["aria-label"]
    assert "stand 2026-11-24" in soup.find(class_="bron").text


def test_a_figure_that_is_withheld_missing_or_provisional_is_told(context: Context):
    name = "woninginbraak"
    other = changed(context, name, "GM0917", value=float("nan"), status="withheld")
    other = changed(other, name, "GM0983", value=float("nan"), status="missing")
    other = changed(other, name, "GM0882", status="provisional")
    other = replace(other, panel=other.panel[~((other.panel["unit"] == "GM0981") & (other.panel["period"] == 2021))])
    shown = maps.show_map(other, indicator(other, name), "kaart")
    soup = html(shown)
    cells = {row.find("th").text: row.find_all("td")[-1].text for row in soup.find("tbody").find_all("tr")}
    assert (cells["Heerlen"], cells["Venlo"], cells["Vaals"]) == ("niet vrijgegeven", "geen cijfer", "geen cijfer")
    assert cells["Landgraaf"].endswith("(voorlopig)")
    spec = unpack_spec(json.loads(soup.find("script", type="application/json").string))
    words = [cell for row in spec["data"][0]["text"] for cell in row if cell]
    assert "Heerlen<br>niet<br>vrijgegeven" in words and "Venlo<br>geen<br>cijfer" in words
    assert [cell for cell in words if "*" in cell] == [next(cell for cell in words if cell.startswith("Landgraaf"))]
    assert sum("dash" in shape["line"] for shape in spec["layout"]["shapes"]) == 3
    notes = [note.text for note in soup.find_all(class_="figuur-noot")]
    assert "* voorlopig cijfer" in notes
    absent = "Zonder cijfer: Heerlen (niet vrijgegeven), Vaals (geen cijfer) en Venlo (geen cijfer)."
    assert absent in soup.find(role="img")["aria-label"]
    assert "twee van de zes gemeenten van Parkstad met een cijfer boven" in soup.find(class_="figuur-titel").text


def test_a_count_is_not_compared_with_the_province(context: Context):
    shown = maps.show_map(context, indicator(context, "woninginbraak-aantal"), "kaart")
    title = html(shown).find(class_="figuur-titel").text
    assert re.fullmatch(r"Woninginbraken, 2021: van \d+ in .+ tot \d+ in .+", title)
    assert not any("above_benchmark" in row.result_id for row in shown.results)


def test_none_above_the_province_is_said_in_good_dutch(context: Context):
    shown = maps.show_map(
        changed(context, "woninginbraak", "PV31", value=99.0), indicator(context, "woninginbraak"), "k"
    )
    assert html(shown).find(class_="figuur-titel").text.startswith("In 2021 lag geen van de zeven gemeenten")


def test_an_amount_has_its_sign_where_there_is_room(context: Context):
    shown = maps.show_map(context, indicator(context, "verkoopprijs"), "kaart")
    soup = html(shown)
    assert "in euro per gemeente" in soup.find(class_="figuur-maat").text
    assert "€" in soup.find("tbody").text
    figures = unpack_spec(json.loads(soup.find("script", type="application/json").string))["data"][0]
    assert not any("€" in cell for row in figures["text"] for cell in row)
    assert any("€" in cell for row in figures["customdata"] for cell in row)


def test_without_figures_there_is_a_sentence_and_no_map(context: Context):
    panel = context.panel.copy()
    panel.loc[panel["level"] == "municipality", "value"] = float("nan")
    shown = maps.show_map(replace(context, panel=panel), indicator(context, "woninginbraak"), "kaart")
    assert "geen cijfers per gemeente" in shown.bundle["text/markdown"]


def test_maps_beside_each_other_have_shades_of_their_own_and_record_every_figure(context: Context):
    names = ["inkomen-mediaan", "hoogopgeleid", "misdrijven-totaal", "gasverbruik"]
    shown = maps.show_maps(context, [context.indicators[name] for name in names], "kaarten")
    heads = [cell.get_text() for cell in html(shown).select("thead th")]
    assert heads[:2] == ["Gemeente", "Regio"] and len(heads) == 6 and "(2021)" in heads[2]
    heerlen = next(row for row in shown.cells.rows if row[0] == "Heerlen")
    assert tuple(heerlen[1:3]) == ("Parkstad", "€\xa024.900")
    assert [row[1] for row in shown.cells.rows[:7]] == ["Parkstad"] * 7
    recorded = {(item.indicator, item.unit): item.value for item in shown.results if item.measure == "value"}
    assert recorded["inkomen-mediaan", "GM0917"] == 24_900 and len(recorded) == 4 * (31 + 1)  # and the province
    spec = shown.bundle["application/vnd.plotly.v1+json"]
    (squares,) = spec["data"]
    shades = [row[0:5] for row in squares["z"]]  # of the map in the upper left: every shade from low to high
    assert {value for row in shades[:12] for value in row if value is not None} <= {1.5, 2.5, 3.5, 4.5, 5.5}
    assert "24,9" in {text for row in squares["text"] for text in row}
    told = [item["text"] for item in spec["layout"]["annotations"]]
    assert any("in 1.000 euro" in text.replace("<br>", " ") and "van 7 hoger" in text for text in told)
    assert maps.show_maps(context, [], "kaarten").results == ()
