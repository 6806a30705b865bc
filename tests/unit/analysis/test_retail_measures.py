"""The definitions of the retail monitor, on tables small enough to count by hand; sums on any table."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.analysis.retail_measures import (
    FIRST_YEAR,
    INSIDE,
    NO_OCCUPANTS,
    OPENINGS,
    OUTSIDE,
    REGION,
    _trace_departures,
    _trace_openings,
    count_cells,
    list_units,
)
from tests.unit.small_retail import MUNICIPALITIES, premises, small_retail


def cells(rows, **options) -> pd.DataFrame:
    tables = small_retail(rows, **options)
    return count_cells(tables, list_units(tables, MUNICIPALITIES)).set_index(["unit", "year", "measure"]).sort_index()


def count(frame: pd.DataFrame, unit: str, year: int, measure: str) -> float:
    return frame.at[(unit, year, measure), "count"]


def kinds(rows, year: int = 2020) -> dict[str, str]:
    found = _trace_openings(small_retail(rows).premises, year)
    return dict(zip(found["premises_id"], found["kind"], strict=True))


def test_shops_are_counted_inside_and_outside_and_only_shops():
    frame = cells(
        [
            premises("1", 2020, cluster="A", who="a"),
            premises("2", 2020, cluster="A", is_vacant=True, wvo_m2=50.0),
            premises("3", 2020, cluster="A", function="hospitality", who="b"),
            premises("4", 2020, who="c", wvo_m2=70.0),
            premises("5", 2020, function="other", other_kind="housing"),
        ]
    )
    assert [count(frame, unit, 2020, "premises") for unit in ("A", INSIDE, OUTSIDE, REGION)] == [2, 2, 1, 3]
    assert [count(frame, "A", 2020, measure) for measure in ("vacant", "occupied", "hospitality")] == [1, 1, 1]
    assert frame.loc[("A", 2020, "premises"), ["wvo_m2", "bvo_m2"]].tolist() == [150, 260]
    assert frame.loc[("A", 2020, "vacant"), ["wvo_m2", "bvo_m2"]].tolist() == [50, 130]
    assert [count(frame, unit, 2020, "premises") for unit in ("GM0917", "GM0917-buiten", "GM0928")] == [3, 1, 0]


def test_another_function_is_transformed_with_the_floor_space_of_the_year_before():
    frame = cells(
        [
            premises("1", 2019, is_vacant=True, wvo_m2=90.0, bvo_m2=120.0),
            premises("1", 2020, function="other", other_kind="housing", wvo_m2=None, bvo_m2=150.0),
            premises("2", 2019, cluster="A", who="a"),
            premises("2", 2020, cluster="A", function="hospitality", who="b"),
            premises("3", 2019, who="c"),
            premises("4", 2019, function="other", other_kind="office"),
            premises("4", 2020, who="d"),
        ]
    )
    assert [count(frame, unit, 2020, "transformed") for unit in (INSIDE, OUTSIDE, REGION)] == [1, 1, 2]
    assert frame.loc[(OUTSIDE, 2020, "transformed"), ["wvo_m2", "bvo_m2"]].tolist() == [90, 120]
    assert count(frame, OUTSIDE, 2020, "gone") == 1, "out of the table without a row is not transformed"
    assert count(frame, OUTSIDE, 2020, "added") == 1


def test_the_first_year_has_no_change_and_says_why():
    frame = cells([premises("1", 2019, who="a"), premises("1", 2020, who="a")])
    for measure in ("transformed", "opened", "left", "transformed_since"):
        assert math.isnan(count(frame, REGION, 2019, measure))
        assert frame.at[(REGION, 2019, measure), "reason"] == FIRST_YEAR
        assert count(frame, REGION, 2020, measure) == 0


def test_a_year_that_was_not_counted_leaves_the_next_without_changes_and_all_later_sums():
    frame = cells([premises("1", year, who="a") for year in (2018, 2020, 2021)])
    assert math.isnan(count(frame, REGION, 2020, "transformed")) and count(frame, REGION, 2021, "transformed") == 0
    assert math.isnan(count(frame, REGION, 2021, "transformed_since"))
    assert frame.at[(REGION, 2021, "transformed_since"), "reason"] == FIRST_YEAR


def test_without_occupants_nobody_opened_or_left_but_transformed_is_known():
    frame = cells([premises("1", 2019), premises("1", 2020, function="other", other_kind="care"), premises("2", 2020)])
    assert math.isnan(count(frame, REGION, 2020, "opened"))
    assert frame.at[(REGION, 2020, "opened"), "reason"] == NO_OCCUPANTS
    assert count(frame, REGION, 2020, "transformed") == 1


def test_an_area_that_is_not_known_makes_the_sum_unknown_and_never_zero():
    frame = cells([premises("1", 2020, wvo_m2=None), premises("2", 2020), premises("3", 2020, cluster="A")])
    assert math.isnan(frame.at[(OUTSIDE, 2020, "premises"), "wvo_m2"])
    assert math.isnan(frame.at[(REGION, 2020, "premises"), "wvo_m2"])
    assert frame.at[(OUTSIDE, 2020, "premises"), "bvo_m2"] == 260
    assert frame.at[(INSIDE, 2020, "premises"), "wvo_m2"] == 100
    assert frame.at[(INSIDE, 2020, "vacant"), "wvo_m2"] == 0, "no vacant shop has no vacant floor"


def test_a_retailer_that_no_earlier_year_knows_is_new_to_the_region():
    rows = [premises("1", 2019, is_vacant=True), premises("1", 2020, who="new")]
    assert kinds(rows) == {"1": "new_to_region"}


def test_a_retailer_that_gave_up_premises_moved_from_there():
    out = [premises("1", 2019, who="x"), premises("2", 2019, cluster="A", is_vacant=True)]
    inn = [premises("1", 2020, is_vacant=True), premises("2", 2020, cluster="A", who="x")]
    assert kinds([*out, *inn]) == {"2": "moved_from_outside"}
    frame = cells([*out, *inn])
    assert [count(frame, INSIDE, 2020, measure) for measure in ("opened", "moved_from_outside", "left")] == [1, 1, 0]
    assert [count(frame, OUTSIDE, 2020, measure) for measure in ("opened", "left")] == [0, 1]
    back = [premises("2", 2021, cluster="A", is_vacant=True), premises("3", 2021, cluster="B", who="x")]
    assert kinds([*out, *inn, *back], 2021) == {"3": "moved_from_cluster"}


def test_premises_that_disappeared_or_changed_function_were_given_up_too():
    rows = [premises("1", 2019, who="x"), premises("1", 2020, function="other", other_kind="demolished")]
    assert kinds([*rows, premises("2", 2020, cluster="A", who="x")]) == {"2": "moved_from_outside"}
    assert kinds([premises("1", 2019, who="x"), premises("2", 2020, cluster="A", who="x")]) == {
        "2": "moved_from_outside"
    }


@pytest.mark.parametrize(
    "rows",
    [
        [premises("1", 2019, who="x"), premises("1", 2020, who="x"), premises("2", 2020, cluster="A", who="x")],
        [premises("1", 2019, function="service", who="x"), premises("1", 2020, who="x")],
        [premises("1", 2018, who="x"), premises("1", 2019, is_vacant=True), premises("2", 2020, cluster="A", who="x")],
    ],
    ids=["an extra shop", "another function before", "back after a year"],
)
def test_other_openings_are_neither_new_nor_moved(rows):
    assert list(kinds(rows).values()) == ["opened_otherwise"]


def test_one_given_up_shop_is_one_move_however_many_open():
    rows = [premises("1", 2019, who="x"), premises("1", 2020, is_vacant=True)]
    rows += [premises(name, 2020, cluster="A", who="x") for name in ("2", "3")] + [premises("4", 2020, who="x")]
    assert kinds(rows) == {"2": "moved_from_outside", "3": "opened_otherwise", "4": "opened_otherwise"}


def test_a_retailer_who_stays_neither_opens_nor_leaves():
    rows = [premises("1", year, who="x") for year in (2019, 2020)]
    assert kinds(rows) == {} and _trace_departures(small_retail(rows).premises, 2020).empty


@st.composite
def histories(draw):
    """Premises over three years; what each is in a year is drawn anew, or absent."""
    rows = []
    for number in range(draw(st.integers(1, 9))):
        cluster = draw(st.sampled_from([None, "A", "B"]))
        for year in (2019, 2020, 2021):
            what = draw(st.sampled_from(["absent", "retail", "retail", "vacant", "service", "other"]))
            if what == "absent":
                continue
            who = draw(st.sampled_from("pqrst")) if what in ("retail", "service") else None
            function = {"vacant": "retail"}.get(what, what)
            kind = "housing" if what == "other" else None
            options = {"cluster": cluster, "function": function, "is_vacant": what == "vacant", "other_kind": kind}
            area = float(draw(st.integers(1, 500)))
            rows.append(premises(f"{number}", year, who=who, wvo_m2=area, bvo_m2=area + 10, **options))
    rows.append(premises("last", 2019, who="z"))
    return rows


@settings(max_examples=15, deadline=None)
@given(rows=histories())
def test_parts_add_up_and_years_follow_from_each_other(rows):
    frame = cells(rows)
    values = frame[["count", "wvo_m2", "bvo_m2"]]
    years = sorted({row.year for row in rows})
    for year in years:
        for measure in ("premises", "vacant", "occupied"):
            parts = values.loc[(INSIDE, year, measure)] + values.loc[(OUTSIDE, year, measure)]
            assert parts.equals(values.loc[(REGION, year, measure)])
            by_municipality = sum(values.loc[(code, year, measure)] for code in MUNICIPALITIES)
            assert by_municipality.equals(values.loc[(REGION, year, measure)])
        for unit in ("A", INSIDE, OUTSIDE, REGION):
            stock = values.loc[(unit, year, "vacant")] + values.loc[(unit, year, "occupied")]
            assert stock.equals(values.loc[(unit, year, "premises")])
            if year - 1 in years:
                n = {measure: count(frame, unit, year, measure) for measure in frame.loc[unit, year].index}
                before = {measure: count(frame, unit, year - 1, measure) for measure in ("premises", "occupied")}
                assert n["premises"] == before["premises"] + n["added"] - n["transformed"] - n["gone"]
                assert n["occupied"] == before["occupied"] + n["opened"] - n["left"]
                assert n["opened"] == sum(n[kind] for kind in OPENINGS)
    shuffled = cells(list(reversed(rows)))
    pd.testing.assert_frame_equal(shuffled, frame)
