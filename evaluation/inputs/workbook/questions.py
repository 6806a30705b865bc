"""What stands out in a filled workbook and is no fault: asked in Dutch, with its cell, and imported all the same.

The bounds follow from the deal: what Rijk and Regio contribute, the instalments, the agreed numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from evaluation.base import dutch
from evaluation.base.dutch import exact_euro as _euro
from evaluation.base.errors import Fault
from evaluation.inputs.deal import Deal
from evaluation.inputs.records.programme import means_of

_CENT = 0.005
_KINDS = {"commitment": "toegezegd", "payment": "betaald", "tranche": "aan termijnen"}
_SAME = {
    "payments": ["kind", "date", "project_id", "source", "amount_eur"],
    "outputs": ["date", "project_id", "result", "target", "quantity", "unit", "municipality"],
    "milestones": ["kind", "date_planned", "date_done", "theme", "deal_milestone", "project_id", "body", "title"],
}


@dataclass(frozen=True, slots=True)
class Question:
    """Something to look at: the table, the identity of its row, the column, and what is asked, in Dutch."""

    table: str
    identity: str
    column: str
    text: str


def find_questions(deal: Deal, tables: Mapping[str, pd.DataFrame]) -> tuple[Question, ...]:
    """Find what stands out in the records.

    Parameters
    ----------
    deal, tables : Deal, mapping
        What was agreed, and the tables as of `evaluation.inputs.records.programme.check_tables`.

    Returns
    -------
    tuple[Question, ...]
        Table by table.
    """
    budget = max(deal.budget, key=lambda item: item.in_force_from)
    means, whole = means_of(deal.funders), sum(budget.parties.values())
    regional = whole - budget.parties["Rijk"]
    most = {"Rijk": budget.parties["Rijk"], "private": whole}
    most |= {funder.id: whole for funder in deal.funders if funder.side == "anderen"}
    bounds = {source: float(most.get(source, regional)) for source in means.values()}
    found = [*_large_means(tables["projects"], means, bounds), *_large_bookings(deal, tables["payments"], bounds)]
    found += [*_large_corrections(tables["payments"]), *_large_outputs(deal, tables["outputs"])]
    for table, columns in _SAME.items():
        found += _doubles(table, tables[table], columns)
    return tuple(found)


def _large_means(projects: pd.DataFrame, means: Mapping[str, str], bounds: Mapping[str, float]) -> Iterator[Question]:
    for column, source in means.items():
        for name, amount in zip(projects["project_id"], projects[column], strict=True):
            if amount > bounds[source]:
                yield Question("projects", name, column, _above(amount, bounds[source]))


def _large_bookings(deal: Deal, payments: pd.DataFrame, bounds: Mapping[str, float]) -> Iterator[Question]:
    known = [item.amount_eur for item in deal.tranches]
    rest = bounds["Rijk"] - sum(amount or 0 for amount in known)
    tranche = float(max([amount or 0 for amount in known] + ([rest] if None in known or not known else [])))
    sums: dict[tuple[str, str], float] = {}
    told = set()
    for row in payments.sort_values("date", kind="stable").itertuples():
        bound = tranche if row.kind == "tranche" else bounds[row.source]
        key = (row.kind, row.source)
        if abs(row.amount_eur) > bound:
            told.add(key)  # that the sum is above it says nothing more
            yield Question("payments", row.payment_id, "amount_eur", _above(abs(row.amount_eur), bound))
        sums[key] = sums.get(key, 0.0) + row.amount_eur
        if row.source == "Rijk" and sums[key] > bounds["Rijk"] + _CENT and key not in told:
            told.add(key)
            text = f"Hiermee komt het Rijk op {_euro(sums[key])} {_KINDS[row.kind]}, meer dan zijn hele bijdrage"
            yield Question("payments", row.payment_id, "amount_eur", f"{text} ({_euro(bounds['Rijk'])}). Klopt dat?")


def _large_corrections(payments: pd.DataFrame) -> Iterator[Question]:
    """Ask about a correction after which less than nothing is left of what was booked."""
    sums: dict[tuple, float] = {}
    for row in payments.sort_values("date", kind="stable").itertuples():
        key = (row.kind, row.source, None if pd.isna(row.project_id) else row.project_id)
        before = sums.get(key, 0.0)
        sums[key] = before + row.amount_eur
        if row.amount_eur < 0 and sums[key] < -_CENT:
            text = f"De correctie van {_euro(-row.amount_eur)} is groter dan wat tot dan is geboekt ({_euro(before)})"
            yield Question("payments", row.payment_id, "amount_eur", f"{text}. Klopt dat?")


def _large_outputs(deal: Deal, outputs: pd.DataFrame) -> Iterator[Question]:
    agreed = {target.id: target for target in sorted(deal.targets, key=lambda target: target.in_force_from)}
    for row in outputs.itertuples():
        target = agreed.get(row.target) if isinstance(row.target, str) else None
        if target is not None and target.quantity is not None and row.quantity > target.quantity:
            text = f"{dutch.number(row.quantity, 0)} is meer dan het hele afgesproken aantal"
            text = f"{text} ({dutch.number(target.quantity, 0)} {target.unit_label}). Klopt dat?"
            yield Question("outputs", row.output_id, "quantity", text)


def _doubles(table: str, frame: pd.DataFrame, columns: list[str]) -> Iterator[Question]:
    identity = str(frame.columns[0])
    first: dict[tuple, str] = {}
    for name, *cells in frame[[identity, *columns]].itertuples(index=False, name=None):
        key = tuple(None if not isinstance(cell, tuple) and pd.isna(cell) else cell for cell in cells)
        if first.setdefault(key, name) != name:
            yield Question(table, name, identity, f"Alles is gelijk aan {first[key]}. Staat dit er twee keer in?")


def day_question(fault: Fault) -> str:
    """Ask about a day of which day and month could change places.

    Parameters
    ----------
    fault : Fault
        ``found`` the cell, ``expected`` how it was read.

    Returns
    -------
    str
    """
    read = dutch.day(date.fromisoformat(fault.expected))
    return f"'{fault.found}' is gelezen als {read}. Klopt dat? Een vakje met de notatie Datum kan maar één dag zijn."


def _above(amount: float, bound: float) -> str:
    return f"{_euro(amount)} is meer dan er volgens de deal kan zijn ({_euro(bound)}). Klopt dat?"
