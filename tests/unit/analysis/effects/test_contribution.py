"""Timing, dose, mechanism and alternatives: each on its own evidence; and the order of the rules."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.contribution import (
    Alternative,
    Condition,
    _deviating_periods,
    _rank_correlation,
    check_alternatives,
    check_dose,
    check_mechanism,
    check_timing,
)
from evaluation.analysis.effects.estimate import Estimate, refused_estimate
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.examined import examine
from evaluation.analysis.effects.judgement import judge_attribution

YEARS = tuple(range(2012, 2024))
DOSES = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0}

FOUND = Estimate(
    estimand="proef",
    value=-2.0,
    std_error=0.5,
    ci_low=-3.0,
    ci_high=-1.0,
    p_value=0.025,
    p_attainable=0.025,
    mde=1.4,
    n_pre=7,
    n_post=5,
    n_treated=1,
    n_placebo=39,
    inference="proef",
    reason="nog niet beoordeeld",
)


def examined(course):
    series = 10 + np.random.default_rng(1).normal(0, 0.2, (40, 12))
    series[0, 7:] += course
    names = [str(i) for i in range(40)]
    return examine(compare_partition(series, n_pre=7, periods=YEARS, names=names), difference_in_differences)


def test_only_years_on_the_side_of_the_effect_count():
    assert _deviating_periods(examined([0.0, -3.0, -3.0, 2.0, -3.0])) == (2020, 2021, 2023)
    assert _deviating_periods(examined([0.0] * 5)) == ()


FROM_2020 = {2020: 5.0, 2021: 9.0, 2022: 9.0, 2023: 9.0}
FROM_2021 = {2021: 9.0, 2022: 9.0, 2023: 9.0}


@pytest.mark.parametrize(
    ("delivered", "paid", "passed", "words"),
    [
        (FROM_2020, FROM_2020, True, "voor het eerst af in 2020"),
        (FROM_2021, FROM_2020, False, "al af in 2020, toen er nog niets was opgeleverd"),
        ({}, {}, False, "al af in 2020, 2021, 2022 en 2023"),
        (FROM_2020, FROM_2021, None, "in 2020, toen er nog niets was betaald"),
    ],
)
def test_timing(delivered, paid, passed, words):
    check = check_timing(examined([0.0, -3.0, -3.0, -3.0, -3.0]), delivered=delivered, paid=paid)
    assert check.passed is passed and words in check.sentence
    assert [row[0] for row in check.rows] == [2019, 2020, 2021, 2022, 2023]


def test_timing_without_a_year_that_stands_out():
    assert check_timing(examined([0.0] * 5), delivered={2019: 5.0}, paid={2019: 5.0}).passed is None


def test_dose():
    stronger, weaker = ({place: sign * dose for place, dose in DOSES.items()} for sign in (-0.5, 0.5))
    options = {"doses": DOSES, "largest_plausible": 3.0}
    assert check_dose(FOUND, effects=stronger, **options).passed is True
    assert check_dose(FOUND, effects=weaker, **options).passed is False
    unclear = {"a": -1.0, "b": -0.5, "c": -0.6, "d": -1.2, "e": -0.9}
    assert check_dose(FOUND, effects=unclear, **options).passed is None
    assert check_dose(FOUND, effects={"a": -1.0}, **options).passed is None
    assert check_dose(refused_estimate("proef", "reden"), effects=stronger, **options).passed is None


def test_an_effect_beyond_what_the_means_can_do():
    """The interval runs from -3 to -1: all of it is beyond 0,8, not all of it beyond 1,2."""
    stronger = {place: -0.5 * dose for place, dose in DOSES.items()}
    beyond = check_dose(FOUND, effects=stronger, doses=DOSES, largest_plausible=0.8)
    assert beyond.passed is False and "denkbaar" in beyond.sentence
    assert check_dose(FOUND, effects=stronger, doses=DOSES, largest_plausible=1.2).passed is True


def test_rank_correlation_is_exact():
    correlation, p = _rank_correlation([1, 2, 3, 4, 5], [2, 1, 3, 4, 5])
    assert correlation == pytest.approx(0.9)
    assert p == pytest.approx(5 / 120)
    assert _rank_correlation([1, 1, 1], [1, 2, 3]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("deviations", "values", "passed"),
    [
        (["sterke aanwijzing"], [-1.0], True),
        (["aanwijzing"], [1.0], False),
        (["geen aanwijzing"], [-1.0], False),
        (["te grof"], [-1.0], None),
        (["niet te vergelijken"], [-1.0], None),
        (["aanwijzing", "geen aanwijzing"], [-1.0, -0.1], True),
        (["aanwijzing", "sterke aanwijzing"], [-1.0, 1.0], False),
        ([], [], None),
    ],
)
def test_mechanism(deviations, values, passed):
    conditions = [
        Condition(f"stap {i}", replace(FOUND, value=value, deviation=deviation), "decrease")
        for i, (deviation, value) in enumerate(zip(deviations, values, strict=True))
    ]
    assert check_mechanism(conditions).passed is passed


@pytest.mark.parametrize(
    ("excluded", "passed"),
    [([True, True], True), ([True, False], False), ([None, False], False), ([True, None], None), ([], None)],
)
def test_alternatives(excluded, passed):
    check = check_alternatives([Alternative(f"oorzaak {i}", e, "grond") for i, e in enumerate(excluded)])
    assert check.passed is passed and len(check.rows) == len(excluded)


def made(**passed: bool | None) -> list[Check]:
    return [Check(name, value, "zin") for name, value in passed.items()]


ALL = {"timing": True, "dose": True, "mechanism": True, "alternatives": True}


@pytest.mark.parametrize(
    ("change", "attribution", "words"),
    [
        ({}, "aannemelijk", "wijzen dezelfde kant op"),
        ({"timing": False}, "niet aannemelijk", "voordat er iets was opgeleverd"),
        ({"dose": False, "alternatives": False}, "niet aannemelijk", "de omvang van de inzet en andere verklaringen"),
        ({"mechanism": None}, "niet vast te stellen", "niet duidelijk genoeg: de tussenstappen"),
        ({"mechanism": None, "dose": False}, "niet aannemelijk", "de omvang van de inzet"),
    ],
)
def test_the_rules_on_attribution(change, attribution, words):
    judged = judge_attribution(replace(FOUND, deviation="aanwijzing"), made(**(ALL | change)))
    assert judged.attribution == attribution and words in judged.reason


def test_a_check_that_was_not_made_is_not_established():
    judged = judge_attribution(replace(FOUND, deviation="aanwijzing"), made(timing=True, dose=True))
    assert judged.attribution == "niet vast te stellen"


@pytest.mark.parametrize("deviation", ["niet te vergelijken", "te grof", "geen aanwijzing"])
def test_without_a_deviation_nobody_asks_who_did_it(deviation):
    judged = judge_attribution(replace(FOUND, deviation=deviation), made(**ALL))
    assert judged.attribution == "de vraag komt niet aan de orde" and judged.reason == FOUND.reason
