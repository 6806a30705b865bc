"""The published pages in a real browser; and that the walk finds what is wrong when something is."""

import re
import shutil
from pathlib import Path

import pytest

from evaluation.publish.pages.policy import POLICY_TAG
from evaluation.publish.rendering import choose_engine
from tests.browser import walk as walking
from tests.browser.conftest import make_small_site
from tests.browser.walk import list_pages, serve, walk

SAME_TEMPLATE = re.compile(r"4a-winkelcluster-wc[2-9]|cijfers-(?!3-)")
"""Made of the same notebook or template as a page that is walked here; `make walk` walks them all."""


def faults(browser, site: Path, folder: str = "") -> list[str]:
    pages = [name for name in list_pages(site) if name.startswith(folder) and not SAME_TEMPLATE.search(name)]
    assert pages
    with serve(site) as address:
        return walk(browser, address, pages)


@pytest.mark.slow
def test_every_page_of_a_small_report(browser, small_site):
    assert faults(browser, small_site) == []


@pytest.mark.skipif(choose_engine("auto") != "quarto", reason="Quarto is not installed")
def test_every_page_that_quarto_made(browser, tmp_path):
    assert faults(browser, make_small_site(tmp_path / "project", "quarto")) == []


def test_pages_of_an_annual_report(browser, reported):
    """One of each kind; all of them are walked too, but that takes over a minute."""
    names = ("index", "3-veiligheid", "cijfers-3-veiligheid", "verantwoording")
    with serve(reported.site) as address:
        assert walk(browser, address, [f"2021/{name}.html" for name in names]) == []


@pytest.mark.slow
def test_every_page_of_an_annual_report(browser, reported):
    assert faults(browser, reported.site, "2021/") == []


def test_a_page_of_each_kind_around_the_reports(browser, portal):
    pages = [
        "index.html",
        "s1-thema-3-veiligheid.html",
        "s2-gemeente-heerlen.html",
        "vergelijken.html",
        "toegankelijkheid.html",
    ]
    with serve(portal.site) as address:
        assert walk(browser, address, pages) == []


DRAWN = (
    '<div class="figuur-vlak" data-figuur="vol" id="vlak-vol">'
    '<svg class="figuur-beeld" viewBox="0 0 200 60" width="200">'
    '<g class="as"><text y="20">00</text><text y="40">00</text></g><text x="-90" y="9">weg</text></svg></div>'
)
PLANTED = [
    ("<h1", '<img src="../x.png"><h1', "404: "),
    (
        "<h1",
        '<img src="http://other.invalid/x.png"><h1',
        "console: Loading the image 'http://other.invalid/x.png' violates",
    ),
    ("<h1", "<script>throw new Error('planted')</script><h1", "console: Executing inline script violates"),
    ("<h1", '<script src="reports/style/fout.js"></script><h1', "script error: planted"),
    ("<h1", '<img src="x" onerror="planted()"><h1', "console: Executing inline event handler violates"),
    ("<h1", '<p style="color:#777;background:#888">grijs</p><h1', "axe color-contrast"),
    ('zoekindex="../assets/zoekindex.js"', 'zoekindex="../assets/weg.js"', "search does not find the page"),
    ("<h1", '<div style="width:900px">breed</div><h1', "390 pixels: the page is"),
    ("<h1", '<div class="figuur-vlak" data-figuur="leeg" id="vlak-leeg"></div><h1', "a figure is not drawn: vlak-leeg"),
    ("<h1", f"{DRAWN}<h1", '"weg" lies outside its drawing'),
    ("<h1", "<!-- the same --><h1", 'the axis has "00" twice'),
    ('class="naar-inhoud"', 'class="weg"', "not to a visible skip link"),
    ("</head>", "<style>:focus-visible { outline: none !important }</style></head>", "focus cannot be seen"),
    ('class="tabel" tabindex="0"', 'class="tabel" style="width:40px"', "cannot be reached by keyboard"),
    ('<html lang="nl">', "<html>", "axe html-has-lang"),
    ("</head>", "<style>@media (scripting: none) { main { display: none } }</style></head>", "without scripts"),
]


def test_the_faults_on_a_page_are_found(browser, small_site, tmp_path, monkeypatch):
    monkeypatch.setattr(walking, "_LONGEST_DRAWING", 5_000)  # what never comes is not waited for that long
    monkeypatch.setattr(walking, "_LONGEST_SEARCH", 2_000)
    site = tmp_path / "site"
    shutil.copytree(small_site, site)
    page = site / "2021" / "1-sociaal-economisch.html"
    text = page.read_text(encoding="utf-8")
    for place, fault, _ in PLANTED:
        assert place in text, place
        text = text.replace(place, fault, 1)
    text = text.replace(POLICY_TAG, "")  # the host's stands in its place: ours would stop some of what is planted
    page.write_text(text, encoding="utf-8")
    (page.parent / "reports" / "style" / "fout.js").write_text("throw new Error('planted');", encoding="utf-8")
    with serve(site, policy="default-src 'self'; style-src 'self' 'unsafe-inline'") as address:
        found = walk(browser, address, ["2021/1-sociaal-economisch.html"])
    assert [told for _, _, told in PLANTED if not any(told in line for line in found)] == [], found


def test_a_page_opened_from_a_folder_draws_and_finds_under_its_policy(browser, small_site):
    page = small_site / "2021" / "1-sociaal-economisch.html"
    opened = browser.new_page()
    heard = walking._listen(opened, "file://")
    opened.goto(page.as_uri())
    assert walking.figures_not_drawn(opened) == []
    assert walking.search_faults(opened) == []
    assert heard == []
    opened.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x onerror=\"ran=1\">')")
    opened.wait_for_timeout(200)
    assert not opened.evaluate("'ran' in window")
    opened.close()


INLINE = {"style": '<p style="color:#111">x</p>', "sheet": "<style>p { color: #111 }</style>",
          "script": "<script>ran = 1</script>", "image": '<img alt="" src="data:image/png;base64,AAAA">'}  # fmt: skip


@pytest.mark.parametrize("kind", INLINE)
def test_the_walk_hears_what_the_policy_of_the_host_stops(browser, tmp_path, kind):
    (tmp_path / "a.html").write_text(f"<!doctype html><title>x</title>{INLINE[kind]}", encoding="utf-8")
    opened = browser.new_page()
    with serve(tmp_path) as address:
        heard = walking._listen(opened, address)
        opened.goto(f"{address}/a.html")
        opened.wait_for_timeout(100)
    opened.close()
    assert any("Content Security Policy" in line for line in heard), heard


def test_a_figure_becomes_a_png_under_the_policy(browser, small_site):
    opened = browser.new_page()
    with serve(small_site) as address:
        heard = walking._listen(opened, address)
        opened.goto(f"{address}/2021/3-veiligheid.html")
        with opened.expect_download() as waited:
            opened.locator(".figuur-wegen button", has_text="PNG").first.click()
        content = Path(waited.value.path()).read_bytes()
    opened.close()
    assert content.startswith(b"\x89PNG") and len(content) > 5_000 and heard == []
