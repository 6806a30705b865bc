"""The text of Parkstad, held to the file that we keep of it: all that has a number is found, and nothing is wrong."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from evaluation.inputs.deal import Deal, load_deal
from evaluation.inputs.deal_answers import DealAnswers
from evaluation.inputs.deal_text.propose import propose, read_text
from tests.conftest import ROOT

SHARED = Path(os.environ.get("REGIODEAL_SHARED") or ROOT.parent / "shared")
TEXT = SHARED / "deal" / "regio-deal-parkstad-limburg.txt"
pytestmark = pytest.mark.skipif(not TEXT.is_file(), reason="the text of the deal is not beside the project")

FROM_RULES = ("elk jaar", "vanaf 2019")
"""How our file says when of milestones that it makes of a rule or of an instalment: the text has no moment for them."""


@pytest.fixture(scope="module")
def found() -> DealAnswers:
    return propose(read_text(TEXT), "parkstad-limburg", first_year=2019)


@pytest.fixture(scope="module")
def kept() -> Deal:
    return load_deal()


def test_every_result_is_found_and_none_is_made_up(found: DealAnswers, kept: Deal) -> None:
    assert [theme.title for theme in found.themes] == [theme.title for theme in kept.themes]
    ours = {row.reference: (row.by, row.towards_benchmark) for theme in kept.themes for row in theme.results}
    theirs = {row.reference: (row.by, row.towards_benchmark) for theme in found.themes for row in theme.results}
    assert theirs == ours and len(theirs) == 21


def test_every_number_is_found_with_its_day_and_none_is_wrong(found: DealAnswers, kept: Deal) -> None:
    end = found.term.ends_on
    ours = {
        (item.reference, item.quantity): (
            item.unit_of_measure, item.by, item.direction, item.at_least, item.approximate, item.group,
            item.baseline and (item.baseline.value, item.baseline.year),
        )
        for item in kept.targets
    }  # fmt: skip
    theirs = {
        (item.reference, item.quantity): (
            item.unit_of_measure, item.by or end, item.direction, item.at_least, item.approximate, item.group,
            (item.baseline, item.baseline_year) if item.baseline is not None else None,
        )
        for item in found.targets
    }  # fmt: skip
    assert theirs == ours and len(found.targets) == 13
    elements = {item.reference: item.element for item in kept.targets if item.element}
    assert {item.reference for item in found.targets if item.element} == set(elements)


def test_all_money_is_found(found: DealAnswers, kept: Deal) -> None:
    budget = kept.budget[-1]
    assert {item.theme: item.amount_eur for item in found.amounts} == budget.themes
    assert {item.party: item.amount_eur for item in found.contributions} == budget.parties
    assert found.total_eur == sum(budget.themes.values())
    ours = [((item.year,) if item.year else item.years, item.amount_eur, item.reference) for item in kept.tranches]
    assert [(item.years, item.amount_eur, item.reference) for item in found.tranches] == ours
    assert not found.not_used


def test_every_dated_promise_is_found_and_none_is_wrong(found: DealAnswers, kept: Deal) -> None:
    ours = {(item.theme, item.due) for item in kept.milestones}
    theirs = [(item.theme, item.due) for item in found.milestones]
    assert set(theirs) <= ours
    named = [
        item for item in kept.milestones if not item.due_text.startswith(FROM_RULES) and item.reference != "Art. 5.6"
    ]
    assert {(item.theme, item.due) for item in named} <= set(theirs) and len(named) == 11
    elements = {item.element for item in named if item.element}
    assert (
        elements
        == {item.reference.removeprefix("Art. 4.") for item in found.milestones if item.reference[-1:].isalpha()}
        & elements
    )


def test_who_and_until_when(found: DealAnswers, kept: Deal) -> None:
    assert [(item.name, item.side) for item in found.parties] == [(item.name, item.side) for item in kept.parties]
    assert found.term.ends_on == kept.term.ends_on and found.term.starts_on is None
    assert "1 tot en met 6" in found.parties[0].reading
    numbers = {item.part: item.number for item in found.articles}
    assert numbers["results"] == "3" and numbers["money"] == "5" and numbers["term"] == "14"
    assert numbers["annual_report"] == "7.4" and numbers["final_evaluation"] == "7.8"
    assert [item.number for item in found.duties] == [item.id for item in kept.duties]


def test_goals_and_approach_are_those_of_the_articles(found: DealAnswers, kept: Deal) -> None:
    for ours, theirs in zip(kept.themes, found.themes, strict=True):
        assert len(theirs.goals) == len(ours.goals)
        assert [row.reference for row in theirs.approach] == [f"Art. 4.{item.id}" for item in ours.approach]


def test_each_proposal_says_where_it_stands_and_none_is_confirmed(found: DealAnswers) -> None:
    lines = read_text(TEXT).split("\n")
    places = Counter(item.is_open for _, item in found.walk())
    assert places == {True: sum(places.values())} and sum(places.values()) > 130
    for _, item in found.walk():
        first = int(item.found_at.removeprefix("regel ").split("-")[0])
        assert 1 <= first <= len(lines) and lines[first - 1].strip()
    for target in found.targets:
        first, _, last = target.found_at.removeprefix("regel ").partition("-")
        said = " ".join(lines[int(first) - 1 : int(last or first)])
        words = {1: "één", 2: "twee", 4: "vier"}
        written = {f"{target.quantity:g}", f"{target.quantity:,.0f}".replace(",", "."), words.get(target.quantity, "-")}
        assert any(word in said for word in written), target.title
