"""What a chapter shows of all deals: nothing is filled in, every source is listed, every municipality is drawn."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evaluation.base import dutch
from evaluation.chapters.report.all_deals import deals_map, deals_overview, deals_sources, deals_timeline, short_name
from evaluation.statistics.areas.deal_tables import members_table, per_inhabitant
from evaluation.statistics.areas.neighbours_and_tiles import load_tiles
from evaluation.statistics.areas.treatments import load_register

REGISTER = load_register(folder=Path(__file__).resolve().parents[3] / "data" / "regions")
PARKSTAD = {"GM1954", "GM0899", "GM0917", "GM0928", "GM0882", "GM0965", "GM0986"}


@pytest.fixture(scope="module")
def overview() -> pd.DataFrame:
    rows = [(code, year, 10_000) for code in PARKSTAD for year in (2019,)]
    money = per_inhabitant(REGISTER, pd.DataFrame(rows, columns=["region", "period", "value"]))
    return deals_overview(REGISTER, money).data.set_index("Deal")


def test_the_table_has_every_deal_once_with_what_is_not_known(overview: pd.DataFrame):
    assert Counter(overview.index) == Counter(short_name(deal) for deal in REGISTER.deals.values())
    own, unknown = overview.loc["Parkstad Limburg"], overview.loc["Groningen-Noord"]
    assert "begin 15 juli 2019 [" in own["Wanneer"] and "getekend niet gezien" in own["Wanneer"]
    assert "571 euro per inwoner" in own["Bijdrage van het Rijk"]  # 40 million over 70,000
    assert unknown["Bijdrage van het Rijk"] == "bijdrage niet gezien"
    assert overview.loc["Bonaire", "Doelen"] == "doelen niet gezien"
    assert "niet nagezien" in overview.loc["Achterhoek", "Gemeenten"]
    assert "niet nagezien" in overview.loc["Twente", "Wanneer"]
    assert "(volledige lijst)" in overview.loc["Noord-Limburg", "Doelen"]
    assert "Poelenburg" in overview.loc["ZaanIJ", "Gemeenten"]


def test_every_number_in_brackets_is_that_of_a_source_with_its_day(overview: pd.DataFrame):
    sources = deals_sources(REGISTER).data
    asked = {number for cell in overview.astype(str).to_numpy().ravel() for number in re.findall(r"\[\d+\]", cell)}
    assert asked == set(sources["Nummer"].astype(str))
    assert sources["Waar"].is_unique and sources["Bekeken op"].str.fullmatch(r"\d+ \w+ 2026").all()


def test_what_the_table_says_of_each_deal_is_what_stands_in_the_register(overview: pd.DataFrame):
    """Read beside the package: each fact, known or not, with the address of its source and the day it was seen."""
    folder = Path(__file__).resolve().parents[3] / "data" / "regions"
    content = yaml.safe_load((folder / "deals.yml").read_text(encoding="utf-8"))
    sources = deals_sources(REGISTER).data.set_index("Nummer")
    members = pd.read_csv(folder / "deal_municipalities.csv", comment="#").groupby("deal").size()

    def where(cell: str, words: str, fact: dict) -> None:
        """Find after these words the mark of the source of the fact, and whether it was checked."""
        (found,) = re.findall(rf"{re.escape(words)} ?(\[\d+\])?( \(niet nagezien\))?", cell)
        assert (found[1] == "") == fact["verified"]
        if fact["source"] is None:
            assert found[0] == ""
        else:
            seen = content["sources"][fact["source"]]
            assert sources.loc[found[0], "Waar"] == seen["at"]
            assert sources.loc[found[0], "Bekeken op"] == dutch.day(seen["seen"])

    def day(fact: dict) -> str:
        words = dutch.day(fact["day"]).split()
        return " ".join(words[{"day": 0, "month": 1, "year": 2}[fact["precision"]] :])

    assert len(overview) == len(content["deals"]) == 81
    for name, deal in content["deals"].items():
        row = overview.loc[short_name(REGISTER.deals[name])]
        assert row["Ronde"] == f"ronde {deal['tranche']}"
        for kind, head in {"signed": "getekend", "starts": "begin", "ends": "einde"}.items():
            if deal.get(kind) is None:
                assert f"{head} niet gezien" in row["Wanneer"]
            else:
                where(row["Wanneer"], f"{head} {day(deal[kind])}", deal[kind])
        if deal.get("state") is None:
            assert row["Bijdrage van het Rijk"].startswith("bijdrage niet gezien")
        else:
            where(row["Bijdrage van het Rijk"], dutch.million(deal["state"]["eur"]), deal["state"])
        is_outside = deal["extent"]["basis"] == "outside"
        count = members.get(name, "[1-9][0-9]*")  # of an area there is no list
        told = "buiten Europees" if is_outside else f"{count} gemeente"
        assert re.match(told, row["Gemeenten"])
        themes = [content["themes"][theme]["name"].lower() for aim in deal.get("aims") or () for theme in aim["themes"]]
        assert all(theme in row["Doelen"] for theme in themes)
        assert row["Doelen"].count("mikt op") == len(deal.get("aims") or ())


def test_the_map_has_every_municipality_on_a_square_of_its_own():
    counts = members_table(REGISTER).groupby("municipality")["deal"].nunique()
    shown = deals_map(counts, PARKSTAD, title="Titel", register=REGISTER)
    squares = [cell for row in shown.figure.data[0].customdata for cell in row if cell]
    assert len(squares) == len(REGISTER.municipalities) == sum(len(load_tiles(f"PV{n}")) for n in range(20, 32))
    cells = shown.cells.rows
    assert {item.indicator: item.value for item in shown.results} == {
        f"gemeenten-met-{many}-deals": float(count) for many, count, _ in cells
    }
    assert sum(int(count) for _, count, _ in cells) == len(REGISTER.municipalities)
    (row,) = [names for many, _, names in cells if many == str(counts["GM0917"])]
    assert "Heerlen" in row.split(", ")


def test_the_timeline_has_every_deal_in_the_order_of_the_register_and_draws_no_end_that_was_not_seen():
    shown = deals_timeline(REGISTER, "parkstad-limburg", title="Titel")
    deals = sorted(REGISTER.deals.values(), key=lambda deal: deal.tranche)
    assert list(shown.data["Deal"]) == [short_name(deal) for deal in deals]
    traces = {trace.name: trace for trace in shown.figure.data}
    assert len(traces["einde"].x) == sum(deal.ends is not None for deal in deals)
    assert len(traces["begin"].x) == sum(deal.starts.verified for deal in deals)
    assert len(traces["begin, niet nagezien"].x) == sum(not deal.starts.verified for deal in deals)
    assert (shown.data.loc[shown.data["Einde"] == "niet gezien", "Deal"] == "Twente").any()
    assert [note.text for note in shown.figure.layout.annotations if "<b>" in note.text] == ["<b>Parkstad Limburg</b>"]
