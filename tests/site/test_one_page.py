"""One page made anew is checked with the whole report, as a change in it may break what other chapters say."""

import shutil

import pytest

from evaluation.base.errors import PublishError
from evaluation.publish.site.one_page import OpenBook


def test_a_label_that_another_chapter_refers_to_cannot_go_unnoticed(reported, tmp_path, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(reported.root))
    staged = tmp_path / "staged"
    shutil.copytree(reported.root / "build" / "report" / "parkstad-limburg" / "2021", staged)
    book = OpenBook(staged, "7-financien.html")
    book.write(tmp_path / "pages")
    page = tmp_path / "pages" / "7-financien.html"
    before, chapter = page.read_bytes(), staged / "7-financien.ipynb"
    text = chapter.read_text(encoding="utf-8")
    assert "{#sec-financien}" in text
    chapter.write_text(text.replace("{#sec-financien}", "{#sec-geld}"), encoding="utf-8")
    with pytest.raises(PublishError, match=r"index\.html: .*sec-financien"):
        book.write(tmp_path / "pages")
    assert page.read_bytes() == before
