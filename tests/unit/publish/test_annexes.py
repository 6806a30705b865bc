"""What is marked as an annex is closed on its page and behind the main part in print, and only the rest is counted."""

import pytest
from bs4 import BeautifulSoup

from evaluation.publish.pages.annexes import fold_annexes, take_annex
from evaluation.publish.print.lengths import LIMITS, Length, count_words, too_long
from evaluation.publish.print.markup import annex_letter
from evaluation.publish.project import load_project

BODY = (
    '<h1 id="top">Thema</h1><p>Een twee.</p><h2 id="a">Kort</h2><p>Drie.</p>'
    '<h3 class="bijlage" id="b">Projecten</h3><p>Vier vijf zes.</p><h4 id="c">Per plaats</h4><p>Zeven.</p>'
    '<h2 id="d">Slot</h2><p>Acht.</p>'
)


def test_a_marked_section_is_closed_with_all_below_it_and_nothing_else():
    page = BeautifulSoup(fold_annexes(BODY), "html.parser")
    (box,) = page.select("details.bijlage")
    assert box.summary.h3["id"] == "b" and not box.has_attr("open")
    assert box.get_text(" ") == "Projecten Vier vijf zes. Per plaats Zeven."
    box.decompose()
    assert page.get_text(" ") == "Thema Een twee. Kort Drie. Slot Acht."


def test_a_chapter_without_annex_stays_byte_for_byte():
    text = BODY.replace('class="bijlage" ', "")
    assert fold_annexes(text) == text


def test_print_takes_the_annex_out_with_its_headings_raised():
    main = BeautifulSoup(f"<main>{fold_annexes(BODY)}</main>", "html.parser").main
    taken = take_annex(main)
    assert [(tag.name, tag.get_text()) for tag in taken.find_all(["h2", "h3"])] == [
        ("h2", "Projecten"), ("h3", "Per plaats"),
    ]  # fmt: skip
    assert "Vier" in taken.get_text() and "Vier" not in main.get_text()
    assert take_annex(main) is None


def test_letters_go_on_after_z():
    assert [annex_letter(at) for at in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]


def test_words_are_counted_in_the_main_part_and_in_the_annexes_apart(tmp_path):
    (tmp_path / "_quarto.yml").write_text("project: {type: book}\n", encoding="utf-8")
    profile = "book:\n  chapters:\n    - index.qmd\n    - part: Bijlagen\n      chapters: [bron.qmd]\n"
    (tmp_path / "_quarto-annual.yml").write_text(profile, encoding="utf-8")
    screen = '<nav>weg ermee</nav><details class="code-fold"><p>weg</p></details><svg><text>weg</text></svg>'
    (tmp_path / "index.html").write_text(f"<main>{fold_annexes(BODY)}{screen}</main>", encoding="utf-8")
    (tmp_path / "bron.html").write_text("<main><h1>Bronnen</h1><p>Een twee.</p></main>", encoding="utf-8")
    length = count_words(load_project(tmp_path, "annual"), tmp_path)
    assert dict(length.words) == {"index.html": 7} and length.main_words == 7
    assert length.annex_words == 7 + 3


@pytest.mark.parametrize("kind", sorted(LIMITS))
def test_a_main_part_over_its_limit_is_told_with_what_is_long(kind):
    limit = LIMITS[kind]
    assert too_long(kind, Length({"a.html": limit.words}, 10**6, limit.pages, 400)) is None
    assert f"{limit.pages + 1} pages; at most {limit.pages}" in too_long(
        kind, Length({"a.html": 1}, 0, limit.pages + 1, 0)
    )
    told = too_long(kind, Length({"a.html": limit.words + 1}, 0))
    assert (
        f"{limit.words + 1} words; at most {limit.words}" in told and "a.html" in told and f"_quarto-{kind}.yml" in told
    )


def test_a_kind_without_a_limit_may_be_long():
    assert too_long("portfolio", Length({"a.html": 10**6}, 0, 500, 0)) is None
