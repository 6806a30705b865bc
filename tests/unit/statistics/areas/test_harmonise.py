"""Figures on the boundaries of one year: what must hold for every figure, and what is refused."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.base.errors import UsageError
from evaluation.statistics.areas.boundary_tables import load_boundaries
from evaluation.statistics.areas.harmonise import COLUMNS, harmonise
from evaluation.statistics.areas.municipalities import transfers

REGIONS = Path(__file__).resolve().parents[4] / "data" / "regions"
MUNICIPALITIES, CHANGES = load_boundaries(folder=REGIONS)
YEARS = st.integers(2010, 2026)
some = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def codes_of(year: int) -> list[str]:
    return [item.code for item in MUNICIPALITIES if item.exists_in(year)]


@st.composite
def country(draw: st.DrawFn, *, first: int = 2010) -> tuple[int, int, pd.DataFrame]:
    """Draw a year, a later one, and a count for every municipality of the first."""
    year = draw(st.integers(first, 2026))
    to = draw(st.integers(year, 2026))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32))).integers(0, 10**7, len(codes_of(year)))
    return year, to, frame(dict(zip(codes_of(year), numbers.tolist(), strict=True)), year)


def frame(values: dict[str, float | None], period: int, status: str = "final") -> pd.DataFrame:
    rows = [(code, period, np.nan if value is None else value, status) for code, value in values.items()]
    return pd.DataFrame(rows, columns=["region", "period", "value", "status"]).astype({"value": float})


def harmonised(values: pd.DataFrame, to: int, **options: object) -> pd.DataFrame:
    return harmonise(values, to, folder=REGIONS, **options).values


def as_dict(values: pd.DataFrame) -> dict[str, float]:
    return dict(zip(values["region"], values["value"], strict=True))


@some
@given(country())
def test_a_total_is_conserved(drawn):
    year, to, values = drawn
    result = harmonised(values, to)
    assert list(result["region"]) == sorted(codes_of(to))
    assert result["value"].sum() == pytest.approx(values["value"].sum(), rel=1e-12)
    expected = dict.fromkeys(codes_of(to), 0)
    for code, where in transfers(MUNICIPALITIES, CHANGES, year, to).items():
        if len(where) == 1:
            expected[next(iter(where))] += as_dict(values[values["region"] == code])[code]
    exact = as_dict(result[~result["is_estimate"]])
    assert exact == {region: expected[region] for region in exact}


@some
@given(country(first=2021))
def test_a_total_over_whole_mergers_is_exact(drawn):
    _, to, values = drawn
    result = harmonised(values, to)
    assert not result["is_estimate"].any()
    assert result["value"].sum() == values["value"].sum()


@some
@given(YEARS, YEARS, st.randoms(use_true_random=False))
def test_the_order_of_the_changes_is_irrelevant(one: int, other: int, random):
    year, to = sorted((one, other))
    shuffled = list(CHANGES)
    random.shuffle(shuffled)
    assert transfers(MUNICIPALITIES, shuffled, year, to) == transfers(MUNICIPALITIES, CHANGES, year, to)


@some
@given(st.lists(YEARS, min_size=3, max_size=3))
def test_the_years_on_the_way_are_irrelevant(three: list[int]):
    year, between, to = sorted(three)
    first = transfers(MUNICIPALITIES, CHANGES, year, between)
    second = transfers(MUNICIPALITIES, CHANGES, between, to)
    joined: dict[str, dict[str, Fraction]] = {}
    for code, where in first.items():
        joined[code] = {}
        for middle, share in where.items():
            for target, part in second[middle].items():
                joined[code][target] = joined[code].get(target, Fraction(0)) + share * part
    assert joined == transfers(MUNICIPALITIES, CHANGES, year, to)


@some
@given(YEARS, YEARS)
def test_the_municipalities_of_one_year_divide_over_those_of_another(one: int, other: int):
    year, to = sorted((one, other))
    where = transfers(MUNICIPALITIES, CHANGES, year, to)
    assert sorted(where) == sorted(codes_of(year))
    assert all(sum(shares.values()) == 1 for shares in where.values())
    assert {target for shares in where.values() for target in shares} == set(codes_of(to))


@some
@given(country(), st.floats(0, 0.1))
def test_harmonising_again_changes_nothing(drawn, absent: float):
    year, to, values = drawn
    values.loc[values.index < absent * len(values), ["value", "status"]] = [np.nan, "withheld"]
    once = harmonised(values, to)
    again = harmonised(once[["region", "period", "value", "status"]], to, boundaries=to)
    pd.testing.assert_frame_equal(once[COLUMNS[:4]], again[COLUMNS[:4]])
    same = harmonised(values, year)
    pd.testing.assert_frame_equal(same[COLUMNS[:4]], values.sort_values("region", ignore_index=True)[COLUMNS[:4]])


@some
@given(country())
def test_a_mean_of_equals_is_that_value_and_lies_between_its_parts(drawn):
    year, to, weights = drawn
    weights["value"] += 1
    assert harmonised(weights.assign(value=7.0), to, kind="mean", weights=weights)["value"].tolist() == pytest.approx(
        [7.0] * len(codes_of(to))
    )
    means = frame({code: float(number % 97) for number, code in enumerate(codes_of(year))}, year)
    result = as_dict(harmonised(means, to, kind="mean", weights=weights))
    known = as_dict(means)
    where = transfers(MUNICIPALITIES, CHANGES, year, to)
    parts = Counter(target for shares in where.values() for target in shares)
    alone = [code for code, shares in where.items() if list(shares) == [code] and parts[code] == 1]
    assert [result[code] for code in alone] == [known[code] for code in alone]
    assert min(known.values()) - 1e-9 <= min(result.values()) <= max(result.values()) <= max(known.values()) + 1e-9


def test_beekdaelen_is_the_sum_of_three():
    values = frame({"GM0881": 1, "GM0951": 2, "GM0962": 4, "GM0917": 8}, 2018)
    result = harmonise(values, 2019, folder=REGIONS)
    assert as_dict(result.values) == {"GM0917": 8, "GM1954": 7}
    assert result.values["parts"].tolist() == [1, 3]
    assert not result.values["is_estimate"].any()


def test_each_year_has_its_own_boundaries():
    values = pd.concat([frame({"GM0881": 1, "GM0951": 2, "GM0962": 4}, 2018), frame({"GM1954": 9}, 2021)])
    assert harmonised(values, 2025)[["region", "period", "value"]].values.tolist() == [
        ["GM1954", 2018, 7.0],
        ["GM1954", 2021, 9.0],
    ]


def test_a_split_is_divided_after_its_inhabitants_and_flagged():
    values = frame({"GM0788": 14318, "GM0757": 0, "GM0824": 0, "GM0855": 0, "GM0865": 0}, 2020)
    result = harmonised(values, 2021)
    assert as_dict(result) == pytest.approx({"GM0757": 2149, "GM0824": 5827, "GM0855": 1442, "GM0865": 4900})
    assert result["is_estimate"].all()
    assert set(result["divided"]) == {("GM0788",)}


def test_a_large_correction_is_divided_and_a_small_one_left_out():
    values = frame({"GM0040": 1000, "GM0014": 0, "GM0717": 5, "GM1695": 5}, 2016)
    result = harmonise(values, 2017, folder=REGIONS)
    assert as_dict(result.values) == pytest.approx({"GM0014": 65.504, "GM0040": 934.496, "GM0717": 5, "GM1695": 5})
    assert result.values.set_index("region")["is_estimate"].to_dict() == {
        **{"GM0014": True, "GM0040": True, "GM0717": False, "GM1695": False}
    }


def test_a_part_without_a_figure_makes_the_whole_missing_and_never_smaller():
    withheld = frame({"GM0881": 1, "GM0951": None, "GM0962": 4}, 2018)
    withheld.loc[1, "status"] = "withheld"
    row = harmonised(withheld, 2019).iloc[0]
    assert (np.isnan(row["value"]), row["status"], row["absent"]) == (True, "withheld", ("GM0951",))
    row = harmonised(frame({"GM0881": 1, "GM0951": 2}, 2018), 2019).iloc[0]
    assert (np.isnan(row["value"]), row["status"], row["absent"]) == (True, "missing", ("GM0962",))


def test_a_mean_is_weighted():
    means = frame({"GM0881": 100, "GM0951": 200, "GM0962": 300}, 2018)
    weights = frame({"GM0881": 1, "GM0951": 1, "GM0962": 2}, 2018)
    assert as_dict(harmonised(means, 2019, kind="mean", weights=weights)) == {"GM1954": 225}
    for few in (weights.iloc[:2], weights.assign(value=0.0)):
        row = harmonised(means, 2019, kind="mean", weights=few).iloc[0]
        assert (np.isnan(row["value"]), row["status"]) == (True, "missing")


def test_a_mean_that_is_published_as_such_needs_no_weight():
    means = frame({"GM0917": 100}, 2018)
    assert as_dict(harmonised(means, 2019, kind="mean", weights=frame({}, 2018))) == {"GM0917": 100}


def test_a_code_of_later_in_the_year_is_the_same_municipality():
    assert as_dict(harmonised(frame({"GM1940": 5}, 2015), 2015)) == {"GM1921": 5}
    assert as_dict(harmonised(frame({"GM1940": 5}, 2015), 2016)) == {"GM1940": 5}


def test_boundaries_go_back_where_nothing_changed():
    values = frame({"GM0917": 5, "GM1954": 7}, 2024)
    assert as_dict(harmonised(values, 2019)) == {"GM0917": 5, "GM1954": 7}
    with pytest.raises(UsageError, match="on 2019-01-01 GM0881 went to GM1954"):
        harmonised(values, 2018)


def test_nothing_in_is_nothing_out():
    result = harmonise(frame({}, 2018), 2019, folder=REGIONS)
    assert (list(result.values.columns), len(result.values)) == (COLUMNS, 0)


@pytest.mark.parametrize(
    ("values", "to", "options", "message"),
    [
        ({"GM0917": 1}, 2019, {"kind": "median"}, "A median over several municipalities"),
        ({"GM0917": 1}, 2019, {"kind": "rate"}, "numerator and the denominator"),
        ({"GM0917": 1}, 2019, {"kind": "mean"}, "needs the weights"),
        ({"GM0917": 1}, 2019, {"kind": "medan"}, "Did you mean 'median'"),
        ({"GM0917": 1}, 2019, {"weights": frame({"GM0917": 1}, 2018)}, "Counts are summed"),
        ({"GM0917": 1}, 2027, {}, "2010 to 2026, not for 2027"),
        ({"GM0917": 1}, 2019, {"boundaries": 2009}, "not for 2009"),
        ({"GM1954": 1}, 2019, {}, r"no municipality on 1 January: GM1954 \(2018\)"),
        ({"PV31": 1}, 2019, {}, "PV31"),
    ],
)
def test_what_cannot_be_done_is_refused(values: dict[str, float], to: int, options: dict, message: str):
    with pytest.raises(UsageError, match=message):
        harmonised(frame(values, 2018), to, **options)


def test_two_codes_for_one_municipality_are_refused():
    with pytest.raises(UsageError, match="GM1921 twice for 2015"):
        harmonised(frame({"GM1921": 1, "GM1940": 2}, 2015), 2020)


def test_a_year_before_is_refused():
    with pytest.raises(UsageError, match="ask for 2020 or later"):
        transfers(MUNICIPALITIES, CHANGES, 2020, 2019)


def test_every_change_is_after_the_first_day_on_record():
    assert min(change.day for change in CHANGES) > date(2010, 1, 1)


def test_a_mean_is_the_same_to_the_last_digit_in_whatever_order_the_members_come():
    codes = [item.code for item in MUNICIPALITIES if item.province == "PV31" and item.exists_in(2020)]
    keys = {"region": codes, "period": 2020, "status": "final"}
    values = pd.DataFrame(keys | {"value": [1 / (3 + n) for n in range(len(codes))]})
    weights = pd.DataFrame(keys | {"value": [1000.0 + 7919 * n for n in range(len(codes))]})
    orders = [codes, codes[::-1], codes[1::2] + codes[::2], codes[7:] + codes[:7]]
    found = {
        harmonised(values, 2020, groups={"all": order}, kind="mean", weights=weights)["value"][0] for order in orders
    }
    products = dict(zip(codes, values["value"] * weights["value"], strict=True))
    one_by_one = {reduce(add, (products[code] for code in order)) for order in orders}
    assert len(one_by_one) > 1  # the order matters to such a sum
    assert len(found) == 1
