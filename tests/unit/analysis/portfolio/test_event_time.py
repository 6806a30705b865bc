"""Effects by year since the start, and their bounds: known exactly."""

import numpy as np
import pytest

from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.estimators import fit_saturated
from evaluation.analysis.portfolio.event_time import EventTimes, event_times, pre_trend_bounds, with_leads
from tests.unit.analysis.portfolio.small import COUNT, PRICE, counted, frame_of

COHORTS = {"a": 2016, "b": 2018, "c": 2019, **{f"x{n}": NEVER for n in range(6)}}


@pytest.fixture(scope="module")
def growing():
    return with_leads(frame_of(COHORTS, lambda _, since: -2.0 * (since + 1)))


def test_years_before_the_start_have_cells_and_the_year_before_it_is_the_base(growing):
    at = growing.drop_duplicates(["cluster", "period"]).set_index(["cluster", "period"])["lead_cell"]
    assert [at["c", year] for year in (2013, 2014, 2017, 2018, 2019)] == [
        "2019_before", "2019_2014", "2019_2017", "-", "2019_2019",
    ]  # fmt: skip
    assert (at["x0"] == "-").all()


@pytest.mark.parametrize(("outcome", "turned"), [(PRICE, lambda frame: frame), (COUNT, counted)])
def test_every_year_has_the_effect_that_was_planted(growing, outcome, turned):
    frame = turned(growing)
    found = event_times(fit_saturated(frame, outcome, cells="lead_cell"), frame, outcome)
    assert found.moments.tolist() == [-5, -4, -3, -2, 0, 1, 2, 3, 4]
    assert found.values == pytest.approx([0, 0, 0, 0, -2, -4, -6, -8, -10], abs=1e-4)


def test_the_table_has_the_base_at_zero_and_intervals_of_the_limit():
    times = EventTimes(np.array([-2, 0, 1]), np.array([1.0, 2.0, 3.0]), np.diag([1.0, 4.0, 9.0]))
    table = times.table(2.5)
    assert table["event_time"].tolist() == [-2, -1, 0, 1]
    assert table["value"].tolist() == [1, 0, 2, 3]
    assert (table["high"] - table["value"]).tolist() == [2.5, 0, 5, 7.5]
    assert (table["value"] - table["low"]).tolist() == [2.5, 0, 5, 7.5]


def test_without_a_bend_the_bounds_are_what_is_off_the_straight_line():
    """A line of slope 1 through the base, and 5 more after the start: with no bend the effect is 5, and not 5 + 3.5."""
    moments = np.array([-5, -4, -3, -2, 0, 1, 2, 3, 4])
    values = (moments + 1.0) + np.where(moments >= 0, 5.0, 0.0)
    times = EventTimes(moments, values, 1e-6 * np.eye(9))
    found = pre_trend_bounds(times, years=(1, 4), quantile=1.959964, bends=[0.0, 0.5])
    straight, bent = found.intervals
    assert (straight.low + straight.high) / 2 == pytest.approx(5.0, abs=1e-3)
    assert straight.high - straight.low < 0.02
    # From the years just before the start a bend of 0.5 a year, from then on: the mean of 0.5 * (1 + ... ) it can add.
    steps = [sum(range(1, moment + 2)) * 0.5 for moment in range(1, 5)]
    assert (bent.high - bent.low) / 2 == pytest.approx(np.mean(steps), rel=0.01)


def test_a_larger_limit_widens_the_bounds_in_proportion():
    moments = np.array([-5, -4, -3, -2, 0, 1, 2, 3, 4])
    times = EventTimes(moments, np.zeros(9), np.eye(9))
    usual, wide = (
        pre_trend_bounds(times, years=(1, 4), quantile=limit, bends=[0.0]).intervals[0]
        for limit in (1.959964, 2 * 1.959964)
    )
    assert wide.high - wide.low == pytest.approx(2 * (usual.high - usual.low), rel=1e-3)
