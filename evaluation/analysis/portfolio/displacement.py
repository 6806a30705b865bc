"""The deals, the ring around them and both together, for the outcomes that were chosen beforehand."""

import io

import pandas as pd

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
        Columns outcome, unit (``deals``, ``ring``, ``netto``), deviation, ci_low, ci_high (percent or points).
    """
    return remember("portfolio-ring", (), lambda: _table(open_pool()))


def _table(pool: Portfolio) -> pd.DataFrame:
    pairs, rows = neighbours(), []
    for name in headlines(pool):
        found = estimate_ring(with_ring(pool.frame(name), pairs), pool.outcome(name), years=pool.years)
        quantile = references()[name].quantile
        for unit, (value, error) in (("deals", found.own), ("ring", found.around), ("netto", found.net)):
            rows.append({"outcome": name, "unit": unit, **told_ends(pool, name, value, quantile * error)})
    return pd.DataFrame(rows)
