"""The records in Excel: the template, what Excel makes of cells, every fault marked, imports and going back."""

from __future__ import annotations

import ast
import hashlib
import io
import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import yaml
from openpyxl.workbook import Workbook
from typer.testing import CliRunner

from evaluation.base.errors import Fault, RegioDealError, UsageError
from evaluation.cli.main import app
from evaluation.inputs.deal import load_deal
from evaluation.inputs.records import kept_imports
from evaluation.inputs.records.programme import COLUMNS, load_programme
from evaluation.inputs.tables.workbooks import read_book
from evaluation.inputs.workbook.check import check_workbook
from evaluation.inputs.workbook.fault_words import mending_in_dutch
from evaluation.inputs.workbook.files import workbook_bytes
from evaluation.inputs.workbook.layout import TITLES, load_layout
from evaluation.inputs.workbook.marked import free_path, write_marked_copy
from evaluation.inputs.workbook.template import make_template
from tests.conftest import ROOT

DEAL = load_deal("parkstad-limburg")
LAYOUT = load_layout(load_deal())
LETTERS = {
    (table.name, column.name): openpyxl.utils.get_column_letter(index)
    for table in LAYOUT.tables
    for index, column in enumerate(table.columns, start=1)
}
FORM = {column.name: f"B{row}" for row, column in enumerate(LAYOUT.form, start=2)}
EMPTY, FULL = make_template(DEAL), make_template(DEAL, programme=load_programme(DEAL))

PROJECT = {
    "project_id": "P1", "title": "Proef", "theme": "2", "track": "1", "municipalities": "Heerlen", "approach": "2a",
    "lead": "gemeente", "status": "begonnen", "started_on": date(2020, 2, 1), "rijk_eur": 1000, "provincie_eur": 0,
    "gemeenten_eur": 0, "corporaties_eur": 0, "private_eur": 0,
}  # fmt: skip
PAYMENT = {"payment_id": "B1", "kind": "betaling", "date": date(2020, 6, 1), "project_id": "P1", "source": "Rijk"}
PAYMENT |= {"amount_eur": 500}
OUTPUT = {
    "output_id": "R1",
    "date": date(2020, 6, 1),
    "project_id": "P1",
    "result": "2.1",
    "quantity": 3,
    "unit": "proeven",
}
MEETING = {"milestone_id": "M1", "kind": "overleg", "date_done": date(2020, 3, 1), "body": "Overleg"}


def fill(book: Workbook, table: str, row: int, **cells) -> None:
    """Write cells of a row by the names that the records have for their columns."""
    for name, value in cells.items():
        book[TITLES[table]][f"{LETTERS[table, name]}{row}"] = value


@pytest.fixture
def book() -> Workbook:
    """A template that is filled in rightly, with one row on each sheet."""
    made = openpyxl.load_workbook(io.BytesIO(EMPTY))
    sheet = made["Gegevens"]
    for name, value in {"title": "Cijfers 2021", "status": "voorlopig", "version": "2022-03-01"}.items():
        sheet[FORM[name]] = value
    for table, row in (("projects", PROJECT), ("payments", PAYMENT), ("outputs", OUTPUT), ("milestones", MEETING)):
        fill(made, table, 2, **row)
    return made


def saved(book: Workbook, folder: Path, name: str = "cijfers.xlsx") -> Path:
    book.save(folder / name)
    return folder / name


def checked(book: Workbook, folder: Path, **options):
    return check_workbook(DEAL, saved(book, folder), over_real=options.get("over_real", False))


def test_the_template_has_a_place_for_every_column_of_the_records():
    assert {table.name: {column.name for column in table.columns} for table in LAYOUT.tables} == {
        name: set(columns) for name, columns in COLUMNS.items()
    }


def test_the_template_locks_its_headings_and_leaves_the_rest_free():
    made = openpyxl.load_workbook(io.BytesIO(EMPTY))
    for title in TITLES.values():
        sheet = made[title]
        assert sheet.protection.sheet and not sheet.protection.insertRows
        assert all(cell.protection.locked and cell.comment.text for cell in sheet[1])
        assert not any(sheet.column_dimensions[cell.column_letter].protection.locked for cell in sheet[1])


def test_the_template_offers_the_lists_of_the_deal(book):
    lists = {
        cell.value: [c.value for c in line[1:] if c.value] for line in book["Lijsten"].iter_cols() for cell in line[:1]
    }
    assert len(lists["Thema"]) == 6 and lists["Thema"][1].startswith("2 – ")
    assert lists["Gemeenten"] == list(DEAL.municipality_names)
    assert len(lists["Resultaat"]) == len(DEAL.result_ids) and "woningen" in lists["Wat is geteld"]
    rules = {str(rule.sqref): rule for rule in book["Betalingen"].data_validations.dataValidation}
    assert rules["D2:D5000"].formula1 == "Projecten!$A$2:$A$5000"
    assert rules["B2:B5000"].formula1.startswith("Lijsten!") and rules["C2:C5000"].type == "date"
    assert all(rule.prompt and len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32 for rule in rules.values())


def test_a_template_is_the_same_bytes_each_time_and_names_nobody():
    assert make_template(DEAL) == EMPTY
    assert openpyxl.load_workbook(io.BytesIO(EMPTY)).properties.creator == "regiodeal template"


def test_a_filled_template_gives_back_the_records_that_it_was_filled_with(tmp_path):
    (tmp_path / "vol.xlsx").write_bytes(FULL)
    found = check_workbook(DEAL, tmp_path / "vol.xlsx", over_real=False)
    assert found.marks == () and kept_imports.compare(load_programme(DEAL), found.programme) == ()


def test_what_excel_makes_of_a_cell_is_read_as_it_was_meant(book, tmp_path):
    fill(
        book, "projects", 2, project_id=" P1 ", theme="2 – Wonen en leefbaarheid", track=1.0, criteria="1;2",
        municipalities=" Heerlen ;Kerkrade", status="BEGONNEN", started_on="1-2-2020", rijk_eur="1.250,50",
        provincie_eur="€ 1250,5", gemeenten_eur=0.1 + 0.2, corporaties_eur="12500", planned_start=datetime(2020, 1, 6),
    )  # fmt: skip
    fill(book, "payments", 2, project_id="P1\N{NO-BREAK SPACE}", source="rijk", amount_eur=1e3)
    fill(book, "outputs", 2, result=2.1)
    fill(book, "outputs", 9, **{**OUTPUT, "output_id": "R2", "unit": "proeven "})
    found = checked(book, tmp_path)
    assert found.marks == ()
    project = found.programme.projects.iloc[0]
    amounts = [project[f"{name}_eur"] for name in ("rijk", "provincie", "gemeenten", "corporaties")]
    assert amounts == [1250.5, 1250.5, 0.3, 12500]
    assert project["municipalities"] == ("Heerlen", "Kerkrade") and project["criteria"] == (1, 2)
    assert (project["started_on"].date(), project["planned_start"].date()) == (date(2020, 2, 1), date(2020, 1, 6))
    assert found.programme.outputs["output_id"].tolist() == ["R1", "R2"]


def test_hidden_rows_are_read_and_told(book, tmp_path):
    fill(book, "outputs", 3, **{**OUTPUT, "output_id": "R2"})
    book["Prestaties"].row_dimensions[3].hidden = True
    found = checked(book, tmp_path)
    assert [str(remark) for remark in found.remarks] == ["hidden rows of Prestaties are read too: 3"]
    assert len(found.programme.outputs) == 2


PLANTED: dict[str, tuple[str, dict, str]] = {
    # sheet!cell: table, cells, what the mending says
    "Projecten!A3": ("projects", {"project_id": "P 2"}, "letters, cijfers"),
    "Projecten!C4": ("projects", {"theme": 9}, "Kies een van: 1 – "),
    "Projecten!E5": ("projects", {"municipalities": "Heerlen, Kerkrade"}, "puntkomma's en geen komma's"),
    "Projecten!G6": ("projects", {"approach": "1a"}, "onderdeel van het eigen thema 2"),
    "Projecten!J7": ("projects", {"status": "begonen"}, "gepland, begonnen, afgerond, vervallen"),
    "Projecten!L8": ("projects", {"started_on": None}, "want de stand is begonnen"),
    "Projecten!M9": ("projects", {"completed_on": date(2020, 5, 1)}, "Maak dit vakje leeg, want de stand is begonnen"),
    "Projecten!O10": ("projects", {"rijk_eur": "1.250"}, "duizendtallen"),
    "Projecten!P11": ("projects", {"provincie_eur": -5}, "0 of meer"),
    "Projecten!T12": ("projects", {"note": "bel 111222333"}, "persoonsgegevens"),
    "Betalingen!A3": ("payments", {"payment_id": "B1"}, "rij 2 heeft dit nummer ook"),
    "Betalingen!C4": ("payments", {"date": "31-2-2020"}, "bestaat niet"),
    "Betalingen!D5": ("payments", {"project_id": "P99"}, "blad Projecten"),
    "Betalingen!F6": ("payments", {"amount_eur": -10}, "schrijf bij Opmerking waarom"),
    "Betalingen!F7": ("payments", {"amount_eur": "=A1*2"}, "Vul een waarde in"),
    "Prestaties!B3": ("outputs", {"date": date(2017, 1, 1)}, "van 01-01-2019"),
    "Prestaties!D4": ("outputs", {"result": "4.1"}, "resultaat van thema 2"),
    "Prestaties!F5": ("outputs", {"quantity": 0}, "boven 0"),
    "Prestaties!G6": ("outputs", {"unit": "Proeven"}, "zoals in rij 2: proeven"),
    "Mijlpalen!I3": ("milestones", {"body": None}, "wie overlegde"),
}


def plant(book: Workbook) -> None:
    ordinary = {"projects": PROJECT, "payments": PAYMENT, "outputs": OUTPUT, "milestones": MEETING}
    for place, (table, cells, _) in PLANTED.items():
        row = int("".join(filter(str.isdigit, place.split("!")[1])))
        identity = next(iter(ordinary[table]))
        fill(book, table, row, **{**ordinary[table], identity: f"X{row}", **cells})


def test_twenty_planted_faults_come_back_as_twenty_marked_cells_and_nothing_else(book, tmp_path):
    plant(book)
    found = checked(book, tmp_path)
    assert found.programme is None
    assert {f"{mark.sheet}!{mark.cell}" for mark in found.marks} == set(PLANTED) and len(found.marks) == 20
    for mark in found.marks:
        assert PLANTED[f"{mark.sheet}!{mark.cell}"][2] in f"{mark.found}. {mark.mending}", mark
    target = free_path(tmp_path / "cijfers.xlsx")
    write_marked_copy(tmp_path / "cijfers.xlsx", found.marks, target, cells=100)
    marked = openpyxl.load_workbook(target)
    assert marked_cells(marked) == set(PLANTED)
    assert marked.sheetnames[0] == "Fouten" and marked["Fouten"].max_row == 22
    assert marked["Betalingen"]["F7"].value == "=A1*2"


def marked_cells(book: Workbook) -> set[str]:
    return {
        f"{sheet.title}!{cell.coordinate}"
        for sheet in book.worksheets
        for line in sheet.iter_rows()
        for cell in line
        if cell.fill.fgColor.rgb == "FFFFC000" and cell.comment.author == "regiodeal import"
    }


def test_a_copy_that_was_mended_is_read_and_loses_its_old_marks(book, tmp_path):
    plant(book)
    found = checked(book, tmp_path)
    first = free_path(tmp_path / "cijfers.xlsx")
    write_marked_copy(tmp_path / "cijfers.xlsx", found.marks, first, cells=100)
    mended = openpyxl.load_workbook(first)
    mended["Projecten"]["A3"] = "P2"
    mended.save(first)
    again = check_workbook(DEAL, first, over_real=False)
    assert len(again.marks) == 19
    second = free_path(first)
    write_marked_copy(first, again.marks, second, cells=100)
    assert second.name == "cijfers-fouten-2.xlsx"
    assert marked_cells(openpyxl.load_workbook(second)) == set(PLANTED) - {"Projecten!A3"}


@pytest.mark.parametrize(
    ("spoil", "place", "said"),
    [
        (lambda book: book["Projecten"].merge_cells("A3:A4"), "Projecten!A3", "Splits de samengevoegde"),
        (lambda book: book["Projecten"].__setitem__("U1", "BSN"), "Projecten!U1", "kolom met persoonsgegevens"),
        (lambda book: book["Prestaties"].__setitem__("J1", "Extra"), "Prestaties!J1", "Haal deze kolom weg"),
        (lambda book: book["Prestaties"].__setitem__("K2", "x"), "Prestaties!A2", "rechts van de laatste kolom"),
        (lambda book: book["Prestaties"].__setitem__("F1", "Hoeveel"), "Prestaties!F1", "niet in het sjabloon"),
        (lambda book: book.create_sheet("Kladblok"), "Kladblok!A1", "Haal dit blad weg"),
        (lambda book: book.remove(book["Mijlpalen"]), "Mijlpalen!None", "Dit blad ontbreekt"),
        (lambda book: book["Gegevens"].__setitem__("B3", None), "Gegevens!B3", "Dit vakje is leeg"),
        (lambda book: book["Gegevens"].__setitem__("B3", "klaar"), "Gegevens!B3", "voorlopig, vastgesteld"),
        (lambda book: book["Gegevens"].__setitem__("A2", "Titel"), "Gegevens!B1", "Zet de rij 'Naam van de set'"),
        (lambda book: book["Projecten"].__setitem__("B2", "jan@voorbeeld.nl"), "Projecten!B2", "e-mailadres"),
    ],
)
def test_a_workbook_that_was_changed_beside_its_cells_is_told_where(book, tmp_path, spoil: Callable, place, said):
    spoil(book)
    found = checked(book, tmp_path)
    told = {f"{mark.sheet}!{mark.cell}": f"{mark.found}. {mark.mending}" for mark in found.marks}
    assert said in told[place] and found.programme is None
    write_marked_copy(tmp_path / "cijfers.xlsx", found.marks, tmp_path / "fout.xlsx", cells=100)


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "x.xlsx").write_text("geen werkmap")
    with pytest.raises(UsageError, match="niets ingelezen"):
        check_workbook(DEAL, tmp_path / "x.xlsx", over_real=False)


def messages(module: str) -> Iterator[str]:
    """List what a module of the records' checks may expect, with X for what differs."""
    for node in ast.walk(ast.parse((ROOT / "evaluation" / "inputs" / "records" / module).read_text(encoding="utf-8"))):
        named = isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["expected"]
        called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "wrong" and node.args
        value = node.value if named else node.args[0] if called else None
        if isinstance(value, ast.Constant):
            yield value.value
        elif isinstance(value, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in value.values)


def test_every_check_of_the_records_has_dutch_words():
    known = {
        "{} ({})": "a target of the deal, or an empty cell (x, y)",
        "{}, separated by semicolons": "criteria of the deal, separated by semicolons",
        "{}, each once": "criteria of the deal, separated by semicolons, each once",
        "a date as YYYY-MM-DD, from {} to {}": "a date as YYYY-MM-DD, from 2019-01-01 to 2025-12-31",
        "{}; there is no such day": "a date as YYYY-MM-DD, from 2019-01-01 to 2025-12-31; there is no such day",
        "{} of 0 or more": "an amount of 0 or more",
        "a day on or after started_on ({})": "a day on or after started_on (2020-01-01)",
        "a result of the theme of {} (theme {}) or of its approach elements": "a result of the theme of P1 (theme 1)",
    }
    protected_only = {"a year from {} to {}", "an empty cell, as the total is withheld"}
    for module in ("row_models.py", "column_types.py"):
        for text in messages(module):
            fault = Fault("", "", known.get(text, text.replace("{}", "1")))
            has_words = not mending_in_dutch(fault, None, {}).startswith("Dit kan hier niet.")
            assert has_words or text in protected_only, text


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with nothing but the deal and its example records."""
    root = tmp_path / "project"
    for name in ("deal", "programme"):
        shutil.copytree(ROOT / "data" / name, root / "data" / name, ignore=shutil.ignore_patterns("imports"))
    (root / "_quarto.yml").write_text("")
    monkeypatch.setenv("REGIODEAL_ROOT", str(root))
    return root


def records(root: Path) -> dict[str, str]:
    folder = root / "data" / "programme" / "parkstad-limburg"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}


def regiodeal(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, RegioDealError):
        return result.exception.exit_code, result.output + str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_right_workbook_is_imported_kept_and_undone(project, book, tmp_path):
    file, before = saved(book, tmp_path), records(project)
    code, said = regiodeal("import", file, "--dry-run")
    assert (code, records(project)) == (0, before) and "De voorbeeldcijfers maken plaats voor echte." in said
    code, said = regiodeal("import", file)
    assert (code, records(project)) == (2, before) and "Zet --yes" in said
    code, said = regiodeal("import", file, "--yes")
    assert code == 0 and "Status voorlopig" in said and "  + Projecten P1" in said
    programme = load_programme(DEAL)
    assert (programme.dataset.status, len(programme.outputs), programme.is_example) == ("voorlopig", 1, False)
    kept = project / "data/programme/parkstad-limburg/imports/0001"
    record = yaml.safe_load((kept / "import.yml").read_text(encoding="utf-8"))
    assert record["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest() == hash_of(kept / "workbook.xlsx")
    assert (record["file"], record["imported_on"]) == ("cijfers.xlsx", date.today().isoformat())
    code, said = regiodeal("import", "--undo", "--yes")
    assert code == 0 and records(project) == before and "Inlezen 1 van Regio Deal Parkstad Limburg is ongedaan" in said
    assert regiodeal("import", "--undo", "--yes")[0] == 2
    assert load_programme(DEAL).is_example


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_second_import_shows_old_and_new_and_undoing_goes_back_one_at_a_time(project, book, tmp_path):
    regiodeal("import", saved(book, tmp_path), "--yes")
    first = records(project)
    fill(book, "projects", 2, rijk_eur=2000, title="Proef twee")
    fill(book, "outputs", 2, output_id="R9")
    code, said = regiodeal("import", saved(book, tmp_path, "later.xlsx"), "--yes")
    assert code == 0 and "~ Projecten P1; Naam: Proef -> Proef twee; Rijk (€): 1000 -> 2000" in said
    assert "+ Prestaties R9" in said and "- Prestaties R1" in said and "1 erbij, 1 veranderd, 1 weg" in said
    assert regiodeal("import", tmp_path / "later.xlsx", "--yes")[1].startswith("Dit is de registratie van")
    regiodeal("import", "--undo", "--yes")
    assert records(project) == first
    regiodeal("import", "--undo", "--yes")
    assert load_programme(DEAL).is_example
    assert sorted(path.name for path in (project / "data/programme/parkstad-limburg/imports").iterdir()) == [
        "0001", "0002", "0003", "0004",
    ]  # fmt: skip


def test_a_workbook_with_faults_changes_nothing_and_leaves_a_marked_copy(project, book, tmp_path):
    plant(book)
    before = records(project)
    code, said = regiodeal("import", saved(book, tmp_path), "--yes")
    assert code == 2 and "20 fouten in cijfers.xlsx; er is niets ingelezen." in said
    assert records(project) == before and not (project / "data/programme/parkstad-limburg/imports").exists()
    assert len(marked_cells(openpyxl.load_workbook(tmp_path / "cijfers-fouten.xlsx"))) == 20


def test_an_example_does_not_take_the_place_of_real_records(project, book, tmp_path):
    regiodeal("import", saved(book, tmp_path), "--yes")
    book["Gegevens"][FORM["status"]] = "voorbeeld"
    code, said = regiodeal("import", saved(book, tmp_path), "--yes")
    assert code == 2 and "1 fout" in said
    assert (
        "niet in de plaats van echte" in openpyxl.load_workbook(tmp_path / "cijfers-fouten.xlsx")["Fouten"]["F3"].value
    )


def test_the_second_of_two_imports_is_told_and_shown_its_difference_anew(project, book, tmp_path, monkeypatch):
    file = saved(book, tmp_path)
    fill(book, "projects", 2, title="Van een ander")
    other = saved(book, tmp_path, "ander.xlsx")
    put_in_place, ask = kept_imports.put_in_place, []

    def another_first(*given, **options):
        monkeypatch.setattr(kept_imports, "put_in_place", put_in_place)
        assert regiodeal("import", other, "--yes")[0] == 0
        return put_in_place(*given, **options)

    monkeypatch.setattr(kept_imports, "put_in_place", another_first)
    code, said = regiodeal("import", file, "--yes")
    assert code == 2 and "is intussen veranderd; er is niets ingelezen. Wat het inlezen nu zou veranderen" in said
    assert "~ Projecten P1; Naam: Van een ander -> Proef" in said and "een ander verschil dan daarnet" in said
    assert load_programme(DEAL).projects["title"].tolist() == ["Van een ander"]
    monkeypatch.setattr(kept_imports, "put_in_place", another_first)
    fill(book, "projects", 2, title="Nog een")
    other = saved(book, tmp_path, "nog-een.xlsx")
    monkeypatch.setattr("evaluation.cli.records._ask", lambda *_, **__: ask.append("asked") or True)
    code, said = regiodeal("import", file)
    assert code == 0 and len(ask) == 3 and "Naam: Nog een -> Proef" in said
    assert load_programme(DEAL).projects["title"].tolist() == ["Proef"]


def test_an_undo_that_was_asked_of_one_import_undoes_no_other(project, book, tmp_path):
    regiodeal("import", saved(book, tmp_path), "--yes")
    fill(book, "projects", 2, title="Later")
    regiodeal("import", saved(book, tmp_path), "--yes")
    with pytest.raises(UsageError, match="Inlezen 1 van parkstad-limburg is niet meer het laatste"):
        kept_imports.undo("parkstad-limburg", 1, day=date(2022, 3, 1))


def test_an_import_adds_to_the_disk_only_what_is_new(project, book, tmp_path):
    folder = project / "data/programme/parkstad-limburg"
    (folder / "eigen").mkdir()
    (folder / "eigen" / "brief.txt").write_text("van ons")
    (folder / "lees.md").write_text("lees dit")
    sizes = []
    for number in range(6):
        fill(book, "projects", 2, title=f"Proef {number}")
        regiodeal("import", saved(book, tmp_path), "--yes")
        inodes = {path.stat().st_ino: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
        sizes.append(sum(inodes.values()))
    growth = [later - earlier for earlier, later in itertools.pairwise(sizes[1:])]
    assert max(growth) - min(growth) < 500
    first = (folder / "imports/0001/workbook.xlsx").stat()
    regiodeal("import", "--undo", "--yes")
    assert (folder / "imports/0001/workbook.xlsx").stat().st_ino == first.st_ino
    assert (folder / "eigen/brief.txt").read_text() == "van ons" and (folder / "lees.md").read_text() == "lees dit"
    (folder / "projects.csv").write_text("in place")
    assert all("in place" not in path.read_text() for path in folder.glob("imports/*/before/projects.csv"))


def test_the_template_command_writes_what_is_asked_for_and_never_over_a_file(project, tmp_path):
    code, said = regiodeal("template", "--to", tmp_path / "leeg.xlsx")
    assert code == 0 and "(leeg)" in said and (tmp_path / "leeg.xlsx").read_bytes() == EMPTY
    assert regiodeal("template", "--to", tmp_path / "leeg.xlsx")[0] == 2
    assert regiodeal("template", "--to", tmp_path / "leeg.csv")[0] == 2
    code, said = regiodeal("template", "--filled", "--to", tmp_path / "vol.xlsx")
    assert code == 0 and (tmp_path / "vol.xlsx").read_bytes() == FULL
    shutil.rmtree(project / "data" / "programme" / "parkstad-limburg")
    assert regiodeal("template", "--filled", "--to", tmp_path / "niets.xlsx")[0] == 2


def test_another_deal_has_a_template_and_imports_of_its_own(project, tmp_path):
    shutil.copytree(ROOT / "tests" / "second_deal", project / "data", dirs_exist_ok=True)
    file, deal = tmp_path / "streek.xlsx", ("--deal", "voorbeeldstreek")
    assert regiodeal("template", "--filled", "--to", file, *deal)[0] == 0
    book = openpyxl.load_workbook(file)
    rules = {str(rule.sqref): rule for rule in book["Mijlpalen"].data_validations.dataValidation}
    column, row = rules["G2:G5000"].formula1.removeprefix("Lijsten!").replace("$", "").split(":")
    assert column[1:] == "2" and int(row[1:]) >= 2
    assert regiodeal("import", file, *deal)[1].startswith(
        "Dit is de registratie van Regio Deal Voorbeeldstreek (verzonnen) die er al staat"
    )
    shutil.rmtree(project / "data" / "programme" / "voorbeeldstreek")
    code, said = regiodeal("import", file, "--yes", *deal)
    assert code == 0 and "elke rij is nieuw" in said
    assert (project / "data/programme/voorbeeldstreek/projects.csv").is_file()


def test_a_text_that_looks_like_a_formula_is_text_in_a_workbook_and_is_read_back():
    texts = [
        "=cmd|x!A0",
        "+1+cmd",
        "-2+3",
        "@SUM(1)",
        "＝cmd|x",
        "'=1",
        "''=1",
        "'s-Gravenhage",
        "a\r=cmd",
        "a\t=1",
        "a\n=1",
    ]
    book = openpyxl.Workbook()
    for number, text in enumerate(texts, start=1):
        book.active.cell(number, 1).value = text
    content = workbook_bytes(book)
    made = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [(cell.value, cell.data_type) for (cell,) in made.iter_rows()] == [(text, "s") for text in texts]
    read = read_book(content, "x.xlsx").read(made.title).rows
    assert [read[number][1] for number in range(1, len(texts) + 1)] == texts
