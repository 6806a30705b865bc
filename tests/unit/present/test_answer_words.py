"""Answers to "did it help?": short sentences with the numbers of the estimate, and no cause without a deviation."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from evaluation.analysis.effects.estimate import GRADES, INDICATED, NOT_ASKED, Estimate
from evaluation.base import dutch
from evaluation.present.answer_words import (
    MOST_WORDS,
    Answer,
    answer_sentences,
    counted_sentences,
    grade_sentence,
    theme_grade,
    theme_paragraphs,
)

LOW_HIGH = {"te grof": (-36.4, 39.4), "geen aanwijzing": (-9.5, 4.5), "niet te vergelijken": (-20.5, 22.5)}
NUMBER = re.compile(r"(?<![\w-])[−+]?\d[\d.]*(?:,\d+)?(?!-)")


def answer(grade: str, **options) -> Answer:
    low, high = LOW_HIGH.get(grade, (-53.6, -5.4))
    estimate = Estimate(
        estimand="x", value=(low + high) / 2, ci_low=low, ci_high=high, p_value=0.049, p_adjusted=0.366, rank=2,
        n_placebo=40, n_pre=8, n_post=3, inference="", deviation=grade, reason="",
        attribution="niet aannemelijk" if grade in INDICATED else NOT_ASKED,
    )  # fmt: skip
    usual = {
        "wording": "inbraken in boxen, garages en schuren per 1.000 inwoners, in procenten", "region": "Parkstad",
        "years": "2020-2022", "is_main": True, "plausible": 15.0, "wanted": "decrease", "unit_words": "procent",
        "decimals": 1, "is_example": True,
    }  # fmt: skip
    return Answer(estimate=estimate, **{**usual, **options})


@pytest.mark.parametrize("unit", ["procent", "per 1.000 inwoners", "procentpunt"])
@pytest.mark.parametrize("grade", GRADES)
def test_every_sentence_is_short_and_has_no_number_but_those_of_the_estimate(grade: str, unit: str):
    mine = answer(grade, unit_words=unit)
    found = mine.estimate
    sizes = (found.value, found.ci_low, found.ci_high, 15.0)
    allowed = {dutch.number(abs(size), 1) for size in sizes} | {"15", "2", "41", "0,049", "0,366", "95", "1.000"}
    for sentence in answer_sentences(mine):
        assert len(sentence.split()) <= MOST_WORDS, sentence
        numbers = {one.lstrip("−+") for one in NUMBER.findall(sentence.replace("2020-2022", ""))}
        assert numbers <= allowed, sentence
    told = " ".join(answer_sentences(mine))
    assert f"{dutch.number(abs(found.value), 1)}" in told and mine.interval in told
    assert ("past niet bij deze cijfers" in told) == (grade != "niet te vergelijken")


@pytest.mark.parametrize("grade", GRADES)
def test_the_deal_is_named_only_where_there_is_a_difference_to_attribute(grade: str):
    told = " ".join(answer_sentences(answer(grade)))
    assert ("de deal" in told) == (grade in INDICATED)
    assert not re.search(r"\beffect|succes|dankzij|niet aantoonbaar", told)
    assert grade_sentence(answer(grade)).lower().replace("de meting is ", "").startswith(grade)


def test_the_largest_plausible_difference_is_on_the_side_that_the_interval_holds():
    either = answer("te grof", wanted="ambiguous", plausible=3.0)
    one_side = replace(either, estimate=replace(either.estimate, ci_low=-6.8, ci_high=2.5))
    assert "ook een verschil van 3%" in grade_sentence(either) and "ook een daling van 3%" in grade_sentence(one_side)


def test_an_absent_estimate_has_no_number():
    refused = answer("niet te vergelijken")
    bare = replace(refused, estimate=replace(refused.estimate, value=None, ci_low=None, ci_high=None))
    assert answer_sentences(bare) == ["Niet te vergelijken met andere regio's.", "Het hoofdstuk zegt waarom."]
    assert theme_paragraphs([]) == [" ".join(answer_sentences(bare))] and bare.interval == "–"


def test_a_theme_is_graded_by_its_main_question_and_without_one_by_all_others():
    main, other = answer("te grof"), answer("aanwijzing", is_main=False)
    assert theme_grade([main, other]) == "te grof" and theme_grade([other]) == "aanwijzing"
    assert theme_grade([]) == "niet te vergelijken"
    told = theme_paragraphs([main, other])
    assert "Eén andere vergelijking in dit thema: één keer aanwijzing." in told[1] and "plaats 2 van 41" in told[2]
    assert "geen hoofdvraag. Eén vergelijking in dit thema" in theme_paragraphs([other])[0]


def test_what_cannot_be_compared_is_counted_apart_from_what_was_measured_too_coarsely():
    names = [f"Thema met een lange naam {number}" for number in range(9)]
    grades = dict(zip(names, ["te grof", "te grof", *["niet te vergelijken"] * 7], strict=True))
    first, second = counted_sentences(grades)
    assert first.startswith("Twee thema's zijn vergeleken en de meting is te grof: Thema met")
    assert second == "Zeven thema's zijn niet met andere regio's te vergelijken."
    assert all(len(one.split()) <= MOST_WORDS for one in (first, second))
