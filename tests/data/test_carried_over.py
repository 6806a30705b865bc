"""Every figure that was carried over, compared with the recordings it came from, by code of its own."""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
OFFICIAL = Path(os.environ.get("REGIODEAL_SHARED") or ROOT.parent / "shared") / "data" / "official"

pytestmark = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"the recordings are not at {OFFICIAL}")


def carried(table: str) -> list[dict[str, str]]:
    (path,) = (DATA / "snapshots").glob(f"*/*/{table}.csv")
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recorded(name: str) -> dict:
    return json.loads((OFFICIAL / name).read_text(encoding="utf-8"))


def limburg_codes() -> set[str]:
    codes = recorded("cbs-03759ned/codes-RegioS.json")["value"]
    return {item["Identifier"].strip() for item in codes if item["DimensionGroupId"] == "GMPV31"}


def test_police_counts():
    recording = recorded("politie-47018NED/data.json")
    counts, limburg = recording["counts"], limburg_codes()
    expected = {}
    for offence, municipalities in counts.items():
        for year in map(str, recording["years"]):
            mine = {code: series[year] for code, series in municipalities.items() if code in limburg}
            for code, value in mine.items():
                expected[code, year, offence] = value
            expected["PV31", year, offence] = sum(mine.values())
            expected["NL01", year, offence] = sum(series[year] for series in municipalities.values())
    found = {(row["region"], row["period"], row["offence"]): int(row["value"]) for row in carried("47018NED")}
    assert found == expected
    assert "GM0000" in counts["1.1.1"]
    provisional = {row["period"] for row in carried("47018NED") if row["status"] == "provisional"}
    assert provisional == {str(year) for year in recording["provisional"]}


def test_average_population():
    population, limburg = recorded("politie-47018NED/data.json")["population"], limburg_codes()
    expected: dict[tuple[str, str], int] = defaultdict(int)
    for code, series in population.items():
        for year, value in series.items():
            if int(year) <= 2024:
                expected["NL01", year] += value
                if code in limburg:
                    expected["PV31", year] += value
                    expected[code, year] = value
    assert {(row["region"], row["period"]): int(row["value"]) for row in carried("70072ned-population")} == expected


def test_the_year_left_out_of_the_average_population_is_not_an_average():
    population = recorded("politie-47018NED/data.json")["population"]
    start = {
        item["RegioS"].strip(): item["Value"]
        for item in recorded("cbs-03759ned/observations-page-1.json")["value"]
        if item["Measure"] == "M000352" and item["Perioden"] == "2025JJ00" and item["Value"] is not None
    }
    in_2025 = {code: series["2025"] for code, series in population.items() if "2025" in series}
    assert len(in_2025) == 342
    assert all(start[code] == value for code, value in in_2025.items())


def test_population_on_1_january_and_average():
    measures = {"M000352": "population_1_january", "M000365": "population_average"}
    wanted = limburg_codes() | {"PV31", "NL01"}
    expected = {
        (item["RegioS"].strip(), item["Perioden"][:4], measures[item["Measure"]]): float(item["Value"])
        for item in recorded("cbs-03759ned/observations-page-1.json")["value"]
        if item["RegioS"].strip() in wanted and item["ValueAttribute"] == "None"
    }
    rows = carried("03759ned")
    assert {(row["region"], row["period"], row["measure"]): float(row["value"]) for row in rows} == expected
    assert {row["status"] for row in rows} == {"final"}


def test_population_on_1_january_before_2019():
    with open(OFFICIAL / "cbs-37230ned" / "bevolkingeindeperiod_jaren_22122025.csv", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file, delimiter=";") if line]
    years = next(line for line in lines if line[0] == "Regio's")
    by_name = {line[0]: dict(zip(years, line, strict=False)) for line in lines}
    with open(DATA / "regions" / "municipalities.csv", encoding="utf-8") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    names |= {"PV31": "Limburg (PV)", "NL01": "Nederland"}
    rows = carried("37230ned-1-january")
    assert len(rows) == 7 * (33 + 2)
    for row in rows:
        assert row["value"] == by_name[names[row["region"]]][str(int(row["period"]) - 1)], row


def test_average_sale_price():
    wanted = limburg_codes() | {"PV31", "NL01"}
    status = {
        item["Identifier"]: {"Definitief": "final"}.get(item["Status"], "provisional")
        for item in recorded("cbs-83625NED/codes-Perioden.json")["value"]
    }
    expected = {
        (item["RegioS"].strip(), item["Perioden"][:4]): (item["Value"], status[item["Perioden"]])
        for item in recorded("cbs-83625NED/observations-page-1.json")["value"]
        if item["RegioS"].strip() in wanted and item["Value"] is not None
    }
    rows = carried("83625NED")
    assert {(row["region"], row["period"]): (int(row["value"]), row["status"]) for row in rows} == expected


def test_dates_of_change_are_the_publishers():
    for table in ("03759ned", "83625NED"):
        (path,) = (DATA / "snapshots").glob(f"cbs/*/{table}.yml")
        text = path.read_text(encoding="utf-8")
        properties, index = recorded(f"cbs-{table}/properties.json"), recorded(f"cbs-{table}/index.json")
        assert f"modified_at_source: '{properties['Modified'][:10]}'" in text
        assert f"retrieved: '{index['capturedAt'][:10]}'" in text
        assert f"title: {properties['Title']}" in text


def test_municipalities_and_mergers_are_those_of_the_code_list():
    codes = {item["Identifier"].strip(): item for item in recorded("cbs-03759ned/codes-RegioS.json")["value"]}
    with open(DATA / "regions" / "municipalities.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(DATA / "regions" / "changes.csv", encoding="utf-8") as file:
        successors = {(row["from"], row["date"]): row["to"] for row in csv.DictReader(file)}
    limburg = [row for row in rows if row["province"] == "PV31"]
    assert len(limburg) == 36
    for row in limburg:
        known = codes[row["code"]]
        assert (row["name"], known["DimensionGroupId"]) == (known["Title"], f"GM{row['province']}")
        began = "-".join(reversed(row["from"].split("-"))) if row["from"] else "voor 1830"
        assert f"Begindatum {began}" in known["Description"]
        if row["until"]:
            ended = "-".join(reversed(row["until"].split("-")))
            assert f"Opgeheven per {ended}" in known["Description"]
            assert f"({successors[row['code'], row['until']]})" in known["Description"].split("\r\n\r\n")[0]
