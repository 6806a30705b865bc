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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.analysis.effects.placebo import critical_value, permutation_p, smallest_p
from evaluation.analysis.forecast_panel import Panel, from_scale, to_scale
from evaluation.analysis.forecasts import FEWEST_BEFORE, forecast
from evaluation.inputs.indicators import Design, Indicator
from evaluation.inputs.registrations import RegisteredDesign, Registration, Scale

Grade = Literal["niet te vergelijken", "te grof", "geen aanwijzing", "aanwijzing", "sterke aanwijzing"]

STRONG, WEAK, POWER = 0.05, 0.10, 0.80
_DIGITS = 6
_FEWEST_WINDOWS = 3  # in the past, for the size of residuals


@dataclass(frozen=True, slots=True)
class JudgedDesign:
    """What the figures that came say on a registered design.

    Attributes
    ----------
    years : tuple[int, ...]    Of the window, of which all regions that are used have a figure.
    is_final : bool    Whether all years of the window are there; before that the grade is an interim one.
    effect, low, high, detectable : float | None    In the design's `effect_unit`; None where nothing can be compared.
    p_value, p_corrected : float | None    Among all regions; corrected for all primary designs together.
    rank, regions : int    Place by size of the studentised effect, of so many regions.
    reason : str    Of the grade, in Dutch.
    """

    indicator: str
    primary: bool
    grade: Grade
    reason: str
    years: tuple[int, ...] = ()
    is_final: bool = False
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    detectable: float | None = None
    p_value: float | None = None
    p_corrected: float | None = None
    rank: int = 0
    regions: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What came of the regions, the judged one first: on the scale, and studentised."""

    years: tuple[int, ...]
    units: tuple[str, ...]
    studentised: np.ndarray
    by_trend: np.ndarray
    own_error: float
    shift: float
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
    if smallest_p(regions - 1) > STRONG:
        return f"er zijn {regions - 1} gebieden om mee te vergelijken; met minder dan 19 staat het oordeel vooraf vast"
    origins = range(FEWEST_BEFORE, values.shape[1] - ahead + 1)
    if len(origins) < _FEWEST_WINDOWS:
        return f"de reeks begint in {panel.years[0]}: te kort om {ahead} jaar vooruit te proberen"
    windows = [(values[:, :start], values[:, start : start + ahead]) for start in origins]
    residuals = np.array([ancova_residuals(before[:, -1], came.mean(axis=1)) for before, came in windows])
    trends = np.array([_beside_others(came - forecast(before, ahead, "own_trend")) for before, came in windows])
    errors, trend_errors = (np.sqrt((found**2).mean(axis=0)) for found in (residuals, trends))
    points = forecast(values, ahead, "own_trend")
    shift = _detectable(residuals / errors, float(errors[0])) * _sign(indicator.direction)
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
    found = {name: _studentise(design, name, figures) for name, design in registration.designs.items()}
    corrected = _max_t([(name, item) for name, item in found.items() if item and registration.designs[name].primary])
    judged = []
    for name, design in registration.designs.items():
        item, direction = found[name], registration.forecasts[name].direction
        if item is None:
            reason = f"van {design.window[0]} of later is er nog geen cijfer van de regio en van genoeg andere gebieden"
            judged.append(JudgedDesign(name, design.primary, "niet te vergelijken", reason))
        else:
            judged.append(_judge(name, design, item, corrected.get(name), direction))
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


def _shift_of(effect: float, base: float, scale: Scale) -> float:
    """Give the distance on the scale that an effect is: the inverse of `effect_of`."""
    if scale == "log":
        return float(np.log1p(effect / 100))
    return float(to_scale(from_scale(np.array(base), scale) + effect, scale) - base)


def _sign(direction: str) -> int:
    return -1 if direction == "decrease" else 1


def _beside_others(errors: np.ndarray) -> np.ndarray:
    """Average the errors over the years, less the mean of all other regions: what hit all of them is no difference."""
    means = errors.mean(axis=1)
    return means - (means.sum() - means) / (len(means) - 1)


def _detectable(studentised: np.ndarray, own_error: float) -> float:
    """Give the shift at which 80% of the other regions would be seen, either way, by the test that is used."""
    others = studentised[..., 1:].ravel()
    needed = np.concatenate([-others, others]) + float(critical_value(others))
    return own_error * float(np.sort(needed)[int(np.ceil(POWER * len(needed))) - 1])


def _studentise(design: RegisteredDesign, indicator: str, figures: pd.DataFrame) -> _Found | None:
    """Compare what came of the regions that have all figures of the years that the judged one has."""
    own = next(iter(design.start))
    rows = figures[(figures["indicator"] == indicator) & figures["period"].between(*design.window)]
    wide = rows.pivot(index="unit", columns="period", values="value").reindex(list(design.start))
    years = tuple(int(year) for year in wide.columns[wide.loc[own].notna()])
    known = wide[list(years)].dropna()
    if not years or smallest_p(len(known) - 1) > STRONG:
        return None
    came = to_scale(known.to_numpy(dtype=float), design.scale)
    start, errors = np.array([design.start[unit] for unit in known.index]).T
    trend = np.array([design.own_trend[unit] for unit in known.index])
    residuals = ancova_residuals(start, came.mean(axis=1))
    by_trend = _beside_others(came - trend[:, [year - design.window[0] for year in years]]) / trend[:, -1]
    shift = float(residuals[0])
    base = float(came[0].mean()) - shift
    return _Found(years, tuple(known.index), residuals / errors, by_trend, float(errors[0]), shift, base)


def _max_t(found: Sequence[tuple[str, _Found]]) -> dict[str, float]:
    """Correct the p-values of the primary designs for each other, over the regions that all of them have."""
    if not found:
        return {}
    sizes = pd.DataFrame({name: pd.Series(abs(item.studentised), index=item.units) for name, item in found})
    own, others = sizes.iloc[0], sizes.dropna().iloc[1:].max(axis=1).to_numpy()
    return {name: float(permutation_p(np.array(own[name]), others)) for name, _ in found}


def _judge(name: str, design: RegisteredDesign, found: _Found, corrected: float | None, direction: str) -> JudgedDesign:
    """Give a design its grade, by the rules that were registered."""
    own, others = found.studentised[0], found.studentised[1:]
    half = float(critical_value(others)) * found.own_error
    low, high = found.shift - half, found.shift + half
    signs = (-1, 1) if direction == "ambiguous" else (_sign(direction),)
    plausible = [_shift_of(sign * design.plausible_effect, found.base, design.scale) for sign in signs]
    shift = _detectable(found.studentised, found.own_error) * _sign(direction)
    p_value, p_trend = float(permutation_p(own, others)), float(permutation_p(found.by_trend[0], found.by_trend[1:]))
    grade, reason = _grade(
        p_value,
        corrected,
        p_trend,
        is_same_sign=bool(np.sign(own) == np.sign(found.by_trend[0])),
        holds_zero=low <= 0 <= high,
        holds_plausible=any(low <= value <= high for value in plausible),
    )
    return JudgedDesign(
        name,
        design.primary,
        grade,
        reason,
        years=found.years,
        is_final=len(found.years) == design.window[1] - design.window[0] + 1,
        effect=effect_of(found.shift, found.base, design.scale),
        low=effect_of(low, found.base, design.scale),
        high=effect_of(high, found.base, design.scale),
        detectable=abs(effect_of(shift, found.base, design.scale)),
        p_value=p_value,
        p_corrected=corrected,
        rank=int((np.abs(others) >= abs(own)).sum()) + 1,
        regions=len(found.units),
    )


def _grade(
    p_value: float,
    p_corrected: float | None,
    p_trend: float,
    *,
    is_same_sign: bool,
    holds_zero: bool,
    holds_plausible: bool,
) -> tuple[Grade, str]:
    """Apply the rules, from the strongest grade down."""
    if p_corrected is not None and p_corrected <= STRONG and is_same_sign and p_trend <= WEAK:
        return "sterke aanwijzing", "meer dan in bijna alle andere gebieden, ook na correctie en naast de eigen trend"
    if p_value <= WEAK and is_same_sign:
        return "aanwijzing", "meer dan in 90% van de gebieden, en aan dezelfde kant als naast de eigen trend"
    if holds_plausible:
        return "te grof", "het aannemelijke effect ligt nog in de marge, maar is niet van toeval te onderscheiden"
    if holds_zero:
        return "geen aanwijzing", "geen verschil past bij deze cijfers, het aannemelijke effect niet"
    return "geen aanwijzing", "naast de andere gebieden is er verschil, naast de eigen trend niet aan dezelfde kant"
