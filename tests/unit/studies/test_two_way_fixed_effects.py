"""Cluster-robust inference for municipalities, and when it must warn or refuse."""

import numpy as np
import pytest

from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import few_treated_warning, municipal_did
from studies.cluster_inference import contrast, wild_cluster_bootstrap
from studies.two_way_fixed_effects import clustered_did, event_study

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
    assert "placeboregio's" in estimate.warning and estimate.deviation == "niet te vergelijken"


def test_the_error_per_municipality_is_the_jackknife_over_clusters_of_one():
    ours = municipal_did(outcomes(-1.0), TREATED, n_pre=7, estimand="")
    studied = clustered_did(outcomes(-1.0), TREATED, n_pre=7, vcov="CRV3")
    for name in ("value", "std_error", "ci_low", "ci_high", "p_value"):
        assert getattr(ours, name) == pytest.approx(getattr(studied, name), rel=1e-12)
    assert ours.inference == studied.inference


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
        lambda: clustered_did(outcomes(), TREATED, n_pre=7, clusters=region, vcov="CRV3"),
        lambda: municipal_did(outcomes(), np.arange(60) < 1, n_pre=7, estimand=""),
        lambda: event_study(outcomes(), TREATED, periods=YEARS, reference=2018, clusters=region),
        lambda: wild_cluster_bootstrap(outcomes()[:, 0], TREATED, region),
    ):
        with pytest.raises(CannotEstimate, match="minder dan twee behandelde"):
            make()


def test_a_missing_figure_or_year_is_refused():
    panel = outcomes()
    panel[3, 4] = np.nan
    with pytest.raises(CannotEstimate, match="gemeenten ontbreekt"):
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
