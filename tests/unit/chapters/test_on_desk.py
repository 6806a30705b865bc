"""What an object says of itself in a notebook: short, and with what one can do with it."""

import pydoc
import re
from dataclasses import replace

import pytest

from evaluation.analysis.effects.estimate import NOT_JUDGED, Estimate
from evaluation.chapters import open_evaluation, open_finance, open_governance, open_theme
from evaluation.chapters.desk import open_year

DEAL = "parkstad-limburg"


@pytest.fixture(scope="module")
def theme():
    return open_theme(deal=DEAL, year=2021, theme=3)


@pytest.fixture(scope="module")
def year():
    return open_year(deal=DEAL, year=2021)


def test_everything_an_evaluator_meets_has_a_short_line_and_a_small_table(theme, year):
    estimate = Estimate(estimand="verschil", value=-0.41, ci_low=-1.2, ci_high=0.4, p_value=0.31, n_pre=5, n_post=3,
                        inference="placebo", reason="te weinig")  # fmt: skip
    made = theme.projects()
    objects = [theme, theme.plan, made, year, year.figures, year.plan["woninginbraak-voor-na"], estimate,
               open_finance(deal=DEAL, year=2021), open_governance(deal=DEAL, year=2021),
               open_evaluation(deal=DEAL, year=2022, theme=3)]  # fmt: skip
    for item in objects:
        assert len(repr(item)) < 160 and "\n" not in repr(item), item
        assert "<table" in item._repr_html_(), item
    assert repr(theme) == f"<ThemeChapter: {theme.context.deal.name}, 2021, thema 3, Veiligheid; {_count(theme)} steps>"
    assert repr(theme.indicator) == "<step indicator(indicator, figure_id)>"
    assert repr(estimate) == "<Estimate: -0.41 (-1.2 to 0.4), p 0.310, niet te vergelijken>"
    assert repr(replace(estimate, reason=NOT_JUDGED)) == "<Estimate: -0.41 (-1.2 to 0.4), p 0.310, not judged>"
    assert "table with" in repr(made) and "projects()" in theme._repr_html_()


def _count(chapter) -> int:
    return len(re.findall("<tr>", chapter._repr_html_()))


def test_help_of_a_step_names_its_arguments_and_the_ids_that_exist(theme, year):
    told = pydoc.plain(pydoc.render_doc(theme.indicator))
    assert "Draw one indicator for the region" in told and re.search("indicator: .*woninginbraak", told)
    assert "figure_id: the label of the cell, without fig-" in told and "bijstand" not in told, "of this theme only"
    assert "figures" in pydoc.render_doc(year.figures) and "woninginbraak, " in pydoc.plain(
        pydoc.render_doc(year.figures)
    )
    final = open_evaluation(deal=DEAL, year=2022, theme=3)
    told = final.effect_text.__doc__
    assert "design: " in told and "woninginbraak-regio" in told


@pytest.mark.parametrize("wrong", ["2021", 2030, True, 2021.0])
def test_a_wrong_year_is_a_sentence(wrong):
    from evaluation.base.errors import UsageError

    for open_it in (open_year, open_finance):
        with pytest.raises(UsageError, match=r"2019 (to|tot) 2022") as told:
            open_it(deal=DEAL, year=wrong)
        assert type(wrong) is int or "must be a whole number" in str(told.value)
