"""Over all pages of four years, final evaluation and site: nothing empty or stale, one register of what is measured."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_indicators
from evaluation.present.results import read_csv
from tests.conftest import YEARS, Project
from tests.site.pages import read_page

DEAL = load_deal()
EDITIONS = (*map(str, YEARS), "eindevaluatie", "")
SILENT = re.compile(r"niet gemeten|geen registratie", re.IGNORECASE)


def text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


@pytest.fixture(scope="module")
def pages(portal: Project) -> dict[str, dict[Path, BeautifulSoup]]:
    """The pages of each edition; of the site those around the reports. Not the lists of numbers behind them."""
    return {
        edition: {
            path: read_page(path)
            for path in sorted((portal.site / edition).glob("*.html"))
            if "cijfers" not in path.name
        }
        for edition in EDITIONS
    }


@pytest.fixture(scope="module")
def numbers(portal: Project) -> dict[str, pd.DataFrame]:
    """results.csv of each edition's run."""
    return {
        edition: read_csv((portal.runs / (edition or "site") / "results.csv").read_text(encoding="utf-8"))
        for edition in EDITIONS
    }


def results_with_numbers(frame: pd.DataFrame) -> set[str]:
    """Intended results of which the records count something, or of which a figure is in results.csv."""
    known = frame[frame["value"].notna() & frame["measure"].eq("value")]
    counted = {t.result for t in DEAL.targets if ((known["indicator"] == t.id) & (known["unit"] == "geleverd")).any()}
    measured = [item for item in load_indicators().values() if (known["indicator"] == item.id).any()]
    return counted | {result for item in measured for result in item.results}


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_result_with_a_number_is_nowhere_called_not_measured(pages, numbers, edition):
    known, faults, seen = results_with_numbers(numbers[edition]), [], 0
    for path, soup in pages[edition].items():
        for row in soup.select("main tbody tr"):
            head = row.find(["th", "td"])
            if head is not None and text(head) in known:
                seen += 1
                faults += [(path.name, text(row)) for cell in row.find_all("td") if SILENT.search(text(cell))]
        for item in soup.select("main li"):
            named = re.search(r"\(resultaat (\d\.\d)\)", text(item))
            if named and named[1] in known and SILENT.search(text(item)):
                faults.append((path.name, text(item)))
    assert not faults, faults
    assert seen >= (len(known) if edition else 1)


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_column_table_or_figure_is_empty_and_no_caption_stands_alone(pages, edition):
    faults = []
    for path, soup in pages[edition].items():
        faults += [(path.name, mark.get("data-leeg")) for mark in soup.select("main [data-leeg]")]
        for table in soup.select("main table"):
            rows = [[text(cell) for cell in row.find_all(["th", "td"])] for row in table.select("tbody tr")]
            heads = [text(cell) for cell in table.select("thead th")]
            faults += [] if rows else [(path.name, "no rows", heads)]
            for place, head in enumerate(heads[1:], start=1):
                if all(row[place] in ("", "–") for row in rows if len(row) == len(heads)):
                    faults.append((path.name, head))
        for caption in soup.select("main figcaption"):
            around = caption.find_parent("figure")
            if around is None or not around.select("table, svg, img"):
                faults.append((path.name, text(caption)))
    assert not faults, faults


@pytest.mark.parametrize("year", YEARS)
def test_what_comes_next_lies_after_the_day_of_the_report(pages, portal, year):
    soup = pages[str(year)][portal.site / str(year) / "index.html"]
    head = next(tag for tag in soup.select("main h2") if "volgend jaar" in text(tag).lower())
    items = [text(item) for item in head.find_next("ul").find_all("li")]
    coming = [item for item in items if not item.startswith("Nog open uit eerdere jaren")]
    assert coming
    named = [int(found) for item in coming for found in re.findall(r"eind (20\d\d)", item)]
    assert named and all(date(found, 12, 31) > date(year, 12, 31) for found in named), coming
    for milestone in DEAL.milestones:
        if milestone.due <= date(year, 12, 31) and sum(m.title == milestone.title for m in DEAL.milestones) == 1:
            assert not any(item.startswith(milestone.title) for item in coming), milestone.title


def test_nothing_says_of_a_report_that_is_there_that_its_time_has_not_come(pages):
    said = [path for mine in pages.values() for path, soup in mine.items() if "nog niet aan de orde" in text(soup.main)]
    assert said == []


def test_a_gap_that_is_called_about_equal_is_told_in_numbers_and_in_percent(pages, portal):
    both = re.compile(r"ongeveer gelijk \(\d{4} → \d{4}: .+ → .+; .+% → .+%\)")
    for edition in ("2022", "eindevaluatie"):
        soup = pages[edition][portal.site / edition / "index.html"]
        cells = [text(cell) for cell in soup.select("[id^=tbl-oogopslag] tbody td")]
        told = [cell for cell in cells if "ongeveer gelijk" in cell]
        assert told and all(both.search(cell) for cell in told), told


def test_no_direction_is_named_of_an_estimate_that_may_be_none(pages, portal, numbers):
    soup = pages["eindevaluatie"][portal.site / "eindevaluatie" / "e8-uitvoering-en-lessen.html"]
    rows = [[text(cell) for cell in row.find_all(["th", "td"])] for row in soup.select("main tbody tr")]
    ways = {row[0]: row[1] for row in rows if len(row) == 4 and re.search("kant op|niet te zeggen: ook geen", row[1])}
    frame = numbers["eindevaluatie"].set_index("result_id")["value"]
    lows = frame[[name for name in frame.index if re.fullmatch(r"\d\.[\w-]+\.parkstad\.\d{4}\.ci_low", name)]]
    clear = sum(low > 0 or frame[name.replace("ci_low", "ci_high")] < 0 for name, low in lows.items())
    assert len(ways) >= 5 and sum("kant op" in way for way in ways.values()) <= clear
