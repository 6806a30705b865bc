"""The shape of a deal file: what was agreed, as immutable objects, and what of it was in force on a day.

Everything here is what the deal text says, or a reading of it that the file declares; nothing comes from records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    model_validator,
)

from evaluation.base.errors import UsageError

Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
MunicipalityCode = Annotated[str, StringConstraints(strict=True, pattern=r"^GM\d{4}$")]
ResultId = Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9]\.\d+$")]
ElementId = Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9][a-z]$")]
Number = Annotated[StrictInt, Field(ge=1)]
Year = Annotated[StrictInt, Field(ge=1990, le=2100)]
Euro = Annotated[StrictInt, Field(ge=0)]
Day = Annotated[date, Field(strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


_Dated = TypeVar("_Dated", "Target", "Budget")


class Municipality(_Part):
    """A municipality that takes part, by its present code."""

    code: MunicipalityCode
    name: Text


class Benchmark(_Part):
    """The region that is the deal's yardstick, by its statistical code."""

    code: Annotated[str, StringConstraints(strict=True, pattern=r"^(PV|LD|CR)\d{2}$|^NL01$")]
    name: Text


class Region(_Part):
    """Where the deal is, and what it is compared with.

    Attributes
    ----------
    formed_from : dict[str, tuple[str, ...]]
        Municipality code to the codes that it was formed from, each as a whole.
    formed_on : dict[str, date]
        The day of that merger, for the same codes.
    """

    name: Text
    short_name: Text
    municipalities: tuple[Municipality, ...] = Field(min_length=1)
    formed_from: dict[MunicipalityCode, tuple[MunicipalityCode, ...]] = Field(default_factory=dict)
    formed_on: dict[MunicipalityCode, Day] = Field(default_factory=dict)
    benchmark: Benchmark
    rest_name: Text


class Term(_Part):
    """When the deal runs, and the years that a report may speak of.

    Attributes
    ----------
    path_from : date
        Where the straight lines to the targets begin; a declared assumption (see `notes`).
    records_from, records_until : date
        The programme's records lie between these days.
    """

    first_year: Year
    last_year: Year
    ends_on: Day
    selected_on: Day
    sent_to_parliament_on: Day
    base_year: Year
    partial_year: Year | None
    path_from: Day
    records_from: Day
    records_until: Day
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        _require(self.base_year < self.first_year <= self.last_year, "base_year before first_year, not after last_year")
        _require(self.ends_on.year == self.last_year, f"ends_on in last_year ({self.last_year})")
        _require(self.selected_on <= self.path_from < self.ends_on, "path_from between selected_on and ends_on")
        _require(self.records_from <= self.path_from, "records_from not after path_from")
        _require(self.records_until >= self.ends_on, "records_until not before ends_on")
        return self


class Party(_Part):
    """One of the parties, by its number in the text; `side` is rijk or regio."""

    number: Number
    name: Text
    abbreviation: Text
    side: Literal["rijk", "regio"]


class Track(_Part):
    """One of the tracks of Article 2."""

    id: Number
    title: Text


class Goal(_Part):
    """A goal of Article 2, in own words."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9]-\d+$")]
    text: Text


class IntendedResult(_Part):
    """An intended result of Article 3, in own words.

    Attributes
    ----------
    measured_by : str
        What could show it, and what could not.
    by : date | None
        The last day of the moment that the text names; None where it names none.
    """

    id: ResultId
    title: Text
    text: Text
    reference: Text
    measured_by: Text
    by: Day | None = None


class ApproachElement(_Part):
    """An element of the approach of Article 4, in own words.

    Attributes
    ----------
    kind : str
        project: delivers something in the region; process: parties work out, study or discuss something;
        context: a principle or background, with nothing of its own to deliver.
    actors : tuple[str, ...]
        Who the text names as doing it; empty where it names nobody.
    """

    id: ElementId
    title: Annotated[Text, Field(max_length=80)]
    text: Text
    kind: Literal["project", "process", "context"]
    actors: tuple[Text, ...] = ()


class Theme(_Part):
    """A theme with its goals (Art. 2), intended results (Art. 3) and approach (Art. 4)."""

    id: Annotated[StrictInt, Field(ge=1, le=9)]
    slug: Slug
    title: Text
    short_title: Text
    goals: tuple[Goal, ...] = Field(min_length=1)
    results: tuple[IntendedResult, ...] = Field(min_length=1)
    approach: tuple[ApproachElement, ...] = Field(min_length=1)


class Criterion(_Part):
    """A criterion for choosing projects (Art. 4)."""

    number: Number
    title: Text


class Baseline(_Part):
    """Where a target starts: a value and the year that it belongs to."""

    value: StrictInt | StrictFloat
    year: Year


class Target(_Part):
    """A number that was agreed, as it stands from `in_force_from` until a later entry of the same id.

    Attributes
    ----------
    kind : str
        result: of Article 3; promise: a countable promise of the approach (Art. 4), then `element` names it.
    quantity : int | float
        What is to be reached, in `unit_of_measure`; whole for count and m2.
    by : date
        The last day for it; `by_note` tells how the text says it, or that it does not.
    at_least, approximate : bool
        The text says "at least" ("ten minste", "minimaal") or "about" ("ca.").
    counted_from : str
        outputs: the sum of the programme's records, which can only grow; indicator: a statistic.
    group : str | None
        Targets that the text adds up; all of them counted from outputs, so that each has a number.
    withdrawn : bool
        An amendment that ends the target: it is not in force from this entry on.
    """

    id: Slug
    result: ResultId
    element: ElementId | None = None
    kind: Literal["result", "promise"]
    title: Text
    quantity: StrictInt | StrictFloat
    unit_of_measure: Literal["count", "m2", "pct"]
    unit_label: Text
    baseline: Baseline | None = None
    by: Day
    by_note: Text
    direction: Literal["increase", "decrease"]
    at_least: StrictBool = False
    approximate: StrictBool = False
    counted_from: Literal["outputs", "indicator"]
    group: Slug | None = None
    reference: Text
    in_force_from: Day
    withdrawn: StrictBool = False
    note: Text | None = None

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        if self.unit_of_measure in ("count", "m2"):
            whole = isinstance(self.quantity, int)
            _require(whole, f"a whole quantity for {self.unit_of_measure}, such as 16000 (no thousands sign)")
        else:
            _require(0 <= self.quantity <= 100, "a quantity from 0 to 100 for pct")
        _require(self.quantity > 0 or self.direction == "decrease", "a quantity above 0 (or withdrawn: true)")
        _require(self.kind == "result" or self.element is not None, "an element for a promise")
        start = 0 if self.baseline is None else self.baseline.value
        moves = self.quantity > start if self.direction == "increase" else self.quantity < start
        _require(moves, f"a quantity that is a(n) {self.direction} from {start}")
        counted = self.counted_from == "outputs"
        _require(not counted or self.direction == "increase", "an increase where outputs are counted: they add up")
        _require(counted or self.group is None, "counted_from: outputs for a target of a group: a group is a sum")
        begins = self.in_force_from if self.baseline is None else date(self.baseline.year, 1, 1)
        _require(self.by > begins, "by after the day on which the target begins")
        return self


class Budget(_Part):
    """The indicative split over themes and the contributions of Rijk and Regio from `in_force_from`; whole euros."""

    in_force_from: Day
    reference: Text
    themes: dict[StrictInt, Euro]
    parties: dict[Text, Euro]
    note: Text | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        _require(set(self.parties) == {"Rijk", "Regio"}, "parties Rijk and Regio, as the records tell these two apart")
        themes, parties = sum(self.themes.values()), sum(self.parties.values())
        _require(themes == parties, f"themes and parties with one sum (now {themes} and {parties})")
        return self


class Tranche(_Part):
    """An instalment of the contribution of Rijk: in `year`, or somewhere in `years`; a null amount needs a note."""

    id: Slug
    year: Year | None = None
    years: tuple[Year, ...] | None = None
    amount_eur: Euro | None
    reference: Text
    note: Text | None = None

    @model_validator(mode="after")
    def _tells_when_and_why(self) -> Self:
        _require((self.year is None) != (not self.years), "either year or years")
        _require(self.amount_eur is not None or self.note is not None, "a note that says why the amount is not known")
        return self


class Milestone(_Part):
    """A dated promise.

    Attributes
    ----------
    theme, element : int | None, str | None
        None for what concerns the deal as a whole, or a theme as a whole.
    due : date
        The last day of the moment that the text names.
    due_text : str
        How the text says it; `due_note` tells the reading where that is vague.
    """

    id: Slug
    theme: Number | None
    element: ElementId | None
    title: Text
    due: Day
    due_text: Text
    reference: Text
    due_note: Text | None = None


class Body(_Part):
    """A body that steers, supports or carries out the deal (Art. 6, Art. 4.5a)."""

    id: Slug
    name: Text
    role: Text
    reference: Text
    members: tuple[Text, ...] = Field(min_length=1)


class Duty(_Part):
    """A paragraph of Article 7 on monitoring and evaluation, in own words."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^7\.\d+$")]
    title: Text
    text: Text
    reference: Text


class GlossaryEntry(_Part):
    """A word that only this deal uses, in plain words, for the page of terms of the site."""

    term: Text
    meaning: Text


class Article(_Part):
    """Another article that a reader may ask for, in one line."""

    number: Number
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class DealOnDate:
    """What was agreed as it stood on a day.

    Attributes
    ----------
    day : date
    targets : tuple[Target, ...]
        For each target the entry in force, in the order of the file.
    budget_by_theme : dict[int, int]
        Theme id to whole euros.
    budget_by_party : dict[str, int]
    budget_eur : int
    budget_reference : str
        Where the split stands (an article or an amendment).
    """

    day: date
    targets: tuple[Target, ...]
    budget_by_theme: dict[int, int]
    budget_by_party: dict[str, int]
    budget_eur: int
    budget_reference: str


class Deal(_Part):
    """A Regio Deal: what was agreed, in own words, with the article where it stands."""

    id: Slug
    name: Text
    citation: Text
    region: Region
    term: Term
    parties: tuple[Party, ...] = Field(min_length=1)
    text_notes: tuple[Text, ...] = ()
    tracks: tuple[Track, ...] = Field(min_length=1)
    themes: tuple[Theme, ...] = Field(min_length=1)
    criteria: tuple[Criterion, ...] = ()
    targets: tuple[Target, ...] = Field(min_length=1)
    budget: tuple[Budget, ...] = Field(min_length=1)
    tranches: tuple[Tranche, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    governance: tuple[Body, ...] = ()
    duties: tuple[Duty, ...] = ()
    other_articles: tuple[Article, ...] = ()
    glossary: tuple[GlossaryEntry, ...] = ()

    def as_of(self, day: date) -> DealOnDate:
        """Return the targets and the budget as they stood on a day: a later entry never changes an earlier day.

        Raises
        ------
        UsageError
            When nothing was in force yet.
        """
        targets = [_latest([t for t in self.targets if t.id == name], day) for name in self.target_ids]
        budget = _latest(self.budget, day)
        if budget is None or not any(targets):
            first = max(min(b.in_force_from for b in self.budget), min(t.in_force_from for t in self.targets))
            raise UsageError(f"{self.name}: nothing was in force on {day}; ask for {first} or later.")
        return DealOnDate(
            day=day,
            targets=tuple(target for target in targets if target is not None and not target.withdrawn),
            budget_by_theme=dict(budget.themes),
            budget_by_party=dict(budget.parties),
            budget_eur=sum(budget.themes.values()),
            budget_reference=budget.reference,
        )

    def theme(self, theme_id: int) -> Theme:
        """Return the theme with this number (UsageError for another number)."""
        for theme in self.themes:
            if theme.id == theme_id:
                return theme
        known = ", ".join(str(theme.id) for theme in self.themes)
        raise UsageError(f"{self.name} has no theme {theme_id!r}; its themes are {known}.")

    @property
    def target_ids(self) -> tuple[str, ...]:
        """Ids of the targets, each once, in the order of the file."""
        return tuple(dict.fromkeys(target.id for target in self.targets))

    @property
    def result_ids(self) -> tuple[str, ...]:
        """Ids of the intended results (1.1 to 6.2)."""
        return tuple(result.id for theme in self.themes for result in theme.results)

    @property
    def element_ids(self) -> tuple[str, ...]:
        """Ids of the approach elements (1a to 6d)."""
        return tuple(element.id for theme in self.themes for element in theme.approach)

    @property
    def municipality_names(self) -> tuple[str, ...]:
        """Names of the municipalities that take part."""
        return tuple(municipality.name for municipality in self.region.municipalities)


def _latest(entries: Sequence[_Dated], day: date) -> _Dated | None:
    """The entry with the latest in_force_from on or before a day."""
    known = [entry for entry in entries if entry.in_force_from <= day]
    return max(known, key=lambda entry: entry.in_force_from, default=None)


def _require(holds: bool, expected: str) -> None:
    if not holds:
        raise ValueError(expected)
