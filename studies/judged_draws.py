"""What is counted of simulated draws: errors, intervals that hold the truth, and tests that reject."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.effects.comparison import Counterfactual
from evaluation.analysis.effects.placebo import PlaceboInference, Statistic, placebo_inference, scales_of

EFFECT = -1.5
HALF = 0.5
ALPHA = 0.05

STUDENTISED = "placeboregio's, gedeeld door de afwijking vooraf"
PLACEBOS = "placeboregio's, omkering"
JOINT_TEST = "placeboregio's"
HAC = "één reeks, HAC"
IN_USE = (STUDENTISED, PLACEBOS, JOINT_TEST, HAC)
"""Inference with which 95% intervals and 5% tests are claimed; any other is studied to show why it is not."""

PLAIN_ONLY = ("synthetische controle",)
"""With more regions than years some region is followed without a deviation: there is nothing to divide by."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Per draw: estimate with the effect, whether its interval holds the truth, and whether the test rejects.

    Without an effect, with it, and where what happens in the treated region is halved (None: not tried).
    """

    estimator: str
    inference: str
    error: np.ndarray
    covered: np.ndarray
    rejected_without: np.ndarray
    rejected_with: np.ndarray
    rejected_halved: np.ndarray | None = None


def study_inference(
    name: str,
    without: Counterfactual,
    with_effect: Counterfactual,
    halved: Counterfactual | None = None,
    *,
    truth: float = EFFECT,
    statistic: Statistic = "effect",
    inference: str = PLACEBOS,
) -> Outcome:
    """Judge draws by placebo regions: `without` is of all regions, the others of all or of the treated one alone."""
    scales = scales_of(without, statistic)

    def tested(found: Counterfactual) -> PlaceboInference:
        alone = found.effect.shape[-1] == 1
        effects = np.hstack([found.effect, without.effect[:, 1:]]) if alone else found.effect
        return placebo_inference(effects, scales)

    some = tested(with_effect)
    return Outcome(
        name,
        inference,
        with_effect.effect[:, 0] - truth,
        (some.ci_low <= truth) & (truth <= some.ci_high),
        tested(without).p_value <= ALPHA,
        some.p_value <= ALPHA,
        None if halved is None else tested(halved).p_value <= ALPHA,
    )


def by_both_statistics(name: str, *found: Counterfactual) -> Iterator[Outcome]:
    """Judge draws by the plain statistic and, where there is something to divide by, by the studentised one."""
    yield study_inference(name, *found)
    if name not in PLAIN_ONLY:
        yield study_inference(name, *found, statistic="studentised", inference=STUDENTISED)


def from_estimates(name: str, inference: str, none: list, some: list, truth: float) -> Outcome:
    """Judge draws by estimates that have an interval and a p of their own, without and with the effect."""
    return Outcome(
        name,
        inference,
        np.array([e.value - truth for e in some]),
        np.array([e.ci_low <= truth <= e.ci_high for e in some]),
        np.array([e.p_value <= ALPHA for e in none]),
        np.array([e.p_value <= ALPHA for e in some]),
    )


def summarise_all(outcomes: Sequence[Outcome], scenario: str) -> list[tuple]:
    """Make a row of the table of each estimator and inference."""
    parts: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        parts.setdefault((outcome.estimator, outcome.inference), []).append(outcome)
    return [_summarise(same, scenario) for same in parts.values()]


def _summarise(outcomes: Sequence[Outcome], scenario: str) -> tuple:
    def joined(take: Callable[[Outcome], np.ndarray]) -> np.ndarray:
        return np.concatenate([take(outcome) for outcome in outcomes]).astype(float)

    def halved(outcome: Outcome) -> np.ndarray:
        return np.full(len(outcome.error), np.nan) if outcome.rejected_halved is None else outcome.rejected_halved

    error = joined(lambda outcome: outcome.error)
    draws = len(error)
    return (
        outcomes[0].estimator,
        outcomes[0].inference,
        scenario,
        outcomes[0].inference in IN_USE,
        draws,
        float(error.mean()),
        float(error.std(ddof=1) / np.sqrt(draws)),
        float(joined(lambda outcome: outcome.covered).mean()),
        float(joined(lambda outcome: outcome.rejected_without).mean()),
        float(joined(lambda outcome: outcome.rejected_with).mean()),
        float(joined(halved).mean()),
        float(np.sqrt(ALPHA * (1 - ALPHA) / draws)),
    )
