"""No number of any report or page, alone or with all others, tells a small count of persons, households or firms.

The example records have some: 5 ondernemers, 6 begeleide ouders and 8 stages in 2020.
"""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

from evaluation.inputs.deal import load_deal
from evaluation.inputs.records.programme import load_programme
from evaluation.inputs.records.small_counts import load_rules
from evaluation.present.results import read_csv
from tests.attacker import attack
from tests.conftest import YEARS, Project

DEAL = load_deal("parkstad-limburg")
RULES = load_rules(DEAL.id)


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


def test_the_example_has_small_counts(kept):
    assert ((kept > 0) & (kept < RULES.threshold)).sum().sum() >= 3
    assert {"4.ondernemers", "1.prestatie-1-7.begeleide-ouders", "5.prestatie-5-1.stages"} <= set(kept.index)


def test_no_sum_difference_share_pace_or_cost_places_a_small_count(numbers, kept):
    found = list(attack([numbers], [kept.to_dict("index")], DEAL, threshold=RULES.threshold))
    assert len(found) >= 6
    for what, count, low, high in found:
        assert high - low >= RULES.threshold - 1, (what, count, low, high)


def test_what_is_published_of_protected_units_is_rounded_or_withheld(numbers, kept):
    for subject, by_year in kept.iterrows():
        values = numbers[numbers["result_id"].str.match(rf"{re.escape(subject)}\.(geleverd\.)?\d{{4}}\.value")]
        assert len(values) >= (by_year > 0).sum()
        for row in values.itertuples():
            until = by_year[[year for year in YEARS if year <= int(row.period)]].sum()
            if until == 0 or until >= RULES.threshold:
                assert row.status == "withheld" or row.value == RULES._round(until), row.result_id
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
