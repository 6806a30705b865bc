"""What the programme office can get wrong in its tables is told all at once, with its place; nothing is guessed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from evaluation.base.errors import Fault, InputError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.programme import COLUMNS, load_programme
from evaluation.inputs.records.text_tables import Sheet, read_sheets

DEAL = load_deal(folder=Path(__file__).resolve().parents[4] / "data" / "deal")
DATASET = "title: Proef\nstatus: voorlopig\nversion: 1.10\n"

PROJECT = {
    "project_id": "P1",
    "title": "Inponden",
    "theme": "2",
    "track": "1",
    "municipalities": "Heerlen; Kerkrade",
    "approach": "2a; 1l",
    "criteria": "1; 2; 5",
    "lead": "gemeente",
    "status": "completed",
    "planned_start": "2019-08-01",
    "started_on": "2019-09-01",
    "completed_on": "2021-06-30",
    "rijk_eur": "1000",
    "provincie_eur": "500.50",
    "gemeenten_eur": "0",
    "corporaties_eur": "0",
    "private_eur": "0",
}
PLANNED = {
    **{**PROJECT, "project_id": "P2", "theme": "4", "approach": "4a", "municipalities": "Heerlen", "status": "planned"},
    **{"planned_start": "2027-01-01", "started_on": "", "completed_on": ""},
}
PAYMENT = {
    **{"payment_id": "B1", "kind": "commitment", "date": "2019-10-01", "project_id": "P1", "source": "Rijk"},
    "amount_eur": "1000",
}
OUTPUT = {
    **{"output_id": "R1", "date": "2020-05-01", "project_id": "P1", "result": "2.1", "target": "woningen-inponden"},
    **{"quantity": "12", "municipality": "Heerlen"},
}
MILESTONE = {
    **{
        "milestone_id": "M1",
        "kind": "milestone",
        "date_planned": "2020-03-01",
        "date_done": "2020-04-15",
        "theme": "5",
    },
    **{"approach": "5a", "deal_milestone": "5a-uitvoeringsprogramma", "title": "Programma over de grens"},
}
MEETING = {"milestone_id": "M2", "kind": "meeting", "date_done": "2020-02-03", "body": "Overleg"}
RECORDS = {
    "projects": [PROJECT, PLANNED],
    "payments": [
        PAYMENT,
        {**PAYMENT, "payment_id": "B2", "kind": "payment", "date": "2020-03-02", "amount_eur": "400"},
        {**PAYMENT, "payment_id": "B3", "kind": "payment", "date": "2022-03-02", "amount_eur": "600.00"},
        {**PAYMENT, "payment_id": "B4", "kind": "tranche", "project_id": "", "amount_eur": "13900000"},
        {**PAYMENT, "payment_id": "B5", "date": "2021-01-05", "source": "Provincie", "amount_eur": "500.5"},
    ],
    "outputs": [
        OUTPUT,
        {**OUTPUT, "output_id": "R2", "date": "2021-05-01", "quantity": "8", "municipality": "Kerkrade"},
        {**OUTPUT, "output_id": "R3", "target": "", "unit": "bezochte bewoners", "quantity": "2.5", "municipality": ""},
    ],
    "milestones": [MILESTONE, MEETING],
}


class Records:
    """A folder of records that a test spoils."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = deepcopy(RECORDS)
        (folder / "dataset.yml").write_text(DATASET, encoding="utf-8")

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.csv"

    def write(self) -> None:
        for name, rows in self.tables.items():
            with open(self.path(name), "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS[name], restval="")
                writer.writeheader()
                writer.writerows(rows)

    def write_workbook(self, typed: Callable[[str], object] = str) -> openpyxl.Workbook:
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for name, rows in self.tables.items():
            sheet = workbook.create_sheet(name)
            sheet.append(COLUMNS[name])
            for row in rows:
                sheet.append([typed(row.get(column, "")) or None for column in COLUMNS[name]])
        workbook.save(self.folder / "programme.xlsx")
        return workbook

    def edit(self, table: str, change: Callable[[str], str]) -> None:
        path = self.path(table)
        path.write_bytes(change(path.read_bytes().decode("utf-8")).encode("utf-8"))

    def faults(self) -> tuple[Fault, ...]:
        with pytest.raises(InputError) as caught:
            load_programme(DEAL, folder=self.folder)
        assert caught.value.exit_code == 2
        return caught.value.faults

    def fault(self) -> Fault:
        faults = self.faults()
        assert len(faults) == 1, faults
        return faults[0]


@pytest.fixture
def records(tmp_path: Path) -> Records:
    made = Records(tmp_path)
    made.write()
    return made


def place(fault: Fault) -> tuple:
    return Path(fault.file).name, fault.row, fault.column


def test_records_are_typed(records: Records) -> None:
    programme = load_programme(DEAL, folder=records.folder)
    first = programme.projects.iloc[0]
    assert first["municipalities"] == ("Heerlen", "Kerkrade")
    assert first["approach"] == ("2a", "1l") and first["criteria"] == (1, 2, 5)
    assert first["theme"] == 2 and first["provincie_eur"] == 500.5
    assert first["started_on"] == pd.Timestamp("2019-09-01") and pd.isna(first["dropped_on"]) and pd.isna(first["note"])
    assert programme.outputs["unit"].tolist() == ["woningen", "woningen", "bezochte bewoners"]
    assert programme.outputs["target"].isna().tolist() == [False, False, True]
    assert programme.milestones["theme"].tolist() == [5, pd.NA] and programme.milestones.at[1, "approach"] == ()
    assert programme.dataset.version == "1.10" and not programme.is_example
    assert programme.findings == ()


def test_spaces_and_empty_rows_and_a_byte_order_mark_change_nothing(records: Records) -> None:
    before = load_programme(DEAL, folder=records.folder)
    records.edit("projects", lambda text: "\ufeff" + text.replace("P1,", "  P1 ,").replace("Kerkrade", "  Kerkrade "))
    records.edit("payments", lambda text: text.replace("B3,", ",,,,,,\n\n B3,"))
    after = load_programme(DEAL, folder=records.folder)
    pd.testing.assert_frame_equal(before.projects, after.projects)
    pd.testing.assert_frame_equal(before.payments, after.payments)


def test_empty_rows_count_when_a_row_is_told(records: Records) -> None:
    records.tables["payments"][2]["amount_eur"] = "x"
    records.write()
    records.edit("payments", lambda text: text.replace("B3,", ",,,,,,\n\nB3,"))
    assert place(records.fault()) == ("payments.csv", 6, "amount_eur")


def test_tables_without_rows_keep_their_types_but_projects_need_one(records: Records) -> None:
    for name in ("payments", "outputs", "milestones"):
        records.tables[name] = []
    records.write()
    programme = load_programme(DEAL, folder=records.folder).as_of(date(2020, 12, 31))
    assert programme.payments["amount_eur"].dtype == float and len(programme.outputs) == 0
    assert programme.milestones["date_done"].dtype.kind == "M"
    records.tables["projects"] = []
    records.write()
    fault = records.fault()
    assert (Path(fault.file).name, fault.found) == ("projects.csv", "a header without rows")


CELLS = [
    ("projects", 0, {"theme": "7"}, "theme", "'7'", "one of: 1, 2, 3, 4, 5, 6", None),
    ("projects", 0, {"track": "3"}, "track", "'3'", "one of: 1, 2", None),
    ("projects", 0, {"title": " "}, "title", "an empty cell", "a value", None),
    ("outputs", 0, {"output_id": "R 1"}, "output_id", "'R 1'", "letters, digits", None),
    ("projects", 0, {"approach": "2a; 9z"}, "approach", "'9z'", "approach elements", None),
    ("projects", 0, {"approach": "2A"}, "approach", "'2A'", "approach elements", "'2a'"),
    ("projects", 0, {"approach": ""}, "approach", "an empty cell", "approach elements", None),
    ("projects", 0, {"approach": "1l"}, "approach", "'1l'", "at least one element of theme 2: 2a, 2b", None),
    ("projects", 0, {"approach": "2a; 2a; 1l"}, "approach", "'2a; 2a; 1l'", "each once", None),
    ("projects", 0, {"criteria": "1; 7"}, "criteria", "'7'", "criteria of the deal", None),
    ("projects", 1, {"municipalities": "Herlen"}, "municipalities", "'Herlen'", "municipalities", "'Heerlen'"),
    (
        "projects",
        1,
        {"municipalities": "Heerlen, Kerkrade"},
        "municipalities",
        "'Heerlen, Kerkrade'",
        "semicolons",
        "semic",
    ),
    ("projects", 0, {"status": "complete"}, "status", "'complete'", "planned, started, completed", "'completed'"),
    (
        "projects",
        0,
        {"started_on": "", "completed_on": "2021-06-30"},
        "started_on",
        "an empty cell",
        "is completed",
        None,
    ),
    ("projects", 0, {"completed_on": ""}, "completed_on", "an empty cell", "a date, as the status is completed", None),
    ("projects", 0, {"completed_on": "2019-08-01"}, "completed_on", "'2019-08-01'", "on or after started_on", None),
    ("projects", 0, {"status": "dropped", "completed_on": ""}, "dropped_on", "an empty cell", "is dropped", None),
    ("projects", 0, {"dropped_on": "2022-01-01"}, "dropped_on", "'2022-01-01'", "an empty cell", None),
    ("projects", 1, {"started_on": "2020-01-01"}, "started_on", "'2020-01-01'", "as the status is planned", None),
    ("projects", 1, {"completed_on": "2020-01-01"}, "completed_on", "'2020-01-01'", "as the status is planned", None),
    ("projects", 0, {"rijk_eur": "12.5OO"}, "rijk_eur", "'12.5OO'", "a plain number", "letter"),
    ("projects", 0, {"rijk_eur": "12.500,00"}, "rijk_eur", "'12.500,00'", "a plain number", "'12500.00'"),
    ("projects", 0, {"rijk_eur": "12.500"}, "rijk_eur", "'12.500'", "at most 2 decimals", "thousands"),
    ("projects", 0, {"rijk_eur": "12,50"}, "rijk_eur", "'12,50'", "a plain number", "'12.50'"),
    ("projects", 0, {"rijk_eur": "1e5"}, "rijk_eur", "'1e5'", "a plain number", None),
    ("projects", 0, {"rijk_eur": "1.1234"}, "rijk_eur", "'1.1234'", "at most 2 decimals", None),
    ("projects", 0, {"rijk_eur": "€ 100"}, "rijk_eur", "'€ 100'", "a plain number", None),
    ("projects", 0, {"rijk_eur": ""}, "rijk_eur", "an empty cell", "a plain number", None),
    ("projects", 0, {"rijk_eur": "-5"}, "rijk_eur", "'-5'", "0 or more", None),
    ("projects", 1, {"planned_start": "2202-01-01"}, "planned_start", "'2202-01-01'", "to 2035-12-31", None),
    ("payments", 0, {"date": "01-02-2020"}, "date", "'01-02-2020'", "YYYY-MM-DD", "2020-02-01"),
    ("payments", 0, {"date": "2020-02-31"}, "date", "'2020-02-31'", "no such day", None),
    ("payments", 0, {"date": "43862"}, "date", "'43862'", "YYYY-MM-DD", "format of a date"),
    ("payments", 0, {"date": "2018-12-31"}, "date", "'2018-12-31'", "from 2019-01-01 to 2025-12-31", None),
    ("payments", 0, {"date": "2026-01-01"}, "date", "'2026-01-01'", "from 2019-01-01 to 2025-12-31", None),
    ("payments", 0, {"kind": "betaling"}, "kind", "'betaling'", "commitment, payment, tranche", None),
    ("payments", 0, {"project_id": "p1"}, "project_id", "'p1'", "a row in projects", "'P1'"),
    ("payments", 0, {"project_id": ""}, "project_id", "an empty cell", "the project_id of the commitment", None),
    ("payments", 3, {"project_id": "P1"}, "project_id", "'P1'", "a tranche goes from Rijk to Provincie", None),
    ("payments", 3, {"source": "Provincie"}, "source", "'Provincie'", "Rijk, as the kind is tranche", None),
    ("payments", 0, {"source": "rijk"}, "source", "'rijk'", "Rijk, Provincie", "'Rijk'"),
    ("payments", 0, {"amount_eur": "-5"}, "amount_eur", "-5.00 without a note", "a correction with a note", None),
    ("payments", 0, {"amount_eur": "0"}, "amount_eur", "'0'", "other than 0", None),
    ("outputs", 0, {"project_id": "P3"}, "project_id", "'P3'", "a row in projects", None),
    ("outputs", 0, {"project_id": ""}, "project_id", "an empty cell", "the project_id", None),
    ("outputs", 2, {"result": ""}, "result", "an empty cell", "intended result", None),
    ("outputs", 2, {"result": "2.2"}, "result", "'2.2'", "intended result", None),
    ("outputs", 2, {"result": "4.1"}, "result", "'4.1'", "a result of the theme of P1 (theme 2)", None),
    ("outputs", 0, {"target": "woningen-inpond"}, "target", "'woningen-inpond'", "a target", "'woningen-inponden'"),
    ("outputs", 0, {"target": "kvo"}, "target", "'kvo'", "kvo belongs to result 3.1", None),
    ("outputs", 0, {"quantity": "0"}, "quantity", "'0'", "a number above 0", None),
    ("outputs", 0, {"quantity": "-3"}, "quantity", "'-3'", "a number above 0", None),
    ("outputs", 0, {"quantity": "2.5"}, "quantity", "'2.5'", "a whole number of woningen", None),
    ("outputs", 0, {"unit": "huizen"}, "unit", "'huizen'", "woningen as the target counts", None),
    ("outputs", 2, {"unit": ""}, "unit", "an empty cell", "a unit in a Dutch word", None),
    ("outputs", 0, {"municipality": "Landgraaf"}, "municipality", "'Landgraaf'", "P1: Heerlen, Kerkrade", None),
    ("outputs", 0, {"municipality": "Maastricht"}, "municipality", "'Maastricht'", "of the region", None),
    (
        "milestones",
        0,
        {"deal_milestone": "5a-programma"},
        "deal_milestone",
        "'5a-programma'",
        "a milestone",
        "5a-uitvoe",
    ),
    (
        "milestones",
        0,
        {"theme": "4", "approach": ""},
        "deal_milestone",
        "'5a-uitvoeringsprogramma'",
        "of theme 4",
        None,
    ),
    ("milestones", 0, {"approach": "4a"}, "approach", "'4a'", "at least one element of theme 5", None),
    ("milestones", 0, {"date_planned": "", "date_done": ""}, "date_done", "an empty cell", "date_planned or in", None),
    ("milestones", 0, {"title": ""}, "title", "an empty cell", "what the milestone is", None),
    ("milestones", 0, {"body": "Overleg"}, "body", "'Overleg'", "as the kind is milestone", None),
    ("milestones", 0, {"project_id": "P9"}, "project_id", "'P9'", "a row in projects", None),
    ("milestones", 1, {"body": ""}, "body", "an empty cell", "who met", None),
    ("milestones", 1, {"deal_milestone": "1e-coalitie"}, "deal_milestone", "'1e-coalitie'", "kind is meeting", None),
]


@pytest.mark.parametrize(
    ("table", "row", "change", "column", "found", "expected", "hint"),
    CELLS,
    ids=[f"{table}-{column}-{number}" for number, (table, _, _, column, *_) in enumerate(CELLS)],
)
def test_a_wrong_cell_is_told_with_its_place(
    records: Records, table: str, row: int, change: dict, column: str, found: str, expected: str, hint: str | None
) -> None:
    records.tables[table][row] |= change
    records.write()
    faults = [fault for fault in records.faults() if fault.column == column]
    assert [place(fault) for fault in faults] == [(f"{table}.csv", row + 2, column)]
    assert faults[0].found == found
    assert expected in faults[0].expected
    assert hint is None or hint in faults[0].hint


def test_one_wrong_cell_gives_one_fault(records: Records) -> None:
    """All cases above but those that take another cell along with them."""
    for table, row, change, column, *_ in CELLS:
        if len(change) > 1:
            continue
        records.tables = deepcopy(RECORDS)
        records.tables[table][row] |= change
        records.write()
        assert [fault.column for fault in records.faults()] == [column], (table, change)


def test_a_target_measured_by_a_statistic_has_no_outputs(records: Records) -> None:
    records.tables["outputs"][0] |= {
        **{"project_id": "P2", "result": "4.4", "target": "winkelleegstand", "quantity": "7", "municipality": ""}
    }
    records.write()
    fault = records.fault()
    assert place(fault) == ("outputs.csv", 2, "target")
    assert fault.found == "'winkelleegstand'" and "measured by a statistic" in fault.expected


@pytest.mark.parametrize(
    ("table", "column"),
    [("projects", "project_id"), ("payments", "payment_id"), ("outputs", "output_id"), ("milestones", "milestone_id")],
)
def test_an_identity_that_comes_twice_names_its_first_row(records: Records, table: str, column: str) -> None:
    first = records.tables[table][0]
    records.tables[table].append({**first})
    records.write()
    fault = records.fault()
    assert place(fault) == (f"{table}.csv", len(records.tables[table]) + 1, column)
    assert fault.found == repr(first[column]) and "row 2 has it too" in fault.expected


def test_what_is_counted_by_name_has_one_spelling(records: Records) -> None:
    records.tables["milestones"].append({**MEETING, "milestone_id": "M3", "body": "overleg"})
    records.tables["outputs"].append({**records.tables["outputs"][2], "output_id": "R4", "unit": "Bezochte bewoners"})
    records.write()
    assert [(place(fault), fault.found, fault.expected) for fault in records.faults()] == [
        (("outputs.csv", 5, "unit"), "'Bezochte bewoners'", "'bezochte bewoners', as in row 4"),
        (("milestones.csv", 4, "body"), "'overleg'", "'Overleg', as in row 3"),
    ]


def test_a_correction_with_a_note_is_accepted(records: Records) -> None:
    records.tables["payments"][2] |= {"amount_eur": "-150.25", "note": "dubbel geboekt"}
    records.write()
    assert load_programme(DEAL, folder=records.folder).payments["amount_eur"].tolist()[2] == -150.25


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder") as caught:
        load_programme(DEAL, folder=tmp_path / "nergens")
    assert caught.value.faults[0].file.endswith("nergens")


def test_a_missing_file(records: Records) -> None:
    records.path("outputs").rename(records.folder / "output.csv")
    stray, missing = records.faults()
    assert (Path(stray.file).name, stray.found) == ("output.csv", "a table that is not read")
    assert stray.hint == "Did you mean 'outputs.csv'?"
    assert (Path(missing.file).name, missing.found) == ("outputs.csv", "no file")
    assert "output_id, date" in missing.expected


def test_a_missing_projects_file_is_told_once(records: Records) -> None:
    records.path("projects").unlink()
    assert Path(records.fault().file).name == "projects.csv"


def test_a_project_with_a_fault_is_still_a_known_project(records: Records) -> None:
    records.tables["projects"][0]["theme"] = "9"
    records.write()
    assert place(records.fault()) == ("projects.csv", 2, "theme")


def test_an_empty_file(records: Records) -> None:
    records.path("payments").write_bytes(b"\n")
    fault = records.fault()
    assert (Path(fault.file).name, fault.found) == ("payments.csv", "an empty file")
    assert "payment_id, kind" in fault.expected


def test_unknown_missing_and_double_columns(records: Records) -> None:
    records.edit("projects", lambda text: text.replace("municipalities", "municipality", 1).replace("lead", "title", 1))
    found = {(place(fault), fault.found, fault.hint) for fault in records.faults()}
    assert found == {
        (("projects.csv", 1, "municipality"), "an unknown column", "Did you mean 'municipalities'?"),
        (("projects.csv", 1, "municipalities"), "no such column", "Did you mean 'municipality'?"),
        (("projects.csv", 1, "title"), "the same column twice", None),
        (("projects.csv", 1, "lead"), "no such column", None),
    }


def test_a_column_without_a_name(records: Records) -> None:
    records.edit("payments", lambda text: text.replace("kind,date,", "kind,,", 1))
    found = {fault.found: fault.row for fault in records.faults()}
    assert found == {"no name above column 3": 1, "no such column": 1}


def test_a_file_without_a_header_is_told_once(records: Records) -> None:
    records.edit("projects", lambda text: text.split("\r\n", 1)[1])
    fault = records.fault()
    assert place(fault) == ("projects.csv", 1, None)
    assert fault.found == "a first row without the name of any column (P1, Inponden, 2, ...)"


def test_other_cells_are_judged_when_a_column_is_missing(records: Records) -> None:
    records.tables["payments"][1]["amount_eur"] = "veel"
    records.write()
    records.edit("payments", lambda text: text.replace("source", "bron", 1))
    assert {place(fault) for fault in records.faults()} == {
        ("payments.csv", 1, "bron"),
        ("payments.csv", 1, "source"),
        ("payments.csv", 3, "amount_eur"),
    }


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator_says_how_to_save(records: Records, sign: str, word: str) -> None:
    records.edit("payments", lambda text: text.replace(",", sign))
    fault = records.fault()
    assert place(fault) == ("payments.csv", 1, None)
    assert fault.found == f"values separated by {word}"
    assert "comma separated CSV, or keep the tables in programme.xlsx" in fault.hint


def test_another_encoding_says_where_and_how_to_save(records: Records) -> None:
    records.tables["payments"][1]["note"] = "coöperatie"
    records.write()
    path = records.path("payments")
    content = path.read_bytes().decode("utf-8").encode("cp1252")
    path.write_bytes(content)
    fault = records.fault()
    assert place(fault) == ("payments.csv", 3, None)
    position = content.index("ö".encode("cp1252"))
    assert fault.found == f"byte 0xf6 at position {position} (line 3), which is not UTF-8"
    assert "'ö'" in fault.hint and "CSV UTF-8" in fault.hint
    for encoding in ("utf-16", "utf-16-le"):
        path.write_bytes(content.decode("cp1252").encode(encoding))
        assert records.fault().found == "UTF-16 text"


def test_quotation_marks_that_do_not_close(records: Records) -> None:
    records.edit("outputs", lambda text: text.replace("bezochte", '"bezochte'))
    fault = records.fault()
    assert place(fault) == ("outputs.csv", 4, None)
    assert "not CSV" in fault.found


def test_a_comma_in_a_number_moves_the_cells(records: Records) -> None:
    records.edit("payments", lambda text: text.replace("600.00,", "600,00,x"))
    fault = records.fault()
    assert place(fault) == ("payments.csv", 4, None)
    assert (fault.found, fault.expected) == ("8 values", "7 values, as in the header")
    assert "quotation marks" in fault.hint


def test_a_row_that_stops_early_is_told_once_even_for_a_project(records: Records) -> None:
    records.edit("projects", lambda text: text.replace(",500.50,0,0,0,", "", 1))
    fault = records.fault()
    assert place(fault) == ("projects.csv", 2, None)
    assert fault.found.endswith("values")


def test_files_and_a_workbook_together_are_refused(records: Records) -> None:
    records.write_workbook()
    fault = records.fault()
    assert fault.found == "programme.xlsx beside projects.csv, payments.csv, outputs.csv, milestones.csv"
    assert "not both" in fault.expected


DATASET_FAULTS = [
    ("status: echt\ntitle: a\nversion: b\n", "status", "'echt'", "voorbeeld, voorlopig, vastgesteld", None),
    ("status: vastgesteldt\ntitle: a\nversion: b\n", "status", "'vastgesteldt'", "voorbeeld", "'vastgesteld'"),
    ("status: voorlopig\nversion: b\n", "title", "no such key", "a key title", None),
    ("status: voorlopig\ntitle: a\nversion: b\nnotes: c\n", "notes", "an unknown key", "only title", "'note'"),
    ("status: voorlopig\ntitle:\nversion: b\n", "title", "nothing", "a text", None),
    ("- a\n", None, "no keys", "title, status", None),
    ("a: [\n", None, "text that is not YAML", "YAML", None),
]


@pytest.mark.parametrize(("text", "key", "found", "expected", "hint"), DATASET_FAULTS)
def test_faults_in_the_dataset_file(
    records: Records, text: str, key: str | None, found: str, expected: str, hint: str | None
) -> None:
    (records.folder / "dataset.yml").write_text(text, encoding="utf-8")
    fault = records.fault()
    assert Path(fault.file).name == "dataset.yml" and fault.key == key
    assert fault.found.startswith(found) and expected in fault.expected
    assert hint is None or hint in fault.hint


def test_no_dataset_file(records: Records) -> None:
    (records.folder / "dataset.yml").unlink()
    assert (Path(records.fault().file).name, records.fault().found) == ("dataset.yml", "no file")


def test_many_faults_in_many_files_are_told_at_once(records: Records) -> None:
    (records.folder / "dataset.yml").write_text("title: a\nstatus: demo\nversion: b\n", encoding="utf-8")
    records.tables["projects"][0] |= {"track": "5", "municipalities": "Heerlem", "rijk_eur": "12.5OO"}
    records.tables["projects"][1]["approach"] = "1a"
    records.tables["payments"][0] |= {"date": "31-12-2019", "project_id": "P7"}
    records.tables["payments"][2]["amount_eur"] = "-1"
    records.tables["payments"].append({**PAYMENT})
    records.tables["outputs"][1] |= {"target": "woningen", "quantity": "x"}
    records.tables["milestones"][0]["deal_milestone"] = "5a"
    records.tables["milestones"][1]["body"] = ""
    records.write()
    records.edit("milestones", lambda text: text.replace("milestone_id", "id", 1))
    faults = records.faults()
    assert {(*place(fault), fault.key) for fault in faults} == {
        ("dataset.yml", None, None, "status"),
        ("projects.csv", 2, "track", None),
        ("projects.csv", 2, "municipalities", None),
        ("projects.csv", 2, "rijk_eur", None),
        ("projects.csv", 3, "approach", None),
        ("payments.csv", 2, "date", None),
        ("payments.csv", 2, "project_id", None),
        ("payments.csv", 4, "amount_eur", None),
        ("payments.csv", 7, "payment_id", None),
        ("outputs.csv", 3, "target", None),
        ("outputs.csv", 3, "quantity", None),
        ("milestones.csv", 1, "id", None),
        ("milestones.csv", 1, "milestone_id", None),
        ("milestones.csv", 2, "deal_milestone", None),
        ("milestones.csv", 3, "body", None),
    }
    assert len(faults) == 15


def as_excel(text: str) -> object:
    """What a spreadsheet program makes of what somebody types."""
    for read in (int, float, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return text


@pytest.mark.parametrize("typed", [str, as_excel], ids=["text", "typed cells"])
def test_a_workbook_says_the_same_as_the_files(records: Records, typed: Callable, tmp_path_factory) -> None:
    from_files = load_programme(DEAL, folder=records.folder)
    other = Records(tmp_path_factory.mktemp("workbook"))
    # a zero is written as a number, not left empty
    other.write_workbook(lambda text: typed(text) if text not in ("", "0") else ("" if text == "" else "0"))
    from_workbook = load_programme(DEAL, folder=other.folder)
    for name in COLUMNS:
        pd.testing.assert_frame_equal(getattr(from_files, name), getattr(from_workbook, name))


def workbook_faults(records: Records, change: Callable[[openpyxl.Workbook], object]) -> tuple[Fault, ...]:
    for name in COLUMNS:
        records.path(name).unlink(missing_ok=True)
    workbook = records.write_workbook()
    change(workbook)
    workbook.save(records.folder / "programme.xlsx")
    return records.faults()


def test_a_workbook_with_a_missing_and_an_unknown_sheet(records: Records) -> None:
    def rename(workbook: openpyxl.Workbook) -> None:
        workbook["payments"].title = "payment"

    unknown, missing = workbook_faults(records, rename)
    assert (unknown.sheet, unknown.found, unknown.hint) == ("payment", "an unknown sheet", "Did you mean 'payments'?")
    assert (missing.sheet, missing.found, missing.hint) == ("payments", "no such sheet", "Did you mean 'payment'?")


def test_wrong_cells_in_a_workbook(records: Records) -> None:
    def spoil(workbook: openpyxl.Workbook) -> None:
        payments = workbook["payments"]
        payments["F2"].value, payments["F2"].data_type = "#REF!", "e"
        payments["F3"] = "=1+1"
        payments["C4"] = datetime(2020, 1, 1, 13, 30)
        payments["F5"] = 12.345
        workbook["outputs"]["F2"] = 2.5
        workbook["milestones"].merge_cells("J2:J3")

    found = {(fault.sheet, fault.row, fault.column): fault.found for fault in workbook_faults(records, spoil)}
    assert found == {
        ("payments", 2, "amount_eur"): "the error #REF!",
        ("payments", 3, "amount_eur"): "a formula without a stored value",
        ("payments", 4, "date"): "'2020-01-01 13:30:00'",
        ("payments", 5, "amount_eur"): "'12.345'",
        ("outputs", 2, "quantity"): "'2.5'",
        ("milestones", 2, None): "merged cells J2:J3",
    }


def test_an_empty_sheet_and_an_empty_first_row(records: Records) -> None:
    def spoil(workbook: openpyxl.Workbook) -> None:
        workbook["outputs"].delete_rows(1, 10)
        workbook["payments"].insert_rows(1)

    found = {(fault.sheet, fault.row): fault.found for fault in workbook_faults(records, spoil)}
    assert found == {("outputs", 1): "an empty sheet", ("payments", 1): "an empty first row"}


def test_a_file_that_is_no_workbook(records: Records) -> None:
    for name in COLUMNS:
        records.path(name).unlink()
    (records.folder / "programme.xlsx").write_bytes(b"geen werkmap")
    fault = records.fault()
    assert Path(fault.file).name == "programme.xlsx" and fault.found.startswith("a file that cannot be opened")


def test_as_of_tells_only_what_was_known(records: Records) -> None:
    programme = load_programme(DEAL, folder=records.folder)
    early, late = programme.as_of(date(2019, 12, 31)), programme.as_of(date(2022, 12, 31))
    assert early.projects["state"].tolist() == ["started", "planned"]
    assert late.projects["state"].tolist() == ["completed", "planned"]
    assert early.projects["completed_on"].isna().all() and "status" not in early.projects
    assert early.payments["payment_id"].tolist() == ["B1", "B4"]
    assert late.payments["payment_id"].tolist() == ["B1", "B2", "B3", "B4", "B5"]
    assert programme.as_of(date(2022, 3, 1)).payments["amount_eur"].sum() == 13_900_000 + 1000 + 400 + 500.5
    assert early.outputs.empty and programme.as_of(date(2020, 5, 1)).outputs["output_id"].tolist() == ["R1", "R3"]
    assert early.milestones["date_done"].isna().all() and early.milestones["date_planned"].notna().tolist() == [
        True,
        False,
    ]
    assert late.milestones["date_done"].notna().all()
    assert programme.projects["status"].tolist() == ["completed", "planned"]


def test_the_day_of_a_change_counts(records: Records) -> None:
    programme = load_programme(DEAL, folder=records.folder)
    assert programme.as_of(date(2021, 6, 29)).projects.at[0, "state"] == "started"
    assert programme.as_of(date(2021, 6, 30)).projects.at[0, "state"] == "completed"
    records.tables["projects"][0] |= {"status": "dropped", "completed_on": "", "dropped_on": "2020-06-01"}
    records.write()
    dropped = load_programme(DEAL, folder=records.folder)
    assert dropped.as_of(date(2020, 5, 31)).projects.at[0, "state"] == "started"
    assert dropped.as_of(date(2020, 6, 1)).projects.at[0, "state"] == "dropped"


def test_money_that_does_not_fit_is_found_and_not_changed(records: Records) -> None:
    records.tables["payments"] += [
        {**PAYMENT, "payment_id": "B6", "kind": "payment", "date": "2022-05-02", "amount_eur": "250.50"},
        {**PAYMENT, "payment_id": "B7", "kind": "payment", "source": "private", "amount_eur": "75"},
        {**PAYMENT, "payment_id": "B8", "project_id": "P2", "source": "gemeenten", "amount_eur": "9000"},
        {**PAYMENT, "payment_id": "B9", "date": "2022-06-01", "source": "Provincie", "amount_eur": "-100", "note": "x"},
    ]
    records.write()
    programme = load_programme(DEAL, folder=records.folder)
    assert programme.findings == (
        "Project P1: door het Rijk is € 1.250,50 betaald, meer dan de € 1.000 die is toegezegd.",
        "Project P1: door de Provincie is € 400,50 toegezegd, minder dan de € 500,50 in de projectenlijst, "
        "terwijl het project is afgerond.",
        "Project P1: door private partijen is € 75 betaald; in de registratie staat daarvoor geen toezegging.",
        "Project P2: door gemeenten is € 9.000 toegezegd, meer dan de € 0 in de projectenlijst.",
    )
    assert len(programme.payments) == 9
    assert len(programme.as_of(date(2020, 12, 31)).findings) == 2


def test_every_data_file_is_noted_as_read(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "inputs.log"
    monkeypatch.setenv("REGIODEAL_INPUT_LOG", str(log))
    load_programme(DEAL, folder=records.folder)
    names = {Path(line).name for line in log.read_text(encoding="utf-8").splitlines()}
    assert names == {"dataset.yml", *(f"{name}.csv" for name in COLUMNS)}


def test_a_sheet_knows_its_place(records: Records) -> None:
    sheets, faults = read_sheets(records.folder, COLUMNS)
    assert faults == [] and isinstance(sheets["projects"], Sheet)
    assert [row.number for row in sheets["payments"].rows] == [2, 3, 4, 5, 6]
