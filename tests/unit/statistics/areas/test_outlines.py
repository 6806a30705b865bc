"""Outlines of municipalities: all of today, no part of the table wrong."""

import shutil
from pathlib import Path

import pytest

from evaluation.base.errors import InputError, UsageError
from evaluation.base.paths import data_dir
from evaluation.statistics.areas.boundary_tables import municipalities_of_today
from evaluation.statistics.areas.outlines import load_outlines
from tools.outlines import outline_rows


def test_a_province_has_an_outline_of_each_of_its_municipalities_and_is_small():
    codes = [code for code, item in municipalities_of_today().items() if item.province == "PV31"]
    found = load_outlines(codes)
    assert len(found) == 31 and all(len(ring) > 3 for rings in found.values() for ring in rings)
    assert sum(len(f"{x},{y} ") for rings in found.values() for ring in rings for x, y in ring) < 60_000
    heerlen, venlo = ([point for ring in found[code] for point in ring] for code in ("GM0917", "GM0983"))
    assert min(y for _, y in heerlen) > max(y for _, y in venlo), "Heerlen lies to the south of Venlo"
    with pytest.raises(UsageError, match="GM9999"):
        load_outlines(["GM9999", *codes])


def test_every_fault_of_the_table_is_told_with_its_row(tmp_path: Path):
    for file in (data_dir() / "regions").iterdir():
        shutil.copy(file, tmp_path)
    path = tmp_path / "outlines.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:-1], lines[1], 'GM9999,1,"1,1 2,2 3,3"', 'GM0917,9,"1,1 2,2"']), "utf-8")
    with pytest.raises(InputError) as error:
        load_outlines(["GM0917"], folder=tmp_path)
    told = str(error.value)
    assert "again" in told and "GM9999" in told and "three points or more" in told


def test_the_tool_sets_points_on_the_grid_and_keeps_parts():
    square = [[5.9, 50.9], [6.0, 50.9], [6.0, 50.8], [5.9, 50.8], [5.9, 50.9]]
    other = [[[6.1, 50.9], [6.2, 50.9], [6.2, 50.8], [6.1, 50.9]]]
    geometry = {"type": "MultiPolygon", "coordinates": [[square], other]}
    rows = list(outline_rows({"features": [{"properties": {"statcode": "GM1"}, "geometry": geometry}]}))
    assert [row[:2] for row in rows] == [("GM1", "1"), ("GM1", "2")]
    assert rows[0][2].split()[0] == "1842,3117"
