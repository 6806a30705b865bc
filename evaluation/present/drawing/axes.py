"""The axes of a drawing: which number a value has along one, where that stands in px, and where the ticks are."""

import calendar
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from evaluation.present.drawing.svg import CannotDraw, number_words

Spec = Mapping[str, Any]
"""A part of a figure's specification, as plotly has it."""

TICK_SIZE = 5
DAY = 86_400_000.0
"""Of a date axis, in its numbers: milliseconds since 1970."""

_DATE = re.compile(r"-?\d{4}-\d\d?(-\d\d?([T ]\d\d?(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?)?)?$")
_MONTHS = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]


@dataclass(slots=True, eq=False)
class Axis:
    """One axis: it learns what stands on it (`number`, `cover`), is settled (`settle`), and then gives px.

    Numbers along it are values, their logarithm (log), milliseconds (date) or places (category).
    """

    name: str  # x, y, x2, as traces call it
    spec: Spec
    kind: str  # linear, log, date or category
    categories: dict[str, int] = field(default_factory=dict)
    reached: list[tuple[float, bool]] = field(default_factory=list)  # number, and whether it wants room
    low: float = 0.0
    high: float = 1.0
    start: float = 0.0  # px of low
    end: float = 1.0  # px of high

    def __call__(self, number: float) -> float:
        """Return the px of a number."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    def number(self, value: Any) -> float:
        """Return the number of a value; nan of none, and of what is not positive on a log axis."""
        if value is None or value != value or value == "":
            return math.nan
        if self.kind == "category":
            if not isinstance(value, str) and str(value) not in self.categories and self.categories_are_words():
                return float(value)  # a shape or label between categories
            return float(self.categories.setdefault(str(value), len(self.categories)))
        if self.kind == "date":
            return milliseconds(value)
        try:
            number = float(value)
        except (TypeError, ValueError):
            return math.nan
        return number if self.kind == "linear" else math.log10(number) if number > 0 else math.nan

    def categories_are_words(self) -> bool:
        """Tell whether no category is a number itself."""
        return not any(re.fullmatch(r"-?\d+(\.\d+)?", name) for name in self.categories)

    def cover(self, numbers: Iterable[float], *, roomy: bool = True) -> None:
        """Make sure that the axis reaches these numbers, with room beyond the outermost where it is `roomy`."""
        self.reached += [(number, roomy) for number in numbers if math.isfinite(number)]

    def settle(self, reached: Sequence[tuple[float, bool]]) -> None:
        """Decide where the axis begins and ends: as its specification says, or where what stands on it does."""
        given, auto = self.spec.get("range"), self.spec.get("autorange")
        if given and None not in given and not isinstance(auto, str) and auto is not True:
            ends = given if self.kind == "log" else map(self._end, given)
            self.low, self.high = (float(end) for end in ends)
        else:
            self.low, self.high = self._around(reached)
            if auto == "reversed":
                self.low, self.high = self.high, self.low
        if self.low == self.high:
            self.low, self.high = self.low - 1, self.high + 1

    def _end(self, value: Any) -> float:
        return float(value) if self.kind == "category" else self.number(value)

    def _around(self, reached: Sequence[tuple[float, bool]]) -> tuple[float, float]:
        if not reached:
            return (-1.0, 6.0) if self.kind != "date" else (0.0, DAY)
        # of two marks at one end the one that wants room gets it, unless bars stand on zero there
        low, roomy_low = min(reached, key=lambda item: (item[0], item[1] == (item[0] == 0)))
        high, roomy_high = max(reached, key=lambda item: (item[0], item[1] == (item[0] != 0)))
        mode = self.spec.get("rangemode")
        if mode in ("tozero", "nonnegative") and self.kind == "linear":
            low, roomy_low = (0.0, False) if low >= 0 or mode == "nonnegative" else (low, roomy_low)
            high, roomy_high = (0.0, False) if high <= 0 else (high, roomy_high)
        room = (high - low or abs(high) or 1.0) * 0.055
        if low == high and roomy_low:
            room = (1.0 if self.kind in ("linear", "category") else 0.5 if self.kind == "log" else DAY) / 0.9
        return low - room * roomy_low, high + room * roomy_high

    @property
    def edges(self) -> tuple[float, float]:
        """The least and the most px."""
        return min(self.start, self.end), max(self.start, self.end)

    @property
    def length(self) -> float:
        """Px from its one end to the other."""
        return abs(self.end - self.start)


def kind_of_axis(spec: Spec, values: Iterable[Any]) -> str:
    """Say of which kind an axis is: as its specification says, or as what stands on it is."""
    if (said := spec.get("type", "-")) in ("linear", "log", "date", "category"):
        return said
    if said != "-":
        raise CannotDraw(f"an axis of the type {said}")
    known = [value for value in values if value is not None and value == value and value != ""]
    if any(isinstance(value, (list, dict)) for value in known):
        raise CannotDraw("categories in categories")
    if known and all(isinstance(value, str) and _DATE.match(value) for value in known):
        return "date"
    return "linear" if all(map(_is_number, known)) else "category"


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) or re.fullmatch(r"\s*-?\d+(\.\d+)?(e-?\d+)?\s*", str(value)) is not None


def milliseconds(value: Any) -> float:
    """Return a moment in milliseconds since 1970; nan of what is no moment."""
    if not isinstance(value, str):
        return float(value)
    if not _DATE.match(value):
        return math.nan
    full = value + {4: "-01-01", 7: "-01"}.get(len(value), "")
    try:
        moment = datetime.fromisoformat(full.replace("Z", "+00:00"))
    except ValueError:
        return math.nan
    return moment.replace(tzinfo=UTC).timestamp() * 1000


def order_categories(axis: Axis, totals: Mapping[str, float]) -> None:
    """Put the categories of an axis in the order that its specification asks for; `totals` are what each sums to."""
    given = [str(name) for name in axis.spec.get("categoryarray") or ()]
    order = axis.spec.get("categoryorder") or ("array" if given else "trace")
    by, _, way = order.partition(" ")
    names = list(axis.categories)
    if order == "array":
        names = [*given, *(name for name in names if name not in given)]
    elif by == "category":
        names.sort(reverse=way == "descending")
    elif by in ("total", "sum"):
        names.sort(key=lambda name: totals.get(name, 0.0), reverse=way == "descending")
    elif order != "trace":
        raise CannotDraw(f"the order of categories {order!r}")
    axis.categories = {name: place for place, name in enumerate(dict.fromkeys(names))}


def ticks_of(axis: Axis, apart: float) -> list[tuple[float, str]]:
    """Return where the axis has ticks (numbers) with their words: as it says, or about so many px apart."""
    spec, (low, high) = axis.spec, sorted((axis.low, axis.high))
    if spec.get("tickvals") is not None:
        numbers = [axis.number(value) for value in spec["tickvals"]]
        words = spec.get("ticktext") or _number_ticks(numbers, spec) if axis.kind != "date" else spec.get("ticktext")
        words = words or [_day_words(number, spec) for number in numbers]
        return [pair for pair in zip(numbers, map(str, words), strict=False) if low <= pair[0] <= high]
    if axis.kind == "category":
        every = max(1, math.ceil(apart * 0.4 * abs(high - low) / axis.length))
        return [(float(at), name) for name, at in axis.categories.items() if low <= at <= high and at % every == 0]
    if axis.kind == "date":
        return _date_ticks(axis, low, high, apart)
    if axis.kind == "log":
        return _log_ticks(axis, low, high)
    step = _step(spec, (high - low) / max(axis.length / apart, 1))
    first = float(spec.get("tick0") or 0) if "dtick" in spec else 0.0
    count = range(math.ceil((low - first) / step - 1e-9), math.floor((high - first) / step + 1e-9) + 1)
    numbers = [round(first + index * step, 10) for index in count]
    return list(zip(numbers, _number_ticks(numbers, spec), strict=True))


def _step(spec: Spec, rough: float) -> float:
    if isinstance(spec.get("dtick"), (int, float)):
        return float(spec["dtick"])
    power = 10 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def _number_ticks(ticks: Sequence[float], spec: Spec) -> list[str]:
    """Write ticks with as many decimals as they need, all the same; years without a thousands dot."""
    before, after, form = spec.get("tickprefix") or "", spec.get("ticksuffix") or "", spec.get("tickformat")
    if not form:
        decimals = next(digits for digits in range(11) if all(abs(tick - round(tick, digits)) < 1e-9 for tick in ticks))
        form = f".{decimals}f"
    return [f"{before}{number_words(tick, form)}{after}" for tick in ticks]


def _log_ticks(axis: Axis, low: float, high: float) -> list[tuple[float, str]]:
    factors = (1, 2, 5) if high - low < 2.5 else (1,)
    powers = range(math.floor(low), math.ceil(high) + 1)
    values = [factor * 10.0**power for power in powers for factor in factors]
    kept = [value for value in values if low - 1e-9 <= math.log10(value) <= high + 1e-9]
    after, form = axis.spec.get("ticksuffix") or "", axis.spec.get("tickformat") or ""
    return [(math.log10(value), number_words(value, form) + after) for value in kept]


def _date_ticks(axis: Axis, low: float, high: float, apart: float) -> list[tuple[float, str]]:
    """Put ticks at the beginnings of years, months or days, about so many px apart."""
    rough = (high - low) / max(axis.length / apart, 1) / DAY
    said = re.fullmatch(r"M(\d+)", str(axis.spec.get("dtick", "")))
    start, end = (datetime.fromtimestamp(moment / 1000, UTC) for moment in (low, high))
    if said or rough > 20:
        step = int(said[1]) if said else next((n for n in (1, 3, 6, 12, 24, 60, 120) if n * 31 >= rough), 240)
        first = start.year * 12 + start.month - 1
        months = range(first - first % step, end.year * 12 + end.month + 1, step)
        moments = [calendar.timegm((month // 12, month % 12 + 1, 1, 0, 0, 0)) * 1000.0 for month in months]
    else:
        step = next((n for n in (1, 2, 7, 14) if n >= rough), 14) * DAY
        moments = [math.ceil(low / step) * step + index * step for index in range(int((high - low) / step) + 1)]
        step = 0
    kept = [moment for moment in moments if low <= moment <= high]
    return [(moment, _day_words(moment, axis.spec, months=int(step))) for moment in kept]


def _day_words(number: float, spec: Spec, *, months: int = 0) -> str:
    """Write a moment as its axis asks, or as short as ticks so many months apart allow."""
    moment = datetime.fromtimestamp(number / 1000, UTC)
    form = spec.get("tickformat") or ("%Y" if months and months % 12 == 0 else "%b %Y" if months else "%-d %b")
    form = form.replace("%b", _MONTHS[moment.month - 1]).replace("%B", _MONTHS[moment.month - 1])
    form = form.replace("%-d", str(moment.day)).replace("%q", str((moment.month + 2) // 3)).replace("\n", " ")
    return moment.strftime(form)
