"""Holm over the main questions, Benjamini and Hochberg over the others."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from evaluation.analysis.effects.multiple import adjust, attainable_p


@pytest.fixture(autouse=True)
def without_collecting(monkeypatch):
    """Let `multipletests` not collect garbage at every call, which takes a second where much is imported."""
    monkeypatch.setattr("gc.collect", lambda *_: 0)


def test_each_family_apart():
    found = adjust({"a": 0.01, "b": 0.04, "c": 0.03}, {"d": 0.01, "e": 0.02, "f": 0.9})
    assert [found[k].p_adjusted for k in "abc"] == pytest.approx([0.03, 0.06, 0.06])
    assert [found[k].p_adjusted for k in "def"] == pytest.approx([0.03, 0.03, 0.9])


@pytest.mark.parametrize("size", [1, 2, 7])
def test_corrections_are_those_of_statsmodels(size):
    """Also with equal p-values, and with some that pass 1 once corrected."""
    rng = np.random.default_rng(size)
    for _ in range(20):
        asked = dict(zip("abcdefg", rng.integers(0, 9, size) / 8, strict=False))
        for families, method in (((asked, {}), "holm"), (({}, asked), "fdr_bh")):
            expected = multipletests(list(asked.values()), method=method)[1]
            assert [item.p_adjusted for item in adjust(*families).values()] == pytest.approx(list(expected), rel=1e-14)


def test_an_empty_family_is_empty():
    assert adjust({}, {}) == {}
    assert list(adjust({}, {"a": 0.2})) == ["a"]


def test_many_main_questions_can_put_a_finding_out_of_reach():
    """39 placebo regions allow 0,025; of three main questions Holm leaves 0,075, the others keep 0,025."""
    smallest = dict.fromkeys("abcd", 0.025)
    found = adjust({"a": 0.025, "b": 0.3, "c": 0.4}, {"d": 0.025}, attainable=smallest)
    assert [found[k].p_attainable for k in "abcd"] == pytest.approx([0.075, 0.075, 0.075, 0.025])
    assert adjust({"a": 0.025}, {})["a"].p_attainable is None


def test_wrong_input():
    with pytest.raises(ValueError, match="both primary and secondary: a"):
        adjust({"a": 0.1}, {"a": 0.1})
    with pytest.raises(ValueError, match="outside 0 to 1: b"):
        adjust({"a": 0.1}, {"b": 1.2})


@pytest.mark.parametrize("method", ["holm", "fdr_bh"])
def test_no_data_give_a_smaller_corrected_p_than_what_is_called_attainable(method):
    """Tried with ranks that 40 placebo regions allow, for families of one and four."""
    rng = np.random.default_rng(2)
    for size in (1, 4):
        smallest = attainable_p(dict.fromkeys("abcd"[:size], 1 / 41), method)
        seen = [multipletests(rng.integers(1, 42, size) / 41, method=method)[1] for _ in range(5)]
        seen.append(multipletests(np.full(size, 1 / 41), method=method)[1])
        assert min(p.min() for p in seen) == pytest.approx(min(smallest.values()))


def test_a_question_that_alone_finds_something_pays_for_all_others():
    asked = dict.fromkeys("abcd", 0.025)
    for method in ("holm", "fdr_bh"):
        assert attainable_p(asked, method, alone=True) == pytest.approx(dict.fromkeys("abcd", 0.1))
    assert attainable_p({"a": 0.025}, "fdr_bh", alone=True) == attainable_p({"a": 0.025}, "holm") == {"a": 0.025}
    with pytest.raises(ValueError, match="outside 0 to 1: a"):
        attainable_p({"a": float("nan")}, "holm")
