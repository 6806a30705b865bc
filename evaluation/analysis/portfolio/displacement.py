"""The deals, the ring around them and both together, for the outcomes that were chosen beforehand."""

import io

import pandas as pd

from evaluation.analysis.portfolio.estimators import saturated
from evaluation.analysis.portfolio.pooled import Portfolio, headlines, open_pool, references, told_ends
from evaluation.analysis.portfolio.ring import estimate_ring, with_ring
from evaluation.base.cache import remember
from evaluation.base.paths import data_dir, read_bytes


def neighbours() -> pd.DataFrame:
    """Read which municipalities border on each other.

    Returns
    -------
    DataFrame
        Columns code, neighbour: each pair once.
    """
    return pd.read_csv(io.BytesIO(read_bytes(data_dir() / "regions" / "neighbours.csv")))


def displacement_table() -> pd.DataFrame:
    """Estimate the deals, the ring and the net difference; computed once.

    Returns
    -------
    DataFrame
        Columns outcome, unit (``deals``, ``ring``, ``netto``), deviation, ci_low, ci_high, mde (percent or points).
    """
    return remember("portfolio-ring", (), lambda: _table(open_pool()))


def _table(pool: Portfolio) -> pd.DataFrame:
    pairs, rows = neighbours(), []
    for name in headlines(pool):
        frame, outcome, chance = pool.frame(name), pool.outcome(name), references()[name]
        found = estimate_ring(with_ring(frame, pairs), outcome, years=pool.years)
        declared = saturated(frame, outcome, years=pool.years).std_error
        for unit, (value, error) in (("deals", found.own), ("ring", found.around), ("netto", found.net)):
            ends = told_ends(pool, name, value, chance.quantile * error)
            mde = pool.scale(name).size(chance.detectable_at(error, declared))
            rows.append({"outcome": name, "unit": unit, **ends, "mde": float(mde)})
    return pd.DataFrame(rows)
