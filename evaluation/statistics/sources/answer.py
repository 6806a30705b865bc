"""What a publisher answered about one table, in the publisher's own codes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from evaluation.base.errors import did_you_mean
from evaluation.statistics.sources.registry_schema import Table

COLUMNS = ["region", "period", "measure", "value", "mark"]

Progress = Callable[[int, int | None], None]
"""Told the number of rows received, and how many there are to come in all (None where the service does not say)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One table as received.

    - `rows`: Columns region, period, measure (codes, without padding), value (as received), mark (why a value is empty,
      or "None"; None where the publisher has no such mark).
    - `periods`: Period code to the publisher's status word; empty where periods have none.
    - `modified`: The publisher's last change.
    - `received`: Rows as counted by the service.
    - `stated`: What the service says that there are; None where it does not count.
    - `remarks`: What the publisher says of the table as a whole, in Dutch.
    - `looked_at`: What a person has to look at in a spreadsheet, such as rows that are hidden.
    """

    rows: pd.DataFrame
    periods: dict[str, str]
    title: str
    modified: date | None
    received: int
    stated: int | None
    remarks: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()


def absent(wanted: list[str], there: list[str], what: str) -> str | None:
    """Tell which of the wanted names are not there, what is, and which is meant.

    Parameters
    ----------
    wanted, there, what : list[str], list[str], str
        Names that are asked, names that there are, and what they are names of.

    Returns
    -------
    str | None
        None when all are there.

    >>> absent(["Value"], ["Values", "RegioS"], "column")
    "no column 'Value'; there are: Values, RegioS. Did you mean 'Values'?"
    """
    gone = [name for name in wanted if name not in there]
    if not gone:
        return None
    hints = [hint for name in gone if (hint := did_you_mean(name, there))]
    names = ", ".join(map(repr, gone))
    shown = ", ".join(there[:12]) + (", ..." if len(there) > 12 else "")
    return " ".join([f"no {what} {names}; there are: {shown or 'none'}.", *hints])


def day(text: object) -> date | None:
    """Read the day of a moment as the services write it.

    Parameters
    ----------
    text : object
        ``2026-02-17T00:00:00+01:00``.

    Returns
    -------
    date | None
        None for anything else.
    """
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def condition(table: Table, chosen: Mapping[str, Iterable[str]]) -> str:
    """Write the filter of a question, as OData has it.

    Parameters
    ----------
    table, chosen : Table, Mapping[str, Iterable[str]]
        Tells the kinds of region and the first period, if any; dimension to codes, as the service writes them.

    Returns
    -------
    str
    """
    parts = [_any(f"{name} eq '{code}'" for code in codes) for name, codes in chosen.items()]
    parts.append(_any(f"startswith({table.region},'{prefix}')" for prefix in table.regions))
    if table.year is None:
        parts.append(f"{table.period} ge '{table.first_year}{table.period_code}'")
    return " and ".join(parts)


def _any(parts: Iterable[str]) -> str:
    parts = list(parts)
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"
