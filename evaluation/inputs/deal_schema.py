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
from evaluation.inputs import deal_terms as terms

USUAL_SOURCES = ("Rijk", "Provincie", "gemeenten", "corporaties", "private")
"""Who may pay in every deal; a deal may have funders of its own beside them."""

_Dated = TypeVar("_Dated", "Target", "Budget")


class Baseline(parts.Part):
    """Where a target starts: a value and the year that it belongs to."""

    value: StrictInt | StrictFloat
    year: parts.Year


class Target(parts.Part):
    """A number that was agreed, as it stands from `in_force_from` until a later entry of the same id.

    Attributes
    ----------
    kind : str    result: of an intended result; promise: a countable promise of the approach, then `element` names it.
    quantity : int | float    What is to be reached, in `unit_of_measure`; whole for count, m2 and EUR.
    quantity_to : int | float | None    The farther end of a range in the text; `quantity` is reached first.
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
    quantity_to: StrictInt | StrictFloat | None = None
    unit_of_measure: Literal["count", "m2", "pct", "EUR"]
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
        ends = [self.quantity] if self.quantity_to is None else [self.quantity, self.quantity_to]
        if self.unit_of_measure == "pct":
            parts.require(all(0 <= end <= 100 for end in ends), "a quantity from 0 to 100 for pct")
        else:
            whole = all(isinstance(end, int) for end in ends)
            parts.require(whole, f"a whole quantity for {self.unit_of_measure}, such as 16000 (no thousands sign)")
        farther = ends[-1] > ends[0] if self.direction == "increase" else ends[-1] < ends[0]
        parts.require(
            len(ends) == 1 or farther, f"quantity_to farther than quantity ({self.quantity}), as a(n) {self.direction}"
        )
        parts.require(len(ends) == 1 or not (self.at_least or self.approximate), "a range, or at_least or approximate")
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
    """The split over themes and what each party brings from `in_force_from`; whole euros.

    Attributes
    ----------
    parties : dict[str, int]    Rijk, and Regio as one or each of its parties by name.
    """

    in_force_from: parts.Day
    reference: parts.Text
    themes: dict[StrictInt, parts.Euro]
    parties: dict[parts.Text, parts.Euro]
    note: parts.Text | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        apart = "Rijk" in self.parties and len(self.parties) > 1 and not {"Regio"} < set(self.parties) - {"Rijk"}
        parts.require(apart, "parties Rijk and Regio, or Rijk and each party of the region by name")
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
    articles: terms.Articles = terms.Articles()
    words: terms.Words = terms.Words()
    tracks: tuple[parts.Track, ...] = ()
    themes: tuple[parts.Theme, ...] = Field(min_length=1)
    criteria: tuple[parts.Criterion, ...] = ()
    targets: tuple[Target, ...] = ()
    budget: tuple[Budget, ...] = Field(min_length=1)
    funders: tuple[terms.Funder, ...] = ()
    phases: tuple[parts.Text, ...] = ()
    release: terms.ReleaseTerms | None = None
    tranches: tuple[Tranche, ...] = ()
    amendments: tuple[terms.Amendment, ...] = ()
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
        if budget is None or (self.targets and not any(targets)):
            first = max(min(item.in_force_from for item in dated) for dated in (self.budget, self.targets) if dated)
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

    def last_day(self, year: int) -> date:
        """Return the last day of a year that the deal runs: the day of the report over it.

        Parameters
        ----------
        year : int
            In its term.

        Returns
        -------
        date
            31 December, or the last day of the deal in the year in which it ends.
        """
        return min(date(year, 12, 31), self.term.ends_on)

    @property
    def sources(self) -> tuple[str, ...]:
        """Who may pay, as the records name them: the usual five, and the deal's own funders."""
        return (*USUAL_SOURCES, *(funder.id for funder in self.funders))

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
