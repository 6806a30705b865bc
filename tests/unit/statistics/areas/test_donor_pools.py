"""Comparison pools: who is in them on a day, who is left out and why, and what the comparison is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.base.errors import UsageError
from evaluation.statistics.areas.donor_pools import DonorPool, donor_pool
from evaluation.statistics.areas.treatments import load_register

REGISTER = load_register(folder=Path(__file__).resolve().parents[4] / "data" / "regions")
PARKSTAD = frozenset({"GM1954", "GM0899", "GM0917", "GM0928", "GM0882", "GM0965", "GM0986"})
NOORD_LIMBURG = {"GM0889", "GM0893", "GM0907", "GM1507", "GM0944", "GM1894", "GM0983", "GM0984"}
ZUID_LIMBURG = {"GM0888", "GM1903", "GM1729", "GM0935", "GM0938", "GM1883", "GM0971", "GM0981", "GM0994"}
MIDDEN_LIMBURG = {"GM1711", "GM1640", "GM1641", "GM0946", "GM1669", "GM0957", "GM0988"}
TWENTE, STEIN, GOUDA, HEERLEN, VENLO = "GM0153", "GM0971", "GM0513", "GM0917", "GM0983"
DAYS = st.dates(min_value=date(2017, 1, 1), max_value=date(2026, 12, 31))


def pool(day: date, kind: str = "clean", **options) -> DonorPool:
    arguments = {"treated": PARKSTAD, "name": "Parkstad", "register": REGISTER, **options}
    return donor_pool(day, kind=kind, **arguments)


def test_the_clean_pool_loses_each_tranche_when_it_starts():
    members = {year: set(pool(date(year, 12, 31)).municipalities) for year in (2018, 2019, 2020, 2022, 2023, 2024)}
    assert TWENTE in members[2018]
    assert TWENTE not in members[2019]
    assert members[2019] >= NOORD_LIMBURG
    assert not NOORD_LIMBURG & members[2020]
    assert members[2022] >= ZUID_LIMBURG | MIDDEN_LIMBURG
    assert not ZUID_LIMBURG & members[2023]
    assert members[2023] >= MIDDEN_LIMBURG
    assert not MIDDEN_LIMBURG & members[2024]


@pytest.mark.parametrize(
    ("before", "after", "area"),
    [
        (date(2020, 6, 30), date(2020, 7, 1), NOORD_LIMBURG),
        (date(2023, 10, 31), date(2023, 11, 1), ZUID_LIMBURG),
        (date(2024, 11, 13), date(2024, 11, 14), MIDDEN_LIMBURG),
    ],
)
def test_a_deal_contaminates_the_rest_of_the_province_from_its_first_day(before: date, after: date, area: set[str]):
    assert not area & {item.code for item in pool(before, "province").flagged}
    assert area <= {item.code for item in pool(after, "province").flagged}
    assert pool(before, "province").municipalities == pool(after, "province").municipalities


def test_a_deal_on_one_subject_contaminates_the_strict_pool_only():
    strict, lenient = (pool(date(2019, 12, 31), strictness=name) for name in ("strict", "lenient"))
    assert GOUDA not in strict.municipalities
    assert GOUDA in lenient.municipalities
    assert TWENTE not in lenient.municipalities
    assert set(strict.municipalities) < set(lenient.municipalities)


def test_what_may_be_covered_is_left_out_of_the_strict_pool():
    ermelo = "GM0233"  # on the Veluwe; whether it takes part was not seen
    assert ermelo not in pool(date(2020, 12, 31)).municipalities
    assert ermelo in pool(date(2020, 12, 31), strictness="lenient").municipalities


def test_who_is_left_out_is_told_with_the_reason():
    found = {item.code: item for item in pool(date(2020, 12, 31)).left_out}
    assert found[VENLO].reason == "Regio Deal Noord-Limburg (sinds juli 2020)."
    assert found[VENLO].deals == ("noord-limburg",)
    assert found[HEERLEN].reason == "Hoort bij Parkstad zelf."
    assert found[GOUDA].reason == "Regio Deal bodemdaling Groene Hart (sinds 15 juli 2019)."


def test_neighbours_are_left_out_where_they_are_given():
    adjacency = dict.fromkeys(PARKSTAD, ()) | {"GM1954": [STEIN, "GM0917"]}
    found = pool(date(2022, 12, 31), adjacency=adjacency)
    assert set(pool(date(2022, 12, 31)).municipalities) - set(found.municipalities) == {STEIN}
    assert next(item for item in found.left_out if item.code == STEIN).reason == "Grenst aan Parkstad."
    with pytest.raises(UsageError, match="neighbours of GM0882"):
        pool(date(2022, 12, 31), adjacency={code: () for code in PARKSTAD - {"GM0882"}})


@pytest.mark.parametrize(
    ("day", "kind", "options", "expected"),
    [
        (date(2018, 12, 31), "clean", {}, "Parkstad vóór een eigen Regio Deal tegenover gemeenten zonder Regio Deal"),
        (
            date(2022, 12, 31),
            "clean",
            {},
            "Parkstad met Regio Deal tegenover gemeenten zonder Regio Deal tot en met 2022",
        ),
        (date(2022, 12, 31), "clean", {"strictness": "lenient"}, "zonder Regio Deal voor de hele gemeente of wijken"),
        (date(2023, 12, 31), "clean", {}, "Parkstad met Regio Deal I en II tegenover gemeenten zonder Regio Deal"),
        (date(2025, 12, 31), "clean", {}, "Parkstad met Regio Deal I, II en III tegenover"),
        (date(2022, 6, 30), "clean", {}, "tot en met 30 juni 2022"),
        (date(2019, 12, 31), "province", {}, "tegenover de rest van Limburg, zonder Regio Deal tot en met 2019"),
        (date(2022, 12, 31), "province", {}, "waar 8 van de 24 gemeenten een andere deal hebben tot en met 2022"),
        (date(2025, 12, 31), "province", {}, "tegenover andere deals in de rest van Limburg tot en met 2025"),
        (date(2022, 12, 31), "every", {}, "tegenover de rest van Nederland, waar 231 van de 335 gemeenten een andere"),
        (date(2018, 12, 31), "every", {}, "Parkstad vóór een eigen Regio Deal tegenover de rest van Nederland"),
        (
            date(2022, 12, 31),
            "corop",
            {},
            "tegenover de andere COROP-gebieden, waar 231 van de 326 gemeenten een andere",
        ),
        (date(2022, 12, 31), "shrinking", {}, "tegenover andere krimpgemeenten, waar 22 van de 31 gemeenten"),
        (
            date(2023, 12, 31),
            "shrinking",
            {},
            "Parkstad met Regio Deal I en II tegenover andere deals in krimpgemeenten",
        ),
    ],
)
def test_the_estimand_is_named_after_what_it_compares(day: date, kind: str, options: dict, expected: str):
    assert expected in pool(day, kind, **options).estimand


def test_regions_that_expect_to_shrink_come_in_when_asked():
    day = date(2022, 12, 31)
    assert not NOORD_LIMBURG & set(pool(day, "shrinking").municipalities)
    assert set(pool(day, "shrinking", anticipating=True).municipalities) >= NOORD_LIMBURG | MIDDEN_LIMBURG


def test_regions_named_after_the_given_day_are_no_shrinking_regions():
    found = pool(date(2022, 12, 31), "shrinking", designated_by=date(2014, 12, 31))
    assert found.municipalities == ()
    assert found.estimand is None
    assert found.reason == "Er zijn op 31 december 2022 geen andere krimpgemeenten om Parkstad mee te vergelijken."


def test_an_empty_pool_has_a_reason_and_no_estimand():
    limburg = {code: item for code, item in REGISTER.municipalities.items() if item.province == "PV31"}
    found = pool(date(2025, 12, 31), register=replace(REGISTER, municipalities=limburg))
    assert found.municipalities == ()
    assert found.estimand is None
    assert (
        found.reason == "Er zijn op 31 december 2025 geen gemeenten zonder Regio Deal om Parkstad mee te vergelijken."
    )
    assert len(found.left_out) == 31


def test_the_pool_tells_what_is_not_known():
    told = pool(date(2024, 12, 31)).cautions
    assert any("ronde 5 zijn 2 deals niet in de lijst" in text for text in told)
    assert any(text.startswith("Beekdaelen in Parkstad valt ook onder Regio Deal Zuid-Limburg") for text in told)
    assert not any("ronde 5" in text or "Beekdaelen" in text for text in pool(date(2022, 12, 31)).cautions)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"kind": "clear"},
            "There is no 'clear' pool; there are clean, every, corop, province, shrinking. Did you mean 'clean'?",
        ),
        ({"strictness": "loose"}, "There is no 'loose' pool"),
        ({"treated": []}, "without municipalities"),
        ({"treated": ["GM0951"]}, "Not municipalities of today: GM0951."),
        ({"treated": ["GM0917", "GM0513"], "kind": "province"}, "A region in PV28, PV31 has no rest"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: dict, expected: str):
    with pytest.raises(UsageError) as caught:
        pool(date(2022, 12, 31), **options)
    assert expected in str(caught.value)


@given(
    day=DAYS,
    kind=st.sampled_from(["clean", "every", "corop", "province", "shrinking"]),
    strictness=st.sampled_from(["strict", "lenient"]),
)
def test_pool_region_and_left_out_are_disjoint_and_together_all_candidates(day: date, kind: str, strictness: str):
    found = pool(day, kind, strictness=strictness)
    left = {item.code for item in found.left_out}
    assert not PARKSTAD & set(found.municipalities)
    assert not left & set(found.municipalities)
    assert left >= PARKSTAD or kind == "corop"  # of which the region's own area is no candidate
    assert {item.code for item in found.flagged} <= set(found.municipalities)
    assert bool(found.municipalities) == (found.estimand is not None) == (found.reason is None)
    if kind == "clean":
        assert left | set(found.municipalities) == set(REGISTER.municipalities)
        assert found.flagged == ()


@given(day=DAYS, later=st.integers(0, 3000), strictness=st.sampled_from(["strict", "lenient"]))
def test_the_clean_pool_only_shrinks_and_flags_only_grow(day: date, later: int, strictness: str):
    then = day + timedelta(days=later)
    assert set(pool(then, strictness=strictness).municipalities) <= set(pool(day, strictness=strictness).municipalities)
    flags = [{item.code for item in pool(when, "province").flagged} for when in (day, then)]
    assert flags[0] <= flags[1]


@given(day=DAYS, treated=st.sets(st.sampled_from(sorted(REGISTER.municipalities)), min_size=1, max_size=8))
def test_no_region_is_compared_with_itself_or_with_a_treated_municipality(day: date, treated: set[str]):
    found = pool(day, treated=treated, name="Elders")
    assert not treated & set(found.municipalities)
    started = {member.code for deal in REGISTER.deals.values() if deal.starts.first <= day for member in deal.members}
    assert not started & set(found.municipalities)
