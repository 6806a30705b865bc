"""What a revision of the plan changed, design by design and field by field."""

from __future__ import annotations

from datetime import date

from evaluation.analysis.plan_changes import plan_changes
from evaluation.inputs.plan_revisions import Revised, Revision, load_revisions

REVISION = Revision(
    declared_on=date(2026, 11, 30),
    earlier="plan-2026-11-24.yml",
    sha256="0" * 64,
    reason="Het kon niet anders.",
    because={"pool": "Meer regio's.", "nieuw": "Er kwamen cijfers bij."},
)


def revised(before: dict, after: dict) -> Revised:
    return Revised(REVISION, before, after)


def test_each_difference_has_its_field_and_the_reason_that_is_closest():
    before = {"a": {"pool": "lenient", "last": 2022}, "weg": {"pool": "clean"}}
    after = {"a": {"pool": "every", "last": 2022, "after_term": 2025}, "nieuw": {"pool": "every"}}
    found = plan_changes(revised(before, after))
    assert [(item.design, item.field, item.kind, item.why) for item in found] == [
        ("a", "pool", "changed", "Meer regio's."),
        ("a", "after_term", "changed", "Het kon niet anders."),
        ("nieuw", None, "new", "Er kwamen cijfers bij."),
        ("weg", None, "dropped", "Het kon niet anders."),
    ]
    assert (found[0].before, found[0].after, found[1].before) == ("lenient", "every", None)


def test_the_order_of_designs_and_how_a_text_is_broken_off_change_nothing():
    before = {"a": {"reason": "één\nreden\n", "pre": [2012, 2018]}, "b": {"last": 2022}}
    after = {"b": {"last": 2022}, "a": {"pre": [2012, 2018], "reason": "één reden"}}
    assert plan_changes(revised(before, after)) == ()


def test_a_field_that_was_dropped_is_told():
    (found,) = plan_changes(revised({"a": {"pool": "clean", "last": 2022}}, {"a": {"last": 2022}}))
    assert (found.field, found.before, found.after) == ("pool", "clean", None)


def test_the_revision_of_the_project_explains_every_change():
    (item,) = load_revisions()
    found = plan_changes(item)
    assert {change.design for change in found if change.kind == "new"} == item.after.keys() - item.before.keys()
    assert all(change.why != item.revision.reason for change in found)  # each has a reason of its own
    told = {change.field for change in found if change.field}
    assert told >= {"pool", "statistic", "method", "robustness", "after_term"}
    assert not told & {"plausible_effect", "primary", "pre", "last"}
