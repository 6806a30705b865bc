"""The deals with records beside each other: their own numbers, all faults at once, thirty or eighty-one of them."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from evaluation.analysis.finance import account_money
from evaluation.analysis.portfolio.progress import dataset_of_all, deals_beside, deals_with_records, load_all_records
from evaluation.analysis.progress import target_progress
from evaluation.base.errors import InputError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.small_counts import load_shown_programme
from tests.conftest import ROOT, Project
from tests.generated_deals import generate_deals


@pytest.fixture
def here(tmp_path, monkeypatch) -> Project:
    """The deals and records of the project, which a test may change."""
    data = ROOT / "data"
    shutil.copytree(data, tmp_path / "data", ignore=shutil.ignore_patterns("snapshots"))
    shutil.copy(ROOT / "_quarto.yml", tmp_path)
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    return Project(tmp_path)


def test_a_deal_has_the_numbers_that_its_own_report_has(here):
    rows, delivered = deals_beside()
    deal = load_deal()
    day = date(deal.term.last_year, 12, 31)
    known, agreed = load_shown_programme(deal).as_of(day), deal.as_of(day)
    row = rows.set_index("deal").loc[deal.id]
    money = account_money(deal, agreed, known).total
    assert [row[name] for name in ("budget", "committed", "paid")] == [
        money[f"{name}_eur"] for name in ("budget", "committed", "paid")
    ]
    assert row["total"] == sum(len(theme.approach) for theme in deal.themes)
    assert 0 < row["started"] + row["completed"] <= row["total"] and 0 < row["kept"] <= row["promised"]
    own = {item.target.id: item.delivered for item in target_progress(deal, agreed.targets, known, day)}
    assert dict(zip(delivered["target"], delivered["value"], strict=True)).items() <= own.items()
    assert not set(delivered["target"]) & set(known.counts["target"]), "counts of persons and firms stay out"


@pytest.mark.parametrize("count", [30, 81])
def test_many_deals_stand_beside_each_other_each_with_its_own_numbers(here, count):
    names = generate_deals(here.root, count, thin=True)
    rows, delivered = deals_beside()
    assert rows["deal"].tolist() == names, "in the order of the alphabet, of no result"
    budgets = [round(80_000_000 * (100 + number) / 100) for number in range(1, count + 1)]
    assert rows["budget"].tolist() == budgets, "each has the budget that it was given"
    assert rows["paid"].nunique() == count and (rows["paid"] <= rows["committed"]).all()
    assert set(delivered["deal"]) == set(names) and dataset_of_all().status == "voorbeeld"
    assert str(count) in dataset_of_all().title


def test_what_is_wrong_in_the_records_of_several_deals_is_told_at_once(here):
    first, second = generate_deals(here.root, 2)
    for name in (first, second):
        path = here.root / "data" / "programme" / name / "payments.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("payment,", "gift,", 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_all_records()
    told = [str(fault) for fault in caught.value.faults]
    assert [any(f"{name}/payments.csv" in text for text in told) for name in (first, second)] == [True, True]


def test_records_of_which_one_set_is_made_up_are_called_that(here):
    first, second = generate_deals(here.root, 2)
    path = here.root / "data" / "programme" / first / "dataset.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("voorbeeld", "vastgesteld"), encoding="utf-8")
    assert deals_with_records() == [first, second] and dataset_of_all().status == "voorbeeld"
    rows, _ = deals_beside()
    assert rows["status"].tolist() == ["vastgesteld", "voorbeeld"]
