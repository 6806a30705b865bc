"""Every file for reuse is as its format asks, says where it is from, and stands at the permanent address only."""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from lxml import etree
from rdflib import DCAT, RDF

from evaluation.inputs.theme import theme
from evaluation.present.colours import COLOURS
from evaluation.publish.pages.html import parse_page
from evaluation.publish.pages.policy import find_foreign
from evaluation.publish.site.site_folder import publish_site
from evaluation.release.on_site import place_releases
from evaluation.release.reuse.figures import COLUMNS, read_figures
from evaluation.release.reuse.files import api_files, figure_files
from tests.catalogues import read_catalogue
from tests.conftest import ROOT
from tests.release.conftest import Office

ABOUT: Mapping[str, object] = {
    "deal": "x", "deal_name": "Regio Deal X & Y", "edition": "2021", "title": "Verslag", "release": 1,
    "date": "2026-12-01",
}  # fmt: skip
DRAWN = "".join(
    f'<svg class="figuur-beeld {name}" viewBox="0 0 {size} 9" width="{size}" fill="var(--text)" aria-hidden="true">'
    f'<path stroke="var(--region)" d="M0 0H9"/></svg>'
    for name, size in (("breed", 640), ("smal", 360))
)
FIGURE = (
    '<figure id="fig-a"><figcaption>Figuur 1: Inbraken</figcaption><div class="figuur"><p class="figuur-titel">Minder'
    ' &lt;inbraken&gt;</p><p class="figuur-maat">per 1.000</p><div class="figuur-vlak" aria-label="Lijn daalt."'
    f' data-figuur="a" data-gegevens="figuren/3.js">{DRAWN}</div>'
    '<p class="bron">Bron: Politie</p><details class="figuur-tabel"><summary>Tabel</summary><table><tbody><tr>'
    '<th scope="row">2021</th><td>1,6</td></tr></tbody></table></details></div></figure>'
)
ROWS = (
    ("3.a.GM0917.2021.value", "3", "a", "GM0917", "2021", "value", "1.625", "per_1000", "final"),
    ("3.a.parkstad.2021.value", "3", "a", "parkstad", "2021", "value", "", "per_1000", "missing"),
    ("3.a.GM0917.2021.count", "3", "a", "GM0917", "2021", "count", "12", "count", "example"),
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A report with one figure of three numbers: one is not known, one is an example."""
    lines = [[*COLUMNS, "chain", "notebook", "cell"], *([*row, "'=Politie", "2025", "", "n", "fig-a"] for row in ROWS)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    (tmp_path / "results.csv").write_text(text.getvalue(), encoding="utf-8")
    numbers = "".join(
        f'<tr id="{row[0]}"><th>{row[0].removeprefix("3.a.")}<td>waarde<td>{row[6]}<td>x<td>y<td>1' for row in ROWS
    )
    page = f'<h2 id="fig-a">A</h2><table><tbody><tr><th colspan="6" scope="rowgroup">3.a: A{numbers}</table>'
    (tmp_path / "cijfers-3.html").write_text(page, encoding="utf-8")
    (tmp_path / "3.html").write_text(f"<main>{FIGURE}</main>", encoding="utf-8")
    return tmp_path


@pytest.fixture
def files(site: Path) -> dict[str, bytes]:
    (figure,) = read_figures(site)
    assert (figure.title, figure.alt, figure.drawn) == ("Minder <inbraken>", "Lijn daalt.", DRAWN)
    return figure_files(figure, ABOUT)


def csvw_faults(table: str, metadata: dict) -> list[str]:
    """Hold a CSV to its metadata as a validator of CSVW does: columns, datatypes, what is required, the key."""
    header, *rows = csv.reader(io.StringIO(table))
    columns = metadata["tableSchema"]["columns"]
    faults = [] if header == [column["titles"] for column in columns] else ["the header is not that of the schema"]
    keys = []
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            faults.append(f"row {number} has {len(row)} cells")
            continue
        for cell, column in zip(row, columns, strict=True):
            kind = column["datatype"]
            if cell == "" and column["required"]:
                faults.append(f"row {number}: {column['name']} is required")
            is_number = re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?|NaN|INF|-INF", cell)
            if cell and isinstance(kind, dict) and kind["base"] == "double" and not is_number:
                faults.append(f"row {number}: {cell!r} is no double")
        keys.append(row[[column["name"] for column in columns].index(metadata["tableSchema"]["primaryKey"])])
    return faults + (["a key stands there twice"] if len(set(keys)) < len(keys) else [])


def test_a_csv_is_as_its_csvw_metadata_say_and_pandas_reads_it(files: dict[str, bytes]) -> None:
    metadata = json.loads(files["fig-a.csv-metadata.json"])
    table = files["fig-a.csv"].decode()
    assert metadata["@context"][0] == "http://www.w3.org/ns/csvw" and metadata["url"] == "fig-a.csv"
    assert csvw_faults(table, metadata) == [] and "verzonnen" in metadata["dc:description"]
    for before, after, told in (
        ("1.625", "1,625", "row 2 has 12 cells"), ("1.625", "veel", "'veel' is no double"),
        ("3.a.parkstad.2021.value", "3.a.GM0917.2021.value", "a key stands there twice"),
        ("per_1000,final", "per_1000,", "status is required"),
        ("result_id", "kenmerk", "the header is not that of the schema"),
    ):  # fmt: skip
        assert told in " ".join(csvw_faults(table.replace(before, after, 1), metadata))
    frame = pd.read_csv(io.BytesIO(files["fig-a.csv"]), index_col="result_id")
    assert frame["value"].dropna().tolist() == [1.625, 12.0] and len(frame) == 3


def test_a_workbook_passes_the_checklist_for_accessible_spreadsheets(files: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["fig-a.xlsx"]))
    assert book.sheetnames == ["Over deze cijfers", "Cijfers"] and book.active.title == "Over deze cijfers"
    assert book.properties.title == "Minder <inbraken>" and book.properties.language == "nl-NL"
    cover, sheet = book.worksheets
    told = [cell.value for (cell,) in cover.iter_rows()]
    assert any("twee werkbladen" in line for line in told) and any("verzonnen" in line for line in told)
    assert None not in told
    (table,) = sheet.tables.values()
    assert table.ref == f"A3:K{sheet.max_row}" and table.headerRowCount == 1
    assert "één tabel met 3 rijen" in sheet["A2"].value
    for one in book.worksheets:
        assert not one.merged_cells.ranges and one.sheet_state == "visible"
        assert not any(size.hidden for size in (*one.column_dimensions.values(), *one.row_dimensions.values()))
        assert all(
            cell.font.sz >= 12 and cell.font.name == theme().fonts.word
            for row in one.iter_rows()
            for cell in row
            if cell.value
        )
        assert one["A1"].value and one.sheet_view.selection[0].activeCell in (None, "A1")
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert all(None not in row for row in rows) and [row[6] for row in rows] == [1.625, "geen waarde", 12]
    assert sheet["J4"].data_type == "s" and sheet["J4"].value == "=Politie"  # never a formula


def test_the_json_and_the_page_say_what_it_is_and_load_nothing_else(files: dict[str, bytes], tmp_path: Path) -> None:
    content = json.loads(files["fig-a.json"])
    assert content["release"] == 1 and content["is_example"] and content["columns"] == list(COLUMNS)
    assert [row[6] for row in content["rows"]] == [1.625, None, 12]
    folder = tmp_path / "hergebruik"
    folder.mkdir()
    for name, made in files.items():
        (folder / name).write_bytes(made)
    page = parse_page(folder / "fig-a.html")
    loaded = page.xpath("//script | //link/@href | //img/@src | //iframe | //*[@style]")
    assert loaded == ["../reports/style/kleuren.css", "../reports/style/rapport.css", "../reports/style/icoon.svg"]
    assert page.xpath("//div[@role='img']/@aria-label") == ["Lijn daalt."] and DRAWN in files["fig-a.html"].decode()
    told = " ".join(" ".join(page.itertext()).split())
    assert "Minder <inbraken>" in told and "uitgave 1 van 1 december 2026" in told and "Bron: Politie" in told
    assert "verzonnen" in told and find_foreign(folder) == []


def test_the_drawing_is_a_file_of_its_own_that_needs_no_style_sheet(files: dict[str, bytes]) -> None:
    drawing = etree.fromstring(files["fig-a.svg"])
    assert drawing.get("viewBox") == "0 0 640 9" and drawing.findtext("{*}title") == "Lijn daalt."
    assert drawing.find("{*}path").get("stroke") == COLOURS["region"] and b"var(" not in files["fig-a.svg"]


def test_the_interface_has_every_number_by_theme_and_municipality() -> None:
    rows = [dict(zip(COLUMNS, (*row, "CBS", "2025"), strict=True)) for row in ROWS]
    made = {name: json.loads(content) for name, content in api_files(rows, ABOUT).items()}
    assert sorted(made) == ["gemeente-GM0917.json", "indicatoren.json", "thema-3.json"]
    assert [row[0] for row in made["gemeente-GM0917.json"]["rows"]] == [ROWS[0][0], ROWS[2][0]]
    assert len(made["thema-3.json"]["rows"]) == 3
    assert made["indicatoren.json"]["indicators"] == {
        "a": {"themes": ["3"], "units": ["GM0917", "parkstad"], "measures": ["value", "count"], "periods": ["2021"]}
    }


@pytest.mark.parametrize("address", [None, "https://example.org/deal"])
def test_a_release_has_them_at_its_address_and_in_the_catalogue(office: Office, address: str | None) -> None:
    made = office.released()
    public = publish_site(
        office.site,
        office.root / "public",
        address=address,
        prepare=lambda draft: place_releases(draft, address=address),
    )
    assert not (public / "2021" / "hergebruik").exists()
    folder = public / "2021" / made.name / "hergebruik"
    names = {path.name for path in folder.glob("fig-woninginbraak.*")}
    assert names == {f"fig-woninginbraak.{end}" for end in ("csv", "csv-metadata.json", "html", "json", "xlsx")}
    for page in (public / "2021", public / "2021" / made.name):
        links = parse_page(page / "3-veiligheid.html").xpath("//a/@href")
        assert "hergebruik.html#fig-woninginbraak" in links
        files = [
            link for link in parse_page(page / "hergebruik.html").xpath("//a/@href") if "fig-woninginbraak." in link
        ]
        assert len(files) == 5 and all((page / link.partition("#")[0]).is_file() for link in files)
    (release,) = json.loads((public / "api" / "index.json").read_bytes())["releases"]
    assert release["is_newest"] and all((public / file).is_file() for file in [release["results"], *release["files"]])
    graph = read_catalogue((public / "api" / "catalogus.jsonld").read_bytes(), "https://example.org/deal/api/")
    places = sorted(str(node).partition("/deal/")[2] for node in graph.objects(None, DCAT.downloadURL))
    assert places == sorted([release["results"], *release["files"]])
    assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == len(places)


def test_the_example_in_pandas_of_the_documentation_reads_a_published_site(office: Office) -> None:
    office.released()
    public = office.publish()
    page = (ROOT / "docs" / "uitgeven.md").read_text(encoding="utf-8")
    example = page.partition("Met pandas:")[2].partition("Met R:")[0]
    told: dict = {}
    exec(textwrap.dedent(example).replace("ADRES/", f"{public.as_uri()}/"), told)
    frame = told["cijfers"].set_index("result_id")
    assert frame.loc["3.woninginbraak.GM0917.2021.value", "value"] == 12.5 and len(frame) == 3


def test_every_figure_of_a_report_as_it_is_made_can_be_reused(released_site: Path) -> None:
    tables = sorted(released_site.glob("2021/uitgave-*/hergebruik/fig-*.csv"))
    assert len(tables) == 2
    for path in tables:
        metadata = json.loads(path.with_name(f"{path.name}-metadata.json").read_bytes())
        assert csvw_faults(path.read_text(encoding="utf-8"), metadata) == []
        drawing = etree.fromstring(path.with_suffix(".svg").read_bytes())
        assert len(drawing.findall(".//{*}path")) > 1 and drawing.findtext("{*}title") == "Lijn daalt van 4,1 naar 1,6."
        page = path.with_suffix(".html").read_text(encoding="utf-8")
        assert page.count('<svg class="figuur-beeld') == 2 and "<script" not in page
