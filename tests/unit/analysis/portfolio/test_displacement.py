"""The table of deals, ring and net effect, told in percent with what could be seen of each."""

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.portfolio import displacement
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.estimators import saturated
from evaluation.analysis.portfolio.permutation import Reference
from evaluation.analysis.portfolio.ring import estimate_ring, with_ring
from tests.unit.analysis.portfolio.small import PRICE, frame_of, pool_of

COHORTS = {"a": 2016, "b": 2018, **{f"x{n}": NEVER for n in range(8)}}
PAIRS = pd.DataFrame([("GM000", "GM020"), ("GM010", "GM030")], columns=["code", "neighbour"])
CHANCE = Reference(np.array([-2.0, -1.0, 1.0, 2.0]), np.ones(4), 2.0)


def test_neighbours_are_pairs_that_stand_once():
    pairs = displacement.neighbours()
    assert list(pairs.columns) == ["code", "neighbour"]
    both = {frozenset(pair) for pair in pairs.itertuples(index=False)}
    assert len(both) == len(pairs) > 800
    assert frozenset(("GM0917", "GM0928")) in both, "Heerlen and Kerkrade"
    assert frozenset(("GM0917", "GM0344")) not in both, "Heerlen and Utrecht"


def test_rows_are_those_of_the_ring_told_in_percent_with_what_could_be_seen(monkeypatch):
    frame = frame_of(COHORTS, lambda cluster, _: -10.0 + 0.0 * cluster.map(len), noise=1.0)
    monkeypatch.setattr(displacement, "references", lambda: {"prijs": CHANCE})
    monkeypatch.setattr(displacement, "neighbours", lambda: PAIRS)
    table = displacement._table(pool_of(lambda _: frame)).set_index("unit")
    ring = estimate_ring(with_ring(frame, PAIRS), PRICE, years=(1, 4))
    declared = saturated(frame, PRICE, years=(1, 4)).std_error
    assert list(table.index) == ["deals", "ring", "netto"]
    for unit, (value, error) in {"deals": ring.own, "ring": ring.around, "netto": ring.net}.items():
        told = 100 * np.expm1(np.array([value, value - 2 * error, value + 2 * error]) / 100)
        assert table.loc[unit, ["deviation", "ci_low", "ci_high"]].tolist() == pytest.approx(told.tolist())
        seen = 100 * np.expm1(CHANCE.detectable * error / declared / 100)
        assert table.loc[unit, "mde"] == pytest.approx(seen)
    assert table.loc["deals", "deviation"] == pytest.approx(100 * np.expm1(-0.1), abs=1.0)
    assert table.loc["ring", "deviation"] == pytest.approx(0.0, abs=2.0)
