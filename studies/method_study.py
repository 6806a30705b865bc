"""Make the kept outcome of the study of the methods: ``data/methods/study*.csv``, by ``regiodeal study``."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from evaluation.analysis.method_study import FILE, GRADES_FILE
from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, write_together
from studies.judged_draws import EFFECT
from studies.simulated_grades import study_grades
from studies.simulation import run_study

CLOSED_DRAWS = 20_000
"""Simulated panels per scenario for the estimators of which a draw costs next to nothing."""
GRADE_DRAWS = 2_000
"""The same for the grades."""


def write_study(*, draws: int, seed: int, folder: Path | None = None) -> Path:
    """Run the study and keep its tables with what they were made of.

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
    if draws < 500:
        raise InputError([Fault("regiodeal study", f"{draws} draws", "at least 500", key="--draws")])
    folder = folder or data_dir() / "methods"
    closed = max(draws, CLOSED_DRAWS)
    found = run_study(draws, seed, closed_draws=closed, processes=os.cpu_count() or 1)
    grades = study_grades(min(draws, GRADE_DRAWS), seed)
    described = {
        "title": "Hoe goed zijn de methoden: uitkomsten op nagebootste cijfers",
        "made_by": "regiodeal study (studies.simulation.run_study)",
        "draws": draws,
        "draws_closed_form": closed,
        "draws_grades": min(draws, GRADE_DRAWS),
        "seed": seed,
        "true_effect_per_1000": EFFECT,
        "status": "nagebootst: geen echte cijfers",
    }
    text = yaml.safe_dump(described, allow_unicode=True, sort_keys=False)
    path = folder / FILE
    tables = {path: found.round(6), folder / GRADES_FILE: grades}
    written = {file: table.to_csv(index=False, lineterminator="\n").encode() for file, table in tables.items()}
    write_together({**written, path.with_suffix(".yml"): text.encode()})
    return path
