"""Words of people in Markdown and in tables for spreadsheet programs."""

import csv
import io

import pandas as pd
import pypandoc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.base.text import cell_text, csv_text, is_formula, literal, read_cell_text

FORMULAS = [
    "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|x", "+1+cmd|x", "-2+3+cmd|x", "-A1", " =1+1", "\xa0=1", "\u200b=1", "\ufeff=1",
    "＝1+1", "＋1", "－A1", "＠SUM(1)", "'=1", "\t=1", "\r=1", "\n=1", "-", "=", "=HYPERLINK(\"http://x\")", "+31 6 12",
]  # fmt: skip
WORDS = ["Heerlen", "'s-Hertogenbosch", "a=b", "x-y", "−3,5", "– geen –", "", "1. a", "e@x.nl", "30 + 12"]
NUMBERS = ["-3,5", "-3.5", "+0,2", "-1e-05", "+5,3%", "-€ 3.000", "+0,2 → +0,3", "-1.234,5 %", "- 3"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text_and_is_read_back(text):
    assert cell_text(text).startswith("'")
    assert read_cell_text(cell_text(text)) == text


@pytest.mark.parametrize("text", [*WORDS, *NUMBERS])
def test_other_words_and_numbers_stay(text):
    assert not is_formula(text)
    assert cell_text(text) == read_cell_text(text) == text


@given(st.one_of(st.text(), st.text(alphabet="'=+-@;,\t\n\r 1a€→%＝\u200b")))
def test_every_text_is_read_back(text):
    assert read_cell_text(cell_text(text)) == text


@given(st.lists(st.text(alphabet="'\"=+-@;,\t\n\r 1a＝"), min_size=1), st.sampled_from([",", ";"]))
def test_a_table_has_the_same_rows_for_our_reader_and_for_pandas(texts, delimiter):
    written = csv_text([["text", "other"], *[[text, "x"] for text in texts]], delimiter=delimiter)
    rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=delimiter))
    assert [read_cell_text(row[0]) for row in rows[1:]] == texts
    frame = pd.read_csv(io.StringIO(written, newline=""), sep=delimiter, dtype=str, keep_default_na=False)
    assert frame["text"].map(read_cell_text).to_list() == texts


@pytest.mark.parametrize("other", [",", ";", "\t"])
@pytest.mark.parametrize("text", ["a;=cmd|x", "a, =cmd|x", "a\t@SUM(1)", "a\n=1", "a;-b", "=1;=2"])
def test_no_formula_appears_where_a_program_takes_another_separator(text, other):
    written = csv_text([["id", text], ["x", "y"]], delimiter=";")
    for row in csv.reader(io.StringIO(written), delimiter=other):
        assert not any(cell.lstrip().startswith(("=", "@", "-", "+")) for cell in row)


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>", "*b* **s** _i_ ~u~ ^t^ `c`", "[x](javascript:x) ![x](y) [^1]", "@SUM en @fig-x",
        "$m$ \\d",
        "{{< include x >}}", "::: {.callout}", "::: callout", "# kop", "- punt", "+ punt", "1. punt", "(a) punt",
        "iv) punt",
        "> citaat", "a|b", "&lt;b&gt; &amp;", "<!-- x -->", "---", "...", "a\n\n# kop", ": betekenis", "=====",
        "#. punt",
        "(@) punt", "<https://x.nl>", "{.klasse}", "\\newpage", "R&D",
    ],
)  # fmt: skip
def test_words_in_markdown_are_shown_as_they_are(text):
    shown = pypandoc.convert_text(f"Voor\n\n{literal(text)}\n\nna {literal(text)}", "json", format="markdown")
    kinds = {'"t":"' + kind for kind in ("Raw", "Header", "BulletList", "OrderedList", "Link", "Cite", "Math", "Code")}
    assert not any(kind in shown for kind in kinds)
    plain = pypandoc.convert_text(literal(text), "plain", format="markdown", extra_args=["--wrap=none"]).strip()
    assert plain == " ".join(text.split())
