"""How far the region is from the yardstick that results name: which figures, beside what, and in which words."""

from __future__ import annotations

import math
import re

import pandas as pd
import plotly.express as px
import pytest

from evaluation.analysis.yardstick import gap_series, gap_variation
from evaluation.chapters import desk
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.desk.shown_tables import list_bars, table_under
from evaluation.chapters.desk.year import Year
from evaluation.chapters.steps.goal_line import distance_words, show_goal_line
from evaluation.present.drawing.draw import draw
from evaluation.present.figures import drawn_dumbbells
from evaluation.present.sentences import UNKNOWN

WANTED = {"1.1", "1.4", "1.5", "1.6", "1.7"}
EFFECT = re.compile(r"effect|dankzij|door de deal|succes", re.IGNORECASE)


@pytest.fixture(scope="module")
def year() -> Year:
    return Year(open_context("parkstad-limburg", 2022))


def taken_from(context: Context, *, without: str = "") -> dict[str, float]:
    """Compute the gaps as the package does, by what a chapter calls them; `without` a measure."""
    found = {}
    for item in context.indicators.values():
        if not item.has_figures or not context.is_towards_benchmark(item):
            continue
        base, last = context.years_of(item)
        units = (item.id, context.region_unit, context.benchmark_unit)
        gaps = gap_series(context.figures(item.id), *units, relative=item.gap == "relative")
        percent = gap_series(context.figures(item.id), *units, relative=True)
        steady = gaps[[y for y in gaps.index if item.stopping_break(y, last) is None]]
        then, now = gaps.get(base, math.nan), gaps.get(last, math.nan)
        numbers = {
            "pct": percent.get(last, math.nan),
            "base_pct": percent.get(base, math.nan),
            "distance_change": abs(now) - abs(then),
            "variation": math.nan if base is None else gap_variation(steady, base),
        }
        subject = f"{item.theme}.{item.id}.{context.region_unit}.{last}.gap_benchmark_"
        found |= {subject + name: value for name, value in numbers.items() if name != without}
    return found


def goal_line(context: Context, numbers: dict[str, float]):
    def look_up(subject: str, measure: str, last: int) -> float:
        return numbers.get(f"{subject}.{last}.{measure}", math.nan)

    return show_goal_line(context, look_up, "afstand")


def test_the_results_that_name_the_yardstick_are_those_of_the_text(year):
    results = [item for theme in year.context.deal.themes for item in theme.results]
    assert {item.id for item in results if item.towards_benchmark} == WANTED
    for item in results:
        names_it = "Limburg" in f"{item.title} {item.text}".replace("Parkstad Limburg", "")
        assert item.towards_benchmark == names_it, item.id


def test_the_verb_lists_every_figure_of_these_results_and_no_other(year):
    chosen = year.measured(1, towards_benchmark=True)
    assert {"arbeidsdeelname", "inkomen-mediaan", "bijstand-personen", "jeugdzorg"} <= set(chosen)
    for name in year.measured(1):
        item = year.indicator(name)
        assert (name in chosen) == (bool(WANTED & set(item.results)) and item.gap != "none"), name
    assert year.measured(3, towards_benchmark=True) == []


def test_the_figure_has_a_row_for_each_with_then_now_and_what_became_of_it(year):
    numbers = taken_from(year.context)
    display = goal_line(year.context, numbers)
    rows = {row[1]: row for row in display.cells.rows}
    assert len(rows) == len(year.measured(1, towards_benchmark=True))
    work = rows["Inwoners van 15 tot 75 jaar met betaald werk"]
    assert list(work[2:]) == ["2018–2022", "−4,2%", "−4,1%", "ongeveer gelijk"] and work[0] == "1.6"
    assert rows["Middelste vermogen van huishoudens"][-1] == "kleiner"
    assert rows["Middelste besteedbaar inkomen van huishoudens"][-1] == "groter"
    for few in ("Personen met bijstand per 1.000 inwoners", "Jongeren met jeugdzorg"):
        assert rows[few][-1] == UNKNOWN, few
    html = display.bundle["text/html"]
    assert "1 kleiner, 2 groter, 2 ongeveer gelijk en 6 niet te zeggen" in html
    told = re.sub(r"Of de deal eraan bijdroeg, zegt zij niet", "", html)
    assert not EFFECT.search(re.sub(r'src="[^"]*"', "", told))


def test_what_no_chapter_has_is_no_row_and_no_usual_movement_is_no_verdict(year):
    unknown = goal_line(year.context, taken_from(year.context, without="variation"))
    assert {row[-1] for row in unknown.cells.rows} == {UNKNOWN}
    nothing = goal_line(year.context, {})
    assert "Er is nog geen cijfer" in nothing.bundle["text/markdown"] and not nothing.results


@pytest.mark.parametrize(
    ("change", "variation", "words"),
    [(-0.41, 0.4, "kleiner"), (0.41, 0.4, "groter"), (-0.4, 0.4, "ongeveer gelijk"), (math.nan, 0.4, UNKNOWN)],
)
def test_a_distance_is_told_beside_its_usual_movement(change, variation, words):
    assert distance_words(change, variation) == words


def test_marks_stand_in_the_order_of_the_rows_and_a_missing_one_is_left_out():
    figure = drawn_dumbbells([("A", None, 2.0), ("B", -3.0, 1.0)], names=("begin", "nu"), zero="Gemiddelde")
    assert list(figure.layout.yaxis.categoryarray) == ["A", "B"]
    assert [trace.mode for trace in figure.data] == ["lines", "markers", "markers", "markers"]
    table = list_bars(figure, None)
    assert [row[:3] for row in table.rows] == [["A", "–", "+2,0%"], ["B", "−3,0%", "+1,0%"]]
    drawing = draw(figure.to_plotly_json(), alt="", font="sans-serif")
    assert "Gemiddelde" in drawing.svg and drawing.svg.index(">A<") < drawing.svg.index(">B<")


def test_squares_of_areas_without_a_place_stand_in_rows_with_their_figures():
    frame = pd.DataFrame({"unit_name": ["Noord", "Zuid", "Oost"], "value": [1.0, None, 3.0], "rij": ["2", "1", "1"]})
    figure = desk.tiles(frame, row="rij", title="Drie wijken")
    text = figure.data[0].text
    assert "Zuid" in text[0][0] and "geen cijfer" in text[0][0].replace("<br>", " ") and "Oost" in text[0][1]
    assert "Noord" in text[1][0] and text[1][1] == ""


def test_the_table_under_a_figure_of_many_areas_has_a_row_for_each_and_a_column_for_each_year(year):
    areas = [f"Wijk {number}" for number in range(20)]
    numbers = pd.DataFrame([{"unit_name": a, "period": p, "value": p - 2000.0} for a in areas for p in (2016, 2020)])
    table = table_under(desk.tiles(numbers[:20], row="period"), None, numbers, {"value": "value"})
    assert table.columns[0] == "Gebied" and [head.title for head in table.columns[1:]] == ["2016", "2020"]
    assert len(table.rows) == 20 and table.rows[3] == ["Wijk 3", "16,0", "20,0"]
    one = table_under(desk.tiles(numbers[::2], row="period"), None, numbers[::2], {"value": "value"})
    assert len(one.rows) == 20 and one.rows[3] == ["Wijk 3", "16,0"]


def test_an_indicator_of_one_district_has_levels_and_neighbourhoods_reach_back_to_the_years_of_one_municipality(year):
    centre = year.levels(year.measured(6)).set_index("indicator")
    assert (centre.at["inwoners-centrum", "base"], centre.at["inwoners-centrum", "value"]) == (5045, 5185)
    rows = year.neighbourhoods("bijstand-personen")  # of 2016-2019 the tables have Heerlen alone
    assert rows.groupby("period")["municipality"].nunique().to_dict() == {2016: 1, 2017: 1, 2018: 1, 2019: 1, 2020: 7}
    centre = rows[rows["unit"] == "WK091733"].set_index("period")
    assert set(centre["unit_name"]) == {"Heerlen-Centrum"}
    assert centre["numerator"].tolist() == [250, 240, 190, 200, 200]


def test_nine_results_have_an_outcome_inside_the_term_with_its_source_and_vintage(year):
    context, term = year.context, year.context.deal.term
    found = set()
    for item in context.indicators.values():
        rows = context.figures(item.id)
        inside = rows[rows["period"].between(term.first_year, term.last_year) & (rows["unit"] == context.unit_of(item))]
        inside = inside[inside["value"].notna()]
        if item.chain == "outcome" and len(inside):
            assert inside["source"].astype(bool).all() and inside["vintage"].astype(bool).all(), item.id
            found |= set(item.results)
    assert found == {"1.1", "1.4", "1.6", "1.7", "1.8", "1.9", "2.1", "3.1", "6.2"}


def test_the_table_under_panels_of_several_indicators_names_each(year):
    levels = year.levels(["hoogopgeleid", "inkomen-mediaan"], ["Heerlen", "limburg"])
    figure = px.scatter(levels, x="value", y="unit_name", facet_col="wording")
    table = table_under(figure, None, levels, {"value": "value"})
    assert len(table.rows) == 4
    assert table.rows[0] == [
        "Inwoners van 15 tot 75 jaar met hbo of universiteit",
        "Heerlen",
        "2018–2022",
        "20,7",
        "22,7",
    ]
    assert table.rows[2][-2:] == ["23.700", "24.900"]
