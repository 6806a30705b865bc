"""The page on which readers compare, under the strictest policy of a host: its address, keyboard, map and table."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from evaluation.inputs.deal import load_deal
from evaluation.publish.compare import FILE, compare_script
from evaluation.publish.stage import write_look
from tests.browser.walk import _listen, axe_faults, serve

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Vergelijken</title>
<link rel="icon" href="style/icoon.svg">
<link rel="stylesheet" href="style/kleuren.css"><link rel="stylesheet" href="style/rapport.css"></head><body><main>
<h1>Vergelijken</h1><div class="vergelijk" data-gegevens="figuren/alle-cijfers.js"></div>
<script src="style/vergelijken.js" defer></script></main></body></html>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compare")
    shutil.copytree(ROOT / "reports" / "style", made / "style")
    write_look(made / "style")
    (made / FILE).parent.mkdir()
    (made / FILE).write_text(compare_script(load_deal("parkstad-limburg")), encoding="utf-8")
    (made / "index.html").write_text(PAGE, encoding="utf-8")
    return made


@pytest.fixture
def page(browser, folder: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    with serve(folder, policy="default-src 'self'") as address:
        heard = _listen(opened, address)
        opened.goto(f"{address}/index.html#cijfer=woninginbraak&gebieden=GM0917,PV31&van=2018&tot=2021")
        opened.wait_for_selector(".vergelijk-figuur")
        yield opened
        assert [line for line in heard if "favicon" not in line] == []
    opened.close()


def cells(page: Page) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in page.locator(".vergelijk table tr").all()]


def test_the_address_says_what_is_shown_and_follows_what_is_chosen(page: Page) -> None:
    shown = cells(page)
    assert shown[0] == ["Jaar", "Heerlen", "Limburg"] and [row[0] for row in shown[1:]] == [
        "2021",
        "2020",
        "2019",
        "2018",
    ]
    page.locator("select[data-naam=van]").select_option("2020")
    assert "van=2020" in page.url and [row[0] for row in cells(page)[1:]] == ["2021", "2020"]
    page.evaluate("location.hash = 'cijfer=woninginbraak&gebieden=GM0928&van=2019&tot=2019'")
    page.wait_for_function("document.querySelectorAll('.vergelijk table tr').length === 2")
    assert cells(page)[0] == ["Jaar", "Kerkrade"]
    page.evaluate("location.hash = 'cijfer=bestaat-niet&gebieden=nergens&van=1'")
    page.wait_for_function("document.querySelectorAll('.vergelijk table th[scope=col]').length === 5")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keyboard_chooses_areas_on_the_map_and_each_tells_its_figure(page: Page) -> None:
    first = page.locator(".vergelijk-kaart path[tabindex='0']")
    first.focus()
    name = page.evaluate("document.activeElement.getAttribute('data-naam')")
    page.keyboard.press("ArrowRight")
    there = page.evaluate(
        "[document.activeElement.getAttribute('data-naam'), document.activeElement.getAttribute('aria-label')]"
    )
    assert there[0] != name and there[1].partition(":")[0] in page.locator(".vergelijk-uitleg").inner_text()
    page.keyboard.press("Enter")
    assert there[0].removeprefix("kaart-") in page.url and there[1].partition(":")[0] in cells(page)[0]
    assert page.evaluate("document.activeElement.getAttribute('data-naam')") == there[0], "focus stays where it was"
    assert len(page.locator(".vergelijk-kaart path").all()) == 31


def test_nothing_hinders_in_light_or_dark(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert axe_faults(page) == [], scheme
