"""From snapshots to one tidy panel: every indicator with figures, for every unit and year.

All figures stand on the municipal boundaries of today (`evaluation.statistics.areas.harmonise`).  Rates are recomputed
from their numerator and denominator, also for regions, and never averaged.  A value of which a part is missing is
missing, with a note that says which part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir
from evaluation.inputs.indicator_schema import Calculation, Series
from evaluation.inputs.indicators import Indicator, load_indicators, register_dir
from evaluation.statistics.areas.harmonise import harmonise
from evaluation.statistics.areas.regions import Coverage, Unit, list_units, worst_status
from evaluation.statistics.comparable import comparison_faults, load_series_breaks
from evaluation.statistics.snapshots import Snapshot
from evaluation.statistics.unit_series import FIGURES, SeriesReader

if TYPE_CHECKING:
    from evaluation.inputs.deal import Deal

COLUMNS = ["unit", "unit_name", "level", "period", "indicator", "value", "status", "source", "vintage", "note"]
PARTS = ["numerator", "denominator"]
"""What a value was computed from, beside the columns of a panel where asked: of a ratio both, of a count the first."""

WEIGHTED_NOTE = "Door ons berekend: gemiddelde van de gemeenten, gewogen naar {}."
MEDIANS_NOTE = (
    "Door ons berekend: gemiddelde van de medianen van de gemeenten, gewogen naar {}; dat is niet de mediaan van het "
    "hele gebied."
)
PRIVATE_NOTE = "Niet gepubliceerd: het cijfer komt uit een bestand dat niet openbaar mag worden."


def region_panel(deal: Deal, until: int | None = None) -> pd.DataFrame:
    """Return `build_panel` of a deal of this project: computed once for all notebooks and years.

    Parameters
    ----------
    deal, until : Deal, int | None
        Of this project, and the last year; later figures are left out.

    Returns
    -------
    DataFrame
        Columns `COLUMNS` and `PARTS`, as of `build_panel`.
    """
    panel = remember("panel", (deal.id,), lambda: build_panel(deal, with_parts=True))
    return panel if until is None else panel[panel["period"] <= until].reset_index(drop=True)


def build_panel(
    deal: Deal,
    *,
    until: int | None = None,
    coverage: Coverage = "province",
    include_private: bool = False,
    groups: Mapping[str, Collection[str]] | None = None,
    indicators: Mapping[str, Indicator] | None = None,
    with_parts: bool = False,
    folder: Path | None = None,
) -> pd.DataFrame:
    """Compute every indicator that has figures, for the deal's region, its yardsticks and the municipalities.

    Parameters
    ----------
    deal, until : Deal, int | None
        Its region and the region's benchmark, and the last year; later figures are left out.
    coverage : "province" | "country"
        Municipalities of the deal's province, or all of the country.
    include_private : bool
        Also give what rests on the private overlay.  A report never does: there such a figure is withheld.
    groups : Mapping[str, Collection[str]] | None
        More regions: id to the municipalities of today that each is made of (placebo regions, for one).
    indicators, with_parts, folder : Mapping[str, Indicator] | None, bool, Path | None
        Which, whether with `PARTS`, and the data folder with ``indicators``, ``regions`` and ``snapshots``; of the
        project by default.

    Returns
    -------
    DataFrame
        Columns unit, unit_name, level (of `regions.Unit`), period (int, year), indicator, value (float, in the
        indicator's unit of measure), status (final, provisional, withheld, missing), source and vintage (of each
        snapshot used, separated by "; "), note (Dutch; empty where a figure is as published or an exact sum).
        Municipalities are those of today in all years.  Ordered by indicator, unit and period.  `with_parts` adds
        numerator and denominator (float; empty for a mean, and where the value is).

    Raises
    ------
    InputError
        When an indicator asks for a series that no snapshot holds, or sets beside each other what is not one series
        (`evaluation.statistics.comparable`), or a declared correction no longer fits.
    """
    folder = folder or data_dir()
    wanted = load_indicators(folder=register_dir(deal.id, folder)) if indicators is None else indicators
    units = list_units(deal, coverage=coverage, folder=folder / "regions")
    units += tuple(Unit(name, name, "group") for name in groups or {})
    known = {unit.id for unit in units}
    areas = {item.only_for.unit: item.only_for.name for item in wanted.values() if item.only_for is not None}
    units += tuple(Unit(code, name, "area") for code, name in areas.items() if code not in known)
    reader = SeriesReader(deal, folder, units, groups or {}, include_private)
    parts = _figures_of(wanted.values(), reader, known)
    columns = [*COLUMNS, *PARTS] if with_parts else COLUMNS
    if not parts:
        return pd.DataFrame(columns=columns)
    panel = _in_words(pd.concat(parts, ignore_index=True), include_private=include_private)
    panel = panel if until is None else panel[panel["period"] <= until]
    return _ordered(panel, units)[columns]


def _figures_of(indicators: Iterable[Indicator], reader: SeriesReader, everywhere: Set[str]) -> list[pd.DataFrame]:
    """Compute each indicator that has figures, for the units that it is about: of one area, or all."""
    numbered = [(number, item) for number, item in enumerate(indicators) if item.calculation is not None]
    _check_comparable([item for _, item in numbered], reader)
    found = []
    for number, item in numbered:
        rows = _converted(_compute(item.calculation, reader, item.id), item)
        only = everywhere if item.only_for is None else reader.within([item.only_for.unit])
        found.append(rows[rows["unit"].isin(only)].assign(indicator=item.id, order=number))
    return found


def _check_comparable(indicators: Iterable[Indicator], reader: SeriesReader) -> None:
    """Refuse every indicator whose figures are not one series, all at once."""
    breaks, faults = load_series_breaks(folder=reader.folder), []
    for item in indicators:
        series = [(part, *reader.series(part, item.id)) for part in item.calculation.numerator]
        used = [(part, sorted(map(int, frame["period"].unique())), told.metadata) for part, frame, told in series]
        faults += comparison_faults(item, used, breaks)
    if faults:
        raise InputError(faults)


def _in_words(panel: pd.DataFrame, *, include_private: bool) -> pd.DataFrame:
    """Give what has no figure a status and a note that say so, and withhold what is private."""
    is_silent = panel["value"].isna() & panel["status"].isin(["final", "provisional"])
    panel.loc[is_silent, "status"] = "missing"
    panel.loc[panel["value"].isna() & (panel["note"] == ""), "note"] = "Geen cijfer: niet te berekenen."
    if not include_private:
        is_private = panel["is_private"].astype(bool)
        panel.loc[is_private, ["value", "status", "note"]] = [float("nan"), "withheld", PRIVATE_NOTE]
    panel.loc[panel["value"].isna(), PARTS] = float("nan")
    return panel


def _ordered(panel: pd.DataFrame, units: tuple[Unit, ...]) -> pd.DataFrame:
    """Name the units and put the rows in the order of indicators, units and years."""
    names, levels = {unit.id: unit.name for unit in units}, {unit.id: unit.level for unit in units}
    rank = {unit.id: number for number, unit in enumerate(units)}
    unit = panel["unit"]
    panel = panel.assign(unit_name=unit.map(names), level=unit.map(levels), rank=unit.map(rank))
    return panel.sort_values(["order", "rank", "period"], ignore_index=True)


def _compute(calculation: Calculation, reader: SeriesReader, indicator: str) -> pd.DataFrame:
    """Compute unit, period, value, status, source, vintage, note, and what the value is computed from."""
    if calculation.kind == "weighted_mean":
        return _weighted_mean(calculation, reader, indicator).assign(numerator=float("nan"), denominator=float("nan"))
    counts = _spliced(calculation.numerator, reader, indicator, is_published=calculation.kind == "published")
    if calculation.kind != "ratio":
        numerator = counts["value"] if calculation.kind == "count" else float("nan")
        return counts.assign(numerator=numerator, denominator=float("nan"))
    base = _spliced(calculation.denominator, reader, indicator)
    both = counts.merge(base, on=["unit", "period"], how="left", suffixes=("", "_base"), validate="one_to_one")
    positive = both["value_base"].where(both["value_base"] > 0)
    parts = {"numerator": both["value"], "denominator": positive}
    both["value"] = calculation.per * both["value"] / positive
    return _combined(both, "_base").assign(**parts)


def _spliced(
    parts: tuple[Series, ...], reader: SeriesReader, indicator: str, *, is_published: bool = False
) -> pd.DataFrame:
    """Put each series on the units; several series follow each other in time."""
    frames = [reader.on_units(part, indicator, is_published=is_published) for part in parts]
    values = pd.concat(frames, ignore_index=True)
    twice = sorted({int(period) for period in values.loc[values.duplicated(["unit", "period"]), "period"]})
    if twice:
        place = f"indicators.{indicator}.calculation"
        text = f"two series for {', '.join(map(str, twice))}"
        raise InputError([Fault("data/indicators", text, "series that follow each other (first, last)", key=place)])
    return values


def _weighted_mean(calculation: Calculation, reader: SeriesReader, indicator: str) -> pd.DataFrame:
    """Take a mean as published, and for what is not published the mean weighted with the municipalities' weights."""
    given = _weights(calculation.weights, reader, indicator)
    _check_boundaries(calculation.numerator, given, reader, indicator)
    origin = given.drop_duplicates("period").set_index("period")
    note = MEDIANS_NOTE if calculation.mean_of == "medians" else WEIGHTED_NOTE
    found = []
    for part in calculation.numerator:
        weights = _weights_on(part, calculation.weights, given, reader)
        mean = reader.on_units(part, indicator, weights=weights)
        is_computed = mean["parts"] > 1
        has_value = is_computed & mean["value"].notna()
        told = note.format(calculation.weighted_by)
        mean.loc[has_value, "note"] = (told + " " + mean.loc[has_value, "note"]).str.strip()
        for name in ("source", "vintage"):
            mean.loc[is_computed, name] += ("; " + mean["period"].map(origin[name])).fillna("")
        mean["is_private"] |= is_computed & mean["period"].map(origin["is_private"]).eq(True)
        found.append(mean)
    return pd.concat(found, ignore_index=True)


def _weights(parts: tuple[Series, ...], reader: SeriesReader, indicator: str) -> pd.DataFrame:
    frames = []
    for part in parts:
        frame, snapshot = reader.series(part, indicator)
        frame = frame[frame["region"].str.startswith("GM")]
        frames.append(frame.assign(**snapshot.origin, boundaries=_boundary_years(frame, snapshot)))
    return pd.concat(frames, ignore_index=True)


def _check_boundaries(parts: tuple[Series, ...], weights: pd.DataFrame, reader: SeriesReader, indicator: str) -> None:
    """Refuse weights on later municipal boundaries than the figures that they weigh; earlier ones can be summed."""
    known = weights.drop_duplicates("period").set_index("period")["boundaries"]
    faults = []
    for part in parts:
        frame, snapshot = reader.series(part, indicator)
        years = frame.assign(boundaries=_boundary_years(frame, snapshot)).drop_duplicates("period")
        for row in years.itertuples():
            other = known.get(row.period)
            if other is not None and other > row.boundaries:
                place = f"indicators.{indicator}.calculation.weights"
                found = f"weights of {row.period} on the boundaries of {other}"
                expected = f"those of {row.boundaries}, as {part.source}/{part.table} has"
                faults.append(Fault("data/indicators", found, expected, key=place))
    if faults:
        raise InputError(faults)


def _weights_on(part: Series, parts: tuple[Series, ...], given: pd.DataFrame, reader: SeriesReader) -> pd.DataFrame:
    """Return weights on the boundaries of the figures: counts on earlier ones are summed to those of a later year."""
    frame, figures = reader.series(part, part.table)
    boundaries = figures.metadata.boundaries
    needed = given[given["period"].isin(frame["period"].unique())]
    if boundaries == "each_year" or (needed["boundaries"] == boundaries).all():
        return needed[FIGURES]
    key = (parts, boundaries)
    if key not in reader.summed:
        until = given[given["boundaries"] <= boundaries]
        own = "each_year" if (until["boundaries"] == until["period"]).all() else int(until["boundaries"].max())
        place = reader.folder / "regions"
        reader.summed[key] = harmonise(until[FIGURES], boundaries, boundaries=own, folder=place).values[FIGURES]
    return reader.summed[key]


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
        values.loc[is_before, ["value", "numerator"]] *= item.factor
        values.loc[is_before, "note"] = (values["note"] + f" Omgerekend met factor {number}: {item.note}").str.strip()
    return values
