"""Where the municipalities of today lie: which of them border each other, and their place on a tile-grid map.

Read from ``data/regions``; the ``.yml`` beside each table tells what it was derived from.
"""

from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import Fault, InputError, UsageError, did_you_mean
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.statistics.areas.boundary_tables import municipalities_of_today, read_rows
from evaluation.statistics.areas.municipalities import LAST_YEAR

_NEIGHBOUR_COLUMNS = ("code", "neighbour")
_TILE_COLUMNS = ("code", "row", "column")


@dataclass(frozen=True, slots=True)
class Tile:
    """The square of a municipality on the tile-grid map of its province.

    - `code`, `name`: CBS code and name.
    - `row`, `column`: From 1, from the north and from the west.
    """

    code: str
    name: str
    row: int
    column: int


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
    today = tuple(municipalities_of_today(folder=folder))
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


def load_tiles(province: str, *, folder: Path | None = None) -> tuple[Tile, ...]:
    """Read the tile-grid map of a province: a square for each of its municipalities of today, from north to south.

    Parameters
    ----------
    province, folder : str, Path | None
        CBS code, such as ``PV31``; ``data/regions`` by default.

    Returns
    -------
    tuple[Tile, ...]

    Raises
    ------
    InputError
        As of `load_all_tiles`.
    UsageError
        When there is no such province.
    """
    today, found = municipalities_of_today(folder=folder), load_all_tiles(folder=folder)
    mine = [tile for tile in found if today[tile.code].province == province]
    if not mine:
        raise UsageError(f"There is no province {province} with municipalities; such as PV31.")
    return tuple(sorted(mine, key=lambda tile: (tile.row, tile.column)))


def load_all_tiles(*, folder: Path | None = None) -> tuple[Tile, ...]:
    """Read the tiles of all provinces, each on a grid of its own.

    Parameters
    ----------
    folder : Path | None
        ``data/regions`` by default.

    Returns
    -------
    tuple[Tile, ...]
        In the order of the table.

    Raises
    ------
    InputError
        With every row that cannot be right: no municipality of today or one twice, no whole number, a place that
        another has; and with every municipality that has no row.
    """
    folder = folder or data_dir() / "regions"
    today = municipalities_of_today(folder=folder)
    path = folder / "tiles.csv"
    faults: list[Fault] = []
    places: dict[tuple[str, int, int], str] = {}
    found: dict[str, Tile] = {}
    for row, cells in read_rows(path, _content(path), _TILE_COLUMNS, faults):
        code, item = cells["code"], today.get(cells["code"])
        wrong = [name for name in ("row", "column") if not cells[name].isdecimal() or int(cells[name]) < 1]
        faults += [Fault(shown(path), repr(cells[key]), "a whole number from 1", row=row, column=key) for key in wrong]
        if item is None or code in found:
            again = Fault(shown(path), f"{code} again", "each municipality once", row=row, column="code")
            faults.append(again if item else _unknown(path, row, "code", code, tuple(today)))
        elif not wrong:
            tile = Tile(code, item.name, int(cells["row"]), int(cells["column"]))
            other = places.setdefault((item.province, tile.row, tile.column), code)
            if other != code:
                faults.append(Fault(shown(path), f"{code} on the place of {other}", "a place of its own", row=row))
            found[code] = tile
    if not faults:
        absent = [item for code, item in today.items() if code not in found]
        faults = [Fault(shown(path), f"no row for {item.code} {item.name}", "a row and a column") for item in absent]
    if faults:
        raise InputError(faults)
    return tuple(found.values())


def _content(path: Path) -> bytes | None:
    return read_bytes(path) if path.is_file() else None


def _unknown(path: Path, row: int, column: str, code: str, today: tuple[str, ...]) -> Fault:
    expected = f"a municipality of {LAST_YEAR}"
    return Fault(shown(path), code, expected, row=row, column=column, hint=did_you_mean(code, today))
