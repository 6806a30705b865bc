"""The chapter on methods in the final evaluation: what was declared, the rules of judgement, and how good the methods are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.effects.estimate import GRADES
from evaluation.analysis.estimation import Estimated, open_designs
from evaluation.analysis.method_study import read_study
from evaluation.analysis.outcomes import is_relative
from evaluation.analysis.planting import FACTORS, plant_effects
from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.chapters.context import Context
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context, judged_designs
from evaluation.chapters.steps import effects, evidence, plan_words
from evaluation.chapters.steps.effects import METHOD_WORDS
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import final_edition
from evaluation.inputs.indicators import Design, plan_hash, register_dir
from evaluation.inputs.plan_revisions import load_revisions
from evaluation.inputs.published_effects import load_effects
from evaluation.present.display import Display, lead, markdown, meaning
from evaluation.present.results import Result, result
from evaluation.present.tables import Cell, Column, numeric, table

# situations that the methods are made for (other regions are like the treated one), and one that no method repairs
ASSUMED = ("zonder bijzondere jaren", "corona in 2020 en 2021", "maandcijfers")
CONVERGING = "hoog beginniveau en toenadering"
# the methods of the plan by their names in the study, each with the test that the plan declares
STUDIED = {
    "ancova": "verandering gegeven het beginniveau",
    "sdid": "synthetische difference-in-differences",
    "did": "difference-in-differences",
    "sc": "synthetische controle",
    "its": "eigen trend van het verschil",
}
STUDENTISED, PLAIN = "placeboregio's, gedeeld door de afwijking vooraf", "placeboregio's, omkering"
_NOT_TRIED = "dat is hier niet beproefd"
_TEST_WORDS = {STUDENTISED: "gedeeld door de afwijking vooraf", PLAIN: "de afwijking zelf"}
_WHY = {
    "ancova": "cijfers die naar elkaar toe groeien: wie hoog begint, daalt ook zonder deal meer",
    "sdid": "cijfers die niet naar elkaar toe groeien: een mengsel van regio's volgt de regio vóór de deal",
    "did": "alleen ernaast: neemt aan dat alle regio's zonder deal evenveel veranderen",
    "sc": "alleen ernaast: volgt het niveau zo nauw dat er soms geen afwijking overblijft om door te delen",
    "its": "alleen ernaast: trekt een lijn door, en heeft bij weinig jaren een grote marge",
}
_STUDY_UNITS = {"bias": "per_1000"} | dict.fromkeys(("coverage", "size", "power", "power_half"), "share")
GOOD_COVERAGE, GOOD_SIZE = (0.93, 0.97), (0.04, 0.06)  # what a 95% interval and a 5% test should do


@on_desk
@dataclass(frozen=True, slots=True)
class MethodsChapter:
    """The steps of the chapter on methods; each shows one thing."""

    context: Context
    study: pd.DataFrame  # columns of `evaluation.analysis.method_study.COLUMNS`
    grades: pd.DataFrame  # columns of `evaluation.analysis.method_study.GRADE_COLUMNS`
    made: dict[str, object]  # how the study was made

    def finding(self) -> Display:
        """Say in how many settings that the methods are made for their intervals and tests do what they say."""
        claimed = self.study[self.study["in_use"] & self.study["scenario"].isin(ASSUMED)]
        good = claimed[
            claimed["size"].between(*GOOD_SIZE)
            & (claimed["coverage"].between(*GOOD_COVERAGE) | claimed["coverage"].isna())
        ]
        primary, plain = self._studied("ancova", STUDENTISED, CONVERGING), self._studied("did", PLAIN, CONVERGING)
        return lead(
            f"Dit rapport rust op {dutch.number(len(claimed))} combinaties van methode, toets en situatie. "
            "Een goed interval bevat in 93 tot 97 van de 100 gevallen de waarheid, en een goede toets geeft zonder effect in "
            f"4 tot 6 van de 100 gevallen vals alarm. Op nagebootste cijfers klopt dat bij {dutch.number(len(good))} ervan. "
            "Soms groeit een regio met een hoog beginniveau ook zonder deal naar de andere toe. De hoofdmethode geeft dan in "
            f"{dutch.number(100 * primary['size'])} van de 100 gevallen vals alarm, een gewone vergelijking van "
            f"veranderingen in {dutch.number(100 * plain['size'])}."
        )

    def chosen(self) -> Display:
        """Say which method is used for which outcomes and why, and how it does, also where regions converge."""
        rows, shown = [], []
        for method, name in STUDIED.items():
            designs = [item for item in self.context.designs.values() if item.has_placebos and item.method == method]
            outcomes = list(dict.fromkeys(self.context.indicators[item.indicator].wording for item in designs))
            test = PLAIN if method == "sc" else STUDENTISED
            usual, converging = self._studied(method, test, ASSUMED[0]), self._studied(method, test, CONVERGING)
            shown += [usual, converging]
            shares = (usual["size"], converging["size"], usual["coverage"], usual["power"], usual["power_half"])
            used = f"{dutch.capital(_WHY[method])}." + (f" Voor: {dutch.listing(outcomes)}." if outcomes else "")
            rows.append([dutch.capital(name), used, *(dutch.percentage(100 * share, 0) for share in shares)])
        titles = ["Vals alarm", "Vals alarm bij toenadering", "Interval bevat de waarheid"]
        columns = [
            "Methode",
            "Wanneer",
            *numeric(*titles, "Vindt het effect"),
            *numeric("Vindt een halvering", empty=_NOT_TRIED),
        ]
        return table(columns, rows, results=self._results(pd.DataFrame(shown)), source=self._source())

    def false_alarms(self) -> Display:
        """Set false alarms of every method and test beside each other by situation, where there is no effect."""
        study = self.study[self.study["inference"].isin(_TEST_WORDS) & self.study["estimator"].isin(STUDIED.values())]
        situations = [name for name in dict.fromkeys(study["scenario"]) if name != ASSUMED[2]]
        wide = study.pivot(index=["estimator", "inference"], columns="scenario", values="size")
        rows = [
            [
                dutch.capital(name),
                _TEST_WORDS[test],
                *(dutch.percentage(100 * wide.at[(name, test), s], 1) for s in situations),
            ]
            for name in STUDIED.values()
            for test in _TEST_WORDS
            if (name, test) in wide.index
        ]
        columns = ["Methode", "Gerangschikt op", *numeric(*map(dutch.capital, situations))]
        return table(columns, rows, results=self._results(study, ("size",)), source=self._source())

    def judged(self) -> Display:
        """Show how often the rules of the plan give each grade on made-up panels, by situation and what happened."""
        rows, numbers = [], []
        for (scenario, factor), found in self.grades.groupby(["scenario", "factor"], sort=False):
            by_grade = found.set_index("grade")["share"]
            words = "niets" if factor == 1 else f"keer {dutch.number(factor, 2)}"
            rows.append([dutch.capital(scenario), words, *(dutch.percentage(100 * by_grade[g], 0) for g in GRADES)])
            vintage = f"{self.made['draws_grades']} trekkingen, startgetal {self.made['seed']}"
            for grade, share in by_grade.items():
                name = f"{scenario}-keer-{factor}-{grade}".replace(",", "").replace(".", "_")
                number = ("methoden", "proef", name, "grade_share", float(share), "share", "process")
                origin = {"source": "nagebootste cijfers: regiodeal study", "vintage": vintage}
                numbers.append(result(*number, period=self.context.year, status="example", **origin))
        columns = ["Situatie", "Wat er gebeurde", *numeric(*map(dutch.capital, GRADES))]
        draws = dutch.number(int(self.made["draws_grades"]))
        source = f"Bron: eigen proef met nagebootste cijfers, {draws} per situatie (startgetal {self.made['seed']}). Geen echte cijfers."
        return table(columns, rows, results=numbers, source=source)

    def planted(self) -> Display:
        """Show which grade follows when the real figures of the region are multiplied after the start of the deal."""
        planted = _planted(self.context.deal.id)
        rows: list[list[Cell]] = []
        numbers = []
        for key, found in planted.groupby("design", sort=False):
            design = self.context.designs[str(key)]
            indicator = self.context.indicators[design.indicator]
            by_factor = found.set_index("factor")["grade"]
            unit = ", in procenten" if is_relative(design, indicator) else ""
            name = f"{dutch.capital(indicator.wording)}{unit}{' (hoofdvraag)' * design.primary}"
            rows.append([name, *(by_factor[factor] for factor in FACTORS)])
            for factor, grade in by_factor.items():
                identity = f"{key}-keer-{factor}".replace(".", "_")
                number = (
                    "methoden",
                    "geplant",
                    identity,
                    "grade_planted",
                    float(GRADES.index(grade)),
                    "grade",
                    "process",
                )
                source = "cijfers van de regio, na de start vermenigvuldigd"
                numbers.append(result(*number, period=self.context.year, status="example", source=source))
        heads = ["Niets veranderd", *(f"Keer {dutch.number(factor, 2)}" for factor in FACTORS[1:])]
        source = "Bron: eigen berekening op de cijfers van dit rapport, waarin een verandering is gelegd. Geen echte cijfers."
        return table([Column("Uitkomst"), *heads], rows, results=numbers, source=source)

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
            shares = ((row.coverage, 1), (row.size, 1), (row.power, 0), (row.power_half, 0))
            numbers = [dutch.percentage(100 * share, decimals) for share, decimals in shares]
            setting = [dutch.capital(row.estimator), row.inference, row.scenario]
            rows.append([*setting, dutch.number(row.bias, 2, signed=True), *numbers])
        titles = ("Gemiddelde fout", "Interval bevat de waarheid", "Vals alarm", "Vindt het effect")
        measures = [*numeric(*titles), *numeric("Vindt een halvering", empty=_NOT_TRIED)]
        columns = ["Methode", "Toets", "Situatie", *measures]
        return table(columns, rows, results=self._results(study), source=self._source())

    def _studied(self, method: str, inference: str, scenario: str) -> pd.Series:
        """Give the row of the study of a method of the plan."""
        study = self.study
        same = (study["estimator"] == STUDIED[method]) & (study["inference"] == inference)
        return study[same & (study["scenario"] == scenario)].iloc[0]

    def _source(self) -> str:
        return (
            f"Bron: eigen proef met nagebootste cijfers, {dutch.number(int(self.made['draws']))} per situatie, en "
            f"{dutch.number(int(self.made['draws_closed_form']))} voor regionale methoden die geen gewichten zoeken (startgetal "
            f"{self.made['seed']}); het nagebootste effect is {dutch.number(float(self.made['true_effect_per_1000']), 1)} per 1.000 "
            "inwoners. Geen echte cijfers."
        )

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

    def _results(self, study: pd.DataFrame, measures: Sequence[str] = tuple(_STUDY_UNITS)) -> list[Result]:
        """Record rows of the study: made-up panels, and so examples; named by the first letters of its words."""
        numbers = []
        for row in study.itertuples():
            words = re.findall(r"\w+", f"{row.estimator} {row.inference} {row.scenario}")
            name = "-".join(word[:3] if word.isalpha() else word for word in words)
            vintage = f"{row.draws} trekkingen, startgetal {self.made['seed']}"
            origin = {"source": "nagebootste cijfers: regiodeal study", "vintage": vintage}
            for measure in measures:
                value, unit = float(getattr(row, measure)), _STUDY_UNITS[measure]
                number = ("methoden", "proef", name, measure, value, unit, "process")
                numbers.append(result(*number, period=self.context.year, status="example", **origin))
        return numbers


def _planted(deal: str) -> pd.DataFrame:
    """Plant effects in the figures of the region (`plant_effects`); made once for equal data and code."""

    def made() -> pd.DataFrame:
        context = final_context(deal, final_edition(load_deal(deal)).year)
        opened = open_designs(context.deal, context.designs.values(), context.indicators)
        return plant_effects(opened, indicators=context.indicators, found=judged_designs(deal))

    return remember("planted", (deal,), made)


def open_methods(*, deal: str, year: int) -> MethodsChapter:
    """Open the chapter on methods; errors as of `final_context`, and InputError when the study is not there."""
    return MethodsChapter(final_context(deal, year), *read_study())
