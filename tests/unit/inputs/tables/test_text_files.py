"""The one reader of CSV, and the one way in which a file writes its figures."""

from __future__ import annotations

import pytest

from evaluation.base.errors import InputError
from evaluation.inputs.tables.figures import Figures
from evaluation.inputs.tables.text_files import read_csv


@pytest.mark.parametrize(
    ("content", "separator", "encoding"),
    [
        (b"a,b\n1,2\n", ",", "UTF-8"),
        (b"a;b\n1,5;2\n", ";", "UTF-8"),
        ("\ufeffa;b\r\n1;2\r\n".encode(), ";", "UTF-8"),
        (b"a\tb\n1\t2\n", "\t", "UTF-8"),
        (b"sep=|\na|b\n1|2\n", "|", "UTF-8"),
        ("a;b\ncliënt;2\n".encode("cp1252"), ";", "Windows-1252"),
        (b'"a, x";b\n1;2\n', ";", "UTF-8"),
    ],
)
def test_separator_and_encoding_are_decided_over_the_file(content: bytes, separator: str, encoding: str):
    table = read_csv(content, "x.csv")
    assert (table.separator, table.encoding) == (separator, encoding)
    assert [len(cells) for _, cells in table.rows] == [2, 2]


def test_rows_keep_the_number_that_a_spreadsheet_gives_them_and_words_one_form():
    table = read_csv("a;b\n\nclie\u0308nt; x \n;\n1;2\n".encode(), "x.csv")
    assert table.rows == ((1, ["a", "b"]), (3, ["cli\u00ebnt", "x"]), (5, ["1", "2"]))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a;b\n1;2\n".encode("utf-16"), "UTF-16 text"),
        (b"a;b\n\x00;1\n", "UTF-16 text"),
        (b"a;b\n\x81\xff;1\n", "neither UTF-8 nor Windows-1252"),
        (b'a;b\n"x;1\n', "not CSV"),
        (b"a;b\n" + b"1" * 200_000 + b";1\n", "not CSV"),
    ],
)
def test_what_is_no_csv_is_refused(content: bytes, said: str):
    with pytest.raises(InputError, match=said):
        read_csv(content, "x.csv")


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["987", "1.234", "12.345.678", "1.234,5"], [987, 1234, 12345678, 1234.5]),
        (["1.234", "0,5"], [1234, 0.5]),
        (["1.234", "1.5"], [1.234, 1.5]),
        (["1,234", "1,234.5"], [1234, 1234.5]),
        (["0.125", "7"], [0.125, 7]),
        (["1234.567"], [1234.567]),
        (["-1.234.567", "-1.234"], [-1234567, -1234]),
    ],
)
def test_one_way_of_writing_figures_holds_for_a_file(texts: list[str], read: list[float]):
    assert [Figures(texts).read(text) for text in texts] == read


@pytest.mark.parametrize(
    ("texts", "text", "said"),
    [
        (["1.234", "987"], "1.234", "this is 1.234 or 1234"),
        (["1,234"], "1,234", "in one way"),
        (["1,5", "2,5", "1.5"], "1.5", "a decimal comma, as in '1,5' elsewhere"),
        (["1,5", "2,5", "1.5"], "1.234", "decimal commas and decimal points"),
        (["12,3%"], "12,3%", "a number"),
        (["1 234"], "1 234", "a number"),
        (["1e5"], "1e5", "a number"),
        (["1.23.456"], "1.23.456", "a number"),
    ],
)
def test_a_figure_that_can_be_read_in_two_ways_is_refused(texts: list[str], text: str, said: str):
    with pytest.raises(ValueError, match=said):
        Figures(texts).read(text)
