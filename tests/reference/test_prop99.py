"""California's tobacco programme (Proposition 99): 39 states 1970-2000, treated from 1989, packs per head.

Published (Arkhangelsky et al. 2021, table 1): synthetic DiD -15.6, synthetic control -19.6, DiD -27.3.  The numbers
here are those of the exact quadratic programs and of all 38 placebo states, so they are tested to four decimals; the
standard error in the article comes from random draws of placebos and is not compared.
"""

import numpy as np
import pytest

from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.placebo import placebo_inference, smallest_p
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did, zeta_omega

EXACT = 1e-4


@pytest.fixture(scope="module")
def states(reference):
    wide = reference("california_prop99.csv", sep=";").pivot(index="State", columns="Year", values="PacksPerCapita")
    wide = wide.sort_index(key=lambda states: states != "California", kind="stable")
    return compare_partition(wide.to_numpy(), n_pre=19, periods=list(wide.columns), names=list(wide.index))


@pytest.mark.parametrize(
    ("estimator", "effect", "spread", "decimals", "rank"),
    [
        (synthetic_did, -15.6054, 9.368, 3, 2),
        (synthetic_control, -19.5136, 10.63, 2, 3),
        (difference_in_differences, -27.3491, 17.29, 2, 4),
    ],
)
def test_effect_placebo_error_and_p(states, estimator, effect, spread, decimals, rank):
    effects = estimator(states).effect
    inference = placebo_inference(effects)
    assert effects[0] == pytest.approx(effect, abs=EXACT)
    assert round(float(inference.std_error), decimals) == spread
    assert inference.p_value == pytest.approx(rank / 39)
    assert inference.p_attainable == smallest_p(38) == 1 / 39


def test_placebo_error_with_the_other_denominator(states):
    assert float(np.std(synthetic_did(states).effect[1:], ddof=1)) == pytest.approx(9.494, abs=5e-4)


def test_synthetic_did_weights(states):
    found = synthetic_did(states)
    weights = dict(zip(states.donor_names, found.unit_weights[0], strict=True))
    largest = sorted(weights, key=weights.get, reverse=True)[:3]
    assert [(name, round(weights[name], 3)) for name in largest] == [
        ("Nevada", 0.124),
        ("New Hampshire", 0.105),
        ("Connecticut", 0.078),
    ]
    years = dict(zip(states.periods[:19], found.time_weights[0].round(3), strict=True))
    assert {year: weight for year, weight in years.items() if weight > 0} == {1986: 0.366, 1987: 0.206, 1988: 0.427}
    assert zeta_omega(states)[0] == pytest.approx(10.22623, abs=5e-6)
    assert zeta_omega(states)[0] / 12**0.25 == pytest.approx(5.494401, abs=5e-7)


def test_two_runs_give_the_same_bytes(states):
    first, second = synthetic_did(states), synthetic_did(states)
    assert first.effect.tobytes() == second.effect.tobytes()
    assert first.unit_weights.tobytes() == second.unit_weights.tobytes()
