"""What people send, from the outside: everything is read rightly or refused in words, within 500 MB and 10 seconds.

All files of the tests go through one process, whose memory and seconds of processor are measured: a machine that is
busy with other things is no fault.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from evaluation.inputs.deal import load_deal
from evaluation.inputs.workbook.layout import load_layout
from evaluation.inputs.workbook.template import make_template
from tests.conftest import ROOT
from tests.unit.inputs.tables.books import book, edited

MOST_MB, MOST_SECONDS = 500, 10
ONE = "xl/worksheets/sheet1.xml"
FIGURES = [["region", "period", "value"], *(["GM0917", year, year] for year in range(2015, 2021))]
ADD = ["--as", "proef/cijfers", "--licence", "CC0", "--title", "t", "--publisher", "p", "--meaning", "m", "--unit", "u"]

RUNNER = """
import gc, json, sys
from typer.testing import CliRunner
from evaluation.base.errors import RegioDealError
from evaluation.cli.main import app
from tests.measured import peak_mb, processor_seconds
for line in sys.stdin:
    begun = processor_seconds()
    result = CliRunner().invoke(app, json.loads(line))
    error, code = result.exception, result.exit_code
    if isinstance(error, RegioDealError):
        code, error = error.exit_code, None
    told = result.output + str(result.exception or "")
    trace = None if error is None or isinstance(error, SystemExit) else repr(error)
    print(json.dumps([code, told, trace, processor_seconds() - begun, peak_mb()]), flush=True)
    del result, error  # else what one command held is counted with the next
    gc.collect()
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one command: its exit code, its words, and an error that nobody foresaw."""

    code: int
    told: str
    trace: str | None


class Commands:
    """A process that runs one command after another in a project of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("imports", "private"))
        (root / "_quarto.yml").touch()
        self._process = subprocess.Popen(
            [sys.executable, "-c", RUNNER],
            env={**os.environ, "REGIODEAL_ROOT": str(root)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip

    def run(self, *arguments: object, most_seconds: int = MOST_SECONDS) -> Outcome:
        """Run one command, within the bounds."""
        print(json.dumps(list(map(str, arguments))), file=self._process.stdin, flush=True)
        code, told, trace, seconds, mb = json.loads(self._process.stdout.readline())
        print(arguments, code, f"{seconds:.1f} s {mb:.0f} MB", trace)
        assert trace is None
        assert seconds < most_seconds and mb < MOST_MB
        return Outcome(code, told, trace)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()

    def files(self) -> dict[str, bytes]:
        """List all files of the data but locks."""
        data = self.root / "data"
        found = (path for path in sorted(data.rglob("*")) if path.is_file() and path.suffix != ".lock")
        return {path.relative_to(data).as_posix(): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    made = Commands(tmp_path_factory.mktemp("intake") / "project")
    yield made
    made.close()


@pytest.fixture(scope="module")
def filled() -> bytes:
    """A workbook of the programme office that is right."""
    deal = load_deal("parkstad-limburg")
    layout = load_layout(deal)
    made = openpyxl.load_workbook(io.BytesIO(make_template(deal)))
    cells = {
        "project_id": "P1", "title": "Proef", "theme": 2, "track": 1, "municipalities": "Heerlen", "approach": "2a",
        "lead": "gemeente", "status": "begonnen", "started_on": "1-2-2020", "rijk_eur": 1000,
    }  # fmt: skip
    cells |= dict.fromkeys(("provincie_eur", "gemeenten_eur", "corporaties_eur", "private_eur"), 0)
    for table in layout.tables[:1]:
        for index, column in enumerate(table.columns, start=1):
            made[table.title].cell(2, index, cells.get(column.name))
    for row, value in enumerate(("Cijfers 2021", "voorlopig", "1"), start=2):
        made["Gegevens"].cell(row, 2, value)
    made.move_sheet("Projecten", -made.sheetnames.index("Projecten"))  # so that it is the first part
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def with_part(content: bytes, part: str, text: str | bytes) -> bytes:
    return edited(content, part, lambda _: text)


def rows(count: int, cells: str) -> str:
    return f"<worksheet><sheetData>{f'<row>{cells}</row>' * count}</sheetData></worksheet>"


def stray(content: bytes, sheet: str, cell: str, value: str | None) -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(content))
    made[sheet][cell] = value
    made[sheet][cell].font = openpyxl.styles.Font(bold=True)
    return saved(made)


def archive(*parts: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in parts:
            made.writestr(name, content)
    return file.getvalue()


def locked(content: bytes) -> bytes:
    made = bytearray(content)
    for start in (place for place in range(len(made) - 4) if made[place : place + 4] == b"PK\x01\x02"):
        made[start + 8] |= 1
    return bytes(made)


def relabelled(content: bytes) -> bytes:
    """Keep the first sheet under a name that does not end on .xml."""
    moved = edited(content, r"xl/_rels/workbook.xml.rels", lambda text: text.replace("sheet1.xml", "sheet1.dat"))
    with zipfile.ZipFile(io.BytesIO(moved)) as old:
        parts = [(name.replace("sheet1.xml", "sheet1.dat"), old.read(name)) for name in old.namelist()]
    return archive(*((name, b" " * 200_000_000 if name.endswith(".dat") else text) for name, text in parts))


PILE = "a" + "\u0301\u0327" * 15_000
BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "a sheet of spaces": lambda one: edited(one, ONE, lambda text: text + " " * 170_000_000),
    "a part under another name": relabelled,
    "cells without end": lambda one: with_part(one, ONE, rows(1_100, "<c><v>1</v></c>" * 1_000)),
    "empty cells without end": lambda one: with_part(one, ONE, rows(1_500, "<c/>" * 1_000)),
    "elements without end": lambda one: with_part(one, ONE, rows(4_500, "<a/>" * 1_000)),
    "rows without end": lambda one: with_part(one, ONE, rows(1_100_000, "")),
    "elements within elements": lambda one: with_part(one, ONE, "<worksheet>" + "<a>" * 2_000_000),
    "an element without end": lambda one: with_part(one, ONE, "<worksheet><a " + "x='1' " * 5_000_000),
    "a note that thousands of cells share": lambda one: with_part(
        one, ONE, rows(2_000, '<c t="inlineStr"><is><t>' + "x" * 32_000 + "</t></is></c>")
    ),
    "a cell without end": lambda one: with_part(
        one, ONE, rows(1, '<c t="inlineStr"><is><t>' + "x" * 20_000_000 + "</t></is></c>")
    ),
    "styles without end": lambda one: with_part(one, "xl/styles.xml", "<styleSheet>" + "<a/>" * 3_500_000),
    "numbers that are none": lambda one: with_part(one, ONE, rows(30_000, "<c><v>x</v></c>")),
    "entities": lambda one: edited(
        one, ONE, lambda text: '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + text
    ),
    "a password on its parts": locked,
    "a password on all of it": lambda one: bytes.fromhex("d0cf11e0a1b11ae1") + one,
    "two parts of one name": lambda one: edited(one, ONE, str, also=ONE),
    "two parts of one name in capitals": lambda one: edited(one, ONE, str, also=ONE.upper()),
    "parts without end": lambda one: archive(*((f"{number}.xml", b"") for number in range(12_000))),
    "an archive in an archive": lambda one: archive(("inner.zip", archive(("a", b"0" * 10_000_000)))),
    "another way of packing": lambda one: archive(("xl/workbook.xml", b"0" * 50_000_000), method=zipfile.ZIP_BZIP2),
    "the half of a file": lambda one: one[: len(one) // 2],
    "a damaged stream": lambda one: one[:3_000] + bytes(200) + one[3_200:],
    "a font that is no number": lambda one: edited(
        one, "xl/styles.xml", lambda text: text.replace('fontId="0"', 'fontId="x"')
    ),
    "no workbook at all": lambda one: b"\0" * 1_000_000,
}


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / f"{name.replace(' ', '-')}.xlsx"
    path.write_bytes(content)
    return path


SLOW = (
    "cells without end",
    "elements without end",
    "rows without end",
    "empty cells without end",
    "a part under another name",
)


@pytest.mark.parametrize(
    "names",
    [pytest.param([name for name in BOMBS if name not in SLOW], id="soon"),
     pytest.param(SLOW, id="last", marks=pytest.mark.slow)],
)  # fmt: skip
def test_a_bomb_is_refused_in_one_sentence_by_import_and_data_add(
    commands: Commands, filled: bytes, tmp_path: Path, names: list[str]
):
    before = commands.files()
    for name in names:
        for path, arguments in (
            (put(tmp_path, name, BOMBS[name](filled)), ("import", "--yes")),
            (put(tmp_path, f"{name}-2", BOMBS[name](book(*FIGURES))), ("data", "add", *ADD)),
        ):
            outcome = commands.run(*arguments, path)
            path.unlink()
            assert outcome.code == 2 and "cannot be opened" in outcome.told, name
            assert len(outcome.told.splitlines()) <= 2, outcome.told
    assert commands.files() == before


SPACES = b" " * 170_000_000
ODD: dict[str, Callable[[bytes], bytes]] = {
    "a bomb.xlsm": lambda one: with_part(one, ONE, SPACES.decode()),
    "a bomb.xls": lambda one: with_part(one, ONE, SPACES.decode()),
    "a bomb.XLSX": lambda one: with_part(one, ONE, SPACES.decode()),
    "a bomb.csv": lambda one: with_part(one, ONE, SPACES.decode()),
    "a bomb.ods": lambda one: archive(
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", SPACES)
    ),
    "a bomb.xlsb": lambda one: archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.bin", SPACES)),
    "old.xls": lambda one: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1_000_000),
    "old.xlsx": lambda one: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1_000_000),
    "page.xls": lambda one: b"<html><table><tr><td>region</td></tr></table></html>" * 1_000,
    "empty.xlsm": lambda one: b"",
    "empty.ods": lambda one: b"",
    "none": lambda one: b"\x7fELF" + bytes(1_000),
    "text.pdf": lambda one: b"%PDF-1.7\n" + bytes(1_000),
    "packed.xlsx.gz": lambda one: gzip.compress(one),
}


def test_what_is_odd_under_any_name_is_refused_in_one_sentence(commands: Commands, filled: bytes, tmp_path: Path):
    before = commands.files()
    for name, made in ODD.items():
        path = tmp_path / name.replace(" ", "-")
        path.write_bytes(made(filled))
        for arguments in (("import", "--yes"), ("data", "add", *ADD)):
            outcome = commands.run(*arguments, path)
            assert outcome.code == 2 and path.name in outcome.told, (name, outcome)
            assert len(outcome.told.splitlines()) <= 2, outcome.told
        path.unlink()
    assert commands.files() == before


STRAY = {
    "a space in the last cell": ("XFD1048576", " "),
    "a format in the last row": ("A1048576", None),
    "a format in the last column": ("XFD1", None),
}


@pytest.mark.parametrize("name", STRAY)
def test_a_stray_cell_is_no_fault(commands: Commands, filled: bytes, tmp_path: Path, name: str):
    cell, value = STRAY[name]
    outcome = commands.run("import", "--dry-run", put(tmp_path, name, stray(filled, "Projecten", cell, value)))
    assert outcome.code == 0 and "+ Projecten P1" in outcome.told
    with_figures = put(tmp_path, f"{name}-2", stray(book(*FIGURES), "Sheet", cell, value))
    outcome = commands.run(
        "data", "add", *ADD[:1], f"proef/{''.join(filter(str.isalnum, name))}", *ADD[2:], with_figures
    )
    assert outcome.code == 0 and "6 figures" in outcome.told


MERGED = {
    "two cells": ["A2:B2"],
    "a heading": ["A1:B1"],
    "cells over each other": ["A2:B3", "B2:C4", "A3:C3"],
    "a whole sheet": ["A1:XFD1048576"],
    "a whole column, and the one beside it": ["A1:A1048576", "B2:B1048576"],
    "many": [f"A{row}:C{row}" for row in range(2, 2_000)],
}


WHOLE = [name for name in MERGED if "whole" in name]  # each takes seconds, in a process of its own with its bounds


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in WHOLE else ()) for name in MERGED]
)
def test_merged_cells_come_back_marked_or_listed(commands: Commands, filled: bytes, tmp_path: Path, name: str):
    text = "".join(f'<mergeCell ref="{place}"/>' for place in MERGED[name])
    content = edited(
        filled, ONE, lambda xml: xml.replace("</sheetData>", f"</sheetData><mergeCells>{text}</mergeCells>", 1)
    )
    outcome = commands.run("import", "--yes", put(tmp_path, "merged", content))
    assert outcome.code == 2 and "niets ingelezen" in outcome.told
    faults = openpyxl.load_workbook(tmp_path / "merged-fouten.xlsx")["Fouten"]
    assert "Splits de samengevoegde" in "".join(str(line) for line in faults.iter_rows(values_only=True))


def test_accents_upon_accents_and_long_notes_are_read_as_they_stand(commands: Commands, filled: bytes, tmp_path: Path):
    made = openpyxl.load_workbook(io.BytesIO(filled))
    note = next(cell.column for cell in made["Projecten"][1] if str(cell.value).startswith("Opmerking"))
    for row, text in enumerate((PILE, "x" * 32_767, "x@" * 16_000, "123456789 " * 3_200), start=2):
        for column in range(1, note):
            made["Projecten"].cell(row, column, made["Projecten"].cell(2, column).value)
        made["Projecten"].cell(row, 1, f"P{row}")
        made["Projecten"].cell(row, note, text)
    outcome = commands.run("import", "--dry-run", put(tmp_path, "notes", saved(made)))
    assert outcome.code == 0 and "4 erbij" in outcome.told


@pytest.mark.parametrize("count", [2_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_an_import_of_many_rows_is_soon_done(commands: Commands, filled: bytes, tmp_path: Path, count: int):
    made = openpyxl.load_workbook(io.BytesIO(filled))
    sheet = made["Betalingen"]
    for number in range(count):
        day = f"2020-{number % 12 + 1:02}-{number % 28 + 1:02}"
        for column, value in enumerate((f"B{number}", "betaling", day, "P1", "Rijk", number % 97 + 1), start=1):
            sheet.cell(number + 2, column, value)
    outcome = commands.run("import", "--dry-run", put(tmp_path, "many", saved(made)), most_seconds=20)
    assert outcome.code == 0 and f"{count + 1} erbij" in outcome.told
    sheet["F2"] = 0
    outcome = commands.run("import", "--yes", put(tmp_path, "faulty", saved(made)), most_seconds=20)
    assert outcome.code == 2 and ("is gekleurd" if count < 10_000 else "staan uitgelegd") in outcome.told
    marks = openpyxl.load_workbook(tmp_path / "faulty-fouten.xlsx")
    assert "niet 0" in str(marks["Fouten"]["F3"].value)


LINE = "region,period,value\n"
BAD_FILES = {
    "short lines": LINE + "a,b\n" * 3_000_000,
    "one line": LINE + "," * 20_000_000,
    "old line ends": LINE.replace("\n", "\r") + "a\r" * 3_000_000,
    "an open quotation mark": LINE + '"' + "a,b\n" * 300_000,
    "too large": LINE + " " * 40_000_000,
    "nothing right": LINE + "XX,b,c\n" * 100_000,
}


def test_a_csv_without_bounds_is_refused_by_data_add(commands: Commands, tmp_path: Path):
    for name, text in BAD_FILES.items():
        (tmp_path / "x.csv").write_text(text, newline="")
        outcome = commands.run("data", "add", *ADD, tmp_path / "x.csv")
        assert outcome.code == 2 and "x.csv" in outcome.told, name
        assert len(outcome.told.splitlines()) < 50, "what nobody reads stands in a file"
    assert "more of the same kind" in outcome.told
