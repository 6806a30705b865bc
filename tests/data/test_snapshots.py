"""The pinned tables: what is in them, and that a damaged one never becomes a number."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evaluation.base.errors import SnapshotError
from evaluation.statistics import snapshot_writer
from evaluation.statistics.areas.boundary_tables import load_boundaries
from evaluation.statistics.areas.municipalities import Change
from evaluation.statistics.row_counts import ROW_COUNT_COLUMNS, verify_snapshots
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import list_snapshots, open_snapshot
from evaluation.statistics.sources.vintages import compare_snapshots

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "snapshots"
OFFENCES = ["1.1.1", "1.1.2", "1.2.1", "1.2.2", "1.2.3", "1.4.2", "1.4.4", "1.4.5", "2.2.1", "2.5.1", "3.1.1", "3.1.3"]
LIMBURG_ONLY = {
    ("cbs", "03759ned", "2026-07-02"): (2019, 2026),
    ("cbs", "37230ned-1-january", "2025-12-22"): (2012, 2018),
    ("cbs", "70072ned-population", "2026-08-19"): (2012, 2024),
    ("cbs", "83625NED", "2026-07-17"): (2015, 2025),
    ("politie", "47018NED", "2026-08-19"): (2012, 2025),
}
WHOLE_COUNTRY = {
    ("cbs", "03759ned", "2026-11-24"): (2019, 2026),
    ("cbs", "37230ned-1-january", "2026-11-24"): (2011, 2018),
    ("cbs", "70072ned-population", "2026-11-24"): (2012, 2024),
    ("cbs", "83625NED", "2026-11-24"): (2015, 2025),
    ("politie", "47018NED", "2026-11-24"): (2012, 2025),
}
SINGLE_YEARS = {
    ("cbs", "70072ned-2015-work-care", "2026-11-24"): (2015, 2015),
    ("cbs", "84799NED-work-care", "2026-11-24"): (2020, 2020),
    ("cbs", "70072ned-2015", "2026-11-24"): (2015, 2015),
    ("cbs", "84799NED", "2026-11-24"): (2020, 2020),
}
SEEN = {
    ("cbs", "rmbw-2023-12", "2026-11-30"): (2013, 2022),
    ("cbs", "kwb-2015", "2026-11-30"): (2015, 2015),
    ("cbs", "kwb-2018", "2026-11-30"): (2018, 2018),
    ("cbs", "kwb-2020", "2026-11-30"): (2020, 2020),
    ("cbs", "kwb-2021", "2026-11-30"): (2021, 2021),
    ("cbs", "83487NED-heerlen", "2026-11-30"): (2016, 2016),
    ("cbs", "83765NED-heerlen", "2026-11-30"): (2017, 2017),
    ("cbs", "84286NED-heerlen", "2026-11-30"): (2018, 2018),
    ("cbs", "84583NED-heerlen", "2026-11-30"): (2019, 2019),
    ("cbs", "70072ned-woz", "2026-11-30"): (2012, 2020),
    ("cbs", "81528NED", "2026-11-30"): (2012, 2024),
    ("cbs", "60048ned-corop", "2026-11-30"): (2011, 2020),
}
PARKSTAD_2020 = {"GM0882", "GM0899", "GM0917", "GM0928", "GM0965", "GM0986", "GM1954"}
MUNICIPALITIES, CHANGES = load_boundaries(folder=ROOT / "data" / "regions")
PROVINCE = {item.code: item.province for item in MUNICIPALITIES}
LIMBURG = {item.code for item in MUNICIPALITIES if item.province == "PV31"}


def wide(source: str, table: str, measure: str | None = None) -> pd.DataFrame:
    """Values with a row for each period and a column for each region."""
    rows = open_snapshot(source, table, folder=DATA).series(measure)
    return rows.pivot(index="period", columns="region", values="value")


def municipalities(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[code for code in frame if code.startswith("GM")]]


def existing(year: int) -> set[str]:
    return {item.code for item in MUNICIPALITIES if item.exists_in(year)}


def test_every_snapshot_is_what_its_metadata_say():
    found = {
        (item.source, item.table, item.vintage.isoformat()): (item.first_period, item.last_period)
        for item in verify_snapshots(folder=DATA)
    }
    assert found == LIMBURG_ONLY | WHOLE_COUNTRY | SINGLE_YEARS | SEEN


@pytest.mark.parametrize(("source", "table", "vintage"), LIMBURG_ONLY)
def test_the_whole_country_revised_no_figure_of_the_vintage_before(source: str, table: str, vintage: str):
    new = open_snapshot(source, table, vintage="2026-11-24", folder=DATA)
    old = open_snapshot(source, table, vintage=vintage, folder=DATA)
    found = compare_snapshots(old, new)
    assert set(found["kind"]) <= {"new", "vanished"}
    is_published = "PV31" in set(new.frame["region"])
    assert set(found.loc[found["kind"] == "vanished", "region"]) == (set() if is_published else {"PV31"})
    assert (new.metadata.retrieved, new.metadata.modified_at_source) == (
        old.metadata.retrieved,
        old.metadata.modified_at_source,
    )
    if not is_published:  # our own sums, which are the sums of the municipalities still
        keys = ["period", *([old.metadata.measure_column] if old.metadata.measure_column else [])]
        before = old.frame[old.frame["region"] == "PV31"].set_index(keys)["value"]
        sums = new.frame[new.frame["region"].isin(LIMBURG)].groupby(keys)["value"].sum()
        assert sums.loc[before.index].equals(before.rename("value"))


@pytest.mark.parametrize(("source", "table", "vintage"), WHOLE_COUNTRY)
def test_every_municipality_has_a_figure_in_every_year(source: str, table: str, vintage: str):
    snapshot = open_snapshot(source, table, vintage=vintage, folder=DATA)
    column, fixed = snapshot.metadata.measure_column, snapshot.metadata.boundaries
    groups = snapshot.frame.groupby([column, "period"] if column else "period")["region"]
    for key, regions in groups:
        year = int(key[1] if column else key)
        found = {code for code in regions if code.startswith("GM")}
        extra = {"GM1940"} if (table, year) == ("83625NED", 2015) else set()  # after 1 July under its new name
        assert found == existing(year if fixed == "each_year" else fixed) | extra
        assert "NL01" in set(regions)
    assert snapshot.frame["value"].notna().all()


@pytest.mark.parametrize(("source", "table", "vintage"), SINGLE_YEARS)
def test_every_municipality_of_the_year_has_a_figure_for_every_measure(source: str, table: str, vintage: str):
    snapshot = open_snapshot(source, table, vintage=vintage, folder=DATA)
    year = snapshot.metadata.boundaries
    known = next(column.codes for column in snapshot.metadata.columns if column.role == "measure")
    assert set(known) == set(snapshot.frame["measure"])
    for measure in set(known) - {snapshot.metadata.change_measure}:
        rows = snapshot.series(measure)
        found = rows[rows["region"].str.startswith("GM")]
        assert set(rows["period"]) == {year}
        assert set(found["region"]) == existing(year)
        assert found["value"].notna().all()
        assert ("NL01" in set(rows["region"])) == (measure != "migration_balance")


def test_neighbourhoods_of_2020_are_those_of_the_region_and_add_up():
    """They add up to their municipality but for their rounding (to 5) and for who lives at no known address."""
    snapshot = open_snapshot("cbs", "84799NED", folder=DATA)
    names = next(column.codes for column in snapshot.metadata.columns if column.role == "region")
    small = {code for code in snapshot.frame["region"] if code[:2] in ("WK", "BU")}
    assert small == set(names)
    assert {f"GM{code[2:6]}" for code in small} == PARKSTAD_2020
    assert names["WK091733"] == "Wijk 33 Heerlen-Centrum"
    people = snapshot.series("population").set_index("region")["value"]
    for kind in ("WK", "BU"):
        for code in PARKSTAD_2020:
            parts = people[people.index.str.startswith(kind + code[2:])]
            assert abs(parts.sum() - people[code]) <= 5 * len(parts), (kind, code)


def test_benefits_of_2020_are_provisional_as_the_publisher_says():
    for table, measures in {
        "84799NED": {"persons_social_assistance"},
        "84799NED-work-care": {"disability_persons", "unemployment_persons"},
    }.items():
        frame = open_snapshot("cbs", table, folder=DATA).frame
        statuses = frame[frame["value"].notna()].groupby("measure")["status"].unique()
        assert {name for name, found in statuses.items() if list(found) == ["provisional"]} == measures
        assert all(list(found) == ["final"] for name, found in statuses.items() if name not in measures)


def test_means_of_2015_weighted_by_homes_are_what_is_published_for_province_and_country():
    homes = wide("cbs", "70072ned-2015", "dwellings").loc[2015]
    for measure, tolerance in (("rented_pct", 0.05), ("woz_value", 500)):
        means = wide("cbs", "70072ned-2015", measure).loc[2015]
        for region in ("PV31", "NL01"):
            inside = [c for c in homes.index if c.startswith("GM") and (region == "NL01" or PROVINCE[c] == region)]
            weighted = (means[inside] * homes[inside]).sum() / homes[inside].sum()
            assert weighted == pytest.approx(means[region], abs=tolerance), (measure, region)
            assert homes[inside].sum() == homes[region]


def test_moves_within_the_province_cancel_out():
    balance = wide("cbs", "70072ned-2015", "migration_balance").loc[2015]
    inside = [code for code in balance.index if PROVINCE.get(code) == "PV31"]
    assert balance[inside].sum() == balance["PV31"] == -2336
    assert balance[[code for code in balance.index if code.startswith("GM")]].sum() == 0


def test_metadata_tell_origin_licence_and_dates():
    for item in list_snapshots(folder=DATA):
        assert item.licence == "CC BY 4.0"
        assert item.attribution.startswith("Bron: ")
        assert item.url.startswith("https://")
        number = re.match(r"\d{5}\w+", item.publisher_table)  # a map or a monitor has none
        assert number is None or number.group() in item.url
        assert re.search(r"derde partij|opgehaald bij https://|gezien in de openbare code-opslag", item.origin)
        assert item.retrieved <= item.vintage
        assert (item.modified_at_source is None) == (item.modified_note is not None)
        if item.modified_at_source is not None:
            assert item.modified_at_source <= item.retrieved
        assert {column.role for column in item.columns} >= {"region", "period", "value", "status"}
        assert next(column.unit for column in item.columns if column.role == "value")


def test_no_metadata_name_a_place_on_a_machine():
    for path in DATA.glob("*/*/*.yml"):
        assert not re.search(r"/work|/tmp|/home|\.\./|shared", path.read_text(encoding="utf-8")), path


def test_row_counts_are_those_of_the_file_that_a_command_writes():
    kept = pd.read_csv(DATA / "row_counts.csv", dtype=str)
    assert list(kept.columns) == ROW_COUNT_COLUMNS
    counted = [
        (item.source, item.table, str(item.vintage), str(period), str(count))
        for item in list_snapshots(folder=DATA)
        for period, count in open_snapshot(item.source, item.table, vintage=str(item.vintage), folder=DATA)
        .frame.groupby("period")
        .size()
        .items()
    ]
    assert sorted(counted) == list(kept.itertuples(index=False, name=None))


def test_police_counts_are_complete():
    frame = open_snapshot("politie", "47018NED", folder=DATA).frame
    assert sorted(frame["offence"].unique()) == OFFENCES
    assert len(frame) == 12 * 14 * (342 + 1)
    assert (frame["value"] == frame["value"].round()).all()
    assert (frame["value"] >= 0).all()
    assert set(frame.loc[frame["status"] == "provisional", "period"]) == {2024, 2025}
    assert set(frame.loc[frame["period"] < 2024, "status"]) == {"final"}
    unknown = {}
    for offence in OFFENCES:
        table = wide("politie", "47018NED", offence)
        assert municipalities(table).shape == (14, 342)
        unknown[offence] = table["NL01"] - municipalities(table).sum(axis=1)
        assert (unknown[offence] >= 0).all()
        assert (unknown[offence] / table["NL01"] < 0.07).all(), offence  # most for drugs, in 2012
    assert unknown["1.1.1"].loc[[2012, 2019]].tolist() == [648, 14]


def test_police_check_values():
    table = wide("politie", "47018NED", "1.1.1")
    assert table.loc[2018:2022, "GM0917"].tolist() == [346, 307, 197, 149, 162]
    assert table.loc[[2012, 2019], "NL01"].tolist() == [91596, 39474]


def test_average_population_has_each_years_municipalities_and_sums():
    table = wide("cbs", "70072ned-population")
    before, after = table.loc[:2018], table.loc[2019:]
    assert before[["GM0881", "GM0951", "GM0962"]].notna().all(axis=None)
    assert before["GM1954"].isna().all()
    assert after[["GM0881", "GM0951", "GM0962"]].isna().all(axis=None)
    assert (municipalities(table).sum(axis=1) == table["NL01"]).all()


def test_both_sources_of_the_average_population_agree():
    old, new = wide("cbs", "70072ned-population"), wide("cbs", "03759ned", "population_average")
    years = range(2019, 2025)
    common = [code for code in municipalities(new)]
    rounding = (old.loc[years, common] - new.loc[years, common]).abs()
    assert rounding.max(axis=None) <= 0.5
    assert rounding.notna().sum(axis=1).tolist() == [355, 355, 352, 345, 342, 342]
    national = (old.loc[years, "NL01"] / new.loc[years, "NL01"] - 1).abs()
    assert national.max() < 1e-6
    assert (old["NL01"].pct_change().dropna().between(0, 0.011)).all()


def test_average_population_is_half_of_both_ends_of_the_year():
    start = pd.concat([wide("cbs", "37230ned-1-january"), wide("cbs", "03759ned", "population_1_january")])
    average = wide("cbs", "70072ned-population")
    for year in range(2012, 2025):
        moved = {code for change in CHANGES if change.day.year in (year, year + 1) for code in _both(change)}
        codes = sorted((existing(year) & existing(year + 1)) - moved)
        halves = (start.loc[year, codes] + start.loc[year + 1, codes]) / 2
        assert (average.loc[year, codes] - halves).abs().max() <= 0.5, year
        assert len(codes) > 300


def _both(change: Change) -> tuple[str, str]:
    return change.source, change.target


def test_population_check_values_and_published_total():
    table = wide("cbs", "03759ned", "population_1_january")
    assert table.loc[[2019, 2022], "GM0917"].tolist() == [86832, 86845]
    assert wide("cbs", "03759ned", "population_average").index.max() == 2025
    for frame in (table, wide("cbs", "03759ned", "population_average"), wide("cbs", "37230ned-1-january")):
        assert (municipalities(frame).sum(axis=1) == frame["NL01"]).all()
    provinces = [code for code in table if code.startswith("PV")]
    assert len(provinces) == 12
    for province in provinces:
        inside = [code for code in municipalities(table) if PROVINCE[code] == province]
        assert (table[inside].sum(axis=1) == table[province]).all()


def test_sale_price_check_values_and_boundaries():
    table = wide("cbs", "83625NED")
    assert table.loc[[2018, 2022], "GM0917"].tolist() == [165584, 251269]
    assert municipalities(table).notna().sum(axis=1).loc[[2015, 2018, 2019, 2025]].tolist() == [394, 380, 355, 342]
    for province in sorted(set(PROVINCE.values())):
        inside = [code for code in municipalities(table) if PROVINCE[code] == province]
        assert table[province].between(table[inside].min(axis=1), table[inside].max(axis=1)).all()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "snapshots"))


def spoil(folder: Path, name: str, change) -> None:
    path = max(folder.glob(f"*/*/{name}"))
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: content.replace(b",346,", b",345,", 1), id="one figure changed"),
        pytest.param(lambda content: content[: len(content) // 2], id="truncated"),
        pytest.param(lambda content: content.replace(b"\n", b"\r\n"), id="other line ends"),
        pytest.param(lambda content: b"", id="empty"),
    ],
)
def test_a_damaged_table_is_refused(copy: Path, change):
    spoil(copy, "47018NED.csv", change)
    with pytest.raises(SnapshotError, match=r"47018NED\.csv is not the file that was added") as caught:
        open_snapshot("politie", "47018NED", folder=copy)
    assert "\n" not in str(caught.value)
    with pytest.raises(SnapshotError, match=r"47018NED\.csv"):
        verify_snapshots(folder=copy)


def test_fewer_rows_than_recorded_are_refused(copy: Path):
    spoil(copy, "83625NED.yml", lambda content: re.sub(rb"rows: \d+", b"rows: 999", content))
    with pytest.raises(SnapshotError, match=r"has \d+ rows; expected 999"):
        open_snapshot("cbs", "83625NED", folder=copy)


@pytest.mark.parametrize(("suffix", "message"), [("yml", "has no metadata"), ("csv", "is missing; its metadata")])
def test_half_a_snapshot_is_refused(copy: Path, suffix: str, message: str):
    max(copy.glob(f"*/*/83625NED.{suffix}")).unlink()
    with pytest.raises(SnapshotError, match=message):
        open_snapshot("cbs", "83625NED", folder=copy)
    with pytest.raises(SnapshotError, match=message):
        verify_snapshots(folder=copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content + b"colour: red\n", "colour"),
        (lambda content: b"[unclosed", "cannot be read as YAML"),
        (lambda content: b"", "holds no metadata"),
        (lambda content: content.replace(b"table: 83625NED", b"table: 83625XYZ", 1), "stands in another place"),
        (lambda content: content.replace(b"publisher: CBS", b"publisher: CBS; x", 1), "publisher: .*without ';'"),
    ],
)
def test_bad_metadata_are_refused(copy: Path, change, message: str):
    spoil(copy, "83625NED.yml", change)
    with pytest.raises(SnapshotError, match=message):
        open_snapshot("cbs", "83625NED", folder=copy)


def test_changed_row_counts_are_noticed(copy: Path):
    path = copy / "row_counts.csv"
    path.write_text(path.read_text().replace("2019,66", "2019,65"))
    with pytest.raises(SnapshotError, match="rows per period"):
        verify_snapshots(folder=copy)
    path.unlink()
    with pytest.raises(SnapshotError, match="is missing"):
        verify_snapshots(folder=copy)


def test_an_unknown_table_vintage_or_measure_is_told_with_what_there_is():
    with pytest.raises(SnapshotError, match=r"Did you mean 'politie/47018NED'"):
        open_snapshot("politie", "47019NED", folder=DATA)
    with pytest.raises(SnapshotError, match="there are: 2026-08-19, 2026-11-24"):
        open_snapshot("politie", "47018NED", vintage="2020-01-01", folder=DATA)
    with pytest.raises(SnapshotError, match=r"no measure '9\.9\.9'; it holds: 1\.1\.1"):
        open_snapshot("politie", "47018NED", folder=DATA).series("9.9.9")
    with pytest.raises(SnapshotError, match="one measure, without a code"):
        open_snapshot("cbs", "83625NED", folder=DATA).series("price")


def small(values=(1.0, 2.5), statuses=("final", "provisional"), periods=(2020, 2021)) -> pd.DataFrame:
    return pd.DataFrame({"region": "GM0917", "period": list(periods), "value": list(values), "status": list(statuses)})


def description(**changes) -> dict:
    path = DATA / "cbs" / "2026-07-17" / "83625NED.yml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    computed = {"rows", "sha256", "first_period", "last_period"}
    return {key: value for key, value in known.items() if key not in computed} | {"table": "small"} | changes


def test_a_new_snapshot_comes_back_as_it_was_added(tmp_path: Path):
    frame = small(values=(1.0, float("nan")), statuses=("final", "withheld"))
    path = add_snapshot(frame, description(), folder=tmp_path)
    assert path == tmp_path / "cbs" / "2026-07-17" / "small.csv"
    assert path.read_text() == "region,period,value,status\nGM0917,2020,1,final\nGM0917,2021,,withheld\n"
    back = open_snapshot("cbs", "small", folder=tmp_path)
    pd.testing.assert_frame_equal(back.frame, frame, check_dtype=False)
    assert (back.metadata.rows, back.metadata.first_period, back.metadata.last_period) == (2, 2020, 2021)
    assert [item.table for item in verify_snapshots(folder=tmp_path)] == ["small"]


def test_the_latest_vintage_is_opened_unless_one_is_named(tmp_path: Path):
    add_snapshot(small(values=(1, 2)), description(vintage="2025-01-01"), folder=tmp_path)
    add_snapshot(small(values=(3, 4)), description(vintage="2026-01-01"), folder=tmp_path)
    assert open_snapshot("cbs", "small", folder=tmp_path).frame["value"].tolist() == [3, 4]
    named = open_snapshot("cbs", "small", vintage="2025-01-01", folder=tmp_path)
    assert named.frame["value"].tolist() == [1, 2]


def test_a_snapshot_is_never_overwritten(tmp_path: Path):
    path = add_snapshot(small(), description(), folder=tmp_path)
    before = path.read_bytes(), path.with_suffix(".yml").read_bytes()
    with pytest.raises(SnapshotError, match="exists and is never overwritten"):
        add_snapshot(small(values=(8, 9)), description(), folder=tmp_path)
    assert (path.read_bytes(), path.with_suffix(".yml").read_bytes()) == before
    assert sorted(item.name for item in path.parent.iterdir()) == ["small.csv", "small.yml"]


def test_a_failure_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write = snapshot_writer._write_new

    def fails_on_metadata(target: Path, content: bytes) -> None:
        if target.suffix == ".yml":
            raise OSError("disk full")
        write(target, content)

    monkeypatch.setattr(snapshot_writer, "_write_new", fails_on_metadata)
    with pytest.raises(OSError, match="disk full"):
        add_snapshot(small(), description(), folder=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (small(statuses=("final", "good")), "has status 'good'"),
        (small(values=(1, float("nan"))), "a value is empty"),
        (small(statuses=("final", "missing")), "a value is empty"),
        (small(values=(1, float("inf"))), "a value is empty"),
        (small(periods=(2020, 2020)), "more than once"),
        (small().rename(columns={"value": "amount"}), "has columns"),
        (small().iloc[:0], "does not run from"),
    ],
)
def test_a_frame_that_does_not_fit_is_not_added(tmp_path: Path, frame: pd.DataFrame, message: str):
    with pytest.raises(SnapshotError, match=message):
        add_snapshot(frame, description(), folder=tmp_path)
    assert list(tmp_path.rglob("*.csv")) == []
