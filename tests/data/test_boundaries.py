"""The tables of municipalities and changes, compared with the code list and with the published populations."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from evaluation.statistics.areas.boundary_tables import load_boundaries
from evaluation.statistics.areas.harmonise import harmonise
from evaluation.statistics.areas.neighbours_and_tiles import load_neighbours
from tools.boundaries import list_moves, read_population, write_tables
from tools.code_list import read_code_list

ROOT = Path(__file__).resolve().parents[2]
REGIONS = ROOT / "data" / "regions"
OFFICIAL = Path(os.environ.get("REGIODEAL_SHARED") or ROOT.parent / "shared") / "data" / "official"
CODE_LIST = OFFICIAL / "cbs-03759ned" / "codes-RegioS.json"
POPULATION = OFFICIAL / "cbs-37230ned" / "bevolkingeindeperiod_jaren_22122025.csv"
MUNICIPALITIES, CHANGES = load_boundaries(folder=REGIONS)

pytestmark = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"the recordings are not at {OFFICIAL}")


@pytest.fixture(scope="module")
def at_the_end() -> dict[tuple[str, int], int]:
    """Population at the end of a year, by name."""
    return read_population(POPULATION)


@pytest.fixture(scope="module")
def at_the_start() -> dict[tuple[str, int], float]:
    """Population on 1 January, by code."""
    text = (OFFICIAL / "cbs-03759ned" / "observations-page-1.json").read_text(encoding="utf-8")
    return {
        (row["RegioS"].strip(), int(row["Perioden"][:4])): row["Value"]
        for row in json.loads(text)["value"]
        if row["Measure"] == "M000352" and row["Value"] is not None
    }


def test_the_tables_are_those_of_the_code_list(tmp_path: Path):
    for path in write_tables(CODE_LIST, tmp_path, population=POPULATION):
        assert path.read_bytes() == (REGIONS / path.name).read_bytes()


def test_both_sides_of_every_move_since_1830_tell_the_same():
    histories = read_code_list(CODE_LIST)
    assert len(histories) == 834
    assert len(list_moves(histories)) == 1389


@pytest.mark.parametrize("year", range(2019, 2027))
def test_municipalities_on_1_january_are_the_country(at_the_start, year: int):
    published = {code for code, period in at_the_start if period == year and code.startswith("GM")}
    assert published == {item.code for item in MUNICIPALITIES if item.exists_in(year)}
    assert sum(at_the_start[code, year] for code in published) == at_the_start["NL01", year]


@pytest.mark.parametrize("year", range(2010, 2025))
def test_municipalities_at_the_end_of_the_year_are_the_country(at_the_end, year: int):
    names = {item.name for item in MUNICIPALITIES if item.exists_on(date(year, 12, 31))}
    if year == 2015:  # the table keeps the name of the first half of the year
        names = names - {"De Fryske Marren"} | {"De Friese Meren"}
    ever = {item.name for item in MUNICIPALITIES}
    assert names == {name for name, period in at_the_end if period == year and name in ever}
    assert sum(at_the_end[name, year] for name in names) == at_the_end["Nederland", year]


@pytest.mark.parametrize(
    ("year", "differences"),
    [
        (2018, {"GM0171": 13, "GM0184": -13, "GM0268": 25, "GM1945": -25}),  # the corrections that are left out
        (2020, {"GM0824": 3, "GM0865": -3}),  # Haaren, divided after its inhabitants
        (2021, {}),
    ],
)
def test_a_harmonised_population_is_the_one_published_a_day_later(at_the_end, at_the_start, year: int, differences):
    """31 December on the boundaries of that year against 1 January on those of the next, for every municipality."""
    codes = {item.name: item.code for item in MUNICIPALITIES if item.exists_in(year)}
    rows = [(code, year, float(at_the_end[name, year]), "final") for name, code in codes.items()]
    result = harmonise(pd.DataFrame(rows, columns=["region", "period", "value", "status"]), year + 1, folder=REGIONS)
    found = result.values.set_index("region")["value"]
    assert set(found.index) == {item.code for item in MUNICIPALITIES if item.exists_in(year + 1)}
    wrong = {code: found[code] - at_the_start[code, year + 1] for code in found.index}
    assert {code: round(value, 6) for code, value in wrong.items() if abs(value) > 1e-6} == differences
    between = [change for change in CHANGES if date(year, 1, 1) < change.day <= date(year + 1, 1, 1)]
    left_out = sum(change.inhabitants or 0 for change in between if change.is_ignored)
    estimated = set(result.values.loc[result.values["is_estimate"], "region"])
    assert sum(abs(value) for code, value in wrong.items() if code not in estimated) / 2 <= left_out


@pytest.mark.parametrize("year", range(2015, 2026))
def test_a_table_on_the_boundaries_of_each_year_has_the_municipalities_of_that_year(year: int):
    text = (OFFICIAL / "cbs-83625NED" / "observations-page-1.json").read_text(encoding="utf-8")
    published = {
        row["RegioS"].strip()
        for row in json.loads(text)["value"]
        if row["Perioden"] == f"{year}JJ00" and row["Value"] is not None and row["RegioS"].startswith("GM")
    }
    known = {item.code for item in MUNICIPALITIES if item.exists_in(year)}
    renamed = {change.target for change in CHANGES if change.kind == "renaming" and change.day.month > 1}
    assert published - renamed == known - renamed
    assert published >= known


@pytest.fixture(scope="module")
def in_2015() -> list[dict[str, str]]:
    """Key figures of all regions over 2015; a municipality has the code and name of its COROP area."""
    (path,) = (OFFICIAL / "cbs-70072ned-2015").glob("*.csv")
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [
            {name: (cell or "").strip() for name, cell in row.items()} for row in csv.DictReader(file, delimiter=";")
        ]
    return [row for row in rows if row["TotaleBevolking_1"].isdigit()]


def test_corop_areas_are_those_that_cbs_gave_in_2015(in_2015):
    known = {item.code: (item.corop, item.corop_name) for item in MUNICIPALITIES if item.exists_in(2015)}
    assert {row["RegioS"]: (row["Code_275"], row["Naam_276"]) for row in in_2015 if row["Code_275"]} == known


def test_the_municipalities_of_a_corop_area_have_its_population_of_2015(in_2015):
    areas = {item.code: item.corop for item in MUNICIPALITIES}
    sums: Counter[str] = Counter()
    for row in in_2015:
        if row["RegioS"].startswith("GM"):
            sums[areas[row["RegioS"]]] += int(row["TotaleBevolking_1"])
    assert len(sums) == 40
    assert sums == {row["RegioS"]: int(row["TotaleBevolking_1"]) for row in in_2015 if row["RegioS"].startswith("CR")}


def test_what_went_from_one_corop_area_to_another_is_what_the_code_list_tells():
    areas = {item.code: item.corop for item in MUNICIPALITIES}
    entries = json.loads(CODE_LIST.read_text(encoding="utf-8"))["value"]
    told = set()
    for entry in (entry for entry in entries if entry["Identifier"].startswith("CR")):
        blocks = re.split("Grenswijziging per ", entry["Description"])[1:]
        for block in (block for block in blocks if int(block[6:10]) > 2010):
            for line in block.splitlines():
                named = re.findall(r"\((GM\d{4})\)", line)
                if len(named) == 2:
                    source, target = named[::-1] if " ontvangt " in line else named
                    told.add((block[6:10], source, target))
    told = {move for move in told if "GM0998" not in move}
    crossed = {
        (str(change.day.year), change.source, change.target)
        for change in CHANGES
        if areas[change.source] != areas[change.target]
    }
    # a piece without inhabitants: on 14 September 2018 for the municipalities, on 1 January 2019 for the areas
    assert crossed - told == {("2018", "GM1949", "GM1900")}
    assert told - crossed == {("2019", "GM1949", "GM1900")}


def test_neighbours_are_the_municipalities_that_share_a_line_on_the_map():
    sides: dict[tuple, set[str]] = {}
    features = json.loads((OFFICIAL / "geo" / "nl_gemeenten.geojson").read_text(encoding="utf-8"))["features"]
    for feature in features:
        shape = feature["geometry"]
        areas = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for ring in (ring for area in areas for ring in area):
            points = [(round(east, 6), round(north, 6)) for east, north in ring]
            for side in pairwise(points):
                sides.setdefault(tuple(sorted(side)), set()).add(feature["properties"]["statcode"])
    drawn = {(min(codes), max(codes)) for codes in sides.values() if len(codes) == 2}
    kept = {
        (code, other) for code, others in load_neighbours(folder=REGIONS).items() for other in others if code < other
    }
    assert drawn <= kept
    names = {item.code: item.name for item in MUNICIPALITIES}
    beside = {(names[one], names[other]) for one, other in kept - drawn}  # the same line, drawn with other points
    assert beside == {
        ("Alblasserdam", "Ridderkerk"),
        ("Amstelveen", "Uithoorn"),
        ("Culemborg", "Vijfheerenlanden"),
        ("Ede", "Rhenen"),
        ("Enkhuizen", "Medemblik"),
        ("Nieuwegein", "Vijfheerenlanden"),
        ("Rhenen", "Neder-Betuwe"),
        ("Ridderkerk", "Molenlanden"),
        ("Zaltbommel", "Gorinchem"),
        ("Zaltbommel", "Heusden"),
        ("Zoeterwoude", "Leidschendam-Voorburg"),
    }
