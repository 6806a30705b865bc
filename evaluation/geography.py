"""Where the municipalities of today lie: which of them border each other.

Read from ``data/regions``; the ``.yml`` beside each table tells what it was derived from.
"""

from __future__ import annotations

from pathlib import Path

from evaluation.boundaries import LAST_YEAR
from evaluation.errors import Fault, InputError, did_you_mean
from evaluation.municipalities import load_municipalities, read_rows
from evaluation.paths import data_dir, read_bytes, shown

_NEIGHBOUR_COLUMNS = ("code", "neighbour")


def load_neighbours(*, folder: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Read which municipalities of today border each other, on the map of CBS and Kadaster.

    Parameters
    ----------
    folder : Path | None
        ``data/regions`` by default.

    Returns
    -------
    dict[str, tuple[str, ...]]
        For each municipality of today, by code, the codes of its neighbours in order; none for an island.  Symmetric.

    Raises
    ------
    InputError
        With every row that cannot be right: no municipality of today, a pair twice or in the wrong order.
    """
    folder = folder or data_dir() / "regions"
    today = _codes_of_today(folder)
    path = folder / "neighbours.csv"
    faults: list[Fault] = []
    found: dict[str, set[str]] = {code: set() for code in today}
    for row, cells in read_rows(path, _content(path), _NEIGHBOUR_COLUMNS, faults):
        unknown = [_unknown(path, row, name, cells[name], today) for name in cells if cells[name] not in today]
        faults.extend(unknown)
        one, other = cells["code"], cells["neighbour"]
        if unknown:
            continue
        if one >= other:
            faults.append(Fault(shown(path), f"{one},{other}", "two codes, the lowest first", row=row))
        elif other in found[one]:
            faults.append(Fault(shown(path), f"{one},{other} again", "each pair once", row=row))
        found[one].add(other)
        found[other].add(one)
    if faults:
        raise InputError(faults)
    return {code: tuple(sorted(neighbours)) for code, neighbours in found.items()}


def _content(path: Path) -> bytes | None:
    return read_bytes(path) if path.is_file() else None


def _codes_of_today(folder: Path) -> tuple[str, ...]:
    return tuple(item.code for item in load_municipalities(folder=folder) if item.exists_in(LAST_YEAR))


def _unknown(path: Path, row: int, column: str, code: str, today: tuple[str, ...]) -> Fault:
    expected = f"a municipality of {LAST_YEAR}"
    return Fault(shown(path), code, expected, row=row, column=column, hint=did_you_mean(code, today))
