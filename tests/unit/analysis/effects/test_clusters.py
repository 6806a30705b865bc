"""Cluster-robust inference for municipalities, and when it must warn or refuse."""

import numpy as np
import pytest

from evaluation.analysis.effects.clusters import contrast, few_treated_warning, wild_cluster_bootstrap
from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import (
    difference_in_differences,
    event_study,
    municipal_did,
    regional_event_study,
)

YEARS = list(range(2012, 2022))
TREATED = np.arange(60) < 7


def outcomes(effect: float = 0.0, before: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(9)
    panel = 10 + rng.normal(0, 2, (60, 1)) - 0.2 * np.arange(10) + rng.normal(0, 0.5, (60, 10))
    panel[TREATED, 7:] += effect
    panel[TREATED, :4] += before
    return panel


def test_the_jackknife_is_wider_with_few_treated():
    change = outcomes()[:, [8]] - outcomes()[:, [3]]
    narrow, wide = (contrast(change, TREATED, np.arange(60), vcov=v).covariance[0, 0] for v in ("CRV1", "CRV3"))
    assert narrow < wide < 2 * narrow


def test_few_treated_clusters_are_told_with_every_estimate():
    assert few_treated_warning(7, 60).startswith("met 7 behandelde clusters van de 60")
    assert few_treated_warning(55, 60) and not few_treated_warning(10, 20)
    estimate = municipal_did(outcomes(-1.0), TREATED, n_pre=7, estimand="proef")
    assert "placeboregio's" in estimate.warning and estimate.deviation == "niet vast te stellen"
    assert event_study(outcomes(), TREATED, periods=YEARS, reference=2018).warning


def test_an_effect_comes_back_in_level_and_course():
    without, found = (municipal_did(outcomes(e), TREATED, n_pre=7, estimand="") for e in (0.0, -1.0))
    assert found.value - without.value == pytest.approx(-1.0)
    study = event_study(outcomes(-1.0), TREATED, periods=YEARS, reference=2018)
    plain = event_study(outcomes(), TREATED, periods=YEARS, reference=2018)
    assert study.coefficients - plain.coefficients == pytest.approx([0.0] * 6 + [-1.0] * 3)
    assert study.periods == (2012, 2013, 2014, 2015, 2016, 2017, 2019, 2020, 2021)
    assert study.joint_pre_p == pytest.approx(plain.joint_pre_p)


def test_another_trend_before_is_seen():
    assert event_study(outcomes(), TREATED, periods=YEARS, reference=2018).joint_pre_p > 0.1
    assert event_study(outcomes(before=1.5), TREATED, periods=YEARS, reference=2018).joint_pre_p < 0.001


def test_one_treated_cluster_has_no_cluster_robust_error():
    region = np.where(TREATED, 0, 1 + np.arange(60) % 6)
    for make in (
        lambda: municipal_did(outcomes(), TREATED, n_pre=7, estimand="", clusters=region),
        lambda: event_study(outcomes(), TREATED, periods=YEARS, reference=2018, clusters=region),
        lambda: wild_cluster_bootstrap(outcomes()[:, 0], TREATED, region),
    ):
        with pytest.raises(CannotEstimate, match="minder dan twee behandelde"):
            make()


def test_a_missing_figure_or_year_is_refused():
    panel = outcomes()
    panel[3, 4] = np.nan
    with pytest.raises(CannotEstimate, match="gemeente ontbreekt"):
        municipal_did(panel, TREATED, n_pre=7, estimand="")
    with pytest.raises(CannotEstimate, match="basisjaar 2011"):
        event_study(outcomes(), TREATED, periods=YEARS, reference=2011)
    with pytest.raises(CannotEstimate, match="geen periode vóór"):
        municipal_did(outcomes(), TREATED, n_pre=10, estimand="")


def test_the_bootstrap_is_the_same_for_a_seed_and_its_interval_fits_its_p():
    change = outcomes(-0.6)[:, 7:].mean(axis=1) - outcomes(-0.6)[:, :7].mean(axis=1)
    first, again = (wild_cluster_bootstrap(change, TREATED, np.arange(60), draws=999) for _ in range(2))
    assert "wild cluster bootstrap onbetrouwbaar" in first.warning
    assert first == again and not first.is_enumerated and first.p_attainable == 1 / 1000
    for null, kept in ((first.ci_low - 0.02, False), (first.ci_low + 0.02, True), (first.ci_high + 0.02, False)):
        p = wild_cluster_bootstrap(change, TREATED, np.arange(60), null=null, with_interval=False, draws=999).p_value
        assert (p > 0.05) == kept


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
