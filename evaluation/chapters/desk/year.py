"""What an evaluator starts from: a year of a deal, with verbs that give its figures as tidy tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.effects.estimate import Estimate
from evaluation.analysis.estimation import ESTIMATORS, Estimated
from evaluation.analysis.progress import TargetProgress
from evaluation.base.cache import remember
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import Context, progress_of, theme_of
from evaluation.chapters.desk.own_numbers import READ
from evaluation.chapters.desk.units import Units, all_groups, area_name, find_units, own_groups
from evaluation.chapters.report.evaluation import judged_designs
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import Design, Indicator, plan_hash, register_dir
from evaluation.statistics.areas.regions import Coverage, members
from evaluation.statistics.panels import PARTS, build_panel

COLUMNS = ["indicator", "unit", "unit_name", "level", "period", "value", *PARTS, "status", "source", "vintage", "note"]
"""Of `Year.figures`."""

_RECORDS = ("projects", "payments", "outputs", "milestones", "counts", "amounts")
_TARGET_COLUMNS = [
    "indicator", "theme", "unit", "period", "title", "result", "starts", "due", "baseline", "quantity", "delivered",
    "unit_of_measure", "chain", "position",
]  # fmt: skip
_MONEY = ("theme", "source", "track", "year", "tranches", "private", "total")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Year:
    """A year of a deal on the desk: `figures`, `neighbourhoods`, `records`, `money`, `targets`, `plan`, `pool`, `estimate`.

    Attributes
    ----------
    context : Context    What the ready-made steps of a chapter start from too.
    """

    context: Context

    def figures(
        self, indicator: str, units: Units = None, years: Iterable[int] | None = None, coverage: Coverage = "province"
    ) -> pd.DataFrame:
        """Give the figures of an indicator, on the municipal boundaries of today in every year.

        Parameters
        ----------
        indicator : str
            Its id, as in data/indicators.
        units : str, iterable of str, mapping of str to iterable of str, or None
            Names or codes: "parkstad", "limburg", "rest", "nederland", "Enschede", "GM0153", "Zuid-Limburg"; a mapping
            makes groups of its own: {"Zuid": ["Heerlen", "Maastricht"]}.  By default the region, its yardsticks and the
            municipalities of the province.
        years : iterable of int, or None
            Until the year of the report by default; in the final evaluation until the last there is.
        coverage : "province" | "country"
            Where no units are named: the municipalities of the province, or of the country.

        Returns
        -------
        DataFrame
            A row per unit and year; columns `COLUMNS`: indicator, unit (code), unit_name, level, period (year), value
            (in the indicator's unit of measure), numerator and denominator (of a rate: what is divided by what; of a
            count the first), status (final, provisional, withheld, missing), source, vintage, note (Dutch).

        Raises
        ------
        UsageError
            For an indicator, a unit or a coverage that there is not, and for one that has no figures.
        """
        chosen, deal = self.indicator(indicator), self.context.deal
        if not chosen.has_figures:
            raise UsageError(f"{indicator} has no figures: {chosen.no_figures_reason}")
        if coverage not in ("province", "country"):
            raise UsageError(f"coverage must be 'province' or 'country', not {coverage!r}.")
        rows = self.context.figures(indicator)
        if isinstance(units, Mapping):
            groups = own_groups(deal, units)
            rows, ids = _grouped(deal.id, chosen, groups), list(groups)
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
        return rows[COLUMNS].reset_index(drop=True)

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
        table : "projects" | "payments" | "outputs" | "milestones" | "counts" | "amounts"
            Meetings are milestones of the kind "meeting".

        Returns
        -------
        DataFrame
            Columns as of `evaluation.inputs.records.programme.Programme`; a copy.
        """
        _check_one("table", table, _RECORDS)
        READ.add(table)
        return getattr(self.context.programme, table).copy()

    def money(self, by: str = "theme") -> pd.DataFrame:
        """Give the money of the programme at the end of the year, in EUR.

        Parameters
        ----------
        by : "theme" | "source" | "track" | "year" | "tranches" | "private" | "total"
            What the rows are.

        Returns
        -------
        DataFrame
            Columns as of `evaluation.analysis.finance.Money`, and one with what the rows are; NaN is withheld.
        """
        _check_one("by", by, _MONEY)
        READ.add("payments")
        if by == "total":
            return self.context.money.total.to_frame().T.assign(period=self.context.year)
        found = getattr(self.context.money, by if by in ("tranches", "private") else f"by_{by}")
        return found if by == "tranches" else found.rename_axis("theme" if by == "private" else by).reset_index()

    def targets(self, theme: int | None = None) -> pd.DataFrame:
        """Give what was agreed in numbers, and how far it is at the end of the year.

        Parameters
        ----------
        theme : int | None
            All by default.

        Returns
        -------
        DataFrame
            A row per target; columns indicator (its id), theme, unit ("geleverd"), period (the year), title, result,
            starts and due (dates), baseline, quantity (agreed), delivered (all in unit_of_measure; empty where nothing
            measures it or it is withheld), unit_of_measure, chain, position against the path (Dutch).
        """
        READ.add("outputs")
        rows = [_target_row(self.context, item) for item in progress_of(self.context, theme=theme)]
        return pd.DataFrame(rows, columns=_TARGET_COLUMNS)

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
            raise UsageError(f"{design} cannot be estimated: {self.estimated(design).estimate.reason}")
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


def national_figures(deal_id: str, indicator: str) -> pd.DataFrame:
    """Give an indicator for all municipalities, provinces and COROP areas of the country; computed once."""
    return remember("national", (deal_id, indicator), lambda: _national(deal_id, indicator))


def _national(deal_id: str, indicator: str) -> pd.DataFrame:
    from evaluation.inputs.indicators import load_indicators

    deal = load_deal(deal_id)
    groups, chosen = all_groups(deal), load_indicators(folder=register_dir(deal_id))[indicator]
    rows = build_panel(deal, coverage="country", groups=groups, indicators={indicator: chosen}, with_parts=True)
    for code in groups:
        rows.loc[rows["unit"] == code, ["unit_name", "level"]] = area_name(code)
    return rows


def _grouped(deal_id: str, indicator: Indicator, groups: Mapping[str, frozenset[str]]) -> pd.DataFrame:
    deal, asked = load_deal(deal_id), tuple((name, tuple(sorted(codes))) for name, codes in groups.items())
    chosen = {indicator.id: indicator}

    def build() -> pd.DataFrame:
        return build_panel(deal, groups=groups, indicators=chosen, with_parts=True)

    return remember("groups", (deal_id, indicator.id, asked), build)


def _check_one(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        hint = did_you_mean(str(value), list(known)) or f"There are: {', '.join(known) or 'none'}."
        raise UsageError(f"There is no {what} {value!r}. {hint}")


def _target_row(context: Context, item: TargetProgress) -> tuple[object, ...]:
    target, counted = item.target, item.target.counted_from == "outputs"
    days = (pd.Timestamp(context.deal.term.path_from), pd.Timestamp(target.by))
    start = 0.0 if target.baseline is None else target.baseline.value
    agreed = (target.title, str(target.result), *days, start, target.quantity, item.delivered, target.unit_of_measure)
    return (
        target.id,
        theme_of(target),
        "geleverd",
        context.year,
        *agreed,
        "output" if counted else "outcome",
        item.position,
    )
