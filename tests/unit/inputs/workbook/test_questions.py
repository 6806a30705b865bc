"""What an import asks about, tells before it changes anything, and refuses of what Excel hides or shows otherwise."""

from __future__ import annotations

import io
import shutil
import time
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.programme import load_programme
from evaluation.inputs.workbook.check import Checked, check_workbook
from evaluation.inputs.workbook.marked import write_marked_copy
from evaluation.inputs.workbook.template import make_template
from tests.unit.inputs.tables.books import CASES, strict
from tests.unit.inputs.workbook.test_workbook import (
    DEAL,
    EMPTY,
    FORM,
    FULL,
    MEETING,
    OUTPUT,
    PAYMENT,
    PROJECT,
    fill,
    regiodeal,
    saved,
)
from tests.unit.inputs.workbook.test_workbook import project as project  # a fixture


@pytest.fixture
def book() -> Workbook:
    made = openpyxl.load_workbook(io.BytesIO(EMPTY))
    for name, value in {"title": "Cijfers 2021", "status": "voorlopig", "version": "2022-03-01"}.items():
        made["Gegevens"][FORM[name]] = value
    for table, row in (("projects", PROJECT), ("payments", PAYMENT), ("outputs", OUTPUT), ("milestones", MEETING)):
        fill(made, table, 2, **row)
    return made


def checked(book: Workbook, folder: Path) -> Checked:
    return check_workbook(DEAL, saved(book, folder), over_real=False)


def pay(book: Workbook, row: int, **cells) -> None:
    fill(book, "payments", row, **{**PAYMENT, "payment_id": f"B{row}", **cells})


def test_the_example_and_a_small_set_ask_nothing(book: Workbook, tmp_path: Path):
    (tmp_path / "vol.xlsx").write_bytes(FULL)
    found = check_workbook(DEAL, tmp_path / "vol.xlsx", over_real=False)
    assert (found.marks, found.questions, found.remarks) == ((), (), ())
    assert checked(book, tmp_path).questions == ()


ASKED = {
    "an amount above all of the deal": (
        lambda book: pay(book, 3, amount_eur=125_000_000_000),
        "Betalingen!F3",
        "volgens de deal",
    ),
    "means above all of the deal": (
        lambda book: fill(book, "projects", 2, rijk_eur=41_000_000),
        "Projecten!O2",
        "volgens de deal",
    ),
    "a tranche above those agreed": (
        lambda book: pay(book, 3, kind="termijn", project_id=None, amount_eur=30_000_000),
        "Betalingen!F3",
        "€ 26.100.000",
    ),
    "more of Rijk together than it gives": (
        lambda book: [pay(book, row, amount_eur=15_000_000 + row) for row in (3, 4, 5)],
        "Betalingen!F5",
        "zijn hele bijdrage",
    ),
    "a correction above what was booked": (
        lambda book: pay(book, 3, amount_eur=-800, note="fout", date=date(2020, 7, 1)),
        "Betalingen!F3",
        "(€ 500)",
    ),
    "a correction before what was booked": (
        lambda book: pay(book, 3, amount_eur=-500, note="fout", date=date(2020, 5, 1)),
        "Betalingen!F3",
        "(€ 0)",
    ),
    "a booking under two numbers": (lambda book: pay(book, 3, amount_eur=500), "Betalingen!A3", "gelijk aan B1"),
    "an output under two numbers": (
        lambda book: fill(book, "outputs", 3, **{**OUTPUT, "output_id": "R2"}),
        "Prestaties!A3",
        "gelijk aan R1",
    ),
    "a day that can be two": (
        lambda book: pay(book, 3, date="9/4/2019", amount_eur=7),
        "Betalingen!C3",
        "9 april 2019",
    ),
    "another": (lambda book: fill(book, "projects", 2, started_on="02.03.2020"), "Projecten!L2", "2 maart 2020"),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_stands_out_is_asked_and_no_fault(book: Workbook, tmp_path: Path, name: str):
    change, cell, said = ASKED[name]
    fill(book, "payments", 2, amount_eur=500)
    change(book)
    found = checked(book, tmp_path)
    assert found.marks == () and found.programme is not None
    assert [f"{mark.sheet}!{mark.cell}" for mark in found.questions] == [cell]
    assert said in found.questions[0].found


def test_more_than_the_whole_agreed_number_is_asked(book: Workbook, tmp_path: Path):
    target = next(item for item in DEAL.targets if item.counted_from == "outputs" and item.unit_of_measure == "count")
    theme = int(target.result.partition(".")[0])
    element = next(item.id for item in DEAL.theme(theme).approach)
    fill(book, "projects", 2, theme=theme, approach=element)
    cells = {"result": target.result, "target": target.id, "quantity": target.quantity + 1, "unit": None}
    fill(book, "outputs", 2, **cells)
    (asked,) = checked(book, tmp_path).questions
    assert f"{asked.sheet}!{asked.cell}" == "Prestaties!F2" and "hele afgesproken aantal" in asked.found


@pytest.mark.parametrize(
    ("change", "cell", "said"),
    [
        (
            lambda book: fill(book, "projects", 2, theme="3 – Wonen en leefbaarheid"),
            "Projecten!C2",
            "horen niet bij elkaar",
        ),
        (
            lambda book: fill(book, "projects", 2, approach="2a; 2b – Heel iets anders"),
            "Projecten!G2",
            "niet bij elkaar",
        ),
        (lambda book: fill(book, "milestones", 2, theme="2 – Veiligheid"), "Mijlpalen!E2", "niet bij elkaar"),
        (lambda book: fill(book, "payments", 2, source="Rijk – Provincie"), "Betalingen!E2", "niet bij elkaar"),
        (lambda book: fill(book, "payments", 2, kind="toezegging – betaling"), "Betalingen!B2", "niet bij elkaar"),
        (lambda book: fill(book, "outputs", 2, municipality="Heerlen – Kerkrade"), "Prestaties!H2", "niet bij elkaar"),
        (
            lambda book: setattr(book["Betalingen"]["F2"], "number_format", '0.0" mln"'),
            "Betalingen!F2",
            "Excel toont 500,0 mln",
        ),
        (lambda book: setattr(book["Prestaties"]["F2"], "number_format", "0%"), "Prestaties!F2", "Excel toont 300%"),
        (lambda book: setattr(book["Projecten"]["O2"], "number_format", "#,##0,"), "Projecten!O2", "Excel toont 1"),
        (lambda book: fill(book, "payments", 2, amount_eur="=A1"), "Betalingen!F2", "zonder uitkomst"),
        (
            lambda book: book["Gegevens"].__setitem__(FORM["version"], "=1+1"),
            f"Gegevens!{FORM['version']}",
            "zonder uitkomst",
        ),
    ],
)
def test_what_excel_shows_otherwise_is_a_fault(book: Workbook, tmp_path: Path, change, cell: str, said: str):
    fill(book, "payments", 2, amount_eur=500)
    change(book)
    found = checked(book, tmp_path)
    told = {f"{mark.sheet}!{mark.cell}": f"{mark.found}. {mark.mending}" for mark in found.marks}
    assert said in told[cell] and found.programme is None


def test_what_is_hidden_or_struck_through_is_told(book: Workbook, tmp_path: Path):
    book["Prestaties"].column_dimensions["F"].hidden = True
    book["Betalingen"]["A2"].font = Font(strike=True)
    book["Mijlpalen"].sheet_state = "hidden"
    assert [str(remark) for remark in checked(book, tmp_path).remarks] == [
        "rows of Betalingen with text struck through are read too: 2",
        "hidden columns of Prestaties are read too: F",
        "sheet Mijlpalen is hidden, and is read too",
    ]


def test_equal_words_in_two_forms_are_one_unit(book: Workbook, tmp_path: Path):
    fill(book, "outputs", 2, unit="clie\u0308nten")
    fill(book, "outputs", 3, **{**OUTPUT, "output_id": "R2", "quantity": 4, "unit": "cli\u00ebnten"})
    found = checked(book, tmp_path)
    assert found.marks == () and set(found.programme.outputs["unit"]) == {"cli\u00ebnten"}


def test_a_stray_cell_in_the_last_row_costs_nothing_with_faults_too(book: Workbook, tmp_path: Path):
    book["Betalingen"]["F1048576"].font = Font(bold=True)
    book["Projecten"]["T1048576"] = " "
    pay(book, 3, amount_eur="veel")
    begun = time.perf_counter()
    found = checked(book, tmp_path)
    write_marked_copy(tmp_path / "cijfers.xlsx", found.marks, tmp_path / "fouten.xlsx", cells=100)
    assert [mark.cell for mark in found.marks] == ["F3"] and time.perf_counter() - begun < 10


def test_faults_in_merged_cells_are_marked_in_their_first_cell(book: Workbook, tmp_path: Path):
    pay(book, 3, amount_eur=None)
    book["Betalingen"].merge_cells("E3:F3")
    found = checked(book, tmp_path)
    write_marked_copy(tmp_path / "cijfers.xlsx", found.marks, tmp_path / "fouten.xlsx", cells=100)
    assert openpyxl.load_workbook(tmp_path / "fouten.xlsx")["Betalingen"]["E3"].comment is not None


def test_questions_stand_beside_the_faults_in_the_marked_copy(project: Path, book: Workbook, tmp_path: Path):
    pay(book, 3, amount_eur=125_000_000_000)
    pay(book, 4, amount_eur="veel")
    code, said = regiodeal("import", saved(book, tmp_path), "--yes")
    assert code == 2 and "Kijk na: Betalingen!F3: € 125.000.000.000" in said
    marked = openpyxl.load_workbook(tmp_path / "cijfers-fouten.xlsx")
    assert "1 fout en 1 vraag" in marked["Fouten"]["A1"].value
    assert marked["Betalingen"]["F3"].fill.fgColor.rgb == "FFBDD7EE"


def test_an_import_shows_totals_before_and_after_and_every_amount(project: Path, book: Workbook, tmp_path: Path):
    for row in range(3, 60):
        pay(book, row, amount_eur=row)
    assert regiodeal("import", saved(book, tmp_path), "--yes")[0] == 0
    pay(book, 60, amount_eur=1000.5)
    code, said = regiodeal("import", saved(book, tmp_path), "--dry-run")
    assert code == 0 and "Betalingen betaling 2020: 58 rijen, € 2.267 -> 59 rijen, € 3.267,50" in said
    assert "+ Betalingen B60; Bedrag (€): (leeg) -> 1000.50" in said
    assert "Projecten middelen 2020: 1 rij, € 1.000" in said and "Mijlpalen overleg 2020: 1 rij" in said
    shutil.rmtree(project / "data" / "programme" / "parkstad-limburg")
    said = regiodeal("import", saved(book, tmp_path), "--yes")[1]
    assert all(f"+ Betalingen B{row}; Bedrag (€)" in said for row in range(3, 61))


def test_a_strict_workbook_is_refused_in_one_sentence(project: Path, tmp_path: Path):
    (tmp_path / "strict.xlsx").write_bytes(strict(FULL))
    code, said = regiodeal("import", tmp_path / "strict.xlsx", "--yes")
    assert code == 2 and "Strict Open XML" in said and "sla het op als 'Excel-werkmap (.xlsx)'" in said


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder shared/cases is not beside this checkout")
def test_the_case_of_two_forms_is_one_unit():
    found = check_workbook(DEAL, CASES / "import-nfd.xlsx", over_real=False)
    units = [unit for unit in found.programme.outputs["unit"] if unit.startswith("cli")]
    assert found.marks == () and units == ["cli\u00ebnten begeleid"] * len(units) and len(units) == 2


def test_fifty_thousand_rows_are_read_in_bounded_time(tmp_path: Path):
    deal = load_deal("parkstad-limburg")
    book = openpyxl.load_workbook(io.BytesIO(make_template(deal, programme=load_programme(deal))))
    sheet = book["Betalingen"]
    for row in range(sheet.max_row + 1, 10_001):
        sheet.append([f"X{row}", "betaling", date(2020, 6, 1), "P37", "Rijk", row / 100])
    path = saved(book, tmp_path)
    begun = time.perf_counter()
    found = check_workbook(deal, path, over_real=False)
    assert found.marks == () and len(found.programme.payments) == 9_999
    assert time.perf_counter() - begun < 20
