"""Opening a year of a deal on the desk."""

from evaluation.base.errors import UsageError
from evaluation.chapters.context import open_context
from evaluation.chapters.desk import formatters
from evaluation.chapters.desk.year import Year, put_on_desk
from evaluation.inputs.deal import load_deal


def open_year(*, deal: str, year: int, final: bool = False) -> Year:
    """Open a year of a deal: statistics, records and plan as they stood at its end.

    Parameters
    ----------
    deal, year : str, int
        As the parameters of the notebook have them.
    final : bool
        The final evaluation: statistics as far as they reach.

    Returns
    -------
    Year
    """
    if isinstance(year, bool) or not isinstance(year, int):
        term = load_deal(deal).term
        raise UsageError(f"year must be a whole number from {term.first_year} to {term.last_year}, not {year!r}.")
    opened = put_on_desk(Year(open_context(deal, year, is_final=final)))
    formatters.register()
    return opened
