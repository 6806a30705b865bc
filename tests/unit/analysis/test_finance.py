"""Money: deal money apart from co-financing, sums that agree, a split compared with the agreement."""

from datetime import date

import pytest

from evaluation.analysis.finance import account_money
from evaluation.inputs.deal import load_deal
from tests.unit.small_programme import small_programme

DEAL = load_deal()
AGREED = DEAL.as_of(date(2021, 12, 31))


def payment(number: int, kind: str, source: str, amount: float, project: str | None = "P1", day: str = "2020-06-01"):
    return {
        "payment_id": f"B{number}", "kind": kind, "source": source, "amount_eur": amount, "project_id": project,
        "date": day,
    }  # fmt: skip


PROGRAMME = small_programme(
    projects=[{"theme": 2, "track": 1}, {"project_id": "P2", "theme": 4, "track": 2}],
    payments=[
        payment(1, "commitment", "Rijk", 300_000),
        payment(2, "commitment", "Provincie", 200_000),
        payment(3, "commitment", "corporaties", 400_000),
        payment(4, "payment", "Rijk", 150_000, day="2021-02-01"),
        payment(5, "payment", "corporaties", 100_000),
        payment(6, "commitment", "gemeenten", 500_000, "P2"),
        payment(7, "payment", "gemeenten", 50_000, "P2"),
        payment(8, "payment", "gemeenten", -10_000, "P2"),
        payment(9, "tranche", "Rijk", 13_900_000, None, "2019-12-01"),
    ],
)
MONEY = account_money(DEAL, AGREED, PROGRAMME)


def test_deal_money_and_cofinancing_stay_apart():
    row = MONEY.by_theme.loc[2]
    assert (row["committed_eur"], row["paid_eur"]) == (500_000, 150_000)
    assert (row["cofinancing_committed_eur"], row["cofinancing_paid_eur"]) == (400_000, 100_000)


def test_a_correction_lowers_what_was_paid():
    assert MONEY.by_theme.at[4, "paid_eur"] == 40_000


def test_a_tranche_is_neither_a_commitment_nor_a_payment():
    assert MONEY.total["paid_eur"] == 190_000 and MONEY.total["committed_eur"] == 1_000_000
    assert MONEY.tranches.set_index("year").loc[2019].to_dict() == {
        "agreed_eur": 13_900_000,
        "received_eur": 13_900_000,
    }


@pytest.mark.parametrize("name", ["committed_eur", "paid_eur"])
def test_themes_tracks_years_and_sources_give_one_total(name):
    total = MONEY.total[name]
    assert MONEY.by_theme[name].sum() == total
    assert MONEY.by_track[name].sum() == total
    assert MONEY.by_year[name].sum() == total
    assert MONEY.by_source.loc[["Rijk", "Provincie", "gemeenten"], name].sum() == total


def test_shares_are_of_the_budget_and_the_split_is_compared_in_points():
    row = MONEY.by_theme.loc[4]
    assert row["paid_pct"] == pytest.approx(100 * 40_000 / 8_000_000)
    assert (row["budget_share_pct"], row["committed_share_pct"], row["deviation_pp"]) == pytest.approx(
        (10.0, 50.0, 40.0)
    )
    assert MONEY.by_theme["deviation_pp"].sum() == pytest.approx(0)


def test_leverage_is_other_money_on_each_euro():
    assert MONEY.leverage_cofinancing == pytest.approx(0.4)
    assert MONEY.leverage_rijk == pytest.approx((200_000 + 500_000 + 400_000) / 300_000)


def test_nothing_paid_of_a_commitment_is_zero_percent_and_not_unknown():
    promised = small_programme([{}], payments=[payment(1, "commitment", "Provincie", 200_000)])
    assert account_money(DEAL, AGREED, promised).by_source.at["Provincie", "paid_pct"] == 0


def test_without_records_there_is_a_budget_and_no_ratio():
    money = account_money(DEAL, AGREED, small_programme([{}]))
    assert money.total["budget_eur"] == 80_000_000 and money.total["committed_eur"] == 0
    assert money.leverage_cofinancing is None and money.leverage_rijk is None
    assert money.by_year.empty
    assert money.by_theme["deviation_pp"].isna().all()
