"""Numbers that a notebook computed on the pool of a design, as results that rest on the figures of that pool."""

from collections.abc import Mapping

import pandas as pd

from evaluation.analysis.origins import join_origins
from evaluation.analysis.outcomes import is_relative
from evaluation.chapters.context import Context
from evaluation.chapters.report.evaluation import judged_designs
from evaluation.chapters.steps.comparison import UNITS_OF_MEASURES
from evaluation.chapters.steps.effects import source_of
from evaluation.inputs.indicators import Design
from evaluation.present.results import Result


def effect_results(
    context: Context,
    rows: pd.DataFrame,
    measures: Mapping[str, str],
    *,
    design: Design,
    unit_of_measure: str | None,
    source: str | pd.DataFrame | None,
) -> list[Result]:
    """Make a result of each number in the columns `measures`.

    A row with a period rests on the figures of that year and of those before the start; one without is of the design as
    a whole, recorded in its last year.  What a row has no number for is passed over.

    Parameters
    ----------
    context, rows, measures : Context, DataFrame, mapping of str to str
        Of the final evaluation; the rows, and which of their columns are which measure.
    design, unit_of_measure, source : Design, str | None, str | DataFrame | None
        With placebo regions; that of the design by default; words on where the numbers come from, if not its pool.

    Returns
    -------
    list[Result]
        One per number.
    """
    found, indicator = judged_designs(context.deal.id)[design.id], context.indicators[design.indicator]
    unit = unit_of_measure or ("pct" if is_relative(design, indicator) else indicator.unit_of_measure)
    results = []
    for row in rows.dropna(axis=1, how="all").to_dict("records"):
        year = row.get("period")
        before = range(design.pre[0], design.pre[1] + 1)  # what is compared with is chosen on the years before
        origin = join_origins(found.origins, years=None if year is None else (*before, int(year)))
        for column, measure in measures.items():
            if pd.notna(value := row.get(column)):
                number = (measure, float(value), UNITS_OF_MEASURES.get(measure, unit))
                place = {"period": design.last if year is None else int(year), "name": design.id}
                told = (source, "") if isinstance(source, str) else origin
                results.append(context.computed(indicator, design.unit, *number, origin=told, **place))
    return results


def effect_source(context: Context, design: Design) -> str:
    """Write the source line of what was computed on the pool of a design.

    Parameters
    ----------
    context, design : Context, Design
        Of the final evaluation; with placebo regions.

    Returns
    -------
    str
        Of all figures of the pool.
    """
    return source_of(judged_designs(context.deal.id)[design.id])
