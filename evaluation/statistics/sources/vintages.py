"""Vintages of a table next to each other: what was revised between two, and which one a run would use."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.inputs.indicators import Indicator
from evaluation.statistics.snapshot_schema import SnapshotMetadata
from evaluation.statistics.snapshots import Snapshot, list_snapshots, open_snapshot
from evaluation.statistics.sources.registry import Registry

_DIFFERENCE_COLUMNS = ["region", "period", "measure", "kind", "old", "new", "old_status", "new_status"]


@dataclass(frozen=True, slots=True)
class Used:
    """A table that an indicator is computed from.

    - `table`: ``cbs/83625NED``.
    - `vintage`: That a run would use; None where there is no snapshot.
    - `age_days`: Since the vintage.
    """

    table: str
    vintage: date | None
    age_days: int | None
    last_period: int | None
    private: bool


@dataclass(frozen=True, slots=True)
class IndicatorStatus:
    """What a run would use for one indicator.

    - `used`: Empty where the indicator has no calculation.
    - `missing`: What is missing, and what can be done; None when nothing is.
    """

    indicator: str
    used: tuple[Used, ...]
    missing: str | None


def find_snapshot(text: str, *, like: Snapshot | None = None) -> Snapshot:
    """Open the snapshot that a person names.

    Parameters
    ----------
    text : str
        ``cbs/2026-07-17/83625NED``, ``cbs/83625NED`` (the last vintage), or a vintage of the table of `like`.
    like : Snapshot | None
        Of which table a lone vintage is.

    Returns
    -------
    Snapshot

    Raises
    ------
    UsageError
        When the text is none of these.
    """
    parts = text.strip("/").split("/")
    if len(parts) == 1 and like is not None:
        return open_snapshot(like.metadata.source, like.metadata.table, vintage=parts[0], include_private=True)
    if len(parts) in (2, 3):
        vintage = parts[1] if len(parts) == 3 else None
        return open_snapshot(parts[0], parts[-1], vintage=vintage, include_private=True)
    raise UsageError(f"{text!r} is no snapshot; write cbs/2026-07-17/83625NED, or cbs/83625NED for the last vintage.")


def compare_snapshots(old: Snapshot, new: Snapshot) -> pd.DataFrame:
    """List every figure that is not the same in two snapshots.

    Parameters
    ----------
    old, new : Snapshot
        Of tables with the same columns.

    Returns
    -------
    DataFrame
        Columns region, period, measure (empty for a table with one measure), kind (revised, status, new, vanished),
        old, new, old_status, new_status.  Ordered by kind, measure, region and period.

    Raises
    ------
    UsageError
        When the tables do not have the same columns.
    """
    column = old.metadata.measure_column
    if column != new.metadata.measure_column:
        raise UsageError(f"{old.metadata.place} and {new.metadata.place} do not have the same columns.")
    keys = ["region", "period", "measure"]
    frames = [
        item.frame.rename(columns={column: "measure"}) if column else item.frame.assign(measure="")
        for item in (old, new)
    ]
    both = frames[0].merge(frames[1], on=keys, how="outer", suffixes=("_old", "_new"), indicator=True)
    same_value = both["value_old"].eq(both["value_new"]) | (both["value_old"].isna() & both["value_new"].isna())
    both["kind"] = same_value.map({True: "status", False: "revised"})
    both["kind"] = both["_merge"].astype(str).map({"right_only": "new", "left_only": "vanished"}).fillna(both["kind"])
    differs = (both["_merge"] != "both") | ~same_value | (both["status_old"] != both["status_new"])
    names = {"value_old": "old", "value_new": "new", "status_old": "old_status", "status_new": "new_status"}
    result = both[differs].rename(columns=names)
    result[["old_status", "new_status"]] = result[["old_status", "new_status"]].fillna("")
    return result.sort_values(["kind", "measure", "region", "period"], ignore_index=True)[_DIFFERENCE_COLUMNS]


def list_status(indicators: dict[str, Indicator], registry: Registry, *, today: date) -> tuple[IndicatorStatus, ...]:
    """Tell for each indicator which vintages a run would use, how old they are, and what is missing.

    Parameters
    ----------
    indicators, registry, today : dict[str, Indicator], Registry, date
        By id, what can be fetched, and from which day ages are counted.

    Returns
    -------
    tuple[IndicatorStatus, ...]
        In the order of the indicators.
    """
    known = list_snapshots(include_private=True)
    last = {item.name: item for item in sorted(known, key=lambda item: item.vintage)}
    return tuple(_status(item, registry, last, today) for item in indicators.values())


def _status(
    indicator: Indicator, registry: Registry, last: dict[str, SnapshotMetadata], today: date
) -> IndicatorStatus:
    calculation = indicator.calculation
    if calculation is None:
        return IndicatorStatus(indicator.id, (), _way_in(indicator, registry, last))
    parts = (*calculation.numerator, *calculation.denominator, *calculation.weights)
    names = dict.fromkeys(f"{part.source}/{part.table}" for part in parts)
    used = tuple(_used(name, last.get(name), today) for name in names)
    gone = [item.table for item in used if item.vintage is None]
    missing = f"no snapshot of {', '.join(gone)}" if gone else None
    return IndicatorStatus(indicator.id, used, missing)


def _used(name: str, found: SnapshotMetadata | None, today: date) -> Used:
    if found is None:
        return Used(name, None, None, None, False)
    return Used(name, found.vintage, (today - found.vintage).days, found.last_period, found.private)


def _way_in(indicator: Indicator, registry: Registry, last: dict[str, SnapshotMetadata]) -> str:
    """Say how figures for an indicator without them could come."""
    source = indicator.source
    wanted = source.table or source.title.casefold()
    known = ((item.number if source.table else item.title.casefold(), item) for item in registry.tables.values())
    table = next((item for name, item in known if name == wanted), None)
    if table is None:
        return f"{source.publisher}, {source.table or source.title}: not in data/sources.yml; regiodeal data add"
    if table.name in last:
        return f"{table.name} is here (vintage {last[table.name].vintage}); the indicator has no calculation yet"
    if table.closed is None:
        return f"regiodeal data fetch {table.name}"
    return f"{table.name}: {table.reason}"
