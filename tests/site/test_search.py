"""The search index: every page in it, found by its words, small enough, the same bytes each time."""

import json
from pathlib import Path

import pytest

from evaluation.publish.pages.search_index import INDEX, describe_page, read_page, refresh_search

PAGE = """<!doctype html><html><head><title>3 Veiligheid – Verslag</title></head><body><nav>Menu</nav>
<main><h1>Veiligheid</h1><p>Er wordt minder ingebroken<br>in woningen.</p><pre>geheim()</pre>
<h2 id="geld"><span class="header-section-number">3.1</span> Geld</h2><p>Betaald is 1.234 euro in 2021.</p></main>
<footer>Voet</footer></body></html>"""


def load(site: Path) -> dict:
    text = (site / INDEX).read_text(encoding="utf-8")
    assert text.startswith("window.zoekindex=") and text.endswith(";\n")
    return json.loads(text.removeprefix("window.zoekindex=")[:-2])


def places(index: dict, word: str) -> list[int]:
    """Sections in which a word occurs, read back from their differences."""
    at, found = 0, []
    for step in index["places"][index["words"].split().index(word)].split(","):
        at += int(step, 36)
        found.append(at)
    return found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("2021", "2022", "2022-onvolledig", ".2021-draft"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "3-veiligheid.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_a_page_is_read_by_its_headings():
    title, parts = read_page(PAGE)
    assert title == "3 Veiligheid – Verslag"
    assert [(part.anchor, part.heading) for part in parts] == [("", "Veiligheid"), ("geld", "Geld")]
    assert describe_page(PAGE, 30) == "Er wordt minder ingebroken in …"


def test_the_index_knows_where_each_word_stands_and_the_newest_year_comes_first(site):
    refresh_search(site)
    index = load(site)
    assert [page[0] for page in index["pages"]] == ["2022/3-veiligheid.html", "2021/3-veiligheid.html"]
    assert places(index, "betaald") == [1, 3] and index["sections"][3][:3] == [1, "geld", "Geld"]
    assert {"menu", "voet", "geheim", "1", "234"}.isdisjoint(index["words"].split())
    first = (site / INDEX).read_bytes()
    refresh_search(site)
    assert (site / INDEX).read_bytes() == first


def test_forms_of_a_word_share_a_stem(site):
    (site / "2021" / "3-veiligheid.html").write_text(
        "<title>x</title><main><h1>Inbraak</h1><p>inbraken, gemeente en gemeenten</p></main>", encoding="utf-8"
    )
    refresh_search(site)
    index = load(site)
    stem = dict(zip(index["words"].split(), index["stems"], strict=True))
    assert stem["inbraak"] == stem["inbraken"] and stem["gemeente"] == stem["gemeenten"] != stem["inbraak"]


def test_every_page_of_a_real_site_is_in_the_index(reported):
    index = load(reported.site)
    pages = {path.relative_to(reported.site).as_posix() for path in reported.site.rglob("*.html")}
    assert pages and {page[0] for page in index["pages"]} == pages
    assert (reported.site / INDEX).stat().st_size < 400_000
    assert len(places(index, "woninginbraken")) > 4
