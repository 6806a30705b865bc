"""The result table of a run: every number that a report shows, with its identity, unit, source and vintage."""

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

import pandas as pd

from evaluation.base.errors import RunError
from evaluation.base.text import csv_text, read_cell_text

Chain = Literal["input", "output", "condition", "outcome", "process"]
Status = Literal[
    "final", "provisional", "withheld", "missing", "example", "agreed", "computed", "not established", "not measured"
]
"""final and provisional: of statistics; example: of made-up records; agreed: of the text of the deal."""

RECORD_STATUSES: dict[str, Status] = {"voorbeeld": "example", "voorlopig": "provisional", "vastgesteld": "final"}
"""What a ``dataset.yml`` says that its records are, as the status of a number from them."""

RECORDS_SOURCE = "programmaregistratie"
"""How the source of a number of the programme's records begins."""

RESULTS_MIME = "application/vnd.regiodeal.results+json"

_IN_SIGHT = "in_sight"
_TOLERANCE = 1e-9
"""How far a number computed in sight may lie from the package's own, relative to it: additions in another order."""


@dataclass(frozen=True, slots=True)
class Result:
    """One number of a report."""

    result_id: str  # ``theme.indicator.unit.period.measure``; unique in a run and never given another meaning
    theme: str  # number of the theme in Article 2 (``"1"`` to ``"6"``), or ``"programma"`` for the deal as a whole
    chain: Chain  # position in the results chain: input, output, condition, outcome or process
    indicator: str  # id of what is measured
    unit: str  # of whom: region code, theme, approach element, ...
    period: str  # ISO
    measure: str  # which quantity of it: ``value``, ``change``, ``gap``, ``target``, ``ci_low``, ...
    value: float | None  # the number in `unit_of_measure`; None where there is none, and `status` then says why
    unit_of_measure: str  # ``EUR``, ``count``, ``pct``, ``per_1000``, ``m2``, ``pp``, ...
    status: Status
    source: str  # table or article
    vintage: str  # of the snapshot, or the version of the records


COLUMNS: tuple[str, ...] = (*(field.name for field in fields(Result)), "notebook", "cell")


def result(
    theme: str | int,
    indicator: str,
    unit: str,
    measure: str,
    value: float | None,
    unit_of_measure: str,
    chain: Chain,
    *,
    period: str | int,
    status: Status,
    source: str,
    vintage: str = "",
) -> Result:
    """Make a `Result`, with its identity composed from its parts."""
    parts = [re.sub(r"[.\s]+", "-", str(part)) for part in (theme, indicator, unit, period, measure)]
    number = None if value is None or math.isnan(value) else float(value)
    return Result(".".join(parts), parts[0], chain, *parts[1:], number, unit_of_measure, status, source, vintage)


def from_row(row: Mapping[str, object]) -> Result:
    """Take a number of a report over as it stands in a row of its results.csv (`read_csv`)."""
    parts = {field.name: row[field.name] for field in fields(Result)}
    return Result(**{**parts, "value": None if pd.isna(parts["value"]) else float(parts["value"])})


def to_records(results: Iterable[Result], *, in_sight: bool = False) -> list[dict[str, object]]:
    """Turn results into plain records, for a notebook output; `in_sight`: computed by the cell that shows them."""
    return [asdict(item) | ({_IN_SIGHT: True} if in_sight else {}) for item in results]


def to_csv(records: Sequence[dict[str, object]]) -> str:
    """Write records (with notebook and cell) by identity as results.csv; RunError when one identity has two numbers.

    A number that a notebook computed in sight is the package's own of that identity: it must equal it, and the row
    leads to the cell that shows how it is computed.
    """
    seen: dict[str, dict[str, object]] = {}
    for record in records:
        known = seen.setdefault(str(record["result_id"]), record)
        if _content(known) == _content(record):
            seen[str(record["result_id"])] = known if _IN_SIGHT in known else record if _IN_SIGHT in record else known
            continue
        if not (_IN_SIGHT in known or _IN_SIGHT in record) or not _are_equal(known, record):
            raise RunError(
                f"{record['result_id']} stands for two numbers: {known['value']!r} in {known['notebook']} "
                f"({known['cell']}) and {record['value']!r} in {record['notebook']} ({record['cell']})"
            )
        told, shown = (record, known) if _IN_SIGHT in known else (known, record)
        seen[str(record["result_id"])] = told | {name: shown[name] for name in ("notebook", "cell")}
    return csv_text([COLUMNS, *([_cell(seen[identity][name]) for name in COLUMNS] for identity in sorted(seen))])


def read_csv(text: str) -> pd.DataFrame:
    """Read a results.csv back: columns `COLUMNS`, `value` as float, all others as text."""
    texts = [name for name in COLUMNS if name != "value"]
    frame = pd.read_csv(io.StringIO(text), dtype=dict.fromkeys(texts, str), keep_default_na=False)
    for name in texts:
        frame[name] = frame[name].map(read_cell_text)
    frame["value"] = pd.to_numeric(frame["value"], errors="coerce")
    return frame


def _are_equal(one: dict[str, object], other: dict[str, object]) -> bool:
    numbers = [item["value"] for item in (one, other)]
    same = numbers[0] == numbers[1] or (None not in numbers and math.isclose(*numbers, rel_tol=_TOLERANCE))
    return same and one["unit_of_measure"] == other["unit_of_measure"]


def _content(record: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if name not in ("notebook", "cell", _IN_SIGHT)}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
