"""Each of the 21 results of Article 3: its figures, the table that would bring them, or what would measure it."""

from __future__ import annotations

import re

import pytest

from evaluation.base.errors import UsageError
from evaluation.chapters import open_theme
from evaluation.chapters.context import open_context
from evaluation.chapters.steps import agreed, area
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_indicators, load_not_measured

RESULTS = (
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9",
    "2.1", "3.1", "4.1", "4.2", "4.3", "4.4", "5.1", "5.2", "5.3", "5.4", "6.1", "6.2",
)  # fmt: skip
WITH_FIGURES = {"1.1", "1.3", "1.4", "1.6", "1.7", "1.8", "1.9", "2.1", "3.1", "4.1", "4.3", "6.2"}
OUTCOME_IN_THE_TERM = {"1.1", "1.4", "1.6", "1.7", "1.8", "1.9", "2.1", "3.1", "6.2"}
CONDITIONS_ONLY = {"1.3", "4.1", "4.3"}
BEFORE_THE_DEAL = set()
NO_STATISTIC = {"1.2", "5.2", "5.3", "5.4"}


@pytest.fixture(scope="module")
def context():
    return open_context("parkstad-limburg", 2021)


@pytest.fixture(scope="module")
def shown(context) -> dict:
    """The rows of the results tables of all themes: id to its words and whether it is measured."""
    found = {}
    for theme in context.deal.themes:
        display = agreed.show_results(context, theme)
        lines = [line.strip("| ").split(" | ") for line in display.bundle["text/markdown"].splitlines()]
        words = {cells[0]: cells[-1] for cells in lines if re.fullmatch(r"\d\.\d", cells[0])}
        flags = [item for item in display.results if item.measure == "is_measured"]
        measured = {item.indicator.removeprefix("resultaat-").replace("-", "."): item for item in flags}
        found |= {key: (text, measured[key]) for key, text in words.items()}
    return found


def test_these_are_the_results_of_the_deal():
    assert load_deal().result_ids == RESULTS


@pytest.mark.parametrize("result", RESULTS)
def test_a_result_has_figures_or_says_what_would_measure_it(result):
    indicators = [item for item in load_indicators().values() if result in item.results]
    silent = [item for item in load_not_measured() if item.result == result]
    assert indicators or silent
    assert any(item.has_figures for item in indicators) == (result in WITH_FIGURES)
    for item in indicators:
        if not item.has_figures:
            assert item.source.table is None or item.source.table in item.no_figures_reason
    for item in silent:
        assert item.reason.endswith(".") and item.would_measure.endswith(".")
        assert len(item.would_measure.split()) >= 3
    assert (not indicators) == (result in NO_STATISTIC)


def test_the_report_shows_every_result_with_its_figure_or_an_honest_sentence(shown):
    assert tuple(shown) == RESULTS
    for result, (words, measured) in shown.items():
        if result in WITH_FIGURES:
            assert re.search(r": (?:€\s)?[−\d][\d.,]*", words), result
            assert "Niet gemeten" not in words, result
        elif result in ("4.2",):
            assert "van 16.000 m²" in words  # the records count it
        elif result == "4.4":
            assert "geen cijfer dat naast de 11,2% van 2019 is te zetten" in words and "Niet gemeten" not in words
        else:
            assert "Niet gemeten." in words, result
        assert ("een voorwaarde" in words) == (result in CONDITIONS_ONLY), result
        assert ("van vóór de deal" in words) == (result in BEFORE_THE_DEAL), result
        by_records = result in ("4.1", "4.2", "4.3")
        assert measured.value == float(result in OUTCOME_IN_THE_TERM or by_records), result


def test_a_figure_is_named_with_its_year_and_table(shown, context):
    assert "32,8 (in 2015: 38,9)" in shown["1.7"][0]
    assert "jonge ouders" in shown["1.7"][0]
    early = open_context("parkstad-limburg", 2019)
    display = agreed.show_results(early, early.deal.theme(1))
    text = display.bundle["text/markdown"]
    assert "38,9 in 2015, het laatste cijfer" in text  # 10,110 persons, 259,730 inhabitants on 1 January
    source = text.split("Bron: ")[-1]
    (named,) = re.findall(r"Personen met bijstand per 1\.000 inwoners: ([^;]*)", source)
    assert "Wijk- en Buurtkaart 2015" in named and "84799NED" not in named


def test_two_sources_of_one_subject_are_not_compared(context):
    split = {
        "arbeidsongeschiktheid": 2016,
        "werkloosheid": 2016,
        "kinderopvang-nabij": 2018,
        "voorzieningen-nabij": 2018,
    }
    for name, year in split.items():
        item = context.indicators[name]
        assert item.stopping_break(2015, 2020).year == year
        assert context.years_of(item) == (2018 if name == "voorzieningen-nabij" else 2020, 2021)
    chapter = open_theme(deal="parkstad-limburg", year=2021, theme=1)
    with pytest.raises(UsageError, match="cannot be compared, for the series breaks in 2016"):
        chapter.change("arbeidsongeschiktheid", 2015, 2020)


def test_the_centre_is_shown_with_its_neighbourhoods_beside_its_municipality():
    display = open_theme(deal="parkstad-limburg", year=2021, theme=6).area("WK091733")
    text = display.bundle["text/markdown"]
    assert "| Wijk 33 Heerlen-Centrum | 5.185 | 200 | 0,3 |" in text
    assert "| gemeente Heerlen | 87.086 | 4.210 | 0,7 |" in text
    assert "Voorlopig: personen met bijstand." in text
    numbers = {item.result_id: item for item in display.results}
    assert len(numbers) == 3 * 6
    people = numbers["6.inwoners-centrum.WK091733.2020.value"]
    assert (people.value, people.status, people.source) == (5185.0, "final", "CBS 84799NED")
    assert numbers["6.bijstand-centrum.WK091733.2020.value"].status == "provisional"


def test_a_district_without_figures_yet_or_elsewhere_is_told(context):
    early = open_theme(deal="parkstad-limburg", year=2019, theme=6)
    assert "Over 2019 en eerder zijn er geen cijfers" in early.area("WK091733").bundle["text/markdown"]
    for code in ("WK036300", "BU09173300", "GM0917"):
        with pytest.raises(UsageError, match=rf"no district '{code}' of Parkstad"):
            area.show_area(context, context.deal.theme(6), code)
