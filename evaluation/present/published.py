"""The reports of a deal as they are published: which are there, and the numbers that their readers see."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from evaluation.base.errors import UsageError
from evaluation.base.paths import CHAPTERS, INCOMPLETE, build_dir, note_read, read_bytes, shown, site_dir
from evaluation.base.run_variables import RUN_VARIABLE
from evaluation.inputs.deal import Deal, last_ended_year
from evaluation.inputs.editions import (
    SITE,
    SUMMARIES,
    Edition,
    annual_edition,
    final_edition,
    portfolio_edition,
    report_title,
)
from evaluation.present.results import Result, from_row, read_csv

State = Literal["whole", "incomplete", "absent"]

_FLOATS = ("fig-", "tbl-")
_FILES = ("results.csv", "run.json")


@dataclass(frozen=True, slots=True)
class Published:
    """A report that a reader can open, or the place where it is missing."""

    edition: Edition
    state: State  # whole; incomplete: only a version with chapters that could not be made; absent
    folder: Path  # where it stands, or would stand
    record: dict = field(default_factory=dict)  # its run.json; empty where it is absent
    # its results.csv, indexed by result_id; empty where the report is not whole
    results: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def is_whole(self) -> bool:
        """Whether every chapter of it was made."""
        return self.state == "whole"

    @property
    def title(self) -> str:
        """Name of the report as a reader knows it."""
        return report_title(self.edition.kind, self.edition.year, self.edition.id)

    @property
    def missing(self) -> tuple[str, ...]:
        """Notebooks of an incomplete report that failed."""
        made = self.record.get("notebooks", {})
        return tuple(name for name, entry in made.items() if entry.get("status") != "ok")

    def value(self, identity: str) -> float:
        """Return a number of the report; NaN where it has no such number."""
        return float(self.results.at[identity, "value"]) if identity in self.results.index else float("nan")

    def is_withheld(self, identity: str) -> bool:
        """Tell whether the report has this number and does not show it."""
        return self.has(identity) and self.results.at[identity, "status"] == "withheld"

    def take(self, identity: str) -> Result | None:
        """Take a number over as it stands in the report, with source and status; None where it is not there."""
        return from_row({"result_id": identity, **self.results.loc[identity]}) if self.has(identity) else None

    def has(self, identity: str) -> bool:
        """Tell whether the report has this number."""
        return identity in self.results.index

    @property
    def first_page(self) -> str:
        """Address of its first page from the root of the site."""
        return f"{self.folder.name}/index.html"

    def page(self, notebook: str) -> str:
        """Return the address of a chapter from the root of the site: ``2021/3-veiligheid.html``."""
        name = "index" if notebook == SUMMARIES[self.edition.kind] else notebook
        return f"{self.folder.name}/{name}.html"

    def numbers_page(self, identity: str) -> str:
        """Return the address of the page with the row of a number, from the root of the site."""
        folder, _, name = self.page(self.results.at[identity, "notebook"]).rpartition("/")
        return f"{folder}/cijfers-{name}"

    def place(self, identity: str) -> str | None:
        """Return the address of the figure or table that shows a number; None where there is no such number."""
        if not self.has(identity):
            return None
        row = self.results.loc[identity]
        anchor = f"#{row['cell']}" if row["cell"].startswith(_FLOATS) else ""
        return f"{self.page(row['notebook'])}{anchor}"


def read_reports(deal: Deal) -> tuple[Published, ...]:
    """Read what is published of each year of the deal, in order, and of the final evaluation, which comes last."""
    years = range(deal.term.first_year, last_ended_year(deal) + 1)
    editions = [annual_edition(deal, year) for year in years]
    return tuple(_read(deal.id, edition) for edition in (*editions, *([final_edition(deal)] if editions else [])))


def read_portfolio(deal: Deal) -> Published:
    """Read what is published of all Regio Deals together beside the reports of a deal."""
    return _read(deal.id, portfolio_edition(deal))


def last_year(deal: Deal) -> int:
    """Return the year of the last report that is whole, where the site stands; UsageError where there is none yet."""
    whole = [report.edition.year for report in read_reports(deal) if report.is_whole]
    if not whole:
        raise UsageError(
            f"There is no report of {deal.name} yet. Make one first: regiodeal report --year {deal.term.first_year}"
        )
    return max(whole)


def site_edition_of(deal: Deal) -> Edition:
    """Return the site of a deal, as it stands with the last report; errors as of `last_year`."""
    return Edition(SITE, "site", last_year(deal))


def due_editions(deal: Deal) -> tuple[Edition, ...]:
    """List the reports that can be made: of each year that is over, of the term or what of it is over, of all deals."""
    years = range(deal.term.first_year, last_ended_year(deal) + 1)
    whole = [final_edition(deal), portfolio_edition(deal)] if years else []
    return (*(annual_edition(deal, year) for year in years), *whole)


def last_run(deal_id: str, edition: Edition) -> Path | None:
    """Return the folder of the last run of an edition, whole or without its summary; None where there is none."""
    runs = build_dir() / "runs" / deal_id
    folders = (runs / edition.id, runs / f"{edition.id}{CHAPTERS}")
    return next((folder for folder in folders if (folder / "results.csv").is_file()), None)


def current_results(deal_id: str, edition: Edition) -> pd.DataFrame | None:
    """Return results.csv of the run under way, or else of the last run of this edition; None where there is none."""
    named = os.environ.get(RUN_VARIABLE)
    folder = Path(named) if named else last_run(deal_id, edition)
    if folder is None or not (folder / "results.csv").is_file():
        return None
    if not named:
        print(f"Cijfers uit {shown(folder)}. Is daarna iets gewijzigd: regiodeal run {edition.command}")
    return read_csv((folder / "results.csv").read_text(encoding="utf-8"))


def _read(deal_id: str, edition: Edition) -> Published:
    for name, state in ((edition.id, "whole"), (f"{edition.id}{INCOMPLETE}", "incomplete")):
        folder = site_dir(deal_id) / name
        paths = [folder / file for file in _FILES]
        for path in paths:
            note_read(path)
        if all(path.is_file() for path in paths):
            record = json.loads(read_bytes(folder / "run.json"))
            results = pd.DataFrame()
            if state == "whole":
                results = read_csv(read_bytes(folder / "results.csv").decode("utf-8")).set_index("result_id")
            return Published(edition, state, folder, record, results)
    return Published(edition, "absent", site_dir(deal_id) / edition.id)
