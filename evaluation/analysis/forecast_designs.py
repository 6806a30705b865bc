"""Registered designs: whether a region came out otherwise than regions like it, by more than it ever did before.

The effect is the residual of a regression, over all regions, of the change since the last year before on the level in
that year (ANCOVA), each region judged by the line through the others.  It is studentised: divided by the root mean
squared residual of the same windows in the region's own past.  Its place among all regions gives the p-value, and the
largest of all primary questions together the corrected one (single-step max-T).  The other way to look, which must
agree, is the distance to the forecast by own trend, less that of the others.

References
----------
Abadie, A., Diamond, A. and Hainmueller, J. (2015). Comparative politics and the synthetic control method. AJPS 59(2).
Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing. Wiley.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.analysis.effects.estimate import ALPHA, CannotEstimate, Estimate, refused_estimate
from evaluation.analysis.effects.judgement import Plausible, judge_deviation
from evaluation.analysis.effects.multiple import Adjusted
from evaluation.analysis.effects.placebo import detectable_effect, permutation_p, placebo_inference, smallest_p
from evaluation.analysis.effects.scale import Direction
from evaluation.analysis.forecast_panel import Panel, from_scale, to_scale
from evaluation.analysis.forecasts import FEWEST_BEFORE, forecast
from evaluation.inputs.indicators import Design, Indicator
from evaluation.inputs.registrations import RegisteredDesign, Registration, Scale

_DIGITS = 6
_FEWEST_WINDOWS = 3  # in the past, for the size of residuals
_INFERENCE = "plaats tussen alle gebieden, gestudentiseerd"


@dataclass(frozen=True, slots=True)
class JudgedDesign:
    """What the figures that came say on a registered design.

    Attributes
    ----------
    years : tuple[int, ...]    Of the window, of which all regions that are used have a figure.
    is_final : bool    Whether all years of the window are there; before that the grade is an interim one.
    estimate : Estimate    In the design's `effect_unit`, with its grade.
    """

    indicator: str
    primary: bool
    years: tuple[int, ...]
    is_final: bool
    estimate: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What came of the regions, the judged one first: on the scale, with the size of the same in their past."""

    years: tuple[int, ...]
    units: tuple[str, ...]
    residuals: np.ndarray
    errors: np.ndarray
    by_trend: np.ndarray
    trend_errors: np.ndarray
    base: float  # what would have come, on the scale


def register_design(
    design: Design, indicator: Indicator, panel: Panel, years: Sequence[int], pool: str
) -> dict[str, object] | str:
    """Declare what is asked of one outcome, before its figures are there.

    Parameters
    ----------
    design, indicator : Design, Indicator
        Of the analysis plan: whether it is primary, and how large an effect could plausibly be.
    panel, years, pool : Panel, Sequence[int], str
        Figures up to the year before; the years of the window; the regions in words, in Dutch.

    Returns
    -------
    dict[str, object] | str
        Fields of `registrations.RegisteredDesign`; or in Dutch why nothing can be decided.
    """
    ahead, regions, values = len(years), len(panel.units), panel.values
    if panel.years[-1] != years[0] - 1:
        return f"het laatste cijfer is van {panel.years[-1]}: tussen dat jaar en {years[0]} ligt meer dan deze deal"
    if smallest_p(regions - 1) > ALPHA:
        return f"er zijn {regions - 1} gebieden om mee te vergelijken; met minder dan 19 staat het oordeel vooraf vast"
    origins = range(FEWEST_BEFORE, values.shape[1] - ahead + 1)
    if len(origins) < _FEWEST_WINDOWS:
        return f"de reeks begint in {panel.years[0]}: te kort om {ahead} jaar vooruit te proberen"
    windows = [(values[:, :start], values[:, start : start + ahead]) for start in origins]
    residuals = np.array([ancova_residuals(before[:, -1], came.mean(axis=1)) for before, came in windows])
    trends = np.array([_beside_others(came - forecast(before, ahead, "own_trend")) for before, came in windows])
    errors, trend_errors = (np.sqrt((found**2).mean(axis=0)) for found in (residuals, trends))
    points = forecast(values, ahead, "own_trend")
    seen = float(np.median(detectable_effect(residuals[:, 1:], np.broadcast_to(errors[1:], residuals[:, 1:].shape))))
    shift = seen * _sign(indicator.direction)
    return {
        "primary": design.primary,
        "statistic": "studentised",
        "method": "ancova",
        "pool": pool,
        "before": [panel.years[0], panel.years[-1]],
        "window": [years[0], years[-1]],
        "scale": panel.scale,
        "plausible_effect": float(design.plausible_effect or 0),
        "plausible_reason": " ".join((design.plausible_reason or "").split()),
        "effect_unit": "pct" if panel.scale == "log" else indicator.unit_of_measure,
        "detectable_effect": round(abs(effect_of(shift, float(points[0].mean()), panel.scale)), 2),
        "smallest_p": round(smallest_p(regions - 1), _DIGITS),
        "start": dict(zip(panel.units, np.column_stack([values[:, -1], errors]).round(_DIGITS).tolist(), strict=True)),
        "own_trend": dict(
            zip(panel.units, np.column_stack([points, trend_errors]).round(_DIGITS).tolist(), strict=True)
        ),
    }


def ancova_residuals(start: np.ndarray, came: np.ndarray) -> np.ndarray:
    """Return how far each region lies from the line of change on level through all others.

    Parameters
    ----------
    start, came : arrays, shape (R,)
        Level in the year before, and what came.

    Returns
    -------
    array, shape (R,)
        The deleted residuals of statsmodels; plain distances to the mean of the others where all start alike.
    """
    import statsmodels.api as sm  # here, as pages that show a forecast need none of it

    is_level = np.ptp(start) < 1e-12
    line = np.ones((len(start), 1)) if is_level else sm.add_constant(start)
    return np.asarray(sm.OLS(came - start, line).fit().get_influence().resid_press)


def judge_designs(registration: Registration, figures: pd.DataFrame) -> list[JudgedDesign]:
    """Judge every registered design by the figures that came.

    Parameters
    ----------
    registration, figures : Registration, DataFrame
        What was registered; a panel (unit, period, indicator, value) with the region and all regions to compare with.

    Returns
    -------
    list[JudgedDesign]
        In the order of the registration.
    """
    found = {name: _compare(design, name, figures) for name, design in registration.designs.items()}
    judged, corrected = [], _corrected(registration, found)
    for name, design in registration.designs.items():
        item, direction = found[name], registration.forecasts[name].direction
        if item is None:
            reason = f"van {design.window[0]} of later is er nog geen cijfer van de regio en van genoeg andere gebieden"
            judged.append(JudgedDesign(name, design.primary, (), False, refused_estimate(name, reason)))
        else:
            is_final = len(item.years) == design.window[1] - design.window[0] + 1
            estimate = _judge(name, design, item, corrected[name], direction)
            judged.append(JudgedDesign(name, design.primary, item.years, is_final, estimate))
    return judged


def effect_of(shift: float, base: float, scale: Scale) -> float:
    """Tell a distance on the scale as an effect: exactly in percent on that of logarithms, in units on another.

    >>> round(effect_of(float(np.log(0.5)), 1.0, "log"), 6)
    -50.0

    Parameters
    ----------
    shift, base, scale : float, float, str
        The distance; what would have come, on the scale; log, logit or level.

    Returns
    -------
    float
    """
    if scale == "log":
        return float(100 * np.expm1(shift))
    return float(from_scale(np.array(base + shift), scale) - from_scale(np.array(base), scale))


def _sign(direction: str) -> int:
    return -1 if direction == "decrease" else 1


def _beside_others(errors: np.ndarray) -> np.ndarray:
    """Average the errors over the years, less the mean of all other regions: what hit all of them is no difference."""
    means = errors.mean(axis=1)
    return means - (means.sum() - means) / (len(means) - 1)


def _compare(design: RegisteredDesign, indicator: str, figures: pd.DataFrame) -> _Found | None:
    """Compare what came of the regions that have all figures of the years that the judged one has."""
    own = next(iter(design.start))
    rows = figures[(figures["indicator"] == indicator) & figures["period"].between(*design.window)]
    wide = rows.pivot(index="unit", columns="period", values="value").reindex(list(design.start))
    years = tuple(int(year) for year in wide.columns[wide.loc[own].notna()])
    known = wide[list(years)].dropna()
    if not years or smallest_p(len(known) - 1) > ALPHA:
        return None
    came = to_scale(known.to_numpy(dtype=float), design.scale)
    start, errors = np.array([design.start[unit] for unit in known.index]).T
    trend = np.array([design.own_trend[unit] for unit in known.index])
    residuals = ancova_residuals(start, came.mean(axis=1))
    by_trend = _beside_others(came - trend[:, [year - design.window[0] for year in years]])
    base = float(came[0].mean() - residuals[0])
    return _Found(years, tuple(known.index), residuals, errors, by_trend, trend[:, -1], base)


def _corrected(registration: Registration, found: Mapping[str, _Found | None]) -> dict[str, float]:
    """Correct the p-values of the main questions, and of the others, over the regions that all of these have."""
    told: dict[str, float] = {}
    for is_primary in (True, False):
        family = {
            name: pd.Series(abs(item.residuals / item.errors), index=list(item.units))
            for name, item in found.items()
            if item is not None and registration.designs[name].primary == is_primary
        }
        if family:
            sizes = pd.DataFrame(family)
            others = sizes.drop(index=registration.unit).dropna().max(axis=1).to_numpy()
            own = sizes.loc[registration.unit]
            told |= {name: float(permutation_p(own[name], others)) for name in family}
    return told


def _judge(name: str, design: RegisteredDesign, found: _Found, corrected: float, direction: Direction) -> Estimate:
    """Give a design its grade, by the rules of every other design (`effects.judgement`), which were registered."""
    estimate = _estimate(name, design, found, found.residuals, found.errors, _sign(direction))
    variant = _estimate(name, design, found, found.by_trend, found.trend_errors, _sign(direction))
    return judge_deviation(
        estimate,
        (),
        plausible=Plausible(design.plausible_effect, direction),
        variants={"naast de eigen trend": variant},
        adjusted=Adjusted(corrected),
    )


def _estimate(
    name: str, design: RegisteredDesign, found: _Found, effects: np.ndarray, errors: np.ndarray, sign: int
) -> Estimate:
    """Make the estimate of the judged region, its ends told exactly in the unit of the effect."""
    try:
        told = placebo_inference(effects, errors)
    except CannotEstimate as refusal:
        return refused_estimate(name, refusal.reason)
    ends = (effects[0], told.ci_low, told.ci_high)
    value, low, high = (effect_of(float(end), found.base, design.scale) for end in ends)
    return Estimate(
        estimand=f"{name}, {found.years[0]}-{found.years[-1]}",
        value=value,
        ci_low=low,
        ci_high=high,
        p_value=float(told.p_value),
        p_attainable=told.p_attainable,
        rank=int(told.rank),
        mde=abs(effect_of(float(told.mde) * sign, found.base, design.scale)),
        n_pre=design.before[1] - design.before[0] + 1,
        n_post=len(found.years),
        n_placebo=len(found.units) - 1,
        inference=_INFERENCE,
        reason="niet beoordeeld",
    )
