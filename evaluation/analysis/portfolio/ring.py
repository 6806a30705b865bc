"""Displacement: what happened in the municipalities around those with a deal, and what is left of the effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.estimators import fit_saturated
from evaluation.analysis.portfolio.frame import REFERENCE
from evaluation.inputs.portfolio_plan import Outcome


@dataclass(frozen=True, slots=True)
class Ring:
    """Effects in and around the deals, on the scale of the estimate: value and error by cluster of each.

    Attributes
    ----------
    own, around, net : tuple of float    Net: per inhabitant (or municipality) of the deals, with what happened around.
    n_around : int    Municipalities in the ring.
    """

    own: tuple[float, float]
    around: tuple[float, float]
    net: tuple[float, float]
    n_around: int


def with_ring(frame: pd.DataFrame, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Mark the comparison municipalities that border on one with a deal, from its start on.

    Parameters
    ----------
    frame : DataFrame
        Of `frame.build_frame`.
    neighbours : DataFrame
        Columns code, neighbour: each pair once.

    Returns
    -------
    DataFrame
        With columns ring_since (years since the first start next door, missing elsewhere) and ring_cell: cells of the
        deals, and of the ring with ``ring`` before them.
    """
    both = pd.concat([neighbours, neighbours.rename(columns={"code": "neighbour", "neighbour": "code"})])
    cohort = frame[frame["cohort"] != NEVER].drop_duplicates("municipality").set_index("municipality")["cohort"]
    beside = both.assign(cohort=both["neighbour"].map(cohort)).dropna(subset="cohort").groupby("code")["cohort"].min()
    first = frame["municipality"].map(beside).where(frame["cohort"] == NEVER)
    since = frame["period"] - first
    names = "ring" + first.fillna(0).astype(int).astype(str) + "_" + frame["period"].astype(str)
    return frame.assign(ring_since=since, ring_cell=frame["cell"].where(~(since >= 0), names))


def estimate_ring(frame: pd.DataFrame, outcome: Outcome, *, years: tuple[int, int]) -> Ring:
    """Estimate the effect in the deals, around them and of both together.

    Parameters
    ----------
    frame, outcome, years : DataFrame, Outcome, tuple of int
        Of `with_ring`.

    Returns
    -------
    Ring
    """
    fit = fit_saturated(frame, outcome, cells="ring_cell")
    own = _weights(frame[frame["event_time"].between(*years)])
    around = _weights(frame[frame["ring_since"].between(*years)])
    names = fit.coef().index
    scale = 100.0 if outcome.family == "poisson" else 1.0

    def told(weights: pd.Series) -> tuple[float, float]:
        share = weights.reindex(names).fillna(0.0).to_numpy()
        return scale * float(share @ fit.coef().to_numpy()), scale * float(np.sqrt(share @ fit._vcov @ share))

    shares = own / own.sum(), around / around.sum()
    net = shares[0].add(around / own.sum(), fill_value=0.0)
    ring = frame.loc[frame["ring_since"].between(*years), "municipality"].nunique()
    return Ring(told(shares[0]), told(shares[1]), told(net), ring)


def _weights(rows: pd.DataFrame) -> pd.Series:
    found = rows[rows["ring_cell"] != REFERENCE].groupby("ring_cell")["weight"].sum()
    return found.rename(index=lambda cell: f"ring_cell::{cell}")
