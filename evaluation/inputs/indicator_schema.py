"""What people write in the theme files of ``data/indicators``, as immutable objects: indicators, how they are made."""

from datetime import date
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluation.inputs.theme import theme

PlaceboMethod = Literal["ancova", "did", "sc", "sdid"]
Method = Literal["describe", "gap", "before_after", PlaceboMethod]
PLACEBO_METHODS: frozenset[str] = frozenset(get_args(PlaceboMethod))
"""Methods that compare with regions elsewhere, and judge by how much those deviate."""

EFFECT_METHODS: frozenset[str] = PLACEBO_METHODS | {"before_after"}
"""Methods that estimate an effect; the others only describe."""

STOPPING_KINDS = ("method", "definition")
"""Kinds of break that stop a line and refuse a comparison, unless the publisher gives a factor."""


class Entry(BaseModel):
    """Something written in a file: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Entry):
    """The statistic that an indicator comes from.

    Attributes
    ----------
    table : str | None    Id of the table; None where there is none, or it has not been found.
    licence : str    Or "onbekend".
    verified : bool    False while the table or its description has not been seen and checked.
    """

    publisher: str
    table: str | None
    title: str
    url: str | None
    licence: str
    verified: bool


class Break(Entry):
    """A year in which a series changed: from then on it is measured or made otherwise, or the world was another.

    Attributes
    ----------
    kind : str    method, definition, boundary, source, or circumstance (the figures are right, the world was another).
    note : str    In Dutch.
    factor : float | None    With which the publisher makes earlier figures comparable: earlier times factor.
    """

    year: int
    kind: Literal["method", "definition", "boundary", "source", "circumstance"]
    note: str
    factor: float | None = Field(default=None, gt=0)

    @property
    def stops(self) -> bool:
        """Tell whether figures from before and after are not comparable."""
        return self.kind in STOPPING_KINDS and self.factor is None

    @model_validator(mode="after")
    def _has_a_use_for_its_factor(self) -> Self:
        if self.factor is not None and self.kind not in STOPPING_KINDS:
            raise ValueError(f"a factor belongs to a break of kind {' or '.join(STOPPING_KINDS)}, not {self.kind}")
        return self


class Series(Entry):
    """A series in a snapshot.

    Attributes
    ----------
    measure : str | None    Code in the table's measure column; None where the table has one measure.
    first, last : int | None    Only these years are used, where named.
    only : tuple[str, ...]
        Units that the table has figures of, where it has no more: others get no row in its years.
    """

    source: str
    table: str
    measure: str | None = None
    first: int | None = None
    last: int | None = None
    only: tuple[str, ...] = ()


class Calculation(Entry):
    """How an indicator follows from snapshots.

    Attributes
    ----------
    kind : str
        count: summed over municipalities.  ratio: `per` times numerator over denominator, both summed.  weighted_mean:
        published where it is, and for regions the mean weighted with `weights`.  published: only what is published.
    numerator : tuple[Series, ...]
        Of a count, mean or published figure: the series itself.  Several series follow each other in time.
    weighted_by : str    What the weights of a weighted mean count, in Dutch.
    mean_of : str
        Of a weighted mean: figures (means, or shares whose numerator is not published), or medians, of which the mean
        is not the median of the whole.
    """

    kind: Literal["count", "ratio", "weighted_mean", "published"]
    numerator: tuple[Series, ...] = Field(min_length=1)
    denominator: tuple[Series, ...] = ()
    per: int | None = Field(default=None, gt=0)
    weights: tuple[Series, ...] = ()
    weighted_by: str = "inwoners"
    mean_of: Literal["figures", "medians"] = "figures"

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        is_ratio = self.kind == "ratio"
        wanted = {"denominator": is_ratio, "per": is_ratio, "weights": self.kind == "weighted_mean"}
        wrong = [name for name, is_wanted in wanted.items() if bool(getattr(self, name)) != is_wanted]
        if wrong:
            raise ValueError(f"a {self.kind} {'needs' if wanted[wrong[0]] else 'has no'} {' and '.join(wrong)}")
        return self


class OnlyFor(Entry):
    """The one area that an indicator has figures of, where its source tells nothing of the region as a whole.

    Attributes
    ----------
    unit : str    A municipality (``GM0917``), district (``WK091733``) or COROP area (``CR39``).
    name : str    As a reader knows it.
    """

    unit: str = Field(pattern=r"^(GM|CR|WK)[0-9]+$")
    name: str


class Indicator(Entry):
    """One indicator of a result that the deal intends.

    Attributes
    ----------
    results : tuple[str, ...]    Results of Article 3 that it informs ("3.1"); empty for context.
    title, definition : str    In Dutch.
    wording : str    As in a sentence: "woninginbraken per 1.000 inwoners".
    unit_of_measure : str    count, per_1000, EUR, pct, km, m3 or score.
    decimals : int    Shown in a report.
    direction : str    Which way is meant to be better: increase, decrease, or ambiguous.
    chain : str    input, output, condition or outcome.
    level : str    Lowest level for which the source has figures.
    reference_date : str    In Dutch: the day or period that a figure is about.
    rounding : int | None    Base to which the publisher rounds; None without visible rounding.
    modelled : bool
        A model's prediction from features of the area: described, never the outcome of an effect estimate.
    gap : str    How a distance to the yardstick is told: absolute, relative, or none.
    calculation : Calculation | None    None while there are no figures, and `no_figures_reason` then says so.
    companion : str | None    Indicator shown next to this one (the count beside its rate).
    headline : bool    Stands for its theme in a sentence or a summary.
    only_for : OnlyFor | None    The area that stands in for the region.
    constant_prices : int | None    For an amount: the year of whose prices it is; None for current prices.
    caveats : tuple[str, ...]    Dutch sentences.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    theme: int = Field(ge=1, le=99)
    results: tuple[str, ...]
    title: str
    definition: str
    wording: str
    unit_of_measure: Literal["count", "per_1000", "EUR", "pct", "km", "m3", "score"]
    decimals: int = Field(ge=0, le=3)
    direction: Literal["increase", "decrease", "ambiguous"]
    chain: Literal["input", "output", "condition", "outcome"]
    level: Literal["neighbourhood", "municipality", "region", "province", "country"]
    source: Source
    reference_date: str
    rounding: int | None = None
    breaks: tuple[Break, ...] = ()
    modelled: bool = False
    allowed_methods: tuple[Method, ...]
    gap: Literal["absolute", "relative", "none"]
    calculation: Calculation | None
    no_figures_reason: str | None = None
    companion: str | None = None
    headline: bool = False
    baseline_year: int = 2018
    only_for: OnlyFor | None = None
    constant_prices: int | None = None
    caveats: tuple[str, ...] = ()

    @property
    def has_figures(self) -> bool:
        """Tell whether the project holds figures for it."""
        return self.calculation is not None

    def stopping_break(self, first: int, last: int) -> Break | None:
        """Return what makes the figures of two years incomparable.

        Parameters
        ----------
        first, last : int
            Years of the two figures.

        Returns
        -------
        Break | None
            The first one after `first`, up to and including `last`; None where figures are comparable.
        """
        between = [item for item in self.breaks if item.stops and first < item.year <= last]
        return min(between, key=lambda item: item.year, default=None)

    @property
    def unit_words(self) -> str:
        """Say the unit as it follows a number in a sentence: "0,4 woninginbraken per 1.000 inwoners", "5.000 euro"."""
        return theme().units[self.unit_of_measure].difference or self.wording

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        foreign = [result for result in self.results if not result.startswith(f"{self.theme}.")]
        if foreign:
            raise ValueError(f"results of another theme: {', '.join(foreign)}")
        effects = sorted(EFFECT_METHODS.intersection(self.allowed_methods))
        if self.headline and self.calculation is None:
            raise ValueError("an indicator without figures cannot be a headline")
        if self.only_for is not None and (self.headline or self.gap != "none" or effects):
            raise ValueError(f"figures of {self.only_for.name} alone are no headline, gap or effect of the region")
        if self.constant_prices is not None and self.unit_of_measure != "EUR":
            raise ValueError("constant_prices belong to an amount in EUR")
        if self.modelled and effects:
            raise ValueError(f"a modelled indicator is described, never an outcome of {', '.join(effects)}")
        if (self.calculation is None) != (self.no_figures_reason is not None):
            raise ValueError("either a calculation, or a no_figures_reason")
        return self


class NotMeasured(Entry):
    """Something that the deal intends and no statistic measures.

    Attributes
    ----------
    result : str    Result of Article 3.
    subject, reason, would_measure : str
        What is not measured, why, and which record or source would measure it; in Dutch.
    """

    result: str
    subject: str
    reason: str
    would_measure: str


class Quotation(Entry):
    """A single figure from a public text: quoted with its address and day, and never a series, level, change or gap.

    Attributes
    ----------
    result : str    Result of Article 3 that it says something about.
    about : int    The year that the figure is about.
    text : str    What it says, in Dutch, with how it was measured.
    publisher, url, published_on, seen_on : str, str, date, date
        Who wrote it, where and when, and when it was seen there.
    """

    result: str
    about: int
    text: str
    publisher: str
    url: str = Field(pattern=r"^https?://[^\s]+$")
    published_on: date
    seen_on: date
