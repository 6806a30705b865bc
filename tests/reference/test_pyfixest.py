"""The same regressions with pyfixest: two-way fixed effects, CRV1 and CRV3, clusters of one or more units."""

import numpy as np
import pandas as pd
import pytest

from studies.cluster_inference import wild_cluster_bootstrap
from studies.two_way_fixed_effects import clustered_did, event_study

pyfixest = pytest.importorskip("pyfixest")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

YEARS = list(range(2014, 2023))
REFERENCE = 2018
SAME = 1e-8  # both are closed forms in double precision; pyfixest's iterates on fixed effects to about 1e-9


@pytest.fixture(scope="module")
def panel():
    """120 municipalities in 20 clusters, 21 of them treated, with shocks per cluster."""
    rng = np.random.default_rng(7)
    cluster = np.arange(120) % 20
    shocks = rng.normal(0, 1, (20, len(YEARS))).cumsum(axis=1)[cluster]
    outcomes = 10 + rng.normal(0, 3, (120, 1)) + 0.3 * shocks + rng.normal(0, 1, (120, len(YEARS)))
    treated = np.isin(cluster, [0, 1, 2]) | (np.arange(120) % 40 == 5)
    outcomes[treated, 5:] -= 1.0
    rows = [
        {"unit": i, "year": year, "y": outcomes[i, t], "ever": int(treated[i]), "cluster": int(cluster[i])}
        for i in range(120)
        for t, year in enumerate(YEARS)
    ]
    table = pd.DataFrame(rows)
    table["on"] = table["ever"] * (table["year"] > REFERENCE)
    return outcomes, treated, cluster, table


@pytest.mark.parametrize("cluster_name", ["unit", "cluster"])
def test_event_study_coefficients_and_crv1(panel, cluster_name):
    outcomes, treated, cluster, table = panel
    theirs = pyfixest.feols(f"y ~ i(year, ever, ref={REFERENCE}) | unit + year", table, vcov={"CRV1": cluster_name})
    clusters = cluster if cluster_name == "cluster" else None
    ours = event_study(outcomes, treated, periods=YEARS, reference=REFERENCE, clusters=clusters)
    assert ours.coefficients == pytest.approx(theirs.coef().to_numpy(), abs=SAME)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.se().to_numpy(), rel=1e-6)
    assert ours.covariance == pytest.approx(theirs._vcov, rel=1e-5, abs=1e-9)


def test_two_by_two_with_its_interval_and_p(panel):
    outcomes, treated, cluster, table = panel
    theirs = pyfixest.feols("y ~ on | unit + year", table, vcov={"CRV1": "cluster"})
    ours = clustered_did(outcomes, treated, n_pre=5, clusters=cluster, vcov="CRV1")
    assert ours.value == pytest.approx(float(theirs.coef()["on"]), abs=SAME)
    assert ours.std_error == pytest.approx(float(theirs.se()["on"]), rel=1e-6)
    assert ours.p_value == pytest.approx(float(theirs.pvalue()["on"]), rel=1e-5)
    assert (ours.ci_low, ours.ci_high) == pytest.approx(tuple(theirs.confint().loc["on"]), rel=1e-6)


def test_crv3_but_for_the_factor(panel):
    """pyfixest multiplies by a small-sample factor where MacKinnon, Nielsen and Webb take (G - 1) / G alone."""
    outcomes, treated, cluster, table = panel
    theirs = pyfixest.feols("y ~ on | unit + year", table, vcov={"CRV3": "cluster"})
    ours = clustered_did(outcomes, treated, n_pre=5, clusters=cluster, vcov="CRV3")
    deviations = []
    for left_out in range(20):
        kept = cluster != left_out
        change = outcomes[kept, 5:].mean(axis=1) - outcomes[kept, :5].mean(axis=1)
        deviations.append(change[treated[kept]].mean() - change[~treated[kept]].mean() - ours.value)
    assert ours.std_error**2 == pytest.approx(19 / 20 * np.square(deviations).sum(), rel=1e-9)
    assert 1.0 < float(theirs.se()["on"]) / ours.std_error < 1.1


def test_bootstrap_against_the_regression_itself(panel):
    """Eight clusters: every sign change by ordinary least squares, without the shortcut through sums per cluster."""
    outcomes, treated, cluster, _ = panel
    cluster = cluster % 8
    change = outcomes[:, 5:].mean(axis=1) - outcomes[:, :5].mean(axis=1)
    design = np.column_stack([np.ones(120), treated]).astype(float)
    bread = np.linalg.inv(design.T @ design)

    def statistic(y: np.ndarray) -> float:
        beta = bread @ design.T @ y
        residual = y - design @ beta
        scores = np.array([design[cluster == g].T @ residual[cluster == g] for g in range(8)])
        return beta[1] / np.sqrt((bread @ scores.T @ scores @ bread)[1, 1])

    observed, centred = abs(statistic(change)), change - change.mean()
    signs = 1 - 2 * ((np.arange(256)[:, None] >> np.arange(8)) & 1)
    larger = [abs(statistic(change.mean() + s[cluster] * centred)) >= observed * (1 - 1e-9) for s in signs]
    ours = wild_cluster_bootstrap(change, treated, cluster)
    assert ours.is_enumerated and ours.draws == 256
    assert ours.p_value == np.mean(larger)
    assert wild_cluster_bootstrap(change, treated, cluster, seed=99) == ours
