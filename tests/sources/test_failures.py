"""Whatever a publisher does wrong: one clear line, the right exit code, and nothing written."""

from __future__ import annotations

import json
import socket

import pytest

from evaluation.base.errors import SnapshotError, SourceError
from evaluation.statistics.row_counts import verify_snapshots
from evaluation.statistics.snapshots import open_snapshot
from evaluation.statistics.sources.http import Patience
from tests.cli.test_outside import refuse_writes
from tests.conftest import Project
from tests.planted import script
from tests.sources import made
from tests.sources.conftest import Checkout
from tests.sources.made import FIGURES, V3, V4, answer_v3, answer_v4, observation, pages
from tests.sources.server import Publisher, Reply

NAME = "made/4444NED"


@pytest.fixture
def ready(checkout: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A project that knows the made tables, and a server that answers well."""
    checkout.register(made.REGISTER)
    monkeypatch.setenv("REGIODEAL_BASE_URL_MADE_ODATA4", f"{publisher.address}/v4")
    monkeypatch.setenv("REGIODEAL_BASE_URL_MADE_ODATA3", f"{publisher.address}/v3")
    monkeypatch.setenv("REGIODEAL_BASE_URL_MADE_FILES", f"{publisher.address}/files")
    answer_v4(publisher)
    return checkout


def fetch(checkout: Checkout, *arguments: str, name: str = NAME):
    return checkout.regiodeal("data", "fetch", name, *arguments)


def refused(checkout: Checkout, *arguments: str, name: str = NAME, code: int = 6) -> str:
    """Fetch, and return the one line that says what is wrong; not a file is another one afterwards."""
    before = checkout.files()
    result = fetch(checkout, *arguments, name=name)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert checkout.files() == before
    verify_snapshots()
    return result.stderr.strip()


def test_a_disk_that_refuses_a_write_leaves_no_half_snapshot(ready: Checkout):
    refuse_writes(Project(ready.root), ["data", "fetch", NAME], ready.files)


def test_a_good_answer_in_two_pages_becomes_a_snapshot(ready: Checkout, publisher: Publisher):
    assert fetch(ready).exit_code == 0
    snapshot = open_snapshot("made", "4444NED")
    assert snapshot.frame.itertuples(index=False, name=None).__next__() == ("GM0001", 2020, 100.0, "final")
    assert dict(zip(snapshot.frame["period"], snapshot.frame["status"], strict=True)) == {
        2020: "final",
        2021: "provisional",
    }
    assert publisher.times(f"{V4}/Observations") == 2
    assert ready.waits == []


def test_a_server_that_recovers_is_asked_again_with_growing_waits(ready: Checkout, publisher: Publisher):
    good = publisher.answers[f"{V4}/Properties"]
    publisher.answers[f"{V4}/Properties"] = [Reply(status=500), Reply(status=503), good]
    assert fetch(ready).exit_code == 0
    assert ready.waits == [1.0, 2.0]


def test_a_server_that_never_recovers(ready: Checkout, publisher: Publisher):
    publisher.answers[f"{V4}/Observations"] = Reply(
        b"<html><title>Storing</title></html>", status=500, kind="text/html"
    )
    line = refused(ready, "--attempts", "3")
    assert line.startswith(f"{NAME}, {V4}/Observations?$filter=")
    assert "HTTP 500 (a page with the title 'Storing'), 3 attempts" in line
    assert publisher.times(f"{V4}/Observations") == 3


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"value": [1, null]}', "a row that is not an object"),
        ('{"value": [], "@odata.nextLink": 5}', "nextLink is not an address"),
        ('{"value": [{"Identifier": "\\ud800"}]}', "half of a letter"),
    ],
)
def test_json_that_is_no_page(ready: Checkout, publisher: Publisher, body: str, said: str):
    publisher.answers[f"{V4}/MeasureCodes"] = Reply(body=body.encode())
    assert said in refused(ready)


def test_retry_after_is_honoured(ready: Checkout, publisher: Publisher):
    good = publisher.answers[f"{V4}/Properties"]
    publisher.answers[f"{V4}/Properties"] = [Reply(status=429, headers={"Retry-After": "7"}), good]
    assert fetch(ready).exit_code == 0
    assert ready.waits == [7.0]


@pytest.mark.parametrize(
    "said", ["Wed, 21 Oct 2015 07:28:00 GMT", "Mon, 1 Jan 99999999999999999999 00:00:00 GMT", "\u00b2", "-1", "soon"]
)
def test_retry_after_that_has_passed_or_says_nothing_waits_as_usual(ready: Checkout, publisher: Publisher, said: str):
    good = publisher.answers[f"{V4}/Properties"]
    late = Reply(status=429, headers={"Retry-After": said})
    publisher.answers[f"{V4}/Properties"] = [late, good]
    assert fetch(ready).exit_code == 0
    assert ready.waits == [1.0]


def test_retry_after_that_is_too_long_is_told(ready: Checkout, publisher: Publisher):
    publisher.answers[f"{V4}/Properties"] = Reply(status=429, headers={"Retry-After": "86400"})
    line = refused(ready)
    assert "HTTP 429: the publisher asks to wait 86400 s, longer than 60 s; try again later" in line
    assert ready.waits == []
    assert publisher.times(f"{V4}/Properties") == 1


def test_a_time_out(ready: Checkout, publisher: Publisher):
    publisher.answers[f"{V4}/Dimensions"] = Reply({"value": []}, late=True)
    line = refused(ready, "--timeout", "0.2", "--attempts", "2")
    assert line == f"{NAME}, {V4}/Dimensions: no answer within 0.2 s, 2 attempts"


def test_a_page_that_breaks_off(ready: Checkout, publisher: Publisher):
    rows = [observation(region, year, value) for (region, year), value in FIGURES.items()]
    publisher.answers[f"{V4}/Observations"] = Reply({"value": rows}, cut=True)
    line = refused(ready, "--attempts", "2")
    assert "the connection broke" in line
    assert "2 attempts" in line


def test_a_page_that_ends_halfway(ready: Checkout, publisher: Publisher):
    publisher.answers[f"{V4}/Observations"] = Reply(b'{"value": [{"Id": 1, "Measure": "M1", ')
    assert "38 bytes that are not whole JSON" in refused(ready, "--attempts", "2")


def test_a_page_that_is_not_there(ready: Checkout, publisher: Publisher):
    rows = [observation(region, year, value) for (region, year), value in FIGURES.items()]
    publisher.answers[f"{V4}/Observations"] = Reply({"value": rows[:3]})
    line = refused(ready)
    assert line == f"{NAME}: 3 rows; the service states 6: pages are missing or double"


def test_a_page_that_comes_twice(ready: Checkout, publisher: Publisher):
    rows = [observation(region, year, value) for (region, year), value in FIGURES.items()]
    publisher.answers[f"{V4}/Observations"] = pages(publisher, rows, second=rows[:3])
    assert refused(ready) == f"{NAME}: 3 rows came more than once, such as GM0001 2020JJ00 M1"


def test_a_page_that_follows_itself(ready: Checkout, publisher: Publisher):
    link = f"{publisher.address}{V4}/Observations?$skiptoken=2"
    publisher.answers[f"{V4}/Observations"] = Reply({"value": [], "@odata.nextLink": link})
    assert "a next page that was already read" in refused(ready)


def test_a_renamed_column(ready: Checkout, publisher: Publisher):
    rows = [observation(region, year, value) for (region, year), value in FIGURES.items()]
    renamed = [{("Regios" if name == "RegioS" else name): value for name, value in row.items()} for row in rows]
    publisher.answers[f"{V4}/Observations"] = Reply({"value": renamed})
    line = refused(ready)
    assert "no column 'RegioS'; there are: Id, Measure," in line
    assert "Did you mean 'Regios'?" in line


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("Dimensions", [{"Identifier": "Regio"}, {"Identifier": "Perioden"}], "no dimension 'RegioS'"),
        (
            "Dimensions",
            [{"Identifier": "RegioS"}, {"Identifier": "Perioden"}, {"Identifier": "Marges"}],
            "a dimension that the register does not know: Marges",
        ),
        ("MeasureCodes", [{"Identifier": "M2", "Title": "Dingen"}], "no measure 'M1'; there are: M2."),
    ],
)
def test_a_table_that_is_made_otherwise(ready: Checkout, publisher: Publisher, path: str, content: list, told: str):
    publisher.answers[f"{V4}/{path}"] = Reply({"value": content})
    line = refused(ready)
    assert line.startswith(f"{NAME}, {V4}/{path}: ")
    assert told in line


def test_another_table_than_was_asked(ready: Checkout, publisher: Publisher):
    publisher.answers[f"{V4}/Properties"] = Reply({"Identifier": "9999NED"})
    assert "table '9999NED'; expected '4444NED'" in refused(ready)


def test_a_total_that_does_not_match(ready: Checkout, publisher: Publisher):
    answer_v4(publisher, FIGURES | {("NL01", 2021): 171})
    assert refused(ready) == (f"{NAME}: M1 in 2021: the parts add up to 170, NL01 is 171 (at most 0 apart)")


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({("GM0002", 2020): -5}, "1 figures out of range, such as GM0002 2020 M1: -5"),
        (
            {("GM0001", 2021): 1_000_001, ("NL01", 2021): 1_000_061},
            "2 figures out of range, such as GM0001 2021 M1: 1000001",
        ),
    ],
)
def test_figures_out_of_range(ready: Checkout, publisher: Publisher, figures: dict, told: str):
    answer_v4(publisher, FIGURES | figures)
    assert refused(ready) == f"{NAME}: {told} (expected at least 0 and at most 1000000)"


def test_figures_at_the_limits_of_their_range_are_taken(ready: Checkout, publisher: Publisher):
    answer_v4(publisher, FIGURES | {("GM0002", 2020): 0, ("GM0001", 2020): 1_000_000, ("NL01", 2020): 1_000_000})
    assert fetch(ready).exit_code == 0
    assert open_snapshot("made", "4444NED").frame["value"].agg(["min", "max"]).tolist() == [0, 1_000_000]


def test_a_range_holds_for_each_code_of_a_classification(ready: Checkout, publisher: Publisher):
    rows = v3_rows()
    rows[-1]["Dingen_1"] = 101
    answer_v3(publisher, rows)
    line = refused(ready, name="made/3333NED")
    assert line == (
        "made/3333NED: 1 figures out of range, such as NL01 2024 1.2: 101 (expected at least 1 and at most 100)"
    )


def test_a_country_that_is_not_there(ready: Checkout, publisher: Publisher):
    answer_v4(publisher, {key: value for key, value in FIGURES.items() if key != ("NL01", 2021)})
    said = refused(ready)
    assert said.startswith(f"{NAME}: no figure of NL01 for M1 in 2021") and "--accept coverage" in said


def test_html_instead_of_json(ready: Checkout, publisher: Publisher):
    page = b"<!DOCTYPE html><html><head><title>Gepland\n onderhoud</title></head></html>"
    publisher.answers[f"{V4}/Observations"] = Reply(page, kind="text/html")
    line = refused(ready)
    assert "HTML where JSON is expected (a page with the title 'Gepland onderhoud')" in line
    assert publisher.times(f"{V4}/Observations") == 1


def test_a_table_that_is_gone(ready: Checkout, publisher: Publisher):
    del publisher.answers[f"{V4}/Properties"]
    assert refused(ready) == f"{NAME}, {V4}/Properties: HTTP 404; expected 200"


def test_an_answer_that_is_too_large(ready: Checkout, publisher: Publisher):
    from evaluation.statistics.sources.fetch import fetch_table
    from evaluation.statistics.sources.registry import load_registry

    registry = load_registry()
    with pytest.raises(SourceError, match="more than 50 bytes in one answer"):
        fetch_table(registry.tables[NAME], registry, patience=Patience(largest_bytes=50))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (observation("GM0003", 2020, None, "None"), "GM0003 2020JJ00 M1 has no value and the mark 'None'"),
        (observation("GM0003", 2020, 5, "Confidential"), "GM0003 2020JJ00 M1 has a value and the mark 'Confidential'"),
        (observation("GM0003", 2020, None, "Embargo"), "mark 'Embargo'; known: None,"),
        (observation("GM0003", 2020, "12a"), "GM0003 2020JJ00 M1 is '12a'; expected a number"),
        (observation("GM0003", 2022, 5), "period 2022JJ00 has status ''; known: Definitief,"),
    ],
)
def test_a_figure_that_cannot_be_read(ready: Checkout, publisher: Publisher, row: dict, told: str):
    answer_v4(publisher, extra=(row,))
    assert told in refused(ready)


def test_empty_figures_keep_their_meaning(ready: Checkout, publisher: Publisher):
    marks = {"GM0003": "Confidential", "GM0004": "NotAvailable", "GM0005": "Impossible"}
    answer_v4(publisher, extra=tuple(observation(region, 2020, None, mark) for region, mark in marks.items()))
    assert fetch(ready).exit_code == 0
    frame = open_snapshot("made", "4444NED").frame
    assert frame[frame["value"].isna()].set_index("region")["status"].to_dict() == {
        "GM0003": "withheld",
        "GM0004": "missing",
    }
    assert "GM0005" not in set(frame["region"])


def test_parts_may_not_exceed_the_country_when_some_are_withheld(ready: Checkout, publisher: Publisher):
    answer_v4(publisher, FIGURES | {("NL01", 2020): 140}, extra=(observation("GM0003", 2020, None, "Confidential"),))
    assert "the parts add up to 150, NL01 is 140" in refused(ready)


def test_a_publisher_that_cannot_be_reached(ready: Checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v4"
        line = refused(ready, "--base-url", address, code=18)
    assert line.startswith("No network, or the publisher is down: cannot reach 127.0.0.1:")
    assert line.endswith("2 attempts. What is pinned stays in use.")


def test_without_network_everything_that_is_asked_is_told_in_one_line(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for name in ("CBS_ODATA4", "CBS_ODATA3", "DATADERDEN"):
            monkeypatch.setenv(f"REGIODEAL_BASE_URL_{name}", f"http://127.0.0.1:{taken.getsockname()[1]}")
        before = checkout.files()
        result = checkout.regiodeal("data", "fetch")
        checked = checkout.regiodeal("data", "fetch", "--all", "--check-only")
    assert result.exit_code == checked.exit_code == 18
    from evaluation.statistics.sources.registry import load_registry

    lines = checked.output.splitlines()
    asked = [line for line in lines if " recorded  " in line or " documented  " in line]
    assert len(asked) >= 14 and all("  not reached: 127.0.0.1:" in line for line in asked)
    assert len(lines) == len(load_registry().tables) + 2 and "Traceback" not in checked.output
    assert lines[-1].endswith(
        f"0 as registered, 0 otherwise, {len(asked)} not reached, "
        f"{len(lines) - 2 - len(asked)} not asked. Nothing was written."
    )
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("No network, or the publisher is down: ")
    assert checkout.files() == before
    for command in ("status", "verify"):
        assert checkout.regiodeal("data", command).exit_code == 0


def test_one_table_that_fails_leaves_the_others_alone(ready: Checkout, publisher: Publisher):
    answer_v3(publisher, v3_rows())
    publisher.answers[f"{V4}/Properties"] = Reply(status=404)
    result = fetch(ready, name="made")
    assert result.exit_code == 6
    assert len(result.stderr.splitlines()) == 2
    assert result.stdout.startswith("made/3333NED: 12 figures")


def v3_rows() -> list[dict]:
    """Rows as v3 sends them: 1.2 is withheld for GM0002 in 2020; GM0000 counts in the country only."""
    figures = {"GM0001": 5, "GM0002": 7, "GM0000": 1, "NL00": 13}
    return [
        {
            "ID": 1,
            "Soort": kind.ljust(6),
            "WijkenEnBuurten": region.ljust(10),
            "Perioden": f"{year}JJ00",
            "Dingen_1": None if (kind, region, year) == ("1.2", "GM0002", 2020) else value,
        }
        for kind in ("1.1", "1.2")
        for region, value in figures.items()
        for year in (2020, 2024)
    ]


def test_v3_codes_lose_their_blanks_and_an_empty_figure_is_withheld(ready: Checkout, publisher: Publisher):
    answer_v3(publisher, v3_rows())
    assert fetch(ready, name="made/3333NED").exit_code == 0
    frame = open_snapshot("made", "3333NED").frame
    assert sorted(frame["region"].unique()) == ["GM0001", "GM0002", "NL01"]
    empty = frame[frame["value"].isna()]
    assert empty[["region", "period", "kind", "status"]].to_numpy().tolist() == [["GM0002", 2020, "1.2", "withheld"]]
    assert set(frame.loc[frame["period"] == 2024, "status"]) == {"provisional"}
    (asked,) = {query["$filter"] for path, query in publisher.asked if path == f"{V3}/TypedDataSet"}
    assert asked.startswith("(Soort eq '1.1   ' or Soort eq '1.2   ') and (startswith(WijkenEnBuurten,'NL') or ")


CODES = {
    "Identifier", "Key", "Measure", "Modified", "Perioden", "RegioS", "Soort", "Status", "ValueAttribute",
    "WijkenEnBuurten", "odata.type",
}  # fmt: skip
"""What of an answer is no words; all other strings are planted, such as the name of every region."""


def planted_answers(publisher: Publisher) -> list[str]:
    """Put words that are more where they are not escaped in the place of all words of a publisher; return them."""
    planted: list[str] = []

    def walk(part: object, key: str) -> object:
        if isinstance(part, dict):
            return {name: walk(value, name) for name, value in part.items()}
        if isinstance(part, list):
            return [walk(value, key) for value in part]
        if not isinstance(part, str) or key in CODES:
            return part
        planted.append(script(len(planted) + 1))
        return planted[-1]

    for path, reply in list(publisher.answers.items()):
        if isinstance(reply, Reply) and reply.kind == "application/json":
            publisher.answers[path] = Reply(walk(json.loads(reply.body), ""))
    return planted


@pytest.mark.parametrize("name", ["made/4444NED", "made/3333NED"])
def test_words_of_a_publisher_stay_words_in_a_snapshot(ready: Checkout, publisher: Publisher, name: str):
    answer_v3(publisher, v3_rows())
    publisher.answers[f"{V3}/WijkenEnBuurten"] = Reply({"value": [{"Key": "GM0001    ", "Title": "Eerste"}]})
    planted = planted_answers(publisher)
    assert len(planted) > 8
    assert fetch(ready, name=name).exit_code == 0
    metadata = open_snapshot(*name.split("/")).metadata
    assert metadata.title in planted
    said = metadata.model_dump_json(exclude={"title"})
    assert "planted(" not in said and metadata.publisher == "Verzonnen uitgever"
    described = ready.regiodeal("data", "describe", name).stdout
    assert len([words for words in planted if words in described]) >= 3
    verify_snapshots()


def test_v3_pages_are_followed(ready: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("evaluation.statistics.sources.odata3.PAGE_ROWS", 6)
    answer_v3(publisher, v3_rows())
    assert fetch(ready, name="made/3333NED").exit_code == 0
    assert [query["$skip"] for path, query in publisher.asked if path == f"{V3}/TypedDataSet"] == ["0", "6", "12"]


def test_v3_a_renamed_measure(ready: Checkout, publisher: Publisher):
    answer_v3(publisher, v3_rows())
    described = publisher.answers[f"{V3}/DataProperties"]
    described.body = described.body.replace(b"Dingen_1", b"Dingen_2")
    line = refused(ready, name="made/3333NED")
    assert line == (
        f"made/3333NED, {V3}/DataProperties: no column 'Dingen_1'; there are: Dingen_2. Did you mean 'Dingen_2'?"
    )


def test_a_vintage_is_never_overwritten(ready: Checkout, publisher: Publisher):
    assert fetch(ready).exit_code == 0
    answer_v4(publisher, FIGURES | {("GM0001", 2021): 111, ("NL01", 2021): 171})
    line = refused(ready, code=SnapshotError.exit_code)
    assert "4444NED.csv exists and is never overwritten" in line


def test_an_interruption_leaves_no_half_snapshot(
    ready: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
):
    before = ready.files()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evaluation.statistics.snapshot_writer.row_counts_csv", interrupted)
    assert fetch(ready).exit_code != 0
    assert ready.files() == before
    verify_snapshots()
