"""The chapter on methods: which method when, false alarms beside each other, and grades of planted effects."""

import pytest

from evaluation.analysis.effects.estimate import GRADES
from evaluation.analysis.planting import FACTORS
from evaluation.chapters import open_methods
from evaluation.chapters.report import methods
from evaluation.chapters.report.evaluation import judged_designs
from studies.judged_draws import PLACEBOS
from studies.judged_draws import STUDENTISED as STUDIED_BY_RATIO
from studies.simulation import REGIONAL, SCENARIOS

DEAL = "parkstad-limburg"


@pytest.fixture(scope="module")
def chapter():
    return open_methods(deal=DEAL, year=2022)


def rows_of(display) -> list[list[str]]:
    lines = [line for line in display.bundle["text/markdown"].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_words_of_the_study_are_those_of_the_chapter():
    assert set(methods.STUDIED.values()) <= set(REGIONAL)
    assert (methods.STUDENTISED, methods.PLAIN) == (STUDIED_BY_RATIO, PLACEBOS)
    names = [scenario.name for scenario in SCENARIOS]
    assert methods.CONVERGING in names and set(methods.ASSUMED) - {"maandcijfers"} <= set(names)


def test_every_method_of_the_plan_says_when_it_is_used_and_how_good_it_is(chapter):
    rows = {row[0]: row for row in rows_of(chapter.chosen())}
    assert len(rows) == len(methods.STUDIED)
    for design in chapter.context.designs.values():
        if design.has_placebos:
            name = methods.STUDIED[design.method]
            wording = chapter.context.indicators[design.indicator].wording
            assert wording in rows[name.capitalize()][1].partition("Voor: ")[2]
    found = chapter.study.set_index(["estimator", "inference", "scenario"])
    start_level = found.loc[(methods.STUDIED["ancova"], methods.STUDENTISED, methods.CONVERGING), "size"]
    assert rows["Verandering gegeven het beginniveau"][3] == f"{round(100 * start_level)}%"


def test_false_alarms_stand_beside_each_other_by_situation(chapter):
    display = chapter.false_alarms()
    rows = rows_of(display)
    assert len(rows) == 2 * len(methods.STUDIED) - 1  # of synthetic control the plain statistic alone
    assert all(len(row) == 2 + len(SCENARIOS) for row in rows)
    assert {number.measure for number in display.results} == {"size"}


def test_the_grades_of_made_up_panels_add_up(chapter):
    display = chapter.judged()
    assert len(rows_of(display)) == len(SCENARIOS) * 4
    shares = [number.value for number in display.results]
    assert len(shares) == len(SCENARIOS) * 4 * len(GRADES) and sum(shares) == pytest.approx(len(SCENARIOS) * 4)


def test_planted_effects_begin_with_the_grades_of_the_report_and_are_made_once(chapter, monkeypatch):
    rows, judged = rows_of(chapter.planted()), judged_designs(DEAL)
    assert [row[1] for row in rows] == [item.estimate.deviation for item in judged.values()]
    assert all(len(row) == 1 + len(FACTORS) for row in rows)
    for row in rows:
        steps = [GRADES.index(grade) for grade in row[1:]]
        assert steps == sorted(steps) and steps[-1] >= GRADES.index("aanwijzing"), row
    monkeypatch.setattr(methods, "plant_effects", lambda *_, **__: pytest.fail("made again"))
    assert rows_of(chapter.planted()) == rows
