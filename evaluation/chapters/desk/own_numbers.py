"""Numbers that a notebook computed as results: identified, with unit, status and the source of what went in."""

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.base.paths import project_root, read_bytes
from evaluation.chapters.context import Context, each_once
from evaluation.chapters.desk.effect_numbers import effect_results
from evaluation.inputs.indicators import Design, Indicator
from evaluation.present.results import Result, result

OWN = "own:"
"""How a measure begins that the codebook does not have."""

Source = str | pd.DataFrame | None
_OUTSIDE = "programma"

_OF_THE_DEAL = frozenset({"budget", "budget_share_pct", "target", "agreed"})
"""Measures of what the text of the deal says, where a row has its reference."""

_OF_THE_RECORDS = frozenset({
    "value", "committed", "paid", "received", "cofinancing_committed", "cofinancing_paid", "corporations_paid",
    "projects", "shared_projects",
})  # fmt: skip
"""Measures that are sums of the records as they are; every other is computed from them."""

_UNITS = {"per_unit": "EUR", "projects": "count", "shared_projects": "count", "residual": "EUR"}
"""Of measures of the records of which the name does not tell the unit."""

_CHAINS = {
    **dict.fromkeys(("paid", "committed", "corporations_paid", "leverage_cofinancing", "leverage_rijk"), "input"),
    "per_unit": "output", "projects": "process", "shared_projects": "process",
}  # fmt: skip
"""Where measures of the records stand in the results chain, unless the row says so."""

_YARDSTICKS: dict[str, tuple[str, ...]] = {
    "change": (),
    "change_pct": (),
    "gap_rest_change": ("rest_unit",),
    "gap_benchmark_distance_change": ("benchmark_unit",),
} | {
    f"gap_{name}{kind}": (f"{name}_unit",)
    for name in ("benchmark", "rest")
    for kind in ("", "_base", "_level", "_pct", "_base_pct")
}
"""Measures of an indicator that are computed from figures, with what a unit is compared with."""

READ: set[str] = set()
"""Tables of the records that this notebook has read: a number whose rows have no source of their own rests on them."""


@lru_cache(maxsize=1)
def known_measures() -> dict[str, str]:
    """Return the measures of the codebook (reports/codeboek.csv), each with its name in Dutch.

    Returns
    -------
    dict[str, str]
    """
    text = read_bytes(project_root() / "reports" / "codeboek.csv").decode("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: row["naam"] for row in rows if row["soort"] == "maat"}


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

    A row without a number is recorded where its status says why (withheld, missing, not measured), or where what is
    computed from the records has no answer, and passed over otherwise.

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
    if not measures:
        raise UsageError("Say which column has the numbers, and what they are: value=..., measure=...")
    rows = rows if isinstance(rows.index, pd.RangeIndex) else rows.reset_index()
    if absent := [name for name in measures if name not in rows]:
        found = ", ".join(map(str, rows.columns))
        raise UsageError(f"numbers has no column {', '.join(absent)}; it has: {found}.")
    if indicator is None and "indicator" not in rows:
        raise UsageError("Say of which indicator these numbers are: indicator=... (or design=...).")
    if design is not None and design.has_placebos:
        named = {column: named_measure(measure) for column, measure in measures.items()}
        return effect_results(context, rows, named, design=design, unit_of_measure=unit_of_measure, source=source)
    pairs = [(row, measures) for row in rows.to_dict("records")]
    plain = {column: measure for column, measure in measures.items() if measure == "value"}
    pairs += [(row, plain) for row in at_base(rows).to_dict("records")] if plain else []
    made = []
    for row, wanted in pairs:
        of = indicator or indicator_of(context, row)
        name = design.id if design else of.id if of else row["indicator"]
        for column, measure in wanted.items():
            number = None if row[column] is None or row[column] != row[column] else float(row[column])
            told = "pct" if measure.endswith("_pct") else _text(row, "unit_of_measure")
            kind = unit_of_measure or told or _unit_of(measure, of)
            number = _result(context, row, of, (name, measure, number, kind), source)
            made += [] if number is None else [number]
    return made


def indicator_of(context: Context, row: Mapping[str, Any]) -> Indicator | None:
    """Return the indicator of the deal's register that a row is about.

    Parameters
    ----------
    context, row : Context, mapping
        With a column indicator, and a theme where it tells one.

    Returns
    -------
    Indicator | None
        None where the row is of another theme: all deals together have outcomes of the same name.
    """
    found = context.indicators.get(row["indicator"])
    return None if found is None or str(row.get("theme", found.theme)) != str(found.theme) else found


def at_base(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the levels of the year that rows start from (`Year.levels`) as rows of their own; none of other rows.

    Parameters
    ----------
    rows : DataFrame
        With columns base and base_year, or without.

    Returns
    -------
    DataFrame
        The columns of `rows` but base and base_year; period and value are of the base.
    """
    if not {"base", "base_year"} <= set(rows):
        return rows.iloc[:0]
    kept = rows[rows["base_year"].notna()].drop(columns=["period", "value", "status", "source", "vintage"])
    told = {name: name.removeprefix("base_") for name in ("base_status", "base_source", "base_vintage")}
    return kept.rename(columns={"base_year": "period", "base": "value", **told})


def _result(
    context: Context, row: dict, of: Indicator | None, number: tuple[str, str, float | None, str], source: Source
) -> Result | None:
    """Make the result of a number: of the text of the deal, of the records, or of figures; None for one that is not there."""
    name, measure, value, kind = number
    period, told = int(row.get("period") or context.year), named_measure(measure)
    theme, chain = (
        (of.theme, of.chain)
        if of
        else (row.get("theme", _OUTSIDE), _text(row, "chain") or _CHAINS.get(measure, "outcome"))
    )
    unit = str(row.get("unit") or context.region_unit)
    unit = "doel" if measure == "target" and unit == "geleverd" else unit
    known, is_agreed, is_sum = row.get("status"), measure in _OF_THE_DEAL, measure in _OF_THE_RECORDS
    is_of_records = source is None and not _text(row, "source") and bool(READ or _text(row, "reference"))
    if value is None and known == "not measured":
        if measure != "value":
            return None
    elif (value is None and (is_agreed or (measure != "value" and not is_of_records))) or (
        value is None and known not in ("withheld", "missing") and (is_sum or not is_of_records)
    ):
        return None
    subject = (theme, name, unit, told, value, kind)
    if is_of_records:
        if measure == "path":
            return context.path(theme, name, value, kind, chain)
        if is_agreed and _text(row, "reference"):
            return context.agreement(*subject, row["reference"], chain, period=period)
        if value is None and known == "not measured":
            return context.agreement(*subject, row["reference"], chain, status="not measured", period=period)
        is_withheld = value is None and known == "withheld"
        return context.record(*subject, chain, computed=not is_sum, withheld=is_withheld, period=period)
    if is_agreed and source is None and _text(row, "reference"):  # of another deal than that of the desk
        return result(*subject, chain, period=period, status="agreed", source=row["reference"])
    where, vintage = _origin(context, row, of, measure, source)
    keeps = known and (measure == "value" or (of is None and (is_sum or known == "example")))
    status = known if value is None or keeps else "computed"
    return result(*subject, chain, period=period, status=status, source=where, vintage=vintage)


def named_measure(measure: str) -> str:
    """Return a measure as the codebook has it, or marked as the evaluator's own.

    Parameters
    ----------
    measure : str
        As the evaluator named it.

    Returns
    -------
    str
    """
    return measure if measure in known_measures() else OWN + measure


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


def _text(row: dict, name: str) -> str:
    """Return the text in a column of a row; nothing where it has none."""
    return row[name] if isinstance(row.get(name), str) else ""


def _unit_of(measure: str, indicator: Indicator | None) -> str:
    if indicator is not None:
        is_told = measure.startswith(("gap", "expected", "distance_to_trend")) and not measure.endswith("_level")
        return "pct" if is_told and indicator.gap == "relative" else indicator.unit_of_measure
    if measure in _UNITS:
        return _UNITS[measure]
    if measure in _OF_THE_RECORDS | _OF_THE_DEAL and measure not in ("value", "target"):
        return "pct" if measure.endswith("_pct") else "EUR"
    last = measure.rpartition("_")[2]
    return {"ratio": "EUR_per_EUR", "pct": "pct", "pp": "pp"}.get(last, "none")


def _origin(context: Context, row: dict, of: Indicator | None, measure: str, source: Source) -> tuple[str, str]:
    """Return source and vintage: as told, of the figures that the codebook says go in, of the table given, or of the row."""
    if isinstance(source, str):
        return source, ""
    own = _text(row, "source"), _text(row, "vintage")
    if measure == "value" and own[0]:
        return own
    period = int(row.get("period") or context.year)
    if of is not None and measure in _YARDSTICKS and any(known := _of_the_measure(context, row, of, measure, period)):
        return known
    if source is not None:
        same = source[source["indicator"] == row["indicator"]] if {"indicator"} <= set(source) & set(row) else source
        same = same[same["period"] == period] if (same["period"] == period).any() else same
        same = same[same["value"].notna()] if same["value"].notna().any() else same
        return each_once(same["source"]), each_once(same["vintage"])
    if own[0]:
        return own
    raise UsageError(
        "It is not known where these numbers come from. Give source=: the table that they were computed from, or words."
    )


def _of_the_measure(context: Context, row: dict, of: Indicator, measure: str, period: int) -> tuple[str, str]:
    """Return the origin of a change or a gap: of the unit and what it is compared with, in the years that it is about."""
    base, _ = context.years_of(of)
    units = [str(row.get("unit") or context.region_unit)]
    units += [getattr(context, name) for name in _YARDSTICKS[measure]]
    years = [base, period] if "change" in measure else [base] if "_base" in measure else [period]
    return context.origin_of(of, units, [year for year in years if year is not None])
