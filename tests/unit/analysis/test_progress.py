"""Doelbereik: states from records, paths to targets, gaps to the yardsticks."""

from datetime import date

import pandas as pd
import pytest

from evaluation.analysis.progress import element_states, group_progress, milestone_states, target_progress
from evaluation.analysis.yardstick import gap_series, standing
from evaluation.inputs.deal import load_deal
from tests.unit.small_programme import small_programme

DEAL = load_deal()


def state_of(element: str, programme) -> str:
    return next(s for s in element_states(DEAL, programme) if s.element.id == element).state


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "none"),
        (["planned"], "planned"),
        (["planned", "started"], "started"),
        (["planned", "completed"], "started"),
        (["completed", "completed"], "completed"),
        (["completed", "dropped"], "completed"),
        (["dropped", "planned"], "planned"),
        (["dropped", "dropped"], "dropped"),
    ],
)
def test_the_state_of_an_element_follows_from_its_projects(states, expected):
    projects = [{"project_id": f"P{n}", "state": state, "approach": ("2u",)} for n, state in enumerate(states)]
    assert state_of("2u", small_programme(projects)) == expected


def test_a_milestone_counts_as_evidence_for_an_element():
    done, open_ = {"date_done": "2020-05-01", "approach": ("1e",)}, {"milestone_id": "M2", "approach": ("1e",)}
    assert state_of("1e", small_programme(milestones=[open_])) == "planned"
    assert state_of("1e", small_programme(milestones=[done, open_])) == "started"
    assert state_of("1e", small_programme(milestones=[done])) == "completed"


def test_a_meeting_is_no_evidence_for_an_element():
    meeting = {"kind": "meeting", "date_done": "2020-05-01", "approach": ("1e",)}
    assert state_of("1e", small_programme(milestones=[meeting])) == "none"


def progress(target: str, quantity: float | None, day: date, measured=None):
    outputs = [] if quantity is None else [{"target": target, "quantity": quantity}]
    targets = [t for t in DEAL.as_of(day).targets if t.id == target]
    return target_progress(DEAL, targets, small_programme([{}], outputs=outputs), day, measured)[0]


def test_the_path_is_a_straight_line_from_mid_2019_to_the_day_of_the_target():
    row = progress("woningen-transitie", 0, date(2021, 12, 31))
    whole = (date(2025, 12, 31) - date(2019, 7, 1)).days
    assert row.path == pytest.approx(700 * (date(2021, 12, 31) - date(2019, 7, 1)).days / whole)
    assert progress("woningen-transitie", 0, date(2025, 12, 31)).path == 700


@pytest.mark.parametrize(
    ("quantity", "position"),
    [(0, "onder het pad"), (269, "op het pad"), (400, "voor op het pad"), (700, "doel bereikt"), (800, "doel bereikt")],
)
def test_a_delivery_is_placed_against_the_path(quantity, position):
    assert progress("woningen-transitie", quantity, date(2021, 12, 31)).position == position


def test_nothing_delivered_is_zero_and_a_target_that_nothing_measures_is_not():
    assert progress("kvo", None, date(2021, 12, 31)).delivered == 0
    vacancy = progress("winkelleegstand", None, date(2021, 12, 31))
    assert (vacancy.delivered, vacancy.position, vacancy.projection) == (None, "niet te vergelijken", None)


def share_of_path(day: date, by: date) -> float:
    return (day - date(2019, 7, 1)).days / (by - date(2019, 7, 1)).days


def test_on_its_last_day_a_target_is_reached_or_not():
    assert progress("ondernemers", 39, date(2022, 12, 31)).position == "doel niet bereikt"
    assert progress("ondernemers", 40, date(2022, 12, 31)).position == "doel bereikt"


def test_a_target_that_falls_is_reached_by_falling():
    day = date(2021, 12, 31)
    assert progress("winkelleegstand", None, day).path == pytest.approx(
        11.2 - 5.2 * share_of_path(day, date(2025, 12, 31))
    )
    assert progress("winkelleegstand", None, day, {"winkelleegstand": 6.0}).position == "doel bereikt"
    assert progress("winkelleegstand", None, day, {"winkelleegstand": 11.2}).position == "onder het pad"


def test_the_projection_goes_on_at_the_average_pace():
    row = progress("ondernemers", 20, date(2021, 3, 31))
    elapsed = (date(2021, 3, 31) - date(2019, 7, 1)).days / (date(2022, 12, 31) - date(2019, 7, 1)).days
    assert row.projection == pytest.approx(20 / elapsed)


def test_the_homes_add_up_to_1600():
    day = date(2025, 12, 31)
    rows = target_progress(DEAL, DEAL.as_of(day).targets, small_programme([{}], outputs=[{"quantity": 30.0}]), day)
    delivered, path, total, projection = group_progress(rows, "woningen")
    assert (delivered, path, total, projection) == (30.0, 1600.0, 1600, 30.0)


def test_before_the_paths_begin_there_is_no_pace_to_go_on_with():
    day = DEAL.term.path_from
    rows = target_progress(DEAL, DEAL.as_of(day).targets, small_programme([{}]), day)
    assert group_progress(rows, "woningen") == (0.0, 0.0, 1600, None)


def test_a_target_of_nothing_left_is_reached_when_nothing_is_left():
    day = date(2021, 12, 31)
    vacancy = next(t for t in DEAL.targets if t.id == "winkelleegstand").model_copy(update={"quantity": 0})
    reached, none_yet = (
        target_progress(DEAL, [vacancy], small_programme([{}]), day, {vacancy.id: value})[0] for value in (0.0, 11.2)
    )
    assert (reached.position, reached.distance) == ("doel bereikt", 0.0)
    assert (none_yet.position, none_yet.distance) == ("onder het pad", pytest.approx(-11.2))


def test_a_dated_promise_is_kept_when_its_records_are_done():
    done = {"deal_milestone": "5a-uitvoeringsprogramma", "date_done": "2020-02-27"}
    states = {s.milestone.id: s for s in milestone_states(DEAL, small_programme(milestones=[done]), 5)}
    assert states["5a-uitvoeringsprogramma"].done_on == date(2020, 2, 27)
    half = [done, {"milestone_id": "M2", "deal_milestone": "5a-uitvoeringsprogramma"}]
    states = {s.milestone.id: s for s in milestone_states(DEAL, small_programme(milestones=half), 5)}
    assert states["5a-uitvoeringsprogramma"].done_on is None and states["5a-uitvoeringsprogramma"].has_record


def panel(values: dict[tuple[str, int], float]) -> pd.DataFrame:
    rows = [
        {
            "unit": unit,
            "unit_name": unit,
            "level": "region",
            "period": year,
            "indicator": "x",
            "value": value,
            "status": "final",
        }
        for (unit, year), value in values.items()
    ]
    return pd.DataFrame(rows)


VALUES = {
    ("parkstad", 2018): 4.0, ("parkstad", 2021): 2.0, ("PV31", 2018): 3.0, ("PV31", 2021): 1.5,
    ("PV31-rest", 2018): 2.5, ("PV31-rest", 2021): 1.0,
}  # fmt: skip


def test_a_standing_has_level_change_and_both_gaps():
    frame = standing(panel(VALUES), "x", 2021, 2018, benchmark="PV31", rest="PV31-rest").set_index("unit")
    row = frame.loc["parkstad"]
    assert (row["value"], row["change"]) == (2.0, -2.0)
    assert (row["gap_benchmark"], row["gap_benchmark_base"]) == (0.5, 1.0)
    assert (row["gap_rest"], row["gap_rest_base"]) == (1.0, 1.5)


def test_a_missing_year_stays_missing_and_is_not_a_gap_of_zero():
    values = {key: value for key, value in VALUES.items() if key != ("PV31", 2018)}
    frame = standing(panel(values), "x", 2021, 2018, benchmark="PV31", rest="PV31-rest").set_index("unit")
    assert frame.at["parkstad", "gap_benchmark_base"] != frame.at["parkstad", "gap_benchmark_base"]


def test_a_gap_series_leaves_out_years_that_one_of_the_two_lacks():
    values = {**VALUES, ("parkstad", 2019): 3.0}
    assert gap_series(panel(values), "x", "parkstad", "PV31-rest", relative=False).to_dict() == {2018: 1.5, 2021: 1.0}
    assert gap_series(panel(values), "x", "parkstad", "PV31-rest", relative=True).to_dict() == {2018: 60.0, 2021: 100.0}
    assert gap_series(panel(values), "x", "parkstad", "GM0000", relative=False).empty
