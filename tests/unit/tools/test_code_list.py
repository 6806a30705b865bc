"""The descriptions of CBS's code list: every line is read or refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from evaluation.base.errors import InputError
from tools.boundaries import list_moves, main, read_population, write_tables
from tools.code_list import Event, parse_code_list, read_code_list

NEW = """Ontstaan per 01-01-2019, ontvangen van:
- Oud (GM0002),
... 10 hectare met 7 woningen en 20 inwoners
- Deel (GM0003)
... 0,5 hectare 1 woning en 1 inwoner
Begindatum 01-01-2019
"""
OLD = """Opgeheven per 01-01-2019, overgegaan naar:
- Nieuw (GM0001),
... 10 hectare met 7 woningen en 20 inwoners
.
Wijziging per 01-01-1990, ontvangen van:
- Oud (GM0002),
... 13 inwoners

Begindatum voor 1830
"""
PART = """Opgeheven per 01-01-2019, overgegaan naar:
- Nieuw (GM0001),
... 0,5 hectare 1 woning en 1 inwoner
- Buur (GM0004),
... 3 hectare met 2 woningen en 3 inwoners
- Leeg (GM0005),
... 3 hectare met 0 woningen en 0 inwoners

Begindatum voor 1830
"""
NEIGHBOUR = """Grenswijziging per 01-01-2020, overgegaan naar:
- Leeg (GM0005),
... 1 woning en 2 inwoners

Naamswijziging per 01-07-2018,
oude naam: Ander (GM0006)
Begindatum 01-07-2018
"""
FORMER = """Naamswijziging per 01-07-2018,
nieuwe naam: Buur (GM0004)

Begindatum 02-01-1839
"""
TEXTS = {"GM0001": NEW, "GM0002": OLD, "GM0003": PART, "GM0004": NEIGHBOUR, "GM0006": FORMER}
TEXTS["GM0005"] = (
    "Provinciale wijziging per 01-01-1986:\n- overgegaan van provincie A naar provincie B\nBegindatum voor 1830"
)
NAMES = {"GM0001": "Nieuw", "GM0002": "Oud", "GM0003": "Deel", "GM0004": "Buur", "GM0005": "Leeg", "GM0006": "Ander"}


def entries(**changes: str) -> list[dict[str, str]]:
    texts = TEXTS | changes
    found = [
        {
            "Identifier": code,
            "Title": NAMES[code],
            "Description": text.replace("\n", "\r\n"),
            "DimensionGroupId": "GMPV20",
        }
        for code, text in texts.items()
    ]
    other = {"Title": "Nederland", "Description": "Iets anders", "DimensionGroupId": "NL"}
    return [*found, {"Identifier": "NL01", **other}]


def test_a_description_becomes_dated_events():
    found = {history.code: history for history in parse_code_list(entries())}
    day = date(2019, 1, 1)
    assert list(found) == sorted(NAMES)
    assert found["GM0001"].events == (
        Event(day, "formed", "GM0002", "GM0001", 10.0, 7, 20),
        Event(day, "formed", "GM0003", "GM0001", 0.5, 1, 1),
    )
    assert (found["GM0001"].since, found["GM0001"].until) == (day, None)
    assert (found["GM0002"].since, found["GM0002"].until) == (None, day)
    assert found["GM0002"].events[1] == Event(date(1990, 1, 1), "boundary", "GM0002", "GM0002", None, None, 13)
    assert found["GM0006"].until == found["GM0004"].since == date(2018, 7, 1)
    assert found["GM0005"].events == (Event(date(1986, 1, 1), "province", "A", "B"),)
    assert {history.province for history in found.values()} == {"PV20"}


def test_moves_are_told_once_with_their_kind():
    moves = list_moves(parse_code_list(entries()))
    assert [(move.source, move.target, move.kind, move.inhabitants, move.total, move.is_whole) for move in moves] == [
        ("GM0006", "GM0004", "renaming", None, None, True),
        ("GM0002", "GM0001", "merger", 20, 20, True),
        ("GM0003", "GM0001", "split", 1, 4, False),
        ("GM0003", "GM0004", "split", 3, 4, False),
        ("GM0003", "GM0005", "correction", 0, 4, False),
        ("GM0004", "GM0005", "correction", 2, None, False),
    ]
    assert [move.day.year for move in list_moves(parse_code_list(entries()), after=date(2019, 1, 1))] == [2020]


@pytest.mark.parametrize(
    ("code", "old", "new", "message"),
    [
        ("GM0002", "Opgeheven", "Verdwenen", "GM0002 Oud: got 'Verdwenen per 01-01-2019"),
        ("GM0002", "... 13 inwoners", "... 13 mensen", "GM0002 Oud: got '... 13 mensen'"),
        ("GM0002", "... 13 inwoners", "Toelichting", "got 'Toelichting'"),
        ("GM0002", "... 13 inwoners\n", "", "no figures for GM0002"),
        ("GM0002", "per 01-01-2019", "per 31-02-2019", "got 'Opgeheven per 31-02-2019"),
        ("GM0002", ".\n", "", ""),
        ("GM0002", "- Nieuw (GM0001),", "- Nieuw,", "got '- Nieuw,'"),
        ("GM0002", "Begindatum voor 1830", "", "first day none"),
        ("GM0002", "Begindatum voor 1830", "Begindatum 01-01-2020", "a first day before the last"),
        ("GM0001", "Begindatum 01-01-2019", "Begindatum 01-01-2018", "2018-01-01 and 2019-01-01"),
        ("GM0001", "Begindatum 01-01-2019", "", ""),
        ("GM0006", "nieuwe naam: Buur (GM0004)\n", "", "Naamswijziging per 01-07-2018,'; expected what it announces"),
        ("GM0005", "- overgegaan van provincie A naar provincie B", "- Oud (GM0002),", "got '- Oud"),
    ],
)
def test_a_line_without_a_known_form_is_told_with_its_municipality(code: str, old: str, new: str, message: str):
    assert TEXTS[code].count(old) == 1
    changed = entries(**{code: TEXTS[code].replace(old, new)})
    if not message:
        assert len(parse_code_list(changed)) == 6
        return
    with pytest.raises(InputError) as caught:
        parse_code_list(changed)
    assert message in str(caught.value)
    assert all(code in str(fault) for fault in caught.value.faults)


def test_what_is_no_municipality_is_left_out_only_when_cbs_says_so():
    extra = {"Identifier": "GM0997", "Title": "Register", "Description": "Toelichting", "DimensionGroupId": "OVERIG"}
    assert len(parse_code_list([*entries(), extra])) == 6
    with pytest.raises(InputError, match="GM0997: got group 'GM'"):
        parse_code_list([*entries(), extra | {"DimensionGroupId": "GM"}])


def test_a_mended_slip_is_told_so_that_it_is_taken_out():
    entry = entries()[0] | {"Identifier": "GM1942", "Description": "Begindatum 01-01-2016"}
    with pytest.raises(InputError, match="take it out of SLIPS"):
        parse_code_list([entry])
    (found,) = parse_code_list([entry | {"Description": "Begindatum 01-01-2015"}])
    assert found.since == date(2016, 1, 1)


def test_two_sides_that_tell_different_figures_are_refused():
    found = parse_code_list(entries(GM0002=OLD.replace("20 inwoners", "21 inwoners")))
    with pytest.raises(InputError, match="the same figures on both sides"):
        list_moves(found)
    assert len(list_moves(found, after=date(2019, 1, 1))) == 1


@pytest.mark.parametrize("text", ["<html>", '{"values": []}', '{"value": [{"Identifier": "GM0001"}]}', '{"value": []}'])
def test_a_file_that_is_no_code_list_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "codes.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"codes\.json"):
        read_code_list(path)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    codes, population = tmp_path / "codes.json", tmp_path / "population.csv"
    codes.write_text(json.dumps({"value": entries()}), encoding="utf-8")
    lines = [
        '"Bevolking"',
        "",
        '"";"";"";"Perioden"',
        '"Regio\'s";"Onderwerp";"";"2018";"2019"',
        '"Buur";"";"";".";"400"',
    ]
    population.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    return codes, population


def test_tables_are_written_from_the_two_files(files: tuple[Path, Path], tmp_path: Path):
    codes, population = files
    assert read_population(population) == {("Buur", 2019): 400}
    municipalities, changes = write_tables(codes, tmp_path, population=population)
    assert municipalities.read_text(encoding="utf-8").splitlines()[:3] == [
        "code,name,province,from,until",
        "GM0001,Nieuw,PV20,2019-01-01,",
        "GM0002,Oud,PV20,,2019-01-01",
    ]
    assert changes.read_text(encoding="utf-8").splitlines() == [
        "date,from,to,kind,homes,inhabitants,share",
        "2018-07-01,GM0006,GM0004,renaming,,,1",
        "2019-01-01,GM0002,GM0001,merger,7,20,1",
        "2019-01-01,GM0003,GM0001,split,1,1,0.250000",
        "2019-01-01,GM0003,GM0004,split,2,3,0.750000",
        "2019-01-01,GM0003,GM0005,correction,0,0,0.000000",
        "2020-01-01,GM0004,GM0005,correction,1,2,0.005000",
    ]


def test_nothing_is_written_when_a_population_is_not_there(files: tuple[Path, Path], tmp_path: Path):
    codes, population = files
    population.write_text(population.read_text(encoding="utf-8").replace("400", "."), encoding="utf-8")
    with pytest.raises(InputError, match="no population of Buur at the end of 2019"):
        write_tables(codes, tmp_path, population=population)
    assert not (tmp_path / "municipalities.csv").exists()


def test_a_municipality_that_changes_province_on_its_way_is_refused(files: tuple[Path, Path], tmp_path: Path):
    codes, population = files
    text = TEXTS["GM0005"].replace("1986", "2015")
    codes.write_text(json.dumps({"value": entries(GM0005=text)}), encoding="utf-8")
    with pytest.raises(InputError, match="another province on 2015-01-01"):
        write_tables(codes, tmp_path, population=population)


@pytest.mark.parametrize(
    "arguments", [[], ["codes.json"], ["codes.json", "people.csv", "more"], ["gone.json", "gone.csv"]]
)
def test_the_command_tells_which_files_it_needs(arguments, capsys):
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("Name two files: python -m tools.boundaries CODES POPULATION") and told.count("\n") == 1
