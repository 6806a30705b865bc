"""An altered file beside its original: which cell or line was changed, from what to what."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

from evaluation.base.duck import connect_duckdb, quote_text
from evaluation.base.zips import is_heavy

FileState = Literal["altered", "missing", "added", "unlike"]
_CHANGES_NAMED = 50
"""More changes than this in one file are counted and not named."""
_LONGEST = 1_000
"""Letters of a line or a cell that are shown."""
_MOST_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """One place in a file that is not as it was."""

    row: int  # as a spreadsheet counts, the header (or first line) being 1
    column: str  # name of the column; empty for a whole row or a line of text
    expected: str | None  # what stood there; None where there is no such row
    got: str | None
    key: str = ""  # the other cells of the row, to find it by

    def __str__(self) -> str:
        place = f"row {self.row}" + (f", column {self.column}" if self.column else "")
        place += f" ({self.key})" if self.key else ""
        if self.expected is None:
            return f"{place}: {self.got!r} was added"
        return (
            f"{place}: {self.expected} was removed" if self.got is None else f"{place}: {self.expected} -> {self.got}"
        )


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of a bundle that is not as it was made."""

    name: str
    state: FileState  # altered, missing, added (not used), or unlike what is made here
    places: tuple[PlaceChange, ...] = ()  # what was changed, where that can be told; at most `_CHANGES_NAMED`
    count: int = 0
    note: str = ""  # what is wrong with it, where its state does not say that
    is_harmless: bool = False  # the note says why it may be so without anybody's doing

    @property
    def counts(self) -> bool:
        """Whether the bundle is another by it: a file that was put beside the others is not used."""
        return self.state != "added" and not self.is_harmless

    @property
    def words(self) -> str:
        """What was changed, in one line."""
        if self.state in ("missing", "added"):
            return self.note or self.state
        if self.note and not self.count:
            return self.note
        if not self.count:
            return "other bytes (the same cells or lines, or no copy to compare with)"
        more = f"; and {self.count - len(self.places)} more" if self.count > len(self.places) else ""
        return (f"{self.note}: " if self.note else "") + "; ".join(map(str, self.places)) + more


def find_changes(name: str, original: bytes, found: bytes) -> FileChange:
    """Lay an altered file beside its original: .csv and .parquet by cell, text by line; a very large one not."""
    try:
        if is_heavy(original) or is_heavy(found):
            return FileChange(name, "altered")
        if name.endswith((".csv", ".parquet")):
            changes = _cells(_rows(name, original), _rows(name, found))
        else:
            changes = _lines(original.decode("utf-8").split("\n"), found.decode("utf-8").split("\n"))
        places = tuple(_shortened(change) for change in islice(changes, _CHANGES_NAMED))
        return FileChange(name, "altered", places, len(places) + sum(1 for _ in changes))
    except (UnicodeDecodeError, csv.Error, OSError):
        return FileChange(name, "altered")


def _shortened(change: PlaceChange) -> PlaceChange:
    """Cut what was changed to what a person reads of it."""
    texts = {name: text for name in ("column", "expected", "got", "key") if (text := getattr(change, name))}
    return replace(change, **{name: text[:_LONGEST] for name, text in texts.items()})


def _rows(name: str, content: bytes) -> list[list[str]]:
    if name.endswith(".csv"):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    import duckdb

    with tempfile.TemporaryDirectory(prefix="regiodeal-") as folder, connect_duckdb(memory_mb=200) as database:
        path = Path(folder) / "table.parquet"
        path.write_bytes(content)
        try:
            query = database.execute(f"SELECT * FROM read_parquet({quote_text(path)})")
            header = [column[0] for column in query.description]
            rows = query.fetchmany(_MOST_CELLS // len(header))
            if query.fetchone() is not None:
                raise OSError("more cells than are compared")
            return [header, *(["" if cell is None else str(cell) for cell in row] for row in rows)]
        except duckdb.Error as error:
            raise OSError(str(error)) from None


def _middle(old: Sequence, new: Sequence) -> tuple[int, int, int]:
    """Leave out what is equal at both ends: where the rest begins, and where it ends in each."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, len(old) - end, len(new) - end


def _cells(old: list[list[str]], new: list[list[str]]) -> Iterator[PlaceChange]:
    start, old_end, new_end = _middle(old, new)
    header = old[0] if old else []
    if old_end != new_end or start == 0:  # rows came or went, or the header is another
        yield from _whole(old, new, start, old_end, new_end, lambda row: ",".join(row))
        return
    for position in range(start, old_end):
        before, now = old[position], new[position]
        if len(before) != len(header) or len(now) != len(header):
            if before != now:
                yield PlaceChange(position + 1, "", ",".join(before), ",".join(now))
            continue
        for place, column in enumerate(header):
            if before[place] != now[place]:
                key = " ".join(cell for other, cell in enumerate(before[:4]) if cell and other != place)
                yield PlaceChange(position + 1, column, before[place], now[place], key)


def _lines(old: list[str], new: list[str]) -> Iterator[PlaceChange]:
    start, old_end, new_end = _middle(old, new)
    if old_end != new_end:
        yield from _whole(old, new, start, old_end, new_end, str)
        return
    for position in range(start, old_end):
        if old[position] != new[position]:
            yield PlaceChange(position + 1, "", old[position].strip(), new[position].strip())


def _whole(old: Sequence, new: Sequence, start: int, old_end: int, new_end: int, write) -> Iterator[PlaceChange]:
    for position in range(start, old_end):
        yield PlaceChange(position + 1, "", write(old[position]), None)
    for position in range(start, new_end):
        yield PlaceChange(position + 1, "", None, write(new[position]))
