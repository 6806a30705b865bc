"""How comparisons of municipalities do on made-up panels, and those with regions that were grown over areas.

Their errors count seven municipalities of one region as seven cases; used for no judgement but with placebo regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evaluation.analysis.effects.comparison import Comparison
from evaluation.analysis.effects.event_study import difference_in_differences, regional_event_study
from evaluation.analysis.effects.placebo_regions import band_around, grow_regions, spread
from studies.cluster_inference import wild_cluster_bootstrap
from studies.judged_draws import ALPHA, EFFECT, JOINT_TEST, Outcome, by_both_statistics, from_estimates, study_inference
from studies.municipal_regions import aggregate_rates, compare_municipalities, compare_regions
from studies.simulated_panels import N_PRE, PER, YEARS, SimulatedMap
from studies.two_way_fixed_effects import clustered_did, event_study

MUNICIPAL = "gemeentelijke difference-in-differences"


def study_municipal(
    scene: SimulatedMap, without: np.ndarray, with_effect: np.ndarray, halved: np.ndarray
) -> Iterator[Outcome]:
    """Compare treated municipalities with others: rates of shape (draws, 342, 11), by four kinds of inference."""
    treated = scene.area == 0
    for vcov in ("CRV1", "CRV3"):
        none, some = (
            [clustered_did(draw, treated, n_pre=N_PRE, vcov=vcov) for draw in rates] for rates in (without, with_effect)
        )
        yield from_estimates(MUNICIPAL, f"{vcov}, clusters zijn gemeenten", none, some, EFFECT)
    yield _study_bootstrap(MUNICIPAL, treated, without, with_effect)
    names = [str(i) for i in range(len(treated))]
    found = (
        difference_in_differences(
            compare_municipalities(
                rates, member, n_pre=N_PRE, periods=YEARS, region_names=names[: len(member)], names=names
            )
        )
        for rates, member in (
            (without, scene.membership),
            (with_effect, scene.membership[:1]),
            (halved, scene.membership[:1]),
        )
    )
    yield from by_both_statistics(MUNICIPAL, *found)


def study_grown_regions(scene: SimulatedMap, without, with_effect, exposure) -> Iterator[Outcome]:
    """Difference-in-differences with a region grown around every municipality: they overlap, or are thinned out."""
    for words, regions in _grown_regions(scene).items():
        found = []
        for counts, member in (
            (without, np.vstack([scene.area == 0, regions])),
            (with_effect, (scene.area == 0)[None, :]),
        ):
            compared = compare_regions(
                aggregate_rates(counts, exposure, member, per=PER),
                PER * counts / exposure,
                membership=member,
                donor_membership=np.eye(len(scene.population), dtype=bool),
                n_pre=N_PRE,
                periods=YEARS,
                region_names=[str(i) for i in range(len(member))],
                donor_names=[str(i) for i in range(len(scene.population))],
            )
            found.append(difference_in_differences(replace(compared, weights=scene.population)))
        yield study_inference("difference-in-differences", *found, inference=f"{words}, omkering")


def study_pre_trend(scene: SimulatedMap, regions: Comparison, rates: np.ndarray) -> Iterator[Outcome]:
    """Count how often the joint test on the time before rejects when nothing is the matter; it covers no effect."""
    reference, treated = YEARS[N_PRE - 1], scene.area == 0
    gap = difference_in_differences(regions).gap
    regional = [regional_event_study(draw, periods=YEARS, reference=reference).joint_pre_p for draw in gap]
    municipal = [event_study(draw, treated, periods=YEARS, reference=reference).joint_pre_p for draw in rates]
    nothing = np.full(len(gap), np.nan)
    for inference, p in ((JOINT_TEST, regional), ("CRV1, clusters zijn gemeenten", municipal)):
        rejected = np.array([value <= ALPHA for value in p])
        yield Outcome("toets op de tijd vooraf", inference, nothing, nothing, rejected, nothing)


def _grown_regions(scene: SimulatedMap) -> dict[str, np.ndarray]:
    treated = np.flatnonzero(scene.area == 0).tolist()
    band = band_around(scene.population, treated)
    grown = grow_regions(scene.adjacency, scene.population, band, barred=treated)
    return {"overlappende placeboregio's": grown, "uitgedunde placeboregio's": spread(grown)}


def _study_bootstrap(name: str, treated: np.ndarray, without: np.ndarray, with_effect: np.ndarray) -> Outcome:
    def change(rates: np.ndarray) -> np.ndarray:
        return rates[..., N_PRE:].mean(axis=-1) - rates[..., :N_PRE].mean(axis=-1)

    def p_values(rates: np.ndarray, null: float) -> np.ndarray:
        clusters = np.arange(len(treated))
        return np.array(
            [
                wild_cluster_bootstrap(row, treated, clusters, null=null, with_interval=False, draws=399).p_value
                for row in change(rates)
            ]
        )

    error = change(with_effect)[:, treated].mean(axis=1) - change(with_effect)[:, ~treated].mean(axis=1) - EFFECT
    covered = p_values(with_effect, EFFECT) > ALPHA
    return Outcome(
        name,
        "wild cluster bootstrap",
        error,
        covered,
        p_values(without, 0.0) <= ALPHA,
        p_values(with_effect, 0.0) <= ALPHA,
    )
