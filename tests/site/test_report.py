"""The built report, read with a parser as a reader's browser would."""

import re
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from evaluation.inputs.deal import load_deal
from evaluation.present.packed import unpack_spec
from evaluation.present.results import read_csv
from evaluation.publish.pages.pictures import read_data
from tests.conftest import YEARS
from tests.site.pages import read_page

PAGES = [
    "index", "1-sociaal-economisch", "2-wonen-en-leefbaarheid", "3-veiligheid", "4-voorzieningen-en-retail",
    "4a-winkelcluster-wc1", "4a-winkelcluster-wc2", "4a-winkelcluster-wc3", "4a-winkelcluster-wc4",
    "5-grensoverschrijdend", "6-centrum-heerlen", "7-financien", "8-uitvoering-en-sturing", "verantwoording",
]  # fmt: skip
STATES = ("gepland", "begonnen", "afgerond", "vervallen", "geen registratie")


def page(reported, year: int, name: str) -> BeautifulSoup:
    return read_page(reported.site / str(year) / f"{name}.html")


def text(soup) -> str:
    return " ".join(soup.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").split())


def rows_of(soup) -> dict:
    """Rows of the tables of a page by their header, the first where one comes back later."""
    found: dict = {}
    for row in soup.select("tbody tr"):
        found.setdefault(text(row.find("th")), row)
    return found


@pytest.mark.parametrize("year", YEARS)
def test_every_chapter_is_there(reported, year):
    for name in PAGES:
        soup = page(reported, year, name)
        assert soup.html["lang"] == "nl"
        assert len(soup.find_all("h1")) == 1, name
        assert f"over {year}" in text(soup.find("header")) or f"over {year}" in soup.title.text


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_that_the_records_are_an_example(reported, name):
    assert "voorbeeldcijfers" in text(page(reported, 2021, name)).lower()


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_asks_anything_of_another_host(reported, year, name):
    soup = page(reported, year, name)
    for tag, attribute in (
        ("script", "src"),
        ("link", "href"),
        ("img", "src"),
        ("iframe", "src"),
        ("source", "src"),
        ("object", "data"),
    ):
        for found in soup.find_all(tag):
            assert not urlsplit(found.get(attribute) or "").netloc, found
    styles = " ".join(path.read_text(encoding="utf-8") for path in (reported.site / str(year)).rglob("*.css"))
    assert "://" not in re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL).replace("http://www.w3.org", "")


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_script_of_a_page_leads_somewhere(reported, year, name):
    folder = reported.site / str(year)
    soup = page(reported, year, name)
    for tag, attribute in (("a", "href"), ("script", "src"), ("link", "href"), ("img", "src")):
        for found in soup.find_all(tag):
            target = found.get(attribute)
            if not target or urlsplit(target).scheme in ("http", "https", "mailto", "data"):
                continue
            path, _, anchor = target.partition("#")
            file = (folder / path).resolve() if path else folder / f"{name}.html"
            assert file.exists(), target
            if anchor and file.suffix == ".html":
                assert read_page(file).find(id=anchor), target


def test_the_report_shows_all_21_results_each_with_its_state(reported):
    deal = load_deal()
    seen = {}
    for theme in deal.themes:
        soup = page(reported, 2021, theme.slug)
        rows = rows_of(soup)
        for result in theme.results:
            row = rows[result.id]
            assert result.title in text(row)
            seen[result.id] = text(row.find_all("td")[-1])
    assert len(seen) == 21 and all(seen.values())
    numbers = read_csv((reported.runs / "2021" / "results.csv").read_text(encoding="utf-8")).set_index("result_id")[
        "value"
    ]
    for result, state in seen.items():  # never "niet gemeten" where there is a number, always where there is none
        flag = f"{result[0]}.resultaat-{result.replace('.', '-')}.resultaat.2021"
        has_number = bool(numbers[f"{flag}.is_measured"] or numbers[f"{flag}.has_context"])
        is_told = "geen cijfer dat naast de" in state  # it is counted otherwise than where it starts, and says so
        assert ("niet gemeten." in state.lower()) == (not has_number and not is_told), result
    assert "149" not in seen["3.1"] and "woninginbraken per 1.000 inwoners" in seen["3.1"].lower()
    assert re.search(r"\d+ van 1\.600 woningen \(pad \d+\)", seen["2.1"])


def test_the_report_shows_all_52_elements_each_with_its_state(reported):
    deal = load_deal()
    seen = {}
    for theme in deal.themes:
        soup = page(reported, 2021, theme.slug)
        rows = rows_of(soup)
        for element in theme.approach:
            row = rows[element.id]
            assert element.title in text(row)
            seen[element.id] = text(row.find(class_="staat"))
    assert len(seen) == 52
    assert all(any(word in state for word in STATES) for state in seen.values())
    assert len({state.split(maxsplit=1)[1] for state in seen.values()}) >= 4


def test_the_figures_of_a_check_are_on_the_page(reported):
    burglary = page(reported, 2021, "3-veiligheid")
    row = next(row for row in burglary.select("tbody tr") if "Heerlen" in text(row) and "149" in text(row))
    assert "307" not in text(row)
    prices = page(reported, 2022, "2-wonen-en-leefbaarheid")
    assert any("Heerlen" in text(row) and "251.269" in text(row) for row in prices.select("tbody tr"))


@pytest.mark.parametrize("year", YEARS)
def test_the_money_on_the_page_adds_up_to_the_results(reported, year):
    frame = read_csv((reported.runs / str(year) / "results.csv").read_text(encoding="utf-8")).set_index("result_id")
    soup = page(reported, year, "7-financien")
    rows = [[text(cell) for cell in row.find_all(["th", "td"])] for row in soup.select("table")[0].select("tbody tr")]
    amounts = [[int(re.sub(r"[^\d]", "", cell)) for cell in row[1:4]] for row in rows]
    assert rows[-1][0] == "Totaal" and len(rows) == 7
    for column, measure in enumerate(("budget", "committed", "paid")):
        total = frame.at[f"programma.geld.totaal.{year}.{measure}", "value"]
        assert amounts[-1][column] == round(total)
        assert sum(row[column] for row in amounts[:-1]) == pytest.approx(amounts[-1][column], abs=6)


def recorded(frame, number: str) -> bool:
    """Tell whether a number on a page is one of the results, at the precision that is shown (or in millions)."""
    whole, _, decimals = number.partition(",")
    shown = float(f"{whole.replace('.', '')}.{decimals or 0}")
    values, tolerance = frame["value"].abs(), 0.5 * 10 ** -len(decimals) + 1e-9
    return any(((values / scale - shown).abs() <= tolerance).any() for scale in (1, 1e6))


@pytest.mark.parametrize("name", PAGES[:-1])
def test_every_number_in_a_table_is_in_the_results(reported, name):
    frame = read_csv((reported.runs / "2021" / "results.csv").read_text(encoding="utf-8"))
    cells = [re.sub(r"\((?:breuk in )?20\d\d\)", "", text(cell)) for cell in page(reported, 2021, name).select("td.n")]
    numbers = {number.rstrip(".") for cell in cells for number in re.findall(r"\d[\d.]*(?:,\d+)?", cell)}
    assert len(numbers) > 5
    assert sorted(number for number in numbers if not recorded(frame, number)) == []


def test_the_front_page_answers_the_five_questions(reported):
    cards = [text(card.b) for card in page(reported, 2021, "index").select(".kerncijfers li")]
    assert cards == ["Wat spraken we af?", "Wat is gedaan?", "Wat is geleverd?", "Wat kostte het?", "Hielp het?"]
    numbers = [text(card.strong) for card in page(reported, 2021, "index").select(".kerncijfers li")]
    assert numbers[0] == "21 resultaten" and "van 52" in numbers[1] and "van 1.600" in numbers[2]
    assert all("–" not in number and "nan" not in number.lower() for number in numbers)


def test_no_promise_is_dropped_from_the_scoreboard_and_a_year_later_says_what_was_added(reported):
    shown = {year: text(page(reported, year, "index").select_one("#tbl-beloften")) for year in YEARS}
    titles = [target.title for target in load_deal().targets]
    assert all(title in board for title in titles for board in shown.values())
    assert "sinds eind" not in shown[2019] and all(f"sinds eind {year - 1}" in shown[year] for year in YEARS[1:])
    last = page(reported, 2022, "index")
    (card,) = [item for item in last.select(".kerncijfers li") if text(item.b) == "Wat is gehaald?"]
    assert text(card.strong) == "3 van 8" and re.search(
        r"afgerond \(\+\d+ sinds eind 2021\)", text(last.select_one(".lead"))
    )
    assert all(bar["aria-hidden"] == "true" for bar in last.select("#tbl-beloften .doelbalk"))


@pytest.mark.parametrize("name", PAGES[:-1])
def test_every_figure_has_number_caption_alt_text_source_and_table(reported, name):
    soup = page(reported, 2021, name)
    figures = soup.select(".figuur")
    assert figures or name == "index"
    for figure in figures:
        area = figure.select_one(".figuur-vlak")
        assert area["role"] == "img" and len(area["aria-label"]) > 60
        spec = unpack_spec(read_data(reported.site / "2021", f"{name}.html")[area["data-figuur"]])
        assert spec["data"] and spec["layout"]["separators"] == ",."
        assert text(figure.select_one(".bron")).startswith("Bron:")
        assert figure.select_one("details table tbody tr")
        assert re.search(r"Figuur \d", text(figure.find_parent("figure") or figure.parent))


def test_tables_have_headers_with_scope(reported):
    for name in PAGES:
        for table in page(reported, 2021, name).find_all("table"):
            assert all(head.get("scope") for head in table.select("thead th")), name


def test_plotly_is_there_once_for_the_whole_site(reported):
    copies = [path for path in reported.site.rglob("plotly*.js")]
    assert len(copies) == 1 and copies[0].stat().st_size > 1_000_000


def test_the_numbers_can_be_downloaded(reported):
    links = [link.get("href", "") for name in PAGES for link in page(reported, 2021, name).find_all("a")]
    assert any(link.endswith("results.csv") for link in links)
    published = (reported.site / "2021" / "results.csv").read_text(encoding="utf-8")
    assert "3.woninginbraak-aantal.GM0917.2021.value" in published


@pytest.mark.parametrize("name", PAGES)
def test_nothing_broken_is_shown(reported, name):
    for year in YEARS:
        soup = page(reported, year, name)
        for code in soup.select("pre.cell-code"):  # what a cell computes may well name None
            code.decompose()
        shown = text(soup)
        for mark in ("Traceback", "nan", "NaN", "None", "?@", "#|", "Display("):
            assert not re.search(rf"(?<![\w]){re.escape(mark)}(?![\w])", shown), (year, mark)
        for word in ("dankzij", "achterblijver", "effect van de deal"):
            assert word not in shown.lower()


def test_the_pages_of_the_clusters_are_led_to_and_leave_the_numbers_of_the_themes_alone(reported):
    retail = page(reported, 2021, "4-voorzieningen-en-retail")
    links = {link["href"]: text(link) for link in retail.select("main p a[href]")}
    for number, letter in enumerate("ABCD", start=1):
        assert links[f"4a-winkelcluster-wc{number}.html"] == f"Voorbeeldcluster {letter}"
    assert text(page(reported, 2021, "4a-winkelcluster-wc3").find("h1")) == "Voorbeeldcluster C"
    assert text(page(reported, 2021, "5-grensoverschrijdend").find("h1")).startswith("5 ")


def test_a_small_number_is_said_to_be_withheld(reported):
    cells = [text(cell) for cell in page(reported, 2021, "4a-winkelcluster-wc1").select("td.n")]
    assert cells.count("niet getoond (te klein)") > 5
    assert not [cell for cell in cells if cell in tuple("123456789")]
