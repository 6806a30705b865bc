"""Forecasts of the region played again from earlier years, on the real figures: the intervals hold what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.analysis.forecast_scores import calibrate, mean_brier, score_events, score_forecasts
from evaluation.analysis.registration import declare, plan_panel
from evaluation.inputs.indicators import load_designs, load_indicators
from evaluation.inputs.registrations import Registration
from tests.unit.small_plan import DAY, subject


@pytest.mark.slow  # the panel of the whole country; tests/unit/analysis/test_forecasts.py does it on made-up ones
def test_forecasts_from_four_earlier_years_were_as_often_right_as_they_say():
    indicators, figures = load_indicators(), plan_panel(subject().agreement, subject().regions, load_indicators())
    inside: dict[int, list[float]] = {80: [], 95: []}
    for first in (2019, 2020, 2021, 2022):
        asked = replace(subject(), years=tuple(range(first, first + 4)))
        content = declare(asked, figures[figures["period"] < first], indicators, load_designs(), today=DAY)
        plan = Registration.model_validate(content | {"data": (), "software": {}, "printed_sha256": ""})
        scores = score_forecasts(plan, figures)
        for told in calibrate(scores).values():
            assert told.scored > 100
            inside[80].append(told.inside80 or 0.0)
            inside[95].append(told.inside95 or 0.0)
        assert (mean_brier(score_events(plan, figures)) or 1.0) < 0.30
    assert min(inside[80]) >= 0.72 and max(inside[80]) <= 0.88
    assert min(inside[95]) >= 0.88 and abs(sum(inside[80]) / 8 - 0.80) < 0.04
