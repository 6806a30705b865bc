"""Minimum wages and teen employment in 500 counties (Callaway and Sant'Anna 2021): ATT(g, t) without covariates.

With never-treated counties as comparison, each ATT(g, t) is the event study of one cohort against them.  The results of
the R package did are for the varying base period: before the start, each coefficient is against the year before it.
"""

import numpy as np
import pytest

from studies.two_way_fixed_effects import event_study

# Mean log employment 2003-2007 per cohort, and its number of counties (0: never treated): facts from the data file.
MEANS = {
    0: (309, [5.654630, 5.592000, 5.604808, 5.638896, 5.661133]),
    2004: (20, [6.179697, 6.106564, 6.059452, 6.026704, 6.085388]),
    2006: (40, [6.573994, 6.517884, 6.527941, 6.557435, 6.543041]),
    2007: (131, [5.842906, 5.810783, 5.820866, 5.823866, 5.820048]),
}
YEARS = [2003, 2004, 2005, 2006, 2007]
PUBLISHED = {
    2004: {2004: -0.0105, 2005: -0.0704, 2006: -0.1373, 2007: -0.1008},
    2006: {2004: 0.0065, 2005: -0.0028, 2006: -0.0046, 2007: -0.0412},
    2007: {2004: 0.0305, 2005: -0.0027, 2006: -0.0311, 2007: -0.0261},
}
DYNAMIC = {-3: 0.0305, -2: -0.0006, -1: -0.0245, 0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}
ROUNDED = 5.1e-5  # published to four decimals


def base(cohort: int, year: int) -> int:
    """The year before the start, or before the year itself when that is earlier."""
    return min(year, cohort) - 1


def weighted(effects: dict[tuple[int, int], float]) -> dict[int, float]:
    """Average over cohorts by number of counties, per year since the start."""
    result = {}
    for since in sorted({year - cohort for cohort, year in effects}):
        pairs = [(cohort, value) for (cohort, year), value in effects.items() if year - cohort == since]
        sizes = [MEANS[cohort][0] for cohort, _ in pairs]
        result[since] = float(np.average([value for _, value in pairs], weights=sizes))
    return result


def test_published_figures_from_the_cohorts_means():
    effects = {}
    for cohort, years in PUBLISHED.items():
        for year, published in years.items():
            now, then = YEARS.index(year), YEARS.index(base(cohort, year))
            own, other = MEANS[cohort][1], MEANS[0][1]
            effects[cohort, year] = (own[now] - own[then]) - (other[now] - other[then])
            assert effects[cohort, year] == pytest.approx(published, abs=ROUNDED)
    dynamic = weighted(effects)
    assert dynamic == pytest.approx(DYNAMIC, abs=ROUNDED)
    assert np.mean([dynamic[e] for e in range(4)]) == pytest.approx(-0.0772, abs=ROUNDED)
    after = [(cohort, value) for (cohort, year), value in effects.items() if year >= cohort]
    simple = np.average([value for _, value in after], weights=[MEANS[cohort][0] for cohort, _ in after])
    assert simple == pytest.approx(-0.03995, abs=5.1e-6)


def test_event_study_gives_r_results_and_errors(reference):
    """Coefficients to 1e-9.  R's analytic errors divide by n where CRV1 corrects for degrees of freedom; without that
    correction ours are the same to 1e-6."""
    counties = reference("mpdta.csv").pivot(index="countyreal", columns="year", values="lemp")
    cohort = reference("mpdta.csv").groupby("countyreal")["first.treat"].first().loc[counties.index]
    published = reference("mpdta_r_reference/ref_attgt.csv")
    published = published[published["scenario"] == "mpdta_nev_dr"]
    effects = {}
    for row in published.itertuples():
        chosen = cohort.isin([0, row.group])
        outcomes, treated = counties[chosen].to_numpy(), (cohort[chosen] > 0).to_numpy()
        study = event_study(outcomes, treated, periods=YEARS, reference=base(int(row.group), int(row.t)))
        place = study.periods.index(row.t)
        effects[int(row.group), int(row.t)] = float(study.coefficients[place])
        assert study.coefficients[place] == pytest.approx(row.att, abs=1e-9)
        count = len(outcomes)
        factor = count / (count - 1) * (outcomes.size - 1) / (outcomes.size - 9)
        assert np.sqrt(study.covariance[place, place] / factor) == pytest.approx(row.se, rel=1e-6)
    dynamic = reference("mpdta_r_reference/ref_aggte.csv").query("scenario == 'mpdta_nev_dr' and type == 'dynamic'")
    assert weighted(effects) == pytest.approx(dict(zip(dynamic["egt"], dynamic["att_egt"], strict=True)), abs=1e-9)
