"""Which report was agreed: agreed, planned, published, and what the records say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd

from evaluation.base import dutch
from evaluation.base.errors import InputError
from evaluation.base.paths import FINAL, write_text
from evaluation.inputs.deal import Deal
from evaluation.inputs.editions import report_title
from evaluation.inputs.records.programme import load_programme
from evaluation.release.shell import change_pages, fill, in_shell, read_shell
from evaluation.release.statement import Release

DUTIES_PAGE = "verslagen-en-evaluatie.html"
_TITLE = "Verslagen en evaluatie: wat wanneer"
_LINK = f'    <a href="{DUTIES_PAGE}">{_TITLE}</a>\n'
State = Literal["published", "done", "overdue", "open", "undated"]
_WORDS: dict[State, str] = {
    "published": "uitgegeven", "done": "klaar volgens de administratie", "overdue": "nog niet uitgegeven",
    "open": "nog niet aan de orde", "undated": "nog niet uitgegeven",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duty:
    """A report that was agreed.

    Attributes
    ----------
    title, reference : str    What it is, and where it was agreed; empty where the deal file does not say.
    over_on : date    Last day of what it is about; before that it is not asked for.
    due, planned, done : date or None    The last day by the deal, the planned day and the day of the records.
    published : tuple[date, str] or None    Day of the first release, and the folder of the report.
    on_site : str    Folder of a report that stands on the site without a release; empty where there is none.
    reason : str    What the records say with it; empty where they say nothing.
    """

    title: str
    reference: str
    over_on: date
    due: date | None
    planned: date | None
    done: date | None
    published: tuple[date, str] | None
    on_site: str
    reason: str
    today: date

    @property
    def day(self) -> date | None:
        """The day on which it was ready: of its first release, or else that of the records."""
        days = [day for day in (self.published[0] if self.published else None, self.done) if day is not None]
        return min(days, default=None)

    @property
    def state(self) -> State:
        """How it stands today."""
        if self.published:
            return "published"
        if self.done is not None and self.done <= self.today:
            return "done"
        if self.due is None:
            return "undated" if self.over_on < self.today else "open"
        return "overdue" if self.due < self.today else "open"

    @property
    def words(self) -> str:
        """Say how it stands, with the days after the agreed one where it came later."""
        told = _WORDS[self.state]
        until = self.day or (self.today if self.state == "overdue" else None)
        if self.due is None or until is None or until <= self.due:
            return told
        late = dutch.plural((until - self.due).days, "dag", "dagen")
        return f"{told}, {late} na de afgesproken dag"


def list_duties(
    deal: Deal, milestones: pd.DataFrame | None, releases: Mapping[str, Release], on_site: set[str], *, today: date
) -> list[Duty]:
    """List the progress reports and the final evaluation of a deal, as they stand on a day.

    Parameters
    ----------
    deal : Deal
        Its milestones with the article of the progress reports name their last days; for the evaluation it names none.
    milestones : pd.DataFrame | None
        Of the records: ``deal_milestone``, ``date_planned``, ``date_done``, ``note``; None where there are none.
    releases : mapping
        The first release of an edition, by edition.
    on_site : set of str
        The editions that have a report on the site.
    today : date
        What is later is not known.
    """
    term = range(deal.term.first_year, deal.term.last_year + 1)
    yearly, once = (
        f"Art. {number}" if number else "" for number in (deal.articles.annual_report, deal.articles.final_evaluation)
    )
    agreed = {item.id: item for item in deal.milestones if yearly and item.reference.startswith(yearly)}
    duties = []
    for year in term:
        identity = next((name for name in agreed if name.endswith(f"-{year}")), "")
        due = agreed[identity].due if identity else None
        about = (report_title("annual", year), yearly, deal.last_day(year), due)
        duties.append(_duty(about, str(year), _row(milestones, identity), releases, on_site, today))
    about = (report_title("final", deal.term.last_year), once, deal.last_day(deal.term.last_year), None)
    return [*duties, _duty(about, FINAL, _row(milestones, FINAL), releases, on_site, today)]


def _row(milestones: pd.DataFrame | None, identity: str) -> pd.Series | None:
    if milestones is None or not identity:
        return None
    found = milestones[milestones["deal_milestone"] == identity]
    return None if found.empty else found.iloc[-1]


def _duty(
    about: tuple[str, str, date, date | None],
    edition: str,
    row: pd.Series | None,
    releases: Mapping[str, Release],
    on_site: set[str],
    today: date,
) -> Duty:
    planned, done = (_day(row, name) for name in ("date_planned", "date_done"))
    note = "" if row is None or pd.isna(row["note"]) else str(row["note"])
    first = releases.get(edition)
    published = None if first is None else (date.fromisoformat(first.date), edition)
    return Duty(*about, planned, done, published, edition if edition in on_site else "", note, today)


def _day(row: pd.Series | None, name: str) -> date | None:
    return None if row is None or pd.isna(row[name]) else pd.Timestamp(row[name]).date()


def write_duties(site: Path, deal: Deal, releases: Mapping[str, Release], on_site: set[str], *, today: date) -> None:
    """Write the page of duties of a deal at the root of its site, and lead to it from the pages around the reports."""
    if not (site / "index.html").is_file():
        return
    programme, problem = None, ""
    try:
        programme = load_programme(deal)
    except InputError:  # what the site shows was made of records that were in order; this page says that they are not
        problem = "De administratie kon niet worden gelezen: geplande dagen en redenen ontbreken hier."
    rows = list_duties(deal, None if programme is None else programme.milestones, releases, on_site, today=today)
    body = fill(
        "verslagen.html",
        title=_TITLE,
        deal=deal,
        agreed=deal.articles.named("annual_report", "final_evaluation"),
        alone=deal.articles.paragraph("no_consequences"),
        rows=rows,
        problem=problem,
        is_example=programme is not None and programme.is_example,
        today=dutch.day(today),
        day=lambda value: dutch.day(value) if value else "",
    )
    write_text(site / DUTIES_PAGE, in_shell(read_shell(site), _TITLE, body))
    marker = '<footer class="voet">\n  <p>\n'

    def lead(path: Path, text: str) -> str:
        return text.replace(marker, marker + _LINK, 1) if path.parent == site else text

    change_pages(site, lead)
