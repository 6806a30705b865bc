"""Kinds of deals: who belongs to which, and effects of each that are there exactly."""

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.portfolio.arrays import arrays_of
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.groups import compare_groups, deal_groups
from evaluation.statistics.areas.treatment_schema import Aim, Amount
from evaluation.statistics.areas.treatments import load_register
from tests.unit.analysis.portfolio.small import PRICE, deal, frame_of, register_of

HEERLEN, MAASTRICHT, UTRECHT, ALMERE = "GM0917", "GM0935", "GM0344", "GM0034"


def money(euro, *, verified=True):
    return Amount(eur=euro, source="bron" if verified else None, verified=verified)


def aims(*themes, complete=False, verified=True):
    return (Aim(themes=themes, complete=complete, source="bron" if verified else None, verified=verified),)


@pytest.fixture(scope="module")
def kinds():
    real = load_register()
    register = register_of(
        real,
        deal("krimp", 2018, {HEERLEN: "full"}, state=money(40_000), aims=aims("safety")),
        deal(
            "groot", 2019, {UTRECHT: "full", ALMERE: "thematic"}, state=money(100_000), aims=aims("work", complete=True)
        ),
        deal("onbekend", 2019, {MAASTRICHT: "full"}, aims=aims("work")),
        deal("ongezien", 2019, {ALMERE: "full"}, state=money(9, verified=False), aims=aims("safety", verified=False)),
    )
    people = pd.Series({HEERLEN: 10_000.0, UTRECHT: 100_000.0, MAASTRICHT: 20_000.0, ALMERE: 50_000.0})
    return deal_groups(register, people, "safety")


def test_an_aim_is_known_only_where_a_source_that_was_seen_says_it(kinds):
    assert kinds["aim"].fillna("").to_dict() == {
        "krimp": "met-thema", "groot": "zonder-thema", "onbekend": "", "ongezien": "",
    }  # fmt: skip


def test_money_is_that_of_the_state_per_inhabitant_and_empty_where_it_was_not_seen(kinds):
    """4 euro and 1 euro per inhabitant: the median is 2.50."""
    assert kinds["dose"].fillna("").to_dict() == {
        "krimp": "meer-geld", "groot": "minder-geld", "onbekend": "", "ongezien": "",
    }  # fmt: skip


def test_size_and_shrinking_are_of_whole_municipalities(kinds):
    """10, 100, 20 and 50 thousand: the median is 35; Heerlen and Maastricht are in regions that shrink."""
    assert kinds["size"].to_dict() == {
        "krimp": "kleiner", "groot": "groter", "onbekend": "kleiner", "ongezien": "groter",
    }  # fmt: skip
    assert kinds["shrinking"].to_dict() == {
        "krimp": "krimp", "groot": "geen-krimp", "onbekend": "krimp", "ongezien": "geen-krimp",
    }  # fmt: skip
    assert set(kinds["tranche"]) == {"tranche-2"}


def test_each_group_gets_its_own_effect_and_a_small_one_none():
    effects = {"a": -6.0, "b": -6.0, "c": -6.0, "d": 3.0, "e": 3.0, "f": 3.0, "g": 40.0, "h": -80.0}
    cohorts = {name: 2016 + number % 3 for number, name in enumerate(effects)}
    cohorts |= {f"x{n:02d}": NEVER for n in range(10)}
    frame = frame_of(cohorts, lambda cluster, _: cluster.map(effects))
    groups = {**dict.fromkeys("abc", "een"), **dict.fromkeys("def", "twee"), "g": "klein"}
    arrays = arrays_of(frame, PRICE, years=(1, 4))
    found = compare_groups(arrays, sorted(cohorts), groups, seed=1).set_index("group")
    assert found["value"].to_dict() == pytest.approx({"een": -6.0, "klein": np.nan, "twee": 3.0}, abs=1e-6, nan_ok=True)
    assert found["n_deals"].to_dict() == {"een": 3, "klein": 1, "twee": 3}
    assert found.loc["klein"].drop("n_deals").isna().all()
    assert found.loc[["een", "twee"], ["quantile", "detectable", "p_value"]].notna().all().all()
