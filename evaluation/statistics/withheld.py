"""A private table as others may see it: which areas and years it is about, without a value and without its words.

`evaluation.statistics.snapshots.open_snapshot` gives this in the place of a table of the private overlay, so that
what a report reads holds nothing that it may not tell.  A bundle carries the same as a stand-in, in ``data/withheld``:
who runs it elsewhere finds every private figure withheld, as the office did.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping

import pandas as pd
import yaml

from evaluation.statistics.snapshot_schema import Column, SnapshotMetadata
from evaluation.statistics.table_files import PinnedTable
from evaluation.statistics.table_writer import write_table

PRIVATE, WITHHELD, RETAIL = "private", "withheld", "retail"
"""Folders of data: the private overlay, the stand-ins of a bundle; and in the overlay what is no snapshot."""

PUBLISHER = "besloten bestand"
"""What stands in the place of the publisher of a private table, before our own name of it."""

MEASURE = "measure"
_REGION = re.compile(r"(NL|LD|PV|CR|GM|WK|BU)[0-9]{2}[0-9A-Z]{0,6}")
_COLUMNS = {
    "region": Column(name="region", role="region", meaning="gebied, een code van het CBS"),
    "period": Column(name="period", role="period", meaning="jaar"),
    MEASURE: Column(name=MEASURE, role="measure", meaning="wat is geteld"),
    "value": Column(name="value", role="value", meaning="niet openbaar"),
    "status": Column(name="status", role="status", meaning="withheld"),
}
_FILE = re.compile(rf"data/(?:{PRIVATE}|{WITHHELD})/(?!{RETAIL}/)([^/]+)/([^/]+)/([^/]+)\.(?:csv|parquet)")


def withheld_table(table: PinnedTable, measure_column: str | None) -> PinnedTable:
    """Return a table without its values, read when it is asked; rows of what is no area of the CBS are left out.

    Parameters
    ----------
    table, measure_column : PinnedTable, str | None
        As it is, and its measure column, which gets our name.

    Returns
    -------
    PinnedTable
    """
    return _WithheldTable(table, measure_column)


class _WithheldTable(PinnedTable):
    def __init__(self, table: PinnedTable, measure_column: str | None) -> None:
        self._table, self._own = table, measure_column
        self._column = None if measure_column is None else MEASURE

    @property
    def frame(self) -> pd.DataFrame:
        return _without_values(self._table.frame.rename(columns={self._own or "": MEASURE}))

    @property
    def measures(self) -> list[str]:
        return self._table.measures

    def series(self, measure: str | None) -> pd.DataFrame:
        return _without_values(self._table.series(measure))


def _without_values(frame: pd.DataFrame) -> pd.DataFrame:
    kept = frame[frame["region"].map(lambda code: _REGION.fullmatch(code) is not None)]
    return kept.assign(value=float("nan"), status="withheld").reset_index(drop=True)


def withheld_metadata(metadata: SnapshotMetadata) -> SnapshotMetadata:
    """Say of a private table only what may be told: our own name of it, its vintage and its boundaries.

    Parameters
    ----------
    metadata : SnapshotMetadata
        Of the table, or of its stand-in.

    Returns
    -------
    SnapshotMetadata
    """
    words = ("title", "url", "licence", "licence_url", "attribution", "origin", "provisional_rule", "made_by")
    names = ["region", "period", *([MEASURE] if metadata.measure_column else []), "value", "status"]
    told = dict.fromkeys(words, "niet openbaar") | {
        "publisher": PUBLISHER,
        "publisher_table": metadata.name,
        "retrieved": metadata.vintage,
        "modified_at_source": None,
        "modified_note": None,
        "notes": (),
        "columns": tuple(_COLUMNS[name] for name in names),
        "format": "csv",
        "change_measure": None,
        "edition": None,
        "never_zero": (),
        "medians": (),
        "constant_prices": {},
    }
    return metadata.model_copy(update=told)


def stand_in(table: PinnedTable, metadata: SnapshotMetadata, measures: Collection[str]) -> dict[str, bytes]:
    """Write the stand-in of a private table for a bundle.

    Parameters
    ----------
    table, metadata : PinnedTable, SnapshotMetadata
        As `open_snapshot` gives them in the place of a private table.
    measures : Collection[str]
        Those that public files name; others stay out.

    Returns
    -------
    dict[str, bytes]
        The files, by their path in the project.
    """
    frame = table.frame
    if metadata.measure_column is not None:
        frame = frame[frame[MEASURE].isin(list(measures))]
    content = write_table(frame[[column.name for column in metadata.columns]], "csv")
    facts = {
        "rows": len(frame),
        "sha256": hashlib.sha256(content).hexdigest(),
        "first_period": int(frame["period"].min()),
        "last_period": int(frame["period"].max()),
    }
    said = metadata.model_copy(update=facts).model_dump(mode="json")
    place = f"data/{WITHHELD}/{metadata.place}"
    text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    return {f"{place}.csv": content, f"{place}.yml": text.encode()}


def withheld_places(names: Iterable[str]) -> list[str]:
    """List the private snapshots among the data files that were read.

    Parameters
    ----------
    names : Iterable[str]
        Paths from the root of the project.

    Returns
    -------
    list[str]
        As people write them, ``cbs/2026-11-24/84799NED``, in order.
    """
    found = (_FILE.fullmatch(name) for name in names)
    return sorted({"/".join(match.groups()) for match in found if match})


def names_private_source(row: Mapping[str, object], private: Iterable[SnapshotMetadata]) -> bool:
    """Tell whether a number says that it comes from a private vintage.

    Parameters
    ----------
    row : Mapping[str, object]
        With source and vintage, each perhaps several joined with "; ".
    private : Iterable[SnapshotMetadata]
        Of the private vintages.

    Returns
    -------
    bool
    """
    sources, vintages = (set(str(row[name]).split("; ")) for name in ("source", "vintage"))
    if any(source.startswith(f"{PUBLISHER} ") for source in sources):
        return True
    known = ((f"{item.publisher} {item.publisher_table}", item.vintage.isoformat()) for item in private)
    return any(source in sources and vintage in vintages for source, vintage in known)
