"""Regions to compare with: grown from the municipalities of a design's pool, comparable in size and connected.

The panel is asked for their figures afterwards; who may be compared is settled before any outcome is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.placebo_regions import adjacency_matrix, band_around, grow_regions, spread
from evaluation.base import dutch
from evaluation.inputs.deal import Deal
from evaluation.inputs.indicators import POPULATION as POPULATION
from evaluation.inputs.indicators import Design, Indicator
from evaluation.inputs.plan_schema import Pool
from evaluation.statistics.areas.boundary_tables import load_municipalities
from evaluation.statistics.areas.donor_pools import DonorPool, PoolKind, Strictness, donor_pool
from evaluation.statistics.areas.municipalities import LAST_YEAR
from evaluation.statistics.areas.neighbours_and_tiles import load_neighbours
from evaluation.statistics.areas.treatments import Register
from evaluation.statistics.panels import build_panel

_POOLS: Mapping[Pool, tuple[PoolKind, Strictness]] = {
    "clean": ("clean", "strict"),
    "lenient": ("clean", "lenient"),
    "every": ("every", "strict"),
    "corop": ("corop", "strict"),
    "province": ("province", "lenient"),
    "shrinking": ("shrinking", "lenient"),
}
"""Pool of a design to the kind and the strictness of `evaluation.statistics.areas.donor_pools.donor_pool`."""


class Declared(NamedTuple):
    """What every design with placebo regions declares, and the others need not."""

    pool: Pool
    last: int
    plausible_effect: float


def declared_of(design: Design) -> Declared:
    """Take what a design with placebo regions must declare.

    Parameters
    ----------
    design : Design
        With placebo regions.

    Returns
    -------
    Declared

    Raises
    ------
    ValueError
        When it has none.
    """
    if design.pool is None or design.last is None or design.plausible_effect is None:
        raise ValueError(f"{design.id} has no placebo regions, and so no pool, last year or plausible effect")
    return Declared(design.pool, design.last, design.plausible_effect)


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Municipalities of today with what makes them comparable.

    Attributes
    ----------
    codes : tuple[str, ...]    n municipalities, sorted; the order of the arrays.
    names, corop : Mapping[str, str]    Code to name and to COROP area.
    population : array, shape (n,)    Inhabitants in the base year.
    adjacency : bool array, shape (n, n)    Which border each other.
    own : tuple[str, ...]    Codes of the treated region.
    region, region_name : str    Its unit in a panel, and its name.
    """

    codes: tuple[str, ...]
    names: Mapping[str, str]
    corop: Mapping[str, str]
    population: np.ndarray
    adjacency: np.ndarray
    own: tuple[str, ...]
    region: str
    region_name: str

    @classmethod
    def open(cls, deal: Deal, folder: Path, population: Indicator) -> Atlas:
        """Read the map and the inhabitants in the base year.

        Parameters
        ----------
        deal, folder, population : Deal, Path, Indicator
            Which municipalities are treated; ``data``; what counts inhabitants.

        Returns
        -------
        Atlas
        """
        today = [item for item in load_municipalities(folder=folder / "regions") if item.exists_in(LAST_YEAR)]
        codes = tuple(sorted(item.code for item in today))
        panel = build_panel(deal, coverage="country", indicators={population.id: population}, folder=folder)
        people = panel[panel["period"] == deal.term.base_year].set_index("unit")["value"].reindex(codes)
        return cls(
            codes=codes,
            names={item.code: item.name for item in today},
            corop={item.code: item.corop for item in today},
            population=people.to_numpy(dtype=float),
            adjacency=adjacency_matrix(load_neighbours(folder=folder / "regions"), codes),
            own=tuple(item.code for item in deal.region.municipalities),
            region=deal.region.unit_id,
            region_name=deal.region.short_name,
        )

    def bordering(self, code: str) -> list[str]:
        """Return which municipalities border on one.

        Parameters
        ----------
        code : str
            Of the map.

        Returns
        -------
        list[str]
        """
        return [self.codes[place] for place in np.flatnonzero(self.adjacency[self.codes.index(code)])]

    def places(self, codes: Iterable[str]) -> list[int]:
        """Return where municipalities stand, in the order given.

        Parameters
        ----------
        codes : iterable of str
            Municipalities of the map.

        Returns
        -------
        list[int]
        """
        return [self.codes.index(code) for code in codes]


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions of a pool: name in Dutch to codes of municipalities, the largest first; or why there are none."""

    pool: DonorPool
    members: dict[str, tuple[str, ...]]
    refusal: str | None = None


def grow_comparison_regions(atlas: Atlas, design: Design, register: Register) -> Regions:
    """Make the regions of a design from the municipalities of its pool, as it stood at the end of its last year.

    Grown within one COROP area, as the treated region is: what hits a whole area at once would cancel out in a region
    across areas, and the placebo regions would seem calmer than they are (`studies.simulation`).  The pool ``corop``
    has whole areas.  From ``every``, municipalities that border on the treated region are left out: what moves across
    its border is no comparison.

    Parameters
    ----------
    atlas, design, register : Atlas, Design, Register
        The map, a design with placebo regions, and who was treated when.

    Returns
    -------
    Regions
        Without a municipality in common; none, with the reason, where the pool or the map gives none.
    """
    declared = declared_of(design)
    kind, strictness = _POOLS[declared.pool]
    neighbours = {code: atlas.bordering(code) for code in atlas.own} if kind == "every" else None
    pool = donor_pool(
        date(declared.last, 12, 31),
        kind=kind,
        strictness=strictness,
        treated=atlas.own,
        name=atlas.region_name,
        adjacency=neighbours,
        register=register,
    )
    if pool.reason is not None:
        return Regions(pool, {}, dutch.uncapital(pool.reason.rstrip(".")))
    try:
        made = _areas(atlas, pool) if kind == "corop" else _grown(atlas, pool)
    except CannotEstimate as refusal:
        return Regions(pool, {}, refusal.reason)
    return Regions(pool, made)


def _areas(atlas: Atlas, pool: DonorPool) -> dict[str, tuple[str, ...]]:
    """Take the COROP areas of a pool as they are."""
    areas: dict[str, list[str]] = {}
    for code in pool.municipalities:
        areas.setdefault(atlas.corop[code], []).append(code)
    return _named(atlas, [areas[area] for area in sorted(areas)])


def _grown(atlas: Atlas, pool: DonorPool) -> dict[str, tuple[str, ...]]:
    """Grow regions of the size of the treated one, without a municipality in common."""
    open_codes = set(pool.municipalities) - set(atlas.own)
    barred = [place for place, code in enumerate(atlas.codes) if code not in open_codes]
    band = band_around(atlas.population, atlas.places(atlas.own))
    areas = np.array([atlas.corop[code] for code in atlas.codes])
    within_areas = atlas.adjacency & (areas[:, None] == areas[None, :])
    grown = spread(grow_regions(within_areas, atlas.population, band, barred=barred))
    return _named(atlas, [[atlas.codes[place] for place in np.flatnonzero(row)] for row in grown])


def _named(atlas: Atlas, groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Name each group after its largest municipality, which comes first."""
    people = dict(zip(atlas.codes, atlas.population, strict=True))
    ordered = [tuple(sorted(group, key=lambda code: -people[code])) for group in groups]
    return {f"{atlas.names[codes[0]]} en omgeving": codes for codes in ordered}
