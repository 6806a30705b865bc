"""Published effects of comparable programmes: what the plausible effect of a design may rest on.

A register in ``data/methods/effects.yml``, so that how large an effect can be is not assumed where others measured it,
and is called an assumption where nobody did.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from evaluation.base.errors import Fault, did_you_mean
from evaluation.base.paths import data_dir, shown
from evaluation.base.yaml_entries import build_entry, mapping_under, raise_faults, read_mapping
from evaluation.inputs.indicator_schema import Entry
from evaluation.inputs.plan_schema import Design

FILE = Path("methods", "effects.yml")


class PublishedEffect(Entry):
    """What a study found of a programme; texts are Dutch, as readers see them.

    Attributes
    ----------
    programme, country : str    What was done, when and where.
    title, authors, year : str, str, int | None    The study; no year where none was seen.
    url : str | None    Its own address or DOI, where it has been seen.
    seen_at, seen_on : str | None, date | None    Where and when it was seen that the study says this.
    verified : bool    Whether it was seen; what is known from memory or at second hand is not, and is never cited.
    outcome, unit : str    What changed, of whom, and in what the estimate is.
    estimate : float | None    None where what was seen gives no number.
    std_error, low, high : float | None    Its standard error, or its bounds.
    range_is : str | None    What the bounds are, where they are no 95% interval.
    design : str    How it was measured.
    finding, transfer : str    What was found, in a sentence; how far that goes for a whole region and this deal.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    programme: str
    country: str
    title: str
    authors: str
    year: int | None = Field(ge=1950, le=2100)
    url: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    seen_at: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    seen_on: date | None = None
    verified: bool
    outcome: str
    unit: str
    estimate: float | None
    std_error: float | None = Field(default=None, gt=0)
    low: float | None = None
    high: float | None = None
    range_is: str | None = None
    design: str
    finding: str
    transfer: str

    @property
    def address(self) -> str | None:
        """Where a reader can look: the study itself, or where it was seen."""
        return self.url or self.seen_at

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.verified and (self.seen_at is None or self.seen_on is None):
            raise ValueError("an entry that is verified needs seen_at and seen_on: where and when it was seen")
        if not self.verified and (self.seen_at is not None or self.seen_on is not None):
            raise ValueError("an entry that was seen is verified; one that was not has no seen_at or seen_on")
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high go together")
        bounds = [number for number in (self.low, self.estimate, self.high) if number is not None]
        if self.low is not None and bounds != sorted(bounds):
            raise ValueError(f"low, estimate and high in that order, not {', '.join(map(str, bounds))}")
        if self.range_is is not None and self.low is None:
            raise ValueError("range_is says what low and high are")
        return self


def load_effects(*, data: Path | None = None) -> dict[str, PublishedEffect]:
    """Read the register of published effects.

    Parameters
    ----------
    data : Path | None
        The data folder; that of the project by default.

    Returns
    -------
    dict[str, PublishedEffect]
        By id, in the order of the file.

    Raises
    ------
    InputError
        With every fault in the file.
    """
    path = (data or data_dir()) / FILE
    faults: list[Fault] = []
    content = read_mapping(path, {"notes", "effects"}, faults)
    found = {
        key: build_entry(PublishedEffect, fields, {"id": key}, path, f"effects.{key}", faults)
        for key, fields in mapping_under(content, "effects", path, faults).items()
    }
    raise_faults(faults)
    return found


def citation_faults(designs: Iterable[Design], effects: Mapping[str, PublishedEffect], file: str) -> list[Fault]:
    """Judge what designs cite: only entries that are in the register, and were seen.

    Parameters
    ----------
    designs, effects, file : iterable of Design, mapping, str
        Of the plan, the register by id, and the name of the plan's file.

    Returns
    -------
    list[Fault]
    """
    faults = []
    for design in designs:
        for name in design.effects:
            key = f"designs.{design.id}.effects"
            if name not in effects:
                hint = did_you_mean(name, sorted(effects))
                faults.append(Fault(file, repr(name), f"an entry of {shown(data_dir() / FILE)}", key=key, hint=hint))
            elif not effects[name].verified:
                expected = "an entry with verified: true; look it up first, and write where and when it was seen"
                faults.append(Fault(file, f"{name!r}, which was not seen", expected, key=key))
    return faults
