"""Vintages next to each other, files that someone was given, the private overlay, and the register."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from evaluation.base.errors import InputError, SnapshotError, UsageError
from evaluation.run.pipeline import list_snapshots as listed_for_a_run
from evaluation.statistics.row_counts import verify_snapshots
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import list_snapshots, open_snapshot
from evaluation.statistics.sources.registry import load_registry
from tests.sources import made
from tests.sources.conftest import ROOT, Checkout
from tests.sources.made import FIGURES, answer_v4, observation
from tests.sources.server import Publisher, Reply

NAME = "made/4444NED"


@pytest.fixture
def ready(checkout: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    checkout.register(made.REGISTER)
    monkeypatch.setenv("REGIODEAL_BASE_URL_MADE_ODATA4", f"{publisher.address}/v4")
    monkeypatch.setenv("REGIODEAL_BASE_URL_MADE_FILES", f"{publisher.address}/files")
    return checkout


def pin_earlier(checkout: Checkout, publisher: Publisher, figures: dict = FIGURES) -> None:
    """Fetch, and give the snapshot an earlier vintage, so that another of today can follow."""
    answer_v4(publisher, figures)
    assert checkout.regiodeal("data", "fetch", NAME).exit_code == 0
    snapshot = open_snapshot("made", "4444NED")
    shutil.rmtree(checkout.snapshots / "made")
    computed = {"rows", "sha256", "first_period", "last_period"}
    known = snapshot.metadata.model_dump(mode="json", exclude=computed)
    add_snapshot(snapshot.frame, known | {"vintage": "2026-01-05", "retrieved": "2026-01-05"})


def test_diff_lists_every_figure_that_was_revised_came_or_went(ready: Checkout, publisher: Publisher, tmp_path: Path):
    pin_earlier(ready, publisher)
    later = FIGURES | {("GM0001", 2021): 112, ("GM0003", 2021): 1, ("NL01", 2021): 173}
    answer_v4(publisher, later)
    periods = publisher.answers["/v4/4444NED/PeriodenCodes"]
    periods.body = periods.body.replace(b"NaderVoorlopig", b"Definitief")
    assert ready.regiodeal("data", "fetch", NAME).exit_code == 0
    listing = tmp_path / "diff.csv"
    result = ready.regiodeal("data", "diff", "made/2026-01-05/4444NED", NAME, "--csv", str(listing))
    assert result.output.splitlines() == [
        "new       GM0003 2021  none -> 1 (final)",
        "revised   GM0001 2021  110 (provisional) -> 112 (final)",
        "revised   NL01 2021  170 (provisional) -> 173 (final)",
        "status    GM0002 2021  60 (provisional) -> 60 (final)",
        "2 revised, 1 status, 1 new, 0 vanished (status: the same value, with another status).",
    ]
    with open(listing, encoding="utf-8", newline="") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == ["new", "revised", "revised", "status"]


def test_diff_refuses_what_is_no_snapshot(ready: Checkout, publisher: Publisher):
    pin_earlier(ready, publisher)
    with pytest.raises(UsageError, match="is no snapshot; write cbs/2026-07-17/83625NED"):
        ready.regiodeal("data", "diff", "4444NED", NAME)
    with pytest.raises(SnapshotError, match="There is no vintage 2020-01-01"):
        ready.regiodeal("data", "diff", NAME, "2020-01-01")
    with pytest.raises(UsageError, match="do not have the same columns"):
        ready.regiodeal("data", "diff", NAME, "cbs/03759ned")


@pytest.mark.parametrize(
    ("check", "figures", "told"),
    [
        (
            "coverage",
            {key: value for key, value in FIGURES.items() if key[1] == 2021},
            "3 figures of vintage 2026-01-05 are gone, such as GM0001 2020; nothing was written",
        ),
        (
            "magnitude",
            {key: value * 1000 for key, value in FIGURES.items()},
            "6 figures differ by more than 20% from vintage 2026-01-05, most ",
        ),
    ],
)
def test_a_table_that_shrinks_or_jumps_is_refused_unless_accepted_by_name(
    ready: Checkout, publisher: Publisher, check: str, figures: dict, told: str
):
    pin_earlier(ready, publisher)
    answer_v4(publisher, figures)
    before = ready.files()
    other = {"coverage": "magnitude", "magnitude": "coverage"}[check]
    for arguments in ((), ("--accept", other)):
        result = ready.regiodeal("data", "fetch", NAME, *arguments)
        assert result.exit_code == 6
        assert result.stderr.count("\n") == 1
        assert told in result.stderr
        assert f"--accept {check}" in result.stderr
        assert ready.files() == before
    accepted = ready.regiodeal("data", "fetch", NAME, "--accept", check)
    assert accepted.exit_code == 0
    assert f"accepted: {check}" in accepted.output


def test_only_known_checks_can_be_accepted(ready: Checkout):
    with pytest.raises(UsageError, match="no check 'total' to accept; choose coverage or magnitude"):
        ready.regiodeal("data", "fetch", NAME, "--accept", "total")


def test_status_tells_vintage_age_and_what_is_missing(checkout: Checkout):
    lines = checkout.regiodeal("data", "status").output.splitlines()
    told = {line.split()[0]: line for line in lines[:-1]}
    assert "politie/47018NED 2026-11-24 (" in told["woninginbraak"]
    assert "missing" not in told["woninginbraak"]
    assert "regiodeal data describe cbs/82015NED" in told["bijstand"]
    assert (
        "the address of its open data is not known; regiodeal data add FILE --as bzk/leefbaarometer"
        in (told["leefbaarometer"])
    )
    shutil.rmtree(checkout.snapshots / "politie")
    lines = checkout.regiodeal("data", "status").output.splitlines()
    assert any("missing: no snapshot of politie/47018NED" in line for line in lines)


def test_every_table_of_an_indicator_is_in_the_register(checkout: Checkout):
    output = checkout.regiodeal("data", "status").output
    assert "not in data/sources.yml" not in output


def test_describe_lists_what_a_table_has(ready: Checkout, publisher: Publisher):
    answer_v4(publisher)
    result = ready.regiodeal("data", "describe", NAME, "--base-url", f"{publisher.address}/v4")
    assert "measures: 1\n  M1  Dingen\n" in result.output
    assert "RegioS: 1\n  GM0001  Eerste\n" in result.output


def workbook(rows: list[list[object]], *, sheet: str = "Tabel 1") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


SHEET = [
    ["Leegstand (verzonnen)"],
    [],
    ["Gemeentecode", "Jaar", "Functie", "Leeg", "Alles"],
    [917, 2021, "Winkel", "1.234,5*", 9000],
    ["0928", "2021", "Winkel", "x", "."],
    ["0928", "2022", "Winkel", "-", 10],
    ["0917", 2021, "Kantoor", 5, 6],
    [None, None, "Bron: verzonnen", None, None],
]


def test_a_spreadsheet_is_fetched_and_read_by_its_mapping(ready: Checkout, publisher: Publisher):
    publisher.answers["/files/blad.xlsx"] = Reply(workbook(SHEET), kind="application/vnd.ms-excel")
    assert ready.regiodeal("data", "fetch", "made/blad").exit_code == 0
    frame = open_snapshot("made", "blad").frame
    rows = frame.fillna(-1).itertuples(index=False, name=None)
    assert list(rows) == [
        ("GM0917", 2021, "all", 9000, "final"),
        ("GM0928", 2021, "all", -1, "missing"),
        ("GM0928", 2022, "all", 10, "final"),
        ("GM0917", 2021, "vacant", 1234.5, "provisional"),
        ("GM0928", 2021, "vacant", -1, "withheld"),
        ("GM0928", 2022, "vacant", 0, "final"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (workbook(SHEET, sheet="Tabel1"), "no sheet 'Tabel 1'; there are: Tabel1. Did you mean 'Tabel1'?"),
        (workbook([*SHEET[:2], ["Gemeentecode", "Jaar", "Functie", "Leegstand", "Alles"]]), "row 3: no column 'Leeg'"),
        (workbook([*SHEET[:3], [917, 2021, "Winkel", "veel", 1]]), "row 4, column Leeg: 'veel' is neither a number"),
        (b"PK not a workbook", "17 bytes that are no .xlsx file"),
        (b"<html><title>Inloggen</title></html>", "HTML where a spreadsheet is expected"),
    ],
)
def test_a_spreadsheet_that_is_made_otherwise(ready: Checkout, publisher: Publisher, content: bytes, told: str):
    publisher.answers["/files/blad.xlsx"] = Reply(content, kind="application/octet-stream")
    before = ready.files()
    result = ready.regiodeal("data", "fetch", "made/blad")
    assert result.exit_code == 6
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert ready.files() == before


def test_the_same_spreadsheet_can_be_added_as_a_file(ready: Checkout, tmp_path: Path):
    path = tmp_path / "blad.xlsx"
    path.write_bytes(workbook(SHEET))
    result = ready.regiodeal("data", "add", str(path), "--as", "made/blad", "--licence", "CC BY 4.0")
    assert result.exit_code == 0
    assert "6 figures" in result.output
    assert "blad.xlsx (sha256 " in open_snapshot("made", "blad").metadata.origin


SHOPS = "region;period;measure;value\nGM0917;2021;premises;812\nGM0917;2021;vacant;101*\nGM0928;2021;premises;x\n"
DESCRIBED = ("--meaning", "Getelde panden", "--unit", "panden")


def add_shops(checkout: Checkout, tmp_path: Path, *arguments: str, text: str = SHOPS):
    path = tmp_path / "winkels.csv"
    path.write_text(text, encoding="utf-8")
    return checkout.regiodeal(
        "data", "add", str(path), "--as", "locatus/winkels", "--licence", "contract 2025", *DESCRIBED, *arguments
    )


def test_private_figures_are_opened_marked_and_never_listed(checkout: Checkout, tmp_path: Path):
    public = list_snapshots()
    counts = (checkout.snapshots / "row_counts.csv").read_bytes()
    result = add_shops(checkout, tmp_path, "--private")
    assert result.exit_code == 0
    assert "private: not in git, not in a bundle" in result.output
    snapshot = open_snapshot("locatus", "winkels")
    assert snapshot.metadata.private
    assert snapshot.is_withheld and snapshot.frame["status"].tolist() == ["withheld"] * 3
    assert snapshot.frame["value"].isna().all() and snapshot.metadata.publisher == "besloten bestand"
    known = open_snapshot("locatus", "winkels", include_private=True)
    assert known.frame["status"].tolist() == ["final", "withheld", "provisional"]
    assert known.series("vacant")["value"].tolist() == [101]
    assert list_snapshots() == listed_for_a_run() == public
    assert "locatus" in {item.source for item in list_snapshots(include_private=True)}
    assert (checkout.snapshots / "row_counts.csv").read_bytes() == counts
    assert not (checkout.snapshots / "locatus").exists()
    assert "of which 1 private" in checkout.regiodeal("data", "verify").output
    again = add_shops(checkout, tmp_path, "--private")
    assert "the same 3 figures" in again.output


def test_the_private_overlay_is_ignored_by_git():
    path = "data/private/locatus/2026-01-01/winkels.csv"
    asked = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False)
    if asked.returncode == 128:
        pytest.skip("this is no git checkout")
    assert asked.returncode == 0


def test_private_figures_that_are_damaged_or_misplaced_are_refused(checkout: Checkout, tmp_path: Path):
    add_shops(checkout, tmp_path, "--private")
    (folder,) = (checkout.data / "private" / "locatus").iterdir()
    target = checkout.snapshots / "locatus" / folder.name
    shutil.copytree(folder, target)
    with pytest.raises(SnapshotError, match="says private: true, and stands among the public snapshots"):
        verify_snapshots()
    shutil.rmtree(target.parent)
    (folder / "winkels.csv").write_text("region,period\n")
    with pytest.raises(SnapshotError, match=r"winkels\.csv is not the file that was added"):
        verify_snapshots()


@pytest.mark.parametrize(
    ("name", "licence", "arguments", "told"),
    [
        ("locatus/winkels", "contract 2025", (), "is licensed: add it with --private"),
        ("gemeente/tellingen", "op verzoek", (), "'op verzoek' does not let gemeente/tellingen into the repository"),
        ("gemeente/tellingen", "CC BY-NC 4.0", (), "does not let"),
        ("gemeente/tellingen", "CC0", (), "say it with --title, --publisher"),
        ("gemeente", "CC0", (), "is no place for a snapshot"),
    ],
)
def test_a_file_without_the_right_to_publish_it_is_refused(
    checkout: Checkout, tmp_path: Path, name: str, licence: str, arguments: tuple, told: str
):
    path = tmp_path / "cijfers.csv"
    path.write_text(SHOPS, encoding="utf-8")
    before = checkout.files()
    with pytest.raises(UsageError, match=told):
        checkout.regiodeal("data", "add", str(path), "--as", name, "--licence", licence, *DESCRIBED, *arguments)
    assert checkout.files() == before


def test_every_fault_in_a_file_is_told_at_once(checkout: Checkout, tmp_path: Path):
    text = "region,period,value,status\nHeerln,2021,1,final\nGM0917,21,veel,final\nGM0917,2020,3,good\n"
    text += "GM0917,2022,x,final\nGM0917,2019,5,final\nGM0917,2019,6,final\n"
    with pytest.raises(InputError) as caught:
        add_shops(checkout, tmp_path, "--private", text=text)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [
        (2, "region"),
        (3, "period"),
        (3, "value"),
        (4, "status"),
        (5, "status"),
        (7, None),
    ]
    with pytest.raises(InputError, match=r"no column value.*\n.*column 'valeu'; .*Did you mean 'value'"):
        add_shops(checkout, tmp_path, "--private", text="region,period,valeu\nGM0917,2021,1\n")


def test_the_register_of_the_project_is_in_order():
    registry = load_registry(path=ROOT / "data" / "sources.yml")
    fetched = {item.name for item in registry.choose(None)}
    assert fetched == {
        "cbs/03759ned",
        "cbs/60048ned",
        "cbs/81575NED",
        "cbs/82900NED",
        "cbs/83625NED",
        "cbs/83648NED",
        "cbs/83765NED",
        "cbs/84286NED",
        "cbs/84780NED",
        "cbs/84799NED",
        "cbs/85618NED",
        "cbs/85984NED",
        "cbs/86054NED",
        "politie/47018NED",
    }
    for item in registry.tables.values():
        assert item.closed is None or len(item.reason) > 20
    with pytest.raises(UsageError, match="No table of duo can be fetched"):
        registry.choose("duo")
    with pytest.raises(UsageError, match=r"Did you mean 'cbs/83625NED'\?"):
        registry.choose("cbs/83625NE")


def test_an_empty_figure_of_a_municipality_that_was_not_there_is_no_figure(
    checkout: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
):
    table = load_registry(path=ROOT / "data" / "sources.yml").tables["cbs/84780NED"]
    figures = {
        ("NL01", 2018): (1000, 30),
        ("NL01", 2019): (990, 20),
        ("GM0951", 2018): (500, 20),  # Nuth, until 2018
        ("GM0951", 2019): (None, None),
        ("GM1954", 2018): (None, None),  # Beekdaelen, from 2019
        ("GM1954", 2019): (490, 10),
        ("GM0917", 2018): (500, None),
        ("GM0917", 2019): (500, 10),
        ("GM9999", 2019): (None, None),  # of before 2010
    }
    rows = [
        {
            "ID": number,
            "Geslacht": "T001038",
            "Regiokenmerken": region.ljust(6),
            "Perioden": f"{year}SJ00",
            "Leerlingen_1": pupils,
            "VoortijdigSchoolverlaters_2": leavers,
        }
        for number, ((region, year), (pupils, leavers)) in enumerate(figures.items())
    ]
    statuses = {"2018SJ00": "Definitief", "2019SJ00": "Voorlopig"}
    made.answer_v3_as(publisher, "/v3", table, rows, statuses=statuses)
    monkeypatch.setenv("REGIODEAL_BASE_URL_CBS_ODATA3", f"{publisher.address}/v3")
    result = checkout.regiodeal("data", "fetch", table.name)
    assert result.exit_code == 0, result.output
    snapshot = open_snapshot("cbs", "84780NED")
    leavers = snapshot.frame[snapshot.frame["measure"] == "early_leavers"]
    found = {(row.region, row.period): row.status for row in leavers.itertuples()}
    assert found == {
        ("GM0917", 2018): "missing",
        ("GM0917", 2019): "provisional",
        ("GM0951", 2018): "final",
        ("GM1954", 2019): "provisional",
        ("NL01", 2018): "final",
        ("NL01", 2019): "provisional",
    }
    (asked,) = {query["$filter"] for path, query in publisher.asked if path == "/v3/84780NED/TypedDataSet"}
    assert asked.endswith("startswith(Regiokenmerken,'GM')) and Perioden ge '2012SJ00'")


MONTHLY = """
  made/mm:
    title: Verzonnen maanden
    service: made-odata3
    period_kind: MM
    month: 12
    first_year: 2020
    measures: [{code: Dingen_1, name: things, label: Dingen}]
    value_meaning: Verzonnen dingen
    unit: aantal
    provisional_rule: "Status van de maand."
    checks: {total: 0}
"""


def test_of_a_monthly_table_the_declared_month_stands_for_the_year(
    checkout: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
):
    checkout.register(made.REGISTER + MONTHLY)
    table = load_registry().tables["made/mm"]
    months = ["2019MM12", "2020MM01", "2020MM11", "2020MM12", "2021MM06", "2021MM12", "2022MM03", "2020JJ00"]
    rows = [
        {"ID": 1, "RegioS": region.ljust(6), "Perioden": month, "Dingen_1": number}
        for number, month in enumerate(months)
        for region in ("NL01", "GM0917")
    ]
    statuses = {month: "Voorlopig" if month > "2021" else "Definitief" for month in months}
    made.answer_v3_as(publisher, "/v3", table, rows, statuses=statuses)
    monkeypatch.setenv("REGIODEAL_BASE_URL_MADE_ODATA3", f"{publisher.address}/v3")
    result = checkout.regiodeal("data", "fetch", "made/mm")
    assert result.exit_code == 0, result.output
    snapshot = open_snapshot("made", "mm")
    assert snapshot.frame.to_numpy().tolist() == [
        ["GM0917", 2020, 3.0, "final"],
        ["GM0917", 2021, 5.0, "provisional"],
        ["NL01", 2020, 3.0, "final"],
        ["NL01", 2021, 5.0, "provisional"],
    ]
    assert "van elk jaar alleen december" in snapshot.metadata.made_by


@pytest.mark.parametrize("change", [("    month: 12\n", ""), ("period_kind: MM", "period_kind: JJ")])
def test_a_month_is_for_a_monthly_table_and_only_for_one(tmp_path: Path, change: tuple[str, str]):
    path = tmp_path / "sources.yml"
    path.write_text(made.REGISTER + MONTHLY.replace(*change), encoding="utf-8")
    with pytest.raises(InputError, match="`month` for a monthly table"):
        load_registry(path=path)


def test_every_fault_in_the_register_is_told_at_once(tmp_path: Path):
    path = tmp_path / "sources.yml"
    path.write_text(
        made.REGISTER.replace("service: made-odata4", "service: made-odata5")
        .replace("path: blad.xlsx", "")
        .replace("null_means: withheld", "null_means: zero")
        .replace("unit: m2", "units: m2")
        .replace("minimum: 1, maximum: 100", "minimum: 100, maximum: 1"),
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        load_registry(path=path)
    told = str(caught.value)
    assert "tables.made/4444NED.service: got 'made-odata5'" in told
    assert "Did you mean 'made-odata4'?" in told
    assert "tables.made/3333NED.null_means: got 'zero'" in told
    assert "`minimum` below `maximum`; 100 is not below 1" in told
    assert "tables.made/blad.units: got an unknown key" in told


def test_a_spreadsheet_needs_its_path_and_mapping(tmp_path: Path):
    path = tmp_path / "sources.yml"
    path.write_text(made.REGISTER.replace("path: blad.xlsx", ""), encoding="utf-8")
    with pytest.raises(InputError, match=r"blad\.path: got nothing; expected this key, for a spreadsheet"):
        load_registry(path=path)


def test_a_base_url_must_be_an_address_of_a_service(ready: Checkout):
    with pytest.raises(UsageError, match="expected SERVICE=ADDRESS"):
        ready.regiodeal("data", "fetch", NAME, "--base-url", "elsewhere=http://127.0.0.1")
    result = ready.regiodeal("data", "fetch", NAME, "--base-url", "made-odata4=ftp://127.0.0.1")
    assert result.exit_code == 2
    assert "expected http(s)://host/path" in result.stderr


def test_the_figures_of_a_snapshot_are_those_that_came(ready: Checkout, publisher: Publisher):
    rows = answer_v4(publisher, extra=(observation("GM0003", 2020, 0), observation("LD01", 2020, 9)))
    assert ready.regiodeal("data", "fetch", NAME, "--base-url", f"made-odata4={publisher.address}/v4").exit_code == 0
    frame = open_snapshot("made", "4444NED").frame
    came = {(row["RegioS"], int(row["Perioden"][:4])): row["Value"] for row in rows if row["RegioS"] != "LD01"}
    assert {(row.region, row.period): row.value for row in frame.itertuples()} == came
    assert json.dumps(sorted(frame.columns)) == '["period", "region", "status", "value"]'
