"""What the retail chapters share: the monitor as it was known at the end of a year, its words and its results."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import wraps
from math import nan
from pathlib import Path

from evaluation.analysis.retail_measures import INSIDE, MEASURES, OUTSIDE, REGION
from evaluation.analysis.retail_monitor import SHARES, Figure, Monitor, Quantity, build_monitor
from evaluation.base import dutch
from evaluation.base.cache import remember
from evaluation.chapters.context import check_opened
from evaluation.inputs.deal import Deal, check_year, load_deal
from evaluation.inputs.published_before import Published, read_published
from evaluation.inputs.records.checked_rows import EXAMPLE
from evaluation.inputs.retail.tables import load_retail, retail_dataset, retail_folder
from evaluation.present.display import Display, markdown
from evaluation.present.results import RECORD_STATUSES, Result, result
from evaluation.present.tables import Cell, Column, table

_STATUS_WORDS = {
    "voorbeeld": "voorbeeldcijfers: verzonnen panden, geen echte winkels",
    "voorlopig": "voorlopige cijfers",
    "vastgesteld": "vastgestelde cijfers",
}
_UNTOLD = "een telling van winkelpanden die niet openbaar mag worden"
_QUANTITY_WORDS = {"count": "panden", "wvo_m2": "wvo", "bvo_m2": "bvo"}
NOTHING = "Er is geen tabel met winkelpanden aangeleverd."
NOT_PUBLISHED = "Deze cijfers zijn er wel. De licentie van de bron staat niet toe dat zij worden gepubliceerd."


@dataclass(frozen=True, slots=True)
class RetailView:
    """The monitor at the end of a year."""

    deal: Deal
    year: int  # the year that is reported on
    theme: int  # the theme under which its numbers are recorded
    monitor: Monitor | None  # None where the deal has no retail tables, or none about this year or before

    @property
    def silence(self) -> Display | None:
        """What every step shows in the place of figures, where there are none to show; None where there are."""
        if self.monitor is None:
            return markdown(NOTHING)
        if not self.monitor.tables.dataset.may_publish:
            withheld = self.record(REGION, self.last_year, "premises", "count", Figure(None, "withheld"), "count")
            return markdown(NOT_PUBLISHED, [withheld])
        return None

    @property
    def years(self) -> tuple[int, ...]:
        """The years that were counted, until the year reported on."""
        return self.monitor.tables.years

    @property
    def last_year(self) -> int:
        """The last year that was counted."""
        return self.years[-1]

    @property
    def mark(self) -> str:
        """What stands behind a number in a sentence while the tables are made up."""
        return " (voorbeeldcijfers)" if self.monitor.tables.is_example else ""

    @property
    def source(self) -> str:
        """The source line under a table or figure."""
        dataset = self.monitor.tables.dataset
        if not dataset.may_publish:
            return f"Bron: {_UNTOLD}."
        words = _STATUS_WORDS[dataset.status] + ("; besloten gegevens" if self.monitor.tables.is_private else "")
        return f"Bron: {dataset.title}, versie {dataset.version} ({words}). Herkomst: {dataset.source}."

    @property
    def zones(self) -> tuple[tuple[str, str], ...]:
        """Inside, outside and the region, each with its name."""
        return (INSIDE, "Binnen de winkelclusters"), (OUTSIDE, "Buiten de winkelclusters"), (REGION, self.region_name)

    @property
    def region_name(self) -> str:
        """Name of the region as a table uses it."""
        return self.deal.region.short_name

    @property
    def clusters(self) -> dict[str, str]:
        """The clusters with their names, in the order of the register."""
        frame = self.monitor.tables.clusters
        return dict(zip(frame["cluster_id"], frame["name"], strict=True))

    def record(
        self, unit: str, year: int, measure: str, quantity: str, figure: Figure, unit_of_measure: str, chain="condition"
    ) -> Result:
        """Make the result of a figure; one without a value says why in its status."""
        tables, dataset = self.monitor.tables, self.monitor.tables.dataset
        status = {"withheld": "withheld", "missing": "missing"}.get(figure.state, RECORD_STATUSES[dataset.status])
        private = "; besloten gegevens" if tables.is_private else ""
        indicator = f"winkelmonitor-{_QUANTITY_WORDS.get(quantity, quantity)}"
        place = self.deal.region.unit_id if unit == REGION else unit
        number = (self.theme, indicator, place, measure, figure.value, unit_of_measure, chain)
        source, vintage = f"{dataset.source} ({dataset.title}{private})", dataset.version
        if not dataset.may_publish:
            source, vintage = _UNTOLD, ""
        return result(*number, period=year, status=status, source=source, vintage=vintage)


@dataclass(slots=True)
class Collector:
    """Writes figures as text for a table, and keeps their results and the reasons for what is missing."""

    view: RetailView
    results: list[Result] = field(default_factory=list)
    reasons: dict[str, None] = field(default_factory=dict)

    def count(self, unit: str, year: int, measure: str, quantity: Quantity = "count") -> str:
        """Write a number of premises, or their floor space in m2."""
        figure = self.view.monitor.figure(unit, year, measure, quantity)
        of = "count" if quantity == "count" else "m2"
        return self.write(unit, year, measure, quantity, figure, of, dutch.number(figure.value))

    def share(
        self, part: tuple[str, str], whole: tuple[str, str], year: int, name: str, quantity: Quantity = "count"
    ) -> str:
        """Write a part as a percentage of a whole; `name` is its measure."""
        figure = self.view.monitor.share(part, whole, year, quantity, name)
        text = dutch.percentage(figure.value)
        return self.write(part[0], year, name, quantity, figure, "pct", text, "outcome")

    def vacancy(self, unit: str, year: int, quantity: Quantity = "count") -> str:
        """Write which percentage of the shops, or of their floor space, is vacant."""
        return self.share((unit, "vacant"), (unit, "premises"), year, "vacancy", quantity)

    def shops(self, unit: str, year: int) -> list[str]:
        """Write the shops of a unit: all, in use, vacant, and which percentage that is."""
        counts = [self.count(unit, year, measure) for measure in ("premises", "occupied", "vacant")]
        return [*counts, self.vacancy(unit, year)]

    def net(self, unit: str, year: int) -> str:
        """Write by how much the occupied shops grew: opened less left."""
        now, then = (self.view.monitor.figure(unit, of, "occupied") for of in (year, year - 1))
        opened = self.view.monitor.figure(unit, year, "opened")
        bad = next((figure for figure in (now, then) if figure.value is None), None)
        figure = (opened if opened.state == "missing" else bad) or Figure(now.value - then.value, "shown")
        return self.write(unit, year, "net_opened", "count", figure, "count", dutch.number(figure.value, signed=True))

    def write(self, unit, year, measure, quantity, figure: Figure, unit_of_measure: str, text: str, chain="condition"):
        """Write a figure, or why there is none."""
        self.results.append(self.view.record(unit, year, measure, quantity, figure, unit_of_measure, chain))
        if figure.state == "withheld":
            return figure.reason
        if figure.state == "missing":
            self.reasons.setdefault(figure.reason)
        return text

    def table(self, columns: Sequence[Column | str], rows: Sequence[Sequence[Cell]], *, note: str = "", **options):
        """Make the table, with the source and the reasons under it."""
        return table(columns, rows, results=self.results, source=self.source(note), **options)

    def source(self, note: str = "") -> str:
        """Return the source line, with what a dash stands for."""
        why = f" Een streepje: {'; '.join(self.reasons)}." if self.reasons else ""
        return " ".join(part for part in (self.view.source + why, note) if part)


def unless_silent(step: Callable[..., Display]) -> Callable[..., Display]:
    """Let a step of a chapter show figures only where there are any to show (`RetailView.silence`)."""

    @wraps(step)
    def shown(chapter, *args, **options) -> Display:
        silence = chapter.view.silence
        return step(chapter, *args, **options) if silence is None else silence

    return shown


def open_view(*, deal: str, year: int, theme: int) -> RetailView:
    """Open the retail monitor of a deal; UsageError for a year without a report, InputError for bad tables."""
    check_opened(deal=deal, year=year, theme=theme)
    agreement = load_deal(deal)
    check_year(agreement, year)
    folder, is_private = retail_folder(agreement)
    is_example = (dataset := retail_dataset(agreement)) is not None and dataset.status == EXAMPLE
    published = {} if is_example else cells_of(agreement, read_published(agreement), range(year + 1))
    if is_private or not (dataset and dataset.may_publish):  # licensed rows are written nowhere
        return RetailView(agreement, year, theme, _read_monitor(agreement, year, folder, published))
    of = (deal, year, tuple(published.items()))
    monitor = remember("retail-monitor", of, lambda: _read_monitor(agreement, year, folder, published))
    return RetailView(agreement, year, theme, monitor)


def cells_of(deal: Deal, published: Published, years: Collection[int]) -> dict[tuple, float]:
    """Pick what reports show of the monitor, by unit, year, measure and quantity, out of all that they show."""
    quantities = {f"winkelmonitor-{word}": quantity for quantity, word in _QUANTITY_WORDS.items()}
    cells: dict[tuple, float] = {}
    for identity, value in published.items():
        _, indicator, unit, year, measure = identity.split(".")
        if indicator in quantities and int(year) in years:
            place = REGION if unit == deal.region.unit_id else unit
            cells[place, int(year), measure, quantities[indicator]] = value
    for (unit, year, measure, quantity), share in list(cells.items()):
        if measure == "vacancy" and quantity != "count":  # tells the vacant floor, of which only this share is shown
            premises = cells.get((unit, year, "premises", quantity), nan)
            cells[unit, year, "vacant", quantity] = round(share * premises / 100, 2)
            cells[unit, year, "occupied", quantity] = round(premises - cells[unit, year, "vacant", quantity], 2)
    return {key: value for key, value in cells.items() if key[2] in (*MEASURES, *SHARES)}


def _read_monitor(deal: Deal, year: int, folder: Path, published: dict[tuple, float]) -> Monitor | None:
    """Build the monitor from the tables in a folder; None where they hold nothing about the year or before."""
    tables = load_retail(deal, folder=folder)
    known = None if tables is None else tables.until(year)
    if known is None or not known.years:
        return None
    return build_monitor(known, tuple(municipality.code for municipality in deal.region.municipalities), published)


def small_note(view: RetailView) -> str:
    """Say what is not shown, and why."""
    dataset = view.monitor.tables.dataset
    return (
        f"Aantallen onder de {dataset.minimum_count} panden staan er niet: “niet getoond (te klein)”. Soms is ook een groter "
        "aantal weggelaten, zodat het kleine niet is uit te rekenen. Vierkante meters staan er niet (“niet getoond (enkele "
        "panden)”) als er, alleen of door jaren van elkaar af te trekken, de grootte van enkele panden uit zou volgen. Percentages staan er alleen bij ten minste "
        f"{dataset.minimum_denominator} panden."
    )
