"""Holm over the main questions, Benjamini and Hochberg over the others."""

import pytest

from evaluation.analysis.effects.multiple import adjust


def test_each_family_apart():
    found = adjust({"a": 0.01, "b": 0.04, "c": 0.03}, {"d": 0.01, "e": 0.02, "f": 0.9})
    assert [found[k].p_adjusted for k in "abc"] == pytest.approx([0.03, 0.06, 0.06])
    assert [found[k].p_adjusted for k in "def"] == pytest.approx([0.03, 0.03, 0.9])


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
