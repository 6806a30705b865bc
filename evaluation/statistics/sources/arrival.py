"""Check what a publisher sent, before anything is written, and bring it into our columns."""

import pandas as pd

from evaluation.base.errors import SourceError
from evaluation.statistics.areas.boundary_tables import load_municipalities
from evaluation.statistics.sources.answer import Answer, absent
from evaluation.statistics.sources.registry_schema import BOUNDARY_CHANGE, Table

ACCEPTABLE = ("coverage", "magnitude")
"""Checks against the last vintage that a person can overrule by name, after looking."""

MARKS = {
    "None": None,
    "Provisional": "provisional",
    "Confidential": "withheld",
    "NotAvailable": "missing",
    "Missing": "missing",
    "Impossible": "absent",
}
"""Why a publisher's figure is not an ordinary one, and what we call that."""
_PERIOD_STATUS = {"Definitief": "final", "Voorlopig": "provisional", "NaderVoorlopig": "provisional"}
_KEYS = ["region", "period", "measure"]
_LENGTHS = {"WK": 8, "BU": 10}
"""Of the code of a district (municipality and two digits) and of a neighbourhood (two digits more)."""

_CHANGES = (1, 2, 3)


def to_tidy(answer: Answer, table: Table, *, is_whole: bool = True) -> pd.DataFrame:
    """Check an answer by itself and bring it into our columns.

    Checked: as many rows as the service states, no row twice, numbers, known marks and period statuses, figures within
    the range of their measure, the country in each period, and its total against the sum of its parts; that the
    district and municipality of a neighbourhood are there too, and that a change of its boundaries is told in a known
    code.

    Parameters
    ----------
    answer, table : Answer, Table
        As received, and as registered.
    is_whole : bool
        False where a part of the regions is accepted: the country may then be absent, and is not added up.

    Returns
    -------
    DataFrame
        Columns region, period (year), the measure column where there is one, value and status; ordered by measure,
        region and period.

    Raises
    ------
    SourceError
        With the first check that fails.
    """
    _check_rows(answer, table)
    rows = answer.rows[answer.rows["period"].str[4:] == table.period_code]
    rows = rows[rows["region"].str.startswith(table.regions)]
    rows = rows.assign(
        region=rows["region"].replace(table.rename_regions),
        value=_numbers(rows, table),
        status=_statuses(rows, answer.periods, table),
        period=rows["period"].str[:4].astype(int),
    )
    rows = rows[(rows["status"] != "absent") & (rows["period"] >= table.first_year)]
    if rows.empty:
        raise SourceError(f"no figures from {table.first_year} on for {', '.join(table.regions)}", table=table.name)
    _check_measures(rows, table)
    _check_ranges(rows, table)
    if is_whole:
        _check_country(rows, table)
    _check_neighbourhoods(rows, table)
    rows = rows[~rows["region"].isin(table.drop_regions)]
    if table.classify is None:
        rows = rows.assign(measure=rows["measure"].map({item.code: item.name for item in table.taken}))
    rows = rows.sort_values(["measure", "region", "period"], ignore_index=True)
    column = table.measure_column
    names = ["region", "period", *([column] if column else []), "value", "status"]
    return rows.rename(columns={"measure": column} if column else {})[names]


def _check_rows(answer: Answer, table: Table) -> None:
    if answer.stated is not None and answer.received != answer.stated:
        found = f"{answer.received} rows; the service states {answer.stated}"
        raise SourceError(f"{found}: pages are missing or double", table=table.name)
    twice = answer.rows[answer.rows.duplicated(_KEYS)]
    if len(twice):
        place = _place(twice.iloc[0])
        raise SourceError(f"{len(twice)} rows came more than once, such as {place}", table=table.name)


def _numbers(rows: pd.DataFrame, table: Table) -> pd.Series:
    numbers = pd.to_numeric(rows["value"], errors="coerce").astype(float)
    wrong = rows[(numbers.isna() & rows["value"].notna()) | numbers.abs().eq(float("inf"))]
    if len(wrong):
        place = _place(wrong.iloc[0])
        raise SourceError(f"{place} is {wrong.iloc[0]['value']!r}; expected a number", table=table.name)
    return numbers


def _statuses(rows: pd.DataFrame, periods: dict[str, str], table: Table) -> pd.Series:
    """Give each row final, provisional, withheld, missing, or absent (no such figure)."""
    marks = rows["mark"].where(rows["mark"].notna(), "")
    unknown = sorted(set(marks) - set(MARKS) - {""})
    if unknown:
        raise SourceError(f"mark {', '.join(map(repr, unknown))}; known: {', '.join(MARKS)}", table=table.name)
    has_value = rows["value"].notna()
    contrary = rows[(has_value & ~marks.isin(["", "None", "Provisional"])) | (~has_value & marks.isin(["None"]))]
    if len(contrary):
        first = contrary.iloc[0]
        what = "a value" if pd.notna(first["value"]) else "no value"
        raise SourceError(f"{_place(first)} has {what} and the mark {first['mark']!r}", table=table.name)
    result = marks.map(MARKS).astype(object)
    result = result.where(has_value | (marks != ""), _meanings_of_empty(rows, table))
    result = result.where(result.notna(), rows["measure"].map({item.code: item.status for item in table.measures}))
    return result.where(result.notna(), rows["period"].map(_period_statuses(rows, periods, table)))


def _meanings_of_empty(rows: pd.DataFrame, table: Table) -> pd.Series:
    """Tell what an empty figure without a mark is: absent where years have their own municipalities and it was none."""
    meanings = pd.Series(table.null_means, index=rows.index, dtype=object)
    if table.boundaries != "each_year":
        return meanings
    known = {item.code: item for item in load_municipalities()}
    there = {
        (code, period): code in known and known[code].exists_in(int(period[:4]))
        for code, period in set(zip(rows["region"], rows["period"], strict=True))
        if code.startswith("GM")
    }
    existed = [there.get(key, True) for key in zip(rows["region"], rows["period"], strict=True)]
    return meanings.where(existed, "absent")


def _period_statuses(rows: pd.DataFrame, periods: dict[str, str], table: Table) -> dict[str, str]:
    found = {}
    for code in sorted(rows["period"].unique()):
        word = periods.get(code, "")
        if table.status is None and word not in _PERIOD_STATUS:
            known = ", ".join(_PERIOD_STATUS)
            raise SourceError(f"period {code} has status {word!r}; known: {known}", table=table.name)
        found[code] = table.status or _PERIOD_STATUS[word]
    return found


def _check_measures(rows: pd.DataFrame, table: Table) -> None:
    wanted = [item.code for item in table.taken] if table.classify is None else list(table.classify.codes)
    fault = absent(wanted, sorted(rows["measure"].unique()), "figures for measure")
    if fault:
        raise SourceError(fault, table=table.name)


def _check_ranges(rows: pd.DataFrame, table: Table) -> None:
    """Check that each figure lies within the range of its measure; all codes of a classification have one range."""
    for item in table.measures:
        values = rows["value"] if table.classify is not None else rows.loc[rows["measure"] == item.code, "value"]
        low = values < (float("-inf") if item.minimum is None else item.minimum)
        high = values > (float("inf") if item.maximum is None else item.maximum)
        beyond = values[low | high]
        if len(beyond):
            first = rows.loc[beyond.index[0]]
            ends = (("at least", item.minimum), ("at most", item.maximum))
            limits = [f"{word} {limit:.10g}" for word, limit in ends if limit is not None]
            found = f"{len(beyond)} figures out of range, such as {_place(first)}: {first['value']:.10g}"
            raise SourceError(f"{found} (expected {' and '.join(limits)})", table=table.name)


def _check_country(rows: pd.DataFrame, table: Table) -> None:
    """Check that the country is there whenever its parts are, and that they add up."""
    rule = table.checks
    if rule.country is None:
        return
    parts = rows[rows["region"].str.startswith(rule.parts)]
    sums = parts.groupby(["measure", "period"])["value"].agg(["sum", "count", "size"])
    country = rows[rows["region"] == rule.country].set_index(["measure", "period"])["value"]
    joined = sums.join(country, how="left")
    alone = joined[joined["value"].isna() & (joined["count"] > 0)]
    if len(alone):
        measure, period = alone.index[0]
        found = f"no figure of {rule.country} for {measure} in {period}; nothing was written"
        raise SourceError(f"{found} (when a part is right: --accept coverage)", table=table.name)
    if rule.total is None:
        return
    if rule.summed:
        codes = [item.code for item in table.measures if item.name in rule.summed]
        joined = joined[joined.index.get_level_values("measure").isin(codes)]
    more = joined["sum"] - joined["value"]
    is_whole = joined["count"] == joined["size"]
    wrong = joined[(more > rule.total) | (is_whole & (more < -rule.total))]
    if len(wrong):
        (measure, period), first = wrong.index[0], wrong.iloc[0]
        found = f"the parts add up to {first['sum']:.10g}, {rule.country} is {first['value']:.10g}"
        raise SourceError(f"{measure} in {period}: {found} (at most {rule.total:g} apart)", table=table.name)


def _check_neighbourhoods(rows: pd.DataFrame, table: Table) -> None:
    """Check that each neighbourhood and district lies in what is there, and the codes of changed boundaries."""
    codes = pd.Series(sorted(rows["region"].unique()))
    for kind, length in _LENGTHS.items():
        own = codes[codes.str.startswith(kind)]
        if kind in table.regions and own.empty:
            raise SourceError(f"no region that begins with {kind}", table=table.name)
        odd = own[own.str.len() != length]
        if len(odd):
            raise SourceError(f"region {odd.iloc[0]!r}; expected {length} characters", table=table.name)
        for around, digits in (("GM", 6), ("WK", 8)):
            if around == kind or around not in table.regions:
                continue
            alone = own[~(around + own.str[2:digits]).isin(codes)]
            if len(alone):
                first = alone.iloc[0]
                found = f"{len(alone)} regions of which {around} is not there, such as {first}"
                raise SourceError(f"{found} without {around}{first[2:digits]}", table=table.name)
    changes = rows[rows["measure"].eq(table.boundary_change) & rows["value"].notna()]
    wrong = changes[~changes["value"].isin(_CHANGES)]
    if len(wrong):
        first = wrong.iloc[0]
        known = ", ".join(map(str, _CHANGES))
        found = f"{first['region']} has boundary change {first['value']:g}; known: {known}"
        raise SourceError(found, table=table.name)
    told = set(changes["region"])
    small = codes[codes.str.startswith(tuple(_LENGTHS))]
    if table.boundary_change is not None and not told.issuperset(small):
        first = small[~small.isin(told)].iloc[0]
        raise SourceError(f"{first} says nothing of its boundaries ({BOUNDARY_CHANGE})", table=table.name)


def _place(row: pd.Series) -> str:
    return " ".join(str(row[key]) for key in _KEYS)
