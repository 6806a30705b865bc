"""The first page of the final evaluation: one page for councils, from the results of the other chapters."""

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.analysis.effects.estimate import GRADES, INDICATED, NOT_ASKED, Deviation
from evaluation.base import dutch
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context
from evaluation.chapters.report.summary import SummaryChapter, chapter_results
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.editions import final_edition
from evaluation.present.display import Display, lead

_ATTRIBUTION = {1.0: "aannemelijk", 0.0: "niet aannemelijk"}


@on_desk
@dataclass(frozen=True, slots=True)
class FinalSummaryChapter(SummaryChapter):
    """The steps of the summary of the final evaluation."""

    def finding(self) -> Display:
        """Say in a few sentences what was done, reached and established over the whole term."""
        begun, done, total = (self._elements(name) for name in ("started", "completed", "total"))
        paid, budget = self._paid_and_budget()
        mark = self.context.example_mark
        graded = {theme.id: self._grade(theme.id) for theme in self.context.deal.themes}
        parts = [
            f"Aan het eind van de looptijd ({self.context.year}) waren van de {dutch.number(total)} onderdelen van de aanpak er "
            f"{dutch.number(done)} afgerond en {dutch.number(begun)} begonnen{mark}.",
            f"Van de begrote {dutch.million(budget)} is {dutch.million(paid)} betaald{mark}.",
        ]
        parts.append(self._told(list(graded.values())))
        return lead(" ".join(parts))

    def _page(self, theme: Theme) -> str:
        return f"e{theme.slug}"

    def _judgement_card(self) -> tuple[str, str, str]:
        """For how many themes there is an indication of a deviation, and for how many that cannot be said."""
        grades = [self._grade(theme.id) for theme in self.context.deal.themes]
        indicated = sum(grade in INDICATED for grade in grades)
        return "Hielp het?", f"{indicated} van {len(grades)} thema's met een aanwijzing", self._told(grades)

    def _told(self, grades: list[Deviation]) -> str:
        """Say for how many themes nothing can be compared, and what the comparison of the others gave."""
        absent = grades.count(GRADES[0])
        if absent == len(grades):
            return "Geen van de thema's is met andere regio's te vergelijken. Dat is niet hetzelfde als: de deal hielp niet."
        found = [f"{dutch.count_word(grades.count(grade))} keer {grade}" for grade in GRADES[1:] if grade in grades]
        compared = dutch.count_word(len(grades) - absent)
        first = f"Van de {dutch.count_word(len(grades))} thema's zijn er {compared} vergeleken met andere regio's"
        return f"{first}: {dutch.listing(found)}. De andere {dutch.count_word(absent)} zijn niet te vergelijken."

    def _judgements(self) -> dict[str, Callable[[int], str]]:
        return {"Week de regio af?": self._grade, "Door de deal?": self._attribution}

    def _grade(self, theme: int) -> Deviation:
        """Give the grade of the main question of a theme."""
        found = self._main(theme, "grade")
        return GRADES[0] if found is None else GRADES[int(found)]

    def _attribution(self, theme: int) -> str:
        if self._grade(theme) not in INDICATED:
            return NOT_ASKED
        found = self._main(theme, "is_attributed")
        return "niet vast te stellen" if found is None else _ATTRIBUTION[found]

    def _main(self, theme: int, measure: str) -> float | None:
        """Take a judgement on the main question of a theme; None where it is not there or not established."""
        mine = self.results[(self.results["measure"] == measure) & (self.results["theme"] == str(theme))]
        for design in self.context.designs.values():
            found = mine.loc[mine["indicator"] == design.id, "value"]
            if design.has_placebos and design.primary and len(found):
                return None if found.isna().iloc[0] else float(found.iloc[0])
        return None


def open_final_summary(*, deal: str, year: int) -> FinalSummaryChapter:
    """Open the summary of the final evaluation; errors as of `final_context` and `chapter_results`."""
    context = final_context(deal, year)
    return FinalSummaryChapter(context, chapter_results(context.deal.id, final_edition(context.deal)))
