"""No published sum tells what one private party committed or paid, also over years, themes and two editions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from evaluation.analysis.finance import account_money
from evaluation.base.errors import InputError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.firm_amounts import sum_firm_amounts
from evaluation.inputs.records.programme import load_programme
from evaluation.inputs.records.protected_sums import _needed_width
from evaluation.inputs.records.shared_records import shared_record_files
from evaluation.inputs.records.small_counts import load_rules, protect
from tests.unit.small_programme import small_programme

DEAL = load_deal("parkstad-limburg")
RULES = load_rules(DEAL.id)
YEARS = (2019, 2020, 2021, 2022)


def programme(paid: dict[tuple[int, str], dict[int, float]], status: str = "voorlopig"):
    """Make a programme of (theme, project) to what its private party paid in each year; it commits twice that."""
    projects = [{"project_id": project, "theme": theme, "private_eur": 7.0} for theme, project in paid]
    bookings = [
        {
            "project_id": project,
            "source": "private",
            "kind": kind,
            "date": f"{year}-05-01",
            "amount_eur": amount * times,
        }
        for (_, project), by_year in paid.items()
        for year, amount in by_year.items()
        for kind, times in (("payment", 1.0), ("commitment", 2.0))
    ]
    bookings += [{"project_id": project, "source": "corporaties", "amount_eur": 1000.0} for _, project in paid]
    return small_programme(projects, payments=bookings, status=status)


def spread(theme: int, count: int, years=YEARS, amount: float = 1000.0):
    return {(theme, f"P{theme}{n}"): {year: amount + 37.0 * n for year in years} for n in range(count)}


ONE_DOMINANT = spread(1, 6) | {(1, "GIANT"): {2019: 1e6, 2021: 4e5}} | spread(2, 7) | spread(4, 5)
ONE_A_YEAR = {(1, f"Q{year}"): {year: 5000.0 + year} for year in YEARS} | spread(2, 8) | spread(4, 8, (2019, 2021))
CORRECTED = spread(1, 6) | spread(2, 7) | {(3, "ONLY"): {2020: 900.0}} | spread(5, 5)
SETS = {"one dominant": ONE_DOMINANT, "one a year": ONE_A_YEAR, "a small theme": CORRECTED}


def attack(made, amounts: pd.DataFrame):
    """Place every sum that gives a party away: name, largest, how wide its range is; each booking is a variable."""
    rows = made.payments[made.payments["source"] == "private"]
    theme_of = made.projects.set_index("project_id")["theme"]
    rows = rows.assign(theme=rows["project_id"].map(theme_of), year=rows["date"].dt.year).reset_index(drop=True)

    def weights(theme, kind, low, high):
        chosen = (rows["kind"] == kind) & rows["year"].between(low, high)
        return (chosen if theme is None else chosen & (rows["theme"] == theme)).to_numpy(dtype=float)

    told = amounts.dropna(subset="total")
    matrix = [weights(None if pd.isna(row.theme) else row.theme, row.kind, 0, row.year) for row in told.itertuples()]
    first, last = int(rows["year"].min()), int(rows["year"].max())
    for theme, kind in itertools.product([None, *sorted(rows["theme"].unique())], ("commitment", "payment")):
        for low, high in itertools.combinations_with_replacement(range(first, last + 1), 2):
            mine = weights(theme, kind, low, high)
            largest = _needed_width(rows["amount_eur"][mine > 0].groupby(rows["project_id"]).sum())
            if largest is not None:
                ends = []
                for sign in (1, -1):
                    found = linprog(sign * mine, A_eq=np.array(matrix) if matrix else None, b_eq=told["total"])
                    ends.append(math.inf if found.status == 3 else sign * found.fun)
                yield (theme, kind, low, high), largest, ends[1] - ends[0]


@pytest.mark.parametrize("name", SETS)
def test_nobody_who_adds_and_subtracts_learns_what_one_party_paid(name):
    made = programme(SETS[name])
    amounts = sum_firm_amounts(made.payments, made.projects, last_year=2023)
    found = list(attack(made, amounts))
    assert len(found) > 10 and amounts["total"].notna().any()
    for what, largest, width in found:
        assert width >= largest - 1e-3, (what, largest, width)


def test_nobody_learns_what_one_party_of_the_example_paid():
    made = load_programme(DEAL)
    amounts = sum_firm_amounts(made.payments, made.projects, last_year=2025)
    assert amounts["total"].notna().any()
    for what, largest, width in attack(made, amounts):
        assert width >= largest - 1e-3, (what, largest, width)


def test_the_attacker_does_find_an_amount_that_is_not_protected():
    made = programme(ONE_A_YEAR)
    rows = made.payments[made.payments["source"] == "private"].assign(theme=1, year=lambda r: r["date"].dt.year)
    mine = rows[rows["project_id"].str.startswith("Q")]
    raw = [
        {"theme": 1, "kind": kind, "year": year, "total": part[part["year"] <= year]["amount_eur"].sum()}
        for kind, part in mine.groupby("kind")
        for year in YEARS
    ]
    assert any(width < largest for _, largest, width in attack(made, pd.DataFrame(raw)))


@pytest.mark.parametrize("name", SETS)
def test_a_later_year_and_a_correction_change_nothing_that_was_published(name):
    made = programme(SETS[name])
    early = made.payments[made.payments["date"].dt.year <= 2020]
    first = sum_firm_amounts(early, made.projects, last_year=2020)
    whole = sum_firm_amounts(made.payments, made.projects, last_year=2020)
    pd.testing.assert_frame_equal(first, whole[whole["year"] <= 2020].reset_index(drop=True), check_dtype=False)
    shown = {
        f"{'programma' if pd.isna(row.theme) else row.theme}.bron.private.{row.year}."
        f"{'paid' if row.kind == 'payment' else 'committed'}": row.total
        for row in first.itertuples()
    }
    corrected = made.payments.assign(amount_eur=made.payments["amount_eur"] + 123.0 * (made.payments.index == 0))
    changed = small_programme([{}])
    changed = type(made)(made.dataset, made.projects, corrected, changed.outputs.iloc[:0], changed.milestones)
    again = protect(changed, RULES, last_year=2022, published=shown).amounts
    then = again[again["year"] <= 2020].reset_index(drop=True)
    key = ["theme", "kind", "year"]
    pair = [frame.sort_values(key, ignore_index=True)["total"] for frame in (first, then)]
    pd.testing.assert_series_equal(*pair)


def test_a_correction_is_not_told_by_a_year_in_which_nothing_else_was_paid():
    made = programme(spread(1, 6, (2019,)) | spread(2, 6, (2019, 2020)))
    first = sum_firm_amounts(made.payments[made.payments["date"].dt.year == 2019], made.projects, last_year=2019)
    shown = {(None if pd.isna(r.theme) else int(r.theme), r.kind, int(r.year)): r.total for r in first.itertuples()}
    corrected = made.payments.assign(amount_eur=made.payments["amount_eur"] + 50.0 * (made.payments.index == 0))
    again = sum_firm_amounts(corrected, made.projects, last_year=2020, published=shown)
    rows = again[(again["theme"] == 1) & (again["kind"] == "payment")].set_index("year")["total"]
    assert rows[2019] == shown[1, "payment", 2019] and math.isnan(rows[2020])


def test_nothing_of_a_private_party_is_left_in_protected_records():
    made = protect(programme(ONE_DOMINANT), RULES, last_year=2022)
    assert "private" not in set(made.payments["source"]) and not made.projects["private_eur"].any()
    files = shared_record_files(
        type(made)(
            **{
                name: getattr(made, name)
                for name in ("dataset", "payments", "outputs", "milestones", "counts", "amounts", "protection")
            },
            projects=made.projects.rename(columns={"state": "status"}),
        )
    )
    assert "1000000" not in "".join(files.values()) and "400000" not in "".join(files.values())
    with pytest.raises(InputError, match="money of private parties"):
        raw = programme(ONE_DOMINANT)
        protect(
            type(raw)(made.dataset, raw.projects, raw.payments, made.outputs, raw.milestones), RULES, last_year=2022
        )


def test_what_is_withheld_is_not_a_zero_in_the_accounts():
    made = protect(programme({(2, "ONLY"): {2020: 5000.0}}), RULES, last_year=2022)
    money = account_money(DEAL, DEAL.as_of(pd.Timestamp(2021, 12, 31).date()), made)
    assert math.isnan(money.by_theme.at[2, "cofinancing_paid_eur"]) and math.isnan(
        money.by_source.at["private", "paid_eur"]
    )
    assert math.isnan(money.total["cofinancing_committed_eur"]) and money.by_theme.at[1, "cofinancing_paid_eur"] == 0
    nothing = account_money(DEAL, DEAL.as_of(pd.Timestamp(2021, 12, 31).date()), small_programme([{}]))
    assert nothing.by_source.at["private", "paid_eur"] == 0


@pytest.mark.parametrize(
    ("sizes", "minimum", "needed"),
    [
        ([], 1, None), ([5.0], 1, 5.0), ([5.0, 4.0], 1, 5.0), ([50, 40, 10], 1, 50.0), ([50, 40, 11], 1, None),
        ([100, 5, 9], 1, 100.0), ([10] * 9, 10, 10.0), ([10] * 10, 10, None), ([-30, 20, 10], 1, None),
        ([0, 0, 7], 1, 7.0),
    ],
)  # fmt: skip
def test_the_rules_are_those_of_acro(sizes, minimum, needed):
    assert _needed_width(sizes, minimum=minimum) == needed
