"""Articles, words and funders of a deal, and the clock: what is not there is not named."""

from __future__ import annotations

from datetime import date

import pytest

from evaluation.base.errors import UsageError
from evaluation.base.today import TODAY_VARIABLE, today
from evaluation.inputs.deal import check_year, load_deal
from evaluation.inputs.deal_terms import Articles, Funder, Word, Words
from evaluation.inputs.editions import final_edition


def test_an_article_is_named_only_where_it_is_known() -> None:
    articles = Articles(results="3", approach="3", annual_report="8.3", split="5.1 en 5.7")
    assert articles.named("results", "approach") == "artikel 3" and articles.beside("goals") == ""
    assert articles.paragraph("annual_report") == "artikel 8, derde lid"
    assert articles.beside("split") == " (artikel 5.1 en 5.7)" and articles.paragraph("split") == "artikel 5.1 en 5.7"


def test_words_of_a_deal_agree_with_what_stands_before_them() -> None:
    own = Words(track=Word(one="programmalijn", many="programmalijnen", article="de"))
    assert own.said("Elk spoor, het spoor, twee sporen") == "Elke programmalijn, de programmalijn, twee programmalijnen"
    assert Words().said("Elk spoor") == "Elk spoor" and own.said("dit thema") == "dit thema"


def test_a_funder_has_a_column_and_says_that_it_is_in_kind() -> None:
    funder = Funder(id="hogeschool-noord", title="hogeschool", side="anderen", in_kind=True)
    assert (funder.column, funder.words) == ("hogeschool_noord_eur", "hogeschool (in natura)")


def test_a_year_counts_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    deal = load_deal()
    monkeypatch.setenv(TODAY_VARIABLE, "2021-06-30")
    assert today() == date(2021, 6, 30)
    assert (final_edition(deal).id, final_edition(deal).year) == ("tussenstand", 2020)
    with pytest.raises(UsageError, match="runs until 2021-12-31, and today is 2021-06-30"):
        check_year(deal, 2021)
    monkeypatch.setenv(TODAY_VARIABLE, "2023-01-01")
    assert final_edition(deal).id == "eindevaluatie"
    monkeypatch.setenv(TODAY_VARIABLE, "gisteren")
    with pytest.raises(UsageError, match="REGIODEAL_TODAY"):
        today()
