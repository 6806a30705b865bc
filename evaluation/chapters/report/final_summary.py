"""The first page of the final evaluation: one page for councils, from the results of the other chapters."""

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.base import dutch
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context
from evaluation.chapters.report.summary import SummaryChapter, chapter_results
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.editions import final_edition
from evaluation.present.display import Display, lead

_DEVIATION = {1.0: "ja, aantoonbaar", 0.0: "niet aantoonbaar"}
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
        themes = [theme for theme in self.context.deal.themes if self._verdict(theme.id, "is_deviation") is not None]
        parts = [
            f"Aan het eind van de looptijd ({self.context.year}) waren van de {dutch.number(total)} onderdelen van de aanpak er "
            f"{dutch.number(done)} afgerond en {dutch.number(begun)} begonnen{mark}.",
            f"Van de begrote {dutch.million(budget)} is {dutch.million(paid)} betaald{mark}.",
        ]
        if themes:
            parts.append(
                f"Voor {dutch.count_word(len(themes))} van de {dutch.count_word(len(self.context.deal.themes))} thema's is vastgesteld "
                "of de regio afweek van wat zonder deal te verwachten was; voor de andere niet."
            )
        else:
            parts.append(
                "Voor geen van de thema's is vast te stellen of de regio afweek van wat zonder deal te verwachten was. Dat is niet "
                "hetzelfde als: de deal hielp niet."
            )
        return lead(" ".join(parts))

    def _page(self, theme: Theme) -> str:
        return f"e{theme.slug}"

    def _judgement_card(self) -> tuple[str, str, str]:
        """For how many themes it is established whether the region deviated."""
        known = [theme for theme in self.context.deal.themes if self._verdict(theme.id, "is_deviation") is not None]
        if not known:
            words = "voor geen enkel thema is te zeggen of de regio afweek van wat zonder deal te verwachten was"
            return "Hielp het?", "Niet vast te stellen", words
        total = len(self.context.deal.themes)
        names = dutch.listing([theme.short_title.lower() for theme in known])
        return "Hielp het?", f"{len(known)} van {total} thema's te beoordelen", f"{names}; zie de tabel hieronder"

    def _judgements(self) -> dict[str, Callable[[int], str]]:
        return {
            question: lambda theme, measure=measure: self._verdict(theme, measure) or "niet vast te stellen"
            for question, measure in (("Week de regio af?", "is_deviation"), ("Door de deal?", "is_attributed"))
        }

    def _verdict(self, theme: int, measure: str) -> str | None:
        """Say a judgement on the main question of a theme; None where it is not established."""
        words = _DEVIATION if measure == "is_deviation" else _ATTRIBUTION
        mine = self.results[(self.results["measure"] == measure) & (self.results["theme"] == str(theme))]
        for design in self.context.designs.values():
            found = mine.loc[mine["indicator"] == design.id, "value"]
            if design.has_placebos and design.primary and len(found):
                return words.get(float(found.iloc[0]))
        return None


def open_final_summary(*, deal: str, year: int) -> FinalSummaryChapter:
    """Open the summary of the final evaluation; errors as of `final_context` and `chapter_results`."""
    context = final_context(deal, year)
    return FinalSummaryChapter(context, chapter_results(context.deal.id, final_edition(context.deal)))
