"""What people write in ``data/indicators/plan.yml``, as immutable objects: declared designs, and what has none."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from evaluation.base.facts import fact_table
from evaluation.inputs.indicator_schema import PLACEBO_METHODS, Entry, PlaceboMethod

Pool = Literal["clean", "lenient", "every", "corop", "province", "shrinking"]

_Z95 = 1.96


class WithoutDesign(Entry):
    """A part of the deal for which no comparison with other regions is possible.

    Attributes
    ----------
    subject, reason : str    In Dutch.
    """

    theme: int = Field(ge=1, le=99)
    subject: str
    reason: str


class Variant(Entry):
    """Another way to put the question, which a grade must survive: the design with what is named here in its place.

    Attributes
    ----------
    method, pool : str | None    As of `Design`; None: as the design has it.
    without : tuple[int, ...]    Years that are left out too, such as those of corona.
    """

    method: PlaceboMethod | None = None
    pool: Pool | None = None
    without: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _varies(self) -> Self:
        if self.method is None and self.pool is None and not self.without:
            raise ValueError("a variant names a method, a pool, or years to go without")
        return self


class Design(Entry):
    """A declared design of an effect estimate (the analysis plan).

    Attributes
    ----------
    primary : bool
        The main question of its theme: at most one among the designs with placebo regions, and one among the others.
    method : str
        before_after (the gap to `comparison` against its own trend, in each annual report), or the main estimator with
        placebo regions, in the final evaluation: did, sc, sdid, or ancova (the change given the level at the start,
        by a line over all regions; where high levels fall by themselves).
    unit : str    Unit of a panel: ``parkstad``.
    comparison : str | None    Of before_after: ``PV31-rest``.
    pool : str | None
        Of the others, where the regions to compare with come from: ``clean`` (no deal up to the last year), ``lenient``
        (no deal for the whole or a part of the region), ``every`` (also with a deal), ``corop`` (the other COROP areas
        as they are), ``province``, or ``shrinking`` (shrinking regions, also with a deal).
    scale : str | None
        absolute, or relative: estimated in percent (of logarithms); None: as the indicator's gap is told.
    statistic : str | None
        What regions are ranked by: studentised (the effect divided by the RMSPE of the region before, the default) or
        effect; None of before_after.
    weights : str    How regions count in a mean or a line over regions: each the same (none), or by inhabitants.
    exposure : str | None    Of an outcome that is a count: the indicator that counts what it is out of (``inwoners``).
    plausible_effect : float | None
        The largest effect that the deal's means could plausibly have, above 0, in the unit of the estimate.
    plausible_reason : str | None    Where that comes from, in Dutch.
    effects : tuple[str, ...]    Entries of ``data/methods/effects.yml`` that it rests on; none: an assumption.
    prior_sd : float | None
        Standard deviation of the normal prior on the effect, around 0, for the Bayes factor; by default such that 95%
        lies within the plausible effect.
    pre : tuple[int, int]    First and last year of the period before.
    excluded : tuple[int, ...]    Years in neither period.
    last : int | None    Last year of the period after; None: as long as there are figures (before_after only).
    after_term : int | None
        Last year of a second period, which begins after `last` ("na de looptijd"); compared with the same regions.
    robustness : tuple[Variant, ...]    Variants whose sign and p count for the grade.
    minimum_pre_years : int    With fewer years before, nothing is estimated.
    reason : str    Why this design, in Dutch.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    indicator: str
    primary: bool
    method: Literal["before_after", PlaceboMethod]
    unit: str
    comparison: str | None = None
    pool: Pool | None = None
    scale: Literal["absolute", "relative"] | None = None
    statistic: Literal["effect", "studentised"] | None = Field(
        default_factory=lambda data: "studentised" if data.get("method") in PLACEBO_METHODS else None
    )
    weights: Literal["inhabitants", "none"] = "none"
    exposure: str | None = None
    plausible_effect: float | None = Field(default=None, gt=0)
    plausible_reason: str | None = None
    effects: tuple[str, ...] = ()
    prior_sd: float | None = Field(
        gt=0, default_factory=lambda data: effect / _Z95 if (effect := data.get("plausible_effect")) else None
    )
    pre: tuple[int, int]
    excluded: tuple[int, ...] = ()
    last: int | None = None
    after_term: int | None = None
    robustness: tuple[Variant, ...] = ()
    minimum_pre_years: int = Field(ge=3)
    declared_on: date
    reason: str

    def __repr__(self) -> str:
        against = self.comparison or f"{self.pool} regions"
        return f"<Design {self.id}: {self.indicator} of {self.unit} against {against}, {self.method}>"

    def _repr_html_(self) -> str:
        return fact_table(f"Design {self.id}", dict(self))

    @property
    def has_placebos(self) -> bool:
        """Tell whether it is judged by placebo regions."""
        return self.method in PLACEBO_METHODS

    @property
    def variants(self) -> tuple["Design", ...]:
        """Return the design as each of `robustness` makes it, in that order, each with an id of its own."""
        return tuple(
            self.model_copy(
                update={
                    "id": f"{self.id}-variant-{number}",
                    "method": item.method or self.method,
                    "pool": item.pool or self.pool,
                    "excluded": tuple(sorted({*self.excluded, *item.without})),
                    "robustness": (),
                }
            )
            for number, item in enumerate(self.robustness, start=1)
        )

    @property
    def last_asked(self) -> int | None:
        """The last year of any of its periods."""
        return self.after_term or self.last

    @model_validator(mode="after")
    def _has_periods(self) -> Self:
        if self.pre[0] >= self.pre[1]:
            period = f"{self.pre[0]} to {self.pre[1]}"
            raise ValueError(f"the period before runs from {period}; expected an earlier first year")
        left_out = {*self.excluded, *(year for item in self.robustness for year in item.without)}
        if any(year <= self.pre[1] for year in left_out):
            raise ValueError("an excluded year lies in the period before")
        if self.last is not None and self.last <= self.pre[1]:
            raise ValueError(f"the last year {self.last} lies in the period before")
        for without in ((), *(item.without for item in self.robustness)):
            if self.last is not None and set(range(self.pre[1] + 1, self.last + 1)) <= {*self.excluded, *without}:
                raise ValueError("no year is left in the period after")
        if self.after_term is not None and self.last is not None and self.after_term <= self.last:
            raise ValueError(f"the period after the term ends in {self.after_term}; expected a year after the last")
        return self

    @model_validator(mode="after")
    def _has_what_its_method_needs(self) -> Self:
        if self.unit == self.comparison:
            raise ValueError(f"{self.unit} is compared with itself")
        needed = ("pool", "plausible_effect", "plausible_reason", "last") if self.has_placebos else ("comparison",)
        empty = [name for name in needed if getattr(self, name) is None]
        if empty:
            raise ValueError(f"a design by {self.method} needs {', '.join(empty)}")
        of_placebos = {"pool", "statistic", "weights", "exposure", "plausible_effect", "plausible_reason", "effects"}
        of_placebos |= {"prior_sd", "after_term", "robustness"}
        extra = sorted((of_placebos if not self.has_placebos else {"comparison"}) & self.model_fields_set)
        if extra:
            raise ValueError(f"a design by {self.method} has no {', '.join(extra)}")
        designs: list[Design] = [self, *self.variants]
        asked = [(item.method, item.pool, item.excluded) for item in designs]
        if len(set(asked)) < len(asked):
            raise ValueError("a variant that is the design itself, or stands twice")
        return self
