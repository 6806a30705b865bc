"""Make a snapshot of what a publisher sends, or of a file that someone was given."""

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
from evaluation.statistics.sources.arrival import to_tidy
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
    SourceError, SnapshotError
        When the table cannot be fetched, or a check fails; when there is already another vintage of the same day.
    """
    if table.closed is not None:
        raise SourceError(f"cannot be fetched: {table.reason}", table=table.name)
    service = registry.services[table.service or ""]
    address = service.address(base_url)
    with Client(table.name, address, patience=patience, sleep=sleep) as client:
        answer = PROTOCOLS[service.protocol].load().read(client, table, report=report)
    origin = f"{registry.publishers[table.source].name}, tabel {table.number}, opgehaald bij {address}."
    return store(answer, table, registry, origin=origin, accept=accept, today=today, folder=folder)


def check_table(
    table: Table, registry: Registry, *, base_url: str | None = None, patience: Patience | None = None
) -> int | None:
    """Ask a service whether a table is still as registered: its number, dimensions, codes and columns; no rows.

    Parameters
    ----------
    table, registry, base_url, patience : Table, Registry, str | None, Patience | None
        As of `fetch_table`.

    Returns
    -------
    int | None
        How many rows there are to take; None where the service tells nothing of its tables (a file).

    Raises
    ------
    SourceError
        With the first thing that is not as registered.
    """
    service = registry.services[table.service or ""]
    protocol = PROTOCOLS[service.protocol].load()
    if not hasattr(protocol, "check"):
        return None
    with Client(table.name, service.address(base_url), patience=patience) as client:
        return protocol.check(client, table)


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
    if table.name not in {item.name for item in list_snapshots(folder=folder, include_private=True)}:
        return None, ()
    last = open_snapshot(table.source, table.table, folder=folder, include_private=True)
    if last.holds(frame):
        return last.metadata.vintage.isoformat(), ()
    failed = _compare(frame, last, table)
    refused = [
        f"{found}; nothing was written (when that is right: --accept {check})"
        for check, found in failed.items()
        if check not in accept
    ]
    if refused:
        raise SourceError(". ".join(refused), table=table.name)
    return None, tuple(failed)


def _compare(frame: pd.DataFrame, last: Snapshot, table: Table) -> dict[str, str]:
    """Say by the name of each check (coverage, magnitude) what is gone, and what differs more than declared."""
    keys = [name for name in frame.columns if name not in ("value", "status")]
    before = last.frame[last.frame["region"].str.startswith(table.regions)]
    if not set(keys) <= set(before.columns):
        found = f"columns {', '.join(frame.columns)}; the last vintage has {', '.join(last.frame.columns)}"
        return {"coverage": found}
    both = before.merge(frame, on=keys, how="left", suffixes=("_old", ""), indicator=True)
    since = last.metadata.vintage.isoformat()
    failed = {}
    gone = both[(both["_merge"] == "left_only") | (both["value_old"].notna() & both["value"].isna())]
    if len(gone):
        failed["coverage"] = f"{len(gone)} figures of vintage {since} are gone, such as {_place(gone.iloc[0], keys)}"
    change = (both["value"] / both["value_old"].where(both["value_old"].abs() >= table.checks.floor) - 1).abs()
    if (change > table.checks.change).any():
        worst = both.loc[change.idxmax()]
        failed["magnitude"] = (
            f"{int((change > table.checks.change).sum())} figures differ by more than {table.checks.change:.0%} from "
            f"vintage {since}, most {_place(worst, keys)}: {worst['value_old']:g} became {worst['value']:g}"
        )
    return failed


def _place(row: pd.Series, keys: list[str]) -> str:
    return " ".join(str(row[key]) for key in keys)


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
