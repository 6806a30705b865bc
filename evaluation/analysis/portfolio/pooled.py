"""The declared estimate of every outcome, with interval, chance and detectable effect: computed once for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.effects.scale import Scale
from evaluation.analysis.portfolio.arrays import arrays_of
from evaluation.analysis.portfolio.cohorts import Facts, list_exposure
from evaluation.analysis.portfolio.estimators import Pooled, saturated
from evaluation.analysis.portfolio.frame import build_frame
from evaluation.analysis.portfolio.permutation import Reference, reference
from evaluation.base.cache import remember
from evaluation.base.paths import data_dir
from evaluation.inputs.deal import list_deals, load_deal
from evaluation.inputs.indicators import Indicator, load_indicators
from evaluation.inputs.portfolio_plan import Outcome, PortfolioPlan, load_portfolio_plan
from evaluation.statistics.areas.treatments import Register, load_register
from evaluation.statistics.panels import build_panel

COLUMNS = [
    *("outcome", "deviation", "ci_low", "ci_high", "mde", "p_value", "plausible", "period", "unit_of_measure"),
    *("n_treated", "n_deals", "source", "vintage"),
]


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """What all estimates of the edition start from.

    Attributes
    ----------
    plan : PortfolioPlan
    register : Register
    indicators : mapping of str to Indicator
    figures : DataFrame    See `municipal_figures`.
    """

    plan: PortfolioPlan
    register: Register
    indicators: Mapping[str, Indicator]
    figures: pd.DataFrame

    @property
    def years(self) -> tuple[int, int]:
        """First and last year since the start over which the pooled effect is a mean."""
        return self.plan.first_event_year, self.plan.last_event_year

    def outcome(self, name: str) -> Outcome:
        """Return an outcome of the plan.

        Parameters
        ----------
        name : str
            Its id.

        Returns
        -------
        Outcome
        """
        return self.plan.outcomes[name]

    def scale(self, name: str) -> Scale:
        """Give the scale on which an outcome is estimated and told.

        Parameters
        ----------
        name : str
            Id of the outcome.

        Returns
        -------
        Scale
        """
        outcome = self.outcome(name)
        return Scale(outcome.family != "level", self.indicators[outcome.series].direction)

    def frame(self, name: str, *, facts: Facts = "verified", last: int | None = None) -> pd.DataFrame:
        """Give the frame of an outcome.

        Parameters
        ----------
        name, facts, last : str, Facts, int or None
            Id of the outcome; which exposure counts; the last year, of the outcome by default.

        Returns
        -------
        DataFrame
            Columns `evaluation.analysis.portfolio.frame.COLUMNS`.
        """
        outcome = self.outcome(name)
        exposure = list_exposure(self.register, facts=facts, last=last or outcome.last)
        return build_frame(outcome, exposure, self.figures, start_level_years=self.plan.start_level_years, last=last)


def open_pool() -> Portfolio:
    """Open plan, register and figures; the figures are computed once.

    Returns
    -------
    Portfolio
    """
    return Portfolio(
        load_portfolio_plan(), load_register(), _library(), remember("portfolio-figures", (), municipal_figures)
    )


def municipal_figures() -> pd.DataFrame:
    """Compute the series of all outcomes for every municipality of today.

    Returns
    -------
    DataFrame
        Columns unit, unit_name, period, indicator, value, status, source, vintage; all years there are, on the
        boundaries of today; with ``inwoners-gemiddeld``.
    """
    library = _library()
    names = [item.series for item in load_portfolio_plan().outcomes.values()] + ["inwoners-gemiddeld"]
    # Figures of municipalities are the same for every deal; the panel asks for one to know whose region comes beside.
    deal = load_deal(list_deals()[0])
    panel = build_panel(deal, coverage="country", indicators={name: library[name] for name in names})
    columns = ["unit", "unit_name", "period", "indicator", "value", "status", "source", "vintage"]
    return panel.loc[panel["level"] == "municipality", columns].reset_index(drop=True)


def pooled_estimates() -> pd.DataFrame:
    """Estimate the effect of all deals on every outcome by the declared estimator; computed once.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row for each outcome in the order of the plan: deviation, ci_low, ci_high, mde and
        plausible in percent or percentage points (`unit_of_measure`), exactly converted from logarithms; mde without a
        sign; period:
        the last year; n_treated municipalities and n_deals deals.
    """
    return remember("portfolio-pooled", (), lambda: _all_pooled(open_pool()))


def references() -> dict[str, Reference]:
    """Give the declared estimate of every outcome under permuted cohorts; computed once.

    Returns
    -------
    dict[str, Reference]
        By id of the outcome.
    """
    return remember("portfolio-references", (), lambda: _references(open_pool()))


def permuted(pool: Portfolio, name: str, frame: pd.DataFrame) -> Reference:
    """Permute the cohorts of a frame over its regions, as the plan declares.

    Parameters
    ----------
    pool, name, frame : Portfolio, str, DataFrame
        The outcome's id and frame.

    Returns
    -------
    Reference
    """
    outcome, plan = pool.outcome(name), pool.plan
    draws = plan.permutations if outcome.headline else plan.permutations_other
    return reference(arrays_of(frame, outcome, years=pool.years), draws=draws, seed=plan.seed)


def told(pool: Portfolio, name: str, estimate: Pooled, chance: Reference) -> dict[str, float]:
    """Tell an estimate with what is uncertain of it, in percent or points.

    Parameters
    ----------
    pool, name, estimate, chance : Portfolio, str, Pooled, Reference
        The outcome's id, its estimate, and the same under permuted cohorts.

    Returns
    -------
    dict[str, float]
        deviation, ci_low, ci_high, mde, p_value.
    """
    scale, reach = pool.scale(name), chance.quantile * estimate.std_error
    return {
        "deviation": float(scale.told(estimate.value)),
        "ci_low": float(scale.told(estimate.value - reach)),
        "ci_high": float(scale.told(estimate.value + reach)),
        "mde": float(scale.size(chance.detectable)),
        "p_value": chance.p_value(estimate.value, estimate.std_error),
    }


def _library() -> Mapping[str, Indicator]:
    return load_indicators(folder=data_dir() / "indicators")


def _references(pool: Portfolio) -> dict[str, Reference]:
    return {name: permuted(pool, name, pool.frame(name)) for name in pool.plan.outcomes}


def _all_pooled(pool: Portfolio) -> pd.DataFrame:
    chances = references()
    rows = []
    for name, outcome in pool.plan.outcomes.items():
        frame = pool.frame(name)
        found = saturated(frame, outcome, years=pool.years)
        rows.append(
            {
                "outcome": name,
                **told(pool, name, found, chances[name]),
                "plausible": outcome.plausible,
                "period": outcome.last,
                "unit_of_measure": outcome.unit,
                "n_treated": found.n_treated,
                "n_deals": found.n_deals,
                **_origin(frame),
            }
        )
    return pd.DataFrame(rows)[COLUMNS]


def _origin(frame: pd.DataFrame) -> dict[str, str]:
    """Name each table once, with its vintage in the same place."""
    pairs = frame[["source", "vintage"]].drop_duplicates().itertuples(index=False)
    origins = sorted(
        {pair for row in pairs for pair in zip(row.source.split("; "), row.vintage.split("; "), strict=True)}
    )
    return {"source": "; ".join(item[0] for item in origins), "vintage": "; ".join(item[1] for item in origins)}


def to_results(rows: pd.DataFrame) -> pd.DataFrame:
    """Give estimates what a row of results.csv has beside its numbers.

    Parameters
    ----------
    rows : DataFrame
        Column outcome; unit (of all deals together where there is none) and method (none for the declared one), if any.

    Returns
    -------
    DataFrame
        With columns theme, indicator, unit, chain, status, period, unit_of_measure, source and vintage.
    """
    known = pooled_estimates().set_index("outcome")
    outcome = rows["outcome"]
    method = "-" + rows["method"] if "method" in rows else ""
    return rows.assign(
        theme="portfolio",
        indicator=(outcome + method).str.removesuffix("-saturated"),
        unit=rows.get("unit", "alle-deals"),
        chain="outcome",
        status="computed",
        **{name: outcome.map(known[name]) for name in ("period", "unit_of_measure", "source", "vintage")},
    )


def headlines(pool: Portfolio) -> list[str]:
    """List the outcomes that were chosen beforehand to judge by.

    Parameters
    ----------
    pool : Portfolio
        With the plan.

    Returns
    -------
    list[str]
    """
    return [name for name, outcome in pool.plan.outcomes.items() if outcome.headline]


def told_ends(pool: Portfolio, name: str, value: float, reach: float) -> dict[str, float]:
    """Tell an estimate and its interval in percent or points.

    Parameters
    ----------
    pool, name, value, reach : Portfolio, str, float, float
        The outcome's id; the estimate and half its interval, on the scale of the estimate.

    Returns
    -------
    dict[str, float]
        deviation, ci_low, ci_high.
    """
    low, mid, high = (float(pool.scale(name).told(value + side * reach)) for side in (-1, 0, 1))
    return {"deviation": mid, "ci_low": low, "ci_high": high}
