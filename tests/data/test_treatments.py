"""The register that the repository carries: counts and totals as published, codes of today, amounts with a source."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from evaluation.inputs.deal import load_deal
from evaluation.statistics.areas.treatments import load_register

DEAL = load_deal()
REGISTER = load_register(
    folder=Path(__file__).resolve().parents[2] / "data" / "regions", targets={target.id for target in DEAL.targets}
)
PARKSTAD = {item.code for item in DEAL.region.municipalities}


def test_deals_per_tranche_are_those_that_were_published_but_two():
    assert Counter(deal.tranche for deal in REGISTER.deals.values()) == {1: 5, 2: 12, 3: 14, 4: 14, 5: 20, 6: 16}
    assert {number: item.published_count for number, item in REGISTER.tranches.items()} == {
        1: 5,
        2: 12,
        3: 14,
        4: 14,
        5: 22,
        6: 16,
    }
    assert REGISTER.missing_deals(date(2026, 1, 1)) == {5: 2}
    assert REGISTER.missing_deals(date(2022, 12, 31)) == {}
    assert "ontbreken" in REGISTER.tranches[5].note


@pytest.mark.parametrize("tranche", [2, 4, 6])
def test_amounts_add_up_to_what_was_published(tranche: int):
    amounts = [deal.state.eur for deal in REGISTER.deals.values() if deal.tranche == tranche]
    assert sum(amounts) == REGISTER.tranches[tranche].published_total_eur


def test_what_is_not_known_of_a_tranche_is_the_difference_with_what_was_published():
    known = [deal.state.eur for deal in REGISTER.deals.values() if deal.tranche == 3 and deal.state]
    unknown = [deal.id for deal in REGISTER.deals.values() if deal.tranche == 3 and deal.state is None]
    assert unknown == ["groningen-noord"]
    assert REGISTER.tranches[3].published_total_eur - sum(known) == 15_000_000
    assert "15 miljoen" in REGISTER.deals["groningen-noord"].note


def test_amounts_lie_between_the_bounds_of_the_arrangement():
    for deal in REGISTER.deals.values():
        if deal.state and deal.tranche > 1:
            assert 5_000_000 <= deal.state.eur <= 40_000_000, deal.id


def test_early_lists_were_checked_but_for_those_that_say_why_not():
    early = [deal for deal in REGISTER.deals.values() if deal.tranche <= 3]
    unseen = {deal.id for deal in early if not deal.extent.verified}
    assert unseen == {"midden-en-west-brabant", "achterhoek", "groningen-noord", "veluwe"}
    assert all(REGISTER.deals[name].extent.note for name in unseen - {"groningen-noord"})


def test_every_fact_that_was_seen_says_where_and_on_which_day():
    for name, item in REGISTER.references.items():
        assert item.at.strip(), name
        assert date(2026, 11, 24) <= item.seen <= date(2026, 12, 31), name
    assert "rijksoverheid-2024-02-09" in REGISTER.references


def test_days_of_a_deal_are_in_order():
    for deal in REGISTER.deals.values():
        if deal.signed:
            assert deal.signed.last >= deal.starts.first, deal.id
        if deal.ends:
            assert deal.ends.last > (deal.signed or deal.starts).first, deal.id


def test_a_theme_is_unknown_unless_a_source_names_it_or_lists_all_aims():
    aims = {
        name: REGISTER.deals[name].aims_at("safety") for name in ("parkstad-limburg", "twente", "kop-van-noord-holland")
    }
    assert aims == {"parkstad-limburg": True, "twente": False, "kop-van-noord-holland": False}
    assert REGISTER.deals["bonaire"].aims_at("work") is None
    rotterdam = REGISTER.deals["rotterdam-zuid"]  # a pillar may mean livelihood: its list is complete and does not say
    assert (rotterdam.aims_at("livelihood"), rotterdam.aims_at("culture")) == (None, False)
    foodvalley = REGISTER.deals["foodvalley"]  # the list is that of the proposal
    assert (foodvalley.aims_at("safety"), foodvalley.aims_at("safety", verified_only=True)) == (False, None)


def test_no_deal_stands_twice():
    names = Counter(deal.name for deal in REGISTER.deals.values())
    assert [name for name, count in names.items() if count > 1] == []


def test_every_deal_has_municipalities_of_today_or_lies_elsewhere():
    for deal in REGISTER.deals.values():
        codes = [item.code for item in deal.members]
        assert bool(codes) == (deal.extent.basis != "outside"), deal.id
        assert len(set(codes)) == len(codes), deal.id
        assert set(codes) <= REGISTER.municipalities.keys(), deal.id


def test_every_amount_has_its_source():
    assert all(deal.state.source and deal.state.verified for deal in REGISTER.deals.values() if deal.state)
    assert all(event.source for event in REGISTER.events.values() if event.amount_eur or event.homes)


def test_deals_start_after_their_tranche_was_selected():
    for deal in REGISTER.deals.values():
        selected = REGISTER.tranches[deal.tranche].selected
        assert selected is None or deal.starts.last >= selected.first, deal.id


def test_the_first_deal_of_parkstad_is_that_of_the_deal_text():
    own = REGISTER.deals["parkstad-limburg"]
    assert {item.code for item in own.members if item.exposure == "full"} == PARKSTAD
    assert own.starts.day == DEAL.term.sent_to_parliament_on
    assert own.ends.day == DEAL.term.ends_on
    assert REGISTER.tranches[own.tranche].selected.day == DEAL.term.selected_on


@pytest.mark.parametrize(
    ("deal", "count"),
    [
        ("twente", 14),
        ("regio-zwolle", 22),
        ("noord-limburg", 8),
        ("midden-limburg", 7),
        ("zuid-limburg", 10),
        ("metropoolregio-eindhoven", 21),
        ("noord-holland-noord", 17),
        ("west-brabant", 16),
        ("drechtsteden-gorinchem", 8),
        ("foodvalley", 8),
    ],
)
def test_deals_have_as_many_municipalities_as_was_published(deal: str, count: int):
    assert len(REGISTER.deals[deal].members) == count


def test_shrinking_regions_are_nine_with_the_municipalities_of_today():
    shrinking = [item for item in REGISTER.shrinking.values() if item.kind == "krimpregio"]
    codes = [code for item in shrinking for code in item.municipalities]
    assert len(shrinking) == 9
    assert len(codes) == len(set(codes)) == 38  # the 40 of 2020: Eemsdelta is one since, then three
    assert set(REGISTER.shrinking["parkstad"].municipalities) == PARKSTAD


def test_no_municipality_shrinks_and_expects_to_shrink():
    codes = Counter(code for item in REGISTER.shrinking.values() for code in item.municipalities)
    assert [code for code, count in codes.items() if count > 1] == []
