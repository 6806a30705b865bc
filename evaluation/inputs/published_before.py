"""What published reports show of the records: it stays so, because who has two editions can subtract them.

A correction of one shop, one participant or one booking would be the difference of two editions.  So a number of an
earlier year is shown as it was published; what was corrected counts from the first year that is not published yet.
"""

import csv
import io
import math
from collections.abc import Mapping

from evaluation.base.paths import FINAL, INCOMPLETE, INTERIM, site_dir
from evaluation.inputs.deal import Deal

Published = Mapping[str, float]
"""Result id of a number to its value; NaN where it is withheld."""


def read_published(deal: Deal) -> dict[str, float]:
    """Read the numbers of reports that stand on the site, without those of examples and those that nobody knows.

    Parameters
    ----------
    deal : Deal
        Its site is where reports are made: `paths.site_dir`.

    Returns
    -------
    dict[str, float]
        As of `Published`; of two reports with a number the later one counts.
    """
    editions = [str(year) for year in range(deal.term.first_year, deal.term.last_year + 1)] + [INTERIM, FINAL]
    found: dict[str, float] = {}
    for name in (variant for edition in editions for variant in (f"{edition}{INCOMPLETE}", edition)):
        # Not noted as an input: a report that is published would make its own run out of date, and what stays as it
        # was published is the same before and after.
        path = site_dir(deal.id) / name / "results.csv"
        if path.is_file():
            rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
            made_up = {row["source"] for row in rows if row["status"] == "example"}
            found |= {
                row["result_id"]: float(row["value"] or math.nan)
                for row in rows
                if row["source"] not in made_up and row["status"] != "missing"
            }
    return found
