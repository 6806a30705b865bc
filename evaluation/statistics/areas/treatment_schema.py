"""The entries of the register of treatments: Regio Deals, other money and events, and shrinking regions.

Every fact says where it was seen.  What was not seen is null, with a note, and is not filled in.
"""

import calendar
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evaluation.inputs.indicator_schema import Entry

Exposure = Literal["full", "partial", "thematic", "unknown_extent"]
"""Of a municipality to a deal: as a whole, some of its districts, one subject only, or perhaps not at all."""

Basis = Literal["list", "region", "region_name", "area", "outside"]
"""How the municipalities of a deal are known: see `Extent`."""


class Fact(Entry):
    """Something that was seen, or taken over without having been seen.

    - `source`: A key of the file's `sources`, or in words; None where there is none.
    - `verified`: Whether the source was seen to say it.
    """

    source: str | None
    verified: bool

    @model_validator(mode="after")
    def _verified_has_source(self) -> Self:
        if self.verified and not self.source:
            raise ValueError("a source: only what a source says is verified")
        return self


class Reference(Entry):
    """Where a fact was seen.

    - `at`: Address, or the name of the document.
    - `seen`: Day on which it was looked at; for what was entered before days were kept, the day of the entry.
    """

    at: str = Field(min_length=1)
    seen: date


class Moment(Fact):
    """A day, or the month or year that is all that is known of it.

    - `day`: The first day of the month or year where only that is known.
    """

    day: date
    precision: Literal["day", "month", "year"]

    @property
    def first(self) -> date:
        """The earliest day that it can be."""
        return self.day

    @property
    def last(self) -> date:
        """The latest day that it can be."""
        if self.precision == "day":
            return self.day
        month = 12 if self.precision == "year" else self.day.month
        return date(self.day.year, month, calendar.monthrange(self.day.year, month)[1])

    @model_validator(mode="after")
    def _is_first_day(self) -> Self:
        if (self.precision != "day" and self.day.day != 1) or (self.precision == "year" and self.day.month != 1):
            raise ValueError(f"the first day of the {self.precision}: nothing more is known than the {self.precision}")
        return self


class Amount(Fact):
    """What the State pays to a deal, in whole euros."""

    eur: int = Field(gt=0, strict=True)


class Extent(Fact):
    """Which municipalities a deal covers, and how that is known.

    - `basis`: A list in the source; a region that takes part as a whole according to the source, with another source
      (`names_source`) for its municipalities; the municipalities of the official region that the deal is named after,
      not checked; whole provinces or COROP areas; or outside the European Netherlands.
    - `area`: Provinces (``PV29``) or COROP areas (``CR39``), for basis ``area`` only.
    - `exposure`: Of all municipalities in `area`.
    """

    basis: Basis
    names_source: str | None = None
    area: tuple[str, ...] = ()
    exposure: Exposure | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _fits_basis(self) -> Self:
        if (self.basis == "area") != bool(self.area) or (self.basis == "area") != (self.exposure is not None):
            raise ValueError("area and exposure together, for basis 'area' and no other")
        if (self.basis == "region") != (self.names_source is not None):
            raise ValueError("names_source, which lists the municipalities, for basis 'region' and no other")
        if self.basis == "region_name" and self.verified:
            raise ValueError("verified: false, for what follows from the name of a region was not seen")
        return self


class Theme(Entry):
    """A subject that a deal can aim at, in Dutch: `name`, and `what` counts as such."""

    name: str
    what: str


class Aim(Fact):
    """What a source says that a deal aims at.

    - `themes`: Ids of the vocabulary in ``deals.yml``.
    - `complete`: Whether the source lists all goals or programme lines of the deal, so that a theme it does not name is
      none of them.
    - `unclear`: Themes that a goal of such a list may or may not mean: of these nothing is known.
    """

    themes: tuple[str, ...] = Field(min_length=1)
    complete: bool = False
    unclear: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        named = [*self.themes, *self.unclear]
        if len(set(named)) < len(named):
            raise ValueError("each theme once, either named or unclear")
        if self.unclear and not self.complete:
            raise ValueError("unclear themes of a complete list only; of the rest nothing is known anyway")
        return self


class Districts(Fact):
    """The districts that a deal is about, for municipalities that take part with some of them.

    - `names`: CBS code of the municipality to its districts, as the source calls them.
    """

    names: dict[Annotated[str, Field(pattern=r"^GM\d{4}$")], Annotated[tuple[str, ...], Field(min_length=1)]]


class Member(Entry):
    """A municipality of a deal: a row of ``deal_municipalities.csv``, or one in the `area` of its extent."""

    code: str
    exposure: Exposure


class RegioDeal(Entry):
    """One Regio Deal.

    - `tranche`: 1 to 6; the day of selection is that of the tranche.
    - `continues`: Id of the deal that it continues.
    - `starts`: When it was signed or sent to parliament as agreed.
    - `signed`: When it was signed, where seen.
    - `ends`: Last day of its term, where seen.
    - `state`: Contribution of the State; None where not seen, with a note.
    - `aims`: What sources say that it aims at; empty where nothing was seen.
    - `districts`: For municipalities of which it covers a part, where seen.
    - `members`: The municipalities of today, by code.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    tranche: int = Field(ge=1, le=6)
    continues: str | None = None
    starts: Moment
    signed: Moment | None = None
    ends: Moment | None = None
    state: Amount | None
    extent: Extent
    aims: tuple[Aim, ...] = ()
    districts: Districts | None = None
    note: str | None = None
    members: tuple[Member, ...] = ()

    @property
    def is_verified(self) -> bool:
        """Whether both its start and its municipalities were seen."""
        return self.starts.verified and self.extent.verified

    def aims_at(self, theme: str, *, verified_only: bool = False) -> bool | None:
        """Say whether the deal aims at a theme.

        Parameters
        ----------
        theme : str
            Id of the vocabulary.
        verified_only : bool
            Whether only what a source was seen to say counts.

        Returns
        -------
        bool | None
            True where a source names it, False where one that lists all aims does not, None where it is not known.
        """
        aims = [aim for aim in self.aims if aim.verified or not verified_only]
        if any(theme in aim.themes for aim in aims):
            return True
        return False if any(aim.complete and theme not in aim.unclear for aim in aims) else None

    @model_validator(mode="after")
    def _is_explained(self) -> Self:
        if self.state is None and not self.note:
            raise ValueError("a note that says why the contribution of the State is not known")
        if self.ends is not None and self.ends.last <= self.starts.first:
            raise ValueError("an end after the start")
        if self.ends is not None and self.signed is not None and self.ends.last <= self.signed.first:
            raise ValueError("an end after the day of signing")
        return self


class Tranche(Fact):
    """A round of Regio Deals as it was published.

    - `selected`: When the government chose the proposals.
    - `published_count`: Number of deals.
    - `published_total_eur`: What the State made available; None where sources do not agree, or none tells.
    """

    number: int = Field(ge=1, le=6)
    selected: Moment | None
    published_count: int = Field(gt=0)
    published_total_eur: int | None
    note: str | None = None


class Event(Fact):
    """Other money, a policy, a shock, a new boundary or a new way of measuring that matters to attribution.

    - `starts`, `ends`: `ends` is None while it goes on, or where the end was not seen.
    - `municipalities`: Municipalities of today; empty where `area` or `areas` tell.
    - `area`: A province (``PV31``) or the country (``NL01``).
    - `areas`: COROP areas (``CR39``): what hits some regions and not others, such as those along a border.
    - `hit_harder`: COROP areas that a country-wide or provincial event hit more than the rest of it.
    - `themes`: Themes that it touches of the deal that has the indicators of this project, 1 to 6.
    - `subjects`: Of ``data/subjects.yml``: what it touches of any other deal; empty where that is not known.
    - `amount_eur`, `homes`: In all; None where not seen.
    - `overlaps_with`: Targets of the deal that it may have paid as well.
    - `mark`: A few words with which figures of its themes mark its start; None marks nothing.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    kind: Literal["money", "policy", "shock", "boundary", "measurement"]
    starts: Moment
    ends: Moment | None = None
    municipalities: tuple[str, ...] = ()
    area: str | None = Field(default=None, pattern=r"^(PV\d{2}|NL01)$")
    areas: tuple[Annotated[str, Field(pattern=r"^CR\d{2}$")], ...] = ()
    hit_harder: tuple[Annotated[str, Field(pattern=r"^CR\d{2}$")], ...] = ()
    themes: tuple[int, ...] = Field(min_length=1)
    subjects: tuple[str, ...] = ()
    amount_eur: int | None = Field(default=None, gt=0, strict=True)
    homes: int | None = Field(default=None, gt=0, strict=True)
    overlaps_with: tuple[str, ...] = ()
    mark: str | None = Field(default=None, min_length=3, max_length=24)
    note: str | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if [bool(self.municipalities), bool(self.area), bool(self.areas)].count(True) != 1:
            raise ValueError("either municipalities, an area, or areas")
        if self.hit_harder and not self.area:
            raise ValueError("hit_harder for an event of a whole area only")
        if not set(self.themes) <= set(range(1, 7)):
            raise ValueError("themes from 1 to 6")
        if self.ends is not None and self.ends.last < self.starts.first:
            raise ValueError("an end after the start")
        if self.kind != "money" and (self.amount_eur or self.homes or self.overlaps_with):
            raise ValueError("amount_eur, homes and overlaps_with for kind 'money' only")
        if self.amount_eur and not self.source:
            raise ValueError("a source for the amount")
        return self


class ShrinkingRegion(Fact):
    """A region that the State named as shrinking (krimpregio) or expecting to shrink (anticipeerregio).

    - `starts`: When it was on the list at the latest.
    - `municipalities`: Municipalities of today.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    kind: Literal["krimpregio", "anticipeerregio"]
    starts: Moment
    ends: Moment | None = None
    municipalities: tuple[str, ...] = Field(min_length=1)
    municipalities_verified: bool
    note: str | None = None
