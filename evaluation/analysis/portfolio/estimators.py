"""The estimators of kept libraries on a frame of municipality and year, the declared one first.

pyfixest: the saturated regression (each cohort its own difference in each year), two-way fixed effects and the
two-stage imputation; diff-diff: Callaway and Sant'Anna with comparisons that are not treated yet, imputation,
Sun and Abraham.

References
----------
Wooldridge (2023), Econometrics Journal 26(3): saturated regressions, also of counts; without leads an imputation.
Sun and Abraham (2021), Journal of Econometrics 225(2).  Borusyak, Jaravel and Spiess (2024), Review of Economic
Studies 91(6).  Callaway and Sant'Anna (2021), Journal of Econometrics 225(2).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.frame import REFERENCE
from evaluation.inputs.portfolio_plan import Outcome

ADJUSTED = " + i(period, start_level, ref={first})"
_STRICT = {"fixef_tol": 1e-12}  # pyfixest takes fixed effects in the order of a set, which shows at its own tolerance
"""The start level, with a slope of its own in each year."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A mean of coefficients of a regression, on the scale of the estimate (100 times a logarithm, or points).

    Attributes
    ----------
    value, std_error : float    The error is by cluster (CRV1).
    n_treated, n_deals : int    Municipalities and deals in the cells that it is a mean of.
    """

    value: float
    std_error: float
    n_treated: int
    n_deals: int


def fit_saturated(frame: pd.DataFrame, outcome: Outcome, *, adjusted: bool = True, cells: str = "cell") -> Any:
    """Fit the declared regression: each cell of cohort and year after the start its own difference.

    Parameters
    ----------
    frame, outcome : DataFrame, Outcome
        Of `frame.build_frame`.
    adjusted : bool
        With the start level.
    cells : str
        Column with the cells; `REFERENCE` is left out.

    Returns
    -------
    pyfixest model
        Coefficients ``<cells>::<cell>``, errors by cluster (CRV1).
    """
    return regress(frame, outcome, f"i({cells}, ref='{REFERENCE}')", adjusted=adjusted)


def regress(frame: pd.DataFrame, outcome: Outcome, terms: str, *, adjusted: bool = True) -> Any:
    """Regress an outcome on terms, with fixed effects: of a count by Poisson.

    The effects are of municipality and year, of what is no count year by part of the country.

    Parameters
    ----------
    frame, outcome, terms, adjusted : DataFrame, Outcome, str, bool
        As of `fit_saturated`; in pyfixest's language.

    Returns
    -------
    pyfixest model
    """
    import pyfixest as pf

    level = ADJUSTED.format(first=outcome.first) if adjusted else ""
    with _quiet():
        if outcome.family == "poisson":
            formula = f"y ~ {terms}{level} | municipality + period"
            return pf.fepois(formula, frame, vcov={"CRV1": "cluster"}, offset="log_inhabitants", **_STRICT)
        formula = f"y ~ {terms}{level} | municipality + period^part"
        return pf.feols(formula, frame, vcov={"CRV1": "cluster"}, weights="weight", **_STRICT)


def pool(fit: Any, weights: pd.Series, outcome: Outcome) -> tuple[float, float]:
    """Take the weighted mean of coefficients and its standard error.

    Parameters
    ----------
    fit, weights, outcome : pyfixest model, Series, Outcome
        The weights by name of the coefficient; they need not add up to one.

    Returns
    -------
    tuple of float
        Value and standard error, on the scale of the estimate.
    """
    share = weights.reindex(fit.coef().index).fillna(0.0).to_numpy()
    share = share / share.sum()
    scale = 100.0 if outcome.family == "poisson" else 1.0
    variance = share @ fit._vcov @ share
    return scale * float(share @ fit.coef().to_numpy()), scale * float(np.sqrt(variance))


def cell_weights(frame: pd.DataFrame, years: tuple[int, int], *, cells: str = "cell") -> pd.Series:
    """Weigh each cell by the weights of its rows, over some years since the start.

    Parameters
    ----------
    frame, years, cells : DataFrame, tuple of int, str
        First and last year since the start; the column with the cells.

    Returns
    -------
    Series
        By name of the coefficient.
    """
    chosen = frame[frame["event_time"].between(*years) & (frame[cells] != REFERENCE)]
    found = chosen.groupby(cells)["weight"].sum()
    return found.rename(index=lambda cell: f"{cells}::{cell}")


def saturated(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int], adjusted: bool = True) -> Pooled:
    """Estimate the effect of all deals by the declared regression.

    Parameters
    ----------
    frame, outcome, years, adjusted : DataFrame, Outcome, tuple of int, bool
        As of `fit_saturated` and `cell_weights`.

    Returns
    -------
    Pooled
    """
    fit = fit_saturated(frame, outcome, adjusted=adjusted)
    return _pooled(pool(fit, cell_weights(frame, years), outcome), frame, years)


def two_way(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int], adjusted: bool = True) -> Pooled:
    """Estimate by two-way fixed effects, as a comparison: it is biased where effects grow or differ by cohort.

    Parameters
    ----------
    frame, outcome, years, adjusted : DataFrame, Outcome, tuple of int, bool
        As of `saturated`; the years only say which municipalities count.

    Returns
    -------
    Pooled
    """
    on = frame.assign(treated=(frame["event_time"] >= 0).astype(float))
    fit = regress(on, outcome, "treated", adjusted=adjusted)
    return _pooled(pool(fit, pd.Series({"treated": 1.0}), outcome), frame, years)


def two_stage(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int]) -> Pooled:
    """Estimate by the two-stage imputation of pyfixest (did2s), on logarithms of rates for counts.

    Without weights: with them version 0.60 solves its first stage to two digits only.

    Parameters
    ----------
    frame, outcome, years : DataFrame, Outcome, tuple of int
        As of `saturated`.

    Returns
    -------
    Pooled
    """
    import pyfixest as pf

    data = on_logs(frame, outcome)
    in_years = data["event_time"].between(*years)
    data = data.assign(
        treated=data["event_time"] >= 0, effect=in_years.astype(float), other=(data["event_time"] >= 0) & ~in_years
    )
    data = data.assign(other=data["other"].astype(float))
    with _quiet():
        fit = pf.did2s(
            data,
            yname="outcome",
            first_stage="~ 0 | municipality + period",
            second_stage="~ effect + other",
            treatment="treated",
            cluster="cluster",
        )
    return _pooled((float(fit.coef()["effect"]), float(fit.se()["effect"])), frame, years)


def callaway_santanna(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int]) -> Pooled:
    """Estimate with comparisons that are not treated yet (diff-diff), on logarithms of rates for counts.

    Parameters
    ----------
    frame, outcome, years : DataFrame, Outcome, tuple of int
        As of `saturated`.

    Returns
    -------
    Pooled
        The mean over the years since the start of effects by municipality, without weights.
    """
    from diff_diff import CallawaySantAnna

    model = CallawaySantAnna(control_group="not_yet_treated", estimation_method="reg", cluster="cluster")
    return _of_diff_diff(model, frame, outcome, years)


def imputation(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int]) -> Pooled:
    """Estimate by imputation (diff-diff), on logarithms of rates for counts, without weights.

    Parameters
    ----------
    frame, outcome, years : DataFrame, Outcome, tuple of int
        As of `saturated`.

    Returns
    -------
    Pooled
    """
    from diff_diff import ImputationDiD

    return _of_diff_diff(ImputationDiD(cluster="cluster"), frame, outcome, years)


def sun_abraham(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int]) -> Pooled:
    """Estimate by interaction weights of cohorts (diff-diff), on logarithms of rates for counts, without weights.

    Parameters
    ----------
    frame, outcome, years : DataFrame, Outcome, tuple of int
        As of `saturated`.

    Returns
    -------
    Pooled
    """
    from diff_diff import SunAbraham

    return _of_diff_diff(SunAbraham(cluster="cluster"), frame, outcome, years)


def on_logs(frame: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Give the outcome as a linear regression takes it, and only municipalities with all years.

    Parameters
    ----------
    frame, outcome : DataFrame, Outcome
        Of `frame.build_frame`.

    Returns
    -------
    DataFrame
        With columns outcome (of a count 100 times the logarithm of the rate, half an offence added) and first_treat
        (cohort; 0 for never).
    """
    counts = frame.groupby("municipality")["period"].transform("size")
    data = frame[counts == counts.max()].reset_index(drop=True)
    rate = 100 * np.log((data["y"] + 0.5) / data["inhabitants"]) if outcome.family == "poisson" else data["y"]
    return data.assign(outcome=rate, first_treat=data["cohort"].where(data["cohort"] != NEVER, 0).astype(int))


def _of_diff_diff(model: Any, frame: pd.DataFrame, outcome: Outcome, years: tuple[int, int]) -> Pooled:
    """Fit a model of diff-diff and take the plain mean of its event study over some years."""
    data = on_logs(frame, outcome)
    names = {"outcome": "outcome", "unit": "municipality", "time": "period", "first_treat": "first_treat"}
    with _quiet():
        result = model.fit(data, **names, aggregate="event_study") if not _is_sun(model) else model.fit(data, **names)
    effects = result.event_study_effects
    chosen = [effects[moment] for moment in range(years[0], years[1] + 1) if moment in effects]
    # Errors of the years go up and down together: their mean is not smaller than what full dependence gives.
    value = float(np.mean([item["effect"] for item in chosen]))
    return _pooled((value, float(np.mean([item["se"] for item in chosen]))), frame, years)


def _is_sun(model: Any) -> bool:
    return type(model).__name__ == "SunAbraham"


def _pooled(estimate: tuple[float, float], frame: pd.DataFrame, years: tuple[int, int]) -> Pooled:
    treated = frame[frame["event_time"].between(*years)]
    return Pooled(*estimate, treated["municipality"].nunique(), treated["deal"].nunique())


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what libraries say of columns that they drop out of a page: what is dropped is a fixed effect."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
