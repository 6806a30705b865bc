"""How a number of the records or of a statistic is written for readers, with its sign and unit, or why it is not there."""

from collections.abc import Iterable

from evaluation.base import dutch
from evaluation.inputs.deal_schema import Target
from evaluation.inputs.indicators import Indicator
from evaluation.inputs.theme import theme

WITHHELD = "niet vrijgegeven"  # in the place of a count or an amount that is not shown


def figure(indicator: Indicator, value: float | None) -> str:
    """Write a figure of an indicator as a reader expects it: amounts, percentages and distances with their sign."""
    text = dutch.number(value, indicator.decimals)
    unit = theme().units[indicator.unit_of_measure]
    return text if text == "–" else f"{unit.before}{text}{unit.after}"


def with_unit(indicator: Indicator) -> str:
    """Name what an indicator measures, and that it is in euro (of which year) where it is; other units are in the name."""
    prices = f" van {indicator.constant_prices}" if indicator.constant_prices else ""
    return indicator.wording + (
        f", in {theme().units['EUR'].name}{prices}" if indicator.unit_of_measure == "EUR" else ""
    )


def full_name(indicator: Indicator) -> str:
    """Name what an indicator measures, with the area where it is not the region, and the year of its prices."""
    name = with_unit(indicator) if indicator.constant_prices else indicator.wording
    is_elsewhere = indicator.only_for is not None and indicator.only_for.name not in name
    return f"{name} (alleen {indicator.only_for.name})" if is_elsewhere else name


def year_span(years: Iterable[int]) -> str:
    """Write the first and last of some years.

    >>> year_span([2018, 2019, 2021]), year_span([2018])
    ('2018–2021', '2018')
    """
    ordered = sorted(years)
    return f"{ordered[0]}–{ordered[-1]}" if len(ordered) > 1 else str(ordered[0])


def path_number(target: Target, value: float | None) -> str:
    """Write a point on the path to a target; small targets with one decimal, since the path lies between units."""
    if target.unit_of_measure == "pct":
        return dutch.percentage(value)
    return dutch.number(value, 1 if target.quantity <= 20 else 0)


def amount(value: float | None) -> str:
    """Write a number of the records that is there unless it is withheld."""
    return WITHHELD if value is None or value != value else dutch.number(value)


def euro(value: float) -> str:
    """Write an amount of the records that is there unless it is withheld."""
    return WITHHELD if value != value else dutch.euro(value)


def silence(target: Target) -> str:
    """Say why a target has no number: nothing measures it, or nothing does as the number was where it starts."""
    start = target.baseline
    if start is None:
        return "niet gemeten"
    return f"geen cijfer dat naast de {quantity(target, start.value)} van {start.year} is te zetten"


def quantity(target: Target, value: float | None) -> str:
    """Write a quantity of a target in its own unit."""
    if value is None:
        return silence(target)
    if target.unit_of_measure == "pct":
        return dutch.percentage(value)
    if target.unit_of_measure == "EUR":
        return dutch.euro(value)
    if target.unit_of_measure == "m2":
        return f"{dutch.number(value)} m²"
    return f"{dutch.number(value)} {target.unit_label}"
