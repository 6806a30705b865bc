"""Every figure of a report and of the final evaluation in its page: all words inside, each tick its own."""

from pathlib import Path

import pytest

from tests.browser.walk import figure_faults, list_pages, serve

LARGEST_PAGE = 200_000
"""Bytes of a chapter with its figures: what a reader gets in one request, before scripts and downloads."""


def look(browser, site: Path, folder: str) -> list[str]:
    pages = [name for name in list_pages(site) if name.startswith(f"{folder}/") and "/cijfers" not in name]
    assert len(pages) > 8
    with serve(site) as address:
        return figure_faults(browser, address, pages)


def test_the_figures_of_an_annual_report(browser, reported):
    assert look(browser, reported.site, "2021") == []


def test_the_figures_of_the_final_evaluation(browser, evaluated):
    assert look(browser, evaluated.site, "eindevaluatie") == []


@pytest.mark.parametrize("project", ["reported", "evaluated"])
def test_a_page_with_its_figures_is_small_and_whole(project, request):
    site = request.getfixturevalue(project).site
    pages = {name: (site / name).stat().st_size for name in list_pages(site)}
    assert {name: size for name, size in pages.items() if size > LARGEST_PAGE} == {}
