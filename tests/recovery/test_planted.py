"""A known factor planted in the real figures of the region moves the grade as the rules say.

The figures are those of the project, the regions those of the plan; from the start of the deal on, the outcome of the
region is multiplied.  `plant_effects` makes the table, and the chapter on methods can show the same one.
"""

import pytest

from evaluation.analysis.effects.estimate import GRADES
from evaluation.analysis.estimation import estimate_design, open_designs
from evaluation.analysis.planting import COLUMNS, FACTORS, plant_effects
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_designs, load_indicators

INDICATORS = load_indicators()
MAIN = "woninginbraak-regio"


@pytest.fixture(scope="module")
def opened():
    return open_designs(load_deal(), load_designs().values(), INDICATORS)


@pytest.fixture(scope="module")
def found(opened):
    return {design.id: estimate_design(opened, design) for design in opened.designs}


def steps(table, design: str) -> list[int]:
    mine = table[table["design"] == design].sort_values("factor", ascending=False)
    return [GRADES.index(grade) for grade in mine["grade"]]


def check_rules(table, designs) -> None:
    """Each number of the table against the rules, written out again; a larger fall never gives a lower grade."""
    assert list(table.columns) == list(COLUMNS)
    for row in table.itertuples():
        strong, some = row.grade == "sterke aanwijzing", row.grade in ("aanwijzing", "sterke aanwijzing")
        assert row.p_value <= 0.10 or not some, row
        assert row.p_adjusted <= 0.05 or not strong, row
        assert row.grade != "niet te vergelijken" and row.reason
    for design in designs:
        found = steps(table, design)
        assert found == sorted(found), (design, found)
        assert found[-1] >= 3, design


def test_home_burglary_moves_from_nothing_to_strong_evidence(opened, found):
    table = plant_effects(opened, indicators=INDICATORS, designs=[MAIN], found=found)
    check_rules(table, [MAIN])
    by_factor = table.set_index("factor")
    assert list(by_factor.index) == list(FACTORS)
    assert by_factor.at[0.5, "grade"] in ("aanwijzing", "sterke aanwijzing")
    assert by_factor.at[0.1, "grade"] == "sterke aanwijzing" and by_factor.at[0.1, "rank"] == 1
    assert by_factor.at[1.0, "grade"] == "te grof"
    # The figures of the region itself have no part in what can be seen, and percents multiply.
    assert by_factor["mde"].nunique() == 1
    plain = 1 + by_factor.at[1.0, "deviation"] / 100
    for factor in FACTORS:
        assert 1 + by_factor.at[factor, "deviation"] / 100 == pytest.approx(factor * plain, rel=1e-9)


def test_a_tenth_gives_an_indication_on_prices_and_work_too(opened, found):
    designs = ["verkoopprijs-regio", "werkloosheid-regio"]
    check_rules(plant_effects(opened, indicators=INDICATORS, designs=designs, factors=(1.0, 0.1), found=found), designs)


@pytest.mark.slow  # the two above are its smaller version, and the chapter on methods shows the same table
def test_every_factor_on_every_outcome(opened, found):
    check_rules(plant_effects(opened, indicators=INDICATORS, found=found), found)


def test_a_factor_of_nothing_is_refused(opened, found):
    for factor in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="above zero"):
            plant_effects(opened, indicators=INDICATORS, factors=[factor], found=found)
