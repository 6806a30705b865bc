"""What of the retail monitor may be shown: every figure with a value, or the reason why there is none.

A floor space is shown only where the number of premises behind it is, and where it gives no premises away
(`retail_floor_space`); a share where both its parts are.  Years are judged in their order, so that what one report hid
or showed is not changed by the figures of a later year.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isnan, nan
from typing import get_args

import pandas as pd

from evaluation.analysis import retail_measures as measures
from evaluation.analysis.retail_floor_space import has_floor_space, hide_floor_space
from evaluation.inputs.records.cell_suppression import Relation, find_hidden, sum_of
from evaluation.inputs.records.protected_sums import NEARLY, as_published, still_holding
from evaluation.inputs.retail.records import Quantity, State
from evaluation.inputs.retail.tables import RetailTables

SHARES = ("vacancy", "concentration")
"""Shares that reports show; one that was shown stays so, whatever is known of its parts."""

PUBLISHED_TRADE = ("opened", "new_to_region", "moved_from_outside", "left")
"""What is shown of who came and went in a single year."""

_RANK = {"rest": 0, "municipality": 0, "cluster": 2, "zone": 4}
"""How much an area matters when something has to be hidden; what is there matters more than what changed."""

TOO_SMALL = "niet getoond (te klein)"
TOO_FEW = "niet getoond (enkele panden)"
NO_LICENCE = "niet getoond (licentie)"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the monitor, or why there is none, in Dutch: it is withheld or missing."""

    value: float | None
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Monitor:
    """The figures of the monitor, with what may be shown of them.

    Attributes
    ----------
    cells : DataFrame    Indexed by unit, year, measure: count, wvo_m2, bvo_m2, reason, is_hidden (the count and all
        else), is_area_hidden.
    published : Mapping    What reports showed before, by unit, year, measure and quantity (NaN: withheld); a correction
        of an earlier year is not shown in it, as the difference of the two editions would be what was corrected.
    handed_on : Mapping | None    Every figure by unit, year, measure and quantity, where the premises are elsewhere.
    """

    tables: RetailTables
    units: measures.Units
    cells: pd.DataFrame
    published: Mapping[tuple, float] = field(default_factory=dict)
    handed_on: Mapping[tuple, Figure] | None = None

    def figure(self, unit: str, year: int, measure: str, quantity: Quantity = "count") -> Figure:
        """Return the number of premises of a measure, or their floor space.

        Parameters
        ----------
        unit, year, measure, quantity : str, int, str, str
            As in the index of `cells`; count, or wvo_m2 or bvo_m2 in square metres.

        Returns
        -------
        Figure
        """
        key = (unit, year, measure)
        not_counted = Figure(None, "missing", f"over {year} is er geen telling")
        if self.handed_on is not None:
            return self.handed_on.get((*key, quantity), not_counted)
        if key not in self.cells.index:
            return not_counted
        cell = self.cells.loc[key]
        if not self.tables.dataset.may_publish:
            return Figure(None, "withheld", NO_LICENCE)
        if isinstance(cell["reason"], str):
            return Figure(None, "missing", cell["reason"])
        before = self.published.get((*key, quantity))
        if before is not None:
            why = TOO_SMALL if quantity == "count" else TOO_FEW
            is_same = abs(before - cell[quantity]) <= NEARLY  # as it is now, to the last digit
            value = float(cell[quantity]) if is_same else before
            return Figure(None, "withheld", why) if isnan(before) else Figure(value, "shown")
        if cell["is_hidden"]:
            return Figure(None, "withheld", TOO_SMALL)
        if quantity != "count" and cell["is_area_hidden"]:
            return Figure(None, "withheld", TOO_FEW)
        if pd.isna(cell[quantity]):
            return Figure(None, "missing", measures.NO_AREA)
        return Figure(float(cell[quantity]), "shown")

    def share(
        self, part: tuple[str, str], whole: tuple[str, str], year: int, quantity: Quantity = "count", name: str = ""
    ) -> Figure:
        """Return a part as a percentage of a whole, each a (unit, measure).

        It is withheld when either of the two is, and when the whole has fewer premises than the minimum denominator.

        Parameters
        ----------
        part, whole, year, quantity, name : tuple[str, str], tuple[str, str], int, str, str
            As in `figure`, and what reports call it, of `SHARES`.

        Returns
        -------
        Figure
            In percent.
        """
        if (before := self._shown_shares().get((part[0], year, name, quantity))) is not None:
            return before
        numerator = self.figure(part[0], year, part[1], quantity)
        denominator = self.figure(whole[0], year, whole[1], quantity)
        number = self.figure(whole[0], year, whole[1])
        if denominator.value is None or number.value is None or numerator.value is None:
            return next(figure for figure in (denominator, number, numerator) if figure.value is None)
        if number.value < self.tables.dataset.minimum_denominator or not denominator.value:
            return Figure(None, "withheld", TOO_SMALL)
        return Figure(100 * numerator.value / denominator.value, "shown")

    def figures(self) -> dict[tuple, Figure]:
        """Return all that reports show, or say that they do not, and so may be handed on without the premises.

        Returns
        -------
        dict[tuple, Figure]
            By unit, year, measure and quantity; only that there was a count, where its licence lets nothing out.
        """
        if self.handed_on is not None:
            return dict(self.handed_on)
        may_publish, level = self.tables.dataset.may_publish, self.units.level
        return {
            (unit, year, measure, quantity): self.figure(unit, year, measure, quantity)
            for unit, year, measure in self.cells.index
            for quantity in get_args(Quantity)
            if (quantity == "count" or has_floor_space(level[unit], unit, measure))
            and (may_publish or (unit, measure, quantity) == (measures.REGION, "premises", "count"))
        } | self._shown_shares()

    def _shown_shares(self) -> dict[tuple, Figure]:
        """Return the shares that reports showed before, or that were handed on."""
        if self.handed_on is not None:
            return {key: figure for key, figure in self.handed_on.items() if key[2] in SHARES}
        known = self.published.items() if self.tables.dataset.may_publish else ()
        return {key: Figure(value, "shown") for key, value in known if key[2] in SHARES and not isnan(value)}


def build_monitor(
    tables: RetailTables, municipalities: tuple[str, ...], published: Mapping[tuple, float] | None = None
) -> Monitor:
    """Count everything, and find what is not shown.

    Parameters
    ----------
    tables, municipalities : RetailTables, tuple[str, ...]
        What was known in the year that is reported on (`RetailTables.until`), and codes of the region's municipalities.
    published : mapping | None
        As of `Monitor`.

    Returns
    -------
    Monitor
    """
    units = measures.list_units(tables, municipalities)
    if tables.figures is not None:
        rows = tables.figures.replace({float("nan"): None}).itertuples(index=False)
        made = {row[:4]: Figure(row.value, row.state, row.reason or "") for row in rows}
        return Monitor(tables, units, pd.DataFrame(), handed_on=made)
    cells = measures.count_cells(tables, units).set_index(["unit", "year", "measure"])
    known = cells[[_is_known(unit, units.level[unit], measure) for unit, _, measure in cells.index]]
    before = {key[:3]: value for key, value in (published or {}).items() if key[3] == "count"}
    keys, counts = list(known.index), as_published(known["count"].to_dict(), before)
    settled, minimum = {year for _, year, _, _ in published or ()}, tables.dataset.minimum_count
    hidden = find_hidden(
        counts,
        still_holding(_relations(known, units), counts),
        needed={
            key: float(minimum)
            for key, count in counts.items()
            if 0 < count < minimum and _is_judged(key[0], units.level[key[0]], key[2])
        },
        # of a year that a report shows, a reader has what stands there
        unpublished={
            key
            for key in keys
            if not _is_published(key[0], units.level[key[0]], key[2])
            or (key[1] in settled and isnan(before.get(key, nan)))
        },
        rank={key: _RANK[units.level[key[0]]] + (key[2] in measures.STOCK) for key in keys},
        stage={key: key[1] for key in keys},
        settled=settled,
    )
    shown = set(keys) - hidden
    cells = cells.assign(is_hidden=[key not in shown for key in cells.index])
    areas = hide_floor_space(tables, units, cells, published)
    has_area = [has_floor_space(units.level[unit], unit, measure) for unit, _, measure in cells.index]
    is_area_hidden = [not has or key in areas for has, key in zip(has_area, cells.index, strict=True)]
    return Monitor(tables, units, cells.assign(is_area_hidden=is_area_hidden), published or {})


def _is_published(unit: str, level: str, measure: str) -> bool:
    """Tell whether a measure is shown of an area; small ones may be hidden all the same.

    What happened in one year is shown inside and outside the clusters; of a cluster only the sum over the years.  The
    region as a whole has no openings of its own, so that those inside are not hidden for the few outside.
    """
    if level == "zone":
        shown = (*measures.STOCK, "transformed", measures.SINCE["transformed"])
        return measure in (shown if unit == measures.REGION else (*shown, *PUBLISHED_TRADE, *measures.SINCE.values()))
    if level == "cluster":
        return measure in (*measures.STOCK, *measures.SINCE.values(), *measures.DETAIL)
    return level == "municipality" and measure in measures.STOCK


def _is_known(unit: str, level: str, measure: str) -> bool:
    """Tell whether a reader can reckon with a measure: also with who came to and left one cluster, or a part outside.

    Those are shown nowhere, but are no more than all that came and left inside or outside the clusters.
    """
    return _is_judged(unit, level, measure) or (level in ("cluster", "rest") and measure in measures.TRADE)


def _is_judged(unit: str, level: str, measure: str) -> bool:
    """Tell whether a measure is shown, or follows from what is shown by subtracting.

    A single year follows from two sums over years, what lies outside the clusters of a municipality from the rest of
    it, and the kinds of openings that are not shown from those that are.  What came into the table or left it is shown
    nowhere, so that the premises of two years tell no more than their difference.
    """
    if unit == measures.REGION:
        return _is_published(unit, level, measure)
    follows = {"zone": measures.OPENINGS, "cluster": tuple(measures.SINCE), "rest": measures.STOCK}
    return _is_published(unit, level, measure) or measure in follows.get(level, ())


def _relations(cells: pd.DataFrame, units: measures.Units) -> Iterator[Relation]:
    """List every sum that holds between the cells: over areas, over measures, and from one year to the next."""
    known = cells[cells["count"].notna()].index
    keys = set(known)
    for unit, year, measure in known:
        parts = [(part, year, measure) for part in units.parts[unit]]
        if parts and keys.issuperset(parts):
            yield sum_of((unit, year, measure), parts)
    for unit, year in dict.fromkeys((unit, year) for unit, year, _ in known):
        yield from _within(unit, year, keys)


def _within(unit: str, year: int, keys: set[tuple]) -> Iterator[Relation]:
    def cell(measure: str, of: int = year) -> Hashable:
        return unit, of, measure

    before = year - 1
    sums: list[Relation] = [
        sum_of(cell("premises"), [cell("vacant"), cell("occupied")]),
        sum_of(cell("occupied"), [cell(f"branch_{branch}") for branch in measures.BRANCHES]),
        sum_of(cell("opened"), [cell(kind) for kind in measures.OPENINGS]),
        {cell("occupied"): 1, cell("occupied", before): -1, cell("opened"): -1, cell("left"): 1},
    ]
    sums += [{cell(name): 1, cell(name, before): -1, cell(measure): -1} for measure, name in measures.SINCE.items()]
    first: list[Relation] = [
        {cell(name): 1, cell(measure): -1} for measure, name in measures.SINCE.items() if cell(name, before) not in keys
    ]
    yield from (relation for relation in [*sums, *first] if relation.keys() <= keys)
