"""The regression on arrays: cells and shares counted by hand, effects that are there exactly."""

import numpy as np
import pytest

from evaluation.analysis.portfolio.arrays import arrays_of, cells_of, estimate, estimate_groups
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.permutation import Reference, permuted_labels, reference, summarise
from tests.unit.analysis.portfolio.small import COUNT, PRICE, counted, frame_of

COHORTS = {"a": 2016, "b": 2016, "c": 2022, **{f"x{n}": NEVER for n in range(5)}}


def of_deals(cluster, _):
    return cluster.map({"a": -10.0, "b": -10.0, "c": 5.0})


@pytest.fixture(scope="module")
def frame():
    return frame_of(COHORTS, of_deals)


def test_cells_begin_with_the_start_and_shares_add_up(frame):
    arrays = arrays_of(frame, PRICE, years=(1, 4))
    cells = cells_of(arrays, arrays.labels)
    assert cells.cohort.tolist() == [2016, 2022]
    assert cells.is_on.sum(axis=1).tolist() == [8, 2], "2016-2023 and 2022-2023"
    assert np.count_nonzero(cells.share, axis=1).tolist() == [4, 1], "2017-2020, and 2023"
    assert cells.share.sum() == pytest.approx(1.0)
    assert cells.share[0, 5] == pytest.approx(2 * cells.share[1, 11]), "two deals weigh as two"


@pytest.mark.parametrize(("outcome", "turned"), [(PRICE, lambda frame: frame), (COUNT, counted)])
def test_what_is_there_exactly_is_found(frame, outcome, turned):
    found = turned(frame)
    arrays = arrays_of(found, outcome, years=(1, 4))
    rows = found[found["event_time"].between(1, 4)]
    expected = np.average(of_deals(rows["cluster"], None), weights=rows["weight"])
    assert estimate(arrays, arrays.labels) == pytest.approx((expected, 0.0), abs=1e-6)
    values, _ = estimate_groups(arrays, arrays.labels, np.array([0, 0, 1, *[-1] * 5]))
    assert values == pytest.approx([-10.0, 5.0], abs=1e-6)


def test_a_municipality_that_is_not_followed_to_the_end_counts_until_then(frame):
    """Its last years are left out as rows; were they zeros in the regression, the years would be wrong."""
    shorter = frame[(frame["cluster"] != "x0") | (frame["period"] < 2019)]
    arrays = arrays_of(shorter, PRICE, years=(1, 4))
    assert arrays.is_seen.sum() == len(shorter) == len(frame) - 2 * 5
    assert estimate(arrays, arrays.labels)[0] == pytest.approx(-10 * 8 / 9 + 5 / 9, abs=1e-6)


def test_permuted_cohorts_are_as_many_of_each_and_the_same_for_a_seed(frame):
    arrays = arrays_of(frame, PRICE, years=(1, 4))
    drawn = permuted_labels(arrays, draws=20, seed=3)
    assert all(sorted(labels) == sorted(arrays.labels) for labels in drawn)
    assert len({tuple(labels) for labels in drawn}) > 10
    assert (drawn == permuted_labels(arrays, draws=20, seed=3)).all()


def test_the_limit_is_the_order_statistic_and_the_p_value_counts_the_estimate_itself():
    values = np.concatenate([np.arange(1, 100), [-100]]) / 50.0
    chance = summarise(values, np.ones(100))
    assert chance.quantile == pytest.approx(96 / 50), "the 96th of 100: ceil(0.95 * 101)"
    assert chance.p_value(-2.0, 1.0) == pytest.approx(2 / 101)
    assert chance.p_value(0.01, 1.0) == pytest.approx(1.0)


def test_the_detectable_effect_is_seen_in_80_of_100_draws_and_grows_with_the_error(frame):
    noisy = frame_of(COHORTS, lambda cluster, _: 0.0 * cluster.map(len), noise=2.0)
    chance = reference(arrays_of(noisy, PRICE, years=(1, 4)), draws=199, seed=1)
    signed = [side * chance.values + chance.detectable > chance.quantile * chance.std_errors for side in (1, -1)]
    assert np.mean(signed) == pytest.approx(0.8, abs=0.01)
    assert chance.detectable_at(3.0, 2.0) == pytest.approx(1.5 * chance.detectable)
    assert isinstance(chance, Reference)
