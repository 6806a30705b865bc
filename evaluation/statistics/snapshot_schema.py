"""What the metadata of a snapshot say, as immutable objects: where it comes from, its terms of use, and its columns."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from evaluation.base.errors import SnapshotError

FileFormat = Literal["csv", "parquet"]
Status = Literal["final", "provisional", "withheld", "missing"]
STATUSES: tuple[str, ...] = ("final", "provisional", "withheld", "missing")
"""From best to worst; a value computed from several has the worst of theirs."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Model):
    """One column of a snapshot.

    - `role`: region (CBS code), period (year), measure (code of what is counted), value, or status.
    - `meaning`: In Dutch.
    - `unit`: Of the values.
    - `codes`: Code to label, as the publisher names it.
    """

    name: str
    role: Literal["region", "period", "measure", "value", "status"]
    meaning: str
    unit: str | None = None
    codes: dict[str, str] = {}


def _without_semicolon(name: str) -> str:
    if ";" in name:
        raise ValueError("write it without ';', which stands between the sources of a figure")
    return name


Listed = Annotated[str, AfterValidator(_without_semicolon)]


class SnapshotMetadata(_Model):
    """Where a snapshot comes from and what is in it.

    - `source`, `table`, `vintage`: Its place: ``<source>/<vintage>/<table>``.  The vintage is the day on which the
      table was pinned here.
    - `title`, `publisher`, `publisher_table`, `url`: Of the publisher's table; `table` may be a part of it.
    - `licence`, `licence_url`, `attribution`: Terms of use, and the words that must stand with the figures.
    - `retrieved`: Day on which the figures were taken from the publisher; before the vintage where another recorded
      them.
    - `modified_at_source`: The publisher's last change; None where the recording does not tell, and `modified_note`
      says so.
    - `origin`: Publisher's table, and who recorded it.
    - `private`: Licensed or local figures: they stand in the private overlay, never in the repository or a bundle.
    - `boundaries`: Municipalities as they were in each year, or on the boundaries of one year for all years.
    - `provisional_rule`, `made_by`: When figures are provisional; how the table was made, with what is published and
      what was summed.
    - `sha256`: Of the bytes of the table's file.
    - `format`: Of the file: csv, or parquet for a large table.
    - `change_measure`: For a table on the boundaries of its own year: the measure that tells of each neighbourhood
      whether its code and boundaries are those of the year before (1), only the boundaries are (2), or not (3).
    - `edition`: Of a publication that is estimated anew as a whole each time: figures of another edition are not the
      same series (`evaluation.statistics.comparable`).
    - `never_zero`: Measures that cannot be 0 in truth: a 0 would be a missing figure that was written so.
    - `medians`: Measures that are medians: those of several municipalities do not give that of the whole.
    - `constant_prices`: Measure in euros to the year of whose prices it is; one that is not named is in current prices.
    """

    source: str
    table: str
    vintage: date
    title: str
    publisher: Listed
    publisher_table: Listed
    url: str
    licence: str
    licence_url: str
    attribution: str
    retrieved: date
    modified_at_source: date | None
    modified_note: str | None = None
    origin: str
    private: bool = False
    boundaries: Literal["each_year"] | int
    provisional_rule: str
    made_by: str
    notes: tuple[str, ...] = ()
    columns: tuple[Column, ...]
    format: FileFormat = "csv"
    change_measure: str | None = None
    edition: str | None = None
    never_zero: tuple[str, ...] = ()
    medians: tuple[str, ...] = ()
    constant_prices: dict[str, int] = {}
    first_period: int
    last_period: int
    rows: int
    sha256: str

    @property
    def name(self) -> str:
        """The table, as people write it: ``cbs/83625NED``."""
        return f"{self.source}/{self.table}"

    @property
    def place(self) -> str:
        """The snapshot, as people write it: ``cbs/2026-07-17/83625NED``."""
        return f"{self.source}/{self.vintage.isoformat()}/{self.table}"

    @property
    def measure_column(self) -> str | None:
        """Name of the column that tells what is counted; None when the table holds one measure."""
        return next((column.name for column in self.columns if column.role == "measure"), None)

    @property
    def summary(self) -> dict[str, object]:
        """What the record of a run says of it: place, origin, licence, dates, rows and sha256, as JSON writes them."""
        names = ("source", "table", "vintage", "title", "publisher", "publisher_table", "url", "licence", "attribution")
        dates = ("origin", "retrieved", "modified_at_source", "rows", "sha256")
        return self.model_dump(mode="json", include={*names, *dates})


def parse_metadata(content: Mapping[str, object], where: str) -> SnapshotMetadata:
    """Make metadata of what was written.

    Parameters
    ----------
    content, where : Mapping[str, object], str
        The fields of `SnapshotMetadata`, and what a message calls it.

    Returns
    -------
    SnapshotMetadata

    Raises
    ------
    SnapshotError
        With every field that is not as it should be.
    """
    try:
        return SnapshotMetadata.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SnapshotError(f"{where}: {faults}") from None
