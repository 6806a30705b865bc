"""What readers see of the comparisons: sentences and figures that follow from the judged estimates."""

from __future__ import annotations

import re
from dataclasses import asdict
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.effects.estimate import GRADES
from evaluation.chapters.context import Context
from evaluation.chapters.report.evaluation import EvaluationChapter, final_context, judged_designs
from evaluation.chapters.report.final_summary import FinalSummaryChapter
from evaluation.chapters.steps import effects, evidence
from evaluation.present.answer_words import MOST_WORDS, answer_sentences
from evaluation.present.display import Display


@pytest.fixture(scope="module")
def context() -> Context:
    return final_context("parkstad-limburg", 2022)


@pytest.fixture(scope="module")
def estimated(context: Context):
    return judged_designs(context.deal.id)


@pytest.fixture(scope="module")
def summary(context: Context, estimated) -> FinalSummaryChapter:
    numbers = [asdict(one) for item in estimated.values() for one in effects.estimate_results(context, item)]
    return FinalSummaryChapter(context, pd.DataFrame(numbers))


def drawing(display: Display) -> str:
    """Give the figure as print has it: nothing of it was left out."""
    picture = re.search(r'svg\+xml,([^"]+)', str(display.bundle["text/html"]))
    assert picture, "the figure cannot be drawn for print"
    return re.sub(r"\s+", " ", unquote(picture[1]))


def sentences(display: Display) -> list[str]:
    text = re.sub(r"\]\([^)]*\)|[*<>\[\]\\]|</?div[^>]*>", "", display.bundle["text/markdown"])
    lines = (re.sub(r"^- ", "", line) for line in text.split("\n"))
    parts = [part for line in lines for part in re.split(r"(?<=[.?])\s+(?=[A-ZÉ])", line)]
    return [" ".join(part.split()) for part in parts if part.strip()]


def test_what_is_read_back_from_the_numbers_answers_as_the_estimate_does(context, estimated, summary):
    read = {
        item.estimate.estimand: item for mine in evidence.answers_of(context, summary._value).values() for item in mine
    }
    assert set(read) == set(estimated)
    for name, item in estimated.items():
        assert answer_sentences(read[name]) == answer_sentences(evidence.answer_of(context, item)), name


def test_the_first_page_grades_every_theme_and_says_in_a_sentence_what_is_excluded(context, estimated, summary):
    rows = {row[0]: row[1:] for row in summary.helped().cells.rows}
    assert list(rows) == [theme.short_title for theme in context.deal.themes]
    for theme in context.deal.themes:
        grade, drawn, excluded = rows[theme.short_title]
        mine = [i for i in estimated.values() if context.indicators[i.design.indicator].theme == theme.id]
        mains = [item for item in mine if item.design.primary] or mine
        grades = [item.estimate.deviation for item in mains]
        assert grade == max(grades, key=GRADES.index, default="niet te vergelijken")
        for item in mains:
            answer = evidence.answer_of(context, item)
            assert answer.interval in drawn
            words = [told for told in answer_sentences(answer) if told.endswith("past niet bij deze cijfers.")]
            assert words[-1] in excluded or "Bij geen van deze vier uitkomsten past" in excluded, words
        indicated = [item for item in mine if item.estimate.is_indicated]
        assert excluded.count("Dat de deal dit verschil gaf") == len(indicated)
        assert mine or "Niets: niet te vergelijken" in excluded


def test_no_sentence_of_the_first_page_has_more_than_25_words(summary):
    said = sentences(summary.finding()) + [
        part for row in summary.helped().cells.rows for part in re.split(r"(?<=[.;])\s+", row[-1])
    ]
    assert all(len(sentence.split()) <= MOST_WORDS for sentence in said), said


def test_an_interval_is_drawn_on_the_scale_of_the_plausible_effect_with_the_wanted_way_to_the_right(summary):
    html = summary.helped().bundle["text/html"]
    answers = {item.wording: item for mine in summary._answers().values() for item in mine}
    burglary = answers["woninginbraken per 1.000 inwoners, in procenten"]
    low, high = (end / burglary.plausible for end in (-burglary.estimate.ci_high, -burglary.estimate.ci_low))
    place = {
        name: float(value) for name, value in re.findall(r"--(\w+):([0-9.]+)", html.split(burglary.interval)[1])[:5]
    }
    assert place["laag"] == 0.5 and place["hoog"] == pytest.approx(0.5 + 1 / 8)
    assert place["van"] == pytest.approx((low + 4) / 8, abs=1e-3) and place["tot"] == pytest.approx(
        (high + 4) / 8, abs=1e-3
    )
    assert place["van"] < place["punt"] < place["tot"]


def test_the_counts_of_the_first_page_keep_apart_what_is_too_coarse(summary):
    told = " ".join(sentences(summary.finding()))
    assert "Twee thema's zijn vergeleken en de meting is te grof: Wonen en leefbaarheid en Veiligheid." in told
    assert "Drie thema's zijn niet met andere regio's te vergelijken: Voorzieningen en retail" in told


def test_the_strip_has_every_comparison_with_its_interval_and_grade(context, estimated, summary):
    display = summary.evidence("bewijs")
    assert len(display.cells.rows) == len(estimated)
    picture = drawing(display)
    for item in estimated.values():
        answer = evidence.answer_of(context, item)
        row = next(
            row for row in display.cells.rows if row[0].removesuffix(" (hoofdvraag)").lower() == answer.wording.lower()
        )
        assert row[2] == answer.interval and row[-1] == item.estimate.deviation
    assert picture.count(">te grof<") == 6 and picture.count(">geen aanwijzing<") == 4


@pytest.mark.parametrize("design", ["woninginbraak-regio", "verkoopprijs-regio", "inkomen-regio"])
def test_a_specification_figure_has_every_method_variant_and_window_once_and_marks_the_declared(
    context, estimated, design
):
    item = estimated[design]
    display = evidence.show_specification(context, item, "manieren")
    rows = {row[0]: row for row in display.cells.rows}
    ways = dict(evidence.list_ways(item))
    assert set(rows) == set(ways) and len(display.cells.rows) == len(ways)
    shown = [
        float(row[1].rstrip("%").replace("−", "-").replace("+", "").replace(",", "."))
        for row in rows.values()
        if row[1] != "–"
    ]
    assert shown == sorted(shown) and len(shown) == sum(one.value is not None for one in ways.values())
    assert [label for label in rows if label.startswith("Gekozen: ")] and "Tegenover de andere COROP-gebieden" in rows
    assert ("Na de looptijd: 2023-2025" in rows) == (item.after_term is not None)
    recorded = {one.result_id: one for one in display.results}
    for place, estimate in enumerate(item.variants.values(), start=1):
        name = f"{context.indicators[item.design.indicator].theme}.{design}-variant-{place}.parkstad.{item.design.last}"
        assert recorded[f"{name}.deviation"].value == estimate.value
    assert drawing(display)


def test_the_estimate_after_the_term_names_the_sources_of_its_own_years(context, estimated):
    item = estimated["woninginbraak-regio"]
    years = {origin.year for origin in item.after_origins}
    assert years == {*item.examined.comparison.periods[: item.examined.comparison.n_pre], 2023, 2024, 2025}
    number = evidence.show_specification(context, item, "x").results[-1]
    assert number.period == "2025" and number.source


def test_the_placebo_figure_marks_the_region_and_says_its_rank(context, estimated):
    chapter = EvaluationChapter(context, context.deal.theme(3))
    display = chapter.placebos("plaats")
    picture = drawing(display)
    items = list(chapter.estimated.values())
    assert len(display.cells.rows) == len(items)
    for item, row in zip(items, display.cells.rows, strict=True):
        assert row[3] == f"{item.estimate.rank} van {item.estimate.n_regions}"
        own = np.abs(item.examined.statistics)
        assert int((own >= own[0]).sum()) == item.estimate.rank
    assert picture.count("plaats") >= len(items) - 1 and "Parkstad" in picture


def test_a_theme_without_comparisons_says_so_and_draws_nothing(context):
    chapter = EvaluationChapter(context, context.deal.theme(5))
    for display in (chapter.designs("a"), chapter.placebos("b"), chapter.main_specification("c")):
        assert "text/html" not in display.bundle and display.bundle["text/markdown"]
