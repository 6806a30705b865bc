"""A deal's own estimate, drawn to the mean of all: by hand, with variances of zero, and from a frame."""

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.portfolio.arrays import arrays_of
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.per_deal import estimate_deals, shrink
from tests.unit.analysis.portfolio.small import PRICE, frame_of

EFFECTS = {"a": -6.0, "b": 2.0, "c": 7.0, "d": 1.0}
COHORTS = {"d": 2018, "a": 2016, "b": 2017, "c": 2017, **{f"x{n}": NEVER for n in range(8)}}


def deals_of(*, noise: float, cohorts=COHORTS) -> pd.DataFrame:
    frame = frame_of(cohorts, lambda cluster, _: cluster.map(EFFECTS).fillna(0), noise=noise)
    sizes = frame.drop_duplicates("municipality").groupby("cluster").agg(
        inhabitants=("inhabitants", "sum"), n_municipalities=("municipality", "size")
    )  # fmt: skip
    return estimate_deals(arrays_of(frame, PRICE, years=(1, 4)), sorted(cohorts), sizes)


def test_equal_variances_by_hand():
    """1, 3, 5, 7: variance 20/3 of which 2 is chance, so 14/3 is between and each keeps 0.7 of its distance."""
    found = shrink(np.array([1.0, 3.0, 5.0, 7.0]), np.full(4, 2.0))
    assert found["shrunk"] == pytest.approx([1.9, 3.3, 4.7, 6.1], abs=1e-6)
    reach = 1.959964 * np.sqrt(0.7 * 2 + 0.09 * (20 / 3) / 4)
    assert found["high"] - found["shrunk"] == pytest.approx(np.full(4, reach), rel=1e-6)
    assert found["std_error"] == pytest.approx(np.full(4, 2**0.5))


def test_what_chance_explains_wholly_is_drawn_to_the_mean():
    found = shrink(np.array([1.0, 3.0, 5.0, 7.0]), np.full(4, 50.0))
    assert found["shrunk"] == pytest.approx(np.full(4, 4.0), abs=1e-6)


def test_the_less_certain_is_drawn_further():
    found = shrink(np.array([-10.0, 0.0, 10.0]), np.array([1.0, 10.0, 50.0]))
    kept = (found["shrunk"] - found["shrunk"][1]) / np.array([-10.0, 1.0, 10.0])
    assert kept[0] > kept[2] > 0


def test_without_any_chance_every_deal_is_what_it_is():
    values = np.array([-4.0, 0.0, 5.0])
    with np.errstate(all="raise"):
        found = shrink(values, np.zeros(3))
    assert found["shrunk"] == pytest.approx(values, abs=1e-5)
    assert found["high"] - found["low"] == pytest.approx(np.zeros(3), abs=1e-4)


def test_equal_estimates_without_chance_stay_where_they_are():
    with np.errstate(all="raise"):
        found = shrink(np.full(3, 2.0), np.zeros(3))
    assert all((found[name] == 2.0).all() for name in ("shrunk", "low", "high"))


def test_a_deal_without_chance_among_others_stays_and_the_others_are_drawn():
    with np.errstate(all="raise"):
        found = shrink(np.array([-8.0, 0.0, 8.0]), np.array([0.0, 4.0, 4.0]))
    assert found["shrunk"][0] == pytest.approx(-8.0, abs=1e-6)
    assert found["shrunk"][2] < 7.6
    assert np.isfinite(np.concatenate(list(found.values()))).all()


def test_effects_of_deals_are_found_and_stand_by_name():
    found = deals_of(noise=0.0).set_index("deal")
    assert list(found.index) == ["a", "b", "c", "d"]
    assert found["value"].to_dict() == pytest.approx(EFFECTS, abs=1e-6)
    assert found["shrunk"].to_dict() == pytest.approx(EFFECTS, abs=1e-3), "nothing is chance here"
    assert found["detectable"].max() < 1e-3
    assert (found["n_municipalities"] == 2).all()


def test_a_detectable_effect_is_some_errors_and_largest_in_the_smallest_region():
    found = deals_of(noise=2.0).set_index("deal")
    ratio = found["detectable"] / found["std_error"]
    assert ratio.nunique() == 1 or ratio.std() < 1e-9
    assert 2.0 < ratio.iloc[0] < 6.0, "a test at 5% that sees 80%: about 2.8 of a normal, more with eight regions"
    assert (found["std_error"] > 0).all()


def test_a_deal_without_a_year_to_tell_of_is_left_out_and_no_region_to_learn_chance_from_is_said():
    found = deals_of(noise=1.0, cohorts=COHORTS | {"z": 2023})
    assert "z" not in set(found["deal"])
    with pytest.raises(CannotEstimate, match="vergelijkingsregio"):
        short = frame_of(COHORTS, lambda cluster, _: cluster.map(EFFECTS).fillna(0))
        short = short[(short["cohort"] != NEVER) | (short["period"] < 2018)]
        sizes = pd.DataFrame({"inhabitants": 1.0, "n_municipalities": 2}, index=sorted(COHORTS))
        estimate_deals(arrays_of(short, PRICE, years=(1, 4)), sorted(COHORTS), sizes)
