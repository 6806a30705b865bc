"""What was agreed in numbers and dates, the deal as a whole as an immutable object, and what was in force on a day.

Everything here is what the deal text says, or a reading of it that the file declares; nothing comes from records.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self, TypeVar

from pydantic import Field, StrictBool, StrictFloat, StrictInt, model_validator

from evaluation.base.errors import UsageError
from evaluation.inputs import deal_parts as parts

_Dated = TypeVar("_Dated", "Target", "Budget")


class Baseline(parts.Part):
    """Where a target starts: a value and the year that it belongs to."""

    value: StrictInt | StrictFloat
    year: parts.Year


class Target(parts.Part):
    """A number that was agreed, as it stands from `in_force_from` until a later entry of the same id.

    Attributes
    ----------
    kind : str    result: of Article 3; promise: a countable promise of the approach (Art. 4), then `element` names it.
    quantity : int | float    What is to be reached, in `unit_of_measure`; whole for count and m2.
    by : date    The last day for it; `by_note` tells how the text says it, or that it does not.
    at_least, approximate : bool    The text says "at least" ("ten minste", "minimaal") or "about" ("ca.").
    counted_from : str    outputs: the sum of the programme's records, which can only grow; indicator: a statistic.
    group : str | None    Targets that the text adds up; all of them counted from outputs, so that each has a number.
    withdrawn : bool    An amendment that ends the target: it is not in force from this entry on.
    """

    id: parts.Slug
    result: parts.ResultId
    element: parts.ElementId | None = None
    kind: Literal["result", "promise"]
    title: parts.Text
    quantity: StrictInt | StrictFloat
    unit_of_measure: Literal["count", "m2", "pct"]
    unit_label: parts.Text
    baseline: Baseline | None = None
    by: parts.Day
    by_note: parts.Text
    direction: Literal["increase", "decrease"]
    at_least: StrictBool = False
    approximate: StrictBool = False
    counted_from: Literal["outputs", "indicator"]
    group: parts.Slug | None = None
    reference: parts.Text
    in_force_from: parts.Day
    withdrawn: StrictBool = False
    note: parts.Text | None = None

    @model_validator(mode="after")
    def _is_reachable(self) -> Self:
        if self.unit_of_measure in ("count", "m2"):
            whole = isinstance(self.quantity, int)
            parts.require(whole, f"a whole quantity for {self.unit_of_measure}, such as 16000 (no thousands sign)")
        else:
            parts.require(0 <= self.quantity <= 100, "a quantity from 0 to 100 for pct")
        parts.require(self.quantity > 0 or self.direction == "decrease", "a quantity above 0 (or withdrawn: true)")
        parts.require(self.kind == "result" or self.element is not None, "an element for a promise")
        start = 0 if self.baseline is None else self.baseline.value
        moves = self.quantity > start if self.direction == "increase" else self.quantity < start
        parts.require(moves, f"a quantity that is a(n) {self.direction} from {start}")
        counted = self.counted_from == "outputs"
        parts.require(not counted or self.direction == "increase", "an increase where outputs are counted: they add up")
        parts.require(counted or self.group is None, "counted_from: outputs for a target of a group: a group is a sum")
        begins = self.in_force_from if self.baseline is None else date(self.baseline.year, 1, 1)
        parts.require(self.by > begins, "by after the day on which the target begins")
        return self


class Budget(parts.Part):
    """The indicative split over themes and the contributions of Rijk and Regio from `in_force_from`; whole euros."""

    in_force_from: parts.Day
    reference: parts.Text
    themes: dict[StrictInt, parts.Euro]
    parties: dict[parts.Text, parts.Euro]
    note: parts.Text | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        parts.require(
            set(self.parties) == {"Rijk", "Regio"}, "parties Rijk and Regio, as the records tell these two apart"
        )
        themes, parties = sum(self.themes.values()), sum(self.parties.values())
        parts.require(themes == parties, f"themes and parties with one sum (now {themes} and {parties})")
        return self


class Tranche(parts.Part):
    """An instalment of the contribution of Rijk: in `year`, or somewhere in `years`; a null amount needs a note."""

    id: parts.Slug
    year: parts.Year | None = None
    years: tuple[parts.Year, ...] | None = None
    amount_eur: parts.Euro | None
    reference: parts.Text
    note: parts.Text | None = None

    @model_validator(mode="after")
    def _tells_when_and_why(self) -> Self:
        parts.require((self.year is None) != (not self.years), "either year or years")
        parts.require(
            self.amount_eur is not None or self.note is not None, "a note that says why the amount is not known"
        )
        return self


class Milestone(parts.Part):
    """A dated promise.

    Attributes
    ----------
    theme, element : int | None, str | None    None for what concerns the deal as a whole, or a theme as a whole.
    due : date    The last day of the moment that the text names.
    due_text : str    How the text says it; `due_note` tells the reading where that is vague.
    """

    id: parts.Slug
    theme: parts.Number | None
    element: parts.ElementId | None
    title: parts.Text
    due: parts.Day
    due_text: parts.Text
    reference: parts.Text
    due_note: parts.Text | None = None


@dataclass(frozen=True, slots=True)
class DealOnDate:
    """What was agreed as it stood on a day.

    Attributes
    ----------
    targets : tuple[Target, ...]    For each target the entry in force, in the order of the file.
    budget_by_theme : dict[int, int]    Theme id to whole euros.
    budget_reference : str    Where the split stands (an article or an amendment).
    """

    day: date
    targets: tuple[Target, ...]
    budget_by_theme: dict[int, int]
    budget_by_party: dict[str, int]
    budget_eur: int
    budget_reference: str


class Deal(parts.Part):
    """A Regio Deal: what was agreed, in own words, with the article where it stands."""

    id: parts.Slug
    name: parts.Text
    citation: parts.Text
    region: parts.Region
    term: parts.Term
    parties: tuple[parts.Party, ...] = Field(min_length=1)
    text_notes: tuple[parts.Text, ...] = ()
    tracks: tuple[parts.Track, ...] = Field(min_length=1)
    themes: tuple[parts.Theme, ...] = Field(min_length=1)
    criteria: tuple[parts.Criterion, ...] = ()
    targets: tuple[Target, ...] = Field(min_length=1)
    budget: tuple[Budget, ...] = Field(min_length=1)
    tranches: tuple[Tranche, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    governance: tuple[parts.Body, ...] = ()
    duties: tuple[parts.Duty, ...] = ()
    other_articles: tuple[parts.Article, ...] = ()
    glossary: tuple[parts.GlossaryEntry, ...] = ()

    def as_of(self, day: date) -> DealOnDate:
        """Return the targets and the budget as they stood on a day.

        Parameters
        ----------
        day : date
            A later entry never changes what stood on an earlier day.

        Returns
        -------
        DealOnDate
            Withdrawn targets are not in it.

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

    def theme(self, theme_id: int) -> parts.Theme:
        """Return the theme with a number.

        Parameters
        ----------
        theme_id : int
            Its number in the deal.

        Returns
        -------
        Theme

        Raises
        ------
        UsageError
            For a number that the deal does not have; names those it has.
        """
        themes = {theme.id: theme for theme in self.themes}
        if theme_id not in themes:
            raise UsageError(f"{self.name} has no theme {theme_id!r}; its themes are {', '.join(map(str, themes))}.")
        return themes[theme_id]

    @property
    def target_ids(self) -> tuple[str, ...]:
        """Ids of the targets, each once, in the order of the file."""
        return tuple(dict.fromkeys(target.id for target in self.targets))

    @property
    def result_ids(self) -> tuple[str, ...]:
        """Ids of the intended results (1.1 to 6.2)."""
        return tuple(result.id for theme in self.themes for result in theme.results)

    @property
    def municipality_names(self) -> tuple[str, ...]:
        """Names of the municipalities that take part."""
        return tuple(municipality.name for municipality in self.region.municipalities)


def _latest(entries: Sequence[_Dated], day: date) -> _Dated | None:
    """Find the entry with the latest in_force_from on or before a day."""
    known = [entry for entry in entries if entry.in_force_from <= day]
    return max(known, key=lambda entry: entry.in_force_from, default=None)
