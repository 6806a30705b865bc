"""`regiodeal data add`: what is read, what is told, and what is refused, for files as people send them."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from evaluation.base.errors import InputError, RegioDealError
from evaluation.statistics.snapshots import list_snapshots, open_snapshot
from tests.sources import made
from tests.sources.conftest import Checkout
from tests.unit.inputs.tables.books import CASES, HEADER, book, edited, strict

SAID = ("--licence", "CC0", "--title", "t", "--publisher", "p", "--meaning", "m", "--unit", "u")
YEARS = range(2018, 2024)
SIX = [HEADER, *(["GM0917", year, 100 + year] for year in YEARS)]
LINES = [f"GM0917;{year};{year}" for year in YEARS]


def add(checkout: Checkout, tmp_path: Path, content: bytes | str, name: str = "cijfers.xlsx", *more: str):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return checkout.regiodeal("data", "add", str(path), "--as", "proef/cijfers", *SAID, *more)


def faults(checkout: Checkout, tmp_path: Path, content: bytes | str, name: str = "cijfers.xlsx") -> str:
    """Add a file that is refused, and give what is said; nothing is written."""
    before = checkout.files()
    with pytest.raises(InputError) as caught:
        add(checkout, tmp_path, content, name)
    assert checkout.files() == before
    return str(caught.value)


def csv(*lines: str, header: str = "region;period;value") -> str:
    return "\n".join([header, *lines, ""])


def test_names_of_areas_and_dutch_headings_are_read(checkout: Checkout, tmp_path: Path):
    text = csv("Nuth;2018;3", "heerlen;2021;5", "'s-Gravenhage;2021;6", "Limburg;2021;7", header="Gemeente;Jaar;Waarde")
    said = add(checkout, tmp_path, text, "namen.csv").output
    found = open_snapshot("proef", "cijfers").frame
    assert list(found["region"]) == ["GM0518", "GM0917", "GM0951", "PV31"] and list(found["value"]) == [6, 5, 3, 7]
    assert "4 names are read as codes, 's-Gravenhage as GM0518" in said


def values() -> list[float]:
    return open_snapshot("proef", "cijfers").frame["value"].tolist()


def test_dutch_thousands_are_read_as_the_rest_of_the_file(checkout: Checkout, tmp_path: Path):
    text = csv("GM0917;2020;987", "GM0917;2021;1.234", "GM0917;2022;12.345.678", "GM0917;2023;1.234,5")
    said = add(checkout, tmp_path, text, "dutch-thousands.csv").output
    assert values() == [987, 1234, 12345678, 1234.5]
    assert "separated by semicolons, text is UTF-8" in said and "read with a decimal comma" in said


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (csv("GM0917;2020;987", "GM0917;2021;1.234"), 3, "this is 1.234 or 1234"),
        (csv("GM0917;2020;1,234"), 2, "this is 1.234 or 1234"),
        (csv("GM0917;2020;1,5", "GM0917;2021;2,5", "GM0917;2022;3.5"), 4, "a decimal comma, as in '1,5'"),
        (csv("GM0917;2020;12,3%"), 2, "a number, or one of the signs"),
        (csv("GM0917,2020,1,5", header="region,period,value"), 2, "got 4 values"),
        (csv("GM0917;2020"), 2, "got 2 values"),
        (csv("GM0917;2020JJ00;5"), 2, "Did you mean '2020'?"),
        (csv("Heerln;2020;5"), 2, "the name or CBS code of an area, such as Heerlen or GM0917. Did you mean"),
        (csv("Bergen;2020;5"), 2, "Which one: Bergen (NH.) (GM0373), Bergen (L.) (GM0893)?"),
        (csv("Nuth;2021;5"), 2, "Nuth (GM0951) became Beekdaelen (GM1954) on 2019-01-01"),
        (csv("GM9999;2020;5"), 2, "GM9999 is none of 2010 to 2026"),
        (csv("GM0951;2021;5"), 2, "Nuth (GM0951) became Beekdaelen (GM1954) on 2019-01-01"),
        (csv("GM1954;2018;5"), 2, "before, it was Onderbanken (GM0881), Nuth (GM0951), Schinnen (GM0962)"),
        (csv("GM0788;2022;5"), 2, "Boxtel (GM0757), Oisterwijk (GM0824), Tilburg (GM0855), Vught (GM0865)"),
        (csv("WK09510001;2021;5"), 2, "a CBS code"),
        (csv("BU09510001;2021;5"), 2, "a municipality that was there on 1 January 2021"),
        (csv("PV99;2021;5"), 2, "a CBS code"),
        (csv("GM0917;2020;5;5", header="region;period;value;value"), 1, "the same column twice"),
    ],
)  # fmt: skip
def test_what_a_csv_holds_that_cannot_be_right_is_told_with_its_row(
    checkout: Checkout, tmp_path: Path, text: str, row: int, said: str
):
    told = faults(checkout, tmp_path, text, "x.csv")
    assert f"row {row}" in told and said in told


def test_windows_text_is_read_and_told(checkout: Checkout, tmp_path: Path):
    text = csv("GM0917;2020;cliënten;5", header="region;period;measure;value").encode("cp1252")
    assert "text is Windows-1252" in add(checkout, tmp_path, text, "x.csv").output
    assert open_snapshot("proef", "cijfers").frame["measure"].tolist() == ["cliënten"]


def test_rows_without_a_value_are_left_out_and_told(checkout: Checkout, tmp_path: Path):
    said = add(checkout, tmp_path, csv("GM0917;2020;5", "GM0917;2021;", "GM0917;2022;"), "x.csv").output
    assert "rows without a value are left out: 3-4" in said and values() == [5]


def chart_first() -> bytes:
    made = openpyxl.Workbook()
    for row in SIX:
        made.active.append(row)
    made.create_chartsheet("grafiek", 0)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def sheets(*named: tuple[str, bool, list]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, is_hidden, rows in named:
        sheet = made.create_sheet(title)
        sheet.sheet_state = "hidden" if is_hidden else "visible"
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        edited(book(*SIX), "xl/worksheets/sheet1.xml", lambda text: text.replace("A1:C7", "A1:C4")),
        strict(book(*SIX)),
        chart_first(),
        sheets(("Concept", True, [HEADER, ["GM0917", 2018, 1]]), ("Cijfers", False, SIX)),
        sheets(("Uitleg", False, [["Lees dit"]]), ("Cijfers", False, SIX)),
        book(*SIX, change=lambda sheet: sheet.__setitem__("XFD1048576", " ")),
    ],
    ids=["dimension", "strict", "chart", "hidden first", "another sheet first", "stray cell"],
)
def test_every_row_of_the_table_is_read(checkout: Checkout, tmp_path: Path, content: bytes):
    assert add(checkout, tmp_path, content).exit_code == 0
    assert values() == [100 + year for year in YEARS]


def test_what_a_sheet_hides_is_told(checkout: Checkout, tmp_path: Path):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet["C4"].font = Font(strike=True)

    said = add(checkout, tmp_path, book(*SIX, change=hide)).output
    assert "hidden rows of Sheet are read too: 3" in said and "struck through are read too: 4" in said
    said = add(checkout, tmp_path, sheets(("Oud", True, SIX[:2]), ("Cijfers", False, SIX)), "x.xlsx").output
    assert "sheet Oud is not read" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (book(*SIX, change=lambda sheet: sheet.__setitem__("C3", "=50+51")), "without a stored value (cell C3)"),
        (book(*SIX, change=lambda sheet: setattr(sheet["C3"], "number_format", "0.0%")), "shown as '211900,0%' ("),
        (book(*SIX, change=lambda sheet: setattr(sheet["C3"], "number_format", '0.0" mln"')), "shown as '2119,0 mln'"),
        (book(*SIX, change=lambda sheet: setattr(sheet["C3"], "number_format", "dd-mm-yyyy")), "got '1905-"),
        (book(*SIX, change=lambda sheet: sheet.merge_cells("A2:A3")), "merged cells A2:A3"),
        (book(*SIX, change=lambda sheet: sheet.__setitem__("E3", "let op")), "4 values"),
        (book(HEADER, [917, 2021, 5], ["GM917", 2021, 6], ["gm0917", 2021, 6]), "3 faults"),
        (sheets(("A", False, SIX), ("B", False, SIX)), "more than one table (A, B)"),
        (sheets(("A", True, SIX), ("B", False, [["Zie A"]])), "a hidden sheet"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 99, "has a password"),
        (b"PK\x03\x04 half", "cannot be opened"),
    ],
)  # fmt: skip
def test_what_a_workbook_holds_that_cannot_be_taken_is_told_with_its_cell(
    checkout: Checkout, tmp_path: Path, content: bytes, said: str
):
    assert said in faults(checkout, tmp_path, content)


@pytest.mark.parametrize("name", ["x.ods", "x.xls", "x.csv"])
def test_another_kind_of_file_is_one_sentence(checkout: Checkout, tmp_path: Path, name: str):
    assert "1 fault" in faults(checkout, tmp_path, b"PK\x05\x06" + b"\0" * 18, name)


def population(*rows: str) -> str:
    return csv(*rows, header="region;period;measure;value")


def test_a_file_in_the_place_of_a_fetched_table_is_checked_as_what_is_fetched(checkout: Checkout, tmp_path: Path):
    path = tmp_path / "only.csv"
    before = checkout.files()
    vintages = [item.vintage for item in list_snapshots() if item.name == "cbs/03759ned"]

    def added(text: str, *more: str):
        path.write_text(text, encoding="utf-8")
        return checkout.regiodeal("data", "add", str(path), "--as", "cbs/03759ned", "--licence", "CC BY 4.0", *more)

    one = population("GM0917;2026;population_1_january;86900", "GM0917;2026;population_average;86950")
    for text, said in (
        (one, "no figure of NL01"),
        (one.replace("86900", "99999999999"), "out of range"),
        (
            population(
                *(f"{code};2026;{name};{number}" for code, number in (("GM0917", 900), ("NL01", 800))
                  for name in ("population_1_january", "population_average"))
            ),
            "the parts add up to 900, NL01 is 800",
        ),
        (
            population(
                *(f"{code};2026;{name};900" for code in ("GM0917", "NL01")
                  for name in ("population_1_january", "population_average"))
            ),
            "are gone, such as",
        ),
    ):  # fmt: skip
        with pytest.raises(RegioDealError, match=said) as caught:
            added(text)
        assert caught.value.exit_code == 6 and checkout.files() == before
    for text, said in (
        (one.replace("population_average", "inwoners"), "'inwoners'"),
        (one.replace("2026", "2001"), "years from 2010 on"),
        (one.replace("GM0917", "CR39"), "regions that begin with CR"),
    ):
        with pytest.raises(InputError, match=said):
            added(text)
    assert added(one, "--accept", "coverage").exit_code == 0
    assert open_snapshot("cbs", "03759ned").metadata.vintage not in vintages


def test_a_table_that_the_register_does_not_know_is_compared_with_its_last_vintage(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    checkout.register(made.REGISTER)
    assert add(checkout, tmp_path, csv(*LINES), "x.csv").exit_code == 0
    assert "the same 6 figures" in add(checkout, tmp_path, csv(*LINES), "x.csv").output
    with pytest.raises(
        RegioDealError, match=r"1 figures of vintage .* are gone, such as GM0917 2018.*--accept coverage"
    ):
        add(checkout, tmp_path, csv(*LINES[1:]), "x.csv")
    with pytest.raises(RegioDealError, match=r"1 figures of vintage .* are gone, such as GM0917 2018"):
        add(checkout, tmp_path, csv("GM0917;2018;.", *LINES[1:]), "x.csv")
    jump = csv(*LINES[:-1], "GM0917;2023;9000")
    with pytest.raises(RegioDealError, match=r"differ by more than 25%.*2023 became 9000.*--accept magnitude"):
        add(checkout, tmp_path, jump, "x.csv")
    with pytest.raises(RegioDealError, match="no check 'all' to accept"):
        add(checkout, tmp_path, jump, "x.csv", "--accept", "all")


CASE_FAULTS = {
    "formula-without-value.xlsx": "formula without a stored value (cell C3)",
    "codes.xlsx": "4 faults",
    "percent.xlsx": "0.123, shown as '12,3%' (cell C2)",
}


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder shared/cases is not beside this checkout")
@pytest.mark.parametrize("name", ["dutch-thousands.csv", "dimension-A1C4.xlsx", "strict.xlsx", "chartsheet-first.xlsx"])
def test_the_cases_that_can_be_read_are_read(checkout: Checkout, tmp_path: Path, name: str):
    assert add(checkout, tmp_path, (CASES / name).read_bytes(), name).exit_code == 0
    counts = {"dutch-thousands.csv": 4, "chartsheet-first.xlsx": 1}
    assert len(values()) == counts.get(name, 6)


@pytest.mark.skipif(not CASES.is_dir(), reason="the folder shared/cases is not beside this checkout")
@pytest.mark.parametrize("name", CASE_FAULTS)
def test_the_cases_that_cannot_be_right_are_refused(checkout: Checkout, tmp_path: Path, name: str):
    assert CASE_FAULTS[name] in faults(checkout, tmp_path, (CASES / name).read_bytes(), name)
