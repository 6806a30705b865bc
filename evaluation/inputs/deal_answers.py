"""What somebody answers about a new deal, or confirms of what was found in its text: the input of `regiodeal new deal`.

An answers file is YAML with the keys below.  What was found in a text has the place where it stands, and counts only
once somebody wrote behind `confirmed` whether it is right.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import shown
from evaluation.base.yaml_entries import build_entry, read_mapping
from evaluation.inputs import deal_parts as parts

Side = Literal["rijk", "regio"]
Amount = Annotated[StrictInt, Field(ge=0)]
ArticlePart = Literal[
    "goals", "results", "approach", "money", "governance", "monitoring", "annual_report", "final_evaluation", "term",
    "other"
]  # fmt: skip


class Answer(parts.Part):
    """Something that somebody answers.

    Attributes
    ----------
    found_at, quote : str | None    Where it was found in a text, and its words; None of what somebody wrote himself.
    reading : str | None    How the words were read, where they can be read otherwise, or leave something open.
    confirmed : bool | None    Of what was found: whether it is right; None while nobody looked.
    """

    confirmed: StrictBool | None = None
    found_at: str | None = None
    quote: str | None = None
    reading: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it was found in a text and nobody has looked at it."""
        return self.found_at is not None and self.confirmed is None

    @property
    def counts(self) -> bool:
        """Whether it is to be used."""
        return self.confirmed is not False and not self.is_open


class PartyAnswer(Answer):
    """A party of the deal."""

    name: parts.Text
    abbreviation: parts.Text | None = None
    side: Side


class ArticleAnswer(Answer):
    """Where something stands in the deal: article ``7`` or paragraph ``7.4``."""

    part: ArticlePart
    number: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,2})?$")]
    title: str = ""


class TermAnswer(Answer):
    """The days of the term."""

    starts_on: parts.Day | None = None
    ends_on: parts.Day | None = None


class Words(Answer):
    """A goal, an intended result or an element of the approach, in words."""

    text: parts.Text
    title: parts.Text | None = None
    reference: parts.Text | None = None
    by: parts.Day | None = None
    towards_benchmark: StrictBool = False


class ThemeAnswer(Answer):
    """A theme of the deal.

    Attributes
    ----------
    subjects : tuple[str, ...] | None    Of ``data/subjects.yml``; None: those that its words point to.
    """

    title: parts.Text
    short_title: parts.Text | None = None
    subjects: tuple[parts.Slug, ...] | None = None
    goals: tuple[Words, ...] = ()
    results: tuple[Words, ...] = ()
    approach: tuple[Words, ...] = ()


class TargetAnswer(Answer):
    """A number that was agreed; `theme` and `result` are counted from 1 as they stand in the answers.

    Attributes
    ----------
    result : int | None    Which result of the theme it belongs to; None: the only one.
    element : int | None    Which element of the approach promises it; None: it is of a result.
    quantity_to : float | None    Upper end of a range.
    by : date | None    None: the text names none, so the end of the term.
    baseline, baseline_year : float | None, int | None    Level from which it comes.
    """

    theme: parts.Number
    result: parts.Number | None = None
    element: parts.Number | None = None
    title: parts.Text
    quantity: StrictInt | StrictFloat
    quantity_to: StrictInt | StrictFloat | None = None
    unit_of_measure: Literal["count", "m2", "pct", "EUR"]
    unit_label: parts.Text
    by: parts.Day | None = None
    by_note: parts.Text | None = None
    direction: Literal["increase", "decrease"] = "increase"
    at_least: StrictBool = False
    approximate: StrictBool = False
    baseline: StrictInt | StrictFloat | None = None
    baseline_year: parts.Year | None = None
    group: parts.Slug | None = None
    reference: parts.Text | None = None


class ThemeAmount(Answer):
    """Money for a theme, in whole euros."""

    theme: parts.Number
    amount_eur: Amount
    reference: parts.Text | None = None


class Contribution(Answer):
    """Money of a party, or of a side as a whole, in whole euros."""

    party: parts.Text
    side: Side
    is_whole_side: StrictBool = False
    amount_eur: Amount
    reference: parts.Text | None = None


class TrancheAnswer(Answer):
    """An instalment of the contribution of Rijk; the amount is None where the text gives none."""

    years: Annotated[tuple[parts.Year, ...], Field(min_length=1)]
    amount_eur: Amount | None = None
    reference: parts.Text | None = None


class MilestoneAnswer(Answer):
    """A dated promise; `theme` None: of the deal as a whole."""

    theme: parts.Number | None = None
    title: parts.Text
    due: parts.Day
    due_text: parts.Text
    reference: parts.Text | None = None


class DutyAnswer(Answer):
    """A paragraph of the article on monitoring and evaluation."""

    number: Annotated[str, Field(pattern=r"^\d{1,3}\.\d{1,2}$")]
    title: parts.Text
    text: parts.Text


class DealAnswers(parts.Part):
    """Everything that is answered about one new deal.

    Attributes
    ----------
    deal : str    Its id in the register.
    text : str | None    Name and sum of the text that was read.
    benchmark : str | None    Code of the yardstick; None: the province, or the country where there are more.
    theme_word : str | None    How the deal calls its themes, where otherwise: opgave, programmalijn, pijler.
    total_eur : int | None    Told by the text; only compared with the sums.
    not_used : tuple[str, ...]    What was seen in the text and cannot be used as it stands, in Dutch.
    """

    deal: parts.Slug
    text: str | None = None
    benchmark: Annotated[str, Field(pattern=r"^(PV\d{2}|NL01)$")] | None = None
    term: TermAnswer | None = None
    theme_word: Literal["opgave", "programmalijn", "pijler", "speerpunt", "actielijn", "lijn"] | None = None
    themes: tuple[ThemeAnswer, ...] = ()
    targets: tuple[TargetAnswer, ...] = ()
    amounts: tuple[ThemeAmount, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    total_eur: Amount | None = None
    tranches: tuple[TrancheAnswer, ...] = ()
    milestones: tuple[MilestoneAnswer, ...] = ()
    parties: tuple[PartyAnswer, ...] = ()
    articles: tuple[ArticleAnswer, ...] = ()
    duties: tuple[DutyAnswer, ...] = ()
    not_used: tuple[str, ...] = ()

    def walk(self) -> Iterator[tuple[str, Answer]]:
        """Give every answer with its place, in the order of the fields.

        Returns
        -------
        iterator of (str, Answer)
            Place (``themes.1.results.2``) and answer.
        """
        yield from _walk(self, "")


def _walk(node: BaseModel, place: str) -> Iterator[tuple[str, Answer]]:
    for name in type(node).model_fields:
        value = getattr(node, name)
        items = value if isinstance(value, tuple) else (value,)
        for number, item in enumerate(items, 1):
            if isinstance(item, Answer):
                where = f"{place}{name}{f'.{number}' if isinstance(value, tuple) else ''}"
                yield where, item
                yield from _walk(item, f"{where}.")


def load_answers(path: Path) -> DealAnswers:
    """Read an answers file, or a proposal in which everything is confirmed or refused.

    Parameters
    ----------
    path : Path
        YAML with the keys of `DealAnswers`.

    Returns
    -------
    DealAnswers

    Raises
    ------
    InputError
        With every fault: of the shape, and what was found in a text and has no answer behind `confirmed`.
    """
    faults: list[Fault] = []
    content = read_mapping(path, set(DealAnswers.model_fields), faults)
    answers = build_entry(DealAnswers, content, {}, path, "", faults) if content else None
    if answers is not None:
        faults += open_faults(answers, shown(path))
    if faults or answers is None:
        raise InputError(faults or [Fault(shown(path), "niets", "antwoorden, zoals in docs/andere-deal.md")])
    return answers


def open_faults(answers: DealAnswers, file: str) -> list[Fault]:
    """List what was found in a text and nobody has confirmed or refused.

    Parameters
    ----------
    answers, file : DealAnswers, str
        And the name of their file.

    Returns
    -------
    list[Fault]
    """
    return [
        Fault(file, "niets achter confirmed", "yes (het klopt) of no (het doet niet mee)", key=f"{place}.confirmed",
              hint=f"Zie {item.found_at} van de tekst: {item.quote}" if item.quote else None)
        for place, item in answers.walk()
        if item.is_open
    ]  # fmt: skip
