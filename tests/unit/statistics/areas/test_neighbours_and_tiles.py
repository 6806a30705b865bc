"""Where municipalities lie: neighbours, and places on a tile-grid map."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.base.errors import InputError, UsageError
from evaluation.statistics.areas.boundary_tables import load_municipalities
from evaluation.statistics.areas.neighbours_and_tiles import load_neighbours, load_tiles

ROOT = Path(__file__).resolve().parents[4]
REGIONS = ROOT / "data" / "regions"
NAMES = {item.code: item.name for item in load_municipalities(folder=REGIONS)}
TODAY = {item.code for item in load_municipalities(folder=REGIONS) if item.exists_in(2026)}


@pytest.fixture(scope="module")
def neighbours() -> dict[str, tuple[str, ...]]:
    return load_neighbours(folder=REGIONS)


def names(codes: tuple[str, ...]) -> set[str]:
    return {NAMES[code] for code in codes}


def test_neighbours_are_those_on_the_map(neighbours):
    heerlen = {"Beekdaelen", "Brunssum", "Kerkrade", "Landgraaf", "Simpelveld", "Voerendaal"}
    assert names(neighbours["GM0917"]) == heerlen
    assert names(neighbours["GM0981"]) == {"Gulpen-Wittem"}
    assert names(neighbours["GM0744"]) == {"Alphen-Chaam"}
    assert names(neighbours["GM0995"]) == {"Almere", "Dronten", "Enkhuizen", "Zeewolde"}


def test_to_border_is_mutual_and_never_to_oneself(neighbours):
    assert set(neighbours) == TODAY
    for code, others in neighbours.items():
        assert list(others) == sorted(set(others))
        assert all(code in neighbours[other] for other in others)
        assert code not in others
    assert sum(map(len, neighbours.values())) == 2 * 861


def test_only_the_islands_have_no_neighbours(neighbours):
    alone = {NAMES[code] for code, others in neighbours.items() if not others}
    assert alone == {"Texel", "Vlieland", "Terschelling", "Ameland", "Schiermonnikoog"}


def test_all_but_the_islands_and_zeelandic_flanders_hang_together(neighbours):
    reached, edge = {"GM0917"}, ["GM0917"]
    while edge:
        new = set(neighbours[edge.pop()]) - reached
        reached |= new
        edge.extend(new)
    apart = {NAMES[code] for code in TODAY - reached if neighbours[code]}
    assert apart == {"Hulst", "Sluis", "Terneuzen"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("GM0899,GM0917\n", "GM0899,GM9017\n", "GM9017.*a municipality of 2026"),
        ("GM0899,GM0917\n", "GM0951,GM0917\n", "GM0951.*a municipality of 2026"),
        ("GM0899,GM0917\n", "GM0917,GM0899\n", "the lowest first"),
        ("GM0899,GM0917\n", "GM0917,GM0917\n", "the lowest first"),
        ("GM0899,GM0917\n", "GM0899,GM0917\nGM0899,GM0917\n", "each pair once"),
    ],
)
def test_a_fault_in_the_neighbours_is_told_with_its_row(tmp_path: Path, old: str, new: str, message: str):
    folder = Path(shutil.copytree(REGIONS, tmp_path / "regions"))
    path = folder / "neighbours.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_neighbours(folder=folder)
    assert all(fault.row for fault in caught.value.faults)


PROVINCES = sorted({item.province for item in load_municipalities(folder=REGIONS)})


@pytest.mark.parametrize("province", PROVINCES)
def test_a_province_is_a_compact_map_of_all_its_municipalities(neighbours, province: str):
    tiles = load_tiles(province, folder=REGIONS)
    places = {(tile.row, tile.column): tile.code for tile in tiles}
    inside = {item.code for item in load_municipalities(folder=REGIONS) if item.province == province} & TODAY
    assert set(places.values()) == inside and len(tiles) == len(inside)
    assert min(row for row, _ in places) == min(column for _, column in places) == 1
    reached, edge = {next(iter(places))}, [next(iter(places))]
    while edge:
        row, column = edge.pop()
        beside = {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)}
        new = (beside & set(places)) - reached
        reached |= new
        edge.extend(new)
    assert reached == set(places), "a stray tile"
    where = {code: place for place, code in places.items()}
    pairs = [(one, other) for one in inside for other in neighbours[one] if other in inside and one < other]
    close = [max(abs(a - b) for a, b in zip(where[one], where[other], strict=True)) == 1 for one, other in pairs]
    assert sum(close) / len(close) >= 0.8


def test_limburg_looks_like_limburg():
    place = {tile.name: (tile.row, tile.column) for tile in load_tiles("PV31", folder=REGIONS)}
    last = max(row for row, _ in place.values())
    assert place["Maastricht"] == (last, 1)
    assert place["Mook en Middelaar"][0] == place["Gennep"][0] == 1
    north_to_south = ["Venray", "Venlo", "Leudal", "Echt-Susteren", "Sittard-Geleen", "Heerlen", "Vaals"]
    rows = [place[name][0] for name in north_to_south]
    assert rows == sorted(set(rows))
    for west, east in (
        ("Weert", "Roermond"),
        ("Maastricht", "Vaals"),
        ("Voerendaal", "Heerlen"),
        ("Heerlen", "Kerkrade"),
    ):
        assert place[west][1] < place[east][1]
    own = ["Beekdaelen", "Brunssum", "Landgraaf", "Voerendaal", "Heerlen", "Kerkrade", "Simpelveld"]
    assert min(place[name][0] for name in own) == last - 2
    assert min(place[name][1] for name in own) == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("GM0917,9,4\n", "", "no row for GM0917 Heerlen"),
        ("GM0917,9,4\n", "GM0917,9,5\n", "on the place of"),
        ("GM0917,9,4\n", "GM0917,9,4\nGM0917,12,4\n", "GM0917 again"),
        ("GM0917,9,4\n", "GM0951,9,4\n", "GM0951.*a municipality of 2026"),
        ("GM0917,9,4\n", "GM0917,0,x\n", "a whole number from 1"),
    ],
)
def test_a_fault_in_the_tiles_is_told(tmp_path: Path, old: str, new: str, message: str):
    folder = Path(shutil.copytree(REGIONS, tmp_path / "regions"))
    path = folder / "tiles.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_tiles("PV31", folder=folder)


def test_a_province_that_is_not_there_is_told():
    with pytest.raises(UsageError, match="no province PV99"):
        load_tiles("PV99", folder=REGIONS)
