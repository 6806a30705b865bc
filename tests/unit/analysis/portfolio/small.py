"""Small registers, and frames of which the effects are known exactly."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from evaluation.analysis.effects.scale import Scale
from evaluation.analysis.portfolio.cohorts import NEVER
from evaluation.analysis.portfolio.frame import with_cells
from evaluation.inputs.portfolio_plan import Outcome
from evaluation.statistics.areas.treatment_schema import Extent, Member, Moment, RegioDeal, Tranche
from evaluation.statistics.areas.treatments import Register

YEARS = range(2012, 2024)
PRICE = Outcome(
    id="prijs", wording="prijs", theme="housing", series="prijs", family="log", first=2012, last=2023, plausible=3,
    headline=True,
)  # fmt: skip
COUNT = PRICE.model_copy(update={"id": "aantal", "family": "poisson", "series": "aantal"})


def deal(name, start, members, *, tranche=2, verified=True, list_verified=None, **facts) -> RegioDeal:
    """Make a deal of a register: members are codes with their exposure."""
    is_listed = verified if list_verified is None else list_verified
    source = "bron" if verified else None
    return RegioDeal(
        id=name, name=name, tranche=tranche, note="-", **{"state": None, **facts},
        starts=Moment(day=date(start, 7, 1), precision="month", source=source, verified=verified),
        extent=Extent(basis="list", source="bron", verified=is_listed),
        members=tuple(Member(code=code, exposure=exposure) for code, exposure in members.items()),
    )  # fmt: skip


def register_of(real: Register, *deals: RegioDeal) -> Register:
    """Give the register with other deals, their tranches chosen on days that were seen."""
    chosen = {
        number: Tranche(
            number=number, published_count=9, published_total_eur=None, source="bron", verified=True,
            selected=Moment(day=date(year, 2, 1), precision="month", source="bron", verified=True),
        )
        for number, year in {2: 2018, 3: 2020, 4: 2023, 5: 2024}.items()
    }  # fmt: skip
    return replace(real, deals={item.id: item for item in deals}, tranches=chosen)


def frame_of(cohorts: dict[str, int], effect, *, size: int = 2, noise: float = 0.0) -> pd.DataFrame:
    """Make a frame of a price: each cluster `size` municipalities, with effects of place, year and start level.

    `effect` gives what a deal does, from cluster and years since the start (arrays), on the scale of the estimate.
    """
    rng = np.random.default_rng(7)
    rows = []
    for number, (cluster, cohort) in enumerate(cohorts.items()):
        for member in range(size):
            level, place = rng.normal(0, 10), f"GM{number:02d}{member}"
            for year in YEARS:
                rows.append((place, cluster, cohort, year, level, 1000.0 * (1 + number % 3), rng.normal(0, 1)))
    names = ["municipality", "cluster", "cohort", "period", "start_level", "inhabitants", "chance"]
    frame = with_cells(pd.DataFrame(rows, columns=names))
    is_on = frame["event_time"] >= 0
    done = np.where(is_on, effect(frame["cluster"], frame["event_time"].fillna(0)), 0.0)
    years = frame["period"] - 2012
    return frame.assign(
        deal=frame["cluster"].where(frame["cohort"] != NEVER, ""),
        part=np.where(frame["municipality"].str[-1] == "0", "noord", "zuid"),
        y=500 + 3.0 * frame["start_level"] + 2.0 * years + 0.1 * years * frame["start_level"]
        + noise * frame["chance"] + done,
        weight=1.0 / size,
        log_inhabitants=np.log(frame["inhabitants"]),
    )  # fmt: skip


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn the price of a frame into a count that is expected exactly: no whole number, and no chance."""
    return frame.assign(y=frame["inhabitants"] / 100 * np.exp((frame["y"] - 500) / 100), weight=frame["inhabitants"])


def pool_of(frames, outcome: Outcome = PRICE) -> SimpleNamespace:
    """Stand in for a Portfolio with one outcome; `frames` gives its frame by which facts count."""
    return SimpleNamespace(
        plan=SimpleNamespace(outcomes={outcome.id: outcome}, seed=1),
        years=(1, 4),
        outcome=lambda name: {outcome.id: outcome}[name],
        scale=lambda name: Scale(in_percent=True, wanted="increase"),
        frame=lambda name, facts="verified": frames(facts),
    )
