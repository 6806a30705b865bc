"""The kept outcome of the study of the methods: ``data/methods/study.csv``, made anew by ``regiodeal study``."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pandas as pd
import yaml

from evaluation.errors import Fault, InputError
from evaluation.paths import data_dir, read_bytes, shown, write_text

FILE = "study.csv"
CLOSED_DRAWS = 20_000
"""Simulated panels per scenario for the estimators of which a draw costs next to nothing."""
COLUMNS = (
    *("estimator", "inference", "scenario", "in_use", "draws"),
    *("bias", "bias_error", "coverage", "size", "power", "mc_error"),
)


def write_study(*, draws: int, seed: int, folder: Path | None = None) -> Path:
    """Run the study and keep its table with what it was made of.

    Parameters
    ----------
    draws : int
        Simulated panels per scenario; at least 500.  Estimators with a closed form get `CLOSED_DRAWS` or more.
    seed : int
        Equal seeds give equal tables.
    folder : Path | None
        ``data/methods`` by default.

    Raises
    ------
    InputError
        With fewer draws than a page may rest on.
    """
    from evaluation.effects.simulation import EFFECT, run_study

    if draws < 500:
        raise InputError([Fault("regiodeal study", f"{draws} draws", "at least 500", key="--draws")])
    folder = folder or data_dir() / "methods"
    closed = max(draws, CLOSED_DRAWS)
    found = run_study(draws, seed, closed_draws=closed, processes=os.cpu_count() or 1)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / FILE, found.round(6).to_csv(index=False, lineterminator="\n"))
    described = {
        "title": "Hoe goed zijn de methoden: uitkomsten op nagebootste cijfers",
        "made_by": "regiodeal study (evaluation.effects.simulation.run_study)",
        "draws": draws,
        "draws_closed_form": closed,
        "seed": seed,
        "true_effect_per_1000": EFFECT,
        "status": "nagebootst: geen echte cijfers",
    }
    text = yaml.safe_dump(described, allow_unicode=True, sort_keys=False)
    write_text((folder / FILE).with_suffix(".yml"), text)
    return folder / FILE


def read_study(*, folder: Path | None = None) -> tuple[pd.DataFrame, dict[str, object]]:
    """Read the kept table and its description.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; `in_use`: whether the package claims 95% intervals and 5% tests with it; bias in offences
        per 1.000 inhabitants, the other numbers shares.
    dict
        title, made_by, draws, draws_closed_form, seed, true_effect_per_1000, status.

    Raises
    ------
    InputError
        When the table is not there or has other columns.
    """
    path = (folder or data_dir() / "methods") / FILE
    if not path.is_file() or not path.with_suffix(".yml").is_file():
        raise InputError(
            [Fault(shown(path), "no such file", "the study of the methods; make it with: regiodeal study")]
        )
    frame = pd.read_csv(io.BytesIO(read_bytes(path)))
    if tuple(frame.columns) != COLUMNS:
        raise InputError([Fault(shown(path), f"columns {', '.join(frame.columns)}", f"columns {', '.join(COLUMNS)}")])
    return frame, yaml.safe_load(read_bytes(path.with_suffix(".yml")))
