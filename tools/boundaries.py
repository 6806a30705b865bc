"""What changed in the municipalities of the Netherlands, as tables: mergers, splits, corrections and renamings.

Derived from CBS's code list alone; only the share of the inhabitants that a correction concerns needs their number.
Each year, in the root of the repository: ``python -m tools.boundaries RegioSCodes.json 37230ned.csv``.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evaluation.base.errors import Fault, InputError, RegioDealError, UsageError
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.statistics.areas.boundary_tables import CHANGE_COLUMNS, MUNICIPALITY_COLUMNS
from evaluation.statistics.areas.municipalities import FIRST_YEAR, Kind
from tools.code_list import Event, History, read_code_list

ABROAD = "GM0998"
"""CBS's code for what lies over the national border."""


@dataclass(frozen=True, slots=True)
class Move:
    """What went from one municipality to another on one day, told by either or both of them.

    Attributes
    ----------
    kind : str
        merger (the source went over as a whole), split (it was divided), correction (a piece; the source remains, or
        a piece of a dissolved municipality in which nobody lived), or renaming (another name and code, same area).
    homes, inhabitants : int | None
        What moved; None for a renaming, and where the list does not tell.
    total : int | None
        Inhabitants of the source on that day; None where it remains, for the list does not tell them.
    """

    day: date
    source: str
    target: str
    kind: Kind
    hectares: float | None
    homes: int | None
    inhabitants: int | None
    total: int | None

    @property
    def is_whole(self) -> bool:
        """Tell whether all inhabitants of the source went along."""
        return self.kind in ("merger", "renaming")


def list_moves(histories: Sequence[History], *, after: date = date.min, file: str = "code list") -> tuple[Move, ...]:
    """Join what both sides tell into one row for each pair of municipalities and day, ordered by day and codes.

    Parameters
    ----------
    after : date
        Only what happened after this day.

    Raises
    ------
    InputError
        When giver and receiver tell different figures, or a dissolved municipality went nowhere.
    """
    told: dict[tuple[date, str, str], Event] = {}
    faults = []
    for event in (event for history in histories for event in history.events if event.kind != "province"):
        if event.source == event.target or event.day <= after:
            continue
        other = told.setdefault((event.day, event.source, event.target), event)
        if _figures(other) != _figures(event):
            found = f"{_figures(other)} and {_figures(event)} from {event.source} to {event.target} on {event.day}"
            faults.append(Fault(file, found, "the same figures on both sides", key=event.source))
    ends = {(history.until, history.code) for history in histories if history.until and history.until > after}
    gone = ends - {(day, source) for day, source, _ in told}
    faults += [Fault(file, f"{code} ends on {day} and goes nowhere", "its successors", key=code) for day, code in gone]
    if faults:
        raise InputError(faults)
    events = [event for _, event in sorted(told.items())]
    pieces: dict[tuple[date, str], list[int]] = defaultdict(list)
    for event in events:
        if (event.day, event.source) in ends:
            pieces[event.day, event.source].append(event.inhabitants or 0)
    return tuple(_move(event, pieces.get((event.day, event.source))) for event in events)


def write_tables(code_list: Path, folder: Path, *, population: Path) -> tuple[Path, Path]:
    """Derive ``municipalities.csv`` and ``changes.csv`` of `folder` from CBS's code list.

    Municipalities are those that existed on or after 1 January of FIRST_YEAR; changes are those after that day.  What
    came from or went abroad is left out: nobody lived there.

    Parameters
    ----------
    code_list : Path
        JSON file, as `read_code_list` reads it.
    folder : Path
        ``data/regions``; its two tables are replaced.
    population : Path
        StatLine CSV of table 37230ned with the population at the end of each year, by name: of which number the
        inhabitants that moved with a correction are a share.

    Returns
    -------
    tuple[Path, Path]
        The two files.  Their ``.yml`` beside them is written by hand: set ``retrieved`` there.

    Raises
    ------
    InputError
        When a line is not understood, sides contradict each other, or a population is not to be found.
    """
    first = date(FIRST_YEAR, 1, 1)
    histories = read_code_list(code_list)
    moves = list_moves(histories, after=first, file=shown(code_list))
    names = {history.code: history.name for history in histories}
    inhabitants = read_population(population)
    faults = [
        Fault(shown(code_list), f"another province on {event.day}", "one province for each code", key=history.code)
        for history in histories
        for event in history.events
        if event.kind == "province" and event.day > first and event.day not in (history.since, history.until)
    ]
    rows = []
    for move in moves:
        if ABROAD in (move.source, move.target):
            if move.inhabitants:
                found = f"{move.inhabitants} inhabitants from {move.source} to {move.target}"
                faults.append(Fault(shown(code_list), found, "nobody", key=move.source))
            continue
        total = move.total
        if move.kind == "correction" and move.inhabitants:  # its source remains: the list does not tell how many it had
            total = inhabitants.get((names[move.source], move.day.year - 1))
            if total is None:
                found = f"no population of {names[move.source]} at the end of {move.day.year - 1}"
                faults.append(Fault(shown(population), found, "a number"))
        rows.append(_change_row(move, total))
    if faults:
        raise InputError(faults)
    lasting = [item for item in histories if item.until is None or item.until > first]
    spells = [[item.code, item.name, item.province, item.since or "", item.until or ""] for item in lasting]
    written = _write(folder / "municipalities.csv", MUNICIPALITY_COLUMNS, spells)
    return written, _write(folder / "changes.csv", CHANGE_COLUMNS, rows)


def _change_row(move: Move, total: int | None) -> list[object]:
    """Write a move as a row of ``changes.csv``; `total` are the inhabitants of its source."""
    share = "1" if move.is_whole else f"{(move.inhabitants or 0) / (total or 1):.6f}"
    cells = [move.day.isoformat(), move.source, move.target, move.kind, move.homes, move.inhabitants, share]
    return ["" if cell is None else cell for cell in cells]


def read_population(path: Path) -> dict[tuple[str, int], int]:
    """Read a StatLine CSV with one topic: region by name, years in columns.  Cells without a number are left out."""
    rows = list(csv.reader(io.StringIO(read_bytes(path).decode("utf-8-sig")), delimiter=";"))
    head = next((row for row in rows if row and row[0] == "Regio's"), None)
    if head is None:
        raise InputError([Fault(shown(path), "no line that begins with Regio's", "a StatLine CSV with regions")])
    years = [(place, int(cell)) for place, cell in enumerate(head) if cell.isdigit()]
    return {
        (row[0], year): int(row[place])
        for row in rows
        for place, year in years
        if row is not head and len(row) == len(head) and row[place].isdigit()
    }


def _move(event: Event, pieces: list[int] | None) -> Move:
    """Name what an event is; `pieces` are the inhabitants of all parts of a municipality that ends on the day."""
    total = sum(pieces) if pieces is not None else None
    kind: Kind = "correction"
    if event.kind == "renamed":
        kind, total = "renaming", None
    elif pieces is not None and (event.inhabitants or len(pieces) == 1):
        kind = "merger" if event.inhabitants == total else "split"
    return Move(event.day, event.source, event.target, kind, event.hectares, event.homes, event.inhabitants, total)


def _figures(event: Event) -> tuple[object, ...]:
    """Return what both sides of a move must tell alike; their words differ: one is dissolved, another is formed."""
    return (event.kind == "renamed", event.hectares, event.homes, event.inhabitants)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def main(arguments: Sequence[str]) -> int:
    """Write the tables from the two files that are named; tell what is wrong in words, and return the exit code."""
    paths = [Path(argument) for argument in arguments]
    try:
        if len(paths) != 2 or not all(path.is_file() for path in paths):
            raise UsageError(
                "Name two files: python -m tools.boundaries CODES POPULATION "
                "(RegioSCodes of table 03759ned as JSON, table 37230ned as CSV)."
            )
        print(*write_tables(paths[0], data_dir() / "regions", population=paths[1]), sep="\n")
    except RegioDealError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
