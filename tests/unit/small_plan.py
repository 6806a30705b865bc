"""A made-up country for forecasts: the region, the COROP areas and the Netherlands, with figures of nobody."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.analysis.registration import Subject, declare, open_subject
from evaluation.inputs.indicators import load_designs, load_indicators
from evaluation.inputs.registrations import Registered, plans_dir, read_registration, write_registration
from evaluation.present.registration_text import registration_text

DAY = date(2026, 11, 30)
DEAL = "parkstad-limburg-3"
_LEVELS = {"woninginbraak": 1.0, "verkoopprijs": 300_000.0, "arbeidsdeelname": 65.0, "inwoners": 250_000.0}


@lru_cache
def subject() -> Subject:
    return open_subject(DEAL, today=DAY)


def made_up_figures(until: int = 2025, *, seed: int = 7, first: int = 2012) -> pd.DataFrame:
    """Make figures up: a national movement, and a random walk of each area around it."""
    draw = np.random.default_rng(seed)
    units, years = [subject().agreement.region.unit_id, *subject().regions, "NL01"], range(first, 2030)
    rows = []
    for name, level in _LEVELS.items():
        size = 0.002 if name == "inwoners" else 0.06
        common = np.cumsum(draw.normal(-0.01, size, len(years)))
        for unit in units:
            own = np.cumsum(draw.normal(0, 0 if unit == "NL01" else size / 2, len(years)))
            factor = np.exp(common + own + (0 if name == "inwoners" or unit == "NL01" else draw.normal(0, 0.1)))
            values = level * factor if name != "arbeidsdeelname" else 100 / (1 + (100 - level) / level / factor)
            rows += [(unit, year, name, float(value)) for year, value in zip(years, values, strict=True)]
    frame = pd.DataFrame(rows, columns=["unit", "period", "indicator", "value"])
    frame = frame.assign(unit_name=frame["unit"], status="final", source="verzonnen", vintage="2026-11-30", note="")
    return frame[frame["period"] <= until].reset_index(drop=True)


def made_up_plan(figures: pd.DataFrame | None = None) -> dict[str, object]:
    """Declare forecasts and designs of made-up figures."""
    figures = made_up_figures() if figures is None else figures
    content = declare(subject(), figures, load_indicators(), load_designs(), today=DAY)
    return content | {"data": [], "software": {"made-up": "0"}}


def written_plan(folder: Path, content: dict[str, object] | None = None) -> Registered:
    """Write a registration of made-up figures into a data folder, and read it back."""
    content = dict(content or made_up_plan())
    words = registration_text(content).encode()
    file, digest = write_registration(content | {"printed_sha256": hashlib.sha256(words).hexdigest()})
    path = plans_dir(DEAL, folder=folder) / f"{DAY}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file)
    path.with_suffix(".md").write_bytes(words + f"De vastlegging zelf is {path.name}, met sha256 {digest}.\n".encode())
    return read_registration(path, today=DAY)
