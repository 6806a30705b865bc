"""Bounds on an effect when trends were not quite parallel, and how fast these may bend apart before nothing is left.

The smoothness restriction of Rambachan and Roth (2023, Review of Economic Studies 90(5)): the slope of the difference
in trends changes by at most M from one period to the next.  The interval is the shortest of fixed length around a
linear combination of the coefficients that is valid for every such difference (FLCI).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from evaluation.analysis.effects.arrays import numbers
from evaluation.analysis.effects.estimate import ALPHA, CannotEstimate
from evaluation.analysis.effects.event_study import EventStudy


@dataclass(frozen=True, slots=True)
class HonestInterval:
    """An interval (95%) that holds for differences in trend which bend by at most `bend` (M) per period."""

    bend: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HonestResult:
    """Intervals for bends as asked, and the smallest whose interval contains zero; 0 when that for no bend does."""

    intervals: tuple[HonestInterval, ...]
    breakdown: float


def honest_did(study: EventStudy, *, bends: Sequence[float]) -> HonestResult:
    """Bound the mean effect of an event study (see `smoothness_bounds`).

    Parameters
    ----------
    study : EventStudy
        Consecutive periods before the reference; after it some may be left out (the year in which the deal began), over
        which trends may bend as well.
    bends : sequence of float
        Values of M.

    Returns
    -------
    HonestResult

    Raises
    ------
    CannotEstimate
        When periods before the reference are missing, or there are none before or after it.
    """
    before, n_pre = study.is_pre, int(study.is_pre.sum())
    moments = np.array(study.periods) - study.reference
    if moments[before].tolist() != list(range(-n_pre, 0)):
        raise CannotEstimate("tussen de perioden vóór de start ontbreken er; een knik in de trend is dan niet te meten")
    return smoothness_bounds(
        study.coefficients, study.covariance, n_pre=n_pre, bends=bends, post_moments=moments[~before]
    )


def smoothness_bounds(
    coefficients: np.ndarray,
    covariance: np.ndarray,
    *,
    n_pre: int,
    bends: Sequence[float],
    post_weights: Sequence[float] | None = None,
    post_moments: Sequence[int] | np.ndarray | None = None,
) -> HonestResult:
    """Find the shortest fixed-length interval for each bend, and the breakdown value.

    Parameters
    ----------
    coefficients, covariance : arrays, shape (K,) and (K, K)
        Event-study coefficients in order of time, without the reference period (zero, just before the start).
    n_pre, bends : int, and sequence of float
        Coefficients before the reference, at least one; values of M, not negative.
    post_weights, post_moments : sequences of K - n_pre numbers, optional
        Their mean, and 1, 2, ... periods since the reference, by default.

    Returns
    -------
    HonestResult

    Raises
    ------
    CannotEstimate
        When there is no coefficient before or after, a number is missing, a bend is negative, the covariance is not
        symmetric and positive definite, or weights and moments do not fit the coefficients.
    """
    beta = numbers(coefficients, "de coëfficiënten", ndim=1)
    sigma = _covariance(covariance, len(beta))
    n_post = len(beta) - n_pre
    if n_pre < 1 or n_post < 1:
        raise CannotEstimate("er is geen coëfficiënt vóór of na de start")
    asked = numbers(list(bends), "de buigingen", ndim=1)
    if (asked < 0).any():
        raise CannotEstimate("een buiging is negatief")
    target = np.full(n_post, 1 / n_post) if post_weights is None else numbers(post_weights, "de gewichten", ndim=1)
    later = np.arange(1, n_post + 1) if post_moments is None else numbers(post_moments, "de tijdstippen", ndim=1)
    if len(target) != n_post or len(later) != n_post:
        raise CannotEstimate(f"er horen {n_post} gewichten en tijdstippen bij de coëfficiënten na de start")
    if not target.any():
        raise CannotEstimate("alle gewichten zijn nul")
    if (later != later.astype(int)).any() or (np.diff(later, prepend=0) <= 0).any():
        raise CannotEstimate("de tijdstippen na de start zijn geen oplopende hele getallen vanaf 1")
    program = _program(sigma, n_pre, target, later.astype(int))
    intervals = tuple(_interval(program, beta, float(bend)) for bend in asked)
    return HonestResult(intervals, _breakdown(program, beta))


def _covariance(covariance: np.ndarray, size: int) -> np.ndarray:
    """Take a covariance with which a shortest interval exists: without one the search for it does not end."""
    sigma = numbers(covariance, "de covarianties", ndim=2)
    if sigma.shape != (size, size):
        raise CannotEstimate(f"de covarianties hebben de vorm {sigma.shape}; verwacht: {(size, size)}")
    if not np.allclose(sigma, sigma.T, rtol=1e-8, atol=1e-12 * np.abs(sigma).max(initial=0.0)):
        raise CannotEstimate("de covarianties zijn niet symmetrisch")
    if np.linalg.eigvalsh(sigma).min() <= 1e-14 * np.abs(sigma).max(initial=0.0):
        raise CannotEstimate("de covarianties zijn niet positief definiet: een spreiding is nul of minder")
    return sigma


@dataclass(frozen=True, slots=True, eq=False)
class _Program:
    """Combinations of coefficients that a straight difference does not move, written in their free numbers x.

    The variance is ``x'Hx + 2 g'x + c``, the largest bias ``M (fixed + |x|_1)``, the combination ``base + basis x``.
    `path` has the best x for each price of bias; it does not depend on M.
    """

    hessian: np.ndarray
    slope: np.ndarray
    constant: float
    fixed: float
    base: np.ndarray
    basis: np.ndarray
    path: np.ndarray


def _program(sigma: np.ndarray, n_pre: int, target: np.ndarray, later: np.ndarray) -> _Program:
    """Write the weights on the coefficients before in terms of what they do to each bend before the start.

    A bend of one at s periods before the reference (s = 0, ..., n_pre - 1) moves the coefficient t periods before it
    by t - s; a bend of one s periods after it moves the coefficient t periods after by t - s.
    """
    pull = float(target @ later)
    after = sum(abs(float(target @ np.maximum(later - s, 0))) for s in range(1, int(later.max())))
    earlier = np.arange(n_pre, 0, -1)
    by_bend = np.maximum(earlier[None, :] - np.arange(n_pre)[:, None], 0).astype(float)
    inverse = np.linalg.inv(by_bend)
    base = np.concatenate([inverse[:, 0] * pull, target])
    basis = np.vstack([inverse[:, 1:], np.zeros((len(target), n_pre - 1))])
    hessian, slope, constant = basis.T @ sigma @ basis, basis.T @ sigma @ base, float(base @ sigma @ base)
    return _Program(hessian, slope, constant, abs(pull) + after, base, basis, _path(hessian, slope))


def _interval(program: _Program, beta: np.ndarray, bend: float) -> HonestInterval:
    """Take the shortest interval along the path between smallest variance (first) and smallest bias (last)."""
    path = program.path if bend > 0 else program.path[:1]
    best = int(_half_length(program, path, bend).argmin())
    free = path[best]
    for other in (best - 1, best + 1):
        if 0 <= other < len(path):
            free = _shorter_between(program, free, path[other], bend)
    half = float(_half_length(program, free[None], bend)[0])
    centre = float((program.base + program.basis @ free) @ beta)
    return HonestInterval(bend, centre - half, centre + half)


def _shorter_between(program: _Program, first: np.ndarray, second: np.ndarray, bend: float) -> np.ndarray:
    def half_length(share: float) -> float:
        return float(_half_length(program, (first + share * (second - first))[None], bend)[0])

    found = optimize.minimize_scalar(half_length, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-6})
    return first + float(found.x) * (second - first) if found.fun < half_length(0.0) else first


def _half_length(program: _Program, free: np.ndarray, bend: float) -> np.ndarray:
    """Half the length of the interval, for rows of free numbers."""
    variance = ((free @ program.hessian) * free).sum(axis=1) + 2 * free @ program.slope + program.constant
    error = np.sqrt(np.maximum(variance, 1e-300))
    bias = bend * (program.fixed + np.abs(free).sum(axis=1))
    return error * _folded_normal_quantile(bias / error)


def _path(hessian: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Follow ``min x'Hx / 2 + slope'x + price |x|_1`` from price zero to the price at which x is zero.

    The solution is a straight line between prices at which a number joins or leaves (the lasso's path); the rows are
    those corners, from smallest variance to smallest bias, shape (corners, n).
    """
    count = len(slope)
    corners, price, free = [np.zeros(count)], float(np.abs(slope).max(initial=0.0)), np.zeros(count)
    active = np.abs(slope) >= price if price > 0 else np.zeros(count, dtype=bool)
    signs = -np.sign(slope)
    while price > 0 and active.any():
        level = np.zeros(count)
        fall = np.zeros(count)
        block = hessian[np.ix_(active, active)]
        level[active] = np.linalg.solve(block, -slope[active])
        fall[active] = np.linalg.solve(block, signs[active])
        price, changing = _next_corner(hessian, slope, active, level, fall, price)
        free = level - price * fall
        if changing is not None:
            joins = not active[changing]
            active[changing] = joins
            if joins:
                signs[changing] = -np.sign(slope[changing] + hessian[changing] @ free)
            else:
                free[changing] = 0.0
        corners.append(free)
    return np.array(corners[::-1])


def _next_corner(
    hessian: np.ndarray, slope: np.ndarray, active: np.ndarray, level: np.ndarray, fall: np.ndarray, price: float
) -> tuple[float, int | None]:
    """Find the next lower price at which a number joins or leaves, and which; zero and None at the end of the path."""
    steady, moving = slope + hessian @ level, hessian @ fall
    with np.errstate(divide="ignore", invalid="ignore"):
        leaves = np.where(active, level / fall, 0.0)
        joins = np.where(
            active, 0.0, np.maximum(_below(steady / (1 + moving), price), _below(steady / (moving - 1), price))
        )
    candidates = np.maximum(_below(leaves, price), joins)
    which = int(candidates.argmax())
    return (float(candidates[which]), which) if candidates[which] > 0 else (0.0, None)


def _below(prices: np.ndarray, limit: float) -> np.ndarray:
    """Keep prices that are positive and lower than the limit; zero for the others."""
    return np.where(np.isfinite(prices) & (prices > 0) & (prices < limit * (1 - 1e-10)), prices, 0.0)


def _folded_normal_quantile(mean: np.ndarray) -> np.ndarray:
    """Give the 95% quantile of |normal with this mean and variance one|: what 1.96 is for a mean (the bias) of zero.

    By Newton for all at once: `scipy.stats.foldnorm.ppf` seeks one root at a time.

    >>> _folded_normal_quantile(np.array([0.0, 1.0])).round(4).tolist()
    [1.96, 2.6461]
    """
    centre = np.abs(np.asarray(mean, dtype=float))
    found = centre + stats.norm.ppf(1 - ALPHA / 2)
    for _ in range(50):
        excess = special.ndtr(found - centre) - special.ndtr(-found - centre) - (1 - ALPHA)
        density = np.exp(-0.5 * (found - centre) ** 2) + np.exp(-0.5 * (found + centre) ** 2)
        step = excess * np.sqrt(2 * np.pi) / density
        found = found - step
        if np.abs(step).max() < 1e-12:
            break
    return found


def _breakdown(program: _Program, beta: np.ndarray) -> float:
    def holds_zero(bend: float) -> bool:
        interval = _interval(program, beta, bend)
        return interval.low <= 0 <= interval.high

    if holds_zero(0.0):
        return 0.0
    high = float(np.sqrt(program.constant)) or 1.0
    while not holds_zero(high):
        high *= 2
    low = 0.0
    while high - low > 1e-4 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if holds_zero(middle) else (middle, high)
    return high
