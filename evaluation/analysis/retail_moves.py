"""Who opened a shop, from where, and who left: occupants of premises followed from one year to the next."""

from __future__ import annotations

import pandas as pd

from evaluation.inputs.retail.records import COUNTED

OPENINGS = ("new_to_region", "moved_from_outside", "moved_from_cluster", "opened_otherwise")
"""The kinds into which all openings fall apart."""

_PAIR = ["premises_id", "occupant_id"]


def trace_openings(premises: pd.DataFrame, year: int) -> pd.DataFrame:
    """List the shops that opened in a year, each with the kind of its opening.

    A shop opened when its occupant did not have a shop in these premises the year before.  It is

    - ``new_to_region`` when the occupant stands in no earlier year of the table;
    - ``moved_from_outside`` or ``moved_from_cluster`` when the occupant gave up other premises since the year before;
    - ``opened_otherwise`` when the occupant kept all its other premises (an extra shop), was in the same premises with
      another function, or came back after a year without premises.

    Premises that one occupant gave up and opened are paired one to one: openings in a cluster first, premises outside
    the clusters first, then by identity.

    Parameters
    ----------
    premises : DataFrame
        As in `RetailTables`; `year` and the year before are in it, with occupants.

    Returns
    -------
    DataFrame
        premises_id, occupant_id, kind.
    """
    people = _occupied(premises)
    now, before = people[people["year"] == year], people[people["year"] == year - 1]
    opened = _without(_shops(now), _shops(before)).assign(is_outside=lambda rows: rows["cluster"].isna())
    opened = opened.sort_values(["is_outside", "premises_id"], ignore_index=True)
    stayed = _same_pair(opened, before)
    given_up = _without(before, now).assign(is_inside=lambda rows: rows["cluster"].notna())
    given_up = given_up.sort_values(["is_inside", "premises_id"], ignore_index=True)
    given_up["turn"] = given_up.groupby("occupant_id").cumcount()
    opened["turn"] = opened[~stayed].groupby("occupant_id").cumcount().reindex(opened.index, fill_value=-1)
    origin = opened.merge(given_up[["occupant_id", "turn", "is_inside"]], on=["occupant_id", "turn"], how="left")
    known = set(people.loc[people["year"] < year, "occupant_id"])
    kind = pd.Series("opened_otherwise", index=opened.index)
    kind = kind.mask(origin["is_inside"].eq(True), "moved_from_cluster")
    kind = kind.mask(origin["is_inside"].eq(False), "moved_from_outside")
    kind = kind.mask(~opened["occupant_id"].isin(known), "new_to_region")
    return opened[_PAIR].assign(kind=kind)


def trace_departures(premises: pd.DataFrame, year: int) -> pd.DataFrame:
    """List the shops that were there the year before and whose occupant no longer has a shop in these premises.

    Returns
    -------
    DataFrame
        premises_id, occupant_id.
    """
    people = _shops(_occupied(premises))
    return _without(people[people["year"] == year - 1], people[people["year"] == year])[_PAIR]


def _occupied(premises: pd.DataFrame) -> pd.DataFrame:
    return premises[premises["function"].isin(COUNTED) & ~premises["is_vacant"] & premises["occupant_id"].notna()]


def _shops(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["function"] == "retail"]


def _same_pair(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    pairs = set(others[_PAIR].itertuples(index=False, name=None))
    found = [pair in pairs for pair in rows[_PAIR].itertuples(index=False, name=None)]
    return pd.Series(found, index=rows.index, dtype=bool)


def _without(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    return rows[~_same_pair(rows, others)].reset_index(drop=True)
