"""From snapshots to one tidy panel: every indicator with figures, for every unit and year.

All figures stand on the municipal boundaries of today (`evaluation.statistics.areas.harmonise`).  Rates are recomputed
from their numerator and denominator, also for regions, and never averaged.  A value of which a part is missing is
missing, with a note that says which part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.base.errors import Fault, InputError, SnapshotError, UsageError
from evaluation.base.paths import data_dir
from evaluation.inputs.indicators import Calculation, Indicator, Series, load_indicators, register_dir
from evaluation.statistics.areas.harmonise import harmonise
from evaluation.statistics.areas.municipalities import LAST_YEAR
from evaluation.statistics.areas.regions import (
    COUNTRY,
    Coverage,
    Unit,
    list_groups,
    list_units,
    load_municipalities,
    worst_status,
)
from evaluation.statistics.corrections import Correction, correct, load_corrections
from evaluation.statistics.snapshots import Snapshot, open_snapshot

if TYPE_CHECKING:
    from evaluation.inputs.deal import Deal

COLUMNS = ["unit", "unit_name", "level", "period", "indicator", "value", "status", "source", "vintage", "note"]

WEIGHTED_NOTE = "Door ons berekend: gemiddelde van de gemeenten, gewogen naar {}."
PRIVATE_NOTE = "Niet gepubliceerd: het cijfer komt uit een bestand dat niet openbaar mag worden."

_NAMES_IN_A_NOTE = 5
_FIGURES = ["region", "period", "value", "status"]
_ORIGIN = ["source", "vintage", "is_private"]


def region_panel(deal: Deal, until: int | None = None) -> pd.DataFrame:
    """Return `build_panel` of a deal of this project: computed once for all notebooks and years."""
    panel = remember("panel", (deal.id,), lambda: build_panel(deal))
    return panel if until is None else panel[panel["period"] <= until].reset_index(drop=True)


def build_panel(
    deal: Deal,
    *,
    until: int | None = None,
    coverage: Coverage = "province",
    include_private: bool = False,
    groups: Mapping[str, Collection[str]] | None = None,
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
    coverage : "province" | "country"
        Municipalities of the deal's province, or all of the country.
    include_private : bool
        Also give what rests on the private overlay.  A report never does: there such a figure is withheld.
    groups : Mapping[str, Collection[str]] | None
        More regions: id to the municipalities of today that each is made of (placebo regions, for one).
    indicators : Mapping[str, Indicator] | None
        Those of the project by default.
    folder : Path | None
        Data folder, with ``indicators``, ``regions`` and ``snapshots``; that of the project by default.

    Returns
    -------
    DataFrame
        Columns unit, unit_name, level (of `regions.Unit`), period (int, year), indicator, value (float, in the
        indicator's unit of measure), status (final, provisional, withheld, missing), source and vintage (of each
        snapshot used, separated by "; "), note (Dutch; empty where a figure is as published or an exact sum).
        Municipalities are those of today in all years.  Ordered by indicator, unit and period.

    Raises
    ------
    InputError
        When an indicator asks for a series that no snapshot holds, or a declared correction no longer fits.
    SnapshotError
        When a snapshot is damaged.
    """
    folder = folder or data_dir()
    wanted = load_indicators(folder=register_dir(deal.id, folder)) if indicators is None else indicators
    units = list_units(deal, coverage=coverage, folder=folder / "regions")
    units += tuple(Unit(name, name, "group") for name in groups or {})
    reader = _Reader(deal, folder, units, groups or {})
    parts = []
    for indicator in wanted.values():
        if indicator.calculation is None:
            continue
        values = _compute(indicator.calculation, reader, indicator.id)
        parts.append(_converted(values, indicator).assign(indicator=indicator.id, order=len(parts)))
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    panel = pd.concat(parts, ignore_index=True)
    silent = panel["value"].isna() & panel["status"].isin(["final", "provisional"])
    panel.loc[silent, "status"] = "missing"
    panel.loc[panel["value"].isna() & (panel["note"] == ""), "note"] = "Geen cijfer: niet te berekenen."
    if not include_private:
        is_private = panel["is_private"].astype(bool)
        panel.loc[is_private, ["value", "status", "note"]] = [float("nan"), "withheld", PRIVATE_NOTE]
    if until is not None:
        panel = panel[panel["period"] <= until]
    names, levels = {unit.id: unit.name for unit in units}, {unit.id: unit.level for unit in units}
    rank = {unit.id: number for number, unit in enumerate(units)}
    panel = panel.assign(
        unit_name=panel["unit"].map(names), level=panel["unit"].map(levels), rank=panel["unit"].map(rank)
    )
    return panel.sort_values(["order", "rank", "period"], ignore_index=True)[COLUMNS]


def unit_order(deal: Deal, *, folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the units in the order in which figures and tables show them: region and yardsticks first."""
    return tuple(unit.id for unit in list_units(deal, folder=folder))


@dataclass(slots=True)
class _Reader:
    """Snapshots on the units of one panel, each read once."""

    deal: Deal
    folder: Path
    units: tuple[Unit, ...]
    more: Mapping[str, Collection[str]]
    groups: Mapping[str, Collection[str]] = field(init=False)
    names: Mapping[str, str] = field(init=False)
    corrections: tuple[Correction, ...] = field(init=False)
    snapshots: dict[tuple[str, str], Snapshot] = field(default_factory=dict)
    summed: dict[tuple, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        regions = self.folder / "regions"
        past = {item.code: item.name for item in load_municipalities(folder=regions)}
        self.names = past | {unit.id: unit.name for unit in self.units}
        named = [unit for unit in self.units if unit.id != COUNTRY and unit.id not in self.more]
        today = {item.code for item in load_municipalities(folder=regions) if item.exists_in(LAST_YEAR)}
        unknown = sorted({code for codes in self.more.values() for code in codes} - today)
        if unknown:
            raise UsageError(f"A group is made of municipalities of {LAST_YEAR}, not of {', '.join(unknown[:5])}.")
        self.groups = {**list_groups(self.deal, named, folder=regions), **self.more}
        self.corrections = load_corrections(folder=self.folder)

    def series(self, series: Series, indicator: str) -> tuple[pd.DataFrame, Snapshot]:
        """Return region, period, value, status, note of one series with its declared corrections, and its snapshot."""
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
        frame = correct(frame, self.corrections, self.snapshots[key].metadata, series.measure)
        first = series.first if series.first is not None else frame["period"].min()
        last = series.last if series.last is not None else frame["period"].max()
        return frame[frame["period"].between(first, last)], self.snapshots[key]

    def on_units(
        self,
        series: Series,
        indicator: str,
        *,
        is_published: bool = False,
        weights: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Return a series on the units of the panel: unit, period, value, status, parts, origin (`_ORIGIN`), note.

        What the table has for a region as such is taken; everything else is made of municipalities.
        """
        key = (series, is_published)
        if weights is None and key in self.summed:
            return self.summed[key]
        frame, snapshot = self.series(series, indicator)
        is_municipality = frame["region"].str.startswith("GM")
        own = frame[~is_municipality & frame["region"].isin(self.names)]
        taken = set(own["region"]) | {COUNTRY}
        groups = {unit: codes for unit, codes in self.groups.items() if unit not in taken}
        made = harmonise(
            frame.loc[is_municipality, _FIGURES],
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
        values["note"] = self._notes(values, made.membership, frame)
        values = _with_origin(values, snapshot)
        result = values[["unit", "period", "value", "status", "parts", *_ORIGIN, "note"]]
        if weights is None:
            self.summed[key] = result
        return result

    def _as_published(self, own: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
        """Take the table's own figures of regions; the country is missing where the table does not have it."""
        known = set(own.loc[own["region"] == COUNTRY, "period"])
        without = [period for period in sorted(set(frame["period"])) if period not in known]
        country = pd.DataFrame({"region": COUNTRY, "period": without, "value": float("nan"), "status": "missing"})
        parts = [own[_FIGURES], country] if without else [own[_FIGURES]]
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
        reasons = {
            (row.unit, row.period): row.note for row in pd.concat([touched, direct], ignore_index=True).itertuples()
        }
        return [
            " ".join(filter(None, [self._absence(row), self._division(row), reasons.get((row.unit, row.period))]))
            for row in values.itertuples()
        ]

    def _absence(self, row) -> str:
        if not row.absent:
            return ""
        why = "niet vrijgegeven" if row.status == "withheld" else "ontbreekt"
        return f"Geen cijfer: {why} voor {self._listing(row.absent)}."

    def _division(self, row) -> str:
        return f"Geschat: {self._listing(row.divided)} is verdeeld naar inwoners." if row.divided else ""

    def _listing(self, codes: tuple[str, ...]) -> str:
        names = [self.names.get(code, code) for code in codes[:_NAMES_IN_A_NOTE]]
        more = len(codes) - len(names)
        return dutch.listing([*names, f"{more} andere"]) if more else ", ".join(names)


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
    """Put each series on the units; several series follow each other in time."""
    frames = [reader.on_units(part, indicator, is_published=is_published) for part in parts]
    values = pd.concat(frames, ignore_index=True)
    twice = sorted({int(period) for period in values.loc[values.duplicated(["unit", "period"]), "period"]})
    if twice:
        place = f"indicators.{indicator}.calculation"
        text = f"two series for {', '.join(map(str, twice))}"
        raise InputError([Fault("data/indicators", text, "series that follow each other (first, last)", key=place)])
    return values


def _weighted_mean(calculation: Calculation, reader: _Reader, indicator: str) -> pd.DataFrame:
    """Take a mean as published, and for what is not published the mean weighted with the municipalities' weights."""
    weights = _weights(calculation.weights, reader, indicator)
    _check_boundaries(calculation.numerator, weights, reader, indicator)
    origin = weights.drop_duplicates("period").set_index("period")
    found = []
    for part in calculation.numerator:
        mean = reader.on_units(part, indicator, weights=weights[_FIGURES])
        is_computed = mean["parts"] > 1
        has_value = is_computed & mean["value"].notna()
        told = WEIGHTED_NOTE.format(calculation.weighted_by)
        mean.loc[has_value, "note"] = (told + " " + mean.loc[has_value, "note"]).str.strip()
        for name in ("source", "vintage"):
            mean.loc[is_computed, name] += ("; " + mean["period"].map(origin[name])).fillna("")
        mean["is_private"] |= is_computed & mean["period"].map(origin["is_private"]).eq(True)
        found.append(mean)
    return pd.concat(found, ignore_index=True)


def _weights(parts: tuple[Series, ...], reader: _Reader, indicator: str) -> pd.DataFrame:
    frames = []
    for part in parts:
        frame, snapshot = reader.series(part, indicator)
        frame = frame[frame["region"].str.startswith("GM")]
        frames.append(_with_origin(frame, snapshot).assign(boundaries=_boundary_years(frame, snapshot)))
    return pd.concat(frames, ignore_index=True)


def _check_boundaries(parts: tuple[Series, ...], weights: pd.DataFrame, reader: _Reader, indicator: str) -> None:
    """Refuse weights on other municipal boundaries than the figures that they weigh."""
    known = weights.drop_duplicates("period").set_index("period")["boundaries"]
    faults = []
    for part in parts:
        frame, snapshot = reader.series(part, indicator)
        years = frame.assign(boundaries=_boundary_years(frame, snapshot)).drop_duplicates("period")
        for row in years.itertuples():
            other = known.get(row.period)
            if other is not None and other != row.boundaries:
                place = f"indicators.{indicator}.calculation.weights"
                found = f"weights of {row.period} on the boundaries of {other}"
                expected = f"those of {row.boundaries}, as {part.source}/{part.table} has"
                faults.append(Fault("data/indicators", found, expected, key=place))
    if faults:
        raise InputError(faults)


def _boundary_years(frame: pd.DataFrame, snapshot: Snapshot) -> pd.Series | int:
    """Return of which year the municipal boundaries of each row are."""
    boundaries = snapshot.metadata.boundaries
    return frame["period"] if boundaries == "each_year" else boundaries


def _combined(both: pd.DataFrame, suffix: str) -> pd.DataFrame:
    """Give a value computed from two columns the worst status of both, both origins, and what both note."""
    result = both[["unit", "period", "value"]].copy()
    result["status"] = worst_status(both["status"], both[f"status{suffix}"])
    for name in ("source", "vintage"):
        extra = both[f"{name}{suffix}"]
        result[name] = both[name] + ("; " + extra).fillna("")
    result["is_private"] = both["is_private"] | both[f"is_private{suffix}"].eq(True)
    other = both[f"note{suffix}"].fillna("Geen cijfer: de noemer ontbreekt.")
    other = other.where(both[f"value{suffix}"] != 0, "Geen cijfer: de noemer is nul.")
    is_told = (both["note"] != "") & (both["value"].isna() | (other == "") | (both["note"] == other))
    result["note"] = both["note"].where(is_told, (both["note"] + " " + other).str.strip())
    return result


def _converted(values: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Make figures from before a break comparable with those after it, where the publisher gives a factor."""
    values = values.copy()
    for item in indicator.breaks:
        if item.factor is None:
            continue
        is_before = values["period"] < item.year
        number = dutch.number(item.factor, 3)
        values.loc[is_before, "value"] *= item.factor
        values.loc[is_before, "note"] = (values["note"] + f" Omgerekend met factor {number}: {item.note}").str.strip()
    return values


def _with_origin(frame: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """Add the columns of `_ORIGIN`."""
    metadata = snapshot.metadata
    return frame.assign(
        source=f"{metadata.publisher} {metadata.publisher_table}",
        vintage=metadata.vintage.isoformat(),
        is_private=metadata.private,
    )
