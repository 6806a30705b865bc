"""The evaluator's verbs: any area of the country, tables with documented columns, sentences for what is not there."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import time

import pandas as pd
import pytest

from evaluation import open_year
from evaluation.base.errors import UsageError
from evaluation.chapters.desk import panels
from evaluation.chapters.desk.record_tables import MONEY, RECORDS
from evaluation.chapters.desk.year import COLUMNS, Year
from evaluation.statistics.areas.names import find_areas
from tests.conftest import ROOT

RATE = "woninginbraak"


@pytest.fixture(scope="module")
def year() -> Year:
    return open_year(deal="parkstad-limburg", year=2021)


def test_any_area_of_the_country_can_be_named_in_any_way(year):
    asked = ["parkstad", "rest", "Limburg", "nederland", "enschede", "GM0114", "Den Haag", "Utrecht"]
    asked += ["provincie Utrecht", "Overijssel", "Zuid-Limburg", "CR12"]
    rows = year.figures(RATE, asked, years=2021)
    codes = ["parkstad", "PV31-rest", "PV31", "NL01", "GM0153", "GM0114", "GM0518", "GM0344", "PV26", "PV23"]
    assert list(rows["unit"]) == [*codes, "CR39", "CR12"]
    levels = ["region", "rest", "province", "country", *["municipality"] * 4, "province", "province", "corop", "corop"]
    assert list(rows["level"]) == levels
    assert list(rows["unit_name"][-4:]) == ["Utrecht", "Overijssel", "Zuid-Limburg", "Twente"]
    assert list(rows.columns) == COLUMNS and rows["value"].notna().all()
    per_1000 = 1000 * rows["numerator"] / rows["denominator"]
    assert per_1000.tolist() == pytest.approx(rows["value"].tolist(), rel=1e-12)


def test_a_group_is_the_sum_of_its_municipalities(year):
    parts = year.figures(RATE, ["Heerlen", "Maastricht"], years=[2021])
    (group,) = year.figures(RATE, {"Zuid": ["GM0917", "maastricht"]}, years=[2021]).to_dict("records")
    assert (group["unit"], group["level"]) == ("Zuid", "group")
    assert group["numerator"] == parts["numerator"].sum() and group["denominator"] == parts["denominator"].sum()


def test_the_whole_country_has_every_municipality_and_takes_a_moment_once_it_is_kept(year, monkeypatch):
    rows = year.figures(RATE, years=2021, coverage="country")
    assert (rows["level"] == "municipality").sum() == 342 and (rows["level"] == "province").sum() == 12
    monkeypatch.setattr(panels, "build_panel", lambda *_, **__: pytest.fail("it was computed before"))
    start = time.perf_counter()
    again = year.figures(RATE, years=2021, coverage="country")
    assert time.perf_counter() - start < 1
    pd.testing.assert_frame_equal(rows, again)


def test_another_process_finds_the_national_panel_on_the_disk():
    code = (
        "import time; from evaluation.chapters.desk import panels\n"
        "def fail(*_, **__): raise SystemExit('it was computed again')\n"
        "panels.build_panel = fail; start = time.perf_counter()\n"
        f"rows = panels.national_figures('parkstad-limburg', {RATE!r}); print(len(rows), time.perf_counter() - start)"
    )
    panels.national_figures("parkstad-limburg", RATE)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, seconds = done.stdout.split()
    assert int(count) > 3500 and float(seconds) < 1


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda e: e.figures("woninginbrak"), "Did you mean 'woninginbraak'?"),
        (lambda e: e.figures("veiligheidsbeleving"), "has no figures"),
        (lambda e: e.figures(RATE, "Heerln"), "Did you mean 'Heerlen'?"),
        (lambda e: e.figures(RATE, ["Heerlen", "parkstd", "xx"]), "Did you mean 'parkstad'? There is no area 'xx'"),
        (lambda e: e.figures(RATE, "Nuth"), "Nuth (GM0951) became Beekdaelen (GM1954)"),
        (lambda e: e.figures(RATE, "Bergen"), "Which one: Bergen (NH.) (GM0373), Bergen (L.) (GM0893)?"),
        (lambda e: e.figures(RATE, []), "No area was asked"),
        (lambda e: e.figures(RATE, 5), "not 5"),
        (lambda e: e.figures(RATE, {"A": ["Heerln"]}), "Did you mean 'Heerlen'?"),
        (lambda e: e.figures(RATE, years=1990), "years: 2012 to 2021"),
        (lambda e: e.figures(RATE, years="2020"), "whole numbers such as 2021, not '2020'"),
        (lambda e: e.figures(RATE, coverage="land"), "'province' or 'country'"),
        (lambda e: e.neighbourhoods("populatie"), "Did you mean 'population'?"),
        (lambda e: e.neighbourhoods("woninginbraak"), "has no figures of neighbourhoods"),
        (lambda e: e.neighbourhoods("population", 2010), "Years until 2021: 2016, "),
        (lambda e: e.records("project"), "Did you mean 'projects'?"),
        (lambda e: e.money("themes"), "Did you mean 'theme'?"),
        (lambda e: e.targets(9), "There are: 1, 2, 3, 4, 5, 6"),
        (lambda e: e.plan["woninginbraak-regios"], "Did you mean 'woninginbraak-regio'?"),
        (lambda e: e.pool("woninginbraak-reg"), "Did you mean 'woninginbraak-regio'?"),
        (lambda e: e.estimate("woninginbraak-voor-na", "did"), "There are: before_after"),
        (lambda e: open_year(deal="parkstad", year=2021), "There is no deal 'parkstad'"),
        (lambda e: open_year(deal="parkstad-limburg", year="2021"), "a whole number from 2019 to 2022"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_in_a_sentence_with_what_is_like_it(year, ask, words):
    with pytest.raises(UsageError, match=re.escape(words)):
        ask(year)


def test_neighbourhoods_have_the_rate_that_an_indicator_is(year):
    rows = year.neighbourhoods("bijstand-personen", 2020)
    assert set(rows["level"]) == {"district", "neighbourhood"} and len(rows) > 200
    known = rows.dropna(subset=["value"])
    assert (1000 * known["numerator"] / known["denominator"]).tolist() == pytest.approx(known["value"].tolist())
    whole = year.figures("bijstand-personen", "Heerlen", years=2020)["value"].item()
    heerlen = known[(known["municipality"] == "GM0917") & (known["level"] == "district")]
    assert 1000 * heerlen["numerator"].sum() / heerlen["denominator"].sum() == pytest.approx(whole, rel=0.02)
    assert rows["source"].str.startswith("CBS").all()


def test_a_comparison_with_the_own_trend_has_its_pool_and_estimate_too(year):
    pool, estimate = year.pool("woninginbraak-voor-na"), year.estimate(year.plan["woninginbraak-voor-na"])
    assert list(pool.columns) == ["Parkstad", "rest van Limburg"] and pool.index.name == "period"
    gap, plan = pool["Parkstad"] - pool["rest van Limburg"], year.plan["woninginbraak-voor-na"]
    before = gap[(gap.index >= plan.pre[0]) & (gap.index <= plan.pre[1])]
    slope = before.cov(pd.Series(before.index, before.index)) / pd.Series(before.index).var()
    after = gap[(gap.index > plan.pre[1]) & ~gap.index.isin(plan.excluded)]
    line = before.mean() + slope * (after.index - before.index.to_series().mean())
    assert estimate.value == pytest.approx((after - line).mean(), rel=1e-9)


def test_nothing_that_is_given_changes_what_others_get(year):
    gives = (lambda: year.figures(RATE), lambda: year.money("tranches"), lambda: year.money(), lambda: year.targets())
    for give in (*gives, lambda: year.records("projects"), lambda: year.pool("woninginbraak-voor-na")):
        before = give()
        spoilt = give()
        spoilt[spoilt.columns[-1]] = spoilt[spoilt.columns[-1]].iloc[::-1].to_numpy()
        pd.testing.assert_frame_equal(give(), before)
    for frozen, name in ((year, "context"), (year.estimate("woninginbraak-voor-na"), "value")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, name, None)
    with pytest.raises(ValueError, match="frozen"):
        year.plan["woninginbraak-voor-na"].pre = (2000, 2001)


def test_help_names_every_column_that_a_verb_gives(year):
    given = {
        "figures": [year.figures(RATE)], "neighbourhoods": [year.neighbourhoods("population")],
        "records": [year.records(name) for name in RECORDS],
        "money": [year.money(by) for by in MONEY],
        "targets": [year.targets()],
    }  # fmt: skip
    between = {
        "provincie_eur",
        "gemeenten_eur",
        "corporaties_eur",
        "track",
        "period",
    }  # told as a range, or as what was asked
    for verb, frames in given.items():
        words = set(re.findall(r"\w+", getattr(Year, verb).__doc__))
        absent = {str(name) for frame in frames for name in frame.columns} - words - between
        assert absent == set(), verb


def test_a_name_is_that_of_its_year():
    assert find_areas("Nuth", 2018) == ["GM0951"] and find_areas("Nuth") == [] == find_areas("Beekdaelen", 2018)
    assert find_areas("917") == find_areas("0917") == find_areas("gm0917") == ["GM0917"]
    assert find_areas("sudwest-fryslan") == ["GM1900"] and find_areas("Beek") == find_areas("gemeente Beek (L.)")
