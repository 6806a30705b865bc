"""What a plan can show at most: from the number of regions and their figures, never from those of the deal's region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.analysis import plan_reach
from evaluation.analysis.comparison_regions import grow_comparison_regions
from evaluation.analysis.estimation import Opened, estimate_design, open_designs
from evaluation.analysis.plan_reach import Reach, reach_faults, reach_notices, reach_of_plan
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import Design, load_designs, load_indicators
from evaluation.statistics.areas.treatments import load_register

DEAL = load_deal()
INDICATORS = load_indicators()
DESIGNS = {key: design for key, design in load_designs().items() if design.has_placebos}
MAIN = DESIGNS["woninginbraak-regio"]
SALES = DESIGNS["verkoopprijs-regio"]
FILE = "data/indicators/plan.yml"


@pytest.fixture(scope="module")
def opened() -> Opened:
    return open_designs(DEAL, [MAIN, SALES], INDICATORS)


@pytest.fixture
def reach(opened: Opened, monkeypatch: pytest.MonkeyPatch):
    """Find the reach of designs on figures and regions that are read once."""

    def found(*designs: Design, panel=None) -> dict[str, Reach]:
        regions = {design.id: opened.regions[MAIN.id] for design in designs} | dict(opened.regions)
        figures = opened.panel if panel is None else panel
        chosen = replace(opened, designs=designs, regions=regions, panel=figures)
        monkeypatch.setattr(plan_reach, "open_designs", lambda *_, **__: chosen)
        return reach_of_plan(DEAL, designs, INDICATORS)

    return found


def made(design: Design, n_regions: int, corrected: float, **more) -> Reach:
    p = 1 / (n_regions + 1)
    return replace(Reach(design, n_regions, p, corrected, corrected, 10.0, None, {}), **more)


def test_the_plan_of_the_project_can_be_decided(reach):
    found = reach(MAIN, SALES)
    assert reach_faults(found, FILE) == []
    for item in found.values():
        assert item.n_regions == 40 and item.p_smallest == pytest.approx(1 / 41)
        assert item.p_corrected == item.p_alone == pytest.approx(2 / 41)  # Holm over two
        assert item.variants["0"] == 40 and item.variants["1"] >= 20 and item.variants["2"] >= 37


def test_a_family_of_one_needs_no_correction_and_a_third_main_question_is_refused(reach):
    assert reach(MAIN)[MAIN.id].p_corrected == pytest.approx(1 / 41)
    third = MAIN.model_copy(update={"id": "derde", "robustness": ()})
    faults = reach_faults(reach(MAIN, SALES, third), FILE)
    assert {fault.key for fault in faults} == {f"designs.{key}" for key in (MAIN.id, SALES.id, "derde")}
    assert "the corrected p is never below 0.073" in faults[0].found
    assert faults[0].expected == "at most 2 main questions with 40 regions, or 59 regions for 3"
    assert "fewer main questions" in faults[0].hint


def test_other_questions_can_all_be_found_together_and_that_is_told(reach):
    others = [MAIN.model_copy(update={"id": f"vraag-{number}", "primary": False}) for number in range(4)]
    others = [item.model_copy(update={"robustness": ()}) for item in others]
    found = reach(*others)
    assert [item.p_corrected for item in found.values()] == pytest.approx([1 / 41] * 4)
    assert [item.p_alone for item in found.values()] == pytest.approx([4 / 41] * 4)
    assert reach_faults(found, FILE) == []
    assert any("takes more than one finding" in line and "0.098" in line for line in reach_notices(found))


def test_the_outcome_of_the_region_has_no_part_in_it(opened: Opened, reach):
    panel = opened.panel.copy()
    own = panel["unit"].isin([opened.atlas.region, *opened.atlas.own])
    panel.loc[own, "value"] = np.nan
    assert reach(MAIN, SALES, panel=panel) == reach(MAIN, SALES)


def test_what_is_told_to_be_visible_is_what_the_estimate_prints(opened: Opened, reach):
    found = reach(MAIN, SALES)
    for design in (MAIN, SALES):
        assert found[design.id].detectable == pytest.approx(estimate_design(opened, design).estimate.mde)
    assert found[MAIN.id].by_other is not None and found[MAIN.id].by_other != found[MAIN.id].detectable


@pytest.mark.parametrize(
    ("n_regions", "corrected", "found", "expected"),
    [
        (8, 1 / 9, "'aanwijzing' out of reach: with 8 regions", "at least 9 regions"),
        (16, 1 / 17, "'geen aanwijzing' and 'sterke aanwijzing' out of reach: 16 regions", "at least 19 regions"),
        (24, 2 / 25, "with 24 regions and 1 main questions the corrected p is never below 0.080", "at most 1 main"),
        (0, 1.0, "'aanwijzing' out of reach", "at least 9 regions"),
    ],
)
def test_a_plan_that_no_figures_could_decide_is_refused(n_regions: int, corrected: float, found: str, expected: str):
    (fault,) = reach_faults({MAIN.id: made(MAIN, n_regions, corrected)}, FILE)
    assert (fault.file, fault.key) == (FILE, "designs.woninginbraak-regio")
    assert found in fault.found and expected in fault.expected


def test_the_smallest_numbers_that_can_decide_are_let_through():
    assert reach_faults({"a": made(MAIN, 19, 0.05)}, FILE) == []
    assert reach_faults({"a": made(MAIN, 39, 0.05), "b": made(SALES, 39, 0.05)}, FILE) == []


def test_a_variant_with_too_few_regions_and_a_pool_without_any_are_refused():
    (weak,) = reach_faults({"a": made(MAIN, 40, 0.03, variants={"0": 40, "2": 5})}, FILE)
    assert "too few regions in robustness 2" in weak.found
    (empty,) = reach_faults({"a": made(MAIN, 0, 1.0, refusal="er is geen groep")}, FILE)
    assert "er is geen groep" in empty.found


def test_a_coarse_design_is_a_notice_and_not_a_fault():
    coarse = {"a": made(MAIN, 40, 0.03, detectable=45.8, by_other=34.8)}
    assert reach_faults(coarse, FILE) == []
    (told,) = reach_notices(coarse)
    assert "a (45.8, plausible 15, by effect 34.8)" in told
    assert reach_notices({"a": made(MAIN, 40, 0.03, detectable=14.9)}) == []
    assert "none at all" in reach_notices({"a": made(MAIN, 40, 0.03, detectable=None)})[0]


@pytest.mark.parametrize(("pool", "fewest"), [("every", 39), ("corop", 39), ("lenient", 20)])
def test_regions_are_apart_from_each_other_from_the_deal_and_from_what_may_spill_over(
    opened: Opened, pool: str, fewest: int
):
    atlas, register = opened.atlas, load_register()
    first, second = (
        grow_comparison_regions(atlas, MAIN.model_copy(update={"pool": pool}), register).members for _ in range(2)
    )
    assert first == second and list(first) == list(second)
    codes = [code for group in first.values() for code in group]
    assert len(first) >= fewest and len(codes) == len(set(codes)) and not set(codes) & set(atlas.own)
    areas = [{atlas.corop[code] for code in group} for group in first.values()]
    assert all(len(area) == 1 for area in areas)
    bordering = {near for code in atlas.own for near in atlas.bordering(code)} - set(atlas.own)
    assert len(bordering) == 5
    if pool != "lenient":
        assert not bordering & set(codes)
    if pool == "corop":
        assert len(set.union(*areas)) == len(first) == 39  # each area once, as a whole
    else:
        people = dict(zip(atlas.codes, atlas.population, strict=True))
        own = sum(people[code] for code in atlas.own)
        assert all(0.6 * own <= sum(people[code] for code in group) <= 1.4 * own for group in first.values())
