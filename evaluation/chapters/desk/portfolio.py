"""Opening all Regio Deals together: the desk of a deal, with the register and the progress of every deal beside it."""

from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.portfolio.progress import deals_beside
from evaluation.base.cache import remember
from evaluation.chapters.context import open_context
from evaluation.chapters.desk import formatters
from evaluation.chapters.desk.cell import put_on_desk
from evaluation.chapters.desk.year import Year
from evaluation.chapters.on_desk import on_desk
from evaluation.present.results import RECORD_STATUSES, RECORDS_SOURCE


@on_desk
@dataclass(frozen=True, slots=True, eq=False)
class Portfolio(Year):
    """All deals on the desk of one of them, which is marked among them: `progress`, `deliveries`, and the verbs of a year."""

    @property
    def deal_id(self) -> str:
        """Id of the deal that is marked."""
        return self.context.deal.id

    def progress(self) -> pd.DataFrame:
        """Give the deals with records beside each other, each at the end of the last year that its records tell of.

        Returns
        -------
        DataFrame
            A row per deal; columns of the first of `deals_beside`, and unit (the deal), theme, records_status, status, source,
            vintage, chain.
        """
        return _as_numbers(remember("deals-beside", (), deals_beside)[0]).assign(chain="process")

    def deliveries(self) -> pd.DataFrame:
        """Give what each deal delivered of the numbers that it agreed; of persons, households and firms nothing.

        Returns
        -------
        DataFrame
            A row per deal and target; columns of the second of `deals_beside`, and unit (the deal), theme, records_status,
            status, source, vintage, chain.
        """
        return _as_numbers(remember("deals-beside", (), deals_beside)[1]).assign(chain="output")


def _as_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        unit=rows["deal"],
        theme="portfolio",
        records_status=rows["status"],
        status=rows["status"].map(RECORD_STATUSES),
        source=[f"{RECORDS_SOURCE} ({name})" for name in rows["title"]],
        vintage=rows["version"],
    )


def open_portfolio(*, deal: str, year: int) -> Portfolio:
    """Open all Regio Deals together, with one deal marked among them.

    Parameters
    ----------
    deal, year : str, int
        As the parameters of the notebook have them.

    Returns
    -------
    Portfolio
    """
    opened = Portfolio(open_context(deal, year, is_final=True, edition="portfolio"))
    put_on_desk(opened)
    formatters.register()
    return opened
