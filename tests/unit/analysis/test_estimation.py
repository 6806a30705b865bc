"""From declared designs to judged estimates, on the country's own figures with something planted in them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.contributions import (
    _deliveries_by_year,
    _list_alternatives,
    _paid_per_inhabitant,
    _payments_by_year,
    attribute,
)
from evaluation.analysis.effects import contribution, pre_period
from evaluation.analysis.effects.estimate import GRADES
from evaluation.analysis.estimation import MUNICIPAL, estimate_designs
from evaluation.chapters.context import Context, open_context
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import Design, load_designs, load_indicators
from evaluation.statistics.areas.treatments import load_register
from evaluation.statistics.panels import build_panel
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import open_snapshot

ROOT = Path(__file__).resolve().parents[3]
DEAL = load_deal()
OWN = [item.code for item in DEAL.region.municipalities]
INDICATORS = load_indicators()
DESIGN = load_designs()["woninginbraak-regio"]
REGISTER = load_register()
BEFORE = {pre_period.FIT, pre_period.PRE_TREND, pre_period.IN_TIME}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("regions", "snapshots", "indicators"):
        shutil.copytree(ROOT / "data" / name, tmp_path / name)
    return tmp_path


def plant(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Add a vintage of the police figures in which home burglaries were changed."""
    snapshot = open_snapshot("politie", "47018NED", folder=folder / "snapshots")
    frame = snapshot.frame.copy()
    is_it = (frame["offence"] == "1.1.1") & frame["region"].str.startswith("GM")
    frame.loc[is_it] = change(frame[is_it].copy())
    described = snapshot.metadata.model_dump(mode="json", exclude={"rows", "sha256", "first_period", "last_period"})
    add_snapshot(frame, {**described, "vintage": "2026-12-01"}, folder=folder / "snapshots")


def multiplied(factor: float, years: range) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        is_it = frame["region"].isin(OWN) & frame["period"].isin(years)
        frame.loc[is_it, "value"] = (frame.loc[is_it, "value"] * factor).round()
        return frame

    return change


@lru_cache(maxsize=1)
def inhabitants() -> pd.Series:
    panel = build_panel(DEAL, coverage="country", indicators={"inwoners": INDICATORS["inwoners"]})
    return panel[panel["period"] == 2018].set_index("unit")["value"]


def smooth(frame: pd.DataFrame) -> pd.DataFrame:
    """Give every municipality the national course at the national level, with some noise: nothing happened."""
    rng = np.random.default_rng(1)
    course = frame.groupby("period")["value"].sum()
    people = inhabitants()
    expected = frame["region"].map(people) / people["NL01"] * frame["period"].map(course)
    return frame.assign(value=(expected * np.exp(0.04 * rng.standard_normal(len(frame)))).round().clip(lower=1))


def estimated(folder: Path, design: Design = DESIGN):
    return estimate_designs(DEAL, [design], INDICATORS, folder=folder)[design.id]


def test_the_plan_is_estimated_with_everything_beside_it():
    found = estimate_designs(DEAL, load_designs().values(), INDICATORS)
    assert set(found) == {name for name, design in load_designs().items() if design.has_placebos}
    for item in found.values():
        estimate = item.estimate
        assert estimate.n_placebo == len(item.members) >= 39 and estimate.n_regions == estimate.n_placebo + 1
        assert estimate.p_attainable == pytest.approx(1 / (estimate.n_placebo + 1))
        assert estimate.ci_low < estimate.value < estimate.ci_high and estimate.mde > 0
        assert {"sdid", "sc", "did", "ancova", "its", MUNICIPAL} - {item.design.method} == set(item.others)
        assert len(item.checks) == 10 and len({check.name for check in item.checks}) == 10
        assert estimate.deviation in GRADES and estimate.reason and 1 <= estimate.rank <= estimate.n_regions
        assert estimate.p_adjusted >= estimate.p_value and estimate.bayes_factor > 0
        assert len(item.variants) == len(item.design.robustness) and all(name for name in item.variants)
        assert (item.after_term is None) == (item.design.after_term is None)
        if not estimate.is_indicated:
            silent = {check.name: check.passed for check in item.checks if check.name not in BEFORE}
            assert set(silent.values()) == {None}, silent
        everyone = [code for codes in item.members.values() for code in codes]
        assert len(everyone) == len(set(everyone)) and not set(everyone) & set(OWN)
        assert set(everyone) <= set(item.pool.municipalities)


def test_two_times_the_same_gives_the_same_to_the_last_bit():
    one, other = (estimate_designs(DEAL, [DESIGN], INDICATORS)[DESIGN.id] for _ in range(2))
    assert one.estimate == other.estimate and one.others == other.others and one.checks == other.checks


def test_a_planted_effect_is_found(data: Path):
    plant(data, lambda frame: multiplied(0.4, range(2020, 2026))(smooth(frame)))
    item = estimated(data)
    assert item.estimate.value == pytest.approx(-60, abs=3)
    assert item.estimate.deviation == "sterke aanwijzing"
    assert item.estimate.p_value == item.estimate.p_attainable and item.estimate.rank == 1
    assert all(value == pytest.approx(-60, abs=10) for value in item.municipal.values())


def test_no_effect_is_not_found_and_a_plausible_one_would_have_been_seen(data: Path):
    plant(data, smooth)
    item = estimated(data)
    assert abs(item.estimate.value) < 5
    assert item.estimate.mde < DESIGN.plausible_effect
    assert item.estimate.deviation == "geen aanwijzing"


def test_a_region_that_went_its_own_way_before_the_start_establishes_nothing(data: Path):
    plant(data, lambda frame: multiplied(0.5, range(2017, 2026))(smooth(frame)))
    assert estimated(data).estimate.deviation == "niet te vergelijken"


def test_a_missing_figure_of_the_region_is_refused_and_one_of_another_region_is_left_out(data: Path):
    def without(codes: list[str]) -> Callable[[pd.DataFrame], pd.DataFrame]:
        def change(frame: pd.DataFrame) -> pd.DataFrame:
            is_it = frame["region"].isin(codes) & (frame["period"] == 2015)
            frame.loc[is_it, ["value", "status"]] = [float("nan"), "withheld"]
            return frame

        return change

    before = estimated(data)
    name, codes = next(iter(before.members.items()))
    plant(data, without([codes[0]]))
    item = estimated(data)
    assert item.left_out == (name,) and name not in item.members
    assert item.estimate.n_placebo == before.estimate.n_placebo - 1
    for path in data.glob("snapshots/politie/2026-12-01/*"):
        path.unlink()
    plant(data, without(OWN[:1]))
    item = estimated(data)
    assert item.estimate.value is None and item.estimate.deviation == "niet te vergelijken"
    assert item.estimate.reason.startswith("ontbrekende cijfers")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pre": (2012, 2014), "excluded": ()}, "telt 3 perioden vóór de start; er zijn er minstens 6 nodig"),
        ({"last": 2027, "excluded": tuple(range(2019, 2027))}, "nog geen hele periode na de start"),
    ],
)
def test_too_few_years_are_refused(changes: dict, reason: str):
    item = estimated(ROOT / "data", DESIGN.model_copy(update=changes))
    assert item.estimate.value is None
    assert re.search(reason, item.estimate.reason), item.estimate.reason


# What the deal did


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2022, is_final=True)


def people(context: Context) -> pd.Series:
    rows = context.panel[(context.panel["indicator"] == "inwoners") & (context.panel["period"] == 2018)]
    return rows.set_index("unit")["value"]


def test_the_records_are_counted_up_to_each_year(context: Context):
    years = range(2019, 2023)
    for theme in (2, 3, 4):
        paid = _payments_by_year(context.deal, context.programme, theme, years)
        assert list(paid.values()) == sorted(paid.values())
        assert paid[2022] == pytest.approx(context.money.by_theme.at[theme, "paid_eur"])
        delivered = _deliveries_by_year(context.programme, theme, years)
        assert list(delivered.values()) == sorted(delivered.values()) and delivered[2022] > 0
        doses = _paid_per_inhabitant(DEAL, context.programme, theme, people(context))
        assert set(doses) == set(OWN)
        total = sum(doses[code] * people(context)[code] for code in OWN)
        assert total == pytest.approx(paid[2022])


def test_a_deviation_before_anything_was_delivered_is_shown_and_not_attributed(data: Path, context: Context):
    plant(data, lambda frame: multiplied(0.4, range(2020, 2026))(smooth(frame)))
    found = {DESIGN.id: estimated(data)}
    late = context.programme.outputs.assign(date=pd.Timestamp("2022-12-01"))
    judged = attribute(
        found,
        deal=DEAL,
        programme=replace(context.programme, outputs=late),
        indicators=INDICATORS,
        register=REGISTER,
        inhabitants=people(context),
    )[DESIGN.id]
    assert judged.estimate.deviation == "sterke aanwijzing"
    assert judged.estimate.attribution == "niet aannemelijk"
    timing = next(check for check in judged.contribution if check.name == contribution.TIMING)
    assert timing.passed is False and "toen er nog niets was opgeleverd" in timing.sentence


def test_without_a_deviation_nobody_asks_who_did_it(context: Context):
    found = estimate_designs(DEAL, [DESIGN], INDICATORS)
    judged = attribute(
        found,
        deal=DEAL,
        programme=context.programme,
        indicators=INDICATORS,
        register=REGISTER,
        inhabitants=people(context),
    )[DESIGN.id]
    assert not judged.estimate.is_indicated and judged.contribution == ()
    assert judged.estimate.attribution == "de vraag komt niet aan de orde"
    explained = {item.name: item for item in _list_alternatives(judged, DEAL, 1, REGISTER)}
    assert "de coronajaren 2020 en 2021" in explained
    border = explained["Grenzen met België en Duitsland dicht of beperkt open"]
    assert border.is_excluded is False and "Heerlen" in border.evidence and "waarmee is vergeleken" in border.evidence
    country = explained["Coronamaatregelen"]
    assert country.is_excluded is True and "hele land" in country.evidence


def test_a_national_shock_that_hit_the_region_harder_is_not_excluded_by_rule():
    corona, item = REGISTER.events["corona"], estimate_designs(DEAL, [DESIGN], INDICATORS)[DESIGN.id]
    for hit, excluded in ((("CR39",), False), (("CR01",), None), ((), True)):
        event = corona.model_copy(update={"hit_harder": hit})
        register = replace(REGISTER, events={**REGISTER.events, "corona": event})
        found = {one.name: one.is_excluded for one in _list_alternatives(item, DEAL, 3, register)}
        assert found["Coronamaatregelen"] is excluded
