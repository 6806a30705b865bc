"""The last chapter of the final evaluation: carrying out, side effects, and what can be learned for a next deal."""

from dataclasses import dataclass

from evaluation.analysis.effects import sensitivity
from evaluation.analysis.estimation import Estimated
from evaluation.analysis.progress import milestone_states
from evaluation.base import dutch
from evaluation.chapters.context import progress_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context, judged_designs
from evaluation.chapters.report.governance import GovernanceChapter
from evaluation.chapters.steps import plan_words
from evaluation.chapters.steps.agreed import has_numbers
from evaluation.chapters.steps.effects import CHECK_WORDS, decimals_of, design_label, unit_words
from evaluation.present.display import Display, lead, listed, markdown
from evaluation.present.tables import numeric, table


@on_desk
@dataclass(frozen=True, slots=True)
class ClosingChapter(GovernanceChapter):
    """The steps of the chapter on carrying out, side effects and lessons."""

    estimated: dict[str, Estimated]

    # the names that its notebook has for these steps of the annual chapter
    elements = GovernanceChapter.elements_by_theme
    municipalities = GovernanceChapter.by_municipality

    def finding(self) -> Display:
        """Say how much was carried out, and how many of the dated promises were kept on time."""
        states = [state.state for state in self.context.elements()]
        due = [s for s in self._milestones() if s.milestone.due <= self.context.day]
        done = [s for s in due if s.done_on is not None]
        late = [s for s in done if s.done_on > s.milestone.due]
        mark = self.context.example_mark
        if not states and not due:
            return lead(
                "De deal noemt geen onderdelen van de aanpak en geen afspraken met een datum om langs te meten."
            )
        return lead(
            f"Van de {dutch.number(len(states))} onderdelen van de aanpak waren er {self.context.end_of_year} "
            f"{dutch.number(states.count('completed'))} afgerond en {dutch.number(states.count('started'))} begonnen{mark}. Van de "
            f"{dutch.number(len(due))} afspraken met een datum zijn er {dutch.number(len(done))} gedaan, waarvan "
            f"{dutch.number(len(late))} na die datum{mark}."
        )

    def side_effects(self) -> Display:
        """Show outcomes that moved against the wish, and whether the neighbours changed the picture."""
        rows = []
        for item in self.estimated.values():
            indicator = self.context.indicators[item.design.indicator]
            neighbours = next((c for c in item.checks if c.name == sensitivity.NEIGHBOURS_OUT), None)
            found = [
                _wish(indicator.direction, item),
                item.estimate.deviation,
                neighbours.sentence if neighbours else "–",
            ]
            rows.append([dutch.capital(design_label(item.design, indicator)), *found])
        if not rows:
            return markdown("Er zijn geen schattingen waaruit neveneffecten kunnen blijken.")
        columns = ["Uitkomst", "Richting van de schatting", "Afwijking?", CHECK_WORDS[sensitivity.NEIGHBOURS_OUT]]
        return table(columns, rows, source=self.context.said("Bron: de schattingen in de hoofdstukken per thema."))

    def limits(self) -> Display:
        """List what cannot be established, theme by theme, with the smallest difference that would have shown."""
        rows = []
        for item in self.estimated.values():
            indicator, estimate = self.context.indicators[item.design.indicator], item.estimate
            decimals = decimals_of(item.design, indicator)
            sizes = [dutch.number(size, decimals) for size in (item.design.plausible_effect, estimate.mde)]
            basis = plan_words.short_basis(item.design)
            rows.append(
                [dutch.capital(indicator.wording), unit_words(item.design, indicator), *sizes, basis, estimate.reason]
            )
        if not rows:
            return markdown("Er zijn geen schattingen waarvan te zeggen is hoe klein een verschil had mogen zijn.")
        heads = numeric("Grootste denkbare verschil", "Kleinste zichtbare verschil")
        columns = ["Uitkomst", "Eenheid", *heads, "Denkbaar volgens", "Waarom dit het oordeel is"]
        return table(columns, rows, source=self.context.said("Bron: het analyseplan en de schattingen per thema."))

    def lessons(self) -> Display:
        """Draw lessons from what the records and the statistics did not tell, each with what would help."""
        lines = [*self._about_records(), *self._about_targets(), *self._about_measuring(), *self._about_effects()]
        return markdown(listed(lines))

    def _milestones(self):
        return milestone_states(self.context.deal, self.context.programme)

    def _about_records(self) -> list[str]:
        states = self.context.elements()
        silent = [state.element.id for state in states if state.state == "none" and state.element.kind != "context"]
        unrecorded = [s.milestone.title for s in self._milestones() if not s.has_record]
        lines = []
        if silent:
            lines.append(
                f"Van {dutch.plural(len(silent), 'onderdeel', 'onderdelen')} van de aanpak is niets geregistreerd ({', '.join(silent)}). "
                "Leg bij de start vast welk project of welke mijlpaal bij elk onderdeel hoort."
            )
        if unrecorded:
            lines.append(
                f"Van {dutch.plural(len(unrecorded), 'afspraak', 'afspraken')} met een datum is geen registratie. Neem alle "
                "afspraken met een datum vooraf in de registratie op."
            )
        return lines

    def _about_targets(self) -> list[str]:
        progress = [row for row in progress_of(self.context) if row.delivered is not None or row.is_withheld]
        late = [row.target.title for row in progress if row.target.by > self.context.day]
        if not late:
            return []
        return [
            f"{dutch.capital(dutch.plural(len(late), 'afgesproken aantal', 'afgesproken aantallen'))} met een doel na het einde "
            "van de looptijd: blijf deze volgen tot het doeljaar, anders blijft onbekend of zij zijn bereikt."
        ]

    def _about_measuring(self) -> list[str]:
        lines = []
        for item in self.context.not_measured:
            said = f"Niet gemeten is {item.subject} (resultaat {item.result})."
            if has_numbers(self.context, item.result):
                said = f"Van resultaat {item.result} zijn er cijfers, maar geen statistiek over {item.subject}."
            lines.append(f"{said} Wat het zou meten: {dutch.uncapital(item.would_measure)}")
        return lines

    def _about_effects(self) -> list[str]:
        hidden = [
            self.context.indicators[item.design.indicator].wording
            for item in self.estimated.values()
            if item.estimate.mde is not None and item.estimate.mde > item.design.plausible_effect
        ]
        if not hidden:
            return []
        return [
            f"Voor {dutch.listing(list(dict.fromkeys(hidden)))} is een verschil dat de deal kan maken kleiner dan met één regio "
            "zichtbaar is. Kijk bij een volgende deal naar kleinere gebieden waar veel gebeurt, of naar meer deals samen."
        ]


def open_closing(*, deal: str, year: int) -> ClosingChapter:
    """Open the last chapter; errors as of `final_context`."""
    return ClosingChapter(final_context(deal, year), judged_designs(deal))


def _wish(direction: str, item: Estimated) -> str:
    """Say whether an estimate points the way that the deal wishes; never that it is established."""
    if item.estimate.value is None:
        return "geen schatting"
    if direction == "ambiguous":
        return "de deal wil geen richting"
    low, high = item.estimate.ci_low, item.estimate.ci_high
    if low is None or high is None or low <= 0 <= high:
        return "niet te zeggen: ook geen verschil past erbij"
    is_wished = (item.estimate.value < 0) == (direction == "decrease")
    return "de gewenste kant op" if is_wished else "de andere kant op"
