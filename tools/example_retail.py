"""Example premises: made up, seeded, and named an example wherever they show, to see the monitor before real counts.

No cluster, shop or retailer in it is real.  Only that the centre of Heerlen is no priority cluster is from the deal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.inputs.deal import Deal
from evaluation.inputs.retail.tables import COLUMNS
from tools.example_folder import refuse_other_place, told_command, write_tables

SEED = 2018
YEARS = range(2018, 2023)

_CLUSTERS = (
    ("WC1", "Voorbeeldcluster A", "GM0928", "nee", "ja"),
    ("WC2", "Voorbeeldcluster B", "GM0882", "nee", "ja"),
    ("WC3", "Voorbeeldcluster C", "GM0899", "nee", "ja"),
    ("WC4", "Voorbeeldcluster D", "GM0917", "nee", "ja"),
    ("WC5", "Voorbeeldcluster E", "GM1954", "nee", "nee"),
    ("WC6", "Voorbeeldcluster Heerlen-Centrum", "GM0917", "ja", "nee"),
)
_SIZES = {
    "WC1": (62, 12, 10), "WC2": (57, 10, 5), "WC3": (55, 11, 4), "WC4": (58, 10, 6), "WC5": (24, 4, 2),
    "WC6": (80, 14, 11),
}  # fmt: skip
"""Made-up shops, hospitality and services at the start, per cluster."""

_OUTSIDE = {
    "GM0917": (44, 3, 2), "GM0928": (34, 3, 1), "GM0882": (26, 2, 1), "GM0899": (25, 2, 1), "GM1954": (22, 2, 1),
    "GM0965": (14, 1, 0), "GM0986": (14, 1, 0),
}  # fmt: skip
_FUNCTIONS = ("retail", "hospitality", "service")
_KINDS = (
    ("housing", 0.55),
    ("office", 0.13),
    ("care", 0.1),
    ("community", 0.1),
    ("storage", 0.06),
    ("demolished", 0.06),
)
_BRANCHES = (("daily", 0.26), ("fashion", 0.24), ("leisure", 0.14), ("home", 0.2), ("other", 0.16))
_HIDDEN_M2 = {
    "GM0917": 21_000, "GM0928": 12_500, "GM0882": 8_200, "GM0899": 7_400, "GM1954": 6_900, "GM0965": 2_100,
    "GM0986": 2_600,
}  # fmt: skip
_NO_ANSWER = ("GM0965", 2020)


@dataclass(frozen=True, slots=True)
class _Chances:
    """What happens to premises in a year."""

    vacant_at_start: float
    leaves: float
    is_let: float
    becomes_other: float
    disappears: float


_INSIDE = _Chances(vacant_at_start=0.15, leaves=0.09, is_let=0.38, becomes_other=0.16, disappears=0.004)
_CENTRE = _Chances(vacant_at_start=0.17, leaves=0.1, is_let=0.32, becomes_other=0.18, disappears=0.004)
_BEYOND = _Chances(vacant_at_start=0.2, leaves=0.14, is_let=0.12, becomes_other=0.27, disappears=0.01)
_MOVES_IN = 0.6
"""Chance that a retailer who leaves premises outside the clusters goes on inside one."""


@dataclass(slots=True)
class _Premises:
    """Made-up premises while the years pass."""

    identity: str
    municipality: str
    cluster: str
    function: str
    wvo: int
    bvo: int
    kind: str = ""
    occupant: str = ""
    branch: str = ""

    @property
    def is_vacant(self) -> bool:
        return self.function != "other" and not self.occupant

    @property
    def chances(self) -> _Chances:
        return _CENTRE if self.cluster == "WC6" else _INSIDE if self.cluster else _BEYOND

    def row(self, year: int) -> dict[str, object]:
        """Write the row of a year."""
        return {
            "premises_id": self.identity,
            "year": year,
            "municipality": self.municipality,
            "cluster": self.cluster,
            "function": self.function,
            "other_kind": self.kind,
            "is_vacant": "ja" if self.is_vacant else "nee",
            "wvo_m2": self.wvo,
            "bvo_m2": self.bvo,
            "occupant_id": self.occupant,
            "branch": self.branch if self.function == "retail" and self.occupant else "",
        }


class _Town:
    """The made-up premises, and the chances by which they change from year to year."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.premises: list[_Premises] = []
        self.occupants = self.built = 0
        places = [(of, cluster, _SIZES[cluster]) for cluster, _, of, *_ in _CLUSTERS]
        places += [(of, "", sizes) for of, sizes in _OUTSIDE.items()]
        for municipality, cluster, sizes in places:
            for function, size in zip(_FUNCTIONS, sizes, strict=True):
                for _ in range(size):
                    made = self.build(municipality, cluster, function)
                    if self.rng.random() >= made.chances.vacant_at_start * (1 if function == "retail" else 0.4):
                        self.let(made)

    def build(self, municipality: str, cluster: str, function: str) -> _Premises:
        """Add premises that stand empty."""
        self.built += 1
        wvo = round(40 * 18 ** (self.rng.random() ** 1.7))
        bvo = round(wvo * (1.18 + 0.3 * self.rng.random()))
        made = _Premises(f"W{self.built:04d}", municipality, cluster, function, wvo, bvo)
        self.premises.append(made)
        return made

    def let(self, place: _Premises, occupant: str = "", branch: str = "") -> None:
        """Give premises an occupant, a new one where none is named."""
        if not occupant:
            self.occupants += 1
            occupant = f"O{self.occupants:04d}"
        place.occupant, place.branch = occupant, branch or self.draw(_BRANCHES)

    def draw(self, options: tuple[tuple[str, float], ...]) -> str:
        """Draw one of several words by their chances."""
        drawn = self.rng.random()
        for word, chance in options:
            drawn -= chance
            if drawn < 0:
                return word
        return options[-1][0]

    def pass_year(self) -> None:
        """Let a year pass: shops close, move and open, empty ones get another function or disappear."""
        movers = [self.leave(place) for place in list(self.premises) if place.occupant and self.chance(place, "leaves")]
        for place in [place for place in self.premises if place.is_vacant and place.function == "retail"]:
            if self.chance(place, "becomes_other"):
                self.change(place)
        self.premises = [place for place in self.premises if not (place.is_vacant and self.chance(place, "disappears"))]
        empty = [place for place in self.premises if place.is_vacant and place.cluster and place.function == "retail"]
        empty.sort(key=lambda place: self.rng.random())
        for mover in filter(None, movers):
            if empty:
                self.let(empty.pop(), *mover)
        for place in [place for place in self.premises if place.is_vacant]:
            if self.chance(place, "is_let"):
                self.let(place)
        for cluster, _, municipality, *_ in _CLUSTERS:
            if self.rng.random() < 0.3:
                self.let(self.build(municipality, cluster, "retail"))

    def leave(self, place: _Premises) -> tuple[str, str] | None:
        """Empty premises; return the retailer who goes on inside a cluster."""
        mover = (place.occupant, place.branch)
        goes_on = place.function == "retail" and not place.cluster and self.rng.random() < _MOVES_IN
        place.occupant = place.branch = ""
        return mover if goes_on else None

    def change(self, place: _Premises) -> None:
        """Give an empty shop another function."""
        if place.cluster and self.rng.random() < 0.35:
            place.function = "hospitality"
            self.let(place)
        else:
            place.function, place.kind = "other", self.draw(_KINDS)

    def chance(self, place: _Premises, name: str) -> bool:
        """Draw whether something happens to premises this year."""
        return bool(self.rng.random() < getattr(place.chances, name))


def write_retail_example(deal: Deal, folder: Path, *, seed: int = SEED) -> None:
    """Write the example of the retail tables of a deal: the same seed gives the same bytes.

    Parameters
    ----------
    deal : Deal
    folder : Path
        Replaced as a whole, when it is new, empty or holds an example.
    seed : int
        Of the random draws.

    Raises
    ------
    UsageError
        When the folder holds tables that are not an example, or there is no example for this deal.
    """
    refuse_other_place(deal, folder, list(COLUMNS), what="premises")
    town = _Town(seed)
    premises = []
    for year in YEARS:
        if year > YEARS[0]:
            town.pass_year()
        premises += [place.row(year) for place in sorted(town.premises, key=lambda place: place.identity)]
    note = "Voorbeeld; geen echt winkelgebied."
    tables = {
        "clusters": [dict(zip(COLUMNS["clusters"], (*row, note), strict=True)) for row in _CLUSTERS],
        "premises": premises,
        "plan_capacity": list(_plan_capacity(np.random.default_rng(seed + 1))),
    }
    write_tables(folder, COLUMNS, tables, _dataset(seed))


def _plan_capacity(rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Hidden plan capacity that shrinks; one answer is missing, so that the report shows how that looks."""
    left = dict(_HIDDEN_M2)
    for year in range(2019, 2023):
        for municipality in left:
            if year > 2019:
                left[municipality] = int(round(left[municipality] * (0.8 + 0.18 * rng.random()), -1))
            if (municipality, year) != _NO_ANSWER:
                yield {
                    "municipality": municipality,
                    "year": year,
                    "kind": "hidden",
                    "floor_space": "bvo",
                    "m2": left[municipality],
                }


def _dataset(seed: int) -> str:
    return (
        "title: Voorbeeldset winkelmonitor\n"
        "status: voorbeeld\n"
        'version: "1"\n'
        "source: verzonnen panden, geen telling\n"
        "licence: vrij te gebruiken\n"
        "may_publish: true\n"
        "may_publish_plans: true\n"
        "vacancy_definition: >-\n"
        "  Een winkel staat leeg als er op de dag van de telling niemand in zit. Zo staat het in deze voorbeeldset.\n"
        "comparable_with_baseline: false\n"
        "minimum_count: 10\n"
        "minimum_denominator: 50\n"
        f"made_by: {told_command(seed, SEED)}\n"
        "note: >-\n"
        "  Alle winkelclusters, panden, winkeliers en oppervlakten in deze map zijn verzonnen. Ze laten zien hoe de\n"
        "  winkelmonitor eruitziet en zeggen niets over winkels in Parkstad.\n"
    )
