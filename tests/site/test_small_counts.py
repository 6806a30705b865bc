"""No number of any report or page, alone or with all others, tells a small count of persons, households or firms.

The example records have some: 5 ondernemers, 6 begeleide ouders and 8 stages in 2020.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from evaluation.deal import load_deal
from evaluation.programme import load_programme
from evaluation.results import read_csv
from evaluation.small_counts import load_rules
from tests.conftest import YEARS, Project

DEAL = load_deal("parkstad-limburg")
RULES = load_rules()
MARGIN = 2.0
NOT_COUNTED = {"target", "path", "paid", "cofinancing_paid", "shared_projects"}


@pytest.fixture(scope="module")
def numbers(portal: Project) -> pd.DataFrame:
    """Every number that anyone can download: of each year, of the final evaluation and of the pages around them."""
    folders = [*(portal.site / str(year) for year in YEARS), portal.site / "eindevaluatie", portal.site]
    frames = [read_csv((folder / "results.csv").read_text(encoding="utf-8")) for folder in folders]
    return pd.concat(frames, ignore_index=True).drop_duplicates(["result_id", "value", "status"])


@pytest.fixture(scope="module")
def kept() -> pd.DataFrame:
    """What was really delivered of each protected unit in each year, and where it stands in the results."""
    outputs = load_programme(DEAL).outputs
    mine = outputs[outputs["unit"].map(RULES.protects)].assign(year=lambda frame: frame["date"].dt.year)
    theme = mine["result"].str.split(".").str[0]
    place = "prestatie-" + mine["result"].str.replace(".", "-") + "." + mine["unit"].str.replace(" ", "-")
    subject = theme + "." + mine["target"].fillna(place)
    return (
        mine.groupby([subject.rename("subject"), "year"])["quantity"]
        .sum()
        .unstack(fill_value=0.0)
        .reindex(columns=YEARS, fill_value=0.0)
    )


def told(numbers: pd.DataFrame, subject: str) -> Iterator[tuple[int, float, float]]:
    """Turn what is published of a unit into what it says of the number until a year: at least, at most."""
    start = DEAL.term.path_from
    mine = numbers[numbers["result_id"].str.startswith(f"{subject}.") & numbers["value"].notna()]
    targets = {t.id: t for t in DEAL.targets}
    for row in mine.itertuples():
        year = int(row.period)
        target = targets.get(row.indicator)
        if row.measure in NOT_COUNTED:
            continue
        if row.measure == "projects":
            yield year, float(row.value), math.inf
            continue
        if row.measure == "value":
            count = row.value
        elif row.measure == "distance":
            count = target.quantity - row.value
        elif row.measure == "projection":
            days = (pd.Timestamp(year, 12, 31) - pd.Timestamp(start)).days
            elapsed = min(days / (target.by - start).days, 1.0)
            count = row.value * elapsed
        elif row.measure == "per_unit":
            paid = mine.loc[(mine["measure"] == "paid") & (mine["period"] == row.period), "value"].iloc[0]
            count = paid / row.value
        else:
            raise AssertionError(f"{row.result_id}: the attacker does not know what {row.measure} tells")
        yield year, count - (MARGIN if count else 0.0), count + (MARGIN if count else 0.0)


def place(facts: list[tuple[int, float, float]], weights: np.ndarray) -> tuple[float, float]:
    """Find the smallest and the largest value of a sum of years that fits everything that is told."""
    rows, limits = [], []
    for year, low, high in facts:
        until = np.array([float(other <= year) for other in YEARS])
        rows += [-until]
        limits += [-low]
        if high < math.inf:
            rows += [until]
            limits += [high]
    ends = []
    for sign in (1, -1):
        found = linprog(sign * weights, A_ub=np.array(rows) if rows else None, b_ub=limits or None)
        assert found.status in (0, 3), found.message
        ends.append(np.inf if found.status == 3 else sign * found.fun)
    return ends[0], ends[1]


def test_the_example_has_small_counts(kept):
    assert ((kept > 0) & (kept < RULES.threshold)).sum().sum() >= 3
    assert {"4.ondernemers", "1.prestatie-1-7.begeleide-ouders", "5.prestatie-5-1.stages"} <= set(kept.index)


def test_no_sum_difference_share_pace_or_cost_places_a_small_count(numbers, kept):
    attacked = 0
    for subject, by_year in kept.iterrows():
        facts = list(told(numbers, subject))
        for index in range(len(YEARS)):
            single, until = np.eye(len(YEARS))[index], np.tril(np.ones((len(YEARS),) * 2))[index]
            for weights in (single, until):
                if 0 < weights @ by_year.to_numpy() < RULES.threshold:
                    low, high = place(facts, weights)
                    assert high - low >= RULES.threshold - 1, (subject, YEARS[index], low, high)
                    attacked += 1
    assert attacked >= 6


def test_what_is_published_of_protected_units_is_rounded_or_withheld(numbers, kept):
    for subject, by_year in kept.iterrows():
        values = numbers[numbers["result_id"].str.match(rf"{re.escape(subject)}\.(geleverd\.)?\d{{4}}\.value")]
        assert len(values) >= (by_year > 0).sum()
        for row in values.itertuples():
            until = by_year[[year for year in YEARS if year <= int(row.period)]].sum()
            if until == 0 or until >= RULES.threshold:
                assert row.status == "withheld" or row.value == RULES.round(until), row.result_id
            else:
                assert (row.status, math.isnan(row.value)) == ("withheld", True), row.result_id


def test_no_municipality_has_a_count_of_firms(numbers):
    places = {municipality.code for municipality in DEAL.region.municipalities}
    assert not numbers[(numbers["indicator"] == "ondernemers") & numbers["unit"].isin(places)].size


def test_a_page_says_that_a_count_is_withheld_and_not_what_it_is(portal):
    text = (portal.site / "2020" / "4-voorzieningen-en-retail.html").read_text(encoding="utf-8")
    words = re.sub(r"<[^>]+>", " ", text)
    assert re.search(r"Nieuwe ondernemers in de winkelclusters\s*:?\s*niet vrijgegeven", words)
    assert not re.search(r"Nieuwe ondernemers in de winkelclusters\s*:?\s*5 ", words)
    assert "Aantallen personen, huishoudens en bedrijven zijn afgerond op een veelvoud van 5" in words
