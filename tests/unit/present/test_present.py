"""What readers see: numbers, tables, figures and sentences."""

import json
import re

import plotly.graph_objects as go
import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from evaluation.analysis.effects.estimate import Estimate
from evaluation.base import dutch
from evaluation.present import sentences
from evaluation.present.colours import COLOURS
from evaluation.present.figures import FigureTable, FigureText, figure_display
from evaluation.present.packed import unpack_spec
from evaluation.present.results import RESULTS_MIME, result
from evaluation.present.tables import Column, share_bar, state_label, table


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1600, 0, "1.600"), (-1.25, 1, "−1,2"), (0.04, 1, "0,0"), (float("nan"), 0, "–"), (11.2, 1, "11,2")],
)
def test_numbers_are_dutch(value, decimals, text):
    assert dutch.number(value, decimals) == text


def test_amounts_do_not_break_over_lines():
    assert dutch.million(46e6) == "€\u00a046,0\u00a0mln"
    assert dutch.euro(251269) == "€\u00a0251.269"


def test_a_table_is_readable_by_a_screen_reader_and_as_markdown():
    shown = table(["Thema", Column("Bedrag", numeric=True)], [["A & B", Markup("<b>1</b>")]], source="Bron: test.")
    soup = BeautifulSoup(shown.bundle["text/html"], "html.parser")
    assert [th["scope"] for th in soup.find_all("th")] == ["col", "col", "row"]
    assert soup.find("th", scope="row").text == "A & B"
    assert soup.find("td")["class"] == ["n"]
    assert r"| A \& B | 1 |" in shown.bundle["text/markdown"]


def test_a_table_escapes_what_people_write():
    shown = table(["Project", "Lead"], [["<script>alert(1)</script>", "x|y"]])
    assert "<script>" not in shown.bundle["text/html"]
    assert "x\\|y" in shown.bundle["text/markdown"]


def test_states_have_a_word_and_not_only_a_sign():
    assert "begonnen" in state_label("started") and 'aria-hidden="true"' in state_label("started")
    assert "--deal" not in share_bar(0.5, "half") and "--deel:0.500" in share_bar(0.5, "half")


def test_a_figure_has_its_words_its_data_and_its_table():
    figure = go.Figure(go.Scatter(x=[2018], y=[3.6], line={"color": COLOURS["region"]}))
    text = FigureText("proef", "De <titel>", "per 1.000", 'Van "3,6"', "Bron: CBS.")
    shown = figure_display(figure, text, FigureTable([Column("Jaar"), Column("n", numeric=True)], [["2018", "3,6"]]))
    soup = BeautifulSoup(shown.bundle["text/html"], "html.parser")
    assert soup.find(class_="figuur-titel").text == "De <titel>"
    assert soup.find(role="img")["aria-label"] == 'Van "3,6"'
    spec = unpack_spec(json.loads(soup.find("script", type="application/json").string))
    assert spec["data"][0]["line"]["color"] == "var(--region)"
    assert spec["layout"]["separators"] == ",."
    assert soup.find("details").find("td").text == "3,6"
    assert shown.bundle["application/vnd.plotly.v1+json"]["data"][0]["line"]["color"] == COLOURS["region"]
    assert "cdn" not in shown.bundle["text/html"]


def test_a_display_carries_its_numbers():
    number = result(
        theme=3, chain="outcome", indicator="x", unit="GM0917", period=2021, measure="value", value=149,
        unit_of_measure="count", status="final", source="Politie", vintage="2026",
    )  # fmt: skip
    bundle = table(["a", "b"], [["c", "149"]], results=[number])._repr_mimebundle_()
    assert bundle[RESULTS_MIME][0]["result_id"] == "3.x.GM0917.2021.value"


def test_a_gap_that_shrank_is_called_smaller_whatever_its_sign():
    assert sentences.gap_movement(-1.0, -2.0, 0.1) == "kleiner"
    assert sentences.gap_movement(2.0, 1.0, 0.1) == "groter"


def test_a_move_within_the_usual_variation_is_no_move():
    assert sentences.gap_movement(0.27, 0.20, 0.6) == "ongeveer gelijk"


def test_where_the_usual_movement_is_not_known_no_sentence_says_what_became_of_a_gap():
    unknown = float("nan")
    compared = ("inbraken", "Parkstad", "de rest")
    told = [
        sentences.gap_movement(0.27, 0.20, unknown),
        sentences.gap_movement(-0.27, 0.20, unknown),
        sentences.gap_words("absolute", 0.5, 1.3, unknown),
        sentences.gap_title(*compared, "relative", 0.5, 1.3, unknown, 2018),
        sentences.compared_with(
            *compared, 2021, 2018, (1.6, 1.1, 3.6, 2.3), kind="absolute", gaps=(0.5, 1.3, unknown), decimals=1
        ),
    ]
    for text in told:
        assert "niet te zeggen" in text
        assert not re.search(r"(is|werd|het verschil) (kleiner|groter) dan|van richting|ongeveer gelijk", text), text
    assert "Of het verschil kleiner werd, is niet te zeggen (1,3 in 2018, 0,5 in 2021; in procenten" in told[-1]
    assert "of het verschil in procenten tussen Parkstad en de rest kleiner is dan in 2018, is niet" in told[-2]


COMPARED = ("inbraken per 1.000", "Parkstad", "de rest", 2021, 2018)


def test_the_sentence_of_a_comparison_has_both_periods_and_the_size_of_the_gap():
    text = sentences.compared_with(*COMPARED, (1.6, 1.1, 3.6, 2.3), kind="absolute", gaps=(0.5, 1.3, 0.1), decimals=1)
    assert "1,6 in Parkstad en 1,1 in de rest in 2021 (2018: 3,6 en 2,3). Beide daalden." in text
    assert "Het verschil werd kleiner (1,3 in 2018, 0,5 in 2021; " in text
    assert "in procenten van de rest was het 57% en is het 45%)" in text  # 1,3 of 2,3 and 0,5 of 1,1


def test_a_relative_gap_is_also_told_in_the_number_itself():
    text = sentences.compared_with(
        *COMPARED, (250_392, 319_989, 187_780, 244_320), kind="relative", gaps=(-21.7, -23.1, 1.0), decimals=0
    )
    assert "Beide stegen. Het verschil in procenten werd kleiner" in text
    assert "in het aantal zelf was het 56.540 en is het 69.597" in text


def estimate(value: float | None, **changes) -> Estimate:
    fields = {
        "estimand": "x", "value": value, "std_error": 0.2, "ci_low": -0.9, "ci_high": -0.1, "p_value": 0.03,
        "p_attainable": None, "mde": 0.56, "n_pre": 7, "n_post": 2, "n_treated": 1, "n_placebo": 0, "inference": "t",
        "reason": "geen placebo",
    }  # fmt: skip
    return Estimate(**{**fields, **changes})


def test_a_description_claims_no_interval_and_is_never_said_as_caused_by_the_deal():
    text = sentences.estimate_sentence(
        estimate(-0.5), spread=0.3, years="2020-2021", trend_until=2018, unit_words="per 1.000", decimals=1
    )
    assert "de trend tot en met 2018" in text
    assert "0,5 per 1.000 onder" in text and "hooguit 0,3 per 1.000" in text
    assert "95%-interval niet te geven" in text and "0,9" not in text
    everything = text + sentences.judgement_sentence(estimate(-0.5))
    for word in ("dankzij", "succes", "door de deal", "effect van de deal"):
        assert word not in everything.lower()
    assert "niet te vergelijken" in everything and "de vraag komt niet aan de orde" in everything


PLACEBO = {"n_placebo": 39, "rank": 18, "p_value": 0.45, "p_attainable": 0.025, "mde": 38.4}


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-33.2, 38.8, "Een daling van meer dan 33% of een stijging van meer dan 39% past niet bij deze cijfers."),
        (-60.0, -20.4, "Een stijging, een daling van minder dan 20% of een daling van meer dan 60% past niet"),
        (4.0, 21.0, "Een daling, een stijging van minder dan 4% of een stijging van meer dan 21% past niet"),
        (None, None, ""),
    ],
)
def test_what_an_interval_excludes_is_said_in_words(low, high, words):
    found = sentences.excluded_sentence(estimate(-3.8, ci_low=low, ci_high=high), unit_words="procent", decimals=0)
    assert found.startswith(words) and (found == "") == (low is None)


def test_an_estimate_is_told_with_its_rank_and_without_a_detectable_effect_where_there_is_none():
    options = {"wording": "woninginbraken", "region": "Parkstad", "years": "2020-2022", "unit_words": "procent"}
    text = sentences.effect_sentence(estimate(-50.0, ci_low=-60.0, ci_high=-20.0, **PLACEBO), decimals=1, **options)
    assert "gemiddeld 50,0 procent lager" in text and "is dit verschil 18 van 40" in text
    assert "kleiner dan 38,4 procent" in text
    few = sentences.effect_sentence(estimate(-1.0, **{**PLACEBO, "mde": None}), decimals=1, **options)
    assert "zou geen enkel verschil betrouwbaar zichtbaar zijn" in few and "–" not in few


def test_no_estimate_says_why():
    text = sentences.estimate_sentence(
        estimate(None, reason="te kort"), spread=None, years="", trend_until=2018, unit_words="", decimals=1
    )
    assert text == "Een vergelijking met de eigen trend is niet mogelijk: te kort."
