"""The first page of the final evaluation: one page for councils, from the results of the other chapters."""

from dataclasses import dataclass

from evaluation.analysis.effects.estimate import INDICATED
from evaluation.base import dutch
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context
from evaluation.chapters.report.summary import SummaryChapter, chapter_results
from evaluation.chapters.steps import scoreboard
from evaluation.chapters.steps.evidence import answers_of, show_strip, show_verdicts
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.editions import final_edition
from evaluation.present.answer_words import (
    NOT_THE_SAME,
    Answer,
    counted_sentences,
    counted_words,
    indicated_sentences,
    main_answers,
    theme_grade,
)
from evaluation.present.display import Display, lead


@on_desk
@dataclass(frozen=True, slots=True)
class FinalSummaryChapter(SummaryChapter):
    """The steps of the summary of the final evaluation."""

    def finding(self) -> Display:
        """Say in a few sentences what was done, reached and established over the whole term."""
        paid, budget = self._paid_and_budget()
        mark = self.context.example_mark
        parts = [
            self._elements_sentence(self._when)
            if self._elements("total")
            else f"{self._when} waren van de aanpak geen onderdelen vastgelegd.",
            *scoreboard.due_sentences(self.context, self._board()),
            f"Van de begrote {dutch.million(budget)} is {dutch.million(paid)} betaald{mark}.",
            *self._counted(),
        ]
        return lead(" ".join(parts), self._new_numbers())

    @property
    def _when(self) -> str:
        """Say of which day it is: the end of the term, or the last day of the account of a deal that runs on."""
        context = self.context
        if context.is_interim:
            return f"Dit is een tussenstand: de deal loopt tot en met {dutch.day(context.deal.term.ends_on)}. {dutch.capital(context.end_of_year)}"
        return f"Aan het eind van de looptijd ({context.until})"

    def helped(self) -> Display:
        """Answer per theme whether it helped: the grade, the interval drawn small, and what that excludes."""
        return show_verdicts(self.context, self._answers(), self._chapter)

    def evidence(self, figure_id: str) -> Display:
        """Draw every comparison of the plan with its interval, its plausible effect and its grade in words."""
        answers = [answer for mine in self._answers().values() for answer in mine]
        return show_strip(self.context, answers, figure_id)

    def _page(self, theme: Theme) -> str:
        return f"e{theme.slug}"

    def _chapter(self, theme: Theme) -> str:
        """Lead to the chapter of a theme."""
        return f"e{theme.slug}.html"

    def _judgement_card(self) -> tuple[str, str, str]:
        """For how many themes there is an indication of a deviation, and for how many that cannot be said."""
        grades = [theme_grade(mine) for mine in self._answers().values()]
        indicated = sum(grade in INDICATED for grade in grades)
        said = self.context.said
        themes = dutch.plural(len(grades), "thema", "thema's")
        number = said(f"{indicated} van {themes} met een aanwijzing")
        return "Hielp het?", number, said(counted_words(grades))

    def _counted(self) -> list[str]:
        """Say for how many themes nothing can be compared, apart from what the comparison of the others gave."""
        answers = self._answers()
        graded = {theme.short_title: theme_grade(answers[theme.id]) for theme in self.context.deal.themes}
        beside = [item for mine in answers.values() if main_answers(mine) for item in mine]
        told = [*counted_sentences(graded), NOT_THE_SAME, *indicated_sentences(beside)]
        return [self.context.said(text) for text in told]

    def _answers(self) -> dict[int, list[Answer]]:
        return answers_of(self.context, self._value)


def open_final_summary(*, deal: str, year: int) -> FinalSummaryChapter:
    """Open the summary of the final evaluation; errors as of `final_context` and `chapter_results`."""
    context = final_context(deal, year)
    return FinalSummaryChapter(context, chapter_results(context.deal.id, final_edition(context.deal)))
