"""From declared designs to judged estimates: what is compared, how, what the checks find, and what is established.

The treated region is one aggregated region.  The regions that it is compared with (`comparison_regions`) have no
municipality in common; each is a placebo region too.  Their figures come from the same panel as every other number
(`evaluation.statistics.panels.build_panel`).  Arrays are on the scale of a design; every `Estimate` and number beside
it is told in its unit: percent, exactly, where a design is relative (`effects.scale`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.analysis.comparison_regions import Atlas, Regions, declared_of, grow_comparison_regions
from evaluation.analysis.design_checks import check_design
from evaluation.analysis.effects import event_study, judgement
from evaluation.analysis.effects.ancova import ancova
from evaluation.analysis.effects.before_after import trend_deviation
from evaluation.analysis.effects.check import Check
from evaluation.analysis.effects.estimate import CannotEstimate, Estimate, refused_estimate
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.effects.examined import Examined, examine
from evaluation.analysis.effects.multiple import adjust
from evaluation.analysis.effects.placebo import Statistic, estimate_with_placebos
from evaluation.analysis.effects.scale import Scale
from evaluation.analysis.effects.synthetic import synthetic_control, synthetic_did
from evaluation.analysis.origins import Origin, origins_of
from evaluation.analysis.outcomes import Compared, compare, scale_of, series_of, unit_of
from evaluation.base import dutch
from evaluation.base.paths import data_dir
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import POPULATION, Design, Indicator, load_population
from evaluation.statistics.areas.donor_pools import DonorPool
from evaluation.statistics.areas.treatments import load_register
from evaluation.statistics.panels import build_panel

ESTIMATORS = {
    "sdid": ("synthetische verschil-in-verschillen", synthetic_did),
    "sc": ("synthetische controle", synthetic_control),
    "did": ("verschil-in-verschillen", difference_in_differences),
    "ancova": ("verandering gegeven het beginniveau", ancova),
    "its": ("eigen trend tegenover de trend van de andere regio's", trend_deviation),
}
"""Method to its Dutch name and function; each is reported beside the declared one."""

MUNICIPAL = "gemeenten"

_POOL_WORDS = {
    "clean": "tegenover gemeenten zonder deal",
    "lenient": "tegenover gemeenten zonder deal voor geheel of wijken",
    "every": "tegenover alle andere gemeenten",
    "corop": "tegenover de andere COROP-gebieden",
    "province": "tegenover de rest van de provincie",
    "shrinking": "tegenover andere krimpgemeenten",
}


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """A declared design with what was found.

    Attributes
    ----------
    pool : DonorPool    With who is left out and why, and what a reader must know.
    estimate : Estimate    By the declared method, judged.
    others : dict[str, Estimate]    By the other methods (`ESTIMATORS`) and the municipal DiD (`MUNICIPAL`); not judged.
    variants : dict[str, Estimate]    By the variants that the plan declares, by their Dutch names; they count.
    after_term : Estimate | None    Over the years after the term, where the plan has such a window; not judged.
    examined : Examined | None    The comparison and its counterfactual; None where nothing could be estimated.
    members : dict[str, tuple[str, ...]]    Name of each region that was compared with, to its municipalities.
    checks : tuple[Check, ...]    Those of `effects.pre_period` and `effects.sensitivity`, and of the variants.
    contribution : tuple[Check, ...]
        Those of `effects.contribution`, once `contributions.attribute` has made them; none without a deviation.
    left_out : tuple[str, ...]    Regions that are comparable and have no complete figures.
    municipal : dict[str, float]    Deviation of each municipality of the treated region (two-by-two DiD).
    origins, after_origins : tuple[Origin, ...]
        Where the figures that were used come from; and those that the estimate over the years after the term used.
    """

    design: Design
    pool: DonorPool
    estimate: Estimate
    others: dict[str, Estimate] = field(default_factory=dict)
    variants: dict[str, Estimate] = field(default_factory=dict)
    after_term: Estimate | None = None
    examined: Examined | None = None
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    contribution: tuple[Check, ...] = ()
    left_out: tuple[str, ...] = ()
    municipal: dict[str, float] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    after_origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """Designs with all that estimating them needs, before anything is estimated.

    Attributes
    ----------
    designs : tuple[Design, ...]    With placebo regions.
    indicators : Mapping[str, Indicator]
    regions : Mapping[str, Regions]    By id of a design, and of each of its variants.
    panel : DataFrame    Figures of the treated region, of all regions and of municipalities.
    atlas : Atlas
    """

    designs: tuple[Design, ...]
    indicators: Mapping[str, Indicator]
    regions: Mapping[str, Regions]
    panel: pd.DataFrame
    atlas: Atlas


def estimate_designs(
    deal: Deal, designs: Iterable[Design], indicators: Mapping[str, Indicator], *, folder: Path | None = None
) -> dict[str, Estimated]:
    """Estimate every declared design with placebo regions, and judge the deviations of all of them together.

    Parameters
    ----------
    deal, designs : Deal, iterable of Design
        Its region is the treated one; those of the plan, without placebo regions passed over.
    indicators, folder : mapping of id to Indicator, Path | None
        Those of the designs, and `POPULATION`; the project's ``data`` by default.

    Returns
    -------
    dict[str, Estimated]
        By id.  The judgement counts the p after correction: Holm over the primary designs, Benjamini and Hochberg over
        the others.
    """
    wanted = [design for design in designs if design.has_placebos]
    if not wanted:
        return {}
    opened = open_designs(deal, wanted, indicators, folder=folder)
    return judge({design.id: estimate_design(opened, design) for design in opened.designs}, indicators)


def open_designs(
    deal: Deal, designs: Iterable[Design], indicators: Mapping[str, Indicator], *, folder: Path | None = None
) -> Opened:
    """Settle with whom each design compares, and read the figures of all of these.

    Parameters
    ----------
    deal, designs, indicators, folder
        As of `estimate_designs`.

    Returns
    -------
    Opened
    """
    folder = folder or data_dir()
    wanted = tuple(design for design in designs if design.has_placebos)
    atlas = Atlas.open(deal, folder, indicators.get(POPULATION) or load_population())
    register = load_register(folder=folder / "regions")
    asked = [item for design in wanted for item in (design, *design.variants)]
    regions: dict[str, Regions] = {}
    grown: dict[tuple, Regions] = {}
    for design in asked:
        key = (design.pool, design.last)
        if key not in grown:
            grown[key] = grow_comparison_regions(atlas, design, register)
        regions[design.id] = grown[key]
    groups = {unit_of(codes): codes for found in grown.values() for codes in found.members.values()}
    named = {name for design in wanted for name in (design.indicator, design.exposure) if name}
    needed = {name: indicators[name] for name in sorted(named)}
    panel = pd.DataFrame()
    if wanted:
        panel = build_panel(deal, coverage="country", groups=groups, indicators=needed, folder=folder)
    return Opened(wanted, indicators, regions, panel, atlas)


def estimate_design(opened: Opened, design: Design) -> Estimated:
    """Estimate one design by every method and variant and run its checks; it is not judged yet.

    Parameters
    ----------
    opened, design : Opened, Design
        One of its designs.

    Returns
    -------
    Estimated
        A refusal is an estimate with its reason.
    """
    indicator, regions, atlas = opened.indicators[design.indicator], opened.regions[design.id], opened.atlas
    estimand = _estimand(design, indicator, regions)
    try:
        compared = compare(design, opened.indicators, regions, opened.panel, atlas)
        estimate, examined = _by_method(design, compared, scale_of(design, indicator), estimand)
    except CannotEstimate as refusal:
        return Estimated(design, regions.pool, refused_estimate(estimand, refusal.reason), members=regions.members)
    regions = compared.regions
    used = [atlas.region, *(unit_of(codes) for codes in regions.members.values())]
    codes = [*atlas.own, *(code for group in regions.members.values() for code in group)]
    rows, periods = compared.rows, compared.window.periods
    later = rows["period"].isin(compared.window.pre) | (rows["period"] > periods[-1])
    until = rows["period"] <= (design.after_term or 0)
    variants = {_variant_words(design, item): _variant(opened, item) for item in design.variants}
    return Estimated(
        design=design,
        pool=regions.pool,
        estimate=estimate,
        others=_others(design, indicator, compared, atlas, estimand),
        variants=variants,
        after_term=_after_term(opened, design),
        examined=examined,
        members=regions.members,
        left_out=compared.left_out,
        checks=(*check_design(regions, examined, atlas), judgement.check_variants(estimate, variants)),
        municipal=_municipal_effects(design, indicator, compared, atlas),
        origins=origins_of(rows[rows["period"].isin(periods)], used, codes),
        after_origins=origins_of(rows[later & until], used, codes),
    )


def estimate_again(opened: Opened, item: Estimated) -> Estimated:
    """Estimate a design and its variants on other figures after the start; what rests on the years before stays.

    Parameters
    ----------
    opened, item : Opened, Estimated
        With those other figures; what `estimate_design` found on the figures as they are.

    Returns
    -------
    Estimated
        With another estimate and other variants; not judged yet.
    """
    design = item.design
    variants = {_variant_words(design, variant): _variant(opened, variant) for variant in design.variants}
    return replace(item, estimate=_variant(opened, design), variants=variants)


def judge(found: Mapping[str, Estimated], indicators: Mapping[str, Indicator]) -> dict[str, Estimated]:
    """Correct for the number of questions, and judge each deviation.

    Parameters
    ----------
    found, indicators : mappings of id to Estimated and to Indicator
        All designs of a plan: those that could be estimated make up the families.

    Returns
    -------
    dict[str, Estimated]
    """
    p_values = {key: item.estimate.p_value for key, item in found.items() if item.estimate.p_value is not None}
    attainable = {key: p for key, item in found.items() if (p := item.estimate.p_attainable) is not None}
    primary = {key: p for key, p in p_values.items() if found[key].design.primary}
    secondary = {key: p for key, p in p_values.items() if key not in primary}
    adjusted = adjust(primary, secondary, attainable=attainable)
    result = {}
    for key, item in found.items():
        wanted = indicators[item.design.indicator].direction
        estimate = judgement.judge_deviation(
            item.estimate,
            item.checks,
            plausible=judgement.Plausible(declared_of(item.design).plausible_effect, wanted),
            variants=item.variants,
            adjusted=adjusted.get(key),
        )
        result[key] = replace(item, estimate=estimate)
    return result


def _by_method(design: Design, compared: Compared, scale: Scale, estimand: str) -> tuple[Estimate, Examined]:
    """Estimate by the declared method, told on its scale, with the Bayes factor under the plan's prior."""
    name, estimator = ESTIMATORS[design.method]
    statistic = _statistic(design)
    estimate, found = estimate_with_placebos(
        compared.comparison, estimator, estimand=estimand, method_name=name, statistic=statistic
    )
    if design.prior_sd is not None and estimate.value is not None and estimate.std_error:
        prior = scale.from_size(design.prior_sd)
        factor = judgement.bayes_factor(estimate.value, estimate.std_error, prior)
        estimate = replace(estimate, bayes_factor=factor)
    examined = examine(compared.comparison, estimator, found, statistic=statistic, scale=scale)
    return _told(estimate, scale), examined


def _told(estimate: Estimate, scale: Scale) -> Estimate:
    """Tell an estimate in its unit: differences with their sign, sizes as a move the way that is wanted."""

    def told(difference: float | None) -> float | None:
        return None if difference is None else float(scale.told(difference))

    def size(number: float | None) -> float | None:
        return None if number is None else float(scale.size(number))

    return replace(
        estimate,
        value=told(estimate.value),
        ci_low=told(estimate.ci_low),
        ci_high=told(estimate.ci_high),
        std_error=size(estimate.std_error),
        mde=size(estimate.mde),
    )


def _variant(opened: Opened, design: Design, regions: Regions | None = None) -> Estimate:
    """Estimate a design that varies another; a refusal is an estimate with its reason."""
    indicator, regions = opened.indicators[design.indicator], regions or opened.regions[design.id]
    estimand = _estimand(design, indicator, regions)
    try:
        compared = compare(design, opened.indicators, regions, opened.panel, opened.atlas)
        return _by_method(design, compared, scale_of(design, indicator), estimand)[0]
    except CannotEstimate as refusal:
        return refused_estimate(estimand, refusal.reason)


def _after_term(opened: Opened, design: Design) -> Estimate | None:
    """Estimate the deviation over the years after the term, against the same regions; None where it is not asked."""
    if design.after_term is None:
        return None
    term = range(design.pre[1] + 1, declared_of(design).last + 1)
    later = {"excluded": tuple(sorted({*design.excluded, *term})), "last": design.after_term, "after_term": None}
    return _variant(opened, design.model_copy(update=later), opened.regions[design.id])


def _variant_words(design: Design, variant: Design) -> str:
    """Say what a variant changes, as after a name or a verb."""
    words = []
    if variant.method != design.method:
        words.append(f"met {ESTIMATORS[variant.method][0]}")
    if variant.pool != design.pool and variant.pool is not None:
        words.append(_POOL_WORDS[variant.pool])
    if without := sorted(set(variant.excluded) - set(design.excluded)):
        words.append(f"zonder {dutch.listing([str(year) for year in without])}")
    return " en ".join(words)


def _statistic(design: Design) -> Statistic:
    return design.statistic or "studentised"


def _estimand(design: Design, indicator: Indicator, regions: Regions) -> str:
    against = regions.pool.estimand or "geen regio's om mee te vergelijken"
    last = declared_of(design).last
    first = next(year for year in range(design.pre[1] + 1, last + 1) if year not in design.excluded)
    return f"gemiddelde afwijking van {indicator.wording} in {first}-{last}: {against}"


def _others(
    design: Design, indicator: Indicator, compared: Compared, atlas: Atlas, estimand: str
) -> dict[str, Estimate]:
    """Estimate by every other method."""
    found, scale, statistic = {}, scale_of(design, indicator), _statistic(design)
    for method, (name, estimator) in ESTIMATORS.items():
        if method == design.method:
            continue
        try:
            estimate, _ = estimate_with_placebos(
                compared.comparison, estimator, estimand=estimand, method_name=name, statistic=statistic
            )
            found[method] = _told(estimate, scale)
        except CannotEstimate as refusal:
            found[method] = refused_estimate(estimand, refusal.reason)
    codes = [*atlas.own, *(code for codes in compared.regions.members.values() for code in codes)]
    try:
        outcomes, _ = series_of(design, indicator, compared.rows, codes)
        treated = np.arange(len(codes)) < len(atlas.own)
        estimate = event_study.municipal_did(outcomes, treated, n_pre=len(compared.window.pre), estimand=estimand)
        found[MUNICIPAL] = _told(estimate, scale)
    except CannotEstimate as refusal:
        found[MUNICIPAL] = refused_estimate(estimand, refusal.reason)
    return found


def _municipal_effects(design: Design, indicator: Indicator, compared: Compared, atlas: Atlas) -> dict[str, float]:
    """Measure how far each municipality of the treated region changed otherwise than the regions compared with.

    A municipality without complete figures, or with a zero where percentages are asked, has none.
    """
    comparison, chosen, rows = compared.comparison, compared.window, compared.rows
    n_pre, scale = comparison.n_pre, scale_of(design, indicator)
    benchmark = comparison.shares[0] @ comparison.donors
    usual = benchmark[n_pre:].mean() - benchmark[:n_pre].mean()
    found = {}
    for code in atlas.own:
        mine = rows[(rows["unit"] == code) & rows["period"].isin(chosen.periods)].sort_values("period")
        if len(mine) < len(chosen.periods) or mine["value"].isna().any():
            continue
        try:
            values = scale.of(mine["value"].to_numpy())
        except CannotEstimate:
            continue
        found[code] = float(scale.told(values[n_pre:].mean() - values[:n_pre].mean() - usual))
    return found
