"""From a figure, a table or a sentence to its rows, its cell and its source; and the files that a reader downloads."""

import csv
import io
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from bs4 import BeautifulSoup

from evaluation.present.results import COLUMNS, read_csv
from evaluation.publish.pages.numbers import Codebook
from evaluation.publish.publishing import render_report
from evaluation.publish.record import read_record
from evaluation.publish.stage import stage_report
from tests.conftest import ROOT
from tests.site.made_run import make_project, make_run
from tests.site.pages import read_page


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a published small report."""
    root = tmp_path_factory.mktemp("numbers") / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(root))
        render_report(make_run(make_project(root)), site=root / "build/site", name="2021", engine="embedded")
    return root / "build" / "site" / "2021"


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")), delimiter=";"))


def follow(report: Path, link) -> BeautifulSoup:
    """Return what a link leads to: the part of that page with the anchor."""
    page, _, anchor = link["href"].partition("#")
    found = read_page(report / page).find(id=anchor)
    assert found is not None, link["href"]
    return found


def test_a_figure_leads_to_its_rows_its_cell_and_its_source(report):
    figure = read_page(report / "3-veiligheid.html").select_one("#fig-inbraken").parent
    heading = follow(report, figure.select_one(".herleiding a"))
    assert heading.get_text() == "Woninginbraken per 1.000 inwoners."
    assert "show_burglaries(view)" in figure.find_next("pre").get_text()
    assert heading.find_next("a").get_text() == "Terug naar het hoofdstuk, met de code erbij"
    table = heading.find_next("table")
    shown = {row["id"]: [cell.get_text() for cell in row.select("td")] for row in table.select("tbody tr[id]")}
    assert "3.woninginbraak: " in table.select_one("tbody th[scope=rowgroup]").get_text()
    assert table.select_one("tbody tr[id] th").get_text() == "parkstad.2021.value"
    assert shown["3.woninginbraak.parkstad.2021.value"][1:4] == ["1,6", "per 1.000", "definitief"]
    assert shown["3.woninginbraak.limburg.2021.value"][1:4] == ["–", "", "ontbreekt"]
    assert follow(report, {"href": "cijfers-3-veiligheid.html" + table.select_one("thead a")["href"]}).name == "h2"
    number = shown["3.woninginbraak.parkstad.2021.value"][4]
    source = follow(report, {"href": f"cijfers-3-veiligheid.html#bron-{number}"})
    told = source.find_next("dd").get_text()
    assert "47018NED" in told and "2025-12-01" in told and "0" * 64 in told and "CC BY 4.0" in told
    back = heading.find_next("a")
    assert follow(report, back).name == "figure"


def test_a_source_whose_table_has_no_number_is_told_too():
    monitor = {"publisher": "CBS", "publisher_table": "Monitor (december 2023)", "table": "m", "vintage": "2026-11-30"}
    number = {"publisher": "CBS", "publisher_table": "03759ned", "table": "03759ned", "vintage": "2026-07-02"}
    book = Codebook(SimpleNamespace(snapshots=[monitor, number, number | {"vintage": "2026-11-24"}], deal="x"))
    told = book.snapshots("CBS 03759ned; CBS Monitor (december 2023)")
    assert [(item["table"], item["vintage"]) for item in told] == [("m", "2026-11-30"), ("03759ned", "2026-11-24")]
    assert book.snapshots("CBS 83759ned") == []


def test_a_sentence_leads_to_its_rows_and_back(report):
    page = read_page(report / "3-veiligheid.html")
    line = page.select_one(".herleiding[id^=cel-]")
    assert line.get_text() == "1 cijfer met herkomst"
    heading = follow(report, line.a)
    assert heading.get_text() == "In Parkstad waren het er 1,6."
    assert follow(report, heading.find_next("a")) == line
    assert "1,6" in line.find_previous("p").get_text()


def test_the_download_of_a_table_holds_the_rows_that_are_shown(report):
    page = read_page(report / "1-sociaal-economisch.html")
    link = page.select_one("#tbl-doelen .herleiding a, .herleiding a[download]")
    rows = rows_of(report / link["href"])
    shown = [[cell.get_text(" ", strip=True) for cell in row.select("th,td")] for row in page.select("#tbl-doelen tr")]
    assert rows[0] == shown[0] == ["Doel", "Geleverd", "Stand"]
    assert rows[1] == ["Woningen", "512 van 1.600", "begonnen"]
    assert "voorbeeldcijfers" in rows[-1][0]


def test_the_whole_set_is_there_as_csv_and_parquet(report):
    frame = read_csv((report / "results.csv").read_text(encoding="utf-8"))
    parquet = duckdb.sql(f"SELECT * FROM '{report / 'downloads' / 'results.parquet'}'").df()
    assert list(parquet.columns) == list(COLUMNS)
    assert parquet["result_id"].tolist() == frame["result_id"].tolist()
    assert parquet["value"].fillna(-1).tolist() == frame["value"].fillna(-1).tolist() == [-1, 1.6]
    overview = read_page(report / "cijfers.html")
    assert all((report / link["href"]).is_file() for link in overview.select("main a[download]"))


def test_equal_runs_give_equal_downloads(tmp_path, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path / "project"))
    run_dir = make_run(make_project(tmp_path / "project"))
    first, second = (stage_report(run_dir, tmp_path / name) for name in "ab")
    files = [path.relative_to(first) for folder in ("downloads", "_cijfers") for path in (first / folder).iterdir()]
    assert len(files) >= 6
    assert [str(file) for file in files if (first / file).read_bytes() != (second / file).read_bytes()] == []


def test_the_codebook_names_every_code_of_a_real_report(reported):
    run_dir = reported.runs / "2021"
    frame = read_csv((run_dir / "results.csv").read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(ROOT))
        book = Codebook(read_record(run_dir))
        kinds = {"measure": "maat", "unit_of_measure": "meeteenheid", "status": "status", "chain": "keten"}
        for column, kind in kinds.items():
            unnamed = [code for code in frame[column].unique() if (kind, code) not in book._entries]
            assert [code for code in unnamed if not code.startswith("check-")] == [], column
    rows = rows_of(reported.site / "2021" / "downloads" / "codebook.csv")
    named = {(row[0], row[1]) for row in rows}
    assert {("kolom", name) for name in COLUMNS} <= named
    assert ("indicator", "woninginbraak") in named and ("indicator", "kvo") in named


def test_every_figure_table_and_text_with_numbers_leads_to_them(reported):
    folder = reported.site / "2021"
    for path in sorted(folder.glob("[1-8]*.html")):
        page = read_page(path)
        for box in page.select("figure[id^=fig-], figure[id^=tbl-]"):
            if box.select_one("table, svg") is None:  # a sentence that says there is nothing has no numbers
                continue
            assert box.find_next(class_="herleiding") is not None, box["id"]
            assert (folder / "downloads" / f"{box['id']}.csv").stat().st_size > 20
        for link in page.select(".herleiding a:not([download])"):
            assert follow(folder, link).name == "h2"
