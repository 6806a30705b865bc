"""Four made-up worlds and what must be said about them.

A real effect is found and attributed; a shock before anything was delivered is shown and not attributed; plain
convergence is no deviation given the start level; and where nothing happened nothing is found.  Every world has the
years 2010-2018 before and 2020-2024 after, and runs through estimate, checks and both judgements as a chapter would.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from evaluation.analysis.effects import pre_period, sensitivity
from evaluation.analysis.effects.ancova import ancova
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.comparison import Comparison, compare_partition, without_periods
from evaluation.analysis.effects.contribution import (
    Alternative,
    Condition,
    check_alternatives,
    check_dose,
    check_mechanism,
    check_timing,
)
from evaluation.analysis.effects.estimate import Estimate
from evaluation.analysis.effects.event_study import difference_in_differences, regional_event_study
from evaluation.analysis.effects.examined import examine
from evaluation.analysis.effects.judgement import Plausible, judge_attribution, judge_deviation
from evaluation.analysis.effects.placebo import estimate_with_placebos
from evaluation.analysis.effects.synthetic import synthetic_did
from studies.simulated_panels import autoregression

YEARS = (*range(2010, 2019), *range(2020, 2025))
N_PRE = 9
PLACES = ("Aa", "Bee", "Cee", "Dee", "Ee", "Ef", "Gee")
DOSES = dict(zip(PLACES, (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0), strict=True))
IN_PROPORTION = {place: -0.04 * dose for place, dose in DOSES.items()}
GROWING = (0.0, -1.0, -2.0, -2.5, -3.0)
EVENLY = dict(zip(PLACES, (-1.6, -1.2, -1.9, -1.5, -1.3, -1.7, -1.4), strict=True))


@dataclass(frozen=True)
class Verdict:
    """Everything that a chapter would have."""

    estimate: Estimate
    checks: dict[str, Check]
    contribution: dict[str, Check]


def world(
    seed: int = 0, *, regions: int = 40, course=(0.0,) * 5, start: float = 0.0, convergence: float = 0.0
) -> Comparison:
    """Regions around 20 with a common decline and shocks that last; `course` is what happens to the first one."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 3, (regions, 1))
    level[0] = start
    time = np.array(YEARS) - 2010
    series = 20 + level * (1 - convergence) ** time - 0.3 * time
    series = series + autoregression((regions,), len(YEARS), persistence=0.5, deviation=0.3, rng=rng)
    series[0, N_PRE:] += course
    return compare_partition(series, n_pre=N_PRE, periods=YEARS, names=[f"regio {i}" for i in range(regions)])


def judge(
    comparison: Comparison, *, estimator=synthetic_did, delivered, effects, plausible=4.0, condition="aanwijzing"
) -> Verdict:
    estimate, found = estimate_with_placebos(
        comparison, estimator, estimand="gemiddelde afwijking 2020-2024", method_name="synthetische DiD"
    )
    examined = examine(comparison, estimator, found)
    other, _ = estimate_with_placebos(
        without_periods(comparison, [2020]), estimator, estimand="", method_name="synthetische DiD"
    )
    gap = difference_in_differences(comparison).gap
    bordering = np.zeros(len(comparison.region_names), dtype=bool)
    bordering[[3, 7]] = True
    checks = [
        pre_period.check_pre_trend(regional_event_study(gap, periods=YEARS, reference=2018)),
        pre_period.check_fit(examined),
        pre_period.check_in_time(examined),
        sensitivity.check_leave_one_out(examined),
        sensitivity.check_neighbours_out(examined, bordering_donors=bordering[1:], bordering_regions=bordering),
        sensitivity.check_without_periods(examined),
        sensitivity.check_regression_to_mean(examined),
    ]
    judged = judge_deviation(
        estimate, checks, plausible=Plausible(plausible, "decrease"), variants={"zonder 2020": other}
    )
    step = replace(estimate, value=-0.5, deviation=condition)
    contribution = [
        check_timing(examined, delivered=delivered, paid={2020: 1e6, 2021: 3e6, 2022: 5e6, 2023: 6e6, 2024: 6e6}),
        check_dose(judged, effects=effects, doses=DOSES, largest_plausible=plausible),
        check_mechanism([Condition("de leegstand", step, "decrease")]),
        check_alternatives(
            [
                Alternative("de coronaperiode", checks[5].passed, "zonder 2020 en 2021 hetzelfde oordeel"),
                Alternative("andere rijksmiddelen", True, "minder dan een tiende van de middelen van de deal"),
            ]
        ),
    ]
    done = judge_attribution(judged, contribution)
    return Verdict(done, {c.name: c for c in checks}, {c.name: c for c in contribution})


DELIVERED_FROM_2021 = {2021: 100.0, 2022: 300.0, 2023: 450.0, 2024: 512.0}


def test_a_real_effect_is_found_and_attributed():
    """Growing to -3 from the first deliveries in 2021 on, in proportion to what was done in each municipality."""
    verdict = judge(world(2, course=GROWING), delivered=DELIVERED_FROM_2021, effects=IN_PROPORTION)
    assert verdict.estimate.value == pytest.approx(-1.7, abs=0.4)
    assert all(check.passed for check in verdict.checks.values()), verdict.checks
    assert verdict.estimate.deviation == "sterke aanwijzing"
    assert all(check.passed for check in verdict.contribution.values()), verdict.contribution
    assert verdict.estimate.attribution == "aannemelijk"


def test_a_shock_before_anything_was_delivered_is_shown_and_not_attributed():
    """-2,5 from 2020 on, everything else as favourable as above: timing alone decides."""
    verdict = judge(world(2, course=(-2.5,) * 5), delivered=DELIVERED_FROM_2021, effects=IN_PROPORTION)
    assert verdict.estimate.deviation == "sterke aanwijzing"
    assert verdict.contribution["timing"].passed is False
    assert [name for name, check in verdict.contribution.items() if not check.passed] == ["timing"]
    assert verdict.estimate.attribution == "niet aannemelijk"
    assert "voordat er iets was opgeleverd" in verdict.estimate.reason
    year_2020 = verdict.contribution["timing"].rows[0]
    assert year_2020[0] == 2020 and year_2020[2] is True and year_2020[5] == "nee: nog niets opgeleverd"


def test_plain_convergence_is_no_deviation_given_the_start_level():
    """All regions lose 6% of their distance to the mean a year; the treated one starts high.

    Of 200 worlds some 10% give an indication, the size of that test; a plain difference by its size many more.
    """
    found = {ancova: 0, difference_in_differences: 0}
    statistics = {ancova: "studentised", difference_in_differences: "effect"}
    for seed in range(200):
        comparison = world(seed, regions=41, start=6.0, convergence=0.06)
        for estimator in found:
            named = {"estimand": "", "method_name": "", "statistic": statistics[estimator]}
            estimate, _ = estimate_with_placebos(comparison, estimator, **named)
            found[estimator] += judge_deviation(estimate, [], plausible=Plausible(4.0)).is_indicated
    assert found[ancova] <= 30 and found[difference_in_differences] >= 2 * found[ancova], found


def test_convergence_that_stands_out_is_held_against_regions_that_start_as_high():
    comparison = world(1, regions=201, start=6.0, convergence=0.06)
    examined = examine(comparison, difference_in_differences, statistic="effect")
    check = sensitivity.check_regression_to_mean(examined)
    assert examined.deviates
    assert check.passed is False and "vergelijkbaar beginniveau" in check.sentence


def test_where_nothing_happened_an_indication_is_as_rare_as_its_size():
    """Of 60 worlds 10% are expected, and 5% with a p of 5%; more than 12 and 8 would be rarer than 1 in 100."""
    found = [
        estimate_with_placebos(world(seed), synthetic_did, estimand="", method_name="")[0] for seed in range(20, 80)
    ]
    judged = [judge_deviation(estimate, [], plausible=Plausible(4.0)) for estimate in found]
    assert sum(estimate.is_indicated for estimate in judged) <= 12
    assert sum(estimate.p_value <= 0.05 for estimate in judged) <= 8


def test_where_nothing_is_found_nobody_asks_who_did_it():
    verdict = judge(world(20), delivered=DELIVERED_FROM_2021, effects=EVENLY)
    assert verdict.estimate.deviation in ("geen aanwijzing", "niet te vergelijken", "te grof")
    assert verdict.estimate.attribution == "de vraag komt niet aan de orde"


def test_no_indication_is_said_only_when_the_plausible_effect_is_excluded():
    comparison = world(20)
    small = judge(comparison, delivered=DELIVERED_FROM_2021, effects=EVENLY, plausible=0.1).estimate
    large = judge(comparison, delivered=DELIVERED_FROM_2021, effects=EVENLY, plausible=4.0).estimate
    assert small.value == large.value and 0.1 < small.mde < 4.0
    assert small.deviation == "te grof" and "niet goed zichtbaar" in small.reason
    assert large.deviation == "geen aanwijzing" and "valt buiten het interval" in large.reason


def test_an_effect_that_is_as_large_where_little_was_done_is_not_attributed():
    verdict = judge(world(2, course=GROWING), delivered=DELIVERED_FROM_2021, effects=EVENLY)
    assert verdict.estimate.deviation == "sterke aanwijzing"
    assert verdict.contribution["dose"].passed is not True
    assert verdict.estimate.attribution in ("niet aannemelijk", "niet vast te stellen")


def test_an_effect_whose_condition_did_not_change_is_not_attributed():
    verdict = judge(
        world(2, course=GROWING), delivered=DELIVERED_FROM_2021, effects=IN_PROPORTION, condition="geen aanwijzing"
    )
    assert verdict.estimate.attribution == "niet aannemelijk"
    assert verdict.estimate.reason.endswith("hiertegen spreekt: de tussenstappen")
