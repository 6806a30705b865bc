"""Municipalities through time and the units of a panel."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from evaluation.deal import load_deal
from evaluation.errors import InputError, UsageError
from evaluation.regions import (
    list_membership,
    list_units,
    load_municipalities,
    members,
    region_id,
    rest_id,
    sum_members,
)

ROOT = Path(__file__).resolve().parents[2]
REGIONS = ROOT / "data" / "regions"
PREDECESSORS = ("GM0881", "GM0951", "GM0962")
YEARS = range(2012, 2027)


@pytest.fixture(scope="module")
def deal():
    return load_deal(folder=ROOT / "data" / "deal")


def codes(deal, unit: str, year: int) -> set[str]:
    return set(members(deal, unit, year, folder=REGIONS))


def test_limburg_has_31_municipalities_and_33_before_2019(deal):
    assert [len(codes(deal, "PV31", year)) for year in YEARS] == [33] * 7 + [31] * 8


@pytest.mark.parametrize("year", YEARS)
def test_region_and_rest_are_the_province_without_overlap(deal, year: int):
    region, rest = codes(deal, "parkstad", year), codes(deal, "PV31-rest", year)
    assert region | rest == codes(deal, "PV31", year)
    assert not region & rest
    assert len(region) == (9 if year < 2019 else 7)
    assert ("GM1954" in region) == (year >= 2019)
    assert set(PREDECESSORS) <= region or year >= 2019


def test_a_municipality_of_today_is_made_up_of_its_predecessors(deal):
    assert members(deal, "GM1954", 2018, folder=REGIONS) == PREDECESSORS
    assert members(deal, "GM1954", 2019, folder=REGIONS) == ("GM1954",)
    assert members(deal, "GM0917", 2012, folder=REGIONS) == ("GM0917",)


def test_the_deal_and_the_regions_tell_the_same_mergers_and_names(deal):
    known = {item.code: item for item in load_municipalities(folder=REGIONS)}
    for successor, predecessors in deal.region.formed_from.items():
        assert {code for code, item in known.items() if item.successor == successor} == set(predecessors)
        assert {known[code].until for code in predecessors} == {deal.region.formed_on[successor]} == {date(2019, 1, 1)}
    assert {item.code: item.name for item in deal.region.municipalities} == {
        item.code: known[item.code].name for item in deal.region.municipalities
    }


def test_units_come_in_the_order_of_a_report(deal):
    units = list_units(deal, folder=REGIONS)
    assert [(unit.id, unit.name, unit.level) for unit in units[:4]] == [
        ("parkstad", "Parkstad", "region"),
        ("PV31", "Limburg", "province"),
        ("PV31-rest", "rest van Limburg", "rest"),
        ("NL01", "Nederland", "country"),
    ]
    own = [unit.name for unit in units[4:11]]
    assert own == ["Beekdaelen", "Brunssum", "Heerlen", "Kerkrade", "Landgraaf", "Simpelveld", "Voerendaal"]
    assert len(units) == 4 + 31
    assert (region_id(deal), rest_id(deal)) == ("parkstad", "PV31-rest")


@pytest.mark.parametrize(
    ("unit", "year", "message"),
    [
        ("parkstad", 2011, "2012 to 2026, not for 2011"),
        ("parkstad", 2027, "not for 2027"),
        ("GM0951", 2018, "Nuth became part of GM1954"),
        ("NL01", 2018, "not on record"),
        ("Parkstad", 2018, "Did you mean 'parkstad'"),
    ],
)
def test_what_is_not_on_record_is_refused(deal, unit: str, year: int, message: str):
    with pytest.raises(UsageError, match=message):
        members(deal, unit, year, folder=REGIONS)


def test_a_deal_elsewhere_is_refused_until_its_municipalities_are_there():
    elsewhere = SimpleNamespace(
        region=SimpleNamespace(
            short_name="Twente",
            municipalities=(SimpleNamespace(code="GM0153", name="Enschede"),),
            benchmark=SimpleNamespace(code="PV23", name="Overijssel"),
            rest_name="rest van Overijssel",
        )
    )
    with pytest.raises(InputError, match="GM0153"):
        members(elsewhere, "twente", 2020, folder=REGIONS)
    with pytest.raises(InputError, match="Enschede"):
        list_units(elsewhere, folder=REGIONS)


def test_counts_are_summed_exactly_over_a_merger(deal):
    values = pd.DataFrame(
        {
            "region": [*PREDECESSORS, "GM1954"],
            "period": [2018, 2018, 2018, 2019],
            "value": [3.0, 5.0, 7.0, 16.0],
            "status": ["final", "final", "final", "provisional"],
        }
    )
    membership = list_membership(deal, (2018, 2019), "each_year", folder=REGIONS)
    table = sum_members(values, membership[membership["unit"] == "GM1954"])
    assert table[["period", "value", "status", "parts"]].values.tolist() == [
        [2018, 15.0, "final", 3],
        [2019, 16.0, "provisional", 1],
    ]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("final", "provisional", "final"), "provisional"),
        (("final", "withheld", "provisional"), "withheld"),
        (("withheld", "missing", "final"), "missing"),
    ],
)
def test_a_sum_has_the_worst_status_and_is_empty_with_a_part_empty(deal, statuses, expected: str):
    known = [status in ("final", "provisional") for status in statuses]
    values = pd.DataFrame(
        {
            "region": PREDECESSORS,
            "period": 2018,
            "value": [10.0 if is_known else float("nan") for is_known in known],
            "status": statuses,
        }
    )
    membership = list_membership(deal, (2018,), "each_year", folder=REGIONS)
    row = sum_members(values, membership[membership["unit"] == "GM1954"]).iloc[0]
    assert row["status"] == expected
    assert row["value"] == 30 if all(known) else pd.isna(row["value"])
    absent = [code for code, is_known in zip(PREDECESSORS, known, strict=True) if not is_known]
    assert list(row["absent"]) == absent


def test_a_part_without_a_row_is_missing(deal):
    values = pd.DataFrame({"region": PREDECESSORS[:2], "period": 2018, "value": 1.0, "status": "final"})
    membership = list_membership(deal, (2018,), "each_year", folder=REGIONS)
    row = sum_members(values, membership[membership["unit"] == "GM1954"]).iloc[0]
    assert (row["status"], row["absent"]) == ("missing", ("GM0962",))
    assert pd.isna(row["value"])


def test_a_table_on_one_years_boundaries_needs_no_predecessors(deal):
    membership = list_membership(deal, (2012, 2018), 2025, folder=REGIONS)
    assert not set(PREDECESSORS) & set(membership["region"])
    assert (membership[membership["unit"] == "parkstad"].groupby("period").size() == 7).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2019-01-01,GM1954", "2019-01-01,GM9999", "GM9999"),
        ("2019-01-01,GM1954", "2019-01-01,", "only one of until and successor"),
        ("2019-01-01,GM1954", "2018-01-01,GM1954", "existed on 2018-01-01"),
        ("2019-01-01,GM1954", "01-01-2019,GM1954", "an ISO date"),
        ("GM0882,Landgraaf", "GM0881,Landgraaf", "GM0881 again"),
        ("GM0882,Landgraaf", "882,Landgraaf", "a code such as GM0917"),
        ("code,name", "code,naam", "columns"),
        ("GM0882,Landgraaf,PV31,Zuid,1982-01-01,,", "GM0882,Landgraaf", "another number of cells"),
    ],
)
def test_a_fault_in_the_list_is_told_with_its_row(tmp_path: Path, old: str, new: str, message: str):
    folder = Path(shutil.copytree(REGIONS, tmp_path / "regions"))
    path = folder / "municipalities-limburg.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_municipalities(folder=folder)
    assert all(fault.row for fault in caught.value.faults)


def test_an_empty_folder_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="a list of municipalities"):
        load_municipalities(folder=tmp_path)
