"""What else a deal says of itself: the articles of its duties, who pays beside the usual five, its changes and words.

A text of a report names an article only where the deal file has it: what is not here is not mentioned anywhere.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from evaluation.inputs.deal_parts import Day, Part, Slug, Text, require

REPRODUCER = "narekenaar"
"""The role of who ran a bundle again elsewhere; it approves no release."""

Role = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z-]*$")]
_ORDINALS = ("eerste", "tweede", "derde", "vierde", "vijfde", "zesde", "zevende", "achtste", "negende", "tiende")
ArticleNumber = Annotated[
    str, StringConstraints(strict=True, pattern=r"^\d{1,2}(\.\d{1,2})?[a-z]?( en \d{1,2}(\.\d{1,2})?[a-z]?)*$")
]
Duty = Literal[
    "goals", "results", "approach", "criteria", "budget", "split", "split_review", "effort", "payout", "instalments",
    "governance", "monitoring", "levels", "no_consequences", "annual_report", "informing", "final_evaluation",
    "national_evaluation",
]  # fmt: skip


class Articles(Part):
    """Where the deal says what a report speaks of: the number of an article, such as ``8.3`` or ``5.1 en 5.7``.

    Attributes
    ----------
    goals, results, approach, criteria : str | None    Also of tracks and themes; how projects are chosen.
    budget, split, split_review, effort, payout, instalments : str | None
        The money; that its split over themes is indicative; that it is looked at every year; that the region's own
        contribution is an effort and no promise; in which form Rijk pays, and when.
    governance, monitoring, levels, no_consequences : str | None
        Who steers; following and reporting; on which levels; that Rijk alone attaches no consequences to what is found.
    annual_report, informing, final_evaluation, national_evaluation : str | None
        The yearly report; whom it informs; the evaluation at the end; that of all Regio Deals together.
    """

    goals: ArticleNumber | None = None
    results: ArticleNumber | None = None
    approach: ArticleNumber | None = None
    criteria: ArticleNumber | None = None
    budget: ArticleNumber | None = None
    split: ArticleNumber | None = None
    split_review: ArticleNumber | None = None
    effort: ArticleNumber | None = None
    payout: ArticleNumber | None = None
    instalments: ArticleNumber | None = None
    governance: ArticleNumber | None = None
    monitoring: ArticleNumber | None = None
    levels: ArticleNumber | None = None
    no_consequences: ArticleNumber | None = None
    annual_report: ArticleNumber | None = None
    informing: ArticleNumber | None = None
    final_evaluation: ArticleNumber | None = None
    national_evaluation: ArticleNumber | None = None

    def named(self, *duties: Duty) -> str:
        """Name the articles of some duties, each once.

        Parameters
        ----------
        duties : str
            Names of attributes.

        Returns
        -------
        str
            ``artikel 3 en 4``; empty where the deal file has none of them.
        """
        numbers = dict.fromkeys(number for duty in duties if (number := getattr(self, duty)))
        *most, last = numbers or ("",)
        return f"artikel {', '.join(most)}{' en ' if most else ''}{last}" if last else ""

    def beside(self, *duties: Duty) -> str:
        """Write the articles of some duties as they stand behind a word.

        Parameters
        ----------
        duties : str
            Names of attributes.

        Returns
        -------
        str
            `` (artikel 3)``, with the space before it; empty where the deal file has none of them.
        """
        return f" ({found})" if (found := self.named(*duties)) else ""

    def paragraph(self, duty: Duty) -> str:
        """Name the paragraph in which a duty stands, in words.

        Parameters
        ----------
        duty : str
            Name of an attribute.

        Returns
        -------
        str
            ``artikel 7, vierde lid``; of another form of number as of `named`.
        """
        article, _, number = (getattr(self, duty) or "").partition(".")
        if number.isdigit() and 1 <= int(number) <= len(_ORDINALS):
            return f"artikel {article}, {_ORDINALS[int(number) - 1]} lid"
        return self.named(duty)


class Funder(Part):
    """Who pays beside Rijk, province, municipalities, housing corporations and private parties: such as a water board.

    Attributes
    ----------
    id : str    As the records of payments name it; its means stand in the column of projects ``<id>_eur``.
    side : str    regio: its money is that of the deal, as budgeted; anderen: it comes on top of that.
    in_kind : bool    It brings hours, land or the like, valued in euros.
    """

    id: Slug
    title: Text
    side: Literal["regio", "anderen"]
    in_kind: bool = False

    @property
    def column(self) -> str:
        """Name of the column of projects with its means."""
        return f"{self.id.replace('-', '_')}_eur"

    @property
    def words(self) -> str:
        """What a reader sees: ``waterschap (in natura)``."""
        return f"{self.title} (in natura)" if self.in_kind else self.title


class Amendment(Part):
    """A change of the deal, in own words; what it changes in numbers is a dated entry under targets or budget."""

    day: Day
    title: Text
    text: Text
    reference: Text


class Word(Part):
    """What this deal calls a theme or a track: ``opgave``, ``opgaven`` and de or het."""

    one: Text
    many: Text
    article: Literal["de", "het"]

    @property
    def this(self) -> str:
        """With "this": ``dit thema``, ``deze opgave``."""
        return f"{'dit' if self.article == 'het' else 'deze'} {self.one}"


_WITH_DE = {
    "dit": "deze", "elk": "elke", "het": "de", "geen enkel": "geen enkele", "welk": "welke", "ieder": "iedere",
}  # fmt: skip


class Words(Part):
    """The deal's own words for its parts."""

    theme: Word = Word(one="thema", many="thema's", article="het")
    track: Word = Word(one="spoor", many="sporen", article="het")

    def said(self, text: str) -> str:
        """Write one of our sentences in the words of the deal; never one of the deal itself, which may mean a railway.

        Parameters
        ----------
        text : str
            With thema and spoor, as they are called where a deal says nothing.

        Returns
        -------
        str

        >>> own = Words(theme=Word(one="opgave", many="opgaven", article="de"))
        >>> own.said("Elk thema heeft een hoofdstuk; van dit thema zijn er geen cijfers. Er zijn twee thema's.")
        'Elke opgave heeft een hoofdstuk; van deze opgave zijn er geen cijfers. Er zijn twee opgaven.'
        """
        usual = Words()
        for ours, own in ((usual.theme, self.theme), (usual.track, self.track)):
            if own != ours:
                text = _in_own_word(text, ours, own)
        return text


class ReleaseTerms(Part):
    """What the office agreed on releases: the roles that approve each (``data/deal/<deal>-signers`` has their keys)."""

    roles: tuple[Role, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _approves(self) -> Self:
        require(len(set(self.roles)) == len(self.roles), "each role once")
        require(REPRODUCER not in self.roles, f"roles that approve: {REPRODUCER} signs what it reproduced")
        return self


def _in_own_word(text: str, ours: Word, own: Word) -> str:
    def many(hit: re.Match[str]) -> str:
        return _in_case(hit[0], own.many)

    def one(hit: re.Match[str]) -> str:
        return _with_article(hit[1], hit[2], own)

    text = re.sub(rf"\b{ours.many}(?!\w)", many, text, flags=re.IGNORECASE)
    return re.sub(rf"\b(?:({'|'.join(_WITH_DE)}) )?({ours.one})\b", one, text, flags=re.IGNORECASE)


def _in_case(found: str, word: str) -> str:
    return word[:1].upper() + word[1:] if found[:1].isupper() else word


def _with_article(before: str | None, found: str, own: Word) -> str:
    """Write the word with what stands before it, which hangs on whether the word has de or het."""
    if before is None:
        return _in_case(found, own.one)
    return f"{_in_case(before, _WITH_DE[before.lower()]) if own.article == 'de' else before} {_in_case(found, own.one)}"
