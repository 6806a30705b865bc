"""Which facts decide which estimate: the real path from register to estimate, with figures that are made up."""

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.portfolio.estimators import saturated
from evaluation.analysis.portfolio.pooled import Portfolio
from evaluation.inputs.indicators import load_indicators
from evaluation.inputs.portfolio_plan import load_portfolio_plan
from evaluation.statistics.areas.treatments import Register, load_register
from tests.unit.analysis.portfolio.small import deal, register_of

NAME = "verkoopprijs"
COROPS = ("CR39", "CR01", "CR10", "CR23", "CR35", "CR30")
"""Of the deals below; South Limburg first."""


@pytest.fixture(scope="module")
def real() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def figures(real) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    rows = []
    for code in sorted(real.municipalities):
        price, people = rng.uniform(2e5, 5e5), rng.integers(10_000, 200_000)
        for year in range(2012, 2026):
            price *= np.exp(rng.normal(0.04, 0.02))
            rows += [(code, year, NAME, price), (code, year, "inwoners-gemiddeld", float(people))]
    frame = pd.DataFrame(rows, columns=["unit", "period", "indicator", "value"])
    return frame.assign(source="verzonnen", vintage="2026-01-01")


def places(real: Register, corop: str, count: int) -> list[str]:
    return sorted(code for code, item in real.municipalities.items() if item.corop == corop)[:count]


@pytest.fixture(scope="module")
def sure(real):
    """Five deals that were seen, of three municipalities each."""
    return [
        deal(f"zeker-{number}", 2018 + number % 3, dict.fromkeys(places(real, corop, 3), "full"))
        for number, corop in enumerate(COROPS[1:])
    ]


def estimates(real, figures, *deals) -> dict[str, float]:
    """Main estimate and sensitivities of a register: value and error to the last digit."""
    plan = load_portfolio_plan()
    pool = Portfolio(plan, register_of(real, *deals), load_indicators(), figures)
    found = {}
    for facts in ("verified", "all", "partial"):
        own = saturated(pool.frame(NAME, facts=facts), pool.outcome(NAME), years=pool.years)
        found[facts] = (own.value, own.std_error, own.n_treated)
    return found


def test_a_deal_that_was_not_seen_changes_the_sensitivity_and_not_the_main_estimate(real, figures, sure):
    """What is not known of it (its start, its list) may be anything; the main estimate stays to the last digit."""
    codes = places(real, COROPS[0], 4)
    unseen = [
        deal("ongezien", start, dict.fromkeys(codes, exposure), verified=False)
        for start, exposure in ((2019, "full"), (2021, "full"), (2019, "unknown_extent"))
    ]
    first, *others = [estimates(real, figures, *sure, item) for item in unseen]
    for other in others:
        assert other["verified"] == first["verified"]
    assert first["all"][0] != pytest.approx(first["verified"][0], rel=1e-6)
    assert others[0]["all"][0] != pytest.approx(first["all"][0], rel=1e-6), "with those facts its start counts"
    assert first["all"][2] == first["verified"][2] + 4
    seen = estimates(real, figures, *sure, deal("ongezien", 2019, dict.fromkeys(codes, "full")))
    assert seen["verified"][0] == pytest.approx(first["all"][0], rel=1e-9), "once it was seen it decides"


def test_a_deal_for_some_districts_changes_only_the_estimate_that_counts_it(real, figures, sure):
    codes = places(real, COROPS[0], 4)
    found = estimates(real, figures, *sure, deal("wijken", 2019, dict.fromkeys(codes, "partial")))
    assert found["verified"] == found["all"]
    assert found["partial"][2] == found["verified"][2] + 4
    assert found["partial"][0] != pytest.approx(found["verified"][0], rel=1e-6)
    without = estimates(real, figures, *sure)
    assert without["verified"][2] == found["verified"][2], "not treated"
    assert without["verified"][0] != pytest.approx(found["verified"][0], rel=1e-9), "and no comparison from 2019 on"


def test_a_second_deal_of_the_same_municipalities_changes_nothing_but_what_is_listed(real, figures, sure):
    again = deal("tweede", 2021, dict.fromkeys(places(real, COROPS[1], 3), "full"), tranche=3)
    assert estimates(real, figures, *sure, again) == estimates(real, figures, *sure)
    earlier = starting(again, 2017)
    assert estimates(real, figures, *sure, earlier)["verified"][0] != estimates(real, figures, *sure)["verified"][0]


def starting(item, year):
    day = item.starts.day.replace(year=year)
    return item.model_copy(update={"starts": item.starts.model_copy(update={"day": day})})
