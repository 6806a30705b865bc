"""What one row of the retail tables may hold: shopping clusters, premises per year, hidden plan capacity.

The tables hold no address and no name of an owner or a retailer: premises and occupants have identities of their own
that lead to nobody.  Columns and values are told in data/retail/README.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from evaluation.inputs.records import column_types as column
from evaluation.inputs.records.cell_suppression import LEAST_MINIMUM, MINIMUM_COUNT, MINIMUM_DENOMINATOR
from evaluation.inputs.records.text_tables import Refused

Function = Literal["retail", "hospitality", "service", "other"]
OtherKind = Literal["housing", "office", "care", "community", "storage", "demolished", "unknown"]
Branch = Literal["daily", "fashion", "leisure", "home", "other"]
PlanKind = Literal["hidden", "announced"]
FloorSpace = Literal["wvo", "bvo"]
Quantity = Literal["count", "wvo_m2", "bvo_m2"]
State = Literal["shown", "withheld", "missing"]

COUNTED = ("retail", "hospitality", "service")
"""Functions in which premises have an occupant who is followed; `other` is only where a shop became something else."""

ADDRESS_COLUMNS = Refused(
    re.compile("adres|address|straat|street|huisn|house_?n|postcode|postal|naam|name|eigenaar|owner|mail|kvk"),
    "These tables hold no address and no name: leave it out, and give premises and occupants a number of their own.",
)
_BAG_IDENTITY = re.compile(r"[0-9]{16}")
_POSTCODE = re.compile(r"[1-9][0-9]{3}[ _-]?[A-Za-z]{2}(?![A-Za-z])")


class RetailDataset(BaseModel):
    """What the retail tables are (dataset.yml).

    Attributes
    ----------
    status : str    ``voorbeeld`` (made up), ``voorlopig`` or ``vastgesteld``.
    source, licence : str    Who counted, and on which terms the figures were given.
    may_publish : bool    Whether the licence lets figures that are made from the premises be shown.
    may_publish_plans : bool    Whether plan capacity may be shown, whatever holds for the premises.
    vacancy_definition : str    When a shop counts as vacant, in one Dutch sentence.
    comparable_with_baseline : bool
        Whether the vacancy was counted as that of the deal's target was; only then do they stand side by side.
    minimum_count : int    A count below this (and above 0) is not shown; at least 3.
    minimum_denominator : int    A share of fewer than this many is not shown.
    handed_on : str
        Only in a bundle: the premises stay elsewhere (``private`` or ``public``), and the figures that reports show of
        them are here in their place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    status: Literal["voorbeeld", "voorlopig", "vastgesteld"]
    version: str = Field(min_length=1)
    source: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    may_publish: bool
    may_publish_plans: bool = False
    vacancy_definition: str = Field(min_length=1)
    comparable_with_baseline: bool = False
    minimum_count: int = Field(MINIMUM_COUNT, ge=LEAST_MINIMUM)
    minimum_denominator: int = Field(MINIMUM_DENOMINATOR, ge=1)
    handed_on: Literal["", "private", "public"] = ""
    note: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class RetailKnown:
    """What the cells may refer to.

    Attributes
    ----------
    municipalities : tuple[str, ...]    Codes of the region's municipalities.
    areas : tuple[str, ...]    Names of areas that a cluster may not have.
    years : tuple[int, int]    First and last year that a row may be about.
    clusters : Mapping[str, str] | None    Cluster to its municipality; None while they could not be read.
    """

    municipalities: tuple[str, ...]
    areas: tuple[str, ...]
    years: tuple[int, int]
    clusters: Mapping[str, str] | None = None


Info = ValidationInfo[RetailKnown]


def _opaque(value: str) -> str:
    expected = "an identity of letters, digits, '-' and '_' that leads to no address or person, such as W0001"
    if _BAG_IDENTITY.fullmatch(value):
        raise column.wrong(expected, hint="16 digits look like an identity of the BAG, which leads to an address.")
    if _POSTCODE.match(value):
        raise column.wrong(expected, hint="This looks like a postcode.")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
        raise column.wrong(expected)
    return value


def _yes_or_no(value: str) -> bool:
    if value not in ("ja", "nee"):
        raise column.wrong("ja or nee")
    return value == "ja"


def _cluster(value: str, info: Info) -> str | None:
    clusters = info.context.clusters
    if value and clusters is not None and value not in clusters:
        raise column.wrong("the cluster_id of a row in clusters, or an empty cell for outside the clusters")
    return value or None


_Municipality = Annotated[
    str, column.reference("municipalities", "a municipality of the region, by its code", required=True)
]
_YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cluster(_Row):
    """A row of clusters: a shopping cluster, the same area in every year."""

    cluster_id: Annotated[str, BeforeValidator(_opaque)]
    name: column.Text
    municipality: _Municipality
    is_main_centre: _YesOrNo
    is_priority: _YesOrNo
    note: column.OptionalText

    @field_validator("is_priority")
    @classmethod
    def _not_the_main_centre(cls, is_priority: bool, info: Info) -> bool:
        if is_priority and info.data.get("is_main_centre"):
            raise column.wrong("nee: the deal leaves the main centre out of the priority clusters", found="'ja'")
        return is_priority


class Premises(_Row):
    """A row of premises: one in one year; areas in m2, wvo and bvo each on its own."""

    premises_id: Annotated[str, BeforeValidator(_opaque)]
    year: column.Year
    municipality: _Municipality
    cluster: Annotated[str | None, BeforeValidator(_cluster)]
    function: Annotated[Function, column.choice(get_args(Function))]
    other_kind: Annotated[OtherKind | None, column.choice(get_args(OtherKind), required=False)]
    is_vacant: _YesOrNo
    wvo_m2: column.OptionalQuantity
    bvo_m2: column.OptionalQuantity
    occupant_id: Annotated[str | None, BeforeValidator(column.optional(_opaque))]
    branch: Annotated[Branch | None, column.choice(get_args(Branch), required=False)]

    @field_validator("cluster")
    @classmethod
    def _in_its_municipality(cls, cluster: str | None, info: Info) -> str | None:
        municipality = info.data.get("municipality")
        of = (info.context.clusters or {}).get(cluster or "")
        if of is not None and municipality is not None and of != municipality:
            raise column.wrong(f"a cluster of {municipality}; {cluster} lies in {of}")
        return cluster

    @field_validator("other_kind")
    @classmethod
    def _says_what_it_became(cls, kind: str | None, info: Info) -> str | None:
        function = info.data.get("function")
        if function == "other" and kind is None:
            raise column.wrong(f"what it is now, as the function is other: {', '.join(get_args(OtherKind))}")
        if function in COUNTED and kind is not None:
            raise column.wrong(f"an empty cell, as the function is {function}")
        return kind

    @field_validator("is_vacant")
    @classmethod
    def _only_where_counted(cls, is_vacant: bool, info: Info) -> bool:
        if is_vacant and info.data.get("function") == "other":
            expected = "nee, as the function is other: only shops, hospitality and services count as vacant"
            raise column.wrong(expected, found="'ja'")
        return is_vacant

    @field_validator("bvo_m2")
    @classmethod
    def _holds_the_sales_floor(cls, bvo: float | None, info: Info) -> float | None:
        wvo = info.data.get("wvo_m2")
        if bvo is not None and wvo is not None and bvo < wvo:
            raise column.wrong(f"at least the wvo_m2 of the row ({wvo:g})", found=f"{bvo:g}")
        return bvo

    @field_validator("occupant_id")
    @classmethod
    def _nobody_where_vacant(cls, occupant: str | None, info: Info) -> str | None:
        if occupant and (info.data.get("is_vacant") or info.data.get("function") == "other"):
            raise column.wrong("an empty cell, as the premises are vacant or have another function")
        return occupant


class PlanCapacity(_Row):
    """A row of plan_capacity: floor space for shops that plans allow and that nobody has built or uses."""

    municipality: _Municipality
    year: column.Year
    kind: Annotated[PlanKind, column.choice(get_args(PlanKind))]
    floor_space: Annotated[FloorSpace, column.choice(get_args(FloorSpace))]
    m2: column.NotNegative


def _figure(value: str, info: Info) -> float | None:
    """Read a figure with all its digits; it is there if it is shown, and only then."""
    if (info.data.get("state") == "shown") == (re.fullmatch(r"[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", value) is None):
        raise column.wrong("a number where the state is shown, and an empty cell elsewhere")
    return float(value) if value else None


class ShownFigure(_Row):
    """A row of figures: what reports show of the premises, or why they show nothing."""

    unit: column.Text
    year: column.Year
    measure: column.Text
    quantity: Annotated[Quantity, column.choice(get_args(Quantity))]
    state: Annotated[State, column.choice(get_args(State))]
    value: Annotated[float | None, BeforeValidator(_figure)]
    reason: column.OptionalText
