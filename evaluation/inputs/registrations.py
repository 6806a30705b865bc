"""A plan before the figures: forecasts, designs and decision rules of a deal that runs, as they were registered.

A registration is ``data/plans/<deal>/<day>.yml``, written once by ``regiodeal plan register`` and never changed.  Its
last line is the sha256 of all bytes before it, so that anyone can check it: ``head -n -1 FILE | sha256sum``.  Beside it
stand the same in words (``.md``), for an external registry, and a signature (``.yml.sig``) where there was a key.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, model_validator

from evaluation.base.errors import Fault, SnapshotError, UsageError
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.base.yaml_entries import build_entry, load_yaml, raise_faults
from evaluation.inputs.indicator_schema import Entry

Method = Literal["own_trend", "comparison"]
METHODS: tuple[Method, ...] = ("own_trend", "comparison")
Event = Literal["gap_smaller", "improved"]
Scale = Literal["log", "logit", "level"]

SUM_LINE = re.compile(rb"sha256: '?([0-9a-f]{64})'?\n\Z")
_WIDTH = 118
_AGAIN = "get it back from git; a registration is never changed"


class Forecast(Entry):
    """A forecast of one year, in the indicator's unit of measure.

    Attributes
    ----------
    point, low80, high80, low95, high95 : float
    origins, errors : int    Past years from which was forecast so far ahead, and the errors of all regions in them.
    extended : bool
        No past is long enough for this many years ahead: the errors are those of the longest, widened in proportion.
    """

    point: float
    low80: float
    high80: float
    low95: float
    high95: float
    origins: int = Field(ge=1)
    errors: int = Field(ge=1)
    extended: bool = False

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if not self.low95 <= self.low80 <= self.point <= self.high80 <= self.high95:
            raise ValueError("the forecast within its 80% interval, and that within the one of 95%")
        return self


class IndicatorForecast(Entry):
    """The forecasts of one indicator.

    Attributes
    ----------
    scale : str    On which was forecast: logarithms, logits (of percentages), or the figures as they are.
    first, last : int    Years of the figures that were used.
    last_value : float    Of the region in that last year.
    last_gap : float | None    Distance to the yardstick then, on the scale; None where the indicator has none.
    regions : int    Comparable regions whose past errors the intervals come from.
    known_at_registration : tuple[int, ...]    Forecast years whose figure was there already; they are not scored.
    own_trend, comparison : Mapping[int, Forecast]    By year, for each of the two methods.
    gap_smaller, improved : Mapping[int, float]
        Probability by year that the gap is smaller, or the figure better, than in `last`; empty where it means nothing.
    """

    title: str
    wording: str
    theme: int
    unit_of_measure: str
    decimals: int
    direction: Literal["increase", "decrease", "ambiguous"]
    scale: Scale
    first: int
    last: int
    last_value: float
    last_gap: float | None
    regions: int
    known_at_registration: tuple[int, ...]
    own_trend: Mapping[int, Forecast]
    comparison: Mapping[int, Forecast]
    gap_smaller: Mapping[int, float]
    improved: Mapping[int, float]

    def by(self, method: Method) -> Mapping[int, Forecast]:
        """Return the forecasts of one method.

        Parameters
        ----------
        method : "own_trend" | "comparison"
            Which of the two.

        Returns
        -------
        Mapping[int, Forecast]
            By year.
        """
        return self.own_trend if method == "own_trend" else self.comparison

    def events(self) -> dict[Event, Mapping[int, float]]:
        """Return the declared events with their probabilities.

        Returns
        -------
        dict[str, Mapping[int, float]]
            Event to year to probability, where the event means something.
        """
        declared: dict[Event, Mapping[int, float]] = {"gap_smaller": self.gap_smaller, "improved": self.improved}
        return {name: years for name, years in declared.items() if years}

    @model_validator(mode="after")
    def _has_probabilities(self) -> Self:
        if any(not 0 < value < 1 for years in (self.gap_smaller, self.improved) for value in years.values()):
            raise ValueError("probabilities between 0 and 1")
        if not self.own_trend or self.own_trend.keys() != self.comparison.keys():
            raise ValueError("the same years for both methods, at least one")
        return self


class RegisteredDesign(Entry):
    """What is asked of the figures that come, and by which numbers it is decided.

    Attributes
    ----------
    before, window : tuple[int, int]    First and last year of the period before, and of the period that is judged.
    plausible_effect : float    The largest that the deal could plausibly have, in `effect_unit`, above 0.
    detectable_effect : float
        In `effect_unit`: what the test sees in 80% of the other regions when their past is shifted by as much; the
        median over the windows of the past.
    smallest_p : float    The smallest corrected p that so many regions allow.
    start : Mapping[str, tuple[float, float]]
        By region, the judged one first: the level in the last year before, on the scale, and the root mean squared
        residual of the same windows in its past.
    own_trend : Mapping[str, tuple[float, ...]]
        By region: the forecasts by own trend for the years of the window, and the root mean squared distance before.
    """

    primary: bool
    statistic: Literal["studentised"]
    method: Literal["ancova"]
    pool: str
    before: tuple[int, int]
    window: tuple[int, int]
    scale: Scale
    plausible_effect: float = Field(gt=0)
    plausible_reason: str
    effect_unit: str
    detectable_effect: float
    smallest_p: float
    start: Mapping[str, tuple[float, float]]
    own_trend: Mapping[str, tuple[float, ...]]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        size = self.window[1] - self.window[0] + 2
        if not self.start or self.start.keys() != self.own_trend.keys():
            raise ValueError("the same regions in start and own_trend, at least one")
        if any(len(row) != size for row in self.own_trend.values()):
            raise ValueError(f"{size} numbers for each region: a forecast for each year of the window, and the error")
        return self


class DataFile(Entry):
    """A file that the numbers come from, with the sha256 of its bytes."""

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Registration(Entry):
    """A registration as it stands in its file.

    Attributes
    ----------
    deal, deal_name, signed_on : str, str, date    Of the register of Regio Deals.
    agreement, unit, municipalities : str, str, tuple[str, ...]
        Deal of data/deal whose indicators these are, its region in a panel, and the municipalities of that.
    years : tuple[int, ...]    That are forecast.
    after_the_figures : tuple[str, ...]    Indicators of which a figure of those years was there already.
    regions : tuple[str, ...]    COROP areas to compare with.
    methods, rules : Mapping[str, str]    What was done and what decides, in Dutch.
    limits : tuple[str, ...]    What a reader must know, in Dutch.
    without_design : Mapping[str, str]    Indicators of the analysis plan for which nothing is decided, and why.
    printed_sha256 : str    Of the same in words, without its last line.
    """

    format: Literal[1]
    deal: str
    deal_name: str
    signed_on: date
    agreement: str
    unit: str
    municipalities: tuple[str, ...]
    registered_on: date
    years: tuple[int, ...] = Field(min_length=1)
    after_the_figures: tuple[str, ...]
    regions: tuple[str, ...]
    methods: Mapping[str, str]
    rules: Mapping[str, str]
    limits: tuple[str, ...]
    forecasts: Mapping[str, IndicatorForecast] = Field(min_length=1)
    designs: Mapping[str, RegisteredDesign]
    without_design: Mapping[str, str]
    data: tuple[DataFile, ...]
    software: Mapping[str, str]
    printed_sha256: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration with the file that it stands in and the sum of its content."""

    path: Path
    sha256: str
    content: Registration

    @property
    def printed(self) -> Path:
        """The same in words."""
        return self.path.with_suffix(".md")

    @property
    def signature(self) -> Path:
        """The signature of the file, where there is one."""
        return self.path.with_name(f"{self.path.name}.sig")


def plans_dir(deal: str, *, folder: Path | None = None) -> Path:
    """Return where the registrations of a deal are.

    Parameters
    ----------
    deal, folder : str, Path | None
        Its id in the register of Regio Deals; the data folder of the project by default.

    Returns
    -------
    Path
    """
    return (folder or data_dir()) / "plans" / deal


def write_registration(content: Mapping[str, object]) -> tuple[bytes, str]:
    """Write the content of a registration as its file.

    Parameters
    ----------
    content : Mapping[str, object]
        The fields of `Registration`, as plain values.

    Returns
    -------
    bytes, str
        The file, and the sha256 of all but its last line, which says it.
    """
    head = "# A registration: written once, never changed. Check it with: regiodeal plan verify\n"
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=None)
    body = (head + text).encode()
    digest = hashlib.sha256(body).hexdigest()
    return body + f"sha256: '{digest}'\n".encode(), digest


def list_registrations(deal: str, *, folder: Path | None = None) -> list[Path]:
    """List the registrations of a deal, the first one first.

    Parameters
    ----------
    deal, folder : str, Path | None
        As of `plans_dir`.

    Returns
    -------
    list[Path]
        Their files.
    """
    return sorted(plans_dir(deal, folder=folder).glob("*.yml"))


def choose_registration(deal: str, day: str | None = None, *, folder: Path | None = None) -> Path:
    """Return the first registration of a deal, or that of a day.

    Parameters
    ----------
    deal, day, folder : str, str | None, Path | None
        Its id; the day of the registration, as ``2026-11-30``; the data folder of the project by default.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        When there is none; says what there is.
    """
    there = list_registrations(deal, folder=folder) if re.fullmatch(r"[a-z][a-z0-9-]*", deal) else []
    if not there:
        made = f"Register one with: regiodeal plan register --deal {deal}"
        raise UsageError(f"No plan of {deal!r} is registered in {shown(plans_dir(deal, folder=folder))}. {made}")
    chosen = [path for path in there if day in (None, path.stem)]
    if not chosen:
        days = ", ".join(path.stem for path in there)
        raise UsageError(f"No plan of {deal!r} was registered on {day}; there are those of {days}.")
    return chosen[0]


def read_registration(path: Path, *, today: date) -> Registered:
    """Read a registration, and refuse one that is not what was registered.

    Parameters
    ----------
    path, today : Path, date
        Its file; a registration of a later day is refused.

    Returns
    -------
    Registered

    Raises
    ------
    SnapshotError
        When a byte of it was changed, or of what stands beside it in words.
    InputError
        With every fault, when it is no registration.
    """
    content = read_bytes(path)
    found = SUM_LINE.search(content)
    if found is None:
        raise SnapshotError(f"{shown(path)}: got no sum in the last line; expected `sha256: ` and 64 signs; {_AGAIN}.")
    body, told = content[: found.start()], found[1].decode()
    digest = hashlib.sha256(body).hexdigest()
    if digest != told:
        text = f"{shown(path)}: got content with the sha256 {digest}; expected {told}, as registered; {_AGAIN}."
        raise SnapshotError(text)
    faults: list[Fault] = []
    try:
        fields = _parse(body)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        fields = None
        faults.append(Fault(shown(path), " ".join(str(error).split()), "YAML"))
    raise_faults(faults)
    registration = build_entry(Registration, fields, {}, path, "registration", faults)
    if registration is not None:
        day, deal = registration.registered_on, registration.deal
        if day > today:
            faults.append(Fault(shown(path), str(day), f"a day until today, {today}", key="registered_on"))
        if (deal, day.isoformat()) != (path.parent.name, path.stem):
            place = f"data/plans/{deal}/{day}.yml, as its content says"
            faults.append(Fault(shown(path), f"a file {path.parent.name}/{path.name}", place))
    raise_faults(faults)
    registered = Registered(path, told, registration)
    _check_printed(registered)
    return registered


def verify_registrations() -> None:
    """Check every registration of the project, of all deals.

    Raises
    ------
    SnapshotError, InputError
        As of `read_registration`, for the first that is not as it was registered.
    """
    for path in sorted(data_dir().glob("plans/*/*.yml")):
        read_registration(path, today=date.max)


@lru_cache(maxsize=16)
def _parse(body: bytes) -> object:
    """Parse a file once for all who look at it; nobody changes what it gives."""
    return load_yaml(body)


def _check_printed(registered: Registered) -> None:
    """Refuse words beside the registration that are not those that were registered."""
    path = registered.printed
    if not path.is_file():
        raise SnapshotError(f"{shown(path)}: got no such file; expected the registration in words; {_AGAIN}.")
    body, _, last = path.read_bytes().rstrip(b"\n").rpartition(b"\n")
    is_same = hashlib.sha256(body + b"\n").hexdigest() == registered.content.printed_sha256
    if not is_same or registered.sha256.encode() not in last:
        raise SnapshotError(f"{shown(path)}: got other words than were registered; {_AGAIN}.")
