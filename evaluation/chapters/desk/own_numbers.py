"""Numbers that a notebook computed as results: identified, with unit, status and the source of what went in."""

import csv
from collections.abc import Iterable
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


@lru_cache(maxsize=1)
def known_measures() -> frozenset[str]:
    """Return the measures of the codebook (reports/codeboek.csv)."""
    text = read_bytes(project_root() / "reports" / "codeboek.csv").decode("utf-8")
    return frozenset(row["code"] for row in csv.DictReader(text.splitlines()) if row["soort"] == "maat")


def own_results(
    context: Context,
    rows: pd.DataFrame,
    *,
    value: str,
    measure: str,
    indicator: Indicator | None,
    design: Design | None,
    unit_of_measure: str | None,
    source: Source,
) -> list[Result]:
    """Make a result of each row: columns `value`, period, and unit (else the region); status, source and vintage if any.

    A row without a value is recorded where its status says why, and passed over otherwise.  UsageError for rows that
    cannot be identified, or whose source is not known.
    """
    rows = rows if isinstance(rows.index, pd.RangeIndex) else rows.reset_index()
    absent = [name for name in (value, "period") if name not in rows]
    if absent:
        found = ", ".join(map(str, rows.columns))
        raise UsageError(f"numbers has no column {', '.join(absent)}; it has: {found}. A year is in a column period.")
    name = design.id if design else indicator.id if indicator else None
    if name is None:
        raise UsageError("Say of which indicator these numbers are: indicator=... (or design=...).")
    is_known, of = measure in known_measures(), unit_of_measure or _unit_of(measure, indicator)
    told = measure if is_known else f"{OWN}{measure}"
    made = []
    for row in rows.to_dict("records"):
        number = row[value]
        status = _status(row, measure, number)
        if status is None:
            continue
        unit, period = str(row.get("unit") or context.region_unit), int(row["period"])
        origin = _origin(row, source, period)
        subject = (indicator.theme if indicator else _OUTSIDE, name, unit, told, None if number != number else number)
        chain = indicator.chain if indicator else "outcome"
        made.append(
            result(*subject, of, chain, period=period, status=status, source=origin[0], vintage=origin[1])
        )
    return made


def is_own(results: Iterable[Result]) -> bool:
    """Tell whether some of the numbers are an analysis of the evaluator's own, beside what the project declares."""
    return any(item.measure.startswith(OWN) for item in results)


def _unit_of(measure: str, indicator: Indicator | None) -> str:
    if indicator is None:
        return "none"
    return "pct" if measure.startswith("gap") and indicator.gap == "relative" else indicator.unit_of_measure


def _status(row: dict, measure: str, number: float) -> Status | None:
    """Return the status of a number: of a figure its own, else computed; None for one that is just not there."""
    known = row.get("status")
    if number != number or number is None:
        return known if known in ("withheld", "missing") else None
    return known if measure == "value" and isinstance(known, str) else "computed"


def _origin(row: dict, source: Source, period: int) -> tuple[str, str]:
    """Return source and vintage: of the row itself, or of the figures of that year that went in."""
    if isinstance(row.get("source"), str) and row["source"]:
        return row["source"], str(row.get("vintage") or "")
    if isinstance(source, str):
        return source, ""
    if source is not None:
        same = source[source["period"] == period] if (source["period"] == period).any() else source
        same = same[same["value"].notna()] if same["value"].notna().any() else same
        return each_once(same["source"]), each_once(same["vintage"])
    raise UsageError(
        "It is not known where these numbers come from. Give source=: the table that they were computed from, or words."
    )
