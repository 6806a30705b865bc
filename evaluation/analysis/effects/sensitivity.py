"""Checks of an estimate: whether a deviation stays with another choice of donors, years or regions.

Each needs a deviation that is indicated (10%): where there is none it is silent (None) and says so, as "nothing found,
twice" confirms nothing.  Those on the time before the start are in `pre_period`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evaluation.analysis.effects.check import Cell, Check, Series, p_words
from evaluation.analysis.effects.comparison import MINIMUM_DONORS, keep_regions, without_donors, without_periods
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.examined import VARIANT_COLUMNS, Examined
from evaluation.analysis.effects.honest_did import HonestResult
from evaluation.analysis.effects.placebo import permutation_p, scales_of, smallest_p
from evaluation.analysis.effects.scale import ABSOLUTE, Scale
from evaluation.base.dutch import number, plural

LEAVE_ONE_OUT, NEIGHBOURS_OUT = "leave-one-out donors", "neighbours out"
WITHOUT_PERIODS, DONOR_POOLS = "without periods", "donor pools"
REGRESSION_TO_MEAN, HONEST = "regression to the mean", "honest did"

FEWEST_SIMILAR = 5
NOTHING = "Er is geen afwijking waarvan dit te controleren valt."

_SMALLEST_WEIGHT = 0.01
"""A donor that carries more is left out in its turn."""
_SIMILAR = 0.5
"""How far a start level may lie from the region's and be similar, in standard deviations over all regions."""


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
        False when the deviation is gone without one of them; None where there is none, or that cannot be seen.
    """
    comparison, weights = examined.comparison, examined.found.unit_weights
    if weights is None:
        return Check(LEAVE_ONE_OUT, None, "Deze schatting gebruikt geen vergelijkingsregio's.")
    dropped = np.flatnonzero(np.abs(weights[0]) > _SMALLEST_WEIGHT)
    if len(dropped) == 0:
        passed = True if examined.deviates else None
        sentence = "Geen enkele vergelijkingsregio weegt meer dan 1% mee."
        return Check(LEAVE_ONE_OUT, passed, sentence if passed else f"{sentence} {NOTHING}")
    if comparison.available[0].sum() <= MINIMUM_DONORS:
        return Check(LEAVE_ONE_OUT, None, "Er zijn te weinig vergelijkingsregio's om er een weg te laten.")
    variants = replace(
        comparison,
        series=np.repeat(comparison.series[:1], len(dropped), axis=0),
        n_members=None if comparison.n_members is None else np.repeat(comparison.n_members[:1], len(dropped)),
        available=comparison.available[0] & ~np.eye(len(comparison.donor_names), dtype=bool)[dropped],
        region_names=tuple(comparison.donor_names[i] for i in dropped),
    )
    found, told = examined.estimator(variants), examined.scale.told
    size = np.abs(found.effect / scales_of(found, examined.statistic))
    rows = tuple(
        (f"zonder {name}", float(told(value)), bool(stands_out))
        for name, value, stands_out in zip(
            variants.region_names, found.effect, size > examined.limit * (1 - 1e-12), strict=True
        )
    )
    same = all(row[2] and row[1] * examined.effect > 0 for row in rows)
    passed = same if examined.deviates else None
    effects = told(found.effect)
    sentence = (
        f"Zonder telkens één van de {len(dropped)} vergelijkingsregio's ligt de uitkomst tussen "
        f"{number(float(effects.min()), 2)} en {number(float(effects.max()), 2)}. {_stays(passed, '')}"
    )
    line = Series("zonder één regio", variants.region_names, tuple(effects.tolist()))
    return Check(LEAVE_ONE_OUT, passed, sentence, ("Variant", "Afwijking", "Wijkt af"), rows, (line,))


def check_neighbours_out(examined: Examined, *, bordering_donors: np.ndarray, bordering_regions: np.ndarray) -> Check:
    """Leave out donors and placebo regions that border on the treated region, since effects may spill over.

    Parameters
    ----------
    examined, bordering_donors, bordering_regions : Examined, and bool arrays, shape (D,) and (R,)
        Which donors and regions border on the treated region.

    Returns
    -------
    Check
        False when the deviation is gone; None where there is none, or too few are left.
    """
    kept = [row for row in range(1, len(bordering_regions)) if not bordering_regions[row]]
    makers = {"zonder buurregio's": lambda: keep_regions(without_donors(examined.comparison, bordering_donors), kept)}
    return _check_variants(NEIGHBOURS_OUT, examined, makers, "zonder de buurregio's")


def check_without_periods(examined: Examined, periods: Sequence[int] = (2020, 2021)) -> Check:
    """Leave out years with a shock of their own (COVID).

    Parameters
    ----------
    examined, periods : Examined, and sequence of int
        The years left out, at least one.

    Returns
    -------
    Check
        False when the deviation is gone; None where there is none, or too few are left.
    """
    label = f"zonder {periods[0]}-{periods[-1]}"
    return _check_variants(
        WITHOUT_PERIODS, examined, {label: lambda: without_periods(examined.comparison, periods)}, label
    )


def check_donor_pools(examined: Examined, pools: Mapping[str, np.ndarray]) -> Check:
    """Compare with other donor pools.

    Parameters
    ----------
    examined, pools : Examined, and mapping from Dutch name to bool array, shape (D,)
        The donors of each pool.

    Returns
    -------
    Check
        False when the deviation is gone with one of them; None where there is none, or a pool is too small.
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
    levels, effects = examined.scale.level(level), examined.scale.told(examined.found.effect)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (comparison.region_names[row], float(levels[row]), float(effects[row])) for row in (0, *near)
    )
    columns = ("Regio", "Beginniveau", "Afwijking")
    points = Series("regio's", tuple(levels.tolist()), tuple(effects.tolist()))
    if len(near) < FEWEST_SIMILAR:
        sentence = (
            f"Er {'is' if len(near) == 1 else 'zijn'} maar {plural(len(near), 'regio', 'regio’s')} met een "
            "vergelijkbaar beginniveau; toenadering tot het gemiddelde is daarmee niet te onderscheiden."
        )
        return Check(REGRESSION_TO_MEAN, None, sentence, columns, rows, (points,))
    statistics = examined.statistics
    p = float(permutation_p(statistics[0], statistics[near]))
    passed = p <= smallest_p(len(near)) if examined.deviates else None
    similar = f"de {len(near)} regio's met een vergelijkbaar beginniveau"
    sentence = {
        True: f"Geen van {similar} week zo sterk af.",
        False: f"Ook onder {similar} zijn er die zo sterk afweken ({p_words(p)}).",
        None: f"Van {similar} wijkt deze regio niet duidelijk af. {NOTHING}",
    }[passed]
    return Check(REGRESSION_TO_MEAN, passed, sentence, columns, rows, (points,))


def check_honest(result: HonestResult, *, plausible_bend: float | None, scale: Scale = ABSOLUTE) -> Check:
    """Ask how far trends may bend apart before zero comes within the interval.

    Parameters
    ----------
    result, plausible_bend : HonestResult, float | None
        Of the region's event study; the bend per period that is held possible; without it the check only informs.
    scale : Scale
        How differences are told.

    Returns
    -------
    Check
        False when trends that bend as much take the effect away; None where there is none to take away.
    """
    told = scale.told
    rows = tuple((float(told(i.bend)), float(told(i.low)), float(told(i.high))) for i in result.intervals)
    middles = [float(told((i.low + i.high) / 2)) for i in result.intervals]
    drawn = ((bend, middle, low, high) for (bend, low, high), middle in zip(rows, middles, strict=True))
    line = Series("interval", *zip(*drawn, strict=True))
    passed = None if plausible_bend is None or result.breakdown == 0.0 else result.breakdown > plausible_bend
    sentence = (
        "Ook als beide ontwikkelingen zonder de deal even snel waren blijven lopen, sluit het interval nul niet uit. "
        f"{NOTHING}"
        if result.breakdown == 0.0
        else "Het interval sluit nul uit zolang het verschil in trend per periode minder dan "
        f"{number(float(told(result.breakdown)), 2)} buigt."
    )
    return Check(HONEST, passed, sentence, ("Buiging per periode", "Van", "Tot"), rows, (line,))


def _check_variants(name: str, examined: Examined, variants: Mapping, words: str) -> Check:
    rows, series = [examined.row("zoals gekozen")], []
    outcomes: list[bool | None] = []
    for label, make in variants.items():
        try:
            again = examined.again(make())
        except CannotEstimate as refusal:
            rows.append((f"{label}: {refusal.reason}", None, None, None, None, None, None))
            outcomes.append(None)
            continue
        rows.append(again.row(label))
        outcomes.append(_agrees(examined, again))
        series.append(again.line(label))
    passed = None if not outcomes or None in outcomes else all(outcomes)
    if False in outcomes:
        passed = False
    sentence = _stays(passed if examined.deviates else None, words, is_there=bool(examined.deviates))
    main = examined.line("zoals gekozen")
    return Check(name, passed, sentence, VARIANT_COLUMNS, tuple(rows), (main, *series))


def _agrees(first: Examined, second: Examined) -> bool | None:
    """Tell whether a deviation is there again, on the same side; None where there is none to begin with."""
    if not first.deviates or second.deviates is None:
        return None
    return bool(second.deviates and first.effect * second.effect > 0)


def _stays(passed: bool | None, words: str, *, is_there: bool = True) -> str:
    if passed is None:
        return f"Of de afwijking blijft {words}, is niet te zeggen." if words and is_there else NOTHING
    return f"De afwijking {'blijft' if passed else 'blijft niet'}{' ' * bool(words)}{words}."
