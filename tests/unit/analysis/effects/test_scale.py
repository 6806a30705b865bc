"""Percent is exact: 100 (exp(b / 100) - 1) of a difference b of 100 times logarithms."""

import numpy as np
import pytest

from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.scale import ABSOLUTE, Scale

FALL, RISE = Scale(in_percent=True, wanted="decrease"), Scale(in_percent=True, wanted="increase")


@pytest.mark.parametrize(("factor", "percent"), [(0.5, -50.0), (0.1, -90.0), (2.0, 100.0), (1.0, 0.0), (0.01, -99.0)])
def test_a_factor_reads_as_its_percentage(factor, percent):
    before, after = FALL.of(np.array([40.0, 40.0 * factor]))
    assert FALL.told(after - before) == pytest.approx(percent)
    assert FALL.level(before) == pytest.approx(40.0)


def test_a_size_is_told_as_a_move_the_way_that_is_wanted():
    halving = 100 * np.log(2)
    assert FALL.size(halving) == pytest.approx(50.0) and RISE.size(halving) == pytest.approx(100.0)
    assert Scale(in_percent=True).size(halving) == pytest.approx(100.0)
    for scale in (FALL, RISE, ABSOLUTE):
        assert scale.size(scale.from_size(15.0)) == pytest.approx(15.0)
    assert np.isfinite(FALL.from_size(100.0))


def test_units_stay_as_they_are():
    values = np.array([-3.0, 0.0, 2.0])
    assert (ABSOLUTE.of(values) == values).all() and (ABSOLUTE.told(values) == values).all()
    with pytest.raises(CannotEstimate, match="niet groter dan nul"):
        FALL.of(values)
