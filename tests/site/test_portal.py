"""The site around the reports as its readers meet it: five questions, a page per theme and municipality, one number."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
from bs4 import BeautifulSoup, SoupStrainer

from evaluation.base.errors import UsageError
from evaluation.chapters import open_front, open_theme_page
from evaluation.inputs.chapter_list import page_of
from evaluation.inputs.deal import load_deal
from evaluation.present.published import due_editions, last_year, read_reports
from evaluation.present.results import read_csv
from evaluation.publish.publishing import render_portal
from evaluation.publish.rendering import choose_engine
from tests.conftest import ROOT, YEARS, copy_project
from tests.site.pages import read_page
from tests.site.test_publish import reading

DEAL = load_deal()
THEMES = {theme.id: page_of(theme) for theme in DEAL.themes}
PLACES = {item.name: page_of(item) for item in DEAL.region.municipalities}
PAGES = (
    *("index", *THEMES.values(), *PLACES.values()),
    *("s3-vooruitblik", "data-en-methode", "begrippen", "toegankelijkheid", "vergelijken"),
)
EDITIONS = (*map(str, YEARS), "eindevaluatie")


def text(soup) -> str:
    return " ".join(soup.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture(scope="module")
def pages(portal) -> dict[str, BeautifulSoup]:
    """Every page at the root of the site."""
    return {path.stem: read_page(path) for path in portal.site.glob("*.html")}


@pytest.fixture(scope="module")
def numbers(portal) -> pd.DataFrame:
    """The numbers of the pages, by identity."""
    return read_csv((portal.runs / "site" / "results.csv").read_text(encoding="utf-8")).set_index("result_id")


def follow(portal, start: Path, href: str):
    """Follow a link as a reader does: the file, and the part of the page to which it leads."""
    path, _, anchor = href.partition("#")
    file = (start.parent / path).resolve() if path else start
    assert file.is_relative_to(portal.site.resolve()) and file.is_file(), href
    soup = read_page(file)
    if not anchor:
        return file, soup.main
    place = soup.find(id=anchor)
    assert place is not None, href
    if place.name == "h2":
        rest = [tag for tag in place.find_next_siblings() if tag.name]
        until = next((index for index, tag in enumerate(rest) if tag.name == "h2"), len(rest))
        return file, BeautifulSoup("".join(str(tag) for tag in [place, *rest[:until]]), "html.parser")
    return file, place


def card(pages, question: str):
    return next(item for item in pages["index"].select(".kerncijfers li") if text(item.b) == question)


def test_every_page_is_there_and_none_besides(pages):
    own = {name: soup for name, soup in pages.items() if not name.startswith("cijfers")}
    assert sorted(own) == sorted(PAGES)
    for name, soup in own.items():
        assert soup.html["lang"] == "nl" and len(soup.find_all("h1")) == 1, name
        assert "voorbeeldcijfers" in text(soup.select_one(".lint")), name


def test_the_front_page_begins_with_five_answers_after_one_sentence(pages):
    main = pages["index"].main
    first, second = main.select("ul.kerncijfers")
    assert [tag.name for tag in main.find_all(["h1", "h2", "ul", "table", "figure"])[:3]] == ["h1", "ul", "ul"]
    asked = ["Wat spraken we af?", "Wat is gehaald?", "Wat kostte het?", "Kwam het dichter bij Limburg?", "Hielp het?"]
    assert [text(item.b) for item in first.select("li")] == asked
    assert text(second.li.b) == "Wat is er in mijn gemeente gedaan?"
    told = [text(item.strong) for item in first.select("li")]
    assert told[:3] == ["21 resultaten", "3 van 8", "€ 58,7 mln"] and re.fullmatch(r"\d van 5", told[3])
    assert len(text(main.select_one(".lead")).split()) <= 25


def test_what_was_agreed_is_one_click_away(portal, pages):
    links = card(pages, "Wat spraken we af?").select("a")
    assert len(links) == len(DEAL.themes)
    for link, theme in zip(links, DEAL.themes, strict=True):
        _, part = follow(portal, portal.site / "index.html", link["href"])
        found = text(part)
        assert all(result.title in found for result in theme.results) and theme.goals[0].text[:40] in found


def test_what_was_delivered_in_my_municipality_is_one_click_away(portal, pages, numbers):
    links = card(pages, "Wat is er in mijn gemeente gedaan?").select("a")
    assert [text(link) for link in links] == list(PLACES)
    for link, item in zip(links, DEAL.region.municipalities, strict=True):
        _, page = follow(portal, portal.site / "index.html", link["href"])
        row = [
            text(cell)
            for cell in page.select_one("#tbl-gemeente-per-jaar" + _ending(item)).select("tr")[2].select("td")
        ]
        done = [numbers.at[f"programma.projecten-in-gemeente.{item.code}.{year}.completed", "value"] for year in YEARS]
        assert row == [f"{value:.0f}" for value in done]
        assert page.select_one("#tbl-gemeente-prestaties" + _ending(item)) and item.name in text(page.h1)


def _ending(item) -> str:
    return page_of(item).removeprefix("s2-gemeente")


def test_what_was_reached_and_what_came_nearer_is_one_click_away(portal, pages):
    _, board = follow(portal, portal.site / "index.html", card(pages, "Wat is gehaald?").a["href"])
    assert all(target.title in text(board) for target in DEAL.targets)
    _, nearer = follow(portal, portal.site / "index.html", card(pages, "Kwam het dichter bij Limburg?").a["href"])
    assert "Afstand van Parkstad tot Limburg" in text(nearer)


def test_what_it_cost_is_one_click_away(portal, pages, numbers):
    question = card(pages, "Wat kostte het?")
    file, part = follow(portal, portal.site / "index.html", question.a["href"])
    paid = numbers.at["programma.geld.totaal.2022.paid", "value"]
    assert f"{paid:,.0f}".replace(",", ".") in text(part)
    assert f"{paid / 1e6:.1f}".replace(".", ",") in text(question.strong) and file.parent.name in EDITIONS


def test_whether_it_helped_is_one_click_away(portal, pages):
    question = card(pages, "Hielp het?")
    file, page = follow(portal, portal.site / "index.html", question.a["href"])
    assert file.parent.name == "eindevaluatie" and "Week de regio af?" in text(page)
    for theme in DEAL.themes:
        _, part = follow(portal, portal.site / "index.html", f"{THEMES[theme.id]}.html#hielp")
        assert re.search(r"aanwijzing|te grof|niet te vergelijken", text(part)), theme.slug
        assert part.select_one('a[href^="eindevaluatie/"]')
        assert re.search(r"95%-interval is .+ tot .+ past niet bij|te vergelijken", text(part)), theme.slug
    _, helped = follow(portal, portal.site / "index.html", "index.html#hielp")
    places = {link["href"] for link in helped.select("a")}
    assert {f"eindevaluatie/e{theme.slug}.html" for theme in DEAL.themes} <= places and "te grof" in text(helped)


def test_what_comes_next_is_one_click_away(portal, pages):
    _, page = follow(portal, portal.site / "index.html", card(pages, "Wat komt hierna?").a["href"])
    found = text(page)
    later = [target for target in DEAL.as_of(date(2022, 12, 31)).targets if target.by > date(2022, 12, 31)]
    assert later and all(target.title in found for target in later)
    assert all(duty.title in found for duty in DEAL.duties)


def test_a_number_is_the_same_here_and_in_the_report(portal, numbers):
    shared = 0
    for edition in EDITIONS:
        frame = read_csv((portal.site / edition / "results.csv").read_text(encoding="utf-8")).set_index("result_id")
        both = frame.index.intersection(numbers.index)
        # a number computed in sight may differ from the step's in its last digit: the order in which pandas adds
        pd.testing.assert_series_equal(frame.loc[both, "value"], numbers.loc[both, "value"], rtol=1e-12, atol=0)
        for column in ("unit_of_measure", "status"):
            assert (frame.loc[both, column] == numbers.loc[both, column]).all(), (edition, column)
        shared += len(both)
    assert shared > 700
    for year in YEARS:
        assert f"2.woningen-totaal.geleverd.{year}.value" in numbers.index


def recorded(values: pd.Series, number: str) -> bool:
    whole, _, decimals = number.partition(",")
    shown = float(f"{whole.replace('.', '')}.{decimals or 0}")
    tolerance = 0.5 * 10 ** -len(decimals) + 1e-9
    return any(((values / scale - shown).abs() <= tolerance).any() for scale in (1, 1e6))


def test_a_number_of_a_report_stays_with_it_and_is_led_to(portal, pages, numbers):
    own = read_csv((portal.site / "results.csv").read_text(encoding="utf-8")).set_index("result_id")
    there = {
        edition: read_csv((portal.site / edition / "results.csv").read_text(encoding="utf-8")).set_index("result_id")
        for edition in EDITIONS
    }
    gone = numbers.index.difference(own.index)
    assert len(gone) > 1000 and own.equals(numbers.loc[own.index])
    for identity in gone:
        told = [frame.at[identity, "value"] for frame in there.values() if identity in frame.index]
        number = numbers.at[identity, "value"]
        assert number in told or (pd.isna(number) and any(map(pd.isna, told))), identity
    page = pages[f"cijfers-{PLACES['Heerlen']}"]
    links = [link for link in page.select("main p a") if link["href"].partition("/")[0] in EDITIONS]
    assert links and not {row["id"] for row in page.select("tr[id]")} & set(gone)
    for link in links:
        assert follow(portal, portal.site / "index.html", link["href"])[0].name.startswith("cijfers-")


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_is_drawn_in_its_page(pages, name):
    assert [area["id"] for area in pages[name].select(".figuur-vlak") if area.select_one("svg, img") is None] == []


@pytest.mark.parametrize("name", PAGES[:-4])
def test_every_number_in_a_table_is_in_the_results(pages, numbers, name):
    cells = [re.sub(r"\((?:breuk in )?20\d\d\)", "", text(cell)) for cell in pages[name].select("td.n")]
    found = {number.rstrip(".") for cell in cells for number in re.findall(r"\d[\d.]*(?:,\d+)?", cell)}
    assert found
    assert sorted(number for number in found if not recorded(numbers["value"].abs(), number)) == []


def test_a_theme_has_all_years_and_leads_to_the_chapter_of_each_report(portal, pages):
    for theme in DEAL.themes:
        soup = pages[THEMES[theme.id]]
        heads = [text(head) for head in soup.select(f"#tbl-thema-per-jaar-{theme.slug} thead th")]
        assert heads[1:-1] == [str(year) for year in YEARS]
        links = [link["href"] for link in soup.select("#verslagen ~ .cell ul a")]
        assert links == [*(f"{year}/{theme.slug}.html" for year in YEARS), f"eindevaluatie/e{theme.slug}.html"]
        assert all((portal.site / link).is_file() for link in links)
    drawing = pages[THEMES[3]].select_one("#fig-thema-cijfers-3-veiligheid svg")
    assert "2012" in text(drawing) and "2025" in text(drawing)
    assert (portal.site / "figuren" / f"{THEMES[3]}.js").is_file(), "the same figure to point at"


def test_a_municipality_stands_beside_the_region_and_the_province(pages):
    drawing = text(pages[PLACES["Heerlen"]].select_one("#fig-gemeente-cijfers-heerlen svg"))
    assert all(name in drawing for name in ("Heerlen", "Parkstad", "Limburg"))
    assert "bestaat sinds 1 januari 2019" in text(pages[PLACES["Beekdaelen"]].main)
    assert "verschil maakte, is niet te zeggen" in text(pages[PLACES["Heerlen"]].main)


def test_the_front_page_lists_each_report_with_its_state(pages):
    rows = pages["index"].select("#tbl-verslagen-s0 tbody tr")
    assert [row.a["href"] for row in rows if row.a] == [f"{edition}/index.html" for edition in EDITIONS]
    told = [text(row.select("td")[-1]) for row in rows]
    assert told == [*("volledig" for _ in EDITIONS), "nog niet gemaakt"], "the last is that of all deals together"


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere_and_nothing_comes_from_elsewhere(portal, pages, name):
    for tag, attribute in (("a", "href"), ("script", "src"), ("link", "href"), ("script", "data-plotly")):
        for found in pages[name].find_all(tag, attrs={attribute: True}):
            target = found[attribute]
            if urlsplit(target).netloc:
                assert tag == "a", target
                continue
            path, _, anchor = target.partition("#")
            assert (portal.site / path).exists(), target
            if anchor and "/" not in path:
                assert (pages[Path(path).stem] if path else pages[name]).find(id=anchor), target


@pytest.mark.parametrize("name", PAGES)
def test_nothing_broken_and_nothing_partial_is_shown(pages, name):
    shown = text(pages[name])
    for mark in ("Traceback", "nan", "NaN", "None", "?@", "#|", "Display(", "{{<"):
        assert not re.search(rf"(?<![\w]){re.escape(mark)}(?![\w])", shown), mark
    for word in ("dankzij", "achterblijver", "effect van de deal", "succes"):
        assert word not in shown.lower()


def test_each_report_leads_back_to_the_front_page(portal):
    navigation = SoupStrainer(class_="jaren")
    for edition in EDITIONS:
        for path in (portal.site / edition).glob("*.html"):
            soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser", parse_only=navigation)
            assert soup.select_one('.jaren a[href="../index.html"]'), path.name


def test_the_declaration_says_what_the_region_must_still_fill_in(pages):
    page = pages["toegankelijkheid"]
    assert text(page.select_one(".callout-title")) == "In te vullen door de regio"
    assert len(page.select("main em")) > 8 and all(text(tag).startswith("[") for tag in page.select("main em"))


@pytest.mark.skipif(choose_engine("auto") != "quarto", reason="Quarto is not installed")
def test_both_engines_give_the_reader_the_same_pages(portal, tmp_path, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(portal.root))
    site = tmp_path / "site"
    shutil.copytree(portal.site, site)
    made = render_portal(portal.runs / "site", site=site, engine="quarto")
    for page in made.pages:
        assert reading(page) == reading(portal.site / page.name), page.name


# A site that is not whole


@pytest.fixture
def half(portal, tmp_path, monkeypatch) -> Path:
    """A project in which only the report over 2021 is whole, and that over 2020 has a gap."""
    made = copy_project(tmp_path / "half")
    monkeypatch.setenv("REGIODEAL_ROOT", str(made.root))
    for source, name in (("2021", "2021"), ("2020", "2020-onvolledig")):
        (made.site / name).mkdir(parents=True)
        for file in ("index.html", "results.csv", "run.json"):
            shutil.copy(portal.site / source / file, made.site / name)
    path = made.site / "2020-onvolledig" / "run.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["notebooks"]["3-veiligheid"]["status"] = "failed"
    path.write_text(json.dumps(content), encoding="utf-8")
    return made.root


def test_a_report_that_is_missing_or_has_a_gap_is_said_to_be(half):
    states = {report.folder.name: report.state for report in read_reports(DEAL)}
    assert states == {
        "2019": "absent",
        "2020-onvolledig": "incomplete",
        "2021": "whole",
        "2022": "absent",
        "eindevaluatie": "absent",
    }
    assert last_year(DEAL) == 2021
    front = open_front(deal="parkstad-limburg", year=2021)
    rows = BeautifulSoup(front.reports().bundle["text/html"], "html.parser").select("tbody tr")
    told = [text(row.select("td")[-1]) for row in rows]
    assert told == [
        "nog niet gemaakt",
        "onvolledig: 1 hoofdstuk kon niet worden gemaakt",
        "volledig",
        "nog niet gemaakt",
        "nog niet gemaakt",
        "nog niet gemaakt",
    ]
    helped = BeautifulSoup(front.questions().bundle["text/html"], "html.parser").select("li")[4]
    assert "Nog niet te zeggen" in text(helped) and helped.a["href"] == "2021/index.html"
    page = open_theme_page(deal="parkstad-limburg", year=2021, theme=2)
    row = BeautifulSoup(page.by_year().bundle["text/html"], "html.parser").select("tbody tr")[2]
    assert [text(cell) for cell in row.select("td")] == ["geen verslag", "geen verslag", "518", "1.600"]
    assert "De eindevaluatie is er nog niet" in page.helped().bundle["text/markdown"]
    assert "geen oordelen" in page.judgements().bundle["text/markdown"]
    assert "eindevaluatie" in front.helped().bundle["text/markdown"]
    lines = page.chapters().bundle["text/markdown"].splitlines()
    assert lines[0].endswith("nog niet gemaakt") and "2020-onvolledig/" in lines[1] and "(onvolledig)" in lines[1]


def test_without_any_report_there_is_nothing_to_stand_around(tmp_path, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    shutil.copytree(ROOT / "data" / "deal", tmp_path / "data" / "deal")
    with pytest.raises(UsageError, match="no report of Regio Deal Parkstad Limburg yet"):
        last_year(load_deal())


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2019, 12, 31), []),
        (date(2021, 1, 1), ["2019", "2020", "tussenstand", "portfolio"]),
        (date(2022, 12, 31), ["2019", "2020", "2021", "tussenstand", "portfolio"]),
        (date(2023, 1, 1), ["2019", "2020", "2021", "2022", "eindevaluatie", "portfolio"]),
    ],
)
def test_a_report_is_due_when_its_year_has_ended(today, expected, monkeypatch):
    monkeypatch.setenv("REGIODEAL_TODAY", today.isoformat())
    assert [edition.id for edition in due_editions(DEAL)] == expected
