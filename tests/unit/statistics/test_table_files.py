"""Large tables as parquet: the same bytes for the same figures, and everything that holds for a CSV."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evaluation.base.errors import SnapshotError
from evaluation.base.run_variables import INPUT_LOG_VARIABLE
from evaluation.statistics import table_writer
from evaluation.statistics.row_counts import mend_row_counts, verify_snapshots
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import list_snapshots, open_snapshot, private_folder
from evaluation.statistics.sources.vintages import compare_snapshots
from evaluation.statistics.table_writer import write_table

duckdb = pytest.importorskip("duckdb")


def described(**changes: object) -> dict:
    columns = [
        ("region", "region"),
        ("period", "period"),
        ("kind", "measure"),
        ("value", "value"),
        ("status", "status"),
    ]
    texts = ("title", "publisher", "publisher_table", "url", "licence", "licence_url", "attribution", "origin")
    return {
        **dict.fromkeys((*texts, "provisional_rule", "made_by"), "verzonnen"),
        "source": "made",
        "table": "large",
        "vintage": "2026-01-05",
        "retrieved": "2026-01-05",
        "modified_at_source": None,
        "boundaries": "each_year",
        "format": "parquet",
        "columns": [{"name": name, "role": role, "meaning": "Verzonnen"} for name, role in columns],
    } | changes


def figures(**changes: object) -> pd.DataFrame:
    columns = {
        "region": ["GM0001", "GM0002", "GM0001", "GM0002"],
        "period": [2020, 2020, 2021, 2021],
        "kind": ["b", "b", "a", "a"],
        "value": [1.0, float("nan"), 0.1 + 0.2, 1e17],
        "status": ["final", "withheld", "provisional", "final"],
    }
    return pd.DataFrame(columns | changes)


@pytest.fixture
def added(tmp_path: Path) -> Path:
    """A folder of snapshots with one parquet."""
    add_snapshot(figures(), described(), folder=tmp_path / "snapshots")
    return tmp_path / "snapshots"


@pytest.fixture
def parquet(added: Path) -> Path:
    return added / "made" / "2026-01-05" / "large.parquet"


def replace(path: Path, query: str, *, rows: int | None = None) -> None:
    """Put another table in the place of one, and let the metadata know its sha256 (and rows)."""
    changed = path.with_name("changed.parquet")
    table = f"read_parquet('{path}')"
    duckdb.execute(f"COPY ({query.format(table=table)}) TO '{changed}' (FORMAT parquet)")
    changed.replace(path)
    metadata = path.with_suffix(".yml")
    known = yaml.safe_load(metadata.read_text(encoding="utf-8"))
    known["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    known["rows"] = known["rows"] if rows is None else rows
    metadata.write_text(yaml.safe_dump(known, sort_keys=False), encoding="utf-8")


def test_a_parquet_comes_back_as_it_was_added_in_its_own_order(added: Path, parquet: Path):
    assert sorted(path.name for path in parquet.parent.iterdir()) == ["large.parquet", "large.yml"]
    snapshot = open_snapshot("made", "large", folder=added)
    expected = figures().sort_values(["kind", "region", "period"], ignore_index=True)
    pd.testing.assert_frame_equal(snapshot.frame, expected, check_dtype=False, rtol=0)
    assert snapshot.series("a")["value"].tolist() == [0.1 + 0.2, 1e17]
    assert snapshot.series("b").to_numpy(dtype=object)[0].tolist() == ["GM0001", 2020, 1.0, "final"]
    assert (snapshot.metadata.rows, snapshot.metadata.first_period, snapshot.metadata.last_period) == (4, 2020, 2021)
    assert [item.table for item in verify_snapshots(folder=added)] == ["large"]
    assert [item.format for item in list_snapshots(folder=added)] == ["parquet"]
    assert (added / "row_counts.csv").read_text() == (
        "source,table,vintage,period,rows\nmade,large,2026-01-05,2020,2\nmade,large,2026-01-05,2021,2\n"
    )
    with pytest.raises(SnapshotError, match="no measure 'c'; it holds: a, b"):
        snapshot.series("c")
    with pytest.raises(SnapshotError, match="no measure None"):
        snapshot.series(None)


def test_a_table_is_a_parquet_above_a_number_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(table_writer, "LARGE_ROWS", 3)
    free = {key: value for key, value in described().items() if key != "format"}
    assert add_snapshot(figures(), free, folder=tmp_path).suffix == ".parquet"
    small = add_snapshot(figures().iloc[:3], free | {"table": "small"}, folder=tmp_path)
    assert small.suffix == ".csv"
    assert [item.format for item in verify_snapshots(folder=tmp_path)] == ["parquet", "csv"]
    both = [open_snapshot("made", name, folder=tmp_path) for name in ("large", "small")]
    found = compare_snapshots(*both)
    assert found[["region", "measure", "kind"]].to_numpy().tolist() == [["GM0002", "a", "vanished"]]


def test_the_same_figures_give_the_same_bytes_in_any_order_and_in_another_process(tmp_path: Path):
    regions = [f"BU{number:08d}" for number in range(70_000)]
    frame = pd.DataFrame(
        {
            "region": regions * 2,
            "period": 2020,
            "kind": ["a"] * len(regions) + ["b"] * len(regions),
            "value": [number / 7 for number in range(2 * len(regions))],
            "status": "final",
        }
    )
    content = write_table(frame, "parquet")
    shuffled = frame.sample(frac=1, random_state=1).astype({"region": "category", "status": "category"})
    assert write_table(shuffled, "parquet") == content
    frame.to_pickle(tmp_path / "frame.pkl")
    script = (
        "import pandas as pd, sys; from evaluation.statistics.table_writer import write_table; "
        f"sys.stdout.buffer.write(write_table(pd.read_pickle({str(tmp_path / 'frame.pkl')!r}), 'parquet'))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert other.stdout == content
    frame.loc[0, "value"] = 1.0
    assert write_table(frame, "parquet") != content


def test_a_snapshot_knows_its_figures_again(added: Path):
    snapshot = open_snapshot("made", "large", folder=added)
    assert snapshot.holds(figures())
    assert snapshot.holds(figures().iloc[::-1])
    assert not snapshot.holds(figures(value=[1.0, float("nan"), 0.3, 1e17]))
    assert not snapshot.holds(figures(status=["final", "missing", "provisional", "final"]))
    assert not snapshot.holds(figures().iloc[:3])


@pytest.mark.parametrize(
    ("query", "rows", "message"),
    [
        (
            "SELECT region, period, kind, value AS amount, status FROM {table}",
            None,
            "has columns .* amount, status; exp",
        ),
        ("SELECT region, period, kind, status, value FROM {table}", None, "has columns"),
        ("SELECT * FROM {table} LIMIT 3", None, "has 3 rows; expected 4"),
        ("SELECT * REPLACE ('good' AS status) FROM {table}", None, "has status 'good'; allowed: final"),
        ("SELECT * REPLACE (NULL AS status) FROM {table}", None, "has status ''; allowed: final|type"),
        ("SELECT * REPLACE ('final'::VARCHAR AS status) FROM {table}", None, "a value is empty where its status is"),
        ("SELECT * REPLACE (5.0::DOUBLE AS value) FROM {table}", None, "a value is empty where its status is"),
        ("SELECT * REPLACE ('inf'::DOUBLE AS value) FROM {table}", None, "a value is empty where its status is"),
        ("SELECT * REPLACE ('nan'::DOUBLE AS value) FROM {table}", None, "a value is empty where its status is"),
        ("SELECT * FROM {table} UNION ALL SELECT * FROM {table} LIMIT 5", 5, "1 rows more than once, such as"),
        ("SELECT * REPLACE (value::VARCHAR AS value) FROM {table}", None, "not a number: column value of type VARCHAR"),
        ("SELECT * REPLACE (period::VARCHAR AS period) FROM {table}", None, "not a number: column period"),
        ("SELECT * REPLACE (nullif(region, 'GM0001') AS region) FROM {table}", None, "2 rows without a region"),
        ("SELECT * REPLACE ((period + 1)::INTEGER AS period) FROM {table}", None, "does not run from 2020 to 2021"),
        ("SELECT * FROM {table} WHERE false", 0, "does not run from 2020 to 2021"),
    ],
)
def test_a_parquet_that_is_not_what_its_metadata_say_is_refused(
    added: Path, parquet: Path, query: str, rows: int | None, message: str
):
    replace(parquet, query, rows=rows)
    for look in (lambda: open_snapshot("made", "large", folder=added), lambda: verify_snapshots(folder=added)):
        with pytest.raises(SnapshotError, match=message) as caught:
            look()
        assert "large.parquet" in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change", [lambda content: content[: len(content) // 2], lambda content: content + b" ", lambda content: b""]
)
def test_other_bytes_are_refused(added: Path, parquet: Path, change):
    parquet.write_bytes(change(parquet.read_bytes()))
    with pytest.raises(SnapshotError, match=r"large\.parquet is not the file that was added"):
        open_snapshot("made", "large", folder=added)


def test_a_file_that_is_no_parquet_is_refused_in_one_line(added: Path, parquet: Path):
    parquet.write_bytes(b"region,period,kind,value,status\n")
    metadata = parquet.with_suffix(".yml")
    known = yaml.safe_load(metadata.read_text(encoding="utf-8"))
    known["sha256"] = hashlib.sha256(parquet.read_bytes()).hexdigest()
    metadata.write_text(yaml.safe_dump(known, sort_keys=False), encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"large\.parquet cannot be read as parquet") as caught:
        open_snapshot("made", "large", folder=added)
    assert "\n" not in str(caught.value)


def test_half_a_snapshot_and_one_in_two_forms_are_refused(added: Path, parquet: Path):
    other = parquet.with_suffix(".csv")
    other.write_text("region\n", encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"large\.csv has no metadata: those beside it are of large\.parquet"):
        verify_snapshots(folder=added)
    with pytest.raises(SnapshotError, match=r"large\.csv has no metadata"):
        open_snapshot("made", "large", folder=added)
    other.unlink()
    content = parquet.read_bytes()
    parquet.unlink()
    with pytest.raises(SnapshotError, match=r"large\.parquet is missing; its metadata are there"):
        verify_snapshots(folder=added)
    parquet.write_bytes(content)
    parquet.with_suffix(".yml").unlink()
    with pytest.raises(SnapshotError, match=r"large\.parquet has no metadata: large\.yml is missing"):
        verify_snapshots(folder=added)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (figures(status=["final", "good", "final", "final"]), "has status 'good'"),
        (figures(value=[1.0, 2.0, 3.0, 4.0]), "a value is empty"),
        (figures(value=["1", None, "veel", "4"]), "not a number"),
        (figures(kind=["b", "b", "b", "b"], period=[2020] * 4), "more than once"),
        (figures().rename(columns={"value": "amount"}), "has columns"),
        (figures().iloc[:0], "does not run from"),
    ],
)
def test_a_frame_that_does_not_fit_is_not_added(tmp_path: Path, frame: pd.DataFrame, message: str):
    with pytest.raises(SnapshotError, match=message):
        add_snapshot(frame, described(), folder=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_vintage_is_never_overwritten_in_either_form(added: Path, parquet: Path):
    before = parquet.read_bytes(), parquet.with_suffix(".yml").read_bytes()
    for form in ("parquet", "csv"):
        with pytest.raises(SnapshotError, match="exists and is never overwritten"):
            add_snapshot(figures(), described(format=form), folder=added)
    assert (parquet.read_bytes(), parquet.with_suffix(".yml").read_bytes()) == before
    beside = add_snapshot(figures(), described(table="other"), folder=added)
    assert beside.parent == parquet.parent
    assert sorted(path.name for path in beside.parent.iterdir()) == [
        "large.parquet",
        "large.yml",
        "other.parquet",
        "other.yml",
    ]


def test_a_private_parquet_stays_in_its_overlay(added: Path):
    path = add_snapshot(figures(), described(table="licensed", private=True), folder=added)
    assert path.is_relative_to(private_folder(added))
    assert open_snapshot("made", "licensed", folder=added).metadata.private
    assert [item.table for item in list_snapshots(folder=added)] == ["large"]
    assert {item.table for item in verify_snapshots(folder=added)} == {"large", "licensed"}


def test_what_was_read_is_noted(added: Path, parquet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    log = tmp_path / "log.txt"
    monkeypatch.setenv(INPUT_LOG_VARIABLE, str(log))
    open_snapshot("made", "large", folder=added).series("a")
    assert str(parquet) in log.read_text(encoding="utf-8").splitlines()


def test_row_counts_that_do_not_agree_are_mended_by_command(added: Path):
    counts = added / "row_counts.csv"
    counts.write_text(counts.read_text().replace(",2\n", ",3\n"))
    with pytest.raises(SnapshotError, match=r"rows per period .* regiodeal data verify --mend"):
        verify_snapshots(folder=added)
    assert mend_row_counts(folder=added)
    assert len(verify_snapshots(folder=added)) == 1
    assert not mend_row_counts(folder=added)
    counts.unlink()
    assert mend_row_counts(folder=added)


def test_row_counts_are_not_mended_over_a_damaged_snapshot(added: Path, parquet: Path):
    counts = added / "row_counts.csv"
    counts.write_text(counts.read_text().replace(",2\n", ",3\n"))
    before = counts.read_bytes()
    parquet.write_bytes(parquet.read_bytes()[:-1])
    with pytest.raises(SnapshotError, match="is not the file that was added"):
        mend_row_counts(folder=added)
    assert counts.read_bytes() == before


def test_who_reads_no_large_table_does_not_load_duckdb():
    script = (
        "import sys, evaluation.statistics.snapshots, "
        "evaluation.statistics.sources.vintages, "
        "evaluation.statistics.panels, evaluation.statistics.neighbourhoods; "
        "from evaluation.statistics.row_counts import verify_snapshots; sys.exit('duckdb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False)
    assert done.returncode == 0
