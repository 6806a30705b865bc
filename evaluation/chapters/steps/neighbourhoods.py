"""How much the neighbourhoods of each municipality differ, for indicators whose source tells of neighbourhoods."""

import pandas as pd

from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.wording import figure
from evaluation.inputs.indicator_schema import Series
from evaluation.inputs.indicators import Indicator
from evaluation.present.display import Display, markdown
from evaluation.present.tables import numeric, table
from evaluation.statistics.areas.regions import members
from evaluation.statistics.neighbourhoods import read_neighbourhoods
from evaluation.statistics.snapshots import list_snapshots

FEWEST_INHABITANTS = 200  # with fewer, a rate would be mostly rounding: such a neighbourhood is left out
_POPULATION = "population"


def show_neighbourhoods(context: Context, indicator: Indicator) -> Display:
    """List per municipality (as of then) the lowest, middle and highest neighbourhood in the last year with figures."""
    found = _last_series(context, indicator)
    if found is None:
        return markdown(f"Van {indicator.wording} zijn er geen cijfers per buurt.")
    series, year, vintage = found
    codes = members(context.deal, context.region_unit, year)
    values = _values(indicator, series, codes, year)
    known = values[values["population"] >= FEWEST_INHABITANTS].dropna(subset=["value"])
    names = {item.code: item.name for item in context.deal.region.municipalities}
    rows, numbers = [], []
    for code in sorted(codes, key=lambda item: names.get(item, item)):
        mine, whole = known.loc[known["municipality"] == code, "value"], values[values["municipality"] == code]
        if mine.empty:
            continue
        shown = {"lowest": mine.min(), "median": mine.median(), "highest": mine.max()}
        left = len(whole) - len(mine)
        written = [figure(indicator, value) for value in shown.values()]
        rows.append([names.get(code, code), *written, str(len(mine)), str(left)])
        counts = {"neighbourhoods": len(mine), "neighbourhoods_left_out": left}
        for measure, value in (shown | counts).items():
            unit = "count" if measure in counts else indicator.unit_of_measure
            number = (indicator.theme, f"{indicator.id}-buurten", code, measure, value, unit, indicator.chain)
            origin = {"source": f"CBS {series.table}", "vintage": vintage, "period": year}
            numbers.append(context.number(*number, status="computed", **origin))
    heads = ("Laagste buurt", "Middelste buurt", "Hoogste buurt", "Buurten", "Zonder cijfer of te klein")
    source = (
        f"Bron: CBS {series.table}, stand {vintage} (CC BY 4.0); buurten van {year} met minstens "
        f"{dutch.number(FEWEST_INHABITANTS)} inwoners."
    )
    return table(["Gemeente", *numeric(*heads)], rows, results=numbers, source=source)


def _last_series(context: Context, indicator: Indicator) -> tuple[Series, int, str] | None:
    """Find the last series of an indicator, up to the year reported on, whose table tells of neighbourhoods."""
    tables = {f"{item.source}/{item.table}": item for item in list_snapshots() if item.change_measure is not None}
    series = indicator.calculation.numerator if indicator.calculation else ()
    found = [
        (item, tables[name].last_period, tables[name].vintage.isoformat())
        for item in series
        if (name := f"{item.source}/{item.table}") in tables and tables[name].last_period <= context.year
    ]
    return max(found, key=lambda item: item[1], default=None)


def _values(indicator: Indicator, series: Series, codes: tuple[str, ...], year: int) -> pd.DataFrame:
    """Compute the indicator for each neighbourhood: columns municipality, unit, value, population."""
    measures = {"value": series.measure, "population": _POPULATION}
    frames = {}
    for name, measure in measures.items():
        rows = read_neighbourhoods(measure, codes, [year])
        frames[name] = rows[rows["level"] == "neighbourhood"].set_index(["municipality", "unit"])["value"]
    both = pd.concat(frames, axis=1).reset_index()
    if indicator.calculation.kind == "ratio":
        positive = both["population"].where(both["population"] > 0)
        both["value"] = indicator.calculation.per * both["value"] / positive
    return both
