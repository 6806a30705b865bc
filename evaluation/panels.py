"""From snapshots to one tidy panel: every indicator with figures, for every unit and year.

Rates are recomputed from their numerator and denominator, also for regions, and never averaged.  A value of which a
part is missing is missing, with a note that says which part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from evaluation.errors import Fault, InputError, SnapshotError
from evaluation.indicators import Calculation, Indicator, Series, load_indicators
from evaluation.paths import data_dir
from evaluation.regions import COUNTRY, Unit, list_membership, list_units, load_municipalities, sum_members
from evaluation.snapshots import STATUSES, Snapshot, open_snapshot

if TYPE_CHECKING:
    from evaluation.deal import Deal

COLUMNS = ["unit", "unit_name", "level", "period", "indicator", "value", "status", "source", "vintage", "note"]

WEIGHTED_NOTE = "Door ons berekend: gemiddelde van de gemeenten, gewogen naar inwoners."


def build_panel(
    deal: Deal,
    *,
    until: int | None = None,
    indicators: Mapping[str, Indicator] | None = None,
    folder: Path | None = None,
) -> pd.DataFrame:
    """Compute every indicator that has figures, for the deal's region, its yardsticks and the municipalities.

    Parameters
    ----------
    deal : Deal
        Its region and the region's benchmark.
    until : int | None
        Last year; later figures are left out.
    indicators : Mapping[str, Indicator] | None
        Those of the project by default.
    folder : Path | None
        Data folder, with ``indicators``, ``regions`` and ``snapshots``; that of the project by default.

    Returns
    -------
    DataFrame
        Columns unit, unit_name, level (municipality, region, province, rest, country), period (int, year), indicator,
        value (float, in the indicator's unit of measure), status (final, provisional, withheld, missing), source and
        vintage (of each snapshot used, separated by "; "), note (Dutch; empty where a figure is as published or an
        exact sum).  Municipalities are those of today in all years.  Ordered by indicator, unit and period.

    Raises
    ------
    InputError
        When an indicator asks for a series that no snapshot holds.
    SnapshotError
        When a snapshot is damaged.
    """
    folder = folder or data_dir()
    wanted = load_indicators(folder=folder / "indicators") if indicators is None else indicators
    units = list_units(deal, folder=folder / "regions")
    reader = _Reader(deal, folder, _region_names(folder / "regions", units))
    names = {unit.id: unit.name for unit in units}
    levels = {unit.id: unit.level for unit in units}
    parts = []
    for indicator in wanted.values():
        if indicator.calculation is None:
            continue
        values = _compute(indicator.calculation, reader, indicator.id)
        parts.append(values.assign(indicator=indicator.id, order=len(parts)))
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    panel = pd.concat(parts, ignore_index=True)
    panel = panel[panel["unit"].isin(names)].reset_index(drop=True)  # a table may hold other provinces too
    silent = panel["value"].isna() & panel["status"].isin(["final", "provisional"])
    panel.loc[silent, "status"] = "missing"
    panel.loc[silent & (panel["note"] == ""), "note"] = "Geen cijfer: niet te berekenen."
    if until is not None:
        panel = panel[panel["period"] <= until]
    rank = {unit.id: number for number, unit in enumerate(units)}
    panel = panel.assign(
        unit_name=panel["unit"].map(names), level=panel["unit"].map(levels), rank=panel["unit"].map(rank)
    )
    return panel.sort_values(["order", "rank", "period"], ignore_index=True)[COLUMNS]


def unit_order(deal: Deal, *, folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the units in the order in which figures and tables show them: region and yardsticks first."""
    return tuple(unit.id for unit in list_units(deal, folder=folder))


def unit_names(deal: Deal, *, folder: Path | None = None) -> dict[str, str]:
    """Return id to name as a report shows it: Parkstad, Limburg, rest van Limburg, Nederland, municipalities."""
    return {unit.id: unit.name for unit in list_units(deal, folder=folder)}


@dataclass(slots=True)
class _Reader:
    """Snapshots and memberships for one panel, each read once."""

    deal: Deal
    folder: Path
    names: Mapping[str, str]
    snapshots: dict[tuple[str, str], Snapshot] = field(default_factory=dict)
    memberships: dict[tuple, pd.DataFrame] = field(default_factory=dict)
    summed: dict[tuple, pd.DataFrame] = field(default_factory=dict)

    def series(self, series: Series, indicator: str) -> tuple[pd.DataFrame, Snapshot]:
        """Return region, period, value, status of one series, and its snapshot."""
        key = (series.source, series.table)
        try:
            if key not in self.snapshots:
                self.snapshots[key] = open_snapshot(*key, folder=self.folder / "snapshots")
            frame = self.snapshots[key].series(series.measure)
        except SnapshotError as error:
            if key in self.snapshots:
                place = f"indicators.{indicator}.calculation"
                raise InputError([Fault("data/indicators", str(error), "a measure of the table", key=place)]) from None
            raise
        first = series.first if series.first is not None else frame["period"].min()
        last = series.last if series.last is not None else frame["period"].max()
        return frame[frame["period"].between(first, last)], self.snapshots[key]

    def membership(self, frame: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
        """Return unit, period, region: what each unit is summed from, where the table does not have it as such."""
        periods = tuple(sorted(int(period) for period in frame["period"].unique()))
        own = frozenset(code for code in frame["region"].unique() if not code.startswith("GM"))
        key = (periods, snapshot.metadata.boundaries, own)
        if key not in self.memberships:
            table = list_membership(self.deal, periods, snapshot.metadata.boundaries, folder=self.folder / "regions")
            direct = [(code, period, code) for code in sorted({COUNTRY, *own}) for period in periods]
            summed = table[~table["unit"].isin(own)]
            self.memberships[key] = pd.concat(
                [summed, pd.DataFrame(direct, columns=["unit", "period", "region"])], ignore_index=True
            )
        return self.memberships[key]

    def sums(self, series: Series, indicator: str, *, is_published: bool) -> pd.DataFrame:
        """Return unit, period, value, status, source, vintage, note: a series summed over each unit's members."""
        key = (series, is_published)
        if key not in self.summed:
            frame, snapshot = self.series(series, indicator)
            membership = self.membership(frame, snapshot)
            if is_published:
                membership = membership[membership["unit"] == membership["region"]]
            self.summed[key] = _with_origin(sum_members(frame, membership), snapshot, self.names)
        return self.summed[key]


def _compute(calculation: Calculation, reader: _Reader, indicator: str) -> pd.DataFrame:
    """Compute unit, period, value, status, source, vintage, note."""
    if calculation.kind == "weighted_mean":
        return _weighted_mean(calculation, reader, indicator)
    counts = _spliced(calculation.numerator, reader, indicator, is_published=calculation.kind == "published")
    if calculation.kind != "ratio":
        return counts
    base = _spliced(calculation.denominator, reader, indicator)
    both = counts.merge(base, on=["unit", "period"], how="left", suffixes=("", "_base"), validate="one_to_one")
    positive = both["value_base"].where(both["value_base"] > 0)
    both["value"] = calculation.per * both["value"] / positive
    return _combined(both, "_base")


def _spliced(parts: tuple[Series, ...], reader: _Reader, indicator: str, *, is_published: bool = False) -> pd.DataFrame:
    """Sum each series over the members of each unit; several series follow each other in time."""
    values = pd.concat([reader.sums(part, indicator, is_published=is_published) for part in parts], ignore_index=True)
    twice = sorted({int(period) for period in values.loc[values.duplicated(["unit", "period"]), "period"]})
    if twice:
        place = f"indicators.{indicator}.calculation"
        text = f"two series for {', '.join(map(str, twice))}"
        raise InputError([Fault("data/indicators", text, "series that follow each other (first, last)", key=place)])
    return values


def _weighted_mean(calculation: Calculation, reader: _Reader, indicator: str) -> pd.DataFrame:
    """Take a mean as published, and for what is not published the mean weighted with the members' weights."""
    weights = _weights(calculation.weights, reader, indicator)
    found = []
    for part in calculation.numerator:
        frame, snapshot = reader.series(part, indicator)
        membership = reader.membership(frame, snapshot)
        joined = frame.merge(weights, on=["region", "period"], how="left", suffixes=("", "_weight"))
        product = joined.assign(value=joined["value"] * joined["value_weight"], status=_worst(joined, "_weight"))
        weight = joined.assign(value=joined["value_weight"], status="final")
        mean = sum_members(frame, membership)
        total = sum_members(product[["region", "period", "value", "status"]], membership)
        weight = sum_members(weight[["region", "period", "value", "status"]], membership)
        is_computed = mean["parts"] > 1
        mean["value"] = mean["value"].where(~is_computed, total["value"] / weight["value"])
        for name in ("status", "absent"):
            mean[name] = mean[name].where(~is_computed, total[name])
        mean = _with_origin(mean, snapshot, reader.names)
        mean.loc[is_computed & mean["value"].notna(), "note"] = WEIGHTED_NOTE
        for name in ("source", "vintage"):
            origin = weights.drop_duplicates("period").set_index("period")[name]
            mean.loc[is_computed, name] += ("; " + mean["period"].map(origin)).fillna("")
        found.append(mean)
    return pd.concat(found, ignore_index=True)


def _weights(parts: tuple[Series, ...], reader: _Reader, indicator: str) -> pd.DataFrame:
    frames = []
    for part in parts:
        frame, snapshot = reader.series(part, indicator)
        frames.append(frame.assign(source=_label(snapshot), vintage=snapshot.metadata.vintage.isoformat()))
    return pd.concat(frames, ignore_index=True)


def _combined(both: pd.DataFrame, suffix: str) -> pd.DataFrame:
    """Give a value computed from two columns the worst status of both, and both origins."""
    result = both[["unit", "period", "value"]].copy()
    result["status"] = _worst(both, suffix)
    for name in ("source", "vintage"):
        extra = both[f"{name}{suffix}"]
        result[name] = both[name] + ("; " + extra).fillna("")
    other = both[f"note{suffix}"].fillna("Geen cijfer: de noemer ontbreekt.")
    other = other.where(both[f"value{suffix}"] != 0, "Geen cijfer: de noemer is nul.")
    result["note"] = both["note"].where(both["note"] != "", other)
    return result


def _worst(both: pd.DataFrame, suffix: str) -> pd.Series:
    ranks = [both[name].fillna("missing").map(STATUSES.index) for name in ("status", f"status{suffix}")]
    return pd.concat(ranks, axis=1).max(axis=1).map(lambda rank: STATUSES[int(rank)])


def _with_origin(values: pd.DataFrame, snapshot: Snapshot, names: Mapping[str, str]) -> pd.DataFrame:
    """Add source, vintage and note; the note names the parts that are absent."""
    reasons = {"withheld": "niet vrijgegeven", "missing": "ontbreekt"}
    note = [
        f"Geen cijfer: {reasons.get(status, 'ontbreekt')} voor {', '.join(names.get(code, code) for code in absent)}."
        if absent
        else ""
        for status, absent in zip(values["status"], values["absent"], strict=True)
    ]
    result = values[["unit", "period", "value", "status"]].copy()
    result["source"] = _label(snapshot)
    result["vintage"] = snapshot.metadata.vintage.isoformat()
    result["note"] = note
    return result


def _region_names(folder: Path, units: Iterable[Unit]) -> dict[str, str]:
    """Return code to name, of municipalities past and present and of the units."""
    return {item.code: item.name for item in load_municipalities(folder=folder)} | {
        unit.id: unit.name for unit in units
    }


def _label(snapshot: Snapshot) -> str:
    return f"{snapshot.metadata.publisher} {snapshot.metadata.publisher_table}"
