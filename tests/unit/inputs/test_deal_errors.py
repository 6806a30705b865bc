"""What a person can get wrong in a deal file, or in what they ask of it, is told in words, all at once."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
import yaml

from evaluation.base.errors import InputError, UsageError
from evaluation.inputs.deal import check_year, load_deal

FOLDER = Path(__file__).resolve().parents[3] / "data" / "deal"
SOURCE = FOLDER / "parkstad-limburg.yml"
RAW = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))


@pytest.fixture
def faults(tmp_path: Path) -> Callable:
    """Change the deal file and return its faults by key."""

    def find(change: Callable[[dict], object]) -> dict:
        raw = deepcopy(RAW)
        change(raw)
        (tmp_path / SOURCE.name).write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            load_deal("parkstad-limburg", folder=tmp_path)
        assert caught.value.exit_code == 2
        assert all(fault.file.endswith("parkstad-limburg.yml") for fault in caught.value.faults)
        return {fault.key: fault for fault in caught.value.faults}

    return find


def target(raw: dict, name: str) -> dict:
    return next(row for row in raw["targets"] if row["id"] == name)


def test_all_faults_are_told_at_once(faults: Callable) -> None:
    def change(raw: dict) -> None:
        result = raw["themes"][2]["results"][0]
        result["titel"] = result.pop("title")
        raw["budget"][0]["themes"][1] = 7_000_000
        target(raw, "kvo")["result"] = "3.2"
        raw["milestones"][0]["due"] = date(2091, 6, 30)

    found = faults(change)
    assert set(found) == {
        "themes.3.results.3.1.titel",
        "themes.3.results.3.1.title",
        "budget.2019-01-01",
        "targets.kvo.result",
        "milestones.retail-uitvoeringsprogramma.due",
    }
    unknown = found["themes.3.results.3.1.titel"]
    assert unknown.found == "unknown key 'titel'"
    assert unknown.hint == "Did you mean 'title'?"
    assert "measured_by" in unknown.expected
    assert "81000000 and 80000000" in found["budget.2019-01-01"].expected
    assert found["targets.kvo.result"].found == "'3.2'"
    assert "3.1" in found["targets.kvo.result"].expected
    assert found["milestones.retail-uitvoeringsprogramma.due"].expected == "a date from 2018-01-01 to 2032-12-31"


def test_an_unknown_key_on_top_has_a_suggestion(faults: Callable) -> None:
    found = faults(lambda raw: raw.update(milestone=[]))
    assert found["milestone"].hint == "Did you mean 'milestones'?"


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        (lambda raw: target(raw, "winkelruimte").update(quantity=16.0), "targets.winkelruimte", "a whole quantity"),
        (lambda raw: target(raw, "kvo").update(quantity="10"), "targets.kvo.quantity", "no quotes"),
        (lambda raw: target(raw, "kvo").update(quantity=True), "targets.kvo.quantity", "no quotes"),
        (lambda raw: target(raw, "kvo").update(quantity=0), "targets.kvo", "above 0"),
        (lambda raw: target(raw, "kvo").update(element=None), "targets.kvo", "an element for a promise"),
        (lambda raw: target(raw, "kvo").update(element="2a"), "targets.kvo.element", "an element of theme 3"),
        (lambda raw: target(raw, "kvo").update(element="3c"), "targets.kvo.element", "one of 1a"),
        (lambda raw: target(raw, "kvo").update(by=date(2018, 12, 31)), "targets.kvo", "by after the day"),
        (lambda raw: target(raw, "kvo").update(by="2022-12-31"), "targets.kvo.by", "without quotes"),
        (
            lambda raw: target(raw, "winkelleegstand").update(quantity=12),
            "targets.winkelleegstand",
            "decrease from 11.2",
        ),
        (
            lambda raw: target(raw, "winkelleegstand").update(baseline=None, quantity=0),
            "targets.winkelleegstand",
            "decrease from 0",
        ),
        (
            lambda raw: target(raw, "winkelleegstand").update(counted_from="outputs"),
            "targets.winkelleegstand",
            "an increase where outputs are counted",
        ),
        (
            lambda raw: target(raw, "winkelleegstand").update(group="leegstand"),
            "targets.winkelleegstand",
            "counted_from: outputs for a target of a group",
        ),
        (lambda raw: target(raw, "kvo").update(by=date(2019, 7, 1)), "targets.kvo.by", "a day after 2019-07-01"),
        (
            lambda raw: raw["budget"][0].update(parties={"Regio Parkstad": 80_000_000}),
            "budget.2019-01-01",
            "parties Rijk and Regio",
        ),
        (lambda raw: raw["budget"][0]["parties"].update(Europa=0), "budget.2019-01-01", "parties Rijk and Regio"),
        (lambda raw: raw["budget"][0]["themes"].update({2: 46.0}), "budget.2019-01-01.themes.2", "whole number"),
        (lambda raw: raw["budget"][0]["themes"].pop(3), "budget.2019-01-01.themes", "each theme"),
        (lambda raw: raw["themes"].pop(3), "themes.5.id", "4 here"),
        (lambda raw: raw["themes"][0]["approach"].pop(1), "themes.1.approach.1c.id", "'1b' here"),
        (lambda raw: raw["themes"][3]["results"].reverse(), "themes.4.results.4.4.id", "'4.1' here"),
        (
            lambda raw: raw["themes"][3]["results"].append(raw["themes"][3]["results"][0]),
            "themes.4.results.4.1.id",
            "4.5",
        ),
        (lambda raw: raw["themes"][4].update(slug="grens"), "themes.5.slug", "begins with 5-"),
        (lambda raw: raw["milestones"][0].update(theme=7), "milestones.retail-uitvoeringsprogramma.theme", "1, 2, 3"),
        (lambda raw: raw["milestones"][1].update(theme=4), "milestones.2r-prestatieafspraken.element", "theme 4"),
        (
            lambda raw: raw["milestones"].append(raw["milestones"][0]),
            "milestones.retail-uitvoeringsprogramma.id",
            "once",
        ),
        (lambda raw: raw["targets"].append(target(raw, "kvo")), "targets.kvo.in_force_from", "one entry a day"),
        (lambda raw: raw["budget"].append(raw["budget"][0]), "budget.in_force_from", "one entry a day"),
        (lambda raw: raw["region"]["municipalities"][0].update(code="1954"), "region.municipalities.1954.code", "GM"),
        (lambda raw: raw["region"]["formed_on"].clear(), "region.formed_from.GM1954", "both"),
        (lambda raw: raw["tranches"][1].pop("note"), "tranches.volgende-termijnen", "why the amount is not known"),
        (lambda raw: raw["tranches"][0].update(years=[2020]), "tranches.eerste-termijn", "either year or years"),
        (lambda raw: raw["term"].update(ends_on=date(2023, 12, 31)), "term", "ends_on in last_year"),
        (lambda raw: raw["parties"][8].update(side="region"), "parties.9.side", "'regio'"),
        (lambda raw: raw["themes"][0]["approach"][0].update(kind="proces"), "themes.1.approach.1a.kind", "'process'"),
        (lambda raw: raw.update(id="parkstad"), "id", "the name of the file"),
        (lambda raw: raw.pop("budget"), "budget", "this key"),
        (lambda raw: raw.update(targets="geen"), "targets", "valid tuple"),
    ],
)
def test_a_fault_names_its_key_and_what_is_expected(
    faults: Callable, change: Callable, key: str, expected: str
) -> None:
    found = faults(change)
    assert key in found
    assert expected in found[key].expected


def test_a_wrong_option_has_a_suggestion(faults: Callable) -> None:
    found = faults(lambda raw: target(raw, "winkelleegstand").update(direction="decreasing"))
    assert found["targets.winkelleegstand.direction"].hint == "Did you mean 'decrease'?"


def test_an_amendment_keeps_the_unit_of_its_target(faults: Callable) -> None:
    def change(raw: dict) -> None:
        raw["targets"].append(target(raw, "kvo") | {"unit_of_measure": "m2", "in_force_from": date(2021, 7, 1)})

    found = faults(change)
    assert list(found) == ["targets.kvo (2021-07-01).unit_of_measure"]
    assert "'count'" in found["targets.kvo (2021-07-01).unit_of_measure"].expected


def test_an_amendment_keeps_the_word_for_the_unit_of_its_target(faults: Callable) -> None:
    def change(raw: dict) -> None:
        raw["targets"].append(target(raw, "kvo") | {"unit_label": "convenanten", "in_force_from": date(2021, 7, 1)})

    assert list(faults(change)) == ["targets.kvo (2021-07-01).unit_label"]


def test_a_key_that_stands_twice_is_not_silently_replaced(tmp_path: Path) -> None:
    text = SOURCE.read_text(encoding="utf-8").replace("{1: 6000000, 2:", "{1: 6000000, 1: 6000000, 2:")
    (tmp_path / SOURCE.name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_deal("parkstad-limburg", folder=tmp_path)
    (fault,) = caught.value.faults
    assert "'1' stands twice" in fault.found
    assert text.splitlines()[fault.row - 1].strip().startswith("themes: {1:")


@pytest.mark.parametrize("text", ["id: [unclosed", "- a list", "", "id: \xff"])
def test_what_is_no_deal_file_at_all_is_one_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / SOURCE.name).write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        load_deal("parkstad-limburg", folder=tmp_path)
    assert len(caught.value.faults) == 1


def test_an_unknown_deal_is_answered_with_the_deals_there_are() -> None:
    with pytest.raises(UsageError, match=r"There are: parkstad-limburg.*Did you mean 'parkstad-limburg'") as caught:
        load_deal("parkstad", folder=FOLDER)
    assert caught.value.exit_code == 2


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There are no deals in"):
        load_deal("parkstad-limburg", folder=tmp_path)


def test_an_unknown_theme_is_answered_with_the_themes_there_are() -> None:
    with pytest.raises(UsageError, match="no theme 7; its themes are 1, 2, 3, 4, 5, 6"):
        load_deal(folder=FOLDER).theme(7)


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022])
def test_the_years_of_the_term_have_a_report(year: int) -> None:
    assert check_year(load_deal(folder=FOLDER), year) is None


@pytest.mark.parametrize(
    ("year", "why"),
    [(2018, "base year"), (2017, "begins in 2019"), (2023, "final evaluation"), (2030, "later vintages")],
)
def test_other_years_are_refused_with_what_is_possible(year: int, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        check_year(load_deal(folder=FOLDER), year)
    assert "2019 to 2022" in str(caught.value)
