"""Neighbourhoods through the years: a region's part of the panel, and how far back its figures may be compared.

A code that two years have in common need not be the same area: compare figures of one unit only within years with the
same `comparable_from`.  `evaluation.statistics.neighbourhood_panel` makes the panel.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from evaluation.base.duck import connect_duckdb, quote_text
from evaluation.base.errors import SnapshotError, UsageError, did_you_mean
from evaluation.base.paths import shown
from evaluation.statistics.neighbourhood_panel import COLUMNS, CONTENTS, build_neighbourhood_panel


def read_neighbourhoods(
    indicator: str,
    municipalities: Sequence[str],
    years: Iterable[int] | None = None,
    *,
    folder: Path | None = None,
    target: Path | None = None,
) -> pd.DataFrame:
    """Read one indicator of the neighbourhoods of a region from the panel, which is made when that is needed.

    Parameters
    ----------
    indicator : str
        Name of a measure of the yearly tables.
    municipalities : Sequence[str]
        GM codes as they were in each year: for a region through the years, those of every year
        (`evaluation.statistics.areas.regions.members`).
    years : Iterable[int] | None
        All by default.
    folder, target : Path | None
        As of `build_neighbourhood_panel`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS` of the panel, is_comparable as a nullable boolean, and comparable_from (int): the year since
        which the unit's code and boundaries did not change.  Ordered by municipality, unit and period.

    Raises
    ------
    UsageError
        When the panel has no such indicator, municipality or year.
    """
    if isinstance(municipalities, str):
        raise UsageError(f"Municipalities {municipalities!r}; expected a list of GM codes.")
    panel = build_neighbourhood_panel(folder=folder, target=target)
    contents = _contents(panel)
    _check_known([indicator], list(contents["indicators"]), "indicator")
    _check_known(municipalities, contents["municipalities"], "municipality")
    wanted = None if years is None else sorted({int(year) for year in years})
    _check_known(wanted or (), contents["indicators"][indicator]["years"], f"year of {indicator}")
    path = panel / contents["indicators"][indicator]["part"]
    codes = ", ".join(map(quote_text, sorted(set(municipalities)))) or "NULL"
    rows = _query(
        path,
        f"SELECT {', '.join(COLUMNS)} FROM read_parquet({quote_text(path)}) "
        f"WHERE indicator = {quote_text(indicator)} AND municipality IN ({codes}) ORDER BY municipality, unit, period",
    )
    rows = rows.astype({"period": int, "value": float, "is_comparable": "boolean"})
    rows["comparable_from"] = _comparable_from(rows)
    return rows if wanted is None else rows[rows["period"].isin(wanted)].reset_index(drop=True)


def neighbourhood_years(indicator: str, *, folder: Path | None = None, target: Path | None = None) -> tuple[int, ...]:
    """Tell of which years the neighbourhoods have an indicator.

    Parameters
    ----------
    indicator : str
        Name of a measure of the yearly tables.
    folder, target : Path | None
        As of `build_neighbourhood_panel`.

    Returns
    -------
    tuple[int, ...]

    Raises
    ------
    UsageError
        When the panel has no such indicator.
    """
    known = _contents(build_neighbourhood_panel(folder=folder, target=target))["indicators"]
    _check_known([indicator], list(known), "indicator")
    return tuple(known[indicator]["years"])


def municipalities_with_neighbourhoods(*, folder: Path | None = None, target: Path | None = None) -> frozenset[str]:
    """Tell which municipalities have neighbourhoods in some year: a table that was seen in part may have one only.

    Parameters
    ----------
    folder, target : Path | None
        As of `build_neighbourhood_panel`.

    Returns
    -------
    frozenset[str]
        GM codes.
    """
    return frozenset(_contents(build_neighbourhood_panel(folder=folder, target=target))["municipalities"])


def _contents(panel: Path) -> dict:
    return json.loads((panel / CONTENTS).read_text(encoding="utf-8"))


def _query(path: Path, query: str) -> pd.DataFrame:
    import duckdb

    try:
        with connect_duckdb() as database:
            return database.execute(query).df()
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise SnapshotError(
            f"{shown(path)} cannot be read ({reason}). Remove {shown(path.parent)}: it is made again."
        ) from None


def _comparable_from(rows: pd.DataFrame) -> pd.Series:
    """Tell since which year each unit's code and boundaries are the same; the rows are ordered by unit and period."""
    is_next = rows["unit"].eq(rows["unit"].shift()) & rows["period"].eq(rows["period"].shift() + 1)
    starts = ~(is_next & rows["is_comparable"].fillna(False).astype(bool))
    return rows.groupby(starts.cumsum())["period"].transform("first").astype(int)


def _check_known(wanted: Iterable, known: Sequence, what: str) -> None:
    for item in wanted:
        if item not in known:
            few = ", ".join(map(str, known[:12])) + (", ..." if len(known) > 12 else "")
            hint = did_you_mean(str(item), [str(name) for name in known])
            raise UsageError(f"There is no {what} {item!r}; there are: {few}." + (f" {hint}" if hint else ""))
