"""Where municipalities lie: neighbours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.errors import InputError
from evaluation.geography import load_neighbours
from evaluation.municipalities import load_municipalities

ROOT = Path(__file__).resolve().parents[2]
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
