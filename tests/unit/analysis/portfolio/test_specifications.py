"""The same question in eleven ways: on exact figures all say the same, and each differs where it should."""

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.portfolio import specifications
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.permutation import Reference
from tests.unit.analysis.portfolio.small import frame_of, pool_of

COHORTS = {"a": 2016, "b": 2016, "c": 2017, "d": 2017, **{f"x{n}": NEVER for n in range(8)}}
PAIRS = pd.DataFrame([("GM000", "GM040")], columns=["code", "neighbour"])
CHANCE = Reference(np.array([-2.0, -1.0, 1.0, 2.0]), np.ones(4), 2.0)
OTHER_FACTS = {"verified": -10.0, "all": -5.0, "partial": 5.0}


def curve(monkeypatch, change=lambda frame: frame, *, noise: float = 0.0) -> pd.DataFrame:
    def frames(facts):
        return change(frame_of(COHORTS, lambda cluster, _: OTHER_FACTS[facts] + 0.0 * cluster.map(len), noise=noise))

    monkeypatch.setattr(specifications, "references", lambda: {"prijs": CHANCE})
    return specifications.specification_curve(pool_of(frames), "prijs", PAIRS).set_index("specification")


def level_gone(frame: pd.DataFrame) -> pd.DataFrame:
    """Take the start level out, and parts of the country: what only some of the libraries adjust for."""
    years = frame["period"] - 2012
    return frame.assign(y=frame["y"] - 0.1 * years * frame["start_level"])


@pytest.fixture(scope="module")
def exact():
    with pytest.MonkeyPatch.context() as patch:
        return curve(patch, level_gone)


def test_all_ways_find_what_is_there_exactly_and_other_facts_their_own(exact):
    assert exact.index[0] == "saturated"
    assert exact["wording"].is_unique
    expected = pd.Series(100 * np.expm1(-0.1), index=exact.index)
    expected["all-facts"], expected["partial"] = 100 * np.expm1(-0.05), 100 * np.expm1(0.05)
    # The first stage of did2s ends at about 1e-4.
    assert exact["deviation"].to_dict() == pytest.approx(expected.to_dict(), abs=1e-2)
    assert (exact["n_deals"] == 4).all()


def test_what_a_way_leaves_out_is_left_out(monkeypatch):
    """Ten more in the corona years of the deals and a neighbour that rises: only who leaves these out sees -10."""

    def disturbed(frame):
        corona = frame["period"].isin([2020, 2021]) & (frame["cohort"] != NEVER)
        beside = (frame["municipality"] == "GM040") & (frame["period"] >= 2016)
        return level_gone(frame).assign(y=lambda rows: rows["y"] + 10.0 * corona + 30.0 * beside)

    found = curve(monkeypatch, disturbed)["deviation"]
    assert found["without-corona"] > -14 and found["without-corona"] < found["saturated"] - 2
    assert found["without-ring"] > found["saturated"] + 0.5


def test_intervals_and_what_could_be_seen_have_the_limit_of_the_declared_estimate(monkeypatch):
    found = curve(monkeypatch, noise=1.0)
    logs = 100 * np.log1p(found[["deviation", "ci_low", "ci_high"]] / 100)
    reach = logs["ci_high"] - logs["deviation"]
    assert (logs["deviation"] - logs["ci_low"]).to_numpy() == pytest.approx(reach.to_numpy())
    seen = 100 * np.log1p(found["mde"] / 100)
    assert seen["saturated"] == pytest.approx(CHANCE.detectable)
    assert (seen / CHANCE.detectable).to_numpy() == pytest.approx((reach / reach["saturated"]).to_numpy())
