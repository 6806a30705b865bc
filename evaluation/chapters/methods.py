"""The chapter on methods in the final evaluation: what was declared, the rules of judgement, and how good the methods are."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evaluation.chapters.context import Context
from evaluation.chapters.effects import METHOD_WORDS
from evaluation.chapters.evaluation import final_context
from evaluation.estimation import is_relative
from evaluation.indicators import plan_hash
from evaluation.method_study import read_study
from evaluation.present import dutch
from evaluation.present.display import Display, lead, markdown
from evaluation.present.tables import Column, table
from evaluation.results import Result, result

POOL_WORDS = {
    "clean": "geen enkele Regio Deal tot en met het laatste jaar",
    "lenient": "geen Regio Deal voor het hele gebied of een deel ervan; deals over één onderwerp wel",
    "province": "de rest van de provincie",
    "shrinking": "krimpregio's, ook met een Regio Deal",
}


@dataclass(frozen=True, slots=True)
class MethodsChapter:
    """The steps of the chapter on methods; each shows one thing.

    Attributes
    ----------
    context : Context
    study : DataFrame
        Columns of `evaluation.method_study.COLUMNS`.
    made : dict
        How the study was made.
    """

    context: Context
    study: pd.DataFrame
    made: dict[str, object]

    def finding(self) -> Display:
        """Say in how many settings the intervals and tests do what they say."""
        good = self.study[self.study["coverage"].between(0.93, 0.97)]
        return lead(
            f"Van de {dutch.number(len(self.study))} combinaties van methode, toets en situatie bevat het 95%-interval in "
            f"{dutch.number(len(good))} gevallen in 93 tot 97 van de 100 keer de waarheid. De oordelen in dit rapport rusten op "
            "placeboregio's; de andere methoden staan ernaast.",
        )

    def plan(self) -> Display:
        """List every declared design: outcome, method, pool, window and the largest plausible effect."""
        rows = []
        for design in self.context.designs.values():
            if not design.has_placebos:
                continue
            indicator = self.context.indicators[design.indicator]
            unit = "procent" if is_relative(design, indicator) else indicator.unit_words
            rows.append(
                [
                    dutch.capital(indicator.wording) + (" (hoofdvraag)" if design.primary else ""),
                    METHOD_WORDS[design.method],
                    POOL_WORDS[design.pool],
                    f"{design.pre[0]}-{design.pre[1]}",
                    f"{design.pre[1] + 1}-{design.last}"
                    + (f" zonder {dutch.listing([str(y) for y in design.excluded])}" if design.excluded else ""),
                    f"{dutch.number(design.plausible_effect, 1)} {unit}: {design.plausible_reason}",
                    dutch.day(design.declared_on),
                ]
            )
        columns = ["Uitkomst", "Methode", "Vergeleken met", "Vóór", "Na", "Grootste denkbare effect", "Vastgelegd op"]
        return table(columns, rows, source=f"Bron: het analyseplan (controlegetal {plan_hash()[:12]}).")

    def reasons(self) -> Display:
        """Say why each design was chosen."""
        lines = [
            f"- **{dutch.capital(self.context.indicators[design.indicator].wording)}**: {design.reason}"
            for design in self.context.designs.values()
            if design.has_placebos
        ]
        return markdown("\n".join(lines))

    def performance(self) -> Display:
        """Show bias, coverage, size and power of every method on made-up panels with a known effect."""
        rows = [
            [
                dutch.capital(row.estimator),
                row.inference,
                row.scenario,
                dutch.number(row.bias, 2, signed=True),
                dutch.percentage(100 * row.coverage, 1),
                dutch.percentage(100 * row.size, 1),
                dutch.percentage(100 * row.power, 0),
            ]
            for row in self.study.itertuples()
        ]
        columns = [
            Column("Methode"),
            Column("Toets"),
            Column("Situatie"),
            Column("Gemiddelde fout", numeric=True),
            Column("Interval bevat de waarheid", numeric=True),
            Column("Vals alarm", numeric=True),
            Column("Vindt het effect", numeric=True),
        ]
        return table(columns, rows, results=self._results(), source=self._source())

    def _source(self) -> str:
        return (
            f"Bron: eigen proef met nagebootste cijfers, {dutch.number(int(self.made['draws']))} per situatie (startgetal "
            f"{self.made['seed']}); het nagebootste effect is {dutch.number(float(self.made['true_effect_per_1000']), 1)} per 1.000 "
            "inwoners. Geen echte cijfers."
        )

    def _results(self) -> list[Result]:
        """Record the study: made-up panels, and so examples."""
        numbers = []
        for row in self.study.itertuples():
            name = "-".join([row.estimator, row.inference, row.scenario]).replace(",", "")
            for measure, unit in (("bias", "per_1000"), ("coverage", "share"), ("size", "share"), ("power", "share")):
                numbers.append(
                    result(
                        theme="methoden",
                        chain="process",
                        indicator="proef",
                        unit=name,
                        period=self.context.year,
                        measure=measure,
                        value=float(getattr(row, measure)),
                        unit_of_measure=unit,
                        status="example",
                        source="nagebootste cijfers: regiodeal study",
                        vintage=f"{self.made['draws']} trekkingen, startgetal {self.made['seed']}",
                    )
                )
        return numbers


def open_methods(*, deal: str, year: int) -> MethodsChapter:
    """Open the chapter on methods.

    Raises
    ------
    UsageError
        As of `evaluation.chapters.evaluation.final_context`.
    InputError
        When the study is not there.
    """
    return MethodsChapter(final_context(deal, year), *read_study())
