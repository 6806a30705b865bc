"""Which grades do the rules of the plan give on made-up panels, where it is known what happened?

A question is judged as the plan judges home burglary: change given the start level, in percent, ranked by the deviation
divided by that before; the checks on the time before; the declared variants that a made-up country has; and the
correction for a second main question, which shows nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.analysis.design_checks import COVID_YEARS
from evaluation.analysis.effects import pre_period
from evaluation.analysis.effects.ancova import ancova
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.comparison import Comparison, Counterfactual, without_periods
from evaluation.analysis.effects.estimate import GRADES, Estimate
from evaluation.analysis.effects.event_study import difference_in_differences, regional_event_study
from evaluation.analysis.effects.examined import examine
from evaluation.analysis.effects.judgement import Plausible, judge_deviation
from evaluation.analysis.effects.multiple import Adjusted
from evaluation.analysis.effects.placebo import placebo_inference, scales_of
from evaluation.analysis.effects.synthetic import synthetic_did
from evaluation.analysis.method_study import GRADE_COLUMNS
from studies.municipal_regions import aggregate_rates
from studies.simulated_panels import N_PRE, PER, YEARS, Scenario, draw_map, simulate_counts
from studies.simulation import SCENARIOS, batches, partition_comparison

FACTORS = (1.0, 0.85, 0.7, 0.5)
"""By which the rate of the treated region is multiplied after the start; 1: nothing happened."""
PLAUSIBLE = Plausible(-100 * float(np.log(0.85)), "decrease")
"""A fall of 15%, as the plan has for home burglary, on the scale of the estimates: 100 times a logarithm."""
_QUESTIONS = 2


def study_grades(draws: int, seed: int = 2019, *, scenarios: Sequence[Scenario] = SCENARIOS) -> pd.DataFrame:
    """Judge made-up panels by the rules of the plan.

    Parameters
    ----------
    draws, seed, scenarios
        As of `simulation.run_study`.

    Returns
    -------
    pandas.DataFrame
        Columns `GRADE_COLUMNS`: the share of draws of each grade, by scenario and factor.
    """
    rows = []
    for number, scenario in enumerate(scenarios):
        rng = np.random.default_rng([seed, number, 2])
        given = [grades for batch in batches(draws) for grades in _judge_batch(scenario, batch, rng)]
        for place, factor in enumerate(FACTORS):
            found = [grades[place] for grades in given]
            rows += [(scenario.name, factor, draws, grade, found.count(grade) / draws) for grade in GRADES]
    return pd.DataFrame(rows, columns=list(GRADE_COLUMNS))


def _judge_batch(scenario: Scenario, draws: int, rng: np.random.Generator) -> list[list[str]]:
    """Give for each draw the grade under each factor."""
    scene = draw_map(rng, comparable=scenario.comparable)
    counts, _ = simulate_counts(scene, scenario, draws=draws, rng=rng)
    exposure = np.broadcast_to(scene.population[:, None], counts.shape[1:])
    series = 100 * np.log(aggregate_rates(counts, exposure, scene.membership, per=PER))
    comparison = partition_comparison(series)
    checks = [_checks(partition_comparison(draw)) for draw in series]
    found = {
        "": ancova(comparison),
        "met synthetische difference-in-differences": synthetic_did(comparison),
        "zonder 2020 en 2021": ancova(without_periods(comparison, COVID_YEARS)),
    }
    grades: list[list[str]] = [[] for _ in range(draws)]
    for factor in FACTORS:
        # An effect moves the estimate of its region by as much and no other's: nothing has to be estimated again.
        told = {name: _estimates(item, 100 * float(np.log(factor))) for name, item in found.items()}
        for draw, estimate in enumerate(told.pop("")):
            variants = {name: estimates[draw] for name, estimates in told.items()}
            adjusted = Adjusted(min(1.0, _QUESTIONS * float(estimate.p_value or 1.0)))
            judged = judge_deviation(estimate, checks[draw], plausible=PLAUSIBLE, variants=variants, adjusted=adjusted)
            grades[draw].append(judged.deviation)
    return grades


def _checks(comparison: Comparison) -> list[Check]:
    examined = examine(comparison, ancova)
    gap = difference_in_differences(comparison).gap
    study = regional_event_study(gap, periods=YEARS, reference=YEARS[N_PRE - 1])
    return [pre_period.check_pre_trend(study), pre_period.check_fit(examined), pre_period.check_in_time(examined)]


def _estimates(found: Counterfactual, shift: float) -> list[Estimate]:
    """Tell each draw with the effect of the treated region moved."""
    effects = found.effect.copy()
    effects[:, 0] += shift
    told = placebo_inference(effects, scales_of(found, "studentised"))
    n_post = found.gap.shape[-1] - found.n_pre
    return [
        Estimate(
            estimand="nagebootst",
            value=float(effects[draw, 0]),
            ci_low=float(told.ci_low[draw]),
            ci_high=float(told.ci_high[draw]),
            p_value=float(told.p_value[draw]),
            mde=float(told.mde[draw]),
            n_pre=found.n_pre,
            n_post=n_post,
            n_placebo=effects.shape[1] - 1,
            inference="placeboregio's",
            reason="",
        )
        for draw in range(len(effects))
    ]
