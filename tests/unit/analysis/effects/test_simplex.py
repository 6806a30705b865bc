"""Weights on the simplex: the optimum of the quadratic program, for every problem of a batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from evaluation.analysis.effects.simplex import TIE_BREAK, simplex_weights


def program(seed: int, equations: int, weights: int, batch: int = 3):
    rng = np.random.default_rng(seed)
    columns = rng.normal(0, 1, (batch, equations, weights)).cumsum(axis=1) + rng.normal(0, 3, (batch, 1, weights))
    return columns, rng.normal(0, 1, (batch, equations))


def left_to_gain(columns, target, weights, ridge) -> np.ndarray:
    """The bound of Frank and Wolfe: no weights on the simplex lie lower by more than this."""
    residual = np.einsum("...mn,...n->...m", columns, weights) - target
    slope = 2 * (np.einsum("...mn,...m->...n", columns, residual) + ridge[..., None] * weights)
    return (slope * weights).sum(-1) - slope.min(-1)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(2, 45), st.sampled_from([0.0, 0.01, 3.0]))
def test_nothing_on_the_simplex_lies_lower(seed, equations, weights, ridge):
    """What is left to gain, relative to the distance, with the ridge that was used."""
    columns, target = program(seed, equations, weights)
    found = simplex_weights(columns, target, ridge=ridge)
    distance = ((columns - target[..., None]) ** 2).sum(axis=(1, 2)) / weights
    used = np.maximum(ridge, TIE_BREAK * distance)
    assert found.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-9)
    assert (found >= 0).all()
    assert (left_to_gain(columns, target, found, used) / distance).max() < 1e-8


def test_equals_a_general_optimiser():
    columns, target = program(5, 8, 6, batch=1)
    found = simplex_weights(columns, target, ridge=0.4)[0]

    def loss(w):
        return ((columns[0] @ w - target[0]) ** 2).sum() + 0.4 * (w**2).sum()

    other = minimize(
        loss,
        np.full(6, 1 / 6),
        bounds=[(0, 1)] * 6,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-14},
    )
    assert loss(found) <= other.fun + 1e-9
    assert found == pytest.approx(other.x, abs=1e-5)


def test_a_mixture_comes_back():
    columns, _ = program(1, 12, 9, batch=1)
    true = np.array([0.5, 0.3, 0.2, 0, 0, 0, 0, 0, 0])
    assert simplex_weights(columns, columns @ true)[0] == pytest.approx(true, abs=1e-4)


def test_of_equal_fits_the_most_even():
    """Two donors that are the same share what they get; one period, four donors around the target."""
    found = simplex_weights(np.array([[1.0, 1.0, -1.0, -1.0]]), np.array([0.0]))
    assert found == pytest.approx([0.25] * 4, abs=1e-6)


def test_only_available_columns_get_weight_and_the_others_do_not_matter():
    columns, target = program(2, 6, 5)
    mask = np.array(
        [[True, True, False, True, False], [False, True, True, True, True], [True, False, False, True, True]]
    )
    found = simplex_weights(columns, target, ridge=0.1, available=mask)
    assert (found[~mask] == 0).all()
    for i in range(3):
        alone = simplex_weights(columns[i][:, mask[i]], target[i], ridge=0.1)
        assert found[i, mask[i]] == pytest.approx(alone, abs=1e-9)


def test_one_donor_gets_everything():
    assert simplex_weights(np.array([[1.0, 5.0]]), np.array([9.0]), available=np.array([True, False])).tolist() == [
        1,
        0,
    ]


def test_a_batch_equals_one_by_one_and_inputs_stay():
    columns, target = program(3, 7, 30, batch=300)
    before = columns.copy(), target.copy()
    together = simplex_weights(columns, target, ridge=0.2)
    assert np.array_equal(columns, before[0]) and np.array_equal(target, before[1])
    for i in (0, 149, 299):
        assert together[i] == pytest.approx(simplex_weights(columns[i], target[i], ridge=0.2), abs=1e-8)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_missing_number_is_refused(bad):
    with pytest.raises(ValueError, match="not finite"):
        simplex_weights(np.array([[1.0, bad]]), np.array([0.0]))


def test_an_empty_pool_is_refused():
    with pytest.raises(ValueError, match="no column"):
        simplex_weights(np.eye(2), np.zeros(2), available=np.array([False, False]))
