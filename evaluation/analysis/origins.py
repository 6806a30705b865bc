"""Where the figures come from that an estimate is made of: of regions or of municipalities, year by year."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import pandas as pd


class Origin(NamedTuple):
    """Where figures of one year come from, of regions or of municipalities, as the panel tells it."""

    is_municipal: bool
    year: int
    source: str
    vintage: str


def origins_of(rows: pd.DataFrame, regions: Collection[str], municipalities: Collection[str]) -> tuple[Origin, ...]:
    """List where figures come from.

    Parameters
    ----------
    rows, regions, municipalities : DataFrame, Collection[str], Collection[str]
        Of a panel, and the units that were used as regions and as municipalities; rows without a value were not.

    Returns
    -------
    tuple[Origin, ...]
        Each once.
    """
    known = rows[rows["value"].notna()]
    found = {
        Origin(is_municipal, int(row.period), row.source, row.vintage)
        for is_municipal, units in ((False, regions), (True, municipalities))
        for row in known[known["unit"].isin(list(units))].itertuples()
    }
    return tuple(sorted(found))


def join_origins(
    origins: Iterable[Origin], *, years: Collection[int] | None = None, municipal: bool = False
) -> tuple[str, str]:
    """Return the sources and the vintages of the figures that went into a number.

    Parameters
    ----------
    origins, years : Iterable[Origin], Collection[int] | None
        Of the estimate; the years of which the figures went in, all by default.
    municipal : bool
        Of the municipalities one by one, and not of the regions.

    Returns
    -------
    tuple[str, str]
        Each joined with "; ", each once; empty where no figures were used.
    """
    used = [item for item in origins if item.is_municipal == municipal and (years is None or item.year in years)]
    sources = {part for item in used for part in item.source.split("; ")}
    vintages = {part for item in used for part in item.vintage.split("; ")}
    return "; ".join(sorted(sources)), "; ".join(sorted(vintages))
