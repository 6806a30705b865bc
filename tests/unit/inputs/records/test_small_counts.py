"""Counts of persons, households and firms: what is shown of them, and that subtracting tells nothing more."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from evaluation.analysis.progress import group_progress, place, target_progress
from evaluation.base.errors import InputError
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.report.governance import GovernanceChapter
from evaluation.chapters.steps import agreed, targets
from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.deliveries import delivered
from evaluation.inputs.records.programme import Programme, load_programme
from evaluation.inputs.records.shared_records import share_records, shared_record_files
from evaluation.inputs.records.small_counts import (
    DisclosureRules,
    load_rules,
    load_shown_programme,
    protect,
    tell_unnamed_units,
)
from evaluation.present.results import Result, to_records
from tests.attacker import attack as attack_numbers
from tests.cells import run_cells
from tests.conftest import ROOT
from tests.unit.small_programme import small_programme

DEAL = load_deal("parkstad-limburg")
RULES = load_rules(DEAL.id)
YEARS = (2019, 2020, 2021, 2022)


def persons(by_year: dict[int, float], unit: str = "cursisten", **cells) -> list[dict]:
    row = {"result": "1.6", "target": None, "unit": unit, **cells}
    return [{**row, "date": f"{year}-05-01", "quantity": float(count)} for year, count in by_year.items() if count]


def shown(outputs: list[dict], **tables) -> Programme:
    return protect(small_programme([{}], outputs=outputs, **tables), RULES, last_year=YEARS[-1])


def totals(programme: Programme) -> list[float | None]:
    return [None if math.isnan(total) else total for total in programme.counts["total"]]


def test_a_small_count_is_withheld_and_another_is_rounded():
    assert totals(shown(persons({2019: 4, 2020: 30, 2021: 13, 2022: 25}))) == [None, 35, 45, 70]


def test_a_small_year_between_two_totals_takes_the_later_total_with_it_until_more_is_delivered():
    assert totals(shown(persons({2019: 40, 2020: 6, 2022: 31}))) == [40, None, None, 75]


def test_the_municipality_the_day_and_the_project_of_a_protected_delivery_are_gone_and_other_outputs_stay():
    programme = shown([*persons({2020: 6}), {"quantity": 3.0}])
    assert programme.outputs["target"].tolist() == ["woningen-transitie"]
    assert programme.counts["projects"].tolist() == [(), (), ()]
    assert {column for column in programme.counts} == {"result", "target", "unit", "year", "total", "projects"}


def test_a_unit_that_nobody_named_is_protected_and_told():
    programme = small_programme([{}], outputs=persons({2020: 6}, unit="vrijwilligers"))
    (told,) = tell_unnamed_units(programme, RULES)
    assert "what 'vrijwilligers' counts" in told
    assert totals(protect(programme, RULES, last_year=2020)) == [None]
    assert not RULES.protects("Woningen") and RULES.protects("begeleide ouders")


def test_every_unit_of_the_deal_and_its_example_is_named():
    assert tell_unnamed_units(load_programme(DEAL), RULES) == ()
    assert {t.unit_label for t in DEAL.targets if t.counted_from == "outputs"} <= set(RULES.units)


COSTS = ("e7-doelmatigheid", "tbl-kosten-e7")


@pytest.fixture(scope="module")
def opened() -> Context:
    return open_context("parkstad-limburg", 2022)


def unit_costs(context: Context) -> dict[str, Result]:
    """Run the cell with the unit costs; return what it records of new entrepreneurs, by measure."""
    notebook, cell = COSTS
    numbers = run_cells(notebook, context, cell)[cell].results
    return {number.measure: number for number in numbers if number.indicator == "ondernemers"}


def test_what_needs_a_withheld_count_is_withheld_too(opened: Context):
    day = date(2020, 12, 31)
    outputs = persons({2020: 6}, unit="ondernemers", result="4.3", target="ondernemers")
    programme = shown(outputs, payments=[{}]).as_of(day)
    mine = [t for t in DEAL.targets if t.id == "ondernemers"]
    (row,) = target_progress(DEAL, mine, programme, day)
    assert (row.delivered, row.distance, row.projection) == (None, None, None)
    assert row.is_withheld and row.position == "niet vrijgegeven"
    costs = unit_costs(replace(opened, year=2020, day=day, programme=programme))
    assert {(number.value, number.status) for number in costs.values()} == {(None, "withheld")}
    together = mine[0].model_copy(update={"group": "starters"})
    other = together.model_copy(update={"id": "anders"})
    assert group_progress(target_progress(DEAL, [together, other], programme, day), "starters")[0] is None


def test_costs_and_pace_use_the_rounded_count_and_a_zero_is_a_figure(opened: Context):
    outputs = persons({2020: 13, 2021: 14}, unit="ondernemers", result="4.3", target="ondernemers")
    programme = shown(outputs, payments=[{"amount_eur": 5000.0}])
    mine = [t for t in DEAL.targets if t.id == "ondernemers"]
    costs = unit_costs(replace(opened, year=2021, programme=programme.as_of(date(2021, 12, 31))))
    assert (costs["per_unit"].value, costs["paid"].value, costs["projects"].value) == (200, 5000, 1)
    (row,) = target_progress(DEAL, mine, programme.as_of(date(2019, 12, 31)), date(2019, 12, 31))
    assert (row.delivered, row.is_withheld, row.margin) == (0, False, 0)


def test_a_place_that_hangs_on_rounding_is_not_established():
    assert place(40, 0, 40, 40, is_due=True, margin=2) == "niet vast te stellen"
    assert place(40, 0, 45, 40, is_due=True, margin=2) == "doel bereikt"
    assert place(40, 0, 40, 40, is_due=True) == "doel bereikt"


def test_a_year_that_is_added_changes_nothing_that_was_published():
    counts = {2019: 40, 2020: 6, 2021: 31, 2022: 3}
    for last in YEARS:
        until = {year: count for year, count in counts.items() if year <= last}
        earlier = protect(small_programme([{}], outputs=persons(until)), RULES, last_year=last)
        whole = shown(persons(counts)).as_of(date(last, 12, 31))
        pd.testing.assert_frame_equal(earlier.counts, whole.counts)


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.one_of(st.integers(0, 12), st.integers(0, 60)), min_size=4, max_size=4))
def test_no_difference_between_years_places_a_small_count_within_the_threshold(counts):
    programme = shown(persons(dict(zip(YEARS, counts, strict=True))))
    if programme.counts.empty:
        assert not any(counts)
        return
    first = int(programme.counts["year"].min())
    years = list(programme.counts["year"])
    published = dict(zip(years, totals(programme), strict=True))
    assert all(total is None or total % 5 == 0 for total in published.values())
    true = [count for year, count in zip(YEARS, counts, strict=True) if year >= first]
    for name, weights in wanted(len(years)).items():
        count = float(weights @ np.array(true))
        if 0 < count < RULES.threshold:
            low, high = attack(list(published.values()), weights)
            assert high - low >= RULES.threshold - 1e-6, (name, counts, published, low, high)


def wanted(years: int) -> dict[str, np.ndarray]:
    """What a reader is after: the count of each single year, and of all years until each."""
    single = {f"in {i}": np.eye(years)[i] for i in range(years)}
    return single | {f"until {i}": np.tril(np.ones((years, years)))[i] for i in range(years)}


def attack(published: list[float | None], weights: np.ndarray) -> tuple[float, float]:
    """Find the smallest and the largest value that fits what is shown; each year's count is a variable."""
    upper, limits = [], []
    for place_, total in enumerate(published):
        if total is not None:
            until = np.array([float(year <= place_) for year in range(len(published))])
            reach = 2.0 if total else 0.0
            upper += [until, -until]
            limits += [total + reach, -(total - reach)]
    bounds = [(1 if year == 0 else 0, None) for year in range(len(published))]
    found = []
    for sign in (1, -1):
        solution = linprog(sign * weights, A_ub=np.array(upper) if upper else None, b_ub=limits or None, bounds=bounds)
        found.append(sign * solution.fun if solution.status == 0 else np.inf)
    return found[0], found[1]


PLANTED = (
    {2019: 40, 2020: 6, 2021: 0, 2022: 31},
    {2019: 4, 2020: 9, 2021: 3, 2022: 2},
    {2019: 1, 2020: 0, 2021: 0, 2022: 9},
)


@pytest.mark.parametrize("counts", PLANTED, ids=str)
def test_nothing_that_a_chapter_records_places_a_planted_small_count(opened: Context, counts):
    firms = {"unit": "ondernemers", "result": "4.3", "target": "ondernemers", "municipality": "Heerlen"}
    programme = shown(persons(counts, **firms) + persons(counts, unit="stages", result="4.1"), payments=[{}])
    theme, rows = DEAL.theme(4), []
    for year in YEARS:
        day = date(year, 12, 31)
        context = replace(opened, year=year, day=day, agreed=DEAL.as_of(day), programme=programme.as_of(day))
        steps = [targets.show_target_table(context, theme), agreed.show_other_outputs(context, theme)]
        steps += [run_cells(COSTS[0], context, COSTS[1])[COSTS[1]]]
        steps += [agreed.show_results(context, theme), GovernanceChapter(context).by_municipality("fig-y")]
        rows += [number for step in steps for number in to_records(step.results)]
    numbers = pd.DataFrame(rows)
    kept = {"4.ondernemers": counts, "4.prestatie-4-1.stages": counts}
    found = list(attack_numbers([numbers], [kept], DEAL, threshold=RULES.threshold))
    assert len(found) >= 2
    for what, count, low, high in found:
        assert high - low >= RULES.threshold - 1, (what, count, low, high)


def test_the_attacker_does_find_a_small_count_that_is_not_protected(opened: Context):
    firms = {"unit": "ondernemers", "result": "4.3", "target": "ondernemers"}
    programme = small_programme([{}], outputs=persons(PLANTED[0], **firms))
    rows = []
    for year in YEARS:
        day = date(year, 12, 31)
        context = replace(opened, year=year, day=day, agreed=DEAL.as_of(day), programme=programme.as_of(day))
        rows += to_records(targets.show_target_table(context, DEAL.theme(4)).results)
    found = list(attack_numbers([pd.DataFrame(rows)], [{"4.ondernemers": PLANTED[0]}], DEAL, threshold=RULES.threshold))
    assert any(high - low < RULES.threshold - 1 for _, _, low, high in found)


def test_records_that_are_handed_on_load_again_and_give_the_same_numbers(tmp_path: Path):
    folder = tmp_path / "parkstad-limburg"
    folder.mkdir()
    for name, text in shared_record_files(load_shown_programme(DEAL)).items():
        (folder / name).write_text(text, encoding="utf-8")
    ours = load_shown_programme(DEAL)
    theirs = protect(load_programme(DEAL, folder=folder), RULES, last_year=2025)
    assert theirs.dataset == ours.dataset.model_copy(update={"made_by": "", "note": ""})
    assert theirs.protection == ours.protection
    for year in YEARS:
        day = date(year, 12, 31)
        pd.testing.assert_frame_equal(delivered(theirs.as_of(day)), delivered(ours.as_of(day)))
    unused = ["note", "lead", "neighbourhood"]
    for name in ("projects", "payments", "outputs", "milestones", "counts"):
        pair = [getattr(made, name).drop(columns=unused, errors="ignore") for made in (theirs, ours)]
        pd.testing.assert_frame_equal(*pair)
    assert shared_record_files(theirs) == shared_record_files(load_shown_programme(DEAL))
    assert theirs.findings == ours.findings


def test_a_bundle_has_real_records_as_aggregates_and_an_example_as_it_is(tmp_path: Path, monkeypatch):
    root = tmp_path / "project"
    for name in ("deal", "programme"):
        shutil.copytree(ROOT / "data" / name, root / "data" / name, ignore=shutil.ignore_patterns("imports"))
    (root / "_quarto.yml").write_text("")
    monkeypatch.setenv("REGIODEAL_ROOT", str(root))
    folder = root / "data" / "programme" / DEAL.id
    (folder / "disclosure.yml").write_text("counts_of: {overig: [haltes]}", encoding="utf-8")
    files, are_aggregates = share_records(DEAL, load_programme(DEAL))
    assert (
        not are_aggregates
        and files["outputs.csv"] == (folder / "outputs.csv").read_bytes()
        and "disclosure.yml" in files
    )
    dataset = folder / "dataset.yml"
    dataset.write_text(dataset.read_text(encoding="utf-8").replace("voorbeeld\n", "vastgesteld\n"), encoding="utf-8")
    files, are_aggregates = share_records(DEAL, load_programme(DEAL))
    assert are_aggregates and b"protected: true" in files["dataset.yml"] and "disclosure.yml" in files
    units = {line.split(",")[6] for line in files["outputs.csv"].decode().splitlines()[1:]}
    assert units and not any(RULES.protects(unit) for unit in units)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert share_records(DEAL, load_programme(DEAL)) == (files, False)


def test_records_that_are_handed_on_hold_no_note_no_name_and_no_row_of_a_protected_delivery():
    payments = [{"amount_eur": -5.0, "note": "Jan Jansen"}]
    programme = shown(persons({2020: 6, 2021: 8}, note="Jan Jansen"), payments=payments)
    kept = replace(programme, projects=programme.projects.rename(columns={"state": "status"}))
    files = shared_record_files(kept)
    assert "Jan" not in "".join(files.values()) and "correctie" in files["payments.csv"]
    assert files["outputs.csv"].count("\n") == 1
    rows = files["counts.csv"].splitlines()[1:]
    assert rows == ["1.6,,cursisten,2020,,", "1.6,,cursisten,2021,15,P1", "1.6,,cursisten,2022,15,P1"]


def test_counts_that_are_wrong_are_told_with_their_place(tmp_path: Path):
    folder = tmp_path / "parkstad-limburg"
    folder.mkdir()
    for name, text in shared_record_files(load_shown_programme(DEAL)).items():
        (folder / name).write_text(text, encoding="utf-8")
    rows = [
        "1.6,,cursisten,2021,x,P11",
        "1.6,,cursisten,2031,5,P11",
        "1.6,,cursisten,2021,,P99",
        "1.7,,ouders,2021,,P07",
    ]
    table = folder / "counts.csv"
    table.write_text("\n".join(["result,target,unit,year,total,projects", *rows, *["1.8,,cursisten,2021,5,"] * 2]))
    with pytest.raises(InputError) as told:
        load_programme(DEAL, folder=folder)
    places = [(fault.row, fault.column) for fault in told.value.faults]
    assert places == [(2, "total"), (3, "year"), (4, "projects"), (5, "projects"), (7, "year")]


def test_records_that_are_not_protected_are_not_handed_on():
    with pytest.raises(ValueError, match="not protected"):
        shared_record_files(load_programme(DEAL))


def test_protected_records_with_a_protected_delivery_are_refused():
    programme = shown([])
    raw = small_programme([{}], outputs=persons({2020: 6}))
    mixed = Programme(programme.dataset, raw.projects, raw.payments, raw.outputs, raw.milestones)
    with pytest.raises(InputError, match="counts of cursisten"):
        protect(mixed, RULES, last_year=2022)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rounding_base": 20}, "at most the threshold"),
        ({"threshold": 1}, "greater than or equal to 3"),
        ({"threshold": 2}, "greater than or equal to 3"),
        ({"counts_of": {"personen": ["stages"], "overig": ["Stages"]}}, "stands twice"),
        ({"counts_of": {"dieren": []}}, "counts_of"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(tmp_path: Path, change, said):
    content = {"threshold": 10, "rounding_base": 5, "source": "x", "counts_of": {"personen": ["stages"]}, **change}
    (tmp_path / "disclosure.yml").write_text(str(content), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_rules(DEAL.id, folder=tmp_path)


def test_a_deal_adds_units_of_its_own_and_contradicts_nothing(tmp_path: Path):
    content = {"threshold": 10, "rounding_base": 5, "source": "x", "counts_of": {"personen": ["stages"]}}
    (tmp_path / "disclosure.yml").write_text(str(content), encoding="utf-8")
    (tmp_path / "streek").mkdir()
    own = tmp_path / "streek" / "disclosure.yml"
    own.write_text("counts_of: {overig: [haltes]}", encoding="utf-8")
    rules = load_rules("streek", folder=tmp_path)
    assert not rules.protects("haltes") and rules.protects("stages") and rules.threshold == 10
    assert load_rules(DEAL.id, folder=tmp_path).protects("haltes")
    own.write_text("counts_of: {overig: [stages]}", encoding="utf-8")
    with pytest.raises(InputError, match=r"streek/disclosure.yml.*stands twice"):
        load_rules("streek", folder=tmp_path)
    own.write_text("threshold: 3", encoding="utf-8")
    with pytest.raises(InputError, match="one of counts_of"):
        load_rules("streek", folder=tmp_path)


def test_without_rules_nothing_is_made(tmp_path: Path):
    with pytest.raises(InputError, match="no such file"):
        load_rules(DEAL.id, folder=tmp_path)


@pytest.mark.parametrize(("count", "rounded"), [(10, 10), (12, 10), (13, 15), (12.5, 15), (0, 0)])
def test_rounding(count, rounded):
    rules = DisclosureRules(source="x", counts_of={})
    assert rules._round(count) == rounded


TWO_EDITIONS = (
    ({2019: 40, 2020: 13}, {2019: 43, 2020: 13, 2021: 20}),
    ({2019: 12, 2020: 40}, {2019: 9, 2020: 40, 2021: 2}),
    ({2019: 40, 2020: 0}, {2019: 40, 2020: 7, 2021: 0}),
    ({2019: 30, 2020: 30}, {2019: 29, 2020: 30, 2021: 4}),
    ({2019: 4, 2020: 30}, {2019: 14, 2020: 30, 2021: 30}),
    ({2019: 40, 2020: 15}, {2019: 30, 2020: 15, 2021: 12}),
    ({2019: 100, 2020: 20}, {2019: 30, 2020: 20, 2021: 3}),
)


@pytest.mark.parametrize(("first", "second"), TWO_EDITIONS, ids=str)
def test_a_correction_moves_nothing_that_was_published_and_tells_no_small_count(first, second):
    before = protect(small_programme([{}], outputs=persons(first)), RULES, last_year=2020)
    published = {f"1.prestatie-1-6.cursisten.{row.year}.value": row.total for row in before.counts.itertuples()}
    after = protect(small_programme([{}], outputs=persons(second)), RULES, last_year=2021, published=published)
    then = after.counts[after.counts["year"] <= 2020]
    assert [str(total) for total in then["total"]] == [str(total) for total in before.counts["total"]]
    # what was added or taken by the correction and what was delivered since are known only together
    last = after.counts.loc[after.counts["year"] == 2021, "total"].iloc[0]
    old = before.counts["total"].iloc[-1]
    assert math.isnan(last) or math.isnan(old) or last == old or abs(last - old) >= RULES.threshold
    numbers = [told(before, "1.prestatie-1-6.cursisten"), told(after, "1.prestatie-1-6.cursisten")]
    kept = [{"1.prestatie-1-6.cursisten": _whole(counts)} for counts in (first, second)]
    for what, count, low, high in attack_numbers(numbers, kept, DEAL, threshold=RULES.threshold):
        assert low <= count <= high and high - low >= RULES.threshold - 1, (what, count, low, high)


def told(programme: Programme, subject: str) -> pd.DataFrame:
    """Write the counts as results.csv has them."""
    rows = [
        {"result_id": f"{subject}.{r.year}.value", "period": r.year, "value": r.total}
        for r in programme.counts.itertuples()
    ]
    return pd.DataFrame(rows).assign(measure="value", indicator=subject.split(".")[1])


def _whole(counts: dict[int, int]) -> dict[int, int]:
    return {year: counts.get(year, 0) for year in range(min(counts), max(counts) + 1)}
