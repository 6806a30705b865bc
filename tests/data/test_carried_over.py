"""Every figure that was carried over, compared with the recordings it came from, by code of its own."""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
OFFICIAL = Path(os.environ.get("REGIODEAL_SHARED") or ROOT.parent / "shared") / "data" / "official"

pytestmark = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"the recordings are not at {OFFICIAL}")


def carried(table: str) -> list[dict[str, str]]:
    """Read the latest vintage, which has the whole country; tests/data/test_snapshots.py holds the others to it."""
    path = max((DATA / "snapshots").glob(f"*/*/{table}.csv"))
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recorded(name: str) -> dict:
    return json.loads((OFFICIAL / name).read_text(encoding="utf-8"))


def test_police_counts():
    recording = recorded("politie-47018NED/data.json")
    counts = recording["counts"]
    expected = {}
    for offence, municipalities in counts.items():
        for year in map(str, recording["years"]):
            for code, series in municipalities.items():
                if code != "GM0000":
                    expected[code, year, offence] = series[year]
            expected["NL01", year, offence] = sum(series[year] for series in municipalities.values())
    found = {(row["region"], row["period"], row["offence"]): int(row["value"]) for row in carried("47018NED")}
    assert found == expected
    assert "GM0000" in counts["1.1.1"]
    provisional = {row["period"] for row in carried("47018NED") if row["status"] == "provisional"}
    assert provisional == {str(year) for year in recording["provisional"]}


def test_average_population():
    population = recorded("politie-47018NED/data.json")["population"]
    expected: dict[tuple[str, str], int] = defaultdict(int)
    for code, series in population.items():
        for year, value in series.items():
            if int(year) <= 2024:
                expected["NL01", year] += value
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
    expected = {
        (item["RegioS"].strip(), item["Perioden"][:4], measures[item["Measure"]]): float(item["Value"])
        for item in recorded("cbs-03759ned/observations-page-1.json")["value"]
        if item["RegioS"].strip()[:2] in ("NL", "PV", "GM") and item["ValueAttribute"] == "None"
    }
    rows = carried("03759ned")
    assert {(row["region"], row["period"], row["measure"]): float(row["value"]) for row in rows} == expected
    assert {row["status"] for row in rows} == {"final"}


def at_the_end() -> dict[str, dict[str, str]]:
    """Population at the end of each year, by name."""
    with open(OFFICIAL / "cbs-37230ned" / "bevolkingeindeperiod_jaren_22122025.csv", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file, delimiter=";") if line]
    years = next(line for line in lines if line[0] == "Regio's")
    return {line[0]: dict(zip(years, line, strict=False)) for line in lines}


def test_population_on_1_january_before_2019():
    """The population of a day earlier; where boundaries moved that day, what moved is that of the code list."""
    published = at_the_end()
    municipalities, changes = table("municipalities"), table("changes")
    names = {row["code"]: row["name"] for row in municipalities} | {"NL01": "Nederland"}
    found = {(row["region"], int(row["period"])): int(row["value"]) for row in carried("37230ned-1-january")}
    assert {year for _, year in found} == set(range(2011, 2019))
    for year in range(2011, 2019):
        moved: dict[str, int] = defaultdict(int)
        gone, new = set(), set()
        for change in (change for change in changes if change["date"] == f"{year}-01-01"):
            source, target = change["from"], change["to"]
            if change["kind"] in ("merger", "renaming"):
                count = int(published[names[source]][str(year - 1)])
                gone.add(source)
            else:
                count = int(change["inhabitants"])
                gone |= {source} if change["kind"] == "split" else set()
            if (year, count) in {(2016, 2), (2016, 5)}:
                continue  # not counted by CBS either: see the notes of the table
            moved[source] -= count
            moved[target] += count
        rows = {code: value for (code, period), value in found.items() if period == year}
        for code, value in rows.items():
            name = "De Friese Meren" if (code, year) == ("GM1940", 2016) else names[code]
            before = published.get(name, {}).get(str(year - 1), "")
            assert value == (int(before) if before.isdigit() else 0) + moved[code], (code, year)
            new |= {code} if not before.isdigit() else set()
        assert not gone & set(rows)
        assert all(moved[code] > 0 for code in new)
        assert sum(value for code, value in rows.items() if code != "NL01") == rows["NL01"]


def test_municipalities_on_1_january_before_2019_are_their_province():
    published = at_the_end()
    provinces = {row["code"]: row["province"] for row in table("municipalities")}
    names = {item["Identifier"].strip(): item["Title"] for item in recorded("cbs-03759ned/codes-RegioS.json")["value"]}
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for row in carried("37230ned-1-january"):
        if row["region"] != "NL01":
            sums[provinces[row["region"]], int(row["period"])] += int(row["value"])
    differences = {
        (code, year): total - int(published[names[code]][str(year - 1)])
        for (code, year), total in sums.items()
        if total != int(published[names[code]][str(year - 1)])
    }
    # on 1 January 2012 fourteen people of Noord-Holland came to live in Utrecht and Zuid-Holland
    assert differences == {("PV26", 2012): 4, ("PV27", 2012): -14, ("PV28", 2012): 10}


def test_population_on_1_january_goes_with_the_average_that_was_published():
    published = at_the_end()
    average = {(row["region"], int(row["period"])): int(row["value"]) for row in carried("70072ned-population")}
    names = {row["code"]: row["name"] for row in table("municipalities")}
    differences = {}
    for row in carried("37230ned-1-january"):
        code, year = row["region"], int(row["period"])
        end = published[names.get(code, "Nederland")].get(str(year), "")
        if year < 2012 or not end.isdigit() or code == "NL01":
            continue
        difference = (int(row["value"]) + int(end)) / 2 - average[code, year]
        if abs(difference) > 0.5:
            differences[names[code], year] = difference
    assert differences == {("Hellevoetsluis", 2018): 1.0}


def table(name: str) -> list[dict[str, str]]:
    with open(DATA / "regions" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_average_sale_price():
    status = {
        item["Identifier"]: {"Definitief": "final"}.get(item["Status"], "provisional")
        for item in recorded("cbs-83625NED/codes-Perioden.json")["value"]
    }
    expected = {
        (item["RegioS"].strip(), item["Perioden"][:4]): (item["Value"], status[item["Perioden"]])
        for item in recorded("cbs-83625NED/observations-page-1.json")["value"]
        if item["RegioS"].strip()[:2] in ("NL", "PV", "GM") and item["Value"] is not None
    }
    rows = carried("83625NED")
    assert {(row["region"], row["period"]): (int(row["value"]), row["status"]) for row in rows} == expected


def test_dates_of_change_are_the_publishers():
    for number in ("03759ned", "83625NED"):
        properties, index = recorded(f"cbs-{number}/properties.json"), recorded(f"cbs-{number}/index.json")
        for path in (DATA / "snapshots").glob(f"cbs/*/{number}.yml"):
            text = path.read_text(encoding="utf-8")
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


def test_key_figures_of_2015():
    topics = {
        "inhabitants_1_january": ("TotaleBevolking_1", 1),
        "inhabitants_average": ("GemiddeldAantalInwoners_81", 1),
        "bijstand_persons": ("BijstandTotDeAOWLeeftijd_162", 1),
        "migration_balance": ("BinnenlandsMigratiesaldo_71", 1),
        "dwellings": ("VoorraadOp1Januari_90", 1),
        "rented_pct": ("Huurwoningen_95", 1),
        "woz_value": ("GemiddeldeWoningwaarde_99", 1000),
        "establishments_trade_catering": ("GIHandelEnHoreca_171", 1),
        "distance_supermarket_km": ("AfstandTotGroteSupermarkt_226", 1),
    }
    path = next((OFFICIAL / "cbs-70072ned-2015").glob("*.csv"))
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    expected = {
        (line["RegioS"].strip(), measure): float(line[column]) * factor
        for line in lines
        for measure, (column, factor) in topics.items()
        if line["RegioS"].strip()[:2] in ("GM", "NL", "PV") and line[column].strip() not in ("", ".")
    }
    found = {(row["region"], row["measure"]): float(row["value"]) for row in carried("70072ned-2015")}
    assert found == {key: value for key, value in expected.items() if key in found}
    assert len({region for region, _ in found}) == 395
    assert {region for region, _ in expected} - {region for region, _ in found} == {
        line["RegioS"].strip() for line in lines if line["RegioS"].strip().startswith("PV")
    } - {"PV31"}


def test_key_figures_of_wijken_and_buurten_in_2020():
    duckdb = pytest.importorskip("duckdb")
    topics = {
        "population": "AantalInwoners_5",
        "persons_social_assistance": "PersonenPerSoortUitkeringBijstand_83",
        "distance_supermarket_km": "AfstandTotGroteSupermarkt_106",
        "boundary_change": "IndelingswijzigingWijkenEnBuurten_4",
    }
    path = OFFICIAL / "cbs-84799NED-2020" / "cbs.v3.84799NED_TypedDataSet.parquet"
    with duckdb.connect() as base:
        names = ", ".join(topics.values())
        lines = base.execute(f"select trim(WijkenEnBuurten), {names} from read_parquet(?)", [str(path)]).fetchall()
    own = ("0882", "0899", "0917", "0928", "0965", "0986", "1954")
    expected = {
        (region.replace("NL00", "NL01"), measure): None if value in (None, ".") else float(value)
        for region, *values in lines
        for measure, value in zip(
            topics, (text.strip() if isinstance(text, str) else text for text in values), strict=True
        )
        if region[:2] in ("NL", "GM") or region[2:6] in own
    }
    rows = carried("84799NED")
    found = {(row["region"], row["measure"]): float(row["value"]) if row["value"] else None for row in rows}
    assert found == expected
    assert all((row["status"] == "missing") == (row["value"] == "") for row in rows)


def test_work_and_care_in_2015():
    topics = {
        "disability_persons": ("ArbeidsongeschiktheidTotaal_163", 1),
        "unemployment_persons": ("Werkloosheid_159", 1),
        "jobs": ("TotaalAantalBanen_112", 1000),
        "distance_daycare_km": ("AfstandTotKinderdagverblijf_218", 1),
        "distance_gp_km": ("AfstandTotHuisartsenpraktijk_213", 1),
    }
    path = next((OFFICIAL / "cbs-70072ned-2015").glob("*.csv"))
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = {line["RegioS"].strip(): line for line in csv.DictReader(file, delimiter=";")}
    expected = {
        (region, measure): round(float(line[column]) * factor, 1)
        for region, line in lines.items()
        for measure, (column, factor) in topics.items()
        if region in ("PV31", "NL01")
        or (region.startswith("GM") and line["TotaleBevolking_1"].strip() not in ("", "."))
    }
    rows = carried("70072ned-2015-work-care")
    assert {(row["region"], row["measure"]): float(row["value"]) for row in rows} == expected


def test_work_and_care_of_wijken_and_buurten_in_2020():
    duckdb = pytest.importorskip("duckdb")
    folder = OFFICIAL / "cbs-84799NED-2020"
    with duckdb.connect() as base:
        lines = base.execute(
            "select trim(WijkenEnBuurten), PersonenPerSoortUitkeringAO_84, PersonenPerSoortUitkeringWW_85,"
            " AfstandTotKinderdagverblijf_107 from read_parquet(?)",
            [str(folder / "cbs.v3.84799NED_TypedDataSet.parquet")],
        ).fetchall()
        texts = base.execute(
            "select Key, Description from read_parquet(?) where Key like 'PersonenPerSoortUitkering%'",
            [str(folder / "cbs.v3.84799NED_DataProperties.parquet")],
        ).fetchall()
        titles = dict(
            base.execute(
                "select trim(Key), trim(Title) from read_parquet(?)",
                [str(folder / "cbs.v3.84799NED_WijkenEnBuurten.parquet")],
            ).fetchall()
        )
    own = ("0882", "0899", "0917", "0928", "0965", "0986", "1954")
    expected = {
        (region.replace("NL00", "NL01"), measure): value
        for region, *values in lines
        for measure, value in zip(
            ("disability_persons", "unemployment_persons", "distance_daycare_km"), values, strict=True
        )
        if region[:2] in ("NL", "GM") or region[2:6] in own
    }
    rows = carried("84799NED-work-care")
    assert {(row["region"], row["measure"]): float(row["value"]) if row["value"] else None for row in rows} == expected
    assert {row["status"] for row in rows if row["measure"].endswith("_persons")} == {"provisional", "missing"}
    assert all("Het betreft voorlopige cijfers" in text for key, text in texts if not key.endswith("AOW_86"))
    for table in ("84799NED", "84799NED-work-care"):
        described = yaml.safe_load(next((DATA / "snapshots").glob(f"cbs/*/{table}.yml")).read_text(encoding="utf-8"))
        names = next(column["codes"] for column in described["columns"] if column["role"] == "region")
        assert names and all(titles[code] == name for code, name in names.items())
