"""What the pages of the site start from: deal, records and statistics, and the reports that are published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from evaluation.base import dutch
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.steps import statistics
from evaluation.chapters.wording import WITHHELD, with_unit
from evaluation.inputs.deal import load_deal
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.deal_schema import Target
from evaluation.inputs.indicators import Indicator
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.published import Published, last_year, read_portfolio, read_reports
from evaluation.present.results import Result
from evaluation.present.tables import numeric
from evaluation.present.year_figures import Area, areas_figure

NO_REPORT = "geen verslag"  # in the place of a number of a year whose report is not published
_FEWEST_YEARS = 4  # an indicator with figures of fewer is not drawn as a line


@dataclass(frozen=True, slots=True)
class Portal:
    """The site as it stands with the last report."""

    context: Context  # at the end of the year of the last report; statistics as far as that report has them
    reports: tuple[Published, ...]  # each year of the deal, in order; the final evaluation last
    portfolio: Published  # of all Regio Deals together

    @property
    def final(self) -> Published:
        """The final evaluation."""
        return self.reports[-1]

    @property
    def latest(self) -> Published:
        """The report that says where the deal stands: the final evaluation, or else that of the last year."""
        return next(report for report in reversed(self.reports) if report.is_whole)

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the deal until that of the last report."""
        return tuple(report.edition.year for report in self.reports[:-1] if report.edition.year <= self.context.year)

    def over(self, year: int) -> Published:
        """Return the report with the numbers of a year: the annual one, or the final evaluation where only that is whole."""
        annual = next(report for report in self.reports if report.edition.year == year)
        is_in_final = self.final.is_whole and year == self.final.edition.year
        return self.final if is_in_final and not annual.is_whole else annual

    def values(self, subject: str, measure: str) -> list[float | None]:
        """Return a number of each year of `years`; None where its report is not there or has no such number."""
        found = [self.over(year).value(f"{subject}.{year}.{measure}") for year in self.years]
        return [None if value != value else value for value in found]

    def words(self, subject: str, measure: str) -> list[str]:
        """Write a number of each year of `years`, or why it is not there."""
        found = zip(self.years, self.values(subject, measure), strict=True)
        return [
            dutch.number(value)
            if value is not None
            else WITHHELD
            if self.over(year).is_withheld(f"{subject}.{year}.{measure}")
            else NO_REPORT
            for year, value in found
        ]

    def take(self, pairs: Iterable[tuple[str, str]], years: Sequence[int] | None = None) -> list[Result]:
        """Take numbers over from the reports as they stand there: subject and measure, of each of the years."""
        pairs = list(pairs)
        taken = [
            self.over(year).take(f"{subject}.{year}.{measure}")
            for year in (self.years if years is None else years)
            for subject, measure in pairs
        ]
        return [number for number in taken if number is not None]

    def link(self, subject: str, measure: str, words: str) -> Markup:
        """Lead to the place in the last report where a number stands; only the words where it has no such number."""
        place = self.latest.place(f"{subject}.{self.context.year}.{measure}")
        return anchor(place, words) if place else Markup("{}").format(words)


def open_portal(deal: str, year: int) -> Portal:
    """Open what the pages of the site start from; UsageError when no report is published, others as of `open_context`."""
    agreement = load_deal(deal)
    reports = read_reports(agreement)
    last_year(agreement)  # refuses where no report is published
    return Portal(open_context(deal, year, is_final=reports[-1].is_whole), reports, read_portfolio(agreement))


def anchor(place: str, words: str) -> Markup:
    """Write a link."""
    return Markup('<a href="{}">{}</a>').format(place, words)


def number_or_none(value: float | None) -> str:
    """Write a number of a report, or that there is no report with it."""
    return NO_REPORT if value is None else dutch.number(value)


def chapter_of(report: Published, theme: Theme) -> str:
    """Name the notebook of a theme in a report."""
    return f"e{theme.slug}" if report.edition.kind == "final" else theme.slug


def target_name(target: Target) -> str:
    """Name a target with its unit where that is no count of what the title says."""
    return target.title if target.unit_of_measure == "count" else f"{target.title}, in {target.unit_label}"


def has_a_line(context: Context, indicator: Indicator) -> bool:
    """Tell whether an indicator has enough years of the region to be drawn as a line."""
    rows = context.figures(indicator.id)
    rows = rows[rows["unit"] == context.region_unit]
    return int(rows["value"].notna().sum()) >= _FEWEST_YEARS


def show_indicators(
    context: Context, indicators: Sequence[Indicator], units: Sequence[tuple[str, str]], figure_id: str, title: str
) -> Display:
    """Draw indicators under each other, all years, for the same units (id and look); `title` is the finding."""
    wanted = [unit for unit, _ in units]
    every = [(item, context.figures(item.id)) for item in indicators]
    figures = [(item, frame[frame["unit"].isin(wanted)]) for item, frame in every]
    figures = [(item, frame) for item, frame in figures if frame["value"].notna().any()]
    if not figures:
        return markdown("In de verslagen is nog geen cijfer opgenomen dat van jaar op jaar te volgen is.")
    used = pd.concat([frame for _, frame in figures])
    names = dict(zip(used["unit"], used["unit_name"], strict=True))
    drawn = [(item, _area(item, frame, units)) for item, frame in figures]
    areas = [area for _, area in drawn]
    shown = [names[unit] for unit in wanted if unit in names]
    years = [year for area in areas for line in area.lines for year in line.years]
    return areas_figure(
        FigureText(
            figure_id=figure_id,
            title=title,
            measure=f"{dutch.capital(dutch.listing([area.title for area in areas]))}, {min(years)}–{max(years)}",
            alt=" ".join(
                f"Lijnfiguur van {area.title}. {'; '.join(statistics.line_ends(area.lines, indicator))}."
                for indicator, area in drawn
            ),
            source=statistics.source_line(used, drawn[0][0]),
            notes=tuple(dict.fromkeys(note for pair in figures for note in _notes(*pair))),
        ),
        areas,
        FigureTable(
            ["Cijfer", "Jaar", *numeric(*shown, empty="hiervan zijn er geen cijfers over dat gebied")],
            [
                [dutch.capital(indicator.wording), *row]
                for indicator, area in drawn
                for row in statistics.year_rows(area.lines, shown, indicator)
            ],
        ),
        term=context.term_band,
        results=[number for indicator, frame in figures for number in statistics.panel_results(frame, indicator)],
    )


def _area(indicator: Indicator, frame: pd.DataFrame, units: Sequence[tuple[str, str]]) -> Area:
    names = dict(zip(frame["unit"], frame["unit_name"], strict=True))
    lines = tuple(statistics.line_of(frame, unit, names[unit], role) for unit, role in units if unit in names)
    breaks = tuple(item.year for item in indicator.breaks if item.stops)
    return Area(with_unit(indicator), lines, indicator.decimals, breaks, indicator.baseline_year)


def _notes(indicator: Indicator, frame: pd.DataFrame) -> list[str]:
    """List the notes on the figures, each with the name of the indicator; that on open points holds for all of them."""
    return [
        note
        if note.startswith(statistics.PROVISIONAL)
        else f"{dutch.capital(indicator.wording)}: {dutch.uncapital(note)}"
        for note in statistics.notes_of(frame, indicator)
    ]
