"""All deals together: estimates equal direct calls of pyfixest and diff-diff on the same frame, and those on arrays."""

import warnings

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.portfolio.estimators import callaway_santanna, on_logs, saturated, two_stage, two_way
from evaluation.analysis.portfolio.permutation import arrays_of, estimate, estimate_groups
from evaluation.analysis.portfolio.pooled import Portfolio, open_pool

NAMES = ("woninginbraak", "verkoopprijs")


@pytest.fixture(scope="module")
def pool() -> Portfolio:
    return open_pool()


@pytest.fixture(scope="module", params=NAMES)
def case(request, pool):
    return pool.outcome(request.param), pool.frame(request.param)


def direct(frame: pd.DataFrame, outcome, terms: str):
    import pyfixest as pf

    formula = f"y ~ {terms} + i(period, start_level, ref={outcome.first}) | municipality + period"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if outcome.family == "poisson":
            return pf.fepois(formula, frame, vcov={"CRV1": "cluster"}, offset="log_inhabitants")
        return pf.feols(f"{formula}^part", frame, vcov={"CRV1": "cluster"}, weights="weight")


def test_the_declared_estimate_is_the_weighted_mean_of_pyfixests_coefficients(case, pool):
    outcome, frame = case
    fit = direct(frame, outcome, "i(cell, ref='-')").tidy()
    scale = 100 if outcome.family == "poisson" else 1
    treated = frame[frame["event_time"].between(1, 4)]
    weight = treated.groupby("cell")["weight"].sum()
    coefficients = scale * fit["Estimate"].rename(lambda name: name.removeprefix("cell::")).reindex(weight.index)
    found = saturated(frame, outcome, years=pool.years)
    assert found.value == pytest.approx(np.average(coefficients, weights=weight), rel=1e-9)
    assert found.n_deals == treated["deal"].nunique() >= 15


def test_arrays_give_what_pyfixest_gives(case, pool):
    outcome, frame = case
    arrays = arrays_of(frame, outcome, years=pool.years)
    for estimator, ours in ((saturated, {}), (two_way, {"two_way": True})):
        found = estimator(frame, outcome, years=pool.years)
        value, error = estimate(arrays, arrays.labels, **ours)
        # Both are iterative; pyfixest stops at changes of about 1e-8.
        assert value == pytest.approx(found.value, abs=1e-5)
        assert error == pytest.approx(found.std_error, rel=1e-5)


def test_one_group_of_all_deals_is_the_pooled_estimate(case, pool):
    outcome, frame = case
    arrays = arrays_of(frame, outcome, years=pool.years)
    values, errors = estimate_groups(arrays, arrays.labels, np.where(arrays.labels > 0, 0, -1))
    assert (values[0], errors[0]) == pytest.approx(estimate(arrays, arrays.labels), rel=1e-9)


def test_two_way_is_pyfixests_coefficient(case, pool):
    outcome, frame = case
    on = frame.assign(treated=(frame["event_time"] >= 0).astype(float))
    scale = 100 if outcome.family == "poisson" else 1
    fit = direct(on, outcome, "treated")
    found = two_way(frame, outcome, years=pool.years)
    assert found.value == pytest.approx(scale * float(fit.coef()["treated"]), rel=1e-9)
    assert found.std_error == pytest.approx(scale * float(fit.se()["treated"]), rel=1e-9)


def test_callaway_santanna_is_diff_diffs(case, pool):
    import diff_diff

    outcome, frame = case
    data = on_logs(frame, outcome)
    model = diff_diff.CallawaySantAnna(
        control_group="not_yet_treated", estimation_method="reg", cluster="cluster"
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = model.fit(
            data, outcome="outcome", unit="municipality", time="period", first_treat="first_treat",
            aggregate="event_study",
        )  # fmt: skip
    effects = [result.event_study_effects[moment]["effect"] for moment in range(1, 5)]
    found = callaway_santanna(frame, outcome, years=pool.years)
    assert found.value == pytest.approx(np.mean(effects), rel=1e-9)


def test_two_stages_on_a_frame_with_a_known_effect(pool):
    """Ten percent planted in what is exact otherwise: every estimator finds it to the last digits."""
    outcome = pool.outcome("verkoopprijs")
    frame = pool.frame("verkoopprijs")
    places = frame["municipality"].astype("category").cat.codes
    exact = frame.assign(y=0.1 * places + 3.0 * frame["period"] + 10.0 * (frame["event_time"] >= 0))
    exactly = [estimator(exact, outcome, years=pool.years) for estimator in (saturated, two_way, callaway_santanna)]
    assert [found.value for found in exactly] == pytest.approx([10.0] * 3, abs=1e-6)
    # pyfixest's first stage is solved by an iteration that stops at about 1e-4.
    assert two_stage(exact, outcome, years=pool.years).value == pytest.approx(10.0, abs=1e-2)
