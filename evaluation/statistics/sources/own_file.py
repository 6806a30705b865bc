"""A file that someone was given, as a snapshot: public where its licence allows that, else in the private overlay."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from evaluation.base.errors import Fault, InputError, SnapshotError, UsageError, did_you_mean
from evaluation.base.text import printable
from evaluation.base.zips import Unreadable, read_sent
from evaluation.statistics.areas.codes import code_checker
from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.sources.answer import COLUMNS, Answer
from evaluation.statistics.sources.arrival import MARKS
from evaluation.statistics.sources.fetch import Fetched, check_against_last, store
from evaluation.statistics.sources.own_rows import Rows, read_rows
from evaluation.statistics.sources.registry import Registry
from evaluation.statistics.sources.registry_schema import Table
from evaluation.statistics.sources.spreadsheet import read_workbook

_OPEN_LICENCE = re.compile(r"^(CC BY( \d\.\d)?|CC BY-SA( \d\.\d)?|CC0.*|PDM.*)$", re.IGNORECASE)
_KINDS = ("NL", "LD", "PV", "CR", "GM", "WK", "BU")
_NAME = re.compile(r"^([a-z][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9-]*)$")


@dataclass(frozen=True, slots=True)
class Description:
    """What a person says of a file.

    - `licence`: Terms of use.
    - `private`: Keep it out of the repository and of every bundle.
    - `title`, `publisher`, `meaning`, `unit`: Needed where the register does not know the table; in Dutch.
    - `boundaries`: Of municipalities.
    - `url`: Where a reader can find the figures, if anywhere.
    - `replace`: Take the place of a vintage of today that nobody has committed.
    """

    licence: str
    private: bool = False
    title: str | None = None
    publisher: str | None = None
    meaning: str | None = None
    unit: str | None = None
    boundaries: str | int = "each_year"
    url: str | None = None
    replace: bool = False


def add_file(
    path: Path,
    name: str,
    said: Description,
    registry: Registry,
    *,
    accept: Collection[str] = (),
    today: date | None = None,
    folder: Path | None = None,
) -> Fetched:
    """Add a file as a new vintage; equal figures write nothing.

    A spreadsheet for which the register declares sheet and columns is read by that; any other file as of `own_rows`.
    All codes are checked, and the figures as those that are fetched: by themselves where the register knows the table,
    and always against the last vintage.

    Parameters
    ----------
    path, name, said, registry : Path, str, Description, Registry
        The file, its place among the snapshots (``locatus/winkels``), what a person says of it, and what is known.
    accept, today, folder : Collection[str], date | None, Path | None
        As of `fetch.fetch_table`.

    Returns
    -------
    Fetched

    Raises
    ------
    UsageError, InputError, SourceError
        When the name, licence or description does not do; with every fault in the file; when a check fails.
    """
    if not _NAME.match(name):
        raise UsageError(f"{name!r} is no place for a snapshot; write SOURCE/TABLE, such as locatus/winkels.")
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    table = registry.tables.get(name)
    _check_licence(name, said, table)
    content = _content(path)
    options = {"accept": accept, "today": today, "folder": folder, "licence": said.licence}
    origin = f"Aangeleverd bestand {printable(path.name)} (sha256 {hashlib.sha256(content).hexdigest()[:16]})."
    if table is not None and table.workbook is not None and path.suffix.lower() == ".xlsx":
        taken = table.model_copy(update={"private": said.private, "status": table.status or "final"})
        answer = read_workbook(content, taken)
        _check_codes(path, answer, taken)
        return store(answer, taken, registry, origin=origin, **options)
    is_known = table is not None and table.closed is None
    rows = read_rows(path, content, table.boundaries if is_known else said.boundaries)
    if is_known:
        taken = table.model_copy(update={"private": said.private})
        return store(_as_answer(path, rows, taken, said.title), taken, registry, origin=origin, **options)
    plain = Table(source=name.partition("/")[0], table=name.partition("/")[2], title=name, closed=" ", regions=_KINDS)
    accept = ("coverage", "magnitude") if said.replace else accept
    same, overruled = check_against_last(rows.frame, plain, accept=accept, folder=folder)
    if same is not None:
        return Fetched(name, same, None, len(rows.frame), looked_at=rows.looked_at)
    metadata = _describe(name, said, table, registry, rows.frame, origin, today or date.today())
    try:
        target = add_snapshot(rows.frame, metadata, folder=folder, replace=said.replace)
    except SnapshotError as error:
        raise SnapshotError(f"{error} What was added today and is not in git yet is replaced with: --replace") from None
    return Fetched(name, str(metadata["vintage"]), target, len(rows.frame), overruled, rows.looked_at)


def is_open_licence(licence: str) -> bool:
    """Tell whether terms of use let figures into a public repository.

    Parameters
    ----------
    licence : str
        As a person wrote it.

    Returns
    -------
    bool
    """
    return bool(_OPEN_LICENCE.match(licence.strip()))


def _content(path: Path) -> bytes:
    try:
        return read_sent(path)
    except Unreadable as error:
        raise InputError([Fault(path.name, f"a file that cannot be opened: {error}", "a table of a person")]) from None


def _as_answer(path: Path, rows: Rows, table: Table, title: str | None) -> Answer:
    """Give the rows of a file the form of what a publisher answers, so that the same checks hold for them."""
    frame, faults = rows.frame, []
    codes = {item.name: item.code for item in table.taken}
    if table.classify is not None:
        codes = {code: code for code in table.classify.codes}
    if "measure" not in frame:
        if len(codes) > 1:
            found, expected = "no column measure", f"a column measure with {', '.join(codes)}"
            raise InputError([Fault(path.name, found, expected, row=1)])
        frame = frame.assign(measure=next(iter(codes)))
    for measure in sorted(set(frame["measure"]) - set(codes)):
        expected = f"one of {', '.join(codes)}, as of {table.name}"
        hint = did_you_mean(measure, list(codes))
        faults.append(Fault(path.name, repr(measure), expected, column="measure", hint=hint))
    kinds = tuple(table.regions)
    other = sorted({region[:2] for region in frame["region"] if not region.startswith(kinds)})
    expected = f"regions that begin with {', '.join(kinds)}, as of {table.name}"
    faults += [Fault(path.name, f"regions that begin with {kind}", expected, column="region") for kind in other]
    early = sorted(set(frame.loc[frame["period"] < table.first_year, "period"]))
    expected = f"years from {table.first_year} on, as of {table.name}"
    faults += [Fault(path.name, str(year), expected, column="period") for year in early]
    if faults:
        raise InputError(faults)
    marks = {status: mark for mark, status in MARKS.items() if status is not None}
    periods = frame["period"].astype(str) + table.period_code
    mark = frame["status"].map(lambda status: marks.get(status, "None"))
    answered = frame.assign(period=periods, measure=frame["measure"].map(codes), mark=mark)[COLUMNS]
    final = dict.fromkeys(periods, "Definitief")
    return Answer(answered, final, title or table.title, None, len(frame), None, looked_at=rows.looked_at)


def _check_codes(path: Path, answer: Answer, table: Table) -> None:
    """Check every region of a spreadsheet in the years that it has figures of."""
    judge, faults = code_checker(), []
    found = answer.rows.loc[~answer.rows["region"].isin([*table.drop_regions, *table.rename_regions])]
    for region, period in sorted(set(zip(found["region"], found["period"], strict=True))):
        year = period[:4] if table.boundaries == "each_year" else str(table.boundaries)
        wrong = judge(region, int(year) if year.isdigit() else None)
        if wrong is not None:
            faults.append(Fault(path.name, f"{region!r} in {period[:4]}", *wrong[:1], column="region", hint=wrong[1]))
    if faults:
        raise InputError(faults)


def _check_licence(name: str, said: Description, table: Table | None) -> None:
    if not said.licence.strip():
        raise UsageError(f"{name} needs its terms of use: --licence 'CC BY 4.0', or the words of the agreement.")
    if said.private:
        return
    if table is not None and table.private:
        raise UsageError(
            f"{name} is licensed: add it with --private, which keeps it out of the repository and bundles."
        )
    if not is_open_licence(said.licence):
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
        "url": known.table_url.format(table=number) if known else said.url or "onbekend",
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
