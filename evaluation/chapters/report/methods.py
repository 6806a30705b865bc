"""The chapter on methods in the final evaluation: what was declared, the rules of judgement, and how good the methods are."""

from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.estimation import Estimated
from evaluation.analysis.method_study import read_study
from evaluation.analysis.outcomes import is_relative
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context, judged_designs
from evaluation.chapters.steps import effects, evidence, plan_words
from evaluation.chapters.steps.effects import METHOD_WORDS
from evaluation.inputs.indicators import Design, plan_hash, register_dir
from evaluation.inputs.plan_revisions import load_revisions
from evaluation.inputs.published_effects import load_effects
from evaluation.present.display import Display, lead, markdown, meaning
from evaluation.present.results import Result, result
from evaluation.present.tables import numeric, table

# situations that the methods are made for (other regions are like the treated one), and one that no method repairs
ASSUMED = ("zonder bijzondere jaren", "corona in 2020 en 2021", "maandcijfers")
_DRIFTING = "hoog beginniveau en toenadering"
GOOD_COVERAGE, GOOD_SIZE = (0.93, 0.97), (0.04, 0.06)  # what a 95% interval and a 5% test should do


@on_desk
@dataclass(frozen=True, slots=True)
class MethodsChapter:
    """The steps of the chapter on methods; each shows one thing."""

    context: Context
    study: pd.DataFrame  # columns of `evaluation.analysis.method_study.COLUMNS`
    made: dict[str, object]  # how the study was made

    def finding(self) -> Display:
        """Say in how many settings that the methods are made for their intervals and tests do what they say."""
        claimed = self.study[self.study["in_use"] & self.study["scenario"].isin(ASSUMED)]
        good = claimed[
            claimed["size"].between(*GOOD_SIZE)
            & (claimed["coverage"].between(*GOOD_COVERAGE) | claimed["coverage"].isna())
        ]
        drifting = self.study.loc[self.study["in_use"] & (self.study["scenario"] == _DRIFTING), "size"]
        return lead(
            f"Dit rapport rust op {dutch.number(len(claimed))} combinaties van methode en situatie. Op nagebootste cijfers bevat bij "
            f"{dutch.number(len(good))} daarvan het 95%-interval in 93 tot 97 van de 100 gevallen de waarheid, en is "
            "er zonder effect in 4 tot 6 van de 100 gevallen vals alarm. Groeit een regio met een hoog beginniveau ook zonder deal "
            "naar de andere toe, dan is er vals alarm in "
            f"{dutch.number(100 * drifting.min())} tot {dutch.number(100 * drifting.max())} van de 100 gevallen."
        )

    def plan(self) -> Display:
        """List every declared design: outcome, method, regions, years, variants, the largest plausible effect, and why."""
        items = [self._declared(design) for design in self.context.designs.values() if design.has_placebos]
        source = f"Bron: het analyseplan (controlegetal {plan_hash(folder=register_dir(self.context.deal.id))[:12]})."
        return markdown("\n\n".join([*items, source]))

    def comparisons(self) -> Display:
        """List every declared design with all its numbers."""
        return effects.show_designs(self.context, self._estimated())

    def ways(self) -> Display:
        """List every way in which each question was answered: methods, pools and years."""
        return evidence.show_ways(self.context, self._estimated())

    def studies(self) -> Display:
        """List the published effects on which the largest plausible effects rest."""
        return plan_words.show_effects(list(self.context.designs.values()), load_effects())

    def revised(self) -> Display:
        """Say why the plan was revised."""
        revisions = load_revisions(folder=register_dir(self.context.deal.id))
        if not revisions:
            return markdown("Het plan is niet herzien.")
        return markdown(
            "\n\n".join(
                f"{dutch.capital(dutch.day(item.revision.declared_on))}. {item.revision.reason}" for item in revisions
            )
        )

    def changes(self) -> Display:
        """List what the last revision of the plan changed, design by design and field by field, and why."""
        revisions = load_revisions(folder=register_dir(self.context.deal.id))
        if not revisions:
            return markdown("Het plan is niet herzien.")
        return plan_words.show_revision(self.context, revisions[-1])

    def performance(self, *, in_use: bool = True) -> Display:
        """Show bias, coverage, size and power on made-up panels: of what is used, or of what was tried and why it is not."""
        study = self.study[self.study["in_use"] == in_use]
        rows = []
        for row in study.itertuples():
            shares = ((row.coverage, 1), (row.size, 1), (row.power, 0))
            numbers = [dutch.percentage(100 * share, decimals) for share, decimals in shares]
            setting = [dutch.capital(row.estimator), row.inference, row.scenario]
            rows.append([*setting, dutch.number(row.bias, 2, signed=True), *numbers])
        measures = numeric("Gemiddelde fout", "Interval bevat de waarheid", "Vals alarm", "Vindt het effect")
        columns = ["Methode", "Toets", "Situatie", *measures]
        source = (
            f"Bron: eigen proef met nagebootste cijfers, {dutch.number(int(self.made['draws']))} per situatie, en "
            f"{dutch.number(int(self.made['draws_closed_form']))} voor regionale methoden die geen gewichten zoeken (startgetal "
            f"{self.made['seed']}); het nagebootste effect is {dutch.number(float(self.made['true_effect_per_1000']), 1)} per 1.000 "
            "inwoners. Geen echte cijfers."
        )
        return table(columns, rows, results=self._results(study), source=source)

    def _declared(self, design: Design) -> str:
        """Say what a design declares."""
        indicator = self.context.indicators[design.indicator]
        unit = "procent" if is_relative(design, indicator) else indicator.unit_words
        after = f"{design.pre[1] + 1}-{design.last}"
        if design.excluded:
            after += f" zonder {dutch.listing([str(year) for year in design.excluded])}"
        if design.after_term:
            after += f"; na de looptijd: {(design.last or 0) + 1}-{design.after_term}"
        told = [
            f"{dutch.capital(METHOD_WORDS[design.method])}; vóór: {design.pre[0]}-{design.pre[1]}, na: {after}; "
            f"vastgelegd op {dutch.day(design.declared_on)}.",
            f"Vergeleken met: {plan_words.POOL_WORDS[design.pool or 'every']}.",
            f"Grootste denkbare effect: {dutch.number(design.plausible_effect, 1)} {unit}: {design.plausible_reason}.",
            f"Waar dat op rust: {plan_words.plausible_basis(design, load_effects())}.",
            f"Waarom zo: {design.reason}",
        ]
        if design.robustness:
            variants = "; ".join(plan_words.variant_words(item) for item in design.robustness)
            told.insert(2, f"Dezelfde kant op moet wijzen: {variants}.")
        return meaning(dutch.capital(indicator.wording), told, " (hoofdvraag)" if design.primary else "")

    def _estimated(self) -> list[Estimated]:
        """Return the designs by theme, main questions first."""
        indicators = self.context.indicators
        found = judged_designs(self.context.deal.id).values()
        return sorted(found, key=lambda one: (indicators[one.design.indicator].theme, not one.design.primary))

    def _results(self, study: pd.DataFrame) -> list[Result]:
        """Record rows of the study: made-up panels, and so examples."""
        numbers = []
        for row in study.itertuples():
            name = "-".join([row.estimator, row.inference, row.scenario]).replace(",", "")
            vintage = f"{row.draws} trekkingen, startgetal {self.made['seed']}"
            origin = {"source": "nagebootste cijfers: regiodeal study", "vintage": vintage}
            for measure, unit in (("bias", "per_1000"), ("coverage", "share"), ("size", "share"), ("power", "share")):
                number = ("methoden", "proef", name, measure, float(getattr(row, measure)), unit, "process")
                numbers.append(result(*number, period=self.context.year, status="example", **origin))
        return numbers


def open_methods(*, deal: str, year: int) -> MethodsChapter:
    """Open the chapter on methods; errors as of `final_context`, and InputError when the study is not there."""
    return MethodsChapter(final_context(deal, year), *read_study())
