"""Declared corrections: they change a figure with their reason beside it, and fail when the source is mended."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evaluation.base.errors import InputError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_indicators
from evaluation.statistics.corrections import correct, load_corrections
from evaluation.statistics.panels import build_panel
from evaluation.statistics.snapshots import open_snapshot

ROOT = Path(__file__).resolve().parents[3]
FIELDS = {
    "source": "politie",
    "table": "47018NED",
    "measure": "1.1.1",
    "region": "GM0917",
    "period": 2018,
    "expect": 346,
    "value": 340,
    "reason": "Zes aangiften stonden er dubbel in.",
    "reference": "Bericht van de uitgever.",
    "declared_on": "2026-11-24",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("regions", "snapshots", "indicators"):
        shutil.copytree(ROOT / "data" / name, tmp_path / name)
    return tmp_path


def declare(folder: Path, **entries: dict) -> None:
    text = yaml.safe_dump({"corrections": {name.replace("_", "-"): fields for name, fields in entries.items()}})
    (folder / "corrections.yml").write_text(text, encoding="utf-8")


def burglaries(folder: Path) -> pd.DataFrame:
    indicators = load_indicators(folder=folder / "indicators")
    chosen = {name: indicators[name] for name in ("woninginbraak-aantal", "woninginbraak")}
    panel = build_panel(load_deal(), indicators=chosen, folder=folder)
    return panel[panel["period"] == 2018].set_index(["indicator", "unit"])


def test_the_projects_own_corrections_fit_its_snapshots():
    build_panel(load_deal())
    for item in load_corrections():
        assert open_snapshot(item.source, item.table)


def test_a_correction_reaches_every_value_that_rests_on_it_with_its_reason(data: Path):
    before = burglaries(data)
    declare(data, dubbel=FIELDS)
    after = burglaries(data)
    note = "Door ons gecorrigeerd: Zes aangiften stonden er dubbel in."
    changed = before["value"] != after["value"]
    assert {unit for _, unit in after[changed].index} == {"GM0917", "parkstad", "PV31"}
    assert after.loc[("woninginbraak-aantal", "GM0917"), "value"] == 340
    assert (
        after.loc[("woninginbraak-aantal", "parkstad"), "value"]
        == before.loc[("woninginbraak-aantal", "parkstad"), "value"] - 6
    )
    assert set(after.loc[changed, "note"]) == {note}
    assert not (before["note"] == note).any()
    # The country has a figure of its own: it is not made of municipalities here, and so is not touched.
    assert not changed["woninginbraak-aantal", "NL01"]


def test_a_figure_that_is_not_known_becomes_missing_also_in_sums(data: Path):
    declare(data, onbekend={**FIELDS, "value": None})
    rows = burglaries(data)
    for unit in ("GM0917", "parkstad"):
        assert pd.isna(rows.loc[("woninginbraak-aantal", unit), "value"])
        assert rows.loc[("woninginbraak-aantal", unit), "status"] == "missing"


def test_a_figure_that_should_not_be_there_is_left_out(data: Path):
    declare(data, dubbel={name: value for name, value in FIELDS.items() if name != "value"} | {"remove": True})
    rows = burglaries(data)
    assert rows.loc[("woninginbraak-aantal", "parkstad"), "status"] == "missing"
    assert ("woninginbraak-aantal", "GM0917") not in rows.index or pd.isna(
        rows.loc[("woninginbraak-aantal", "GM0917"), "value"]
    )


def test_a_mended_source_makes_the_correction_fail(data: Path):
    declare(data, dubbel={**FIELDS, "expect": 352})
    with pytest.raises(
        InputError, match=r"corrections\.dubbel\.expect.*got 346\.0.*352\.0 in politie/47018NED.*remove"
    ):
        burglaries(data)


def test_a_figure_that_is_gone_makes_the_correction_fail(data: Path):
    declare(data, weg={**FIELDS, "region": "GM0951"})
    with pytest.raises(InputError, match="no such figure"):
        burglaries(data)


def test_all_faults_of_the_file_at_once(data: Path):
    declare(
        data,
        eerste=FIELDS,
        tweede={**FIELDS, "value": 341},
        derde={**FIELDS, "period": 2019, "expect": 307, "value": 307},
        vierde={**FIELDS, "periode": 2020},
    )
    with pytest.raises(InputError) as error:
        load_corrections(folder=data)
    text = str(error.value)
    assert "the same figure again" in text and "eerste has it" in text
    assert "a correction changes something" in text
    assert "Did you mean 'period'" in text


def test_other_series_are_left_alone():
    snapshot = open_snapshot("politie", "47018NED")
    frame = snapshot.series("1.1.2")
    result = correct(frame, load_corrections(), snapshot.metadata, "1.1.2")
    pd.testing.assert_frame_equal(result.drop(columns="note"), frame)
    assert (result["note"] == "").all()
