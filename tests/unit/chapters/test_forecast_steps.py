"""The chapter with forecasts: what was registered beside made-up figures that came, and nothing where nothing was."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from evaluation.chapters.context import Context, open_context
from evaluation.chapters.steps import forecasts
from evaluation.inputs.registrations import read_registration
from evaluation.present.display import FIGURE_MIME
from tests.unit.small_plan import DAY, made_up_figures, written_plan

CODES = set(pd.read_csv(Path(__file__).resolve().parents[3] / "reports/codeboek.csv").query("soort == 'maat'")["code"])


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2022, is_final=True)


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let the steps read a made-up plan, with made-up figures until a year."""
    plan = written_plan(tmp_path)
    monkeypatch.setattr(forecasts, "data_dir", lambda: tmp_path)
    monkeypatch.setattr(forecasts, "list_registrations", lambda deal: [plan.path])
    read = read_registration(plan.path, today=DAY)

    def until(year: int):
        monkeypatch.setattr(forecasts, "region_panel", lambda deal: made_up_figures(year))
        return read.content

    return until


def text_of(display) -> str:
    return str(display.bundle.get("text/markdown") or display.bundle["text/html"])


def test_before_a_figure_came_the_page_says_so(context: Context, shown):
    shown(2025)
    told = text_of(forecasts.forecast_finding(context))
    assert "30 november 2026" in told and "nog geen cijfer verschenen" in told
    table = forecasts.show_forecasts(context)
    assert [row[-1] for row in table.cells.rows] == ["nog geen cijfer"] * 4
    figure = forecasts.show_forecast(context, "woninginbraak", "x")
    rows = {row[0]: row for row in figure.cells.rows}
    assert rows["2029"][1] == "nog niet bekend" and rows["2025"][2] == ""


def test_the_figures_are_those_of_the_plan_in_its_order(context: Context, shown):
    shown(2025)
    plan = forecasts.read_plan(context)
    chosen = forecasts.forecasts_in_sight(context, plan)
    assert chosen[0] == next(name for name, design in plan.registered.content.designs.items() if design.primary)
    themes = [context.indicators[name].theme for name in chosen]
    assert len(set(themes)) == len(themes) and set(chosen) <= set(plan.registered.content.forecasts)
    first = forecasts.show_forecast(context, 1, "x")
    assert first.bundle == forecasts.show_forecast(context, chosen[0], "x").bundle
    beyond = forecasts.show_forecast(context, len(chosen) + 1, "x")
    assert text_of(beyond) == "Van dit cijfer is geen voorspelling vastgelegd."


def test_what_came_stands_beside_the_forecast_in_figure_and_table(context: Context, shown):
    content = shown(2027)
    figures = made_up_figures(2027)
    figure = forecasts.show_forecast(context, "woninginbraak", "x")
    own = figures[(figures["unit"] == "parkstad") & (figures["indicator"] == "woninginbraak")].set_index("period")
    traces = {trace.get("name"): trace for trace in figure.bundle[FIGURE_MIME]["data"]}
    assert traces["Parkstad"]["x"][-1] == 2027 and traces["Parkstad"]["y"][-1] == own.loc[2027, "value"]
    told = content.forecasts["woninginbraak"].own_trend
    assert traces["voorspelling: eigen trend"]["y"] == [told[year].point for year in content.years]
    assert traces["marge 95%"]["y"][:4] == [told[year].high95 for year in content.years]
    numbers = {item.result_id: item for item in figure.results}
    ids = "3.woninginbraak.parkstad.2027"
    assert numbers[f"{ids}.forecast_own_trend_low80"].value == told[2027].low80
    assert numbers[f"{ids}.value"].value == own.loc[2027, "value"]
    inside = told[2027].low80 <= own.loc[2027, "value"] <= told[2027].high80
    assert numbers[f"{ids}.forecast_own_trend_in80"].value == float(inside)
    rows = {row[0]: row[1] for row in figure.cells.rows}
    assert rows["2027"] != "nog niet bekend" and rows["2028"] == "nog niet bekend"
    finding = forecasts.forecast_finding(context)
    assert "Van 8 voorspellingen uit de eigen trend" in text_of(finding) and "Brierscore" in text_of(finding)
    listed = forecasts.show_forecasts(context)
    assert all(" in 2027: b" in row[-1] for row in listed.cells.rows)
    measures = {item.measure for step in (figure, finding, listed) for item in step.results}
    assert measures <= CODES


def test_no_word_calls_a_forecast_an_effect(context: Context, shown):
    shown(2026)
    steps = (forecasts.forecast_finding(context), forecasts.show_forecasts(context),
             forecasts.show_forecast(context, "verkoopprijs", "x"))  # fmt: skip
    for step in steps:
        assert "effect" not in json.dumps(step.bundle, default=str).replace("_effect", "").lower()


def test_without_a_plan_or_a_forecast_the_page_says_so(context: Context, shown, monkeypatch: pytest.MonkeyPatch):
    shown(2025)
    assert "geen voorspelling vastgelegd" in text_of(forecasts.show_forecast(context, "gasverbruik", "x"))
    monkeypatch.setattr(forecasts, "region_panel", lambda deal: made_up_figures(2025).assign(unit="elsewhere"))
    assert "geen reeks meer" in text_of(forecasts.show_forecast(context, "woninginbraak", "x"))
    monkeypatch.setattr(forecasts, "list_registrations", lambda deal: [])
    assert forecasts.forecast_finding(context).bundle["text/markdown"] == "", "said once, in the place of the figures"
    for step in (forecasts.show_forecast(context, 1, "x"), forecasts.show_forecasts(context)):
        assert text_of(step) == forecasts.NOTHING and not step.results
