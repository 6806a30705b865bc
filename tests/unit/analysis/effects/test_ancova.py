"""Start-level adjustment: the residual of a line through the other regions, as statsmodels gives it."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.analysis.effects.ancova import ancova
from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.placebo import permutation_p
from evaluation.analysis.effects.synthetic import predictor_control, synthetic_control

N_PRE, YEARS = 7, range(2012, 2023)


def regions(seed: int = 1, count: int = 41, fall: float = 0.0) -> np.ndarray:
    """Noise around levels of which a share `fall` is lost after the start; the first starts highest of all."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 3, (count, 1))
    level[0] = 6.0
    after = np.arange(11) >= N_PRE
    return 20 + level * (1 - fall * after) + rng.normal(0, 0.4, (count, 11))


def compare(series: np.ndarray, **options):
    return compare_partition(
        series, n_pre=N_PRE, periods=YEARS, names=[str(i) for i in range(series.shape[-2])], **options
    )


@pytest.mark.parametrize("is_weighted", [False, True])
def test_every_residual_is_that_of_statsmodels_without_the_region(is_weighted):
    series = regions(fall=0.3)
    weights = np.random.default_rng(2).uniform(0.2, 3.0, 41) if is_weighted else None
    found = ancova(compare(series, weights=weights))
    start, change = series[:, :N_PRE].mean(axis=1), series[:, N_PRE:].mean(axis=1) - series[:, :N_PRE].mean(axis=1)
    for region in (0, 1, 17, 40):
        others = [i for i in range(1, 41) if i != region]
        counts = np.ones(40 if region == 0 else 39) if weights is None else weights[others]
        fit = sm.WLS(change[others], sm.add_constant(start[others]), weights=counts).fit()
        assert found.effect[region] == pytest.approx(change[region] - fit.predict([[1.0, start[region]]])[0], abs=1e-10)
    assert found.unit_weights.sum(axis=1) == pytest.approx(1.0)
    assert found.gap[:, :N_PRE].mean(axis=1) == pytest.approx(0.0, abs=1e-10)


def test_outcomes_at_once_are_the_same_as_one_by_one():
    both = ancova(compare(np.stack([regions(), regions(5, fall=0.4)])))
    for place, series in enumerate((regions(), regions(5, fall=0.4))):
        alone = ancova(compare(series))
        assert both.effect[place] == pytest.approx(alone.effect, abs=1e-12)
        assert both.gap[place] == pytest.approx(alone.gap, abs=1e-12)


def test_convergence_alone_gives_a_false_alarm_to_did_and_not_to_ancova():
    """400 draws in which high levels fall by 30% everywhere; the treated region starts two deviations high."""
    draws = compare(np.stack([regions(seed, fall=0.3) for seed in range(400)]))
    alarms = {}
    for name, estimator in (("did", difference_in_differences), ("ancova", ancova)):
        found = estimator(draws)
        ratio = found.effect / found.pre_rmspe
        alarms[name] = float((permutation_p(ratio[:, 0], ratio[:, 1:]) <= 0.05).mean())
    assert alarms["did"] > 0.2 and alarms["ancova"] < 0.10


@pytest.mark.parametrize("estimator", [difference_in_differences, ancova])
def test_weights_that_are_all_equal_change_nothing(estimator):
    plain, weighted = (estimator(compare(regions(), weights=w)) for w in (None, np.full(41, 2.5)))
    assert weighted.effect == pytest.approx(plain.effect, abs=1e-12)
    skewed = estimator(compare(regions(), weights=np.linspace(1, 9, 41)))
    assert np.abs(skewed.effect - plain.effect).max() > 1e-3


def test_predictors_that_are_the_outcomes_give_outcome_only_control():
    series = regions()
    by_predictors = predictor_control(series[:, :N_PRE] / series[:, :N_PRE].std(axis=0))(compare(series))
    scaled = series.copy()
    scaled[:, :N_PRE] /= series[:, :N_PRE].std(axis=0)
    by_outcomes = synthetic_control(compare(scaled))
    assert by_predictors.unit_weights == pytest.approx(by_outcomes.unit_weights, abs=1e-6)


def test_cross_validation_leaves_out_what_does_not_predict():
    """Of three predictors one is the level; it is found without the treated region and the years after."""
    series = regions()
    noise = np.random.default_rng(3).normal(0, 1, (41, 2))
    predictors = np.column_stack([noise[:, 0], series[:, :3].mean(axis=1), noise[:, 1]])
    chosen = predictor_control(predictors, importance="cross-validated")(compare(series))
    level_only = predictor_control(predictors[:, 1:2])(compare(series))
    assert chosen.unit_weights == pytest.approx(level_only.unit_weights, abs=1e-9)
    other = series.copy()
    other[:, N_PRE:] *= 3.0
    again = predictor_control(predictors, importance="cross-validated")(compare(other))
    assert again.unit_weights == pytest.approx(chosen.unit_weights, abs=1e-12)
    equal = predictor_control(predictors)(compare(series))
    assert (equal.pre_rmspe.mean()) > chosen.pre_rmspe.mean()
    assert replace(chosen).time_weights is None
