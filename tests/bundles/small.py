"""A bundle of a few files, made in milliseconds as `regiodeal bundle` makes one, for those that somebody forges."""

from __future__ import annotations

import csv
import io
import json

import nbformat
from nbformat import v4

from evaluation.bundles.archive import with_descriptions
from evaluation.bundles.describe import record_of
from evaluation.bundles.layout import zip_bytes
from evaluation.present.results import COLUMNS
from tests.conftest import ROOT

DEAL = "parkstad-limburg"
TABLE = "data/snapshots/cbs/2026-11-24/83625NED"
NOTEBOOK = "3-veiligheid"
ACCENTED = "project/reports/annual/privé.qmd"
_CARRIED = (
    *("LICENSE", "README.md", "pyproject.toml", "requirements-uv.lock", f"notebooks/{NOTEBOOK}.ipynb"),
    *("evaluation/__init__.py", "evaluation/analysis/finance.py", "reports/codeboek.csv", "reports/toleranties.csv"),
    *("reports/annual/verantwoording.qmd", f"data/deal/{DEAL}.yml", f"data/programme/{DEAL}/payments.csv"),
    *("data/programme/template.csv", f"{TABLE}.csv", f"{TABLE}.yml"),
)
NUMBERS = {"woninginbraak": 12.5, "woningwaarde": 201000.0, "verschil": 0.25}


def small_files() -> dict[str, bytes]:
    """Project and run of a small bundle, without what tells about them."""
    files = {f"project/{name}": (ROOT / name).read_bytes() for name in _CARRIED}
    files["project/requirements.lock"] = f"numpy==2.4.6 \\\n    --hash=sha256:{'0' * 64}\n".encode()
    return {**files, ACCENTED: "# Privé\n".encode(), **{f"run/{name}": text for name, text in small_run().items()}}


def small_run(**numbers: float) -> dict[str, bytes]:
    """What running a small bundle gives; some numbers may be others."""
    values = {**NUMBERS, **numbers}
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for name, value in values.items():
        identity = {"result_id": f"3.{name}.GM0917.2021.value", "theme": "3", "measure": "ci_low", "status": "final"}
        writer.writerow(identity | {"value": value, "notebook": NOTEBOOK, "cell": f"fig-{name}", "source": "CBS"})
    cell = v4.new_code_cell("thema.indicator()", id="fig-woninginbraak")
    cell.outputs = [
        v4.new_output("display_data", data={"text/markdown": f"Er waren {values['woninginbraak']} inbraken."})
    ]
    run = {
        "deal": DEAL, "deal_name": "Regio Deal Parkstad Limburg", "edition": "2021", "kind": "annual", "year": 2021,
        "as_of": "2021-12-31", "status": "ok", "plan_hash": "0" * 64, "snapshots": [],
        "dataset": {"status": "voorbeeld", "title": "Voorbeeld", "version": "1"},
        "versions": {"python": "3.11.7", "regiodeal-evaluation": "0.1.0"},
        "notebooks": {NOTEBOOK: {"status": "ok", "error": None}},
    }  # fmt: skip
    empty: dict[str, object] = {name: {} for name in ("files", "modules", "cells", "parameters", "versions")}
    inputs = {NOTEBOOK: {**empty, "names": [], "order": [], "format": "0", "chapter": [], "lock": "0"}}
    return {
        "results.csv": table.getvalue().encode(),
        "run.json": json.dumps(run).encode(),
        "inputs.json": json.dumps(inputs).encode(),
        f"{NOTEBOOK}.ipynb": nbformat.writes(v4.new_notebook(cells=[cell])).encode(),
    }


def described(files: dict[str, bytes]) -> dict[str, bytes]:
    """All files of a bundle of these, as the package makes it."""
    return with_descriptions(files, record_of(files, ()))


def packed_as_made(files: dict[str, bytes]) -> bytes:
    """A whole bundle of these files."""
    return zip_bytes(described(files))
