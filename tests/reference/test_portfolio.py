"""All deals together: estimates equal direct calls of pyfixest and diff-diff on the same frame, and those on arrays."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evaluation.analysis.portfolio.arrays import arrays_of, estimate, estimate_groups
from evaluation.analysis.portfolio.estimators import (
    callaway_santanna,
    fit_saturated,
    imputation,
    saturated,
    sun_abraham,
    two_stage,
    two_way,
)
from evaluation.analysis.portfolio.event_time import event_times, pre_trend_bounds, with_leads
from evaluation.analysis.portfolio.pooled import Portfolio, open_pool
from evaluation.statistics.snapshots import open_snapshot

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
            return pf.fepois(formula, frame, vcov={"CRV1": "cluster"}, offset="log_inhabitants", fixef_tol=1e-12)
        return pf.feols(f"{formula}^part", frame, vcov={"CRV1": "cluster"}, weights="weight", fixef_tol=1e-12)


def linear(frame: pd.DataFrame, outcome) -> pd.DataFrame:
    """The frame as the linear libraries take it: municipalities with all years, counts as 100 times a log rate."""
    years = frame["period"].nunique()
    whole = frame.groupby("municipality").filter(lambda rows: len(rows) == years)
    rate = 100 * np.log((whole["y"] + 0.5) / whole["inhabitants"]) if outcome.family == "poisson" else whole["y"]
    return whole.assign(rate=rate, first=whole["cohort"].astype(int)).reset_index(drop=True)


def fitted(model, frame: pd.DataFrame, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(frame, outcome="rate", unit="municipality", time="period", first_treat="first", **options)


def means_of_years(effects) -> tuple[float, float]:
    """Mean effect and mean error of the first to the fourth year after the start."""
    years = [effects[moment] for moment in range(1, 5)]
    return float(np.mean([item["effect"] for item in years])), float(np.mean([item["se"] for item in years]))


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
    model = diff_diff.CallawaySantAnna(control_group="not_yet_treated", estimation_method="reg", cluster="cluster")
    never = diff_diff.CallawaySantAnna(control_group="never_treated", estimation_method="reg", cluster="cluster")
    direct_calls = []
    for asked in (model, never):
        rows = fitted(asked, linear(frame, outcome)).aggregate("event_study").to_dataframe().set_index("event_time")
        direct_calls.append(tuple(rows.loc[1:4, ["att", "se"]].mean()))
    found = callaway_santanna(frame, outcome, years=pool.years)
    assert (found.value, found.std_error) == pytest.approx(direct_calls[0], rel=1e-9)
    assert found.value != pytest.approx(direct_calls[1][0], rel=1e-6), "comparisons that are not treated yet count"


def test_imputation_is_diff_diffs(case, pool):
    import diff_diff

    outcome, frame = case
    result = fitted(diff_diff.ImputationDiD(cluster="cluster"), linear(frame, outcome), aggregate="event_study")
    found = imputation(frame, outcome, years=pool.years)
    assert (found.value, found.std_error) == pytest.approx(means_of_years(result.event_study_effects), rel=1e-9)


def test_sun_abraham_is_diff_diffs_and_pyfixests(case, pool):
    """Value and error of diff-diff; the value of pyfixest's saturated event study, cohorts by municipalities."""
    import diff_diff
    import pyfixest as pf

    outcome, frame = case
    data = linear(frame, outcome)
    result = fitted(diff_diff.SunAbraham(cluster="cluster"), data)
    found = sun_abraham(frame, outcome, years=pool.years)
    assert (found.value, found.std_error) == pytest.approx(means_of_years(result.event_study_effects), rel=1e-9)
    moment = (data["period"] - data["first"]).where(data["first"] > 0)
    cells = data["first"].astype(str) + "_" + data["period"].astype(str)
    data = data.assign(cells=cells.where(moment.notna() & (moment != -1), "-"), moment=moment)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = pf.feols("rate ~ i(cells, ref='-') | municipality + period", data, fixef_tol=1e-12)
    values = data["cells"].map(fit.coef().rename(lambda name: name.removeprefix("cells::")))
    by_year = values.groupby(moment).mean().loc[1:4]
    assert found.value == pytest.approx(by_year.mean(), abs=1e-6)  # iterated fixed effects against exact ones


def test_two_stages_are_pyfixests(case, pool):
    """Two calls of did2s differ at 1e-5 of an error: its first stage is solved by an iteration that ends at 1e-4."""
    import pyfixest as pf

    outcome, frame = case
    data = linear(frame, outcome)
    since = data["period"] - data["first"]
    is_on = (data["first"] > 0) & (since >= 0)
    effect = is_on & since.between(1, 4)
    data = data.assign(is_on=is_on, effect=effect.astype(float), other=(is_on & ~effect).astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = pf.did2s(
            data, yname="rate", first_stage="~ 0 | municipality + period", second_stage="~ effect + other",
            treatment="is_on", cluster="cluster",
        )  # fmt: skip
    found = two_stage(frame, outcome, years=pool.years)
    assert (found.value, found.std_error) == pytest.approx((fit.coef()["effect"], fit.se()["effect"]), rel=1e-5)


def test_the_years_after_the_start_are_means_of_pyfixests_coefficients(case):
    outcome, frame = case
    rows = with_leads(frame)
    coefficients = direct(rows, outcome, "i(lead_cell, ref='-')").coef()
    scale = 100 if outcome.family == "poisson" else 1
    values = rows["lead_cell"].map(coefficients.rename(lambda name: name.removeprefix("lead_cell::")))
    found = event_times(fit_saturated(rows, outcome, cells="lead_cell"), rows, outcome)
    for moment, value in zip(found.moments, found.values, strict=True):
        at = (rows["event_time"] == moment) & (rows["lead_cell"] != "-")
        assert value == pytest.approx(scale * np.average(values[at], weights=rows.loc[at, "weight"]), abs=1e-7)


@pytest.mark.parametrize("bend", [0.0, 0.5])
def test_honest_bounds_are_diff_diffs(pool, bend):
    """Both search for the shortest interval, which they find to some 1e-4 of its length."""
    from diff_diff import HonestDiD, MultiPeriodDiDResults
    from diff_diff.results import PeriodEffect

    outcome, frame = pool.outcome("verkoopprijs"), with_leads(pool.frame("verkoopprijs"))
    times = event_times(fit_saturated(frame, outcome, cells="lead_cell"), frame, outcome)
    quantile = 2.3
    ours = pre_trend_bounds(times, years=pool.years, quantile=quantile, bends=[bend]).intervals[0]
    wider = (quantile / stats.norm.ppf(0.975)) ** 2 * times.covariance
    errors = np.sqrt(np.diag(wider))
    moments = times.moments.tolist()
    study = MultiPeriodDiDResults(
        {m: PeriodEffect(m, times.values[place], errors[place], 0, 1, (0, 0)) for place, m in enumerate(moments)},
        0, 1, 0, 1, (0, 0), 1, 1, 1, [-5, -4, -3, -2], [0, 1, 2, 3, 4], vcov=wider, reference_period=-1,
        interaction_indices={m: place for place, m in enumerate(moments)},
    )  # fmt: skip
    weights = np.array([0, 1, 1, 1, 1]) / 4  # of the year of the start and the four that count
    theirs = HonestDiD(method="smoothness", M=bend, l_vec=weights).fit(study)
    assert moments == [-5, -4, -3, -2, 0, 1, 2, 3, 4]
    assert (ours.low, ours.high) == pytest.approx((theirs.ci_lb, theirs.ci_ub), abs=1e-3 * (ours.high - ours.low))


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


def test_a_municipality_that_merged_in_the_term_has_the_figures_of_its_parts_before(pool):
    """Beekdaelen (2019) was Onderbanken, Nuth and Schinnen: its price of 2018 is a mean of theirs, and it counts."""
    frame = pool.frame("verkoopprijs")
    own = frame[frame["municipality"] == "GM1954"].set_index("period")
    assert own.index.tolist() == list(range(2015, 2024))
    assert set(own["deal"]) == {"parkstad-limburg"}
    published = open_snapshot("cbs", "83625NED").frame.set_index(["region", "period"])["value"]
    parts = [published[code, 2018] for code in ("GM0881", "GM0951", "GM0962")]
    assert min(parts) < own.loc[2018, "value"] < max(parts)
    assert ("GM1954", 2018) not in published.index
    assert own.loc[2019, "value"] == published["GM1954", 2019]
    assert not frame["municipality"].isin(["GM0881", "GM0951", "GM0962"]).any()
