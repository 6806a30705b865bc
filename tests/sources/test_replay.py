"""The recorded answers of CBS and Politie, replayed by a local server, become snapshots with the check values."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from evaluation.inputs.deal import load_deal
from evaluation.statistics.panels import build_panel
from evaluation.statistics.row_counts import verify_snapshots, write_row_counts
from evaluation.statistics.snapshots import open_snapshot
from tests.sources.conftest import ROOT, Checkout
from tests.sources.made import answer_v3
from tests.sources.server import Publisher, Reply


def official() -> Path:
    """Find the recordings: REGIODEAL_SHARED, or beside the project, also when this is a second work tree of it."""
    if os.environ.get("REGIODEAL_SHARED"):
        return Path(os.environ["REGIODEAL_SHARED"]) / "data" / "official"
    beside = [ROOT.parent]
    asked = subprocess.run(
        ["git", "rev-parse", "--git-common-dir"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if asked.returncode == 0:
        beside.append((ROOT / asked.stdout.strip()).resolve().parents[1])
    folders = [folder / "shared" / "data" / "official" for folder in beside]
    return next((folder for folder in folders if folder.is_dir()), folders[0])


OFFICIAL = official()
pytestmark = pytest.mark.skipif(not OFFICIAL.is_dir(), reason=f"the recordings are not at {OFFICIAL}")
PAGE = 3000


def replay(publisher: Publisher, number: str) -> None:
    """Answer with the recorded files of a v4 table, byte for byte, and its observations in pages."""
    folder = OFFICIAL / f"cbs-{number}"
    base = f"/cbs/{number}"
    names = {"properties": "Properties", "dimensions": "Dimensions", "measure-codes": "MeasureCodes"}
    for name, path in names.items():
        publisher.answers[f"{base}/{path}"] = Reply((folder / f"{name}.json").read_bytes())
    for path in folder.glob("codes-*.json"):
        publisher.answers[f"{base}/{path.stem.removeprefix('codes-')}Codes"] = Reply(path.read_bytes())
    stated = json.loads((folder / "index.json").read_text())["observationRows"]
    publisher.answers[f"{base}/Observations/$count"] = Reply(str(stated).encode(), kind="text/plain")
    rows = json.loads((folder / "observations-page-1.json").read_text())["value"]

    def observations(query: dict[str, str]) -> Reply:
        start = int(query.get("$skiptoken", 0))
        content: dict[str, object] = {"value": rows[start : start + PAGE]}
        if start + PAGE < len(rows):
            content["@odata.nextLink"] = f"{publisher.address}{base}/Observations?$skiptoken={start + PAGE}"
        return Reply(content)

    publisher.answers[f"{base}/Observations"] = observations


def replay_police(publisher: Publisher) -> dict:
    """Answer as the v3 service would with the recorded counts, and with their sum for the country."""
    recording = json.loads((OFFICIAL / "politie-47018NED" / "data.json").read_text(encoding="utf-8"))
    rows = []
    for offence, municipalities in recording["counts"].items():
        country = dict.fromkeys(map(str, recording["years"]), 0)
        for code, series in municipalities.items():
            for year, value in series.items():
                rows.append((offence, code, year, value))
                country[year] += value
        rows.extend((offence, "NL00", year, value) for year, value in country.items())
    answer_v3(
        publisher,
        [
            {
                "ID": number,
                "SoortMisdrijf": offence.ljust(6),
                "WijkenEnBuurten": code.ljust(10),
                "Perioden": f"{year}JJ00",
                "GeregistreerdeMisdrijven_1": value,
            }
            for number, (offence, code, year, value) in enumerate(rows)
        ],
        number="47018NED",
        kinds={item["code"]: item["label"] for item in recording["offences"]},
    )
    return recording


@pytest.fixture
def served(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """A publisher with all recordings, whose address the environment gives."""
    for number in ("83625NED", "03759ned"):
        replay(publisher, number)
    replay_police(publisher)
    monkeypatch.setenv("REGIODEAL_BASE_URL_CBS_ODATA4", f"{publisher.address}/cbs")
    monkeypatch.setenv("REGIODEAL_BASE_URL_DATADERDEN", f"{publisher.address}/v3")
    return publisher


@pytest.fixture
def limburg_only(checkout: Checkout) -> Checkout:
    """A project that has the pinned tables of Limburg, and not yet those of the whole country nor their corrections."""
    single_years = ("70072ned-2015", "70072ned-2015-work-care", "84799NED", "84799NED-work-care")
    for path in checkout.snapshots.glob("*/2026-11-24/*"):
        if path.stem not in single_years:
            path.unlink()
    write_row_counts()
    (checkout.data / "corrections.yml").unlink()
    return checkout


def fetched(source: str, table: str, measure: str | None = None) -> pd.DataFrame:
    rows = open_snapshot(source, table).series(measure)
    return rows.pivot(index="period", columns="region", values="value")


@pytest.mark.parametrize("name", ["cbs/83625NED", "cbs/03759ned", "politie/47018NED"])
def test_the_pinned_tables_are_what_a_fetch_gives(checkout: Checkout, served: Publisher, name: str):
    before = checkout.files()
    result = checkout.regiodeal("data", "fetch", name)
    assert re.fullmatch(rf"{name}: the same \d+ figures as vintage 2026-11-24; nothing was written\.\n", result.output)
    assert checkout.files() == before


def test_fetching_gives_snapshots_with_the_check_values(limburg_only: Checkout, served: Publisher):
    before = build_panel(load_deal())
    for name in ("cbs/83625NED", "cbs/03759ned", "politie/47018NED"):
        result = limburg_only.regiodeal("data", "fetch", name)
        assert result.exit_code == 0, result.output
        assert re.fullmatch(rf"{name}: \d+ figures, vintage [\d-]+: data/snapshots/\S+\n", result.output)

    prices = fetched("cbs", "83625NED")
    assert prices.loc[[2018, 2022], "GM0917"].tolist() == [165584, 251269]
    assert prices.filter(like="GM").loc[[2015, 2025]].notna().sum(axis=1).tolist() == [394, 342]
    people = fetched("cbs", "03759ned", "population_1_january")
    assert people.loc[[2019, 2022], "GM0917"].tolist() == [86832, 86845]
    assert (people.filter(like="GM").sum(axis=1) == people["NL01"]).all()
    assert fetched("cbs", "03759ned", "population_average").index.max() == 2025
    burglaries = fetched("politie", "47018NED", "1.1.1")
    assert burglaries.loc[2018:2022, "GM0917"].tolist() == [346, 307, 197, 149, 162]
    assert burglaries.loc[[2012, 2019], "NL01"].tolist() == [91596, 39474]
    assert "GM0000" not in burglaries

    metadata = open_snapshot("cbs", "83625NED").metadata
    assert str(metadata.modified_at_source) == "2026-02-17"
    assert metadata.title == "Bestaande koopwoningen; gemiddelde verkoopprijzen, regio"
    assert served.address in metadata.origin
    assert len(verify_snapshots()) == 24

    shutil.copy(ROOT / "data" / "corrections.yml", limburg_only.data)
    after = build_panel(load_deal())
    keys = ["unit", "period", "indicator"]
    both = before.merge(after, on=keys, how="left", suffixes=("", "_new"), validate="one_to_one")
    pd.testing.assert_series_equal(both["value"], both["value_new"], check_names=False)
    assert both["status"].equals(both["status_new"])
    assert set(after["unit"]) == set(before["unit"])


def test_only_what_the_register_says_is_asked(checkout: Checkout, served: Publisher):
    assert checkout.regiodeal("data", "fetch", "cbs/03759ned").exit_code == 0
    paged = [query for path, query in served.asked if path.endswith("/Observations")]
    (asked,) = {query["$filter"] for query in paged if "$filter" in query}
    assert asked == (
        "Geslacht eq 'T001038' and Leeftijd eq '10000' and BurgerlijkeStaat eq 'T001019' and "
        "(Measure eq 'M000352' or Measure eq 'M000365') and "
        "(startswith(RegioS,'NL') or startswith(RegioS,'PV') or startswith(RegioS,'GM')) and Perioden ge '2010JJ00'"
    )


def test_the_same_figures_again_write_nothing_and_say_so(limburg_only: Checkout, served: Publisher):
    assert limburg_only.regiodeal("data", "fetch", "cbs/83625NED").exit_code == 0
    before = limburg_only.files()
    again = limburg_only.regiodeal("data", "fetch", "cbs/83625NED")
    assert again.exit_code == 0
    assert re.fullmatch(r"cbs/83625NED: the same \d+ figures as vintage [\d-]+; nothing was written\.\n", again.output)
    assert limburg_only.files() == before


def test_a_new_vintage_is_compared_with_the_pinned_one(limburg_only: Checkout, served: Publisher):
    assert limburg_only.regiodeal("data", "fetch", "politie/47018NED").exit_code == 0
    newest = str(open_snapshot("politie", "47018NED").metadata.vintage)
    result = limburg_only.regiodeal("data", "diff", "politie/2026-08-19/47018NED", newest)
    last = result.output.splitlines()[-1]
    assert re.match(r"0 revised, 0 status, \d+ new, \d+ vanished", last)
    vanished = {line.split()[1] for line in result.output.splitlines() if line.startswith("vanished")}
    assert vanished == {"PV31"}, "the sums that we made are not published, and nothing else is gone"


def replay_neighbourhoods(publisher: Publisher) -> None:
    """Answer as the v3 service would with the recorded table of 2020: each row with all its columns."""
    duckdb = pytest.importorskip("duckdb")
    folder = OFFICIAL / "cbs-84799NED-2020"
    base = "/v3/84799NED"

    def rows(name: str) -> list[dict]:
        path = folder / f"cbs.v3.84799NED_{name}.parquet"
        return json.loads(duckdb.read_parquet(str(path)).df().to_json(orient="records"))

    properties = [{"odata.type": row.pop("odata_type"), **row} for row in rows("DataProperties")]
    table = rows("TypedDataSet")
    info = json.loads((folder / "cbs.v3.84799NED_Metadata.json").read_text(encoding="utf-8"))
    publisher.answers |= {
        f"{base}/TableInfos": Reply({"value": [info]}),
        f"{base}/DataProperties": Reply({"value": properties}),
        f"{base}/TypedDataSet/$count": Reply(str(len(table)).encode(), kind="text/plain"),
        f"{base}/TypedDataSet": lambda query: Reply(
            {"value": table[int(query["$skip"]) : int(query["$skip"]) + int(query["$top"])]}
        ),
    }


@pytest.mark.slow
def test_the_neighbourhoods_of_a_year_become_one_parquet(
    checkout: Checkout, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
):
    for path in checkout.snapshots.glob("cbs/*/84799NED.*"):
        path.unlink()
    write_row_counts()
    pinned = len(verify_snapshots())
    replay_neighbourhoods(publisher)
    monkeypatch.setenv("REGIODEAL_BASE_URL_CBS_ODATA3", f"{publisher.address}/v3")
    result = checkout.regiodeal("data", "fetch", "cbs/84799NED")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"cbs/84799NED: 450866 figures, vintage [\d-]+: data/snapshots/\S+\.parquet\n", result.output)
    assert publisher.times("/v3/84799NED/TypedDataSet") == 2
    (asked,) = {query["$filter"] for path, query in publisher.asked if path.endswith("/TypedDataSet")}
    assert "Perioden" not in asked

    snapshot = open_snapshot("cbs", "84799NED")
    assert str(snapshot.metadata.modified_at_source) == "2021-03-26"
    assert snapshot.metadata.boundaries == 2020
    people = snapshot.series("population").set_index("region")["value"]
    assert (len(people), people["NL01"]) == (17341, 17407585)
    assert people[people.index.str.startswith("GM")].sum() == 17407585
    change = snapshot.series("boundary_change")
    counted = change[change["region"].str.startswith("BU")]["value"].value_counts()
    assert counted.to_dict() == {1: 13038, 3: 636, 2: 134}
    assert set(change.loc[change["value"].isna(), "region"].str[:2]) == {"NL", "GM"}
    assert snapshot.series("homes")["status"].eq("missing").all(), "this early release has no homes yet"
    assert set(snapshot.series("persons_social_assistance")["status"]) == {"provisional", "missing"}
    assert "provisional" not in set(snapshot.series("population")["status"])

    again = checkout.regiodeal("data", "fetch", "cbs/84799NED")
    assert "the same 450866 figures as vintage" in again.output
    assert f"In order: {pinned + 1} snapshots." in checkout.regiodeal("data", "verify").output
