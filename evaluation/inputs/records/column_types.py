"""What one cell of the programme's records may hold, judged against the deal: the types of the columns.

Each type reads the text of a cell.  What is wrong is a pydantic error of type ``cell`` with what was expected, and
where it helps what was found, a likely correction and the column that is meant.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from evaluation.base.errors import did_you_mean
from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_schema import Milestone, Target

_Read = TypeVar("_Read")

PLANS_BEYOND = 10
"""Plans may lie this many years after the last day of the records (`deal.term.records_until`)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the cells may refer to.

    Attributes
    ----------
    elements, results : Mapping[str, int]    Approach element and intended result, each with its theme.
    projects : Mapping[str, BaseModel | None] | None
        The projects by identity (None: its row has a fault); None as a whole while they could not be read.
    """

    themes: tuple[int, ...]
    tracks: tuple[int, ...]
    criteria: tuple[int, ...]
    municipalities: tuple[str, ...]
    elements: Mapping[str, int]
    results: Mapping[str, int]
    targets: Mapping[str, Target]
    milestones: Mapping[str, Milestone]
    records_from: date
    records_until: date
    sources: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    projects: Mapping[str, BaseModel | None] | None = None

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year that a row may be about."""
        return self.records_from.year, self.records_until.year

    @property
    def project_ids(self) -> tuple[str, ...]:
        """The identities of the projects that could be read."""
        return tuple(self.projects or ())


Info = ValidationInfo[Known]
"""How a check of a cell is told what the cell may refer to."""


def known_from(deal: Deal, projects: Mapping[str, BaseModel | None] | None = None) -> Known:
    """Collect from the deal what the records may refer to.

    Parameters
    ----------
    deal, projects : Deal, mapping or None
        Projects by identity, as of `Known`.

    Returns
    -------
    Known
    """
    return Known(
        themes=tuple(theme.id for theme in deal.themes),
        tracks=tuple(track.id for track in deal.tracks),
        criteria=tuple(criterion.number for criterion in deal.criteria),
        municipalities=deal.municipality_names,
        elements={element.id: theme.id for theme in deal.themes for element in theme.approach},
        results={result.id: theme.id for theme in deal.themes for result in theme.results},
        targets={target.id: target for target in sorted(deal.targets, key=lambda target: target.in_force_from)},
        milestones={milestone.id: milestone for milestone in deal.milestones},
        records_from=deal.term.records_from,
        records_until=deal.term.records_until,
        sources=deal.sources,
        phases=deal.phases,
        projects=projects,
    )


def wrong(expected: str, *, found: str | None = None, hint: str | None = None, column: str | None = None):
    """Make the fault of a cell.

    Parameters
    ----------
    expected, found, hint, column : str, str or None
        What is allowed there, what stands there (the cell itself unless told), a likely correction, and another column
        to point at.

    Returns
    -------
    PydanticCustomError
        To raise; of type ``cell``.
    """
    told = {"expected": expected, "found": found, "hint": hint, "column": column}
    return PydanticCustomError("cell", "{expected}", told)


def choice(options: Sequence[str], *, required: bool = True) -> BeforeValidator:
    """Check a word against a fixed list.

    Parameters
    ----------
    options, required : sequence of str, bool
        The words, and whether the cell may not be empty.

    Returns
    -------
    BeforeValidator
        Gives the word; None for an empty cell.
    """

    def check(value: str) -> str | None:
        if value not in options and (value or required):
            expected = f"one of: {', '.join(options)}"
            raise wrong(expected if required else f"{expected}, or an empty cell", hint=_near(value, options))
        return value or None

    return BeforeValidator(check)


def one_of(name: str) -> BeforeValidator:
    """Check a word against a list of the deal.

    Parameters
    ----------
    name : str
        A field of `Known`.

    Returns
    -------
    BeforeValidator
        Gives the word, which may not be empty.
    """

    def check(value: str, info: Info) -> str:
        allowed = getattr(info.context, name)
        if value not in allowed:
            raise wrong(f"one of: {', '.join(allowed)}", hint=_near(value, allowed))
        return value

    return BeforeValidator(check)


def number_of(name: str, *, required: bool = True) -> BeforeValidator:
    """Check a number against the themes or tracks of the deal.

    Parameters
    ----------
    name, required : str, bool
        A field of `Known`, and whether the cell may not be empty.

    Returns
    -------
    BeforeValidator
        Gives the number; for an empty cell None, or 0 where it is required and the deal has none.
    """

    def check(value: str, info: Info) -> int | None:
        allowed = list(map(str, getattr(info.context, name)))
        if value in ("", "0") and not allowed and required:
            return 0  # the deal has none
        if (value or required) and value not in allowed:
            raise wrong(f"one of: {', '.join(allowed)}")
        return int(value) if value else None

    return BeforeValidator(check)


def reference(name: str, what: str, *, required: bool = False) -> BeforeValidator:
    """Check a word against what the deal names.

    Parameters
    ----------
    name, what, required : str, str, bool
        A field of `Known`, what its words are, for the fault, and whether the cell may not be empty.

    Returns
    -------
    BeforeValidator
        Gives the word; None for an empty cell.
    """

    def check(value: str, info: Info) -> str | None:
        allowed = list(getattr(info.context, name))
        if (value or required) and value not in allowed:
            raise wrong(f"{what} ({', '.join(allowed)})", hint=_near(value, allowed))
        return value or None

    return BeforeValidator(check)


def listed(name: str, what: str, *, as_numbers: bool = False, required: bool = True) -> BeforeValidator:
    """Split a cell at its semicolons and check each part against what the deal names.

    Parameters
    ----------
    name, what : str
        A field of `Known`, and what its words are, for the fault.
    as_numbers, required : bool
        Whether the parts are whole numbers, and whether there is at least one.

    Returns
    -------
    BeforeValidator
    """

    def check(value: str, info: Info) -> tuple:
        allowed = [str(item) for item in getattr(info.context, name)]
        parts = [part for part in (piece.strip() for piece in value.split(";")) if part]
        expected = f"{what}, separated by semicolons"
        if required and not parts:
            raise wrong(expected)
        unknown = [part for part in parts if part not in allowed]
        if unknown:
            hints = [_near(part, allowed) for part in unknown]
            if any("," in part for part in unknown):
                hints = ["Separate them with semicolons, not with commas."]
            hint = " ".join(hint for hint in hints if hint) or None
            raise wrong(expected, found=", ".join(repr(part) for part in unknown), hint=hint)
        if len(set(parts)) < len(parts):
            raise wrong(f"{expected}, each once")
        return tuple(int(part) for part in parts) if as_numbers else tuple(parts)

    return BeforeValidator(check)


def optional(read: Callable[[str], _Read]) -> Callable[[str], _Read | None]:
    """Let a cell be empty as well.

    Parameters
    ----------
    read : callable
        Reads a cell that is not empty.

    Returns
    -------
    callable
        Gives None for an empty cell.
    """
    return lambda value: read(value) if value else None


def _number(value: str) -> float:
    """Read a plain number; nothing that could be read in two ways is accepted."""
    expected = "a plain number with at most 2 decimals, such as 12500 or 12500.50"
    if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", value):
        return float(value)
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,2}|-?[0-9]{1,3}(\.[0-9]{3}){2,}|-?[0-9]+,[0-9]{1,2}", value):
        plain = value.replace(".", "").replace(",", ".")
        raise wrong(expected, hint=f"Did you mean {plain!r}? A dot before the decimals, no thousands sign.")
    if re.fullmatch(r"-?[0-9]+[.,][0-9]{3}", value):
        raise wrong(expected, hint="A thousands sign or a third decimal? Write thousands without a sign.")
    if re.search(r"[0-9]", value) and re.search(r"[OoIl]", value):
        raise wrong(expected, hint="It has a letter in it: an O for a 0, or an l for a 1?")
    raise wrong(expected)


def _quantity(value: str) -> float:
    read = _number(value)
    if read <= 0:
        raise wrong("a number above 0")
    return read


def _not_negative(value: str, what: str = "a number") -> float:
    read = _number(value)
    if value.startswith("-"):  # also -0: a minus sign is a mistake here
        raise wrong(f"{what} of 0 or more")
    return read


_means = partial(_not_negative, what="an amount")


def _year(value: str, info: Info) -> int:
    first, last = info.context.years
    if not re.fullmatch(r"[0-9]{4}", value) or not first <= int(value) <= last:
        raise wrong(f"a year from {first} to {last}")
    return int(value)


def _near(value: str, allowed: Sequence[str]) -> str | None:
    """Suggest the nearest allowed word; for a short code only one that differs in capitals, as others say nothing."""
    same = [word for word in allowed if word.casefold() == value.replace(" ", "").casefold()]
    return did_you_mean(value, same if same or len(value) < 5 else allowed)


def _required(value: str) -> str:
    if not value:
        raise wrong("a value")
    return value


def _identity(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", _required(value)):
        raise wrong("an identity of letters, digits, '-' and '_', such as P012")
    return value


def _date(value: str, first: date, last: date) -> date:
    expected = f"a date as YYYY-MM-DD, from {first} to {last}"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise wrong(expected, hint=_date_hint(value))
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise wrong(f"{expected}; there is no such day") from None
    if not first <= day <= last:
        raise wrong(expected)
    return day


def _date_hint(value: str) -> str | None:
    dutch = re.fullmatch(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})", value)
    if dutch:
        day, month, year = dutch.groups()
        return f"Write it as {year}-{month:>02}-{day:>02} if it is day, month, year."
    if re.fullmatch(r"[0-9]{5}", value):
        return "Is it a date in the workbook? Give the cell the format of a date."
    return None


def _day(value: str, info: Info) -> date:
    return _date(value, info.context.records_from, info.context.records_until)


def _planned_day(value: str, info: Info) -> date | None:
    last = date(info.context.records_until.year + PLANS_BEYOND, 12, 31)
    return _date(value, info.context.records_from, last) if value else None


def _project(value: str, info: Info) -> str | None:
    projects = info.context.projects
    if value and projects is not None and value not in projects:
        raise wrong("the project_id of a row in projects", hint=_near(value, list(projects)))
    return value or None


Text = Annotated[str, BeforeValidator(_required)]
OptionalText = Annotated[str | None, BeforeValidator(lambda value: value or None)]
Identity = Annotated[str, BeforeValidator(_identity)]
Day = Annotated[date, BeforeValidator(_day)]
OptionalDay = Annotated[date | None, BeforeValidator(lambda value, info: _day(value, info) if value else None)]
PlannedDay = Annotated[date | None, BeforeValidator(_planned_day)]
Means = Annotated[float, BeforeValidator(_means)]
OptionalTotal = Annotated[float | None, BeforeValidator(optional(_means))]
OptionalAmount = Annotated[float | None, BeforeValidator(optional(_number))]
Number = Annotated[float, BeforeValidator(_number)]
NotNegative = Annotated[float, BeforeValidator(_not_negative)]
Quantity = Annotated[float, BeforeValidator(_quantity)]
OptionalQuantity = Annotated[float | None, BeforeValidator(optional(_quantity))]
Year = Annotated[int, BeforeValidator(_year)]
ProjectReference = Annotated[str | None, BeforeValidator(_project)]
