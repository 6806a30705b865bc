"""The panel of neighbourhoods: every figure once, on the boundaries of its year, and compared no further than these."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from evaluation.base.errors import SnapshotError, UsageError
from evaluation.base.run_variables import INPUT_LOG_VARIABLE
from evaluation.statistics import neighbourhood_panel
from evaluation.statistics.neighbourhood_panel import COLUMNS, build_neighbourhood_panel
from evaluation.statistics.neighbourhoods import read_neighbourhoods
from evaluation.statistics.snapshot_writer import add_snapshot
from tests.unit.statistics.test_table_files import described

duckdb = pytest.importorskip("duckdb")

UNITS = ["NL01", "GM0917", "WK091710", "BU09171000", "BU09171001", "GM0928", "WK092800", "BU09280000"]
CHANGES = {
    2020: {"WK091710": 1, "BU09171000": 1, "BU09171001": 1, "WK092800": 1, "BU09280000": 1},
    2021: {"WK091710": 1, "BU09171000": 1, "BU09171001": 3, "WK092800": 1, "BU09280000": 2},
    2022: {"WK091710": 1, "BU09171000": 1, "BU09171001": 1, "WK092800": 1, "BU09280000": 1},
}


def table(year: int, **measures: float) -> pd.DataFrame:
    """Make a year's table: each measure counts from its value on; the figure of BU09171000 is withheld in 2021."""
    rows = []
    for measure, start in measures.items():
        for number, unit in enumerate(UNITS):
            is_hidden = (unit, year) == ("BU09171000", 2021)
            rows.append(
                (unit, year, measure, None if is_hidden else start + number, "withheld" if is_hidden else "final")
            )
    for unit in UNITS:
        change = CHANGES[year].get(unit)
        rows.append((unit, year, "boundary_change", change, "missing" if change is None else "final"))
    return pd.DataFrame(rows, columns=["region", "period", "kind", "value", "status"])


def add(folder: Path, year: int, frame: pd.DataFrame, **changes: object) -> Path:
    said = {"table": f"{year}NED", "boundaries": year, "change_measure": "boundary_change", "format": "parquet"}
    said["publisher_table"] = f"{year}NED"
    return add_snapshot(frame, described(**(said | changes)), folder=folder)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three years, one of them as CSV; homes are counted from 2021 on."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "snapshots"
    add(folder, 2020, table(2020, people=100))
    add(folder, 2021, table(2021, people=200, homes=50))
    add(folder, 2022, table(2022, people=300, homes=60), format="csv")
    add(folder, 2020, table(2020, people=1), table="other", change_measure=None)
    return tmp_path


def panel_of(path: Path) -> pd.DataFrame:
    return duckdb.read_parquet([str(part) for part in sorted(path.glob("*.parquet"))]).df()


def test_every_figure_is_in_the_panel_once_and_the_country_is_not(project: Path):
    path = build_neighbourhood_panel()
    assert path.parent == project / "build" / "panels"
    panel = panel_of(path)
    assert list(panel.columns) == COLUMNS
    assert len(panel) == 7 * (3 + 2)
    assert not panel.duplicated(["unit", "period", "indicator"]).any()
    assert set(panel["indicator"]) == {"people", "homes"}
    ordered = panel.sort_values(["indicator", "municipality", "unit", "period"], ignore_index=True)
    pd.testing.assert_frame_equal(panel, ordered)
    row = panel[(panel["unit"] == "BU09280000") & (panel["period"] == 2021) & (panel["indicator"] == "homes")]
    assert row.to_numpy(dtype=object)[0].tolist() == [
        "BU09280000",
        "neighbourhood",
        "GM0928",
        2021,
        "homes",
        57.0,
        "final",
        "made/2021NED",
        "2026-01-05",
        False,
    ]
    hidden = panel[panel["value"].isna()]
    assert hidden[["unit", "period", "status"]].drop_duplicates().to_numpy().tolist() == [
        ["BU09171000", 2021, "withheld"]
    ]
    assert panel.loc[panel["level"] == "municipality", "is_comparable"].isna().all()
    assert panel.loc[panel["level"] != "municipality", "is_comparable"].notna().all()


def test_a_part_of_a_table_gives_way_to_the_whole_of_it(project: Path):
    """A part was pinned first, of one municipality and with a measure of its own; then the whole table was fetched."""
    folder = project / "data" / "snapshots"
    mine = table(2021, people=900, homes=950, cars=10)
    part = mine[mine["region"].str.contains("0917")]
    add(folder, 2021, part, table="2021NED-heerlen", format="csv")
    panel = panel_of(build_neighbourhood_panel())
    assert not panel.duplicated(["unit", "period", "indicator"]).any()
    sources = panel[panel["period"] == 2021].groupby("indicator", observed=True)["source"].agg(set).to_dict()
    assert sources == {"people": {"made/2021NED"}, "homes": {"made/2021NED"}, "cars": {"made/2021NED-heerlen"}}
    whole = panel[(panel["period"] == 2021) & (panel["indicator"] == "people")]
    assert len(whole) == 7 and whole["value"].max() < 300
    cars = read_neighbourhoods("cars", ["GM0917"]).set_index("unit")
    assert cars.loc["BU09171000", "comparable_from"] == 2021 and set(cars["municipality"]) == {"GM0917"}


def test_a_part_stands_alone_where_the_whole_is_of_another_year(project: Path):
    folder = project / "data" / "snapshots"
    (gone,) = folder.glob("made/*/2021NED.yml")
    gone.unlink()
    gone.with_suffix(".parquet").unlink()
    mine = table(2021, people=900)
    add(folder, 2021, mine[mine["region"].str.contains("0917")], table="2021NED-heerlen")
    panel = panel_of(build_neighbourhood_panel())
    found = panel[(panel["period"] == 2021) & (panel["indicator"] == "people")]
    assert set(found["source"]) == {"made/2021NED-heerlen"} and set(found["municipality"]) == {"GM0917"}


def test_a_region_is_read_with_how_far_back_it_may_be_compared(project: Path):
    rows = read_neighbourhoods("people", ["GM0917"])
    assert rows["municipality"].unique().tolist() == ["GM0917"]
    assert len(rows) == 4 * 3
    since = rows.pivot(index="unit", columns="period", values="comparable_from")
    assert since.loc["WK091710"].tolist() == [2020, 2020, 2020]
    assert since.loc["BU09171001"].tolist() == [2020, 2021, 2021], "its boundary is another since 2021"
    assert since.loc["GM0917"].tolist() == [2020, 2021, 2022], "the tables do not tell of municipalities"
    assert rows["is_comparable"].dtype == "boolean"
    later = read_neighbourhoods("people", ["GM0917"], [2020, 2022])
    assert later["period"].unique().tolist() == [2020, 2022]
    assert later.set_index(["unit", "period"])["comparable_from"].loc[("WK091710", 2022)] == 2020
    with pytest.raises(UsageError, match="no year of homes 2020; there are: 2021, 2022"):
        read_neighbourhoods("homes", ["GM0917"], [2020])


def test_an_absent_year_ends_what_may_be_compared(project: Path):
    (gone,) = (project / "data" / "snapshots").glob("made/*/2021NED.yml")
    gone.unlink()
    gone.with_suffix(".parquet").unlink()
    rows = read_neighbourhoods("people", ["GM0917"])
    assert rows.loc[rows["unit"] == "WK091710", "comparable_from"].tolist() == [2020, 2022]


def test_what_is_not_there_is_told(project: Path):
    with pytest.raises(UsageError, match=r"no indicator 'peple'; there are: homes, people\. Did you mean 'people'"):
        read_neighbourhoods("peple", ["GM0917"])
    with pytest.raises(UsageError, match=r"no municipality 'GM0971'; .* Did you mean 'GM0917'"):
        read_neighbourhoods("people", ["GM0971"])
    with pytest.raises(UsageError, match="expected a list of GM codes"):
        read_neighbourhoods("people", "GM0917")
    assert read_neighbourhoods("people", []).empty
    with pytest.raises(UsageError, match="regiodeal data fetch cbs/84799NED"):
        build_neighbourhood_panel(folder=project / "nothing")


def test_an_unchanged_panel_is_used_again_and_its_tables_are_noted(project: Path, monkeypatch: pytest.MonkeyPatch):
    path = build_neighbourhood_panel()

    def again(*_: object, **__: object) -> None:
        raise AssertionError("the panel is made again")

    monkeypatch.setattr(neighbourhood_panel, "_write_panel", again)
    log = project / "log.txt"
    monkeypatch.setenv(INPUT_LOG_VARIABLE, str(log))
    assert build_neighbourhood_panel() == path
    noted = log.read_text(encoding="utf-8").splitlines()
    assert {f"data/snapshots/made/2026-01-05/{year}NED.parquet" for year in (2020, 2021)} <= set(noted)
    assert "data/snapshots/made/2026-01-05/2022NED.csv" in noted


def test_a_new_vintage_makes_another_panel(project: Path):
    before = build_neighbourhood_panel()
    add(project / "data" / "snapshots", 2022, table(2022, people=900), vintage="2026-02-05")
    after = build_neighbourhood_panel()
    assert after != before
    rows = read_neighbourhoods("people", ["GM0917"], [2022])
    assert rows["value"].min() == 901
    assert set(rows["vintage"]) == {"2026-02-05"}


def test_the_same_tables_give_the_same_bytes_whatever_the_threads_and_parts(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    def digest(name: str, **options: int) -> str:
        path = build_neighbourhood_panel(target=project / name, **options)
        files = sorted(path.iterdir())
        return hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()

    one = digest("one", threads=1)
    assert digest("two", threads=2) == one
    assert digest("four", threads=4, memory_mb=200) == one
    whole = panel_of(build_neighbourhood_panel(target=project / "one"))
    monkeypatch.setattr(neighbourhood_panel, "PART_ROWS", 1)
    parted = build_neighbourhood_panel(target=project / "parts")
    assert sorted(path.name for path in parted.iterdir()) == ["contents.json", "part-000.parquet", "part-001.parquet"]
    pd.testing.assert_frame_equal(panel_of(parted), whole)


def test_a_failure_halfway_leaves_no_panel(project: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(neighbourhood_panel, "_write_part", fails)
    with pytest.raises(OSError, match="disk full"):
        build_neighbourhood_panel()
    assert [path.name for path in (project / "build" / "panels").iterdir() if path.is_dir()] == []


def test_two_tables_of_one_year_and_a_table_of_two_years_are_refused(project: Path):
    folder = project / "data" / "snapshots"
    path = add(folder, 2021, table(2021, people=5), table="twice")
    with pytest.raises(SnapshotError, match="made/2021NED and made/twice both hold people of 2021"):
        build_neighbourhood_panel()
    path.unlink()
    path.with_suffix(".yml").unlink()
    years = pd.concat([table(2020, cars=5), table(2021, cars=5)])
    add(folder, 2021, years, table="years")
    with pytest.raises(SnapshotError, match="runs from 2020 to 2021 on boundaries 2021; expected one year"):
        build_neighbourhood_panel()


def test_a_unit_of_which_nothing_tells_the_boundaries_is_refused_and_not_lost(project: Path):
    frame = table(2021, cars=5)
    frame = frame[~(frame["region"].eq("BU09280000") & frame["kind"].eq("boundary_change"))]
    (path,) = (project / "data" / "snapshots").glob("made/*/2021NED.yml")
    path.unlink()
    path.with_suffix(".parquet").unlink()
    add(project / "data" / "snapshots", 2021, frame)
    with pytest.raises(
        SnapshotError, match=r"1 figures of cars to .* no table tells the boundaries \(boundary_change\)"
    ):
        build_neighbourhood_panel()


def test_a_damaged_table_makes_no_panel_and_a_damaged_panel_is_told(project: Path):
    path = build_neighbourhood_panel()
    (path / "part-000.parquet").write_bytes(b"nothing")
    with pytest.raises(SnapshotError, match=r"cannot be read .* Remove build/panels/neighbourhoods-"):
        read_neighbourhoods("people", ["GM0917"])
    (damaged,) = (project / "data" / "snapshots").glob("made/*/2020NED.parquet")
    damaged.write_bytes(b"nothing")
    with pytest.raises(SnapshotError, match=r"2020NED\.parquet is not the file that was added"):
        build_neighbourhood_panel(target=project / "elsewhere")
