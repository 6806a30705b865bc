"""The course per year of one region, with the spread of its placebo regions."""

import numpy as np
import pytest

from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import difference_in_differences, regional_event_study

YEARS = list(range(2012, 2022))


def test_the_regional_event_study_takes_its_spread_from_placebo_regions():
    series = np.random.default_rng(5).normal(20, 1, (40, 10))
    regions = compare_partition(series, n_pre=7, periods=YEARS, names=[str(i) for i in range(40)])
    gap = difference_in_differences(regions).gap
    study = regional_event_study(gap, periods=YEARS, reference=2018)
    placebos = np.delete(gap - gap[:, [6]], 6, axis=1)[1:]
    assert study.covariance == pytest.approx(placebos.T @ placebos / 39)
    sizes = (np.delete(gap - gap[:, [6]], 6, axis=1)[:, :6] ** 2).mean(axis=1)
    assert study.joint_pre_p == pytest.approx((sizes >= sizes[0]).sum() / 40)
    assert study.p_attainable == 1 / 40
    with pytest.raises(CannotEstimate, match="8 placeboregio's"):
        regional_event_study(gap[:9], periods=YEARS, reference=2018)
