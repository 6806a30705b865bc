"""The declared plan of the portfolio edition: outcomes, years, estimator, inference (data/methods/portfolio.yml)."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir, shown
from evaluation.base.yaml_entries import build_entries, build_entry, raise_faults, read_mapping
from evaluation.inputs.indicator_schema import Entry

FILE = Path("methods", "portfolio.yml")
Family = Literal["poisson", "log", "level"]


class Outcome(Entry):
    """One outcome of all deals together.

    Attributes
    ----------
    id, wording, theme : str    Its name in results.csv; how readers know it (Dutch); a theme of the register of deals.
    series : str    The indicator in the library that has its figures, by municipality and year.
    family : "poisson" | "log" | "level"    A count with inhabitants as exposure; a logarithm; the figure itself.
    first, last : int    Years that are used.
    plausible : float    Largest effect that is thought possible, in `unit`.
    headline : bool    Whether it is one of those that were chosen beforehand to judge by.
    """

    id: str
    wording: str
    theme: str
    series: str
    family: Family
    first: int = Field(ge=2000, le=2100)
    last: int = Field(ge=2000, le=2100)
    plausible: float = Field(gt=0)
    headline: bool = False

    @property
    def unit(self) -> str:
        """Unit of an effect: percent, or percentage points."""
        return "pp" if self.family == "level" else "pct"

    @property
    def unit_name(self) -> str:
        """That unit as Dutch readers write it: ``%`` or ``procentpunt``."""
        return "procentpunt" if self.unit == "pp" else "%"

    @property
    def heading(self) -> str:
        """Its wording with the unit of an effect, as above a column or a part of a figure."""
        return f"{self.wording} ({self.unit_name})"

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.last - self.first < 5:
            raise ValueError("at least six years, from first to last")
        return self


class PortfolioPlan(Entry):
    """What is declared of the comparison of all deals.

    Attributes
    ----------
    declared_on, notes, reason, inference : date and str    When, and in Dutch what was known, why, and how sure.
    declared : "saturated"    The declared estimator.
    first_event_year, last_event_year : int    Years since the start (0) over which the pooled effect is a mean.
    start_level_years : int    First years of an outcome of which the mean is its start level.
    permutations, permutations_other, seed : int    Draws of cohorts over regions, for the outcomes that were chosen
        beforehand and for the others, and their seed.
    outcomes : mapping of str to Outcome
    """

    declared_on: date
    notes: str
    declared: Literal["saturated"]
    reason: str
    inference: str
    first_event_year: int = Field(ge=0)
    last_event_year: int = Field(ge=0)
    start_level_years: int = Field(ge=1)
    permutations: int = Field(ge=99)
    permutations_other: int = Field(ge=99)
    seed: int
    outcomes: Mapping[str, Outcome]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.last_event_year < self.first_event_year:
            raise ValueError("last_event_year not before first_event_year")
        return self


def load_portfolio_plan(*, data: Path | None = None) -> PortfolioPlan:
    """Read the declared plan of the portfolio edition.

    Parameters
    ----------
    data : Path | None
        The data folder; that of the project by default.

    Returns
    -------
    PortfolioPlan

    Raises
    ------
    InputError
        With every fault in the file.
    """
    path = (data or data_dir()) / FILE
    faults: list[Fault] = []
    content = read_mapping(path, set(PortfolioPlan.model_fields), faults)
    if not content:
        raise_faults(faults)
    outcomes = build_entries(content, "outcomes", path, Outcome, faults)
    known = {key: content[key] for key in content.keys() & PortfolioPlan.model_fields.keys()}
    plan = build_entry(PortfolioPlan, {**known, "outcomes": {}}, {}, path, "", faults)
    raise_faults(faults)
    if not outcomes:
        raise InputError([Fault(shown(path), "no outcomes", "at least one", key="outcomes")])
    return plan.model_copy(update={"outcomes": outcomes})
