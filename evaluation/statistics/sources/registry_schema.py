"""The entries of the register of what can be fetched: services, publishers and tables, with what is taken of each."""

import os
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from evaluation.base.errors import UsageError
from evaluation.inputs.indicator_schema import Entry
from evaluation.statistics.sources.protocols import PROTOCOLS

_VARIABLE = "REGIODEAL_BASE_URL_"
BOUNDARY_CHANGE = "boundary_change"
"""Our measure that tells what became of a neighbourhood since the year before."""

_CHANGE_LABEL = "Sinds het jaar ervoor: 1 ongewijzigd, 2 andere code, 3 andere grens"


class Service(Entry):
    """An address where tables are published.

    - `protocol`: One of `PROTOCOLS`.
    - `base_url`: Without the table; an environment variable or option replaces it.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    protocol: Literal[tuple(PROTOCOLS)]
    base_url: str = Field(pattern=r"^https?://[^\s/]+(/\S*)?[^/\s]$")

    @property
    def variable(self) -> str:
        """Name of the environment variable that replaces the address."""
        return _VARIABLE + self.id.upper().replace("-", "_")

    def address(self, given: str | None = None) -> str:
        """Return the address to use: what was given, else the environment's, else the publisher's.

        Parameters
        ----------
        given : str | None
            By a person, for this time.

        Returns
        -------
        str
            Without a slash at the end.

        Raises
        ------
        UsageError
            When it is not an http address.
        """
        address = (given or os.environ.get(self.variable) or self.base_url).rstrip("/")
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise UsageError(f"{address!r} is not an address for {self.id}; expected http(s)://host/path.")
        return address


class Publisher(Entry):
    """Who publishes, and on which terms.

    - `source`: Folder of its snapshots.
    - `attribution`: With ``{table}`` for the table's number.
    - `table_url`: Page for people, with ``{table}``.
    """

    source: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    licence: str
    licence_url: str
    attribution: str
    table_url: str


class Measure(Entry):
    """One measure of a table.

    - `code`: Of the publisher: a measure code (v4), a column (v3) or a column heading (spreadsheet).
    - `name`: In our measure column.
    - `label`: In Dutch.
    - `minimum`, `maximum`: What no figure of any region can lie beyond, in the table's unit: a count has no maximum or
      that of the country, a percentage 0 and 100. None for no limit; only a balance can lie below zero.
    - `status`: Where the publisher says of this measure alone that its figures are final or provisional.
    """

    code: str
    name: str
    label: str
    minimum: float | None = 0
    maximum: float | None = None
    status: Literal["final", "provisional"] | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError(f"`minimum` below `maximum`; {self.minimum:g} is not below {self.maximum:g}")
        return self


class Classification(Entry):
    """A dimension that becomes our measure column: which of its codes are taken.

    - `dimension`, `column`: The publisher's dimension, and our column.
    - `meaning`: In Dutch.
    - `codes`: Code to label, as the publisher names it.
    """

    dimension: str
    column: str
    meaning: str
    codes: dict[str, str] = Field(min_length=1)


class Workbook(Entry):
    """Where the figures stand in a spreadsheet.

    - `header_row`: Counted as a spreadsheet does.
    - `region`, `period`: Column headings; a number as period is the year of the whole file.
    - `rows`: Column heading to the value that a row must have to be taken.
    """

    sheet: str
    header_row: int = Field(ge=1)
    region: str
    period: str | int
    rows: dict[str, str] = Field(default_factory=dict)


class Checks(Entry):
    """What must hold on arrival.

    - `country`: Region that must be there in each period that has figures.
    - `parts`: First letters of the regions that make up the country.
    - `total`: Largest difference, in each period, between the country and the sum of its parts; None where figures
      cannot be summed.
    - `summed`: Names of the measures that `total` is about; all of them where none is named.
    - `change`: Largest share by which a figure may differ from the last vintage (0.25: a quarter).
    - `floor`: Smaller figures are not held to `change`.
    """

    country: str | None = "NL01"
    parts: str = "GM"
    total: float | None = Field(default=None, ge=0)
    summed: tuple[str, ...] = ()
    change: float = Field(default=0.25, gt=0)
    floor: float = Field(default=100, ge=0)


class Table(Entry):
    """One table: what is taken from it, and how it becomes region, period, measure, value and status.

    - `source`, `table`: Its place among the snapshots.
    - `publisher_table`: The publisher's number.
    - `service`: None while no address is known, and `closed` then says so.
    - `closed`: Why it cannot be fetched, and what can be done instead; ``{name}`` stands for the table's name.
    - `tried`: Of a table that can be fetched: recorded (an answer of the service itself was seen with these codes) or
      documented (the codes were seen in public code or pages, and the service was not asked).
    - `private`: Its licence keeps it in the private overlay.
    - `path`: Of a spreadsheet, below the service's address.
    - `region`, `period`: Dimensions.
    - `year`: Of a table that is about one year and has no dimension of periods.
    - `boundary_change`: Column of a table of one year that tells of each neighbourhood (BU) and district (WK) what
      became of it since the year before: 1 nothing, 2 another code, 3 another boundary.
    - `period_kind`: JJ calendar year, SJ school year (the year in which it begins), MM month.
    - `month`: Of a monthly table, and only of one: the month whose figure stands for the year (12: December); the other
      months are not taken.
    - `select`: Other dimensions, each with the one code that is taken.
    - `regions`: First letters of the regions that are taken.
    - `drop_regions`: Counted in the country, and not a region of ours.
    - `null_means`: What an empty figure is where the publisher does not say: withheld, missing, or absent (no such
      figure). On the boundaries of each year that of a municipality that did not exist on 1 January is absent anyway.
    - `status`: Of all figures, where periods have no status of their own; that of a measure goes before it.
    - `value_meaning`, `unit`: In Dutch.
    """

    source: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    table: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")
    publisher_table: str | None = None
    title: str
    service: str | None = None
    closed: str | None = None
    tried: Literal["recorded", "documented"] | None = None
    private: bool = False
    path: str | None = None
    region: str = "RegioS"
    period: str = "Perioden"
    year: int | None = Field(default=None, ge=1980, le=2100)
    boundary_change: str | None = None
    period_kind: Literal["JJ", "SJ", "MM"] = "JJ"
    month: int | None = Field(default=None, ge=1, le=12)
    first_year: int = Field(default=2010, ge=1980)
    select: dict[str, str] = Field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    classify: Classification | None = None
    workbook: Workbook | None = None
    regions: tuple[str, ...] = ("NL", "PV", "GM")
    rename_regions: dict[str, str] = Field(default_factory=dict)
    drop_regions: tuple[str, ...] = ()
    null_means: Literal["withheld", "missing", "absent"] = "missing"
    status: Literal["final", "provisional"] | None = None
    value_meaning: str = ""
    unit: str = ""
    boundaries: Literal["each_year"] | int = "each_year"
    provisional_rule: str = ""
    notes: tuple[str, ...] = ()
    checks: Checks = Checks()

    @property
    def name(self) -> str:
        """Its place, as people write it: ``cbs/83625NED``."""
        return f"{self.source}/{self.table}"

    @property
    def reason(self) -> str:
        """Why it cannot be fetched; empty when it can."""
        return (self.closed or "").replace("{name}", self.name)

    @property
    def number(self) -> str:
        """The publisher's number of the table."""
        return self.publisher_table or self.table

    @property
    def period_code(self) -> str:
        """What follows the year in the code of a period that is taken: JJ00, SJ00, or MM12 for December."""
        return f"{self.period_kind}{self.month or 0:02d}"

    @property
    def measure_column(self) -> str | None:
        """Our column that tells what is counted; None for one measure."""
        if self.classify is not None:
            return self.classify.column
        return "measure" if len(self.taken) > 1 else None

    @property
    def chosen_codes(self) -> dict[str, list[str]]:
        """The codes that are taken of each dimension but region and period."""
        chosen = {name: [code] for name, code in self.select.items()}
        return chosen if self.classify is None else chosen | {self.classify.dimension: list(self.classify.codes)}

    @property
    def taken(self) -> tuple[Measure, ...]:
        """Every column that becomes rows of ours: the measures, and what tells of changed boundaries."""
        if self.boundary_change is None:
            return self.measures
        return (*self.measures, Measure(code=self.boundary_change, name=BOUNDARY_CHANGE, label=_CHANGE_LABEL))

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.period_kind == "MM") != (self.month is not None):
            raise ValueError("`month` for a monthly table (`period_kind: MM`), and only for one")
        if self.closed is not None:
            if self.tried is not None:
                raise ValueError("`tried` only where the table can be fetched")
            return self
        needed = ("service", "measures", "value_meaning", "unit", "provisional_rule")
        empty = [name for name in needed if not getattr(self, name)]
        if empty:
            raise ValueError(f"either `closed` with a reason, or {', '.join(empty)}")
        if self.classify is not None and len(self.measures) != 1:
            raise ValueError("one measure beside a classification")
        names = [item.name for item in self.taken]
        if len(set(names)) < len(names):
            raise ValueError(f"each name of a measure once, and {BOUNDARY_CHANGE!r} for `boundary_change` alone")
        unknown = [name for name in self.checks.summed if name not in names]
        if unknown:
            raise ValueError(f"in `checks.summed` names of measures; {', '.join(map(repr, unknown))} is none")
        return self._is_of_one_year()

    def _is_of_one_year(self) -> Self:
        """Check what a table about one year must say, and that only such a table says it."""
        if self.year is None:
            if self.boundary_change is not None:
                raise ValueError("`boundary_change` only beside `year`: it compares with the year before")
            return self
        if self.status is None:
            raise ValueError("`status` beside `year`: without periods the service tells none")
        if self.boundaries != self.year:
            raise ValueError(f"`boundaries: {self.year}` for a table about {self.year}")
        if self.classify is not None:
            raise ValueError("no `classify` beside `year`")
        return self
