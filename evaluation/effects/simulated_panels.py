"""Made-up panels with a known effect, as like the real ones as is known: for the study of how good the methods are.

342 municipalities in 40 regions of about eight, one of them with seven members treated; yearly counts and inhabitants
2012-2022; shocks of a region and of a municipality that last (first-order autoregression); 30 municipalities that
came out of a merger, whose counts are the sum of two old ones; a COVID shock in 2020 and 2021 that is not equally large
everywhere.  Nothing in it comes from a real municipality.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROWS, COLUMNS = 18, 19
N_MUNICIPALITIES = ROWS * COLUMNS
N_REGIONS = 40
N_TREATED = 7
N_MERGED = 30
YEARS = tuple(year for year in range(2012, 2024) if year != 2019)
N_PRE = 7
PER = 1000.0

_MAP_SEED = 45


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
    """

    name: str
    covid: float = 0.0
    convergence: float = 0.0
    treated_level: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedMap:
    """The map, the same in every draw.

    Attributes
    ----------
    region : int array, shape (342,)
        Region of each municipality; 0 is the treated one.
    adjacency : bool array, shape (342, 342)
    population : array, shape (342,)
        Inhabitants.
    old_to_new : array, shape (372, 342)
        Which old municipality became part of which.
    old_population : array, shape (372,)
    """

    region: np.ndarray
    adjacency: np.ndarray
    population: np.ndarray
    old_to_new: np.ndarray
    old_population: np.ndarray

    @property
    def membership(self) -> np.ndarray:
        """Municipalities of each region, shape (40, 342)."""
        return self.region[None, :] == np.arange(N_REGIONS)[:, None]


def simulated_map() -> SimulatedMap:
    """Lay municipalities on a grid, walk through it row by row and back, and cut the walk into regions.

    The treated region has as many inhabitants as the median of the others.
    """
    walk = np.array(
        [row * COLUMNS + (col if row % 2 == 0 else COLUMNS - 1 - col) for row in range(ROWS) for col in range(COLUMNS)]
    )
    others, middle = np.array_split(np.arange(N_MUNICIPALITIES - N_TREATED), N_REGIONS - 1), 19
    region = np.empty(N_MUNICIPALITIES, dtype=int)
    sizes = [len(block) for block in others]
    labels = np.concatenate(
        [
            np.repeat(np.arange(1, middle + 1), sizes[:middle]),
            np.zeros(N_TREATED, dtype=int),
            np.repeat(np.arange(middle + 1, N_REGIONS), sizes[middle:]),
        ]
    )
    region[walk] = labels
    row, col = np.divmod(np.arange(N_MUNICIPALITIES), COLUMNS)
    adjacency = np.abs(row[:, None] - row[None, :]) + np.abs(col[:, None] - col[None, :]) == 1
    rng = np.random.default_rng(_MAP_SEED)
    population = np.round(np.exp(rng.normal(10.4, 0.5, N_MUNICIPALITIES)))
    sizes = np.bincount(region, weights=population)
    population[region == 0] = np.round(population[region == 0] * np.median(sizes[1:]) / sizes[0])
    merged = np.sort(rng.choice(N_MUNICIPALITIES, N_MERGED, replace=False))
    old_to_new = np.vstack([np.eye(N_MUNICIPALITIES), np.eye(N_MUNICIPALITIES)[merged]])
    old_population = np.concatenate([population, 0.4 * population[merged]])
    old_population[merged] = 0.6 * population[merged]
    return SimulatedMap(region, adjacency, population, old_to_new, old_population)


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
        Counts without and with the effect; equal but for treated municipalities after the start.
    """
    old_region = (scene.old_to_new @ scene.region).astype(int)
    rate = np.exp(_log_rates(scenario, old_region, draws, rng))
    expected = rate * scene.old_population[:, None] / PER
    counts = rng.poisson(expected).astype(float)
    without = np.einsum("on,dot->dnt", scene.old_to_new, counts)
    with_effect = without.copy()
    members = np.flatnonzero(scene.region == 0)
    extra = np.abs(effect) * scene.population[members][:, None] / PER
    added = rng.poisson(np.broadcast_to(extra, (draws, len(members), len(YEARS) - N_PRE)))
    with_effect[:, members, N_PRE:] += np.sign(effect) * added
    return without, with_effect


def simulate_months(*, draws: int, months: int, rng: np.random.Generator, persistence: float = 0.4) -> np.ndarray:
    """Draw monthly rates of 40 regions with a season, a trend and autocorrelated shocks, shape (draws, 40, months)."""
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


def _log_rates(scenario: Scenario, old_region: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Log rates per 1.000 inhabitants, shape (draws, 372, 11)."""
    time = np.array(YEARS) - YEARS[0]
    own = rng.normal(0.0, 0.25, (draws, len(old_region), 1))
    level = rng.normal(0.0, 0.15, (draws, N_REGIONS, 1))
    level[:, 0] += 0.15 * scenario.treated_level
    level = level * (1 - scenario.convergence) ** time
    regional = level + autoregression((draws, N_REGIONS), len(time), persistence=0.6, deviation=0.06, rng=rng)
    regional += rng.normal(0.0, 0.01, (draws, N_REGIONS, 1)) * time
    if scenario.covid:
        hit = np.isin(np.array(YEARS), (2020, 2021))
        regional += np.log1p(scenario.covid) * (1 + rng.normal(0.0, 1 / 3, (draws, N_REGIONS, 1))) * hit
    local = autoregression((draws, len(old_region)), len(time), persistence=0.5, deviation=0.12, rng=rng)
    return np.log(10.0) - 0.04 * time + own + regional[:, old_region] + local
