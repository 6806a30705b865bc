"""Two runs beside each other: what is the same, what is not, and why; and an altered file beside its original."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from evaluation.base.errors import InputError, UsageError
from evaluation.bundles.altered import PlaceChange, find_changes
from evaluation.bundles.causes import Cause, Causes
from evaluation.bundles.compare import TOLERANCES, compare, count_by_cause, read_tolerances
from evaluation.bundles.sides import make_side, open_side
from evaluation.statistics.table_writer import write_table
from tests.conftest import ROOT

TOLERATED = read_tolerances((ROOT / TOLERANCES).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def office(packed):
    """The run of the bundle as one side."""
    return make_side("office", {name.removeprefix("run/"): packed[name] for name in packed if name.startswith("run/")})


def other(side, *, results=None, inputs=None, record=None):
    """The same side with something changed in a copy."""
    copies = json.loads(json.dumps([side.record, side.inputs]))
    frame = side.results.copy()
    for change, target in ((results, frame), (record, copies[0]), (inputs, copies[1])):
        if change:
            change(target)
    return replace(side, results=frame, record=copies[0], inputs=copies[1])


def row_with(side, **wanted) -> str:
    """The first number with a value, of which the columns hold these words."""
    frame = side.results[side.results["value"].notna()]
    for column, word in wanted.items():
        frame = frame[frame[column].str.contains(word, regex=False)]
    return frame.index[0]


def test_a_run_is_the_same_as_itself(office):
    found = compare(Causes(office, office), TOLERATED)
    assert len(found.same) == len(office.results) and found.differences == () and found.within == ()


def test_each_kind_of_difference_is_told_with_what_was_expected_and_got(office):
    first, second, third, fourth = (office.results.index[position] for position in (10, 20, 30, 40))

    def change(frame):
        frame.loc[first, "value"] = 123.0
        frame.loc[second, "status"] = "provisional"
        frame.loc["9.nieuw.x.2021.value"] = frame.loc[third]

    now = other(office, results=change)
    now = replace(now, results=now.results.drop(index=fourth))
    found = compare(Causes(office, now), TOLERATED)
    kinds = {item.result_id: item.kind for item in found.differences}
    assert kinds == {first: "value", second: "status", "9.nieuw.x.2021.value": "new", fourth: "gone"}
    changed = next(item for item in found.differences if item.result_id == first)
    assert (changed.expected, changed.got) == (float(office.results.loc[first, "value"]), 123.0)
    assert changed.causes == (Cause("none", ""),)
    assert str(changed).endswith("-> 123.0 (no recorded input differs)")


def test_a_new_vintage_is_the_cause_of_the_numbers_that_name_the_table(office):
    prices = row_with(office, source="CBS 83625NED", status="final")
    crimes = row_with(office, source="Politie 47018NED", status="final")
    money = row_with(office, source="programmaregistratie", notebook="7-financien")

    def results(frame):
        frame.loc[[prices, crimes, money], "value"] += 1

    def inputs(content):
        for files in (notebook["files"] for notebook in content.values()):
            for end in (".csv", ".yml"):
                if files.pop(f"data/snapshots/cbs/2026-11-24/83625NED{end}", None):
                    files[f"data/snapshots/cbs/2026-12-01/83625NED{end}"] = "new"
            files["data/programme/parkstad-limburg/payments.csv"] = "other"

    found = compare(Causes(office, other(office, results=results, inputs=inputs)), TOLERATED)
    causes = {item.result_id: item.causes for item in found.differences}
    vintage = Cause("snapshot", "cbs/83625NED", "2026-11-24 -> 2026-12-01")
    payments = Cause("record", "data/programme/parkstad-limburg/payments.csv")
    assert causes[prices] == (vintage,)
    assert causes[money] == (payments,)
    assert causes[crimes] == (payments, vintage), "its own table is the same: either may be why"
    assert count_by_cause(found.differences) == {payments: 2, vintage: 2}


def test_code_cells_and_versions_are_causes_for_every_number_of_their_notebook(office):
    crimes = row_with(office, notebook="3-veiligheid")

    def inputs(content):
        notebook = content["3-veiligheid"]
        notebook["modules"]["evaluation.statistics.panels"] = "other"
        notebook["cells"][notebook["order"][3]] = "other"
        notebook["versions"]["pandas"] = "3.1.0"

    now = other(office, results=lambda frame: frame.__setitem__("value", frame["value"] + 1), inputs=inputs)
    found = {item.result_id: item.causes for item in compare(Causes(office, now), TOLERATED).differences}
    version = office.record["versions"]["pandas"]
    assert [str(cause) for cause in found[crimes]] == [
        "module evaluation.statistics.panels",
        f"notebook 3-veiligheid, cell {office.inputs['3-veiligheid']['order'][3]}",
        f"version pandas: {version} -> 3.1.0",
    ]
    assert found[row_with(office, notebook="7-financien")] == (Cause("none", ""),)


def test_an_estimate_may_differ_in_its_last_digits_and_a_count_may_not(office):
    estimate = row_with(office, measure="distance_to_trend")
    money = row_with(office, unit_of_measure="EUR", measure="paid")

    def nudge(frame):
        frame.loc[[estimate, money], "value"] *= 1 + 1e-12

    found = compare(Causes(office, other(office, results=nudge)), TOLERATED)
    assert [item[0] for item in found.within] == [estimate]
    assert [item.result_id for item in found.differences] == [money]


def test_each_tolerance_is_of_a_known_measure_and_has_its_reason():
    codebook = csv.DictReader(io.StringIO((ROOT / "reports" / "codeboek.csv").read_text(encoding="utf-8")))
    measures = {row["code"] for row in codebook if row["soort"] == "maat"}
    assert TOLERATED.keys() <= measures
    assert all(len(item.reason) > 20 and item.relative <= 1e-9 for item in TOLERATED.values())
    with pytest.raises(InputError) as caught:
        read_tolerances("maat,relatief,absoluut,reden\nmde,0.5,0,ruim\nmde,0,x,\n")
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [
        (2, "relatief"), (3, "absoluut"), (3, "reden"), (3, "maat"),
    ]  # fmt: skip


def test_diff_tells_what_changed_and_ends_with_its_code(with_run, bundle, packed):
    path = with_run.root / "results.csv"
    money = row_with(open_side(str(bundle), "parkstad-limburg"), measure="paid", unit_of_measure="EUR")
    lines = packed["run/results.csv"].decode().splitlines(keepends=True)
    (line,) = (number for number, text in enumerate(lines) if text.startswith(f"{money},"))
    cells = next(csv.reader([lines[line]]))
    lines[line] = lines[line].replace(f",{cells[7]},", ",7.5,", 1)
    path.write_text("".join(lines), encoding="utf-8")
    done = with_run.regiodeal("diff", str(bundle), "results.csv", "--to", "changed.csv")
    assert done.returncode == 7, done.stderr
    assert f"{money}: " in done.stdout and "-> 7.5" in done.stdout and ", 1 differ." in done.stdout
    rows = list(csv.DictReader((with_run.root / "changed.csv").open(encoding="utf-8")))
    assert [(row["result_id"], row["got"]) for row in rows] == [(money, "7.5")]


def test_what_holds_no_numbers_is_refused(tmp_path, office):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for text in (str(tmp_path / "x.csv"), str(tmp_path), str(tmp_path / "none.zip")):
        with pytest.raises(UsageError):
            open_side(text, "parkstad-limburg")


def test_an_altered_cell_is_named_with_row_column_and_both_values():
    table = b"region,period,value,status\nGM0003,2015,146925,final\nGM0003,2016,164504,final\n"
    altered = table.replace(b"164504", b"164594")
    found = find_changes("data/x.csv", table, altered)
    assert found.places == (PlaceChange(3, "value", "164504", "164594", "GM0003 2016 final"),)
    assert found.words == "row 3, column value (GM0003 2016 final): 164504 -> 164594"
    removed = find_changes("data/x.csv", table, table.replace(b"GM0003,2015,146925,final\n", b""))
    assert [(place.row, place.got) for place in removed.places] == [(2, None)]
    assert find_changes("data/x.csv", table, table.replace(b"\n", b"\r\n")).count == 0


def test_altered_text_is_named_by_its_line_and_what_cannot_be_read_by_its_file():
    found = find_changes("x.py", b"a = 1\nb = 2\n", b"a = 1\nb = 3\n")
    assert found.words == "row 2: b = 2 -> b = 3"
    assert find_changes("x.bin", b"\xff\xfe", b"\xff\xfd").words.startswith("other bytes")


def test_an_altered_cell_of_a_parquet_is_named():
    frame = pd.DataFrame(
        {"region": ["GM1", "GM2"], "period": [2020, 2020], "value": [1.5, 2.5], "status": ["final"] * 2}
    )
    tables = [write_table(frame.assign(value=[1.5, value]), "parquet") for value in (2.5, 9.5)]
    (place,) = find_changes("data/x.parquet", *tables).places
    assert (place.row, place.column, place.expected, place.got) == (3, "value", "2.5", "9.5")
