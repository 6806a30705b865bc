"""Numbers that a notebook computed as results: identified, with unit, status and the source of what went in."""

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.base.paths import project_root, read_bytes
from evaluation.chapters.context import Context, each_once
from evaluation.inputs.indicators import Design, Indicator
from evaluation.present.results import Result, Status, result

OWN = "own:"
"""How a measure begins that the codebook does not have."""

Source = str | pd.DataFrame | None
_OUTSIDE = "programma"

READ: set[str] = set()
"""Tables of the records that this notebook has read: a number whose rows have no source of their own rests on them."""


@lru_cache(maxsize=1)
def known_measures() -> frozenset[str]:
    """Return the measures of the codebook (reports/codeboek.csv).

    Returns
    -------
    frozenset[str]
    """
    text = read_bytes(project_root() / "reports" / "codeboek.csv").decode("utf-8")
    return frozenset(row["code"] for row in csv.DictReader(text.splitlines()) if row["soort"] == "maat")


def own_results(
    context: Context,
    rows: pd.DataFrame,
    measures: Mapping[str, str],
    *,
    indicator: Indicator | None,
    design: Design | None,
    unit_of_measure: str | None,
    source: Source,
) -> list[Result]:
    """Make a result of each number in some columns.

    A row without a number is recorded where its status says why, and passed over otherwise.

    Parameters
    ----------
    context, rows : Context, DataFrame
        Rows have a column period (else they are of the year), and may have theme, indicator, unit (else the region),
        unit_of_measure, chain, status, source and vintage.
    measures : mapping of str to str
        Column to measure.
    indicator, design, unit_of_measure, source : Indicator | None, Design | None, str | None, str | DataFrame | None
        As of `showing.show`.

    Returns
    -------
    list[Result]

    Raises
    ------
    UsageError
        For rows that cannot be identified, or whose source is not known.
    """
    rows = rows if isinstance(rows.index, pd.RangeIndex) else rows.reset_index()
    if absent := [name for name in measures if name not in rows]:
        found = ", ".join(map(str, rows.columns))
        raise UsageError(f"numbers has no column {', '.join(absent)}; it has: {found}.")
    if indicator is None and "indicator" not in rows:
        raise UsageError("Say of which indicator these numbers are: indicator=... (or design=...).")
    made = []
    for row in rows.to_dict("records"):
        period = int(row.get("period") or context.year)
        of = indicator or context.indicators.get(row["indicator"])
        theme, chain = (of.theme, of.chain) if of else (row.get("theme", _OUTSIDE), row.get("chain", "outcome"))
        name, unit = design.id if design else of.id if of else row["indicator"], row.get("unit") or context.region_unit
        for column, measure in measures.items():
            number = None if row[column] is None or row[column] != row[column] else float(row[column])
            status = _status(context, row, measure, number)
            if status is None:
                continue
            kind = unit_of_measure or row.get("unit_of_measure") or _unit_of(measure, of)
            told = measure if measure in known_measures() else f"{OWN}{measure}"
            where, vintage = _origin(context, row, source, period)
            subject = (theme, name, str(unit), told, number, kind, chain)
            made.append(result(*subject, period=period, status=status, source=where, vintage=vintage))
    return made


def is_own(results: Iterable[Result]) -> bool:
    """Tell whether some of the numbers are an analysis of the evaluator's own, beside what the project declares.

    Parameters
    ----------
    results : iterable of Result
        That are shown together.

    Returns
    -------
    bool
    """
    return any(item.measure.startswith(OWN) for item in results)


def _unit_of(measure: str, indicator: Indicator | None) -> str:
    if indicator is None:
        return "none"
    return "pct" if measure.startswith("gap") and indicator.gap == "relative" else indicator.unit_of_measure


def _status(context: Context, row: dict, measure: str, number: float | None) -> Status | None:
    """Return the status of a number: of a figure its own, else computed; None for one that is just not there."""
    known = row.get("status")
    if number is None:
        return known if known in ("withheld", "missing") else None
    if measure == "value" and isinstance(known, str):
        return known
    return "example" if "source" not in row and rests_on_example(context) else "computed"


def _origin(context: Context, row: dict, source: Source, period: int) -> tuple[str, str]:
    """Return source and vintage: of the row itself, or of the figures of that year that went in, or of the records."""
    if isinstance(row.get("source"), str) and row["source"]:
        return row["source"], str(row.get("vintage") or "")
    if isinstance(source, str):
        return source, ""
    if source is not None:
        same = source[source["period"] == period] if (source["period"] == period).any() else source
        same = same[same["value"].notna()] if same["value"].notna().any() else same
        return each_once(same["source"]), each_once(same["vintage"])
    if READ:
        return context.record_source
    raise UsageError(
        "It is not known where these numbers come from. Give source=: the table that they were computed from, or words."
    )


def rests_on_example(context: Context) -> bool:
    """Tell whether the notebook has read records that are made up.

    Parameters
    ----------
    context : Context
        Of the year that is open.

    Returns
    -------
    bool
    """
    return bool(READ) and context.programme.is_example
