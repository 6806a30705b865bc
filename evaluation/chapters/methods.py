"""The chapter on methods in the final evaluation: what was declared, the rules of judgement, and how good the methods are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.chapters.comparison import years_words
from evaluation.chapters.context import Context
from evaluation.chapters.effects import METHOD_WORDS
from evaluation.chapters.evaluation import final_context
from evaluation.effects.simulation import AS_ASSUMED, SCENARIOS
from evaluation.estimation import is_relative
from evaluation.indicators import plan_hash
from evaluation.method_study import read_study
from evaluation.present import dutch
from evaluation.present.display import Display, lead, markdown
from evaluation.present.tables import Column, table
from evaluation.results import Result, result

POOL_WORDS = {
    "clean": "gemeenten zonder enige Regio Deal tot en met het laatste jaar",
    "lenient": "gemeenten zonder Regio Deal voor het hele gebied of een deel ervan; een deal over één onderwerp telt niet",
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
        """Say in how many cases the intervals and tests in use do what they say, and what it costs when they cannot."""
        assumed = self._in_use(AS_ASSUMED)
        covers = assumed["coverage"].between(0.93, 0.97) | assumed["coverage"].isna()
        good = assumed[covers & assumed["size"].between(0.04, 0.06)]
        least, approach = (self._in_use([scenario.name])["size"] for scenario in SCENARIOS[2:])
        return lead(
            f"De methoden waarop dit rapport steunt, zijn beproefd op nagebootste cijfers. Van de {dutch.number(len(assumed))} "
            f"combinaties van methode en situatie is er in {dutch.number(len(good))} in 4 tot 6 van de 100 keer vals alarm, en bevat "
            "het 95%-interval in 93 tot 97 van de 100 keer de waarheid. Dat geldt als de andere regio's vergelijkbaar zijn. Zijn zij dat "
            f"minder, dan is er in {_range(least)} van de gevallen vals alarm; nadert de regio de andere ook zonder deal, dan in "
            f"{_range(approach)}."
        )

    def plan(self) -> Display:
        """List every declared design: outcome, method, window, the largest plausible effect and why; the pool once."""
        groups: dict[tuple, list[str]] = {}
        for design in self.context.designs.values():
            if not design.has_placebos:
                continue
            indicator = self.context.indicators[design.indicator]
            relative = is_relative(design, indicator)
            unit = "procent" if relative else indicator.unit_words
            after = [year for year in range(design.pre[1] + 1, design.last + 1) if year not in design.excluded]
            groups.setdefault((design.pool, design.declared_on), []).append(
                f"- **{dutch.capital(indicator.wording)}, {'in procenten' if relative else 'in het cijfer zelf'}"
                f"{' (hoofdvraag)' if design.primary else ''}.** {dutch.capital(METHOD_WORDS[design.method])}, "
                f"{design.pre[0]}-{design.pre[1]} tegenover {years_words(after)}.\n"
                f"  Waarom: {design.reason}\n"
                f"  Grootste denkbare effect: {dutch.number(design.plausible_effect, 1)} {unit} ({design.plausible_reason})."
            )
        parts = [
            f"Vastgelegd op {dutch.day(day)}. Vergeleken met {POOL_WORDS[pool]}.\n\n" + "\n".join(lines)
            for (pool, day), lines in groups.items()
        ]
        return markdown("\n\n".join([*parts, f"Bron: het analyseplan (controlegetal {plan_hash()[:12]})."]))

    def performance(self) -> Display:
        """Show bias, coverage, size and power of every method in use, where its assumptions hold."""
        return self._table(self._in_use(AS_ASSUMED))

    def limits(self) -> Display:
        """Show the same where the assumptions do not hold."""
        return self._table(self._in_use([scenario.name for scenario in SCENARIOS[2:]]))

    def not_in_use(self) -> Display:
        """Show the same of the intervals and tests with which nothing is claimed, where the others hold."""
        return self._table(self.study[~self.study["in_use"] & self.study["scenario"].isin(AS_ASSUMED)])

    def _in_use(self, scenarios: Sequence[str]) -> pd.DataFrame:
        return self.study[self.study["in_use"] & self.study["scenario"].isin(scenarios)]

    def _table(self, study: pd.DataFrame) -> Display:
        rows = [
            [
                f"{dutch.capital(row.estimator)}: {row.inference}",
                row.scenario,
                dutch.number(row.bias, 2, signed=True),
                dutch.percentage(100 * row.coverage, 1),
                dutch.percentage(100 * row.size, 1),
                dutch.percentage(100 * row.power, 0),
            ]
            for row in study.itertuples()
        ]
        columns = [
            Column("Methode en toets"),
            Column("Situatie"),
            Column("Gemiddelde fout", numeric=True),
            Column("Interval bevat de waarheid", numeric=True),
            Column("Vals alarm", numeric=True),
            Column("Vindt het effect", numeric=True),
        ]
        return table(columns, rows, results=self._results(study), source=self._source())

    def _source(self) -> str:
        return (
            f"Bron: eigen proef met nagebootste cijfers, {dutch.number(int(self.made['draws']))} per situatie (startgetal "
            f"{self.made['seed']}); het nagebootste effect is {dutch.number(float(self.made['true_effect_per_1000']), 1)} per 1.000 "
            "inwoners. Geen echte cijfers."
        )

    def _results(self, study: pd.DataFrame) -> list[Result]:
        """Record the study: made-up panels, and so examples."""
        numbers = []
        for row in study.itertuples():
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


def _range(shares: pd.Series) -> str:
    """Write the smallest and the largest of shares as percentages.

    Examples
    --------
    >>> _range(pd.Series([0.061, 0.0884]))
    '6,1 tot 8,8%'
    """
    return f"{dutch.number(100 * shares.min(), 1)} tot {dutch.percentage(100 * shares.max(), 1)}"


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
