"""The project's own register: how each entry came about, and that a check asks a service what a fetch would need."""

from __future__ import annotations

import json

import pytest

from evaluation.base.errors import SourceError
from evaluation.inputs.indicators import load_indicators
from evaluation.statistics.snapshots import list_snapshots
from evaluation.statistics.sources.fetch import check_table
from evaluation.statistics.sources.registry import load_registry
from evaluation.statistics.sources.registry_schema import Table
from tests.sources.conftest import ROOT, Checkout
from tests.sources.made import FIGURES, REGISTER, answer_v3, answer_v3_as, answer_v4, answer_v4_as
from tests.sources.server import Publisher, Reply

REGISTRY = load_registry(path=ROOT / "data" / "sources.yml")
OPEN = [item for item in REGISTRY.tables.values() if item.closed is None]
BY_PROTOCOL = {
    protocol: [item.name for item in OPEN if REGISTRY.services[item.service].protocol == protocol]
    for protocol in ("odata3", "odata4")
}


def test_every_table_that_can_be_fetched_says_how_its_entry_came_about():
    assert {item.name for item in OPEN if item.tried is None} == set()
    recorded = {item.name for item in OPEN if item.tried == "recorded"}
    assert recorded == {"cbs/03759ned", "cbs/83625NED", "politie/47018NED", "cbs/84799NED"}
    with pytest.raises(ValueError, match="`tried` only where the table can be fetched"):
        Table(source="cbs", table="1NED", title="Dicht", closed="not seen", tried="documented")


def test_every_table_that_an_indicator_names_is_in_the_register():
    known = {name for item in REGISTRY.tables.values() for name in (item.number, item.table)}
    for item in load_indicators(folder=ROOT / "data" / "indicators").values():
        assert item.source.table is None or item.source.table in known, item.id
        used = item.calculation
        for part in (*used.numerator, *used.denominator, *used.weights) if used else ():
            assert f"{part.source}/{part.table}" in REGISTRY.tables, item.id
    pinned = {item.name for item in list_snapshots(folder=ROOT / "data" / "snapshots")}
    assert pinned <= set(REGISTRY.tables)


def test_figures_have_bounds():
    for item in OPEN:
        if item.tried == "documented":
            assert all(measure.maximum is not None for measure in item.measures), item.name


def test_every_entry_that_can_be_fetched_is_held_to_an_answer():
    assert sum(map(len, BY_PROTOCOL.values())) == len(OPEN)


@pytest.mark.parametrize("name", BY_PROTOCOL["odata4"])
def test_an_entry_of_long_observations_is_held_to_what_a_service_has(publisher: Publisher, name: str):
    table, place = REGISTRY.tables[name], {"base_url": f"{publisher.address}/v4"}
    answer_v4_as(publisher, "/v4", table)
    assert check_table(table, REGISTRY, **place) == 0
    assert publisher.times(f"/v4/{table.number}/Observations") == 0
    for which, codes in {"Measure": [item.code for item in table.measures], **table.chosen_codes}.items():
        others = [{"Identifier": f"{code}9", "Title": "Iets anders"} for code in codes]
        whole = publisher.answers[f"/v4/{table.number}/{which}Codes"]
        publisher.answers[f"/v4/{table.number}/{which}Codes"] = Reply({"value": others})
        with pytest.raises(SourceError, match=f"no (measure|code) '{codes[0]}'"):
            check_table(table, REGISTRY, **place)
        publisher.answers[f"/v4/{table.number}/{which}Codes"] = whole


@pytest.mark.parametrize("name", BY_PROTOCOL["odata3"])
def test_an_entry_is_held_to_what_a_service_has(publisher: Publisher, name: str):
    table = REGISTRY.tables[name]
    place = {"base_url": f"{publisher.address}/v3"}
    answer_v3_as(publisher, "/v3", table, [], statuses={"2020JJ00": "Definitief"})
    address = f"/v3/{table.number}/DataProperties"
    rows = json.loads(publisher.answers[address].body)["value"]
    if table.year is not None:  # no dimension of periods, and a column that tells of boundaries
        rows = [row for row in rows if row["Key"] != table.period]
        rows.append({"odata.type": "Cbs.OData.Topic", "Key": table.boundary_change, "Title": "Indelingswijziging"})
    publisher.answers[address] = Reply({"value": rows})
    assert check_table(table, REGISTRY, **place) == 0
    assert publisher.times(f"/v3/{table.number}/TypedDataSet") == 0
    code = table.measures[-1].code
    renamed = [row | {"Key": f"{code}9"} if row["Key"] == code else row for row in rows]
    publisher.answers[address] = Reply({"value": renamed})
    with pytest.raises(SourceError, match=f"no column '{code}'"):
        check_table(table, REGISTRY, **place)


def test_one_table_tells_what_every_service_answers(checkout: Checkout, publisher: Publisher):
    checkout.register(REGISTER.replace("    service: made-odata4\n", "    service: made-odata4\n    tried: recorded\n"))
    answer_v4(publisher, FIGURES)
    answer_v3(publisher, [{"Soort": "1.1   ", "WijkenEnBuurten": "GM0001", "Perioden": "2020JJ00", "Dingen_1": 4}])
    publisher.answers["/v3/3333NED/Soort"] = Reply({"value": [{"Key": "1.1   ", "Title": "Klein"}]})
    before = checkout.files()
    given = [
        f"--base-url=made-{name}={publisher.address}/{path}" for name, path in (("odata4", "v4"), ("odata3", "v3"))
    ]
    result = checkout.regiodeal("data", "fetch", "--all", "--check-only", *given, "--attempts", "1")
    head, *lines = result.output.splitlines()
    assert head.split() == ["table", "entry", "answer"]
    assert lines[0] == f"made/4444NED     recorded    as registered: {len(FIGURES)} rows"
    assert lines[1].startswith("made/3333NED     open        otherwise: ") and "no code '1.2'" in lines[1]
    assert lines[2] == "made/blad        open        not asked: a file tells nothing of itself"
    assert lines[3].startswith("locatus/winkels  closed      not asked: licensed")
    assert lines[-1] == "4 tables: 1 as registered, 1 otherwise, 0 not reached, 2 not asked. Nothing was written."
    assert result.exit_code == SourceError.exit_code
    assert checkout.files() == before
