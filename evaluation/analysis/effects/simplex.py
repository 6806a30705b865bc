"""Least squares with weights that are not negative and sum to one, for many problems at once and exactly.

Synthetic control and synthetic difference-in-differences need thousands of these small programs for one placebo
distribution.  A primal-dual interior-point method (Mehrotra 1992) solves all of them in lockstep; then the weights that
are zero are set to zero and the others are solved again as an ordinary linear system, so that the answer is that of
the quadratic program and not of a stopping rule.  What that step cannot confirm is solved by an active-set method.
"""

from typing import NamedTuple

import numpy as np

TIE_BREAK = 1e-7
"""Smallest ridge, as a share of the mean squared distance between target and columns.

With more donors than periods many weights fit equally well; of these the most evenly spread are taken.
"""

_MAX_STEPS = 60
_GAP = 1e-10  # relative to the objective, which is tiny where many weights fit
_CACHED = 65_536  # numbers at once: what fits in a processor's cache
_CERTAIN = 1e-12


def simplex_weights(columns: np.ndarray, target: np.ndarray, *, ridge=0.0, available=None) -> np.ndarray:
    """Minimise ``||columns @ w - target||^2 + ridge * ||w||^2`` over weights on the simplex, for a batch of problems.

    Parameters
    ----------
    columns, target : arrays, shape (..., m, n) and (..., m)
        m equations (periods, or donors) and n weights; leading dimensions are problems; in the unit of the columns.
    ridge : float or array, shape (...)
        Not negative, in squared units; at least `TIE_BREAK` times the mean squared distance is used.
    available : bool array, shape (..., n), optional
        Columns that may receive weight; all of them by default.

    Returns
    -------
    array, shape (..., n)
        Each row sums to one and is exactly zero where the optimum is.

    Raises
    ------
    ValueError
        When a number is not finite (or none: text, booleans, objects), shapes do not fit, the ridge is negative, or a
        problem has no column that may receive weight.
    """
    columns, target, penalties = (np.asarray(part) for part in (columns, target, ridge))
    if any(part.dtype.kind not in "iuf" for part in (columns, target, penalties)):
        raise ValueError("columns, target and ridge must be numbers")
    if columns.ndim < 2 or target.ndim < 1 or columns.shape[-2] != target.shape[-1] or 0 in columns.shape[-2:]:
        raise ValueError(f"columns {columns.shape} and target {target.shape} do not fit each other")
    if not (penalties >= 0).all():
        raise ValueError("the ridge must not be negative")
    batch = np.broadcast_shapes(columns.shape[:-2], target.shape[:-1], np.shape(ridge))
    n = columns.shape[-1]
    mask = np.ones(n, dtype=bool) if available is None else np.asarray(available, dtype=bool)
    batch = np.broadcast_shapes(batch, mask.shape[:-1])
    mask = np.broadcast_to(mask, (*batch, n)).reshape(-1, n)
    distance = np.asarray(columns - target[..., None], dtype=float)
    if not np.isfinite(distance).all():
        raise ValueError("columns and target must be complete: a number is missing or not finite")
    if not mask.any(axis=1).all():
        raise ValueError("a problem has no column that may receive weight")
    distance = np.broadcast_to(distance, (*batch, *distance.shape[-2:])).reshape(-1, *distance.shape[-2:])
    distance = np.where(mask[:, None, :], distance, 0.0)
    if distance.shape[1] > distance.shape[2]:  # as many equations as weights, of the same squared length
        distance = np.asarray(np.linalg.qr(distance, mode="r"))
    scale = np.sqrt((distance**2).sum(axis=(1, 2)) / mask.sum(axis=1))
    scale[scale == 0.0] = 1.0
    distance = distance / scale[:, None, None]
    penalty = np.broadcast_to(np.asarray(ridge, dtype=float), batch).reshape(-1) / scale**2
    penalty = np.maximum(penalty, TIE_BREAK)
    size = max(16, _CACHED // (distance.shape[1] * distance.shape[2]))
    parts = [slice(start, start + size) for start in range(0, len(distance), size)]
    weights = np.concatenate([_solve(distance[part], penalty[part], mask[part]) for part in parts])
    return weights.reshape(*batch, n)


def _solve(distance: np.ndarray, penalty: np.ndarray, mask: np.ndarray) -> np.ndarray:
    weights, slack = _interior_point(distance, penalty, mask)
    support = mask & ((weights > slack) | (weights == weights.max(axis=1, keepdims=True)))
    polished, certain = _polish(distance, penalty, mask, support)
    for i in np.flatnonzero(~certain):
        columns = np.flatnonzero(mask[i])
        polished[i] = 0.0
        polished[i, columns] = _active_set(distance[i][:, columns], penalty[i], weights[i, columns])
    return polished


def _interior_point(distance: np.ndarray, penalty: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and multipliers of all problems, until each duality gap is negligible."""
    count = mask.sum(axis=1, keepdims=True)
    weights = mask / count
    gradient = _gradient(distance, penalty, weights)
    level = np.where(mask, gradient, np.inf).min(axis=1, keepdims=True) - 1.0
    slack = np.where(mask, gradient - level, 1.0)
    for _ in range(_MAX_STEPS):
        gap = (weights * slack).sum(axis=1, keepdims=True) / count
        gradient = _gradient(distance, penalty, weights)
        objective = (weights * gradient).sum(axis=1, keepdims=True)
        if (gap * count <= _GAP * objective).all():
            break
        system = _linearise(distance, penalty, mask, weights, slack, level, gradient)
        affine_w, affine_s, _ = _newton(system, -weights * slack)
        reach = _reach(system, affine_w, affine_s)
        foreseen = ((weights + reach * affine_w) * (slack + reach * affine_s)).sum(axis=1, keepdims=True) / count
        target = (foreseen / gap) ** 3 * gap - weights * slack - affine_w * affine_s
        move_w, move_s, move_level = _newton(system, target)
        reach = np.minimum(1.0, 0.995 * _reach(system, move_w, move_s))
        weights, slack, level = weights + reach * move_w, slack + reach * move_s, level + reach * move_level
    return weights, slack


class _System(NamedTuple):
    """The linear system of one step: everything that its two right-hand sides share.

    A column that may receive no weight has `inverse` zero, so that its weight stays zero; its slack does not matter.
    """

    distance: np.ndarray
    weights: np.ndarray
    slack: np.ndarray
    dual: np.ndarray
    primal: np.ndarray
    inverse: np.ndarray
    factor: np.ndarray
    ones: np.ndarray


def _linearise(distance, penalty, mask, weights, slack, level, gradient) -> _System:
    dual = level + slack - gradient
    primal = 1.0 - weights.sum(axis=1, keepdims=True)
    inverse = np.where(mask, weights / (weights * penalty[:, None] + slack), 0.0)
    factor = _short_inverse(distance, inverse)
    ones = _apply_inverse(distance, inverse, factor, mask.astype(float))
    return _System(distance, np.where(mask, weights, 1.0), slack, dual, primal, inverse, factor, ones)


def _newton(system: _System, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Step of weights, multipliers and level that brings ``weights * slack`` to its value plus `target`."""
    push = system.dual + target / system.weights
    moved = _apply_inverse(system.distance, system.inverse, system.factor, push)
    shift = (system.primal - moved.sum(axis=1, keepdims=True)) / system.ones.sum(axis=1, keepdims=True)
    move_w = moved + shift * system.ones
    move_s = (target - system.slack * move_w) / system.weights
    return move_w, move_s, shift


def _gradient(distance: np.ndarray, penalty: np.ndarray, weights: np.ndarray) -> np.ndarray:
    residual = distance @ weights[:, :, None]
    return (distance.transpose(0, 2, 1) @ residual)[:, :, 0] + penalty[:, None] * weights


def _apply_inverse(distance, inverse, factor, vector: np.ndarray) -> np.ndarray:
    """Solve ``(D'D + diag(1 / inverse)) x = vector`` through the short side of D (Woodbury)."""
    scaled = inverse * vector
    short = factor @ (distance @ scaled[:, :, None])
    return scaled - inverse * (distance.transpose(0, 2, 1) @ short)[:, :, 0]


def _short_inverse(distance: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    return np.linalg.inv(np.eye(distance.shape[1]) + (distance * inverse[:, None, :]) @ distance.transpose(0, 2, 1))


def _reach(system: _System, move_w: np.ndarray, move_s: np.ndarray) -> np.ndarray:
    """Longest step, at most one, that keeps weights and multipliers positive."""
    fastest = np.maximum((-move_w / system.weights).max(axis=1), (-move_s / system.slack).max(axis=1))
    return 1.0 / np.maximum(fastest, 1.0)[:, None]


def _polish(distance, penalty, mask, support: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve on the support alone, and say for which problems that meets the conditions of an optimum."""
    inverse = np.where(support, 1.0 / penalty[:, None], 0.0)
    factor = _short_inverse(distance, inverse)
    ones = _apply_inverse(distance, inverse, factor, support.astype(float))
    weights = ones / ones.sum(axis=1, keepdims=True)
    for _ in range(3):
        gradient = _gradient(distance, penalty, weights)
        level = (gradient * support).sum(axis=1, keepdims=True) / support.sum(axis=1, keepdims=True)
        moved = _apply_inverse(distance, inverse, factor, np.where(support, level - gradient, 0.0))
        moved = moved - ones * (moved.sum(axis=1) / ones.sum(axis=1))[:, None]
        weights = weights + moved
    gradient = _gradient(distance, penalty, weights)
    level = (gradient * weights).sum(axis=1, keepdims=True)
    uneven = np.where(support, np.abs(gradient - level), np.where(mask, level - gradient, -np.inf)).max(axis=1)
    certain = (weights.min(axis=1) >= 0.0) & (uneven < _CERTAIN)
    return weights, certain


def _active_set(distance: np.ndarray, penalty: float, start: np.ndarray) -> np.ndarray:
    """Solve one problem by adding and dropping weights, from the support of a start that is nearly right."""
    n = distance.shape[1]
    weights = np.where(start > 1e-7, start, 0.0)
    weights /= weights.sum()
    free = weights > 0
    for _ in range(20 * n):
        system = np.zeros((free.sum() + 1, free.sum() + 1))
        system[:-1, :-1] = distance[:, free].T @ distance[:, free] + penalty * np.eye(free.sum())
        system[:-1, -1] = system[-1, :-1] = 1.0
        solved = np.linalg.solve(system, np.append(np.zeros(free.sum()), 1.0))
        goal = np.zeros(n)
        goal[free] = solved[:-1]
        if (goal[free] < 0).any():
            falling = free & (goal < weights)
            ratio = np.where(falling & (goal < 0), weights / np.where(falling, weights - goal, 1.0), np.inf)
            leaving = int(ratio.argmin())
            weights = weights + ratio[leaving] * (goal - weights)
            weights[leaving] = 0.0
            free[leaving] = False
            continue
        weights = goal
        gradient = distance.T @ (distance @ weights) + penalty * weights
        entering = int(np.where(free, np.inf, gradient).argmin())
        if free.all() or gradient[entering] >= -solved[-1] - _CERTAIN:
            break
        free[entering] = True
    return weights
