"""Make a snapshot of what a publisher sends, or of a file that someone was given."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from babel.dates import get_month_names

from evaluation.base.errors import SourceError
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import Snapshot, list_snapshots, open_snapshot
from evaluation.statistics.sources.answer import Answer, Progress
from evaluation.statistics.sources.arrival import compare_with_last, to_tidy
from evaluation.statistics.sources.http import Client, Patience
from evaluation.statistics.sources.protocols import PROTOCOLS
from evaluation.statistics.sources.registry import Registry
from evaluation.statistics.sources.registry_schema import BOUNDARY_CHANGE, Table

_REGION_MEANING = "CBS-code van het gebied: gemeente (GM), provincie (PV) of Nederland (NL01)"
_NEIGHBOURHOOD_MEANING = "CBS-code van het gebied: buurt (BU), wijk (WK), gemeente (GM) of Nederland (NL01)"
_PERIOD_MEANING = {
    "JJ": "Kalenderjaar",
    "SJ": "Schooljaar, genoemd naar het jaar waarin het begint",
    "MM": "Kalenderjaar, met het cijfer van één maand",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one table.

    - `table`: ``cbs/83625NED``.
    - `vintage`: Of the new snapshot, or of the last one when the figures are the same.
    - `path`: Of the new snapshot; None when nothing was written.
    - `overruled`: Checks that failed and were accepted by name.
    - `looked_at`: What a person has to look at in the file.
    """

    table: str
    vintage: str
    path: Path | None
    rows: int
    overruled: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()


def fetch_table(
    table: Table,
    registry: Registry,
    *,
    base_url: str | None = None,
    accept: Collection[str] = (),
    today: date | None = None,
    folder: Path | None = None,
    patience: Patience | None = None,
    sleep: Callable[[float], None] | None = None,
    report: Progress = lambda received, stated: None,
) -> Fetched:
    """Fetch one table, check it, and write it as a new vintage; equal figures write nothing.

    Nothing is written before every check has passed, and both files of a snapshot get their place at once.

    Parameters
    ----------
    table, registry : Table, Registry
        What is fetched, and who publishes it where.
    base_url : str | None
        Instead of the publisher's address.
    accept : Collection[str]
        Checks against the last vintage (coverage, magnitude) that may fail this time.
    today, folder : date | None, Path | None
        The vintage, and the folder of the snapshots; today and that of the project by default.
    patience, sleep, report : Patience | None, Callable | None, Progress
        How long to try, how to wait, and what is told how many rows came.

    Returns
    -------
    Fetched

    Raises
    ------
    SourceError
        When the table cannot be fetched, or a check fails.
    SnapshotError
        When there is already another vintage of the same day.
    """
    if table.closed is not None:
        raise SourceError(f"cannot be fetched: {table.reason}", table=table.name)
    service = registry.services[table.service or ""]
    address = service.address(base_url)
    with Client(table.name, address, patience=patience, sleep=sleep) as client:
        answer = PROTOCOLS[service.protocol].load().read(client, table, report=report)
    origin = f"{registry.publishers[table.source].name}, tabel {table.number}, opgehaald bij {address}."
    return store(answer, table, registry, origin=origin, accept=accept, today=today, folder=folder)


def store(
    answer: Answer,
    table: Table,
    registry: Registry,
    *,
    origin: str,
    accept: Collection[str] = (),
    today: date | None = None,
    folder: Path | None = None,
    licence: str | None = None,
) -> Fetched:
    """Check an answer, by itself and against the last vintage, and write it as a new vintage.

    Parameters
    ----------
    answer, table, registry : Answer, Table, Registry
        What came, of which table, published by whom.
    origin, licence : str, str | None
        In Dutch: where it came from; terms of use instead of the publisher's.
    accept, today, folder : Collection[str], date | None, Path | None
        As of `fetch_table`.

    Returns
    -------
    Fetched

    Raises
    ------
    SourceError
        When a check fails.
    SnapshotError
        When there is already another vintage of the same day.
    """
    frame = to_tidy(answer, table, is_whole="coverage" not in accept)
    same, overruled = check_against_last(frame, table, accept=accept, folder=folder)
    if same is not None:
        return Fetched(table.name, same, None, len(frame), looked_at=answer.looked_at)
    vintage = today or date.today()
    path = add_snapshot(frame, _describe(answer, table, registry, vintage, origin, licence), folder=folder)
    return Fetched(table.name, vintage.isoformat(), path, len(frame), overruled, answer.looked_at)


def check_against_last(
    frame: pd.DataFrame, table: Table, *, accept: Collection[str], folder: Path | None = None
) -> tuple[str | None, tuple[str, ...]]:
    """Compare new figures with the last vintage of the same table.

    Parameters
    ----------
    frame, table : DataFrame, Table
        Columns as of `arrival.to_tidy`, and what declares what may differ.
    accept, folder : Collection[str], Path | None
        As of `fetch_table`.

    Returns
    -------
    str | None
        The last vintage where it has the same figures.
    tuple[str, ...]
        The checks that failed and were accepted.

    Raises
    ------
    SourceError
        When a check fails that is not accepted.
    """
    last = last_vintage(table.source, table.table, folder=folder)
    if last is None:
        return None, ()
    if last.holds(frame):
        return last.metadata.vintage.isoformat(), ()
    failed = compare_with_last(frame, last, table)
    refused = [
        f"{found}; nothing was written (when that is right: --accept {check})"
        for check, found in failed.items()
        if check not in accept
    ]
    if refused:
        raise SourceError(". ".join(refused), table=table.name)
    return None, tuple(failed)


def last_vintage(source: str, table: str, *, folder: Path | None = None) -> Snapshot | None:
    """Open the last vintage of a table, public or private.

    Parameters
    ----------
    source, table, folder : str, str, Path | None
        ``"cbs"``, ``"83625NED"``; the snapshots of the project by default.

    Returns
    -------
    Snapshot | None
        None where there is none.
    """
    known = {item.name for item in list_snapshots(folder=folder, include_private=True)}
    return open_snapshot(source, table, folder=folder, include_private=True) if f"{source}/{table}" in known else None


def _describe(
    answer: Answer, table: Table, registry: Registry, vintage: date, origin: str, licence: str | None
) -> dict[str, object]:
    """Write the metadata of a new snapshot."""
    publisher = registry.publishers[table.source]
    return {
        "source": table.source,
        "table": table.table,
        "vintage": vintage.isoformat(),
        "title": answer.title,
        "publisher": publisher.name,
        "publisher_table": table.number,
        "url": publisher.table_url.format(table=table.number),
        "licence": licence or publisher.licence,
        "licence_url": publisher.licence_url,
        "attribution": publisher.attribution.format(table=table.number),
        "retrieved": vintage.isoformat(),
        "modified_at_source": answer.modified.isoformat() if answer.modified else None,
        "modified_note": None if answer.modified else "De uitgever noemt geen wijzigingsdatum.",
        "origin": origin,
        "private": table.private,
        "boundaries": table.boundaries,
        "provisional_rule": table.provisional_rule,
        "made_by": _made_by(table),
        "notes": [*table.notes, *answer.remarks],
        "change_measure": BOUNDARY_CHANGE if table.boundary_change else None,
        "columns": _columns(table),
    }


def _made_by(table: Table) -> str:
    """Say in Dutch what was taken from the publisher's table, and what was left out."""
    years = f"vanaf {table.first_year}" if table.year is None else f"jaar {table.year}"
    taken = [years, f"gebieden {', '.join(table.regions)}"]
    if table.month is not None:
        taken.append(f"van elk jaar alleen {get_month_names(locale='nl')[table.month]}")
    taken += [f"{name} {code}" for name, code in table.select.items()]
    if table.classify is not None:
        taken.append(f"{table.classify.dimension} {', '.join(table.classify.codes)}")
    text = f"Overgenomen zoals gepubliceerd: {'; '.join(taken)}. Niets opgeteld."
    if table.drop_regions:
        text += f" Niet als gebied overgenomen: {', '.join(table.drop_regions)} (wel in het landelijke cijfer)."
    return text


def _columns(table: Table) -> list[dict[str, object]]:
    is_small = bool({"WK", "BU"} & set(table.regions))
    columns: list[dict[str, object]] = [
        {"name": "region", "role": "region", "meaning": _NEIGHBOURHOOD_MEANING if is_small else _REGION_MEANING},
        {"name": "period", "role": "period", "meaning": _PERIOD_MEANING[table.period_kind]},
    ]
    if table.classify is not None:
        kind = table.classify
        columns.append({"name": kind.column, "role": "measure", "meaning": kind.meaning, "codes": kind.codes})
    elif table.measure_column:
        codes = {item.name: f"{item.label} ({item.code})" for item in table.taken}
        columns.append({"name": table.measure_column, "role": "measure", "meaning": "Wat is geteld", "codes": codes})
    columns.append({"name": "value", "role": "value", "meaning": table.value_meaning, "unit": table.unit})
    meaning = "final: definitief; provisional: voorlopig; withheld: niet vrijgegeven; missing: ontbreekt"
    columns.append({"name": "status", "role": "status", "meaning": meaning})
    return columns
