"""The ring around the deals: who is in it since when, and what is left of an effect with it."""

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.ring import estimate_ring, with_ring
from tests.unit.analysis.portfolio.small import PRICE, frame_of

COHORTS = {"a": 2016, "b": 2018, **{f"x{n}": NEVER for n in range(6)}}
# Each cluster has two municipalities; a is GM000 and GM001, b GM010 and GM011, x0 GM020 and GM021, ...
PAIRS = pd.DataFrame(
    [("GM000", "GM001"), ("GM000", "GM020"), ("GM010", "GM020"), ("GM030", "GM010"), ("GM040", "GM050")],
    columns=["code", "neighbour"],
)


@pytest.fixture(scope="module")
def ringed():
    frame = with_ring(frame_of(COHORTS, lambda cluster, _: -10.0 + 0.0 * cluster.map(len)), PAIRS)
    return frame.assign(y=frame["y"] + np.where(frame["ring_since"] >= 0, 4.0, 0.0))


def test_the_ring_begins_with_the_first_start_next_door_and_holds_no_deal(ringed):
    began = ringed.assign(first=ringed["period"] - ringed["ring_since"]).groupby("municipality")["first"].first()
    assert began.dropna().to_dict() == {"GM020": 2016, "GM030": 2018}, "beside a and b the first; both ways of a pair"
    assert ringed.loc[ringed["deal"] != "", "ring_since"].isna().all()
    at = ringed.set_index(["municipality", "period"])["ring_cell"]
    assert (at["GM020", 2015], at["GM020", 2016], at["GM030", 2018]) == ("-", "ring2016_2016", "ring2018_2018")
    assert at["GM000", 2017] == "2016_2017"


def test_deals_ring_and_net_effect_are_found(ringed):
    found = estimate_ring(ringed, PRICE, years=(1, 4))
    assert (found.own[0], found.around[0]) == pytest.approx((-10.0, 4.0), abs=1e-6)
    # Four municipalities with a deal and two around them, of one weight: -10 + 4 * 2/4.
    assert found.net[0] == pytest.approx(-8.0, abs=1e-6)
    assert found.n_around == 2


def test_without_the_ring_its_rise_would_be_part_of_the_comparison(ringed):
    from evaluation.analysis.portfolio.estimators import saturated

    assert saturated(ringed, PRICE, years=(1, 4)).value < -10.1
