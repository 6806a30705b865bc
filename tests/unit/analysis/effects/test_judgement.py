"""The grades of a deviation: each from its rule, each with its ground, and none out of reach."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.estimate import GRADES, CannotEstimate, Estimate, refused_estimate
from evaluation.analysis.effects.judgement import (
    Plausible,
    bayes_factor,
    check_variants,
    judge_attribution,
    judge_deviation,
)
from evaluation.analysis.effects.multiple import Adjusted

FOUND = Estimate(
    estimand="proef", value=-4.0, std_error=1.0, ci_low=-6.0, ci_high=-2.0, p_value=0.025, p_attainable=0.025, rank=1,
    mde=2.8, n_pre=7, n_post=5, n_placebo=39, inference="proef", reason="nog niet beoordeeld",
)  # fmt: skip
NOTHING = replace(FOUND, value=-0.5, ci_low=-2.5, ci_high=1.5, p_value=0.7, rank=28)
PLAUSIBLE = Plausible(3.0, "decrease")
SURE = {"met een andere methode": FOUND, "zonder 2020": replace(FOUND, p_value=0.10)}
WEAK = {**SURE, "zonder 2021": replace(FOUND, p_value=0.2)}
TURNED = {**SURE, "zonder 2021": replace(FOUND, value=0.1, p_value=0.9)}
ABSENT = {"zonder 2021": refused_estimate("proef", "te kort")}


def checks(**passed: bool | None) -> list[Check]:
    names = {"fit": "fit", "pre_trend": "pre-trend", "in_time": "in-time placebo"}
    return [Check(names[name], value, "zin") for name, value in passed.items()]


@pytest.mark.parametrize(
    ("estimate", "variants", "p", "grade", "words"),
    [
        (FOUND, SURE, 0.05, "sterke aanwijzing", "nummer 1 van 40"),
        (FOUND, SURE, 0.051, "aanwijzing", "na correctie voor het aantal vragen 0,051"),
        (FOUND, WEAK, 0.025, "aanwijzing", "minder duidelijk zonder 2021"),
        (FOUND, {}, 0.025, "aanwijzing", "geen variant om het aan te toetsen"),
        (FOUND, ABSENT, 0.025, "aanwijzing", "geen variant om het aan te toetsen"),
        (FOUND, {**SURE, **ABSENT}, 0.025, "sterke aanwijzing", "de 2 varianten"),
        (replace(FOUND, p_value=0.10), SURE, 0.4, "aanwijzing", "kans op toeval 0,100"),
        (FOUND, TURNED, 0.025, "te grof", "keert om zonder 2021"),
        (replace(FOUND, ci_low=-2.9), TURNED, 0.025, "geen aanwijzing", "keert om zonder 2021"),
        (replace(NOTHING, ci_low=-3.5), SURE, 0.9, "te grof", "ook niet uit te sluiten"),
        (replace(NOTHING, ci_low=-3.5, mde=3.1), SURE, 0.9, "te grof", "niet goed zichtbaar"),
        (replace(NOTHING, ci_low=None, ci_high=None, mde=None), {}, 0.9, "te grof", "niet goed zichtbaar"),
        (NOTHING, SURE, 0.9, "geen aanwijzing", "valt buiten het interval"),
        (replace(NOTHING, mde=9.0), SURE, 0.9, "geen aanwijzing", "valt buiten het interval"),
        (replace(FOUND, n_placebo=0), SURE, 0.025, "niet te vergelijken", "zonder placeboregio's"),
        (replace(FOUND, p_value=None), SURE, 0.025, "niet te vergelijken", "zonder placeboregio's"),
    ],
)
def test_each_grade_has_its_rule(estimate, variants, p, grade, words):
    judged = judge_deviation(estimate, [], plausible=PLAUSIBLE, variants=variants, adjusted=Adjusted(p))
    assert judged.deviation == grade and words in judged.reason
    assert judged.attribution == "de vraag komt niet aan de orde"
    assert judged.p_adjusted == p


@pytest.mark.parametrize("name", ["fit", "pre_trend", "in_time"])
def test_a_time_before_that_fails_its_checks_compares_nothing(name):
    judged = judge_deviation(FOUND, checks(**{name: False}), plausible=PLAUSIBLE, variants=SURE)
    assert judged.deviation == "niet te vergelijken"
    silent = judge_deviation(FOUND, checks(**{name: None}), plausible=PLAUSIBLE, variants=SURE)
    assert silent.deviation == "sterke aanwijzing"


def test_an_outcome_without_a_wanted_direction_can_move_either_way():
    up = replace(NOTHING, ci_low=-1.5, ci_high=3.5)
    grades = [judge_deviation(up, [], plausible=Plausible(3.0, way)).deviation for way in ("decrease", "increase")]
    assert grades == ["geen aanwijzing", "te grof"]
    assert judge_deviation(up, [], plausible=Plausible(3.0)).deviation == "te grof"


def test_some_data_give_each_grade():
    seen = {
        judge_deviation(item, found, plausible=PLAUSIBLE, variants=variants).deviation
        for item in (FOUND, NOTHING, replace(NOTHING, ci_low=-9.0))
        for found in ([], checks(fit=False))
        for variants in (SURE, WEAK)
    }
    assert seen == set(GRADES)


def test_variants_are_checked_only_where_something_deviates():
    assert check_variants(FOUND, SURE).passed is True
    assert check_variants(FOUND, WEAK).passed is False
    turned = check_variants(FOUND, TURNED)
    assert turned.passed is False and "keert het teken om zonder 2021" in turned.sentence
    for estimate, variants in ((NOTHING, SURE), (FOUND, {}), (FOUND, ABSENT)):
        assert check_variants(estimate, variants).passed is None
    assert "te kort" in check_variants(FOUND, ABSENT).rows[0][0]


def test_a_refusal_stays_as_it_is():
    refusal = refused_estimate("proef", "de groep is leeg")
    assert judge_deviation(refusal, [], plausible=PLAUSIBLE) == refusal
    judged = judge_attribution(refusal, [])
    assert (judged.value, judged.attribution) == (None, "de vraag komt niet aan de orde")


def test_a_check_twice_and_a_plausible_effect_that_is_none():
    with pytest.raises(ValueError, match="twice"):
        judge_deviation(FOUND, [*checks(fit=True), *checks(fit=False)], plausible=PLAUSIBLE)
    for size in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not negative"):
            Plausible(size)


def test_the_bayes_factor_compares_two_normal_densities():
    for value in (0.0, -1.3, 4.0):
        with_effect, without = stats.norm(0, np.hypot(0.7, 2.0)), stats.norm(0, 0.7)
        assert bayes_factor(value, 0.7, 2.0) == pytest.approx(with_effect.pdf(value) / without.pdf(value))
    assert np.isfinite(bayes_factor(1e6, 0.1, 1.0))


@pytest.mark.parametrize("numbers", [(1.0, 0.0, 1.0), (1.0, 1.0, -1.0), (np.nan, 1.0, 1.0), (1.0, np.inf, 1.0)])
def test_a_bayes_factor_of_nothing_is_refused(numbers):
    with pytest.raises(CannotEstimate, match="Bayesfactor"):
        bayes_factor(*numbers)
