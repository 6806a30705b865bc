"""What a design asks of its figures: weights by inhabitants, counts by their exposure, and no count that is chance."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.comparison_regions import Regions
from evaluation.analysis.effects.estimate import CannotEstimate
from evaluation.analysis.effects.event_study import difference_in_differences
from evaluation.analysis.outcomes import FEWEST_EVENTS, compare, unit_of
from evaluation.inputs.indicators import load_designs, load_indicators

INDICATORS = load_indicators()
DESIGN = load_designs()["woninginbraak-regio"].model_copy(update={"excluded": (2019,), "scale": "absolute"})
CODES = [f"GM{place:04d}" for place in range(1, 9)]
YEARS = range(2012, 2023)
PEOPLE = np.array([1000.0 * (1 + place) for place in range(9)])
ATLAS = SimpleNamespace(
    region="parkstad",
    region_name="Parkstad",
    own=("GM9999",),
    population=PEOPLE,
    places=lambda codes: [0 if code == "GM9999" else CODES.index(code) + 1 for code in codes],
)
REGIONS = Regions(pool=None, members={f"{code} en omgeving": (code,) for code in CODES})


def panel(count: np.ndarray, indicator: str, people: np.ndarray = PEOPLE) -> pd.DataFrame:
    units = ["parkstad", *(unit_of([code]) for code in CODES)]
    rows = [
        (unit, year, name, float(values[place, moment] if values.ndim == 2 else values[place]))
        for name, values in ((indicator, count), ("inwoners", people))
        for place, unit in enumerate(units)
        for moment, year in enumerate(YEARS)
    ]
    return pd.DataFrame(rows, columns=["unit", "period", "indicator", "value"])


def counts(seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(20 * PEOPLE[:, None] / 1000, (9, len(YEARS))).astype(float) + FEWEST_EVENTS


def asked(**changes):
    indicator = INDICATORS["inwoners"].model_copy(update={"id": "tellingen", "wording": "tellingen"})
    known = {**INDICATORS, "tellingen": indicator}
    return DESIGN.model_copy(update={"indicator": "tellingen", **changes}), known


def test_a_count_with_an_exposure_is_a_rate():
    design, known = asked(exposure="inwoners")
    found = compare(design, known, REGIONS, panel(counts(), "tellingen"), ATLAS)
    kept = [place for place, year in enumerate(YEARS) if year != 2019]
    assert found.comparison.series == pytest.approx(1000 * counts()[:, kept] / PEOPLE[:, None])
    assert found.window.periods == tuple(YEARS[place] for place in kept) and found.left_out == ()
    plain, _ = asked()
    raw = compare(plain, known, REGIONS, panel(counts(), "tellingen"), ATLAS)
    assert raw.comparison.series == pytest.approx(counts()[:, kept])


def test_a_small_count_is_left_out_and_refused_for_the_region_itself():
    design, known = asked(exposure="inwoners")
    few = counts()
    few[3, 4] = FEWEST_EVENTS - 1
    found = compare(design, known, REGIONS, panel(few, "tellingen"), ATLAS)
    assert found.left_out == (f"{CODES[2]} en omgeving",) and len(found.comparison.region_names) == 8
    few[0, 5] = 2
    with pytest.raises(CannotEstimate, match=r"minder dan 10 in 2017; een verschil is dan vooral toeval"):
        compare(design, known, REGIONS, panel(few, "tellingen"), ATLAS)


def test_an_exposure_of_nobody_or_of_what_is_no_count():
    design, known = asked(exposure="inwoners")
    nobody = PEOPLE.copy()
    nobody[2] = 0.0
    found = compare(design, known, REGIONS, panel(counts(), "tellingen", nobody), ATLAS)
    assert found.left_out == (f"{CODES[1]} en omgeving",)
    rate = DESIGN.model_copy(update={"exposure": "inwoners"})
    with pytest.raises(CannotEstimate, match="geen aantal"):
        compare(rate, INDICATORS, REGIONS, panel(counts(), "woninginbraak"), ATLAS)


def test_regions_weigh_by_their_inhabitants_where_the_design_says_so():
    design, known = asked(weights="inhabitants")
    found = compare(design, known, REGIONS, panel(counts(), "tellingen"), ATLAS).comparison
    assert found.weights == pytest.approx(PEOPLE[1:])
    change = found.series[:, 7:].mean(axis=1) - found.series[:, :7].mean(axis=1)
    usual = np.average(change[1:], weights=PEOPLE[1:])
    assert difference_in_differences(found).effect[0] == pytest.approx(change[0] - usual)
    plain = compare(asked()[0], known, REGIONS, panel(counts(), "tellingen"), ATLAS).comparison
    assert plain.weights is None
    assert difference_in_differences(plain).effect[0] == pytest.approx(change[0] - change[1:].mean())
