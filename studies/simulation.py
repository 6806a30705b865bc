"""How good are these methods?  Bias, coverage, size and power of every estimator on made-up panels with a known effect.

`run_study` gives the table behind the page of that name.  The Monte-Carlo error stands beside every share: with 6.000
draws a true 5% shows between 4,3% and 5,7% in 99 of 100 studies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from evaluation.analysis.effects.ancova import ancova
from evaluation.analysis.effects.before_after import trend_deviation
from evaluation.analysis.effects.comparison import (
    Comparison,
    Counterfactual,
    Estimator,
    compare_partition,
    keep_regions,
)
from evaluation.analysis.effects.event_study import difference_in_differences, regional_event_study
from evaluation.analysis.effects.placebo import Statistic, placebo_inference, scales_of
from evaluation.analysis.effects.placebo_regions import band_around, grow_regions, spread
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did
from evaluation.analysis.method_study import COLUMNS
from studies.cluster_inference import wild_cluster_bootstrap
from studies.municipal_regions import aggregate_rates, compare_municipalities, compare_regions
from studies.segmented_regression import interrupted_time_series, own_trend_deviation
from studies.simulated_panels import (
    N_PRE,
    N_REGIONS,
    PER,
    YEARS,
    Scenario,
    SimulatedMap,
    draw_map,
    simulate_counts,
    simulate_months,
    thin_counts,
)
from studies.two_way_fixed_effects import clustered_did, event_study, event_study_effects

EFFECT = -1.5
HALF = 0.5
ALPHA = 0.05
MONTHS, MONTHS_PRE = 108, 72

SCENARIOS = (
    Scenario("zonder bijzondere jaren"),
    Scenario("corona in 2020 en 2021", covid=-0.25),
    Scenario("minder vergelijkbare placeboregio's", comparable=False),
    Scenario("hoog beginniveau en toenadering", convergence=0.08, treated_level=1.5),
    Scenario("de helft van het effect ook bij de buren", spill_over=0.5),
)
"""The first two are what the methods assume: placebo regions that could have been the treated one."""

STUDENTISED = "placeboregio's, gedeeld door de afwijking vooraf"
PLACEBOS = "placeboregio's, omkering"
JOINT_TEST = "placeboregio's"
HAC = "één reeks, HAC"
IN_USE = (STUDENTISED, PLACEBOS, JOINT_TEST, HAC)
"""Inference with which 95% intervals and 5% tests are claimed; any other is studied to show why it is not."""

START_LEVEL = "verandering gegeven het beginniveau"

REGIONAL: dict[str, Estimator] = {
    START_LEVEL: ancova,
    "eigen trend": own_trend_deviation,
    "eigen trend van het verschil": trend_deviation,
    "difference-in-differences": difference_in_differences,
    "event study": event_study_effects,
    "synthetische controle": synthetic_control,
    "synthetische difference-in-differences": synthetic_did,
}

WEIGHTED = ("synthetische controle", "synthetische difference-in-differences")
"""These seek weights, so that a draw costs a hundred times what one of the others does; of those there can be many."""

PLAIN_ONLY = ("synthetische controle",)
"""With more regions than years some region is followed without a deviation: there is nothing to divide by."""

MUNICIPAL = "gemeentelijke difference-in-differences"

_BATCH = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """Per draw: estimate with the effect, whether its interval holds the truth, and whether the test rejects.

    Without an effect, with it, and where what happens in the treated region is halved (None: not tried).
    """

    estimator: str
    inference: str
    error: np.ndarray
    covered: np.ndarray
    rejected_without: np.ndarray
    rejected_with: np.ndarray
    rejected_halved: np.ndarray | None = None


def run_study(
    draws: int = 2000,
    seed: int = 2019,
    *,
    scenarios: Sequence[Scenario] = SCENARIOS,
    regional: Sequence[str] = tuple(REGIONAL),
    with_municipal: bool = True,
    with_months: bool = True,
    closed_draws: int | None = None,
    processes: int = 1,
) -> pd.DataFrame:
    """Simulate panels and tell how each estimator with each kind of inference does.

    Parameters
    ----------
    draws : int
        Panels per scenario; at least 500 for a page.
    seed : int
        Equal seeds give equal tables.
    scenarios, regional : sequences
        What to study; everything by default.
    with_municipal, with_months : bool
        Also the comparisons of municipalities and of other regions, and the monthly series.
    closed_draws : int, optional
        Panels per scenario for the regional estimators without weights, which are then drawn apart.
    processes : int
        Scenarios at the same time; the table is the same.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: `in_use` (whether its inference is in `IN_USE`), `bias` and `bias_error` (its Monte-Carlo
        error) in offences per 1.000 inhabitants (true effect -1,5; per month -1), `coverage` of 95% intervals, `size`,
        `power` and `power_half` (where the rate is halved) at 5% (shares), `mc_error` (Monte-Carlo standard error of a
        share of 5%).
    """
    closed = [] if closed_draws is None else [name for name in regional if name not in WEIGHTED]
    others = [name for name in regional if name not in closed]
    tasks: list[tuple] = []
    for number, scenario in enumerate(scenarios):
        if closed:
            tasks.append((_study_scenario, scenario, closed_draws, [seed, number, 1], closed, False))
        tasks.append((_study_scenario, scenario, draws, [seed, number], others, with_municipal))
    if with_months:
        tasks.append((_study_months, draws, [seed, 1000]))
    if processes == 1:
        found = [task(*arguments) for task, *arguments in tasks]
    else:
        with ProcessPoolExecutor(processes) as pool:
            found = [running.result() for running in [pool.submit(*task) for task in tasks]]
    return pd.DataFrame([row for rows in found for row in rows], columns=list(COLUMNS))


def partition_comparison(series: np.ndarray) -> Comparison:
    """Compare the 41 made-up regions: `series` of shape (..., 41, 11)."""
    return compare_partition(series, n_pre=N_PRE, periods=YEARS, names=[f"regio {i}" for i in range(N_REGIONS)])


def batches(draws: int) -> list[int]:
    """Cut draws into parts that share a map."""
    return [min(_BATCH, draws - start) for start in range(0, draws, _BATCH)]


def study_inference(
    name: str,
    without: Counterfactual,
    with_effect: Counterfactual,
    halved: Counterfactual | None = None,
    *,
    truth: float = EFFECT,
    statistic: Statistic = "effect",
    inference: str = PLACEBOS,
) -> _Outcome:
    """Judge draws by placebo regions: `without` is of all regions, the others of all or of the treated one alone."""
    scales = scales_of(without, statistic)

    def tested(found: Counterfactual):
        alone = found.effect.shape[-1] == 1
        effects = np.hstack([found.effect, without.effect[:, 1:]]) if alone else found.effect
        return placebo_inference(effects, scales)

    some = tested(with_effect)
    return _Outcome(
        name,
        inference,
        with_effect.effect[:, 0] - truth,
        (some.ci_low <= truth) & (truth <= some.ci_high),
        tested(without).p_value <= ALPHA,
        some.p_value <= ALPHA,
        None if halved is None else tested(halved).p_value <= ALPHA,
    )


def _by_both_statistics(name: str, *found: Counterfactual) -> Iterator[_Outcome]:
    yield study_inference(name, *found)
    if name not in PLAIN_ONLY:
        yield study_inference(name, *found, statistic="studentised", inference=STUDENTISED)


def _study_scenario(
    scenario: Scenario, draws: int, seed: Sequence[int], regional: Sequence[str], with_municipal: bool
) -> list[tuple]:
    rng = np.random.default_rng(seed)
    outcomes = []
    for batch in batches(draws):
        scene = draw_map(rng, comparable=scenario.comparable)
        outcomes += _study_batch(scene, scenario, batch, rng, regional, with_municipal)
    return _summarise_all(outcomes, scenario.name)


def _study_batch(
    scene: SimulatedMap, scenario: Scenario, draws: int, rng, regional: Sequence[str], with_municipal: bool
) -> Iterator[_Outcome]:
    without, with_effect = simulate_counts(scene, scenario, draws=draws, rng=rng, effect=EFFECT)
    halved = thin_counts(scene, without, HALF, rng)
    exposure = np.broadcast_to(scene.population[:, None], without.shape[1:])
    before, after, half = (
        partition_comparison(aggregate_rates(counts, exposure, scene.membership, per=PER))
        for counts in (without, with_effect, halved)
    )
    if not scenario.spill_over:  # nothing happened elsewhere
        after = keep_regions(after, [])
    for name in regional:
        yield from _by_both_statistics(name, *map(REGIONAL[name], (before, after, keep_regions(half, []))))
    if "eigen trend" in regional:
        gaps = [found.series[:, 0] - before.donors[:, 1:].mean(axis=1) for found in (before, after)]
        yield _study_single_series("één reeks, Student-t", *gaps, persistence=0.0)
        yield _study_single_series("één reeks, AR(1) van 0,6", *gaps, persistence=0.6)
    if with_municipal:
        rates = PER * without / exposure, PER * with_effect / exposure, PER * halved / exposure
        yield from _study_municipal(scene, *rates)
        yield from _study_pre_trend(scene, before, rates[0])
        yield from _study_grown_regions(scene, without, with_effect, exposure)


def _study_single_series(
    inference: str, without: np.ndarray, with_effect: np.ndarray, *, persistence: float
) -> _Outcome:
    """Study the gap of one region against its own line, shapes (draws, 11), with a persistence that is given.

    Generalised least squares with a dummy for each year after the start, and Student's t.
    """
    years = np.array(YEARS)
    time, later = years - years[0], np.eye(len(years))[:, N_PRE:]
    design = np.column_stack([np.ones(len(years)), time, later])
    root = np.linalg.inv(np.linalg.cholesky(persistence ** np.abs(time[:, None] - time)))
    whitened = root @ design
    mean_of_dummies = np.concatenate([[0.0, 0.0], np.full(later.shape[1], 1 / later.shape[1])])
    fit = np.linalg.pinv(whitened)
    degrees = N_PRE - 2
    factor = np.sqrt(mean_of_dummies @ np.linalg.inv(whitened.T @ whitened) @ mean_of_dummies)

    def estimate(gap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        outcome = gap @ root.T
        residual = outcome - outcome @ fit.T @ whitened.T
        half = stats.t.ppf(1 - ALPHA / 2, degrees) * factor * np.sqrt((residual**2).sum(axis=1) / degrees)
        return outcome @ fit.T @ mean_of_dummies, half

    (none, half), (some, half_some) = estimate(without), estimate(with_effect)
    error, name = some - EFFECT, "eigen trend van het verschil"
    return _Outcome(name, inference, error, np.abs(error) <= half_some, np.abs(none) > half, np.abs(some) > half_some)


def _study_municipal(
    scene: SimulatedMap, without: np.ndarray, with_effect: np.ndarray, halved: np.ndarray
) -> Iterator[_Outcome]:
    treated = scene.area == 0
    for vcov in ("CRV1", "CRV3"):
        none, some = (
            [clustered_did(draw, treated, n_pre=N_PRE, vcov=vcov) for draw in rates] for rates in (without, with_effect)
        )
        yield _from_estimates(MUNICIPAL, f"{vcov}, clusters zijn gemeenten", none, some, EFFECT)
    yield _study_bootstrap(MUNICIPAL, treated, without, with_effect)
    names = [str(i) for i in range(len(treated))]
    found = (
        difference_in_differences(
            compare_municipalities(
                rates, member, n_pre=N_PRE, periods=YEARS, region_names=names[: len(member)], names=names
            )
        )
        for rates, member in (
            (without, scene.membership),
            (with_effect, scene.membership[:1]),
            (halved, scene.membership[:1]),
        )
    )
    yield from _by_both_statistics(MUNICIPAL, *found)


def _study_grown_regions(scene: SimulatedMap, without, with_effect, exposure) -> Iterator[_Outcome]:
    """Difference-in-differences with a region grown around every municipality: they overlap, or are thinned out."""
    for words, regions in _grown_regions(scene).items():
        found = []
        for counts, member in (
            (without, np.vstack([scene.area == 0, regions])),
            (with_effect, (scene.area == 0)[None, :]),
        ):
            compared = compare_regions(
                aggregate_rates(counts, exposure, member, per=PER),
                PER * counts / exposure,
                membership=member,
                donor_membership=np.eye(len(scene.population), dtype=bool),
                n_pre=N_PRE,
                periods=YEARS,
                region_names=[str(i) for i in range(len(member))],
                donor_names=[str(i) for i in range(len(scene.population))],
            )
            found.append(difference_in_differences(replace(compared, weights=scene.population)))
        yield study_inference("difference-in-differences", *found, inference=f"{words}, omkering")


def _grown_regions(scene: SimulatedMap) -> dict[str, np.ndarray]:
    treated = np.flatnonzero(scene.area == 0).tolist()
    band = band_around(scene.population, treated)
    grown = grow_regions(scene.adjacency, scene.population, band, barred=treated)
    return {"overlappende placeboregio's": grown, "uitgedunde placeboregio's": spread(grown)}


def _study_bootstrap(name: str, treated: np.ndarray, without: np.ndarray, with_effect: np.ndarray) -> _Outcome:
    def change(rates: np.ndarray) -> np.ndarray:
        return rates[..., N_PRE:].mean(axis=-1) - rates[..., :N_PRE].mean(axis=-1)

    def p_values(rates: np.ndarray, null: float) -> np.ndarray:
        clusters = np.arange(len(treated))
        return np.array(
            [
                wild_cluster_bootstrap(row, treated, clusters, null=null, with_interval=False, draws=399).p_value
                for row in change(rates)
            ]
        )

    error = change(with_effect)[:, treated].mean(axis=1) - change(with_effect)[:, ~treated].mean(axis=1) - EFFECT
    covered = p_values(with_effect, EFFECT) > ALPHA
    return _Outcome(
        name,
        "wild cluster bootstrap",
        error,
        covered,
        p_values(without, 0.0) <= ALPHA,
        p_values(with_effect, 0.0) <= ALPHA,
    )


def _study_pre_trend(scene: SimulatedMap, regions: Comparison, rates: np.ndarray) -> Iterator[_Outcome]:
    """Count how often the joint test on the time before rejects when nothing is the matter; it covers no effect."""
    reference, treated = YEARS[N_PRE - 1], scene.area == 0
    gap = difference_in_differences(regions).gap
    regional = [regional_event_study(draw, periods=YEARS, reference=reference).joint_pre_p for draw in gap]
    municipal = [event_study(draw, treated, periods=YEARS, reference=reference).joint_pre_p for draw in rates]
    nothing = np.full(len(gap), np.nan)
    for inference, p in ((JOINT_TEST, regional), ("CRV1, clusters zijn gemeenten", municipal)):
        rejected = np.array([value <= ALPHA for value in p])
        yield _Outcome("toets op de tijd vooraf", inference, nothing, nothing, rejected, nothing)


def _study_months(draws: int, seed: Sequence[int]) -> list[tuple]:
    rng = np.random.default_rng(seed)
    outcomes = [outcome for batch in batches(draws) for outcome in _study_months_batch(batch, rng)]
    return _summarise_all(outcomes, "maandcijfers")


def _study_months_batch(draws: int, rng) -> Iterator[_Outcome]:
    truth = -1.0
    series = simulate_months(draws=draws, months=MONTHS, rng=rng)
    changed = series[:, 0].copy()
    changed[:, MONTHS_PRE:] += truth
    options = {"n_pre": MONTHS_PRE, "estimand": "", "season": 12}
    none = [interrupted_time_series(row, **options).estimate for row in series[:, 0]]
    some = [interrupted_time_series(row, **options).estimate for row in changed]
    name = "onderbroken tijdreeks"
    yield _from_estimates(name, HAC, none, some, truth)
    comparison = compare_partition(
        series, n_pre=MONTHS_PRE, periods=range(MONTHS), names=[str(i) for i in range(N_REGIONS)]
    )
    found = own_trend_deviation(comparison, season=12)
    yield study_inference(name, found, replace(found, effect=found.effect[:, :1] + truth), truth=truth)


def _from_estimates(name: str, inference: str, none: list, some: list, truth: float) -> _Outcome:
    return _Outcome(
        name,
        inference,
        np.array([e.value - truth for e in some]),
        np.array([e.ci_low <= truth <= e.ci_high for e in some]),
        np.array([e.p_value <= ALPHA for e in none]),
        np.array([e.p_value <= ALPHA for e in some]),
    )


def _summarise_all(outcomes: Sequence[_Outcome], scenario: str) -> list[tuple]:
    parts: dict[tuple[str, str], list[_Outcome]] = {}
    for outcome in outcomes:
        parts.setdefault((outcome.estimator, outcome.inference), []).append(outcome)
    return [_summarise(same, scenario) for same in parts.values()]


def _summarise(outcomes: Sequence[_Outcome], scenario: str) -> tuple:
    def joined(take: Callable[[_Outcome], np.ndarray]) -> np.ndarray:
        return np.concatenate([take(outcome) for outcome in outcomes]).astype(float)

    def halved(outcome: _Outcome) -> np.ndarray:
        return np.full(len(outcome.error), np.nan) if outcome.rejected_halved is None else outcome.rejected_halved

    error = joined(lambda outcome: outcome.error)
    draws = len(error)
    return (
        outcomes[0].estimator,
        outcomes[0].inference,
        scenario,
        outcomes[0].inference in IN_USE,
        draws,
        float(error.mean()),
        float(error.std(ddof=1) / np.sqrt(draws)),
        float(joined(lambda outcome: outcome.covered).mean()),
        float(joined(lambda outcome: outcome.rejected_without).mean()),
        float(joined(lambda outcome: outcome.rejected_with).mean()),
        float(joined(halved).mean()),
        float(np.sqrt(ALPHA * (1 - ALPHA) / draws)),
    )
