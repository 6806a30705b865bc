"""What an evaluator starts from: a year of a deal, with verbs that give its figures as tidy tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.effects.estimate import Estimate
from evaluation.analysis.estimation import Estimated
from evaluation.analysis.progress import TargetProgress
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import Context, progress_of, theme_of
from evaluation.chapters.desk.own_numbers import READ
from evaluation.chapters.desk.panels import grouped_figures, national_figures, of_years, read_years
from evaluation.chapters.desk.units import Units, find_units, own_groups
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import judged_designs
from evaluation.chapters.steps.comparison import compare
from evaluation.inputs.indicators import Design, Indicator, plan_hash, register_dir
from evaluation.statistics.areas.regions import Coverage
from evaluation.statistics.panels import PARTS

COLUMNS = ["indicator", "unit", "unit_name", "level", "period", "value", *PARTS, "status", "source", "vintage", "note"]
"""Of `Year.figures`."""

_RECORDS = ("projects", "payments", "outputs", "milestones", "counts", "amounts")
_TARGET_COLUMNS = [
    "indicator", "theme", "unit", "period", "title", "result", "starts", "due", "baseline", "quantity", "delivered",
    "unit_of_measure", "chain", "position",
]  # fmt: skip
_MONEY = ("theme", "source", "track", "year", "tranches", "private", "total")


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
            count the first), status (final, provisional, withheld, missing), source, vintage, note (Dutch).  Level is
            municipality, region, rest, province, corop, country or group.

        Raises
        ------
        UsageError
            For an indicator, a unit, a year or a coverage that there is not, and for one that has no figures.
        """
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
        rows = of_years(rows, years, indicator, self.context.panel["period"].max())
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
        """Give an indicator for the districts and neighbourhoods of the region, as they were in each year.

        Parameters
        ----------
        indicator, years : str, int, iterable of int or None
            Id of an indicator whose source tells of neighbourhoods, or a measure of those yearly tables; all years
            until that of the report by default.

        Returns
        -------
        DataFrame
            A row per unit and year; columns indicator, unit (BU or WK code), level (district, neighbourhood),
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
            A copy; dates are datetime64, amounts in EUR, and what is withheld is missing.  Columns of projects: project_id, title,
            theme, track, municipalities, neighbourhood, approach, criteria, lead, planned_start, started_on,
            completed_on, dropped_on, rijk_eur to private_eur, note, state.  payments: payment_id, kind, date,
            project_id, source, amount_eur, note.  outputs: output_id, date, project_id, result, target, quantity, unit,
            municipality, note.  milestones: milestone_id, kind, date_planned, date_done, theme, approach,
            deal_milestone, project_id, body, title, note.  counts (in the place of outputs of persons, households and
            firms): result, target, unit, year, total, projects.  amounts (of private parties): theme, kind, year, total.
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
            A copy; one column with what the rows are, and committed_eur and paid_eur (NaN: withheld).  theme and total
            also budget_eur, cofinancing_committed_eur, cofinancing_paid_eur, committed_pct, paid_pct; theme also
            budget_share_pct, committed_share_pct and deviation_pp (percentage points); source also paid_pct.  tranches:
            year, agreed_eur, received_eur.
        """
        _check_one("by", by, _MONEY)
        READ.add("payments")
        if by == "total":
            return self.context.money.total.to_frame().T.assign(period=self.context.year)
        found = getattr(self.context.money, by if by in ("tranches", "private") else f"by_{by}")
        return found.copy() if by == "tranches" else found.rename_axis("theme" if by == "private" else by).reset_index()

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
        themes = tuple(str(item.id) for item in self.context.deal.themes)
        if theme is not None:
            _check_one("theme", str(theme), themes)
        READ.add("outputs")
        rows = [_target_row(self.context, item) for item in progress_of(self.context, theme=theme)]
        return pd.DataFrame(rows, columns=_TARGET_COLUMNS)

    @property
    def plan(self) -> Mapping[str, Design]:
        """The declared comparisons by id: indicator, pre, excluded, pool, scale, plausible effect, and the rest."""
        return _Plan(self.context.designs)

    @property
    def plan_sha256(self) -> str:
        """The sha256 of the plan as it was read."""
        return plan_hash(folder=register_dir(self.context.deal.id))

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
            scale: 100 times the logarithm for a relative one, else the indicator's unit of measure.  Of a comparison
            with the region's own trend (before_after): the region and what it is compared with.

        Raises
        ------
        UsageError
            For a design that there is not, or that cannot be estimated, with the reason.
        """
        chosen = self.plan[_id_of(design)]
        if not chosen.has_placebos:
            rows = self.figures(chosen.indicator, [chosen.unit, chosen.comparison])
            wide = rows.pivot(index="period", columns="unit_name", values="value")
            return wide[list(dict.fromkeys(rows["unit_name"]))].rename_axis(columns=None)
        found = self.estimated(design)
        if found.examined is None:
            raise UsageError(f"{chosen.id} cannot be estimated: {found.estimate.reason}")
        compared = found.examined.comparison
        index, names = pd.Index(compared.periods, name="period"), list(compared.region_names)
        return pd.DataFrame(compared.series.T.copy(), index=index, columns=names)

    def estimate(self, design: Design | str, method: str | None = None) -> Estimate:
        """Give the judged estimate of a design, or the same question by another method, which is not judged.

        Parameters
        ----------
        design, method : Design or str, str or None
            Of the plan, or its id; the method that the plan declares by default, else one of sdid, sc, did, its,
            gemeenten.  A comparison with the region's own trend has that method only.

        Returns
        -------
        Estimate
            Frozen: value, std_error, ci_low, ci_high and mde in the unit of the design's scale, p_value, deviation,
            attribution, reason and the rest.
        """
        chosen = self.plan[_id_of(design)]
        if not chosen.has_placebos:
            _check_one("method", method or chosen.method, (chosen.method,))
            return compare(self.context, chosen).estimate
        found = self.estimated(design)
        if method in (None, chosen.method):
            return found.estimate
        _check_one("method", method, tuple(dict.fromkeys([chosen.method, *found.others])))
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
        _check_one("design with placebo regions", _id_of(design), tuple(everything))
        return everything[_id_of(design)]

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


def opened_year() -> Year | None:
    """Return the year that the notebook opened last, for what it shows.

    Returns
    -------
    Year | None
        None before it opened one.
    """
    return _opened[-1] if _opened else None


def put_on_desk(year: Year) -> Year:
    """Let what the notebook shows from now on be of this year.

    Parameters
    ----------
    year : Year
        That it opened.

    Returns
    -------
    Year
        The same.
    """
    _opened.append(year)
    return year


_opened: list[Year] = []


class _Plan(dict[str, Design]):
    """The designs by id; a name that there is not is told with what is like it."""

    def __missing__(self, name: object) -> Design:
        _check_one("design", str(name), tuple(self))
        raise KeyError(name)


def _id_of(design: Design | str) -> str:
    return design.id if isinstance(design, Design) else design


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
