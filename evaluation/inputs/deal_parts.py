"""The parts of a deal file that hold no agreed number: where and when, who, the themes in words, and the articles.

The types of the fields stand here too, for `evaluation.inputs.deal_schema`, which has the numbers and the whole.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
MunicipalityCode = Annotated[str, StringConstraints(strict=True, pattern=r"^GM\d{4}$")]
ResultId = Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9]\d?\.\d+$")]
ElementId = Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9]\d?[a-z]{1,2}$")]
AreaCode = Annotated[str, StringConstraints(strict=True, pattern=r"^(PV\d{2}|LD\d{2}|CR\d{2}|GM\d{4})$")]
Number = Annotated[StrictInt, Field(ge=1)]
Year = Annotated[StrictInt, Field(ge=1990, le=2100)]
Euro = Annotated[StrictInt, Field(ge=0)]
Day = Annotated[date, Field(strict=True)]


class Part(BaseModel):
    """A part of a deal file: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Municipality(Part):
    """A municipality that takes part, by its present code; `part` names what of it does, where that is not all."""

    code: MunicipalityCode
    name: Text
    part: Text | None = None


class Benchmark(Part):
    """The region that is the deal's yardstick: a province, part of the country, COROP area, the country, or a group.

    Attributes
    ----------
    code : str    Statistical code (PV, LD, CR, NL01), or a name of its own in small letters for a group.
    members : tuple[str, ...]    Of a group: codes of provinces, parts of the country, COROP areas and municipalities.
    """

    code: Annotated[str, StringConstraints(strict=True, pattern=r"^(PV|LD|CR)\d{2}$|^NL01$|^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: Text
    members: tuple[AreaCode, ...] = ()

    @model_validator(mode="after")
    def _has_members_or_is_known(self) -> Self:
        require(
            self.code[0].islower() == bool(self.members), "members for a group with a name of its own, and only there"
        )
        return self


class Region(Part):
    """Where the deal is, and what it is compared with.

    Attributes
    ----------
    formed_from : dict[str, tuple[str, ...]]    Municipality code to the codes that it was formed from, each as a whole.
    formed_on : dict[str, date]    The day of that merger, for the same codes.
    """

    name: Text
    short_name: Text
    municipalities: tuple[Municipality, ...] = Field(min_length=1)
    formed_from: dict[MunicipalityCode, tuple[MunicipalityCode, ...]] = Field(default_factory=dict)
    formed_on: dict[MunicipalityCode, Day] = Field(default_factory=dict)
    benchmark: Benchmark
    rest_name: Text

    @property
    def unit_id(self) -> str:
        """Id of the region as a unit of a panel: ``parkstad``."""
        return self.short_name.lower().replace(" ", "-")

    @property
    def rest_id(self) -> str:
        """Id of the rest of the province as a unit of a panel: ``PV31-rest``."""
        return f"{self.benchmark.code}-rest"


class Term(Part):
    """When the deal runs, and the years that a report may speak of.

    Attributes
    ----------
    starts_on, ends_on : date    The first day, where the text or the register tells it, and the last one.
    path_from : date    Where the straight lines to the targets begin; a declared assumption (see `notes`).
    records_from, records_until : date    The programme's records lie between these days.
    """

    first_year: Year
    last_year: Year
    starts_on: Day | None = None
    ends_on: Day
    selected_on: Day | None = None
    sent_to_parliament_on: Day | None = None
    base_year: Year
    partial_year: Year | None
    path_from: Day
    records_from: Day
    records_until: Day
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        require(self.base_year < self.first_year <= self.last_year, "base_year before first_year, not after last_year")
        require(self.ends_on.year == self.last_year, f"ends_on in last_year ({self.last_year})")
        require(self.path_from < self.ends_on, "path_from before ends_on")
        require(self.selected_on is None or self.selected_on <= self.path_from, "path_from not before selected_on")
        require(
            self.starts_on is None or self.starts_on.year == self.first_year,
            f"starts_on in first_year ({self.first_year})",
        )
        require(self.records_from <= self.path_from, "records_from not after path_from")
        require(self.records_until >= self.ends_on, "records_until not before ends_on")
        return self


class Party(Part):
    """One of the parties, by its number in the text; `side` is rijk or regio."""

    number: Number
    name: Text
    abbreviation: Text
    side: Literal["rijk", "regio"]


class Track(Part):
    """One of the tracks of the deal."""

    id: Number
    title: Text


class Goal(Part):
    """A goal, in own words."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9]\d?-\d+$")]
    text: Text


class IntendedResult(Part):
    """An intended result, in own words.

    Attributes
    ----------
    measured_by : str    What could show it, and what could not.
    by : date | None    The last day of the moment that the text names; None where it names none.
    towards_benchmark : bool    The text wants the region at the level of the deal's yardstick, or nearer to it.
    """

    id: ResultId
    title: Text
    text: Text
    reference: Text
    measured_by: Text
    by: Day | None = None
    towards_benchmark: bool = False


class ApproachElement(Part):
    """An element of the approach, in own words.

    Attributes
    ----------
    kind : str
        project: delivers something in the region; process: parties work out, study or discuss something;
        context: a principle or background, with nothing of its own to deliver.
    actors : tuple[str, ...]    Who the text names as doing it; empty where it names nobody.
    """

    id: ElementId
    title: Annotated[Text, Field(max_length=80)]
    text: Text
    kind: Literal["project", "process", "context"]
    actors: tuple[Text, ...] = ()


class Theme(Part):
    """A theme with its goals, intended results and approach."""

    id: Annotated[StrictInt, Field(ge=1, le=99)]
    slug: Slug
    title: Text
    short_title: Text
    goals: tuple[Goal, ...] = ()
    results: tuple[IntendedResult, ...] = Field(min_length=1)
    approach: tuple[ApproachElement, ...] = ()


class Criterion(Part):
    """A criterion for choosing projects."""

    number: Number
    title: Text


class Body(Part):
    """A body that steers, supports or carries out the deal."""

    id: Slug
    name: Text
    role: Text
    reference: Text
    members: tuple[Text, ...] = Field(min_length=1)


class Duty(Part):
    """A paragraph of the deal on monitoring and evaluation, in own words; its number is that of the text."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^\d{1,2}\.\d+$")]
    title: Text
    text: Text
    reference: Text


class GlossaryEntry(Part):
    """A word that only this deal uses, in plain words, for the page of terms of the site."""

    term: Text
    meaning: Text


class Article(Part):
    """Another article that a reader may ask for, in one line."""

    number: Number
    title: Text
    text: Text


def require(holds: bool, expected: str) -> None:
    """Refuse a contradiction inside one part of the file.

    Parameters
    ----------
    holds, expected : bool, str
        Whether it is right, and what would be.

    Raises
    ------
    ValueError
        With what was expected; pydantic makes a fault with its place of it.
    """
    if not holds:
        raise ValueError(expected)
