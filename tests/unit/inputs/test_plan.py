"""What the analysis plan may declare, what its plausible effects rest on, and how it was revised."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from evaluation.base.errors import InputError
from evaluation.inputs.indicators import load_designs
from evaluation.inputs.plan_revisions import load_revisions
from evaluation.inputs.plan_schema import Design
from evaluation.inputs.published_effects import PublishedEffect, citation_faults, load_effects

DATA = Path(__file__).resolve().parents[3] / "data"
PLACEBO = {
    "id": "inbraak",
    "indicator": "woninginbraak",
    "primary": True,
    "method": "ancova",
    "unit": "parkstad",
    "pool": "every",
    "pre": (2012, 2018),
    "excluded": (2019,),
    "last": 2022,
    "plausible_effect": 9.8,
    "plausible_reason": "daarom",
    "minimum_pre_years": 6,
    "declared_on": date(2026, 11, 30),
    "reason": "daarom",
}
OWN_TREND = {name: PLACEBO[name] for name in PLACEBO if name not in ("pool", "plausible_effect", "plausible_reason")}
OWN_TREND |= {"method": "before_after", "comparison": "PV31-rest"}
EFFECT = {
    "id": "een-studie",
    "programme": "programma",
    "country": "Nederland",
    "title": "titel",
    "authors": "iemand",
    "year": 2011,
    "seen_at": "https://voorbeeld.example/studie",
    "seen_on": date(2026, 11, 30),
    "verified": True,
    "outcome": "uitkomst",
    "unit": "procent",
    "estimate": -26.0,
    "design": "natuurlijk experiment",
    "finding": "Het daalde.",
    "transfer": "Weinig.",
}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "indicators", tmp_path / "indicators")
    return tmp_path / "indicators" / "plan.yml"


def written(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_design_with_placebo_regions_is_studentised_and_has_a_prior_unless_it_says_otherwise():
    design = Design.model_validate(PLACEBO)
    assert (design.statistic, design.weights, design.last_asked) == ("studentised", "none", 2022)
    assert design.prior_sd == pytest.approx(5.0)
    said = Design.model_validate({**PLACEBO, "statistic": "effect", "prior_sd": 2, "after_term": 2025})
    assert (said.statistic, said.prior_sd, said.last_asked) == ("effect", 2, 2025)
    own = Design.model_validate(OWN_TREND)
    assert (own.statistic, own.prior_sd, own.effects, own.robustness) == (None, None, (), ())


def test_a_variant_is_the_design_with_what_it_names_in_its_place():
    design = Design.model_validate(
        {**PLACEBO, "robustness": [{"method": "did"}, {"pool": "corop", "without": [2020, 2021]}]}
    )
    first, second = design.variants
    assert (first.method, first.pool, first.excluded) == ("did", "every", (2019,))
    assert (second.method, second.pool, second.excluded) == ("ancova", "corop", (2019, 2020, 2021))
    assert len({design.id, first.id, second.id}) == 3 and not first.robustness
    assert first.model_copy(update={"id": design.id, "method": "ancova", "robustness": design.robustness}) == design


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({**PLACEBO, "after_term": 2022}, "expected a year after the last"),
        ({**PLACEBO, "plausible_effect": 0}, "greater than 0"),
        ({**PLACEBO, "prior_sd": -1}, "greater than 0"),
        ({**PLACEBO, "statistic": "t"}, "studentised"),
        ({**PLACEBO, "weights": "homes"}, "inhabitants"),
        ({**PLACEBO, "robustness": [{}]}, "a variant names a method, a pool, or years"),
        ({**PLACEBO, "robustness": [{"method": "ancova"}]}, "the design itself"),
        ({**PLACEBO, "robustness": [{"pool": "corop"}, {"pool": "corop"}]}, "stands twice"),
        ({**PLACEBO, "robustness": [{"without": [2020, 2021, 2022]}]}, "no year is left"),
        ({**PLACEBO, "robustness": [{"without": [2015]}]}, "lies in the period before"),
        ({**PLACEBO, "robustness": [{"method": "before_after"}]}, "ancova"),
        ({**PLACEBO, "last": None, "after_term": 2025}, "a design by ancova needs last"),
        ({**OWN_TREND, "statistic": "effect"}, "before_after has no statistic"),
        ({**OWN_TREND, "after_term": 2025, "robustness": [{"pool": "corop"}]}, "has no after_term, robustness"),
        ({**OWN_TREND, "effects": ["een-studie"]}, "has no effects"),
    ],
)
def test_a_design_that_contradicts_itself_is_refused(fields: dict, message: str):
    with pytest.raises(ValueError, match=message):
        Design.model_validate(fields)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("- {method: sdid}", "- {method: its}", r"robustness\.0\.method"),
        ("indicator: misdrijven-totaal", "indicator: gasverbruik", "a method that gasverbruik allows"),
        ("after_term: 2025", "after_term: 2025\n    exposure: inwoners", "woninginbraak in per_1000; expected two"),
        ("after_term: 2025", "after_term: 2025\n    exposure: inwonres", "Did you mean 'inwoners'"),
    ],
)  # fmt: skip
def test_a_plan_that_its_indicators_do_not_allow_is_told_with_its_place(plan: Path, old: str, new: str, message: str):
    written(plan, old, new)
    with pytest.raises(InputError, match=message):
        load_designs(folder=plan.parent)


def test_the_window_after_the_term_is_held_to_the_breaks_of_its_series(plan: Path):
    written(
        plan.parent / "2-wonen-en-leefbaarheid.yml",
        '      - {year: 2019, kind: boundary, note: "Beekdaelen bestaat',
        '      - {year: 2024, kind: method, note: "Anders gemeten."}\n'
        '      - {year: 2019, kind: boundary, note: "Beekdaelen bestaat',
    )
    with pytest.raises(InputError, match="a window from 2015 to 2025; expected a window without the break of 2024"):
        load_designs(folder=plan.parent)


def test_no_plausible_effect_or_main_question_changed_when_the_plan_was_revised():
    """Both were known to whoever saw the first outcomes: changing them then would be a choice in sight of these."""
    (revised,) = load_revisions()
    for name in ("plausible_effect", "primary", "pre", "excluded", "last", "indicator", "unit"):
        assert {key: old.get(name) for key, old in revised.before.items()} == {
            key: revised.after[key].get(name) for key in revised.before
        }, name
    new = revised.after.keys() - revised.before.keys()
    assert len(new) == 5 and not any(revised.after[key]["primary"] for key in new)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("earlier: plan-2026-11-24.yml", "earlier: plan-2026-11-23.yml", r"plan-2026-11-23\.yml: got no such file"),
        ("earlier: plan-2026-11-24.yml", "earlier: ../plan.yml", "earlier"),
        ("      pool: >-", "      pol: >-", "Did you mean 'pool'"),
        ("  - declared_on: 2026-11-30", "  - declared_in: 2026-11-30", "Did you mean 'declared_on'"),
    ],
)  # fmt: skip
def test_a_revision_that_cannot_be_is_refused(plan: Path, old: str, new: str, message: str):
    written(plan, old, new)
    with pytest.raises(InputError, match=message):
        load_revisions(folder=plan.parent)


def test_an_earlier_plan_is_not_edited(plan: Path):
    written(plan.parent / "plan-2026-11-24.yml", "plausible_effect: 15", "plausible_effect: 50")
    with pytest.raises(InputError, match=r"plan-2026-11-24\.yml.*changed.*put it back"):
        load_revisions(folder=plan.parent)


def test_line_ends_of_another_system_do_not_make_an_earlier_plan_another(plan: Path):
    earlier = plan.parent / "plan-2026-11-24.yml"
    earlier.write_bytes(earlier.read_bytes().replace(b"\n", b"\r\n"))
    assert len(load_revisions(folder=plan.parent)) == 1


def test_a_plan_that_was_never_revised_has_no_revisions(plan: Path):
    content = yaml.safe_load(plan.read_text(encoding="utf-8"))
    del content["revisions"]
    plan.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert load_revisions(folder=plan.parent) == ()


def test_every_cited_effect_was_seen_and_what_cites_none_says_so():
    designs = [design for design in load_designs().values() if design.has_placebos]
    effects = load_effects()
    assert citation_faults(designs, effects, "plan") == []
    for design in designs:
        words = "niet gevonden"
        assert bool(design.effects) != (words in design.plausible_reason), design.id
    cited = [effects[name] for design in designs for name in design.effects]
    assert all(item.seen_at and item.seen_on for item in cited)
    # a number in a finding is the number of the entry
    for item in effects.values():
        if item.estimate is not None:
            assert re.search(rf"\b{abs(item.estimate):g}".replace(".", ","), item.finding.replace("ongeveer ", "")), (
                item.id
            )


def test_only_what_is_in_the_register_and_was_seen_may_be_cited():
    design = Design.model_validate({**PLACEBO, "effects": ["een-studie", "een-studei", "uit-het-hoofd"]})
    unseen = {**EFFECT, "id": "uit-het-hoofd", "verified": False, "seen_at": None, "seen_on": None}
    register = {item["id"]: PublishedEffect.model_validate(item) for item in (EFFECT, unseen)}
    unknown, memory = citation_faults([design], register, "data/indicators/plan.yml")
    assert (unknown.key, unknown.hint) == ("designs.inbraak.effects", "Did you mean 'een-studie'?")
    assert "not seen" in memory.found and "verified: true" in memory.expected


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seen_at": None}, "needs seen_at and seen_on"),
        ({"verified": False}, "an entry that was seen is verified"),
        ({"low": 1.0}, "low and high go together"),
        ({"low": -20.0, "high": -10.0}, "low, estimate and high in that order"),
        ({"range_is": "uitersten"}, "range_is says what"),
        ({"seen_at": "www.voorbeeld.example"}, "pattern"),
        ({"std_error": 0}, "greater than 0"),
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(fields: dict, message: str):
    with pytest.raises(ValueError, match=message):
        PublishedEffect.model_validate({**EFFECT, **fields})


def test_faults_of_the_register_are_told_with_their_place(tmp_path: Path):
    (tmp_path / "methods").mkdir()
    entry = yaml.safe_dump({"effects": {"een": {**EFFECT, "authors": 3, "countri": "x"}, "twee": "tekst"}})
    (tmp_path / "methods" / "effects.yml").write_text(entry, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_effects(data=tmp_path)
    keys = {fault.key for fault in caught.value.faults}
    assert {"effects.een.authors", "effects.een.countri", "effects.twee"} <= keys
