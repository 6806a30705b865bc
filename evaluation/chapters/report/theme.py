"""The chapter of a theme: the same named steps for each theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from evaluation.base import dutch
from evaluation.chapters.context import Context, check_opened, open_context, progress_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps import agreed, area, comparison, maps, money, neighbourhoods, statistics, targets
from evaluation.chapters.steps.theme_steps import ThemeSteps
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.indicators import Design
from evaluation.present.display import Display, lead, markdown
from evaluation.present.sentences import NOT_ESTABLISHED

_NO_HEADLINE = "Er is in dit rapport geen cijfer dat de uitkomsten van dit thema van jaar op jaar volgt."


@on_desk
@dataclass(frozen=True, slots=True)
class ThemeChapter(ThemeSteps):
    """The steps of a theme's chapter, at the end of a year; each shows one thing and records the numbers in it."""

    context: Context
    theme: Theme

    def finding(self) -> Display:
        """Say in a few sentences what was delivered, paid and measured."""
        parts = [agreed.approach_sentence(self.context, self.theme), *self._delivery_sentences()]
        row = self.context.money.by_theme.loc[self.theme.id]
        paid = dutch.million(row["paid_eur"]) if row["paid_eur"] else "nog niets"
        parts.append(f"Van de begrote {dutch.million(row['budget_eur'])} is {paid} betaald{self.context.example_mark}.")
        parts += [statistics.indicator_sentence(self.context, indicator) for indicator in self.headline_indicators()]
        if not self.headline_indicators():
            parts.append(self.context.said(_NO_HEADLINE))
        groups = targets.groups_of(self.context, self.theme.id)
        results = [targets.group_results(self.context, str(self.theme.id), name, sums) for name, sums in groups.items()]
        return lead(" ".join(parts), chain.from_iterable(results))

    def milestones(self) -> Display:
        """List the dated promises."""
        return agreed.show_milestones(self.context, self.theme)

    def projects(self) -> Display:
        """List the projects."""
        return agreed.show_projects(self.context, self.theme)

    def neighbourhoods(self, indicator: str) -> Display:
        """List the lowest, middle and highest neighbourhood of each municipality."""
        return neighbourhoods.show_neighbourhoods(self.context, self._indicator(indicator))

    def change(self, indicator: str, first: int, last: int) -> Display:
        """Compare two years of choice in a sentence; refused over a break in the series."""
        return statistics.show_change(self.context, self._indicator(indicator), first, last)

    def map(self, indicator: str, figure_id: str) -> Display:
        """Draw one indicator on a map of the province, a square for each municipality."""
        return maps.show_map(self.context, self._indicator(indicator), figure_id)

    def maps(self, indicators: Sequence[str], figure_id: str) -> Display:
        """Draw several indicators on maps of the province beside each other."""
        return maps.show_maps(self.context, [self._indicator(name) for name in indicators], figure_id)

    def area(self, district: str) -> Display:
        """List a district of a municipality with its neighbourhoods, beside the municipality."""
        return area.show_area(self.context, self.theme, district)

    def missing(self) -> Display:
        """List the indicators without figures, with the source that would bring them."""
        silent = [indicator for indicator in self.all_indicators() if not indicator.has_figures]
        nothing = [item for item in self.context.not_measured if item.result.startswith(f"{self.theme.id}.")]
        return statistics.show_missing(self.context, silent, nothing)

    def money_text(self) -> Display:
        """Say what was budgeted, committed and paid."""
        results = money.theme_results(self.context, self.theme.id)
        return markdown(money.theme_money_sentence(self.context, self.theme), results)

    def plan(self) -> Display:
        """Every comparison that was declared for the theme, whatever came out."""
        if not self._trend_designs():
            return markdown(f"Het plan heeft voor {self.context.this_theme} geen vergelijking met de eigen trend.")
        return comparison.show_plan(self.context, self._trend_designs())

    def judgement(self) -> Display:
        """Say the comparison and its two judgements in words."""
        design = self._primary_design()
        return markdown(comparison.comparison_text(self.context, design)) if design else self._no_comparison()

    def _trend_designs(self) -> list[Design]:
        """Return the comparisons with the theme's own trend; those with placebo regions are for the end."""
        return [design for design in self.declared_designs() if not design.has_placebos]

    def _primary_design(self) -> Design | None:
        return next((design for design in self._trend_designs() if design.primary), None)

    def _no_comparison(self) -> Display:
        reasons = [f"{dutch.capital(item.subject)}: {dutch.uncapital(item.reason)}" for item in self._without_design()]
        text = "\n\n".join(
            [
                f"Voor {self.context.this_theme} staat in het plan geen vergelijking van voor en na.",
                *reasons,
                NOT_ESTABLISHED,
            ]
        )
        number = self.context.not_established(self.theme.id, "voor-na", "no design in the plan")
        return markdown(text, [number])

    def _delivery_sentences(self) -> list[str]:
        end, mark = dutch.capital(self.context.end_of_year), self.context.example_mark
        sentences = [
            f"Hoeveel van de {dutch.number(total)} {name} er zijn, is niet vrijgegeven."
            if delivered is None
            else f"{end} waren {dutch.number(delivered)} van de {dutch.number(total)} {name} aangepakt; "
            f"op een recht pad naar het doel zouden dat er {dutch.number(path)} zijn{mark}."
            for name, (delivered, path, total, _) in targets.groups_of(self.context, self.theme.id).items()
        ]
        return sentences or self._path_sentences()

    def _path_sentences(self) -> list[str]:
        """Say how many of the agreed numbers lie on their path, where nothing adds them up."""
        progress = progress_of(self.context, theme=self.theme.id)
        rows = [row for row in progress if row.delivered is not None and row.position != "niet vast te stellen"]
        if not rows:
            return []
        good = sum(row.position in ("voor op het pad", "op het pad", "doel bereikt") for row in rows)
        whole, mark = dutch.count_word(len(rows)), self.context.example_mark
        if len(rows) == 1:
            return [f"Het afgesproken aantal ligt {'op het pad of daarvoor' if good else 'onder het pad'}{mark}."]
        if good == 0:
            return [f"Geen van de {whole} afgesproken aantallen ligt op het pad of daarvoor{mark}."]
        verb = f"{'ligt' if good == 1 else 'liggen'} er {dutch.count_word(good)}"
        return [f"Van de {whole} afgesproken aantallen {verb} op het pad of daarvoor{mark}."]


def open_theme(*, deal: str, year: int, theme: int) -> ThemeChapter:
    """Open the chapter of a theme (its number in Art. 2) over a year."""
    check_opened(theme=theme)
    context = open_context(deal, year)
    return ThemeChapter(context, context.deal.theme(theme))
