"""What an evaluator starts from: a year of a deal, with verbs that give its figures as tidy tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.effects.estimate import Estimate
from evaluation.analysis.estimation import ESTIMATORS, Estimated
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import Context
from evaluation.chapters.desk.levels import LEVELS, levels_of, with_breaks
from evaluation.chapters.desk.national import grouped_figures, national_figures
from evaluation.chapters.desk.own_numbers import READ
from evaluation.chapters.desk.record_tables import list_money, list_targets
from evaluation.chapters.desk.units import Units, find_units, own_groups
from evaluation.chapters.report.evaluation import judged_designs
from evaluation.inputs.indicators import Design, Indicator, plan_hash, register_dir
from evaluation.inputs.records.deliveries import delivered
from evaluation.statistics.areas.regions import Coverage, members
from evaluation.statistics.panels import PARTS

COLUMNS = [
    "indicator", "unit", "unit_name", "level", "period", "value", *PARTS, "status", "source", "vintage", "note",
    "comparable",
]  # fmt: skip
"""Of `Year.figures`."""

_RECORDS = ("projects", "payments", "outputs", "deliveries", "milestones", "counts", "amounts")
_MONEY = ("theme", "source", "track", "year", "tranches", "private", "party", "total")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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
        years: Iterable[int] | None = None,
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
        years : iterable of int, or None
            Until the year of the report by default; in the final evaluation until the last there is.
        coverage : "province" | "country"
            Where no units are named: the municipalities of the province, or of the country.

        Returns
        -------
        DataFrame
            A row per unit and year; columns `COLUMNS`: indicator, unit (code), unit_name, level, period (year), value
            (in the indicator's unit of measure), numerator and denominator (of a rate: what is divided by what; of a
            count the first), status (final, provisional, withheld, missing), source, vintage, note (Dutch), comparable
            (False before a break in the series: no change or trend is taken over it).

        Raises
        ------
        UsageError
            For an indicator, a unit or a coverage that there is not, and for one that has no figures.
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
        elif units is not None:
            ids = find_units(deal, units)
        else:
            ids = None
        if (ids is None and coverage == "country") or (ids is not None and not set(ids) <= set(rows["unit"])):
            rows = national_figures(deal.id, indicator)
        if years is None:
            rows = rows[rows["period"] <= self.context.panel["period"].max()]
        else:
            rows = rows[rows["period"].isin([int(year) for year in years])]
        if ids is not None:
            order = {unit: place for place, unit in enumerate(ids)}
            rows = rows[rows["unit"].isin(order)]
            rows = rows.sort_values(
                ["unit", "period"], key=lambda column: column.map(order) if column.name == "unit" else column
            )
        elif coverage == "country":
            rows = rows[~rows["level"].isin(["corop", "group"])]
        return with_breaks(rows, chosen)[COLUMNS].reset_index(drop=True)

    def levels(self, indicators: str | Iterable[str], units: Units = ("regio", "provincie", "rest")) -> pd.DataFrame:
        """Give where indicators stood in the year that they start from, and in the last year that can be compared with it.

        Parameters
        ----------
        indicators : str or iterable of str
            Ids; those of a theme are `measured(theme)`.
        units : str, iterable of str, mapping of str to iterable of str
            As of `figures`.

        Returns
        -------
        DataFrame
            A row per indicator and unit; columns indicator, wording (Dutch), unit, unit_name, years
            (both, in words), base_year and base (the year that the indicator starts from and its level; NaN behind a
            break), period and value (the last year and its level), gap (how the register compares: absolute, relative, none), companion (the count that belongs to
            a rate), decimals, status, source, vintage, and base_status, base_source, base_vintage.  Shown with the
            measure "value", both levels become results.
        """
        names = [indicators] if isinstance(indicators, str) else list(indicators)
        found = [levels_of(self.figures(name, units), self.indicator(name), self.context) for name in names]
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=LEVELS)

    def measured(self, theme: int) -> list[str]:
        """List the indicators of a theme that have figures in this year.

        Parameters
        ----------
        theme : int
            Its number in Art. 2.

        Returns
        -------
        list[str]
            Ids, in the order of the register.
        """
        mine = [item for item in self.context.indicators.values() if item.theme == theme and item.has_figures]
        return [item.id for item in mine if len(self.context.figures(item.id))]

    def headline(self, theme: int) -> str | None:
        """Name the indicator that stands for a theme.

        Parameters
        ----------
        theme : int
            Its number in Art. 2.

        Returns
        -------
        str | None
            Its id; None where no figure follows the theme from year to year.
        """
        return next((item.id for item in self.context.headlines(theme)), None)

    @property
    def names(self) -> tuple[str, str, str]:
        """Names of the region, its yardstick and the rest of that, as in the column unit_name."""
        region = self.context.deal.region
        return region.short_name, region.benchmark.name, region.rest_name

    def neighbourhoods(self, indicator: str, years: Iterable[int] | None = None) -> pd.DataFrame:
        """Give an indicator of the yearly neighbourhood tables for the districts and neighbourhoods of the region.

        Parameters
        ----------
        indicator, years : str, iterable of int or None
            Name of a measure of those tables; all years until that of the report by default.

        Returns
        -------
        DataFrame
            As of `evaluation.statistics.neighbourhoods.read_neighbourhoods`: a row per unit and year, with value,
            status, source, vintage and comparable_from, the year since which the unit's boundaries are the same.
        """
        from evaluation.statistics.neighbourhoods import read_neighbourhoods

        deal = self.context.deal
        codes = {
            code
            for year in range(2010, self.context.year + 1)
            for code in members(deal, self.context.region_unit, year)
        }
        rows = read_neighbourhoods(indicator, sorted(codes), years)
        return rows[rows["period"] <= self.context.year].reset_index(drop=True)

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
        from evaluation.inputs.own_files import read_own_file

        return read_own_file(name, options)

    def records(self, table: str) -> pd.DataFrame:
        """Give a table of the programme's records as they were known at the end of the year, protected as in the report.

        Parameters
        ----------
        table : "projects" | "payments" | "outputs" | "deliveries" | "milestones" | "counts" | "amounts"
            Meetings are milestones of the kind "meeting"; deliveries are outputs and counts added up.

        Returns
        -------
        DataFrame
            Columns as of `evaluation.inputs.records.programme.Programme`, and of deliveries as of
            `evaluation.inputs.records.deliveries.delivered`; a copy.  Payments also have the theme, the track
            and the year; those of private parties are not among them (`money("private")` has what may be told).
        """
        _check_one("table", table, _RECORDS)
        READ.add(table)
        if table == "deliveries":
            return delivered(self.context.programme)
        found = getattr(self.context.programme, table).copy()
        if table != "payments":
            return found
        projects = self.context.programme.projects[["project_id", "theme", "track"]]
        return found.merge(projects, on="project_id", how="left").assign(year=lambda rows: rows["date"].dt.year)

    def money(self, by: str = "theme") -> pd.DataFrame:
        """Give the money of the programme at the end of the year, in EUR.

        Parameters
        ----------
        by : "theme" | "source" | "track" | "year" | "tranches" | "private" | "party" | "total"
            What the rows are; party: what Rijk and Regio agreed to bring.

        Returns
        -------
        DataFrame
            Columns as of `evaluation.analysis.finance.Money`, one with what the rows are, title (Dutch) and status: "withheld" where an
            amount of private parties is (NaN); reference is where the deal says what was budgeted.
        """
        _check_one("by", by, _MONEY)
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
        READ.add("outputs")
        return list_targets(self.context, theme)

    @property
    def plan(self) -> dict[str, Design]:
        """The declared comparisons by id: indicator, pre, excluded, pool, scale, plausible effect, and the rest."""
        return dict(self.context.designs)

    @property
    def plan_sha256(self) -> str:
        """The sha256 of the plan as it was read."""
        return plan_hash(folder=register_dir(self.context.deal.id))

    def pool(self, design: str) -> pd.DataFrame:
        """Give the outcome of the region and of every region that it is compared with, in the years of a design.

        Parameters
        ----------
        design : str
            Id of a design with placebo regions.

        Returns
        -------
        DataFrame
            Index period (year), a column per region, the deal's own first; in the design's scale: 100 times the
            logarithm for a relative one, else the indicator's unit of measure.

        Raises
        ------
        UsageError
            For a design that there is not, or that cannot be estimated, with the reason.
        """
        examined = self.estimated(design).examined
        if examined is None:
            raise UsageError(
                f"{design} cannot be estimated: {self.estimated(design).estimate.reason}. "
                f'Show why in its place: effect_text("{design}") of the chapter.'
            )
        series, compared = examined.comparison.series, examined.comparison
        return pd.DataFrame(
            series.T, index=pd.Index(compared.periods, name="period"), columns=list(compared.region_names)
        )

    def estimate(self, design: str, method: str | None = None) -> Estimate:
        """Give the judged estimate of a design, or the same question by another method, which is not judged.

        Parameters
        ----------
        design, method : str, str or None
            Ids; the method that the plan declares by default, else one of sdid, sc, did, its, gemeenten.

        Returns
        -------
        Estimate
        """
        found = self.estimated(design)
        if method in (None, found.design.method):
            return found.estimate
        _check_one("method", method, tuple(found.others) or tuple(ESTIMATORS))
        return found.others[method]

    def estimated(self, design: str) -> Estimated:
        """Give everything that was found for a design: pool, estimate, checks, other methods.

        Parameters
        ----------
        design : str
            Id of a design with placebo regions.

        Returns
        -------
        Estimated
        """
        everything = judged_designs(self.context.deal.id)
        _check_one("design", design, tuple(everything))
        return everything[design]

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
        _check_one("indicator", indicator, tuple(self.context.indicators))
        return self.context.indicators[indicator]

    def __repr__(self) -> str:
        return f"<{self.context.deal.name}, {self.context.year}: figures, neighbourhoods, records, money, targets, plan, pool, estimate>"


def opened_year() -> Year | None:
    """Return the year that the notebook opened last, for what it shows; None before it opened one."""
    return _opened[-1] if _opened else None


def put_on_desk(year: Year) -> Year:
    """Let what the notebook shows from now on be of this year."""
    _opened.append(year)
    return year


_opened: list[Year] = []


def _check_one(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        hint = did_you_mean(str(value), list(known)) or f"There are: {', '.join(known) or 'none'}."
        raise UsageError(f"There is no {what} {value!r}. {hint}")
