"""Which day it is: one clock for all that depends on it, so that a test or a run that is made again can name it."""

import os
from datetime import date

from evaluation.base.errors import UsageError

TODAY_VARIABLE = "REGIODEAL_TODAY"
"""Names the day in the place of the clock, as 2026-07-01."""


def today() -> date:
    """Return the day of REGIODEAL_TODAY, or that of the clock; UsageError where it is no day."""
    named = os.environ.get(TODAY_VARIABLE)
    if not named:
        return date.today()
    try:
        return date.fromisoformat(named)
    except ValueError:
        raise UsageError(f"{TODAY_VARIABLE}: got {named!r}; write a day such as 2026-07-01.") from None
