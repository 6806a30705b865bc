"""A series of a snapshot on the units of a panel: corrected where that is declared, summed, and told what is absent.

What a table has for a region as such is taken; everything else is made of municipalities on the boundaries of today.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from evaluation.base import dutch
from evaluation.base.errors import Fault, InputError, SnapshotError, UsageError
from evaluation.inputs.indicator_schema import Series
from evaluation.statistics.areas.boundary_tables import load_municipalities, municipalities_of_today
from evaluation.statistics.areas.harmonise import harmonise
from evaluation.statistics.areas.municipalities import LAST_YEAR
from evaluation.statistics.areas.regions import COUNTRY, Unit, list_groups
from evaluation.statistics.corrections import Correction, correct, load_corrections
from evaluation.statistics.snapshots import Snapshot, open_snapshot

if TYPE_CHECKING:
    from evaluation.inputs.deal import Deal

FIGURES = ["region", "period", "value", "status"]
ORIGIN = ["source", "vintage", "is_private"]

_NAMES_IN_A_NOTE = 5


@dataclass(slots=True)
class SeriesReader:
    """Snapshots on the units of one panel, each read once.

    - `folder`: Data folder, with ``regions``, ``snapshots`` and perhaps ``corrections.yml``.
    - `units`: All of the panel.
    - `include_private`: Give the figures of private tables, which are withheld otherwise.
    - `more`: Those that are groups: id to the municipalities of today; a UsageError for a group of anything else.
    """

    deal: Deal
    folder: Path
    units: tuple[Unit, ...]
    more: Mapping[str, Collection[str]]
    include_private: bool = False
    groups: Mapping[str, Collection[str]] = field(init=False)
    names: Mapping[str, str] = field(init=False)
    corrections: tuple[Correction, ...] = field(init=False)
    snapshots: dict[tuple[str, str], Snapshot] = field(default_factory=dict)
    frames: dict[Series, pd.DataFrame] = field(default_factory=dict)
    summed: dict[tuple, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        regions = self.folder / "regions"
        past = {item.code: item.name for item in load_municipalities(folder=regions)}
        self.names = past | {unit.id: unit.name for unit in self.units}
        summed = [unit for unit in self.units if unit.id != COUNTRY and unit.level != "area"]
        named = [unit for unit in summed if unit.id not in self.more]
        today = municipalities_of_today(folder=regions)
        unknown = sorted({code for codes in self.more.values() for code in codes if code not in today})
        if unknown:
            raise UsageError(f"A group is made of municipalities of {LAST_YEAR}, not of {', '.join(unknown[:5])}.")
        self.groups = {**list_groups(self.deal, named, folder=regions), **self.more}
        self.corrections = load_corrections(folder=self.folder)

    def series(self, series: Series, indicator: str) -> tuple[pd.DataFrame, Snapshot]:
        """Return one series with its declared corrections.

        Parameters
        ----------
        series, indicator : Series, str
            What is asked, and the id of the indicator that asks it.

        Returns
        -------
        tuple[DataFrame, Snapshot]
            Columns region, period, value, status and note; and the snapshot that they are from.

        Raises
        ------
        InputError
            When the table does not hold the measure.
        """
        key = (series.source, series.table)
        if series in self.frames:
            return self.frames[series], self.snapshots[key]
        try:
            if key not in self.snapshots:
                place = self.folder / "snapshots"
                self.snapshots[key] = open_snapshot(*key, folder=place, include_private=self.include_private)
            frame = self.snapshots[key].series(series.measure)
        except SnapshotError as error:
            if key in self.snapshots:
                place = f"indicators.{indicator}.calculation"
                raise InputError([Fault("data/indicators", str(error), "a measure of the table", key=place)]) from None
            raise
        snapshot = self.snapshots[key]
        frame = correct(frame, self.corrections, snapshot.metadata, series.measure, is_withheld=snapshot.is_withheld)
        first = series.first if series.first is not None else frame["period"].min()
        last = series.last if series.last is not None else frame["period"].max()
        self.frames[series] = frame[frame["period"].between(first, last)]
        return self.frames[series], snapshot

    def within(self, codes: Collection[str]) -> set[str]:
        """Return some units, and the regions that are made of nothing else.

        Parameters
        ----------
        codes : Collection[str]
            Ids of units.

        Returns
        -------
        set[str]
        """
        return {*codes, *(unit for unit, parts in self.groups.items() if parts and set(parts) <= set(codes))}

    def on_units(
        self, series: Series, indicator: str, *, is_published: bool = False, weights: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return a series on the units of the panel.

        Parameters
        ----------
        series, indicator : Series, str
            As of `series`.
        is_published : bool
            Whether only published figures will do: one of several municipalities together is left out.
        weights : DataFrame | None
            Of a mean, as of `harmonise`; a series without is one of counts.

        Returns
        -------
        DataFrame
            Columns unit, period, value, status, parts (number of municipalities), `ORIGIN` and note (Dutch).
        """
        key = (series, is_published)
        if weights is None and key in self.summed:
            return self.summed[key]
        frame, snapshot = self.series(series, indicator)
        is_municipality = frame["region"].str.startswith("GM")
        own = frame[~is_municipality & frame["region"].isin(self.names)]
        taken = set(own["region"]) | {COUNTRY}
        asked = self.within(series.only) if series.only else {*self.groups, *own["region"], COUNTRY}
        groups = {unit: codes for unit, codes in self.groups.items() if unit in asked - taken}
        made = harmonise(
            frame.loc[is_municipality, FIGURES],
            LAST_YEAR,
            groups=groups,
            boundaries=snapshot.metadata.boundaries,
            kind="count" if weights is None else "mean",
            weights=weights,
            folder=self.folder / "regions",
        )
        values = made.values.rename(columns={"region": "unit"})
        if is_published:
            single = made.membership.groupby(["unit", "period"])["share"].agg(["size", "min"])
            whole = single[(single["size"] == 1) & (single["min"] == 1)].index
            values = values[pd.MultiIndex.from_frame(values[["unit", "period"]]).isin(whole)]
        values = pd.concat([values, self._as_published(own, frame)], ignore_index=True)
        values = values[values["unit"].isin(asked)].astype({"period": int, "value": float}).reset_index(drop=True)
        values["note"] = self._notes(values, made.membership, frame)
        result = values.assign(**snapshot.origin)[["unit", "period", "value", "status", "parts", *ORIGIN, "note"]]
        if weights is None:
            self.summed[key] = result
        return result

    def _as_published(self, own: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
        """Take the table's own figures of regions; the country is missing where the table does not have it."""
        known = set(own.loc[own["region"] == COUNTRY, "period"])
        without = [period for period in sorted(set(frame["period"])) if period not in known]
        country = pd.DataFrame({"region": COUNTRY, "period": without, "value": float("nan"), "status": "missing"})
        parts = [own[FIGURES], country] if without else [own[FIGURES]]
        rows = pd.concat(parts, ignore_index=True).rename(columns={"region": "unit"})
        rows["absent"] = [
            (unit,) if value != value else () for unit, value in zip(rows["unit"], rows["value"], strict=True)
        ]
        return rows.assign(parts=1, divided=[()] * len(rows))

    def _notes(self, values: pd.DataFrame, membership: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
        """Say in Dutch what is absent, divided or corrected in each value."""
        corrected = frame[frame["note"] != ""]
        touched = membership.merge(corrected, on=["region", "period"]) if len(corrected) else corrected
        direct = corrected.assign(unit=corrected["region"])
        every = pd.concat([touched, direct], ignore_index=True)
        reasons = {(row.unit, row.period): row.note for row in every.itertuples()}
        notes = []
        for row in values.itertuples():
            divided = f"Geschat: {self._listing(row.divided)} is verdeeld naar inwoners." if row.divided else ""
            notes.append(" ".join(filter(None, [self._absence(row), divided, reasons.get((row.unit, row.period))])))
        return notes

    def _absence(self, row) -> str:
        if not row.absent:
            return ""
        why = "niet vrijgegeven" if row.status == "withheld" else "ontbreekt"
        return f"Geen cijfer: {why} voor {self._listing(row.absent)}."

    def _listing(self, codes: tuple[str, ...]) -> str:
        names = [self.names.get(code, code) for code in codes[:_NAMES_IN_A_NOTE]]
        more = len(codes) - len(names)
        return dutch.listing([*names, f"{more} andere"]) if more else ", ".join(names)
