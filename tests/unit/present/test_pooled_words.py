"""Sentences of what all deals together show: from the numbers alone, of one deal never."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evaluation.inputs.portfolio_plan import load_portfolio_plan
from evaluation.present.pooled_words import (
    excluded_sentence,
    found_sentence,
    read_pooled,
    shown_sentence,
    together_sentences,
)

PLAN = load_portfolio_plan()


def numbers(outcome: str, **values: float) -> pd.DataFrame:
    last = PLAN.outcomes[outcome].last
    rows = {f"portfolio.{outcome}.alle-deals.{last}.{name}": value for name, value in values.items()}
    return pd.DataFrame({"result_id": list(rows), "value": list(rows.values())})


@pytest.fixture
def burglary():
    found = read_pooled(numbers("woninginbraak", deviation=-2.14, ci_low=-6.26, ci_high=2.44, mde=9.1), PLAN)
    assert [item.outcome.id for item in found] == ["woninginbraak"]
    return found[0]


def test_a_difference_is_told_with_its_interval_and_what_that_excludes(burglary):
    told = found_sentence(burglary)
    assert told == (
        "Woninginbraken: na de start gemiddeld 2,1% lager dan zonder deal te verwachten was "
        "(95%-interval −6,3% tot +2,4%)."
    )
    excluded = "Een daling van meer dan 6,3% of een stijging van meer dan 2,4% past niet bij deze cijfers."
    assert excluded_sentence(burglary) == excluded
    assert "niet aangetoond" in shown_sentence(burglary) and "9,1%" in shown_sentence(burglary)


def test_an_interval_without_zero_is_called_more_than_chance_and_a_rise_higher(burglary):
    item = replace(burglary, value=4.0, ci_low=1.0, ci_high=7.0)
    assert "4,0% hoger" in found_sentence(item) and "niet aangetoond" not in shown_sentence(item)
    assert excluded_sentence(item).startswith(
        "Een daling, een stijging van minder dan 1,0% of een stijging van meer dan"
    )


def test_a_first_page_names_what_differs_with_its_size_and_the_rest_in_one_sentence(burglary):
    shown = replace(burglary, value=4.0, ci_low=1.0, ci_high=7.0)
    told = together_sentences([burglary, shown])
    assert told[0] == found_sentence(shown)
    assert told[1].endswith("te verwachten was: woninginbraken.") and told[2].startswith("Dat is iets anders")
    assert together_sentences([shown]) == [found_sentence(shown)]


def test_a_share_is_told_in_percentage_points():
    found = read_pooled(numbers("arbeidsdeelname", deviation=0.2, ci_low=-0.1, ci_high=0.5, mde=0.4), PLAN)
    assert "0,2 procentpunt hoger" in found_sentence(found[0]) and "+0,5 procentpunt" in found[0].interval
    assert excluded_sentence(found[0]).endswith("0,5 procentpunt past niet bij deze cijfers.")


def test_nothing_is_told_of_an_outcome_of_which_a_number_lacks():
    rows = numbers("woninginbraak", deviation=-2.0, ci_low=-6.0, ci_high=float("nan"), mde=9.0)
    assert read_pooled(rows, PLAN) == [] and read_pooled(rows.iloc[:2], PLAN) == []
