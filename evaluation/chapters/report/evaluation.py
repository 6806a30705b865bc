"""The chapter of a theme in the final evaluation: theory, means, deliveries, what was reached, and what the deal did."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import pandas as pd

from evaluation.analysis.contributions import attribute
from evaluation.analysis.estimation import Estimated, estimate_designs
from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import Context, check_opened, open_context, progress_of, theme_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps import agreed, comparison, effects, evidence, money, targets
from evaluation.chapters.steps.theme_steps import ThemeSteps
from evaluation.inputs.deal import load_deal
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.editions import final_edition
from evaluation.inputs.indicators import POPULATION, Indicator, load_population
from evaluation.present.answer_words import grade_sentence, main_answers, theme_paragraphs
from evaluation.present.display import Display, lead, listed, markdown, strong
from evaluation.present.results import Result
from evaluation.present.sentences import NOT_ESTABLISHED
from evaluation.present.tables import Cell, join_lines, numeric, table
from evaluation.statistics.areas.treatments import load_register, overlaps
from evaluation.statistics.panels import build_panel

_CHAIN_WORDS = {
    "input": "Inzet: geld van Rijk en Regio",
    "output": "Prestaties: wat is geleverd",
    "condition": "Tussenstappen: wat daardoor moet veranderen",
    "outcome": "Uitkomsten: wat inwoners en ondernemers ervan merken",
}
_VERDICT_WORDS = {
    "deviation": {grade: grade for grade in ("geen aanwijzing", "aanwijzing", "sterke aanwijzing")},
    "attribution": {"aannemelijk": "aannemelijk", "niet aannemelijk": "niet aannemelijk"},
}
_DIRECTION_WORDS = {"increase": "omhoog", "decrease": "omlaag", "ambiguous": "geen gewenste richting"}


@on_desk
@dataclass(frozen=True)
class EvaluationChapter(ThemeSteps):
    """The steps of a theme's chapter in the final evaluation: records at its end, statistics as far as they reach."""

    context: Context
    theme: Theme

    @cached_property
    def estimated(self) -> dict[str, Estimated]:
        """The theme's declared designs with placebo regions, by id, the main question first."""
        mine = {
            key: item
            for key, item in judged_designs(self.context.deal.id).items()
            if self.context.indicators[item.design.indicator].theme == self.theme.id
        }
        return dict(sorted(mine.items(), key=lambda pair: (not pair[1].design.primary, pair[0])))

    def finding(self) -> Display:
        """Say what was done and reached, and what of that is established to come from the deal."""
        row = self.context.money.by_theme.loc[self.theme.id]
        mark = self.context.example_mark
        parts = [
            agreed.approach_sentence(self.context, self.theme),
            f"Van de begrote {dutch.million(row['budget_eur'])} is {dutch.million(row['paid_eur'])} betaald{mark}.",
            *self._verdicts(),
        ]
        return lead(" ".join(parts), money.theme_results(self.context, self.theme.id))

    def theory(self) -> Display:
        """Show the policy theory: how money should become deliveries, deliveries conditions, and those outcomes."""
        rows = [[_CHAIN_WORDS[link], join_lines(self._links(link))] for link in _CHAIN_WORDS]
        source = f"Bron: {self.context.cited('results', 'approach', 'budget')}; indicatoren van dit rapport."
        return table(["Schakel", "Wat de deal beoogt, en waaraan dat te zien is"], rows, source=source)

    # the names that notebooks of the final evaluation have for steps that the annual report has too
    deliveries = ThemeSteps.approach
    other_deliveries = ThemeSteps.other_outputs
    reached = ThemeSteps.intended_results
    reached_numbers = ThemeSteps.delivery_table

    def effect_text(self, design: str) -> Display:
        """Say the grade of an estimate, what was found and excluded, and its two judgements."""
        item = self._design(design)
        grade = grade_sentence(evidence.answer_of(self.context, item))
        return markdown(f"{strong(grade)} {effects.effect_text(self.context, item)}")

    def designs(self, figure_id: str) -> Display:
        """Draw every declared design of the theme with its interval, its plausible effect and its grade in words."""
        items = list(self.estimated.values())
        if not items:
            return markdown(f"Het plan heeft voor {self.context.this_theme} geen vergelijking met andere regio's.")
        numbers = [number for item in items for number in effects.estimate_results(self.context, item)]
        answers = [evidence.answer_of(self.context, item) for item in items]
        return evidence.show_strip(self.context, answers, figure_id, results=numbers)

    def trends(self) -> Display:
        """List every comparison with the region's own trend that was declared for the theme, whatever came out."""
        mine = [design for design in self.declared_designs() if not design.has_placebos]
        if not mine:
            return markdown(f"Voor {self.context.this_theme} is geen vergelijking met de eigen trend vastgelegd.")
        return comparison.show_plan(self.context, mine)

    def placebos(self, figure_id: str) -> Display:
        """Draw for every declared design where the region lies among the other regions."""
        return evidence.show_placebos(self.context, list(self.estimated.values()), figure_id)

    def specification(self, design: str, figure_id: str) -> Display:
        """Draw the estimate of a design beside those by other methods, pools and years."""
        return evidence.show_specification(self.context, self._design(design), figure_id)

    def main_specification(self, figure_id: str) -> Display:
        """Draw the same of the main question of the theme, or of its first one; a sentence where there is none."""
        if not self.estimated:
            return markdown("Er is geen vergelijking die ook op een andere manier is te maken.")
        return self.specification(next(iter(self.estimated)), figure_id)

    def checks(self, design: str) -> Display:
        """List what each check of an estimate found."""
        return effects.show_checks(self.context, self._design(design))

    def contribution(self, design: str) -> Display:
        """List what each check on the contribution of the deal found."""
        return effects.show_contribution(self.context, self._design(design))

    def alternatives(self, design: str) -> Display:
        """List the other explanations, each with what speaks for or against it."""
        return effects.show_alternatives(self._design(design))

    def pool(self, design: str) -> Display:
        """Say what is compared with what, and who is left out."""
        return effects.show_pool(self._design(design))

    def double_counting(self) -> Display:
        """List the outputs that other money may have paid as well, which are counted once."""
        mine = [target.id for target in self.context.agreed.targets if theme_of(target) == self.theme.id]
        own = [item.code for item in self.context.deal.region.municipalities]
        frame = overlaps(mine, self.context.day, within=own)
        if frame.empty:
            return markdown("Van geen ander geld is bekend dat het dezelfde prestaties betaalde.")
        titles = {target.id: target.title for target in self.context.agreed.targets}
        names = {item.code: item.name for item in self.context.deal.region.municipalities}
        rows = []
        for row in frame.drop_duplicates("event").itertuples():
            where = dutch.listing([names.get(code, code) for code in row.municipalities])
            amount = "–" if pd.isna(row.amount_eur) else dutch.million(int(row.amount_eur))
            homes = "–" if pd.isna(row.homes) else dutch.number(int(row.homes))
            counted = "; ".join(titles[target] for target in frame.loc[frame["event"] == row.event, "target"])
            seen = "gezien" if row.verified else "niet nagezien"
            rows.append([row.name, str(row.starts.year), where, amount, homes, counted, seen])
        heads = ["Ander geld", "Sinds", "Gemeenten", *numeric("Bedrag", "Woningen")]
        columns = [*heads, "Kan hetzelfde tellen als", "Bron"]
        return table(columns, rows, results=self._overlap_results(frame), source="Bron: register van ander geld.")

    def regions(self, design: str) -> Display:
        """List the regions that are compared with, and their weight."""
        return effects.show_regions(self._design(design))

    def no_estimate(self) -> Display:
        """Say why no estimate is possible for this theme, or for a part of it."""
        lines = [f"{strong(dutch.capital(item.subject))}: {item.reason}" for item in self._without_design()]
        text = listed(lines)
        if not self.estimated:
            text += f"\n\n{NOT_ESTABLISHED}"
        source = "no design: no outcome that can be compared"
        unknown = self.context.not_established(self.theme.id, "eindoordeel", source)
        return markdown(text, [] if self.estimated else [unknown])

    def established(self) -> Display:
        """Set what is established beside what is not, question by question."""
        carried_out = agreed.approach_sentence(self.context, self.theme)
        rows = [
            ["Is uitgevoerd wat is afgesproken?", carried_out, "of elk onderdeel de kwaliteit had die is bedoeld"],
            ["Zijn de afgesproken aantallen bereikt?", *self._targets_verdict()],
            ["Week de regio af van wat zonder deal te verwachten was?", *self._by_verdict("deviation")],
            ["Is aannemelijk dat de deal dat deed?", *self._by_verdict("attribution")],
        ]
        shown = self.context.headlines(self.theme.id)
        return table(["Vraag", "Vastgesteld", "Niet vastgesteld"], rows, source=self.context.mixed_note(shown))

    def _links(self, link: str) -> list[Cell]:
        if link == "input":
            budget = self.context.money.by_theme.loc[self.theme.id, "budget_eur"]
            return [f"{dutch.million(budget)} begroot{self.context.deal.articles.beside('budget')}"]
        if link == "output":
            agreed_numbers = (row.target for row in progress_of(self.context, theme=self.theme.id))
            lines: list[Cell] = [f"{target.title} ({target.reference})" for target in agreed_numbers]
            return lines or ["in de deal zijn geen aantallen afgesproken; zie de onderdelen van de aanpak"]
        everything = self.all_indicators()
        beside = {item.companion for item in everything}
        mine = [item for item in everything if item.chain == link and item.results and item.id not in beside]
        return [_indicator_line(item) for item in mine] or ["geen indicator"]

    def _verdicts(self) -> list[str]:
        if not self.estimated:
            return ["Of de deal hier verschil maakte, is niet te zeggen: een vergelijking is niet mogelijk."]
        answers = [evidence.answer_of(self.context, item) for item in self.estimated.values()]
        return [self.context.said(text) for text in theme_paragraphs(answers)][: max(len(main_answers(answers)), 1)]

    def _targets_verdict(self) -> tuple[Cell, Cell]:
        progress = progress_of(self.context, theme=self.theme.id)
        known = [targets.target_words(row) for row in progress if row.delivered is not None]
        unknown = [row for row in progress if row.delivered is None]
        silent = [targets.target_words(row) if row.is_withheld else row.target.title for row in unknown]
        unmeasured = [item.subject for item in self.context.not_measured if item.result.startswith(f"{self.theme.id}.")]
        if known and self.context.example_mark:
            known.append(self.context.example_mark.strip())
        return join_lines(known) if known else "–", "; ".join([*silent, *unmeasured]) or "–"

    def _by_verdict(self, judgement: str) -> tuple[Cell, Cell]:
        """Sort the designs of the theme into established and not established."""
        known, unknown, words = [], [], _VERDICT_WORDS[judgement]
        for item in self.estimated.values():
            name = effects.design_label(item.design, self.context.indicators[item.design.indicator])
            verdict = getattr(item.estimate, judgement)
            (known if verdict in words else unknown).append(f"{name}: {words.get(verdict, verdict)}")
        if not self.estimated:
            unknown = [f"geen uitkomst van {self.context.this_theme} is met andere regio's te vergelijken"]
        return join_lines(known) if known else "–", join_lines(unknown) if unknown else "–"

    def _overlap_results(self, frame: pd.DataFrame) -> list[Result]:
        numbers = []
        for row in frame.drop_duplicates("event").itertuples():
            status = "final" if row.verified else "provisional"
            for measure, amount, unit in (("amount", row.amount_eur, "EUR"), ("homes", row.homes, "count")):
                value = None if pd.isna(amount) else float(amount)
                number = (self.theme.id, f"ander-geld-{row.event}", self.context.region_unit, measure, value, unit)
                origin = {"source": "data/regions/events.yml", "period": row.starts.year}
                numbers.append(self.context.number(*number, "input", status=status, **origin))
        return numbers

    def _design(self, name: str) -> Estimated:
        if name not in self.estimated:
            known = list(self.estimated)
            hint = did_you_mean(name, known) or f"There are: {', '.join(known) or 'none'}."
            raise UsageError(f"Theme {self.theme.id} has no design {name!r} with placebo regions. {hint}")
        return self.estimated[name]


def _indicator_line(indicator: Indicator) -> str:
    figures = "" if indicator.has_figures else "; nog geen cijfers"
    return f"{indicator.title} ({_DIRECTION_WORDS[indicator.direction]}{figures})"


@lru_cache(maxsize=1)  # beside what is remembered for all notebooks: reading that back takes time too
def judged_designs(deal: str) -> dict[str, Estimated]:
    """Estimate and judge every design of the plan for the final evaluation of a deal; made once for all notebooks."""
    return remember("designs", (deal,), lambda: _judge_designs(deal))


def _judge_designs(deal: str) -> dict[str, Estimated]:
    context = open_context(deal, final_edition(load_deal(deal)).year, is_final=True)
    found = estimate_designs(context.deal, context.designs.values(), context.indicators)
    people = context.figures(POPULATION)
    if people.empty:
        people = build_panel(context.deal, indicators={POPULATION: load_population()})
    people = people[people["period"] == context.deal.term.base_year].set_index("unit")["value"]
    same = {"deal": context.deal, "programme": context.programme, "indicators": context.indicators}
    return attribute(found, **same, register=load_register(), inhabitants=people)


def final_context(deal: str, year: int) -> Context:
    """Read what the final evaluation of a deal starts from; UsageError for another year than the last of the term."""
    last = final_edition(load_deal(deal)).year
    if year != last:
        raise UsageError(f"The final evaluation is over the whole term: year {last}, not {year}.")
    check_opened(deal=deal, year=year, edition="final")  # also of what was read before
    return _read_context(deal, year)


@lru_cache(maxsize=1)
def _read_context(deal: str, year: int) -> Context:
    return open_context(deal, year, is_final=True)


def open_evaluation(*, deal: str, year: int, theme: int) -> EvaluationChapter:
    """Open the chapter of a theme in the final evaluation; errors as of `final_context`."""
    check_opened(theme=theme)
    context = final_context(deal, year)
    return EvaluationChapter(context, context.deal.theme(theme))
