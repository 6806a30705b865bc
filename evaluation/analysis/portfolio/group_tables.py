"""Effects of kinds of deals and of single deals, told in percent or points: computed once for all notebooks."""

import numpy as np
import pandas as pd

from evaluation.analysis.portfolio.arrays import arrays_of
from evaluation.analysis.portfolio.groups import compare_groups, deal_groups
from evaluation.analysis.portfolio.per_deal import estimate_deals
from evaluation.analysis.portfolio.pooled import Portfolio, open_pool, told_ends
from evaluation.base.cache import remember

COMPARED = ("woninginbraak", "verkoopprijs", "arbeidsdeelname")
"""One outcome for each theme that is told."""

LABELS = {
    "met-thema": "noemt het thema", "zonder-thema": "noemt het thema niet", "minder-geld": "minder geld per inwoner",
    "meer-geld": "meer geld per inwoner", "kleiner": "kleinere regio", "groter": "grotere regio",
    "krimp": "krimpregio", "geen-krimp": "geen krimpregio",
}  # fmt: skip


def group_estimates() -> pd.DataFrame:
    """Estimate each kind of deals, by tranche, aim, dose, size and shrinking; computed once.

    Returns
    -------
    DataFrame
        Columns outcome, kind, unit (the group), label (Dutch), n_deals, deviation, ci_low, ci_high, mde (percent or
        points; missing for a group that is too small).
    """
    return remember("portfolio-groups", (), lambda: _groups(open_pool()))


def deal_estimates() -> pd.DataFrame:
    """Estimate each deal, drawn to the mean of all; computed once.

    Returns
    -------
    DataFrame
        Columns outcome, wording, unit (the deal), name, deviation, ci_low, ci_high, mde (percent or points), by name.
    """
    return remember("portfolio-deals", (), lambda: _deals(open_pool()))


def _groups(pool: Portfolio) -> pd.DataFrame:
    rows = []
    for name in COMPARED:
        outcome, frame = pool.outcome(name), pool.frame(name)
        arrays, clusters = arrays_of(frame, outcome, years=pool.years), sorted(frame["cluster"].unique())
        people = pool.figures[pool.figures["indicator"] == "inwoners-gemiddeld"]
        people = people[people["period"] == outcome.last].set_index("unit")["value"]
        kinds = deal_groups(pool.register, people, outcome.theme)
        for kind in kinds.columns:
            found = compare_groups(arrays, clusters, kinds[kind].dropna().to_dict(), seed=pool.plan.seed)
            for row in found.to_dict("records"):
                label = LABELS.get(row["group"], row["group"].replace("-", " "))
                known = {"outcome": name, "kind": kind, "unit": row["group"], "label": label, "n_deals": row["n_deals"]}
                ends = told_ends(pool, name, row["value"], row["quantile"] * row["std_error"])
                mde = pool.scale(name).size(row["detectable"])
                rows.append({**known, **ends, "mde": float(mde) if np.isfinite(mde) else np.nan})
    return pd.DataFrame(rows)


def _deals(pool: Portfolio) -> pd.DataFrame:
    rows = []
    for name in COMPARED:
        outcome, frame = pool.outcome(name), pool.frame(name)
        arrays, clusters = arrays_of(frame, outcome, years=pool.years), sorted(frame["cluster"].unique())
        places = frame.drop_duplicates("municipality", keep="last").groupby("cluster")
        sizes = places.agg(inhabitants=("inhabitants", "sum"), n_municipalities=("municipality", "size"))
        for row in estimate_deals(arrays, clusters, sizes).to_dict("records"):
            title = pool.register.deals[row["deal"]].name.removeprefix("Regio Deal ")
            low, mid, high = (float(pool.scale(name).told(row[key])) for key in ("low", "shrunk", "high"))
            known = {"outcome": name, "wording": outcome.wording, "unit": row["deal"], "name": title}
            mde = float(pool.scale(name).size(row["detectable"]))
            rows.append({**known, "deviation": mid, "ci_low": low, "ci_high": high, "mde": mde})
    return pd.DataFrame(rows).sort_values(["outcome", "name"], ignore_index=True)
