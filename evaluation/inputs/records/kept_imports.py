"""Kept imports of the programme's records: what a new one changes, putting it in place, and going back.

Every import is a numbered folder data/programme/<deal>/imports/0001 with the workbook (``workbook.xlsx``), what it
is (``import.yml``: its name and sha256, the day, what changed) and the records that it replaced (``before/``).  Going
back is kept in the same way, so that nothing is lost.  What was kept before is not copied but linked.  The folder is
not in git: a workbook may hold more than the records.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import pandas as pd
import yaml

from evaluation.base.errors import UsageError
from evaluation.base.locks import held
from evaluation.base.paths import data_dir, finish_placing, link_or_copy, replace_folder, shown
from evaluation.base.yaml_entries import load_yaml
from evaluation.inputs.records.checked_rows import DATASET_FILE, dataset_text, to_csv, to_text
from evaluation.inputs.records.programme import PROTECTED_TABLES, TABLES, Programme, columns_in
from evaluation.inputs.records.text_tables import WORKBOOK

IMPORTS = "imports"
_NEW = "-new-"
_RECORD, _WORKBOOK, _BEFORE = "import.yml", "workbook.xlsx", "before"
_OWN = {DATASET_FILE, WORKBOOK, *(f"{name}.csv" for name in (*TABLES, *PROTECTED_TABLES))}
"""The files that an import replaces."""

What = Literal["added", "changed", "removed"]


class ChangedMeanwhile(UsageError):
    """Other records stand there than those that a person saw the difference with."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the records that came, went or changed.

    Attributes
    ----------
    what : str    added, changed or removed.
    table, identity : str
    cells : tuple of (column, old, new)
        Of a changed row the cells that differ, of one that came or went its amounts; as the records write them.
    """

    what: What
    table: str
    identity: str
    cells: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_amount(self) -> bool:
        """Whether an amount or a number came, went or changed."""
        return any(_is_amount(column) for column, _, _ in self.cells)


def compare(old: Programme | None, new: Programme) -> tuple[Change, ...]:
    """List what differs between the records that stand there and new ones, row by row.

    Parameters
    ----------
    old, new : Programme or None, Programme
        What stands there (None where it cannot be read: every row is then added), and what would come.

    Returns
    -------
    tuple[Change, ...]
        What the set is first, then table by table; the order of rows is no change.
    """
    changes: list[Change] = []
    if old is not None:
        both = zip(_cells(old.dataset), _cells(new.dataset), strict=True)
        cells = tuple((name, was, now) for (name, was), (_, now) in both if was != now)
        changes += [Change("changed", "dataset", DATASET_FILE, cells)] if cells else []
    for name in TABLES:
        before = {} if old is None else _rows(old, name)
        after = _rows(new, name)
        for identity in [*after, *(key for key in before if key not in after)]:
            if identity not in before:
                cells = tuple((column, "", cell) for column, cell in _amounts(columns_in(new, name), after[identity]))
                changes.append(Change("added", name, identity, cells))
            elif identity not in after:
                cells = tuple((column, cell, "") for column, cell in _amounts(columns_in(new, name), before[identity]))
                changes.append(Change("removed", name, identity, cells))
            elif before[identity] != after[identity]:
                pairs = zip(columns_in(new, name), before[identity], after[identity], strict=True)
                cells = tuple((column, one, other) for column, one, other in pairs if one != other)
                changes.append(Change("changed", name, identity, cells))
    return tuple(changes)


def state_of(deal_id: str) -> str:
    """Tell the records of a deal as they stand there from any others.

    Parameters
    ----------
    deal_id : str
        The deal.

    Returns
    -------
    str
        The same for the same bytes, also where they cannot be read as records.
    """
    folder, found = data_dir() / "programme" / deal_id, hashlib.sha256()
    for name in sorted(_OWN):
        content = (folder / name).read_bytes() if (folder / name).is_file() else None
        found.update(f"{name} {None if content is None else hashlib.sha256(content).hexdigest()}\n".encode())
    return found.hexdigest()


def put_in_place(
    deal_id: str, programme: Programme, workbook: Path, changes: Sequence[Change], *, day: date, since: str
) -> Path:
    """Replace the records of a deal, and keep the workbook and what was there before; whatever else stands there stays.

    Parameters
    ----------
    deal_id, programme, workbook : str, Programme, Path
        The deal, its new records, and what they were read from, which is kept as it is.
    changes, day, since : sequence of Change, date, str
        As of `compare`; the day of the import, for its record; and `state_of` the records that `changes` are about.

    Returns
    -------
    Path
        The folder of the import.

    Raises
    ------
    ChangedMeanwhile
        When other records stand there by now.
    """
    content = workbook.read_bytes()
    record = {
        "file": workbook.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "imported_on": day.isoformat(),
        "status": programme.dataset.status,
        "rows": {what: sum(change.what == what for change in changes) for what in get_args(What)},
    }
    files = {f"{name}.csv": to_csv(columns_in(programme, name), _texts(getattr(programme, name))) for name in TABLES}
    files[DATASET_FILE] = dataset_text(programme.dataset)
    with _locked(deal_id) as folder:
        if state_of(deal_id) != since:
            raise ChangedMeanwhile(f"De registratie van {deal_id} is intussen veranderd; er is niets ingelezen.")
        staging = _stage(folder)
        for name, text in files.items():
            (staging / name).write_text(text, encoding="utf-8", newline="")
        return _keep(folder, staging, record, content)


def last_import(deal_id: str) -> tuple[int, str]:
    """Name the last import that was not undone yet.

    Parameters
    ----------
    deal_id : str
        The deal.

    Returns
    -------
    int, str
        Its number, and the file and the day in words.

    Raises
    ------
    UsageError
        When there is none, or what was kept is damaged.
    """
    records = _records(data_dir() / "programme" / deal_id)
    undone = {record["undoes"] for record in records.values() if "undoes" in record}
    standing = [number for number, record in records.items() if "undoes" not in record and number not in undone]
    if not standing:
        raise UsageError(f"Er is van {deal_id} niets ingelezen om ongedaan te maken; er is niets veranderd.")
    record = records[max(standing)]
    return max(standing), f"{record.get('file')}, {record.get('imported_on')}"


def undo(deal_id: str, number: int, *, day: date) -> Path:
    """Put back the records that stood there before the last import that was not undone yet.

    Parameters
    ----------
    deal_id, number, day : str, int, date
        The deal, the import as of `last_import`, and the day of going back, for its record.

    Returns
    -------
    Path
        The folder in which the undoing is kept, with what stood there.

    Raises
    ------
    UsageError
        When another import is the last by now, or what stood there before is gone.
    """
    with _locked(deal_id) as folder:
        before = folder / IMPORTS / f"{number:04}" / _BEFORE
        if last_import(deal_id)[0] != number:
            raise UsageError(f"Inlezen {number} van {deal_id} is niet meer het laatste; er is niets veranderd.")
        if not before.is_dir():
            raise UsageError(f"{shown(before)} is weg; er is niets veranderd.")
        staging = _stage(folder)
        for path in sorted(before.iterdir()):
            if path.name in _OWN or not (staging / path.name).exists():
                shutil.copy2(path, staging / path.name)
        return _keep(folder, staging, {"undoes": number, "imported_on": day.isoformat()}, None)


@contextmanager
def _locked(deal_id: str) -> Iterator[Path]:
    """Give the folder of a deal's records while nothing else changes it, without what a change left that was killed."""
    parent = data_dir() / "programme"
    busy = f"Another import of {deal_id} is under way"
    with held(parent / f".{deal_id}.lock", busy, wait=30):
        finish_placing()
        _clear(parent, deal_id)
        try:
            yield parent / deal_id
        finally:
            _clear(parent, deal_id)


def _clear(parent: Path, deal_id: str) -> None:
    for unfinished in parent.glob(f".{deal_id}{_NEW}*"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _stage(folder: Path) -> Path:
    """Make the folder that will take the place of the records, with all else that stands there, which is not copied."""
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}{_NEW}", dir=folder.parent))
    if folder.is_dir():
        linked = partial(shutil.copytree, symlinks=True, dirs_exist_ok=True, copy_function=link_or_copy)
        linked(folder, staging, ignore=lambda inside, _: _OWN if Path(inside) == folder else ())
    return staging


def _keep(folder: Path, staging: Path, record: dict, content: bytes | None) -> Path:
    """Add the records that stood there until now and the record of the change, and swap."""
    number = max(_records(folder), default=0) + 1
    kept = staging / IMPORTS / f"{number:04}"
    (kept / _BEFORE).mkdir(parents=True)
    for path in (folder / name for name in sorted(_OWN)):
        if path.is_file():
            link_or_copy(path, kept / _BEFORE / path.name)
    if content is not None:
        (kept / _WORKBOOK).write_bytes(content)
    text = yaml.safe_dump({"number": number, **record}, allow_unicode=True, sort_keys=False)
    (kept / _RECORD).write_text(text, encoding="utf-8", newline="")
    replace_folder(staging, folder)
    return folder / IMPORTS / kept.name


def _records(folder: Path) -> dict[int, dict]:
    """Read what was imported and undone, by number."""
    found = {}
    for path in sorted((folder / IMPORTS).glob(f"[0-9]*/{_RECORD}")):
        try:
            found[int(path.parent.name)] = dict(load_yaml(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, yaml.YAMLError):
            raise UsageError(f"{shown(path)} is beschadigd; er is niets veranderd.") from None
    return found


def _texts(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    for row in frame.to_dict("records"):
        yield {column: to_text(value) for column, value in row.items()}


def _rows(programme: Programme, name: str) -> dict[str, tuple[str, ...]]:
    """Write each row by its identity, as text."""
    return {next(iter(row.values())): tuple(row.values()) for row in _texts(getattr(programme, name))}


def _amounts(columns: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    """List what a row counts or pays: what is not 0."""
    pairs = zip(columns, cells, strict=True)
    return ((column, cell) for column, cell in pairs if _is_amount(column) and cell not in ("", "0"))


def _is_amount(column: str) -> bool:
    return column.endswith("_eur") or column == "quantity"


def _cells(dataset) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in dataset.model_dump().items()]
