"""Forecasts: what statsmodels says, with intervals from the errors of the past, and scored by what came."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.holtwinters import Holt

from evaluation.analysis.forecast_designs import ancova_residuals, judge_designs
from evaluation.analysis.forecast_panel import panel_of, to_scale
from evaluation.analysis.forecast_scores import (
    SCORE_COLUMNS,
    calibrate,
    mean_brier,
    score_events,
    score_forecasts,
    scores_csv,
)
from evaluation.analysis.forecasts import forecast, forecast_years, half_width, past_errors
from evaluation.analysis.registration import declare, open_subject
from evaluation.base.errors import UsageError
from evaluation.inputs.indicators import Indicator, load_designs, load_indicators
from evaluation.inputs.registrations import Registered, Registration, write_registration
from tests.unit.small_plan import DAY, made_up_figures, made_up_plan, subject, written_plan

INDICATORS = load_indicators()
RANDOM = np.random.default_rng(3)
VALUES = RANDOM.normal(0, 1, (6, 9)).cumsum(axis=1)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Registered:
    return written_plan(tmp_path_factory.mktemp("plan"))


def changed(figures: pd.DataFrame, factor: float, indicator: str = "woninginbraak", unit: str = "parkstad"):
    """Plant an effect in the made-up years that come."""
    is_it = (figures["indicator"] == indicator) & (figures["unit"] == unit) & (figures["period"] > 2025)
    return figures.assign(value=figures["value"].where(~is_it, figures["value"] * factor))


def test_the_own_trend_is_the_damped_trend_of_statsmodels():
    for row, told in zip(VALUES, forecast(VALUES, 4, "own_trend"), strict=True):
        model = Holt(row, damped_trend=True, initialization_method="known", initial_level=row[0], initial_trend=0.0)
        fit = model.fit(smoothing_level=0.8, smoothing_trend=0.2, damping_trend=0.9, optimized=False)
        np.testing.assert_allclose(told, fit.forecast(4), rtol=1e-12)


def test_by_comparison_a_region_moves_as_the_mean_of_the_others_is_expected_to():
    told = forecast(VALUES, 3, "comparison")
    for place in (0, 2):
        others = np.delete(VALUES, [0, place], axis=0).mean(axis=0)  # the judged region moves no other
        expected = VALUES[place, -1] + forecast(others[None], 3, "own_trend")[0] - others[-1]
        np.testing.assert_allclose(told[place], expected, rtol=1e-12)


def test_an_interval_is_the_error_that_so_many_forecasts_of_the_past_did_not_pass():
    errors = past_errors(VALUES, 4, "own_trend")
    by_hand = VALUES[:, 5:9] - forecast(VALUES[:, :5], 4, "own_trend")
    np.testing.assert_allclose(errors.values[2], by_hand)
    assert np.isnan(errors.values[-1][:, 1:]).all() and errors.tried == 4
    sizes, origins, extended = errors.sizes(2, range(6))
    assert (origins, extended, len(sizes)) == (5, False, 30)
    half = half_width(sizes, 0.80)
    assert (sizes <= half).sum() == 25 == np.ceil(31 * 0.8)
    assert half_width(sizes, 0.95) >= half


def test_further_ahead_than_the_past_reaches_the_error_grows_with_the_years():
    errors = past_errors(VALUES, 8, "own_trend")
    assert errors.tried == 5
    longest, (wide, origins, extended) = errors.sizes(5, range(6))[0], errors.sizes(8, range(6))
    assert (origins, extended) == (2, True)
    np.testing.assert_allclose(wide, longest * 8 / 5)


@pytest.mark.parametrize("method", ["own_trend", "comparison"])
def test_intervals_hold_what_they_say_where_the_future_is_as_the_past(method):
    """Random walks with a movement of all: over many made-up countries 80% and 95% of the figures lie inside."""
    inside: dict[int, list[bool]] = {80: [], 95: []}
    for seed in range(60):
        draw = np.random.default_rng(seed)
        values = draw.normal(0, 1, (20, 20)).cumsum(axis=1)
        sizes, _, _ = past_errors(values[:, :18], 2, method).sizes(2, range(20))
        points = forecast(values[:, :18], 2, method)[:, 1]
        for level, found in inside.items():
            found += list(abs(values[:, 19] - points) <= half_width(sizes, level / 100))
    assert abs(np.mean(inside[80]) - 0.80) < 0.04 and abs(np.mean(inside[95]) - 0.95) < 0.02


def figures_of(values: dict[int, float], **changes: object) -> tuple[pd.DataFrame, Indicator]:
    rows = [(unit, year, value * k) for k, unit in enumerate("abcd", start=1) for year, value in values.items()]
    item = INDICATORS["woninginbraak"].model_copy(update=changes)
    return pd.DataFrame(rows, columns=["unit", "period", "value"]), item


def test_a_series_starts_after_its_last_gap_or_break_and_needs_five_years():
    years = {year: 2.0 + year % 3 for year in range(2012, 2026)}
    frame, item = figures_of({year: value for year, value in years.items() if year != 2015})
    assert panel_of(frame, item, "a", list("bcd"), until=2025).years == tuple(range(2016, 2026))
    assert panel_of(frame, item, "a", list("bcd"), until=2019) is None
    broken = {"year": 2019, "kind": "method", "note": "x"}
    frame, item = figures_of(years, breaks=(type(INDICATORS["bijstand"].breaks[0])(**broken),))
    assert panel_of(frame, item, "a", list("bcd"), until=2025).years == tuple(range(2019, 2026))
    assert panel_of(frame, item, "z", list("bcd"), until=2025) is None


def test_no_forecast_leaves_what_is_possible():
    chances = {2016: 2.0, 2017: 1.0, 2018: 3.0, 2019: 0.5, 2020: 0.9, 2021: 0.4, 2022: 0.2}
    frame, item = figures_of(chances, unit_of_measure="pct")
    panel = panel_of(frame, item, "a", list("bcd"), until=2025)
    assert panel.scale == "logit"
    for told in forecast_years(panel, [2026, 2027], range(4), 1).values():
        assert all(0 < year["low95"] < year["point"] < year["high95"] < 100 for year in told.values())
    frame, item = figures_of({**chances, 2022: 0.0})
    assert panel_of(frame, item, "a", list("bcd"), until=2025).scale == "level"


def test_the_plan_has_every_indicator_with_five_years_for_all_years(plan: Registered):
    content = plan.content
    assert set(content.forecasts) == {"woninginbraak", "verkoopprijs", "arbeidsdeelname", "inwoners"}
    for item in content.forecasts.values():
        assert list(item.own_trend) == list(item.comparison) == [2026, 2027, 2028, 2029]
        widths = [told.high95 - told.low95 for told in item.own_trend.values()]
        assert widths == sorted(widths), "further ahead is less certain"
    chances = content.forecasts["woninginbraak"].events()
    assert set(chances) == {"gap_smaller", "improved"}
    assert (
        set(content.designs) == {"woninginbraak", "verkoopprijs", "arbeidsdeelname"} and content.after_the_figures == ()
    )
    assert all(len(item.start) == 40 and item.smallest_p == 0.025 for item in content.designs.values())


def test_the_same_figures_give_the_same_bytes():
    assert write_registration(made_up_plan())[0] == write_registration(made_up_plan())[0]


def test_what_was_known_is_marked_and_not_counted(tmp_path: Path):
    early = made_up_figures(2026)
    late = early[(early["period"] <= 2025) | (early["indicator"] == "inwoners")]
    content = written_plan(tmp_path, made_up_plan(late)).content
    assert content.after_the_figures == ("inwoners",)
    assert content.forecasts["inwoners"].known_at_registration == (2026,)
    assert content.forecasts["inwoners"].last == 2025, "and it is not used"
    scores = score_forecasts(content, early)
    assert {item.indicator for item in scores if item.is_known} == {"inwoners"}
    assert calibrate(scores)["own_trend"].scored == 3
    assert all(item.indicator != "inwoners" for item in score_events(content, early) if not item.is_known)


def test_a_made_up_later_year_is_scored(plan: Registered):
    """The figures of 2026 are made up: home burglaries exactly as forecast, prices far above every interval."""
    content = plan.content
    told = content.forecasts["woninginbraak"].own_trend[2026], content.forecasts["verkoopprijs"].own_trend[2026]
    later = made_up_figures(2026)
    for name, value in (("woninginbraak", told[0].point), ("verkoopprijs", 2 * told[1].high95)):
        is_it = (later["indicator"] == name) & (later["unit"] == "parkstad") & (later["period"] == 2026)
        later.loc[is_it, "value"] = value
    scores = {(item.indicator, item.method): item for item in score_forecasts(content, later)}
    hit, miss = scores["woninginbraak", "own_trend"], scores["verkoopprijs", "own_trend"]
    assert hit.inside80 and hit.inside95 and hit.score80 == told[0].high80 - told[0].low80
    assert not miss.inside80 and not miss.inside95
    assert miss.score95 == pytest.approx(told[1].high95 - told[1].low95 + 40 * told[1].high95)
    found = calibrate(list(scores.values()))["own_trend"]
    inside = [item.inside80 for (_, method), item in scores.items() if method == "own_trend"]
    assert found.scored == 4 and found.inside80 == sum(inside) / 4
    events = {(item.indicator, item.event): item for item in score_events(content, later)}
    chance = content.forecasts["woninginbraak"].improved[2026]
    better = told[0].point < content.forecasts["woninginbraak"].last_value
    assert events["woninginbraak", "improved"].happened is better
    assert events["woninginbraak", "improved"].brier == pytest.approx((chance - better) ** 2, abs=1e-6)
    assert mean_brier(list(events.values())) == pytest.approx(np.mean([item.brier for item in events.values()]))
    table = list(csv.DictReader(io.StringIO(scores_csv(content, list(scores.values()), list(events.values())))))
    assert tuple(table[0]) == SCORE_COLUMNS and len(table) == len(scores) + len(events)


def test_a_figure_that_was_revised_since_is_told(plan: Registered):
    later = made_up_figures(2026)
    is_it = (later["indicator"] == "woninginbraak") & (later["unit"] == "parkstad") & (later["period"] == 2025)
    assert not any(item.is_revised for item in score_forecasts(plan.content, later))
    later.loc[is_it, "value"] *= 1.1
    assert {item.indicator for item in score_forecasts(plan.content, later) if item.is_revised} == {"woninginbraak"}


def test_before_a_figure_came_nothing_is_scored(plan: Registered):
    assert score_forecasts(plan.content, made_up_figures()) == [] == score_events(plan.content, made_up_figures())
    judged = judge_designs(plan.content, made_up_figures())
    assert {item.estimate.deviation for item in judged} == {"niet te vergelijken"}


def test_the_residual_is_that_to_the_line_through_all_others():
    start, came = RANDOM.normal(0, 1, 12), RANDOM.normal(0, 1, 12)
    slope, height = np.polyfit(start[1:], (came - start)[1:], 1)
    assert ancova_residuals(start, came)[0] == pytest.approx(came[0] - start[0] - height - slope * start[0])
    level = np.ones(5)
    np.testing.assert_allclose(ancova_residuals(level, level + np.arange(5))[0], -2.5)


def test_a_planted_effect_moves_the_grade(plan: Registered):
    later, found = made_up_figures(2029), {}
    for factor in (1.0, 0.7, 0.5, 0.1):
        found[factor] = {item.indicator: item for item in judge_designs(plan.content, changed(later, factor))}[
            "woninginbraak"
        ]
    told = {factor: item.estimate for factor, item in found.items()}
    assert told[1.0].deviation in ("te grof", "geen aanwijzing") and found[1.0].is_final
    assert {told[0.5].deviation, told[0.1].deviation} == {"sterke aanwijzing"}
    assert told[0.5].rank == 1 and told[0.5].p_value == told[0.5].p_adjusted == pytest.approx(0.025)
    assert told[0.5].value == pytest.approx(100 * (0.5 * (1 + told[1.0].value / 100) - 1))
    assert told[0.5].ci_low < told[0.5].value < told[0.5].ci_high < 0
    assert told[1.0].ci_low < 0 < told[1.0].ci_high


def test_an_interim_grade_says_so_and_a_wide_one_is_te_grof(plan: Registered):
    later = made_up_figures(2027)
    item = {item.indicator: item for item in judge_designs(plan.content, later)}["verkoopprijs"]
    assert item.years == (2026, 2027) and not item.is_final
    wide = {name: design.model_copy(update={"plausible_effect": 0.1}) for name, design in plan.content.designs.items()}
    narrow = {
        name: design.model_copy(update={"plausible_effect": 90.0}) for name, design in plan.content.designs.items()
    }
    grades = [
        {
            judged.indicator: judged.estimate.deviation
            for judged in judge_designs(plan.content.model_copy(update={"designs": one}), later)
        }
        for one in (wide, narrow)
    ]
    assert [grade["woninginbraak"] for grade in grades] == ["te grof", "geen aanwijzing"]


def test_the_detectable_effect_is_what_the_test_sees_in_four_of_five_regions(plan: Registered):
    """Shift every other region by the printed effect: about 80% of them would be seen at 5%."""
    later, seen = made_up_figures(2029), []
    design = plan.content.designs["woninginbraak"]
    for unit in list(design.start)[1:]:
        own = {name: design.start[name] for name in [unit, *(name for name in design.start if name != unit)]}
        trend = {name: design.own_trend[name] for name in own}
        swapped = design.model_copy(update={"start": own, "own_trend": trend})
        content = plan.content.model_copy(update={"designs": {"woninginbraak": swapped}})
        ratio = own[unit][1] / design.start["parkstad"][1]
        factor = float(np.exp(np.log1p(-design.detectable_effect / 100) * ratio))
        seen.append(judge_designs(content, changed(later, factor, unit=unit))[0].estimate.p_value <= 0.05)
    assert 0.65 <= np.mean(seen) <= 0.95


def test_a_design_that_cannot_be_decided_is_not_declared():
    figures = made_up_figures()
    few = replace(subject(), regions=dict(list(subject().regions.items())[:10]))
    content = declare(few, figures, INDICATORS, load_designs(), today=DAY)
    assert content["designs"] == {} and "10 gebieden" in content["without_design"]["woninginbraak"]
    old = figures[(figures["period"] < 2022) | (figures["indicator"] != "woninginbraak")]
    content = declare(subject(), old, INDICATORS, load_designs(), today=DAY)
    assert "woninginbraak" in content["forecasts"] and "2021" in content["without_design"]["woninginbraak"]
    assert content["forecasts"]["woninginbraak"]["own_trend"][2029]["extended"]


def test_without_five_years_nothing_is_registered():
    short = made_up_figures()
    short = short[(short["period"] >= 2022) | (short["indicator"] == "inwoners")]
    content = declare(subject(), short, INDICATORS, load_designs(), today=DAY)
    assert set(content["forecasts"]) == {"inwoners"}
    with pytest.raises(UsageError, match="5 years in a row up to 2025"):
        declare(subject(), short[short["period"] >= 2022], INDICATORS, load_designs(), today=DAY)


@pytest.mark.parametrize(
    ("deal", "today", "said"),
    [
        ("parkstad-limburg-33", DAY, "Did you mean 'parkstad-limburg-3'"),
        ("parkstad-limburg", DAY, "ended on 2022-12-31"),
        ("parkstad-limburg-3", date(2025, 11, 1), "begins on 2025-11-19"),
        ("parkstad-limburg-3", date(2031, 1, 1), "2026 to 2029 to forecast have passed"),
        ("foodvalley-2", DAY, "Write data/deal/foodvalley-2.yml"),
    ],
)
def test_a_deal_that_cannot_be_registered_is_refused_in_a_sentence(deal, today, said):
    with pytest.raises(UsageError, match=said) as refusal:
        open_subject(deal, today=today)
    assert "\n" not in str(refusal.value)


def test_the_scale_is_left_and_entered_exactly():
    values = np.array([0.4, 50.0, 99.0])
    for scale in ("log", "logit", "level"):
        from evaluation.analysis.forecast_panel import from_scale

        np.testing.assert_allclose(from_scale(to_scale(values, scale), scale), values)


def test_a_registration_is_what_its_schema_says(plan: Registered):
    assert isinstance(plan.content, Registration) and plan.content.deal == "parkstad-limburg-3"
