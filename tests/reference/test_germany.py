"""German reunification (Abadie, Diamond and Hainmueller 2015), on outcomes alone: exact, and first of 17 by its ratio.

GDP per head of West Germany from 1990 on against 16 OECD countries.  By the size of the effect alone seven countries
deviate at least as much (p 0,41), because some of them are followed badly before 1990 as well.
"""

import numpy as np
import pytest

from evaluation.analysis.effects.comparison import compare_partition
from evaluation.analysis.effects.placebo import estimate_with_placebos, placebo_inference
from evaluation.analysis.effects.synthetic import synthetic_control

EXACT = 5e-4  # the published numbers have three decimals
EFFECTS = np.array(
    [-1297.479, 321.428, -259.917, 20.469, 545.902, 273.902, -2683.267, -966.743, 10.909, 2161.829, -2411.619, 3410.376,
     114.643, 326.113, -1863.286, 619.851, 2048.865]
)  # fmt: skip
RMSPE = np.array(
    [60.844, 132.895, 143.635, 67.808, 131.311, 62.254, 409.440, 62.510, 342.487, 120.463, 509.633, 365.463, 1379.885,
     108.987, 1173.010, 166.770, 379.060]
)  # fmt: skip
"""As computed here on the table of the article, West Germany first; the test below compares where that table is."""


def test_west_germany_ranks_first_of_17_by_the_studentised_effect():
    plain, ratio = placebo_inference(EFFECTS), placebo_inference(EFFECTS, RMSPE)
    assert (int(plain.rank), int(ratio.rank)) == (7, 1)
    assert float(plain.p_value) == pytest.approx(0.41, abs=5e-3)
    assert float(ratio.p_value) == ratio.p_attainable == pytest.approx(1 / 17)


def test_effect_and_fit_are_those_of_the_exact_program(reference):
    wide = reference("germany.csv").pivot(index="country", columns="year", values="gdp")
    names = ["West Germany", *(name for name in wide.index if name != "West Germany")]
    years = list(wide.columns)
    compared = compare_partition(wide.loc[names].to_numpy(), n_pre=years.index(1990), periods=years, names=names)
    estimate, found = estimate_with_placebos(compared, synthetic_control, estimand="", method_name="")
    assert (estimate.rank, estimate.n_regions) == (1, 17)
    assert estimate.value == pytest.approx(-1297.479, abs=EXACT)
    assert found.pre_rmspe[0] == pytest.approx(60.844, abs=EXACT)
    assert found.effect == pytest.approx(EFFECTS, abs=EXACT) and found.pre_rmspe == pytest.approx(RMSPE, abs=EXACT)
