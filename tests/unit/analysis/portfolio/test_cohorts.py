"""Who is exposed since when: several deals, deals for some districts, mergers, and facts that were not seen."""

import pytest

from evaluation.analysis.portfolio.cohorts import NEVER, list_exposure
from evaluation.statistics.areas.treatments import Register, load_register
from tests.unit.analysis.portfolio.small import deal, register_of

LAST = 2023


@pytest.fixture(scope="module")
def real() -> Register:
    return load_register()


def exposure_of(register: Register, code: str, *, facts="verified", last=LAST):
    rows = list_exposure(register, facts=facts, last=last).set_index("municipality")
    return rows.loc[code] if code in rows.index else None


HEERLEN, KERKRADE = "GM0917", "GM0928"


def test_of_several_deals_the_first_counts(real):
    both = register_of(
        real, deal("eerste", 2019, {HEERLEN: "full"}), deal("tweede", 2021, {HEERLEN: "full"}, tranche=3)
    )
    found = exposure_of(both, HEERLEN)
    assert (found.deal, found.cohort, found.cluster) == ("eerste", 2019, "eerste")
    assert found.deals == ("eerste", "tweede")
    assert found.until == LAST, "what follows is not taken away again"


def test_a_deal_for_some_districts_is_no_treatment_and_no_comparison_once_it_began(real):
    some = register_of(real, deal("vol", 2018, {KERKRADE: "full"}), deal("wijk", 2020, {HEERLEN: "partial"}))
    found = exposure_of(some, HEERLEN)
    assert (found.cohort, found.until) == (NEVER, 2019)
    assert exposure_of(some, HEERLEN, facts="partial").cohort == 2020


def test_a_municipality_that_may_have_been_exposed_before_its_certain_deal_is_not_treated(real):
    deals = deal("wijk", 2018, {HEERLEN: "partial"}), deal("vol", 2020, {HEERLEN: "full", KERKRADE: "full"}, tranche=3)
    register = register_of(real, *deals)
    assert exposure_of(register, HEERLEN) is None
    assert exposure_of(register, KERKRADE).cohort == 2020


def test_a_deal_about_one_subject_is_no_exposure(real):
    register = register_of(real, deal("landbouw", 2019, {HEERLEN: "thematic"}), deal("vol", 2020, {HEERLEN: "full"}))
    assert exposure_of(register, HEERLEN).cohort == 2020


def test_who_begins_after_the_last_year_is_a_comparison_in_its_corop_area(real):
    register = register_of(
        real, deal("vol", 2018, {KERKRADE: "full"}), deal("later", 2024, {HEERLEN: "full"}, tranche=5)
    )
    found = exposure_of(register, HEERLEN)
    assert (found.cohort, found.until, found.cluster) == (NEVER, LAST, "corop-CR39")


@pytest.mark.parametrize("start", [2023, 2025])
def test_a_start_that_was_not_seen_changes_the_sensitivity_and_not_the_main_estimate(real, start):
    sure = deal("zeker", 2018, {KERKRADE: "full"})
    unsure = deal("onzeker", start, {HEERLEN: "full"}, tranche=4, verified=False)
    found = list_exposure(register_of(real, sure, unsure), last=2025).set_index("municipality")
    other = deal("onzeker", 2024, {HEERLEN: "full"}, tranche=4, verified=False)
    as_main = list_exposure(register_of(real, sure, other), last=2025).set_index("municipality")
    assert found.equals(as_main)
    assert found.loc[HEERLEN, "until"] == 2022, "until its tranche was chosen, which was seen"
    assert exposure_of(register_of(real, sure, unsure), HEERLEN, facts="all", last=2025).cohort == start


def test_a_municipality_that_was_merged_stands_as_it_is_today(real):
    """Beekdaelen (2019) was Nuth, Onderbanken and Schinnen: one row, of today, with the deal of today."""
    found = list_exposure(real, last=LAST)
    assert found["municipality"].is_unique
    assert set(found["municipality"]) <= set(real.municipalities)
    assert found.set_index("municipality").loc["GM1954", "deal"] == "parkstad-limburg"
    assert not found["municipality"].isin(["GM0951", "GM0881", "GM0962"]).any()


def test_the_real_register_gives_enough_deals(real):
    found = list_exposure(real, last=LAST)
    assert found.loc[found["cohort"].between(2018, 2020), "deal"].nunique() >= 15
    assert (found["cohort"] == NEVER).sum() >= 100
