"""The retail tables of a deal: clusters, premises per year and plan capacity, checked as a whole before any use."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, shown
from evaluation.base.text import page_slug
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.checked_rows import (
    DATASET_FILE,
    EXAMPLE,
    find_doubles,
    read_dataset,
    read_rows,
    to_frame,
)
from evaluation.inputs.records.text_tables import Sheet, read_sheets
from evaluation.inputs.retail.records import (
    ADDRESS_COLUMNS,
    COUNTED,
    Cluster,
    PlanCapacity,
    Premises,
    RetailDataset,
    RetailKnown,
    ShownFigure,
)

WORKBOOK = "retail.xlsx"
TABLES: dict[str, type[BaseModel]] = {"clusters": Cluster, "premises": Premises, "plan_capacity": PlanCapacity}
COLUMNS = {name: tuple(model.model_fields) for name, model in TABLES.items()}
HANDED_ON: dict[str, type[BaseModel]] = {"clusters": Cluster, "figures": ShownFigure, "plan_capacity": PlanCapacity}
"""In a bundle, where the premises are not: what reports show of them."""

AREAS_OF_A_REGION = ("binnen-clusters", "buiten-clusters", "regio")
"""Areas beside clusters and municipalities: inside the clusters, outside them, and the region as a whole."""

_HELP = "data/retail/README.md"
_CODE = re.compile(r"(gm|pv|cr|ld|nl)[0-9]+")
_PLAN_KEY = ("municipality", "year", "kind", "floor_space")
_FIGURE_KEY = ("unit", "year", "measure", "quantity")
_YEARS_BEFORE = 10
"""Rows may be about this many years before the deal's base year."""


@dataclass(frozen=True, slots=True, eq=False)
class RetailTables:
    """The retail tables of a deal, each as a frame in the order of the rows of its file.

    Attributes
    ----------
    is_private : bool
        Read from the private overlay: licensed rows that stay out of the repository and of every output; or handed on
        without those.
    clusters : DataFrame    cluster_id, name, municipality (code), is_main_centre, is_priority, note.
    premises : DataFrame
        premises_id, year (int), municipality, cluster (missing: outside), function, other_kind, is_vacant, wvo_m2,
        bvo_m2 (m2, missing where not known), occupant_id, branch.
    plan_capacity : DataFrame    municipality, year, kind, floor_space (wvo or bvo), m2.
    figures : DataFrame | None    unit, year, measure, quantity, state, value, reason; None where the premises are here.
    """

    dataset: RetailDataset
    is_private: bool
    clusters: pd.DataFrame
    premises: pd.DataFrame
    plan_capacity: pd.DataFrame
    figures: pd.DataFrame | None = None

    @property
    def is_example(self) -> bool:
        """Whether the tables are made up."""
        return self.dataset.status == EXAMPLE

    @property
    def years(self) -> tuple[int, ...]:
        """The years that were counted."""
        counted = self.premises if self.figures is None else self.figures
        return tuple(int(year) for year in sorted(counted["year"].unique()))

    @property
    def priority_clusters(self) -> tuple[str, ...]:
        """The clusters that the deal invests in, in the order of the register."""
        return tuple(self.clusters.loc[self.clusters["is_priority"], "cluster_id"])

    def until(self, year: int) -> RetailTables:
        """Return what is about a year and those before it.

        Parameters
        ----------
        year : int
            The year of a report.

        Returns
        -------
        RetailTables
        """
        frames = {name: getattr(self, name) for name in ("premises", "plan_capacity", "figures")}
        known = {name: frame[frame["year"] <= year] for name, frame in frames.items() if frame is not None}
        return replace(self, **{name: frame.reset_index(drop=True) for name, frame in known.items()})


def retail_folder(deal: Deal) -> tuple[Path, bool]:
    """Return the folder that the retail tables of a deal are read from.

    Parameters
    ----------
    deal : Deal
        Gives its id.

    Returns
    -------
    Path
        The private overlay where it is there; else data/retail/<deal>, which need not be there.
    bool
        Whether it is the private overlay.
    """
    private = data_dir() / "private" / "retail" / deal.id
    return (private, True) if private.is_dir() else (data_dir() / "retail" / deal.id, False)


def retail_dataset(deal: Deal) -> RetailDataset | None:
    """Read what the retail tables of a deal are, and not the tables themselves.

    Parameters
    ----------
    deal : Deal
        Gives its id.

    Returns
    -------
    RetailDataset | None
        None where the deal has no retail tables.

    Raises
    ------
    InputError
        With every fault of dataset.yml.
    """
    folder, _ = retail_folder(deal)
    if not folder.is_dir():
        return None
    dataset, faults = read_dataset(folder / DATASET_FILE, RetailDataset, help_file=_HELP)
    if dataset is None:
        raise InputError(faults)
    return dataset


def load_retail(deal: Deal, *, folder: Path | None = None) -> RetailTables | None:
    """Read and check the retail tables of a deal.

    Parameters
    ----------
    deal : Deal
        Gives the municipalities and the years.
    folder : Path | None
        Holds dataset.yml and a CSV file for each of `TABLES`, or retail.xlsx; that of `retail_folder` by default.  In a
        bundle `HANDED_ON` may take their place.

    Returns
    -------
    RetailTables | None
        None where the deal has no retail tables.

    Raises
    ------
    InputError
        With every fault in all files: file, sheet, row (the header is row 1), column, what was found, what is allowed.
    """
    own, is_overlay = retail_folder(deal)
    folder = folder or own
    is_private = is_overlay and folder == own
    if not folder.is_dir():
        return None
    dataset, faults = read_dataset(folder / DATASET_FILE, RetailDataset, help_file=_HELP)
    models = HANDED_ON if dataset is not None and dataset.handed_on else TABLES
    columns = {name: tuple(model.model_fields) for name, model in models.items()}
    sheets, more = read_sheets(folder, columns, workbook=WORKBOOK, refused=ADDRESS_COLUMNS)
    known = RetailKnown(
        municipalities=tuple(municipality.code for municipality in deal.region.municipalities),
        areas=(*AREAS_OF_A_REGION, deal.region.unit_id),
        years=(deal.term.base_year - _YEARS_BEFORE, deal.term.records_until.year),
    )
    rows, found = _read_tables(sheets, known, models)
    faults += more + found
    if dataset is not None and dataset.status == EXAMPLE and is_private:
        expected = "voorlopig or vastgesteld: an example hides nobody and belongs in data/retail"
        faults.append(Fault(shown(folder / DATASET_FILE), "'voorbeeld' in the private overlay", expected, key="status"))
    if faults or dataset is None:
        raise InputError(faults)
    frames = {name: to_frame(model, rows.get(name, [])) for name, model in {**TABLES, **models}.items()}
    return RetailTables(dataset=dataset, is_private=is_private or dataset.handed_on == "private", **frames)


def _read_tables(
    sheets: dict[str, Sheet], known: RetailKnown, models: Mapping[str, type[BaseModel]]
) -> tuple[dict[str, list[BaseModel]], list[Fault]]:
    """Check all rows; premises are held to the clusters only where every cluster is in order."""
    judges: dict[str, Callable[[Sheet, Sequence[tuple[int, Any]]], Iterator[Fault]]] = {
        "clusters": partial(_cluster_faults, taken=known.areas),
        "premises": _premises_faults,
        "plan_capacity": partial(find_doubles, key=_PLAN_KEY, column=_PLAN_KEY[0]),
        "figures": partial(find_doubles, key=_FIGURE_KEY, column=_FIGURE_KEY[0]),
    }
    tables: dict[str, list[BaseModel]] = {}
    faults: list[Fault] = []
    for name, model in models.items():
        rows, more = read_rows(sheets.get(name), model, known, identity="" if name == "clusters" else None)
        good = [(number, row) for number, row in rows if row is not None]
        faults += more
        if name in sheets:
            faults += judges[name](sheets[name], good)
        tables[name] = [row for _, row in good]
        if name == "clusters" and name in sheets and len(good) == len(rows):
            places = {row.cluster_id: row.municipality for row in tables[name] if isinstance(row, Cluster)}
            known = replace(known, clusters=places)
    return tables, faults


def _cluster_faults(sheet: Sheet, rows: Sequence[tuple[int, Cluster]], taken: Collection[str]) -> Iterator[Fault]:
    """Keep pages and results of clusters apart: names and identities differ, also from the other areas."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for number, row in rows:
        place = page_slug(row.cluster_id)
        if not place or place in taken or _CODE.match(place):
            expected = "an identity with a letter or digit, that is not the name or code of another area"
            yield sheet.fault(number, "cluster_id", repr(row.cluster_id), expected)
        for column, word in (("cluster_id", place), ("name", row.name.casefold())):
            value = getattr(row, column)
            before, other = first.setdefault((column, word), (number, value))
            if before != number and (column == "name" or other != value):
                expected = f"another {column} than row {before} has ({other!r})"
                yield sheet.fault(number, column, repr(value), expected)


def _premises_faults(sheet: Sheet, rows: Sequence[tuple[int, Premises]]) -> Iterator[Fault]:
    """Judge rows by each other: one per premises and year, in one place, occupants known throughout a year or not."""
    if not sheet.rows:
        yield sheet.fault(None, None, "a header without rows", "at least one premises")
    yield from find_doubles(sheet, rows, ("premises_id", "year"), column="premises_id")
    place: dict[str, tuple[int, Premises]] = {}
    for number, row in rows:
        first, other = place.setdefault(row.premises_id, (number, row))
        for column in ("municipality", "cluster"):
            found, before = getattr(row, column), getattr(other, column)
            if found != before:
                expected = f"{before or 'an empty cell'!r}, as in row {first}: premises stay where they are"
                yield sheet.fault(number, column, repr(found or ""), expected)
    occupied = [(number, row) for number, row in rows if row.function in COUNTED and not row.is_vacant]
    named = {row.year for _, row in occupied if row.occupant_id}
    for number, row in occupied:
        if row.year in named and not row.occupant_id:
            expected = f"an occupant, as other occupied premises of {row.year} have one (or none in the whole year)"
            yield sheet.fault(number, "occupant_id", "an empty cell", expected)
