"""What cannot be estimated is refused with its reason, never answered with a number."""

import numpy as np
import pytest

from evaluation.analysis.effects.comparison import (
    Comparison,
    before_start,
    compare_partition,
    keep_regions,
    without_donors,
    without_periods,
)
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.panel import Window, outcomes_of, window
from evaluation.analysis.effects.placebo import estimate_with_placebos

ROWS = [(unit, year, float(10 * i + year - 2015)) for i, unit in enumerate("abc") for year in (2015, 2016, 2017)]


def partition(regions: int = 6, years: int = 8, n_pre: int = 5) -> Comparison:
    series = np.random.default_rng(4).normal(10, 1, (regions, years))
    return compare_partition(series, n_pre=n_pre, periods=range(2010, 2010 + years), names=list("abcdefghij")[:regions])


def outcomes(order, rows):
    units, periods, values = zip(*rows, strict=True)
    return outcomes_of(order, units=units, periods=periods, values=values)


def test_a_panel_from_rows_in_any_order():
    assert outcomes("cab", reversed(ROWS)).tolist() == [[20, 21, 22], [0, 1, 2], [10, 11, 12]]


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ([("a", 2016, 3.0)], "dubbele cijfers: a 2016"),
        ([("d", 2016, 3.0)], "ontbrekende cijfers: d 2015, d 2017"),
        ([("d", 2015, 1.0), ("d", 2016, None), ("d", 2017, float("nan"))], "ontbrekende cijfers: d 2016, d 2017"),
    ],
)
def test_doubles_and_gaps_are_named(extra, why):
    with pytest.raises(CannotEstimate) as refusal:
        outcomes("abcd", [*ROWS, *extra])
    assert refusal.value.reason == why


def test_no_figures():
    with pytest.raises(CannotEstimate, match="er zijn geen cijfers"):
        outcomes_of("abc", units=[], periods=[], values=[])
    with pytest.raises(CannotEstimate, match="geen cijfers over 2 van de regio's"):
        outcomes("abcde", ROWS)


def test_windows():
    options = {"pre": (2012, 2018), "last": 2022, "excluded": [2019], "minimum_pre": 5}
    chosen = window(range(2010, 2025), **options)
    assert chosen == Window((2012, 2013, 2014, 2015, 2016, 2017, 2018), (2020, 2021, 2022))
    with pytest.raises(CannotEstimate, match="3 perioden vóór de start; er zijn er minstens 5"):
        window(range(2016, 2023), **options)
    with pytest.raises(CannotEstimate, match="nog geen hele periode na"):
        window(range(2010, 2020), **options)


def test_each_region_is_compared_with_the_others_but_the_treated_one():
    comparison = partition()
    assert comparison.available[0].all()
    assert (comparison.available[1:] == ~np.eye(5, dtype=bool)).all()
    assert comparison.donor_names == ("b", "c", "d", "e", "f")
    assert (comparison.n_placebo, comparison.n_post) == (5, 3)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: partition(n_pre=2), "2 perioden vóór de start"),
        (lambda: partition(n_pre=8), "nog geen hele periode na"),
        (lambda: partition(regions=3), "leeg of te klein"),
        (lambda: without_donors(partition(), np.array([True, True, True, True, False])), "te weinig regio's"),
        (lambda: without_periods(partition(), [2010, 2011, 2012]), "2 perioden vóór"),
        (lambda: keep_regions(partition(), []), "geen placeboregio's"),
    ],
)
def test_an_impossible_comparison_is_refused_with_its_reason(make, why):
    with pytest.raises(CannotEstimate, match=why):
        estimate_with_placebos(make(), difference_in_differences, estimand="een proef", method_name="DiD")


def test_a_missing_figure_is_refused():
    series = np.ones((5, 8))
    series[2, 3] = np.nan
    with pytest.raises(CannotEstimate, match="ontbreekt"):
        compare_partition(series, n_pre=5, periods=range(8), names="abcde")


def test_pretending_an_earlier_start_uses_the_time_before_alone():
    comparison = partition()
    earlier = before_start(comparison, 3)
    assert earlier.periods == (2010, 2011, 2012, 2013, 2014) and earlier.n_pre == 3
    assert np.array_equal(earlier.series, comparison.series[:, :5])
