"""Records that are no example, from the workbook to the page: nothing says of them that they are made up."""

from __future__ import annotations

import openpyxl
import pytest

from evaluation.publish.pages.numbers import Step, _shown_table
from evaluation.publish.publishing import render_report
from tests.site.made_run import make_project, make_run, write_record


def test_records_that_are_no_example_go_in_and_come_out(project, tmp_path):
    first, again = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    assert project.regiodeal_here("template", "--to", str(first), "--filled").returncode == 0
    book = openpyxl.load_workbook(first)
    sheet = book["Gegevens"]
    (status,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "voorbeeld"]
    (title,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "Voorbeeldset programmacijfers"]
    status.value, title.value = "vastgesteld", "Registratie van een proef"
    book.save(first)
    done = project.regiodeal_here("import", str(first), "--yes")
    assert done.returncode == 0 and "De voorbeeldcijfers maken plaats voor echte." in done.stdout, done.stderr
    done = project.regiodeal_here("check")
    assert done.returncode == 0 and "60 projects (vastgesteld)" in done.stdout, done.stderr
    assert "met de registratie die er is" in project.regiodeal_here("template", "--to", str(again)).stdout
    assert "niets ingelezen" in project.regiodeal_here("import", str(again), "--yes").stdout
    done = project.regiodeal_here("example")
    assert done.returncode != 0 and "Traceback" not in done.stderr, "an example never takes the place of records"


@pytest.mark.parametrize("status", ["vastgesteld", "voorlopig"])
def test_a_report_of_them_nowhere_says_that_they_are_made_up(tmp_path, monkeypatch, status):
    run = make_run(make_project(tmp_path / "project"))
    write_record(run, dataset={"status": status, "title": "Registratie", "version": "2"})
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path / "project"))
    report = render_report(run, site=tmp_path / "site", name="2021", engine="embedded")
    page = (report.index.parent / "3-veiligheid.html").read_text(encoding="utf-8")
    assert "voorbeeldcijfers" not in page and ("voorlopige cijfers" in page) == (status == "voorlopig")


def test_a_table_says_only_of_itself_that_its_figures_are_made_up():
    def written(source: str, *statuses: str) -> str:
        fields = dict.fromkeys(Step.__dataclass_fields__, "")
        rows = [{"status": status} for status in statuses]
        return _shown_table(Step(**fields | {"source": source, "records": rows, "table": [["a"]]})).decode()

    assert "Let op: in deze tabel staan voorbeeldcijfers (verzonnen)." in written("Winkelmonitor", "example", "final")
    assert "van het programma" not in written("Winkelmonitor", "example")
    assert "Let op" not in written("Bron: registratie (Voorbeeldige buurten)", "final")
