"""What every chapter starts from: the deal as it stood, the records as they were known, and the statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from evaluation.analysis.finance import Money, account_money
from evaluation.analysis.progress import ElementState, TargetProgress, element_states, target_progress
from evaluation.analysis.yardstick import comparable_years, gap_series, standing
from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.inputs.deal import Deal, DealOnDate, Target, check_year, load_deal, region_id, rest_id
from evaluation.inputs.indicators import (
    Design,
    Indicator,
    NotMeasured,
    load_designs,
    load_indicators,
    load_not_measured,
    register_dir,
)
from evaluation.inputs.records.programme import Programme
from evaluation.inputs.records.small_counts import load_shown_programme
from evaluation.present.results import Result, Status, result
from evaluation.statistics.areas.regions import COUNTRY
from evaluation.statistics.panels import region_panel

WITHHELD = "niet vrijgegeven"
"""What stands in the place of a count that is not shown."""

_STATUSES: dict[str, Status] = {"voorbeeld": "example", "voorlopig": "provisional", "vastgesteld": "final"}
_SIGNS = {"EUR": ("€\N{NO-BREAK SPACE}", ""), "pct": ("", "%"), "km": ("", "\N{NO-BREAK SPACE}km")}
_STATUS_WORDS = {
    "voorbeeld": "voorbeeldcijfers, geen echte projecten of bedragen",
    "voorlopig": "voorlopige cijfers van het programmabureau",
    "vastgesteld": "vastgestelde cijfers van het programmabureau",
}


@dataclass(frozen=True, eq=False)  # without slots: what steps ask for more than once is kept
class Context:
    """Deal, records and statistics as they stood at the end of a year.

    Attributes
    ----------
    deal : Deal
    year : int
        The year that is reported on.
    day : date
        Its last day: what is dated later is not in the report.
    agreed : DealOnDate
        Targets and budget in force on that day.
    programme : Programme
        The records as known on that day, with counts of persons, households and firms protected.
    panel : DataFrame
        Statistics until that year, in the final evaluation also of later years: unit, unit_name, level, period, indicator, value, status, source, vintage, note.
    indicators : dict[str, Indicator]
    designs : dict[str, Design]
    not_measured : tuple[NotMeasured, ...]
        What no statistic measures.
    """

    deal: Deal
    year: int
    day: date
    agreed: DealOnDate
    programme: Programme
    panel: pd.DataFrame
    indicators: dict[str, Indicator]
    designs: dict[str, Design]
    not_measured: tuple[NotMeasured, ...]

    @cached_property
    def money(self) -> Money:
        """Commitments and payments until the end of the year beside the budget."""
        return account_money(self.deal, self.agreed, self.programme)

    @property
    def region_unit(self) -> str:
        """Id of the deal's region in the panel."""
        return region_id(self.deal)

    @property
    def rest_unit(self) -> str:
        """Id of the yardstick without the deal's own municipalities."""
        return rest_id(self.deal)

    @property
    def benchmark_unit(self) -> str:
        """Id of the deal's yardstick."""
        return self.deal.region.benchmark.code

    @property
    def line_units(self) -> tuple[tuple[str, str], ...]:
        """Units of a line figure, each with the role that decides its look."""
        return (
            (self.region_unit, "parkstad"),
            (self.benchmark_unit, "benchmark"),
            (self.rest_unit, "rest"),
            (COUNTRY, "country"),
        )

    @property
    def region_name(self) -> str:
        """Name of the region as a sentence uses it."""
        return self.deal.region.short_name

    @property
    def rest_name(self) -> str:
        """Name of the yardstick without the deal's own municipalities, as a sentence uses it."""
        return f"de {self.deal.region.rest_name}"

    def elements(self, theme: int | None = None) -> list[ElementState]:
        """State of every approach element, or of those of a theme (`progress.element_states`)."""
        chosen = {element.id for item in self.deal.themes if theme in (None, item.id) for element in item.approach}
        return [state for state in self._elements if state.element.id in chosen]

    @cached_property
    def _elements(self) -> tuple[ElementState, ...]:
        return element_states(self.deal, self.programme)

    @cached_property
    def progress(self) -> tuple[TargetProgress, ...]:
        """Progress of every target in force (`progress.target_progress`)."""
        return target_progress(self.deal, self.agreed.targets, self.programme, self.day)

    def headlines(self, theme: int | None = None) -> list[Indicator]:
        """The indicators with figures that stand for a theme in a sentence."""
        return [item for item in self.indicators.values() if item.headline and theme in (None, item.theme)]

    def figures(self, indicator: str) -> pd.DataFrame:
        """The rows of the panel with the figures of one indicator, by its id."""
        return self._figures.get(indicator, self.panel.iloc[:0])

    @cached_property
    def _figures(self) -> dict[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.panel.groupby("indicator", sort=False, observed=True)}

    def years_of(self, indicator: Indicator) -> tuple[int | None, int]:
        """Base year (None without a comparable figure) and last year of an indicator's figures for the region."""
        if indicator.id not in self._years:
            rows = self.figures(indicator.id)
            self._years[indicator.id] = comparable_years(rows, indicator, self.region_unit, self.year)
        return self._years[indicator.id]

    @cached_property
    def _years(self) -> dict[str, tuple[int | None, int]]:
        return {}

    def gaps_of(self, indicator: Indicator) -> pd.Series:
        """Gap of the region to the rest of its yardstick in every year (`yardstick.gap_series`)."""
        return gap_series(
            self.figures(indicator.id),
            indicator.id,
            self.region_unit,
            self.rest_unit,
            relative=indicator.gap == "relative",
        )

    def standing(self, indicator: Indicator) -> pd.DataFrame:
        """Level, change and gaps of an indicator in the last year of its figures (`yardstick.standing`)."""
        base, last = self.years_of(indicator)
        return standing(
            self.figures(indicator.id),
            indicator.id,
            last,
            base,
            benchmark=self.benchmark_unit,
            rest=self.rest_unit,
        )

    @property
    def record_source(self) -> str:
        """Name of the records, with the word that says that they are an example."""
        return f"programmaregistratie ({self.programme.dataset.title})"

    @property
    def record_note(self) -> str:
        """Source line under a table of the records."""
        dataset = self.programme.dataset
        return f"Bron: {dataset.title}, versie {dataset.version} ({_STATUS_WORDS[dataset.status]})."

    @property
    def count_note(self) -> str:
        """Source line under a table of what was delivered: also how counts of persons, households and firms are shown."""
        protection = self.programme.protection
        if protection is None or self.programme.counts.empty:
            return self.record_note
        base = protection.rounding_base
        rounded = f"afgerond op een veelvoud van {base}; een" if base > 1 else "getoond als zij groot genoeg zijn; een"
        return (
            f"{self.record_note} Aantallen personen, huishoudens en bedrijven zijn {rounded} aantal onder de "
            f"{protection.threshold}, en wat daar iets over zou verraden, is niet vrijgegeven."
        )

    def mixed_note(self, shown: Sequence[Indicator] | None = None) -> str:
        """Source line under a table that sets the records beside statistics: the headlines, or the indicators given."""
        lines = [f"{item.wording}: {self._origin(item)}" for item in (self.headlines() if shown is None else shown)]
        real = f" {'; '.join(dutch.capital(line) for line in lines)} (echte cijfers)." if lines else ""
        return f"{self.record_note}{real}"

    def _origin(self, indicator: Indicator) -> str:
        """Name the tables behind the region's figures of an indicator that are shown."""
        rows = self.figures(indicator.id)
        rows = rows[(rows["unit"] == self.region_unit) & rows["period"].isin(self.years_of(indicator))]
        return (
            each_once(rows["source"]).replace("; ", ", ")
            if len(rows)
            else f"{indicator.source.publisher} {indicator.source.table}"
        )

    @property
    def example_mark(self) -> str:
        """What stands behind a number of the records in a sentence or a card while the records are made up."""
        return " (voorbeeldcijfers)" if self.programme.is_example else ""

    @property
    def record_status(self) -> Status:
        """Status of a number from the records."""
        return _STATUSES[self.programme.dataset.status]

    @property
    def end_of_year(self) -> str:
        """The last day in words, as a sentence uses it."""
        return f"eind {self.year}"

    @property
    def term_band(self) -> tuple[float, float]:
        """The deal's term on an axis of years (a year stands at its own number)."""
        start = self.deal.term.path_from
        return start.year - 0.5 + (start.month - 1) / 12, self.deal.term.last_year + 0.5

    def record(
        self,
        theme: int | str,
        indicator: str,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        chain="output",
        *,
        computed: bool = False,
        period: int | None = None,
        withheld: bool = False,
    ) -> Result:
        """Make a result from the programme's records at the end of the year, or of another year (`period`).

        What is `computed` from the records (a share, a projection) is not a record itself; of an example it stays one.
        A number that is `withheld`, or needs one that is, has that as its status and no value.
        """
        status: Status = "computed" if computed and not self.programme.is_example else self.record_status
        if withheld:
            status, value = "withheld", None
        return self._result(
            status,
            value,
            period,
            theme=theme,
            chain=chain,
            indicator=indicator,
            unit=unit,
            measure=measure,
            unit_of_measure=unit_of_measure,
            source=self.record_source,
            vintage=str(self.programme.dataset.version),
        )

    def computed(
        self,
        indicator: Indicator,
        *,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        period: int | None = None,
        name: str | None = None,
        status: Status = "computed",
    ) -> Result:
        """Make a result that is computed from the figures of an indicator (`name`: of a design on it)."""
        source, vintage = self._origin_of(indicator.id)
        return self._result(
            status,
            value,
            period,
            theme=indicator.theme,
            chain=indicator.chain,
            indicator=name or indicator.id,
            unit=unit,
            measure=measure,
            unit_of_measure=unit_of_measure,
            source=source,
            vintage=vintage,
        )

    def _origin_of(self, indicator: str) -> tuple[str, str]:
        """Sources and vintages of all figures of an indicator, each once."""
        if indicator not in self._origins:
            rows = self.figures(indicator)
            self._origins[indicator] = each_once(rows["source"]), each_once(rows["vintage"])
        return self._origins[indicator]

    @cached_property
    def _origins(self) -> dict[str, tuple[str, str]]:
        return {}

    def path(self, theme: int | str, indicator: str, value: float, unit_of_measure: str, chain="output") -> Result:
        """Make a result of a straight path to a target: computed from the deal alone."""
        return self._result(
            "computed",
            value,
            theme=theme,
            chain=chain,
            indicator=indicator,
            unit="geleverd",
            measure="path",
            unit_of_measure=unit_of_measure,
            source=f"{self.deal.name}, artikel 3 en 4; recht pad",
        )

    def agreement(
        self,
        theme: int | str,
        indicator: str,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        reference: str,
        chain="output",
        *,
        period: int | None = None,
    ) -> Result:
        """Make a result from the text of the deal as in force at the end of the year (about `period`, where named)."""
        return self._result(
            "agreed",
            value,
            period,
            theme=theme,
            chain=chain,
            indicator=indicator,
            unit=unit,
            measure=measure,
            unit_of_measure=unit_of_measure,
            source=f"{self.deal.name}, {reference}",
        )

    def unmeasured(
        self,
        theme: int | str,
        indicator: str,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        reference: str,
    ) -> Result:
        """Make a result that says that nothing measures what the deal agreed on."""
        return self._result(
            "not measured",
            value,
            theme=theme,
            chain="outcome",
            indicator=indicator,
            unit=unit,
            measure=measure,
            unit_of_measure=unit_of_measure,
            source=f"{self.deal.name}, {reference}",
        )

    def _result(self, status: Status, value: float | None, period: int | None = None, **parts) -> Result:
        """Make a result of this year (or of `period`); one without a number says so."""
        return result(period=period or self.year, value=value, status=_or_missing(status, value), **parts)


def _or_missing(status: Status, value: float | None) -> Status:
    """Keep the status of a number, or one that says why there is none; any other without a number is missing."""
    is_told = status in ("not established", "not measured", "withheld") or (value is not None and value == value)
    return status if is_told else "missing"


def each_once(texts: pd.Series) -> str:
    """Join what stands in a column of the panel, where several origins are joined already."""
    return "; ".join(sorted({part for text in texts.unique() for part in text.split("; ")}))


def open_context(deal: str, year: int, *, is_final: bool = False) -> Context:
    """Read everything that the report over a year needs, or the final evaluation (`is_final`: lines run on after it).

    Raises
    ------
    UsageError
        When no report is made over this year.
    InputError, SnapshotError
        When what was written, or a pinned table, cannot be used.
    """
    return remember("context", (deal, year, is_final), lambda: _read_context(deal, year, is_final))


def _read_context(deal: str, year: int, is_final: bool) -> Context:
    agreement = load_deal(deal)
    check_year(agreement, year)
    day, register = date(year, 12, 31), register_dir(agreement.id)
    context = Context(
        deal=agreement,
        year=year,
        day=day,
        agreed=agreement.as_of(day),
        programme=load_shown_programme(agreement).as_of(day),
        panel=region_panel(agreement, until=None if is_final else year),
        indicators=load_indicators(folder=register),
        designs=load_designs(folder=register),
        not_measured=load_not_measured(folder=register),
    )
    # nearly every chapter asks for these: kept with it
    _ = context.money, context.progress, context._elements, context._figures
    return context


def progress_of(context: Context, *, theme: int | None = None, kind: str | None = None) -> tuple[TargetProgress, ...]:
    """Progress of the targets in force, of one theme or kind (result or promise) where asked."""
    return tuple(
        row
        for row in context.progress
        if (theme is None or theme_of(row.target) == theme) and (kind is None or row.target.kind == kind)
    )


def theme_of(target: Target) -> int:
    """Theme of a target, from the result that it belongs to."""
    return int(str(target.result).split(".")[0])


def figure(indicator: Indicator, value: float | None) -> str:
    """Write a figure of an indicator as a reader expects it: amounts, percentages and distances with their sign."""
    text = dutch.number(value, indicator.decimals)
    if text == "–":
        return text
    before, behind = _SIGNS.get(indicator.unit_of_measure, ("", ""))
    return f"{before}{text}{behind}"


def path_number(target: Target, value: float | None) -> str:
    """Write a point on the path to a target; small targets with one decimal, since the path lies between units."""
    if target.unit_of_measure == "pct":
        return dutch.percentage(value)
    return dutch.number(value, 1 if target.quantity <= 20 else 0)


def amount(value: float | None) -> str:
    """Write a number of the records that is there unless it is withheld."""
    return WITHHELD if value is None or value != value else dutch.number(value)


def quantity(target: Target, value: float | None) -> str:
    """Write a quantity of a target in its own unit."""
    if value is None:
        return "niet gemeten"
    if target.unit_of_measure == "pct":
        return dutch.percentage(value)
    if target.unit_of_measure == "m2":
        return f"{dutch.number(value)} m²"
    return f"{dutch.number(value)} {target.unit_label}"
