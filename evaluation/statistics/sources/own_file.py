"""A file that someone was given, as a snapshot: public where its licence allows that, else in the private overlay."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from evaluation.base.errors import Fault, InputError, UsageError, did_you_mean
from evaluation.statistics.snapshot_schema import STATUSES
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.sources.fetch import Fetched, last_vintage, store
from evaluation.statistics.sources.registry import Registry
from evaluation.statistics.sources.registry_schema import Table
from evaluation.statistics.sources.spreadsheet import read_figure, read_workbook

_REQUIRED = ("region", "period", "value")
_OPTIONAL = ("measure", "status")
_REGION = re.compile(r"^(NL|LD|PV|CR|GM|WK|BU)[A-Z0-9]{2,8}$")
_OPEN_LICENCE = re.compile(r"^(CC BY( \d\.\d)?|CC BY-SA( \d\.\d)?|CC0.*|PDM.*)$", re.IGNORECASE)
_NAME = re.compile(r"^([a-z][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9-]*)$")
_STATUS_OF_MARK = {"None": "final", "Provisional": "provisional", "Confidential": "withheld", "NotAvailable": "missing"}


@dataclass(frozen=True, slots=True)
class Description:
    """What a person says of a file.

    - `licence`: Terms of use.
    - `private`: Keep it out of the repository and of every bundle.
    - `title`, `publisher`, `meaning`, `unit`: Needed where the register does not know the table; in Dutch.
    - `boundaries`: Of municipalities.
    """

    licence: str
    private: bool = False
    title: str | None = None
    publisher: str | None = None
    meaning: str | None = None
    unit: str | None = None
    boundaries: str | int = "each_year"


def add_file(
    path: Path,
    name: str,
    said: Description,
    registry: Registry,
    *,
    today: date | None = None,
    folder: Path | None = None,
) -> Fetched:
    """Add a file as a new vintage; equal figures write nothing.

    A spreadsheet for which the register declares sheet and columns is read by that; any other file is a table (CSV with
    comma or semicolon, or the first sheet of an .xlsx) with the columns region, period and value, and perhaps measure
    and status.  The signs of CBS (``.``, ``x``, ``-``, ``*``) keep their meaning; a row without a value is left out.

    Parameters
    ----------
    path, name : Path, str
        The file, and its place among the snapshots: ``locatus/winkels``.
    said, registry : Description, Registry
        What a person says of it, and what is known of its table and publisher.
    today, folder : date | None, Path | None
        The vintage, and the folder of the snapshots; today and that of the project by default.

    Returns
    -------
    Fetched

    Raises
    ------
    UsageError
        When the name, licence or description does not do.
    InputError
        With every fault in the file.
    SourceError
        When a spreadsheet is not as the register declares.
    """
    if not _NAME.match(name):
        raise UsageError(f"{name!r} is no place for a snapshot; write SOURCE/TABLE, such as locatus/winkels.")
    table = registry.tables.get(name)
    _check_licence(name, said, table)
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    content = path.read_bytes()
    origin = f"Aangeleverd bestand {path.name} (sha256 {hashlib.sha256(content).hexdigest()[:16]})."
    if table is not None and table.workbook is not None and path.suffix.lower() == ".xlsx":
        taken = table.model_copy(update={"private": said.private, "status": table.status or "final"})
        answer = read_workbook(content, taken)
        return store(answer, taken, registry, origin=origin, today=today, folder=folder, licence=said.licence)
    frame = _read_tidy(path, content)
    source, _, short = name.partition("/")
    last = last_vintage(source, short, folder=folder)
    if last is not None and last.holds(frame):
        return Fetched(name, last.metadata.vintage.isoformat(), None, len(frame))
    metadata = _describe(name, said, table, registry, frame, origin, today or date.today())
    target = add_snapshot(frame, metadata, folder=folder)
    return Fetched(name, str(metadata["vintage"]), target, len(frame))


def _check_licence(name: str, said: Description, table: Table | None) -> None:
    if not said.licence.strip():
        raise UsageError(f"{name} needs its terms of use: --licence 'CC BY 4.0', or the words of the agreement.")
    if said.private:
        return
    if table is not None and table.private:
        raise UsageError(
            f"{name} is licensed: add it with --private, which keeps it out of the repository and bundles."
        )
    if not _OPEN_LICENCE.match(said.licence.strip()):
        hint = "add it with --private, or name an open licence (CC BY, CC BY-SA, CC0, PDM)"
        raise UsageError(f"{said.licence!r} does not let {name} into the repository: {hint}.")


def _describe(
    name: str,
    said: Description,
    table: Table | None,
    registry: Registry,
    frame: pd.DataFrame,
    origin: str,
    vintage: date,
) -> dict[str, object]:
    source, _, short = name.partition("/")
    known = registry.publishers.get(source)
    title = said.title or (table.title if table else None)
    publisher = said.publisher or (known.name if known else None)
    meaning = said.meaning or (table.value_meaning if table else None)
    unit = said.unit or (table.unit if table else None)
    given = {"--title": title, "--publisher": publisher, "--meaning": meaning, "--unit": unit}
    absent = [option for option, value in given.items() if not value]
    if absent:
        raise UsageError(f"data/sources.yml does not say everything of {name}; say it with {', '.join(absent)}.")
    number = table.number if table else short
    columns = [
        {"name": "region", "role": "region", "meaning": "CBS-code van het gebied"},
        {"name": "period", "role": "period", "meaning": "Jaar"},
        {"name": "measure", "role": "measure", "meaning": "Wat is geteld"},
        {"name": "value", "role": "value", "meaning": meaning, "unit": unit},
        {"name": "status", "role": "status", "meaning": "final, provisional, withheld of missing"},
    ]
    return {
        "source": source,
        "table": short,
        "vintage": vintage.isoformat(),
        "title": title,
        "publisher": publisher,
        "publisher_table": number,
        "url": known.table_url.format(table=number) if known else "onbekend",
        "licence": said.licence.strip(),
        "licence_url": known.licence_url if known else "onbekend",
        "attribution": known.attribution.format(table=number) if known else f"Bron: {publisher}",
        "retrieved": vintage.isoformat(),
        "modified_at_source": None,
        "modified_note": "Het bestand noemt geen wijzigingsdatum.",
        "origin": origin,
        "private": said.private,
        "boundaries": said.boundaries,
        "provisional_rule": "Zoals het bestand zelf zegt; zonder status of sterretje zijn de cijfers definitief.",
        "made_by": "Overgenomen zoals aangeleverd; niets opgeteld.",
        "columns": [column for column in columns if column["name"] in frame],
    }


def _read_tidy(path: Path, content: bytes) -> pd.DataFrame:
    """Read a table with our columns; every fault at once."""
    rows = _xlsx_rows(path, content) if path.suffix.lower() == ".xlsx" else _csv_rows(path, content)
    header = [str(cell or "").strip() for cell in rows[0]] if rows else []
    faults = _header_faults(path, header)
    if faults:
        raise InputError(faults)
    taken: list[dict[str, object]] = []
    seen: dict[tuple, int] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if not any(str(cell or "").strip() for cell in cells):
            continue
        line = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
        row = _read_row(path, number, line, faults)
        if row is None:
            continue
        key = (row["region"], row["period"], row.get("measure"))
        if key in seen:
            place = " ".join(str(part) for part in key if part is not None)
            faults.append(Fault(path.name, f"{place} again (first in row {seen[key]})", "each once", row=number))
        seen.setdefault(key, number)
        taken.append(row)
    if not taken and not faults:
        faults.append(Fault(path.name, "no figures", "a row for each figure"))
    if faults:
        raise InputError(faults)
    frame = pd.DataFrame(taken)
    names = [name for name in ("region", "period", "measure", "value", "status") if name in frame]
    order = [name for name in ("measure", "region", "period") if name in frame]
    return frame.sort_values(order, ignore_index=True)[names]


def _header_faults(path: Path, header: list[str]) -> list[Fault]:
    known = [*_REQUIRED, *_OPTIONAL]
    faults = [
        Fault(path.name, f"no column {name}", f"columns {', '.join(_REQUIRED)}", row=1)
        for name in _REQUIRED
        if name not in header
    ]
    faults += [
        Fault(path.name, f"column {name!r}", f"one of {', '.join(known)}", row=1, hint=did_you_mean(name, known))
        for name in header
        if name not in known
    ]
    return faults


def _read_row(path: Path, number: int, line: dict[str, object], faults: list[Fault]) -> dict[str, object] | None:
    """Read one row; None where it has no figure or a fault."""
    text = {name: str(cell if cell is not None else "").strip() for name, cell in line.items()}
    found: list[Fault] = []

    def fault(column: str, expected: str) -> None:
        found.append(Fault(path.name, repr(text[column]), expected, row=number, column=column))

    if not _REGION.match(text["region"]):
        fault("region", "a CBS code such as GM0917")
    if not re.fullmatch(r"(19|20)\d\d", text["period"]):
        fault("period", "a year")
    if "measure" in text and not text["measure"]:
        fault("measure", "a name of what is counted")
    value, mark = None, "Impossible"
    try:
        value, mark = read_figure(_plain(line["value"]))
    except ValueError:
        fault("value", "a number, or one of the signs . x -")
    status = text.get("status") or _STATUS_OF_MARK.get(mark, "")
    if status and status not in STATUSES:
        fault("status", f"one of {', '.join(STATUSES)}")
    elif status and not found and (value is None) != (status in ("withheld", "missing")):
        fault("status" if "status" in text else "value", "a value where it is final or provisional, and only there")
    faults.extend(found)
    if found or not status:
        return None
    row: dict[str, object] = {"region": text["region"], "period": int(text["period"])}
    if "measure" in text:
        row["measure"] = text["measure"]
    return row | {"value": value, "status": status}


def _plain(cell: object) -> object:
    """Read a plain number with a decimal point as such; a dot before three digits would else be for thousands."""
    if isinstance(cell, str) and re.fullmatch(r"-?\d+(\.\d+)?", cell.strip()):
        return float(cell)
    return cell


def _csv_rows(path: Path, content: bytes) -> list[list[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError([Fault(path.name, "bytes that are not UTF-8", "a CSV in UTF-8, or an .xlsx")]) from None
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    return [list(row) for row in csv.reader(io.StringIO(text), delimiter=separator)]


def _xlsx_rows(path: Path, content: bytes) -> list[list[object]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        raise InputError([Fault(path.name, "a file that cannot be opened", "an .xlsx file")]) from None
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
