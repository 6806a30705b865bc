"""The account of the intended results says of each what measures it, from what a run recorded and from nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from evaluation.chapters.context import Context, open_context
from evaluation.chapters.steps.agreed import show_results
from evaluation.present.results import to_csv, to_records
from evaluation.publish.results_account import COMING, CONTEXT, MEASURED, NOBODY, RECORDS, results_account

RECORD = SimpleNamespace(deal="parkstad-limburg")


@pytest.fixture(scope="module")
def context() -> Context:
    return open_context("parkstad-limburg", 2022)


def account(context: Context, folder: Path, *, themes: tuple[int, ...] = (1, 2, 3, 4, 5, 6)) -> dict[str, list[str]]:
    """Write the results of some themes as a run does, and read the table back: id to title, how and source."""
    results = [item for theme in themes for item in show_results(context, context.deal.theme(theme)).results]
    rows = [row | {"notebook": "proef", "cell": "1"} for row in to_records(results)]
    (folder / "results.csv").write_text(to_csv(rows), encoding="utf-8")
    text = results_account(RECORD, folder)
    cells = [
        re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.DOTALL)
        for line in re.findall(r"<tr>.*?</tr>", text, re.DOTALL)
    ]
    return {row[0]: row[1:] for row in cells if re.fullmatch(r"\d\.\d", row[0])}


def test_every_result_is_told_in_one_of_five_ways(context: Context, tmp_path: Path):
    found = account(context, tmp_path)
    assert tuple(found) == context.deal.result_ids and len(found) == 21
    kinds: dict[str, list[str]] = {}
    for result, (_, kind, source) in found.items():
        kinds.setdefault(kind, []).append(result)
        assert bool(source) == (kind != NOBODY), result
    assert kinds == {
        MEASURED: ["1.1", "1.4", "1.6", "1.7", "1.8", "1.9", "2.1", "3.1", "6.2"],
        RECORDS: ["4.1", "4.2", "4.3"],
        CONTEXT: ["1.3"],
        COMING: ["1.5", "4.4", "5.1", "6.1"],
        NOBODY: ["1.2", "5.2", "5.3", "5.4"],
    }
    assert "Regionale Monitor Brede Welvaart (december 2023)" in found["1.6"][2]
    assert "Voorbeeldset" in found["4.1"][2] and "Landelijke Monitor Leegstand" in found["6.1"][2]


def test_what_a_run_did_not_record_is_not_told_as_measured(context: Context, tmp_path: Path):
    found = account(context, tmp_path, themes=(1,))
    assert found["1.6"][1] == MEASURED
    assert found["3.1"][1].startswith("niet vast te stellen")
