"""Opening a year of a deal on the desk."""

from evaluation.chapters.context import open_context
from evaluation.chapters.desk import formatters
from evaluation.chapters.desk.cell import put_on_desk
from evaluation.chapters.desk.year import Year


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
    opened = put_on_desk(Year(open_context(deal, year, is_final=final)))
    formatters.register()
    return opened
