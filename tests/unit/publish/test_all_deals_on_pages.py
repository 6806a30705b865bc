"""The sentence of all deals on the pages of one: from the portfolio that is published, and gone without it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from evaluation.chapters.report.portfolio_summary import PortfolioSummary
from evaluation.inputs.chapter_list import page_of
from evaluation.inputs.deal import load_deal
from evaluation.inputs.portfolio_plan import load_portfolio_plan
from evaluation.present.results import read_csv, result, to_csv, to_records
from evaluation.publish.pages.pandoc import run_pandoc
from evaluation.publish.site.all_deals import refresh_all_deals
from tests.conftest import ROOT

DEAL, PLAN = load_deal(), load_portfolio_plan()
PAGE = '<main><h1>Titel</h1>\n<div class="lead">\n<p>De bevinding.</p>\n</div>\n<p>Meer.</p></main>'


def results(deviation: float) -> str:
    """The results.csv of a portfolio in which every outcome differs by this."""
    values = {"deviation": deviation, "ci_low": deviation - 4, "ci_high": deviation + 4, "mde": 5.6}
    made = [
        result("portfolio", item.id, "alle-deals", name, value, item.unit, "outcome",
               period=item.last, status="computed", source="CBS")
        for item in PLAN.outcomes.values() for name, value in values.items()
    ]  # fmt: skip
    return to_csv([{**row, "notebook": "p3-effecten", "cell": "tbl-effecten"} for row in to_records(made)])


def put(site: Path, deviation: float) -> None:
    (site / "portfolio" / "results.csv").write_text(results(deviation), encoding="utf-8")


@pytest.fixture
def site(tmp_path) -> Path:
    """A site with the pages that a deal has, and a portfolio of two per cent less."""
    pages = ["index.html", "eindevaluatie/index.html", "2021/index.html", "begrippen.html", "portfolio/index.html"]
    for theme in DEAL.themes:
        pages += [f"{page_of(theme)}.html", f"eindevaluatie/e{theme.slug}.html"]
    for name in pages:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PAGE, encoding="utf-8")
    (tmp_path / "portfolio" / "run.json").write_text(json.dumps({"deal": DEAL.id}), encoding="utf-8")
    put(tmp_path, -2.0)
    return tmp_path


def aside(page: Path) -> str:
    """What all deals show according to a page; nothing where it says nothing."""
    found = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select(".lead + aside.alle-deals")
    assert len(found) < 2
    return " ".join(found[0].get_text(" ").split()) if found else ""


def test_pages_of_a_theme_tell_what_its_own_outcomes_show_with_the_way_to_it(site):
    refresh_all_deals(site)
    for page, way in (("s1-thema-3-veiligheid", "portfolio/"), ("eindevaluatie/e3-veiligheid", "../portfolio/")):
        path = site / f"{page}.html"
        told = aside(path)
        assert "Woninginbraken: na de start gemiddeld 2,0% lager" in told and "past niet bij deze cijfers" in told
        assert "verkoopprijs" not in told.lower(), "that is of another theme"
        link = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("aside a")["href"]
        assert link == f"{way}index.html" and (path.parent / link).resolve() == site / "portfolio" / "index.html"


def test_a_first_page_gives_its_own_answers_before_what_all_deals_show(site):
    page = site / "index.html"
    cards = '<ul class="kerncijfers"><li>een</li></ul><ul class="kerncijfers"><li>twee</li></ul>'
    page.write_text(
        page.read_text(encoding="utf-8").replace("</main>", f"{cards}<h2>Verder</h2></main>"), encoding="utf-8"
    )
    for _ in range(2):  # it finds its own place again
        refresh_all_deals(site)
        main = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").main
        order = [tag.name for tag in main.find_all(["ul", "aside", "h2"]) if not tag.find_parent("aside")]
        assert order == ["ul", "ul", "aside", "h2"]


def test_first_pages_tell_the_outcomes_that_were_chosen_beforehand_and_other_pages_nothing(site):
    refresh_all_deals(site)
    for page in (site / "index.html", site / "eindevaluatie" / "index.html"):
        assert all(item.wording in aside(page).lower() for item in PLAN.outcomes.values() if item.headline)
    assert [aside(site / name) for name in ("2021/index.html", "begrippen.html", "portfolio/index.html")] == [""] * 3


def test_the_sentence_is_that_of_the_portfolio_that_stands_there_and_goes_with_it(site):
    refresh_all_deals(site)
    page = site / "eindevaluatie" / "e3-veiligheid.html"
    put(site, 3.0)
    refresh_all_deals(site)
    assert "3,0% hoger" in aside(page) and "2,0%" not in aside(page)
    written = page.stat().st_mtime_ns
    refresh_all_deals(site)
    assert page.stat().st_mtime_ns == written, "a page that is right is left alone"
    shutil.rmtree(site / "portfolio")
    refresh_all_deals(site)
    assert page.read_text(encoding="utf-8") == PAGE and (site / "index.html").read_text(encoding="utf-8") == PAGE


def follow(page: Path, words: str) -> Path:
    """Click on the only link of the main text with these words, and come where it leads."""
    text = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find("main")
    (link,) = [item for item in text.select("a[href]") if item.get_text(" ", strip=True) == words]
    reached = (page.parent / link["href"].partition("#")[0]).resolve()
    assert reached.is_file(), f"{page.name}: {link['href']} leads nowhere"
    return reached


def summary_page(site: Path) -> str:
    """Make the first page of the portfolio as its notebook does, from the numbers that stand in the site."""
    rows = read_csv((site / "portfolio" / "results.csv").read_text(encoding="utf-8"))
    summary = PortfolioSummary(None, rows)
    shown = [summary.finding(), summary.by_theme()]
    text = "\n\n".join(item.bundle["text/markdown"] for item in shown)
    return f"<main>{run_pandoc(['-f', 'markdown', '-t', 'html'], text, 'p0')}</main>"


@pytest.mark.parametrize("start", ["index.html", "eindevaluatie/index.html", "s1-thema-3-veiligheid.html"])
def test_in_two_clicks_a_reader_finds_what_all_deals_show_for_safety_housing_and_work(site, start):
    """One click brings the difference with what it excludes, the next the chapter with the figures of the theme."""
    chapters = yaml.safe_load((ROOT / "_quarto-portfolio.yml").read_text(encoding="utf-8"))["book"]["chapters"]
    for chapter in chapters:
        name = chapter if isinstance(chapter, str) else chapter["file"]
        (site / "portfolio" / name).with_suffix(".html").write_text(PAGE, encoding="utf-8")
    (site / "portfolio" / "index.html").write_text(summary_page(site), encoding="utf-8")
    refresh_all_deals(site)
    assert aside(site / start)
    first = follow(site / start, "Alle Regio Deals samen")
    assert first == site / "portfolio" / "index.html"
    text = BeautifulSoup(first.read_text(encoding="utf-8"), "html.parser")
    for theme in ("Veiligheid", "Wonen", "Werk"):
        told = next(item.find_parent("p") for item in text.select("a") if item.get_text() == theme)
        found = " ".join(told.find_next_sibling("ul").get_text(" ").split())
        assert "2,0" in found and "past niet bij deze cijfers" in found and "in vier van de vijf gevallen" in found
        assert follow(first, theme).name == "p3-effecten.html"
