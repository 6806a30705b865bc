"""What every chapter starts from: the deal as it stood, the records as they were known, and the statistics."""

import json
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from evaluation.analysis.finance import Money, account_money
from evaluation.analysis.progress import ElementState, TargetProgress, element_states, target_progress
from evaluation.analysis.yardstick import comparable_years, gap_series, standing
from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.base.errors import UsageError
from evaluation.base.run_variables import ABOUT_VARIABLE
from evaluation.chapters.recording import Recorder
from evaluation.inputs import indicators as register
from evaluation.inputs.deal import check_year, load_deal
from evaluation.inputs.deal_schema import DealOnDate, Target
from evaluation.inputs.indicators import Design, Indicator, NotMeasured, Quotation
from evaluation.inputs.records.small_counts import load_shown_programme
from evaluation.present.results import Result, Status
from evaluation.statistics.areas.regions import COUNTRY
from evaluation.statistics.areas.treatment_schema import Event
from evaluation.statistics.areas.treatments import load_register, touches
from evaluation.statistics.panels import region_panel

_AS_GIVEN = "the run gives it its value, and no cell another"
Origin = tuple[str, str]
"""Sources and vintages, each joined with "; " where there are several."""

_STATUS_WORDS = {
    "voorbeeld": "voorbeeldcijfers, geen echte projecten of bedragen",
    "voorlopig": "voorlopige cijfers van het programmabureau",
    "vastgesteld": "vastgestelde cijfers van het programmabureau",
}


@dataclass(frozen=True, eq=False, kw_only=True)  # without slots: what steps ask for more than once is kept
class Context(Recorder):
    """Deal, records and statistics as they stood at the end of a year.

    `panel` has the statistics until that year, in the final evaluation also of later years: unit, unit_name, level,
    period, indicator, value, status, source, vintage, note.
    """

    day: date  # the last day of the year: what is dated later is not in the report
    agreed: DealOnDate  # targets and budget in force on that day
    panel: pd.DataFrame
    indicators: dict[str, Indicator]
    designs: dict[str, Design]
    not_measured: tuple[NotMeasured, ...]  # what no statistic measures
    quotations: tuple[Quotation, ...] = ()  # single figures of others, which are no series

    @cached_property
    def money(self) -> Money:
        """Commitments and payments until the end of the year beside the budget."""
        return account_money(self.deal, self.agreed, self.programme)

    @property
    def region_unit(self) -> str:
        """Id of the deal's region in the panel."""
        return self.deal.region.unit_id

    @property
    def rest_unit(self) -> str:
        """Id of the yardstick without the deal's own municipalities."""
        return self.deal.region.rest_id

    @property
    def benchmark_unit(self) -> str:
        """Id of the deal's yardstick."""
        return self.deal.region.benchmark.code

    @property
    def line_units(self) -> tuple[tuple[str, str], ...]:
        """Units of a line figure, each with the role that decides its look."""
        own = ((self.region_unit, "region"), (self.benchmark_unit, "benchmark"), (self.rest_unit, "rest"))
        return own if self.benchmark_unit == COUNTRY else (*own, (COUNTRY, "country"))

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Events that figures mark and that touched the region, by the day on which they began."""
        register, own = load_register(), {item.code for item in self.deal.region.municipalities}
        marked = [item for item in register.events.values() if item.mark and own & register.reach(item)]
        return tuple(sorted(marked, key=lambda item: (item.starts.day, item.id)))

    def moments(self, theme: int) -> list[tuple[float, str]]:
        """Return when events of a theme began, on an axis of years, each with the words that mark it."""
        mine = [item.id for item in self.indicators.values() if item.theme == theme]
        touching = [item for item in self.events if touches(item, self.deal.id, theme, mine)]
        return [(year_moment(item.starts.day), str(item.mark)) for item in touching]

    @property
    def region_name(self) -> str:
        """Name of the region as a sentence uses it."""
        return self.deal.region.short_name

    @property
    def rest_name(self) -> str:
        """Name of the yardstick without the deal's own municipalities, as a sentence uses it."""
        return f"de {self.deal.region.rest_name}"

    @property
    def this_theme(self) -> str:
        """A theme as a sentence of its chapter calls it: ``dit thema``, or in the deal's own word ``deze opgave``."""
        return self.deal.words.theme.this

    def said(self, text: str) -> str:
        """Write one of our sentences in the words of the deal (`Words.said`)."""
        return self.deal.words.said(text)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups of targets that the deal adds up."""
        return tuple(dict.fromkeys(target.group for target in self.agreed.targets if target.group))

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
        """Return the indicators with figures that stand for a theme in a sentence."""
        return [item for item in self.indicators.values() if item.headline and theme in (None, item.theme)]

    def figures(self, indicator: str) -> pd.DataFrame:
        """Return the rows of the panel with the figures of one indicator, by its id."""
        return self._figures.get(indicator, self.panel.iloc[:0])

    @cached_property
    def _figures(self) -> dict[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.panel.groupby("indicator", sort=False, observed=True)}

    def unit_of(self, indicator: Indicator) -> str:
        """Return what the figures of an indicator are told for: the region, or the one area that the source knows."""
        return self.region_unit if indicator.only_for is None else indicator.only_for.unit

    def is_towards_benchmark(self, indicator: Indicator) -> bool:
        """Tell whether an intended result wants what an indicator measures nearer to the deal's yardstick."""
        wanted = {item.id for theme in self.deal.themes for item in theme.results if item.towards_benchmark}
        return indicator.gap != "none" and bool(wanted & set(indicator.results))

    def years_of(self, indicator: Indicator) -> tuple[int | None, int]:
        """Return base year (None without a comparable figure) and last year of an indicator's figures (`unit_of`)."""
        if indicator.id not in self._years:
            years = comparable_years(self.figures(indicator.id), indicator, self.unit_of(indicator), self.year)
            self._years[indicator.id] = years
        return self._years[indicator.id]

    @cached_property
    def _years(self) -> dict[str, tuple[int | None, int]]:
        return {}

    def gaps_of(self, indicator: Indicator, unit: str | None = None, comparison: str | None = None) -> pd.Series:
        """Gap of a unit (the region) to another (the rest of its yardstick) in every year (`yardstick.gap_series`)."""
        units = (unit or self.region_unit, comparison or self.rest_unit)
        return gap_series(self.figures(indicator.id), indicator.id, *units, relative=indicator.gap == "relative")

    def standing(self, indicator: Indicator) -> pd.DataFrame:
        """Level, change and gaps of an indicator in the last year of its figures (`yardstick.standing`)."""
        base, last = self.years_of(indicator)
        units = {"benchmark": self.benchmark_unit, "rest": self.rest_unit}
        figures, relative = self.figures(indicator.id), indicator.gap == "relative"
        return standing(figures, indicator.id, last, base, relative=relative, **units)

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

    @property
    def money_note(self) -> str:
        """Source line under a table with money of private parties: also what of it is not shown."""
        if not self.programme.amounts["total"].isna().any():
            return self.record_note
        return f"{self.record_note} Wat zou verraden hoeveel een enkele private partij bijdroeg, is niet vrijgegeven."

    def mixed_note(self, shown: Sequence[Indicator] | None = None) -> str:
        """Source line under a table that sets the records beside statistics: the headlines, or the indicators given."""
        named: dict[str, list[str]] = {}
        for item in self.headlines() if shown is None else shown:
            named.setdefault(self._origin(item), []).append(item.wording)
        lines = [f"{', '.join(names)}: {origin}" for origin, names in named.items()]
        real = f" {'; '.join(dutch.capital(line) for line in lines)} (echte cijfers)." if lines else ""
        return f"{self.record_note}{real}"

    def _origin(self, indicator: Indicator) -> str:
        """Name the tables behind the region's figures of an indicator that are shown."""
        rows = self.figures(indicator.id)
        rows = rows[(rows["unit"] == self.unit_of(indicator)) & rows["period"].isin(self.years_of(indicator))]
        if rows.empty:
            return publisher_of(indicator)
        return each_once(rows["source"]).replace("; ", ", ")

    @property
    def example_mark(self) -> str:
        """What stands behind a number of the records in a sentence or a card while the records are made up."""
        return " (voorbeeldcijfers)" if self.programme.is_example else ""

    @property
    def end_of_year(self) -> str:
        """The last day in words, as a sentence uses it."""
        return f"eind {self.year}" if self.is_whole_year else f"op {dutch.day(self.day)}"

    @property
    def until(self) -> str:
        """Until when something is counted, in words: a year, or a day in it."""
        return str(self.year) if self.is_whole_year else dutch.day(self.day)

    @property
    def is_whole_year(self) -> bool:
        """Whether the report is about the year until its last day; the deal may end before that."""
        return (self.day.month, self.day.day) == (12, 31)

    @property
    def is_interim(self) -> bool:
        """Whether the deal runs on after the day of this report."""
        return self.day < self.deal.term.ends_on

    @property
    def term_band(self) -> tuple[float, float]:
        """The deal's term on an axis of years (a year stands at its own number)."""
        return year_moment(self.deal.term.path_from), self.deal.term.last_year + 0.5

    def computed(
        self,
        indicator: Indicator,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        *,
        origin: Origin,
        period: int | None = None,
        name: str | None = None,
        status: Status = "computed",
    ) -> Result:
        """Make a result that is computed from figures of an indicator (`name`: of a design on it).

        `origin` has the sources and vintages of the figures that went in (`origin_of`); where none did, the result
        names where they would come from.
        """
        source, vintage = origin if any(origin) else (publisher_of(indicator), "")
        number = (indicator.theme, name or indicator.id, unit, measure, value, unit_of_measure, indicator.chain)
        return self.number(*number, status=status, source=source, vintage=vintage, period=period)

    def origin_of(self, indicator: Indicator, units: Collection[str], periods: Collection[int]) -> Origin:
        """Return the sources and vintages of an indicator's figures of some units in some years, each once."""
        asked = (indicator.id, frozenset(units), frozenset(periods))
        if asked not in self._origins:
            rows = self.figures(indicator.id)
            rows = rows[rows["unit"].isin(asked[1]) & rows["period"].isin(asked[2])]
            has_value = rows["value"].notna()
            rows = rows[has_value] if has_value.any() else rows
            self._origins[asked] = each_once(rows["source"]), each_once(rows["vintage"])
        return self._origins[asked]

    @cached_property
    def _origins(self) -> dict[tuple[str, frozenset[str], frozenset[int]], Origin]:
        return {}

    def not_established(self, theme: int, indicator: str, source: str) -> Result:
        """Make the result of a deviation that no design looks for; `source` says why."""
        number = (theme, indicator, self.region_unit, "deviation", None, "none", "outcome")
        return self.number(*number, status="not established", source=source)


def year_moment(day: date) -> float:
    """Return where the month of a day begins on an axis of years (a year stands at its own number)."""
    return day.year - 0.5 + (day.month - 1) / 12


def publisher_of(indicator: Indicator) -> str:
    """Name the publisher and the table of an indicator, whether or not there are figures of it."""
    return f"{indicator.source.publisher} {indicator.source.table}"


def each_once(texts: Iterable[str]) -> str:
    """Join what stands in a column of the panel, where several origins are joined already."""
    return "; ".join(sorted({part for text in set(texts) for part in text.split("; ")} - {""}))


def open_context(deal: str, year: int, *, is_final: bool = False, edition: str | None = None) -> Context:
    """Read everything that the report over a year needs, or the final evaluation (`is_final`: lines run on after it).

    `edition` is what the chapter is of where that is another kind of report.

    UsageError when no report is made over this year; InputError or SnapshotError when what was written, or a pinned
    table, cannot be used.
    """
    check_opened(deal=deal, year=year, edition=edition or ("final" if is_final else "annual"))
    return remember("context", (deal, year, is_final), lambda: _read_context(deal, year, is_final))


def check_opened(**opened: object) -> None:
    """Refuse to open another deal, year or theme than those of the run; outside a run anything may be opened.

    The run says what it is about, and the chapter what it was asked for: whatever a notebook does in between, the page
    that is published over a year has the figures of that year. UsageError says what to write in the notebook.
    """
    about = json.loads(os.environ.get(ABOUT_VARIABLE) or "{}")
    for name, value in opened.items():
        if about.get(name, value) != value:
            ways = {"edition": "Open a chapter of that report.", "theme": f"Write theme={about[name]}, or theme=theme."}
            way = ways.get(name, f"Write {name}={name}; {_AS_GIVEN}.")
            raise UsageError(f"This cell opens {name} {value!r}, and the run is about {about[name]!r}. {way}")


def _read_context(deal: str, year: int, is_final: bool) -> Context:
    agreement = load_deal(deal)
    check_year(agreement, year)
    day, folder = agreement.last_day(year), register.register_dir(agreement.id)
    context = Context(
        deal=agreement,
        year=year,
        day=day,
        agreed=agreement.as_of(day),
        programme=load_shown_programme(agreement).as_of(day),
        panel=region_panel(agreement, until=None if is_final else year),
        indicators=register.load_indicators(folder=folder),
        designs=register.load_designs(folder=folder),
        not_measured=register.load_not_measured(folder=folder),
        quotations=register.load_quotations(folder=folder),
    )
    # nearly every chapter asks for these: kept with it
    _ = context.money, context.progress, context._elements, context._figures, context.events
    return context


def progress_of(context: Context, *, theme: int | None = None) -> tuple[TargetProgress, ...]:
    """Progress of the targets in force, of one theme where asked."""
    return tuple(row for row in context.progress if theme in (None, theme_of(row.target)))


def theme_of(target: Target) -> int:
    """Theme of a target, from the result that it belongs to."""
    return int(str(target.result).split(".")[0])
