"""Made-up panels with a known effect, as like the real ones as is known: for the study of how good the methods are.

342 municipalities; 41 regions of seven, one of them treated, as in the plan, and four larger areas that are not
comparable; yearly counts and inhabitants 2012-2023; shocks of a region and of a municipality that last (first-order
autoregression); 30 municipalities that came out of a merger, whose counts are the sum of two old ones; a COVID shock
in 2020 and 2021 that is not equally large everywhere.  Inhabitants and mergers are drawn anew for every map, so that
nothing hangs on one map.  Nothing in it comes from a real municipality.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROWS, COLUMNS = 18, 19
N_MUNICIPALITIES = ROWS * COLUMNS
N_REGIONS = 41
N_TREATED = 7
OTHER_AREAS = (14, 14, 14, 13)
"""Municipalities of the areas that are too large to be compared: no donor and no placebo region."""
N_MERGED = 30
YEARS = tuple(year for year in range(2012, 2024) if year != 2019)
N_PRE = 7
PER = 1000.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens in a made-up country.

    Attributes
    ----------
    name : str
        In Dutch, for the page.
    covid : float
        Mean change of the rate in 2020 and 2021, as a share; regions differ by a third of it.
    convergence : float
        Share of its distance to the country's level that a region loses each year, from the first year on.
    treated_level : float
        How far the treated region starts above the others, in standard deviations of the regions' levels.
    comparable : bool
        Whether the placebo regions have as many municipalities as the treated one; if not they have eight or nine, and
        so vary less.
    spill_over : float
        Share of the effect that the two areas beside the treated one have as well, and are compared with all the same.
    """

    name: str
    covid: float = 0.0
    convergence: float = 0.0
    treated_level: float = 0.0
    comparable: bool = True
    spill_over: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedMap:
    """A map with its inhabitants.

    Attributes
    ----------
    area : int array, shape (342,)
        Area of each municipality, within which shocks are shared: 0 is the treated region, 1 to 40 are the regions
        like it, and from 41 on come the areas that are not comparable.
    adjacency : bool array, shape (342, 342)
    population : array, shape (342,)
        Inhabitants.
    merged : int array, shape (30,)
        Municipalities that came out of a merger.
    old_population : array, shape (372,)
        Before the mergers: the 342 in order, of which the merged ones are smaller, and then what they took in.
    """

    area: np.ndarray
    adjacency: np.ndarray
    population: np.ndarray
    merged: np.ndarray
    old_population: np.ndarray

    @property
    def membership(self) -> np.ndarray:
        """Municipalities of the treated and of each comparable region, shape (41, 342)."""
        return self.area[None, :] == np.arange(N_REGIONS)[:, None]

    @property
    def beside(self) -> tuple[int, int]:
        """Areas that the walk passes just before and just after the treated one."""
        return (N_REGIONS - 1) // 2, (N_REGIONS - 1) // 2 + 1


def draw_map(rng: np.random.Generator, *, comparable: bool = True) -> SimulatedMap:
    """Lay municipalities on a grid, walk through it row by row and back, and cut the walk into areas.

    Parameters
    ----------
    rng : numpy.random.Generator
        For inhabitants and mergers.
    comparable : bool
        As of `Scenario`; without it there are no other areas.
    """
    walk = np.array(
        [row * COLUMNS + (col if row % 2 == 0 else COLUMNS - 1 - col) for row in range(ROWS) for col in range(COLUMNS)]
    )
    area = np.empty(N_MUNICIPALITIES, dtype=int)
    area[walk] = np.repeat(*_areas_along_the_walk(comparable))
    row, col = np.divmod(np.arange(N_MUNICIPALITIES), COLUMNS)
    adjacency = np.abs(row[:, None] - row[None, :]) + np.abs(col[:, None] - col[None, :]) == 1
    population = np.round(np.exp(rng.normal(10.4, 0.5, N_MUNICIPALITIES)))
    merged = np.sort(rng.choice(N_MUNICIPALITIES, N_MERGED, replace=False))
    old_population = np.concatenate([population, 0.4 * population[merged]])
    old_population[merged] = 0.6 * population[merged]
    return SimulatedMap(area, adjacency, population, merged, old_population)


def _areas_along_the_walk(comparable: bool) -> tuple[list[int], list[int]]:
    """Return areas in order of the walk, the treated one in the middle, and how many municipalities each has."""
    count = N_REGIONS - 1
    middle = count // 2
    if comparable:
        sizes = [N_TREATED] * count
    else:
        sizes = [len(part) for part in np.array_split(np.arange(N_MUNICIPALITIES - N_TREATED), count)]
    others = OTHER_AREAS if comparable else ()
    labels = [*range(1, middle + 1), 0, *range(middle + 1, N_REGIONS), *range(N_REGIONS, N_REGIONS + len(others))]
    return labels, [*sizes[:middle], N_TREATED, *sizes[middle:], *others]


def simulate_counts(
    scene: SimulatedMap, scenario: Scenario, *, draws: int, rng: np.random.Generator, effect: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw yearly counts on the boundaries of the last year.

    Parameters
    ----------
    effect : float
        True effect: added to the rate per 1.000 inhabitants of every treated municipality after the start.

    Returns
    -------
    without, with_effect : arrays, shape (draws, 342, 11)
        Counts without and with the effect; equal but for the municipalities that have it, after the start.
    """
    old_area = np.concatenate([scene.area, scene.area[scene.merged]])
    rate = np.exp(_log_rates(scenario, old_area, draws, rng))
    expected = rate * scene.old_population[:, None] / PER
    counts = rng.poisson(expected).astype(float)
    without = counts[:, :N_MUNICIPALITIES].copy()
    without[:, scene.merged] += counts[:, N_MUNICIPALITIES:]
    with_effect = without.copy()
    _add(with_effect, effect, np.flatnonzero(scene.area == 0), scene.population, rng)
    if scenario.spill_over:
        beside = np.flatnonzero(np.isin(scene.area, scene.beside))
        _add(with_effect, effect * scenario.spill_over, beside, scene.population, rng)
    return without, with_effect


def thin_counts(scene: SimulatedMap, counts: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    """Keep each offence in the treated municipalities after the start with this chance: the rate times `factor`."""
    kept, members = counts.copy(), np.flatnonzero(scene.area == 0)
    kept[:, members, N_PRE:] = rng.binomial(kept[:, members, N_PRE:].astype(int), factor)
    return kept


def simulate_months(*, draws: int, months: int, rng: np.random.Generator, persistence: float = 0.4) -> np.ndarray:
    """Draw monthly rates of 41 regions with a season, a trend and autocorrelated shocks, shape (draws, 41, months)."""
    shocks = autoregression((draws, N_REGIONS), months, persistence=persistence, deviation=0.25, rng=rng)
    level = rng.normal(40.0, 4.0, (draws, N_REGIONS, 1))
    slope = rng.normal(-0.05, 0.002, (draws, N_REGIONS, 1))
    time = np.arange(months)
    return level + slope * time + 0.8 * np.sin(2 * np.pi * time / 12) + shocks


def autoregression(shape: tuple[int, ...], length: int, *, persistence: float, deviation: float, rng) -> np.ndarray:
    """Draw stationary first-order autoregressions with this standard deviation, shape (*shape, length)."""
    noise = rng.normal(0.0, 1.0, (*shape, length))
    series = np.empty_like(noise)
    series[..., 0] = noise[..., 0]
    fresh = np.sqrt(1 - persistence**2)
    for t in range(1, length):
        series[..., t] = persistence * series[..., t - 1] + fresh * noise[..., t]
    return deviation * series


def _add(counts: np.ndarray, effect: float, members: np.ndarray, population: np.ndarray, rng) -> None:
    """Add an effect per 1.000 inhabitants to the counts of these municipalities after the start, in place."""
    extra = np.abs(effect) * population[members][:, None] / PER
    added = rng.poisson(np.broadcast_to(extra, (len(counts), len(members), len(YEARS) - N_PRE)))
    counts[:, members, N_PRE:] += np.sign(effect) * added


def _log_rates(scenario: Scenario, old_area: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Log rates per 1.000 inhabitants, shape (draws, 372, 11)."""
    time = np.array(YEARS) - YEARS[0]
    n_areas = int(old_area.max()) + 1
    own = rng.normal(0.0, 0.25, (draws, len(old_area), 1))
    level = rng.normal(0.0, 0.15, (draws, n_areas, 1))
    level[:, 0] += 0.15 * scenario.treated_level
    level = level * (1 - scenario.convergence) ** time
    regional = level + autoregression((draws, n_areas), len(time), persistence=0.6, deviation=0.06, rng=rng)
    regional += rng.normal(0.0, 0.01, (draws, n_areas, 1)) * time
    if scenario.covid:
        hit = np.isin(np.array(YEARS), (2020, 2021))
        regional += np.log1p(scenario.covid) * (1 + rng.normal(0.0, 1 / 3, (draws, n_areas, 1))) * hit
    local = autoregression((draws, len(old_area)), len(time), persistence=0.5, deviation=0.12, rng=rng)
    return np.log(10.0) - 0.04 * time + own + regional[:, old_area] + local
