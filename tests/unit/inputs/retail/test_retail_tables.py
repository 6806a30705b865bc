"""What can be wrong in the retail tables is told all at once, with its place; no address or name gets in."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from evaluation.base.errors import Fault, InputError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.retail.tables import COLUMNS, load_retail

DEAL = load_deal(folder=Path(__file__).resolve().parents[4] / "data" / "deal")
DATASET = (
    "title: Proef\nstatus: voorlopig\nversion: 1.10\nsource: eigen telling\nlicence: vrij\nmay_publish: true\n"
    "vacancy_definition: Leeg is leeg.\n"
)
CLUSTER = {"cluster_id": "A", "name": "Dorp", "municipality": "GM0917", "is_main_centre": "nee", "is_priority": "ja"}
SHOP = {
    "premises_id": "W1", "year": "2020", "municipality": "GM0917", "cluster": "A", "function": "retail",
    "is_vacant": "nee", "wvo_m2": "100", "bvo_m2": "130.5", "occupant_id": "O1", "branch": "daily",
}  # fmt: skip
PLAN = {"municipality": "GM0917", "year": "2020", "kind": "hidden", "floor_space": "bvo", "m2": "1200"}
TABLES = {
    "clusters": [CLUSTER],
    "premises": [SHOP, {**SHOP, "premises_id": "W2", "cluster": "", "occupant_id": "O2"}],
    "plan_capacity": [PLAN],
}


def write(folder: Path, tables=None, *, dataset: str = DATASET, columns=None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.yml").write_text(dataset, encoding="utf-8")
    for name, rows in {**TABLES, **(tables or {})}.items():
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, (columns or {}).get(name, COLUMNS[name]), restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        load_retail(DEAL, folder=folder)
    return caught.value.faults


def only(folder: Path) -> Fault:
    found = faults(folder)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


def test_tables_in_order_are_read_with_their_types(tmp_path):
    tables = load_retail(DEAL, folder=write(tmp_path / "retail"))
    assert tables.years == (2020,) and tables.priority_clusters == ("A",) and not tables.is_private
    row = tables.premises.iloc[0]
    assert (row["premises_id"], row["wvo_m2"], row["bvo_m2"], bool(row["is_vacant"])) == ("W1", 100.0, 130.5, False)
    assert tables.premises["cluster"].isna().tolist() == [False, True]
    assert (tables.dataset.minimum_count, tables.dataset.minimum_denominator) == (10, 50)
    assert tables.dataset.version == "1.10" and not tables.dataset.comparable_with_baseline


def test_a_workbook_holds_the_same_tables(tmp_path):
    folder = write(tmp_path / "retail")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in COLUMNS:
        sheet = book.create_sheet(name)
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            for line in csv.reader(file):
                sheet.append([int(cell) if cell.isdigit() else cell or None for cell in line])
        (folder / f"{name}.csv").unlink()
    csv_tables = load_retail(DEAL, folder=write(tmp_path / "csv"))
    book.save(folder / "retail.xlsx")
    tables = load_retail(DEAL, folder=folder)
    assert tables.premises.equals(csv_tables.premises) and tables.clusters.equals(csv_tables.clusters)
    write(folder)
    assert "retail.xlsx beside" in only(folder).found


def test_a_deal_without_a_folder_has_no_retail_tables():
    assert load_retail(DEAL.model_copy(update={"id": "elders"})) is None


def test_the_private_overlay_goes_before_the_example_and_may_not_be_one(tmp_path, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    write(tmp_path / "data" / "retail" / DEAL.id, dataset=DATASET.replace("Proef", "Openbaar"))
    assert not load_retail(DEAL).is_private
    private = write(tmp_path / "data" / "private" / "retail" / DEAL.id)
    tables = load_retail(DEAL)
    assert tables.is_private and tables.dataset.title == "Proef"
    write(private, dataset=DATASET.replace("voorlopig", "voorbeeld"))
    with pytest.raises(InputError, match="private overlay"):
        load_retail(DEAL)


@pytest.mark.parametrize(
    "column", ["straat", "Huisnummer", "postcode", "adres", "naam", "eigenaar", "street_name", "kvk_nummer"]
)
def test_a_column_that_leads_to_an_address_or_a_person_is_refused(tmp_path, column):
    folder = write(tmp_path / "retail", columns={"premises": [*COLUMNS["premises"], column]})
    fault = only(folder)
    assert (fault.row, fault.column) == (1, column) and "premises.csv" in fault.file
    assert "must not be there" in fault.found and "no address and no name" in fault.hint


@pytest.mark.parametrize("identity", ["0917010000123456", "6411AB12", "6411 AB 12", "Markt 3"])
def test_an_identity_that_leads_to_an_address_is_refused(tmp_path, identity):
    fault = only(write(tmp_path / "retail", {"premises": [{**SHOP, "premises_id": identity}]}))
    assert (fault.row, fault.column) == (2, "premises_id") and "leads to no address" in fault.expected


BROKEN = [
    ("premises", {"year": "20"}, "year", "a year from 2008 to 2025"),
    ("premises", {"municipality": "GM0363"}, "municipality", "a municipality of the region"),
    ("premises", {"cluster": "Z"}, "cluster", "the cluster_id of a row in clusters"),
    ("premises", {"municipality": "GM0928"}, "cluster", "a cluster of GM0928; A lies in GM0917"),
    ("premises", {"function": "winkel"}, "function", "one of: retail"),
    ("premises", {"function": "other", "occupant_id": ""}, "other_kind", "what it is now"),
    ("premises", {"other_kind": "care"}, "other_kind", "an empty cell, as the function is retail"),
    ("premises", {"is_vacant": "ja"}, "occupant_id", "an empty cell, as the premises are vacant"),
    ("premises", {"is_vacant": "?"}, "is_vacant", "ja or nee"),
    ("premises", {"wvo_m2": "0"}, "wvo_m2", "a number above 0"),
    ("premises", {"wvo_m2": "1.200,5"}, "wvo_m2", "a plain number"),
    ("premises", {"wvo_m2": "200"}, "bvo_m2", "at least the wvo_m2 of the row (200)"),
    ("premises", {"branch": "dagelijks"}, "branch", "one of: daily"),
    ("clusters", {"is_main_centre": "ja"}, "is_priority", "leaves the main centre out"),
    ("plan_capacity", {"floor_space": "vvo"}, "floor_space", "one of: wvo, bvo"),
    ("plan_capacity", {"m2": "-5"}, "m2", "a number of 0 or more"),
]


@pytest.mark.parametrize(
    ("table", "change", "column", "expected"), BROKEN, ids=[f"{b[0]}-{b[2]}-{b[3][:20]}" for b in BROKEN]
)
def test_each_fault_has_its_place(tmp_path, table, change, column, expected):
    row = {**TABLES[table][0], **change}
    fault = only(write(tmp_path / "retail", {table: [row]}))
    assert (fault.row, fault.column) == (2, column) and expected in fault.expected
    assert fault.file.endswith(f"{table}.csv")


def test_rows_are_judged_by_each_other(tmp_path):
    later = {**SHOP, "year": "2021"}
    rows = [SHOP, SHOP, {**later, "cluster": ""}, {**later, "premises_id": "W3", "occupant_id": ""}]
    found = faults(write(tmp_path / "retail", {"premises": rows, "plan_capacity": [PLAN, PLAN]}))
    assert [(fault.file.split("/")[-1], fault.row, fault.column) for fault in found] == [
        ("premises.csv", 3, "premises_id"),
        ("premises.csv", 4, "cluster"),
        ("premises.csv", 5, "occupant_id"),
        ("plan_capacity.csv", 3, "municipality"),
    ]
    assert "premises stay where they are" in found[1].expected


def test_all_faults_are_told_at_once(tmp_path):
    folder = write(
        tmp_path / "retail",
        {"clusters": [{**CLUSTER, "is_priority": "yes"}], "premises": [{**SHOP, "year": "x", "wvo_m2": "y"}]},
        dataset=DATASET.replace("may_publish: true", "may_publish: soms\nminimum_count: 0"),
    )
    places = {fault.column or fault.key for fault in faults(folder)}
    assert places == {"may_publish", "minimum_count", "is_priority", "year", "wvo_m2"}


@pytest.mark.parametrize("minimum", [0, 1, 2])
def test_a_minimum_that_lets_one_of_two_know_the_other_is_refused(tmp_path, minimum):
    dataset = DATASET + f"\nminimum_count: {minimum}\n"
    fault = only(write(tmp_path / "retail", dataset=dataset))
    assert "minimum_count" in str(fault) and "3" in str(fault)


def test_a_cluster_with_a_fault_is_told_once_and_not_for_each_of_its_premises(tmp_path):
    assert only(write(tmp_path / "retail", {"clusters": [{**CLUSTER, "name": ""}]})).column == "name"


@pytest.mark.parametrize("identity", ["GM0917", "gm0917-buiten", "regio", "Parkstad", "Binnen_clusters", "--"])
def test_a_cluster_is_not_named_as_another_area(tmp_path, identity):
    folder = write(
        tmp_path / "retail", {"clusters": [{**CLUSTER, "cluster_id": identity}], "premises": [{**SHOP, "cluster": ""}]}
    )
    assert only(folder).column == "cluster_id"


def test_the_tenth_cluster_is_no_code(tmp_path):
    folder = write(
        tmp_path / "retail",
        {"clusters": [{**CLUSTER, "cluster_id": "WC10"}], "premises": [{**SHOP, "cluster": "WC10"}]},
    )
    assert load_retail(DEAL, folder=folder).priority_clusters == ("WC10",)


def test_two_clusters_have_names_and_identities_that_give_two_pages(tmp_path):
    others = [{**CLUSTER, "cluster_id": "a", "name": "Wijk"}, {**CLUSTER, "cluster_id": "B", "name": "DORP"}]
    found = faults(write(tmp_path / "retail", {"clusters": [CLUSTER, *others]}))
    assert [(fault.row, fault.column) for fault in found] == [(3, "cluster_id"), (4, "name")]
    twice = only(write(tmp_path / "retail", {"clusters": [CLUSTER, {**CLUSTER, "name": "Wijk"}]}))
    assert (twice.row, twice.column) == (3, "cluster_id")


def test_missing_files_and_an_empty_table_are_told(tmp_path):
    folder = write(tmp_path / "retail", {"premises": []})
    (folder / "plan_capacity.csv").unlink()
    (folder / "dataset.yml").unlink()
    found = " ".join(str(fault) for fault in faults(folder))
    assert "dataset.yml" in found and "plan_capacity.csv" in found and "at least one premises" in found
