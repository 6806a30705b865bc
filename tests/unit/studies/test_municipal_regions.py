"""Regions made of municipalities: what they may be compared with, and their rates."""

import numpy as np
import pytest

from evaluation.analysis.effects.comparison import keep_regions
from evaluation.analysis.effects.estimate import CannotEstimate
from studies.municipal_regions import aggregate_rates, compare_municipalities, compare_regions


def test_the_rate_of_a_region_is_that_of_its_sums():
    counts, people = np.array([[10.0], [1.0]]), np.array([[1000.0], [10.0]])
    found = aggregate_rates(counts, people, np.array([[True, True], [False, True]]), per=1000)
    assert found.ravel().tolist() == pytest.approx([1000 * 11 / 1010, 100.0])


@pytest.mark.parametrize(
    ("counts", "people", "member", "why"),
    [
        ([[np.nan]], [[5.0]], [[True]], "ontbreekt"),
        ([[1.0]], [[0.0]], [[True]], "geen inwoners"),
        ([[1.0]], [[5.0]], [[False]], "geen gemeenten"),
    ],
)
def test_a_region_without_figures_has_no_rate(counts, people, member, why):
    with pytest.raises(CannotEstimate, match=why):
        aggregate_rates(np.array(counts), np.array(people), np.array(member))


def test_no_donor_shares_a_municipality_with_the_region():
    series = np.random.default_rng(1).normal(5, 1, (3, 8))
    member = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 1, 1, 0]], dtype=bool)
    donors = np.random.default_rng(2).normal(5, 1, (6, 8))
    found = compare_regions(
        series,
        donors,
        membership=member,
        donor_membership=np.eye(6, dtype=bool),
        n_pre=5,
        periods=range(8),
        region_names="abc",
        donor_names="uvwxyz",
    )
    assert found.available.tolist() == [
        [False, False, True, True, True, True],
        [False, False, False, False, True, True],
        [False, False, True, False, False, True],
    ]


def test_municipalities_count_as_one_each():
    values = np.random.default_rng(3).normal(5, 1, (8, 9))
    member = np.array([[1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0, 0, 0]], dtype=bool)
    found = compare_municipalities(values, member, n_pre=6, periods=range(9), region_names="ab", names="abcdefgh")
    assert found.series[0] == pytest.approx(values[:3].mean(axis=0))
    assert found.n_members.tolist() == [3, 2] and keep_regions(found, [1]).n_members.tolist() == [3, 2]
    assert np.flatnonzero(found.available[0]).tolist() == [3, 4, 5, 6, 7]
    assert np.flatnonzero(found.available[1]).tolist() == [5, 6, 7]
    with pytest.raises(CannotEstimate, match="geen gemeenten"):
        compare_municipalities(values, member & False, n_pre=6, periods=range(9), region_names="ab", names="abcdefgh")
