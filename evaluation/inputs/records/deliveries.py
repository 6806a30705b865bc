"""What was delivered, added up as reports show it: per result, target and unit, protected where it has to be."""

import pandas as pd

from evaluation.base.text import identity_slug
from evaluation.inputs.records.programme import Programme

_SERIES = ["result", "target", "unit"]


def delivered(programme: Programme) -> pd.DataFrame:
    """Add up what was delivered of everything that the records count.

    Parameters
    ----------
    programme : Programme
        As known on a day (`Programme.as_of`), with the counts of persons, households and firms protected
        (`small_counts.protect`) where something is made from it.

    Returns
    -------
    DataFrame
        One row per result, target and unit, in that order.  Columns: result, target (``""`` where the deal names no
        number), unit, quantity (NaN where it is withheld), is_withheld, margin (how far rounding may have moved the
        quantity, 0 where it was not rounded), projects (tuple of ids of those that delivered; empty where it is
        withheld).
    """
    rows = programme.outputs.assign(target=programme.outputs["target"].fillna(""))
    keys = [rows["result"], rows["target"], rows["unit"].map(identity_slug).rename("slug")]
    open_ones = rows.groupby(keys).agg(
        unit=("unit", "first"),
        quantity=("quantity", "sum"),
        projects=("project_id", lambda ids: tuple(sorted(set(ids.dropna())))),
    )
    open_ones = open_ones.reset_index().drop(columns="slug").assign(is_withheld=False, margin=0.0)
    last = programme.counts.sort_values("year").drop_duplicates(_SERIES, keep="last")
    last = last.assign(target=last["target"].fillna("")).rename(columns={"total": "quantity"})
    last["is_withheld"] = last["quantity"].isna()
    base = programme.protection.rounding_base if programme.protection else 1
    last["margin"] = (base // 2) * (last["quantity"] > 0).astype(float)
    columns = [*_SERIES, "quantity", "is_withheld", "margin", "projects"]
    found = [frame[columns] for frame in (open_ones, last) if len(frame)]
    whole = pd.concat(found, ignore_index=True) if found else open_ones[columns]
    return whole.sort_values(_SERIES, kind="stable", ignore_index=True)


def by_target(programme: Programme) -> pd.DataFrame:
    """Add up what was delivered towards each target.

    Parameters
    ----------
    programme : Programme
        As of `delivered`.

    Returns
    -------
    DataFrame
        Columns as of `delivered`, with target as the index; what counts for no target is left out.
    """
    rows = delivered(programme)
    return rows[rows["target"] != ""].set_index("target")
