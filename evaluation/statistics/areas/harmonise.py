"""Figures of municipalities, each on the boundaries of its own year, put on the boundaries of one year.

Also for regions: a region is a group of municipalities of that year, the same area in all years.

Counts are summed exactly over whole mergers.  A municipality that was split is divided after its inhabitants on the day
of the split, and what comes from it is flagged as an estimate.  A mean is only combined with weights, and a rate or a
median not at all: a rate is recomputed from its numerator and denominator.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pandas as pd

from evaluation.base.errors import UsageError, did_you_mean
from evaluation.statistics.areas.boundary_tables import load_boundaries
from evaluation.statistics.areas.municipalities import Change, Municipality, check_year, transfers
from evaluation.statistics.areas.regions import sum_members, worst_status

COLUMNS = ["region", "period", "value", "status", "parts", "absent", "is_estimate", "divided"]

_MEMBERSHIP = ["unit", "period", "region", "share"]
_KINDS = ("count", "mean")
_Record = tuple[tuple[Municipality, ...], tuple[Change, ...]]
_REFUSED = {
    "median": "A median over several municipalities does not follow from their medians, also not with weights: show it "
    "per municipality as published, or take a mean or a count.",
    "rate": "Rates are not added up or averaged: harmonise the numerator and the denominator as counts, and divide.",
}


@dataclass(frozen=True, slots=True)
class Harmonised:
    """Figures on the boundaries of one year.

    - `values`: Columns region, period, value (float), status (the worst of the parts), parts (number of municipalities
      it is made of), absent (tuple of those without a figure: the value is then missing), is_estimate (True where a
      municipality was divided), divided (tuple of those).  Ordered by region and period.
    - `membership`: Columns unit, period, region, share: of which municipalities each region of `values` was made.
    """

    values: pd.DataFrame
    membership: pd.DataFrame


def harmonise(
    values: pd.DataFrame,
    to: int,
    *,
    groups: Mapping[str, Collection[str]] | None = None,
    boundaries: Literal["each_year"] | int = "each_year",
    kind: str = "count",
    weights: pd.DataFrame | None = None,
    folder: Path | None = None,
) -> Harmonised:
    """Put figures of municipalities on the boundaries of 1 January of one year.

    Corrections smaller than `municipalities.SMALLEST_SHARE` are left out.

    Parameters
    ----------
    values : DataFrame
        Columns region (``GM0917``), period (year), value, status.  Other municipalities than the given ones stay out
        of the result; a municipality of `to` of which a part has no row is missing, never too small.  A municipality
        that got another code in the course of the year may have either code.
    to : int
        2010 to 2026.
    groups : Mapping[str, Collection[str]] | None
        Region to the municipalities of `to` that it is made of; each municipality by itself by default.
    boundaries : "each_year" | int
        Of `values`: those of each year, or of one year for all years.
    kind : str
        count, or mean (of something that `weights` count).
    weights, folder : DataFrame | None, Path | None
        For a mean: columns region, period, value, status, on the same boundaries as `values`; ``data/regions`` by
        default.

    Returns
    -------
    Harmonised

    Raises
    ------
    UsageError
        For a year off record; for boundaries later than `to` where a change would have to be undone; for a mean without
        weights, a rate or a median; for a region that did not exist, or two rows for one region and period.
    """
    _check_kind(kind, weights)
    record = load_boundaries(folder=folder)
    if values.empty:
        return Harmonised(pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=_MEMBERSHIP))
    periods = [int(period) for period in sorted(values["period"].unique())]
    years = {period: period if boundaries == "each_year" else boundaries for period in periods}
    values = _on_known_codes(values, years, record, "values")
    parts = _membership(values, years, to, groups, record)
    if weights is None:
        result = sum_members(values, parts)
    else:
        result = _mean(values, _on_known_codes(weights, years, record, "weights"), parts)
    result = _flag_divided(result.rename(columns={"unit": "region"}), parts)
    is_silent = result["value"].isna() & result["status"].isin(["final", "provisional"])
    result["status"] = result["status"].mask(is_silent, "missing")
    return Harmonised(result[COLUMNS], parts)


def _check_kind(kind: str, weights: pd.DataFrame | None) -> None:
    if kind in _REFUSED:
        raise UsageError(_REFUSED[kind])
    if kind not in _KINDS:
        hint = did_you_mean(kind, [*_KINDS, *_REFUSED]) or ""
        raise UsageError(f"Figures are a {' or a '.join(_KINDS)}, not {kind!r}. {hint}".strip())
    if kind == "mean" and weights is None:
        raise UsageError("A mean over several municipalities needs the weights: the number of what it is a mean of.")
    if kind == "count" and weights is not None:
        raise UsageError("Counts are summed and have no weights; a mean has.")


def _membership(
    values: pd.DataFrame, years: dict[int, int], to: int, groups: Mapping[str, Collection[str]] | None, record: _Record
) -> pd.DataFrame:
    """Tell of which municipalities each region is made: unit, period, region, share."""
    found = []
    for year in sorted(set(years.values())):
        rows = values[values["period"].map(years) == year]
        where = _where(*record, year, to, set(rows["region"]))
        reached = {period: set(part["region"]) for period, part in rows.groupby("period")}
        found += _rows(where, reached, groups)
    return pd.DataFrame(found, columns=_MEMBERSHIP)


def _flag_divided(result: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Add which municipalities were divided for each figure, and whether any was."""
    divided: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in parts[parts["share"] < 1].sort_values("region").itertuples():
        divided[row.unit, row.period].append(row.region)
    keys = zip(result["region"], result["period"], strict=True)
    found = pd.Series([tuple(divided.get(key, ())) for key in keys], index=result.index, dtype=object)
    return result.assign(divided=found, is_estimate=found.map(bool).astype(bool))


def _where(
    municipalities: Sequence[Municipality], changes: Sequence[Change], year: int, to: int, present: set[str]
) -> dict[str, dict[str, Fraction]]:
    """Tell what became of each municipality of `year` on the boundaries of `to`; back in time only what is the same."""
    check_year(to)
    if year <= to:
        return transfers(municipalities, changes, year, to)
    for change in changes:
        is_undone = date(to, 1, 1) < change.day <= date(year, 1, 1) and not change.is_ignored
        if is_undone and present & {change.source, change.target}:
            raise UsageError(
                f"Figures on the boundaries of {year} cannot go back to {to}: on {change.day} {change.source} went to "
                f"{change.target}, and nothing tells which part of a later figure is whose. Ask for {year} or later."
            )
    return {item.code: {item.code: Fraction(1)} for item in municipalities if item.exists_in(year)}


def _rows(
    where: dict[str, dict[str, Fraction]], reached: dict[int, set[str]], groups: Mapping[str, Collection[str]] | None
) -> list[tuple[str, int, str, float]]:
    """List unit, period, region, share for each unit of which at least one part is there in the period."""
    inside: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for code, targets in where.items():
        for target, share in targets.items():
            inside[target][code] = share
    units = {target: (target,) for target in inside} if groups is None else groups
    made_of = {unit: _joined(inside[part] for part in parts if part in inside) for unit, parts in units.items()}
    return [
        (unit, int(period), code, float(share))
        for period, present in reached.items()
        for unit, parts in made_of.items()
        if not present.isdisjoint(parts)
        for code, share in parts.items()
    ]


def _joined(parts: Iterable[dict[str, Fraction]]) -> dict[str, Fraction]:
    """Add up which share of each municipality lies in any of the parts, always in the order of their codes."""
    total: dict[str, Fraction] = defaultdict(Fraction)
    for part in parts:
        for code, share in part.items():
            total[code] += share
    return dict(sorted(total.items()))


def _mean(values: pd.DataFrame, weights: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Weigh means; a figure of one municipality alone stays as published."""
    names = ["region", "period", "value", "status"]
    both = values.merge(weights[names], on=["region", "period"], how="left", suffixes=("", "_w"))
    product = both.assign(value=both["value"] * both["value_w"], status=worst_status(both["status"], both["status_w"]))
    result, below = (sum_members(item[names], parts) for item in (product, both.assign(value=both["value_w"])))
    result["value"] = (result["value"] / below["value"]).where(below["value"] > 0)
    single = sum_members(values[names], parts.assign(share=1.0))
    is_single = single["parts"] == 1
    for name in ("value", "status", "absent"):
        result[name] = result[name].mask(is_single, single[name])
    return result


def _on_known_codes(values: pd.DataFrame, years: dict[int, int], record: _Record, name: str) -> pd.DataFrame:
    """Check the regions, and give a municipality the code of 1 January that got another one in the same year."""
    municipalities, changes = record
    for year in years.values():
        check_year(year)
    values = values[values["period"].isin(years)].copy()
    renamed = {(change.day.year, change.target): change.source for change in changes if change.kind == "renaming"}
    known = {year: {item.code for item in municipalities if item.exists_in(year)} for year in set(years.values())}
    codes, unknown = [], []
    for region, period in zip(values["region"], values["period"], strict=True):
        year = years[int(period)]
        code = region if region in known[year] else renamed.get((year, region), region)
        codes.append(code)
        if code not in known[year]:
            unknown.append(f"{region} ({year})")
    if unknown:
        listed = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        raise UsageError(f"The {name} have regions that were no municipality on 1 January: {listed}.")
    values["region"] = codes
    twice = values[values.duplicated(["region", "period"])]
    if len(twice):
        row = twice.iloc[0]
        raise UsageError(f"The {name} have {row['region']} twice for {row['period']}, perhaps under two codes.")
    return values
