"""The outlines of the municipalities of today, simplified, for small maps: where each lies and what shape it has.

Read from ``data/regions/outlines.csv``; the ``.yml`` beside it tells what it was made of.
"""

import re
from collections.abc import Collection
from pathlib import Path

from evaluation.base.errors import Fault, InputError, UsageError
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.statistics.areas.boundary_tables import municipalities_of_today, read_rows

Ring = tuple[tuple[int, int], ...]
"""Points along an edge, in steps of 100 metres: to the east and to the south."""

_COLUMNS = ("code", "part", "points")
_POINTS = re.compile(r"\d+,\d+(?: \d+,\d+){2,}")


def load_outlines(codes: Collection[str], *, folder: Path | None = None) -> dict[str, tuple[Ring, ...]]:
    """Read the outlines of municipalities.

    Parameters
    ----------
    codes, folder : collection of str, Path | None
        CBS codes of municipalities of today; ``data/regions`` by default.

    Returns
    -------
    dict[str, tuple[Ring, ...]]
        For each of them, by code in order, its parts.

    Raises
    ------
    InputError
        With every row of the table that cannot be right (of any municipality): no municipality of today, a part twice,
        no points; and with every municipality that has no row.
    UsageError
        When one of them is no municipality of today.
    """
    folder = folder or data_dir() / "regions"
    today, path = municipalities_of_today(folder=folder), folder / "outlines.csv"
    faults: list[Fault] = []
    found: dict[str, dict[str, Ring]] = {}
    for row, cells in read_rows(path, read_bytes(path) if path.is_file() else None, _COLUMNS, faults):
        code, part = cells["code"], cells["part"]
        if code not in today:
            faults.append(Fault(shown(path), code, "a municipality of today", row=row, column="code"))
        elif part in found.setdefault(code, {}):
            faults.append(Fault(shown(path), f"{code} part {part} again", "each part once", row=row, column="part"))
        elif not _POINTS.fullmatch(cells["points"]):
            expected = "three points or more, as 12,34 with a space between them"
            faults.append(Fault(shown(path), cells["points"][:40], expected, row=row, column="points"))
        else:
            pairs = (point.split(",") for point in cells["points"].split())
            found[code][part] = tuple((int(x), int(y)) for x, y in pairs)
    if not faults:
        absent = [item for code, item in today.items() if code not in found]
        faults = [Fault(shown(path), f"no row for {item.code} {item.name}", "an outline") for item in absent]
    if faults:
        raise InputError(faults)
    if unknown := sorted(set(codes) - set(found)):
        raise UsageError(f"Of {', '.join(unknown)} there is no outline: no municipality of today.")
    return {code: tuple(found[code].values()) for code in sorted(codes)}
