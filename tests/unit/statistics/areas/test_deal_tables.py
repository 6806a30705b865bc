"""The register as tables: unknown stays unknown, and euros per inhabitant are those of the year of the start."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evaluation.statistics.areas.deal_tables import aims_table, deals_table, members_table, per_inhabitant
from evaluation.statistics.areas.treatments import load_register

REGISTER = load_register(folder=Path(__file__).resolve().parents[4] / "data" / "regions")
PARKSTAD = ["GM1954", "GM0899", "GM0917", "GM0928", "GM0882", "GM0965", "GM0986"]


def test_a_row_for_each_deal_with_what_is_not_known_missing():
    table = deals_table(REGISTER).set_index("deal")
    assert list(table.index) == list(REGISTER.deals)
    own = table.loc["parkstad-limburg"]
    assert (own.tranche, own.rijk_eur, own.n_municipalities) == (2, 40_000_000, 7)
    assert (own.selected, own.starts, own.ends) == tuple(map(pd.Timestamp, ("2018-11-16", "2019-07-15", "2022-12-31")))
    assert table.loc["groningen-noord", "rijk_eur"] is pd.NA
    assert not table.loc["groningen-noord", "rijk_verified"]
    assert table.loc["achterhoek", "ends"] == pd.Timestamp("2022-12-31")  # only the year is known
    assert pd.isna(table.loc["cleantech", "signed"])


def test_municipalities_of_a_deal_with_their_districts():
    table = members_table(REGISTER)
    assert not table.duplicated(["deal", "municipality"]).any()
    zaanij = table[table["deal"] == "zaanij"].set_index("municipality")
    assert zaanij.loc["GM0479", "districts"] == ("Poelenburg", "Peldersveld")
    assert zaanij.loc["GM0431", "districts"] == ()
    assert set(table.loc[table["districts"].str.len() > 0, "exposure"]) <= {"partial", "thematic"}


def test_aims_are_of_three_kinds_and_only_seen_ones_are_verified():
    table = aims_table(REGISTER)
    assert len(table) == len(REGISTER.deals) * len(REGISTER.themes)
    assert not table.loc[table["aims"].isna(), "verified"].any()
    own = table[table["deal"] == "parkstad-limburg"].set_index("theme")
    assert own.loc["safety", "aims"] and own.loc["safety", "verified"]
    foodvalley = table[table["deal"] == "foodvalley"].set_index("theme")
    assert not foodvalley.loc["safety", "aims"] and not foodvalley.loc["safety", "verified"]


def test_euros_are_divided_by_the_inhabitants_of_the_year_of_the_start():
    rows = [(code, year, 1_000 * year) for code in PARKSTAD for year in (2018, 2019)]
    table = per_inhabitant(REGISTER, pd.DataFrame(rows, columns=["region", "period", "value"])).set_index("deal")
    own = table.loc["parkstad-limburg"]
    assert (own.year, own.inhabitants, own.covers_all) == (2019, 7 * 2_019_000, True)
    assert own.eur_per_inhabitant == pytest.approx(40_000_000 / (7 * 2_019_000))
    assert table.drop("parkstad-limburg")["eur_per_inhabitant"].isna().all()  # one municipality lacks, or the year
    assert not table.loc["zaanij", "covers_all"]
    assert not table.loc["bonaire", "covers_all"]


def test_a_figure_that_stands_twice_is_refused():
    twice = pd.DataFrame([("GM0917", 2019, 1), ("GM0917", 2019, 2)], columns=["region", "period", "value"])
    with pytest.raises(ValueError, match="twice"):
        per_inhabitant(REGISTER, twice)
