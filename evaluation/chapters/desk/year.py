"""What an evaluator starts from: a year of a deal, with verbs that give its figures as tidy tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from evaluation.analysis.effects.estimate import Estimate
from evaluation.analysis.estimation import Estimated
from evaluation.analysis.finance import payers_of
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context
from evaluation.chapters.desk.asked import Plan, check_one, design_id
from evaluation.chapters.desk.estimators import INHABITANTS
from evaluation.chapters.desk.levels import LEVELS, levels_of, with_breaks
from evaluation.chapters.desk.own_numbers import READ
from evaluation.chapters.desk.panels import grouped_figures, national_figures, of_years, read_years
from evaluation.chapters.desk.record_tables import MONEY, RECORDS, list_money, list_records, list_targets
from evaluation.chapters.desk.units import Units, find_units, in_order, own_groups
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import judged_designs
from evaluation.chapters.steps.comparison import compare
from evaluation.inputs.indicators import Design, Indicator
from evaluation.inputs.own_files import read_own_file
from evaluation.inputs.records.firm_amounts import FIRMS
from evaluation.statistics.areas.regions import Coverage
from evaluation.statistics.panels import PARTS

COLUMNS = [
    "indicator", "unit", "unit_name", "level", "period", "value", *PARTS, "status", "source", "vintage", "note",
    "comparable",
]  # fmt: skip
"""Of `Year.figures`."""


@on_desk
@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """A year of a deal on the desk: `figures`, `neighbourhoods`, `records`, `money`, `targets`, `plan`, `pool`, `estimate`.

    Attributes
    ----------
    context : Context    What the ready-made steps of a chapter start from too.
    """

    context: Context

    def figures(
        self,
        indicator: str | Iterable[str],
        units: Units = None,
        years: int | Iterable[int] | None = None,
        coverage: Coverage = "province",
    ) -> pd.DataFrame:
        """Give the figures of an indicator, or of several, on the municipal boundaries of today in every year.

        Parameters
        ----------
        indicator : str or iterable of str
            Ids, as in data/indicators.
        units : str, iterable of str, mapping of str to iterable of str, or None
            Names or codes: "parkstad", "limburg", "rest", "nederland", "gemeenten" (those of the region), "Enschede",
            "GM0153", "Zuid-Limburg"; a mapping makes groups of its own: {"Zuid": ["Heerlen", "Maastricht"]}.  By default
            the region, its yardsticks and the municipalities of the province.
        years : int, iterable of int, or None
            Until the year of the report by default; in the final evaluation until the last there is.
        coverage : "province" | "country"
            Where no units are named: the municipalities of the province, or all municipalities and provinces; `level`
            tells which is which.  The national panel is computed once, and kept until its data change.

        Returns
        -------
        DataFrame
            A row per unit and year; columns `COLUMNS`: indicator, unit (code), unit_name, level, period (year), value
            (in the indicator's unit of measure), numerator and denominator (of a rate: what is divided by what; of a
            count the first), status (final, provisional, withheld, missing), source, vintage, note (Dutch), comparable
            (False before a break in the series: no change is taken over it).  Level is municipality, region, rest,
            province, corop, country or group.

        Raises
        ------
        UsageError
            For an indicator, a unit, a year or a coverage that there is not, and for one that has no figures.
        """
        if not isinstance(indicator, str):
            return pd.concat([self.figures(name, units, years, coverage) for name in indicator], ignore_index=True)
        chosen, deal = self.indicator(indicator), self.context.deal
        if not chosen.has_figures:
            raise UsageError(f"{indicator} has no figures: {chosen.no_figures_reason}")
        if coverage not in ("province", "country"):
            raise UsageError(f"coverage must be 'province' or 'country', not {coverage!r}.")
        rows = self.context.figures(indicator)
        if isinstance(units, Mapping):
            groups = own_groups(deal, units)
            rows, ids = grouped_figures(deal.id, chosen, groups), list(groups)
        elif units is None:
            ids = None
        else:  # the one area that an indicator is about may be a district, which has no name on the desk
            ids = [units] if chosen.only_for and units == chosen.only_for.unit else find_units(deal, units)
        if (ids is None and coverage == "country") or (ids is not None and not set(ids) <= set(rows["unit"])):
            rows = national_figures(deal.id, indicator)
        rows = of_years(rows, years, indicator, self.context.panel["period"].max())
        if ids is not None:
            rows = in_order(rows, ids)
        elif coverage == "country":
            rows = rows[~rows["level"].isin(["corop", "group"])]
        return with_breaks(rows, chosen)[COLUMNS].reset_index(drop=True)

    def levels(self, indicators: str | Iterable[str], units: Units = None) -> pd.DataFrame:
        """Give where indicators stood in the year that they start from, and in the last year that can be compared with it.

        Parameters
        ----------
        indicators : str or iterable of str
            Ids; those of a theme are `measured(theme)`.
        units : str, iterable of str, mapping of str to iterable of str
            As of `figures`; by default the region, its yardstick and the rest of that, or the one area that it is about.

        Returns
        -------
        DataFrame
            A row per indicator and unit; columns indicator, results (of Art. 3, in words), wording (Dutch), unit, unit_name,
            years (both, in words), base_year and base (where the indicator starts from; NaN behind a break), period and
            value (the last year and its level), gap (how the register compares: absolute, relative, none), companion (the
            count that belongs to a rate), decimals, status, source, vintage, and base_status, base_source, base_vintage.
            Shown with the measure "value", both levels become results.
        """
        names = [indicators] if isinstance(indicators, str) else list(indicators)
        chosen = [(self.indicator(name), units) for name in names]
        own = {item.id: item.only_for.unit if item.only_for else ("regio", "provincie", "rest") for item, _ in chosen}
        found = [levels_of(self.figures(i.id, where or own[i.id]), i, self.context) for i, where in chosen]
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=LEVELS)

    def measured(self, theme: int, *, towards_benchmark: bool = False) -> list[str]:
        """List the ids of the indicators of a theme that have figures, in the order of the register.

        Parameters
        ----------
        theme, towards_benchmark : int, bool
            Its number in Art. 2; only those of results that should come nearer to the deal's yardstick (Art. 3), and
            of which a gap says something.

        Returns
        -------
        list[str]
        """
        mine = [item for item in self.context.indicators.values() if item.theme == theme and item.has_figures]
        mine = [item for item in mine if self.context.is_towards_benchmark(item)] if towards_benchmark else mine
        return [item.id for item in mine if len(self.context.figures(item.id))]

    def headline(self, theme: int) -> str | None:
        """Name the indicator that stands for a theme; None where no figure follows it from year to year.

        Parameters
        ----------
        theme : int
            Its number in Art. 2.

        Returns
        -------
        str | None
        """
        return next((item.id for item in self.context.headlines(theme)), None)

    @property
    def names(self) -> tuple[str, str, str]:
        """Names of the region, its yardstick and the rest of that, as in the column unit_name."""
        region = self.context.deal.region
        return region.short_name, region.benchmark.name, region.rest_name

    @property
    def payers(self) -> tuple[list[str], list[str]]:
        """Whose money the budget is about, and who pays beside it without private parties: sources of payments."""
        own, others = payers_of(self.context.deal, self.context.programme)
        return own, [source for source in others if source != FIRMS]

    @property
    def last_day(self) -> date:
        """The day of the report: the last of its year, or of the deal."""
        return self.context.day

    @property
    def end(self) -> str:
        """That day in a sentence: ``eind 2021``."""
        return self.context.end_of_year

    def neighbourhoods(self, indicator: str, years: Iterable[int] | None = None) -> pd.DataFrame:
        """Give an indicator for the districts and neighbourhoods of the region, as they were in each year.

        Parameters
        ----------
        indicator, years : str, int, iterable of int or None
            Id of an indicator whose source tells of neighbourhoods, or a measure of those yearly tables; all years
            until that of the report by default.

        Returns
        -------
        DataFrame
            A row per unit and year; columns indicator, unit (BU or WK code), unit_name, level (district, neighbourhood),
            municipality (code of that year), period (year), value (in the indicator's unit of measure), numerator and
            denominator (of a rate, else empty), status, source, vintage, comparable_from (the year since which the
            unit's boundaries are the same).

        Raises
        ------
        UsageError
            For what has no figures of neighbourhoods, or not in these years.
        """
        from evaluation.chapters.desk.small_areas import neighbourhood_figures

        return neighbourhood_figures(self.context, indicator, read_years(years))

    def file(self, name: str, **options: object) -> pd.DataFrame:
        """Read a table of your own from data/own, which has its origin beside it (``name.csv.yml``).

        Parameters
        ----------
        name : str
            Of a CSV, Excel or parquet file in data/own.
        options : object
            Of pandas' reader of that kind: sep, decimal, sheet_name.

        Returns
        -------
        DataFrame
            As it is, with a column source unless it has one: title and publisher, as its origin says.

        Raises
        ------
        UsageError
            For a name that leaves the folder, a file that is not there, and one without its origin.
        """
        return read_own_file(name, options)

    def records(self, table: str) -> pd.DataFrame:
        """Give a table of the programme's records as they were known at the end of the year, protected as in the report.

        Parameters
        ----------
        table : "projects" | "payments" | "outputs" | "deliveries" | "milestones" | "counts" | "amounts"
            Meetings are milestones of the kind "meeting".

        Returns
        -------
        DataFrame
            A copy; dates are datetime64, amounts in EUR, and what is withheld is missing.  Columns of projects: project_id,
            title, theme, track, municipalities, neighbourhood, approach, criteria, lead, planned_start, started_on,
            completed_on, dropped_on, rijk_eur to private_eur, note, state.  payments: payment_id, kind, date,
            project_id, source, amount_eur, note, and of its project theme and track, and year; none of private parties
            (`money("private")`).  outputs: output_id, date, project_id, result, target, quantity, unit,
            municipality, note.  milestones: milestone_id, kind, date_planned, date_done, theme, approach,
            deal_milestone, project_id, body, title, note.  counts (in the place of outputs of persons, households and
            firms): result, target, unit, year, total, projects.  deliveries (both, added up): result, target, unit,
            quantity, is_withheld, margin, projects.  amounts (of private parties): theme, kind, year, total.
        """
        check_one("table", table, RECORDS)
        READ.add(table)
        return list_records(self.context, table)

    def money(self, by: str = "theme") -> pd.DataFrame:
        """Give the money of the programme at the end of the year, in EUR.

        Parameters
        ----------
        by : "theme" | "source" | "track" | "year" | "tranches" | "private" | "party" | "total"
            What the rows are; party: what Rijk and Regio agreed to bring.

        Returns
        -------
        DataFrame
            A copy; one column with what the rows are, and committed_eur and paid_eur (NaN: withheld).  theme and total
            also budget_eur, cofinancing_committed_eur, cofinancing_paid_eur, committed_pct, paid_pct; theme also
            budget_share_pct, committed_share_pct and deviation_pp (percentage points); source also paid_pct; title
            (Dutch).  tranches: year, agreed_eur, received_eur.  party: budget_eur.  All have status ("withheld" where an
            amount is) and reference (where the deal says what was agreed).
        """
        check_one("by", by, MONEY)
        READ.add("payments")
        return list_money(self.context, by)

    def targets(self, theme: int | None = None) -> pd.DataFrame:
        """Give what was agreed in numbers, and how far it is at the end of the year.

        Parameters
        ----------
        theme : int | None
            All by default.

        Returns
        -------
        DataFrame
            A row per target; columns indicator (its id), theme, unit ("geleverd"), period (the year), title, group (what
            the deal adds up), result, starts and due (dates), baseline, quantity (agreed), goal (the same in Dutch words),
            delivered (all in unit_of_measure; NaN where nothing measures it or it is withheld), counted (from outputs),
            unit_of_measure, chain, position against the path (Dutch), status ("withheld", "not measured"), reference.
        """
        themes = tuple(str(item.id) for item in self.context.deal.themes)
        if theme is not None:
            check_one("theme", str(theme), themes)
        READ.add("outputs")
        return list_targets(self.context, theme)

    @property
    def plan(self) -> Mapping[str, Design]:
        """The declared comparisons by id: indicator, pre, excluded, pool, scale, plausible effect, and the rest."""
        return Plan(self.context.designs)

    def pool(self, design: Design | str) -> pd.DataFrame:
        """Give the outcome of the region and of every region that it is compared with, in the years of a design.

        Parameters
        ----------
        design : Design or str
            Of the plan, or its id.

        Returns
        -------
        DataFrame
            Shape (years, regions): index period (year), a column per region, the deal's own first; in the design's
            scale: 100 times the logarithm for a relative one (a difference b of these is 100 * np.expm1(b / 100)
            percent), else the indicator's unit of measure.  Of a comparison with the region's own trend (before_after):
            the region and what it is compared with.

        Raises
        ------
        UsageError
            For a design that there is not, or that cannot be estimated, with the reason.
        """
        chosen = self.plan[design_id(design)]
        if not chosen.has_placebos:
            rows = self.figures(chosen.indicator, [chosen.unit, chosen.comparison])
            wide = rows.pivot(index="period", columns="unit_name", values="value")
            return wide[list(dict.fromkeys(rows["unit_name"]))].rename_axis(columns=None)
        found = self.estimated(design)
        if found.examined is None:
            raise UsageError(f"{chosen.id} cannot be estimated: {found.estimate.reason}. Show effect_text() instead.")
        compared = found.examined.comparison
        index, names = pd.Index(compared.periods, name="period"), list(compared.region_names)
        pool = pd.DataFrame(compared.series.T.copy(), index=index, columns=names)
        if compared.weights is not None:  # the own region's weight counts nowhere: it is no donor
            pool.attrs[INHABITANTS] = dict(zip(names, [1.0, *compared.weights.tolist()], strict=True))
        return pool

    def estimate(self, design: Design | str, method: str | None = None) -> Estimate:
        """Give the judged estimate of a design, or the same question by another method, which is not judged.

        Parameters
        ----------
        design, method : Design or str, str or None
            Of the plan, or its id; the method that the plan declares by default, else one of ancova, sdid, sc,
            did, its, gemeenten.  A comparison with the region's own trend has that method only.

        Returns
        -------
        Estimate
            Frozen: value, std_error, ci_low, ci_high and mde in the unit of measure (exact percent for a relative
            design), p_value, rank, deviation, attribution, reason and the rest.
        """
        chosen = self.plan[design_id(design)]
        if not chosen.has_placebos:
            check_one("method", method or chosen.method, (chosen.method,))
            return compare(self.context, chosen).estimate
        found = self.estimated(design)
        if method in (None, chosen.method):
            return found.estimate
        check_one("method", method, tuple(dict.fromkeys([chosen.method, *found.others])))
        return found.others[method]

    def estimated(self, design: Design | str) -> Estimated:
        """Give everything that was found for a design: pool, estimate, checks, other methods.

        Parameters
        ----------
        design : Design or str
            With placebo regions.

        Returns
        -------
        Estimated
        """
        everything = judged_designs(self.context.deal.id)
        check_one("design with placebo regions", design_id(design), tuple(everything))
        return everything[design_id(design)]

    def indicator(self, indicator: str) -> Indicator:
        """Give the definition of an indicator.

        Parameters
        ----------
        indicator : str
            Its id.

        Returns
        -------
        Indicator
        """
        check_one("indicator", indicator, tuple(self.context.indicators))
        return self.context.indicators[indicator]
