"""What private parties committed and paid: the sums that may be shown, of each theme and of all, until each year."""

from collections.abc import Mapping
from datetime import date
from itertools import combinations
from math import isnan

import pandas as pd

from evaluation.inputs.records.cell_suppression import sum_of
from evaluation.inputs.records.checked_rows import to_frame
from evaluation.inputs.records.protected_sums import ProtectedSums
from evaluation.inputs.records.row_models import FirmAmount

FIRMS = "private"
"""The source of money whose amounts are protected."""

KINDS = ("commitment", "payment")


def account_years(dates: pd.Series, ends_on: date | None) -> pd.Series:
    """Return the year in which each record counts, where a year ends on its last day or on that of the deal.

    Parameters
    ----------
    dates, ends_on : Series, date | None
        Days of records; the last day of the deal.

    Returns
    -------
    Series
        The year of the day; the next one for what comes after the deal in its last year.
    """
    years = dates.dt.year
    if ends_on is None:
        return years
    return years + ((years == ends_on.year) & (dates > pd.Timestamp(ends_on))).astype(int)


def sum_firm_amounts(
    payments: pd.DataFrame,
    projects: pd.DataFrame,
    *,
    last_year: int,
    published: Mapping[tuple[int | None, str, int], float] | None = None,
    ends_on: date | None = None,
) -> pd.DataFrame:
    """Add up what private parties committed and paid, without the sums that would tell what one of them did.

    The records do not name firms: the private money of a project is taken to be of one.  What was added between any two
    years is protected as the sums are; what is hidden of commitments is hidden of payments too.  A year is judged
    without the years after it.

    Parameters
    ----------
    payments, projects, last_year, published, ends_on : DataFrame, DataFrame, int, mapping | None, date | None
        As of `Programme`; its last year; what was shown before, by theme, kind and year (NaN: withheld), it stays so;
        the last day of the deal.

    Returns
    -------
    DataFrame
        Columns theme (missing: all together), kind, year, total (until the end of that year, in EUR; missing where it
        is withheld), from the first year with private money; no rows where there is none.
    """
    rows = payments[(payments["source"] == FIRMS) & payments["kind"].isin(KINDS)]
    rows = rows.merge(projects[["project_id", "theme"]], on="project_id").assign(
        year=lambda r: account_years(r["date"], ends_on)
    )
    if rows.empty:
        return to_frame(FirmAmount, [])
    published = published or {}
    booked = [*rows["year"], *(year for _, _, year in published)]
    years = range(int(min(booked)), int(max(booked)) + 1)
    theme_of = rows.groupby("project_id")["theme"].first()
    tables = {kind: _sums(kind, rows[rows["kind"] == kind], years, theme_of, published) for kind in KINDS}
    hidden: set[tuple] = {(theme, year) for (theme, _, year), value in published.items() if isnan(value)}
    for kind, table in tables.items():
        unpublished = {(theme, kind, year) for theme, year in hidden}
        found = table.hidden(unpublished=unpublished, rank={key: int(key[0] is None) for key in table.values})
        hidden |= {(theme, year) for theme, _, year in found}
    made = [
        FirmAmount.model_construct(
            theme=theme,
            kind=kind,
            year=year,
            total=None if (theme, year) in hidden else round(published.get((theme, kind, year), value), 2),
        )
        for table in tables.values()
        for (theme, kind, year), value in table.sums.items()
    ]
    # after the last booking nothing changes
    later = range(years[-1] + 1, last_year + 1)
    made += [row.model_copy(update={"year": year}) for year in later for row in made if row.year == years[-1]]
    return to_frame(FirmAmount, made)


def _sums(kind: str, rows: pd.DataFrame, years: range, theme_of: pd.Series, published: Mapping) -> ProtectedSums:
    """Write down the sums of a kind, of each theme and of all, and what has to be protected among them."""
    by_year = rows.pivot_table("amount_eur", "project_id", "year", "sum")
    by_project = by_year.reindex(columns=years).fillna(0.0).cumsum(axis=1)
    themes = sorted({int(theme) for theme in theme_of} | {theme for theme, _, _ in published if theme is not None})
    parts = {theme: by_project[by_project.index.map(theme_of) == theme] for theme in themes} | {None: by_project}
    values = {(of, kind, year): float(part[year].sum()) for of, part in parts.items() for year in part}
    before = {key: value for key, value in published.items() if key[1] == kind}
    sums = ProtectedSums(values, lambda key: key[2], published=before)
    for year in by_project:
        sums.relations.append(sum_of((None, kind, year), [(theme, kind, year) for theme in themes]))
    for of, part in parts.items():
        for year in part:
            sums.judge((of, kind, year), part[year])
        for before, year in combinations(part, 2):
            change = {(of, kind, year): 1, (of, kind, before): -1}
            sums.judge_difference((of, kind, year, before), change, part[year] - part[before])
    return sums
