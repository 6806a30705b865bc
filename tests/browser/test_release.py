"""Pages of a release in a real browser: what is embedded draws under the strictest policy, all can be read by all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import walk as walking
from tests.browser.walk import axe_faults, phone_faults, serve, walk

STRICT = "default-src 'self'"
NOT_SEARCHED = (
    "2021/uitgave-1/index.html",
    "2021/uitgave-1/certificaten/bureau-narekenaar-2027-01-05/certificaat.html",
)
RELEASE_PAGES = (
    "2021/uitgave.html", "2021/wijzigingen.html", "2021/hergebruik.html", "verslagen-en-evaluatie.html",
)  # fmt: skip
DRAWN = """() => [...document.querySelectorAll('.figuur-vlak svg')]
    .filter(one => getComputedStyle(one).display != 'none')
    .map(one => { const box = one.getBoundingClientRect(), line = one.querySelector('[stroke^="var"]');
        return [box.width, box.height, one.querySelectorAll('path, text').length, getComputedStyle(line).stroke]; })"""


def embedded_faults(browser: Browser, address: str, pages: list[str]) -> list[str]:
    """Look at pages in light and dark and on a phone, each as a page of its own: console, axe, and what is drawn."""
    faults = []
    for name in pages:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        heard = walking._listen(page, address)
        page.goto(f"{address}/{name}", wait_until="load")
        inks = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            heard += axe_faults(page)
            drawn = page.evaluate(DRAWN)
            if [size[0] > 40 and size[1] > 40 and size[2] > 3 for size in drawn] != [True]:
                heard.append(f"it is not drawn: {drawn}")
            inks += [size[3] for size in drawn]
        if len(set(inks)) < 2:
            heard.append(f"a drawing has the same ink in light and dark: {inks}")
        heard += phone_faults(page)
        page.close()
        faults += [f"{name}: {told}" for told in heard]
    return faults


def list_embedded(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.glob("*/uitgave-*/hergebruik/fig-*.html"))


def test_what_is_embedded_draws_and_can_be_read_under_the_strictest_policy(
    browser: Browser, released_site: Path
) -> None:
    pages = list_embedded(released_site)
    assert len(pages) == 2  # a figure in each release
    with serve(released_site, policy=STRICT) as address:
        assert embedded_faults(browser, address, pages) == []


def test_a_page_that_would_not_draw_or_loads_of_others_is_found(
    browser: Browser, released_site: Path, tmp_path: Path
) -> None:
    name = list_embedded(released_site)[0]
    text = (released_site / name).read_text(encoding="utf-8")
    style = released_site / "2021" / "uitgave-1" / "reports"
    folder = tmp_path / "uitgave-1" / "hergebruik"
    folder.mkdir(parents=True)
    (folder.parent / "reports").symlink_to(style)
    spoilt = {
        "undrawn": (re.sub(r"<svg.*</svg>", "", text), "it is not drawn"),
        "other": (text.replace("<h1", '<img src="http://other.invalid/x.png" alt=""><h1'), "violates the following"),
        "pale": (text.replace("<h1", '<p class="bron"><font color="#ddd">bleek</font></p><h1'), "axe color-contrast"),
    }
    for key, (page, _) in spoilt.items():
        (folder / f"{key}.html").write_text(page, encoding="utf-8")
    with serve(tmp_path, policy=STRICT) as address:
        for key, (_, told) in spoilt.items():
            assert told in " ".join(embedded_faults(browser, address, [f"uitgave-1/hergebruik/{key}.html"])), key


@pytest.mark.parametrize("name", RELEASE_PAGES)
def test_a_page_about_a_release_can_be_read_by_all(browser: Browser, released_site: Path, name: str) -> None:
    with serve(released_site) as address:
        assert walk(browser, address, [name]) == []


@pytest.mark.parametrize("name", NOT_SEARCHED)
def test_an_archived_page_and_a_certificate_can_be_read_by_all(
    browser: Browser, released_site: Path, name: str
) -> None:
    with serve(released_site) as address:
        page = browser.new_page()
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # a certificate is one file, without icon
        heard = walking._listen(page, address)
        page.goto(f"{address}/{name}", wait_until="load")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            heard += axe_faults(page)
        assert [*heard, *phone_faults(page)] == []
        page.close()
