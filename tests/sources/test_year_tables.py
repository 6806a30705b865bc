"""A table of one year with its neighbourhoods: no periods, many columns, and what became of each boundary."""

from __future__ import annotations

import pytest

from evaluation.base.errors import InputError
from evaluation.statistics.neighbourhoods import read_neighbourhoods
from evaluation.statistics.row_counts import verify_snapshots, write_row_counts
from evaluation.statistics.snapshots import open_snapshot
from evaluation.statistics.sources.registry import load_registry
from tests.sources.conftest import Checkout
from tests.sources.made import REGISTER
from tests.sources.server import Publisher, Reply

NAME = "made/2020NED"
BASE = "/v3/2020NED"
TABLE = """
  made/2020NED:
    title: Verzonnen buurten
    service: made-odata3
    region: WijkenEnBuurten
    year: 2020
    boundaries: 2020
    status: final
    regions: [NL, GM, WK, BU]
    rename_regions: {NL00: NL01}
    boundary_change: Indelingswijziging_4
    measures:
      - {code: AantalInwoners_5, name: population, label: Inwoners}
      - {code: Percentage_6, name: share_pct, label: Deel}
    value_meaning: Verzonnen kenmerk
    unit: verschilt
    provisional_rule: "Definitief."
    checks: {total: 0, summed: [population], change: 0.2, floor: 10}
"""
FIGURES = {
    "NL00": (300, 10, "."),
    "GM0001": (100, 20, "."),
    "GM0002": (200, 30, "."),
    "WK000100": (95, 40, "1"),
    "WK000200": (200, 50, "1"),
    "BU00010000": (60, None, "1"),
    "BU00010001": (35, 60, "3"),
    "BU00020000": (200, 70, "2"),
}


def answer(publisher: Publisher, figures: dict = FIGURES) -> None:
    """Answer as v3 does: padded codes, a GeoDetail for a dimension, and columns nobody asked for."""
    rows = [
        {
            "ID": number,
            "WijkenEnBuurten": region.ljust(10),
            "Gemeentenaam_1": "Verzonnen".ljust(40),
            "Indelingswijziging_4": change if change is None else change.ljust(3),
            "AantalInwoners_5": people,
            "Percentage_6": share,
        }
        for number, (region, (people, share, change)) in enumerate(figures.items())
    ]
    topics = ("Gemeentenaam_1", "Indelingswijziging_4", "AantalInwoners_5", "Percentage_6")
    publisher.answers |= {
        f"{BASE}/TableInfos": Reply(
            {"value": [{"Identifier": "2020NED", "Title": "Verzonnen", "Modified": "2021-03-26"}]}
        ),
        f"{BASE}/DataProperties": Reply(
            {
                "value": [
                    {"odata.type": "Cbs.OData.GeoDetail", "Key": "WijkenEnBuurten", "Title": "Gebied"},
                    {"odata.type": "Cbs.OData.TopicGroup", "Key": "", "Title": "Bevolking"},
                    *({"odata.type": "Cbs.OData.Topic", "Key": key, "Title": key} for key in topics),
                ]
            }
        ),
        f"{BASE}/TypedDataSet/$count": Reply(str(len(rows)).encode(), kind="text/plain"),
        f"{BASE}/TypedDataSet": lambda query: Reply(
            {"value": rows[int(query["$skip"]) : int(query["$skip"]) + int(query["$top"])]}
        ),
    }


@pytest.fixture
def ready(checkout: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    checkout.register(REGISTER + TABLE)
    for path in checkout.snapshots.glob("cbs/*/84799NED.*"):
        path.unlink()
    write_row_counts()
    monkeypatch.setenv("REGIODEAL_BASE_URL_MADE_ODATA3", f"{publisher.address}/v3")
    answer(publisher)
    return checkout


def refused(checkout: Checkout) -> str:
    before = checkout.files()
    result = checkout.regiodeal("data", "fetch", NAME)
    assert result.exit_code == 6, result.output
    assert result.stderr.count("\n") == 1
    assert checkout.files() == before
    return result.stderr.strip()


def test_wide_rows_become_measures_of_that_year(ready: Checkout, publisher: Publisher):
    assert ready.regiodeal("data", "fetch", NAME).exit_code == 0
    snapshot = open_snapshot("made", "2020NED")
    assert snapshot.metadata.change_measure == "boundary_change"
    assert (snapshot.metadata.first_period, snapshot.metadata.last_period, snapshot.metadata.boundaries) == (2020,) * 3
    people = snapshot.series("population")
    assert set(people["period"]) == {2020}
    assert people.set_index("region")["value"].to_dict() == {
        {"NL00": "NL01"}.get(region, region): figure[0] for region, figure in FIGURES.items()
    }
    share = snapshot.series("share_pct").set_index("region")
    assert share.loc["BU00010000", "status"] == "missing"
    change = snapshot.series("boundary_change").set_index("region")
    assert change["value"].dropna().to_dict() == {
        "BU00010000": 1,
        "BU00010001": 3,
        "BU00020000": 2,
        "WK000100": 1,
        "WK000200": 1,
    }
    assert set(change.loc[["NL01", "GM0001", "GM0002"], "status"]) == {"missing"}
    (asked,) = {query["$filter"] for path, query in publisher.asked if path == f"{BASE}/TypedDataSet"}
    assert (
        asked == "(" + " or ".join(f"startswith(WijkenEnBuurten,'{kind}')" for kind in ("NL", "GM", "WK", "BU")) + ")"
    )
    assert publisher.times(f"{BASE}/Perioden") == 0
    verify_snapshots()

    again = ready.regiodeal("data", "fetch", NAME)
    assert "the same 24 figures as vintage" in again.output
    panel = read_neighbourhoods("population", ["GM0001"])
    assert panel[["unit", "value"]].to_numpy().tolist() == [
        ["BU00010000", 60],
        ["BU00010001", 35],
        ["GM0001", 100],
        ["WK000100", 95],
    ]


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (FIGURES | {"GM0002": (201, 30, ".")}, "AantalInwoners_5 in 2020: the parts add up to 301, NL01 is 300"),
        (FIGURES | {"BU00010001": (35, 60, "4")}, "BU00010001 has boundary change 4; known: 1, 2, 3"),
        (FIGURES | {"BU00010001": (35, 60, ".")}, "BU00010001 says nothing of its boundaries (boundary_change)"),
        (FIGURES | {"BU00010001": (35, 60, None)}, "BU00010001 says nothing of its boundaries (boundary_change)"),
        (FIGURES | {"BU00010001": (35, 60, "nieuw")}, "is 'nieuw'; expected a number"),
        (
            FIGURES | {"BU00030000": (1, 1, "1")},
            "1 regions of which GM is not there, such as BU00030000 without GM0003",
        ),
        (
            FIGURES | {"BU00010100": (1, 1, "1")},
            "1 regions of which WK is not there, such as BU00010100 without WK000101",
        ),
        (FIGURES | {"BU0001000": (1, 1, "1")}, "region 'BU0001000'; expected 10 characters"),
        ({key: value for key, value in FIGURES.items() if key[:2] != "BU"}, "no region that begins with BU"),
        ({key: value for key, value in FIGURES.items() if key != "NL00"}, "no figure of NL01 for AantalInwoners_5"),
    ],
)
def test_a_table_that_does_not_fit_together_is_refused(ready: Checkout, publisher: Publisher, figures: dict, told: str):
    answer(publisher, figures)
    assert told in refused(ready)


def test_columns_that_moved_are_told(ready: Checkout, publisher: Publisher):
    described = publisher.answers[f"{BASE}/DataProperties"]
    described.body = described.body.replace(b"Indelingswijziging_4", b"IndelingswijzigingGemeenteWijkBuurt_4")
    assert "no column 'Indelingswijziging_4'" in refused(ready)
    described.body = described.body.replace(b"Cbs.OData.TopicGroup", b"Cbs.OData.TimeDimension")
    assert "a dimension that the register does not know" in refused(ready)


def test_neighbourhoods_that_went_or_jumped_since_the_last_vintage_are_told(ready: Checkout, publisher: Publisher):
    assert ready.regiodeal("data", "fetch", NAME).exit_code == 0
    answer(publisher, {key: value for key, value in FIGURES.items() if key != "BU00010001"})
    assert "3 figures of vintage" in refused(ready)
    answer(publisher, FIGURES | {"BU00010001": (350, 60, "3")})
    assert "most BU00010001 2020 population: 35 became 350" in refused(ready)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    status: final\n    regions: [NL, GM, WK", "    regions: [NL, GM, WK", "`status` beside `year`"),
        ("    boundaries: 2020\n", "", "`boundaries: 2020` for a table about 2020"),
        ("    year: 2020\n", "", "`boundary_change` only beside `year`"),
        ("name: share_pct", "name: boundary_change", "each name of a measure once"),
        ("summed: [population]", "summed: [people]", "'people' is none"),
        ("Verzonnen buurten\n    service: made-odata3", "Buurten\n    service: made-odata4", "a service with odata3"),
    ],
)
def test_what_a_table_of_one_year_must_say(checkout: Checkout, old: str, new: str, told: str):
    assert old in TABLE
    checkout.register(REGISTER + TABLE.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_registry()
    assert told in str(caught.value)
    assert "tables.made/2020NED" in str(caught.value)


def test_the_command_mends_row_counts(ready: Checkout):
    counts = ready.snapshots / "row_counts.csv"
    before = counts.read_bytes()
    counts.write_bytes(before.replace(b"\n", b"\nmade,gone,2026-01-01,2020,5\n", 1))
    mended = ready.regiodeal("data", "verify", "--mend")
    assert mended.output.splitlines()[0] == "Mended: data/snapshots/row_counts.csv was written anew."
    assert counts.read_bytes() == before
    assert ready.regiodeal("data", "verify", "--mend").output.startswith("In order: ")
