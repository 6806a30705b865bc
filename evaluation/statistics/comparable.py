"""What may stand in one indicator: figures of one edition, in one kind of prices, and not across a known break.

``data/series_breaks.yml`` says of a quantity, by the name that its measure has in every table, in which year it began
to be measured otherwise, or in which years the world was another.  An indicator that takes figures from both sides has
to declare the break itself, so that its line stops there and no change is taken over it.  Whoever writes an indicator
without that gets no panel.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from evaluation.base.errors import Fault
from evaluation.base.paths import data_dir
from evaluation.base.yaml_entries import build_entry, mapping_under, raise_faults, read_mapping
from evaluation.inputs.indicator_schema import STOPPING_KINDS, Entry, Indicator, Series
from evaluation.statistics.snapshot_schema import SnapshotMetadata

FILE = "series_breaks.yml"
Used = tuple[Series, Sequence[int], SnapshotMetadata]
"""A series of an indicator, the years of its figures, and the table that it is from."""


class SeriesBreak(Entry):
    """What is known of a quantity, whichever table or indicator takes it.

    - `measures`: Names that it has in our tables.
    - `kind`: method or definition (figures before and from `year` are not comparable), or circumstance (the figures of
      `years` are right, the world was another).
    - `year`, `years`: The first year of the new kind; the years of a circumstance.
    - `reason`, `reference`: Why, in Dutch, and where that can be checked.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    measures: tuple[str, ...] = Field(min_length=1)
    kind: Literal["method", "definition", "circumstance"]
    year: int | None = None
    years: tuple[int, ...] = ()
    reason: str
    reference: str

    @model_validator(mode="after")
    def _has_its_years(self) -> Self:
        if (self.kind == "circumstance") != bool(self.years) or (self.year is None) != bool(self.years):
            raise ValueError("`years` for a circumstance, `year` for another kind")
        return self


def load_series_breaks(*, folder: Path | None = None) -> tuple[SeriesBreak, ...]:
    """Read what is known of quantities, nothing where there is no file; an InputError tells every fault.

    Parameters
    ----------
    folder : Path | None
        ``data`` by default.

    Returns
    -------
    tuple[SeriesBreak, ...]
    """
    path = (folder or data_dir()) / FILE
    if not path.is_file():
        return ()
    faults: list[Fault] = []
    content = read_mapping(path, {"breaks"}, faults)
    entries = mapping_under(content, "breaks", path, faults).items()
    found = [build_entry(SeriesBreak, fields, {"id": key}, path, f"breaks.{key}", faults) for key, fields in entries]
    raise_faults(faults)
    return tuple(found)


def comparison_faults(indicator: Indicator, used: Sequence[Used], known: Iterable[SeriesBreak]) -> list[Fault]:
    """Find what an indicator sets beside each other that is not one series.

    Parameters
    ----------
    indicator, used, known : Indicator, Sequence[Used], Iterable[SeriesBreak]
        With its declared breaks; its series (the numerator); what is known of quantities.

    Returns
    -------
    list[Fault]
        Two editions, or constant beside other prices, without a break between them; a known break or circumstance that
        the indicator does not declare; prices that it does not name; medians that it would average without saying so.
    """
    faults = [*_edition_faults(indicator, used), *_kind_faults(indicator, used)]
    for item in known:
        years = sorted({year for part, found, _ in used if part.measure in item.measures for year in found})
        faults += _break_faults(indicator, item, years)
    return faults


def _edition_faults(indicator: Indicator, used: Sequence[Used]) -> list[Fault]:
    """Compare each year with the next: of another edition or in other prices, it needs a break between."""
    dated = sorted(
        (
            (year, told.edition, told.constant_prices.get(part.measure or ""), told.name)
            for part, years, told in used
            for year in years
        ),
        key=lambda item: item[0],
    )
    faults = []
    for (before, *old, first), (year, *new, second) in pairwise(dated):
        if old == new or _is_broken(indicator, before, year):
            continue
        what = "two editions" if old[0] != new[0] else "constant prices beside other prices"
        found = f"{what} in one series: {first} ({_told(*old)}) in {before}, {second} ({_told(*new)}) in {year}"
        faults.append(
            _fault(indicator, "calculation", found, f"one of both, or a break of kind definition after {before}")
        )
    return faults


def _told(edition: str | None, prices: int | None) -> str:
    return f"{edition or 'no edition'}, {f'prices of {prices}' if prices else 'current prices'}"


def _kind_faults(indicator: Indicator, used: Sequence[Used]) -> list[Fault]:
    """Hold the words of an indicator to what its tables say: the year of its prices, and that it averages medians."""
    faults = []
    for part, _, told in used:
        prices = told.constant_prices.get(part.measure or "")
        if prices is not None and indicator.constant_prices != prices:
            expected = f"constant_prices: {prices}, for {told.name} has {part.measure} in prices of that year"
            faults.append(_fault(indicator, "constant_prices", str(indicator.constant_prices), expected))
        calculation = indicator.calculation
        is_averaged = (
            calculation is not None and calculation.kind == "weighted_mean" and calculation.mean_of != "medians"
        )
        if is_averaged and part.measure in told.medians:
            expected = f"mean_of: medians, for {part.measure} is a median and a mean of medians is none"
            faults.append(_fault(indicator, "calculation.mean_of", "a mean of medians as any mean", expected))
    return faults


def _break_faults(indicator: Indicator, item: SeriesBreak, years: Sequence[int]) -> list[Fault]:
    if item.kind == "circumstance":
        declared = {own.year for own in indicator.breaks if own.kind == "circumstance"}
        return [
            _fault(indicator, "breaks", f"no mark for {year}", f"a break of kind circumstance in {year}: {item.reason}")
            for year in sorted(set(years) & set(item.years) - declared)
        ]
    before, after = ([year for year in years if (year < item.year) == is_before] for is_before in (True, False))
    if not before or not after or _is_broken(indicator, before[-1], after[0]):
        return []
    found = f"{' and '.join(item.measures[:2])} of {before[-1]} and {after[0]} in one series"
    expected = f"a break of kind {item.kind} in {item.year}: {item.reason}"
    return [_fault(indicator, "breaks", found, expected)]


def _is_broken(indicator: Indicator, before: int, year: int) -> bool:
    """Tell whether a break is declared between two years, with a factor or without."""
    return any(item.kind in STOPPING_KINDS and before < item.year <= year for item in indicator.breaks)


def _fault(indicator: Indicator, key: str, found: str, expected: str) -> Fault:
    return Fault("data/indicators", found, expected, key=f"indicators.{indicator.id}.{key}")
