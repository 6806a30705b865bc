"""Checks of an estimate: whether the judgement would be another one with other donors, other years or no deal at all.

Two kinds.  Where nothing can have happened (before the start) nothing should be found: `check_pre_trend`,
`check_in_time`, and `check_fit` on how well the counterfactual follows the region.  And where a choice could have been
made otherwise the judgement should be the same: the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.analysis.effects.check import Cell, Check, Series, p_words
from evaluation.analysis.effects.comparison import (
    MINIMUM_DONORS,
    MINIMUM_PRE,
    Comparison,
    Counterfactual,
    Estimator,
    before_start,
    keep_regions,
    without_donors,
    without_periods,
)
from evaluation.analysis.effects.estimate import ALPHA, CannotEstimate
from evaluation.analysis.effects.event_study import EventStudy
from evaluation.analysis.effects.honest_did import HonestResult
from evaluation.analysis.effects.placebo import (
    PlaceboInference,
    critical_value,
    permutation_p,
    placebo_inference,
    smallest_p,
)
from evaluation.base.dutch import number, plural

PRE_TREND, IN_TIME, FIT = "pre-trend", "in-time placebo", "fit"
LEAVE_ONE_OUT, NEIGHBOURS_OUT, WITHOUT_PERIODS, DONOR_POOLS = (
    "leave-one-out donors",
    "neighbours out",
    "without periods",
    "donor pools",
)
REGRESSION_TO_MEAN, HONEST = "regression to the mean", "honest did"

LENIENT = 0.10
"""Size of tests that should find nothing: a larger one finds trouble sooner, which is the careful side here."""
LARGEST_RMSPE_RATIO = 2.0
FEWEST_SIMILAR = 5

_SMALLEST_WEIGHT = 0.01
"""A donor that carries more is left out in its turn."""
_SIMILAR = 0.5
"""How far a start level may lie from the region's and be similar, in standard deviations over all regions."""

_VARIANT_COLUMNS = ("Variant", "Afwijking", "Van", "Tot", "p", "Kleinst mogelijke p", "Aantoonbaar")


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """An estimate of one outcome with what the checks need to repeat it.

    Attributes
    ----------
    comparison : Comparison
        One outcome.
    estimator : callable
    found : Counterfactual
        Of all regions.
    inference : PlaceboInference
    """

    comparison: Comparison
    estimator: Estimator
    found: Counterfactual
    inference: PlaceboInference

    @property
    def effect(self) -> float:
        """Of the treated region, in the unit of the outcome."""
        return float(self.found.effect[0])

    @property
    def deviates(self) -> bool | None:
        """Whether the treated region deviates at 5%; None where so few regions cannot show it."""
        if self.inference.p_attainable > ALPHA:
            return None
        return bool(self.inference.p_value <= ALPHA)


def examine(comparison: Comparison, estimator: Estimator, found: Counterfactual | None = None) -> Examined:
    """Estimate all regions of a comparison and keep everything.

    Parameters
    ----------
    comparison, estimator : Comparison, callable
        One outcome, and such as `synthetic_did`.
    found : Counterfactual, optional
        What the estimator found, where `placebo.estimate_with_placebos` has just done so.

    Returns
    -------
    Examined

    Raises
    ------
    CannotEstimate
        When there is no placebo region.
    """
    if comparison.n_placebo == 0:
        raise CannotEstimate("er zijn geen placeboregio's")
    found = estimator(comparison) if found is None else found
    return Examined(
        comparison, estimator, found, placebo_inference(found.effect, n_independent=comparison.n_independent)
    )


def check_pre_trend(study: EventStudy) -> Check:
    """Test whether the region already moved otherwise before the start (joint test, at 10%).

    The test has little power with few periods: passing is weak support, failing is strong doubt.

    Parameters
    ----------
    study : EventStudy
        Against the last period before the start.

    Returns
    -------
    Check
        None where there is nothing to test, or too few placebo regions to test with.
    """
    p = study.joint_pre_p
    error = np.sqrt(np.diag(study.covariance))
    rows = tuple(
        (period, float(value), float(value - 1.96 * e), float(value + 1.96 * e))
        for period, value, e in zip(study.periods, study.coefficients, error, strict=True)
    )
    passed: bool | None = None
    if p is None or (study.p_attainable is not None and study.p_attainable > LENIENT):
        sentence = "Of de regio zich vóór de start al anders ontwikkelde, is met deze gegevens niet te toetsen."
    elif passed := p > LENIENT:
        sentence = (
            f"Vóór de start is geen andere ontwikkeling te zien ({p_words(p)}); de toets ziet alleen grote verschillen."
        )
    else:
        sentence = f"Al vóór de start ontwikkelde de regio zich anders dan de vergelijking ({p_words(p)})."
    line = Series(
        "verschil met het basisjaar",
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        tuple(row[2] for row in rows),
        tuple(row[3] for row in rows),
    )
    return Check(PRE_TREND, passed, sentence, ("Jaar", "Verschil", "Van", "Tot"), rows, (line,))


def check_fit(examined: Examined) -> Check:
    """See whether the counterfactual follows the region before the start as well as it does for placebo regions.

    Inadequate where the root mean squared deviation is more than twice the median of the placebo regions'.

    Parameters
    ----------
    examined : Examined
        With placebo regions.

    Returns
    -------
    Check
        Passed or failed, never silent.
    """
    rmspe = examined.found.pre_rmspe
    own, usual = float(rmspe[0]), float(np.median(rmspe[1:]))
    passed = own <= LARGEST_RMSPE_RATIO * usual
    sentence = (
        "De vergelijking volgt de regio vóór de start "
        + ("even goed als zij andere regio's volgt" if passed else "veel slechter dan zij andere regio's volgt")
        + "."
    )
    rows = (("regio", own), ("placeboregio's, mediaan", usual), ("grens", LARGEST_RMSPE_RATIO * usual))
    gap = Series("afwijking", _x(examined), tuple(examined.found.gap[0].tolist()))
    return Check(FIT, passed, sentence, ("", "Gemiddelde afwijking vóór de start"), rows, (gap,))


def check_in_time(examined: Examined, *, n_pre: int | None = None) -> Check:
    """Pretend that the deal began earlier: over years in which there was none, nothing should be found (at 10%).

    Parameters
    ----------
    examined : Examined
        With placebo regions.
    n_pre : int, optional
        Periods before the pretended start; by default two thirds of the time before.

    Returns
    -------
    Check
        None where the time before is too short, or placebo regions are too few.
    """
    comparison = examined.comparison
    first = int(np.ceil(comparison.n_pre * 2 / 3)) if n_pre is None else n_pre
    if first < MINIMUM_PRE or first >= comparison.n_pre:
        return Check(IN_TIME, None, "De tijd vóór de start is te kort om een eerdere start na te bootsen.")
    again = examine(before_start(comparison, first), examined.estimator)
    year = comparison.periods[first]
    p = float(again.inference.p_value)
    silent = again.inference.p_attainable > LENIENT
    passed = None if silent else p > LENIENT
    words = (
        "wordt geen afwijking gevonden" if passed else "wordt ook een afwijking gevonden, terwijl er nog geen deal was"
    )
    sentence = (
        "Met zo weinig regio's is een nagebootste start niet te toetsen."
        if silent
        else f"Met een nagebootste start in {year} {words} ({p_words(p)})."
    )
    series = (Series(f"start {year}", _x(again), tuple(again.found.gap[0].tolist())),)
    return Check(IN_TIME, passed, sentence, _VARIANT_COLUMNS, (_row(f"start {year}", again),), series)


def check_leave_one_out(examined: Examined) -> Check:
    """Leave out each donor that carries weight; the judgement should not rest on a single one.

    The limit that a deviation must pass is that of the whole comparison.

    Parameters
    ----------
    examined : Examined
        With placebo regions; of an estimator without donors it says nothing.

    Returns
    -------
    Check
        False when the judgement changes without one of them; None where that cannot be seen.
    """
    comparison, weights = examined.comparison, examined.found.unit_weights
    if weights is None:
        return Check(LEAVE_ONE_OUT, None, "Deze schatting gebruikt geen vergelijkingsregio's.")
    dropped = np.flatnonzero(weights[0] > _SMALLEST_WEIGHT)
    if len(dropped) == 0:
        return Check(LEAVE_ONE_OUT, True, "Geen enkele vergelijkingsregio weegt meer dan 1% mee.")
    if comparison.available[0].sum() <= MINIMUM_DONORS:
        return Check(LEAVE_ONE_OUT, None, "Er zijn te weinig vergelijkingsregio's om er een weg te laten.")
    variants = replace(
        comparison,
        series=np.repeat(comparison.series[:1], len(dropped), axis=0),
        n_members=None if comparison.n_members is None else np.repeat(comparison.n_members[:1], len(dropped)),
        available=comparison.available[0] & ~np.eye(len(comparison.donor_names), dtype=bool)[dropped],
        region_names=tuple(comparison.donor_names[i] for i in dropped),
    )
    found = examined.estimator(variants)
    limit = float(critical_value(examined.found.effect[1:]))
    rows = tuple(
        (f"zonder {name}", float(value), bool(abs(value) > limit))
        for name, value in zip(variants.region_names, found.effect, strict=True)
    )
    same = [row[2] == bool(examined.deviates) and _same_side(row[1], examined) for row in rows]
    passed = None if examined.deviates is None else all(same)
    low, high = float(found.effect.min()), float(found.effect.max())
    sentence = (
        f"Zonder telkens één van de {len(dropped)} vergelijkingsregio's ligt de uitkomst tussen {number(low, 2)} en "
        f"{number(high, 2)}; het oordeel {_keeps(passed)}."
    )
    line = Series("zonder één regio", variants.region_names, tuple(found.effect.tolist()))
    return Check(LEAVE_ONE_OUT, passed, sentence, ("Variant", "Afwijking", "Aantoonbaar"), rows, (line,))


def check_neighbours_out(examined: Examined, *, bordering_donors: np.ndarray, bordering_regions: np.ndarray) -> Check:
    """Leave out donors and placebo regions that border on the treated region, since effects may spill over.

    Parameters
    ----------
    examined : Examined
        With placebo regions.
    bordering_donors, bordering_regions : bool arrays, shape (D,) and (R,)
        Which of them border on the treated region.

    Returns
    -------
    Check
        False when the judgement changes; None where too few are left.
    """
    kept = [row for row in range(1, len(bordering_regions)) if not bordering_regions[row]]

    def without() -> Comparison:
        return keep_regions(without_donors(examined.comparison, bordering_donors), kept)

    return _check_variants(NEIGHBOURS_OUT, examined, {"zonder buurregio's": without}, "zonder de buurregio's")


def check_without_periods(examined: Examined, periods: Sequence[int] = (2020, 2021)) -> Check:
    """Leave out years with a shock of their own (COVID).

    Parameters
    ----------
    examined : Examined
        With placebo regions.
    periods : sequence of int
        At least one.

    Returns
    -------
    Check
        False when the judgement changes; None where too few are left.
    """
    label = f"zonder {'-'.join(str(period) for period in (periods[0], periods[-1]))}"

    def without() -> Comparison:
        return without_periods(examined.comparison, periods)

    return _check_variants(WITHOUT_PERIODS, examined, {label: without}, label)


def check_donor_pools(examined: Examined, pools: Mapping[str, np.ndarray]) -> Check:
    """Compare with other donor pools.

    Parameters
    ----------
    examined : Examined
        With placebo regions.
    pools : mapping from Dutch name to bool array, shape (D,)
        The donors of each pool.

    Returns
    -------
    Check
        False when the judgement changes with one of them; None where a pool is too small.
    """
    variants = {
        name: (lambda pool=pool: without_donors(examined.comparison, ~np.asarray(pool, dtype=bool)))
        for name, pool in pools.items()
    }
    return _check_variants(DONOR_POOLS, examined, variants, "met andere groepen vergelijkingsregio's")


def check_regression_to_mean(examined: Examined) -> Check:
    """Compare with placebo regions that started from the same level: the worst regions move to the mean anyway.

    Parameters
    ----------
    examined : Examined
        With placebo regions; a start level is the mean before the start.

    Returns
    -------
    Check
        None where too few are similar, or the region does not deviate.
    """
    comparison = examined.comparison
    level = comparison.series[:, : comparison.n_pre].mean(axis=1)
    near = np.flatnonzero(np.abs(level[1:] - level[0]) <= _SIMILAR * level.std()) + 1
    effects = examined.found.effect
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (comparison.region_names[row], float(level[row]), float(effects[row])) for row in (0, *near)
    )
    columns = ("Regio", "Beginniveau", "Afwijking")
    points = Series("regio's", tuple(float(x) for x in level), tuple(effects.tolist()))
    if len(near) < FEWEST_SIMILAR:
        sentence = (
            f"Er {'is' if len(near) == 1 else 'zijn'} maar {plural(len(near), 'regio', 'regio’s')} met een "
            "vergelijkbaar beginniveau; toenadering tot het gemiddelde is daarmee niet te onderscheiden."
        )
        return Check(REGRESSION_TO_MEAN, None, sentence, columns, rows, (points,))
    p = float(permutation_p(effects[0], effects[near]))
    if not examined.deviates:
        passed: bool | None = None
        sentence = f"Van de {len(near)} regio's met een vergelijkbaar beginniveau wijkt deze regio niet duidelijk af."
    else:
        passed = p <= smallest_p(len(near))
        sentence = (
            f"Geen van de {len(near)} regio's met een vergelijkbaar beginniveau week zo sterk af."
            if passed
            else f"Ook onder de {len(near)} regio's met een vergelijkbaar beginniveau zijn er die zo sterk afweken "
            f"({p_words(p)})."
        )
    return Check(REGRESSION_TO_MEAN, passed, sentence, columns, rows, (points,))


def check_honest(result: HonestResult, *, plausible_bend: float | None) -> Check:
    """Ask how far trends may bend apart before zero comes within the interval.

    Parameters
    ----------
    result : HonestResult
        Of the region's event study.
    plausible_bend : float | None
        The bend per period that is held possible; without it the check only informs.

    Returns
    -------
    Check
        False when trends that bend as much take the effect away; None where there is none to take away.
    """
    rows = tuple((i.bend, i.low, i.high) for i in result.intervals)
    line = Series(
        "interval",
        tuple(row[0] for row in rows),
        tuple((row[1] + row[2]) / 2 for row in rows),
        tuple(row[1] for row in rows),
        tuple(row[2] for row in rows),
    )
    passed = None if plausible_bend is None or result.breakdown == 0.0 else result.breakdown > plausible_bend
    sentence = (
        "Ook als beide ontwikkelingen zonder de deal even snel waren blijven lopen, sluit het interval nul niet uit."
        if result.breakdown == 0.0
        else "Het interval sluit nul uit zolang het verschil in trend per periode minder dan "
        f"{number(result.breakdown, 2)} buigt."
    )
    return Check(HONEST, passed, sentence, ("Buiging per periode", "Van", "Tot"), rows, (line,))


def _check_variants(name: str, examined: Examined, variants: Mapping, words: str) -> Check:
    rows, series = [_row("zoals gekozen", examined)], []
    outcomes: list[bool | None] = []
    for label, make in variants.items():
        try:
            again = examine(make(), examined.estimator)
        except CannotEstimate as refusal:
            rows.append((f"{label}: {refusal.reason}", None, None, None, None, None, None))
            outcomes.append(None)
            continue
        rows.append(_row(label, again))
        outcomes.append(_agrees(examined, again))
        series.append(Series(label, _x(again), tuple(again.found.gap[0].tolist())))
    passed = False if False in outcomes else None if None in outcomes or not outcomes else True
    sentence = f"Het oordeel {_keeps(passed)} {words}."
    main = Series("zoals gekozen", _x(examined), tuple(examined.found.gap[0].tolist()))
    return Check(name, passed, sentence, _VARIANT_COLUMNS, tuple(rows), (main, *series))


def _agrees(first: Examined, second: Examined) -> bool | None:
    if first.deviates is None or second.deviates is None:
        return None
    return first.deviates == second.deviates and _same_side(second.effect, first)


def _same_side(effect: float, examined: Examined) -> bool:
    return not examined.deviates or effect * examined.effect > 0


def _keeps(passed: bool | None) -> str:
    return {True: "blijft gelijk", False: "verandert", None: "is niet te vergelijken"}[passed]


def _row(label: str, examined: Examined) -> tuple[Cell, ...]:
    i = examined.inference
    bounded = bool(np.isfinite(i.ci_low))
    return (
        label,
        examined.effect,
        float(i.ci_low) if bounded else None,
        float(i.ci_high) if bounded else None,
        float(i.p_value),
        i.p_attainable,
        examined.deviates,
    )


def _x(examined: Examined) -> tuple[float, ...]:
    return tuple(float(period) for period in examined.comparison.periods)
