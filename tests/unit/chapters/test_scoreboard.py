"""The scoreboard of promises: no agreed number is left out, and what is counted follows from the records."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from functools import cached_property

import pytest

from evaluation.analysis.scoreboard import ResultsTally, movement_of
from evaluation.chapters.context import Context, open_context, theme_of
from evaluation.chapters.steps import agreed, scoreboard, targets

EFFECT = re.compile(r"effect|dankzij|door de deal|succes", re.IGNORECASE)


@pytest.fixture(scope="module")
def opened() -> Context:
    return open_context("parkstad-limburg", 2022)


def recorded(context: Context) -> dict:
    """Record what the chapters of the themes do, by identity."""
    found = [number for row in context.progress for number in targets.target_results(context, row)]
    for theme in context.deal.themes:
        for name, sums in targets.groups_of(context, theme.id).items():
            found += targets.group_results(context, str(theme.id), name, sums)
        found += agreed.show_results(context, theme).results
    return {number.result_id: number for number in found}


class Read:
    """Numbers of the chapters as a summary looks them up."""

    def __init__(self, context: Context) -> None:
        self.context, self.numbers = context, recorded(context)

    def look_up(self, subject: str, measure: str, year: int) -> float:
        number = self.numbers.get(f"{subject}.{year}.{measure}")
        return math.nan if number is None or number.value is None else number.value

    def is_withheld(self, subject: str) -> bool:
        number = self.numbers.get(f"{subject}.{self.context.year}.value")
        return number is not None and number.status == "withheld"

    @cached_property
    def board(self):
        before = scoreboard.delivered_before(self.context)
        return scoreboard.read_scoreboard(self.context, self.look_up, self.is_withheld, before)

    @cached_property
    def tally(self) -> ResultsTally:
        return scoreboard.read_tally(self.context, self.look_up)

    @property
    def table(self) -> str:
        page = lambda theme: theme.slug  # noqa: E731
        return str(scoreboard.show_scoreboard(self.context, self.board, self.look_up, page).bundle["text/markdown"])

    @property
    def sentences(self) -> str:
        return " ".join(scoreboard.scoreboard_sentences(self.context, self.board, self.tally))


@pytest.fixture(scope="module")
def read(opened: Context) -> Read:
    return Read(opened)


def delivered(context: Context, until: date) -> dict[str, float]:
    """Add up the records themselves, with what is protected of them, until a day."""
    outputs = context.programme.outputs
    found = outputs[outputs["date"].dt.date <= until].groupby("target")["quantity"].sum().to_dict()
    counts = context.programme.counts
    last = counts[counts["year"] <= until.year].sort_values("year").groupby("target")["total"].last()
    return {**found, **last.dropna().to_dict()}


def test_what_is_due_and_reached_follows_from_the_records(opened, read):
    own = delivered(opened, date(2022, 12, 31))
    due = [target for target in opened.agreed.targets if target.by <= date(2022, 12, 31)]
    reached = [target.id for target in due if own.get(target.id, 0) >= target.quantity]
    assert [row.target.id for row in read.board.due] == [target.id for target in due] and len(due) == 8
    assert [row.target.id for row in read.board.reached] == reached and len(reached) == 3
    assert len(read.board.missed) == 5 and not read.board.untold
    assert "Daarvan moesten er 8 eind 2022 gehaald zijn: 3 zijn gehaald en 5 niet" in read.sentences
    card = scoreboard.reached_card(opened, read.board)
    assert card[:2] == ("Wat is gehaald?", "3 van 8") and "voorbeeldcijfers" in card[2]


def test_no_promise_is_dropped_because_another_line_exists(opened, read):
    for target in opened.agreed.targets:
        assert read.table.count(target.title) == 1, target.id
    assert "913 van 1.600 woningen" in read.table
    assert "97 van ca. 250 woningen" in read.table and "3 van ten minste 4 proeven" in read.table
    assert "geen cijfer dat naast de 11,2% van 2019 is te zetten; doel 6,0%" in read.table
    assert not EFFECT.search(read.table.replace(scoreboard.NOTE, "") + read.sentences)


def test_each_bar_is_the_way_from_start_to_goal_with_the_path_while_it_runs(opened, read):
    html = scoreboard.show_scoreboard(opened, read.board, read.look_up, lambda theme: theme.slug).bundle["text/html"]
    shares = [float(share) for share in re.findall(r"--deel:([0-9.]+)", html)]
    known = [row for row in read.board.rows if row.delivered is not None]
    assert len(shares) == len(known) + 1  # and the homes together
    assert shares[0] == pytest.approx(913 / 1600, abs=1e-3)
    assert html.count("--pad:") == sum(row.target.by > opened.day for row in known) + 1


def test_what_was_added_in_a_year_is_that_of_the_records(opened, read):
    now, then = delivered(opened, date(2022, 12, 31)), delivered(opened, date(2021, 12, 31))
    changes = {row.target.id: read.board.change(row) for row in read.board.rows}
    for name in ("wonen-zorg", "renovatiemakelaar", "woningen-inponden", "winkelruimte"):
        assert changes[name] == now[name] - then.get(name, 0.0), name
    assert changes["winkelleegstand"] is None
    earlier = open_context("parkstad-limburg", 2021)
    done = [len([s for s in context.elements() if s.state == "completed"]) for context in (opened, earlier)]
    assert scoreboard.completed_since(opened) == done[0] - done[1]
    assert scoreboard.since_words(opened, 13.0) == "+13 sinds eind 2021"
    first = open_context("parkstad-limburg", 2019)
    assert scoreboard.completed_since(first) is None and scoreboard.delivered_before(first) == {}
    assert scoreboard.since_words(first, 3.0) == ""


def test_measured_results_are_those_that_a_chapter_calls_so(opened, read):
    flags = [n for n in read.numbers.values() if n.measure == "is_measured"]
    assert (read.tally.total, read.tally.measured) == (len(flags), sum(n.value for n in flags))
    assert f"Van de 21 resultaten zijn er {read.tally.measured} gemeten." in read.sentences


def test_what_a_run_records_is_what_the_sentences_say(opened, read):
    numbers = {n.result_id: n for n in scoreboard.scoreboard_results(opened, read.board, read.tally)}
    assert [numbers[f"programma.doelen.totaal.2022.{name}"].value for name in ("total", "due", "reached")] == [13, 8, 3]
    assert numbers["programma.doelen.totaal.2022.reached"].status == "example"
    assert numbers["2.wonen-zorg.geleverd.2022.change_year"].value == read.board.change(read.board.rows[6])


def test_a_year_before_any_date_says_so(opened, read):
    early = replace(
        read.board, day=date(2019, 12, 31), rows=tuple(replace(r, position="onder het pad") for r in read.board.rows)
    )
    (said,) = scoreboard.due_sentences(opened, early)
    assert said == "De deal noemt 13 aantallen. Van al die aantallen ligt de datum na 31 december 2019."
    assert not early.due and scoreboard.reached_card(opened, early)[1] == "0 van 13"


def test_what_is_not_shown_or_hangs_on_rounding_is_not_counted_as_reached_or_missed(opened, read):
    rows = list(read.board.rows)
    hidden = replace(rows[6], delivered=None, is_withheld=True, position="niet vrijgegeven")
    board = replace(read.board, rows=(*rows[:6], hidden, replace(rows[7], position="niet vast te stellen"), *rows[8:]))
    assert [row.target.id for row in board.untold] == [rows[6].target.id, rows[7].target.id]
    said = next(scoreboard.due_sentences(opened, board))
    assert "en van 2 is dat niet te zeggen" in said
    told = str(scoreboard.show_scoreboard(opened, board, read.look_up, lambda t: t.slug).bundle["text/markdown"])
    assert "niet vrijgegeven; doel" in told


def test_a_deal_without_numbers_results_or_yardstick_is_told_in_words(opened):
    bare = replace(opened, agreed=replace(opened.agreed, targets=()))
    board = scoreboard.read_scoreboard(bare, lambda *_: math.nan, lambda _: False, {})
    assert list(scoreboard.due_sentences(bare, board)) == []
    shown = scoreboard.show_scoreboard(bare, board, lambda *_: math.nan, lambda theme: theme.slug)
    assert "noemt geen aantallen" in shown.bundle["text/markdown"] and "text/html" not in shown.bundle
    none = ResultsTally(1, 0, {})
    assert scoreboard.measured_sentence(none) == "Van het ene resultaat is er nog geen gemeten."
    assert "bij geen resultaat een gemiddelde" in next(scoreboard.movement_sentences(opened, none))
    assert scoreboard.movement_card(opened, none)[1] == "Niet afgesproken"


def test_a_result_moves_as_its_figures_do(opened):
    assert movement_of(["equal", "closer", "unknown"]) == "closer" and movement_of(["farther"]) == "farther"
    tally = ResultsTally(9, 5, {"1.1": "closer", "1.4": "closer", "1.5": "mixed", "1.6": "unknown"})
    (said,) = scoreboard.movement_sentences(opened, tally)
    assert "kwamen er 2 dichterbij; 1 verschilt per cijfer en van 1 is het niet te zeggen" in said


def test_every_target_has_its_theme(opened):
    assert {theme_of(target) for target in opened.agreed.targets} == {2, 3, 4}
