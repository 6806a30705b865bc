"""Arrays from which no estimate can come are refused in words: no small p, no zero MDE and no endless search."""

import numpy as np
import pytest

from evaluation.analysis.effects.ancova import ancova
from evaluation.analysis.effects.comparison import Comparison, compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import difference_in_differences, municipal_did, regional_event_study
from evaluation.analysis.effects.honest_did import smoothness_bounds
from evaluation.analysis.effects.placebo import (
    critical_value,
    detectable_effect,
    permutation_p,
    placebo_inference,
    placebo_interval,
    smallest_p,
)
from evaluation.analysis.effects.placebo_regions import band_around
from evaluation.analysis.effects.simplex import simplex_weights
from evaluation.analysis.effects.synthetic import predictor_control
from studies.cluster_inference import wild_cluster_bootstrap

RNG = np.random.default_rng(8)
SERIES = 20 + RNG.normal(0, 2, (8, 1)) + RNG.normal(0, 0.4, (8, 6))
NAMES = [f"regio {i}" for i in range(8)]
PLACEBOS = RNG.normal(0, 1, 39)
OBJECTS = np.array([1.0, None, 2.0], dtype=object)


def partition(series=SERIES, *, n_pre=4, names=NAMES, periods=range(6), **options) -> Comparison:
    return compare_partition(series, n_pre=n_pre, periods=periods, names=names, **options)


def changed(row: int, values) -> np.ndarray:
    series = SERIES.copy()
    series[row] = values
    return series


@pytest.mark.parametrize(
    ("effect", "placebos", "words"),
    [
        (np.nan, PLACEBOS, "ontbreekt"),
        (np.inf, PLACEBOS, "oneindig"),
        (1.0, np.append(PLACEBOS, np.nan), "ontbreekt"),
        (1.0, np.append(PLACEBOS, -np.inf), "oneindig"),
        (1.0, [], "geen placeboregio's"),
        (1.0, 2.0, "geen placeboregio's"),
        (1.0, np.zeros((3, 0)), "geen placeboregio's"),
        ([1.0, 2.0], PLACEBOS, "passen niet"),
        (1.0, OBJECTS, "geen getallen"),
        (True, PLACEBOS, "geen getallen"),
        (1.0, PLACEBOS > 0, "geen getallen"),
        (1.0, ["a", "b"], "geen getallen"),
        (1.0, [[1.0], [1.0, 2.0]], "geen rechthoek"),
    ],
)
def test_what_a_permutation_cannot_count(effect, placebos, words):
    with pytest.raises(CannotEstimate, match=words):
        permutation_p(effect, placebos)


@pytest.mark.parametrize("function", [critical_value, detectable_effect, placebo_inference])
@pytest.mark.parametrize("values", [[], [np.nan, 1.0], OBJECTS, [True, False], "tekst"])
def test_every_part_of_the_inference_refuses_them(function, values):
    with pytest.raises(CannotEstimate):
        function(values)


@pytest.mark.parametrize("scales", [np.zeros(39), -np.ones(39), np.full(39, np.nan), np.ones(38)])
def test_what_effects_cannot_be_divided_by(scales):
    with pytest.raises(CannotEstimate):
        detectable_effect(PLACEBOS, scales)
    with pytest.raises(CannotEstimate):
        placebo_inference(PLACEBOS, scales)


def test_an_interval_around_nothing_and_a_negative_number_of_regions():
    with pytest.raises(CannotEstimate, match="ontbreekt"):
        placebo_interval(np.nan, PLACEBOS)
    with pytest.raises(CannotEstimate, match="bestaan niet"):
        smallest_p(-1)


@pytest.mark.parametrize(
    ("series", "words"),
    [
        (changed(3, np.nan), "ontbreekt"),
        (changed(3, np.inf), "oneindig"),
        (changed(3, 7.0), "in elke periode gelijk"),
        (np.full((8, 6), 7.0), "in elke periode gelijk"),
        (changed(3, SERIES[5]), "precies dezelfde cijfers"),
        (changed(0, SERIES[5]), "met zichzelf vergeleken"),
        (SERIES > 20, "geen getallen"),
        (SERIES.astype(object), "geen getallen"),
        (SERIES[0], "hebben de vorm"),
        (SERIES[:7], "hebben de vorm"),
        (SERIES[:, :5], None),
    ],
)
def test_series_that_cannot_be_compared(series, words):
    with pytest.raises(ValueError, match=words):
        partition(series)


def test_a_region_that_is_its_own_donor_is_refused_however_it_is_named():
    """The last region as the treated one, which stays among the donors."""
    last_first = np.vstack([SERIES[-1:], SERIES])
    with pytest.raises(CannotEstimate, match="met zichzelf vergeleken"):
        partition(last_first, names=["behandeld", *NAMES])
    with pytest.raises(CannotEstimate, match="met zichzelf vergeleken"):
        Comparison(SERIES[-1:], SERIES, np.ones((1, 8), dtype=bool), 4, tuple(range(6)), ("behandeld",), tuple(NAMES))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_pre": 0}, "perioden vóór de start"),
        ({"n_pre": -1}, "perioden vóór de start"),
        ({"n_pre": 6}, "nog geen hele periode"),
        ({"series": SERIES[:, :1], "periods": [2012], "n_pre": 1}, "in elke periode gelijk|perioden vóór"),
        ({"weights": np.append(np.ones(7), -1.0)}, "niet groter dan nul"),
        ({"weights": np.append(np.ones(7), 0.0)}, "niet groter dan nul"),
        ({"weights": np.append(np.ones(7), np.nan)}, "ontbreekt"),
        ({"weights": np.ones(5)}, "verwacht: 8"),
        ({"weights": np.ones(8, dtype=bool)}, "geen getallen"),
        ({"weights": np.array([None] * 8)}, "geen getallen"),
    ],
)
def test_years_and_weights_that_cannot_be(changes, words):
    with pytest.raises(CannotEstimate, match=words):
        partition(**changes)


def test_which_donors_are_available_is_true_or_false():
    with pytest.raises(ValueError, match="true or false"):
        Comparison(SERIES[:1], SERIES[1:], np.ones((1, 7)), 4, tuple(range(6)), ("a",), tuple(NAMES[1:]))


def test_a_line_through_equal_start_levels():
    level = SERIES - SERIES[:, :4].mean(axis=1, keepdims=True)
    with pytest.raises(CannotEstimate, match="hetzelfde niveau"):
        ancova(partition(np.round(level * 2**20) / 2**20 - np.round(level * 2**20)[:, :4].mean(1)[:, None] / 2**20))
    with pytest.raises(CannotEstimate, match="minstens 4"):
        ancova(partition(SERIES[:5], names=NAMES[:5]))


COVARIANCE = np.diag([0.04] * 4) + 0.01
COEFFICIENTS = [0.1, 0.0, 1.0, 1.2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bends": [-0.1]}, "negatief"),
        ({"bends": [np.nan]}, "ontbreekt"),
        ({"covariance": np.zeros((4, 4))}, "positief definiet"),
        ({"covariance": np.ones((4, 4))}, "positief definiet"),
        ({"covariance": -COVARIANCE}, "positief definiet"),
        ({"covariance": COVARIANCE + np.triu(np.ones((4, 4)), 1)}, "symmetrisch"),
        ({"covariance": COVARIANCE[:3, :3]}, "verwacht"),
        ({"covariance": np.full((4, 4), np.nan)}, "ontbreekt"),
        ({"coefficients": [0.1, np.inf, 1.0, 1.2]}, "oneindig"),
        ({"coefficients": [COEFFICIENTS]}, "dimensies"),
        ({"post_weights": [np.nan, 1.0]}, "ontbreekt"),
        ({"post_weights": [0.0, 0.0]}, "nul"),
        ({"post_weights": [1.0]}, "gewichten"),
        ({"post_moments": [2, 1]}, "oplopende"),
        ({"post_moments": [0, 1]}, "oplopende"),
    ],
)
def test_bounds_that_do_not_exist_are_refused_at_once(changes, words):
    asked = {"coefficients": COEFFICIENTS, "covariance": COVARIANCE, "n_pre": 2, "bends": [0.0], **changes}
    with pytest.raises(CannotEstimate, match=words):
        smoothness_bounds(asked.pop("coefficients"), asked.pop("covariance"), **asked)


@pytest.mark.parametrize("change", [np.zeros(12), np.ones(12), np.r_[np.ones(6), np.zeros(6)], np.full(12, np.nan)])
def test_a_bootstrap_of_constants(change):
    treated = np.arange(12) < 6
    with pytest.raises(CannotEstimate):
        wild_cluster_bootstrap(change, treated, np.arange(12) // 2)


def test_municipalities_that_all_changed_as_much():
    level = np.arange(12.0)[:, None] + np.array([0.0, 1.0, 0.0, 3.0])
    with pytest.raises(CannotEstimate, match="geen spreiding"):
        municipal_did(level, np.arange(12) < 3, n_pre=2, estimand="")
    with pytest.raises(CannotEstimate, match="waar of niet waar"):
        municipal_did(level, np.arange(12) % 3, n_pre=2, estimand="")
    with pytest.raises(CannotEstimate, match="dimensies"):
        municipal_did(level[0], np.arange(12) < 3, n_pre=2, estimand="")


def test_an_event_study_of_other_periods():
    gap = difference_in_differences(partition()).gap
    with pytest.raises(CannotEstimate, match="verwacht: 5"):
        regional_event_study(gap, periods=range(5), reference=3)
    with pytest.raises(CannotEstimate, match="ontbreekt"):
        regional_event_study(np.where(gap > 1e9, gap, np.nan), periods=range(6), reference=3)


@pytest.mark.parametrize(
    ("columns", "target", "ridge"),
    [
        (np.ones((3, 2)), np.ones(3), -1.0),
        (np.ones((3, 2)), np.ones(3), np.nan),
        (np.ones((3, 2)), np.ones(2), 0.0),
        (np.ones((3, 0)), np.ones(3), 0.0),
        (np.ones((3, 2), dtype=object), np.ones(3), 0.0),
        (np.ones((3, 2), dtype=bool), np.ones(3), 0.0),
        (np.ones(3), np.ones(3), 0.0),
    ],
)
def test_weights_that_do_not_exist(columns, target, ridge):
    with pytest.raises(ValueError, match=r"must|fit"):
        simplex_weights(columns, target, ridge=ridge)


@pytest.mark.parametrize("treated", [[], [-1], [9], [0, 0]])
def test_a_band_around_what_is_not_on_the_map(treated):
    with pytest.raises(CannotEstimate, match="op de kaart"):
        band_around(np.ones(9), treated)


@pytest.mark.parametrize(
    ("predictors", "words"),
    [
        (np.full((8, 2), np.nan), "ontbreekt"),
        (np.ones((8, 2)), "overal gelijk"),
        (np.ones((7, 2)), "verwacht"),
        (np.ones((8, 2), dtype=bool), "geen getallen"),
        (np.zeros((8, 0)), "geen voorspeller"),
    ],
)
def test_predictors_that_say_nothing(predictors, words):
    with pytest.raises(CannotEstimate, match=words):
        predictor_control(predictors)(partition())
