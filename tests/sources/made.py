"""Two small tables of a publisher that does not exist, with the register that knows them."""

from __future__ import annotations

from evaluation.statistics.sources.registry_schema import Table
from tests.sources.server import Publisher, Reply

REGISTER = """
services:
  made-odata4: {protocol: odata4, base_url: "http://made.invalid/v4"}
  made-odata3: {protocol: odata3, base_url: "http://made.invalid/v3"}
  made-files: {protocol: spreadsheet, base_url: "http://made.invalid/files"}
publishers:
  made:
    name: Verzonnen uitgever
    licence: CC BY 4.0
    licence_url: https://creativecommons.org/licenses/by/4.0/
    attribution: "Bron: verzonnen, tabel {table}"
    table_url: "https://made.invalid/{table}"
tables:
  made/4444NED:
    title: Verzonnen aantallen
    service: made-odata4
    first_year: 2020
    measures: [{code: M1, name: things, label: Dingen, maximum: 1000000}]
    value_meaning: Verzonnen dingen
    unit: aantal
    provisional_rule: "Status van het jaar."
    checks: {total: 0, change: 0.2, floor: 10}
  made/3333NED:
    title: Verzonnen soorten
    service: made-odata3
    region: WijkenEnBuurten
    first_year: 2020
    regions: [NL, GM]
    rename_regions: {NL00: NL01}
    drop_regions: [GM0000]
    classify: {dimension: Soort, column: kind, meaning: Soort ding, codes: {"1.1": Klein, "1.2": Groot}}
    measures: [{code: Dingen_1, name: things, label: Dingen, minimum: 1, maximum: 100}]
    null_means: withheld
    boundaries: 2025
    value_meaning: Verzonnen dingen
    unit: aantal
    provisional_rule: "Status van het jaar."
    checks: {total: 0}
  made/blad:
    title: Verzonnen blad
    service: made-files
    path: blad.xlsx
    first_year: 2020
    status: final
    measures:
      - {code: Leeg, name: vacant, label: Leeg}
      - {code: Alles, name: all, label: Alles}
    workbook: {sheet: Tabel 1, header_row: 3, region: Gemeentecode, period: Jaar, rows: {Functie: Winkel}}
    value_meaning: Verzonnen oppervlakte
    unit: m2
    provisional_rule: "Sterretje."
    checks: {country: null}
  locatus/winkels:
    title: Verzonnen tellingen
    private: true
    closed: "licensed; regiodeal data add FILE --as {name} --private"
"""
REGISTER = REGISTER.replace(
    "tables:\n",
    """  locatus:
    name: Locatus
    licence: betaald
    licence_url: niet openbaar
    attribution: "Bron: Locatus"
    table_url: niet openbaar
tables:
""",
    1,
)

V4 = "/v4/4444NED"
V3 = "/v3/3333NED"
FIGURES = {
    ("GM0001", 2020): 100,
    ("GM0002", 2020): 50,
    ("NL01", 2020): 150,
    ("GM0001", 2021): 110,
    ("GM0002", 2021): 60,
    ("NL01", 2021): 170,
}


def observation(region: str, year: int, value: float | None, mark: str = "None") -> dict:
    """Write one observation as v4 does."""
    return {
        "Id": 1,
        "Measure": "M1",
        "ValueAttribute": mark,
        "Value": value,
        "StringValue": None,
        "RegioS": region,
        "Perioden": f"{year}JJ00",
    }


def answer_v4(publisher: Publisher, figures: dict = FIGURES, *, extra: tuple[dict, ...] = ()) -> list[dict]:
    """Let the server answer as a v4 service with two pages of observations; return these."""
    rows = [observation(region, year, value) for (region, year), value in figures.items()] + list(extra)
    publisher.answers |= {
        f"{V4}/Properties": Reply(
            {"Identifier": "4444NED", "Title": "Verzonnen aantallen", "Modified": "2026-01-02T00:00:00+01:00"}
        ),
        f"{V4}/Dimensions": Reply({"value": [{"Identifier": "RegioS"}, {"Identifier": "Perioden"}]}),
        f"{V4}/MeasureCodes": Reply({"value": [{"Identifier": "M1", "Title": "Dingen"}]}),
        f"{V4}/PeriodenCodes": Reply(
            {
                "value": [
                    {"Identifier": "2020JJ00", "Title": "2020", "Status": "Definitief"},
                    {"Identifier": "2021JJ00", "Title": "2021", "Status": "NaderVoorlopig"},
                ]
            }
        ),
        f"{V4}/RegioSCodes": Reply({"value": [{"Identifier": "GM0001", "Title": "Eerste"}]}),
        f"{V4}/Observations/$count": Reply(str(len(rows)).encode(), kind="text/plain"),
        f"{V4}/Observations": pages(publisher, rows),
    }
    return rows


def pages(publisher: Publisher, rows: list[dict], *, second: list[dict] | None = None):
    """Answer with the first half of the rows and a next link to the second half."""
    half = len(rows) // 2

    def answer(query: dict[str, str]) -> Reply:
        if query.get("$skiptoken") == "2":
            return Reply({"value": rows[half:] if second is None else second})
        return Reply({"value": rows[:half], "@odata.nextLink": f"{publisher.address}{V4}/Observations?$skiptoken=2"})

    return answer


def answer_v3(publisher: Publisher, rows: list[dict], *, number: str = "3333NED", kinds: dict[str, str] | None = None):
    """Let the server answer as a v3 service: padded codes, and a next link after each 10,000 rows or less."""
    base = f"/v3/{number}"
    kinds = kinds or {"1.1": "Klein", "1.2": "Groot"}
    kind_name = "Soort" if number == "3333NED" else "SoortMisdrijf"
    column = "Dingen_1" if number == "3333NED" else "GeregistreerdeMisdrijven_1"
    years = sorted({row["Perioden"] for row in rows})
    publisher.answers |= {
        f"{base}/TableInfos": Reply(
            {"value": [{"Identifier": number, "Title": "Verzonnen soorten", "Modified": "2026-02-03T02:00:00"}]}
        ),
        f"{base}/DataProperties": Reply(
            {
                "value": [
                    {"odata.type": "Cbs.OData.Dimension", "Key": kind_name, "Title": "Soort"},
                    {"odata.type": "Cbs.OData.GeoDimension", "Key": "WijkenEnBuurten", "Title": "Gebied"},
                    {"odata.type": "Cbs.OData.TimeDimension", "Key": "Perioden", "Title": "Perioden"},
                    {"odata.type": "Cbs.OData.Topic", "Key": column, "Title": "Aantal"},
                ]
            }
        ),
        f"{base}/{kind_name}": Reply(
            {"value": [{"Key": key.ljust(6), "Title": f"{key} {text}"} for key, text in kinds.items()]}
        ),
        f"{base}/Perioden": Reply(
            {
                "value": [
                    {"Key": code, "Status": "Voorlopig" if code >= "2024" else "Definitief", "Title": code[:4]}
                    for code in years
                ]
            }
        ),
        f"{base}/TypedDataSet/$count": Reply(str(len(rows)).encode(), kind="text/plain"),
        f"{base}/TypedDataSet": lambda query: Reply(
            {"value": rows[int(query["$skip"]) : int(query["$skip"]) + int(query["$top"])]}
        ),
    }


def answer_v3_as(publisher: Publisher, path: str, table: Table, rows: list[dict], *, statuses: dict[str, str]) -> None:
    """Let the server answer as a v3 service that has exactly what the register says of a table, and these rows."""
    base = f"{path}/{table.number}"
    chosen = table.chosen_codes
    dimensions = [
        {"odata.type": f"Cbs.OData.{kind}Dimension", "Key": key, "Title": key}
        for kind, key in (("Geo", table.region), ("Time", table.period), *(("", name) for name in chosen))
    ]
    topics = [{"odata.type": "Cbs.OData.Topic", "Key": item.code, "Title": item.label} for item in table.measures]
    publisher.answers |= {
        f"{base}/TableInfos": Reply({"value": [{"Identifier": table.number, "Title": table.title}]}),
        f"{base}/DataProperties": Reply({"value": dimensions + topics}),
        f"{base}/{table.period}": Reply({"value": [{"Key": key, "Status": word} for key, word in statuses.items()]}),
        f"{base}/TypedDataSet/$count": Reply(str(len(rows)).encode(), kind="text/plain"),
        f"{base}/TypedDataSet": Reply({"value": rows}),
    } | {
        f"{base}/{name}": Reply({"value": [{"Key": code.ljust(10), "Title": code} for code in codes]})
        for name, codes in chosen.items()
    }


def answer_v4_as(publisher: Publisher, path: str, table: Table) -> None:
    """Let the server answer as a v4 service that has exactly what the register says of a table, and no rows."""
    base, chosen = f"{path}/{table.number}", table.chosen_codes
    lists = {"Measure": [item.code for item in table.measures], table.period: ["2020JJ00"], **chosen}
    dimensions = [table.region, table.period, *chosen]
    publisher.answers |= {
        f"{base}/Properties": Reply({"Identifier": table.number, "Title": table.title}),
        f"{base}/Dimensions": Reply({"value": [{"Identifier": name} for name in dimensions]}),
        f"{base}/Observations/$count": Reply(b"0", kind="text/plain"),
    } | {
        f"{base}/{name}Codes": Reply({"value": [{"Identifier": code, "Title": code} for code in codes]})
        for name, codes in lists.items()
    }
